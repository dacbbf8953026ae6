"""Claiming submissions and keeping their originals (reliability §2.1 lines 10–14). Accepted originals never change.

inbox/NAME → inbox/.claim/<ulid>/NAME → .todoke/spool/<sha256>
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.durable import create, fsync_dir, is_open_for_writing
from pipeline.inbox import CLAIMS
from pipeline.receipt import to_bytes

_CHUNK = 1 << 20
_SHA256_LENGTH = 64
_ITS_OWN_FAULT = {errno.EACCES, errno.EPERM, errno.EBUSY, errno.ETXTBSY}


class Unclaimable(Exception):
    """One file cannot be moved (immutable, another owner's, held by its share): it stays; the others go on."""


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
    """Take a file by renaming it; None if it is gone. Raises Unclaimable, or OSError if the place fails."""
    folder = inbox / CLAIMS / ulid
    folder.mkdir(parents=True, mode=0o700)
    try:
        (inbox / name).rename(folder / name)
    except OSError as error:
        folder.rmdir()
        if error.errno == errno.ENOENT:
            return None
        if error.errno in _ITS_OWN_FAULT:
            raise Unclaimable from error
        raise
    fsync_dir(folder)
    fsync_dir(inbox)
    return Claim(ulid, name, folder / name)


def find_claims(inbox: Path) -> Iterator[Claim]:
    """Yield the claims that were not brought to their end, oldest first, and clear away what they leave empty.

    What somebody put there that is no plain file stays where it is (reliability F98).
    """
    for folder in sorted((inbox / CLAIMS).glob("*")):
        if folder.is_symlink() or not folder.is_dir():
            continue
        for path in sorted(folder.iterdir()):
            if path.is_file() and not path.is_symlink():
                yield Claim(folder.name, path.name, path)
        with contextlib.suppress(OSError):
            folder.rmdir()


def keep(spool: Path, claimed: Claim) -> Kept | None:
    """Copy a claimed file into the spool, synced to disk, under its sha256.

    Returns None if a writer still has it open or changed it while it was read (settle again), or if it is gone.
    """
    try:
        fd = os.open(claimed.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(fd, "rb") as source:
        if is_open_for_writing(source.fileno()):
            return None  # opened before the claim: what it writes from now on must not be lost
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
    target.unlink(missing_ok=True)  # a killed run's copy may be read-only already
    fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
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
    """Give up the claimed file once its original is kept and journalled; nothing else that lies beside it."""
    claimed.path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        claimed.path.parent.rmdir()


def find_originals(spool: Path) -> set[str]:
    """Return the sha256 of every accepted original."""
    return {path.name for path in spool.iterdir() if len(path.name) == _SHA256_LENGTH}


def original_path(spool: Path, sha256: str) -> Path:
    """Return where an accepted original lies."""
    return spool / sha256


def read_original(spool: Path, sha256: str) -> bytes:
    """Return the bytes of an accepted original. Raises FileNotFoundError, or ValueError if they changed."""
    data = original_path(spool, sha256).read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError(f"spool: {sha256} has changed")
    return data


def read_values(spool: Path, sha256: str) -> dict[str, Any]:
    """Return the values of a delivered form as it was accepted. Raises FileNotFoundError or ValueError."""
    kept = json.loads(_values_path(spool, sha256).read_bytes())
    return dict(kept["values"])


def _values_path(spool: Path, sha256: str) -> Path:
    return spool / f"{sha256}.values.json"


def keep_values(spool: Path, sha256: str, values: dict[str, Any]) -> None:
    """Write the values as accepted beside their original: what regenerating reads, never the form again.

    Synced with the stage of the bundle, on the same file system, before the bundle appears.
    """
    path = _values_path(spool, sha256)
    temporary = path.with_name(path.name + ".tmp")
    temporary.unlink(missing_ok=True)
    create(temporary, to_bytes(values), mode=0o400)
    temporary.replace(path)
