"""The rules of a 会議開催 (開催通知, 次第, 出席者名簿; domain.md §3.2–§3.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.actions import MINUTES, Action, open_before
from pipeline.rules.bodies import (
    find_body,
    is_known,
    is_on_cases,
    printed_name,
    roster,
    sections_of,
    session_of,
)
from pipeline.rules.findings import Sentence, check_open_day
from pipeline.rules.naming import check_case_numbers, check_named
from pipeline.rules.wareki import fiscal_year_name, minutes_of, parse_iso

NOTICE = "meeting_notice"

_TIME_ORDER = Sentence("MEETING_TIME", "終了時刻は開始時刻より後でなければなりません。時刻を直してください。")
_HELD_BEFORE_NOTICE = Sentence(
    "MEETING_DATE", "開催日は、文書の日付より後でなければなりません。日付を直してください。"
)
_REPLY_BY = Sentence(
    "MEETING_DATE", "回答期限は、文書の日付から開催日までの日でなければなりません。日付を直してください。"
)
_SHORT_NOTICE = Sentence(
    "LEAD_TIME",
    "通知から開催日まで、目安の{days}日がありません。日を改めるか、先に電話で知らせてください。",
    Level.WARNING,
)
_NO_MEETING = Sentence(
    "MEETING",
    "この日には会議が定められていません。日付を確かめるか、office/meeting.toml に会議を加えてください。",
)
_UNKNOWN_SECTION = Sentence(
    "BR26",
    "会議の構成員にも組織の名簿にもない所属です。名称が文書の日付の組織のものか確かめてください。",
    Level.WARNING,
)
_MEMBER_LEFT_OUT = Sentence(
    "MEMBERS",
    "会議の構成員で、宛先にない所属があります。出席を求めないのか、書き忘れかを確かめてください。",
    Level.WARNING,
)
_CALLED_TWICE = Sentence(
    "ADDRESSEE_TWICE",
    "同じ課・機関の宛先が、職も氏名も同じまま二度書かれています。出欠の回答を分けられません。一つにするか、職か氏名を書き分けてください。",
)
_OPEN = Sentence("OPENNESS", "ケースを扱う会議は公開できません。「非公開」を選んでください。")
_ORDINAL_TAKEN = Sentence(
    "BR24",
    "この会議の、この年度のこの回は、すでに通知したか、会議録を受け付けています。回数を確かめてください。"
    "通知を直すときは、訂正の様式（todoke forms --correct）を使ってください。",
)
Values = Mapping[str, Any]
Check = Callable[[Values, Values, Past], Iterator[Problem]]


def judge_notice(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge a 会議開催.

    Facts: `fiscal_year_name`, `meeting_name`, `open_actions` the body still has open, the `outline` of the 次第, the
    `roster` in the order of the 要綱, `session` (when and where, for the roster), `openness`, and `open_to_public`.
    """
    problems = tuple(problem for check in NOTICE_CHECKS for problem in check(values, office, past))
    held_on = parse_iso(values["held_on"])
    before = open_before(past, session_of(values), held_on)
    people = [asked(addressee) for addressee in values["addressees"]]
    facts = {
        **meeting_facts(values, values, office, people),
        "open_actions": [action.row(held_on) for action in before],
        "outline": _outline(values, before),
        "openness": _openness(values, office),
        "open_to_public": _is_open(values, office),
    }
    return Ruling(problems, facts)


def meeting_facts(values: Values, notice: Values, office: Values, people: Sequence[Values]) -> dict[str, Any]:
    """Return what every paper of a meeting says first; the roster ends with the 事務局 (domain.md §3.4)."""
    rows = roster(office, values["meeting"], people)
    staff = [
        {"section": "事務局", "title": officer["title"], "name": officer["name"], "note": ""}
        for officer in notice.get("secretariat") or ()
    ]
    return {
        "fiscal_year_name": fiscal_year_name(parse_iso(values["held_on"])),
        "meeting_name": printed_name(office, values["meeting"]),
        "session": {key: notice[key] for key in ("held_on", "start", "end", "place")},
        "roster": rows,
        "staff": staff,
        "counts": None,
    }


def _outline(values: Values, before: Sequence[Action]) -> list[dict[str, Any]]:
    """The items of the 次第 (domain.md §3.3); what is still open comes before what is new."""
    greeting = [values["greeting"]] if values.get("greeting") else []
    cases = [f"ケース番号　{case['case_id']}" for case in values.get("cases") or ()]
    opened = [f"{a.number}　{a.text}（{a.owner}）" for a in before]
    items = [
        ("開会", []),
        ("あいさつ", greeting),
        *([("前回までの決定事項の状況", opened)] if opened else []),
        ("議題", list(values["agenda"])),
        *([("検討するケース", cases)] if cases else []),
        ("その他", []),
        ("閉会", []),
    ]
    return [{"title": title, "items": inner} for title, inner in items]


