"""見る: the commands that only look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer
from rich.table import Table

from pipeline import report, wording
from pipeline.case_ledger import CASE_BOARD_HEADINGS
from pipeline.catalogue import load_catalogue
from pipeline.cli.mouth import (
    UNSAFE,
    JsonOption,
    WorkspaceOption,
    a_day,
    app,
    out,
    print_json,
    reading,
    say_faults,
)
from pipeline.desk import japan_time, make_shelf
from pipeline.errors import UsageError
from pipeline.ledger import BOARD_HEADINGS, SOON_DAYS, cell_text
from pipeline.papers.pdf import find_office
from pipeline.rules.case_register import case_register
from pipeline.rules.deadlines import deadlines
from pipeline.rules.register import register
from pipeline.rules.wareki import to_wareki, to_wareki_weekday
from pipeline.sheets import Heading, R


@app.command()
def status(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """待ち・返却・保留、PDFの用意、フォルダの様子を見る。"""
    with reading(workspace) as (place, journal):
        found = report.status(place, journal, load_catalogue(place.root), find_office(), japan_time())
    if as_json:
        print_json(found)
    else:
        for line in report.status_lines(found):
            out.print(line, markup=False)


@app.command()
def show(ident: str, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """組の番号又はケース番号の受領書を見る。"""
    with reading(workspace) as (place, journal):
        receipts = report.find_shown(make_shelf(place), journal, ident)
    if not receipts:
        raise UsageError("この番号の組はありません。番号を確かめてください。")
    if as_json:
        print_json(receipts)
        return
    for receipt in receipts:
        out.print(
            f"{receipt['bundle_id']}　{wording.OUTCOMES[receipt['outcome']]}　{receipt['form'] or ''}",
            markup=False,
        )
        for document in receipt["documents"]:
            pages = f"（{document['pages']}ページ）" if document["pages"] else ""
            out.print(f"  {document['path']}{pages}", markup=False)
        for problem in receipt["problems"]:
            out.print(f"  {problem['code']}　{problem['title']}：{problem['message']}", markup=False)


@app.command()
def cases(
    workspace: WorkspaceOption = None,
    as_of: Annotated[str | None, typer.Option(help="いつ現在か（2023-07-01）。省くと今日")] = None,
    as_json: JsonOption = False,
) -> None:
    """進行管理台帳と派遣管理台帳を、ある日の現在で見る。"""
    day = a_day(as_of)
    with reading(workspace) as (_, journal):
        past = journal.all_past()
    casework, rows = case_register(past, day), register(past, day)
    if as_json:
        print_json({"casework": [asdict(row) for row in casework], "dispatch": [asdict(row) for row in rows]})
        return
    _print_ledger("進行管理台帳", day, CASE_BOARD_HEADINGS, casework)
    _print_ledger("派遣管理台帳", day, BOARD_HEADINGS, rows)


@app.command()
def due(
    workspace: WorkspaceOption = None,
    within: Annotated[int, typer.Option(help="何日先までか", min=0, max=3660)] = SOON_DAYS,
    as_json: JsonOption = False,
) -> None:
    """過ぎた期限と、近い期限を見る。"""
    day = japan_time().date()
    with reading(workspace) as (place, journal):
        office = load_catalogue(place.root).office.at(day)
        found = deadlines(journal.all_past(), office, day, within)
    if as_json:
        print_json([asdict(item) | {"late": item.on < day} for item in found])
        return
    for item in found:
        late = "（過ぎています）" if item.on < day else ""
        whose = item.case_id or item.centre
        out.print(f"{to_wareki_weekday(item.on)}{late}　{item.kind}　{whose}　{item.note}", markup=False)
    out.print(f"{len(found)}件")


@app.command()
def verify(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """すべての受領書・ファイル・原本・監査記録を確かめ直す。"""
    with reading(workspace) as (place, journal):
        faults = report.verify(place, make_shelf(place), journal)
    if as_json:
        print_json(faults)
    else:
        say_faults(faults, f"確かめ終わりました。誤りは{len(faults)}件です。")
    raise typer.Exit(UNSAFE if faults else 0)


def _print_ledger(title: str, day: date, headings: Sequence[Heading[R]], rows: Sequence[R]) -> None:
    table = Table(title=f"{title}（{to_wareki(day)}現在）　{len(rows)}件")
    for heading in headings:
        table.add_column(heading.title, overflow="fold")
    for row in rows:
        table.add_row(*(cell_text(heading.cell(row)) for heading in headings))
    out.print(table)
