"""`todoke demo`: the bundled example case through a scratch workspace, each step a file dropped into the inbox."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.desk import Desk, japan_time, new_workspace, open_desk
from pipeline.errors import UsageError
from pipeline.model import Entry
from pipeline.shelf import read_receipt
from pipeline.sweep import Tally, run_once
from pipeline.wording import AUDIENCES, OUTCOMES
from pipeline.workspace import Workspace

_MARK = ".todoke-demo"
Row = tuple[str, str, str, str, str]


def run_demo(folder: Path, source: Path) -> tuple[Workspace, list[Row]]:
    """Make a fresh workspace at `folder`, run the example case, return it and a table of what came out.

    Raises UsageError if something that is not an earlier demo lies at `folder`.
    """
    if folder.exists() and not (folder / _MARK).exists():
        raise UsageError(f"{folder} にはデモではないものがあります。--out で別の場所を指定してください。")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / _MARK).touch()
    workspace = new_workspace(folder, source, japan_time().date())
    with open_desk(workspace) as desk:
        entries = list(_case(desk))
        rows = [row for entry in entries for row in _rows(desk, entry)]
    return workspace, rows


def _case(desk: Desk) -> Iterator[Entry]:
    application = list(_drop(desk, "01_application.json", _example(desk, "dispatch_application", "typical")))
    yield from application
    yield from _drop(desk, "02_wrong_decision.json", _decision(desk, application[0], "number_wrong_year.bad"))
    yield from _drop(desk, "03_decision.json", _decision(desk, application[0], "approved"))
    yield from _drop(desk, "04_minutes.json", _example(desk, "meeting_minutes", "r4_7_first"))
    yield from _drop(desk, "05_same_again.json", _example(desk, "meeting_minutes", "r4_7_first"))


def _decision(desk: Desk, application: Entry, example: str) -> Mapping[str, Any]:
    """The decision a clerk fills: the prefilled form the application emitted, completed from the example."""
    folder = desk.shelf.folder_of(application.bundle_id, str(application.outcome))
    (prefilled,) = folder.glob("centre/*.json")
    known = {key: value for key, value in json.loads(prefilled.read_bytes()).items() if value is not None}
    return {**known, **_example(desk, "dispatch_decision", example), "case_id": known["case_id"]}


def _example(desk: Desk, form: str, name: str) -> Mapping[str, Any]:
    path = desk.workspace.root / "doc_templates" / form / "examples" / f"{name}.json"
    return dict(json.loads(path.read_bytes()))


def _drop(desk: Desk, name: str, values: Mapping[str, Any]) -> Iterator[Entry]:
    (desk.workspace.inbox / name).write_text(json.dumps(values, ensure_ascii=False, indent=1), "utf-8")
    yield from run_once(desk, Tally())


def _rows(desk: Desk, entry: Entry) -> Iterator[Row]:
    receipt = read_receipt(desk.shelf.folder_of(entry.bundle_id, str(entry.outcome)))
    head = (entry.bundle_id, OUTCOMES[receipt["outcome"]])
    for document in receipt["documents"]:
        audience = AUDIENCES.get(document["audience"], "差出人")
        yield (*head, audience, Path(document["path"]).name, str(document["pages"] or ""))
        head = ("", "")
    if not receipt["documents"]:
        yield (*head, "", f"{receipt['duplicate_of']} と同じ内容", "")
