from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalise import normalise
from pipeline.rules.wareki import digits, era_year, month_name
from tests.normalise.boxes import MONTH, read

MONTHS = st.dates(date(1868, 2, 1), date(2100, 12, 31)).map(lambda day: day.replace(day=1))


@given(MONTHS, st.sampled_from(["", "分"]), st.sampled_from(["", " ", "　"]))
def test_every_spelling_of_a_month_reads_back_without_a_note(month: date, tail: str, space: str) -> None:
    era, year = era_year(month)
    iso = f"{month:%Y-%m}"
    for text in (
        *(month_name(month), f"{era}{year}年{month.month}月", f"{era[0]}{year}.{month.month}"),
        *(
            f"{month.year}年{month.month}月",
            f"{month.year}/{month.month}",
            iso,
            f"{month.year}-{digits(month.month)}",
        ),
    ):
        assert read(MONTH, space + space.join(text + tail)) == (iso, ())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("R5.6", "2023-06"),
        ("令和元年５月", "2019-05"),
        ("㋿５年６月", "2023-06"),
        ("二〇二三年六月", "2023-06"),
        ("昭和64年１月", "1989-01"),
        ("平成元年１月", "1989-01"),
        ("大正元年7月", "1912-07"),
        ("明治45年7月", "1912-07"),
    ],
)
def test_a_month_an_era_changes_in_may_be_given_to_either(text: str, value: str) -> None:
    assert read(MONTH, text) == (value, ())


def test_heisei_goes_on_as_reiwa_with_a_note() -> None:
    assert read(MONTH, "平成31年4月") == ("2019-04", ())
    assert read(MONTH, "平成31年5月") == ("2019-05", ("DATE_REIWA",))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("５年６月", "MONTH_NO_ERA"),
        ("5/6", "MONTH_NO_ERA"),
        ("23.6", "MONTH_NO_ERA"),
        ("６月", "MONTH_NO_YEAR"),
        ("６月分", "MONTH_NO_YEAR"),
        ("令和５年６月１日", "MONTH_DAY"),
        ("2023-06-01", "MONTH_DAY"),
        ("R5.6.30", "MONTH_DAY"),
        ("202306", "MONTH_UNREADABLE"),
        ("令和５年13月", "MONTH_UNREADABLE"),
        ("2023/0", "MONTH_UNREADABLE"),
        ("令和５年６月～７月", "MONTH_UNREADABLE"),
        ("令和５年度", "MONTH_UNREADABLE"),
        ("先月", "MONTH_UNREADABLE"),
        ("令和元年４月", "DATE_ERA"),
        ("昭和64年２月", "DATE_ERA"),
        ("明治45年8月", "DATE_ERA"),
        ("1867-12", "DATE_YEAR"),
        ("2101/1", "DATE_YEAR"),
    ],
)
def test_what_is_refused_has_its_own_code(text: str, code: str) -> None:
    assert normalise(MONTH, text).problem == code
