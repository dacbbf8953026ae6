"""The rules of 情報提供書 (D15) and 事故等報告書・苦情受付票 (D21; domain.md §1.14, §1.2).

Neither form ever replaces the telephone. What a helper saw must arrive: a date that does not fit is pointed out to the
centre, it never sends an information report back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.dispatch import NO_PROGRAMME, Filing, Values
from pipeline.rules.findings import Sentence, check_row
from pipeline.rules.standing import standing
from pipeline.rules.visits import check_client
from pipeline.rules.wareki import parse_iso

URGENT: Final = "至急（即時に電話。虐待の疑いなど）"
_NO_CALL = Sentence(
    "PHONE",
    "至急ですが、電話での連絡が確かめられません。すぐに受託事業者へ電話して、状況を確かめてください。",
    Level.WARNING,
)
_GRAVE_NOT_URGENT = Sentence(
    "URGENCY",
    "けが・あざ等又は事故の情報ですが、緊急度が「通常」です。緊急度を、受託事業者に確かめてください。",
    Level.WARNING,
)
_DATES = Sentence(
    "INFORMED_DAY",
    "日付の前後が合いません。発見日・作成年月日・電話をした日を確かめてください。",
    Level.WARNING,
)
_LATE_CALL = Sentence(
    "PHONE", "至急ですが、電話での連絡が発見日より後の日です。経過を確かめてください。", Level.WARNING
)
_INCIDENT_NO_CALL = Sentence(
    "PHONE", "電話での連絡が確かめられません。受託事業者へ電話して、状況を確かめてください。", Level.WARNING
)
_INCIDENT_ORDER = Sentence(
    "INCIDENT_DAY", "報告年月日が、発生日（気付いた日）より前です。どちらかの日付を直してください。"
)
_INCIDENT_LATER = Sentence(
    "INCIDENT_DAY", "報告年月日が、この様式を受け付けた日より後です。日付を直してください。"
)
_NOTICED_EARLY = Sentence("INCIDENT_DAY", "気付いた日が発生日より前です。どちらかの日付を直してください。")
_NOBODY_TOLD = Sentence(
    "FAMILY", "利用者への説明がまだです。説明の時期と方法を、受託事業者に確かめてください。", Level.WARNING
)
_NOT_RECOVERED = Sentence(
    "LEAK",
    "漏えい等した情報の回収・消去が済んでいません。個人情報保護の担当課への連絡を検討してください。",
    Level.WARNING,
)
_NO_PREVENTION = Sentence(
    "PREVENTION",
    "再発防止策がありません。いつまでに決めるかを、受託事業者に確かめてください。",
    Level.WARNING,
)
_GRAVE: Final = frozenset({"けが・あざ等", "事故・ヒヤリハット"})
_MUST_CALL: Final = frozenset({"事故", "個人情報の漏えい等"})

IncidentCheck = Callable[[Filing], Iterator[Problem]]


def judge_information(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 情報提供書: warnings only. Facts: `urgent`, for the board and the paper."""
    filing = Filing(values, office, office.get("programme") or {}, received_on, past)
    problems = tuple(problem for check in INFORMATION_CHECKS for problem in check(filing))
    return Ruling(problems, {"urgent": values["urgency"] == URGENT})


def judge_incident(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 事故等報告書・苦情受付票. Facts: `checks`."""
    programme = office.get("programme")
    if programme is None:
        return Ruling((NO_PROGRAMME.at("/occurred/on", "発生日", values["occurred"]["on"]),))
    filing = Filing(values, office, programme, received_on, past)
    findings = [(item, tuple(check(filing))) for item, check in INCIDENT_CHECKS]
    problems = tuple(problem for _, found in findings for problem in found)
    return Ruling(problems, {"checks": [check_row(*finding) for finding in findings]})


def _check_client(filing: Filing) -> Iterator[Problem]:
    yield from check_client(standing(filing.past), filing.values)


def _check_urgent_call(filing: Filing) -> Iterator[Problem]:
    if filing.values["urgency"] != URGENT:
        return
    call = filing.values.get("phone_call", {})
    if not call.get("done"):
        yield _NO_CALL.at("/phone_call/done", "電話で連絡済み")
    elif parse_iso(call["on"]) > filing.day("noticed", "on"):
        yield _LATE_CALL.at("/phone_call/on", "連絡した日", call["on"])


def _check_urgency(filing: Filing) -> Iterator[Problem]:
    if _GRAVE & set(filing.values["categories"]) and filing.values["urgency"].startswith("通常"):
        yield _GRAVE_NOT_URGENT.at("/urgency", "緊急度", filing.values["urgency"])


def _check_informed_days(filing: Filing) -> Iterator[Problem]:
    """Noticed, called, written down, received: in this order."""
    called = filing.values.get("phone_call", {}).get("on")
    noticed, written = filing.day("noticed", "on"), filing.day("written_on")
    if not noticed <= written <= filing.came_in or (called and parse_iso(called) < noticed):
        yield _DATES.at("/noticed/on", "発見日", filing.values["noticed"]["on"])


INFORMATION_CHECKS: Final[tuple[IncidentCheck, ...]] = (
    _check_urgent_call,
    _check_urgency,
    _check_informed_days,
    _check_client,
)


def _check_incident_days(filing: Filing) -> Iterator[Problem]:
    occurred, reported = filing.values["occurred"], filing.day("reported_on")
    noticed_on = parse_iso(occurred.get("noticed_on", occurred["on"]))
    if noticed_on < parse_iso(occurred["on"]):
        yield _NOTICED_EARLY.at("/occurred/noticed_on", "気付いた日", occurred["noticed_on"])
    if reported < noticed_on:
        yield _INCIDENT_ORDER.at("/reported_on", "報告年月日", filing.values["reported_on"])
    if reported > filing.came_in:
        yield _INCIDENT_LATER.at("/reported_on", "報告年月日", filing.values["reported_on"])


def _check_incident_call(filing: Filing) -> Iterator[Problem]:
    treated = any(person.get("treated") for person in filing.values.get("injured", ()))
    must = filing.values["kind"] in _MUST_CALL or treated
    if must and not filing.values.get("phone_call", {}).get("done"):
        yield _INCIDENT_NO_CALL.at("/phone_call/done", "電話で連絡済み")


def _check_family(filing: Filing) -> Iterator[Problem]:
    if filing.values["kind"] in _MUST_CALL and not filing.values["family_told"]["done"]:
        yield _NOBODY_TOLD.at("/family_told/done", "利用者への説明")


def _check_leak(filing: Filing) -> Iterator[Problem]:
    leak = filing.values.get("leak")
    if leak is not None and not leak.get("recovered"):
        yield _NOT_RECOVERED.at("/leak/recovered", "回収・消去が済んでいる")


def _check_prevention(filing: Filing) -> Iterator[Problem]:
    if not filing.values.get("prevention"):
        yield _NO_PREVENTION.at("/prevention", "再発防止策")


INCIDENT_CHECKS: Final[tuple[tuple[str, IncidentCheck], ...]] = (
    ("発生日・報告年月日", _check_incident_days),
    ("電話での連絡", _check_incident_call),
    ("利用者の氏名とケース番号", _check_client),
    ("利用者への説明", _check_family),
    ("漏えい等した情報の回収・消去", _check_leak),
    ("再発防止策", _check_prevention),
)
