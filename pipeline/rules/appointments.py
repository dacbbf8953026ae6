"""What a calendar shows: visits, monitorings and deadlines, of one plan or of everything a centre has open. Pure; no names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.model import Past
from pipeline.rules.deadlines import deadlines
from pipeline.rules.periods import days_in, next_day
from pipeline.rules.register import cases, centre_of
from pipeline.rules.standing import Standing, standing
from pipeline.rules.wareki import parse_iso, weekday

Values = Mapping[str, Any]
_A_YEAR = 366


@dataclass(frozen=True, slots=True, order=True)
class Appointment:
    """One entry: a day, its times (HH:MM, or empty for the whole day), and what it is. `uid` stays when it is made again."""

    on: date
    start: str
    end: str
    title: str
    note: str
    uid: str


def plan_appointments(plan: Values, case_id: str) -> tuple[Appointment, ...]:
    """Return the visits and monitorings of one plan: every scheduled weekday of its period, both ends included."""
    start, end = parse_iso(plan["period"]["start"]), parse_iso(plan["period"]["end"])
    visits = _visits(plan, case_id, _days(start, end))
    held = (_whole_day(parse_iso(day), "モニタリング", "", case_id) for day in plan["monitoring"])
    return tuple(sorted((*visits, *held)))


def appointments_by_centre(past: Past, office: Values, day: date) -> Mapping[str, tuple[Appointment, ...]]:
    """Return each centre's coming visits and all it has to do within a year; under "" what is of no one centre."""
    found: dict[str, list[Appointment]] = {}
    for case_id, of_case in cases(past, day):
        now = standing(of_case)
        found.setdefault(centre_of(now.past), []).extend(_coming_visits(now, case_id, day))
    for due in deadlines(past, office, day, _A_YEAR):
        whole_day = _whole_day(due.on, due.kind, due.note, due.case_id or due.centre)
        found.setdefault(due.centre, []).append(whole_day)
    return {centre: tuple(sorted(appointments)) for centre, appointments in found.items()}


def _coming_visits(now: Standing, case_id: str, day: date) -> Iterator[Appointment]:
    if now.plan is None or now.last_day is None:
        return
    days = [on for on in _days(max(day, now.periods[0].start), now.last_day) if now.allows_visit(on)]
    yield from _visits(now.plan, case_id, days)


def _visits(plan: Values, case_id: str, days: list[date]) -> Iterator[Appointment]:
    for slot in plan.get("schedule", ()):
        for on in days:
            if weekday(on) == slot["weekday"]:
                uid = f"visit-{case_id}-{on:%Y%m%d}"
                yield Appointment(on, slot["start"], slot["end"], f"訪問　{case_id}", "", uid)


def _whole_day(on: date, kind: str, note: str, whose: str) -> Appointment:
    return Appointment(on, "", "", f"{kind}　{whose}", note, f"{kind}-{whose}-{on:%Y%m%d}")


def _days(start: date, end: date) -> list[date]:
    days, day = [], start
    for _ in range(days_in(start, end)):
        days.append(day)
        day = next_day(day)
    return days
