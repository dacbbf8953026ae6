"""The rules of 情報提供等協力依頼 and its 回答書 (C04a, C04b; domain.md §2.1, §2.3): who is asked, by when, and who has answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from pipeline.model import Event, Level, Past, Problem, Ruling
from pipeline.rules.case_flow import check_shared, judge_case
from pipeline.rules.casework import Casework, Values, casework
from pipeline.rules.dispatch import Filing
from pipeline.rules.findings import Sentence, check_open_day
from pipeline.rules.wareki import parse_iso, to_wareki

_DEADLINE = Sentence(
    "CASE_DATE", "回答期限は依頼日より後でなければなりません。どちらかの日付を直してください。"
)
_TWICE = Sentence("AGENCY", "同じ記号の機関が二つあります。機関ごとに別の記号を付けてください。")
_NOT_REGISTERED = Sentence(
    "LAW",
    "要対協に登録する記録がありません。児童福祉法第25条の３による依頼ができるかを、こども家庭課に確かめてください。",
    Level.WARNING,
)
_NOT_ASKED = Sentence(
    "CASE_FLOW",
    "このケースの情報提供等協力依頼が受け付けられていません。依頼を先に出すか、「機関からの情報提供」を選んでください。",
)
_OTHER_AGENCY = Sentence(
    "AGENCY",
    "この記号の機関には依頼していません。依頼書と一緒に渡した様式か、機関の記号を確かめてください。",
    Level.WARNING,
)
_OTHER_DAY = Sentence(
    "CARRIED", "依頼日が、受け付けた依頼の日（{asked}）と違います。依頼日を直してください。"
)
_ANSWERED_EARLY = Sentence("CASE_DATE", "回答日が依頼日より前です。どちらかの日付を直してください。")
_AGAIN = Sentence(
    "AGENCY", "この機関の回答は既に受け付けています。前の回答と合わせて整理してください。", Level.WARNING
)
_LATE = Sentence(
    "AGENCY", "回答期限を過ぎた回答です。状況が変わっていないか確かめてください。", Level.WARNING
)
ANSWER: Final = "依頼への回答"


@dataclass(frozen=True, slots=True)
class Asked:
    """An agency that was asked: by which code, when, by when it is to answer, and when it did (None: not yet)."""

    code: str
    name: str
    on: date
    reply_by: date
    replied_on: date | None


def asked_agencies(now: Casework) -> tuple[Asked, ...]:
    """Return every agency of the latest request to each, in the order they were asked, with its answer."""
    latest: dict[str, tuple[Event, Values]] = {}
    for event in now.all("information_request"):
        latest |= {agency["code"]: (event, agency) for agency in event.values["agencies"]}
    return tuple(_asked(now, event, agency) for event, agency in latest.values())


def _asked(now: Casework, event: Event, agency: Values) -> Asked:
    replies = [
        reply.on
        for reply in now.all("information_reply")
        if reply.values["agency"]["code"] == agency["code"] and reply.on >= event.on
    ]
    return Asked(
        agency["code"],
        agency["name"],
        event.on,
        parse_iso(event.values["reply_by"]),
        max(replies, default=None),
    )


def judge_request(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 情報提供等協力依頼. No facts: each letter prints the form and the office's data."""
    dated = ("requested_on", "依頼日")
    return judge_case(values, office, received_on, past, dated, _check_agencies, _check_law, check_shared)


def _check_agencies(filing: Filing, now: Casework) -> Iterator[Problem]:
    reply_by = filing.values["reply_by"]
    if parse_iso(reply_by) <= filing.day("requested_on"):
        yield _DEADLINE.at("/reply_by", "回答期限", reply_by)
    yield from check_open_day(filing.office, "/reply_by", "回答期限", reply_by)
    codes = [agency["code"] for agency in filing.values["agencies"]]
    for n, code in enumerate(codes):
        if Counter(codes[: n + 1])[code] > 1:
            yield _TWICE.at(f"/agencies/{n}/code", "機関の記号", code)


def _check_law(filing: Filing, now: Casework) -> Iterator[Problem]:
    """Only the council may ask under 児童福祉法25条の3: for a case that is, or is to be, in it."""
    if now.sharing is None or now.sharing["registration"] != "要する":
        yield _NOT_REGISTERED.at("/agencies", "依頼する機関")


def judge_reply(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 回答書. Facts: `asked`, every agency asked so far with its deadline and its answer, this one counted in."""
    ruling = judge_case(values, office, received_on, past, ("replied_on", "回答日"), _check_answer)
    now = casework(past)
    rows = [_row(asked, values) for asked in asked_agencies(now)] if now else []
    return Ruling(ruling.problems, {"asked": rows})


def _row(asked: Asked, values: Values) -> Values:
    here = values["replied_on"] if values["agency"]["code"] == asked.code else None
    replied = parse_iso(here) if here else asked.replied_on
    return {
        "name": asked.name,
        "reply_by": asked.reply_by.isoformat(),
        "replied": to_wareki(replied) if replied else None,
    }


def _check_answer(filing: Filing, now: Casework) -> Iterator[Problem]:
    if filing.values["occasion"] != ANSWER:
        return
    everyone = asked_agencies(now)
    if not everyone:
        yield _NOT_ASKED.at("/occasion", "回答の種類", filing.values["occasion"])
        return
    code = filing.values["agency"]["code"]
    mine = next((asked for asked in everyone if asked.code == code), None)
    if mine is None:
        yield _OTHER_AGENCY.at("/agency/code", "機関の記号", code)
    else:
        yield from _check_dates(filing, mine)


def _check_dates(filing: Filing, mine: Asked) -> Iterator[Problem]:
    requested_on, replied_on = filing.values["requested_on"], filing.day("replied_on")
    if parse_iso(requested_on) != mine.on:
        yield _OTHER_DAY.at("/requested_on", "依頼日", requested_on, asked=to_wareki(mine.on))
    if replied_on < mine.on:
        yield _ANSWERED_EARLY.at("/replied_on", "回答日", filing.values["replied_on"])
    if mine.replied_on is not None:
        yield _AGAIN.at("/agency/code", "機関の記号", mine.code)
    elif replied_on > mine.reply_by:
        yield _LATE.at("/replied_on", "回答日", filing.values["replied_on"])
