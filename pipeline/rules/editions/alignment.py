"""Two sequences laid side by side: difflib, kept within bounds.

difflib's default takes the commonest elements for junk, which tears Japanese sentences apart (の, 、 are the commonest), so
it is turned off. What both sequences begin and end with is taken off first: most revisions change little, and the rest
costs the product of its lengths.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Final, TypeAlias

MAX_WORK: Final = 1_000_000  # beyond this product of lengths the middle is one replacement

Stretch: TypeAlias = tuple[int, int, int, int]  # old[i:j] stands beside new[k:n]


def align(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[Stretch]:
    """Yield the stretches of two sequences in order: equal ones, and those that replace each other."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    i, k = len(old) - tail, len(new) - tail
    if head:
        yield 0, head, 0, head
    if (i - head) * (k - head) > MAX_WORK:
        yield head, i, head, k
    else:
        matcher = SequenceMatcher(None, old[head:i], new[head:k], autojunk=False)
        for _, *places in matcher.get_opcodes():
            first, last, begins, ends = (place + head for place in places)
            yield first, last, begins, ends
    if tail:
        yield i, len(old), k, len(new)


def _common(old: Sequence[Hashable], new: Sequence[Hashable]) -> int:
    """How many elements two sequences begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def longest_rise(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest choice of pairs whose first members rise (they come ordered by the second)."""
    ends: list[int] = []  # of each length, the place of the pair at which a rise ends lowest
    before: list[int] = []  # the place of the pair before each
    for place, (first, _) in enumerate(pairs):
        length = bisect_left(ends, first, key=lambda end: pairs[end][0])
        before.append(ends[length - 1] if length else -1)
        ends[length : length + 1] = [place]
    chosen: list[tuple[int, int]] = []
    place = ends[-1] if ends else -1
    while place >= 0:
        chosen.append(pairs[place])
        place = before[place]
    return chosen[::-1]
