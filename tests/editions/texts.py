"""Texts for the property tests: every shape an edition may have, with the characters that do harm."""

from __future__ import annotations

from hypothesis import strategies as st

from pipeline.rules.editions.numbering import Kind, read_number
from pipeline.rules.editions.text import Block, Clause, EditionText, Figure, Heading, Table

_COUNTS = st.integers(1, 30)
_DIGITS = st.sampled_from(["1", "２", "10", "１２", "９"])
_BRANCHES = st.lists(_DIGITS, max_size=2).map(lambda counts: "".join(f"の{count}" for count in counts))
NUMBERS = st.one_of(
    st.builds("第{}{}{}".format, _DIGITS, st.sampled_from("部編章節条"), _BRANCHES),
    st.builds("({}){}".format, _DIGITS, _BRANCHES),
    st.builds("別表第{}{}".format, _DIGITS, _BRANCHES),
    st.builds("様式第{}号{}".format, _DIGITS, _BRANCHES),
    st.builds("第{}号様式".format, _DIGITS),
    _DIGITS,
    st.sampled_from(
        ["ア", "ン", "(ア)", "（イ）", "①", "⑳", "⑴", "附　則", "附則", "別表", "様式", "別記様式"]
    ),
)
# Pieces that look like the notation, like numbers, or are one character for the eye and several for a program.
_PIECES = st.sampled_from(
    ["# ", "- ", "|", "\\", "<br>", "![", "](a)", "> ", "（設置）", "第３条　", "２　", "(1)　", "ア　", "附　則",
     "別表", "　", " ", "会長", "は、", "「協議会」", "令和４年10月１日", "葛\U000e0100城", "𠮷田", "か\u3099", "👨\u200d👩"]
)  # fmt: skip
_LINE = st.lists(st.one_of(_PIECES, st.text(st.characters(exclude_characters="\n"), max_size=3)), max_size=6)
WORDS = _LINE.map(lambda pieces: "".join(pieces).strip()).filter(bool)
_CELL = st.lists(st.one_of(st.just(""), WORDS), max_size=3).map(lambda lines: "\n".join(lines))


def _numbers(*kinds: Kind) -> st.SearchStrategy[str]:
    return NUMBERS.filter(lambda number: (read := read_number(number)) is not None and read.kind in kinds)


_PARAGRAPH_NUMBERS = _numbers(Kind.ARTICLE, Kind.PARAGRAPH)
_ITEM_NUMBERS = _numbers(Kind.PARAGRAPH, Kind.ITEM, Kind.SUBITEM, Kind.SUBSUBITEM, Kind.CIRCLED)
_HEADING_NUMBERS = _numbers(*(kind for kind in Kind if kind is not Kind.ARTICLE))
_CAPTIONS = st.one_of(st.just(""), WORDS.map("（{}）".format))

CLAUSES = st.one_of(
    st.builds(Clause, st.just(""), WORDS), st.builds(Clause, _PARAGRAPH_NUMBERS, WORDS, caption=_CAPTIONS)
)
HEADINGS = st.one_of(
    st.builds(Heading, st.integers(1, 5), st.just(""), WORDS),
    st.builds(Heading, st.integers(1, 5), _HEADING_NUMBERS, st.one_of(st.just(""), WORDS)),
)
ITEMS = st.builds(Clause, st.one_of(st.just(""), _ITEM_NUMBERS), WORDS, st.integers(1, 4))
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.tuples(*[_CELL] * width), min_size=1, max_size=4).map(
        lambda rows: Table(tuple(rows))
    )
)
FIGURES = st.builds(Figure, WORDS, st.sampled_from(["flow", "fig-1.svg", "a_b"]))
BLOCKS = st.one_of(CLAUSES, ITEMS, HEADINGS, TABLES, FIGURES)


def _nested(blocks: list[Block]) -> tuple[Block, ...]:
    """Bring depths into steps of one, as every text has them."""
    made: list[Block] = []
    level = depth = 0
    for block in blocks:
        if isinstance(block, Heading):
            level = min(block.level, level + 1)
            block = Heading(level, block.number, block.title)
        if isinstance(block, Clause) and block.depth:
            block = Clause(block.number, block.words, min(block.depth, depth + 1))
        depth = block.depth if isinstance(block, Clause) else 0
        made.append(block)
    return tuple(made)


TEXTS = st.builds(EditionText, WORDS, st.lists(BLOCKS, max_size=12).map(_nested))
