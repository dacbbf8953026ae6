"""Which pages of a binder are taken out and which put in: two editions laid side by side, page by page (M07)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest


@dataclass(frozen=True, slots=True)
class PageChange:
    """Pages, counted from 1, of the old edition that give way to pages of the new one; either may be none (0, 0)."""

    old: tuple[int, int]
    new: tuple[int, int]


def compare_pages(old: Sequence[str], new: Sequence[str]) -> tuple[PageChange, ...]:
    """Return the stretches of pages that say something else, running heads aside.

    A page stays in the binder only if the same words stand on the page of the same number: its number is printed on it.
    """
    pairs = list(enumerate(zip_longest(old, new), 1))
    return tuple(
        change
        for differs, group in groupby(pairs, key=lambda pair: pair[1][0] != pair[1][1])
        if differs
        for change in _stretch([number for number, _ in group], len(old), len(new))
    )


def _stretch(numbers: Sequence[int], old_pages: int, new_pages: int) -> Iterator[PageChange]:
    first, last = numbers[0], numbers[-1]
    yield PageChange(_within(first, last, old_pages), _within(first, last, new_pages))


def _within(first: int, last: int, pages: int) -> tuple[int, int]:
    return (first, min(last, pages)) if first <= pages else (0, 0)


def print_page_changes(changes: Sequence[PageChange]) -> list[dict[str, str]]:
    """Return the rows of a 差替え一覧: pages taken out, pages put in, what to do."""
    return [
        {"old": _print_pages(change.old), "new": _print_pages(change.new), "how": _how(change)}
        for change in changes
    ]


def _print_pages(pages: tuple[int, int]) -> str:
    first, last = pages
    if not first:
        return "―"
    return str(first) if first == last else f"{first}～{last}"


def _how(change: PageChange) -> str:
    if not change.old[0]:
        return "後ろに加える"
    return "差し替える" if change.new[0] else "抜き取る"
