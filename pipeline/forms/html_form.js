"use strict";
/*
 * A form of Todoke in one offline page. Two halves: `makeForm` decides and knows no page (the tests run it under node
 * against the Python validator); `openPage` shows. What was typed ("raw": strings and ticks) and what is sent
 * ("values": strict JSON) are kept apart, so a draft loses nothing and the original text stays on the screen.
 * No value is ever written as markup: only `textContent` and `value`.
 */

// --- Small words --------------------------------------------------------------------------------------------------

const has = (object, key) =>
  object !== null && typeof object === "object" && !Array.isArray(object) && Object.hasOwn(object, key);
const member = (object, key) => (has(object, key) ? object[key] : undefined);
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isBlank = (text) => text.trim() === "";
const countPoints = (text) => [...text].length; // 𠮷 is 1, 葛󠄀 is 2, as JSON Schema counts
const toPointer = (steps) =>
  steps.map((step) => "/" + String(step).replaceAll("~", "~0").replaceAll("/", "~1")).join("");

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return { object: entries.map(([key, part]) => [key, sorted(part)]) };
}
const spell = (value) => JSON.stringify(sorted(value)); // the order of members does not count
const isEqual = (a, b) => spell(a) === spell(b);

// --- JSON Schema: the keywords our validator knows, with its own differences (pipeline/validate.py) -----------------

const TYPES = {
  string: (value) => typeof value === "string",
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === "number",
  boolean: (value) => typeof value === "boolean",
  array: Array.isArray,
  object: isObject,
  null: (value) => value === null,
};

