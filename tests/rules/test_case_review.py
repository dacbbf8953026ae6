"""The list of a 進行管理会議 against the ledger of open cases."""

from __future__ import annotations

from typing import Any

from pipeline.model import Event
from pipeline.rules.case_review import check_reviewed, count_by_centre, unlisted
from pipeline.rules.casework import casework
from tests.rules.meetings import CENTRE, event, minutes, past

OTHER = "小名浜地区保健福祉センター"


def opened(case_id: str, centre: str = CENTRE, on: str = "2023-07-03") -> Event:
    return event("consultation", on, {"centre": centre}, case_id)


def row(case_id: str, centre: str = CENTRE, policy: str = "継続") -> dict[str, Any]:
    return {"case_id": case_id, "centre": centre, "policy": policy, "main_agency": centre}


def review(*rows: dict[str, Any], meeting: str = "進行管理会議") -> Event:
    return minutes("2023-09-20", 1, meeting, progress=list(rows))


LEDGER = (opened("YC-23-1-001"), opened("YC-23-2-001", OTHER), opened("YC-23-1-009", on="2023-09-21"))


def told(now: Event) -> list[tuple[str, str]]:
    return [(problem.code, problem.pointer) for problem in check_reviewed(now.values, past(*LEDGER))]


def test_a_whole_list_says_nothing() -> None:
    whole = review(row("YC-23-1-001"), row("YC-23-2-001", OTHER))
    assert told(whole) == [] and unlisted(whole.values, past(*LEDGER)) == []


def test_a_case_left_out_is_named_by_its_number() -> None:
    short = review(row("YC-23-1-001"))
    assert told(short) == [("CASE_LEFT_OUT", "/progress")]
    assert unlisted(short.values, past(*LEDGER)) == ["YC-23-2-001"], (
        "the one opened a day later is not missed"
    )


def test_a_case_the_ledger_does_not_have_or_has_elsewhere() -> None:
    assert told(review(row("YC-23-1-001"), row("YC-23-2-001"), row("YC-23-9-999"))) == [
        ("CASE_CENTRE", "/progress/1/centre"),
        ("CASE_NOT_OPEN", "/progress/2/case_id"),
    ]


def test_another_meeting_has_no_such_list() -> None:
    assert told(review(meeting="庁内連携会議")) == []
    assert unlisted(review(meeting="庁内連携会議").values, past(*LEDGER)) == []


def test_the_minutes_are_a_step_of_the_case(office_at: Any) -> None:
    """The ledger reads the same rows: who is in charge, what was agreed."""
    watched = review(row("YC-23-1-001", policy="見守り"), row("YC-23-2-001", OTHER))
    now = casework(past(LEDGER[0], watched))
    assert now is not None and (now.stage, now.main_agency) == ("見守り", CENTRE)
    assert [(r.policy, r.meeting) for r in now.reviews] == [("見守り", "進行管理会議")]


def test_cases_are_counted_by_centre_in_the_order_of_the_office() -> None:
    office = {"centre": {CENTRE: {}, OTHER: {}, "勿来・田人地区保健福祉センター": {}}}
    rows = [row("1", OTHER, "終結"), row("2", CENTRE), row("3", CENTRE, "見守り")]
    assert count_by_centre(rows, office) == [
        {"centre": CENTRE, "count": 2, "kept": 1, "changed": 0, "watched": 1, "ended": 0},
        {"centre": OTHER, "count": 1, "kept": 0, "changed": 0, "watched": 0, "ended": 1},
        {"centre": "計", "count": 3, "kept": 1, "changed": 0, "watched": 1, "ended": 1},
    ]
    assert count_by_centre([], office) == []
