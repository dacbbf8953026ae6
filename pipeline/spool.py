"""Claiming submissions and keeping their originals (reliability §2.1 lines 10–14). Accepted originals never change.

inbox/NAME → inbox/.claim/<ulid>/NAME → .todoke/spool/<sha256>

Several are kept together: one sync for their claims and copies, one for the copies' names (decision 7).
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.durable import create, fsync_dir, is_open_for_writing, sync_filesystem
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

    @property
    def inbox(self) -> Path:
        """The inbox it was taken from."""
        return self.path.parents[2]


@dataclass(frozen=True, slots=True)
class Kept:
    """An original safe in the spool, and the claim it was copied from."""

    claim: Claim
    sha256: str


def claim(inbox: Path, name: str, ulid: str) -> Claim | None:
    """Take a file by renaming it; None if it is gone. Raises Unclaimable, or OSError if the place fails.

    `keep` makes it durable: a cut before that puts the file back where it was, and nothing knows of it yet.
    """
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


def keep(spool: Path, claims: Sequence[Claim]) -> list[Kept]:
    """Copy claimed files into the spool, under their sha256: claims, copies and names durable when this returns.

    Left out is what a writer still has open or changed while it was read (settle again), and what is gone.
    """
    copied = {claimed: sha256 for claimed in claims if (sha256 := _copied(spool, claimed))}
    if not copied:
        return []
    _sync(spool, claims[0].inbox)
    for claimed, sha256 in copied.items():
        _temporary(spool, claimed).rename(original_path(spool, sha256))
    fsync_dir(spool)
    return [Kept(claimed, sha256) for claimed, sha256 in copied.items()]


def _copied(spool: Path, claimed: Claim) -> str | None:
    """The sha256 of a claimed file, its copy written beside the originals; None where it is not to be had now."""
    try:
        fd = os.open(claimed.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(fd, "rb") as source:
        if is_open_for_writing(source.fileno()):
            return None  # opened before the claim: what it writes from now on must not be lost
        before = _stamp(source.fileno())
        temporary = _temporary(spool, claimed)
        sha256 = _copy(source, temporary)
        source.seek(0)
        again = hashlib.file_digest(source, "sha256").hexdigest()
        if again != sha256 or _stamp(source.fileno()) != before:
            temporary.unlink()
            return None
    return sha256


def _sync(spool: Path, inbox: Path) -> None:
    """The claims too: one that a cut undoes after its copy was journalled would be taken in a second time."""
    sync_filesystem(spool)
    if inbox.stat().st_dev != spool.stat().st_dev:  # an inbox on a share or a disk of its own
        sync_filesystem(inbox)


def _temporary(spool: Path, claimed: Claim) -> Path:
    return spool / f"{claimed.ulid}.tmp"


def _copy(source: Any, target: Path) -> str:
    total = hashlib.sha256()
    target.unlink(missing_ok=True)  # a killed run's copy may be read-only already
    fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as copy:
        while chunk := source.read(_CHUNK):
            total.update(chunk)
            copy.write(chunk)
        os.fchmod(copy.fileno(), 0o400)
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


def read_kept(spool: Path, sha256: str) -> dict[str, Any]:
    """Return a delivered form as it was accepted: `form`, `form_version`, `values`, `raw`, `notes`.

    Raises FileNotFoundError or ValueError.
    """
    return dict(json.loads(_values_path(spool, sha256).read_bytes()))


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


def load_values(spool: Path, sha256: str) -> dict[str, Any]:
    """Return the values as accepted: `form`, `form_version`, `values`, `raw`. Raises FileNotFoundError or ValueError."""
    kept = json.loads((spool / f"{sha256}.values.json").read_bytes())
    if not isinstance(kept, dict):
        raise ValueError(f"spool: {sha256}.values.json")
    return kept
