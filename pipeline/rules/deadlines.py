"""What comes due (期限; product §4.11): monitorings, ends of periods, replies, months without a report, casework, meetings. Pure.

Every deadline is derived from what was accepted and from office/programme.toml; nobody keeps a list. Filing deadlines that
fall on a closed day move to the next open day (地方自治法4条の2, 民法142条); ends of support do not (domain.md §6.8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from pipeline.model import Past
from pipeline.rules.calendar import next_open_day
from pipeline.rules.case_deadlines import case_deadlines
from pipeline.rules.due import Due
from pipeline.rules.findings import closed_by_office
from pipeline.rules.meeting_tasks import meeting_tasks
from pipeline.rules.periods import month_of, next_day
from pipeline.rules.register import cases, centre_of
from pipeline.rules.standing import DECIDED, EXTENDED, PAUSED, RUNNING, Standing, standing
from pipeline.rules.wareki import digits, parse_iso, year_name

Values = Mapping[str, Any]
_UNDER_SUPPORT: Final = frozenset({DECIDED, RUNNING, EXTENDED, PAUSED})


@dataclass(frozen=True, slots=True)
class Household:
    """One household on a day, as the deadlines see it."""

    case_id: str
    now: Standing
    office: Values
    day: date

    @property
    def programme(self) -> Values:
        """The programme in force."""
        found: Values = self.office["programme"]
        return found

    def due(self, on: date, kind: str, note: str) -> Due:
        """A deadline of this household."""
        return Due(on, centre_of(self.now.past), self.case_id, kind, note)


def deadlines(past: Past, office: Values, day: date, within: int) -> tuple[Due, ...]:
    """Return everything open on a day that is overdue or comes due within so many days, the most urgent first."""
    last = day + timedelta(days=within)
    dispatch = _of_dispatch(past, office, day) if office.get("programme") is not None else ()
    every = (*dispatch, *case_deadlines(past, office, day), *meeting_tasks(past, office, day))
    return tuple(sorted({due for due in every if due.on <= last}))


def _of_dispatch(past: Past, office: Values, day: date) -> Iterator[Due]:
    households = [Household(case_id, standing(p), office, day) for case_id, p in cases(past, day)]
    for household in households:
        for rule in HOUSEHOLD_RULES:
            yield from rule(household)
    reports = [event for event in past.of("monthly_report") if event.received_on <= day]
    yield from _months_without_report(households, {(e.values["month"], e.values["centre"]) for e in reports})


def _reply_awaited(house: Household) -> Iterator[Due]:
    """同行訪問の回答: until the survey has come."""
    application = house.now.last("dispatch_application")
    reply_by = application and (application.values.get("visit") or {}).get("reply_by")
    if reply_by and not house.now.last("visit_survey") and house.now.ending is None:
        yield house.due(parse_iso(reply_by), "回答期限", "同行訪問の回答を、受託事業者に確かめてください。")


def _acceptance_awaited(house: Household) -> Iterator[Due]:
    """派遣承諾書: within the office's days of the request."""
    approval = house.now.approval
    if approval and not house.now.last("dispatch_acceptance") and _is_supported(house):
        asked_on = parse_iso(approval.values["doc_date"])
        by = _open(asked_on + timedelta(days=house.programme["acceptance_days"]), house.office)
        yield house.due(by, "承諾書", "派遣承諾書が届いていません。受託事業者に確かめてください。")


def _monitoring(house: Household) -> Iterator[Due]:
    """Each planned monitoring of the plan in force, until as many were held since its period began."""
    if house.now.plan is None or not _is_supported(house):
        return
    begun = parse_iso(house.now.plan["period"]["start"])
    held = sum(event.on >= begun for event in house.now.all("monitoring"))
    for planned in sorted(house.now.plan["monitoring"])[held:]:
        yield house.due(
            parse_iso(planned), "モニタリング", "コーディネーターに同行を頼み、モニタリングをしてください。"
        )


def _period_ends(house: Household) -> Iterator[Due]:
    """The end of support, and the day by which an extension must be under way."""
    end = house.now.last_day
    if end is None or house.now.ending is not None or not _is_supported(house):
        return
    weeks = house.programme["extension_weeks"]
    if not _extension_asked(house):
        note = f"派遣期間が{digits(weeks)}週間後に終わります。延長するかどうかを、家庭とコーディネーターに確かめてください。"
        yield house.due(end - timedelta(weeks=weeks), "延長の検討", note)
    yield house.due(
        end,
        "派遣期間の終わり",
        "派遣期間が終わります。延長の決定がなければ、派遣終了通知書を出してください。",
    )


def _extension_asked(house: Household) -> bool:
    asked = house.now.last("extension_application")
    return asked is not None and asked.on >= house.now.periods[-1].start


def _is_supported(house: Household) -> bool:
    return house.now.status_on(house.day) in _UNDER_SUPPORT


HOUSEHOLD_RULES: Final[tuple[Callable[[Household], Iterator[Due]], ...]] = (
    _reply_awaited,
    _acceptance_awaited,
    _monitoring,
    _period_ends,
)


def _months_without_report(households: list[Household], reported: set[tuple[str, str]]) -> Iterator[Due]:
    """業務実績報告: every finished month with a day of support, per centre, until its report has come (domain.md §1.17)."""
    supported = {
        (month, centre_of(house.now.past)): house for house in households for month in _finished_months(house)
    }
    for month, centre in sorted(supported.keys() - reported):
        house = supported[month, centre]
        year, number = divmod(int(month[:4]) * 12 + int(month[5:]), 12)
        by = _open(date(year, number + 1, house.programme["monthly_report_day"]), house.office)
        said = f"{year_name(date(int(month[:4]), int(month[5:]), 1))}{digits(int(month[5:]))}月"
        note = f"{said}分の業務実績報告書が届いていません。受託事業者に確かめてください。"
        yield Due(by, centre, "", "月次報告", note)


def _finished_months(house: Household) -> set[str]:
    """The months (YYYY-MM) that are over and in which support was allowed on some day."""
    months = set()
    for period in house.now.periods:
        first, last = month_of(period.start)
        while first <= period.end and last < house.day:
            if any(house.now.allows_visit(first.replace(day=number)) for number in range(1, last.day + 1)):
                months.add(f"{first:%Y-%m}")
            first, last = month_of(next_day(last))
    return months


def _open(day: date, office: Values) -> date:
    return next_open_day(day, closed_by_office(office))
