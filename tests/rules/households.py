"""The example household of the repository for tests of rules: its forms as they stand, and what came before them."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.envelope import MEMBERS
from pipeline.model import Past, Ruling
from pipeline.rehearse import past_of
from pipeline.rules import judge
from pipeline.stories import Step, day_of, load_example, steps_before
from tests.intake import catalogue

ROOT = Path(__file__).resolve().parents[2]
CASE = "YC-23-1-001"


def values_of(form: str, example: str = "typical") -> dict[str, Any]:
    """The values of an example, its envelope taken off."""
    given = load_example(ROOT, Step(form, example))
    return {key: value for key, value in given.items() if key not in MEMBERS}


def past_before(form: str, example: str = "typical", *more: Step) -> Past:
    """What the example comes after, and what more is to have come."""
    return past_of(catalogue(), (*steps_before(ROOT, Step(form, example)), *more))


def came_on(form: str, example: str = "typical") -> date:
    """The day the example comes in."""
    day = day_of(ROOT, Step(form, example))
    assert day is not None
    return day


def changed(values: dict[str, Any], *changes: tuple[str, Any]) -> dict[str, Any]:
    """A copy with boxes set by pointer; None takes a box away."""
    copy: Any = deepcopy(values)
    for pointer, value in changes:
        *groups, box = (int(step) if step.isdigit() else step for step in pointer.strip("/").split("/"))
        at = copy
        for group in groups:
            at = at.setdefault(group, {}) if isinstance(at, dict) else at[group]
        if value is None:
            del at[box]
        else:
            at[box] = value
    return dict(copy)


def ruled(form: str, values: dict[str, Any], past: Past, came_in: date) -> Ruling:
    """What the rules say, by the office data shipped with the program."""
    return judge(form, values, catalogue().office.at(came_in), came_in, past)
