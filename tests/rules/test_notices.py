"""A meeting is called: days, members, the 次第 and the roster; and its answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from pipeline.model import Event, Level, Ruling
from pipeline.rules import judge
from tests.rules.meetings import CENTRE, decided, event, minutes, past

OfficeAt = Callable[[date], Mapping[str, Any]]
Told = Callable[..., list[tuple[str, str]]]
MEMBERS = [
    "保健福祉課", "障がい福祉課", "地域包括ケア推進課", CENTRE,
    "勿来・田人地区保健福祉センター", "学校教育課", "こども家庭課",
]  # fmt: skip
GOOD: dict[str, Any] = {
    "meeting": "庁内連携会議", "ordinal": 3, "held_on": "2023-02-14", "start": "13:30", "end": "15:00",
    "place": "第１会議室", "addressing": "一人一通", "reply_by": "2023-02-07", "doc_date": "2023-01-30",
    "addressees": [{"section": section, "head_title": "課長", "head_name": "○○　○○"} for section in MEMBERS],
    "agenda": ["周知について"],
}  # fmt: skip
DECIDED = minutes("2022-08-09", 2, decisions=decided("こども家庭課"))


@pytest.fixture
def called(office_at: OfficeAt) -> Callable[..., Ruling]:
    def ruling(*before: Event, **changes: Any) -> Ruling:
        values = GOOD | changes
        day = date.fromisoformat(values["doc_date"])
        return judge("meeting_notice", values, office_at(day), day, past(*before))

    return ruling


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"end": "13:30"}, [("MEETING_TIME", "/end")]),
        ({"doc_date": "2023-02-14"}, [("MEETING_DATE", "/held_on")]),
        ({"reply_by": "2023-02-15"}, [("MEETING_DATE", "/reply_by")]),
        ({"reply_by": "2023-01-29"}, [("MEETING_DATE", "/reply_by")]),
        ({"reply_by": "2023-01-30"}, []),
        ({"meeting": "知らない会議"}, [("MEETING", "/meeting")]),
        ({"meeting": "進行管理会議", "openness": "公開"}, [("OPENNESS", "/openness")]),
        ({"openness": "公開"}, []),
        ({"openness": "公開", "cases": [{"case_id": "YC-23-1-001"}]}, [("BR22", "/cases/0/case_id")]),
        ({"openness": "公開", "agenda": ["YC-23-1-001について"]}, [("BR22", "/agenda/0")]),
        ({"agenda": ["YC-23-1-001について"]}, []),
    ],
)
def test_errors(changes: Any, expected: Any, called: Callable[..., Ruling], said: Told) -> None:
    assert said(called(**changes)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"doc_date": "2023-02-01"}, [("LEAD_TIME", "/held_on")]),
        ({"doc_date": "2023-01-31"}, []),  # two weeks to the day
        ({"held_on": "2023-02-11", "doc_date": "2023-01-27"}, [("BR16", "/held_on")]),
        ({"addressees": GOOD["addressees"][1:]}, [("MEMBERS", "/addressees")]),
        (
            {"addressees": [*GOOD["addressees"], {"section": "障害福祉課"}]},
            [("BR26", "/addressees/7/section")],
        ),
        ({"addressees": [*GOOD["addressees"], {"section": "小名浜地区保健福祉センター"}]}, []),
    ],
)
def test_warnings(changes: Any, expected: Any, called: Callable[..., Ruling], said: Told) -> None:
    assert said(called(**changes), Level.WARNING) == expected


def test_only_a_public_meeting_is_made_known(
    called: Callable[..., Ruling], said: Told, office_at: OfficeAt
) -> None:
    """An empty box follows the office's rule of that body; a body that speaks of cases is refused either way."""
    assert not called().facts["open_to_public"] and not called(openness="非公開").facts["open_to_public"]
    assert called(openness="公開").facts["open_to_public"]
    day = date.fromisoformat(GOOD["doc_date"])
    office = dict(office_at(day))
    office["meeting"] = {
        name: {**body, "openness": {"kind": "公開", "reason": ""}} for name, body in office["meeting"].items()
    }
    for changes, public in ({}, True), ({"openness": "非公開"}, False):
        assert judge("meeting_notice", GOOD | changes, office, day, past()).facts["open_to_public"] is public
    on_cases = judge("meeting_notice", GOOD | {"meeting": "進行管理会議"}, office, day, past())
    assert said(on_cases) == [("OPENNESS", "/openness")]


def test_a_meeting_is_called_once(called: Callable[..., Ruling], said: Told) -> None:
    earlier = event("meeting_notice", "2023-01-20", GOOD)
    assert said(called(earlier)) == [("BR24", "/ordinal")]
    assert said(called(minutes("2023-01-17", 3))) == [("BR24", "/ordinal")]
    assert said(called(earlier, ordinal=4)) == []


