from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from tomllib import loads
from typing import Any

import pytest

from pipeline.model import Level, Problem, Ruling
from pipeline.office import make_office_book

OFFICE = Path(__file__).parents[2] / "office"

Said = list[tuple[str, str]]


@pytest.fixture(scope="session")
def office_at() -> Callable[[date], Mapping[str, Any]]:
    """The office data shipped with the program, at a date."""
    book, faults = make_office_book(
        {path.stem: loads(path.read_text("utf-8")) for path in OFFICE.glob("*.toml")}
    )
    assert faults == ()
    return book.at


@pytest.fixture(scope="session")
def said() -> Callable[..., Said]:
    """Code and pointer of every problem of a level."""

    def told(ruling: Ruling, level: Level = Level.ERROR) -> Said:
        return [(problem.code, problem.pointer) for problem in ruling.problems if problem.level is level]

    return told


@pytest.fixture(scope="session")
def quotes_nothing() -> Callable[[Problem], bool]:
    """Whether neither title nor message of a problem repeats the submitted value."""
    return lambda problem: len(problem.found) < 4 or problem.found not in problem.title + problem.message
