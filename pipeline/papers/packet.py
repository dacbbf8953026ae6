"""Binds the PDFs of one reader into one file with a bookmark for every paper, and seals it for the way."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence

from pypdf import PdfReader, PdfWriter
from pypdf.constants import PageLabelStyle
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    ByteStringObject,
    DictionaryObject,
    NameObject,
    TextStringObject,
)

from pipeline.errors import OfficeFault
from pipeline.papers.pdf_text import BROKEN_PDF

LANGUAGE = "ja-JP"
TIMELESS = "D:20000101000000Z"  # the same parts make the same bytes; the receipt knows when

Part = tuple[str, bytes]  # title, PDF
Labels = tuple[tuple[str, int], ...]  # title and first page (from 0) of every part


def bind(parts: Sequence[Part], title: str) -> bytes:
    """One PDF of all parts in their order, bookmarked, its pages labelled 1-1, 1-2, 2-1 …

    Nothing of the parts' own metadata (author, dates, producer) goes into it; not encrypted.
    Raises OfficeFault PDF_PACKET for a part that cannot be bound or a result that does not read back whole.
    """
    readers = [_open(part_title, data) for part_title, data in parts]
    if not readers:
        raise OfficeFault(
            "PDF_PACKET", f"「{title}」に綴じる書類がありません。書類を一つ以上指定してください。"
        )
    bound = _write(_bound([name for name, _ in parts], readers, title, _identifier(parts, title)))
    _ensure_whole(bound, title, _contents([name for name, _ in parts], readers), sum(map(_count, readers)))
    return bound


def seal(bound: bytes, key: str, title: str) -> bytes:
    """A packet that opens with `key` only (AES-256, PDF 2.0), opened and compared before it is returned.

    Its bytes differ each time (salts): same text and page count. Raises OfficeFault PDF_PACKET.
    """
    writer = PdfWriter(clone_from=io.BytesIO(bound))
    writer.encrypt(user_password=key, owner_password=key, algorithm="AES-256")
    sealed = _write(writer)
    opened = PdfReader(io.BytesIO(sealed), password=key)
    plain = PdfReader(io.BytesIO(bound))
    if (
        not opened.is_encrypted
        or _pages_text(opened) != _pages_text(plain)
        or _bookmarks(opened) != _bookmarks(plain)
    ):
        raise OfficeFault(
            "PDF_PACKET", f"「{title}」を封じましたが、同じ内容に開きません。作り直してください。"
        )
    return sealed


def _pages_text(reader: PdfReader) -> list[str]:
    return [page.extract_text() for page in reader.pages]


def _open(title: str, data: bytes) -> PdfReader:
    """A part that reads whole and holds a page. Raises OfficeFault PDF_PACKET."""
    try:
        reader = PdfReader(io.BytesIO(data))
        if not reader.is_encrypted and _count(reader) > 0:
            return reader
    except BROKEN_PDF:
        pass
    raise OfficeFault(
        "PDF_PACKET",
        f"「{title}」のPDFを綴じられません。壊れたPDFや暗号化したPDFは綴じられません。作り直してください。",
    )


def _bound(titles: Sequence[str], readers: Sequence[PdfReader], title: str, identifier: bytes) -> PdfWriter:
    writer = PdfWriter()
    for number, (part_title, reader) in enumerate(zip(titles, readers, strict=True), start=1):
        first = len(writer.pages)
        writer.append(reader, outline_item=part_title, import_outline=False)
        writer.set_page_label(first, len(writer.pages) - 1, PageLabelStyle.DECIMAL, f"{number}-", start=1)
    _describe(writer, title)
    writer._ID = ArrayObject([ByteStringObject(identifier), ByteStringObject(identifier)])
    return writer


def _describe(writer: PdfWriter, title: str) -> None:
    """Title and language; a viewer shows the title and opens the bookmarks."""
    writer.metadata = {"/Title": title, "/CreationDate": TIMELESS, "/ModDate": TIMELESS}
    writer.page_mode = "/UseOutlines"
    root = writer.root_object
    root[NameObject("/Lang")] = TextStringObject(LANGUAGE)
    root[NameObject("/ViewerPreferences")] = DictionaryObject(
        {NameObject("/DisplayDocTitle"): BooleanObject(True)}
    )


def _identifier(parts: Sequence[Part], title: str) -> bytes:
    """The PDF's /ID, decided by what is bound and in which order."""
    digest = hashlib.sha256(title.encode())
    for part_title, data in parts:
        digest.update(hashlib.sha256(part_title.encode()).digest() + hashlib.sha256(data).digest())
    return digest.digest()[:16]


def _write(writer: PdfWriter) -> bytes:
    sheet = io.BytesIO()
    writer.write(sheet)
    return sheet.getvalue()


def _count(reader: PdfReader) -> int:
    return len(reader.pages)


def _contents(titles: Sequence[str], readers: Sequence[PdfReader]) -> Labels:
    def lines() -> Iterator[tuple[str, int]]:
        first = 0
        for title, reader in zip(titles, readers, strict=True):
            yield title, first
            first += _count(reader)

    return tuple(lines())


def _ensure_whole(bound: bytes, title: str, contents: Labels, pages: int) -> None:
    """Read the packet back: all pages, and every bookmark at its paper."""
    try:
        reader = PdfReader(io.BytesIO(bound))
        whole = _count(reader) == pages and _bookmarks(reader) == contents
    except BROKEN_PDF:
        whole = False
    if not whole:
        raise OfficeFault(
            "PDF_PACKET",
            f"「{title}」を綴じましたが、全部の書類を読み返せません。元のPDFを作り直してください。",
        )


def _bookmarks(reader: PdfReader) -> Labels:
    marks = [mark for mark in reader.outline if not isinstance(mark, list)]
    return tuple((str(mark.title), reader.get_destination_page_number(mark) or 0) for mark in marks)
