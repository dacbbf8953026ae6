/*
 * The second half of a form's page: shows what html_form.js decides. No value is ever written as markup: only
 * `textContent` and `value`.
 */

const WORDS = {
  required: "必須",
  yes: "はい",
  no: "いいえ",
  leave: "記入しない",
  choose: "選んでください",
  readAs: "読み取り：",
  lost: (text) => `ここに記入されていたもの：「${text}」`,
  told: (count) => `直していただくところが${count}か所あります`,
  asItCame: "まだ何も直していません。このまま保存すると、また戻ってきます。保存しますか。",
  add: (title) => `＋ ${title}の欄を足す`,
  added: (title, row) => `${title} ${row}の欄を足しました。`,
  remove: (title, row) => `${title} ${row}の欄を消す`,
  removed: (title, row) => `${title} ${row}の欄を消しました。`,
  removeFilled: "記入のある欄です。消しますか。",
  count: (count, limit) => `${count}字／${limit}字`,
  found: (count) => `直すところが${count}か所あります`,
  corrected: "直すところは、なくなりました。もう一度「保存」を押してください。",
  saved: (name) => `「${name}」として保存しました。ダウンロードのフォルダにあります。市の受付へ出してください。`,
  draftKept: (time) => `下書きをこのパソコンのブラウザーに置きました（${time}）。ほかのパソコンでは開けません。` +
    "共用のパソコンでは、終わったら消してください。",
  draftFound: (time) => `このパソコンに下書きがあります（${time}）。`,
  draftErased: "このパソコンの下書きを消しました。",
  draftFailed: "このブラウザーには下書きを置けません。「下書きをファイルに」を使ってください。",
  fileSaved: (name) => `下書きを「${name}」として保存しました。これは提出用ではありません。`,
  opened: "読み込みました。",
  partly: (count) => `読み込みましたが、選べる言葉にないものが${count}か所ありました。空欄にしたので、選び直してください。`,
  replace: "今の記入を消して、読み込みますか。",
  notADraft: "この様式の下書きではないファイルです。この画面で保存したファイルを選んでください。",
  otherForm: "別の様式の下書きです。その様式の画面で開いてください。",
  otherVersion: "版の違う様式の下書きです。同じ版の様式で開くか、新しい様式に書き写してください。",
  otherCase: "別のケースの下書きです。そのケースの様式で開いてください。",
};

/* Make an element: `on…` are listeners, `text` is text, true/false set or leave an attribute. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter(Boolean));
  return element;
}

const isComposing = (event) => event.isComposing || event.keyCode === 229; // 229: a key the Japanese input method takes
const isEnter = (event) => event.key === "Enter" && !isComposing(event);

let lastId = 0;
const nextId = (letter) => `${letter}${(lastId += 1)}`;

/* What every part of the form has: a title with its mark, its sentences, and a place for its errors. */
function makeFrame(field) {
  const ids = { hint: nextId("h"), reading: nextId("r"), error: nextId("e") };
  const mark = make("span", { class: "mark", text: WORDS.required, hidden: true });
  const hint = field.hint ? make("p", { class: "hint", id: ids.hint, text: field.hint }) : null;
  const reading = make("p", { class: "reading", id: ids.reading });
  const error = make("p", { class: "error", id: ids.error, hidden: true });
  const lost = make("p", { class: "lost" });
  return {
    field, ids, mark, hint, reading, error, lost, isTouched: false,
    described: [hint && ids.hint, ids.reading, ids.error].filter(Boolean).join(" "),
    title: (title = field.title) => [make("span", { text: title }), mark],
    require(isNeeded) {
      mark.hidden = !isNeeded;
    },
    /* Words that are none of the choices cannot stand in the box: they stand beside it. Returns how many there are. */
    keep(words) {
      lost.textContent = words.length > 0 ? WORDS.lost(words.join("、")) : "";
      return words.length;
    },
    blame(messages) {
      error.textContent = messages.join("\n");
      error.hidden = messages.length === 0;
      this.el.classList.toggle("wrong", messages.length > 0);
      for (const control of this.controls ?? []) {
        if (messages.length > 0) control.setAttribute("aria-invalid", "true");
        else control.removeAttribute("aria-invalid");
      }
    },
  };
}

