"""様式と書類: the commands about what the office itself writes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from pipeline import wording
from pipeline.blank_forms import write_form, write_forms
from pipeline.catalogue import load_catalogue
from pipeline.check import check as check_all
from pipeline.cli.mouth import (
    HELD,
    RETURNED,
    SOURCE,
    JsonOption,
    WorkspaceOption,
    app,
    out,
    print_json,
    reading,
    say_faults,
    say_written,
)
from pipeline.demo import FIRST_STORY, run_demo
from pipeline.desk import japan_time, make_shelf
from pipeline.errors import UsageError
from pipeline.mailing import MAILING, mailing_from
from pipeline.prefilled_forms import Archive, correcting_form, forms_of_case, private_folder, write_prefilled
from pipeline.roster import ENCODINGS
from pipeline.scaffold import new_form, preview_paper, revise_form
from pipeline.workshop import Workshop
from pipeline.workspace import ensure_safe, find_workspace


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
        print_json([{"file": fault.file, "message": fault.message} for fault in faults])
    else:
        checked = (
            f"{'、'.join(names)} とその書類・例"
            if names
            else f"様式{len(catalogue.forms)}・書類{len(catalogue.papers)}"
        )
        told = (f"{fault.file}：{fault.message}" for fault in faults)
        say_faults(told, f"{checked}を確かめました。誤りは{len(faults)}件です。")
    raise typer.Exit(HELD if faults else 0)


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
        say_written([{"path": str(path), "changed": changed} for path, changed in written], as_json)
        return
    with reading(workspace) as (place, journal):
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
    say_written(rows, as_json)
    if not as_json:
        out.print(wording.PREFILLED_CARE, markup=False)


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
            print_json({"faults": list(made)})
        else:
            say_faults(made, f"名簿に誤りが{len(made)}件あるので、発送票は作りませんでした。")
        raise typer.Exit(RETURNED)
    target = private_folder(place, "addressees", folder)
    rows = [{"path": str(path), "changed": new} for path, new in write_form(target, MAILING, made, 0o600)]
    say_written(rows, as_json)


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
    source = SOURCE
    place, told = run_demo((folder or Path("demo")).resolve(), source, story, pdf)
    table = Table(
        "日", Column("様式", overflow="fold"), "組", "結果", Column("読み手と書類の数", overflow="fold")
    )
    for step in told:
        table.add_row(*step.row())
    out.print(table)
    out.print(f"書類はここにあります：{place.outbox}", markup=False)
    out.print(f"掲示板：{place.outbox / 'board' / 'index.html'}", markup=False)
