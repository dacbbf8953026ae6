"""Periods and ages by civil law (domain.md §6.8). Everything is total: past the year 9999 the answer stays `date.max`."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection
from datetime import date
from math import ceil

from pipeline.rules.wareki import WEEKDAYS


def next_day(day: date) -> date:
    """The day after: where an extension begins, and where 「○日以内」 begins to count (民法140条)."""
    return date.fromordinal(day.toordinal() + 1) if day < date.max else day


def previous_day(day: date) -> date:
    """The day before."""
    return date.fromordinal(day.toordinal() - 1) if day > date.min else day


def months_end(start: date, months: int) -> date:
    """The last day of a period of whole months whose first day counts.

    民法143条: the day before the corresponding day (応当日の前日), or the month's end where there is no such day:
    from 30 or 31 August and from 1 September alike, six months end on the last of February. The end of a service
    period does not move because it is a Sunday.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    last = monthrange(year, month + 1)[1]
    if start.day > last:
        return date(year, month + 1, last)
    return previous_day(date(year, month + 1, start.day))


def week_of(day: date, starts_on: str) -> tuple[date, date]:
    """The first and last day of the week a day lies in; `starts_on` (one of 月火水木金土日) is the office's setting."""
    first = max(1, day.toordinal() - (day.weekday() - WEEKDAYS.index(starts_on)) % 7)
    return date.fromordinal(first), date.fromordinal(min(first + 6, date.max.toordinal()))


def month_of(day: date) -> tuple[date, date]:
    """The first and last day of the calendar month a day lies in."""
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def year_before(day: date) -> date:
    """The same day a year before (前年同日); of a month's last day the last day of that month (２月末日 included)."""
    if day.year == date.min.year:
        return date.min
    first, last = month_of(date(day.year - 1, day.month, 1))
    return last if day == month_of(day)[1] else first.replace(day=day.day)


def age_on(birth: date, day: date) -> int:
    """Age by 年齢計算ニ関スル法律: a year of age is complete at the end of the day before the birthday.

    So who is born on 1 April is 18 on 31 March already. Before birth the age is negative.
    """
    tomorrow = next_day(day)
    return tomorrow.year - birth.year - ((tomorrow.month, tomorrow.day) < (birth.month, birth.day))


def days_in(start: date, end: date) -> int:
    """Days of a period, both ends included; 0 when it ends before it starts."""
    return max(0, end.toordinal() - start.toordinal() + 1)


def weekday_count(start: date, end: date, weekday: str) -> int:
    """How often a weekday (one of 月火水木金土日) falls into a period, both ends included."""
    wait = (WEEKDAYS.index(weekday) - start.weekday()) % 7
    return ceil(max(0, days_in(start, end) - wait) / 7)


def planned_visits(start: date, end: date, weekdays: Collection[str], per_week: int) -> int:
    """How many visits a plan foresees (予定回数).

    Every scheduled weekday of the period counts once, yet never more than `per_week` for each week begun. Without a
    weekday (別途調整) the weekly number decides alone. Holidays are not taken off: the plan says nothing about them.
    """
    most = ceil(days_in(start, end) / 7) * per_week
    if not weekdays:
        return most
    return min(most, sum(weekday_count(start, end, weekday) for weekday in weekdays))
