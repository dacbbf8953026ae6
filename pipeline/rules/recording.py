"""How deep minutes go (domain.md §3.5): 要点 name no speaker, 発言要旨 and 全文 cannot do without. Pure.

A paper prints its depth (記録の方法), so what stands below it must be of that depth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pipeline.model import Level, Problem
from pipeline.rules.findings import Sentence

Values = Mapping[str, Any]
POINTS: Final = "要点"
FULL: Final = "全文"

_NOBODY_SPEAKS = Sentence(
    "DEPTH",
    "この記録の方法では、だれの発言かを会議録に印刷します。「発言」に発言者と内容を記入するか、「要点」を選んでください。",
)
_PART_MISSING = Sentence(
    "DEPTH", "全文の会議録に、発言のない議題は載せられません。発言者と内容を記入してください。"
)
_PART_SILENT = Sentence(
    "DEPTH",
    "発言要旨の会議録ですが、発言のない議題があります。発言がなかったのか、書き忘れかを確かめてください。",
    Level.WARNING,
)
_POINT_MISSING = Sentence(
    "DEPTH",
    "要点の会議録に、発言は印刷しません。この議題の要点を記入するか、記録の方法に「発言要旨」を選んでください。",
)
_NOT_PRINTED = Sentence(
    "DEPTH",
    "要点の会議録なので、発言は印刷していません。発言者を載せるときは、記録の方法に「発言要旨」を選んでください。",
    Level.WARNING,
)


def check_depth(values: Values, office: Values) -> Iterator[Problem]:
    """Yield what cannot be printed at the depth chosen, and warn of what is left out or missing in part."""
    parts = values["record"]
    if values["depth"] == POINTS:
        yield from _check_points(parts)
    elif not any(_statements(part) for part in parts):
        yield _NOBODY_SPEAKS.at("/depth", "記録の方法", values["depth"])
    else:
        silent = _PART_MISSING if values["depth"] == FULL else _PART_SILENT
        for n, part in enumerate(parts):
            if not _statements(part):
                yield silent.at(f"/record/{n}/statements", "発言")


def spoken(values: Values) -> list[str]:
    """Return every word of the statements that minutes of this depth must print: none of 要点."""
    if values["depth"] == POINTS:
        return []
    return [text for part in values["record"] for said in _statements(part) for text in said.values()]


def _check_points(parts: list[Values]) -> Iterator[Problem]:
    for n, part in enumerate(parts):
        if not part.get("summary"):
            yield _POINT_MISSING.at(f"/record/{n}/summary", "要点")
        elif _statements(part):
            yield _NOT_PRINTED.at(f"/record/{n}/statements", "発言")


def _statements(part: Values) -> list[Mapping[str, str]]:
    return part.get("statements") or []
