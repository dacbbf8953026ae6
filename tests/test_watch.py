"""`todoke watch` as people meet it: files that arrive in every way, bells that never ring, folders that come and go.

One real watch process serves the writers of this file (reliability F01–F24); it runs without PDFs and settles fast.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from watchdog.observers.api import BaseObserver

from pipeline import inbox as inbox_room
from pipeline import watch as watch_room
from pipeline.errors import PlaceFailed, UnsafeToRun
from pipeline.inbox import CLAIMS, SENTINEL
from pipeline.receipt import digest
from pipeline.sweep import watch_for_ever
from pipeline.watch import bell, wait_for
from pipeline.workspace import Workspace, find_workspace, make_workspace
from tests.conftest import ROOT, drop, example
from tests.invariants import assert_all_is_well, fates, faults_in_sight, finish, receipts
from tests.stepping import child_of, wait
from tests.test_crash import BAD, GOOD, as_bytes

PATIENCE = 20.0


MEETINGS: dict[str, int] = {}


def minutes(submission: str) -> bytes:
    """Minutes of a meeting of their own: a meeting has its number, of two digits, in the year once (BR24)."""
    years, number = divmod(MEETINGS.setdefault(submission, len(MEETINGS)), 90)
    days = {"held_on": f"{2023 + years}-10-03", "confirm_by": f"{2023 + years}-10-17"}
    known = {"submission_id": submission, "ordinal": number + 10}
    return as_bytes({**example("meeting_minutes", "minimal"), **days, **known})


def until(true: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def quick(root: Path, settle_s: float = 0.3, scan_s: float = 0.5) -> Workspace:
    """A workspace for watching: fast, without PDFs."""
    make_workspace(root, ROOT)
    path = root / "todoke.toml"
    text = path.read_text("utf-8").replace("settle_s = 2.0", f"settle_s = {settle_s}")
    text = text.replace("scan_s = 5.0", f"scan_s = {scan_s}").replace('mode = "auto"', 'mode = "off"')
    path.write_text(text, "utf-8")
    return find_workspace(root)


@contextlib.contextmanager
def watching(place: Workspace) -> Iterator[subprocess.Popen[bytes]]:
    """The real `todoke watch`, stopped at the end."""
    command = [sys.executable, "-m", "pipeline", "watch", "--no-pdf", "--workspace", str(place.root)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            assert until(place.heartbeat.exists)
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    root = tmp_path_factory.mktemp("watched") / "office"
    root.mkdir()
    place = quick(root)
    with watching(place):
        yield place


def outcomes(place: Workspace, data: bytes) -> list[str]:
    """The fates of exactly these bytes."""
    return [r["outcome"] for r in receipts(place) if r["input_sha256"] == digest(data)]


def assert_only(place: Workspace, data: bytes, outcome: str, seen_before: int) -> None:
    """These bytes get this one bundle, and nothing else has appeared since."""
    assert until(lambda: bool(outcomes(place, data)))
    time.sleep(0.5)
    assert outcomes(place, data) == [outcome]
    assert len(receipts(place)) == seen_before + 1
    assert faults_in_sight(place) == []


# --- writers ------------------------------------------------------------------------------------------------------


def test_a_dropped_file_is_done_within_seconds(office: Workspace) -> None:
    seen, data = len(receipts(office)), minutes("dropped")
    start = time.monotonic()
    drop(office, "a.json", data)
    assert until(lambda: bool(outcomes(office, data)))
    assert time.monotonic() - start < 5
    assert_only(office, data, "delivered", seen)


def test_a_slow_writer_that_keeps_the_file_open(office: Workspace) -> None:
    seen, data = len(receipts(office)), minutes("slow")
    with (office.inbox / "slow.json").open("wb") as file:
        for start in range(0, len(data), len(data) // 5 + 1):
            file.write(data[start : start + len(data) // 5 + 1])
            file.flush()
            time.sleep(0.3)
    assert_only(office, data, "delivered", seen)


def test_a_writer_that_pauses_longer_than_settling_and_closes_each_time(office: Workspace) -> None:
    """As a share shows it: no open handle to see, only half a file that stands still."""
    seen, data = len(receipts(office)), minutes("pause")
    for start in range(0, len(data), len(data) // 3 + 1):
        with (office.inbox / "pause.json").open("ab") as file:
            file.write(data[start : start + len(data) // 3 + 1])
        time.sleep(1.2)
    assert_only(office, data, "delivered", seen)


def test_a_file_preallocated_and_filled_from_the_front(office: Workspace) -> None:
    seen, data = len(receipts(office)), minutes("preallocated")
    path = office.inbox / "preallocated.json"
    with path.open("wb") as file:
        file.truncate(len(data))
    time.sleep(1.0)
    for start in range(0, len(data), len(data) // 2 + 1):
        with path.open("r+b") as file:
            file.seek(start)
            file.write(data[start : start + len(data) // 2 + 1])
        time.sleep(0.8)
    assert_only(office, data, "delivered", seen)


def test_of_a_file_replaced_a_hundred_times_only_the_last_counts(office: Workspace) -> None:
    seen = len(receipts(office))
    for number in range(100):
        temporary = office.inbox / "replaced.json.tmp"
        temporary.write_bytes(minutes(f"replaced-{number}"))
        temporary.replace(office.inbox / "replaced.json")
        time.sleep(0.005)
    assert_only(office, minutes("replaced-99"), "delivered", seen)


def test_an_editor_that_truncates_and_writes_in_steps(office: Workspace) -> None:
    seen, data = len(receipts(office)), minutes("edited")
    path = office.inbox / "edited.json"
    path.write_bytes(data[: len(data) // 2])
    time.sleep(0.2)
    for size in (0, len(data) // 3, len(data)):
        path.write_bytes(data[:size])
        time.sleep(0.2)
    assert_only(office, data, "delivered", seen)


def test_words_way_of_saving(office: Workspace) -> None:
    seen, data = len(receipts(office)), minutes("word")
    folder = office.inbox
    (folder / "~$rm.json").write_bytes(b"owner")
    (folder / "form.json").write_bytes(minutes("word-first-save"))
    time.sleep(1.0)
    (folder / "~WRD0001.tmp").write_bytes(data)
    (folder / "form.json").replace(folder / "~WRL0002.tmp")
    (folder / "~WRD0001.tmp").replace(folder / "form.json")
    (folder / "~WRL0002.tmp").unlink()
    time.sleep(1.0)
    assert len(receipts(office)) == seen, "the owner file is still there"
    (folder / "~$rm.json").unlink()
    assert_only(office, data, "delivered", seen)


def test_the_same_name_dropped_again_is_a_second_submission(office: Workspace) -> None:
    first, second = minutes("again-1"), minutes("again-2")
    drop(office, "again.json", first)
    assert until(lambda: not (office.inbox / "again.json").exists())
    drop(office, "again.json", second)
    assert until(lambda: bool(outcomes(office, first) and outcomes(office, second)))
    assert (outcomes(office, first), outcomes(office, second)) == (["delivered"], ["delivered"])


def test_files_renamed_all_the_time_are_all_found(office: Workspace) -> None:
    contents = [minutes(f"storm-{n}") for n in range(8)]
    for index, data in enumerate(contents):
        drop(office, f"storm-{index}.json", data)
    dice = random.Random(1)
    for turn in range(60):
        with contextlib.suppress(FileNotFoundError):
            index = dice.randrange(8)
            (path,) = list(office.inbox.glob(f"storm-{index}*.json")) or [office.inbox / "gone"]
            path.rename(office.inbox / f"storm-{index}-{turn}.json")
    assert until(lambda: all(outcomes(office, data) == ["delivered"] for data in contents))


def test_after_all_these_writers_nothing_is_left_over(office: Workspace) -> None:
    assert until(lambda: not list(office.inbox.glob("*.json")))
    assert until(lambda: not list((office.inbox / CLAIMS).iterdir()))
    assert faults_in_sight(office) == []
    assert set(fates(office)) <= {"delivered"}


# --- a writer over the claim (F16), half a file at the start (F22) ------------------------------------------------


def test_a_writer_that_goes_on_over_the_claim_is_not_stranded_while_watching(tmp_path: Path) -> None:
    """The lease is refused only between look and claim here: what was claimed too early is taken up by later looks."""
    (tmp_path / "office").mkdir()
    place = quick(tmp_path / "office")
    first, last = minutes("over-1"), minutes("over-2")
    assert len(first) == len(last)

    def work() -> None:
        inbox_room._is_being_written = lambda path: False
        watch_through(place)

    with running(work):
        assert until(place.heartbeat.exists)
        with (place.inbox / "a.json").open("wb") as writer:
            writer.write(first)
            writer.flush()
            assert until(lambda: bool(list((place.inbox / CLAIMS).glob("*/a.json"))))
            time.sleep(1.0)
            assert receipts(place) == []
            writer.seek(0)
            writer.write(last)
        assert until(lambda: outcomes(place, last) == ["delivered"])
    finish(place)  # the watch was killed the moment the bundle was seen
    assert_all_is_well(place, [last])


def test_half_a_file_at_the_start_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "office").mkdir()
    place = quick(tmp_path / "office")
    data = minutes("half")
    drop(place, "half.json", data[:100])
    with running(lambda: watch_through(place)):
        assert until(place.heartbeat.exists)
        time.sleep(1.0)
        assert receipts(place) == []
        drop(place, "half.json", data)
        assert until(lambda: outcomes(place, data) == ["delivered"])


# --- waking -------------------------------------------------------------------------------------------------------


def watch_through(place: Workspace) -> None:
    for _ in watch_for_ever(place, pdf=False):
        pass


@contextlib.contextmanager
def running(work: Callable[[], object]) -> Iterator[int]:
    """`work` in a child process until the block ends; the block may stop it itself."""
    pid = child_of(work)
    try:
        yield pid
    finally:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            wait(pid)


@pytest.mark.parametrize("scan_s", [60.0, 0.5])
def test_an_event_wakes_and_without_events_the_scan_finds_it(tmp_path: Path, scan_s: float) -> None:
    """Every minute with a bell, every half second without one: both are done within seconds."""
    (tmp_path / "office").mkdir()
    place = quick(tmp_path / "office", scan_s=scan_s)

    def work() -> None:
        if scan_s < 1:
            watch_room._Bell.on_any_event = lambda self, event: None  # type: ignore[method-assign]
        watch_through(place)

    with running(work):
        assert until(place.heartbeat.exists)
        time.sleep(0.5)
        drop(place, "a.json", GOOD)
        assert until(lambda: fates(place) == {"delivered": 1}, 8)


def test_an_error_in_the_event_handler_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "office").mkdir()
    place = quick(tmp_path / "office")

    def broken(self: Any, event: Any) -> None:
        raise RuntimeError

    def work() -> None:
        watch_room._Bell.on_any_event = broken  # type: ignore[method-assign]
        threading.excepthook = lambda _: None
        watch_through(place)

    with running(work):
        assert until(place.heartbeat.exists)
        for name, data in (("a.json", GOOD), ("b.json", BAD)):
            drop(place, name, data)
            assert until(lambda data=data: bool(outcomes(place, data)))  # type: ignore[misc]


def test_where_nothing_can_be_watched_the_bell_is_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_inotify(*_: Any, **__: Any) -> Any:
        raise OSError(24, "inotify instance limit reached")

    monkeypatch.setattr(BaseObserver, "schedule", no_inotify)
    with bell(tmp_path) as rung:
        (tmp_path / "a").touch()
        wait_for(rung, 0.1)
        assert not rung.is_set()


def test_the_bell_rings_and_is_reset(tmp_path: Path) -> None:
    with bell(tmp_path) as rung:
        (tmp_path / "a").touch()
        assert rung.wait(5)
        wait_for(rung, 5)
        assert not rung.is_set()
    assert not [thread for thread in threading.enumerate() if "bserver" in type(thread).__name__]


# --- folders that go and come back --------------------------------------------------------------------------------


def test_an_inbox_removed_and_made_again_is_watched_again(tmp_path: Path) -> None:
    (tmp_path / "office").mkdir()
    place = quick(tmp_path / "office")
    with running(lambda: watch_through(place)):
        assert until(place.heartbeat.exists)
        shutil.rmtree(place.inbox)
        time.sleep(1.0)
        assert not place.inbox.exists(), "never made by us: it may be a mount point"
        place.inbox.mkdir()
        drop(place, "a.json", GOOD)
        time.sleep(1.5)
        assert receipts(place) == [], "without its mark it may be the empty folder below a share"
        (place.inbox / SENTINEL).touch()
        assert until(lambda: fates(place) == {"delivered": 1})


def test_a_share_that_fails_for_a_while_is_waited_for(tmp_path: Path) -> None:
    """EIO, ESTALE, EHOSTDOWN, ENOTCONN out of the scan itself: nothing lost, nothing stopped (F82)."""
    (tmp_path / "office").mkdir()
    place = quick(tmp_path / "office")
    real, failures = os.scandir, [5, 116, 112, 107]

    def failing(path: Any) -> Any:
        if failures and Path(path) == place.inbox:
            raise OSError(failures.pop(), "share")
        return real(path)

    def work() -> None:
        os.scandir = failing  # type: ignore[assignment]
        pauses = iter([0.01] * 9)
        sleep = time.sleep
        time.sleep = lambda seconds: sleep(next(pauses, seconds))
        watch_through(place)

    drop(place, "a.json", GOOD)
    with running(work):
        assert until(lambda: fates(place) == {"delivered": 1})


def test_pauses_grow_and_have_an_end(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    place.sentinel.unlink()
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 9:
            raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.sweep.time.sleep", sleep)
    with pytest.raises(KeyboardInterrupt):
        watch_through(place)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_template_that_vanishes_while_it_is_looked_at_stops_nothing(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Word saves a template by renaming: for a moment it is not there."""
    calls = iter([FileNotFoundError(2, "gone"), KeyboardInterrupt()])

    def vanishing(_: Path) -> str:
        raise next(calls)

    monkeypatch.setattr("pipeline.sweep.catalogue_digest", vanishing)
    monkeypatch.setattr("pipeline.sweep.time.sleep", lambda _: None)
    with pytest.raises(KeyboardInterrupt):
        watch_through(place)


