from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rules import periods
from pipeline.rules.wareki import WEEKDAYS, weekday

LIVING = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("start", "end", "falls_on"),
    [  # the verified table of domain.md §6.8
        (date(2023, 6, 1), date(2023, 11, 30), "木"),
        (date(2023, 8, 29), date(2024, 2, 28), "水"),
        (date(2023, 8, 30), date(2024, 2, 29), "木"),
        (date(2023, 8, 31), date(2024, 2, 29), "木"),
        (date(2023, 9, 1), date(2024, 2, 29), "木"),
        (date(2023, 10, 1), date(2024, 3, 31), "日"),
        (date(2023, 10, 15), date(2024, 4, 14), "日"),
        (date(2024, 2, 29), date(2024, 8, 28), "水"),
        (date(2024, 8, 30), date(2025, 2, 28), "金"),
        (date(2023, 12, 1), date(2024, 5, 31), "金"),  # the extension of §1.16
    ],
)
def test_six_months_end_by_the_civil_code(start: date, end: date, falls_on: str) -> None:
    assert periods.months_end(start, 6) == end
    assert weekday(end) == falls_on


@given(LIVING, st.integers(1, 60))
def test_a_period_and_its_extension_touch_and_never_overlap(start: date, months: int) -> None:
    end = periods.months_end(start, months)
    assert start <= end
    assert periods.next_day(end) > end
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) in {months - 1, months}


@given(LIVING)
def test_a_later_start_never_ends_earlier(start: date) -> None:
    assert periods.months_end(start, 6) <= periods.months_end(periods.next_day(start), 6)


def test_the_end_of_the_calendar_is_no_crash() -> None:
    assert periods.months_end(date(9999, 8, 1), 6) == date.max
    assert periods.next_day(date.max) == date.max
    assert periods.previous_day(date.min) == date.min
    assert periods.age_on(date(9990, 1, 1), date.max) == 9


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2005, 4, 1), date(2023, 3, 30), 17),
        (date(2005, 4, 1), date(2023, 3, 31), 18),
        (date(2005, 4, 2), date(2023, 3, 31), 17),
        (date(2004, 2, 29), date(2022, 2, 27), 17),
        (date(2004, 2, 29), date(2022, 2, 28), 18),
        (date(2023, 6, 1), date(2023, 6, 1), 0),
        (date(2023, 6, 3), date(2023, 6, 1), -1),
    ],
)
def test_age_is_reached_the_day_before_the_birthday(birth: date, day: date, age: int) -> None:
    assert periods.age_on(birth, day) == age


@given(LIVING, st.integers(0, 800), st.sampled_from(WEEKDAYS))
def test_weekdays_are_counted_as_a_calendar_would(start: date, length: int, name: str) -> None:
    days = [start + timedelta(days=n) for n in range(length)]
    end = start + timedelta(days=length - 1)
    assert periods.weekday_count(start, end, name) == sum(weekday(day) == name for day in days)


@pytest.mark.parametrize(
    ("weekdays", "per_week", "count"),
    [(["木"], 1, 27), (["金"], 1, 26), ([], 1, 27), (["木", "金"], 2, 53), (["木", "金"], 1, 27)],
)
def test_visits_of_the_first_half_year(weekdays: list[str], per_week: int, count: int) -> None:
    assert periods.planned_visits(date(2023, 6, 1), date(2023, 11, 30), weekdays, per_week) == count


def test_a_period_that_ends_before_it_starts_has_no_visit() -> None:
    assert periods.planned_visits(date(2023, 6, 2), date(2023, 6, 1), ["木"], 1) == 0
    assert periods.days_in(date(2023, 6, 2), date(2023, 6, 1)) == 0


@given(LIVING, st.sampled_from(WEEKDAYS))
def test_a_week_is_seven_days_from_the_weekday_it_begins_on(day: date, starts_on: str) -> None:
    first, last = periods.week_of(day, starts_on)
    assert first <= day <= last
    assert (weekday(first), last - first) == (starts_on, timedelta(6))


def test_the_weeks_of_the_deck() -> None:
    assert periods.week_of(date(2023, 7, 6), "日") == (date(2023, 7, 2), date(2023, 7, 8))
    assert periods.week_of(date(2023, 7, 2), "日")[0] == date(2023, 7, 2)
    assert periods.week_of(date(2023, 7, 2), "月")[0] == date(2023, 6, 26)
    assert periods.week_of(date.max, "日")[1] == date.max
    assert periods.week_of(date.min, "日")[0] == date.min


@given(LIVING)
def test_a_month_holds_its_day_and_no_other_months(day: date) -> None:
    first, last = periods.month_of(day)
    assert first <= day <= last and first.day == 1
    assert periods.next_day(last).day == 1 and last.month == day.month
