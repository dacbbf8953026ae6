"""Where one household's dispatch stands, folded from its past (domain.md §1.20, §2.5). Pure: nothing is stored, all is derived.

A round runs from one application to its end; a later application of the same case begins another.

| form                               | what the fold reads of it                                                          |
|------------------------------------|------------------------------------------------------------------------------------|
| dispatch_guidance … dispatch_plan  | that it came: 案内, 申請, 調査, 計画                                                |
| dispatch_decision 新規              | `decision.result`; `plan.period`: the first period; `plan`: the plan in force       |
| dispatch_decision 延長              | `plan.period`: the next period; `plan`: the plan in force                           |
| dispatch_decision 変更              | `plan`: the plan in force, if it has one; `suspension`: 休止 from `start` to `end`   |
| dispatch_decision 廃止・取消        | `ending.ended_on`: the last day of support                                          |
| withdrawal before any decision     | 取下げ                                                                              |
| dispatch_acceptance, visit_report, monitoring | kept as they came                                                       |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from pipeline.model import NOTHING_BEFORE, Event, Past
from pipeline.rules.wareki import parse_iso

Values = Mapping[str, Any]

# 派遣の状況 (domain.md §2.5), in the order a household goes through them.
GUIDED, APPLIED, SURVEYED, PLANNED = "案内", "申請", "調査", "計画"
DECIDED, REFUSED, RUNNING, EXTENDED, PAUSED = "決定", "不承認", "派遣中", "延長", "休止"
EXPIRED, CEASED, REVOKED, TAKEN_BACK = "終了", "廃止", "取消", "取下げ"
OPEN: Final = frozenset({APPLIED, SURVEYED, PLANNED, DECIDED, RUNNING, EXTENDED, PAUSED})
_STEPS: Final = (
    ("dispatch_plan", PLANNED),
    ("visit_survey", SURVEYED),
    ("dispatch_application", APPLIED),
    ("dispatch_guidance", GUIDED),
)


@dataclass(frozen=True, slots=True)
class Period:
    """A period of support, both ends included."""

    start: date
    end: date

    def covers(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.start <= day <= self.end


@dataclass(frozen=True, slots=True)
class Ending:
    """An end before the period's own: its last day of support, and what ended it (廃止, 取消, 取下げ)."""

    on: date
    kind: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The current round of a household. Events are None or empty while their form has not come."""

    past: Past = NOTHING_BEFORE
    approval: Event | None = None  # the decision of the kind 新規 that approved
    refusal: Event | None = None
    periods: tuple[Period, ...] = ()
    plan: Values | None = None  # the plan block in force
    pauses: tuple[Period, ...] = ()
    ending: Ending | None = None

    def last(self, form: str) -> Event | None:
        """The latest event of a form in this round."""
        return self.past.last(form)

    def all(self, form: str) -> tuple[Event, ...]:
        """Every event of a form in this round, oldest first."""
        return self.past.of(form)

    @property
    def last_day(self) -> date | None:
        """The last day of support as now decided: of the latest period, or earlier where it was ended."""
        if not self.periods:
            return None
        end = self.periods[-1].end
        return min(end, self.ending.on) if self.ending else end

    def allows_visit(self, day: date) -> bool:
        """Whether support may be given on a day: inside a period, not in a pause, not after the end."""
        ended = self.ending is not None and day > self.ending.on
        return any(p.covers(day) for p in self.periods) and not ended and not self.is_paused(day)

    def is_paused(self, day: date) -> bool:
        """Whether a day lies in a 休止."""
        return any(pause.covers(day) for pause in self.pauses)

    def status_on(self, day: date) -> str | None:
        """The word for where the household stands on a day (§2.5); None before anything came."""
        if self.ending is not None and (day > self.ending.on or not self.periods):
            return self.ending.kind
        if self.periods:
            return self._running(day)
        if self.refusal is not None:
            return REFUSED
        return next((word for form, word in _STEPS if self.past.last(form)), None)

    def _running(self, day: date) -> str:
        if day < self.periods[0].start:
            return DECIDED
        if day > self.periods[-1].end:
            return EXPIRED
        if self.is_paused(day):
            return PAUSED
        return RUNNING if day <= self.periods[0].end else EXTENDED


def standing(past: Past) -> Standing:
    """Fold the past of one case into its current round."""
    return rounds(past)[-1]


def rounds(past: Past) -> tuple[Standing, ...]:
    """Fold the past of one case into its rounds, oldest first; there is always one."""
    folded = [Standing()]
    for event in past.events:
        if event.form == "dispatch_application" and folded[-1].last("dispatch_application"):
            folded.append(Standing())
        folded[-1] = _step(folded[-1], event)
    return tuple(folded)


def _step(now: Standing, event: Event) -> Standing:
    now = replace(now, past=Past((*now.past.events, event)))
    if event.form == "dispatch_decision":
        return _decided(now, event)
    if event.form == "withdrawal" and not now.periods:
        return replace(now, ending=Ending(event.on, TAKEN_BACK))
    return now


def _decided(now: Standing, event: Event) -> Standing:
    kind, approved = event.values["decision"]["kind"], event.values["decision"]["result"] == "承認"
    plan: Values | None = event.values.get("plan")
    if kind == "新規" and not approved:
        return replace(now, refusal=event)
    if not approved:
        return now
    if kind in (CEASED, REVOKED):
        return replace(now, ending=Ending(parse_iso(event.values["ending"]["ended_on"]), kind))
    if kind == "新規":
        now = replace(now, approval=event, refusal=None, periods=())
    if plan is not None:
        now = replace(now, plan=plan)
        if kind in ("新規", EXTENDED):
            now = replace(now, periods=(*now.periods, _period(plan["period"])))
    if pause := event.values.get("suspension"):
        now = replace(now, pauses=(*now.pauses, _period(pause)))
    return now


def _period(values: Values) -> Period:
    end = values.get("end")
    return Period(parse_iso(values["start"]), parse_iso(end) if end else date.max)
