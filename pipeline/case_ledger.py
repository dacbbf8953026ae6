"""進行管理台帳 (C10a) and 進行管理票 (C10b) as spreadsheets and on the board: case numbers only, never a name of a child (domain.md §3.3).

A 進行管理票 prints the words of the minutes, which name nobody. The words of a 経過記録 are private: its line names its bundle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from pipeline.rules.case_register import CaseHistory, CaseRow
from pipeline.rules.casework import Review
from pipeline.rules.wareki import digits, to_wareki
from pipeline.sheets import Heading, Part, make_ledger, make_ledgers

CASES_FILE, REVIEWS_FILE = "進行管理台帳.xlsx", "進行管理票.xlsx"

CASE_HEADINGS: Final[tuple[Heading[CaseRow], ...]] = (
    Heading("ケース番号", 14, lambda row: row.case_id),
    Heading("センター", 32, lambda row: row.centre),
    Heading("状況", 9, lambda row: row.stage),
    Heading("受理日", 10, lambda row: row.opened_on),
    Heading("種別", 11, lambda row: row.category),
    Heading("要対協", 9, lambda row: row.registration),
    Heading("主担当", 32, lambda row: row.main_agency),
    Heading("主担当者", 18, lambda row: row.main_worker),
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


REVIEW_HEADINGS: Final[tuple[Heading[Review], ...]] = (
    Heading("年月日", 10, lambda review: review.on),
    Heading("会議", 14, lambda review: _source(review)),
    Heading("現状", 34, lambda review: _words(review, "state")),
    Heading("評価", 34, lambda review: _words(review, "evaluation")),
    Heading("方針", 8, lambda review: review.policy),
    Heading("方針の内容", 30, lambda review: _words(review, "detail")),
    Heading("主担当", 24, lambda review: review.main_agency),
    Heading("次回", 10, lambda review: review.next_on),
)


def review_sheets(histories: Iterable[CaseHistory], day: date) -> bytes:
    """Return the 進行管理票 of the cases that are open, each on a sheet named by its number."""
    open_ones = [history for history in histories if history.row.closed_on is None]
    return make_ledgers(
        "ヤングケアラー支援　進行管理票", REVIEW_HEADINGS, [_part(one, day) for one in open_ones]
    )


def _part(history: CaseHistory, day: date) -> Part[Review]:
    row = history.row
    plan = f"第{digits(row.plan_version)}版" if row.plan_version else "なし"
    said = (
        f"{to_wareki(day)}現在",
        row.centre,
        f"状況：{row.stage}",
        f"受理：{to_wareki(row.opened_on)}",
        f"支援計画：{plan}",
        f"主担当：{row.main_agency}",
    )
    return Part(row.case_id, f"進行管理票　{row.case_id}", "　".join(said), history.reviews)


def _source(review: Review) -> str:
    """Where it was told: in a meeting, in a 経過記録, or in both."""
    if not review.meeting:
        return "経過記録"
    return review.meeting + (f"（経過記録：組 {review.note_id}）" if review.note_id else "")


def _words(review: Review, key: str) -> str:
    """What the minutes say; of a 経過記録 where to look."""
    if review.words:
        return str(review.words[key])
    return f"組 {review.bundle_id} の進行管理票のとおり" if key == "state" else ""
