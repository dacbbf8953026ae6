"""Finds the tags of a Word template and brings them into a shape of which it can be proven what they do.

Word cuts a tag into as many runs as it likes. Here every tag is put back into one piece, and a `{% %}` inside a
paragraph is set between two runs, so that each block encloses whole runs whatever Word did. The dialect itself
(`{%p`, `{%tr`, quotation marks) stays docxtpl's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pipeline.ooxml import Element, W, is_element
from pipeline.papers.dialect import check_tag

# A tag is never longer than this: a text full of openings would otherwise be read to its end from each of them.
TAG: Final = re.compile(r"\{\{.{0,400}?\}\}|\{%.{0,400}?%\}|\{#.{0,400}?#\}")
OPENING: Final = re.compile(r"\{\{|\{%|\{#")
MAX_TAGS: Final = 2_000  # docxtpl's patch is quadratic (reliability.md T11)

_INLINE: Final = re.compile(r"(\{%(?!(?:p|tr)\s).*?%\}|\{#(?!(?:p|tr)\s).*?#\})")
_LONE: Final = re.compile(r"\{[%#](p|tr)\s")
_LEFT_OVER: Final = re.compile(r"\{\{|\}\}|\{%|%\}|\{_[{%]")
_LEGACY: Final = re.compile(r"\{\{(?:r|p|tr|tc)\s|\{[%#]tc\s|\{%\s*(?:colspan|cellbg|hm|vm)\b")
_TRIMMED: Final = re.compile(r"\{[{%#]-|-[}%#]\}")
_BREAKS: Final = frozenset(W + tag for tag in ("br", "cr", "tab", "drawing", "pict", "fldChar", "sym"))
_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"
_WHOLE: Final[Mapping[str, tuple[str, str]]] = {"p": ("段落", W + "p"), "tr": ("行", W + "tr")}


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as the clerk wrote it and where it stands: 本文の表2の3行目."""

    text: str
    place: str

    def fault(self, sentence: str) -> str:
        """A fault of this tag: place, tag, what to do."""
        return f"{self.place}「{self.text}」：{sentence}"


def paragraph_places(root: Element, label: str) -> dict[Element, str]:
    """Return where each paragraph stands, counted as a person counts in Word."""
    places: dict[Element, str] = {}
    tables = {table: number for number, table in enumerate(_outer_tables(root), 1)}
    loose = 0
    for paragraph in root.iter(W + "p"):
        table = next((owner for owner in paragraph.iterancestors(W + "tbl") if owner in tables), None)
        if table is None:
            loose += 1
            places[paragraph] = f"{label}の{loose}番目の段落"
        else:
            places[paragraph] = f"{label}の表{tables[table]}の{_row_number(paragraph, table)}行目"
    return places


def _outer_tables(root: Element) -> Iterator[Element]:
    return (table for table in root.iter(W + "tbl") if next(table.iterancestors(W + "tbl"), None) is None)


def _row_number(paragraph: Element, table: Element) -> int:
    row = next(
        owner for owner in paragraph.iterancestors(W + "tr") if next(owner.iterancestors(W + "tbl")) is table
    )
    return list(table.iter(W + "tr")).index(row) + 1


def read_tags(root: Element, label: str) -> tuple[tuple[Tag, ...], tuple[str, ...]]:
    """Return the tags of a part in their order, and every fault that shows before anything is compiled."""
    if sum(len(OPENING.findall(text.text or "")) for text in root.iter(W + "t")) > MAX_TAGS:
        return (), (f"{label}：タグが{MAX_TAGS:,}個を超えています。ひな形を分けてください。",)
    tags: list[Tag] = []
    faults: list[str] = []
    for paragraph, place in paragraph_places(root, label).items():
        text = _text(paragraph)
        if "{" not in text and "}" not in text:
            continue
        found = [Tag(match.group(), place) for match in TAG.finditer(text)]
        tags += found
        faults += _check_paragraph(paragraph, text, place)
        faults += [tag.fault(fault) for tag in found for fault in _check_tag(tag.text)]
    faults += _outside_text(root, label)
    return tuple(tags), tuple(dict.fromkeys(faults))


def _check_paragraph(paragraph: Element, text: str, place: str) -> Iterator[str]:
    rest = _LEFT_OVER.search(TAG.sub("", text))
    if rest is not None:
        yield f"{place}：「{rest.group()}」が一つの段落の中で閉じていません。{{{{ }}}} と {{% %}} を対にしてください。"
    for match in _LONE.finditer(text):
        word, kind = _WHOLE[match[1]]
        owner = paragraph if match[1] == "p" else next(paragraph.iterancestors(kind), None)
        if (
            owner is None
            or TAG.sub("", _text_below(owner)).strip()
            or len(TAG.findall(_text_below(owner))) != 1
        ):
            yield f"{place}：「{{%{match[1]} … %}}」は、その{word}にそれだけを書いてください（その{word}は印字されません）。"


