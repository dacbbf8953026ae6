"""The ledger is a count of what was accepted, as of any day (D22; domain.md §1.18, §5.7)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Event, Past
from pipeline.rules.register import Row, register
from tests.rules.test_standing import EXTENDED, PLAN, decision, event

CENTRE = "平地区保健福祉センター"
APPLIED = event(
    "dispatch_application",
    date(2023, 5, 10),
    applied_on="2023-05-09",
    received_on="2023-05-10",
    centre=CENTRE,
)
APPROVED = decision(
    date(2023, 5, 25),
    "新規",
    plan=PLAN,
    doc_date="2023-05-25",
    numbers={"notice": "５い平福第12号"},
    centre=CENTRE,
)
APPROVED.values["decision"]["decided_on"] = "2023-05-24"


def visit(day: date, minutes: int = 120, result: str = "実施", **values: Any) -> Event:
    told = {"result": result, "minutes": minutes, "visited_on": day.isoformat()}
    return event("visit_report", day, visit=told, centre=CENTRE, helpers=["例示　一郎"], **values)


def one(day: date, *events: Event) -> Row:
    (row,) = register(Past((APPLIED, APPROVED, *events)), day)
    return row


def test_a_row_has_every_column_of_the_ledger_and_nobody_s_name() -> None:
    urgent = event("information_report", date(2023, 6, 20), urgency="至急（即時に電話。虐待の疑いなど）")
    row = one(
        date(2023, 7, 1), event("visit_survey", date(2023, 5, 17)), visit(date(2023, 6, 1)), visit(date(2023, 6, 8), 90),
        visit(date(2023, 6, 15), 0, "キャンセル"), urgent, event("monitoring", date(2023, 6, 28)),
    )  # fmt: skip
    assert row == Row(
        "YC-23-1-001", "", CENTRE, "派遣中", date(2023, 5, 9), date(2023, 5, 10), date(2023, 5, 17), date(2023, 5, 24),
        "５い平福第12号", "承認", date(2023, 6, 1), date(2023, 11, 30), 0, 1, 2, 210, 1, (date(2023, 6, 28),), 1, None, "",
    )  # fmt: skip


def test_the_ledger_of_a_day_knows_nothing_of_later_days() -> None:
    visits = [visit(date(2023, 6, 1) + timedelta(weeks=n)) for n in range(10)]
    assert [one(date(2023, 6, 1) + timedelta(weeks=n), *visits).visits for n in range(10)] == list(
        range(1, 11)
    )
    assert register(Past((APPLIED, APPROVED)), date(2023, 5, 9)) == ()
    assert one(date(2023, 5, 24)).decision == "" and one(date(2023, 5, 25)).decision == "承認"


def test_extension_and_end() -> None:
    ended = decision(date(2024, 2, 1), "廃止", ending={"ended_on": "2024-02-29"})
    assert one(date(2023, 12, 1), EXTENDED).extensions == 1
    row = one(date(2024, 3, 1), EXTENDED, ended)
    assert (row.status, row.period_end, row.ended_on, row.end_reason) == (
        "廃止",
        date(2024, 2, 29),
        date(2024, 2, 29),
        "廃止",
    )
    assert one(date(2024, 2, 29), EXTENDED, ended).ended_on is None


def test_every_application_has_its_row() -> None:
    again = event(
        "dispatch_application",
        date(2024, 4, 1),
        applied_on="2024-04-01",
        received_on="2024-04-01",
        centre="小名浜地区保健福祉センター",
    )
    rows = register(Past((APPLIED, APPROVED, visit(date(2023, 6, 1)), again)), date(2024, 4, 1))
    assert [(row.status, row.centre, row.visits) for row in rows] == [
        ("終了", CENTRE, 1),
        ("申請", "小名浜地区保健福祉センター", 0),
    ]


def other(case_id: str, made: Event) -> Event:
    return Event(made.bundle_id, made.form, case_id, made.on, made.received_on, made.values)


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.dates(date(2023, 6, 1), date(2023, 11, 30)), st.integers(1, 120),
                          st.sampled_from(["実施", "キャンセル"])), max_size=40, unique_by=lambda v: v[:2]), st.dates(date(2023, 6, 1), date(2023, 12, 31)))  # fmt: skip
def test_the_counts_are_those_of_the_events(visits: list[tuple[str, date, int, str]], day: date) -> None:
    opened = [other(case_id, made) for case_id in "ABC" for made in (APPLIED, APPROVED)]
    rows = register(Past((*opened, *(other(case_id, visit(on, m, r)) for case_id, on, m, r in visits))), day)
    for row in rows:
        mine: list[tuple[Any, ...]] = [v for v in visits if v[0] == row.case_id and v[1] <= day]
        done = [v for v in mine if v[3] == "実施"]
        assert (row.visits, row.minutes, row.cancelled) == (
            len(done),
            sum(v[2] for v in done),
            len(mine) - len(done),
        )
    assert len(rows) == 3
