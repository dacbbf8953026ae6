"""Examples run through the whole story without a disk or a journal: what `check`, `preview` and the tests look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pipeline.accepted import event_day
from pipeline.catalogue import Catalogue, Form
from pipeline.desk import JST
from pipeline.envelope import MEMBERS
from pipeline.examine import accept, examine
from pipeline.forms.reader import Unreadable, read_form
from pipeline.model import Entry, Event, OutFile, Past, Problem
from pipeline.ooxml import docx_text, picture_texts
from pipeline.stories import EXAMPLES, Step, day_of, load_example, steps_before
from pipeline.workshop import Workshop

CASE_ID, NUMBER = "YC-23-1-001", "23-1-001"  # what a story's first household is given: 令和５年度, 平
_DAY_OF_REHEARSAL = date(
    2023, 6, 5
)  # a Monday after the programme began: used where a form has no day of its own


@dataclass(frozen=True, slots=True)
class Example:
    """An example beside its form: what is dropped, whether it is meant to come back, and the expected text."""

    form: str
    path: Path

    @property
    def step(self) -> Step:
        """The example as a step of a story."""
        return Step(self.form, self.path.name.removesuffix(".json"))

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


def find_examples(catalogue: Catalogue, forms: Iterable[Form]) -> Iterator[Example]:
    """Yield every example of these forms."""
    for form in forms:
        for path in sorted((catalogue.root / "doc_templates" / form.name / EXAMPLES).glob("*.json")):
            yield Example(form.name, path)


def rehearse(workshop: Workshop, example: Example) -> Rehearsal:
    """Run an example as if it had been dropped after its story. Raises OfficeFault where the office's material is wrong."""
    read = read_form(example.path.name, example.path.read_bytes(), {})
    if isinstance(read, Unreadable):
        return Rehearsal(read.problems, (), False)
    root = workshop.catalogue.root
    received_on = day_of(root, example.step) or own_day(read.values)
    past = past_of(workshop.catalogue, steps_before(root, example.step))
    examined = examine(workshop.catalogue, read, received_on, past)
    if examined.form is None or not examined.is_good:
        return Rehearsal(examined.problems, (), False)
    numbers = dict.fromkeys(examined.form.spec.allocate, NUMBER)
    case_id = None if examined.form.spec.case == "none" else read.case_id or CASE_ID
    case = {"id": case_id, **numbers}
    files = workshop.make(accept(examined, examined.form, case))
    return Rehearsal(examined.problems, files, True)


def past_of(catalogue: Catalogue, steps: Iterable[Step]) -> Past:
    """Return the history that accepted examples leave: the examples as they stand, not rehearsed again."""
    return Past(tuple(_event(catalogue, step, number) for number, step in enumerate(steps, 1)))


def _event(catalogue: Catalogue, step: Step, number: int) -> Event:
    example = load_example(catalogue.root, step)
    values = {key: value for key, value in example.items() if key not in MEMBERS}
    spec = catalogue.forms[step.form].spec
    received_on = step.on or day_of(catalogue.root, step) or own_day(values)
    case_id = None if spec.case == "none" else example.get("case_id") or CASE_ID
    allocated = dict.fromkeys(spec.allocate, NUMBER)
    on = event_day(spec, values, received_on)
    return Event(f"{received_on:%Y%m%d}-{number:04d}", step.form, case_id, on, received_on, values, allocated)


def rehearse_slip(workshop: Workshop, title: str, problems: tuple[Problem, ...]) -> tuple[OutFile, ...]:
    """Return the 返却票 that a bad example would bring back."""
    received = datetime(2023, 6, 5, 9, 0, tzinfo=JST)
    entry = Entry("", "20230605-0001", "", "見本.json", received, 1, "received")
    return workshop.make_slip(entry, title, problems)


def own_day(values: Mapping[str, object]) -> date:
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
            shown = (docx_text(file.data).rstrip(), *(f"［図］{words}" for words in picture_texts(file.data)))
            parts.append(f"=== {file.path} ===\n" + "".join(f"{text}\n" for text in shown))
        elif file.path.endswith(".json"):
            parts.append(f"=== {file.path} ===\n{file.data.decode().rstrip()}\n")
    return "\n".join(parts)
