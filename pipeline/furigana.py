"""Readings over the kanji of what a child or a family reads: by words the office has written down, never by guessing.

A reading belongs to a word, not to a kanji (今日, 一日, 市内), so `doc_templates/furigana.toml` lists the words of our own
papers with theirs, and the kanji each school grade teaches (学年別漢字配当表, 平成29年告示). A word nobody wrote down is a
fault of the office, found by `todoke check`; the name of a person is read as its ふりがな says, or not at all.
Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

# How many grades' kanji a reader has learnt. 高校生 have learnt all 常用漢字; our papers use no others (todoke check).
LEVELS: Final[Mapping[str, int]] = {"総ルビ": 0, "小学５・６年": 4, "中学生": 6, "高校生": 9}
ALL_RUBY: Final = "総ルビ"
_LEARNT_BY_ALL: Final = 9
_KANJI: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々]")
_RUNS: Final = re.compile(
    "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々]+|[^\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々]+"
)
_KANA: Final = re.compile("[ぁ-ゖー]+")
TAUGHT: Final = (80, 160, 200, 202, 193, 191)


class Piece(NamedTuple):
    """A stretch of text, and what is printed over it; nothing over most."""

    text: str
    reading: str = ""


@dataclass(frozen=True, slots=True)
class Furigana:
    """The office's readings for one level of reader."""

    words: Mapping[str, str]
    grades: Mapping[str, int]
    level: str

    def pieces(self, text: str) -> tuple[Piece, ...]:
        """Return `text` cut into pieces: joined they are `text` again, code point for code point."""
        return tuple(self._pieces(text))

    def _pieces(self, text: str) -> Iterator[Piece]:
        plain = ""
        for word in _words(text, self.words):
            reading = self.words.get(word, "")
            if not reading or not self._is_hard(word):
                plain += word
                continue
            for piece in aligned(word, reading):
                if not piece.reading:
                    plain += piece.text
                    continue
                if plain:
                    yield Piece(plain)
                plain = ""
                yield piece
        if plain:
            yield Piece(plain)

    def _is_hard(self, word: str) -> bool:
        known = LEVELS[self.level]
        return any(self.grades.get(char, 7) > known for char in word if _KANJI.match(char))

    def unknown(self, text: str) -> tuple[str, ...]:
        """Return the stretches of kanji in `text` that no word of the office's covers."""
        left = "".join(" " if word in self.words else word for word in _words(text, self.words))
        return tuple(dict.fromkeys(run for run in _RUNS.findall(left) if _KANJI.match(run)))


def _words(text: str, words: Mapping[str, str]) -> Iterator[str]:
    """Cut a text at the words written down, the longest first; what is none comes out character by character."""
    longest = _longest(words)
    at = 0
    while at < len(text):
        size = next((n for n in range(min(longest, len(text) - at), 1, -1) if text[at : at + n] in words), 1)
        yield text[at : at + size]
        at += size


def _longest(words: Mapping[str, str]) -> int:
    return max(map(len, words), default=1)


@lru_cache(maxsize=4096)
def aligned(word: str, reading: str) -> tuple[Piece, ...]:
    """Set a reading over the kanji of a word only: 聞いた・きいた is き over 聞. Raises ValueError where it does not fit."""
    runs = _RUNS.findall(word)
    pattern = "".join("(.+?)" if _KANJI.match(run) else re.escape(run) for run in runs)
    match = re.fullmatch(pattern, reading)
    if match is None:
        raise ValueError("the reading is not one of this word")
    over = iter(match.groups())
    return tuple(Piece(run, next(over)) if _KANJI.match(run) else Piece(run) for run in runs)


def read_furigana(table: Mapping[str, Any]) -> Furigana:
    """Return the readings of `doc_templates/furigana.toml`, for readers of 総ルビ. Raises ValueError naming what is wrong."""
    words: Mapping[str, str] = table["words"]
    grades = {char: number for number, text in enumerate(table["grades"], start=1) for char in text}
    counts = tuple(map(len, table["grades"]))
    if counts != TAUGHT or len(grades) != sum(TAUGHT):
        raise ValueError("grades は学年別漢字配当表のとおり、六つの学年の漢字を書いてください。")
    for word, reading in words.items():
        try:
            read = [piece.reading for piece in aligned(word, reading) if piece.reading]
        except ValueError:
            raise ValueError(f"「{word}」の読みが、送り仮名と合いません。") from None
        if not read or not all(_KANA.fullmatch(part) for part in read):
            raise ValueError(f"「{word}」は漢字のある語に、ひらがなの読みを書いてください。")
    return Furigana(words, grades, ALL_RUBY)


def at_level(furigana: Furigana, level: str) -> Furigana | None:
    """Return the readings for one level of reader; None for readers who need none."""
    return None if LEVELS[level] >= _LEARNT_BY_ALL else Furigana(furigana.words, furigana.grades, level)
