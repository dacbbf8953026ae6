"""Read a submission by its type: bytes in, a Submission or problems out. Never raises for bad input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from pipeline import wording
from pipeline.forms.assemble import Remark, assemble
from pipeline.forms.json_form import read_json_form
from pipeline.forms.layout import FormShape
from pipeline.forms.word_reader import read_word_form
from pipeline.model import Level, Problem, Submission
from pipeline.normalise import SENTENCES, normalise

MAX_BYTES = 10_000_000  # reliability §2.1 line 41
_MAY_BE_UNFINISHED = frozenset({"EMPTY", "TRUNCATED"})


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
    shape = shapes.get(reading.form or "")
    if shape is None or not reading.boxes:
        incomplete = {problem.code for problem in reading.problems} <= _MAY_BE_UNFINISHED
        return Unreadable(reading.problems, incomplete)
    assembled = assemble(shape.root, {tag: box.value for tag, box in reading.boxes.items()}, normalise)
    return Submission(
        form=shape.name,
        values=assembled.values,
        form_version=reading.version,
        case_id=assembled.case_id,
        notes=(*reading.notes, *_told(assembled.notes, Level.WARNING)),
        problems=(*reading.problems, *_told(assembled.problems, Level.ERROR)),
        unread=assembled.unread,
        raw=assembled.raw,
        corrects=assembled.corrects,
        correction_reason=assembled.correction_reason,
        withdraws=assembled.withdraws,
    )


def _told(remarks: Iterable[Remark], level: Level) -> tuple[Problem, ...]:
    return tuple(
        Problem(remark.code, remark.pointer, remark.title, SENTENCES[remark.code], level)
        for remark in remarks
    )


def too_large() -> Unreadable:
    """Return the answer to a file that is refused by its size, unread."""
    return Unreadable((wording.reading_problem("SIZE"),))
