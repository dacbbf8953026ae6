"""Small forms made up for tests, and values that fit them."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from pipeline.fields import Field, read_fields
from pipeline.forms.layout import FormShape

Schema = dict[str, Any]

KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,7}", fullmatch=True).filter(lambda key: key != "case_id")
TITLES = st.text("氏名住所続柄児童学校電話番号曜日", min_size=1, max_size=12)
HINTS = st.sampled_from(["", "記入してください。"])


def shape_of(schema: Schema, name: str = "sample_form", version: int = 1) -> FormShape:
    """Return the shape of a schema without references."""
    return FormShape(
        name, version, str(schema.get("title", "見本の様式")), read_fields(schema, {}.__getitem__)
    )


@st.composite
def _leaf(draw: st.DrawFn) -> Schema:
    titled = {"title": draw(TITLES), "x-hint": draw(HINTS)}
    options = draw(st.lists(TITLES, min_size=1, max_size=5, unique=True))
    kind: Schema = draw(
        st.sampled_from(
            [
                {"type": "string", "maxLength": 20},
                {"type": "string", "maxLength": 40, "x-name": True},
                {"type": "string", "maxLength": 400, "x-multiline": True},
                {"type": "string", "format": "date"},
                {"type": "string", "format": "time"},
                {"type": "string", "format": "month"},
                {"type": "integer"},
                {"type": "boolean"},
                {"type": "string", "enum": options},
                {
                    "type": "array",
                    "maxItems": 5,
                    "uniqueItems": True,
                    "items": {"type": "string", "enum": options},
                },
            ]
        )
    )
    return {**titled, **kind}


@st.composite
def _object(draw: st.DrawFn, depth: int) -> Schema:
    below = _leaf() if depth == 0 else st.one_of(_leaf(), _leaf(), _object(depth - 1), _list(depth - 1))
    properties = draw(st.dictionaries(KEYS, below, min_size=1, max_size=4))
    required = [key for key in properties if draw(st.booleans())]
    return {"type": "object", "title": draw(TITLES), "properties": properties, "required": required}


@st.composite
def _list(draw: st.DrawFn, depth: int) -> Schema:
    item = draw(
        st.one_of(_object(depth), _leaf().filter(lambda leaf: leaf["type"] != "array" and "enum" not in leaf))
    )
    return {"type": "array", "title": draw(TITLES), "maxItems": draw(st.integers(1, 9)), "items": item}


def schemas() -> st.SearchStrategy[Schema]:
    """Forms with groups, lists of objects, lists in lists and every kind of box."""
    return _object(2)


# Rare kanji, a variation selector, signs XML must escape; no control characters, which no accepted form holds.
_WORDS = st.text("見本太郎𠮷葛\U000e0100髙\ufa19&<>\"' 　aA1", min_size=1, max_size=12)
_LINES = st.lists(_WORDS, min_size=1, max_size=3).map("\n".join)
_TIMES = st.times().map(lambda time: time.strftime("%H:%M"))
_DAYS = st.dates(date(1926, 12, 25), date(2060, 1, 1)).map(date.isoformat)


def values_of(field: Field) -> st.SearchStrategy[Any]:
    """Return values a form's field may hold, some members left out."""
    schema = field.schema
    if field.kind == "object":
        return st.fixed_dictionaries({}, optional={member.key: values_of(member) for member in field.members})
    if field.kind == "array":
        item = field.members[0]
        if "enum" in item.schema:
            return st.lists(st.sampled_from(item.schema["enum"]), unique=True)
        return st.lists(values_of(item), max_size=min(3, int(schema.get("maxItems", 3))))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if field.kind == "boolean":
        return st.booleans()
    if field.kind == "integer":
        return st.integers(0, 9999)
    if "format" in schema:
        return {"date": _DAYS, "month": _DAYS.map(lambda day: day[:7])}.get(schema["format"], _TIMES)
    return _LINES if schema.get("x-multiline") else _WORDS
