"""Editions of regulations: amendments in a row, and where one did not set out from the one before."""

from __future__ import annotations

from datetime import date
from typing import Any

from pipeline.model import Event
from pipeline.rules.editions.notation import write_text
from pipeline.rules.regulation_editions import FORM, Editions, check_chain, find_regulations

DAY = date(2022, 9, 30)
FIRST = {"kind": "要綱", "effective_on": "2022-10-01", "doc_date": "2022-09-30", "old_text": "見本要綱\n第１条　置く。", "new_text": "見本要綱\n第１条　設ける。"}  # fmt: skip


def amended(*values: dict[str, Any]) -> tuple[Editions, ...]:
    return find_regulations(
        Event(f"2022093{n}-0001", FORM, None, DAY, DAY, one) for n, one in enumerate(values)
    )


def second(**changes: Any) -> dict[str, Any]:
    """An amendment of what the first one made, 附則 included."""
    ((_, one),) = amended({**FIRST, **{key: changes.pop(key) for key in ("doc_date",) if key in changes}})
    old = write_text(one.text)
    return {**FIRST, "old_text": old, "new_text": old.replace("設ける", "設置する"), **changes}


def broken(*values: dict[str, Any]) -> list[tuple[int, tuple[str, ...]]]:
    return [(edition.number, places) for one in amended(*values) for edition, places in check_chain(one)]


def test_an_edition_is_the_whole_text_with_every_supplement() -> None:
    ((before, first, last),) = amended(FIRST, second(doc_date="2022-09-30", effective_on="2023-04-01"))
    assert (before.number, before.label, before.effective_on) == (0, "初めて受け付けた改正の前", None)
    assert (last.number, last.label, last.effective_on) == (2, "２回目の改正", "2023-04-01")
    assert write_text(first.text).count("附　則") == 1
    assert write_text(last.text).count("附　則") == 2
    assert "設置する" in write_text(last.text)
    assert broken(FIRST, second()) == []


def test_a_break_is_told_by_its_places() -> None:
    assert broken(FIRST, {**FIRST, "new_text": "見本要綱\n第１条　行う。"}) == [(2, ("第１条", "附則"))]


def test_a_day_written_in_after_the_decision_breaks_nothing() -> None:
    undecided = {key: value for key, value in FIRST.items() if key != "doc_date"}
    ((_, one),) = amended(undecided)
    old = write_text(one.text).replace("（令和　　年　　月　　日改正）", "（令和４年９月30日改正）")
    following = {**FIRST, "old_text": old, "new_text": old.replace("設ける", "置く")}
    assert old != write_text(one.text)
    assert broken(undecided, following) == []
    assert broken(FIRST, {**following, "old_text": old.replace("９月30日", "９月29日")}) != []


def test_a_title_may_change_and_other_regulations_stand_beside() -> None:
    ((_, one),) = amended(FIRST)
    old = write_text(one.text)
    renamed = {**FIRST, "old_text": old, "new_text": old.replace("見本要綱", "新見本要綱")}
    other = {**FIRST, "old_text": "別の要綱\n第１条　置く。", "new_text": "別の要綱\n第１条　設ける。"}
    found = amended(FIRST, other, renamed)
    assert [[edition.text.title for edition in one] for one in found] == [
        ["見本要綱", "見本要綱", "新見本要綱"],
        ["別の要綱", "別の要綱"],
    ]
    assert broken(FIRST, other, renamed) == []


def test_provisions_in_another_order_are_a_break_too() -> None:
    two = {**FIRST, "new_text": "見本要綱\n甲を置く。\n乙を置く。"}
    ((_, one),) = amended(two)
    old = write_text(one.text)
    turned = old.replace("甲を", "丙を").replace("乙を", "甲を").replace("丙を", "乙を")
    assert turned != old
    assert broken(two, {**FIRST, "old_text": turned, "new_text": old}) == [(2, ("条・項・号の順序",))]


def test_events_of_other_forms_and_texts_nobody_can_read_are_passed_over() -> None:
    unread = {**FIRST, "old_text": "# 題名\n第１条　置く。"}
    assert amended(unread) == ()
    assert find_regulations([Event("1", "visit_report", None, DAY, DAY, {})]) == ()
