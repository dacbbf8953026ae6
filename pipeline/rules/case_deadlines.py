"""What comes due in the casework (期限; domain.md §2): the next step, answers, 進行管理, and what was gone past. Pure.

Only open cases have deadlines. Nothing is stored: all is derived from the fold of what was accepted and office/casework.toml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from pipeline.model import Past
from pipeline.rules.calendar import next_open_day
from pipeline.rules.case_flow import TITLES
from pipeline.rules.casework import Casework, open_cases
from pipeline.rules.due import Due
from pipeline.rules.findings import closed_by_office
from pipeline.rules.inquiry import asked_agencies
from pipeline.rules.periods import months_end, next_day
from pipeline.rules.wareki import digits

Values = Mapping[str, Any]
_SAFETY_DAYS: Final = 2  # 48 hours (domain.md §2.3 C03)


@dataclass(frozen=True, slots=True)
class OpenCase:
    """One open case on a day, as the deadlines see it."""

    now: Casework
    office: Values

    def due(self, on: date, kind: str, note: str) -> Due:
        """A deadline of this case."""
        return Due(on, self.now.centre, self.now.case_id, kind, note)


def case_deadlines(past: Past, office: Values, day: date) -> Iterator[Due]:
    """Yield every deadline of the cases open on a day; nothing where the office has no casework at that date."""
    if office.get("casework") is None:
        return
    for now in open_cases(past, day):
        for rule in CASE_RULES:
            yield from rule(OpenCase(now, office))


def _next_step(case: OpenCase) -> Iterator[Due]:
    if case.now.next_on is not None:
        note = "予定していた連絡・訪問などをして、経過記録に記入してください。"
        yield case.due(case.now.next_on, "次回予定日", note)


def _answers(case: OpenCase) -> Iterator[Due]:
    """情報提供の回答: until each agency has answered. How many, not which: the list goes on the board."""
    waiting = [asked.reply_by for asked in asked_agencies(case.now) if asked.replied_on is None]
    for by in sorted(set(waiting)):
        note = f"情報提供の回答が{digits(waiting.count(by))}機関から届いていません。確かめてください。"
        yield case.due(by, "回答期限", note)


def _review(case: OpenCase) -> Iterator[Due]:
    """進行管理会議: the day agreed, else the office's months after the last one or after the plan."""
    now = case.now
    if now.plan is None:
        return
    last = now.reviews[-1].on if now.reviews else now.plan.on
    by = now.review_on or next_day(months_end(last, case.office["casework"]["review_months"]))
    yield case.due(by, "進行管理", "進行管理会議で、現状・評価・方針を確かめてください。")


def _safety(case: OpenCase) -> Iterator[Due]:
    """安全確認 within 48 hours, until it is written down or somebody met the child afterwards."""
    opening = case.now.opening
    urgency = opening.values["urgency"]
    met = any(note.values["method"] in ("面接", "訪問") for note in case.now.all("progress_note"))
    if "ある" in (urgency["abuse"], urgency["danger"]) and "confirmed_on" not in urgency and not met:
        note = "児童の安全を確かめてください（受付から48時間以内）。"
        yield case.due(opening.on + timedelta(days=_SAFETY_DAYS), "安全確認", note)


def _sharing(case: OpenCase) -> Iterator[Due]:
    if case.now.sharing is None:
        by = next_open_day(next_day(case.now.opening.on), closed_by_office(case.office))
        yield case.due(by, "情報共有", "こども家庭課（コーディネーター）と情報を共有してください。")


def _gone_past(case: OpenCase) -> Iterator[Due]:
    """What an urgent case went past, until it is caught up."""
    for form in case.now.skipped:
        assert case.now.plan is not None  # a step is skipped by a plan
        by = case.now.plan.on + timedelta(days=case.office["casework"]["catch_up_days"])
        note = f"緊急の取扱いで{TITLES[form]}がまだです。作って出してください。"
        yield case.due(next_open_day(by, closed_by_office(case.office)), "後から行う手続", note)


CASE_RULES: Final[tuple[Callable[[OpenCase], Iterator[Due]], ...]] = (
    _next_step,
    _answers,
    _review,
    _safety,
    _sharing,
    _gone_past,
)
