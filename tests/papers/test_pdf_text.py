from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
)

from pipeline.papers.pdf_text import UNKNOWN, UnreadablePdf, read_pdf_text, squeeze

CMAP = b"""2 beginbfchar
<01> <4E00>
<02> <845BDB40DD00>
endbfchar
1 beginbfrange
<10> <13> <3042>
endbfrange
"""


def name(text: str) -> NameObject:
    return NameObject(text)


def stream(data: bytes) -> StreamObject:
    made = DecodedStreamObject()
    made.set_data(data)
    return made


def drawn(
    *contents: bytes, forms: Mapping[str, bytes] | None = None, tree: list[tuple[int, int]] | None = None
) -> bytes:
    """A PDF of one page per content; font F1 knows the codes of CMAP; `tree` lists (page, piece) in reading order."""
    writer, out = PdfWriter(), io.BytesIO()
    font = DictionaryObject(
        {name("/Type"): name("/Font"), name("/ToUnicode"): writer._add_object(stream(CMAP))}
    )
    fonts = DictionaryObject({name("/F1"): writer._add_object(font)})
    drawings = DictionaryObject()
    for key, data in (forms or {}).items():
        form = stream(data)
        form[name("/Subtype")] = name("/Form")
        drawings[name(key)] = writer._add_object(form)
    for content in contents:
        page = writer.add_blank_page(200, 200)
        page[name("/Resources")] = DictionaryObject({name("/Font"): fonts, name("/XObject"): drawings})
        page[name("/Contents")] = writer._add_object(stream(content))
    if tree:
        kids = [
            DictionaryObject(
                {name("/Pg"): writer.pages[page].indirect_reference, name("/MCID"): NumberObject(piece)}
            )
            for page, piece in tree
        ]
        root = DictionaryObject({name("/K"): DictionaryObject({name("/K"): ArrayObject(kids)})})
        writer.root_object[name("/StructTreeRoot")] = writer._add_object(root)
    writer.write(out)
    return out.getvalue()


def test_characters_come_from_the_font_and_unknown_glyphs_are_not_guessed() -> None:
    text = read_pdf_text(drawn(b"BT /F1 10 Tf 0 0 Td [<01> -900 <02>] TJ <101377> Tj ET"))
    assert text.pages == ("一葛\U000e0100あぅ" + UNKNOWN,)


def test_the_text_meant_wins_over_the_glyph_drawn() -> None:
    page = b"BT /F1 10 Tf 0 0 Td <01> Tj /Span<</ActualText<FEFF2F00>>> BDC <0101> Tj EMC <01> Tj ET"
    assert read_pdf_text(drawn(page)).pages == ("一\u2f00一",)


def test_a_glyph_drawn_late_takes_its_place_in_the_line() -> None:
    late = b"/P<</MCID 0>>BDC BT /F1 10 Tf 100 50 Td <10> Tj 1 0 0 1 120 50 Tm <11> Tj 1 0 0 1 110 50.2 Tm <12> Tj ET EMC"
    two_lines = b"/P<</MCID 0>>BDC BT /F1 10 Tf 0 30 Td <10> Tj 1 0 0 1 0 50 Tm <11> Tj ET EMC"
    assert read_pdf_text(drawn(late)).pages == ("あ\u3044\u3043",)
    assert read_pdf_text(drawn(two_lines)).pages == (chr(0x3043) + "あ",)


def test_the_tags_give_the_order_and_leave_running_heads_out() -> None:
    first = b"/Artifact BMC BT /F1 10 Tf <01> Tj ET EMC /P<</MCID 0>>BDC BT /F1 10 Tf <10> Tj ET EMC"
    second = b"/Artifact BMC BT /F1 10 Tf <01> Tj ET EMC /P<</MCID 0>>BDC BT /F1 10 Tf <11> Tj ET EMC"
    text = read_pdf_text(drawn(first, second, tree=[(1, 0), (0, 0), (0, 9)]))
    assert text.flow == chr(0x3043) + "あ"
    assert text.heads == ("一", "一")
    assert text.pages == ("一あ", "一" + chr(0x3043))


def test_text_inside_a_drawing_is_read_too() -> None:
    assert read_pdf_text(drawn(b"/X1 Do", forms={"/X1": b"BT /F1 10 Tf <10> Tj ET"})).pages == ("あ",)


def test_a_page_without_a_font_or_text_is_empty() -> None:
    assert read_pdf_text(drawn(b"0 0 10 10 re f")).pages == ("",)


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7\ngarbage", drawn(b"")[:300], drawn(b"BT /F9 1 Tf <01> Tj ET"), drawn()]
)
def test_what_is_no_whole_pdf_is_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadablePdf):
        read_pdf_text(data)


def test_squeeze_keeps_ink_only() -> None:
    assert squeeze(" 見本　\u00a0太\t郎\n\u200b\u00ad葛\U000e0100\x00") == "見本太郎葛\U000e0100"
