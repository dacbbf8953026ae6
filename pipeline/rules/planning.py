"""The rules of 派遣計画 and its 起案 (D09a, D08; domain.md §1.9, §1.10): the steps before it, the plan, what is proposed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.dispatch import NO_PROGRAMME, Check, Filing, Values, check_centre
from pipeline.rules.findings import Sentence
from pipeline.rules.plans import (
    check_drafting,
    check_fee,
    check_limits,
    check_monitoring,
    check_period,
    check_refusal,
    check_schedule,
    check_version,
    plan_facts,
)
from pipeline.rules.steps import check_came_before, check_carried, check_filed, check_order
from pipeline.rules.wareki import parse_iso

_START_BEFORE_DRAFT = Sentence(
    "BR11",
    "派遣期間の始期が起案年月日より前です。さかのぼって派遣することになるので、日付を確かめてください。",
    Level.WARNING,
)
_SUBJECTS: Final = {
    "承認": "{programme}の利用の決定について（伺い）",
    "不承認": "{programme}の利用の不承認について（伺い）",
}
_PROPOSALS: Final = {
    "承認": "このことについて、別紙案のとおり決定し、申請者に通知するとともに、受託事業者に派遣を依頼してよろしいか伺います。",
    "不承認": "このことについて、別紙案のとおり決定し、申請者に通知してよろしいか伺います。",
}
_URGENT: Final = "\nなお、緊急を要するため、訪問調査に先立って決定しようとするものです。調査は、決定の後、速やかに行います。"


def judge_plan(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 派遣計画. Facts: `subject` and `proposal` of the 起案書, `period_end` (ISO) and `planned_visits`."""
    programme = office.get("programme")
    if programme is None:
        return Ruling((NO_PROGRAMME.at("/drafting/drafted_on", "起案年月日"),))
    filing = Filing(values, office, programme, received_on, past)
    problems = tuple(problem for check in PLAN_CHECKS for problem in check(filing))
    return Ruling(problems, {**_wording(values, programme), **plan_facts(values, programme)})


def _wording(values: Values, programme: Values) -> dict[str, Any]:
    result = values["recommendation"]["result"]
    return {
        "subject": _SUBJECTS[result].format(programme=programme["name"]),
        "proposal": _PROPOSALS[result] + (_URGENT if "surveyed_on" not in values else ""),
    }


def _check_came_before(filing: Filing) -> Iterator[Problem]:
    yield from check_came_before(filing, "visit_survey")


def _check_order(filing: Filing) -> Iterator[Problem]:
    """Receipt, survey, plan and 起案 follow each other (BR11)."""
    values = filing.values
    plan, surveyed_on = values.get("plan"), values.get("surveyed_on")
    yield from check_order(
        (
            ("/application/received_on", "収受日", values["application"]["received_on"]),
            *([("/surveyed_on", "訪問調査日", surveyed_on)] if surveyed_on else []),
            *([("/plan/made_on", "計画作成日", plan["made_on"])] if plan else []),
            ("/drafting/drafted_on", "起案年月日", values["drafting"]["drafted_on"]),
        )
    )


def _check_start(filing: Filing) -> Iterator[Problem]:
    plan = filing.values.get("plan")
    if plan is not None and parse_iso(plan["period"]["start"]) < filing.day("drafting", "drafted_on"):
        yield _START_BEFORE_DRAFT.at("/plan/period/start", "派遣期間の始期", plan["period"]["start"])


PLAN_CHECKS: Final[tuple[Check, ...]] = (
    _check_came_before,
    check_carried,
    check_filed,
    _check_order,
    check_centre,
    check_version,
    check_limits,
    check_schedule,
    check_period,
    _check_start,
    check_monitoring,
    check_refusal,
    check_fee,
    check_drafting,
)
