from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fields import Field
from pipeline.forms.layout import (
    CASE_BOX,
    MAX_NESTED_ROWS,
    MAX_ROWS,
    Box,
    FormShape,
    Heading,
    Kind,
    Layout,
    Row,
    Table,
    bookmark_name,
    count_rows,
    make_layout,
    rows_of_tags,
    steps_of,
)
from tests.forms.shapes import schemas, shape_of
from tests.intake import catalogue as shipped

ROOT = Path(__file__).resolve().parents[2]
FORMS = shipped().forms
SHAPES = [FormShape(form.name, form.version, form.title, form.schema.root) for form in FORMS.values()]
NAMES = [shape.name for shape in SHAPES]


def all_boxes(layout: Layout) -> list[Box]:
    return [box for section in layout.sections for box in section.boxes()]


def is_leaf(field: Field) -> bool:
    return field.kind not in ("object", "array")


def layout_of(properties: dict[str, Any], **more: Any) -> Layout:
    return make_layout(shape_of({"type": "object", "properties": properties, **more}))


def ensure_sound(layout: Layout) -> None:
    """What every layout promises its writers and readers."""
    boxes = all_boxes(layout)
    tags = [tag for box in boxes for tag in box.control_tags]
    assert list(layout.boxes()) == [box.tag for box in boxes]
    assert list(layout.controls()) == tags
    assert len(set(tags)) == len(tags)
    assert all(0 < len(tag) <= 64 for tag in tags)
    assert all(0 < len(box.alias) <= 64 and box.label for box in boxes)
    bookmarks = [box.bookmark.casefold() for box in boxes]
    assert len(set(bookmarks)) == len(bookmarks)
    assert all(re.fullmatch(r"f_[A-Za-z0-9_]{1,38}", box.bookmark) for box in boxes)
    assert all(box.prompt in layout.prompts for box in boxes if box.kind not in (Kind.CHECK, Kind.MULTICHECK))
    printed = {box.path.removesuffix("[]") for box in boxes}
    leaves = {field.path for field in layout.shape.root.walk() if is_leaf(field)}
    assert printed == {path.removesuffix("[]") for path in leaves}


@pytest.mark.parametrize("shape", SHAPES, ids=NAMES)
def test_every_field_of_every_form_has_its_boxes(shape: FormShape) -> None:
    ensure_sound(make_layout(shape))


@pytest.mark.parametrize("shape", SHAPES, ids=NAMES)
def test_examples_find_all_their_places(shape: FormShape) -> None:
    for path in sorted((ROOT / "doc_templates" / shape.name / "examples").glob("*.json")):
        if path.name.endswith(".bad.json"):
            continue
        values = json.loads(path.read_text("utf-8"))
        layout = make_layout(shape, count_rows(values))
        ensure_sound(layout)
        for tag, size in count_rows(values).items():
            assert (
                tag in layout.boxes()
                or size == 0
                or any(t.startswith(f"{tag}[{size - 1}]") for t in layout.boxes())
            )


@given(schemas())
def test_generated_forms_are_sound(schema: dict[str, Any]) -> None:
    layout = make_layout(shape_of(schema))
    ensure_sound(layout)
    sizes = rows_of_tags(layout.boxes())
    assert set(make_layout(layout.shape, sizes).boxes()) == set(layout.boxes())


