"""The rules of アセスメントシート, 支援計画 and 経過記録 (C05, C08, C09, C10b; domain.md §2.3): what is known, decided, done.

An assessment gives viewpoints, not marks (domain.md F25): nothing here counts, weighs or decides about a child.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.case_flow import CaseCheck, check_shared, check_steps, judge_case
from pipeline.rules.casework import Casework, Values, casework
from pipeline.rules.dispatch import Filing
from pipeline.rules.findings import Sentence, check_open_day, ensure_kind
from pipeline.rules.periods import age_on, months_end, next_day
from pipeline.rules.steps import check_not_yet
from pipeline.rules.wareki import digits, duration, minutes_of, parse_iso

_NOT_BORN = Sentence("BIRTH", "生年月日は作成日以前でなければなりません。日付を直してください。")
_MET_LATE = Sentence("CASE_DATE", "面接日は作成日以前でなければなりません。どちらかの日付を直してください。")
_CHILD_NOT_MET = Sentence(
    "CHILD_VIEW", "児童本人と面接していません。次の機会に、本人の声を聞いてください。", Level.WARNING
)
_IN_DANGER = Sentence(
    "SAFETY",
    "疑い又は危険が「ある」と記入されています。本シートは通告に代わりません。直ちに電話で所長とこども家庭課に連絡してください。",
    Level.WARNING,
)
_NO_INFORMATION = Sentence(
    "CASE_FLOW",
    "関係機関の回答も、情報収集の経過記録もありません。だれの話から作ったかを「情報の出所」で確かめてください。",
    Level.WARNING,
)
_VERSION = Sentence("VERSION", "計画の版は{expected}です。今までの計画を確かめて、版を直してください。")
_DECIDED_LATE = Sentence(
    "CASE_DATE", "会議の日は、作成日以前でなければなりません。どちらかの日付を直してください。"
)
_DECIDED_EARLY = Sentence(
    "CASE_FLOW",
    "会議の日が、アセスメントシートの作成日より前です。シートを基に話し合って決めてから、計画を出してください。",
)
_REVIEW_EARLY = Sentence(
    "CASE_DATE",
    "次の進行管理の日は、この様式の日付より後でなければなりません。どちらかの日付を直してください。",
)
_REVIEW_LATE = Sentence(
    "REVIEW",
    "次の進行管理の日が{months}か月より先です。もっと早く確かめられないかを、話し合ってください。",
    Level.WARNING,
)
_NOT_TOLD = Sentence(
    "CHILD_VIEW",
    "児童本人に計画を説明していません。次の機会に、分かる言葉で説明し、気持ちを聞いてください。",
    Level.WARNING,
)
_TIME_ORDER = Sentence("CASE_DATE", "終了時刻は開始時刻より後でなければなりません。時刻を直してください。")
_NO_PLAN = Sentence(
    "CASE_FLOW",
    "支援計画がないので、進行管理の記録は受け付けられません。先に支援計画を出してください。",
)
_SUPPORT_EARLY = Sentence(
    "CASE_FLOW",
    "支援計画より先に支援をしています。方針をケース検討会議で決め、支援計画を出してください。",
    Level.WARNING,
)
_YES: Final = "ある"


def judge_assessment(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge アセスメントシート. Facts: `household_ages` on its day, `weekday_time` and `holiday_time` of care as words."""
    checks = (_check_people, _check_safety, _check_sources, check_shared)
    ruling = judge_case(values, office, received_on, past, ("assessed_on", "作成日"), *checks)
    day, care = parse_iso(values["assessed_on"]), values["care"]
    ages = [age_on(parse_iso(person["birth"]), day) for person in values["household"]]
    said = {f"{kind}_time": care.get(f"{kind}_minutes") for kind in ("weekday", "holiday")}
    times = {key: duration(minutes) if minutes is not None else None for key, minutes in said.items()}
    return Ruling(ruling.problems, {"household_ages": ages, **times})


def _check_people(filing: Filing, now: Casework) -> Iterator[Problem]:
    assessed_on, interview = filing.day("assessed_on"), filing.values["interview"]
    for n, person in enumerate(filing.values["household"]):
        if parse_iso(person["birth"]) > assessed_on:
            yield _NOT_BORN.at(f"/household/{n}/birth", "生年月日", person["birth"])
    if "on" in interview and parse_iso(interview["on"]) > assessed_on:
        yield _MET_LATE.at("/interview/on", "面接日", interview["on"])
    if interview["child_interview"] == "面接していない":
        yield _CHILD_NOT_MET.at("/interview/child_interview", "児童との面接")


def _check_safety(filing: Filing, now: Casework) -> Iterator[Problem]:
    for member in ("abuse", "danger"):
        if filing.values["safety"][member] == _YES:
            yield _IN_DANGER.at(f"/safety/{member}", "養育・安全", _YES)