const SHORT_TEXT = 20; // so many characters fit into a box of one line; more get a box that grows
const GROWS = CSS.supports("field-sizing", "content"); // where the browser does not, boxes are measured
const SHORT_CHOICE = 28; // so many characters of options stand side by side as buttons; more become a list
const isShortChoice = (options) => options.length <= 4 && options.join("").length <= SHORT_CHOICE;

function makeNode(field, title = field.title) {
  if (field.kind === "group") return makeGroup(field, title);
  if (field.kind === "list") return makeList(field);
  if (field.kind === "multicheck") return makeTicks(field);
  if (field.kind === "check") return makeButtons(field, [[WORDS.yes, true], [WORDS.no, false]], null, title);
  if (field.kind === "choice" && isShortChoice(field.options)) {
    return makeButtons(field, field.options.map((option) => [option, option]), "", title);
  }
  return makeBox(field, title);
}

function makeControl(field, id, described) {
  const common = { id, "aria-describedby": described, autocomplete: "off" };
  if (field.kind === "choice") {
    const options = field.options.map((option) => make("option", { value: option, text: option }));
    return make("select", common, make("option", { value: "", text: WORDS.choose }), ...options);
  }
  if (field.kind === "multiline") return make("textarea", { ...common, rows: field.max > 200 ? "5" : "3" });
  if (field.kind === "text" && !(field.max <= SHORT_TEXT)) return make("textarea", { ...common, class: "line", rows: "1" });
  const isNumber = field.kind === "integer";
  return make("input", { ...common, type: "text", spellcheck: "false", inputmode: isNumber ? "numeric" : false });
}

function makeBox(field, title) {
  const frame = makeFrame(field);
  const id = nextId("b");
  const control = makeControl(field, id, frame.described);
  const printed = make("div", { class: "printed", "aria-hidden": "true" });
  const counter = field.kind === "multiline" && field.max ? make("p", { class: "counter" }) : null;
  const label = make("label", { for: id }, ...frame.title(title));
  const size = field.kind === "multiline" || (field.kind === "text" && field.max > 60) ? " wide" : "";
  let sized = "";
  if (control.classList.contains("line")) control.addEventListener("keydown", (event) => isEnter(event) && event.preventDefault());
  const el = make("div", { class: `box ${field.kind}${size}` },
    label, frame.hint, control, printed, make("div", { class: "tail" }, frame.reading, counter, frame.lost, frame.error));
  return Object.assign(frame, {
    el, controls: [control], focus: () => control.focus(), read: () => control.value,
    write(raw) {
      control.value = raw ?? "";
      return frame.keep(raw && control.value === "" ? [raw] : []);
    },
    refresh(form) {
      const reading = form.explain(field, control.value);
      frame.reading.textContent = reading ? WORDS.readAs + reading : "";
      const isDay = ["date", "time", "month"].includes(field.kind);
      printed.textContent = (isDay && reading) || control.value;
      if (counter) {
        const count = countPoints(control.value);
        counter.textContent = WORDS.count(count, field.max);
        counter.classList.toggle("over", count > field.max);
      }
      if (!GROWS && control.localName === "textarea" && control.value !== sized) {
        sized = control.value;
        control.style.height = "auto";
        if (control.scrollHeight > control.clientHeight) control.style.height = `${control.scrollHeight + 4}px`;
      }
    },
  });
}

/* A question with its answers. Like every group it is a div with a role: a legend could not stand in a grid, nor stay
   with what follows it on paper. */
function makeChoices(frame, kind, role, title, labels) {
  const id = nextId("l");
  return make("div", { class: `box ${kind}`, role, "aria-labelledby": id, "aria-describedby": frame.described },
    make("p", { class: "label", id }, ...frame.title(title)), frame.hint,
    make("div", { class: "options" }, ...labels), make("div", { class: "tail" }, frame.lost, frame.error));
}

