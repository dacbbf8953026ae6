"""Corrections and withdrawals: what a form says of an earlier one, the same through every door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from pipeline.blank_forms import shape_of
from pipeline.envelope import check_correction, is_bundle_id
from pipeline.examine import examine
from pipeline.forms.layout import CORRECTION_BOXES
from pipeline.forms.reader import read_form
from pipeline.forms.word_form import make_word_form
from pipeline.model import NOTHING_BEFORE, Submission
from pipeline.ooxml import docx_text
from pipeline.receipt import to_bytes
from tests.conftest import example
from tests.forms.word_filling import fill
from tests.intake import catalogue as shipped

CATALOGUE = shipped()
FORM = "meeting_minutes"
SHAPES = {FORM: shape_of(CATALOGUE.forms[FORM])}
VALUES = {key: value for key, value in example(FORM, "minimal").items() if key != "form"}
ID = "20240226-0001"
Drop = Callable[[Mapping[str, Any]], Submission]


def by_json(around: Mapping[str, Any]) -> Submission:
    read = read_form("a.json", to_bytes({"form": FORM, **around, **VALUES}), SHAPES)
    assert isinstance(read, Submission)
    return read


def by_word(around: Mapping[str, Any]) -> Submission:
    """The frame 訂正 filled in by a person: the number is printed in it, the tick says that it is taken back."""
    number = around.get("withdraws", around.get("corrects"))
    form = make_word_form(SHAPES[FORM], VALUES, {"corrects": ID})
    reason = {"correction_reason": around["correction_reason"]} if "correction_reason" in around else {}
    read = read_form(
        "a.docx", fill(form, {"corrects": str(number), "withdraws": "withdraws" in around, **reason}), SHAPES
    )
    assert isinstance(read, Submission)
    return read


DOORS = pytest.mark.parametrize("read", [by_json, by_word])


def told(read: Submission) -> list[tuple[str, str]]:
    examined = examine(CATALOGUE, read, date(2024, 2, 26), NOTHING_BEFORE)
    return [(problem.code, problem.pointer) for problem in examined.problems if problem.level == "error"]


@DOORS
def test_a_correction_arrives_with_its_reason(read: Drop) -> None:
    found = read({"corrects": ID, "correction_reason": "氏名の漢字を直します。\n二行目"})
    assert (found.corrects, found.withdraws) == (ID, None)
    assert found.correction_reason == "氏名の漢字を直します。\n二行目"
    assert {key: found.values[key] for key in VALUES} == VALUES
    assert told(found) == []


@DOORS
def test_taking_back_asks_for_no_reason(read: Drop) -> None:
    found = read({"withdraws": ID})
    assert (found.corrects, found.correction_reason, found.withdraws) == (None, None, ID)
    assert told(found) == []


@DOORS
@pytest.mark.parametrize(
    ("around", "problems"),
    [
        ({"corrects": ID}, [("CORRECTION_REASON", "/correction_reason")]),
        ({"corrects": ID, "correction_reason": " 　"}, [("CORRECTION_REASON", "/correction_reason")]),
        ({"corrects": "5", "correction_reason": "x"}, [("CORRECTS_FORMAT", "/corrects")]),
        ({"corrects": "", "correction_reason": "x"}, [("CORRECTS_FORMAT", "/corrects")]),
        ({"withdraws": "20240226-1"}, [("CORRECTS_FORMAT", "/withdraws")]),
        ({"corrects": ID, "correction_reason": "字" * 201}, [("TOO_LONG", "/correction_reason")]),
        ({"corrects": ID, "correction_reason": "a\u200bb"}, [("TEXT_INVISIBLE", "/correction_reason")]),
        ({"corrects": ID, "correction_reason": "123456789018"}, [("MY_NUMBER", "/correction_reason")]),
    ],
)
def test_what_is_wrong_with_it_is_told_at_its_box(
    read: Drop, around: dict[str, str], problems: list[tuple[str, str]]
) -> None:
    assert told(read(around)) == problems


def test_not_both_at_once_and_no_reason_for_nothing() -> None:
    both = by_json({"corrects": ID, "withdraws": ID, "correction_reason": "x"})
    assert told(both) == [("CORRECTION_BOTH", "/withdraws")]
    assert told(by_json({"correction_reason": "x"})) == [("CORRECTION_UNUSED", "/correction_reason")]


def test_a_member_of_the_wrong_kind_is_told_once_and_with_the_boxes() -> None:
    values = {key: value for key, value in VALUES.items() if key != "place"}
    read = read_form(
        "a.json", to_bytes({"form": FORM, "corrects": ID, "correction_reason": 5, **values}), SHAPES
    )
    assert isinstance(read, Submission)
    assert told(read) == [("CORRECTION_REASON", "/correction_reason"), ("REQUIRED", "/place")]


def test_an_ordinary_form_says_nothing_of_an_earlier_one() -> None:
    read = read_form("a.docx", make_word_form(SHAPES[FORM], VALUES), SHAPES)
    assert isinstance(read, Submission)
    assert (read.corrects, read.correction_reason, read.withdraws) == (None, None, None)
    assert list(check_correction(read, publishes=False)) == []


def test_the_frame_stands_only_in_a_correcting_form() -> None:
    plain, correcting = (
        docx_text(make_word_form(SHAPES[FORM], VALUES, around)) for around in ({}, {"corrects": ID})
    )
    for box in CORRECTION_BOXES:
        assert (box.label in plain, box.label in correcting) == (False, True)
    assert ID in correcting


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (ID, True),
        (f"{ID}-r2", True),
        (f"{ID}-pdf", False),
        ("２０２４０２２６-0001", False),
        (f"{ID}\n", False),
    ],
)
def test_what_a_bundle_id_looks_like(text: str, is_one: bool) -> None:
    assert is_bundle_id(text) is is_one
