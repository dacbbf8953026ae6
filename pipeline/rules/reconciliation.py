"""The 突合表: a month's list (D20a) against the visit reports (D14), and the list against its own sums (BR27).

What the list claims beyond the reports is an error, for the sender to mend before it is paid; what it leaves out is a
warning. Either way the difference stands in the row of its visit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pipeline.model import Level, Problem
from pipeline.rules.dispatch import Values
from pipeline.rules.findings import Sentence
from pipeline.rules.month import COUNTS, Month, Row, sums
from pipeline.rules.visits import Visited, in_same_week
from pipeline.rules.wareki import digits

_NO_REPORT = Sentence(
    "BR27",
    "この訪問の実施報告書が受け付けられていません。先に実施報告書を提出するか、行を直してください。",
)
_OTHER_DAY = Sentence(
    "BR27", "訪問日が、同じ週の実施報告書の訪問日と違います。どちらが正しいかを確かめて直してください。"
)
_MORE_MINUTES = Sentence(
    "BR27", "実時間が、実施報告書より長くなっています。どちらが正しいかを確かめて直してください。"
)
_FEWER_MINUTES = Sentence(
    "BR27",
    "実時間が、実施報告書より短い訪問があります。受託事業者に確かめてください。",
    Level.WARNING,
)
_NOT_LISTED = Sentence(
    "BR27",
    "実施報告書があるのに、一覧に行のない訪問があります。受託事業者に確かめてください。",
    Level.WARNING,
)
_REPORTED_CANCELLED = Sentence(
    "BR27", "実施報告書ではキャンセルです。どちらが正しいかを確かめて直してください。"
)
_REPORTED_DONE = Sentence(
    "BR27",
    "一覧ではキャンセルですが、実施報告書では実施です。受託事業者に確かめてください。",
    Level.WARNING,
)
_OTHER_HELPER = Sentence(
    "BR27",
    "ヘルパーの氏名が、実施報告書と違う訪問があります。受託事業者に確かめてください。",
    Level.WARNING,
)
_WRONG_SUM = Sentence("BR27", "派遣実績一覧の行を合計した数と違います。合計か行を直してください。")
_CASE_NOT_SUMMED = Sentence(
    "BR27", "派遣実績一覧にあるケースの合計がありません。ケースごとの合計に書き加えてください。"
)
_CASE_TWICE = Sentence("BR27", "同じケースの合計が二度書かれています。一つにしてください。")

_TITLES: Final = {
    "date": "訪問日",
    "result": "実施の別",
    "minutes": "実時間（分）",
    "helper": "ヘルパー",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A visit as the list and as its report tell it; one of them may be missing. `moved_from` is a report of that week."""

    case_id: str
    on: date
    row: Row | None
    report: Visited | None
    moved_from: date | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What list and report disagree in: the words of the 突合表, what is said of it, and the box of the row."""

    words: str
    sentence: Sentence
    box: str


def pairs_of(month: Month) -> list[Pair]:
    """Return every visit of the month once: listed, reported, or both; by case and day."""
    rows = {(row.case_id, row.on): row for row in month.rows}
    unlisted = set(month.reports) - set(rows)
    return [
        Pair(*place, rows.get(place), month.reports.get(place), _moved_from(month, *place, unlisted=unlisted))
        for place in sorted({*rows, *month.reports})
    ]


def _moved_from(month: Month, case_id: str, on: date, unlisted: set[tuple[str, date]]) -> date | None:
    """The day of an unlisted report in the week of a row that has none: the same visit under another date."""
    if (case_id, on) in month.reports:
        return None
    days = (day for case, day in unlisted if case == case_id)
    return min(in_same_week(on, days, month.filing.programme["week_starts"]), default=None)


def find_difference(pair: Pair) -> Difference | None:
    """Return what list and report disagree in, the gravest first."""
    row, report = pair.row, pair.report
    if row is None:
        return Difference("一覧に行なし", _NOT_LISTED, "")
    if report is None:
        if pair.moved_from:
            return Difference("日付が違う", _OTHER_DAY, "date")
        return Difference("実施報告書なし", _NO_REPORT, "date")
    return _find_in_row(row, report)


def _find_in_row(row: Row, report: Visited) -> Difference | None:
    if row.done != report.done:
        return Difference("実施の別が違う", _REPORTED_CANCELLED if row.done else _REPORTED_DONE, "result")
    if row.minutes != report.minutes:
        more = row.minutes > report.minutes
        return Difference("実時間が違う", _MORE_MINUTES if more else _FEWER_MINUTES, "minutes")
    if row.done and row.values["helper"] not in report.helpers:
        return Difference("ヘルパーが違う", _OTHER_HELPER, "helper")
    return None


def check_reports(month: Month) -> Iterator[Problem]:
    """Yield what list and reports disagree in, each at the box of its row; reports without a row all together."""
    pairs = pairs_of(month)
    for pair in pairs:
        difference = find_difference(pair)
        if pair.row and difference:
            box = difference.box
            found = pair.row.values.get(box, "")
            yield difference.sentence.at(f"{pair.row.pointer}/{box}", _TITLES[box], found)
    unlisted = [f"{pair.case_id} {pair.on}" for pair in pairs if pair.row is None]
    if unlisted:
        yield _NOT_LISTED.at("/rows", "派遣実績一覧", "、".join(unlisted))


def check_sums(month: Month) -> Iterator[Problem]:
    """Yield every sum of the list that is not the sum of its rows, by case and in all (BR27)."""
    seen: set[str] = set()
    for n, told in enumerate(month.values.get("cases", ())):
        if told["case_id"] in seen:
            yield _CASE_TWICE.at(f"/cases/{n}/case_id", "ケース番号", told["case_id"])
        seen.add(told["case_id"])
        yield from _check_sum(f"/cases/{n}", told, sums(month.by_case.get(told["case_id"], ())))
    for case_id, rows in month.by_case.items():
        if case_id not in seen:
            yield _CASE_NOT_SUMMED.at(f"{rows[0].pointer}/case_id", "ケース番号", case_id)
    yield from _check_sum("/total", month.values["total"], sums(month.rows))


def _check_sum(pointer: str, told: Values, counted: Mapping[str, int]) -> Iterator[Problem]:
    for key, title in COUNTS:
        if told[key] != counted[key]:
            yield _WRONG_SUM.at(f"{pointer}/{key}", title, told[key])


def reconciliation_facts(month: Month) -> dict[str, Any]:
    """Return what the 突合表 prints: `visits` one by one, `by_case`, `sums`, and how many `differences`."""
    pairs = pairs_of(month)
    cases = sorted({pair.case_id for pair in pairs})
    return {
        "visits": [_visit_fact(pair) for pair in pairs],
        "by_case": [_case_fact(month, case_id) for case_id in cases],
        "sums": {**sums(month.rows), **_reported_sums(list(month.reports.values()))},
        "differences": sum(find_difference(pair) is not None for pair in pairs),
    }


def _visit_fact(pair: Pair) -> dict[str, Any]:
    difference = find_difference(pair)
    return {
        "date": pair.on.isoformat(),
        "case_id": pair.case_id,
        "reported": _told(pair.report),
        "listed": _told(pair.row),
        "result": "相違" if difference else "一致",
        "note": difference.words if difference else "",
        "moved_from": pair.moved_from.isoformat() if pair.moved_from else None,
    }


def _told(visit: Row | Visited | None) -> str:
    if visit is None:
        return "－"
    return f"{digits(visit.minutes)}分" if visit.done else "キャンセル"


def _case_fact(month: Month, case_id: str) -> dict[str, Any]:
    listed = sums(month.by_case.get(case_id, ()))
    reported = [visit for (case, _), visit in month.reports.items() if case == case_id]
    return {"case_id": case_id, **listed, **_reported_sums(reported)}


def _reported_sums(reported: Sequence[Visited]) -> dict[str, int]:
    done = [visit for visit in reported if visit.done]
    return {
        "reported_visits": len(done),
        "reported_minutes": sum(visit.minutes for visit in done),
        "reported_cancels": len(reported) - len(done),
    }
