"""What a meeting decided stays open until a later one of the same body reports it as done."""

from __future__ import annotations

from datetime import date
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.rules.actions import latest_minutes, open_actions, open_before
from pipeline.rules.bodies import Session, session_of
from tests.rules.meetings import CENTRE, decided, finished, minutes, past

FIRST = minutes("2022-08-25", 1, decisions=decided("こども家庭課", "", "学校教育課", due="2022-10-03"))
SECOND = minutes("2023-02-14", 2, decisions=decided("構成機関"), closed_actions=finished("R4-1-3"))
NEXT_YEAR = Session("庁内連携会議", "", 2023, 1)


def numbers(*events: object, session: Session = NEXT_YEAR, on: date = date(2023, 8, 24)) -> list[str]:
    return [action.number for action in open_before(past(*events), session, on)]  # type: ignore[arg-type]


def test_a_decision_with_an_owner_is_open_from_one_year_to_the_next() -> None:
    assert numbers(FIRST) == ["R4-1-1", "R4-1-3"], (
        "the second has nobody to do it: it is done by being decided"
    )
    assert numbers(FIRST, SECOND) == ["R4-1-1", "R4-2-1"]


def test_it_keeps_its_words_owner_and_day() -> None:
    (first, _) = open_before(past(FIRST), NEXT_YEAR, date(2023, 8, 24))
    assert first.row(date(2022, 10, 3)) == {
        "number": "R4-1-1", "text": "決定1", "owner": "こども家庭課", "due": "2022-10-03", "late": False,
    }  # fmt: skip
    assert first.row(date(2022, 10, 4))["late"]


def test_only_the_same_body_closes_it() -> None:
    other = minutes("2023-02-14", 2, "要対協実務者会議", closed_actions=finished("R4-1-1", "R4-1-3"))
    assert numbers(FIRST, other) == ["R4-1-1", "R4-1-3"]
    case_meeting = minutes("2022-09-01", 1, "ケース検討会議", centre=CENTRE, decisions=decided("センター"))
    elsewhere = Session("ケース検討会議", "小名浜地区保健福祉センター", 2022, 1)
    assert numbers(case_meeting, session=elsewhere) == []
    assert numbers(case_meeting, session=Session("ケース検討会議", CENTRE, 2022, 2)) == ["R4-1-1"]


def test_the_final_minutes_take_the_place_of_the_draft() -> None:
    draft = minutes("2022-08-25", 1, status="案", decisions=decided("甲", "乙", "丙"))
    assert latest_minutes(past(draft, FIRST)) == [FIRST]
    assert numbers(draft, FIRST) == ["R4-1-1", "R4-1-3"]


def test_minutes_of_a_later_meeting_or_of_the_same_one_say_nothing_yet() -> None:
    assert numbers(FIRST, SECOND, session=session_of(SECOND.values), on=date(2023, 2, 14)) == [
        "R4-1-1",
        "R4-1-3",
    ]
    assert numbers(FIRST, SECOND, session=session_of(FIRST.values), on=date(2022, 8, 25)) == []


def test_the_order_in_which_minutes_come_in_changes_nothing() -> None:
    third = minutes("2023-03-20", 3, closed_actions=finished("R4-1-1"))
    told = {tuple(numbers(*order)) for order in permutations((FIRST, SECOND, third))}
    assert told == {("R4-2-1",)}


@given(st.lists(st.sampled_from(["甲", "乙", ""]), max_size=8), st.sets(st.integers(1, 8)))
def test_nothing_is_lost_and_nothing_comes_back(owners: list[str], done: set[int]) -> None:
    """Open before = still open + closed, whatever is closed."""
    opened = minutes("2022-07-12", 1, decisions=decided(*owners))
    closing = minutes("2022-08-09", 2, closed_actions=finished(*(f"R4-1-{n}" for n in done)))
    before = {action.number for action in open_actions([opened])}
    after = {action.number for action in open_actions([opened, closing])}
    assert before == {f"R4-1-{n}" for n, owner in enumerate(owners, 1) if owner}
    assert after == before - {f"R4-1-{n}" for n in done}
