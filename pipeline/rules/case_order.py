"""In which order the events of a case are told: by the days they tell of, not by the days they came in. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pipeline.model import Event
from pipeline.rules.actions import MINUTES

_BOUNDS: Final = ("consultation", "case_closure")  # where a round begins and ends


def in_order(events: Iterable[Event]) -> list[Event]:
    """Sort by the days told of; of one day a 経過記録 with its 進行管理 stands before the minutes that may tell of the same."""
    ordered: list[Event] = []
    for event in sorted(events, key=lambda event: event.on):
        ordered.insert(_place(event, ordered), event)
    return ordered


def _place(event: Event, before: Sequence[Event]) -> int:
    place = len(before)
    if event.form == "progress_note" and event.values.get("review") is not None:
        for n in range(len(before) - 1, -1, -1):
            if before[n].on != event.on or before[n].form in _BOUNDS:
                break
            place = n if before[n].form == MINUTES else place
    return place
