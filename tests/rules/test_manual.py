"""The rules of a revision of the manual: which edition, which sections, and what comes back."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from pipeline.model import Event, Past, Ruling
from pipeline.rules import judge
from pipeline.rules.editions.history import ManualEdition, find_editions, read_first_edition
from pipeline.rules.editions.notation import write_text
from pipeline.rules.editions.sections import find_sections
from tests.conftest import ROOT
from tests.intake import catalogue as shipped

DAY = date(2023, 10, 2)
OFFICE = shipped().office.at(DAY)
EXAMPLES = ROOT / "doc_templates" / "manual_revision" / "examples"


def example(name: str, **changes: Any) -> dict[str, Any]:
    values = {**json.loads((EXAMPLES / f"{name}.json").read_text("utf-8")), **changes}
    return {key: value for key, value in values.items() if key not in ("form", "form_version")}


def accepted(values: dict[str, Any], number: int = 1) -> Event:
    return Event(f"20231002-000{number}", "manual_revision", None, DAY, DAY, values)


def ruled(values: dict[str, Any], *before: dict[str, Any]) -> Ruling:
    past = Past(tuple(accepted(one, number) for number, one in enumerate(before, 1)))
    return judge("manual_revision", values, OFFICE, DAY, past)


def found(values: dict[str, Any], *before: dict[str, Any]) -> list[tuple[str, str]]:
    return [(p.code, p.pointer) for p in ruled(values, *before).problems]


def editions(*before: dict[str, Any]) -> tuple[ManualEdition, ...]:
    events = [accepted(one, number) for number, one in enumerate(before, 1)]
    return find_editions(read_first_edition(OFFICE), events)


def test_the_second_edition_is_what_the_form_says() -> None:
    first, second = editions(example("typical"))
    assert (second.label, second.dated_label) == ("第２版", "第２版（令和５年10月改訂）")
    names = {section.full_name for section in find_sections(second.text.blocks)}
    assert "第７章「派遣についてよくある質問」" in names
    assert "第８章「個人情報と情報共有」" in names, "later chapters are numbered anew"
    assert "第４章２「ケースの状態」" in names, "moved"
    assert "第６章13「上限を確かめる三つの場面」" not in names, "deleted"
    assert "モニタリング記録票" in write_text(second.text)
    assert first == read_first_edition(OFFICE)


def test_the_current_edition_follows_from_the_past_alone() -> None:
    assert found(example("third_edition"), example("typical")) == [("MANUAL_NUMBER", "/changes")]
    assert len(editions(example("typical"), example("third_edition"))) == 3


def test_a_superseded_edition_comes_back_with_what_changed_since() -> None:
    (problem,) = ruled(example("third_edition", revises=1), example("typical")).problems
    assert (problem.code, problem.pointer) == ("MANUAL_SUPERSEDED", "/revises")
    for told in ("今の版は第２版", "第４章１「全体の流れ」（改訂）", "第７章「派遣についてよくある質問」（新設）",
                 "第４章２「ケースの状態」（移動）", "第６章13「上限を確かめる三つの場面」（削除）"):  # fmt: skip
        assert told in problem.message
    assert "番号の変更" not in problem.message, "what only moved up or down is not worth a line"


def test_a_revision_whose_own_edition_was_taken_back_makes_none() -> None:
    assert len(editions(example("third_edition"))) == 1
    assert len(editions(example("whole_text", revises=2))) == 1
    assert len(editions(example("whole_text"))) == 2


def test_every_fault_of_the_changes_is_told_at_its_row() -> None:
    values = example("typical")
    values["changes"] = [
        {"act": "改める", "section": "第４章", "text": "## 第４章　対応の流れ\n本文。", "summary": "見本", "reason": "見本"},
        {"act": "削る", "section": "第４章　５", "summary": "見本", "reason": "見本"},
        {"act": "削る", "section": "第４章", "summary": "見本", "reason": "見本"},
        {"act": "移す", "section": "第９章　４", "target": "第４章　６", "summary": "見本", "reason": "見本"},
        {"act": "新設", "target": "第99章", "text": "本文だけ。", "summary": "見本", "reason": "見本"},
        {"act": "番号を改める", "section": "第５章", "summary": "見本", "reason": "見本"},
    ]  # fmt: skip
    assert sorted(found(values)) == [
        ("MANUAL_CHANGE", "/changes/5/number"),
        ("MANUAL_OVERLAP", "/changes/1/section"),
        ("MANUAL_OVERLAP", "/changes/2/section"),
        ("MANUAL_TARGET", "/changes/3/target"),
        ("MANUAL_TEXT", "/changes/4/text"),
        ("MANUAL_TWICE", "/changes/2/section"),
        ("MANUAL_UNKNOWN", "/changes/4/target"),
    ]


def test_references_to_a_chapter_with_another_number_are_pointed_out() -> None:
    values = example("typical")
    values["changes"] = [
        change for change in values["changes"] if "はじめに" not in change.get("section", "")
    ]
    (problem,) = ruled(values).problems
    assert (problem.code, problem.level) == ("MANUAL_REFERENCE", "warning")
    assert problem.message.endswith("：はじめに１")


def test_a_whole_text_needs_its_reasons_and_no_changes_beside_it() -> None:
    values = example("whole_text")
    assert found(values) == []
    assert found({key: value for key, value in values.items() if key != "points"}) == [
        ("MANUAL_POINTS", "/points")
    ]
    assert ("MANUAL_CHANGE", "/changes") in found({**values, "changes": example("typical")["changes"]})


def test_a_changed_section_without_a_reason_is_pointed_out() -> None:
    values = example("whole_text")
    (problem,) = ruled({**values, "points": values["points"][:1]}).problems
    assert (problem.code, problem.level) == ("MANUAL_POINTS", "warning")
    assert problem.message.endswith("：第４章11「終結」")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"approved_on": "2023-10-03"}, "/issued_on"),
        ({"issued_on": "2023-05-31", "approved_on": "2023-05-30"}, "/issued_on"),
        ({"applies_on": "2023-09-29"}, "/applies_on"),
    ],
)
def test_days_in_their_order(changes: dict[str, str], pointer: str) -> None:
    assert ("MANUAL_DATE", pointer) in found(example("typical", **changes))
