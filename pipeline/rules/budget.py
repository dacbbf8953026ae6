"""予算要求と実績 (domain.md §5.6): the calculation by 節, the sources, and what was left. Pure.

Amounts are calculated in 円 and asked for in 千円; how a part of 千円 counts is the office's setting
(office/budget.toml). No share of anything is invented: every amount is input, and only checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.findings import Sentence, ensure_kind
from pipeline.rules.wareki import fiscal_year_name

Values = Mapping[str, Any]
GENERAL: Final = "一般財源"
SOURCES: Final = ("国庫支出金", "県支出金", "地方債", "その他")
_RATE: Final = re.compile(r"([0-9０-９]{1,2})分の([0-9０-９]{1,2})")  # int() reads either width
_OTHER_REQUEST: Final = Sentence(
    "BUDGET", "積算の合計（端数は、{by}ごとに{expense}）と違います。積算か要求額を直してください。"
)
_OTHER_FUNDING: Final = Sentence(
    "BUDGET",
    "国・県・地方債・その他の特定財源と一般財源の合計が、要求額と違います。財源の金額を直してください。",
)
_OTHER_GRANT: Final = Sentence(
    "BUDGET",
    "補助対象経費に補助率を掛けた額（千円未満{revenue}）と違います。金額を確かめてください。",
    Level.WARNING,
)
_NO_RATE: Final = Sentence("BUDGET", "補助率の分母は０にできません。補助率を直してください。")
_NODE_MISSING: Final = Sentence(
    "BUDGET", "積算にある節のうち{count}件の実績がありません。すべての節を書いてください。"
)
_NODE_UNKNOWN: Final = Sentence("BUDGET", "積算にない節か、同じ節が二度あります。節を確かめてください。")
_OVERSPENT: Final = Sentence(
    "BUDGET", "支出済額が予算現額を超えています。補正・流用と支出済額を確かめてください。"
)
_REVENUE_OVER: Final = Sentence(
    "BUDGET", "収入済額の合計が支出済額の合計を超えています。返還の要否を確かめてください。", Level.WARNING
)
_NO_REASON: Final = Sentence("BUDGET", "不用額があります。残った理由を記入してください。", Level.WARNING)
_REVENUE_UNKNOWN: Final = Sentence(
    "BUDGET", "要求の財源にない収入か、同じ種類が二度あります。財源の種類を確かめてください。"
)


@dataclass(frozen=True, slots=True)
class Node:
    """One 節: its lines, their sum in 円, and in 千円 as it is asked for."""

    name: str
    items: tuple[dict[str, Any], ...]
    yen: int
    thousand: int


def judge_budget(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge a 予算要求 or a 実績報告. Facts: `year`, `nodes`, `yen`, `funding`, `change` against the year before, and
    `settled` where the year is over.

    Raises OfficeFault where the office has set no rounding (office/budget.toml).
    """
    setting = ensure_kind(office, "budget")
    nodes = read_nodes(values["items"], setting)
    problems = [*_check_request(values, nodes, setting), *_check_grants(values, setting)]
    settled = values.get("settlement") if values["stage"] == "実績報告" else None
    if settled:
        problems += _check_settlement(values, nodes, settled)
    if any(problem.level is Level.ERROR for problem in problems):
        return Ruling(tuple(problems))
    facts = {
        "year": fiscal_year_name(date(2018 + values["year"], 6, 1)),
        "previous_year": fiscal_year_name(date(2017 + values["year"], 6, 1)),
        "nodes": [_printed(node) for node in nodes],
        "yen": sum(node.yen for node in nodes),
        "rounding": f"千円未満の端数は、{setting['by']}ごとに、歳出は{setting['expense']}、歳入は{setting['revenue']}とした。",
        "funding": _funding(values),
        "change": _change(values),
        "settled": _settled(values, nodes, settled) if settled else None,
    }
    return Ruling(tuple(problems), facts)


