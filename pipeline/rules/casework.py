"""Where a case stands in the 対応フロー, folded from its past (domain.md §2, §2.5). Pure: nothing is stored, all is derived.

A round runs from one 相談受付 to its 終結; a 相談受付 of a closed case begins another (再受理). Events count in the order of
the days they tell of, so that the fold of what tells of up to a day is how the case stood on that day. Minutes never move a
case to another centre: a 移管 is a paper of its own, and final minutes take the place of their draft. A 進行管理 told by
minutes and by a 経過記録 of the same day is one, whichever came in first: what the meeting says counts. The dispatch of a
helper is another axis (standing.py). No score, no decision on a child: a stage says what papers came, nothing else.

| form                                        | what the fold reads of it                                                   |
|---------------------------------------------|-----------------------------------------------------------------------------|
| consultation                                | that the case is open; `sharing`                                            |
| information_request, _reply, assessment     | 調査中, until a plan stands                                                  |
| support_plan                                | 方針決定; the plan in force                                                  |
| progress_note                               | `kind` 情報収集 → 調査中, 支援 → 支援中; `sharing`; `review`: a 進行管理      |
| meeting_minutes                             | each row of `progress` about this case: a 進行管理 in its meeting; of one meeting the latest minutes |
| case_transfer                               | `centre`: the new one, from the day `on`                                     |
| case_closure                                | 終結, or 非該当                                                              |
| any of them                                 | `main_agency`, `main_worker`, `next_on` where it has them                    |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from pipeline.model import Event, Past
from pipeline.rules.actions import MINUTES, latest_minutes
from pipeline.rules.case_order import in_order
from pipeline.rules.wareki import parse_iso

Values = Mapping[str, Any]

# 状況 (domain.md §2.5), in the order a case goes through them. 移管 is an event of a case, not a stage: the case goes on.
RECEIVED, INQUIRING, PLANNED, SUPPORTED, WATCHED = "受理", "調査中", "方針決定", "支援中", "見守り"
CLOSED, NOT_A_CASE = "終結", "非該当"
NO_CASE_REASON: Final = "誤登録・非該当"
_INQUIRIES: Final = ("information_request", "information_reply", "assessment")
WORDS: Final = ("state", "evaluation", "detail")
_CARRIED: Final = ("centre", "main_agency", "main_worker")


@dataclass(frozen=True, slots=True)
class Review:
    """One 進行管理 of a case: the day, the policy (継続, 変更, 見守り, 終結), and the meeting it was held in ("" for none).

    `words` are those of the minutes (`state`, `evaluation`, `detail`), written for readers who may not know who the case is
    about. What a 経過記録 says of it is private: it stays in its own papers, found by `bundle_id`.
    """

    on: date
    policy: str
    meeting: str
    bundle_id: str
    main_agency: str
    next_on: date | None
    words: Values = field(default_factory=dict)
    note_id: str = ""  # the bundle of the 経過記録 that tells of it beside the minutes


@dataclass(frozen=True, slots=True)
class Casework:
    """One round of a case: `events` by the day they tell of, what stands now, and how it ended if it did."""

    case_id: str
    events: tuple[Event, ...]
    opening: Event
    stage: str = RECEIVED
    plan: Event | None = None
    sharing: Values | None = None
    reviews: tuple[Review, ...] = ()
    carried: Mapping[str, str] = field(default_factory=dict)
    next_on: date | None = None
    review_on: date | None = None  # of the next 進行管理, where a plan or a review named a day
    closing: Event | None = None

    def last(self, *forms: str) -> Event | None:
        """The latest event of these forms in this round."""
        return next((event for event in reversed(self.events) if event.form in forms), None)

    def all(self, *forms: str) -> tuple[Event, ...]:
        """Every event of these forms in this round, by the day it tells of."""
        return tuple(event for event in self.events if event.form in forms)

    @property
    def is_open(self) -> bool:
        """Whether the case has not ended."""
        return self.closing is None

    @property
    def centre(self) -> str:
        """The centre that has the case: of the latest paper that names one, so a transfer takes it along."""
        return self.carried["centre"]

    @property
    def main_agency(self) -> str:
        """主担当機関 as last named."""
        return self.carried.get("main_agency", "")

    @property
    def main_worker(self) -> str:
        """主担当者 as last named."""
        return self.carried.get("main_worker", "")

    @property
    def skipped(self) -> tuple[str, ...]:
        """The steps an urgent case went past and that have not been caught up: they are due."""
        return ("assessment",) if self.plan and not self.last("assessment") else ()


def casework(past: Past, day: date = date.max) -> Casework | None:
    """Fold the past of one case, as far as it tells of up to a day, into its current round; None before a 相談受付."""
    folded = case_rounds(past, day)
    return folded[-1] if folded else None


def open_cases(past: Past, day: date) -> tuple[Casework, ...]:
    """Return every case that is open on a day, by case number: what a 進行管理会議 goes through. `past` is of all cases."""
    return tuple(now for now in rounds_of_cases(past, day) if now.is_open)


def rounds_of_cases(past: Past, day: date) -> Iterator[Casework]:
    """Yield every round of every case with a 相談受付 up to a day, by case number."""
    by_case: dict[str, list[Event]] = {}
    for event in _counted(past):
        for case_id in _cases_in(event):
            by_case.setdefault(case_id, []).append(event)
    for case_id in sorted(by_case):
        yield from case_rounds(Past(tuple(by_case[case_id])), day)


def case_rounds(past: Past, day: date = date.max) -> tuple[Casework, ...]:
    """Fold the past of one case into its rounds, oldest first. Minutes beside it count where they name the case."""
    folded: list[Casework] = []
    for event in in_order(event for event in _counted(past) if event.on <= day):
        if event.form == "consultation" and (not folded or not folded[-1].is_open):
            folded.append(Casework(str(event.case_id), (), event))
        if folded:
            folded[-1] = _step(folded[-1], event)
    return tuple(folded)


def _counted(past: Past) -> Iterator[Event]:
    """What the fold reads: of one meeting only the minutes that came in last."""
    latest = {id(event) for event in latest_minutes(past)}
    yield from (event for event in past.events if event.form != MINUTES or id(event) in latest)


def _cases_in(event: Event) -> Iterator[str]:
    if event.case_id is not None:
        yield event.case_id
    elif event.form == MINUTES:
        yield from dict.fromkeys(row["case_id"] for row in event.values.get("progress") or ())


def _step(now: Casework, event: Event) -> Casework:
    if event.case_id is None:
        return _minuted(now, event)
    now = replace(now, events=(*now.events, event), sharing=event.values.get("sharing") or now.sharing)
    now = _carry(now, event, event.values)
    if event.form in _INQUIRIES:
        return _inquired(now)
    if event.form == "support_plan":
        stage, day = now.stage if now.stage == SUPPORTED else PLANNED, parse_iso(event.values["review_on"])
        return replace(now, plan=event, stage=stage, review_on=day)
    if event.form == "progress_note":
        return _noted(now, event)
    if event.form == "case_closure":
        reason = event.values["reason"]["code"]
        return replace(
            now,
            closing=event,
            next_on=None,
            review_on=None,
            stage=NOT_A_CASE if reason == NO_CASE_REASON else CLOSED,
        )
    return now


def _carry(now: Casework, event: Event, values: Values) -> Casework:
    """Take over who is in charge and when the next step is. A date agreed earlier is over once something came after it."""
    carried = {**now.carried, **{key: values[key] for key in _CARRIED if values.get(key)}}
    kept = now.next_on if now.next_on is not None and event.on < now.next_on else None
    return replace(now, carried=carried, next_on=_day(values.get("next_on")) or kept)


def _inquired(now: Casework) -> Casework:
    return replace(now, stage=INQUIRING) if now.stage == RECEIVED else now


def _noted(now: Casework, event: Event) -> Casework:
    review, kind = event.values.get("review"), event.values["kind"]
    if review is not None:
        said = review.get("review_on")
        following = parse_iso(said) if said else None
        held = Review(
            event.on, review["policy"], "", event.bundle_id, now.main_agency, following or now.next_on
        )
        return replace(_reviewed(now, held), review_on=following)
    if kind == "情報収集":
        return _inquired(now)
    return replace(now, stage=SUPPORTED) if kind == "支援" and now.plan else now


def _minuted(now: Casework, event: Event) -> Casework:
    for row in event.values.get("progress") or ():
        if event.form == MINUTES and row["case_id"] == now.case_id:
            said = {
                key: value for key, value in row.items() if key != "centre"
            }  # a transfer is a paper of its own
            now = _carry(replace(now, events=(*now.events, event)), event, said)
            words = {key: row.get(key) or "" for key in WORDS}
            meeting, following = event.values["meeting"], now.next_on
            held = Review(
                event.on, row["policy"], meeting, event.bundle_id, now.main_agency, following, words
            )
            now = _met(now, held)
    return now


def _met(now: Casework, held: Review) -> Casework:
    """Take the place of what a 経過記録 told of the same day: its day of the next 進行管理 stands, its words are its own."""
    noted = [told for told in now.reviews if told.on == held.on and not told.meeting]
    if not noted:
        return replace(_reviewed(now, held), review_on=None)
    others = tuple(told for told in now.reviews if told not in noted)
    return _reviewed(replace(now, reviews=others), replace(held, note_id=noted[-1].bundle_id))


def _day(text: str | None) -> date | None:
    return parse_iso(text) if text else None


def _reviewed(now: Casework, held: Review) -> Casework:
    """継続 and 変更 go on, 見守り watches; 終結 is what the meeting agreed: the case ends with its 終結報告書, not before."""
    stage = {"見守り": WATCHED, "終結": now.stage}.get(held.policy, SUPPORTED if now.plan else now.stage)
    return replace(now, reviews=(*now.reviews, held), stage=stage)
