"""What people and programs do to a Word form, and how it must be read afterwards: one row a damage (wordforms.md §3)."""

from __future__ import annotations

import base64
import io
import re
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from lxml import etree

from pipeline.forms.word_text import Flag
from pipeline.ooxml import pack, read_members
from tests.forms.word_filling import MAIN, W14, Draft, W, run_of

FORM = "dispatch_application"
NAME, KANA, REASON, CENTRE = "applicant.name", "applicant.kana", "reason", "centre"
BIRTH, PLACE, AGREED = "applicant.birth", "applicant.address.text", "consent.recipients[0].agreed"
FILLED: Mapping[str, str | bool] = {
    "applied_on": "令和６年２月20日",
    "received_on": "R6.2.21",
    CENTRE: "平地区保健福祉センター",
    NAME: "見本　太郎",
    KANA: "みほん　たろう",
    BIRTH: "昭和55年４月２日",
    "applicant.relation": "父",
    PLACE: "いわき市平字見本１番地",
    "children[0].name": "見本　次郎",
    "children[0].school.grade": "小学５年",
    "household[0].name": "見本　太郎",
    "household[1].name": "見本　次郎",
    "household[2].name": "見本　三郎",
    "care_recipients[0].conditions#1": True,
    REASON: "朝の支度が\n間に合わない。",
    "wanted_house#0": True,
    "wanted_house#2": True,
    "wanted_days[0].start": "13:30",
    AGREED: True,
    "office_use.received_by": "例示　花子",
}
HOUSE = [f"wanted_house#{index}" for index in range(5)]
MARKUP = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
)

Spoil = Callable[[Draft], Any]


@dataclass(frozen=True)
class Damage:
    """A damage and its outcome: what reads otherwise than filled in, the problems, the notes, flags that must stand."""

    name: str
    spoil: Spoil
    reads: Mapping[str, Any] = field(default_factory=dict)
    problems: frozenset[str] = frozenset()
    notes: frozenset[str] = frozenset()
    flags: Mapping[str, Flag] = field(default_factory=dict)


@dataclass(frozen=True)
class Broken:
    """A file that is not opened, and the code its sender is told."""

    name: str
    spoil: Callable[[bytes], bytes]
    code: str


def xml(markup: str) -> Any:
    """One element, with the usual prefixes."""
    return etree.fromstring(f"<x {MARKUP}>{markup}</x>")[0]


def all_of(*spoils: Spoil) -> Spoil:
    def spoil(draft: Draft) -> None:
        for each in spoils:
            each(draft)

    return spoil


# --- Controls -----------------------------------------------------------------------------------------------------


def unwrap(tag: str) -> Spoil:
    """The control is gone, its text stays ("delete content control")."""

    def spoil(draft: Draft) -> None:
        control = draft.control(tag)
        for child in draft.content(tag)[:]:
            control.addprevious(child)
        control.getparent().remove(control)

    return spoil


def unwrap_all(draft: Draft) -> None:
    """What a program does that knows no controls: all of them gone, at whatever level."""
    for control in list(draft.root.iter(f"{W}sdt")):
        content = control.find(f"{W}sdtContent")
        for child in content[:]:
            control.addprevious(child)
        control.getparent().remove(control)


def drop_bookmarks(draft: Draft) -> None:
    for node in list(draft.root.iter(f"{W}bookmarkStart", f"{W}bookmarkEnd")):
        node.getparent().remove(node)


def drop_bookmark(tag: str) -> Spoil:
    def spoil(draft: Draft) -> None:
        for node in list(draft.cell(tag).iter(f"{W}bookmarkStart")):
            node.getparent().remove(node)

    return spoil


def retag(tag: str, other: str | None) -> Spoil:
    def spoil(draft: Draft) -> None:
        node = draft.properties(tag).find(f"{W}tag")
        if other is None:
            node.getparent().remove(node)
        else:
            node.set(f"{W}val", other)

    return spoil


def relabel(tag: str, text: str) -> Spoil:
    def spoil(draft: Draft) -> None:
        next(draft.label(tag).iter(f"{W}t")).text = text

    return spoil


def content(tag: str, *nodes: str) -> Spoil:
    """The inside of a control replaced by markup; the prompt's flag goes."""

    def spoil(draft: Draft) -> None:
        draft.fill({tag: ""})
        draft.content(tag)[:] = [xml(node) for node in nodes]

    return spoil


def text(tag: str, words: str) -> Spoil:
    return lambda draft: draft.fill({tag: words})


def beside(tag: str, words: str, before: bool = False) -> Spoil:
    def spoil(draft: Draft) -> None:
        add = draft.control(tag).addprevious if before else draft.control(tag).addnext
        add(run_of(words))

    return spoil


def set_flag(tag: str) -> Spoil:
    """Older LibreOffice leaves the flag of the prompt on a filled control."""
    return lambda draft: draft.properties(tag).insert(3, etree.Element(f"{W}showingPlcHdr"))


def plain_prompt(tag: str, words: str) -> Spoil:
    return text(tag, words)


def paste_over(tag: str, words: str) -> Spoil:
    """The whole paragraph replaced by pasted text: control and bookmark gone."""

    def spoil(draft: Draft) -> None:
        paragraph = draft.paragraph(tag)
        for child in paragraph[1:]:
            paragraph.remove(child)
        paragraph.append(run_of(words))

    return spoil


def add_paragraph(tag: str, words: str) -> Spoil:
    def spoil(draft: Draft) -> None:
        paragraph = etree.SubElement(draft.cell(tag), f"{W}p")
        paragraph.append(run_of(words))

    return spoil


