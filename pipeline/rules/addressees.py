"""Whom a letter is for: the honorific, and what may not be written where (domain §6.4). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pipeline.model import Problem
from pipeline.rules.findings import Sentence

HONORIFICS: Final = ("様", "御中", "殿", "各位")
_HONORIFIC = Sentence(
    "HONORIFIC", "敬称は書かないでください。様・御中・各位は、職名と氏名から一つだけ付けます。"
)
_MANY_NAMED = Sentence(
    "HONORIFIC",
    "多くの人あて（各位）の文書に、一人の氏名は書けません。氏名を消すか、「多数の人あて」の印を外してください。",
)
_MANY_UNNAMED = Sentence(
    "HONORIFIC",
    "多くの人あて（各位）の文書では、「民生児童委員」のように、だれあてかを職名に書いてください。",
)
_CODE_TWICE = Sentence(
    "ADDRESSEE_TWICE", "同じ記号の宛先がほかにもあります。記号は宛先ごとに変えてください。"
)
_TWICE = Sentence(
    "ADDRESSEE_TWICE",
    "同じ種別・名称・所在地の宛先がほかにもあります。同じ文書が二度届かないよう、どちらかを消してください。",
)

Entry = Mapping[str, Any]
Listed = tuple[str, Entry]  # the pointer of an addressee, and what the form says of it


def honoured(entry: Entry, usual_title: str = "") -> str:
    """Return whom an envelope names, with its one honorific: 校長　見本　太郎　様, 校長　様, 民生児童委員　各位, or 御中.

    The name of the organisation stands before it. `usual_title` is the office held where the form names none.
    """
    title, name = entry.get("head_title") or usual_title, entry.get("head_name")
    if entry.get("many"):
        return f"{title}　各位"
    named = "　".join(part for part in (title, name) if part)
    return f"{named}　様" if named else "御中"


def check_addressees(listed: Sequence[Listed]) -> Iterator[Problem]:
    """Find honorifics written by hand, and addressees that would get a letter twice."""
    for pointer, entry in listed:
        yield from _check_words(pointer, entry)
    yield from _check_repeated(listed, ("code",), _CODE_TWICE, "code", "記号")
    yield from _check_repeated(listed, ("kind", "name", "address"), _TWICE, "name", "名称")


def _check_words(pointer: str, entry: Entry) -> Iterator[Problem]:
    for member, title in (("name", "名称"), ("head_title", "職名"), ("head_name", "氏名")):
        text = entry.get(member)
        if text and text.rstrip().endswith(HONORIFICS):
            yield _HONORIFIC.at(f"{pointer}/{member}", title, text)
    if entry.get("many") and entry.get("head_name"):
        yield _MANY_NAMED.at(f"{pointer}/head_name", "氏名", entry["head_name"])
    if entry.get("many") and not entry.get("head_title"):
        yield _MANY_UNNAMED.at(f"{pointer}/head_title", "職名")


def _check_repeated(
    listed: Sequence[Listed], members: tuple[str, ...], sentence: Sentence, at: str, title: str
) -> Iterator[Problem]:
    seen: set[tuple[str, ...]] = set()
    for pointer, entry in listed:
        key = tuple("".join(str(entry.get(member, "")).split()) for member in members)
        if key in seen:
            yield sentence.at(f"{pointer}/{at}", title, entry.get(at, ""))
        seen.add(key)
