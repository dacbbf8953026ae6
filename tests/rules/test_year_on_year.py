"""前年同期: two years in one paper, and an opponent who keeps last year's paper and knows that what came and did not go stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_figures import answers, ensure_safe, solved

from pipeline.model import Event, Past
from pipeline.rules import figures
from pipeline.rules.casebook import casebook
from pipeline.rules.figures import Sum, percent
from pipeline.rules.periods import year_before
from pipeline.rules.tabulation import ALL, Group, Tables
from pipeline.rules.year_on_year import LAST, Comparison, Span, Year, masked_of, years

SHOWN = ("cases", "new", "closed")
JUNE = date(2024, 6, 30)


def span(day: date, months: int) -> Span:
    firsts = [date(day.year + (day.month - 1 - n) // 12, (day.month - 1 - n) % 12 + 1, 1) for n in range(months)]  # fmt: skip
    return Span(day, tuple(reversed(firsts)))


def tables(cases: tuple[int, ...], new: int, closed: int) -> Tables:
    groups = {
        "cases": Group("cases", tuple(f"centre{n}" for n in range(len(cases))), "cases"),
        "new": Group("new", ("all",), "new"),
        "closed": Group("closed", ("all",), "closed"),
    }
    counts = {"cases": cases, "new": (new,), "closed": (closed,)}
    cells = {g.cell(row): n for g in groups.values() for row, n in zip(g.rows, counts[g.key], strict=True)}
    return Tables(groups, {**cells, **{key: sum(counts[key]) for key in groups}}, {ALL: 0})


def two_years(last: tuple[int, ...], new: int, closed: int, now: tuple[int, ...], months: int = 12) -> Year:
    here = span(JUNE, months)
    assert months < 12 or sum(last) + new - closed == sum(now)
    return Year(here, tables(now, new, closed), Year(here.year_before(), tables(last, 0, 0)))


def told(year: Year) -> tuple[dict[str, int | None], list[Sum]]:
    """What the opponent has: this paper, last year's own paper, and the sum that ties twelve months' ends."""
    assert year.before is not None
    masked, before = masked_of(year, SHOWN, 5), masked_of(year.before, SHOWN, 5)
    printed: dict[str, int | None] = {
        cell: None if cell in masked else count for cell, count in year.tables.cells.items()
    }
    printed |= {
        LAST + cell: None if cell in before else count for cell, count in year.before.tables.cells.items()
    }
    sums = [relation for group in year.tables.groups.values() for relation in group.sums]
    sums += [Sum(LAST + s.total, tuple(LAST + part for part in s.parts)) for s in sums]
    printed["came"] = None
    return printed, [*sums, Sum("came", (LAST + "cases", "new")), Sum("came", ("cases", "closed"))]


# --- The attack ---------------------------------------------------------------------------------------------------


def test_closures_do_not_follow_from_two_stocks_and_what_came() -> None:
    """12 cases, 8 new and 17 cases are 3 closures: one of them must stay unsaid, and 12 was said a year ago."""
    year = two_years((6, 6), new=8, closed=3, now=(9, 8))
    printed, sums = told(year)
    assert printed[LAST + "cases"] == 12 and printed["closed"] is None
    assert None in (printed["cases"], printed["new"])
    assert not solved(printed, sums) - {"came"}
    given_away = {**printed, **{cell: year.tables.cells[cell] for cell in ("cases", "new")}}
    assert "closed" in solved(given_away, sums)  # the opponent would have it


@pytest.mark.parametrize("is_first", [False, True])
def test_in_a_first_year_what_came_and_is_not_there_was_closed(is_first: bool) -> None:
    """24 came, 21 are there: 3 closures, unless one of the two is unsaid; and as much in next year's column."""
    alone = Year(span(JUNE, 12), tables((11, 10), 24, 3), None, is_first)
    assert bool(masked_of(alone, SHOWN, 5) & {"new", "cases"}) == is_first
    beside = masked_of(Year(span(date(2025, 6, 30), 12), tables((11, 10), 9, 9), alone), SHOWN, 5)
    assert bool(beside & {f"{LAST}new", f"{LAST}cases"}) == is_first and f"{LAST}closed" in beside


def test_a_span_is_first_from_the_month_of_the_first_record_however_long() -> None:
    def is_first(months: int, recorded: date) -> bool:
        return years(Past(), ("平",), span(JUNE, months), recorded).is_first

    assert is_first(12, date(2023, 7, 1)) and is_first(24, date(2022, 7, 1)) and is_first(3, date(2024, 5, 1))
    assert not is_first(12, date(2023, 6, 30)) and not is_first(24, date(2022, 6, 30))
    quarter = years(Past(), ("平",), span(JUNE, 3), date(2023, 5, 10))
    assert quarter.before and quarter.before.is_first and not quarter.is_first