function makeButtons(field, options, nothing, title) {
  const frame = makeFrame(field);
  const name = nextId("n");
  const offered = field.required ? options : [...options, [WORDS.leave, nothing]];
  const controls = offered.map(() => make("input", { type: "radio", name, autocomplete: "off" }));
  const labels = offered.map(([text, value], at) =>
    make("label", { class: value === nothing ? "option leave" : "option" }, controls[at], make("span", { text })));
  const el = makeChoices(frame, "buttons", "radiogroup", title, labels);
  return Object.assign(frame, {
    el, controls, focus: () => (controls.find((control) => control.checked) ?? controls[0]).focus(),
    read: () => offered[controls.findIndex((control) => control.checked)]?.[1] ?? nothing,
    write(raw) {
      const chosen = raw === undefined || raw === nothing ? -1 : offered.findIndex(([, value]) => value === raw);
      controls.forEach((control, at) => (control.checked = at === chosen));
      return frame.keep(raw && chosen < 0 ? [raw] : []);
    },
  });
}

function makeTicks(field) {
  const frame = makeFrame(field);
  const controls = field.options.map(() => make("input", { type: "checkbox", autocomplete: "off" }));
  const labels = field.options.map((text, at) => make("label", { class: "option" }, controls[at], make("span", { text })));
  const el = makeChoices(frame, "ticks wide", "group", field.title, labels);
  return Object.assign(frame, {
    el, controls, focus: () => controls[0].focus(),
    read: () => field.options.filter((_, at) => controls[at].checked),
    write(raw) {
      const wanted = raw ?? [];
      controls.forEach((control, at) => (control.checked = wanted.includes(field.options[at])));
      return frame.keep(wanted.filter((option) => !field.options.includes(option)));
    },
  });
}

/* The head of a group or list, which stays with what follows it on paper. */
function makeHead(frame, title, note) {
  const name = make("p", { class: "legend", id: nextId("g"), tabindex: "-1" }, ...frame.title(title));
  return { name, head: make("div", { class: "head" }, name, frame.hint, note, frame.error) };
}

function makeGroup(field, title) {
  const frame = makeFrame(field);
  const parts = field.members.map((part) => [part.key, makeNode(part)]);
  const note = field.note ? make("p", { class: "note", text: field.note }) : null;
  const { name, head } = makeHead(frame, title, note);
  const boxes = make("div", { class: "boxes" }, ...parts.map(([, node]) => node.el));
  const el = make("div", { class: "group", role: "group", "aria-labelledby": name.id, "aria-describedby": frame.described }, head, boxes);
  return Object.assign(frame, {
    el, name, parts: () => parts,
    focus: () => name.focus(),
    read: () => Object.fromEntries(parts.map(([key, node]) => [key, node.read()])),
    write: (raw) => parts.reduce((lost, [key, node]) => lost + node.write(member(raw, key)), 0),
  });
}