def copy_control(tag: str, into: str, words: str | None = None) -> Spoil:
    def spoil(draft: Draft) -> None:
        copied = deepcopy(draft.control(tag))
        draft.paragraph(into).append(copied)
        if words is not None:
            copied.find(f"{W}sdtContent")[:] = [run_of(words)]

    return spoil


def move_control(tag: str, into: str) -> Spoil:
    return lambda draft: draft.paragraph(into).append(draft.control(tag))


def wrap(find: Callable[[Draft], Any], tag: str = "") -> Spoil:
    """A control round whatever `find` finds: a cell, a row, a table, paragraphs."""

    def spoil(draft: Draft) -> None:
        inner = find(draft)
        outer = xml(f'<w:sdt><w:sdtPr><w:tag w:val="{tag}"/></w:sdtPr><w:sdtContent/></w:sdt>')
        inner.addprevious(outer)
        outer[1].append(inner)

    return spoil


def block_control(tag: str) -> Spoil:
    """The control taken from inside the paragraph to round it."""

    def spoil(draft: Draft) -> None:
        control, paragraph, inside = draft.control(tag), draft.paragraph(tag), draft.content(tag)
        for child in inside[:]:
            control.addprevious(child)
        paragraph.remove(control)
        paragraph.addprevious(control)
        inside.append(paragraph)

    return spoil


def cell_control(tag: str) -> Spoil:
    def spoil(draft: Draft) -> None:
        control, cell, inside = draft.control(tag), draft.cell(tag), draft.content(tag)
        for child in inside[:]:
            control.addprevious(child)
        control.getparent().remove(control)
        cell.addprevious(control)
        inside.append(cell)

    return spoil


def wrap_body(draft: Draft) -> None:
    section = draft.body[-1]
    outer = xml("<w:sdt><w:sdtPr/><w:sdtContent/></w:sdt>")
    for child in draft.body[:-1]:
        outer[1].append(child)
    section.addprevious(outer)


def smart_tag(tag: str) -> Spoil:
    def spoil(draft: Draft) -> None:
        for run in draft.content(tag)[:]:
            holder = xml('<w:smartTag w:uri="urn:x" w:element="PersonName"><w:smartTagPr/></w:smartTag>')
            run.addprevious(holder)
            holder.append(run)

    return spoil


def custom_xml_cell(tag: str) -> Spoil:
    def spoil(draft: Draft) -> None:
        cell = draft.cell(tag)
        holder = xml('<w:customXml w:element="x"><w:customXmlPr/></w:customXml>')
        cell.addprevious(holder)
        holder.append(cell)

    return spoil


def split_runs(tag: str) -> Spoil:
    """Word cuts text into runs wherever it was edited."""

    def spoil(draft: Draft) -> None:
        letters = "".join(draft.content(tag).itertext())
        draft.content(tag)[:] = [
            node for letter in letters for node in (run_of(letter), xml('<w:proofErr w:type="spellStart"/>'))
        ]

    return spoil


# --- Rows, labels, words elsewhere --------------------------------------------------------------------------------


def delete_row(tag: str) -> Spoil:
    def spoil(draft: Draft) -> None:
        draft.row(tag).getparent().remove(draft.row(tag))

    return spoil


def copy_row(tag: str, change: Mapping[str, str]) -> Spoil:
    def spoil(draft: Draft) -> None:
        row = deepcopy(draft.row(tag))
        draft.row(tag).addnext(row)
        for node in row.iter(f"{W}tag"):
            if node.get(f"{W}val") in change:
                node.getparent().getnext()[:] = [run_of(change[node.get(f"{W}val")])]

    return spoil


def add_bare_row(tag: str, *words: str) -> Spoil:
    def spoil(draft: Draft) -> None:
        cells = "".join(f"<w:tc><w:p><w:r><w:t>{word}</w:t></w:r></w:p></w:tc>" for word in words)
        draft.row(tag).addnext(xml(f"<w:tr>{cells}</w:tr>"))

    return spoil


def copy_body(change: Mapping[str, str] | None = None) -> Spoil:
    """The form pasted a second time below itself."""

    def spoil(draft: Draft) -> None:
        copies = [deepcopy(child) for child in draft.body[:-1]]
        for child in copies:
            draft.body[-1].addprevious(child)
            for node in child.iter(f"{W}tag"):
                if change and node.get(f"{W}val") in change:
                    node.getparent().getnext()[:] = [run_of(change[node.get(f"{W}val")])]

    return spoil


def merge_cells(tag: str) -> Spoil:
    """A box merged with the label before it."""

    def spoil(draft: Draft) -> None:
        cell, label = draft.cell(tag), draft.label(tag)
        for paragraph in label.findall(f"{W}p"):
            cell.insert(1, paragraph)
        label.getparent().remove(label)

    return spoil


def swap_rows(first: str, second: str) -> Spoil:
    def spoil(draft: Draft) -> None:
        draft.row(second).addnext(draft.row(first))

    return spoil


