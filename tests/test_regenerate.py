"""Made again: only what differs, with the data of its own day; an issued decision never leaves the house twice (product §2b)."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from pathlib import Path

import pytest

from pipeline import report
from pipeline.catalogue import load_catalogue
from pipeline.desk import make_shelf, open_desk
from pipeline.model import Entry, Recall
from pipeline.ooxml import docx_text
from pipeline.process import settle_fates
from pipeline.rebuild import rebuild
from pipeline.regenerate import Renewal, Scope, find_renewals, renewed, write_diff
from pipeline.shelf import Shelf, read_receipt
from pipeline.workspace import Workspace
from tests.conftest import MORNING, drop, example, run
from tests.invariants import finish
from tests.test_recover import Killed, killed

ALL = Scope()
STEPS = (
    ("dispatch_application", "typical"),
    ("visit_survey", "typical"),
    ("dispatch_plan", "typical"),
    ("dispatch_decision", "approved"),
)


def work_through(place: Workspace, **decided: object) -> Workspace:
    """An application, the survey, the plan and the decision on it (with `decided` in it), delivered."""
    with open_desk(place, now=lambda: MORNING, pdf=False) as desk:
        for number, (form, name) in enumerate(STEPS):
            changes = decided if form == "dispatch_decision" else {}
            drop(place, f"{number}.json", example(form, name) | changes)
            (entry,) = run(desk)
            assert entry.outcome == "delivered", form
    return place


@pytest.fixture
def worked(place: Workspace) -> Workspace:
    return work_through(place)


def rewrite(place: Workspace, paper: str, before: str, after: str) -> None:
    """What a clerk does in Word: other words in a template."""
    path = place.root / "doc_templates" / "papers" / paper / "template.docx"
    data = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(data, "w") as new:
        for item in old.infolist():
            content = old.read(item)
            if item.filename == "word/document.xml":
                assert before.encode() in content
                content = content.replace(before.encode(), after.encode())
            new.writestr(item, content)
    path.write_bytes(data.getvalue())


def again(place: Workspace, scope: Scope = ALL) -> list[Entry]:
    with open_desk(place, now=lambda: MORNING, pdf=False) as desk:
        renewals = find_renewals(desk, scope)
        return [entry for renewal in renewals for entry in settle_fates(desk, [renewed(desk, renewal)])]


def found(place: Workspace, scope: Scope = ALL) -> list[Renewal]:
    with open_desk(place, now=lambda: MORNING, pdf=False) as desk:
        return list(find_renewals(desk, scope))


def folder(place: Workspace, bundle_id: str) -> Path:
    return make_shelf(place).folder_of(bundle_id, "delivered")


def tree(place: Workspace) -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in sorted(place.outbox.rglob("*")) if path.is_file()}


def test_where_nothing_changed_nothing_is_even_read(
    worked: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.regenerate.read_receipt", lambda _: pytest.fail("read"))
    assert found(worked) == []


def test_later_office_data_leaves_old_papers_byte_for_byte_as_they_were(worked: Workspace) -> None:
    """A new mayor, new limits, another contractor: from their own day on (domain §11, 15)."""
    before = tree(worked)
    for kind, old in (("city", "2021-09-28"), ("contractor", "2023-04-01"), ("division", "2022-04-01")):
        path = worked.root / "office" / f"{kind}.toml"
        text = path.read_text("utf-8")
        entry = re.split(r"(?m)^(?=\[\[)", text)[-1]
        changed = re.sub(r'(?m)^((?:mayor_|short_|contact_)?name = )"[^"]*"', r'\1"別の　名前"', entry)
        path.write_text(f"{text}\n{changed.replace(f'from = {old}', 'from = 2024-04-01')}", "utf-8")
    assert load_catalogue(worked.root).faults == {}
    assert found(worked) == []
    assert again(worked) == [] and tree(worked) == before


def test_a_changed_template_makes_a_new_revision_that_says_what_it_replaces_and_why(
    worked: Workspace,
) -> None:
    before = tree(worked)
    rewrite(worked, "joint_visit_request", "同行", "御同行")
    (renewal,) = found(worked)
    assert {change.reason for change in renewal.changes} == {
        "ひな形 joint_visit_request/template.docx が変わりました"
    }
    (entry,) = again(worked)
    assert (entry.bundle_id, entry.outcome) == ("20240226-0001-r2", "delivered")
    receipt = read_receipt(folder(worked, entry.bundle_id))
    assert receipt["supersedes"] == "20240226-0001" and "joint_visit_request" in receipt["reason"]
    (request,) = folder(worked, entry.bundle_id).glob("contractor/*同行訪問依頼書.docx")
    assert "御同行" in docx_text(request.read_bytes())
    assert {path: data for path, data in tree(worked).items() if path in before} == before, (
        "the old ones stay"
    )
    assert (
        folder(worked, "20240226-0001").with_name("20240226-0001.superseded-by-20240226-0001-r2.txt").exists()
    )
    assert (receipt["case_id"], receipt["allocated"]) == (
        "YC-23-1-001",
        {"case_id": "YC-23-1-001", "application_no": "23-1-001"},
    )
    assert again(worked) == [], "and then nothing differs any more"


def test_an_issued_decision_made_again_is_a_copy_for_the_office_alone(worked: Workspace) -> None:
    rewrite(worked, "decision_notice", "速やかに届け出て", "直ちに届け出て")
    entry = again(worked)[-1]
    assert entry.bundle_id == "20240226-0004-r2"
    files = sorted(
        path.relative_to(folder(worked, entry.bundle_id)).as_posix()
        for path in folder(worked, entry.bundle_id).rglob("*.*")
    )
    assert {path.split("/")[0] for path in files} == {"centre", "division", "receipt.json"}
    assert all("再作成（控）" in path for path in files if path.endswith(".docx")) and not any(
        p.endswith((".ics", ".json")) for p in files if "/" in p
    )
    (notice,) = folder(worked, entry.bundle_id).glob("centre/*決定通知書*.docx")
    text = docx_text(notice.read_bytes())
    assert "再作成（控）" in text and "直ちに届け出て" in text
    for reader in ("applicant", "contractor-shakyo"):
        assert not (worked.outbox / "readers" / reader / entry.bundle_id).exists()
    assert again(worked) == []


def test_a_masked_paper_made_again_is_whole_for_the_centre_and_masked_for_the_division(
    place: Workspace,
) -> None:
    """An issued paper made again is the office's alone, each of its copies as it was."""
    work_through(place, confidentiality=["住所秘匿（DV等支援措置）"])
    rewrite(place, "dispatch_request", "派遣依頼書", "派遣の依頼書")
    entry = again(place)[-1]
    (whole,) = folder(place, entry.bundle_id).glob("centre/*依頼書*.docx")
    (shared,) = folder(place, entry.bundle_id).glob("division/*依頼書*.docx")
    address = example("dispatch_decision", "approved")["applicant"]["address"]["text"]
    assert "派遣の依頼書" in docx_text(whole.read_bytes())
    assert address in docx_text(whole.read_bytes()) and address not in docx_text(shared.read_bytes())


