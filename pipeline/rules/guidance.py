"""The rules of 事業案内 (D01; domain.md §1.4): its day, the centre, and how the family may be reached."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.dispatch import NO_PROGRAMME, Check, Filing, Values, check_centre
from pipeline.rules.findings import Sentence, check_open_day
from pipeline.rules.steps import LETTER_ORDER, check_not_yet, check_order

_NOT_BY_PHONE = Sentence(
    "CONTACT",
    "「電話連絡不可」の印がありますが、案内の方法が「電話」です。家庭と決めた方法で連絡してください。",
    Level.WARNING,
)
_NO_FOLLOW_UP = Sentence(
    "FOLLOW_UP",
    "検討中又は不在のときは、次に連絡する日を決めて記入してください。",
    Level.WARNING,
)
_CHILD_NOT_TOLD = Sentence(
    "CHILD_VIEW",
    "児童本人に説明していません。次の機会に、本人にも分かる言葉で説明してください。",
    Level.WARNING,
)
_OPEN_ANSWERS: Final = ("検討", "不在")


def judge_guidance(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 事業案内の記録. No facts: both papers print the form and the office's data."""
    programme = office.get("programme")
    if programme is None:
        return Ruling((NO_PROGRAMME.at("/guided_on", "案内日", values["guided_on"]),))
    filing = Filing(values, office, programme, received_on, past)
    return Ruling(tuple(problem for check in GUIDANCE_CHECKS for problem in check(filing)))


def _check_day(filing: Filing) -> Iterator[Problem]:
    yield from check_not_yet(filing, "/guided_on", "案内日", filing.values["guided_on"])


def _check_follow_up(filing: Filing) -> Iterator[Problem]:
    guided = ("/guided_on", "案内日", filing.values["guided_on"])
    day = filing.values.get("follow_up_on")
    if day is not None:
        yield from check_order((guided, ("/follow_up_on", "次に連絡する日", day)), LETTER_ORDER)
        yield from check_open_day(filing.office, "/follow_up_on", "次に連絡する日", day)
    elif filing.values["reaction"] in _OPEN_ANSWERS:
        yield _NO_FOLLOW_UP.at("/follow_up_on", "次に連絡する日")


def _check_contact(filing: Filing) -> Iterator[Problem]:
    if filing.values["method"] == "電話" and "電話連絡不可" in filing.values.get("confidentiality", ()):
        yield _NOT_BY_PHONE.at("/method", "案内の方法", filing.values["method"])


def _check_child(filing: Filing) -> Iterator[Problem]:
    if filing.values.get("child_told") == "説明していない":
        yield _CHILD_NOT_TOLD.at("/child_told", "児童本人への説明", filing.values["child_told"])


GUIDANCE_CHECKS: Final[tuple[Check, ...]] = (
    _check_day,
    check_centre,
    _check_follow_up,
    _check_contact,
    _check_child,
)
