"""Claiming and keeping: one winner, every byte, nothing removed that was not kept (reliability §2.1 lines 10–14)."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from pipeline import durable
from pipeline import spool as room
from pipeline.inbox import CLAIMS
from pipeline.receipt import digest
from pipeline.spool import (
    Claim,
    Kept,
    Unclaimable,
    claim,
    find_claims,
    find_originals,
    keep,
    keep_values,
    read_original,
    release,
)
from tests.stepping import child_of, wait, without_privileges


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    path = tmp_path / "inbox"
    path.mkdir()
    return path


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    path = tmp_path / "spool"
    path.mkdir()
    return path


def claimed(inbox: Path, data: bytes, name: str = "a.json", ulid: str = "U1") -> Claim:
    (inbox / name).write_bytes(data)
    taken = claim(inbox, name, ulid)
    assert taken is not None
    return taken


def kept_one(spool: Path, taken: Claim) -> Kept | None:
    """Keep one claim alone."""
    return next(iter(keep(spool, [taken])), None)


def test_only_one_of_many_wins_a_file(inbox: Path) -> None:
    for number in range(200):
        (inbox / f"{number}.json").write_bytes(b"{}")
    wins: list[str] = []

    def hunter(who: int) -> None:
        for number in range(200):
            if claim(inbox, f"{number}.json", f"{who}-{number}") is not None:
                wins.append(f"{number}.json")

    hunters = [threading.Thread(target=hunter, args=(who,)) for who in range(4)]
    for thread in hunters:
        thread.start()
    for thread in hunters:
        thread.join()
    assert sorted(wins) == sorted(f"{number}.json" for number in range(200))
    assert len(list(find_claims(inbox))) == 200


def test_a_file_that_is_gone_leaves_no_claim(inbox: Path) -> None:
    assert claim(inbox, "gone.json", "U1") is None
    assert list((inbox / CLAIMS).iterdir()) == []


@pytest.mark.parametrize("code", [errno.EPERM, errno.EACCES, errno.EBUSY, errno.ETXTBSY])
def test_one_file_that_cannot_be_moved_is_its_own_trouble(
    inbox: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    _refuse_rename(monkeypatch, code)
    (inbox / "a.json").write_bytes(b"{}")
    with pytest.raises(Unclaimable):
        claim(inbox, "a.json", "U1")
    assert (inbox / "a.json").exists()
    assert list((inbox / CLAIMS).iterdir()) == []


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.ENOSPC, errno.EROFS])
def test_a_place_that_fails_is_not_the_files_trouble(
    inbox: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    _refuse_rename(monkeypatch, code)
    (inbox / "a.json").write_bytes(b"{}")
    with pytest.raises(OSError) as raised:
        claim(inbox, "a.json", "U1")
    assert raised.value.errno == code


def _refuse_rename(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def refused(*_: Any) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "rename", refused)


@pytest.fixture
def syncs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The syncs and renames of a test, in order; `all of X` syncs the file system a folder X lies on."""
    seen: list[str] = []
    fsync, rename, syncfs = os.fsync, os.rename, durable._libc.syncfs

    def _fsync(fd: int) -> None:
        seen.append(f"sync {Path(f'/proc/self/fd/{fd}').readlink().name}")
        fsync(fd)

    def _syncfs(fd: int) -> int:
        seen.append(f"all of {Path(f'/proc/self/fd/{fd}').readlink().name}")
        return int(syncfs(fd))

    def _rename(source: Path, target: Path) -> None:
        seen.append(f"{source.name} → {target.name}")
        rename(source, target)

    monkeypatch.setattr(os, "fsync", _fsync)
    monkeypatch.setattr(durable._libc, "syncfs", _syncfs)
    monkeypatch.setattr(os, "rename", _rename)
    return seen


def test_what_is_kept_is_every_byte_read_only_and_synced_before_it_has_its_name(
    inbox: Path, spool: Path, syncs: list[str]
) -> None:
    data = os.urandom(3_000_000)
    taken = claimed(inbox, data)
    kept = kept_one(spool, taken)
    assert kept is not None
    path = spool / digest(data)
    assert (kept.sha256, path.read_bytes(), path.stat().st_mode & 0o777) == (digest(data), data, 0o400)
    assert syncs == ["a.json → a.json", "all of spool", f"U1.tmp → {path.name}", "sync spool"]
    assert read_original(spool, kept.sha256) == data
    assert taken.path.exists(), "letting go is a later step"


def test_many_are_kept_for_the_two_syncs_of_one(inbox: Path, spool: Path, syncs: list[str]) -> None:
    claims = [claimed(inbox, f"{n}".encode(), f"{n}.json", f"U{n}") for n in range(10)]
    kept = keep(spool, claims)
    assert [one.claim for one in kept] == claims
    assert [read_original(spool, one.sha256) for one in kept] == [f"{n}".encode() for n in range(10)]
    assert [step for step in syncs if "→" not in step] == ["all of spool", "sync spool"]
    assert keep(spool, []) == []


