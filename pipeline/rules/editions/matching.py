"""Which provision of the old text is which of the new one: by number and by content (domain.md §4.3).

A provision that was moved or renumbered is the same provision; only what has no counterpart is new or deleted.
From the surest to the least sure: identical and found once on each side; among the parts of a matched pair, identical
in order, then alike, then of the same number; last, alike anywhere.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from pipeline.rules.editions.alignment import align
from pipeline.rules.editions.numbering import Kind
from pipeline.rules.editions.outline import Provision, is_article, number_of, outline
from pipeline.rules.editions.text import Block, Clause, Figure, Heading, Table, kind_of

MIN_ANCHOR: Final = 10  # characters: what is shorter is not recognized far from its place
ALIKE_NEARBY: Final = 0.5  # of the pairs of characters of both
ALIKE_ANYWHERE: Final = 0.7
SAME_NUMBER: Final = 0.1  # speaks for two parts of a matched pair
_CANDIDATES: Final = 6  # looked at closely for one provision
_COMMON: Final = 40  # a pair of characters found in more provisions than this tells nothing

Parts: TypeAlias = Sequence[Provision]


@dataclass(frozen=True, slots=True)
class Matched:
    """Two texts with their outlines. `old_of` and `new_of` name the counterpart of a block by its place."""

    old: tuple[Provision, ...]
    new: tuple[Provision, ...]
    old_of: dict[int, Provision]
    new_of: dict[int, Provision]
    identical: frozenset[
        int
    ]  # places in the new text of provisions that are, numbers aside, the old ones to the end


def match(old: Sequence[Block], new: Sequence[Block]) -> Matched:
    """Match two texts. Every block has at most one counterpart, of its own kind."""
    matcher = _Matcher(_Contents())
    tops = outline(old), outline(new)
    matcher.anchors(*tops)
    matcher.siblings(*tops)
    matcher.anywhere(*tops)
    matcher.numbered(*tops)
    return Matched(*tops, matcher.old_of, matcher.new_of, frozenset(matcher.identical(tops[1])))


# --- Content ------------------------------------------------------------------------------------------------------


@dataclass
class _Contents:
    """What provisions say, numbers aside: one name for all that say the same to the end of their parts."""

    names: dict[Hashable, int] = field(default_factory=dict)
    by_provision: dict[Provision, int] = field(default_factory=dict)
    pairs: dict[Provision, Counter[str]] = field(default_factory=dict)

    def name(self, provision: Provision) -> int:
        """Return the same number for provisions of the same content."""
        if provision not in self.by_provision:
            own = (_sort_of(provision.block), own_content(provision.block))
            content = (own, *(self.name(part) for part in provision.parts))
            self.by_provision[provision] = self.names.setdefault(content, len(self.names))
        return self.by_provision[provision]

    def pairs_of(self, provision: Provision) -> Counter[str]:
        """Return how often each pair of characters stands in a provision."""
        if provision not in self.pairs:
            words = "\n".join(words_of(part.block) for part in provision.walk())
            self.pairs[provision] = Counter(words[at : at + 2] for at in range(max(len(words) - 1, 1)))
        return self.pairs[provision]

    def likeness(self, old: Provision, new: Provision) -> float:
        """Return the share of common pairs of characters, 0 to 1."""
        left, right = self.pairs_of(old), self.pairs_of(new)
        return 2 * (left & right).total() / (left.total() + right.total())


def own_content(block: Block) -> Hashable:
    """What a block says, its number aside."""
    if isinstance(block, Heading):
        return ("heading", block.title)
    if isinstance(block, Clause):
        return ("clause", block.caption, block.words)
    return ("table", block.rows) if isinstance(block, Table) else ("figure", block.caption, block.source)


def words_of(block: Block) -> str:
    """All words of a block, its number aside."""
    if isinstance(block, Heading):
        return block.title
    if isinstance(block, Clause):
        return block.caption + block.words
    return "\n".join(map("\t".join, block.rows)) if isinstance(block, Table) else block.caption


def _sort_of(block: Block) -> Hashable:
    """Only provisions of one sort can be the same: an article is never a paragraph, 附則 never a chapter."""
    if isinstance(block, Heading):
        kind = kind_of(block.number)
        return kind if kind in (Kind.SUPPLEMENT, Kind.ANNEX, Kind.FORM) else Heading
    if isinstance(block, Clause):
        return (Clause, is_article(block), block.depth > 0)
    return Table if isinstance(block, Table) else Figure


# --- Matching -----------------------------------------------------------------------------------------------------


@dataclass
class _Matcher:
    contents: _Contents
    old_of: dict[int, Provision] = field(default_factory=dict)
    new_of: dict[int, Provision] = field(default_factory=dict)

    def identical(self, new: Parts) -> Iterator[int]:
        """Yield the places of provisions that say what their counterparts say, part for part."""
        for part in new:
            other = self.old_of.get(part.start)
            if other and self.contents.name(part) == self.contents.name(other):
                walked = zip(part.walk(), other.walk(), strict=True)
                if all(self.old_of.get(right.start) is left for right, left in walked):
                    yield part.start
            yield from self.identical(part.parts)

    def anchors(self, old: Parts, new: Parts) -> None:
        """Match what is identical and stands once in each text."""
        once_old, once_new = self._once(old), self._once(new)
        for name, provision in once_new.items():
            if name in once_old and self._is_long(provision):
                self._take_whole(once_old[name], provision)

    def siblings(self, old: Parts, new: Parts) -> None:
        """Match the parts of a matched pair, then the parts of these."""
        olds, news = self._free_old(old), self._free_new(new)
        self._take_in_order(olds, news, lambda part: (self.contents.name(part), number_of(part.block)))
        self._take_in_order(self._free_old(olds), self._free_new(news), self.contents.name)
        self._take_alike(self._free_old(olds), self._free_new(news), ALIKE_NEARBY, SAME_NUMBER)
        self._descend(new)

    def anywhere(self, old: Parts, new: Parts) -> None:
        """Match what was moved and changed at once."""
        olds = [part for top in old for part in top.walk() if part.start not in self.new_of]
        news = [part for top in new for part in top.walk() if part.start not in self.old_of]
        before = len(self.old_of)
        self._take_alike(olds, [part for part in news if self._is_long(part)], ALIKE_ANYWHERE, 0)
        if len(self.old_of) > before:
            self._descend(new)

    def numbered(self, old: Parts, new: Parts) -> None:
        """Match what is left by its number: a provision written anew keeps its place."""
        by_number = {(number_of(part.block), _sort_of(part.block)): part for part in self._free_old(old)}
        for part in self._free_new(new):
            key = (number_of(part.block), _sort_of(part.block))
            if key[0] and key in by_number:
                self._take(by_number.pop(key), part)
                self.siblings(self.old_of[part.start].parts, part.parts)
        for part in new:
            if part.start in self.old_of:
                self.numbered(self.old_of[part.start].parts, part.parts)

    def _descend(self, new: Parts) -> None:
        for part in new:
            counterpart = self.old_of.get(part.start)
            self.siblings(counterpart.parts if counterpart else (), part.parts)

    def _once(self, tops: Parts) -> dict[int, Provision]:
        found: dict[int, list[Provision]] = defaultdict(list)
        for top in tops:
            for part in top.walk():
                found[self.contents.name(part)].append(part)
        return {name: parts[0] for name, parts in found.items() if len(parts) == 1}

    def _is_long(self, provision: Provision) -> bool:
        return self.contents.pairs_of(provision).total() >= MIN_ANCHOR - 1

    def _take_in_order(self, old: Parts, new: Parts, key: Callable[[Provision], Hashable]) -> None:
        olds, news = [key(part) for part in old], [key(part) for part in new]
        for i, j, k, n in align(olds, news):
            if olds[i:j] == news[k:n]:
                for left, right in zip(old[i:j], new[k:n], strict=True):
                    self._take_whole(left, right)

    def _take_alike(self, old: Parts, new: Parts, least: float, bonus: float) -> None:
        """Match the likest first."""
        for _, left, right in sorted(self._likenesses(old, new, least, bonus), key=lambda found: found[0]):
            if left.start not in self.new_of and right.start not in self.old_of:
                self._take(left, right)

    def _likenesses(
        self, old: Parts, new: Parts, least: float, bonus: float
    ) -> Iterator[tuple[tuple[float, int], Provision, Provision]]:
        holders: dict[str, list[Provision]] = defaultdict(list)
        for part in old:
            for pair in self.contents.pairs_of(part):
                holders[pair].append(part)
        for part in new:
            shared = Counter(
                other
                for pair in self.contents.pairs_of(part)
                if len(holders.get(pair, ())) <= _COMMON
                for other in holders.get(pair, ())
                if _sort_of(other.block) == _sort_of(part.block)
            )
            for other, _ in shared.most_common(_CANDIDATES):
                same = bool(number_of(part.block)) and number_of(other.block) == number_of(part.block)
                likeness = self.contents.likeness(other, part) + bonus * same
                if likeness >= least:
                    yield (-likeness, abs(other.start - part.start)), other, part

    def _free_old(self, parts: Parts) -> list[Provision]:
        return [part for part in parts if part.start not in self.new_of]

    def _free_new(self, parts: Parts) -> list[Provision]:
        return [part for part in parts if part.start not in self.old_of]

    def _take(self, old: Provision, new: Provision) -> None:
        self.old_of[new.start] = old
        self.new_of[old.start] = new

    def _take_whole(self, old: Provision, new: Provision) -> None:
        """Match two identical provisions with all their parts, as far as these are free."""
        for left, right in zip(old.walk(), new.walk(), strict=True):
            if left.start not in self.new_of and right.start not in self.old_of:
                self._take(left, right)
