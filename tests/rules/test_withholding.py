"""源泉徴収 of a lecturer's fee, by the table a clerk would check it with, and as sums that must always hold."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rules.withholding import Rates, formula, pay_tax_by, rates_of, tax_on
from tests.intake import catalogue as shipped

RATES = Rates(limit=1_000_000, rate=1021, rate_above=2042)
AMOUNTS = st.integers(0, 50_000_000)


@pytest.mark.parametrize(
    ("amount", "tax"),
    [
        (0, 0),
        (1, 0),
        (9, 0),  # 0.9189
        (10, 1),  # 1.021
        (5_000, 510),  # 510.5
        (10_000, 1_021),
        (11_137, 1_137),  # 1,137.0877: the fee whose net is 10,000円
        (30_000, 3_063),
        (33_333, 3_403),
        (50_000, 5_105),
        (111_370, 11_370),  # 11,370.877: net 100,000円
        (999_999, 102_099),
        (1_000_000, 102_100),
        (1_000_001, 102_100),  # 102,100.2042
        (1_000_005, 102_101),  # 102,101.021
        (1_200_000, 142_940),
        (1_500_000, 204_200),
        (2_000_000, 306_300),
    ],
)
def test_the_tax_to_the_yen(amount: int, tax: int) -> None:
    assert tax_on(amount, RATES) == tax


def test_the_office_has_these_rates_on_every_day_since_the_law() -> None:
    office = shipped().office
    for day in (date(2023, 6, 1), date(2024, 4, 1), date(2026, 4, 1)):
        assert rates_of(office.at(day)["withholding"]) == RATES


@given(AMOUNTS)
def test_what_is_withheld_and_what_is_paid_are_the_fee(amount: int) -> None:
    tax = tax_on(amount, RATES)
    assert 0 <= tax <= amount and (amount - tax) + tax == amount


@given(AMOUNTS)
def test_less_than_a_yen_is_cut_off_and_never_more(amount: int) -> None:
    above = max(0, amount - 1_000_000)
    exact = Fraction(1021, 10_000) * (amount - above) + Fraction(2042, 10_000) * above
    assert 0 <= exact - tax_on(amount, RATES) < 1


@given(AMOUNTS, AMOUNTS)
def test_a_larger_fee_is_never_taxed_less_nor_paid_less(one: int, other: int) -> None:
    small, large = sorted((one, other))
    assert tax_on(small, RATES) <= tax_on(large, RATES)
    assert small - tax_on(small, RATES) <= large - tax_on(large, RATES)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (30_000, "30,000円×10.21％"),
        (1_000_000, "1,000,000円×10.21％"),
        (1_200_000, "1,000,000円×10.21％＋200,000円×20.42％"),
    ],
)
def test_the_paper_shows_how(amount: int, words: str) -> None:
    assert formula(amount, RATES) == words


@pytest.mark.parametrize(
    ("paid", "due"),
    [
        ("2023-06-30", "2023-07-10"),
        ("2023-05-31", "2023-06-12"),  # 10 June is a Saturday
        ("2023-12-01", "2024-01-10"),
        ("2022-12-31", "2023-01-10"),
    ],
)
def test_the_tax_is_handed_over_by_the_tenth_of_the_month_after(paid: str, due: str) -> None:
    assert pay_tax_by(date.fromisoformat(paid)) == date.fromisoformat(due)
