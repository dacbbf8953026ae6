"""実施報告書 (D14): the limits a second time, in the household's own history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Event, Level, Past, Problem, Ruling
from pipeline.rules.standing import standing
from pipeline.rules.visit_report import judge_visit_report
from pipeline.rules.visits import plan_on
from pipeline.stories import Step
from tests.rules.households import CASE, catalogue, changed, past_before, ruled, values_of

Told = Callable[..., list[tuple[str, str]]]
FORM = "visit_report"
GOOD = values_of(FORM)
BEFORE = past_before(FORM)  # the first visit was on 2023-07-06
CAME = date(2023, 8, 1)


def judged(*changes: tuple[str, Any], past: Past = BEFORE, good: dict[str, Any] = GOOD) -> Ruling:
    return ruled(FORM, changed(good, *changes), past, CAME)


def on(day: str) -> list[tuple[str, Any]]:
    return [("/visit/visited_on", day), ("/reported_on", "2023-08-01")]


def test_a_good_report_counts_its_visit() -> None:
    ruling = judged()
    assert ruling.problems == ()
    assert {key: value for key, value in ruling.facts.items() if key != "checks"} == {
        "visit_no": 2, "planned_visits": 27, "week": {"start": "2023-07-09", "end": "2023-07-15"}, "proposal": None,
    }  # fmt: skip
    assert {row["result"] for row in ruling.facts["checks"]} == {"適"}


ERRORS: list[tuple[list[tuple[str, Any]], list[tuple[str, str]]]] = [
    ([("/visit/minutes", 121), ("/visit/end", "18:01")], [("BR02", "/visit/minutes")]),
    ([("/visit/end", "17:59")], [("BR02", "/visit/minutes")]),
    ([("/visit/end", "16:00")], [("BR02", "/visit/end")]),
    ([("/visit/minutes", 119)], []),
    (on("2023-07-02"), [("BR03", "/visit/visited_on"), ("PERIOD", "/visit/visited_on")]),
    (on("2023-07-08"), [("BR03", "/visit/visited_on")]),  # Saturday: still the week of 7/6, which began on Sunday
    (on("2023-07-09"), []),
    (on("2023-07-06"), [("DOUBLED", "/visit/visited_on")]),
    (on("2023-08-02"), [("VISIT_DAY", "/reported_on"), ("VISIT_DAY", "/visit/visited_on")]),
    ([("/reported_on", "2023-07-12")], [("VISIT_DAY", "/reported_on")]),
    (on("2023-06-27"), [("ACCEPTANCE", "/visit/visited_on"), ("PERIOD", "/visit/visited_on")]),
    (on("2023-05-31"), [("BR01", "/visit/visited_on"), ("ACCEPTANCE", "/visit/visited_on"), ("PERIOD", "/visit/visited_on")]),
    ([("/shopping", {"received": 10, "spent": 3, "returned": 6, "receipts": True})], [("SHOPPING", "/shopping/returned")]),
]  # fmt: skip
WARNINGS: list[tuple[list[tuple[str, Any]], list[tuple[str, str]]]] = [
    (on("2023-07-14"), [("SCHEDULE", "/visit/visited_on")]),
    ([("/applicant/name", "見本　良美")], [("CLIENT", "/applicant/name")]),
    ([("/applicant/name", "見本 良子")], []),
    ([("/present", [{"relation": "本人"}, {"relation": "姉"}])], [("PRESENT", "/present")]),
    ([("/present", None)], [("PRESENT", "/present")]),
    ([("/present", [{"relation": "祖母"}])], []),
    ([("/confirmation", {"kind": "なし", "reason": "不在"})], [("CONFIRMATION", "/confirmation/kind")]),
    ([("/shopping", {"received": 10, "spent": 3, "returned": 7})], [("SHOPPING", "/shopping/receipts")]),
]


@pytest.mark.parametrize(("changes", "expected"), ERRORS)
def test_errors(changes: list[tuple[str, Any]], expected: list[tuple[str, str]], said: Told) -> None:
    assert sorted(said(judged(*changes))) == sorted(expected)


@pytest.mark.parametrize(("changes", "expected"), WARNINGS)
def test_warnings(changes: list[tuple[str, Any]], expected: list[tuple[str, str]], said: Told) -> None:
    assert said(judged(*changes), Level.WARNING) == expected
    assert said(judged(*changes)) == []


def test_no_sentence_quotes_a_value(quotes_nothing: Callable[[Problem], bool]) -> None:
    for changes, _ in [*ERRORS, *WARNINGS]:
        assert all(quotes_nothing(p) and "{" not in p.message for p in judged(*changes).problems)


def test_without_a_decision_or_an_acceptance_nothing_can_be_reported(said: Told) -> None:
    assert said(judged(past=Past(BEFORE.of("dispatch_application")))) == [("BR11", "/case_id")]
    assert said(judged(past=past_before(FORM, "before_acceptance.bad"))) == [
        ("ACCEPTANCE", "/visit/visited_on")
    ]
    declined = past_before(FORM, "before_acceptance.bad", Step("dispatch_acceptance", "declined"))
    assert said(judged(past=declined)) == [("ACCEPTANCE", "/visit/visited_on")]


@pytest.mark.parametrize(
    ("kind", "more", "allowed"),
    [
        ("廃止", {"ending": {"ended_on": "2023-07-12"}}, False),
        ("廃止", {"ending": {"ended_on": "2023-07-13"}}, True),
        ("変更", {"suspension": {"start": "2023-07-10", "end": "2023-07-16"}}, False),
        ("変更", {"suspension": {"start": "2023-07-14", "end": "2023-07-16"}}, True),
    ],
)
def test_after_the_end_and_in_a_pause_there_are_no_visits(
    kind: str, more: Any, allowed: bool, said: Told
) -> None:
    told = said(judged(past=Past((*BEFORE.events, decision(date(2023, 7, 7), kind, **more)))))
    assert told == ([] if allowed else [("PERIOD", "/visit/visited_on")])


def decision(day: date, kind: str, **values: Any) -> Event:
    given = {
        "decision": {"kind": kind, "result": "承認"},
        "applicant": GOOD["applicant"],
        "numbers": {},
        **values,
    }
    return Event("20230707-0001", "dispatch_decision", CASE, day, day, given)


def test_the_first_visit_on_another_day_proposes_a_change_of_the_period(said: Told) -> None:
    ruling = judged(past=past_before(FORM, "first"))
    assert said(ruling, Level.WARNING) == [("FIRST_VISIT", "/visit/visited_on")]
    assert ruling.facts["proposal"] == {"start": "2023-07-13", "end": "2024-01-12"}
    assert ruled(FORM, values_of(FORM, "first"), past_before(FORM, "first"), CAME).facts["proposal"] is None


def test_a_later_visit_reported_before_does_not_make_this_one_the_second(said: Told) -> None:
    later = Step(FORM, "typical", changes={"visit.visited_on": "2023-07-20"})
    told = said(judged(past=past_before(FORM, "first", later)), Level.WARNING)
    assert told == [("FIRST_VISIT", "/visit/visited_on")]


def test_a_cancelled_first_visit_is_no_first_visit(said: Told) -> None:
    cancelled = Step(FORM, "cancelled", changes={"visit.visited_on": "2023-07-06"})
    assert said(judged(past=past_before(FORM, "first", cancelled)), Level.WARNING) == [
        ("FIRST_VISIT", "/visit/visited_on")
    ]


def test_a_cancelled_visit_is_judged_by_its_day_alone(said: Told) -> None:
    good = values_of(FORM, "cancelled")
    ruling = judged(good=good)
    assert ruling.problems == () and ruling.facts["visit_no"] is None
    assert [row["item"] for row in ruling.facts["checks"]][-1] == "派遣期間の内であること"
    told = said(judged(("/cancel/contacted_on", "2023-07-28"), good=good))
    assert told == [("VISIT_DAY", "/cancel/contacted_on")]
    assert said(judged(("/visit/visited_on", "2023-08-31"), good=good)) == []  # called off before its day


def test_the_plan_that_works_on_the_day_sets_the_length(said: Told) -> None:
    shorter = {**plan_on(standing(BEFORE), date(2023, 7, 6)), "minutes_per_visit": 60}  # type: ignore[dict-item]
    change = decision(date(2023, 7, 10), "変更", plan=shorter, change={"changed_on": "2023-07-14"})
    past = Past((*BEFORE.events, change))
    assert said(judged(past=past)) == []
    assert said(judged(*on("2023-07-20"), past=past)) == [("BR02", "/visit/minutes")]
    assert plan_on(standing(Past()), date(2023, 7, 6)) is None


@given(
    st.sets(st.dates(date(2023, 7, 6), date(2023, 12, 30)), min_size=2, max_size=8),
    st.sampled_from("月火水木金土日"),
)
def test_two_visits_of_one_week_are_found_whatever_a_week_is(days: set[date], starts: str) -> None:
    """Against a recount: the weeks of the setting are numbered from a day that begins one."""
    office = {**ruled_office(), "week_starts": starts}
    first = date(2023, 1, 2) + timedelta("月火水木金土日".index(starts))
    *earlier, last = sorted(days)
    past = Past((*BEFORE.events[:-1], *(reported(day) for day in earlier)))
    values = changed(GOOD, *on(last.isoformat()), ("/reported_on", "2024-02-01"))
    ruling = judge_visit_report(values, {"programme": office}, date(2024, 2, 1), past)
    weeks = [(day - first).days // 7 for day in earlier]
    assert any(p.code == "BR03" for p in ruling.problems) == ((last - first).days // 7 in weeks)


def ruled_office() -> dict[str, Any]:
    return dict(catalogue().office.at(CAME)["programme"])


def reported(day: date) -> Event:
    values = changed(GOOD, ("/visit/visited_on", day.isoformat()))
    return Event("20230801-0001", FORM, CASE, day, day, values)
