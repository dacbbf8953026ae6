"""Whole sets or nothing, never over anything, each reader's copy whole too (reliability §2.1 lines 25–30, F110–F114)."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline import durable
from pipeline import shelf as room
from pipeline.errors import UnsafeToRun
from pipeline.model import Bundle, Outcome, OutFile
from pipeline.receipt import RECEIPT_NAME, digest
from pipeline.shelf import Shelf, bundle_faults, is_bundle, receipt_digest

ID = "20240226-0001"
MANY = ["20240226-0001", "20240226-0002", "20240401-0001"]  # two folders of two 年度


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    (tmp_path / "outbox").mkdir()
    (tmp_path / "stage").mkdir()
    return Shelf(tmp_path / "outbox", tmp_path / "stage")


def bundle(bundle_id: str = ID, text: bytes = b"paper") -> Bundle:
    files = [("centre/01_a.docx", "centre", "1", text), ("division/01_a.docx", "division", "", text)]
    papers = tuple(
        OutFile(path, data, "a", audience, party, digest(data)) for path, audience, party, data in files
    )
    documents = [
        {"path": p.path, "sha256": p.sha256, "audience": p.audience, "party": p.party} for p in papers
    ]
    return Bundle(bundle_id, Outcome.DELIVERED, papers, {"bundle_id": bundle_id, "documents": documents})


def published(shelf: Shelf, bundle_id: str = ID) -> Path:
    staged = shelf.stage(bundle(bundle_id), 1)
    shelf.publish([staged])
    return shelf.folder_of(bundle_id, staged.outcome)


@pytest.mark.parametrize(
    ("bundle_id", "outcome", "folder"),
    [
        ("20240226-0001", "delivered", "2023/20240226-0001"),
        ("20240331-0007", "delivered", "2023/20240331-0007"),
        ("20240401-0001", "delivered", "2024/20240401-0001"),
        ("20231231-0001-r2", "delivered", "2023/20231231-0001-r2"),
        ("20240101-0001", "delivered", "2023/20240101-0001"),
        ("20240401-0001", "returned", "returned/20240401-0001"),
        ("20240401-0001", "held", "held/20240401-0001"),
        ("20240401-0001", "duplicate", "duplicate/20240401-0001"),
    ],
)
def test_a_bundle_lies_in_the_fiscal_year_of_its_day(
    shelf: Shelf, bundle_id: str, outcome: str, folder: str
) -> None:
    assert shelf.folder_of(bundle_id, outcome) == shelf.outbox / folder


@pytest.fixture
def unsynced(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], set[str]]:
    """What below a folder has not been synced since it was last changed, by one fsync each or by one syncfs for all."""
    synced: dict[Path, int] = {}
    fsync, syncfs = os.fsync, durable._libc.syncfs

    def _fsync(fd: int) -> None:
        path = Path(f"/proc/self/fd/{fd}").readlink()
        synced[path] = path.stat().st_ctime_ns
        fsync(fd)

    def _syncfs(fd: int) -> int:
        root = Path(f"/proc/self/fd/{fd}").readlink()
        top = next(folder for folder in root.parents if (folder / "stage").is_dir())
        synced.update({path: path.stat().st_ctime_ns for path in top.rglob("*")})
        return int(syncfs(fd))

    monkeypatch.setattr(os, "fsync", _fsync)
    monkeypatch.setattr(durable._libc, "syncfs", _syncfs)

    def _unsynced(folder: Path) -> set[str]:
        every = [folder, *folder.rglob("*")]
        return {path.name for path in every if synced.get(path) != path.stat().st_ctime_ns}

    return _unsynced


def test_every_stage_is_on_disk_before_the_first_is_announced(
    shelf: Shelf, unsynced: Callable[[Path], set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    stages = [shelf.stage(bundle(bundle_id), 1) for bundle_id in MANY]
    lacking: list[set[str]] = []
    rename = room.rename_noreplace

    def _rename(source: Path, target: Path) -> None:
        lacking.append(set().union(*(unsynced(path) for path in shelf.stage_root.iterdir())))
        rename(source, target)

    monkeypatch.setattr(room, "rename_noreplace", _rename)
    shelf.publish(stages)
    assert lacking == [set()] * len(MANY)


def test_what_has_appeared_is_durable_when_publishing_returns(
    shelf: Shelf, unsynced: Callable[[Path], set[str]]
) -> None:
    shelf.publish([shelf.stage(bundle(bundle_id), 1) for bundle_id in MANY])
    for year in ("2023", "2024"):
        assert year not in unsynced(shelf.outbox / year)
    assert len(list(shelf.bundles())) == len(MANY)


def test_a_group_costs_one_sync_and_one_for_each_folder(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(shelf, "20240226-0009"), published(shelf, "20240401-0009")  # the folders are there
    calls: list[str] = []
    fsync, syncfs = os.fsync, durable._libc.syncfs
    monkeypatch.setattr(os, "fsync", lambda fd: (calls.append("fsync"), fsync(fd)))
    monkeypatch.setattr(durable._libc, "syncfs", lambda fd: calls.append("syncfs") or syncfs(fd))
    shelf.publish([shelf.stage(bundle(bundle_id), 1) for bundle_id in MANY])
    assert calls == ["syncfs", "fsync", "fsync"]


def test_a_conflict_leaves_the_earlier_ones_out_and_the_later_ones_staged(shelf: Shelf) -> None:
    stages = [shelf.stage(bundle(bundle_id), 1) for bundle_id in MANY]
    (shelf.outbox / "2023" / MANY[1]).mkdir(parents=True)
    with pytest.raises(UnsafeToRun):
        shelf.publish(stages)
    assert is_bundle(shelf.outbox / "2023" / MANY[0], receipt_digest(shelf.outbox / "2023" / MANY[0]))
    assert [staged.folder.exists() for staged in stages] == [False, True, True]


def test_the_receipt_is_written_last(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []
    real = os.open

    def _open(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        if flags & os.O_CREAT:
            names.append(Path(path).name)
        return real(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", _open)
    shelf.stage(bundle(), 1)
    assert names == ["01_a.docx"] * 4 + [RECEIPT_NAME], (
        "the papers, their readers' copies, and only then the receipt"
    )


def test_what_an_earlier_attempt_staged_is_replaced(shelf: Shelf) -> None:
    (shelf.stage_root / f"{ID}.1" / "old").mkdir(parents=True)
    assert bundle_faults(shelf.stage(bundle(), 1).folder) == ()


def test_publishing_moves_the_whole_set_in_one_step(shelf: Shelf) -> None:
    folder = published(shelf)
    assert bundle_faults(folder) == ()
    assert [path.name for path in shelf.stage_root.iterdir()] == [f"{ID}.1.readers"], "shown in its own step"
    assert folder.stat().st_mode & 0o777 == 0o750
    assert (folder / "centre/01_a.docx").stat().st_mode & 0o777 == 0o640


def test_the_same_set_there_already_is_success(shelf: Shelf) -> None:
    assert published(shelf) == published(shelf)
    assert [path.name for path in shelf.stage_root.iterdir()] == [f"{ID}.1.readers"]


def _empty(target: Path) -> None:
    target.mkdir(parents=True)


def _file(target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.write_bytes(b"x")


def _dangling(target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.symlink_to(target.parents[2] / "nothing")


def _other(target: Path) -> None:
    target.mkdir(parents=True)
    (target / RECEIPT_NAME).write_text(json.dumps({"bundle_id": ID, "documents": []}))


def _damaged(target: Path) -> None:
    elsewhere = Shelf(target.parents[1], target.parents[2] / "stage")
    published(elsewhere)
    (target / "centre" / "01_a.docx").write_bytes(b"")


def _link_to_the_same(target: Path) -> None:
    elsewhere = Shelf(target.parents[2] / "elsewhere", target.parents[2] / "stage")
    elsewhere.outbox.mkdir()
    target.parent.mkdir(parents=True)
    target.symlink_to(published(elsewhere))


@pytest.mark.parametrize("squat", [_empty, _file, _dangling, _other, _damaged, _link_to_the_same])
def test_anything_else_under_our_name_stops_and_is_not_touched(
    shelf: Shelf, squat: Callable[[Path], None]
) -> None:
    target = shelf.outbox / "2023" / ID
    squat(target)
    shelf.clear_stage()
    before = _tree(shelf.outbox.parent)
    staged = shelf.stage(bundle(), 1)
    with pytest.raises(UnsafeToRun):
        shelf.publish([staged])
    assert is_bundle(staged.folder, receipt_digest(staged.folder)), "ours is kept too"
    shelf.clear_stage()
    assert _tree(shelf.outbox.parent) == before


def _tree(root: Path) -> dict[str, object]:
    return {
        str(path): path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None
        for path in sorted(root.rglob("*"))
    }


def test_a_bundle_is_told_from_what_only_looks_like_it(shelf: Shelf, tmp_path: Path) -> None:
    folder = published(shelf)
    sha256 = receipt_digest(folder)
    assert is_bundle(folder, sha256)
    assert not is_bundle(folder, digest(b"another"))
    assert not is_bundle(folder, None)
    assert not is_bundle(tmp_path / "nothing", None)
    (tmp_path / "link").symlink_to(folder)
    assert not is_bundle(tmp_path / "link", sha256)
    (folder / "extra").write_bytes(b"x")
    assert not is_bundle(folder, sha256)


@pytest.mark.parametrize("outcome", [Outcome.DELIVERED, Outcome.RETURNED])
def test_what_a_stop_left_in_the_outbox_is_brought_to_its_end(
    shelf: Shelf, unsynced: Callable[[Path], set[str]], outcome: Outcome
) -> None:
    """Its rename may not be on disk yet: recorded as done without a sync, a power cut would leave nothing of it."""
    made = bundle()
    receipt = {**made.receipt, "outcome": str(outcome), "input_sha256": digest(b"original")}
    staged = shelf.stage(replace(made, outcome=outcome, receipt=receipt), 1)
    folder = shelf.folder_of(ID, outcome)
    folder.parent.mkdir()
    staged.folder.rename(folder)
    shelf.clear_stage()
    with pytest.raises(UnsafeToRun):
        shelf.complete(folder, digest(b"another"))
    for _ in range(2):
        assert shelf.complete(folder, digest(b"original")) == receipt
    assert folder.parent.name not in unsynced(folder.parent)
    copies = {path.parent.name for path in (shelf.outbox / "readers").glob(f"*/{ID}")}
    assert copies == ({"centre-1", "division"} if outcome == Outcome.DELIVERED else set())


# --- readers ------------------------------------------------------------------------------------------------------


def test_each_readers_copy_is_on_disk_before_it_appears(
    shelf: Shelf, unsynced: Callable[[Path], set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = published(shelf)
    appeared: dict[str, set[str]] = {}
    rename = room.rename_noreplace

    def _rename(source: Path, target: Path) -> None:
        appeared[target.relative_to(shelf.outbox).as_posix()] = unsynced(source)
        rename(source, target)

    monkeypatch.setattr(room, "rename_noreplace", _rename)
    shelf.copy_to_readers(folder)
    assert appeared == {f"readers/centre-1/{ID}": set(), f"readers/division/{ID}": set()}


def test_a_copy_broken_off_is_made_again_and_a_whole_one_is_left(shelf: Shelf) -> None:
    folder = published(shelf)
    broken = shelf.stage_root / f"{ID}.readers" / "centre-1"
    broken.mkdir(parents=True)
    (broken / "01_a.docx").write_bytes(b"pap")
    shelf.copy_to_readers(folder)
    copy = shelf.outbox / "readers" / "centre-1" / ID
    assert [path.name for path in copy.parent.iterdir()] == [ID]
    assert (copy / "01_a.docx").read_bytes() == b"paper"
    (copy / "01_a.docx").write_bytes(b"edited by its reader")
    shelf.copy_to_readers(folder)
    assert (copy / "01_a.docx").read_bytes() == b"edited by its reader"
    assert bundle_faults(folder) == (), "a reader's copy is not the bundle itself"


def test_what_a_copy_cannot_be_written_for_shows_nothing(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = published(shelf)

    def full(*_: Any) -> None:
        raise OSError(28, "ENOSPC")

    with monkeypatch.context() as patch:
        patch.setattr(room, "create", full)
        with pytest.raises(OSError):
            shelf.copy_to_readers(folder)
    assert not [p for p in (shelf.outbox / "readers").glob("*/*") if not p.name.startswith(".")]
    shelf.copy_to_readers(folder)
    assert len(list((shelf.outbox / "readers").glob(f"*/{ID}/01_a.docx"))) == 2


# --- replaced, listed, cleared ------------------------------------------------------------------------------------


def test_the_note_beside_a_replaced_bundle_is_whole_or_absent(shelf: Shelf) -> None:
    folder = published(shelf)
    note = folder.with_name(f"{ID}.superseded-by-{ID}-r2.txt")
    note.write_bytes(b"")  # a stopped run of an older program left it empty
    for _ in range(2):
        shelf.mark_superseded(folder, f"{ID}-r2")
    assert f"{ID}-r2" in note.read_text("utf-8")
    shelf.mark_superseded(folder.with_name("gone"), f"{ID}-r2")
    assert sorted(p.name for p in folder.parent.iterdir()) == [ID, note.name]


def test_every_bundle_is_listed_and_no_reader_or_note(shelf: Shelf) -> None:
    for bundle_id in ("20240226-0001", "20240401-0001"):
        shelf.copy_to_readers(published(shelf, bundle_id))
    returned = replace(bundle("20240226-0002"), outcome=Outcome.RETURNED)
    shelf.publish([shelf.stage(returned, 1)])
    shelf.mark_superseded(shelf.outbox / "returned" / "20240226-0002", "20240226-0002-r2")
    assert [folder.name for folder in shelf.bundles()] == ["20240226-0001", "20240401-0001", "20240226-0002"]


@pytest.mark.parametrize("harm", ["receipt gone", "receipt cut", "file gone", "file changed", "file added"])
def test_every_harm_to_a_bundle_is_named(shelf: Shelf, harm: str) -> None:
    folder = published(shelf)
    paper, receipt = folder / "centre/01_a.docx", folder / RECEIPT_NAME
    match harm:
        case "receipt gone":
            receipt.unlink()
        case "receipt cut":
            receipt.write_bytes(receipt.read_bytes()[:-20])
        case "file gone":
            paper.unlink()
        case "file changed":
            paper.write_bytes(b"Paper")
        case _:
            (folder / "extra.txt").write_bytes(b"")
    assert len(bundle_faults(folder)) == 1


def test_the_stage_is_cleared(shelf: Shelf) -> None:
    shelf.stage(bundle(), 1)
    shelf.clear_stage()
    assert list(shelf.stage_root.iterdir()) == []
