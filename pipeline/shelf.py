"""The outbox: whole sets or nothing (reliability §2.1 lines 25–30).

A bundle is staged file by file, its receipt last, and appears under its name by one rename that never replaces
anything. Several are published together: one sync for all that is staged, one for each folder (decision 7). Readers'
copies are shown afterwards and can be made again.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.durable import create, fsync_dir, rename_noreplace, sync_filesystem, write_durably
from pipeline.errors import UnsafeToRun
from pipeline.model import Bundle, Outcome
from pipeline.receipt import RECEIPT_NAME, digest, to_bytes
from pipeline.wording import CONFLICT

READERS = "readers"
_FATES = (Outcome.RETURNED, Outcome.HELD, Outcome.DUPLICATE)


@dataclass(frozen=True, slots=True)
class Staged:
    """A bundle that lies whole in the stage and is in nobody's sight yet."""

    folder: Path
    bundle_id: str
    outcome: Outcome
    receipt: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where finished bundles lie, and who may open them."""

    outbox: Path
    stage_root: Path
    dir_mode: int = 0o750
    file_mode: int = 0o640
    gid: int = -1

    def folder_of(self, bundle_id: str, outcome: str) -> Path:
        """Return where a bundle belongs: by fiscal year (年度, from April) if delivered, else by its fate."""
        if outcome != Outcome.DELIVERED:
            return self.outbox / outcome / bundle_id
        year, month = int(bundle_id[:4]), int(bundle_id[4:6])
        return self.outbox / str(year if month >= 4 else year - 1) / bundle_id

    def find(self, bundle_id: str) -> Path | None:
        """Return the published folder of a bundle, whatever its fate."""
        return next((path for fate in Outcome if (path := self.folder_of(bundle_id, fate)).exists()), None)

    def stage(self, bundle: Bundle, attempt: int) -> Staged:
        """Write every file of a bundle, its readers' copies, and the receipt last. `publish` syncs them."""
        staged = self.stage_root / f"{bundle.bundle_id}.{attempt}"
        shutil.rmtree(staged, ignore_errors=True)
        shutil.rmtree(copies_of(staged), ignore_errors=True)
        staged.mkdir()
        folders = [staged / name for name in {file.path.rpartition("/")[0] for file in bundle.files} - {""}]
        for folder in folders:
            folder.mkdir()
        for file in bundle.files:
            self._create(f"{staged}/{file.path}", file.data)
        if bundle.outcome == Outcome.DELIVERED:
            contents = {file.path: file.data for file in bundle.files}
            self._write_copies(copies_of(staged), bundle.receipt, contents.__getitem__)
        self._create(f"{staged}/{RECEIPT_NAME}", to_bytes(bundle.receipt))
        for folder in (staged, *folders):
            self._open_up(folder)
        return Staged(staged, bundle.bundle_id, bundle.outcome, bundle.receipt)

    def publish(self, group: Sequence[Staged]) -> None:
        """Let staged bundles appear, each whole and in one step, in their order; durable when this returns.

        Raises UnsafeToRun if another content has the name of one: the later ones stay staged.
        """
        sync_filesystem(self.stage_root)
        for folder in {self._appear(staged).parent: None for staged in group}:
            fsync_dir(folder)

    def _appear(self, staged: Staged) -> Path:
        target = self.folder_of(staged.bundle_id, staged.outcome)
        self.make_folder(target.parent)
        try:
            rename_noreplace(staged.folder, target)
        except FileExistsError:
            if not is_bundle(target, receipt_digest(staged.folder)):
                raise UnsafeToRun(CONFLICT) from None
            shutil.rmtree(staged.folder)
        return target

    def show_copies(self, copies: Path, bundle_id: str) -> None:
        """Let each reader's copy appear, whole or not at all. A copy that is there already stays as it is."""
        if not copies.is_dir():
            return
        for copy in sorted(copies.iterdir()):
            target = self.outbox / READERS / copy.name / bundle_id
            self.make_folder(target.parent)
            with contextlib.suppress(FileExistsError):
                rename_noreplace(copy, target)
        shutil.rmtree(copies)

    def complete(self, folder: Path, sha256: str) -> dict[str, Any]:
        """Bring our bundle of an original, left in the outbox by a stop, to where publishing ends; return its receipt.

        Durable, for it may have appeared in the moment of the stop, and copied to its readers. Idempotent. Raises
        UnsafeToRun if it is something else.
        """
        if not is_made_from(folder, sha256):
            raise UnsafeToRun(CONFLICT)
        fsync_dir(folder.parent)
        receipt = read_receipt(folder)
        if receipt["outcome"] == Outcome.DELIVERED:
            self.copy_to_readers(folder)
        return receipt

    def copy_to_readers(self, folder: Path) -> None:
        """Give each reader of a published bundle a copy, where a stop came before that. Idempotent."""
        copies = copies_of(self.stage_root / folder.name)
        shutil.rmtree(copies, ignore_errors=True)
        self._write_copies(copies, read_receipt(folder), lambda path: (folder / path).read_bytes())
        sync_filesystem(self.stage_root)
        self.show_copies(copies, folder.name)

    def _write_copies(self, copies: Path, receipt: Mapping[str, Any], read: Callable[[str], bytes]) -> None:
        for reader, paths in _by_reader(receipt).items():
            copy = copies / reader
            copy.mkdir(parents=True)
            for path in paths:
                self._create(f"{copy}/{path.rpartition('/')[2]}", read(path))
            self._open_up(copy)

    def mark_superseded(self, folder: Path | None, by: str) -> None:
        """Say beside a bundle that a later one took its place. The bundle itself never changes. Idempotent."""
        if folder is not None and folder.is_dir():
            note = folder.with_name(f"{folder.name}.superseded-by-{by}.txt")
            write_durably(note, f"この組は {by} に置き換えられました。\n".encode(), self.file_mode)

    def find_successor(self, bundle_id: str) -> str | None:
        """Return the bundle that took the place of a delivered one, as the note beside it says."""
        folder = self.folder_of(bundle_id, Outcome.DELIVERED)
        mark = f"{bundle_id}.superseded-by-"
        notes = sorted(folder.parent.glob(f"{mark}*.txt"))
        return notes[-1].stem.removeprefix(mark) if notes else None

    def bundles(self) -> Iterator[Path]:
        """Yield every published bundle's folder, in a stable order."""
        roots = [self.outbox / fate for fate in _FATES]
        roots += (
            [path for path in self.outbox.iterdir() if path.name.isdigit()] if self.outbox.is_dir() else []
        )
        for root in sorted(roots):
            for folder in sorted(root.iterdir()) if root.is_dir() else ():
                if folder.is_dir():
                    yield folder

    def clear_stage(self) -> None:
        """Remove what crashed attempts left in the stage."""
        for folder in self.stage_root.iterdir():
            shutil.rmtree(folder)

    def make_folder(self, folder: Path) -> None:
        """Make a folder of the outbox with those above it, open to its readers, synced."""
        if folder.is_dir():
            return
        missing = [
            path
            for path in (folder, *folder.parents)
            if path.is_relative_to(self.outbox) and not path.exists()
        ]
        for path in reversed(missing):
            path.mkdir(exist_ok=True)
            self._open_up(path)
            fsync_dir(path.parent)

    def write_folder(self, folder: Path, files: Mapping[str, bytes]) -> None:
        """Write a folder of files with the outbox's modes. Syncing and showing it is the caller's."""
        folder.mkdir(parents=True)
        for name, data in files.items():
            self._create(f"{folder}/{name}", data)
        self._open_up(folder)

    def _create(self, path: str, data: bytes) -> None:
        create(path, data, self.file_mode)
        if self.gid >= 0:
            os.chown(path, -1, self.gid)

    def _open_up(self, folder: Path) -> None:
        folder.chmod(self.dir_mode)
        if self.gid >= 0:
            os.chown(folder, -1, self.gid)


