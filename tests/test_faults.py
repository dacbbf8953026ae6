"""The place fails: every refusal of the system is waited out or stops safely, and a clean run mends all (reliability F42–F82).

Real refusals, made by strace, small disks, permissions and limits; after each of them `tests/invariants.py`.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import recover, spool, sweep
from pipeline.desk import Desk
from pipeline.errors import PlaceFailed
from pipeline.inbox import CLAIMS
from pipeline.sweep import Tally, run_once
from pipeline.workspace import Workspace, find_workspace, make_workspace
from tests.conftest import ROOT, drop, example, run
from tests.invariants import assert_all_is_well, fates, faults_in_sight, finish, opened, receipts
from tests.stepping import (
    STOPPED_SAFELY,
    child,
    child_of,
    mount_refused,
    needs_strace,
    sample,
    traced,
    wait,
    without_privileges,
)
from tests.test_crash import APART, EACH_ITS_FATE, as_bytes, drop_all


def start_over(place: Workspace) -> None:
    for folder in (place.state, place.outbox, place.inbox / CLAIMS):
        shutil.rmtree(folder, ignore_errors=True)
    drop_all(place, APART)


def assert_a_clean_run_mends_it(place: Workspace, why: object = "") -> None:
    assert faults_in_sight(place) == [], why
    finish(place)
    assert_all_is_well(place, APART)
    assert fates(place) == EACH_ITS_FATE, why


# --- refused system calls (F42–F45, F50, F54, F72, F82, F88) ------------------------------------------------------

REFUSALS = [
    ("fsync", "EIO", (1, 4, 8, 12)),
    ("syncfs", "EIO", (1, 2, 3)),
    ("fdatasync", "EIO", (1, 5, 12, 22)),
    ("pwrite64", "EIO", (3, 30)),
    ("pwrite64", "ENOSPC", (3, 30, 60)),
    ("write", "ENOSPC", (3, 8)),
    ("write", "EDQUOT", (4,)),
    ("rename", "EBUSY", (1, 3)),
    ("rename", "EPERM", (1, 2)),
    ("rename", "EIO", (1, 4, 7, 12)),
    ("renameat2", "ENOSPC", (1,)),
    ("renameat2", "EIO", (3,)),
    ("mkdir", "ENOSPC", (1, 4, 7)),
    ("unlink", "EIO", (1, 4)),
    ("rmdir", "EACCES", (1,)),
    ("chmod", "EPERM", (2, 5)),
    ("fchmod", "EPERM", (1,)),
]


@needs_strace
def test_any_refused_call_stops_safely_and_is_mended(place: Workspace) -> None:
    every = [(call, error, nth) for call, error, times in REFUSALS for nth in times]
    for call, error, nth in sample(every, 20):
        start_over(place)
        code = traced(
            place, "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={nth}"
        )
        assert code in (0, STOPPED_SAFELY), (call, error, nth)
        assert_a_clean_run_mends_it(place, (call, error, nth))


@needs_strace
@pytest.mark.parametrize("call", ["write", "fsync", "pwrite64"])
def test_an_interrupted_call_is_made_again(place: Workspace, call: str) -> None:
    start_over(place)
    inject = f"inject={call}:error=EINTR:when=2+5"
    assert traced(place, "-o", "/dev/null", "-e", f"trace={call}", "-e", inject) == 0
    assert_all_is_well(place, APART)


@needs_strace
def test_a_failed_sync_of_the_journal_halts_and_nothing_more_is_taken(place: Workspace) -> None:
    start_over(place)
    inject = "inject=fdatasync:error=EIO:when=5+"
    assert traced(place, "-o", "/dev/null", "-e", "trace=fdatasync", "-e", inject) == STOPPED_SAFELY
    assert len(list(place.inbox.rglob("*.json"))) == len(APART), "nothing leaves the inbox unjournalled"
    assert_a_clean_run_mends_it(place)


# --- small disks (F50, F51, F53), read-only (F70) -----------------------------------------------------------------


@contextlib.contextmanager
def small_disk(at: Path, options: str) -> Iterator[Workspace]:
    """A workspace on a memory disk of its own."""
    at.mkdir()
    if why := mount_refused("mount", "-t", "tmpfs", "-o", options, "none", str(at)):
        pytest.skip(f"no memory disk can be mounted here: {why}")
    try:
        office = at / "office"
        office.mkdir()
        make_workspace(office, ROOT)
        settings = office / "todoke.toml"
        text = settings.read_text("utf-8").replace("settle_s = 2.0", "settle_s = 0.01")
        settings.write_text(text.replace("min_free_mb = 1024", "min_free_mb = 0"), "utf-8")
        place = find_workspace(office)
        drop_all(place, APART)
        yield place
    finally:
        subprocess.run(["umount", str(at)], check=True)


def _fill_up(place: Workspace, leave: int) -> Path:
    ballast = place.root / "ballast"
    free = shutil.disk_usage(place.root).free
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(free - leave, 1))
    return ballast


@pytest.mark.parametrize("left", [4_000, 20_000, 40_000, 60_000, 90_000])
def test_a_full_disk_waits_burns_no_attempt_and_goes_on(tmp_path: Path, left: int) -> None:
    with small_disk(tmp_path / "disk", "size=32m") as place:
        with opened(place):
            pass  # the journal is there already
        ballast = _fill_up(place, left)
        for _ in range(4):
            with pytest.raises(PlaceFailed):
                finish(place)
            assert faults_in_sight(place) == []
        ballast.unlink()
        assert_a_clean_run_mends_it(place, left)


@pytest.mark.parametrize("inodes", [2, 7, 14, 22])
def test_a_disk_without_inodes_is_a_full_disk(tmp_path: Path, inodes: int) -> None:
    with small_disk(tmp_path / "disk", "size=32m,nr_inodes=4000") as place:
        status = os.statvfs(place.root)
        dust = place.root / "dust"
        dust.mkdir()
        for number in range(status.f_ffree - 1 - inodes):
            (dust / str(number)).touch()
        for _ in range(4):
            with pytest.raises((PlaceFailed, OSError)):
                finish(place)
        shutil.rmtree(dust)
        assert_a_clean_run_mends_it(place, inodes)


def test_a_disk_gone_read_only_waits(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=32m") as place:
        with opened(place):
            pass
        subprocess.run(["mount", "-o", "remount,ro", str(tmp_path / "disk")], check=True)
        with pytest.raises((PlaceFailed, OSError)):
            finish(place)
        subprocess.run(["mount", "-o", "remount,rw", str(tmp_path / "disk")], check=True)
        assert_a_clean_run_mends_it(place)


# --- limits (F55, F56) --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [3_000, 20_000, 45_000])
def test_a_limit_on_file_size_is_a_full_disk(place: Workspace, limit: int) -> None:
    """Part of a write succeeds, the rest is refused: no short file may ever be taken for a whole one."""
    start_over(place)
    with opened(place):
        pass

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    assert wait(child(place, prepare=limited)) in (0, STOPPED_SAFELY)
    assert_a_clean_run_mends_it(place, limit)


@pytest.mark.parametrize("spare", [1, 2, 3, 4, 6])
def test_without_file_handles_it_stops_safely(place: Workspace, spare: int) -> None:
    start_over(place)
    taken = len(os.listdir("/proc/self/fd"))

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (taken + spare, taken + spare))

    assert wait(child(place, prepare=limited)) in (0, STOPPED_SAFELY)
    assert_a_clean_run_mends_it(place, spare)


def test_no_handle_is_left_open_by_a_hundred_files(place: Workspace) -> None:
    with opened(place) as desk:
        run(desk)
        before = sorted(os.listdir("/proc/self/fd"))
        for number in range(100):
            drop(place, f"{number}.json", {"form": "nothing", "n": number})
        assert len(run(desk)) == 100
        assert len(os.listdir("/proc/self/fd")) <= len(before) + 1


# --- permissions (F66–F69) ----------------------------------------------------------------------------------------


def unprivileged(work: Callable[[], object]) -> int:
    """Run `work` in a child for whom permissions count; return its code."""

    def stripped() -> None:
        without_privileges()
        work()

    return wait(child_of(stripped))


def test_an_inbox_we_may_not_write_is_shown_and_never_worked_without_claim(place: Workspace) -> None:
    start_over(place)
    (place.inbox / CLAIMS).mkdir(exist_ok=True)

    def work() -> None:
        tally = Tally()
        with opened(place) as desk:
            assert list(run_once(desk, tally)) == []
        assert [item.reason for item in tally.unclaimable] == ["CLAIM_FAILED"] * len(APART)
        assert tally.waiting == len(APART)

    place.inbox.chmod(0o500)
    assert unprivileged(work) == 0
    (place.inbox / CLAIMS).rmdir()
    assert unprivileged(lambda: finish(place)) == STOPPED_SAFELY
    place.inbox.chmod(0o700)
    assert receipts(place) == []
    assert_a_clean_run_mends_it(place)


@pytest.mark.parametrize("name", ["outbox", "spool", "stage"])
def test_a_folder_of_ours_we_may_not_write_stops_and_burns_no_attempt(place: Workspace, name: str) -> None:
    start_over(place)
    with opened(place):
        pass
    folder = getattr(place, name)
    folder.chmod(0o500)
    for _ in range(4):
        assert unprivileged(lambda: finish(place)) == STOPPED_SAFELY
    folder.chmod(0o700)
    assert_a_clean_run_mends_it(place, name)


def test_one_file_nobody_may_move_does_not_stop_the_others(place: Workspace) -> None:
    start_over(place)
    stuck = place.inbox / "1.json"
    done = subprocess.run(["chattr", "+i", str(stuck)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no immutable files here: {done.stderr.strip()}")
    tally = Tally()
    try:
        with opened(place) as desk:
            assert len(list(run_once(desk, tally))) == len(APART) - 1
    finally:
        subprocess.run(["chattr", "-i", str(stuck)], check=True)
    assert [item.name for item in tally.unclaimable] == ["1.json"]
    assert_a_clean_run_mends_it(place)


# --- the acknowledgement fails (F114) -----------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["copy_to_readers", "mark_superseded", "release"])
def test_what_comes_after_publishing_is_tried_again_and_nothing_is_made_twice(
    place: Workspace, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    start_over(place)
    made: list[str] = []

    def refused(*_: Any, **__: Any) -> Any:
        raise OSError(13, "EACCES")

    owner = "pipeline.process." if step == "release" else "pipeline.shelf.Shelf."
    with monkeypatch.context() as patch:
        patch.setattr(owner + step, refused)
        if step == "release":
            patch.setattr("pipeline.recover.release", refused)
        for _ in range(4):
            with contextlib.suppress(PlaceFailed):
                finish(place)
            made.append(str(sorted(receipt["bundle_id"] for receipt in receipts(place))))
    assert made[1:] == made[-1:] * 3, "no run makes another"
    assert_a_clean_run_mends_it(place, step)


# --- the story's own errors outside one entry ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (sweep, "look_into"),
        (spool, "fsync_dir"),
        (sweep, "has_room"),
        (recover, "find_originals"),
        (sweep, "process"),
    ],
)
@pytest.mark.parametrize("code", [5, 24, 28, 107, 116])
def test_a_refusal_anywhere_is_the_places_failure(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, code: int
) -> None:
    def refused(*_: Any, **__: Any) -> Any:
        raise OSError(code, os.strerror(code))

    drop_all(desk.workspace, APART)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, refused)
        with pytest.raises(PlaceFailed):
            run(desk)
    assert len(run(desk)) == len(APART)
    assert fates(desk.workspace) == EACH_ITS_FATE


# --- many at once (F18) -------------------------------------------------------------------------------------------


@pytest.fixture
def in_memory() -> Iterator[Workspace]:
    """A workspace on a disk without latency: 2,000 files would take minutes of waiting for syncs."""
    fast = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=fast if os.access(fast, os.W_OK) else None) as folder:
        make_workspace(Path(folder), ROOT)
        place = find_workspace(Path(folder))
        place.settings["intake"].update(settle_s=0.01, min_free_mb=0)  # type: ignore[attr-defined]
        yield place


def test_two_thousand_files_at_once_are_done_in_order_with_flat_memory(in_memory: Workspace) -> None:
    count = 2000
    data = as_bytes(example("meeting_minutes", "minimal"))
    for number in range(count):
        os.utime(drop(in_memory, f"{number:04d}.json", data), (number, number))
    memory: list[int] = []
    names: list[str] = []
    with opened(in_memory) as desk:
        for entry in run_once(desk, Tally()):
            names.append(entry.name)
            if len(names) in (count // 4, count):
                memory.append(_resident())
    assert names == [f"{number:04d}.json" for number in range(count)], "first come, first served"
    assert fates(in_memory) == {"delivered": 1, "duplicate": count - 1}
    assert memory[1] - memory[0] < 10_000_000, "what one file needs is given back"


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
