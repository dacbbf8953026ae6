"""The sender's own Word file with a comment at each wrong box: written into the zip, nothing else touched.

Why not python-docx: it cannot open Strict, dotx, docm and dangling relations, and writes every part anew. Here the
body, the relations, the content types and the comments are changed by insertions at known places; every other member
is copied with its deflated bytes (wordforms.md §5).

A form that comes back a second time still has our comments of the first time in it. They are taken out before the new
ones go in: a comment on a box that is right by now would send its reader to the wrong place, and five rounds would
leave five layers. Nothing is lost with them, since the file as sent lies in the spool. Ours are known by author *and*
initials; one that somebody has replied to stays, because the reply is his.
"""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import unquote
from xml.sax.saxutils import escape, quoteattr

from pipeline import ooxml
from pipeline.forms.anchors import WORD, FormBody, Span
from pipeline.forms.xml_places import Edit, Node, XmlText, read_xml

AUTHOR: Final = "届け（返却）"
INITIALS: Final = "届"

_CONTENT_TYPES: Final = "[Content_Types].xml"
_TYPES_NS: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS_NS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_COMMENTS_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_RELATIONS_TYPE: Final = "application/vnd.openxmlformats-package.relationships+xml"
_HEADER: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_RELATION_OF: Final = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
    ),
    "http://purl.oclc.org/ooxml/wordprocessingml/main": (
        "http://purl.oclc.org/ooxml/officeDocument/relationships/comments"
    ),
}
_SIDE_PARTS: Final = ("/commentsExtended", "/commentsIds", "/commentsExtensible")
_MAX_ID: Final = 2**31 - 1
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FONT: Final = "ＭＳ ゴシック"


class CannotAnnotate(ValueError):
    """A file that is not marked because its package or its XML is damaged: the 返却票 alone must do."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A comment to be made. `text` has a line for each paragraph: what, the rule, what to do."""

    tag: str
    bookmark: str
    label: str
    text: str


def annotate(docx: bytes, marks: Sequence[Mark], summary: str, when: datetime, author: str = AUTHOR) -> bytes:
    """Return a copy of a Word file with a comment for each mark and `summary` on its title.

    `when` is printed as the wall clock it shows. Raises CannotAnnotate.
    """
    try:
        package = _Package(docx)
        main = package.main_part()
        comments = _CommentsPart(package, main, author)
        comments.take_out_own()
        comments.put_in(marks, summary, when)
        return package.written()
    except ValueError as damage:  # PackageError and UnicodeError among them
        raise CannotAnnotate(str(damage)) from None


# --- The package --------------------------------------------------------------------------------------------------


