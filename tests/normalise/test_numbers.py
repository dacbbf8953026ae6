"""Whole numbers and numbers with decimals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.normalise.boxes import INTEGER, NUMBER, box, read, refusal

FULL = str.maketrans("0123456789,", "０１２３４５６７８９，")
KANJI = "〇一二三四五六七八九"


def in_kanji(number: int) -> str:
    words = ""
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        if digit:
            words += name if digit == 1 and name else KANJI[digit] + name
    return words or "零"


@given(st.integers(0, 10**14), st.sampled_from(["{}", "{:,}"]), st.booleans())
def test_every_whole_number_reads_back(number: int, form: str, wide: bool) -> None:
    text = form.format(number)
    assert read(INTEGER, text.translate(FULL) if wide else text) == (number, ())


@given(
    st.integers(0, 9999),
    st.sampled_from(["", "人", "回", "件", "名", "ケース", "円", "か月", "ヶ月", "か所"]),
)
def test_kanji_numerals_and_counters(number: int, counter: str) -> None:
    notes = ("NUMBER_UNIT_DROPPED",) if counter else ()
    assert read(INTEGER, in_kanji(number) + counter) == (number, notes)
    assert read(INTEGER, f"{number}{counter}") == (number, notes)


@given(
    st.integers(0, 999),
    st.integers(0, 999),
    st.sampled_from(["{}～{}", "{}〜{}人", "{}－{}", "{}、{}", "{}から{}"]),
)
def test_two_numbers_are_never_one(first: int, second: int, form: str) -> None:
    assert refusal(INTEGER, form.format(first, second)) == "NUMBER_RANGE"


@given(
    st.integers(0, 999),
    st.sampled_from(["約{}", "{}人程度", "{}くらい", "およそ{}名", "{}人前後", "{}人以上", "数{}人"]),
)
def test_an_estimate_is_never_a_number(number: int, form: str) -> None:
    assert refusal(INTEGER, form.format(number)) == "NUMBER_ABOUT"


@given(st.integers(0, 9999), st.integers(0, 99))
def test_a_decimal_is_never_a_whole_number(whole: int, fraction: int) -> None:
    text = f"{whole}.{fraction:02}"
    assert refusal(INTEGER, text) == "NUMBER_DECIMAL"
    assert read(NUMBER, text) == (float(text), ())


@pytest.mark.parametrize(
    ("text", "value", "notes"),
    [
        ("1,234", 1234, ()),
        ("１，２３４", 1234, ()),
        ("6件", 6, ("NUMBER_UNIT_DROPPED",)),
        ("６ケース", 6, ("NUMBER_UNIT_DROPPED",)),
        ("３人", 3, ("NUMBER_UNIT_DROPPED",)),
        ("第３回", 3, ("NUMBER_UNIT_DROPPED",)),
        ("十二", 12, ()),
        ("一二〇", 120, ()),
        ("-3", -3, ()),
        (" 12　", 12, ()),
        ("零", 0, ()),
        ("２回目", 2, ("NUMBER_UNIT_DROPPED",)),
        ("007", 7, ()),
        ("－", None, ("NOT_ENTERED",)),
    ],
)
def test_known_spellings(text: str, value: int | None, notes: tuple[str, ...]) -> None:
    assert read(INTEGER, text) == (value, notes)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("約10人", "NUMBER_ABOUT"),
        ("数人", "NUMBER_ABOUT"),
        ("数十件", "NUMBER_ABOUT"),
        ("10～12人", "NUMBER_RANGE"),
        ("十二、三", "NUMBER_RANGE"),
        ("3.0", "NUMBER_DECIMAL"),
        ("1.5時間", "NUMBER_UNIT"),
        ("7,871千円", "NUMBER_UNIT"),
        ("3万", "NUMBER_UNIT"),
        ("10%", "NUMBER_UNIT"),
        ("２時間", "NUMBER_UNIT"),
        ("二三人", "NUMBER_UNREADABLE"),
        ("1,23", "NUMBER_UNREADABLE"),
        ("12,34", "NUMBER_UNREADABLE"),
        ("1十", "NUMBER_UNIT"),
        ("五十5", "NUMBER_UNREADABLE"),
        ("2²", "NUMBER_UNREADABLE"),
        ("1⑤", "NUMBER_UNREADABLE"),
        ("½", "NUMBER_UNREADABLE"),
        ("ー3", "NUMBER_UNREADABLE"),
        ("なし", "NUMBER_UNREADABLE"),
        ("〇", "NUMBER_UNREADABLE"),
        ("○", "NUMBER_UNREADABLE"),
        ("1 2", "NUMBER_UNREADABLE"),
        ("１　２人", "NUMBER_UNREADABLE"),
        ("٣", "NUMBER_UNREADABLE"),
        ("9" * 16, "NUMBER_UNREADABLE"),
        ("1e3", "NUMBER_UNREADABLE"),
        ("同上", "DITTO"),
    ],
)
def test_what_is_refused_has_its_own_code(text: str, code: str) -> None:
    assert refusal(INTEGER, text) == code


def test_an_enumeration_of_numbers_gives_numbers() -> None:
    assert read(box("integer", enum=[1, 2]), "1") == (1, ())
