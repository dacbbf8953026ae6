"""情報提供書 (D15) and 事故等報告書・苦情受付票 (D21): never instead of the telephone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from pipeline.model import Level, Problem, Ruling
from tests.rules.households import changed, past_before, ruled, values_of

Told = Callable[..., list[tuple[str, str]]]
INFORMATION, INCIDENT = "information_report", "incident_report"
BEFORE = past_before(INFORMATION)


def informed(*changes: tuple[str, Any], example: str = "typical") -> Ruling:
    return ruled(INFORMATION, changed(values_of(INFORMATION, example), *changes), BEFORE, date(2023, 11, 30))


def reported(*changes: tuple[str, Any], example: str = "typical") -> Ruling:
    return ruled(INCIDENT, changed(values_of(INCIDENT, example), *changes), BEFORE, date(2023, 11, 30))


INFORMATIONS: list[tuple[str, list[tuple[str, Any]], list[tuple[str, str]]]] = [
    ("typical", [], []),
    ("urgent", [], []),
    ("urgent", [("/phone_call", {"done": False})], [("PHONE", "/phone_call/done")]),
    ("urgent", [("/phone_call", None)], [("PHONE", "/phone_call/done")]),
    ("urgent", [("/phone_call/on", "2023-11-10")], [("PHONE", "/phone_call/on")]),
    ("typical", [("/phone_call", None)], []),
    ("typical", [("/urgency", "通常（月次）"), ("/categories", ["けが・あざ等"])], [("URGENCY", "/urgency")]),
    ("typical", [("/categories", ["けが・あざ等"])], []),
    ("typical", [("/written_on", "2023-07-19")], [("INFORMED_DAY", "/noticed/on")]),
    ("typical", [("/written_on", "2023-12-01")], [("INFORMED_DAY", "/noticed/on")]),
    ("typical", [("/phone_call/on", "2023-07-19")], [("INFORMED_DAY", "/noticed/on")]),
    ("typical", [("/applicant/name", "見本　良美")], [("CLIENT", "/applicant/name")]),
]


@pytest.mark.parametrize(("example", "changes", "expected"), INFORMATIONS)
def test_information_is_never_sent_back(example: str, changes: Any, expected: Any, said: Told) -> None:
    ruling = informed(*changes, example=example)
    assert (said(ruling), said(ruling, Level.WARNING)) == ([], expected)
    assert ruling.facts["urgent"] == (example == "urgent")


ERRORS: list[tuple[list[tuple[str, Any]], list[tuple[str, str]]]] = [
    ([("/reported_on", "2023-07-19")], [("INCIDENT_DAY", "/reported_on")]),
    ([("/reported_on", "2023-12-01")], [("INCIDENT_DAY", "/reported_on")]),
    ([("/occurred/noticed_on", "2023-07-19")], [("INCIDENT_DAY", "/occurred/noticed_on")]),
    ([("/occurred/noticed_on", "2023-07-22")], [("INCIDENT_DAY", "/reported_on")]),
    ([("/occurred/noticed_on", "2023-07-21")], []),
]
WARNINGS: list[tuple[str, list[tuple[str, Any]], list[tuple[str, str]]]] = [
    ("typical", [], []),
    ("typical", [("/phone_call", None)], [("PHONE", "/phone_call/done")]),
    ("typical", [("/family_told", {"done": False})], [("FAMILY", "/family_told/done")]),
    ("typical", [("/prevention", None)], [("PREVENTION", "/prevention")]),
    ("near_miss", [("/prevention", "床をふく。")], []),
    (
        "near_miss",
        [("/prevention", "床をふく。"), ("/injured", [{"who": "児童", "injury": "打撲", "treated": True}])],
        [("PHONE", "/phone_call/done")],
    ),
    ("complaint", [], []),
    (
        "leak",
        [],
        [
            ("PHONE", "/phone_call/done"),
            ("FAMILY", "/family_told/done"),
            ("LEAK", "/leak/recovered"),
            ("PREVENTION", "/prevention"),
        ],
    ),
    ("typical", [("/applicant/name", "見本　良美")], [("CLIENT", "/applicant/name")]),
]


@pytest.mark.parametrize(("changes", "expected"), ERRORS)
def test_errors_of_an_incident(changes: Any, expected: Any, said: Told) -> None:
    assert said(reported(*changes)) == expected


@pytest.mark.parametrize(("example", "changes", "expected"), WARNINGS)
def test_warnings_of_an_incident(example: str, changes: Any, expected: Any, said: Told) -> None:
    ruling = reported(*changes, example=example)
    assert (said(ruling), said(ruling, Level.WARNING)) == ([], expected)


def test_no_sentence_quotes_a_value(quotes_nothing: Callable[[Problem], bool]) -> None:
    rulings = [informed(*changes, example=example) for example, changes, _ in INFORMATIONS]
    rulings += [reported(*changes) for changes, _ in ERRORS]
    assert all(quotes_nothing(p) and "{" not in p.message for ruling in rulings for p in ruling.problems)