def test_mending_a_template_delivers_what_was_held(tmp_path: Path) -> None:
    (tmp_path / "office").mkdir()
    place = quick(tmp_path / "office")
    spec = place.root / "doc_templates" / "papers" / "acceptance_check" / "paper.toml"
    good = spec.read_text("utf-8")
    spec.write_text("broken", "utf-8")
    with running(lambda: watch_through(place)):
        drop(place, "a.json", GOOD)
        assert until(lambda: fates(place) == {"held": 1})
        spec.write_text(good, "utf-8")
        assert until(lambda: fates(place) == {"held": 1, "delivered": 1})
    (delivered,) = (r for r in receipts(place) if r["outcome"] == "delivered")
    assert delivered["supersedes"] == delivered["bundle_id"].removesuffix("-r2")


# --- stopping (F33) -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130)])
def test_told_to_stop_it_stops_at_once_with_nothing_half(
    tmp_path: Path, sent: signal.Signals, code: int
) -> None:
    (tmp_path / "office").mkdir()
    place = quick(tmp_path / "office")
    contents = [minutes(str(n)) for n in range(20)]
    with watching(place) as process:
        for index, data in enumerate(contents):
            drop(place, f"{index}.json", data)
        assert until(lambda: bool(receipts(place)))
        process.send_signal(sent)
        assert process.wait(10) == code
    assert faults_in_sight(place) == []
    with running(lambda: watch_through(place)):
        assert until(lambda: fates(place) == {"delivered": 20})
    assert not [r for r in receipts(place) if r["outcome"] == "held"]


def test_an_unsafe_place_stops_the_watch_for_good(place: Workspace) -> None:
    place.state.chmod(0o755)
    with pytest.raises(UnsafeToRun) as raised:
        watch_through(place)
    assert not isinstance(raised.value, PlaceFailed)
    assert "700" in str(raised.value)
