"""Submissions a second, durable, one process: an approved decision with its nine Word papers, from the inbox on.

Ours is the real story (settled file → claim → spool → journal → validate → render → prove → stage → publish → readers),
each file alone and ten taken together; each decision is of a case of its own, after its application, survey and plan. All
make the nine papers; what a decision brings beside them (next forms, a calendar) docxtpl has no like of, so it is left
out of the comparison and shown in a line of its own. The baseline does the same job as the manuals show it: jsonschema.validate,
docxtpl for each paper, fsync, one rename, one commit. The floor only writes the bytes ours writes (original, values,
papers, receipt, readers' copies) with the same syncs, renames and commits. All in turns, in one run.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
from docxtpl import DocxTemplate
from jinja2 import Environment

from pipeline.desk import JST, Desk, open_desk
from pipeline.durable import fsync_dir, sync_filesystem
from pipeline.examine import accept, examine
from pipeline.forms.json_form import read_json_form
from pipeline.inbox import look_into
from pipeline.model import Entry, OutFile, PlannedPaper, Submission
from pipeline.papers.dialect import ENVIRONMENT
from pipeline.plan import make_plan
from pipeline.process import process
from pipeline.rehearse import past_of
from pipeline.shelf import read_receipt
from pipeline.stories import Step, load_example, steps_before
from pipeline.sweep import groups
from pipeline.workspace import find_workspace, make_workspace

ROOT = Path(__file__).resolve().parents[1]
DECISION = Step("dispatch_decision", "approved")
MORNING = datetime(2023, 6, 26, 9, 0, tzinfo=JST)  # after every day the example's forms name
ROUNDS, OURS, BASELINE, GROUP = 7, 30, 3, 10


@dataclass(frozen=True)
class Job:
    """What every contestant is given."""

    values: dict[str, Any]
    planned: tuple[PlannedPaper, ...]
    templates: dict[str, Path]
    schema: dict[str, Any]
    files: tuple[OutFile, ...]


@contextmanager
def office(root: Path, papers_only: bool) -> Iterator[Desk]:
    """A workspace of its own; with `papers_only` a decision brings its nine papers and nothing else."""
    root.mkdir()
    make_workspace(root, ROOT)
    if papers_only:
        spec = root / "doc_templates" / DECISION.form / "spec.toml"
        tables = re.split(r"(?m)^(?=\[\[)", spec.read_text("utf-8"))
        spec.write_text(
            "".join(t for t in tables if not t.startswith(("[[next]]", "[[calendars]]"))), "utf-8"
        )
    with open_desk(find_workspace(root), now=lambda: MORNING, pdf=False) as desk:
        yield desk


def prepare(desk: Desk) -> Job:
    """Return the job of the baseline and of the floor: the papers of one decision."""
    values = _ready_decisions(desk, 1)[0]
    read = read_json_form(json.dumps(values).encode())
    assert isinstance(read, Submission)
    past = past_of(desk.catalogue, steps_before(ROOT, DECISION))
    examined = examine(desk.catalogue, read, MORNING.date(), past)
    assert examined.form is not None
    accepted = accept(examined, examined.form, {"id": read.case_id})
    plan = make_plan(accepted, desk.catalogue.paper)
    papers = {paper.paper: desk.catalogue.paper(paper.paper) for paper in plan.papers}
    templates = {
        name: desk.catalogue.template_path(name, spec.editions[-1].template) for name, spec in papers.items()
    }
    schema = json.loads((ROOT / "schemas/dispatch_decision.schema.json").read_bytes())
    common = json.loads((ROOT / "schemas/common/common.schema.json").read_bytes())
    return Job(values, plan.papers, templates, _inlined(schema, common), desk.workshop.make(accepted))


def _ready_decisions(desk: Desk, count: int) -> list[dict[str, Any]]:
    """Bring so many new cases to where their decision may come; return the decisions. Untimed."""
    steps = [*steps_before(ROOT, DECISION), DECISION]
    decisions = []
    for number in range(count):
        case_id = f"YC-23-1-{next(_CASES):05d}"
        application_no = None
        for step in steps:
            values = {**load_example(ROOT, step), "case_id": case_id}
            if application_no and "application" in values:
                values["application"] = {**values["application"], "application_no": application_no}
            if step == DECISION:
                decisions.append(values)
                continue
            _drop(desk, f"before{number}.json", values)
            (entry,) = _work(desk, 1)
            assert entry.outcome == "delivered", (step, receipt_problems(desk, entry))
            application_no = application_no or entry.allocated.get("application_no")
    return decisions


_CASES = itertools.count(10001)


def receipt_problems(desk: Desk, entry: Entry) -> list[str]:
    """Why a form of the benchmark came back: it must not."""
    receipt = read_receipt(desk.shelf.folder_of(entry.bundle_id, str(entry.outcome)))
    return [f"{problem['code']} {problem['pointer']}" for problem in receipt["problems"]]


def _inlined(schema: Any, common: dict[str, Any]) -> Any:
    """The schema with its shared parts in place, so that plain jsonschema.validate can read it."""
    if isinstance(schema, list):
        return [_inlined(item, common) for item in schema]
    if not isinstance(schema, dict):
        return schema
    ref = str(schema.get("$ref", ""))
    if ref.startswith(common["$id"]):
        part = common["$defs"][ref.rsplit("/", 1)[1]]
        schema = {**part, **{key: value for key, value in schema.items() if key != "$ref"}}
    return {key: _inlined(value, common) for key, value in schema.items()}


def ours(desk: Desk, count: int, most: int) -> float:
    """Drop `count` decisions, then time their whole life, `most` of them taken together."""
    for number, values in enumerate(_ready_decisions(desk, count)):
        _drop(desk, f"{number}.json", values)
    started = time.perf_counter()
    done = _work(desk, most)
    spent = time.perf_counter() - started
    assert [entry.outcome for entry in done] == ["delivered"] * count, receipt_problems(desk, done[-1])
    return count / spent


def _drop(desk: Desk, name: str, values: dict[str, Any]) -> None:
    (desk.workspace.inbox / name).write_text(json.dumps(values, ensure_ascii=False), "utf-8")


def _work(desk: Desk, most: int) -> list[Entry]:
    look = look_into(desk.workspace.inbox, time.time())
    return [entry for group in groups(look.files, most) for entry in process(desk, group, [])]


def baseline(folder: Path, job: Job, count: int) -> float:
    """Time the same job with docxtpl and jsonschema as their manuals show them."""
    environment = Environment(autoescape=True)
    environment.filters.update(ENVIRONMENT.filters)
    values = {key: value for key, value in job.values.items() if key not in ("form", "case_id")}
    started = time.perf_counter()
    for number in range(count):
        jsonschema.validate(values, job.schema)
        finished = []
        for index, paper in enumerate(job.planned):
            document = DocxTemplate(job.templates[paper.paper])
            document.render(dict(paper.context), environment)
            target = folder / f"{index}.docx"
            document.save(target)
            finished.append(target.read_bytes())
        _publish(folder, f"b{time.monotonic_ns()}-{number}", finished)
    return count / (time.perf_counter() - started)


def _publish(folder: Path, name: str, files: Sequence[bytes]) -> None:
    staged, target = folder / f".{name}", folder / name
    staged.mkdir()
    for index, data in enumerate([*files, b"{}"]):
        with (staged / f"{index}").open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    staged.rename(target)
    fsync_dir(folder)
    connection = sqlite3.connect(folder / "journal.db", isolation_level=None)
    connection.executescript("PRAGMA synchronous=EXTRA; CREATE TABLE IF NOT EXISTS done (name TEXT);")
    connection.execute("INSERT INTO done VALUES (?)", (name,))
    connection.close()


def floor(folder: Path, job: Job, count: int, most: int) -> float:
    """Time only the writing: what ours writes for `most` submissions together, synced and committed as often."""
    original = json.dumps(job.values).encode()
    journal = sqlite3.connect(folder / f"floor{time.monotonic_ns()}.db", isolation_level=None)
    journal.executescript("PRAGMA synchronous=EXTRA; CREATE TABLE step (name TEXT, what TEXT);")
    started = time.perf_counter()
    for first in range(0, count, most):
        names = [f"{time.monotonic_ns()}-{number}" for number in range(first, first + most)]
        for name in names:
            (folder / f"{name}.tmp").write_bytes(original)
        _sync_and_rename(folder, {f"{name}.tmp": f"{name}.json" for name in names})
        _commit(journal, names, "received")
        for name in names:
            _stage(folder, name, job)
        copies = {f".{name}/{reader}": f"{name}-{reader}" for name in names for reader in _readers(job)}
        _sync_and_rename(folder, {f".{name}/set": name for name in names})
        for source, target in copies.items():
            (folder / source).rename(folder / target)
        _commit(journal, names, "done")
    journal.close()
    return count / (time.perf_counter() - started)


def _readers(job: Job) -> list[str]:
    return sorted({file.audience for file in job.files})


def _stage(folder: Path, name: str, job: Job) -> None:
    (folder / f"{name}.values.json").write_bytes(json.dumps(job.values).encode())
    for reader in _readers(job):
        (folder / f".{name}" / "set" / reader).mkdir(parents=True)
        (folder / f".{name}" / reader).mkdir()
    for file in job.files:
        (folder / f".{name}" / "set" / file.path).write_bytes(file.data)
        (folder / f".{name}" / file.path).write_bytes(file.data)
    (folder / f".{name}" / "set" / "receipt.json").write_bytes(b"{}")


def _sync_and_rename(folder: Path, names: dict[str, str]) -> None:
    sync_filesystem(folder)
    for source, target in names.items():
        (folder / source).rename(folder / target)
    fsync_dir(folder)


def _commit(journal: sqlite3.Connection, names: Sequence[str], what: str) -> None:
    journal.execute("BEGIN IMMEDIATE")
    journal.executemany("INSERT INTO step VALUES (?, ?)", [(name, what) for name in names])
    journal.execute("COMMIT")


def measure(rounds: int = ROUNDS) -> dict[str, float]:
    """Return the median rate of each contestant, in submissions a second; the first is the measure of the others."""
    scratch = Path(tempfile.mkdtemp(prefix="todoke-bench-"))
    try:
        with office(scratch / "papers", True) as desk, office(scratch / "all", False) as whole:
            job = prepare(desk)
            contestants: dict[str, Callable[[], float]] = {
                "plain docxtpl": lambda: baseline(scratch, job, BASELINE),
                "todoke, each alone": lambda: ours(desk, OURS, 1),
                f"todoke, {GROUP} together": lambda: ours(desk, OURS, GROUP),
                "floor, each alone": lambda: floor(scratch, job, OURS, 1),
                f"floor, {GROUP} together": lambda: floor(scratch, job, OURS, GROUP),
                f"todoke, {GROUP} together, with the next forms and the calendar": lambda: ours(
                    whole, OURS, GROUP
                ),
            }
            rates: dict[str, list[float]] = {name: [] for name in contestants}
            for _ in range(rounds):
                for name, contestant in contestants.items():
                    rates[name].append(contestant())
            return {name: statistics.median(found) for name, found in rates.items()}
    finally:
        shutil.rmtree(scratch)


def main() -> None:
    """Print the table."""
    rates = measure()
    base = next(iter(rates.values()))
    print("end to end, durable, one process, nine Word papers a submission")
    for name, rate in rates.items():
        print(f"{name:62} {rate:8.1f}/s  × {rate / base:.1f}")


if __name__ == "__main__":
    main()
