"""What a person wrote in a box → what JSON would hold, with the original beside it.

Pure functions, one module per kind of box. A box with a fixed meaning (date, time, number, check, choice, telephone …)
is read or refused with a code, never guessed; names, addresses and free text stay as they are, code point for code
point. `SENTENCES` says every code in Japanese.

The kind of a box is the schema's `x-kind` (one of `KINDS`), else what its type, format, enum or pattern says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pipeline.fields import Field
from pipeline.normalise.contacts import read_phone, read_postal
from pipeline.normalise.dates import read_date, read_month
from pipeline.normalise.grades import grade_reader
from pipeline.normalise.marks import read_mark
from pipeline.normalise.numbers import read_integer, read_minutes, read_number
from pipeline.normalise.reading import NOTHING, Reader, Reading, is_blank, is_dash, is_ditto, refuse
from pipeline.normalise.sentences import NOTES, PROBLEMS, SENTENCES
from pipeline.normalise.times import read_time, read_time_range, split_range
from pipeline.normalise.words import (
    CENTRE_NAME,
    centre_reader,
    choice_reader,
    relation_reader,
    weekday_reader,
)
from pipeline.rules.wareki import WEEKDAYS

__all__ = [
    "KINDS",
    "NOTES",
    "PROBLEMS",
    "SENTENCES",
    "Normalised",
    "is_blank",
    "kind_of",
    "normalise",
    "split_range",
]


@dataclass(frozen=True, slots=True)
class Normalised:
    """The value JSON would hold (None: nothing entered, or a problem), the text as written, and codes of `SENTENCES`."""

    value: Any | None
    raw: str
    notes: tuple[str, ...] = ()
    problem: str | None = None

    @property
    def problems(self) -> tuple[str, ...]:
        """The problem as the list of none or one that a reader of forms collects."""
        return () if self.problem is None else (self.problem,)


Options = tuple[str, ...]

# Kind → how to make its reader, and the code of a text too long to be read as such.
_READERS: Final[Mapping[str, tuple[Callable[[Options], Reader], str]]] = {
    "date": (lambda _: read_date, "DATE_UNREADABLE"),
    "month": (lambda _: read_month, "MONTH_UNREADABLE"),
    "time": (lambda _: read_time, "TIME_UNREADABLE"),
    "time_range": (lambda _: read_time_range, "TIME_RANGE_UNREADABLE"),
    "integer": (lambda _: read_integer, "NUMBER_UNREADABLE"),
    "number": (lambda _: read_number, "NUMBER_UNREADABLE"),
    "minutes": (lambda _: read_minutes, "MINUTES_UNREADABLE"),
    "mark": (lambda _: read_mark, "MARK_UNREADABLE"),
    "phone": (lambda _: read_phone, "PHONE_UNREADABLE"),
    "postal": (lambda _: read_postal, "POSTAL_UNREADABLE"),
    "grade": (grade_reader, "GRADE_UNREADABLE"),
    "centre": (centre_reader, "CENTRE_UNKNOWN"),
    "relation": (relation_reader, "CHOICE_UNKNOWN"),
    "weekday": (weekday_reader, "CHOICE_UNKNOWN"),
    "choice": (choice_reader, "CHOICE_UNKNOWN"),
}
KINDS: Final = (*_READERS, "text")
_CHOICES: Final = ("centre", "relation", "weekday", "choice")  # meaningless without options
_LONGEST: Final = 120  # characters; no date, number or choice is longer, and every reader is quick on so few
_BY_TYPE: Final = {"boolean": "mark", "integer": "integer", "number": "number"}
_SAMPLES: Final = (("phone", ("0246-27-8563", "090-1234-5678")), ("postal", ("970-8686", "100-0001")))


def normalise(field: Field, text: str) -> Normalised:
    """Read the text of one box as its field wants it. Total: any text gives a value, nothing, or one problem.

    A blank box is None (a check mark: false). A box that is *missing* must not be given to this function as "".
    Raises ValueError where the field is a group or a list.
    """
    read = _reader_of(field)
    reading = read(text)
    return Normalised(reading.value, text, reading.notes, reading.problem)


@lru_cache(maxsize=4096)
def kind_of(field: Field) -> str:
    """The kind of a box, one of `KINDS`."""
    if field.kind in ("object", "array"):
        raise ValueError(f"{field.path} is no single box")
    schema = field.schema
    options = _options(field)
    named = schema.get("x-kind")
    if named in KINDS and (options or named not in _CHOICES):
        return str(named)
    if field.kind in _BY_TYPE:
        return _BY_TYPE[field.kind]
    if schema.get("format") in ("date", "time", "month"):
        return str(schema["format"])
    if options:
        return _kind_of_choice(options)
    return "text" if field.is_name else _kind_of_pattern(str(schema.get("pattern", "")))


def _kind_of_choice(options: Options) -> str:
    if set(options) <= set(WEEKDAYS):
        return "weekday"
    if all(option.endswith(CENTRE_NAME) for option in options):
        return "centre"
    return "relation" if {"父", "母"} <= set(options) else "choice"


def _kind_of_pattern(pattern: str) -> str:
    """Telephone numbers and postal codes by what their pattern lets through, wherever the schema has it from."""
    if not pattern:
        return "text"
    able = [kind for kind, samples in _SAMPLES if all(_wants_digits(pattern, sample) for sample in samples)]
    return able[0] if len(able) == 1 else "text"


def _wants_digits(pattern: str, sample: str) -> bool:
    return bool(re.search(pattern, sample)) and not re.search(pattern, re.sub("[0-9]", "字", sample))


def _options(field: Field) -> Options:
    """The words of a choice; an enumeration of numbers is read as numbers."""
    return tuple(option for option in field.schema.get("enum", ()) if isinstance(option, str))


@lru_cache(maxsize=4096)
def _reader_of(field: Field) -> Reader:
    kind = kind_of(field)
    if kind == "text":
        return _read_text
    options = _options(field)
    make, too_long = _READERS[kind]
    read_kind = make(options)
    nothing = Reading(False) if kind == "mark" else NOTHING

    def read(text: str) -> Reading:
        if text in options:
            return Reading(text)
        if is_blank(text):
            return nothing
        if len(text) > _LONGEST:
            return refuse(too_long)
        if kind != "mark" and is_dash(text):  # in a check box a stroke may be a tick
            return Reading(notes=("NOT_ENTERED",))
        return refuse("DITTO") if is_ditto(text) else read_kind(text)

    return read


def _read_text(text: str) -> Reading:
    """The words of a person, untouched. Only the line ends of Windows become one sign, as in JSON (reliability U36)."""
    if is_blank(text):
        return NOTHING
    plain = text.replace("\r\n", "\n")
    return Reading(plain, ("CRLF",) if plain != text else ())
