"""統計: the deck's six cases, and an opponent who reads everything that leaves the house and tries to compute it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from households import came_on, catalogue, past_before, values_of
from test_figures import answers, solved

from pipeline.model import Past, Ruling
from pipeline.rules import judge
from pipeline.rules.casebook import casebook
from pipeline.rules.figures import Sum
from pipeline.rules.tabulation import ALL, masked_cells, months_between, tabulate
from pipeline.rules.wareki import parse_iso, parse_month

FORM = "statistics_request"


def ruling(example: str = "r5_7_1", **changed: Any) -> Ruling:
    day = came_on(FORM, example)
    values = {**values_of(FORM, example), **changed}
    return judge(FORM, values, catalogue().office.at(day), day, past_before(FORM, example))


def codes(ruling: Ruling) -> list[tuple[str, str]]:
    return [(problem.code, problem.pointer) for problem in ruling.problems]


def column(rows: list[Mapping[str, str]], key: str) -> list[str]:
    return [row[key] for row in rows]


def test_six_cases_on_the_first_of_july() -> None:
    inside = ruling().facts["inside"]
    assert inside["total"] == "６"
    assert column(inside["centres"], "cases") == ["2", "1", "1", "1", "0", "1", "0", "6"]
    assert column(inside["months"], "new") == ["0", "2", "4", "6"]
    assert column(inside["months"], "open") == ["0", "2", "6", "－"]


def test_the_count_is_a_current_one_and_not_cumulative() -> None:
    """A case received on 3 July is not in the count of 1 July, though its paper was there when it was counted."""
    past = past_before(FORM, "r5_7_1")
    assert len(list(past.of("consultation"))) == 7
    later = ruling("with_visits").facts["inside"]
    assert later["total"] == "７"


def test_households_visits_and_hours() -> None:
    inside = ruling("with_visits").facts["inside"]
    assert (inside["dispatched"], inside["visits"]) == ("１", "２")
    assert inside["hours"] == inside["centres"][0]["hours"] == "３時間45分"


def test_every_table_of_one_kind_adds_up() -> None:
    for table in ruling("with_visits").facts["inside"]["tables"]:
        *rows, last = table["rows"]
        if last["label"] == ALL:
            assert sum(int(row["count"]) for row in rows) == int(last["count"])


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"as_of": "2023-07-05"}, [("STATISTICS", "/as_of")]),
        ({"to": "2023-03"}, [("STATISTICS", "/to")]),
        ({"from": "2021-04"}, [("STATISTICS", "/to")]),
        ({"to": "2023-08"}, [("STATISTICS", "/to")]),
        ({"quarterly": True}, [("QUARTER", "/as_of")]),
        ({"quarterly": True, "as_of": "2023-06-30"}, []),
        ({"quarterly": True, "as_of": "2023-05-31", "to": "2023-05"}, [("QUARTER", "/from")]),
    ],
)
def test_what_cannot_be_counted_is_returned(changed: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert codes(ruling(**changed)) == found


def test_without_a_threshold_nothing_leaves_the_house() -> None:
    from pipeline.errors import OfficeFault  # noqa: PLC0415

    office = {**catalogue().office.at(came_on(FORM, "r5_7_1"))}
    del office["statistics"]
    with pytest.raises(OfficeFault):
        judge(FORM, values_of(FORM, "r5_7_1"), office, came_on(FORM, "r5_7_1"), Past())


# --- The attack ---------------------------------------------------------------------------------------------------


def printed(outside: Mapping[str, Any]) -> tuple[dict[str, int | None], list[Sum]]:
    """What an opponent reads off the tables that leave the house: numbers, gaps, and which sums they stand in.

    All tables of cases share their sum, so that they are one system.
    """
    cells: dict[str, int | None] = {}
    sums: list[Sum] = []
    for title, rows, key, total in _columns(outside):
        for row in rows:
            name = total if row["label"] == ALL else f"{title}:{row['label']}"
            cells[name] = None if row[key] == "＊" else int(row[key].replace(",", ""))
        if rows[-1]["label"] == ALL:
            sums.append(Sum(total, tuple(f"{title}:{row['label']}" for row in rows[:-1])))
    for name, row in _of_last_year(outside):
        if row["last"] != "－":
            cells[f"last/{name}"] = None if row["last"] == "＊" else int(row["last"].replace(",", ""))
    if "last/cases" in cells and len(outside["months"]) == 13:  # twelve and their sum
        cells["came"] = None
        sums += [Sum("came", ("last/cases", "new")), Sum("came", ("cases", "closed"))]
    return cells, sums


def _of_last_year(outside: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, str]]]:
    names = ("cases", "children", "dispatch", "new", "closed", "visits")
    yield from zip(names, outside["compared"], strict=False)
    for row in outside["compared_centres"]:
        yield f"cases:{row['label']}", row


def _columns(outside: Mapping[str, Any]) -> Iterator[tuple[str, list[Mapping[str, str]], str, str]]:
    for key in ("cases", "dispatch", "visits"):
        yield key, outside["centres"], key, key
    for key in ("new", "closed"):
        yield key, outside["months"], key, key
    for table in outside["tables"]:
        total = {"件": "cases", "人": "children"}[table["unit"]]
        yield table["title"], table["rows"], "count", total


EXAMPLES = ("r5_7_1", "first_quarter", "with_visits", "a_year_later")


@pytest.mark.parametrize("example", EXAMPLES)
def test_no_masked_number_can_be_computed_back(example: str) -> None:
    cells, sums = printed(ruling(example).facts["outside"])
    assert all(count is None or count >= 5 for count in cells.values())
    assert not solved(cells, sums) - {"came"}


def test_nor_from_the_year_before_when_twelve_months_lie_between() -> None:
    """６ cases in June of ５, 1 new one, 7 cases a year later: that none was closed is nobody's to compute."""
    outside = ruling("a_year_later", **{"from": "2023-07", "quarterly": False}).facts["outside"]
    cells, sums = printed(outside)
    assert (cells["cases"], cells["last/cases"]) == (7, 6)
    assert cells["new"] is None and cells["closed"] is None
    assert "came" in cells and not solved(cells, sums) - {"came"}


