"""The rules of a 会議録 (domain.md §3.5): the form itself, its place among the earlier minutes of its body, its cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.bodies import (
    action_prefix,
    find_body,
    is_known,
    is_on_cases,
    printed_name,
)
from pipeline.rules.carried import carried, check_closed, check_ordinal
from pipeline.rules.case_review import check_reviewed, count_by_centre, unlisted
from pipeline.rules.findings import Sentence, check_open_day
from pipeline.rules.naming import check_case_numbers, check_named
from pipeline.rules.recording import check_depth, spoken
from pipeline.rules.wareki import fiscal_year_name, minutes_of, parse_iso

_TIME_ORDER = Sentence("MEETING_TIME", "終了時刻は開始時刻より後でなければなりません。時刻を直してください。")
_BEFORE_MEETING = Sentence("MEETING_DATE", "開催日以後の日付でなければなりません。日付を直してください。")
_NOT_AFTER_MEETING = Sentence(
    "MEETING_DATE", "開催日より後の日付でなければなりません。日付を直してください。"
)
_CLOSED_WITHOUT_REASON = Sentence("OPENNESS", "非公開の会議では、非公開とする理由を記入してください。")
_CLOSED_WITH_OBSERVERS = Sentence(
    "OPENNESS", "非公開の会議に傍聴者はありません。傍聴者数を空欄にしてください。"
)
_OPEN_WITHOUT_OBSERVERS = Sentence(
    "OPENNESS", "公開の会議では、傍聴者数を記入してください（いないときは０）。"
)
_NO_MEETING = Sentence(
    "MEETING",
    "この日には会議が定められていません。日付を確かめるか、office/meeting.toml に会議を加えてください。",
)
_UNKNOWN_SECTION = Sentence(
    "BR26",
    "会議の構成員にも地区保健福祉センターにもない所属です。名称が文書の日付の組織のものか確かめてください。",
    Level.WARNING,
)
_CASE_MEETING_OPEN = Sentence(
    "OPENNESS", "ケースを扱う会議は公開できません。「非公開」を選び、その理由を記入してください。"
)
_CASE_TWICE = Sentence("CASE_TWICE", "同じケースが二度書かれています。一つの行にまとめてください。")
_POLICY_WITHOUT_DETAIL = Sentence(
    "POLICY", "方針を継続のほかにしたときは、その内容とわけを「方針の内容」に記入してください。"
)
_CARE_MISSING = Sentence(
    "CARE",
    "ケースを扱う会議では、守秘義務を確かめ、配った資料を回収します。まだのものがあれば、確かめてください。",
    Level.WARNING,
)
_CHAIR_ABSENT = Sentence(
    "CHAIR", "議長の氏名が出席者の欄にありません。どちらかの記入を確かめてください。", Level.WARNING
)
_TOPIC_UNKNOWN = Sentence(
    "AGENDA", "議題の欄にない議題です。議題と記録の見出しをそろえてください。", Level.WARNING
)

_CARE: Final = (
    ("secrecy_told", "守秘義務の確認", "確認していない"),
    ("materials_returned", "資料の回収", "回収していない"),
)
Values = Mapping[str, Any]
Check = Callable[[Values, Values], Iterator[Problem]]


def judge_minutes(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge a 会議録 after the earlier minutes of all bodies.

    Facts: `fiscal_year_name`, `meeting_name` as printed, `attendee_count` without the 事務局, `version` of the minutes,
    `action_prefix` of its decisions' numbers (R4-2), what was `spoken` and must be printed at this depth, `closed` and
    `still_open` of what earlier meetings decided, and `centres` and `unlisted`, the count of a 進行管理会議 and the open
    cases it left out.
    """
    found = [problem for check in MINUTES_CHECKS for problem in check(values, office)]
    found += [problem for past_check in HISTORY_CHECKS for problem in past_check(values, past)]
    return Ruling(
        tuple(found), {**_facts(values, office), **carried(values, past), "unlisted": unlisted(values, past)}
    )


def _facts(values: Values, office: Values) -> dict[str, Any]:
    held_on = parse_iso(values["held_on"])
    return {
        "fiscal_year_name": fiscal_year_name(held_on),
        "meeting_name": printed_name(office, values["meeting"]),
        "attendee_count": len(values["attendees"]),
        "version": 1 + len(values.get("revisions") or ()),
        "action_prefix": action_prefix(held_on, values["ordinal"]),
        "spoken": spoken(values),
        "centres": count_by_centre(values.get("progress") or (), office),
    }


def _check_times(values: Values, office: Values) -> Iterator[Problem]:
    if minutes_of(values["end"]) <= minutes_of(values["start"]):
        yield _TIME_ORDER.at("/end", "終了時刻", values["end"])


