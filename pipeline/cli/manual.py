"""マニュアルの版: what was published, compared, proven and taken back from Word."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.blank_forms import write_form
from pipeline.catalogue import load_catalogue
from pipeline.cli.mouth import (
    RETURNED,
    UNSAFE,
    JsonOption,
    WorkspaceOption,
    app,
    out,
    print_json,
    reading,
    say_faults,
    say_written,
)
from pipeline.desk import japan_time, make_shelf
from pipeline.errors import UsageError
from pipeline.manual_editions import (
    all_editions,
    check_editions,
    check_regulations,
    difference,
    editions_of,
    history,
    import_word,
)
from pipeline.prefilled_forms import private_folder
from pipeline.rules.editions.words import read_words

manual = typer.Typer(help="マニュアルの版を見る・比べる・確かめる・Wordから取り込む。", no_args_is_help=True)
app.add_typer(manual, name="manual")


@manual.command("history")
def manual_history(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """マニュアルの版と、例規の版（改正ごとの全文）の一覧を見る。"""
    with reading(workspace) as (place, journal):
        past = journal.all_past()
        found = history(all_editions(load_catalogue(place.root), past, japan_time().date()), past)
    if as_json:
        print_json(found)
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
    with reading(workspace) as (place, journal):
        catalogue, day, past = load_catalogue(place.root), japan_time().date(), journal.all_past()
        words = read_words(catalogue.office.at(day), "regulation" if regulation else "manual")
        editions = editions_of(past, regulation) if regulation else all_editions(catalogue, past, day)
        found = difference(editions, first, second, words)
    if as_json:
        print_json(found)
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
    with reading(workspace) as (place, journal):
        catalogue = load_catalogue(place.root)
        editions = all_editions(catalogue, journal.all_past(), japan_time().date())
    if not editions:
        raise UsageError("office/manual.toml に初版がありません。先に初版を書いてください。")
    imported = import_word(catalogue, editions[-1], file.read_bytes())
    if imported.faults:
        told = (f"{fault.place}：{fault.message}" for fault in imported.faults)
        say_faults(told, f"取り込めませんでした。直すところは{len(imported.faults)}か所です。")
        raise typer.Exit(RETURNED)
    target = private_folder(place, "manual", folder)
    made = {**imported.form, "md": imported.text.encode()}
    rows = [
        {"path": str(path), "changed": changed}
        for path, changed in write_form(target, "manual_revision", made, 0o600)
    ]
    say_written(rows, as_json)


@manual.command("verify")
def manual_verify(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """発行した版のファイルが受け付けた改訂のとおりか、例規の改正が前の改正の続きかを確かめる。"""
    with reading(workspace) as (place, journal):
        catalogue, day = load_catalogue(place.root), japan_time().date()
        faults = check_editions(catalogue, make_shelf(place), journal, place.outbox, day)
        faults += check_regulations(journal.all_past())
    if as_json:
        print_json(faults)
    else:
        say_faults(faults, f"版を確かめ終わりました。誤りは{len(faults)}件です。")
    raise typer.Exit(UNSAFE if faults else 0)
