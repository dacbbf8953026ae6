"""講師謝礼 of a 研修会 (domain.md §5.4): whom the office pays how much, and what it withholds. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.model import Level, Problem
from pipeline.rules.findings import Sentence, ensure_kind
from pipeline.rules.wareki import parse_iso
from pipeline.rules.withholding import Rates, formula, pay_tax_by, rates_of, tax_on

_LECTURE = Sentence(
    "FEE_EVENT",
    "出前講座の講師は職員なので、講師謝礼はありません。謝礼の欄を空にするか、種類を研修会に直してください。",
)
_NO_LECTURER = Sentence(
    "FEE_LECTURER", "開催の欄の講師の中に、この氏名がありません。講師の氏名と同じに直してください。"
)
_TWICE = Sentence(
    "FEE_TWICE",
    "同じ講師の謝礼が二度あります。税額は一人への支払ごとに計算するので、一つにまとめてください。",
)
_NO_REASON = Sentence(
    "FEE_REASON", "源泉徴収をしないときは、その理由（所属する法人に支払うなど）を記入してください。"
)
_EARLY = Sentence(
    "FEE_EARLY",
    "支払日が開催日より前です。報償費は後払いが原則です。日付か、前金払の決裁を確かめてください。",
    Level.WARNING,
)

Values = Mapping[str, Any]


def check_fees(values: Values, office: Values) -> Iterator[Problem]:
    """Find fees nobody can pay as they stand."""
    fee = values.get("fee")
    if fee is None:
        return
    if values["kind"] != "研修会":
        yield _LECTURE.at("/fee", "講師謝礼")
    event = values.get("event") or {}
    lecturers, seen = {_plain(person["name"]) for person in event.get("lecturers") or ()}, set()
    for n, payment in enumerate(fee["payments"]):
        name = _plain(payment["name"])
        if name not in lecturers:
            yield _NO_LECTURER.at(f"/fee/payments/{n}/name", "講師の氏名", payment["name"])
        if name in seen:
            yield _TWICE.at(f"/fee/payments/{n}/name", "講師の氏名", payment["name"])
        if payment["withholding"] == "しない" and not payment.get("reason"):
            yield _NO_REASON.at(f"/fee/payments/{n}/reason", "源泉徴収をしない理由")
        seen.add(name)
    paid_on, held = fee.get("paid_on"), event.get("slot", {}).get("on")
    if paid_on is not None and held is not None and paid_on < held:
        yield _EARLY.at("/fee/paid_on", "支払日", paid_on)


def fee_facts(values: Values, office: Values) -> dict[str, Any] | None:
    """Return what the 講師謝礼計算書 prints: each payment with its tax, and the sums. None without a fee.

    Raises OfficeFault where the office has not set all rates (office/withholding.toml).
    """
    fee = values.get("fee")
    if fee is None:
        return None
    record = ensure_kind(office, "withholding", "limit", "rate", "rate_above", "basis")
    rates = rates_of(record)
    titles = {_plain(p["name"]): p["title"] for p in (values.get("event") or {}).get("lecturers") or ()}
    rows = [_row(payment, titles.get(_plain(payment["name"]), ""), rates) for payment in fee["payments"]]
    sums = {key: sum(row[key] for row in rows) for key in ("amount", "tax", "paid")}
    assert sums["paid"] + sums["tax"] == sums["amount"]
    paid_on = fee.get("paid_on")
    due = pay_tax_by(parse_iso(paid_on)) if paid_on and sums["tax"] else None
    return {"rows": rows, **sums, "basis": record["basis"], "due": due.isoformat() if due else None}


def _row(payment: Values, title: str, rates: Rates) -> dict[str, Any]:
    """One payment: what is withheld and what the lecturer gets are the fee, to the last 円."""
    amount, withheld = payment["amount"], payment["withholding"] == "する"
    tax = tax_on(amount, rates) if withheld else 0
    how = formula(amount, rates) if withheld else f"源泉徴収なし（{payment.get('reason') or ''}）"
    return {
        "title": title,
        "name": payment["name"],
        "amount": amount,
        "how": how,
        "tax": tax,
        "paid": amount - tax,
    }


def _plain(name: str) -> str:
    return "".join(name.split())
