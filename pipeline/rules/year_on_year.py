"""前年同期との比較 (domain.md §5.7): the same request a year before, and what of both years may leave the house. Pure.

Two years in one paper tell more than each alone: cases of last year + 新規 − 終結 are the cases of this year. So the cells
of both stand in one system of sums, with all that last year's own paper printed: that is known, and is masked no better by
leaving it out here. A ratio is printed only of two counts that are printed, so it tells nothing of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pipeline.model import Past
from pipeline.rules.casebook import casebook
from pipeline.rules.figures import NONE, Sum, percent
from pipeline.rules.periods import month_of, year_before
from pipeline.rules.tabulation import System, Tables, masked_cells, moving_with, printed_of, tabulate
from pipeline.rules.wareki import duration

LAST: Final = "last/"  # before the name of a cell of the year before
MOST_MONTHS: Final = 12  # a longer period runs into its own 前年同期
MASK: Final = "＊"
_LAST_CASES: Final = f"{LAST}cases"
_BETWEEN: Final = "last/cases+new"  # which is cases+closed as well; printed nowhere
_FLOWS: Final = frozenset({"new", "closed", "visits"})


@dataclass(frozen=True, slots=True)
class Span:
    """What a request asks for: its 基準日, and the first days of its months."""

    day: date
    months: tuple[date, ...]

    @property
    def end(self) -> date:
        """The last day of what happened (新規, 終結, 訪問)."""
        return min(self.day, month_of(self.months[-1])[1])

    @property
    def is_comparable(self) -> bool:
        """Whether it ends before it would run into the year before."""
        return len(self.months) <= MOST_MONTHS

    @property
    def is_whole_year(self) -> bool:
        """Whether it begins where the same of the year before ends."""
        return len(self.months) == MOST_MONTHS

    def year_before(self) -> Span:
        """The same of the year before."""
        return Span(year_before(self.day), tuple(map(year_before, self.months)))


@dataclass(frozen=True, slots=True)
class Year:
    """The tables of a span, and the same of the year before where anything was recorded then."""

    span: Span
    tables: Tables
    before: Year | None = None
    is_first: bool = False  # reaches back to the first record: there was no case before, and everybody knows


def years(past: Past, centres: Sequence[str], span: Span, recorded_from: date) -> Year:
    """Count a span and what its masking depends on: the year before and, where twelve months tie each year to the
    one before it, all of them back to the day from which the office has records."""
    tables = tabulate(casebook(past, span.day), centres, span.day, span.months)
    last, is_first = span.year_before(), span.months[0] <= recorded_from
    if not span.is_comparable or last.day < recorded_from:
        return Year(span, tables, None, is_first)
    if span.is_whole_year:
        return Year(span, tables, years(past, centres, last, recorded_from), is_first)
    of_last = tabulate(casebook(past, last.day), centres, last.day, last.months)
    return Year(span, tables, Year(last, of_last, None, last.months[0] <= recorded_from), is_first)


def masked_of(year: Year, shown: Sequence[str], threshold: int) -> frozenset[str]:
    """Return the cells to mask where the groups `shown` of a year are printed beside the year before (`last/…`)."""
    return _system(year, shown, threshold).masked


def _system(year: Year, shown: Sequence[str], threshold: int) -> System:
    last = _renamed(_system(year.before, shown, threshold)) if year.before else System()
    known = _tied(year, last)
    own = printed_of(year.tables, shown)
    masked = masked_cells(year.tables, shown, threshold, known)
    return System(
        {**own.cells, **known.cells},
        (*own.sums, *known.sums),
        masked | last.masked,
        own.hidden | known.hidden,
    )


def _renamed(last: System) -> System:
    """What last year's paper told, under names of this year's."""
    return System(
        {LAST + cell: count for cell, count in last.cells.items()},
        tuple(Sum(LAST + s.total, tuple(LAST + part for part in s.parts)) for s in last.sums),
        frozenset(LAST + cell for cell in last.masked),
        frozenset(LAST + cell for cell in last.hidden),
    )


def _tied(year: Year, last: System) -> System:
    """What binds this year's counts besides their own sums: that there was nothing before the first record, and where
    twelve months lie between, the cases of last year with all that moves with them. The rest was safe in last year's
    paper and stays so, whatever this one tells."""
    first = (Sum("new", ("cases", "closed")),) if year.is_first else ()
    if not (year.before and year.span.is_whole_year):
        return System(sums=first)  # what happened in between is nobody's to know
    with_cases = moving_with(_LAST_CASES, last)
    between = last.cells[_LAST_CASES] + year.tables.cells["new"]
    ties = (Sum(_BETWEEN, (_LAST_CASES, "new")), Sum(_BETWEEN, ("cases", "closed")))
    return System(
        {**with_cases.cells, _BETWEEN: between},
        (*with_cases.sums, *ties, *first),
        with_cases.masked,
        with_cases.hidden | {_BETWEEN},
    )


# --- As it is printed ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rows of 前年同期・今期・増減・前年同期比 for one reader: `masked` are the cells of both years that stay unseen."""

    year: Year
    masked: frozenset[str]
    begun: Mapping[str, date]  # since when there is anything to count, by group; of the others always

    def row(self, label: str, unit: str, cell: str) -> dict[str, str]:
        """One count in both years."""
        last = self.year.before.tables.cells[cell] if self.year.before else None
        return {
            "label": label,
            "unit": unit,
            **self._texts(cell, self.year.tables.cells[cell], last, "{:,}".format),
        }

    def hours(self, label: str) -> dict[str, str]:
        """The time of all visits: seen where their number is."""
        last = self.year.before.tables.all_minutes if self.year.before else None
        return {
            "label": label,
            "unit": "時間・分",
            **self._texts("visits", self.year.tables.all_minutes, last, duration),
        }

    def _texts(self, cell: str, now: int, last: int | None, write: Callable[[int], str]) -> dict[str, str]:
        is_seen, was_seen = cell not in self.masked, LAST + cell not in self.masked
        texts = {"now": write(now) if is_seen else MASK}
        if last is None or not self._has_figure(cell):
            return {**texts, "last": NONE, "change": NONE, "ratio": NONE}
        texts["last"] = write(last) if was_seen else MASK
        if not (is_seen and was_seen):
            return {**texts, "change": MASK, "ratio": MASK}
        change = write(now - last) if now >= last else f"△{write(last - now)}"
        return {**texts, "change": change, "ratio": percent(now, last)}

    def _has_figure(self, cell: str) -> bool:
        """Whether there was anything to count a year before: told by dates alone, never by the count."""
        group, last = cell.partition(":")[0], self.year.span.year_before()
        return (last.end if group in _FLOWS else last.day) >= self.begun.get(group, date.min)
