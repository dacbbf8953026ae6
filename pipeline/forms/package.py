"""The gate for Word forms: what a file is, whether it may be opened, and its parts made ready (reliability §4.4, §4.5).

Nothing in here looks at a value. A file is opened, or refused with one code whose sentence stands in `refusals.py`.
Ruling (product.md §2b): Strict and Flat OPC are read; archives keep to the absolute caps of `ooxml`.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pipeline.ooxml import Element, PackageError, W, XmlError, is_element, parse, read_members, serialize

# A form of 400 boxes has some 40,000 brackets and 20,000 attributes; ten times that is not a form (D10, D11).
MAX_BRACKETS: Final = 500_000
MAX_ATTRIBUTES: Final = 200_000
MAX_XML: Final = 16 * 2**20
_FEW: Final = 900_000  # bytes that cannot hold so many: an attribute takes five, an element four

_PKG: Final = "{http://schemas.microsoft.com/office/2006/xmlPackage}"
_WEB: Final = re.compile(r"(https?|mailto):", re.IGNORECASE)
_XML_NAME: Final = re.compile(r"\.(xml|rels|vml)$", re.IGNORECASE)
_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_READ_ENCODINGS: Final = frozenset(
    {b"utf-8", b"utf8", b"utf-16", b"utf-16le", b"utf-16be", b"us-ascii", b"ascii"}
)
_STRICT: Final = "http://purl.oclc.org/ooxml/"
_TRANSITIONAL: Final = "http://schemas.openxmlformats.org/"
_STRICT_NAMESPACE: Final = re.compile(r'"http://purl\.oclc\.org/ooxml/([A-Za-z]+)/([A-Za-z]+)"')
_RENAMED: Final = {"customProperties": "custom-properties", "extendedProperties": "extended-properties"}

# What a relationship may bring along, by the last word of its type (D16, D18–D23).
_REFUSED_KINDS: Final[Mapping[str, str]] = {
    "vbaProject": "MACRO",
    "oleObject": "EMBEDDED",
    "package": "EMBEDDED",
    "control": "EMBEDDED",
    "activeXControlBinary": "EMBEDDED",
    "aFChunk": "ALTCHUNK",
    "subDocument": "EXTERNAL",
    "frame": "EXTERNAL",
    "mailMergeSource": "EXTERNAL",
    "mailMergeHeaderSource": "EXTERNAL",
}
# Fields that fetch, run or assemble something when a program brings them up to date (D24, D25).
_REFUSED_FIELDS: Final = frozenset(
    {
        *(
            "DDE",
            "DDEAUTO",
            "INCLUDETEXT",
            "INCLUDEPICTURE",
            "INCLUDE",
            "LINK",
            "IMPORT",
            "DATABASE",
            "EMBED",
        ),
        *("MACROBUTTON", "GOTOBUTTON", "QUOTE", "RD", "AUTOTEXT", "AUTOTEXTLIST", "MERGEFIELD", "ADDIN"),
    }
)
_FIELD_MARKS: Final = (f"{W}fldChar", f"{W}instrText", f"{W}fldSimple", f"{W}delInstrText")
_ACTIVE: Final[Mapping[str, str]] = {
    f"{W}altChunk": "ALTCHUNK",
    f"{W}subDoc": "ALTCHUNK",
    f"{W}control": "EMBEDDED",
    f"{W}objectEmbed": "EMBEDDED",
    f"{W}objectLink": "EMBEDDED",
    "{urn:schemas-microsoft-com:office:office}OLEObject": "EMBEDDED",
}
_OUTDATED_OFFICE: Final = re.compile(r"(?:LibreOffice|OpenOffice)[^/]*/(\d+)\.(\d+)")
_STORY_KINDS: Final[Mapping[str, str]] = {
    "header": "ヘッダー",
    "footer": "フッター",
    "footnotes": "脚注",
    "endnotes": "文末脚注",
    "comments": "コメント",
}


@dataclass(frozen=True, slots=True)
class Story:
    """One flow of text: `place` says in Japanese where it stands, `kind` is body, header, footer, footnotes …"""

    kind: str
    place: str
    part: str
    root: Element


@dataclass(frozen=True, slots=True)
class WordPackage:
    """A Word file that passed the gate: its flows of text (the body first), properties and notes by code."""

    stories: tuple[Story, ...]
    properties: Mapping[str, str]
    identifier: str
    notes: tuple[str, ...]


def open_package(data: bytes) -> WordPackage:
    """Return the parts of a Word file, in the common vocabulary.

    Raises PackageError with the code of reliability §4.4/§4.5 (ENCRYPTED, LEGACY, RTF, ODT, MACRO, EXTERNAL …).
    """
    members = _read(data)
    for name, content in members.items():
        if _XML_NAME.search(name):
            _ensure_plain_xml(content)
    parts = {name.casefold(): content for name, content in members.items()}
    notes = [*_check_contents(parts), *_check_relations(members)]
    main = _main_part(parts)
    stories = tuple(_stories(parts, main))
    for story in stories:
        _ensure_quiet(story.root)
    _ensure_current_office(parts)
    return WordPackage(stories, _custom_properties(parts), _identifier(parts), tuple(dict.fromkeys(notes)))


# --- What a file is -----------------------------------------------------------------------------------------------


def _read(data: bytes) -> Mapping[str, bytes]:
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not data:
        raise PackageError("EMPTY")
    for magic, code in ((b"{\\rtf", "RTF"), (b"%PDF", "PDF"), (b"MIME-Version", "HTML")):
        if start.startswith(magic):
            raise PackageError(code)
    if start.replace(b"\0", b"").lstrip(b"\xff\xfe").startswith(b"<"):
        return _read_flat(data)
    members = read_members(data)
    if members.get("mimetype", b"").startswith(b"application/vnd.oasis"):
        raise PackageError("ODT")
    return members


def _read_flat(data: bytes) -> Mapping[str, bytes]:
    """The parts of a Flat OPC file: the whole package written as one XML document."""
    plain = data[:4096].replace(b"\0", b"").lower()
    if b"<html" in plain or b"<!doctype html" in plain:
        raise PackageError("HTML")
    _ensure_plain_xml(data)
    root = parse(data)
    if root.tag != f"{_PKG}package":
        raise PackageError("WORD2003" if "wordDocument" in str(root.tag) else "TYPE")
    parts = {str(part.get(f"{_PKG}name", "")).lstrip("/"): part for part in root.iter(f"{_PKG}part")}
    members = {name: _flat_content(part) for name, part in parts.items() if len(part)}
    types = "".join(
        f'<Override ContentType="{part.get(f"{_PKG}contentType", "")}"/>' for part in parts.values()
    )
    return {**members, "[Content_Types].xml": f"<Types>{types}</Types>".encode()}


def _flat_content(part: Element) -> bytes:
    holder = part[0]
    if holder.tag == f"{_PKG}xmlData":
        return serialize(holder[0]).encode() if len(holder) else b""
    try:
        return base64.b64decode(holder.text or "", validate=False)
    except (binascii.Error, ValueError):
        raise PackageError("OPC") from None


def _ensure_plain_xml(content: bytes) -> None:
    """Refuse what must not even be parsed: a DTD in any encoding, a strange encoding, too many nodes."""
    wide = b"\0" in content[:4] or content.startswith((b"\xff\xfe", b"\xfe\xff"))
    narrow = content.replace(b"\0", b"") if wide else content
    if b"<!DOCTYPE" in narrow:
        raise XmlError("XML_DTD")
    declared = _DECLARED.match(narrow.removeprefix(b"\xef\xbb\xbf").lstrip(b"\xff\xfe")[:400])
    if declared and declared[1].lower() not in _READ_ENCODINGS:
        raise XmlError("XML_ENCODING")
    if len(content) > _FEW and _is_crowded(narrow):
        raise XmlError("XML_NODES")


def _is_crowded(content: bytes) -> bool:
    size, brackets, attributes = len(content), content.count(b"<"), content.count(b"=")
    return size > MAX_XML or brackets > MAX_BRACKETS or attributes > MAX_ATTRIBUTES


# --- What it brings along -----------------------------------------------------------------------------------------


def _check_contents(parts: Mapping[str, bytes]) -> Iterator[str]:
    types = parts.get("[content_types].xml")
    if types is None:
        raise PackageError("OPC")
    if b"macroEnabled" in types or any(name.endswith("vbaproject.bin") for name in parts):
        raise PackageError("MACRO")
    if any("/embeddings/" in name or "/activex/" in name for name in parts):
        raise PackageError("EMBEDDED")
    if b"wordprocessingml.document.main" not in types and b"wordprocessingml.template.main" not in types:
        raise PackageError("NOT_WORD")
    if b"wordprocessingml.template.main" in types:
        yield "TEMPLATE_TYPE"
    if any(name.startswith("_xmlsignatures/") for name in parts):
        yield "SIGNED"


def _check_relations(members: Mapping[str, bytes]) -> Iterator[str]:
    for name, content in members.items():
        if name.lower().endswith(".rels"):
            folder = name.replace("\\", "/").split("/")[:-2]
            for relation in parse(content):
                if is_element(relation):
                    yield from _check_relation(relation, folder)


def _check_relation(relation: Element, folder: list[str]) -> Iterator[str]:
    kind = str(relation.get("Type", "")).rpartition("/")[2]
    target = str(relation.get("Target", ""))
    if kind in _REFUSED_KINDS:
        raise PackageError(_REFUSED_KINDS[kind])
    if relation.get("TargetMode") == "External":
        if kind != "hyperlink" or not _WEB.match(target.strip()):
            raise PackageError("EXTERNAL")
        yield "HYPERLINK"
    elif _leaves_package(target, folder):
        raise PackageError("OPC_TARGET")


def _leaves_package(target: str, folder: list[str]) -> bool:
    if ":" in target or "%2e" in target.lower() or target.startswith(("//", "\\\\")):
        return True
    depth = 0 if target.startswith("/") else len(folder)
    for step in target.replace("\\", "/").strip("/").split("/"):
        depth += -1 if step == ".." else 1
        if depth < 0:
            return True
    return False


def _ensure_quiet(root: Element) -> None:
    """Refuse active contents of one flow: embedded objects, foreign documents, fields that fetch or run."""
    marks = []
    for node in root.iter(*_ACTIVE, *_FIELD_MARKS):  # one pass: most flows have none
        if node.tag in _ACTIVE:
            raise PackageError(_ACTIVE[node.tag])
        marks.append(node)
    for instruction in _instructions(marks):
        words = instruction.replace('"', " ").split()
        if words and words[0].upper() in _REFUSED_FIELDS:
            raise PackageError("FIELD")
        if words and words[0].upper() == "HYPERLINK" and _is_foreign_link(words[1:]):
            raise PackageError("EXTERNAL")


def _is_foreign_link(words: list[str]) -> bool:
    return bool(words) and not words[0].startswith(("\\", "#")) and not _WEB.match(words[0])


def _instructions(marks: Iterable[Element]) -> Iterator[str]:
    """The code of every field, joined over its runs, also of one that lies in the code of another."""
    open_fields: list[str] = []
    for node in marks:
        if node.tag == f"{W}fldSimple":
            yield str(node.get(f"{W}instr", ""))
        elif node.tag != f"{W}fldChar":
            open_fields[-1:] = [(open_fields[-1] if open_fields else "") + (node.text or "")]
        elif node.get(f"{W}fldCharType") == "begin":
            open_fields.append("")
        elif open_fields:
            yield open_fields[-1]
            if node.get(f"{W}fldCharType") == "end":
                open_fields.pop()
    yield from open_fields  # a field may lack its end


def _ensure_current_office(parts: Mapping[str, bytes]) -> None:
    """LibreOffice before 7.5 doubles the text of controls when it saves (measured with 7.4.7: wordforms.md §1)."""
    match = _OUTDATED_OFFICE.search(_property_text(parts, "docprops/app.xml", "Application"))
    if match and (int(match[1]), int(match[2])) < (7, 5):
        raise PackageError("OLD_LIBREOFFICE")


# --- Parts made ready ---------------------------------------------------------------------------------------------


def _main_part(parts: Mapping[str, bytes]) -> str:
    for relation in parse(parts.get("_rels/.rels", b"<none/>")):
        if is_element(relation) and str(relation.get("Type", "")).endswith("/officeDocument"):
            name = str(relation.get("Target", "")).replace("\\", "/").lstrip("/").casefold()
            if name in parts:
                return name
    raise PackageError("OPC")


def _stories(parts: Mapping[str, bytes], main: str) -> Iterator[Story]:
    body = _parse_word(parts[main])
    if body.tag != f"{W}document":
        raise PackageError("NOT_WORD")
    yield Story("body", "本文", main, body)
    folder, _, file = main.rpartition("/")
    relations = parts.get(f"{folder}/_rels/{file}.rels".lstrip("/"), b"<none/>")
    for relation in parse(relations):
        kind = str(relation.get("Type", "")).rpartition("/")[2] if is_element(relation) else ""
        name = _resolve(str(relation.get("Target", "")), folder) if kind in _STORY_KINDS else ""
        if name in parts:
            yield Story(kind, _STORY_KINDS[kind], name, _parse_word(parts[name]))


def _resolve(target: str, folder: str) -> str:
    steps = [] if target.startswith("/") else [step for step in folder.split("/") if step]
    for step in target.replace("\\", "/").strip("/").casefold().split("/"):
        steps = steps[:-1] if step == ".." else [*steps, step]
    return "/".join(steps)


def _parse_word(content: bytes) -> Element:
    """The root of a part, the Strict vocabulary (ISO 29500-1) turned into the common one."""
    root = parse(content)
    if _STRICT not in str(root.tag):
        return root
    return parse(_STRICT_NAMESPACE.sub(_common_namespace, serialize(root)).encode())


def _common_namespace(match: re.Match[str]) -> str:
    return f'"{_TRANSITIONAL}{match[1]}/2006/{_RENAMED.get(match[2], match[2])}"'


def _custom_properties(parts: Mapping[str, bytes]) -> Mapping[str, str]:
    root = parse(parts.get("docprops/custom.xml", b"<none/>"))
    return {str(item.get("name")): "".join(item.itertext()).strip() for item in root if item.get("name")}


def _identifier(parts: Mapping[str, bytes]) -> str:
    return _property_text(parts, "docprops/core.xml", "identifier")


def _property_text(parts: Mapping[str, bytes], part: str, local_name: str) -> str:
    for node in parse(parts.get(part, b"<none/>")).iter(f"{{*}}{local_name}"):
        return str(node.text or "")
    return ""
