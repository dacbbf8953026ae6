"""No name of a child or of its family in the papers of a meeting (domain.md §3.3, §3.5; BR22): a case is its number. Pure.

The names are those of the accepted forms the rule recalls. The members of a meeting may read its papers, and nobody outside
the centre may learn from them who a case is about.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from pipeline.model import Past, Problem
from pipeline.rules.findings import Sentence

Values = Mapping[str, Any]

_FAMILY_NAMED = Sentence(
    "CASE_NAMED",
    "支援している家庭の人の名前が書かれています。会議の書類にはケース番号だけを書きます。名前を消してください。",
)
_CASE_IN_PUBLIC = Sentence(
    "BR22", "公開する会議の書類にケース番号は書けません。ケースのことが分からない言い方に直してください。"
)
# Where the forms of a case keep the people of a household.
_FAMILY: Final = frozenset(
    {"applicant", "children", "child", "household", "guardian", "guardians", "care_recipients", "client"}
)
_CALLED: Final = ("さん", "ちゃん", "くん", "君", "様")
_CASE_NUMBER: Final = re.compile(r"[A-Z]{1,4}-[0-9]{2}-[0-9]{1,2}-[0-9]{3,5}")
_MEETING_FORMS: Final = frozenset({"meeting_minutes", "meeting_notice", "attendance_reply"})
_PEOPLE: Final = frozenset(
    {"name", "head_name", "chair"}
)  # who sits in the meeting, written where they belong


def check_named(values: Values, past: Past) -> Iterator[Problem]:
    """Yield a problem for every text that names somebody of a household, unless somebody of the meeting has that name."""
    here = [_bare(text) for pointer, text in _texts(values, "") if _is_of_the_meeting(pointer)]
    words = [word for word, name in family_words(past).items() if not any(name in person for person in here)]
    for pointer, text in _texts(values, ""):
        if not _is_of_the_meeting(pointer) and is_named(text, words):
            yield _FAMILY_NAMED.at(pointer, "記入欄", text)


def check_case_numbers(values: Values) -> Iterator[Problem]:
    """Yield a problem for every text of a public meeting that holds a case number."""
    for pointer, text in _texts(values, ""):
        if _CASE_NUMBER.search(text):
            yield _CASE_IN_PUBLIC.at(pointer, "記入欄", text)


def is_named(text: str, words: Collection[str]) -> bool:
    """Whether a text holds one of these words, however it is spaced."""
    bare = _bare(text)
    return any(word in bare for word in words)


def family_words(past: Past) -> dict[str, str]:
    """Return every full name, and every given name as it is called (見本花子, 花子さん), each with the name it comes from."""
    words: dict[str, str] = {}
    for event in past.events:
        if event.form not in _MEETING_FORMS:
            for name in _family_names(event.values):
                parts = name.split()
                if len(_bare(name)) > 2:
                    words[_bare(name)] = _bare(name)
                if len(parts) > 1:
                    words |= {parts[-1] + ending: parts[-1] for ending in _CALLED}
    return words


def _family_names(values: Any, of_family: bool = False) -> Iterator[str]:
    """The names written in the records of a family; a school's name inside one is nobody's."""
    if isinstance(values, Mapping):
        if of_family:
            yield from (values[key] for key in ("name", "kana") if isinstance(values.get(key), str))
        for key, member in values.items():
            yield from _family_names(member, key in _FAMILY)
    elif isinstance(values, Sequence) and not isinstance(values, str):
        for item in values:
            yield from _family_names(item, of_family)


def _texts(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, Mapping):
        for key, member in value.items():
            yield from _texts(member, f"{pointer}/{key}")
    elif isinstance(value, Sequence):
        for index, item in enumerate(value):
            yield from _texts(item, f"{pointer}/{index}")


def _is_of_the_meeting(pointer: str) -> bool:
    return pointer.rpartition("/")[2] in _PEOPLE


def _bare(text: str) -> str:
    return "".join(text.split())
