"""The error tree. Each branch knows whose turn it is and the exit code it ends with."""

from __future__ import annotations


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
