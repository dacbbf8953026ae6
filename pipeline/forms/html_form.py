"""A form as one offline HTML page: filled in by hand in a browser, checked there by the schema, saved as JSON. Pure.

    page = make_html_form(shape, schemas)                                   # blank
    page = make_html_form(shape, schemas, values, Envelope(case_id="…"))    # prefilled

The page holds the schemas themselves and interprets them: `html_form.js` judges (tested against `validate.py`),
`html_page.js` shows. Every sentence comes from `wording.py` as a table. Nothing is fetched: the page's own policy forbids it, script and style run by digest.
What it saves is a JSON submission. Equal input gives equal bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Any, Final, NoReturn

from pipeline import wording
from pipeline.fields import Field, Schema, read_fields
from pipeline.forms.html_frame import Envelope, frame_schema, frame_values
from pipeline.forms.layout import FormShape
from pipeline.model import Level, Problem
from pipeline.normalise.sentences import PROBLEMS
from pipeline.predicates import FORMATS
from pipeline.rules.wareki import ERAS

# What the script checks. A schema with any other assertion cannot be made into a page: it would let wrong forms pass.
CHECKED: Final = frozenset(
    {"$ref", "allOf", "anyOf", "oneOf", "if", "type", "enum", "const", "required", "properties", "additionalProperties",
     "minProperties", "maxProperties", "items", "contains", "minItems", "maxItems", "uniqueItems", "minLength",
     "maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
)  # fmt: skip
_SILENT: Final = frozenset(
    {"$schema", "$id", "$defs", "$comment", "title", "description", "default", "examples", "then", "else",
     "minContains", "maxContains"}
)  # fmt: skip
_SCHEMA_LISTS: Final = ("allOf", "anyOf", "oneOf")
_SCHEMA_MAPS: Final = ("properties", "$defs")
_SCHEMAS: Final = ("items", "contains", "if", "then", "else", "additionalProperties")
_TEXT_CODES: Final = (
    "MY_NUMBER", "TEXT_NEWLINE", "TEXT_SURROGATE", "TEXT_CONTROL", "TEXT_NONCHARACTER", "TEXT_BIDI",
    "TEXT_INVISIBLE", "TEXT_MOJIBAKE", "TEXT_PRIVATE", "TEXT_UNASSIGNED", "TEXT_COMBINING",
)  # fmt: skip
_READ_BY_SCRIPT: Final = ("DATE_", "MONTH_", "TIME_", "NUMBER_")
_MENDED_BY_PAGE: Final = frozenset({"UNKNOWN_FIELD", "FORM_VERSION", "CASE_UNUSED", "CORRECTION_REASON"})
_RETURNED: Final = "受付の番号　{}　で戻ってきた様式です。⚠のある欄を直して「保存」を押し、できたファイルを、もう一度出してください。この画面でそのまま読み取れた欄には、⚠は付きません。"
_UNSAFE_IN_HTML: Final = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def make_html_form(
    shape: FormShape,
    schemas: Mapping[str, Schema],
    values: Mapping[str, Any] | None = None,
    envelope: Envelope | None = None,
    told: Sequence[Problem] = (),
) -> bytes:
    """Return the page of a form. `schemas` maps every `$id` the form needs to its schema.

    A form that came back has `values` of any shape, and in `told` what its sender was told: the page shows at their boxes
    those that it cannot find itself.
    Raises ValueError with a Japanese sentence where a schema says something the page could not check.
    """
    around = envelope or Envelope()
    bundle = _needed(f"todoke:{shape.name}.schema.json", schemas)
    _ensure_checkable(bundle)
    styles, script = _part("html_form.css"), _part("html_form.js") + _part("html_page.js")
    page = Template(_part("html_form.html")).substitute(
        title=escape(shape.title),
        form=escape(shape.name),
        version=str(shape.version),
        form_id=escape(shape.form_id),
        hint=escape(str(shape.root.schema.get("x-hint", ""))),
        case=_case_line(around),
        notice=_notice(around),
        style=styles,
        script=script,
        style_sha256=_digest(styles),
        script_sha256=_digest(script),
        data=_embed(_describe_page(shape, bundle, values, around, told)),
    )
    return page.encode("utf-8")


@lru_cache(maxsize=4)
def _part(name: str) -> str:
    return (files("pipeline.forms") / name).read_text("utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _embed(data: Any) -> str:
    """JSON that no HTML parser can mistake for markup, whatever the values hold."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _UNSAFE_IN_HTML.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _case_line(around: Envelope) -> str:
    is_settled = around.case_id and not around.asks_case
    return f'<p class="case">ケース番号　{escape(str(around.case_id))}</p>' if is_settled else ""


def _notice(around: Envelope) -> str:
    return f'<p class="notice">{escape(_RETURNED.format(around.returned))}</p>' if around.returned else ""


# --- What the script is told --------------------------------------------------------------------------------------


def _describe_page(
    shape: FormShape,
    bundle: Mapping[str, Schema],
    values: Mapping[str, Any] | None,
    around: Envelope,
    told: Sequence[Problem],
) -> Mapping[str, Any]:
    texts = {
        **{code: wording.text_problem(code, "", "").message for code in _TEXT_CODES},
        **{code: text for code, text in PROBLEMS.items() if code.startswith(_READ_BY_SCRIPT)},
    }
    asked = _describe_form(shape.root, f"todoke:{shape.name}.schema.json", bundle)
    own = {*texts, *(code for code, _ in asked["sentences"].values()), *_MENDED_BY_PAGE}
    return {
        "form": shape.name,
        "version": shape.version,
        **asked,
        "texts": texts,
        "whole": wording.WHOLE_FORM,
        "eras": [(name, first.isoformat()) for name, first in ERAS],
        "values": _in_one_order(values),
        "around": {
            "case_id": around.case_id,
            "corrects": around.corrects,
            "submission_id": around.submission_id,
        },
        "frame": _describe_frame(around),
        "returned": around.returned,
        "told": [
            {"pointer": problem.pointer, "title": problem.title, "message": problem.message}
            for problem in told
            if problem.level is Level.ERROR and problem.code not in own
        ],
    }


