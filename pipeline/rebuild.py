"""`todoke rebuild`: the journal made anew from receipts and originals. What is published stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ulid import ULID

from pipeline.catalogue import Catalogue
from pipeline.journal import DONE, Journal
from pipeline.model import Entry
from pipeline.shelf import Shelf, read_receipt, receipt_digest

RECOVERED_NAME = "recovered.json"
SHA256_LENGTH = 64


def rebuild(path: Path, spool: Path, shelf: Shelf, catalogue: Catalogue, now: datetime) -> int:
    """Write a new journal beside the old one and put it in its place; return how many bundles it knows.

    The old file stays as `journal.db.before-rebuild`. Names of dropped files are not in receipts and stay blank.
    """
    fresh = path.with_name("journal.db.new")
    fresh.unlink(missing_ok=True)
    journal = Journal(fresh)
    entries = [_entry(folder) for folder in shelf.bundles()]
    superseded = {
        note.name.partition(".superseded-by-")[0] for note in shelf.outbox.glob("*/*.superseded-by-*.txt")
    }
    for entry in sorted(entries, key=lambda entry: (entry.received_at, entry.bundle_id)):
        form = catalogue.forms.get(entry.form or "")
        opens = form is not None and form.spec.case == "opens"
        journal.restore(entry, opens_case=opens, current=entry.bundle_id not in superseded)
    for sha256 in sorted(_originals(spool) - {entry.sha256 for entry in entries}):
        journal.receive(
            str(ULID()), RECOVERED_NAME, sha256, now
        )  # kept, but never published: work on it again
    journal.close()
    if path.exists():
        path.replace(path.with_name("journal.db.before-rebuild"))
    fresh.replace(path)
    return len(entries)


def _originals(spool: Path) -> set[str]:
    return {path.name for path in spool.iterdir() if len(path.name) == SHA256_LENGTH}


def _entry(folder: Path) -> Entry:
    receipt: Mapping[str, Any] = read_receipt(folder)
    return Entry(
        ulid=str(ULID()),
        bundle_id=receipt["bundle_id"],
        sha256=receipt["input_sha256"],
        name="",
        received_at=datetime.fromisoformat(receipt["received_at"]),
        attempt=1,
        state=DONE,
        outcome=receipt["outcome"],
        form=receipt["form"],
        case_id=receipt["case_id"],
        allocated=receipt["allocated"],
        receipt_sha256=receipt_digest(folder),
    )
