"""What a schema asks of a value, as plain functions compiled once: yes or no, and not a word more. Pure.

Nearly every form meets its schema, and to hear so from jsonschema takes a fifth of all the work on a submission; from
here it takes a twentieth of that. Who is told "no", or that a schema uses a keyword not known here, asks jsonschema
(`validate`), which alone says what is wrong. Both must always agree: `tests/test_predicates.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from pipeline.fields import Resolve, Schema

Predicate = Callable[[Any], bool]

_YEARS = range(1868, 2101)  # 明治元年 … the last year the era rules are proven for
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class Unknown(Exception):
    """A keyword, or a use of one, that is not compiled here."""


def is_date(value: object) -> bool:
    """Whether a text is a day as JSON writes it; what is no text is not asked."""
    if not isinstance(value, str):
        return True
    try:
        return bool(_DATE.fullmatch(value)) and date.fromisoformat(value).year in _YEARS
    except ValueError:
        return False


def is_time(value: object) -> bool:
    """Whether a text is a time of day, `HH:MM`; what is no text is not asked."""
    return not isinstance(value, str) or bool(_TIME.fullmatch(value))


def is_month(value: object) -> bool:
    """Whether a text is a month, `YYYY-MM`; what is no text is not asked."""
    match = _MONTH.fullmatch(value) if isinstance(value, str) else None
    return not isinstance(value, str) or (match is not None and int(match[1]) in _YEARS)


def is_integer(value: object) -> bool:
    """Whether a value is a whole number: not true, not 1.0."""
    return type(value) is int


def is_number(value: object) -> bool:
    """Whether a value is a number: not true."""
    return isinstance(value, int | float) and not isinstance(value, bool)


FORMATS: Mapping[str, Predicate] = {"date": is_date, "time": is_time, "month": is_month}

_TYPES: Mapping[str, Predicate] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": is_integer,
    "number": is_number,
}


@lru_cache(maxsize=512)
def compiled_pattern(pattern: str) -> re.Pattern[str]:
    """Return a schema's pattern, its `$` meaning the very end of the text (reliability §0.5)."""
    return re.compile(re.sub(r"(?<!\\)\$", r"\\Z", pattern))


def repeats(rows: Sequence[Any]) -> bool:
    """Whether a text or a number stands twice in a list. Groups are not compared: 6.8 s for 3,000 (reliability §0.5)."""
    scalars = [row for row in rows if isinstance(row, str | int | float)]
    return len(set(scalars)) < len(scalars)


def compile_schema(schema: Schema, resolve: Resolve) -> Predicate:
    """Return whether a value meets `schema`. Raises Unknown; `resolve` follows its references as `fields` does."""
    return _all(list(_tests(schema, resolve)))


def _all(tests: Sequence[Predicate]) -> Predicate:
    if len(tests) == 1:
        return tests[0]

    def met(value: Any) -> bool:
        for test in tests:  # noqa: SIM110  `all` with a generator takes twice as long
            if not test(value):
                return False
        return True

    return met


def _tests(schema: Schema, resolve: Resolve) -> Iterator[Predicate]:
    if not isinstance(schema, Mapping):
        raise Unknown("true or false")
    for keyword, wanted in schema.items():
        if keyword in _SILENT or keyword.startswith("x-"):
            continue
        if keyword in _OF_CONTAINS and "contains" in schema:
            continue
        if keyword in _WITH_SCHEMAS:
            yield _WITH_SCHEMAS[keyword](wanted, schema, resolve)
        elif keyword in _PLAIN:
            yield _PLAIN[keyword](wanted)
        else:
            raise Unknown(keyword)


_SILENT = frozenset({"$schema", "$id", "$defs", "title", "description", "then", "else"})
_OF_CONTAINS = ("minContains", "maxContains")


# --- keywords that look at the value alone ------------------------------------------------------------------------


def _type(name: Any) -> Predicate:
    if not isinstance(name, str) or name not in _TYPES:
        raise Unknown("type")
    return _TYPES[name]


