"""Drafts the 改め文 that turns an old regulation into a new one (domain.md §4.4): a draft, for the legal clerk.

First the words of each provision, by the numbers of the old text; then, list by list, what is deleted, renumbered and
added. What cannot be said briefly is written anew (…を次のように改める); what the vocabulary has no words for at all gives no
draft. A draft proves nothing by itself: `amendment.py` has it carried out by an interpreter of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pipeline.rules.editions.acts import (
    Act,
    Inexpressible,
    Verb,
    make_sentences,
    quote_acts,
    shorten_alone,
)
from pipeline.rules.editions.alignment import longest_rise
from pipeline.rules.editions.lists import Member, list_acts
from pipeline.rules.editions.matching import Matched, Parts, match
from pipeline.rules.editions.numbering import Kind, read_number
from pipeline.rules.editions.outline import (
    Provision,
    is_article,
    is_paragraph,
    number_of,
    own_name,
    place_names,
)
from pipeline.rules.editions.quoting import find_quotes, is_quotable
from pipeline.rules.editions.rows import words_of
from pipeline.rules.editions.sentences import Sentence
from pipeline.rules.editions.table_acts import table_acts
from pipeline.rules.editions.text import Block, Clause, EditionText, Heading, Table, kind_of

_CLOSING: Final = (Kind.SUPPLEMENT, Kind.ANNEX, Kind.FORM)  # what follows the 本則
_LEAD: Final = "各号列記以外の部分"


def draft(old: EditionText, new: EditionText, coarse: bool = False) -> tuple[Sentence, ...]:
    """Return the sentences of the 改め文, in the order in which they are carried out.

    `coarse` writes every changed provision of the first order anew instead of quoting its words. Raises Inexpressible.
    """
    matched = match(old.blocks, new.blocks)
    drafter = _Drafter(matched, old.blocks, new.blocks, place_names(old.blocks), coarse)
    title = Sentence("題名を次のように改める。", (Clause("", new.title),))
    return (*([title] if old.title != new.title else ()), *drafter.sentences())


@dataclass(frozen=True, slots=True)
class _Division:
    """A regulation in the lists its 改め文 speaks of; `homes` are the chapters of the articles (第２章第１節)."""

    frame: Parts
    articles: Parts
    homes: dict[int, str]
    supplements: Parts
    annexes: Parts
    forms: Parts


def _divide(tops: Parts) -> _Division:
    body = [(part, home) for top in tops if _kind(top) not in _CLOSING for part, home in _body(top, "")]
    closing = {kind: [top for top in tops if _kind(top) is kind] for kind in _CLOSING}
    return _Division(
        frame=[part for part, _ in body if not is_article(part.block)],
        articles=[part for part, _ in body if is_article(part.block)],
        homes={part.start: home for part, home in body},
        supplements=closing[Kind.SUPPLEMENT],
        annexes=closing[Kind.ANNEX],
        forms=closing[Kind.FORM],
    )


def _body(part: Provision, home: str) -> Iterator[tuple[Provision, str]]:
    """The headings and articles of the 本則, and whatever stands outside articles to its last part."""
    yield part, home
    if not is_article(part.block):
        below = home + (number_of(part.block) or words_of(part.block))
        yield from (found for inner in part.parts for found in _body(inner, below))


def _kind(part: Provision) -> Kind | None:
    return kind_of(number_of(part.block))


@dataclass(frozen=True, slots=True)
class _Drafter:
    matched: Matched
    old: Sequence[Block]
    new: Sequence[Block]
    names: tuple[str, ...]
    coarse: bool

    def sentences(self) -> Iterator[Sentence]:
        """The names of chapters; article by article, then the list of articles; 附則; 別表; 様式."""
        old, new = _divide(self.matched.old), _divide(self.matched.new)
        yield from self._frame(old.frame, new.frame)
        yield from self._listed(old.articles, new.articles, old.homes, new.homes)
        if len(old.supplements) != len(new.supplements):
            raise Inexpressible
        for pair in zip(old.supplements, new.supplements, strict=True):
            yield from make_sentences(self._inner(*pair, self.coarse))
        yield from self._listed(old.annexes, new.annexes, {}, {}, "附則")
        yield from self._listed(old.forms, new.forms, {}, {}, "附則")

    def _frame(self, old: Parts, new: Parts) -> Iterator[Sentence]:
        """Chapters and what stands outside the articles: only the name of a chapter may change."""
        if [_unnamed(part.block) for part in old] != [_unnamed(part.block) for part in new]:
            raise Inexpressible
        for left, right in zip(old, new, strict=True):
            title = words_of(right.block)
            if words_of(left.block) != title:
                kind = _kind(left)
                if kind is None or not is_quotable(title):
                    raise Inexpressible
                yield from make_sentences(
                    [Act(number_of(left.block), f"の{kind}名を「{title}」に", Verb.AMEND)]
                )

    # --- Lists ---

    def _listed(
        self, old: Parts, new: Parts, old_homes: dict[int, str], new_homes: dict[int, str], anchor: str = ""
    ) -> Iterator[Sentence]:
        """A list of the first order: what stays is amended, one after the other; then the list itself."""
        lefts = [self._member(part, self.old, old_homes) for part in old]
        rights = [self._member(part, self.new, new_homes) for part in new]
        stays = [(i, k) for i, k in self._stays(old, new) if lefts[i].home == rights[k].home]
        for i, k in stays:
            yield from make_sentences(self._inner(old[i], new[k], self.coarse))
        yield from make_sentences(list_acts("", lefts, rights, stays, anchor))

    def _list_below(self, address: str, old: Parts, new: Parts) -> Iterator[Act]:
        stays = self._stays(old, new)
        for i, k in stays:
            yield from self._inner(old[i], new[k])
        lefts = [self._member(part, self.old) for part in old]
        rights = [self._member(part, self.new) for part in new]
        yield from shorten_alone(list_acts(address, lefts, rights, stays))

    def _stays(self, old: Parts, new: Parts) -> list[tuple[int, int]]:
        places = {part.start: i for i, part in enumerate(old)}
        counterparts = [self.matched.old_of.get(part.start) for part in new]
        return longest_rise(
            [(places[left.start], k) for k, left in enumerate(counterparts) if left and left.start in places]
        )

    @staticmethod
    def _member(part: Provision, blocks: Sequence[Block], homes: dict[int, str] | None = None) -> Member:
        number = read_number(number_of(part.block))
        if number is None:
            raise Inexpressible
        home = (homes or {}).get(part.start, "")
        return Member(own_name(part.block), number, tuple(blocks[part.start : part.end]), home)

    # --- One provision ---

    def _inner(self, left: Provision, right: Provision, coarse: bool = False) -> Sequence[Act]:
        """The acts that amend one provision, its own number aside."""
        if right.start in self.matched.identical:
            return ()
        try:
            return self._anew(left, right) if coarse else tuple(self._amended(left, right))
        except Inexpressible:
            return self._anew(left, right)

    def _anew(self, left: Provision, right: Provision) -> Sequence[Act]:
        first, *others = self.new[right.start : right.end]
        if not isinstance(first, Heading | Clause):
            raise Inexpressible
        blocks = (replace(first, number=number_of(left.block)), *others)
        return (Act(self.names[left.start], "を次のように", Verb.AMEND, blocks),)

    def _amended(self, left: Provision, right: Provision) -> Iterator[Act]:
        name = self.names[left.start]
        if isinstance(left.block, Clause) and isinstance(right.block, Clause):
            yield from _caption_acts(name, left.block.caption, right.block.caption)
        yield from self._words(left, right)
        old, new = _Below.of(left), _Below.of(right)
        if len(old.others) != len(new.others):
            raise Inexpressible
        for pair in zip(old.others, new.others, strict=True):
            yield from self._other(left, *pair)
        first = name + ("第１項" if is_article(left.block) and old.paragraphs else "")
        yield from self._list_below(first, old.items, new.items)
        yield from self._list_below(name, old.paragraphs, new.paragraphs)

    def _words(self, left: Provision, right: Provision) -> Iterator[Act]:
        """The own words of a provision. Where it holds 号, only the words outside them are meant."""
        old, new = words_of(left.block), words_of(right.block)
        if old == new:
            return
        address, around = self._own_address(left)
        quotes = find_quotes(old, new, around) if old else None
        if quotes is not None:
            yield from quote_acts(address, quotes)
        elif address != self.names[left.start] and isinstance(right.block, Clause):
            yield Act(address, "を次のように", Verb.AMEND, (Clause("", new),))
        else:
            raise Inexpressible

    def _own_address(self, part: Provision) -> tuple[str, str]:
        """How the own words of a provision are named, and all the words that this name covers."""
        below = _Below.of(part)
        name = self.names[part.start]
        if is_article(part.block) and below.paragraphs:
            name += "第１項"
        if below.items and isinstance(part.block, Clause) and part.block.depth == 0:
            return name + _LEAD, words_of(part.block)
        return name, _all_words([part.block, *(b for p in (*below.items, *below.others) for b in _blocks(p))])

    def _other(self, holder: Provision, left: Provision, right: Provision) -> Iterator[Act]:
        """What has no number: the table of a 別表, the only paragraph of a 附則; anything else must not change."""
        if [*_blocks(left)] == [*_blocks(right)]:
            return
        name, around = self.names[holder.start], _all_words(_blocks(holder))
        alone = sum(type(part.block) is type(left.block) for part in holder.parts) == 1
        if not alone or not isinstance(holder.block, Heading) or left.parts or right.parts:
            raise Inexpressible
        if isinstance(left.block, Table) and isinstance(right.block, Table):
            yield from table_acts(name, left.block, right.block, around)
        elif isinstance(left.block, Clause) and (
            quotes := find_quotes(left.block.words, words_of(right.block), around)
        ):
            yield from quote_acts(name, quotes)
        else:
            raise Inexpressible


@dataclass(frozen=True, slots=True)
class _Below:
    """The parts of a provision by what they are: 号, 項, and what has no number."""

    items: Parts
    paragraphs: Parts
    others: Parts

    @classmethod
    def of(cls, part: Provision) -> _Below:
        items = [p for p in part.parts if isinstance(p.block, Clause) and p.block.depth and p.block.number]
        paragraphs = [p for p in part.parts if is_paragraph(p.block)]
        others = [p for p in part.parts if p not in items and p not in paragraphs]
        return cls(items, paragraphs, others)


def _caption_acts(name: str, old: str, new: str) -> Iterator[Act]:
    if not is_quotable(new):
        raise Inexpressible
    if old == new:
        return
    if not new:
        yield Act(name, "の見出しを", Verb.DELETE)
    elif old:
        yield Act(name, f"の見出しを「{new}」に", Verb.AMEND)
    else:
        yield Act(name, f"に見出しとして「{new}」を", Verb.GIVE)


def _unnamed(block: Block) -> Block:
    """A block without the name that may change: a chapter keeps its place and number."""
    return replace(block, title="") if isinstance(block, Heading) else block


def _blocks(part: Provision) -> Iterator[Block]:
    return (inner.block for inner in part.walk())


def _all_words(blocks: Iterable[Block]) -> str:
    """The words of blocks as a sentence may quote them, line by line, numbers and captions aside."""
    return "\n".join(
        cell
        for block in blocks
        for cell in (
            [c for row in block.rows for c in row] if isinstance(block, Table) else [words_of(block)]
        )
    )
