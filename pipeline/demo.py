"""`todoke demo`: an example household through a scratch workspace, each step a file dropped into the inbox on its own day.

The stories are data (`doc_templates/stories`): households of the dispatch, cases, meetings, statistics.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

from pipeline.desk import JST, Desk, new_workspace, open_desk
from pipeline.errors import UsageError
from pipeline.ledger import refresh
from pipeline.model import Entry
from pipeline.shelf import read_receipt
from pipeline.stories import Step, Story, find_stories, load_example
from pipeline.sweep import Tally, run_once
from pipeline.wording import AUDIENCES, OUTCOMES
from pipeline.workspace import Workspace

FIRST_STORY = "household"
_MARK = ".todoke-demo"
_OFFICE_HOUR = time(9, 30)


@dataclass(slots=True)
class StoryClock:
    """The clock of a story: it stands at half past nine of a step's day."""

    at: datetime

    def __call__(self) -> datetime:
        """Return the time of the step at hand."""
        return self.at


@dataclass(frozen=True, slots=True)
class Told:
    """One step of a story and what became of it."""

    step: Step
    entry: Entry
    title: str
    papers: tuple[str, ...]  # how many files for which reader

    def row(self) -> tuple[str, ...]:
        """Return the step as a row of a table: day, form, bundle, fate, papers."""
        day = f"{self.step.on:%Y-%m-%d}" if self.step.on else ""
        return (
            day,
            self.title,
            self.entry.bundle_id,
            OUTCOMES[str(self.entry.outcome)],
            "　".join(self.papers),
        )


def find_story(source: Path, name: str) -> Story:
    """Return a story by name. Raises UsageError naming those there are."""
    stories = {story.name: story for story in find_stories(source)}
    if name not in stories:
        raise UsageError(f"この名前の例はありません。{'・'.join(stories)} のどれかにしてください。")
    return stories[name]


def run_demo(folder: Path, source: Path, name: str, pdf: bool = True) -> tuple[Workspace, list[Told]]:
    """Make a fresh workspace at `folder`, walk a story through it, return it and what came out.

    Raises UsageError if something that is not an earlier demo lies at `folder`.
    """
    story = find_story(source, name)
    if folder.exists() and not (folder / _MARK).exists():
        raise UsageError(f"{folder} にはデモではないものがあります。--out で別の場所を指定してください。")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / _MARK).touch()
    clock = StoryClock(_morning(story.steps[0]))
    workspace = _hasty(new_workspace(folder, source, clock().date()))
    with open_desk(workspace, now=clock, pdf=pdf) as desk:
        told = list(walk(desk, story, clock))
        refresh(desk)
    return workspace, told


def walk(desk: Desk, story: Story, clock: StoryClock) -> Iterator[Told]:
    """Drop every step of a story on its day and yield what became of it. `clock` is the desk's own."""
    for number, step in enumerate(story.steps, 1):
        clock.at = _morning(step)
        example = load_example(desk.workspace.root, step)
        text = json.dumps(example, ensure_ascii=False, indent=1)
        (desk.workspace.inbox / f"{number:02d}_{step.form}.json").write_text(text, "utf-8")
        for entry in run_once(desk, Tally()):
            yield Told(step, entry, desk.catalogue.forms[step.form].title, tuple(_papers(desk, entry)))


def _hasty(workspace: Workspace) -> Workspace:
    """Nobody else writes here: no need to look twice, seconds apart."""
    intake = {**workspace.settings["intake"], "settle_s": 0.01}
    return Workspace(workspace.root, {**workspace.settings, "intake": intake})


def _morning(step: Step) -> datetime:
    if step.on is None:
        raise UsageError(f"例 {step.name} に on（受け付ける日）がありません。")
    return datetime.combine(step.on, _OFFICE_HOUR, JST)


def _papers(desk: Desk, entry: Entry) -> Iterator[str]:
    receipt = read_receipt(desk.shelf.folder_of(entry.bundle_id, str(entry.outcome)))
    for audience, count in Counter(document["audience"] for document in receipt["documents"]).items():
        yield f"{AUDIENCES.get(audience, '差出人')}{count}"
