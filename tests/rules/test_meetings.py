from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from pipeline.model import Level, Ruling
from pipeline.rules import judge

OfficeAt = Callable[[date], Mapping[str, Any]]
Told = Callable[..., list[tuple[str, str]]]

CHILD_DIVISION = {
    "division": "こどもみらい部",
    "section": "こども家庭課",
    "title": "課長",
    "name": "見本　太郎",
}
WELFARE = {"division": "保健福祉部", "section": "障がい福祉課", "title": "係長", "name": "例示　花子"}
GOOD: dict[str, Any] = {
    "meeting": "庁内連携会議",
    "ordinal": 1,
    "held_on": "2022-07-28",
    "start": "13:30",
    "end": "15:00",
    "place": "第１会議室",
    "status": "案",
    "depth": "要点",
    "chair": "課長　見本太郎",
    "openness": {"kind": "非公開", "reason": "庁内の協議のため"},
    "recorded": False,
    "attendees": [CHILD_DIVISION, WELFARE],
    "agenda": ["支援体系図について", "その他"],
    "record": [{"topic": "支援体系図について", "summary": "原案のとおりとした。"}],
    "decisions": [{"text": "支援体系図を定める。", "due": "2022-07-28"}, {"text": "周知する。"}],
    "confirm_by": "2022-08-10",
    "doc_date": "2022-07-28",
    "next_meeting": {"date": "2022-08-25"},
}

CASE_MEETING = {"meeting": "ケース検討会議", "secrecy_told": "確認した", "materials_returned": "回収した"}
PUBLIC = {"openness": {"kind": "公開"}, "observers": 3}
ROW = {"case_id": "YC-23-1-001", "centre": "平地区保健福祉センター", "policy": "継続"}


@pytest.fixture
def judged(office_at: OfficeAt) -> Callable[..., Ruling]:
    return lambda **changes: judge(
        "meeting_minutes", GOOD | changes, office_at(date(2022, 7, 28)), date(2022, 8, 1)
    )


def test_good_minutes(judged: Callable[..., Ruling]) -> None:
    assert judged() == Ruling(
        (),
        {
            "fiscal_year_name": "令和４年度",
            "meeting_name": "庁内連携会議",
            "attendee_count": 2,
            "version": 1,
            "action_prefix": "R4-1",
            "spoken": [],
            "centres": [],
            "closed": [],
            "still_open": [],
            "unlisted": [],
        },
    )


def test_each_revision_is_a_version(judged: Callable[..., Ruling]) -> None:
    revision = {"on": "2022-08-11", "place": "２ページ", "detail": "期限を改めた。"}
    assert judged(revisions=[revision, revision]).facts["version"] == 3


