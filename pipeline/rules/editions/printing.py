"""What the templates of editions print: rows of a 新旧対照表, lines of a text, lines of a 改め文 (facts of a ruling).

Plain mappings of words, numbers and lists, as templates read them. A template chooses how a line looks by its `style`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pipeline.rules.editions.numbering import Kind
from pipeline.rules.editions.phrases import Spans, join_spans, plain
from pipeline.rules.editions.rows import Cell, Row, Shape, printed_words
from pipeline.rules.editions.sentences import Sentence
from pipeline.rules.editions.text import Block, Clause, EditionText, Heading, Table, kind_of
from pipeline.rules.editions.words import RevisionWords

MAX_COLUMNS: Final = 8  # of a table the templates know; a wider one is printed line by line
_BAR: Final = "　｜　"

Fact = Mapping[str, Any]


# --- 新旧対照表 ---------------------------------------------------------------------------------------------------


def print_rows(rows: Sequence[Row], words: RevisionWords, reasons: Sequence[str] = ()) -> list[Fact]:
    """Return the rows, 改正後 left or right as the office has it. `reasons` are those of `place_reasons`, if any.

    A row: `columns` (0 for lines of text, else the cells on each side), `opens`, `reason`, `left` and `right`. A side:
    `style` (line, caption, blank), `depth`, `spans` of {text, changed}; or `cells`, a list of spans.
    """
    told = reasons or [""] * len(rows)
    return [
        _print_row(row, words.new_is_left, reason, is_first=index == 0)
        for index, (row, reason) in enumerate(zip(rows, told, strict=True))
    ]


def _print_row(row: Row, new_is_left: bool, reason: str, is_first: bool) -> Fact:
    left, right = (row.new, row.old) if new_is_left else (row.old, row.new)
    columns = _columns(left, right)
    return {
        "opens": row.opens or is_first,
        "columns": columns,
        "reason": reason,
        "left": _print_cell(left, columns),
        "right": _print_cell(right, columns),
    }


def _columns(left: Cell, right: Cell) -> int:
    """How many cells stand on each side; 0 where the two sides are no rows of one width."""
    widths = {len(cell.texts) for cell in (left, right) if cell.shape is Shape.ROW}
    return widths.pop() if len(widths) == 1 and max(widths) <= MAX_COLUMNS else 0


def _print_cell(cell: Cell, columns: int) -> Fact:
    if columns:
        filled = [_print_spans(spans) for spans in cell.texts]
        return {"cells": filled + [[] for _ in range(columns - len(filled))]}
    style = {Shape.CAPTION: "caption", Shape.BLANK: "blank"}.get(cell.shape, "line")
    bars = [part for spans in cell.texts for part in (plain(_BAR), spans)][1:]
    return {"style": style, "depth": cell.depth, "spans": _print_spans(join_spans(*bars))}


def _print_spans(spans: Spans) -> list[Fact]:
    return [{"text": span.text, "changed": span.changed} for span in spans]


# --- Texts --------------------------------------------------------------------------------------------------------


def print_text(text: EditionText) -> list[Fact]:
    """Return a whole text line by line, its title first.

    A line: `style` (title, heading, annex, caption, body, plain, figure), `depth`, `text`. A table: style `table`, its
    `columns`, its first row as `head`, the other `rows`, each a list of texts.
    """
    return [_line("title", text.title), *print_blocks(text.blocks)]


def print_blocks(blocks: Iterable[Block]) -> list[Fact]:
    """Return blocks line by line."""
    return [line for block in blocks for line in _print_block(block)]


def print_sentences(sentences: Iterable[Sentence]) -> list[Fact]:
    """Return a 改め文 line by line: style `sentence`, and below it the lines of what it puts in."""
    return [
        line
        for sentence in sentences
        for line in (_line("sentence", sentence.words), *print_blocks(sentence.blocks))
    ]


def _print_block(block: Block) -> Iterator[Fact]:
    if isinstance(block, Table):
        yield from _print_table(block)
    elif isinstance(block, Heading):
        style = "annex" if kind_of(block.number) in (Kind.ANNEX, Kind.FORM) else "heading"
        yield _line(style, printed_words(block), block.level - 1)
    elif isinstance(block, Clause):
        if block.caption:
            yield _line("caption", block.caption)
        style = "body" if block.number or block.depth else "plain"
        yield _line(style, printed_words(block), block.depth)
    else:
        yield _line("figure", block.caption)


def _print_table(table: Table) -> Iterator[Fact]:
    head, *rows = table.rows
    if len(head) > MAX_COLUMNS:
        yield from (_line("body", _BAR.join(row)) for row in table.rows)
        return
    yield {
        **_line("table", ""),
        "columns": len(head),
        "head": list(head),
        "rows": [{"cells": list(row)} for row in rows],
    }


def _line(style: str, text: str, depth: int = 0) -> Fact:
    return {"style": style, "text": text, "depth": depth}


# --- What must stand on the paper ---------------------------------------------------------------------------------


def texts_of(facts: Iterable[Fact]) -> list[str]:
    """Return every word of rows or lines that the paper must print, once each."""
    return list(dict.fromkeys(text for fact in facts for text in _texts(fact) if text))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from (text for name, member in value.items() if name != "style" for text in _texts(member))
    elif isinstance(value, list):
        yield from (text for member in value for text in _texts(member))
    elif isinstance(value, str):
        yield value
