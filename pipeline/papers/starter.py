"""The Word template a new form starts with: plain, correct fonts, every field once. Clerks make it theirs in Word."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import docx
from docx.enum.text import WD_PARAGRAPH_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

MINCHO = "ＭＳ 明朝"
_FIXED = datetime(2023, 6, 1)


@dataclass(frozen=True, slots=True)
class Row:
    """One label and the tag that prints its value."""

    label: str
    tag: str


def make_starter(title: str, rows: Iterable[Row]) -> bytes:
    """Return an A4 Word template with a title and a two-column table of labels and tags."""
    document = docx.Document()
    _set_fonts(document)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin = section.bottom_margin = Mm(25)
    heading = document.add_paragraph(title)
    heading.alignment = WD_PARAGRAPH_ALIGNMENT.CENTER
    heading.runs[0].font.size = Pt(16)
    table = document.add_table(rows=0, cols=2, style="Table Grid")
    for row in rows:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = row.label, row.tag
    document.add_paragraph()
    return _saved(document, title)


def _set_fonts(document: Any) -> None:
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for owner in (defaults, document.styles["Normal"].element.get_or_add_rPr()):
        for old in owner.findall(qn("w:rFonts")):
            owner.remove(old)
        fonts = OxmlElement("w:rFonts")
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{script}"), MINCHO)
        owner.insert(0, fonts)
    document.styles["Normal"].font.size = Pt(10.5)


def _saved(document: Any, title: str) -> bytes:
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = title, "", ""
    properties.created = properties.modified = _FIXED
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()
