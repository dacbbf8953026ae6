"""The text while it is being amended, and how an address finds a provision in it (`applying.py`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from pipeline.rules.editions.numbering import Kind, Number, read_number
from pipeline.rules.editions.outline import Provision, outline
from pipeline.rules.editions.text import Block, Clause, EditionText, Heading, Table
from pipeline.rules.wareki import digits


class CannotApply(ValueError):
    """A sentence that cannot be carried out; says why to an engineer, and quotes nothing."""


@dataclass(eq=False)
class Node:
    """A provision that can be changed in its place."""

    block: Block
    parts: list[Node]

    @property
    def number(self) -> Number | None:
        """Its number at this moment."""
        return read_number(self.block.number) if isinstance(self.block, Clause | Heading) else None

    @property
    def is_article(self) -> bool:
        """Whether it is a 条, whose 第１項 bears no number."""
        return isinstance(self.block, Clause) and self.number is not None and self.number.kind is Kind.ARTICLE

    @property
    def is_item(self) -> bool:
        """Whether it stands in a list below a 項."""
        return isinstance(self.block, Clause) and self.block.depth > 0

    def walk(self) -> Iterator[Node]:
        """Yield it and everything below it."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def table(self) -> Node:
        """The only table below it."""
        return only([node for node in self.walk() if isinstance(node.block, Table)], "table")


def only(found: list[Node], what: str) -> Node:
    """Return the one thing found. Raises CannotApply where there is none, or more."""
    if len(found) != 1:
        raise CannotApply(f"{len(found)} of {what}")
    return found[0]


def to_nodes(blocks: Iterable[Block]) -> list[Node]:
    """Return blocks as provisions that can be changed."""
    return [_node(top) for top in outline(tuple(blocks))]


def _node(provision: Provision) -> Node:
    return Node(provision.block, [_node(part) for part in provision.parts])


@dataclass
class WorkText:
    """A text being amended."""

    title: str
    tops: list[Node]

    @classmethod
    def of(cls, text: EditionText) -> WorkText:
        """Lay out a text for amending."""
        return cls(text.title, to_nodes(text.blocks))

    def text(self) -> EditionText:
        """Return the text as it is at this moment."""
        return EditionText(self.title, tuple(node.block for node in self.walk()))

    def walk(self) -> Iterator[Node]:
        """Yield every provision in order."""
        for top in self.tops:
            yield from top.walk()

    def siblings_of(self, node: Node) -> list[Node]:
        """The list a provision stands in, to be changed."""
        for parts in (self.tops, *(other.parts for other in self.walk())):
            if any(part is node for part in parts):
                return parts
        raise CannotApply("a provision that is gone")

    def peers_of(self, node: Node) -> list[Node]:
        """All that are numbered together with a provision: the articles of the whole text, else its neighbours."""
        number = node.number
        parts = self.walk() if node.is_article else iter(self.siblings_of(node))
        return [part for part in parts if number and part.number and part.number.kind is number.kind]


# --- Addresses ----------------------------------------------------------------------------------------------------

_D: Final = "[0-9０-９]+"
_BRANCHES: Final = f"(?:の{_D})*"
_TOP: Final = (
    f"(?:第{_D}[条章節編部]{_BRANCHES}|附則|別表(?:第{_D}{_BRANCHES})?|同[条項表]"
    f"|(?:別記)?様式(?:第{_D}号{_BRANCHES})?|第{_D}号様式{_BRANCHES})"
)
_STEP: Final = f"(?:第{_D}[章節項号]{_BRANCHES}|[ア-ン]|\\([ア-ン]\\)|[①-⑳])"
_LEAD: Final = "各号列記以外の部分"
ADDRESS: Final = f"(?:{_TOP}{_STEP}*|{_STEP}+)(?:{_LEAD})?"
_PARTS: Final = re.compile(f"({_TOP})?({_STEP}*)({_LEAD})?")
_COUNTS: Final = re.compile(_D)
_COUNTED: Final = re.compile(f"第{_D}([項号]){_BRANCHES}")
_KINDS: Final = {"項": Kind.PARAGRAPH, "号": Kind.ITEM}


@dataclass(frozen=True)
class Place:
    """What an address names: a provision; only its 第１項; only its words outside the 号; or a row of its table."""

    node: Node
    first: bool = False
    lead: bool = False
    row: int | None = None


def split_address(address: str) -> tuple[str, tuple[Number, ...], bool]:
    """Return the outermost part as written (or ""), the numbers below it, and whether only the lead is meant."""
    match = _PARTS.fullmatch(address)
    if match is None:
        raise CannotApply("an address that cannot be read")
    return match[1] or "", tuple(map(number_in, re.findall(_STEP, match[2]))), bool(match[3])


def number_in(step: str) -> Number:
    """Read one step of an address: 第３条, 第２項, 第３号の２, ア, 附則."""
    counted = _COUNTED.fullmatch(step)
    if counted is not None:
        return Number(_KINDS[counted[1]], tuple(map(int, _COUNTS.findall(step))))
    number = read_number(step)
    if number is None:
        raise CannotApply("a number that cannot be read")
    return number


def print_like(number: Number, printed: str) -> str:
    """Print a number the way `printed` is: (3) beside (2), ⑶ beside ⑵, （３） beside （２）, 第４条 beside 第３条."""
    if not _COUNTS.search(printed):
        return chr(ord("⑴") + number.ordinals[0] - 1)
    counts = iter(number.ordinals)
    if number.kind is Kind.ITEM:
        first = str(next(counts)) if "(" in printed else _full_width(next(counts))
        return printed[0] + first + printed[-1] + "".join(f"の{digits(branch)}" for branch in counts)
    return _COUNTS.sub(lambda _: digits(next(counts)), printed)


def _full_width(count: int) -> str:
    return "".join(chr(ord(digit) + 0xFEE0) for digit in str(count))


def find_below(place: Place, number: Number) -> Place:
    """Find the provision of a number directly below a place. Raises CannotApply."""
    node = place.node
    if number.kind is Kind.PARAGRAPH and node.is_article and number.ordinals == (1,):
        return Place(node, first=True)
    if number.kind is Kind.ITEM and node.is_article and not place.first and _has_paragraphs(node):
        raise CannotApply("a 号 of an article that has several 項")
    return Place(only([part for part in node.parts if part.number == number], "number below"))


def _has_paragraphs(node: Node) -> bool:
    return any(part.number and part.number.kind is Kind.PARAGRAPH and not part.is_item for part in node.parts)


def renumber(node: Node, number: str) -> None:
    """Give a provision another number, as printed."""
    if not isinstance(node.block, Clause | Heading):
        raise CannotApply("a number for what has none")
    node.block = replace(node.block, number=number)
