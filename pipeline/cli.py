"""The mouth: thin commands. Exit codes: 0 delivered · 1 returned · 2 usage · 3 held · 4 unsafe · 70 bug · 130 stopped."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from pipeline import report, wording
from pipeline.blank_forms import write_form, write_forms
from pipeline.case_ledger import CASE_BOARD_HEADINGS
from pipeline.catalogue import load_catalogue
from pipeline.check import check as check_all
from pipeline.demo import FIRST_STORY, run_demo
from pipeline.desk import Desk, japan_time, make_shelf, new_workspace, open_desk, open_journal
from pipeline.errors import TodokeError, UsageError, place_of
from pipeline.journal import Journal
from pipeline.ledger import BOARD_HEADINGS, SOON_DAYS, cell_text, refresh
from pipeline.mailing import MAILING, mailing_from
from pipeline.manual_editions import (
    all_editions,
    check_editions,
    check_regulations,
    difference,
    editions_of,
    history,
    import_word,
)
from pipeline.model import Entry, Outcome
from pipeline.papers.pdf import find_office
from pipeline.prefilled_forms import Archive, correcting_form, forms_of_case, private_folder, write_prefilled
from pipeline.process import settle_fates
from pipeline.rebuild import rebuild as rebuild_journal
from pipeline.recover import recover, retry_held
from pipeline.regenerate import Renewal, Scope, find_renewals, renewed, write_diff
from pipeline.roster import ENCODINGS
from pipeline.rules.case_register import case_register
from pipeline.rules.deadlines import deadlines
from pipeline.rules.editions.words import read_words
from pipeline.rules.register import register
from pipeline.rules.wareki import to_wareki, to_wareki_weekday
from pipeline.scaffold import new_form, preview_paper, revise_form
from pipeline.sheets import Heading, R
from pipeline.shelf import read_receipt
from pipeline.sweep import Tally, run_once, watch_for_ever
from pipeline.workshop import Workshop
from pipeline.workspace import Workspace, ensure_safe, find_workspace, only_one, prepare

app = typer.Typer(
    help="届け：記入された様式から、必要な書類一式を作ります。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its tracebacks print local variables: names of children
)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

WorkspaceOption = Annotated[
    Path | None, typer.Option("--workspace", "-w", help="作業場所（既定は今のフォルダ）")
]
JsonOption = Annotated[bool, typer.Option("--json", help="機械が読める形で出力する")]

UNSAFE, HELD, RETURNED, BUG, STOPPED = 4, 3, 1, 70, 130


def main() -> None:
    """Run the command line; every expected failure becomes a sentence and an exit code, a bug becomes 70."""
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # a service is stopped as Ctrl-C stops it: tidily
    try:
        app()
    except TodokeError as error:
        err.print(str(error), markup=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(STOPPED)
    except OSError:  # the disk or the share refuses: not a bug of ours, and nothing accepted is lost
        err.print(wording.PLACE_FAILED, markup=False)
        sys.exit(UNSAFE)
    except Exception as bug:  # noqa: BLE001  its text may quote a value: say only what kind it is and where
        err.print(f"{wording.BUG}（{place_of(bug)}）", markup=False)
        sys.exit(BUG)


@app.command()
def init(folder: Path) -> None:
    """新しい作業場所を作る（様式・書類・設定を写す）。"""
    made = new_workspace(folder.resolve(), Path(__file__).resolve().parents[1], japan_time().date())
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
def check(
    names: Annotated[
        list[str] | None, typer.Argument(help="確かめる様式の名前（省くとすべて）。その書類と例も確かめる")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
    write_texts: Annotated[bool, typer.Option(help="見直し用の文面（.txt）を作り直す")] = False,
) -> None:
    """様式・書類・例・設定を互いに照らし合わせる。"""
    catalogue = load_catalogue(find_workspace(workspace).root)
    faults = check_all(Workshop(catalogue), write_texts, names or ())
    if as_json:
        _print_json([{"file": fault.file, "message": fault.message} for fault in faults])
    else:
        for fault in faults:
            out.print(f"{fault.file}：{fault.message}", markup=False)
        checked = (
            f"{'、'.join(names)} とその書類・例"
            if names
            else f"様式{len(catalogue.forms)}・書類{len(catalogue.papers)}"
        )
        out.print(f"{checked}を確かめました。誤りは{len(faults)}件です。", markup=False)
    raise typer.Exit(HELD if faults else 0)


@app.command()
def status(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """待ち・返却・保留、PDFの用意、フォルダの様子を見る。"""
    with _reading(workspace) as (place, journal):
        found = report.status(place, journal, load_catalogue(place.root), find_office(), japan_time())
    if as_json:
        _print_json(found)
    else:
        for line in report.status_lines(found):
            out.print(line, markup=False)


@app.command()
def show(ident: str, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """組の番号又はケース番号の受領書を見る。"""
    with _reading(workspace) as (place, journal):
        receipts = report.find_shown(make_shelf(place), journal, ident)
    if not receipts:
        raise UsageError("この番号の組はありません。番号を確かめてください。")
    if as_json:
        _print_json(receipts)
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
    day = _a_day(as_of)
    with _reading(workspace) as (_, journal):
        past = journal.all_past()
    casework, rows = case_register(past, day), register(past, day)
    if as_json:
        _print_json(
            {"casework": [asdict(row) for row in casework], "dispatch": [asdict(row) for row in rows]}
        )
        return
    _print_ledger("進行管理台帳", day, CASE_BOARD_HEADINGS, casework)
    _print_ledger("派遣管理台帳", day, BOARD_HEADINGS, rows)


def _print_ledger(title: str, day: date, headings: Sequence[Heading[R]], rows: Sequence[R]) -> None:
    table = Table(title=f"{title}（{to_wareki(day)}現在）　{len(rows)}件")
    for heading in headings:
        table.add_column(heading.title, overflow="fold")
    for row in rows:
        table.add_row(*(cell_text(heading.cell(row)) for heading in headings))
    out.print(table)


@app.command()
def due(
    workspace: WorkspaceOption = None,
    within: Annotated[int, typer.Option(help="何日先までか", min=0, max=3660)] = SOON_DAYS,
    as_json: JsonOption = False,
) -> None:
    """過ぎた期限と、近い期限を見る。"""
    day = japan_time().date()
    with _reading(workspace) as (place, journal):
        office = load_catalogue(place.root).office.at(day)
        found = deadlines(journal.all_past(), office, day, within)
    if as_json:
        _print_json([asdict(item) | {"late": item.on < day} for item in found])
        return
    for item in found:
        late = "（過ぎています）" if item.on < day else ""
        whose = item.case_id or item.centre
        out.print(f"{to_wareki_weekday(item.on)}{late}　{item.kind}　{whose}　{item.note}", markup=False)
    out.print(f"{len(found)}件")


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
    scope = Scope(case, form, template, _a_day(since) if since else None)
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
        _print_json([_renewal_record(renewal) for renewal in renewals])
    else:
        for renewal in renewals:
            out.print(renewal.entry.bundle_id, markup=False)
            for change in renewal.changes:
                out.print(f"  {change.path}：{change.reason}", markup=False)
        out.print(f"変わるもの{len(renewals)}組。" + ("" if dry_run else f"作り直したもの{len(entries)}組。"))
    raise typer.Exit(_exit_code(entries, False))


@app.command()
def verify(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """すべての受領書・ファイル・原本・監査記録を確かめ直す。"""
    with _reading(workspace) as (place, journal):
        faults = report.verify(place, make_shelf(place), journal)
    if as_json:
        _print_json(faults)
    else:
        for fault in faults:
            out.print(fault, markup=False)
        out.print(f"確かめ終わりました。誤りは{len(faults)}件です。")
    raise typer.Exit(UNSAFE if faults else 0)


manual = typer.Typer(help="マニュアルの版を見る・比べる・確かめる・Wordから取り込む。", no_args_is_help=True)
app.add_typer(manual, name="manual")


@manual.command("history")
def manual_history(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """マニュアルの版と、例規の版（改正ごとの全文）の一覧を見る。"""
    with _reading(workspace) as (place, journal):
        past = journal.all_past()
        found = history(all_editions(load_catalogue(place.root), past, japan_time().date()), past)
    if as_json:
        _print_json(found)
        return
    for record in found:
        out.print(
            f"{record['title']}　{record['label']}　{record['applies_on'] or '―'}から適用　{record['bundle_id']}　{record['sha256'][:12]}",
            markup=False,
        )
        for point in record["points"]:
            out.print(f"  {point['place']}（{point['act']}）：{point['summary']}", markup=False)


@manual.command("diff")
def manual_diff(
    first: int,
    second: int,
    regulation: Annotated[
        str | None, typer.Option("--regulation", help="例規の題名（一部でもよい）。書かなければマニュアル")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """二つの版の違いを見る（例：todoke manual diff 1 2、todoke manual diff 0 1 --regulation 設置要綱）。"""
    with _reading(workspace) as (place, journal):
        catalogue, day, past = load_catalogue(place.root), japan_time().date(), journal.all_past()
        words = read_words(catalogue.office.at(day), "regulation" if regulation else "manual")
        editions = editions_of(past, regulation) if regulation else all_editions(catalogue, past, day)
        found = difference(editions, first, second, words)
    if as_json:
        _print_json(found)
        return
    for section in found["sections"]:
        out.print(f"{section['kind']}　{section['old'] or '―'} → {section['new'] or '―'}", markup=False)
    for line in found["lines"]:
        for mark, side in (("－", line["old"]), ("＋", line["new"])):
            if side is not None:
                out.print(f"{mark}{side}", markup=False)


@manual.command("import")
def manual_import(
    file: Path,
    folder: Annotated[
        Path | None, typer.Option("--out", help="様式を置くフォルダ（既定は .todoke/forms/manual）")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Wordで直した今の版を、改訂の様式（全文を記入したもの）と構造化テキストにする。"""
    if not file.is_file():
        raise UsageError("そのファイルはありません。ファイルの場所を確かめてください。")
    with _reading(workspace) as (place, journal):
        catalogue = load_catalogue(place.root)
        editions = all_editions(catalogue, journal.all_past(), japan_time().date())
    if not editions:
        raise UsageError("office/manual.toml に初版がありません。先に初版を書いてください。")
    imported = import_word(catalogue, editions[-1], file.read_bytes())
    if imported.faults:
        for fault in imported.faults:
            out.print(f"{fault.place}：{fault.message}", markup=False)
        out.print(f"取り込めませんでした。直すところは{len(imported.faults)}か所です。")
        raise typer.Exit(RETURNED)
    target = private_folder(place, "manual", folder)
    made = {**imported.form, "md": imported.text.encode()}
    rows = [
        {"path": str(path), "changed": changed}
        for path, changed in write_form(target, "manual_revision", made, 0o600)
    ]
    _say_written(rows, as_json)


