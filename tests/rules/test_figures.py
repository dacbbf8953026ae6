"""Suppression attacked: an opponent with everything that is printed, and all arithmetic, tries to fill the gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.rules.figures import Sum, shown, suppress

THRESHOLD = 5


def row(counts: Sequence[int]) -> tuple[dict[str, int], list[Sum]]:
    cells = {f"c{n}": count for n, count in enumerate(counts)}
    return {**cells, "total": sum(counts)}, [Sum("total", tuple(cells))]


def grid(counts: Sequence[Sequence[int]]) -> tuple[dict[str, int], list[Sum]]:
    """A table with the sums of its rows and columns and the sum of all."""
    rows, columns = range(len(counts)), range(len(counts[0]))
    cells = {f"{r}.{c}": counts[r][c] for r in rows for c in columns}
    cells |= {f"{r}.sum": sum(counts[r]) for r in rows} | {
        f"sum.{c}": sum(x[c] for x in counts) for c in columns
    }
    cells["sum.sum"] = sum(map(sum, counts))
    sums = [Sum(f"{r}.sum", tuple(f"{r}.{c}" for c in columns)) for r in rows]
    sums += [Sum(f"sum.{c}", tuple(f"{r}.{c}" for r in rows)) for c in columns]
    sums += [
        Sum("sum.sum", tuple(f"{r}.sum" for r in rows)),
        Sum("sum.sum", tuple(f"sum.{c}" for c in columns)),
    ]
    return cells, sums


# --- The opponents ------------------------------------------------------------------------------------------------


def solved(printed: Mapping[str, int | None], sums: Sequence[Sum]) -> set[str]:
    """Opponent 1: the masked cells that follow from the equations alone, by exact elimination."""
    unknown = sorted(cell for cell, count in printed.items() if count is None)
    matrix = [_equation(relation, printed, unknown) for relation in sums]
    pivots: list[int] = []
    for column in range(len(unknown)):
        pivot = next((r for r in range(len(pivots), len(matrix)) if matrix[r][column]), None)
        if pivot is None:
            continue
        at = len(pivots)
        matrix[at], matrix[pivot] = matrix[pivot], matrix[at]
        matrix[at] = [value / matrix[at][column] for value in matrix[at]]
        for r in range(len(matrix)):
            if r != at and matrix[r][column]:
                factor = matrix[r][column]
                matrix[r] = [a - factor * b for a, b in zip(matrix[r], matrix[at], strict=True)]
        pivots.append(column)
    return {
        unknown[column]
        for line, column in zip(matrix, pivots, strict=False)
        if sum(value != 0 for value in line[:-1]) == 1
    }


def _equation(relation: Sum, printed: Mapping[str, int | None], unknown: list[str]) -> list[Fraction]:
    line = [Fraction(0)] * (len(unknown) + 1)
    for cell, sign in [(relation.total, 1), *((part, -1) for part in relation.parts)]:
        if (count := printed[cell]) is None:
            line[unknown.index(cell)] += sign
        else:
            line[-1] -= sign * count
    return line


def answers(printed: Mapping[str, int | None], sums: Sequence[Sum], most: int) -> Iterator[dict[str, int]]:
    """Opponent 2: every whole and not negative answer to what is printed, counts up to `most`, one by one."""
    unknown = [cell for cell, count in printed.items() if count is None]
    inner = [cell for cell in unknown if cell not in {relation.total for relation in sums}]
    for known in _filled(dict(printed), inner, sums, most):
        if all(_completed(relation, known) for relation in sums):
            yield {cell: int(known[cell] or 0) for cell in unknown}


def _filled(
    known: dict[str, int | None], left: list[str], sums: Sequence[Sum], most: int
) -> Iterator[dict[str, int | None]]:
    """Every way to fill the cells left, none beyond what the printed totals allow."""
    if not left:
        yield dict(known)
        return
    cell, *rest = left
    slack = [
        total - sum(known[part] or 0 for part in relation.parts)
        for relation in sums
        if cell in relation.parts and (total := known[relation.total]) is not None
    ]
    for guess in range(min([most, *slack]) + 1):
        yield from _filled({**known, cell: guess}, rest, sums, most)


def _completed(relation: Sum, known: dict[str, int | None]) -> bool:
    total = sum(known[part] or 0 for part in relation.parts)
    if known[relation.total] is None:
        known[relation.total] = total
    return known[relation.total] == total


def bounds(printed: Mapping[str, int | None], sums: Sequence[Sum]) -> dict[str, tuple[float, float]]:
    """Opponent 3: the least and the most each cell can be, from relation to relation until nothing narrows."""
    found = {cell: (0.0, inf) if count is None else (float(count),) * 2 for cell, count in printed.items()}
    before: dict[str, tuple[float, float]] = {}
    while found != before:
        before = dict(found)
        for relation in sums:
            low, high = (sum(found[part][end] for part in relation.parts) for end in (0, 1))
            total = found[relation.total]
            found[relation.total] = (max(total[0], low), min(total[1], high))
            for part in relation.parts:
                least, most = found[part]
                others = tuple(sum(found[cell][end] for cell in relation.parts if cell != part) for end in (0, 1))  # fmt: skip
                found[part] = (max(least, total[0] - others[1]), min(most, total[1] - others[0]))
    return found


def narrowed(printed: Mapping[str, int | None], sums: Sequence[Sum]) -> set[str]:
    """The masked cells of which opponent 3 knows more than the threshold allows."""
    return {
        cell
        for cell, (least, most) in bounds(printed, sums).items()
        if printed[cell] is None and most - least < THRESHOLD - 1
    }


def ensure_safe(cells: Mapping[str, int], sums: Sequence[Sum], masked: frozenset[str]) -> None:
    printed = shown(cells, masked)
    assert not solved(printed, sums)
    found = list(answers(printed, sums, max(cells.values()) + THRESHOLD - 1))
    for cell in masked:
        values = {answer[cell] for answer in found}
        assert max(values) - min(values) >= THRESHOLD - 1, cell


# --- The attacks --------------------------------------------------------------------------------------------------


def test_the_opponents_are_no_straw_men() -> None:
    cells, sums = row([7, 8, 2])
    assert solved(shown(cells, {"c2"}), sums) == {"c2"}
    cells, sums = row([0, 0, 9])
    assert {answer["c0"] for answer in answers(shown(cells, {"c0", "c1"}), sums, 9)} == {0}
    assert narrowed(shown(cells, {"c0", "c1"}), sums) == {"c0", "c1"}
    assert narrowed({"cases": None, "rest": None, "children": 9, "row": 7, "of": None}, [Sum("children", ("cases", "rest")), Sum("cases", ("row", "of"))]) == {"cases", "rest", "of"}  # fmt: skip
    cells, sums = grid([[2, 9], [9, 9]])
    assert "0.0" in solved(shown(cells, {"0.0", "0.1"}), sums)


def test_the_six_cases_of_the_deck() -> None:
    """令和５年７月１日現在 ６件 over seven centres: only their sum leaves the house."""
    cells, sums = row([2, 1, 1, 1, 0, 1, 0])
    masked = suppress(cells, sums, THRESHOLD)
    assert masked == set(cells) - {"total"}
    ensure_safe(cells, sums, masked)


def test_one_small_cell_takes_the_next_smallest_along() -> None:
    cells, sums = row([20, 9, 3, 14])
    assert suppress(cells, sums, THRESHOLD) == {"c2", "c1"}


def test_two_nothings_are_not_given_away_by_their_sum() -> None:
    """Two masked zeros whose sum can be computed are both 0: a third cell must go too."""
    cells, sums = row([0, 0, 9, 12])
    masked = suppress(cells, sums, THRESHOLD)
    assert masked == {"c0", "c1", "c2"}
    ensure_safe(cells, sums, masked)


def test_a_small_total_is_masked_too() -> None:
    cells, sums = row([1, 0, 2])
    masked = suppress(cells, sums, THRESHOLD)
    assert masked == set(cells)
    assert not solved(shown(cells, masked), sums)


def test_a_table_is_protected_against_rows_and_columns_at_once() -> None:
    cells, sums = grid([[2, 6], [5, 5]])
    masked = suppress(cells, sums, THRESHOLD)
    assert {"0.0", "0.1", "1.0", "1.1"} <= masked
    ensure_safe(cells, sums, masked)


def test_what_is_large_is_shown() -> None:
    cells, sums = grid([[12, 9], [8, 7]])
    assert suppress(cells, sums, THRESHOLD) == set()


def test_what_must_be_masked_in_any_case_is_protected_like_the_rest() -> None:
    cells, sums = row([20, 9, 30])
    assert suppress(cells, sums, THRESHOLD, also={"c0"}) == {"c0", "c1"}


def test_the_order_of_cells_does_not_matter() -> None:
    cells, sums = grid([[2, 9, 6], [8, 7, 0]])
    turned = dict(reversed(cells.items()))
    assert suppress(cells, sums, THRESHOLD) == suppress(turned, list(sums), THRESHOLD)


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=4))
def test_no_row_can_be_computed_back(counts: list[int]) -> None:
    cells, sums = row(counts)
    ensure_safe(cells, sums, suppress(cells, sums, THRESHOLD))


@settings(max_examples=12, deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), min_size=2, max_size=2), min_size=2, max_size=2))
def test_no_small_table_can_be_computed_back(counts: list[list[int]]) -> None:
    cells, sums = grid(counts)
    ensure_safe(cells, sums, suppress(cells, sums, THRESHOLD))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 7).flatmap(
        lambda n: st.lists(st.lists(st.integers(0, 30), min_size=n, max_size=n), min_size=2, max_size=7)
    )
)
def test_no_table_is_solved_by_its_equations(counts: list[list[int]]) -> None:
    cells, sums = grid(counts)
    masked = suppress(cells, sums, THRESHOLD)
    assert {cell for cell, count in cells.items() if count < THRESHOLD} <= masked
    assert not solved(shown(cells, masked), sums)


@pytest.mark.parametrize("counts", [[[1] * 7] * 7, [[0] * 7] * 7, [[30] * 6 + [1]] * 7])
def test_a_table_of_every_centre_is_masked_in_time(counts: list[list[int]]) -> None:
    cells, sums = grid(counts)
    assert not solved(shown(cells, suppress(cells, sums, THRESHOLD)), sums)


def test_where_all_that_binds_a_count_is_masked_it_is_safe() -> None:
    """Two things move together, so that the search (one step each) finds nothing: there is nothing left to mask either."""
    cells, sums = (
        {"a": 0, "b": 0, "both": 0},
        [Sum("both", ("a", "b")), Sum("a", ("b",)), Sum("c", ("both",))],
    )
    assert suppress({**cells, "c": 0}, sums, THRESHOLD) == {"a", "b", "both", "c"}