def to_thousand(yen: int, how: str) -> int:
    """円 → 千円, `how` one of 切上げ, 切捨て, 四捨五入. Amounts are 0 or more."""
    return {"切上げ": -(-yen // 1000), "切捨て": yen // 1000, "四捨五入": (yen + 500) // 1000}[how]


def read_nodes(items: Sequence[Values], setting: Values) -> tuple[Node, ...]:
    """Return the lines by 節, in the order of the list. Rounded by 計, a 節 shows its part and the last takes the rest."""
    names = sorted({item["node"] for item in items}, key=_number)
    grouped = [(name, tuple(_item(item) for item in items if item["node"] == name)) for name in names]
    sums = [sum(item["amount"] for item in mine) for _, mine in grouped]
    thousands = [to_thousand(yen, setting["expense"]) for yen in sums]
    if setting["by"] == "計":
        thousands[-1] += to_thousand(sum(sums), setting["expense"]) - sum(thousands)
    return tuple(
        Node(name, mine, yen, thousand)
        for (name, mine), yen, thousand in zip(grouped, sums, thousands, strict=True)
    )


def _number(node: str) -> int:
    return int(node.partition("　")[0])


def _item(item: Values) -> dict[str, Any]:
    times = item.get("times")
    amount = item["unit_price"] * item["quantity"] * (times or 1)
    count = f"{item['quantity']:,}{item.get('unit') or ''}" + (f"×{times:,}" if times else "")
    return {"content": item["content"], "formula": f"{item['unit_price']:,}円×{count}", "amount": amount}


def _printed(node: Node) -> dict[str, Any]:
    return {"name": node.name, "items": list(node.items), "yen": node.yen, "thousand": node.thousand}


def _check_request(values: Values, nodes: Sequence[Node], setting: Values) -> Iterator[Problem]:
    if sum(node.thousand for node in nodes) != values["request"]:
        limits = {"by": setting["by"], "expense": setting["expense"]}
        yield _OTHER_REQUEST.at("/request", "要求額（千円）", values["request"], **limits)
    if sum(fund["amount"] for fund in values.get("funding") or ()) + values["general"] != values["request"]:
        yield _OTHER_FUNDING.at("/general", "一般財源（千円）", values["general"])


def _check_grants(values: Values, setting: Values) -> Iterator[Problem]:
    for number, fund in enumerate(values.get("funding") or ()):
        rate = _RATE.fullmatch(fund.get("rate") or "")
        if rate is None or fund.get("base") is None:
            continue
        below, above = int(rate[1]), int(rate[2])
        if below == 0:
            yield _NO_RATE.at(f"/funding/{number}/rate", "補助率", fund["rate"])
        elif to_thousand(fund["base"] * above // below, setting["revenue"]) != fund["amount"]:
            found = fund["amount"]
            yield _OTHER_GRANT.at(
                f"/funding/{number}/amount", "金額（千円）", found, revenue=setting["revenue"]
            )


def _funding(values: Values) -> list[dict[str, Any]]:
    """The sources in the order of the budget, 一般財源 and the sum last, with their shares of the whole."""
    funds = sorted(values.get("funding") or (), key=lambda fund: SOURCES.index(fund["source"]))
    rows = [(fund["source"], fund["name"], fund.get("rate") or "", fund["amount"]) for fund in funds]
    rows += [(GENERAL, "", "", values["general"]), ("計", "", "", values["request"])]
    return [
        {
            "source": source,
            "name": name,
            "rate": rate,
            "amount": amount,
            "share": f"{100 * amount / values['request']:.1f}％",
        }
        for source, name, rate, amount in rows
    ]


def _change(values: Values) -> str:
    before = (values.get("previous") or {}).get("budget", 0)
    by = values["request"] - before
    return f"△{-by:,}" if by < 0 else f"{by:,}"


# --- 実績 ---------------------------------------------------------------------------------------------------------


def _check_settlement(values: Values, nodes: Sequence[Node], settled: Values) -> Iterator[Problem]:
    known = {node.name: node.thousand * 1000 for node in nodes}
    named = [row["node"] for row in settled["nodes"]]
    if missing := len(known.keys() - set(named)):
        yield _NODE_MISSING.at("/settlement/nodes", "節ごとの支出済額", count=missing)
    for number, row in enumerate(settled["nodes"]):
        pointer = f"/settlement/nodes/{number}"
        if row["node"] not in known or row["node"] in named[:number]:
            yield _NODE_UNKNOWN.at(f"{pointer}/node", "節", row["node"])
            continue
        left = known[row["node"]] + row.get("change", 0) - row["spent"]
        if left < 0:
            yield _OVERSPENT.at(f"{pointer}/spent", "支出済額（円）", row["spent"])
        elif left and not row.get("reason"):
            yield _NO_REASON.at(f"{pointer}/reason", "不用額の理由")
    yield from _check_revenue(values, settled)


def _check_revenue(values: Values, settled: Values) -> Iterator[Problem]:
    planned = {fund["source"] for fund in values.get("funding") or ()}
    named = [row["source"] for row in (settled.get("revenue") or ())]
    for number, source in enumerate(named):
        if source not in planned or source in named[:number]:
            yield _REVENUE_UNKNOWN.at(f"/settlement/revenue/{number}/source", "財源の種類", source)
    if sum(row["amount"] for row in (settled.get("revenue") or ())) > sum(
        row["spent"] for row in settled["nodes"]
    ):
        yield _REVENUE_OVER.at("/settlement/revenue", "収入済額")


def _settled(values: Values, nodes: Sequence[Node], settled: Values) -> dict[str, Any]:
    """What was spent and left (不用額), by 節 and in all, and where the money came from."""
    told = {row["node"]: row for row in settled["nodes"]}
    rows = [_left(node, told[node.name]) for node in nodes]
    total = {key: sum(row[key] for row in rows) for key in ("budget", "change", "current", "spent", "unused")}
    spent, received = total["spent"], {row["source"]: row["amount"] for row in (settled.get("revenue") or ())}
    planned = {
        source: sum(fund["amount"] for fund in values.get("funding") or () if fund["source"] == source)
        for source in SOURCES
    }
    sources = [
        {"source": source, "planned": planned[source] * 1000, "received": received.get(source, 0)}
        for source in SOURCES
        if planned[source]
    ]
    rest = {
        "source": GENERAL,
        "planned": values["general"] * 1000,
        "received": spent - sum(received.values()),
    }
    whole = {"source": "計", "planned": values["request"] * 1000, "received": spent}
    sources = [{**row, **_signed(row, "planned", "received")} for row in (*sources, rest, whole)]
    percent = f"{100 * spent / total['current']:.1f}％" if total["current"] else "－"
    shown = [{**row, **_signed(row, *total)} for row in (*rows, {"name": "計", "reason": "", **total})]
    return {"rows": shown, "sources": sources, "percent": percent, "unused": f"{total['unused']:,}"}


def _left(node: Node, told: Values) -> dict[str, Any]:
    budget, change = node.thousand * 1000, told.get("change", 0)
    current = budget + change
    return {"name": node.name, "budget": budget, "change": change, "current": current, "spent": told["spent"],
            "unused": current - told["spent"], "reason": told.get("reason") or ""}  # fmt: skip


def _signed(row: Values, *keys: str) -> dict[str, str]:
    """Amounts as a budget prints them: △1,000 for less than nothing."""
    return {key: f"△{-row[key]:,}" if row[key] < 0 else f"{row[key]:,}" for key in keys}
