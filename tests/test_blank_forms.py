"""The blank forms: every form in both shapes, written again only when something changed."""

from __future__ import annotations

import json

import docx
import pytest

from pipeline.blank_forms import write_forms
from pipeline.catalogue import load_catalogue
from pipeline.errors import OfficeFault, UsageError
from pipeline.workspace import Workspace


def written(place: Workspace, *names: str) -> dict[str, bool]:
    catalogue = load_catalogue(place.root)
    return {path.name: changed for path, changed in write_forms(catalogue, place.outbox, names, 0o640)}


def test_every_form_as_word_and_html_and_nothing_rewritten_that_did_not_change(place: Workspace) -> None:
    first = written(place)
    names = {path.name.removesuffix(".schema.json") for path in (place.root / "schemas").glob("*.json")}
    assert first == {f"{name}.{suffix}": True for name in names for suffix in ("docx", "html")}
    before = {
        path.name: (path.read_bytes(), path.stat().st_ino) for path in (place.outbox / "forms").iterdir()
    }
    assert set(written(place).values()) == {False}
    assert {
        path.name: (path.read_bytes(), path.stat().st_ino) for path in (place.outbox / "forms").iterdir()
    } == before


def test_a_changed_schema_changes_its_own_form_only(place: Workspace) -> None:
    written(place)
    path = place.root / "schemas" / "meeting_minutes.schema.json"
    schema = json.loads(path.read_text("utf-8"))
    schema["properties"]["place"]["title"] = "会場"
    path.write_text(json.dumps(schema, ensure_ascii=False), "utf-8")
    assert {name for name, changed in written(place).items() if changed} == {
        "meeting_minutes.docx",
        "meeting_minutes.html",
    }
    document = docx.Document(str(place.outbox / "forms" / "meeting_minutes.docx"))
    assert any("会場" in cell.text for table in document.tables for row in table.rows for cell in row.cells)


def test_one_form_by_name_and_a_wrong_name(place: Workspace) -> None:
    assert set(written(place, "dispatch_decision")) == {"dispatch_decision.docx", "dispatch_decision.html"}
    with pytest.raises(UsageError):
        written(place, "no_such_form")


def test_a_broken_schema_is_the_office_s_fault(place: Workspace) -> None:
    (place.root / "schemas" / "common" / "common.schema.json").write_text("{")
    with pytest.raises((OfficeFault, UsageError)):
        written(place, "dispatch_application")
