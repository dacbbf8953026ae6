"""Whether the numbers of a text are in order: one of each, rising by one, in the city's style (domain.md §6.7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.rules.editions.numbering import Kind, in_city_style, read_number
from pipeline.rules.editions.outline import Provision, number_of, outline
from pipeline.rules.editions.text import Block


@dataclass(frozen=True, slots=True)
class NumberFault:
    """What is wrong with the number of a block (its place in the text). One that is no error may be meant so."""

    place: int
    message: str
    is_error: bool = False


def check_numbers(blocks: Sequence[Block]) -> tuple[NumberFault, ...]:
    """Return every number that stands twice or out of order, that leaves one out, or is written in another style."""
    return tuple(sorted(_faults(blocks), key=lambda fault: fault.place))


def _faults(blocks: Sequence[Block]) -> Iterator[NumberFault]:
    for numbered in _lists(outline(blocks)):
        for before, after in pairwise(numbered):
            yield from _check_pair(before, after)
    for place, block in enumerate(blocks):
        number = number_of(block)
        if number and in_city_style(number) != number:
            yield NumberFault(
                place, "番号の数字は、１桁は全角、２桁以上は半角（号は (1) の形）で書いてください。"
            )


def _lists(tops: Sequence[Provision]) -> Iterator[list[Provision]]:
    """The provisions that are numbered together: the articles of the whole text, others among their neighbours."""
    articles = [
        part for top in tops for part in top.walk() if _kind(part) is Kind.ARTICLE and not _is_closing(top)
    ]
    yield articles
    yield from _neighbours(tops)


def _neighbours(parts: Sequence[Provision]) -> Iterator[list[Provision]]:
    by_kind: dict[Kind, list[Provision]] = defaultdict(list)
    for part in parts:
        kind = _kind(part)
        if kind is not None and kind not in (Kind.ARTICLE, Kind.SUPPLEMENT):
            by_kind[kind].append(part)
    yield from by_kind.values()
    for part in parts:
        yield from _neighbours(part.parts)


def _kind(part: Provision) -> Kind | None:
    number = read_number(number_of(part.block))
    return number.kind if number else None


def _is_closing(top: Provision) -> bool:
    return _kind(top) in (Kind.SUPPLEMENT, Kind.ANNEX, Kind.FORM)


def _check_pair(before: Provision, after: Provision) -> Iterator[NumberFault]:
    first, second = read_number(number_of(before.block)), read_number(number_of(after.block))
    if first is None or second is None:
        return
    if first.ordinals == second.ordinals:
        yield NumberFault(after.start, "同じ番号が前にもあります。番号を付け直してください。", is_error=True)
    elif first.ordinals > second.ordinals:
        yield NumberFault(after.start, "番号が前に戻っています。順に並べてください。", is_error=True)
    elif not _follows(first.ordinals, second.ordinals):
        yield NumberFault(after.start, "前の番号との間が空いています。抜けた条項がないか確かめてください。")


def _follows(first: tuple[int, ...], second: tuple[int, ...]) -> bool:
    """第３条 is followed by 第４条 or 第３条の２, 第３条の２ by 第３条の３ or 第４条."""
    steps = {(*first[:depth], first[depth] + 1) for depth in range(len(first))}
    return second in steps | {(*first, 2)}
