"""Keys of packets: made once, readable to nobody else, never among the papers (product §4; issue: key by a setting)."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pipeline.desk import open_desk
from pipeline.errors import UnsafeToRun
from pipeline.keys import load_keys, make_keys
from pipeline.workspace import Workspace


def test_a_new_key_is_long_and_its_own_and_readable_to_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    make_keys(path, ["contractor-a", "contractor-b"])
    keys = load_keys(path, ())
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(keys) == ["contractor-a", "contractor-b"] and len(set(keys.values())) == 2
    assert all(len(key.replace("-", "")) == 24 and not set(key) & set("0OI1l") for key in keys.values())


def test_a_key_in_use_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    make_keys(path, ["contractor-a"])
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        make_keys(path, ["contractor-a"])
    assert path.read_bytes() == before


def test_no_file_is_no_key(tmp_path: Path) -> None:
    assert load_keys(tmp_path / "none.toml", ()) == {}


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ('"contractor-a" = "ABCDEFGHJKLMNPQRSTUV"', 0o640),
        ('"contractor-a" = "ABCDEFGHJKLMNPQRSTU"', 0o600),
        ('"contractor-a" = 12345678901234567890', 0o600),
        ("contractor-a ABCDEFGHJKLMNPQRSTUV", 0o600),
    ],
)
def test_a_key_others_may_read_or_guess_stops_everything(tmp_path: Path, text: str, mode: int) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(text, "utf-8")
    path.chmod(mode)
    with pytest.raises(UnsafeToRun) as refused:
        load_keys(path, ())
    assert "ABCDEFGH" not in str(refused.value)


def test_a_key_among_the_papers_stops_everything(tmp_path: Path) -> None:
    make_keys(tmp_path / "keys.toml", ["contractor-a"])
    with pytest.raises(UnsafeToRun, match="外に置き"):
        load_keys(tmp_path / "keys.toml", (tmp_path,))


def test_a_workspace_gets_a_key_and_will_not_open_over_an_exposed_one(place: Workspace) -> None:
    assert list(tomllib.loads(place.keys.read_text("utf-8"))) == ["contractor-shakyo"]
    place.keys.chmod(0o644)
    with pytest.raises(UnsafeToRun), open_desk(place, pdf=False):
        pass
