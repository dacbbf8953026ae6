"""Ruby over a template's own words, set once when it is compiled (`ruby.py` says how it is written and why)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Final

from markupsafe import Markup

from pipeline.furigana import Furigana, Piece
from pipeline.ooxml import Element, W, parse, serialize
from pipeline.papers.ruby import KANA, RUBY, as_ruby
from pipeline.papers.tags import TAG, paragraph_places

_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"
_NAMESPACE: Final = W.strip("{}")
_DECLARED: Final = re.compile(r' xmlns:\w+="[^"]*"')
_RUBY: Final = re.compile(rf"\|\s*{RUBY}\b")
_KANA: Final = re.compile(rf"(\|\s*{KANA}\([^()]*)\)")


def unread(root: Element, label: str, furigana: Furigana) -> Iterator[str]:
    """Yield a sentence for every word of a template that has no reading, with its place."""
    for paragraph, place in paragraph_places(root, label).items():
        text = TAG.sub("\n", "".join(node.text or "" for node in paragraph.iter(W + "t")))
        for word in furigana.unknown(text):
            yield f"{place}：「{word}」の読みがありません。doc_templates/furigana.toml の words に、語と読みを加えてください。"


# --- The template's own words -------------------------------------------------------------------------------------


def set_ruby(root: Element, furigana: Furigana) -> None:
    """Put readings over every word of a part whose tags are settled, and tell each value how its run looks.

    Changes `root`.
    """
    for text in list(root.iter(W + "t")):
        run = text.getparent()
        if run.tag != W + "r":
            continue
        look = _look(run)
        pieces = tuple(_cut(text.text or "", furigana, look.encode().hex()))
        if any(piece.reading for piece in pieces):
            _replace(text, pieces, look)
        else:
            text.text = "".join(piece.text for piece in pieces)


def _look(run: Element) -> str:
    """The properties of a run as they are written."""
    properties = run.find(W + "rPr")
    return "" if properties is None else _DECLARED.sub("", serialize(properties))


def _cut(text: str, furigana: Furigana, look: str) -> Iterator[Piece]:
    """The pieces of a text; its tags stay as they are but for the look of the values that are read aloud."""
    at = 0
    for tag in TAG.finditer(text):
        yield from furigana.pieces(text[at : tag.start()])
        yield Piece(_KANA.sub(rf"\1, '{look}')", _RUBY.sub(f"|{RUBY}('{look}')", tag.group())))
        at = tag.end()
    yield from furigana.pieces(text[at:])


def _replace(text: Element, pieces: tuple[Piece, ...], look: str) -> None:
    """Put runs in the place of the one run of a text: what stood before it, each piece, what stood behind it."""
    run = text.getparent()
    properties = run.find(W + "rPr")
    content = [child for child in run if child.tag != W + "rPr"]
    at = content.index(text)
    made = [_run(run, properties, content[:at])] if content[:at] else []
    made += [
        _ruby_run(piece, look) if piece.reading else _text_run(run, properties, piece) for piece in pieces
    ]
    made += [_run(run, properties, content[at + 1 :])] if content[at + 1 :] else []
    made[-1].tail, run.tail = run.tail, None
    parent, index = run.getparent(), run.getparent().index(run)
    parent[index : index + 1] = made


def _run(run: Element, properties: Element | None, content: list[Element]) -> Element:
    copy = run.makeelement(run.tag, dict(run.attrib))
    copy.extend([*([deepcopy(properties)] if properties is not None else []), *content])
    return copy


def _text_run(run: Element, properties: Element | None, piece: Piece) -> Element:
    text = run.makeelement(W + "t", {_SPACE: "preserve"})
    text.text = piece.text
    return _run(run, properties, [text])


def _ruby_run(piece: Piece, look: str) -> Element:
    whole = Markup('<w:x xmlns:w="{}">{}</w:x>').format(_NAMESPACE, as_ruby(piece, Markup(look)))
    return parse(str(whole).encode())[0]
