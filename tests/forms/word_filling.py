"""A Word form filled as a person does it: the text of a control replaced, its prompt gone."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from pipeline.forms.layout import FormShape, Layout, make_layout
from pipeline.forms.word_form import make_word_form
from pipeline.ooxml import pack, read_members
from tests.intake import catalogue as shipped

ROOT = Path(__file__).resolve().parents[2]
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
MAIN = "word/document.xml"


@cache
def shapes() -> Mapping[str, FormShape]:
    """Every form of the catalogue."""
    forms = shipped().forms
    return {name: FormShape(name, form.version, form.title, form.schema.root) for name, form in forms.items()}


@cache
def layout(form: str) -> Layout:
    return make_layout(shapes()[form])


@cache
def blank(form: str) -> bytes:
    return make_word_form(shapes()[form])


def run_of(text: str) -> Any:
    """A run as Word writes typed text: line breaks and tabs are elements."""
    run = etree.Element(f"{W}r")
    for index, line in enumerate(text.split("\n")):
        if index:
            etree.SubElement(run, f"{W}br")
        for column, part in enumerate(line.split("\t")):
            if column:
                etree.SubElement(run, f"{W}tab")
            if part:
                node = etree.SubElement(run, f"{W}t")
                node.text = part
                node.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return run


class Draft:
    """An unpacked form that can be filled and spoilt."""

    def __init__(self, data: bytes) -> None:
        self.members = dict(read_members(data))
        self.root = etree.fromstring(self.members[MAIN])

    @property
    def body(self) -> Any:
        return self.root[0]

    def control(self, tag: str) -> Any:
        return next(
            node.getparent().getparent() for node in self.root.iter(f"{W}tag") if node.get(f"{W}val") == tag
        )

    def content(self, tag: str) -> Any:
        return self.control(tag).find(f"{W}sdtContent")

    def properties(self, tag: str) -> Any:
        return self.control(tag).find(f"{W}sdtPr")

    def paragraph(self, tag: str) -> Any:
        return next(self.control(tag).iterancestors(f"{W}p"))

    def cell(self, tag: str) -> Any:
        return next(self.control(tag).iterancestors(f"{W}tc"))

    def row(self, tag: str) -> Any:
        return next(self.control(tag).iterancestors(f"{W}tr"))

    def table(self, tag: str) -> Any:
        return next(self.control(tag).iterancestors(f"{W}tbl"))

    def label(self, tag: str) -> Any:
        """The cell before the box."""
        return self.cell(tag).getprevious()

    def fill(self, values: Mapping[str, str | bool]) -> None:
        controls = {node.get(f"{W}val"): node.getparent() for node in self.root.iter(f"{W}tag")}
        for tag, value in values.items():
            properties = controls[tag]
            content = properties.getnext()
            if isinstance(value, bool):
                properties.find(f"{W14}checkbox/{W14}checked").set(f"{W14}val", str(int(value)))
                next(content.iter(f"{W}t")).text = "☒" if value else "☐"
            else:
                for flag in properties.findall(f"{W}showingPlcHdr"):
                    properties.remove(flag)
                content[:] = [run_of(value)]

    def save(self) -> bytes:
        declaration = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        return pack(
            {**self.members, MAIN: declaration + etree.tostring(self.root, encoding="unicode").encode()}
        )


def fill(data: bytes, values: Mapping[str, str | bool]) -> bytes:
    """Return a form with texts and ticks put into its controls."""
    draft = Draft(data)
    draft.fill(values)
    return draft.save()


def copy_of(node: Any) -> Any:
    return deepcopy(node)
