"""The rules of 業務実績報告書・請求書 (D20; domain.md §1.17): the third place of the limits, then D14 ↔ D20a ↔ 請求."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.calendar import next_open_day
from pipeline.rules.dispatch import NO_PROGRAMME, Filing, Values
from pipeline.rules.findings import Sentence, check_row, closed_by_office
from pipeline.rules.invoice import check_amount, check_charges, invoice_facts
from pipeline.rules.month import Month, Row
from pipeline.rules.reconciliation import check_reports, check_sums, reconciliation_facts
from pipeline.rules.visits import NO_DECISION, OUTSIDE, TOO_OFTEN, check_stay, in_same_week
from pipeline.rules.wareki import digits, parse_iso

_OTHER_MONTH = Sentence("MONTH", "訪問日が対象月の外です。訪問日を直すか、その月の報告書に移してください。")
_ROW_TWICE = Sentence(
    "DOUBLED", "同じケースの同じ訪問日が、二度書かれています。一つの訪問は１行にしてください。"
)
_REPORTED_EARLY = Sentence("REPORT_DAY", "報告年月日が、一覧の最後の訪問日より前です。日付を直してください。")
_REPORTED_LATER = Sentence(
    "REPORT_DAY", "報告年月日が、この様式を受け付けた日より後です。日付を直してください。"
)
_INVOICED_EARLY = Sentence(
    "REPORT_DAY",
    "請求年月日が、対象月の終わる前です。業務が終わった後の請求か、確かめてください。",
    Level.WARNING,
)
_LATE = Sentence(
    "LATE", "報告の期限（翌月{day}日。閉庁日なら次の開庁日）を過ぎて受け付けました。", Level.WARNING
)
_AGAIN = Sentence(
    "AGAIN",
    "同じ月・同じセンターの報告書を、もう受け付けています。差し替えかどうかを確かめ、二重に支払わないでください。",
    Level.WARNING,
)

MonthCheck = Callable[[Month], Iterator[Problem]]


def judge_monthly_report(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 業務実績報告書・請求書.

    Facts: `checks`, `first_day`, `last_day`, those of the 突合表 (`reconciliation_facts`) and of the invoice (`invoice_facts`).
    """
    programme = office.get("programme")
    if programme is None:
        return Ruling((NO_PROGRAMME.at("/month", "対象月", values["month"]),))
    month = Month(Filing(values, office, programme, received_on, past))
    findings = [(item, tuple(check(month))) for item, check in MONTH_CHECKS]
    first, last = month.days
    facts = {
        "checks": [check_row(item, found) for item, found in findings],
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        **reconciliation_facts(month),
        **invoice_facts(month),
    }
    return Ruling(tuple(dict.fromkeys(problem for _, found in findings for problem in found)), facts)


def _check_dates(month: Month) -> Iterator[Problem]:
    seen: set[tuple[str, date]] = set()
    for row in month.rows:
        place = (f"{row.pointer}/date", "訪問日", row.values["date"])
        if not month.covers(row.on):
            yield _OTHER_MONTH.at(*place)
        if (row.case_id, row.on) in seen:
            yield _ROW_TWICE.at(*place)
        seen.add((row.case_id, row.on))


def _check_plans(month: Month) -> Iterator[Problem]:
    """There is a decision for every case, and every visit lies inside its period, on no day after its end."""
    for row in month.rows:
        now = month.standing(row.case_id)
        if now.approval is None:
            yield NO_DECISION.at(f"{row.pointer}/case_id", "ケース番号", row.case_id)
        elif row.done and not now.allows_visit(row.on):
            yield OUTSIDE.at(f"{row.pointer}/date", "訪問日", row.values["date"])


def _check_lengths(month: Month) -> Iterator[Problem]:
    for row in month.rows:
        if row.done:
            yield from check_stay(row.pointer, row.values, month.filing.programme["minutes_per_visit"])


def _check_weeks(month: Month) -> Iterator[Problem]:
    """BR03 over the edges of the month: its rows, and the reported visits of the days beside it."""
    limit = month.filing.programme["visits_per_week"]
    for row in month.rows:
        if row.done and len(_same_week(month, row)) >= limit:
            yield TOO_OFTEN.at(f"{row.pointer}/date", "訪問日", row.values["date"], limit=digits(limit))


def _same_week(month: Month, row: Row) -> list[date]:
    listed = {other.on for other in month.by_case[row.case_id] if other.done}
    beside = {
        visit.on for visit in month.visits.get(row.case_id, ()) if visit.done and not month.covers(visit.on)
    }
    return in_same_week(row.on, listed | beside, month.filing.programme["week_starts"])


def _check_report_days(month: Month) -> Iterator[Problem]:
    reported_on, place = (
        month.filing.day("reported_on"),
        ("/reported_on", "報告年月日", month.values["reported_on"]),
    )
    if reported_on < max((row.on for row in month.rows if row.done), default=date.min):
        yield _REPORTED_EARLY.at(*place)
    if reported_on > month.filing.came_in:
        yield _REPORTED_LATER.at(*place)
    if month.invoice and parse_iso(month.invoice["dated_on"]) < month.days[1]:
        yield _INVOICED_EARLY.at("/invoice/dated_on", "請求年月日", month.invoice["dated_on"])
    if month.filing.came_in > deadline_of(month):
        yield _LATE.at("/month", "対象月", day=digits(month.filing.programme["monthly_report_day"]))


def deadline_of(month: Month) -> date:
    """Return the last day for the report: the n-th of the next month, or the next open day (地方自治法4条の2第4項)."""
    due = month.days[1] + timedelta(month.filing.programme["monthly_report_day"])
    return next_open_day(due, closed_by_office(month.filing.office))


def _check_again(month: Month) -> Iterator[Problem]:
    before = {
        (event.values["month"], event.values["centre"]) for event in month.filing.past.of("monthly_report")
    }
    if (month.values["month"], month.values["centre"]) in before:
        yield _AGAIN.at("/month", "対象月", month.values["month"])


MONTH_CHECKS: Final[tuple[tuple[str, MonthCheck], ...]] = (
    ("対象月の訪問であること、同じ訪問が二度ないこと", _check_dates),
    ("派遣の決定があり、派遣期間の内であること", _check_plans),
    ("１回の時間", _check_lengths),
    ("１週の回数", _check_weeks),
    ("実施報告書との一致", check_reports),
    ("合計", check_sums),
    ("請求の内訳と単価", check_charges),
    ("請求の合計と消費税", check_amount),
    ("報告・請求の日付と期限", _check_report_days),
    ("同じ月の報告書が一つであること", _check_again),
)
