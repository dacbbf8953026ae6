"""Boxes as read from Word or a web page → the values a JSON form would hold. Pure.

Empty boxes are absent, and so are optional groups of empty boxes; a required group stays, so that each of its boxes is
asked for. Empty rows are dropped at the end of a list only: a gap keeps the numbers of the rows below. A tick that is not
there is `false`, but alone it fills no row and no optional group.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from pipeline.envelope import CASE_ID, CORRECTION_REASON, CORRECTS, WITHDRAWS
from pipeline.fields import Field, find_field, to_pointer
from pipeline.forms.layout import FRAME_BOXES, Rows, rows_of_tags, steps_of

Shown = str | bool | None


class Normalised(Protocol):
    """What `pipeline.normalise.normalise` answers: the value a JSON form would hold, and codes."""

    @property
    def value(self) -> Any:
        """The value, or None where nothing was entered or it cannot be understood."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Codes of what was understood differently from how it was written."""

    @property
    def problems(self) -> tuple[str, ...]:
        """Codes of why it cannot be understood."""


Normalise = Callable[[Field, str], Normalised]


@dataclass(frozen=True, slots=True)
class Remark:
    """A code of normalising, with the box it is about."""

    code: str
    field: Field
    pointer: str
    title: str


@dataclass(frozen=True, slots=True)
class Assembled:
    """The values of a form, the text of every filled box by pointer, and what there is to say.

    `unread` are the boxes nobody could read: their problems are told already, so nothing more is to be asked of them.
    """

    values: Mapping[str, Any]
    raw: Mapping[str, str]
    problems: tuple[Remark, ...]
    notes: tuple[Remark, ...]
    unread: frozenset[str]
    case_id: str | None = None
    corrects: str | None = None
    correction_reason: str | None = None
    withdraws: str | None = None


class _Absent:
    """The value of a box that is not filled in."""


_ABSENT: Final = _Absent()


def assemble(root: Field, boxes: Mapping[str, Shown], normalise: Normalise) -> Assembled:
    """Return the values of the boxes. `boxes` maps the tag of every control to its text, its tick, or None (unread)."""
    builder = _Builder(root, boxes, normalise, rows_of_tags(boxes))
    values = builder.members(root, "")
    return Assembled(
        values,
        builder.raw,
        tuple(builder.problems),
        tuple(builder.notes),
        frozenset(to_pointer(steps_of(tag)) for tag, shown in boxes.items() if shown is None),
        **_frame(boxes),
    )


def _frame(boxes: Mapping[str, Shown]) -> dict[str, str | None]:
    """The envelope. A frame 訂正 whose number was emptied says "": a correction of nothing, never a new submission."""
    text = {tag: shown.strip() for tag in FRAME_BOXES if isinstance(shown := boxes.get(tag), str)}
    number = "withdraws" if boxes.get(WITHDRAWS.key) is True else "corrects"
    return {
        "case_id": text.get(CASE_ID.key) or None,
        "correction_reason": text.get(CORRECTION_REASON.key) or None,
        number: text.get(CORRECTS.key),
    }


@dataclass
class _Builder:
    """Walks the form and takes each box's value; `filled` counts what people wrote."""

    root: Field
    boxes: Mapping[str, Shown]
    normalise: Normalise
    rows: Rows
    raw: dict[str, str] = field(default_factory=dict)
    problems: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)
    filled: int = 0

    def members(self, group: Field, tag: str) -> dict[str, Any]:
        """The filled members of a group."""
        below = ((member, f"{tag}.{member.key}" if tag else member.key) for member in group.members)
        values = {member.key: self.value(member, at) for member, at in below}
        return {key: value for key, value in values.items() if value is not _ABSENT}

    def value(self, member: Field, tag: str) -> Any:
        """The value of a field, or the mark that it is not filled in."""
        if member.kind == "object":
            before = self.filled
            values = self.members(member, tag)
            return values if self.filled > before or member.required else _ABSENT
        if member.kind == "array":
            return self._list(member, tag)
        return self._box(member, tag)

    def _list(self, member: Field, tag: str) -> Any:
        item = member.members[0]
        if "enum" in item.schema:
            return self._choices(member, item, tag)
        values: list[Any] = []
        length = 0
        for index in range(self.rows.get(tag, 0)):
            before = self.filled
            value = self.value(item, f"{tag}[{index}]")
            is_filled = self.filled > before
            values.append(_empty(item) if value is _ABSENT or not is_filled else value)
            length = index + 1 if is_filled else length
        return values[:length] if length else _ABSENT

    def _choices(self, member: Field, item: Field, tag: str) -> Any:
        options = list(item.schema["enum"])
        shown = [self.boxes.get(f"{tag}#{index}") for index in range(len(options))]
        chosen = [option for option, ticked in zip(options, shown, strict=True) if ticked]
        self.filled += len(chosen)
        if chosen:
            self.raw[to_pointer(steps_of(tag))] = "、".join(map(str, chosen))
        none_is_an_answer = member.required and not member.schema.get("minItems") and None not in shown
        return chosen if chosen or none_is_an_answer else _ABSENT

    def _box(self, member: Field, tag: str) -> Any:
        shown = self.boxes.get(tag)
        if isinstance(shown, bool):
            self.filled += shown
            return shown
        if not shown:
            return _ABSENT
        outcome = self.normalise(member, shown)
        if outcome.value is None and not outcome.problems:  # 「－」 or an unfilled 「令和　年　月　日」
            return _ABSENT
        self.filled += 1
        steps = steps_of(tag)
        pointer, title = to_pointer(steps), find_field(self.root, steps)[1]
        self.raw[pointer] = shown
        self.problems.extend(Remark(code, member, pointer, title) for code in outcome.problems)
        self.notes.extend(Remark(code, member, pointer, title) for code in outcome.notes)
        return _ABSENT if outcome.value is None else outcome.value


def _empty(item: Field) -> Any:
    """What keeps the place of an empty row, so that it is asked for by its number."""
    return {} if item.kind == "object" else ""
