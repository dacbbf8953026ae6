"""Calendars: every visit of a plan on its day and time, read back by another reader of RFC 5545's rules (product §2c, issue .ics)."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from pipeline.calendars import make_calendar
from pipeline.rules.appointments import Appointment, plan_appointments
from pipeline.rules.periods import weekday_count

JST = timezone(timedelta(hours=9))
PLAN: dict[str, Any] = {
    "period": {"start": "2023-06-01", "end": "2023-11-30"},
    "schedule": [{"weekday": "木", "start": "13:30", "end": "15:30"}],
    "monitoring": ["2023-06-29", "2023-10-19"],
}


def events(data: bytes) -> list[Any]:
    return [part for part in Calendar.from_ical(data).walk() if part.name == "VEVENT"]


def test_every_thursday_of_the_period_and_both_monitorings() -> None:
    found = events(make_calendar("訪問予定表", plan_appointments(PLAN, "YC-23-1-001")))
    visits = [event for event in found if "訪問" in event["summary"]]
    assert len(visits) == 27 and len(found) == 29
    assert visits[0]["dtstart"].dt == datetime(2023, 6, 1, 13, 30, tzinfo=JST)
    assert visits[-1]["dtend"].dt == datetime(2023, 11, 30, 15, 30, tzinfo=JST)
    assert all("YC-23-1-001" in event["summary"] for event in found)
    whole = [event for event in found if "モニタリング" in event["summary"]]
    assert (whole[0]["dtstart"].dt, whole[0]["dtend"].dt) == (date(2023, 6, 29), date(2023, 6, 30))


def test_taking_it_in_again_doubles_nothing_and_the_bytes_are_the_same() -> None:
    made = make_calendar("x", plan_appointments(PLAN, "YC-23-1-001"))
    assert make_calendar("x", plan_appointments(PLAN, "YC-23-1-001")) == made
    uids = [str(event["uid"]) for event in events(made)]
    assert len(set(uids)) == len(uids)
    other = {
        str(event["uid"]) for event in events(make_calendar("x", plan_appointments(PLAN, "YC-23-1-002")))
    }
    assert other.isdisjoint(uids)


def test_a_plan_without_weekdays_shows_its_monitorings_only() -> None:
    assert [a.title for a in plan_appointments({**PLAN, "schedule": []}, "Y")] == ["モニタリング　Y"] * 2


@given(st.dates(date(2023, 6, 1), date(2030, 1, 1)), st.integers(0, 200), st.sampled_from("月火水木金土日"))
def test_as_many_visits_as_the_period_has_such_weekdays(start: date, days: int, weekday: str) -> None:
    end = start + timedelta(days=days)
    plan = {
        "period": {"start": start.isoformat(), "end": end.isoformat()},
        "schedule": [{"weekday": weekday, "start": "10:00", "end": "11:00"}],
        "monitoring": [],
    }
    made = plan_appointments(plan, "Y")
    assert len(made) == weekday_count(start, end, weekday)
    assert all(start <= a.on <= end for a in made) and list(made) == sorted(made)


def test_a_long_note_and_its_special_characters_come_back() -> None:
    note = "一、二；三\\四\n五" * 20
    (event,) = events(make_calendar("x", [Appointment(date(2023, 6, 1), "", "", "題", note, "u")]))
    assert str(event["description"]) == note
