"""What all commands share: the two consoles, the options, the exit codes, the way things are said."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from pipeline.desk import japan_time, open_journal
from pipeline.errors import UsageError
from pipeline.journal import Journal
from pipeline.workspace import Workspace, find_workspace, prepare

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
SOURCE = Path(__file__).resolve().parents[2]  # the office's material a new workspace begins with


@contextmanager
def reading(given: Path | None) -> Iterator[tuple[Workspace, Journal]]:
    """A workspace and its journal for a command that only looks."""
    place = find_workspace(given)
    prepare(place)  # and nothing more: a look must be possible just when running is not safe
    journal = open_journal(place)
    try:
        yield place, journal
    finally:
        journal.close()


def a_day(text: str | None) -> date:
    """Return the day an option names, or today. Raises UsageError."""
    try:
        return date.fromisoformat(text) if text else japan_time().date()
    except ValueError:
        raise UsageError("日付は 2023-07-01 の形で書いてください。") from None


def print_json(found: Any) -> None:
    """Print what was found for a machine."""
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1, default=str) + "\n")


def say_faults(faults: Iterable[object], closing: str) -> None:
    """Say each fault on a line of its own, and at the end how many there are."""
    for fault in faults:
        out.print(str(fault), markup=False)
    out.print(closing, markup=False)


def say_written(rows: list[dict[str, Any]], as_json: bool) -> None:
    """Say which files were written, from what, and what of it had no place in today's form."""
    if as_json:
        print_json(rows)
        return
    for row in rows:
        sources = "・".join(row.get("sources", ()))
        told = f"　（{sources} から記入）" if sources else ""
        out.print(f"{'作成' if row['changed'] else '変更なし'}　{row['path']}{told}", markup=False)
    left_out = sorted({path for row in rows for path in row.get("left_out", ())})
    if left_out:
        out.print(f"今の様式に欄がないため、写さなかった項目：{'、'.join(left_out)}", markup=False)
