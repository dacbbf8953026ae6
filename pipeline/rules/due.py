"""Something to be done by a day: what the deadlines of the dispatch and of the casework both tell. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """Something to be done by a day: by whom (a centre), for which case ("" for a centre as a whole), what."""

    on: date
    centre: str
    case_id: str
    kind: str
    note: str
