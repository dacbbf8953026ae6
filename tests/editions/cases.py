"""Comparison cases as files: the old text, the new text, the table expected of them, and the 改め文 where there is one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.rules.editions.notation import read_text
from pipeline.rules.editions.text import EditionText

CASES = sorted((Path(__file__).parent / "examples").glob("*.txt"))
_PART = re.compile(r"^=== (.+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    old: EditionText
    new: EditionText
    table: str
    amendment: str | None


def read_case(path: Path) -> Case:
    _, *parts = _PART.split(path.read_text("utf-8"))
    named = {name: text.strip("\n") for name, text in zip(parts[::2], parts[1::2], strict=True)}
    assert set(named) >= {"改正前", "改正後", "対照表"}, path.name
    return Case(_text(named["改正前"]), _text(named["改正後"]), named["対照表"], named.get("改め文"))


def _text(source: str) -> EditionText:
    text, faults = read_text(source + "\n")
    assert text is not None, faults
    return text
