"""Characters a paper must not carry: pure checks over every string of a submission (reliability U01–U38).

Names and free text are never normalised here or anywhere; what cannot be printed exactly is returned to its sender.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline import wording
from pipeline.fields import Field, find_field, strings_in, to_pointer
from pipeline.model import Problem

_SUSPECT = re.compile(
    r"[^\u0020-\u007e\u00a1-\u00ac\u00ae-\u0240\u0391-\u045f\u2010-\u2027\u2030-\u205e\u2070-\u2bff"
    r"\u3000-\u9fff\uff01-\uffef]"
)
_BIDI = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = frozenset("\ufeff\u200b\u2060\u00ad\u180e")
_MAX_COMBINING = 8  # more marks than any script needs on one base: a "Zalgo" attack on the layout
_TWELVE_DIGITS = re.compile(
    r"(?<![0-9０-９])[0-9０-９]{4}[ 　-]?[0-9０-９]{4}[ 　-]?[0-9０-９]{4}(?![0-9０-９])"
)


def check_text(root: Field, values: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Return a problem for every string that holds something no paper may carry."""
    found: list[Problem] = []
    for steps, text in strings_in(values):
        field, title = find_field(root, steps)
        if field is None:
            continue  # the schema has already reported the unknown member
        for code in _faults(text, field):
            found.append(wording.text_problem(code, to_pointer(steps), title))
    return tuple(found)


def _faults(text: str, field: Field) -> Iterator[str]:
    if field.required and text and not text.strip():
        yield "BLANK"
    if field.is_free_text and _holds_my_number(text):
        yield "MY_NUMBER"
    suspects = set(_SUSPECT.findall(text))
    if not suspects:
        return
    yield from sorted({code for char in suspects if (code := _fault_of(char, field))})
    if _too_many_marks(text):
        yield "TEXT_COMBINING"


def _fault_of(char: str, field: Field) -> str | None:
    point = ord(char)
    if char == "\n":
        return None if field.schema.get("x-multiline") else "TEXT_NEWLINE"
    if 0xD800 <= point <= 0xDFFF:
        return "TEXT_SURROGATE"
    if point < 0x20 or 0x7F <= point <= 0x9F:
        return "TEXT_CONTROL"
    if point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF:
        return "TEXT_NONCHARACTER"
    if char in _BIDI:
        return "TEXT_BIDI"
    if char in _INVISIBLE:
        return "TEXT_INVISIBLE"
    if char == "\ufffd":
        return "TEXT_MOJIBAKE"
    category = unicodedata.category(char)
    if category == "Co":
        return "TEXT_PRIVATE"
    if category == "Cn":
        return "TEXT_UNASSIGNED"
    return None


def _too_many_marks(text: str) -> bool:
    run = 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run > _MAX_COMBINING:
            return True
    return False


def _holds_my_number(text: str) -> bool:
    """Whether twelve digits with a valid 個人番号 check digit stand in the text (番号法施行令8条, 省令5条)."""
    return any(_is_my_number(match.group()) for match in _TWELVE_DIGITS.finditer(text))


def _is_my_number(text: str) -> bool:
    digits = [unicodedata.digit(char) for char in text if char.isdigit()]
    weighted = sum(
        digit * weight for digit, weight in zip(digits, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=False)
    )
    rest = weighted % 11
    return digits[11] == (0 if rest <= 1 else 11 - rest)
