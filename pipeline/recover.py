"""What a start finds, and what it does about each thing (reliability §2.1 line 32). Runs before anything new.

| found                                             | done                                                        |
|---------------------------------------------------|-------------------------------------------------------------|
| a claim whose entry is in the journal             | the claimed file is released                                |
| a claim without an entry                          | kept, journalled and worked on like a new file              |
| an entry being published, its bundle in the outbox | recorded as done                                            |
| an entry being published, its stage whole         | published                                                   |
| any other unfinished entry                        | one more attempt counted, then worked on; held after three  |
| a stage or temporary file nobody needs            | removed                                                     |
| a delivered bundle a reader has no copy of        | copied                                                      |
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline import wording
from pipeline.desk import Desk
from pipeline.errors import OfficeFault
from pipeline.journal import PUBLISHING
from pipeline.model import Entry, Outcome
from pipeline.process import MAX_ATTEMPTS, finish, hold, publish, record, settle_fate, take_in
from pipeline.shelf import receipt_digest
from pipeline.spool import find_claims, release


def recover(desk: Desk) -> Iterator[Entry]:
    """Bring everything a stopped process left to its end, yielding each entry that got its fate."""
    for entry in desk.journal.unfinished():
        yield _resume(desk, entry)
    for claimed in find_claims(desk.workspace.inbox):
        if desk.journal.has_claim(claimed.ulid):
            release(claimed)
        elif (taken := take_in(desk, claimed)) is not None:
            yield taken
    _tidy(desk)


def _resume(desk: Desk, entry: Entry) -> Entry:
    if entry.state == PUBLISHING:
        folder = desk.shelf.folder_of(entry.bundle_id, str(entry.outcome))
        if receipt_digest(folder) == entry.receipt_sha256:
            return record(desk, entry, folder)
        staged = desk.workspace.stage / f"{entry.bundle_id}.{entry.attempt}"
        if receipt_digest(staged) == entry.receipt_sha256:
            return finish(desk, entry, staged)
    if entry.attempt >= MAX_ATTEMPTS:
        return publish(desk, entry, hold(desk, entry, OfficeFault("CRASH", wording.THREE_CRASHES)))
    return settle_fate(desk, desk.journal.attempt(entry))


def _tidy(desk: Desk) -> None:
    desk.shelf.clear_stage()
    for leftover in desk.workspace.spool.glob("*.tmp"):
        leftover.unlink()
    for entry in desk.journal.with_outcome(Outcome.DELIVERED):
        folder = desk.shelf.folder_of(entry.bundle_id, Outcome.DELIVERED)
        if folder.is_dir():
            desk.shelf.copy_to_readers(folder)


def retry_held(desk: Desk, only: str | None = None) -> Iterator[Entry]:
    """Judge held entries again: those the office has changed something for, or the one named `only`."""
    for entry in desk.journal.with_outcome(Outcome.HELD):
        forced = entry.bundle_id == only
        if forced or (only is None and entry.trigger != desk.catalogue.digest):
            yield _judge_again(desk, entry, "forced" if forced else "office changed")


def _judge_again(desk: Desk, entry: Entry, reason: str) -> Entry:
    old = desk.shelf.folder_of(entry.bundle_id, Outcome.HELD)
    stem, _, revision = entry.bundle_id.partition("-r")
    fresh = desk.journal.reopen(entry, f"{stem}-r{int(revision or 1) + 1}", reason)
    desk.shelf.mark_superseded(old, fresh.bundle_id)
    return settle_fate(desk, fresh)
