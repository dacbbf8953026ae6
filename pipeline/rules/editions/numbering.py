"""Numbers of provisions as a paper prints them: 第３条, 第25条の２, １, (1), ア, 別表第１, 附　則 (domain.md §6.1, F37).

A number belongs to the text and is kept as printed. It is read only to compare, to address and to check against the
city's own style: one digit full width, two and more half width (domain.md §6.7).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from pipeline.rules.wareki import digits


class Kind(StrEnum):
    """What a number counts; the value is what a reference calls it (第３条第２項第１号)."""

    PART = "部"
    VOLUME = "編"
    CHAPTER = "章"
    SECTION = "節"
    ARTICLE = "条"
    PARAGRAPH = "項"
    ITEM = "号"
    SUBITEM = "ア"
    SUBSUBITEM = "(ア)"
    CIRCLED = "①"
    SUPPLEMENT = "附則"
    ANNEX = "別表"
    FORM = "様式"


@dataclass(frozen=True, slots=True)
class Number:
    """A number read: 第25条の２ is (ARTICLE, (25, 2)); 別表 and 附則 may stand alone, with no ordinals."""

    kind: Kind
    ordinals: tuple[int, ...] = ()


_KANA: Final = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_CIRCLED: Final = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_PARENTHESIZED: Final = "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇"
_COUNT: Final = re.compile("[0-9０-９]{1,4}")
# What a printed number looks like: `#` stands for a count, `%` for branches (の２), `@` for a mark.
_SHAPES: Final = (
    *((kind, f"第#{kind.value}%", "") for kind in Kind if kind.value in "部編章節条"),
    (Kind.SUPPLEMENT, "附　?則", ""),
    (Kind.FORM, "(?:別記)?様式(?:第#号%)?|第#号様式%", ""),
    (Kind.ANNEX, "別表(?:第#%)?", ""),
    (Kind.ITEM, r"[(（]#[)）]%", ""),
    (Kind.ITEM, "@", _PARENTHESIZED),
    (Kind.SUBITEM, "@", _KANA),
    (Kind.SUBSUBITEM, r"[(（]@[)）]", _KANA),
    (Kind.CIRCLED, "@", _CIRCLED),
    (Kind.PARAGRAPH, "#", ""),
)
_PATTERNS: Final = tuple(
    (
        kind,
        re.compile(
            shape.replace("%", f"(?:の{_COUNT.pattern})*")
            .replace("#", _COUNT.pattern)
            .replace("@", f"[{marks}]")
        ),
        marks,
    )
    for kind, shape, marks in _SHAPES
)
# Between a number and its words stands one full-width space; 別表（第３条関係） goes without.
_SPACE: Final = "　"
_CLOSE: Final = (Kind.SUPPLEMENT, Kind.ANNEX, Kind.FORM)


@lru_cache(maxsize=4096)
def read_number(text: str) -> Number | None:
    """Read a printed number, the whole of `text`; None for what is none."""
    for kind, pattern, marks in _PATTERNS:
        if pattern.fullmatch(text):
            counts = [marks.index(char) + 1 for char in text if char in marks]
            return Number(kind, tuple(counts or map(int, _COUNT.findall(text))))
    return None


def split_number(line: str) -> tuple[str, str]:
    """Cut a line into the number it begins with, as printed, and its words: 第３条　協議会は → (第３条, 協議会は).

    A line that begins with no number comes back whole: ("", line). A number without words has the words "".
    """
    head, _, words = line.partition(_SPACE)
    if read_number(head):
        return head, words
    if read_number(line):  # 附　則
        return line, ""
    for kind, pattern, _ in _PATTERNS:
        match = pattern.match(line) if kind in _CLOSE else None
        if match and line[match.end()] in f"（{_SPACE}":
            return match.group(), line[match.end() :].removeprefix(_SPACE)
    return "", line


def join_number(number: str, words: str) -> str:
    """Put a printed number before its words: the inverse of `split_number`."""
    return number + joint(number, words) + words


def joint(number: str, words: str) -> str:
    """What stands between a printed number and its words."""
    if not number or not words:
        return ""
    read = read_number(number)
    return "" if read and read.kind in _CLOSE and words.startswith("（") else _SPACE


def in_city_style(number: str) -> str:
    """The same number in the city's style: 第3条 → 第３条, （１） → (1)."""
    read = read_number(number)
    if read is not None and read.kind is Kind.ITEM and read.ordinals:
        first, *branches = read.ordinals
        return f"({first})" + "".join(f"の{digits(branch)}" for branch in branches)
    return _COUNT.sub(lambda count: digits(int(count.group())), number)
