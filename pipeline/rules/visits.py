"""The visits of one household as the contractor reported them (実施報告書, D14), and what its papers must agree with.

Reports are compared only by the day they tell of: a case has at most one visit a day. A report that was corrected is no part
of the past any more.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from pipeline.model import Event, Level, Past, Problem
from pipeline.rules.dispatch import Values
from pipeline.rules.findings import Sentence
from pipeline.rules.periods import planned_visits, week_of
from pipeline.rules.standing import Standing
from pipeline.rules.wareki import minutes_of, parse_iso

DONE: Final = "実施"
NO_DECISION = Sentence(
    "BR11",
    "このケースには、派遣の決定がありません。ケース番号を確かめるか、派遣依頼書を待って提出してください。",
)
TIME_ORDER = Sentence("BR02", "終了時刻は開始時刻より後でなければなりません。時刻を直してください。")
LONGER_THAN_STAY = Sentence(
    "BR02", "実時間が、開始から終了までの時間より長くなっています。時刻か実時間を直してください。"
)
TOO_LONG = Sentence(
    "BR02",
    "派遣は１回{limit}分以内です。実時間を確かめ、{limit}分を超えたときは、センターに連絡してください。",
)
TOO_OFTEN = Sentence(
    "BR03",
    "派遣は週{limit}回までです。同じ週に、ほかの訪問があります。訪問日を確かめ、超えたときは、センターに連絡してください。",
)
OUTSIDE = Sentence(
    "PERIOD",
    "派遣期間の外（終了の後と休止の間を含む。）の訪問です。訪問日を確かめ、センターに連絡してください。",
)
OTHER_NAME = Sentence(
    "CLIENT",
    "利用者の氏名が、このケースの決定の氏名と違います。ケース番号と氏名を確かめてください。",
    Level.WARNING,
)


@dataclass(frozen=True, slots=True)
class Visited:
    """One visit as its report tells it. A cancelled one has no minutes and no helpers."""

    on: date
    done: bool
    centre: str
    minutes: int = 0
    helpers: tuple[str, ...] = ()


def read_visit(values: Values) -> Visited:
    """Return the visit a report tells of."""
    visit = values["visit"]
    on, done = parse_iso(visit["visited_on"]), visit["result"] == DONE
    if not done:
        return Visited(on, done, values["centre"])
    return Visited(on, done, values["centre"], visit["minutes"], tuple(values["helpers"]))


def visits_of(past: Past) -> tuple[Visited, ...]:
    """Return every reported visit of one case, by day."""
    visits = (read_visit(event.values) for event in past.of("visit_report"))
    return tuple(sorted(visits, key=lambda visit: visit.on))


def check_stay(pointer: str, stay: Values, limit: int) -> Iterator[Problem]:
    """Refuse a visit that ends before it starts, counts more minutes than it lasted, or more than `limit` (BR02)."""
    lasted = minutes_of(stay["end"]) - minutes_of(stay["start"])
    if lasted <= 0:
        yield TIME_ORDER.at(f"{pointer}/end", "終了時刻", stay["end"])
    elif stay["minutes"] > lasted:
        yield LONGER_THAN_STAY.at(f"{pointer}/minutes", "実時間（分）", stay["minutes"])
    if stay["minutes"] > limit:
        yield TOO_LONG.at(f"{pointer}/minutes", "実時間（分）", stay["minutes"], limit=limit)


def in_same_week(day: date, others: Iterable[date], starts_on: str) -> list[date]:
    """Return the other days of a visit's week; the week begins on the weekday the office has set (BR03)."""
    first, last = week_of(day, starts_on)
    return [other for other in others if first <= other <= last and other != day]


def plan_on(now: Standing, day: date) -> Values | None:
    """Return the plan in force on a day: of the last decision that works by then; before any, of the first."""
    plans = [event for event in now.all("dispatch_decision") if _has_plan(event)]
    begun = [event for event in plans[1:] if _works_from(event) <= day]
    chosen = begun[-1] if begun else next(iter(plans), None)
    plan: Values | None = chosen.values["plan"] if chosen else None
    return plan


def _has_plan(event: Event) -> bool:
    return event.values["decision"]["result"] == "承認" and event.values.get("plan") is not None


def _works_from(event: Event) -> date:
    """An extension works from its own period, a change from the day it names, else from its letter."""
    if event.values["decision"]["kind"] == "延長":
        return parse_iso(event.values["plan"]["period"]["start"])
    changed_on = event.values.get("change", {}).get("changed_on")
    return parse_iso(changed_on) if changed_on else event.on


def visits_planned(plan: Values) -> int:
    """Return how many visits a plan foresees in its own period (予定回数)."""
    weekdays = [slot["weekday"] for slot in plan.get("schedule", ())]
    period = plan["period"]
    return planned_visits(
        parse_iso(period["start"]), parse_iso(period["end"]), weekdays, plan["visits_per_week"]
    )


def check_client(now: Standing, values: Values) -> Iterator[Problem]:
    """Warn of another name than the last decision's: the commonest sign of a wrong case number. A match never decides."""
    decided = now.last("dispatch_decision")
    name = values["applicant"]["name"]
    if decided is not None and _key(decided.values["applicant"]["name"]) != _key(name):
        yield OTHER_NAME.at("/applicant/name", "氏名", name)


def _key(name: str) -> str:
    """A name for comparing only, never kept: widths and spaces do not count."""
    return "".join(unicodedata.normalize("NFKC", name).split())