class _Package:
    """An archive and the few members that are written anew. Names are compared without case, as OPC demands."""

    def __init__(self, docx: bytes) -> None:
        self._members = {member.name: member for member in ooxml.read_archive(docx)}
        self._names = {name.casefold(): name for name in self._members}
        self._read: dict[str, XmlText] = {}

    def find(self, name: str) -> str | None:
        return self._names.get(name.casefold())

    def read(self, name: str) -> XmlText:
        found = self.find(name)
        if found is None:
            raise CannotAnnotate("OPC")
        if found not in self._read:
            self._read[found] = read_xml(self._members[found].content())
        return self._read[found]

    def write(self, name: str, data: bytes) -> None:
        """Put a part in, in its old place or at the end. What we wrote must read as XML before anybody gets it."""
        ooxml.parse(data)
        kept = self.find(name) or name
        self._members[kept] = ooxml.deflate(kept, data)
        self._names[kept.casefold()] = kept
        self._read.pop(kept, None)

    def written(self) -> bytes:
        return ooxml.write_archive([ooxml.make_slot(*item) for item in self._members.items()], [])

    def main_part(self) -> str:
        targets = self.targets("", ooxml.OFFICE_DOCUMENT)
        found = self.find(targets[0]) if targets else None
        if found is None:
            raise CannotAnnotate("OPC")
        return found

    def targets(self, source: str, kind: str) -> list[str]:
        """The parts that `source` (nothing for the package) names in its relations, of a type with this ending."""
        name = self.find(_relations_of(source))
        if name is None:
            return []
        return [
            _resolved(source, node.local("Target"))
            for node in self.read(name).root.children
            if node.local("Type").endswith(kind) and node.local("TargetMode") != "External"
        ]

    def relate(self, source: str, kind: str, target: str) -> None:
        """Add a relation to a part of the same folder, in a new part of relations if there is none."""
        name = _relations_of(source)
        if self.find(name) is None:
            self.write(name, f'{_HEADER}<Relationships xmlns="{_RELATIONS_NS}"/>'.encode())
            self._declare_extension("rels", _RELATIONS_TYPE)
        relations = self.read(name)
        taken = {node.local("Id") for node in relations.root.children}
        fresh = next(i for n in itertools.count(1) if (i := f"rIdReturned{n}") not in taken)
        facts = f' Id="{fresh}" Type="{kind}" Target={quoteattr(posixpath.basename(target))}'
        self._append(name, relations, "Relationship", _RELATIONS_NS, facts)

    def declare(self, name: str, content_type: str) -> None:
        """Name the content type of a part, unless that is done already."""
        types = self.read(_CONTENT_TYPES)
        parts = {unquote(node.local("PartName")).casefold() for node in types.root.children}
        if f"/{name}".casefold() not in parts:
            facts = f' PartName={quoteattr("/" + name)} ContentType="{content_type}"'
            self._append(_CONTENT_TYPES, types, "Override", _TYPES_NS, facts)

    def _declare_extension(self, extension: str, content_type: str) -> None:
        types = self.read(_CONTENT_TYPES)
        if extension not in {node.local("Extension").casefold() for node in types.root.children}:
            facts = f' Extension="{extension}" ContentType="{content_type}"'
            self._append(_CONTENT_TYPES, types, "Default", _TYPES_NS, facts)

    def _append(self, name: str, part: XmlText, element: str, namespace: str, facts: str) -> None:
        is_plain = re.match(rb"<[^\s:]+[\s>/]", part.utf8[part.root.start : part.root.opened])
        declared = (
            "" if is_plain and part.prefixes.get("") == frozenset({namespace}) else f' xmlns="{namespace}"'
        )
        self.write(name, part.edited([part.appended(f"<{element}{declared}{facts}/>")]))


def _relations_of(source: str) -> str:
    folder, name = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _resolved(source: str, target: str) -> str:
    path = posixpath.join("/", posixpath.dirname(source), unquote(target).replace("\\", "/"))
    return posixpath.normpath(path).lstrip("/")


# --- The comments -------------------------------------------------------------------------------------------------


