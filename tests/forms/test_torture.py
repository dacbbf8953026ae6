"""The form with everything at once: on paper, read back, and on the screen."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import ooxml
from pipeline.forms import html_form
from pipeline.forms.assemble import assemble
from pipeline.forms.html_form import make_html_form
from pipeline.forms.layout import Heading, Row, Table, count_rows, make_layout
from pipeline.forms.word_form import column_widths, make_word_form
from pipeline.forms.word_reader import read_word_form
from pipeline.normalise import normalise
from pipeline.papers.pdf import FONTCONFIG
from tests.forms.browser import CHROMIUM, Browser, open_browser
from tests.forms.pages import data_in
from tests.forms.shapes import shape_of
from tests.forms.torture import DAY, SCHEMA, full_values, group, rows, text

SHAPE = shape_of(SCHEMA, "torture")
VALUES = full_values()
LAYOUT = make_layout(SHAPE)
FULL = make_layout(SHAPE, count_rows(VALUES))
W = ooxml.W


def section(title: str) -> Any:
    return next(section for section in LAYOUT.sections if section.title == title)


def test_what_fits_across_a_page_is_a_table_and_what_does_not_is_a_card() -> None:
    (month,), (wide,) = section("訪問の実績").parts, section("請求の内訳").parts
    assert isinstance(month, Table)
    assert isinstance(wide, Table)
    assert (len(month.rows), len(month.columns), len(wide.columns)) == (31, 8, 10)
    kinds = [type(part) for part in section("支援の経過").parts]
    assert kinds[:6] == [Heading, Row, Row, Row, Heading, Table]


@pytest.mark.parametrize("title", ["訪問の実績", "請求の内訳"])
def test_every_column_has_room_for_what_is_usually_written_in_it(title: str) -> None:
    (table,) = section(title).parts
    widths = column_widths(table.columns, 9364)
    assert sum(widths) == 9364
    assert all(width >= box.room * 178 for box, width in zip(table.columns, widths, strict=True))


def test_a_question_has_half_the_page_and_no_neighbour() -> None:
    lines = [part for part in section("ケアの状況").parts if isinstance(part, Row)]
    questions = [row.boxes for row in lines if any(box.has_long_label and box.is_short for box in row.boxes)]
    assert {len(boxes) for boxes in questions} == {1}
    body = ooxml.parse(ooxml.read_members(make_word_form(SHAPE))["word/document.xml"])
    control = next(tag for tag in body.iter(f"{W}tag") if tag.get(f"{W}val") == "survey.q24")
    cell = next(control.iterancestors(f"{W}tc"))
    spans = [c.find(f"{W}tcPr/{W}gridSpan").get(f"{W}val") for c in (cell.getprevious(), cell)]
    assert spans == ["2", "2"]


def test_a_card_is_one_piece_and_its_title_is_not_repeated() -> None:
    item = group("記録", on=DAY, place=text("場所", 60), who=text("氏名", 40), story=text("内容", 300))
    records = rows("記録", 6, item)
    shape = shape_of({"type": "object", "title": "見本", "properties": {"records": records}})
    body = ooxml.parse(ooxml.read_members(make_word_form(shape))["word/document.xml"])
    (table,) = body.iter(f"{W}tbl")
    lines = table.findall(f"{W}tr")
    styles = [line.find(f".//{W}pStyle").get(f"{W}val") for line in lines]
    titles = [at for at, style in enumerate(styles) if style == "FormGroup"]
    assert len(titles) == 6
    held = [all(p.find(f"{W}pPr/{W}keepNext") is not None for p in line.iter(f"{W}p")) for line in lines]
    assert [at for at, is_held in enumerate(held) if not is_held] == [
        *(at - 1 for at in titles[1:]),
        len(lines) - 1,
    ]
    repeated = [at for at, line in enumerate(lines) if line.find(f"{W}trPr/{W}tblHeader") is not None]
    assert repeated == [0]


def test_the_fullest_form_is_read_back_whole() -> None:
    reading = read_word_form(make_word_form(SHAPE, VALUES), {"torture": SHAPE})
    assert reading.problems == ()
    built = assemble(SHAPE.root, {tag: box.value for tag, box in reading.boxes.items()}, normalise)
    assert built.problems == ()
    assert built.values == VALUES


# --- On paper -------------------------------------------------------------------------------------------------------


def pages_of(folder: Path, data: bytes) -> list[str]:
    """The text of each page, without white space, as LibreOffice prints a form."""
    (folder / "form.docx").write_bytes(data)
    command = [
        "soffice",
        f"-env:UserInstallation=file://{folder}/profile",
        "--headless",
        "--convert-to",
        "pdf",
        "form.docx",
    ]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "FONTCONFIG_FILE": str(FONTCONFIG)}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=180)
    text = subprocess.run(
        ["pdftotext", "-layout", "form.pdf", "-"], cwd=folder, check=True, capture_output=True
    )
    return ["".join(page.split()) for page in text.stdout.decode().split("\f")[:-1]]


@pytest.mark.office
def test_a_month_of_visits_repeats_its_labels_and_splits_no_row(tmp_path: Path) -> None:
    signs = [
        (chr(0x5000 + n), chr(0x5100 + n)) for n in range(31)
    ]  # one letter is never broken by the end of a line
    notes = [f"{first}{'い' * 50}{last}" for first, last in signs]
    days = [{"date": row["date"], "note": note} for row, note in zip(VALUES["month"], notes, strict=True)]
    pages = pages_of(tmp_path, make_word_form(SHAPE, {"month": days}))
    found = [[at for at, page in enumerate(pages) if first in page and last in page] for first, last in signs]
    assert [len(at) for at in found] == [1] * 31
    assert all("実施" in pages[at] for (at,) in found)
    assert len({at for (at,) in found}) >= 2


# --- On the screen --------------------------------------------------------------------------------------------------

SCHEMA_ID = "todoke:torture.schema.json"


def page_with(values: Any = None) -> bytes:
    return make_html_form(SHAPE, {SCHEMA_ID: {**SCHEMA, "$id": SCHEMA_ID}}, values)


_part = html_form._part


def _part_of_old_browser(name: str) -> str:
    """The page as a browser without `field-sizing` takes it."""
    growing = 'CSS.supports("field-sizing", "content")'
    return _part(name).replace("field-sizing: content;", "").replace(growing, "false")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with open_browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize("values", [None, VALUES], ids=["blank", "full"])
@pytest.mark.parametrize("is_old", [False, True], ids=["new", "old"])
def test_nothing_is_cut_off_at_any_width(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: Any, is_old: bool
) -> None:
    """A name of forty characters is seen whole, also on a telephone, and where boxes do not grow by themselves."""
    if is_old:
        monkeypatch.setattr(html_form, "_part", _part_of_old_browser)
    path = tmp_path / "a.html"
    path.write_bytes(page_with(values))
    for width in (1200, 390):
        browser.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        browser.open(path)
        assert browser.run(
            "return document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
        cut = "box.checkVisibility() && (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1)"
        assert (
            browser.run(f"return [...document.querySelectorAll('textarea')].filter((box) => {cut}).length")
            == 0
        )
    assert data_in(path.read_text("utf-8"))["values"] == values
    assert browser.said == []
