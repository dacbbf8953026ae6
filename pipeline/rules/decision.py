"""The rules of 決裁結果 (D10–D12, D17b–D19c; domain.md §1.11–1.16): what was decided, after which steps, told in which order.

The groups of the form say what is judged: a first decision has no 現在の派遣期間, a change has a 変更, an end a 終了. What these groups
may say is in `changes.py`, what a plan may say in `plans.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.changes import (
    BY_THE_FAMILY,
    check_change,
    check_current_period,
    check_ending,
    check_extension,
    check_hearing,
    check_suspension,
    check_transfer,
)
from pipeline.rules.dispatch import NO_PROGRAMME, Check, Filing, Values, check_centre
from pipeline.rules.findings import Sentence, check_number_year, check_open_day
from pipeline.rules.periods import months_end
from pipeline.rules.plans import (
    check_fee,
    check_limits,
    check_monitoring,
    check_period,
    check_refusal,
    check_schedule,
    check_version,
    plan_facts,
)
from pipeline.rules.standing import standing
from pipeline.rules.steps import (
    LETTER_ORDER,
    Step,
    check_came_before,
    check_carried,
    check_filed,
    check_order,
    check_request_carried,
)
from pipeline.rules.wareki import parse_iso

FIRST, EXTENSION, CHANGE, CLOSING = "新規", "延長", "変更", "廃止"
# Which form a later decision answers.
_REQUESTS: Final[Mapping[str, str]] = {
    EXTENSION: "extension_application",
    CHANGE: "change_application",
    CLOSING: "withdrawal",
}
_NUMBER_TITLES: Final = {
    "notice": "通知書の文書番号（申請者あて）",
    "request": "文書番号（受託事業者あて）",
}

_DECIDED_BEFORE = Sentence(
    "DECIDED",
    "この申請には、既に決定が受け付けられています。延長・変更・廃止・取消のどれかなら、決定の種類を直してください。",
)
_RETROACTIVE = Sentence(
    "BR11",
    "決定日より前の日付です。さかのぼって決めることになるので、日付を確かめてください。",
    Level.WARNING,
)
_SAME_NUMBER = Sentence(
    "BR25", "申請者あてと受託事業者あては別の文書です。それぞれの文書番号を記入してください。"
)
_FUTURE = Sentence("BR15", "まだ来ていない日の決定は受け付けられません。決定日を確かめてください。")
_FAR_DATE = Sentence(
    "BR16",
    "文書の日付が、受け付けた日から２か月より先です。日付に誤りがないか確かめてください。",
    Level.WARNING,
)


def judge_decision(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 決裁結果. Facts: `period_end` (ISO) and `planned_visits`, both None without a plan."""
    programme = office.get("programme")
    if programme is None:
        return Ruling((NO_PROGRAMME.at("/doc_date", "文書の日付", values["doc_date"]),))
    filing = Filing(values, office, programme, received_on, past)
    problems = tuple(problem for check in DECISION_CHECKS for problem in check(filing))
    return Ruling(problems, plan_facts(values, programme))


def _kind(filing: Filing) -> str:
    return str(filing.values["decision"]["kind"])


def _check_steps(filing: Filing) -> Iterator[Problem]:
    """Receipt, survey, plan, decision and letter follow each other (BR11, BR15)."""
    values = filing.values
    decided: Step = ("/decision/decided_on", "決定日", values["decision"]["decided_on"])
    if "application" in values:
        yield from check_filed(filing)
    if _kind(filing) == FIRST:
        yield from check_order((*_preparation(values), decided))
    else:
        yield from (p for step in _preparation(values) for p in check_order((step, decided)))
    yield from check_order((decided, ("/doc_date", "文書の日付", values["doc_date"])), LETTER_ORDER)


def _preparation(values: Values) -> Iterator[Step]:
    """The dated steps before a decision. A later plan may be made before the request that asks for it comes in."""
    if "application" in values:
        yield "/application/received_on", "収受日", values["application"]["received_on"]
    if "surveyed_on" in values:
        yield "/surveyed_on", "訪問調査日", values["surveyed_on"]
    if "plan" in values:
        yield "/plan/made_on", "計画作成日", values["plan"]["made_on"]


def _check_history(filing: Filing) -> Iterator[Problem]:
    """Refuse a first decision without its steps, or a second one; a later one that says otherwise than its request."""
    kind, now = _kind(filing), standing(filing.past)
    if kind != FIRST:
        yield from check_request_carried(filing, _REQUESTS.get(kind))
        return
    yield from check_came_before(filing, "visit_survey", "dispatch_plan")
    yield from check_carried(filing)
    if now.approval is not None or now.refusal is not None:
        yield _DECIDED_BEFORE.at("/decision/kind", "決定の種類", kind)


def _check_doc_date(filing: Filing) -> Iterator[Problem]:
    yield from check_open_day(filing.office, "/doc_date", "文書の日付", filing.values["doc_date"])


def _check_numbers(filing: Filing) -> Iterator[Problem]:
    numbers, doc_date = filing.values["numbers"], filing.values["doc_date"]
    for member, number in numbers.items():
        yield from check_number_year(f"/numbers/{member}", _NUMBER_TITLES[member], number, doc_date)
    if len(set(numbers.values())) < len(numbers):
        yield _SAME_NUMBER.at("/numbers/request", _NUMBER_TITLES["request"], numbers["request"])


def _check_not_yet(filing: Filing) -> Iterator[Problem]:
    """A decision has been made; its letter may be dated a little ahead."""
    if filing.day("decision", "decided_on") > filing.came_in:
        yield _FUTURE.at("/decision/decided_on", "決定日", filing.values["decision"]["decided_on"])
    if filing.day("doc_date") > months_end(filing.came_in, 2):
        yield _FAR_DATE.at("/doc_date", "文書の日付", filing.values["doc_date"])


def _check_retroactive(filing: Filing) -> Iterator[Problem]:
    """Warn of what begins or ends before it was decided; what a household only told may lie in the past."""
    decided_on = filing.day("decision", "decided_on")
    for pointer, title, text in _effects(filing.values):
        if parse_iso(text) < decided_on:
            yield _RETROACTIVE.at(pointer, title, text)


def _effects(values: Values) -> Iterator[Step]:
    change, ending = values.get("change"), values.get("ending")
    if "plan" in values and change is None:
        yield "/plan/period/start", "派遣期間の始期", values["plan"]["period"]["start"]
    if change is not None and change["handling"] == "決定":
        yield "/change/changed_on", "変更日", change["changed_on"]
    if ending is not None and ending["ground"] != BY_THE_FAMILY:
        yield "/ending/ended_on", "終了日", ending["ended_on"]


def _check_extension(filing: Filing) -> Iterator[Problem]:
    if _kind(filing) == EXTENSION:
        yield from check_extension(filing)


DECISION_CHECKS: Final[tuple[Check, ...]] = (
    _check_history,
    _check_steps,
    _check_not_yet,
    _check_doc_date,
    _check_numbers,
    check_centre,
    check_transfer,
    check_fee,
    check_refusal,
    check_current_period,
    _check_extension,
    check_version,
    check_limits,
    check_schedule,
    check_period,
    _check_retroactive,
    check_monitoring,
    check_change,
    check_suspension,
    check_ending,
    check_hearing,
)
