"""A form that is as it was made but for what stands in its boxes: its controls, read in one pass over the tree.

Most forms that come back are like that. Everything outside the controls becomes one string, the *outline*: printed
words, with the tag of each control at its place. Where the outline is that of the form as made, every control stands
behind its own label and no word was written beside one: there is nothing to search for and nothing to lose. Whatever
needs better eyes (tracked changes, fields, pictures, controls round paragraphs …) is left to the walk of `word_text`,
which reads these forms the same way and all others too, in four times the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pipeline.forms.word_text import (
    CONTROL_PROPERTIES,
    WALKED,
    Control,
    has_faint_text,
    read_control_property,
)
from pipeline.ooxml import Element, W

_T: Final = W + "t"
_RUN: Final = W + "r"
_PARAGRAPH: Final = W + "p"
_CONTROL: Final = W + "sdt"
_CONTENT: Final = W + "sdtContent"
_TAG: Final = W + "tag"
_TYPE: Final = W + "type"
_TAB: Final = W + "tab"
_BREAK: Final = W + "br"
_SHOWN: Final = {_TAB: "\t", _BREAK: "\n"}
_PLAIN: Final = {_T, *_SHOWN, _RUN, _PARAGRAPH, _CONTROL, W + "tc", W + "tr", W + "tbl", W + "bookmarkStart"}
_UNUSUAL: Final = (*(WALKED - _PLAIN), W + "dataBinding")
_SEEN: Final = (_T, *_SHOWN, _CONTROL, *CONTROL_PROPERTIES)
_BEGINS: Final = "\0"  # no text of an XML file can hold these two
_NAMED: Final = "\1"


@dataclass(frozen=True, slots=True)
class AsMade:
    """What one pass sees: the outline, and every control in the order of the form."""

    outline: str
    controls: tuple[Control, ...]


def look_at(root: Element) -> AsMade | None:
    """Return the outline and the controls of a body; None where it holds more than plain text in plain places."""
    if next(root.iter(*_UNUSUAL), None) is not None or has_faint_text(root):
        return None
    outline: list[str] = []
    controls: list[Control] = []
    for node in root.iter(*_SEEN):  # what is frequent is asked first: a form has a thousand of these
        tag = node.tag
        if tag == _T or tag in _SHOWN:
            run = node.getparent()
            if run.tag != _RUN:
                if tag == _TAB:  # a tab stop, not a tab
                    continue
                return None
            shown = (node.text or "") if tag == _T else _mark(node, tag)
            holder = run.getparent().tag
            if holder == _PARAGRAPH:
                outline.append(shown)
            elif holder == _CONTENT and controls:
                controls[-1].parts.append(shown)
            else:
                return None
        elif tag == _CONTROL:
            controls.append(Control())
            outline.append(_BEGINS)
        elif controls:
            read_control_property(node, controls[-1])
            if tag == _TAG:
                outline.append(controls[-1].tag + _NAMED)
    return AsMade("".join(outline), tuple(controls))


def _mark(node: Element, tag: str) -> str:
    return "" if node.get(_TYPE) in ("page", "column") else _SHOWN[tag]
