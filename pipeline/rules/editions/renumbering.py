"""Numbers of headings given anew: 第１章, 第２章 …; １, ２ … below each; what has branches (第４章の２) keeps its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from pipeline.rules.editions.numbering import Kind, Number, read_number
from pipeline.rules.editions.outline import Provision, outline
from pipeline.rules.editions.text import Block, Heading
from pipeline.rules.wareki import digits

_COUNT: Final = re.compile("[0-9０-９]{1,4}")
_COUNTED: Final = (
    *(Kind.PART, Kind.VOLUME, Kind.CHAPTER, Kind.SECTION),
    *(Kind.PARAGRAPH, Kind.ITEM, Kind.ANNEX, Kind.FORM),
)


def renumber(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return the blocks with the numbers of their headings counted from one, in the city's style (domain.md §6.7)."""
    made = list(blocks)
    for place, number in _numbers(outline(blocks)):
        block = made[place]
        if isinstance(block, Heading):
            made[place] = replace(block, number=number)
    return tuple(made)


def _numbers(parts: Sequence[Provision]) -> Iterator[tuple[int, str]]:
    headed = [(part, part.block, number) for part in parts if (number := _read(part.block))]
    for kind, group in groupby(sorted(headed, key=lambda one: one[2].kind.value), lambda one: one[2].kind):
        rows = list(group)
        if kind in _COUNTED and all(len(number.ordinals) == 1 for _, _, number in rows):
            for count, (part, block, _) in enumerate(rows, 1):
                if isinstance(block, Heading):
                    yield part.start, _counted(block.number, kind, count)
    for part in parts:
        yield from _numbers(part.parts)


def _read(block: Block) -> Number | None:
    return read_number(block.number) if isinstance(block, Heading) else None


def _counted(number: str, kind: Kind, count: int) -> str:
    return f"({count})" if kind is Kind.ITEM else _COUNT.sub(digits(count), number, count=1)
