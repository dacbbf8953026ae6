"""Regulations and their revisions for the property tests of 改め文: written without numbers, numbered when they are laid out."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from pipeline.rules.editions.text import Block, Clause, EditionText, Heading, Table
from pipeline.rules.wareki import digits
from tests.editions.texts import PHRASES

KANA = "アイウエオカキクケコ"
WORDS = (
    *PHRASES,
    "協議会の事務",
    "必要な事項",
    "「（特例）」",
    "学校、病院",
    "「語」の次に",
    "第１条中",
    "に改める。",
    "の項",
)


@dataclass(frozen=True)
class Unit:
    """An article, a 項, a 号 or an ア, with those of the next order below it."""

    words: str
    caption: str = ""
    items: tuple[Unit, ...] = ()
    paragraphs: tuple[Unit, ...] = ()


@dataclass(frozen=True)
class Regulation:
    title: str
    articles: tuple[Unit, ...]
    annexes: tuple[tuple[tuple[str, str], ...], ...] = ()
    chapters: tuple[str, ...] = ()  # names; the articles are dealt out to them in order
    supplement: tuple[Unit, ...] = field(default=(Unit("この要綱は、令和４年４月１日から施行する。"),))

    def text(self) -> EditionText:
        return EditionText(self.title, tuple(_blocks(self)))


def _blocks(regulation: Regulation) -> list[Block]:
    blocks: list[Block] = []
    share = len(regulation.articles) // max(len(regulation.chapters), 1)
    for n, article in enumerate(regulation.articles, 1):
        chapter, first = divmod(n - 1, max(share, 1))
        if first == 0 and chapter < len(regulation.chapters):
            blocks.append(Heading(1, f"第{digits(chapter + 1)}章", regulation.chapters[chapter]))
        blocks += _unit(article, f"第{digits(n)}条", 0)
    blocks.append(Heading(1, "附　則", ""))
    if len(regulation.supplement) == 1:
        blocks += _unit(regulation.supplement[0], "", 0)
    else:
        for n, unit in enumerate(regulation.supplement, 1):
            blocks += _unit(unit, digits(n), 0)
    for n, rows in enumerate(regulation.annexes, 1):
        number = f"別表第{digits(n)}" if len(regulation.annexes) > 1 else "別表"
        blocks += [Heading(1, number, "（第１条関係）"), Table((("分野", "機関"), *rows))]
    return blocks


def _unit(unit: Unit, number: str, depth: int) -> list[Block]:
    blocks: list[Block] = [Clause(number, unit.words, depth, unit.caption)]
    for n, item in enumerate(unit.items, 1):
        blocks += _unit(item, f"({n})" if depth == 0 else KANA[n - 1], depth + 1)
    for n, paragraph in enumerate(unit.paragraphs, 2):
        blocks += _unit(paragraph, digits(n), 0)
    return blocks


# --- Strategies ---------------------------------------------------------------------------------------------------

SENTENCE = st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map("".join)
SUBITEM = st.builds(Unit, SENTENCE)
ITEM = st.builds(Unit, SENTENCE, items=st.lists(SUBITEM, max_size=2).map(tuple))
PARAGRAPH = st.builds(Unit, SENTENCE, items=st.lists(ITEM, max_size=3).map(tuple))
CAPTION = st.sampled_from(["", "（設置）", "（組織）", "（会議）"])
ARTICLE = st.builds(
    Unit, SENTENCE, CAPTION, st.lists(ITEM, max_size=3).map(tuple), st.lists(PARAGRAPH, max_size=3).map(tuple)
)
ROW = st.tuples(st.sampled_from(["教育", "医療", "高齢", "障がい", "警察", "地域"]), SENTENCE)
ANNEX = st.lists(ROW, max_size=4, unique_by=lambda row: row[0]).map(tuple)
REGULATIONS = st.builds(
    Regulation,
    st.just("見本協議会設置要綱"),
    st.lists(ARTICLE, min_size=1, max_size=5).map(tuple),
    st.lists(ANNEX, max_size=2).map(tuple),
    st.sampled_from([(), (), ("総則", "会議")]),
)


@st.composite
def amended(draw: st.DrawFn) -> tuple[EditionText, EditionText]:
    """A regulation before and after a few amendments of every kind, at every depth."""
    old = draw(REGULATIONS)
    new = old
    chance = draw(st.randoms(use_true_random=False))
    for _ in range(draw(st.integers(1, 4))):
        new = replace(new, articles=_edit_list(draw, chance, new.articles, ARTICLE))
    if draw(st.booleans()):
        new = replace(new, title="見本地域協議会設置要綱")
    if new.chapters and draw(st.booleans()):
        new = replace(new, chapters=("総則", draw(st.sampled_from(["会議等", "「会議」"]))))
    if draw(st.booleans()):
        new = replace(
            new, supplement=_edit_list(draw, chance, new.supplement, st.builds(Unit, SENTENCE), fixed=True)
        )
    if new.annexes and draw(st.booleans()):
        at = chance.randrange(len(new.annexes))
        edited = draw(ANNEX) if draw(st.booleans()) else _edit_rows(draw, chance, new.annexes[at])
        new = replace(new, annexes=(*new.annexes[:at], edited, *new.annexes[at + 1 :]))
    return old.text(), new.text()


def _edit_list(
    draw: st.DrawFn,
    chance: random.Random,
    units: tuple[Unit, ...],
    strategy: st.SearchStrategy[Unit],
    fixed: bool = False,
) -> tuple[Unit, ...]:
    at = chance.randrange(len(units) + 1)
    act = draw(
        st.sampled_from(["change"] if fixed else ["add", "delete", "change", "change", "change", "move"])
    )
    if act == "add" or not units:
        return (*units[:at], draw(strategy), *units[at:])
    at = min(at, len(units) - 1)
    rest = (*units[:at], *units[at + 1 :])
    if act == "delete" and rest:
        return rest
    if act == "move":
        to = chance.randrange(len(units))
        return (*rest[:to], units[at], *rest[to:])
    return (*units[:at], _edit_unit(draw, chance, units[at]), *units[at + 1 :])


def _edit_unit(draw: st.DrawFn, chance: random.Random, unit: Unit) -> Unit:
    act = draw(st.sampled_from(["words", "words", "caption", "items", "paragraphs"]))
    if act == "items":
        return replace(unit, items=_edit_list(draw, chance, unit.items, SUBITEM))
    if act == "paragraphs" and unit.paragraphs:
        return replace(unit, paragraphs=_edit_list(draw, chance, unit.paragraphs, PARAGRAPH))
    if act == "caption" and unit.caption:
        return replace(unit, caption="（会長及び副会長）")
    pieces = draw(st.lists(st.sampled_from(WORDS), max_size=2))
    at = chance.randrange(len(unit.words) + 1)
    return replace(
        unit,
        words=(unit.words[:at] + "".join(pieces) + unit.words[at + chance.randrange(3) :]).strip() or "削る",
    )


def _edit_rows(
    draw: st.DrawFn, chance: random.Random, rows: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    at = chance.randrange(len(rows) + 1)
    act = draw(st.sampled_from(["add", "delete", "change", "rename"]))
    if act == "add" or at == len(rows):
        return (*rows[:at], ("生活困窮", draw(SENTENCE)), *rows[at:])
    changed = {"change": [(rows[at][0], draw(SENTENCE))], "rename": [("人権", rows[at][1])]}.get(act, [])
    return (*rows[:at], *changed, *rows[at + 1 :])
