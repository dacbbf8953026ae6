"""The text of a PDF as its reader's search and screen reader will find it, for the proof.

pypdf's own `extract_text` passes over ActualText, so that 一 beside ⼀ comes out as another character than was
printed; and a glyph from a fallback font (𠮷, ☐) is drawn after the rest of its line. This reader takes ActualText,
puts the glyphs of one marked piece in the order of their places, and joins the pieces along the structure tree, so
that a sentence broken by a page is whole again and running heads stay out.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ContentStream, IndirectObject

LARGEST_READING = 6.2  # points
UNKNOWN = "\ufffd"  # a glyph that no longer says which character it was
BROKEN_PDF = (
    PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, OSError, RecursionError,
)  # fmt: skip


class UnreadablePdf(Exception):
    """Not a PDF a reader could open: damaged, encrypted or without a page."""


@dataclass(frozen=True, slots=True)
class PdfText:
    """White space and invisible characters left out.

    `pages` as drawn, `flow` the tagged text in reading order, `heads` what is repeated around it on each page, `words` the
    flow without the readings that stand over it.
    """

    pages: tuple[str, ...]
    flow: str
    heads: tuple[str, ...] = ()
    words: str = ""

    def bodies(self) -> tuple[str, ...]:
        """What each page says between its running heads."""
        pairs = zip(self.pages, self.heads, strict=True)
        return tuple(page.replace(head, "", 1) if head else page for page, head in pairs)


def squeeze(text: str) -> str:
    """The characters that leave ink: no white space (全角 included), no control or format characters."""
    return "".join(c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf"))


def read_pdf_text(data: bytes) -> PdfText:
    """Open and read a whole PDF. Raises UnreadablePdf."""
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted or not len(reader.pages):
            raise UnreadablePdf
        inks = [_read_page(page) for page in reader.pages]
        flow = "".join(_tagged(reader, {ink.page: ink.pieces for ink in inks}))
        words = "".join(_tagged(reader, {ink.page: ink.words for ink in inks}))
    except BROKEN_PDF as error:
        raise UnreadablePdf from error
    pages = tuple(squeeze("".join(ink.pieces.values())) for ink in inks)
    return PdfText(pages, squeeze(flow), tuple(squeeze(ink.heads()) for ink in inks), squeeze(words))


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A character (or an ActualText), where it stands, along its line and across the lines, and how large it is."""

    along: float
    across: float
    text: str
    size: float


@dataclass(frozen=True, slots=True)
class _Ink:
    """The text of one page by marked piece; the keys below zero are artifacts and unmarked text."""

    page: int  # object number
    pieces: Mapping[int, str]
    words: Mapping[int, str]  # without readings

    def heads(self) -> str:
        """Running heads, page numbers, repeated headings of tables."""
        return "".join(text for piece, text in self.pieces.items() if piece < 0)


@dataclass(slots=True)
class _Mark:
    """An open BDC … EMC: the piece it belongs to, and the text that stands for its glyphs."""

    piece: int
    actual: str | None = None
    spoken: bool = False


@dataclass(frozen=True, slots=True)
class _Font:
    """What a font says about its codes: characters and advances in 1/1000 em."""

    characters: Mapping[int, str]
    widths: Mapping[int, float]
    code_bytes: int

    def read(self, data: bytes) -> Iterator[tuple[str, float]]:
        """Characters and advances of a shown string."""
        for start in range(0, len(data), self.code_bytes):
            code = int.from_bytes(data[start : start + self.code_bytes], "big")
            yield self.characters.get(code, UNKNOWN), self.widths.get(code, 1000.0)


@dataclass(slots=True)
class _Pen:
    """The part of PDF's text state that decides where the next glyph stands."""

    font: _Font = field(default_factory=lambda: _Font({}, {}, 1))
    size: float = 1.0
    stretch: float = 1.0
    a: float = 1.0
    b: float = 0.0
    x: float = 0.0
    y: float = 0.0

    def place(self) -> tuple[float, float]:
        """Along and across the direction of writing; a line's tiny rises do not make a new line."""
        return self.x * self.a + self.y * self.b, round(self.y * self.a - self.x * self.b)

    def advance(self, thousandths: float) -> None:
        """Move on by a glyph or a kern."""
        step = thousandths / 1000 * self.size * self.stretch
        self.x += step * self.a
        self.y += step * self.b


