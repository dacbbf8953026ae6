"""Extension, change, transfer and end: 決裁結果 after a first decision (domain.md §1.16, §9 BR05, BR08, BR12, BR14)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Event, Level, Past, Problem, Ruling
from pipeline.rules import judge
from pipeline.rules.changes import centre_on
from pipeline.rules.periods import months_end, next_day
from tests.rules.test_survey import APPLIED, OfficeAt, Told, changed, example

Rule = Callable[..., Ruling]


def event(form: str, name: str, on: date, **boxes: Any) -> Event:
    values = changed(example(form, name), **boxes)
    return replace(APPLIED, form=form, on=on, received_on=on, values=values, allocated={})


EXTENDED = example("dispatch_decision", "extended")
CHANGED = example("dispatch_decision", "changed")
FILED = example("dispatch_decision", "change_by_notice")
MOVED = example("dispatch_decision", "moved_to_another_centre")
SUSPENDED = example("dispatch_decision", "suspended")
CLOSED = example("dispatch_decision", "closed")
CLOSED_BY_OFFICE = example("dispatch_decision", "closed_by_office")
REVOKED = example("dispatch_decision", "revoked")
EXPIRED = example("dispatch_decision", "expired")

APPROVAL = event("dispatch_decision", "approved", date(2023, 6, 23))
ASKED = event("extension_application", "typical", date(2023, 12, 12))
BEGUN = (APPLIED, APPROVAL, ASKED)
EXTENSION = event("dispatch_decision", "extended", date(2023, 12, 21))
LONGER = (
    *BEGUN,
    EXTENSION,
    event("change_application", "typical", date(2024, 2, 9)),
    event("withdrawal", "typical", date(2024, 5, 21)),
)
MOVE = event("dispatch_decision", "moved_to_another_centre", date(2024, 3, 1))
CLOSING = event("dispatch_decision", "closed", date(2024, 5, 24))


@pytest.fixture
def ruled(office_at: OfficeAt) -> Rule:
    def rule(values: Mapping[str, Any], *past: Event) -> Ruling:
        day = date.fromisoformat(values["doc_date"])
        return judge("dispatch_decision", values, office_at(day), day, Past(past or LONGER))

    return rule


# --- What every later decision is held against --------------------------------------------------------------------


def test_a_later_decision_tells_of_the_period_in_force(ruled: Rule, said: Told) -> None:
    other = changed(EXTENDED, current_period__start="2023-07-07")
    backwards = changed(EXTENDED, current_period={"start": "2024-01-05", "end": "2023-07-06"})
    assert said(ruled(EXTENDED, *BEGUN)) == []
    assert said(ruled(other, *BEGUN)) == [("PERIOD", "/current_period")]
    assert ("PERIOD", "/current_period/end") in said(ruled(backwards, *BEGUN))
    assert ("BR11", "/current_period") in said(ruled(EXTENDED, APPLIED))


def test_nothing_follows_an_end(ruled: Rule, said: Told) -> None:
    after = ruled(changed(CHANGED, doc_date="2024-06-03", decision__decided_on="2024-06-03",
                          numbers={"notice": "６い平福第120号", "request": "６い平福第121号"}), *LONGER, CLOSING)  # fmt: skip
    assert said(after) == [("ENDED", "/current_period")]
    assert "廃止" in after.problems[0].message or any("廃止" in problem.message for problem in after.problems)


@pytest.mark.parametrize(
    ("boxes", "errors"),
    [
        ({"application__received_on": "2023-12-13"}, [("CARRIED", "/application/received_on")]),
        ({"application__applied_on": "2023-12-13"}, [("CARRIED", "/application/applied_on"), ("BR15", "/application/applied_on")]),
        ({"decision__decided_on": "2023-12-11"}, [("BR11", "/decision/decided_on")] * 2),
        ({"plan__made_on": "2023-12-21"}, [("BR11", "/decision/decided_on")]),
        ({"plan__made_on": "2023-12-01"}, []),
        ({"plan__version": 1}, [("PLAN_VERSION", "/plan/version")]),
        ({"plan__version": 3}, [("PLAN_VERSION", "/plan/version")]),
        ({"fee": 500}, [("BR06", "/fee")]),
        ({"numbers__request": "５い平福第98号"}, [("BR25", "/numbers/request")]),
        ({"numbers__notice": "６い平福第98号"}, [("BR25", "/numbers/notice")]),
    ],
)  # fmt: skip
def test_the_steps_of_an_extension(boxes: Any, errors: Any, ruled: Rule, said: Told) -> None:
    assert said(ruled(changed(EXTENDED, **boxes), *BEGUN)) == errors


def test_a_decision_without_the_request_it_answers_is_pointed_out(ruled: Rule, said: Told) -> None:
    for values, past in ((EXTENDED, (APPLIED, APPROVAL)), (CHANGED, (*BEGUN, EXTENSION))):
        ruling = ruled(values, *past)
        assert (said(ruling), said(ruling, Level.WARNING)) == ([], [("BR11", "/application")])


# --- 延長 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("boxes", "errors"),
    [
        ({"plan__period": {"start": "2024-01-05", "end": "2024-07-04"}}, [("BR05", "/plan/period/start")]),
        ({"plan__period": {"start": "2024-01-07", "end": "2024-07-06"}}, [("BR05", "/plan/period/start")]),
        ({"plan__period__end": "2024-07-06"}, [("BR04", "/plan/period/end")]),
        ({"plan__period__end": "2024-07-04"}, [("BR04", "/plan/period/end")]),
    ],
)  # fmt: skip
def test_an_extension_begins_the_day_after_and_lasts_six_months(
    boxes: Any, errors: Any, ruled: Rule, said: Told
) -> None:
    assert said(ruled(changed(EXTENDED, **boxes), *BEGUN)) == errors


def test_an_extension_need_not_begin_on_a_weekday_of_the_plan(ruled: Rule) -> None:
    assert not [problem for problem in ruled(EXTENDED, *BEGUN).problems if problem.code == "BR17"]


def test_an_extension_is_asked_for_before_the_end(ruled: Rule, said: Told) -> None:
    on_the_day = changed(EXTENDED, application={"applied_on": "2024-01-05", "received_on": "2024-01-05", "application_no": "23-1-001"},
                         decision__decided_on="2024-01-05", doc_date="2024-01-05")  # fmt: skip
    too_late = changed(on_the_day, application__applied_on="2024-01-06", application__received_on="2024-01-06",
                       decision__decided_on="2024-01-09", doc_date="2024-01-09")  # fmt: skip
    codes = [code for code, _ in said(ruled(on_the_day, APPLIED, APPROVAL))]
    assert "EXTENSION" not in codes
    assert ("EXTENSION", "/application/applied_on") in said(ruled(too_late, APPLIED, APPROVAL))
    assert ("BR11", "/plan/period/start") in said(ruled(too_late, APPLIED, APPROVAL), Level.WARNING)


def test_what_the_programme_does_not_extend_is_refused(office_at: OfficeAt, said: Told) -> None:
    day = date(2023, 12, 21)
    office = {**office_at(day), "programme": {**office_at(day)["programme"], "extendable": False}}
    ruling = judge("dispatch_decision", EXTENDED, office, day, Past(BEGUN))
    assert said(ruling) == [("EXTENSION", "/current_period")]


@given(st.dates(date(2023, 6, 1), date(2060, 1, 1)))
def test_extensions_join_without_gap_or_overlap(start: date) -> None:
    end = months_end(start, 6)
    follows = next_day(end)
    assert months_end(follows, 6) > end and (follows - end).days == 1


def test_the_six_months_of_the_deck_are_extended_to_the_end_of_may() -> None:
    """domain.md §1.16: 6か月 from 2023-12-01 → 2024-05-31."""
    assert months_end(next_day(months_end(date(2023, 6, 1), 6)), 6) == date(2024, 5, 31)


# --- 変更・休止・移管 ---------------------------------------------------------------------------------------------


def test_good_changes_are_silent(ruled: Rule, said: Told) -> None:
    assert said(ruled(CHANGED)) == []
    assert ruled(CHANGED).facts == {"period_end": "2024-07-05", "planned_visits": 18}
    assert said(ruled(SUSPENDED, *LONGER, event("change_application", "suspension", date(2024, 2, 20)))) == []


ROW = {"item": "住所", "before": "旧", "after": "新"}


@pytest.mark.parametrize(
    ("values", "asked", "boxes", "errors"),
    [
        (CHANGED, "typical", {"change__changed_on": "2024-01-05"}, [("CHANGE", "/change/changed_on")]),
        (CHANGED, "typical", {"change__changed_on": "2024-07-05"}, []),
        (CHANGED, "typical", {"change__changed_on": "2024-07-06"}, [("CHANGE", "/change/changed_on")]),
        (CHANGED, "typical", {"plan": None}, [("BR12", "/change/rows/0/item")]),
        (CHANGED, "typical", {"plan__period__end": "2024-09-04"}, [("BR04", "/plan/period/end")]),
        (CHANGED, "typical", {"plan__period__start": "2024-01-05"}, [("BR04", "/plan/period/start")]),
        (CHANGED, "typical", {"plan__version": 2}, [("PLAN_VERSION", "/plan/version")]),
        (CHANGED, "typical", {"change__rows": [{"item": "回数", "before": "週１回", "after": "週１回"}]}, [("CHANGE", "/change/rows/0/after")]),
        (FILED, "address_by_notice", {"change__rows": [ROW, {"item": "回数", "before": "旧", "after": "新"}]}, [("CHANGE", "/change/rows/1/item"), ("BR12", "/change/rows/1/item")]),
        (FILED, "address_by_notice", {"change__rows": [{**ROW, "item": "その他"}]}, [("CHANGE", "/change/rows/0/item")]),
        (FILED, "address_by_notice", {"confidentiality": ["住所秘匿（DV等支援措置）"]}, [("CHANGE", "/change/rows/0/item")]),
        (FILED, "address_by_notice", {"confidentiality": ["電話連絡不可"]}, []),
        (SUSPENDED, "suspension", {"suspension": {"start": "2024-03-04"}}, []),
        (SUSPENDED, "suspension", {"suspension": {"start": "2024-03-29", "end": "2024-03-04"}}, [("SUSPENSION", "/suspension/end")]),
        (SUSPENDED, "suspension", {"suspension": {"start": "2024-03-04", "end": "2024-07-06"}}, [("SUSPENSION", "/suspension/end")]),
        (SUSPENDED, "suspension", {"suspension": {"start": "2024-01-05", "end": "2024-03-29"}}, [("SUSPENSION", "/suspension/start")]),
    ],
)  # fmt: skip
def test_changes(values: Any, asked: str, boxes: Any, errors: Any, ruled: Rule, said: Told) -> None:
    request = event("change_application", asked, date(2024, 2, 20))
    assert said(ruled(changed(values, **boxes), *BEGUN, EXTENSION, request)) == errors


def test_a_refused_change_needs_no_new_plan(ruled: Rule, said: Told) -> None:
    refused = example("dispatch_decision", "change_refused")
    request = event("change_application", "refused", date(2024, 2, 9))
    assert said(ruled(refused, *BEGUN, EXTENSION, request)) == []


def test_what_a_household_need_only_tell_is_pointed_out(ruled: Rule, said: Told) -> None:
    told = changed(CHANGED, change__rows=[{"item": "世帯構成", "before": "３人", "after": "４人"}], plan=None)
    assert said(ruled(told), Level.WARNING) == [
        ("CHANGE", "/change/handling"),
        ("CHANGE", "/change/rows/0/after"),
    ]


def test_a_move_is_told_by_the_new_centre_from_its_day(ruled: Rule, said: Told) -> None:
    """BR08 and domain.md §1.16: papers of the new centre from the date of transfer; ケース移管 is due."""
    past = (*BEGUN, EXTENSION, event("change_application", "moved_to_another_centre", date(2024, 2, 20)))
    before = changed(MOVED, doc_date="2024-02-29", centre="平地区保健福祉センター")
    assert said(ruled(MOVED, *past)) == []
    assert said(ruled(MOVED, *past), Level.WARNING) == [("TRANSFER", "/transfer")]
    assert said(ruled(before, *past)) == []
    assert said(ruled(changed(MOVED, centre="平地区保健福祉センター"), *past)) == [("BR08", "/centre")]
    assert said(ruled(changed(before, centre="小名浜地区保健福祉センター"), *past)) == [("BR08", "/centre")]
    same = changed(MOVED, transfer__from_centre="小名浜地区保健福祉センター")
    assert said(ruled(same, *past)) == [("BR08", "/transfer/to_centre")]


def test_after_a_move_the_old_centre_decides_no_more(ruled: Rule, said: Told) -> None:
    late = (*LONGER[:4], MOVE, LONGER[5])
    here = changed(CLOSED, centre="小名浜地区保健福祉センター")
    assert said(ruled(CLOSED, *late)) == [("BR08", "/centre")]
    assert said(ruled(here, *late)) == []


def test_the_centre_of_a_case_by_day() -> None:
    refused = event(
        "dispatch_decision", "moved_to_another_centre", date(2024, 3, 1), decision__result="不承認"
    )
    assert centre_on(Past((*LONGER, MOVE)), date(2024, 2, 29)) == "平地区保健福祉センター"
    assert centre_on(Past((*LONGER, MOVE)), date(2024, 3, 1)) == "小名浜地区保健福祉センター"
    assert centre_on(Past((*LONGER, refused)), date(2024, 3, 1)) is None
    assert centre_on(Past(LONGER), date(2024, 3, 1)) is None


# --- 廃止・取消・期間満了 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "boxes", "errors"),
    [
        (CLOSED, {}, []),
        (CLOSED, {"ending__ended_on": "2024-01-05"}, [("ENDING", "/ending/ended_on")]),
        (CLOSED, {"ending__ended_on": "2024-07-06"}, [("ENDING", "/ending/ended_on")]),
        (CLOSED, {"ending__reason": "家庭の都合"}, []),
        (CLOSED_BY_OFFICE, {}, []),
        (CLOSED_BY_OFFICE, {"ending__reason": "転出のため。"}, [("BR14", "/ending/reason")]),
        (CLOSED_BY_OFFICE, {"ending__article": "要綱による"}, [("BR14", "/ending/article")]),
        (REVOKED, {}, []),
        (REVOKED, {"ending__reason": "違反　" * 10}, []),
        (REVOKED, {"ending__reason": "違反" + "　" * 30}, [("BR14", "/ending/reason")]),
        (REVOKED, {"ending__article": "第○条"}, [("BR14", "/ending/article")]),
        (REVOKED, {"hearing__heard_on": None}, [("HEARING", "/hearing/heard_on")]),
        (REVOKED, {"hearing": {"notified_on": "2024-05-08", "answer": "弁明なし"}}, []),
        (REVOKED, {"hearing__heard_on": "2024-05-07"}, [("BR11", "/hearing/heard_on")]),
        (REVOKED, {"hearing__heard_on": "2024-05-24"}, [("BR11", "/decision/decided_on")]),
    ],
)  # fmt: skip
def test_ends(values: Any, boxes: Any, errors: Any, ruled: Rule, said: Told) -> None:
    assert said(ruled(changed(values, **boxes))) == errors


def test_an_expiry_is_on_the_last_day(ruled: Rule, said: Told) -> None:
    assert said(ruled(EXPIRED, *BEGUN)) == []
    for day in ("2024-01-04", "2024-01-06"):
        wrong = changed(EXPIRED, ending__ended_on=day)
        assert said(ruled(wrong, *BEGUN)) == [("ENDING", "/ending/ended_on")]


@pytest.mark.parametrize(
    ("values", "boxes", "warnings"),
    [
        (REVOKED, {"hearing": None}, [("HEARING", "/hearing")]),
        (REVOKED, {"ending__ended_on": "2024-05-22"}, [("BR11", "/ending/ended_on")]),
        (CLOSED, {"ending__ended_on": "2024-05-22"}, []),
        (CHANGED, {"change__changed_on": "2024-02-18"}, [("BR11", "/change/changed_on")]),
        (FILED, {}, []),
    ],
)
def test_what_lies_before_the_decision_is_pointed_out(
    values: Any, boxes: Any, warnings: Any, ruled: Rule, said: Told
) -> None:
    request = event("change_application", "address_by_notice", date(2024, 2, 20))
    past = (*BEGUN, EXTENSION, request) if values is FILED else LONGER
    assert said(ruled(changed(values, **boxes), *past), Level.WARNING) == warnings


def test_a_visit_after_the_end_is_pointed_out(ruled: Rule, said: Told) -> None:
    visit = replace(APPLIED, form="visit_report", on=date(2024, 5, 29), values={})
    assert said(ruled(CLOSED, *LONGER, visit), Level.WARNING) == [("ENDING", "/ending/ended_on")]
    assert said(ruled(CLOSED, *LONGER, replace(visit, on=date(2024, 5, 28))), Level.WARNING) == []


def test_without_the_setting_nobody_asks_for_a_hearing(office_at: OfficeAt, said: Told) -> None:
    day = date(2024, 5, 24)
    programme = {**office_at(day)["programme"], "hearing_before_revocation": False}
    ruling = judge(
        "dispatch_decision",
        changed(REVOKED, hearing=None),
        {**office_at(day), "programme": programme},
        day,
        Past(LONGER),
    )
    assert ruling.problems == ()


def test_no_sentence_quotes_a_value(ruled: Rule, quotes_nothing: Callable[[Problem], bool]) -> None:
    rulings = [
        ruled(changed(CHANGED, change__rows=[{"item": "世帯構成", "before": "見本　太郎の家", "after": "見本　太郎の家"}])),
        ruled(changed(CLOSED, ending__ended_on="2024-07-06", application__application_no="23-1-009")),
        ruled(changed(FILED, confidentiality=["住所秘匿（DV等支援措置）"])),
        ruled(changed(MOVED, centre="勿来・田人地区保健福祉センター")),
    ]  # fmt: skip
    problems = [problem for ruling in rulings for problem in ruling.problems]
    assert len(problems) > 8
    assert all(quotes_nothing(problem) and "{" not in problem.message for problem in problems)
