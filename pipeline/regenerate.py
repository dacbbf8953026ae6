"""Batch regeneration: what would come out differently today, why, and a new revision of just that (product §2b, Again).

A paper is a pure function of its form, the office data of its date and its template. So only a bundle judged with other
material than today's can differ; of these only those whose papers really do are made again, from the values as they were
accepted, with the past and the office data of their own day. The old revision stays. An issued decision is never issued
again: what is made is a copy for the office.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import unified_diff
from pathlib import Path
from typing import Any

from pipeline.accepted import Accepted, as_of, recall_of
from pipeline.catalogue import Form
from pipeline.desk import Desk
from pipeline.durable import write_new
from pipeline.examine import Examined, accept
from pipeline.model import Entry, Level, Outcome, OutFile, Problem, Submission
from pipeline.ooxml import docx_text, picture_texts
from pipeline.rules import judge
from pipeline.shelf import read_receipt
from pipeline.spool import read_kept
from pipeline.workshop import Workshop


@dataclass(frozen=True, slots=True)
class Scope:
    """Which bundles are looked at; what is None does not narrow. `template` is a paper's name."""

    case_id: str | None = None
    form: str | None = None
    template: str | None = None
    since: date | None = None

    def covers(self, entry: Entry) -> bool:
        """Whether an entry lies in the scope, as far as the journal knows."""
        return (
            entry.outcome == Outcome.DELIVERED
            and self.case_id in (None, entry.case_id)
            and self.form in (None, entry.form)
            and (self.since is None or entry.received_at.date() >= self.since)
        )


@dataclass(frozen=True, slots=True)
class Change:
    """A paper that would come out differently: its path, why, and its text then and now (personal: for a clerk's eyes)."""

    path: str
    reason: str
    before: str = ""
    after: str = ""

    def diff(self) -> str:
        """Return the difference of the texts, line by line; empty where only the look changes."""
        lines = unified_diff(self.before.splitlines(), self.after.splitlines(), "前", "後", lineterm="", n=1)
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Renewal:
    """A bundle that would come out differently."""

    entry: Entry
    changes: tuple[Change, ...]


def find_renewals(desk: Desk, scope: Scope) -> Iterator[Renewal]:
    """Yield every bundle in the scope that would come out differently today. Nothing is written but what was found same.

    Bundles judged with exactly today's material are passed over unread.
    """
    drawing = Workshop(desk.catalogue)  # without PDFs: they follow from the Word papers
    superseded = desk.journal.superseded()
    for entry in desk.journal.every_entry():
        if entry.bundle_id in superseded or not scope.covers(entry) or entry.trigger == desk.catalogue.digest:
            continue
        changes = _changes(desk, drawing, entry)
        if scope.template:
            changes = tuple(c for c in changes if c.reason.startswith(f"ひな形 {scope.template}/"))
        if changes:
            yield Renewal(entry, changes)
        elif not scope.template:
            desk.journal.is_as_today(entry, desk.catalogue.digest)


def accept_again(desk: Desk, entry: Entry) -> tuple[Accepted, Form]:
    """Return a delivered form as it was accepted, to be planned anew. Raises OfficeFault where its form is broken now."""
    form = desk.catalogue.forms[str(entry.form)]
    desk.catalogue.ensure_usable(form.name)
    kept = read_kept(desk.workspace.spool, entry.sha256)
    notes = tuple(Problem(**{**note, "level": Level(note["level"])}) for note in kept["notes"])
    read = Submission(form.name, kept["values"], case_id=entry.case_id, raw=kept["raw"], notes=notes)
    received_on = entry.received_at.date()
    day = as_of(read.values, received_on)
    office = desk.catalogue.office.at(day)
    past = desk.journal.past(entry, recall_of(form.schema.root, form.spec, read))
    ruling = judge(form.name, read.values, office, received_on, past)
    examined = Examined(read, form, ruling.problems, office, ruling, day)
    numbers = {name: entry.allocated.get(name) for name in form.spec.allocate}
    return accept(examined, form, {"id": entry.case_id, **numbers}), form


def _changes(desk: Desk, drawing: Workshop, entry: Entry) -> tuple[Change, ...]:
    folder = desk.shelf.folder_of(entry.bundle_id, Outcome.DELIVERED)
    receipt = read_receipt(folder)
    accepted, form = accept_again(desk, entry)
    again = any("再作成" in str(document["title"]) for document in receipt["documents"])
    unbound = _never_loose(desk, accepted)
    files = [
        file
        for file in drawing.make(accepted, again=again)
        if (file.template.split("/")[0], file.audience) not in unbound
    ]
    made = {_key(file.path): file for file in files}
    then = {_key(d["path"]): d for d in receipt["documents"] if not d["path"].endswith(".pdf")}
    schema_changed = receipt["schema_sha256"] != form.schema_sha256
    found = [_change(folder, then.get(key), made.get(key), schema_changed) for key in sorted({*then, *made})]
    return tuple(change for change in found if change is not None)


def _never_loose(desk: Desk, accepted: Accepted) -> set[tuple[str, str]]:
    """The papers that only ever leave in a packet, by setting: as loose files they are not missing."""
    if desk.workshop.sealing.loose != "none":
        return set()
    return {(name, packet.audience) for packet in accepted.spec.packets for name in packet.papers}


def _key(path: str) -> str:
    """A paper's path without its running number: a paper more before it is no change of its own."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/{name.partition('_')[2] if name[:2].isdigit() else name}"


def _change(
    folder: Path, then: Mapping[str, Any] | None, now: OutFile | None, schema_changed: bool
) -> Change | None:
    if then is None and now is not None:
        return Change(now.path, "新しく作られます", after=_text(now.path, now.data))
    if then is not None and now is None:
        path = str(then["path"])
        return Change(path, "作られなくなります", before=_text(path, (folder / path).read_bytes()))
    if then is None or now is None or then["sha256"] == now.sha256:
        return None
    path = str(then["path"])
    before, after = _text(path, (folder / path).read_bytes()), _text(path, now.data)
    return Change(path, _reason(then, now, schema_changed), before, after)


def _reason(then: Mapping[str, Any], now: OutFile, schema_changed: bool) -> str:
    if now.template and then["template_sha256"] != now.template_sha256:
        return f"ひな形 {now.template} が変わりました"
    if schema_changed:
        return "様式が変わりました"
    return "設定（office/）又はプログラムが変わりました"


def _text(path: str, data: bytes) -> str:
    if path.endswith(".docx"):
        return "\n".join((docx_text(data), *picture_texts(data)))
    return data.decode("utf-8", "replace") if path.endswith((".json", ".ics", ".html")) else ""


def renewed(desk: Desk, renewal: Renewal) -> Entry:
    """Return the entry of a renewal reopened, to be made again under its next revision; the reasons go into its receipt."""
    reasons = "、".join(dict.fromkeys(change.reason for change in renewal.changes))
    return desk.journal.reopen(renewal.entry, renewal.entry.next_revision, reasons, again=True)


def write_diff(folder: Path, renewal: Renewal) -> None:
    """Write what changes in the texts of a bundle's papers for a clerk to read; only its owner can open it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    parts = [f"=== {change.path}\n{change.reason}\n{change.diff()}\n" for change in renewal.changes]
    path = folder / f"{renewal.entry.bundle_id}.diff.txt"
    path.unlink(missing_ok=True)
    write_new(path, "\n".join(parts).encode(), 0o600)
