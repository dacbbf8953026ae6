"""Open and closed days of the city hall (閉庁日; domain.md §6.8, F34). The only importer of jpholiday.

jpholiday calculates holidays for any year, but the days of the two equinoxes become law only when the 暦要項 of the
February before is published. `holidays_known_until` says how far the calendar is official, so that a rule can warn
beyond it instead of trusting a forecast.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import lru_cache
from typing import Final

import jpholiday

from pipeline.rules.periods import next_day

SATURDAY: Final = 5
# The 暦要項 of February 2026 settled the year 2027. A later year is confirmed in office/holiday.toml, not here.
_OFFICIAL_UNTIL: Final = date(2027, 12, 31)
_YEAR_END: Final = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})


def closed_reason(day: date, extra_closed: Collection[date] = ()) -> str | None:
    """Why the city hall is closed on a day, in Japanese, or None when it is open.

    Saturdays and Sundays, national holidays with 振替休日 and 国民の休日, 29 December to 3 January, and the days the
    office's own data adds.
    """
    return _general_reason(day) or ("市が定める閉庁日" if day in extra_closed else None)


def is_closed_day(day: date, extra_closed: Collection[date] = ()) -> bool:
    """Whether the city hall is closed on a day."""
    return closed_reason(day, extra_closed) is not None


def next_open_day(day: date, extra_closed: Collection[date] = ()) -> date:
    """The day itself if open, else the next open one: a filing deadline moves (地方自治法4条の2第4項, 民法142条)."""
    while is_closed_day(day, extra_closed) and day < date.max:
        day = next_day(day)
    return day


def holidays_known_until(confirmed: date = _OFFICIAL_UNTIL) -> date:
    """The last day up to which holidays are official; `confirmed` is the `known_until` of office/holiday.toml."""
    return max(confirmed, _OFFICIAL_UNTIL)


@lru_cache(maxsize=4096)
def _general_reason(day: date) -> str | None:
    if day.weekday() >= SATURDAY:
        return "土曜日" if day.weekday() == SATURDAY else "日曜日"
    if (day.month, day.day) in _YEAR_END:
        return "年末年始の休日"
    return "祝日" if jpholiday.is_holiday(day) else None