def _describe_form(root: Field, schema_id: str, bundle: Mapping[str, Schema]) -> dict[str, Any]:
    """What the script must know to judge the boxes of a form."""
    return {"schema": schema_id, "root": _describe(root), "bundle": bundle, "sentences": _sentences(bundle)}


def _describe_frame(around: Envelope) -> Mapping[str, Any] | None:
    """What the page asks beside the form; None where it asks nothing."""
    schema = frame_schema(around)
    if schema is None:
        return None
    root = read_fields(schema, _no_reference)
    return {**_describe_form(root, schema["$id"], {schema["$id"]: schema}), "values": frame_values(around)}


def _no_reference(reference: str) -> NoReturn:
    raise ValueError(reference)


def _in_one_order(values: Any) -> Any:
    """Equal values in equal writing. Schemas keep their order: of two errors of a box with one code the later counts."""
    if isinstance(values, Mapping):
        return {key: _in_one_order(values[key]) for key in sorted(values)}
    return [_in_one_order(item) for item in values] if isinstance(values, list | tuple) else values


def _describe(field: Field) -> dict[str, Any]:
    schema, kind = field.schema, _kind(field)
    facts = {
        "key": field.key,
        "title": field.title,
        "kind": kind,
        "required": field.required,
        "hint": schema.get("x-hint"),
        "note": schema.get("description"),
        "max": schema.get("maxItems" if field.kind == "array" else "maxLength"),
        "multiline": bool(schema.get("x-multiline")),
        "free": field.is_free_text,
        "code": None if field.is_name else schema.get("pattern"),
        "options": _options(field, kind),
        "members": [_describe(member) for member in field.members] if kind == "group" else None,
        "item": _describe(field.members[0]) if field.kind == "array" else None,
    }
    return {name: fact for name, fact in facts.items() if fact is not None and fact is not False}


def _kind(field: Field) -> str:
    """What is put into a place of the form: the kinds of `layout.Kind`, and group and list."""
    match field.kind:
        case "object":
            return "group"
        case "array":
            return "multicheck" if "enum" in field.members[0].schema else "list"
        case "boolean":
            return "check"
        case "integer" | "number":
            return field.kind
        case "string":
            return _kind_of_text(field.schema)
    raise ValueError(f"{field.path}：種類「{field.kind}」の項目は、画面の様式にできません。")


def _kind_of_text(schema: Schema) -> str:
    if "enum" in schema:
        return "choice"
    if schema.get("format") in FORMATS:
        return str(schema["format"])
    return "multiline" if schema.get("x-multiline") else "text"


def _options(field: Field, kind: str) -> list[str] | None:
    if kind not in ("choice", "multicheck"):
        return None
    return list((field.members[0] if kind == "multicheck" else field).schema["enum"])


# --- The schemas: only those the form reaches, only what the script can check -------------------------------------


def _needed(first: str, schemas: Mapping[str, Schema]) -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    waiting = [first]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        if name not in schemas:
            raise ValueError(f"参照先がありません：{name}")
        found[name] = schemas[name]
        refs = (str(part["$ref"]) for part in _parts(schemas[name]) if "$ref" in part)
        waiting.extend(ref.partition("#")[0] for ref in refs if not ref.startswith("#"))
    return found


def _parts(schema: Any) -> Iterator[Schema]:
    """Yield a schema and every schema written inside it."""
    if not isinstance(schema, Mapping):
        return
    yield schema
    for name in _SCHEMAS:
        yield from _parts(schema.get(name))
    for name in _SCHEMA_LISTS:
        for part in schema.get(name, ()):
            yield from _parts(part)
    for name in _SCHEMA_MAPS:
        for part in schema.get(name, {}).values():
            yield from _parts(part)


def _ensure_checkable(bundle: Mapping[str, Schema]) -> None:
    for name, schema in bundle.items():
        for part in _parts(schema):
            unknown = sorted(key for key in part.keys() - CHECKED - _SILENT if not key.startswith("x-"))
            if unknown:
                raise ValueError(f"{name}：「{'、'.join(unknown)}」は、画面の様式では確かめられません。")


def _sentences(bundle: Mapping[str, Schema]) -> dict[str, tuple[str, str]]:
    """Code and sentence of every rule the schemas hold, keyed as the script meets it; `""` for all others."""
    table = {"": _sentence("", None)}
    for schema in bundle.values():
        for part in _parts(schema):
            for keyword in sorted(part.keys() & CHECKED - {*_SCHEMAS, *_SCHEMA_LISTS, *_SCHEMA_MAPS, "$ref"}):
                table[_key(keyword, part[keyword])] = _sentence(keyword, part[keyword])
    table[_key("additionalProperties", False)] = _sentence("additionalProperties", False)
    return table


def _key(keyword: str, limit: Any) -> str:
    return f"{keyword} {json.dumps(limit, ensure_ascii=False, separators=(',', ':'))}"


def _sentence(keyword: str, limit: Any) -> tuple[str, str]:
    problem = wording.schema_problem(keyword, limit, {}, "", "")
    return problem.code, problem.message
