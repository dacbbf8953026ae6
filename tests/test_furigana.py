"""Readings come from words the office wrote down; a text is never changed, and nothing is guessed."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.furigana import ALL_RUBY, LEVELS, Furigana, aligned, at_level, read_furigana
from tests.conftest import ROOT

TABLE: dict[str, Any] = tomllib.loads((ROOT / "doc_templates/furigana.toml").read_text("utf-8"))
SHIPPED = read_furigana(TABLE)


def furigana(**words: str) -> Furigana:
    return Furigana(words, SHIPPED.grades, ALL_RUBY)


def told(book: Furigana, text: str) -> list[tuple[str, str]]:
    return [(piece.text, piece.reading) for piece in book.pieces(text)]


@pytest.mark.parametrize(
    ("word", "reading", "over"),
    [
        ("相談", "そうだん", [("相談", "そうだん")]),
        ("聞いた", "きいた", [("聞", "き"), ("いた", "")]),
        ("お問い合わせ先", "おといあわせさき", [("お", ""), ("問", "と"), ("い", ""), ("合", "あ"), ("わせ", ""), ("先", "さき")]),
        ("24時間", "24じかん", [("24", ""), ("時間", "じかん")]),
    ],
)  # fmt: skip
def test_a_reading_stands_over_the_kanji_only(word: str, reading: str, over: list[tuple[str, str]]) -> None:
    assert [(piece.text, piece.reading) for piece in aligned(word, reading)] == over


def test_the_longest_word_is_read_first() -> None:
    book = furigana(日="にち", 平="たいら", 平日="へいじつ")
    assert told(book, "平日は平") == [("平日", "へいじつ"), ("は", ""), ("平", "たいら")]


@given(st.text(alphabet="平日本語相談家のことaＡ、。葛\U000e0100𠮷 \n", max_size=30))
def test_the_words_below_stay_code_point_for_code_point(text: str) -> None:
    assert "".join(piece.text for piece in SHIPPED.pieces(text)) == text


@pytest.mark.parametrize(
    ("level", "read"),
    [
        ("総ルビ", ["学校", "保健", "福祉"]),
        ("小学５・６年", ["保健", "福祉"]),  # 保 is taught in the fifth year, 祉 in no primary school
        ("中学生", ["福祉"]),
    ],
)
def test_each_level_reads_what_its_grade_has_not_learnt(level: str, read: list[str]) -> None:
    book = at_level(SHIPPED, level)
    assert book is not None
    assert [piece.text for piece in book.pieces("学校と保健福祉") if piece.reading] == read


def test_readers_of_all_common_kanji_need_none() -> None:
    assert at_level(SHIPPED, "高校生") is None
    assert list(LEVELS) == ["総ルビ", "小学５・６年", "中学生", "高校生"]


def test_what_nobody_wrote_down_is_named_and_never_guessed() -> None:
    book = furigana(相談="そうだん")
    assert book.unknown("相談は見本　花子まで") == ("見本", "花子")
    assert told(book, "見本に相談") == [("見本に", ""), ("相談", "そうだん")]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ({"聞いた": "きいて"}, "送り仮名"),
        ({"きいた": "きいた"}, "漢字のある語"),
        ({"相談": "ソウダン"}, "ひらがな"),
    ],
)
def test_a_wrong_entry_is_refused(words: dict[str, str], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read_furigana({**TABLE, "words": words})


def test_the_table_of_grades_is_the_whole_one() -> None:
    short = [TABLE["grades"][0][1:], *TABLE["grades"][1:]]
    with pytest.raises(ValueError, match="配当表"):
        read_furigana({**TABLE, "grades": short})
    assert (SHIPPED.grades["一"], SHIPPED.grades["熊"], SHIPPED.grades["論"]) == (1, 4, 6)
