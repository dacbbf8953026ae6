"""Read a submission by its type: bytes in, a Submission or problems out. Never raises for bad input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from pipeline import wording
from pipeline.fields import find_field, find_value, to_pointer
from pipeline.forms.assemble import Remark, assemble
from pipeline.forms.identity import Identity
from pipeline.forms.json_form import read_json_form
from pipeline.forms.layout import FormShape, steps_of
from pipeline.forms.refusals import box_note
from pipeline.forms.word_reader import WordReading, read_word_form
from pipeline.model import Level, Problem, Submission
from pipeline.normalise import SENTENCES, normalise

MAX_BYTES = 10_000_000  # reliability §2.1 line 41
# A copy under way may have its full size at once and be filled later, from the front or in pieces (reliability F03).
_MAY_BE_UNFINISHED = frozenset({"EMPTY", "TRUNCATED", "ZIP_TRAILER", "ZIP_CRC"})


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file cannot be read. `incomplete` means that more of it may still be on its way."""

    problems: tuple[Problem, ...]
    incomplete: bool = False


def read_form(name: str, data: bytes, shapes: Mapping[str, FormShape]) -> Submission | Unreadable:
    """Return the submission in `data`, or every reason why it cannot be read. `shapes` are the office's forms."""
    match PurePath(name).suffix.lower():
        case ".json":
            outcome = read_json_form(data)
            return outcome if isinstance(outcome, Submission) else Unreadable(*outcome)
        case ".docx":
            return _read_word(data, shapes)
        case _:
            return Unreadable((wording.reading_problem("TYPE"),))


def _read_word(data: bytes, shapes: Mapping[str, FormShape]) -> Submission | Unreadable:
    reading = read_word_form(data, shapes)
    shape = Identity(reading.form or "", reading.version or 0).find_shape(shapes)
    if shape is None or not reading.boxes:
        incomplete = {problem.code for problem in reading.problems} <= _MAY_BE_UNFINISHED
        return Unreadable(reading.problems, incomplete)
    assembled = assemble(shape.root, {tag: box.value for tag, box in reading.boxes.items()}, normalise)
    return Submission(
        form=shape.name,
        values=assembled.values,
        form_version=reading.version,
        case_id=assembled.case_id,
        notes=(
            *reading.notes,
            *_doubtful_days(shape, reading, assembled.values),
            *_told(assembled.notes, Level.WARNING),
        ),
        problems=(*reading.problems, *_told(assembled.problems, Level.ERROR)),
        unread=assembled.unread,
        raw=assembled.raw,
        corrects=assembled.corrects,
        correction_reason=assembled.correction_reason,
        withdraws=assembled.withdraws,
    )


def _doubtful_days(shape: FormShape, reading: WordReading, values: Mapping[str, Any]) -> Iterator[Problem]:
    """Boxes whose words say another day than was chosen in the calendar: what is seen counts, and is checked once more."""
    for tag, box in reading.boxes.items():
        steps = steps_of(tag)
        if box.picked and find_value(values, steps) not in (None, box.picked):
            yield box_note("DATE_MISMATCH", to_pointer(steps), find_field(shape.root, steps)[1])


def _told(remarks: Iterable[Remark], level: Level) -> tuple[Problem, ...]:
    return tuple(
        Problem(remark.code, remark.pointer, remark.title, SENTENCES[remark.code], level)
        for remark in remarks
    )


def too_large() -> Unreadable:
    """Return the answer to a file that is refused by its size, unread."""
    return Unreadable((wording.reading_problem("SIZE"),))
