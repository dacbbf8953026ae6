"""The invoice of a month (D20b): its own arithmetic, against the list, and against the contract (domain.md §1.17).

Unit prices and the handling of tax are the office's (office/contract.toml). Where it has set none, none is invented: nothing
is compared, and the 突合表 says 未設定.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from pipeline.model import Level, Problem
from pipeline.rules.dispatch import Values
from pipeline.rules.findings import Sentence, ensure_kind
from pipeline.rules.month import Month, sums
from pipeline.rules.visits import DONE

_WRONG_PRODUCT = Sentence("BR27", "数に単価を掛けた額と違います。数・単価・額を確かめて直してください。")
_WRONG_MINUTES = Sentence(
    "BR27", "請求の時間が、派遣実績一覧の実時間の合計と違います。どちらかを直してください。"
)
_TOO_MANY_TRIPS = Sentence(
    "BR27",
    "交通費の回数が、訪問に出た回数（実施と当日のキャンセル）を超えています。回数を直してください。",
)
_WRONG_SUBTOTAL = Sentence("BR27", "小計が、派遣料・交通費・事務費・その他の合計と違います。直してください。")
_WRONG_AMOUNT = Sentence("BR27", "請求金額が、小計と消費税額の合計と違います。直してください。")
_UNTAXED = Sentence("BR27", "非課税の請求に消費税額が書かれています。扱いか税額を直してください。")
_OTHER_PRICE = Sentence(
    "PRICE", "契約書の単価（{price}円）と違います。契約書を確かめて、単価と額を直してください。"
)
_OTHER_TAX_KIND = Sentence(
    "TAX", "消費税の扱いが、契約書の定め（{kind}）と違います。契約書を確かめて直してください。"
)
_OTHER_TAX = Sentence(
    "TAX", "消費税額が、小計に{percent}％を掛けた額と合いません。税額を確かめて直してください。"
)
_OTHER_CLAIMANT = Sentence(
    "BR07", "請求者が、この日の受託事業者の名称と違います。契約の相手方か、確かめてください。", Level.WARNING
)

_TRIPS: Final = (DONE, "当日のキャンセル")
_AGREED: Final = {
    "hourly": "hourly",
    "each": "travel",
    "office_fee": "office_fee",
}  # box → office/contract.toml
NOTHING_SET: Final = "未設定"


@dataclass(frozen=True, slots=True)
class Charge:
    """One part of the invoice: how many at which price, what is claimed for it, and how many the list counts."""

    group: str  # on the form: /invoice/<group>/<box>
    item: str
    quantity_box: str
    quantity: int
    unit: str
    price_box: str
    price: int
    amount: int
    counted: int

    @property
    def agrees(self) -> bool:
        """Whether the amount is quantity × price; of minutes at an hourly price, either rounding to a yen is right."""
        return _is_product(self.quantity * self.price, 60 if self.unit == "分" else 1, self.amount)


def _is_product(product: int, per: int, amount: int) -> bool:
    return product // per <= amount <= -(-product // per)


def charges_of(month: Month, invoice: Values) -> list[Charge]:
    """Return the parts of the invoice that have a quantity and a price."""
    charges = []
    for group, item, quantity_box, unit, price_box, counted in (
        ("help", "派遣料", "minutes", "分", "hourly", sums(month.rows)["minutes"]),
        (
            "travel",
            "交通費",
            "visits",
            "回",
            "each",
            sum(row.values["result"] in _TRIPS for row in month.rows),
        ),
    ):
        if told := invoice.get(group):
            told_here = (quantity_box, told[quantity_box], unit, price_box, told[price_box], told["amount"])
            charges.append(Charge(group, item, *told_here, counted))
    return charges


def check_charges(month: Month) -> Iterator[Problem]:
    """Yield what is wrong with each part: its quantity against the list, its product, its price against the contract."""
    invoice = month.invoice
    if invoice is None:
        return
    for charge in charges_of(month, invoice):
        at = f"/invoice/{charge.group}"
        yield from _check_quantity(charge, f"{at}/{charge.quantity_box}")
        if not charge.agrees:
            yield _WRONG_PRODUCT.at(f"{at}/amount", charge.item, charge.amount)
        yield from _check_price(
            month, charge.price_box, f"{at}/{charge.price_box}", charge.item, charge.price
        )
    if (fee := invoice.get("office_fee")) is not None:
        yield from _check_price(month, "office_fee", "/invoice/office_fee", "事務費（円）", fee)


def _check_quantity(charge: Charge, pointer: str) -> Iterator[Problem]:
    """Every minute of the list is charged; of trips a contract may pay fewer, never more."""
    if charge.group == "help" and charge.quantity != charge.counted:
        yield _WRONG_MINUTES.at(pointer, charge.item, charge.quantity)
    if charge.group == "travel" and charge.quantity > charge.counted:
        yield _TOO_MANY_TRIPS.at(pointer, charge.item, charge.quantity)


def _check_price(month: Month, box: str, pointer: str, title: str, price: int) -> Iterator[Problem]:
    agreed = month.contract.get(_AGREED[box])
    if agreed is not None and price != agreed:
        yield _OTHER_PRICE.at(pointer, title, price, price=f"{agreed:,}")


def check_amount(month: Month) -> Iterator[Problem]:
    """Yield what is wrong with the sums of the invoice, its tax and its claimant."""
    invoice = month.invoice
    if invoice is None:
        return
    if invoice["subtotal"] != subtotal_of(invoice):
        yield _WRONG_SUBTOTAL.at("/invoice/subtotal", "小計（円）", invoice["subtotal"])
    if invoice["amount"] != invoice["subtotal"] + invoice.get("tax", 0):
        yield _WRONG_AMOUNT.at("/invoice/amount", "請求金額（円）", invoice["amount"])
    yield from _check_tax(month, invoice)
    contractor = ensure_kind(month.filing.office, "contractor")
    claimant = invoice["claimant"]["name"]
    if "".join(claimant.split()) != "".join(contractor["name"].split()):
        yield _OTHER_CLAIMANT.at("/invoice/claimant/name", "請求者", claimant)


def subtotal_of(invoice: Values) -> int:
    """Return what the parts of an invoice come to."""
    groups = (invoice["help"], invoice.get("travel", {}), *invoice.get("others", ()))
    return int(invoice.get("office_fee", 0)) + sum(int(group.get("amount", 0)) for group in groups)


def _check_tax(month: Month, invoice: Values) -> Iterator[Problem]:
    told, tax = invoice["tax_kind"], invoice.get("tax", 0)
    kind, percent = month.contract.get("tax_kind"), month.contract.get("tax_percent")
    if kind and told != kind:
        yield _OTHER_TAX_KIND.at("/invoice/tax_kind", "消費税の扱い", told, kind=kind)
    if told == "非課税" and tax:
        yield _UNTAXED.at("/invoice/tax", "消費税額（円）", tax)
    if told == "課税" and percent is not None and not _is_product(invoice["subtotal"] * percent, 100, tax):
        yield _OTHER_TAX.at("/invoice/tax", "消費税額（円）", tax, percent=percent)


def invoice_facts(month: Month) -> dict[str, Any]:
    """Return what the papers print of an invoice: `amounts`, each part beside the list and the contract, and `pay_by`."""
    invoice = month.invoice
    if invoice is None:
        return {"amounts": [], "pay_by": None}
    return {
        "amounts": [_amount_fact(month, charge) for charge in charges_of(month, invoice)],
        "pay_by": _pay_by(month),
    }


def _amount_fact(month: Month, charge: Charge) -> dict[str, Any]:
    agreed = month.contract.get(_AGREED[charge.price_box])
    return {
        "item": charge.item,
        "quantity": f"{charge.quantity:,}{charge.unit}",
        "counted": f"{charge.counted:,}{charge.unit}",
        "price": charge.price,
        "agreed": NOTHING_SET if agreed is None else f"{agreed:,}円",
        "amount": charge.amount,
    }


def _pay_by(month: Month) -> str:
    """The last day to pay; the day the invoice came counts as the first (支払遅延防止法6条の例)."""
    return (month.filing.came_in + timedelta(month.contract["payment_days"] - 1)).isoformat()