def test_an_inbox_on_another_disk_is_synced_too(
    inbox: Path, spool: Path, syncs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A claim a power cut undoes would be taken in a second time."""
    taken = claimed(inbox, b"{}")
    real = Path.stat

    def elsewhere(path: Path, **more: Any) -> os.stat_result:
        status = list(real(path, **more))
        return os.stat_result([*status[:2], -1 if path == inbox else status[2], *status[3:]])

    monkeypatch.setattr(Path, "stat", elsewhere)
    keep(spool, [taken])
    assert [step for step in syncs if "→" not in step] == ["all of spool", "all of inbox", "sync spool"]


def test_one_that_must_wait_does_not_hold_up_the_others(inbox: Path, spool: Path) -> None:
    claims = [claimed(inbox, f"{n}".encode(), f"{n}.json", f"U{n}") for n in range(4)]
    claims[2].path.unlink()
    with claims[1].path.open("ab"):
        assert [one.claim for one in keep(spool, claims)] == [claims[0], claims[3]]
    assert find_originals(spool) == {digest(b"0"), digest(b"3")}
    assert not list(spool.glob("*.tmp"))


def test_the_same_bytes_again_are_kept_over_the_first(inbox: Path, spool: Path) -> None:
    for ulid in ("U1", "U2"):
        assert kept_one(spool, claimed(inbox, b"same", ulid=ulid)) is not None
    assert find_originals(spool) == {digest(b"same")}


def test_a_writer_that_opened_before_the_claim_is_waited_for(inbox: Path, spool: Path) -> None:
    (inbox / "a.json").write_bytes(b"half")
    with (inbox / "a.json").open("ab") as writer:
        taken = claim(inbox, "a.json", "U1")
        assert taken is not None
        assert keep(spool, [taken]) == []
        writer.write(b" and half")
    kept = kept_one(spool, taken)
    assert kept is not None
    assert read_original(spool, kept.sha256) == b"half and half"


def test_a_change_that_restores_size_and_time_is_noticed(
    inbox: Path, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = claimed(inbox, b"old content")
    real = room._copy

    def changing(source: Any, target: Path) -> str:
        total = real(source, target)
        before = taken.path.stat()
        taken.path.write_bytes(b"new content")
        os.utime(taken.path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return total

    with monkeypatch.context() as patch:
        patch.setattr(room, "_copy", changing)
        assert keep(spool, [taken]) == []
    assert list(spool.iterdir()) == []
    kept = kept_one(spool, taken)
    assert kept is not None
    assert read_original(spool, kept.sha256) == b"new content"


def test_a_change_within_one_tick_of_the_clock_is_noticed_by_its_bytes(
    inbox: Path, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = claimed(inbox, b"old content")
    real = room._copy

    def changing(source: Any, target: Path) -> str:
        total = real(source, target)
        taken.path.write_bytes(b"new content")
        return total

    monkeypatch.setattr(room, "_copy", changing)
    monkeypatch.setattr(room, "_stamp", lambda fd: (11, 0, 0))
    assert keep(spool, [taken]) == []


def test_a_file_touched_while_it_is_read_settles_again(
    inbox: Path, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes compare equal only because both readings may have missed what is being written behind them."""
    taken = claimed(inbox, b"{}")
    real = room._copy

    def touching(source: Any, target: Path) -> str:
        total = real(source, target)
        os.utime(taken.path, (1, 1))
        return total

    monkeypatch.setattr(room, "_copy", touching)
    assert keep(spool, [taken]) == []


def test_a_claim_that_was_deleted_is_nothing(inbox: Path, spool: Path) -> None:
    taken = claimed(inbox, b"{}")
    taken.path.unlink()
    assert keep(spool, [taken]) == []


def test_a_link_is_never_followed(inbox: Path, spool: Path, tmp_path: Path) -> None:
    taken = claimed(inbox, b"{}")
    (tmp_path / "secret").write_bytes(b"secret")
    taken.path.unlink()
    taken.path.symlink_to(tmp_path / "secret")
    with pytest.raises(OSError):
        keep(spool, [taken])
    assert list(spool.iterdir()) == []


def test_a_read_only_copy_of_a_killed_run_is_no_obstacle(inbox: Path, spool: Path) -> None:
    """Killed between chmod and rename: for anybody but root, opening that copy for writing is refused."""
    taken = claimed(inbox, b"{}")
    (spool / "U1.tmp").write_bytes(b"ha")
    (spool / "U1.tmp").chmod(0o400)

    def work() -> None:
        without_privileges()
        assert kept_one(spool, taken) is not None

    assert wait(child_of(work)) == 0
    assert find_originals(spool) == {digest(b"{}")}


def test_release_removes_the_claimed_file_and_nothing_beside_it(inbox: Path) -> None:
    taken = claimed(inbox, b"{}")
    other = taken.path.with_name("other.json")
    other.write_bytes(b"not ours")
    release(taken)
    assert [path.name for path in taken.path.parent.iterdir()] == ["other.json"]
    other.unlink()
    release(taken)
    assert list((inbox / CLAIMS).iterdir()) == []


def test_claims_come_oldest_first_and_empty_ones_go(inbox: Path) -> None:
    for ulid in ("U3", "U1", "U2"):
        claimed(inbox, ulid.encode(), f"{ulid}.json", ulid)
    (inbox / CLAIMS / "U0").mkdir()
    assert [found.ulid for found in find_claims(inbox)] == ["U1", "U2", "U3"]
    assert not (inbox / CLAIMS / "U0").exists()
    assert list(find_claims(inbox.parent / "nowhere")) == []


def test_a_flipped_bit_in_an_original_is_never_read_over(inbox: Path, spool: Path) -> None:
    kept = kept_one(spool, claimed(inbox, b"{}"))
    assert kept is not None
    path = spool / kept.sha256
    path.chmod(0o600)
    path.write_bytes(b"[]")
    with pytest.raises(ValueError, match="changed"):
        read_original(spool, kept.sha256)


def test_values_lie_beside_their_original_and_are_no_original(inbox: Path, spool: Path) -> None:
    kept = kept_one(spool, claimed(inbox, b"{}"))
    assert kept is not None
    for _ in range(2):
        keep_values(spool, kept.sha256, {"form": "x"})
    assert sorted(path.name for path in spool.iterdir()) == [kept.sha256, f"{kept.sha256}.values.json"]
    assert find_originals(spool) == {kept.sha256}
