"""The words a 改め文 quotes: 「…」を「…」に改め, 「…」の次に「…」を加え, 「…」を削り (domain.md §4.4).

What is quoted as old stands in the amended provision exactly where it changes and nowhere else: it is lengthened by whole
pieces (`segments.py`) until that is so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise, product
from typing import Final

from pipeline.rules.editions.phrases import Change, find_changes
from pipeline.rules.editions.segments import cut

MAX_QUOTES: Final = 5  # with more changes than this, or with more than this share of a sentence quoted,
MAX_SHARE: Final = 0.7  # a provision is better written anew;
MAX_REACH: Final = 8  # a quotation is lengthened by so many pieces on each side at most
MIN_SENTENCE: Final = 20  # a title or a cell of a table is shorter than a sentence and may be quoted whole
_MARKS: Final = frozenset("、。，．・「」（）")
_MEANING: Final = re.compile(
    "[^ぁ-ゖ及並又若、。・，．　 ]"
)  # particles, 及び and marks alone say nothing to a reader


@dataclass(frozen=True, slots=True)
class Quote:
    """Old words and what they become; words that are only added stand after the old ones."""

    old: str
    new: str


def find_quotes(old: str, new: str, around: str) -> tuple[Quote, ...] | None:
    """Return the quotes that turn the words `old` into `new`, or None where the words are better written anew.

    `around` is all the text in which the quoted words are looked for, one line for each line, `old` among them.
    """
    changes = find_changes(old, new)
    found: list[Quote] = []
    held = 0  # of the kept words before a change, those the quote before it already holds
    for index, change in enumerate(changes):
        if not change.is_kept:
            candidates = _candidates(changes, index, held)
            told = next(
                (c for c in candidates if _is_told(c[0], around, changes.count(change), change)), None
            )
            if told is None:
                return None
            quote, held = told
            found.append(quote)
    quotes = tuple(dict.fromkeys(found))
    is_long = len(old) >= MIN_SENTENCE and sum(len(quote.old) for quote in quotes) > MAX_SHARE * len(old)
    return None if is_long or len(quotes) > MAX_QUOTES else quotes


def _candidates(changes: Sequence[Change], index: int, held: int) -> Iterator[tuple[Quote, int]]:
    """A change with more and more of the kept words around it, shortest first; and how much it holds of those after."""
    change = changes[index]
    words = "".join(change.old for change in changes)
    start = sum(len(change.old) for change in changes[:index])
    stop = start + len(change.old)
    before = _pieces(words, start - len(changes[index - 1].old) + held if index else start, start)
    after = _pieces(words, stop, stop + len(changes[index + 1].old) if index + 1 < len(changes) else stop)
    reaches = product(range(min(len(before), MAX_REACH) + 1), range(min(len(after), MAX_REACH) + 1))
    for left, right in sorted(reaches, key=_reach(change, before, after)):
        head, tail = "".join(before[len(before) - left :]), "".join(after[:right])
        yield Quote(head + change.old + tail, head + change.new + tail), len(tail)


def _pieces(words: str, start: int, stop: int) -> tuple[str, ...]:
    """The pieces of a whole text that lie between two of its places."""
    ends = (0, *accumulate(map(len, cut(words))))
    return tuple(words[first:last] for first, last in pairwise(ends) if start <= first and last <= stop)


def _reach(
    change: Change, before: Sequence[str], after: Sequence[str]
) -> Callable[[tuple[int, int]], tuple[int, int, bool, int]]:
    """Fewest pieces first; rather none that begins or ends the quotation with a mark; rather words before than after.

    Words that are only added are best told by those before them: 「会議は、」の次に「必要に応じ、」を加え.
    """

    def order(reach: tuple[int, int]) -> tuple[int, int, bool, int]:
        left, right = reach
        edges = (before[len(before) - left] if left else "", after[right - 1] if right else "")
        beyond = 0 if change.old else right
        return beyond, left + right, any(edge in _MARKS for edge in edges if edge), right

    return order


def _is_told(quote: Quote, around: str, times: int, change: Change) -> bool:
    """Whether the old words stand where they change and nowhere else, and the brackets around them can be read."""
    if not _MEANING.search(quote.old) or not all(is_quotable(words) for words in (quote.old, quote.new)):
        return False
    found = around.count(quote.old)
    if quote == Quote(change.old, change.new):
        return found == times
    return found == 1 and around.find(quote.old) == around.rfind(quote.old)


def is_quotable(words: str) -> bool:
    """Whether words can be read again between 「 and 」: of one line, every bracket in them closed."""
    if "\n" in words:
        return False
    depth = 0
    for char in words:
        depth += (char == "「") - (char == "」")
        if depth < 0:
            return False
    return depth == 0
