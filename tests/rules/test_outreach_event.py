"""Lectures and trainings: shares of a questionnaire, who came, and what each stage needs."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipeline.model import NOTHING_BEFORE
from pipeline.rules.outreach_event import event_facts, judge_event
from tests.conftest import example
from tests.intake import catalogue as shipped

OFFICE = shipped().office.at(date(2023, 5, 19))


def codes(values: dict[str, Any]) -> list[str]:
    return [
        problem.code for problem in judge_event(values, OFFICE, date(2023, 5, 19), NOTHING_BEFORE).problems
    ]


@pytest.mark.parametrize(
    "name", ["accepted", "refused", "teachers_called", "teachers_reported", "lecture_reported"]
)
def test_the_good_examples_are_faultless(name: str) -> None:
    assert codes(example("outreach_event", name)) == []


def test_shares_are_of_those_who_answered_and_the_silent_are_counted() -> None:
    values = example("outreach_event", "teachers_reported")
    first, second = event_facts(values)["questions"]
    assert [(a["label"], a["count"], a["share"]) for a in first["answers"]] == [
        ("よく理解できた", 2, "50.0％"),
        ("理解できた", 1, "25.0％"),
        ("あまり理解できない", 0, "0.0％"),
        ("無回答", 1, "25.0％"),
    ]
    assert [a["share"] for a in second["answers"]] == ["75.0％", "50.0％", "100.0％"]
    assert first["chart"]["series"][0]["values"] == [2, 1, 0, 1]


@pytest.mark.parametrize(
    ("count", "collected", "share"),
    [(1, 3, "33.3％"), (2, 3, "66.7％"), (1, 8, "12.5％"), (1, 2000, "0.1％"), (0, 0, "－")],
)
def test_a_share_is_rounded_half_up(count: int, collected: int, share: str) -> None:
    answers = [{"label": "一", "count": count}, {"label": "二", "count": 0}]
    report = {
        "attended": collected,
        "collected": collected,
        "summary": "",
        "questions": [{"text": "問", "several": True, "answers": answers}],
    }
    assert event_facts({"report": report})["questions"][0]["answers"][0]["share"] == share


def test_those_who_came_are_counted_by_occupation() -> None:
    facts = event_facts(example("outreach_event", "teachers_reported"))
    assert facts["by_occupation"] == [
        {"occupation": "教職員", "count": 3},
        {"occupation": "養護教諭", "count": 1},
    ]
    assert facts["enrolled"] == 5 and facts["rate"] == "100.0％"


def test_a_lecture_keeps_to_the_rules_of_the_office() -> None:
    values = example("outreach_event", "accepted")
    values["application"]["headcount"] = 9
    assert codes(values) == ["EVENT_PEOPLE"]
    values["application"]["headcount"] = 10
    values["event"]["slot"]["end"] = "15:31"
    assert codes(values) == ["EVENT_LENGTH", "EVENT_WISH"]


def test_a_training_may_last_longer() -> None:
    values = example("outreach_event", "teachers_called")
    values["event"]["slot"]["end"] = "17:00"
    assert codes(values) == []
