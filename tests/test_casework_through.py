"""The case flow through a workspace: who gets which paper, the ledger recounted from the originals, nobody told too much."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook

from pipeline.case_ledger import CASE_HEADINGS, CASES_FILE, REVIEWS_FILE
from pipeline.catalogue import Catalogue
from pipeline.demo import StoryClock, Told, find_story, walk
from pipeline.desk import Desk, open_desk
from pipeline.fields import Field
from pipeline.ledger import STANDING, refresh
from pipeline.model import Event, OutFile, Past
from pipeline.rehearse import past_of
from pipeline.rules.case_register import NAMED, case_histories, case_register
from pipeline.stories import Step, Story, load_example, steps_before
from pipeline.workshop import Workshop
from pipeline.workspace import Workspace
from tests.conftest import MORNING, ROOT, example, receipt_of
from tests.intake import catalogue as shipped
from tests.rules.meetings import event, minutes
from tests.test_workshop import accepted, everything, plant

pytestmark = pytest.mark.examples

PEOPLE = ("見本　はな", "見本　良子", "見本　ゆう", "例示　春子", "みほん")
FORMS = (
    "consultation", "information_reply", "assessment", "support_plan", "progress_note", "case_transfer", "case_closure"
)  # fmt: skip


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return shipped()


def told(place: Workspace, name: str) -> tuple[Desk, list[Told]]:
    clock = StoryClock(MORNING)
    with open_desk(place, now=clock, pdf=False) as desk:
        steps = list(walk(desk, find_story(ROOT, name), clock))
        refresh(desk)
        return desk, steps


def sheet(place: Workspace, reader: str) -> list[dict[str, Any]]:
    data = (place.outbox / "readers" / reader / STANDING / CASES_FILE).read_bytes()
    rows = list(load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True))
    assert list(rows[2]) == [heading.title for heading in CASE_HEADINGS]
    return [dict(zip(rows[2], row, strict=True)) for row in rows[3:]]


def parts(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def test_the_ledger_is_what_the_originals_of_the_story_say(place: Workspace) -> None:
    """Recounted from the examples as dropped, of any day: not from the journal, not by the fold."""
    story = find_story(ROOT, "casework")
    clock = StoryClock(MORNING)
    given = [(step, load_example(ROOT, step)) for step in story.steps if not step.is_bad]
    with open_desk(place, now=clock, pdf=False) as desk:
        list(walk(desk, story, clock))
        past = desk.journal.all_past()
    dated = {"consultation": "received_on", "support_plan": "made_on", "progress_note": "noted_on", "case_closure": "closed_on"}  # fmt: skip
    facts = [
        (step.form, date.fromisoformat(v[dated[step.form]]), v) for step, v in given if step.form in dated
    ]
    for day in (date(2023, 7, 1), date(2023, 8, 21), date(2023, 9, 5), date(2023, 11, 27), date(2024, 2, 29)):
        known = [(form, v) for form, on, v in facts if on <= day]
        rows = case_register(past, day)
        assert len(rows) == sum(form == "consultation" for form, _ in known)
        assert [r.closed_on is not None for r in rows].count(True) == sum(
            f == "case_closure" for f, _ in known
        )
        assert sum(r.reviews for r in rows) == sum("review" in v for _, v in known)
        assert rows[0].plan_version == max(
            (v["version"] for f, v in known if f == "support_plan"), default=None
        )


def test_the_ledger_of_the_first_of_july_names_the_centre_the_stage_and_nobody(place: Workspace) -> None:
    told(place, "casework_moved")
    (row,) = sheet(place, "division")
    assert (row["ケース番号"], row["状況"], row["センター"]) == (
        "YC-23-1-001",
        "支援中",
        "小名浜地区保健福祉センター",
    )
    assert sheet(place, "centre-1") == [] and len(sheet(place, "centre-2")) == 1
    ledger = parts((place.outbox / "readers/division" / STANDING / CASES_FILE).read_bytes())
    page = (place.outbox / "board/index.html").read_text("utf-8")
    assert "YC-23-1-001" in page and "小名浜地区保健福祉センター" in page
    for person in PEOPLE:
        assert person not in ledger and person not in page
    assert "主事　例示　一郎" not in page, "the board names the agency in charge, not the official"


def test_the_standing_reviews_name_nobody_and_quote_no_private_word(place: Workspace) -> None:
    """A 経過記録 is written for its own papers: the standing one says where to look, the day and what was agreed."""
    story = find_story(ROOT, "casework")
    private = load_example(ROOT, next(s for s in story.steps if s.name == "progress_note/review"))["review"]
    clock = StoryClock(MORNING)
    with open_desk(place, now=clock, pdf=False) as desk:
        told = list(walk(desk, Story(story.name, story.title, story.steps[:9]), clock))
        refresh(desk)
    path = place.outbox / "readers/division" / STANDING / REVIEWS_FILE
    (sheet,) = load_workbook(path).worksheets
    (line,) = sheet.iter_rows(min_row=4, values_only=True)
    (bundle,) = [t.entry.bundle_id for t in told if t.step.name == "progress_note/review"]
    assert sheet.title == "YC-23-1-001" and line[4] == private["policy"] == "継続"
    assert line[2] == f"組 {bundle} の進行管理票のとおり" and line[3] is None and line[5] is None
    written = parts(path.read_bytes())
    for person in (*PEOPLE, private["state"], private["evaluation"], "例示　一郎"):
        assert person not in written


def test_a_name_that_became_known_after_the_minutes_is_not_printed() -> None:
    row = {"case_id": "YC-23-1-001", "policy": "継続", "main_agency": "甲", "state": "見本花子さんは元気。", "evaluation": "よい。"}  # fmt: skip
    children = [{"name": "見本　花子"}]
    opened = event("consultation", "2023-07-03", {"centre": "乙", "children": []}, "YC-23-1-001")
    held = minutes("2023-08-21", 1, "進行管理会議", progress=[row])
    named = event("assessment", "2023-09-01", {"children": children}, "YC-23-1-001")

    def said(*events: Event) -> Mapping[str, Any]:
        (history,) = case_histories(Past((opened, held, *events)), date(2023, 8, 31))
        return history.reviews[0].words

    assert said()["state"] == row["state"]
    assert (said(named)["state"], said(named)["evaluation"]) == (NAMED, "よい。")


def test_a_transfer_reaches_both_centres_and_later_papers_the_new_one(place: Workspace) -> None:
    desk, steps = told(place, "casework_moved")
    papers = {t.step.name: receipt_of(desk, t.entry)["documents"] for t in steps if not t.step.is_bad}
    moved = {(d["title"], d["party"]) for d in papers["case_transfer/typical"] if d["template"] and d["path"].endswith("docx")}  # fmt: skip
    assert {
        ("ケース移管通知書", "2"),
        ("ケース移管通知書（控）", "1"),
        ("ケース移管通知書（控）", ""),
    } <= moved
    assert {d["party"] for d in papers["progress_note/support"] if d["audience"] == "centre"} == {"2"}
    assert {t.entry.case_id for t in steps if not t.step.is_bad} == {"YC-23-1-001"}, (
        "the case keeps its number"
    )


def test_a_case_opened_by_a_consultation_goes_on_into_the_dispatch(place: Workspace) -> None:
    _, steps = told(place, "casework_dispatch")
    assert {t.entry.case_id for t in steps if not t.step.is_bad} == {"YC-23-1-001"}
    assert [row["派遣の状況"] for row in sheet(place, "division")] == ["派遣中"]


# --- Nobody is told too much -------------------------------------------------------------------------------------


def made_with_canaries(catalogue: Catalogue, form: str, name: str) -> tuple[dict[str, str], tuple[OutFile, ...], dict[str, Any]]:  # fmt: skip
    planted: dict[str, str] = {}
    values = example(form, name)
    envelope = {key: values.pop(key) for key in ("form", "case_id") if key in values}
    root: Field = catalogue.forms[form].schema.root
    values = plant(root, values, planted)
    past: Past = past_of(catalogue, steps_before(ROOT, Step(form, name)))
    return planted, Workshop(catalogue).make(accepted(catalogue, {**envelope, **values}, past)), values


def test_an_agency_learns_its_own_questions_and_nothing_of_another(catalogue: Catalogue) -> None:
    planted, files, values = made_with_canaries(catalogue, "information_request", "typical")
    assert {"children[].name", "agencies[].name"} <= set(planted.values())
    theirs = [file for file in files if file.audience == "agency"]
    assert {file.party for file in theirs} == {"mihon-sho", "mihon-hoiku"}
    assert any(not file.template for file in theirs), "the reply form is looked at as well"
    for file in theirs:
        own = next(agency for agency in values["agencies"] if agency["code"] == file.party)
        said = json.dumps(own, ensure_ascii=False) + json.dumps(values["children"], ensure_ascii=False)
        text = everything(file)
        leaked = [path for canary, path in planted.items() if canary in text and canary not in said]
        assert not leaked, (file.path, leaked)
        others = [a for a in values["agencies"] if a["code"] != file.party]
        for question in (q for other in others for q in other["questions"]):
            assert question not in text
        if file.template:
            assert "YC-" not in text, "a case number is no agency's"


@pytest.mark.parametrize("form", FORMS)
def test_no_other_form_of_the_case_flow_makes_a_paper_for_outside_the_office(catalogue: Catalogue, form: str) -> None:  # fmt: skip
    spec = catalogue.forms[form].spec
    readers = {reader for document in spec.documents for reader in (document.audience, *document.copies)}
    assert readers <= {"centre", "division"}
    assert {step.audience for step in spec.next} <= {"centre"}


def test_who_asked_to_be_kept_secret_is_on_the_receipt_sheet_alone(catalogue: Catalogue) -> None:
    planted, files, _ = made_with_canaries(catalogue, "consultation", "typical")
    (consulter,) = [canary for canary, path in planted.items() if path == "consulter.name"]
    assert {f.template.split("/")[0] for f in files if consulter in everything(f)} == {"consultation"}
