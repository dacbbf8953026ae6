"""The tables of the statistics, exact and masked: counts by centre, route, grade, cared-for person and month. Pure.

Rows are fixed lists, so that not even the presence of a row tells anything. Of what leaves the house every cell is part
of one system of sums (`figures.py`), whatever table it stands in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from pipeline.rules.casebook import ROUTE_BY_PROGRAMME, Case, visits_within
from pipeline.rules.figures import Sum, suppress
from pipeline.rules.periods import month_of, next_day

OTHER: Final = "その他"
ROUTES: Final = (
    *("本人", "家族", "学校", "スクールソーシャルワーカー", "民生児童委員", "地域包括支援センター"),
    *("居宅介護支援事業所", "訪問介護事業所", "障がい者相談支援センター", "計画相談支援事業所", "医療機関"),
    *("生活就労支援センター", "近隣・知人", "児童相談所", "庁内", ROUTE_BY_PROGRAMME, OTHER),
)
GRADES: Final = (
    "未就学",
    *(f"小学{n}年" for n in "１２３４５６"),
    *(f"中学{n}年" for n in "１２３"),
    *(f"高校{n}年" for n in "１２３"),
    OTHER,
)
STAGES: Final[Mapping[str, str]] = {
    "小": "小学生",
    "中": "中学生",
    "高": "高校生",
    "未": "未就学",
    "年": "未就学",
}
CARED_FOR: Final = ("母", "父", "祖母", "祖父", "曽祖父母", "きょうだい", "おじ・おば", OTHER)
TASKS: Final = (
    *("家事（買い物・料理・掃除・洗濯）", "幼いきょうだいの世話", "障がい・病気のきょうだいの世話や見守り"),
    *("目を離せない家族の見守りや声かけ", "通訳（日本語・手話）", "家計を支える労働"),
    *("アルコール・薬物・ギャンブル問題を抱える家族への対応", "慢性的な病気の家族の看病", "身の回りの世話"),
    *("入浴やトイレの介助", "通院の付き添い", "金銭管理", "薬の管理", "感情面のサポート"),
)
ALL: Final = "計"
_REST: Final = "rest/"  # before a cell: what is left of the count it is part of; 0 or more, printed nowhere
Cells = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Group:
    """One table of counts. A `total` is printed where the rows add up; where a case has several, they do not."""

    key: str
    rows: tuple[str, ...]
    total: str | None = None

    def cell(self, row: str) -> str:
        """The name of a cell in the system of sums."""
        return f"{self.key}:{row}"

    @property
    def sums(self) -> tuple[Sum, ...]:
        """The relation a reader can compute with."""
        return (Sum(self.total, tuple(map(self.cell, self.rows))),) if self.total else ()


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything counted: the groups in their order, and every cell."""

    groups: Mapping[str, Group]
    cells: Cells
    minutes: Mapping[str, int]  # of the visits, by centre, and of all

    @property
    def all_minutes(self) -> int:
        """The minutes of all visits."""
        return self.minutes[ALL]


@dataclass(frozen=True, slots=True)
class System:
    """What a reader can compute with: cells and their sums, which are masked, and which are printed nowhere (hidden)."""

    cells: Cells = field(default_factory=dict)
    sums: tuple[Sum, ...] = ()
    masked: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()


def tabulate(book: Sequence[Case], centres: Sequence[str], day: date, months: Sequence[date]) -> Tables:
    """Count the cases open on `day` and what happened in `months` (their first days), none of it after `day`."""
    mine = [case for case in book if case.is_open_on(day)]
    minutes = _minutes(book, months[0], min(day, month_of(months[-1])[1]))
    labels = tuple(month.isoformat()[:7] for month in months)
    turns = {kind: _by_month(book, kind, months, day) for kind in ("opened_on", "closed_on")}
    groups = [
        (Group("cases", tuple(centres), "cases"), Counter(case.centre for case in mine)),
        (Group("route", ROUTES, "cases"), _count([(case.route,) for case in mine], ROUTES)),
        (Group("grade", GRADES, "children"), _count([case.grades for case in mine], GRADES)),
        (Group("stage", ("未就学", "小学生", "中学生", "高校生", OTHER), "children"), _stages(mine)),
        (Group("cared", CARED_FOR), _count([set(case.cared_for) for case in mine], CARED_FOR)),
        (Group("task", TASKS), _count([set(case.tasks) for case in mine], TASKS)),
        (Group("dispatch", tuple(centres), "dispatch"), _dispatched(book, day)),
        (Group("visits", tuple(centres), "visits"), Counter({c: n for c, (n, _) in minutes.items()})),
        (Group("new", labels, "new"), Counter(dict(zip(labels, turns["opened_on"], strict=True)))),
        (Group("closed", labels, "closed"), Counter(dict(zip(labels, turns["closed_on"], strict=True)))),
    ]
    cells = {group.cell(row): counts[row] for group, counts in groups for row in group.rows}
    cells |= {group.total: sum(counts[row] for row in group.rows) for group, counts in groups if group.total}
    by_centre = {centre: spent for centre, (_, spent) in minutes.items()}
    return Tables(
        {group.key: group for group, _ in groups}, cells, {**by_centre, ALL: sum(by_centre.values())}
    )


