from __future__ import annotations

import io
import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import ooxml
from pipeline.forms.layout import CASE_BOX, Box, FormShape, Kind, Layout, count_rows, make_layout, steps_of
from pipeline.forms.word_form import CHECKED, UNCHECKED, flow, make_word_form, shown
from tests.forms.shapes import schemas, shape_of, values_of
from tests.intake import catalogue as shipped
from tests.stepping import sample

ROOT = Path(__file__).resolve().parents[2]
FORMS = shipped().forms
SHAPES = [FormShape(form.name, form.version, form.title, form.schema.root) for form in FORMS.values()]
NAMES = [shape.name for shape in SHAPES]
W = ooxml.W
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
TEXT_CONTROL = ["alias", "tag", "id", "lock", "placeholder", "showingPlcHdr"]


def parts_of(data: bytes) -> dict[str, str]:
    return {name: part.decode() for name, part in ooxml.read_members(data).items()}


def body_of(data: bytes) -> Any:
    return ooxml.parse(ooxml.read_members(data)["word/document.xml"])


def controls_of(body: Any) -> dict[str, Any]:
    found = {sdt.find(f"{W}sdtPr/{W}tag").get(f"{W}val"): sdt for sdt in body.iter(f"{W}sdt")}
    assert len(found) == sum(1 for _ in body.iter(f"{W}sdt"))
    return found


def text_of(sdt: Any) -> str:
    return ooxml.paragraph_text(sdt.find(f"{W}sdtContent"))


def is_blank(sdt: Any) -> bool:
    return sdt.find(f"{W}sdtPr/{W}showingPlcHdr") is not None


def example(form: str, name: str) -> dict[str, Any]:
    values = json.loads((ROOT / "doc_templates" / form / "examples" / f"{name}.json").read_text("utf-8"))
    return {
        key: value for key, value in values.items() if key not in ("form", "form_version", "submission_id")
    }


def value_at(values: Any, tag: str) -> Any:
    for step in steps_of(tag):
        try:
            values = values[step]
        except (KeyError, IndexError, TypeError):
            return None
    return values


def ensure_shows(layout: Layout, body: Any, values: Any) -> None:
    """Every control shows what the values say, and the prompt where they say nothing."""
    controls = controls_of(body)
    assert set(controls) == set(layout.controls())
    for tag, control in layout.controls().items():
        value, sdt = value_at(values, tag), controls[tag]
        if control.box.kind in (Kind.CHECK, Kind.MULTICHECK):
            on = value is True if control.option is None else control.option in (value or ())
            assert text_of(sdt) == (CHECKED if on else UNCHECKED)
            assert sdt.find(f".//{W14}checked").get(f"{W14}val") == str(int(on))
        else:
            assert is_blank(sdt) is (value is None)
            assert text_of(sdt) == (control.box.prompt if value is None else shown(control.box, value))


def kind_of(box: Box) -> str:
    kinds = {
        Kind.CHOICE: "dropDownList",
        Kind.DATE: "date",
        Kind.CHECK: "checkbox",
        Kind.MULTICHECK: "checkbox",
    }
    return kinds.get(box.kind, "text")


@pytest.mark.parametrize("shape", SHAPES, ids=NAMES)
def test_controls_are_written_as_every_word_processor_keeps_them(shape: FormShape) -> None:
    layout, body = make_layout(shape), body_of(make_word_form(shape))
    ensure_shows(layout, body, {})
    idents = []
    for tag, sdt in controls_of(body).items():
        box = layout.controls()[tag].box
        properties = sdt.find(f"{W}sdtPr")
        names = [child.tag.partition("}")[2] for child in properties]
        kind = kind_of(box)
        assert names == ([*TEXT_CONTROL, kind] if kind != "checkbox" else [*TEXT_CONTROL[:4], kind])
        assert properties.find(f"{W}lock").get(f"{W}val") == "sdtLocked"
        assert 0 < len(properties.find(f"{W}alias").get(f"{W}val")) <= 64
        assert sdt.getparent().tag == f"{W}p"
        assert [child.tag for child in sdt.find(f"{W}sdtContent")] == [f"{W}r"]
        multiline = properties.find(f"{W}text") is not None and properties.find(f"{W}text").get(
            f"{W}multiLine"
        )
        assert bool(multiline) is box.multiline
        idents.append(int(properties.find(f"{W}id").get(f"{W}val")))
    assert len(set(idents)) == len(idents)
    assert all(0 < ident < 2**31 for ident in idents)


@pytest.mark.parametrize("shape", SHAPES, ids=NAMES)
def test_each_box_is_one_bookmarked_cell(shape: FormShape) -> None:
    layout, body = make_layout(shape), body_of(make_word_form(shape))
    seen = {}
    for cell in body.iter(f"{W}tc"):
        tags = [node.get(f"{W}val") for node in cell.iter(f"{W}tag")]
        marks = [node.get(f"{W}name") for node in cell.iter(f"{W}bookmarkStart")]
        assert len(marks) == len(list(cell.iter(f"{W}bookmarkEnd"))) == bool(tags)
        if tags:
            order = [
                node.tag.partition("}")[2]
                for node in cell.iter(f"{W}bookmarkStart", f"{W}bookmarkEnd", f"{W}sdt")
            ]
            assert order == ["bookmarkStart", *["sdt"] * len(tags), "bookmarkEnd"]
            seen[marks[0]] = tags
    assert seen == {box.bookmark: list(box.control_tags) for box in layout.boxes().values()}


