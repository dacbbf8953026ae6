"""What changed inside one provision, phrase by phrase, as a 新旧対照表 underlines it (domain.md §4.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final, TypeAlias

from pipeline.rules.editions.alignment import align
from pipeline.rules.editions.segments import cut

MIN_KEPT: Final = 4  # between two changes fewer unchanged characters than this are underlined with them
MIN_LIKENESS: Final = (
    0.3  # a provision that kept less than this of its shorter text was written anew: all underlined
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text, to be underlined where it changed."""

    text: str
    changed: bool = False


Spans: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of both texts: the same words, or words put in place of others (one of the two may be empty)."""

    old: str
    new: str

    @property
    def is_kept(self) -> bool:
        """Whether both texts have the same words here."""
        return self.old == self.new


def compare_words(old: str, new: str) -> tuple[Spans, Spans]:
    """Return both texts as spans: what is not underlined is the same in both, in the same order."""
    changes = find_changes(old, new)
    return (
        _spans((change.old, not change.is_kept) for change in changes),
        _spans((change.new, not change.is_kept) for change in changes),
    )


def find_changes(old: str, new: str) -> tuple[Change, ...]:
    """Return the two texts as stretches kept and changed, in turn; joined, the old and the new words are the texts."""
    matched = tuple(_matched(cut(old), cut(new)))
    if sum(len(c.old) for c in matched if c.is_kept) < MIN_LIKENESS * min(len(old), len(new)):
        return (Change(old, new),)
    joined = tuple(_joined(_absorb(matched)))
    return tuple(_joined((change, not change.is_kept) for change in joined))


def underline(text: str) -> Spans:
    """The whole text as changed; nothing for an empty one."""
    return _spans([(text, True)])


def plain(text: str) -> Spans:
    """The whole text as unchanged; nothing for an empty one."""
    return _spans([(text, False)])


def join_spans(*parts: Spans) -> Spans:
    """One text of several, neighbours of one kind made one span."""
    return _spans((span.text, span.changed) for part in parts for span in part)


def _matched(old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Change]:
    for i, j, k, n in align(old, new):
        yield Change("".join(old[i:j]), "".join(new[k:n]))


def _absorb(matched: tuple[Change, ...]) -> Iterator[tuple[Change, bool]]:
    """Say of each stretch whether it is printed as changed: a short one between two changes goes with them."""
    last = len(matched) - 1
    for index, change in enumerate(matched):
        between = 0 < index < last and len(change.old) < MIN_KEPT
        yield change, between or not change.is_kept


def _joined(stretches: Iterable[tuple[Change, bool]]) -> Iterator[Change]:
    for _, group in groupby(stretches, lambda stretch: stretch[1]):
        changes = [change for change, _ in group]
        yield Change("".join(change.old for change in changes), "".join(change.new for change in changes))


def _spans(stretches: Iterable[tuple[str, bool]]) -> Spans:
    filled = ((text, changed) for text, changed in stretches if text)
    groups = groupby(filled, lambda stretch: stretch[1])
    return tuple(Span("".join(text for text, _ in group), changed) for changed, group in groups)
