"""Minutes among the earlier ones of their body: numbers of the year, and what is carried over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.model import Event, Level, Past
from pipeline.rules.carried import carried, check_closed, check_ordinal
from tests.rules.meetings import CENTRE, decided, finished, minutes, past

DECIDED = minutes("2022-07-12", 1, decisions=decided("甲", "乙", due="2022-08-01"))


def told(
    check: Callable[[dict[str, Any], Past], Any], event: Event, *before: Event
) -> list[tuple[str, Level]]:
    return [(problem.code, problem.level) for problem in check(dict(event.values), past(*before))]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (minutes("2022-08-09", 1), [("BR24", Level.ERROR)]),
        (minutes("2023-04-11", 1), []),  # the next 年度 begins at one
        (minutes("2023-03-28", 1), [("BR24", Level.ERROR)]),  # still the same 年度
        (minutes("2022-08-09", 1, "要対協実務者会議"), []),
        (minutes("2022-08-09", 2), []),
        (minutes("2022-06-14", 2), [("BR24", Level.WARNING)]),
        (minutes("2022-07-12", 2), []),
    ],
)
def test_a_number_is_used_once_a_year_by_a_body(now: Event, expected: Any) -> None:
    assert told(check_ordinal, now, DECIDED) == expected


def test_each_centre_counts_its_own_case_meetings() -> None:
    first = minutes("2023-07-20", 1, "ケース検討会議", centre=CENTRE)
    other = minutes("2023-07-21", 1, "ケース検討会議", centre="小名浜地区保健福祉センター")
    assert told(check_ordinal, other, first) == []
    assert told(check_ordinal, minutes("2023-07-21", 1, "ケース検討会議", centre=CENTRE), first) != []


def test_the_final_minutes_follow_the_draft_of_the_same_day_and_nothing_else_does() -> None:
    draft = minutes("2022-07-12", 1, status="案")
    assert told(check_ordinal, minutes("2022-07-12", 1), draft) == []
    assert told(check_ordinal, minutes("2022-07-13", 1), draft) == [("BR24", Level.ERROR)]
    assert told(check_ordinal, draft, draft) == [("BR24", Level.ERROR)]
    assert told(check_ordinal, draft, minutes("2022-07-12", 1)) == [("BR24", Level.ERROR)]


def test_only_what_is_open_can_be_finished_and_once() -> None:
    def now(*numbers: str) -> Event:
        return minutes("2022-08-09", 2, closed_actions=finished(*numbers))

    error = ("ACTION", Level.ERROR)
    assert told(check_closed, now("R4-1-1", "R4-1-2"), DECIDED) == []
    assert told(check_closed, now("R4-1-1", "R4-1-1"), DECIDED) == [error]
    assert told(check_closed, now("R4-1-3"), DECIDED) == [error]
    assert told(
        check_closed, now("R4-1-1"), DECIDED, minutes("2022-08-02", 3, closed_actions=finished("R4-1-1"))
    ) == [error]


def test_what_is_done_and_what_goes_on_are_told_apart() -> None:
    now = minutes(
        "2022-08-09",
        2,
        closed_actions=[{"number": "R4-1-2", "result": "配った。", "closed_on": "2022-08-01"}],
    )
    facts = carried(now.values, past(DECIDED))
    assert [(row["number"], row["result"], row["on"]) for row in facts["closed"]] == [
        ("R4-1-2", "配った。", "2022-08-01")
    ]
    assert [(row["number"], row["late"]) for row in facts["still_open"]] == [("R4-1-1", True)]
