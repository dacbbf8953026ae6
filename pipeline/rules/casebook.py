"""What statistics count: cases with their centre, days, route, grades and cared-for persons, read from what was accepted.

Where each is found stands in the tables below and nowhere else. A case begins with its first consultation or, where the
programme was first, with the guidance or application; it ends with its closure, and may begin again (domain.md §5.7:
received on or before the day, and not closed on or before it).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pipeline.model import Event, Past
from pipeline.rules.register import cases, centre_of
from pipeline.rules.standing import EXTENDED, PAUSED, RUNNING, Standing, rounds
from pipeline.rules.visits import visits_of

Places = tuple[tuple[str, str], ...]  # form, path of the box

# The newest form that says it wins, except the route: what first brought the case stays.
BEGINS: Final = frozenset({"consultation", "dispatch_guidance", "dispatch_application"})
ENDS: Final = frozenset({"case_closure"})
ROUTE: Final[Places] = (("consultation", "consulter.route"),)
GRADES: Final[Places] = (
    ("consultation", "children[].school.grade"),
    ("dispatch_guidance", "children[].school.grade"),
    ("dispatch_application", "children[].school.grade"),
    ("visit_survey", "children[].grade"),
    ("assessment", "children[].grade"),
    ("support_plan", "children[].grade"),
)
CARED_FOR: Final[Places] = (
    ("consultation", "care_recipients[].relation"),
    ("dispatch_application", "care_recipients[].relation"),
    ("visit_survey", "care_recipients[].relation"),
    ("assessment", "care_recipients[].relation"),
)
TASKS: Final[Places] = (
    ("consultation", "care.tasks[]"),
    ("visit_survey", "care.tasks[]"),
    ("assessment", "care.tasks[]"),
)
ROUTE_BY_PROGRAMME: Final = "事業案内・申請から"
_IN_SUPPORT: Final = frozenset({RUNNING, EXTENDED, PAUSED})


@dataclass(frozen=True, slots=True)
class Spell:
    """A case from one beginning to its end; `closed_on` is None while it is open."""

    opened_on: date
    closed_on: date | None = None

    def is_open_on(self, day: date) -> bool:
        """Whether the case counts as supported on a day: not any more on the day it is closed."""
        return self.opened_on <= day and (self.closed_on is None or self.closed_on > day)


@dataclass(frozen=True, slots=True)
class Case:
    """One case as statistics see it: no name, no address."""

    case_id: str
    centre: str
    spells: tuple[Spell, ...]
    route: str
    grades: tuple[str, ...]  # one for each child
    cared_for: tuple[str, ...]
    tasks: tuple[str, ...]
    rounds: tuple[Standing, ...]
    past: Past

    def is_open_on(self, day: date) -> bool:
        """Whether the case counts on a day."""
        return any(spell.is_open_on(day) for spell in self.spells)

    def is_dispatched_on(self, day: date) -> bool:
        """Whether a helper comes to the household on a day (休止 included)."""
        return any(now.status_on(day) in _IN_SUPPORT for now in self.rounds)


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits made within a period, and their minutes."""

    count: int
    minutes: int


def casebook(past: Past, day: date) -> tuple[Case, ...]:
    """Return every case that had begun by a day, by case number, as it was known on that day."""
    return tuple(case for case_id, of_case in cases(past, day) if (case := _case(case_id, of_case)).spells)


def _case(case_id: str, past: Past) -> Case:
    return Case(
        case_id,
        centre_of(past),
        _spells(past),
        next(iter(_found(past, ROUTE)), (ROUTE_BY_PROGRAMME,))[0],
        _latest(past, GRADES),
        _latest(past, CARED_FOR),
        _latest(past, TASKS),
        rounds(past),
        past,
    )


def visits_within(case: Case, start: date, end: date) -> dict[str, Visits]:
    """Return the visits made to a household from `start` to `end`, by the centre that sent them."""
    made: dict[str, Visits] = {}
    for visit in visits_of(case.past):
        if visit.done and start <= visit.on <= end:
            before = made.get(visit.centre, Visits(0, 0))
            made[visit.centre] = Visits(before.count + 1, before.minutes + visit.minutes)
    return made


def _spells(past: Past) -> tuple[Spell, ...]:
    spells: list[Spell] = []
    for on, begins in sorted(_turns(past), key=lambda turn: turn[0]):
        is_open = bool(spells) and spells[-1].closed_on is None
        if begins and not is_open:
            spells.append(Spell(on))
        elif not begins and is_open:
            spells[-1] = Spell(spells[-1].opened_on, on)
    return tuple(spells)


def _turns(past: Past) -> Iterator[tuple[date, bool]]:
    """Every day a case begins (True) or ends (False), as they came in: of one day, that is their order."""
    for event in past.events:
        if event.form in BEGINS | ENDS:
            yield event.on, event.form in BEGINS


def _latest(past: Past, places: Places) -> tuple[str, ...]:
    found = list(_found(past, places))
    return found[-1] if found else ()


def _found(past: Past, places: Places) -> Iterator[tuple[str, ...]]:
    """What the forms say at these places, by the day they tell of; those that say nothing are left out."""
    paths = dict(places)
    for event in sorted(past.events, key=lambda event: event.on):
        if event.form in paths and (said := tuple(_read(event, paths[event.form]))):
            yield said


def _read(event: Event, path: str) -> Iterator[str]:
    return _dig(event.values, path.split("."))


def _dig(value: Any, steps: list[str]) -> Iterator[str]:
    if value is None:
        return
    if not steps:
        yield str(value)
        return
    inner = value.get(steps[0].removesuffix("[]"))
    for item in (inner or ()) if steps[0].endswith("[]") else (inner,):
        yield from _dig(item, steps[1:])
