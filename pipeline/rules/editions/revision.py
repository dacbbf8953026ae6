"""Changes named by section, carried out on an edition: 新設, 改める, 削る, 移す, 番号を改める. Every fault, each with its change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pipeline.rules.editions.notation import read_typed_blocks
from pipeline.rules.editions.numbering import Kind
from pipeline.rules.editions.renumbering import renumber
from pipeline.rules.editions.sections import Section, find_sections, search_section
from pipeline.rules.editions.text import Block, EditionText, Heading, check_shape, kind_of
from pipeline.rules.wareki import digits

ADD, REPLACE, DELETE, MOVE, NUMBER = "新設", "改める", "削る", "移す", "番号を改める"
BEFORE, AFTER, INSIDE = "の前", "の次", "の中の最後"
NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    ADD: ("target", "text"),
    REPLACE: ("section", "text"),
    DELETE: ("section",),
    MOVE: ("section", "target"),
    NUMBER: ("section", "number"),
}
USES: Final[Mapping[str, tuple[str, ...]]] = {
    **NEEDS,
    ADD: ("target", "position", "text"),
    MOVE: ("section", "target", "position", "text"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the form. `text` is what it puts in, in the notation; a moved section may be written anew at once."""

    act: str
    section: str = ""
    target: str = ""
    position: str = AFTER
    text: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class ChangeFault:
    """What is wrong with a change: its row, the box in it, why. `values` complete the sentence of that code."""

    row: int
    box: str
    code: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Revised:
    """What changes lead to: the new text, or every fault. `sections` are those named, row by row."""

    text: EditionText | None
    faults: tuple[ChangeFault, ...]
    sections: tuple[Section | None, ...] = ()


@dataclass(frozen=True, slots=True)
class _Step:
    """A change with everything it names found."""

    change: Change
    section: Section | None
    target: Section | None
    blocks: tuple[Block, ...]


def revise(text: EditionText, changes: Sequence[Change], renumbered: bool) -> Revised:
    """Carry out changes on a text. What they name are sections of the text as it stands, in any order of rows."""
    sections = find_sections(text.blocks)
    reader = _Reader(sections)
    steps = [reader.step(row, change) for row, change in enumerate(changes)]
    faults = (*reader.faults, *_clashes(steps))
    named = tuple(step.section for step in steps)
    if faults:
        return Revised(None, faults, named)
    blocks = _carried_out(text.blocks, steps)
    new = EditionText(text.title, renumber(blocks) if renumbered else blocks)
    shape = next((fault for _, fault in check_shape(new)), None)
    if shape is not None:
        return Revised(None, (ChangeFault(-1, "", "SHAPE", {"fault": shape}),), named)
    return Revised(new, (), named)


@dataclass
class _Reader:
    """Finds what the rows name, and keeps every fault."""

    sections: Sequence[Section]
    faults: list[ChangeFault] = field(default_factory=list)

    def step(self, row: int, change: Change) -> _Step:
        self._boxes(row, change)
        section = self._find(row, "section", change.section)
        target = self._find(row, "target", change.target)
        return _Step(change, section, target, self._blocks(row, change, section))

    def _boxes(self, row: int, change: Change) -> None:
        given = [box for box in ("section", "target", "text", "number") if getattr(change, box)]
        self.faults += [ChangeFault(row, b, "MISSING") for b in NEEDS[change.act] if b not in given]
        self.faults += [ChangeFault(row, b, "UNUSED") for b in given if b not in USES[change.act]]

    def _find(self, row: int, box: str, words: str) -> Section | None:
        if not words:
            return None
        found = search_section(self.sections, words)
        if len(found) == 1:
            return found[0]
        names = "、".join(section.full_name for section in found)
        self.faults.append(ChangeFault(row, box, "AMBIGUOUS" if found else "UNKNOWN", {"names": names}))
        return None

    def _blocks(self, row: int, change: Change, section: Section | None) -> tuple[Block, ...]:
        if not change.text:
            return ()
        blocks, faults = read_typed_blocks(change.text)
        self.faults += [
            ChangeFault(row, "text", "TEXT", {"line": digits(f.line), "fault": f.message}) for f in faults
        ]
        if not faults and not _is_whole(blocks, change.act, section):
            self.faults.append(ChangeFault(row, "text", "HEADING", {"marks": _marks(change.act, section)}))
        return blocks


