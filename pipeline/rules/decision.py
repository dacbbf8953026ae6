"""The rules of 決裁結果 (D10–D12; domain.md §1.11–1.13): limits, the period, the order of the steps, the reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any, Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.dispatch import (
    APPLIED_LATE,
    NO_PROGRAMME,
    Check,
    Filing,
    Values,
    check_centre,
    check_slots,
    check_start,
    slot_minutes,
    slot_text,
)
from pipeline.rules.findings import Sentence, check_open_day
from pipeline.rules.periods import months_end, planned_visits
from pipeline.rules.wareki import digits, fiscal_era_year, parse_iso, weekday

_VISIT_TOO_LONG = Sentence("BR02", "派遣は１回{limit}分以内です。{limit}分以内に直してください。")
_SLOT_OVER_PLAN = Sentence(
    "BR02", "時間帯が「１回当たりの時間」より長くなっています。どちらかを直して、そろえてください。"
)
_TOO_OFTEN = Sentence("BR03", "派遣は週{limit}回までです。回数を直してください。")
_SCHEDULE_TOO_OFTEN = Sentence(
    "BR03", "曜日・時間帯の数が「１週当たりの回数」を超えています。どちらかを直して、そろえてください。"
)
_WRONG_END = Sentence(
    "BR04",
    "派遣期間は始期から{months}か月で、終期は応当日の前日（応当日がない月は末日）です。始期か終期を直してください。",
)
_FEE = Sentence(
    "BR06", "利用料はこの日の定めと一致しなければなりません（１回当たり{fee}円）。金額を直してください。"
)
_BEFORE_STEP = (
    "「{earlier}」より前の日付になっています。手続の順になるように、どちらかの日付を直してください。"
)
_STEP_ORDER = Sentence("BR11", _BEFORE_STEP)
_LETTER_ORDER = Sentence("BR15", _BEFORE_STEP)
_START_BEFORE_DECISION = Sentence(
    "BR11",
    "派遣期間の始期が決定日より前です。さかのぼって派遣することになるので、日付を確かめてください。",
    Level.WARNING,
)
_SHORT_REASON = Sentence(
    "BR14", "不承認の理由は、当てはまる事実が分かるように{limit}字以上で記入してください。"
)
_NO_ARTICLE = Sentence("BR14", "根拠条項は「第６条第２項」のように、条の番号まで記入してください。")
_START_WEEKDAY = Sentence(
    "BR17",
    "支援開始日の曜日が、派遣の曜日と違います。最初の訪問日を支援開始日とするよう確かめてください。",
    Level.WARNING,
)
_NUMBER_YEAR = Sentence(
    "BR25",
    "文書番号の頭の数字は、文書の日付の年度（令和）と同じでなければなりません。番号か日付を直してください。",
)
_SAME_NUMBER = Sentence(
    "BR25", "決定通知書と派遣依頼書は別の文書です。それぞれの文書番号を記入してください。"
)
_FUTURE = Sentence("BR15", "まだ来ていない日の決定は受け付けられません。決定日を確かめてください。")
_FAR_DATE = Sentence(
    "BR16",
    "文書の日付が、受け付けた日から２か月より先です。日付に誤りがないか確かめてください。",
    Level.WARNING,
)
_NO_MONITORING = Sentence(
    "BR29", "派遣期間が終わる日より前に、少なくとも１回のモニタリングを予定してください。", Level.WARNING
)
_MONITORING_OUTSIDE = Sentence(
    "BR29", "モニタリングの予定日が派遣期間の外です。日付を確かめてください。", Level.WARNING
)

_ARTICLE: Final = re.compile(r"第[0-9０-９一二三四五六七八九十百]+条")
_NUMBER_HEAD: Final = re.compile(r"[0-9０-９]+")


def judge_decision(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 決裁結果. Facts: `period_end` (ISO) and `planned_visits`, both None for a refusal."""
    programme = office.get("programme")
    if programme is None:
        return Ruling((NO_PROGRAMME.at("/doc_date", "文書の日付", values["doc_date"]),))
    filing = Filing(values, office, programme, received_on, past)
    problems = tuple(problem for check in DECISION_CHECKS for problem in check(filing))
    return Ruling(problems, _decision_facts(values.get("plan"), programme))


def _decision_facts(plan: Values | None, programme: Values) -> dict[str, Any]:
    if plan is None:
        return {"period_end": None, "planned_visits": None}
    start = parse_iso(plan["period"]["start"])
    end = months_end(start, programme["months"])
    weekdays = [slot["weekday"] for slot in plan.get("schedule", ())]
    return {
        "period_end": end.isoformat(),
        "planned_visits": planned_visits(start, end, weekdays, plan["visits_per_week"]),
    }


def _check_steps(filing: Filing) -> Iterator[Problem]:
    """Receipt, survey, plan, decision and letter follow each other (BR11, BR15)."""
    values = filing.values
    application, plan = values["application"], values.get("plan")
    if parse_iso(application["applied_on"]) > parse_iso(application["received_on"]):
        yield APPLIED_LATE.at("/application/applied_on", "申請年月日", application["applied_on"])
    steps = [
        ("/application/received_on", "収受日", application["received_on"]),
        ("/surveyed_on", "訪問調査日", values["surveyed_on"]),
        *([("/plan/made_on", "計画作成日", plan["made_on"])] if plan else []),
        ("/decision/decided_on", "決定日", values["decision"]["decided_on"]),
        ("/doc_date", "文書の日付", values["doc_date"]),
    ]
    for (_, earlier, before), (pointer, title, after) in pairwise(steps):
        if parse_iso(after) < parse_iso(before):
            sentence = _LETTER_ORDER if pointer == "/doc_date" else _STEP_ORDER
            yield sentence.at(pointer, title, after, earlier=earlier)


