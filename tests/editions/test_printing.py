from __future__ import annotations

from hypothesis import given, settings

from pipeline.rules.editions.comparison import compare
from pipeline.rules.editions.notation import read_text
from pipeline.rules.editions.phrases import Span
from pipeline.rules.editions.printing import print_rows, print_sentences, print_text, texts_of
from pipeline.rules.editions.rows import BLANK, Cell, Row, Shape
from pipeline.rules.editions.sentences import Sentence
from pipeline.rules.editions.text import Clause, EditionText, Table
from pipeline.rules.editions.words import RevisionWords
from tests.editions.texts import revised

WORDS = RevisionWords()
OLD_LEFT = RevisionWords(new_is_left=False)


def cell(*texts: str, shape: Shape = Shape.LINE, depth: int = 0) -> Cell:
    return Cell(shape, tuple((Span(text),) for text in texts), depth)


def test_a_line_a_caption_and_nothing() -> None:
    new = Cell(Shape.LINE, ((Span("第３条", True), Span("　置く。")),), 2)
    rows = print_rows(
        [Row(new, cell("（設置）", shape=Shape.CAPTION)), Row(BLANK, cell("深い", depth=3))], WORDS
    )
    assert rows[0] == {
        "opens": True,
        "columns": 0,
        "reason": "",
        "left": {"style": "line", "depth": 2, "spans": [{"text": "第３条", "changed": True}, {"text": "　置く。", "changed": False}]},
        "right": {"style": "caption", "depth": 0, "spans": [{"text": "（設置）", "changed": False}]},
    }  # fmt: skip
    assert rows[1]["opens"] is False
    assert rows[1]["left"] == {"style": "blank", "depth": 0, "spans": []}
    assert rows[1]["right"]["depth"] == 3


def test_the_old_column_may_be_left() -> None:
    (row,) = print_rows([Row(cell("新"), cell("旧"))], OLD_LEFT)
    assert [row[side]["spans"][0]["text"] for side in ("left", "right")] == ["旧", "新"]


def test_rows_of_one_width_stand_cell_beside_cell() -> None:
    row = Shape.ROW
    two, note = cell("教育", "学校", shape=row), cell("（新設）")
    (both,) = print_rows([Row(two, two)], WORDS)
    assert both["columns"] == 2
    assert [[span["text"] for span in spans] for spans in both["left"]["cells"]] == [["教育"], ["学校"]]
    (added,) = print_rows([Row(two, note)], WORDS)
    assert added["right"]["cells"] == [[{"text": "（新設）", "changed": False}], []]
    for other in (cell("甲", "乙", "丙", shape=row), cell(*"甲乙丙丁戊", shape=row)):
        (apart,) = print_rows([Row(other, two)], WORDS)
        assert apart["columns"] == 0
        assert "".join(span["text"] for span in apart["left"]["spans"]).split("　｜　")[0] == "甲"


def test_a_table_stands_as_a_table_up_to_eight_columns() -> None:
    for width, columns in ((8, 8), (9, 0)):
        side = cell(*"甲乙丙丁戊己庚辛壬"[:width], shape=Shape.ROW)
        (row,) = print_rows([Row(side, side)], WORDS)
        assert row["columns"] == columns
    wide = Table((tuple("甲乙丙丁戊己庚辛壬"), tuple("一二三四五六七八九")))
    lines = print_text(EditionText("題名", (wide,)))[1:]
    assert next(line["text"] for line in lines).split("　｜　") == [*"甲乙丙丁戊己庚辛壬"]
    (table,) = print_text(EditionText("題名", (Table(tuple(row[:8] for row in wide.rows)),)))[1:]
    assert (table["style"], table["columns"]) == ("table", 8)


@settings(deadline=None)
@given(revised())
def test_no_word_of_a_table_is_left_out(pair: tuple[EditionText, EditionText]) -> None:
    rows = compare(*pair, WORDS)
    said = "\n".join(texts_of(print_rows(rows, WORDS)))
    for row in rows:
        for side in (row.new, row.old):
            assert all(span.text in said for spans in side.texts for span in spans)


TEXT = """# 題名

前文

## 第１章　総則

### 第１節　目的

（設置）
第１条　置く。

- (1)　号
  - ア　細
    - (ア)　細

![図１](flow)

## 附　則

施行する。

## 別表第１

| 甲 | 乙 |
|---|---|
| 丙 | 丁 |

## 様式第１号

| 一 | 二 | 三 | 四 | 五 | 六 | 七 | 八 | 九 |
|---|---|---|---|---|---|---|---|---|
"""


def test_a_text_line_by_line() -> None:
    text, _ = read_text(TEXT)
    assert text is not None
    lines = print_text(text)
    assert [(line["style"], line["depth"], line["text"]) for line in lines] == [
        ("title", 0, "題名"),
        ("plain", 0, "前文"),
        ("heading", 0, "第１章　総則"),
        ("heading", 1, "第１節　目的"),
        ("caption", 0, "（設置）"),
        ("body", 0, "第１条　置く。"),
        ("body", 1, "(1)　号"),
        ("body", 2, "ア　細"),
        ("body", 3, "(ア)　細"),
        ("figure", 0, "図１"),
        ("heading", 0, "附　則"),
        ("plain", 0, "施行する。"),
        ("annex", 0, "別表第１"),
        ("table", 0, ""),
        ("annex", 0, "様式第１号"),
        ("body", 0, "一　｜　二　｜　三　｜　四　｜　五　｜　六　｜　七　｜　八　｜　九"),
    ]
    assert lines[-3] | {"text": ""} == {
        "style": "table",
        "text": "",
        "depth": 0,
        "columns": 2,
        "head": ["甲", "乙"],
        "rows": [{"cells": ["丙", "丁"]}],
    }
    assert {"題名", "丁", "附　則"} <= set(texts_of(lines))
    assert not {"title", "table", ""} & set(texts_of(lines))


def test_sentences_with_what_they_put_in() -> None:
    sentences = (
        Sentence("第１条を削る。"),
        Sentence("別表に次のように加える。", (Table((("甲", "乙"),)), Clause("２", "項"))),
    )
    assert [(line["style"], line["text"]) for line in print_sentences(sentences)] == [
        ("sentence", "第１条を削る。"),
        ("sentence", "別表に次のように加える。"),
        ("table", ""),
        ("body", "２　項"),
    ]