def _is_whole(blocks: Sequence[Block], act: str, section: Section | None) -> bool:
    """Whether a text begins with its heading; one that is replaced is of the same depth, to its end."""
    levels = [block.level for block in blocks if isinstance(block, Heading)]
    if act == REPLACE and section is not None and section.level == 0:
        return not levels
    if not levels or not isinstance(blocks[0], Heading):
        return False
    wanted = section.level if act == REPLACE and section else levels[0]
    return levels[0] == wanted and all(level > wanted for level in levels[1:])


def _marks(act: str, section: Section | None) -> str:
    return "#" * (section.level + 1) if act == REPLACE and section else "##"


def _clashes(steps: Sequence[_Step]) -> Iterator[ChangeFault]:
    """A section named twice, one inside another that changes too, a place that will be no more."""
    for row, step in enumerate(steps):
        for earlier in steps[:row]:
            if step.section and earlier.section:
                if step.section == earlier.section:
                    yield ChangeFault(row, "section", "TWICE")
                elif _overlap(step, earlier):
                    yield ChangeFault(row, "section", "OVERLAP", {"names": earlier.section.full_name})
        if step.target and any(_takes_away(other, step.target) for other in steps):
            yield ChangeFault(row, "target", "TARGET")


def _overlap(one: _Step, other: _Step) -> bool:
    if one.section is None or other.section is None or NUMBER in (one.change.act, other.change.act):
        return False
    return one.section.covers(other.section.start) or other.section.covers(one.section.start)


def _takes_away(step: _Step, target: Section) -> bool:
    if step.section is None or step.change.act == NUMBER:
        return False
    if step.change.act == REPLACE and step.section == target:
        return False
    return step.section.covers(target.start)


# --- Carrying out -------------------------------------------------------------------------------------------------


def _carried_out(blocks: Sequence[Block], steps: Sequence[_Step]) -> tuple[Block, ...]:
    """Cut out what goes, put in what comes; at one place the deeper first, then in the order of the rows."""
    kept: list[Block | None] = [*_numbered(blocks, steps)]
    putting: dict[int, list[tuple[tuple[int, int, int], tuple[Block, ...]]]] = {}
    for row, step in enumerate(steps):
        gone = step.section if step.change.act in (REPLACE, DELETE, MOVE) else None
        moved = tuple(block for block in kept[gone.start : gone.end] if block) if gone else ()
        if gone:
            kept[gone.start : gone.end] = [None] * (gone.end - gone.start)
        place, order = _place_of(step)
        if place is not None:
            putting.setdefault(place, []).append(((*order, row), step.blocks or moved))
    made: list[Block] = []
    for place, block in enumerate((*kept, None)):
        for _, put in sorted(putting.get(place, ()), key=lambda one: one[0]):
            made += put
        made += [block] if block else []
    return tuple(made)


def _numbered(blocks: Sequence[Block], steps: Sequence[_Step]) -> Iterator[Block]:
    numbers = {s.section.start: s.change.number for s in steps if s.section and s.change.act == NUMBER}
    for place, block in enumerate(blocks):
        is_named = place in numbers and isinstance(block, Heading)
        yield replace(block, number=numbers[place]) if is_named and isinstance(block, Heading) else block


def _place_of(step: _Step) -> tuple[int | None, tuple[int, int]]:
    """Where a step puts something, and its order among others of that place: what ends there, then what begins there."""
    if step.change.act == REPLACE and step.section:
        return step.section.start, (2, 0)
    if step.target is None:
        return None, (0, 0)
    if step.change.position == BEFORE:
        return step.target.start, (1, 0)
    depth = step.target.level + (step.change.position == INSIDE)
    return step.target.end, (0, -depth)


def is_number(text: str) -> bool:
    """Whether a heading may bear such a number."""
    return kind_of(text) not in (None, Kind.ARTICLE)
