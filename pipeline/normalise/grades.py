"""School years → 小学５年, 中学２年, 高校３年, 高等部２年, 年長: always with the stage (domain.md §8 "grades")."""

from __future__ import annotations

import re
from typing import Final

from pipeline.normalise.numbers import kanji_to_digits
from pipeline.normalise.reading import Reader, Reading, refuse, squeeze
from pipeline.rules.wareki import digits

# What may be written, what is kept, and how many years there are (高校 has a fourth year in evening courses).
_STAGES: Final = (
    ("義務教育学校|義務教育", "義務教育学校", 9),
    ("中等教育学校|中等教育|中等", "中等教育学校", 6),
    ("(?:特別支援学校|支援学校)?\\(?小学部\\)?", "小学部", 6),
    ("(?:特別支援学校|支援学校)?\\(?中学部\\)?", "中学部", 3),
    ("(?:特別支援学校|支援学校)?\\(?高等部\\)?", "高等部", 3),
    ("小学校?|小", "小学", 6),
    ("中学校?|中", "中学", 3),
    ("高等学校|高校|高", "高校", 4),
    ("大学|大", "大学", 6),
)
_STAGED: Final = tuple(
    (re.compile(rf"(?:{written})第?([0-9]{{1,2}})(?:学?年生?)?"), kept, years)
    for written, kept, years in _STAGES
)
_BARE: Final = re.compile("第?[0-9]{1,2}(?:学?年生?)?")
_BEFORE_SCHOOL: Final = re.compile("(年長|年中|年少)(?:組|児|さん|クラス)?|(未就学|未就園)児?")


def grade_reader(options: tuple[str, ...]) -> Reader:
    """A reader for school years, in the words of the box's options where it has any."""
    kept = {read_grade(option).value: option for option in options}

    def read(text: str) -> Reading:
        reading = read_grade(text)
        if not options or reading.problem:
            return reading
        return (
            Reading(kept[reading.value], reading.notes) if reading.value in kept else refuse("CHOICE_UNKNOWN")
        )

    return read


def read_grade(text: str) -> Reading:
    """Read a school year; a year without its stage (５年生) is refused."""
    plain = kanji_to_digits(squeeze(text), in_a_row=False)
    if _BARE.fullmatch(plain):
        return refuse("GRADE_STAGE")
    if young := _BEFORE_SCHOOL.fullmatch(plain):
        return _grade(young[1] or young[2], text)
    for pattern, stage, years in _STAGED:
        if found := pattern.fullmatch(plain):
            year = int(found[1])
            return _grade(f"{stage}{digits(year)}年", text) if 1 <= year <= years else refuse("GRADE_RANGE")
    return refuse("GRADE_UNREADABLE")


def _grade(value: str, text: str) -> Reading:
    return Reading(value, () if value == text.strip() else ("GRADE_READ",))
