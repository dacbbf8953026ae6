from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.model import NOTHING_BEFORE, Level, Problem, Ruling
from pipeline.rules import judge
from pipeline.rules.decision import judge_decision
from pipeline.rules.periods import months_end
from pipeline.rules.wareki import weekday

OfficeAt = Callable[[date], Mapping[str, Any]]
Told = Callable[..., list[tuple[str, str]]]

APPROVED: dict[str, Any] = {
    "decision": {"kind": "新規", "result": "承認", "decided_on": "2023-06-20"},
    "numbers": {"notice": "５い平福第12号", "request": "5い平福第13号"},
    "doc_date": "2023-06-21",
    "centre": "平地区保健福祉センター",
    "application": {"applied_on": "2023-06-01", "received_on": "2023-06-02", "application_no": "05-1-001"},
    "surveyed_on": "2023-06-13",
    "applicant": {
        "name": "見本　太郎",
        "address": {"text": "いわき市平字見本１番地"},
        "phone": "0246-00-0000",
    },
    "children": [{"name": "見本　花子", "grade": "小学５年"}],
    "fee": 0,
    "plan": {
        "version": 1,
        "made_on": "2023-06-16",
        "schedule": [{"weekday": "木", "start": "13:30", "end": "15:30"}],
        "visits_per_week": 1,
        "minutes_per_visit": 120,
        "period": {"start": "2023-07-06", "end": "2024-01-05"},
        "monitoring": ["2023-08-03", "2023-11-30"],
    },
}
REFUSED: dict[str, Any] = {
    **{key: value for key, value in APPROVED.items() if key != "plan"},
    "decision": {"kind": "新規", "result": "不承認", "decided_on": "2023-06-20"},
    "numbers": {"notice": "5い平福第12号"},
    "refusal": {
        "reason_code": "他サービスで充足",
        "reason": "訪問調査の結果、介護保険の訪問介護により家事の支援が足りていることを確認したため。",
        "article": "実施要綱第６条第２項",
    },
}


def changed(path: str, value: Any, good: Mapping[str, Any] = APPROVED) -> dict[str, Any]:
    values: Any = deepcopy(dict(good))
    *parents, last = (int(step) if step.isdigit() else step for step in path.strip("/").split("/"))
    box = values
    for step in parents:
        box = box[step]
    if value is None:
        del box[last]
    else:
        box[last] = value
    return dict(values)


@pytest.fixture
def judged(office_at: OfficeAt) -> Callable[[Mapping[str, Any]], Ruling]:
    return lambda values: judge(
        "dispatch_decision", values, office_at(date.fromisoformat(values["doc_date"])), date(2023, 6, 22)
    )


def test_a_good_approval(judged: Callable[..., Ruling]) -> None:
    assert judged(APPROVED) == Ruling((), {"period_end": "2024-01-05", "planned_visits": 27})


def test_a_good_refusal_has_no_period(judged: Callable[..., Ruling]) -> None:
    assert judged(REFUSED) == Ruling((), {"period_end": None, "planned_visits": None})


ERRORS = [
    ("/plan/period/start", "2023-05-31", [("BR01", "/plan/period/start"), ("BR04", "/plan/period/end")]),
    ("/plan/minutes_per_visit", 121, [("BR02", "/plan/minutes_per_visit")]),
    ("/plan/minutes_per_visit", 119, [("BR02", "/plan/schedule/0")]),
    ("/plan/schedule/0/end", "15:31", [("BR02", "/plan/schedule/0")]),
    ("/plan/schedule/0/end", "13:00", [("BR02", "/plan/schedule/0/end")]),
    ("/plan/visits_per_week", 2, [("BR03", "/plan/visits_per_week")]),
    ("/plan/schedule", APPROVED["plan"]["schedule"] * 2, [("BR03", "/plan/schedule")]),
    ("/plan/period/end", "2024-01-06", [("BR04", "/plan/period/end")]),
    ("/plan/period/end", "2024-01-04", [("BR04", "/plan/period/end")]),
    ("/fee", 500, [("BR06", "/fee")]),
    ("/application/applied_on", "2023-06-03", [("BR15", "/application/applied_on")]),
    ("/surveyed_on", "2023-06-01", [("BR11", "/surveyed_on")]),
    ("/surveyed_on", "2023-06-17", [("BR11", "/plan/made_on")]),
    ("/plan/made_on", "2023-06-21", [("BR11", "/decision/decided_on")]),
    ("/decision/decided_on", "2023-06-22", [("BR15", "/doc_date")]),
    ("/numbers/notice", "６い平福第12号", [("BR25", "/numbers/notice")]),
    ("/numbers/request", "15い平福第13号", [("BR25", "/numbers/request")]),
    ("/numbers/request", "い平福第13号", [("BR25", "/numbers/request")]),
    ("/doc_date", "2024-04-01", [("BR25", "/numbers/notice"), ("BR25", "/numbers/request")]),
    ("/doc_date", "2024-03-29", []),
    ("/plan/period/end", None, []),
    ("/plan/schedule", None, []),
]
WARNINGS = [
    ("/doc_date", "2023-06-24", [("BR16", "/doc_date")]),
    ("/centre", "小名浜地区保健福祉センター", [("BR08", "/centre")]),
    ("/plan/schedule/0/weekday", "金", [("BR17", "/plan/period/start")]),
    ("/plan/period/start", "2023-06-15", [("BR11", "/plan/period/start")]),
    ("/plan/monitoring", ["2024-01-05"], [("BR29", "/plan/monitoring")]),
    ("/plan/monitoring", ["2024-01-04"], []),
    (
        "/plan/monitoring",
        ["2023-07-05", "2024-01-06"],
        [("BR29", "/plan/monitoring/0"), ("BR29", "/plan/monitoring/1"), ("BR29", "/plan/monitoring")],
    ),
]


