"""The rules of what a household asks or tells after a decision (D17a, D18a, D19a; domain.md §1.16), and the 起案 that answers it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.changes import (
    BY_NOTICE,
    check_change,
    check_current_period,
    check_ending,
    check_extension,
    check_review,
    check_suspension,
    check_transfer,
    check_wish,
)
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
from pipeline.rules.standing import standing
from pipeline.rules.steps import (
    check_came_before,
    check_filed,
    check_not_yet,
    check_number_carried,
    check_order,
)

GIVEN_UP, TAKEN_BACK = "利用の辞退（廃止）", "申請の取下げ"

_UNSIGNED = Sentence(
    "SIGNATURE", "署名がありません。申請者本人の意思であることを確かめてください。", Level.WARNING
)
_DECIDED_ALREADY = Sentence(
    "WITHDRAWAL",
    "承認の決定を受けた後は、申請を取り下げられません。届出の種類を「利用の辞退（廃止）」にしてください。",
)
_NOTHING_TO_TAKE_BACK = Sentence(
    "WITHDRAWAL",
    "この申請は、既に不承認又は取下げになっています。ケース番号を確かめてください。",
)

Words = tuple[str, str]
"""件名 without its （伺い）, and what is asked to be decided."""

_EXTENSION: Final[dict[str, Words]] = {
    "承認": (
        "利用期間の延長の決定",
        "別紙案のとおり決定し、申請者に通知するとともに、受託事業者に派遣の継続を依頼してよろしいか",
    ),
    "不承認": ("利用期間の延長の不承認", "別紙案のとおり決定し、申請者に通知してよろしいか"),
}
_CHANGE: Final[dict[str, Words]] = {
    "承認": (
        "利用の変更の決定",
        "別紙案のとおり決定し、申請者に通知するとともに、受託事業者に変更後の派遣を依頼してよろしいか",
    ),
    "不承認": ("利用の変更の不承認", "別紙案のとおり決定し、申請者に通知してよろしいか"),
    BY_NOTICE: (
        "利用の変更の届出",
        "届出を受理し、別紙案のとおり受託事業者に依頼してよろしいか",
    ),
}
_WITHDRAWAL: Final[dict[str, Words]] = {
    GIVEN_UP: (
        "利用の廃止の決定",
        "別紙案のとおり決定し、申請者に通知するとともに、受託事業者に派遣の終了を通知してよろしいか",
    ),
    TAKEN_BACK: ("利用申請の取下げ", "申請の取下げを受理し、審査を終えてよろしいか"),
}


def judge_extension(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 利用期間延長申請書. Facts: `subject` and `proposal` of the 起案書, and those of the plan."""
    return _judge(values, office, received_on, past, EXTENSION_CHECKS, _extension_words(values))


def judge_change(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 利用変更申請（届出）書. Facts: `subject` and `proposal` of the 起案書, and those of the plan."""
    return _judge(values, office, received_on, past, CHANGE_CHECKS, _change_words(values))


def judge_withdrawal(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 利用辞退（廃止）届. Facts: `subject` and `proposal` of the 起案書."""
    words = _WITHDRAWAL[values["withdrawal"]["kind"]]
    return _judge(values, office, received_on, past, WITHDRAWAL_CHECKS, words)


def _judge(
    values: Values, office: Values, received_on: date, past: Past, checks: Sequence[Check], words: Words
) -> Ruling:
    programme = office.get("programme")
    if programme is None:
        return Ruling((NO_PROGRAMME.at("/application/received_on", "収受日"),))
    filing = Filing(values, office, programme, received_on, past)
    problems = tuple(problem for check in checks for problem in check(filing))
    return Ruling(problems, {**_draft_facts(words, programme), **plan_facts(values, programme)})


def _draft_facts(words: Words, programme: Values) -> dict[str, Any]:
    subject, asked = words
    return {
        "subject": f"{programme['name']}の{subject}について（伺い）",
        "proposal": f"このことについて、{asked}伺います。",
    }


def _extension_words(values: Values) -> Words:
    return _EXTENSION[values["recommendation"]["result"]]


def _change_words(values: Values) -> Words:
    if values["change"]["handling"] == BY_NOTICE:
        return _CHANGE[BY_NOTICE]
    return _CHANGE[values["recommendation"]["result"]]


def _check_received(filing: Filing) -> Iterator[Problem]:
    """Request, receipt and 起案 follow each other, and none lies in the future (BR15)."""
    application = filing.values["application"]
    received: tuple[str, str, str] = ("/application/received_on", "収受日", application["received_on"])
    yield from check_filed(filing)
    yield from check_not_yet(filing, *received)
    yield from check_order(
        (received, ("/drafting/drafted_on", "起案年月日", filing.values["drafting"]["drafted_on"]))
    )


def _check_came_before(filing: Filing) -> Iterator[Problem]:
    yield from check_came_before(filing)


def _check_signature(filing: Filing) -> Iterator[Problem]:
    if filing.values["signature_kind"] == "無":
        yield _UNSIGNED.at("/signature_kind", "署名の方法", "無")


def _check_withdrawal(filing: Filing) -> Iterator[Problem]:
    """An application is taken back before its decision; afterwards the help is given up (domain.md §1.12, §1.16)."""
    kind, now = filing.values["withdrawal"]["kind"], standing(filing.past)
    if kind != TAKEN_BACK:
        return
    if now.approval is not None:
        yield _DECIDED_ALREADY.at("/withdrawal/kind", "届出の種類", kind)
    elif now.refusal is not None or now.ending is not None:
        yield _NOTHING_TO_TAKE_BACK.at("/withdrawal/kind", "届出の種類", kind)


_REQUEST_CHECKS: Final[tuple[Check, ...]] = (
    _check_came_before,
    check_number_carried,
    _check_received,
    _check_signature,
    check_centre,
    check_transfer,
    check_current_period,
)
_PLAN_CHECKS: Final[tuple[Check, ...]] = (
    check_version,
    check_limits,
    check_schedule,
    check_period,
    check_monitoring,
    check_refusal,
    check_drafting,
)
EXTENSION_CHECKS: Final[tuple[Check, ...]] = (
    *_REQUEST_CHECKS,
    check_wish,
    check_review,
    check_extension,
    check_fee,
    *_PLAN_CHECKS,
)
CHANGE_CHECKS: Final[tuple[Check, ...]] = (
    *_REQUEST_CHECKS,
    check_change,
    check_suspension,
    *_PLAN_CHECKS,
)
WITHDRAWAL_CHECKS: Final[tuple[Check, ...]] = (
    *_REQUEST_CHECKS,
    _check_withdrawal,
    check_ending,
    check_drafting,
)
