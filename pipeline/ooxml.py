"""Zip and XML of Office files: read without trust, written by hand. The only importer of lxml.

Reading believes nothing a submitted archive says of itself: this interpreter's zipfile has no overlap check
(CVE-2024-0450), takes the last of two members of one name and lets python-docx expand what it should not
(reliability.md 0.8, 0.9). Writing joins kept deflated bytes, because zipfile alone costs more than a whole render.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from isal import isal_zlib
from lxml import etree

Element: TypeAlias = Any  # lxml carries no types

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
RELATIONSHIP: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
OFFICE_DOCUMENT: Final = "/officeDocument"
# The same vocabulary under other addresses (ISO 29500 Strict); read as if it were the common one.
_STRICT_W: Final = b"http://purl.oclc.org/ooxml/wordprocessingml/main"

MAX_PART: Final = 64 * 2**20
MAX_TOTAL: Final = 200 * 2**20
MAX_MEMBERS: Final = 2_000
MAX_GAP: Final = (
    1_024  # a data descriptor takes up to 24 bytes, padding for alignment rarely more than a few hundred
)

_STORED, _DEFLATED = 0, 8
_UTF8_NAME: Final = 0x800
_ENCRYPTED: Final = 0x1 | 0x40
_DATA_DESCRIPTOR: Final = 0x8
_EPOCH: Final = (0, 0x21)  # 1980-01-01 00:00:00, so that the same paper is the same bytes
_LOCAL: Final = struct.Struct("<4s5H3I2H")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")
_SYMLINK: Final = 0o120000
_OLE: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED_PACKAGE: Final = "EncryptedPackage".encode("utf-16-le")


class PackageError(ValueError):
    """An archive that is not read. `code` is one of reliability.md §4.4 (TRUNCATED, ZIP_OVERLAP, ENCRYPTED …)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class XmlError(PackageError):
    """A part that is not read: XML (not well-formed, or too large to parse) or XML_DTD."""


# --- Reading an archive -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an archive as it lies in it: deflated (or stored) bytes and their checksum."""

    name: str
    method: int
    crc: int
    size: int
    raw: bytes

    def content(self) -> bytes:
        """The bytes inside. Raises PackageError where they are not what the archive promised."""
        data = self.raw if self.method == _STORED else _inflate(self.raw, self.size)
        if len(data) != self.size:
            raise PackageError("ZIP_SIZE")
        if isal_zlib.crc32(data) != self.crc:
            raise PackageError("ZIP_CRC")
        return data


def read_archive(data: bytes) -> tuple[Member, ...]:
    """Return the members in the order of the directory, without inflating any.

    Raises PackageError: TRUNCATED, TYPE, LEGACY, ENCRYPTED, ZIP_PREFIX, ZIP_TRAILER, ZIP_COUNT, ZIP_DUP, ZIP_PATH,
    ZIP_METHOD, ZIP_ATTR, ZIP_SIZE, ZIP_HEADER, ZIP_OVERLAP, ZIP_GAP, ZIP.
    """
    _ensure_zip(data)
    infos, directory = _directory(data)
    _ensure_names(infos)
    if len(infos) > MAX_MEMBERS:
        raise PackageError("ZIP_COUNT")
    if any(info.file_size > MAX_PART for info in infos) or sum(i.file_size for i in infos) > MAX_TOTAL:
        raise PackageError("ZIP_SIZE")
    spans = [_locate(data, info) for info in infos]
    _ensure_tight(spans, directory)
    return tuple(
        Member(_plain_name(info), info.compress_type, info.CRC, info.file_size, data[start:end])
        for info, (_, start, end) in zip(infos, spans, strict=True)
        if not info.is_dir()
    )


def read_members(data: bytes) -> dict[str, bytes]:
    """Return every member of an archive by name, inflated and checked. Raises PackageError as `read_archive` does."""
    return {member.name: member.content() for member in read_archive(data)}


def _ensure_zip(data: bytes) -> None:
    if data.startswith(_OLE):
        raise PackageError("ENCRYPTED" if _ENCRYPTED_PACKAGE in data else "LEGACY")
    if not data.startswith(b"PK\x03\x04"):
        if data.startswith(b"PK\x05\x06") or not data.strip(b"\0"):
            raise PackageError("OPC" if data.startswith(b"PK") else "TRUNCATED")
        raise PackageError("ZIP_PREFIX" if b"PK\x03\x04" in data and b"PK\x05\x06" in data else "TYPE")


