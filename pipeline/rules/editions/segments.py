"""Japanese text cut into the pieces a comparison may move, and never into less (domain.md §4.3, §6.10).

Japanese has no spaces, and a comparison by characters shreds sentences. A piece is a run of one script with its
okurigana, a particle, a mark; a number with its unit, a date, a reference to a provision and a bracketed term are one
piece whatever they hold; and nothing is ever cut inside what the eye sees as one character.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import Enum
from itertools import groupby, pairwise
from typing import Final

MAX_TERM: Final = 40  # 「…」 up to this length is a term; a longer one is a quotation and may be cut inside
MAX_ASIDE: Final = 12  # （…） up to this length without 、 or 。 is one piece: （木）, （電話）

_D: Final = "0-9０-９"
_UNITS: Final = "か月|か所|か国|か年|千円|億円|万円|時間|週間|年度|年間|日間|円|分|回|件|人|名|歳|年|月|日|週|時|校|部|枚|％|%"
_WEEKDAY: Final = "(?:（[月火水木金土日](?:曜日)?）)?"
_WHOLE: Final = re.compile(
    # a date, with its weekday; ○ stands for a number still to be given
    rf"(?:明治|大正|昭和|平成|令和)?(?:[○{_D}]{{1,4}}|元)年[○{_D}]{{1,2}}月(?:[○{_D}]{{1,2}}日{_WEEKDAY})?"
    rf"|[○{_D}]{{1,2}}月[○{_D}]{{1,2}}日{_WEEKDAY}"
    r"|(?:明治|大正|昭和|平成|令和)元年(?:度)?"
    # a reference: 第25条の２, 第１項, 前２号
    rf"|前[{_D}]{{1,2}}(?:条|項|号)"
    rf"|第[{_D}]{{1,4}}(?:部|編|章|節|条|項|号|回|版|期|次)?(?:の[{_D}]{{1,4}})*"
    # a number with its unit: 7,871千円, 0246-27-8563, 13:30, R5.6.1
    rf"|(?:明治|大正|昭和|平成|令和|[RHSTMrhstm])?[{_D}](?:[{_D},，.．/／:：ー―‐－-]*[{_D}])?(?:{_UNITS})?"
    # the conjunctions of legal texts, written in kanji: 医師会及び薬剤師会 is three pieces
    "|及び|並びに|又は|若しくは"
)
_PAIRS: Final = {"「": "」", "『": "』", "（": "）", "(": ")", "【": "】", "〔": "〕", "［": "］"}
_TERMS: Final = "「『【〔［"
_SENTENCE_MARKS: Final = re.compile("[、。，．]")
# A particle after a word; what follows some of them shows that they are okurigana (上がる, 積もる) or a verb (できる).
_PARTICLE: Final = re.compile(
    "から|まで|より|など|では|には|とは|への|での|との|のみ|[はをへの]|が(?![るりっ])|に(?!く)|で(?!き)|と(?!と)|も(?![るりっ])"
)
# What a particle may follow besides a word.
_CLOSING: Final = frozenset("」』）)】〕］")
_JOINER: Final = "\u200d"
_FLAG: Final = range(0x1F1E6, 0x1F200)
_SKIN: Final = range(0x1F3FB, 0x1F400)


class _Script(Enum):
    HIRAGANA = "ぁ-ゖゝゞ"
    KATAKANA = "ァ-ヺーヽヾ･-ﾟ"
    KANJI = "々〆〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    WORD = "0-9A-Za-z０-９Ａ-Ｚａ-ｚÀ-ɏ"
    MARK = ""


_SCRIPTS: Final = tuple((script, re.compile(f"[{script.value}]")) for script in _Script if script.value)


def cut(text: str) -> tuple[str, ...]:
    """Return the pieces of a text, in order; joined they are the text."""
    whole = [match.span() for match in _WHOLE.finditer(text)] + list(_terms(text))
    closed = {at for first, last in whole for at in range(first + 1, last)}
    closed |= {at for at in range(1, len(text)) if _belongs(text[at - 1], text[at])}
    seams = {0, len(text), *_seams(text), *(at for span in whole for at in span)} - closed
    return tuple(text[first:last] for first, last in pairwise(sorted(seams)))


def _terms(text: str) -> Iterator[tuple[int, int]]:
    """The stretches of bracketed terms and short asides, brackets included."""
    opened: list[int] = []
    for at, char in enumerate(text):
        if char in _PAIRS:
            opened.append(at)
        elif opened and char == _PAIRS[text[opened[-1]]]:
            first = opened.pop()
            if _is_one_piece(text[first : at + 1]):
                yield first, at + 1


def _is_one_piece(bracketed: str) -> bool:
    if bracketed[0] in _TERMS:
        return len(bracketed) <= MAX_TERM
    return len(bracketed) <= MAX_ASIDE and _SENTENCE_MARKS.search(bracketed) is None


def _belongs(before: str, char: str) -> bool:
    """Whether the eye sees a character as part of the one before: a selector of 異体字, a mark, an emoji's parts."""
    if char.isascii():
        return False
    if _JOINER in (char, before) or (ord(char) in _FLAG and ord(before) in _FLAG) or ord(char) in _SKIN:
        return True
    halves = "\ud800" <= before <= "\udbff" and "\udc00" <= char <= "\udfff"
    return halves or unicodedata.category(char).startswith("M")


def _seams(text: str) -> Iterator[int]:
    """The places where one piece may end and the next begin."""
    at = 0
    after_word = False
    before = _Script.MARK
    for script, length in _runs(text):
        run = text[at : at + length]
        if script is _Script.MARK:
            yield from range(at, at + length)
        elif after_word and (particle := _PARTICLE.match(run)):
            yield from (at, at + particle.end())
        elif (before, script) != (_Script.KANJI, _Script.HIRAGANA):  # okurigana stay with their kanji
            yield at
        at += length
        before, after_word = script, script is not _Script.MARK or run[-1] in _CLOSING


def _runs(text: str) -> Iterator[tuple[_Script, int]]:
    """Stretches of one script and their lengths; what belongs to a character is of its script."""
    scripts: list[_Script] = []
    for before, char in pairwise(("\n", *text)):
        scripts.append(scripts[-1] if scripts and _belongs(before, char) else _script(char))
    return ((script, len(list(run))) for script, run in groupby(scripts))


def _script(char: str) -> _Script:
    return next((script for script, pattern in _SCRIPTS if pattern.match(char)), _Script.MARK)