class _PageReader:
    """Interprets the few operators that bear on text; everything else draws lines."""

    def __init__(self) -> None:
        self.pen = _Pen()
        self.marks: list[_Mark] = []
        self.glyphs: dict[int, list[_Glyph]] = {}
        self.loose = 0  # counts down: every artifact is a piece of its own
        self.fonts: dict[str, _Font] = {}

    def read(self, stream: ContentStream, resources: Mapping[str, Any]) -> None:
        """Work through a page or a form drawn on it."""
        outer, self.fonts = self.fonts, _fonts(resources)
        for operands, operator in stream.operations:
            action = _ACTIONS.get(operator)
            if action is not None:
                action(self, operands)
            elif operator == b"Do":
                self.draw(resources, operands[0])
        self.fonts = outer

    def draw(self, resources: Mapping[str, Any], name: str) -> None:
        """A form XObject holds text too (a picture does not)."""
        form = resources["/XObject"][name].get_object()
        if form.get("/Subtype") == "/Form":
            inner = form.get("/Resources", {})
            self.read(ContentStream(form, None), inner.get_object() if inner else resources)

    def begin_text(self, _: list[Any]) -> None:
        self.pen.a, self.pen.b, self.pen.x, self.pen.y = 1.0, 0.0, 0.0, 0.0

    def choose_font(self, operands: list[Any]) -> None:
        self.pen.font, self.pen.size = self.fonts[operands[0]], float(operands[1])

    def set_stretch(self, operands: list[Any]) -> None:
        self.pen.stretch = float(operands[0]) / 100

    def move(self, operands: list[Any]) -> None:
        """Td counts from the start of the line; LibreOffice uses it only once, right after BT."""
        self.pen.x, self.pen.y = self.pen.x + float(operands[0]), self.pen.y + float(operands[1])

    def set_matrix(self, operands: list[Any]) -> None:
        self.pen.a, self.pen.b, _, _, self.pen.x, self.pen.y = map(float, operands)

    def open_mark(self, operands: list[Any]) -> None:
        """BMC and BDC. An ActualText inside a piece belongs to that piece."""
        extra = operands[1] if len(operands) > 1 and isinstance(operands[1], dict) else {}
        actual = extra.get("/ActualText")
        self.marks.append(_Mark(self.piece_of(operands[0], extra), None if actual is None else str(actual)))

    def piece_of(self, tag: str, extra: Mapping[str, Any]) -> int:
        """The number of the piece a mark opens or continues."""
        if "/MCID" in extra:
            return int(extra["/MCID"])
        if self.marks and tag != "/Artifact":
            return self.marks[-1].piece
        self.loose -= 1
        return self.loose

    def close_mark(self, _: list[Any]) -> None:
        if self.marks:
            self.marks.pop()

    def show(self, operands: list[Any]) -> None:
        """Tj and TJ: strings and kerns."""
        shown = operands[0] if isinstance(operands[0], list) else operands
        for part in shown:
            if isinstance(part, (int, float)):
                self.pen.advance(-float(part))
            else:
                self.write(part if isinstance(part, bytes) else part.original_bytes)

    def write(self, data: bytes) -> None:
        """Put every glyph of a string in its place."""
        speaker = next((mark for mark in reversed(self.marks) if mark.actual is not None), None)
        piece = self.marks[-1].piece if self.marks else self.loose
        for text, width in self.pen.font.read(data):
            if speaker is not None:
                text, speaker.spoken = "" if speaker.spoken else str(speaker.actual), True
            self.glyphs.setdefault(piece, []).append(_Glyph(*self.pen.place(), text, self.pen.size))
            self.pen.advance(width)


