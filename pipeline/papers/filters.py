"""The filters of a Word template: pure functions over what a form carries (docs/architecture.md, Filters).

An optional value that is absent arrives as None and prints as nothing, except where a paper keeps a blank to be
filled by hand. Values of a wrong kind raise TypeError or ValueError; the template then names the place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from math import inf
from typing import Any, Final
from unicodedata import east_asian_width

from pipeline.rules import wareki

BLANK_DATE: Final = "令和　　年　　月　　日"
BLANK_NUMBER: Final = "　　第　　号"
DATE_FILTERS: Final = frozenset(
    {"wareki", "wareki_blank", "wareki_weekday", "wareki_month", "month_day", "weekday", "nendo", "span"}
)
# The members of a group that a filter reads by itself, so that the contract between paper and template stays exact.
READS: Final[Mapping[str, tuple[str, ...]]] = {"addressee": ("head_title", "head_name")}
# 項目番号 of the third level (domain.md F37: 第１ → １ → (1) → ア).
_KANA: Final = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"

Day = str | date | None


@lru_cache(maxsize=4096)
def as_day(value: str | date) -> date:
    """A day from ISO text or a date."""
    return value if isinstance(value, date) else wareki.parse_iso(value)


@lru_cache(maxsize=4096)
def to_wareki(value: Day) -> str:
    """令和５年６月１日; nothing for None."""
    return "" if value is None else wareki.to_wareki(as_day(value))


def to_wareki_blank(value: Day) -> str:
    """令和５年６月１日; a blank to be filled by hand for None."""
    return BLANK_DATE if value is None else to_wareki(value)


@lru_cache(maxsize=4096)
def to_wareki_weekday(value: Day) -> str:
    """令和５年６月１日（木）."""
    return "" if value is None else wareki.to_wareki_weekday(as_day(value))


def to_wareki_month(value: str | None) -> str:
    """2023-06 → 令和５年６月."""
    return "" if value is None else wareki.month_name(wareki.parse_month(value))


def month_day(value: Day) -> str:
    """６月１日（木）, where the year is told elsewhere."""
    return "" if value is None else wareki.month_day(as_day(value))


def weekday(value: Day) -> str:
    """木."""
    return "" if value is None else wareki.weekday(as_day(value))


def fiscal_year(value: Day) -> str:
    """令和５年度."""
    return "" if value is None else wareki.fiscal_year_name(as_day(value))


@lru_cache(maxsize=4096)
def span(start: Day, end: Day) -> str:
    """令和５年６月１日から同年11月30日まで; a missing end leaves its half out."""
    if start is not None and end is not None:
        return wareki.span(as_day(start), as_day(end))
    return (f"{to_wareki(start)}から" if start is not None else "") + (
        f"{to_wareki(end)}まで" if end is not None else ""
    )


@lru_cache(maxsize=4096)
def clock(value: str | None) -> str:
    """13:30 → 午後１時30分."""
    return "" if value is None else wareki.clock(value)


def digits(value: int | None) -> str:
    """One digit full width, more half width: ５, 11."""
    return "" if value is None else wareki.digits(_whole(value))


def money(value: int | None) -> str:
    """7,871."""
    return "" if value is None else f"{_whole(value):,}"


def doc_number(value: str | None) -> str:
    """The 文書番号 as given; a blank to be filled by hand for None."""
    return BLANK_NUMBER if value is None else str(value)


def addressee(record: Mapping[str, Any] | None, room: float = inf, before: str = "") -> str:
    """会長　○○　○○　様; 御中 where the office names no officer (one honorific, never both: domain.md §6.4).

    The name of the organisation stands before it in the template; on the same line where it is given as `before`. `room` is
    as for `honoured`.
    """
    if record is None or not record.get("head_name"):
        return "御中"
    beside = room - _width(before) - 1 if before else room
    whole = honoured(record["head_name"], record.get("head_title"))
    return whole if _width(whole) <= beside else _below(before, record, room)


def _below(before: str, record: Mapping[str, Any], room: float) -> str:
    return ("\n" if before else "") + honoured(record["head_name"], record.get("head_title"), room)


def honoured(name: str, title: str | None = None, room: float = inf) -> str:
    """会長　○○　○○　様. Where that is wider than `room` (full-width characters of a line) the name begins a line of its own.

    No setting of Word keeps two words on one line without changing the text, and LibreOffice knows no 行頭禁則 of our own:
    so a line is broken where it reads well, before 様 could stand alone on the next.
    """
    whole = "　".join(filter(None, (title, name, "様")))
    return f"{title}\n{name}　様" if title and _width(whole) > room else whole


def _width(text: str) -> float:
    return sum(1 if east_asian_width(letter) in "WFA" else 0.5 for letter in text)


def check(value: bool | None) -> str:
    """☑ when true, ☐ when false or not given."""
    return "☑" if value else "☐"


def item(number: int, level: int = 2) -> str:
    """A loop number as 項目番号: level 1 第１, 2 １, 3 (1), 4 ア (domain.md F37)."""
    whole = _whole(number)
    if level == 4:
        return _KANA[whole - 1]
    return {1: "第" + wareki.digits(whole), 2: wareki.digits(whole), 3: f"({whole})"}[level]


def _whole(value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("not a whole number")
    return value


FILTERS: Final[Mapping[str, Callable[..., str]]] = {
    "wareki": to_wareki,
    "wareki_blank": to_wareki_blank,
    "wareki_weekday": to_wareki_weekday,
    "wareki_month": to_wareki_month,
    "month_day": month_day,
    "weekday": weekday,
    "nendo": fiscal_year,
    "span": span,
    "clock": clock,
    "digits": digits,
    "money": money,
    "doc_number": doc_number,
    "addressee": addressee,
    "honoured": honoured,
    "check": check,
    "item": item,
}
