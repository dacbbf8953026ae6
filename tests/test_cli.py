"""The contract of the command line: exit codes, JSON, and sentences that never quote a value."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from pipeline import cli
from pipeline.desk import open_desk
from pipeline.workspace import Workspace
from tests.conftest import ROOT, drop, example


def todoke(place: Workspace | None, *words: str, code: int = 0) -> str:
    """What the command says, in this process (tests/test_crash.py and tests/test_watch.py start it as its own)."""
    at = ["--workspace", str(place.root)] if place else []
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["todoke", *words, *at])
        patch.chdir(ROOT)
        with pytest.raises(SystemExit) as ended:
            cli.main()
    assert ended.value.code == code, out.getvalue() + err.getvalue()
    return out.getvalue() if code in (0, 1, 3) or out.getvalue() else err.getvalue()


def as_json(place: Workspace, *words: str, code: int = 0) -> Any:
    return json.loads(todoke(place, *words, "--json", code=code))


def test_exit_codes_mix_to_the_gravest(place: Workspace) -> None:
    assert as_json(place, "run")["bundles"] == []
    drop(place, "1.json", example("meeting_minutes", "r4_7_first"))
    assert [b["outcome"] for b in as_json(place, "run")["bundles"]] == ["delivered"]
    drop(place, "2.json", example("meeting_minutes", "r4_7_first"))
    assert [b["outcome"] for b in as_json(place, "run")["bundles"]] == ["duplicate"]
    drop(place, "3.json", example("meeting_minutes", "end_before_start.bad"))
    as_json(place, "run", code=1)
    (place.root / "doc_templates/papers/decision_list/template.docx").write_bytes(b"x")
    drop(place, "4.json", example("meeting_minutes", "r4_8_second"))
    drop(place, "5.json", example("meeting_minutes", "end_before_start.bad"))
    found = as_json(place, "run", code=3)
    assert sorted(b["outcome"] for b in found["bundles"]) == ["held", "returned"]
    (place.inbox / "folder").mkdir()
    assert as_json(place, "run", code=3)["refused"] == ["DIRECTORY"]


def test_unsafe_and_usage(place: Workspace, tmp_path: Path) -> None:
    with open_desk(place, pdf=False):
        assert "別の todoke" in todoke(place, "run", code=4)
    place.sentinel.unlink()
    assert "目印" in todoke(place, "run", code=4)
    assert "作業場所ではありません" in todoke(None, "status", "--workspace", str(tmp_path), code=2)
    todoke(None, "no_such_command", code=2)
    place.sentinel.touch()
    todoke(place, "show", "20990101-0001", code=2)
    todoke(place, "retry", "20990101-0001", code=2)
    with (place.root / "todoke.toml").open("a") as settings:
        settings.write("\n[surprise]\nx = 1\n")
    assert "surprise" in todoke(place, "status", code=2)


def test_status_show_verify_rebuild(place: Workspace) -> None:
    drop(place, "1.json", example("dispatch_application", "typical"))
    drop(place, "2.json", example("meeting_minutes", "end_before_start.bad"))
    drop(place, "half.json", b'{"form": "mee')
    run = as_json(place, "run", code=1)
    status = as_json(place, "status")
    assert status["outcomes"] == {"delivered": 1, "returned": 1, "held": 0, "duplicate": 0}
    assert (status["waiting"], status["inbox_present"], status["office_faults"]) == (1, True, 0)
    assert status["last_good_scan"]
    delivered = next(b["bundle_id"] for b in run["bundles"] if b["outcome"] == "delivered")
    (receipt,) = as_json(place, "show", delivered)
    assert as_json(place, "show", receipt["case_id"]) == [receipt]
    assert as_json(place, "verify") == []
    todoke(place, "rebuild")
    assert as_json(place, "verify") == []
    assert as_json(place, "show", receipt["case_id"]) == [receipt]
    paper = next(place.outbox.glob(f"*/{delivered}/*/*.docx"))
    paper.chmod(0o600)
    paper.write_bytes(paper.read_bytes() + b"x")
    (fault,) = as_json(place, "verify", code=4)
    assert "書き換えられています" in fault


def test_init_makes_a_workspace_once(tmp_path: Path) -> None:
    todoke(None, "init", str(tmp_path / "office"))
    assert (tmp_path / "office" / "inbox" / ".todoke-inbox").exists()
    assert "もう作業場所があります" in todoke(None, "init", str(tmp_path / "office"), code=2)
    done = todoke(None, "check", "withdrawal", "--workspace", str(tmp_path / "office"))
    assert "withdrawal とその書類・例を確かめました。誤りは0件です。" in done


def test_check_for_machines() -> None:
    assert json.loads(todoke(None, "check", "withdrawal", "--json", "--workspace", str(ROOT))) == []


def test_new_then_check(place: Workspace) -> None:
    todoke(place, "new", "visit_note", "訪問メモ")
    assert "誤りは0件" in todoke(place, "check", "visit_note")
    assert "visit_nota" in todoke(place, "check", "visit_nota", code=2)


def test_a_bug_says_where_and_never_what(
    place: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def explode(*_: object) -> None:
        raise RuntimeError("見本　太郎")

    monkeypatch.setattr("pipeline.cli.mouth.find_workspace", explode)
    monkeypatch.setattr(sys, "argv", ["todoke", "status"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 70
    said = capsys.readouterr()
    assert "RuntimeError" in said.err
    assert "見本" not in said.out + said.err


@pytest.mark.office
def test_demo_runs_the_example_case_to_its_papers(tmp_path: Path) -> None:
    said = todoke(None, "demo", "--story", "first_day", "--out", str(tmp_path / "demo"))
    assert said.count("交付") == 4 and "保留" not in said
    assert list((tmp_path / "demo" / "outbox").glob("*/*/contractor/*派遣依頼書一式.pdf"))
    assert (tmp_path / "demo" / "outbox" / "board" / "index.html").exists()
    assert "デモではない" in todoke(None, "demo", "--out", str(tmp_path), code=2)
