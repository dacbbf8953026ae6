"""Every story walked through a workspace: each step has its fate, and what the standing papers say is a recount of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pipeline import report
from pipeline.demo import StoryClock, Told, find_story, run_demo, walk
from pipeline.desk import Desk, make_shelf, open_desk, open_journal
from pipeline.errors import UsageError
from pipeline.ledger import HEADINGS, REGISTER_FILE, STANDING
from pipeline.ooxml import docx_text
from pipeline.rules.deadlines import deadlines
from pipeline.rules.register import Row, register
from pipeline.shelf import read_receipt
from pipeline.stories import find_stories, load_example
from pipeline.workspace import Workspace
from tests.conftest import MORNING, ROOT
from tests.intake import catalogue as shipped

pytestmark = pytest.mark.examples

STORIES = [story.name for story in find_stories(ROOT)]


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, list[Told]]:
    return run_demo(tmp_path_factory.mktemp("story") / "office", ROOT, "household", pdf=False)


def rows_of(place: Workspace, day: date) -> tuple[Row, ...]:
    journal = open_journal(place)
    try:
        return register(journal.all_past(), day)
    finally:
        journal.close()


@pytest.mark.parametrize("name", [name for name in STORIES if name != "household"])
def test_each_step_of_a_story_has_its_fate(place: Workspace, name: str) -> None:
    story = find_story(ROOT, name)
    clock = StoryClock(MORNING)
    with open_desk(place, now=clock, pdf=False) as desk:
        told = list(walk(desk, story, clock))
    assert [(t.step.name, t.entry.outcome) for t in told] == [
        (step.name, "returned" if step.is_bad else "delivered") for step in story.steps
    ]


def test_the_household_goes_from_guidance_to_its_end(household: tuple[Workspace, list[Told]]) -> None:
    place, told = household
    fates = [(t.step.name, t.entry.outcome) for t in told]
    assert fates == [(t.step.name, "returned" if t.step.is_bad else "delivered") for t in told] and len(
        told
    ) == len(find_story(ROOT, "household").steps)
    (row,) = rows_of(place, date(2024, 6, 5))
    assert (row.status, row.period_start, row.ended_on, row.extensions, row.plan_version) == (
        "廃止", date(2023, 7, 6), date(2024, 5, 28), 1, 3,
    )  # fmt: skip
    visits = [load_example(ROOT, t.step)["visit"] for t in told if t.step.form == "visit_report"]
    done = [visit for visit in visits if visit["result"] == "実施"]
    assert (row.visits, row.minutes, row.cancelled) == (
        len(done),
        sum(v["minutes"] for v in done),
        len(visits) - len(done),
    )


@pytest.mark.parametrize(
    ("day", "status"),
    [("2023-06-01", None), ("2023-06-02", "案内"), ("2023-06-06", "申請"), ("2023-06-15", "調査"), ("2023-06-19", "計画"),
     ("2023-06-23", "決定"), ("2023-07-05", "決定"), ("2023-07-06", "派遣中"), ("2024-01-05", "派遣中"), ("2024-01-06", "延長"),
     ("2024-05-28", "延長"), ("2024-05-29", "廃止")],
)  # fmt: skip
def test_the_ledger_of_any_day(household: tuple[Workspace, list[Told]], day: str, status: str | None) -> None:
    assert [row.status for row in rows_of(household[0], date.fromisoformat(day))] == (
        [status] if status else []
    )


def test_the_spreadsheet_is_the_ledger(household: tuple[Workspace, list[Told]]) -> None:
    path = household[0].outbox / "readers" / "centre-1" / STANDING / REGISTER_FILE
    heads, shown = list(
        load_workbook(io.BytesIO(path.read_bytes())).active.iter_rows(min_row=3, values_only=True)
    )
    (row,) = rows_of(household[0], date(2024, 6, 5))
    for head, cell, heading in zip(heads, shown, HEADINGS, strict=True):
        expected = heading.cell(row)
        assert head == heading.title
        assert (cell.date() if hasattr(cell, "date") else cell or "") == (expected or "") or cell == expected


def test_deadlines_come_and_go(household: tuple[Workspace, list[Told]]) -> None:
    journal = open_journal(household[0])
    past = journal.all_past()
    journal.close()
    book = shipped().office

    def kinds(day: str) -> set[str]:
        at = date.fromisoformat(day)
        return {due.kind for due in deadlines(past, book.at(at), at, 14)}

    assert kinds("2023-06-07") == {"回答期限"}
    assert kinds("2023-06-26") == {"承諾書"}
    assert "モニタリング" in kinds("2023-07-25") and "モニタリング" not in kinds("2023-08-05")
    assert "延長の検討" in kinds("2023-11-24") and "延長の検討" not in kinds("2023-12-15")
    assert "月次報告" in kinds("2023-09-01") and "月次報告" not in kinds("2023-09-06")
    assert kinds("2024-06-06") == set()


def papers_for(place: Workspace, reader: str) -> Iterator[tuple[str, str]]:
    for path in sorted((place.outbox / "readers" / reader).rglob("*.docx")):
        if "次の様式" not in path.name:
            yield path.relative_to(place.outbox).as_posix(), docx_text(path.read_bytes())


def test_the_contractor_learns_nothing_beyond_its_papers(household: tuple[Workspace, list[Told]]) -> None:
    """What stands in the survey, the plan's background, the applications and the minutes reaches no contractor paper (BR21)."""
    place, told = household
    secret: list[str] = []
    for form in ("visit_survey", "dispatch_plan", "monitoring", "extension_application"):
        example = next(load_example(ROOT, t.step) for t in told if t.step.form == form)
        secret += [text for text in _long_texts({**example, "applicant": None}) if len(text) > 12]
    shown = "".join(text for _, text in papers_for(place, "contractor-shakyo"))
    assert shown and len(secret) > 20
    granted = "".join(
        _long_texts(
            [
                load_example(ROOT, t.step)["plan"]
                for t in told
                if "plan" in load_example(ROOT, t.step) and t.step.form == "dispatch_decision"
            ]
        )
    )
    told_anyway = {text for text in secret if text in shown and text not in granted}
    assert told_anyway == set()


def _long_texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for part in value.values() for text in _long_texts(part)]
    return [text for part in value for text in _long_texts(part)] if isinstance(value, list) else []


def test_no_paper_of_the_family_says_young_carer(household: tuple[Workspace, list[Told]]) -> None:
    papers = list(papers_for(household[0], "applicant"))
    assert len(papers) >= 5
    assert [path for path, text in papers if "ヤングケアラー" in text] == []


def test_everything_verifies_afterwards(household: tuple[Workspace, list[Told]]) -> None:
    place, _ = household
    journal = open_journal(place)
    try:
        assert report.verify(place, make_shelf(place), journal) == []
    finally:
        journal.close()


def test_a_returned_decision_names_its_number(household: tuple[Workspace, list[Told]]) -> None:
    (bad,) = [t for t in household[1] if t.step.is_bad]
    receipt = read_receipt(make_shelf(household[0]).folder_of(bad.entry.bundle_id, "returned"))
    assert {problem["code"] for problem in receipt["problems"]} >= {"BR25"}


def test_an_unknown_story_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="household"):
        run_demo(tmp_path / "x", ROOT, "nothing", pdf=False)


def test_the_desk_is_needed_only_while_walking(desk: Desk) -> None:
    assert next(walk(desk, find_story(ROOT, "meetings"), StoryClock(MORNING))).entry.outcome == "delivered"
