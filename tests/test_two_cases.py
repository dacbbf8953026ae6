"""Two cases reviewed in the minutes of two 進行管理会議, one transferred, one closed: what statistics and ledgers make of it."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pipeline.demo import Told, run_demo
from pipeline.workspace import Workspace
from tests.conftest import ROOT

TAIRA, ONAHAMA = "平地区保健福祉センター", "小名浜地区保健福祉センター"


@pytest.fixture(scope="module")
def two_cases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, list[Told]]:
    return run_demo(tmp_path_factory.mktemp("story") / "office", ROOT, "two_cases", pdf=False)


def counted(two_cases: tuple[Workspace, list[Told]], on: date) -> dict[str, dict[str, int]]:
    """The numbers of the division's spreadsheet: sheet, row, first number."""
    place, told = two_cases
    (entry,) = [t.entry for t in told if t.step.form == "statistics_request" and t.step.on == on]
    (path,) = place.outbox.glob(f"[0-9]*/{entry.bundle_id}/division/*内部用*.xlsx")
    return {sheet.title: _rows(path, sheet.title) for sheet in load_workbook(path).worksheets}


def _rows(path: Path, title: str) -> dict[str, int]:
    rows = load_workbook(io.BytesIO(path.read_bytes()))[title].iter_rows(min_row=4, values_only=True)
    return {str(row[0]): row[1] for row in rows if isinstance(row[1], int)}


def test_statistics_follow_a_transfer_and_a_closing(two_cases: tuple[Workspace, list[Told]]) -> None:
    """A transfer counts from its day, not from the day it was filed; a closed case leaves the count on its day."""
    before = counted(two_cases, date(2023, 10, 3))
    after = counted(two_cases, date(2023, 12, 1))
    centres = next(title for title, rows in before.items() if TAIRA in rows)
    assert (before[centres][TAIRA], before[centres][ONAHAMA], before[centres]["計"]) == (2, 0, 2)
    assert (after[centres][TAIRA], after[centres][ONAHAMA], after[centres]["計"]) == (0, 1, 1)


def test_statistics_count_what_the_assessment_found(two_cases: tuple[Workspace, list[Told]]) -> None:
    """Its 相談受付 named the mother; the assessment found the brother alone cared for, and one more task."""
    told = {label: n for rows in counted(two_cases, date(2023, 10, 3)).values() for label, n in rows.items()}
    assert (told["小学５年"], told["中学２年"]) == (1, 1)
    assert (told["母"], told["きょうだい"], told["祖母"]) == (0, 1, 1)
    assert told["慢性的な病気の家族の看病"] == 1
