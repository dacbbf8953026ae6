"""A new form costs a folder, not code: `todoke new`, edit data and a Word template, drop, done."""

from __future__ import annotations

import io
import json
from pathlib import Path

import docx
import pytest

from pipeline.catalogue import load_catalogue
from pipeline.check import check
from pipeline.desk import open_desk
from pipeline.errors import UsageError
from pipeline.model import Outcome
from pipeline.ooxml import docx_text
from pipeline.scaffold import new_form, preview_paper
from pipeline.workshop import Workshop
from pipeline.workspace import Workspace
from tests.conftest import MORNING, drop, folder_of, receipt_of, run

pytestmark = pytest.mark.examples


def faults(place: Workspace, *only: str, write: bool = False) -> list[str]:
    found = check(Workshop(load_catalogue(place.root)), write, only)
    return [f"{fault.file}：{fault.message}" for fault in found]


def edit_json(path: Path, **changes: object) -> None:
    path.write_text(
        json.dumps({**json.loads(path.read_text("utf-8")), **changes}, ensure_ascii=False), "utf-8"
    )


def test_a_scaffolded_form_passes_every_check_and_works_at_once(place: Workspace) -> None:
    written = list(new_form(place.root, "visit_note", "訪問メモ"))
    assert all(path.exists() for path in written)
    faults(place, "visit_note", write=True)
    assert faults(place, "visit_note") == []
    drop(
        place,
        "a.json",
        {
            "form": "visit_note",
            "subject": "見本　𠮷田",
            "written_on": "2023-06-01",
            "content": "一行目\n二行目",
        },
    )
    drop(place, "b.json", {"form": "visit_note", "subject": "見本"})
    with open_desk(place, now=lambda: MORNING, pdf=False) as desk:
        good, bad = run(desk)
        assert (good.outcome, bad.outcome) == (Outcome.DELIVERED, Outcome.RETURNED)
        (paper,) = folder_of(desk, good).rglob("*.docx")
        assert docx_text(paper.read_bytes()).splitlines() == [
            "訪問メモ",
            "題名\t見本　𠮷田",
            "記入日\t令和５年６月１日",
            "内容\t一行目",
            "二行目",
        ]
        assert {p["pointer"] for p in receipt_of(desk, bad)["problems"]} == {"/written_on", "/content"}


def test_a_schema_no_form_can_be_made_from_is_told_before_anybody_fills_one(place: Workspace) -> None:
    list(new_form(place.root, "visit_note", "訪問メモ"))
    schema = place.root / "schemas" / "visit_note.schema.json"
    edit_json(schema, propertyNames={"maxLength": 20})
    assert any("propertyNames" in fault and "画面の様式" in fault for fault in faults(place, "visit_note"))


def test_a_clerk_adds_a_list_a_condition_and_a_second_reader_without_python(place: Workspace) -> None:
    list(new_form(place.root, "visit_note", "訪問メモ"))
    schema = place.root / "schemas" / "visit_note.schema.json"
    properties = json.loads(schema.read_text("utf-8"))["properties"]
    properties["items"] = {
        "type": "array",
        "title": "実施したこと",
        "maxItems": 5,
        "items": {"type": "string", "title": "こと", "maxLength": 20},
    }
    urgent = {"properties": {"subject": {"const": "至急"}}, "required": ["subject"]}
    edit_json(schema, properties=properties, **{"$defs": {"when_urgent": urgent}})
    folder = place.root / "doc_templates"
    with (folder / "visit_note" / "spec.toml").open("a", encoding="utf-8") as spec:
        spec.write(
            '\n[[documents]]\npaper = "visit_note"\naudience = "centre"\nwhen = "urgent"\nformats = ["docx"]\n'
        )
    paper = folder / "papers" / "visit_note"
    toml = paper / "paper.toml"
    toml.write_text(toml.read_text("utf-8").replace('"content"]', '"content", "items"]'), "utf-8")
    document = docx.Document(str(paper / "template.docx"))
    document.add_paragraph("{%p for done in items %}")
    document.add_paragraph("・{{ done }}")
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("以　上")
    saved = io.BytesIO()
    document.save(saved)
    (paper / "template.docx").write_bytes(saved.getvalue())
    faults(place, "visit_note", write=True)
    assert faults(place, "visit_note") == []
    base = {"form": "visit_note", "written_on": "2023-06-01", "content": "c", "items": ["掃除", "洗濯"]}
    drop(place, "1.json", {**base, "subject": "通常"})
    drop(place, "2.json", {**base, "subject": "至急"})
    with open_desk(place, now=lambda: MORNING, pdf=False) as desk:
        usual, urgent_one = run(desk)
        audiences = [
            [d["audience"] for d in receipt_of(desk, entry)["documents"]] for entry in (usual, urgent_one)
        ]
        assert audiences == [["division"], ["division", "centre"]]
        (text,) = [docx_text(path.read_bytes()) for path in folder_of(desk, usual).rglob("*.docx")]
        assert "・掃除\n・洗濯\n以　上" in text