def _check_sources(filing: Filing, now: Casework) -> Iterator[Problem]:
    heard = any(note.values["kind"] == "情報収集" for note in now.all("progress_note"))
    if not heard and now.last("information_reply") is None:
        yield _NO_INFORMATION.at("/sources", "情報の出所")


def judge_support_plan(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 支援計画. No facts: the plan prints what the meeting decided."""
    checks: tuple[CaseCheck, ...] = (
        _check_assessed,
        _check_version,
        _check_decided,
        _check_review,
        check_shared,
    )
    return judge_case(values, office, received_on, past, ("made_on", "作成日"), *checks)


def _check_assessed(filing: Filing, now: Casework) -> Iterator[Problem]:
    yield from check_steps(filing, now, "assessment")


def _check_version(filing: Filing, now: Casework) -> Iterator[Problem]:
    expected = 1 + (now.plan.values["version"] if now.plan else 0)
    if filing.values["version"] != expected:
        yield _VERSION.at("/version", "版", filing.values["version"], expected=digits(expected))


def _check_decided(filing: Filing, now: Casework) -> Iterator[Problem]:
    decided, assessed = filing.day("decided", "on"), now.last("assessment")
    if decided > filing.day("made_on"):
        yield _DECIDED_LATE.at("/decided/on", "会議の日", filing.values["decided"]["on"])
    if assessed is not None and now.plan is None and decided < assessed.on and "urgent" not in filing.values:
        yield _DECIDED_EARLY.at("/decided/on", "会議の日", filing.values["decided"]["on"])
    if filing.values.get("told_child") != "説明した":
        yield _NOT_TOLD.at("/told_child", "児童への説明")


def _check_review(filing: Filing, now: Casework) -> Iterator[Problem]:
    yield from _check_review_day(filing, "/review_on", filing.values["review_on"], filing.day("made_on"))


def _check_review_day(filing: Filing, pointer: str, text: str, since: date) -> Iterator[Problem]:
    months, day = ensure_kind(filing.office, "casework")["review_months"], parse_iso(text)
    if day <= since:
        yield _REVIEW_EARLY.at(pointer, "次の進行管理の日", text)
    elif day > next_day(months_end(since, months)):
        yield _REVIEW_LATE.at(pointer, "次の進行管理の日", text, months=digits(months))
    yield from check_open_day(filing.office, pointer, "次の進行管理の日", text)


def judge_note(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 経過記録. Facts (進行管理票): `review_no`, `reviews` held before, `opened_on`, `stage`, `plan_version`, who is in
    charge; None or empty where nothing was received.
    """
    checks = (_check_times, _check_note_sharing, _check_reviewed, _check_supported)
    ruling = judge_case(values, office, received_on, past, ("noted_on", "日付"), *checks)
    now = casework(past, parse_iso(values["noted_on"]))
    return Ruling(ruling.problems, _review_facts(values, now) if now else {})


def _review_facts(values: Values, now: Casework) -> dict[str, Any]:
    """A meeting of this day tells of the same 進行管理: it does not come before it."""
    today = parse_iso(values["noted_on"])
    before = [held for held in now.reviews if held.on != today or not held.meeting]
    return {
        "review_no": 1 + len(before),
        "reviews": [
            {"on": held.on.isoformat(), "policy": held.policy, "meeting": held.meeting} for held in before
        ],
        "opened_on": now.opening.on.isoformat(),
        "stage": now.stage,
        "plan_version": now.plan.values["version"] if now.plan else None,
        "main_agency": values.get("main_agency") or now.main_agency,
        "main_worker": values.get("main_worker") or now.main_worker,
    }


def _check_times(filing: Filing, now: Casework) -> Iterator[Problem]:
    start, end = filing.values.get("start"), filing.values.get("end")
    if start is not None and end is not None and minutes_of(end) <= minutes_of(start):
        yield _TIME_ORDER.at("/end", "終了時刻", end)


def _check_note_sharing(filing: Filing, now: Casework) -> Iterator[Problem]:
    sharing = filing.values.get("sharing")
    if sharing is not None:
        yield from check_not_yet(filing, "/sharing/on", "共有日", sharing["on"])
    yield from check_shared(filing, now)


def _check_reviewed(filing: Filing, now: Casework) -> Iterator[Problem]:
    review = filing.values.get("review")
    if review is None:
        return
    if now.plan is None:
        yield _NO_PLAN.at("/review", "進行管理")
    if "review_on" in review:
        pointer = "/review/review_on"
        yield from _check_review_day(filing, pointer, review["review_on"], filing.day("noted_on"))


def _check_supported(filing: Filing, now: Casework) -> Iterator[Problem]:
    if filing.values["kind"] == "支援" and now.plan is None:
        yield _SUPPORT_EARLY.at("/kind", "記録の種別", filing.values["kind"])