@manual.command("verify")
def manual_verify(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """発行した版のファイルが受け付けた改訂のとおりか、例規の改正が前の改正の続きかを確かめる。"""
    with _reading(workspace) as (place, journal):
        catalogue, day = load_catalogue(place.root), japan_time().date()
        faults = check_editions(catalogue, make_shelf(place), journal, place.outbox, day)
        faults += check_regulations(journal.all_past())
    if as_json:
        _print_json(faults)
    else:
        for fault in faults:
            out.print(fault, markup=False)
        out.print(f"版を確かめ終わりました。誤りは{len(faults)}件です。")
    raise typer.Exit(UNSAFE if faults else 0)


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


@app.command()
def forms(
    names: Annotated[
        list[str] | None, typer.Argument(help="様式の名前（省くと全部）", metavar="[様式]…")
    ] = None,
    case: Annotated[
        str | None, typer.Option(help="ケース番号。前に受け付けた内容を記入した様式を作る")
    ] = None,
    correct: Annotated[
        str | None, typer.Option(help="交付した組の番号。受け付けたとおりに記入した、訂正のための様式を作る")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--out", help="記入した様式を置くフォルダ（既定は .todoke/forms/番号）")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """記入用の様式（Wordと、インターネットの要らないHTML）を作る。空の様式は outbox/forms に出る。"""
    if correct and (case or names):
        raise UsageError("--correct は組の番号だけを取ります。様式の名前や --case と一緒には使えません。")
    if folder and not (case or correct):
        raise UsageError(
            "--out は --case か --correct と一緒に使います。空の様式は outbox/forms に作ります。"
        )
    place = find_workspace(workspace)
    ensure_safe(place)
    if not (case or correct):
        mode = int(str(place.settings["outbox"]["file_mode"]), 8)
        written = list(write_forms(load_catalogue(place.root), place.outbox, names or (), mode))
        _say_written([{"path": str(path), "changed": changed} for path, changed in written], as_json)
        return
    with _reading(workspace) as (place, journal):
        archive = Archive(place, journal, make_shelf(place), load_catalogue(place.root))
        made = (
            [correcting_form(archive, correct)]
            if correct
            else list(forms_of_case(archive, str(case), names or ()))
        )
    target = private_folder(place, str(correct or case), folder)
    rows = [
        {"path": str(path), "changed": changed, "sources": form.sources, "left_out": form.left_out}
        for form in made
        for path, changed in write_prefilled(target, form)
    ]
    _say_written(rows, as_json)
    if not as_json:
        out.print(wording.PREFILLED_CARE, markup=False)


def _say_written(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        sources = "・".join(row.get("sources", ()))
        told = f"　（{sources} から記入）" if sources else ""
        out.print(f"{'作成' if row['changed'] else '変更なし'}　{row['path']}{told}", markup=False)
    left_out = sorted({path for row in rows for path in row.get("left_out", ())})
    if left_out:
        out.print(f"今の様式に欄がないため、写さなかった項目：{'、'.join(left_out)}", markup=False)


@app.command()
def addressees(
    roster: Annotated[Path, typer.Argument(help="名簿のファイル（xlsx か csv）", metavar="名簿")],
    encoding: Annotated[
        str | None, typer.Option(help="CSVの文字コード。utf-8 か cp932（推し量らないので必ず付ける）")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--out", help="できた発送票を置くフォルダ（既定は .todoke/forms/addressees）"),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """名簿（ExcelかCSV）から、宛先を記入した発送票（周知）を作る。"""
    if encoding is not None and encoding not in ENCODINGS:
        raise UsageError(f"--encoding は {' か '.join(ENCODINGS)} にしてください。")
    place = find_workspace(workspace)
    ensure_safe(place)
    made = mailing_from(load_catalogue(place.root), roster, encoding, japan_time().date())
    if isinstance(made, tuple):
        if as_json:
            _print_json({"faults": list(made)})
        else:
            for fault in made:
                out.print(fault, markup=False)
            out.print(f"名簿に誤りが{len(made)}件あるので、発送票は作りませんでした。", markup=False)
        raise typer.Exit(RETURNED)
    target = private_folder(place, "addressees", folder)
    rows = [{"path": str(path), "changed": new} for path, new in write_form(target, MAILING, made, 0o600)]
    _say_written(rows, as_json)


@app.command()
def new(form: str, title: str, workspace: WorkspaceOption = None) -> None:
    """新しい様式のひな形（スキーマ・spec・書類・例）を作る。プログラムは要らない。"""
    for path in new_form(find_workspace(workspace).root, form, title):
        out.print(str(path), markup=False)


@app.command()
def revise(form: str, workspace: WorkspaceOption = None) -> None:
    """様式の版を改める。今の版を schemas/earlier/ に残し、スキーマの版を一つ上げる。"""
    for path in revise_form(find_workspace(workspace).root, form):
        out.print(str(path), markup=False)


@app.command()
def preview(
    paper: str,
    workspace: WorkspaceOption = None,
    folder: Annotated[Path | None, typer.Option("--out", help="出力先のフォルダ")] = None,
) -> None:
    """書類を例で作ってみる（WordとPDF）。"""
    for path in preview_paper(
        find_workspace(workspace).root, paper, folder or Path(tempfile.mkdtemp(prefix="todoke-preview-"))
    ):
        out.print(str(path), markup=False)


@app.command()
def demo(
    folder: Annotated[Path | None, typer.Option("--out", help="デモの作業場所（既定は ./demo）")] = None,
    story: Annotated[str, typer.Option(help="流す例の名前（doc_templates/stories）")] = FIRST_STORY,
    pdf: Annotated[bool, typer.Option(help="PDFも作る")] = True,
) -> None:
    """試しの作業場所で、付属の例（世帯・ケース・会議・統計）を流し、できた書類の数を出す。"""
    source = Path(__file__).resolve().parents[1]
    place, told = run_demo((folder or Path("demo")).resolve(), source, story, pdf)
    table = Table(
        "日", Column("様式", overflow="fold"), "組", "結果", Column("読み手と書類の数", overflow="fold")
    )
    for step in told:
        table.add_row(*step.row())
    out.print(table)
    out.print(f"書類はここにあります：{place.outbox}", markup=False)
    out.print(f"掲示板：{place.outbox / 'board' / 'index.html'}", markup=False)


# --- helpers of the mouth -----------------------------------------------------------------------------------------


@contextmanager
def _reading(given: Path | None) -> Iterator[tuple[Workspace, Journal]]:
    place = find_workspace(given)
    prepare(place)  # and nothing more: a look must be possible just when running is not safe
    journal = open_journal(place)
    try:
        yield place, journal
    finally:
        journal.close()


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
        _print_json(
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


def _a_day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else japan_time().date()
    except ValueError:
        raise UsageError("日付は 2023-07-01 の形で書いてください。") from None


def _print_json(found: Any) -> None:
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1, default=str) + "\n")
