"""Spreadsheets: standing ledgers, and what a form counted with native charts. The only importer of XlsxWriter. The same rows make the same bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from unicodedata import east_asian_width

import xlsxwriter

Cell = str | int | date | None
R = TypeVar("R")
_TIMELESS = datetime(2000, 1, 1)
_FONT = {"font_name": "ＭＳ ゴシック", "font_size": 9, "valign": "vcenter", "text_wrap": True, "border": 1}
_A3, _A4, _HEAD_ROW = 8, 9, 2
# A column of 1 is 7 pixels wide, a half-width letter of 9 points 6. Beyond so many columns' width A4 would print below 7 points.
_WIDEST_ON_A4 = 190
_LINE, _LEADING, _TALLEST = 12, 3.75, 408.75  # points, whole pixels; a row cannot be taller


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading and its width in characters."""

    title: str
    width: float


@dataclass(frozen=True, slots=True)
class Heading(Generic[R]):
    """A column of a ledger and what stands in it for a row."""

    title: str
    width: float
    cell: Callable[[R], Cell]


@dataclass(frozen=True, slots=True)
class Part(Generic[R]):
    """One sheet of a workbook of ledgers: its name, its title, the line under it, its rows."""

    name: str
    title: str
    as_of: str
    rows: Sequence[R]


def make_ledger(title: str, as_of: str, headings: Sequence[Heading[R]], rows: Iterable[R]) -> bytes:
    """Return a ledger as a workbook of one sheet: a line for each row, a column for each heading."""
    columns = [Column(heading.title, heading.width) for heading in headings]
    return make_sheet(title, as_of, columns, ([heading.cell(row) for heading in headings] for row in rows))


def make_ledgers(title: str, headings: Sequence[Heading[R]], parts: Iterable[Part[R]]) -> bytes:
    """Return a workbook with a sheet for each part, of the same headings. Without any it has one sheet that says so."""
    columns = [Column(heading.title, heading.width) for heading in headings]
    told = [
        (
            part.name,
            part.title,
            part.as_of,
            [[heading.cell(row) for heading in headings] for row in part.rows],
        )
        for part in parts
    ]
    return _make_book(title, columns, told or [("該当なし", title, "該当はありません。", [])])


