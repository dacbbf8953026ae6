"""The journal: numbers taken once, one transaction each, faults that halt and faults that pass (reliability §0.11, F101–F104, F133)."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pipeline import report
from pipeline.desk import JST, make_shelf, open_desk, open_journal
from pipeline.errors import PlaceFailed, UnsafeToRun
from pipeline.journal import Journal
from pipeline.model import Entry, Past, Recall
from pipeline.workspace import Workspace
from tests.conftest import MORNING, drop, example, run
from tests.invariants import finish

DAY = MORNING.date()
RECEIPT = {"outcome": "delivered", "form": "x", "case_id": None}


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.db")
    yield opened
    opened.close()


def receive(journal: Journal, ulid: str, when: datetime = MORNING, sha256: str = "") -> Entry:
    return journal.receive(ulid, "a.json", sha256 or ulid * 4, when)


def delivered(journal: Journal, ulid: str) -> Entry:
    return journal.done(receive(journal, ulid), {**RECEIPT, "n": ulid}, "office")


# --- numbers ------------------------------------------------------------------------------------------------------


def test_the_daily_counter_starts_again_at_midnight_in_japan(journal: Journal) -> None:
    night = datetime(2024, 12, 31, 23, 59, 59, tzinfo=JST)
    ids = [receive(journal, str(n), night + timedelta(seconds=n // 2)).bundle_id for n in range(4)]
    assert ids == ["20241231-0001", "20241231-0002", "20250101-0001", "20250101-0002"]


def test_the_day_is_the_one_in_japan_whatever_the_machines_zone(place: Workspace) -> None:
    """15:30 UTC is half past midnight of the next day in Japan; 31 March there is another fiscal year here."""
    utc = datetime(2024, 3, 31, 15, 30, tzinfo=UTC)
    drop(place, "a.json", example("meeting_minutes", "r4_7_first"))
    with open_desk(place, now=lambda: utc.astimezone(JST), pdf=False) as desk:
        (entry,) = run(desk)
    assert entry.bundle_id == "20240401-0001"
    assert (place.outbox / "2024" / "20240401-0001" / "receipt.json").exists()


def test_the_same_claim_is_received_once(journal: Journal) -> None:
    assert receive(journal, "U1") == receive(journal, "U1")
    assert receive(journal, "U2").bundle_id.endswith("0002")


def test_threads_never_share_a_number(tmp_path: Path, journal: Journal) -> None:
    second = Journal(tmp_path / "journal.db")
    got: list[Entry] = []

    def work(which: Journal, who: int) -> None:
        for n in range(25):
            entry = receive(which, f"{who}-{n}")
            got.append(
                which.accept(
                    entry,
                    "f",
                    None,
                    True,
                    {"case_id": "YC-23-1", "application_no": "23-1"},
                    MORNING.date(),
                    {},
                )
            )

    threads = [
        threading.Thread(target=work, args=(which, who))
        for who, which in enumerate((journal, journal, second))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    second.close()
    numbers = range(1, 76)
    assert sorted(entry.bundle_id for entry in got) == [f"20240226-{n:04d}" for n in numbers]
    assert sorted(str(entry.case_id) for entry in got) == [f"YC-23-1-{n:03d}" for n in numbers]


def test_numbers_are_taken_once_for_an_entry(journal: Journal) -> None:
    entry = receive(journal, "U1")
    first = journal.accept(entry, "f", None, True, {"case_id": "YC-23-1"}, MORNING.date(), {})
    again = journal.accept(first, "f", None, True, {"case_id": "YC-23-1"}, MORNING.date(), {})
    assert (first.case_id, again.case_id) == ("YC-23-1-001", "YC-23-1-001")
    assert journal.knows_case("YC-23-1-001")
    assert (
        journal.accept(
            receive(journal, "U2"), "f", None, True, {"case_id": "YC-23-1"}, MORNING.date(), {}
        ).case_id
        == "YC-23-1-002"
    )


def test_a_name_in_any_bytes_is_given_back(journal: Journal) -> None:
    name = "申請書.json".encode("cp932").decode("utf-8", "surrogateescape")
    journal.receive("U1", name, "s", MORNING)
    (entry,) = journal.every_entry()
    assert entry.name == name


# --- what SQLite is really told -----------------------------------------------------------------------------------


def test_what_writes_takes_the_write_lock_at_once_and_what_only_reads_never(journal: Journal) -> None:
    """A transaction that reads first and then wants to write is refused at once, whatever its timeout."""
    statements: list[str] = []
    sa.event.listen(
        journal._engine, "before_cursor_execute", lambda c, cur, statement, *_: statements.append(statement)
    )
    entry = delivered(journal, "U1")
    journal.reopen(entry, "20240226-0001-r2", "why")
    journal.forgive([entry])
    writing, statements[:] = list(statements), []
    journal.counts(), journal.audited(), journal.audit_faults(), journal.inputs(), journal.find("x")
    journal.knows_case("x"), journal.delivered_before(entry)
    reading = statements
    assert [each for each in writing if each.startswith("BEGIN")] == ["BEGIN IMMEDIATE"] * 4, (
        "one for each call"
    )
    assert [each for each in reading if each.startswith("BEGIN")] == ["BEGIN"] * 7
    assert {each.split()[0] for each in reading} == {"BEGIN", "SELECT"}


# --- several steps together ---------------------------------------------------------------------------------------


def test_what_is_done_together_is_seen_inside_and_durable_at_its_end(
    tmp_path: Path, journal: Journal
) -> None:
    outside = Journal(tmp_path / "journal.db")
    with journal.together():
        first = journal.accept(receive(journal, "U1"), "f", "YC-23-1-001", True, {}, DAY, {})
        second = receive(journal, "U2")
        assert (first.bundle_id, second.bundle_id) == ("20240226-0001", "20240226-0002")
        assert journal.knows_case("YC-23-1-001")
        assert len(journal.unfinished()) == 2
        assert outside.unfinished() == (), "nobody else sees it yet, and nobody has to wait to see so"
    assert len(outside.unfinished()) == 2
    outside.close()


def test_together_is_one_commit(journal: Journal) -> None:
    commits: list[str] = []
    sa.event.listen(journal._engine, "commit", lambda _: commits.append("commit"))
    with journal.together():
        for n in range(10):
            delivered(journal, str(n))
    assert commits == ["commit"]
    assert journal.audit_faults() == ()
    assert journal.counts() == {"delivered": 10}


@pytest.mark.parametrize("stopped_by", [RuntimeError, KeyboardInterrupt, PlaceFailed])
def test_of_what_is_broken_off_together_nothing_stays(
    journal: Journal, stopped_by: type[BaseException]
) -> None:
    with pytest.raises(stopped_by), journal.together():
        journal.accept(receive(journal, "U1"), "f", None, True, {"case_id": "YC-23-1"}, DAY, {})
        raise stopped_by
    assert journal.unfinished() == ()
    again = journal.accept(receive(journal, "U2"), "f", None, True, {"case_id": "YC-23-1"}, DAY, {})
    assert (again.bundle_id, again.case_id) == ("20240226-0001", "YC-23-1-001"), "its numbers are free again"


def test_a_fault_of_one_step_together_is_worded_like_any_other(journal: Journal) -> None:
    full = sqlite3.OperationalError("disk")
    full.sqlite_errorname = "SQLITE_FULL"
    with pytest.raises(PlaceFailed), journal.together(), journal._transaction():
        raise sa.exc.OperationalError("INSERT", {}, full)
    assert receive(journal, "U1").attempt == 1, "the next transaction is one of its own"


def test_attempts_are_forgiven_to_all_that_are_not_done(journal: Journal) -> None:
    done, first = delivered(journal, "U1"), receive(journal, "U2")
    second = journal.attempt(receive(journal, "U3"))
    journal.forgive([done, first, second])
    assert [entry.attempt for entry in journal.every_entry()] == [1, 0, 1]


def test_of_one_instant_the_order_of_taking_in_counts(journal: Journal) -> None:
    """As text, number 10000 of a day comes before number 9999."""
    with journal._transaction() as tx:
        tx.exec_driver_sql("INSERT INTO counter VALUES ('bundle 20240226', 9998)")
    with journal.together():
        taken = [receive(journal, ulid).bundle_id for ulid in ("U3", "U1", "U2")]
    assert taken == ["20240226-9999", "20240226-10000", "20240226-10001"]
    assert [entry.bundle_id for entry in journal.unfinished()] == taken


# --- the file -----------------------------------------------------------------------------------------------------


def test_the_mode_that_survives_a_power_cut_is_in_force(journal: Journal) -> None:
    with journal._engine.connect() as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "secure_delete")
        }
    assert pragma == {"journal_mode": "delete", "synchronous": 3, "secure_delete": 1}


def test_the_file_is_its_owners_alone(journal: Journal, tmp_path: Path) -> None:
    assert (tmp_path / "journal.db").stat().st_mode & 0o777 == 0o600


def test_reopening_is_one_step(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = delivered(journal, "U1")

    def stopped(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.journal._change", stopped)
        with pytest.raises(KeyboardInterrupt):
            journal.reopen(entry, "20240226-0001-r2", "why")
    with journal._engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM audit").scalar_one() == 1


# --- lost, replaced, broken, full ---------------------------------------------------------------------------------


def test_a_journal_lost_where_something_was_accepted_is_not_begun_anew(place: Workspace) -> None:
    drop(place, "a.json", example("meeting_minutes", "r4_7_first"))
    finish(place)
    for harm in (
        place.journal.unlink,
        lambda: place.journal.write_bytes(b""),
        lambda: place.journal.write_bytes(b"?" * 9000),
    ):
        harm()
        with pytest.raises(UnsafeToRun, match="rebuild"):
            open_journal(place)
        place.journal.write_bytes(b"")


def test_a_cut_journal_halts(place: Workspace) -> None:
    drop(place, "a.json", example("meeting_minutes", "r4_7_first"))
    finish(place)
    place.journal.write_bytes(place.journal.read_bytes()[:5000])
    with pytest.raises(UnsafeToRun, match="rebuild"):
        finish(place)


def test_a_journal_that_will_not_open_leaves_no_handle(tmp_path: Path) -> None:
    (tmp_path / "j.db").write_bytes(b"?" * 9000)
    with pytest.raises(UnsafeToRun) as kept:
        Journal(tmp_path / "j.db")
    assert kept.value.exit_code == 4
    handles = [handle.readlink().name for handle in Path("/proc/self/fd").iterdir() if handle.exists()]
    assert "j.db" not in handles


def test_another_version_halts(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "j.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(UnsafeToRun):
        Journal(tmp_path / "j.db")


@pytest.mark.parametrize("replaced", [False, True])
def test_a_journal_taken_away_under_us_halts(journal: Journal, tmp_path: Path, replaced: bool) -> None:
    """SQLite would go on writing into the deleted file, and every commit would be lost."""
    receive(journal, "U1")
    path = tmp_path / "journal.db"
    copy = path.read_bytes()
    path.unlink()
    if replaced:
        path.write_bytes(copy)
    with pytest.raises(UnsafeToRun, match="rebuild"):
        receive(journal, "U2")


def test_a_lock_that_lasts_too_long_passes_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "journal.db")
    journal._engine.dispose()
    journal._engine = sa.create_engine(f"sqlite:///{tmp_path}/journal.db", connect_args={"timeout": 0.05})
    sa.event.listen(journal._engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
    other = sqlite3.connect(tmp_path / "journal.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(PlaceFailed):
        receive(journal, "U1")
    other.execute("ROLLBACK")
    assert receive(journal, "U1").attempt == 1
    journal.close()
    other.close()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("SQLITE_FULL", PlaceFailed),
        ("SQLITE_CANTOPEN", PlaceFailed),
        ("SQLITE_READONLY_DBMOVED", PlaceFailed),
        ("SQLITE_IOERR_FSYNC", UnsafeToRun),
        ("SQLITE_IOERR_WRITE", UnsafeToRun),
        ("SQLITE_CORRUPT", UnsafeToRun),
        ("SQLITE_NOTADB", UnsafeToRun),
        ("SQLITE_CONSTRAINT_UNIQUE", UnsafeToRun),
    ],
)
def test_a_failed_sync_halts_and_a_full_disk_waits(
    journal: Journal, name: str, kind: type[UnsafeToRun]
) -> None:
    broken = sqlite3.OperationalError("disk")
    broken.sqlite_errorname = name
    with pytest.raises(UnsafeToRun) as raised, journal._transaction():
        raise sa.exc.OperationalError("COMMIT", {}, broken)
    assert type(raised.value) is kind


# --- the audit chain (F133) ---------------------------------------------------------------------------------------


@pytest.fixture
def audited(place: Workspace) -> Workspace:
    """A workspace with four bundles, and so four audit rows."""
    for n in range(4):
        drop(place, f"{n}.json", {"form": "nothing", "submission_id": str(n)})
    assert len(finish(place)) == 4
    assert verify(place) == []
    return place


def verify(place: Workspace) -> list[str]:
    journal = open_journal(place)
    try:
        return report.verify(place, make_shelf(place), journal)
    finally:
        journal.close()


EDIT = """UPDATE audit SET "row" = replace("row", 'returned', 'delivered') WHERE number = 2"""
DELETE = "DELETE FROM audit WHERE number = 2"
RENUMBER = "DELETE FROM audit WHERE number = 2; UPDATE audit SET number = number - 1 WHERE number > 2"
SWAP = """UPDATE audit SET number = -2 WHERE number = 2; UPDATE audit SET number = 2 WHERE number = 3;
          UPDATE audit SET number = 3 WHERE number = -2"""
CUT = "DELETE FROM audit WHERE number = 4"
CUT_ALL = "DELETE FROM audit"
HEAD = "DELETE FROM audit WHERE number = 1"
REHASH = "UPDATE audit SET chained = 'x' WHERE number = 4"


@pytest.mark.parametrize("attack", [EDIT, DELETE, RENUMBER, SWAP, CUT, CUT_ALL, HEAD, REHASH])
def test_every_attack_on_the_audit_record_is_found(audited: Workspace, attack: str) -> None:
    with sqlite3.connect(audited.journal) as connection:
        connection.executescript(attack)
    assert verify(audited) != []


def test_a_receipt_exchanged_with_its_files_is_found(audited: Workspace) -> None:
    first, second = sorted((audited.outbox / "returned").iterdir())[:2]
    (first / "receipt.json").write_bytes((second / "receipt.json").read_bytes())
    assert verify(audited) != []


def test_a_bundle_taken_away_is_found(audited: Workspace) -> None:
    sorted((audited.outbox / "returned").iterdir())[0].rename(audited.root / "away")
    assert len(verify(audited)) == 1


def test_numbers_follow_the_time_zone_of_the_entry(journal: Journal) -> None:
    late = datetime(2024, 3, 31, 23, 59, tzinfo=timezone(timedelta(hours=9)))
    assert receive(journal, "U1", late).bundle_id == "20240331-0001"
    assert journal.find("20240331-0001") is not None


# --- The history of a case ------------------------------------------------------------------------------------------


def accepted(
    journal: Journal, ulid: str, case_id: str | None, day: date, outcome: str | None = "delivered"
) -> Entry:
    entry = journal.accept(receive(journal, ulid), "visit", case_id, False, {}, day, {"氏名": ulid})
    if outcome is None:
        return entry
    return journal.done(entry, {**RECEIPT, "outcome": outcome, "form": "visit", "case_id": case_id}, "office")


def told(past: Past) -> list[str]:
    return [str(event.values["氏名"]) for event in past.events]


def test_the_past_of_a_case_is_what_was_accepted_before_never_the_form_itself(journal: Journal) -> None:
    for ulid in ("U1", "U2", "U3"):
        mine = accepted(journal, ulid, "YC-23-1-001", DAY)
    accepted(journal, "U4", "YC-23-1-002", DAY)
    past = journal.past(mine, Recall(frozenset({"YC-23-1-001"})))
    assert told(past) == ["U1", "U2"]
    assert (past.events[0].on, past.events[0].received_on, past.events[0].form) == (DAY, DAY, "visit")


def test_only_what_stands_counts(journal: Journal) -> None:
    """One held after it was accepted is no step of its case; one still at work (earlier in its group) is."""
    accepted(journal, "U1", "YC-23-1-001", DAY, outcome="held")
    accepted(journal, "U2", "YC-23-1-001", DAY, outcome=None)
    assert told(journal.past(receive(journal, "U9"), Recall(frozenset({"YC-23-1-001"})))) == ["U2"]


def test_a_month_brings_every_case_active_in_it_whole(journal: Journal) -> None:
    accepted(journal, "U1", "YC-23-1-001", date(2023, 5, 31))
    accepted(journal, "U2", "YC-23-1-001", date(2023, 6, 1))
    accepted(journal, "U3", "YC-23-1-002", date(2023, 7, 1))
    accepted(journal, "U4", "YC-23-1-003", date(2023, 6, 30))
    asking = receive(journal, "U9")
    assert told(journal.past(asking, Recall(month="2023-06"))) == ["U1", "U2", "U4"]
    assert told(journal.past(asking, Recall(frozenset({"YC-23-1-002"}), "2023-06"))) == [
        "U1",
        "U2",
        "U3",
        "U4",
    ]
    assert told(journal.past(asking, Recall(month="%"))) == []
    assert told(journal.all_past()) == ["U1", "U2", "U3", "U4"]


def test_a_month_brings_what_tells_of_it_without_a_case(journal: Journal) -> None:
    """A monthly report is of no case: the next one of that month must see it."""
    journal.accept(
        receive(journal, "U1"), "monthly_report", None, False, {}, date(2023, 6, 30), {"氏名": "U1"}
    )
    journal.accept(
        receive(journal, "U2"), "monthly_report", None, False, {}, date(2023, 7, 31), {"氏名": "U2"}
    )
    accepted(journal, "U3", "YC-23-1-001", date(2023, 7, 1))
    asking = receive(journal, "U9")
    assert told(journal.past(asking, Recall(month="2023-06"))) == ["U1"]
    assert told(journal.past(asking, Recall(frozenset({"YC-23-1-001"})))) == ["U3"]


def test_a_form_recalls_every_event_of_the_forms_it_names_whatever_their_case(journal: Journal) -> None:
    journal.accept(receive(journal, "U1"), "minutes", None, False, {}, DAY, {"氏名": "U1"})
    accepted(journal, "U2", "YC-23-1-001", DAY)
    journal.accept(receive(journal, "U3"), "minutes", None, False, {}, DAY, {"氏名": "U3"})
    asking = receive(journal, "U9")
    assert told(journal.past(asking, Recall(forms=("minutes",)))) == ["U1", "U3"]
    assert told(journal.past(asking, Recall(forms=("minutes", "visit")))) == ["U1", "U2", "U3"]
    assert told(journal.past(asking, Recall())) == []


def test_accepting_again_keeps_one_event(journal: Journal) -> None:
    entry = accepted(journal, "U1", "YC-23-1-001", DAY, outcome=None)
    journal.accept(entry, "visit", "YC-23-1-001", False, {}, DAY, {"氏名": "直した"})
    assert told(journal.all_past()) == ["直した"]
