"""The rules of 訪問調査票 (D07; domain.md §1.8): who must be there, what came before, what must be done at once.

A survey gives viewpoints, not marks: nothing here counts, weighs or decides (domain.md F25).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.dispatch import (
    NO_PROGRAMME,
    SLOT_ORDER,
    Check,
    Filing,
    Values,
    check_centre,
    check_slots,
)
from pipeline.rules.findings import Sentence
from pipeline.rules.periods import age_on
from pipeline.rules.steps import check_came_before, check_carried, check_filed, check_not_yet, check_order
from pipeline.rules.wareki import digits, duration, minutes_of, parse_iso

_COORDINATOR_ABSENT = Sentence(
    "BR09",
    "訪問調査には、ヤングケアラーコーディネーターが同行します。欠席のときは、理由と後からの伝え方を記入してください。",
)
_WITHOUT_COORDINATOR = Sentence(
    "BR09",
    "コーディネーターが同行していません。調査の内容を伝え、支援の方法について助言を受けてください。",
    Level.WARNING,
)
_WITHOUT_CONTRACTOR = Sentence(
    "BR10",
    "最初の訪問に受託事業者が同行していません。派遣の前に、世帯と顔を合わせる機会を作ってください。",
    Level.WARNING,
)
_TOO_MANY_SLOTS = Sentence(
    "BR03",
    "派遣は週{limit}回までです。計画を立てるときに、いずれの曜日にするかを決めてください。",
    Level.WARNING,
)
_NO_CONSENT = Sentence(
    "CONSENT",
    "調査について申請者の同意を得ていません。目的と情報の取扱いを説明し、同意を得てください。",
    Level.WARNING,
)
_CHILD_NOT_MET = Sentence(
    "CHILD_VIEW",
    "児童本人と面接していません。計画を立てる前に、本人の意向を聞いてください。",
    Level.WARNING,
)
_IN_DANGER = Sentence(
    "SAFETY",
    "この票は通告に代わりません。直ちに電話で所長とこども家庭課に報告し、児童福祉法第25条による通告をしてください。",
    Level.WARNING,
)
_NOT_REPORTED = Sentence(
    "SAFETY",
    "疑い又は危険が「ある」のに、通告をしないこととしています。所長と協議し、記入を確かめてください。",
    Level.WARNING,
)
_PRESENT: Final = "同行"
_YES: Final = "ある"


def judge_survey(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 訪問調査票. Facts: `household_ages` on the day of the survey, `weekday_time` and `holiday_time` of care as words."""
    programme = office.get("programme")
    if programme is None:
        return Ruling((NO_PROGRAMME.at("/surveyed_on", "調査日", values["surveyed_on"]),))
    filing = Filing(values, office, programme, received_on, past)
    problems = tuple(problem for check in SURVEY_CHECKS for problem in check(filing))
    return Ruling(problems, _survey_facts(filing))


def _survey_facts(filing: Filing) -> dict[str, Any]:
    care, day = filing.values["care"], filing.day("surveyed_on")
    return {
        "household_ages": [age_on(parse_iso(person["birth"]), day) for person in filing.values["household"]],
        "weekday_time": duration(care["weekday_minutes"]) if "weekday_minutes" in care else None,
        "holiday_time": duration(care["holiday_minutes"]) if "holiday_minutes" in care else None,
    }


def _check_came_before(filing: Filing) -> Iterator[Problem]:
    yield from check_came_before(filing)


def _check_day(filing: Filing) -> Iterator[Problem]:
    surveyed = ("/surveyed_on", "調査日", filing.values["surveyed_on"])
    received = ("/application/received_on", "収受日", filing.values["application"]["received_on"])
    yield from check_order((received, surveyed))
    yield from check_not_yet(filing, *surveyed)
    visit = filing.values["visit"]
    if minutes_of(visit["end"]) <= minutes_of(visit["start"]):
        yield SLOT_ORDER.at("/visit/end", "終了時刻", visit["end"])


def _check_companions(filing: Filing) -> Iterator[Problem]:
    """The coordinator comes along, at the first visit the contractor too (BR09, BR10); an absence has its reason."""
    coordinator, contractor = filing.values["coordinator"], filing.values["contractor"]
    if coordinator["attendance"] != _PRESENT:
        sentence = _WITHOUT_COORDINATOR if coordinator.get("absence") else _COORDINATOR_ABSENT
        pointer = "attendance" if coordinator.get("absence") else "absence"
        yield sentence.at(f"/coordinator/{pointer}", "同行者", coordinator["attendance"])
    if contractor["attendance"] != _PRESENT:
        yield _WITHOUT_CONTRACTOR.at("/contractor/attendance", "同行者", contractor["attendance"])


def _check_voices(filing: Filing) -> Iterator[Problem]:
    visit = filing.values["visit"]
    if visit["consent"] != "得た":
        yield _NO_CONSENT.at("/visit/consent", "申請者の同意", visit["consent"])
    if visit["child_interview"] == "面接していない":
        yield _CHILD_NOT_MET.at("/visit/child_interview", "児童本人との面接", visit["child_interview"])


def _check_safety(filing: Filing) -> Iterator[Problem]:
    """A suspicion is reported by telephone at once; a form never replaces the call (domain.md §1.14)."""
    safety = filing.values["safety"]
    found = [member for member in ("abuse", "danger") if safety[member] == _YES]
    if found:
        yield _IN_DANGER.at(f"/safety/{found[0]}", "養育・安全", _YES)
    if found and safety["report"] == "要しない":
        yield _NOT_REPORTED.at("/safety/report", "通告の要否", safety["report"])


def _check_schedule(filing: Filing) -> Iterator[Problem]:
    slots, limit = filing.values["support"].get("schedule", ()), filing.programme["visits_per_week"]
    yield from check_slots(slots, "/support/schedule", filing.programme["minutes_per_visit"])
    if len(slots) > limit:
        yield _TOO_MANY_SLOTS.at("/support/schedule", "曜日・時間帯", limit=digits(limit))


SURVEY_CHECKS: Final[tuple[Check, ...]] = (
    _check_came_before,
    check_carried,
    check_filed,
    _check_day,
    check_centre,
    _check_companions,
    _check_voices,
    _check_safety,
    _check_schedule,
)
