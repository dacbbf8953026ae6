"""README speaks of what is there: its commands exist, its codes are all of them, its links lead somewhere."""

from __future__ import annotations

import re

from pipeline import wording
from pipeline.cli.mouth import app
from pipeline.stories import find_stories
from pipeline.workspace import DEFAULTS
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def test_every_command_is_in_the_readme_and_exists() -> None:
    known = {
        command.name or command.callback.__name__ for command in app.registered_commands if command.callback
    }
    known |= {str(group.name) for group in app.registered_groups}
    assert set(re.findall(r"todoke ([a-z]+)\b", README)) == known


def test_every_story_of_the_demo_is_in_the_readme() -> None:
    table = README.split("`todoke demo --story` で流せる例")[1].split("\n\n")[1]
    assert set(re.findall(r"`([a-z_]+)`", table)) == {story.name for story in find_stories(ROOT)}


def test_every_code_is_in_the_readme() -> None:
    schema_codes = {
        wording.schema_problem(keyword, 2, {}, "", "").code
        for keyword in ("required", "type", "maxLength", "minLength", "pattern", "format", "minimum", "maximum",
                        "maxItems", "minItems", "uniqueItems", "additionalProperties", "if")
    } | {"CHOICE"}  # fmt: skip
    codes = (
        schema_codes
        | set(wording._READING) - {"CRLF"}
        | {c for c in wording._TEXT if not c.startswith("TEXT_")}
    )
    assert codes - set(re.findall(r"[A-Z][A-Z_]+", README)) == set()


def test_every_setting_is_in_the_readme() -> None:
    table = README.split("## 設定")[1].split("---\n")[0]
    assert {key for group in DEFAULTS.values() for key in group} - set(re.findall(r"[a-z_]+", table)) == set()


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_nothing_committed_names_a_machine_or_a_registry() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "--hash=sha256:" in lock
    assert not re.search(r"https?://|--index|--find-links|file://", lock)
