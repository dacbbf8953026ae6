"""The story on real input: every fate, whole sets only, least information, nothing lost or doubled."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from pipeline import process, spool
from pipeline.desk import Desk, open_desk
from pipeline.errors import PlaceFailed, UnsafeToRun
from pipeline.inbox import CLAIMS, SENTINEL
from pipeline.model import Outcome
from pipeline.ooxml import docx_text
from pipeline.send_back import WEB_NAME
from pipeline.shelf import Shelf
from pipeline.sweep import Tally
from pipeline.workspace import Workspace, find_workspace, make_workspace
from tests.conftest import MORNING, Process, bring, drop, example, folder_of, receipt_of, run
from tests.intake import desk_for


def texts(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): docx_text(path.read_bytes()) for path in folder.rglob("*.docx")
    }


# --- delivered ----------------------------------------------------------------------------------------------------


def test_an_application_becomes_its_set(desk: Desk, submit: Process) -> None:
    entry = submit("申請書.json", example("dispatch_application", "typical"))
    assert (entry.outcome, entry.bundle_id, entry.case_id) == ("delivered", "20240226-0001", "YC-23-1-001")
    receipt = receipt_of(desk, entry)
    assert [(d["audience"], d["party"], d["title"]) for d in receipt["documents"]] == [
        ("centre", "1", "受理点検票"),
        ("contractor", "shakyo", "同行訪問依頼書"),
        ("division", "", "同行訪問依頼（事務連絡）"),
        *[("centre", "1", "次の様式　訪問調査票")] * 3,  # JSON, Word and HTML
    ]
    assert receipt["allocated"] == {"case_id": "YC-23-1-001", "application_no": "23-1-001"}
    assert (receipt["pdf"], receipt["outcome"], receipt["problems"]) == ("off", "delivered", [])
    folder = folder_of(desk, entry)
    assert folder == desk.workspace.outbox / "2023" / "20240226-0001"
    assert {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} == {
        "receipt.json",
        *(d["path"] for d in receipt["documents"]),
    }
    assert list(desk.workspace.inbox.iterdir()) != [], "the sentinel stays"
    assert not list(desk.workspace.inbox.glob("*.json"))
    assert not list((desk.workspace.inbox / CLAIMS).iterdir())


def test_the_next_form_carries_every_name_already_typed(desk: Desk, submit: Process) -> None:
    application = example("dispatch_application", "typical")
    entry = submit("a.json", application)
    (path,) = folder_of(desk, entry).glob("centre/*.json")
    following = json.loads(path.read_bytes())
    assert following["form"] == "visit_survey"
    assert following["case_id"] == entry.case_id
    assert following["applicant"]["name"] == application["applicant"]["name"]
    assert following["application"]["application_no"] == "23-1-001"
    assert [(child["name"], child["grade"]) for child in following["children"]] == [
        (child["name"], child["school"]["grade"]) for child in application["children"]
    ]
    assert [person["name"] for person in following["household"]] == [
        person["name"] for person in application["household"]
    ]
    assert following["surveyed_on"] is None, "what is not known yet is an empty box, not a missing one"


def test_a_decision_on_that_case_is_delivered_to_three_readers_apart(desk: Desk, submit: Process) -> None:
    case = bring(submit, "dispatch_decision", "approved")
    entry = submit("d.json", {**example("dispatch_decision", "approved"), "case_id": case})
    audiences = {d["audience"] for d in receipt_of(desk, entry)["documents"]}
    assert audiences == {"applicant", "contractor", "centre", "division"}
    readers = {
        p.name: sorted(f.name for f in (p / entry.bundle_id).iterdir())
        for p in (desk.workspace.outbox / "readers").iterdir()
        if (p / entry.bundle_id).exists()
    }
    assert set(readers) == {"applicant", "contractor-shakyo", "centre-1", "division"}
    for name, files in readers.items():
        source = folder_of(desk, entry) / name.split("-")[0]
        assert files == sorted(f.name for f in source.iterdir()), (
            "a reader gets its papers, and no receipt of the others'"
        )


def test_a_refusal_makes_no_contractor_paper(desk: Desk, submit: Process) -> None:
    case = bring(submit, "dispatch_decision", "refused")
    entry = submit("d.json", {**example("dispatch_decision", "refused"), "case_id": case})
    documents = receipt_of(desk, entry)["documents"]
    assert {d["audience"] for d in documents} == {"applicant", "centre", "division"}
    assert {d["template"].split("/")[0] for d in documents} == {"refusal_notice"}


def test_numbers_run_per_day_centre_and_year(desk: Desk, submit: Process) -> None:
    first = submit("a.json", example("dispatch_application", "typical"))
    other = example("dispatch_application", "typical")
    second = submit("b.json", {**other, "submission_id": "2"})
    third = submit("c.json", {**other, "submission_id": "3", "centre": "小名浜地区保健福祉センター"})
    assert [e.bundle_id[-4:] for e in (first, second, third)] == ["0001", "0002", "0003"]
    assert [e.case_id for e in (first, second, third)] == ["YC-23-1-001", "YC-23-1-002", "YC-23-2-001"]


def test_a_given_case_number_is_kept(desk: Desk, submit: Process) -> None:
    entry = submit("a.json", {**example("dispatch_application", "typical"), "case_id": "YC-22-1-099"})
    assert entry.case_id == "YC-22-1-099"
    assert receipt_of(desk, entry)["allocated"] == {"application_no": "23-1-001"}


# --- duplicate ----------------------------------------------------------------------------------------------------


def test_the_same_bytes_again_name_the_first_bundle(desk: Desk) -> None:
    values = example("meeting_minutes", "r4_7_first")
    drop(desk.workspace, "a.json", values)
    drop(desk.workspace, "b.json", values)
    first, second = run(desk)
    assert (first.outcome, second.outcome) == ("delivered", "duplicate")
    assert receipt_of(desk, second)["duplicate_of"] == first.bundle_id
    assert receipt_of(desk, second)["documents"] == []


def test_a_returned_form_is_judged_afresh(desk: Desk, submit: Process) -> None:
    bad = example("meeting_minutes", "end_before_start.bad")
    assert [submit("a.json", bad).outcome, submit("a.json", bad).outcome] == ["returned", "returned"]


def test_another_submission_id_repeats_on_purpose(desk: Desk, submit: Process) -> None:
    values = example("dispatch_application", "typical")
    outcomes = [submit("a.json", {**values, "submission_id": name}).outcome for name in ("1", "2")]
    assert outcomes == ["delivered", "delivered"]


# --- returned -----------------------------------------------------------------------------------------------------

EVERY_BAD = sorted(Path(__file__).parents[1].glob("doc_templates/*/examples/*.bad.json"))


@pytest.mark.parametrize("path", EVERY_BAD, ids=lambda path: f"{path.parts[-3]}-{path.name}")
def test_every_bad_example_comes_back_with_everything_explained(place: Workspace, path: Path) -> None:
    values = json.loads(path.read_bytes())
    with desk_for(place, path.parts[-3], path.name.removesuffix(".json")) as desk:
        drop(place, "bad.json", values)
        (entry,) = run(desk)
        receipt = receipt_of(desk, entry)
        folder = folder_of(desk, entry)
        assert entry.outcome == "returned"
        assert folder == desk.workspace.outbox / "returned" / entry.bundle_id
        assert sorted(p.name for p in folder.iterdir()) == [
            "original.json",
            "receipt.json",
            WEB_NAME,
            "返却票.docx",
            "返却票.html",
        ]
        assert json.loads((folder / "original.json").read_bytes()) == values
        slip, page = (
            docx_text((folder / "返却票.docx").read_bytes()),
            (folder / "返却票.html").read_text("utf-8"),
        )
        errors = [problem for problem in receipt["problems"] if problem["level"] == "error"]
        assert errors
        for problem in errors:
            assert problem["message"] in slip
            assert problem["message"] in page.replace("&#34;", '"').replace("&#39;", "'").replace(
                "&amp;", "&"
            )
        links = re.findall(r'<td><a href="([^"]*)"', page)
        assert [unquote(link) for link in links] == [f"{WEB_NAME}#{problem['pointer']}" for problem in errors]
        assert "{{" not in page
        assert "{%" not in page


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.json", {"form": "nothing"}, "FORM_UNKNOWN"),
        ("a.json", {"form": "meeting_minutes", "form_version": 99}, "FORM_VERSION"),
        ("a.json", {"form": "dispatch_decision"}, "CASE_MISSING"),
        ("a.json", {**{"form": "dispatch_decision"}, "case_id": "YC-99-9-999"}, "CASE_UNKNOWN"),
        ("申請.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "LEGACY"),
        ("a.pdf", b"%PDF-1.7", "TYPE"),
        ("a.json", "様式".encode("cp932"), "ENCODING"),
    ],
)
def test_what_cannot_be_identified_comes_back(
    desk: Desk, submit: Process, name: str, content: Any, code: str
) -> None:
    entry = submit(name, content)
    assert entry.outcome == "returned"
    assert code in [problem["code"] for problem in receipt_of(desk, entry)["problems"]]


def test_a_truncated_file_waits_and_is_returned_when_it_is_old(place: Workspace) -> None:
    path = drop(place, "a.json", b'{"form": "meeting_')
    tally = Tally()
    with open_desk(place, pdf=False) as desk:
        assert run(desk, tally) == []
        assert tally.waiting == 1
        assert path.exists()
    place.settings["intake"]["incomplete_after_s"] = 0.0  # type: ignore[index]
    with open_desk(place, pdf=False) as desk:
        (entry,) = run(desk)
        assert [p["code"] for p in receipt_of(desk, entry)["problems"]] == ["TRUNCATED"]


def test_a_file_over_the_limit_comes_back_unread(desk: Desk, submit: Process) -> None:
    entry = submit("big.json", b'{"form": "' + b"x" * 10_000_000 + b'"}')
    assert [p["code"] for p in receipt_of(desk, entry)["problems"]] == ["SIZE"]


# --- held ---------------------------------------------------------------------------------------------------------


def break_template(place: Workspace, paper: str) -> bytes:
    (path,) = (place.root / "doc_templates" / "papers" / paper).glob("*.docx")
    before = path.read_bytes()
    path.write_bytes(b"not a Word file")
    return before


def test_a_broken_template_holds_the_set_and_mending_it_delivers(place: Workspace) -> None:
    before = break_template(place, "meeting_minutes")
    drop(place, "a.json", example("meeting_minutes", "r4_7_first"))
    with open_desk(place, now=lambda: MORNING, pdf=False) as desk:
        (entry,) = run(desk)
        assert entry.outcome == "held"
        folder = folder_of(desk, entry)
        assert sorted(p.name for p in folder.iterdir()) == ["original.json", "receipt.json", "trouble.json"]
        assert run(desk) == [], "nothing changed: not judged again"
    (path,) = (place.root / "doc_templates" / "papers" / "meeting_minutes").glob("*.docx")
    path.write_bytes(before)
    with open_desk(place, now=lambda: MORNING, pdf=False) as desk:
        (again,) = run(desk)
        assert (again.outcome, again.bundle_id) == ("delivered", f"{entry.bundle_id}-r2")
        assert (folder.parent / f"{folder.name}.superseded-by-{again.bundle_id}.txt").exists()
        assert folder.exists(), "a bundle never changes after its receipt"


def test_one_held_form_does_not_stop_the_others(place: Workspace) -> None:
    break_template(place, "acceptance_check")
    drop(place, "1.json", example("dispatch_application", "typical"))
    drop(place, "2.json", example("meeting_minutes", "r4_7_first"))
    drop(place, "3.json", b"\xff\xfe")
    with open_desk(place, pdf=False) as desk:
        assert sorted(str(entry.outcome) for entry in run(desk)) == ["delivered", "held", "returned"]


def test_three_crashes_hold_a_form_and_the_next_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(desk.workspace, "1_poison.json", example("meeting_minutes", "r4_7_first"))
    drop(desk.workspace, "2_good.json", example("meeting_minutes", "r4_8_second"))
    real, calls = process.deliver, []

    def poisoned(desk: Desk, entry: Any, form: Any, accepted: Any, corrected: Any) -> Any:
        if entry.name.startswith("1"):
            calls.append(entry.attempt)
            raise RuntimeError("秘密の値")
        return real(desk, entry, form, accepted, corrected)

    monkeypatch.setattr(process, "deliver", poisoned)
    outcomes = [entry.outcome for entry in run(desk)]
    assert outcomes == ["held", "delivered"]
    assert calls == [1, 2, 3]
    assert "秘密" not in (desk.workspace.state / "todoke.log").read_text("utf-8")


# --- the place ----------------------------------------------------------------------------------------------------


def test_a_full_disk_stops_intake_without_burning_an_attempt(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(desk.workspace, "a.json", example("meeting_minutes", "r4_7_first"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Shelf, "stage", full)
        with pytest.raises(PlaceFailed):
            run(desk)
    (entry,) = desk.journal.unfinished()
    assert (entry.state, entry.attempt) == ("received", 0)
    assert [entry.outcome for entry in run(desk)] == ["delivered"]


def test_an_empty_mount_point_is_not_an_empty_inbox(desk: Desk) -> None:
    desk.workspace.sentinel.unlink()
    with pytest.raises(UnsafeToRun):
        run(desk)


def test_a_foreign_bundle_under_our_name_stops_everything(desk: Desk) -> None:
    squatter = desk.workspace.outbox / "2023" / "20240226-0001"
    squatter.mkdir(parents=True)
    (squatter / "x").write_text("x")
    drop(desk.workspace, "a.json", example("meeting_minutes", "r4_7_first"))
    with pytest.raises(UnsafeToRun):
        run(desk)
    assert (squatter / "x").read_text() == "x"


def test_only_one_todoke_works_in_a_workspace(desk: Desk) -> None:
    with pytest.raises(UnsafeToRun, match="別の todoke"), open_desk(desk.workspace, pdf=False):
        pass


def test_modes_of_state_and_outbox(place: Workspace) -> None:
    before = os.umask(0o000)
    try:
        drop(place, "a.json", example("meeting_minutes", "r4_7_first"))
        with open_desk(place, pdf=False) as desk:
            (entry,) = run(desk)
            for path in place.state.rglob("*"):
                assert not path.stat().st_mode & 0o077, path
            for path in folder_of(desk, entry).rglob("*"):
                assert path.stat().st_mode & 0o777 == (0o750 if path.is_dir() else 0o640), path
    finally:
        os.umask(before)


# --- least information --------------------------------------------------------------------------------------------


def test_no_personal_value_in_receipts_logs_paths_or_journal_names(desk: Desk, submit: Process) -> None:
    application = example("dispatch_application", "eight_members")
    submit("見本太郎の申請書.json", application)
    submit("見本太郎の誤り.json", {**application, "reason": 5, "見本太郎": 1})
    secrets = {application["applicant"]["name"], application["applicant"]["phone"], "見本太郎"}
    secrets |= {child["name"] for child in application["children"]}
    for path in desk.workspace.outbox.rglob("*"):
        assert not any(secret in str(path) for secret in secrets)
        if path.name == "receipt.json":
            assert not any(secret in path.read_text("utf-8") for secret in secrets)
    log = (desk.workspace.state / "todoke.log").read_text("utf-8")
    assert not any(secret in log for secret in secrets)


def test_the_contractor_learns_no_name_before_the_decision(desk: Desk, submit: Process) -> None:
    application = example("dispatch_application", "eight_members")
    entry = submit("a.json", application)
    papers = [text for path, text in texts(folder_of(desk, entry)).items() if path.startswith("contractor/")]
    people = [application["applicant"], *application["children"], *application["household"]]
    assert papers
    for text in papers:
        for person in people:
            assert person["name"] not in text
            assert person.get("phone", "―") not in text
        assert application["applicant"]["address"]["text"] not in text
        assert application["reason"].splitlines()[0] not in text


# --- the same again -----------------------------------------------------------------------------------------------


def test_the_same_inbox_twice_makes_the_same_bytes(tmp_path: Path, place: Workspace) -> None:
    names = [
        ("dispatch_application", "typical"),
        ("dispatch_application", "eight_members"),
        ("meeting_minutes", "r4_8_second"),
    ]
    outcomes = []
    for round_ in ("one", "two"):
        root = tmp_path / round_
        root.mkdir()
        make_workspace(root, place.root)
        again = find_workspace(root)
        for index, (form, name) in enumerate(names):
            os.utime(drop(again, f"{index}.json", example(form, name)), (index, index))
        with open_desk(again, now=lambda: MORNING, pdf=False) as desk:
            run(desk)
            outcomes.append(
                {
                    p.relative_to(again.outbox).as_posix(): p.read_bytes()
                    for p in again.outbox.rglob("*")
                    if p.is_file()
                }
            )
    assert outcomes[0] == outcomes[1]
    assert sum(path.endswith(".docx") for path in outcomes[0]) >= 8


def test_a_writer_that_goes_on_after_the_claim_is_waited_for(desk: Desk) -> None:
    data = json.dumps(example("meeting_minutes", "r4_7_first"), ensure_ascii=False).encode()
    path = drop(desk.workspace, "a.json", data)
    real = spool._copy

    def interfering(source: Any, target: Path) -> str:
        digest = real(source, target)
        (claimed,) = (desk.workspace.inbox / CLAIMS).glob("*/a.json")
        claimed.write_bytes(data + b" ")
        return digest

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "_copy", interfering)
        assert run(desk) == []
    assert not path.exists()
    (entry,) = run(desk)
    assert entry.outcome == Outcome.DELIVERED
    assert (desk.workspace.spool / entry.sha256).read_bytes() == data + b" "


def test_ignored_and_refused_objects_stay_where_they_are(desk: Desk) -> None:
    drop(desk.workspace, "~$form.docx", b"owner")
    (desk.workspace.inbox / "folder").mkdir()
    (desk.workspace.inbox / "folder" / "a.json").write_bytes(b"{}")
    tally = Tally()
    assert run(desk, tally) == []
    assert [refused.reason for refused in tally.refused] == ["DIRECTORY"]
    assert {p.name for p in desk.workspace.inbox.iterdir()} >= {"~$form.docx", "folder", SENTINEL}
