"""How a rule speaks: one sentence, said about one box of the form. And the one question both families of rules ask."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pipeline.errors import OfficeFault
from pipeline.model import Level, Problem
from pipeline.rules.calendar import holidays_known_until, is_closed_day
from pipeline.rules.wareki import fiscal_era_year, parse_iso


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a rule says: the rule and what to do. `{limit}` and the like are filled from office data only."""

    code: str
    message: str
    level: Level = Level.ERROR

    def at(self, pointer: str, title: str, found: object = "", **limits: object) -> Problem:
        """Say it about the box at `pointer`. `found` is the submitted value; only the sender's 返却票 prints it."""
        return Problem(self.code, pointer, title, self.message.format(**limits), self.level, str(found))


@dataclass(frozen=True, slots=True)
class Urgency:
    """What is said where earlier steps have not come: refused, or skipped because it is urgent (BR11)."""

    no_step: Sentence
    skipped: Sentence
    not_urgent: Sentence

    def check(self, is_urgent: bool, missing: Sequence[str]) -> Iterator[Problem]:
        """Refuse each missing step (its title), unless it is urgent and says why; warn where no urgency was needed."""
        for step in missing:
            pointer = "/urgent/reason" if is_urgent else "/urgent"
            yield (self.skipped if is_urgent else self.no_step).at(pointer, "緊急の取扱い", step=step)
        if is_urgent and not missing:
            yield self.not_urgent.at("/urgent/reason", "緊急とする理由")


def check_row(item: str, found: Sequence[Problem]) -> dict[str, str]:
    """Return one row of a table of checks (点検): what was looked at, 適 or 要確認, and why."""
    notes = dict.fromkeys(problem.message for problem in found)
    return {"item": item, "result": "要確認" if found else "適", "note": "".join(notes)}


_CLOSED = Sentence(
    "BR16",
    "閉庁日（土曜日、日曜日、祝日、年末年始など）に当たります。日付に誤りがないか確かめてください。",
    Level.WARNING,
)
_UNOFFICIAL = Sentence(
    "BR16",
    "祝日がまだ公表されていない年の日付です。開庁日かどうかを暦で確かめ、office/holiday.toml を更新してください。",
    Level.WARNING,
)


def check_open_day(office: Mapping[str, Any], pointer: str, title: str, text: str) -> Iterator[Problem]:
    """Warn of a day on which the city hall is closed, or of which nobody can know yet (BR16)."""
    day = parse_iso(text)
    if is_closed_day(day, closed_by_office(office)):
        yield _CLOSED.at(pointer, title, text)
    elif day > holidays_known_until(_confirmed_until(office)):
        yield _UNOFFICIAL.at(pointer, title, text)


_NUMBER_HEAD: Final = re.compile(r"[0-9０-９]+")
_NUMBER_YEAR = Sentence(
    "BR25",
    "文書番号の頭の数字は、文書の日付の年度（令和）と同じでなければなりません。番号か日付を直してください。",
)


def check_number_year(pointer: str, title: str, number: str, doc_date: str) -> Iterator[Problem]:
    """Find a 文書番号 of another fiscal year than its paper (BR25): numbers begin anew each 年度 (domain §6.2)."""
    _, year = fiscal_era_year(parse_iso(doc_date))
    head = _NUMBER_HEAD.match(number)
    if head is None or int(head[0]) != year:
        yield _NUMBER_YEAR.at(pointer, title, number)


def ensure_kind(office: Mapping[str, Any], kind: str, *keys: str) -> Mapping[str, Any]:
    """The office's records of a kind, with the keys no rule can do without. Raises OfficeFault OFFICE: the form is held."""
    if kind not in office:
        raise OfficeFault(
            "OFFICE", f"office/{kind}.toml に、この日に有効な表がありません。表を加えてください。"
        )
    records: Mapping[str, Any] = office[kind]
    for key in keys:
        if key not in records:
            raise OfficeFault(
                "OFFICE", f"office/{kind}.toml に {key} がありません。この日に有効な表に加えてください。"
            )
    return records


def closed_by_office(office: Mapping[str, Any]) -> frozenset[date]:
    """Return the days on which the office is closed besides the common ones (office/holiday.toml)."""
    return frozenset(parse_iso(day) for day in office.get("holiday", {}).get("closed") or ())


def _confirmed_until(office: Mapping[str, Any]) -> date:
    text = office.get("holiday", {}).get("known_until")
    return parse_iso(text) if text else date.min
