"""The 新旧対照表 of two texts: aligned provisions, what to underline in both columns, （新設）（削る）（略） (domain.md §4.3).

Every printed line of both texts is stood for exactly once, in its own order, by a cell of its column: shown, or cut to
（略）. That is proved for every table before anything is printed (`rows.ensure_conserved`).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, TypeAlias

from pipeline.rules.editions.alignment import longest_rise
from pipeline.rules.editions.matching import Matched, Parts, match
from pipeline.rules.editions.numbering import joint
from pipeline.rules.editions.outline import ARTICLE_RANK, Provision, number_of, place_names, rank
from pipeline.rules.editions.phrases import Spans, compare_words, join_spans, plain, underline
from pipeline.rules.editions.rows import (
    BLANK,
    Cell,
    Row,
    Shape,
    bullet_of,
    ensure_conserved,
    first_lines,
    lines_of,
    words_of,
)
from pipeline.rules.editions.tables import compare_tables
from pipeline.rules.editions.text import Block, Clause, EditionText, Figure, Heading, Table, kind_of
from pipeline.rules.editions.words import RevisionWords

EMPTIED: Final = "削除"  # an article that keeps its number and has no words any more
_Pair: TypeAlias = tuple[Provision, Provision]


def compare(old: EditionText, new: EditionText, words: RevisionWords) -> tuple[Row, ...]:
    """Return the rows of the table, a changed title first; none where nothing changed. Raises NotConserved."""
    if old == new:
        return ()
    matched = match(old.blocks, new.blocks)
    names = place_names(new.blocks)
    writer = _Writer(matched, words, names, first_lines(old.blocks), first_lines(new.blocks))
    rows = tuple(writer.parts(matched.old, matched.new, copied=False))
    ensure_conserved(rows, old.blocks, new.blocks)
    return (*_title_row(old.title, new.title), *rows)


def _title_row(old: str, new: str) -> tuple[Row, ...]:
    if old == new:
        return ()
    left, right = compare_words(old, new)
    return (Row(_note(right), _note(left), opens=True),)


def _note(words: str | Spans) -> Cell:
    """A cell that stands for no line of the text."""
    return Cell(Shape.LINE, (plain(words) if isinstance(words, str) else words,))


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the rows of two matched texts. The lines of block n are `old_lines[n]` to `old_lines[n + 1]`."""

    matched: Matched
    words: RevisionWords
    new_names: tuple[str, ...]
    old_lines: tuple[int, ...]
    new_lines: tuple[int, ...]

    def parts(self, old: Parts, new: Parts, copied: bool) -> Iterator[Row]:
        """The rows of the parts of a matched pair; what did not change is cut together."""
        waiting: list[_Pair] = []
        olds, news = _unwrap(old, self.matched.new_of), _unwrap(new, self.matched.old_of)
        for left, right in self._aligned(list(olds), list(news)):
            if left and right and right.start in self.matched.identical:
                waiting.append((left, right))
                continue
            yield from self._cut(waiting, copied)
            waiting = []
            if left and right:
                yield from self._pair(left, right, copied)
            elif right:
                yield from self._entering(right, self.words.added)
            elif left:
                yield from self._leaving(left, self.words.deleted, copied)
        yield from self._cut(waiting, copied)

    def _aligned(self, old: Parts, new: Parts) -> Iterator[tuple[Provision | None, Provision | None]]:
        """The pairs that kept their order; between two of them first what left, then what came."""
        places = {part.start: i for i, part in enumerate(old)}
        counterparts = [self.matched.old_of.get(right.start) for right in new]
        pairs = [
            (places[left.start], k) for k, left in enumerate(counterparts) if left and left.start in places
        ]
        i = k = 0
        for stays_old, stays_new in longest_rise(pairs):
            yield from ((part, None) for part in old[i:stays_old])
            yield from ((None, part) for part in new[k:stays_new])
            yield old[stays_old], new[stays_new]
            i, k = stays_old + 1, stays_new + 1
        yield from ((part, None) for part in old[i:])
        yield from ((None, part) for part in new[k:])

    def _pair(self, left: Provision, right: Provision, copied: bool) -> Iterator[Row]:
        """A changed pair: its own words, then its parts."""
        old, new = self.old_lines[left.start], self.new_lines[right.start]
        if isinstance(left.block, Table) and isinstance(right.block, Table):
            rows = self._table_rows(left.block, right.block, old, new)
        elif EMPTIED in (words_of(left.block), words_of(right.block)):
            rows = _replaced_rows(left.block, right.block, old, new)
        else:
            rows = _line_rows(left.block, right.block, old, new, self.words.omitted)
        yield from _opened(right, (_copied(row, copied) for row in rows))
        yield from self.parts(left.parts, right.parts, copied)

    def _table_rows(self, left: Table, right: Table, old: int, new: int) -> Iterator[Row]:
        for old_row, new_row in compare_tables(left.rows, right.rows):
            old_cell = Cell(Shape.ROW, old_row, 0, old, old + 1) if old_row else _note(self.words.added)
            new_cell = Cell(Shape.ROW, new_row, 0, new, new + 1) if new_row else _note(self.words.deleted)
            yield Row(new_cell, old_cell)
            old, new = old + bool(old_row), new + bool(new_row)

    def _entering(self, right: Provision, note: str) -> Iterator[Row]:
        """What stands here only in the new text: moved from elsewhere, or added."""
        left = self.matched.old_of.get(right.start)
        if left is None:
            cells = _whole(right.block, self.new_lines[right.start])
            yield from _opened(right, (Row(cell, other) for cell, other in _noted(cells, note)))
            for part in right.parts:
                yield from self._entering(part, "")
        elif right.start not in self.matched.identical:
            yield from self._pair(left, right, copied=True)
        elif number_of(right.block):
            row = self._cut_together([(left, right)], moved=True)
            yield from _opened(right, [_copied(row, True)])
        else:
            yield from _opened(right, (_copied(row, True) for row in self._side_by_side(left, right)))

    def _leaving(self, left: Provision, note: str, copied: bool) -> Iterator[Row]:
        """What stands here only in the old text: moved elsewhere, or deleted."""
        right = self.matched.new_of.get(left.start)
        if right is not None:
            moved = _note(self.words.moved.format(place=self.new_names[right.start]))
            row = Row(moved, self._cut_cell([left], self.old_lines, changed=False))
            yield from _opened(left, [_copied(row, copied)])
            return
        cells = _whole(left.block, self.old_lines[left.start])
        rows = (_copied(Row(other, cell), copied) for cell, other in _noted(cells, note))
        yield from _opened(left, rows)
        for part in left.parts:
            yield from self._leaving(part, "", copied)

    def _side_by_side(self, left: Provision, right: Provision) -> Iterator[Row]:
        """Both in full and underlined: a moved provision that has no number to show that it moved."""
        olds = [cell for part in left.walk() for cell in _whole(part.block, self.old_lines[part.start])]
        news = [cell for part in right.walk() for cell in _whole(part.block, self.new_lines[part.start])]
        return (Row(new, old) for old, new in zip(olds, news, strict=True))

    # --- （略） ---

    def _cut(self, pairs: Sequence[_Pair], copied: bool) -> Iterator[Row]:
        for _, group in groupby(pairs, key=_cut_key):
            together = list(group)
            row = self._cut_together(together, moved=False)
            yield from _opened(together[0][1], [_copied(row, copied)])

    def _cut_together(self, pairs: Sequence[_Pair], moved: bool) -> Row:
        olds, news = [left for left, _ in pairs], [right for _, right in pairs]
        changed = moved or number_of(olds[0].block) != number_of(news[0].block)
        return Row(
            self._cut_cell(news, self.new_lines, changed), self._cut_cell(olds, self.old_lines, changed)
        )

    def _cut_cell(self, parts: Parts, lines: tuple[int, ...], changed: bool) -> Cell:
        """第１条～第３条　（略）; a heading alone keeps its title."""
        first, last = parts[0].block, parts[-1].block
        numbers = number_of(first)
        if numbers and len(parts) > 1:
            numbers += f"{self.words.range_mark}{number_of(last)}"
        title = words_of(first) if isinstance(first, Heading) and len(parts) == 1 else ""
        label = join_spans(_underlined(numbers, changed), plain(joint(numbers, title) + title))
        text = join_spans(label, plain(("　" if label else "") + self.words.omitted))
        return Cell(
            Shape.LINE, (text,), _depth(first), lines[parts[0].start], lines[parts[-1].end], is_cut=True
        )


