"""What a 改め文 says of a list of provisions: deleted, renumbered, added (domain.md §4.4).

Carried out in this order nothing ever bears the number of another: what is deleted gives up its number first; what moves up
goes from the first to the last, what moves down from the last to the first; what is new comes when its place is free.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeVar

from pipeline.rules.editions.acts import INSIDE, Act, Inexpressible, Verb
from pipeline.rules.editions.numbering import Kind, Number
from pipeline.rules.editions.text import Block
from pipeline.rules.wareki import digits

UNITS: Final = {
    Kind.ARTICLE: "条",
    Kind.PARAGRAPH: "項",
    Kind.ITEM: "号",
    Kind.ANNEX: "表",
    Kind.FORM: "様式",
}
_MIN_RANGE: Final = 3  # two are named one by one


@dataclass(frozen=True, slots=True)
class Member:
    """One provision of a list: how it is named in its list (第３号), its number, its blocks, and the chapter it lies in."""

    name: str
    number: Number
    blocks: tuple[Block, ...]
    home: str = ""


_T = TypeVar("_T")
Stays = Sequence[tuple[int, int]]  # places in the old and in the new list of what is in both, rising in both


def list_acts(
    address: str, old: Sequence[Member], new: Sequence[Member], stays: Stays, anchor: str = ""
) -> Iterator[Act]:
    """Yield the acts that turn the old list into the new one, `address` being what holds it (nothing for articles).

    `anchor` is what the first of a list is put after where there is none yet: the first 別表 stands after the 附則.

    Raises Inexpressible where the numbers of a list do not rise, or are written otherwise than before.
    """
    for members in (old, new):
        if any(before.number.ordinals >= after.number.ordinals for before, after in pairwise(members)):
            raise Inexpressible
    pairs = [(old[i], new[k]) for i, k in stays]
    if any(left.number == right.number and left.name != right.name for left, right in pairs):
        raise Inexpressible
    inside = INSIDE if address else ""
    staying = {i for i, _ in stays}
    yield from _deletions(address, inside, [m for i, m in enumerate(old) if i not in staying], old)
    yield from _moves(address, inside, pairs)
    yield from _additions(address, new, {k for _, k in stays}, anchor)


# --- Deleted ------------------------------------------------------------------------------------------------------


def _deletions(address: str, inside: str, gone: Sequence[Member], old: Sequence[Member]) -> Iterator[Act]:
    for run in _runs(gone, lambda before, after: old.index(after) == old.index(before) + 1):
        yield Act(address, f"{inside}{_and(run[0].name, run[-1].name, len(run))}を", Verb.DELETE)


def _and(first: str, last: str, count: int) -> str:
    if count == 1:
        return first
    return f"{first}及び{last}" if count < _MIN_RANGE else f"{first}から{last}まで"


# --- Renumbered ---------------------------------------------------------------------------------------------------

_Pair = tuple[Member, Member]


def _moves(address: str, inside: str, pairs: Sequence[_Pair]) -> Iterator[Act]:
    up = [pair for pair in pairs if pair[1].number.ordinals < pair[0].number.ordinals]
    down = [pair for pair in pairs if pair[1].number.ordinals > pair[0].number.ordinals]
    for run in _runs(up, _are_in_step):
        yield from _move(address, inside, run, Verb.RAISE)
    for run in reversed(list(_runs(down, _are_in_step))):
        yield from _move(address, inside, run[::-1], Verb.LOWER)


def _move(address: str, inside: str, run: Sequence[_Pair], verb: Verb) -> Iterator[Act]:
    """One by one, or three and more in step at once: 第７条から第９条までを１条ずつ繰り上げ."""
    if len(run) < _MIN_RANGE:
        for left, right in run:
            yield Act(address, f"{inside}{left.name}を{right.name}", Verb.BECOME)
        return
    first, last = sorted((run[0], run[-1]), key=lambda pair: pair[0].number.ordinals)
    steps = abs(first[1].number.ordinals[0] - first[0].number.ordinals[0])
    unit = UNITS[first[0].number.kind]
    yield Act(address, f"{inside}{first[0].name}から{last[0].name}までを{digits(steps)}{unit}ずつ", verb)


def _are_in_step(before: _Pair, after: _Pair) -> bool:
    """Whether two neighbours, numbers without branches, go the same number of steps."""
    numbers = [member.number.ordinals for pair in (before, after) for member in pair]
    if any(len(number) != 1 for number in numbers) or before[0].number.kind not in UNITS:
        return False
    (old, new), (old_next, new_next) = (numbers[0][0], numbers[1][0]), (numbers[2][0], numbers[3][0])
    return old_next == old + 1 and new_next == new + 1


# --- Added --------------------------------------------------------------------------------------------------------


def _additions(address: str, new: Sequence[Member], staying: set[int], anchor: str) -> Iterator[Act]:
    places = [k for k in range(len(new)) if k not in staying]
    for run in _runs(places, lambda k, m: m == k + 1 and new[k].home == new[m].home):
        yield _addition(address, new, run, anchor)


def _addition(address: str, new: Sequence[Member], run: Sequence[int], anchor: str) -> Act:
    added = [new[k] for k in run]
    what = _what(added)
    blocks = tuple(block for member in added for block in member.blocks)
    before = new[run[0] - 1] if run[0] else None
    after = new[run[-1] + 1] if run[-1] + 1 < len(new) else None
    if address and after is None:
        return Act(address, f"に{what}", Verb.ADD, blocks)
    inside = INSIDE if address else ""
    if before is not None and before.home == added[0].home:
        return Act(address, f"{inside}{before.name}の次に{what}", Verb.ADD, blocks)
    if after is not None and after.home == added[0].home:
        return Act(address, f"{inside}{after.name}の前に{what}", Verb.ADD, blocks)
    if anchor and len(run) == len(new):
        return Act(address, f"{anchor}の次に{what}", Verb.ADD, blocks)
    if added[0].home:  # nothing of the chapter stays
        return Act(added[0].home, f"に{what}", Verb.ADD, blocks)
    raise Inexpressible


def _what(added: Sequence[Member]) -> str:
    """次の２条を; what has no unit of counting is only shown."""
    unit = UNITS.get(added[0].number.kind)
    return f"次の{digits(len(added))}{unit}を" if unit else "次のように"


def _runs(members: Sequence[_T], belongs: Callable[[_T, _T], bool]) -> Iterator[list[_T]]:
    run: list[_T] = []
    for member in members:
        if run and not belongs(run[-1], member):
            yield run
            run = []
        run.append(member)
    if run:
        yield run