def _openness(values: Values, office: Values) -> str:
    usual = (find_body(office, values["meeting"]) or {}).get("openness") or {}
    return str(values.get("openness") or usual.get("kind") or "")


def _is_open(values: Values, office: Values) -> bool:
    return _openness(values, office) == "公開"


def asked(addressee: Values) -> dict[str, Any]:
    """Return an addressee as a row of the roster."""
    return {
        "section": addressee["section"],
        "title": addressee.get("head_title") or "",
        "name": addressee.get("head_name") or "",
        "note": addressee.get("note") or "",
    }


# --- The notice ----------------------------------------------------------------------------------------------------


def _check_times(values: Values, office: Values, past: Past) -> Iterator[Problem]:
    if minutes_of(values["end"]) <= minutes_of(values["start"]):
        yield _TIME_ORDER.at("/end", "終了時刻", values["end"])


def _check_days(values: Values, office: Values, past: Past) -> Iterator[Problem]:
    """The notice comes about two weeks before (domain.md §3.2, F54); the reply between it and the meeting."""
    held_on, sent_on = parse_iso(values["held_on"]), parse_iso(values["doc_date"])
    if held_on <= sent_on:
        yield _HELD_BEFORE_NOTICE.at("/held_on", "開催日", values["held_on"])
        return
    if not sent_on <= parse_iso(values["reply_by"]) <= held_on:
        yield _REPLY_BY.at("/reply_by", "出欠の回答期限", values["reply_by"])
    days = (find_body(office, values["meeting"]) or {}).get("notice_days") or 0
    if held_on - sent_on < timedelta(days=days):
        yield _SHORT_NOTICE.at("/held_on", "開催日", values["held_on"], days=days)
    yield from check_open_day(office, "/held_on", "開催日", values["held_on"])
    yield from check_open_day(office, "/doc_date", "文書の日付", values["doc_date"])


def _check_members(values: Values, office: Values, past: Past) -> Iterator[Problem]:
    """BR26 and the 要綱: who is asked belongs to the body, and nobody of the body is forgotten."""
    if find_body(office, values["meeting"]) is None:
        yield _NO_MEETING.at("/meeting", "会議の名称", values["meeting"])
        return
    called = {addressee["section"] for addressee in values["addressees"]}
    for n, addressee in enumerate(values["addressees"]):
        if not is_known(office, values["meeting"], addressee["section"]):
            yield _UNKNOWN_SECTION.at(f"/addressees/{n}/section", "課・機関", addressee["section"])
    if set(sections_of(office, values["meeting"])) - called:
        yield _MEMBER_LEFT_OUT.at("/addressees", "宛先")


def _check_apart(values: Values, office: Values, past: Past) -> Iterator[Problem]:
    """Two people of one section are told apart by post or name, so that neither answers for the other."""
    keys = ("section", "head_title", "head_name")
    people = [tuple("".join((one.get(key) or "").split()) for key in keys) for one in values["addressees"]]
    for n, person in enumerate(people):
        if person in people[:n]:
            yield _CALLED_TWICE.at(f"/addressees/{n}/section", "課・機関", values["addressees"][n]["section"])


def _check_openness(values: Values, office: Values, past: Past) -> Iterator[Problem]:
    """Only a meeting that speaks of no case may be public, and then none is named in its papers (domain.md §3.5)."""
    if not _is_open(values, office):
        return
    if is_on_cases(office, values["meeting"]):
        yield _OPEN.at("/openness", "公開・非公開", values.get("openness"))
    else:
        yield from check_case_numbers(values)


def _check_ordinal(values: Values, office: Values, past: Past) -> Iterator[Problem]:
    """BR24: a meeting is called once; a changed notice is a correction of the first."""
    session = session_of(values)
    if any(session_of(event.values) == session for event in past.of(NOTICE, MINUTES)):
        yield _ORDINAL_TAKEN.at("/ordinal", "回数", values["ordinal"])


def _check_names(values: Values, office: Values, past: Past) -> Iterator[Problem]:
    yield from check_named(values, past)


NOTICE_CHECKS: Final[tuple[Check, ...]] = (
    _check_times,
    _check_days,
    _check_members,
    _check_apart,
    _check_openness,
    _check_ordinal,
    _check_names,
)
