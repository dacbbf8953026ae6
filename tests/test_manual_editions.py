"""Editions of the manual published by drops: whole, immutable, made again byte for byte, listed, compared and verified."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
import pytest
from typer.testing import CliRunner

from pipeline.cli.mouth import app
from pipeline.desk import JST, Desk, open_desk
from pipeline.errors import UsageError
from pipeline.ledger import refresh
from pipeline.manual_editions import (
    all_editions,
    check_editions,
    check_regulations,
    difference,
    editions_of,
    history,
)
from pipeline.model import Event
from pipeline.prefilled_forms import Archive, correcting_form
from pipeline.rules.editions.notation import read_text, write_text
from pipeline.rules.editions.words import RevisionWords
from pipeline.rules.regulation_editions import FORM as REGULATION
from pipeline.rules.regulation_editions import find_regulations
from pipeline.workspace import Workspace
from tests.conftest import drop, example, receipt_of, run

WORDS = RevisionWords("改訂", "改訂後", "改訂前")
DAY = datetime(2024, 2, 26, 9, 30, tzinfo=JST).date()


def published(desk: Desk, *names: str) -> Path:
    """Drop revisions one after another; return outbox/manual."""
    for name in names:
        drop(desk.workspace, f"{name}.json", example("manual_revision", name))
        assert [entry.outcome for entry in run(desk)] == ["delivered"]
    refresh(desk)
    return desk.workspace.outbox / "manual"


def faults(desk: Desk) -> list[str]:
    return check_editions(desk.catalogue, desk.shelf, desk.journal, desk.workspace.outbox, DAY)


def contents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_one_drop_publishes_the_second_edition(desk: Desk) -> None:
    root = published(desk, "typical")
    assert sorted(path.name for path in root.iterdir()) == ["01", "02", "index.json"]
    names = sorted(path.name for path in (root / "02").iterdir())
    assert names == [
        "edition.json",
        "マニュアル（改訂後の全文）.docx",
        "マニュアル（改訂後の全文）.html",
        "主な改訂点（概要）.docx",
        "差替え一覧.docx",
        "新旧対照表.docx",
        "本文.md",
    ]
    text, problems = read_text((root / "02" / "本文.md").read_text("utf-8"))
    assert text is not None, problems
    assert json.loads((root / "02" / "edition.json").read_bytes())["label"] == "第２版（令和５年10月改訂）"
    assert faults(desk) == []


def test_nothing_appears_where_nothing_was_revised(desk: Desk) -> None:
    refresh(desk)
    assert not (desk.workspace.outbox / "manual").exists()
    assert faults(desk) == []


def test_an_edition_stays_as_it_is_and_a_lost_one_is_made_again_byte_for_byte(desk: Desk) -> None:
    root = published(desk, "typical", "third_edition")
    before = contents(root)
    assert {name.split("/")[0] for name in before} == {"01", "02", "03", "index.json"}
    shutil.rmtree(root / "02")
    (root / "03" / "本文.md").chmod(0o600)
    (root / "03" / "本文.md").write_text("書き換え", "utf-8")
    told = faults(desk)
    assert [fault.split("：")[0] for fault in told] == ["第2版", "第3版"]
    refresh(desk)
    assert (root / "03" / "本文.md").read_text("utf-8") == "書き換え", "what is there is never overwritten"
    shutil.rmtree(root / "03")
    refresh(desk)
    assert contents(root) == before
    assert faults(desk) == []


def test_whatever_is_added_taken_or_changed_is_found(desk: Desk) -> None:
    root = published(desk, "typical")
    (root / "02" / "新旧対照表.docx").unlink()
    (root / "01" / "余分.txt").write_text("余分", "utf-8")
    index = json.loads((root / "index.json").read_bytes())
    index["editions"]["1"]["sha256"] = "0" * 64
    (root / "index.json").write_text(json.dumps(index), "utf-8")
    assert len(faults(desk)) == 3


def test_a_superseded_revision_comes_back_and_publishes_nothing(desk: Desk) -> None:
    root = published(desk, "typical")
    drop(desk.workspace, "late.json", example("manual_revision", "superseded.bad"))
    assert [entry.outcome for entry in run(desk)] == ["returned"]
    refresh(desk)
    assert not (root / "03").exists()


def test_a_published_revision_is_neither_corrected_nor_taken_back(desk: Desk) -> None:
    root = published(desk, "typical")
    before, (entry,) = contents(root), desk.journal.every_entry()
    again = {"corrects": entry.bundle_id, "correction_reason": "見本"}
    drop(desk.workspace, "again.json", {**example("manual_revision", "typical"), **again})
    drop(desk.workspace, "back.json", {"form": "manual_revision", "withdraws": entry.bundle_id})
    for returned in run(desk):
        assert returned.outcome == "returned"
        told = [problem["code"] for problem in receipt_of(desk, returned)["problems"]]
        assert told == ["CORRECTS_PUBLISHED"]
    refresh(desk)
    assert contents(root) == before
    assert faults(desk) == []
    archive = Archive(desk.workspace, desk.journal, desk.shelf, desk.catalogue)
    with pytest.raises(UsageError, match="次の改訂"):
        correcting_form(archive, entry.bundle_id)


def test_two_revisions_of_one_edition_in_one_group(desk: Desk) -> None:
    drop(desk.workspace, "a.json", example("manual_revision", "typical"))
    drop(desk.workspace, "b.json", example("manual_revision", "whole_text"))
    assert sorted(str(entry.outcome) for entry in run(desk)) == ["delivered", "returned"]


def test_any_two_editions_are_compared(desk: Desk) -> None:
    published(desk, "typical", "third_edition")
    past = desk.journal.all_past()
    editions = all_editions(desk.catalogue, past, DAY)
    found = difference(editions, 1, 3, WORDS)
    kinds = {(section["kind"], section["new"] or section["old"]) for section in found["sections"]}
    assert ("新設", "第７章「派遣についてよくある質問」") in kinds
    assert ("削除", "第６章13「上限を確かめる三つの場面」") in kinds
    assert any(line["old"] is None and "モニタリング記録票" in line["new"] for line in found["lines"])
    back = difference(editions, 3, 1, WORDS)
    assert {(line["new"], line["old"]) for line in back["lines"] if line["new"]} >= {
        (line["old"], line["new"]) for line in found["lines"] if line["old"] and not line["new"]
    }
    assert difference(editions, 2, 2, WORDS)["lines"] == []
    with pytest.raises(UsageError):
        difference(editions, 1, 9, WORDS)


def test_history_lists_the_manual_and_the_regulations(desk: Desk) -> None:
    published(desk, "typical")
    drop(desk.workspace, "r.json", example("regulation_amendment", "r4_10_members_added"))
    run(desk)
    past = desk.journal.all_past()
    found = history(all_editions(desk.catalogue, past, DAY), past)
    assert [(record["kind"], record["edition"]) for record in found] == [
        ("manual", 1),
        ("manual", 2),
        ("regulation", 0),
        ("regulation", 1),
    ]
    assert len({record["sha256"] for record in found}) == 4
    assert [record["bundle_id"] == "" for record in found] == [True, False, True, False]


def said(place: Workspace, *words: str, code: int = 0) -> Any:
    result = CliRunner().invoke(app, ["manual", *words, "--workspace", str(place.root), "--json"])
    assert result.exit_code == code, result.output
    return json.loads(result.output)


# --- Regulations --------------------------------------------------------------------------------------------------


def amended_twice(desk: Desk, **changes: Any) -> None:
    """An amendment, and a second one that sets out from what the first made, but for what `changes` puts instead."""
    first = example("regulation_amendment", "r4_10_members_added")
    (edition,) = find_regulations([Event("20220930-0001", REGULATION, None, DAY, DAY, first)])
    old = write_text(edition[-1].text)
    second = {
        **example("regulation_amendment", "retroactive"),
        "old_text": old,
        "new_text": old.replace("こどもみらい部長を", "こどもみらい部長の職にある者を"),
    }
    for name, values in (("first", first), ("second", {**second, **changes})):
        drop(desk.workspace, f"{name}.json", values)
        assert [entry.outcome for entry in run(desk)] == ["delivered"]


def test_two_editions_of_a_regulation_are_compared_with_their_supplements(desk: Desk) -> None:
    amended_twice(desk)
    past = desk.journal.all_past()
    editions = editions_of(past, "設置要綱")
    assert [edition.number for edition in editions] == [0, 1, 2]
    assert check_regulations(past) == []
    found = difference(editions, 0, 2, RevisionWords())
    assert any("地域福祉ネットワークいわき" in str(line["new"]) for line in found["lines"])
    assert any(line["old"] is None and str(line["new"]).startswith("附　則") for line in found["lines"])
    with pytest.raises(UsageError):
        editions_of(past, "ない題名")
    with pytest.raises(UsageError):
        difference(editions, 0, 3, RevisionWords())


def test_an_amendment_that_sets_out_from_another_text_breaks_the_chain(desk: Desk) -> None:
    first = example("regulation_amendment", "r4_10_members_added")
    amended_twice(desk, old_text=first["new_text"], new_text=first["old_text"])
    (fault,) = check_regulations(desk.journal.all_past())
    assert "２回目の改正" in fault and "附則" in fault and "別表" not in fault


def test_the_commands_know_regulations(place: Workspace) -> None:
    with open_desk(place, pdf=False) as desk:
        first = example("regulation_amendment", "r4_10_members_added")
        amended_twice(
            desk, old_text=first["old_text"], new_text=first["old_text"].replace("設置要綱", "要綱")
        )
    assert said(place, "diff", "1", "2", "--regulation", "協議会")["lines"]
    (fault,) = said(place, "verify", code=4)
    assert "別表" in fault


def test_the_commands_answer(place: Workspace) -> None:
    with open_desk(place, pdf=False) as desk:
        root = published(desk, "typical")
    assert [record["label"] for record in said(place, "history")] == [
        "初版（令和５年６月策定）",
        "第２版（令和５年10月改訂）",
    ]
    assert said(place, "diff", "1", "2")["sections"]
    assert said(place, "verify") == []
    (root / "02" / "本文.md").unlink()
    assert len(said(place, "verify", code=4)) == 1


def test_a_word_file_of_the_edition_becomes_a_revision_form(place: Workspace, tmp_path: Path) -> None:
    with open_desk(place, pdf=False) as desk:
        root = published(desk, "typical")
    edited = docx.Document(root / "02" / "マニュアル（改訂後の全文）.docx")
    (line,) = [p for p in edited.paragraphs if p.text.startswith("・約束の時間は")]
    line.runs[0].text = "・約束の時間は、本人に聞いて決めます。"
    edited.save(tmp_path / "直した版.docx")
    rows = said(place, "import", str(tmp_path / "直した版.docx"), "--out", str(tmp_path / "forms"))
    assert {Path(row["path"]).suffix for row in rows} == {".json", ".docx", ".html", ".md"}
    form = json.loads((tmp_path / "forms" / "manual_revision.json").read_bytes())
    assert form["revises"] == 2
    assert [point["section"] for point in form["points"]] == ["第４章５(2)「面接・訪問をする」"]
    filled = {key: value for key, value in form.items() if value not in (None, [], {})}
    filled.pop("case_id", None)
    filled.pop("numbers", None)
    filled |= {key: example("manual_revision", "whole_text")[key] for key in ("reason", "issued_on", "applies_on", "addressees")}  # fmt: skip
    filled["points"] = [{"section": "第４章５(2)", "summary": "見本", "reason": "見本"}]
    with open_desk(place, pdf=False) as desk:
        drop(place, "third.json", filled)
        assert [entry.outcome for entry in run(desk)] == ["delivered"]


def test_a_broken_word_file_is_refused_with_every_place(place: Workspace, tmp_path: Path) -> None:
    with open_desk(place, pdf=False) as desk:
        root = published(desk, "typical")
    edited = docx.Document(root / "02" / "マニュアル（改訂後の全文）.docx")
    for start in ("第５章　会議", "第８章　個人情報と情報共有"):
        next(p for p in reversed(edited.paragraphs) if p.text == start).style = edited.styles["Normal"]
    edited.save(tmp_path / "壊れた版.docx")
    result = CliRunner().invoke(
        app, ["manual", "import", str(tmp_path / "壊れた版.docx"), "-w", str(place.root)]
    )
    assert result.exit_code == 1
    assert result.output.count("見出しのスタイルが外れています") == 2
    assert "直すところは2か所です" in result.output
