"""What may follow what in the 対応フロー (domain.md §2): asked of every form of a case, answered from the fold of its past.

相談受理 → 情報共有 → 情報収集 → ケース検討会議 → 支援 → 進行管理, and round again until 終結. An urgent case may go past a step
with a reason: the step is then due afterwards, and the form that went past it says so. A closed case takes nothing but a
new 相談受付.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.casework import Casework, Values, casework
from pipeline.rules.dispatch import Filing
from pipeline.rules.findings import Sentence, Urgency, check_open_day
from pipeline.rules.steps import check_not_yet
from pipeline.rules.wareki import parse_iso, to_wareki

CaseCheck = Callable[[Filing, Casework], Iterator[Problem]]

NO_CONSULTATION: Final = Sentence(
    "CASE_FLOW",
    "このケースの相談受付票が受け付けられていません。先に、このケース番号で相談受付票を出してください。",
)
CASE_CLOSED: Final = Sentence(
    "CASE_CLOSED",
    "このケースは終結しています。再び支援するときは、先に、このケース番号で相談受付票を出してください。",
)
_NO_STEP = Sentence(
    "CASE_FLOW",
    "このケースの{step}が受け付けられていません。先に{step}を出すか、緊急のときは「緊急の取扱い」に理由を記入してください。",
)
_SKIPPED = Sentence(
    "CASE_FLOW",
    "緊急の取扱いにより、{step}より先に進めています。{step}を速やかに出してください。",
    Level.WARNING,
)
_NOT_URGENT = Sentence(
    "CASE_FLOW",
    "前の手続はすべて済んでいるので、緊急の取扱いは要りません。理由の記入を消すか、確かめてください。",
    Level.WARNING,
)
_URGENCY = Urgency(_NO_STEP, _SKIPPED, _NOT_URGENT)
_BEFORE_OPENING = Sentence(
    "CASE_DATE", "相談受付票の受付年月日（{opened}）より前の日付です。日付を直してください。"
)
_OTHER_CENTRE = Sentence(
    "CASE_CENTRE",
    "このケースの所管は、この日には別のセンターです。所管センターを直すか、先にケース移管の様式を出してください。",
)
_NEXT_EARLY = Sentence(
    "CASE_DATE", "次回予定日は、この様式の日付より後でなければなりません。どちらかの日付を直してください。"
)
_NOT_SHARED = Sentence(
    "SHARING",
    "こども家庭課と情報を共有した記録がありません。コーディネーターと共有し、経過記録に記入してください。",
    Level.WARNING,
)

# Steps of the dispatch that a closed case does not take either; what reports on it, or ends it, is always taken.
CLOSED_TO: Final = frozenset(
    {
        "dispatch_guidance",
        "dispatch_application",
        "visit_survey",
        "dispatch_plan",
        "extension_application",
        "change_application",
    }
)
TITLES: Final = {"assessment": "アセスメントシート", "support_plan": "支援計画"}


def judge_case(
    values: Values, office: Values, received_on: date, past: Past, dated: tuple[str, str], *checks: CaseCheck
) -> Ruling:
    """Judge a form of an open case: its order, its centre, its day (`dated`: member and title), then `checks` of its own."""
    filing, now = Filing(values, office, {}, received_on, past), casework(past)
    if now is None or not now.is_open:
        return Ruling(((NO_CONSULTATION if now is None else CASE_CLOSED).at("/case_id", "ケース番号"),))
    common = (*_check_day(filing, now, dated), *_check_centre(filing, dated), *check_next(filing, dated[0]))
    return Ruling((*common, *(problem for check in checks for problem in check(filing, now))))


def check_dispatch_step(form: str, past: Past) -> Iterator[Problem]:
    """Refuse a step of the dispatch of a case that is closed."""
    now = casework(past) if form in CLOSED_TO else None
    if now is not None and not now.is_open:
        yield CASE_CLOSED.at("/case_id", "ケース番号")


def _check_day(filing: Filing, now: Casework, dated: tuple[str, str]) -> Iterator[Problem]:
    member, title = dated
    text = filing.values[member]
    yield from check_not_yet(filing, f"/{member}", title, text)
    if parse_iso(text) < now.opening.on:
        yield _BEFORE_OPENING.at(f"/{member}", title, text, opened=to_wareki(now.opening.on))


def _check_centre(filing: Filing, dated: tuple[str, str]) -> Iterator[Problem]:
    """After a transfer the papers of a case go to its new centre, from the day of the transfer."""
    then = casework(filing.past, parse_iso(filing.values[dated[0]]))
    if then is not None and then.centre != filing.values["centre"]:
        yield _OTHER_CENTRE.at("/centre", "所管センター", filing.values["centre"])


def check_next(filing: Filing, member: str) -> Iterator[Problem]:
    """Refuse a 次回予定日 that is not after the form's own day; warn where the office is closed."""
    text = filing.values.get("next_on")
    if text is None:
        return
    if parse_iso(text) <= parse_iso(filing.values[member]):
        yield _NEXT_EARLY.at("/next_on", "次回予定日", text)
    yield from check_open_day(filing.office, "/next_on", "次回予定日", text)


def check_steps(filing: Filing, now: Casework, *forms: str) -> Iterator[Problem]:
    """Refuse a form whose earlier steps have not come in this round, unless it is urgent and says why."""
    missing = [TITLES[form] for form in forms if now.last(form) is None]
    yield from _URGENCY.check("urgent" in filing.values, missing)


def check_shared(filing: Filing, now: Casework) -> Iterator[Problem]:
    """Warn while nothing tells that the case was shared with こども家庭課 (the deck: 「こども家庭課と情報共有！」)."""
    if now.sharing is None and "sharing" not in filing.values:
        yield _NOT_SHARED.at("/centre", "所管センター")
