"""What a start finds: every half-way state on purpose, and the operator's hands in our folders (reliability F30, F98)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline import process, recover, shelf
from pipeline.desk import Desk
from pipeline.errors import PlaceFailed, UnsafeToRun
from pipeline.inbox import CLAIMS
from pipeline.journal import Journal
from pipeline.model import Entry
from pipeline.shelf import Shelf
from pipeline.spool import claim, keep
from pipeline.workshop import Workshop
from pipeline.workspace import Workspace
from tests.conftest import drop, example
from tests.invariants import assert_all_is_well, fates, finish, opened, receipts
from tests.test_crash import BAD, DROPPED, GOOD, as_bytes

MINUTES = as_bytes(example("meeting_minutes", "r4_7_first"))


class Killed(BaseException):
    """The end of the process, as far as the story can tell: no handler of ours catches it."""


def killed(*_: Any, **__: Any) -> Any:
    raise Killed


def stop_at(place: Workspace, owner: Any, name: str, *contents: bytes, nth: int = 1) -> None:
    """Run until `owner.name` would be called for the nth time; the process ends there."""
    for index, data in enumerate(contents):
        os.utime(drop(place, f"{index}.json", data), (index, index))
    real, calls = getattr(owner, name), iter(range(1, nth))

    def stopping(*args: Any, **more: Any) -> Any:
        return killed() if next(calls, None) is None else real(*args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, stopping)
        with pytest.raises(Killed):
            finish(place)


STOPS: list[tuple[Any, str]] = [
    (process, "keep"),
    (Journal, "receive"),
    (process, "release"),
    (process, "decide"),
    (Journal, "accept"),
    (Workshop, "make"),
    (Shelf, "stage"),
    (Shelf, "publish"),
    (Shelf, "show_copies"),
    (Journal, "done"),
]


@pytest.mark.parametrize(("owner", "name"), STOPS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_stop_before_any_hop_is_made_good(place: Workspace, owner: Any, name: str) -> None:
    stop_at(place, owner, name, GOOD)
    finish(place)
    assert_all_is_well(place, [GOOD])
    assert fates(place) == {"delivered": 1}


GROUP_STOPS: list[tuple[Any, str, int]] = [
    (process, "claim", 3),
    (Journal, "receive", 3),
    (process, "release", 2),
    (process, "decide", 3),
    (Journal, "accept", 2),
    (Shelf, "stage", 4),
    (Shelf, "publish", 1),
    (shelf, "rename_noreplace", 1),
    (shelf, "rename_noreplace", 3),
    (shelf, "rename_noreplace", 4),
    (Shelf, "show_copies", 1),
    (Shelf, "show_copies", 3),
    (Journal, "done", 1),
    (Journal, "done", 4),
]


@pytest.mark.parametrize(
    ("owner", "name", "nth"), GROUP_STOPS, ids=lambda value: value if isinstance(value, str | int) else ""
)
def test_a_stop_inside_a_group_is_made_good_for_each_in_order(
    place: Workspace, owner: Any, name: str, nth: int
) -> None:
    group = DROPPED[:4]
    stop_at(place, owner, name, *group, nth=nth)
    assert [entry.name for entry in finish(place)] == ["0.json", "1.json", "2.json", "3.json"]
    assert_all_is_well(place, group)
    assert fates(place) == {"delivered": 3, "returned": 1}
    numbers = {receipt["case_id"] for receipt in receipts(place) if receipt["allocated"]}
    assert numbers == {"YC-23-1-001", "YC-23-1-002"}


def test_of_a_group_stopped_half_way_out_only_the_rest_is_made_again(place: Workspace) -> None:
    group = DROPPED[:4]
    stop_at(place, shelf, "rename_noreplace", *group, nth=4)
    made: list[str] = []
    make = Workshop.make

    def counting(shop: Workshop, accepted: Any) -> Any:
        made.append(accepted.form)
        return make(shop, accepted)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workshop, "make", counting)
        done = finish(place)
    assert made == ["dispatch_application"]
    assert [entry.attempt for entry in done] == [1, 1, 1, 2]
    assert_all_is_well(place, group)


def test_a_bundle_in_the_outbox_is_recorded_without_making_it_again(place: Workspace) -> None:
    stop_at(place, Journal, "done", GOOD)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workshop, "make", killed)
        (entry,) = finish(place)
    assert (entry.outcome, entry.attempt) == ("delivered", 1)


def test_what_the_outbox_would_not_take_burns_no_attempt(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> Any:
        raise OSError(28, "ENOSPC")

    drop(place, "0.json", GOOD)
    with monkeypatch.context() as patch:
        patch.setattr(shelf, "rename_noreplace", full)
        for _ in range(4):
            with pytest.raises(PlaceFailed):
                finish(place)
    (entry,) = finish(place)
    assert (entry.outcome, entry.attempt) == ("delivered", 1)
    assert_all_is_well(place, [GOOD])


def _lose_it(staged: Path) -> None:
    shutil.rmtree(staged)


def _cut_it(staged: Path) -> None:
    next(staged.rglob("*.docx")).write_bytes(b"")


@pytest.mark.parametrize("harm", [_lose_it, _cut_it])
def test_a_stage_gone_or_damaged_is_made_again(place: Workspace, harm: Callable[[Path], None]) -> None:
    stop_at(place, Shelf, "publish", GOOD)
    (staged,) = (path for path in place.stage.iterdir() if not path.name.endswith(".readers"))
    harm(staged)
    (entry,) = finish(place)
    assert (entry.outcome, entry.attempt) == ("delivered", 2)
    assert_all_is_well(place, [GOOD])


def test_three_stops_in_one_file_hold_it_and_the_others_go_on(place: Workspace) -> None:
    stop_at(place, Workshop, "make", GOOD)
    stop_at(place, Workshop, "make")
    stop_at(place, Workshop, "make")
    drop(place, "next.json", MINUTES)
    assert [entry.outcome for entry in finish(place)] == ["held", "delivered"]
    assert_all_is_well(place, [GOOD, MINUTES])


def test_a_stop_for_safety_costs_no_attempt(place: Workspace) -> None:
    squatter = place.outbox / "2023" / "20240226-0001"
    squatter.mkdir(parents=True)
    drop(place, "0.json", GOOD)
    for _ in range(5):
        with pytest.raises(UnsafeToRun):
            finish(place)
    squatter.rmdir()
    finish(place)
    assert_all_is_well(place, [GOOD])
    assert fates(place) == {"delivered": 1}


def test_stopping_it_by_hand_costs_no_attempt(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    drop(place, "0.json", GOOD)
    with monkeypatch.context() as patch:
        patch.setattr(Workshop, "make", interrupted)
        for _ in range(4):
            with pytest.raises(KeyboardInterrupt):
                finish(place)
    finish(place)
    assert fates(place) == {"delivered": 1}


# --- held, judged again, stopped in between -----------------------------------------------------------------------


@pytest.fixture
def held(place: Workspace) -> Callable[[], object]:
    """A held set; calling the fixture mends the office's fault."""
    template = place.root / "doc_templates" / "papers" / "meeting_minutes" / "paper.toml"
    good = template.read_text("utf-8")
    template.write_text("broken", "utf-8")
    drop(place, "0.json", MINUTES)
    assert [entry.outcome for entry in finish(place)] == ["held"]
    return lambda: template.write_text(good, "utf-8")


