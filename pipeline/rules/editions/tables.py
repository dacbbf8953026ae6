"""Two versions of a table, row beside row. A changed table is always shown whole (domain.md §4.3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final, TypeAlias

from pipeline.rules.editions.alignment import align
from pipeline.rules.editions.phrases import Spans, compare_words, plain, underline

_WHOLE_ROW: Final = slice(None)
_FIRST_CELL: Final = slice(1)
_OTHER_CELLS: Final = slice(1, None)
Cells: TypeAlias = tuple[str, ...]
SpanCells: TypeAlias = tuple[Spans, ...]


def align_rows(old: Sequence[Cells], new: Sequence[Cells]) -> Iterator[tuple[Cells | None, Cells | None]]:
    """Pair the rows of two tables: equal ones, then those of the same first cell, then by place, as many as there are on
    both sides; else those that differ in their first cell only (a row numbered anew). The rest stand alone.

    Where the number of columns changed, or the head, nothing is paired but by place: the table was made anew.
    """
    if old[0] != new[0]:
        yield from zip_longest(old, new)
        return
    yield old[0], new[0]
    for olds, news in _stretches(old[1:], new[1:]):
        yield from zip(olds, news, strict=True) if olds == news else _align_by_name(olds, news)


def _align_by_name(old: Sequence[Cells], new: Sequence[Cells]) -> Iterator[tuple[Cells | None, Cells | None]]:
    for olds, news in _stretches(old, new, _FIRST_CELL):
        if len(olds) == len(news):
            yield from zip(olds, news, strict=True)
        else:
            yield from _align_by_rest(olds, news)


def _align_by_rest(old: Sequence[Cells], new: Sequence[Cells]) -> Iterator[tuple[Cells | None, Cells | None]]:
    for olds, news in _stretches(old, new, _OTHER_CELLS):
        if [row[1:] for row in olds] == [row[1:] for row in news] != [()] * len(olds):
            yield from zip(olds, news, strict=True)
        else:
            yield from ((row, None) for row in olds)
            yield from ((None, row) for row in news)


def _stretches(
    old: Sequence[Cells], new: Sequence[Cells], cells: slice = _WHOLE_ROW
) -> Iterator[tuple[Sequence[Cells], Sequence[Cells]]]:
    for i, j, k, n in align([row[cells] for row in old], [row[cells] for row in new]):
        yield old[i:j], new[k:n]


def compare_tables(
    old: Sequence[Cells], new: Sequence[Cells]
) -> Iterator[tuple[SpanCells | None, SpanCells | None]]:
    """Yield the rows of both tables as spans, cell by cell; None where a row stands in one of them only."""
    is_anew = len(old[0]) != len(new[0])
    for left, right in align_rows(old, new):
        if left is None or right is None or is_anew:
            yield (_all(left) if left else None), (_all(right) if right else None)
        elif left == right:
            yield tuple(map(plain, left)), tuple(map(plain, right))
        else:
            pairs = [compare_words(*cells) for cells in zip(left, right, strict=True)]
            yield tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)


def _all(row: Cells) -> SpanCells:
    return tuple(map(underline, row))
