"""`todoke addressees`: an office's list of addressees → a 発送票 with them filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.addressees import read_addressees
from pipeline.blank_forms import filled_form
from pipeline.catalogue import Catalogue
from pipeline.errors import UsageError
from pipeline.roster import UnreadableRoster, read_roster
from pipeline.rules.findings import ensure_kind

MAILING = "outreach_mailing"
_SHAPES = ("json", "html")  # hundreds of rows are nobody's to type into Word


def mailing_from(
    catalogue: Catalogue, roster: Path, encoding: str | None, day: date
) -> Mapping[str, bytes] | tuple[str, ...]:
    """Return a 発送票 as `json` and `html`, its addressees those of a list; or every fault of the list, in Japanese.

    Raises UsageError for a file that is not there or no list at all.
    """
    catalogue.ensure_usable(MAILING)
    kinds = ensure_kind(catalogue.office.at(day), "addressee_kind")
    try:
        rows = read_roster(roster.read_bytes(), roster.suffix.lower().removeprefix("."), encoding)
    except FileNotFoundError:
        raise UsageError("名簿のファイルがありません。場所を確かめてください。") from None
    except UnreadableRoster as error:
        raise UsageError(str(error)) from None
    read = read_addressees(rows, kinds)
    if read.faults:
        return read.faults
    values: dict[str, Any] = {"schools": list(read.schools), "agencies": list(read.agencies)}
    made = filled_form(catalogue, catalogue.forms[MAILING], values, {})
    return {shape: made[shape] for shape in _SHAPES}
