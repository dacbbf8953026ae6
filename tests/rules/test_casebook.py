"""What statistics count: beginnings, ends, and where route, grade and cared-for person are found."""

from __future__ import annotations

from datetime import date
from typing import Any

from pipeline.model import Event, Past
from pipeline.rules.casebook import (
    BEGINS,
    CARED_FOR,
    ENDS,
    GRADES,
    ROUTE,
    ROUTE_BY_PROGRAMME,
    TASKS,
    casebook,
)
from tests.rules.households import catalogue

CENTRE = "平地区保健福祉センター"


def event(form: str, on: str, case_id: str = "YC-23-1-001", **values: Any) -> Event:
    day = date.fromisoformat(on)
    return Event(f"{day:%Y%m%d}-0001", form, case_id, day, day, {"centre": CENTRE, **values})


def open_on(past: Past, day: str) -> list[bool]:
    at = date.fromisoformat(day)
    return [case.is_open_on(at) for case in casebook(past, at)]


CONSULTED = event("consultation", "2023-05-24", consulter={"route": "学校"}, children=[{"school": {"grade": "小学５年"}}, {"school": None}], care_recipients=[{"relation": "母"}])  # fmt: skip
CLOSED = event("case_closure", "2023-08-10")


def test_a_case_counts_from_its_first_day_and_not_on_the_day_it_is_closed() -> None:
    past = Past((CONSULTED, CLOSED))
    assert open_on(past, "2023-05-23") == []
    assert open_on(past, "2023-05-24") == [True]
    assert open_on(past, "2023-08-09") == [True]
    assert open_on(past, "2023-08-10") == [False]


def test_a_case_received_again_has_two_spells() -> None:
    past = Past((CONSULTED, CLOSED, event("consultation", "2023-09-01", consulter={"route": "本人"})))
    (case,) = casebook(past, date(2023, 9, 30))
    assert [(spell.opened_on.month, spell.closed_on) for spell in case.spells] == [
        (5, date(2023, 8, 10)),
        (9, None),
    ]
    assert case.route == "学校"  # what first brought the case stays


def test_a_later_form_of_the_programme_begins_no_second_spell() -> None:
    past = Past((CONSULTED, event("dispatch_application", "2023-06-06")))
    assert len(casebook(past, date(2023, 7, 1))[0].spells) == 1


def test_a_case_the_programme_opened_says_so() -> None:
    (case,) = casebook(Past((event("dispatch_guidance", "2023-06-02"),)), date(2023, 7, 1))
    assert case.route == ROUTE_BY_PROGRAMME


def test_the_newest_form_that_says_it_wins() -> None:
    survey = event("visit_survey", "2023-06-15", children=[{"grade": "小学６年"}], care_recipients=[{"relation": "祖母"}, {"relation": "父"}])  # fmt: skip
    (before,) = casebook(Past((CONSULTED, survey)), date(2023, 6, 14))
    (after,) = casebook(Past((CONSULTED, survey)), date(2023, 6, 15))
    assert (before.grades, before.cared_for) == (("小学５年",), ("母",))
    assert (after.grades, after.cared_for) == (("小学６年",), ("祖母", "父"))


def test_two_children_of_one_grade_are_two() -> None:
    twins = event("consultation", "2023-06-01", children=[{"school": {"grade": "中学１年"}}] * 2)
    assert casebook(Past((twins,)), date(2023, 7, 1))[0].grades == ("中学１年", "中学１年")


def test_what_has_not_begun_is_no_case() -> None:
    assert casebook(Past((event("visit_report", "2023-06-01", visit={"visited_on": "2023-06-01", "result": "前日までのキャンセル"}),)), date(2023, 7, 1)) == ()  # fmt: skip


def test_a_case_opened_and_closed_on_one_day_is_not_open() -> None:
    past = Past((CONSULTED, event("case_closure", "2023-05-24")))
    assert open_on(past, "2023-05-24") == open_on(past, "2023-06-30") == [False]


def test_a_transfer_filed_ahead_counts_from_its_day() -> None:
    """It came in before a note of the centre that had the case until then."""
    moved = event("case_transfer", "2023-10-02", centre="小名浜地区保健福祉センター")
    past = Past((CONSULTED, moved, event("visit_survey", "2023-09-28")))
    centres = [casebook(past, day)[0].centre for day in (date(2023, 10, 1), date(2023, 10, 2))]
    assert centres == [CENTRE, "小名浜地区保健福祉センター"]


def test_every_place_that_is_read_is_a_box_of_its_form() -> None:
    """A form that renames a box must not fall silently out of the statistics; what is read is recalled."""
    forms = catalogue().forms
    read = [place for places in (ROUTE, GRADES, CARED_FOR, TASKS) for place in places]
    for form, path in read:
        keys = [step.removesuffix("[]") for step in path.split(".")]
        field = forms[form].schema.root
        for key in keys:
            field = field.members[0] if field.kind == "array" else field
            assert key in field.by_key, (form, path)
            field = field.by_key[key]
    needed = {form for form, _ in read} | BEGINS | ENDS | {"case_transfer"}
    assert needed <= set(forms["statistics_request"].spec.recalls)
