"""派遣承諾書 (D13): it answers a request that was sent, and says who comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from pipeline.model import Event, Level, Past, Problem, Ruling
from tests.rules.households import CASE, changed, past_before, ruled, values_of

Told = Callable[..., list[tuple[str, str]]]
FORM = "dispatch_acceptance"
GOOD = values_of(FORM)
BEFORE = past_before(FORM)
CAME = date(2023, 6, 29)


def judged(*changes: tuple[str, Any], past: Past = BEFORE, good: dict[str, Any] = GOOD) -> Ruling:
    return ruled(FORM, changed(good, *changes), past, CAME)


def test_a_good_answer() -> None:
    ruling = judged()
    assert ruling.problems == ()
    assert {row["result"] for row in ruling.facts["checks"]} == {"適"}


ERRORS: list[tuple[list[tuple[str, Any]], list[tuple[str, str]]]] = [
    (
        [("/request/number", "５い平福第12号")],
        [("REQUEST", "/request/number")],
    ),  # the notice's number, not the request's
    ([("/request/dated_on", "2023-06-22")], [("REQUEST", "/request/number")]),
    ([("/answered_on", "2023-06-22")], [("ANSWER_DAY", "/answered_on")]),
    ([("/answered_on", "2023-06-23")], []),
    ([("/answered_on", "2023-06-30")], [("ANSWER_DAY", "/answered_on")]),
    ([("/first_visit/on", "2023-06-22")], [("ANSWER_DAY", "/first_visit/on"), ("PERIOD", "/first_visit/on")]),
    ([("/first_visit/on", "2024-01-11")], [("PERIOD", "/first_visit/on")]),
    ([("/first_visit/end", "16:00")], [("BR02", "/first_visit/end")]),
    ([("/first_visit/end", "18:01")], [("BR02", "/first_visit/end")]),
    ([("/first_visit/end", None)], []),
]
WARNINGS: list[tuple[list[tuple[str, Any]], list[tuple[str, str]]]] = [
    ([("/first_visit/on", "2023-07-13")], [("FIRST_VISIT", "/first_visit/on")]),
    (
        [("/first_visit/on", "2023-07-07")],
        [("FIRST_VISIT", "/first_visit/on"), ("SCHEDULE", "/first_visit/on")],
    ),
    ([("/helpers/1/trained", False)], [("HELPER", "/helpers/1/trained")]),
    ([("/helpers/0/trained", None)], [("HELPER", "/helpers/0/trained")]),
    ([("/applicant/name", "見本　良美")], [("CLIENT", "/applicant/name")]),
    ([("/plan/period/end", "2024-01-06")], [("REQUEST", "/plan")]),
    ([("/plan/schedule", None)], [("REQUEST", "/plan")]),
]


@pytest.mark.parametrize(("changes", "expected"), ERRORS)
def test_errors(changes: list[tuple[str, Any]], expected: list[tuple[str, str]], said: Told) -> None:
    assert said(judged(*changes)) == expected


@pytest.mark.parametrize(("changes", "expected"), WARNINGS)
def test_warnings(changes: list[tuple[str, Any]], expected: list[tuple[str, str]], said: Told) -> None:
    assert (said(judged(*changes)), said(judged(*changes), Level.WARNING)) == ([], expected)


def test_no_sentence_quotes_a_value(quotes_nothing: Callable[[Problem], bool]) -> None:
    for changes, _ in [*ERRORS, *WARNINGS]:
        assert all(quotes_nothing(p) and "{" not in p.message for p in judged(*changes).problems)


def test_a_refusal_is_pointed_out_and_has_no_first_visit_to_judge(said: Told) -> None:
    ruling = judged(good=values_of(FORM, "declined"))
    assert said(ruling, Level.WARNING) == [("DECLINED", "/answer")]
    assert [row["item"] for row in ruling.facts["checks"]][-1] == "承諾の可否"


def test_without_a_decision_there_is_nothing_to_accept(said: Told) -> None:
    assert said(judged(past=Past(BEFORE.events[:1]))) == [("BR11", "/case_id")]


def test_an_extension_is_accepted_without_a_first_visit_of_its_own(said: Told) -> None:
    decided = BEFORE.last("dispatch_decision")
    assert decided is not None
    plan = {**decided.values["plan"], "period": {"start": "2024-01-06", "end": "2024-07-05"}}
    letter = {"decision": {"kind": "延長", "result": "承認"}, "plan": plan, "doc_date": "2023-12-20"}
    values = {**letter, "numbers": {"request": "５い平福第99号"}, "applicant": GOOD["applicant"]}
    extended = Event(
        "20231220-0001", "dispatch_decision", CASE, date(2023, 12, 20), date(2023, 12, 20), values
    )
    answer = changed(
        GOOD, ("/plan/period", plan["period"]), ("/first_visit/on", "2024-01-11"), ("/answered_on", "2023-12-22"),
        ("/request", {"number": "５い平福第99号", "dated_on": "2023-12-20"}),
    )  # fmt: skip
    ruling = ruled(FORM, answer, Past((*BEFORE.events, extended)), date(2023, 12, 22))
    assert ruling.problems == ()
