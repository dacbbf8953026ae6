"""Spreadsheets: what goes in comes out as it was, and a text is never a formula (reliability U33)."""

from __future__ import annotations

import io
import time
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from pipeline.sheets import Cell, Column, Heading, Part, make_book, make_ledgers, make_sheet

COLUMNS = [Column("題", 10), Column("日", 10), Column("数", 6)]


def read(data: bytes) -> list[tuple[object, ...]]:
    return [tuple(cell.value for cell in row) for row in load_workbook(io.BytesIO(data)).active.iter_rows()]


def test_heading_rows_dates_and_numbers() -> None:
    data = make_sheet(
        "台帳", "令和５年７月１日現在", COLUMNS, [("𠮷田　葛󠄀", date(2023, 6, 1), 3), (None, None, 0)]
    )
    assert read(data) == [
        ("台帳", None, None),
        ("令和５年７月１日現在", None, None),
        ("題", "日", "数"),
        ("𠮷田　葛󠄀", datetime(2023, 6, 1), 3),
        (None, None, 0),
    ]
    sheet = load_workbook(io.BytesIO(data)).active
    assert sheet.page_setup.orientation == "landscape" and sheet.print_title_rows == "$1:$3"
    assert sheet["B4"].number_format == "[$-411]ge.m.d"


@pytest.mark.parametrize(
    "text",
    ['=HYPERLINK("http://x")', "+1", "-1+1", "@SUM(A1)", "{=1}", "\t=1", "http://x", "0246-00-0000", "001"],
)
def test_a_text_stays_a_text(text: str) -> None:
    cell = load_workbook(io.BytesIO(make_sheet("t", "", COLUMNS, [(text, None, None)]))).active["A4"]
    assert (cell.value, cell.data_type) == (text, "s")


def test_the_same_rows_make_the_same_bytes_whenever(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[list[Cell]] = [["a", date(2023, 6, 1), 1]]
    first = make_sheet("t", "", COLUMNS, rows)
    later = time.time() + 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    assert make_sheet("t", "", COLUMNS, rows) == first
    assert make_sheet("t", "", COLUMNS, []) != first


@pytest.mark.parametrize(("width", "paper"), [(30, "9"), (47, "9"), (48, "8"), (70, "8")])
def test_every_sheet_is_one_landscape_page_wide_on_a_paper_that_can_be_read(width: int, paper: str) -> None:
    """A4 while it prints at 7 points or more, else A3; title, day and heading on every page."""
    columns = [Column(f"題{n}", width) for n in range(4)]
    sheet = load_workbook(io.BytesIO(make_sheet("台帳", "現在", columns, [["a"] * 4] * 99))).active
    page = sheet.page_setup
    assert (page.orientation, str(page.paperSize)) == ("landscape", paper)
    assert (page.fitToWidth, page.fitToHeight) == (None, 0), "one page wide is what is not written"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.print_title_rows == "$1:$3"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", 1),
        ("あ" * 19, 1),
        ("あ" * 20, 2),
        ("a" * 38, 1),
        ("a" * 39, 2),
        ("あ" * 200, 11),
        ("あ\nい\n\nう", 4),
        ("あ" * 3000, 34),  # as tall as a row can be: 408.75 points
    ],
)
def test_a_row_is_as_tall_as_its_longest_text(text: str, lines: int) -> None:
    """34 wide are 237 pixels for letters of 12 (half width 6): 19 of them, as ＭＳ ゴシック prints them."""
    columns = [Column("文", 34), Column("長い見出しです", 6)]
    sheet = load_workbook(io.BytesIO(make_sheet("台帳", "", columns, [(text, 5)]))).active
    assert sheet.row_dimensions[4].height == min(12 * lines + 3.75, 408.75)
    assert sheet.row_dimensions[3].height == 12 * 3 + 3.75, "the heading too: three letters a line"


def test_a_sheet_for_each_part_and_one_that_says_there_is_none() -> None:
    headings: list[Heading[int]] = [Heading("数", 6, lambda n: n), Heading("文", 6, lambda n: f"={n}")]
    book = load_workbook(
        io.BytesIO(make_ledgers("台帳", headings, [Part("甲", "台帳　甲", "現在", [1, 2]), Part("乙", "台帳　乙", "現在", [])]))
    )  # fmt: skip
    assert [list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets] == [
        [("台帳　甲", None), ("現在", None), ("数", "文"), (1, "=1"), (2, "=2")],
        [("台帳　乙", None), ("現在", None), ("数", "文")],
    ]
    assert book.sheetnames == ["甲", "乙"] and book["甲"].print_title_rows == "$1:$3"
    assert load_workbook(io.BytesIO(make_ledgers("台帳", headings, []))).sheetnames == ["該当なし"]


# --- What a form counted ------------------------------------------------------------------------------------------

COUNTED: dict[str, Any] = {
    "title": "統計",
    "as_of": "令和５年７月１日現在",
    "sheets": [
        {
            "title": "地区別",
            "heads": ["センター", "件数"],
            "rows": [["平", 12], ["小名浜", "＊"], ["計", "＊"]],
            "chart": {"kind": "bar", "columns": ["件数"]},
        },
        {"title": "注", "heads": ["注"], "rows": [["=1+1"]], "chart": None},
    ],
}


def test_numbers_are_numbers_and_a_mask_is_a_text() -> None:
    book = load_workbook(io.BytesIO(make_book(COUNTED)))
    assert [[cell.value for cell in row] for row in book["地区別"].iter_rows()][2:6] == [
        ["センター", "件数"],
        ["平", 12],
        ["小名浜", "＊"],
        ["計", "＊"],
    ]
    assert book["注"]["A4"].data_type == "s"


def test_a_native_chart_draws_the_rows_without_their_sum() -> None:
    page = load_workbook(io.BytesIO(make_book(COUNTED)))["地区別"]
    (chart,) = page._charts
    assert chart.ser[0].val.numRef.f == "地区別!$B$4:$B$5"
    assert load_workbook(io.BytesIO(make_book(COUNTED)))["注"]._charts == []


def test_a_chart_is_on_the_page_of_its_table_and_counts_in_whole_steps() -> None:
    def page(rows: list[list[Any]]) -> Any:
        sheet = {**COUNTED["sheets"][0], "rows": rows}
        return load_workbook(io.BytesIO(make_book({**COUNTED, "sheets": [sheet]})))["地区別"]

    few, many = page([["平", 2], ["計", 30]]), page([[f"区{n}", 11] for n in range(50)])
    assert few.page_setup.fitToHeight is None and many.page_setup.fitToHeight == 0
    assert few._charts[0].y_axis.majorUnit == 1 and many._charts[0].y_axis.majorUnit is None
    assert page([["平", "＊"], ["計", 30]])._charts == [], "nothing but gaps to draw"


def test_the_same_book_is_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = make_book(COUNTED)
    later = time.time() + 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    assert make_book(COUNTED) == first
