"""Where on a filled form a comment belongs: the control, else its bookmark, else its printed label, else the title.

Only the body is looked at: a comment in a header or footer makes every LibreOffice refuse the file (wordforms.md §5).
What is deleted, moved away or lies in a text box is no place either: nobody sees it, or programs disagree about it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pipeline.forms.xml_places import Node

WORD: Final = frozenset(
    {
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",  # Strict
    }
)
_UNSEEN: Final = frozenset({"del", "moveFrom", "txbxContent", "Fallback", "pict", "object", "drawing"})
_PICTURES: Final = frozenset({"drawing", "pict", "object"})
_TITLE_STYLES: Final = frozenset({"Title", "a3"})  # `a3` is what a Japanese Word calls it
_LABEL_NOISE: Final = re.compile(r"\(?(?:必須|任意)\)?|[\s※：:*＊]")


@dataclass(frozen=True, slots=True)
class Span:
    """What a comment is about: from one place in the text of the part to another."""

    start: int
    end: int


class FormBody:
    """The body of a Word file, read once for all the comments that are looking for their place."""

    def __init__(self, body: Node) -> None:
        self.body = body
        self._seen = _visible(body)

    def at_control(self, tag: str, bookmark: str) -> Span | None:
        """The control of this tag, or all its options (`tag#0` …) from first to last.

        Of several, those in the cell of the bookmark count, for a control may have been copied to another cell.
        """
        found = self._controls.get(tag) or self._controls.get(tag + "#") or []
        marked = self._bookmarks.get(bookmark.casefold())
        own = [node for node in found if marked is not None and _cell(node) is _cell(marked)]
        return self._around(own or found)

    def at_part(self, tag: str) -> Span | None:
        """The first control of a group or list that has no control of its own: the first row of `children`."""
        inside = (name for name in self._controls if name.startswith((f"{tag}.", f"{tag}[")))
        return self._around(self._controls.get(next(inside, ""), [])) if tag else None

    def at_bookmark(self, bookmark: str) -> Span | None:
        """The content of the bookmark, or its whole paragraphs where it stands outside of them."""
        first = self._bookmarks.get(bookmark.casefold())
        if first is None:
            return None
        ends = (
            node for node in self._ends if node.start >= first.end and node.local("id") == first.local("id")
        )
        last = next(ends, first)
        paragraph = _paragraph(first)
        if paragraph is None:
            return self._across(p for p in self._paragraphs if first.end <= p.start < last.start)
        if not self._is_place(paragraph):
            return None
        is_near = _paragraph(last) is not None and _cell(last) is _cell(first)
        return Span(first.start, last.end if is_near else paragraph.closed)

    def at_label(self, label: str, tag: str) -> Span | None:
        """The paragraph that reads as the label, in a cell rather than outside of tables.

        A heading may go on with a hint after a wide space. Of several (every person has a 氏名) the one in the table
        that holds the box's brothers; never a guess.
        """
        named = self._named(label, lambda text: text) or self._named(
            label, lambda text: text.split("\u3000")[0]
        )
        if len(named) > 1:
            tables = {_table(node) for node in self._brothers(tag)}
            named = [p for p in named if _table(p) in tables]
        return self._across(named) if len(named) == 1 else None

    def at_title(self) -> Span | None:
        """The title, else the first paragraph with words, else the first that can carry a comment."""
        written = [p for p in self._paragraphs if self._words[p].strip()]
        titled = [p for p in written if _style(p) in _TITLE_STYLES and not _cell(p)]
        return self._across((titled or written)[:1]) or self._across(
            [p for p in self._paragraphs if self._is_place(p)][:1]
        )

    def _named(self, label: str, part: Callable[[str], str]) -> list[Node]:
        wanted = _plain(label)
        named = [p for p in self._paragraphs if wanted and _plain(part(self._words[p])) == wanted]
        return [p for p in named if _cell(p)] or named

    def _brothers(self, tag: str) -> list[Node]:
        """The controls of the same group, whatever row of a list it is."""
        group = _group(tag)
        return [
            node
            for name, nodes in self._controls.items()
            if group and _group(name) == group
            for node in nodes
        ]

    @cached_property
    def _controls(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for node in self._seen:
            tag = _tag(node) if node.kind == "sdt" else ""
            if tag:
                found.setdefault(tag, []).append(node)
                group, mark, option = tag.rpartition("#")
                if mark and option.isdecimal():
                    found.setdefault(group + "#", []).append(node)
        return found

    @cached_property
    def _bookmarks(self) -> dict[str, Node]:
        named = [node for node in self._seen if node.kind == "bookmarkStart"]
        return {node.local("name").casefold(): node for node in reversed(named)}

    @cached_property
    def _ends(self) -> list[Node]:
        return [node for node in self._seen if node.kind == "bookmarkEnd"]

    @cached_property
    def _paragraphs(self) -> list[Node]:
        return [node for node in self._seen if node.kind == "p"]

    @cached_property
    def _words(self) -> dict[Node, str]:
        words = dict.fromkeys(self._paragraphs, "")
        for node in self._seen:
            paragraph = _paragraph(node) if node.kind == "t" else None
            if paragraph in words and paragraph is not None:
                words[paragraph] += node.text
        return words

    def _around(self, nodes: Sequence[Node]) -> Span | None:
        """From before the first control to behind the last in its cell, or through the paragraphs it encloses."""
        near = [node for node in nodes if _cell(node) is _cell(nodes[0])]
        if not near:
            return None
        if _paragraph(near[0]) and _paragraph(near[-1]):
            return Span(near[0].start, near[-1].end)
        return self._across(p for p in self._paragraphs if near[0].start <= p.start < near[-1].end)

    def _across(self, paragraphs: Iterable[Node]) -> Span | None:
        """Through paragraphs of one cell: a comment over several cells is cut down to nothing by LibreOffice."""
        places = [p for p in paragraphs if self._is_place(p)]
        if not places:
            return None
        near = [p for p in places if _cell(p) is _cell(places[0])]
        return Span(_content_start(near[0]), near[-1].closed)

    def _is_place(self, paragraph: Node) -> bool:
        """Whether a comment can stand in it. LibreOffice cannot load a comment on nothing but a chart."""
        if paragraph.is_bare:
            return False
        has_picture = any(node.kind in _PICTURES for node in paragraph.walk())
        return not has_picture or bool(self._words[paragraph].strip())


def _visible(body: Node) -> list[Node]:
    seen, waiting = [], [body]
    while waiting:
        node = waiting.pop()
        seen.append(node)
        waiting.extend(child for child in reversed(node.children) if child.kind not in _UNSEEN)
    return seen


def _tag(control: Node) -> str:
    for properties in control.children:
        if properties.kind == "sdtPr":
            return next((node.local("val") for node in properties.children if node.kind == "tag"), "")
    return ""


def _style(paragraph: Node) -> str:
    for properties in paragraph.children:
        if properties.kind == "pPr":
            return next((node.local("val") for node in properties.children if node.kind == "pStyle"), "")
    return ""


def _cell(node: Node) -> Node | None:
    return next((owner for owner in node.ancestors() if owner.kind == "tc"), None)


def _table(node: Node) -> Node | None:
    return next((owner for owner in node.ancestors() if owner.kind == "tbl"), None)


def _group(tag: str) -> str:
    return re.sub(r"\[[0-9]+\]", "[]", tag).rpartition(".")[0]


def _paragraph(node: Node) -> Node | None:
    """The paragraph around a node, if nothing larger stands between (a table in a text box, say)."""
    owner = next((owner for owner in node.ancestors() if owner.kind in ("p", "tc", "body")), None)
    return owner if owner is not None and owner.kind == "p" else None


def _content_start(paragraph: Node) -> int:
    first = paragraph.children[0] if paragraph.children else None
    return first.end if first is not None and first.kind == "pPr" else paragraph.opened


def _plain(text: str) -> str:
    return _LABEL_NOISE.sub("", unicodedata.normalize("NFKC", text))