@pytest.mark.parametrize(("path", "value", "expected"), ERRORS)
def test_errors(path: str, value: Any, expected: Any, judged: Callable[..., Ruling], said: Told) -> None:
    assert said(judged(changed(path, value))) == expected


@pytest.mark.parametrize(("path", "value", "expected"), WARNINGS)
def test_warnings(path: str, value: Any, expected: Any, judged: Callable[..., Ruling], said: Told) -> None:
    assert said(judged(changed(path, value)), Level.WARNING) == expected


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("/refusal/reason", "要件に該当しないため。", [("BR14", "/refusal/reason")]),
        ("/refusal/reason", "要件に該当しないため。" + "　" * 20, [("BR14", "/refusal/reason")]),
        ("/refusal/article", "実施要綱による", [("BR14", "/refusal/article")]),
        ("/refusal/article", "実施要綱第○条", [("BR14", "/refusal/article")]),
        ("/refusal/article", "実施要綱第十一条", []),
        ("/surveyed_on", "2023-06-21", [("BR11", "/decision/decided_on")]),
    ],
)
def test_a_refusal_gives_its_reason(
    path: str, value: Any, expected: Any, judged: Callable[..., Ruling], said: Told
) -> None:
    assert said(judged(changed(path, value, REFUSED))) == expected


def test_before_the_programme_nothing_can_be_decided(judged: Callable[..., Ruling], said: Told) -> None:
    assert said(judged(changed("/doc_date", "2023-03-31"))) == [("BR01", "/doc_date")]


def test_no_sentence_quotes_a_value(
    judged: Callable[..., Ruling], quotes_nothing: Callable[[Problem], bool]
) -> None:
    problems = [
        problem
        for path, value, _ in [*ERRORS, *WARNINGS]
        for problem in judged(changed(path, value)).problems
    ]
    assert all(quotes_nothing(problem) and "{" not in problem.message for problem in problems)


PROGRAMME = {
    "started": "2023-06-01",
    "minutes_per_visit": 120,
    "visits_per_week": 1,
    "months": 6,
    "fee": 0,
    "reason_min_length": 20,
}
OFFICE = {"programme": PROGRAMME, "city": {"name": "いわき市", "prefecture": "福島県"}, "centre": {}}


@given(st.dates(date(2023, 6, 21), date(2060, 1, 1)))
def test_a_plan_by_the_civil_code_is_right_whenever_it_starts(start: date) -> None:
    end = months_end(start, 6)
    plan = APPROVED["plan"] | {
        "period": {"start": start.isoformat(), "end": end.isoformat()},
        "schedule": [{"weekday": weekday(start), "start": "13:30", "end": "15:30"}],
        "monitoring": [start.isoformat()],
    }
    ruling = judge_decision(APPROVED | {"plan": plan}, OFFICE, date(2023, 6, 22), NOTHING_BEFORE)
    assert ruling.problems == ()
    assert ruling.facts["planned_visits"] in {26, 27}


@given(st.dates(), st.dates(), st.dates())
@example(date.min, date.min, date.min)
@example(date.max, date.max, date.max)
def test_no_date_makes_a_rule_fall_over(start: date, end: date, doc_date: date) -> None:
    plan = APPROVED["plan"] | {"period": {"start": start.isoformat(), "end": end.isoformat()}}
    ruling = judge_decision(
        APPROVED | {"plan": plan, "doc_date": doc_date.isoformat()}, OFFICE, date(2023, 6, 22), NOTHING_BEFORE
    )
    assert ruling.facts["planned_visits"] >= 0
