"""進行管理台帳 (C10a) as a spreadsheet and on the board: case numbers only, never a name of a child (domain.md §3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from pipeline.rules.case_register import CaseRow
from pipeline.rules.wareki import to_wareki
from pipeline.sheets import Heading, make_ledger

CASES_FILE = "進行管理台帳.xlsx"

CASE_HEADINGS: Final[tuple[Heading[CaseRow], ...]] = (
    Heading("ケース番号", 14, lambda row: row.case_id),
    Heading("センター", 22, lambda row: row.centre),
    Heading("状況", 9, lambda row: row.stage),
    Heading("受理日", 10, lambda row: row.opened_on),
    Heading("種別", 11, lambda row: row.category),
    Heading("要対協", 9, lambda row: row.registration),
    Heading("主担当", 22, lambda row: row.main_agency),
    Heading("主担当者", 16, lambda row: row.main_worker),
    Heading("計画の版", 6, lambda row: row.plan_version),
    Heading("支援方針", 9, lambda row: row.policy),
    Heading("進行管理", 8, lambda row: row.reviews),
    Heading("派遣の状況", 9, lambda row: row.dispatch),
    Heading("最終確認日", 10, lambda row: row.last_seen_on),
    Heading("次回予定日", 10, lambda row: row.next_on),
    Heading("次の進行管理", 10, lambda row: row.review_on),
    Heading("終結日", 10, lambda row: row.closed_on),
    Heading("終結の理由", 20, lambda row: row.close_reason),
    Heading("備考", 14, lambda row: ""),
)
_SHOWN: Final = ("ケース番号", "センター", "状況", "受理日", "次回予定日", "次の進行管理", "主担当", "終結日")
CASE_BOARD_HEADINGS: Final = tuple(heading for heading in CASE_HEADINGS if heading.title in _SHOWN)


def case_sheet(rows: Sequence[CaseRow], day: date, whose: str) -> bytes:
    """Return the 進行管理台帳 as a spreadsheet."""
    title = "ヤングケアラー支援　進行管理台帳"
    return make_ledger(title, f"{to_wareki(day)}現在　{whose}", CASE_HEADINGS, rows)
