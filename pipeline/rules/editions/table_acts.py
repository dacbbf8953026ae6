"""What a 改め文 says of a table in a 別表: 医療の項中「…」を「…」に改め, 医療の項の次に次のように加え, 医療の項を削り."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, TypeAlias

from pipeline.rules.editions.acts import Act, Inexpressible, Verb, quote_acts
from pipeline.rules.editions.quoting import find_quotes
from pipeline.rules.editions.tables import Cells, align_rows
from pipeline.rules.editions.text import Table

# A row goes by its first cell, which must be a plain name.
_NAME: Final = re.compile("(?:(?!の項)[^「」、。\n])+")
_Pair: TypeAlias = tuple[Cells | None, Cells | None]


def table_acts(address: str, old: Table, new: Table, around: str) -> Iterator[Act]:
    """Yield the acts that turn one table into another, `around` being all words of the 別表.

    Raises Inexpressible where a row cannot be named, or the head changed: then the table is put in anew.
    """
    pairs = list(align_rows(old.rows, new.rows))
    if old.rows[0] != new.rows[0]:
        raise Inexpressible
    _ensure_named(old.rows[1:])
    _ensure_named(new.rows[1:])
    for left, right in pairs:
        if left and right is None:
            yield Act(f"{address}{left[0]}の項", "を", Verb.DELETE)
    for left, right in pairs:
        if left and right and left != right:
            yield from _amendments(address, left, right, around)
    yield from _additions(address, pairs)


def _ensure_named(rows: Sequence[Cells]) -> None:
    names = [row[0] for row in rows]
    if len(set(names)) < len(names) or not all(_NAME.fullmatch(name) for name in names):
        raise Inexpressible


def _amendments(address: str, left: Cells, right: Cells, around: str) -> Iterator[Act]:
    """The changed cells of a row; the name of a row is amended by the words of the whole 別表."""
    for column, (old, new) in enumerate(zip(left, right, strict=True)):
        if old != new and column:
            yield from _quoted(f"{address}{left[0]}の項", old, new, "\n".join(left))
    if left[0] != right[0]:
        yield from _quoted(address, left[0], right[0], around)


def _quoted(address: str, old: str, new: str, around: str) -> Iterator[Act]:
    quotes = find_quotes(old, new, around)
    if quotes is None:
        raise Inexpressible
    return quote_acts(address, quotes)


def _additions(address: str, pairs: Sequence[_Pair]) -> Iterator[Act]:
    """The new rows, each group beside a row that is there already, by the name it bears by now."""
    rows = [(right, left is None) for left, right in pairs if right]
    at = 0
    for is_new, group in groupby(rows, key=lambda row: row[1]):
        added = tuple(row for row, _ in group)
        if is_new:
            yield Act(address, f"{_place(rows, at, at + len(added))}次のように", Verb.ADD, (Table(added),))
        at += len(added)


def _place(rows: Sequence[tuple[Cells, bool]], start: int, end: int) -> str:
    if end == len(rows):
        return "に"
    if start > 1:  # the head has no name
        return f"{rows[start - 1][0][0]}の項の次に"
    return f"{rows[end][0][0]}の項の前に"
