"""Many households through the real intake; ledger, deadlines and spreadsheet agree with a recount from the originals.

The recount reads nothing the product derived: the accepted originals in the spool, and of each receipt only which original
it is of, its case and its 受付番号. `TODOKE_HOUSEHOLDS=1000` makes it as many as the issue asks for (some minutes).
"""

from __future__ import annotations

import io
import json
import os
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import pytest
from openpyxl import load_workbook

from pipeline.desk import JST, open_desk
from pipeline.ledger import REGISTER_FILE, STANDING, refresh
from pipeline.rules.deadlines import deadlines
from pipeline.stories import Step, load_example, load_story
from pipeline.workspace import Workspace
from tests.conftest import ROOT, drop, run

HOUSEHOLDS = int(os.environ.get("TODOKE_HOUSEHOLDS", "16"))
STORIES = ("household", "refused", "withdrawn", "moved")
DAY = date(2024, 3, 15)

Form = Mapping[str, Any]


@dataclass
class Counted:
    """The originals of one case by form, in the order they came in, and its 受付番号."""

    number: str = ""
    forms: dict[str, list[Form]] = field(default_factory=lambda: defaultdict(list))

    def last(self, form: str) -> Form:
        return self.forms[form][-1] if self.forms[form] else {}

    def decided(self, *kinds: str) -> list[Form]:
        return [form for form in self.forms["dispatch_decision"] if form["decision"]["kind"] in kinds]


def lives(chance: random.Random) -> Iterator[tuple[date, int, Step]]:
    """Households that each go some way along a story, no further than the day of the count."""
    for number in range(1, HOUSEHOLDS + 1):
        story = load_story(ROOT / "doc_templates" / "stories" / f"{chance.choice(STORIES)}.toml")
        steps = [step for step in story.steps if not step.is_bad and step.form != "monthly_report"]
        for step in steps[: chance.randint(1, len(steps))]:
            assert step.on is not None
            if step.on <= DAY:
                yield step.on, number, step


def carried_out(place: Workspace) -> dict[str, Counted]:
    """Drop every form on its day, and return what the originals say."""
    clock = [datetime(2023, 6, 1, 9, 0, tzinfo=JST)]
    numbers: dict[int, str] = {}
    days = groupby(
        sorted(lives(random.Random(1)), key=lambda life: (life[0], life[1])), key=lambda life: life[0]
    )
    with open_desk(place, now=lambda: clock[0], pdf=False) as desk:
        for on, of_day in days:
            clock[0] = datetime(on.year, on.month, on.day, 9, 0, tzinfo=JST)
            for turn, (_, number, step) in enumerate(of_day):
                form = load_example(ROOT, step) | {"case_id": f"YC-23-1-{number:03d}"}
                if "application" in form:
                    form["application"] = form["application"] | {"application_no": numbers[number]}
                drop(place, f"{turn:04d}-{number}.json", form | {"submission_id": str(number)})
            for entry in run(desk):
                assert entry.outcome == "delivered", entry
                if "application_no" in entry.allocated:
                    numbers[int(str(entry.case_id).rsplit("-", 1)[1])] = str(
                        entry.allocated["application_no"]
                    )
        clock[0] = datetime(DAY.year, DAY.month, DAY.day, 9, 0, tzinfo=JST)
        refresh(desk)
    return recount(place)


def recount(place: Workspace) -> dict[str, Counted]:
    cases: dict[str, Counted] = defaultdict(Counted)
    originals = {path.name[:64]: path for path in place.spool.rglob("*") if "values" not in path.name}
    receipts = [json.loads(path.read_bytes()) for path in place.outbox.glob("[0-9]*/*/receipt.json")]
    for receipt in sorted(receipts, key=lambda receipt: receipt["received_at"] + receipt["bundle_id"]):
        form = json.loads(originals[receipt["input_sha256"]].read_bytes())
        case = cases[receipt["case_id"]]
        case.forms[form["form"]].append(form)
        case.number = receipt["allocated"].get("application_no", case.number)
    return dict(cases)


