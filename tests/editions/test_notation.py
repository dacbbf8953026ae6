from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rules.editions.notation import read_blocks, read_text, write_blocks, write_text
from pipeline.rules.editions.text import Clause, EditionText, Figure, Heading, Table, check_shape
from tests.editions.texts import TEXTS

REGULATION = """# 見本協議会設置要綱

（令和４年４月１日制定）

## 第１章　総則

（設置）
第１条　市に、見本協議会（以下「協議会」という。）を置く。

（所掌事務）
第２条　協議会は、次に掲げる事務を行う。

- (1)　情報の交換
- (2)　支援の協議
  - ア　学校
  - イ　病院

２　前項の事務は、会長が定める。

![図１　相談の流れ](flow)

## 附　則

この要綱は、令和４年４月１日から施行する。

## 別表（第３条関係）

| 分野 | 機関 |
|---|---|
| 教育 | 学校教育課<br>小学校 |
| その他 |  |
"""

TEXT = EditionText(
    "見本協議会設置要綱",
    (
        Clause("", "（令和４年４月１日制定）"),
        Heading(1, "第１章", "総則"),
        Clause("第１条", "市に、見本協議会（以下「協議会」という。）を置く。", caption="（設置）"),
        Clause("第２条", "協議会は、次に掲げる事務を行う。", caption="（所掌事務）"),
        Clause("(1)", "情報の交換", 1),
        Clause("(2)", "支援の協議", 1),
        Clause("ア", "学校", 2),
        Clause("イ", "病院", 2),
        Clause("２", "前項の事務は、会長が定める。"),
        Figure("図１　相談の流れ", "flow"),
        Heading(1, "附　則", ""),
        Clause("", "この要綱は、令和４年４月１日から施行する。"),
        Heading(1, "別表", "（第３条関係）"),
        Table((("分野", "機関"), ("教育", "学校教育課\n小学校"), ("その他", ""))),
    ),
)


def test_a_regulation_is_read() -> None:
    assert read_text(REGULATION) == (TEXT, ())


def test_a_title_alone_is_a_text() -> None:
    assert write_text(EditionText("題名", ())) == "# 題名\n"


def test_a_regulation_is_written() -> None:
    assert write_text(TEXT) == REGULATION


@given(TEXTS)
def test_what_is_written_is_read_again(text: EditionText) -> None:
    assert list(check_shape(text)) == []
    assert read_text(write_text(text)) == (text, ())


@given(TEXTS)
def test_blocks_alone_are_read_again(text: EditionText) -> None:
    if text.blocks:
        assert read_blocks(write_blocks(text.blocks)) == text.blocks


@given(st.one_of(st.text(), st.lists(st.sampled_from(REGULATION.split("\n"))).map("\n".join)))
def test_what_is_read_is_exactly_what_would_be_written(source: str) -> None:
    text, faults = read_text(source)
    assert (text is None) == bool(faults)
    if text is not None:
        assert write_text(text) == source