@pytest.mark.parametrize("shape", SHAPES, ids=NAMES)
def test_a_label_stands_before_its_box_or_over_its_column(shape: FormShape) -> None:
    layout, body = make_layout(shape), body_of(make_word_form(shape))
    for box_cell, tag in ((sdt.getparent().getparent(), tag) for tag, sdt in controls_of(body).items()):
        box = layout.controls()[tag].box
        row = box_cell.getparent()
        if ooxml.paragraph_text(row[1][-1]).isdigit():  # a numbered row of a list
            at = list(row).index(box_cell)
            headers = [
                r
                for r in row.itersiblings(f"{W}tr", preceding=True)
                if r.find(f".//{W}tblHeader") is not None
            ]
            label = headers[0][at]
        else:
            label = box_cell.getprevious()
        assert ooxml.paragraph_text(next(label.iter(f"{W}p"))) == box.label + box.mark
        assert next(label.iter(f"{W}sdt"), None) is None


@pytest.mark.parametrize("shape", SHAPES, ids=NAMES)
def test_no_row_is_cut_and_headings_hold_to_what_follows(shape: FormShape) -> None:
    body = body_of(make_word_form(shape))
    for table in body.iter(f"{W}tbl"):
        rows = table.findall(f"{W}tr")
        assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)
        held = [all(p.find(f"{W}pPr/{W}keepNext") is not None for p in row.iter(f"{W}p")) for row in rows]
        assert all(held[: min(3, len(rows) - 1)])
        assert not held[-1]


def test_every_part_says_which_form_it_is() -> None:
    shape = SHAPES[0]
    parts = parts_of(make_word_form(shape))
    assert f"<dc:identifier>todoke:{shape.form_id}</dc:identifier>" in parts["docProps/core.xml"]
    assert f'name="todoke.form"><vt:lpwstr>{shape.name}<' in parts["docProps/custom.xml"]
    assert f'name="todoke.version"><vt:lpwstr>{shape.version}<' in parts["docProps/custom.xml"]
    lines = ooxml.docx_text(make_word_form(shape)).split("\n")
    assert lines[:2] == [shape.title, f"様式ID {shape.form_id}"]
    assert f"様式ID {shape.form_id}" in lines[-1]


def test_the_form_is_protected_a4_and_japanese() -> None:
    parts = parts_of(make_word_form(SHAPES[0]))
    assert '<w:documentProtection w:edit="forms" w:enforcement="1"/>' in parts["word/settings.xml"]
    assert 'w:eastAsia="ja-JP"/>' in parts["word/settings.xml"]
    assert '<w:pgSz w:w="11906" w:h="16838"/>' in parts["word/document.xml"]
    assert 'w:eastAsia="ＭＳ 明朝"' in parts["word/styles.xml"]
    assert "Theme" not in parts["word/styles.xml"]


@pytest.mark.parametrize("shape", SHAPES, ids=NAMES)
def test_equal_input_gives_equal_bytes(shape: FormShape) -> None:
    assert make_word_form(shape) == make_word_form(shape, {}, {"submission_id": "x"})


def test_the_case_number_has_a_box_only_where_the_form_asks() -> None:
    shape = shape_of({"type": "object", "properties": {"a": {"title": "甲", "type": "string"}}})
    assert set(controls_of(body_of(make_word_form(shape)))) == {"a"}
    blank = controls_of(body_of(make_word_form(shape, with_case=True)))
    assert set(blank) == {"a", CASE_BOX.tag}
    assert text_of(blank[CASE_BOX.tag]) == CASE_BOX.prompt
    filled = controls_of(body_of(make_word_form(shape, None, {"case_id": "R5-taira-0001"})))
    assert text_of(filled[CASE_BOX.tag]) == "R5-taira-0001"


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("dispatch_application", "eight_members"),
        ("dispatch_decision", "approved"),
        ("meeting_minutes", "r4_8_second"),
    ],
)
def test_examples_are_shown_box_by_box(form: str, name: str) -> None:
    shape = next(shape for shape in SHAPES if shape.name == form)
    values = example(form, name)
    case_id = {"case_id": values.pop("case_id", None)}
    body = body_of(make_word_form(shape, values, case_id))
    for sdt in [sdt for tag, sdt in controls_of(body).items() if tag == CASE_BOX.tag]:
        sdt.getparent().remove(sdt)
    ensure_shows(make_layout(shape, count_rows(values)), body, values)


@settings(max_examples=40)
@given(st.data())
def test_whatever_a_form_holds_is_shown(data: st.DataObject) -> None:
    shape = shape_of(data.draw(schemas()))
    values = data.draw(values_of(shape.root))
    body = body_of(make_word_form(shape, values))
    ensure_shows(make_layout(shape, count_rows(values)), body, values)


