from __future__ import annotations

import pytest
from hypothesis import given, settings

from pipeline.rules.editions.notation import write_text
from pipeline.rules.editions.pasted import read_regulation
from pipeline.rules.editions.text import EditionText
from tests.editions.regulations import REGULATIONS, Regulation

PASTED = """見本協議会設置要綱
　　　　　　　　　　　（令和４年４月１日制定）

　　第１章　総則
　（設置）
第１条　市に、見本協議会（以下「協議会」という。）を置く。
　（所掌事務）
第２条  協議会は、次に掲げる事務を行う。
　(1)　情報の交換
　(2)　支援の協議
　　ア　学校
　　　(ア)　小学校
　　イ　病院
　(3) その他
２　前項の事務は、会長が定める。
　ア　会議
　イ　研修
　　　附　則
　この要綱は、令和４年４月１日から施行する。
別表（第３条関係）
分野\t機関
教育\t学校教育課
その他\t
様式第１号（第４条関係）
　申請書
"""

NOTATION = """# 見本協議会設置要綱

（令和４年４月１日制定）

## 第１章　総則

（設置）
第１条　市に、見本協議会（以下「協議会」という。）を置く。

（所掌事務）
第２条　協議会は、次に掲げる事務を行う。

- (1)　情報の交換
- (2)　支援の協議
  - ア　学校
    - (ア)　小学校
  - イ　病院
- (3)　その他

２　前項の事務は、会長が定める。

- ア　会議
- イ　研修

## 附　則

この要綱は、令和４年４月１日から施行する。

## 別表（第３条関係）

| 分野 | 機関 |
|---|---|
| 教育 | 学校教育課 |
| その他 |  |

## 様式第１号（第４条関係）

申請書
"""


def test_a_pasted_regulation_is_read() -> None:
    text, faults = read_regulation(PASTED)
    assert text is not None, faults
    assert write_text(text) == NOTATION


def test_a_bar_divides_cells_as_a_tab_does() -> None:
    assert read_regulation(PASTED.replace("\t", "｜")) == read_regulation(PASTED)


def test_the_notation_is_read_too_and_as_strictly_as_ever() -> None:
    pasted, _ = read_regulation(PASTED)
    assert read_regulation(NOTATION) == read_regulation(NOTATION.rstrip("\n")) == (pasted, ())
    text, faults = read_regulation(NOTATION.replace("\n- (1)", "\n\n- (1)"))
    assert text is None
    assert [fault.line for fault in faults] == [13]


@settings(deadline=None)
@given(REGULATIONS)
def test_any_regulation_may_be_pasted(regulation: Regulation) -> None:
    text = regulation.text()
    lines = [line.removeprefix("#").lstrip("# -").removeprefix("\\") for line in write_text(text).split("\n")]
    pasted = "\n".join(_tabbed(line) for line in lines if line and not line.startswith("|---"))
    read, faults = read_regulation(pasted)
    assert read == text, faults


def _tabbed(line: str) -> str:
    return (
        "\t".join(line.strip("|").split("|")).replace(" \t ", "\t").strip(" ")
        if line.startswith("|")
        else line
    )


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("", [1]),
        ("\n　\n", [1]),
        ("題名\n第１条\n", [2]),
        ("題名\n\n分野\t機関\n教育\t学校\t課\n", [3]),
        ("題名\n第１節　総則\n第１条　置く。\n", [2]),
        ("題名\n（設置）\n第１章　総則\n第２条　\n", [4]),
    ],
)
def test_every_faulty_line_is_named(source: str, lines: list[int]) -> None:
    text, faults = read_regulation(source)
    assert text is None
    assert [fault.line for fault in faults] == lines


def test_a_table_alone_has_its_tabs() -> None:
    text, _ = read_regulation("題名\n甲\t乙\n")
    assert isinstance(text, EditionText)
    assert write_text(text) == "# 題名\n\n| 甲 | 乙 |\n|---|---|\n"


def test_a_list_deeper_than_any_paper_prints_is_refused_at_its_line() -> None:
    lines = ["見本要綱", "第１条　次のとおりとする。", "(1)　号", "ア　細分", "(ア)　細分の細分"]
    text, faults = read_regulation("\n".join(lines))
    assert (text is not None, faults) == (True, ())
    text, (fault,) = read_regulation("\n".join([*lines, "①　その下"]))
    assert text is None
    assert (fault.line, "３段" in fault.message or "3段" in fault.message) == (6, True)
