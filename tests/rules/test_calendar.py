from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rules import calendar


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2023, 6, 1), None),
        (date(2023, 7, 1), "土曜日"),  # the as-of day of the deck is no business day
        (date(2023, 10, 1), "日曜日"),
        (date(2023, 12, 28), None),
        (date(2023, 12, 29), "年末年始の休日"),
        (date(2024, 1, 3), "年末年始の休日"),
        (date(2024, 1, 4), None),
        (date(2024, 2, 12), "祝日"),  # 振替休日
        (date(2026, 9, 22), "祝日"),  # 国民の休日 between two holidays
        (date(2021, 7, 19), None),  # 海の日 was moved for the games
        (date(2024, 3, 20), "祝日"),
        (date(2025, 3, 20), "祝日"),
        (date(2026, 3, 20), "祝日"),
        (date(2027, 3, 20), "土曜日"),
    ],
)
def test_closed_days_have_a_reason(day: date, reason: str | None) -> None:
    assert calendar.closed_reason(day) == reason
    assert calendar.is_closed_day(day) is (reason is not None)


def test_the_office_may_close_on_a_day_of_its_own() -> None:
    day = date(2023, 6, 1)
    assert calendar.closed_reason(day, {day}) == "市が定める閉庁日"
    assert calendar.next_open_day(day, {day}) == date(2023, 6, 2)


@pytest.mark.parametrize(
    ("day", "open_day"),
    [
        (date(2023, 9, 1), date(2023, 9, 1)),
        (date(2023, 9, 2), date(2023, 9, 4)),
        (date(2023, 12, 29), date(2024, 1, 4)),
        (date(2024, 5, 3), date(2024, 5, 7)),
        (date.max, date.max),
    ],
)
def test_a_deadline_moves_to_the_next_open_day(day: date, open_day: date) -> None:
    assert calendar.next_open_day(day) == open_day


@given(st.dates(date(1948, 1, 1), date(2150, 12, 31)))
def test_the_next_open_day_is_open_and_near(day: date) -> None:
    moved = calendar.next_open_day(day)
    assert not calendar.is_closed_day(moved)
    assert 0 <= (moved - day).days <= 10


def test_holidays_are_official_only_so_far() -> None:
    assert calendar.holidays_known_until() == date(2027, 12, 31)
    assert calendar.holidays_known_until(date(2028, 12, 31)) == date(2028, 12, 31)
    assert calendar.holidays_known_until(date(2024, 12, 31)) == date(2027, 12, 31)
