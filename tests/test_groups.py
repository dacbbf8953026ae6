"""Files taken together: each step once for all, each file its own fate (decision 7)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pipeline import durable, process, shelf, sweep
from pipeline.desk import Desk, open_desk
from pipeline.errors import PlaceFailed, UnsafeToRun
from pipeline.inbox import Found
from pipeline.journal import Journal
from pipeline.model import Entry
from pipeline.shelf import Shelf
from pipeline.spool import release
from pipeline.sweep import GROUP_BYTES, GROUP_FILES, Tally, groups
from pipeline.workshop import Workshop
from pipeline.workspace import find_workspace
from tests.conftest import MORNING, drop, example, receipt_of, run
from tests.invariants import assert_all_is_well, fates
from tests.test_crash import BAD, DECISION, DROPPED, GOOD, MINUTES, PLAN, SECOND, SURVEY, as_bytes, drop_all

FOUR = [GOOD, BAD, SURVEY, SECOND]
CHAIN = [GOOD, SURVEY, PLAN, DECISION]  # of one case, each possible only after the one before


def minutes(number: int) -> bytes:
    return as_bytes(
        {**example("meeting_minutes", "r4_7_first"), "ordinal": number + 1, "submission_id": str(number)}
    )


def drop_each(desk: Desk, *contents: bytes) -> None:
    for number, data in enumerate(contents):
        os.utime(drop(desk.workspace, f"{number:02d}.json", data), (number, number))


@pytest.fixture
def outside(desk: Desk) -> Iterator[Journal]:
    """The journal as anybody else sees it: what is committed, and nothing more."""
    journal = Journal(desk.workspace.journal)
    yield journal
    journal.close()


# --- together, and each its own fate ------------------------------------------------------------------------------


def test_each_file_of_a_group_has_its_own_fate_in_the_order_they_came(desk: Desk) -> None:
    drop_each(desk, *DROPPED)
    done = run(desk)
    assert [entry.name for entry in done] == ["00.json", "01.json", "02.json", "03.json", "04.json"]
    assert [entry.outcome for entry in done] == [
        *("delivered", "returned", "delivered", "delivered", "duplicate")
    ]
    assert [entry.bundle_id for entry in done] == [f"20240226-{n:04d}" for n in (1, 2, 3, 4, 5)]
    assert_all_is_well(desk.workspace, DROPPED)


def test_what_one_opens_and_takes_the_later_ones_see(desk: Desk) -> None:
    """Survey, plan and decision are about the case the first file of their group opens; the next case gets the next number."""
    drop_each(desk, *CHAIN, SECOND)
    done = run(desk)
    assert [entry.outcome for entry in done] == ["delivered"] * 5
    assert [entry.case_id for entry in done] == [*["YC-23-1-001"] * 4, "YC-23-1-002"]


def test_the_same_bytes_in_one_group_are_delivered_once(desk: Desk) -> None:
    drop_each(desk, minutes(1), minutes(2), minutes(1), minutes(1), minutes(3))
    done = run(desk)
    assert [entry.outcome for entry in done] == [
        *("delivered", "delivered", "duplicate", "duplicate", "delivered")
    ]
    assert {receipt_of(desk, done[n])["duplicate_of"] for n in (2, 3)} == {done[0].bundle_id}


def test_the_same_bytes_returned_are_judged_each_for_themselves(desk: Desk) -> None:
    drop_each(desk, BAD, BAD, minutes(1))
    assert [entry.outcome for entry in run(desk)] == ["returned", "returned", "delivered"]


def test_one_held_leaves_the_others_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (template,) = (desk.workspace.root / "doc_templates" / "papers" / "acceptance_check").glob("*.docx")
    template.write_bytes(b"not a Word file")
    drop_each(desk, GOOD, minutes(1), BAD, SECOND, MINUTES)
    done = run(desk)
    assert [entry.outcome for entry in done] == ["held", "delivered", "returned", "held", "delivered"]
    numbers = [receipt_of(desk, entry)["allocated"].get("case_id") for entry in done]
    assert numbers == ["YC-23-1-001", None, None, "YC-23-1-002", None], "a held one keeps what it was given"
    assert_all_is_well(desk.workspace, [GOOD, minutes(1), BAD, SECOND, MINUTES])


def test_a_held_one_is_not_in_the_past_of_the_later_ones(desk: Desk) -> None:
    """Plan and decision need an accepted survey; here the survey of their own group is held for a broken paper."""
    (template,) = (desk.workspace.root / "doc_templates" / "papers" / "visit_survey").glob("*.docx")
    template.write_bytes(b"not a Word file")
    drop_each(desk, *CHAIN)
    done = run(desk)
    assert [entry.outcome for entry in done] == ["delivered", "held", "returned", "returned"]
    assert "BR11" in {problem["code"] for problem in receipt_of(desk, done[3])["problems"]}


@pytest.mark.parametrize("broken", [None, "visit_survey", "acceptance_check"])
def test_together_or_alone_the_outbox_is_the_same(
    tmp_path: Path, fresh_office: Path, monkeypatch: pytest.MonkeyPatch, broken: str | None
) -> None:
    """Every fate, a case from its application to its decision, the same bytes again: byte for byte, number for number."""
    contents = [*CHAIN, BAD, SECOND, CHAIN[0], minutes(1), minutes(1), BAD, b"\xff\xfe"]
    outboxes = []
    for most in (1, 3, GROUP_FILES):
        monkeypatch.setattr(sweep, "GROUP_FILES", most)
        root = shutil.copytree(fresh_office, tmp_path / str(most))
        place = find_workspace(root)
        if broken:
            (template,) = (root / "doc_templates" / "papers" / broken).glob("*.docx")
            template.write_bytes(b"not a Word file")
        with open_desk(place, now=lambda: MORNING, pdf=False) as desk:
            drop_each(desk, *contents)
            fates_told = [(entry.bundle_id, entry.outcome) for entry in run(desk)]
        files = {path.relative_to(place.outbox).as_posix(): path for path in place.outbox.rglob("*")}
        outboxes.append(
            (fates_told, {name: path.read_bytes() for name, path in files.items() if path.is_file()})
        )
    assert outboxes[0] == outboxes[1] == outboxes[2]
    assert len(outboxes[0][0]) == len(contents)


# --- the price ----------------------------------------------------------------------------------------------------


@pytest.fixture
def price(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], tuple[int, int]]:
    """How many syncs and commits so many files cost, where every folder is there already."""
    syncs: list[str] = []
    commits: list[str] = []
    statements: list[str] = []
    fsync, syncfs = os.fsync, durable._libc.syncfs
    monkeypatch.setattr(os, "fsync", lambda fd: (syncs.append("one"), fsync(fd))[1])
    monkeypatch.setattr(durable._libc, "syncfs", lambda fd: (syncs.append("all"), syncfs(fd))[1])
    sa.event.listen(
        desk.journal._engine, "before_cursor_execute", lambda c, cur, text, *_: statements.append(text)
    )

    def count_commit(_: Any) -> None:
        if any(text.startswith(("INSERT", "UPDATE")) for text in statements):
            commits.append("one that is written")
        statements.clear()

    sa.event.listen(desk.journal._engine, "commit", count_commit)
    numbers = iter(range(1000))

    def _price(count: int) -> tuple[int, int]:
        drop_each(desk, *(minutes(next(numbers)) for _ in range(count)))
        syncs.clear(), commits.clear()
        assert len(run(desk)) == count
        return len(syncs), len(commits)

    _price(1)
    return _price


def test_ten_files_cost_the_syncs_and_commits_of_one(price: Callable[[int], tuple[int, int]]) -> None:
    assert price(1) == price(10) == (4, 3)


# --- the order of steps -------------------------------------------------------------------------------------------


def test_nothing_leaves_the_inbox_before_all_of_it_is_journalled(
    desk: Desk, outside: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: list[bool] = []

    def _release(claimed: Any) -> None:
        known.append(outside.claimed_as(claimed.ulid) is not None)
        release(claimed)

    monkeypatch.setattr(process, "release", _release)
    drop_each(desk, *FOUR)
    run(desk)
    assert known == [True] * 4


def test_attempts_are_counted_before_any_work(
    desk: Desk, outside: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[list[int]] = []
    decide = process.decide

    def _decide(desk: Desk, entry: Entry) -> Any:
        counted.append([other.attempt for other in outside.unfinished()])
        return decide(desk, entry)

    monkeypatch.setattr(process, "decide", _decide)
    drop_each(desk, *FOUR)
    run(desk)
    assert counted == [[1, 1, 1, 1]] * 4


def test_nothing_appears_before_the_numbers_of_all_are_durable(
    desk: Desk, outside: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    durable_then: list[list[str | None]] = []
    rename = shelf.rename_noreplace

    def _rename(source: Path, target: Path) -> None:
        durable_then.append([entry.case_id for entry in outside.unfinished()])
        rename(source, target)

    monkeypatch.setattr(shelf, "rename_noreplace", _rename)
    drop_each(desk, *FOUR)
    run(desk)
    assert len(durable_then) >= 4
    assert all(seen == ["YC-23-1-001", None, "YC-23-1-001", "YC-23-1-002"] for seen in durable_then)


def test_a_fate_is_durable_when_it_is_told(desk: Desk, outside: Journal) -> None:
    drop_each(desk, *DROPPED)
    for entry in sweep.run_once(desk, Tally()):
        known = outside.find(entry.bundle_id)
        assert known == entry
        assert known is not None and known.state == "done"


# --- crashes, places, conflicts -----------------------------------------------------------------------------------


def test_a_group_that_crashed_is_worked_on_one_by_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver, calls = process.deliver, []

    def poisoned(desk: Desk, entry: Entry, form: Any, accepted: Any, corrected: Any) -> Any:
        calls.append((entry.name, entry.attempt))
        if entry.name == "01.json":
            raise RuntimeError
        return deliver(desk, entry, form, accepted, corrected)

    monkeypatch.setattr(process, "deliver", poisoned)
    contents = [GOOD, SECOND, MINUTES, BAD]
    drop_each(desk, *contents)
    done = run(desk)
    assert [entry.outcome for entry in done] == ["delivered", "held", "delivered", "returned"]
    assert [entry.attempt for entry in done] == [2, 3, 2, 2]
    assert calls == [
        ("00.json", 1),
        ("01.json", 1),
        ("00.json", 2),
        ("01.json", 2),
        ("01.json", 3),
        ("02.json", 2),
    ]
    assert [entry.case_id for entry in done] == ["YC-23-1-001", None, None, None]
    monkeypatch.undo()
    assert run(desk) == [], "which also clears the stage"
    assert_all_is_well(desk.workspace, contents)


@pytest.mark.parametrize(
    ("owner", "name"),
    [(Shelf, "publish"), (Shelf, "show_copies"), (Journal, "done"), (shelf, "rename_noreplace")],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_crash_while_a_group_appears_makes_nothing_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str
) -> None:
    real, calls = getattr(owner, name), []

    def crashing(*args: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) == (1 if name == "publish" else 3):
            raise RuntimeError
        return real(*args, **more)

    monkeypatch.setattr(owner, name, crashing)
    drop_each(desk, *FOUR)
    done = run(desk)
    monkeypatch.undo()
    assert [entry.outcome for entry in done] == ["delivered", "returned", "delivered", "delivered"]
    assert run(desk) == [], "which also clears the stage"
    assert_all_is_well(desk.workspace, FOUR)


@pytest.mark.parametrize("which", ["20240226-0001", "20240226-0003"])
@pytest.mark.parametrize(
    ("owner", "name"),
    [(process, "decide"), (Shelf, "stage"), (shelf, "rename_noreplace"), (Shelf, "show_copies")],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_place_that_fails_costs_no_file_of_the_group_an_attempt(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, which: str
) -> None:
    real = getattr(owner, name)

    def full(*args: Any, **more: Any) -> Any:
        if any(which in repr(arg) for arg in args[-2:]):
            raise OSError(28, "ENOSPC")
        return real(*args, **more)

    drop_each(desk, *FOUR)
    for _ in range(4):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, full)
            with pytest.raises(PlaceFailed):
                run(desk)
        assert {entry.attempt for entry in desk.journal.unfinished()} == {0}
    run(desk)
    assert fates(desk.workspace) == {"delivered": 3, "returned": 1}
    assert_all_is_well(desk.workspace, FOUR)


def test_a_stop_by_hand_costs_no_file_of_the_group_an_attempt(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    drop_each(desk, *FOUR)
    with monkeypatch.context() as patch:
        patch.setattr(Workshop, "make_slip", interrupted)  # in the second file
        with pytest.raises(KeyboardInterrupt):
            run(desk)
    assert [entry.attempt for entry in desk.journal.unfinished()] == [0] * 4
    assert [entry.outcome for entry in run(desk)] == ["delivered", "returned", "delivered", "delivered"]


def test_a_foreign_bundle_under_the_name_of_one_stops_and_is_not_touched(desk: Desk) -> None:
    squatter = desk.workspace.outbox / "2023" / "20240226-0003"
    squatter.mkdir(parents=True)
    drop_each(desk, *FOUR)
    for _ in range(4):
        with pytest.raises(UnsafeToRun):
            run(desk)
    assert list(squatter.iterdir()) == []
    squatter.rmdir()
    run(desk)
    assert fates(desk.workspace) == {"delivered": 3, "returned": 1}
    assert_all_is_well(desk.workspace, FOUR)


def test_a_bug_in_recording_what_is_out_is_no_second_fate(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError

    drop_each(desk, *FOUR)
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "done", broken)
        with pytest.raises(RuntimeError):
            run(desk)
        with pytest.raises(RuntimeError):
            run(desk)
    assert len(run(desk)) == 4
    assert_all_is_well(desk.workspace, FOUR)


# --- how files are cut into groups --------------------------------------------------------------------------------


def found(number: int, size: int) -> Found:
    return Found(f"{number}.json", Path(f"{number}.json"), (size, number, 0, 0), 0.0)


def test_groups_are_bounded_in_number_and_keep_their_order() -> None:
    files = [found(n, 1) for n in range(2 * GROUP_FILES + 3)]
    cut = list(groups(files, GROUP_FILES))
    assert [len(group) for group in cut] == [GROUP_FILES, GROUP_FILES, 3]
    assert [each for group in cut for each in group] == files
    assert list(groups([], GROUP_FILES)) == []


def test_groups_are_bounded_in_bytes_and_a_giant_goes_alone() -> None:
    sizes = [GROUP_BYTES // 2, GROUP_BYTES // 2, 1, 3 * GROUP_BYTES, 1, 1]
    cut = groups([found(n, size) for n, size in enumerate(sizes)], GROUP_FILES)
    assert [[each.name for each in group] for group in cut] == [
        *(["0.json", "1.json"], ["2.json"], ["3.json"], ["4.json", "5.json"])
    ]


def test_no_more_is_looked_at_than_the_next_group_needs() -> None:
    """A backlog of 100,000 files is never read ahead."""
    looked: list[int] = []

    def files() -> Iterator[Found]:
        for number in range(100_000):
            looked.append(number)
            yield found(number, 1)

    assert len(next(groups(files(), GROUP_FILES))) == GROUP_FILES
    assert len(looked) <= GROUP_FILES + 1


@pytest.mark.parametrize(("press", "sizes"), [(None, [5]), (object(), [1, 1, 1, 1, 1])])
def test_where_pdfs_are_made_the_first_does_not_wait_for_the_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, press: Any, sizes: list[int]
) -> None:
    taken: list[int] = []

    def counting(_: Desk, group: list[Found], __: Any) -> Iterator[Entry]:
        taken.append(len(group))
        return iter(())

    monkeypatch.setattr(sweep, "process", counting)
    desk.workshop.press = press
    drop_all(desk.workspace)
    run(desk)
    assert taken == sizes


def test_claims_sort_in_the_order_they_were_made(desk: Desk) -> None:
    """What a stop left claimed is taken up in that order: many of them are made in one millisecond."""
    ulids = [desk.new_ulid() for _ in range(2000)]
    assert ulids == sorted(ulids)
