"""The structured text of one edition of a manual or a regulation: frozen values, in the order in which they are read.

What encloses what follows from the order (`outline.py`), so that a text is one list and can be cut anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from pipeline.rules.editions.numbering import Kind, read_number


@dataclass(frozen=True, slots=True)
class Heading:
    """第１章　発見, １　気づく, 附　則, 別表（第３条関係）. `level` 1 is the outermost; `number` is as printed, or empty."""

    level: int
    number: str
    title: str


@dataclass(frozen=True, slots=True)
class Clause:
    """A paragraph (`depth` 0: 第３条, ２, or without a number) or an item of a list (`depth` 1 and deeper: (1), ア).

    `caption` is the 見出し above an article, with its brackets: （設置）.
    """

    number: str
    words: str
    depth: int = 0
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first row is its head, every row has the same number of cells. A cell may hold several lines."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture kept outside the text: 図１　相談から終結まで, and the name it is filed under."""

    caption: str
    source: str


Block: TypeAlias = Heading | Clause | Table | Figure


@dataclass(frozen=True, slots=True)
class EditionText:
    """A whole text: its title (題名) and its blocks in order."""

    title: str
    blocks: tuple[Block, ...]


MAX_LEVEL: Final = 5
MAX_DEPTH: Final = 3  # of a list inside lists: (1), ア, (ア); deeper ones no paper has a place for
MAX_TITLE: Final = 120
CAPTION: Final = re.compile("（[^\n]+）")
SOURCE: Final = re.compile("[A-Za-z0-9][A-Za-z0-9_.-]*")
_PARAGRAPH_KINDS: Final = (Kind.ARTICLE, Kind.PARAGRAPH)
_ITEM_KINDS: Final = (Kind.PARAGRAPH, Kind.ITEM, Kind.SUBITEM, Kind.SUBSUBITEM, Kind.CIRCLED)


def kind_of(number: str) -> Kind | None:
    """What a printed number counts; None where there is no number."""
    read = read_number(number)
    return read.kind if read else None


def check_shape(text: EditionText, level: int = 0) -> Iterator[tuple[int, str]]:
    """Yield (index of the block, −1 for the title, Japanese sentence) for all that no text may hold.

    A text without faults is written and read again unchanged (`notation.py`). A part of a text stands below a heading of
    `level`.
    """
    if not _is_line(text.title) or len(text.title) > MAX_TITLE:
        yield (
            -1,
            f"題名を１行目に、{MAX_TITLE}字までで書いてください（前後に空白を置かず、本文と行を分けること）。",
        )
    depth = 0
    for index, block in enumerate(text.blocks):
        yield from ((index, fault) for fault in _check_block(block, level, depth))
        level = block.level if isinstance(block, Heading) else level
        depth = block.depth if isinstance(block, Clause) else 0


def _check_block(block: Block, level: int, depth: int) -> Iterator[str]:
    if isinstance(block, Heading):
        yield from _check_heading(block, level)
    elif isinstance(block, Clause):
        yield from _check_clause(block, depth)
    elif isinstance(block, Table):
        yield from _check_table(block)
    elif not _is_line(block.caption) or SOURCE.fullmatch(block.source) is None:
        yield "図は ![題名](名前) の形で、名前は半角の英数字で書いてください。"


def _check_heading(heading: Heading, level: int) -> Iterator[str]:
    if not 1 <= heading.level <= min(level + 1, MAX_LEVEL):
        yield "見出しの深さ（# の数）が、前の見出しから二つ以上深くなっています。一つずつ深くしてください。"
    if heading.number and kind_of(heading.number) in (None, Kind.ARTICLE):
        yield "見出しの番号は、第１章・１・(1)・ア・附則・別表・様式などの形で書いてください（条は見出しではなく本文に書きます）。"
    if not _is_line(heading.title) and not (heading.number and heading.title == ""):
        yield "見出しの言葉を１行で書いてください。"


def _check_clause(clause: Clause, depth: int) -> Iterator[str]:
    kinds = _ITEM_KINDS if clause.depth else _PARAGRAPH_KINDS
    if clause.number and kind_of(clause.number) not in kinds:
        yield (
            "箇条書きの番号は (1)・ア・(ア)・①・１ の形で書いてください。"
            if clause.depth
            else "条・項の番号（第１条、２）でない番号です。号は行の頭に「- 」を付け、章・別表などは「## 」の見出しにしてください。"
        )
    if not _is_line(clause.words):
        yield "番号のあとの本文を１行で書いてください（前後に空白を置かないこと）。"
    if not 0 <= clause.depth <= depth + 1:
        yield "箇条書きが二段以上深くなっています。一段ずつ深くしてください。"
    if clause.depth > MAX_DEPTH:
        yield f"箇条書きが{MAX_DEPTH}段（(1)・ア・(ア)）より深くなっています。書類に印字できるのは{MAX_DEPTH}段までです。項・号を分けるか、表にしてください。"
    if clause.caption and (clause.depth or not clause.number or not _is_caption(clause.caption)):
        yield "（　）の見出しは、番号のある条・項のすぐ上の行に書いてください。"


def _check_table(table: Table) -> Iterator[str]:
    widths = {len(row) for row in table.rows}
    if len(widths) != 1 or 0 in widths:
        yield "表の行の欄の数がそろっていません。どの行も同じ数にしてください。"
    if any(line != line.strip() for row in table.rows for cell in row for line in cell.split("\n")):
        yield "表の欄の前後に空白があります。取ってください。"


def _is_line(words: str) -> bool:
    return bool(words) and words == words.strip() and "\n" not in words


def _is_caption(words: str) -> bool:
    return _is_line(words) and CAPTION.fullmatch(words) is not None
