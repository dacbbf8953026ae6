"""The rows of a 新旧対照表 as values, and the proof that they are the two texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import Final, TypeAlias

from pipeline.rules.editions.numbering import join_number
from pipeline.rules.editions.outline import number_of
from pipeline.rules.editions.phrases import Spans
from pipeline.rules.editions.text import Block, Clause, Heading, Table


class Shape(StrEnum):
    """How a cell is printed: a line, the 見出し in brackets above it, the row of a table; or nothing."""

    LINE = "line"
    CAPTION = "caption"
    ROW = "row"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Cell:
    """One side of a row: one text, or one for each column of a table.

    `start` and `end` count the printed lines it stands for; a note or a blank stands for none. Where `is_cut`, （略） is
    printed in their place. A copy prints once more what stands elsewhere in its column (where a moved provision was).
    """

    shape: Shape
    texts: tuple[Spans, ...] = ()
    depth: int = 0
    start: int = 0
    end: int = 0
    is_cut: bool = False
    is_copy: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table; `opens` says that an article or a headed section begins here."""

    new: Cell
    old: Cell
    opens: bool = False


BLANK: Final = Cell(Shape.BLANK)
Line: TypeAlias = tuple[str, ...]  # one text, or the cells of a table's row


class NotConserved(RuntimeError):
    """A table would lose or alter words: a fault of this program, never of a text."""


def has_changed(row: Row) -> bool:
    """Whether something is underlined in a row."""
    return any(span.changed for cell in (row.new, row.old) for spans in cell.texts for span in spans)


def words_of(block: Block) -> str:
    """The words of a block beside its number and caption; a table has none."""
    if isinstance(block, Clause):
        return block.words
    if isinstance(block, Heading):
        return block.title
    return "" if isinstance(block, Table) else block.caption


def lines_of(block: Block) -> Iterator[tuple[Shape, Line]]:
    """Yield the printed lines of a block."""
    if isinstance(block, Table):
        yield from ((Shape.ROW, row) for row in block.rows)
        return
    if isinstance(block, Clause) and block.caption:
        yield Shape.CAPTION, (block.caption,)
    yield Shape.LINE, (printed_words(block),)


def printed_words(block: Block) -> str:
    """The number and the words of a block as a paper prints them; an item without number is given a dot."""
    return bullet_of(block) + join_number(number_of(block), words_of(block))


def bullet_of(block: Block) -> str:
    """・ before an item of a list that has no number."""
    return "・" if isinstance(block, Clause) and block.depth and not block.number else ""


def printed_lines(blocks: Iterable[Block]) -> tuple[Line, ...]:
    """Return a text line by line, as the table prints it."""
    return tuple(line for block in blocks for _, line in lines_of(block))


def first_lines(blocks: Iterable[Block]) -> tuple[int, ...]:
    """Return the first printed line of each block, and at the end the number of all lines."""
    return (0, *accumulate(len(tuple(lines_of(block))) for block in blocks))


def read_column(cells: Iterable[Cell], lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return what a column says, each （略） put back from the lines of its text."""
    said: list[Line] = []
    for cell in cells:
        if cell.is_copy or cell.start == cell.end:
            continue
        shown = tuple("".join(span.text for span in spans) for spans in cell.texts)
        said += lines[cell.start : cell.end] if cell.is_cut else [shown]
    return tuple(said)


def ensure_conserved(rows: Sequence[Row], old: Iterable[Block], new: Iterable[Block]) -> None:
    """Raise NotConserved unless each column, every （略） put back, is its text to the letter."""
    for cells, blocks in (([row.old for row in rows], old), ([row.new for row in rows], new)):
        lines = printed_lines(blocks)
        if read_column(cells, lines) != lines:
            raise NotConserved("a column of the comparison is not its text")
