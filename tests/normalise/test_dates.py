"""Dates: every rendering of every day reads back; every refused form is refused with its own code."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.normalise.boxes import DATE, read, refusal

FULL = str.maketrans("0123456789./-():", "０１２３４５６７８９．／－（）：")
KANJI = "〇一二三四五六七八九"
# The test's own eras, written apart from `rules.wareki`: first day, last day, letter, square sign.
ERAS = {
    "明治": (date(1868, 1, 25), date(1912, 7, 29), "M", "㍾"),
    "大正": (date(1912, 7, 30), date(1926, 12, 24), "T", "㍽"),
    "昭和": (date(1926, 12, 25), date(1989, 1, 7), "S", "㍼"),
    "平成": (date(1989, 1, 8), date(2019, 4, 30), "H", "㍻"),
    "令和": (date(2019, 5, 1), date(2100, 12, 31), "R", "㋿"),
}
DAYS = st.dates(date(1868, 1, 25), date(2100, 12, 31))
EDGES = [
    edge + timedelta(days)
    for first, last, *_ in ERAS.values()
    for edge in (first, last)
    for days in (-1, 0, 1)
]
DAYS_WITH_EDGES = st.one_of(
    DAYS, st.sampled_from([day for day in EDGES if date(1868, 1, 25) <= day <= date(2100, 12, 31)])
)
WEEKDAYS = "月火水木金土日"


def in_kanji(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else KANJI[tens] + "十") + (
        KANJI[ones] if ones or not tens else ""
    )


@st.composite
def year_words(draw: st.DrawFn, day: date) -> str:
    era, (first, _, letter, square) = next((e, v) for e, v in ERAS.items() if v[0] <= day <= v[1])
    number = day.year - first.year + 1
    names = [era, era[0], square, letter, letter.lower(), f"{letter}."]
    numbers = [str(number), f"{number:02}"] + (["元"] if number == 1 else [])
    if draw(st.booleans()):
        return draw(st.sampled_from(names)) + draw(st.sampled_from(numbers))
    return draw(st.sampled_from([str(day.year), f"西暦{day.year}"]))


@st.composite
def renderings(draw: st.DrawFn) -> tuple[date, str]:
    day = draw(DAYS_WITH_EDGES)
    year = draw(year_words(day))
    month, number = (
        (str(day.month), str(day.day)) if draw(st.booleans()) else (f"{day.month:02}", f"{day.day:02}")
    )
    style = draw(st.integers(0, 3))
    if style == 0:
        text = f"{year}年{month}月{number}日"
    elif style == 1:
        separator = draw(st.sampled_from("./-・－‐−ー．／。"))
        text = f"{year}{separator}{month}{separator}{number}"
    elif style == 2:
        text = f"{'西暦' if draw(st.booleans()) else ''}{''.join(KANJI[int(d)] for d in str(day.year))}年"
        text += f"{in_kanji(day.month)}月{in_kanji(day.day)}日"
    else:
        era, (first, *_) = next((e, v) for e, v in ERAS.items() if v[0] <= day <= v[1])
        text = f"{era}{in_kanji(day.year - first.year + 1)}年{in_kanji(day.month)}月{in_kanji(day.day)}日"
    weekday = WEEKDAYS[day.weekday()]
    text += draw(
        st.sampled_from(
            ["", f"({weekday})", f"（{weekday}曜日）", f"({weekday}曜)", f"［{weekday}］", f"{weekday}曜日"]
        )
    )
    if draw(st.booleans()):
        text = text.translate(FULL)
    space = draw(st.sampled_from(["", " ", "　", "\u00a0", "\u200b"]))
    return day, space + space.join(text) + space


@settings(max_examples=500, deadline=None)
@given(renderings())
def test_every_rendering_of_a_day_reads_back_without_a_note(rendering: tuple[date, str]) -> None:
    day, text = rendering
    assert read(DATE, text) == (day.isoformat(), ())


@given(DAYS, st.integers(1, 6), st.sampled_from(["（{}）", "({}曜日)", "{}曜日"]))
def test_a_wrong_weekday_is_a_problem(day: date, off: int, brackets: str) -> None:
    wrong = brackets.format(WEEKDAYS[(day.weekday() + off) % 7])
    for text in (
        f"{day.year}年{day.month}月{day.day}日{wrong}",
        f"{day:%Y-%m-%d}{wrong}",
        f"{day:%Y/%m/%d}　{wrong}",
    ):
        assert refusal(DATE, text) == "DATE_WEEKDAY"


@given(DAYS)
def test_eight_digits_are_read_with_a_note_and_six_never(day: date) -> None:
    assert read(DATE, f"{day:%Y%m%d}".translate(FULL)) == (day.isoformat(), ("DATE_EIGHT_DIGITS",))
    assert refusal(DATE, f"{day:%Y%m%d}"[2:]) == "DATE_SIX_DIGITS"


@given(DAYS, st.sampled_from("./-・年"))
def test_a_year_without_era_or_century_is_never_read(day: date, separator: str) -> None:
    for year in (day.year % 100, f"{day.year % 100:02}"):
        month = f"{day.month}月{day.day}日" if separator == "年" else f"{day.month}{separator}{day.day}"
        assert refusal(DATE, f"{year}{separator}{month}") == "DATE_NO_ERA"
    assert refusal(DATE, f"{day.month}月{day.day}日") == "DATE_NO_YEAR"


@given(st.dates(date(2019, 5, 1), date(2087, 12, 31)), st.sampled_from(["平成", "H", "平", "㍻"]))
def test_heisei_goes_on_as_reiwa_with_a_note(day: date, era: str) -> None:
    text = f"{era}{day.year - 1988}年{day.month}月{day.day}日"
    assert read(DATE, text) == (day.isoformat(), ("DATE_REIWA",))


@given(DAYS, st.sampled_from([era for era in ERAS if era != "平成"]))
def test_no_other_era_is_continued_or_begun_early(day: date, era: str) -> None:
    first, last, letter, _ = ERAS[era]
    shared = era in ("明治", "大正") and day == last + timedelta(1)  # the day of change belongs to both
    number = day.year - first.year + 1
    if not first <= day <= last and not shared and 1 <= number <= 99:
        assert refusal(DATE, f"{era}{number}年{day.month}月{day.day}日") == "DATE_ERA"
        assert refusal(DATE, f"{letter}{number}.{day.month}.{day.day}") == "DATE_ERA"


@given(st.dates(date(1950, 1, 1), date(2049, 12, 31)))
def test_a_serial_number_is_read_unless_it_may_be_an_era_year(day: date) -> None:
    serial = str((day - date(1899, 12, 30)).days)
    month, number = int(serial[1:3]), int(serial[3:])
    if 1 <= month <= 12 and 1 <= number <= 31:
        assert refusal(DATE, serial) == "DATE_DIGITS"
    else:
        assert read(DATE, serial) == (day.isoformat(), ("DATE_SERIAL",))


@settings(max_examples=300)
@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_impossible_days_are_never_read(year: int, month: int, day: int) -> None:
    try:
        date(2018 + year, month, day)
    except ValueError:
        assert refusal(DATE, f"令和{year}年{month}月{day}日") == "DATE_IMPOSSIBLE"
        assert refusal(DATE, f"{2018 + year}-{month:02}-{day:02}") == "DATE_IMPOSSIBLE"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("R5.6.1", "2023-06-01"),
        ("R５．６．１", "2023-06-01"),
        ("令5.6.1", "2023-06-01"),
        ("令和５年６月１日（木）", "2023-06-01"),
        ("令和5年6月1日（木曜日）", "2023-06-01"),
        ("㋿5年6月1日", "2023-06-01"),
        ("2023/6/1", "2023-06-01"),
        ("2023.06.01", "2023-06-01"),
        ("2023-6-1", "2023-06-01"),
        ("2023ー6ー1", "2023-06-01"),
        ("令和 5 年 6 月 1 日", "2023-06-01"),
        ("令和４年 1 0月５日", "2022-10-05"),
        ("令和元年５月１日", "2019-05-01"),
        ("令和1年5月1日", "2019-05-01"),
        ("S64.1.7", "1989-01-07"),
        ("昭和64年1月7日", "1989-01-07"),
        ("大正15年12月25日", "1926-12-25"),
        ("昭和元年12月25日", "1926-12-25"),
        ("明治45年7月30日", "1912-07-30"),
        ("令和五年六月一日", "2023-06-01"),
        ("二〇二三年六月一日", "2023-06-01"),
        ("二○二三年一二月三一日", "2023-12-31"),
        ("昭和六十三年十二月三十一日", "1988-12-31"),
        ("平成22年4月5日生", "2010-04-05"),
        ("令和5年(2023年)6月1日", "2023-06-01"),
        ("2023（令和５）年６月１日（木）", "2023-06-01"),
        ("令和5年11月3日（金・祝）", "2023-11-03"),
        ("2024-02-29", "2024-02-29"),
        ("1868-01-01", "1868-01-01"),
    ],
)
def test_known_spellings(text: str, value: str) -> None:
    assert read(DATE, text) == (value, ())


@pytest.mark.parametrize(
    ("text", "value", "note"),
    [
        ("H31.5.1", "2019-05-01", "DATE_REIWA"),
        ("平成35年6月1日", "2023-06-01", "DATE_REIWA"),
        ("平成35年6月1日（木）", "2023-06-01", "DATE_REIWA"),
        ("20230601", "2023-06-01", "DATE_EIGHT_DIGITS"),
        ("45078", "2023-06-01", "DATE_SERIAL"),
        ("４５０７８", "2023-06-01", "DATE_SERIAL"),
        ("－", None, "NOT_ENTERED"),
        ("‑", None, "NOT_ENTERED"),
        ("令和　　年　　月　　日", None, "NOT_ENTERED"),
        ("年　月　日（　曜日）", None, "NOT_ENTERED"),
    ],
)
def test_what_is_read_with_a_note(text: str, value: str | None, note: str) -> None:
    assert read(DATE, text) == (value, (note,))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5/6/1", "DATE_NO_ERA"),
        ("5.6.1", "DATE_NO_ERA"),
        ("５年６月１日", "DATE_NO_ERA"),
        ("五年六月一日", "DATE_NO_ERA"),
        ("23/6/1", "DATE_NO_ERA"),
        ("6/1/2023", "DATE_NO_ERA"),
        ("050601", "DATE_SIX_DIGITS"),
        ("０５０６０１", "DATE_SIX_DIGITS"),
        ("202306", "DATE_SIX_DIGITS"),
        ("50601", "DATE_DIGITS"),
        ("40601", "DATE_DIGITS"),
        ("561", "DATE_DIGITS"),
        ("2023 6 1", "DATE_DIGITS"),
        ("2023 06 01", "DATE_DIGITS"),
        ("99999", "DATE_DIGITS"),
        ("17000", "DATE_DIGITS"),
        ("4月1日", "DATE_NO_YEAR"),
        ("6/1", "DATE_NO_YEAR"),
        ("６月１日（木）", "DATE_NO_YEAR"),
        ("令和5年6月", "DATE_NO_DAY"),
        ("令和5年", "DATE_NO_DAY"),
        ("R5.6", "DATE_NO_DAY"),
        ("2023/6", "DATE_NO_DAY"),
        ("2023/6/", "DATE_UNREADABLE"),
        ("令和〇年〇月〇日", "DATE_UNREADABLE"),
        ("令和○年6月1日", "DATE_UNREADABLE"),
        ("R5,6,1", "DATE_UNREADABLE"),
        ("令和5年6月1日・8日", "DATE_RANGE"),
        ("2023/6/1,6/8", "DATE_RANGE"),
        ("6月上旬", "DATE_VAGUE"),
        ("令和5年6月上旬", "DATE_VAGUE"),
        ("令和5年6月1日頃", "DATE_VAGUE"),
        ("令和5年6月末", "DATE_VAGUE"),
        ("未定", "DATE_UNKNOWN"),
        ("不明", "DATE_UNKNOWN"),
        ("？", "DATE_UNKNOWN"),
        ("令和5年6月1日～令和5年11月30日", "DATE_RANGE"),
        ("令和5年6月1日から", "DATE_RANGE"),
        ("R5.6.1-R5.11.30", "DATE_RANGE"),
        ("2023/6/1-2023/11/30", "DATE_RANGE"),
        ("令和5年6月1日、6月8日", "DATE_RANGE"),
        ("令和5年6月1日（木）、8日（木）", "DATE_RANGE"),
        ("令和7年2月29日", "DATE_IMPOSSIBLE"),
        ("2024-02-30", "DATE_IMPOSSIBLE"),
        ("20230230", "DATE_IMPOSSIBLE"),
        ("令和5年13月1日", "DATE_IMPOSSIBLE"),
        ("令和５年６月１日（金）", "DATE_WEEKDAY"),
        ("平成元年1月7日", "DATE_ERA"),
        ("平成31年4月31日", "DATE_IMPOSSIBLE"),
        ("令和元年4月30日", "DATE_ERA"),
        ("昭和64年1月8日", "DATE_ERA"),
        ("昭和70年1月1日", "DATE_ERA"),
        ("明治50年1月1日", "DATE_ERA"),
        ("大正15年12月26日", "DATE_ERA"),
        ("令和0年6月1日", "DATE_ERA"),
        ("0001-01-01", "DATE_YEAR"),
        ("2101-01-01", "DATE_YEAR"),
        ("18671231", "DATE_YEAR"),
        ("令和83年1月1日", "DATE_YEAR"),
        ("9999-12-31", "DATE_YEAR"),
        ("令和5年(2022年)6月1日", "DATE_DISAGREE"),
        ("同上", "DITTO"),
        ("〃", "DITTO"),
        ("令和五5年6月1日", "DATE_UNREADABLE"),
        ("令和²年6月1日", "DATE_UNREADABLE"),
        ("令和１⑤年6月1日", "DATE_UNREADABLE"),
        ("20230601 13:30", "DATE_UNREADABLE"),
        ("令和5年度6月1日", "DATE_UNREADABLE"),
        ("二〇二三〇年六月一日", "DATE_UNREADABLE"),
        ("٢٠٢٣-٠٦-٠١", "DATE_UNREADABLE"),
        ("見本　太郎", "DATE_UNREADABLE"),
        ("1" * 121, "DATE_UNREADABLE"),
    ],
)
def test_what_is_refused_has_its_own_code(text: str, code: str) -> None:
    assert refusal(DATE, text) == code
