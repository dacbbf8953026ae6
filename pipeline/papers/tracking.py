"""Runs in the styles Inserted and Deleted as tracked changes, so that a reviewer may accept or refuse them in Word.

A paragraph or a row of a table that holds nothing else is inserted or deleted as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Final

from pipeline.ooxml import Element, W, deflate, make_slot, parse_word, read_archive, serialize, write_archive

INSERTED, DELETED = "Inserted", "Deleted"
_BODY: Final = "word/document.xml"
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MARKS: Final = {INSERTED: W + "ins", DELETED: W + "del"}


def track(data: bytes, author: str, day: date) -> bytes:
    """Return a Word file with its marked runs as tracked changes by `author`, dated `day` at midnight."""
    members = read_archive(data)
    body = next(member for member in members if member.name == _BODY)
    root = parse_word(body.content())
    _Tracker(author, day).track(root)
    slots = [make_slot(m.name, None if m is body else m) for m in members]
    changed = deflate(_BODY, (_DECLARATION + serialize(root)).encode("utf-8"))
    return write_archive(slots, [changed])


class _Tracker:
    def __init__(self, author: str, day: date) -> None:
        self.told = {W + "author": author, W + "date": f"{day.isoformat()}T00:00:00Z"}
        self.ids = count(1)

    def track(self, root: Element) -> None:
        for row in list(root.iter(W + "tr")):
            if (style := _one_style(row)) is not None:
                _properties(row, W + "trPr").append(self._mark(row, style))
        for paragraph in list(root.iter(W + "p")):
            if (style := _one_style(paragraph)) is not None:
                mark = _properties(_properties(paragraph, W + "pPr"), W + "rPr")
                mark.insert(0, self._mark(paragraph, style))
        for run in list(root.iter(W + "r")):
            if (style := _style_of(run)) in _MARKS:
                self._wrap(run, style)

    def _wrap(self, run: Element, style: str) -> None:
        mark = self._mark(run, style)
        run.getparent().replace(run, mark)
        mark.append(run)
        if style == DELETED:
            for text in run.iter(W + "t"):
                text.tag = W + "delText"

    def _mark(self, near: Element, style: str) -> Element:
        return near.makeelement(_MARKS[style], {W + "id": str(next(self.ids)), **self.told})


def _one_style(part: Element) -> str | None:
    """The one marked style of all runs that show something; None where there are others, or no runs."""
    styles = {_style_of(run) for run in _shown(part)}
    found = styles.pop() if len(styles) == 1 else ""
    return found if found in _MARKS else None


def _shown(part: Element) -> Iterator[Element]:
    return (run for run in part.iter(W + "r") if any(text.text for text in run.iter(W + "t")))


def _style_of(run: Element) -> str:
    style = run.find(f"{W}rPr/{W}rStyle")
    return "" if style is None else str(style.get(W + "val"))


def _properties(parent: Element, tag: str) -> Element:
    """The properties of a paragraph, a row or a paragraph's mark, made where there are none, in the order Word wants."""
    found = parent.find(tag)
    if found is None:
        found = parent.makeelement(tag, {})
        parent.insert(0 if tag != W + "rPr" else len(parent), found)
    return found
