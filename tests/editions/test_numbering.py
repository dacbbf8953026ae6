from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rules.editions.numbering import (
    Kind,
    Number,
    in_city_style,
    join_number,
    read_number,
    split_number,
)
from tests.editions.texts import NUMBERS, WORDS


@pytest.mark.parametrize(
    ("printed", "kind", "ordinals"),
    [
        ("第２部", Kind.PART, (2,)),
        ("第１編", Kind.VOLUME, (1,)),
        ("第１章", Kind.CHAPTER, (1,)),
        ("第12節", Kind.SECTION, (12,)),
        ("第３条", Kind.ARTICLE, (3,)),
        ("第25条の２", Kind.ARTICLE, (25, 2)),
        ("第２５条の２の３", Kind.ARTICLE, (25, 2, 3)),
        ("２", Kind.PARAGRAPH, (2,)),
        ("10", Kind.PARAGRAPH, (10,)),
        ("(1)", Kind.ITEM, (1,)),
        ("（３）", Kind.ITEM, (3,)),
        ("(2)の２", Kind.ITEM, (2, 2)),
        ("⑵", Kind.ITEM, (2,)),
        ("ウ", Kind.SUBITEM, (3,)),
        ("(イ)", Kind.SUBSUBITEM, (2,)),
        ("③", Kind.CIRCLED, (3,)),
        ("附　則", Kind.SUPPLEMENT, ()),
        ("附則", Kind.SUPPLEMENT, ()),
        ("別表", Kind.ANNEX, ()),
        ("別表第２", Kind.ANNEX, (2,)),
        ("様式第１号", Kind.FORM, (1,)),
        ("様式第５号の２", Kind.FORM, (5, 2)),
        ("別記様式第１号", Kind.FORM, (1,)),
        ("第８号様式", Kind.FORM, (8,)),
        ("別記様式", Kind.FORM, ()),
    ],
)
def test_a_printed_number_is_read(printed: str, kind: Kind, ordinals: tuple[int, ...]) -> None:
    assert read_number(printed) == Number(kind, ordinals)


@pytest.mark.parametrize(
    "text",
    ["", "第条", "条", "第３", "三", "第三条", "(a)", "()", "12345", "アイ", "附　　則", "・", "第３条　"],
)
def test_other_text_is_no_number(text: str) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("line", "number", "words"),
    [
        ("第３条　協議会は、", "第３条", "協議会は、"),
        ("２　会長は、", "２", "会長は、"),
        ("(1)　情報の交換", "(1)", "情報の交換"),
        ("ア　学校", "ア", "学校"),
        ("附　則", "附　則", ""),
        ("附　則（令和４年10月１日）", "附　則", "（令和４年10月１日）"),
        ("附　則　抄", "附　則", "抄"),
        ("別表（第３条関係）", "別表", "（第３条関係）"),
        ("別表第１（第３条関係）", "別表第１", "（第３条関係）"),
        ("別表第１　構成機関", "別表第１", "構成機関"),
        ("第５条", "第５条", ""),
        ("第５条に規定する", "", "第５条に規定する"),
        ("別表に掲げる", "", "別表に掲げる"),
        ("アイウ　エオ", "", "アイウ　エオ"),
        ("第３条 半角", "", "第３条 半角"),
        ("", "", ""),
    ],
)
def test_a_line_is_cut_into_number_and_words(line: str, number: str, words: str) -> None:
    assert split_number(line) == (number, words)


@given(NUMBERS, WORDS)
def test_splitting_undoes_joining(number: str, words: str) -> None:
    assert split_number(join_number(number, words)) == (number, words)


@given(st.text(max_size=12))
def test_splitting_loses_nothing(line: str) -> None:
    number, words = split_number(line)
    assert (number + words).replace("　", "") == line.replace("　", "")


@pytest.mark.parametrize(
    ("printed", "style"),
    [
        ("第3条", "第３条"),
        ("第１０条", "第10条"),
        ("第25条の2", "第25条の２"),
        ("（１）", "(1)"),
        ("⑴", "(1)"),
        ("(2)の2", "(2)の２"),
        ("別表第1", "別表第１"),
        ("２", "２"),
        ("ア", "ア"),
        ("附　則", "附　則"),
    ],
)
def test_the_citys_style(printed: str, style: str) -> None:
    assert in_city_style(printed) == style
    assert in_city_style(style) == style


@given(NUMBERS)
def test_the_style_changes_no_meaning(number: str) -> None:
    assert read_number(in_city_style(number)) == read_number(number)
