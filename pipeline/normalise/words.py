"""Choices: the words of a person → the words of the schema, by spelling, never by meaning alone (domain.md §8, §10).

A reader is made once per list of options. Exact words never come here; what is left is compared by a key without
widths, spaces and middle dots, and must be one option and no other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from pipeline.normalise.reading import Reader, Reading, refuse, squeeze, without_spaces
from pipeline.rules.wareki import WEEKDAYS

Options = tuple[str, ...]

_DOTS: Final = re.compile("[・·‧•･]")
_DIVIDERS: Final = re.compile("[、,，/／;；・と\n]|及び|又は|または")
_KINDS_OF_DASH: Final = re.compile("[-‐‑‒–—―−ー]")


def choice_reader(options: Options) -> Reader:
    """A reader for a list of options: equal without widths, spaces and middle dots, and only one such option."""
    by_key = _by_key(options)

    def read(text: str) -> Reading:
        found = by_key.get(_key(text), ())
        if len(found) == 1:
            return Reading(found[0], () if found[0] == text.strip() else ("CHOICE_READ",))
        parts = [part for part in _DIVIDERS.split(text) if part]
        several = len(parts) > 1 and all(_key(part) in by_key for part in parts)
        return refuse("CHOICE_SEVERAL" if several else "CHOICE_UNKNOWN")

    return read


def _key(text: str) -> str:
    """What two spellings of one option share. Plain NFKC here: 資料① and 資料② must stay apart."""
    plain = unicodedata.normalize("NFKC", without_spaces(text)).casefold()
    return _KINDS_OF_DASH.sub("-", _DOTS.sub("", plain))


def _by_key(options: Options) -> Mapping[str, Options]:
    keys: dict[str, Options] = {}
    for option in options:
        keys[_key(option)] = (*keys.get(_key(option), ()), option)
    return keys


# --- Weekdays ------------------------------------------------------------------------------------------------------

_WEEKDAY: Final = re.compile(rf"(?:毎週)?\(?([{WEEKDAYS}])(?:曜日?)?\)?")
_TWO_WEEKDAYS: Final = re.compile(rf"(?:毎週)?(?:[{WEEKDAYS}](?:曜日?)?[・、,/~と-]*){{2,7}}")


def weekday_reader(options: Options) -> Reader:
    """A reader for weekdays: 木, 木曜, 木曜日, （木）, 毎週木曜日."""

    def read(text: str) -> Reading:
        plain = squeeze(text)
        found = _WEEKDAY.fullmatch(plain)
        if found and found[1] not in options:
            return refuse("CHOICE_UNKNOWN")
        if found:
            return Reading(found[1], () if found[1] == text.strip() else ("CHOICE_READ",))
        return refuse("CHOICE_SEVERAL" if _TWO_WEEKDAYS.fullmatch(plain) else "CHOICE_UNKNOWN")

    return read


# --- Centres -------------------------------------------------------------------------------------------------------

CENTRE_NAME: Final = "地区保健福祉センター"
# Districts whose name does not fall out of the centre's own name at its middle dots (domain.md §10).
_INSIDE: Final = {"久之浜大久": ("久之浜大久", "久之浜", "大久")}
_CENTRE_ENDING: Final = re.compile("(?:地区)?(?:保健福祉)?(?:センタ-?)?$")


def centre_reader(options: Options) -> Reader:
    """A reader for the seven centres: the full name, or the districts of one centre (平, 勿来田人, 内郷・好間, 勿来地区).

    A place that is no district (植田) and a bare 地区センター are refused: which centre is meant is a guess.
    """
    centre_of = {district: option for option in options for district in _districts(option)}
    names = re.compile("|".join(sorted(map(re.escape, centre_of), key=len, reverse=True)))

    def read(text: str) -> Reading:
        plain = _CENTRE_ENDING.sub("", _DOTS.sub("", squeeze(text)).removeprefix("いわき市"))
        plain = re.sub("[、,/-]|地区", "", plain)
        found = names.findall(plain)
        if not found or "".join(found) != plain:
            return refuse("CENTRE_UNKNOWN")
        centres = {centre_of[district] for district in found}
        return refuse("CHOICE_SEVERAL") if len(centres) > 1 else Reading(centres.pop(), ("CENTRE_READ",))

    return read


def _districts(centre: str) -> Sequence[str]:
    parts = centre.removesuffix(CENTRE_NAME).split("・")
    return [district for part in parts for district in _INSIDE.get(part, (part,))]


# --- Relations -----------------------------------------------------------------------------------------------------

# What is the same person for sure. Several names on the right: the first one the form offers.
_SAME: Final[Mapping[str, Options]] = {
    word: options
    for words, options in (
        ("児童本人 対象児童 本児 当該児童", ("本人",)),
        ("父親 お父さん 実父 ちち", ("父",)),
        ("母親 お母さん 実母 はは", ("母",)),
        ("おじいさん おじいちゃん 祖父さん 父の父 母の父 祖父(父方) 祖父(母方)", ("祖父",)),
        ("おばあさん おばあちゃん 祖母さん 父の母 母の母 祖母(父方) 祖母(母方)", ("祖母",)),
        ("曽祖父 曾祖父 曽祖母 曾祖母 曾祖父母", ("曽祖父母",)),
        ("お兄さん", ("兄", "きょうだい")),
        ("お姉さん", ("姉", "きょうだい")),
        ("兄 姉 弟 妹 兄弟 姉妹 兄弟姉妹", ("きょうだい",)),
        ("叔父 伯父 おじ おじさん 父の兄 父の弟 母の兄 母の弟", ("叔父・伯父", "おじ・おば")),
        ("叔母 伯母 おば おばさん 父の姉 父の妹 母の姉 母の妹", ("叔母・伯母", "おじ・おば")),
    )
    for word in words.split()
}
_OTHER_BASE: Final = re.compile(
    "世帯主|(?:長|次|二|三|四|五)[男女]|子|子ども|息子|娘|妻|夫|配偶者|孫|嫁|婿|甥|姪|おい|めい|筆頭者|.*(?:世帯主|申請者)から.*"
)


def relation_reader(options: Options) -> Reader:
    """A reader for relations as seen from the child; words seen from the head of the household are refused as such."""
    plain_choice = choice_reader(options)

    def read(text: str) -> Reading:
        choice = plain_choice(text)
        if choice.problem != "CHOICE_UNKNOWN":
            return choice
        word = squeeze(text)
        same = next((option for option in _SAME.get(word, ()) if option in options), None)
        if same:
            return Reading(same, ("RELATION_READ",))
        return refuse("RELATION_BASE" if _OTHER_BASE.fullmatch(word) else "CHOICE_UNKNOWN")

    return read