@pytest.mark.parametrize("example", EXAMPLES)
def test_no_ratio_stands_over_a_masked_count(example: str) -> None:
    outside = ruling(example).facts["outside"]
    rows = [*outside["compared"], *outside["compared_centres"]]
    assert rows
    for row in rows:
        if row["last"] == "－":
            assert (row["change"], row["ratio"]) == ("－", "－")
        elif "＊" in (row["last"], row["now"]):
            assert (row["change"], row["ratio"]) == ("＊", "＊")
    assert all(row["share"] in ("－", "") for row in outside["centres"] if row["cases"] == "＊")


def test_a_year_later() -> None:
    inside = ruling("a_year_later").facts["inside"]
    rows = {
        row["label"]: (row["last"], row["now"], row["change"], row["ratio"]) for row in inside["compared"]
    }
    assert rows["支援ケース数"] == ("6", "7", "1", "116.7％")
    assert rows["期間中の新規"] == ("6", "0", "△6", "0.0％")
    assert rows["訪問回数"] == ("0", "0", "0", "－")


def test_a_spreadsheet_of_both_years_holds_numbers_where_the_paper_does() -> None:
    facts = ruling("a_year_later").facts
    inside, outside = (
        {row[0]: row[2:] for row in facts[book]["sheets"][-1]["rows"]} for book in ("book", "book_outside")
    )
    assert inside["期間中の新規"] == [6, 0, -6, "0.0％"]
    assert outside["期間中の新規"] == [6, "＊", "＊", "＊"]


def test_before_the_programme_there_is_no_figure() -> None:
    """R5.6: of the helpers there was nothing a year before, and of the cases nothing before November of R4."""
    inside, outside = (ruling("r5_7_1").facts[side] for side in ("inside", "outside"))
    assert {row["last"] for side in (inside, outside) for row in side["compared"]} == {"－"}
    later = ruling("a_year_later", **{"as_of": "2024-05-31", "from": "2024-04", "to": "2024-05", "quarterly": False})  # fmt: skip
    assert [row["last"] for row in later.facts["inside"]["compared"]] == [
        "2",
        "2",
        "－",
        "2",
        "0",
        "－",
        "－",
    ]


def test_more_than_a_year_is_not_compared_with_itself() -> None:
    facts = ruling("a_year_later", **{"from": "2023-06", "quarterly": False}).facts
    assert facts["last_year"] is None and facts["inside"]["compared"] == []


def test_the_six_cases_could_lie_in_any_centre() -> None:
    """By trying every answer there is: of each centre anything from nothing to all six remains possible."""
    outside = ruling().facts["outside"]
    cells, sums = printed(outside)
    mine = next(relation for relation in sums if relation.parts[0].startswith("cases:"))
    known = {cell: cells[cell] for cell in mine.cells}
    found = list(answers(known, [mine], 6))
    for part in mine.parts:
        assert {answer[part] for answer in found} == set(range(7))


def test_neither_shares_nor_charts_nor_the_spreadsheet_tell_more() -> None:
    facts = ruling().facts
    outside = facts["outside"]
    for table in outside["tables"]:
        assert all(row["share"] in ("－", "") for row in table["rows"] if row["count"] == "＊")
    assert outside["centre_chart"] is None and outside["month_chart"] is None
    numbers = {cell for sheet in facts["book_outside"]["sheets"] for row in sheet["rows"] for cell in row if isinstance(cell, int)}  # fmt: skip
    assert numbers == {6, 7}  # the sums of cases and of children


def test_what_leaves_the_house_has_the_same_rows_whatever_was_counted() -> None:
    """A row that were there only when it counts something would tell that it does."""
    some, none = ruling().facts["outside"], ruling(as_of="2023-04-30", to="2023-04").facts["outside"]
    for one, other in zip(some["tables"], none["tables"], strict=True):
        assert column(one["rows"], "label") == column(other["rows"], "label")


def test_visits_are_masked_with_their_households() -> None:
    """Five visits to one household are a large number about a single family."""
    past, day = past_before(FORM, "with_visits"), parse_iso("2023-07-31")
    book = casebook(past, day)
    tables = tabulate(book, tuple(catalogue().office.at(day)["centre"]), day, months_between(parse_month("2023-07"), parse_month("2023-07")))  # fmt: skip
    first, *others = tables.groups["visits"].rows
    many = {**tables.cells, **{f"visits:{row}": 50 for row in (first, *others)}, "visits": 350}
    many |= {f"dispatch:{row}": 10 for row in others} | {f"dispatch:{first}": 1, "dispatch": 61}
    masked = masked_cells(type(tables)(tables.groups, many, tables.minutes), ("dispatch", "visits"), 5)
    assert {f"dispatch:{first}", f"visits:{first}"} <= masked
    assert sum(cell.startswith("visits:") for cell in masked) == 2  # and one more, or the sum would tell
