"""The one written form of an edition: a small, strict Markdown.

    # いわき市○○設置要綱                  題名
                                          one empty line between blocks
    ## 第１章　総則                        見出し, by the number of #
    （設置）                              caption on the line above
    第１条　…を置く。                     条, 項 (２　…), or a paragraph without a number
    - (1)　…                             号; two spaces deeper for each step
      - ア　…
    | 分野 | 機関 |                       表; | and \\ with a \\ before, <br> for a new line in a cell
    |---|---|
    ![図１　相談の流れ](flow)              図

A line of plain words that looks like one of these begins with a \\. Reading and writing are inverse: what is read is
exactly what would be written, or it is refused with every line that is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import Final

from pipeline.rules.editions.numbering import join_number, split_number
from pipeline.rules.editions.text import (
    CAPTION,
    MAX_LEVEL,
    SOURCE,
    Block,
    Clause,
    EditionText,
    Figure,
    Heading,
    Table,
    check_shape,
)

_HEADING: Final = re.compile("(#{2,6}) (.*)")
_ITEM: Final = re.compile("((?:  )*)- (.*)")
_FIGURE: Final = re.compile(rf"!\[(.*)\]\(({SOURCE.pattern})\)")
_SYNTAX: Final = ("#", "-", "|", "!", ">", "\\")
_CELL: Final = re.compile(r"((?:[^|\\]|\\.)*)\|")
_NEW_LINE: Final = "<br>"
_TITLE: Final = "# 部分"  # stands before a part while it is read


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong at a line (counted from 1), in Japanese; it never quotes the line."""

    line: int
    message: str


# --- Writing ------------------------------------------------------------------------------------------------------


def write_text(text: EditionText) -> str:
    """Return the written form of a text (one that `check_shape` finds nothing wrong with)."""
    return "\n".join((f"# {text.title}\n", *([write_blocks(text.blocks)] if text.blocks else ())))


def write_blocks(blocks: tuple[Block, ...]) -> str:
    """Return blocks as written: an empty line between them, none between the items of a list."""
    joints = ("" if _are_items(*pair) else "\n" for pair in pairwise(blocks))
    return "".join(f"{joint}{_write(block)}\n" for joint, block in zip(("", *joints), blocks, strict=False))


def _are_items(before: Block, block: Block) -> bool:
    return all(isinstance(part, Clause) and part.depth > 0 for part in (before, block))


def _write(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * (block.level + 1)} {_numbered(block.number, block.title)}"
    if isinstance(block, Table):
        head, *rows = (_write_row(row) for row in block.rows)
        return "\n".join((head, _rule(len(block.rows[0])), *rows))
    if isinstance(block, Figure):
        return f"![{block.caption}]({block.source})"
    line = _numbered(block.number, block.words)
    if block.depth:
        return f"{'  ' * (block.depth - 1)}- {line}"
    return f"{block.caption}\n{line}" if block.caption else line


def _numbered(number: str, words: str) -> str:
    if not number and (words.startswith(_SYNTAX) or split_number(words)[0]):
        return f"\\{words}"
    return join_number(number, words)


def _write_row(row: tuple[str, ...]) -> str:
    return "".join(f"| {_escaped(cell)} " for cell in row) + "|"


def _rule(width: int) -> str:
    return "|" + "---|" * width


def _escaped(cell: str) -> str:
    marked = cell.replace("\\", "\\\\").replace("|", "\\|").replace(_NEW_LINE, f"\\{_NEW_LINE}")
    return marked.replace("\n", _NEW_LINE)


# --- Reading ------------------------------------------------------------------------------------------------------


def read_text(source: str, level: int = 0) -> tuple[EditionText | None, tuple[LineFault, ...]]:
    """Read a written text; None with every faulty line where it is not exactly as it would be written.

    A part of a text stands below a heading of `level`.
    """
    lines = source.split("\n")
    faults: list[LineFault] = []
    if not lines[0].startswith("# "):
        faults.append(LineFault(1, "１行目は「# 」に続けて題名を書いてください。"))
    found = list(_read_blocks(lines[1:], 2, faults))
    text = EditionText(lines[0].removeprefix("# "), tuple(block for _, block in found))
    places = (1, *(line for line, _ in found))
    faults += [LineFault(places[index + 1], fault) for index, fault in check_shape(text, level)]
    if not faults:
        faults += _first_difference(lines, write_text(text).split("\n"))
    return (None if faults else text), tuple(sorted(faults, key=lambda fault: fault.line))


def read_blocks(source: str) -> tuple[Block, ...]:
    """Read blocks alone, as `write_blocks` wrote them. Raises ValueError for any other writing."""
    faults: list[LineFault] = []
    blocks = tuple(block for _, block in _read_blocks(source.split("\n"), 1, faults))
    if faults or write_blocks(blocks) != source:
        raise ValueError("not as it would be written")
    return blocks


def read_typed(source: str) -> tuple[EditionText | None, tuple[LineFault, ...]]:
    """Read a text as people type it into a box: empty lines between blocks may be missing or too many."""
    spaced, places = _spaced(source)
    text, faults = read_text("\n".join((*spaced, "")))
    return text, tuple(LineFault(_place(fault.line, places), fault.message) for fault in faults)


