"""Where a case stands, what may follow what, and the ledger recounted by hand (domain.md §2, §2.5)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Event, Level, Past
from pipeline.rehearse import past_of
from pipeline.rules.case_deadlines import case_deadlines
from pipeline.rules.case_register import case_register
from pipeline.rules.casework import casework, open_cases
from pipeline.stories import load_story
from tests.rules.households import ROOT, catalogue, changed, past_before, ruled, values_of
from tests.rules.meetings import minutes

CENTRES = ("平地区保健福祉センター", "小名浜地区保健福祉センター", "四倉・久之浜大久地区保健福祉センター")
DAY = date(2023, 5, 1)


def story(name: str) -> Past:
    """What a story leaves: every step that was not returned."""
    steps = load_story(ROOT / "doc_templates" / "stories" / f"{name}.toml").steps
    return past_of(catalogue(), [step for step in steps if not step.is_bad])


@pytest.mark.parametrize(
    ("day", "stage", "centre_no"),
    [
        (date(2023, 5, 23), None, 0),
        (date(2023, 5, 24), "受理", 0),
        (date(2023, 5, 29), "調査中", 0),
        (date(2023, 6, 12), "調査中", 0),
        (date(2023, 6, 20), "方針決定", 0),
        (date(2023, 6, 27), "支援中", 0),
        (date(2023, 9, 5), "支援中", 0),
        (date(2023, 11, 26), "支援中", 0),
        (date(2023, 11, 27), "終結", 0),
        (date(2024, 2, 5), "受理", 0),
    ],
)
def test_a_case_walks_through_its_stages(day: date, stage: str | None, centre_no: int) -> None:
    now = casework(story("casework"), day)
    assert (now.stage if now else None) == stage
    assert now is None or now.centre == CENTRES[centre_no]


def test_a_case_is_open_until_its_end_and_again_when_it_is_received_again() -> None:
    past = story("casework")
    days = [date(2023, 5, 23), date(2023, 5, 24), date(2023, 11, 26), date(2023, 11, 27), date(2024, 2, 5)]
    assert [len(open_cases(past, day)) for day in days] == [0, 1, 1, 0, 1]
    (first, second) = case_register(past, date(2024, 3, 1))
    assert (first.stage, first.closed_on, first.close_reason) == (
        "終結",
        date(2023, 11, 27),
        "ケア負担の解消",
    )
    assert (first.reviews, first.plan_version, first.policy) == (2, 2, "終結")
    assert (second.stage, second.closed_on, second.reviews) == ("受理", None, 0)


def test_a_transfer_takes_the_case_along_from_its_day() -> None:
    past = story("casework_moved")
    centres = [open_cases(past, day)[0].centre for day in (date(2023, 10, 1), date(2023, 10, 2))]
    assert centres == list(CENTRES[:2])


def test_the_two_axes_stand_beside_each_other() -> None:
    (row,) = case_register(story("casework_dispatch"), date(2023, 8, 25))
    assert (row.case_id, row.stage, row.dispatch) == ("YC-23-1-001", "支援中", "派遣中")


def test_minutes_of_a_meeting_review_the_cases_they_name() -> None:
    past = past_before("progress_note", "review")
    told = {"case_id": "YC-23-1-001", "policy": "継続", "main_agency": "見本小学校", "next_on": "2023-09-15"}
    rows = [told, told | {"case_id": "YC-23-1-002", "main_agency": "別の機関"}]
    held = minutes("2023-08-21", 1, "進行管理会議", progress=rows)
    (now,) = open_cases(Past((*past.events, held)), date(2023, 8, 31))
    assert [(review.meeting, review.policy) for review in now.reviews] == [("進行管理会議", "継続")]
    assert (now.main_agency, now.next_on, now.stage) == ("見本小学校", date(2023, 9, 15), "支援中")


def test_a_review_in_the_minutes_lets_a_case_end() -> None:
    """終結 asks for a 進行管理; what the meeting wrote down is one, for the cases it names and no other."""
    values, past = values_of("case_closure"), past_before("support_plan", "second_version")
    plain = Past(tuple(event for event in past.events if "review" not in event.values))

    def codes(case_id: str) -> list[tuple[str, str]]:
        told = [{"case_id": case_id, "policy": "終結"}]
        held = minutes("2023-11-20", 1, "進行管理会議", progress=told)
        ruling = ruled("case_closure", values, Past((*plain.events, held)), date(2023, 11, 27))
        return [(p.code, p.pointer) for p in ruling.problems if p.level is Level.ERROR]

    assert codes("YC-23-1-001") == []
    assert codes("YC-23-1-002") == [("CASE_FLOW", "/reason/code")]


def test_final_minutes_take_the_place_of_their_draft_in_the_ledger() -> None:
    """One meeting is one 進行管理; a case the final minutes took out of the list was not reviewed."""
    opened = past_before("progress_note", "review")
    row = {"case_id": "YC-23-1-001", "policy": "見守り", "main_agency": "甲"}
    draft = minutes("2023-08-21", 1, "進行管理会議", status="案", progress=[row])
    final = minutes("2023-08-21", 1, "進行管理会議", progress=[row | {"policy": "継続", "main_agency": "乙"}])
    emptied = minutes("2023-08-21", 1, "進行管理会議", progress=[row | {"case_id": "YC-23-1-002"}])

    def ledger(*held: Event) -> tuple[str, int, str]:
        (now,) = case_register(Past((*opened.events, *held)), date(2023, 8, 31))
        return now.stage, now.reviews, now.main_agency

    assert ledger(draft) == ("見守り", 1, "甲")
    assert ledger(draft, final) == ("支援中", 1, "乙")
    assert ledger(draft, emptied)[1] == 0


NOTE = {"kind": "進行管理", "method": "会議", "main_agency": "甲", "next_on": "2023-09-01"}


def both_ways(*told: Event) -> list[Past]:
    """Everything received before, and then these in either order of arrival."""
    before = past_before("progress_note", "review").events
    return [Past((*before, *told)), Past((*before, *reversed(told)))]


def of_case(number: int, form: str, on: str, **values: Any) -> Event:
    day = date.fromisoformat(on)
    return Event(f"{day:%Y%m%d}-{number:04d}", form, "YC-23-1-001", day, day, values)


def noted(policy: str, on: str = "2023-08-21") -> Event:
    review = {"policy": policy, "review_on": "2023-11-20"}
    return of_case(77, "progress_note", on, **NOTE, review=review)


def met(policy: str, on: str = "2023-08-21", case_id: str = "YC-23-1-001", ordinal: int = 1) -> Event:
    row = {"case_id": case_id, "policy": policy, "main_agency": "乙", "state": "現状の文"}
    return minutes(on, ordinal, "進行管理会議", progress=[row])


@pytest.mark.parametrize("of_meeting", ["継続", "見守り", "終結"])
@pytest.mark.parametrize("of_note", ["継続", "見守り", "終結"])
def test_what_a_note_and_a_meeting_of_one_day_tell_is_one_review(of_note: str, of_meeting: str) -> None:
    first, second = (
        open_cases(past, date(2023, 8, 31))[0] for past in both_ways(noted(of_note), met(of_meeting))
    )
    assert first == second, "the order of arrival says nothing"
    (held,) = first.reviews
    assert (held.meeting, held.policy, held.main_agency) == ("進行管理会議", of_meeting, "乙")
    assert (held.words["state"], held.note_id) == ("現状の文", noted(of_note).bundle_id)
    assert (first.review_on, first.next_on) == (date(2023, 11, 20), date(2023, 9, 1))


def test_another_day_another_case_and_another_meeting_are_reviews_of_their_own() -> None:
    def count(*told: Event) -> list[int]:
        return [case_register(past, date(2023, 9, 30))[0].reviews for past in both_ways(*told)]

    assert count(noted("継続"), met("継続")) == [1, 1]
    assert count(noted("継続", on="2023-08-22"), met("継続")) == [2, 2]
    assert count(noted("継続"), met("継続", case_id="YC-23-1-002")) == [1, 1]
    assert count(noted("継続"), met("継続"), met("継続", on="2023-09-21", ordinal=2)) == [2, 2]
    assert count(
        noted("継続"),
        of_case(78, "support_plan", "2023-08-21", version=2, review_on="2023-11-01"),
    ) == [1, 1]


def test_a_note_does_not_reach_back_over_the_end_of_a_round() -> None:
    """A case closed and received again on the day of the meeting: the note is of the new round."""
    day = date(2023, 8, 21)
    closed = of_case(80, "case_closure", "2023-08-21", reason={"code": "ケア負担の解消"})
    again = of_case(81, "consultation", "2023-08-21", centre=CENTRES[0])
    before = past_before("progress_note", "review").events
    rows = case_register(Past((*before, met("終結"), closed, again, noted("継続"))), day)
    assert [row.reviews for row in rows] == [1, 1]


def test_the_note_after_the_minutes_of_its_day_is_not_the_second() -> None:
    """Its number, and what was held before it, stand on the 進行管理票."""
    values, past = values_of("progress_note", "review"), past_before("progress_note", "review")
    alone = ruled("progress_note", values, past, date(2023, 8, 22)).facts
    held = met("継続", on=values["noted_on"])
    after = ruled("progress_note", values, Past((*past.events, held)), date(2023, 8, 22)).facts
    assert (after["review_no"], after["reviews"]) == (alone["review_no"], alone["reviews"])
    earlier = ruled(
        "progress_note", values, Past((*past.events, met("継続", on="2023-08-01"))), date(2023, 8, 22)
    ).facts
    assert earlier["review_no"] == alone["review_no"] + 1


def test_minutes_move_no_case_to_another_centre() -> None:
    row = {"case_id": "YC-23-1-001", "policy": "継続", "main_agency": "甲", "centre": CENTRES[1]}
    held = minutes("2023-08-21", 1, "進行管理会議", progress=[row])
    (now,) = open_cases(Past((*past_before("progress_note", "review").events, held)), date(2023, 8, 31))
    assert (now.centre, now.main_agency) == (CENTRES[0], "甲")


@pytest.mark.parametrize(
    ("form", "name", "boxes", "code", "pointer", "level"),
    [
        ("information_request", "typical", [("/centre", CENTRES[1])], "CASE_CENTRE", "/centre", Level.ERROR),
        ("information_request", "typical", [("/requested_on", "2023-05-23")], "CASE_DATE", "/requested_on", Level.ERROR),
        ("information_reply", "typical", [("/replied_on", "2023-06-12")], "AGENCY", "/replied_on", Level.WARNING),
        ("support_plan", "urgent", [], "CASE_FLOW", "/urgent/reason", Level.WARNING),
        ("support_plan", "typical", [("/urgent", {"reason": "待てない理由を十字以上書く。"})], "CASE_FLOW", "/urgent/reason", Level.WARNING),
        ("support_plan", "typical", [("/decided/on", "2023-06-21")], "CASE_DATE", "/decided/on", Level.ERROR),
        ("progress_note", "review", [("/review/review_on", "2023-08-21")], "CASE_DATE", "/review/review_on", Level.ERROR),
        ("progress_note", "review", [("/review/review_on", "2023-11-22")], "REVIEW", "/review/review_on", Level.WARNING),
        ("case_closure", "typical", [("/open_dispatch", {"reason": "理由"})], "BR28", "/open_dispatch/reason", Level.WARNING),
        ("case_closure", "dispatch_left", [("/open_dispatch", None)], "BR28", "/open_dispatch", Level.ERROR),
        ("case_transfer", "typical", [("/transferred_on", "2023-05-01")], "CASE_DATE", "/transferred_on", Level.ERROR),
        ("consultation", "in_danger", [], "SAFETY", "/urgency/abuse", Level.WARNING),
    ],
)  # fmt: skip
def test_what_a_rule_says(
    form: str, name: str, boxes: list[tuple[str, Any]], code: str, pointer: str, level: Level
) -> None:
    came_in = date(2023, 11, 27)
    ruling = ruled(form, changed(values_of(form, name), *boxes), past_before(form, name), came_in)
    assert (code, pointer, level) in [(p.code, p.pointer, p.level) for p in ruling.problems]


def test_the_review_after_three_months_to_the_day_is_not_late() -> None:
    values = changed(values_of("progress_note", "review"), ("/review/review_on", "2023-11-21"))
    ruling = ruled("progress_note", values, past_before("progress_note", "review"), date(2023, 8, 22))
    assert "REVIEW" not in [problem.code for problem in ruling.problems]


def dues(past: Past, day: date) -> dict[str, date]:
    office = catalogue().office.at(day)
    return {due.kind: due.on for due in case_deadlines(past, office, day)}


def test_the_dates_of_a_case_come_due_until_they_are_met() -> None:
    past = story("casework")
    assert dues(past, date(2023, 5, 24)) == {"次回予定日": date(2023, 5, 31)}
    assert dues(past, date(2023, 5, 29)) == {"回答期限": date(2023, 6, 9), "次回予定日": date(2023, 6, 9)}
    assert dues(past, date(2023, 6, 27))["進行管理"] == date(2023, 8, 21)
    assert dues(past, date(2023, 8, 21))["進行管理"] == date(2023, 11, 20)
    assert dues(past, date(2023, 11, 27)) == {}


def test_what_an_urgent_case_went_past_is_due_and_danger_is_seen_within_48_hours() -> None:
    urgent = past_before("support_plan", "urgent")
    plan = Event("20230526-0009", "support_plan", "YC-23-1-001", date(2023, 5, 26), date(2023, 5, 26), values_of("support_plan", "urgent"))  # fmt: skip
    assert dues(Past((*urgent.events, plan)), date(2023, 6, 1))["後から行う手続"] == date(2023, 6, 9)
    assessed = Event("20230601-0001", "assessment", "YC-23-1-001", date(2023, 6, 1), date(2023, 6, 1), values_of("assessment"))  # fmt: skip
    assert "後から行う手続" not in dues(Past((*urgent.events, plan, assessed)), date(2023, 6, 2))
    danger = past_before("progress_note", "sharing")
    assert dues(danger, date(2023, 6, 12)) == {
        "次回予定日": date(2023, 6, 13), "情報共有": date(2023, 6, 13), "安全確認": date(2023, 6, 14)
    }  # fmt: skip


# --- The ledger of any day, against a recount that knows nothing of the fold -----------------------------------------


def _event(number: int, form: str, case: int, day: int, **values: Any) -> Event:
    on = DAY + timedelta(days=day)
    return Event(f"20230501-{number:04d}", form, f"YC-23-1-{case:03d}", on, on, values)


@st.composite
def _histories(draw: st.DrawFn) -> Past:
    """Cases opened, noted, moved, reviewed and closed on any days, mixed with each other."""
    events = []
    for case in range(draw(st.integers(0, 4))):
        days = sorted(draw(st.lists(st.integers(0, 60), min_size=1, max_size=7)))
        opened = {
            "centre": CENTRES[0],
            "main_agency": "甲",
            "main_worker": "例示　一郎",
            "urgency": {"abuse": "ない", "danger": "ない"},
        }
        events.append(_event(len(events), "consultation", case, days[0], **opened))
        for day in days[1:]:
            events.append(_later(draw, len(events), case, day))
        if draw(st.booleans()):
            closed = {"centre": CENTRES[0], "reason": {"code": "その他", "note": ""}}
            events.append(_event(len(events), "case_closure", case, days[-1] + 1, **closed))
    order = {
        "consultation": 0,
        "case_closure": 2,
    }  # what comes in before its consultation, or after its end, is returned
    return Past(tuple(sorted(draw(st.permutations(events)), key=lambda event: order.get(event.form, 1))))


def _later(draw: st.DrawFn, number: int, case: int, day: int) -> Event:
    centre = draw(st.sampled_from(CENTRES))
    kind = draw(st.sampled_from(("case_transfer", "support_plan", "review", "progress_note")))
    if kind == "case_transfer":
        return _event(number, kind, case, day, centre=centre, main_agency="乙")
    if kind == "support_plan":
        return _event(number, kind, case, day, version=1, review_on="2023-09-01")
    review = {"policy": draw(st.sampled_from(("継続", "見守り")))} if kind == "review" else None
    values = {"kind": "進行管理" if review else "連絡調整", "method": "電話"}
    return _event(number, "progress_note", case, day, **values, **({"review": review} if review else {}))


@given(_histories(), st.integers(0, 62))
def test_the_ledger_of_any_day_is_a_recount_of_the_originals(past: Past, offset: int) -> None:
    day = DAY + timedelta(days=offset)
    rows = {row.case_id: row for row in case_register(past, day)}
    told: dict[str, list[Event]] = {}
    for event in past.events:
        if event.on <= day:
            told.setdefault(str(event.case_id), []).append(event)
    opened = {case for case, events in told.items() if any(e.form == "consultation" for e in events)}
    assert set(rows) == opened
    for case in opened:
        ends = [e.on for e in told[case] if e.form == "case_closure"]
        assert rows[case].closed_on == (ends[0] if ends else None)
        assert rows[case].opened_on == min(e.on for e in told[case])
        assert rows[case].reviews == sum("review" in e.values for e in told[case])
        assert rows[case].last_seen_on == max(e.on for e in told[case])
        assert (rows[case].plan_version is not None) == any(e.form == "support_plan" for e in told[case])
        by_day = sorted(told[case], key=lambda event: event.on)
        assert rows[case].centre == [e.values["centre"] for e in by_day if "centre" in e.values][-1]
        assert rows[case].dispatch == ""
    assert {now.case_id for now in open_cases(past, day)} == {c for c in opened if not rows[c].closed_on}
