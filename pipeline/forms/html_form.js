"use strict";
/*
 * A form of Todoke in one offline page. Two halves: this one decides and knows no page (the tests run it under node
 * against the Python validator); html_page.js shows. What was typed ("raw": strings and ticks) and what is sent
 * ("values": strict JSON) are kept apart, so a draft loses nothing and the original text stays on the screen.
 */

// --- Small words --------------------------------------------------------------------------------------------------

const has = (object, key) =>
  object !== null && typeof object === "object" && !Array.isArray(object) && Object.hasOwn(object, key);
const member = (object, key) => (has(object, key) ? object[key] : undefined);
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isNested = (value) => value !== null && typeof value === "object";
const isBlank = (text) => text.trim() === "";
const countPoints = (text) => [...text].length; // 𠮷 is 1, 葛󠄀 is 2, as JSON Schema counts
const toPointer = (steps) =>
  steps.map((step) => "/" + String(step).replaceAll("~", "~0").replaceAll("/", "~1")).join("");
const toSteps = (pointer) => pointer.split("/").slice(1).map((step) =>
  /^[0-9]+$/.test(step) ? Number(step) : step.replaceAll("~1", "/").replaceAll("~0", "~"));

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
    if (field.kind === "multicheck") {
      return value === undefined || value === null ? [] : [value].flat().filter((item) => !isNested(item)).map(String);
    }
    if (field.kind === "check") return typeof value === "string" || typeof value === "boolean" ? value : null;
    if (value === undefined || value === null || typeof value === "object") return "";
    if (field.kind === "month" && FORMATS.month(String(value))) return dates.showMonth(value);
    return field.kind === "date" && isDate(value) ? dates.showDate(value) : String(value);
  }

  /* The if/then of the schema: which parts are needed or forbidden. */
  function findConditions(values, raw) {
    const found = { need: new Set(), forbid: new Set() };
    walk(data.bundle[data.schema], data.schema, values, raw, "", found);
    return found;
  }
  function walk(schema, base, value, raw, pointer, found) {
    if (!isObject(schema)) return;
    if ("if" in schema) {
      const holds = checker.isValid(schema.if, value ?? {}, base);
      note(holds ? schema.then : schema.else, pointer, found.need, found.forbid);
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
      const isBarred = part === false || [part.maxProperties, part.maxItems, part.maxLength].includes(0);
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
    let conditions = { need: new Set(), forbid: new Set() };
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
      const steps = toSteps(pointer);
      return { code, pointer, steps, title: findField(steps)[1], message: data.texts[code], found: "" };
    });
    return arrange([...problems.filter(({ pointer }) => !misread.has(pointer)), ...own]);
  }
  /* `around` are the other members of the envelope; what is not filled in is left out. */
  function submit(values, around) {
    const filled = Object.entries(around).filter(([, value]) => value !== undefined && value !== null && value !== "");
    return { form: data.form, form_version: data.version, ...Object.fromEntries(filled), ...values };
  }

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
    if (caseId && file.case_id !== caseId) return { refusal: "otherCase" };
    return { raw: isDraft ? clean(data.root, file.boxes) : toRaw(data.root, file) };
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
  const draft = (boxes, around, savedAt) =>
    ({ ...around, todoke_draft: data.form, form_version: data.version, saved_at: savedAt, boxes });

  return {
    check, judge, submit, explain, open, draft, isEmpty, findField,
    toRaw: (values) => toRaw(data.root, values),
    readDate: dates.readDate, showDate: dates.showDate, showDay: dates.showDay, showTime: dates.showTime, readTime,
    readMonth: dates.readMonth, showMonth: dates.showMonth,
  };
}

if (typeof module !== "undefined") module.exports = { makeForm }; // for the tests under node; a page has no modules
