"""What a start finds, and what it does about each thing (reliability §2.1 line 32). Runs before anything new.

| found                                              | done                                                        |
|----------------------------------------------------|-------------------------------------------------------------|
| an original the journal does not know, nor a claim | stop: the journal is an older copy; `todoke rebuild`        |
| an unfinished entry, its bundle in the outbox      | copied to its readers, recorded as done                     |
| any other unfinished entry                         | one more attempt counted, then worked on alone; held after three |
| a claim whose bytes are journalled                 | the claimed file is released                                |
| any other claim                                    | kept, journalled and worked on like a new file              |
| a stage or temporary file nobody needs             | removed                                                     |
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from pipeline import wording
from pipeline.desk import Desk
from pipeline.errors import PlaceFailed, UnsafeToRun
from pipeline.model import Entry, Outcome
from pipeline.process import resume, settle_fates, take_in
from pipeline.spool import Claim, find_claims, find_originals, release


@contextmanager
def place_may_fail() -> Iterator[None]:
    """Whatever the system refuses outside the work on one entry is the place's failure, not a bug."""
    try:
        yield
    except OSError as error:
        raise PlaceFailed(wording.PLACE_FAILED) from error


def recover(desk: Desk) -> Iterator[Entry]:
    """Bring everything a stopped process left to its end, yielding each entry that got its fate."""
    with place_may_fail():
        _ensure_journal_knows_all(desk)
        for entry in desk.journal.unfinished():
            yield from resume(desk, entry)
        yield from take_claims(desk)
        _tidy(desk)


def take_claims(desk: Desk) -> Iterator[Entry]:
    """Bring claimed files to their end: what a stopped process left, and what a writer had not finished."""
    for claimed in find_claims(desk.workspace.inbox):
        known = desk.journal.claimed_as(claimed.ulid)
        if known is not None and _sha256(claimed) == known.sha256:
            release(claimed)
            continue
        # Other bytes under a known claim were never kept: an entry of their own.
        fresh = claimed if known is None else replace(claimed, ulid=desk.new_ulid())
        yield from take_in(desk, [fresh])


def _ensure_journal_knows_all(desk: Desk) -> None:
    """Raise UnsafeToRun over an older journal: it would give numbers and papers a second time (reliability F107)."""
    unknown = find_originals(desk.workspace.spool) - desk.journal.inputs()
    if unknown and unknown - {_sha256(claimed) for claimed in find_claims(desk.workspace.inbox)}:
        raise UnsafeToRun(wording.JOURNAL_BEHIND)


def _sha256(claimed: Claim) -> str:
    return hashlib.sha256(claimed.path.read_bytes()).hexdigest()


def _tidy(desk: Desk) -> None:
    desk.shelf.clear_stage()
    for leftover in desk.workspace.spool.glob("*.tmp"):
        leftover.unlink()


def retry_held(desk: Desk, only: str | None = None) -> Iterator[Entry]:
    """Judge held entries again: those the office has changed something for, or the one named `only`."""
    with place_may_fail():
        for entry in desk.journal.with_outcome(Outcome.HELD):
            forced = entry.bundle_id == only
            if forced or (only is None and entry.trigger != desk.catalogue.digest):
                reason = "forced" if forced else "office changed"
                yield from settle_fates(desk, [desk.journal.reopen(entry, entry.next_revision, reason)])
