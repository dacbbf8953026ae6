"""Events of meetings, as the tests of their rules tell them."""

from __future__ import annotations

from datetime import date
from typing import Any

from pipeline.model import Event, Past

CENTRE = "平地区保健福祉センター"


def event(form: str, on: str, values: dict[str, Any], case_id: str | None = None) -> Event:
    day = date.fromisoformat(on)
    return Event(f"{day:%Y%m%d}-0001", form, case_id, day, day, values)


def minutes(held_on: str, ordinal: int, meeting: str = "庁内連携会議", **more: Any) -> Event:
    """Minutes of a meeting; final unless told otherwise."""
    values = {"meeting": meeting, "ordinal": ordinal, "held_on": held_on, "status": "確定", **more}
    return event("meeting_minutes", held_on, values)


def decided(*owners: str, due: str | None = None) -> list[dict[str, Any]]:
    """A decision for each owner; "" is one with nothing left to do."""
    day = {"due": due} if due else {}
    return [{"text": f"決定{n}", **({"owner": o} if o else {}), **day} for n, o in enumerate(owners, 1)]


def finished(*numbers: str) -> list[dict[str, str]]:
    return [{"number": number, "result": "済んだ。"} for number in numbers]


def past(*events: Event) -> Past:
    return Past(events)
