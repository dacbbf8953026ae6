"""派遣管理台帳 (D22; domain.md §1.18): one row for every application of a household, counted from what was accepted. Pure.

The row names no person: case number, centre, dates and counts only. `register(past, day)` is the ledger as it stood on a
day: what tells of a later day is not counted, whenever it came in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.model import Event, Past
from pipeline.rules.standing import Standing, rounds
from pipeline.rules.visits import visits_of
from pipeline.rules.wareki import parse_iso

Values = Mapping[str, Any]
URGENT = "至急"  # how the most urgent kind of 情報提供書 begins


@dataclass(frozen=True, slots=True)
class Row:
    """One household in the ledger. Dates that have not come are None; `extensions` counts decided ones."""

    case_id: str
    application_no: str
    centre: str
    status: str
    applied_on: date | None
    received_on: date | None
    surveyed_on: date | None
    decided_on: date | None
    document_number: str
    decision: str
    period_start: date | None
    period_end: date | None
    extensions: int
    plan_version: int | None
    visits: int
    minutes: int
    cancelled: int
    monitored_on: tuple[date, ...]
    urgent_reports: int
    ended_on: date | None
    end_reason: str


def cases(past: Past, day: date) -> Iterator[tuple[str, Past]]:
    """Yield every case with what it tells of up to a day, by case number."""
    by_case: dict[str, list[Event]] = {}
    for event in past.events:
        if event.case_id is not None and event.on <= day:
            by_case.setdefault(event.case_id, []).append(event)
    for case_id in sorted(by_case):
        yield case_id, Past(tuple(by_case[case_id]))


def register(past: Past, day: date) -> tuple[Row, ...]:
    """Return the ledger as of a day, a row for every round of every household of the dispatch programme."""
    folded = ((case_id, now) for case_id, of_case in cases(past, day) for now in rounds(of_case))
    return tuple(_row(case_id, now, status, day) for case_id, now in folded if (status := now.status_on(day)))


def _row(case_id: str, now: Standing, status: str, day: date) -> Row:
    application, survey = now.last("dispatch_application"), now.last("visit_survey")
    decided = now.approval or now.refusal
    reports = visits_of(now.past)
    done = [visit for visit in reports if visit.done]
    ended = now.ending if now.ending and day > now.ending.on else None
    return Row(
        case_id=case_id,
        application_no=str(application.allocated.get("application_no", "")) if application else "",
        centre=centre_of(now.past),
        status=status,
        applied_on=_day(application, "applied_on"),
        received_on=_day(application, "received_on"),
        surveyed_on=survey.on if survey else None,
        decided_on=parse_iso(decided.values["decision"]["decided_on"]) if decided else None,
        document_number=decided.values["numbers"]["notice"] if decided else "",
        decision=decided.values["decision"]["result"] if decided else "",
        period_start=now.periods[0].start if now.periods else None,
        period_end=now.last_day,
        extensions=max(0, len(now.periods) - 1),
        plan_version=now.plan["version"] if now.plan else None,
        visits=len(done),
        minutes=sum(visit.minutes for visit in done),
        cancelled=len(reports) - len(done),
        monitored_on=tuple(event.on for event in now.all("monitoring")),
        urgent_reports=sum(
            event.values["urgency"].startswith(URGENT) for event in now.all("information_report")
        ),
        ended_on=ended.on if ended else None,
        end_reason=ended.kind if ended else "",
    )


def _day(event: Event | None, member: str) -> date | None:
    return parse_iso(event.values[member]) if event else None


def centre_of(past: Past) -> str:
    """Return the centre of the paper that tells of the latest day and names one: a household that moves takes its case along.

    By the day told of, not the day it came in: a transfer is often filed before the day from which it counts.
    """
    told = sorted((event for event in past.events if "centre" in event.values), key=lambda event: event.on)
    return str(told[-1].values["centre"]) if told else ""
