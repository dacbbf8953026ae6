"""支援体系図: back-references, merged cells, and what became of each measure."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.model import Level, Ruling
from pipeline.rules import judge
from tests.rules.households import came_on, catalogue, past_before, values_of

FORM = "measure_tree"


def ruling(example: str = "r5", **changed: Any) -> Ruling:
    day = came_on(FORM, example)
    office = catalogue().office.at(day)
    return judge(FORM, {**values_of(FORM, example), **changed}, office, day, past_before(FORM, example))


def rows(**row: str) -> list[dict[str, str]]:
    return [{"goal": "Ⅰ", "policy": "施策", "measure": "策", **row}]


def test_the_deck_as_it_stands() -> None:
    facts = ruling().facts
    assert (facts["before"], facts["year"]) == ("令和４年度", "令和５年度")
    assert len(facts["rows"]) == 16
    assert sum(row["opens_goal"] for row in facts["rows"]) == 3
    assert sum(row["opens_policy"] for row in facts["rows"]) == 7
    assert {item["label"]: item["count"] for item in facts["counts"]} == {
        "新規": "３", "変更": "10", "継続": "３", "終了": "０", "未実施": "０"}  # fmt: skip
    assert ruling().problems == ()


def test_the_same_as_before_is_written_out_where_the_year_stands_alone() -> None:
    row = next(row for row in ruling().facts["rows"] if row["measure"] == "市の広報媒体への記事掲載")
    assert row["now"] == "令和４年度と同じ"
    assert row["alone"] == "市公式HP、市公式SNS、広報紙への掲載"
    assert not any("と同じ" in row["alone"] for row in ruling().facts["rows"])


@pytest.mark.parametrize(
    "said", ["令和４年度と同じ", "令和4年度と同じ", "前年度と同じ", "前年度と同様", "同左"]
)
def test_ways_to_point_back(said: str) -> None:
    (row,) = ruling("r4", year=5, rows=rows(before="掲載", now=said)).facts["rows"]
    assert (row["alone"], row["change"]) == ("掲載", "継続")


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [("", "実施", "新規"), ("－", "実施", "新規"), ("掲載", "実施", "変更"), ("掲載", "掲載", "継続"),
     ("掲載", "", "終了"), ("掲載", "－", "終了"), ("", "", "未実施")],
)  # fmt: skip
def test_what_became_of_a_measure(before: str, now: str, change: str) -> None:
    (row,) = ruling("r4", rows=rows(before=before, now=now)).facts["rows"]
    assert row["change"] == change
    assert row["now"] == (now or "－")


@pytest.mark.parametrize("row", [{"now": "令和３年度と同じ", "before": "掲載"}, {"now": "令和４年度と同じ"}])
def test_pointing_back_to_nothing_is_returned(row: dict[str, str]) -> None:
    found = ruling("r4", year=5, rows=rows(**row)).problems
    assert [problem.pointer for problem in found] == ["/rows/0/now"]


def test_rows_of_one_policy_stand_together() -> None:
    parted = [{"goal": "Ⅰ", "policy": policy, "measure": str(n)} for n, policy in enumerate("甲乙甲")]
    assert [p.pointer for p in ruling("r4", rows=parted).problems] == ["/rows/2/policy"]
    same_words = [{"goal": goal, "policy": "甲", "measure": "一"} for goal in ("Ⅰ", "Ⅱ")]
    assert ruling("r4", rows=same_words).problems == ()


def test_the_year_before_is_held_against_its_own_form() -> None:
    found = ruling("r6_differs").problems
    assert [(p.pointer, p.level) for p in found] == [
        ("/rows/2/before", Level.WARNING),
        ("/rows", Level.WARNING),
    ]
    assert "13件" in found[1].message
