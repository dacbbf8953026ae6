"""The bodies that meet (会議体): which one a form is about, how it is printed, who sits in it, in which order. Pure.

Names of sections and members are those of the day of the paper: `office/meeting.toml` and `office/organisation.toml` carry
`from` (domain.md §3.1: the city was reorganised in R6.4 and R7.4, and two agencies joined the 要対協 in R4.10).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.rules.wareki import digits, fiscal_era_year, fiscal_year, fiscal_year_name, parse_iso

Values = Mapping[str, Any]
_ERA_LETTERS: Mapping[str, str] = {"令和": "R", "平成": "H", "昭和": "S"}


@dataclass(frozen=True, slots=True, order=True)
class Session:
    """One meeting of a body: 令和４年度第２回庁内連携会議. A case meeting is one of a centre, any other of the city ("")."""

    meeting: str
    centre: str
    year: int  # 年度; ordinals restart with it (BR24)
    ordinal: int

    @property
    def body(self) -> tuple[str, str]:
        """What makes two meetings those of one body."""
        return self.meeting, self.centre

    def name(self, office: Values) -> str:
        """Return its name as papers print it: 令和４年度第２回庁内連携会議."""
        year = fiscal_year_name(date(self.year, 12, 1))
        return f"{year}第{digits(self.ordinal)}回{printed_name(office, self.meeting)}"


def session_of(values: Values) -> Session:
    """Return the session a form of a meeting tells of."""
    held_on = parse_iso(values["held_on"])
    return Session(
        values["meeting"], values.get("centre") or "", fiscal_year(held_on), int(values["ordinal"])
    )


def action_prefix(held_on: date, ordinal: int) -> str:
    """Return what the numbers of a meeting's decisions begin with: R4-2 (令和４年度第２回)."""
    era, year = fiscal_era_year(held_on)
    return f"{_ERA_LETTERS.get(era, '')}{year}-{ordinal}"


def find_body(office: Values, meeting: str) -> Values | None:
    """Return the office's record of a body on the paper's day; None where there is none."""
    found: Values | None = office.get("meeting", {}).get(meeting)
    return found


def printed_name(office: Values, meeting: str) -> str:
    """Return the name papers print; without a record the name on the form."""
    return str((find_body(office, meeting) or {}).get("printed") or meeting)


def is_on_cases(office: Values, meeting: str) -> bool:
    """Whether a body speaks of single cases: it is never public (domain.md §3.5)."""
    return bool((find_body(office, meeting) or {}).get("on_cases"))


def sections_of(office: Values, meeting: str) -> tuple[str, ...]:
    """Return the sections of a body in the order of its 要綱."""
    return tuple(member["section"] for member in (find_body(office, meeting) or {}).get("members") or ())


def is_known(office: Values, meeting: str, section: str) -> bool:
    """Whether a section may sit in a body: its members, the organisations and the centres of that day.

    A body without members (one called for a case) takes whom the case needs: a school is in no directory.
    """
    members = sections_of(office, meeting)
    directories = (members, office.get("organisation", {}), office.get("centre", {}))
    return not members or any(section in names for names in directories)


def roster(office: Values, meeting: str, people: Sequence[Values]) -> list[dict[str, Any]]:
    """Return people (`section`, `title`, `name`, `note`) as rows of a 出席者名簿: the chair, then the order of the 要綱.

    Each row gets a `number`, and the `department` and `field` of the directory. Who is not in the 要綱 comes last
    (domain.md §3.4).
    """
    order = sections_of(office, meeting)

    def place(person: Values) -> tuple[bool, int]:
        section = person["section"]
        return "議長" not in (person["note"] or ""), order.index(section) if section in order else len(order)

    rows = sorted(people, key=place)
    return [
        {"number": n, **_directory_of(office, meeting, row["section"]), **row}
        for n, row in enumerate(rows, 1)
    ]


def _directory_of(office: Values, meeting: str, section: str) -> dict[str, str]:
    organisation = office.get("organisation", {}).get(section) or {}
    members = (find_body(office, meeting) or {}).get("members") or ()
    field = next((member["field"] for member in members if member["section"] == section), "")
    return {"department": organisation.get("department") or "", "field": field}