function makeList(field) {
  const frame = makeFrame(field);
  const item = field.item.title || field.title;
  const rows = [];
  const place = make("div", { class: "rows" });
  const { name, head } = makeHead(frame, field.title, null);
  const adder = make("button", { type: "button", class: "add", text: WORDS.add(item), onclick: () => add() });
  const el = make("div", { class: "list", role: "group", "aria-labelledby": name.id, "aria-describedby": frame.described },
    head, place, adder);

  function grow() {
    const node = makeNode(field.item);
    const remover = make("button", { type: "button", class: "remove", onclick: () => remove(row) });
    const row = { node, remover, el: make("div", { class: "row" }, node.el, remover) };
    rows.push(row);
    place.append(row.el);
    return row;
  }
  function add() {
    if (field.max !== undefined && rows.length >= field.max) return;
    const { node } = grow();
    number();
    changed(WORDS.added(item, rows.length));
    (firstControl(node.el) ?? node).focus();
  }
  function remove(row) {
    const isFilled = !frame.isEmptyRow(row.node.read());
    if (isFilled && !window.confirm(WORDS.removeFilled)) return;
    const at = rows.indexOf(row);
    rows.splice(at, 1);
    row.el.remove();
    if (rows.length === 0) grow();
    number();
    changed(WORDS.removed(item, at + 1));
    (firstControl((rows[at] ?? rows.at(-1)).el) ?? adder).focus();
  }
  const firstControl = (place) => place.querySelector("input, select, textarea");
  const changed = (text) => el.dispatchEvent(new CustomEvent("rows", { bubbles: true, detail: text }));
  function number() {
    rows.forEach(({ node, remover }, index) => {
      const title = `${item} ${index + 1}`;
      node.el.querySelector(".legend > span, label > span, .label > span").textContent = title;
      remover.textContent = WORDS.remove(item, index + 1);
      remover.hidden = rows.length === 1 && frame.isEmptyRow?.(node.read()) !== false;
    });
    adder.hidden = field.max !== undefined && rows.length >= field.max;
  }
  grow();
  number();
  return Object.assign(frame, {
    el, name, number, parts: () => rows.map(({ node }, index) => [index, node]),
    focus: () => name.focus(),
    read: () => rows.map(({ node }) => node.read()),
    write(raw) {
      const wanted = Array.isArray(raw) && raw.length > 0 ? raw : [undefined];
      while (rows.length > wanted.length) rows.pop().el.remove();
      while (rows.length < wanted.length) grow();
      number();
      return wanted.reduce((lost, item, index) => lost + rows[index].node.write(item), 0);
    },
  });
}

