"""Writing that leaves the old or the new: names, modes, the order of syncs (reliability §0.10, §0.14)."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from pipeline.durable import fsync_dir, is_open_for_writing, rename_noreplace, write_durably, write_new
from tests.stepping import child_of, wait


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The syncs and renames of a test, in order: a file's name, a folder's name with a slash."""
    seen: list[str] = []
    fsync, replace = os.fsync, os.replace

    def _fsync(fd: int) -> None:
        path = Path(f"/proc/self/fd/{fd}").readlink()
        seen.append(f"sync {path.name}{'/' if path.is_dir() else ''}")
        fsync(fd)

    def _replace(source: Any, target: Any) -> None:
        seen.append(f"rename {Path(target).name}")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", _fsync)
    monkeypatch.setattr(os, "replace", _replace)
    return seen


def test_a_new_file_is_synced_with_its_mode(tmp_path: Path, calls: list[str]) -> None:
    path = tmp_path / "a"
    write_new(path, b"x" * 100_000, 0o640)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"x" * 100_000, 0o640)
    assert calls == ["sync a"]


def test_a_new_file_replaces_nothing_and_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("there", "link"):
        with pytest.raises(FileExistsError):
            write_new(tmp_path / name, b"new", 0o600)
    assert (tmp_path / "there").read_bytes() == b"old"
    assert not (tmp_path / "elsewhere").exists()


def test_writing_durably_syncs_renames_syncs(tmp_path: Path, calls: list[str]) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    (tmp_path / "a.tmp").write_bytes(b"left by a stopped run")
    write_durably(path, b"new", 0o400)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o400)
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    assert calls == ["sync a.tmp", "rename a", f"sync {tmp_path.name}/"]


@pytest.mark.parametrize("kind", ["file", "folder", "full", "link", "dangling"])
def test_a_rename_never_replaces(tmp_path: Path, kind: str) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    match kind:
        case "file":
            target.write_bytes(b"x")
        case "folder":
            target.mkdir()
        case "full":
            (target / "inner").mkdir(parents=True)
        case "link":
            target.symlink_to(tmp_path)
        case "dangling":
            target.symlink_to(tmp_path / "nothing")
    with pytest.raises(FileExistsError):
        rename_noreplace(source, target)
    assert source.is_dir()


def test_a_rename_that_cannot_be_says_why(tmp_path: Path) -> None:
    with pytest.raises(OSError) as raised:
        rename_noreplace(tmp_path / "nothing", tmp_path / "target")
    assert raised.value.errno == errno.ENOENT


def test_a_writer_is_noticed_a_reader_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    fd = os.open(path, os.O_RDONLY)
    try:
        assert not is_open_for_writing(fd)
        with path.open("ab"):
            assert is_open_for_writing(fd)
        with path.open("rb"):
            assert not is_open_for_writing(fd)
        with path.open("ab"):
            pass  # the lease was given back: opening for writing does not hang
    finally:
        os.close(fd)


def test_somebody_who_opens_the_file_in_the_instant_we_ask_does_not_end_us(tmp_path: Path) -> None:
    """The kernel tells a lease's holder with a signal whose default is the end of the process."""
    path = tmp_path / "a"
    path.write_bytes(b"x")
    real = fcntl.fcntl

    def slow(fd: int, command: int, argument: Any = 0) -> Any:
        if (command, argument) == (fcntl.F_SETLEASE, fcntl.F_UNLCK):
            subprocess.Popen(["sh", "-c", ': >> "$0"', str(path)])
            time.sleep(0.3)
        return real(fd, command, argument)

    def work() -> None:
        setattr(fcntl, "fcntl", slow)  # noqa: B010  mypy knows its overloads
        with path.open("rb") as file:
            assert not is_open_for_writing(file.fileno())

    assert wait(child_of(work)) == 0


def test_a_folder_is_synced_and_its_handle_given_back(tmp_path: Path, calls: list[str]) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    fsync_dir(tmp_path)
    assert calls == [f"sync {tmp_path.name}/"]
    assert len(list(Path("/proc/self/fd").iterdir())) == before
