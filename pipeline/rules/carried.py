"""A 会議録 among the earlier ones of its body: its number in the year (BR24), and what was decided before and is still open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.model import Level, Past, Problem
from pipeline.rules.actions import Action, latest_minutes, open_before
from pipeline.rules.bodies import session_of
from pipeline.rules.findings import Sentence
from pipeline.rules.wareki import parse_iso

_ORDINAL_TAKEN = Sentence(
    "BR24",
    "この会議の、この年度のこの回の会議録は、すでに受け付けています。回数を確かめてください。"
    "受け付けた会議録を直すときは、訂正の様式（todoke forms --correct）を使ってください。",
)
_ORDINAL_ORDER = Sentence(
    "BR24",
    "ほかの回と、回数と開催日の順が合いません。回数と開催日を確かめてください。",
    Level.WARNING,
)
_ACTION_UNKNOWN = Sentence(
    "ACTION",
    "この会議のこれまでの決定事項に、この番号の済んでいないものがありません。前の会議録の決定事項の番号を確かめてください。",
)
_ACTION_TWICE = Sentence("ACTION", "同じ番号が二度書かれています。一つにしてください。")
Values = Mapping[str, Any]


def carried(values: Values, past: Past) -> dict[str, Any]:
    """What the body had open before: what these minutes report as done, and what goes on to the next meeting."""
    held_on = parse_iso(values["held_on"])
    told = {closed["number"]: closed for closed in values.get("closed_actions") or ()}
    before = _open_before(values, past)
    closed = [
        {
            **action.row(held_on),
            "result": told[action.number]["result"],
            "on": told[action.number].get("closed_on"),
        }
        for action in before
        if action.number in told
    ]
    return {"closed": closed, "still_open": [a.row(held_on) for a in before if a.number not in told]}


def _open_before(values: Values, past: Past) -> tuple[Action, ...]:
    return open_before(past, session_of(values), parse_iso(values["held_on"]))


def check_ordinal(values: Values, past: Past) -> Iterator[Problem]:
    """BR24: one number, one meeting. The final minutes may follow the draft; anything else is a correction."""
    session, held_on = session_of(values), parse_iso(values["held_on"])
    for event in latest_minutes(past):
        other, on = session_of(event.values), parse_iso(event.values["held_on"])
        if other == session:
            final = (event.values["status"], values["status"]) == ("案", "確定") and on == held_on
            if not final:
                yield _ORDINAL_TAKEN.at("/ordinal", "回数", values["ordinal"])
        elif (other.body, other.year) == (session.body, session.year) and _is_crossed(
            other.ordinal - session.ordinal, (on - held_on).days
        ):
            yield _ORDINAL_ORDER.at("/ordinal", "回数", values["ordinal"])


def _is_crossed(ordinals: int, days: int) -> bool:
    """Whether a higher number was held on an earlier day."""
    return ordinals * days < 0


def check_closed(values: Values, past: Past) -> Iterator[Problem]:
    """Only what is open can be finished, and once."""
    open_numbers = {action.number for action in _open_before(values, past)}
    told: set[str] = set()
    for n, closed in enumerate(values.get("closed_actions") or ()):
        sentence = _ACTION_TWICE if closed["number"] in told else _ACTION_UNKNOWN
        if closed["number"] in told or closed["number"] not in open_numbers:
            yield sentence.at(f"/closed_actions/{n}/number", "決定事項の番号", closed["number"])
        told.add(closed["number"])
