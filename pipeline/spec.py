"""What an office writes down about its forms and papers, as frozen values. Reading the files is the catalogue's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

FORMATS = ("docx", "pdf", "html")
CASE_RULES = ("opens", "required", "none")
MODES = ("issue", "draft", "copy")


@dataclass(frozen=True, slots=True)
class DocumentSpec:
    """One paper a form makes. `when` names a condition of the schema; `copies` get the same paper marked 控.

    `if_warned` papers are made only when a rule or the reading has something to point out, `if_fact` ones only when the
    rules computed that fact. `drafted_for` is the reader a draft is meant for: it shows, and hides, what that reader will see.
    `each` is the path of a list: one paper for each of its elements, which the paper knows as `each` and no other of them.
    `title` is what it is called here instead of by its paper; `facts` are facts under other names (`edition = "previous"`: the
    same paper about the edition before). `compares` are the titles of two documents of the set: the PDF of this one is told
    which pages differ between theirs (`facts.page_changes`, None in Word: pages are known only from PDFs).
    `published` papers are kept with the edition they publish (outbox/manual/).
    `party` is the path of who among these readers gets it (`each.code`, `old.centre`). The `mode` `copy` is a paper that
    is a copy (控) for its reader: what a centre keeps of what it sent to another.
    `furigana` sets readings over its kanji: for a level of reader (furigana.LEVELS), or the path of a box that chooses one.
    """

    paper: str
    audience: str
    formats: tuple[str, ...] = ("docx", "pdf")
    when: str | None = None
    mode: str = "issue"
    drafted_for: str | None = None
    copies: tuple[str, ...] = ()
    if_warned: bool = False
    if_fact: str | None = None
    each: str | None = None
    party: str | None = None
    title: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    compares: tuple[str, ...] = ()
    published: bool = False
    furigana: str | None = None


@dataclass(frozen=True, slots=True)
class PacketSpec:
    """Papers of one reader that are also bound into one PDF; sealed unless it never leaves the office (`sealed = false`).

    A packet of the office may bind the papers of other readers too (`of`): what it prints and posts to them.
    """

    title: str
    audience: str
    papers: tuple[str, ...]
    when: str | None = None
    sealed: bool = True
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NextSpec:
    """The form that follows, prefilled: target field ← path in this form (or `case.application_no`).

    `fixed` are words the office itself writes there: target field ← text (決定の種類 ← 新規).
    `each` is the path of a list: one form for each of its elements, whose boxes are `each.…`; `party` who gets it.
    """

    form: str
    audience: str
    fields: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    when: str | None = None
    each: str | None = None
    party: str | None = None


@dataclass(frozen=True, slots=True)
class CalendarSpec:
    """A calendar file of the visits and monitorings of a plan. `plan` is the path of that block in the form."""

    title: str
    audience: str
    plan: str
    when: str | None = None


@dataclass(frozen=True, slots=True)
class SheetSpec:
    """A spreadsheet of what the rules counted. `fact` is the workbook they computed; without it there is no file."""

    title: str
    audience: str
    fact: str
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
    `month` is the path of a month (YYYY-MM) all of whose events, of every case, the rules compare; `recalls` are forms
    all of whose events they compare (the earlier minutes of a meeting, what statistics are counted from). The papers of an
    `issued` form have left the house as decisions: made again they are copies for the office (再作成（控）), nothing else.
    """

    case: str = "none"
    dated: str | None = None
    month: str | None = None
    recalls: tuple[str, ...] = ()
    issued: bool = False
    allocate: tuple[str, ...] = ()
    documents: tuple[DocumentSpec, ...] = ()
    packets: tuple[PacketSpec, ...] = ()
    calendars: tuple[CalendarSpec, ...] = ()
    sheets: tuple[SheetSpec, ...] = ()
    next: tuple[NextSpec, ...] = ()
    accepts: tuple[EarlierSpec, ...] = ()

    @property
    def publishes(self) -> bool:
        """Whether an edition is published from this form (outbox/manual/), which stays as it is ever after."""
        return any(document.published for document in self.documents)

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
class Requirement:
    """One thing a notice must be able to print: of each group of paths, at least one."""

    title: str
    prints: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """A kind of official notice (`doc_templates/notices.toml`) and what the law or custom wants on it."""

    name: str
    title: str
    must: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class PaperSpec:
    """A paper's `paper.toml`. `fields` is everything it may know (docs/architecture.md).

    `optional` fields are those that not every form making this paper has: there they are absent, None.
    `tracked` is the author under whom its runs in the styles Inserted and Deleted become tracked changes.
    `notice` names the kind of notice it is: its templates must be able to print all that kind must (completeness.py).
    The paper must print every text its form grants it, and those of the facts named in `must_print`.
    """

    name: str
    title: str
    code: str = ""
    fields: tuple[str, ...] = ()
    unprinted: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    notice: str = ""
    tracked: str = ""
    must_print: tuple[str, ...] = ()
    editions: tuple[Edition, ...] = ()

    def edition_at(self, day: date) -> Edition | None:
        """Return the edition valid on `day`, or None before the first one."""
        begun = [edition for edition in self.editions if edition.since <= day]
        return max(begun, key=lambda edition: edition.since, default=None)
