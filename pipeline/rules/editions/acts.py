"""What a sentence of a 改め文 is put together from: an address, what happens there, and a verb (domain.md §4.4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import pairwise
from typing import Final

from pipeline.rules.editions.quoting import Quote
from pipeline.rules.editions.sentences import Sentence
from pipeline.rules.editions.text import Block


class Inexpressible(Exception):
    """The vocabulary has no words for a change."""


class Verb(Enum):
    """The verbs, as they stand before another and at the end of a sentence."""

    AMEND = ("改め", "改める")
    ADD = ("加え", "加える")
    DELETE = ("削り", "削る")
    BECOME = ("とし", "とする")
    RAISE = ("繰り上げ", "繰り上げる")
    LOWER = ("繰り下げ", "繰り下げる")
    GIVE = ("付し", "付する")


@dataclass(frozen=True, slots=True)
class Act:
    """第３条第１項 (address) 中「…」を「…」に (tail) 改め (verb). Acts with blocks end their sentence.

    A tail that begins with 中 may follow another at the same address without naming it again.
    """

    address: str
    tail: str
    verb: Verb
    blocks: tuple[Block, ...] = field(default=(), compare=False)


_D: Final = "[0-9０-９]+"
_NAMED_AGAIN: Final = (
    (re.compile(f"(?:第{_D}条(?:の{_D})*|附則)第{_D}項"), "同項"),
    (re.compile(f"第{_D}条(?:の{_D})*"), "同条"),
    (re.compile(f"別表(?:第{_D}(?:の{_D})*)?"), "同表"),
)
INSIDE: Final = "中"


def quote_acts(address: str, quotes: Iterable[Quote]) -> Iterator[Act]:
    """The acts that amend words at an address."""
    for quote in quotes:
        if not quote.new:
            yield Act(address, f"{INSIDE}「{quote.old}」を", Verb.DELETE)
        elif quote.new.startswith(quote.old):
            added = quote.new.removeprefix(quote.old)
            yield Act(address, f"{INSIDE}「{quote.old}」の次に「{added}」を", Verb.ADD)
        else:
            yield Act(address, f"{INSIDE}「{quote.old}」を「{quote.new}」に", Verb.AMEND)


def shorten_alone(acts: Iterable[Act]) -> tuple[Act, ...]:
    """第４条第２項を削る for 第４条中第２項を削る, where it is all that happens to a list."""
    found = tuple(acts)
    if len(found) == 1 and found[0].verb in (Verb.DELETE, Verb.ADD):
        return (replace(found[0], tail=found[0].tail.removeprefix(INSIDE)),)
    return found


def make_sentences(acts: Iterable[Act]) -> Iterator[Sentence]:
    """Put the acts of one article, or of one list, into sentences; one that puts provisions in ends its sentence."""
    waiting: list[Act] = []
    for act in acts:
        waiting.append(act)
        if act.blocks:
            yield Sentence(_join(waiting), act.blocks)
            waiting = []
    if waiting:
        yield Sentence(_join(waiting))


def _join(acts: Sequence[Act]) -> str:
    words = _name(acts[0], None) + acts[0].tail
    for before, act in pairwise(acts):
        # 「Ａ」を「Ｂ」に、「Ｃ」を「Ｄ」に改め: one verb for words amended at one place
        shares_verb = _follows(act, before) and (act.verb, before.verb) == (Verb.AMEND, Verb.AMEND)
        words += "、" if shares_verb else f"{before.verb.value[0]}、"
        words += act.tail.removeprefix(INSIDE) if _follows(act, before) else _name(act, before) + act.tail
    return f"{words}{acts[-1].verb.value[1]}。"


def _follows(act: Act, before: Act) -> bool:
    """Whether an act goes on at the place of the one before without naming it."""
    return act.address == before.address and all(a.tail.startswith(INSIDE) for a in (act, before))


def _name(act: Act, before: Act | None) -> str:
    """The address; 同項, 同条 or 同表 for what the act before has named."""
    for pattern, again in _NAMED_AGAIN:
        named = pattern.match(before.address) if before else None
        here = pattern.match(act.address)
        if named and here and here.group() == named.group():
            return again + act.address[here.end() :]
    return act.address