def test_a_sum_left_out_last_year_is_not_told_by_this_one() -> None:
    """Last year's count of cases (４) was masked: what moved with it then still does, three years on."""
    first = Year(span(date(2022, 6, 30), 12), tables((2, 2), 30, 26), None, True)
    second = Year(span(date(2023, 6, 30), 12), tables((9, 9), 20, 6), first)
    third = Year(span(JUNE, 12), tables((9, 8), 8, 9), second)
    masked = masked_of(second, SHOWN, 5)
    assert {f"{LAST}cases", *(f"{LAST}cases:centre{n}" for n in (0, 1))} <= masked
    assert masked & {"new", "closed", "cases"}
    assert {f"{LAST}{cell}" for cell in masked if not cell.startswith(LAST)} <= masked_of(third, SHOWN, 5)


def with_children(counted: Tables, children: int) -> Tables:
    stage = Group("stage", ("all",), "children")
    return Tables({**counted.groups, "stage": stage}, {**counted.cells, "stage:all": children, "children": children}, counted.minutes)  # fmt: skip


def test_what_narrowed_a_masked_count_last_year_narrows_it_now() -> None:
    """４ cases (masked) of 5 children: at most five. With one closure since, that leaves it and the closures two values."""
    last = Year(span(date(2023, 6, 30), 12), with_children(tables((4,), 9, 5), 5))
    year = Year(span(JUNE, 12), with_children(tables((20,), 17, 1), 25), last)
    masked = masked_of(year, (*SHOWN, "stage"), 5)
    assert {f"{LAST}cases", "closed"} <= masked and f"{LAST}children" not in masked
    assert masked & {"cases", "new"}


def test_forty_years_are_not_tried_anew() -> None:
    """Of last year's cells only those are tried again in which this year's may be felt."""
    year: Year | None = None
    for n in range(40):
        year = Year(span(date(1985 + n, 6, 30), 12), tables((90, 3, 80, 2, 4), 30, 30), year)
    assert year is not None
    with patch("pipeline.rules.figures._reach", wraps=figures._reach) as reached:
        masked_of(year, SHOWN, 5)
    alone = 2 * 2 * 3 * 40  # two directions, twice suppressed, three small centres of forty years
    assert reached.call_count <= alone


def test_what_was_said_last_year_is_not_what_is_masked() -> None:
    """Two new ones follow from 32, 14 and 20; to leave out the 32, which everybody has, would be no help."""
    masked = masked_of(two_years((16, 16), new=2, closed=14, now=(10, 10)), SHOWN, 5)
    assert LAST + "cases" not in masked and masked & {"cases", "closed"}


def test_shorter_periods_say_nothing_of_the_time_between() -> None:
    masked = masked_of(two_years((6, 6), new=8, closed=3, now=(9, 8), months=3), SHOWN, 5)
    assert masked == {"closed", "closed:all", *(f"{LAST}{kind}{row}" for kind in ("new", "closed") for row in ("", ":all"))}  # fmt: skip


COUNTS = st.integers(0, 9)


@settings(max_examples=120, deadline=None)
@given(st.tuples(COUNTS, COUNTS), COUNTS, COUNTS, COUNTS)
def test_neither_year_can_be_computed_from_the_other(
    last: tuple[int, int], new: int, closed: int, first: int
) -> None:
    closed = min(closed, sum(last) + new)
    now = sum(last) + new - closed
    printed, sums = told(two_years(last, new, closed, (min(first, now), now - min(first, now))))
    assert not solved(printed, sums) - {"came"}


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 6), st.integers(0, 5), st.integers(0, 5))
def test_every_masked_count_could_be_another_one(last: int, new: int, closed: int) -> None:
    """By trying every answer: of each masked count at least five values remain possible."""
    year = two_years((last,), new, min(closed, last + new), (last + new - min(closed, last + new),))
    assert year.before is not None
    masked = masked_of(year, SHOWN, 5)
    cells = {cell: year.tables.cells[cell] for cell in SHOWN} | {
        f"{LAST}cases": year.before.tables.cells["cases"]
    }
    sums = [Sum("came", (f"{LAST}cases", "new")), Sum("came", ("cases", "closed"))]
    printed = {cell: None if cell in masked else count for cell, count in cells.items()}
    found = list(answers({**printed, "came": None}, sums, max(cells.values()) + 4))
    for cell in masked & cells.keys():
        values = {answer[cell] for answer in found}
        assert max(values) - min(values) >= 4, cell


def test_a_whole_system_of_one_year_is_as_safe_as_before() -> None:
    alone = Year(span(JUNE, 12), tables((2, 9, 7), 0, 0))
    cells = {cell: count for cell, count in alone.tables.cells.items() if cell.startswith("cases")}
    masked = masked_of(alone, ("cases",), 5)
    ensure_safe(cells, alone.tables.groups["cases"].sums, masked)


