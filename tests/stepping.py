"""A run of the real story in a child process that can be stopped, killed, traced or stripped of its rights at any step."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from pipeline import durable, journal, shelf
from pipeline.errors import UnsafeToRun
from pipeline.workspace import Workspace
from tests.invariants import finish

KILLED = -signal.SIGKILL
BUG, STOPPED_SAFELY = 9, 4

STEPS = ("mkdir", "rename", "replace", "unlink", "rmdir", "fsync", "chmod", "link")
Act = Callable[[int], object]


def child_of(work: Callable[[], object]) -> int:
    """Start `work` in a child process; return its id."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        except (UnsafeToRun, OSError):  # as the mouth ends: exit code 4
            os._exit(STOPPED_SAFELY)
        except BaseException:  # noqa: BLE001  the child's end, whatever it was
            traceback.print_exc()
            os._exit(BUG)
    return pid


def child(
    place: Workspace, before_step: Act | None = None, prepare: Callable[[], None] = lambda: None
) -> int:
    """Start a clean run in a child process, with `before_step(n)` before each of its changes to the disk; return its id."""

    def work() -> None:
        prepare()
        if before_step:
            _count_steps(before_step)
        finish(place)

    return child_of(work)


def _count_steps(before_step: Act) -> None:
    count = 0

    def stepping(real: Callable[..., Any]) -> Callable[..., Any]:
        def _step(*args: Any, **kwargs: Any) -> Any:
            nonlocal count
            count += 1
            before_step(count)
            return real(*args, **kwargs)

        return _step

    for name in STEPS:
        setattr(os, name, stepping(getattr(os, name)))
    for owner, name in (
        (shelf, "rename_noreplace"),
        (durable._libc, "syncfs"),
        (journal.Journal, "_transaction"),
    ):
        setattr(owner, name, stepping(getattr(owner, name)))


def wait(pid: int) -> int:
    """The code a child ends with."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


def traced(place: Workspace, *options: str) -> int:
    """Run under strace, attached once the child is ready; return the child's code."""
    pid = child(place, prepare=lambda: os.kill(os.getpid(), signal.SIGSTOP))
    os.waitpid(pid, os.WUNTRACED)
    with subprocess.Popen(["strace", "-f", "-p", str(pid), *options], stderr=subprocess.PIPE) as tracer:
        assert tracer.stderr is not None
        first = tracer.stderr.readline()  # "Process N attached"
        assert b"attached" in first, first.decode()
        os.kill(pid, signal.SIGCONT)
        code = wait(pid)
        tracer.communicate()
    return code


def without_privileges() -> None:
    """Give up root's right to pass over permissions, so that they count for the owner too."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    nothing = (ctypes.c_uint32 * 6)()
    assert ctypes.CDLL(None, use_errno=True).capset(header, nothing) == 0


def mount_refused(*command: str) -> str:
    """Why something cannot be mounted here; empty if it was."""
    if os.geteuid() != 0:
        return "only root may mount"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr.strip() or f"mount ended with {done.returncode}" if done.returncode else ""


def sample(items: Sequence[Any], wanted: int) -> list[Any]:
    """All of `items` with TODOKE_TEST_ALL=1, else about `wanted` of them, spread evenly, the first and last among them."""
    if os.environ.get("TODOKE_TEST_ALL") or len(items) <= wanted:
        return list(items)
    return [items[round(i * (len(items) - 1) / (wanted - 1))] for i in range(wanted)]
