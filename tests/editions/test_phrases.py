from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rules.editions.phrases import MIN_KEPT, Spans, compare_words, find_changes, plain, underline
from pipeline.rules.editions.segments import cut
from tests.editions.texts import SENTENCES, edited

PAIRS = st.one_of(edited(), st.tuples(SENTENCES, SENTENCES))


def marked(spans: Spans) -> str:
    return "".join(f"[{span.text}]" if span.changed else span.text for span in spans)


def text_of(spans: Spans) -> str:
    return "".join(span.text for span in spans)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "協議会は、別表に掲げる[機関等]をもって構成する。",
            "協議会は、別表[第１]に掲げる[機関及び団体]をもって構成する。",
        ),
        ("会長は、[第３条]の規定により招集する。", "会長は、[第４条]の規定により招集する。"),
        ("第３条[第２項]の規定により", "第３条[第３項]の規定により"),
        ("会議を招集し、その議長となる。", "[必要に応じ、]会議を招集し、その議長となる。"),
        ("[必要に応じ、]会議を招集する。", "会議を招集する。"),
        ("週[１回]を上限とする。", "週[２回]を上限とする。"),
        ("[令和４年10月１日（土）]から施行する。", "[令和４年11月１日（火）]から施行する。"),
        ("会長が[行う]。", "会長が[行なう]。"),
        ("[葛\U000e0100城]に置く。", "[葛城]に置く。"),
        ("（以下[「協議会」]という。）", "（以下[「会」]という。）"),
        (
            "[会長の職]を代理する。",
            "[委員の務]を代理する。",
        ),  # の alone is too little to leave between two changes
        ("[会長と委員の職]を代理する。", "[委員と会長の務]を代理する。"),
        ("", "[新しく加える。]"),
        ("[削る。]", ""),
        ("同じ", "同じ"),
        ("", ""),
        ("[児童の状況を把握する。]", "[別に市長が決める。]"),
        (
            "会長が定める。",
            "会長が定める。[ただし、緊急を要する場合であって、会議を開くいとまがないときは、この限りでない。]",
        ),
    ],
)
def test_underlines(old: str, new: str) -> None:
    plain_old, plain_new = re.sub(r"[\[\]]", "", old), re.sub(r"[\[\]]", "", new)
    assert tuple(map(marked, compare_words(plain_old, plain_new))) == (old, new)


@given(PAIRS)
def test_nothing_is_lost_and_what_is_not_underlined_is_the_same(pair: tuple[str, str]) -> None:
    old, new = compare_words(*pair)
    assert (text_of(old), text_of(new)) == pair
    kept = ["".join(span.text for span in side if not span.changed) for side in (old, new)]
    assert kept[0] == kept[1]
    assert any(span.changed for span in (*old, *new)) == (pair[0] != pair[1])


@given(PAIRS)
def test_spans_are_whole_pieces_and_never_empty(pair: tuple[str, str]) -> None:
    for text, spans in zip(pair, compare_words(*pair), strict=True):
        ends, at = {0}, 0
        for piece in cut(text):
            ends.add(at := at + len(piece))
        at = 0
        for span in spans:
            assert span.text
            at += len(span.text)
            assert at in ends


@given(PAIRS)
def test_kept_and_changed_take_turns_and_little_is_left_between_changes(pair: tuple[str, str]) -> None:
    changes = find_changes(*pair)
    assert all(before.is_kept != after.is_kept for before, after in pairwise(changes))
    assert all(len(change.old) >= MIN_KEPT for change in changes[1:-1] if change.is_kept)


def test_a_text_wholly_underlined_or_not_at_all() -> None:
    assert marked(underline("新設")) == "[新設]"
    assert marked(plain("略")) == "略"
    assert underline("") == plain("") == ()
