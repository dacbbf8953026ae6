"""A 進行管理 told by the minutes and by a 経過記録 is one: the ledger of any day equals a recount from the originals, in either order of arrival, and after a rebuild."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest

from pipeline.catalogue import load_catalogue
from pipeline.demo import StoryClock, find_story, walk
from pipeline.desk import make_shelf, open_desk, open_journal
from pipeline.rebuild import rebuild
from pipeline.rules.case_register import case_register
from pipeline.stories import Step, Story, load_example
from pipeline.workspace import Workspace
from tests.conftest import MORNING, ROOT, drop, run

pytestmark = pytest.mark.examples

CASE = "YC-23-1-001"
DAYS = [date(2023, 7, 1), date(2023, 8, 20), date(2023, 8, 21), date(2023, 11, 19), date(2023, 11, 20), date(2023, 11, 26)]  # fmt: skip
MEETINGS = (("2023-08-21", 1, "継続"), ("2023-10-16", 2, "継続"), ("2023-11-20", 3, "終結"))


def held(on: str, ordinal: int, policy: str) -> dict[str, Any]:
    """Final minutes of a 進行管理会議 that went through the one case."""
    form = load_example(ROOT, Step("meeting_minutes", "progress_review"))
    row = {**form["progress"][0], "policy": policy, "detail": "方針のとおり", "next_on": "2023-12-20"}
    changes = {"held_on": on, "ordinal": ordinal, "progress": [row], "submission_id": f"m-{ordinal}"}
    return {**form, **changes, "doc_date": on}


def carried_out(place: Workspace, first: str) -> None:
    """Walk a case to its second 進行管理. Of each meeting the minutes arrive before or after the 経過記録."""
    steps = [step for step in find_story(ROOT, "casework").steps if step.on and step.on < date(2023, 11, 26)]
    clock = StoryClock(MORNING)
    with open_desk(place, now=clock, pdf=False) as desk:

        def meet(*meetings: tuple[str, int, str]) -> None:
            for meeting in meetings:
                clock.at = datetime.fromisoformat(f"{meeting[0]}T17:00:00+09:00")
                drop(place, f"{meeting[1]}.json", held(*meeting))
                assert [entry.outcome for entry in run(desk)] == ["delivered"]

        def go(part: list[Step]) -> None:
            for told in walk(desk, Story("casework", "", tuple(part)), clock):
                assert told.entry.outcome == "delivered", told

        go(steps[:7])
        for review, meetings in ((steps[7:8], MEETINGS[:1]), (steps[8:], MEETINGS[1:])):
            if first == "minutes":
                meet(*meetings)
            go(list(review))
            if first == "note":
                meet(*meetings)


def originals(place: Workspace) -> Iterator[dict[str, Any]]:
    for path in place.spool.rglob("*"):
        if path.is_file() and "values" not in path.name:
            yield json.loads(path.read_bytes())


def recount(place: Workspace, day: date) -> int:
    """The days on which somebody says that the case was reviewed: of one day all speak of the same."""
    days = set()
    for form in originals(place):
        if form.get("review"):
            days.add(form["noted_on"])
        if any(row["case_id"] == CASE for row in form.get("progress") or ()):
            days.add(form["held_on"])
    return sum(date.fromisoformat(on) <= day for on in days)


@pytest.mark.parametrize("first", ["note", "minutes"])
def test_the_ledger_of_any_day_counts_a_review_once(place: Workspace, first: str) -> None:
    carried_out(place, first)

    def ledger() -> list[tuple[int, str, str]]:
        journal = open_journal(place)
        try:
            past = journal.all_past()
        finally:
            journal.close()
        rows = [row for day in DAYS for row in case_register(past, day)]
        return [(row.reviews, row.stage, row.policy) for row in rows]

    shown = ledger()
    assert [reviews for reviews, _, _ in shown] == [recount(place, day) for day in DAYS]
    assert shown[0][0] == 0 and shown[2][0] == 1 and shown[-1] == (3, "支援中", "終結")
    place.journal.unlink()
    rebuild(place.journal, place.spool, make_shelf(place), load_catalogue(place.root), MORNING)
    assert ledger() == shown
