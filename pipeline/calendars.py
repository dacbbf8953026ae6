"""Calendars as .ics files. The only importer of icalendar. The same appointments make the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from pipeline.rules.appointments import Appointment

_TOKYO = ZoneInfo("Asia/Tokyo")
_STAMP = datetime(
    2000, 1, 1, tzinfo=ZoneInfo("UTC")
)  # of no use to a reader; a fixed one keeps the bytes the same


def make_calendar(name: str, appointments: Iterable[Appointment]) -> bytes:
    """Return a calendar (RFC 5545) that Outlook and others take in; taking it in again doubles nothing."""
    calendar = Calendar()
    calendar.add("prodid", "-//Todoke//JA")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for appointment in appointments:
        calendar.add_component(_event(appointment))
    calendar.add_missing_timezones(first_date=date(2020, 1, 1), last_date=date(2038, 1, 1))
    return bytes(calendar.to_ical())


def _event(appointment: Appointment) -> Event:
    event = Event()
    event.add("uid", f"{appointment.uid}@todoke")
    event.add("dtstamp", _STAMP)
    event.add("summary", appointment.title)
    if appointment.note:
        event.add("description", appointment.note)
    if appointment.start and appointment.end:
        event.add("dtstart", _at(appointment.on, appointment.start))
        event.add("dtend", _at(appointment.on, appointment.end))
    else:
        event.add("dtstart", appointment.on)
        event.add("dtend", appointment.on + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    return event


def _at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), _TOKYO)
