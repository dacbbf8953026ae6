"""What a household asks or tells after a decision, and the 起案 that answers it (D17a, D18a, D19a; domain.md §1.16)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from pipeline.model import Event, Level, Past, Ruling
from pipeline.rules import judge
from tests.rules.test_changes import APPROVAL, BEGUN, EXTENSION, MOVE, event
from tests.rules.test_survey import APPLIED, OfficeAt, Told, changed, example

Rule = Callable[..., Ruling]
ASKED = example("extension_application", "typical")
CHANGE = example("change_application", "typical")
FILED = example("change_application", "address_by_notice")
GIVEN_UP = example("withdrawal", "typical")
TAKEN_BACK = example("withdrawal", "taken_back")
MONITORED = replace(APPLIED, form="monitoring", on=date(2023, 12, 7), values={}, allocated={})
REFUSAL = event("dispatch_decision", "refused", date(2023, 6, 23))
LONGER = (*BEGUN, EXTENSION)


@pytest.fixture
def ruled(office_at: OfficeAt) -> Rule:
    def rule(form: str, values: Mapping[str, Any], *past: Event) -> Ruling:
        day = date.fromisoformat(values["drafting"]["drafted_on"])
        return judge(form, values, office_at(day), day, Past(past))

    return rule


@pytest.mark.parametrize(
    ("form", "name", "past", "subject", "asks"),
    [
        ("extension_application", "typical", BEGUN[:2], "利用期間の延長の決定", "派遣の継続を依頼"),
        ("extension_application", "refused", BEGUN[:2], "利用期間の延長の不承認", "申請者に通知して"),
        ("change_application", "typical", LONGER, "利用の変更の決定", "変更後の派遣を依頼"),
        ("change_application", "refused", LONGER, "利用の変更の不承認", "申請者に通知して"),
        ("change_application", "address_by_notice", LONGER, "利用の変更の届出", "届出を受理し"),
        ("withdrawal", "typical", LONGER, "利用の廃止の決定", "派遣の終了を通知"),
        ("withdrawal", "taken_back", (APPLIED,), "利用申請の取下げ", "審査を終えて"),
    ],
)
def test_the_draft_says_what_is_asked(
    form: str, name: str, past: tuple[Event, ...], subject: str, asks: str, ruled: Rule, said: Told
) -> None:
    ruling = ruled(form, example(form, name), *past)
    assert said(ruling) == []
    assert ruling.facts["subject"] == f"子育て世帯ヘルパー派遣事業の{subject}について（伺い）"
    assert asks in ruling.facts["proposal"] and ruling.facts["proposal"].endswith("よろしいか伺います。")


def test_a_plan_brings_its_visits(ruled: Rule) -> None:
    facts = ruled("extension_application", ASKED, *BEGUN[:2]).facts
    assert (facts["period_end"], facts["planned_visits"]) == ("2024-07-05", 26)
    facts = ruled("withdrawal", GIVEN_UP, *LONGER).facts
    assert (facts["period_end"], facts["planned_visits"]) == (None, None)


@pytest.mark.parametrize(
    ("boxes", "errors"),
    [
        ({"extension__wished_until": "2024-01-05"}, [("EXTENSION", "/extension/wished_until")]),
        ({"extension__wished_until": "2024-01-06"}, []),
        ({"extension__wished_until": None}, []),
        ({"application__applied_on": "2023-12-13"}, [("BR15", "/application/applied_on")]),
        ({"application__received_on": "2023-12-15"}, [("BR15", "/application/received_on"), ("BR11", "/drafting/drafted_on")]),
        ({"application__application_no": "23-1-002"}, [("CARRIED", "/application/application_no")]),
        ({"drafting__drafted_on": "2023-12-11"}, [("BR15", "/application/received_on"), ("BR11", "/drafting/drafted_on")]),
        ({"drafting__article": "要綱による"}, [("BR14", "/drafting/article")]),
        ({"plan__period__start": "2024-01-08"}, [("BR05", "/plan/period/start"), ("BR04", "/plan/period/end")]),
        ({"plan__visits_per_week": 2}, [("BR03", "/plan/visits_per_week")]),
        ({"fee": 500}, [("BR06", "/fee")]),
    ],
)  # fmt: skip
def test_an_extension_asked_for(boxes: Any, errors: Any, ruled: Rule, said: Told) -> None:
    assert said(ruled("extension_application", changed(ASKED, **boxes), *BEGUN[:2])) == errors


def test_the_monitoring_it_rests_on_is_on_file_or_pointed_out(ruled: Rule, said: Told) -> None:
    missing = [("EXTENSION", "/review/monitored_on")]
    assert said(ruled("extension_application", ASKED, *BEGUN[:2]), Level.WARNING) == missing
    assert said(ruled("extension_application", ASKED, *BEGUN[:2], MONITORED), Level.WARNING) == []
    other = replace(MONITORED, on=date(2023, 10, 5))
    assert said(ruled("extension_application", ASKED, *BEGUN[:2], other), Level.WARNING) == missing


def test_nothing_is_extended_that_was_never_decided(ruled: Rule, said: Told) -> None:
    assert ("BR13", "/case_id") in said(ruled("extension_application", ASKED))
    assert ("BR11", "/current_period") in said(ruled("extension_application", ASKED, APPLIED))


def test_an_unsigned_request_is_pointed_out(ruled: Rule, said: Told) -> None:
    unsigned = changed(FILED, signature_kind="無")
    assert said(ruled("change_application", unsigned, *LONGER), Level.WARNING) == [
        ("SIGNATURE", "/signature_kind")
    ]


def test_a_change_by_decision_needs_its_plan_and_its_centre(ruled: Rule, said: Told) -> None:
    assert said(ruled("change_application", changed(CHANGE, plan=None), *LONGER)) == [
        ("BR12", "/change/rows/0/item")
    ]
    late = changed(CHANGE, application__received_on="2024-03-04", application__applied_on="2024-03-04",
                   drafting__drafted_on="2024-03-05", drafting__enforce_on=None)  # fmt: skip
    assert said(ruled("change_application", late, *LONGER, MOVE)) == [("BR08", "/centre")]


@pytest.mark.parametrize(
    ("past", "errors"),
    [
        ((APPLIED,), []),
        ((APPLIED, APPROVAL), [("WITHDRAWAL", "/withdrawal/kind")]),
        ((APPLIED, REFUSAL), [("WITHDRAWAL", "/withdrawal/kind")]),
        ((APPLIED, event("withdrawal", "taken_back", date(2023, 6, 12))), [("WITHDRAWAL", "/withdrawal/kind")]),
        ((APPLIED, REFUSAL, APPLIED), []),
    ],
)  # fmt: skip
def test_an_application_is_taken_back_before_its_decision(
    past: tuple[Event, ...], errors: Any, ruled: Rule, said: Told
) -> None:
    assert said(ruled("withdrawal", TAKEN_BACK, *past)) == errors


def test_help_is_given_up_inside_its_period(ruled: Rule, said: Told) -> None:
    assert said(ruled("withdrawal", changed(GIVEN_UP, ending__ended_on="2024-07-06"), *LONGER)) == [
        ("ENDING", "/ending/ended_on")
    ]


def test_before_the_programme_nothing_can_be_asked(ruled: Rule, said: Told) -> None:
    early = changed(TAKEN_BACK, drafting__drafted_on="2023-03-31")
    assert said(ruled("withdrawal", early, APPLIED)) == [("BR01", "/application/received_on")]
