"""The open workspace: everything a step of the story needs, opened once and closed together."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import structlog
from ulid import ULID

from pipeline import wording
from pipeline.blank_forms import shape_of
from pipeline.catalogue import Catalogue, load_catalogue
from pipeline.forms.layout import FormShape
from pipeline.journal import Journal
from pipeline.keys import load_keys, make_keys
from pipeline.papers.pdf import OfficeState, PdfPress, find_office
from pipeline.shelf import Shelf
from pipeline.workshop import Sealing, Workshop
from pipeline.workspace import Workspace, ensure_safe, find_workspace, make_workspace, only_one

JST = timezone(timedelta(hours=9), "JST")

Clock = Callable[[], datetime]


def japan_time() -> datetime:
    """Return the time in Japan, whatever the machine's zone."""
    return datetime.now(JST)


@dataclass(frozen=True)
class Desk:
    """One workspace at work."""

    workspace: Workspace
    catalogue: Catalogue
    journal: Journal
    shelf: Shelf
    workshop: Workshop
    shapes: Mapping[str, FormShape]
    office: OfficeState
    now: Clock
    log: Any

    def new_ulid(self) -> str:
        """Return a new sortable id; it says when something was claimed, and nothing else."""
        return str(ULID())


def new_workspace(root: Path, source: Path, today: date) -> Workspace:
    """Make a workspace with the office's material of `source`, and a key for the packets of its contractor."""
    make_workspace(root, source)
    workspace = find_workspace(root)
    contractor = load_catalogue(root).office.at(today).get("contractor")
    make_keys(workspace.keys, [f"contractor-{contractor['code']}"] if contractor else [])
    return workspace


@contextmanager
def open_desk(workspace: Workspace, now: Clock = japan_time, pdf: bool = True) -> Iterator[Desk]:
    """Open a workspace for writing. Raises UnsafeToRun where running could lose or leak something."""
    os.umask(0o077)  # whatever is made from here on is ours alone; the shelf opens up what readers may see
    ensure_safe(workspace)
    with ExitStack() as stack:
        stack.enter_context(only_one(workspace))
        journal = open_journal(workspace)
        stack.callback(journal.close)
        log = stack.enter_context(_log_file(workspace.state / "todoke.log"))
        catalogue = load_catalogue(workspace.root)
        office, press = (
            _open_press(workspace, stack) if pdf else (OfficeState(reason=wording.PDF_NOT_ASKED), None)
        )
        shapes = shapes_of(catalogue)
        shelf, workshop = make_shelf(workspace), Workshop(catalogue, press, _sealing(workspace))
        yield Desk(workspace, catalogue, journal, shelf, workshop, shapes, office, now, log)


def _sealing(workspace: Workspace) -> Sealing:
    settings = workspace.settings["packet"]
    keys = (
        load_keys(workspace.keys, (workspace.inbox, workspace.outbox))
        if settings["encrypt"] == "aes256"
        else None
    )
    return Sealing(keys, str(settings["loose"]))


def _open_press(workspace: Workspace, stack: ExitStack) -> tuple[OfficeState, PdfPress | None]:
    settings = workspace.settings["pdf"]
    if settings["mode"] == "off":
        return OfficeState(reason=wording.PDF_NOT_ASKED), None
    office = find_office()
    if not office.available:
        return office, None
    scratch = workspace.state / "tmp"
    shutil.rmtree(scratch, ignore_errors=True)  # what a killed run left there may hold papers
    scratch.mkdir(mode=0o700)
    seconds, papers = float(settings["timeout_s"]), int(settings["recycle_after"])
    return office, stack.enter_context(PdfPress(scratch, office, paper_seconds=seconds, recycle_after=papers))


def shapes_of(catalogue: Catalogue) -> Mapping[str, FormShape]:
    """Return the office's forms by name, and their earlier versions by the id they print (`<form>-v1`)."""
    today = {name: shape_of(form) for name, form in catalogue.forms.items()}
    earlier = (
        FormShape(form.name, version, root.title, root)
        for form in catalogue.forms.values()
        for version, root in form.earlier.items()
    )
    return {**today, **{shape.form_id: shape for shape in earlier}}


def open_journal(workspace: Workspace) -> Journal:
    """Return the journal of a workspace. Raises UnsafeToRun if it is lost though something was accepted here."""
    return Journal(workspace.journal, may_create=not any(workspace.spool.iterdir()))


def make_shelf(workspace: Workspace) -> Shelf:
    """Return the outbox of a workspace, with the modes of its settings."""
    settings = workspace.settings["outbox"]
    dir_mode, file_mode = int(str(settings["dir_mode"]), 8), int(str(settings["file_mode"]), 8)
    return Shelf(workspace.outbox, workspace.stage, dir_mode, file_mode, workspace.gid)


@contextmanager
def _log_file(path: Path) -> Iterator[Any]:
    """Log as JSON lines: codes, ids and counts, never a submitted value."""
    with path.open("a", encoding="utf-8") as file:
        path.chmod(0o600)
        yield structlog.wrap_logger(
            structlog.WriteLogger(file),
            processors=[
                structlog.processors.TimeStamper(fmt="iso"),
                structlog.processors.add_log_level,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
