from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from japanera import EraDate

from pipeline.rules import wareki

MEIJI_TO_2100 = st.dates(date(1868, 1, 25), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2023, 6, 1), "令和５年６月１日（木）"),
        (date(2023, 11, 30), "令和５年11月30日（木）"),
        (date(2019, 5, 1), "令和元年５月１日（水）"),
        (date(2019, 4, 30), "平成31年４月30日（火）"),
        (date(1989, 1, 8), "平成元年１月８日（日）"),
        (date(1989, 1, 7), "昭和64年１月７日（土）"),
        (date(1926, 12, 25), "昭和元年12月25日（土）"),
        (date(1926, 12, 24), "大正15年12月24日（金）"),
        (date(1912, 7, 30), "大正元年７月30日（火）"),
        (date(1912, 7, 29), "明治45年７月29日（月）"),
        (date(1868, 1, 25), "明治元年１月25日（土）"),
        (date(1868, 1, 24), "西暦1868年１月24日（金）"),
    ],
)
def test_day_is_written_with_era_and_weekday(day: date, text: str) -> None:
    assert wareki.to_wareki_weekday(day) == text


@given(MEIJI_TO_2100)
def test_era_and_year_agree_with_japanera(day: date) -> None:
    oracle = EraDate.from_date(day)
    assert wareki.era_year(day) == (oracle.era.kanji, day.year - oracle.era.since.year + 1)


@given(MEIJI_TO_2100)
def test_era_and_year_lead_back_to_the_day(day: date) -> None:
    era, year = wareki.era_year(day)
    first_day = dict(wareki.ERAS)[era]
    assert first_day.year + year - 1 == day.year
    assert first_day <= day


@given(MEIJI_TO_2100)
def test_two_days_in_a_row_are_never_written_alike(day: date) -> None:
    assert wareki.to_wareki(day) != wareki.to_wareki(day + timedelta(days=1))


@given(st.dates())
@example(date.min)
@example(date.max)
def test_no_day_is_too_strange_to_be_written(day: date) -> None:
    assert wareki.to_wareki(day).endswith("日")
    assert wareki.fiscal_year_name(day).endswith("年度")


def test_eras_run_from_the_newest_to_the_oldest() -> None:
    assert all(newer > older for (_, newer), (_, older) in pairwise(wareki.ERAS))


@given(st.dates())
def test_iso_text_is_read_back(day: date) -> None:
    assert wareki.parse_iso(day.isoformat()) == day


@pytest.mark.parametrize(
    "text",
    ["20230601", "2023-W22-4", "2023-6-1", "2023-06-01\n", "２０２３-06-01", "2023-02-29", "5-06-01", ""],
)
def test_only_strict_iso_is_a_date(text: str) -> None:
    with pytest.raises(ValueError):
        wareki.parse_iso(text)


@pytest.mark.parametrize("text", ["2023-6", "202306", "2023-13", "2023-00", "2023-06-01", "2023-06\n", ""])
def test_only_strict_iso_is_a_month(text: str) -> None:
    with pytest.raises(ValueError):
        wareki.parse_month(text)


def test_a_month_and_a_day_inside_a_year_have_their_names() -> None:
    assert wareki.month_name(wareki.parse_month("2023-06")) == "令和５年６月"
    assert wareki.month_name(wareki.parse_month("2019-05")) == "令和元年５月"
    assert wareki.month_name(wareki.parse_month("1989-01")) == "昭和64年１月"
    assert wareki.month_day(date(2023, 11, 30)) == "11月30日（木）"


@pytest.mark.parametrize(
    ("number", "text"), [(0, "０"), (9, "９"), (10, "10"), (11, "11"), (7871, "7871"), (-3, "-3")]
)
def test_one_digit_is_full_width(number: int, text: str) -> None:
    assert wareki.digits(number) == text


@pytest.mark.parametrize(
    ("time", "text"),
    [
        ("13:30", "午後１時30分"),
        ("13:00", "午後１時"),
        ("09:05", "午前９時５分"),
        ("12:00", "午後０時"),
        ("12:45", "午後０時45分"),
        ("00:00", "午前０時"),
        ("11:59", "午前11時59分"),
        ("23:59", "午後11時59分"),
    ],
)
def test_clock_counts_each_half_of_the_day_from_zero(time: str, text: str) -> None:
    assert wareki.clock(time) == text


@pytest.mark.parametrize("time", ["24:00", "9:00", "12:60", "１３:30", "13:30\n", "午後１時"])
def test_only_hh_mm_is_a_time(time: str) -> None:
    with pytest.raises(ValueError):
        wareki.clock(time)


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (date(2023, 6, 1), date(2023, 11, 30), "令和５年６月１日から同年11月30日まで"),
        (date(2023, 10, 1), date(2024, 3, 31), "令和５年10月１日から令和６年３月31日まで"),
        (date(2019, 4, 1), date(2019, 5, 1), "平成31年４月１日から令和元年５月１日まで"),
        (date(2023, 6, 1), date(2023, 6, 1), "令和５年６月１日から同日まで"),
    ],
)
def test_span_says_same_year_only_when_certain(start: date, end: date, text: str) -> None:
    assert wareki.span(start, end) == text


@pytest.mark.parametrize(
    ("day", "year", "name"),
    [
        (date(2023, 4, 1), 2023, "令和５年度"),
        (date(2024, 3, 31), 2023, "令和５年度"),
        (date(2024, 4, 1), 2024, "令和６年度"),
        (date(2019, 4, 30), 2019, "平成31年度"),
        (date(2019, 5, 1), 2019, "令和元年度"),
        (date(2020, 3, 31), 2019, "令和元年度"),
        (date(2020, 4, 1), 2020, "令和２年度"),
        (date(1989, 2, 1), 1988, "昭和63年度"),
        (date(1989, 4, 1), 1989, "平成元年度"),
    ],
)
def test_fiscal_year_keeps_the_era_it_began_in(day: date, year: int, name: str) -> None:
    assert (wareki.fiscal_year(day), wareki.fiscal_year_name(day)) == (year, name)


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "０分"), (5, "５分"), (45, "45分"), (60, "１時間"), (90, "１時間30分"), (605, "10時間５分")],
)
def test_a_length_of_time_reads_as_hours_and_minutes(minutes: int, text: str) -> None:
    assert wareki.duration(minutes) == text