def below_form(words: str) -> Spoil:
    return lambda draft: draft.body[-1].addprevious(xml(f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"))


def under_title(markup: str) -> Spoil:
    return lambda draft: draft.body[0].addnext(xml(markup))


def delete_words(words: str) -> Spoil:
    def spoil(draft: Draft) -> None:
        for node in draft.root.iter(f"{W}t"):
            if words in (node.text or ""):
                node.text = ""

    return spoil


def footer_words(words: str) -> Spoil:
    def spoil(draft: Draft) -> None:
        part = draft.members["word/footer1.xml"]
        draft.members["word/footer1.xml"] = part.replace(
            b"</w:ftr>", f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:ftr>".encode()
        )

    return spoil


def add_part(name: str, markup: str, kind: str, attributes: str = "") -> Spoil:
    """A part with its relationship from the body."""

    def spoil(draft: Draft) -> None:
        draft.members[f"word/{name}"] = markup.encode()
        add_relation(f"{kind}", name, attributes)(draft)

    return spoil


def add_relation(kind: str, target: str, attributes: str = "") -> Spoil:
    def spoil(draft: Draft) -> None:
        rels = "word/_rels/document.xml.rels"
        added = (
            '<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
            f'{kind}" Target="{target}" {attributes}/></Relationships>'
        )
        draft.members[rels] = draft.members[rels].replace(b"</Relationships>", added.encode())

    return spoil


def drop_marks(*parts: str) -> Spoil:
    """The form's properties lost: custom.xml, core.xml, as some programs do."""

    def spoil(draft: Draft) -> None:
        for part in parts:
            del draft.members[part]

    return spoil


# --- Tracked changes, fields, marks -------------------------------------------------------------------------------


def run(words: str, properties: str = "") -> str:
    inner = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{inner}<w:t xml:space="preserve">{words}</w:t></w:r>'


def inserted(words: str) -> str:
    return f'<w:ins w:id="900" w:author="a" w:date="2024-02-01T00:00:00Z">{run(words)}</w:ins>'


def deleted(words: str) -> str:
    return f'<w:del w:id="901" w:author="a"><w:r><w:delText>{words}</w:delText></w:r></w:del>'


def field_runs(code: str, result: str | None, end: bool = True) -> str:
    shown = f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run(result)}' if result is not None else ""
    closing = '<w:r><w:fldChar w:fldCharType="end"/></w:r>' if end else ""
    return f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{code}</w:instrText></w:r>{shown}{closing}'


def in_order(tag: str, markup: str) -> Spoil:
    """Several siblings as the inside of a control."""

    def spoil(draft: Draft) -> None:
        draft.fill({tag: ""})
        draft.content(tag)[:] = list(etree.fromstring(f"<x {MARKUP}>{markup}</x>"))

    return spoil


def glyph(tag: str, sign: str) -> Spoil:
    def spoil(draft: Draft) -> None:
        next(draft.content(tag).iter(f"{W}t")).text = sign

    return spoil


def symbol(tag: str, code: str, font: str = "Wingdings") -> Spoil:
    def spoil(draft: Draft) -> None:
        draft.content(tag)[:] = [xml(f'<w:r><w:sym w:font="{font}" w:char="{code}"/></w:r>')]

    return spoil


def state(tag: str, value: str) -> Spoil:
    return lambda draft: draft.properties(tag).find(f"{W14}checkbox/{W14}checked").set(f"{W14}val", value)


def insert_control(tag: str) -> Spoil:
    def spoil(draft: Draft) -> None:
        control, holder = draft.control(tag), xml('<w:ins w:id="5" w:author="a"/>')
        control.addprevious(holder)
        holder.append(control)

    return spoil


def delete_table_row_tracked(tag: str) -> Spoil:
    def spoil(draft: Draft) -> None:
        draft.row(tag).find(f"{W}trPr").append(xml('<w:del w:id="7" w:author="a"/>'))

    return spoil


def box_text(words: str) -> str:
    inner = f"<w:txbxContent><w:p>{run(words)}</w:p></w:txbxContent>"
    return f"<w:r><w:pict><v:shape><v:textbox>{inner}</v:textbox></v:shape></w:pict></w:r>"


def alternatives(words: str) -> str:
    return (
        f'<mc:AlternateContent><mc:Choice Requires="wps">{run(words)}</mc:Choice>'
        f"<mc:Fallback>{run(words)}</mc:Fallback></mc:AlternateContent>"
    )


# --- The package --------------------------------------------------------------------------------------------------


def strict(draft: Draft) -> None:
    """As Word saves "Strict Open XML Document"."""

    def renamed(part: bytes) -> bytes:
        part = re.sub(rb"http://schemas\.openxmlformats\.org/(wordprocessingml|officeDocument|drawingml)/2006/",
                      rb"http://purl.oclc.org/ooxml/\1/", part)  # fmt: skip
        return part.replace(b"/custom-properties", b"/customProperties").replace(
            b"/extended-properties", b"/extendedProperties"
        )

    main = renamed(etree.tostring(draft.root))
    draft.members = {
        name: part if name.startswith("[") else renamed(part) for name, part in draft.members.items()
    }
    draft.root = etree.fromstring(main)


def second_document(draft: Draft) -> None:
    """Some servers name the body document2.xml."""
    draft.members["_rels/.rels"] = draft.members["_rels/.rels"].replace(
        b"word/document.xml", b"/word/document2.xml"
    )
    draft.members["[Content_Types].xml"] = draft.members["[Content_Types].xml"].replace(
        b"/word/document.xml", b"/word/document2.xml"
    )
    draft.members["word/_rels/document2.xml.rels"] = draft.members.pop("word/_rels/document.xml.rels")
    draft.members["word/document2.xml"] = etree.tostring(draft.root)


def upper_case_names(draft: Draft) -> None:
    draft.members = {
        name.replace("word/", "Word/") if name != MAIN else name: part for name, part in draft.members.items()
    }


def with_members(change: Callable[[dict[str, bytes]], Any]) -> Callable[[bytes], bytes]:
    def spoil(data: bytes) -> bytes:
        members = dict(read_members(data))
        change(members)
        return pack(members)

    return spoil


def with_draft(spoil: Spoil) -> Callable[[bytes], bytes]:
    def apply(data: bytes) -> bytes:
        draft = Draft(data)
        spoil(draft)
        return draft.save()

    return apply


def utf16(data: bytes) -> bytes:
    members = dict(read_members(data))
    for name in (MAIN, "word/footer1.xml", "docProps/custom.xml"):
        words = members[name].decode().split("?>", 1)[-1]
        members[name] = f'<?xml version="1.0" encoding="UTF-16"?>{words}'.encode("utf-16")
    return pack(members)


def flat(data: bytes) -> bytes:
    """The package as one XML document ("Word XML Document")."""
    members = read_members(data)
    types = dict(re.findall(rb'PartName="/([^"]+)" ContentType="([^"]+)"', members["[Content_Types].xml"]))
    parts = "".join(
        f'<pkg:part pkg:name="/{name}" pkg:contentType="{types.get(name.encode(), b"application/xml").decode()}">'
        f"<pkg:xmlData>{part.decode().split('?>', 1)[-1]}</pkg:xmlData></pkg:part>"
        for name, part in members.items()
        if not name.startswith("[")
    )
    picture = base64.b64encode(b"\x89PNG").decode()
    return (
        '<?xml version="1.0" standalone="yes"?><?mso-application progid="Word.Document"?>'
        '<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">'
        f'{parts}<pkg:part pkg:name="/word/media/x.png" pkg:contentType="image/png">'
        f"<pkg:binaryData>{picture}</pkg:binaryData></pkg:part></pkg:package>"
    ).encode()


def rezip(data: bytes, method: int = zipfile.ZIP_DEFLATED, folders: bool = False) -> bytes:
    """As Word writes an archive: its own order of headers, folders, another method."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        if folders:
            archive.writestr("word/", b"")
        for name, part in read_members(data).items():
            archive.writestr(name, part)
    return target.getvalue()


def replace_part(name: str, old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(members: dict[str, bytes]) -> None:
        assert old in members[name]
        members[name] = members[name].replace(old, new)

    return with_members(change)


def doctype(entities: str, name: str = MAIN) -> Callable[[bytes], bytes]:
    def change(members: dict[str, bytes]) -> None:
        words = members[name].decode().split("?>", 1)[-1]
        members[name] = f'<?xml version="1.0"?><!DOCTYPE x [{entities}]>{words}'.encode()

    return with_members(change)


def utf16_doctype(data: bytes) -> bytes:
    members = dict(read_members(data))
    words = members[MAIN].decode().split("?>", 1)[-1]
    members[MAIN] = f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "b">]>{words}'.encode(
        "utf-16"
    )
    return pack(members)


def overlap(_: bytes) -> bytes:
    """One member inside the bytes of another (CVE-2024-0450)."""
    inner = _zip_of("inner.xml", b"<x/>")
    inner_start = inner.index(b"PK\x01\x02")
    outer = _zip_of("outer.bin", inner[:inner_start])
    outer_start, end = outer.rindex(b"PK\x01\x02"), outer.rindex(b"PK\x05\x06")
    twin = bytearray(inner[inner_start : inner.rindex(b"PK\x05\x06")])
    twin[42:46] = struct.pack("<L", 30 + len("outer.bin"))
    directory = outer[outer_start:end] + bytes(twin)
    end_record = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, len(directory), outer_start, 0)
    return outer[:outer_start] + directory + end_record


def _zip_of(name: str, content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, content)
    return target.getvalue()


def bad_crc(data: bytes) -> bytes:
    at = data.find(b"PK\x01\x02", data.rfind(b"PK\x01\x02") - 2000) + 16
    broken = bytearray(data)
    crc = bytes(broken[at : at + 4])
    twin = data.find(crc)
    for place in (at, twin):
        broken[place] ^= 0xFF
    return bytes(broken)


def compound(stream: str) -> Callable[[bytes], bytes]:
    return lambda _: (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + stream.encode("utf-16-le") + b"\0" * 600
    )


def odt(_: bytes) -> bytes:
    return pack({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"})


def deep(draft: Draft) -> None:
    markup = "<w:tbl><w:tr><w:tc>" * 100 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 100
    draft.members[MAIN] = b""
    draft.body.insert(1, etree.fromstring(f"<x {MARKUP}>{markup}</x>", etree.XMLParser(huge_tree=True))[0])


def many_nodes(members: dict[str, bytes]) -> None:
    members[MAIN] = members[MAIN].replace(b"<w:sectPr>", b"<w:p/>" * 600_000 + b"<w:sectPr>")


OTHER_ID = "<w:p><w:r><w:t>様式ID meeting_minutes-v1</w:t></w:r></w:p>"
COMMENTS = f'<w:comments {MARKUP}><w:comment w:id="1" w:author="x"><w:p>{run("ここを直してください")}</w:p></w:comment></w:comments>'
FOOTNOTES = (
    f'<w:footnotes {MARKUP}><w:footnote w:id="2"><w:p>{run("脚注の追記")}</w:p></w:footnote></w:footnotes>'
)
LOST = frozenset(("CONTROL_LOST",))


# fmt: off
def damages() -> Iterator[Damage]:
    """Damage that leaves a file which can be read."""
    yes = frozenset
    row = partial(Damage)
    # Controls gone, doubled, moved.
    yield row("untouched", lambda draft: None)
    yield row("control unwrapped", unwrap(NAME), notes=LOST, flags={NAME: Flag.CONTROL_LOST})
    yield row("empty control unwrapped", unwrap("applicant.phone"), notes=LOST)
    yield row("every control gone", unwrap_all, notes=LOST)
    yield row("every control and bookmark gone", all_of(unwrap_all, drop_bookmarks), notes=LOST)
    yield row("bookmarks gone", drop_bookmarks)
    yield row("tag lost", retag(NAME, None), notes=LOST)
    yield row("tag renamed by Google", retag(NAME, "goog_rdk_7"), notes=LOST)
    yield row("tag and bookmark lost", all_of(drop_bookmark(NAME), retag(NAME, None)), notes=LOST)
    yield row("pasted over control and bookmark", paste_over(NAME, "例示　一郎"), {NAME: "例示　一郎"}, notes=LOST)
    yield row("tag of another box", retag(KANA, NAME), {KANA: ""}, yes({"BOX_MOVED"}))
    yield row("control copied into another box", copy_control(NAME, PLACE), problems=yes({"BOX_MOVED"}))
    yield row("control moved to another box", move_control(NAME, PLACE), {NAME: ""}, yes({"BOX_MOVED"}))
    yield row("control twice in its cell", copy_control(NAME, NAME))
    yield row("control twice, other text", copy_control(NAME, NAME, "別人"), {NAME: "見本　太郎\n別人"}, yes({"BOX_TWICE"}))
    yield row("control inside an unknown one", wrap(lambda d: d.control(NAME), "goog_rdk_1"))
    yield row("unknown control inside", content(NAME, f'<w:sdt><w:sdtPr><w:tag w:val="q"/></w:sdtPr><w:sdtContent>{run("見本　太郎")}</w:sdtContent></w:sdt>'))
    yield row("control round the paragraph", block_control(REASON))
    yield row("control round the cell", cell_control(NAME))
    yield row("unknown control round the cell", wrap(lambda d: d.cell(NAME)))
    yield row("unknown control round the row", wrap(lambda d: d.row(NAME)))
    yield row("unknown control round the table", wrap(lambda d: d.table(NAME)))
    yield row("unknown control round the body", wrap_body)
    # Text in and beside controls.
    yield row("answer typed after the prompt", beside("applicant.phone", "0246-00-0000"), {"applicant.phone": "0246-00-0000"}, notes=yes({"OUTSIDE"}), flags={"applicant.phone": Flag.OUTSIDE})
    yield row("text after a filled control", beside(NAME, "（旧姓 例示）"), {NAME: "見本　太郎（旧姓 例示）"}, notes=yes({"BESIDE"}), flags={NAME: Flag.BESIDE})
    yield row("text before a filled control", beside(NAME, "故", before=True), {NAME: "故見本　太郎"}, notes=yes({"BESIDE"}))
    yield row("spaces beside a control", beside(NAME, " 　"))
    yield row("second paragraph in the cell", add_paragraph(REASON, "送迎も。"), {REASON: "朝の支度が\n間に合わない。\n送迎も。"}, notes=yes({"BESIDE"}))
    yield row("prompt left, flag off", plain_prompt(NAME, "ここに入力"), {NAME: ""})
    yield row("another box's prompt", plain_prompt(NAME, "日付を入力（例：令和５年６月１日）"), {NAME: ""})
    yield row("Word's own prompt", plain_prompt(NAME, "クリックまたはタップしてテキストを入力してください。"), {NAME: ""})
    yield row("prompt with an answer in it", plain_prompt(NAME, "ここに入力見本　太郎"), {NAME: "ここに入力見本　太郎"}, yes({"PROMPT_LEFT"}))
    yield row("flag on, answer there", set_flag(NAME))
    yield row("only wide spaces", text(NAME, "　＿\u2002"), {NAME: ""})
    yield row("runs cut everywhere", split_runs(NAME))
    yield row("smart tag inside", smart_tag(NAME))
    yield row("customXml round the cell", custom_xml_cell(NAME))
    yield row("paragraphs in a control", lambda d: (block_control(REASON)(d), d.content(REASON).append(xml(f"<w:p>{run('三行目')}</w:p>"))), {REASON: "朝の支度が\n間に合わない。\n三行目"})
    yield row("tab, hyphens, page break", content(NAME, '<w:r><w:t>A</w:t><w:tab/><w:noBreakHyphen/><w:softHyphen/><w:br w:type="page"/><w:cr/><w:t>B</w:t></w:r>'), {NAME: "A\t-\nB"})
    yield row("rare letters", text(NAME, "𠮷野　葛󠄀城　髙﨑"), {NAME: "𠮷野　葛󠄀城　髙﨑"})
    yield row("choice not in the list", text(CENTRE, "平センター"), {CENTRE: "平センター"})
    # Tracked changes.
    yield row("tracked insertion", in_order(NAME, run("見本") + inserted("　太郎")), notes=yes({"TRACKED"}), flags={NAME: Flag.TRACKED})
    yield row("tracked deletion", in_order(NAME, run("見本　太郎") + deleted("丸")), notes=yes({"TRACKED"}))
    yield row("tracked replacement", in_order(NAME, deleted("例示") + inserted("見本") + run("　太郎")), notes=yes({"TRACKED"}))
    yield row("tracked move", in_order(NAME, f'<w:moveFrom w:id="3">{run("x")}</w:moveFrom><w:moveTo w:id="4">{run("見本　太郎")}</w:moveTo>'), notes=yes({"TRACKED"}))
    yield row("tracked format change", content(NAME, run("見本　太郎", '<w:rPrChange w:id="1" w:author="a"><w:rPr><w:b/></w:rPr></w:rPrChange>')))
    yield row("whole control inserted", insert_control(NAME), notes=yes({"TRACKED"}))
    yield row("paragraph mark deleted", lambda d: (add_paragraph(REASON, "送迎も。")(d), d.paragraph(REASON)[0].append(xml('<w:rPr><w:del w:id="6" w:author="a"/></w:rPr>'))), {REASON: "朝の支度が\n間に合わない。送迎も。"}, notes=yes({"TRACKED", "BESIDE"}))
    yield row("row deleted, tracked", delete_table_row_tracked(NAME), {NAME: None, KANA: None}, yes({"BOX_MISSING"}), yes({"TRACKED"}))
    # Letters that are more than letters.
    yield row("ruby", content(NAME, f"<w:r><w:ruby><w:rubyPr/><w:rt>{run('みほん')}</w:rt><w:rubyBase>{run('見本')}</w:rubyBase></w:ruby></w:r>", run("　太郎")))
    yield row("囲い文字", in_order(NAME, run("見本　太郎") + field_runs(r"EQ \o\ac(○,印)", None)), {NAME: "見本　太郎印"}, notes=yes({"EQ_FIELD"}))
    yield row("old ruby", in_order(NAME, field_runs(r'EQ \* jc2 \* "Font:ＭＳ 明朝" \* hps10 \o\ad(\s\up 9(みほん),見本)', None) + run("　太郎")), notes=yes({"EQ_FIELD"}))
    yield row("field shows its result", in_order(NAME, field_runs("REF x", "見本　太郎")))
    yield row("simple field", content(NAME, f'<w:fldSimple w:instr=" REF x ">{run("見本　太郎")}</w:fldSimple>'))
    yield row("field in the code of a field", in_order(NAME, '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>IF </w:instrText></w:r>' + field_runs("REF y", "隠") + '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + run("見本　太郎") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'))
    yield row("field without an end", in_order(NAME, field_runs("REF x", "見本　太郎", end=False)))
    yield row("field with nothing but a beginning", in_order(NAME, '<w:r><w:fldChar w:fldCharType="begin"/></w:r>' + run("見本　太郎")))
    yield row("hyperlink", lambda d: (add_relation("hyperlink", "https://example.com/", 'TargetMode="External"')(d), content(NAME, f'<w:hyperlink r:id="rIdX">{run("見本　太郎")}</w:hyperlink>')(d)), notes=yes({"HYPERLINK"}))
    yield row("hidden text", in_order(NAME, run("見本　太郎") + run("秘密", "<w:vanish/>")), notes=yes({"HIDDEN"}), flags={NAME: Flag.HIDDEN})
    yield row("vanish switched off", content(NAME, run("見本　太郎", '<w:vanish w:val="0"/>')))
    yield row("two alternatives", content(NAME, alternatives("見本　太郎")))
    yield row("auto numbers", lambda d: d.paragraph(REASON)[0].append(xml('<w:numPr><w:numId w:val="1"/></w:numPr>')), notes=yes({"NUMBERED"}))
    yield row("unknown symbol", content(NAME, run("見本"), '<w:r><w:sym w:font="Symbol" w:char="F0AA"/></w:r>'), {NAME: "見本\ufffd"})
    yield row("formula", content(NAME, "<m:oMath><m:r><m:t>x+1</m:t></m:r></m:oMath>"), {NAME: "x+1"}, yes({"EQUATION"}))
    yield row("picture in a box", lambda d: d.paragraph(NAME).append(xml("<w:r><w:drawing/></w:r>")), problems=yes({"PICTURE"}))
    yield row("drawn circle elsewhere", lambda d: d.body[1].append(xml("<w:r><w:pict/></w:r>")), problems=yes({"PICTURE"}))
    yield row("table in a box", lambda d: d.cell(REASON).append(xml(f"<w:tbl><w:tr><w:tc><w:p>{run('月曜日')}</w:p></w:tc></w:tr></w:tbl>")), problems=yes({"UNMAPPED_TEXT"}))
    # Marks.
    yield row("mark ✓", glyph("wanted_house#1", "✓"), {"wanted_house#1": True}, notes=yes({"MARK_MISMATCH"}))
    yield row("mark レ", all_of(glyph("wanted_house#1", "レ"), state("wanted_house#1", "1")), {"wanted_house#1": True})
    yield row("mark ■", all_of(glyph("wanted_house#1", "■"), state("wanted_house#1", "1")), {"wanted_house#1": True})
    yield row("mark 〇", glyph(AGREED, "〇"))
    yield row("mark ◎", glyph(AGREED, "◎"))
    yield row("mark ×", glyph(AGREED, "×"))
    yield row("mark □", all_of(glyph(AGREED, "□"), state(AGREED, "0")), {AGREED: False})
    yield row("Wingdings ticked", symbol(AGREED, "F0FE"))
    yield row("Wingdings crossed", symbol(AGREED, "F0FD"))
    yield row("Wingdings empty", all_of(symbol(AGREED, "F0A8"), state(AGREED, "0")), {AGREED: False})
    yield row("state against the mark", state(AGREED, "0"), notes=yes({"MARK_MISMATCH"}), flags={AGREED: Flag.MISMATCH})
    yield row("unknown mark", glyph(AGREED, "△"), {AGREED: None}, yes({"MARK_UNREADABLE"}))
    yield row("mark deleted", glyph(AGREED, ""), {AGREED: None}, yes({"MARK_UNREADABLE"}))
    yield row("mark became a word", glyph(AGREED, "false"), {AGREED: None}, yes({"MARK_UNREADABLE"}))
    yield row("○ before an item", beside("wanted_house#1", "○", before=True), problems=yes({"TEXT_BESIDE_MARKS"}))
    yield row("words after an item", beside("wanted_house#4", "（窓ふき）"), problems=yes({"TEXT_BESIDE_MARKS"}))
    yield row("marks without controls", all_of(*map(unwrap, HOUSE)), notes=LOST)
    yield row("one mark without control", unwrap("wanted_house#0"), notes=LOST)
    yield row("marks without controls, one gone", all_of(glyph(HOUSE[3], ""), *map(unwrap, HOUSE)), dict.fromkeys(HOUSE), yes({"MARK_UNREADABLE"}))
    # Rows and labels.
    yield row("label edited", relabel(NAME, "保健師"), problems=yes({"UNMAPPED_TEXT"}), notes=yes({"TEXT_MISSING"}))
    yield row("label with spaces", relabel(NAME, "氏　 名"))
    yield row("label edited, control gone", all_of(relabel(NAME, "名前"), unwrap(NAME)), problems=yes({"UNMAPPED_TEXT"}), notes=LOST)
    yield row("label emptied", relabel(NAME, ""), problems=yes({"UNMAPPED_TEXT"}), notes=yes({"TEXT_MISSING"}))
    yield row("row deleted", delete_row(NAME), {NAME: None, KANA: None}, yes({"BOX_MISSING"}))
    yield row("list row deleted", delete_row("household[1].name"), {f"household[1].{key}": None for key in ("name", "kana", "relation", "birth", "occupation", "living", "condition")}, yes({"BOX_MISSING"}))
    yield row("list row copied", copy_row("household[2].name", {"household[2].name": "見本　四郎"}), {"household[2].name": "見本　四郎"}, problems=yes({"BOX_TWICE", "UNMAPPED_TEXT"}))
    yield row("list row copied blank", copy_row("household[7].name", {}), problems=yes({"UNMAPPED_TEXT"}))
    yield row("bare row added", add_bare_row("household[7].name", "９", "見本　四郎"), problems=yes({"UNMAPPED_TEXT"}))
    yield row("rows swapped", swap_rows("household[0].name", "household[1].name"))
    yield row("rows put elsewhere", swap_rows(NAME, PLACE))
    yield row("rows put elsewhere, labels edited", all_of(swap_rows(NAME, PLACE), *(relabel(tag, "甲") for tag in (NAME, KANA, PLACE))), problems=yes({"UNMAPPED_TEXT"}))
    yield row("cells merged", merge_cells(PLACE))
    yield row("form twice, the same", copy_body(), problems=yes({"UNMAPPED_TEXT"}))
    yield row("form twice, another person", copy_body({NAME: "例示　花子"}), problems=yes({"BOX_TWICE", "UNMAPPED_TEXT"}))
    # Words elsewhere.
    yield row("words below the form", below_form("よろしくお願いします"), problems=yes({"UNMAPPED_TEXT"}))
    yield row("words in a label", lambda d: d.label(NAME)[1].append(xml(run("（注意）"))), problems=yes({"UNMAPPED_TEXT"}))
    yield row("words in the footer", footer_words("追記"), problems=yes({"UNMAPPED_TEXT"}))
    yield row("words in a text box", lambda d: d.body[1].append(xml(box_text("見落とさないで"))), problems=yes({"PICTURE", "UNMAPPED_TEXT"}))
    yield row("words in a footnote", add_part("footnotes.xml", FOOTNOTES, "footnotes"), problems=yes({"UNMAPPED_TEXT"}))
    yield row("a printed number as an answer", below_form("２"), problems=yes({"UNMAPPED_TEXT"}))
    yield row("hint of a label deleted", lambda d: d.label(NAME).remove(d.label(NAME)[-1]))
    yield row("blank paragraphs", below_form("　"))
    yield row("printed words deleted", delete_words("Tabキー"), notes=yes({"TEXT_MISSING"}))
    yield row("comments left in", add_part("comments.xml", COMMENTS, "comments"), notes=yes({"COMMENTS"}))
    # Identity and package.
    yield row("custom properties lost", drop_marks("docProps/custom.xml"))
    yield row("all properties lost", drop_marks("docProps/custom.xml", "docProps/core.xml"), notes=yes({"FORM_ID_BY_TEXT"}))
    yield row("Strict", strict)
    yield row("no app.xml", drop_marks("docProps/app.xml"))
    yield row("signed", lambda d: d.members.__setitem__("_xmlsignatures/sig1.xml", b"<x/>"), notes=yes({"SIGNED"}))
    yield row("picture absent from the package", add_relation("image", "media/none.png"))
    yield row("saved as a template", lambda d: d.members.__setitem__("[Content_Types].xml", d.members["[Content_Types].xml"].replace(b"document.main+xml", b"template.main+xml")), notes=yes({"TEMPLATE_TYPE"}))


def repackings() -> Iterator[tuple[str, Callable[[bytes], bytes]]]:
    """Other ways to pack the same form: it reads the same."""
    yield "Flat OPC", flat
    yield "UTF-16 parts", utf16
    yield "stored", partial(rezip, method=zipfile.ZIP_STORED)
    yield "with folders", partial(rezip, folders=True)
    yield "document2.xml", lambda data: with_members(lambda m: m.pop(MAIN))(with_draft(second_document)(data))
    yield "capital letters in names", with_draft(upper_case_names)
    yield "byte order mark", with_members(lambda m: m.__setitem__(MAIN, b"\xef\xbb\xbf" + m[MAIN]))
    yield "processing instruction", replace_part(MAIN, b"<w:document ", b'<?xml-stylesheet href="x.xsl"?><w:document ')


def broken_files() -> Iterator[Broken]:
    """Files that are not opened."""
    external = 'TargetMode="External"'
    row = Broken

    def relation(kind: str, target: str, attributes: str = "") -> Callable[[bytes], bytes]:
        return with_draft(add_relation(kind, target, attributes))

    def fields(markup: str) -> Callable[[bytes], bytes]:
        return with_draft(in_order(NAME, markup))

    yield row("nothing", lambda _: b"", "EMPTY")
    yield row("zeros", lambda _: b"\0" * 4096, "TRUNCATED")
    yield row("cut in half", lambda data: data[: len(data) // 2], "TRUNCATED")
    yield row("zeros appended", lambda data: data + b"\0" * 100, "ZIP_TRAILER")
    yield row("program in front", lambda data: b"MZ" + data, "ZIP_PREFIX")
    yield row("password", compound("EncryptedPackage"), "ENCRYPTED")
    yield row("old Word", compound("WordDocument"), "LEGACY")
    yield row("RTF", lambda _: rb"{\rtf1\ansi x}", "RTF")
    yield row("PDF", lambda _: b"%PDF-1.7\n", "PDF")
    yield row("ODT", odt, "ODT")
    yield row("HTML", lambda _: b"<!DOCTYPE html><html></html>", "HTML")
    yield row("MHTML", lambda _: b"MIME-Version: 1.0\n", "HTML")
    yield row("Word 2003 XML", lambda _: b'<?xml version="1.0"?><w:wordDocument xmlns:w="urn:w"/>', "WORD2003")
    yield row("plain text", lambda _: "申請します".encode(), "TYPE")
    yield row("workbook", replace_part("[Content_Types].xml", b"wordprocessingml.document.main", b"spreadsheetml.sheet.main"), "NOT_WORD")
    yield row("bad checksum", bad_crc, "ZIP_CRC")
    yield row("overlap", overlap, "ZIP_OVERLAP")
    yield row("path trick", with_members(lambda m: m.__setitem__("../x", b"")), "ZIP_PATH")
    yield row("odd method", partial(rezip, method=zipfile.ZIP_LZMA), "ZIP_METHOD")
    yield row("no types", with_members(lambda m: m.pop("[Content_Types].xml")), "OPC")
    yield row("no relations", with_members(lambda m: m.pop("_rels/.rels")), "OPC")
    yield row("no body", with_members(lambda m: m.pop(MAIN)), "OPC")
    yield row("macro type", replace_part("[Content_Types].xml", b"vnd.openxmlformats-officedocument.wordprocessingml.document.main", b"vnd.ms-word.document.macroEnabled.main"), "MACRO")
    yield row("macro part", with_members(lambda m: m.__setitem__("word/vbaProject.bin", b"x")), "MACRO")
    yield row("external template", relation("attachedTemplate", "http://example.com/x.dotm", external), "EXTERNAL")
    yield row("external picture", relation("image", "file:///etc/x.png", external), "EXTERNAL")
    yield row("link to a file", relation("hyperlink", "file://server/x", external), "EXTERNAL")
    yield row("link to a program", relation("hyperlink", "ms-msdt:/id", external), "EXTERNAL")
    yield row("script link", relation("hyperlink", "javascript:alert(1)", external), "EXTERNAL")
    yield row("part document", relation("subDocument", "part.docx", external), "EXTERNAL")
    yield row("target outside", relation("image", "../../../etc/passwd"), "OPC_TARGET")
    yield row("target escaped", relation("image", "%2e%2e/%2e%2e/x"), "OPC_TARGET")
    yield row("embedded object", relation("oleObject", "embeddings/o.bin"), "EMBEDDED")
    yield row("embedded file", with_members(lambda m: m.__setitem__("word/embeddings/x.docx", b"x")), "EMBEDDED")
    yield row("active control", relation("control", "activeX/x.xml"), "EMBEDDED")
    yield row("foreign document", relation("aFChunk", "x.html"), "ALTCHUNK")
    yield row("foreign document element", with_draft(under_title('<w:altChunk r:id="rId9"/>')), "ALTCHUNK")
    yield row("DDE", fields(field_runs("DDEAUTO c:\\\\x", "x")), "FIELD")
    yield row("DDE cut into runs", fields('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DDE</w:instrText></w:r><w:r><w:instrText>AUTO x</w:instrText></w:r>'), "FIELD")
    yield row("INCLUDETEXT", fields(field_runs('INCLUDETEXT "x"', "x")), "FIELD")
    yield row("simple INCLUDEPICTURE", fields('<w:fldSimple w:instr="INCLUDEPICTURE x"/>'), "FIELD")
    yield row("field in a field", fields('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>IF </w:instrText></w:r>' + field_runs("LINK x", "x")), "FIELD")
    yield row("link field to a file", fields(field_runs('HYPERLINK "file:///x"', "x")), "EXTERNAL")
    yield row("internal entity", doctype('<!ENTITY a "b">'), "XML_DTD")
    yield row("file entity", doctype('<!ENTITY a SYSTEM "file:///etc/hostname">'), "XML_DTD")
    yield row("entity in the styles", doctype('<!ENTITY a "b">', "word/styles.xml"), "XML_DTD")
    yield row("entity in UTF-16", utf16_doctype, "XML_DTD")
    yield row("strange encoding", replace_part(MAIN, b'encoding="UTF-8"', b'encoding="UTF-7"'), "XML_ENCODING")
    yield row("torn XML", replace_part(MAIN, b"</w:body>", b""), "XML")
    yield row("control character", replace_part(MAIN, "はい".encode(), b"\x0b"), "XML")
    yield row("a million nodes", with_members(many_nodes), "XML_NODES")
    yield row("tables in tables", with_draft(deep), "XML")
    yield row("LibreOffice 7.4", replace_part("docProps/app.xml", b"Todoke", b"LibreOffice/7.4.7.2$Linux_X86_64"), "OLD_LIBREOFFICE")
    yield row("no form id", with_draft(all_of(drop_marks("docProps/custom.xml", "docProps/core.xml"), delete_words("様式ID"), lambda d: d.members.__setitem__("word/footer1.xml", d.members["word/footer1.xml"].replace("様式ID".encode(), b"")))), "FORM_MISSING")
    yield row("unknown form", replace_part("docProps/custom.xml", b"dispatch_application", b"no_such_form"), "FORM_MIXED")
    yield row("another form's id", with_draft(under_title(OTHER_ID)), "FORM_MIXED")
# fmt: on
