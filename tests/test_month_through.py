"""A household's July through a real workspace: request, answer, visits, the month's report against what was accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.desk import Desk
from pipeline.model import Entry
from pipeline.ooxml import docx_text
from tests.conftest import example, folder_of, receipt_of

STEPS = (
    ("dispatch_application", "typical"),
    ("visit_survey", "typical"),
    ("dispatch_plan", "typical"),
    ("dispatch_decision", "approved"),
    ("dispatch_acceptance", "typical"),
    ("visit_report", "first"),
    ("visit_report", "typical"),
    ("visit_report", "shopping"),
    ("visit_report", "cancelled"),
)


def codes(desk: Desk, entry: Entry) -> set[str]:
    return {problem["code"] for problem in receipt_of(desk, entry)["problems"]}


def test_the_month_is_reconciled_with_what_was_accepted(
    desk: Desk, submit: Callable[[str, Any], Entry]
) -> None:
    early = submit("early.json", example("monthly_report", "typical"))
    assert (early.outcome, "BR11" in codes(desk, early)) == ("returned", True)
    for number, (form, name) in enumerate(STEPS):
        assert submit(f"{number}.json", example(form, name)).outcome == "delivered", (form, name)
    monthly = submit("july.json", example("monthly_report", "typical"))
    assert (monthly.outcome, codes(desk, monthly)) == ("delivered", {"LATE"})  # it comes in February
    sheet = next(path for path in folder_of(desk, monthly).rglob("*_突合表.docx"))
    assert "相違なし" in docx_text(sheet.read_bytes())
    again = submit("again.json", example("monthly_report", "without_invoice"))
    assert codes(desk, again) == {"LATE", "AGAIN"}


def test_a_second_visit_of_the_week_comes_back_and_leaves_no_trace(
    desk: Desk, submit: Callable[[str, Any], Entry]
) -> None:
    for number, (form, name) in enumerate(STEPS[:6]):
        submit(f"{number}.json", example(form, name))
    twice = submit("twice.json", example("visit_report", "twice_a_week.bad"))
    assert (twice.outcome, codes(desk, twice) & {"BR03"}) == ("returned", {"BR03"})
    assert submit("next.json", example("visit_report", "typical")).outcome == "delivered"


def test_a_corrected_report_counts_in_place_of_the_wrong_one(
    desk: Desk, submit: Callable[[str, Any], Entry]
) -> None:
    entries = [submit(f"{number}.json", example(form, name)) for number, (form, name) in enumerate(STEPS)]
    report = example("visit_report", "typical")
    longer = {**report, "visit": {**report["visit"], "minutes": 90, "end": "17:30"}}
    again = submit("again.json", longer)
    assert (again.outcome, codes(desk, again)) == ("returned", {"DOUBLED"})
    wrong = entries[STEPS.index(("visit_report", "typical"))]
    right = submit("right.json", {**longer, "corrects": wrong.bundle_id, "correction_reason": "実時間の誤り"})
    assert right.outcome == "delivered", codes(desk, right)
    monthly = submit("july.json", example("monthly_report", "typical"))
    assert (monthly.outcome, "BR27" in codes(desk, monthly)) == ("returned", True)
