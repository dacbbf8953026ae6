"""Schema → problems: the holes plain jsonschema leaves open are closed, and no sentence quotes a value."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pipeline.validate import FormSchema, lint_schema, make_form_schema, make_registry

COMMON = {
    "$id": "todoke:common.schema.json",
    "$defs": {
        "person": {
            "type": "object",
            "title": "人",
            "additionalProperties": False,
            "required": ["name"],
            "properties": {"name": {"type": "string", "title": "氏名", "minLength": 1, "maxLength": 5}},
        }
    },
}


def schema(**properties: Any) -> FormSchema:
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "todoke:t.schema.json",
        "title": "試験",
        "type": "object",
        "additionalProperties": False,
        "required": [name for name in properties if name.startswith("r_")],
        "properties": properties,
        "$defs": {"when_big": {"properties": {"n": {"minimum": 10}}, "required": ["n"]}},
    }
    return make_form_schema(
        whole, make_registry({"todoke:common.schema.json": COMMON, "todoke:t.schema.json": whole})
    )


def found(form: FormSchema, **values: Any) -> list[tuple[str, str]]:
    return [(problem.code, problem.pointer) for problem in form.check(values)]


NUMBER = {"type": "string", "title": "番号", "maxLength": 20, "pattern": "^[0-9]{7}$"}
DAY = {"type": "string", "title": "日", "format": "date"}


def test_a_pattern_means_the_very_end() -> None:
    form = schema(code=NUMBER)
    assert found(form, code="1234567") == []
    assert found(form, code="1234567\n") == [("PATTERN", "/code")]
    assert found(form, code="１２３４５６７") == [("PATTERN", "/code")]
    assert found(form, code="٠١٢٣٤٥٦") == [("PATTERN", "/code")]


@pytest.mark.parametrize(
    "day",
    [
        "2024-02-30",
        "20240101",
        "2024-1-1",
        "２０２４-０１-０１",
        "0001-01-01",
        "9999-12-31",
        "2024-01-01\n",
        "令和6年1月1日",
    ],
)
def test_a_date_is_strict(day: str) -> None:
    assert found(schema(d=DAY), d=day) == [("FORMAT", "/d")]


def test_dates_from_meiji_to_2100_are_dates() -> None:
    form = schema(d=DAY)
    assert [found(form, d=day) for day in ("1868-01-25", "2024-02-29", "2100-12-31")] == [[], [], []]


@pytest.mark.parametrize("time", ["24:00", "9:00", "13:60", "13時", "13:30\n"])
def test_a_time_is_strict(time: str) -> None:
    assert found(schema(t={"type": "string", "title": "時刻", "format": "time"}), t=time) == [
        ("FORMAT", "/t")
    ]


@pytest.mark.parametrize(
    "month", ["2023-00", "2023-13", "2023-6", "202306", "1867-12", "2101-01", "2023-06-01", "2023-06\n"]
)
def test_a_month_is_strict(month: str) -> None:
    form = schema(m={"type": "string", "title": "対象月", "format": "month"})
    assert found(form, m=month) == [("FORMAT", "/m")]
    assert found(form, m="2023-06") == []


def test_an_integer_is_written_as_one() -> None:
    form = schema(n={"type": "integer", "title": "回数", "minimum": 0})
    assert found(form, n=1) == []
    assert found(form, n=1.0) == [("TYPE_OF_VALUE", "/n")]
    assert found(form, n=True) == [("TYPE_OF_VALUE", "/n")]
    assert found(form, n=-1) == [("TOO_SMALL", "/n")]


def test_every_problem_at_once_in_the_order_of_the_form() -> None:
    form = schema(r_first=NUMBER, second=DAY, people={"type": "array", "title": "家族", "maxItems": 2,
                  "items": {"$ref": "todoke:common.schema.json#/$defs/person"}})  # fmt: skip
    problems = form.check({"second": "x", "people": [{"name": "長すぎる名前"}, {}], "extra": 1})
    assert [(p.code, p.pointer, p.title) for p in problems] == [
        ("UNKNOWN_FIELD", "", "様式全体"),
        ("REQUIRED", "/r_first", "番号"),
        ("FORMAT", "/second", "日"),
        ("TOO_LONG", "/people/0/name", "家族（1番目）／氏名"),
        ("REQUIRED", "/people/1/name", "家族（2番目）／氏名"),
    ]


def test_no_sentence_quotes_what_was_written() -> None:
    form = schema(code=NUMBER, pick={"title": "種別", "enum": ["あ", "い"]}, d=DAY)
    for problem in form.check({"code": "秘密", "pick": "秘密", "d": "秘密", "秘密": "秘密"}):
        assert "秘密" not in problem.code + problem.pointer + problem.title + problem.message
    (unknown,) = form.check({"秘密": 1})
    assert unknown.found == "秘密", "the sender's own slip does show it"


def test_a_named_condition() -> None:
    form = schema(n={"type": "integer", "title": "回数"})
    assert form.conditions == {"big"}
    assert form.met({"n": 10}) == {"big", None}
    assert form.met({"n": 9}) == {None}


@pytest.mark.parametrize(
    "ref", ["file:///etc/hostname", "http://127.0.0.1:9/x.json", "todoke:nothing.schema.json"]
)
def test_a_reference_never_leaves_the_office(ref: str) -> None:
    with pytest.raises(ValueError, match="参照先がありません"):
        schema(x={"$ref": ref})


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"type": "string", "maxLength": 5}, "題名"),
        ({"type": "string", "title": "x"}, "maxLength"),
        ({"type": "array", "title": "x", "items": {"type": "integer", "title": "y"}}, "maxItems"),
        ({"type": "object", "title": "x", "properties": {}}, "additionalProperties"),
        ({"type": "string", "title": "x", "maxLength": 5, "pattern": "[0-9]"}, "\\^ で始め"),
        ({"type": "string", "title": "x", "maxLength": 5, "pattern": "^\\d$"}, "全角"),
        ({"type": "string", "title": "x", "maxLength": 5, "pattern": "^(あ|ああ)*$"}, "繰り返す"),
        ({"type": "string", "title": "x", "format": "email"}, "format"),
    ],
)
def test_lint_finds_unsafe_schemas(part: dict[str, Any], words: str) -> None:
    sentences = lint_schema(schema(x=part).root)
    assert any(re.search(words, sentence) for sentence in sentences), sentences


def test_lint_passes_a_sound_schema() -> None:
    assert lint_schema(schema(code=NUMBER, d=DAY).root) == ()


def test_too_many_rows_are_said_once_and_quickly() -> None:
    rows = {
        "type": "array",
        "title": "行",
        "maxItems": 3,
        "items": {"$ref": "todoke:common.schema.json#/$defs/person"},
    }
    picks = {
        "type": "array",
        "title": "選択",
        "maxItems": 3,
        "uniqueItems": True,
        "items": {"title": "x", "enum": ["あ"]},
    }
    form = schema(rows=rows, picks=picks)
    many = {"rows": [{}] * 19_000, "picks": [{"a": n} for n in range(9_000)]}
    assert found(form, **many) == [("TOO_MANY", "/rows"), ("TOO_MANY", "/picks")]
    assert found(form, picks=["あ", "あ"]) == [("REPEATED", "/picks")]


def test_problems_of_rows_come_in_the_order_of_rows() -> None:
    rows = {
        "type": "array",
        "title": "行",
        "maxItems": 20,
        "items": {"$ref": "todoke:common.schema.json#/$defs/person"},
    }
    assert [pointer for _, pointer in found(schema(rows=rows), rows=[{}] * 12)] == [
        f"/rows/{n}/name" for n in range(12)
    ]


def test_of_a_group_that_must_stay_empty_only_that_is_said() -> None:
    whole = schema(
        plan={
            "type": "object",
            "title": "計画",
            "properties": {"a": DAY},
            "required": ["b"],
            "allOf": [{"maxProperties": 0}],
        }
    )
    assert found(whole, plan={"a": "x"}) == [("NOT_FOR_THIS", "/plan")]


def test_a_reference_inside_the_shared_schema_means_the_shared_schema() -> None:
    shared = {
        "$id": "todoke:common.schema.json",
        "$defs": {"x": {"type": "string", "title": "共通", "maxLength": 3}, "y": {"$ref": "#/$defs/x"}},
    }
    own = {"$id": "todoke:t.schema.json", "type": "object", "title": "t", "$defs": {"x": {"type": "integer", "title": "別物"}},
           "properties": {"v": {"$ref": "todoke:common.schema.json#/$defs/y"}}}  # fmt: skip
    form = make_form_schema(own, make_registry({str(each["$id"]): each for each in (shared, own)}))
    assert (form.root.by_key["v"].title, form.root.by_key["v"].kind) == ("共通", "string")
    assert found(form, v="あいうえ") == [("TOO_LONG", "/v")]


def test_a_reference_that_goes_round_is_a_fault_not_a_crash() -> None:
    with pytest.raises(ValueError, match="自分自身"):
        loop = {
            "$id": "todoke:t.schema.json",
            "type": "object",
            "title": "t",
            "properties": {"x": {"$ref": "#/properties/x"}},
        }
        make_form_schema(loop, make_registry({"todoke:t.schema.json": loop}))


@pytest.mark.parametrize("name", ["case", "office", "doc", "facts", "slip"])
def test_lint_refuses_names_papers_already_use(name: str) -> None:
    assert any("決まった意味" in sentence for sentence in lint_schema(schema(**{name: DAY}).root))


def test_a_list_that_must_stay_empty_is_said_once_in_these_words() -> None:
    form = schema(rows={"type": "array", "title": "支援", "maxItems": 0, "items": NUMBER})
    (problem,) = form.check({"rows": ["x", "y"]})
    assert (problem.code, problem.pointer) == ("NOT_FOR_THIS", "/rows")


@pytest.mark.parametrize(
    ("part", "where"),
    [
        ({"type": "strng"}, "properties/a/type"),
        ({"type": 3}, "properties/a/type"),
        ({"type": ["string", "string"]}, "properties/a/type"),
        ({"type": "string", "maxLength": "4"}, "properties/a/maxLength"),
        ({"type": "string", "maxLength": -1}, "properties/a/maxLength"),
        ({"type": "string", "pattern": "["}, "properties/a/pattern"),
        ({"type": "object", "properties": [1]}, "properties/a/properties"),
        ({"type": "object", "required": "b"}, "properties/a/required"),
        ({"type": "array", "items": [{}]}, "properties/a/items"),
        ({"allOf": []}, "properties/a/allOf"),
        ({"allOf": [{"pattern": "(a"}]}, "properties/a/allOf/0/pattern"),
        ({"$ref": 3}, "properties/a/$ref"),
        ({"title": 5}, "properties/a/title"),
        ({"type": "object", "patternProperties": {"(": {}}}, "properties/a/patternProperties"),
    ],
)
def test_what_is_no_json_schema_is_said_with_its_place(part: dict[str, Any], where: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"（{where}）")):
        schema(a=part)


@pytest.mark.parametrize("words", ["default", "const", "x-hint"])
def test_what_only_looks_like_a_pattern_is_a_value(words: str) -> None:
    assert schema(a={"title": "あ", words: {"pattern": "("}}).schema["properties"]["a"][words] == {
        "pattern": "("
    }
