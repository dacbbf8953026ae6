"""One month's report (D20a) beside what the cases it speaks of have reported (D14). Read once, compared often."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

from pipeline.model import Event, Past
from pipeline.rules.dispatch import Filing, Values
from pipeline.rules.findings import ensure_kind
from pipeline.rules.periods import month_of
from pipeline.rules.standing import Standing, standing
from pipeline.rules.visits import DONE, Visited, visits_of
from pipeline.rules.wareki import parse_iso, parse_month

COUNTS: Final = (("visits", "実施回数"), ("minutes", "実施時間（分）"), ("cancels", "キャンセル"))
_NOWHERE: Final = Standing()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of 派遣実績一覧 with its number on the form."""

    number: int
    on: date
    case_id: str
    values: Values

    @property
    def done(self) -> bool:
        """Whether the visit took place."""
        return bool(self.values["result"] == DONE)

    @property
    def minutes(self) -> int:
        """The minutes claimed; none for a cancelled visit."""
        return int(self.values["minutes"]) if self.done else 0

    @property
    def pointer(self) -> str:
        """Where the row stands on the form."""
        return f"/rows/{self.number}"


@dataclass(frozen=True)
class Month:
    """A monthly report before its judge: its rows, and the visit reports and standing of every case it may speak of."""

    filing: Filing

    @property
    def values(self) -> Values:
        """The form's values."""
        return self.filing.values

    @property
    def invoice(self) -> Values | None:
        """The invoice, if it came with the report."""
        return self.values.get("invoice")

    @property
    def contract(self) -> Mapping[str, Any]:
        """What the office has written down of its contract (office/contract.toml)."""
        return ensure_kind(self.filing.office, "contract")

    @cached_property
    def days(self) -> tuple[date, date]:
        """The first and last day of the month."""
        return month_of(parse_month(self.values["month"]))

    def covers(self, day: date) -> bool:
        """Whether a day lies in the month."""
        first, last = self.days
        return first <= day <= last

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The rows in the order of the form."""
        rows = enumerate(self.values.get("rows", ()))
        return tuple(Row(number, parse_iso(row["date"]), row["case_id"], row) for number, row in rows)

    @cached_property
    def by_case(self) -> Mapping[str, Sequence[Row]]:
        """The rows of each case."""
        by_case: dict[str, list[Row]] = {}
        for row in self.rows:
            by_case.setdefault(row.case_id, []).append(row)
        return by_case

    @cached_property
    def visits(self) -> Mapping[str, tuple[Visited, ...]]:
        """All reported visits of each case with a past, of any month."""
        return {case_id: visits_of(past) for case_id, past in self._pasts.items()}

    @cached_property
    def standings(self) -> Mapping[str, Standing]:
        """Where each case with a past stands."""
        return {case_id: standing(past) for case_id, past in self._pasts.items()}

    def standing(self, case_id: str) -> Standing:
        """Where a case stands; nowhere, if nothing is known of it."""
        return self.standings.get(case_id, _NOWHERE)

    @cached_property
    def reports(self) -> Mapping[tuple[str, date], Visited]:
        """The visits of the month by their reports: those sent to this centre, and those of a listed day."""
        listed = {(row.case_id, row.on) for row in self.rows}
        return {
            (case_id, visit.on): visit
            for case_id, visit in self._reported()
            if visit.centre == self.values["centre"] or (case_id, visit.on) in listed
        }

    def _reported(self) -> Iterator[tuple[str, Visited]]:
        for case_id, visits in self.visits.items():
            yield from ((case_id, visit) for visit in visits if self.covers(visit.on))

    @cached_property
    def _pasts(self) -> Mapping[str, Past]:
        events: dict[str, list[Event]] = {}
        for event in self.filing.past.events:
            if event.case_id is not None:
                events.setdefault(event.case_id, []).append(event)
        return {case_id: Past(tuple(mine)) for case_id, mine in events.items()}


def sums(rows: Sequence[Row]) -> dict[str, int]:
    """Return how often, how long and how often not."""
    done = [row for row in rows if row.done]
    minutes = sum(row.minutes for row in done)
    return {"visits": len(done), "minutes": minutes, "cancels": len(rows) - len(done)}
