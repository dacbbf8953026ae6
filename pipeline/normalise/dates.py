"""Dates and months as people write them → strict ISO. Never guessed: what leaves a choice is refused with its own code.

Rules: domain.md §6.3 (eras), §8 (what is met), product.md §2b "Reading": 平成31年5月1日 onward becomes 令和 with a note,
eight digits are accepted, six digits, a missing year and 上旬 are refused. No era is continued but 平成, whose printed
forms outlived it.
"""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import Final

from pipeline.normalise.numbers import kanji_to_digits
from pipeline.normalise.reading import Reading, refuse, squeeze
from pipeline.rules.periods import previous_day
from pipeline.rules.wareki import ERAS, WEEKDAYS, weekday

# What `validate` takes: 明治元年 … the last year the era rules are proven for
YEARS: Final = range(1868, 2101)

_BEGINS: Final = dict(ERAS)
_SHARE_THEIR_LAST_DAY: Final = ("明治", "大正")
# The last day a paper may give to an era: the eve of the next one. 明治 and 大正 share that day itself (domain.md §6.3):
# who was born on it is entered as 大正15年12月25日 as well as 昭和元年12月25日.
_ENDS: Final = {
    era: next_begins if era in _SHARE_THEIR_LAST_DAY else previous_day(next_begins)
    for (_, next_begins), (era, _) in pairwise(ERAS)
}
_ERA_NAMES: Final = {
    **{era: era for era, _ in ERAS},
    **{era[0]: era for era, _ in ERAS},
    **{"R": "令和", "H": "平成", "S": "昭和", "T": "大正", "M": "明治"},
}
_ERA: Final = "|".join((*_BEGINS, f"[{''.join(name for name in _ERA_NAMES if len(name) == 1)}]"))
_SEP: Final = "[-./・。]"
_YEAR: Final = rf"(?:(?P<era>{_ERA})\.?(?P<number>元|[0-9]{{1,2}})|(?:西暦)?(?P<western>[0-9]{{4}}))"
_DATE: Final = re.compile(
    rf"{_YEAR}(?:年|{_SEP})(?P<month>[0-9]{{1,2}})(?:月(?P<day>[0-9]{{1,2}})日|{_SEP}(?P<bare_day>[0-9]{{1,2}})日?)"
    r"(?:生まれ|生)?"
)
_MONTH: Final = re.compile(rf"{_YEAR}(?:年(?P<month>[0-9]{{1,2}})月|{_SEP}(?P<bare_month>[0-9]{{1,2}}))分?")
_YEAR_ONLY: Final = re.compile(rf"{_YEAR}年?")
_GLOSS: Final = re.compile(r"(?<=[0-9年元])\(([^()]{2,8})\)(?=[0-9年])")  # 令和5年(2023年)6月1日
_WEEKDAY: Final = re.compile(
    rf"\(([{WEEKDAYS}])(?:曜日?)?(?:[・、,](?:祝日?|休日?))?\)$|([{WEEKDAYS}])曜日?$"
)
_EIGHT_DIGITS: Final = re.compile("([0-9]{4})([0-9]{2})([0-9]{2})")
_SERIAL: Final = re.compile("[0-9]{5}")
# True from 1900-03-01 on: Excel believes in 29 February 1900
_SERIAL_DAY_0: Final = date(1899, 12, 30).toordinal()
_SERIAL_DATES: Final = range(date(1950, 1, 1).toordinal(), date(2050, 1, 1).toordinal())

# 令和　　年　　月　　日 left as printed
_STOCK: Final = re.compile(rf"(?:{_ERA}|西暦)?年月日(?:\(曜?日?\))?")
_ROUND_ZERO: Final = str.maketrans("○◯", "〇〇")  # typed for 〇 in 二○二三年

# Why a text is no date, the surest reason first.
_REASONS: Final = tuple(
    (re.compile(pattern), code)
    for pattern, code in (
        ("~|から|まで|以降|以前|以後|(?:[日)]|[-./][0-9]{1,2})[、,と・].*[0-9]", "DATE_RANGE"),
        (rf"(?:{_ERA})[0-9元].*[^0-9](?:{_ERA})[0-9元]|[0-9]{{4}}[^0-9].*[0-9]{{4}}[^0-9]", "DATE_RANGE"),
        (r"未|不明|分からない|わからない|なし|無し|\?", "DATE_UNKNOWN"),
        ("[上中下初]旬|初め|末|頃|ころ|ごろ|予定|見込|約|前後|[春夏秋冬]", "DATE_VAGUE"),
        ("^[0-9]{6}$", "DATE_SIX_DIGITS"),
        ("^[0-9]+$", "DATE_DIGITS"),
        (rf"^[0-9]{{1,3}}(?:年|{_SEP})[0-9]{{1,2}}(?:月|{_SEP})[0-9]{{1,4}}日?", "DATE_NO_ERA"),
        (rf"^[0-9]{{1,2}}(?:月(?:[0-9]{{1,2}}日?)?|{_SEP}[0-9]{{1,2}}日?)$", "DATE_NO_YEAR"),
        (rf"^{_YEAR}(?:(?:年|{_SEP})(?:[0-9]{{1,2}}月?)?)?$", "DATE_NO_DAY"),
    )
)

