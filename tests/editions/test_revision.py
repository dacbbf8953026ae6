"""Sections named by people, changes carried out in one pass, numbers given anew."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.rules.editions.differences import find_section_changes
from pipeline.rules.editions.notation import read_typed, read_typed_blocks, write_blocks, write_text
from pipeline.rules.editions.renumbering import renumber
from pipeline.rules.editions.revision import AFTER, BEFORE, INSIDE, Change, revise
from pipeline.rules.editions.rows import printed_lines
from pipeline.rules.editions.sections import find_sections, search_section
from pipeline.rules.editions.text import EditionText, Heading
from tests.editions.texts import TEXTS

SOURCE = """# 見本
前書き。
## 第１章　気づく
### １　場面
場面の文。
### ２　声
- (1)　声をかける。
- (2)　聞く。
## 第２章　相談
### １　窓口
窓口の文。
## 様式第１号　受付票
| 項目 | 記入 |
|---|---|
| 番号 | １ |
"""


def text(source: str = SOURCE) -> EditionText:
    read, faults = read_typed(source)
    assert read is not None, faults
    return read


def revised(*changes: Change, renumbered: bool = True) -> str:
    made = revise(text(), changes, renumbered)
    assert made.text is not None, made.faults
    return write_text(made.text)


def codes(*changes: Change) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.box, fault.code) for fault in revise(text(), changes, True).faults]


def test_empty_lines_are_the_readers_business() -> None:
    spaced = write_text(text())
    assert text(spaced) == text() == text(SOURCE.replace("\n", "\n\n\n").replace("|\n\n\n|", "|\n|"))


def test_a_fault_is_told_at_the_line_that_was_typed() -> None:
    _, faults = read_typed("# 見本\n本文。\n\n\n> 引用\n")
    assert [fault.line for fault in faults] == [5]
    _, faults = read_typed_blocks("### １　節\n\n> 引用")
    assert [fault.line for fault in faults] == [3]


def test_a_section_is_found_by_number_or_title_whatever_the_width() -> None:
    sections = find_sections(text().blocks)
    for words in ("第１章　２", "第1章2", "第１章 ２　声", "声"):
        assert [found.full_name for found in search_section(sections, words)] == ["第１章２「声」"]
    assert [s.name for s in sections][:2] == ["前書き", "第１章"]
    assert search_section(sections, "第３章") == ()


def test_each_act() -> None:
    assert "## 第１章　相談" in revised(Change("削る", "第１章"))
    assert "場面の文" not in revised(Change("改める", "第１章　１", text="### １　場面\n別の文。"))
    added = revised(Change("新設", target="第１章", text="## 第２章　流れ\n文。"))
    assert "## 第３章　相談" in added
    assert added.index("流れ") < added.index("相談")
    moved = revised(Change("移す", "第１章　２", target="第２章", position=INSIDE))
    assert "### ２　声" in moved
    assert moved.index("窓口の文") < moved.index("声をかける")
    assert "## 第５章　相談" in revised(Change("番号を改める", "第２章", number="第５章"), renumbered=False)
    assert revised(Change("改める", "前書き", text="別の前書き。")).startswith("# 見本\n\n別の前書き。")


def test_a_moved_section_may_be_written_anew_at_once() -> None:
    moved = revised(Change("移す", "第１章　２", "第１章　１", BEFORE, text="### １　声\n新しい声。"))
    assert moved.index("新しい声") < moved.index("場面の文")
    assert "声をかける" not in moved


def test_what_is_put_at_one_place_keeps_the_order_of_the_rows_and_the_deeper_first() -> None:
    made = revised(
        Change("新設", target="第１章", position=AFTER, text="## 第９章　甲\n文。"),
        Change("新設", target="第１章", position=AFTER, text="## 第９章　乙\n文。"),
        Change("新設", target="第１章　２", position=AFTER, text="### ９　丙\n文。"),
    )
    assert made.index("丙") < made.index("甲") < made.index("乙") < made.index("相談")
    assert "### ３　丙" in made


def test_faults_have_their_row_and_box() -> None:
    assert codes(Change("削る", "第９章")) == [(0, "section", "UNKNOWN")]
    assert codes(Change("削る", "第１章"), Change("削る", "第1章")) == [(1, "section", "TWICE")]
    assert codes(Change("削る", "第１章"), Change("削る", "第１章１")) == [(1, "section", "OVERLAP")]
    assert codes(Change("削る", "第１章"), Change("新設", target="第１章２", text="### ９　新\n文。")) == [
        (1, "target", "TARGET")
    ]
    assert codes(Change("改める", "第１章", text="### １　節\n文。")) == [(0, "text", "HEADING")]
    assert codes(Change("削る")) == [(0, "section", "MISSING")]
    assert codes(Change("削る", "第１章", number="２")) == [(0, "number", "UNUSED")]


@settings(deadline=None)
@given(TEXTS)
def test_numbers_given_anew_change_numbers_only(any_text: EditionText) -> None:
    blocks = renumber(any_text.blocks)
    for before, after in zip(any_text.blocks, blocks, strict=True):
        if isinstance(before, Heading) and isinstance(after, Heading):
            assert (before.level, before.title) == (after.level, after.title)
        else:
            assert before == after
    assert renumber(blocks) == blocks


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.data())
def test_nothing_is_lost_by_a_move(any_text: EditionText, data: st.DataObject) -> None:
    sections = [s for s in find_sections(any_text.blocks) if s.level and len(search_section(find_sections(any_text.blocks), s.full_name)) == 1]  # fmt: skip
    if len(sections) < 2:
        return
    moved, target = data.draw(st.permutations(sections))[:2]
    made = revise(any_text, [Change("移す", moved.full_name, target.full_name)], False)
    if made.text is not None:
        assert sorted(printed_lines(made.text.blocks)) == sorted(printed_lines(any_text.blocks))


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_blocks_typed_without_empty_lines_are_read_the_same(any_text: EditionText) -> None:
    written = write_blocks(any_text.blocks)
    if not any_text.blocks:
        assert read_typed_blocks(written)[1]
        return
    blocks, faults = read_typed_blocks(written)
    assert faults == ()
    assert blocks == any_text.blocks


def test_what_changed_is_told_by_section() -> None:
    made = revise(
        text(),
        [
            Change("削る", "第１章　１"),
            Change("移す", "第２章", "第１章", BEFORE),
            Change("新設", target="様式第１号", text="## 様式第２号　別票\n文。"),
        ],
        True,
    )
    assert made.text is not None
    changes = find_section_changes(text(), made.text)
    assert [(change.kind, change.section.name) for change in changes] == [
        ("移動", "第１章"),
        ("番号の変更", "第２章"),
        ("番号の変更", "第２章１"),
        ("新設", "様式第２号"),
        ("削除", "第１章１"),
    ]
    assert find_section_changes(text(), text()) == ()
