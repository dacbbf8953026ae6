"""The papers of a revision, read back: the whole edition, letters, tracked changes, pages, and the HTML file in a browser."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from pipeline.model import OutFile
from pipeline.ooxml import docx_text
from pipeline.papers.pdf import PdfPress, find_office
from pipeline.papers.pdf_text import read_pdf_text, squeeze
from pipeline.rehearse import Example, past_of, rehearse
from pipeline.rules.editions.history import find_editions, read_first_edition
from pipeline.rules.editions.manual_facts import CONTENTS_LEVELS
from pipeline.rules.editions.rows import printed_lines, printed_words
from pipeline.rules.editions.sections import find_sections
from pipeline.rules.editions.text import EditionText
from pipeline.stories import Step
from pipeline.workshop import Workshop
from tests.conftest import ROOT
from tests.forms.browser import Browser, open_browser
from tests.intake import catalogue as shipped

FOLDER = ROOT / "doc_templates" / "manual_revision" / "examples"


@lru_cache(maxsize=1)
def workshop() -> Workshop:
    return Workshop(shipped())


@lru_cache(maxsize=4)
def made(name: str) -> tuple[OutFile, ...]:
    outcome = rehearse(workshop(), Example("manual_revision", FOLDER / f"{name}.json"))
    assert outcome.is_good, outcome.problems
    return outcome.files


@lru_cache(maxsize=1)
def texts() -> tuple[EditionText, EditionText]:
    """The first edition and what the typical example makes of it."""
    catalogue = workshop().catalogue
    past = past_of(catalogue, [Step("manual_revision", "typical")])
    office = catalogue.office.at(past.events[0].on)
    first, second = find_editions(read_first_edition(office), past.events)
    return first.text, second.text


def file(files: tuple[OutFile, ...], title: str, suffix: str) -> bytes:
    (found,) = [f.data for f in files if f.title == title and f.path.endswith(suffix)]
    return found


EDITION, CHANGES = "マニュアル（改訂後の全文）", "変更履歴（検討用）"


# --- The whole edition --------------------------------------------------------------------------------------------


def test_the_edition_holds_its_text_line_by_line_under_real_headings() -> None:
    document = docx.Document(io.BytesIO(file(made("typical"), EDITION, ".docx")))
    _, new = texts()
    words = "\n".join(docx_text(file(made("typical"), EDITION, ".docx")).replace("\t", "\n").split("\n"))
    for line in printed_lines(new.blocks):
        for cell in line:
            assert all(part in words for part in cell.split("\n"))
    levels = {"heading 1": 1, "heading 2": 2, "heading 3": 3, "本文・別表と様式の見出し": 1}
    headed = [
        (levels[p.style.name.lower()], p.text)
        for p in document.paragraphs
        if p.style is not None and p.style.name is not None and p.style.name.lower() in levels
    ]
    assert [level for level, _ in headed] == [s.level for s in find_sections(new.blocks) if s.level]
    assert [text for _, text in headed][:2] == ["はじめに", "１　このマニュアルの使い方"]


def test_the_cover_the_history_and_the_foot_name_the_edition() -> None:
    text = docx_text(file(made("typical"), EDITION, ".docx"))
    for words in ("第２版（令和５年10月改訂）", "改訂履歴", "全文（策定）", "目　次", "こども家庭課長"):
        assert words in text
    document = docx.Document(io.BytesIO(file(made("typical"), EDITION, ".docx")))
    foot = document.sections[-1].footer.paragraphs[0].text
    assert foot.startswith("ヤングケアラー支援マニュアル（見本）　第２版")


def test_the_history_names_every_section_beside_what_was_done_there() -> None:
    (table,) = docx.Document(io.BytesIO(file(made("third_edition"), EDITION, ".docx"))).tables[:1]
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows[0] == ["版", "発行日（適用日）", "改訂箇所（章・節）", "主な内容", "承認者"]
    assert [row[0] for row in rows[1:]] == ["初版", *["第２版"] * 6, *["第３版"] * 2], "merged down"
    assert rows[2][2:4] == ["第４章１「全体の流れ」", "流れの表に、モニタリングの段階を加えました。"]
    assert rows[-1][2:4] == ["第９章７「版と控え」", "番号を改めました。"]


def test_the_contents_are_a_field_that_word_updates_and_say_every_section_until_then() -> None:
    body = docx.Document(io.BytesIO(file(made("typical"), EDITION, ".docx"))).element.body
    (code,) = [node for node in body.iter(qn("w:instrText")) if "TOC" in (node.text or "")]
    assert "\\u" in (code.text or ""), (
        "the headings of 別表 and 様式 are of a style of their own: Word finds them by level"
    )
    marks = list(body.iter(qn("w:fldChar")))
    begin, separate, end = (
        next(m for m in marks if m.get(qn("w:fldCharType")) == kind) for kind in ("begin", "separate", "end")
    )
    assert begin.get(qn("w:dirty")) == "true", "Word updates it on opening, page numbers and all"
    nodes = list(body.iter())
    assert nodes.index(begin) < nodes.index(code) < nodes.index(separate) < nodes.index(end)
    said = [
        "".join(text.text or "" for text in node.iter(qn("w:t")))
        for node in nodes[nodes.index(separate) : nodes.index(end)]
        if node.tag == qn("w:p")
    ]
    _, new = texts()
    expected = [
        printed_words(new.blocks[section.start])
        for section in find_sections(new.blocks)
        if 0 < section.level <= CONTENTS_LEVELS
    ]
    assert [line for line in said if line] == expected
    assert not [line for line in said if re.search("[.．…]{2,}[0-9]+$", line)], "no number is invented"


def test_a_table_of_eight_columns_is_a_table_on_every_paper(tmp_path: Path) -> None:
    values = json.loads((FOLDER / "typical.json").read_text("utf-8"))
    head, row = (
        "".join(f"| {cell} " for cell in cells) + "|" for cells in ("甲乙丙丁戊己庚辛", "子丑寅卯辰巳午未")
    )
    ruler = "|---" * 8 + "|"
    values["changes"][1]["text"] += f"\n### 99　広い表\n{head}\n{ruler}\n{row}"
    (tmp_path / "広い表.json").write_text(json.dumps(values), "utf-8")
    files = rehearse(workshop(), Example("manual_revision", tmp_path / "広い表.json")).files
    for title in (EDITION, CHANGES, "新旧対照表"):
        tables = docx.Document(io.BytesIO(file(files, title, ".docx"))).tables
        rows = [[said_in(cell) for cell in row.cells] for table in tables for row in table.rows]
        assert [row for row in rows if {*"子丑寅卯辰巳午未"} <= {*row}], title


def said_in(cell: Any) -> str:
    """The words of a cell, those of tracked changes included."""
    return "".join(node.text or "" for node in cell._tc.iter(qn("w:t"), qn("w:delText")))


# --- Tracked changes ----------------------------------------------------------------------------------------------


def side(data: bytes, left_out: str) -> list[str]:
    """The lines of a Word file when every change is accepted (`del` left out) or refused (`ins` left out)."""
    body = docx.Document(io.BytesIO(data)).element.body
    lines = []
    for paragraph in body.iter(qn("w:p")):
        row = next((a for a in paragraph.iterancestors() if a.tag == qn("w:tr")), None)
        marks = [paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}/{qn('w:' + left_out)}")]
        marks += [row.find(f"{qn('w:trPr')}/{qn('w:' + left_out)}")] if row is not None else []
        if any(mark is not None for mark in marks):
            continue
        lines.append("".join(_words(paragraph, left_out)))
    return [line for line in lines if line]


def _words(paragraph: Any, left_out: str) -> Iterator[str]:
    for node in paragraph.iter(qn("w:t"), qn("w:delText"), qn("w:br")):
        if not any(above.tag == qn(f"w:{left_out}") for above in node.iterancestors()):
            yield "\n" if node.tag == qn("w:br") else node.text or ""


def test_accepting_all_changes_gives_the_new_text_and_refusing_all_the_old_one() -> None:
    data = file(made("typical"), CHANGES, ".docx")
    old, new = texts()
    heads = 2  # title and subtitle stand above the text
    for text, left_out in ((new, "del"), (old, "ins")):
        cells = [cell for line in printed_lines(text.blocks) for cell in line if cell]
        assert side(data, left_out)[heads:] == cells


def test_the_changes_are_by_the_office_and_each_has_its_own_number() -> None:
    body = docx.Document(io.BytesIO(file(made("typical"), CHANGES, ".docx"))).element.body
    marks = [*body.iter(qn("w:ins")), *body.iter(qn("w:del"))]
    assert {mark.get(qn("w:author")) for mark in marks} == {"改訂"}
    assert {mark.get(qn("w:date")) for mark in marks} == {"2023-10-02T00:00:00Z"}
    assert len({mark.get(qn("w:id")) for mark in marks}) == len(marks) > 20
    assert not [text for mark in body.iter(qn("w:del")) for text in mark.iter(qn("w:t"))]


# --- Letters ------------------------------------------------------------------------------------------------------


def letters(name: str) -> list[str]:
    return [docx_text(f.data) for f in made(name) if f.template.startswith("edition_notice/")]


def test_one_letter_for_each_addressee_and_one_honorific_on_it() -> None:
    found = letters("typical")
    assert len(found) == 10
    assert [line for line in found[0].split("\n")[:6] if "様" in line or "御中" in line] == ["　所長　様"]
    assert "　会長　見本　太郎　様" in found[8]
    assert "　御中" in found[9]
    for text in found:
        assert len(re.findall("様|御中", text)) == 1
        assert "５い子家第○○号" in text
    assert ["見本　太郎" in text for text in found] == [False] * 8 + [True, False]


def test_a_letter_without_its_number_is_a_draft() -> None:
    (text,) = letters("whole_text")
    assert text.startswith("（案）")
    assert "　　第　　号" in text
    assert "令和　　年　　月　　日" in text


# --- Pages --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pressed(tmp_path_factory: pytest.TempPathFactory) -> tuple[OutFile, ...]:
    with PdfPress(tmp_path_factory.mktemp("press"), find_office()) as press:
        outcome = rehearse(
            Workshop(workshop().catalogue, press), Example("manual_revision", FOLDER / "typical.json")
        )
    return outcome.files


def test_the_contents_say_on_which_page_a_section_begins(pressed: tuple[OutFile, ...]) -> None:
    pages = read_pdf_text(file(pressed, EDITION, ".pdf")).bodies()
    contents = "".join(page for page in pages[:5] if "....." in page)
    for heading in (
        "第４章　対応の流れ",
        "第７章　派遣についてよくある質問",
        "様式第７号　モニタリング記録票",
    ):
        number = re.search(re.escape(squeeze(heading)) + r"\.*?([0-9]+)", contents)
        assert number is not None, heading
        assert pages[int(number[1].removeprefix(".")) - 1].startswith(squeeze(heading))


def test_pages_that_stay_in_the_binder_say_the_same(pressed: tuple[OutFile, ...]) -> None:
    old = read_pdf_text(file(pressed, "改訂前の全文", ".pdf")).bodies()
    new = read_pdf_text(file(pressed, EDITION, ".pdf")).bodies()
    told = read_pdf_text(file(pressed, "差替え一覧", ".pdf")).flow
    kept = [n for n in range(min(len(old), len(new))) if old[n] == new[n]]
    assert kept
    assert f"{len(new)}差し替える" in told
    assert "PDFがないときは" not in told
    assert "PDFがないときは" in docx_text(file(pressed, "差替え一覧", ".docx"))


def test_word_files_are_the_same_whether_pdfs_are_made_or_not(pressed: tuple[OutFile, ...]) -> None:
    def words(files: tuple[OutFile, ...]) -> dict[str, bytes]:
        return {f.title: f.data for f in files if f.path.endswith((".docx", ".html"))}

    assert words(pressed) == words(made("typical"))


# --- HTML ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    folder = tmp_path_factory.mktemp("html")
    path = folder / "manual.html"
    path.write_bytes(file(made("typical"), EDITION, ".html"))
    with open_browser(folder) as browser:
        browser.open(path)
        yield browser


def shown(page: Browser) -> str:
    return str(page.run("return document.querySelector('main').innerText"))


def test_the_page_shows_the_text_and_calls_nobody(page: Browser) -> None:
    assert "第４章　対応の流れ" in shown(page)
    assert "主な改訂点" not in shown(page)
    assert page.said == []
    assert [url for url in page.requests if not url.startswith("file:")] == []
    assert page.run("return document.querySelectorAll('#view-text .changed').length") > 3


def test_what_changed_is_one_click_away(page: Browser) -> None:
    page.run("document.getElementById('tab-changes').click()")
    assert "主な改訂点" in shown(page)
    assert "派遣について家庭からよく聞かれることと、答え方を載せました。" in shown(page)
    assert page.run("return document.querySelectorAll('#view-changes u').length") > 10
    page.run("document.getElementById('tab-history').click()")
    assert "全文（策定）" in shown(page)
    assert "主な改訂点" not in shown(page)


SEARCH = "const f = document.getElementById('search'); f.value = a[0]; f.dispatchEvent(new Event('input'));"


def test_search_shows_only_the_sections_that_hold_the_words(page: Browser) -> None:
    page.run(SEARCH, "アレルギー")
    assert page.run("return document.getElementById('found').textContent").endswith("か所の章・節にあります")
    assert "受託事業者に渡すもの" in shown(page)
    assert "第１章" not in shown(page)
    assert page.run("return [...document.querySelectorAll('mark')].map(m => m.textContent)") == ["アレルギー"]
    page.run(SEARCH, "ない言葉です")
    assert "見つかりません" in str(page.run("return document.getElementById('found').textContent"))
    page.run("document.querySelector('nav a').click()")
    assert "第１章" in shown(page)
    assert page.run("return document.querySelectorAll('mark').length") == 0


def test_width_of_letters_does_not_matter_to_the_search(page: Browser) -> None:
    page.run(SEARCH, "１８歳")
    assert "言葉の説明" in shown(page)
    page.run(SEARCH, "")


def test_the_page_is_the_same_bytes_every_time(tmp_path: Path) -> None:
    made.cache_clear()
    first = file(made("third_edition"), EDITION, ".html")
    made.cache_clear()
    assert file(made("third_edition"), EDITION, ".html") == first
