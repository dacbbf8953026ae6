"""The frozen values that travel through the story. No behaviour beyond small derived properties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """The four fates of a submission (product contract §2)."""

    DELIVERED = "delivered"  # 交付
    RETURNED = "returned"  # 返却: the sender's turn
    HELD = "held"  # 保留: the office's turn
    DUPLICATE = "duplicate"  # 重複


class Level(StrEnum):
    """How much a problem weighs: an error returns the form, a warning is printed on the check sheet."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a submission, in words its sender can act on.

    `pointer` is an RFC 6901 JSON pointer, `title` the Japanese name of the box, `message` what the rule is and
    what to do. None of the three ever quotes a submitted value. `found` may; it is printed on the sender's own
    返却票 and nowhere else.
    """

    code: str
    pointer: str
    title: str
    message: str
    level: Level = Level.ERROR
    found: str = ""


@dataclass(frozen=True, slots=True)
class Original:
    """The accepted bytes of a submission and what is known about them before they are read."""

    sha256: str
    data: bytes
    name: str  # as dropped; may hold a person's name, so it never leaves the journal and the 返却票


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission as read: the form it claims to be and its values.

    What a person wrote on a Word form is kept beside its value (`raw`, by pointer). `problems` are boxes that could
    not be understood, `unread` the pointers of boxes nobody could read: nothing more is asked of these.
    """

    form: str
    values: Mapping[str, Any]
    form_version: int | None = None
    case_id: str | None = None
    submission_id: str | None = None
    notes: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()
    unread: frozenset[str] = frozenset()
    raw: Mapping[str, str] = field(default_factory=dict)
    corrects: str | None = None
    correction_reason: str | None = None
    withdraws: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """An accepted form as the history of its case keeps it. `on` is the day it tells of, not the day it came in."""

    bundle_id: str
    form: str
    case_id: str | None
    on: date
    received_on: date
    values: Mapping[str, Any]
    allocated: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Past:
    """What was accepted before a form, oldest first: of its case, and of the cases it names. Never its own event."""

    events: tuple[Event, ...] = ()

    def of(self, *forms: str) -> tuple[Event, ...]:
        """The events of these forms, oldest first."""
        return tuple(event for event in self.events if event.form in forms)

    def last(self, *forms: str) -> Event | None:
        """The latest accepted event of these forms."""
        return next((event for event in reversed(self.events) if event.form in forms), None)

    def of_case(self, case_id: str) -> Past:
        """The part that concerns one case."""
        return Past(tuple(event for event in self.events if event.case_id == case_id))


NOTHING_BEFORE = Past()


@dataclass(frozen=True, slots=True)
class Recall:
    """What of the past a form is judged after: these cases whole, a month (YYYY-MM) of all cases, all of these forms."""

    cases: frozenset[str] = frozenset()
    month: str | None = None
    forms: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to recall."""
        return bool(self.cases or self.month or self.forms)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules of a form say: problems, and facts its papers may print."""

    problems: tuple[Problem, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedPaper:
    """One paper that must be made: which template, for whom, with exactly the values it may know."""

    paper: str
    title: str
    audience: str
    party: str
    formats: tuple[str, ...]
    context: Mapping[str, Any]
    must_print: tuple[str, ...]
    must_hide: tuple[str, ...] = ()
    mark: str = ""  # 案, 控, or nothing
    compares: tuple[str, ...] = ()  # titles of two papers of the set whose PDFs are laid side by side
    furigana: str = ""  # the level of reader whose readings it shows


@dataclass(frozen=True, slots=True)
class Packet:
    """Several papers of one reader bound into one PDF, sealed where it leaves the office."""

    title: str
    audience: str
    party: str
    papers: tuple[str, ...]
    sealed: bool = True
    of: tuple[str, ...] = ()  # other readers whose papers the office binds with its own


@dataclass(frozen=True, slots=True)
class OutFile:
    """A finished file of a bundle. `path` is relative to the bundle; `pages` is None unless it is a PDF."""

    path: str
    data: bytes
    title: str
    audience: str
    party: str
    sha256: str
    template: str = ""
    template_sha256: str = ""
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """A whole set, ready to publish: its files and the receipt that proves it."""

    bundle_id: str
    outcome: Outcome
    files: tuple[OutFile, ...]
    receipt: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal row: one submission that was taken in and what became of it."""

    ulid: str
    bundle_id: str
    sha256: str
    name: str
    received_at: datetime
    attempt: int
    state: str
    outcome: str | None = None
    form: str | None = None
    case_id: str | None = None
    allocated: Mapping[str, Any] = field(default_factory=dict)
    receipt_sha256: str | None = None
    trigger: str | None = None
    again: str | None = (
        None  # why a delivered one is made again from its accepted values; None for a first judgement
    )

    @property
    def next_revision(self) -> str:
        """The bundle id of a fresh judgement: `<id>-r2`, `<id>-r3` …"""
        stem, _, revision = self.bundle_id.partition("-r")
        return f"{stem}-r{int(revision or 1) + 1}"

    @property
    def replaces(self) -> str | None:
        """The bundle this revision takes the place of, as its id says; None for a first judgement."""
        stem, _, revision = self.bundle_id.partition("-r")
        if not revision:
            return None
        return stem if revision == "2" else f"{stem}-r{int(revision) - 1}"
