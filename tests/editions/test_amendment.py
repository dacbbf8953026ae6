"""改め文: what is drafted, and that carried out by the interpreter it gives the new text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings

from pipeline.rules.editions.acts import Inexpressible
from pipeline.rules.editions.amendment import find_amendment
from pipeline.rules.editions.applying import apply_sentences
from pipeline.rules.editions.drafting import draft
from pipeline.rules.editions.notation import read_text
from pipeline.rules.editions.numbering import Kind
from pipeline.rules.editions.sentences import Sentence, read_sentences, write_sentences
from pipeline.rules.editions.text import Clause, EditionText, Heading, kind_of
from tests.editions.cases import CASES, read_case
from tests.editions.regulations import amended
from tests.editions.texts import TEXTS, revised

SLOW = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case(path: Path) -> None:
    case = read_case(path)
    sentences = find_amendment(case.old, case.new)
    assert (None if sentences is None else write_sentences(sentences)) == case.amendment


def _chapters(text: EditionText) -> list[str]:
    headings = [block for block in text.blocks if isinstance(block, Heading)]
    return [heading.number for heading in headings if kind_of(heading.number) is Kind.CHAPTER]


@SLOW
@given(amended())
def test_carried_out_it_gives_the_new_text(pair: tuple[EditionText, EditionText]) -> None:
    """Words, captions, titles, names of chapters; articles, 項, 号, ア and rows of a 別表 added, deleted, moved."""
    old, new = pair
    assume(_chapters(old) == _chapters(new))
    sentences = find_amendment(old, new)
    assert sentences is not None
    assert apply_sentences(old, sentences) == new
    assert bool(sentences) == (old != new)
    assert all(sentence.words.endswith("。") and "\n" not in sentence.words for sentence in sentences)


@settings(SLOW)
@given(amended())
def test_quoting_words_is_hardly_ever_given_up(pair: tuple[EditionText, EditionText]) -> None:
    old, new = pair
    assume(_chapters(old) == _chapters(new))
    assert apply_sentences(old, draft(old, new)) == new


@SLOW
@given(revised())
def test_of_any_two_texts_it_is_proved_or_there_is_none(pair: tuple[EditionText, EditionText]) -> None:
    sentences = find_amendment(*pair)
    assert sentences is None or apply_sentences(pair[0], sentences) == pair[1]


@settings(deadline=None)
@given(TEXTS)
def test_nothing_changed_nothing_said(text: EditionText) -> None:
    assert find_amendment(text, text) == ()


def regulation(source: str) -> EditionText:
    text, faults = read_text(f"# 見本要綱\n\n{source}")
    assert text is not None, faults
    return text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (  # one verb for several amendments of words
            "第１条　学校の長は、課長及び会長に通知する。それを受けた者は、直ちに確認する。\n",
            "第１条　学園の長は、部長及び会長に通知する。それを受けた者は、直ちに確認する。\n",
            "第１条中「学校」を「学園」に、「課長」を「部長」に改める。",
        ),
        (  # the same words wherever they stand
            "第１条　課長は、あらかじめ課長が定める日に、これを会長に報告しなければならない。\n",
            "第１条　部長は、あらかじめ部長が定める日に、これを会長に報告しなければならない。\n",
            "第１条中「課長」を「部長」に改める。",
        ),
        (  # lengthened until it stands there once
            "第１条　課長は、必要に応じて会議を開き、課長がその議長となる。\n",
            "第１条　課長は、必要に応じて会議を開き、部長がその議長となる。\n",
            "第１条中「課長が」を「部長が」に改める。",
        ),
        (  # words outside the 号; then below
            "第１条　次に掲げる事務を行う。\n\n- (1)　情報の交換\n  - ア　学校\n  - イ　病院\n",
            "第１条　次に掲げる事業を行う。\n\n- (1)　情報の共有\n  - ア　学校\n  - イ　警察署\n  - ウ　病院\n",
            "第１条各号列記以外の部分中「事務」を「事業」に改め、同条第１号中「交換」を「共有」に改め、イをウとし、アの次に次のように加える。",
        ),
        (
            "（設置）\n第１条　置く。\n\n２　定める。\n\n３　行う。\n",
            "（設置等）\n第１条　置く。\n\n２　別に定める。\n",
            "第１条の見出しを「（設置等）」に改め、同条第２項中「定める」を「別に定める」に改め、同条第３項を削る。",
        ),
        ("（設置）\n第１条　置く。\n", "第１条　置く。\n", "第１条の見出しを削る。"),
        ("第１条　置く。\n", "（設置）\n第１条　置く。\n", "第１条に見出しとして「（設置）」を付する。"),
        (
            "".join(f"第{n}条　第{n}の事項\n\n" for n in "１２３４５６")[:-1],
            "".join(f"第{n}条　第{m}の事項\n\n" for n, m in zip("１２", "１６", strict=True))[:-1],
            "第２条から第５条までを削り、第６条を第２条とする。",
        ),
        (
            "".join(f"第{n}条　第{n}の事項\n\n" for n in "１２３４５６")[:-1],
            "".join(f"第{n}条　第{m}の事項\n\n" for n, m in zip("１２３４", "１４５６", strict=True))[:-1],
            "第２条及び第３条を削り、第４条から第６条までを２条ずつ繰り上げる。",
        ),
        (
            "第１条　一\n\n２　二\n\n- (1)　甲\n\n３　三\n",
            "第１条　一\n\n２　二\n\n- (1)　甲\n- (2)　乙\n\n３　三\n\n４　四\n\n５　五\n",
            "第１条第２項に次の１号を加える。",
        ),
        (
            "## 第１章　総則\n\n第１条　一\n\n## 第２章　会議\n\n第２条　二\n",
            "## 第１章　総則\n\n第１条　一\n\n## 第２章　会議等\n\n第２条　新\n\n第３条　二\n",
            "第２章の章名を「会議等」に改める。",
        ),
        (
            "第１条　一\n\n## 附　則\n\n施行する。\n",
            "第１条　一\n\n## 附　則\n\n施行する。\n\n## 別表\n\n| 甲 |\n|---|\n",
            "附則の次に次の１表を加える。",
        ),
        (
            "第１条　一\n\n## 様式第１号（第１条関係）\n\n申請書\n",
            "第１条　一\n\n## 様式第１号（第１条関係）\n\n届出書\n",
            "様式第１号中「申請書」を「届出書」に改める。",
        ),
        (
            "第１条　一\n\n## 別表\n\n| 名 | 機関 |\n|---|---|\n| 教育 | 学校 |\n| 医療 | 病院 |\n| 高齢 | 施設 |\n",
            "第１条　一\n\n## 別表\n\n| 名 | 機関 |\n|---|---|\n| 地域 | 民協 |\n| 教育 | 学校等 |\n| 高齢 | 施設 |\n",
            "別表医療の項を削り、同表教育の項中「学校」の次に「等」を加え、同表教育の項の前に次のように加える。",
        ),
    ],
)  # fmt: skip
def test_the_first_sentence(old: str, new: str, said: str) -> None:
    sentences = find_amendment(regulation(old), regulation(new))
    assert sentences is not None
    assert sentences[0].words == said


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("第１条　一\n", "## 第１章　総則\n\n第１条　一\n"),
        ("前文\n\n第１条　一\n", "序文\n\n第１条　一\n"),
        ("第１条　一\n", "第１条　一\n\n## 附　則\n\n施行する。\n"),
        ("第１条　一\n\n第２条　二\n", "第2条　一\n\n第３条　二\n\n第１条　三\n"),
        ("第１条　一\n", "第1条　一\n"),
    ],
)
def test_what_the_vocabulary_cannot_say(old: str, new: str) -> None:
    with pytest.raises(Inexpressible):
        draft(regulation(old), regulation(new), coarse=True)
    assert find_amendment(regulation(old), regulation(new)) is None


def test_sentences_are_written_and_read_again() -> None:
    sentences = (
        Sentence("第１条を削る。"),
        Sentence(
            "第２条の次に次の１条を加える。",
            (Clause("第３条", "定める。", caption="（細目）"), Clause("２", "> 行う。")),
        ),
    )
    written = (
        "第１条を削る。\n第２条の次に次の１条を加える。\n> （細目）\n> 第３条　定める。\n> \n> ２　> 行う。"
    )
    assert write_sentences(sentences) == written
    assert read_sentences(written) == sentences
    assert read_sentences("") == ()
    for wrong in ("> 第３条　定める。", "第１条を削る。\n> 第３条　定める。\n> \n> \n> 定める。"):
        with pytest.raises(ValueError, match=r"provisions|written"):
            read_sentences(wrong)
