"""モニタリング記録票 (D16): the coordinator comes along; what it proposes may be decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.monitoring import judge_monitoring
from pipeline.stories import Step
from tests.rules.households import catalogue, changed, past_before, ruled, values_of

Told = Callable[..., list[tuple[str, str]]]
FORM = "monitoring"
GOOD = values_of(FORM)
BEFORE = past_before(FORM)
EXTENDING, LATER = values_of(FORM, "extension"), past_before(FORM, "extension")


def judged(*changes: tuple[str, Any], past: Past = BEFORE, good: dict[str, Any] = GOOD) -> Ruling:
    return ruled(FORM, changed(good, *changes), past, date(2023, 12, 28))


def extending(*changes: tuple[str, Any]) -> Ruling:
    return judged(*changes, past=LATER, good=EXTENDING)


def test_a_good_record() -> None:
    ruling = judged()
    assert ruling.problems == ()
    assert (ruling.facts["monitoring_no"], ruling.facts["planned_visits"]) == (1, None)


def test_a_good_proposal() -> None:
    ruling = extending()
    assert ruling.problems == ()
    assert ruling.facts["planned_visits"] == 26


ERRORS: list[tuple[list[tuple[str, Any]], list[tuple[str, str]]]] = [
    ([("/held/end", "15:00")], [("HELD_DAY", "/held/end")]),
    ([("/recorded_on", "2023-08-02")], [("HELD_DAY", "/recorded_on")]),
    ([("/recorded_on", "2023-08-03")], []),
    ([("/held/on", "2023-12-29"), ("/recorded_on", "2023-12-29"), ("/next_on", "2023-12-30")], [("HELD_DAY", "/held/on")]),
    ([("/current_period/end", "2024-01-06")], [("PERIOD", "/current_period/start")]),
    ([("/next_on", "2023-08-03")], [("HELD_DAY", "/next_on")]),
]  # fmt: skip
WARNINGS: list[tuple[list[tuple[str, Any]], list[tuple[str, str]]]] = [
    ([("/coordinator", {"present": False, "absence_reason": "急病"})], [("BR09", "/coordinator/present")]),
    ([("/coordinator_view", None)], [("BR09", "/coordinator_view")]),
    ([("/child_meeting", {"met": False, "reason": "部活動"})], [("CHILD_VIEW", "/child_meeting/met")]),
    ([("/visits/done", 4)], [("COUNT", "/visits/done")]),
    ([("/visits/cancelled", 0)], [("COUNT", "/visits/cancelled")]),
    ([("/next_on", None)], [("BR29", "/next_on")]),
    ([("/next_on", None), ("/policy", "終了")], []),
    ([("/next_on", "2024-01-06")], [("BR29", "/next_on")]),
    ([("/next_on", "2024-01-05")], []),
    ([("/applicant/name", "見本　良美")], [("CLIENT", "/applicant/name")]),
]
PROPOSALS: list[tuple[list[tuple[str, Any]], list[tuple[str, str]]]] = [
    ([("/plan/period/start", "2024-01-05")], [("BR05", "/plan/period/start"), ("BR04", "/plan/period/end")]),
    ([("/plan/period/end", "2024-07-06")], [("BR04", "/plan/period/end")]),
    ([("/plan/version", 1)], [("PLAN_VERSION", "/plan/version")]),
    ([("/plan/minutes_per_visit", 121)], [("BR02", "/plan/minutes_per_visit")]),
    ([("/fee", 500)], [("BR06", "/fee")]),
]


@pytest.mark.parametrize(("changes", "expected"), ERRORS)
def test_errors(changes: list[tuple[str, Any]], expected: list[tuple[str, str]], said: Told) -> None:
    assert said(judged(*changes)) == expected


@pytest.mark.parametrize(("changes", "expected"), WARNINGS)
def test_warnings(changes: list[tuple[str, Any]], expected: list[tuple[str, str]], said: Told) -> None:
    assert (said(judged(*changes)), said(judged(*changes), Level.WARNING)) == ([], expected)


@pytest.mark.parametrize(("changes", "expected"), PROPOSALS)
def test_the_proposed_period(
    changes: list[tuple[str, Any]], expected: list[tuple[str, str]], said: Told
) -> None:
    assert said(extending(*changes)) == expected


@pytest.mark.parametrize(("held_on", "late"), [("2023-11-24", False), ("2023-11-25", True)])
def test_six_weeks_are_left_to_decide(held_on: str, late: bool, said: Told) -> None:
    ruling = extending(("/held/on", held_on), ("/recorded_on", held_on))
    assert (("EXTENSION", "/held/on") in said(ruling, Level.WARNING)) == late


def test_where_the_programme_allows_no_extension_none_is_proposed(said: Told) -> None:
    office = dict(catalogue().office.at(date(2023, 12, 28)))
    office["programme"] = {**office["programme"], "extendable": False}
    assert said(judge_monitoring(EXTENDING, office, date(2023, 12, 28), LATER)) == [("EXTENSION", "/policy")]


def test_visits_after_the_day_do_not_count(said: Told) -> None:
    later = Step("visit_report", "typical", changes={"visit.visited_on": "2023-08-10"})
    assert judged(past=past_before(FORM, "typical", later)).problems == ()


def test_no_sentence_quotes_a_value(quotes_nothing: Callable[[Problem], bool]) -> None:
    for changes, _ in [*ERRORS, *WARNINGS]:
        assert all(quotes_nothing(p) and "{" not in p.message for p in judged(*changes).problems)


def test_without_a_decision_nothing_is_monitored(said: Told) -> None:
    assert ("BR11", "/case_id") in said(judged(past=Past(BEFORE.events[:1])))


def test_the_second_one_is_the_second() -> None:
    again = past_before(FORM, "extension", Step(FORM, "typical"))
    assert judged(past=again, good=EXTENDING).facts["monitoring_no"] == 2