def _check_doc_date(filing: Filing) -> Iterator[Problem]:
    yield from check_open_day(filing.office, "/doc_date", "文書の日付", filing.values["doc_date"])


def _check_numbers(filing: Filing) -> Iterator[Problem]:
    _, year = fiscal_era_year(filing.day("doc_date"))
    titles = {"notice": "決定通知書の文書番号", "request": "派遣依頼書の文書番号"}
    for member, number in filing.values["numbers"].items():
        head = _NUMBER_HEAD.match(number)
        if head is None or int(head[0]) != year:
            yield _NUMBER_YEAR.at(f"/numbers/{member}", titles[member], number)
    numbers = filing.values["numbers"]
    if len(set(numbers.values())) < len(numbers):
        yield _SAME_NUMBER.at("/numbers/request", titles["request"], numbers["request"])


def _check_not_yet(filing: Filing) -> Iterator[Problem]:
    """A decision has been made; its letter may be dated a little ahead."""
    if filing.day("decision", "decided_on") > filing.came_in:
        yield _FUTURE.at("/decision/decided_on", "決定日", filing.values["decision"]["decided_on"])
    if filing.day("doc_date") > months_end(filing.came_in, 2):
        yield _FAR_DATE.at("/doc_date", "文書の日付", filing.values["doc_date"])


def _check_fee(filing: Filing) -> Iterator[Problem]:
    fee = filing.programme["fee"]
    if filing.values["fee"] != fee:
        yield _FEE.at("/fee", "利用料（１回当たり）", filing.values["fee"], fee=digits(fee))


def _check_refusal(filing: Filing) -> Iterator[Problem]:
    refusal, limit = filing.values.get("refusal"), filing.programme["reason_min_length"]
    if refusal is None:
        return
    if len("".join(refusal["reason"].split())) < limit:
        yield _SHORT_REASON.at("/refusal/reason", "理由", limit=digits(limit))
    if _ARTICLE.search(refusal["article"]) is None:
        yield _NO_ARTICLE.at("/refusal/article", "根拠条項", refusal["article"])


def _check_limits(filing: Filing) -> Iterator[Problem]:
    """BR02 and BR03 on the plan's own numbers."""
    plan, programme = filing.values.get("plan"), filing.programme
    if plan is None:
        return
    if plan["minutes_per_visit"] > programme["minutes_per_visit"]:
        limit = programme["minutes_per_visit"]
        yield _VISIT_TOO_LONG.at(
            "/plan/minutes_per_visit", "１回当たりの時間", plan["minutes_per_visit"], limit=limit
        )
    if plan["visits_per_week"] > programme["visits_per_week"]:
        limit = digits(programme["visits_per_week"])
        yield _TOO_OFTEN.at("/plan/visits_per_week", "１週当たりの回数", plan["visits_per_week"], limit=limit)


def _check_schedule(filing: Filing) -> Iterator[Problem]:
    """BR02 and BR03 on the weekly timetable, and that support begins on one of its weekdays."""
    plan = filing.values.get("plan")
    if plan is None:
        return
    slots = plan.get("schedule", ())
    yield from check_slots(slots, "/plan/schedule", filing.programme["minutes_per_visit"])
    for n, slot in enumerate(slots):
        if plan["minutes_per_visit"] < slot_minutes(slot) <= filing.programme["minutes_per_visit"]:
            yield _SLOT_OVER_PLAN.at(f"/plan/schedule/{n}", "曜日・時間帯", slot_text(slot))
    if len(slots) > plan["visits_per_week"]:
        yield _SCHEDULE_TOO_OFTEN.at("/plan/schedule", "派遣の曜日・時間帯")


def _check_period(filing: Filing) -> Iterator[Problem]:
    plan = filing.values.get("plan")
    if plan is None:
        return
    start, months = parse_iso(plan["period"]["start"]), filing.programme["months"]
    yield from check_start("/plan/period/start", "派遣期間の始期", plan["period"]["start"], filing.programme)
    end = plan["period"].get("end")
    if end is not None and parse_iso(end) != months_end(start, months):
        yield _WRONG_END.at("/plan/period/end", "派遣期間の終期", end, months=digits(months))
    if start < filing.day("decision", "decided_on"):
        yield _START_BEFORE_DECISION.at("/plan/period/start", "派遣期間の始期", plan["period"]["start"])
    weekdays = {slot["weekday"] for slot in plan.get("schedule", ())}
    if weekdays and weekday(start) not in weekdays:
        yield _START_WEEKDAY.at("/plan/period/start", "派遣期間の始期", plan["period"]["start"])


def _check_monitoring(filing: Filing) -> Iterator[Problem]:
    plan = filing.values.get("plan")
    if plan is None:
        return
    start = parse_iso(plan["period"]["start"])
    end = months_end(start, filing.programme["months"])
    days = [parse_iso(day) for day in plan["monitoring"]]
    for n, day in enumerate(days):
        if not start <= day <= end:
            yield _MONITORING_OUTSIDE.at(
                f"/plan/monitoring/{n}", "モニタリングの予定日", plan["monitoring"][n]
            )
    if not any(start <= day < end for day in days):
        yield _NO_MONITORING.at("/plan/monitoring", "モニタリングの予定日")


DECISION_CHECKS: Final[tuple[Check, ...]] = (
    _check_steps,
    _check_not_yet,
    _check_doc_date,
    _check_numbers,
    check_centre,
    _check_fee,
    _check_refusal,
    _check_limits,
    _check_schedule,
    _check_period,
    _check_monitoring,
)
