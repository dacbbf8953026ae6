"""The rules of 実施報告書 (D14; domain.md §1.14): the limits once more, the period, the order after the 承諾書."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.dispatch import NO_PROGRAMME, Filing, Values, check_start
from pipeline.rules.findings import Sentence, check_row
from pipeline.rules.periods import months_end, week_of
from pipeline.rules.standing import Standing, standing
from pipeline.rules.visits import (
    NO_DECISION,
    OUTSIDE,
    TOO_OFTEN,
    Visited,
    check_client,
    check_stay,
    in_same_week,
    plan_on,
    read_visit,
    visits_of,
    visits_planned,
)
from pipeline.rules.wareki import digits, parse_iso, weekday

_NOT_ACCEPTED = Sentence(
    "ACCEPTANCE",
    "この訪問日より前の承諾書が受け付けられていません。先に承諾書を提出するか、訪問日を確かめてください。",
)
_OVER_PLAN = Sentence(
    "BR02", "実時間が、支援計画の１回当たりの時間を超えています。実時間を確かめ、センターに連絡してください。"
)
_FIRST_DAY = Sentence(
    "FIRST_VISIT",
    "初回の訪問日が、派遣期間の始期（支援開始日）と違います。期間は支援開始日から数えるので、変更の決定を検討してください。",
    Level.WARNING,
)
_REPORTED_EARLY = Sentence("VISIT_DAY", "報告年月日が訪問日より前です。どちらかの日付を直してください。")
_NOT_YET = Sentence(
    "VISIT_DAY", "まだ来ていない日の訪問は報告できません。訪問日を確かめて、訪問の後に提出してください。"
)
_REPORTED_TWICE = Sentence(
    "DOUBLED",
    "この訪問日の報告書は、もう受け付けています。訂正するときは、訂正のための様式をセンターに求めてください。",
)
_OTHER_WEEKDAY = Sentence(
    "SCHEDULE",
    "訪問の曜日が、支援計画の曜日と違います。利用者と調整した結果か、センターで確かめてください。",
    Level.WARNING,
)
_NOBODY_GROWN = Sentence(
    "PRESENT",
    "立会者に大人がいません。保護者が不在のときの保育はできないので、訪問の様子を確かめてください。",
    Level.WARNING,
)
_UNCONFIRMED = Sentence(
    "CONFIRMATION", "利用者の確認がありません。実施した内容を、利用者に確かめてください。", Level.WARNING
)
_MONEY = Sentence(
    "SHOPPING",
    "預かった額から使った額を引いた残りが、返した額と合いません。レシートを確かめて直してください。",
)
_NO_RECEIPTS = Sentence(
    "SHOPPING", "レシートの写しが添えられていません。精算を確かめてください。", Level.WARNING
)
_CANCELLED_LATER = Sentence(
    "VISIT_DAY", "連絡のあった日が、訪問の予定日より後です。どちらかの日付を直してください。"
)

# 本人 and its brothers and sisters may all be children; everyone else of the list is taken for grown.
_YOUNG: Final = frozenset({"本人", "兄", "姉", "弟", "妹"})


@dataclass(frozen=True, slots=True)
class Report:
    """A visit report before its judge: the filing, where the household stands, this visit and the other ones."""

    filing: Filing
    now: Standing
    visit: Visited
    others: tuple[Visited, ...]

    @property
    def values(self) -> Values:
        """The form's values."""
        return self.filing.values

    @property
    def plan(self) -> Values | None:
        """The plan in force on the day of the visit."""
        return plan_on(self.now, self.visit.on)


ReportCheck = Callable[[Report], Iterator[Problem]]


