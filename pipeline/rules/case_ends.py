"""The rules of ケース移管 and 終結 (C13, C12; domain.md §1.16, §2.4, BR28): a case goes to another centre, or ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.case_flow import CASE_CLOSED, NO_CONSULTATION, check_next, judge_case
from pipeline.rules.casework import NO_CASE_REASON, Casework, Values, casework
from pipeline.rules.dispatch import Filing, check_centre
from pipeline.rules.findings import Sentence, check_open_day
from pipeline.rules.inquiry import asked_agencies
from pipeline.rules.standing import OPEN, standing
from pipeline.rules.wareki import digits, parse_iso, to_wareki

_SAME_CENTRE = Sentence("CASE_CENTRE", "移管元と移管先が同じセンターです。どちらかを直してください。")
_NOT_THE_OLD = Sentence(
    "CASE_CENTRE",
    "移管元のセンターは、移管日にこのケースを受け持っているセンターではありません。移管元を直してください。",
)
_BEFORE_OPENING = Sentence("CASE_DATE", "移管日が、受付年月日（{opened}）より前です。日付を直してください。")
_NOT_TOLD = Sentence(
    "CHILD_VIEW", "受け持ちが替わることを家族に説明していません。移管の前に説明してください。", Level.WARNING
)
_LAST_TOLD = Sentence(
    "CASE_DATE",
    "終結日より後のことを記した様式（{on}）が受け付けられています。終結日を直すか、その様式を確かめてください。",
)
_DECIDED_LATE = Sentence(
    "CASE_DATE", "判断した会議の日は、終結日以前でなければなりません。どちらかの日付を直してください。"
)
_NO_REVIEW = Sentence(
    "CASE_FLOW",
    "進行管理の記録がないので、この理由では終結できません。先に進行管理会議で確かめ、記録を出してください。",
)
_NOT_AGREED = Sentence(
    "CASE_FLOW",
    "最後の進行管理の方針が「終結」ではありません。会議で終結を決めたことを確かめてください。",
    Level.WARNING,
)
_OPEN_DISPATCH = Sentence(
    "BR28",
    "ヘルパー派遣が終わっていません（{status}）。先に派遣を終えるか、「派遣を残して終結する理由」を記入してください。",
)
_DISPATCH_LEFT = Sentence(
    "BR28",
    "ヘルパー派遣が終わっていません（{status}）。派遣の見守りと、終わるときの手続をだれがするかを確かめてください。",
    Level.WARNING,
)
_DISPATCH_OVER = Sentence(
    "BR28",
    "続いているヘルパー派遣はないので、派遣を残す理由は要りません。記入を確かめてください。",
    Level.WARNING,
)
_SHORT_REASON = Sentence(
    "REASON",
    "理由の説明は{least}字以上で、当てはまる事実を記入してください。連絡が取れないことだけでは終結できません。",
)
_NO_WATCHER = Sentence("REASON", "見守りへ移行するときは、見守り機関とその内容を記入してください。")
_NOBODY_TOLD = Sentence(
    "CHILD_VIEW", "終結することを説明していません。再相談先と一緒に説明してください。", Level.WARNING
)
_REPLY_PENDING = Sentence(
    "AGENCY",
    "回答のない情報提供の依頼があります。回答が要らないことを、その機関に伝えてください。",
    Level.WARNING,
)
LEAST_REASON: Final = 20
# Ends that no 進行管理 has to precede: they are facts, not judgements (domain.md §2.4).
WITHOUT_REVIEW: Final = frozenset({"転出（移管）", "施設入所・措置", "死亡", NO_CASE_REASON})


def judge_transfer(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge ケース移管; its day may lie ahead. Facts: `stage` and `opened_on` of the case on that day."""
    filing, now = Filing(values, office, {}, received_on, past), casework(past)
    if now is None or not now.is_open:
        return Ruling(((NO_CONSULTATION if now is None else CASE_CLOSED).at("/case_id", "ケース番号"),))
    facts = {"stage": now.stage, "opened_on": now.opening.on.isoformat()}
    return Ruling(tuple(_check_transfer(filing, now)), facts)


