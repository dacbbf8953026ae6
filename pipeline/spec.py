"""What an office writes down about its forms and papers, as frozen values. Reading the files is the catalogue's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

FORMATS = ("docx", "pdf")
AUDIENCES = (
    "applicant",
    "contractor",
    "centre",
    "division",
    "members",
    "agency",
    "school",
    "prefecture",
    "outside",
    "public",
)
CASE_RULES = ("opens", "required", "none")
MODES = ("issue", "draft")


@dataclass(frozen=True, slots=True)
class DocumentSpec:
    """One paper a form makes. `when` names a condition of the schema; `copies` get the same paper marked 控.

    `if_warned` papers are made only when a rule or the reading has something to point out.
    """

    paper: str
    audience: str
    formats: tuple[str, ...] = ("docx", "pdf")
    when: str | None = None
    mode: str = "issue"
    copies: tuple[str, ...] = ()
    if_warned: bool = False


@dataclass(frozen=True, slots=True)
class PacketSpec:
    """Papers of one reader that are also bound into one PDF."""

    title: str
    audience: str
    papers: tuple[str, ...]
    when: str | None = None


@dataclass(frozen=True, slots=True)
class NextSpec:
    """The form that follows, prefilled: target field ← path in this form (or `case.application_no`)."""

    form: str
    audience: str
    fields: Mapping[str, str] = field(default_factory=dict)
    when: str | None = None


@dataclass(frozen=True, slots=True)
class CalendarSpec:
    """A calendar file of the visits and monitorings of a plan. `plan` is the path of that block in the form."""

    title: str
    audience: str
    plan: str
    when: str | None = None


@dataclass(frozen=True, slots=True)
class EarlierSpec:
    """An earlier version of a form that is still accepted: through the day `until`, or without an end."""

    version: int
    until: date | None = None


@dataclass(frozen=True, slots=True)
class FormSpec:
    """A form's `spec.toml`.

    `dated` is the path of the day a form tells of (収受日, 訪問日); without it that is `doc_date`, else the day of receipt.
    `month` is the path of a month (YYYY-MM) all of whose events, of every case, the rules compare.
    """

    case: str = "none"
    dated: str | None = None
    month: str | None = None
    allocate: tuple[str, ...] = ()
    documents: tuple[DocumentSpec, ...] = ()
    packets: tuple[PacketSpec, ...] = ()
    calendars: tuple[CalendarSpec, ...] = ()
    next: tuple[NextSpec, ...] = ()
    accepts: tuple[EarlierSpec, ...] = ()

    def accepts_version(self, version: int, day: date) -> bool:
        """Whether a form of an earlier version is accepted on `day`; what is not listed is returned."""
        return any(
            entry.version == version and (entry.until is None or day <= entry.until) for entry in self.accepts
        )


@dataclass(frozen=True, slots=True)
class Edition:
    """A template and the first day it is valid for."""

    since: date
    template: str
    html: str | None = None


@dataclass(frozen=True, slots=True)
class PaperSpec:
    """A paper's `paper.toml`. `fields` is everything it may know (docs/architecture.md).

    `optional` fields are those that not every form making this paper has: there they are absent, None.
    """

    name: str
    title: str
    code: str = ""
    fields: tuple[str, ...] = ()
    unprinted: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    editions: tuple[Edition, ...] = ()

    def edition_at(self, day: date) -> Edition | None:
        """Return the edition valid on `day`, or None before the first one."""
        begun = [edition for edition in self.editions if edition.since <= day]
        return max(begun, key=lambda edition: edition.since, default=None)