def test_dates_are_printed_in_the_era_and_breaks_stay_in_one_run() -> None:
    shape = shape_of(
        {
            "type": "object",
            "properties": {
                "on": {"title": "日", "type": "string", "format": "date"},
                "why": {"title": "理由", "type": "string", "x-multiline": True},
            },
        }
    )
    controls = controls_of(
        body_of(make_word_form(shape, {"on": "2019-05-01", "why": " 一行目\n\n三行目\t終 "}))
    )
    assert text_of(controls["on"]) == "令和元年５月１日"
    runs = controls["why"].findall(f"{W}sdtContent/{W}r")
    assert len(runs) == 1
    names = [child.tag.partition("}")[2] for child in runs[0]]
    assert names == ["t", "br", "br", "t", "tab", "t"]
    assert runs[0][0].text == " 一行目"


def test_more_rows_are_printed_where_a_filled_form_needs_them() -> None:
    item = {"type": "object", "properties": {"name": {"title": "氏名", "type": "string"}}}
    shape = shape_of(
        {"type": "object", "properties": {"people": {"type": "array", "maxItems": 12, "items": item}}}
    )
    people = [{"name": f"見本　{number}"} for number in range(11)]
    assert len(controls_of(body_of(make_word_form(shape, {"people": people})))) == 11
    with pytest.raises(ValueError, match=r"people\[12\]\.name：この様式に、値を入れる欄がありません"):
        make_word_form(shape, {"people": [*people, {"name": "見本　甲"}, {"name": "見本　乙"}]})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"unknown": "x"}, "値を入れる欄がありません"),
        ({"wish": ["洗濯"]}, "選べるものの中にない"),
        ({"yes": "はい"}, "「はい」か「いいえ」でない"),
        ({"name": "\x0b"}, "保存できない符号"),
        ({"name": "\r\n"}, "保存できない符号"),
        ({"name": {"first": "x"}}, "値を入れる欄がありません"),
    ],
)
def test_what_would_be_lost_is_refused(values: dict[str, Any], words: str) -> None:
    shape = shape_of(
        {
            "type": "object",
            "properties": {
                "name": {"title": "氏名", "type": "string"},
                "wish": {"title": "希望", "type": "array", "items": {"type": "string", "enum": ["家事"]}},
                "yes": {"title": "同意", "type": "boolean"},
            },
        }
    )
    with pytest.raises(ValueError, match=words):
        make_word_form(shape, values)


def test_titles_and_choices_are_escaped() -> None:
    properties = {"a": {"title": '<甲> & "乙"', "type": "string", "enum": ['"<&>"', "丙"]}}
    body = body_of(make_word_form(shape_of({"type": "object", "properties": properties}), {"a": '"<&>"'}))
    (sdt,) = controls_of(body).values()
    assert sdt.find(f"{W}sdtPr/{W}alias").get(f"{W}val") == '<甲> & "乙"'
    assert [item.get(f"{W}value") for item in sdt.iter(f"{W}listItem")] == ['"<&>"', "丙"]


@given(st.lists(st.integers(1, 20)), st.integers(1, 40))
def test_items_flow_in_order_and_within_the_line(lengths: list[int], limit: int) -> None:
    lines = flow(lengths, limit)
    assert [index for line in lines for index in line] == list(range(len(lengths)))
    assert all(
        len(line) == 1 or sum(lengths[i] for i in line) + len(line) - 1 <= limit for line in lines if line
    )


@pytest.mark.parametrize("shape", SHAPES, ids=NAMES)
def test_python_docx_opens_it(shape: FormShape) -> None:
    document = docx.Document(io.BytesIO(make_word_form(shape)))
    assert document.core_properties.title == shape.title
    assert document.paragraphs[0].style.name == "Title"
    assert document.tables


@pytest.mark.office
def test_libreoffice_keeps_every_control(tmp_path: Path) -> None:
    """Its old versions lose tags and double texts, never a box, a choice, a date or a bookmark (TODOKE_TEST_ALL=1: of any form)."""
    for shape in sample(SHAPES, 8):
        (tmp_path / f"{shape.name}.docx").write_bytes(make_word_form(shape, with_case=True))
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    made = sorted(map(str, tmp_path.glob("*.docx")))
    command = [
        "soffice",
        "--headless",
        profile,
        "--convert-to",
        "docx",
        "--outdir",
        str(tmp_path / "again"),
        *made,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    for path in made:
        before, after = (counts(p) for p in (Path(path), tmp_path / "again" / Path(path).name))
        assert after == before


def counts(path: Path) -> Counter[str]:
    body = body_of(path.read_bytes())
    kinds = Counter(node.tag for node in body.iter(f"{W14}checkbox", f"{W}dropDownList", f"{W}date"))
    marks = {node.get(f"{W}name") for node in body.iter(f"{W}bookmarkStart")}
    return kinds + Counter({"bookmark": len([mark for mark in marks if mark.startswith("f_")])})
