"""What stands in each box of a Word form, and what there is to say about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pipeline.fields import find_field, to_pointer
from pipeline.forms.conservation import PrintedWords, is_printed_elsewhere
from pipeline.forms.layout import FRAME_BOXES, Box, FormShape, Kind, steps_of
from pipeline.forms.matching import Matched, known_tags
from pipeline.forms.package import Story
from pipeline.forms.printed import Place, Printed, known_control, squeeze, text_beside
from pipeline.forms.refusals import box_note, box_problem
from pipeline.forms.word_text import Area, Control, Flag, StoryText
from pipeline.model import Problem
from pipeline.wording import WHOLE_FORM

ON_MARKS: Final = frozenset("☑☒✓✔✗✘☓■●◉レﾚ○〇◯◎×✕✖xXvV")
OFF_MARKS: Final = frozenset("☐□▢")
_BLANK: Final = re.compile(r"[\s\u3000\uff3f_\u2000-\u200b\ufeff]*")


@dataclass(frozen=True, slots=True)
class Reading:
    """One control as read: its text, whether it is ticked, or None where nobody can tell."""

    value: str | bool | None
    flags: frozenset[Flag] = frozenset()
    picked: str = ""  # the day chosen in the calendar, ISO: only a cross-check, what is seen counts


_NOTED: Final[Mapping[Flag, str]] = {
    Flag.TRACKED: "TRACKED",
    Flag.HIDDEN: "HIDDEN",
    Flag.EQ_FIELD: "EQ_FIELD",
    Flag.NUMBERED: "NUMBERED",
    Flag.CONTROL_LOST: "CONTROL_LOST",
    Flag.OUTSIDE: "OUTSIDE",
    Flag.BESIDE: "BESIDE",
    Flag.MISMATCH: "MARK_MISMATCH",
}
_RETURNED: Final[Mapping[Flag, str]] = {
    Flag.MISSING: "BOX_MISSING",
    Flag.MOVED: "BOX_MOVED",
    Flag.FOREIGN: "BOX_MOVED",
    Flag.TWICE: "BOX_TWICE",
    Flag.UNREADABLE: "MARK_UNREADABLE",
    Flag.MARKS_MIXED: "TEXT_BESIDE_MARKS",
    Flag.PROMPT_LEFT: "PROMPT_LEFT",
    Flag.DRAWING: "PICTURE",
    Flag.MATH: "EQUATION",
    Flag.FAINT: "FAINT_TEXT",
    Flag.BOUND: "BOX_BOUND",
}


class BoxReader:
    """Takes the text out of matched places and gathers what there is to say about it."""

    def __init__(self, printed: Printed, shape: FormShape) -> None:
        self.printed = printed
        self.shape = shape
        self.boxes: dict[str, Reading] = {}
        self.notes: list[Problem] = []
        self.problems: list[Problem] = []

    def read_controls(self, controls: Iterable[Control]) -> None:
        """Read the controls of a form that is as it was made: each stands alone in its box."""
        for control in controls:
            box, _ = self.printed.controls[control.tag]
            if box.kind in (Kind.CHECK, Kind.MULTICHECK):
                self._take(control.tag, _read_mark(control, frozenset()))
            else:
                self._take(control.tag, self._read_alone(control, box))

    def _read_alone(self, control: Control, box: Box) -> Reading:
        text, flags = self._cleaned(control.text, box)
        return Reading(text, flags, control.picked) if text else _EMPTY

    def read_boxes(self, found: Matched, body: StoryText) -> None:
        """Read every box of the form, in its order."""
        strays = self._strays(found, body)
        for place in self.printed.box_places:
            area = found.get(place)
            if area is None:
                for tag in place.tags:
                    self._take(tag, Reading(None, frozenset((Flag.MISSING,))))
                continue
            for tag, reading in self._read_place(place, area).items():
                extra = self._moves(tag, place, area, strays) if strays else frozenset()
                picked = next((c.picked for c in area.controls if c.tag == tag), "")
                self._take(
                    tag, Reading(reading.value, reading.flags | extra, picked if reading.value else "")
                )

    def _moves(self, tag: str, place: Place, area: Area, strays: set[str]) -> frozenset[Flag]:
        foreign = strays & set(known_tags(area, self.printed)) - set(place.tags)
        moved = tag in strays and not any(control.tag == tag for control in area.controls)
        return frozenset([*([Flag.FOREIGN] if foreign else []), *([Flag.MOVED] if moved else [])])

    def _strays(self, found: Matched, body: StoryText) -> set[str]:
        """Tags of filled controls that lie in the place of another box."""
        home = {tag: area for place, area in found.items() for tag in place.tags}
        own = {id(area) for area in found.values()}
        return {
            control.tag
            for control in body.controls
            if control.tag in self.printed.controls
            and control.area is not None
            and id(control.area) in own
            and home.get(control.tag) is not control.area
        }

    def _take(self, tag: str, reading: Reading) -> None:
        self.boxes[tag] = reading
        if reading.flags:
            pointer, title = self._where(tag)
            for flag in sorted(reading.flags):
                if flag is Flag.FAINT and not reading.value:  # only a prompt
                    continue
                if flag in _RETURNED:
                    self.problems.append(box_problem(_RETURNED[flag], pointer, title))
                elif flag in _NOTED:
                    self.notes.append(box_note(_NOTED[flag], pointer, title))

    def _where(self, tag: str) -> tuple[str, str]:
        if tag in FRAME_BOXES:
            return f"/{tag}", FRAME_BOXES[tag].label
        steps = steps_of(tag)
        return to_pointer(steps), find_field(self.shape.root, steps)[1]

    def _read_place(self, place: Place, area: Area) -> Mapping[str, Reading]:
        flags = frozenset(area.flags)
        if any(control.is_bound for control in area.controls):
            flags |= {Flag.BOUND}
        box = self.printed.controls[place.tags[0]][0]
        if box.kind in (Kind.CHECK, Kind.MULTICHECK):
            return self._read_marks(place, area, flags)
        printed = self.printed.row_words[place.row]
        return {tag: self._read_text(tag, area, flags, printed) for tag in place.tags}

    # --- Text ---

    def _read_text(self, tag: str, area: Area, flags: frozenset[Flag], printed: frozenset[str]) -> Reading:
        box = self.printed.controls[tag][0]
        own = [control for control in area.controls if control.tag == tag]
        if len(own) == 1 and not flags and len(area.controls) == 1 and len(area.pieces) == len(own[0].parts):
            return self._read_alone(own[0], box)
        if not own:
            text, flag = self._cleaned(_whole(area, box.tag, self.printed.controls, printed), box)
            return Reading(text, flags | flag | {Flag.CONTROL_LOST})
        return self._read_mixed(box, own, area, flags, printed)

    def _read_mixed(
        self, box: Box, own: Sequence[Control], area: Area, flags: frozenset[Flag], printed: frozenset[str]
    ) -> Reading:
        shown = list(dict.fromkeys(text for control in own if (text := self._cleaned(control.text, box)[0])))
        if len(shown) > 1:
            return Reading("\n".join(shown), flags | {Flag.TWICE})
        outside = _without(text_beside(area, self.printed.controls).strip("\n"), printed)
        outside = "" if self._is_blank(outside) else outside
        if not outside:
            text, flag = self._cleaned(own[0].text if not shown else shown[0], box)
            return Reading(text, flags | flag)
        if not shown:
            text, flag = self._cleaned(outside.strip(), box)
            return Reading(text, flags | flag | {Flag.OUTSIDE})
        text, flag = self._cleaned(_whole(area, box.tag, self.printed.controls, printed), box)
        return Reading(text, flags | flag | {Flag.BESIDE})

    def _cleaned(self, text: str, box: Box) -> tuple[str, frozenset[Flag]]:
        if text == box.prompt or self._is_blank(text):
            return "", _NO_FLAGS
        left = box.prompt and (text.startswith(box.prompt) or text.endswith(box.prompt))
        return text, frozenset((Flag.PROMPT_LEFT,)) if left else _NO_FLAGS

    def _is_blank(self, text: str) -> bool:
        return _BLANK.fullmatch(text) is not None or squeeze(text) in self.printed.prompts

    # --- Marks ---

    def _read_marks(self, place: Place, area: Area, flags: frozenset[Flag]) -> Mapping[str, Reading]:
        held = {control.tag: control for control in area.controls if control.tag in self.printed.controls}
        if held.keys() >= set(place.tags):
            beside = text_beside(area, self.printed.controls)
            if beside != place.beside and squeeze(beside) != squeeze(place.beside):
                flags |= {Flag.MARKS_MIXED}
            return {tag: _read_mark(held[tag], flags) for tag in place.tags}
        return self._read_marks_by_text(place, area.text, flags | {Flag.CONTROL_LOST})

    def _read_marks_by_text(self, place: Place, text: str, flags: frozenset[Flag]) -> Mapping[str, Reading]:
        """Marks without controls: every item must have a known mark before it, else nobody can tell."""
        squeezed = squeeze(text)
        marks: list[bool | None] = []
        rest = squeezed
        for tag in place.tags:
            word = squeeze(self.printed.controls[tag][1] or "はい")
            before, at, rest = rest.partition(word)
            marks.append(_state(before) if at else None)
        if None in marks or rest:
            return dict.fromkeys(place.tags, Reading(None, flags | {Flag.UNREADABLE}))
        return {tag: Reading(mark, flags) for tag, mark in zip(place.tags, marks, strict=True)}

    # --- What stands elsewhere ---

    def check_copies(self, found: Matched, body: StoryText) -> None:
        """Controls of the form outside their places: a row or the whole form was copied."""
        own = {id(area) for area in found.values()}
        for control in body.controls:
            if control.tag in self.printed.controls and (control.area is None or id(control.area) not in own):
                text = control.text
                first = self.boxes.get(control.tag, Reading(None)).value
                shown: str | bool | None = "" if self._is_blank(text) else text
                if isinstance(first, bool):
                    shown = _state(squeeze(text))
                if shown not in ("", first):
                    self.problems.append(box_problem("BOX_TWICE", *self._where(control.tag)))

    def check_outside(self, texts: Iterable[tuple[Story, StoryText]], found: Matched) -> None:
        """Report every visible word that neither stands in a box nor is printed by the form."""
        for story, text in texts:
            self._check_story(story, text, found)

    def _check_story(self, story: Story, text: StoryText, found: Matched) -> None:
        if story.kind == "comments":
            self.notes.extend([box_note("COMMENTS")] if text.areas else [])
            return
        own = {id(area) for area in found.values()} if story.kind == "body" else set()
        others = [area for area in text.areas if id(area) not in own]
        strange = {id(area) for area in self._strange(story, others)}
        label = ""
        for area in others:
            self._check_flags(area.flags, story, label)
            if id(area) in strange:
                where = self._place_name(story, label)
                self.problems.append(box_problem("UNMAPPED_TEXT", "", where, found=area.text.strip()))
            else:
                label = area.text or label
        self._check_flags(text.flags, story, label)

    def _strange(self, story: Story, areas: Sequence[Area]) -> Sequence[Area]:
        if story.kind != "body":
            return [area for area in areas if not is_printed_elsewhere(area.text, self.printed)]
        words = PrintedWords(self.printed)
        strange = list(words.strange_areas(areas))
        if words.missing:
            self.notes.append(box_note("TEXT_MISSING"))
        return strange

    def _check_flags(self, flags: set[Flag], story: Story, label: str) -> None:
        if Flag.DRAWING in flags:
            self.problems.append(box_problem("PICTURE", "", self._place_name(story, label)))
        self.notes.extend(box_note(_NOTED[flag]) for flag in (Flag.TRACKED, Flag.HIDDEN) if flag in flags)

    def _place_name(self, story: Story, label: str) -> str:
        near = f"（「{squeeze(label)[:30]}」の近く）" if label else ""
        return f"{story.place}{near}" if story.kind != "body" or near else WHOLE_FORM


def _whole(area: Area, tag: str, controls: Mapping[str, Any], printed: frozenset[str]) -> str:
    """The text of an area without that of other boxes' controls that lie there by mistake."""
    kept = []
    for text, owner in area.pieces:
        control = known_control(owner, controls)
        if control is None or control.tag == tag:
            kept.append(text)
    return _without("".join(kept), printed)


def _without(text: str, printed: frozenset[str]) -> str:
    """A text without the lines of a label that was merged into its cell; row numbers may be answers."""
    lines = text.split("\n")
    return "\n".join(line for line in lines if len(squeeze(line)) < 2 or squeeze(line) not in printed)


def _read_mark(control: Control, flags: frozenset[Flag]) -> Reading:
    text = control.text
    state = _state(text) if len(text) == 1 else _state(squeeze(text))
    if state is None:
        return Reading(None, flags | {Flag.UNREADABLE})
    mismatch = control.checked is not None and control.checked != state
    if not mismatch and not flags:
        return _TICKED if state else _NOT_TICKED
    return Reading(state, flags | {Flag.MISMATCH} if mismatch else flags)


def _state(marks: str) -> bool | None:
    """What the marks before an item say; None where there is none, an unknown one or a contradiction."""
    if len(marks) != 1:
        return None
    return True if marks in ON_MARKS else False if marks in OFF_MARKS else None


_NO_FLAGS: Final[frozenset[Flag]] = frozenset()
_TICKED, _NOT_TICKED, _EMPTY = Reading(True), Reading(False), Reading("")
