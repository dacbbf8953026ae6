"""The finished files of a 統計: what the division gets, what leaves the house, and that nothing else does."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from pipeline.accepted import Accepted
from pipeline.errors import OfficeFault
from pipeline.examine import accept, examine
from pipeline.forms.json_form import read_json_form
from pipeline.model import OutFile, Ruling, Submission
from pipeline.ooxml import docx_text
from pipeline.plan import Plan, PlannedSheet
from pipeline.rehearse import past_of
from pipeline.stories import Step, day_of, example_path, steps_before
from pipeline.workshop import Workshop, _sheet_files
from tests.conftest import ROOT
from tests.intake import catalogue as shipped

FORM = "statistics_request"


@pytest.fixture(scope="module")
def workshop() -> Workshop:
    return Workshop(shipped())


def accepted(workshop: Workshop, name: str) -> Accepted:
    step = Step(FORM, name)
    read, day = read_json_form(example_path(ROOT, step).read_bytes()), day_of(ROOT, step)
    assert day is not None and isinstance(read, Submission)
    past = past_of(workshop.catalogue, steps_before(ROOT, step))
    examined = examine(workshop.catalogue, read, day, past)
    assert examined.form is not None
    return accept(examined, examined.form, {"id": None})


def made(workshop: Workshop, name: str) -> dict[str, OutFile]:
    files = workshop.make(accepted(workshop, name))
    return {f"{file.audience}/{file.title}.{file.path.rpartition('.')[2]}": file for file in files}


def numbers(data: bytes) -> set[int]:
    sheets = load_workbook(io.BytesIO(data)).worksheets
    return {
        cell.value
        for sheet in sheets
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, int)
    }


def test_exact_inside_masked_outside(workshop: Workshop) -> None:
    files = made(workshop, "r5_7_1")
    assert set(files) == {
        "division/支援状況統計（内部用）.docx",
        "outside/支援状況統計（対外用）.docx",
        "division/支援状況統計（内部用）.xlsx",
        "outside/支援状況統計（対外用）.xlsx",
    }
    inside = docx_text(files["division/支援状況統計（内部用）.docx"].data)
    outside = docx_text(files["outside/支援状況統計（対外用）.docx"].data)
    assert "支援ケース数\t６件" in inside and "支援ケース数\t６件" in outside
    assert "平地区保健福祉センター\t2" in inside
    assert "平地区保健福祉センター\t＊\t－\t＊\t＊" in outside
    assert numbers(files["division/支援状況統計（内部用）.xlsx"].data) >= {0, 1, 2, 6}
    assert numbers(files["outside/支援状況統計（対外用）.xlsx"].data) == {6, 7}


def test_a_quarter_goes_to_the_prefecture_masked_with_its_numbers(workshop: Workshop) -> None:
    files = made(workshop, "first_quarter")
    assert {path for path in files if path.startswith("prefecture/")} == {
        "prefecture/四半期報告書.docx",
        "prefecture/四半期報告の数値.xlsx",
    }
    assert numbers(files["prefecture/四半期報告の数値.xlsx"].data) == {6, 7}


def test_the_spreadsheets_are_the_same_bytes_when_made_again(workshop: Workshop) -> None:
    one, other = (made(workshop, "with_visits") for _ in range(2))
    assert {path: file.sha256 for path, file in one.items()} == {
        path: file.sha256 for path, file in other.items()
    }


def test_a_native_chart_stands_in_the_spreadsheet(workshop: Workshop) -> None:
    data = made(workshop, "r5_7_1")["division/支援状況統計（内部用）.xlsx"].data
    charts = {sheet.title: len(sheet._charts) for sheet in load_workbook(io.BytesIO(data)).worksheets}
    assert charts["地区別"] == charts["月別"] == 1


def test_there_is_no_sheet_without_its_fact(workshop: Workshop) -> None:
    whole = accepted(workshop, "r5_7_1")
    facts = {name: fact for name, fact in whole.ruling.facts.items() if name != "book_outside"}
    files = workshop.make(replace(whole, ruling=Ruling((), facts)))
    assert not any(file.path.endswith("対外用）.xlsx") for file in files)


def test_a_word_its_reader_may_not_see_holds_the_sheet() -> None:
    page = {"title": "地区別", "heads": ["住所"], "rows": [["いわき市平字見本１番地"]], "chart": None}
    sheet = PlannedSheet("表", "outside", "", {"title": "表", "as_of": "", "sheets": [page]}, ("平字見本",))
    with pytest.raises(OfficeFault) as caught:
        list(_sheet_files(Plan((), (), (), (sheet,), ())))
    assert caught.value.code == "PROOF"
    assert "見本" not in str(caught.value)
