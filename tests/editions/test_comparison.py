"""The table of two editions: cases with the table that is expected beside them, and what holds for every table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.rules.editions.comparison import compare
from pipeline.rules.editions.rows import (
    Cell,
    NotConserved,
    Row,
    Shape,
    ensure_conserved,
    printed_lines,
    read_column,
)
from pipeline.rules.editions.text import Clause, EditionText, Heading
from pipeline.rules.editions.words import RevisionWords
from tests.editions.cases import CASES, Case, read_case
from tests.editions.texts import TEXTS, revised

WORDS = RevisionWords()
PAIRS = st.one_of(revised(), st.tuples(TEXTS, TEXTS))


def draw_cell(cell: Cell) -> str:
    texts = ["".join(f"[{s.text}]" if s.changed else s.text for s in spans) for spans in cell.texts]
    return "　" * cell.depth + " ┊ ".join(texts) + ("〃" if cell.is_copy else "")


def draw_table(rows: tuple[Row, ...]) -> str:
    """The table as a case writes it: 改正後 ｜ 改正前, an opening row after a line."""
    lines = [
        f"{'----' + chr(10) if row.opens else ''}{draw_cell(row.new)} ｜ {draw_cell(row.old)}" for row in rows
    ]
    return "\n".join(line.rstrip() for line in lines)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case(path: Path) -> None:
    case = read_case(path)
    assert draw_table(compare(case.old, case.new, WORDS)) == case.table


@settings(deadline=None)
@given(TEXTS)
def test_nothing_changed_nothing_printed(text: EditionText) -> None:
    assert compare(text, text, WORDS) == ()


@settings(max_examples=80, deadline=None)
@given(PAIRS)
def test_each_column_with_its_cuts_put_back_is_its_text(pair: tuple[EditionText, EditionText]) -> None:
    old, new = pair
    rows = compare(old, new, WORDS)
    if old.blocks != new.blocks:
        title = int(old.title != new.title)
        for cells, text in (
            ([row.old for row in rows[title:]], old),
            ([row.new for row in rows[title:]], new),
        ):
            assert read_column(cells, printed_lines(text.blocks)) == printed_lines(text.blocks)
    assert bool(rows) == (old != new)


@settings(max_examples=80, deadline=None)
@given(PAIRS)
def test_what_is_not_underlined_in_a_row_stands_in_both_its_cells(
    pair: tuple[EditionText, EditionText],
) -> None:
    for row in compare(*pair, WORDS):
        if all(cell.start < cell.end for cell in (row.old, row.new)) and row.old.shape is row.new.shape:
            kept = [
                ["".join(s.text for s in spans if not s.changed) for spans in cell.texts]
                for cell in (row.old, row.new)
            ]
            assert [k.replace("　", "") for k in kept[0]] == [k.replace("　", "") for k in kept[1]] or (
                len(kept[0]) != len(kept[1])
            )


@settings(max_examples=50, deadline=None)
@given(PAIRS)
def test_the_other_way_round_is_conserved_too(pair: tuple[EditionText, EditionText]) -> None:
    assert bool(compare(pair[1], pair[0], WORDS)) == (pair[0] != pair[1])


def test_a_column_that_lost_a_word_is_noticed() -> None:
    old = EditionText("題名", (Clause("第１条", "置く。"),))
    new = replace(old, blocks=(Clause("第１条", "設ける。"),))
    rows = compare(old, new, WORDS)
    ensure_conserved(rows, old.blocks, new.blocks)
    for broken in (
        rows[:-1],
        (replace(rows[0], new=replace(rows[0].new, is_cut=True)), *rows[1:], *rows[:1]),
        (replace(rows[0], old=replace(rows[0].old, texts=())), *rows[1:]),
        (replace(rows[0], new=rows[0].old), *rows[1:]),
        (*rows, rows[-1]),
    ):
        with pytest.raises(NotConserved):
            ensure_conserved(broken, old.blocks, new.blocks)


def long_manual(pages: int, word: str) -> EditionText:
    """A manual of some 1,000 characters a page, every fifth page with the given word in it, one chapter moved."""
    sentence = (
        "児童の{n}番目の状況を把握したときは、{word}を通じて関係機関に連絡し、その結果を{n}日以内に記録する。"
    )
    chapters = []
    for page in range(pages):
        changed = word if page % 5 == 0 else "地区保健福祉センター"
        chapters.append(
            (
                Heading(1, f"第{page + 1}章", f"場面{page}の手順"),
                *(Clause("", sentence.format(n=page * 20 + n, word=changed)) for n in range(12)),
                *(
                    Clause(f"({n + 1})", sentence.format(n=page * 100 + n, word=word[:2]), 1)
                    for n in range(6)
                ),
            )
        )
    if word == "相談窓口":
        chapters.insert(3, chapters.pop(90))
    return EditionText("見本マニュアル", tuple(block for chapter in chapters for block in chapter))


def test_a_moved_chapter_of_a_long_manual_is_not_taken_for_another() -> None:
    """How long it takes is measured by benchmarks/editions.py."""
    rows = compare(long_manual(100, "こども家庭課"), long_manual(100, "相談窓口"), WORDS)
    assert any(row.new.texts and row.new.texts[0][0].text == "（第91章へ移動）" for row in rows)


def test_a_cell_of_a_case_says_its_shape() -> None:
    assert {shape.value for shape in Shape} == {"line", "caption", "row", "blank"}


def test_cases_cover_what_the_issue_names() -> None:
    assert len(CASES) >= 20
    assert isinstance(read_case(CASES[0]), Case)
