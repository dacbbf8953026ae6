from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import docx
from docx.document import Document
from docx.oxml.ns import qn

from pipeline.ooxml import pack, read_members

Rows = Sequence[Sequence[str]]


def build_template(
    *paragraphs: str, rows: Rows = (), header: str = "", footer: str = "", runs: Sequence[str] = ()
) -> bytes:
    """A Word template: paragraphs, then one paragraph cut into `runs`, then one table, then a closing paragraph."""
    document = docx.Document()
    fonts = document.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), "ＭＳ 明朝")
    for text in paragraphs:
        document.add_paragraph(text)
    if runs:
        cut = document.add_paragraph()
        for number, text in enumerate(runs):
            cut.add_run(text).bold = bool(number % 2)
    if rows:
        _add_table(document, rows)
    document.add_paragraph("以上")
    if header:
        document.sections[0].header.paragraphs[0].text = header
    if footer:
        document.sections[0].footer.paragraphs[0].text = footer
    return save(document)


def _add_table(document: Document, rows: Rows) -> None:
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text


def save(document: Document) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def change_part(data: bytes, name: str, change: Callable[[str], str]) -> bytes:
    """The same file with one part rewritten; a part that is not there yet is made."""
    members = read_members(data)
    members[name] = change(members.get(name, b"").decode()).encode()
    return pack(members)
