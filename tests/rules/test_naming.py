"""No name of a household in what a meeting writes; a public meeting names no case either."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.rules.naming import check_case_numbers, check_named
from tests.rules.meetings import event, past

FAMILY = event(
    "dispatch_application",
    "2023-05-10",
    {
        "applicant": {"name": "見本　良子", "kana": "みほん　よしこ"},
        "children": [{"name": "見本　はな", "school": {"name": "いわき市立見本小学校"}}],
        "household": [{"name": "見本　大地"}],
        "emergency": {"name": "例示　清"},
    },
    "YC-23-1-001",
)


def found(values: dict[str, Any]) -> list[str]:
    return [problem.pointer for problem in check_named(values, past(FAMILY))]


@pytest.mark.parametrize(
    "text",
    [
        "見本　はなについて",
        "見 本 は な について",
        "はなさんの様子",
        "大地くんと",
        "みほんよしこ",
        "良子様あて",
    ],
)
def test_a_name_of_the_family_is_found_however_it_is_written(text: str) -> None:
    assert found({"agenda": ["支援体系図について", text]}) == ["/agenda/1"]
    assert found({"record": [{"summary": text}]}) == ["/record/0/summary"]


@pytest.mark.parametrize(
    "text", ["はなみずき学級", "見本市の開催", "いわき市立見本小学校から", "YC-23-1-001", "大地の会"]
)
def test_other_words_are_left_alone(text: str) -> None:
    assert found({"agenda": [text]}) == []


def test_somebody_of_the_meeting_may_have_the_same_name() -> None:
    assert found({"chair": "見本　良子", "agenda": ["見本良子課長の報告"]}) == []
    assert found({"attendees": [{"name": "例示　花子"}], "agenda": ["見本良子課長の報告"]}) == ["/agenda/0"]


def test_the_problem_quotes_no_name() -> None:
    (problem,) = check_named({"agenda": ["見本はな"]}, past(FAMILY))
    assert problem.code == "CASE_NAMED" and "はな" not in problem.title + problem.message


def test_a_public_meeting_holds_no_case_number() -> None:
    values = {"record": [{"summary": "YC-23-1-001の件"}], "agenda": ["R4-1-2の報告"]}
    assert [problem.pointer for problem in check_case_numbers(values)] == ["/record/0/summary"]
