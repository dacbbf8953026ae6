"""Standing papers: always current, each reader's own part, nobody's name, whole or as they were before."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from pipeline.desk import Desk, open_desk
from pipeline.errors import OfficeFault
from pipeline.ledger import HEADINGS, REGISTER_FILE, STANDING, refresh
from pipeline.rules.register import register
from pipeline.workspace import Workspace
from tests.conftest import MORNING, drop, example, receipt_of, run


def place_of(desk: Desk, reader: str) -> Path:
    return desk.workspace.outbox / "readers" / reader / STANDING


def sheet(desk: Desk, reader: str) -> list[dict[str, Any]]:
    rows = list(
        load_workbook(io.BytesIO((place_of(desk, reader) / REGISTER_FILE).read_bytes())).active.iter_rows(
            values_only=True
        )
    )
    assert list(rows[2]) == [heading.title for heading in HEADINGS]
    return [dict(zip(rows[2], row, strict=True)) for row in rows[3:]]


def board(desk: Desk) -> str:
    return (desk.workspace.outbox / "board" / "index.html").read_text("utf-8")


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """Two households of two centres, and one form that came back."""
    other = example("dispatch_application", "typical") | {
        "centre": "小名浜地区保健福祉センター",
        "submission_id": "2",
    }
    drop(desk.workspace, "1.json", example("dispatch_application", "warnings"))
    drop(desk.workspace, "2.json", other)
    drop(desk.workspace, "3.json", example("dispatch_application", "consent_missing.bad"))
    run(desk)
    refresh(desk)
    return desk


def test_each_centre_sees_its_own_and_the_division_sees_all(filled: Desk) -> None:
    assert [row["ケース番号"] for row in sheet(filled, "division")] == ["YC-23-1-001", "YC-23-2-001"]
    assert [row["ケース番号"] for row in sheet(filled, "centre-1")] == ["YC-23-1-001"]
    assert [row["ケース番号"] for row in sheet(filled, "centre-2")] == ["YC-23-2-001"]
    assert sheet(filled, "centre-7") == []
    calendar = Calendar.from_ical((place_of(filled, "centre-2") / "予定.ics").read_bytes())
    assert [str(e["summary"]) for e in calendar.walk("VEVENT")] == ["回答期限　YC-23-2-001"]


def test_the_board_says_what_waits_for_whom(filled: Desk) -> None:
    text = board(filled)
    assert "20240226-0003" in text, "the returned one"
    assert text.count("（過ぎています）") == 2, "both replies are overdue by now"
    warned = receipt_of(filled, filled.journal.every_entry()[0])["problems"]
    assert "申請　2件" in text and warned and all(problem["message"] in text for problem in warned)
    assert not re.search(r"https?://|src=|@import|url\(", text), "it opens without a network"


def test_nobody_is_named_on_a_standing_paper(filled: Desk) -> None:
    values = example("dispatch_application", "warnings")
    names = [
        values["applicant"]["name"],
        *(child["name"] for child in values["children"]),
        values["applicant"]["address"]["text"],
    ]
    everything = board(filled) + "".join(str(sheet(filled, reader)) for reader in ("division", "centre-1"))
    everything += (place_of(filled, "division") / "予定.ics").read_text("utf-8")
    assert all(name not in everything and name.replace("　", "") not in everything for name in names)


def test_a_lost_paper_comes_back_and_an_unchanged_one_is_not_touched(filled: Desk) -> None:
    kept, lost = place_of(filled, "division") / REGISTER_FILE, place_of(filled, "centre-1") / REGISTER_FILE
    before, content = kept.stat().st_mtime_ns, lost.read_bytes()
    lost.unlink()
    refresh(filled)
    assert kept.stat().st_mtime_ns == before and lost.read_bytes() == content
    assert lost.stat().st_mode & 0o777 == 0o640 and lost.parent.stat().st_mode & 0o777 == 0o750


def test_a_new_day_has_its_own_deadlines(place: Workspace) -> None:
    days = [MORNING]
    with open_desk(place, now=lambda: days[0], pdf=False) as desk:
        refresh(desk)
        first = board(desk)
        days[0] = MORNING + timedelta(days=1)
        refresh(desk)
        assert board(desk) != first and "２月27日（火）" in board(desk)


def test_a_missing_template_is_named(desk: Desk) -> None:
    (desk.workspace.root / "doc_templates" / "board" / "board.html").unlink()
    with pytest.raises(OfficeFault, match=r"board\.html"):
        refresh(desk)


def test_the_ledger_of_a_day_comes_from_the_history_alone(filled: Desk) -> None:
    past = filled.journal.all_past()
    received = date.fromisoformat(example("dispatch_application", "warnings")["received_on"])
    assert len(register(past, received)) >= 1
    assert register(past, date(2023, 1, 1)) == ()
