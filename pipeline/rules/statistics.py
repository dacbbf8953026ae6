"""統計 (domain.md §5.7, §1.18): what a request asks for, counted from what was accepted; exact inside, masked outside. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from pipeline.model import Past, Problem, Ruling
from pipeline.rules.casebook import Case, casebook
from pipeline.rules.findings import Sentence, ensure_kind
from pipeline.rules.periods import month_of
from pipeline.rules.tabulation import ALL, Group, Tables, masked_cells, months_between, open_at_ends, tabulate
from pipeline.rules.wareki import (
    digits,
    duration,
    fiscal_year_name,
    month_name,
    parse_iso,
    parse_month,
    to_wareki,
)

MASK: Final = "＊"
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
_TITLES: Final = {
    "route": ("相談の経路別", "件", ""),
    "grade": ("児童の学年別", "人", "一つのケースに二人以上の児童がいることがある。"),
    "stage": ("児童の学校の別", "人", "一つのケースに二人以上の児童がいることがある。"),
    "cared": (
        "ケアの対象者別（複数回答）",
        "件",
        "当てはまるものをすべて数えたので、合計はケース数と一致しない。",
    ),
    "task": (
        "ケアの内容別（複数回答）",
        "件",
        "当てはまるものをすべて数えたので、合計はケース数と一致しない。",
    ),
}
Values = Mapping[str, Any]


def judge_statistics(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge a request and count. Facts: `inside` and `outside` (the tables and charts), `book` and `book_outside`
    (the same for a spreadsheet), `quarter` (the name of a quarter), `threshold`.

    Raises OfficeFault where the office has set no threshold (office/statistics.toml).
    """
    problems = tuple(_check(values, received_on))
    if problems:
        return Ruling(problems)
    setting = ensure_kind(office, "statistics")
    day, months = parse_iso(values["as_of"]), _months(values)
    book = casebook(past, day)
    tables = tabulate(book, tuple(ensure_kind(office, "centre")), day, months)
    masked = masked_cells(tables, (*_ALWAYS, *_OUTSIDE), setting["threshold"])
    inside = _sheet(tables, frozenset(), _INSIDE, day, open_at_ends(book, months, day))
    outside = _sheet(tables, masked, _OUTSIDE, day, None)
    facts = {
        "as_of": f"{to_wareki(day)}現在",
        "span": _span(months),
        "threshold": digits(setting["threshold"]),
        "masked": bool(masked),
        "quarter": _quarter(months) if values["quarterly"] else None,
        "inside": inside,
        "outside": outside,
        "year_total": _year_total(book, day),
        "book": _book("支援状況統計（内部用）", inside, day),
        "book_outside": _book("支援状況統計（対外用）", outside, day),
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


# --- One rendering of the tables ----------------------------------------------------------------------------------


def _sheet(
    tables: Tables, masked: Collection[str], groups: Sequence[str], day: date, open_then: Sequence[int] | None
) -> dict[str, Any]:
    """Return the tables as a paper prints them. Only what is not masked is in it: no share, no bar gives a count away."""
    seen = _Seen(tables, masked)
    return {
        "total": seen.words("cases"),
        "children": seen.words("children"),
        "dispatched": seen.words("dispatch"),
        "visits": seen.words("visits"),
        "hours": seen.hours(ALL),
        "new": seen.words("new"),
        "closed": seen.words("closed"),
        "centres": [seen.centre(row) for row in (*tables.groups["cases"].rows, ALL)],
        "tables": [seen.table(tables.groups[key]) for key in groups],
        "months": [
            *(seen.month(n, open_then) for n in range(len(tables.groups["new"].rows))),
            seen.all_months(),
        ],
        "centre_chart": seen.centre_chart(day),
        "month_chart": seen.month_chart(),
    }


class _Seen:
    """The cells through one reader's eyes."""

    def __init__(self, tables: Tables, masked: Collection[str]) -> None:
        self.tables = tables
        self.masked = masked

    def count(self, cell: str) -> int | None:
        return None if cell in self.masked else self.tables.cells[cell]

    def text(self, cell: str) -> str:
        count = self.count(cell)
        return MASK if count is None else f"{count:,}"

    def words(self, cell: str) -> str:
        """A count inside a sentence: ６, 12."""
        count = self.count(cell)
        return MASK if count is None else digits(count)

    def hours(self, centre: str) -> str:
        """The time of the visits; of a masked number of visits none."""
        cell = "visits" if centre == ALL else f"visits:{centre}"
        return MASK if cell in self.masked else duration(self.tables.minutes.get(centre, 0))

    def centre(self, row: str) -> dict[str, str]:
        """One centre, or all of them."""
        cells = {
            key: self.text(key if row == ALL else f"{key}:{row}") for key in ("cases", "dispatch", "visits")
        }
        return {"label": row, **cells, "hours": self.hours(row)}

    def table(self, group: Group) -> dict[str, Any]:
        title, unit, note = _TITLES[group.key]
        whole = self.count(group.total) if group.total else None
        rows = [{"label": row, "count": self.text(group.cell(row)), "share": self._share(group.cell(row), whole)}
                for row in group.rows]  # fmt: skip
        if group.total:
            rows.append({"label": ALL, "count": self.text(group.total), "share": ""})
        return {"title": title, "unit": unit, "note": note, "rows": rows}

    def _share(self, cell: str, whole: int | None) -> str:
        count = self.count(cell)
        return "－" if not whole or count is None else f"{100 * count / whole:.1f}％"

    def month(self, number: int, open_then: Sequence[int] | None) -> dict[str, str]:
        row = self.tables.groups["new"].rows[number]
        still = "－" if open_then is None else f"{open_then[number]:,}"
        label = month_name(parse_month(row))
        return {
            "label": label,
            "new": self.text(f"new:{row}"),
            "closed": self.text(f"closed:{row}"),
            "open": still,
        }

    def all_months(self) -> dict[str, str]:
        """The sums; how many were open at a month's end does not add up."""
        return {"label": ALL, "new": self.text("new"), "closed": self.text("closed"), "open": "－"}

    def centre_chart(self, day: date) -> dict[str, Any] | None:
        group = self.tables.groups["cases"]
        counts = [self.count(group.cell(row)) for row in group.rows]
        labels = [row.removesuffix("地区保健福祉センター") for row in group.rows]
        return _chart(
            "bar", f"地区別の支援ケース数（{to_wareki(day)}現在）", labels, {"支援ケース数": counts}
        )

    def month_chart(self) -> dict[str, Any] | None:
        rows = self.tables.groups["new"].rows
        series = {
            "新規": [self.count(f"new:{r}") for r in rows],
            "終結": [self.count(f"closed:{r}") for r in rows],
        }
        labels = [f"{parse_month(row).month}月" for row in rows]
        return _chart("line" if len(rows) > 6 else "bar", "月別の新規・終結", labels, series)


def _chart(
    kind: str, title: str, labels: Sequence[str], series: Mapping[str, Sequence[int | None]]
) -> dict[str, Any] | None:
    if all(value is None for values in series.values() for value in values):
        return None  # an empty picture tells nothing
    rows = [{"name": name, "values": list(values)} for name, values in series.items()]
    return {"kind": kind, "title": title, "unit": "件", "labels": list(labels), "series": rows}


# --- The spreadsheet ----------------------------------------------------------------------------------------------


def _book(title: str, sheet: Mapping[str, Any], day: date) -> dict[str, Any]:
    heads = {
        "label": "センター",
        "cases": "支援ケース数",
        "dispatch": "派遣世帯数",
        "visits": "訪問回数",
        "hours": "訪問時間",
    }
    months = {"label": "月", "new": "新規", "closed": "終結", "open": "月末の件数"}
    return {
        "title": title,
        "as_of": f"{to_wareki(day)}現在",
        "sheets": [
            _page("地区別", heads, sheet["centres"], chart=("bar", ("支援ケース数", "派遣世帯数"))),
            *(
                _page(table["title"], {"label": "区分", "count": f"{table['unit']}数"}, table["rows"], chart=("bar", (f"{table['unit']}数",)))
                for table in sheet["tables"]
            ),
            _page("月別", months, sheet["months"], chart=("line", ("新規", "終結"))),
        ],
    }  # fmt: skip


def _page(
    title: str,
    heads: Mapping[str, str],
    rows: Sequence[Mapping[str, str]],
    chart: tuple[str, tuple[str, ...]],
) -> dict[str, Any]:
    """One sheet: its head, its rows (numbers as numbers, the rest as text), and what a native chart draws of it."""
    cells = [[_cell(row[key]) for key in heads] for row in rows]
    return {
        "title": title,
        "heads": list(heads.values()),
        "rows": cells,
        "chart": {"kind": chart[0], "columns": list(chart[1])},
    }


def _cell(text: str) -> str | int:
    plain = text.replace(",", "")
    return int(plain) if plain.isascii() and plain.isdigit() else text
