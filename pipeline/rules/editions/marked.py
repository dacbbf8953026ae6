"""Two editions as one marked text: what was kept, what was put in, what was taken out, line by line.

Made from the rows of the 新旧対照表, each （略） put back: without what was taken out it is the new edition, without what was
put in the old one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.rules.editions.phrases import find_changes
from pipeline.rules.editions.rows import Cell, Line, Row, Shape, lines_of
from pipeline.rules.editions.text import Block, Clause, EditionText, Heading

KEPT, INSERTED, DELETED = "kept", "inserted", "deleted"
_NO_LINE: Final = Cell(Shape.BLANK)


@dataclass(frozen=True, slots=True)
class MarkedSpan:
    """A stretch of text that is kept, inserted or deleted."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """A printed line of either text (a caption, a line, a row of a table) with the block it belongs to.

    `place` tells two tables apart that follow each other.
    """

    shape: Shape
    block: Block
    cells: tuple[tuple[MarkedSpan, ...], ...]
    place: int


@dataclass(frozen=True, slots=True)
class _Source:
    """A line of one text."""

    shape: Shape
    line: Line
    block: Block
    place: int


def mark_up(old: EditionText, new: EditionText, rows: Sequence[Row]) -> tuple[MarkedLine, ...]:
    """Return both texts as one. `rows` are those of `compare`; where there are none, nothing changed."""
    olds, news = _sources(old.blocks), _sources(new.blocks)
    if not rows or old.blocks == new.blocks:
        return tuple(_kept(source) for source in news)
    return tuple(line for row in rows for line in _mark_row(row, olds, news))


def _sources(blocks: Sequence[Block]) -> tuple[_Source, ...]:
    return tuple(
        _Source(shape, line, block, place)
        for place, block in enumerate(blocks)
        for shape, line in lines_of(block)
    )


def _mark_row(row: Row, olds: Sequence[_Source], news: Sequence[_Source]) -> Iterator[MarkedLine]:
    """A row stands for lines of both texts: as many on each side where they are the same provisions."""
    before = [] if row.old.is_copy else list(olds[row.old.start : row.old.end])
    after = list(news[row.new.start : row.new.end])
    if len(before) == len(after):
        for left, right in zip(before, after, strict=True):
            yield from _mark_pair(left, right)
        return
    yield from (_whole(source, DELETED) for source in before)
    yield from (_whole(source, INSERTED) for source in after)


def _mark_pair(left: _Source, right: _Source) -> Iterator[MarkedLine]:
    """One line in both texts; if it is another kind of line now, or a heading of another depth, both stand there."""
    if (left.shape, len(left.line), _look(left.block)) != (right.shape, len(right.line), _look(right.block)):
        yield _whole(left, DELETED)
        yield _whole(right, INSERTED)
        return
    cells = tuple(_compare(*pair) for pair in zip(left.line, right.line, strict=True))
    yield MarkedLine(right.shape, right.block, cells, right.place)


def _compare(old: str, new: str) -> tuple[MarkedSpan, ...]:
    if old == new:
        return (MarkedSpan(new, KEPT),)
    parts = [
        part
        for change in find_changes(old, new)
        for part in (
            (MarkedSpan(change.new, KEPT),)
            if change.is_kept
            else (MarkedSpan(change.old, DELETED), MarkedSpan(change.new, INSERTED))
        )
    ]
    return tuple(part for part in parts if part.text)


def _look(block: Block) -> object:
    """How a line looks besides its words."""
    if isinstance(block, Heading):
        return (Heading, block.level)
    return (Clause, block.depth) if isinstance(block, Clause) else type(block)


def _kept(source: _Source) -> MarkedLine:
    return _whole(source, KEPT)


def _whole(source: _Source, kind: str) -> MarkedLine:
    cells = tuple((MarkedSpan(text, kind),) for text in source.line)
    place = source.place if kind != DELETED else -1 - source.place
    return MarkedLine(source.shape, source.block, cells, place)


def read_side(lines: Sequence[MarkedLine], left_out: str) -> tuple[Line, ...]:
    """Return the printed lines of one text: the marked text without the other's words (`left_out`)."""
    said = []
    for line in lines:
        kinds = {span.kind for cell in line.cells for span in cell}
        if kinds != {left_out}:
            said.append(
                tuple("".join(span.text for span in cell if span.kind != left_out) for cell in line.cells)
            )
    return tuple(said)
