"""A stop is heard between two transactions, whatever the moment at which it is told (F33)."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipeline.desk import JST
from pipeline.journal import Journal
from pipeline.papers.pdf import DocxJob, PdfPress, find_office
from pipeline.stopping import heed, listen, unbroken
from tests.conftest import ROOT

NOW = datetime(2024, 2, 26, 9, 30, tzinfo=JST)


@pytest.fixture(autouse=True)
def _listening() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    listen()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


BOTH = pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])


@BOTH
def test_outside_it_is_heard_at_once(told: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(told)


@BOTH
def test_an_unbroken_part_is_done_first(told: signal.Signals) -> None:
    done = []
    with pytest.raises(KeyboardInterrupt):
        with unbroken():
            with unbroken():
                signal.raise_signal(told)
                done.append("inner")
            done.append("outer")
        done.append("after")
    assert done == ["inner", "outer"]
    heed()  # heard once, and no longer


def test_a_long_part_may_end_where_it_heeds() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), unbroken():
        for number in range(9):
            heed()
            done.append(number)
            if number == 3:
                signal.raise_signal(signal.SIGTERM)
    assert done == [0, 1, 2, 3]


def test_started_without_ctrl_c_it_stays_without() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    listen()
    signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize("moment", ["begin", "commit"])
def test_told_while_a_transaction_begins_or_ends_none_stays_open(tmp_path: Path, moment: str) -> None:
    """The lock of one left open would stop the next for thirty seconds, and the stop would be forgotten."""
    journal = Journal(tmp_path / "journal.sqlite3")
    told: list[object] = []

    def tell(connection: object) -> None:
        if not told:
            told.append(connection)
            signal.raise_signal(signal.SIGINT)

    sa.event.listen(journal._engine, moment, tell)
    with pytest.raises(KeyboardInterrupt):
        journal.receive("01", "a.json", "0" * 64, NOW)
    with sa.create_engine(
        f"sqlite:///{tmp_path / 'journal.sqlite3'}", connect_args={"timeout": 0}
    ).begin() as tx:
        tx.exec_driver_sql("BEGIN IMMEDIATE")  # raises where another transaction is open
        assert tx.exec_driver_sql("SELECT count(*) FROM intake").scalar_one() == 1
    journal.close()


@pytest.mark.office
def test_told_while_a_pdf_is_waited_for(tmp_path: Path) -> None:
    """Pressing is part of a group's transaction, and LibreOffice may take a minute."""
    office = find_office()
    assert office.available, office.reason
    paper = DocxJob(
        "見本", (ROOT / "doc_templates/papers/decision_notice/template.docx").read_bytes(), "", ()
    )
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), unbroken(), PdfPress(tmp_path, office) as press:
        threading.Timer(0.5, signal.raise_signal, [signal.SIGTERM]).start()
        press.press([paper] * 200)
    assert time.monotonic() - began < 10
