"""Reads a regulation as it is pasted from Word: no marks but its own numbers, indents of full-width spaces.

The numbers say what each line is (第３条, ２, (1), ア, 附　則, 別表); the first line is the title; the cells of a table are divided by
a tab or a ｜. The notation (`notation.py`) is read here as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from pipeline.rules.editions.notation import LineFault, read_text
from pipeline.rules.editions.numbering import Kind, split_number
from pipeline.rules.editions.text import (
    CAPTION,
    Block,
    Clause,
    EditionText,
    Heading,
    Table,
    check_shape,
    kind_of,
)

_BLANKS: Final = " 　\t"
_BAR: Final = "｜"  # forms refuse tabs, as they refuse every character nobody can see
# 第１条 協議会は: half-width spaces typed where one full-width space is meant
_LOOSE: Final = re.compile("([^ 　]{1,12})[ 　]+(.+)")
_HEADINGS: Final = {
    **dict.fromkeys((Kind.PART, Kind.VOLUME, Kind.CHAPTER, Kind.SUPPLEMENT, Kind.ANNEX, Kind.FORM), 1),
    Kind.SECTION: 2,
}
_ITEMS: Final = (Kind.ITEM, Kind.SUBITEM, Kind.SUBSUBITEM, Kind.CIRCLED)


def read_regulation(source: str) -> tuple[EditionText | None, tuple[LineFault, ...]]:
    """Read a regulation, pasted or in the notation; None with every faulty line.

    What begins with # is taken for the notation and read as strictly as any.
    """
    if source.startswith("#"):
        return read_text(source.rstrip("\n") + "\n")
    pasted = source.replace(_BAR, "\t").split("\n")
    lines = [(number, line) for number, line in enumerate(pasted, 1) if line.strip(_BLANKS)]
    if not lines:
        return None, (LineFault(1, "本文がありません。題名から附則・別表までの全文を貼り付けてください。"),)
    found = _with_captions(list(_read_lines(lines[1:])))
    text = EditionText(lines[0][1].strip(_BLANKS), tuple(block for _, block in found))
    places = (lines[0][0], *(number for number, _ in found))
    faults = tuple(LineFault(places[index + 1], fault) for index, fault in check_shape(text))
    return (None if faults else text), faults


def _read_lines(lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, Block]]:
    kinds: list[Kind] = []  # of the list at this place, outermost first: their order says how deep each lies
    for is_table, group in groupby(_marked(lines), key=lambda line: line[2]):
        stretch = [(number, raw) for number, raw, _ in group]
        if is_table:
            rows = (tuple(cell.strip(_BLANKS) for cell in raw.split("\t")) for _, raw in stretch)
            yield stretch[0][0], Table(tuple(rows))
            kinds = []
            continue
        for number, raw in stretch:
            printed, words = _split(raw.strip(_BLANKS))
            kind = kind_of(printed)
            if kind in _HEADINGS:
                yield number, Heading(_HEADINGS[kind], printed, words)
            else:
                kinds = kinds[: kinds.index(kind)] if kind in kinds else kinds
                kinds = [*kinds, kind] if kind in _ITEMS else []
                yield number, Clause(printed, words, len(kinds))


def _marked(lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str, bool]]:
    """Say of each line whether it is the row of a table: a tab between words, or, below such a row, any tab."""
    was_row = False
    for number, raw in lines:
        was_row = "\t" in (raw if was_row else raw.strip(_BLANKS))
        yield number, raw, was_row


def _split(bare: str) -> tuple[str, str]:
    loose = _LOOSE.fullmatch(bare)
    return (loose[1], loose[2]) if loose and kind_of(loose[1]) else split_number(bare)


def _with_captions(found: Sequence[tuple[int, Block]]) -> list[tuple[int, Block]]:
    """Put the （　） line above an article or a 項 to it."""
    made: list[tuple[int, Block]] = []
    for number, block in found:
        above = made[-1][1] if made else None
        if isinstance(block, Clause) and block.number and not block.depth and _is_caption(above):
            number, caption = made.pop()[0], above.words if isinstance(above, Clause) else ""
            block = replace(block, caption=caption)
        made.append((number, block))
    return made


def _is_caption(block: Block | None) -> bool:
    is_plain = isinstance(block, Clause) and not block.number and not block.depth
    return is_plain and isinstance(block, Clause) and CAPTION.fullmatch(block.words) is not None