_ACTIONS = {
    b"BT": _PageReader.begin_text,
    b"Tf": _PageReader.choose_font,
    b"Tz": _PageReader.set_stretch,
    b"Td": _PageReader.move,
    b"Tm": _PageReader.set_matrix,
    b"BMC": _PageReader.open_mark,
    b"BDC": _PageReader.open_mark,
    b"EMC": _PageReader.close_mark,
    b"Tj": _PageReader.show,
    b"TJ": _PageReader.show,
}


def _read_page(page: PageObject) -> _Ink:
    reader = _PageReader()
    content = page.get_contents()
    if content is not None:
        resources: Any = page["/Resources"].get_object()
        reader.read(content, resources)
    number = page.indirect_reference.idnum if page.indirect_reference else 0
    return _Ink(
        number,
        {piece: _in_place(glyphs) for piece, glyphs in reader.glyphs.items()},
        {piece: _in_place(_large(glyphs)) for piece, glyphs in reader.glyphs.items()},
    )


def _large(glyphs: list[_Glyph]) -> list[_Glyph]:
    """The glyphs that are no readings: nothing else on our papers is as small (ruby.py: half of 12 points at most)."""
    return [glyph for glyph in glyphs if glyph.size > LARGEST_READING]


def _in_place(glyphs: list[_Glyph]) -> str:
    """The glyphs of one piece, line by line: those of a fallback font are drawn last, but stand in the middle."""
    return "".join(glyph.text for glyph in sorted(glyphs, key=lambda g: (-g.across, g.along)))


def _fonts(resources: Mapping[str, Any]) -> dict[str, _Font]:
    fonts = resources.get("/Font")
    return {name: _font(font.get_object()) for name, font in fonts.get_object().items()} if fonts else {}


def _font(font: Mapping[str, Any]) -> _Font:
    cmap = font["/ToUnicode"].get_object().get_data().decode("latin-1") if "/ToUnicode" in font else ""
    widths = font.get("/Widths")
    first = int(font.get("/FirstChar", 0))
    advances = {first + n: float(width) for n, width in enumerate(widths.get_object() if widths else ())}
    return _Font(_characters(cmap), advances, 2 if font.get("/Subtype") == "/Type0" else 1)


def _characters(cmap: str) -> dict[int, str]:
    """The bfchar and bfrange tables of a ToUnicode stream (PDF 1.7 §9.10.3)."""
    found: dict[int, str] = {}
    for table in re.findall(r"beginbfchar(.*?)endbfchar", cmap, re.S):
        for code, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]*)>", table):
            found[int(code, 16)] = _utf16(text)
    for table in re.findall(r"beginbfrange(.*?)endbfrange", cmap, re.S):
        for low, high, text in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", table):
            head, last = _utf16(text)[:-1], ord(_utf16(text)[-1])
            for step in range(int(high, 16) - int(low, 16) + 1):
                found[int(low, 16) + step] = head + chr(last + step)
    return found


def _utf16(digits: str) -> str:
    return bytes.fromhex(digits).decode("utf-16-be", "replace")


def _tagged(reader: PdfReader, pieces: Mapping[int, Mapping[int, str]]) -> Iterator[str]:
    """The pieces in the order of the structure tree; nothing when the PDF has none."""
    root = reader.root_object.get("/StructTreeRoot")
    if root is not None:
        yield from _walk(root.get_object(), 0, pieces)


def _walk(node: Any, page: int, pieces: Mapping[int, Mapping[int, str]]) -> Iterator[str]:
    """A number is a piece of the page its parent named; `/Pg` names another page (PDF 1.7 §14.7.4)."""
    if isinstance(node, int):
        yield pieces.get(page, {}).get(node, "")
        return
    reference = node.raw_get("/Pg") if "/Pg" in node else None
    page = reference.idnum if isinstance(reference, IndirectObject) else page
    if "/MCID" in node:
        yield pieces.get(page, {}).get(int(node["/MCID"]), "")
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        yield from _walk(kid.get_object() if hasattr(kid, "get_object") else kid, page, pieces)
