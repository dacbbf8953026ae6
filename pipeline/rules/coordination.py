"""コーディネーター活動 (the deck ⑴): one month's activities counted, and the year's from the months already accepted. Pure.

Cases stand in it by their number only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.findings import Sentence
from pipeline.rules.periods import month_of
from pipeline.rules.wareki import (
    digits,
    duration,
    fiscal_year,
    fiscal_year_name,
    month_name,
    parse_iso,
    parse_month,
)

Values = Mapping[str, Any]
FORM: Final = "coordinator_log"
KINDS: Final = ("同行訪問", "助言", "調整", "周知", "研修・会議", "その他")
STAGES: Final = (
    *("相談受理", "情報共有・収集", "会議・方針決定", "支援", "進行管理", "終結", "ヘルパー派遣"),
    "（ケースによらない）",
)
NO_CASE: Final = STAGES[-1]
_OTHER_MONTH: Final = Sentence("COORDINATOR", "対象月の日ではありません。活動日か対象月を直してください。")
_FUTURE: Final = Sentence("COORDINATOR", "まだ来ていない日の活動は記録できません。活動日を直してください。")
_TWICE: Final = Sentence(
    "COORDINATOR",
    "この月の記録は、前に受け付けています。直すときは、訂正の様式（todoke forms --correct）で提出してください。",
)
_NEEDS_CASE: Final = Sentence(
    "COORDINATOR",
    "ケースについての段階です。ケース番号を記入するか、「（ケースによらない）」を選んでください。",
)
_UNKNOWN_CASE: Final = Sentence(
    "COORDINATOR", "登録されていないケース番号です。番号を確かめてください。", Level.WARNING
)


def judge_coordinator_log(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge a month. Facts: `month`, `rows`, `table` (stages by kinds), `cases`, and `year` where it was asked for."""
    problems = (*_check_month(values, past), *_check_rows(values, received_on, past))
    if any(problem.level is Level.ERROR for problem in problems):
        return Ruling(problems)
    activities = sorted(values.get("activities") or (), key=lambda activity: str(activity["date"]))
    first = parse_month(values["month"])
    facts = {
        "month": month_name(first),
        "rows": [_row(activity) for activity in activities],
        "kinds": list(KINDS),
        "table": list(_table(activities)),
        "count": digits(len(activities)),
        "time": duration(_minutes(activities)),
        "cases": digits(len(_cases(activities))),
        "year": _year(values, past, first) if values["yearly"] else None,
    }
    return Ruling(problems, facts)


def _check_month(values: Values, past: Past) -> Iterator[Problem]:
    if any(event.values["month"] == values["month"] for event in past.of(FORM)):
        yield _TWICE.at("/month", "対象月", values["month"])


def _check_rows(values: Values, received_on: date, past: Past) -> Iterator[Problem]:
    start, end = month_of(parse_month(values["month"]))
    known = {event.case_id for event in past.events}
    for number, activity in enumerate(values.get("activities") or ()):
        day, pointer = parse_iso(activity["date"]), f"/activities/{number}"
        if not start <= day <= end:
            yield _OTHER_MONTH.at(f"{pointer}/date", "活動日", activity["date"])
        elif day > received_on:
            yield _FUTURE.at(f"{pointer}/date", "活動日", activity["date"])
        case_id = activity.get("case_id")
        if case_id is None and activity["stage"] != NO_CASE:
            yield _NEEDS_CASE.at(f"{pointer}/case_id", "ケース番号")
        if case_id is not None and case_id not in known:
            yield _UNKNOWN_CASE.at(f"{pointer}/case_id", "ケース番号", case_id)


def _row(activity: Values) -> dict[str, str]:
    minutes = activity.get("minutes")
    return {
        "date": activity["date"],
        "kind": activity["kind"],
        "stage": activity["stage"],
        "case_id": activity.get("case_id") or "－",
        "partner": activity.get("partner") or "－",
        "time": "" if minutes is None else duration(minutes),
        "content": activity["content"],
    }


def _table(activities: Sequence[Values]) -> Iterator[dict[str, Any]]:
    """Stages by kinds, and their sums."""
    counts = Counter((activity["stage"], activity["kind"]) for activity in activities)
    for stage in STAGES:
        cells = [counts[stage, kind] for kind in KINDS]
        yield {"label": stage, "cells": [str(cell) for cell in cells], "total": str(sum(cells))}
    sums = [sum(counts[stage, kind] for stage in STAGES) for kind in KINDS]
    yield {"label": "計", "cells": [str(cell) for cell in sums], "total": str(sum(sums))}


def _minutes(activities: Iterable[Values]) -> int:
    return sum(activity.get("minutes") or 0 for activity in activities)


def _cases(activities: Iterable[Values]) -> set[str]:
    return {activity["case_id"] for activity in activities if activity.get("case_id")}


def _year(values: Values, past: Past, first: date) -> dict[str, Any]:
    """The year up to this month: every month's sums, from the records accepted before and this one."""
    logs = {values["month"]: values.get("activities") or ()}
    for event in past.of(FORM):
        month = parse_month(event.values["month"])
        if fiscal_year(month) == fiscal_year(first) and month < first:
            logs[event.values["month"]] = event.values.get("activities") or ()
    months = [f"{year}-{month:02d}" for year, month in _months_until(first)]
    every = [activity for month in months for activity in logs.get(month, ())]
    rows = [_month_row(month, logs.get(month)) for month in months]
    missing = [row["label"] for row in rows if row["missing"]]
    sums = [str(sum(activity["kind"] == kind for activity in every)) for kind in KINDS]
    total = {
        "label": "計",
        "missing": False,
        "cells": sums,
        "total": str(len(every)),
        "time": duration(_minutes(every)),
    }
    return {
        "name": fiscal_year_name(first),
        "until": month_name(first),
        "rows": [*rows, total],
        "table": list(_table(every)),
        "missing": "、".join(missing),
        "cases": digits(len(_cases(every))),
        "count": digits(len(every)),
        "time": duration(_minutes(every)),
        "chart": _chart(sorted(logs), logs),
    }


def _months_until(last: date) -> Iterator[tuple[int, int]]:
    begun = fiscal_year(last)
    for number in range((last.month - 4) % 12 + 1):
        yield begun + (3 + number) // 12, (3 + number) % 12 + 1


def _month_row(month: str, activities: Sequence[Values] | None) -> dict[str, Any]:
    """One month; 「－」 where no record has come, which is not the same as none."""
    label = month_name(parse_month(month))
    if activities is None:
        return {"label": label, "missing": True, "cells": ["－"] * len(KINDS), "total": "－", "time": "－"}
    cells = [sum(activity["kind"] == kind for activity in activities) for kind in KINDS]
    return {
        "label": label,
        "missing": False,
        "cells": [str(cell) for cell in cells],
        "total": str(sum(cells)),
        "time": duration(_minutes(activities)),
    }


def _chart(months: Sequence[str], logs: Mapping[str, Sequence[Values]]) -> dict[str, Any]:
    """The four kinds of the coordinator's work (同行訪問, 助言, 調整, 周知), month by month; months without a record are left out."""
    series = [
        {"name": kind, "values": [sum(a["kind"] == kind for a in logs[month]) for month in months]}
        for kind in KINDS[:4]
    ]
    labels = [f"{parse_month(month).month}月" for month in months]
    return {
        "kind": "bar",
        "title": "活動の種類別・月別の件数",
        "unit": "件",
        "labels": labels,
        "series": series,
    }
