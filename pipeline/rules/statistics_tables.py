"""The tables of the statistics as one reader sees them, on paper and as a spreadsheet. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from pipeline.rules.figures import NONE, percent
from pipeline.rules.tabulation import ALL, Group, Tables
from pipeline.rules.wareki import digits, duration, month_name, parse_month, to_wareki
from pipeline.rules.year_on_year import MASK

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


def sheet_of(
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
        share = "" if row == ALL else self._share(f"cases:{row}", self.count("cases"))
        return {"label": row, **cells, "share": share, "hours": self.hours(row)}

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
        return NONE if whole is None or count is None else percent(count, whole)

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


def book_of(title: str, sheet: Mapping[str, Any], day: date) -> dict[str, Any]:
    """Return the same tables as a spreadsheet of several sheets, with what a native chart draws of each."""
    heads = {
        "label": "センター",
        "cases": "支援ケース数",
        "share": "構成比",
        "dispatch": "派遣世帯数",
        "visits": "訪問回数",
        "hours": "訪問時間",
    }
    compared = {
        "label": "区分",
        "unit": "単位",
        "last": "前年同期",
        "now": "今期",
        "change": "増減",
        "ratio": "前年同期比",
    }
    months = {"label": "月", "new": "新規", "closed": "終結", "open": "月末の件数"}
    return {
        "title": title,
        "as_of": f"{to_wareki(day)}現在",
        "sheets": [
            _page("地区別", heads, sheet["centres"], chart=("bar", ("支援ケース数", "派遣世帯数"))),
            *(
                _page(table["title"], {"label": "区分", "count": f"{table['unit']}数", "share": "構成比"}, table["rows"], chart=("bar", (f"{table['unit']}数",)))
                for table in sheet["tables"]
            ),
            _page("月別", months, sheet["months"], chart=("line", ("新規", "終結"))),
            *(_page("前年同期との比較", compared, rows) for rows in [[*sheet["compared"], *sheet["compared_centres"]]] if rows),
        ],
    }  # fmt: skip


def _page(
    title: str,
    heads: Mapping[str, str],
    rows: Sequence[Mapping[str, str]],
    chart: tuple[str, tuple[str, ...]] | None = None,
) -> dict[str, Any]:
    """One sheet: its head, its rows (numbers as numbers, the rest as text), and what a native chart draws of it."""
    cells = [[_cell(row[key]) for key in heads] for row in rows]
    return {
        "title": title,
        "heads": list(heads.values()),
        "rows": cells,
        "chart": {"kind": chart[0], "columns": list(chart[1])} if chart else None,
    }


def _cell(text: str) -> str | int:
    """A number as a number, △6 as one below 0; what is masked, missing, a ratio or a time stays text."""
    plain = text.replace(",", "")
    digits_only = plain.removeprefix("△")
    if not (digits_only.isascii() and digits_only.isdigit()):
        return text
    return -int(digits_only) if plain.startswith("△") else int(plain)
