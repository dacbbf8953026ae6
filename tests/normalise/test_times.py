"""Times of day, ranges of them, and lengths of time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.normalise.boxes import MINUTES, TIME, TIME_RANGE, box, read, refusal

FULL = str.maketrans("0123456789:", "０１２３４５６７８９：")


@st.composite
def renderings(draw: st.DrawFn) -> tuple[str, str]:
    hour, minute = draw(st.integers(0, 23)), draw(st.integers(0, 59))
    tail = f"時{minute}分" if minute else draw(st.sampled_from(["時", "時00分", "時0分"]))
    if minute == 30:
        tail = draw(st.sampled_from(["時半", "時30分", "時30"]))
    written = draw(st.sampled_from([f":{minute:02}", tail]))
    half = hour % 12 if hour % 12 else 0
    word, latin = ("午後", "PM") if hour >= 12 else ("午前", "AM")
    forms = [
        f"{word}{half}{written}",
        f"{latin}{half}{written}",
        f"{half}{written} {latin.lower()}",
        f"{hour:02}{written}",
    ]
    if not 1 <= hour <= 6:
        forms.append(f"{hour}{written}")
    text = draw(st.sampled_from(forms))
    text = text.translate(FULL) if draw(st.booleans()) else text
    space = draw(st.sampled_from(["", " ", "　"]))
    return f"{hour:02}:{minute:02}", space.join(text)


@given(renderings())
def test_every_rendering_of_a_time_reads_back(rendering: tuple[str, str]) -> None:
    value, text = rendering
    assert read(TIME, text) == (value, ())


@given(st.integers(0, 99), st.integers(0, 99))
def test_no_time_outside_the_clock_is_read(hour: int, minute: int) -> None:
    if hour > 23 or minute > 59:
        assert (
            refusal(TIME, f"{hour}:{minute:02}") == refusal(TIME, f"{hour}時{minute}分") == "TIME_IMPOSSIBLE"
        )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("午後１時３０分", "13:30"),
        ("午後1時半", "13:30"),
        ("午後一時半", "13:30"),
        ("１３：３０", "13:30"),
        ("13∶30", "13:30"),
        ("13時", "13:00"),
        ("PM1:30", "13:30"),
        ("1:30 p.m.", "13:30"),
        ("正午", "12:00"),
        ("12時", "12:00"),
        ("午後0時15分", "12:15"),
        ("午前零時", "00:00"),
        ("01:30", "01:30"),
        ("9:00:00", "09:00"),
    ],
)
def test_known_spellings(text: str, value: str) -> None:
    assert read(TIME, text) == (value, ())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("25時", "TIME_IMPOSSIBLE"),
        ("24:00", "TIME_IMPOSSIBLE"),
        ("13:60", "TIME_IMPOSSIBLE"),
        ("午後13時", "TIME_HALF"),
        ("午前1時PM", "TIME_HALF"),
        ("午後12時", "TIME_TWELVE"),
        ("12:30PM", "TIME_TWELVE"),
        ("1時半", "TIME_HALF_MISSING"),
        ("1:30", "TIME_HALF_MISSING"),
        ("六時", "TIME_HALF_MISSING"),
        ("13時頃", "TIME_VAGUE"),
        ("夕方", "TIME_VAGUE"),
        ("午後", "TIME_VAGUE"),
        ("15:00～17:00", "TIME_RANGE"),
        ("15時から17時まで", "TIME_RANGE"),
        ("10-12", "TIME_RANGE"),
        ("13:00～", "TIME_RANGE"),
        ("1330", "TIME_UNREADABLE"),
        ("13:5", "TIME_UNREADABLE"),
        ("13:30:15", "TIME_UNREADABLE"),
        ("１③時", "TIME_UNREADABLE"),
        ("同上", "DITTO"),
    ],
)
def test_what_is_refused_has_its_own_code(text: str, code: str) -> None:
    assert refusal(TIME, text) == code


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("15:00～17:00", "15:00～17:00"),
        ("15時〜17時", "15:00～17:00"),
        ("10:00-12:00", "10:00～12:00"),
        ("１０：００－１２：００", "10:00～12:00"),
        ("13時30分から15時まで", "13:30～15:00"),
        ("午後1時～3時", "13:00～15:00"),
        ("午後１時半〜午後３時", "13:30～15:00"),
        ("午後1時～15時", "13:00～15:00"),
        ("午前10時～正午", "10:00～12:00"),
        ("10～12時", "10:00～12:00"),
        ("午後１～３時", "13:00～15:00"),
        ("午後一時から三時", "13:00～15:00"),
    ],
)
def test_ranges_of_time(text: str, value: str) -> None:
    assert read(TIME_RANGE, text) == (value, ())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("17:00～15:00", "TIME_ORDER"),
        ("15:00～15:00", "TIME_ORDER"),
        ("午前10時～1時", "TIME_HALF_MISSING"),
        ("10時～25時", "TIME_IMPOSSIBLE"),
        ("10～12", "TIME_UNREADABLE"),
        ("15:00", "TIME_RANGE_UNREADABLE"),
        ("15:00～", "TIME_RANGE_UNREADABLE"),
        ("9:00～10:00～11:00", "TIME_RANGE_UNREADABLE"),
    ],
)
def test_ranges_that_are_refused(text: str, code: str) -> None:
    assert refusal(TIME_RANGE, text) == code


@given(
    st.integers(0, 23 * 60),
    st.integers(1, 59),
    st.sampled_from(["～", "〜", "~", "-", "－", "ー", "から", " － "]),
)
def test_every_range_reads_back(start: int, length: int, between: str) -> None:
    ends = [f"{minute // 60:02}:{minute % 60:02}" for minute in (start, start + length)]
    assert read(TIME_RANGE, between.join(ends))[0] == "～".join(ends)


@pytest.mark.parametrize(
    ("text", "value", "notes"),
    [
        ("120", 120, ()),
        ("１２０", 120, ()),
        ("120分", 120, ("NUMBER_UNIT_DROPPED",)),
        ("120分間", 120, ("NUMBER_UNIT_DROPPED",)),
        ("2h", 120, ("MINUTES_FROM_HOURS",)),
        ("２時間", 120, ("MINUTES_FROM_HOURS",)),
        ("二時間", 120, ("MINUTES_FROM_HOURS",)),
        ("1時間30分", 90, ("MINUTES_FROM_HOURS",)),
        ("1.5時間", 90, ("MINUTES_FROM_HOURS",)),
        ("１時間半", 90, ("MINUTES_FROM_HOURS",)),
        ("2h30m", 150, ("MINUTES_FROM_HOURS",)),
    ],
)
def test_lengths_of_time(text: str, value: int, notes: tuple[str, ...]) -> None:
    assert read(MINUTES, text) == (value, notes)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("約2時間", "NUMBER_ABOUT"),
        ("1～2時間", "NUMBER_RANGE"),
        ("1.23時間", "MINUTES_UNREADABLE"),
        ("1.5時間半", "MINUTES_UNREADABLE"),
        ("2 0分", "MINUTES_UNREADABLE"),
        ("2日", "MINUTES_UNREADABLE"),
        ("13:30", "MINUTES_UNREADABLE"),
        ("半", "MINUTES_UNREADABLE"),
    ],
)
def test_lengths_that_are_refused(text: str, code: str) -> None:
    assert refusal(MINUTES, text) == code


def test_hours_in_a_plain_number_box_are_another_unit() -> None:
    assert refusal(box("integer"), "２時間") == "NUMBER_UNIT"
