"""Whole numbers, numbers and lengths of time as people write them (domain.md §8 "numbers", §6.7)."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from pipeline.normalise.reading import Reading, fold, refuse, without_spaces

_KANJI_DIGITS: Final = {char: str(index) for index, char in enumerate("〇一二三四五六七八九")}
_BY_PLACE: Final = re.compile(
    "(?:([一二三四五六七八九]?)千)?(?:([一二三四五六七八九]?)百)?(?:([一二三四五六七八九]?)十)?([一二三四五六七八九]?)"
)
_IN_A_ROW: Final = re.compile("[〇一二三四五六七八九]+")
_NUMERAL: Final = re.compile(
    "(?<![0-9〇零一二三四五六七八九十百千])[〇零一二三四五六七八九十百千]++(?![0-9万億])"
)
_SIZES: Final = (("千", 1000), ("百", 100), ("十", 10), ("", 1))
# 千円, 時間 and ％ are no counters: dropping them would change the number. (Folding has made ー a hyphen.)
_COUNTERS: Final = (
    "件|人|名|回|ケ-ス|世帯|家庭|[か箇ヶケカヵ]所|[か箇ヶケカヵ]月|円|分|歳|才|枚|部|通|校|版|日|週|度"
)
_LONGEST: Final = 15  # digits; a JSON number is exact up to 2^53
_NUMBER: Final = re.compile(
    rf"(?P<prefix>第)?(?P<sign>-?)(?P<digits>[0-9]{{1,{_LONGEST}}}|[0-9]{{1,3}}(?:,[0-9]{{3}}){{1,4}})"
    rf"(?P<fraction>\.[0-9]{{1,4}})?(?:(?P<unit>{_COUNTERS})目?)?"
)
_ABOUT: Final = re.compile(
    "約|およそ|おおよそ|大体|だいたい|程度|くらい|ぐらい|前後|余|強|弱|数[0-9十百千人件回名]|以上|以下|未満|ほど"
)
_RANGE: Final = re.compile(r"[0-9人名件回][~、・-][0-9]|から|又は|または|か[0-9]")
_FRACTIONAL: Final = re.compile(r"-?[0-9]+\.[0-9]+.{0,4}")
_OTHER_UNIT: Final = re.compile(r"-?[0-9,.]+(?:[十百千万億].*|時間?|H|%|割|[A-Z]+)")
_APART: Final = re.compile(r"[0-9][\s\u200b]+[0-9]")
_LENGTH: Final = re.compile(
    r"(?:(?P<hours>[0-9]{1,4}(?:\.[0-9]{1,4})?)(?:時間|H|HR|HOURS?)(?P<half>半)?)?"
    r"(?:(?P<minutes>[0-9]{1,6})(?P<unit>分間?|MIN|MINUTES|M)?)?"
)


def read_integer(text: str) -> Reading:
    """Read a whole number: any width, 1,234, 十二, 第３回, ６件 (the counter is dropped with a note)."""
    found = _match(text)
    if found is None:
        return refuse(_why_not(text))
    if found["fraction"]:
        return refuse("NUMBER_DECIMAL")
    return Reading(int(found["sign"] + found["digits"].replace(",", "")), _notes(found))


def read_number(text: str) -> Reading:
    """Read a number that may have decimals; a whole one stays an integer."""
    found = _match(text)
    if found is None:
        return refuse(_why_not(text))
    whole = found["sign"] + found["digits"].replace(",", "")
    return Reading(float(whole + found["fraction"]) if found["fraction"] else int(whole), _notes(found))


def read_minutes(text: str) -> Reading:
    """Read a length of time in minutes: 120, 120分, ２時間, 2h, １時間半, 1.5時間, 1時間30分."""
    plain = _plain(text)
    found = _LENGTH.fullmatch(plain)
    if found is None or not plain:
        code = _why_not(text)
        return refuse(code if code in ("NUMBER_ABOUT", "NUMBER_RANGE") else "MINUTES_UNREADABLE")
    minutes = Fraction(found["hours"] or 0) * 60 + (30 if found["half"] else 0) + int(found["minutes"] or 0)
    if minutes.denominator != 1 or (found["half"] and (found["minutes"] or "." in found["hours"])):
        return refuse("MINUTES_UNREADABLE")
    notes = ("MINUTES_FROM_HOURS",) if found["hours"] else ("NUMBER_UNIT_DROPPED",) if found["unit"] else ()
    return Reading(int(minutes), notes)


def kanji_to_digits(text: str, in_a_row: bool) -> str:
    """The text with its kanji numerals as digits: 十二 → 12, 三十一 → 31, with `in_a_row` also 二〇二三 → 2023.

    A numeral that touches a digit stays as it is: 五5 is nobody's number. Without 〇 a row of digits alone is read only
    where the caller knows it cannot be an estimate (二三人 means two or three).
    """
    if text.isascii():
        return text
    return _NUMERAL.sub(lambda run: _numeral(run.group(), in_a_row), text)


def _numeral(run: str, in_a_row: bool) -> str:
    if run == "〇":
        return run  # alone it is a circle, a mark or a place left open, not a zero
    run = run.replace("零", "〇")
    if _IN_A_ROW.fullmatch(run):
        surely = len(run) == 1 or "〇" in run or in_a_row
        return "".join(_KANJI_DIGITS[char] for char in run) if surely else run
    places = _BY_PLACE.fullmatch(run)
    if places is None:
        return run
    return str(sum(_place(digit, *size) for digit, size in zip(places.groups(), _SIZES, strict=True)))


def _place(digit: str | None, name: str, size: int) -> int:
    if digit:
        return int(_KANJI_DIGITS[digit]) * size
    return size if digit is not None and name else 0  # 十 alone is one ten


def _plain(text: str) -> str:
    """The text made ready to match; digits with a space between them keep it, for they may be two numbers."""
    folded = fold(text)
    return kanji_to_digits(folded if _APART.search(folded) else without_spaces(folded), in_a_row=False)


def _match(text: str) -> re.Match[str] | None:
    found = _NUMBER.fullmatch(_plain(text))
    # A long mark or a rule before a number is a slip or a bullet, not a minus sign.
    return None if found and found["sign"] and text.strip()[0] not in "-－−" else found


def _notes(found: re.Match[str]) -> tuple[str, ...]:
    return ("NUMBER_UNIT_DROPPED",) if found["unit"] or found["prefix"] else ()


def _why_not(text: str) -> str:
    plain = _plain(text)
    if _ABOUT.search(plain):
        return "NUMBER_ABOUT"
    if _RANGE.search(plain):
        return "NUMBER_RANGE"
    if _OTHER_UNIT.fullmatch(plain):
        return "NUMBER_UNIT"
    return "NUMBER_DECIMAL" if _FRACTIONAL.fullmatch(plain) else "NUMBER_UNREADABLE"
