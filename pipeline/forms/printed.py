"""A form as it was made, seen with the eyes that read the one that came back: its places and every word it prints."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pipeline.forms.as_made import look_at
from pipeline.forms.layout import (
    CASE_BOX,
    CORRECTION_BOXES,
    Box,
    FormShape,
    Layout,
    make_layout,
    rows_of_tags,
    steps_of,
)
from pipeline.forms.package import open_package
from pipeline.forms.word_form import make_word_form
from pipeline.forms.word_text import Area, Control, StoryText, read_story

_NOISE: Final = re.compile(r"[\s\u200b\ufeff]+")
_LABEL_NOISE: Final = re.compile(r"\(必須\)|[※:*]")
# What Word itself shows in an empty control whose own prompt was lost.
_WORD_PROMPTS: Final = frozenset(
    (
        "クリックまたはタップしてテキストを入力してください。",
        "ここをクリックしてテキストを入力してください。",
        "クリックまたはタップして日付を入力してください。",
        "アイテムを選択してください。",
        "Click or tap here to enter text.",
        "Click here to enter text.",
        "Click or tap to enter a date.",
        "Choose an item.",
    )
)


@dataclass(frozen=True, eq=False, slots=True)
class Place:
    """One area of the form as made: the controls that belong there and what is printed beside them."""

    tags: tuple[str, ...]
    bookmarks: tuple[str, ...]
    beside: str  # of an area with controls: what stands beside them; else its whole text
    row: int

    @property
    def label(self) -> str:
        """The word by which the place is known, where it holds no box."""
        return "" if self.tags else label_of(self.beside)


@dataclass(frozen=True, eq=False)
class Printed:
    """A form as made: its places row by row and every word it prints."""

    outline: str  # as `as_made` sees it
    controls: Mapping[str, tuple[Box, str | None]]
    prompts: frozenset[str]
    rows: tuple[tuple[Place, ...], ...]
    box_places: tuple[Place, ...]
    labels: frozenset[str]
    body_texts: Counter[str]  # of areas without boxes, as they stand, and how often
    margin_words: frozenset[str]  # lines of headers and footers, squeezed
    box_words: frozenset[str]  # lines printed beside boxes
    row_words: Mapping[int, frozenset[str]]  # what is printed in the row of a box


@dataclass(frozen=True, slots=True)
class Frames:
    """Which boxes of the envelope stand in the head of a form: the case number, the frame 訂正."""

    case: bool = False
    correction: bool = False


def frames_of(shape: FormShape, tags: Iterable[str], body: StoryText | None = None) -> Frames:
    """Which frames a form has by its tags; of one that lost its controls (`body`) also by the marks near its top.

    A label tells nothing where the form itself prints the same word (a table with a column ケース番号).
    """
    known = frozenset(tags)
    areas = body.areas[:18] if body else []
    own = _make_printed(shape, (), Frames()).labels

    def shows(box: Box) -> bool:
        return box.tag in known or any(
            box.bookmark in area.bookmarks or (box.label not in own and label_of(area.text) == box.label)
            for area in areas
        )

    return Frames(shows(CASE_BOX), any(shows(box) for box in CORRECTION_BOXES))


def find_printed(shape: FormShape, tags: Iterable[str], frames: Frames) -> Printed:
    """The form as made, with as many rows as the tags of the one that came back say (a prefilled form may have more)."""
    usual = _make_printed(shape, (), frames)
    rows = rows_of_tags(tag for tag in tags if tag not in usual.controls)
    return _make_printed(shape, tuple(sorted(rows.items())), frames) if rows else usual


@lru_cache(maxsize=64)
def _make_printed(shape: FormShape, rows: tuple[tuple[str, int], ...], frames: Frames) -> Printed:
    layout = make_layout(shape, dict(rows))
    values = _empty_values(layout) if rows else None
    made = make_word_form(shape, values, with_case=frames.case, with_correction=frames.correction)
    package = open_package(made)
    boxes = [*([CASE_BOX] if frames.case else []), *(CORRECTION_BOXES if frames.correction else [])]
    controls = {tag: (control.box, control.option) for tag, control in layout.controls().items()}
    controls |= {box.tag: (box, None) for box in boxes}
    as_made = look_at(package.stories[0].root)
    body, *others = (read_story(story.root) for story in package.stories)
    by_row: dict[int, list[Place]] = defaultdict(list)
    for area in body.areas:
        by_row[area.row].append(_place(area, controls))
    places = [place for row in by_row.values() for place in row]
    return Printed(
        as_made.outline if as_made else "",
        controls,
        frozenset(map(squeeze, (*layout.prompts, *_WORD_PROMPTS))),
        tuple(map(tuple, by_row.values())),
        tuple(place for place in places if place.tags),
        frozenset(place.label for place in places if place.label),
        Counter(place.beside for place in places if not place.tags),
        _words(area.text for story in others for area in story.areas),
        _words(place.beside for place in places if place.tags),
        {row: _words(place.beside for place in beside if not place.tags) for row, beside in by_row.items()},
    )


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(squeeze(word) for text in texts for word in (text, *text.split("\n")))


def _empty_values(layout: Layout) -> dict[str, Any]:
    """Values that hold nothing but make every list as long as in the layout."""
    values: dict[str, Any] = {}
    for path, count in sorted(rows_of_tags(layout.controls()).items(), key=lambda item: len(item[0])):
        at: Any = values
        *outer, last = steps_of(path)
        for step in outer:
            if isinstance(step, int):
                at[step] = at[step] or {}
                at = at[step]
            else:
                at = at.setdefault(step, {})
        at[last] = [None] * count
    return values


def _place(area: Area, controls: Mapping[str, Any]) -> Place:
    tags = tuple(control.tag for control in area.controls if control.tag in controls)
    return Place(tags, tuple(area.bookmarks), text_beside(area, controls), area.row)


def text_beside(area: Area, controls: Mapping[str, Any]) -> str:
    """The text of an area that stands in none of the form's controls."""
    return "".join(
        text for text, owner in area.pieces if owner is None or known_control(owner, controls) is None
    )


def known_control(control: Control | None, controls: Mapping[str, Any]) -> Control | None:
    """The innermost control round a text that is one of the form's; others (goog_rdk_1 …) are looked through."""
    while control is not None and control.tag not in controls:
        control = control.parent
    return control


def squeeze(text: str) -> str:
    """Text as printed words are compared: one width, no spaces."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text))


def label_of(text: str) -> str:
    """The first line of a label cell without its mark; the hint below it may be gone."""
    return _LABEL_NOISE.sub("", squeeze(text.lstrip().partition("\n")[0]))
