"""Standing papers, always current: 派遣管理台帳 and calendars per centre, and the board. All counted from what was accepted.

outbox/readers/<reader>/台帳/ and outbox/board/ are remade after every pass that changed something, each file whole or as it
was before; lost ones come back with the next pass. They name no person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from typing import Any, Final

from pipeline.calendars import make_calendar
from pipeline.case_ledger import CASE_BOARD_HEADINGS, CASES_FILE, REVIEWS_FILE, case_sheet, review_sheets
from pipeline.catalogue import Catalogue
from pipeline.desk import Desk
from pipeline.durable import write_durably
from pipeline.errors import OfficeFault
from pipeline.manual_editions import publish_editions
from pipeline.model import Entry, Level, Outcome, Past
from pipeline.papers.html import render_html
from pipeline.rules.appointments import appointments_by_centre
from pipeline.rules.case_register import case_histories, case_register
from pipeline.rules.deadlines import deadlines
from pipeline.rules.due import Due
from pipeline.rules.register import URGENT, Row, register
from pipeline.rules.standing import OPEN
from pipeline.rules.wareki import clock, to_wareki, to_wareki_weekday
from pipeline.sheets import Cell, Heading, make_ledger
from pipeline.shelf import READERS, read_receipt

STANDING = "台帳"
BOARD = "board"
REGISTER_FILE, CALENDAR_FILE = "派遣管理台帳.xlsx", "予定.ics"
BOARD_TEMPLATE = "doc_templates/board/board.html"
SOON_DAYS: Final = 14
RECENT_DAYS: Final = 30
_SHOWN: Final = 50  # the newest of a list on the board; the rest is in the ledger and the receipts


HEADINGS: Final[tuple[Heading[Row], ...]] = (
    Heading("ケース番号", 14, lambda row: row.case_id),
    Heading("受付番号", 10, lambda row: row.application_no),
    Heading("センター", 32, lambda row: row.centre),
    Heading("状況", 8, lambda row: row.status),
    Heading("申請日", 10, lambda row: row.applied_on),
    Heading("収受日", 10, lambda row: row.received_on),
    Heading("調査日", 10, lambda row: row.surveyed_on),
    Heading("決定日", 10, lambda row: row.decided_on),
    Heading("文書番号", 18, lambda row: row.document_number),
    Heading("決定区分", 9, lambda row: row.decision),
    Heading("派遣期間の始期", 10, lambda row: row.period_start),
    Heading("派遣期間の終期", 10, lambda row: row.period_end),
    Heading("延長", 6, lambda row: row.extensions),
    Heading("計画の版", 6, lambda row: row.plan_version),
    Heading("実績回数", 6, lambda row: row.visits),
    Heading("実績時間（分）", 13, lambda row: row.minutes),
    Heading("キャンセル", 9, lambda row: row.cancelled),
    Heading("モニタリング", 22, lambda row: "、".join(_short(day) for day in row.monitored_on)),
    Heading("至急の情報提供", 13, lambda row: row.urgent_reports),
    Heading("終了日", 10, lambda row: row.ended_on),
    Heading("終了の理由", 9, lambda row: row.end_reason),
    Heading("備考", 16, lambda row: ""),
)


def register_sheet(rows: Sequence[Row], day: date, whose: str) -> bytes:
    """Return the 派遣管理台帳 as a spreadsheet."""
    title = "子育て世帯ヘルパー派遣事業　派遣管理台帳"
    return make_ledger(title, f"{to_wareki(day)}現在　{whose}", HEADINGS, rows)


def refresh(desk: Desk) -> None:
    """Make every standing paper anew. Nothing of it is accepted material: a failure loses nothing."""
    past, day = desk.journal.all_past(), desk.now().date()
    for path, data in standing_files(desk.catalogue, past, day):
        _put(desk, desk.workspace.outbox / READERS / path, data)
    _put(desk, desk.workspace.outbox / BOARD / "index.html", _board(desk, past, day))
    publish_editions(desk, past)


def standing_files(catalogue: Catalogue, past: Past, day: date) -> Iterator[tuple[str, bytes]]:
    """Yield path below readers/ and content: the whole for the division, its own part for every centre."""
    office, rows = catalogue.office.at(day), register(past, day)
    histories = tuple(case_histories(past, day))
    appointments = appointments_by_centre(past, office, day)
    everybody_s = sorted(chain.from_iterable(appointments.values()))
    yield f"division/{STANDING}/{REGISTER_FILE}", register_sheet(rows, day, "全センター")
    yield f"division/{STANDING}/{CASES_FILE}", case_sheet([one.row for one in histories], day, "全センター")
    yield f"division/{STANDING}/{REVIEWS_FILE}", review_sheets(histories, day)
    yield f"division/{STANDING}/{CALENDAR_FILE}", make_calendar("派遣の予定", everybody_s)
    for name, centre in office.get("centre", {}).items():
        folder = f"centre-{centre['code']}/{STANDING}"
        mine = [row for row in rows if row.centre == name]
        yield f"{folder}/{REGISTER_FILE}", register_sheet(mine, day, name)
        own = [one for one in histories if one.row.centre == name]
        yield f"{folder}/{CASES_FILE}", case_sheet([one.row for one in own], day, name)
        yield f"{folder}/{REVIEWS_FILE}", review_sheets(own, day)
        calendar = make_calendar(f"派遣の予定　{name}", appointments.get(name, ()))
        yield f"{folder}/{CALENDAR_FILE}", calendar


def _put(desk: Desk, path: Path, data: bytes) -> None:
    """Write a file whole, if it would change."""
    if not path.exists() or path.read_bytes() != data:
        desk.shelf.make_folder(path.parent)
        write_durably(path, data, desk.shelf.file_mode)


# --- The board ----------------------------------------------------------------------------------------------------


def _board(desk: Desk, past: Past, day: date) -> bytes:
    source = _template(desk.catalogue.root)
    return render_html(source, {"board": board(desk, past, day)}).encode()


def _template(root: Path) -> str:
    try:
        return (root / BOARD_TEMPLATE).read_text("utf-8")
    except FileNotFoundError:
        raise OfficeFault("TEMPLATE", f"掲示板のひな形 {BOARD_TEMPLATE} がありません。") from None


def board(desk: Desk, past: Past, day: date) -> Mapping[str, Any]:
    """Return what the board shows: urgent reports, deadlines, what waits for whom, warnings, the ledger."""
    office, rows = desk.catalogue.office.at(day), register(past, day)
    now = desk.now()
    statuses = [row.status for row in rows]
    casework = case_register(past, day)
    stages = [row.stage for row in casework]
    return {
        "as_of": f"{to_wareki_weekday(day)}　{clock(f'{now:%H:%M}')}現在",
        "urgent": list(_urgent(past, day)),
        "due": [_due(due, day) for due in deadlines(past, office, day, SOON_DAYS)],
        "returned": _waiting(desk, Outcome.RETURNED),
        "held": _waiting(desk, Outcome.HELD),
        "warnings": list(_warnings(desk, day)),
        "counts": [(word, statuses.count(word)) for word in dict.fromkeys(statuses)],
        "open": sum(status in OPEN for status in statuses),
        "headings": [heading.title for heading in BOARD_HEADINGS],
        "rows": [[cell_text(heading.cell(row)) for heading in BOARD_HEADINGS] for row in rows],
        "stages": [(word, stages.count(word)) for word in dict.fromkeys(stages)],
        "open_cases": sum(row.closed_on is None for row in casework),
        "case_headings": [heading.title for heading in CASE_BOARD_HEADINGS],
        "case_rows": [[cell_text(heading.cell(row)) for heading in CASE_BOARD_HEADINGS] for row in casework],
    }


BOARD_HEADINGS = tuple(
    heading
    for heading in HEADINGS
    if heading.title
    in (
        "ケース番号",
        "センター",
        "状況",
        "派遣期間の始期",
        "派遣期間の終期",
        "延長",
        "実績回数",
        "モニタリング",
    )
)


def _urgent(past: Past, day: date) -> Iterator[Mapping[str, str]]:
    since = day - timedelta(days=RECENT_DAYS)
    for event in reversed(past.of("information_report")):
        if event.on >= since and event.values["urgency"].startswith(URGENT):
            yield {"on": to_wareki_weekday(event.on), "case_id": str(event.case_id), "bundle": event.bundle_id,
                   "centre": str(event.values["centre"])}  # fmt: skip


def _due(due: Due, day: date) -> Mapping[str, Any]:
    return {
        "on": to_wareki_weekday(due.on),
        "late": due.on < day,
        "kind": due.kind,
        "case_id": due.case_id,
        "centre": due.centre,
        "note": due.note,
    }


def _waiting(desk: Desk, outcome: Outcome) -> list[Mapping[str, str]]:
    entries = desk.journal.with_outcome(outcome)[-_SHOWN:]
    return [
        {
            "bundle": entry.bundle_id,
            "form": _form_title(desk, entry),
            "on": to_wareki(entry.received_at.date()),
        }
        for entry in reversed(entries)
    ]


def _form_title(desk: Desk, entry: Entry) -> str:
    form = desk.catalogue.forms.get(entry.form or "")
    return form.title if form else "（様式が分かりません）"


def _warnings(desk: Desk, day: date) -> Iterator[Mapping[str, str]]:
    """The newest warnings: a rule and a box, never what stood in it."""
    since = day - timedelta(days=RECENT_DAYS)
    delivered = [e for e in desk.journal.with_outcome(Outcome.DELIVERED) if e.received_at.date() >= since]
    for entry in reversed(delivered[-_SHOWN:]):
        for problem in read_receipt(desk.shelf.folder_of(entry.bundle_id, Outcome.DELIVERED))["problems"]:
            if problem["level"] == Level.WARNING:
                yield {"bundle": entry.bundle_id, "case_id": entry.case_id or "", "form": _form_title(desk, entry),
                       "title": problem["title"], "message": problem["message"]}  # fmt: skip


def _short(day: date) -> str:
    return f"{day.month}/{day.day}"


def cell_text(cell: Cell) -> str:
    """Return a cell as a page or a terminal shows it."""
    return to_wareki(cell) if isinstance(cell, date) else str(cell if cell is not None else "")
