"""Stories: an example household from step to step, as data. They are what examples are rehearsed after, the tests and the demo.

`doc_templates/stories/<story>.toml`: `title`, and `[[steps]]` with `on` (the day the file comes in), `form` and `example`.
`doc_templates/<form>/examples/after.toml`: what an example comes after, by its name or `default`: `story` and `before`
(`form/example`: the steps before that one; without it those before the example's own step, else all of them), or `after`
(a list of `form/example`). `on` sets the day an example comes in.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.errors import OfficeFault

EXAMPLES = "examples"
STORIES = "stories"


@dataclass(frozen=True, slots=True)
class Step:
    """One file of a story: the day it comes in, its form and the name of its example (`typical`, `late.bad`)."""

    form: str
    example: str
    on: date | None = None

    @property
    def name(self) -> str:
        """`form/example`, as specifications write it."""
        return f"{self.form}/{self.example}"

    @property
    def is_bad(self) -> bool:
        """Whether the file comes back; it leaves nothing in the history."""
        return self.example.endswith(".bad")


@dataclass(frozen=True, slots=True)
class Story:
    """A case from its first paper to its last."""

    name: str
    title: str
    steps: tuple[Step, ...]


def find_stories(root: Path) -> tuple[Story, ...]:
    """Return every story, by name."""
    return tuple(load_story(path) for path in sorted((root / "doc_templates" / STORIES).glob("*.toml")))


def load_story(path: Path) -> Story:
    """Return one story. Raises OfficeFault naming the file if it cannot be read."""
    table = _table(path)
    try:
        steps = tuple(Step(step["form"], step["example"], step["on"]) for step in table["steps"])
        return Story(path.stem, table["title"], steps)
    except (KeyError, TypeError) as error:
        raise OfficeFault("CATALOGUE", f"{path.name}：「{error}」が読めません。") from error


def example_path(root: Path, step: Step) -> Path:
    """Return where a step's example lies."""
    return root / "doc_templates" / step.form / EXAMPLES / f"{step.example}.json"


def load_example(root: Path, step: Step) -> dict[str, Any]:
    """Return a step's example. Raises OfficeFault where there is none."""
    try:
        return dict(json.loads(example_path(root, step).read_bytes()))
    except (OSError, ValueError) as error:
        raise OfficeFault("CATALOGUE", f"例 {step.name} が読めません。") from error


def steps_before(root: Path, step: Step) -> tuple[Step, ...]:
    """Return the accepted steps an example comes after, oldest first. Raises OfficeFault for a name that means nothing."""
    told = _told(root, step)
    if "after" in told:
        return tuple(_step(name) for name in told["after"])
    if "story" not in told:
        return ()
    story = load_story(root / "doc_templates" / STORIES / f"{told['story']}.toml")
    return tuple(_until(story.steps, told.get("before", step.name)))


def day_of(root: Path, step: Step) -> date | None:
    """Return the day an example comes in: as its folder says, else as its story says."""
    told = _told(root, step)
    if "on" in told:
        day: date = told["on"]
        return day
    if "story" in told:
        story = load_story(root / "doc_templates" / STORIES / f"{told['story']}.toml")
        name = told.get("before", step.name)
        return next((at.on for at in story.steps if at.name == name), None)
    return None


def _until(steps: Sequence[Step], name: str) -> list[Step]:
    before = []
    for step in steps:
        if step.name == name:
            break
        if not step.is_bad:
            before.append(step)
    return before


def _told(root: Path, step: Step) -> Mapping[str, Any]:
    path = root / "doc_templates" / step.form / EXAMPLES / "after.toml"
    if not path.exists():
        return {}
    table = _table(path)
    told: Mapping[str, Any] = table.get(step.example, table.get("default", {}))
    return told


def _step(name: str) -> Step:
    form, _, example = name.partition("/")
    return Step(form, example)


def _table(path: Path) -> Mapping[str, Any]:
    try:
        return _parsed(path, path.stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        raise OfficeFault("CATALOGUE", f"{path.name} が読めません：{error}") from error


@lru_cache(maxsize=256)
def _parsed(path: Path, changed: int) -> Mapping[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))
