"""A manual edited in Word and read back: unchanged it is the edition itself; what was broken is told place by place."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from pipeline.forms.manual_word import Known, read_word_manual
from pipeline.ooxml import PackageError
from pipeline.rules.editions.notation import write_text
from pipeline.rules.editions.rows import printed_words
from pipeline.rules.editions.text import EditionText, Figure, Heading
from tests.test_manual_papers import EDITION, file, made, texts

Change = Callable[[Any], None]


def known(text: EditionText) -> Known:
    return Known(frozenset(printed_words(block) for block in text.blocks if isinstance(block, Heading)))


def saved(document: Any) -> bytes:
    data = io.BytesIO()
    document.save(data)
    return data.getvalue()


def edited(change: Change) -> tuple[EditionText | None, list[tuple[str, str]]]:
    document = docx.Document(io.BytesIO(file(made("typical"), EDITION, ".docx")))
    change(document)
    text, faults = read_word_manual(saved(document), known(texts()[1]))
    return text, [(fault.place, fault.message[:12]) for fault in faults]


def paragraph(document: Any, start: str) -> Any:
    """The last one that begins so: the contents name the headings before they stand there."""
    return [p for p in document.paragraphs if p.text.startswith(start)][-1]


def test_an_edition_comes_back_to_the_letter() -> None:
    text, faults = edited(lambda document: None)
    assert faults == []
    assert text == texts()[1]


def test_words_changed_in_word_are_the_only_difference() -> None:
    def change(document: Any) -> None:
        paragraph(document, "・コーディネーターには").runs[
            0
        ].text = "・コーディネーターには、電話で同行を依頼します。"

    text, faults = edited(change)
    assert faults == []
    assert text is not None
    before, after = (write_text(one).split("\n") for one in (texts()[1], text))
    assert [line for line in after if line not in before] == [
        "- コーディネーターには、電話で同行を依頼します。"
    ]


def test_changes_still_tracked_are_read_as_accepted() -> None:
    def change(document: Any) -> None:
        run = paragraph(document, "・約束の時間は").runs[0]._r
        mark = OxmlElement("w:del")
        run.addprevious(mark)
        mark.append(run)
        inserted = OxmlElement("w:ins")
        mark.addnext(inserted)
        new = OxmlElement("w:r")
        inserted.append(new)
        word = OxmlElement("w:t")
        word.text = "・時間は、子どもに聞いて決めます。"
        new.append(word)

    text, _ = edited(change)
    assert text is not None
    assert "- 時間は、子どもに聞いて決めます。" in write_text(text)
    assert "約束の時間" not in write_text(text)


def test_headings_that_lost_their_style_are_all_named() -> None:
    def change(document: Any) -> None:
        for start in ("第４章　対応の流れ", "６　同行訪問と調査", "様式第３号"):
            paragraph(document, start).style = document.styles["Normal"]

    text, faults = edited(change)
    assert text is None
    assert [place for place, _ in faults] == [
        "「５　担当するセンター」から６番目",
        "「５　申請を受ける」から12番目",
        "「様式第２号　情報共有票」から２番目",
    ]
    assert {message for _, message in faults} == {"見出しのスタイルが外れて"}


def number(node: Any) -> None:
    properties = node._p.get_or_add_pPr()
    numbered = OxmlElement("w:numPr")
    kind = OxmlElement("w:numId")
    kind.set(qn("w:val"), "7")
    numbered.append(kind)
    properties.append(numbered)


def merge(document: Any) -> None:
    table = next(table for table in document.tables if table.cell(0, 0).text == "だれが")
    table.cell(1, 0).merge(table.cell(1, 1))


def empty(document: Any) -> None:
    paragraph(document, "３　言葉の説明").clear()


def deeper(document: Any) -> None:
    paragraph(document, "２　大切にする考え方").style = document.styles["heading 4"]


def drawn(document: Any) -> None:
    run = paragraph(document, "相談から終結まで").runs[0]._r
    run.append(OxmlElement("w:drawing"))


@pytest.mark.parametrize(
    ("change", "place", "message"),
    [
        (lambda d: number(paragraph(d, "第５章")), "見出し「第５章　会議」", "番号をWordが"),
        (lambda d: number(paragraph(d, "(1)　相談した人の名前")), "「２　電話や来所で相談を受けたとき」から１番目", "番号をWordが"),
        (merge, "「４　それぞれの役割」から１番目", "表のセルが"),
        (empty, "見出しの段落", "空の見出し"),
        (drawn, "「１　全体の流れ」から１番目", "図や図形が"),
        (lambda d: paragraph(d, "世話が過度になると").add_run("\n続き"), "「３　子どもに出る影響」から１番目", "段落の中で"),
        (deeper, "見出し「２　大切にする考え方」", "見出しの深さ"),
    ],
)  # fmt: skip
def test_each_damage_is_told_with_its_place(change: Change, place: str, message: str) -> None:
    text, faults = edited(change)
    assert text is None
    assert [(at, told.startswith(message[:6])) for at, told in faults] == [(place, True)]


def foreign() -> Any:
    """A manual that was never ours: Word's own styles, bullets and tables."""
    document = docx.Document()
    document.add_paragraph("見本マニュアル", style="Title")
    document.add_paragraph("はじめの文。")
    document.add_paragraph("第１章　気づく", style="Heading 1")
    document.add_paragraph("１　場面", style="Heading 2")
    document.add_paragraph("眠そうにしている。", style="Normal")
    document.add_paragraph("・宿題がそろわない。", style="Normal")
    document.add_paragraph("(1)　欠席が増えた。", style="Normal")
    table = document.add_table(2, 2)
    for cell, words in zip(
        (c for row in table.rows for c in row.cells), ("項目", "内容", "番号", "１"), strict=True
    ):
        cell.text = words
    return document


def test_a_foreign_manual_is_read_by_its_heading_styles() -> None:
    text, faults = read_word_manual(saved(foreign()), Known())
    assert faults == ()
    assert text is not None
    assert write_text(text) == (
        "# 見本マニュアル\n\nはじめの文。\n\n## 第１章　気づく\n\n### １　場面\n\n眠そうにしている。\n\n"
        "- 宿題がそろわない。\n- (1)　欠席が増えた。\n\n| 項目 | 内容 |\n|---|---|\n| 番号 | １ |\n"
    )


def test_a_file_without_headings_or_title_is_refused() -> None:
    document = docx.Document()
    document.add_paragraph("題名だけ")
    document.add_paragraph("本文。")
    text, faults = read_word_manual(saved(document), Known())
    assert (text, [fault.place for fault in faults]) == (None, ["文書の全体"])
    text, faults = read_word_manual(saved(docx.Document()), Known())
    assert (text, len(faults)) == (None, 2)
    with pytest.raises(PackageError):
        read_word_manual(b"PK\x03\x04", Known())


def test_a_figure_of_the_edition_keeps_its_source_and_another_is_refused() -> None:
    document = foreign()
    document.styles.add_style("本文・図", 1)
    document.add_paragraph("図１　流れ", style="本文・図")
    text, _ = read_word_manual(saved(document), Known(figures={"図１　流れ": "flow"}))
    assert text is not None
    assert text.blocks[-1] == Figure("図１　流れ", "flow")
    text, faults = read_word_manual(saved(document), Known())
    assert (text, len(faults)) == (None, 1)