def _choices(choices: Sequence[Any]) -> Predicate:
    """Only texts and ticks are compared here: of 1, 1.0 and groups JSON Schema has its own opinion."""
    if not all(isinstance(choice, str | bool) for choice in choices):
        raise Unknown("enum")
    known = frozenset(choices)
    return lambda value: isinstance(value, str | bool) and value in known


def _format(name: str) -> Predicate:
    return FORMATS.get(name, lambda _: True)


def _pattern(pattern: str) -> Predicate:
    found = compiled_pattern(pattern).search
    return lambda value: not isinstance(value, str) or found(value) is not None


def _required(names: Sequence[str]) -> Predicate:
    wanted = frozenset(names)
    return lambda value: not isinstance(value, dict) or wanted <= value.keys()


def _sized(kind: type[str] | type[list[Any]] | type[dict[str, Any]], least: int, most: float) -> Predicate:
    return lambda value: not isinstance(value, kind) or least <= len(value) <= most


def _unique(wanted: bool) -> Predicate:
    return lambda value: not (wanted and isinstance(value, list) and repeats(value))


_PLAIN: Mapping[str, Callable[[Any], Predicate]] = {
    "type": _type,
    "const": lambda wanted: _choices([wanted]),
    "enum": _choices,
    "format": _format,
    "pattern": _pattern,
    "required": _required,
    "maxLength": lambda most: _sized(str, 0, most),
    "minLength": lambda least: _sized(str, least, float("inf")),
    "maxItems": lambda most: _sized(list, 0, most),
    "minItems": lambda least: _sized(list, least, float("inf")),
    "maxProperties": lambda most: _sized(dict, 0, most),
    "minimum": lambda least: lambda value: not is_number(value) or value >= least,
    "maximum": lambda most: lambda value: not is_number(value) or value <= most,
    "uniqueItems": _unique,
}


# --- keywords that hold schemas -----------------------------------------------------------------------------------


def _ref(ref: str, _: Schema, resolve: Resolve) -> Predicate:
    return compile_schema(*resolve(ref))


def _properties(members: Mapping[str, Schema], _: Schema, resolve: Resolve) -> Predicate:
    tests = {name: compile_schema(member, resolve) for name, member in members.items()}
    return lambda value: (
        not isinstance(value, dict)
        or all(tests[name](member) for name, member in value.items() if name in tests)
    )


def _additional(allowed: Any, schema: Schema, _: Resolve) -> Predicate:
    if allowed is not False:
        raise Unknown("additionalProperties")
    known = schema.get("properties", {}).keys()
    return lambda value: not isinstance(value, dict) or value.keys() <= known


def _items(rows: Schema, _: Schema, resolve: Resolve) -> Predicate:
    test = compile_schema(rows, resolve)
    return lambda value: not isinstance(value, list) or all(map(test, value))


def _contains(row: Schema, schema: Schema, resolve: Resolve) -> Predicate:
    test = compile_schema(row, resolve)
    least, most = schema.get("minContains", 1), schema.get("maxContains", float("inf"))
    return lambda value: not isinstance(value, list) or least <= sum(map(test, value)) <= most


def _all_of(parts: Sequence[Schema], _: Schema, resolve: Resolve) -> Predicate:
    return _all([compile_schema(part, resolve) for part in parts])


def _any_of(parts: Sequence[Schema], _: Schema, resolve: Resolve) -> Predicate:
    tests = [compile_schema(part, resolve) for part in parts]
    return lambda value: any(test(value) for test in tests)


def _not(part: Schema, _: Schema, resolve: Resolve) -> Predicate:
    test = compile_schema(part, resolve)
    return lambda value: not test(value)


def _if(condition: Schema, schema: Schema, resolve: Resolve) -> Predicate:
    met = compile_schema(condition, resolve)
    then, otherwise = (compile_schema(schema.get(branch, {}), resolve) for branch in ("then", "else"))
    return lambda value: then(value) if met(value) else otherwise(value)


_WITH_SCHEMAS: Mapping[str, Callable[[Any, Schema, Resolve], Predicate]] = {
    "$ref": _ref,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "contains": _contains,
    "allOf": _all_of,
    "anyOf": _any_of,
    "not": _not,
    "if": _if,
}
