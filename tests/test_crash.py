"""The real program killed at every kind of moment, and the power cut under it (reliability F30–F37, F40, F46).

After each stop a clean run must leave every dropped file with its one whole bundle: `tests/invariants.py`.
`TODOKE_TEST_ALL=1` takes every step instead of a sample (about ten minutes).
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline import durable, process
from pipeline.desk import Desk
from pipeline.inbox import CLAIMS
from pipeline.model import Entry
from pipeline.workspace import Workspace, find_workspace
from tests.conftest import drop, example
from tests.invariants import assert_all_is_well, fates, faults_in_sight, finish, receipts
from tests.stepping import KILLED, Act, child, mount_refused, needs_strace, sample, traced, wait

EVERY_STEP = bool(os.environ.get("TODOKE_TEST_ALL"))


def as_bytes(values: Any) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode()


GOOD = as_bytes(example("dispatch_application", "typical"))
BAD = as_bytes(example("meeting_minutes", "end_before_start.bad"))
SURVEY, PLAN, DECISION = (  # of the case GOOD opens
    as_bytes({**example(form, name), "case_id": "YC-23-1-001"})
    for form, name in (
        ("visit_survey", "typical"),
        ("dispatch_plan", "typical"),
        ("dispatch_decision", "approved"),
    )
)
SECOND = as_bytes({**example("dispatch_application", "typical"), "submission_id": "2"})
MINUTES = as_bytes(example("meeting_minutes", "minimal"))
# A case opened, a form returned, the survey of that very case, the next case, and the first bytes again.
DROPPED = [GOOD, BAD, SURVEY, SECOND, GOOD]
APART = [GOOD, BAD, MINUTES, SECOND, GOOD]  # the same fates, whatever becomes of the others
EACH_ITS_FATE = {"delivered": 3, "returned": 1, "duplicate": 1}


@pytest.fixture
def fill(place: Workspace) -> Callable[[], None]:
    """Empty the workspace and drop the files again."""

    def _fill() -> None:
        for folder in (place.state, place.outbox, place.inbox / CLAIMS):
            shutil.rmtree(folder, ignore_errors=True)
        drop_all(place)

    return _fill


def drop_all(place: Workspace, contents: Sequence[bytes] = DROPPED) -> None:
    for index, data in enumerate(contents):
        path = drop(place, f"{index}.json", data)
        os.utime(path, (index, index))


# --- kill -9 at random under load (F32) ---------------------------------------------------------------------------


def test_killed_at_random_again_and_again_loses_and_doubles_nothing(place: Workspace) -> None:
    seed = int(os.environ.get("TODOKE_TEST_SEED", time.time_ns()))
    print(f"TODOKE_TEST_SEED={seed}")
    dice = random.Random(seed)
    contents = _two_hundred(dice)
    for index, data in enumerate(contents):
        drop(place, f"{index:03d}.json", data)
    kills = 0
    known: dict[str, str] = {}
    while (code := _run_for(place, dice.uniform(0.0, 1.0) if kills < 10 else 300)) == KILLED:
        kills += 1
        assert faults_in_sight(place) == []
        known = _case_numbers_unchanged(place, known)
    assert code in (0, 1, 3), code
    assert kills >= 4
    _case_numbers_unchanged(place, known)
    assert_all_is_well(place, contents)
    seen = fates(place)
    held = seen["held"]
    assert 2 * held <= kills, (
        "held are only those killed three times: once in their group at most, twice alone"
    )
    assert all(r["problems"][0]["code"] == "CRASH" for r in receipts(place) if r["outcome"] == "held")
    assert seen.total() == len(contents)
    assert (seen["delivered"] >= 40 - held, seen["returned"] >= 40 - held) == (True, True)
    verified = subprocess.run([*_todoke(place, "verify")], capture_output=True, check=False)
    assert verified.returncode == 0, verified.stdout.decode()


def _two_hundred(dice: random.Random) -> list[bytes]:
    application, minutes = example("dispatch_application", "typical"), example("meeting_minutes", "minimal")
    contents = [as_bytes({**application, "submission_id": f"a{n}"}) for n in range(25)]
    contents += [as_bytes({**minutes, "ordinal": n + 1, "submission_id": f"m{n}"}) for n in range(15)]
    again = [dice.choice(contents) for _ in range(120)]
    contents += [as_bytes({"form": "meeting_minutes", "submission_id": f"b{n}"}) for n in range(40)]
    contents += again
    dice.shuffle(contents)
    return contents


def _todoke(place: Workspace, command: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "pipeline", command, *options, "--workspace", str(place.root)]


def _run_for(place: Workspace, seconds: float) -> int:
    """The code of a run killed so long after it opened the workspace, or of one that ended before."""
    log = str(place.state / "todoke.log")
    with subprocess.Popen(_todoke(place, "run", "--no-pdf"), stdout=subprocess.DEVNULL) as running:
        while running.poll() is None and log not in _open_files(running.pid):
            time.sleep(0.01)
        try:
            return running.wait(seconds)
        except subprocess.TimeoutExpired:
            running.kill()
        return running.wait()


def _open_files(pid: int) -> set[str]:
    found = set()
    with contextlib.suppress(OSError):
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                found.add(str(handle.readlink()))
    return found


def _case_numbers_unchanged(place: Workspace, known: dict[str, str]) -> dict[str, str]:
    now = {
        path.parent.name: json.loads(path.read_bytes())["case_id"]
        for path in place.outbox.glob("[0-9]*/*/receipt.json")
    }
    assert known.items() <= now.items(), "a published number never changes"
    return now


def _kill_at(chosen: int) -> Act:
    def _act(step: int) -> None:
        if step == chosen:
            os.kill(os.getpid(), signal.SIGKILL)

    return _act


def _steps(place: Workspace) -> int:
    """How many steps a run takes."""
    reader, writer = os.pipe()
    pid = child(place, lambda step: os.write(writer, b"."))
    os.close(writer)
    with os.fdopen(reader, "rb") as counted:
        total = len(counted.read())
    assert wait(pid) == 0
    return total


# --- a file that kills whoever works on it ------------------------------------------------------------------------


@pytest.mark.parametrize("which", range(4))
def test_a_file_that_kills_the_process_is_held_and_costs_no_other_its_fate(
    place: Workspace, which: int
) -> None:
    """kill -9 from inside one file of a group: three times, then it is held; the others are all delivered."""
    contents = [
        as_bytes({**example("meeting_minutes", "minimal"), "ordinal": n + 1, "submission_id": str(n)})
        for n in range(4)
    ]
    for index, data in enumerate(contents):
        os.utime(drop(place, f"{index}.json", data), (index, index))
    worked_on = place.root / "worked-on"

    def poison() -> None:
        deliver = process.deliver

        def deadly(desk: Desk, entry: Entry, form: Any, accepted: Any, corrected: Any) -> Any:
            with worked_on.open("a") as file:
                file.write(f"{entry.name} {entry.attempt}\n")
            if entry.name == f"{which}.json":
                os.kill(os.getpid(), signal.SIGKILL)
            return deliver(desk, entry, form, accepted, corrected)

        setattr(process, "deliver", deadly)  # noqa: B010

    assert [wait(child(place, prepare=poison)) for _ in range(4)] == [KILLED, KILLED, KILLED, 0]
    before, after = range(which), range(which + 1, 4)
    assert worked_on.read_text().splitlines() == [
        *(f"{n}.json 1" for n in (*before, which)),  # all together
        *(f"{n}.json 2" for n in (*before, which)),  # each alone
        f"{which}.json 3",
        *(f"{n}.json 2" for n in after),
    ]
    assert_all_is_well(place, contents)
    assert fates(place) == {"delivered": 3, "held": 1}
    (held,) = (receipt for receipt in receipts(place) if receipt["outcome"] == "held")
    assert (held["bundle_id"], held["problems"][0]["code"]) == (f"20240226-{which + 1:04d}", "CRASH")


# --- kill -9 before each change (F31, F37) ------------------------------------------------------------------------


def test_killed_before_any_of_its_steps_it_converges(place: Workspace, fill: Callable[[], None]) -> None:
    fill()
    total = _steps(place)
    assert_all_is_well(place, DROPPED)
    assert total > 80
    for step in sample(range(1, total + 1), 24):
        fill()
        assert wait(child(place, _kill_at(step))) == KILLED
        assert faults_in_sight(place) == [], step
        finish(place)
        assert_all_is_well(place, DROPPED)
        assert fates(place) == EACH_ITS_FATE, step


def test_killed_five_times_while_it_recovers_it_converges(place: Workspace, fill: Callable[[], None]) -> None:
    dice = random.Random(20240226)
    for _ in range(40 if EVERY_STEP else 5):
        fill()
        steps = [dice.randrange(5, 60) for _ in range(6)]
        for step in steps:
            assert wait(child(place, _kill_at(step))) in (KILLED, 0)
            assert faults_in_sight(place) == [], steps
        finish(place)
        assert_all_is_well(place, DROPPED)


# --- kill -9 at each mutating system call, SQLite's own among them (F31) ------------------------------------------

_CALLS = "rename,renameat2,fsync,syncfs,fdatasync,unlink,mkdir,rmdir,pwrite64,write,chmod,fchmod,ftruncate"


def _calls_made(place: Workspace, log: Path) -> Counter[str]:
    assert traced(place, "-o", str(log), "-e", f"trace={_CALLS}") == 0
    names = (
        line.split(maxsplit=1)[1].partition("(")[0] for line in log.read_text().splitlines() if "(" in line
    )
    return Counter(name for name in names if name in _CALLS.split(","))


@needs_strace
def test_killed_at_any_system_call_it_converges(
    place: Workspace, fill: Callable[[], None], tmp_path: Path
) -> None:
    fill()
    made = _calls_made(place, tmp_path / "calls")
    assert_all_is_well(place, DROPPED)
    assert {"rename", "renameat2", "fsync", "fdatasync", "unlink", "pwrite64"} <= made.keys()
    points = [(name, nth) for name in sorted(made) for nth in range(1, made[name] + 1)]
    for name, nth in sample(points, 24):
        fill()
        inject = f"inject={name}:signal=SIGKILL:when={nth}"
        code = traced(place, "-o", "/dev/null", "-e", f"trace={name}", "-e", inject)
        assert code == KILLED, (name, nth)
        assert faults_in_sight(place) == [], (name, nth)
        finish(place)
        assert_all_is_well(place, DROPPED)
        assert fates(place) == EACH_ITS_FATE, (name, nth)


# --- the power cut (F40) and the proof that the test sees one (F46) -----------------------------------------------


needs_ext4 = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mkfs.ext4") is None, reason="needs root, loop devices and mkfs.ext4"
)


@contextlib.contextmanager
def _mounted(image: Path, at: Path) -> Iterator[Path]:
    at.mkdir(exist_ok=True)
    if why := mount_refused("mount", "-o", "loop,commit=300", str(image), str(at)):
        pytest.skip(f"disk images cannot be mounted here: {why}")
    try:
        yield at
    finally:
        subprocess.run(["umount", str(at)], check=True)


@pytest.fixture
def image(tmp_path: Path, place: Workspace) -> Path:
    """A disk image that holds a workspace with all dropped files, all of it safely on disk."""
    path = tmp_path / "disk.img"
    with path.open("wb") as file:
        file.truncate(32 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(path)], check=True)
    drop_all(place)
    with _mounted(path, tmp_path / "fill") as disk:
        shutil.copytree(place.root, disk / "office", ignore=shutil.ignore_patterns("examples"))
        settings = disk / "office" / "todoke.toml"
        settings.write_text(
            settings.read_text("utf-8").replace("min_free_mb = 1024", "min_free_mb = 1"), "utf-8"
        )
        os.sync()
    return path


def _cut_power(
    image: Path, tmp_path: Path, steps: Callable[[int], bool], prepare: Callable[[], None]
) -> list[Path]:
    """Run on the mounted image; before each chosen step copy what the disk really holds. Return the copies."""
    copies: list[Path] = []
    with _mounted(image, tmp_path / "disk") as disk:
        place = find_workspace(disk / "office")

        def stop(step: int) -> None:
            if steps(step):
                os.kill(os.getpid(), signal.SIGSTOP)

        pid = child(place, stop, prepare)
        while os.WIFSTOPPED(status := os.waitpid(pid, os.WUNTRACED)[1]):
            copies.append(tmp_path / f"cut-{len(copies):03d}.img")
            subprocess.run(["cp", "--sparse=always", str(image), str(copies[-1])], check=True)
            os.kill(pid, signal.SIGCONT)
        copies.append(tmp_path / "cut-end.img")
        subprocess.run(["cp", "--sparse=always", str(image), str(copies[-1])], check=True)
        assert os.waitstatus_to_exitcode(status) == 0
    return copies


def _recovered(copy: Path, tmp_path: Path) -> None:
    with _mounted(copy, tmp_path / "after") as disk:
        place = find_workspace(disk / "office")
        assert faults_in_sight(place) == []
        finish(place)
        assert_all_is_well(place, DROPPED)
        assert fates(place) == EACH_ITS_FATE


def _every(nth: int) -> Callable[[int], bool]:
    return lambda step: EVERY_STEP or step % nth == 0


@needs_ext4
def test_a_power_cut_at_any_step_loses_and_doubles_nothing(image: Path, tmp_path: Path) -> None:
    copies = _cut_power(image, tmp_path, _every(5), prepare=lambda: None)
    assert len(copies) > 20
    for copy in copies:
        _recovered(copy, tmp_path)
        copy.unlink()


@needs_ext4
def test_the_power_cut_is_seen_when_nothing_is_synced(image: Path, tmp_path: Path) -> None:
    """Without fsync something must be lost: otherwise the test above proves nothing."""

    def lie() -> None:
        os.fsync = lambda fd: None
        setattr(durable._libc, "syncfs", lambda fd: 0)  # noqa: B010

    lost = 0
    for copy in _cut_power(image, tmp_path, _every(17), lie):
        try:
            _recovered(copy, tmp_path)
        except Exception:  # noqa: BLE001  any harm counts: lost, doubled, halved, stopped; AssertionError too
            lost += 1
    assert lost > 0
