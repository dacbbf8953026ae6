"""統計: the deck's six cases, and an opponent who reads everything that leaves the house and tries to compute it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from test_figures import answers, narrowed, solved

from pipeline.errors import OfficeFault
from pipeline.model import Past, Ruling
from pipeline.rules import judge
from pipeline.rules.casebook import casebook
from pipeline.rules.figures import Sum, shown
from pipeline.rules.tabulation import (
    ALL,
    Group,
    System,
    Tables,
    masked_cells,
    months_between,
    tabulate,
)
from pipeline.rules.wareki import parse_iso, parse_month
from tests.rules.households import came_on, catalogue, past_before, values_of

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


@pytest.mark.parametrize(("key", "named"), [(None, "statistics"), ("threshold", "threshold"), ("recorded_from", "recorded_from")])  # fmt: skip
def test_without_its_setting_nothing_leaves_the_house(key: str | None, named: str) -> None:
    """Also a workspace from before there was `recorded_from`: the form is held, and the fault says what to write where."""
    office = {**catalogue().office.at(came_on(FORM, "r5_7_1"))}
    setting = dict(office.pop("statistics"))
    if key is not None:
        del setting[key]
        office["statistics"] = setting
    with pytest.raises(OfficeFault) as caught:
        judge(FORM, values_of(FORM, "r5_7_1"), office, came_on(FORM, "r5_7_1"), Past())
    assert caught.value.code == "OFFICE"
    assert "office/statistics.toml" in str(caught.value) and named in str(caught.value)


# --- The attack ---------------------------------------------------------------------------------------------------


def printed(outside: Mapping[str, Any], first: Sequence[str] = ()) -> tuple[dict[str, int | None], list[Sum]]:
    """What an opponent reads off the tables that leave the house: numbers, gaps, and which sums they stand in.

    All tables of cases share their sum, so that they are one system. `first` says which columns ("" this year's,
    "last/") reach back to the first record: before it there was no case, which is no secret.
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
    sums += [Sum(f"{last}new", (f"{last}cases", f"{last}closed")) for last in first]
    for whole, part in _never_more(cells):
        cells[f"rest/{part}"] = None
        sums.append(Sum(whole, (part, f"rest/{part}")))
    return cells, sums


def _never_more(cells: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What everybody knows of such tables: a row of several is no more than all cases, helpers come to cases only."""
    rows = [("cases", cell) for cell in cells if cell.startswith("ケアの")]
    helped = [(f"cases{row}", f"dispatch{row}") for cell in cells if cell.startswith("dispatch") for row in [cell.removeprefix("dispatch")]]  # fmt: skip
    return [("children", "cases"), *rows, *helped]


def ensure_nothing_follows(cells: Mapping[str, int | None], sums: list[Sum]) -> None:
    unseen = {cell for cell in cells if cell == "came" or cell.startswith("rest/")}
    assert not (solved(cells, sums) | narrowed(cells, sums)) - unseen


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
    cells, sums = printed(ruling(example).facts["outside"], [""] if example == "with_visits" else [])
    assert all(count is None or count >= 5 for count in cells.values())
    ensure_nothing_follows(cells, sums)


@pytest.mark.parametrize("begins", ["2022-11", "2022-08", "2022-06"])
def test_from_the_first_record_on_what_came_and_is_not_there_was_closed(begins: str) -> None:
    """６ cases and ６ new ones since there are records: that none was closed. So long as 13 months, and from November."""
    outside = ruling("r5_7_1", **{"from": begins}).facts["outside"]
    cells, sums = printed(outside, [""])
    ensure_nothing_follows(cells, sums)
    assert (cells["cases"], cells["children"], cells["new"], cells["closed"]) == (6, 7, None, None)
    assert "closed" in solved({**cells, "new": 6}, sums)  # the opponent would have it


def test_nor_does_it_follow_from_the_column_of_last_year() -> None:
    outside = ruling("a_year_later", **{"from": "2023-07", "quarterly": False}).facts["outside"]
    cells, sums = printed(outside, ["last/"])
    ensure_nothing_follows(cells, sums)
    assert "last/closed" in solved({**cells, "last/new": 6}, sums)
    with_last_quarter = printed(ruling("a_year_later", **{"from": "2023-11", "quarterly": False}).facts["outside"], ["last/"])  # fmt: skip
    ensure_nothing_follows(*with_last_quarter)


def counted(rows: Mapping[str, tuple[int, ...]]) -> Tables:
    """Tables of these rows; of `task` there is no sum."""
    totals = {"cases": "cases", "stage": "children", "dispatch": "dispatch", "task": None}
    groups = {key: Group(key, tuple(f"{n}" for n in range(len(counts))), totals[key]) for key, counts in rows.items()}  # fmt: skip
    cells = {
        groups[key].cell(f"{n}"): count for key, counts in rows.items() for n, count in enumerate(counts)
    }
    sums = {total: sum(counts) for key, counts in rows.items() if (total := totals[key])}
    return Tables(groups, cells | sums, {ALL: 0})


@pytest.mark.parametrize(
    ("rows", "also"),
    [
        ({"cases": (12,), "stage": (12,), "task": (12,)}, {"cases"}),
        ({"cases": (12,), "stage": (6, 7), "task": (11, 5)}, {"cases"}),
        ({"cases": (9, 3, 8), "dispatch": (5, 0, 8)}, set()),
        ({"cases": (9, 3, 8), "dispatch": (9, 3, 8)}, set()),
    ],
)
def test_what_is_never_more_narrows_nothing(rows: Mapping[str, tuple[int, ...]], also: set[str]) -> None:
    """As many children as cases, and a row with all of them: the sum that was left out stands between the two."""
    tables = counted(rows)
    masked = masked_cells(tables, tuple(rows), 5, System(masked=frozenset(also)))
    sums = [relation for group in tables.groups.values() for relation in group.sums]
    pairs = [("children", "cases"), *(("cases", cell) for cell in tables.cells if cell.startswith("task"))]
    pairs += [(f"cases{cell[8:]}", cell) for cell in tables.cells if cell.startswith("dispatch")]
    pairs = [(whole, part) for whole, part in pairs if whole in tables.cells]
    sums += [Sum(whole, (part, f"rest/{part}")) for whole, part in pairs]
    cells = shown(tables.cells, masked) | {f"rest/{part}": None for _, part in pairs}
    assert also <= masked and cells["cases"] in (None, tables.cells["cases"])
    assert not {cell for cell in narrowed(cells, sums) | solved(cells, sums) if not cell.startswith("rest/")}
    assert not any(cell.startswith("rest/") for cell in masked)


def test_nor_from_the_year_before_when_twelve_months_lie_between() -> None:
    """６ cases in June of ５, 1 new one, 7 cases a year later: that none was closed is nobody's to compute."""
    outside = ruling("a_year_later", **{"from": "2023-07", "quarterly": False}).facts["outside"]
    cells, sums = printed(outside)
    assert (cells["cases"], cells["last/cases"]) == (7, 6)
    assert cells["new"] is None and cells["closed"] is None and "came" in cells
    ensure_nothing_follows(cells, sums)


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
