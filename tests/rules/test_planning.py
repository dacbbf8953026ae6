"""派遣計画と起案: the steps before it, the version of the plan, what is proposed (domain.md §1.9, §1.10, §9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from pipeline.model import Event, Level, Past, Ruling
from pipeline.rules import judge
from pipeline.rules.planning import PLAN_CHECKS
from tests.rules.test_survey import APPLIED, SURVEY, OfficeAt, Told, changed, example

CAME_IN = date(2023, 6, 19)
PLAN = example("dispatch_plan", "typical")
REFUSED = example("dispatch_plan", "refused")
URGENT = example("dispatch_plan", "urgent")
SURVEYED = replace(APPLIED, form="visit_survey", on=date(2023, 6, 14), values=SURVEY, allocated={})
DECIDED = replace(
    APPLIED,
    form="dispatch_decision",
    on=date(2023, 6, 23),
    values=example("dispatch_decision", "approved"),
    allocated={},
)


@pytest.fixture
def ruled(office_at: OfficeAt) -> Callable[..., Ruling]:
    def rule(values: Mapping[str, Any], *events: Event, came_in: date = CAME_IN) -> Ruling:
        past = Past(events or (APPLIED, SURVEYED))
        return judge("dispatch_plan", values, office_at(came_in), came_in, past)

    return rule


def test_an_approval_asks_to_tell_the_family_and_to_order_the_help(ruled: Callable[..., Ruling]) -> None:
    ruling = ruled(PLAN)
    assert ruling.problems == ()
    assert ruling.facts == {
        "subject": "子育て世帯ヘルパー派遣事業の利用の決定について（伺い）",
        "proposal": "このことについて、別紙案のとおり決定し、申請者に通知するとともに、受託事業者に派遣を依頼してよろしいか伺います。",
        "period_end": "2024-01-05",
        "planned_visits": 27,
    }


def test_a_refusal_orders_nothing(ruled: Callable[..., Ruling]) -> None:
    facts = ruled(REFUSED).facts
    assert facts["subject"] == "子育て世帯ヘルパー派遣事業の利用の不承認について（伺い）"
    assert "派遣を依頼" not in facts["proposal"]
    assert (facts["period_end"], facts["planned_visits"]) == (None, None)


@pytest.mark.parametrize(
    ("boxes", "errors", "warnings"),
    [
        ({"plan__version": 2}, [("PLAN_VERSION", "/plan/version")], []),
        ({"plan__made_on": "2023-06-13"}, [("BR11", "/plan/made_on")], []),
        ({"plan__made_on": "2023-06-17"}, [("BR11", "/drafting/drafted_on")], []),
        ({"drafting__drafted_on": "2023-06-20"}, [("BR15", "/drafting/drafted_on")], []),
        ({"drafting__enforce_on": "2023-06-15"}, [("BR15", "/drafting/enforce_on")], []),
        ({"drafting__enforce_on": "2023-06-25"}, [], [("BR16", "/drafting/enforce_on")]),
        ({"drafting__enforce_on": None}, [], []),
        ({"drafting__article": "実施要綱による"}, [("BR14", "/drafting/article")], []),
        ({"surveyed_on": "2023-06-15"}, [("CARRIED", "/surveyed_on")], []),
        ({"fee": 500}, [("BR06", "/fee")], []),
        ({"plan__visits_per_week": 2}, [("BR03", "/plan/visits_per_week")], []),
        ({"plan__minutes_per_visit": 121}, [("BR02", "/plan/minutes_per_visit")], []),
        ({"plan__period": {"start": "2023-07-06", "end": "2024-01-06"}}, [("BR04", "/plan/period/end")], []),
        (
            {"plan__period": {"start": "2023-06-15", "end": "2023-12-14"}, "plan__monitoring": ["2023-07-13"]},
            [],
            [("BR11", "/plan/period/start")],
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_plan(
    ruled: Callable[..., Ruling],
    said: Told,
    boxes: Mapping[str, Any],
    errors: list[tuple[str, str]],
    warnings: list[tuple[str, str]],
) -> None:
    ruling = ruled(changed(PLAN, **boxes))
    assert said(ruling) == errors
    assert said(ruling, Level.WARNING) == warnings


def test_a_plan_without_its_survey_needs_a_reason(ruled: Callable[..., Ruling], said: Told) -> None:
    assert said(ruled(PLAN, APPLIED)) == [("BR11", "/urgent")]
    urgent = ruled(URGENT, APPLIED, came_in=date(2023, 6, 8))
    assert said(urgent) == []
    assert said(urgent, Level.WARNING) == [("BR11", "/urgent/reason")]
    assert "訪問調査に先立って" in urgent.facts["proposal"]


def test_an_urgent_plan_still_needs_its_application(ruled: Callable[..., Ruling], said: Told) -> None:
    ruling = ruled(URGENT, SURVEYED, came_in=date(2023, 6, 8))
    assert [(p.code, p.pointer) for p in ruling.problems] == [("BR13", "/case_id")], (
        "and nothing else is asked"
    )


def test_a_number_nobody_gave_is_not_compared(ruled: Callable[..., Ruling], said: Told) -> None:
    assert said(ruled(PLAN, replace(APPLIED, allocated={}), SURVEYED)) == []


def test_a_reason_nobody_needs_is_pointed_out(ruled: Callable[..., Ruling], said: Told) -> None:
    ruling = ruled(changed(PLAN, urgent={"reason": "緊急を要するため、先に進める。"}))
    assert (said(ruling), said(ruling, Level.WARNING)) == ([], [("BR11", "/urgent/reason")])
    assert "先立って" not in ruling.facts["proposal"]


def test_the_next_plan_has_the_next_version(ruled: Callable[..., Ruling], said: Told) -> None:
    after = (APPLIED, SURVEYED, DECIDED)
    assert said(ruled(PLAN, *after)) == [("PLAN_VERSION", "/plan/version")]
    assert said(ruled(changed(PLAN, plan__version=2), *after)) == []


def test_a_plan_before_the_programme_is_refused(said: Told) -> None:
    assert said(judge("dispatch_plan", PLAN, {}, CAME_IN)) == [("BR01", "/drafting/drafted_on")]


def test_every_check_passes_over_what_a_refusal_lacks(
    office_at: OfficeAt, ruled: Callable[..., Ruling]
) -> None:
    assert PLAN_CHECKS
    assert ruled(REFUSED).problems == ()