REJUDGED: list[tuple[Any, str]] = [
    (Journal, "reopen"),
    (recover, "settle_fates"),
    (Shelf, "stage"),
    (Shelf, "publish"),
    (Shelf, "mark_superseded"),
    (Journal, "done"),
]


@pytest.mark.parametrize(
    ("owner", "name"), REJUDGED, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_stop_while_a_held_one_is_judged_again(
    place: Workspace, held: Callable[[], object], owner: Any, name: str
) -> None:
    held()
    stop_at(place, owner, name)
    assert [entry.bundle_id for entry in finish(place)] == ["20240226-0001-r2"]
    _assert_replaced_once(place)
    assert finish(place) == []


def _assert_replaced_once(place: Workspace) -> None:
    assert_all_is_well(place, [MINUTES])
    assert fates(place) == {"held": 1, "delivered": 1}
    assert {r["bundle_id"]: r["supersedes"] for r in receipts(place)} == {
        "20240226-0001": None,
        "20240226-0001-r2": "20240226-0001",
    }
    (note,) = (place.outbox / "held").glob("*.txt")
    assert note.name == "20240226-0001.superseded-by-20240226-0001-r2.txt"
    assert "20240226-0001-r2" in note.read_text("utf-8")


def test_nothing_is_said_to_be_replaced_before_it_is(place: Workspace, held: Callable[[], object]) -> None:
    held()
    stop_at(place, Shelf, "publish")
    assert not list((place.outbox / "held").glob("*.txt"))


def test_held_once_more_is_held_under_its_new_number(place: Workspace, held: Callable[[], object]) -> None:
    (place.root / "doc_templates" / "papers" / "meeting_minutes" / "paper.toml").write_text(
        "still broken", "utf-8"
    )
    (again,) = finish(place)
    assert (again.outcome, again.bundle_id) == ("held", "20240226-0001-r2")
    held()
    (last,) = finish(place)
    assert (last.outcome, last.bundle_id) == ("delivered", "20240226-0001-r3")
    assert_all_is_well(place, [MINUTES])


# --- claims -------------------------------------------------------------------------------------------------------


def test_a_claim_is_released_only_when_its_own_bytes_are_kept(place: Workspace) -> None:
    """Somebody moved a second file into our claim folder: it was never kept, so it may not be removed."""
    stop_at(place, process, "release", GOOD)
    (folder,) = (place.inbox / CLAIMS).iterdir()
    (folder / "1.json").write_bytes(BAD)
    finish(place)
    assert_all_is_well(place, [GOOD, BAD])


def test_bytes_written_into_a_claim_after_it_was_kept_are_a_submission_of_their_own(place: Workspace) -> None:
    stop_at(place, process, "release", GOOD)
    (claimed,) = (place.inbox / CLAIMS).glob("*/0.json")
    claimed.write_bytes(MINUTES)
    finish(place)
    assert_all_is_well(place, [GOOD, MINUTES])


def test_foreign_things_in_the_claim_folder_stay_and_stop_nothing(place: Workspace) -> None:
    root = place.inbox / CLAIMS
    (root / "folder" / "inner").mkdir(parents=True)
    (root / "file.json").write_bytes(GOOD)
    (root / "link").symlink_to(place.root)
    (root / "links").mkdir()
    (root / "links" / "a.json").symlink_to(place.root / "todoke.toml")
    (root / "empty").mkdir()
    drop(place, "0.json", GOOD)
    assert [entry.outcome for entry in finish(place)] == ["delivered"]
    assert sorted(path.name for path in root.iterdir()) == ["file.json", "folder", "link", "links"]


def test_a_claimed_file_an_operator_deletes_is_gone_and_nothing_else(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(place, "0.json", GOOD)
    drop(place, "1.json", BAD)

    def deleting(spool: Path, claims: Any) -> Any:
        shutil.rmtree(claims[0].path.parent)
        return keep(spool, claims)

    monkeypatch.setattr(process, "keep", deleting)
    assert [entry.outcome for entry in finish(place)] == ["returned"]
    assert_all_is_well(place, [BAD])


# --- an older journal (F107), readers, cost -----------------------------------------------------------------------


def test_an_older_journal_is_noticed_before_anything_is_taken(place: Workspace) -> None:
    drop(place, "0.json", GOOD)
    finish(place)
    yesterday = place.journal.read_bytes()
    drop(place, "1.json", MINUTES)
    finish(place)
    place.journal.write_bytes(yesterday)
    waiting = drop(place, "2.json", BAD)
    with pytest.raises(UnsafeToRun, match="todoke rebuild"):
        finish(place)
    assert waiting.exists()


def test_a_kept_original_whose_claim_still_lies_there_is_no_older_journal(place: Workspace) -> None:
    drop(place, "0.json", GOOD)
    with opened(place) as desk:
        taken = claim(place.inbox, "0.json", desk.new_ulid())
        assert taken is not None
        keep(place.spool, [taken])
    finish(place)
    assert_all_is_well(place, [GOOD])


def test_what_a_reader_took_away_does_not_come_back(place: Workspace) -> None:
    drop(place, "0.json", GOOD)
    finish(place)
    for reader in (place.outbox / "readers").iterdir():
        shutil.rmtree(reader)
    assert finish(place) == []
    assert not list((place.outbox / "readers").iterdir())


def test_a_start_does_not_read_what_is_done(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start with 100,000 bundles must not open one of them."""
    drop(place, "0.json", GOOD)
    finish(place)
    monkeypatch.setattr(shelf, "read_receipt", killed)
    assert finish(place) == []


@pytest.mark.parametrize("name", ["_ensure_journal_knows_all", "take_claims", "_tidy"])
def test_what_the_system_refuses_is_the_places_failure(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def refused(*_: Any) -> Any:
        raise OSError(5, "EIO")

    monkeypatch.setattr(recover, name, refused)
    with pytest.raises(PlaceFailed):
        list(recover.recover(desk))


def test_unfinished_ones_come_first_and_in_order(place: Workspace) -> None:
    stop_at(place, Shelf, "publish", GOOD)
    drop(place, "1.json", MINUTES)
    done: list[Entry] = finish(place)
    assert [entry.bundle_id for entry in done] == ["20240226-0001", "20240226-0002"]
