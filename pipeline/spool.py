"""Claiming submissions and keeping their originals (reliability §2.1 lines 10–14). Accepted originals never change.

inbox/NAME → inbox/.claim/<ulid>/NAME → .todoke/spool/<sha256>
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.durable import fsync_dir, write_durably
from pipeline.inbox import CLAIMS
from pipeline.receipt import to_bytes

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Claim:
    """A file that is ours alone: nobody else's scan can see it any more."""

    ulid: str
    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Kept:
    """An original safe in the spool, and the state its claim had when it was copied."""

    claim: Claim
    sha256: str
    size: int
    stamp: tuple[int, int, int]


def claim(inbox: Path, name: str, ulid: str) -> Claim | None:
    """Take a file by renaming it; None if somebody else was faster. Raises OSError if it cannot be moved."""
    folder = inbox / CLAIMS / ulid
    folder.mkdir(parents=True, mode=0o700)
    try:
        (inbox / name).rename(folder / name)
    except FileNotFoundError:
        folder.rmdir()
        return None
    except OSError:
        folder.rmdir()
        raise
    fsync_dir(folder)
    fsync_dir(inbox)
    return Claim(ulid, name, folder / name)


def find_claims(inbox: Path) -> Iterator[Claim]:
    """Yield the claims a stopped process left behind, oldest first."""
    root = inbox / CLAIMS
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        files = list(folder.iterdir())
        if not files:
            folder.rmdir()
        for path in files:
            yield Claim(folder.name, path.name, path)


def keep(spool: Path, claimed: Claim) -> Kept | None:
    """Copy a claimed file into the spool, synced to disk, under its sha256.

    Returns None if the file changed while it was read (a writer still had it open): settle again.
    """
    fd = os.open(claimed.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as source:
        before = _stamp(source.fileno())
        temporary = spool / f"{claimed.ulid}.tmp"
        sha256 = _copy(source, temporary)
        source.seek(0)
        again = hashlib.file_digest(source, "sha256").hexdigest()
        if again != sha256 or _stamp(source.fileno()) != before:
            temporary.unlink()
            return None
    target = original_path(spool, sha256)
    temporary.chmod(0o400)
    temporary.rename(target)
    fsync_dir(spool)
    return Kept(claimed, sha256, before[0], before)


def _copy(source: Any, target: Path) -> str:
    total = hashlib.sha256()
    fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as copy:
        while chunk := source.read(_CHUNK):
            total.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    return total.hexdigest()


def _stamp(fd: int) -> tuple[int, int, int]:
    status = os.fstat(fd)
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def release(claimed: Claim) -> None:
    """Give up the claimed file once its original is kept and journalled."""
    claimed.path.unlink(missing_ok=True)
    shutil.rmtree(claimed.path.parent, ignore_errors=True)


def original_path(spool: Path, sha256: str) -> Path:
    """Return where an accepted original lies."""
    return spool / sha256


def read_original(spool: Path, sha256: str) -> bytes:
    """Return the bytes of an accepted original. Raises FileNotFoundError, or ValueError if they changed."""
    data = original_path(spool, sha256).read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError(f"spool: {sha256} has changed")
    return data


def keep_values(spool: Path, sha256: str, values: dict[str, Any]) -> None:
    """Write the values as accepted beside their original: what regenerating reads, never the form again."""
    write_durably(spool / f"{sha256}.values.json", to_bytes(values), mode=0o400)