def read_typed_blocks(source: str) -> tuple[tuple[Block, ...], tuple[LineFault, ...]]:
    """Read a part of a text as people type it: blocks without a title, of any level; none with every faulty line."""
    spaced, places = _spaced(source)
    if not spaced:
        return (), (LineFault(1, "本文がありません。"),)
    text, faults = read_text("\n".join((_TITLE, "", *spaced, "")), MAX_LEVEL)
    found = tuple(LineFault(_place(fault.line - 2, places), fault.message) for fault in faults)
    return (text.blocks if text else ()), found


def _spaced(source: str) -> tuple[list[str], list[int]]:
    """The lines with exactly the empty ones that belong between them, and where each stood, counted from 1."""
    typed = [(number, line.rstrip()) for number, line in enumerate(source.split("\n"), 1) if line.strip()]
    lines: list[str] = []
    places: list[int] = []
    for number, line in typed:
        if lines and not _are_joined(lines[-1], line, places[-1] + 1 == number):
            lines.append("")
            places.append(number)
        lines.append(line)
        places.append(number)
    return lines, places


def _are_joined(before: str, line: str, is_next: bool) -> bool:
    """Items of a list always; rows of a table, and a caption and its article, where nothing was put between them."""
    if all(_ITEM.fullmatch(part) for part in (before, line)):
        return True
    is_captioned = CAPTION.fullmatch(before) is not None and bool(split_number(line)[0])
    return is_next and (before[0] == line[0] == "|" or is_captioned)


def _place(line: int, places: list[int]) -> int:
    return places[min(max(line, 1), len(places)) - 1] if places else 1


def _first_difference(lines: list[str], wanted: list[str]) -> Iterator[LineFault]:
    for number, (line, want) in enumerate(zip_longest(lines, wanted), start=1):
        if line != want:
            yield LineFault(
                number,
                "余分な空白・空行か、余分な「\\」があります。段落の間は空行一つ、箇条書きの行の間は空行なし、最後は改行一つにしてください。",
            )
            return


def _read_blocks(lines: list[str], first: int, faults: list[LineFault]) -> Iterator[tuple[int, Block]]:
    """Yield (line, block) for every group of lines between empty ones."""
    group: list[str] = []
    for number, line in enumerate((*lines, ""), start=first):
        if line:
            group.append(line)
        elif group:
            yield from _read_group(group, number - len(group), faults)
            group = []


def _read_group(group: list[str], first: int, faults: list[LineFault]) -> Iterator[tuple[int, Block]]:
    if group[0].startswith("|"):
        yield from _read_table(group, first, faults)
        return
    if len(group) == 2 and CAPTION.fullmatch(group[0]):
        yield first, Clause(*split_number(group[1]), caption=group[0])
        return
    are_items = [_ITEM.fullmatch(line) is not None for line in group]
    for number, (line, is_item) in enumerate(zip(group, are_items, strict=True), start=first):
        if not is_item and (any(are_items) or number > first):
            faults.append(
                LineFault(
                    number,
                    "前後の行との間に空行がありません。段落・見出し・表の間に空行を一つ置いてください。",
                )
            )
        block = _read_line(line)
        if block is None:
            faults.append(
                LineFault(number, "行の頭の記号が読み取れません。文字であれば頭に「\\」を付けてください。")
            )
        else:
            yield number, block


def _read_line(line: str) -> Block | None:
    if match := _HEADING.fullmatch(line):
        return Heading(len(match[1]) - 1, *_unmarked(match[2]))
    if match := _ITEM.fullmatch(line):
        return Clause(*_unmarked(match[2]), depth=len(match[1]) // 2 + 1)
    if match := _FIGURE.fullmatch(line):
        return Figure(match[1], match[2])
    if line.startswith(_SYNTAX[:-1]):
        return None
    return Clause(*_unmarked(line))


def _unmarked(line: str) -> tuple[str, str]:
    return ("", line[1:]) if line.startswith("\\") else split_number(line)


def _read_table(group: list[str], first: int, faults: list[LineFault]) -> Iterator[tuple[int, Block]]:
    rows = [_read_row(line) for number, line in enumerate(group) if number != 1]
    if len(group) < 2 or group[1] != _rule(len(rows[0] or ())):
        faults.append(LineFault(first + 1, "表の２行目は、欄の数だけ「|---」を並べて「|」で閉じてください。"))
    for number, row in enumerate(rows):
        if row is None:
            line = first + number + (number > 0)
            faults.append(
                LineFault(line, "表の行は「| 」で始め、欄を「 | 」で区切り、「 |」で終えてください。")
            )
    yield first, Table(tuple(row for row in rows if row is not None))


def _read_row(line: str) -> tuple[str, ...] | None:
    cells = _CELL.findall(line.removeprefix("|"))
    if not cells or line != "|" + "".join(f"{cell}|" for cell in cells):
        return None
    if any(not (cell.startswith(" ") and cell.endswith(" ") and len(cell) > 1) for cell in cells):
        return None
    return tuple(_unescaped(cell[1:-1]) for cell in cells)


def _unescaped(cell: str) -> str:
    parts = re.split(rf"(\\(?:{_NEW_LINE}|.)|{_NEW_LINE})", cell)
    return "".join(
        "\n" if part == _NEW_LINE else part.removeprefix("\\") if part.startswith("\\") else part
        for part in parts
    )
