"""Corrections and withdrawals: a new bundle, the old one stays, its place in the history is taken (product §2b, Again)."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.catalogue import load_catalogue
from pipeline.desk import Desk, make_shelf, open_desk
from pipeline.errors import OfficeFault
from pipeline.model import Entry, Past
from pipeline.rebuild import rebuild
from pipeline.regenerate import Scope, find_renewals
from pipeline.rules.register import register
from pipeline.shelf import Shelf
from pipeline.workshop import Workshop
from pipeline.workspace import Workspace
from tests.conftest import MORNING, drop, example, folder_of, receipt_of, run
from tests.intake import CASE, desk_for
from tests.invariants import finish
from tests.test_recover import Killed, killed

VISIT = ("visit_report", "first")


def put(desk: Desk, form: str, name: str, **around: Any) -> Entry:
    drop(desk.workspace, f"{form}.json", {**example(form, name), **around})
    (entry,) = run(desk)
    return entry


def past(desk: Desk) -> Past:
    return desk.journal.all_past()


def test_a_corrected_application_keeps_its_numbers_and_its_place(desk: Desk) -> None:
    first = put(desk, "dispatch_application", "typical")
    later = put(desk, "visit_survey", "typical", case_id=first.case_id)
    values = example("dispatch_application", "typical")
    values["applicant"]["phone"] = "0246-00-0099"
    again = {"corrects": first.bundle_id, "correction_reason": "電話番号の誤り", "case_id": first.case_id}
    drop(desk.workspace, "again.json", {**values, **again})
    (entry,) = run(desk)
    receipt = receipt_of(desk, entry)
    assert (entry.outcome, entry.allocated) == ("delivered", first.allocated)
    assert (receipt["supersedes"], receipt["corrects"]) == (first.bundle_id, first.bundle_id)
    assert [(e.form, e.bundle_id) for e in past(desk).events] == [
        ("dispatch_application", entry.bundle_id),
        ("visit_survey", later.bundle_id),
    ]
    assert past(desk).events[0].values["applicant"]["phone"] == "0246-00-0099"
    old = folder_of(desk, first)
    assert old.exists() and old.with_name(f"{old.name}.superseded-by-{entry.bundle_id}.txt").exists()
    (warned,) = [problem for problem in receipt["problems"] if problem["code"] == "CORRECTED_EARLIER"]
    assert warned["level"] == "warning" and later.bundle_id in warned["message"]


def test_a_corrected_visit_is_one_visit(place: Workspace) -> None:
    with desk_for(place, *VISIT) as desk:
        first = put(desk, *VISIT)
        again = put(desk, *VISIT, corrects=first.bundle_id, correction_reason="備考の誤り")
        assert again.outcome == "delivered", receipt_of(desk, again)["problems"]
        (row,) = register(past(desk), MORNING.date())
        assert row.visits == 1


def test_what_is_taken_back_counts_no_more_and_stays_where_it_is(place: Workspace) -> None:
    with desk_for(place, *VISIT) as desk:
        first = put(desk, *VISIT)
        drop(place, "back.json", {"form": "visit_report", "case_id": CASE, "withdraws": first.bundle_id})
        (entry,) = run(desk)
        receipt = receipt_of(desk, entry)
        assert (entry.outcome, receipt["documents"], receipt["withdraws"]) == (
            "delivered",
            [],
            first.bundle_id,
        )
        assert past(desk).of("visit_report") == ()
        assert folder_of(desk, first).exists()


@pytest.mark.parametrize("how", ["unknown", "other form", "other case", "twice"])
def test_only_what_stands_can_be_corrected(place: Workspace, how: str) -> None:
    with desk_for(place, *VISIT) as desk:
        first = put(desk, *VISIT)
        around: dict[str, Any] = {"corrects": first.bundle_id, "correction_reason": "見本"}
        form, name = VISIT
        if how == "unknown":
            around["corrects"] = "20230101-0001"
        elif how == "other form":
            form, name = "information_report", "minimal"
        elif how == "other case":
            around["case_id"] = "YC-23-1-999"
        else:
            assert put(desk, *VISIT, **around).outcome == "delivered"
        entry = put(desk, form, name, **{"submission_id": "3", **around})
        codes = {problem["code"] for problem in receipt_of(desk, entry)["problems"]}
        assert entry.outcome == "returned" and "CORRECTS_UNKNOWN" in codes


def test_a_correction_that_is_held_puts_nothing_out_of_the_history(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = put(desk, "dispatch_application", "typical")

    def broken(*_: Any, **__: Any) -> Any:
        raise OfficeFault("PROOF", "見本")

    monkeypatch.setattr(Workshop, "make", broken)
    again = {"corrects": first.bundle_id, "correction_reason": "見本", "case_id": first.case_id}
    held = put(desk, "dispatch_application", "typical", **again)
    assert held.outcome == "held"
    assert [event.bundle_id for event in past(desk).events] == [first.bundle_id]


@pytest.mark.parametrize("step", ["publish", "show_copies"])
@pytest.mark.parametrize("how", ["corrects", "withdraws"])
def test_a_correction_stopped_half_way_is_brought_to_its_end(place: Workspace, step: str, how: str) -> None:
    """It has put the old one out of the history already: that is no reason to send it back."""
    with open_desk(place, now=lambda: MORNING, pdf=False) as desk:
        first = put(desk, "dispatch_application", "typical")
    again = (
        example("dispatch_application", "typical") if how == "corrects" else {"form": "dispatch_application"}
    )
    drop(
        place,
        "again.json",
        {**again, "case_id": first.case_id, how: first.bundle_id, "correction_reason": "見本"},
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Shelf, step, killed)
        with pytest.raises(Killed):
            finish(place)
    (entry,) = finish(place)
    assert entry.outcome == "delivered"


def test_a_held_correction_is_delivered_when_the_office_has_mended_its_fault(place: Workspace) -> None:
    template = place.root / "doc_templates" / "papers" / "acceptance_check" / "template.docx"
    good = template.read_bytes()
    with open_desk(place, now=lambda: MORNING, pdf=False) as desk:
        first = put(desk, "dispatch_application", "typical")
    template.write_bytes(b"broken")
    again = {"corrects": first.bundle_id, "correction_reason": "見本", "case_id": first.case_id}
    with open_desk(place, now=lambda: MORNING, pdf=False) as desk:
        assert put(desk, "dispatch_application", "typical", **again).outcome == "held"
    template.write_bytes(good)
    assert [entry.outcome for entry in finish(place)] == ["delivered"]


def test_a_rebuilt_journal_knows_what_was_corrected_and_taken_back(place: Workspace) -> None:
    with open_desk(place, now=lambda: MORNING, pdf=False) as desk:
        first = put(desk, "dispatch_application", "typical")
        put(desk, "visit_survey", "typical", case_id=first.case_id)
        again = {"corrects": first.bundle_id, "correction_reason": "見本", "case_id": first.case_id}
        put(desk, "dispatch_application", "typical", **again)
        minutes = put(desk, "meeting_minutes", "r4_7_first")
        drop(place, "back.json", {"form": "meeting_minutes", "withdraws": minutes.bundle_id})
        run(desk)
        before, superseded = past(desk), desk.journal.superseded()
        assert superseded == {first.bundle_id, minutes.bundle_id}
        assert list(find_renewals(desk, Scope())) == []
    place.journal.unlink()
    rebuild(place.journal, place.spool, make_shelf(place), load_catalogue(place.root), MORNING)
    with open_desk(place, now=lambda: MORNING, pdf=False) as desk:
        assert (past(desk), desk.journal.superseded()) == (before, superseded)