function openPage(data) {
  const form = makeForm(data);
  const root = makeNode({ ...data.root, hint: undefined, note: undefined }); // the page's head says it already
  const frame = data.frame && makeForm({ ...data, ...data.frame }); // what is asked beside the form, a small form itself
  const head = data.frame && makeNode(data.frame.root);
  const trees = [head && [head, frame], [root, form]].filter(Boolean);
  const find = (id) => document.getElementById(id);
  const say = (text) => (find("status").textContent = text);
  let showsAll = false;
  let isChanged = false;
  let first = null; // what stood in all boxes when the page was opened

  find("boxes").replaceWith(root.el);
  root.el.id = "boxes";
  root.name.classList.add("unseen");
  if (head) {
    find("frame").append(head.el);
    head.name.classList.toggle("unseen", !head.field.title);
    find("frame").classList.toggle("correction", Boolean(head.field.title));
  }

  function walk(visit) {
    const down = (node, steps, judge) => {
      visit(node, steps, judge);
      for (const [step, part] of node.parts?.() ?? []) down(part, [...steps, step], judge);
    };
    for (const [top, judge] of trees) down(top, [], judge);
  }
  /* The part at a place, or the nearest one over it that can be seen. */
  function nearest(steps) {
    let found = root;
    walk((node, at) => {
      const isOnTheWay = at.length > 0 && at.every((step, index) => steps[index] === step);
      if (isOnTheWay && node.el.checkVisibility()) found = node;
    });
    return found;
  }
  const tagOf = (steps) => steps.reduce((tag, step) =>
    typeof step === "number" ? `${tag}[${step}]` : tag === "" ? step : `${tag}.${step}`, "");

  /* What the sender of a form that came back was told, as long as the box is as it came. */
  const told = data.told.map((problem) => ({ ...problem, steps: toSteps(problem.pointer) }));
  const rawAt = (steps) => spell(steps.reduce((raw, step) => raw?.[step], { ...head?.read(), ...root.read() }) ?? null);
  const stillTold = () => told.filter((problem) => rawAt(problem.steps) === problem.first);

  /* Judge everything anew; show the errors of the boxes a person has been to, or of all after a try to save. */
  function refresh() {
    const judged = new Map(trees.map(([top, judge]) => [judge, judge.judge(top.read())]));
    const own = [...judged.values()].flatMap(({ problems }) => problems);
    const known = new Set(own.map(({ pointer }) => pointer));
    const others = stillTold().filter(({ pointer }) => !known.has(pointer));
    walk((node, steps, judge) => {
      const pointer = toPointer(steps);
      const { need, forbid } = judged.get(judge);
      node.el.dataset.tag = tagOf(steps);
      node.isEmptyRow = (raw) => judge.isEmpty(node.field.item, raw);
      node.number?.();
      node.require(pointer !== "" && typeof steps.at(-1) === "string" && (node.field.required || need.has(pointer)));
      node.refresh?.(judge);
      if (pointer !== "") node.el.hidden = forbid.has(pointer); // what may be filled in is never out of sight
      const mine = showsAll || node.isTouched ? own.filter((problem) => problem.pointer === pointer) : [];
      const theirs = pointer === "" ? [] : others.filter((problem) => problem.pointer === pointer);
      node.blame([...mine, ...theirs].map(({ message }) => message));
    });
    const problems = [...own, ...others];
    if (showsAll) list(problems);
    return { values: judged.get(form).values, around: aroundOf(judged.get(frame)?.values ?? {}), own, others };
  }
  function aroundOf({ case_id, corrects, withdraws, correction_reason }) {
    const number = corrects ?? data.around.corrects;
    return {
      ...data.around, case_id: case_id ?? data.around.case_id, correction_reason,
      corrects: withdraws ? null : number, withdraws: withdraws ? number : null,
    };
  }
  function list(problems) {
    const title = data.returned ? WORDS.told : WORDS.found;
    find("summary-title").textContent = problems.length > 0 ? title(problems.length) : WORDS.corrected;
    find("summary-list").replaceChildren(...problems.map((problem) => {
      const link = make("a", { href: `#${problem.pointer}`, text: problem.title, onclick: (event) => goTo(event, problem) });
      return make("li", {}, link, make("span", { text: ` ${problem.message}` }));
    }));
    find("summary").classList.toggle("clear", problems.length === 0);
    find("summary").hidden = false;
  }
  function goTo(event, { steps }) {
    event?.preventDefault();
    const node = nearest(steps);
    node.focus();
    node.el.scrollIntoView({ block: "center" });
  }
  /* A link of the 返却票 names the box it is about: 様式.html#/applicant/phone. */
  function followLink() {
    const pointer = decodeURIComponent(location.hash.slice(1));
    if (pointer.startsWith("/")) goTo(null, { steps: toSteps(pointer) });
  }

  function touch(target) {
    let left = null;
    walk((node) => (left = node.controls?.includes(target) ? node : left));
    left?.keep([]);
    if (left !== null && !form.isEmpty(left.field, left.read())) left.isTouched = true;
    refresh();
    const isWrong = left !== null && left.error.textContent !== "";
    find("heard").textContent = isWrong ? `${left.field.title}：${left.error.textContent}` : "";
  }
  /* Put what was typed before into the boxes; returns how many answers are none of their choices. */
  function fill(raw, rawHead) {
    const lost = root.write(raw) + (head?.write(rawHead) ?? 0);
    showsAll = false;
    find("summary").hidden = true;
    walk((node) => (node.isTouched = !form.isEmpty(node.field, node.read())));
    refresh();
    return lost;
  }
  const taking = data.frame?.root.members.find(({ key }) => key === "withdraws");
  const headOf = (file) => frame?.toRaw({ ...file, withdraws: file.withdraws ? taking?.options : undefined });

  // Saving: the only ways out of the page are a file the person keeps and the draft of this browser.
  const key = ["todoke-draft", `${data.form}-v${data.version}`, data.around.case_id ?? "",
    data.returned ?? data.around.corrects].filter((part) => part !== null && part !== undefined).join(":");
  const now = () => {
    const time = new Date();
    const iso = `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}`;
    return { iso, clock: `${pad(time.getHours())}:${pad(time.getMinutes())}` };
  };
  const stamp = ({ iso, clock }) => iso.replaceAll("-", "") + clock.replace(":", "");
  const wordsOf = ({ iso, clock }) => `${form.showDate(iso)}${form.showTime(clock)}`;
  const draftNow = () => form.draft(root.read(), aroundOf(head?.read() ?? {}), wordsOf(now()));

  function download(name, content) {
    const file = new Blob([JSON.stringify(content, null, 2) + "\n"], { type: "application/json" });
    const link = make("a", { href: URL.createObjectURL(file), download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }
  function save() {
    showsAll = true;
    const { values, around, own, others } = refresh();
    if (own.length > 0) {
      say("");
      find("summary").focus();
      return;
    }
    if (others.length > 0 && rawAt([]) === first && !window.confirm(WORDS.asItCame)) return;
    find("summary").hidden = true;
    const name = `${data.form}-${stamp(now())}.json`;
    download(name, form.submit(values, around));
    isChanged = false;
    say(WORDS.saved(name));
  }
  function keepDraft() {
    try {
      localStorage.setItem(key, JSON.stringify(draftNow()));
    } catch {
      say(WORDS.draftFailed);
      return;
    }
    isChanged = false;
    say(WORDS.draftKept(wordsOf(now())));
    showDraft();
  }
  function findDraft() {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }
  function showDraft() {
    const draft = findDraft();
    find("draft").hidden = draft === null;
    if (draft !== null) find("draft-text").textContent = WORDS.draftFound(String(draft.saved_at ?? ""));
  }
  function eraseDraft() {
    localStorage.removeItem(key);
    showDraft();
    say(WORDS.draftErased);
    find("status").focus();
  }
  function saveDraftFile() {
    const name = `${data.form}-${stamp(now())}.draft.json`;
    download(name, draftNow());
    isChanged = false;
    say(WORDS.fileSaved(name));
  }
  function load(file) {
    const opened = form.open(file, frame && has(data.frame.values, "case_id") ? null : data.around.case_id);
    if (opened.refusal) return say(WORDS[opened.refusal]);
    if (isChanged && !window.confirm(WORDS.replace)) return undefined;
    const lost = fill(opened.raw, headOf(file));
    isChanged = false;
    return say(lost > 0 ? WORDS.partly(lost) : WORDS.opened);
  }
  async function loadFile(input) {
    const [file] = input.files;
    if (file === undefined) return;
    try {
      load(file.size > 1_000_000 ? null : JSON.parse(await file.text()));
    } catch {
      say(WORDS.notADraft);
    }
    input.value = "";
  }

  const page = find("form");
  page.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("keydown", (event) => {
    if (event.key === "s" && (event.ctrlKey || event.metaKey) && !isComposing(event)) {
      event.preventDefault();
      save();
    }
  });
  page.addEventListener("input", (event) => {
    isChanged = true;
    walk((node, _, judge) => node.controls?.includes(event.target) && node.refresh?.(judge));
  });
  page.addEventListener("change", (event) => touch(event.target)); // on leaving a box of text, at once for a choice
  page.addEventListener("rows", (event) => {
    isChanged = true;
    refresh();
    say(event.detail);
  });
  find("save").addEventListener("click", save);
  find("keep-draft").addEventListener("click", keepDraft);
  find("open-draft").addEventListener("click", () => load(findDraft()));
  find("erase-draft").addEventListener("click", eraseDraft);
  find("save-draft").addEventListener("click", saveDraftFile);
  find("load-draft").addEventListener("change", (event) => loadFile(event.target));
  find("print").addEventListener("click", () => window.print());
  window.addEventListener("beforeprint", refresh);
  window.addEventListener("beforeunload", (event) => isChanged && event.preventDefault());
  window.addEventListener("hashchange", followLink);

  page.hidden = false;
  fill(form.toRaw(data.values ?? {}), headOf(data.frame?.values ?? {}));
  first = rawAt([]);
  for (const problem of told) problem.first = rawAt(problem.steps);
  if (data.returned) {
    showsAll = true;
    refresh();
  }
  showDraft();
  followLink();
}

openPage(JSON.parse(document.getElementById("todoke-form").textContent));
