"""Small numbers in tables that leave the house: which cells must be masked so that none can be computed back. Pure.

Six cases over seven centres identify families (domain.md §5.7). Every count below the office's threshold is masked
(primary); then further cells, until no masked one follows from the sums that are printed (complementary). A masked
cell counts as safe only when two solutions of everything printed are at hand in which it differs by `threshold - 1`:
each is a whole answer somebody outside could not tell from the truth. What is not found is masked, never trusted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

NONE: Final = "－"  # no figure: neither 0 nor endless
_MOST_STEPS: Final = 300  # of one search; given up, the cell counts as unsafe


@dataclass(frozen=True, slots=True)
class Sum:
    """A printed relation: the cell `total` is the sum of the cells `parts`."""

    total: str
    parts: tuple[str, ...]

    @property
    def cells(self) -> tuple[str, ...]:
        """Every cell the relation binds, the parts first."""
        return (*self.parts, self.total)


def suppress(
    cells: Mapping[str, int],
    sums: Sequence[Sum],
    threshold: int,
    also: Collection[str] = (),
    *,
    known: Collection[str] = (),
    hidden: Collection[str] = (),
) -> frozenset[str]:
    """Return the cells to mask. `cells` are counts (0 or more), `also` further cells that must be masked in any case.

    `known` are counts a reader holds already from an earlier paper: to mask them is no protection, so another goes first.
    `hidden` are never printed and need no protection: they only stand between two sums. They are not returned. The same
    cells are masked whatever order they come in. With a threshold below 2 only `also` is protected.
    """
    masked = {cell for cell, count in cells.items() if count < threshold} | set(also) | set(hidden)
    safe = set(hidden)  # grows only: what else is masked takes no answer away
    while (unsafe := _first_unsafe(cells, sums, masked, safe, max(threshold - 1, 1))) is not None:
        if (next_one := _sacrifice(unsafe, cells, sums, masked, known)) is not None:
            masked.add(next_one)
        else:
            safe.add(unsafe)
    return frozenset(masked - set(hidden))


def percent(part: int, whole: int) -> str:
    """A ratio in percent with one decimal, half up (四捨五入): ６ of ７ is 85.7％; － where there is no whole to divide by."""
    if whole == 0:
        return NONE
    tenths = (part * 2000 + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}％"


def shown(cells: Mapping[str, int], masked: Collection[str]) -> dict[str, int | None]:
    """Return the cells as they may be printed: None where masked."""
    return {cell: None if cell in masked else count for cell, count in cells.items()}


def _first_unsafe(
    cells: Mapping[str, int], sums: Sequence[Sum], masked: Collection[str], safe: set[str], spread: int
) -> str | None:
    """The first masked cell that is not known to be safe and cannot be shown to be; those that can join `safe`."""
    state, bound = {cell: cells[cell] for cell in masked}, _by_cell(sums)
    for cell in sorted(set(masked) - safe):
        upward = _reach(cell, 1, state, bound, spread)
        if upward < spread and upward + _reach(cell, -1, state, bound, spread - upward) < spread:
            return cell
        safe.add(cell)
    return None


def _sacrifice(
    unsafe: str,
    cells: Mapping[str, int],
    sums: Sequence[Sum],
    masked: Collection[str],
    known: Collection[str],
) -> str | None:
    """The next cell to mask: of the relations the unsafe one is bound by, the smallest count above nothing, totals last,
    and of those the total of most tables last.

    None where all that binds it is masked whole. Then it is safe, found or not: the cells count things, and with one
    thing more of any kind, or a hundred, the same relations hold.
    """
    near = _bound_to(unsafe, sums, {*masked, *known}) or _bound_to(unsafe, sums, masked)
    totals = Counter(relation.total for relation in sums)
    return min(near, key=lambda cell: (totals[cell], cells[cell] == 0, cells[cell], cell), default=None)


def _bound_to(unsafe: str, sums: Sequence[Sum], taken: Collection[str]) -> set[str]:
    """The cells nearest to a masked one that are not taken: in its own relations, else in those its neighbours share."""
    reached = {unsafe}
    while True:
        around = {cell for relation in sums if reached & set(relation.cells) for cell in relation.cells}
        if (near := around - set(taken)) or around <= reached:
            return near
        reached |= around


# --- What could as well be true -----------------------------------------------------------------------------------


def _by_cell(sums: Sequence[Sum]) -> dict[str, list[Sum]]:
    """The relations that bind each cell."""
    bound: dict[str, list[Sum]] = {}
    for relation in sums:
        for cell in relation.cells:
            bound.setdefault(cell, []).append(relation)
    return bound


def _reach(
    cell: str, step: int, state: Mapping[str, int], bound: Mapping[str, Sequence[Sum]], most: int
) -> int:
    """How far a masked cell can be moved, one by one, while every relation holds and no count falls below 0."""
    now = dict(state)
    for reached in range(most):
        change = _Search(now, bound).balance({cell: step}) if now[cell] + step >= 0 else None
        if change is None:
            return reached
        for moved, by in change.items():
            now[moved] += by
    return most


@dataclass(slots=True)
class _Search:
    """Looks for masked cells that take up a change, so that every relation holds again."""

    state: Mapping[str, int]
    bound: Mapping[str, Sequence[Sum]]
    steps: int = 0

    def balance(self, change: dict[str, int]) -> dict[str, int] | None:
        """Return the change completed, or None where none was found."""
        self.steps += 1
        if self.steps > _MOST_STEPS:
            return None
        ways = self._tightest(change)
        if ways is None:
            return change
        for cell, by in sorted(ways, key=lambda way: -way[1]):  # to grow is seldom a dead end
            if (found := self.balance({**change, cell: by})) is not None:
                return found
        return None

    def _tightest(self, change: Mapping[str, int]) -> list[tuple[str, int]] | None:
        """The ways to mend the broken relation that has fewest of them; None where nothing is broken."""
        tightest: list[tuple[str, int]] | None = None
        for relation in dict.fromkeys(relation for cell in change for relation in self.bound.get(cell, ())):
            if lacking := _lacking(relation, change):
                ways = list(self._ways(relation, change, 1 if lacking > 0 else -1))
                if tightest is None or len(ways) < len(tightest):
                    tightest = ways
        return tightest

    def _ways(self, broken: Sum, change: Mapping[str, int], sign: int) -> Iterator[tuple[str, int]]:
        for cell in broken.cells:
            by = -sign if cell == broken.total else sign
            if cell in self.state and cell not in change and self.state[cell] + by >= 0:
                yield cell, by


def _lacking(relation: Sum, change: Mapping[str, int]) -> int:
    """By how much the total moves more than its parts."""
    parts = sum(change[part] for part in relation.parts if part in change)
    return change.get(relation.total, 0) - parts