def test_a_form_asked_for_by_name_whose_schema_cannot_be_read_is_told_as_such(place: Workspace) -> None:
    edit_json(place.root / "schemas" / "withdrawal.schema.json", maxProperties="9")
    told = "schemas/withdrawal.schema.json：JSON Schemaの書き方に誤りがあります（maxProperties）。"
    assert told in faults(place, "withdrawal")
    with pytest.raises(UsageError, match="この名前の様式はありません：withdrawl"):
        faults(place, "withdrawl")


@pytest.mark.parametrize(
    "name", ["Visit", "v", "../evil", "visit-note", "dispatch_application", "common", "papers"]
)
def test_a_name_that_cannot_be_used_changes_nothing(place: Workspace, name: str) -> None:
    before = sorted(place.root.rglob("*"))
    with pytest.raises(UsageError):
        list(new_form(place.root, name, "題名"))
    assert sorted(place.root.rglob("*")) == before


# --- every fault of the office's material is found, all at once ------------------------------------------------


def break_toml(place: Workspace, file: str, old: str, new: str) -> None:
    path = place.root / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_check_names_every_fault_of_a_broken_office(place: Workspace) -> None:
    spec = "doc_templates/meeting_minutes/spec.toml"
    break_toml(place, spec, 'audience = "members"', 'audience = "everybody"')
    break_toml(place, spec, 'when = "draft"', 'when = "drafty"')
    break_toml(place, spec, 'paper = "decision_list"', 'paper = "decision_lost"')
    break_toml(place, "doc_templates/papers/refusal_notice/paper.toml", '"doc_date"', '"doc_day"')
    (place.root / "schemas" / "broken.schema.json").write_text('{"type": "object", "type": "array"}')
    (place.root / "office" / "city.toml").write_text("[[city]]\nname = 1\n")
    example = place.root / "doc_templates/dispatch_decision/examples/approved.json"
    edit_json(example, numbers={"notice": "9い第1号", "request": "9い第2号"})
    found = "\n".join(faults(place))
    for words in (
        "everybody",
        "drafty",
        "decision_lost",
        "doc_day",
        "schemas/broken.schema.json",
        "office/city.toml",
        "BR25",
    ):
        assert words in found or words == "BR25", words
    assert "approved.json" in found


def test_a_template_fault_names_document_tag_and_a_suggestion(place: Workspace) -> None:
    list(new_form(place.root, "visit_note", "訪問メモ"))
    path = place.root / "doc_templates/papers/visit_note/template.docx"
    document = docx.Document(str(path))
    document.add_paragraph("{{ subjekt }}")
    document.add_paragraph("{{ written_on }}")
    document.add_paragraph("{{ content|safe }}")
    document.save(str(path))
    found = "\n".join(faults(place, "visit_note", write=True))
    assert "subjekt" in found or "safe" in found
    document = docx.Document(str(path))
    document.paragraphs[-1].text = ""
    document.save(str(path))
    found = "\n".join(faults(place, "visit_note", write=True))
    assert "subjekt" in found
    assert "subject" in found
    assert "written_on" in found


@pytest.mark.office
def test_preview_shows_a_paper_as_word_and_pdf(place: Workspace, tmp_path: Path) -> None:
    list(new_form(place.root, "visit_note", "訪問メモ"))
    written = list(preview_paper(place.root, "visit_note", tmp_path / "look"))
    assert sorted(path.suffix for path in written) == [".docx", ".pdf"]
    with pytest.raises(UsageError):
        list(preview_paper(place.root, "no_such_paper", tmp_path / "look"))