function isDate(text) {
  const match = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
  return match !== null && isDay(Number(match[1]), Number(match[2]), Number(match[3]));
}
function isDay(year, month, day) {
  if (year < 1868 || year > 2100 || month < 1 || month > 12) return false;
  return day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
/* Among texts and numbers only, and true is 1, as our validator has it. */
function hasTwins(list) {
  const plain = list.filter((item) => item !== null && typeof item !== "object");
  return new Set(plain.map((item) => (typeof item === "boolean" ? Number(item) : item))).size < plain.length;
}
const FORMATS = {
  date: isDate,
  time: (text) => /^([01][0-9]|2[0-3]):[0-5][0-9]$/.test(text),
  month: (text) => isDate(`${text}-01`),
};

function makeChecker(bundle) {
  const patterns = new Map();

  function matches(pattern, text) {
    if (!patterns.has(pattern)) patterns.set(pattern, compile(pattern));
    return patterns.get(pattern).test(text);
  }
  function compile(pattern) {
    try {
      return new RegExp(pattern, "u"); // counts 𠮷 as one character, as Python does
    } catch {
      return new RegExp(pattern);
    }
  }
  function resolve(reference, base) {
    const [id, fragment = ""] = reference.split("#");
    const home = id || base;
    const steps = fragment.split("/").slice(1);
    const names = steps.map((step) => decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~"));
    return [names.reduce((part, name) => part[name], bundle[home]), home];
  }
  const isValid = (schema, value, base) => findErrors(schema, value, [], base).length === 0;

  /* Every error of `value`, as {steps, keyword, limit, found}. `base` is the $id of the schema a $ref is read in. */
  function findErrors(schema, value, steps, base) {
    if (schema === true) return [];
    if (schema === false) return [{ steps, keyword: "None", limit: null, found: "" }];
    const errors = [];
    const at = {
      schema, steps, base,
      fail: (keyword, limit, path = steps, found = "") => errors.push({ steps: path, keyword, limit, found }),
      descend: (part, inner, path = steps, home = base) => errors.push(...findErrors(part, inner, path, home)),
    };
    for (const [keyword, limit] of Object.entries(schema)) {
      if (Object.hasOwn(KEYWORDS, keyword)) KEYWORDS[keyword](limit, value, at);
    }
    return errors;
  }

  const when = (applies, isWrong) => (keyword) => (limit, value, at) => {
    if (applies(value) && isWrong(value, limit)) at.fail(keyword, limit);
  };
  const simple = {
    minLength: when(TYPES.string, (text, limit) => countPoints(text) < limit),
    maxLength: when(TYPES.string, (text, limit) => countPoints(text) > limit),
    pattern: when(TYPES.string, (text, limit) => !matches(limit, text)),
    format: when(TYPES.string, (text, limit) => Object.hasOwn(FORMATS, limit) && !FORMATS[limit](text)),
    minimum: when(TYPES.number, (number, limit) => number < limit),
    maximum: when(TYPES.number, (number, limit) => number > limit),
    exclusiveMinimum: when(TYPES.number, (number, limit) => number <= limit),
    exclusiveMaximum: when(TYPES.number, (number, limit) => number >= limit),
    minItems: when(Array.isArray, (list, limit) => list.length < limit),
    maxItems: when(Array.isArray, (list, limit) => list.length > limit),
    uniqueItems: when(Array.isArray, (list, limit) => limit && hasTwins(list)),
    minProperties: when(isObject, (group, limit) => Object.keys(group).length < limit),
    maxProperties: when(isObject, (group, limit) => Object.keys(group).length > limit),
    enum: when(() => true, (value, limit) => !limit.some((option) => isEqual(option, value))),
    const: when(() => true, (value, limit) => !isEqual(limit, value)),
    type: when(() => true, (value, limit) => ![limit].flat().some((kind) => TYPES[kind](value))),
  };
  const KEYWORDS = {
    ...Object.fromEntries(Object.entries(simple).map(([keyword, rule]) => [keyword, rule(keyword)])),
    $ref(limit, value, at) {
      const [part, home] = resolve(limit, at.base);
      at.descend(part, value, at.steps, home);
    },
    allOf: (limit, value, at) => limit.forEach((part) => at.descend(part, value)),
    anyOf(limit, value, at) {
      if (!limit.some((part) => isValid(part, value, at.base))) at.fail("anyOf", limit);
    },
    oneOf(limit, value, at) {
      if (limit.filter((part) => isValid(part, value, at.base)).length !== 1) at.fail("oneOf", limit);
    },
    if(limit, value, at) {
      const branch = isValid(limit, value, at.base) ? "then" : "else";
      if (branch in at.schema) at.descend(at.schema[branch], value);
    },
    required(limit, value, at) {
      if (!isObject(value)) return;
      for (const name of limit) if (!has(value, name)) at.fail("required", limit, [...at.steps, name]);
    },
    properties(limit, value, at) {
      for (const [name, part] of Object.entries(limit)) {
        if (has(value, name)) at.descend(part, value[name], [...at.steps, name]);
      }
    },
    additionalProperties(limit, value, at) {
      if (limit !== false || !isObject(value)) return;
      for (const name of Object.keys(value)) {
        if (!has(at.schema.properties, name)) at.fail("additionalProperties", limit, at.steps, name);
      }
    },
    items(limit, value, at) {
      if (!Array.isArray(value) || value.length > (at.schema.maxItems ?? Infinity)) return;
      value.forEach((item, index) => at.descend(limit, item, [...at.steps, index]));
    },
    contains(limit, value, at) {
      if (!Array.isArray(value)) return;
      const { minContains = 1, maxContains = Infinity } = at.schema;
      const found = value.filter((item) => isValid(limit, item, at.base)).length;
      if (found < minContains || found > maxContains) at.fail("contains", limit);
    },
  };
  return { findErrors, isValid, resolve, matches };
}

// --- Characters no paper may carry (pipeline/textcheck.py; reliability U01–U38) -------------------------------------

const FAULTS = [
  ["TEXT_SURROGATE", /\p{Cs}/u],
  ["TEXT_CONTROL", /(?!\n)\p{Cc}/u],
  ["TEXT_NONCHARACTER", /\p{Noncharacter_Code_Point}/u],
  ["TEXT_BIDI", /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/],
  ["TEXT_INVISIBLE", /(?![\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]|\u200d\p{So})\p{Cf}|[\u3164\uffa0\u2800\u115f\u1160]/u],
  ["TEXT_NEWLINE", /[\u2028\u2029]/],
  ["TEXT_MOJIBAKE", /\ufffd/],
  ["TEXT_PRIVATE", /\p{Co}/u],
  ["TEXT_UNASSIGNED", /(?!\p{Noncharacter_Code_Point})\p{Cn}/u],
  ["TEXT_COMBINING", /(?:(?![\u{E0100}-\u{E01EF}])[\p{Mn}\p{Me}]){9}/u],
];
const TWELVE_DIGITS = /(?<![0-9０-９])[0-9０-９]{4}[ 　-]?[0-9０-９]{4}[ 　-]?[0-9０-９]{4}(?![0-9０-９])/g;

function findTextFaults(text, field) {
  const codes = new Set(FAULTS.filter(([, sign]) => sign.test(text)).map(([code]) => code));
  if (text.includes("\n") && !field.multiline) codes.add("TEXT_NEWLINE");
  if (field.free && [...text.matchAll(TWELVE_DIGITS)].some(([digits]) => isMyNumber(digits))) codes.add("MY_NUMBER");
  return [...codes];
}
function isMyNumber(text) {
  const digits = [...text.normalize("NFKC").replace(/[^0-9]/g, "")].map(Number);
  const rest = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2].reduce((sum, weight, at) => sum + weight * digits[at], 0) % 11;
  return digits[11] === (rest <= 1 ? 0 : 11 - rest);
}

// --- What a person writes → what JSON holds -------------------------------------------------------------------------

/* Only boxes of dates, times, numbers and codes are folded; names, addresses and free text never are. The rules are
   those of pipeline/normalise, whose reader also knows rarer writings (kanji numerals, serial numbers): this one never
   reads a text otherwise than that one. Each reader returns {value} or {problem: code}. */
const fold = (text) =>
  text.normalize("NFKC").replace(/[\s\u200b\u2060\ufeff\u00ad]/g, "").replace(/[‐‑‒–—―−ー]/g, "-").toUpperCase();
const pad = (number) => String(number).padStart(2, "0");
const WEEKDAYS = "日月火水木金土";
const ERA_DATE = /^(令和|平成|昭和|大正|明治|[令平昭大明RHSTM])\.?(元|[0-9]{1,2})(?:年|[-./])([0-9]{1,2})(?:月([0-9]{1,2})日|[-./]([0-9]{1,2})日?)$/;
const WESTERN_DATE = /^(?:西暦)?([0-9]{4})(?:年|[-./])([0-9]{1,2})(?:月([0-9]{1,2})日|[-./]([0-9]{1,2})日?)$/;
const ERA_MONTH = /^(令和|平成|昭和|大正|明治|[令平昭大明RHSTM])\.?(元|[0-9]{1,2})(?:年([0-9]{1,2})月|[-./]([0-9]{1,2}))分?$/;
const WESTERN_MONTH = /^(?:西暦)?([0-9]{4})(?:年([0-9]{1,2})月|[-./]([0-9]{1,2}))分?$/;
const EIGHT_DIGITS = /^([0-9]{4})([0-9]{2})([0-9]{2})$/;
const WEEKDAY = /(?:\(([月火水木金土日])(?:曜日?)?\)|([月火水木金土日])曜日?)$/;
const LETTERS = "RHSTM"; // newest first, as the table of eras
const NOT_A_DATE = [
  [/未|不明|なし|無し/, "DATE_UNKNOWN"],
  [/[上中下初]旬|初め|末|頃|ころ|ごろ|予定|見込|約/, "DATE_VAGUE"],
  [/^[0-9]{6}$/, "DATE_SIX_DIGITS"],
  [/^[0-9]+$/, "DATE_DIGITS"],
  [/^[0-9]{1,3}(年|[-./])[0-9]{1,2}(月|[-./])[0-9]{1,4}日?/, "DATE_NO_ERA"],
  [/^[0-9]{1,2}(月([0-9]{1,2}日?)?|[-./][0-9]{1,2}日?)$/, "DATE_NO_YEAR"],
];
const NOT_A_MONTH = [
  [/^(?:(?:西暦)?[0-9]{4}|(?:令和|平成|昭和|大正|明治|[令平昭大明RHSTM])\.?(?:元|[0-9]{1,2}))(?:年|[-./])[0-9]{1,2}(?:月|[-./])[0-9]{1,2}日?/, "MONTH_DAY"],
  [/^[0-9]{1,3}(?:年|[-./])[0-9]{1,2}月?分?$/, "MONTH_NO_ERA"],
  [/^[0-9]{1,2}月分?$/, "MONTH_NO_YEAR"],
];
const whyNoMonth = (text) => NOT_A_MONTH.find(([sign]) => sign.test(text))?.[1] ?? "MONTH_UNREADABLE";
const whyNoDate = (text) => NOT_A_DATE.find(([sign]) => sign.test(text))?.[1] ?? "DATE_UNREADABLE";

function makeDates(eras) {
  const digits = (number) => (number < 10 ? "０１２３４５６７８９"[number] : String(number));
  const weekdayOf = (iso) => WEEKDAYS[new Date(iso + "T00:00:00Z").getUTCDay()];

  /* Never guessed: an impossible day, a day outside its era or of another weekday is refused. */
  function readDate(text) {
    const written = fold(text);
    const weekday = WEEKDAY.exec(written);
    const day = weekday ? written.slice(0, weekday.index) : written;
    const found = readEraDate(day) ?? readWesternDate(day);
    if (found === null) return { problem: whyNoDate(day) };
    if (found.problem) return found;
    const isRight = !weekday || (weekday[1] ?? weekday[2]) === weekdayOf(found.value);
    return isRight ? found : { problem: "DATE_WEEKDAY" };
  }
  function readWesternDate(written) {
    const match = WESTERN_DATE.exec(written) ?? EIGHT_DIGITS.exec(written);
    return match && toDay(Number(match[1]), match[2], match[3] ?? match[4]);
  }
  function readEraDate(written) {
    const match = ERA_DATE.exec(written);
    if (match === null) return null;
    const [, name, count, month, day, bareDay] = match;
    const [era, year] = toYear(name, count);
    const found = toDay(year, month, day ?? bareDay);
    return found.problem || isInEra(found.value, era) ? found : { problem: "DATE_ERA" };
  }
  function toYear(name, count) {
    const era = LETTERS.includes(name) ? LETTERS.indexOf(name) : eras.findIndex(([full]) => full.startsWith(name));
    return [era, Number(eras[era][1].slice(0, 4)) + (count === "元" ? 1 : Number(count)) - 1];
  }
  /* A month an era changes in may be given to either era. */
  function readMonth(text) {
    const written = fold(text);
    const western = WESTERN_MONTH.exec(written);
    const match = ERA_MONTH.exec(written);
    if (western === null && match === null) return { problem: whyNoMonth(written) };
    const [era, year] = western ? [null, Number(western[1])] : toYear(match[1], match[2]);
    const month = Number(western ? western[2] ?? western[3] : match[3] ?? match[4]);
    if (year < 1868 || year > 2100) return { problem: "DATE_YEAR" };
    if (month < 1 || month > 12) return { problem: "MONTH_UNREADABLE" };
    const value = `${year}-${pad(month)}`;
    const isRight = era === null || isInEra(`${value}-01`, era) || eras[era][1].startsWith(value);
    return isRight ? { value } : { problem: "DATE_ERA" };
  }
  function toDay(year, month, day) {
    if (isDay(year, Number(month), Number(day))) return { value: `${year}-${pad(month)}-${pad(day)}` };
    return { problem: isDay(2000, Number(month), Number(day)) && (year < 1868 || year > 2100) ? "DATE_YEAR" : "DATE_IMPOSSIBLE" };
  }
  /* 平成31年5月1日 and later stands on old contracts and is 令和; no other era runs on. 明治 and 大正 end on the first day
     of the next (domain.md §6.3). */
  function isInEra(iso, era) {
    const [name, first] = eras[era];
    const next = eras[era - 1]?.[1] ?? "9999";
    return iso >= first && (name === "平成" || iso < next || (name !== "昭和" && iso === next));
  }
  function showDate(iso) {
    const [year, month, day] = iso.split("-").map(Number);
    const era = eras.find(([, first]) => iso >= first);
    const count = era ? year - Number(era[1].slice(0, 4)) + 1 : year;
    const yearName = era ? era[0] + (count === 1 ? "元" : digits(count)) : `西暦${year}`;
    return `${yearName}年${digits(month)}月${digits(day)}日`;
  }
  const showMonth = (month) => showDate(`${month}-01`).replace(/月.*/, "月");
  function showTime(time) {
    const [hour, minute] = time.split(":").map(Number);
    const rest = minute ? `${digits(minute)}分` : "";
    return `${hour < 12 ? "午前" : "午後"}${digits(hour % 12)}時${rest}`;
  }
  return { readDate, readMonth, showDate, showMonth, showTime, showDay: (iso) => `${showDate(iso)}（${weekdayOf(iso)}）` };
}

/* 午後12時 and a bare １時 to ６時 have two readings each and are refused; 01:30 says that the night is meant. */
function readTime(text) {
  const written = fold(text);
  if (written === "正午") return { value: "12:00" };
  const match = /^(午前|午後|AM|PM)?([0-9]{1,2})(?::([0-9]{2})|時(?:([0-9]{1,2})分?|(半))?)$/.exec(written);
  if (match === null) return { problem: "TIME_UNREADABLE" };
  const [, half, hour, colon, minutes, past] = match;
  const minute = Number(colon ?? minutes ?? (past ? 30 : 0));
  if (minute > 59 || Number(hour) > 23) return { problem: "TIME_IMPOSSIBLE" };
  if (!half) return /^[1-6]$/.test(hour) ? { problem: "TIME_HALF_MISSING" } : { value: `${pad(hour)}:${pad(minute)}` };
  if (Number(hour) > 11) return { problem: Number(hour) === 12 ? "TIME_TWELVE" : "TIME_HALF" };
  return { value: `${pad(Number(hour) + (half === "午後" || half === "PM" ? 12 : 0))}:${pad(minute)}` };
}
function readNumber(text, allowsFraction) {
  const match = /^(-?)([0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(\.[0-9]{1,4})?$/.exec(fold(text));
  if (match === null || (match[1] && !/^\s*[-－−]/.test(text))) return { problem: "NUMBER_UNREADABLE" };
  if (match[3] && !allowsFraction) return { problem: "NUMBER_DECIMAL" };
  const number = Number(match[0].replaceAll(",", ""));
  return { value: number === 0 ? 0 : number };
}
/* A code (telephone, postal code …) as its pattern wants it: as written where that fits, else in half width. */
function readCode(text, fits) {
  const half = fold(text).replace(/^(TEL:?|〒)/, "");
  const digits = /^([0-9]{3})([0-9]{4})$/.exec(half);
  const written = [text, text.trim(), half, half.replace(/\)/, "-").replace(/^\(/, "").replace(/\(/, "-")];
  if (digits) written.push(`${digits[1]}-${digits[2]}`);
  return written.find(fits) ?? text;
}

// --- The form, deciding ---------------------------------------------------------------------------------------------

function makeForm(data) {
  const checker = makeChecker(data.bundle);
  const dates = makeDates(data.eras);
  const asIs = (text) => ({ value: text });
  const readers = {
    text: (text, field) =>
      asIs(field.code ? readCode(text, (written) => checker.matches(field.code, written)) : text),
    multiline: asIs,
    choice: asIs,
    date: dates.readDate,
    month: dates.readMonth,
    time: readTime,
    integer: (text) => readNumber(text, false),
    number: (text) => readNumber(text, true),
  };

  function isEmpty(field, raw) {
    if (raw === undefined || raw === null) return true;
    if (field.kind === "group") return field.members.every((part) => isEmpty(part, member(raw, part.key)));
    if (field.kind === "list") return !Array.isArray(raw) || raw.every((row) => isEmpty(field.item, row));
    if (field.kind === "multicheck") return raw.length === 0;
    return typeof raw === "string" && isBlank(raw);
  }

  /* What is sent for what was typed: empty boxes absent, empty rows dropped at the end of a list only. A group that must
     be filled is kept though empty, so that each of its boxes is named. `turn` = {need, misread: pointer → code}. */
  function toValue(field, raw, turn, pointer) {
    if (field.kind === "group") return toGroup(field, raw, turn, pointer);
    if (field.kind === "list") return toList(field, raw, turn, pointer);
    if (isEmpty(field, raw)) return undefined;
    if (field.kind === "check") return raw;
    if (field.kind === "multicheck") return field.options.filter((option) => raw.includes(option));
    const { value, problem } = readers[field.kind](raw, field);
    if (problem) turn.misread.set(pointer, problem);
    return problem ? raw : value;
  }
  function toGroup(field, raw, turn, pointer) {
    if (pointer !== "" && isEmpty(field, raw) && !asks(field, turn, pointer)) return undefined;
    const group = {};
    for (const part of field.members) {
      const value = toValue(part, member(raw, part.key), turn, `${pointer}/${part.key}`);
      if (value !== undefined) group[part.key] = value;
    }
    return group;
  }
  function toList(field, raw, turn, pointer) {
    const rows = Array.isArray(raw) ? [...raw] : [];
    while (rows.length > 0 && isEmpty(field.item, rows.at(-1))) rows.pop();
    if (rows.length === 0 && isNeeded(field, turn, pointer) && asks(field.item, turn, `${pointer}/0`)) rows.push({});
    if (rows.length === 0) return undefined;
    return rows.map((row, index) =>
      toValue(field.item, row, turn, `${pointer}/${index}`) ?? (field.item.kind === "group" ? {} : ""));
  }
  const isNeeded = (field, turn, pointer) => field.required || turn.need.has(pointer);
  const asks = (field, turn, pointer) => isNeeded(field, turn, pointer) && field.kind === "group" &&
    field.members.some((part) => isNeeded(part, turn, `${pointer}/${part.key}`));

  /* What would have been typed for these values: the other direction, for prefilled forms and files read again. */
  function toRaw(field, value) {
    if (field.kind === "group") {
      const known = field.members.filter((part) => has(value, part.key));
      return Object.fromEntries(known.map((part) => [part.key, toRaw(part, value[part.key])]));
    }
    if (field.kind === "list") return Array.isArray(value) ? value.map((item) => toRaw(field.item, item)) : [];
    if (field.kind === "multicheck") return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
    if (field.kind === "check") return typeof value === "boolean" ? value : null;
    if (value === undefined || value === null || typeof value === "object") return "";
    if (field.kind === "month" && FORMATS.month(String(value))) return dates.showMonth(value);
    return field.kind === "date" && isDate(value) ? dates.showDate(value) : String(value);
  }

  /* The if/then of the schema: which parts are needed, forbidden, or would be needed under another condition. */
  function findConditions(values, raw) {
    const found = { need: new Set(), forbid: new Set(), may: new Set() };
    walk(data.bundle[data.schema], data.schema, values, raw, "", found);
    return found;
  }
  function walk(schema, base, value, raw, pointer, found) {
    if (!isObject(schema)) return;
    if ("if" in schema) {
      const holds = checker.isValid(schema.if, value ?? {}, base);
      note(holds ? schema.then : schema.else, pointer, found.need, found.forbid);
      note(holds ? schema.else : schema.then, pointer, found.may, new Set());
    }
    if ("$ref" in schema) walk(...checker.resolve(schema.$ref, base), value, raw, pointer, found);
    for (const part of schema.allOf ?? []) walk(part, base, value, raw, pointer, found);
    for (const [key, part] of Object.entries(schema.properties ?? {})) {
      walk(part, base, member(value, key), member(raw, key), `${pointer}/${key}`, found);
    }
    if (!("items" in schema)) return;
    const rows = Math.max(...[value, raw].map((list) => (Array.isArray(list) ? list.length : 0)));
    for (let row = 0; row < rows; row += 1) {
      walk(schema.items, base, value?.[row], raw?.[row], `${pointer}/${row}`, found);
    }
  }
  function note(effect, pointer, need, forbid) {
    if (!isObject(effect)) return;
    for (const name of effect.required ?? []) need.add(`${pointer}/${name}`);
    for (const part of effect.allOf ?? []) note(part, pointer, need, forbid);
    for (const [name, part] of Object.entries(effect.properties ?? {})) {
      const isBarred = part === false || part.maxProperties === 0 || part.maxItems === 0;
      if (isBarred) forbid.add(`${pointer}/${name}`);
      else note(part, `${pointer}/${name}`, need, forbid);
    }
  }
  function drop(field, value, forbid, pointer) {
    if (Array.isArray(value) && field.item) {
      return value.map((item, index) => drop(field.item, item, forbid, `${pointer}/${index}`));
    }
    if (field.kind !== "group") return value;
    const kept = field.members.filter((part) => has(value, part.key) && !forbid.has(`${pointer}/${part.key}`));
    return Object.fromEntries(
      kept.map((part) => [part.key, drop(part, value[part.key], forbid, `${pointer}/${part.key}`)]));
  }

  /* The box at an instance path and its printed title (fields.find_field). */
  function findField(steps) {
    let at = data.root;
    const names = [];
    for (const step of steps) {
      at = typeof step === "number" ? at.item : at.members?.find((part) => part.key === step);
      if (at === undefined) break;
      if (typeof step === "number") names.push(`${names.pop()}（${step + 1}番目）`);
      else if (at.title) names.push(at.title);
    }
    return [at, names.join("／")];
  }

  function check(values) {
    const errors = checker.findErrors(data.bundle[data.schema], values, [], data.schema);
    const problems = errors.map(({ steps, keyword, limit, found }) => {
      const [field, title] = findField(steps);
      const [code, rule] = data.sentences[`${keyword} ${JSON.stringify(limit)}`] ?? data.sentences[""];
      const hint = keyword === "additionalProperties" ? "" : field?.hint ?? "";
      return { code, pointer: toPointer(steps), steps, title: title || data.whole, message: rule + hint, found };
    });
    const unwanted = problems.filter(({ code }) => code === "NOT_FOR_THIS").map(({ pointer }) => pointer + "/");
    const kept = problems.filter(({ pointer }) => !unwanted.some((group) => pointer.startsWith(group)));
    kept.push(...checkText(values, []));
    const once = new Map(kept.map((problem) => [spell([problem.pointer, problem.code, problem.found]), problem]));
    return arrange([...once.values()]);
  }
  const arrange = (problems) => problems.sort((a, b) => compare(place(a.steps), place(b.steps)));
  /* Where a box stands on the form: the number of each member or row on the way to it. */
  function place(steps) {
    return steps.map((step, at) =>
      typeof step === "number" ? step : findField(steps.slice(0, at))[0]?.members?.findIndex((part) => part.key === step) ?? -1);
  }
  function compare(a, b) {
    const at = a.findIndex((number, index) => number !== b[index]);
    return at < 0 ? a.length - b.length : a[at] - (b[at] ?? -1);
  }
  function checkText(value, steps) {
    if (isObject(value)) return Object.entries(value).flatMap(([key, part]) => checkText(part, [...steps, key]));
    if (Array.isArray(value)) return value.flatMap((part, index) => checkText(part, [...steps, index]));
    const [field, title] = typeof value === "string" ? findField(steps) : [];
    if (field === undefined) return [];
    return findTextFaults(value, field).map(
      (code) => ({ code, pointer: toPointer(steps), steps, title, message: data.texts[code], found: "" }));
  }

  /* Everything the page shows, from what was typed. */
  function judge(raw) {
    let conditions = { need: new Set(), forbid: new Set(), may: new Set() };
    let values = {};
    let misread = new Map();
    for (let turn = 0; turn < 5; turn += 1) { // a part that is dropped or needed may change the condition of another
      misread = new Map();
      const before = values;
      values = drop(data.root, toValue(data.root, raw, { need: conditions.need, misread }, ""), conditions.forbid, "");
      if (turn > 0 && isEqual(before, values)) break;
      conditions = findConditions(values, raw);
    }
    return { values, problems: explainMisread(check(values), misread, conditions.forbid), ...conditions };
  }
  /* Why a box could not be read says more than that its value has no right form. */
  function explainMisread(problems, misread, forbid) {
    const isBarred = (pointer) => [...forbid].some((group) => `${pointer}/`.startsWith(`${group}/`));
    const own = [...misread].filter(([pointer]) => !isBarred(pointer)).map(([pointer, code]) => {
      const steps = pointer.split("/").slice(1).map((step) => (/^[0-9]+$/.test(step) ? Number(step) : step));
      return { code, pointer, steps, title: findField(steps)[1], message: data.texts[code], found: "" };
    });
    return arrange([...problems.filter(({ pointer }) => !misread.has(pointer)), ...own]);
  }
  function isFolded({ need, forbid, may }, pointer, field, raw) {
    if (forbid.has(pointer)) return true;
    return may.has(pointer) && !need.has(pointer) && !field.required && isEmpty(field, raw);
  }
  const submit = (values, caseId) =>
    ({ form: data.form, form_version: data.version, ...(caseId ? { case_id: caseId } : {}), ...values });

  /* How a box was understood, where that is not what stands in it. */
  function explain(field, text) {
    if (typeof text !== "string" || isBlank(text)) return "";
    const { value } = readers[field.kind](text, field);
    if (value === undefined) return "";
    if (field.kind === "date") return dates.showDay(value);
    if (field.kind === "time") return dates.showTime(value);
    if (field.kind === "month") return dates.showMonth(value);
    return String(value) === text ? "" : String(value);
  }

  /* What a file holds: the boxes of a draft, or of a form saved before. Returns {raw} or {refusal: a name in WORDS}. */
  function open(file, caseId) {
    const isDraft = has(file, "todoke_draft");
    if (!isDraft && !has(file, "form")) return { refusal: "notADraft" };
    if (file[isDraft ? "todoke_draft" : "form"] !== data.form) return { refusal: "otherForm" };
    if ((file.form_version ?? data.version) !== data.version) return { refusal: "otherVersion" };
    if (data.case_id && file.case_id !== data.case_id) return { refusal: "otherCase" };
    const raw = isDraft ? clean(data.root, file.boxes) : toRaw(data.root, file);
    return { raw, caseId: typeof file.case_id === "string" ? file.case_id : caseId };
  }
  /* A draft may have been edited by hand: only known boxes with the right kind of content are taken. */
  function clean(field, raw) {
    if (field.kind === "group") {
      return Object.fromEntries(field.members.map((part) => [part.key, clean(part, member(raw, part.key))]));
    }
    if (field.kind === "list") {
      return Array.isArray(raw) ? raw.slice(0, field.max ?? 1000).map((row) => clean(field.item, row)) : [];
    }
    if (field.kind === "multicheck") return Array.isArray(raw) ? field.options.filter((option) => raw.includes(option)) : [];
    if (field.kind === "check") return typeof raw === "boolean" ? raw : null;
    return typeof raw === "string" ? raw : "";
  }
  const draft = (boxes, caseId, savedAt) =>
    ({ todoke_draft: data.form, form_version: data.version, case_id: caseId || null, saved_at: savedAt, boxes });

  return {
    check, judge, submit, explain, open, draft, isFolded, isEmpty, findField,
    toRaw: (values) => toRaw(data.root, values),
    readDate: dates.readDate, showDate: dates.showDate, showDay: dates.showDay, showTime: dates.showTime, readTime,
    readMonth: dates.readMonth, showMonth: dates.showMonth,
  };
}

// --- The form, showing ----------------------------------------------------------------------------------------------

const WORDS = {
  required: "必須",
  yes: "はい",
  no: "いいえ",
  leave: "記入しない",
  choose: "選んでください",
  readAs: "読み取り：",
  caseId: "ケース番号",
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

let lastId = 0;
const nextId = (letter) => `${letter}${(lastId += 1)}`;

/* What every part of the form has: a title with its mark, its sentences, and a place for its errors. */
function makeFrame(field) {
  const ids = { hint: nextId("h"), reading: nextId("r"), error: nextId("e") };
  const mark = make("span", { class: "mark", text: WORDS.required, hidden: true });
  const hint = field.hint ? make("p", { class: "hint", id: ids.hint, text: field.hint }) : null;
  const reading = make("p", { class: "reading", id: ids.reading });
  const error = make("p", { class: "error", id: ids.error, hidden: true });
  return {
    field, ids, mark, hint, reading, error, isTouched: false,
    described: [hint && ids.hint, ids.reading, ids.error].filter(Boolean).join(" "),
    title: (title = field.title) => [make("span", { text: title }), mark],
    require(isNeeded) {
      mark.hidden = !isNeeded;
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
  const el = make("div", { class: `box ${field.kind}${size}` },
    label, frame.hint, control, printed, make("div", { class: "tail" }, frame.reading, counter, frame.error));
  return Object.assign(frame, {
    el, controls: [control], focus: () => control.focus(), read: () => control.value,
    write(raw) {
      control.value = raw ?? "";
      return typeof raw === "string" && raw !== "" && control.value === "" ? 1 : 0;
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
      if (field.kind === "multiline") {
        control.style.height = "auto";
        if (control.scrollHeight > control.clientHeight) control.style.height = `${control.scrollHeight + 4}px`;
      }
    },
  });
}

/* A question with its answers: a div with a role, since a legend cannot stand in the grid that aligns the boxes. */
function makeChoices(frame, kind, role, title, labels) {
  const id = nextId("l");
  return make("div", { class: `box ${kind}`, role, "aria-labelledby": id, "aria-describedby": frame.described },
    make("p", { class: "label", id }, ...frame.title(title)), frame.hint,
    make("div", { class: "options" }, ...labels), make("div", { class: "tail" }, frame.error));
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
      controls.forEach((control, at) => (control.checked = raw === offered[at][1] && raw !== nothing));
      const isLost = raw !== undefined && raw !== nothing && !controls.some((control) => control.checked);
      return isLost ? 1 : 0;
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
      return wanted.filter((option) => !field.options.includes(option)).length;
    },
  });
}

function makeGroup(field, title) {
  const frame = makeFrame(field);
  const parts = field.members.map((part) => [part.key, makeNode(part)]);
  const note = field.note ? make("p", { class: "note", text: field.note }) : null;
  const boxes = make("div", { class: "boxes" }, ...parts.map(([, node]) => node.el));
  const legend = make("legend", { tabindex: "-1" }, ...frame.title(title));
  const el = make("fieldset", { class: "group", "aria-describedby": frame.described }, legend, frame.hint, note, frame.error, boxes);
  return Object.assign(frame, {
    el, legend, parts: () => parts,
    focus: () => legend.focus(),
    read: () => Object.fromEntries(parts.map(([key, node]) => [key, node.read()])),
    write: (raw) => parts.reduce((lost, [key, node]) => lost + node.write(member(raw, key)), 0),
  });
}

function makeList(field) {
  const frame = makeFrame(field);
  const rows = [];
  const place = make("div", { class: "rows" });
  const legend = make("legend", { tabindex: "-1" }, ...frame.title());
  const adder = make("button", { type: "button", class: "add", text: WORDS.add(field.item.title || field.title), onclick: () => add() });
  const el = make("fieldset", { class: "list", "aria-describedby": frame.described },
    legend, frame.hint, frame.error, place, adder);

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
    changed(WORDS.added(name(), rows.length));
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
    changed(WORDS.removed(name(), at + 1));
    (firstControl((rows[at] ?? rows.at(-1)).el) ?? adder).focus();
  }
  const name = () => field.item.title || field.title;
  const firstControl = (place) => place.querySelector("input, select, textarea");
  const changed = (text) => el.dispatchEvent(new CustomEvent("rows", { bubbles: true, detail: text }));
  function number() {
    rows.forEach(({ node, remover }, index) => {
      const title = `${name()} ${index + 1}`;
      node.el.querySelector("legend > span, label > span, .label > span").textContent = title;
      remover.textContent = WORDS.remove(name(), index + 1);
      remover.hidden = rows.length === 1 && frame.isEmptyRow?.(node.read()) !== false;
    });
    adder.hidden = field.max !== undefined && rows.length >= field.max;
  }
  grow();
  number();
  return Object.assign(frame, {
    el, legend, number, parts: () => rows.map(({ node }, index) => [index, node]),
    focus: () => legend.focus(),
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
  const find = (id) => document.getElementById(id);
  const root = makeNode({ ...data.root, hint: undefined, note: undefined }); // the page's head says it already
  const caseBox = find("case-id");
  let showsAll = false;
  let isChanged = false;

  find("boxes").replaceWith(root.el);
  root.el.id = "boxes";
  root.legend.classList.add("unseen");
  if (caseBox) caseBox.value = data.case_id ?? "";

  const caseId = () => (caseBox ? fold(caseBox.value) : data.case_id ?? "");
  const key = `todoke-draft:${data.form}-v${data.version}:${data.case_id ?? ""}`;
  const say = (text) => (find("status").textContent = text);

  function walk(node, steps, visit) {
    visit(node, steps);
    for (const [step, part] of node.parts?.() ?? []) walk(part, [...steps, step], visit);
  }
  const tagOf = (steps) => steps.reduce((tag, step) =>
    typeof step === "number" ? `${tag}[${step}]` : tag === "" ? step : `${tag}.${step}`, "");

  /* Judge everything anew; show the errors of the boxes a person has been to, or of all after a try to save. */
  function refresh() {
    const judged = form.judge(root.read());
    walk(root, [], (node, steps) => {
      const pointer = toPointer(steps);
      node.el.dataset.tag = tagOf(steps);
      node.isEmptyRow = (raw) => form.isEmpty(node.field.item, raw);
      node.number?.();
      node.require(pointer !== "" && typeof steps.at(-1) === "string" && (node.field.required || judged.need.has(pointer)));
      node.refresh?.(form);
      if (pointer !== "") {
        node.el.hidden = judged.forbid.has(pointer);
        node.el.classList.toggle("folded", form.isFolded(judged, pointer, node.field, node.read()));
      }
      const mine = judged.problems.filter((problem) => problem.pointer === pointer);
      node.blame(showsAll || (node.isTouched && mine.length) ? mine.map(({ message }) => message) : []);
    });
    const problems = [...judged.problems, ...checkCase()];
    if (showsAll) list(problems);
    return { ...judged, problems };
  }
  function checkCase() {
    if (!caseBox) return [];
    const isMissing = data.case === "required" && caseId() === "";
    const isWrong = caseId() !== "" && !/^[0-9A-Za-z][0-9A-Za-z-]{0,39}$/.test(caseId());
    const code = isMissing ? "CASE_MISSING" : isWrong ? "CASE_FORMAT" : null;
    return code ? [{ code, title: WORDS.caseId, message: data.texts[code], focus: () => caseBox.focus() }] : [];
  }
  function list(problems) {
    find("summary-title").textContent = problems.length > 0 ? WORDS.found(problems.length) : WORDS.corrected;
    find("summary-list").replaceChildren(...problems.map((problem) => {
      const link = make("a", { href: "#boxes", text: problem.title, onclick: (event) => goTo(event, problem) });
      return make("li", {}, link, make("span", { text: ` ${problem.message}` }));
    }));
    find("summary").classList.toggle("clear", problems.length === 0);
    find("summary").hidden = false;
  }
  function goTo(event, problem) {
    event.preventDefault();
    if (problem.focus) return problem.focus();
    let nearest = root;
    walk(root, [], (node, steps) => {
      const isOnTheWay = steps.every((step, at) => problem.steps[at] === step);
      if (isOnTheWay) nearest = node;
    });
    nearest.focus();
    nearest.el.scrollIntoView({ block: "center" });
    return undefined;
  }

  function touch(target) {
    let left = null;
    walk(root, [], (node) => (left = node.controls?.includes(target) ? node : left));
    if (left !== null && !form.isEmpty(left.field, left.read())) left.isTouched = true;
    refresh();
    const isWrong = left !== null && left.error.textContent !== "";
    find("heard").textContent = isWrong ? `${left.field.title}：${left.error.textContent}` : "";
  }
  function fill(raw) {
    const lost = root.write(raw);
    showsAll = false;
    find("summary").hidden = true;
    walk(root, [], (node) => (node.isTouched = !form.isEmpty(node.field, node.read())));
    refresh();
    return lost;
  }

  // Saving: the only ways out of the page are a file the person keeps and the draft of this browser.
  const now = () => {
    const time = new Date();
    const iso = `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}`;
    return { iso, clock: `${pad(time.getHours())}:${pad(time.getMinutes())}` };
  };
  const stamp = ({ iso, clock }) => iso.replaceAll("-", "") + clock.replace(":", "");
  const wordsOf = ({ iso, clock }) => `${form.showDate(iso)}${form.showTime(clock)}`;

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
    const { values, problems } = refresh();
    if (problems.length > 0) {
      say("");
      find("summary").focus();
      return;
    }
    find("summary").hidden = true;
    const name = `${data.form}-${stamp(now())}.json`;
    download(name, form.submit(values, caseId()));
    isChanged = false;
    say(WORDS.saved(name));
  }
  function keepDraft() {
    try {
      localStorage.setItem(key, JSON.stringify(form.draft(root.read(), caseId(), wordsOf(now()))));
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
    download(name, form.draft(root.read(), caseId(), wordsOf(now())));
    isChanged = false;
    say(WORDS.fileSaved(name));
  }
  function load(file) {
    const opened = form.open(file, caseId());
    if (opened.refusal) return say(WORDS[opened.refusal]);
    if (isChanged && !window.confirm(WORDS.replace)) return undefined;
    const lost = fill(opened.raw);
    if (caseBox && opened.caseId) caseBox.value = opened.caseId;
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

  const isComposing = (event) => event.isComposing || event.keyCode === 229; // 229: a key the Japanese input method takes
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
    walk(root, [], (node) => node.controls?.includes(event.target) && node.refresh?.(form));
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

  page.hidden = false;
  if (data.values) fill(form.toRaw(data.values));
  else refresh();
  showDraft();
}

if (typeof document === "undefined") module.exports = { makeForm };
else openPage(JSON.parse(document.getElementById("todoke-form").textContent));
