"""The rules of 決裁結果 (D10–D12; domain.md §1.11–1.13): limits, the period, the order of the steps, the reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.dispatch import NO_PROGRAMME, Check, Filing, Values, check_centre
from pipeline.rules.findings import Sentence, check_open_day
from pipeline.rules.periods import months_end
from pipeline.rules.plans import (
    check_fee,
    check_limits,
    check_monitoring,
    check_period,
    check_refusal,
    check_schedule,
    plan_facts,
)
from pipeline.rules.steps import LETTER_ORDER, check_filed, check_order
from pipeline.rules.wareki import fiscal_era_year, parse_iso

_START_BEFORE_DECISION = Sentence(
    "BR11",
    "派遣期間の始期が決定日より前です。さかのぼって派遣することになるので、日付を確かめてください。",
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
_NUMBER_HEAD: Final = re.compile(r"[0-9０-９]+")


def judge_decision(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 決裁結果. Facts: `period_end` (ISO) and `planned_visits`, both None for a refusal."""
    programme = office.get("programme")
    if programme is None:
        return Ruling((NO_PROGRAMME.at("/doc_date", "文書の日付", values["doc_date"]),))
    filing = Filing(values, office, programme, received_on, past)
    problems = tuple(problem for check in DECISION_CHECKS for problem in check(filing))
    return Ruling(problems, plan_facts(values.get("plan"), programme))


def _check_steps(filing: Filing) -> Iterator[Problem]:
    """Receipt, survey, plan, decision and letter follow each other (BR11, BR15)."""
    values = filing.values
    plan, decided = values.get("plan"), ("/decision/decided_on", "決定日", values["decision"]["decided_on"])
    yield from check_filed(filing)
    steps = [
        ("/application/received_on", "収受日", values["application"]["received_on"]),
        ("/surveyed_on", "訪問調査日", values["surveyed_on"]),
        *([("/plan/made_on", "計画作成日", plan["made_on"])] if plan else []),
        decided,
    ]
    yield from check_order(steps)
    yield from check_order((decided, ("/doc_date", "文書の日付", values["doc_date"])), LETTER_ORDER)


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


def _check_start(filing: Filing) -> Iterator[Problem]:
    plan = filing.values.get("plan")
    if plan is not None and parse_iso(plan["period"]["start"]) < filing.day("decision", "decided_on"):
        yield _START_BEFORE_DECISION.at("/plan/period/start", "派遣期間の始期", plan["period"]["start"])


DECISION_CHECKS: Final[tuple[Check, ...]] = (
    _check_steps,
    _check_not_yet,
    _check_doc_date,
    _check_numbers,
    check_centre,
    check_fee,
    check_refusal,
    check_limits,
    check_schedule,
    check_period,
    _check_start,
    check_monitoring,
)
