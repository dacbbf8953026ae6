"""XML as text with the place of every element, so that a part is changed by insertions and cuts alone.

A parser that serialises again may rewrite declarations, quotes, entities and prefixes of somebody else's file. Here
the text of a part stays what it is, byte for byte, outside the edits: they are made at places an event parser names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from pipeline import ooxml

# A form of 400 boxes has 40,000. An element costs 2 kB and 15 µs here: what is larger comes back with the 返却票 alone.
MAX_BRACKETS: Final = 150_000

_FIRST_TAG: Final = re.compile(rb"""<[^\s/>]+(?:\s+[^\s=/>]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*(/?)>""")
_DECLARED: Final = re.compile(rb"""^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_BARE: Final = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))


@dataclass(slots=True, eq=False)
class Node:
    """An element and where it stands: `start` … `opened` is its first tag, `closed` … `end` its last.

    `kind` is the name without its namespace. `<w:p/>` has but one tag, so nothing can be put inside: `is_bare`.
    """

    name: str  # in Clark notation
    kind: str
    attributes: Mapping[str, str]
    parent: Node | None
    start: int
    opened: int
    is_bare: bool
    closed: int = 0
    end: int = 0
    text: str = ""  # the characters directly in it
    children: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """Yield this element and all below it, in the order of the text."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    def ancestors(self) -> Iterator[Node]:
        """Yield the elements around this one, the nearest first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def local(self, name: str) -> str:
        """Return the attribute of this local name in whatever namespace, or nothing."""
        return next((value for key, value in self.attributes.items() if key.rpartition("}")[2] == name), "")


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `xml` in the place of what stands from `start` to `end`; an insertion where the two are one."""

    start: int
    end: int
    xml: str = ""


@dataclass(frozen=True, slots=True)
class XmlText:
    """A part: its text in UTF-8, what it was written in, and its elements. `prefixes` holds all meanings of each."""

    utf8: bytes
    mark: bytes
    codec: str
    root: Node
    prefixes: Mapping[str, frozenset[str]]

    def edited(self, edits: Iterable[Edit]) -> bytes:
        """Return the part with the edits made, in its own encoding; everything else byte for byte as it was.

        Edits at one place keep their order, insertions before a cut. Raises ValueError where two overlap.
        """
        pieces, at = [], 0
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
            if edit.start < at:
                raise ValueError("edits overlap")
            pieces += [self.utf8[at : edit.start], edit.xml.encode("utf-8")]
            at = edit.end
        text = b"".join((*pieces, self.utf8[at:])).decode("utf-8")
        return self.mark + text.encode(self.codec, "xmlcharrefreplace")

    def appended(self, xml: str) -> Edit:
        """Return the edit that puts `xml` at the end of the root, opening a root that is a single tag."""
        root = self.root
        if not root.is_bare:
            return Edit(root.closed, root.closed, xml)
        tag = self.utf8[root.start : root.opened].decode("utf-8")
        name = re.split(r"[\s/>]", tag[1:], maxsplit=1)[0]
        return Edit(root.start, root.end, f"{tag[:-2]}>{xml}</{name}>")


def read_xml(data: bytes) -> XmlText:
    """Return a part with its places. Raises ValueError where it is not well-formed, has a DTD, is too large or cannot be kept."""
    ooxml.parse(data)  # the gate against DTDs, depth and size
    mark, codec = _encoding(data)
    try:
        text = data[len(mark) :].decode(codec)
    except LookupError:
        raise ValueError("encoding") from None
    if text.encode(codec) != data[len(mark) :]:
        raise ValueError("encoding")
    utf8 = text.encode("utf-8")
    if utf8.count(b"<") > MAX_BRACKETS:
        raise ValueError("size")
    reader = _Reader(utf8)
    return XmlText(utf8, mark, codec, reader.root, {k: frozenset(v) for k, v in reader.prefixes.items()})


def _encoding(data: bytes) -> tuple[bytes, str]:
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return mark, codec
    for beginning, codec in _BARE:
        if data.startswith(beginning):
            return b"", codec
    declared = _DECLARED.match(data)
    return b"", declared[1].decode("ascii") if declared else "utf-8"


class _Reader:
    """Builds the elements while the event parser runs over the text."""

    def __init__(self, utf8: bytes) -> None:
        self.utf8 = utf8
        self.prefixes: dict[str, set[str]] = {}
        self._names: dict[str, tuple[str, str]] = {}
        self._top = Node("", "", {}, None, 0, 0, is_bare=False)
        self._open = self._top
        self._parser = expat.ParserCreate("utf-8", "}")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartNamespaceDeclHandler = self._declare
        try:
            self._parser.Parse(utf8, True)
        except expat.ExpatError:
            raise ValueError("XML") from None
        self.root = self._top.children[0]
        self.root.parent = None

    def _declare(self, prefix: str | None, address: str | None) -> None:
        self.prefixes.setdefault(prefix or "", set()).add(address or "")

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        begin = self._parser.CurrentByteIndex
        tag = _FIRST_TAG.match(self.utf8, begin)
        if tag is None:
            raise ValueError("XML")
        known = self._names.get(name) or self._names.setdefault(name, _named(name))
        node = Node(*known, attributes, self._open, begin, tag.end(), bool(tag[1]))
        self._open.children.append(node)
        self._open = node

    def _end(self, _: str) -> None:
        node = self._open
        node.closed = node.opened if node.is_bare else self._parser.CurrentByteIndex
        node.end = node.opened if node.is_bare else self.utf8.index(b">", node.closed) + 1
        if node.parent is not None:
            self._open = node.parent

    def _characters(self, text: str) -> None:
        self._open.text += text


def _named(name: str) -> tuple[str, str]:
    """`address}name` of the event parser in Clark notation, and without its namespace."""
    return ("{" + name if "}" in name else name), name.rpartition("}")[2]
