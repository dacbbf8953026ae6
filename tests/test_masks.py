"""配慮事項: what a household asked to be kept from some readers reaches none of their papers (domain §1.3)."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.desk import Desk
from pipeline.masks import NO_MASK, Mask, considerations, mask_for
from pipeline.ooxml import docx_text
from pipeline.stories import Step, steps_before
from tests.conftest import MORNING, ROOT, drop, example, folder_of, receipt_of, run
from tests.intake import catalogue as shipped

OFFICE = shipped().office.at(MORNING.date())
SECRET = "いわき市平字見本九十九番地"
PHONE = "0246-00-9876"


HIDDEN, NO_PHONE, ENVELOPE = "住所秘匿（DV等支援措置）", "電話連絡不可", "封筒差出人名の配慮"


def marked(*marks: str) -> dict[str, Any]:
    return {
        "applicant": {"address": {"text": SECRET, "building": "見本荘101"}, "phone": PHONE},
        "confidentiality": list(marks),
    }


@pytest.mark.parametrize(
    "audience", ["contractor", "division", "members", "agency", "school", "public", "prefecture", "outside"]
)
def test_an_address_is_replaced_for_everyone_but_the_centre_and_the_household(audience: str) -> None:
    values = marked(HIDDEN)
    seen = mask_for(audience, values, OFFICE).over(values)
    assert SECRET not in str(seen) and "見本荘101" not in str(seen) and PHONE in str(seen)
    assert "センターから別に" in seen["applicant"]["address"]["text"]
    assert mask_for("centre", values, OFFICE) == mask_for("applicant", values, OFFICE) == NO_MASK
    assert mask_for(audience, values, OFFICE).hidden(values) == ("見本荘101", SECRET)


def test_a_form_to_be_filled_on_gets_an_empty_box_and_no_sentence() -> None:
    values = marked(HIDDEN, NO_PHONE)
    seen = mask_for("contractor", values, OFFICE).out_of(values)
    assert seen["applicant"] == {"address": {"text": None, "building": None}, "phone": None}


@pytest.mark.parametrize("values", [{}, {"confidentiality": None}, marked()])
def test_without_a_mark_nothing_is_masked(values: dict[str, Any]) -> None:
    assert mask_for("contractor", values, OFFICE) == NO_MASK
    assert considerations(values, OFFICE) == []


def test_a_box_the_form_does_not_have_stays_absent() -> None:
    assert Mask({"applicant.address.text": "x", "phone": "y"}).over({"applicant": None}) == {
        "applicant": None
    }
    assert Mask({"a.b": "x"}).over({"a": "text"}) == {"a": "text"}


def test_every_mark_of_the_form_is_written_down_at_the_office_and_noted_on_the_check_sheet() -> None:
    catalogue = shipped()
    marks = catalogue.schemas["todoke:common.schema.json"]["$defs"]["confidentiality"]["items"]["enum"]
    assert set(marks) == set(OFFICE["confidentiality"])
    assert len(considerations(marked(*marks), OFFICE)) == len(marks)


def test_no_paper_of_the_contractor_or_the_division_shows_a_hidden_address(desk: Desk) -> None:
    """The whole way: every file of the readers, every byte of text, and the copies that share a paper with the centre's."""
    decision = example("dispatch_decision", "approved")
    for step in steps_before(ROOT, Step("dispatch_decision", "approved")):
        drop(desk.workspace, f"{step.form}.json", example(step.form, step.example))
        run(desk)
    address = decision["applicant"]["address"]["text"]
    decision["confidentiality"] = [HIDDEN, NO_PHONE, ENVELOPE]
    drop(desk.workspace, "2.json", decision)
    (entry,) = run(desk)
    assert entry.outcome == "delivered", receipt_of(desk, entry)["problems"]
    texts = {path: docx_text(path.read_bytes()) for path in folder_of(desk, entry).rglob("*.docx")}
    shown = {
        path.parent.name
        for path, text in texts.items()
        if address in text or decision["applicant"]["phone"] in text
    }
    assert shown == {"applicant", "centre"}
    said = "".join(text for path, text in texts.items() if path.parent.name == "contractor")
    assert "センターから別に伝えます" in said and "電話での連絡はできません" in said
    assert any("封筒の差出人名" in text for path, text in texts.items() if path.parent.name == "centre")
