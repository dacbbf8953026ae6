from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.errors import OfficeFault
from pipeline.model import NOTHING_BEFORE, Level, Problem, Ruling
from pipeline.rules import judge
from pipeline.rules.application import APPLICATION_CHECKS, judge_application

OfficeAt = Callable[[date], Mapping[str, Any]]
Told = Callable[..., list[tuple[str, str]]]

CAME_IN = date(2023, 6, 5)
CONTRACTOR = "受託事業者（いわき市社会福祉協議会）"
GOOD: dict[str, Any] = {
    "applied_on": "2023-06-01",
    "received_on": "2023-06-02",
    "centre": "平地区保健福祉センター",
    "applicant": {
        "name": "見本　太郎",
        "kana": "みほん　たろう",
        "birth": "1980-04-01",
        "relation": "父",
        "address": {"text": "いわき市平字見本１番地"},
        "phone": "0246-00-0000",
    },
    "children": [{"name": "見本　花子", "kana": "みほん　はなこ", "birth": "2012-06-03", "school": {}}],
    "household": [
        {"name": "見本　太郎", "relation": "父", "birth": "1980-04-01", "living": "同居"},
        {"name": "見本　花子", "relation": "本人", "birth": "2012-06-03", "living": "同居"},
        {"name": "見本　次郎", "relation": "祖父", "birth": "1950-01-01", "living": "別居"},
    ],
    "reason": "家事が困難なため",
    "wanted_house": ["洗濯", "その他"],
    "wanted_child": ["宿題の見守り"],
    "wanted_other": "換気扇の掃除",
    "wanted_days": [{"weekday": "木", "start": "13:30", "end": "15:30"}],
    "start_wish": "2023-06-22",
    "consent": {
        "recipients": [
            {"recipient": CONTRACTOR, "agreed": True},
            {"recipient": "コーディネーター", "agreed": True},
        ],
        "signed_on": "2023-06-01",
        "signature_kind": "自署",
        "child_view": {"asked": True, "method": "面談", "view": "手伝ってほしい"},
    },
    "visit": {
        "candidates": [{"date": "2023-06-13", "start": "10:00", "end": "11:00"}],
        "reply_by": "2023-06-09",
    },
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The good application with one value changed; None takes the member away."""
    values: Any = deepcopy(GOOD)
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
    return lambda values: judge("dispatch_application", values, office_at(CAME_IN), CAME_IN)


def test_a_good_application_is_right_in_every_item(judged: Callable[[Mapping[str, Any]], Ruling]) -> None:
    ruling = judged(GOOD)
    assert ruling.problems == ()
    assert ruling.facts["household_size"] == 2
    assert ruling.facts["child_ages"] == [11]  # the birthday is tomorrow, so the year is complete today
    assert ruling.facts["wanted"] == ["洗濯", "宿題の見守り", "換気扇の掃除"]
    assert [row["item"] for row in ruling.facts["checks"]] == [item for item, _ in APPLICATION_CHECKS]
    assert all(row["result"] == "適" and row["note"] == "" for row in ruling.facts["checks"])


ERRORS = [
    ("/applied_on", "2023-06-03", [("BR15", "/applied_on")]),
    ("/consent/signature_kind", "無", [("BR13", "/consent/signature_kind")]),
    ("/consent/signed_on", "2023-06-03", [("BR13", "/consent/signed_on")]),
    ("/consent/recipients/0/agreed", False, [("BR13", "/consent/recipients/0/agreed")]),
    ("/consent/recipients/1/agreed", False, [("BR13", "/consent/recipients/1/agreed")]),
    ("/consent/recipients/1", None, [("BR13", "/consent/recipients")]),
    ("/start_wish", "2023-05-31", [("BR01", "/start_wish")]),
    ("/wanted_days/0/end", "15:31", [("BR02", "/wanted_days/0")]),
    ("/wanted_days/0/end", "13:30", [("BR02", "/wanted_days/0/end")]),
    ("/wanted_days/0/start", "15:00", []),
    ("/applicant/birth", "2023-06-03", [("BIRTH", "/applicant/birth")]),
    ("/applicant/birth", "1880-04-01", [("BIRTH", "/applicant/birth")]),
    ("/household/2/birth", "2023-06-02", []),
    ("/household/2/birth", "2023-06-03", [("BIRTH", "/household/2/birth")]),
    ("/visit/candidates/0/date", "2023-06-12", []),
    ("/visit/candidates/0/date", "2023-06-09", [("VISIT", "/visit/reply_by")]),
    (
        "/visit/candidates/0/date",
        "2023-06-02",
        [("VISIT", "/visit/candidates/0/date"), ("VISIT", "/visit/reply_by")],
    ),
    ("/visit/candidates/0/end", "10:00", [("BR02", "/visit/candidates/0/end")]),
    ("/visit/reply_by", "2023-06-01", [("VISIT", "/visit/reply_by")]),
    ("/received_on", "2023-06-06", [("BR15", "/received_on")]),
]
WARNINGS = [
    ("/received_on", "2023-06-03", [("BR16", "/received_on")]),
    ("/visit/candidates/0/date", "2023-06-17", [("BR16", "/visit/candidates/0/date")]),
    ("/visit/candidates/0/date", "2028-06-13", [("BR16", "/visit/candidates/0/date")]),
    ("/children/0/birth", "2005-06-02", [("BR19", "/children/0/birth")]),
    ("/children/0/birth", "2005-06-03", []),
    ("/applicant/address/text", "福島県郡山市見本１番地", [("BR20", "/applicant/address/text")]),
    ("/applicant/address/text", "平塚市見本１番地", [("BR20", "/applicant/address/text")]),
    ("/applicant/address/text", "福島県いわき市平字見本１番地", []),
    ("/applicant/address/text", "平字見本１番地", []),
    ("/applicant/address/text", "いわき市錦町見本１番地", []),
    ("/applicant/address/text", "いわき市久之浜町見本１番地", [("BR08", "/centre")]),
    ("/centre", "小名浜地区保健福祉センター", [("BR08", "/centre")]),
    ("/consent/child_view/asked", False, [("CHILD_VIEW", "/consent/child_view")]),
    ("/consent/child_view", None, [("CHILD_VIEW", "/consent/child_view")]),
    ("/wanted_days", GOOD["wanted_days"] * 2, [("BR03", "/wanted_days")]),
]


@pytest.mark.parametrize(("path", "value", "expected"), ERRORS)
def test_errors(path: str, value: Any, expected: Any, judged: Callable[..., Ruling], said: Told) -> None:
    assert said(judged(changed(path, value))) == expected


@pytest.mark.parametrize(("path", "value", "expected"), WARNINGS)
def test_warnings(path: str, value: Any, expected: Any, judged: Callable[..., Ruling], said: Told) -> None:
    assert said(judged(changed(path, value)), Level.WARNING) == expected


def test_something_must_be_wanted(judged: Callable[..., Ruling], said: Told) -> None:
    values = {key: value for key, value in GOOD.items() if not key.startswith("wanted_")}
    assert said(judged(values)) == [("WANTED", "/wanted_house")]
    assert said(judged(values | {"wanted_child": ["宿題の見守り"]})) == []


@pytest.mark.parametrize("path", ["/visit", "/start_wish", "/wanted_days", "/household", "/wanted_other"])
def test_optional_boxes_may_be_absent(path: str, judged: Callable[..., Ruling]) -> None:
    assert judged(changed(path, None)).problems == ()


def test_a_warning_is_noted_on_the_check_sheet(judged: Callable[..., Ruling]) -> None:
    rows = {row["item"]: row for row in judged(changed("/received_on", "2023-06-03")).facts["checks"]}
    row = rows["収受日が開庁日であること"]
    assert row["result"] == "要確認"
    assert row["note"].startswith("閉庁日")


def test_limits_are_those_of_the_office(office_at: OfficeAt, said: Told) -> None:
    office = dict(office_at(CAME_IN))
    office["programme"] = office["programme"] | {"minutes_per_visit": 60}
    ruling = judge_application(GOOD, office, CAME_IN, NOTHING_BEFORE)
    assert said(ruling) == [("BR02", "/wanted_days/0")]
    assert "１回60分以内" in ruling.problems[0].message


def test_a_day_the_office_closes_itself(office_at: OfficeAt, said: Told) -> None:
    office = dict(office_at(CAME_IN)) | {"holiday": {"closed": ["2023-06-13"], "known_until": None}}
    assert said(judge_application(GOOD, office, CAME_IN, NOTHING_BEFORE), Level.WARNING) == [
        ("BR16", "/visit/candidates/0/date")
    ]


@pytest.mark.parametrize("kind", ["city", "centre"])
def test_a_file_missing_in_the_office_holds_the_form(kind: str, office_at: OfficeAt) -> None:
    office = {name: data for name, data in office_at(CAME_IN).items() if name != kind}
    with pytest.raises(OfficeFault, match=f"office/{kind}.toml"):
        judge_application(GOOD, office, CAME_IN, NOTHING_BEFORE)


def test_before_the_programme_nothing_can_be_asked_for(office_at: OfficeAt, said: Told) -> None:
    assert said(judge_application(GOOD, office_at(date(2023, 3, 31)), CAME_IN, NOTHING_BEFORE)) == [
        ("BR01", "/received_on")
    ]


def test_no_sentence_quotes_a_value(
    judged: Callable[..., Ruling], quotes_nothing: Callable[[Problem], bool]
) -> None:
    for path, value, _ in [*ERRORS, *WARNINGS]:
        problems = judged(changed(path, value)).problems
        assert all(quotes_nothing(problem) for problem in problems)
        assert all(
            problem.message.endswith(("。", "）。")) and "{" not in problem.message for problem in problems
        )


DAYS = st.dates().map(date.isoformat)


@given(DAYS, DAYS, DAYS, DAYS)
@example("0001-01-01", "0001-01-01", "0001-01-01", "0001-01-01")
@example("9999-12-31", "9999-12-31", "9999-12-31", "9999-12-31")
def test_no_date_makes_a_rule_fall_over(applied: str, received: str, birth: str, visit: str) -> None:
    office = {
        "programme": {
            "started": "2023-06-01",
            "minutes_per_visit": 120,
            "visits_per_week": 1,
            "months": 6,
            "age_limit": 18,
        },
        "city": {"name": "いわき市", "prefecture": "福島県"},
        "centre": {},
    }
    values = GOOD | {
        "applied_on": applied,
        "received_on": received,
        "start_wish": applied,
        "children": [{"birth": birth}],
        "visit": {"candidates": [{"date": visit, "start": "00:00", "end": "23:59"}], "reply_by": received},
    }
    assert len(judge_application(values, office, CAME_IN, NOTHING_BEFORE).facts["child_ages"]) == 1
