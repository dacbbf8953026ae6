"""The rules of a 出席者報告書 (出欠票; domain.md §3.2, §3.6): it answers a notice, and the roster is made anew with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pipeline.model import Event, Level, Past, Problem, Ruling
from pipeline.rules.bodies import session_of
from pipeline.rules.findings import Sentence
from pipeline.rules.notices import NOTICE, asked, meeting_facts

REPLY = "attendance_reply"
_IN_PERSON = frozenset({"出席", "オンライン"})

_NOT_CALLED = Sentence(
    "NOT_CALLED",
    "この会議の開催通知がありません。会議の名称、センター、回数、開催日を通知と照らしてください。",
)
_NOT_ASKED = Sentence("NOT_ASKED", "開催通知の宛先にない所属です。通知の宛先と同じ名前で記入してください。")
_WHICH = Sentence(
    "WHICH_ADDRESSEE",
    "同じ課・機関の宛先が二人以上いて、だれへの通知の回答か分かりません。"
    "「通知の宛先の人」に、通知にある職と氏名を記入してください。",
)
_ABSENT_ATTENDEE = Sentence("ATTENDEE", "欠席のときは、出席する人を空欄にしてください。")
_LATE_REPLY = Sentence(
    "REPLY_LATE", "回答期限を過ぎた回答です。資料と席の用意を確かめてください。", Level.WARNING
)

Values = Mapping[str, Any]


def judge_attendance(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge a 出席者報告書 after the notice and the other replies. Facts: the `roster` as it stands now, and its `counts`."""
    notice = _notice_of(values, past)
    if notice is None:
        return Ruling((_NOT_CALLED.at("/meeting", "会議の名称", values["meeting"]),))
    problems, called = tuple(_check_reply(values, notice.values)), notice.values["addressees"]
    replies = {_place(reply, called): reply for reply in (*_replies(values, past), values)}
    answers = [replies.get(place) for place in range(len(called))]
    people = [_answered(one, answer) for one, answer in zip(called, answers, strict=True)]
    facts = meeting_facts(values, notice.values, office, people)
    counts = {"counts": _counts(answers)}
    return Ruling(problems, {**facts, **counts})


def _answered(addressee: Values, reply: Values | None) -> dict[str, Any]:
    """A row of the roster as answered: a 代理 is named with the office that was asked."""
    row = asked(addressee)
    if reply is None:
        return {**row, "note": _joined(row["note"], "未回答")}
    attendance, person = reply["attendance"], reply.get("attendee") or {}
    told = {
        "出席": "",
        "オンライン": "オンライン",
        "欠席": "欠席",
        "代理出席": f"代理（{row['title']}）" if row["title"] else "代理",
    }
    named = {"title": person.get("title") or row["title"], "name": person.get("name") or row["name"]}
    return {**row, **named, "note": _joined(row["note"], told[attendance])}


def _joined(*notes: str) -> str:
    return "、".join(filter(None, notes))


def _counts(answers: Sequence[Values | None]) -> dict[str, int]:
    """How many come, do not come and have not answered."""
    absent = sum(answer is not None and answer["attendance"] == "欠席" for answer in answers)
    silent = sum(answer is None for answer in answers)
    return {"present": len(answers) - absent - silent, "absent": absent, "silent": silent}


def _place(reply: Values, addressees: Sequence[Values]) -> int | None:
    """Which addressee a reply answers for: the one of its section, or the one of them it names; None where that is not one.

    Who comes in person may leave `called` empty; a 代理 or an absence does not say for whom by itself.
    """
    theirs = [n for n, one in enumerate(addressees) if one["section"] == reply["section"]]
    said = reply.get("called") or (reply.get("attendee") if reply["attendance"] in _IN_PERSON else None) or {}
    if len(theirs) > 1:
        theirs = [n for n in theirs if _is_meant(said, addressees[n])]
    return theirs[0] if len(theirs) == 1 else None


def _is_meant(said: Values, addressee: Values) -> bool:
    """Whether post and name are those of the notice, as far as both say them; a name alone, or a post alone, is enough."""
    pairs = (("title", "head_title"), ("name", "head_name"))
    both = [(said[key], addressee[other]) for key, other in pairs if said.get(key) and addressee.get(other)]
    return bool(both) and all(_bare(here) == _bare(there) for here, there in both)


def _bare(text: str) -> str:
    """A key for comparing only: without any space."""
    return "".join(text.split())


def _notice_of(values: Values, past: Past) -> Event | None:
    """The notice a reply answers: of the same meeting, on the same day."""
    session = session_of(values)
    return next(
        (
            event
            for event in reversed(past.of(NOTICE))
            if session_of(event.values) == session and event.values["held_on"] == values["held_on"]
        ),
        None,
    )


def _replies(values: Values, past: Past) -> Iterator[Values]:
    session = session_of(values)
    return (event.values for event in past.of(REPLY) if session_of(event.values) == session)


def _check_reply(values: Values, notice: Values) -> Iterator[Problem]:
    if values["section"] not in {addressee["section"] for addressee in notice["addressees"]}:
        yield _NOT_ASKED.at("/section", "課・機関", values["section"])
    elif _place(values, notice["addressees"]) is None:
        yield _WHICH.at("/called", "通知の宛先の人")
    if values["attendance"] == "欠席" and values.get("attendee"):
        yield _ABSENT_ATTENDEE.at("/attendee", "出席する人")
    if values["replied_on"] > notice["reply_by"]:
        yield _LATE_REPLY.at("/replied_on", "回答日", values["replied_on"])