def _check_tag(text: str) -> Iterator[str]:
    if _LEGACY.match(text):
        yield "この種類のタグは使えません。{{ 項目 }}、{% if %}、{%p if %}、{%tr for %} の形で書いてください。"
    elif _TRIMMED.search(text):
        yield "「-」で前後を詰める書き方は使えません。「-」を取ってください。"
    else:
        yield from check_tag(_plain_quotes(text))


def _plain_quotes(text: str) -> str:
    """Word's smart quotes as docxtpl reads them."""
    return text.translate({0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'"})


def _outside_text(root: Element, label: str) -> Iterator[str]:
    for node in root.iter():
        if not is_element(node):
            continue
        values = [*node.attrib.values(), "" if node.tag == W + "t" else node.text or ""]
        if any("{{" in value or "{%" in value for value in values):
            yield f"{label}：文字以外の場所（図の説明・フィールド・リンク先など）にタグがあります。本文の文字として書いてください。"


# --- Text pieces of a paragraph -----------------------------------------------------------------------------------


def _pieces(node: Element) -> Iterator[tuple[Element | None, str]]:
    """Yield the `w:t` of a paragraph in order with their text; None for what a tag cannot run across."""
    for child in node:
        if child.tag == W + "t":
            yield child, child.text or ""
        elif child.tag in _BREAKS:
            yield None, "\n"
        elif is_element(child) and child.tag != W + "txbxContent":
            yield from _pieces(child)


def _text(paragraph: Element) -> str:
    return "".join(text for _, text in _pieces(paragraph))


def _text_below(node: Element) -> str:
    return "".join(_text(paragraph) for paragraph in node.iter(W + "p"))


# --- Settling -----------------------------------------------------------------------------------------------------


def settle_tags(root: Element) -> None:
    """Bring every tag of a part into one piece and every `{% %}` between runs. Changes `root`."""
    for paragraph in list(root.iter(W + "p")):
        if "{" in _text(paragraph):
            _join_tags(paragraph)
            for text in [piece for piece, _ in _pieces(paragraph) if piece is not None]:
                _settle_text(text)


def _join_tags(paragraph: Element) -> None:
    pieces = list(_pieces(paragraph))
    starts = [0]
    for _, text in pieces:
        starts.append(starts[-1] + len(text))
    spans = list(enumerate(pairwise(starts)))
    for match in reversed(list(TAG.finditer("".join(text for _, text in pieces)))):
        touched = [n for n, (start, end) in spans if start < match.end() and end > match.start()]
        first, *others = (piece for n in touched if (piece := pieces[n][0]) is not None)
        if not others:
            continue
        first.text = first.text[: match.start() - starts[touched[0]]] + match.group()
        for other in others[:-1]:
            other.text = ""
        others[-1].text = others[-1].text[match.end() - starts[touched[-1]] :]


def _settle_text(text: Element) -> None:
    """Keep the spaces of a text with tags, and cut its run where a `{% %}` stands."""
    if text.text and OPENING.search(text.text):
        text.set(_SPACE, "preserve")
        run = text.getparent()
        parts = [part for part in _INLINE.split(text.text) if part]
        if run.tag == W + "r" and any(_INLINE.fullmatch(part) for part in parts):
            _cut_run(run, text, parts)


def _cut_run(run: Element, text: Element, parts: list[str]) -> None:
    content = [child for child in run if child.tag != W + "rPr"]
    at = content.index(text)
    groups: list[list[Element] | str] = [content[:at]]
    for part in parts:
        groups.append(_without_prefix(part) if _INLINE.fullmatch(part) else [_text_like(text, part)])
    groups.append(content[at + 1 :])
    parent, index, tail = run.getparent(), run.getparent().index(run), run.tail
    properties = run.find(W + "rPr")
    made: list[Element | str] = [
        group if isinstance(group, str) else _run_like(run, properties, group) for group in groups if group
    ]
    parent.remove(run)
    for piece in made:
        index = _put(parent, index, piece)
    _put(parent, index, tail or "")


def _without_prefix(tag: str) -> str:
    return re.sub(r"^\{%r\s", "{% ", tag)


def _text_like(text: Element, value: str) -> Element:
    copy = text.makeelement(text.tag, dict(text.attrib))
    copy.text = value
    return copy


def _run_like(run: Element, properties: Element | None, content: list[Element]) -> Element:
    copy = run.makeelement(run.tag, dict(run.attrib))
    if properties is not None:
        copy.append(deepcopy(properties))
    for child in content:
        child.tail = None
        copy.append(child)
    return copy


def _put(parent: Element, index: int, piece: Element | str) -> int:
    """Insert an element or bare text at a position; return the position after it."""
    if not isinstance(piece, str):
        parent.insert(index, piece)
        return index + 1
    if index:
        parent[index - 1].tail = (parent[index - 1].tail or "") + piece
    else:
        parent.text = (parent.text or "") + piece
    return index
