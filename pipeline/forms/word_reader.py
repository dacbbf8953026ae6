"""A filled Word form read back: the text of every box, or word of why it cannot be told. Never raises for bad input.

The form as it was made (`word_form`) is walked by the same eyes as the form that came back; what differs between the
two is what people wrote, or damage. Rows are matched by tags, bookmarks and printed labels together, so that a box is
found by any of the three (wordforms.md §1). No visible word gets lost: it is in a box, or printed by the form, or
reported with its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pipeline.forms.as_made import look_at
from pipeline.forms.boxes import BoxReader, Reading
from pipeline.forms.conservation import is_printed_elsewhere
from pipeline.forms.identity import Identity, kept_identity, printed_identities
from pipeline.forms.layout import FormShape
from pipeline.forms.matching import match_places
from pipeline.forms.package import Story, WordPackage, open_package
from pipeline.forms.printed import Printed, find_printed, frames_of
from pipeline.forms.refusals import box_note, refusal
from pipeline.forms.word_text import StoryText, read_story
from pipeline.model import Problem
from pipeline.ooxml import PackageError

_MANY: Final = 8


@dataclass(frozen=True, slots=True)
class WordReading:
    """A Word form as read. `boxes` holds every control of the form by tag; `problems` return it to its sender."""

    form: str | None = None
    version: int | None = None
    boxes: Mapping[str, Reading] = field(default_factory=dict)
    notes: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_word_form(data: bytes, shapes: Mapping[str, FormShape]) -> WordReading:
    """Return every box of a filled Word form. `shapes` holds the forms by name, older ones as `<name>-v<version>`."""
    try:
        return _read(data, shapes)
    except PackageError as error:
        return WordReading(problems=(refusal(error.code),))
    except RecursionError:
        return WordReading(problems=(refusal("XML_DEPTH"),))


def _read(data: bytes, shapes: Mapping[str, FormShape]) -> WordReading:
    package = open_package(data)
    return _read_as_made(package, shapes) or _read_by_place(package, shapes)


def _read_as_made(package: WordPackage, shapes: Mapping[str, FormShape]) -> WordReading | None:
    """The usual case, in one pass: nothing but the boxes was filled in. None where anything else is different."""
    identity = kept_identity(package)
    shape = identity.find_shape(shapes) if identity else None
    seen = look_at(package.stories[0].root) if shape else None
    if identity is None or shape is None or seen is None:
        return None
    tags = [control.tag for control in seen.controls]
    printed = find_printed(shape, tags, frames_of(shape, tags))
    others = [(story, read_story(story.root)) for story in package.stories[1:]]
    if seen.outline != printed.outline or not all(_is_as_printed(*other, printed) for other in others):
        return None
    reader = BoxReader(printed, shape)
    reader.read_controls(seen.controls)
    reader.check_outside(others, {})
    return _reading(identity, reader, package.notes)


def _is_as_printed(story: Story, text: StoryText, printed: Printed) -> bool:
    return story.kind == "comments" or all(is_printed_elsewhere(area.text, printed) for area in text.areas)


def _read_by_place(package: WordPackage, shapes: Mapping[str, FormShape]) -> WordReading:
    """The walk: boxes are found by tag, bookmark, label and order, and every word is accounted for."""
    texts = [(story, read_story(story.root)) for story in package.stories]
    kept = kept_identity(package)
    printed_ones = printed_identities(text for story, text in texts if story.kind != "comments")
    marks = dict.fromkeys([*([kept] if kept else []), *printed_ones])
    if not marks:
        return WordReading(problems=(refusal("FORM_MISSING"),))
    identity = next(iter(marks))
    shape = identity.find_shape(shapes)
    if shape is None or len(marks) > 1:
        code = "FORM_MIXED" if len(marks) > 1 else "FORM_UNKNOWN"
        return WordReading(identity.form, identity.version, problems=(refusal(code),))
    body = texts[0][1]
    tags = [control.tag for control in body.controls]
    printed = find_printed(shape, tags, frames_of(shape, tags, body))
    found = match_places(printed, body)
    reader = BoxReader(printed, shape)
    reader.read_boxes(found, body)
    reader.check_copies(found, body)
    reader.check_outside(texts, found)
    return _reading(identity, reader, (*package.notes, *([] if kept else ["FORM_ID_BY_TEXT"])))


def _reading(identity: Identity, reader: BoxReader, codes: Iterable[str]) -> WordReading:
    notes = _gathered((*map(box_note, codes), *reader.notes))
    return WordReading(
        identity.form, identity.version, reader.boxes, _unique(notes), _unique(reader.problems)
    )


def _gathered(notes: Sequence[Problem]) -> Iterator[Problem]:
    """What is true of many boxes is said once of the whole form: a program that knows no controls loses all of them."""
    often = {code for code, count in Counter(note.code for note in notes).items() if count > _MANY}
    return (box_note(note.code) if note.code in often else note for note in notes)


def _unique(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple({(p.code, p.pointer, p.title, p.found): p for p in problems}.values())