def _unwrap(parts: Parts, counterparts: Container[int]) -> Iterator[Provision]:
    """A heading put before (or taken from) provisions that stand in both texts does not move them: it stands alone."""
    for part in parts:
        holds_known = any(inner.start in counterparts for inner in part.walk())
        if isinstance(part.block, Heading) and part.start not in counterparts and holds_known:
            yield Provision(part.block, part.start, part.start + 1, ())
            yield from _unwrap(part.parts, counterparts)
        else:
            yield part


def _cut_key(pair: _Pair) -> object:
    """Neighbours one （略） may stand for: numbers of one kind, all kept or all changed. A heading without number is alone."""
    left, right = pair[0].block, pair[1].block
    alone = right if isinstance(right, Heading) and not right.number else None
    return kind_of(number_of(right)), number_of(left) == number_of(right), isinstance(right, Heading), alone


# --- Rows and cells -----------------------------------------------------------------------------------------------


def _line_rows(left: Block, right: Block, old: int, new: int, omitted: str) -> Iterator[Row]:
    """The caption and the line of a pair; unchanged words of a clause are cut, a heading is needed to find one's way."""
    captions = [block.caption if isinstance(block, Clause) else "" for block in (left, right)]
    if any(captions):
        old_caption, new_caption = compare_words(*captions)
        yield Row(_caption(new_caption, new), _caption(old_caption, old))
    is_cut = isinstance(left, Clause) and words_of(left) == words_of(right)
    old_words, new_words = (plain(omitted), plain(omitted)) if is_cut else _compare_blocks(left, right)
    changed = number_of(left) != number_of(right)
    yield Row(
        _line(right, _underlined(number_of(right), changed), new_words, new + bool(captions[1]), is_cut),
        _line(left, _underlined(number_of(left), changed), old_words, old + bool(captions[0]), is_cut),
    )