def test_what_is_open_stands_before_what_is_new(called: Callable[..., Ruling]) -> None:
    facts = called(DECIDED, greeting="部長").facts
    assert [row["number"] for row in facts["open_actions"]] == ["R4-2-1"]
    assert [part["title"] for part in facts["outline"]] == [
        "開会", "あいさつ", "前回までの決定事項の状況", "議題", "その他", "閉会",
    ]  # fmt: skip
    assert facts["outline"][1]["items"] == ["部長"]
    assert facts["outline"][2]["items"] == ["R4-2-1　決定1（こども家庭課）"]
    assert len(called().facts["outline"]) == 5, "nothing open, no item"


def test_a_case_is_its_number(called: Callable[..., Ruling]) -> None:
    outline = called(cases=[{"case_id": "YC-23-1-001"}]).facts["outline"]
    assert {"title": "検討するケース", "items": ["ケース番号　YC-23-1-001"]} in outline


def test_the_roster_is_in_the_order_of_the_rules_the_chair_first(called: Callable[..., Ruling]) -> None:
    people = [
        {"section": "例示中学校"},
        *reversed(GOOD["addressees"][:-1]),
        {"section": "こども家庭課", "note": "議長"},
    ]
    rows = called(addressees=people, secretariat=[{"title": "係長", "name": "見本　次郎"}]).facts["roster"]
    assert [row["section"] for row in rows] == ["こども家庭課", *MEMBERS[:-1], "例示中学校"]
    assert [row["number"] for row in rows] == list(range(1, 9))
    assert rows[1] | {"name": ""} == {
        "number": 2, "department": "保健福祉部", "field": "生活困窮分野等", "section": "保健福祉課",
        "title": "課長", "name": "", "note": "",
    }  # fmt: skip


def test_the_members_are_those_of_the_paper_s_day(
    called: Callable[..., Ruling], said: Told, office_at: OfficeAt
) -> None:
    """R4.10 added two members to the 要対協: an R4.8 notice neither needs nor knows them."""
    before, after = (
        [member["section"] for member in office_at(day)["meeting"]["要対協実務者会議"]["members"]]
        for day in (date(2022, 9, 30), date(2022, 10, 1))
    )
    added = ["社会福祉法人いわき市社会福祉協議会", "地域福祉ネットワークいわき"]
    assert [section for section in after if section not in before] == added
    old, new = ([{"section": section} for section in sections] for sections in (before, after))
    august = {"held_on": "2022-08-25", "doc_date": "2022-08-08", "reply_by": "2022-08-18"}
    jitsumusha = {"meeting": "要対協実務者会議"}
    assert said(called(addressees=old, **jitsumusha, **august), Level.WARNING) == []
    assert {code for code, _ in said(called(addressees=new, **jitsumusha, **august), Level.WARNING)} == {
        "BR26"
    }
    assert said(called(addressees=old, **jitsumusha), Level.WARNING) == [("MEMBERS", "/addressees")]
    assert said(called(addressees=new, **jitsumusha), Level.WARNING) == []


# --- The answers ----------------------------------------------------------------------------------------------------

NOTICE = event("meeting_notice", "2023-01-30", GOOD)
ANSWER: dict[str, Any] = {
    "meeting": "庁内連携会議", "ordinal": 3, "held_on": "2023-02-14", "section": "障がい福祉課",
    "attendance": "出席", "attendee": {"title": "課長", "name": "例示　一郎"}, "replied_on": "2023-02-03",
}  # fmt: skip


@pytest.fixture
def answered(office_at: OfficeAt) -> Callable[..., Ruling]:
    def ruling(*before: Event, **changes: Any) -> Ruling:
        day = date(2023, 2, 3)
        return judge("attendance_reply", ANSWER | changes, office_at(day), day, past(NOTICE, *before))

    return ruling


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"ordinal": 2}, [("NOT_CALLED", "/meeting")]),
        ({"held_on": "2023-02-15"}, [("NOT_CALLED", "/meeting")]),
        ({"centre": CENTRE}, [("NOT_CALLED", "/meeting")]),
        ({"section": "例示中学校"}, [("NOT_ASKED", "/section")]),
        ({"attendance": "欠席"}, [("ATTENDEE", "/attendee")]),
        ({"attendance": "欠席", "attendee": None}, []),
    ],
)
def test_a_reply_answers_a_notice(
    changes: Any, expected: Any, answered: Callable[..., Ruling], said: Told
) -> None:
    assert said(answered(**changes)) == expected


def test_a_late_reply_is_warned_of(answered: Callable[..., Ruling], said: Told) -> None:
    assert said(answered(replied_on="2023-02-07"), Level.WARNING) == []
    assert said(answered(replied_on="2023-02-08"), Level.WARNING) == [("REPLY_LATE", "/replied_on")]


