"""The interpreter of 改め文, sentence by sentence, apart from what is ever drafted."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pipeline.rules.editions.amendment import find_amendment
from pipeline.rules.editions.applying import apply_sentences
from pipeline.rules.editions.notation import read_blocks, read_text, write_text
from pipeline.rules.editions.sentences import Sentence
from pipeline.rules.editions.text import EditionText
from pipeline.rules.editions.worktext import CannotApply
from tests.editions.regulations import amended

SOURCE = """# 見本要綱

## 第１章　総則

（設置）
第１条　市に、協議会を置く。

（事務）
第２条　協議会は、次の事務を行う。

- (1)　情報の交換
- (2)　協議
  - ア　学校
  - イ　病院
- (3)　その他

## 第２章　組織

第３条　協議会は、会長が招集する。

２　会長は、会長代理を置く。

- (1)　一人目
- (2)　二人目

３　会議は、非公開とする。

## 附　則

１　この要綱は、令和４年４月１日から施行する。

２　この要綱の施行に関し必要な事項は、別に定める。

## 別表（第３条関係）

| 分野 | 機関 |
|---|---|
| 教育 | 学校教育課 |
| 医療 | 医師会 |
"""


def text() -> EditionText:
    read, faults = read_text(SOURCE)
    assert read is not None, faults
    return read


def carried_out(words: str, put_in: str = "") -> str:
    return write_text(apply_sentences(text(), [Sentence(words, read_blocks(put_in) if put_in else ())]))


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        ("第１条中「協議会」を「会議」に改める。", [("市に、協議会を", "市に、会議を")]),
        ("第１条中「市に、」を削る。", [("市に、協議会", "協議会")]),
        ("第１条中「市」の次に「の機関」を加える。", [("市に、", "市の機関に、")]),
        ("第２条各号列記以外の部分中「事務」を「事業」に改める。", [("次の事務", "次の事業")]),
        ("第２条中「協議」を「会議」に改める。", [("協議会は、次", "会議会は、次"), ("(2)　協議", "(2)　会議")]),
        ("第２条第２号中「病院」を「警察」に改める。", [("イ　病院", "イ　警察")]),
        ("第２条第２号イ中「病院」を「警察」に改める。", [("イ　病院", "イ　警察")]),
        ("第３条第１項中「会長」を「市長」に改める。", [("会は、会長が", "会は、市長が")]),
        (
            "第３条中「会長」を「市長」に、「非公開」を「公開」に改める。",
            [("会長", "市長"), ("非公開", "公開")],
        ),
        (  # each amendment speaks of the words as they were before
            "第３条第２項中「会長」を「代理」に、「代理を」を「会長を」に改める。",
            [("会長は、会長代理を", "代理は、代理会長を")],
        ),
        ("第３条第２項第１号中「一」を「１」に改め、同項第２号中「二」を「２」に改める。", [("一人", "１人"), ("二人", "２人")]),
        ("第３条第３項中「会議は、」を削り、同条第１項中「協議会は、」を削る。", [("会議は、非", "非"), ("第３条　協議会は、", "第３条　")]),
        ("附則第２項中「別に」を「市長が」に改める。", [("別に定める", "市長が定める")]),
        ("別表中「第３条」を「第４条」に改める。", [("（第３条関係）", "（第４条関係）")]),
        ("別表医療の項中「医師会」の次に「等」を加える。", [("医師会", "医師会等")]),
        ("第１条の見出しを「（目的）」に改める。", [("（設置）", "（目的）")]),
        ("第１条の見出しを削る。", [("（設置）\n", "")]),
        ("第３条に見出しとして「（会議）」を付する。", [("第３条　", "（会議）\n第３条　")]),
        ("第１章の章名を「「総則」等」に改める。", [("総則", "「総則」等")]),
        ("第２条第３号を削る。", [("- (3)　その他\n", "")]),
        ("第２条中第１号を削り、第２号を第１号とし、第３号を第２号とする。", [("- (1)　情報の交換\n", ""), ("(2)", "(1)"), ("(3)", "(2)")]),
        ("第２条第２号及び第３号を削る。", [("- (2)　協議\n  - ア　学校\n  - イ　病院\n- (3)　その他\n", "")]),
        ("第２条第１号から第３号までを削る。", [("\n- (1)　情報の交換\n- (2)　協議\n  - ア　学校\n  - イ　病院\n- (3)　その他\n", "")]),
        ("第１条から第３条までを２条ずつ繰り下げる。", [("第３条　", "第５条　"), ("第２条　", "第４条　"), ("第１条　", "第３条　")]),
        ("第１条を削り、第２条を第１条とし、第３条を第２条とする。", [("（設置）\n第１条　市に、協議会を置く。\n\n", ""), ("第２条　", "第１条　"), ("第３条　", "第２条　")]),
        ("第１条を削り、第２条から第３条までを１条ずつ繰り上げる。", [("（設置）\n第１条　市に、協議会を置く。\n\n", ""), ("第２条　", "第１条　"), ("第３条　", "第２条　")]),
        ("別表医療の項を削る。", [("| 医療 | 医師会 |\n", "")]),
        ("第２条第２号中アを削り、イをアとする。", [("  - ア　学校\n", ""), ("イ　", "ア　")]),
    ],
)  # fmt: skip
def test_words_and_numbers(words: str, changes: list[tuple[str, str]]) -> None:
    wanted = SOURCE
    for old, new in changes:
        assert old in wanted
        wanted = (
            wanted.replace(old, new)
            if old in ("会長", "(2)", "(3)") and "第３条中" in words
            else wanted.replace(old, new, 1)
        )
    assert carried_out(words) == wanted


@pytest.mark.parametrize(
    ("words", "put_in", "old", "new"),
    [
        ("題名を次のように改める。", "新要綱\n", "# 見本要綱", "# 新要綱"),
        ("第３条の次に次の１条を加える。", "第４条　四\n", "非公開とする。\n", "非公開とする。\n\n第４条　四\n"),
        ("第３条の次に次の２条を加える。", "第４条　四\n\n第５条　五\n", "非公開とする。\n", "非公開とする。\n\n第４条　四\n\n第５条　五\n"),
        ("第１章に次の１条を加える。", "第２条の２　枝\n", "- (3)　その他\n", "- (3)　その他\n\n第２条の２　枝\n"),
        ("第２条に次の１号を加える。", "- (4)　四\n", "- (3)　その他\n", "- (3)　その他\n- (4)　四\n"),
        ("第２条第１号の次に次の１号を加える。", "- (1)の２　枝\n", "- (2)", "- (1)の２　枝\n- (2)"),
        ("第２条中第１号の前に次のように改める。", "", "", ""),
        ("第１条に次の１号を加える。", "- (1)　号\n", "会を置く。\n", "会を置く。\n\n- (1)　号\n"),
        ("第２条第１項の次に次の１項を加える。", "２　項\n", "- (3)　その他\n", "- (3)　その他\n\n２　項\n"),
        ("第１条に次の１項を加える。", "２　項\n", "会を置く。\n", "会を置く。\n\n２　項\n"),
        ("第３条第１項に次の１号を加える。", "- (1)　号\n", "招集する。\n", "招集する。\n\n- (1)　号\n"),
        ("第３条中第２項及び第３項を削り、第１項の次に次の１項を加える。", "２　項\n", "\n２　会長は、会長代理を置く。\n\n- (1)　一人目\n- (2)　二人目\n\n３　会議は、非公開とする。\n", "\n２　項\n"),
        ("第２条第２号に次のように加える。", "  - ウ　警察\n", "  - イ　病院\n", "  - イ　病院\n  - ウ　警察\n"),
        ("第２条第１号を次のように改める。", "- (1)　全部\n", "(1)　情報の交換", "(1)　全部"),
        ("第３条第３項を次のように改める。", "３　全部\n", "３　会議は、非公開とする。", "３　全部"),
        ("第３条第１項を次のように改める。", "全部\n", "協議会は、会長が招集する。", "全部"),
        ("第２条各号列記以外の部分を次のように改める。", "全部\n", "協議会は、次の事務を行う。", "全部"),
        ("別表に次のように加える。", "| 高齢 | 施設 |\n|---|---|\n", "| 医師会 |\n", "| 医師会 |\n| 高齢 | 施設 |\n"),
        ("別表教育の項の次に次のように加える。", "| 高齢 | 施設 |\n|---|---|\n", "| 医療", "| 高齢 | 施設 |\n| 医療"),
        ("別表教育の項の前に次のように加える。", "| 高齢 | 施設 |\n|---|---|\n", "| 教育", "| 高齢 | 施設 |\n| 教育"),
        ("附則の次に次の１様式を加える。", "## 様式第１号\n\n申請書\n", "## 別表", "## 様式第１号\n\n申請書\n\n## 別表"),
        ("別表の次に次の１表を加える。", "## 別表第２\n\n| 甲 |\n|---|\n", "医師会 |\n", "医師会 |\n\n## 別表第２\n\n| 甲 |\n|---|\n"),
    ],
)  # fmt: skip
def test_what_is_put_in(words: str, put_in: str, old: str, new: str) -> None:
    if not put_in:
        with pytest.raises(CannotApply):
            carried_out(words)
        return
    try:
        made = carried_out(words, put_in)
    except ValueError as error:
        pytest.fail(str(error))
    assert made == SOURCE.replace(old, new, 1)


REFUSED = [
    ("第１条中「会議」を「協議」に改める。", ""),  # the words are not there
    ("第９条中「協議会」を「会議」に改める。", ""),
    ("第２条第９号中「その他」を「別」に改める。", ""),
    ("第３条第１号中「一」を「二」に改める。", ""),  # of which 項?
    ("第３条に次の１号を加える。", "- (1)　号\n"),
    ("第１条を第２条とする。", ""),  # the number is another's
    ("第１条から第３条までを１条ずつ繰り上げる。", "第０条"),
    ("第２条及び第３条を１条ずつ繰り下げる。", ""),
    ("第１条を第２項とする。", ""),
    ("第３条の次に次の１条を加える。", "第４条　四\n\n第５条　五\n"),  # two, not one
    ("第３条の次に次の１項を加える。", "第４条　四\n"),
    ("第３条の次に次の１条を加える。", "第３条　三\n"),
    ("第２条第１号を次のように改める。", "- (2)　全部\n"),
    ("第２条を次のように改める。", "第２条　一\n\n第３条　二\n"),
    ("第２条第１項を次のように改める。", "全部\n"),  # its 号 would be lost
    ("第３条第１項を削る。", ""),
    ("第２条各号列記以外の部分を削る。", ""),
    ("第３条第１項を次のように改める。", "２　全部\n"),
    ("第３条第３項を第４条第４項とする。", ""),
    ("別表に次のように加える。", "| 甲 |\n|---|\n"),  # not of this table
    ("別表分野の項を削る。", ""),  # the head is no row
    ("別表高齢の項を削る。", ""),
    ("同条第１項中「協議会」を「会議」に改める。", ""),
    ("第１号を削る。", ""),
    ("「協議会」を「会議」に改める。", ""),
    ("第１条中「協議会」を「会議」に改め。", ""),
    ("第１条中「協議会」を「会議」に改める、「市」を削る。", ""),
    ("第１条中「協議会」を「会議」に改める", ""),
    ("第１条中「協議会」を「会議」に。", ""),
    ("第１条中「協議会を「会議」に改める。", ""),
    ("第１条中「協議会」」を「会議」に改める。", ""),
    ("第１条を消す。", ""),
    ("第１条中「市に」を「市へ」に、「に、協」を「で協」に改める。", ""),  # they overlap
    ("第１条中「市」を「町」に、「市」を「村」に改める。", ""),
    ("第１条の章名を「目的」に改める。", ""),
    ("第１章の見出しを「（目的）」に改める。", ""),
    ("題名を次のように改める。", "第１条　題名\n"),
    ("第１章中第１節を削る。", ""),
    ("附則第３項中「別に」を「市長が」に改める。", ""),
]


@pytest.mark.parametrize(("words", "put_in"), REFUSED)
def test_what_is_refused(words: str, put_in: str) -> None:
    with pytest.raises(CannotApply):
        carried_out(words, put_in if put_in.endswith("\n") else "")


def test_sentences_are_carried_out_one_after_the_other() -> None:
    sentences = [
        Sentence("第１条を削る。"),
        Sentence("第２条を第１条とする。"),
        Sentence("第１条第３号を削る。"),
    ]
    made = write_text(apply_sentences(text(), sentences))
    assert "第１条　協議会は、次の事務" in made
    assert "(3)" not in made


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(amended(), st.data())
def test_a_draft_that_lacks_a_sentence_proves_nothing(
    pair: tuple[EditionText, EditionText], data: st.DataObject
) -> None:
    old, new = pair
    sentences = find_amendment(old, new)
    assume(sentences)
    assert sentences is not None
    left_out = data.draw(st.integers(0, len(sentences) - 1))
    rest = [sentence for index, sentence in enumerate(sentences) if index != left_out]
    with contextlib.suppress(CannotApply):
        assert apply_sentences(old, rest) != new
