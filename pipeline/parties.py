"""Who among the readers of an audience: which centre, contractor, meeting, addressee. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.accepted import Accepted
from pipeline.fields import EACH
from pipeline.office import party_code
from pipeline.paths import dig
from pipeline.spec import DocumentSpec, NextSpec

THE_OFFICE = ("centre", "division")

# Which office record names the party behind an audience; the others have one reader each.
PARTIES: Mapping[str, str] = {"centre": "centre", "contractor": "contractor", "members": "meeting"}


def party_of(accepted: Accepted, audience: str) -> str:
    """Return the code of the one party among the readers of an audience, by what the form names; empty where all read alike."""
    kind = PARTIES.get(audience)
    return party_code(accepted.office, accepted.values, kind) if kind else ""


def party_told(accepted: Accepted, document: DocumentSpec | NextSpec, element: Any) -> str:
    """Return who among the readers of a document or a next form gets it: by its `party` path, else as for every paper of that audience.

    What names a record of the office (a centre) gives that record's code.
    """
    if document.party is None:
        return party_of(accepted, document.audience)
    steps = document.party.split(".")
    told = dig({**accepted.values, EACH: element}, steps)
    if told is not None and steps[-1] in PARTIES.values():
        return party_code(accepted.office, {steps[-1]: told}, steps[-1])
    return str(told or "")
