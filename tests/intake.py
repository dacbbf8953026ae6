"""Every form of the catalogue with its good examples: tests over them cover forms that are added later."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.blank_forms import shape_of
from pipeline.catalogue import Catalogue, load_catalogue
from pipeline.desk import JST, Desk, open_desk
from pipeline.envelope import MEMBERS
from pipeline.forms.assemble import assemble
from pipeline.forms.word_reader import read_word_form
from pipeline.model import Entry, Past
from pipeline.normalise import normalise
from pipeline.rehearse import CASE_ID, own_day, past_of
from pipeline.stories import Step, day_of, steps_before
from pipeline.workspace import Workspace, find_workspace
from tests.conftest import ROOT, receipt_of

CASE = CASE_ID


@cache
def catalogue() -> Catalogue:
    """The office's own material, read once."""
    return load_catalogue(ROOT)


def good_examples() -> list[tuple[str, str]]:
    """Form and name of every example that must be delivered."""
    paths = sorted(ROOT.glob("doc_templates/*/examples/*.json"))
    return [(path.parents[1].name, path.stem) for path in paths if not path.name.endswith(".bad.json")]


def bad_examples() -> list[Path]:
    """Every example that must be returned."""
    return sorted(ROOT.glob("doc_templates/*/examples/*.bad.json"))


def fullest_examples(letters: int | None = None) -> list[tuple[str, str]]:
    """The good example with the most to type of each form; of those with at most so many `letters`, if there are any,
    unless TODOKE_TEST_ALL=1.
    """
    most = letters if letters and not os.environ.get("TODOKE_TEST_ALL") else sys.maxsize
    return [
        (form, ([name for name in names if len(str(values_of(form, name))) <= most] or names[:1])[-1])
        for form, names in _by_size().items()
    ]


def outermost_examples() -> list[tuple[str, str]]:
    """The good examples with the least and with the most to type of each form."""
    return [
        (form, name) for form, names in _by_size().items() for name in dict.fromkeys((names[0], names[-1]))
    ]


def _by_size() -> dict[str, list[str]]:
    by_form: dict[str, list[str]] = {}
    for form, name in sorted(good_examples(), key=lambda names: len(str(values_of(*names)))):
        by_form.setdefault(form, []).append(name)
    return by_form


def values_of(form: str, name: str) -> dict[str, Any]:
    """The values of an example, without its envelope."""
    path = ROOT / "doc_templates" / form / "examples" / f"{name}.json"
    whole = json.loads(path.read_text("utf-8"))
    return {key: value for key, value in whole.items() if key not in MEMBERS}


def stretched(form: str, values: dict[str, Any]) -> dict[str, Any]:
    """The values with every list as long as it may be, at most the days of a month; its rows are repeated."""
    return _stretch(catalogue().forms[form].schema.root, values, 31)  # type: ignore[no-any-return]


def _stretch(field: Any, value: Any, most: int) -> Any:
    if field.kind == "object" and isinstance(value, dict):
        return {key: _stretch(field.by_key[key], part, most) for key, part in value.items()}
    if field.kind == "array" and isinstance(value, list) and value and "enum" not in field.members[0].schema:
        rows = [_stretch(field.members[0], item, 9) for item in value]
        return [rows[index % len(rows)] for index in range(min(int(field.schema["maxItems"]), most))]
    return value


def read_word(form: str, data: bytes) -> Any:
    """The values of a Word form as the story reads them; fails on any problem."""
    shape = shape_of(catalogue().forms[form])
    reading = read_word_form(data, {form: shape})
    assert reading.problems == ()
    built = assemble(shape.root, {tag: box.value for tag, box in reading.boxes.items()}, normalise)
    assert built.problems == ()
    return built


def without_unticked(value: Any) -> Any:
    """A tick that is not there says `false` where JSON may say nothing; an empty list says nothing either."""
    if isinstance(value, dict):
        inner = {key: without_unticked(part) for key, part in value.items()}
        return {
            key: part for key, part in inner.items() if part not in (False, None) and part not in ([], {})
        }
    return [without_unticked(part) for part in value] if isinstance(value, list) else value


@contextmanager
def desk_for(place: Workspace, form: str, name: str) -> Iterator[Desk]:
    """The workspace open on the day an example comes in, after everything it comes after, with a case it may belong to."""
    step = Step(form, name)
    day = datetime.combine(day_of(ROOT, step) or own_day(values_of(form, name)), time(9, 30), JST)
    with open_desk(place, now=lambda: day, pdf=False) as desk:
        if not desk.journal.knows_case(CASE):
            opened = desk.journal.receive(desk.new_ulid(), "opening.json", "0" * 64, day)
            desk.journal.accept(opened, "dispatch_application", CASE, True, {}, day.date(), {})
            desk.journal.done(opened, {"outcome": "returned", "form": None, "case_id": CASE}, "")
            remember(desk, past_of(catalogue(), steps_before(ROOT, step)))
        yield desk


def remember(desk: Desk, past: Past) -> None:
    """Put events into the history as if their forms had been delivered."""
    for event in past.events:
        came = datetime.combine(event.received_on, time(9), JST)
        ulid = desk.new_ulid()
        entry = Entry(
            ulid,
            event.bundle_id,
            ulid,
            "",
            came,
            1,
            "done",
            "delivered",
            event.form,
            event.case_id,
            event.allocated,
            "",
        )
        desk.journal.restore(entry, False, True, event.on, event.values)


@contextmanager
def beside(place: Workspace) -> Iterator[Workspace]:
    """A copy of a workspace as it is now: where the same form is handed in a second time as if it were the first."""
    copy = place.root.with_name(f"{place.root.name}-beside")
    shutil.copytree(place.root, copy)
    yield find_workspace(copy)
    shutil.rmtree(copy)


def ensure_delivered(desk: Desk, entry: Any) -> dict[str, Any]:
    """The receipt of a delivered entry."""
    receipt = receipt_of(desk, entry)
    assert entry.outcome == "delivered", [(p["code"], p["pointer"]) for p in receipt["problems"]]
    return receipt
