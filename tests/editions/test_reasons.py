"""Reasons beside the rows of a 新旧対照表: each once, beside the change it tells of."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.rules.editions.comparison import compare
from pipeline.rules.editions.notation import read_text
from pipeline.rules.editions.pasted import read_regulation
from pipeline.rules.editions.reasons import find_places, find_reasons, place_reasons
from pipeline.rules.editions.sections import search_section
from pipeline.rules.editions.text import EditionText
from pipeline.rules.editions.words import RevisionWords
from tests.editions.texts import revised

WORDS = RevisionWords()
OLD = "見本要綱\n（設置）\n第１条　協議会を置く。\n第２条　次の事務を行う。\n(1)　協議\n２　会長が招集する。\n第３条　公開する。"
NEW = OLD.replace("招集", "必要に応じ招集").replace("第３条　公開する。", "別表\n甲｜乙")


def regulation(source: str) -> EditionText:
    text, faults = read_regulation(source)
    assert text is not None, faults
    return text


def told(old: EditionText, new: EditionText, *places: tuple[str, bool]) -> dict[str, str]:
    """What the new text says in each row that has a reason beside it (the old one where it was taken out)."""
    rows = compare(old, new, WORDS)
    beside = place_reasons(rows, find_reasons(old, new, [(p, f"{p}の理由", gone) for p, gone in places]))
    return {
        "".join(span.text for spans in (row.new.texts or row.old.texts) for span in spans): reason
        for row, reason in zip(rows, beside, strict=True)
        if reason
    }


def test_a_reason_stands_beside_the_first_change_of_its_place() -> None:
    found = told(regulation(OLD), regulation(NEW), ("第2条", False), ("別表", False), ("第３条", False))
    assert found == {
        "２　会長が必要に応じ招集する。": "第2条の理由",
        "（削る）": "第３条の理由",
        "別表": "別表の理由",
    }


def test_places_of_a_regulation() -> None:
    places = find_places(regulation(OLD).blocks)
    names = [
        "第１条",
        "第１条第１項",
        "第２条",
        "第２条第１項",
        "第２条第１項第１号",
        "第２条第２項",
        "第３条",
        "第３条第１項",
    ]
    assert [place.name for place in places] == ["前書き", *names]
    (first,) = search_section(places, "第2条第1項")
    (second,) = search_section(places, "第２条第２項")
    assert (first.end, second.end - second.start) == (second.start, 1)


def test_reasons_of_one_row_stand_below_each_other_and_the_same_words_once() -> None:
    found = told(
        regulation(OLD), regulation(NEW), ("第２条第２項", False), ("第２条", False), ("第２条", False)
    )
    assert list(found.values()) == ["第２条第２項の理由\n第２条の理由"]


def test_a_place_nobody_can_find_is_told_with_its_name_beside_the_first_change() -> None:
    found = told(regulation(OLD), regulation(NEW), ("どこか", False))
    assert found == {"２　会長が必要に応じ招集する。": "どこか：どこかの理由"}


def test_what_was_taken_out_is_looked_for_in_the_old_text_first() -> None:
    old, _ = read_text(
        "# 題名\n\n## 第１章　甲\n\n甲である。\n\n## 第２章　乙\n\n乙である。\n\n## 第３章　丙\n\n丙である。\n"
    )
    new, _ = read_text("# 題名\n\n## 第１章　甲\n\n甲である。\n\n## 第２章　丙\n\n丙である。\n")
    assert old is not None and new is not None
    assert told(old, new, ("第２章", True)) == {"（削る）": "第２章の理由"}
    assert told(old, new, ("第２章", False)) == {"第２章　丙　（略）": "第２章の理由"}


@settings(deadline=None)
@given(revised(), st.lists(st.text("第章条０１２３", min_size=1, max_size=4), max_size=4))
def test_no_reason_is_ever_left_out(pair: tuple[EditionText, EditionText], places: list[str]) -> None:
    rows = compare(*pair, WORDS)
    if rows:
        said = place_reasons(
            rows, find_reasons(*pair, [(p, f"理由{n}", False) for n, p in enumerate(places)])
        )
        assert all(f"理由{n}" in "\n".join(said) for n in range(len(places)))
