"""An edited manual in Word, read back into structured text by its heading styles (issue 5; domain.md §4).

Headings are what their style (or outline level) says, lists what their style or bullet says; cover, history and contents
are passed over by their styles. What would be lost or guessed (a heading that lost its style, numbers Word counts by itself,
pictures, merged cells, footnotes) is refused, every place named, so that no edition is made of half a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pipeline.forms.package import open_package
from pipeline.ooxml import Element, W, parse_word, read_members
from pipeline.rules.editions.numbering import Kind, split_number
from pipeline.rules.editions.text import (
    Block,
    Clause,
    EditionText,
    Figure,
    Heading,
    Table,
    check_shape,
    kind_of,
)
from pipeline.rules.wareki import digits

_SKIPPED: Final = re.compile("(?i)(表紙|前付|改訂履歴|目次|toc ?[0-9]|toc heading|table of contents|cover)")
_TITLES: Final = ("title", "表題", "題名", "本文・題名")
_CAPTION, _FIGURE = "本文・見出し", "本文・図"
_DEPTHS: Final = {"本文・号": 1, "本文・号の細分": 2, "本文・細分の細分": 3}
_HEADING_NAME: Final = re.compile("(?i)(?:heading|見出し) ?([1-5])")
_ITEM_KINDS: Final = (Kind.ITEM, Kind.SUBITEM, Kind.SUBSUBITEM, Kind.CIRCLED)
_CHAPTERS: Final = (
    Kind.PART,
    Kind.VOLUME,
    Kind.CHAPTER,
    Kind.SECTION,
    Kind.ANNEX,
    Kind.FORM,
    Kind.SUPPLEMENT,
)
_BULLET: Final = "・"
_MAX_LEVEL: Final = 5

LOST: Final = "見出しのスタイルが外れています。「見出し１」などのスタイルを付け直してください。"
EMPTY: Final = "空の見出しです。文字を書くか、段落ごと消してください。"
COUNTED: Final = "番号をWordが自動で付けています。番号を文字として書き、自動の番号をやめてください。"
PICTURE: Final = "図や図形があります。図は取り込めません。「本文・図」のスタイルの題名だけを残してください。"
UNKNOWN_FIGURE: Final = "今の版にない図の題名です。図は、構造化テキストで加えてください。"
NOTE: Final = "脚注・文末脚注があります。本文に書き直してください。"
BREAK: Final = "段落の中で改行しています。段落を分けてください。"
MERGED: Final = "表のセルが結合されているか、表の中に表があります。結合を解除し、一つの表にしてください。"
NO_TITLE: Final = "題名がありません。題名の段落に「表題」のスタイルを付けてください。"
NO_HEADINGS: Final = (
    "見出しが一つもありません。章に「見出し１」、節に「見出し２」のスタイルを付けてください。"
)


@dataclass(frozen=True, slots=True)
class WordFault:
    """What cannot be read: the place as a person finds it in Word, and what to do."""

    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the current edition tells: its headings as printed, and its figures by caption."""

    headings: frozenset[str] = frozenset()
    figures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    based_on: str
    level: int | None


def read_word_manual(data: bytes, known: Known) -> tuple[EditionText | None, tuple[WordFault, ...]]:
    """Return the text of a Word file, or None and everything that hinders it. Raises PackageError (`open_package`)."""
    body = open_package(data).stories[0].root[0]
    members = read_members(data)
    reader = _Reader(_read_styles(members.get("word/styles.xml")), _bullets(members), known)
    for node in _blocks(body):
        reader.read(node)
    return reader.result()


def _blocks(parent: Element) -> Iterator[Element]:
    """Paragraphs and tables in order, content controls opened."""
    for node in parent:
        if node.tag in (W + "p", W + "tbl"):
            yield node
        elif node.tag in (W + "sdt", W + "sdtContent", W + "ins", W + "customXml", W + "smartTag"):
            yield from _blocks(node)


def _read_styles(data: bytes | None) -> dict[str, _Style]:
    if data is None:
        return {}
    styles = {}
    for style in parse_word(data).iter(W + "style"):
        name, based = style.find(W + "name"), style.find(W + "basedOn")
        level = _level_of(style.find(W + "pPr"))
        styles[str(style.get(W + "styleId"))] = _Style(
            "" if name is None else str(name.get(W + "val")),
            "" if based is None else str(based.get(W + "val")),
            level,
        )
    return styles


