"""What a package may hold that a form does not: rows D of the bad-input corpus, beside those in `damage.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from lxml import etree

from pipeline.forms.word_text import Flag
from tests.forms.damage import (
    AGREED,
    BIRTH,
    CENTRE,
    HOUSE,
    KANA,
    MARKUP,
    NAME,
    PLACE,
    Broken,
    Damage,
    Spoil,
    add_part,
    add_relation,
    all_of,
    doctype,
    field_runs,
    in_order,
    run,
    under_title,
    with_draft,
    with_members,
    xml,
)
from tests.forms.word_filling import MAIN, Draft, W

EXTERNAL = 'TargetMode="External"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
INCLUDE = '<w:p><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/></w:p>'
FETCHING = (
    *(
        "INCLUDETEXT x",
        "INCLUDEPICTURE x",
        "LINK Excel.Sheet x",
        "IMPORT x",
        "DATABASE \\d x",
        "MACROBUTTON x y",
    ),
    *("QUOTE x", "RD x", "AUTOTEXT x", "MERGEFIELD x", "ADDIN x", "EMBED x", "GOTOBUTTON x y"),
)


# fmt: off
def broken_contents() -> Iterator[Broken]:
    """Rows D that are refused; `name` begins with the row."""
    row = Broken
    laughs = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10 if i else "ha"}">' for i in range(10))
    yield row("D03 parameter entity", doctype('<!ENTITY % p SYSTEM "http://example.com/x.dtd">%p;'), "XML_DTD")
    yield row("D04 billion laughs", doctype(laughs), "XML_DTD")
    yield row("D05 quadratic growth", doctype(f'<!ENTITY a "{"a" * 50_000}">'), "XML_DTD")
    yield row("D06 entity in the relations", doctype('<!ENTITY a "b">', "word/_rels/document.xml.rels"), "XML_DTD")
    yield row("D06 entity in the properties", doctype('<!ENTITY a "b">', "docProps/core.xml"), "XML_DTD")
    yield row("D06 entity in customXml", with_members(_entity_in_store), "XML_DTD")
    yield row("D08 Shift_JIS", with_members(_declared(b"Shift_JIS")), "XML_ENCODING")
    yield row("D08 no such encoding", with_members(_declared(b"x-none")), "XML_ENCODING")
    yield row("D09 3,000 tables in one another", with_members(_nested), "XML")
    yield row("D11 200,000 attributes", with_members(_attributes), "XML_NODES")
    yield row("D16 macros under another name", with_draft(add_relation("vbaProject", "code.bin")), "MACRO")
    for target in ("file:///x.dotm", "\\\\server\\x.dotm", "https://example.com/x.dotm"):
        yield row(f"D18 template {target}", with_draft(_setting_relation("attachedTemplate", target)), "EXTERNAL")
    yield row("D19 picture from the web", with_draft(add_relation("image", "https://example.com/x", EXTERNAL)), "EXTERNAL")
    yield row("D23 frame", with_draft(_setting_relation("frame", "https://example.com/")), "EXTERNAL")
    yield row("D23 source of a mail merge", with_draft(_setting_relation("mailMergeSource", "file:///x.csv")), "EXTERNAL")
    for code in FETCHING:
        yield row(f"D25 {code.split()[0]}", with_draft(in_order(NAME, field_runs(code, "x"))), "FIELD")
    yield row("D27 link that searches", with_draft(add_relation("hyperlink", "search-ms:q=x", EXTERNAL)), "EXTERNAL")
    yield row("D30 the body is not there", with_members(_body_elsewhere), "OPC")


def odd_contents() -> Iterator[Damage]:
    """Rows D that are read, or read in part."""
    row = partial(Damage)
    yes = frozenset
    lost = yes({"CONTROL_LOST"})
    white = '<w:color w:val="FFFFFF"/>'
    ticks = [_legacy(tag, _box(f'<w:checked w:val="{n in (0, 2):d}"/>'), "FORMCHECKBOX") for n, tag in enumerate(HOUSE)]
    yield row("D14 XInclude", under_title(INCLUDE))
    yield row("D28 bound to data elsewhere", _bound(NAME), problems=yes({"BOX_BOUND"}), flags={NAME: Flag.BOUND})
    yield row("D28 every option bound", all_of(*map(_bound, HOUSE)), problems=yes({"BOX_BOUND"}))
    yield row("D30 absent footer", add_relation("footer", "footer9.xml"))
    yield row("D30 the same id twice", all_of(add_relation("theme", "theme1.xml"), add_relation("theme", "theme2.xml")))
    yield row("D30 the body related to itself", add_relation("settings", "document.xml"))
    yield row("D33 cell deleted, tracked", _tracked_cell(KANA, "cellDel"), {KANA: None}, yes({"BOX_MISSING"}), yes({"TRACKED"}))
    yield row("D33 cell inserted, tracked", _tracked_cell(KANA, "cellIns"), notes=yes({"TRACKED"}))
    yield row("D36 a date picked", pick(BIRTH, "1980-04-02T00:00:00Z"))
    # Form fields of Word 97 and later, as old forms have them.
    yield row("D37 text field", _legacy(NAME, "<w:textInput/>", "FORMTEXT", "見本　太郎"), notes=lost, flags={NAME: Flag.CONTROL_LOST})
    yield row("D37 text field, empty", _legacy(NAME, "<w:textInput/>", "FORMTEXT", "\u2002" * 5), {NAME: ""}, notes=lost)
    yield row("D37 text field in two runs", _legacy(NAME, "<w:textInput/>", "FORMTEXT", "見本</w:t></w:r><w:r><w:t>　太郎"), notes=lost)
    yield row("D37 check box on", _legacy(AGREED, _box("<w:checked/>"), "FORMCHECKBOX"), notes=lost)
    yield row("D37 check box off", _legacy(AGREED, _box('<w:checked w:val="0"/>'), "FORMCHECKBOX"), {AGREED: False}, notes=lost)
    yield row("D37 check box on from the start", _legacy(AGREED, _box('<w:default w:val="1"/>'), "FORMCHECKBOX"), notes=lost)
    yield row("D37 check boxes", all_of(*ticks), notes=lost)
    yield row("D37 drop-down", _legacy(CENTRE, _list("", "平地区保健福祉センター", chosen=1), "FORMDROPDOWN"), notes=lost)
    yield row("D37 drop-down, first item", _legacy(CENTRE, _list("平地区保健福祉センター", ""), "FORMDROPDOWN"), notes=lost)
    yield row("D37 drop-down, no such item", _legacy(CENTRE, _list("ア", chosen=7), "FORMDROPDOWN"), {CENTRE: ""}, notes=lost)
    # Text nobody sees.
    for name, look in (("white", white), ("nearly white", '<w:color w:val="f8F9fa"/>'), ("one point", '<w:sz w:val="2"/>')):
        yield row(f"D39 {name}", in_order(NAME, run("見本") + run("　太郎", look)), problems=yes({"FAINT_TEXT"}), flags={NAME: Flag.FAINT})
    yield row("D39 a white prompt", in_order("applicant.phone", run("ここに入力", white)))
    yield row("D39 dark colours and small print", in_order(NAME, run("見本　太郎", '<w:color w:val="1F3864"/><w:sz w:val="14"/>')))
    yield row("D39 white words elsewhere", under_title(f"<w:p>{run('隠し', white)}</w:p>"), problems=yes({"UNMAPPED_TEXT"}))
    yield row("D42 words in a header", add_part("header1.xml", f"<w:hdr {MARKUP}><w:p>{run('追記')}</w:p></w:hdr>", "header"), problems=yes({"UNMAPPED_TEXT"}))
    yield row("D50 read only", _protected('<w:documentProtection w:edit="readOnly" w:enforcement="1"/>'))
    yield row("D50 no protection", _protected(""))
    yield row("D52 embedded font", add_part("fontTable.xml", f"<w:fonts {MARKUP}/>", "fontTable"))
    yield row("D54 a bookmark twice", _again("bookmarkStart", NAME))
    yield row("D54 numbers used twice", _same_numbers)
    for part, kind in (("glossary/document.xml", "glossaryDocument"), ("people.xml", "people"), ("commentsExtended.xml", "commentsExtended"), ("webSettings.xml", "webSettings")):
        yield row(f"D55 {kind}", add_part(part, f"<w:x {MARKUP}><w:t>部品の中の文字</w:t></w:x>", kind))
    yield row("D55 a part nobody knows", lambda draft: draft.members.__setitem__("word/unknown.bin", b"\0x"))
# fmt: on


# --- How it is done -----------------------------------------------------------------------------------------------


def _entity_in_store(members: dict[str, bytes]) -> None:
    members["customXml/item1.xml"] = b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'


def _declared(encoding: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members[MAIN] = members[MAIN].replace(b'encoding="UTF-8"', b'encoding="' + encoding + b'"', 1)

    return change


def _nested(members: dict[str, bytes]) -> None:
    deep = b"<w:tbl><w:tr><w:tc>" * 3_000 + b"<w:p/>" + b"</w:tc></w:tr></w:tbl>" * 3_000
    members[MAIN] = members[MAIN].replace(b"<w:sectPr>", deep + b"<w:sectPr>")


def _attributes(members: dict[str, bytes]) -> None:
    many = b"<w:p " + b"".join(b'w:a%d="" ' % number for number in range(200_001)) + b"/>"
    members[MAIN] = members[MAIN].replace(b"<w:sectPr>", many + b"<w:sectPr>")


def _body_elsewhere(members: dict[str, bytes]) -> None:
    members["_rels/.rels"] = members["_rels/.rels"].replace(b"word/document.xml", b"word/nowhere.xml")


def _setting_relation(kind: str, target: str) -> Spoil:
    def spoil(draft: Draft) -> None:
        draft.members["word/_rels/settings.xml.rels"] = (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{OFFICE}/{kind}" Target="{target}" {EXTERNAL}/></Relationships>'
        ).encode()

    return spoil


def _bound(tag: str) -> Spoil:
    binding = '<w:dataBinding w:xpath="/x[1]" w:storeItemID="{7A2C5C1B-0000-0000-0000-000000000000}"/>'
    return lambda draft: draft.properties(tag).insert(3, xml(binding))


def _tracked_cell(tag: str, kind: str) -> Spoil:
    return lambda draft: draft.cell(tag).find(f"{W}tcPr").append(xml(f'<w:{kind} w:id="8" w:author="a"/>'))


def _legacy(tag: str, data: str, code: str, result: str = "") -> Spoil:
    """A form field in the place of a control."""
    begin = (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="Text1"/><w:enabled/>'
        f"{data}</w:ffData></w:fldChar></w:r><w:r><w:instrText> {code} </w:instrText></w:r>"
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    shown = run(result) if result else ""

    def spoil(draft: Draft) -> None:
        control = draft.control(tag)
        for node in etree.fromstring(
            f"<x {MARKUP}>{begin}{shown}<w:r><w:fldChar w:fldCharType='end'/></w:r></x>"
        ):
            control.addprevious(node)
        control.getparent().remove(control)

    return spoil


def _box(state: str) -> str:
    return f"<w:checkBox><w:sizeAuto/>{state}</w:checkBox>"


def _list(*items: str, chosen: int | None = None) -> str:
    entries = "".join(f'<w:listEntry w:val="{item}"/>' for item in items)
    result = "" if chosen is None else f'<w:result w:val="{chosen}"/>'
    return f"<w:ddList>{result}{entries}</w:ddList>"


def _protected(element: str) -> Spoil:
    def spoil(draft: Draft) -> None:
        before = draft.members["word/settings.xml"]
        after = before.replace(b'<w:documentProtection w:edit="forms" w:enforcement="1"/>', element.encode())
        assert after != before
        draft.members["word/settings.xml"] = after

    return spoil


def _again(kind: str, tag: str) -> Spoil:
    def spoil(draft: Draft) -> None:
        mark = next(draft.cell(tag).iter(f"{W}{kind}"))
        draft.paragraph(PLACE).append(xml(f'<w:{kind} w:id="999" w:name="{mark.get(f"{W}name")}"/>'))

    return spoil


def _same_numbers(draft: Draft) -> None:
    for node in draft.root.iter(f"{W}bookmarkStart", f"{W}bookmarkEnd", f"{W}id"):
        node.set(f"{W}{'val' if node.tag == f'{W}id' else 'id'}", "1")


def pick(tag: str, day: str) -> Spoil:
    """The day that Word keeps when somebody chooses it in the calendar."""
    return lambda draft: draft.properties(tag).find(f"{W}date").set(f"{W}fullDate", day)
