"""`todoke rebuild`: from receipts and originals alone, nothing twice and nothing lost (reliability F104, F107, F134)."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from pathlib import Path

import pytest

from pipeline.catalogue import load_catalogue
from pipeline.desk import make_shelf, open_journal
from pipeline.errors import UnsafeToRun
from pipeline.journal import Journal
from pipeline.model import Past
from pipeline.rebuild import rebuild
from pipeline.shelf import Shelf
from pipeline.spool import find_originals
from pipeline.workspace import Workspace
from tests.conftest import MORNING, drop, example
from tests.invariants import assert_all_is_well, fates, finish, receipts
from tests.test_crash import BAD, GOOD, as_bytes
from tests.test_recover import MINUTES, stop_at

SECOND = as_bytes({**example("dispatch_application", "typical"), "submission_id": "2"})
FOUR = [GOOD, BAD, GOOD, MINUTES]


def build_anew(place: Workspace) -> int:
    return rebuild(place.journal, place.spool, make_shelf(place), load_catalogue(place.root), MORNING)


@pytest.fixture
def worked(place: Workspace) -> Workspace:
    """A delivered, a returned, a duplicate and another delivered one."""
    for index, data in enumerate(FOUR):
        drop(place, f"{index}.json", data)
        finish(place)
    return place


def rows(place: Workspace) -> list[tuple[object, ...]]:
    journal = open_journal(place)
    try:
        return [
            (e.bundle_id, e.sha256, e.state, e.outcome, e.form, e.case_id, e.allocated, e.receipt_sha256)
            for e in journal.every_entry()
        ]
    finally:
        journal.close()


def remembered(place: Workspace) -> Past:
    journal = open_journal(place)
    try:
        return journal.all_past()
    finally:
        journal.close()


def test_a_lost_journal_comes_back_as_it_was(worked: Workspace) -> None:
    before, past = rows(worked), remembered(worked)
    assert [event.form for event in past.events] == ["dispatch_application", "meeting_minutes"]
    worked.journal.unlink()
    assert build_anew(worked) == 4
    assert (rows(worked), remembered(worked)) == (before, past)
    assert finish(worked) == []
    assert_all_is_well(worked, FOUR)


def test_a_history_that_cannot_be_rebuilt_is_not_rebuilt_without_a_step(worked: Workspace) -> None:
    next(worked.spool.glob("*.values.json")).unlink()
    with pytest.raises(UnsafeToRun, match="2024"):
        build_anew(worked)


def test_counters_and_known_bytes_go_on_where_they_were(worked: Workspace) -> None:
    worked.journal.unlink()
    build_anew(worked)
    drop(worked, "a.json", MINUTES)
    drop(worked, "b.json", SECOND)
    again, fresh = finish(worked)
    assert (again.outcome, again.bundle_id) == ("duplicate", "20240226-0005")
    assert (fresh.outcome, fresh.bundle_id, fresh.case_id) == ("delivered", "20240226-0006", "YC-23-1-002")
    assert_all_is_well(worked, [*FOUR, MINUTES, SECOND])


def test_after_yesterdays_copy_nothing_is_doubled_or_lost(place: Workspace) -> None:
    drop(place, "0.json", GOOD)
    finish(place)
    yesterday = place.journal.read_bytes()
    for name, data in (("1.json", MINUTES), ("2.json", SECOND), ("3.json", BAD), ("4.json", GOOD)):
        drop(place, name, data)
        finish(place)
    place.journal.write_bytes(yesterday)
    with pytest.raises(UnsafeToRun, match="todoke rebuild"):
        finish(place)
    build_anew(place)
    drop(place, "5.json", SECOND)
    assert [entry.outcome for entry in finish(place)] == ["duplicate"]
    assert_all_is_well(place, [GOOD, MINUTES, SECOND, BAD, GOOD, SECOND])


@pytest.mark.parametrize(("owner", "name"), [(Shelf, "stage"), (Shelf, "publish"), (Journal, "done")])
def test_what_was_kept_and_not_published_is_worked_on(worked: Workspace, owner: object, name: str) -> None:
    stop_at(worked, owner, name, SECOND)
    worked.journal.unlink()
    build_anew(worked)
    finish(worked)
    assert_all_is_well(worked, [*FOUR, SECOND])
    assert fates(worked)["delivered"] == 3


def test_a_recovered_word_form_is_not_called_json(place: Workspace) -> None:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as members:
        members.writestr("[Content_Types].xml", "<Types/>")
    drop(place, "a.docx", package.getvalue())
    stop_at(place, Shelf, "stage")
    place.journal.unlink()
    build_anew(place)
    journal = open_journal(place)
    assert [entry.name for entry in journal.unfinished()] == ["recovered.docx"]
    journal.close()


def test_a_held_one_is_judged_again_as_the_kind_of_file_it_was(place: Workspace) -> None:
    spec = place.root / "doc_templates" / "papers" / "meeting_minutes" / "paper.toml"
    good = spec.read_text("utf-8")
    spec.write_text("broken", "utf-8")
    drop(place, "0.json", MINUTES)
    finish(place)
    place.journal.unlink()
    build_anew(place)
    spec.write_text(good, "utf-8")
    assert [(e.outcome, e.bundle_id) for e in finish(place)] == [("delivered", "20240226-0001-r2")]
    place.journal.unlink()
    assert build_anew(place) == 2
    assert [row[0] for row in rows(place)] == ["20240226-0001-r2"], (
        "the replaced one keeps its audit row only"
    )
    assert finish(place) == []
    assert_all_is_well(place, [MINUTES])


def test_what_a_rebuild_cannot_read_stops_it_before_it_begins(worked: Workspace) -> None:
    before = worked.journal.read_bytes()
    for harm in ("mkdir", "cut", "foreign"):
        folder = worked.outbox / "returned" / f"20240226-9{harm}"
        folder.mkdir()
        if harm != "mkdir":
            (folder / "receipt.json").write_text(
                '{"bundle_id": "20240226-0001"}' if harm == "foreign" else '{"bu'
            )
        with pytest.raises(UnsafeToRun, match=folder.name):
            build_anew(worked)
        assert worked.journal.read_bytes() == before
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


def test_the_rollback_of_the_old_journal_is_not_played_into_the_new_one(worked: Workspace) -> None:
    """Killed inside a commit, SQLite leaves a hot `-journal`; beside another database it would ruin that one."""
    _leave_hot_journal(worked.journal)
    build_anew(worked)
    assert worked.journal.with_name("journal.db.before-rebuild-journal").exists()
    assert len(rows(worked)) == 4
    assert finish(worked) == []
    assert_all_is_well(worked, FOUR)


def _leave_hot_journal(path: Path) -> None:
    copy = path.with_name("copy.db")
    copy.write_bytes(path.read_bytes())
    with sqlite3.connect(copy, isolation_level=None) as connection:
        connection.execute("PRAGMA cache_spill = 1")
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE junk (x)")
        connection.executemany("INSERT INTO junk VALUES (?)", [(b"x" * 3000,) for _ in range(50)])
        path.write_bytes(copy.read_bytes())
        path.with_name("journal.db-journal").write_bytes(copy.with_name("copy.db-journal").read_bytes())
        connection.execute("ROLLBACK")
    connection.close()
    copy.unlink()


def test_a_rebuild_killed_half_way_can_be_made_again(worked: Workspace) -> None:
    worked.journal.replace(
        worked.journal.with_name("journal.db.before-rebuild")
    )  # killed between its two renames
    with pytest.raises(UnsafeToRun, match="todoke rebuild"):
        finish(worked)
    assert build_anew(worked) == 4
    assert worked.journal.with_name("journal.db.before-rebuild").exists()
    assert_all_is_well(worked, FOUR)


def test_rebuilding_twice_changes_nothing(worked: Workspace) -> None:
    build_anew(worked)
    before = rows(worked)
    build_anew(worked)
    assert rows(worked) == before
    assert len(receipts(worked)) == 4
    assert len(find_originals(worked.spool)) == 3