@given(st.lists(st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,5}", fullmatch=True) | st.integers(0, 99), min_size=1))
def test_tags_are_read_back_as_steps(steps: list[str | int]) -> None:
    tag = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")
    assert list(steps_of(tag)) == steps
    assert list(steps_of(f"{tag}#3")) == steps


@given(st.sets(st.from_regex(r"[A-Za-z][A-Za-z0-9_.\[\]]{0,60}", fullmatch=True), max_size=50))
def test_bookmarks_are_short_and_apart(tags: set[str]) -> None:
    names = {bookmark_name(tag).casefold() for tag in tags}
    assert len(names) == len(tags)
    assert all(re.fullmatch("f_[a-z0-9_]{1,38}", name) for name in names)


def test_bookmarks_never_change() -> None:
    assert bookmark_name("children[0].name") == "f_children_0_name_3334aaef"


def test_a_list_of_objects_is_a_table_of_eight_rows() -> None:
    item = {"type": "object", "title": "人", "properties": {"name": {"title": "氏名", "type": "string"}}}
    layout = layout_of({"people": {"title": "世帯", "type": "array", "maxItems": 30, "items": item}})
    (table,) = layout.sections[0].parts
    assert isinstance(table, Table)
    assert [row[0].tag for row in table.rows] == [f"people[{index}].name" for index in range(MAX_ROWS)]
    assert layout.sections[0].title == "世帯"


def test_a_list_grows_with_what_it_must_hold_but_not_beyond_its_limit() -> None:
    item = {"type": "object", "properties": {"name": {"title": "氏名", "type": "string"}}}
    shape = shape_of(
        {"type": "object", "properties": {"people": {"type": "array", "maxItems": 12, "items": item}}}
    )
    assert len(make_layout(shape, {"people": 11}).boxes()) == 11
    assert len(make_layout(shape, {"people": 40}).boxes()) == 12
    assert len(make_layout(shape, {"people": 1}).boxes()) == MAX_ROWS


def test_a_list_in_a_list_becomes_cards_with_fewer_rows() -> None:
    record = next(shape for shape in SHAPES if shape.name == "meeting_minutes")
    layout = make_layout(record)
    section = next(section for section in layout.sections if section.title == "会議の記録")
    first = section.parts[:4]
    assert [type(part) for part in first] == [Heading, Row, Row, Heading]
    assert [part.title for part in first if isinstance(part, Heading)] == ["会議の記録１", "発言"]
    tags = [tag for tag in layout.boxes() if tag.startswith("record[0].statements")]
    assert len(tags) == 2 * MAX_NESTED_ROWS
    assert layout.boxes()["record[0].topic"].required
    assert not layout.boxes()["record[1].topic"].required
    assert layout.boxes()["record[1].topic"].mark == "※"


def test_single_values_in_a_list_are_numbered_rows() -> None:
    goals = {"title": "目標", "type": "array", "maxItems": 3, "minItems": 1, "items": {"type": "string"}}
    layout = layout_of({"goals": goals}, required=["goals"])
    boxes = all_boxes(layout)
    assert [(box.tag, box.label, box.required) for box in boxes] == [
        ("goals[0]", "目標１", True),
        ("goals[1]", "目標２", False),
        ("goals[2]", "目標３", False),
    ]


def test_a_multiple_choice_is_one_box_with_a_control_an_option() -> None:
    wish = {"title": "希望", "type": "array", "items": {"type": "string", "enum": ["家事", "育児"]}}
    layout = layout_of({"wish": wish})
    assert list(layout.boxes()) == ["wish"]
    assert {tag: control.option for tag, control in layout.controls().items()} == {
        "wish#0": "家事",
        "wish#1": "育児",
    }


def test_short_boxes_share_a_row_and_long_ones_do_not() -> None:
    short, long = {"type": "string", "format": "date"}, {"type": "string", "maxLength": 300}
    layout = layout_of({"a": short, "b": short, "c": short, "d": long, "e": short})
    rows = [[box.tag for box in part.boxes] for part in layout.sections[0].parts if isinstance(part, Row)]
    assert rows == [["a", "b"], ["c"], ["d"], ["e"]]


def test_what_is_required_is_required_all_the_way_up() -> None:
    inner = {
        "type": "object",
        "title": "組",
        "required": ["x"],
        "properties": {"x": {"title": "欄", "type": "string"}},
    }
    boxes = layout_of({"must": inner, "may": inner}, required=["must"]).boxes()
    assert boxes["must.x"].mark == "（必須）"
    assert boxes["may.x"].mark == "※"


def test_a_group_in_a_group_says_which_one() -> None:
    day = {"type": "string", "format": "date"}
    period = {"type": "object", "title": "期間", "properties": {"start": {**day, "title": "始期"}}}
    address = {"type": "object", "title": "住所", "properties": {"text": {"title": "住所", "type": "string"}}}
    layout = layout_of(
        {"plan": {"type": "object", "title": "計画", "properties": {"p": period, "a": address}}}
    )
    assert [box.label for box in all_boxes(layout)] == ["期間／始期", "住所"]
    assert layout.boxes()["plan.p.start"].alias == "計画／期間／始期"


def test_a_list_of_lists_is_refused() -> None:
    inner = {"type": "array", "items": {"type": "array", "items": {"type": "string"}}}
    with pytest.raises(ValueError, match="一覧の中に一覧"):
        layout_of({"grid": inner})


def test_names_word_cannot_hold_are_refused() -> None:
    with pytest.raises(ValueError, match="長すぎて"):
        layout_of({"x" * 65: {"type": "string"}})
    with pytest.raises(ValueError, match="半角の英数字"):
        layout_of({"氏名": {"type": "string"}})
    with pytest.raises(ValueError, match="ケース番号"):
        layout_of({CASE_BOX.tag: {"type": "string"}})