def make_sheet(title: str, as_of: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a workbook of one sheet: landscape, A4 or A3, one page wide, title and heading on every page.

    A text is always written as text: `=1+1` in a cell stays what somebody typed. Dates are real dates, shown as R5.6.1.
    """
    return _make_book(title, columns, [(title, title, as_of, rows)])


def _make_book(
    title: str, columns: Sequence[Column], sheets: Iterable[tuple[str, str, str, Iterable[Sequence[Cell]]]]
) -> bytes:
    """A workbook of sheets: each its name, its title, the line below, and its rows."""
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    book.set_properties({"title": title, "created": _TIMELESS})
    bare = {**_FONT, "border": 0, "text_wrap": False}
    large, small = book.add_format({**bare, "font_size": 14, "bold": True}), book.add_format(bare)
    head = book.add_format({**_FONT, "bold": True, "align": "center", "bg_color": "#E7E6E6"})
    for name, heading, as_of, rows in sheets:
        sheet = book.add_worksheet(name[:31])
        _page(sheet, [column.width for column in columns])
        sheet.write_string(0, 0, heading, large)
        sheet.write_string(1, 0, as_of, small)
        _write_heads(sheet, columns, head)
        last = _write_rows(book, sheet, rows, [column.width for column in columns])
        sheet.autofilter(_HEAD_ROW, 0, max(last, _HEAD_ROW), len(columns) - 1)
    book.close()
    return data.getvalue()


def _write_heads(sheet: Any, columns: Sequence[Column], head: Any) -> None:
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(_HEAD_ROW, place, column.title, head)
    sheet.set_row(
        _HEAD_ROW, _height([column.title for column in columns], [column.width for column in columns])
    )


def _page(sheet: Any, widths: Sequence[float]) -> None:
    """Set up a page that can be handed out: every sheet, whatever fills it."""
    sheet.set_landscape()
    sheet.set_paper(_A3 if sum(widths) > _WIDEST_ON_A4 else _A4)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, _HEAD_ROW)
    sheet.freeze_panes(_HEAD_ROW + 1, 1)
    sheet.set_footer("&C&P / &N")


def _height(cells: Sequence[Cell], widths: Sequence[float]) -> float:
    """The height of a row that shows every line of every cell, in points: not every program looks for it by itself."""
    lines = max(
        (_lines(cell, width) for cell, width in zip(cells, widths, strict=True) if isinstance(cell, str)),
        default=1,
    )
    return min(_LINE * lines + _LEADING, _TALLEST)


def _lines(text: str, width: float) -> int:
    fits = max(int((7 * width - 1) / 6), 2)
    return sum(max(-(-_halves(line) // (fits - fits % 2)), 1) for line in text.split("\n"))


def _halves(line: str) -> int:
    return sum(2 if east_asian_width(letter) in "WFA" else 1 for letter in line)


def _write_rows(
    book: Any, sheet: Any, rows: Iterable[Sequence[Cell]], widths: Sequence[float], words: str = "left"
) -> int:
    """Write rows below the heading and return the number of the last. `words` is where texts stand beyond the first column."""
    plain, beyond = (
        book.add_format(_FONT),
        book.add_format({**_FONT, "align": words}),
    )
    figure, dated = (
        book.add_format({**_FONT, "align": "right", "num_format": "0_ "}),
        book.add_format({**_FONT, "num_format": "[$-411]ge.m.d", "align": "center"}),
    )
    number = _HEAD_ROW
    for number, row in enumerate(rows, start=_HEAD_ROW + 1):
        sheet.set_row(number, _height(row, widths))
        for place, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write_datetime(number, place, datetime(cell.year, cell.month, cell.day), dated)
            elif isinstance(cell, int):
                sheet.write_number(number, place, cell, figure)
            elif cell:
                sheet.write_string(number, place, cell, beyond if place else plain)
            else:
                sheet.write_blank(number, place, None, plain)
    return number


# --- What a form counted ------------------------------------------------------------------------------------------

_CHART_SIZE = {"width": 720, "height": 320}
_LABELS_WIDTH, _NUMBERS_WIDTH = 44, 14
_ROWS_BESIDE_CHART = (
    40  # a table of so many rows is printed on one page with its chart, so that nothing cuts it in two
)
_FEW = 10  # up to so many, an axis counts one by one


def make_book(book: Mapping[str, Any]) -> bytes:
    """Return a workbook a rule counted: `{title, as_of, sheets: [{title, heads, rows, chart}]}`.

    The first column names the rows. `chart` is `{kind: bar|line, columns}` (heads) or None: a chart of the spreadsheet's
    own, redrawn when somebody changes a number. What is not a number (a masked ＊) is drawn as a gap; of gaps alone there is
    no chart.
    """
    data = io.BytesIO()
    made = xlsxwriter.Workbook(data, {"in_memory": True})
    made.set_properties({"title": book["title"], "created": _TIMELESS})
    for sheet in book["sheets"]:
        _add_counted(made, f"{book['title']}　{sheet['title']}", book["as_of"], sheet)
    made.close()
    return data.getvalue()


def _add_counted(made: Any, title: str, as_of: str, sheet: Mapping[str, Any]) -> None:
    page, name = made.add_worksheet(sheet["title"][:31]), sheet["title"][:31]
    columns = [
        Column(text, _NUMBERS_WIDTH if place else _LABELS_WIDTH) for place, text in enumerate(sheet["heads"])
    ]
    widths = [column.width for column in columns]
    _page(page, widths)
    bare = {**_FONT, "border": 0, "text_wrap": False}
    page.write_string(0, 0, title, made.add_format({**bare, "font_size": 14, "bold": True}))
    page.write_string(1, 0, as_of, made.add_format(bare))
    head = made.add_format({**_FONT, "bold": True, "align": "center", "bg_color": "#E7E6E6"})
    _write_heads(page, columns, head)
    last = _write_rows(made, page, sheet["rows"], widths, words="right")
    if sheet["chart"] is not None and _drawn(sheet):
        page.fit_to_pages(1, 1 if last <= _ROWS_BESIDE_CHART else 0)
        page.insert_chart(last + 2, 0, _chart(made, name, sheet, last), {"object_position": 2})


def _chart(made: Any, name: str, sheet: Mapping[str, Any], last: int) -> Any:
    """A native chart of some columns; a last row of sums (計) is not drawn."""
    summed = sheet["rows"][-1][0] == "計"
    rows = (_HEAD_ROW + 1, last - 1 if summed else last)
    chart = made.add_chart({"type": {"bar": "column", "line": "line"}[sheet["chart"]["kind"]]})
    for text in sheet["chart"]["columns"]:
        place = sheet["heads"].index(text)
        chart.add_series(
            {
                "name": [name, _HEAD_ROW, place],
                "categories": [name, rows[0], 0, rows[1], 0],
                "values": [name, rows[0], place, rows[1], place],
            }
        )
    chart.set_title({"name": sheet["title"], "name_font": {"size": 12}})
    chart.set_x_axis({"num_font": {"size": 8}})
    steps = {"major_unit": 1} if max(_drawn(sheet)) <= _FEW else {}
    chart.set_y_axis({"min": 0, "major_gridlines": {"visible": True}, **steps})
    chart.set_size(_CHART_SIZE)
    chart.show_blanks_as("gap")
    return chart


def _drawn(sheet: Mapping[str, Any]) -> list[int]:
    """The numbers a chart draws."""
    places = [sheet["heads"].index(text) for text in sheet["chart"]["columns"]]
    cells = [row[place] for row in sheet["rows"] if row[0] != "計" for place in places]
    return [cell for cell in cells if isinstance(cell, int)]
