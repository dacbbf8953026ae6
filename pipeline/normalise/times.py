"""Times of day → `HH:MM`, and two times in one box. Never guessed (domain.md §8 "times").

Without 午前・午後 a time is read by the 24-hour clock. Two readings are refused because people mean the other half of the
day by them: 午後12時 (midnight by the law of 明治5年, noon on a clock radio) and a bare 1時 to 6時, written 1:30 for a visit
in the afternoon; 01:30 says that the night is meant.
"""

from __future__ import annotations

import re
from typing import Final

from pipeline.normalise.numbers import kanji_to_digits
from pipeline.normalise.reading import Reading, fold, refuse, squeeze, without_spaces

_HALVES: Final = {"午前": 0, "AM": 0, "A.M.": 0, "午後": 12, "PM": 12, "P.M.": 12}
_HALF: Final = r"午前|午後|[AP]M|[AP]\.M\."
_TIME: Final = re.compile(
    rf"(?P<before>{_HALF})?(?P<hour>[0-9]{{1,2}})"
    r"(?::(?P<minute>[0-9]{2})(?::00)?|時(?:(?P<minutes>[0-9]{1,2})分?|(?P<past>半))?)"
    rf"(?P<after>{_HALF})?"
)
_BARE_HOURS: Final = frozenset("123456")
_NOON: Final = re.compile("(?:お昼の?)?正午")
_VAGUE: Final = re.compile(
    "頃|ころ|ごろ|過ぎ|すぎ|以降|以後|以前|夕方|夜|朝|昼|未定|不明|随時|いつでも|^(?:午前|午後)中?$"
)
_HOUR_ALONE: Final = re.compile(rf"(?:{_HALF})?[0-9]{{1,2}}")
_WAVE: Final = re.compile("~|から")
_UNTIL: Final = re.compile("まで$")
_RANGE: Final = re.compile("~|[0-9].*(?:から|-).*[0-9]")
_CARRIES: Final = re.compile("(?:[1-9]|1[01])(?![0-9])[^AP]*$")  # an hour that 午後 can still be said of


def read_time(text: str) -> Reading:
    """Read one time of day; the value is `HH:MM`, 00:00 to 23:59."""
    plain = kanji_to_digits(squeeze(text), in_a_row=False)
    if _NOON.fullmatch(plain):
        return Reading("12:00")
    found = _TIME.fullmatch(plain)
    if found is None:
        return refuse(_why_not(plain))
    if found["before"] and found["after"]:
        return refuse("TIME_HALF")
    minute = 30 if found["past"] else int(found["minute"] or found["minutes"] or 0)
    return _time(found["hour"], minute, found["before"] or found["after"])


def _time(written: str, minute: int, half: str | None) -> Reading:
    hour = int(written)
    if minute > 59 or hour > 23:
        return refuse("TIME_IMPOSSIBLE")
    if half is None:
        return refuse("TIME_HALF_MISSING") if written in _BARE_HOURS else Reading(f"{hour:02}:{minute:02}")
    if hour >= 12:
        return refuse("TIME_TWELVE" if hour == 12 else "TIME_HALF")
    return Reading(f"{hour + _HALVES[half]:02}:{minute:02}")


def _why_not(text: str) -> str:
    if _RANGE.search(text):
        return "TIME_RANGE"
    return "TIME_VAGUE" if _VAGUE.search(text) else "TIME_UNREADABLE"


def split_range(text: str) -> tuple[str, str] | None:
    """Split 「15:00～17:00」 into the texts of its start and its end, each to be read on its own; None if it is no range.

    A wave dash, から or a single hyphen divides. 午後 said once before the start counts for the end as well.
    """
    folded = fold(text)
    parts = _WAVE.split(folded)
    if len(parts) == 1:
        parts = folded.split("-")
    ends = [_UNTIL.sub("", without_spaces(part)) for part in parts]
    if len(ends) != 2 or not all(ends):
        return None
    start, end = ends
    if _HOUR_ALONE.fullmatch(start) and "時" in end:
        start += "時"  # 10～12時
    carried = start.startswith(("午後", "PM")) and _CARRIES.match(kanji_to_digits(end, in_a_row=False))
    return start, f"午後{end}" if carried else end


def read_time_range(text: str) -> Reading:
    """Read a range of times within one day; the value is `HH:MM～HH:MM`."""
    ends = split_range(text)
    if ends is None:
        return refuse("TIME_RANGE_UNREADABLE")
    start, end = read_time(ends[0]), read_time(ends[1])
    if problem := start.problem or end.problem:
        return refuse(problem)
    return Reading(f"{start.value}～{end.value}") if start.value < end.value else refuse("TIME_ORDER")
