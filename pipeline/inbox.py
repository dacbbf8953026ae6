"""Looking into the inbox: full scans are the truth (reliability §2.1 lines 4–8).

A file is settled when its size, mtime and ctime were the same over two looks `settle_s` apart, nobody has it open
for writing, no editor's lock lies beside it, and its shape is complete. Nothing is touched here.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.durable import is_open_for_writing

SENTINEL = ".todoke-inbox"
CLAIMS = ".claim"

_TEMPORARY_SUFFIXES = (".tmp", ".part", ".partial", ".crdownload", ".filepart", ".download", ".lock", ".swp")
_SYSTEM_NAMES = ("thumbs.db", "desktop.ini", "@eadir", "__macosx")
_TEMPORARY_PREFIXES = (".", "~", "._")

Stamp = tuple[int, int, int, int]  # size, mtime_ns, ctime_ns, inode


@dataclass(frozen=True, slots=True)
class Found:
    """A file in the inbox as one look saw it. `age_s` counts from its last change, by the inbox's own clock."""

    name: str
    path: Path
    stamp: Stamp
    age_s: float

    @property
    def order(self) -> tuple[int, str]:
        """First come, first served."""
        return self.stamp[1], self.name

    @property
    def size(self) -> int:
        """Size in bytes."""
        return self.stamp[0]


@dataclass(frozen=True, slots=True)
class Refused:
    """Something in the inbox that cannot be taken: it stays in place and is shown by `status`."""

    name: str
    reason: str  # a key of wording.REFUSED_OBJECTS


@dataclass(frozen=True, slots=True)
class Look:
    """What one full scan saw."""

    files: tuple[Found, ...] = ()
    locked: tuple[Found, ...] = ()
    refused: tuple[Refused, ...] = ()
    ignored: int = 0


@dataclass(slots=True)
class Settling:
    """Remembers what earlier looks saw, to tell a settled file from one still being written."""

    settle_s: float
    _seen: dict[str, tuple[Stamp, float]] = field(default_factory=dict)

    def settled(self, look: Look, now: float) -> tuple[Found, ...]:
        """Return the files unchanged for `settle_s` seconds; `now` is a monotonic clock in seconds."""
        before = self._seen
        self._seen = {
            found.name: before[found.name]
            if found.name in before and before[found.name][0] == found.stamp
            else (found.stamp, now)
            for found in look.files
        }
        ready = [found for found in look.files if now - self._seen[found.name][1] >= self.settle_s]
        return tuple(sorted(ready, key=lambda found: found.order))


def look_into(inbox: Path, now: float) -> Look:
    """Scan the inbox once. `now` is wall-clock time in seconds; raises OSError when the place itself fails."""
    files: list[Found] = []
    locked: list[Found] = []
    refused: list[Refused] = []
    ignored = 0
    with os.scandir(inbox) as entries:
        names = {entry.name: entry for entry in entries}
    for name, entry in names.items():
        if is_ignored(name):
            ignored += name not in (SENTINEL, CLAIMS)
            continue
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue  # gone between listing and looking: the next scan tells
        if reason := _reason_to_refuse(name, Path(entry.path), status):
            refused.append(Refused(name, reason))
            continue
        stamp = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
        found = Found(name, Path(entry.path), stamp, max(0.0, now - status.st_ctime))
        (locked if _has_lock(name, names.keys()) or _is_being_written(found.path) else files).append(found)
    return Look(tuple(files), tuple(locked), tuple(refused), ignored)


def is_ignored(name: str) -> bool:
    """Whether a name belongs to the machine, an editor or a copy in progress, and is never a submission."""
    key = unicodedata.normalize("NFC", name).casefold()
    return key.startswith(_TEMPORARY_PREFIXES) or key.endswith(_TEMPORARY_SUFFIXES) or key in _SYSTEM_NAMES


def _reason_to_refuse(name: str, path: Path, status: os.stat_result) -> str | None:
    if stat.S_ISDIR(status.st_mode):
        return "DIRECTORY"
    if stat.S_ISLNK(status.st_mode):
        return "SYMLINK"
    if not stat.S_ISREG(status.st_mode):
        return "SPECIAL"
    if status.st_nlink > 1:
        return "HARDLINK"
    suffix = Path(name).suffix[1:]
    if not (suffix.isascii() and suffix.isalnum()):
        return "NO_SUFFIX"
    return None if os.access(path, os.R_OK) else "UNREADABLE"


def _has_lock(name: str, names: Iterator[str] | object) -> bool:
    """Whether Word (`~$` replaces the first two letters of long names) or LibreOffice holds the file open."""
    locks = {f"~${name}", f"~${name[2:]}", f".~lock.{name}#"}
    return any(lock in names for lock in locks)  # type: ignore[operator]


def _is_being_written(path: Path) -> bool:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False  # claiming will meet the same fault and name it
    try:
        return is_open_for_writing(fd)
    finally:
        os.close(fd)
