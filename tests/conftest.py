"""A scratch workspace for every test; the checkout's own inbox and outbox are never touched."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from pipeline.catalogue import Catalogue, load_catalogue
from pipeline.desk import JST, Desk, new_workspace, open_desk
from pipeline.model import Entry
from pipeline.shelf import read_receipt
from pipeline.stories import Step, steps_before
from pipeline.sweep import Tally, run_once
from pipeline.workspace import Workspace, find_workspace

ROOT = Path(__file__).resolve().parents[1]
MORNING = datetime(2024, 2, 26, 9, 30, tzinfo=JST)  # a Monday of 令和５年度, after the dates in every example

# What is green today is green tomorrow; `--hypothesis-profile=default` looks for examples nobody has seen.
settings.register_profile("todoke", derandomize=True)
settings.load_profile("todoke")


@pytest.fixture(autouse=True)
def _never_the_real_workspace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TODOKE_WORKSPACE", str(tmp_path / "nowhere"))


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_heard() -> None:
    """Tests started in the background of a script have Ctrl-C ignored, and so would the programs they start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _the_same_catalogue_is_read_once() -> Iterator[None]:
    """A desk takes a third of a second to read what hundreds of tests leave as it is."""
    known: dict[frozenset[tuple[str, int, int]], Catalogue] = {}

    def load(root: Path) -> Catalogue:
        key = _material_as_it_is(root)
        if key not in known:
            known[key] = load_catalogue(root)
        return replace(known[key], root=root)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.desk.load_catalogue", load)
        yield


def _material_as_it_is(root: Path) -> frozenset[tuple[str, int, int]]:
    """Every file of the office's material with its size and time: copies keep both, who writes changes one."""
    return frozenset(
        (os.path.join(folder, name)[len(str(root)) :], found.st_size, found.st_mtime_ns)  # noqa: PTH118
        for material in ("schemas", "doc_templates", "office")
        for folder, _, names in os.walk(root / material)
        if not folder.endswith("/examples")
        for name in names
        for found in (os.stat(f"{folder}/{name}"),)  # noqa: PTH116
    )


@pytest.fixture(scope="session")
def fresh_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace nobody has worked in, that settles at once and makes no PDFs: to be copied, never used."""
    root = tmp_path_factory.mktemp("fresh")
    new_workspace(root, ROOT, MORNING.date())
    settings_file = root / "todoke.toml"
    text = (
        settings_file.read_text("utf-8")
        .replace("settle_s = 2.0", "settle_s = 0.01")
        .replace('mode = "auto"', 'mode = "off"')
    )
    settings_file.write_text(text, "utf-8")
    return root


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path, fresh_office: Path) -> Workspace:
    """A fresh workspace of its own for one test; with the examples, two files of three, where it is marked to need them."""
    needed = request.node.get_closest_marker("examples")
    left_out = None if needed else shutil.ignore_patterns("examples")
    return find_workspace(shutil.copytree(fresh_office, tmp_path / "office", ignore=left_out))


@pytest.fixture
def desk(place: Workspace) -> Iterator[Desk]:
    """The workspace, open, on a fixed morning."""
    with open_desk(place, now=lambda: MORNING, pdf=False) as opened:
        yield opened


def example(form: str, name: str) -> dict[str, Any]:
    """An example as values a test may change."""
    path = ROOT / "doc_templates" / form / "examples" / f"{name}.json"
    return dict(json.loads(path.read_text("utf-8")))


def drop(place: Workspace, name: str, content: Any) -> Path:
    """Put a file into the inbox: bytes as they are, anything else as JSON."""
    path = place.inbox / name
    data = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    path.write_bytes(data)
    return path


def run(desk: Desk, tally: Tally | None = None) -> list[Entry]:
    """Process the inbox once."""
    return list(run_once(desk, tally or Tally()))


def receipt_of(desk: Desk, entry: Entry) -> dict[str, Any]:
    """The receipt of an entry's bundle."""
    return read_receipt(desk.shelf.folder_of(entry.bundle_id, str(entry.outcome)))


def folder_of(desk: Desk, entry: Entry) -> Path:
    """The published folder of an entry."""
    return desk.shelf.folder_of(entry.bundle_id, str(entry.outcome))


Process = Callable[[str, Any], Entry]


def bring(submit: Process, form: str, name: str) -> str | None:
    """Submit every step an example comes after (pipeline/stories.py); return the case it belongs to."""
    case = None
    for step in steps_before(ROOT, Step(form, name)):
        case = submit(f"{step.form}.json", example(step.form, step.example)).case_id
    return case


@pytest.fixture
def submit(desk: Desk) -> Process:
    """Drop one file, run, return its entry."""

    def _submit(name: str, content: Any) -> Entry:
        drop(desk.workspace, name, content)
        (entry,) = run(desk)
        return entry

    return _submit
