"""Which sections of a manual changed between two editions, and how: what a list of changes says before any word of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Final

from pipeline.rules.editions.alignment import longest_rise
from pipeline.rules.editions.matching import match
from pipeline.rules.editions.outline import number_of
from pipeline.rules.editions.rows import Line, printed_lines
from pipeline.rules.editions.sections import Section, find_sections
from pipeline.rules.editions.text import Block, EditionText, Heading

ADDED, CHANGED, DELETED, MOVED, RENUMBERED = "新設", "改訂", "削除", "移動", "番号の変更"
_OUTERMOST: Final = -1  # lies in no section


@dataclass(frozen=True, slots=True)
class SectionChange:
    """A section that changed: in its own words, its place or its number; sections inside it are told by themselves."""

    kind: str
    old: Section | None
    new: Section | None

    @property
    def section(self) -> Section:
        """The section as the new edition has it, a deleted one as the old had it."""
        found = self.new or self.old
        if found is None:
            raise ValueError("a change of no section")
        return found


def find_section_changes(old: EditionText, new: EditionText) -> tuple[SectionChange, ...]:
    """Return what changed, in the order of the new text, then what was deleted, in the order of the old one.

    Of a chapter that is new or deleted as a whole only the chapter is told.
    """
    matched = match(old.blocks, new.blocks)
    olds = {section.start: section for section in find_sections(old.blocks)}
    news = find_sections(new.blocks)
    pairs = {
        section.start: olds[other.start]
        for section in news
        if (other := matched.old_of.get(section.start)) and other.start in olds
    }
    if news and 0 in olds and (news[0].level, olds[0].level) == (0, 0):  # a foreword has no heading to match
        pairs[0] = olds[0]
    finder = _Finder(old.blocks, new.blocks, pairs, _moved(tuple(olds.values()), news, pairs))
    return (*finder.in_new(news), *finder.deleted(tuple(olds.values())))


def _moved(olds: Sequence[Section], news: Sequence[Section], pairs: Mapping[int, Section]) -> frozenset[int]:
    """Places of sections that left what encloses them, or their order among the sections that stayed there."""
    old_above, new_above = _parents(olds), _parents(news)
    stayed: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for section in news:
        before = pairs.get(section.start)
        if before and old_above[before.start] == _old_place(new_above[section.start], pairs):
            stayed[new_above[section.start]].append((before.start, section.start))
    rising = {new for placed in stayed.values() for _, new in longest_rise(placed)}
    return frozenset(s.start for s in news if s.start in pairs and s.start not in rising)


def _old_place(place: int, pairs: Mapping[int, Section]) -> int | None:
    return pairs[place].start if place in pairs else _OUTERMOST if place == _OUTERMOST else None


def _parents(sections: Sequence[Section]) -> dict[int, int]:
    """The place of the section each lies in."""
    parents: dict[int, int] = {}
    opened: list[Section] = []
    for section in sections:
        opened = [outer for outer in opened if outer.covers(section.start)]
        parents[section.start] = opened[-1].start if opened else _OUTERMOST
        opened.append(section)
    return parents


@dataclass(frozen=True, slots=True)
class _Finder:
    old: Sequence[Block]
    new: Sequence[Block]
    pairs: dict[int, Section]
    moved: frozenset[int]

    def in_new(self, news: Sequence[Section]) -> Iterator[SectionChange]:
        told = -1  # the end of the last section told as new with all that is in it
        for section in news:
            if section.start < told:
                continue
            before = self.pairs.get(section.start)
            if before is None:
                inner = [s for s in news if section.start < s.start < section.end]
                told = section.end if not any(s.start in self.pairs for s in inner) else told
                yield SectionChange(ADDED, None, section)
            elif kind := self._kind(before, section):
                yield SectionChange(kind, before, section)

    def _kind(self, before: Section, section: Section) -> str:
        if section.start in self.moved:
            return MOVED
        if before.title != section.title or _own(self.old, before) != _own(self.new, section):
            return CHANGED
        return RENUMBERED if self._number(before, section) else ""

    def _number(self, before: Section, section: Section) -> bool:
        """Whether its own number is another; that of what encloses it is told there."""
        old, new = self.old[before.start], self.new[section.start]
        return section.level > 0 and number_of(old) != number_of(new)

    def deleted(self, olds: Sequence[Section]) -> Iterator[SectionChange]:
        stays = {section.start for section in self.pairs.values()}
        told = -1
        for section in olds:
            if section.start in stays or section.start < told:
                continue
            inner = [s.start for s in olds if section.start < s.start < section.end]
            told = section.end if not stays & set(inner) else told
            yield SectionChange(DELETED, section, None)


def _own(blocks: Sequence[Block], section: Section) -> tuple[Line, ...]:
    """The lines of a section itself, without its heading and the sections inside it."""
    first = section.start + (section.level > 0)
    own = takewhile(lambda block: not isinstance(block, Heading), islice(blocks, first, section.end))
    return printed_lines(own)
