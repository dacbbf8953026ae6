"""Pictures in a Word paper: `{{ facts.monthly|chart(160, 70) }}` draws where it stands, and the file carries the drawing.

The filter prints a `w:drawing` that names its picture by the digest of its bytes; the pictures of a paper are collected
while it is filled and become members of its archive. So a template is still compiled once, and the same values are
still the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from jinja2 import nodes, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from pipeline.ooxml import Element, Member, deflate, parse, relations, serialize
from pipeline.papers.charts import describe, draw, read_chart

CHART: Final = "chart"
COLLECTED: Final = "_pictures"  # begins with a line, so no template can name it
CONTENT_TYPES: Final = "[Content_Types].xml"
FOLDER: Final = "word/media/"

_EMU_PER_MM: Final = 36_000
_NAME: Final = re.compile(re.escape(FOLDER) + r"figure-([0-9a-f]{24})\.png")
_BLIP: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_IMAGE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_DRAWN: Final = re.compile(r'<w:drawing>.*?descr="([^"]*)".*?</w:drawing>', re.DOTALL)
_DRAWING: Final = Markup(
    '</w:t><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{cx}" cy="{cy}"/>'
    '<wp:docPr id="{number}" name="図{number}" descr="{words}"/>'
    '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
    '<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture">'
    '<pic:nvPicPr><pic:cNvPr id="{number}" name="図{number}"/><pic:cNvPicPr/></pic:nvPicPr>'
    '<pic:blipFill><a:blip xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ' r:embed="{key}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
    '<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{cx}" cy="{cy}"/></a:xfrm>'
    '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline>'
    '</w:drawing><w:t xml:space="preserve">'
)
_FIRST_NUMBER: Final = 9001  # above those Word gives to what a clerk put into the template


@pass_context
def show_chart(
    context: Context, fact: Mapping[str, Any] | None, width_mm: int = 160, height_mm: int = 70
) -> Markup:
    """Return the drawing of a chart and collect its picture; nothing for None.

    Raises what `charts.read_chart` and `charts.draw` raise.
    """
    if fact is None:
        return Markup("")
    chart = read_chart(fact)
    data = draw(chart, width_mm, height_mm)
    collected: list[tuple[str, bytes]] = context.get(COLLECTED, [])
    collected.append((hashlib.sha256(data).hexdigest()[:24], data))
    return _DRAWING.format(
        cx=width_mm * _EMU_PER_MM,
        cy=height_mm * _EMU_PER_MM,
        number=_FIRST_NUMBER + len(collected) - 1,
        words=escape(describe(chart)),
        key=f"figure-{collected[-1][0]}",
    )


def has_charts(tree: nodes.Template) -> bool:
    """Whether a template draws."""
    return any(node.name == CHART for node in tree.find_all(nodes.Filter))


def without_drawings(piece: str) -> str:
    """A printed piece with each drawing as its words: what a reader learns from it."""
    return _DRAWN.sub(r"\1", piece)


# --- The archive --------------------------------------------------------------------------------------------------


def admit_pictures(content_types: bytes) -> bytes:
    """Return the content types with PNG among them."""
    root = parse(content_types)
    if not any(node.get("Extension", "").lower() == "png" for node in root):
        namespace = root.tag.partition("}")[0] + "}"
        root.insert(
            0, root.makeelement(namespace + "Default", {"Extension": "png", "ContentType": "image/png"})
        )
    return serialize(root).encode()


def own_relations(data: bytes) -> str:
    """Return the relationships a template brings, ready for `with_pictures`."""
    return "".join(serialize(relation) for relation in relations(data))


def with_pictures(own: str, member: str, collected: list[tuple[str, bytes]]) -> Iterator[Member]:
    """Yield the members a filled paper adds: its relationships (`member`), then each picture once."""
    pictures = dict(collected)
    added = "".join(
        f'<Relationship Id="figure-{key}" Type="{_IMAGE}" Target="media/figure-{key}.png"/>'
        for key in pictures
    )
    yield deflate(member, f'<Relationships xmlns="{_PACKAGE}">{own}{added}</Relationships>'.encode())
    for key, data in pictures.items():
        yield deflate(f"{FOLDER}figure-{key}.png", data)


def named_pictures(root: Element) -> frozenset[str]:
    """The members of the pictures a filled part shows."""
    keys = (value for node in root.iter(_BLIP) for value in node.attrib.values())
    return frozenset(f"{FOLDER}{key}.png" for key in keys if key.startswith("figure-"))


def is_picture(name: str) -> bool:
    """Whether a member is a picture drawn for one paper."""
    return _NAME.fullmatch(name) is not None


def is_whole(member: Member) -> bool:
    """Whether such a picture is the one its name promises."""
    match, data = _NAME.fullmatch(member.name), member.content()
    return match is not None and data.startswith(_PNG) and hashlib.sha256(data).hexdigest()[:24] == match[1]
