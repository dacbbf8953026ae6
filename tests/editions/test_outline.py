from __future__ import annotations

from hypothesis import given

from pipeline.rules.editions.notation import read_text
from pipeline.rules.editions.outline import Provision, outline, place_names, rank
from pipeline.rules.editions.text import EditionText
from tests.editions.texts import TEXTS

SOURCE = """# 題名

前文

## 第１章　総則

（設置）
第１条　置く。

- (1)　号
  - ア　細分
- (2)の２　号

第25条の２　一項

- (1)　号

２　二項

- (1)　号

| 表 |
|---|

## はじめに

### １　気づく

文

- (1)　手がかり

#### (2)　学校で

- 行頭だけ

## 附　則

（施行期日）
１　施行する。

２　経過

## 別表第１（第３条関係）

| 表 |
|---|
"""


def shape(provisions: tuple[Provision, ...]) -> list[object]:
    return [[p.start, p.end, shape(p.parts)] if p.parts else p.start for p in provisions]


def blocks() -> EditionText:
    text, faults = read_text(SOURCE)
    assert text is not None, faults
    return text


def test_what_encloses_what() -> None:
    assert shape(outline(blocks().blocks)) == [
        0,
        [1, 11, [[2, 6, [[3, 5, [4]], 5]], [6, 11, [7, [8, 10, [9]], 10]]]],
        [11, 17, [[12, 17, [[13, 15, [14]], [15, 17, [16]]]]]],
        [17, 20, [18, 19]],
        [20, 22, [21]],
    ]


def test_names_of_places() -> None:
    assert place_names(blocks().blocks) == (
        "",
        "第１章",
        "第１条",
        "第１条第１号",
        "第１条第１号ア",
        "第１条第２号の２",
        "第25条の２",
        "第25条の２第１項第１号",
        "第25条の２第２項",
        "第25条の２第２項第１号",
        "第25条の２",
        "はじめに",
        "はじめに１",
        "はじめに１",
        "はじめに１第１号",
        "はじめに１(2)",
        "はじめに１(2)",
        "附則",
        "附則第１項",
        "附則第２項",
        "別表第１",
        "別表第１",
    )


@given(TEXTS)
def test_every_block_stands_once_in_its_order(text: EditionText) -> None:
    walked = [part for provision in outline(text.blocks) for part in provision.walk()]
    assert [part.start for part in walked] == list(range(len(text.blocks)))
    assert all(part.block is text.blocks[part.start] for part in walked)
    assert all(
        rank(inner.block) > rank(part.block) and part.start < inner.start < inner.end <= part.end
        for part in walked
        for inner in part.parts
    )
