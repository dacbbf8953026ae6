"""訪問調査票: who must be there, what came before, and what is said at once (domain.md §1.8, §9)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.model import NOTHING_BEFORE, Event, Level, Past, Problem, Ruling
from pipeline.rules import judge

OfficeAt = Callable[[date], Mapping[str, Any]]
Told = Callable[..., list[tuple[str, str]]]

EXAMPLES = Path(__file__).parents[2] / "doc_templates"
CAME_IN = date(2023, 6, 15)


def example(form: str, name: str) -> dict[str, Any]:
    values = json.loads((EXAMPLES / form / "examples" / f"{name}.json").read_bytes())
    return {key: value for key, value in values.items() if key not in ("form", "case_id")}


SURVEY = example("visit_survey", "typical")
APPLIED = Event(
    "20230606-0001",
    "dispatch_application",
    "YC-23-1-001",
    date(2023, 6, 6),
    date(2023, 6, 6),
    example("dispatch_application", "typical"),
    {"application_no": "23-1-001"},
)


def changed(values: Mapping[str, Any], **boxes: Any) -> dict[str, Any]:
    """The values with some boxes set; `support__schedule=…` reaches into a group, None takes a box away."""
    made: dict[str, Any] = deepcopy(dict(values))
    for path, value in boxes.items():
        *groups, last = path.split("__")
        at = made
        for group in groups:
            at = at[group]
        if value is None:
            at.pop(last, None)
        else:
            at[last] = value
    return made


@pytest.fixture
def ruled(office_at: OfficeAt) -> Callable[..., Ruling]:
    def rule(values: Mapping[str, Any], *events: Event) -> Ruling:
        return judge("visit_survey", values, office_at(CAME_IN), CAME_IN, Past(events or (APPLIED,)))

    return rule


def test_a_good_survey_is_silent_and_knows_its_facts(ruled: Callable[..., Ruling]) -> None:
    ruling = ruled(SURVEY)
    assert ruling.problems == ()
    assert ruling.facts == {
        "household_ages": [42, 10, 3],
        "weekday_time": "３時間30分",
        "holiday_time": "５時間30分",
    }
    untold = changed(SURVEY, care__weekday_minutes=None, care__holiday_minutes=0)
    assert ruled(untold).facts["weekday_time"] is None
    assert ruled(untold).facts["holiday_time"] == "０分"


@pytest.mark.parametrize(
    ("boxes", "errors", "warnings"),
    [
        ({"coordinator": {"attendance": "欠席"}}, [("BR09", "/coordinator/absence")], []),
        (
            {"coordinator": {"attendance": "欠席", "absence": "急な訪問のため"}},
            [],
            [("BR09", "/coordinator/attendance")],
        ),
        ({"contractor": {"attendance": "欠席"}}, [], [("BR10", "/contractor/attendance")]),
        ({"visit__end": "13:30"}, [("BR02", "/visit/end")], []),
        ({"visit__consent": "得ていない"}, [], [("CONSENT", "/visit/consent")]),
        ({"visit__child_interview": "面接していない"}, [], [("CHILD_VIEW", "/visit/child_interview")]),
        ({"visit__child_interview": "同席"}, [], []),
        ({"surveyed_on": "2023-06-16"}, [("BR15", "/surveyed_on")], []),
        ({"surveyed_on": "2023-06-05"}, [("BR11", "/surveyed_on")], []),
        ({"surveyed_on": "2023-06-06"}, [], []),
        ({"application__applied_on": "2023-06-07"}, [("CARRIED", "/application/applied_on"), ("BR15", "/application/applied_on")], []),
        ({"application__application_no": "23-1-002"}, [("CARRIED", "/application/application_no")], []),
        ({"safety__abuse": "ある"}, [], [("SAFETY", "/safety/abuse"), ("SAFETY", "/safety/report")]),
        ({"safety__danger": "ある", "safety__report": "要する"}, [], [("SAFETY", "/safety/danger")]),
        ({"safety__abuse": "分からない"}, [], []),
        (
            {"support__schedule": [{"weekday": "木", "start": "16:00", "end": "18:01"}]},
            [("BR02", "/support/schedule/0")],
            [],
        ),
        (
            {"support__schedule": [{"weekday": day, "start": "16:00", "end": "18:00"} for day in "木金"]},
            [],
            [("BR03", "/support/schedule")],
        ),
        ({"support__schedule": None}, [], []),
        ({"centre": "小名浜地区保健福祉センター"}, [], [("BR08", "/centre")]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_survey(
    ruled: Callable[..., Ruling],
    said: Told,
    boxes: Mapping[str, Any],
    errors: list[tuple[str, str]],
    warnings: list[tuple[str, str]],
) -> None:
    ruling = ruled(changed(SURVEY, **boxes))
    assert sorted(said(ruling)) == sorted(errors)
    assert said(ruling, Level.WARNING) == warnings


def test_a_survey_comes_after_an_application(office_at: OfficeAt, said: Told) -> None:
    ruling = judge("visit_survey", SURVEY, office_at(CAME_IN), CAME_IN, NOTHING_BEFORE)
    assert said(ruling) == [("BR13", "/case_id")]


def test_a_survey_before_the_programme_is_refused(said: Told) -> None:
    assert said(judge("visit_survey", SURVEY, {}, CAME_IN)) == [("BR01", "/surveyed_on")]


def test_no_sentence_repeats_what_was_written(
    ruled: Callable[..., Ruling], quotes_nothing: Callable[[Problem], bool]
) -> None:
    worst = changed(
        SURVEY,
        surveyed_on="2023-06-01",
        coordinator={"attendance": "欠席"},
        contractor={"attendance": "欠席"},
        application__application_no="23-1-999",
        safety__abuse="ある",
    )
    problems = ruled(worst).problems
    assert len(problems) > 5
    assert all(quotes_nothing(problem) for problem in problems)
