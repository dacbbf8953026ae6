"""The finished Word files of 要綱の一部改正, read back: each column is its text, underlined where it changed."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import docx
import pytest
from hypothesis import HealthCheck, given, settings

from pipeline.catalogue import load_catalogue
from pipeline.desk import new_workspace
from pipeline.model import OutFile
from pipeline.papers.prove import ensure_parses
from pipeline.rehearse import Example, Rehearsal, rehearse
from pipeline.rules import judge
from pipeline.rules.editions.notation import write_text
from pipeline.rules.editions.text import EditionText
from pipeline.workshop import Workshop
from tests.conftest import ROOT
from tests.editions.regulations import amended
from tests.intake import catalogue as shipped

DAY = date(2022, 10, 3)
EXAMPLES = ROOT / "doc_templates" / "regulation_amendment" / "examples"


@lru_cache(maxsize=1)
def workshop() -> Workshop:
    """One for all tests; no fixture, so that hypothesis does not print it."""
    return Workshop(shipped())


def made(values: dict[str, Any], shop: Workshop | None = None) -> Rehearsal:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "見本.json"
        path.write_text(json.dumps(values), "utf-8")
        return rehearse(shop or workshop(), Example("regulation_amendment", path))


def paper(files: tuple[OutFile, ...], name: str) -> docx.document.Document:
    return docx.Document(io.BytesIO(next(f.data for f in files if f.template == f"{name}/template.docx")))


def sides(
    document: docx.document.Document,
) -> Iterator[tuple[list[list[tuple[str, bool]]], list[list[tuple[str, bool]]]]]:
    """Left and right of every row below the head: a list of cells, each a list of (text, underlined)."""
    for row in document.tables[0].rows[1:]:
        cells = [
            [
                (run.text, bool(run.underline))
                for paragraph in cell.paragraphs
                for run in paragraph.runs
                if run.text
            ]
            for cell in (docx.table._Cell(tc, row) for tc in row._tr.tc_lst)
        ]
        yield cells[: len(cells) // 2], cells[len(cells) // 2 :]


def wanted(side: dict[str, Any]) -> list[list[tuple[str, bool]]]:
    cells = side["cells"] if "cells" in side else [side["spans"]]
    return [[(span["text"], span["changed"]) for span in spans] for spans in cells]


def values_of(old: EditionText, new: EditionText) -> dict[str, Any]:
    return {
        "form": "regulation_amendment",
        "kind": "要綱",
        "effective_on": "2022-10-03",
        "reason": "必要があるため。",
        "old_text": write_text(old),
        "new_text": write_text(new),
    }


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(amended())
def test_the_table_on_paper_is_the_comparison(pair: tuple[EditionText, EditionText]) -> None:
    old, new = pair
    rehearsal = made(values_of(old, new))
    if not rehearsal.is_good:
        codes = {problem.code for problem in rehearsal.problems}
        refused = {code for code in codes if not code.startswith("TEXT_")}  # half an emoji, say
        assert refused <= {"REGULATION_SAME", "REGULATION_SUPPLEMENT"}
        return
    for file in rehearsal.files:
        if file.template:
            name, _, template = file.template.partition("/")
            spec = workshop().catalogue.paper(name)
            edition = next(edition for edition in spec.editions if edition.template == template)
            ensure_parses(workshop().template(spec, edition)[1], file.data)
    office = workshop().catalogue.office.at(DAY)
    facts = judge("regulation_amendment", values_of(old, new), office, DAY).facts
    assert list(sides(paper(rehearsal.files, "comparison_table"))) == [
        (wanted(row["left"]), wanted(row["right"])) for row in facts["rows"]
    ]


def test_the_amendment_of_the_deck() -> None:
    """R4.10: two members added (domain.md §4.1, §2.2)."""
    values = json.loads((EXAMPLES / "r4_10_members_added.json").read_text("utf-8"))
    files = made(values).files
    assert [(file.title, file.audience) for file in files if file.path.endswith(".docx")] == [
        ("新旧対照表", "division"),
        ("改正後の全文", "division"),
        ("改め文（案）", "division"),
    ]
    document = paper(files, "comparison_table")
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (297, 210)
    assert document.tables[0].rows[0]._tr.trPr.find(docx.oxml.ns.qn("w:tblHeader")) is not None
    underlined = [
        run for left, right in sides(document) for cell in (*left, *right) for run in cell if run[1]
    ]
    assert [text for text, _ in underlined] == [
        "生活困窮",
        "社会福祉法人いわき市社会福祉協議会",
        "高齢者・障がい者",
        "地域福祉ネットワークいわき",
    ]
    text = "\n".join(paragraph.text for paragraph in paper(files, "amending_regulation").paragraphs)
    assert "別表地域の項の次に次のように加える。" in text


def test_without_a_proof_there_is_no_amending_text() -> None:
    values = json.loads((EXAMPLES / "not_provable.json").read_text("utf-8"))
    rehearsal = made(values)
    assert [problem.code for problem in rehearsal.problems] == ["REGULATION_AMENDMENT"]
    titles = [file.title for file in rehearsal.files if file.path.endswith(".docx")]
    assert titles == ["新旧対照表", "改正後の全文", "点検票"]


@pytest.mark.parametrize("width", [1, 2, 3, 4, 5, 8, 9])
def test_tables_of_every_width_are_printed(width: int) -> None:
    head = "｜".join(f"題{n}" for n in range(width)) if width > 1 else ""
    row = "｜".join(f"値{n}" for n in range(width))
    table = f"{head}\n{row}" if head else ""
    notation = "| 題0 |\n|---|\n| 値0 |"
    old = (
        f"見本要綱\n第１条　置く。\n別表\n{table}"
        if head
        else f"# 見本要綱\n\n第１条　置く。\n\n## 別表\n\n{notation}\n"
    )
    values = values_of(EditionText("", ()), EditionText("", ())) | {
        "old_text": old,
        "new_text": old.replace("値0", "新しい値0"),
    }
    files = made(values).files
    left, right = list(sides(paper(files, "comparison_table")))[-1]
    joined = ["".join(text for text, _ in run) for cell in (left, right) for run in cell]
    if 1 < width <= 8:
        assert joined == [
            "新しい値0",
            *(f"値{n}" for n in range(1, width)),
            *(f"値{n}" for n in range(width)),
        ]
    else:
        assert joined == [
            "新しい" + "　｜　".join(f"値{n}" for n in range(width)),
            "　｜　".join(f"値{n}" for n in range(width)),
        ]
    assert (
        any(
            "新しい値0" in cell.text
            for table in paper(files, "consolidated_regulation").tables
            for cell in table._cells
        )
        or width > 4
    )


# --- The third column ---------------------------------------------------------------------------------------------


def with_reasons(root: Path) -> Workshop:
    """The workshop of an office whose 新旧対照表 has a third column."""
    new_workspace(root, ROOT, DAY)
    settings = root / "office" / "edition.toml"
    settings.write_text(
        settings.read_text("utf-8").replace('reason_head = ""', 'reason_head = "理由"'), "utf-8"
    )
    return Workshop(load_catalogue(root))


def test_reasons_stand_in_a_third_column_where_the_office_has_one(tmp_path: Path) -> None:
    values = json.loads((EXAMPLES / "several_changes.json").read_text("utf-8"))
    outcome = made(values, with_reasons(tmp_path))
    table = paper(outcome.files, "comparison_table").tables[0]
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows[0][-1] == "理由"
    beside = {cells[-1]: cells[0] for cells in rows[1:] if cells[-1]}
    assert set(beside) == {row["reason"] for row in values["reasons"]}
    assert beside["研修を協議会の事務として明らかにするため"].startswith("(3)")
    assert beside["会議の公開は、会議ごとに定めるため"] == "（削る）"
    widths = {sum(column.width for column in table.columns)}
    assert widths == {
        sum(column.width for column in paper(made(values).files, "comparison_table").tables[0].columns)
    }


@pytest.mark.parametrize("without", ["column", "reasons"])
def test_without_the_setting_or_without_reasons_there_are_two_columns(tmp_path: Path, without: str) -> None:
    values = json.loads((EXAMPLES / "several_changes.json").read_text("utf-8"))
    if without == "reasons":
        del values["reasons"]
    outcome = made(values, workshop() if without == "column" else with_reasons(tmp_path))
    head = paper(outcome.files, "comparison_table").tables[0].rows[0].cells
    assert list(dict.fromkeys(cell.text for cell in head)) == ["改正後", "改正前"]


def test_the_manual_has_its_reasons_in_the_third_column_too(tmp_path: Path) -> None:
    path = ROOT / "doc_templates" / "manual_revision" / "examples" / "typical.json"
    outcome = rehearse(with_reasons(tmp_path), Example("manual_revision", path))
    table = paper(outcome.files, "comparison_table").tables[0]
    said = "\n".join(row.cells[-1].text for row in table.rows)
    for change in json.loads(path.read_text("utf-8"))["changes"]:
        assert change["reason"] in said
    (page,) = [file.data.decode() for file in outcome.files if file.path.endswith(".html")]
    assert (
        page.count("<td>計画に書いた時期に必ず確かめるようにするため</td>") == 2
    )  # 主な改訂点 and 新旧対照表