# --- What is printed ----------------------------------------------------------------------------------------------


def texts(year: Year, masked: frozenset[str], begun: Mapping[str, date] | None = None) -> tuple[str, ...]:
    row = Comparison(year, masked, begun or {}).row("支援ケース数", "件", "cases")
    return row["last"], row["now"], row["change"], row["ratio"]


YEAR = two_years((6, 6), new=8, closed=3, now=(9, 8))


@pytest.mark.parametrize(
    ("masked", "expected"),
    [
        (set(), ("12", "17", "5", "141.7％")),
        ({"cases"}, ("12", "＊", "＊", "＊")),
        ({LAST + "cases"}, ("＊", "17", "＊", "＊")),
        ({"cases", LAST + "cases"}, ("＊", "＊", "＊", "＊")),
    ],
)
def test_a_ratio_is_seen_only_with_both_its_counts(masked: set[str], expected: tuple[str, ...]) -> None:
    assert texts(YEAR, frozenset(masked)) == expected


def test_what_is_less_has_a_triangle_and_nothing_is_no_divisor() -> None:
    assert texts(two_years((9, 8), 0, 5, (6, 6)), frozenset()) == ("17", "12", "△5", "70.6％")
    assert texts(two_years((0, 0), 8, 3, (5, 0)), frozenset()) == ("0", "5", "5", "－")


def test_no_figure_is_neither_0_nor_masked_whatever_was_counted() -> None:
    """A programme that had not begun: － in both renderings, so that it tells nothing."""
    not_yet = {"cases": date(2023, 7, 1)}
    assert texts(YEAR, frozenset(), not_yet) == ("－", "17", "－", "－")
    assert texts(YEAR, frozenset({LAST + "cases"}), not_yet) == ("－", "17", "－", "－")
    assert texts(replace(YEAR, before=None), frozenset()) == ("－", "17", "－", "－")


def test_half_is_rounded_up() -> None:
    assert [percent(1, 16), percent(1, 3), percent(7, 6), percent(5, 0)] == [
        "6.3％",
        "33.3％",
        "116.7％",
        "－",
    ]


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_ratio_is_right_to_half_a_tenth(part: int, whole: int) -> None:
    tenths = round(float(percent(part, whole).removesuffix("％")) * 10)
    assert 2 * abs(1000 * part - tenths * whole) <= whole


# --- Counted from what came ---------------------------------------------------------------------------------------


def consulted(case: int, on: date) -> Event:
    values = {"centre": "平地区保健福祉センター", "consulter": {"route": "学校"}}
    return Event(f"{on:%Y%m%d}-{case:04d}", "consultation", f"YC-23-1-{case:03d}", on, on, values)


def closed(case: int, on: date) -> Event:
    return replace(consulted(case, on), form="case_closure")


def test_what_came_and_did_not_go_is_there_a_year_later() -> None:
    """The relation the masking relies on, by the counts themselves."""
    came = [consulted(n, date(2023, 1 + n % 12, 3)) for n in range(1, 12)] + [consulted(20, JUNE)]
    past = Past((*came, closed(1, date(2023, 6, 30)), closed(2, date(2023, 9, 1)), closed(3, JUNE)))
    year = years(past, ("平地区保健福祉センター",), span(JUNE, 12), date(2022, 11, 1))
    assert year.before is not None
    now, last = year.tables.cells, year.before.tables.cells
    assert last["cases"] + now["new"] - now["closed"] == now["cases"] > 0
    assert last["cases"] == sum(case.is_open_on(date(2023, 6, 30)) for case in casebook(past, JUNE))


def test_years_are_compared_back_to_the_first_record_and_no_longer_than_a_year() -> None:
    def depth(year: Year) -> int:
        return 1 + (depth(year.before) if year.before else 0)

    assert depth(years(Past(), ("平",), span(JUNE, 3), date(2022, 11, 1))) == 2
    assert depth(years(Past(), ("平",), span(JUNE, 12), date(2022, 6, 30))) == 3
    assert (
        depth(years(Past(), ("平",), span(JUNE, 11), date(1999, 6, 30))) == 2
    )  # nothing ties it further back
    assert depth(years(Past(), ("平",), span(JUNE, 13), date(2022, 6, 30))) == 1


@pytest.mark.parametrize(
    ("day", "before"),
    [("2023-07-01", "2022-07-01"), ("2024-02-29", "2023-02-28"), ("2025-02-28", "2024-02-29"), ("2024-02-28", "2023-02-28"), ("0001-05-01", "0001-01-01")],
)  # fmt: skip
def test_the_same_day_a_year_before(day: str, before: str) -> None:
    assert year_before(date.fromisoformat(day)) == date.fromisoformat(before)