def _replaced_rows(left: Block, right: Block, old: int, new: int) -> Iterator[Row]:
    """第５条　削除 takes the place of the whole article (domain.md §4.3): everything is underlined, number included."""
    olds, news = [*_whole(left, old)], [*_whole(right, new)]
    longest = max(len(olds), len(news))
    for cells in (olds, news):
        cells[:0] = [BLANK] * (longest - len(cells))
    return (Row(*pair) for pair in zip(news, olds, strict=True))


def _compare_blocks(left: Block, right: Block) -> tuple[Spans, Spans]:
    if isinstance(right, Figure) and words_of(left) == right.caption:  # another picture under the same name
        return underline(right.caption), underline(right.caption)
    return compare_words(words_of(left), words_of(right))


def _caption(words: Spans, line: int) -> Cell:
    return Cell(Shape.CAPTION, (words,), 1, line, line + 1) if words else BLANK


def _line(block: Block, number: Spans, words: Spans, line: int, is_cut: bool) -> Cell:
    between = "　" if number and is_cut else bullet_of(block) + joint(number_of(block), words_of(block))
    return Cell(
        Shape.LINE, (join_spans(number, plain(between), words),), _depth(block), line, line + 1, is_cut
    )


def _whole(block: Block, line: int) -> Iterator[Cell]:
    """A block as new or deleted: all of it underlined."""
    for at, (shape, texts) in enumerate(lines_of(block), start=line):
        depth = 1 if shape is Shape.CAPTION else _depth(block)
        yield Cell(shape, tuple(map(underline, texts)), depth, at, at + 1)


def _noted(cells: Iterable[Cell], note: str) -> Iterator[tuple[Cell, Cell]]:
    """Cells of one side, each with the other side: a note beside the first, then nothing."""
    for cell in cells:
        yield cell, _note(note) if note else BLANK
        note = ""


def _opened(provision: Provision, rows: Iterable[Row]) -> Iterator[Row]:
    """Mark the first row of an article or a headed section."""
    opens = rank(provision.block) <= ARTICLE_RANK
    for row in rows:
        yield replace(row, opens=opens)
        opens = False


def _copied(row: Row, is_copy: bool) -> Row:
    return replace(row, old=replace(row.old, is_copy=is_copy))


def _underlined(number: str, changed: bool) -> Spans:
    return underline(number) if changed else plain(number)


def _depth(block: Block) -> int:
    return block.depth if isinstance(block, Clause) else 0
