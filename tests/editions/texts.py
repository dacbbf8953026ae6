"""Texts for the property tests: every shape an edition may have, with the characters that do harm."""

from __future__ import annotations

from hypothesis import strategies as st

from pipeline.rules.editions.numbering import Kind, read_number
from pipeline.rules.editions.text import Block, Clause, EditionText, Figure, Heading, Table

_DIGITS = ("1", "２", "10", "１２", "９")
_BRANCHES = ("", *(f"の{count}" for count in _DIGITS), "の２の10", "の10の１２")
NUMBERS = st.sampled_from(
    [
        *(f"第{n}{unit}{branch}" for unit in "部編章節条" for n in _DIGITS for branch in _BRANCHES),
        *(shape.format(n, branch) for shape in ("({}){}", "別表第{}{}", "様式第{}号{}") for n in _DIGITS for branch in _BRANCHES),
        *(f"第{n}号様式" for n in _DIGITS),
        *_DIGITS,
        *("ア", "ン", "(ア)", "（イ）", "①", "⑳", "⑴", "附　則", "附則", "別表", "様式", "別記様式"),
    ]
)  # fmt: skip
# Pieces that look like the notation, like numbers, or are one character for the eye and several for a program.
_PIECES = st.sampled_from(
    ["# ", "- ", "|", "\\", "<br>", "![", "](a)", "> ", "（設置）", "第３条　", "２　", "(1)　", "ア　", "附　則",
     "別表", "　", " ", "会長", "は、", "「協議会」", "令和４年10月１日", "葛\U000e0100城", "𠮷田", "か\u3099", "👨\u200d👩"]
)  # fmt: skip
_LINE = st.lists(st.one_of(_PIECES, st.text(st.characters(exclude_characters="\n"), max_size=3)), max_size=6)
WORDS = _LINE.map(lambda pieces: "".join(pieces).strip() or "会長")
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

# --- Japanese sentences -------------------------------------------------------------------------------------------

PHRASES = (
    *("協議会", "会長", "こども家庭課長", "支援する", "行うことができる", "関係機関", "ヘルパー", "児童", "定める"),
    *("は、", "が", "を", "に", "の", "及び", "又は", "により、", "で", "。", "から", "まで", "ものとする"),
    *("令和４年10月１日", "令和５年６月１日（木）", "10月１日", "第３条", "第25条の２第１項", "１回２時間", "７か所", "7,871千円"),
    *("「協議会」", "『支援』", "（電話）", "（昭和22年法律第164号。以下「法」という。）", "0246-27-8563"),
    *("葛\U000e0100城", "辻\U000e0101", "𠮷田", "か\u3099", "は\u309a", "👨\u200d👩\u200d👧", "🇯🇵", "é", "e\u0301"),
)  # fmt: skip
SENTENCES = st.lists(
    st.one_of(st.sampled_from(PHRASES), st.text(st.characters(exclude_characters="\n"), max_size=2)),
    max_size=14,
).map("".join)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, str]:
    """A sentence before and after a few edits."""
    pieces = draw(st.lists(st.sampled_from(PHRASES), min_size=1, max_size=14))
    changed = list(pieces)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(changed)))
        changed[at : at + draw(st.integers(0, 2))] = draw(st.lists(st.sampled_from(PHRASES), max_size=2))
    return "".join(pieces), "".join(changed)


# --- Two editions -------------------------------------------------------------------------------------------------


@st.composite
def revised(draw: st.DrawFn) -> tuple[EditionText, EditionText]:
    """A text and what became of it: blocks changed, renumbered, added, taken out and moved."""
    text = draw(TEXTS)
    blocks = list(text.blocks)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(blocks)))
        act = draw(st.sampled_from(["add", "delete", "move", "change"]))
        if act == "add":
            blocks[at:at] = draw(st.lists(BLOCKS, min_size=1, max_size=2))
        elif act == "delete":
            del blocks[at : at + draw(st.integers(1, 2))]
        elif blocks and act == "move":
            taken = [blocks.pop(min(at, len(blocks) - 1))]
            blocks[(to := draw(st.integers(0, len(blocks)))) : to] = taken
        elif blocks:
            blocks[min(at, len(blocks) - 1)] = draw(BLOCKS)
    return text, EditionText(draw(st.sampled_from([text.title, f"{text.title}改"])), _nested(blocks))