def iso(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def expected_row(case: Counted) -> dict[str, Any]:
    """What the 派遣管理台帳 must say of a case, counted by hand."""
    first = (case.decided("新規") or [{}])[-1]
    longer, ends = case.decided("延長"), case.decided("廃止", "取消")
    plan = ([f["plan"] for f in case.forms["dispatch_decision"] if f.get("plan")] or [{}])[-1]
    visits = [form["visit"] for form in case.forms["visit_report"]]
    done = [visit for visit in visits if visit["result"] == "実施"]
    end = iso(ends[-1]["ending"]["ended_on"]) if ends else None
    period = [form["plan"]["period"]["end"] for form in (*case.decided("新規"), *longer) if form.get("plan")]
    taken_back = [form for form in case.forms["withdrawal"] if not first]
    return {
        "受付番号": case.number,
        "申請日": iso(case.last("dispatch_application").get("applied_on")),
        "調査日": iso(case.last("visit_survey").get("surveyed_on")),
        "決定区分": first.get("decision", {}).get("result", ""),
        "文書番号": first.get("numbers", {}).get("notice", ""),
        "派遣期間の始期": iso(first["plan"]["period"]["start"]) if first.get("plan") else None,
        "派遣期間の終期": end or iso(period[-1] if period else None),
        "延長": len(longer),
        "計画の版": plan.get("version"),
        "実績回数": len(done),
        "実績時間（分）": sum(visit["minutes"] for visit in done),
        "キャンセル": len(visits) - len(done),
        "モニタリング": "、".join(
            f"{int(form['held']['on'][5:7])}/{int(form['held']['on'][8:])}"
            for form in case.forms["monitoring"]
        ),
        "終了日": taken_back[-1]["application"]["received_on"] if taken_back else end and end.isoformat(),
    }


def expected_deadlines(case_id: str, case: Counted) -> set[tuple[str, date, str]]:
    """Monitorings and ends of periods still open on the day of the count, counted by hand."""
    decided = [*case.decided("新規", "延長")]
    approved = [form for form in decided if form["decision"]["result"] == "承認"]
    if not approved or case.decided("廃止", "取消"):
        return set()
    plan = [f["plan"] for f in case.forms["dispatch_decision"] if f.get("plan")][-1]
    end = date.fromisoformat(approved[-1]["plan"]["period"]["end"])
    if end < DAY:
        return set()
    begun = plan["period"]["start"]
    held = sum(form["held"]["on"] >= begun for form in case.forms["monitoring"])
    due = {("モニタリング", date.fromisoformat(on), case_id) for on in sorted(plan["monitoring"])[held:]}
    due.add(("派遣期間の終わり", end, case_id))
    start = approved[-1]["plan"]["period"]["start"]
    if not any(form["application"]["received_on"] >= start for form in case.forms["extension_application"]):
        due.add(("延長の検討", end - timedelta(weeks=6), case_id))
    return due


@pytest.fixture
def counted(place: Workspace) -> dict[str, Counted]:
    return carried_out(place)


def test_ledger_deadlines_and_spreadsheet_agree_with_a_recount_from_the_originals(
    place: Workspace, counted: dict[str, Counted]
) -> None:
    data = (place.outbox / "readers" / "division" / STANDING / REGISTER_FILE).read_bytes()
    _, _, titles, *rows = load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True)
    ledger = {row[0]: dict(zip(titles, row, strict=True)) for row in rows}
    assert set(ledger) == set(counted)
    for case_id, case in counted.items():
        shown, wanted = ledger[case_id], expected_row(case)
        assert {key: said(shown[key]) for key in wanted} == {
            key: said(value) for key, value in wanted.items()
        }
    with open_desk(
        place, now=lambda: datetime(DAY.year, DAY.month, DAY.day, 9, 0, tzinfo=JST), pdf=False
    ) as desk:
        found = deadlines(desk.journal.all_past(), desk.catalogue.office.at(DAY), DAY, 400)
    kinds = ("モニタリング", "派遣期間の終わり", "延長の検討")
    wanted_due = set().union(*(expected_deadlines(case_id, case) for case_id, case in counted.items()))
    assert {(due.kind, due.on, due.case_id) for due in found if due.kind in kinds} == wanted_due
    assert wanted_due, "nothing is due: the count sees nothing"


def said(cell: Any) -> str:
    """A cell of either side as text: a spreadsheet has moments for days and nothing for an empty text."""
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    return "" if cell is None else str(cell)
