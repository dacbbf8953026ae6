"""Stories: what an example comes after, and steps that set boxes of their example."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import OfficeFault
from pipeline.stories import Step, day_of, find_stories, load_example, steps_before

STORY = """
title = "見本の世帯"

[[steps]]
on = 2023-07-06
form = "visit"
example = "typical"

[[steps]]
on = 2023-07-13
form = "visit"
example = "typical"
set = { "visit.visited_on" = "2023-07-13", case_id = "YC-23-1-002" }

[[steps]]
on = 2023-07-14
form = "visit"
example = "late.bad"

[[steps]]
on = 2023-08-03
form = "monitoring"
example = "typical"
"""
AFTER = """
[default]
story = "household"

[alone]
after = ["visit/typical", { form = "visit", example = "typical", on = 2023-07-20, set = { "visit.visited_on" = "2023-07-20" } }]
on = 2023-07-21
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    def write(path: str, text: str) -> None:
        target = tmp_path / "doc_templates" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")

    write("stories/household.toml", STORY)
    write("monitoring/examples/after.toml", AFTER)
    visit: dict[str, Any] = {"form": "visit", "visit": {"visited_on": "2023-07-06", "minutes": 120}}
    write("visit/examples/typical.json", json.dumps(visit))
    return tmp_path


def test_a_step_sets_boxes_of_its_example(root: Path) -> None:
    (story,) = find_stories(root)
    first, second = (load_example(root, step) for step in story.steps[:2])
    assert first["visit"] == {"visited_on": "2023-07-06", "minutes": 120}
    assert second["visit"] == {"visited_on": "2023-07-13", "minutes": 120}
    assert (second["case_id"], first.get("case_id")) == ("YC-23-1-002", None)
    assert load_example(root, story.steps[0]) == first  # the file itself is unchanged


def test_an_example_comes_after_the_accepted_steps_before_it(root: Path) -> None:
    before = steps_before(root, Step("monitoring", "typical"))
    assert [(step.on, step.is_bad) for step in before] == [
        (date(2023, 7, 6), False),
        (date(2023, 7, 13), False),
    ]
    assert day_of(root, Step("monitoring", "typical")) == date(2023, 8, 3)


def test_a_list_of_steps_may_hold_tables(root: Path) -> None:
    plain, told = steps_before(root, Step("monitoring", "alone"))
    assert plain == Step("visit", "typical")
    assert (told.on, told.changes) == (date(2023, 7, 20), {"visit.visited_on": "2023-07-20"})
    assert day_of(root, Step("monitoring", "alone")) == date(2023, 7, 21)


def test_a_step_without_an_example_is_a_fault(root: Path) -> None:
    with pytest.raises(OfficeFault, match="visit/none"):
        load_example(root, Step("visit", "none"))
