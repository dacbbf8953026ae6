"""コーディネーターの活動: a month, and the year from the months before it."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.model import Past, Ruling
from pipeline.rules import judge
from tests.rules.households import came_on, catalogue, past_before, values_of

FORM = "coordinator_log"


def ruling(example: str = "june", past: Past | None = None, **changed: Any) -> Ruling:
    day = came_on(FORM, example)
    before = past_before(FORM, example) if past is None else past
    return judge(FORM, {**values_of(FORM, example), **changed}, catalogue().office.at(day), day, before)


def activity(**changed: Any) -> list[dict[str, Any]]:
    return [
        {
            "date": "2023-06-15",
            "kind": "助言",
            "stage": "支援",
            "case_id": "YC-23-1-001",
            "content": "見本",
            **changed,
        }
    ]


def test_a_month_in_the_order_of_its_days() -> None:
    facts = ruling().facts
    assert [row["date"][-2:] for row in facts["rows"]] == ["01", "08", "15", "16", "19"]
    assert (facts["count"], facts["time"], facts["cases"]) == ("５", "４時間45分", "１")
    assert facts["table"][-1] == {"label": "計", "cells": ["1", "1", "1", "1", "1", "0"], "total": "5"}
    assert facts["year"] is None


def test_the_year_adds_the_months_already_accepted() -> None:
    year = ruling("july_with_year").facts["year"]
    assert [row["label"] for row in year["rows"]] == [
        "令和５年４月",
        "令和５年５月",
        "令和５年６月",
        "令和５年７月",
        "計",
    ]
    assert [row["total"] for row in year["rows"]] == ["－", "－", "5", "3", "8"]
    assert year["missing"] == "令和５年４月、令和５年５月"
    assert year["cases"] == "１"  # the same case in two months is one case
    assert year["chart"]["labels"] == ["6月", "7月"]


def test_another_fiscal_year_and_later_months_do_not_count() -> None:
    past = past_before(FORM, "july_with_year")
    moved = [event.values | {"month": month} for event in past.of(FORM) for month in ("2023-03", "2023-08")]
    events = tuple(
        type(past.events[0])("x", FORM, None, past.events[0].on, past.events[0].on, v) for v in moved
    )
    year = ruling("july_with_year", Past((*past.of("dispatch_application"), *events))).facts["year"]
    assert year["count"] == "３"
    assert year["chart"]["labels"] == ["7月"]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"date": "2023-05-31"}, "/activities/0/date"),
        ({"date": "2023-07-01"}, "/activities/0/date"),
        ({"case_id": None}, "/activities/0/case_id"),
        ({"case_id": "YC-23-9-999"}, "/activities/0/case_id"),
    ],
)
def test_what_does_not_belong_is_pointed_out(changed: dict[str, Any], pointer: str) -> None:
    assert [problem.pointer for problem in ruling(activities=activity(**changed)).problems] == [pointer]


def test_a_day_to_come_is_no_activity() -> None:
    found = ruling(month="2023-07", activities=activity(date="2023-07-31")).problems
    assert [problem.pointer for problem in found] == ["/activities/0/date"]


def test_a_month_is_told_once() -> None:
    found = ruling("july_with_year", month="2023-06", activities=[]).problems
    assert [problem.pointer for problem in found] == ["/month"]
