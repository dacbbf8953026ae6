"""予算: 節, 千円, sources, and what was left."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import NOTHING_BEFORE, Level, Ruling
from pipeline.rules import judge
from pipeline.rules.budget import read_nodes, to_thousand
from pipeline.rules.wareki import parse_iso
from tests.rules.households import catalogue, values_of

DAY = parse_iso("2022-11-01")
SETTING = {"by": "節", "expense": "切上げ", "revenue": "切捨て"}


def ruling(example: str = "r5_request", setting: dict[str, str] = SETTING, **changed: Any) -> Ruling:
    office = {**catalogue().office.at(DAY), "budget": setting}
    return judge(
        "budget_request", {**values_of("budget_request", example), **changed}, office, DAY, NOTHING_BEFORE
    )


def pointers(ruling: Ruling) -> list[str]:
    return [problem.pointer for problem in ruling.problems]


def item(node: str, yen: int) -> dict[str, Any]:
    return {"node": node, "content": "見本", "unit_price": yen, "quantity": 1}


def test_the_deck_s_7871_and_its_two_grants() -> None:
    facts = ruling().facts
    assert sum(node["thousand"] for node in facts["nodes"]) == 7871
    assert [node["name"][:2] for node in facts["nodes"]] == ["１　", "３　", "４　", "７　", "10", "11", "12"]
    assert [(fund["source"], fund["amount"]) for fund in facts["funding"]] == [
        ("国庫支出金", 1911), ("県支出金", 1984), ("一般財源", 3976), ("計", 7871)]  # fmt: skip
    assert facts["change"] == "7,871"
    assert ruling(previous={"budget": 8000}).facts["change"] == "△129"


@pytest.mark.parametrize(("how", "thousand"), [("切上げ", 3), ("切捨て", 2), ("四捨五入", 2)])
def test_a_part_of_a_thousand(how: str, thousand: int) -> None:
    assert to_thousand(2499, how) == thousand
    assert to_thousand(2000, how) == 2


@given(
    st.lists(st.integers(0, 10**7), min_size=1, max_size=7), st.sampled_from(["切上げ", "切捨て", "四捨五入"])
)
def test_rounded_as_a_whole_the_parts_still_add_up(amounts: list[int], how: str) -> None:
    names = ["１　報酬", "３　職員手当等", "４　共済費", "７　報償費", "８　旅費", "10　需用費", "12　委託料"]
    items = [item(name, yen) for name, yen in zip(names, amounts, strict=False)]
    nodes = read_nodes(items, {"by": "計", "expense": how})
    assert sum(node.thousand for node in nodes) == to_thousand(sum(amounts), how)
    assert sum(node.yen for node in nodes) == sum(amounts)


def test_the_rounding_is_the_office_s() -> None:
    items = [item("１　報酬", 1), item("10　需用費", 1)]
    assert pointers(ruling(items=items, request=2, funding=[], general=2)) == []
    whole = {**SETTING, "by": "計"}
    assert pointers(ruling(setting=whole, items=items, request=2, funding=[], general=2)) == ["/request"]
    assert pointers(ruling(setting=whole, items=items, request=1, funding=[], general=1)) == []


def test_the_sources_must_be_the_whole() -> None:
    assert pointers(ruling(general=3975)) == ["/general"]
    assert pointers(ruling(request=7870)) == ["/request", "/general"]


def test_a_grant_is_its_rate_of_what_it_is_for() -> None:
    funding = [{**fund} for fund in values_of("budget_request", "r5_request")["funding"]]
    funding[0]["amount"], funding[1]["amount"] = 1912, 1983
    found = ruling(funding=funding)
    assert [(p.pointer, p.level) for p in found.problems] == [
        ("/funding/0/amount", Level.WARNING), ("/funding/1/amount", Level.WARNING)]  # fmt: skip
    funding[0]["rate"] = "0分の1"
    assert "/funding/0/rate" in pointers(ruling(funding=funding))


def test_what_was_left_by_node_and_source() -> None:
    settled = ruling("r5_settled").facts["settled"]
    *rows, total = settled["rows"]
    assert total["unused"] == settled["unused"] == "1,280,500"
    assert next(row for row in rows if row["name"] == "７　報償費")["change"] == "△10,000"
    sources = {row["source"]: row["received"] for row in settled["sources"]}
    assert sources == {
        "国庫支出金": "1,700,000",
        "県支出金": "1,500,000",
        "一般財源": "3,390,500",
        "計": "6,590,500",
    }


def test_no_node_is_overspent_forgotten_or_left_without_a_word() -> None:
    settlement = values_of("budget_request", "r5_settled")["settlement"]
    nodes = [dict(row) for row in settlement["nodes"]]
    nodes[0]["spent"] += 1
    del nodes[2]["reason"]
    found = ruling("r5_settled", settlement={**settlement, "nodes": nodes[:-1]})
    assert pointers(found) == ["/settlement/nodes", "/settlement/nodes/0/spent", "/settlement/nodes/2/reason"]


def test_revenue_is_of_the_sources_asked_for() -> None:
    settlement = {**values_of("budget_request", "r5_settled")["settlement"], "revenue": [{"source": "その他", "amount": 1}]}  # fmt: skip
    assert pointers(ruling("r5_settled", settlement=settlement)) == ["/settlement/revenue/0/source"]
    settlement["revenue"] = [{"source": "国庫支出金", "amount": 6_590_501}]
    assert pointers(ruling("r5_settled", settlement=settlement)) == ["/settlement/revenue"]
