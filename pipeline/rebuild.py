"""`todoke rebuild`: the journal made anew from receipts and originals. What is published stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ulid import ULID

from pipeline.accepted import event_day
from pipeline.catalogue import Catalogue
from pipeline.durable import fsync_dir
from pipeline.errors import UnsafeToRun
from pipeline.journal import DONE, Journal
from pipeline.model import Entry, Outcome
from pipeline.shelf import Shelf, read_receipt, receipt_digest
from pipeline.spec import FormSpec
from pipeline.spool import find_originals, read_kept, read_original
from pipeline.wording import UNREADABLE_RECEIPTS, VALUES_LOST

_BEFORE = "journal.db.before-rebuild"
_WORD = b"PK"  # the first bytes of a Word form: a recovered original has lost its name


def rebuild(path: Path, spool: Path, shelf: Shelf, catalogue: Catalogue, now: datetime) -> int:
    """Write a new journal beside the old one and put it in its place; return how many bundles it knows.

    The old file stays as `journal.db.before-rebuild`. Names of dropped files are not in receipts: what is judged again
    is called `original.*` or `recovered.*`. Raises UnsafeToRun over a bundle without a readable receipt or without its
    accepted values: leaving it out would give its numbers twice, or lose a step of its case.
    """
    folders = _readable(shelf)
    entries = [_entry(folder) for folder in folders]
    corrects = {folder.name: _corrected(folder) for folder in folders}
    replaced = {entry.replaces for entry in entries}
    ulids = {_stem(entry.bundle_id): entry.ulid for entry in entries if entry.bundle_id not in replaced}
    fresh = path.with_name("journal.db.new")
    fresh.unlink(missing_ok=True)
    journal = Journal(fresh)
    for entry in sorted(entries, key=lambda entry: (entry.received_at, entry.bundle_id)):
        form = catalogue.forms.get(entry.form or "")
        opens = form is not None and form.spec.case == "opens"
        values = _values(spool, entry)
        spec, received_on = form.spec if form else FormSpec(), entry.received_at.date()
        on = event_day(spec, values or {}, received_on)
        current, corrected = entry.bundle_id not in replaced, corrects[entry.bundle_id]
        journal.restore(entry, opens, current, on, values or None, ulids.get(_stem(corrected or "")))
    for sha256 in sorted(find_originals(spool) - {entry.sha256 for entry in entries}):
        # kept, but never published: work on it again
        journal.receive(str(ULID()), _recovered_name(spool, sha256), sha256, now)
    journal.close()
    _put_in_place(fresh, path)
    return len(entries)


def _stem(bundle_id: str) -> str:
    """The number of a bundle in all its revisions."""
    return bundle_id.partition("-r")[0]


def _corrected(folder: Path) -> str | None:
    receipt = read_receipt(folder)
    named = receipt["corrects"] or receipt["withdraws"]
    return str(named) if named else None


def _values(spool: Path, entry: Entry) -> Mapping[str, Any] | None:
    if entry.outcome != Outcome.DELIVERED:
        return None
    try:
        values: Mapping[str, Any] = read_kept(spool, entry.sha256)["values"]
        return values
    except (OSError, ValueError, KeyError):
        raise UnsafeToRun(VALUES_LOST + entry.bundle_id) from None


def _readable(shelf: Shelf) -> list[Path]:
    folders = list(shelf.bundles())
    if broken := [folder.name for folder in folders if not _has_receipt(folder)]:
        raise UnsafeToRun(UNREADABLE_RECEIPTS + "、".join(broken))
    return folders


def _has_receipt(folder: Path) -> bool:
    try:
        return bool(read_receipt(folder)["bundle_id"] == folder.name)
    except (OSError, ValueError, KeyError):
        return False


def _recovered_name(spool: Path, sha256: str) -> str:
    return "recovered.docx" if read_original(spool, sha256).startswith(_WORD) else "recovered.json"


def _put_in_place(fresh: Path, path: Path) -> None:
    """Swap the journals. A rollback journal goes with its own database: played into another it would ruin that one."""
    for suffix in ("", "-journal"):
        old = path.with_name(path.name + suffix)
        if old.exists():
            old.replace(path.with_name(_BEFORE + suffix))
    fresh.replace(path)
    fsync_dir(path.parent)


def _entry(folder: Path) -> Entry:
    receipt: Mapping[str, Any] = read_receipt(folder)
    return Entry(
        ulid=str(ULID()),
        bundle_id=receipt["bundle_id"],
        sha256=receipt["input_sha256"],
        name=next(
            (file["path"] for file in receipt["documents"] if file["path"].startswith("original.")), ""
        ),
        received_at=datetime.fromisoformat(receipt["received_at"]),
        attempt=1,
        state=DONE,
        outcome=receipt["outcome"],
        form=receipt["form"],
        case_id=receipt["case_id"],
        allocated=receipt["allocated"],
        receipt_sha256=receipt_digest(folder),
        again=receipt["reason"],
    )
