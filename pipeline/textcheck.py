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

# Blocks whose every character is printed as itself; anything else is looked at one by one. Not in it, though their
# neighbours are: combining marks (U+3099), blanks that look like letters (U+3164), line separators, unassigned points.
_PLAIN = re.compile(
    r"[\u0020-\u007e\u00a1-\u00ac\u00ae-\u0240\u2010-\u2026\u2030-\u205e\u2190-\u23ff\u2460-\u27ff"
    r"\u3000-\u303f\u3041-\u3096\u309d-\u30ff\u3220-\u33ff\u4e00-\u9fff\uff01-\uff9f]*"
)
_BIDI = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LOOKS_BLANK = frozenset(
    "\u3164\uffa0\u2800\u115f\u1160"
)  # Hangul fillers, braille blank: letters nobody can see
_JOINER = "\u200d"  # holds the members of an emoji family together
_MAX_COMBINING = 8  # more marks than any script needs on one base: a "Zalgo" attack on the layout
_TWELVE_DIGITS = re.compile(
    r"(?<![0-9０-９])[0-9０-９]{4}[ 　-]?[0-9０-９]{4}[ 　-]?[0-9０-９]{4}(?![0-9０-９])"
)


def check_text(root: Field, values: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Return a problem for every string that holds something no paper may carry."""
    found: list[Problem] = []
    for steps, text in strings_in(values):
        if _PLAIN.fullmatch(text) and not _TWELVE_DIGITS.search(text):
            continue  # nearly every text
        field, title = find_field(root, steps)
        if field is None:
            continue  # the schema has already reported the unknown member
        for code in _faults(text, field):
            found.append(wording.text_problem(code, to_pointer(steps), title))
    return tuple(found)


def _faults(text: str, field: Field) -> Iterator[str]:
    if field.is_free_text and _holds_my_number(text):
        yield "MY_NUMBER"
    if _PLAIN.fullmatch(text):
        return
    neighbours = set(zip(text, text[1:] + " ", strict=False))  # a long text has few different ones
    yield from sorted({code for char, after in neighbours if (code := _fault_of(char, after, field))})
    if _too_many_marks(text):
        yield "TEXT_COMBINING"


def _fault_of(char: str, after: str, field: Field) -> str | None:
    point = ord(char)
    if char == "\n":
        return None if field.schema.get("x-multiline") else "TEXT_NEWLINE"
    if 0xD800 <= point <= 0xDFFF:
        return "TEXT_SURROGATE"
    if char in _BIDI:
        return "TEXT_BIDI"
    if point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF:
        return "TEXT_NONCHARACTER"
    if char == "\ufffd":
        return "TEXT_MOJIBAKE"
    if char in _LOOKS_BLANK:
        return "TEXT_INVISIBLE"
    if char == _JOINER and unicodedata.category(after) == "So":
        return None
    return _BY_CATEGORY.get(unicodedata.category(char))


_BY_CATEGORY = {
    "Cc": "TEXT_CONTROL",
    "Cf": "TEXT_INVISIBLE",
    "Cn": "TEXT_UNASSIGNED",
    "Co": "TEXT_PRIVATE",
    "Zl": "TEXT_NEWLINE",
    "Zp": "TEXT_NEWLINE",
}


def _too_many_marks(text: str) -> bool:
    marks = {char for char in set(text) if _is_mark(char)}
    run = 0
    for char in text if marks else "":
        run = run + 1 if char in marks else 0
        if run > _MAX_COMBINING:
            return True
    return False


def _is_mark(char: str) -> bool:
    """A mark that is set over a letter; a choice between two shapes of one (IVS) is none."""
    return unicodedata.category(char) in ("Mn", "Me") and not 0xE0100 <= ord(char) <= 0xE01EF


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
