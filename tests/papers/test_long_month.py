"""The papers of a month over several pages: every row is there, and every page of a list begins with its heading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.examine import accept, examine
from pipeline.model import OutFile, Submission
from pipeline.ooxml import docx_text, read_members
from pipeline.rehearse import past_of
from pipeline.stories import Step, load_example
from pipeline.workshop import Workshop
from tests.intake import catalogue as shipped

ROOT = Path(__file__).resolve().parents[2]
HOUSEHOLDS = 31
THURSDAYS = [date(2023, 7, 6) + timedelta(weeks=n) for n in range(4)]


def _steps(case_id: str) -> Iterator[Step]:
    for form, example in (("dispatch_application", "typical"), ("dispatch_decision", "approved"), ("dispatch_acceptance", "typical")):  # fmt: skip
        yield Step(form, example, date(2023, 6, 29), {"case_id": case_id})
    for day in THURSDAYS:
        yield Step("visit_report", "typical", day, {"case_id": case_id, "visit.visited_on": day.isoformat()})


@pytest.fixture(scope="module")
def papers() -> dict[str, OutFile]:
    catalogue = shipped()
    given = load_example(ROOT, Step("monthly_report", "without_invoice"))
    cases = [f"YC-23-1-{n:03}" for n in range(1, HOUSEHOLDS + 1)]
    row = given["rows"][0]
    values: dict[str, Any] = {
        **{key: given[key] for key in ("month", "centre", "reported_on")},
        "rows": [{**row, "case_id": case, "date": day.isoformat()} for case in cases for day in THURSDAYS],
        "cases": [{"case_id": case, "visits": 4, "minutes": 480, "cancels": 0} for case in cases],
        "total": {"visits": 4 * HOUSEHOLDS, "minutes": 480 * HOUSEHOLDS, "cancels": 0},
    }
    past = past_of(catalogue, (step for case in cases for step in _steps(case)))
    examined = examine(catalogue, Submission("monthly_report", values), date(2023, 8, 7), past)
    assert examined.problems == () and examined.form is not None
    files = Workshop(catalogue).make(accept(examined, examined.form, {"id": None}))
    return {
        f.template.partition("/")[0]: f
        for f in files
        if f.path.startswith("centre/") and f.path.endswith(".docx")
    }


@pytest.mark.parametrize(
    ("paper", "heading", "headings"),
    [("reconciliation", "番号\t訪問日\tケース番号\t実施報告書\t実績一覧\t結果\t備考", 4), ("activity_report", "番号\t訪問日\tケース番号\t時間\t実時間\tヘルパー", 2)],
)  # fmt: skip
def test_every_visit_has_its_row_under_a_heading_that_repeats(
    papers: dict[str, OutFile], paper: str, heading: str, headings: int
) -> None:
    text = docx_text(papers[paper].data)
    rows = text.split(heading + "\n")[1].splitlines()
    numbered = [row for row in rows if re.match(r"[0-9]+\t", row)]
    assert [int(row.split("\t")[0]) for row in numbered] == list(range(1, 4 * HOUSEHOLDS + 1))
    assert all(
        day in row
        for row, day in zip(
            numbered, ["７月６日", "７月13日", "７月20日", "７月27日"] * HOUSEHOLDS, strict=True
        )
    )
    body = read_members(papers[paper].data)["word/document.xml"]
    assert body.count(b"<w:tblHeader/>") == headings


def test_the_sums_of_the_month_are_printed(papers: dict[str, OutFile]) -> None:
    assert "センターの合計\t124\t14,880\t0\t124\t14,880\t0" in docx_text(papers["reconciliation"].data)
    assert "124回　14,880分" in docx_text(papers["activity_report"].data)
    assert "令和５年７月１日から同年７月31日まで（令和５年７月分）" in docx_text(
        papers["inspection_record"].data
    )
