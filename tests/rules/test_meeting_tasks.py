"""Meetings announce what they left to be done, and fall silent when it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pipeline.model import Event
from pipeline.rules.deadlines import deadlines
from tests.rules.meetings import CENTRE, decided, event, finished, minutes, past

OfficeAt = Callable[[date], Mapping[str, Any]]
NOTICE = event(
    "meeting_notice",
    "2022-06-28",
    {"meeting": "庁内連携会議", "ordinal": 1, "held_on": "2022-07-12", "reply_by": "2022-07-05"},
)
DRAFT = minutes(
    "2022-07-12", 1, status="案", confirm_by="2022-07-26", decisions=decided("甲", due="2022-07-29")
)
FINAL = minutes("2022-07-12", 1, decisions=decided("甲", due="2022-07-29"))


def due(office_at: OfficeAt, day: date, *events: Event) -> list[tuple[str, date]]:
    return [(task.kind, task.on) for task in deadlines(past(*events), office_at(day), day, 14)]


def test_a_called_meeting_waits_for_answers_then_for_its_minutes(office_at: OfficeAt) -> None:
    assert due(office_at, date(2022, 6, 28), NOTICE) == [("出欠の回答", date(2022, 7, 5))]
    assert due(office_at, date(2022, 7, 12), NOTICE) == [("出欠の回答", date(2022, 7, 5))]
    assert due(office_at, date(2022, 7, 13), NOTICE) == [("会議録の作成", date(2022, 7, 26))]
    assert due(office_at, date(2022, 7, 13), NOTICE, minutes("2022-07-12", 1)) == []
    assert due(office_at, date(2022, 6, 27), NOTICE) == [], "before it was sent nobody waits"


def test_a_draft_is_to_be_made_final(office_at: OfficeAt) -> None:
    assert due(office_at, date(2022, 7, 20), DRAFT) == [
        ("会議録の確定", date(2022, 7, 26)),
        ("決定事項", date(2022, 7, 29)),
    ]
    assert due(office_at, date(2022, 7, 20), DRAFT, FINAL) == [("決定事項", date(2022, 7, 29))]


def test_a_decision_is_due_until_a_later_meeting_reports_it(office_at: OfficeAt) -> None:
    closing = minutes("2022-08-09", 2, closed_actions=finished("R4-1-1"))
    assert due(office_at, date(2022, 8, 8), FINAL, closing) == [("決定事項", date(2022, 7, 29))], (
        "late, and still open"
    )
    assert due(office_at, date(2022, 8, 9), FINAL, closing) == []
    undated = minutes("2022-07-12", 1, decisions=decided("甲"))
    assert due(office_at, date(2022, 7, 20), undated) == []


def test_what_is_told_names_the_meeting_and_the_number_and_no_text(office_at: OfficeAt) -> None:
    day = date(2023, 8, 1)
    meeting = minutes(
        "2023-07-20", 3, "ケース検討会議", centre=CENTRE, decisions=decided("甲", due="2023-08-02")
    )
    (task,) = deadlines(past(meeting), office_at(day), day, 14)
    assert (task.centre, task.case_id) == (CENTRE, "")
    assert (
        "令和５年度第３回ケース検討会議" in task.note and "R5-3-1" in task.note and "決定1" not in task.note
    )
