"""受付: the commands that take in what lies in the inbox, and make again what was taken in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pipeline import wording
from pipeline.catalogue import load_catalogue
from pipeline.cli.mouth import (
    HELD,
    RETURNED,
    SOURCE,
    JsonOption,
    WorkspaceOption,
    a_day,
    app,
    err,
    out,
    print_json,
)
from pipeline.desk import Desk, japan_time, make_shelf, new_workspace, open_desk
from pipeline.errors import UsageError
from pipeline.ledger import refresh
from pipeline.model import Entry, Outcome
from pipeline.process import settle_fates
from pipeline.rebuild import rebuild as rebuild_journal
from pipeline.recover import recover, retry_held
from pipeline.regenerate import Renewal, Scope, find_renewals, renewed, write_diff
from pipeline.shelf import read_receipt
from pipeline.sweep import Tally, run_once, watch_for_ever
from pipeline.workshop import Workshop
from pipeline.workspace import ensure_safe, find_workspace, only_one


@app.command()
def init(folder: Path) -> None:
    """新しい作業場所を作る（様式・書類・設定を写す）。"""
    made = new_workspace(folder.resolve(), SOURCE, japan_time().date())
    out.print(f"作業場所を作りました：{folder}", markup=False)
    out.print(f"綴じ込みの鍵：{made.keys}（受託事業者に、PDFとは別の方法で伝えてください）", markup=False)


@app.command()
def run(
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
    pdf: Annotated[bool, typer.Option(help="PDFも作る")] = True,
    incomplete_after: Annotated[
        float | None, typer.Option(help="途中で切れたファイルを返却するまでの秒数（既定は todoke.toml）")
    ] = None,
) -> None:
    """受付フォルダにあるものをすべて処理して終わる。"""
    place = find_workspace(workspace)
    if incomplete_after is not None:
        intake = {**place.settings["intake"], "incomplete_after_s": incomplete_after}
        place = replace(place, settings={**place.settings, "intake": intake})
    tally = Tally()
    entries: list[Entry] = []
    with open_desk(place, pdf=pdf) as desk:
        try:
            entries.extend(_shown(run_once(desk, tally), desk.workshop, quiet=as_json))
            refresh(desk)
        finally:  # also when the place fails half-way: what was done is said
            _say_run(desk, entries, tally, as_json)
    raise typer.Exit(_exit_code(entries, bool(tally.refused or tally.unclaimable)))


@app.command()
def watch(
    workspace: WorkspaceOption = None, pdf: Annotated[bool, typer.Option(help="PDFも作る")] = True
) -> None:
    """受付フォルダを見張り続ける（Ctrl-C で止める）。"""
    for entry in watch_for_ever(find_workspace(workspace), pdf=pdf):
        out.print(_line(entry), markup=False)


@app.command()
def retry(ident: str, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """保留になった様式をもう一度判定する。"""
    with open_desk(find_workspace(workspace)) as desk:
        entries = list(retry_held(desk, ident))
        if not entries:
            raise UsageError("この番号の保留はありません。todoke status で番号を確かめてください。")
        _say_run(desk, entries, Tally(), as_json)
    raise typer.Exit(_exit_code(entries, False))


@app.command()
def regenerate(
    case: Annotated[str | None, typer.Option(help="ケース番号")] = None,
    form: Annotated[str | None, typer.Option(help="様式の名前")] = None,
    template: Annotated[str | None, typer.Option(help="書類の名前（ひな形が変わったものだけ）")] = None,
    since: Annotated[str | None, typer.Option(help="この日（2023-06-01）から受け付けたもの")] = None,
    changed: Annotated[bool, typer.Option("--changed", help="変わるものを全部")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="何が変わるかを見るだけ")] = False,
    diff: Annotated[Path | None, typer.Option(help="文面の違いを書くフォルダ（氏名などを含みます）")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """今の様式・設定で作り直すと変わる組だけを、作り直す。前の組は残す。"""
    scope = Scope(case, form, template, a_day(since) if since else None)
    if scope == Scope() and not changed:
        raise UsageError(
            "--case・--form・--template・--since のどれかか、全部なら --changed を指定してください。"
        )
    with open_desk(find_workspace(workspace), pdf=not dry_run) as desk:
        recovered = list(recover(desk))
        renewals: list[Renewal] = []
        entries: list[Entry] = []
        for renewal in find_renewals(desk, scope):
            renewals.append(renewal)
            if diff is not None:
                write_diff(diff, renewal)
            if not dry_run:
                entries.extend(settle_fates(desk, [renewed(desk, renewal)]))
        if entries or recovered:
            refresh(desk)
    if as_json:
        print_json([_renewal_record(renewal) for renewal in renewals])
    else:
        for renewal in renewals:
            out.print(renewal.entry.bundle_id, markup=False)
            for change in renewal.changes:
                out.print(f"  {change.path}：{change.reason}", markup=False)
        out.print(f"変わるもの{len(renewals)}組。" + ("" if dry_run else f"作り直したもの{len(entries)}組。"))
    raise typer.Exit(_exit_code(entries, False))


@app.command()
def rebuild(workspace: WorkspaceOption = None) -> None:
    """台帳を、受領書と受け付けた原本から作り直す。"""
    place = find_workspace(workspace)
    ensure_safe(place)
    with only_one(place):
        shelf = make_shelf(place)
        count = rebuild_journal(place.journal, place.spool, shelf, load_catalogue(place.root), japan_time())
    with open_desk(place) as desk:
        entries = list(recover(desk))
    out.print(f"台帳を作り直しました：{count}組。途中だったもの：{len(entries)}件。")


def _shown(entries: Iterable[Entry], workshop: Workshop, quiet: bool) -> Iterator[Entry]:
    """Pass entries on, with a moving line on a terminal: how many forms are done, and how far a set of many papers is."""
    if quiet or not err.is_terminal:
        yield from entries
        return
    columns = (
        SpinnerColumn(),
        TextColumn("処理中 {task.completed}件{task.description}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("", total=None)
        workshop.tell = lambda stage, done, total: progress.update(
            task, description=f"　{stage} {done:,}／{total:,}"
        )
        for entry in entries:
            progress.update(task, advance=1, description="")
            yield entry


def _say_run(desk: Desk, entries: list[Entry], tally: Tally, as_json: bool) -> None:
    refused = [*tally.refused, *tally.unclaimable]
    if as_json:
        print_json(
            {
                "bundles": [
                    {"bundle_id": e.bundle_id, "outcome": e.outcome, "form": e.form} for e in entries
                ],
                "waiting": tally.waiting,
                "refused": [item.reason for item in refused],
                "pdf": desk.workshop.pdf_state,
            }
        )
        return
    for entry in entries:
        out.print(_line(entry) + _cautions(desk, entry), markup=False)
    for number, item in enumerate(refused, 1):
        out.print(f"受け付けられないもの（{number}）：{wording.REFUSED_OBJECTS[item.reason]}", markup=False)
    out.print(f"処理 {len(entries)}件、待ち {tally.waiting}件", markup=False)
    if not desk.workshop.press:
        out.print(f"PDFは作っていません。{desk.office.reason}", markup=False)


def _line(entry: Entry) -> str:
    return f"{entry.bundle_id}　{wording.OUTCOMES.get(str(entry.outcome), '処理中')}　{entry.form or ''}"


def _cautions(desk: Desk, entry: Entry) -> str:
    receipt = read_receipt(desk.shelf.folder_of(entry.bundle_id, str(entry.outcome)))
    count = sum(problem["level"] == "warning" for problem in receipt["problems"])
    return f"　確認を要すること{count}件" if count else ""


def _exit_code(entries: Iterable[Entry], refused: bool) -> int:
    fates = {entry.outcome for entry in entries}
    if Outcome.HELD in fates or refused:
        return HELD
    return RETURNED if Outcome.RETURNED in fates else 0


def _renewal_record(renewal: Renewal) -> dict[str, Any]:
    return {
        "bundle_id": renewal.entry.bundle_id,
        "form": renewal.entry.form,
        "changes": [{"path": change.path, "reason": change.reason} for change in renewal.changes],
    }
