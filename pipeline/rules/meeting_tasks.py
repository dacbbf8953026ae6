"""What meetings leave to be done by a day: decisions with an owner, drafts to confirm, answers, minutes to write. Pure.

Each names the meeting and the number of the decision, never a text somebody wrote (domain.md §3.6).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from pipeline.model import Event, Past
from pipeline.rules.actions import latest_minutes, open_actions
from pipeline.rules.bodies import Session, find_body, session_of
from pipeline.rules.due import Due
from pipeline.rules.notices import NOTICE
from pipeline.rules.wareki import parse_iso

Values = Mapping[str, Any]


def meeting_tasks(past: Past, office: Values, day: date) -> Iterator[Due]:
    """Yield every open task as of a day, overdue ones included; of no case, and of a centre only where a case meeting was its own."""
    told = Past(tuple(event for event in past.events if event.on <= day))
    minutes = latest_minutes(told)
    yield from _decisions(minutes, office)
    yield from _drafts(minutes, office)
    yield from _notices(told, {session_of(event.values) for event in minutes}, office, day)


def _decisions(minutes: list[Event], office: Values) -> Iterator[Due]:
    for action in open_actions(minutes):
        if action.due is not None:
            note = f"{action.session.name(office)}の決定事項{action.number}の期限です。担当に状況を確かめてください。"
            yield Due(action.due, action.session.centre, "", "決定事項", note)


def _drafts(minutes: list[Event], office: Values) -> Iterator[Due]:
    """Minutes whose members were asked to confirm them, until the final ones come."""
    for event in minutes:
        if event.values["status"] == "案":
            session = session_of(event.values)
            note = f"{session.name(office)}の会議録（案）の確認期限です。修正を加えて、確定した会議録を入れてください。"
            yield Due(parse_iso(event.values["confirm_by"]), session.centre, "", "会議録の確定", note)


def _notices(past: Past, written: Collection[Session], office: Values, day: date) -> Iterator[Due]:
    """A meeting that is called: its answers before it, its minutes after it (`minutes_days` of office/meeting.toml)."""
    for event in past.of(NOTICE):
        session, held_on = session_of(event.values), parse_iso(event.values["held_on"])
        if session in written:
            continue
        if day <= held_on:
            note = f"{session.name(office)}の出欠の回答期限です。回答のない構成員に確かめてください。"
            yield Due(parse_iso(event.values["reply_by"]), session.centre, "", "出欠の回答", note)
        else:
            days = (find_body(office, session.meeting) or {}).get("minutes_days") or 0
            note = f"{session.name(office)}の会議録がまだありません。作って、入れてください。"
            yield Due(held_on + timedelta(days=days), session.centre, "", "会議録の作成", note)