def _level_of(properties: Element | None) -> int | None:
    outline = None if properties is None else properties.find(W + "outlineLvl")
    value = "" if outline is None else str(outline.get(W + "val"))
    return int(value) + 1 if value.isdigit() and int(value) < _MAX_LEVEL else None


def _bullets(members: Mapping[str, bytes]) -> frozenset[str]:
    """The lists of a file that put a bullet, not a number, before their items."""
    if "word/numbering.xml" not in members:
        return frozenset()
    root = parse_word(members["word/numbering.xml"])
    plain = {
        str(one.get(W + "abstractNumId"))
        for one in root.iter(W + "abstractNum")
        if {str(f.get(W + "val")) for f in one.iter(W + "numFmt")} <= {"bullet", "none"}
    }
    pairs = ((num, num.find(W + "abstractNumId")) for num in root.iter(W + "num"))
    return frozenset(
        str(num.get(W + "numId"))
        for num, kind in pairs
        if kind is not None and str(kind.get(W + "val")) in plain
    )


@dataclass
class _Reader:
    styles: Mapping[str, _Style]
    bullets: frozenset[str]
    known: Known
    title: str = ""
    blocks: list[Block] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    faults: list[WordFault] = field(default_factory=list)
    caption: str = ""
    _heading: str = ""
    _count: int = 0

    def result(self) -> tuple[EditionText | None, tuple[WordFault, ...]]:
        text = EditionText(self.title, tuple(self.blocks))
        if not self.title:
            self.faults.append(WordFault("文書の初め", NO_TITLE))
        if not any(isinstance(block, Heading) for block in self.blocks):
            self.faults.append(WordFault("文書の全体", NO_HEADINGS))
        if not self.faults:
            self.faults += [WordFault(self.places[at], fault) for at, fault in check_shape(text) if at >= 0]
        return (None if self.faults else text), tuple(self.faults)

    def read(self, node: Element) -> None:
        if node.tag == W + "tbl":
            self._table(node)
        else:
            self._paragraph(node)

    # --- Paragraphs ---

    def _paragraph(self, node: Element) -> None:
        style = self._style(node)
        words = _words(node).strip()
        if _SKIPPED.match(style.name):
            return
        if style.name.casefold() in _TITLES or (not self.title and words and self._level(node) is None):
            self._open(words)
            return
        self._count += bool(words)
        self._refuse(node)
        level = self._level(node)
        if level is not None:
            self._heading_of(node, level, words)
        elif words:
            self._clause(node, style, words)

    def _open(self, words: str) -> None:
        """The title begins the text: what stood before it (an untitled cover) is no part of it."""
        self.title = words or self.title
        self.blocks, self.places, self.faults = [], [], []

    def _heading_of(self, node: Element, level: int, words: str) -> None:
        self._heading, self._count = words, 0
        if not words:
            self._fault(EMPTY, "見出しの段落")
        elif self._is_counted(node):
            self._fault(COUNTED)
        else:
            self._put(Heading(level, *split_number(words)))

    def _clause(self, node: Element, style: _Style, words: str) -> None:
        number, rest = split_number(words)
        if words in self.known.headings or kind_of(number) in _CHAPTERS:
            self._fault(LOST)
        elif style.name == _CAPTION:
            self.caption = words
            return
        elif style.name == _FIGURE:
            self._figure(words)
        else:
            self._item(node, style, words, number, rest)
        self.caption = ""

    def _figure(self, words: str) -> None:
        if words in self.known.figures:
            self._put(Figure(words, self.known.figures[words]))
        else:
            self._fault(UNKNOWN_FIGURE)

    def _item(self, node: Element, style: _Style, words: str, number: str, rest: str) -> None:
        depth = _DEPTHS.get(style.name, 0) or self._bullet_depth(node)
        if not depth and (words.startswith(_BULLET) or kind_of(number) in _ITEM_KINDS):
            depth = 1
        if depth and words.startswith(_BULLET):
            number, rest = "", words.removeprefix(_BULLET).strip()
        elif not depth and kind_of(number) not in (Kind.ARTICLE, Kind.PARAGRAPH):
            number, rest = "", words
        if self._is_counted(node):
            self._fault(COUNTED)
        else:
            self._put(Clause(number, rest, depth, self.caption if number else ""))

    # --- Tables ---

    def _table(self, node: Element) -> None:
        if not self.title or any(_SKIPPED.match(self._style(p).name) for p in node.iter(W + "p")):
            return
        if not self.blocks and self._count == 0 and not self._heading:
            return  # a table of the front matter
        self._count += 1
        merged = (W + "vMerge", W + "gridSpan", W + "tbl")
        if any(True for _ in node.iter(*merged[:2])) or sum(1 for _ in node.iter(merged[2])) > 1:
            self._fault(MERGED)
            return
        self._refuse(node)
        rows = tuple(
            tuple(_cell(cell) for cell in row.iter(W + "tc"))
            for row in node.iter(W + "tr")
            if not _is_gone(row)
        )
        self._put(Table(rows))

    # --- What a node is ---

    def _style(self, node: Element) -> _Style:
        style = node.find(f"{W}pPr/{W}pStyle")
        return self.styles.get("" if style is None else str(style.get(W + "val")), _Style("", "", None))

    def _level(self, node: Element) -> int | None:
        """The level a paragraph's own outline, or the nearest of its styles, gives it."""
        own = _level_of(node.find(W + "pPr"))
        style, seen = self._style(node), 0
        while own is None and style.name and seen < len(self.styles):
            named = _HEADING_NAME.fullmatch(style.name)
            own = style.level or (int(named[1]) if named else None)
            style, seen = self.styles.get(style.based_on, _Style("", "", None)), seen + 1
        return own

    def _numbering(self, node: Element) -> tuple[str, int]:
        numbered = node.find(f"{W}pPr/{W}numPr")
        if numbered is None:
            return "", 0
        kind, level = numbered.find(W + "numId"), numbered.find(W + "ilvl")
        return (
            "" if kind is None else str(kind.get(W + "val")),
            0 if level is None else int(level.get(W + "val")),
        )

    def _bullet_depth(self, node: Element) -> int:
        kind, level = self._numbering(node)
        return level + 1 if kind in self.bullets else 0

    def _is_counted(self, node: Element) -> bool:
        kind, _ = self._numbering(node)
        return kind not in ("", "0") and kind not in self.bullets

    # --- Saying ---

    def _refuse(self, node: Element) -> None:
        """What no structured text can hold."""
        found = {part.tag for part in node.iter()}
        if found & {W + "drawing", W + "pict", W + "object"}:
            self._fault(PICTURE)
        if found & {W + "footnoteReference", W + "endnoteReference"}:
            self._fault(NOTE)
        if node.tag == W + "p" and "\n" in _words(node).strip():
            self._fault(BREAK)

    def _put(self, block: Block) -> None:
        self.blocks.append(block)
        self.places.append(self._place())

    def _fault(self, message: str, place: str = "") -> None:
        self.faults.append(WordFault(place or self._place(), message))

    def _place(self) -> str:
        """「第４章　対応の流れ」から３番目: as a person counts paragraphs and tables below a heading."""
        near = f"「{self._heading[:40]}」" if self._heading else "題名"
        return f"{near}から{digits(self._count)}番目" if self._count else f"見出し{near}"


def _cell(cell: Element) -> str:
    lines = [_words(paragraph).strip() for paragraph in cell.iter(W + "p")]
    return "\n".join(lines).strip("\n")


def _is_gone(row: Element) -> bool:
    return row.find(f"{W}trPr/{W}del") is not None


def _words(paragraph: Element) -> str:
    """The words of a paragraph with every tracked change accepted; a tab is a full-width space."""
    return "".join(_shown(paragraph))


def _shown(node: Element) -> Iterator[str]:
    for part in node:
        if part.tag == W + "t":
            yield part.text or ""
        elif part.tag == W + "tab" and node.tag == W + "r":
            yield "　"
        elif part.tag == W + "br" and part.get(W + "type") not in ("page", "column"):
            yield "\n"
        elif part.tag not in (W + "del", W + "moveFrom", W + "pPr", W + "rPr", W + "instrText"):
            yield from _shown(part)
