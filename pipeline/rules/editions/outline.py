"""What encloses what in a text: chapters hold articles, articles hold 項, 項 hold 号; and how a provision is referred to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pipeline.rules.editions.numbering import Kind, read_number
from pipeline.rules.editions.text import MAX_LEVEL, Block, Clause, Heading, kind_of
from pipeline.rules.wareki import digits

ARTICLE_RANK: Final = MAX_LEVEL + 1
PARAGRAPH_RANK: Final = MAX_LEVEL + 2


@dataclass(frozen=True, slots=True, eq=False)
class Provision:
    """A block with all that lies below it: `blocks[start:end]` of its text, its own block first."""

    block: Block
    start: int
    end: int
    parts: tuple[Provision, ...]

    def walk(self) -> Iterator[Provision]:
        """Yield this provision and everything below it, in reading order."""
        yield self
        for part in self.parts:
            yield from part.walk()


def outline(blocks: Sequence[Block]) -> tuple[Provision, ...]:
    """Return the outermost provisions of a text."""
    return tuple(_nest(blocks, 0, len(blocks)))


def _nest(blocks: Sequence[Block], start: int, end: int) -> Iterator[Provision]:
    """The provisions of a stretch; each reaches to the next block that does not lie below it."""
    begins: list[int] = []
    for index in range(start, end):
        if not begins or rank(blocks[index]) <= rank(blocks[begins[-1]]):
            begins.append(index)
    for first, following in pairwise((*begins, end)):
        yield Provision(blocks[first], first, following, tuple(_nest(blocks, first + 1, following)))


def rank(block: Block) -> int:
    """How deep a block lies: headings by level, then 条, then 項 and tables, then 号 and what is below."""
    if isinstance(block, Heading):
        return block.level
    if isinstance(block, Clause):
        return ARTICLE_RANK if is_article(block) else PARAGRAPH_RANK + block.depth
    return PARAGRAPH_RANK


def is_article(block: Block) -> bool:
    """Whether a block opens a 条."""
    return isinstance(block, Clause) and kind_of(block.number) is Kind.ARTICLE


def number_of(block: Block) -> str:
    """The number of a block as printed; tables and figures have none."""
    return block.number if isinstance(block, Heading | Clause) else ""


def place_names(blocks: Sequence[Block]) -> tuple[str, ...]:
    """How each block is referred to: 第３条第２項第１号ア, 附則第２項, 別表, 第２章１(3); "" before the first number.

    An article is named by itself, since its number is one of the whole text. Blocks without a number bear the name of
    what encloses them.
    """
    names = [""] * len(blocks)
    for provision in outline(blocks):
        _name(provision, "", names)
    return tuple(names)


def _name(provision: Provision, above: str, names: list[str]) -> None:
    name = own_name(provision.block, above)
    names[provision.start] = name
    for part in provision.parts:
        _name(part, name + "第１項" if _is_in_first_paragraph(part, provision) else name, names)


def _is_in_first_paragraph(part: Provision, article: Provision) -> bool:
    """Whether an item stands under the unnumbered 第１項 of an article that has other 項 as well."""
    is_item = isinstance(part.block, Clause) and part.block.depth > 0
    return is_item and is_article(article.block) and any(is_paragraph(p.block) for p in article.parts)


def is_paragraph(block: Block) -> bool:
    """Whether a block is a numbered 項 (２　…)."""
    return isinstance(block, Clause) and not block.depth and kind_of(block.number) is Kind.PARAGRAPH


def own_name(block: Block, above: str = "") -> str:
    """How a block is referred to below `above`: 第２項, 第３号, ア."""
    number = number_of(block)
    read = read_number(number)
    if isinstance(block, Heading):
        return above + (number.replace("　", "") or block.title)
    if read is None or not isinstance(block, Clause):
        return above
    if read.kind is Kind.ARTICLE:
        return number
    if read.kind not in (Kind.PARAGRAPH, Kind.ITEM):
        return above + number
    first, *branches = read.ordinals
    kind = Kind.ITEM if block.depth else Kind.PARAGRAPH
    return f"{above}第{digits(first)}{kind}" + "".join(f"の{digits(branch)}" for branch in branches)
