"""統計 (domain.md §5.7, §1.18): what a request asks for, counted from what was accepted; exact inside, masked outside. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from pipeline.model import Past, Problem, Ruling
from pipeline.rules.casebook import Case, casebook
from pipeline.rules.findings import Sentence, ensure_kind
from pipeline.rules.periods import month_of
from pipeline.rules.statistics_tables import book_of, sheet_of
from pipeline.rules.tabulation import months_between, open_at_ends
from pipeline.rules.wareki import (
    digits,
    fiscal_year_name,
    month_name,
    parse_iso,
    parse_month,
    to_wareki,
)
from pipeline.rules.year_on_year import Comparison, Span, masked_of, years

MOST_MONTHS: Final = 24
_ORDER = Sentence(
    "STATISTICS", "集計の終わりの月は、始まりの月以後でなければなりません。月を直してください。"
)
_TOO_LONG = Sentence("STATISTICS", "集計する期間は{limit}か月以内です。期間を分けて提出してください。")
_FUTURE = Sentence("STATISTICS", "まだ来ていない日の数は数えられません。受付の日以前の基準日にしてください。")
_AFTER = Sentence("STATISTICS", "基準日の月より後の月は集計できません。月か基準日を直してください。")
_NO_QUARTER = Sentence(
    "QUARTER",
    "四半期報告の期間は、４～６月、７～９月、10～12月、１～３月のどれかです。月を直してください。",
)
_NO_QUARTER_END = Sentence("QUARTER", "四半期報告の基準日は、その四半期の末日です。基準日を直してください。")
_INSIDE: Final = ("route", "grade", "cared", "task")
_OUTSIDE: Final = ("route", "stage", "cared", "task")
_ALWAYS: Final = ("cases", "dispatch", "visits", "new", "closed")
_COMPARED: Final = (
    ("支援ケース数", "件", "cases"),
    ("児童数", "人", "children"),
    ("派遣世帯数", "世帯", "dispatch"),
    ("期間中の新規", "件", "new"),
    ("期間中の終結", "件", "closed"),
    ("訪問回数", "回", "visits"),
)
Values = Mapping[str, Any]


def judge_statistics(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge a request and count. Facts: `inside` and `outside` (the tables and charts), `book` and `book_outside`
    (the same for a spreadsheet), `quarter` (the name of a quarter), `threshold`.

    Raises OfficeFault where the office has set no threshold or no first day (office/statistics.toml).
    """
    problems = tuple(_check(values, received_on))
    if problems:
        return Ruling(problems)
    setting = ensure_kind(office, "statistics", "threshold", "recorded_from")
    day, months = parse_iso(values["as_of"]), _months(values)
    span, recorded = Span(day, tuple(months)), parse_iso(setting["recorded_from"])
    year = years(past, tuple(ensure_kind(office, "centre")), span, recorded)
    masked = masked_of(year, (*_ALWAYS, *_OUTSIDE), setting["threshold"])
    book, begun = casebook(past, day), _begun(office, recorded)
    inside = sheet_of(year.tables, frozenset(), _INSIDE, day, open_at_ends(book, months, day))
    outside = sheet_of(year.tables, masked, _OUTSIDE, day, None)
    inside |= _compared(Comparison(year, frozenset(), begun))
    outside |= _compared(Comparison(year, masked, begun))
    facts = {
        "as_of": f"{to_wareki(day)}現在",
        "span": _span(months),
        "threshold": digits(setting["threshold"]),
        "masked": bool(masked),
        "last_year": _last_year(span) if span.is_comparable else None,
        "quarter": _quarter(months) if values["quarterly"] else None,
        "inside": inside,
        "outside": outside,
        "year_total": _year_total(book, day),
        "book": book_of("支援状況統計（内部用）", inside, day),
        "book_outside": book_of("支援状況統計（対外用）", outside, day),
    }
    return Ruling((), facts)


def _months(values: Values) -> list[date]:
    return months_between(parse_month(values["from"]), parse_month(values["to"]))


def _check(values: Values, received_on: date) -> Iterator[Problem]:
    day, first, last = parse_iso(values["as_of"]), parse_month(values["from"]), parse_month(values["to"])
    if day > received_on:
        yield _FUTURE.at("/as_of", "基準日", values["as_of"])
    if last < first:
        yield _ORDER.at("/to", "集計の終わりの月", values["to"])
    elif len(_months(values)) > MOST_MONTHS:
        yield _TOO_LONG.at("/to", "集計の終わりの月", values["to"], limit=MOST_MONTHS)
    if last > day:
        yield _AFTER.at("/to", "集計の終わりの月", values["to"])
    if values["quarterly"] and last >= first:
        yield from _check_quarter(values, day, first, last)


def _check_quarter(values: Values, day: date, first: date, last: date) -> Iterator[Problem]:
    if first.month % 3 != 1 or len(_months(values)) != 3:
        yield _NO_QUARTER.at("/from", "集計の始まりの月", values["from"])
    elif day != month_of(last)[1]:
        yield _NO_QUARTER_END.at("/as_of", "基準日", values["as_of"])


def _quarter(months: Sequence[date]) -> str:
    number = (months[0].month - 4) % 12 // 3 + 1
    return f"{fiscal_year_name(months[0])}第{digits(number)}四半期"


def _span(months: Sequence[date]) -> str:
    first, last = month_name(months[0]), month_name(months[-1])
    return first if first == last else f"{first}から{last}まで"


def _year_total(book: Sequence[Case], day: date) -> str:
    """Cases received since the beginning of the fiscal year (年度累計)."""
    begun = date(day.year if day.month >= 4 else day.year - 1, 4, 1)
    return digits(sum(begun <= spell.opened_on <= day for case in book for spell in case.spells))


# --- The year before ----------------------------------------------------------------------------------------------


def _begun(office: Values, recorded: date) -> dict[str, date]:
    """Since when there is anything to count; before, last year has no figure (－), which is not 0."""
    programme = office.get("programme")
    started = parse_iso(programme["started"]) if programme else date.max
    return {
        **dict.fromkeys(("cases", "children", "new", "closed"), recorded),
        "dispatch": started,
        "visits": started,
    }


def _last_year(span: Span) -> str:
    """Which day and months the figures of the year before are of."""
    last = span.year_before()
    return f"{to_wareki(last.day)}現在（新規・終結・訪問は{_span(last.months)}）"


def _compared(comparison: Comparison) -> dict[str, list[dict[str, str]]]:
    if not comparison.year.span.is_comparable:
        return {"compared": [], "compared_centres": []}
    centres = comparison.year.tables.groups["cases"].rows
    return {
        "compared": [
            *(comparison.row(label, unit, cell) for label, unit, cell in _COMPARED),
            comparison.hours("訪問時間"),
        ],
        "compared_centres": [comparison.row(centre, "件", f"cases:{centre}") for centre in centres],
    }