def _check_transfer(filing: Filing, now: Casework) -> Iterator[Problem]:
    text, old = filing.values["transferred_on"], filing.values["old"]["centre"]
    then = casework(filing.past, parse_iso(text))
    if then is None:
        opened = to_wareki(now.opening.on)
        yield _BEFORE_OPENING.at("/transferred_on", "移管日", text, opened=opened)
    elif old != then.centre:
        yield _NOT_THE_OLD.at("/old/centre", "移管元のセンター", old)
    if old == filing.values["centre"]:
        yield _SAME_CENTRE.at("/centre", "移管先のセンター", old)
    if filing.values.get("told_family") != "説明した":
        yield _NOT_TOLD.at("/told_family", "家族への説明")
    yield from check_centre(filing, "guardian")
    yield from check_open_day(filing.office, "/transferred_on", "移管日", text)
    yield from check_next(filing, "transferred_on")


def judge_closure(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 終結. Facts: `opened_on` and `review_count` of the round that ends."""
    checks = (_check_order, _check_review, _check_dispatch, _check_reason, _check_told)
    ruling = judge_case(values, office, received_on, past, ("closed_on", "終結日"), *checks)
    now = casework(past)
    return Ruling(ruling.problems, _closing_facts(now) if now else {})


def _closing_facts(now: Casework) -> dict[str, Any]:
    return {"opened_on": now.opening.on.isoformat(), "review_count": len(now.reviews)}


def _check_order(filing: Filing, now: Casework) -> Iterator[Problem]:
    closed_on, last = filing.day("closed_on"), now.events[-1].on
    if last > closed_on:
        yield _LAST_TOLD.at("/closed_on", "終結日", filing.values["closed_on"], on=to_wareki(last))
    if filing.day("decided", "on") > closed_on:
        yield _DECIDED_LATE.at("/decided/on", "会議の日", filing.values["decided"]["on"])


def _check_review(filing: Filing, now: Casework) -> Iterator[Problem]:
    code = filing.values["reason"]["code"]
    if code in WITHOUT_REVIEW:
        return
    if not now.reviews:
        yield _NO_REVIEW.at("/reason/code", "理由の区分", code)
    elif now.reviews[-1].policy not in ("終結", "見守り"):
        yield _NOT_AGREED.at("/decided/meeting", "判断した会議")


def _check_dispatch(filing: Filing, now: Casework) -> Iterator[Problem]:
    """BR28: a case ends with no dispatch open, or says why it does and who looks after it."""
    status = standing(filing.past).status_on(filing.day("closed_on"))
    said = "open_dispatch" in filing.values
    if status in OPEN:
        pointer = "/open_dispatch/reason" if said else "/open_dispatch"
        yield (_DISPATCH_LEFT if said else _OPEN_DISPATCH).at(pointer, "派遣を残す理由", status=status)
    elif said:
        yield _DISPATCH_OVER.at("/open_dispatch/reason", "派遣を残す理由")


def _check_reason(filing: Filing, now: Casework) -> Iterator[Problem]:
    reason = filing.values["reason"]
    if len("".join(reason["note"].split())) < LEAST_REASON:
        yield _SHORT_REASON.at("/reason/note", "理由の説明", reason["note"], least=digits(LEAST_REASON))
    if reason["code"] == "支援拒否により見守りへ移行" and not filing.values.get("watchers"):
        yield _NO_WATCHER.at("/watchers", "見守り機関")


def _check_told(filing: Filing, now: Casework) -> Iterator[Problem]:
    for member, title in (("told_child", "児童への説明"), ("told_guardian", "保護者への説明")):
        if filing.values[member] != "説明した":
            yield _NOBODY_TOLD.at(f"/{member}", title)
    if any(asked.replied_on is None for asked in asked_agencies(now)):
        yield _REPLY_PENDING.at("/closed_on", "終結日")
