"""Which form a Word file is: by its properties, else by what it prints (wordforms.md §1)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pipeline.forms.layout import FormShape
from pipeline.forms.package import WordPackage
from pipeline.forms.word_text import StoryText

_FORM_ID: Final = re.compile(r"([a-z][a-z0-9_]*)-v([0-9]{1,4})(?![0-9A-Za-z_])")
_PRINTED_MARK: Final = "様式ID"
_PRINTED_ID: Final = re.compile(_PRINTED_MARK + r"\s*([a-z][a-z0-9_]*)-v([0-9]{1,4})(?![0-9A-Za-z_])")


@dataclass(frozen=True, slots=True)
class Identity:
    """Which form and version a file says it is."""

    form: str
    version: int

    def find_shape(self, shapes: Mapping[str, FormShape]) -> FormShape | None:
        """Return the form as it was in this version, or as it is now where that one is not kept."""
        return shapes.get(f"{self.form}-v{self.version}") or shapes.get(self.form)


def kept_identity(package: WordPackage) -> Identity | None:
    """Return what the properties say; they survive Word, LibreOffice and most programs that only fill in."""
    name = f"{package.properties.get('todoke.form', '')}-v{package.properties.get('todoke.version', '')}"
    match = _FORM_ID.fullmatch(name) or _FORM_ID.fullmatch(package.identifier.removeprefix("todoke:"))
    return Identity(match[1], int(match[2])) if match else None


def printed_identities(texts: Iterable[StoryText]) -> tuple[Identity, ...]:
    """Return every form that the words of a file name, each once: some programs keep nothing but the body."""
    areas = (area.text for text in texts for area in text.areas if _PRINTED_MARK in area.text)
    marks = (match for text in areas for match in _PRINTED_ID.finditer(unicodedata.normalize("NFKC", text)))
    return tuple(dict.fromkeys(Identity(match[1], int(match[2])) for match in marks))