class _CommentsPart:
    """The comments of a main part: those that are there, ours of an earlier return, and the new ones."""

    def __init__(self, package: _Package, main: str, author: str) -> None:
        self.package, self.main, self.author = package, main, author
        self.namespace = package.read(main).root.name.rpartition("}")[0].lstrip("{")
        if self.namespace not in WORD:
            raise CannotAnnotate("TYPE")
        self.name = self._find() or self._start()
        package.declare(self.name, _COMMENTS_TYPE)

    def _find(self) -> str | None:
        named = self.package.targets(self.main, "/comments")
        return next((found for name in named if (found := self.package.find(name))), None)

    def _start(self) -> str:
        folder = posixpath.dirname(self.main)
        names = (posixpath.join(folder, f"comments{number}.xml") for number in ("", *range(2, 1000)))
        name = next(name for name in names if self.package.find(name) is None)
        self.package.write(name, f'{_HEADER}<w:comments xmlns:w="{self.namespace}"/>'.encode())
        self.package.relate(self.main, _RELATION_OF[self.namespace], name)
        return name

    def take_out_own(self) -> None:
        """Cut our comments of an earlier return, their anchors, and what other parts say of them."""
        part = self.package.read(self.name)
        own = [node for node in part.root.children if self._is_own(node)]
        if not own:
            return
        answered = self._answered()
        gone = [node for node in own if not _paragraph_ids(node) & answered]
        self.package.write(self.name, part.edited(_cut(gone)))
        body = self.package.read(self.main)
        ids = {node.local("id") for node in gone}
        self.package.write(self.main, body.edited(_cut(_anchors(body.root, ids))))
        self._forget({paragraph for node in gone for paragraph in _paragraph_ids(node)})

    def _is_own(self, node: Node) -> bool:
        return (node.local("author"), node.local("initials")) == (self.author, INITIALS)

    def _answered(self) -> set[str]:
        """The paragraphs of comments that somebody has replied to."""
        named = itertools.chain.from_iterable(self._side_entries(kind) for kind in _SIDE_PARTS)
        return {answer for _, _, node in named if (answer := node.local("paraIdParent").upper())}

    def _forget(self, gone: set[str]) -> None:
        """Cut what the side parts of newer Words hold on comments: by paragraph, then by the durable id it has."""
        for kind in _SIDE_PARTS:
            entries = list(self._side_entries(kind))
            dead = [item for item in entries if {i.upper() for i in _names_of(item[2])} & gone]
            gone |= {item[2].local("durableId").upper() for item in dead} - {""}
            for name, group in itertools.groupby(dead, key=lambda item: item[0]):
                found = list(group)
                self.package.write(name, found[0][1].edited(_cut([node for _, _, node in found])))

    def _side_entries(self, kind: str) -> Iterator[tuple[str, XmlText, Node]]:
        for name in map(self.package.find, self.package.targets(self.main, kind)):
            part = self.package.read(name) if name else None
            if name and part:
                yield from ((name, part, node) for node in part.root.children)

    def put_in(self, marks: Sequence[Mark], summary: str, when: datetime) -> None:
        """Write the summary and a comment for each mark, with their anchors in the body."""
        body = self.package.read(self.main)
        comments = self.package.read(self.name)
        place = next((node for node in body.root.children if node.name == f"{{{self.namespace}}}body"), None)
        if place is None or place.is_bare:
            raise CannotAnnotate("OPC")
        placed = list(_placed(FormBody(place), marks, summary))
        ids = _fresh_ids(comments.root, body.root)
        numbered = [(next(ids), span, text) for span, text in placed]
        quill = _Quill(self.namespace, self.author, when)
        self.package.write(self.main, body.edited(quill.anchors(body, place, numbered)))
        written = "".join(quill.comment(comments, number, text) for number, _, text in numbered)
        self.package.write(self.name, comments.edited([comments.appended(written)]))


def _paragraph_ids(comment: Node) -> set[str]:
    """The ids of its paragraphs; other parts speak of a comment by that of its last."""
    ids = {node.local("paraId").upper() for node in comment.walk() if node.kind == "p"}
    return ids - {""}


def _names_of(entry: Node) -> set[str]:
    return {entry.local("paraId"), entry.local("durableId")}


def _anchors(root: Node, ids: set[str]) -> Iterator[Node]:
    """What ties these comments to the text: both ends of the range, and the run of the reference if it holds no more."""
    for node in root.walk():
        if node.kind.startswith("comment") and node.local("id") in ids:
            run = node.parent
            is_alone = run is not None and all(n is node or n.kind == "rPr" for n in run.children)
            yield run if node.kind == "commentReference" and is_alone and run is not None else node


def _cut(nodes: Iterable[Node]) -> list[Edit]:
    return [Edit(node.start, node.end) for node in nodes]


