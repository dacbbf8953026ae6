"""The short answer must be the long one: compiled predicates against jsonschema as `validate` uses it, value by value."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.catalogue import Catalogue
from pipeline.fields import Resolve
from pipeline.predicates import Unknown, compile_schema
from pipeline.validate import FormSchema, _validator, make_form_schema, make_registry
from tests.conftest import ROOT
from tests.intake import catalogue as shipped

# Values every keyword must have an opinion on: each type, each border, and what JSON Schema itself finds hard.
POOL: list[Any] = [
    *(None, True, False, 0, 1, -1, 2, 5, 480, 10**16, 1.0, 0.5, float("1e20")),
    *(
        "",
        "a",
        "あ",
        "家事",
        "承認",
        "1\n",
        "a" * 50,
        "𠮷" * 4,
        "2024-02-29",
        "2023-02-29",
        "09:30",
        "9:30",
        "24:00",
    ),
    *([], {}, [1], ["家事", "家事"], [1, True], [1, 1.0], [{}], [[]], ["a"] * 60),
    *(
        {"a": 1},
        {"name": "例示"},
        {"start": "2024-01-01"},
        {"result": "承認"},
        {"category": "家事", "item": "掃除"},
    ),
]


def _no_reference(ref: str) -> Any:
    raise AssertionError(ref)


SCHEMAS: list[dict[str, Any]] = [
    *({"type": kind} for kind in ("object", "array", "string", "boolean", "integer", "number")),
    *({"minimum": 0}, {"maximum": 1}, {"type": "integer", "minimum": 1, "maximum": 480}),
    *({"minLength": 1}, {"maxLength": 3}, {"pattern": "^[0-9a-z]$"}, {"pattern": "^a?$"}),
    *({"format": "date"}, {"format": "time"}, {"format": "email"}),
    *(
        {"const": "承認"},
        {"const": True},
        {"const": False},
        {"enum": ["家事", "a", ""]},
        {"enum": ["a", True]},
    ),
    *({"minItems": 1}, {"maxItems": 1}, {"uniqueItems": True}, {"uniqueItems": False}, {"maxProperties": 0}),
    *(
        {"items": {"type": "string"}},
        {"items": {"type": "string"}, "maxItems": 2},
        {"contains": {"const": "a"}},
    ),
    *({"required": ["name"]}, {"properties": {"a": {"type": "string"}}}),
    {"properties": {"a": {}}, "additionalProperties": False},
    {"additionalProperties": False},
    {"allOf": [{"type": "string"}, {"minLength": 1}]},
    {"anyOf": [{"type": "string"}, {"required": ["name"]}]},
    {"not": {"required": ["name"]}},
    {"type": "object", "not": {"properties": {"name": {"maxLength": 2}}, "required": ["name"]}},
    {"if": {"type": "string"}, "then": {"maxLength": 1}, "else": {"type": "integer"}},
    {"if": {"type": "string"}, "then": {"maxLength": 1}},
    {"if": {"type": "string"}, "else": {"type": "integer"}},
    {"then": {"maxLength": 0}},
    {},
    {"title": "題名", "x-hint": "記入", "description": "説明"},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: json.dumps(schema, ensure_ascii=False)[:60])
def test_a_keyword_says_what_jsonschema_says(schema: dict[str, Any]) -> None:
    met = compile_schema(schema, _no_reference)
    long = _validator(schema, make_registry({}))
    assert [met(value) for value in POOL] == [long.is_valid(value) for value in POOL]


@pytest.mark.parametrize(
    "schema",
    [
        *({"type": ["string", "null"]}, {"type": "null"}, {"const": 1}, {"enum": ["a", 1]}),
        *(
            {"additionalProperties": True},
            {"oneOf": [{}]},
            {"prefixItems": []},
            {"minContains": 2},
            {"items": True},
        ),
        *({"dependentRequired": {}}, {"propertyNames": {}}, {"patternProperties": {}}, {"minProperties": 1}),
        {"properties": {"a": {"items": {"multipleOf": 2}}}},
    ],
    ids=lambda schema: json.dumps(schema),
)
def test_what_is_not_known_here_is_left_to_jsonschema(schema: dict[str, Any]) -> None:
    with pytest.raises(Unknown):
        compile_schema(schema, _no_reference)


def test_a_form_with_an_unknown_keyword_is_still_checked() -> None:
    schema = {
        "$id": "todoke:x.schema.json",
        "type": "object",
        "properties": {"n": {"type": "integer", "multipleOf": 2}},
        "$defs": {"when_even": {"properties": {"n": {"multipleOf": 2}}}},
    }
    form = make_form_schema(schema, make_registry({schema["$id"]: schema}))
    assert [bool(form.check({"n": n})) for n in (1, 2)] == [True, False]
    assert [form.met({"n": n}) for n in (1, 2)] == [{None}, {None, "even"}]


def test_a_reference_is_followed_with_what_stands_beside_it() -> None:
    shared = {"$id": "todoke:common.schema.json", "$defs": {"name": {"type": "string", "minLength": 2}}}

    def resolve(ref: str) -> tuple[Any, Resolve]:
        return shared["$defs"][ref.rsplit("/", 1)[1]], resolve  # type: ignore[index]

    met = compile_schema({"$ref": "todoke:common.schema.json#/$defs/name", "maxLength": 3}, resolve)
    assert [met("あ" * n) for n in range(1, 5)] == [False, True, True, False]


# --- the office's own forms ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return shipped()


EXAMPLES = sorted(ROOT.glob("doc_templates/*/examples/*.json"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_every_example_and_its_neighbours_get_the_same_answer(catalogue: Catalogue, path: Path) -> None:
    """Good and bad examples, and six damaged copies of each: something removed, exchanged, doubled or added."""
    envelope = ("form", "form_version", "case_id", "submission_id")
    values = {key: value for key, value in json.loads(path.read_bytes()).items() if key not in envelope}
    schema = catalogue.forms[path.parts[-3]].schema
    dice = random.Random(path.name)
    answers = [_answer(schema, values), *(_answer(schema, _damaged(values, dice)) for _ in range(6))]
    assert {True, False} >= set(answers)
    assert False in answers, "damage is noticed"
    if not path.stem.endswith(".bad"):
        assert answers[0], "a good example takes the short way"


def _answer(schema: FormSchema, values: dict[str, Any]) -> bool:
    short, long = schema._is_met(values), schema._validator.is_valid(values)
    assert short == long, values
    for name in schema.conditions:
        reference = {"$ref": f"{schema.schema['$id']}#/$defs/when_{name}"}
        plain = schema._validator.evolve(schema=reference)
        assert (name in schema.met(values)) == plain.is_valid(values), (name, values)
    return short


def _damaged(values: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    copied = copy.deepcopy(values)
    for _ in range(dice.choice((1, 1, 2, 5))):
        group = dice.choice(list(_groups(copied)))
        key = dice.choice([*group, "新しい項目"] if isinstance(group, dict) else range(len(group)) or [None])
        match dice.randrange(4):
            case 0 if isinstance(group, dict):
                group.pop(key, None)
            case 1 if isinstance(group, list):
                group.extend(copy.deepcopy(group))
            case _ if key is not None:
                group[key] = copy.deepcopy(dice.choice(POOL))
    return copied


def _groups(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for member in value.values() if isinstance(value, dict) else value:
            yield from _groups(member)
