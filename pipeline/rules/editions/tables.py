"""Two versions of a table, row beside row. A changed table is always shown whole (domain.md §4.3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TypeAlias

from pipeline.rules.editions.alignment import align
from pipeline.rules.editions.phrases import Spans, compare_words, plain, underline

Cells: TypeAlias = tuple[str, ...]
SpanCells: TypeAlias = tuple[Spans, ...]


def align_rows(old: Sequence[Cells], new: Sequence[Cells]) -> Iterator[tuple[Cells | None, Cells | None]]:
    """Pair the rows of two tables: equal ones, then those of the same first cell, then by place; the rest stand alone.

    Where the number of columns changed, or the head, nothing is paired but by place: the table was made anew.
    """
    if old[0] != new[0]:
        yield from zip_longest(old, new)
        return
    yield old[0], new[0]
    for olds, news in _stretches(old[1:], new[1:]):
        yield from zip(olds, news, strict=True) if olds == news else _align_by_name(olds, news)


def _align_by_name(old: Sequence[Cells], new: Sequence[Cells]) -> Iterator[tuple[Cells | None, Cells | None]]:
    for olds, news in _stretches(old, new, first_cell_only=True):
        if len(olds) == len(news):
            yield from zip(olds, news, strict=True)
        else:
            yield from ((row, None) for row in olds)
            yield from ((None, row) for row in news)


def _stretches(
    old: Sequence[Cells], new: Sequence[Cells], first_cell_only: bool = False
) -> Iterator[tuple[Sequence[Cells], Sequence[Cells]]]:
    keys = [[row[:1] if first_cell_only else row for row in rows] for rows in (old, new)]
    for i, j, k, n in align(keys[0], keys[1]):
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