def _fresh_ids(comments: Node, body: Node) -> Iterator[int]:
    """Numbers for new comments: on from the highest, or the free ones where that would not be a number to Word."""
    used = {node.local("id") for node in comments.children}
    used |= {n.local("id") for n in body.walk() if n.kind.startswith("comment")}
    numbers = {int(text) for text in used if re.fullmatch(r"-?[0-9]{1,18}", text)}
    highest = max(numbers, default=-1)
    first = highest + 1 if -1 <= highest < _MAX_ID // 2 else 0
    return (number for number in itertools.count(first) if number not in numbers)


def _placed(form: FormBody, marks: Sequence[Mark], summary: str) -> Iterator[tuple[Span | None, str]]:
    """Yield the place and text of every comment, the summary first. No place means the top of the body."""
    title = form.at_title()
    yield title, summary
    for mark in marks:
        span = (
            form.at_control(mark.tag, mark.bookmark)
            or form.at_bookmark(mark.bookmark)
            or (form.at_part(mark.tag) if mark.tag.endswith("]") else None)  # a row has no label of its own
            or form.at_label(mark.label, mark.tag)
            or form.at_part(mark.tag)
        )
        yield (span, mark.text) if span else (title, f"欄：「{mark.label}」\n{mark.text}")


@dataclass(frozen=True, slots=True)
class _Quill:
    """Writes the elements of comments in the vocabulary and the prefix of the part they go into."""

    namespace: str
    author: str
    when: datetime

    def anchors(
        self, part: XmlText, body: Node, numbered: Sequence[tuple[int, Span | None, str]]
    ) -> Iterator[Edit]:
        """Yield the insertions into the body. What nothing can carry stands in one paragraph of its own at the top."""
        declared = self._declared(part)
        homeless = ""
        for number, span, _ in numbered:
            start = f'<w:commentRangeStart{declared} w:id="{number}"/>'
            end = (
                f'<w:commentRangeEnd{declared} w:id="{number}"/>'
                f'<w:r{declared}><w:commentReference w:id="{number}"/></w:r>'
            )
            if span is None:
                homeless += start + end
            else:
                yield Edit(span.start, span.start, start)
                yield Edit(span.end, span.end, end)
        if homeless:
            yield Edit(body.opened, body.opened, f"<w:p{declared}>{homeless}</w:p>")

    def comment(self, part: XmlText, number: int, text: str) -> str:
        """One comment with a paragraph for each line."""
        lines = [line for line in _NOT_XML.sub("\ufffd", text).splitlines() if line.strip()]
        facts = (
            f'w:id="{number}" w:author={_quoted(self.author)} '
            f'w:date="{self.when:%Y-%m-%dT%H:%M:%S}" w:initials={_quoted(INITIALS)}'
        )
        paragraphs = "".join(_paragraph(line, is_first=not n) for n, line in enumerate(lines or [""]))
        return f"<w:comment{self._declared(part)} {facts}>{paragraphs}</w:comment>"

    def _declared(self, part: XmlText) -> str:
        """Nothing where `w` has this one meaning throughout the part, else the declaration for one element."""
        known = part.prefixes.get("w") == frozenset({self.namespace})
        is_at_root = re.match(rb"<w:|<[^>]*\sxmlns:w\s*=", part.utf8[part.root.start : part.root.opened])
        return "" if known and is_at_root else f' xmlns:w="{self.namespace}"'


def _paragraph(line: str, is_first: bool) -> str:
    look = f'<w:rFonts w:ascii="{_FONT}" w:eastAsia="{_FONT}" w:hAnsi="{_FONT}" w:hint="eastAsia"/>'
    run = f'<w:rPr>{look}{"<w:b/>" if is_first else ""}<w:sz w:val="18"/></w:rPr>'
    mark = f"<w:r><w:rPr>{look}</w:rPr><w:annotationRef/></w:r>" if is_first else ""
    spacing = '<w:pPr><w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/></w:pPr>'
    return f'<w:p>{spacing}{mark}<w:r>{run}<w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>'


def _quoted(value: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", value))
