"""The rules of 派遣承諾書 (D13; domain.md §1.13): it answers a 派遣依頼書 and names who comes, and when first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.dispatch import NO_PROGRAMME, Filing, Values, check_start
from pipeline.rules.findings import Sentence, check_row
from pipeline.rules.standing import Standing, standing
from pipeline.rules.visits import NO_DECISION, OUTSIDE, check_client, plan_on
from pipeline.rules.wareki import minutes_of, parse_iso, weekday

_OTHER_REQUEST = Sentence(
    "REQUEST",
    "文書番号又は日付が、このケースの派遣依頼書と違います。派遣依頼書の右上を確かめて直してください。",
)
_OTHER_PLAN = Sentence(
    "REQUEST", "派遣期間・曜日・時間が、依頼した内容と違います。センターと調整してください。", Level.WARNING
)
_ANSWERED_EARLY = Sentence(
    "ANSWER_DAY", "回答年月日が派遣依頼書の日付より前です。どちらかの日付を直してください。"
)
_ANSWERED_LATER = Sentence(
    "ANSWER_DAY", "回答年月日が、この様式を受け付けた日より後です。日付を直してください。"
)
_VISIT_EARLY = Sentence(
    "ANSWER_DAY", "初回訪問日が回答年月日より前です。承諾の後に訪問するよう、日付を直してください。"
)
_FIRST_DAY = Sentence(
    "FIRST_VISIT",
    "初回訪問日が、派遣期間の始期（支援開始日）と違います。日を改めるか、期間の変更の決定を検討してください。",
    Level.WARNING,
)
_FIRST_WEEKDAY = Sentence(
    "SCHEDULE", "初回訪問日の曜日が、派遣の曜日と違います。日付を確かめてください。", Level.WARNING
)
_FIRST_TOO_LONG = Sentence("BR02", "初回の訪問が、１回当たりの時間を超えています。時刻を直してください。")
_FIRST_TIMES = Sentence(
    "BR02", "初回訪問の終了時刻は、開始時刻より後でなければなりません。時刻を直してください。"
)
_UNTRAINED = Sentence(
    "HELPER",
    "研修を修めていないヘルパーがいます。修了を確かめるまで、その人を派遣しないよう伝えてください。",
    Level.WARNING,
)
_DECLINED = Sentence(
    "DECLINED",
    "受託事業者が承諾できないと答えています。理由を確かめ、派遣の方法を調整してください。",
    Level.WARNING,
)

AcceptanceCheck = Callable[[Filing, Standing], Iterator[Problem]]


def judge_acceptance(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 派遣承諾書. Facts: `checks`."""
    programme = office.get("programme")
    if programme is None:
        return Ruling((NO_PROGRAMME.at("/answered_on", "回答年月日", values["answered_on"]),))
    filing, now = Filing(values, office, programme, received_on, past), standing(past)
    checks = (*EVERY_ANSWER, *(WHEN_ACCEPTED if "first_visit" in values else ()))
    findings = [(item, tuple(check(filing, now))) for item, check in checks]
    problems = tuple(problem for _, found in findings for problem in found)
    return Ruling(problems, {"checks": [check_row(item, found) for item, found in findings]})


def _check_decision(filing: Filing, now: Standing) -> Iterator[Problem]:
    if now.approval is None:
        yield NO_DECISION.at("/case_id", "ケース番号")


def _check_request(filing: Filing, now: Standing) -> Iterator[Problem]:
    """The answered request is one that was sent: its number and date are those of a decision."""
    sent = [
        (event.values["numbers"].get("request"), event.values["doc_date"])
        for event in now.all("dispatch_decision")
    ]
    request = filing.values["request"]
    if sent and (request["number"], request["dated_on"]) not in sent:
        yield _OTHER_REQUEST.at("/request/number", "派遣依頼書の文書番号", request["number"])


def _check_client(filing: Filing, now: Standing) -> Iterator[Problem]:
    yield from check_client(now, filing.values)


def _check_plan(filing: Filing, now: Standing) -> Iterator[Problem]:
    """What the contractor says it was asked is compared with the plan that works when the period begins."""
    told = filing.values["plan"]
    plan = plan_on(now, parse_iso(told["period"]["start"]))
    if plan is not None and any(told.get(key, []) != plan.get(key, []) for key in _ASKED):
        yield _OTHER_PLAN.at("/plan", "依頼された派遣")


_ASKED: Final = ("period", "schedule", "visits_per_week", "minutes_per_visit")


def _check_days(filing: Filing, now: Standing) -> Iterator[Problem]:
    answered_on = filing.values["answered_on"]
    if parse_iso(answered_on) < filing.day("request", "dated_on"):
        yield _ANSWERED_EARLY.at("/answered_on", "回答年月日", answered_on)
    if parse_iso(answered_on) > filing.came_in:
        yield _ANSWERED_LATER.at("/answered_on", "回答年月日", answered_on)


def _check_first_visit(filing: Filing, now: Standing) -> Iterator[Problem]:
    first = filing.values["first_visit"]
    on, place = parse_iso(first["on"]), ("/first_visit/on", "初回訪問日", first["on"])
    yield from check_start(*place, filing.programme)
    if on < filing.day("answered_on"):
        yield _VISIT_EARLY.at(*place)
    if now.periods and not now.allows_visit(on):
        yield OUTSIDE.at(*place)
    elif now.periods and on != now.periods[0].start == filing.day("plan", "period", "start"):
        yield _FIRST_DAY.at(*place)  # an extension goes on week by week: it has no first visit of its own
    weekdays = {slot["weekday"] for slot in filing.values["plan"].get("schedule", ())}
    if weekdays and weekday(on) not in weekdays:
        yield _FIRST_WEEKDAY.at(*place)


def _check_first_times(filing: Filing, now: Standing) -> Iterator[Problem]:
    first = filing.values["first_visit"]
    if "start" not in first or "end" not in first:
        return
    lasts = minutes_of(first["end"]) - minutes_of(first["start"])
    if lasts <= 0:
        yield _FIRST_TIMES.at("/first_visit/end", "終了時刻", first["end"])
    elif lasts > min(filing.values["plan"]["minutes_per_visit"], filing.programme["minutes_per_visit"]):
        yield _FIRST_TOO_LONG.at("/first_visit/end", "終了時刻", first["end"])


def _check_helpers(filing: Filing, now: Standing) -> Iterator[Problem]:
    for n, helper in enumerate(filing.values["helpers"]):
        if not helper.get("trained"):
            yield _UNTRAINED.at(f"/helpers/{n}/trained", "研修を修了")


def _check_answer(filing: Filing, now: Standing) -> Iterator[Problem]:
    if filing.values["answer"] == "承諾できない":
        yield _DECLINED.at("/answer", "承諾の可否", "承諾できない")


EVERY_ANSWER: Final[tuple[tuple[str, AcceptanceCheck], ...]] = (
    ("派遣の決定があること", _check_decision),
    ("派遣依頼書の番号と日付", _check_request),
    ("利用者の氏名とケース番号", _check_client),
    ("依頼した期間・曜日・時間との一致", _check_plan),
    ("回答年月日", _check_days),
    ("承諾の可否", _check_answer),
)
WHEN_ACCEPTED: Final[tuple[tuple[str, AcceptanceCheck], ...]] = (
    ("初回訪問日", _check_first_visit),
    ("初回訪問の時刻", _check_first_times),
    ("担当ヘルパーの研修", _check_helpers),
)