def printed_of(tables: Tables, shown: Iterable[str]) -> System:
    """Return what the groups `shown` print: their cells and what a reader can compute with, none masked yet."""
    groups = [tables.groups[key] for key in shown]
    printed = {group.cell(row) for group in groups for row in group.rows}
    printed |= {group.total for group in groups if group.total}
    cells = {cell: count for cell, count in tables.cells.items() if cell in printed}
    rests = {_REST + part: (whole, part) for whole, part in _within(groups) if whole in cells and cells[part] <= cells[whole]}  # fmt: skip
    return System(
        cells | {rest: cells[whole] - cells[part] for rest, (whole, part) in rests.items()},
        (
            *(relation for group in groups for relation in group.sums),
            *(Sum(whole, (part, rest)) for rest, (whole, part) in rests.items()),
        ),
        hidden=frozenset(rests),
    )


def _within(groups: Sequence[Group]) -> Iterator[tuple[str, str]]:
    """Counts and what is never more: every case has a child, a helper comes to cases only, and where a case may be in
    several rows it is in each but once."""
    for group in groups:
        if group.key == "cases":
            yield "children", "cases"
        if group.key == "dispatch":
            yield from (("cases", "dispatch"), *((f"cases:{row}", group.cell(row)) for row in group.rows))
        if group.total is None:
            yield from (("cases", group.cell(row)) for row in group.rows)


def moving_with(cell: str, system: System) -> System:
    """Return the part of a system in which a change of a masked cell may be felt; of one that is printed, it alone."""
    unseen, reached, sums = system.masked | system.hidden, {cell}, dict[Sum, None]()
    while found := [s for s in system.sums if s not in sums and reached & unseen & set(s.cells)]:
        sums |= dict.fromkeys(found)
        reached |= {part for relation in found for part in relation.cells}
    cells = {part: system.cells[part] for part in sorted(reached)}
    return System(cells, tuple(sums), system.masked & reached, system.hidden & reached)


def masked_cells(
    tables: Tables, shown: Sequence[str], threshold: int, known: System | None = None
) -> frozenset[str]:
    """Return the cells to mask where the groups `shown` are printed together. Visits go with their households.

    `known` is what an earlier paper told, with the sums that tie it to these tables; what it masked stays masked.
    """
    own, known = printed_of(tables, shown), known or System()
    cells, sums = {**own.cells, **known.cells}, (*own.sums, *known.sums)
    told, hidden = known.cells.keys() - known.masked - known.hidden, own.hidden | known.hidden

    def suppressed(also: Set[str]) -> frozenset[str]:
        return suppress(cells, sums, threshold, also, known=told, hidden=hidden)

    masked = suppressed(known.masked)
    visits = {cell.replace("dispatch", "visits", 1) for cell in masked if cell.startswith("dispatch")}
    return suppressed(masked | (visits & cells.keys()))


def open_at_ends(book: Sequence[Case], months: Sequence[date], day: date) -> list[int]:
    """How many cases were open at the end of each month, or on `day` in the month it lies in."""
    ends = [min(day, month_of(month)[1]) for month in months]
    return [sum(case.is_open_on(end) for case in book) for end in ends]


def months_between(first: date, last: date) -> list[date]:
    """The first days of the months from one to another, both included."""
    months = []
    while first <= last:
        months.append(first)
        first = next_day(month_of(first)[1])
    return months


def _count(said: Iterable[Iterable[str]], rows: Sequence[str]) -> Counter[str]:
    known = frozenset(rows)
    return Counter(word if word in known else OTHER for words in said for word in words)


def _stages(book: Sequence[Case]) -> Counter[str]:
    return Counter(STAGES.get(grade[:1], OTHER) for case in book for grade in case.grades)


def _dispatched(book: Sequence[Case], day: date) -> Counter[str]:
    return Counter(case.centre for case in book if case.is_dispatched_on(day))


def _minutes(book: Sequence[Case], start: date, end: date) -> dict[str, tuple[int, int]]:
    """Visits and their minutes by centre."""
    made: dict[str, tuple[int, int]] = {}
    for case in book:
        for centre, visits in visits_within(case, start, end).items():
            count, minutes = made.get(centre, (0, 0))
            made[centre] = (count + visits.count, minutes + visits.minutes)
    return made


def _by_month(book: Sequence[Case], turn: str, months: Sequence[date], day: date) -> list[int]:
    days = [on for case in book for spell in case.spells if (on := getattr(spell, turn)) and on <= day]
    return [sum(month <= on <= month_of(month)[1] for on in days) for month in months]
