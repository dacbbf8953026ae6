"""講師謝礼: who may be paid, and that the sums of the 計算書 are sums."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import OfficeFault
from pipeline.model import NOTHING_BEFORE
from pipeline.rules.lecturer_fees import fee_facts
from pipeline.rules.outreach_event import judge_event
from tests.conftest import example
from tests.intake import catalogue as shipped
from tests.rules.households import changed

DAY = date(2023, 6, 16)
OFFICE = shipped().office.at(DAY)


def codes(values: dict[str, Any]) -> list[tuple[str, str]]:
    problems = judge_event(values, OFFICE, DAY, NOTHING_BEFORE).problems
    return [(problem.code, problem.pointer) for problem in problems if problem.code.startswith("FEE")]


def paid(*changes: tuple[str, Any]) -> dict[str, Any]:
    return changed(example("outreach_event", "lecturers_paid"), *changes)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("/fee/payments/0/name", "例示三郎"), []),
        (("/fee/payments/0/name", "例示　六郎"), [("FEE_LECTURER", "/fee/payments/0/name")]),
        (("/fee/payments/2/name", "例示三郎"), [("FEE_TWICE", "/fee/payments/2/name")]),
        (("/fee/payments/1/reason", None), [("FEE_REASON", "/fee/payments/1/reason")]),
        (("/fee/paid_on", "2023-06-16"), []),
        (("/fee/paid_on", "2023-06-15"), [("FEE_EARLY", "/fee/paid_on")]),
        (("/kind", "出前講座"), [("FEE_EVENT", "/fee")]),
    ],
)
def test_what_nobody_can_pay_is_said(change: tuple[str, Any], found: list[tuple[str, str]]) -> None:
    assert codes(paid(change)) == found


def test_a_warning_leaves_the_fee_to_be_printed() -> None:
    early = judge_event(paid(("/fee/paid_on", "2023-06-15")), OFFICE, DAY, NOTHING_BEFORE)
    assert [problem.code for problem in early.problems] == ["FEE_EARLY"]
    assert early.facts["fee"]["paid"] == early.facts["fee"]["amount"] - early.facts["fee"]["tax"]


def test_each_payment_by_its_own() -> None:
    fee = fee_facts(paid(), OFFICE)
    assert fee is not None
    assert [(row["amount"], row["tax"], row["paid"]) for row in fee["rows"]] == [
        (1_200_000, 142_940, 1_057_060),
        (50_000, 0, 50_000),
        (11_137, 1_137, 10_000),
    ]
    assert fee["rows"][1]["how"] == "源泉徴収なし（所属する法人に支払うため）"
    assert (fee["due"], fee_facts(paid(("/fee/paid_on", "2023-05-31")), OFFICE)["due"]) == (
        None,
        "2023-06-12",
    )  # type: ignore[index]


PAYMENTS = st.lists(st.tuples(st.integers(1, 9_999_999), st.booleans()), min_size=1, max_size=5)


@given(PAYMENTS)
def test_paid_and_withheld_are_the_fees_in_every_row_and_in_all(payments: list[tuple[int, bool]]) -> None:
    rows = [
        {"name": f"例示{n}", "amount": amount, "withholding": "する" if taxed else "しない", "reason": "法人"}
        for n, (amount, taxed) in enumerate(payments)
    ]
    fee = fee_facts({"fee": {"payments": rows}}, OFFICE)
    assert fee is not None
    for row, (amount, taxed) in zip(fee["rows"], payments, strict=True):
        assert row["paid"] + row["tax"] == row["amount"] == amount
        assert taxed or row["tax"] == 0
    assert fee["paid"] + fee["tax"] == fee["amount"] == sum(amount for amount, _ in payments)
    assert fee["tax"] == sum(row["tax"] for row in fee["rows"])


def test_who_pays_nothing_withholds_nothing_over() -> None:
    rows = [{"name": "例示", "amount": 9, "withholding": "する"}]
    fee = fee_facts({"fee": {"paid_on": "2023-06-16", "payments": rows}}, OFFICE)
    assert fee is not None and (fee["tax"], fee["due"]) == (0, None)
    assert fee_facts({}, OFFICE) is None


def test_without_rates_the_form_is_held() -> None:
    office = {kind: records for kind, records in OFFICE.items() if kind != "withholding"}
    with pytest.raises(OfficeFault):
        fee_facts(paid(), office)


def test_a_rate_the_office_has_not_set_is_named() -> None:
    rates = {key: value for key, value in OFFICE["withholding"].items() if key != "rate_above"}
    with pytest.raises(OfficeFault, match="rate_above"):
        fee_facts(paid(), {**OFFICE, "withholding": rates})
