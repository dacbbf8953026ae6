"""The editions of the manual: the first as the office wrote it down, each later one an accepted revision (domain.md §4.2).

Nothing is kept but the first text and the revisions; the text of any edition is their fold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.errors import OfficeFault
from pipeline.model import Event
from pipeline.rules.editions.notation import read_text, read_typed
from pipeline.rules.editions.numbering import split_number
from pipeline.rules.editions.revision import AFTER, DELETE, Change, Revised, revise
from pipeline.rules.editions.sections import Section, find_sections, search_section
from pipeline.rules.editions.text import EditionText
from pipeline.rules.wareki import digits, month_name, parse_iso

FORM = "manual_revision"
RENUMBER = "付け直す"


@dataclass(frozen=True, slots=True)
class Point:
    """One place that was revised: what was done there, in a few words, and why."""

    place: str
    act: str
    summary: str
    reason: str


@dataclass(frozen=True, slots=True)
class ManualEdition:
    """One edition: its text, its days (ISO), and the event that made it (nothing for the first)."""

    number: int
    text: EditionText
    issued_on: str
    applies_on: str
    reason: str
    points: tuple[Point, ...] = ()
    approved_on: str | None = None
    approved_by: str = ""
    bundle_id: str = ""

    @property
    def label(self) -> str:
        """初版, 第２版."""
        return edition_label(self.number)

    @property
    def dated_label(self) -> str:
        """初版（令和５年６月策定）, 第２版（令和５年10月改訂）."""
        verb = "策定" if self.number == 1 else "改訂"
        return f"{self.label}（{month_name(parse_iso(self.issued_on))}{verb}）"


def edition_label(number: int) -> str:
    """初版, 第２版."""
    return "初版" if number == 1 else f"第{digits(number)}版"


def read_first_edition(office: Mapping[str, Any]) -> ManualEdition:
    """Return the first edition (office/manual.toml). Raises OfficeFault OFFICE, naming every line that cannot be read."""
    record = office.get("manual")
    if record is None:
        raise OfficeFault(
            "OFFICE", "office/manual.toml に、この日に有効な表がありません。表を加えてください。"
        )
    text, faults = read_text(str(record.get("text") or ""))
    if text is None:
        raise OfficeFault(
            "OFFICE",
            *(f"office/manual.toml の初版の{digits(fault.line)}行目：{fault.message}" for fault in faults),
        )
    return ManualEdition(
        1,
        text,
        record["issued_on"],
        record["applies_on"],
        record["reason"],
        approved_by=record["approved_by"],
    )


def find_editions(first: ManualEdition, events: Iterable[Event]) -> tuple[ManualEdition, ...]:
    """Return every edition, oldest first. `events` are those of all forms, oldest first.

    A revision whose own edition was taken back no longer stands on anything: it makes none.
    """
    editions = [first]
    for event in events:
        current = editions[-1]
        if event.form == FORM and event.values["revises"] == current.number:
            text = revised_text(current.text, event.values).text
            if text is not None:
                made = make_edition(current, text, event.values)
                editions.append(replace(made, bundle_id=event.bundle_id))
    return tuple(editions)


def revised_text(text: EditionText, values: Mapping[str, Any]) -> Revised:
    """Carry out what a form says on the edition it revises: the whole new text, or its changes."""
    if values.get("full_text"):
        return Revised(read_typed(values["full_text"])[0], ())
    renumbered = values.get("numbering", RENUMBER) == RENUMBER
    return revise(text, [read_change(row) for row in values.get("changes") or ()], renumbered)


def read_change(row: Mapping[str, Any]) -> Change:
    """One row of the form as a change."""
    words = {name: str(row.get(name) or "") for name in ("section", "target", "text", "number")}
    return Change(row["act"], **words, position=row.get("position") or AFTER)


def make_edition(current: ManualEdition, text: EditionText, values: Mapping[str, Any]) -> ManualEdition:
    """The edition that a form makes of the current one."""
    return ManualEdition(
        current.number + 1,
        text,
        values["issued_on"],
        values["applies_on"],
        values["reason"],
        _points(current.text, text, values),
        values.get("approved_on"),
        values.get("approved_by") or "",
    )


def _points(old: EditionText, new: EditionText, values: Mapping[str, Any]) -> tuple[Point, ...]:
    rows = values.get("changes") or values.get("points") or ()
    olds, news = find_sections(old.blocks), find_sections(new.blocks)
    return tuple(
        Point(_place(row, olds, news), row.get("act") or "改める", row["summary"], row["reason"])
        for row in rows
    )


def _place(row: Mapping[str, Any], olds: Sequence[Section], news: Sequence[Section]) -> str:
    """Where a change is found: as the new edition names it, a deleted section as the old one did."""
    named = search_section(olds, row.get("section") or "")
    if named and row.get("act") == DELETE:
        return named[0].full_name
    heads = [line.lstrip("#").strip() for line in (row.get("text") or "").split("\n") if line.startswith("#")]
    head = heads[0] if heads else ""
    titles = (split_number(head)[1] or head, named[0].title if named else "", row.get("section") or "")
    found = (search_section(sections, words) for words in titles if words for sections in (news, olds))
    return next((one[0].full_name for one in found if len(one) == 1), titles[-1] or head)