def rows_by_section(ruling: Ruling) -> dict[str, tuple[str, str, str]]:
    return {row["section"]: (row["title"], row["name"], row["note"]) for row in ruling.facts["roster"]}


def test_the_roster_grows_with_the_answers(answered: Callable[..., Ruling]) -> None:
    proxy = ANSWER | {
        "section": "学校教育課",
        "attendance": "代理出席",
        "attendee": {"title": "主事", "name": "見本　二郎"},
    }
    absent = ANSWER | {"section": "保健福祉課", "attendance": "欠席", "attendee": None}
    told = answered(
        event("attendance_reply", "2023-02-01", proxy), event("attendance_reply", "2023-02-02", absent)
    )
    rows = rows_by_section(told)
    assert rows["障がい福祉課"] == ("課長", "例示　一郎", "")
    assert rows["学校教育課"] == ("主事", "見本　二郎", "代理（課長）")
    assert rows["保健福祉課"] == ("課長", "○○　○○", "欠席")
    assert rows["こども家庭課"] == ("課長", "○○　○○", "未回答")
    assert told.facts["counts"] == {"present": 2, "absent": 1, "silent": 4}


def test_the_last_answer_counts(answered: Callable[..., Ruling]) -> None:
    first = event("attendance_reply", "2023-02-01", ANSWER | {"attendance": "欠席", "attendee": None})
    told = answered(first, attendance="オンライン")
    assert rows_by_section(told)["障がい福祉課"] == ("課長", "例示　一郎", "オンライン")
    assert told.facts["counts"] == {"present": 1, "absent": 0, "silent": 6}


# --- Two people of one section ----------------------------------------------------------------------------------------

TWO = [
    {"section": "保健福祉課", "head_title": "課長", "head_name": "例示　一郎"},
    {"section": "保健福祉課", "head_title": "係長", "head_name": "見本　二郎"},
]
SUBSTITUTE = {"attendance": "代理出席", "attendee": {"title": "主事", "name": "例示　三郎"}}


@pytest.fixture
def roster_of_two(office_at: OfficeAt) -> Callable[..., Ruling]:
    notice = event("meeting_notice", "2023-01-30", {**NOTICE.values, "addressees": TWO})

    def answered(*before: Event, **changes: Any) -> Ruling:
        day = date(2023, 2, 3)
        values = ANSWER | {"section": "保健福祉課"} | changes
        return judge("attendance_reply", values, office_at(day), day, past(notice, *before))

    return answered


def people(ruling: Ruling) -> set[tuple[str, str]]:
    return {(row["name"], row["note"]) for row in ruling.facts["roster"]}


def test_two_people_of_one_section_do_not_share_an_answer(roster_of_two: Callable[..., Ruling]) -> None:
    one = event("attendance_reply", "2023-02-01", ANSWER | {"section": "保健福祉課"})
    called = {"called": {"title": "係長", "name": "見本 二郎"}}
    both = roster_of_two(one, **called, **SUBSTITUTE)
    assert people(roster_of_two()) == {("例示　一郎", ""), ("見本　二郎", "未回答")}
    assert people(both) == {("例示　一郎", ""), ("例示　三郎", "代理（係長）")}
    assert both.facts["counts"] == {"present": 2, "absent": 0, "silent": 0}
    later = roster_of_two(one, **called, attendance="欠席", attendee=None)
    assert people(later) == {("例示　一郎", ""), ("見本　二郎", "欠席")}


@pytest.mark.parametrize(
    "changes",
    [
        SUBSTITUTE,
        {"attendance": "欠席", "attendee": None},
        {"attendee": {"title": "課長", "name": "見本　二郎"}},
        {**SUBSTITUTE, "called": {"title": "部長"}},
    ],
)
def test_a_reply_that_could_be_either_s_asks_which(
    roster_of_two: Callable[..., Ruling], changes: dict[str, Any]
) -> None:
    found = [(problem.code, problem.pointer) for problem in roster_of_two(**changes).problems]
    assert found == [("WHICH_ADDRESSEE", "/called")]


def test_a_post_alone_or_a_name_alone_says_which(roster_of_two: Callable[..., Ruling]) -> None:
    for called in ({"title": "係長"}, {"name": "見本　二郎"}):
        assert people(roster_of_two(**SUBSTITUTE, called=called)) == {
            ("例示　一郎", "未回答"),
            ("例示　三郎", "代理（係長）"),
        }


def test_a_notice_calls_nobody_twice(called: Callable[..., Ruling], said: Told) -> None:
    twice = [*GOOD["addressees"], GOOD["addressees"][0] | {"head_name": "○○ ○○"}]
    apart = [*GOOD["addressees"], GOOD["addressees"][0] | {"head_title": "係長"}]
    assert said(called(addressees=twice)) == [("ADDRESSEE_TWICE", f"/addressees/{len(MEMBERS)}/section")]
    assert said(called(addressees=apart)) == []
