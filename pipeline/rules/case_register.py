"""進行管理台帳 (C10a; domain.md §2.3): one row for every round of every case, counted from what was accepted. Pure.

The row names no child and no family: a case is its number (domain.md §3.3). 主担当 is the agency, as in the C10a of F28; the
worker in charge is an official on duty and stands in the office's own spreadsheet alone. `case_register(past, day)` is
the ledger as it stood on a day. `case_histories` adds each 進行管理 (C10b), without a word that names anybody of the family.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from pipeline.model import Past
from pipeline.rules.casework import Casework, Review, rounds_of_cases
from pipeline.rules.naming import family_words, is_named
from pipeline.rules.register import cases
from pipeline.rules.standing import standing


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One round of a case in the ledger. Dates that have not come are None; `dispatch` is the other axis (派遣の状況)."""

    case_id: str
    centre: str
    stage: str
    opened_on: date
    category: str
    registration: str
    plan_version: int | None
    reviews: int
    policy: str
    last_seen_on: date
    review_on: date | None
    next_on: date | None
    main_agency: str
    main_worker: str
    dispatch: str
    closed_on: date | None
    close_reason: str


@dataclass(frozen=True, slots=True)
class CaseHistory:
    """A row of the ledger with each 進行管理 of its round, oldest first."""

    row: CaseRow
    reviews: tuple[Review, ...]


NAMED: Final = "（家族の名前があるため、載せていません）"


def case_register(past: Past, day: date) -> tuple[CaseRow, ...]:
    """Return the ledger as of a day, by case number and round."""
    return tuple(history.row for history in case_histories(past, day))


def case_histories(past: Past, day: date) -> Iterator[CaseHistory]:
    """Yield the ledger as of a day with its 進行管理, by case number and round.

    Minutes that name somebody are refused when they come in; a name that became known later is looked for here.
    """
    whole, known = dict(cases(past, day)), dict(cases(past, date.max))
    for now in rounds_of_cases(past, day):
        people = family_words(known[now.case_id]) if now.reviews else ()
        row = _row(now, standing(whole[now.case_id]).status_on(day) or "")
        yield CaseHistory(row, tuple(_unnamed(review, people) for review in now.reviews))


def _unnamed(review: Review, people: Collection[str]) -> Review:
    words = {key: NAMED if is_named(text, people) else text for key, text in review.words.items()}
    return replace(review, words=words)


def _row(now: Casework, dispatch: str) -> CaseRow:
    sharing, closing = now.sharing or {}, now.closing
    return CaseRow(
        case_id=now.case_id,
        centre=now.centre,
        stage=now.stage,
        opened_on=now.opening.on,
        category=sharing.get("category", ""),
        registration=sharing.get("registration", ""),
        plan_version=now.plan.values["version"] if now.plan else None,
        reviews=len(now.reviews),
        policy=now.reviews[-1].policy if now.reviews else "",
        last_seen_on=now.events[-1].on,
        review_on=now.review_on,
        next_on=now.next_on,
        main_agency=now.main_agency,
        main_worker=now.main_worker,
        dispatch=dispatch,
        closed_on=closing.on if closing else None,
        close_reason=closing.values["reason"]["code"] if closing else "",
    )
