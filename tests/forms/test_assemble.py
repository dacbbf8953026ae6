"""Boxes become the values a JSON form would hold; what was typed is kept beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.fields import Field, read_fields
from pipeline.forms.assemble import assemble

TEXT = {"type": "string", "maxLength": 40, "title": "文"}
CHOICES = {
    "type": "array",
    "maxItems": 3,
    "title": "選ぶ",
    "items": {"type": "string", "enum": ["い", "ろ", "は"]},
}
SCHEMA = {
    "type": "object",
    "required": ["person", "wanted", "agreed"],
    "properties": {
        "name": {**TEXT, "title": "氏名"},
        "count": {"type": "integer", "title": "人数"},
        "agreed": {"type": "boolean", "title": "同意"},
        "person": {
            "type": "object",
            "title": "人",
            "properties": {"kana": TEXT, "sick": {"type": "boolean"}},
        },
        "extra": {
            "type": "object",
            "title": "任意",
            "properties": {"word": TEXT, "asked": {"type": "boolean"}},
        },
        "wanted": CHOICES,
        "hints": CHOICES,
        "rows": {
            "type": "array",
            "maxItems": 4,
            "title": "表",
            "items": {
                "type": "object",
                "title": "行",
                "properties": {"name": TEXT, "ok": {"type": "boolean"}},
            },
        },
        "lines": {"type": "array", "maxItems": 3, "title": "行々", "items": TEXT},
    },
}


@dataclass(frozen=True)
class Answer:
    """A stand-in for pipeline.normalise.Normalised."""

    value: Any
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def understand(field: Field, text: str) -> Answer:
    if field.kind == "integer":
        return Answer(int(text), ("WIDTH",)) if text.isdigit() else Answer(None, problems=("NUMBER",))
    if text == "？":
        return Answer(None, problems=("UNCLEAR",))
    return Answer(None if text == "－" else text)


def build(boxes: Mapping[str, str | bool | None]) -> Any:
    return assemble(read_fields(SCHEMA, lambda _: {}), boxes, understand)


def test_what_is_empty_is_absent_but_required_groups_stay() -> None:
    unticked = ("agreed", "person.sick", "extra.asked", "rows[0].ok", "wanted#0", "wanted#1", "wanted#2")
    built = build({"name": "", **dict.fromkeys(unticked, False)})
    assert built.values == {"agreed": False, "person": {"sick": False}, "wanted": []}
    assert built.raw == {}


def test_a_tick_alone_fills_an_optional_group() -> None:
    assert build({"extra.asked": True}).values["extra"] == {"asked": True}
    assert build({"extra.asked": False, "extra.word": "あ"}).values["extra"] == {"asked": False, "word": "あ"}


def test_empty_rows_go_at_the_end_only() -> None:
    rows = {f"rows[{index}].{key}": "" for index in range(4) for key in ("name",)}
    assert "rows" not in build(rows).values
    assert build({**rows, "rows[0].name": "あ"}).values["rows"] == [{"name": "あ"}]
    assert build({**rows, "rows[2].name": "う"}).values["rows"] == [{}, {}, {"name": "う"}]
    assert build({"rows[0].ok": False, "rows[1].name": "い", "rows[1].ok": True}).values["rows"] == [
        {},
        {"name": "い", "ok": True},
    ]


def test_a_row_beyond_ten_keeps_its_order() -> None:
    rows = {f"rows[{index}].name": str(index) for index in range(12)}
    assert [row["name"] for row in build(rows).values["rows"]] == [str(index) for index in range(12)]


def test_lists_of_lines_keep_gaps() -> None:
    assert build({"lines[0]": "", "lines[1]": "い", "lines[2]": ""}).values["lines"] == ["", "い"]


def test_ticks_are_the_options_in_the_order_of_the_schema() -> None:
    built = build({"wanted#0": True, "wanted#1": False, "wanted#2": True, "hints#0": False})
    assert built.values["wanted"] == ["い", "は"]
    assert "hints" not in built.values
    assert built.raw["/wanted"] == "い、は"


def test_values_are_normalised_and_the_text_is_kept() -> None:
    built = build({"count": "１２", "name": " 見本　太郎 "})
    assert built.values["count"] == 12
    assert built.values["name"] == " 見本　太郎 "
    assert built.raw == {"/count": "１２", "/name": " 見本　太郎 "}
    assert [(note.code, note.pointer, note.title) for note in built.notes] == [("WIDTH", "/count", "人数")]


def test_a_dash_is_nothing() -> None:
    built = build({"name": "－", "rows[0].name": "－"})
    assert not {"name", "rows"} & built.values.keys()
    assert built.raw == {}


def test_a_line_that_cannot_be_understood_keeps_its_place() -> None:
    built = build({"lines[0]": "あ", "lines[1]": "？", "lines[2]": "う"})
    assert built.values["lines"] == ["あ", "", "う"]
    assert [problem.pointer for problem in built.problems] == ["/lines/1"]


def test_what_cannot_be_understood_is_a_problem_and_absent() -> None:
    built = build({"count": "数人"})
    assert "count" not in built.values
    assert built.raw == {"/count": "数人"}
    assert [(problem.code, problem.pointer) for problem in built.problems] == [("NUMBER", "/count")]


def test_unread_boxes_are_named_and_absent() -> None:
    built = build({"name": None, "rows[1].name": None, "wanted#0": None, "wanted#1": None, "wanted#2": None})
    assert built.unread == {"/name", "/rows/1/name", "/wanted"}
    assert "name" not in built.values
    assert "wanted" not in built.values


def test_the_case_number_is_no_value() -> None:
    built = build({"case_id": " R05-001 "})
    assert built.case_id == "R05-001"
    assert "case_id" not in built.values
    assert build({"case_id": "　"}).case_id is None