def read_receipt(folder: Path) -> dict[str, Any]:
    """Return a bundle's receipt. Raises OSError or ValueError if it is not there or not whole."""
    receipt = json.loads((folder / RECEIPT_NAME).read_bytes())
    if not isinstance(receipt, dict):
        raise ValueError("receipt.json")
    return receipt


def receipt_digest(folder: Path) -> str | None:
    """Return the digest of a bundle's receipt, or None without one."""
    try:
        return digest((folder / RECEIPT_NAME).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None


def is_bundle(folder: Path, receipt_sha256: str | None) -> bool:
    """Whether a folder holds, whole, the bundle with this receipt. A link is never followed (reliability F112)."""
    if receipt_sha256 is None or folder.is_symlink():
        return False
    return receipt_digest(folder) == receipt_sha256 and not bundle_faults(folder)


def copies_of(staged: Path) -> Path:
    """Return where the readers' copies of a staged bundle wait: never in a reader's sight before their time."""
    return staged.with_name(f"{staged.name}.readers")


def is_made_from(folder: Path, sha256: str) -> bool:
    """Whether a folder is our bundle of an original, whole: its receipt says so and every file is as listed."""
    if folder.is_symlink() or bundle_faults(folder):
        return False
    try:
        receipt = read_receipt(folder)
    except (OSError, ValueError):
        return False
    return bool(receipt.get("bundle_id") == folder.name and receipt.get("input_sha256") == sha256)


def bundle_faults(folder: Path) -> tuple[str, ...]:
    """Return what is wrong with a published bundle: missing, changed or foreign files."""
    try:
        receipt = read_receipt(folder)
    except (OSError, ValueError):
        return (f"{folder.name}：receipt.json がないか、壊れています。",)
    listed = {document["path"]: document["sha256"] for document in receipt["documents"]}
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    faults = [
        f"{folder.name}：{number}番目の書類がありません。"
        for number, path in enumerate(listed, 1)
        if path not in present
    ]
    faults += [
        f"{folder.name}：{number}番目の書類が書き換えられています。"
        for number, (path, sha256) in enumerate(listed.items(), 1)
        if path in present and digest((folder / path).read_bytes()) != sha256
    ]
    if foreign := present - listed.keys() - {RECEIPT_NAME}:
        faults.append(f"{folder.name}：受領書にないファイルが{len(foreign)}個あります。")
    return tuple(faults)


def _by_reader(receipt: Mapping[str, Any]) -> dict[str, list[str]]:
    readers: dict[str, list[str]] = {}
    for document in receipt["documents"]:
        name = "-".join(part for part in (document["audience"], document["party"]) if part)
        readers.setdefault(name, []).append(document["path"])
    return readers
