"""The rules of 相談受付票 (C01–C03; domain.md §2.3): its days, the danger a child may be in, and a case that begins again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.case_flow import check_next
from pipeline.rules.casework import Casework, Values, casework
from pipeline.rules.dispatch import Filing, check_centre
from pipeline.rules.findings import Sentence, check_open_day
from pipeline.rules.steps import check_not_yet
from pipeline.rules.wareki import clock, duration, parse_iso, to_wareki, to_wareki_weekday

_SAFETY_HOURS: Final = (
    48  # 安全確認 within 48 hours of a 通告 (子ども虐待対応の手引き; domain.md §2.3 C03 [K])
)
_STILL_OPEN = Sentence(
    "CASE_FLOW",
    "このケースは既に受理しています。新しい相談は、このケースの経過記録に記入してください。",
)
_NO_REASON = Sentence(
    "CASE_FLOW",
    "終結したケースの相談です。再び受理するときは「再び受理する理由」を記入してください。",
)
_NOT_CLOSED = Sentence(
    "CASE_FLOW",
    "終結したケースではないので「再び受理する理由」は要りません。記入を消してください。",
)
_BEFORE_CLOSING = Sentence(
    "CASE_DATE", "前の終結の日（{closed}）より前の日付です。受付年月日を直してください。"
)
_SHARED_EARLY = Sentence(
    "CASE_DATE", "共有日は、受付年月日以後でなければなりません。どちらかの日付を直してください。"
)
_CONFIRMED_EARLY = Sentence(
    "CASE_DATE", "児童の安全を確かめた日は、受付年月日以後でなければなりません。日付を直してください。"
)
_NOT_BORN = Sentence("BIRTH", "生年月日は受付年月日以前でなければなりません。日付を直してください。")
_NOT_SHARED = Sentence(
    "SHARING",
    "こども家庭課と情報を共有していません。コーディネーターと共有し、経過記録に記入してください。",
    Level.WARNING,
)
_IN_DANGER = Sentence(
    "SAFETY",
    "虐待等の疑い又は危険があります。直ちに電話で所長とこども家庭課に連絡し、{by}までに児童の安全を確かめてください。",
    Level.WARNING,
)
_NO_NEXT = Sentence(
    "CASE_DATE", "次回予定日がありません。次に何をいつするかを決めてください。", Level.WARNING
)
_YES: Final = "ある"


def judge_consultation(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 相談受付票. Facts: `safety_by` (48 hours after the receipt, as words), `weekday_time`, `holiday_time` of care."""
    filing, now = Filing(values, office, {}, received_on, past), casework(past)
    problems = (*_check_opening(filing, now), *(p for check in CONSULTATION_CHECKS for p in check(filing)))
    return Ruling(problems, _facts(values))


def _facts(values: Values) -> dict[str, Any]:
    care = values.get("care") or {}
    said = {f"{day}_time": care.get(f"{day}_minutes") for day in ("weekday", "holiday")}
    times = {key: duration(minutes) if minutes is not None else None for key, minutes in said.items()}
    return {"safety_by": _safety_by(values), **times}


def _safety_by(values: Values) -> str:
    received = datetime.fromisoformat(f"{values['received_on']}T{values['received_at']}")
    by = received + timedelta(hours=_SAFETY_HOURS)
    return f"{to_wareki_weekday(by.date())}　{clock(f'{by:%H:%M}')}"


def _check_opening(filing: Filing, now: Casework | None) -> Iterator[Problem]:
    """A case is received once; after its 終結 again, with a reason (再受理)."""
    reason = filing.values.get("reopening")
    if now is not None and now.is_open:
        yield _STILL_OPEN.at("/case_id", "ケース番号")
    elif now is not None and now.closing is not None:
        if reason is None:
            yield _NO_REASON.at("/reopening", "再び受理する理由")
        if filing.day("received_on") < now.closing.on:
            closed = to_wareki(now.closing.on)
            yield _BEFORE_CLOSING.at(
                "/received_on", "受付年月日", filing.values["received_on"], closed=closed
            )
    elif reason is not None:
        yield _NOT_CLOSED.at("/reopening", "再び受理する理由")


def _check_days(filing: Filing) -> Iterator[Problem]:
    yield from check_not_yet(filing, "/received_on", "受付年月日", filing.values["received_on"])
    for n, child in enumerate(filing.values["children"]):
        if "birth" in child and parse_iso(child["birth"]) > filing.day("received_on"):
            yield _NOT_BORN.at(f"/children/{n}/birth", "生年月日", child["birth"])
    yield from check_next(filing, "received_on")
    if "next_on" not in filing.values:
        yield _NO_NEXT.at("/next_on", "次回予定日")


def _check_address(filing: Filing) -> Iterator[Problem]:
    yield from check_centre(filing, "guardian")


def _check_sharing(filing: Filing) -> Iterator[Problem]:
    sharing = filing.values.get("sharing")
    if sharing is None:
        yield _NOT_SHARED.at("/sharing", "こども家庭課との情報共有")
        return
    if parse_iso(sharing["on"]) < filing.day("received_on"):
        yield _SHARED_EARLY.at("/sharing/on", "共有日", sharing["on"])
    yield from check_not_yet(filing, "/sharing/on", "共有日", sharing["on"])
    yield from check_open_day(filing.office, "/sharing/on", "共有日", sharing["on"])


def _check_danger(filing: Filing) -> Iterator[Problem]:
    """A suspicion is reported by telephone at once; a form never replaces the call. What to do is decided by people."""
    urgency = filing.values["urgency"]
    confirmed = urgency.get("confirmed_on")
    found = [member for member in ("abuse", "danger") if urgency[member] == _YES]
    if found and confirmed is None:
        yield _IN_DANGER.at(f"/urgency/{found[0]}", "緊急性", _YES, by=_safety_by(filing.values))
    if confirmed is not None and parse_iso(confirmed) < filing.day("received_on"):
        yield _CONFIRMED_EARLY.at("/urgency/confirmed_on", "児童の安全を確かめた日", confirmed)


CONSULTATION_CHECKS: Final = (_check_days, _check_address, _check_sharing, _check_danger)