def test_the_name_printed_is_the_full_one(judged: Callable[..., Ruling]) -> None:
    facts = judged(meeting="要対協実務者会議").facts
    assert facts["meeting_name"] == "いわき市要保護児童対策地域協議会実務者会議"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"end": "13:30"}, [("MEETING_TIME", "/end")]),
        ({"doc_date": "2022-07-27"}, [("MEETING_DATE", "/doc_date")]),
        ({"doc_date": None}, []),
        ({"openness": {"kind": "非公開"}}, [("OPENNESS", "/openness/reason")]),
        ({"openness": {"kind": "非公開", "reason": "　"}}, [("OPENNESS", "/openness/reason")]),
        ({"observers": 0}, [("OPENNESS", "/observers")]),
        ({"openness": {"kind": "公開"}}, [("OPENNESS", "/observers")]),
        ({"openness": {"kind": "公開"}, "observers": 0}, []),
        (
            {"decisions": [{"text": "周知する。", "due": "2022-07-27"}]},
            [("MEETING_DATE", "/decisions/0/due")],
        ),
        ({"confirm_by": "2022-07-28"}, [("MEETING_DATE", "/confirm_by")]),
        ({"confirm_by": "2022-07-28", "status": "確定"}, []),
        ({"next_meeting": {"date": "2022-07-28"}}, [("MEETING_DATE", "/next_meeting/date")]),
        ({"next_meeting": {"note": "未定"}}, []),
        ({"meeting": "知らない会議"}, [("MEETING", "/meeting")]),
        ({**CASE_MEETING, "openness": {"kind": "公開"}, "observers": 0}, [("OPENNESS", "/openness/kind")]),
        ({**PUBLIC, "place": "YC-23-1-001の件"}, [("BR22", "/place")]),
        ({"discussed": [{"case_id": "YC-23-1-001"}] * 2}, [("CASE_TWICE", "/discussed/1/case_id")]),
        ({"progress": [{**ROW, "policy": "終結"}]}, [("POLICY", "/progress/0/detail")]),
        ({"progress": [{**ROW, "policy": "終結", "detail": "負担がなくなった。"}]}, []),
    ],
)
def test_errors(changes: Any, expected: Any, judged: Callable[..., Ruling], said: Told) -> None:
    assert said(judged(**changes)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"attendees": [CHILD_DIVISION, WELFARE | {"section": "障害福祉課"}]},
            [("BR26", "/attendees/1/section")],
        ),
        ({"attendees": [CHILD_DIVISION, WELFARE | {"section": "小名浜地区保健福祉センター"}]}, []),
        ({"chair": "部長　例示　次郎"}, [("CHAIR", "/chair")]),
        ({"record": [{"topic": "周知について"}]}, [("AGENDA", "/record/0/topic")]),
        ({"record": [{"topic": "支援体系図 について"}]}, []),
        ({"held_on": "2022-07-18", "ordinal": 2}, [("BR16", "/held_on")]),  # 海の日
        ({**CASE_MEETING, "materials_returned": "回収していない"}, [("CARE", "/materials_returned")]),
        ({**CASE_MEETING, "attendees": [CHILD_DIVISION, WELFARE | {"section": "例示中学校"}]}, []),
    ],
)
def test_warnings(changes: Any, expected: Any, judged: Callable[..., Ruling], said: Told) -> None:
    assert said(judged(**changes), Level.WARNING) == expected


def test_a_form_without_rules_is_not_judged() -> None:
    assert judge("no_such_form", {}, {}, date(2023, 6, 1)) == Ruling()


SAID = [{"speaker": "議長", "text": "案のとおりとする。"}]
TOLD, SPOKEN, BOTH = (
    {"topic": "その他", "summary": "特になかった。"},
    {"topic": "その他", "statements": SAID},
    {"topic": "その他", "summary": "案のとおりとした。", "statements": SAID},
)


@pytest.mark.parametrize(
    ("depth", "record", "errors", "warnings"),
    [
        ("要点", [TOLD], [], []),
        ("要点", [TOLD, TOLD | {"statements": []}], [], []),
        ("要点", [TOLD, BOTH], [], ["/record/1/statements"]),
        ("要点", [TOLD, SPOKEN], ["/record/1/summary"], []),
        ("発言要旨", [SPOKEN, BOTH], [], []),
        ("発言要旨", [SPOKEN, TOLD], [], ["/record/1/statements"]),
        ("発言要旨", [TOLD, TOLD], ["/depth"], []),
        ("発言要旨", [TOLD | {"statements": []}], ["/depth"], []),
        ("全文", [SPOKEN, BOTH], [], []),
        ("全文", [SPOKEN, TOLD], ["/record/1/statements"], []),
        ("全文", [TOLD], ["/depth"], []),
    ],
)
def test_the_record_is_as_deep_as_it_says(
    depth: str, record: Any, errors: Any, warnings: Any, judged: Callable[..., Ruling], said: Told
) -> None:
    ruling = judged(depth=depth, record=record)
    assert [pointer for code, pointer in said(ruling) if code == "DEPTH"] == errors
    assert [pointer for code, pointer in said(ruling, Level.WARNING) if code == "DEPTH"] == warnings


def test_what_was_said_is_printed_but_in_points(judged: Callable[..., Ruling]) -> None:
    assert judged(depth="要点", record=[BOTH]).facts["spoken"] == []
    assert judged(depth="全文", record=[SPOKEN, BOTH]).facts["spoken"] == ["議長", "案のとおりとする。"] * 2
