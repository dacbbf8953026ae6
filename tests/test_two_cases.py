"""Two cases reviewed in the minutes of two 進行管理会議, one transferred, one closed: what statistics and ledgers make of it."""

from __future__ import annotations

import io
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from pipeline.case_ledger import REVIEWS_FILE
from pipeline.cli.mouth import app
from pipeline.demo import Told, run_demo
from pipeline.ledger import STANDING
from pipeline.ooxml import docx_text
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


# --- The minutes move the ledger --------------------------------------------------------------------------------------


def ledger(two_cases: tuple[Workspace, list[Told]], day: str) -> dict[str, dict[str, Any]]:
    """What `todoke cases --as-of` says of the casework, by case number."""
    words = ("cases", "--as-of", day, "--json", "--workspace", str(two_cases[0].root))
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return {row["case_id"]: row for row in json.loads(done.stdout)["casework"]}


ONE, TWO = "YC-23-1-001", "YC-23-1-002"


@pytest.mark.parametrize(
    ("day", "case_id", "said"),
    [
        ("2023-08-21", TWO, ("受理", TAIRA, 0, "", None)),
        ("2023-08-22", ONE, ("支援中", TAIRA, 1, "継続", "2023-11-20")),
        ("2023-08-22", TWO, ("見守り", TAIRA, 1, "見守り", "2023-10-02")),
        ("2023-10-02", TWO, ("見守り", ONAHAMA, 1, "見守り", None)),
        ("2023-11-20", ONE, ("支援中", TAIRA, 2, "終結", None)),
        ("2023-11-20", TWO, ("見守り", ONAHAMA, 2, "継続", "2024-02-19")),
        ("2023-11-27", ONE, ("終結", TAIRA, 2, "終結", None)),
    ],
)
def test_a_row_of_the_minutes_moves_the_ledger(
    two_cases: tuple[Workspace, list[Told]], day: str, case_id: str, said: tuple[Any, ...]
) -> None:
    row = ledger(two_cases, day)[case_id]
    assert (row["stage"], row["centre"], row["reviews"], row["policy"], row["next_on"]) == said


def test_a_transfer_prints_the_stage_the_minutes_left(two_cases: tuple[Workspace, list[Told]]) -> None:
    place, told = two_cases
    (entry,) = [t.entry for t in told if t.step.form == "case_transfer"]
    paths = list(place.outbox.glob(f"[0-9]*/{entry.bundle_id}/*/*移管通知書.docx"))
    assert paths
    for path in paths:
        assert "状況\t見守り（受理" in docx_text(path.read_bytes())


def test_the_cases_of_the_minutes_are_the_open_ones_of_the_day(
    two_cases: tuple[Workspace, list[Told]],
) -> None:
    """The list of the meeting agreed with the ledger: nothing was pointed out."""
    place, told = two_cases
    for entry in (t.entry for t in told if t.step.form == "meeting_minutes"):
        (receipt,) = place.outbox.glob(f"[0-9]*/{entry.bundle_id}/receipt.json")
        assert json.loads(receipt.read_text("utf-8"))["problems"] == []


# --- 進行管理票: a sheet for each open case -----------------------------------------------------------------------------


def review_book(place: Workspace, reader: str) -> dict[str, list[tuple[Any, ...]]]:
    """The sheets of a reader's 進行管理票, by name: rows below the headings."""
    path = place.outbox / "readers" / reader / STANDING / REVIEWS_FILE
    sheets = load_workbook(path).worksheets
    return {sheet.title: list(sheet.iter_rows(min_row=4, values_only=True)) for sheet in sheets}


def test_the_reviews_of_the_minutes_stand_in_the_book_of_the_centre_that_has_the_case(
    two_cases: tuple[Workspace, list[Told]],
) -> None:
    place, _ = two_cases
    division = review_book(place, "division")
    assert list(division) == [TWO], "the other one is closed"
    first, second = division[TWO]
    assert first == (
        datetime(2023, 8, 22), "進行管理会議", "祖母の通所が週２日になった。", "通所のない日の見守りが残る。", "見守り",
        "学校と民生児童委員が様子を見る。", TAIRA, datetime(2023, 10, 2),
    )  # fmt: skip
    assert (second[0], second[4], second[6]) == (datetime(2023, 11, 20), "継続", ONAHAMA)
    assert review_book(place, "centre-2") == division
    assert review_book(place, "centre-1") == {"該当なし": []}