@pytest.mark.parametrize(
    ("scope", "bundles"),
    [
        (Scope(case_id="YC-23-1-001"), 3),
        (Scope(case_id="YC-23-1-002"), 0),
        (Scope(form="dispatch_application"), 1),
        (Scope(template="decision_notice"), 2),
        (Scope(template="support_plan"), 0),
        (Scope(since=MORNING.date()), 3),
        (Scope(since=date(2024, 2, 27)), 0),
    ],
)
def test_only_what_was_asked_for(worked: Workspace, scope: Scope, bundles: int) -> None:
    rewrite(worked, "decision_notice", "速やかに届け出て", "直ちに届け出て")
    rewrite(worked, "joint_visit_request", "同行", "御同行")
    assert len(found(worked, scope)) == bundles


def test_looking_changes_nothing_and_the_difference_is_readable(worked: Workspace, tmp_path: Path) -> None:
    rewrite(worked, "decision_notice", "速やかに届け出て", "直ちに届け出て")
    before = tree(worked)
    renewal = found(worked)[-1]
    write_diff(tmp_path / "diffs", renewal)
    (written,) = (tmp_path / "diffs").iterdir()
    text = written.read_text("utf-8")
    assert "-７　お願い\t(1)　世帯の状況に変更があったときは、速やかに届け出てください。" in text
    assert "+７　お願い\t(1)　世帯の状況に変更があったときは、直ちに届け出てください。" in text
    assert written.stat().st_mode & 0o777 == 0o600
    assert tree(worked) == before


@pytest.mark.parametrize("step", ["stage", "publish", "show_copies", "mark_superseded"])
def test_stopped_half_way_it_is_finished_and_never_judged_anew(worked: Workspace, step: str) -> None:
    """The form's schema may have changed meanwhile: what was accepted stays accepted."""
    rewrite(worked, "joint_visit_request", "同行", "御同行")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Shelf, step, killed)
        with pytest.raises(Killed):
            again(worked)
    schema = worked.root / "schemas" / "dispatch_application.schema.json"
    schema.write_text(schema.read_text("utf-8").replace('"maxLength": 400', '"maxLength": 3'), "utf-8")
    (entry,) = finish(worked)
    assert (entry.bundle_id, entry.outcome) == ("20240226-0001-r2", "delivered")
    assert finish(worked) == []


def test_while_it_is_made_again_or_held_a_step_stays_in_the_history(worked: Workspace) -> None:
    rewrite(worked, "joint_visit_request", "同行", "{{ 同行 }}")
    with open_desk(worked, now=lambda: MORNING, pdf=False) as desk:
        (entry, *_) = desk.journal.every_entry()
        reopened = desk.journal.reopen(entry, entry.next_revision, "試験", again=True)
        assert len(desk.journal.all_past().events) == 4
        (held,) = settle_fates(desk, [reopened])
        assert held.outcome == "held" and len(desk.journal.all_past().events) == 4
        assert desk.journal.past(desk.journal.every_entry()[-1], Recall(frozenset({"YC-23-1-001"}))).of(
            "dispatch_application"
        )
    rewrite(worked, "joint_visit_request", "{{ 同行 }}", "御同行")
    assert [e.outcome for e in finish(worked)] == ["delivered"]


def test_a_rebuilt_journal_knows_the_newest_revision(worked: Workspace) -> None:
    rewrite(worked, "joint_visit_request", "同行", "御同行")
    again(worked)
    worked.journal.unlink()
    rebuild(worked.journal, worked.spool, make_shelf(worked), load_catalogue(worked.root), MORNING)
    with open_desk(worked, now=lambda: MORNING, pdf=False) as desk:
        assert [entry.bundle_id for entry in desk.journal.every_entry()] == [
            "20240226-0001-r2",
            "20240226-0002",
            "20240226-0003",
            "20240226-0004",
        ]
        assert len(desk.journal.all_past().events) == 4
        assert report.verify(worked, desk.shelf, desk.journal) == []
