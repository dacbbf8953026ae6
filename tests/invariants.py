"""What must hold after any stop, cut or fault, once a clean run has followed (reliability §2, I1–I5, I8, I9)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline import report
from pipeline.desk import make_shelf, open_desk, open_journal
from pipeline.inbox import CLAIMS, SENTINEL
from pipeline.ledger import STANDING
from pipeline.model import Entry
from pipeline.receipt import digest
from pipeline.shelf import bundle_faults, read_receipt
from pipeline.sweep import Tally, run_once
from pipeline.workspace import Workspace
from tests.conftest import MORNING

Receipt = dict[str, Any]


@contextmanager
def opened(place: Workspace) -> Iterator[Any]:
    """The desk of `place` on the fixed morning, without PDFs."""
    with open_desk(place, now=lambda: MORNING, pdf=False) as desk:
        yield desk


def finish(place: Workspace) -> list[Entry]:
    """A clean run, as the next start would do it."""
    with opened(place) as desk:
        return list(run_once(desk, Tally()))


def receipts(place: Workspace) -> list[Receipt]:
    """Every receipt in the outbox."""
    return [read_receipt(folder) for folder in make_shelf(place).bundles()]


def fates(place: Workspace) -> Counter[str]:
    """How many bundles of each fate lie in the outbox."""
    return Counter(receipt["outcome"] for receipt in receipts(place))


def faults_in_sight(place: Workspace) -> list[str]:
    """What a reader of the outbox could see that is not whole, at any moment."""
    return [fault for folder in make_shelf(place).bundles() for fault in bundle_faults(folder)]


def assert_all_is_well(place: Workspace, dropped: Iterable[bytes]) -> None:
    """Every dropped file has its one bundle, whole and copied to its readers; nothing else is left anywhere."""
    assert faults_in_sight(place) == []
    _assert_one_bundle_each(receipts(place), Counter(map(digest, dropped)))
    _assert_numbers_taken_once(_without_replaced(receipts(place)))
    _assert_readers_have_their_copies(place)
    _assert_nothing_left(place)
    journal = open_journal(place)
    try:
        assert journal.unfinished() == ()
        assert report.verify(place, make_shelf(place), journal) == []
    finally:
        journal.close()


def _assert_one_bundle_each(found: list[Receipt], dropped: Counter[str]) -> None:
    current = _without_replaced(found)
    assert Counter(receipt["input_sha256"] for receipt in current) == dropped
    delivered = {r["input_sha256"]: r["bundle_id"] for r in current if r["outcome"] == "delivered"}
    assert len(delivered) == sum(r["outcome"] == "delivered" for r in current), "delivered twice"
    for receipt in current:
        if receipt["outcome"] == "duplicate":
            assert receipt["duplicate_of"] == delivered[receipt["input_sha256"]]


def _without_replaced(found: list[Receipt]) -> list[Receipt]:
    replaced = {receipt["supersedes"] for receipt in found}
    return [receipt for receipt in found if receipt["bundle_id"] not in replaced]


def _assert_numbers_taken_once(found: list[Receipt]) -> None:
    for name in ("case_id", "application_no"):
        numbers = [r["allocated"][name] for r in found if name in r["allocated"]]
        assert len(numbers) == len(set(numbers)), name


def _assert_readers_have_their_copies(place: Workspace) -> None:
    readers = place.outbox / "readers"
    copies = {
        p.relative_to(readers).as_posix(): digest(p.read_bytes())
        for p in readers.rglob("*")
        if p.is_file() and p.parent.name != STANDING
    }
    assert copies == {
        f"{'-'.join(filter(None, (d['audience'], d['party'])))}/{receipt['bundle_id']}/{Path(d['path']).name}": d[
            "sha256"
        ]
        for receipt in receipts(place)
        if receipt["outcome"] == "delivered"
        for d in receipt["documents"]
    }


def _assert_nothing_left(place: Workspace) -> None:
    assert {p.name for p in place.inbox.iterdir()} <= {SENTINEL, CLAIMS}
    assert list((place.inbox / CLAIMS).glob("*")) == []
    assert list(place.stage.iterdir()) == []
    for path in place.spool.iterdir():
        if path.name.endswith(".values.json"):
            continue
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
