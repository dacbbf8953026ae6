"""The error tree. Each branch knows whose turn it is and the exit code it ends with."""

from __future__ import annotations

import traceback
from pathlib import Path


class TodokeError(Exception):
    """An expected failure, worded in Japanese for the person who must act. Never quotes a submitted value."""

    exit_code = 70


class UsageError(TodokeError):
    """The command line or the settings cannot be understood."""

    exit_code = 2


class OfficeFault(TodokeError):
    """A template, specification, setting or font of the office is wrong: the submission is held.

    `code` names the kind of fault; `faults` lists every place, one sentence each.
    """

    exit_code = 3

    def __init__(self, code: str, *faults: str) -> None:
        super().__init__(f"{code}: " + " / ".join(faults))
        self.code = code
        self.faults = faults


class UnsafeToRun(TodokeError):
    """Going on could lose or double something: stop, touch nothing, say what to do."""

    exit_code = 4


class PlaceFailed(UnsafeToRun):
    """A folder or disk fails for now (share gone, no space): nothing is lost, it may work again by itself."""


def place_of(bug: BaseException) -> str:
    """Return the kind and place of an unexpected error, without the values its text may quote."""
    frames = traceback.extract_tb(bug.__traceback__)
    place = f" {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(bug).__name__}{place}"
