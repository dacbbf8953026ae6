"""源泉徴収 of what is paid to a lecturer: 所得税及び復興特別所得税. Pure, in whole 円.

所得税法204条1項1号 (講演料), 205条1号 (10% up to a limit, 20% of what exceeds it); 復興財源確保法28条 (2.1% of that tax);
below 1円 is cut off (国税通則法119条, 復興財源確保法31条 with 国税庁's 10.21% and 20.42%). The rates are the office's dated data
(office/withholding.toml).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pipeline.rules.calendar import next_open_day
from pipeline.rules.periods import month_of, next_day

PARTS: Final = 10_000  # rates are whole ten-thousandths: 1021 is 10.21％
_DUE_DAY: Final = 10


@dataclass(frozen=True, slots=True)
class Rates:
    """The rate up to `limit` 円 of one payment, and the rate of what exceeds it, in ten-thousandths."""

    limit: int
    rate: int
    rate_above: int


def rates_of(record: Mapping[str, Any]) -> Rates:
    """Return the rates of the office's record."""
    return Rates(record["limit"], record["rate"], record["rate_above"])


def tax_on(amount: int, rates: Rates) -> int:
    """Return the tax to withhold from one payment of `amount` 円 (0 or more), 円未満切捨て."""
    within = min(amount, rates.limit)
    return (within * rates.rate + (amount - within) * rates.rate_above) // PARTS


def formula(amount: int, rates: Rates) -> str:
    """Return how the tax is computed, as the paper shows it: 1,000,000円×10.21％＋200,000円×20.42％."""
    within = min(amount, rates.limit)
    above = f"＋{amount - within:,}円×{_percent(rates.rate_above)}" if amount > within else ""
    return f"{within:,}円×{_percent(rates.rate)}{above}"


def pay_tax_by(paid_on: date) -> date:
    """Return the last day to hand the tax over: the 10th of the month after (所得税法204条1項).

    On a Saturday, a Sunday or a holiday it is the day after (国税通則法10条2項); days the city alone is closed move nothing.
    """
    first = next_day(month_of(paid_on)[1])
    return next_open_day(first.replace(day=_DUE_DAY), ())


def _percent(rate: int) -> str:
    return f"{rate // 100}.{rate % 100:02d}％"
