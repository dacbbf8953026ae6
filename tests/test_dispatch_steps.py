"""One household from guidance to plan: each step is the form the step before it emitted, completed; no name is typed twice."""

from __future__ import annotations

import json
from typing import Any

from pipeline.desk import Desk
from pipeline.model import Entry
from tests.conftest import Process, example, folder_of, receipt_of

STEPS = ("dispatch_guidance", "dispatch_application", "visit_survey", "dispatch_plan", "dispatch_decision")

EDITED = ("/support/cautions",)  # what the family wrote, in the words a helper needs


def emitted(desk: Desk, entry: Entry) -> dict[str, Any]:
    """The next form of a bundle, as its JSON."""
    (path,) = folder_of(desk, entry).glob("centre/*次の様式*.json")
    return dict(json.loads(path.read_bytes()))


def completed(known: Any, whole: Any, where: str = "") -> Any:
    """`whole`, in which everything already `known` must stand as it is known."""
    if known is None or known == [] or where in EDITED:
        return whole
    if isinstance(known, dict):
        seen = {
            key: completed(value, (whole or {}).get(key), f"{where}/{key}") for key, value in known.items()
        }
        return {**(whole or {}), **{key: value for key, value in seen.items() if value is not None}} or None
    if isinstance(known, list) and isinstance(known[0], dict):
        assert len(known) == len(whole), where
        return [completed(a, b, f"{where}/{n}") for n, (a, b) in enumerate(zip(known, whole, strict=True))]
    assert known == whole, where
    return known


def test_a_household_goes_from_guidance_to_the_draft_of_its_decision(desk: Desk, submit: Process) -> None:
    entry = submit("0.json", example("dispatch_guidance", "typical"))
    assert entry.case_id == "YC-23-1-001"
    for number, form in enumerate(STEPS[1:4], start=1):
        following = emitted(desk, entry)
        assert (following["form"], following["case_id"]) == (form, entry.case_id)
        typed = (
            ("applicant", "children")
            if form == "dispatch_application"
            else ("applicant", "children", "household", "application")
        )
        assert all(following[group] for group in typed), "nothing that was typed once is asked again"
        whole = {
            **example(form, "typical"),
            "case_id": entry.case_id,
            "form_version": following["form_version"],
        }
        entry = submit(f"{number}.json", completed(following, whole))
        assert entry.outcome == "delivered", receipt_of(desk, entry)["problems"]
        assert entry.case_id == "YC-23-1-001", "the case goes on, none is opened"
    decision = emitted(desk, entry)
    plan = example("dispatch_plan", "typical")
    assert decision["decision"] == {"kind": "新規", "result": "承認", "decided_on": None}
    assert (decision["plan"]["services"], decision["surveyed_on"]) == (plan["plan"]["services"], "2023-06-14")
    assert decision["numbers"] == {"notice": None, "request": None}, "numbers are given after 決裁, by people"


def test_who_declines_gets_no_form(desk: Desk, submit: Process) -> None:
    entry = submit("0.json", example("dispatch_guidance", "declined"))
    assert entry.outcome == "delivered"
    assert not list(folder_of(desk, entry).glob("centre/*次の様式*"))


def test_a_survey_against_the_help_plans_none(desk: Desk, submit: Process) -> None:
    submit("0.json", {**example("dispatch_application", "typical"), "case_id": "YC-23-1-001"})
    entry = submit("1.json", example("visit_survey", "unsuitable"))
    following = emitted(desk, entry)
    assert following["form"] == "dispatch_plan"
    assert following["plan"]["services"] == []
    assert following["recommendation"]["result"] is None, "what a survey thinks decides nothing"
    assert following["refusal"]["alternatives"] == "学校での見守りと、こども家庭課の相談。"


def test_a_survey_is_read_in_the_office_only(desk: Desk, submit: Process) -> None:
    submit("0.json", {**example("dispatch_application", "typical"), "case_id": "YC-23-1-001"})
    entry = submit("1.json", example("visit_survey", "typical"))
    assert {d["audience"] for d in receipt_of(desk, entry)["documents"]} == {"centre", "division"}


def test_what_a_plan_drafts_carries_no_number_and_stays_in_the_centre(desk: Desk, submit: Process) -> None:
    submit("0.json", {**example("dispatch_application", "typical"), "case_id": "YC-23-1-001"})
    submit("1.json", example("visit_survey", "typical"))
    entry = submit("2.json", example("dispatch_plan", "typical"))
    documents = receipt_of(desk, entry)["documents"]
    assert {d["audience"] for d in documents if d["template"]} == {"centre", "division"}
    assert {d["title"] for d in documents if d["audience"] == "division"} == {"派遣計画書（控）"}
    drafts = {d["title"] for d in documents if "（案）" in d["title"]}
    assert drafts == {"決定通知書（案）", "派遣依頼書（案）", "支援計画書（案）"}
