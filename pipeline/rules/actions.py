"""What meetings decided and who is to do it (決定事項): folded from the minutes, so that it carries on until done. Pure.

A decision with an owner (担当) is open until later minutes of the same body name its number among the finished ones
(`closed_actions`). Its number says where it was decided: R4-2-3 is the third of 令和４年度第２回. Of one meeting only the latest
minutes count: the final ones take the place of the draft.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.model import Event, Past
from pipeline.rules.bodies import Session, action_prefix, session_of
from pipeline.rules.wareki import parse_iso

Values = Mapping[str, Any]
MINUTES = "meeting_minutes"


@dataclass(frozen=True, slots=True)
class Action:
    """One decision to be carried out. `due` is None where the meeting set no day."""

    number: str
    session: Session
    text: str
    owner: str
    due: date | None

    def row(self, day: date) -> dict[str, Any]:
        """Return it as papers print it; `late` says whether its day has passed."""
        late = self.due is not None and self.due < day
        due = self.due.isoformat() if self.due else None
        return {"number": self.number, "text": self.text, "owner": self.owner, "due": due, "late": late}


def latest_minutes(past: Past) -> list[Event]:
    """Return the minutes that count, one for each meeting, by the day it was held."""
    by_session = {session_of(event.values): event for event in past.of(MINUTES)}
    return sorted(by_session.values(), key=_held)


def open_actions(minutes: Iterable[Event]) -> tuple[Action, ...]:
    """Return what is still open after these minutes of one or more bodies, oldest first."""
    found: dict[tuple[tuple[str, str], str], Action] = {}
    for event in minutes:
        body = session_of(event.values).body
        for closed in event.values.get("closed_actions") or ():
            found.pop((body, closed["number"]), None)
        found |= {(body, action.number): action for action in actions_of(event.values)}
    return tuple(found.values())


def open_before(past: Past, session: Session, held_on: date) -> tuple[Action, ...]:
    """Return what a body had open when it met: after its earlier minutes, not those of the meeting itself."""
    return open_actions(
        event
        for event in latest_minutes(past)
        if session_of(event.values).body == session.body
        and session_of(event.values) != session
        and _held(event) <= held_on
    )


def actions_of(values: Values) -> Iterator[Action]:
    """Yield the decisions of one meeting that somebody is to carry out."""
    session, held_on = session_of(values), parse_iso(values["held_on"])
    for n, decision in enumerate(values.get("decisions") or (), 1):
        if decision.get("owner"):
            number = f"{action_prefix(held_on, session.ordinal)}-{n}"
            due = parse_iso(decision["due"]) if decision.get("due") else None
            yield Action(number, session, decision["text"], decision["owner"], due)


def _held(event: Event) -> date:
    return parse_iso(event.values["held_on"])