_NO_MONTH: Final = tuple(
    (re.compile(pattern), code)
    for pattern, code in (
        (rf"^{_YEAR}(?:年|{_SEP})[0-9]{{1,2}}(?:月|{_SEP})[0-9]{{1,2}}日?", "MONTH_DAY"),
        (rf"^[0-9]{{1,3}}(?:年|{_SEP})[0-9]{{1,2}}月?分?$", "MONTH_NO_ERA"),
        ("^[0-9]{1,2}月分?$", "MONTH_NO_YEAR"),
    )
)


def read_month(text: str) -> Reading:
    """Read one month of a year; the value is `YYYY-MM`. A month an era changes in may be given to either era."""
    plain = kanji_to_digits(squeeze(text).translate(_ROUND_ZERO), in_a_row=True)
    found = _MONTH.fullmatch(plain)
    if found is None:
        return refuse(
            next((code for pattern, code in _NO_MONTH if pattern.search(plain)), "MONTH_UNREADABLE")
        )
    number = int(found["month"] or found["bare_month"])
    year = _western_year(found["era"], found["number"] or found["western"])
    if year not in YEARS:
        return refuse("DATE_YEAR")
    return _month(year, number, found["era"]) if 1 <= number <= 12 else refuse("MONTH_UNREADABLE")


def _month(year: int, number: int, era_word: str | None) -> Reading:
    value = f"{year}-{number:02}"
    if era_word is None:
        return Reading(value)
    era, first = _ERA_NAMES[era_word], date(year, number, 1)
    if first < _BEGINS[era].replace(day=1):
        return refuse("DATE_ERA")
    if first <= _ENDS.get(era, date.max):
        return Reading(value)
    return Reading(value, ("DATE_REIWA",)) if era == "平成" else refuse("DATE_ERA")


def read_date(text: str) -> Reading:
    """Read one day; the value is `YYYY-MM-DD`."""
    plain = kanji_to_digits(squeeze(text).translate(_ROUND_ZERO), in_a_row=True)
    if plain.isdecimal():
        return _read_digits(plain, spaced=len(text.strip()) != len(plain))
    if _STOCK.fullmatch(plain):
        return Reading(notes=("NOT_ENTERED",))
    written, named_weekday = _take_weekday(plain)
    written, said_again = _take_gloss(written)
    found = _DATE.fullmatch(written)
    if found is None:
        return refuse(_why_not(written))
    reading = _day(
        found["era"], found["number"] or found["western"], found["month"], found["day"] or found["bare_day"]
    )
    if reading.value is None:
        return reading
    if said_again not in (None, int(reading.value[:4])):
        return refuse("DATE_DISAGREE")
    if named_weekday not in (None, weekday(date.fromisoformat(reading.value))):
        return refuse("DATE_WEEKDAY")
    return reading


def _take_weekday(text: str) -> tuple[str, str | None]:
    found = _WEEKDAY.search(text)
    return (text[: found.start()], found[1] or found[2]) if found else (text, None)


def _take_gloss(text: str) -> tuple[str, int | None]:
    """Split off a year said twice: 令和5年(2023年)6月1日, 2023(令和5)年6月1日."""
    found = _GLOSS.search(text)
    year = _YEAR_ONLY.fullmatch(found[1]) if found else None
    if found is None or year is None:
        return text, None
    rest = text[: found.start()] + text[found.end() :]
    return rest, _western_year(year["era"], year["number"] or year["western"])


def _western_year(era: str | None, year: str) -> int:
    return _BEGINS[_ERA_NAMES[era]].year + _ordinal(year) - 1 if era else int(year)


def _ordinal(number: str) -> int:
    return 1 if number == "元" else int(number)


def _day(era_word: str | None, year: str, month: str, day: str) -> Reading:
    try:
        found = date(_western_year(era_word, year), int(month), int(day))
    except ValueError:
        return refuse("DATE_IMPOSSIBLE")
    if found.year not in YEARS:
        return refuse("DATE_YEAR")
    return _within_era(found, _ERA_NAMES[era_word]) if era_word else Reading(found.isoformat())


def _within_era(day: date, era: str) -> Reading:
    if day < _BEGINS[era]:
        return refuse("DATE_ERA")
    if day <= _ENDS.get(era, date.max):
        return Reading(day.isoformat())
    return Reading(day.isoformat(), ("DATE_REIWA",)) if era == "平成" else refuse("DATE_ERA")


def _read_digits(digits: str, spaced: bool) -> Reading:
    if spaced:  # 2023 6 1: the spaces meant something, and no one can say what
        return refuse("DATE_DIGITS")
    if eight := _EIGHT_DIGITS.fullmatch(digits):
        reading = _day(None, *eight.groups())
        return Reading(reading.value, ("DATE_EIGHT_DIGITS",)) if reading.value else reading
    if _SERIAL.fullmatch(digits) and not _is_era_digits(digits):
        ordinal = _SERIAL_DAY_0 + int(digits)
        if ordinal in _SERIAL_DATES:
            return Reading(date.fromordinal(ordinal).isoformat(), ("DATE_SERIAL",))
    return refuse(_why_not(digits))


def _is_era_digits(digits: str) -> bool:
    """Whether five digits may as well mean 5.06.01: then they are no serial number either."""
    return 1 <= int(digits[1:3]) <= 12 and 1 <= int(digits[3:]) <= 31


def _why_not(text: str) -> str:
    return next((code for pattern, code in _REASONS if pattern.search(text)), "DATE_UNREADABLE")
