"""Ruby in a Word paper, over values: the two filters that print it. Over a template's own words: `ruby_text.py`.

`{{ office.guidance.who|ruby }}` reads words of the office; `{{ applicant.name|kana(applicant.kana) }}` puts a person's own
ふりがな over the name, whole, whatever the level: a name is never guessed. Each ruby is a run of its own: LibreOffice prints
the reading of one that shares its run twice.
"""

from __future__ import annotations

import re
from typing import Final

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from pipeline.errors import OfficeFault
from pipeline.furigana import Piece

FURIGANA: Final = "_furigana"  # begins with a line, so no template can name it
RUBY: Final = "ruby"
KANA: Final = "kana"
BREAKS: Final = ("\n", "\t")
SIZE: Final = 21  # half points: what a run has that says nothing of its size
_RUBY: Final = Markup(
    '<w:r>{properties}<w:ruby><w:rubyPr><w:rubyAlign w:val="distributeSpace"/><w:hps w:val="{half}"/>'
    '<w:hpsRaise w:val="{raised}"/><w:hpsBaseText w:val="{size}"/><w:lid w:val="ja-JP"/></w:rubyPr>'
    '<w:rt><w:r><w:rPr><w:sz w:val="{half}"/><w:szCs w:val="{half}"/></w:rPr><w:t>{reading}</w:t></w:r></w:rt>'
    '<w:rubyBase><w:r>{properties}<w:t xml:space="preserve">{text}</w:t></w:r></w:rubyBase></w:ruby></w:r>'
)
_READ: Final = re.compile(
    "</w:t></w:r><w:r>(?:<w:rPr>.*?</w:rPr>)?<w:ruby>.*?<w:rubyBase><w:r>(?:<w:rPr>.*?</w:rPr>)?"
    '<w:t xml:space="preserve">([^<]*)</w:t></w:r></w:rubyBase></w:ruby></w:r>'
    '<w:r>(?:<w:rPr>.*?</w:rPr>)?<w:t xml:space="preserve">',
    re.DOTALL,
)
_BEFORE: Final = Markup("</w:t></w:r>")
_AFTER: Final = Markup('<w:r>{}<w:t xml:space="preserve">')
_OF_SIZE: Final = re.compile('<w:sz w:val="([0-9]+)"')


@pass_context
def show_ruby(context: Context, value: str | None, look: str = "") -> str | Markup | None:
    """Return words of the office with their readings, where the paper has any; the words alone elsewhere.

    `look` is what the run looks like where the value stands (`ruby_text.py` writes it there).
    Raises OfficeFault FURIGANA for a word that nobody wrote down, ValueError for a text of several lines.
    """
    furigana = context.get(FURIGANA)
    if furigana is None or value is None:
        return value
    if any(mark in value for mark in BREAKS):
        raise ValueError("readings stand over one line")
    if unknown := furigana.unknown(value):
        raise OfficeFault(
            "FURIGANA",
            f"office/ の言葉のうち{len(unknown)}語の読みがありません。doc_templates/furigana.toml の words に加えてください"
            f"（{'、'.join(unknown)}）。",
        )
    return Markup("").join(_printed(piece, look) for piece in furigana.pieces(value))


@pass_context
def show_kana(context: Context, name: str | None, reading: str | None, look: str = "") -> str | Markup | None:
    """Return a person's name under the ふりがな the form gives, on papers with readings; the name alone elsewhere."""
    if context.get(FURIGANA) is None or not name or not reading or any(mark in name for mark in BREAKS):
        return name
    return _printed(Piece(name, reading), look)


def _printed(piece: Piece, look: str) -> Markup:
    if not piece.reading:
        return escape(piece.text)
    properties = Markup(bytes.fromhex(look).decode())
    return _BEFORE + as_ruby(piece, properties) + _AFTER.format(properties)


def without_readings(piece: str) -> str:
    """A printed piece with its words as they stand under their readings: what was filled in, code point for code point."""
    return _READ.sub(r"\1", piece)


def as_ruby(piece: Piece, properties: Markup) -> Markup:
    """Return a run with a piece under its reading; `properties` are those of the run (`w:rPr`), or nothing."""
    told = _OF_SIZE.search(properties)
    size = int(told[1]) if told else SIZE
    return _RUBY.format(
        properties=properties,
        half=(size + 1) // 2,
        raised=size - 2,
        size=size,
        reading=piece.reading,
        text=piece.text,
    )
