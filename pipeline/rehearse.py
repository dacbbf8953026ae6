"""Examples run through the whole story without a disk or a journal: what `check`, `preview` and the tests look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pipeline.catalogue import Catalogue
from pipeline.desk import JST
from pipeline.examine import accept, examine
from pipeline.forms.reader import Unreadable, read_form
from pipeline.model import Entry, OutFile, Problem
from pipeline.ooxml import docx_text
from pipeline.workshop import Workshop

EXAMPLES = "examples"
_DAY_OF_REHEARSAL = date(
    2023, 6, 5
)  # a Monday after the programme began: used where a form has no day of its own


@dataclass(frozen=True, slots=True)
class Example:
    """An example beside its form: what is dropped, whether it is meant to come back, and the expected text."""

    form: str
    path: Path

    @property
    def is_bad(self) -> bool:
        """Whether the example must be returned."""
        return self.path.name.endswith(".bad.json")

    @property
    def expected_path(self) -> Path:
        """Where the expected text lies."""
        return self.path.with_name(self.path.name.removesuffix(".json") + ".expected.txt")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What became of an example: problems, and the files it made if it is good."""

    problems: tuple[Problem, ...]
    files: tuple[OutFile, ...]
    is_good: bool

    def text(self) -> str:
        """Return the outcome as text a person can review: every paper's words, or every problem."""
        return (
            "\n".join(_problem_lines(self.problems)) + "\n" if not self.is_good else _files_text(self.files)
        )


def find_examples(catalogue: Catalogue) -> Iterator[Example]:
    """Yield every example of every form."""
    for form in catalogue.forms:
        for path in sorted((catalogue.root / "doc_templates" / form / EXAMPLES).glob("*.json")):
            yield Example(form, path)


def rehearse(workshop: Workshop, name: str, data: bytes) -> Rehearsal:
    """Run one submission as if it had been dropped. Raises OfficeFault where the office's material is wrong."""
    read = read_form(name, data, {})
    if isinstance(read, Unreadable):
        return Rehearsal(read.problems, (), False)
    examined = examine(workshop.catalogue, read, day_of(read.values))
    if examined.form is None or not examined.is_good:
        return Rehearsal(examined.problems, (), False)
    numbers = dict.fromkeys(examined.form.spec.allocate, "23-1-001")
    case = {"id": read.case_id or "YC-23-1-001", **numbers}
    files = workshop.make(accept(examined, examined.form, case))
    return Rehearsal(examined.problems, files, True)


def rehearse_slip(workshop: Workshop, title: str, problems: tuple[Problem, ...]) -> tuple[OutFile, ...]:
    """Return the 返却票 that a bad example would bring back."""
    received = datetime(2023, 6, 5, 9, 0, tzinfo=JST)
    entry = Entry("", "20230605-0001", "", "見本.json", received, 1, "received")
    return workshop.make_slip(entry, title, problems)


def day_of(values: Mapping[str, object]) -> date:
    """Return the day on which an example is taken to have come in: the one its form names, or the day of rehearsal."""
    for key in ("received_on", "doc_date"):
        try:
            return date.fromisoformat(str(values.get(key)))
        except ValueError:
            continue
    return _DAY_OF_REHEARSAL


def _problem_lines(problems: Iterable[Problem]) -> Iterator[str]:
    for problem in problems:
        yield f"{problem.level}\t{problem.code}\t{problem.pointer}\t{problem.title}\t{problem.message}"


def _files_text(files: Iterable[OutFile]) -> str:
    parts = []
    for file in files:
        if file.path.endswith(".docx") and file.template:
            parts.append(f"=== {file.path} ===\n{docx_text(file.data).rstrip()}\n")
        elif file.path.endswith(".json"):
            parts.append(f"=== {file.path} ===\n{file.data.decode().rstrip()}\n")
    return "\n".join(parts)
