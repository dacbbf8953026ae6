"""Read a submission by its type: bytes in, a Submission or problems out. Never raises for bad input."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from pipeline import wording
from pipeline.forms.json_form import read_json_form
from pipeline.model import Problem, Submission

MAX_BYTES = 10_000_000  # reliability §2.1 line 41


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file cannot be read. `incomplete` means that more of it may still be on its way."""

    problems: tuple[Problem, ...]
    incomplete: bool = False


def read_form(name: str, data: bytes) -> Submission | Unreadable:
    """Return the submission in `data`, or every reason why it cannot be read."""
    match PurePath(name).suffix.lower():
        case ".json":
            outcome = read_json_form(data)
        case ".docx":
            return Unreadable((wording.reading_problem("WORD_LATER"),))
        case _:
            return Unreadable((wording.reading_problem("TYPE"),))
    if isinstance(outcome, Submission):
        return outcome
    problems, incomplete = outcome
    return Unreadable(problems, incomplete)


def too_large() -> Unreadable:
    """Return the answer to a file that is refused by its size, unread."""
    return Unreadable((wording.reading_problem("SIZE"),))
