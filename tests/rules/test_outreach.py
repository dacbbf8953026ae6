"""Whom a letter honours, and that the sums of a mailing are sums."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import NOTHING_BEFORE
from pipeline.rules.addressees import honoured
from pipeline.rules.outreach import GRADES, copies_of, judge_mailing, mailing_facts
from tests.conftest import example
from tests.intake import catalogue as shipped

DAY = date(2023, 9, 1)
OFFICE = shipped().office.at(DAY)


@pytest.mark.parametrize(
    ("entry", "usual", "expected"),
    [
        ({}, "", "御中"),
        ({}, "校長", "校長　様"),
        ({"head_title": "校長"}, "", "校長　様"),
        ({"head_name": "見本　太郎"}, "", "見本　太郎　様"),
        ({"head_title": "会長", "head_name": "見本　太郎"}, "管理者", "会長　見本　太郎　様"),
        ({"head_title": "民生児童委員", "many": True}, "", "民生児童委員　各位"),
        ({"many": True}, "民生児童委員", "民生児童委員　各位"),
    ],
)
def test_one_honorific_and_never_two(entry: dict[str, Any], usual: str, expected: str) -> None:
    assert honoured(entry, usual) == expected


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"head_title": "会長", "head_name": "見本　太郎"}, ["会長", "見本　太郎　様"]),
        ({"head_name": "見本　太郎"}, ["校長", "見本　太郎　様"]),
        ({"head_title": "会長"}, ["会長　様"]),
        ({"head_title": "民生児童委員", "many": True}, ["民生児童委員　各位"]),
        ({"head_title": "民生児童委員", "head_name": "見本　太郎", "many": True}, ["民生児童委員　各位"]),
    ],
)
def test_a_letter_prints_its_addressee_though_the_line_is_broken(
    entry: dict[str, Any], words: list[str]
) -> None:
    """A name stays with its 様; an office held may stand on the line above."""
    whole = {"kind": "小学校", "name": "例示小学校", "address": "例示", "copies": 1, **entry}
    told = mailing_facts({"agencies": [whole]}, OFFICE, DAY)["each"]["agencies"][0]
    assert told["words"] == words
    assert (told["officer"] is None) == (len(words) == 1)


def school(pupils: dict[str, int], spare: int | None, n: int = 0) -> dict[str, Any]:
    rows = [{"grade": grade, "pupils": count} for grade, count in pupils.items()]
    entry = {"code": f"s{n}", "kind": "特別支援学校", "name": f"見本{n}", "address": "い", "grades": rows}
    return entry if spare is None else {**entry, "spare": spare}


PUPILS = st.dictionaries(st.sampled_from(GRADES), st.integers(0, 500))


@given(st.lists(st.tuples(PUPILS, st.none() | st.integers(0, 50)), max_size=12))
def test_the_table_adds_up_both_ways(rows: list[tuple[dict[str, int], int | None]]) -> None:
    schools = [school(pupils, spare, n) for n, (pupils, spare) in enumerate(rows)]
    facts = mailing_facts({"schools": schools}, OFFICE, DAY)
    total = sum(sum(pupils.values()) + (spare or 0) for pupils, spare in rows)
    assert facts["totals"]["copies"] == facts["posted_copies"] == total
    for n, grade in enumerate(GRADES):
        assert facts["totals"]["cells"][n] == sum(pupils.get(grade, 0) for pupils, _ in rows)
    assert [posting["number"] for posting in facts["postings"]] == list(range(1, len(rows) + 1))
    assert [label for row in facts["label_rows"] for label in row if label] == facts["postings"]


def test_what_each_letter_is_told_is_its_own() -> None:
    values = example("outreach_mailing", "september")
    facts = judge_mailing(values, OFFICE, DAY, NOTHING_BEFORE).facts
    for group in ("schools", "agencies"):
        told = facts["each"][group]
        assert [row["name"] for row in told] == [entry["name"] for entry in values[group]]
        assert [row["copies"] for row in told] == [copies_of(entry) for entry in values[group]]
    assert facts["left"] == values["printed"] - facts["totals"]["copies"]


def codes(**changes: Any) -> set[str]:
    values = {**example("outreach_mailing", "september"), **changes}
    return {problem.code for problem in judge_mailing(values, OFFICE, DAY, NOTHING_BEFORE).problems}


def test_a_good_mailing_is_only_warned_of_blank_telephones() -> None:
    assert codes() == {"CENTRE_PHONE"}
    assert codes(leaflets=[], agency_leaflet=False) == set()


def test_numbers_to_call_grow_old() -> None:
    old = {**OFFICE, "helpline": {**OFFICE["helpline"], "checked_on": "2022-08-30"}}
    values = example("outreach_mailing", "september")
    assert "HELPLINE" in {p.code for p in judge_mailing(values, old, DAY, NOTHING_BEFORE).problems}
    fresh = {**OFFICE, "helpline": {**OFFICE["helpline"], "checked_on": "2022-09-01"}}
    assert "HELPLINE" not in {p.code for p in judge_mailing(values, fresh, DAY, NOTHING_BEFORE).problems}


def test_copies_of_nobody_are_pointed_out() -> None:
    assert "COPIES_NONE" in codes(schools=[school({}, None)])


def test_a_letter_travels_its_own_way_else_that_of_the_mailing() -> None:
    schools = [{**school({}, 1, n), **own} for n, own in enumerate([{}, {"method": "持参"}, {}])]
    facts = mailing_facts({"schools": schools, "method": "郵送"}, OFFICE, DAY)
    assert [posting["method"] for posting in facts["postings"]] == ["郵送", "持参", "郵送"]
    assert facts["methods"] == [{"method": "郵送", "count": 2}, {"method": "持参", "count": 1}]


def test_without_a_way_the_book_is_silent_and_leaves_room() -> None:
    schools = [school({}, 1, 0), school({}, 1, 1)]
    facts = mailing_facts({"schools": schools}, OFFICE, DAY)
    assert [posting["method"] for posting in facts["postings"]] == [None, None] and facts["methods"] == []
    mixed = mailing_facts({"schools": [schools[0], {**schools[1], "method": "郵送"}]}, OFFICE, DAY)
    assert [way["method"] for way in mixed["methods"]] == ["方法は未記入", "郵送"]
