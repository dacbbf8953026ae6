"""Deadlines announce themselves, and fall silent when what they ask for has come (product §4.11)."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.model import Event, Past
from pipeline.rules.deadlines import Due, deadlines
from tests.intake import catalogue as shipped
from tests.rules.test_register import APPLIED, CENTRE
from tests.rules.test_standing import decision, event

BOOK = shipped().office
PLAN = {
    "period": {"start": "2023-06-01", "end": "2023-11-30"},
    "version": 1,
    "monitoring": ["2023-09-28", "2023-06-29"],
}
APPROVED = decision(
    date(2023, 5, 25), "新規", plan=PLAN, doc_date="2023-05-25", numbers={"notice": "1"}, centre=CENTRE
)
ACCEPTED = event("dispatch_acceptance", date(2023, 5, 29))
RUNNING = (APPLIED, APPROVED, ACCEPTED)


def due(day: date, *events: Event, within: int = 14) -> list[tuple[str, date]]:
    return [(found.kind, found.on) for found in deadlines(Past(events), BOOK.at(day), day, within)]


def monthly(month: str, on: date, centre: str = CENTRE) -> Event:
    return Event("b", "monthly_report", None, on, on, {"month": month, "centre": centre})


def test_each_planned_monitoring_until_as_many_were_held() -> None:
    assert due(date(2023, 6, 20), *RUNNING) == [("モニタリング", date(2023, 6, 29))]
    assert due(date(2023, 6, 20), *RUNNING, event("monitoring", date(2023, 6, 19))) == []
    overdue = due(date(2023, 6, 30), *RUNNING)
    assert overdue == [("モニタリング", date(2023, 6, 29))], "an overdue one stays until it is done"


def test_an_extension_is_thought_of_six_weeks_before_the_end_until_it_is_asked_for() -> None:
    held = [event("monitoring", date(2023, 6, 29)), event("monitoring", date(2023, 9, 28))]
    reports = [monthly(f"2023-{m:02d}", date(2023, m + 1, 5)) for m in range(6, 11)]
    assert due(date(2023, 10, 19), *RUNNING, *held, *reports, within=0) == [
        ("延長の検討", date(2023, 10, 19))
    ]
    assert due(date(2023, 10, 18), *RUNNING, *held, *reports, within=0) == []
    asked = event("extension_application", date(2023, 10, 20))
    assert due(date(2023, 11, 20), *RUNNING, *held, *reports, asked) == [
        ("派遣期間の終わり", date(2023, 11, 30))
    ]
    assert due(date(2023, 12, 2), *RUNNING, *held, *reports, monthly("2023-11", date(2023, 12, 1))) == []


def test_a_reply_and_an_acceptance_are_awaited_until_they_come() -> None:
    asked = Event(
        APPLIED.bundle_id,
        APPLIED.form,
        APPLIED.case_id,
        APPLIED.on,
        APPLIED.on,
        {**APPLIED.values, "visit": {"reply_by": "2023-05-15"}},
    )
    assert due(date(2023, 5, 11), asked) == [("回答期限", date(2023, 5, 15))]
    assert due(date(2023, 5, 18), asked, event("visit_survey", date(2023, 5, 17))) == []
    assert due(date(2023, 5, 26), APPLIED, APPROVED) == [("承諾書", date(2023, 6, 1))]


def test_a_month_with_support_wants_its_report_by_the_tenth_or_the_next_open_day() -> None:
    held = event("monitoring", date(2023, 6, 29))
    assert due(date(2023, 7, 1), *RUNNING, held) == [("月次報告", date(2023, 7, 10))]
    assert due(date(2023, 7, 1), *RUNNING, held, monthly("2023-06", date(2023, 7, 1))) == []
    assert (
        due(
            date(2023, 7, 1),
            *RUNNING,
            held,
            monthly("2023-06", date(2023, 7, 1), "小名浜地区保健福祉センター"),
        )
        != []
    )
    june = monthly("2023-06", date(2023, 7, 1))
    july = monthly("2023-07", date(2023, 8, 1))
    august = monthly("2023-08", date(2023, 9, 1))
    (found,) = [
        d
        for d in due(
            date(2023, 10, 2), *RUNNING, held, event("monitoring", date(2023, 9, 28)), june, july, august
        )
        if d[0] == "月次報告"
    ]
    assert found == ("月次報告", date(2023, 10, 10)), "9 October 2023 is a holiday, the 10th is open"
    assert due(date(2023, 5, 31), *RUNNING, within=0) == []


def test_an_ended_household_has_no_deadline_but_its_last_report() -> None:
    ended = decision(date(2023, 7, 1), "廃止", ending={"ended_on": "2023-07-31"})
    assert due(date(2023, 8, 1), *RUNNING, ended, monthly("2023-06", date(2023, 7, 5)), within=400) == [
        ("月次報告", date(2023, 8, 10))
    ]


@pytest.mark.parametrize("day", [date(2022, 4, 1), date(2023, 3, 31)])
def test_before_the_programme_nothing_is_due(day: date) -> None:
    assert due(day, *RUNNING) == []


def test_the_most_urgent_comes_first_and_nobody_is_named() -> None:
    found = deadlines(Past(RUNNING), BOOK.at(date(2023, 7, 1)), date(2023, 7, 1), 400)
    assert list(found) == sorted(found) and len(found) == 5
    assert {(d.centre, d.case_id) for d in found} == {(CENTRE, "YC-23-1-001"), (CENTRE, "")}
    assert all(d.note.endswith("。") for d in found)
    assert (
        Due(
            date(2023, 7, 10),
            CENTRE,
            "",
            "月次報告",
            "令和５年６月分の業務実績報告書が届いていません。受託事業者に確かめてください。",
        )
        in found
    )
