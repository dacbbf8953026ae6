"""What every kind of box shares: the answer a reader gives, and text made comparable before it is read.

Only boxes with a fixed meaning (dates, numbers, choices …) are ever folded, and only to be read; what is folded is
never kept. Names, addresses and free text do not pass through here (domain.md §6.10).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

_SPACES: Final = re.compile(
    r"[\s\u200b\u2060\ufeff\u00ad]+"
)  # with the invisible ones that pasting leaves behind
_BLANK: Final = re.compile(r"[\s_＿]*")  # what is left of a ruled line (wordforms §3)
_DASHES: Final = "-‐‑‒–—―−－ー－ｰ﹣"
_DASH_ONLY: Final = re.compile(f"[{_DASHES}]+")
_DITTO: Final = re.compile('同上|同左|同右|同じ|上に同じ|〃|々|仝|″|"')
_TO_PLAIN: Final = str.maketrans(
    dict.fromkeys(_DASHES, "-")
    | dict.fromkeys("〜∼～", "~")
    | dict.fromkeys("∶", ":")
    | dict.fromkeys("〔[【", "(")
    | dict.fromkeys("〕]】", ")")
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of a box: a value, or None with the code of the problem; notes tell what was changed."""

    value: Any = None
    notes: tuple[str, ...] = ()
    problem: str | None = None


Reader = Callable[[str], Reading]

NOTHING: Final = Reading()


def refuse(code: str) -> Reading:
    """The answer that reads no value."""
    return Reading(problem=code)


def is_blank(text: str) -> bool:
    """Whether nothing is written: spaces of any width, line breaks, the underscores of a ruled line."""
    return _BLANK.fullmatch(text) is not None


def is_dash(text: str) -> bool:
    """Whether the box holds only a dash, the sign on paper for "nothing to enter"."""
    return _DASH_ONLY.fullmatch(without_spaces(text)) is not None


def is_ditto(text: str) -> bool:
    """Whether the box only points at another one (同上, 〃): which one is a guess."""
    return _DITTO.fullmatch(without_spaces(text)) is not None


def without_spaces(text: str) -> str:
    """The text without its spaces; the deck itself prints 令和４年 1 0月 (domain.md §8)."""
    return _SPACES.sub("", text)


def fold(text: str) -> str:
    """The text with widths, dashes, wave dashes and brackets made one, in capitals, for reading only.

    NFKC, but a sign that hides a digit becomes U+FFFD instead of joining its neighbours: 2² is not 22, 1⑤ is not 15.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", "".join(map(_plain, text)))
    return text.translate(_TO_PLAIN).upper()


def squeeze(text: str) -> str:
    """`fold` without spaces."""
    return without_spaces(fold(text))


@lru_cache(maxsize=8192)
def _plain(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char)
    hides_digit = (
        folded != char and unicodedata.category(char) != "Nd" and any(c in "0123456789" for c in folded)
    )
    return "\ufffd" if hides_digit else char