def _directory(data: bytes) -> tuple[list[zipfile.ZipInfo], int]:
    """Return the entries of the directory and where it begins."""
    end = data.rfind(b"PK\x05\x06")
    if end < 0 or len(data) < end + _END.size:
        raise PackageError("TRUNCATED")
    _, disk, first_disk, _, count, size, offset, comment = _END.unpack_from(data, end)
    if end + _END.size + comment != len(data):
        raise PackageError("ZIP_TRAILER")
    if disk or first_disk:
        raise PackageError("ZIP")
    if count > MAX_MEMBERS:
        raise PackageError("ZIP_COUNT")
    if comment or offset + size != end:
        raise PackageError("ZIP_HEADER")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.infolist(), offset
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error, IndexError):
        raise PackageError("ZIP") from None


def _ensure_names(infos: Iterable[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for info in infos:
        name = _plain_name(info)
        if _is_trick(name):
            raise PackageError("ZIP_PATH")
        if name.casefold() in seen:
            raise PackageError("ZIP_DUP")
        seen.add(name.casefold())


def _plain_name(info: zipfile.ZipInfo) -> str:
    """The name as it is written, cut at no NUL; some old programs on Windows separate folders their own way."""
    return info.orig_filename.replace("\\", "/")


def _is_trick(name: str) -> bool:
    control = any(ord(char) < 0x20 or ord(char) == 0x7F for char in name)
    steps = name.removesuffix("/").split("/")
    return control or ":" in name or any(step in ("", ".", "..") for step in steps)


def _locate(data: bytes, info: zipfile.ZipInfo) -> tuple[int, int, int]:
    """Return where a member begins, where its bytes begin and where they end; the local header must agree."""
    if info.flag_bits & _ENCRYPTED or info.compress_type == 99:
        raise PackageError("ENCRYPTED")
    if info.compress_type not in (_STORED, _DEFLATED):
        raise PackageError("ZIP_METHOD")
    if (info.external_attr >> 16) & 0o170000 == _SYMLINK:
        raise PackageError("ZIP_ATTR")
    begin = info.header_offset
    if not 0 <= begin <= len(data) - _LOCAL.size:
        raise PackageError("ZIP_HEADER")
    magic, _, flags, method, _, _, crc, packed, size, name_length, extra = _LOCAL.unpack_from(data, begin)
    start = begin + _LOCAL.size + name_length + extra
    name = data[begin + _LOCAL.size : begin + _LOCAL.size + name_length]
    coding = "utf-8" if flags & _UTF8_NAME else "cp437"
    described = bool(flags & _DATA_DESCRIPTOR)
    agrees = (crc, packed, size) == (info.CRC, info.compress_size, info.file_size) or described
    if magic != b"PK\x03\x04" or method != info.compress_type or not agrees:
        raise PackageError("ZIP_HEADER")
    if name != info.orig_filename.encode(coding, "replace") or (flags ^ info.flag_bits) & _ENCRYPTED:
        raise PackageError("ZIP_HEADER")
    return begin, start, start + info.compress_size


def _ensure_tight(spans: list[tuple[int, int, int]], directory: int) -> None:
    """Members follow one another up to the directory: none inside another (CVE-2024-0450), nothing hidden between."""
    reached = 0
    for begin, _, end in (*sorted(spans), (directory, directory, directory)):
        if begin < reached:
            raise PackageError("ZIP_OVERLAP")
        if begin - reached > MAX_GAP:
            raise PackageError("ZIP_GAP")
        reached = end


def _inflate(raw: bytes, size: int) -> bytes:
    stream = zlib.decompressobj(-15)
    try:
        data = stream.decompress(raw, size + 1)  # never more than one byte beyond the promise
    except zlib.error:
        raise PackageError("ZIP_CRC") from None
    if len(data) > size or (stream.unconsumed_tail and not stream.eof):
        raise PackageError("ZIP_SIZE")
    return data


# --- Writing an archive -------------------------------------------------------------------------------------------


def deflate(name: str, data: bytes) -> Member:
    """Return a member with `data` inside, deflated by isal level 1 (4 × faster than zlib for 4 % more bytes)."""
    return Member(name, _DEFLATED, isal_zlib.crc32(data), len(data), isal_zlib.compress(data, 1, -15))


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a member in an archive that is written again and again: its headers, made once.

    `kept` holds the local header and the bytes of a member that never changes, or nothing for one that is rendered.
    """

    name: bytes
    flags: int
    kept: bytes = b""
    central: tuple[int, int, int, int] = (0, 0, 0, 0)  # method, crc, packed size, size


def make_slot(name: str, member: Member | None = None) -> Slot:
    """Return the slot of a kept member, or with `member=None` of one that is given at every writing."""
    coded = name.encode("utf-8")
    flags = 0 if coded.isascii() else _UTF8_NAME
    if member is None:
        return Slot(coded, flags)
    facts = (member.method, member.crc, len(member.raw), member.size)
    return Slot(coded, flags, _local_header(coded, flags, facts) + member.raw, facts)


def write_archive(slots: Iterable[Slot], rendered: Iterable[Member]) -> bytes:
    """Return an archive with the members in the order of the slots; open slots take the rendered members in turn.

    Fixed time, no data descriptors, no extra fields: the same members are the same bytes.
    """
    chunks: list[bytes] = []
    directory: list[bytes] = []
    waiting = iter(rendered)
    offset = 0
    for slot in slots:
        kept, facts = slot.kept, slot.central
        if not kept:
            member = next(waiting)
            facts = (member.method, member.crc, len(member.raw), member.size)
            kept = _local_header(slot.name, slot.flags, facts) + member.raw
        chunks.append(kept)
        directory.append(_central_header(slot, facts, offset))
        offset += len(kept)
    central = b"".join(directory)
    count = len(directory)
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(central), offset, 0)
    return b"".join((*chunks, central, end))


def pack(members: Mapping[str, bytes]) -> bytes:
    """Return an archive of named contents, in their order."""
    return write_archive([make_slot(name) for name in members], [deflate(*item) for item in members.items()])


def _local_header(name: bytes, flags: int, facts: tuple[int, int, int, int]) -> bytes:
    method, crc, packed, size = facts
    header = _LOCAL.pack(b"PK\x03\x04", 20, flags, method, *_EPOCH, crc, packed, size, len(name), 0)
    return header + name


def _central_header(slot: Slot, facts: tuple[int, int, int, int], offset: int) -> bytes:
    method, crc, packed, size = facts
    sizes = (crc, packed, size, len(slot.name))
    return (
        _CENTRAL.pack(b"PK\x01\x02", 20, 20, slot.flags, method, *_EPOCH, *sizes, 0, 0, 0, 0, 0, offset)
        + slot.name
    )


# --- XML ----------------------------------------------------------------------------------------------------------


_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)


def parse(data: bytes) -> Element:
    """Return the root of a part. No entity, no network, no repair; a DTD in any encoding is refused.

    Raises XmlError.
    """
    try:
        root = etree.fromstring(data, _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        raise XmlError("XML_DTD" if b"<!DOCTYPE" in data[:4096].replace(b"\0", b"") else "XML") from None
    if root.getroottree().docinfo.doctype:  # asked after parsing, so that UTF-16 is covered too
        raise XmlError("XML_DTD")
    return root


def serialize(element: Element) -> str:
    """Return an element as text, without an XML declaration."""
    return str(etree.tostring(element, encoding="unicode", with_tail=False))


def is_element(node: Element) -> bool:
    """Whether a node is an element, not a comment or a processing instruction."""
    return isinstance(node.tag, str)


def main_part(members: Mapping[str, bytes]) -> str:
    """Return the name of the body (`word/document.xml` in nearly all files). Raises PackageError("OPC")."""
    for relation in relations(members.get("_rels/.rels", b"<none/>")):
        if relation.get("Type", "").endswith(OFFICE_DOCUMENT):
            name = str(relation.get("Target", "")).lstrip("/")
            if name in members:
                return name
    raise PackageError("OPC")


def relations(data: bytes) -> list[Element]:
    """Return the relationships of a `.rels` part."""
    return list(parse(data).iter(RELATIONSHIP))


def stories(members: Mapping[str, bytes]) -> Iterator[tuple[str, Element]]:
    """Yield (name, root) of the body, then of every header, then of every footer, by name."""
    body = main_part(members)
    yield body, parse_word(members[body])
    for kind in ("header", "footer"):
        for name in sorted(n for n in members if re.fullmatch(rf"word/{kind}[0-9]*\.xml", n)):
            yield name, parse_word(members[name])


def parse_word(data: bytes) -> Element:
    """Return the root of a Word part, the Strict vocabulary read as the common one. Raises XmlError."""
    return parse(data.replace(_STRICT_W, W.strip("{}").encode()))


def docx_text(data: bytes) -> str:
    """Return the visible text: body, headers, footers; one paragraph a line, cells joined by a tab.

    `w:br` is a line break. Deleted and hidden text is left out, of two alternatives only the first is read; page
    numbers are left out too, since what the file holds of them is whatever was counted last.
    Raises PackageError.
    """
    lines = [line for _, root in stories(read_members(data)) for line in _block_lines(root)]
    return "\n".join(lines)


def picture_texts(data: bytes) -> tuple[str, ...]:
    """Return what the pictures of a document say of themselves, in order. Raises PackageError."""
    nodes = [node for _, root in stories(read_members(data)) for node in root.iter(_PICTURE)]
    return tuple(node.get("descr") for node in nodes if node.get("descr"))


_PICTURE: Final = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_SKIPPED: Final = frozenset(
    W + tag for tag in ("del", "moveFrom", "pPr", "rPr", "tblPr", "tblGrid", "sectPr", "rt")
)
_BREAKS: Final = {W + "br": "\n", W + "cr": "\n", W + "tab": "\t", W + "noBreakHyphen": "-"}
_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXT_BOX: Final = W + "txbxContent"


def _block_lines(block: Element) -> Iterator[str]:
    for child in block:
        if not is_element(child) or child.tag in _SKIPPED:
            continue
        if child.tag == W + "p":
            yield paragraph_text(child)
            for box in _text_boxes(child):
                yield from _block_lines(box)
        elif child.tag == W + "tr":
            yield "\t".join("\n".join(_block_lines(cell)) for cell in _cells(child))
        else:
            yield from _block_lines(child)


def _cells(row: Element) -> Iterator[Element]:
    for child in row:
        if child.tag == W + "tc":
            yield child
        elif is_element(child) and child.tag not in _SKIPPED:
            yield from _cells(child)


def _text_boxes(paragraph: Element) -> Iterator[Element]:
    for node in paragraph.iter(_TEXT_BOX):
        owners = [owner.tag for owner in node.iterancestors(W + "p", _FALLBACK)]
        if owners.count(W + "p") == paragraph_depth(paragraph) + 1 and _FALLBACK not in owners:
            yield node


def paragraph_depth(paragraph: Element) -> int:
    """How many paragraphs enclose this one (text boxes lie inside paragraphs)."""
    return sum(1 for _ in paragraph.iterancestors(W + "p"))


def paragraph_text(paragraph: Element) -> str:
    """Return the visible text of one paragraph, without that of text boxes in it."""
    return "".join(_inline_text(paragraph, frozenset(_page_numbers(paragraph))))


def _page_numbers(paragraph: Element) -> Iterator[Element]:
    """The runs that show the result of a PAGE or NUMPAGES field."""
    fields: list[str] = []
    for node in paragraph.iter(W + "fldChar", W + "instrText", W + "t"):
        kind = node.get(W + "fldCharType")
        if kind == "begin":
            fields.append("")
        elif kind == "end" and fields:
            fields.pop()
        elif node.tag == W + "instrText" and fields:
            fields[-1] += node.text or ""
        elif node.tag == W + "t" and fields and fields[-1].strip().split(" ")[0] in ("PAGE", "NUMPAGES"):
            yield node.getparent()


def _inline_text(node: Element, left_out: frozenset[Element]) -> Iterator[str]:
    for child in node:
        if not is_element(child) or child.tag in _SKIPPED or child.tag in (_TEXT_BOX, _FALLBACK):
            continue
        if child in left_out:
            continue
        if child.tag == W + "t":
            yield child.text or ""
        elif child.tag == W + "br" and child.get(W + "type") in ("page", "column"):
            continue
        elif child.tag in _BREAKS:
            yield _BREAKS[child.tag]
        elif child.tag != W + "r" or not _is_hidden(child):
            yield from _inline_text(child, left_out)


def _is_hidden(run: Element) -> bool:
    vanish = run.find(f"{W}rPr/{W}vanish")
    return vanish is not None and vanish.get(W + "val", "1") not in ("0", "false", "off")