def _check_held_on(values: Values, office: Values) -> Iterator[Problem]:
    yield from check_open_day(office, "/held_on", "開催日", values["held_on"])


def _check_later_dates(values: Values, office: Values) -> Iterator[Problem]:
    held_on = parse_iso(values["held_on"])
    for pointer, title, text in _later_dates(values):
        if parse_iso(text) < held_on:
            yield _BEFORE_MEETING.at(pointer, title, text)
    confirm_by = values.get("confirm_by")
    if values["status"] == "案" and confirm_by is not None and parse_iso(confirm_by) <= held_on:
        yield _NOT_AFTER_MEETING.at("/confirm_by", "確認の期限", confirm_by)
    following = (values.get("next_meeting") or {}).get("date")
    if following is not None and parse_iso(following) <= held_on:
        yield _NOT_AFTER_MEETING.at("/next_meeting/date", "次回の開催日", following)


def _later_dates(values: Values) -> Iterator[tuple[str, str, str]]:
    """The dates that may fall on the day of the meeting, but not before."""
    if values.get("doc_date") is not None:
        yield "/doc_date", "文書の日付", values["doc_date"]
    for n, decision in enumerate(values.get("decisions") or ()):
        if decision.get("due") is not None:
            yield f"/decisions/{n}/due", "期限", decision["due"]


def _check_openness(values: Values, office: Values) -> Iterator[Problem]:
    """非公開 prints 「－」 for observers, never 0 (domain.md §3.5)."""
    openness, observers = values["openness"], values.get("observers")
    if openness["kind"] == "公開":
        if is_on_cases(office, values["meeting"]):
            yield _CASE_MEETING_OPEN.at("/openness/kind", "公開・非公開", openness["kind"])
        else:
            yield from check_case_numbers(values)
        if observers is None:
            yield _OPEN_WITHOUT_OBSERVERS.at("/observers", "傍聴者数")
        return
    if not (openness.get("reason") or "").strip():
        yield _CLOSED_WITHOUT_REASON.at("/openness/reason", "非公開の理由")
    if observers is not None:
        yield _CLOSED_WITH_OBSERVERS.at("/observers", "傍聴者数", observers)


def _check_sections(values: Values, office: Values) -> Iterator[Problem]:
    """BR26: whoever sits in the meeting belongs to a section that the members' list, or the list of centres, knows."""
    if find_body(office, values["meeting"]) is None:
        yield _NO_MEETING.at("/meeting", "会議の名称", values["meeting"])
        return
    for n, attendee in enumerate(values["attendees"]):
        if not is_known(office, values["meeting"], attendee["section"]):
            yield _UNKNOWN_SECTION.at(f"/attendees/{n}/section", "課・機関", attendee["section"])


def _check_chair(values: Values, office: Values) -> Iterator[Problem]:
    """The chair may be written with the office held: 課長　見本　太郎."""
    chair = values.get("chair")
    if chair and not any(_bare(attendee["name"]) in _bare(chair) for attendee in values["attendees"]):
        yield _CHAIR_ABSENT.at("/chair", "議長", chair)


def _check_topics(values: Values, office: Values) -> Iterator[Problem]:
    agenda = {_bare(topic) for topic in values["agenda"]}
    for n, part in enumerate(values.get("record") or ()):
        if _bare(part["topic"]) not in agenda:
            yield _TOPIC_UNKNOWN.at(f"/record/{n}/topic", "議題", part["topic"])


def _check_cases(values: Values, office: Values) -> Iterator[Problem]:
    """A case stands once in a meeting's list; a change is said with its reason; secrecy is made sure of (§3.5)."""
    for key in ("discussed", "progress"):
        told: set[str] = set()
        for n, case in enumerate(values.get(key) or ()):
            if case["case_id"] in told:
                yield _CASE_TWICE.at(f"/{key}/{n}/case_id", "ケース番号", case["case_id"])
            told.add(case["case_id"])
    for n, row in enumerate(values.get("progress") or ()):
        if row["policy"] != "継続" and not row.get("detail"):
            yield _POLICY_WITHOUT_DETAIL.at(f"/progress/{n}/detail", "方針の内容")
    for key, title, lacking in _CARE:
        if values.get(key) == lacking:
            yield _CARE_MISSING.at(f"/{key}", title, lacking)


def _bare(text: str) -> str:
    """A key for comparing only: without any space. The text itself is never changed."""
    return "".join(text.split())


MINUTES_CHECKS: Final[tuple[Check, ...]] = (
    _check_times,
    _check_held_on,
    _check_later_dates,
    _check_openness,
    _check_sections,
    _check_chair,
    _check_topics,
    check_depth,
    _check_cases,
)
HISTORY_CHECKS: Final[tuple[Callable[[Values, Past], Iterator[Problem]], ...]] = (
    check_ordinal,
    check_closed,
    check_named,
    check_reviewed,
)
