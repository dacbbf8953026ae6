"""A 進行管理会議 goes through every open case (domain.md §2.3 C11, §3.5): its list held against the ledger. Pure.

The ledger is the fold of casework.py, as of the day of the meeting; its own minutes, once accepted, are a step of that fold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pipeline.model import Level, Past, Problem
from pipeline.rules.casework import Casework, open_cases
from pipeline.rules.findings import Sentence
from pipeline.rules.wareki import parse_iso

REVIEW: Final = "進行管理会議"
_POLICIES: Final = (("kept", "継続"), ("changed", "変更"), ("watched", "見守り"), ("ended", "終結"))

_LEFT_OUT = Sentence(
    "CASE_LEFT_OUT",
    "台帳で終結していないのに、この一覧にないケースがあります。進行管理一覧の末尾の番号を確かめてください。",
    Level.WARNING,
)
_NOT_OPEN = Sentence(
    "CASE_NOT_OPEN", "台帳で開いているケースではありません。ケース番号を確かめてください。", Level.WARNING
)
_OTHER_CENTRE = Sentence(
    "CASE_CENTRE", "所管センターが台帳と違います。移管の有無を確かめてください。", Level.WARNING
)

Values = Mapping[str, Any]


def check_reviewed(values: Values, past: Past) -> Iterator[Problem]:
    """Yield what differs between the list and the ledger; only a 進行管理会議 has such a list."""
    if values["meeting"] != REVIEW:
        return
    ledger = _ledger(values, past)
    for n, row in enumerate(values["progress"]):
        now = ledger.get(row["case_id"])
        if now is None:
            yield _NOT_OPEN.at(f"/progress/{n}/case_id", "ケース番号", row["case_id"])
        elif now.centre != row["centre"]:
            yield _OTHER_CENTRE.at(f"/progress/{n}/centre", "所管センター", row["centre"])
    if unlisted(values, past):
        yield _LEFT_OUT.at("/progress", "ケースの進行管理")


def unlisted(values: Values, past: Past) -> list[str]:
    """Return the numbers of the cases that were open on the day and are not in the list of a 進行管理会議."""
    if values["meeting"] != REVIEW:
        return []
    listed = {row["case_id"] for row in values["progress"]}
    return [case_id for case_id in _ledger(values, past) if case_id not in listed]


def count_by_centre(reviewed: Sequence[Values], office: Values) -> list[dict[str, Any]]:
    """Return the cases of each centre by 方針, in the order of office/centre.toml, and their sum."""
    centres = [centre for centre in office["centre"] if any(row["centre"] == centre for row in reviewed)]
    rows = [(centre, [row for row in reviewed if row["centre"] == centre]) for centre in centres]
    rows += [("計", list(reviewed))] if reviewed else []
    return [
        {
            "centre": name,
            "count": len(cases),
            **{key: sum(case["policy"] == word for case in cases) for key, word in _POLICIES},
        }
        for name, cases in rows
    ]


def _ledger(values: Values, past: Past) -> dict[str, Casework]:
    return {now.case_id: now for now in open_cases(past, parse_iso(values["held_on"]))}