def judge_visit_report(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 実施報告書. Facts: `checks`, `visit_no`, `planned_visits`, `week`, `proposal` (a period, or None)."""
    programme = office.get("programme")
    if programme is None:
        return Ruling((NO_PROGRAMME.at("/visit/visited_on", "訪問日", values["visit"]["visited_on"]),))
    filing = Filing(values, office, programme, received_on, past)
    report = Report(filing, standing(past), read_visit(values), visits_of(past))
    checks = (*EVERY_REPORT, *(WHEN_DONE if report.visit.done else ()))
    findings = [(item, tuple(check(report))) for item, check in checks]
    problems = tuple(problem for _, found in findings for problem in found)
    return Ruling(
        problems, {"checks": [check_row(item, found) for item, found in findings], **_facts(report)}
    )


def _facts(report: Report) -> dict[str, Any]:
    plan, visit = report.plan, report.visit
    first, last = week_of(visit.on, report.filing.programme["week_starts"])
    return {
        "visit_no": 1 + sum(other.done for other in _earlier(report)) if visit.done else None,
        "planned_visits": visits_planned(plan) if plan else None,
        "week": {"start": first.isoformat(), "end": last.isoformat()},
        "proposal": _proposal(report),
    }


def _earlier(report: Report) -> list[Visited]:
    """The visits before this one, in the same period of support."""
    periods = [period for period in report.now.periods if period.covers(report.visit.on)]
    return [
        other
        for other in report.others
        if other.on < report.visit.on and all(period.covers(other.on) for period in periods)
    ]


def _is_first_elsewhen(report: Report) -> bool:
    """Whether this is the first visit of all, on another day than the period begins."""
    if not report.visit.done or not report.now.periods:
        return False
    start = report.now.periods[0].start
    earlier = any(other.done and start <= other.on < report.visit.on for other in report.others)
    return not earlier and report.visit.on != start


def _proposal(report: Report) -> dict[str, str] | None:
    if not _is_first_elsewhen(report):
        return None
    start = report.visit.on
    end = months_end(start, report.filing.programme["months"])
    return {"start": start.isoformat(), "end": end.isoformat()}


def _check_days(report: Report) -> Iterator[Problem]:
    values, visit = report.values, report.visit
    yield from check_start(
        "/visit/visited_on", "訪問日", values["visit"]["visited_on"], report.filing.programme
    )
    if not visit.done:
        contacted_on = values["cancel"].get("contacted_on")
        if contacted_on and parse_iso(contacted_on) > visit.on:
            yield _CANCELLED_LATER.at("/cancel/contacted_on", "連絡のあった日", contacted_on)
        return
    if report.filing.day("reported_on") < visit.on:
        yield _REPORTED_EARLY.at("/reported_on", "報告年月日", values["reported_on"])
    if visit.on > report.filing.came_in:
        yield _NOT_YET.at("/visit/visited_on", "訪問日", values["visit"]["visited_on"])


def _check_order(report: Report) -> Iterator[Problem]:
    """Not before the 承諾書 (D13), and only under a decision (BR11)."""
    if report.now.approval is None:
        yield NO_DECISION.at("/case_id", "ケース番号")
        return
    answers = [event.values for event in report.now.all("dispatch_acceptance")]
    given = [answer for answer in answers if parse_iso(answer["answered_on"]) <= report.visit.on]
    latest = max(given, key=lambda answer: str(answer["answered_on"]), default=None)
    if latest is None or latest["answer"] != "承諾する":
        yield _NOT_ACCEPTED.at("/visit/visited_on", "訪問日", report.values["visit"]["visited_on"])


def _check_period(report: Report) -> Iterator[Problem]:
    if report.now.approval is not None and not report.now.allows_visit(report.visit.on):
        yield OUTSIDE.at("/visit/visited_on", "訪問日", report.values["visit"]["visited_on"])


def _check_length(report: Report) -> Iterator[Problem]:
    stay, plan = report.values["visit"], report.plan
    yield from check_stay("/visit", stay, report.filing.programme["minutes_per_visit"])
    if plan and plan["minutes_per_visit"] < stay["minutes"] <= report.filing.programme["minutes_per_visit"]:
        yield _OVER_PLAN.at("/visit/minutes", "実時間（分）", stay["minutes"])


def _check_week(report: Report) -> Iterator[Problem]:
    programme = report.filing.programme
    done = (other.on for other in report.others if other.done)
    same_week = in_same_week(report.visit.on, done, programme["week_starts"])
    if len(same_week) >= programme["visits_per_week"]:
        limit = digits(programme["visits_per_week"])
        found = report.values["visit"]["visited_on"]
        yield TOO_OFTEN.at("/visit/visited_on", "訪問日", found, limit=limit)


def _check_once(report: Report) -> Iterator[Problem]:
    """One report a visit. A correction takes the place of the report it corrects, which is then not among the others."""
    if any(other.on == report.visit.on for other in report.others):
        yield _REPORTED_TWICE.at("/visit/visited_on", "訪問日", report.values["visit"]["visited_on"])


def _check_first(report: Report) -> Iterator[Problem]:
    if _is_first_elsewhen(report):
        yield _FIRST_DAY.at("/visit/visited_on", "訪問日", report.values["visit"]["visited_on"])


def _check_schedule(report: Report) -> Iterator[Problem]:
    weekdays = {slot["weekday"] for slot in (report.plan or {}).get("schedule", ())}
    if weekdays and weekday(report.visit.on) not in weekdays:
        yield _OTHER_WEEKDAY.at("/visit/visited_on", "訪問日", report.values["visit"]["visited_on"])


def _check_client(report: Report) -> Iterator[Problem]:
    yield from check_client(report.now, report.values)


def _check_present(report: Report) -> Iterator[Problem]:
    present = {person["relation"] for person in report.values.get("present", ())}
    if present <= _YOUNG:
        yield _NOBODY_GROWN.at("/present", "立会者")


def _check_confirmed(report: Report) -> Iterator[Problem]:
    if report.values["confirmation"]["kind"] == "なし":
        yield _UNCONFIRMED.at("/confirmation/kind", "確認の方法", "なし")


def _check_shopping(report: Report) -> Iterator[Problem]:
    money = report.values.get("shopping")
    if money is None:
        return
    if money["received"] - money["spent"] != money["returned"]:
        yield _MONEY.at("/shopping/returned", "返した額（円）", money["returned"])
    if money["spent"] and not money.get("receipts"):
        yield _NO_RECEIPTS.at("/shopping/receipts", "レシートの写しを添付")


# In the order a clerk goes through the report.
EVERY_REPORT: Final[tuple[tuple[str, ReportCheck], ...]] = (
    ("訪問日と報告年月日", _check_days),
    ("同じ訪問の報告書が一つであること", _check_once),
    ("利用者の氏名とケース番号", _check_client),
    ("派遣の決定と承諾書の後であること", _check_order),
    ("派遣期間の内であること", _check_period),
)
WHEN_DONE: Final[tuple[tuple[str, ReportCheck], ...]] = (
    ("１回の時間（上限と支援計画）", _check_length),
    ("１週の回数", _check_week),
    ("初回の訪問日と支援開始日", _check_first),
    ("支援計画の曜日", _check_schedule),
    ("立会者", _check_present),
    ("利用者の確認", _check_confirmed),
    ("買物の預り金の精算", _check_shopping),
)