@given(TEXTS, st.data())
def test_a_text_with_one_line_changed_is_refused_or_another_text(
    text: EditionText, data: st.DataObject
) -> None:
    lines = write_text(text).split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    changed = "\n".join(
        (
            *lines[:at],
            data.draw(st.sampled_from([f" {lines[at]}", f"{lines[at]} ", "", "|"])),
            *lines[at + 1 :],
        )
    )
    other, faults = read_text(changed)
    assert (other is None) == bool(faults)
    assert other != text or changed == write_text(text)


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("# 見本", "見本", [1]),
        ("# 見本", "#　見本", [1]),
        ("# 見本協議会設置要綱", "# ", [1]),
        ("第１条　市", "第１条 市", [7]),  # a half-width space is no joint, so the caption has no number
        ("（設置）\n", "（設置）\n\n", []),
        ("- (1)　情報", "(1)　情報", [13, 13]),
        ("  - ア　学校", "    - ア　学校", [15]),
        ("  - ア　学校", " - ア　学校", [15, 15, 16]),
        ("| 教育 |", "|教育 |", [30]),
        ("| 教育 |", "| 教 | 育 |", [28]),
        ("\n|---|---|", "", [29]),
        ("|---|---|", "|---|", [29]),
        ("## 第１章", "### 第１章", [5]),
        ("第１章　総則", "第１条　総則", [5]),
        ("## 第１章", "第１章", [5]),
        ("](flow)", "](流れ)", [20]),
        ("\n\n２　前項", "\n\n\n２　前項", [18]),
        ("\n\n２　前項", "\n２　前項", [17]),
        ("\n\n２　前項", "\n第３条　前項", [17]),
        ("定める。\n", "定める。　\n", [18]),
        ("２　前項", "> ２　前項", [18]),
        ("イ　病院", "イ　病\\院", []),
        ("イ　病院", "\\病院", [16]),
        ("イ　病院", "\\イ　病院", []),
    ],
)
def test_every_faulty_line_is_named(old: str, new: str, lines: list[int]) -> None:
    _, faults = read_text(REGULATION.replace(old, new, 1))
    assert [fault.line for fault in faults] == lines
    assert all(fault.message.endswith("。") or fault.message.endswith("）。") for fault in faults)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("\n\n２　前項", "\n第３条　前項", "空行がありません"),
        ("- (1)　情報", "(1)　情報", "空行がありません"),
        ("２　前項", "> ２　前項", "行の頭の記号"),
        ("２　前項", "##　前項", "行の頭の記号"),
        ("（設置）\n第１条", "（設置）\n- (1)", "（　）の見出しは"),
        ("- (1)　情報", "- 第１条　情報", "箇条書きの番号は"),
        ("２　前項", "(2)　前項", "条・項の番号"),
        ("|---|---|", "|--|--|", "表の２行目"),
        ("| 教育 |", "|教育 |", "表の行は"),
        ("\n\n２　前項", "\n\n\n２　前項", "余分な空白・空行"),
    ],
)
def test_a_fault_says_what_to_do(old: str, new: str, said: str) -> None:
    _, faults = read_text(REGULATION.replace(old, new, 1))
    assert said in faults[0].message


def test_all_faults_come_at_once() -> None:
    source = (
        REGULATION.replace("# 見本", "見本").replace("- (1)　情報", "(1)　情報").replace("|---|---|", "|---|")
    )
    assert [fault.line for fault in read_text(source)[1]] == [1, 13, 13, 29]


def test_blocks_written_otherwise_are_an_error() -> None:
    with pytest.raises(ValueError, match="not as it would be written"):
        read_blocks("第１条　あ\n\n\n２　い\n")


@pytest.mark.parametrize(
    "block",
    [
        Clause("", ""),
        Clause("", " 前"),
        Clause("", "二\n行"),
        Clause("第１章", "総則"),
        Clause("第３", "条"),
        Clause("第１条", "条", 1),
        Clause("", "前", caption="（設置）"),
        Clause("１", "前", caption="設置"),
        Clause("１", "前", caption="（二\n行）"),
        Clause("(1)", "前", 2),
        Heading(2, "", "前"),
        Heading(0, "", "前"),
        Heading(1, "第１条", "前"),
        Heading(1, "", ""),
        Heading(1, "第１章", " 総則"),
        Table(()),
        Table(((),)),
        Table((("a",), ("b", "c"))),
        Table(((" a",),)),
        Figure("", "flow"),
        Figure("図", "../flow"),
    ],
)
def test_what_no_text_may_hold(block: Clause | Heading | Table | Figure) -> None:
    assert [index for index, _ in check_shape(EditionText("題名", (block,)))] == [0]


def test_a_title_is_one_line() -> None:
    assert [index for index, _ in check_shape(replace(TEXT, title="題\n名"))] == [-1]


def test_headings_may_go_five_deep() -> None:
    blocks = tuple(Heading(level, "", "見出し") for level in (1, 2, 3, 4, 5))
    assert list(check_shape(EditionText("題名", blocks))) == []
    assert [index for index, _ in check_shape(EditionText("題名", (*blocks, Heading(6, "", "x"))))] == [5]
