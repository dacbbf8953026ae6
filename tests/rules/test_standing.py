"""Where a household stands, from its events alone (domain.md §2.5, §1.16)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Event, Past
from pipeline.rules.standing import OPEN, Standing, standing

START, END = date(2023, 6, 1), date(2023, 11, 30)
PLAN = {"period": {"start": "2023-06-01", "end": "2023-11-30"}, "version": 1}
LONGER = {"period": {"start": "2023-12-01", "end": "2024-05-31"}, "version": 2}


def event(form: str, day: date, **values: Any) -> Event:
    return Event(f"{day:%Y%m%d}-0001", form, "YC-23-1-001", day, day, values)


def decision(day: date, kind: str, result: str = "承認", **values: Any) -> Event:
    return event("dispatch_decision", day, decision={"kind": kind, "result": result}, **values)


GUIDED = event("dispatch_guidance", date(2023, 5, 1))
APPLIED = event("dispatch_application", date(2023, 5, 10))
SURVEYED = event("visit_survey", date(2023, 5, 17))
PLANNED = event("dispatch_plan", date(2023, 5, 20))
APPROVED = decision(date(2023, 5, 25), "新規", plan=PLAN)
EXTENDED = decision(date(2023, 11, 10), "延長", plan=LONGER)
WAY = (GUIDED, APPLIED, SURVEYED, PLANNED, APPROVED)


def at(*events: Event) -> Standing:
    return standing(Past(events))


@pytest.mark.parametrize(
    ("events", "day", "status"),
    [
        ((), START, None),
        (WAY[:1], START, "案内"),
        (WAY[:2], START, "申請"),
        (WAY[:3], START, "調査"),
        (WAY[:4], START, "計画"),
        (WAY, START - timedelta(1), "決定"),
        (WAY, START, "派遣中"),
        (WAY, END, "派遣中"),
        (WAY, END + timedelta(1), "終了"),
        ((*WAY, EXTENDED), END, "派遣中"),
        ((*WAY, EXTENDED), END + timedelta(1), "延長"),
        ((*WAY, EXTENDED), date(2024, 6, 1), "終了"),
        ((*WAY[:4], decision(START, "新規", "不承認")), START, "不承認"),
        ((*WAY, decision(START, "延長", "不承認")), START, "派遣中"),
        ((*WAY, decision(START, "廃止", ending={"ended_on": "2023-07-31"})), date(2023, 7, 31), "派遣中"),
        ((*WAY, decision(START, "廃止", ending={"ended_on": "2023-07-31"})), date(2023, 8, 1), "廃止"),
        ((*WAY, decision(START, "取消", ending={"ended_on": "2023-07-31"})), date(2023, 8, 1), "取消"),
        ((*WAY, decision(START, "変更", suspension={"start": "2023-07-01", "end": "2023-07-31"})), date(2023, 7, 1), "休止"),
        ((*WAY, decision(START, "変更", suspension={"start": "2023-07-01", "end": "2023-07-31"})), date(2023, 8, 1), "派遣中"),
        ((*WAY[:3], event("withdrawal", START)), START, "取下げ"),
        ((*WAY, event("withdrawal", START)), START, "派遣中"),  # until it is decided
        ((*WAY, event("dispatch_application", date(2024, 1, 9))), date(2024, 1, 9), "申請"),
    ],
)  # fmt: skip
def test_the_word_for_every_stage(events: tuple[Event, ...], day: date, status: str | None) -> None:
    assert at(*events).status_on(day) == status


def test_a_refused_household_may_be_approved_later() -> None:
    now = at(*WAY[:4], decision(START, "新規", "不承認"), APPROVED)
    assert (now.refusal, now.approval, now.status_on(START)) == (None, APPROVED, "派遣中")


def test_the_plan_in_force_is_the_latest_decided() -> None:
    assert at(*WAY).plan == PLAN
    assert at(*WAY, EXTENDED).plan == LONGER
    assert at(*WAY, decision(START, "延長", "不承認", plan=LONGER)).plan == PLAN


def test_the_last_day_is_the_earlier_of_end_and_period() -> None:
    ended = decision(START, "廃止", ending={"ended_on": "2024-09-30"})
    assert at(*WAY).last_day == END
    assert at(*WAY, EXTENDED).last_day == date(2024, 5, 31)
    assert at(*WAY, ended).last_day == END
    assert at(GUIDED).last_day is None


@given(st.dates(date(2023, 5, 1), date(2024, 12, 31)))
def test_a_visit_is_allowed_exactly_while_support_runs(day: date) -> None:
    pause = {"start": "2023-08-01", "end": "2023-08-31"}
    now = at(
        *WAY,
        EXTENDED,
        decision(START, "変更", suspension=pause),
        decision(START, "廃止", ending={"ended_on": "2024-03-15"}),
    )
    assert now.allows_visit(day) == (now.status_on(day) in {"派遣中", "延長"})
    assert (now.status_on(day) in OPEN) == (day <= date(2024, 3, 15))
