"""Looking into the inbox: what is a submission, what waits, what is left alone (reliability §4.3, F01–F24)."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from pipeline.inbox import CLAIMS, SENTINEL, Look, Settling, is_ignored, look_into


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / SENTINEL).touch()
    (tmp_path / CLAIMS).mkdir()
    return tmp_path


def names(look: Look) -> list[str]:
    return sorted(found.name for found in look.files)


def put(inbox: Path, name: str, data: bytes = b"{}") -> Path:
    path = inbox / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "name",
    ["x.tmp", "x.json.part", "x.crdownload", "x.filepart", ".~tmp~", ".x.docx.Ab12Cd", ".syncthing.x.tmp", "~syncthing~x.tmp",
     "~$form.docx", ".~lock.form.docx#", "Thumbs.db", "desktop.ini", ".DS_Store", "._form.docx", "~WRD0001.tmp", "@eaDir",
     "__MACOSX", ".hidden.json", "X.TMP"],
)  # fmt: skip
def test_names_of_machines_and_editors_are_never_submissions(name: str) -> None:
    assert is_ignored(name)


@pytest.mark.parametrize(
    "name",
    ["申請書.json", "form.DOCX", "form.Json", "-rf.json", "$(id).json", "CON.json", "a:b.json", "か\u3099.json", "{{x}}.json",
     "申" * 83 + ".json", "改\n行.json"],
)  # fmt: skip
def test_strange_names_are_submissions_all_the_same(inbox: Path, name: str) -> None:
    put(inbox, name)
    assert names(look_into(inbox, 0)) == [name]


def test_a_name_in_cp932_bytes_is_seen(inbox: Path) -> None:
    raw = os.fsencode(inbox) + b"/" + "申請書.json".encode("cp932")
    Path(os.fsdecode(raw)).write_bytes(b"{}")
    (found,) = look_into(inbox, 0).files
    assert os.fsencode(found.name) == "申請書.json".encode("cp932")


def test_what_is_not_a_file_is_refused_and_left_alone(inbox: Path) -> None:
    target = put(inbox.parent, f"{inbox.name}-outside.json")
    (inbox / "link.json").symlink_to(target)
    (inbox / "dangling.json").symlink_to(inbox / "nothing")
    (inbox / "folder.json").mkdir()
    os.mkfifo(inbox / "pipe.json")
    (inbox / "hard.json").hardlink_to(target)
    put(inbox, "no_suffix")
    put(inbox, "全角．ｊｓｏｎ")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(inbox / "socket.json"))
        look = look_into(inbox, 0)
    assert look.files == ()
    assert {refused.name: refused.reason for refused in look.refused} == {
        "link.json": "SYMLINK",
        "dangling.json": "SYMLINK",
        "folder.json": "DIRECTORY",
        "pipe.json": "SPECIAL",
        "hard.json": "HARDLINK",
        "no_suffix": "NO_SUFFIX",
        "全角．ｊｓｏｎ": "NO_SUFFIX",
        "socket.json": "SPECIAL",
    }
    assert target.read_bytes() == b"{}"


def test_a_file_open_in_an_editor_waits(inbox: Path) -> None:
    put(inbox, "open.json")
    put(inbox, "~$open.json", b"owner")
    put(inbox, "libre.json")
    put(inbox, ".~lock.libre.json#", b"owner")
    look = look_into(inbox, 0)
    assert look.files == ()
    assert sorted(found.name for found in look.locked) == ["libre.json", "open.json"]


def test_a_file_open_for_writing_waits(inbox: Path) -> None:
    path = put(inbox, "growing.json")
    with path.open("ab"):
        assert names(look_into(inbox, 0)) == []
    assert names(look_into(inbox, 0)) == ["growing.json"]


def test_a_file_settles_when_nothing_changed_for_long_enough(inbox: Path) -> None:
    settling = Settling(2.0)
    path = put(inbox, "a.json", b"{")
    assert settling.settled(look_into(inbox, 0), 100.0) == ()
    assert settling.settled(look_into(inbox, 0), 101.9) == ()
    assert [found.name for found in settling.settled(look_into(inbox, 0), 102.0)] == ["a.json"]
    path.write_bytes(b"{}")
    assert settling.settled(look_into(inbox, 0), 103.0) == ()
    assert settling.settled(look_into(inbox, 0), 104.0) == ()
    assert len(settling.settled(look_into(inbox, 0), 105.0)) == 1


def test_a_change_that_keeps_size_and_mtime_is_seen_by_ctime(inbox: Path) -> None:
    settling = Settling(1.0)
    path = put(inbox, "a.json", b"{1}")
    before = path.stat()
    settling.settled(look_into(inbox, 0), 0.0)
    path.write_bytes(b"{2}")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert settling.settled(look_into(inbox, 0), 5.0) == ()


def test_the_wall_clock_plays_no_part_in_settling(inbox: Path) -> None:
    settling = Settling(1.0)
    path = put(inbox, "a.json")
    os.utime(path, (4_000_000_000, 4_000_000_000))  # 2096
    settling.settled(look_into(inbox, -1e9), 0.0)
    assert len(settling.settled(look_into(inbox, 1e12), 1.0)) == 1


def test_first_come_first_served(inbox: Path) -> None:
    for name, seconds in (("late.json", 300), ("early.json", 100), ("b.json", 200), ("a.json", 200)):
        os.utime(put(inbox, name), (seconds, seconds))
    settled = Settling(0.0).settled(look_into(inbox, 0), 0.0)
    assert [found.name for found in settled] == ["early.json", "a.json", "b.json", "late.json"]


def test_a_file_gone_between_listing_and_looking_is_no_error(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(inbox, "ghost.json")
    real = os.scandir

    class _Ghosts:
        def __init__(self, folder: Path) -> None:
            self._entries = list(real(folder))

        def __enter__(self) -> list[os.DirEntry[str]]:
            (inbox / "ghost.json").unlink(missing_ok=True)
            return self._entries

        def __exit__(self, *_: object) -> None:
            return None

    monkeypatch.setattr("pipeline.inbox.os.scandir", _Ghosts)
    assert look_into(inbox, 0) == Look(ignored=0)
