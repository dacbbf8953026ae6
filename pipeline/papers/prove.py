"""The proof of a paper, made after rendering and apart from it: what must be there is there, what must not be is not.

`ensure_proven` runs for every paper; it looks at the pieces the file was joined from. `ensure_parses` reads the
finished file again with lxml: the slow oracle of the tests and of `todoke check` (reliability.md §2.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from typing import Final

from pipeline.errors import OfficeFault
from pipeline.ooxml import Element, Member, PackageError, W, parse_word, read_archive
from pipeline.papers.dialect import LINE_BREAK, TAB
from pipeline.papers.pictures import is_picture, is_whole, named_pictures, without_drawings
from pipeline.papers.ruby import without_readings
from pipeline.papers.template import CompiledPaper, Rendered, Story

_NEEDS_WRITING: Final = re.compile("[&<>\"'\t\n]").search
_MARKUP: Final = re.compile(r"<[^>]*>")
_BETWEEN: Final = "\x00"  # no value holds it, so nothing is found across two values


def ensure_proven(
    paper: CompiledPaper, rendered: Rendered, must_print: tuple[str, ...], must_hide: tuple[str, ...] = ()
) -> None:
    """Prove one paper: every value that must be printed is there, code point for code point, a text of several lines
    line by line; no value that must be hidden and no barred word was printed.

    Raises OfficeFault("PROOF") with counts only, never a value.
    """
    values = _printed_values(paper, rendered)
    lost = sum(not _is_printed(value, values, rendered) for value in must_print)
    leaked = sum(_as_written(value) in values for value in must_hide)
    barred = sum(_as_written(word) in values for word in paper.barred)
    faults = (
        (lost, "印字されるはずの値のうち{}件が紙面にありません。ひな形にその項目があるか確かめてください。"),
        (
            leaked,
            "この書類に載せてはならない値が{}件印字されています。ひな形と paper.toml の fields を確かめてください。",
        ),
        (barred, "この書類に書けない言葉が{}件印字されています。記入内容を確かめてください。"),
    )
    found = [f"書類「{paper.name}」：{sentence.format(count)}" for count, sentence in faults if count]
    if found:
        raise OfficeFault("PROOF", *found)


def _printed_values(paper: CompiledPaper, rendered: Rendered) -> str:
    """Only what was filled in; the template's own text is known since it was compiled."""
    values = [
        piece
        for story, pieces in zip(paper.stories, rendered.pieces, strict=True)
        for piece in pieces
        if piece not in story.constants
    ]
    if paper.relations is not None or paper.furigana is not None:
        values = [without_readings(without_drawings(piece)) for piece in values]
    return _BETWEEN.join(values)


def _is_printed(value: str, values: str, rendered: Rendered) -> bool:
    if value in values and not _NEEDS_WRITING(value):
        return True
    return all(_line_is_printed(line, values, rendered) for line in value.split("\n"))


def _line_is_printed(line: str, values: str, rendered: Rendered) -> bool:
    """A word may also be printed by the template itself, where a condition chose it; its markup does not count."""
    written = _as_written(line)
    return written in values or any(
        written in _MARKUP.sub(_BETWEEN, "".join(pieces)) for pieces in rendered.pieces
    )


@lru_cache(maxsize=8192)  # five hundred letters are searched for the same two thousand texts
def _as_written(value: str) -> str:
    """A value as it stands in the file. Python's own escaping, not the renderer's, so that they check each other."""
    escaped = escape(value).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
    return escaped.replace("\n", LINE_BREAK).replace("\t", TAB)


# --- The oracle ---------------------------------------------------------------------------------------------------


def ensure_parses(paper: CompiledPaper, data: bytes) -> None:
    """Read a finished paper again: every rendered part is well-formed, every other member is the template's own to
    the byte or a whole picture (they were parsed when it was compiled), the template's text is there in order, the section closes the
    body.

    Raises OfficeFault("PROOF").
    """
    try:
        faults = tuple(_check_file(paper, read_archive(data)))
    except PackageError as error:
        faults = (f"できた文書が読めません（{error.code}）。",)
    if faults:
        raise OfficeFault("PROOF", *(f"書類「{paper.name}」：{fault}" for fault in faults))


def _check_file(paper: CompiledPaper, archive: tuple[Member, ...]) -> Iterator[str]:
    rendered = {story.member: story for story in paper.stories}
    drawn = [member for member in archive if paper.relations is not None and is_picture(member.name)]
    own = tuple(member for member in archive if member not in drawn)
    filled = {*rendered, *((paper.relations[0],) if paper.relations else ())}
    if tuple(member for member in own if member.name not in filled) != paper.kept:
        yield "ひな形のまま残るはずの部品が変わっています。"
    shown = {name for m in archive if m.name in rendered for name in named_pictures(parse_word(m.content()))}
    if not all(map(is_whole, drawn)) or shown != {member.name for member in drawn}:
        yield "図の部品が壊れているか、足りません。"
    if len(own) != len(paper.slots):
        yield "できた文書の部品が、ひな形の部品と一致しません。"
    for member in archive:
        if member.name in rendered:
            yield from _check_story(rendered[member.name], parse_word(member.content()))


def _check_story(story: Story, root: Element) -> Iterator[str]:
    text = "".join(node.text or "" for node in root.iter(W + "t"))
    at = 0
    for piece in story.text:
        found = text.find(piece, at)
        if found < 0:
            yield f"{story.label}：ひな形の文字が欠けています。"
            return
        at = found + len(piece)
    if root.tag == W + "document" and (len(root[0]) == 0 or root[0][-1].tag != W + "sectPr"):
        yield f"{story.label}：ページ設定がありません。"
    if any(_has_lost_text(paragraph) for paragraph in root.iter(W + "p", W + "r")):
        yield f"{story.label}：文字が段落の外に出ています。"


def _has_lost_text(node: Element) -> bool:
    return any(text and text.strip() for text in (node.text, *(child.tail for child in node)))
