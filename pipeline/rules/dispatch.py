"""What the forms of the helper-dispatch programme share: the filing that is judged, its slots, places and dates.

Limits come from office/programme.toml of the form's date, never from here. Codes are those of domain.md §9.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pipeline.model import Level, Past, Problem
from pipeline.rules.findings import Sentence, ensure_kind
from pipeline.rules.wareki import minutes_of, parse_iso, to_wareki

NO_PROGRAMME = Sentence(
    "BR01", "この日には事業が定められていません。日付を確かめて、正しい日付を記入してください。"
)
_TOO_EARLY = Sentence(
    "BR01", "派遣の開始日は、事業の開始日（{started}）以後でなければなりません。日付を直してください。"
)
APPLIED_LATE = Sentence(
    "BR15", "申請年月日は収受日以前でなければなりません。どちらかの日付を直してください。"
)
SLOT_ORDER = Sentence("BR02", "終了時刻は開始時刻より後でなければなりません。時刻を直してください。")
_SLOT_TOO_LONG = Sentence("BR02", "派遣は１回{limit}分以内です。時間帯を{limit}分以内に直してください。")
_OTHER_CENTRE = Sentence(
    "BR08",
    "住所が別のセンターの受け持つ地区のようです。所管センターに誤りがないか確かめてください。",
    Level.WARNING,
)

Values = Mapping[str, Any]
# A name of another municipality in an address that does not begin with ours.
_ELSEWHERE: Final = re.compile(r"[県市郡]")


@dataclass(frozen=True, slots=True)
class Filing:
    """A form before its judge: its values, the office of its date, the programme then in force, the day it came in, and
    what was accepted before it.
    """

    values: Values
    office: Values
    programme: Values
    came_in: date
    past: Past

    def day(self, *path: str) -> date:
        """The date at a path of members."""
        value: Any = self.values
        for member in path:
            value = value[member]
        return parse_iso(value)


Check = Callable[[Filing], Iterator[Problem]]


def check_centre(filing: Filing, whose: str = "applicant") -> Iterator[Problem]:
    """Warn when the address lies in a district of another centre (BR08); a town name that tells nothing is passed.
    `whose` is the group of the form with the address.
    """
    text = filing.values.get(whose, {}).get("address", {}).get("text", "")
    responsible = _centres_of(text, filing.office) if is_in_city(text, filing.office) else set()
    if responsible and filing.values["centre"] not in responsible:
        yield _OTHER_CENTRE.at("/centre", "所管センター", filing.values["centre"])


def check_start(pointer: str, title: str, text: str, programme: Values) -> Iterator[Problem]:
    """Refuse a start of support before the programme itself began (BR01)."""
    started = parse_iso(programme["started"])
    if parse_iso(text) < started:
        yield _TOO_EARLY.at(pointer, title, text, started=to_wareki(started))


def check_slots(slots: Sequence[Values], pointer: str, limit: int) -> Iterator[Problem]:
    """Refuse weekly slots that end before they start or last longer than `limit` minutes (BR02)."""
    for n, slot in enumerate(slots):
        if slot_minutes(slot) <= 0:
            yield SLOT_ORDER.at(f"{pointer}/{n}/end", "終了時刻", slot["end"])
        elif slot_minutes(slot) > limit:
            yield _SLOT_TOO_LONG.at(f"{pointer}/{n}", "曜日・時間帯", slot_text(slot), limit=limit)


def slot_minutes(slot: Values) -> int:
    """How long a slot lasts; negative when it ends before it starts."""
    return minutes_of(slot["end"]) - minutes_of(slot["start"])


def slot_text(slot: Values) -> str:
    """A slot as submitted, for the 返却票."""
    return f"{slot['weekday']} {slot['start']}～{slot['end']}"


def is_in_city(address: str, office: Values) -> bool:
    """Whether an address is ours: it begins with the city's name, or with a district and names no other municipality."""
    city = ensure_kind(office, "city")
    local = address.removeprefix(city["prefecture"])
    if local.startswith(city["name"]):
        return True
    return bool(_centres_of(local, office)) and _ELSEWHERE.search(local) is None


def _centres_of(address: str, office: Values) -> set[str]:
    """The centres one of whose districts begins the address. Old town names (錦町, 植田町) tell nothing: empty."""
    city = ensure_kind(office, "city")
    town = address.removeprefix(city["prefecture"]).removeprefix(city["name"])
    return {
        name
        for name, centre in ensure_kind(office, "centre").items()
        for district in centre["districts"]
        if town.startswith(tuple(district.split("・")))
    }
