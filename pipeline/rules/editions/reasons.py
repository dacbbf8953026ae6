"""The optional third column of a 新旧対照表: why a provision was changed, beside the first row that shows the change (domain.md §4.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.rules.editions.outline import Provision, is_article, is_paragraph, outline, place_names
from pipeline.rules.editions.rows import Cell, Row, first_lines, has_changed
from pipeline.rules.editions.sections import Section, find_sections, search_section
from pipeline.rules.editions.text import Block, Clause, EditionText, Heading


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a stretch was changed: its printed lines in the new text, or (`is_old`) in the old one, where it was taken out."""

    text: str
    lines: range
    is_old: bool = False


def place_reasons(rows: Sequence[Row], reasons: Iterable[Reason]) -> tuple[str, ...]:
    """Return what the third column says beside each row; several reasons of one row stand below each other."""
    beside: list[list[str]] = [[] for _ in rows]
    for reason in reasons:
        beside[_row_of(rows, reason)].append(reason.text)
    return tuple("\n".join(dict.fromkeys(texts)) for texts in beside)


def _row_of(rows: Sequence[Row], reason: Reason) -> int:
    """The first row of the stretch in which something changed, else its first row: a reason is never left out."""
    standing = [at for at, row in enumerate(rows) if _stands_in(row, reason)]
    changed = [at for at in standing if has_changed(rows[at])]
    return (changed or standing or [0])[0]


def _stands_in(row: Row, reason: Reason) -> bool:
    cell: Cell = row.old if reason.is_old else row.new
    is_other = reason.is_old and cell.is_copy
    return not is_other and cell.start < reason.lines.stop and cell.end > reason.lines.start


def find_reasons(
    old: EditionText, new: EditionText, told: Iterable[tuple[str, str, bool]]
) -> Iterator[Reason]:
    """Yield the reasons told, each as (place, reason, whether the place was taken out): 第４章５, 第３条第２項, 別表.

    A place that names nothing, or more than one, is told with its name beside the first change of all.
    """
    texts = {is_old: (text, find_places(text.blocks)) for is_old, text in ((False, new), (True, old))}
    for place, reason, was_taken_out in told:
        for is_old in (was_taken_out, not was_taken_out):
            text, places = texts[is_old]
            found = search_section(places, place)
            if len(found) == 1:
                lines = first_lines(text.blocks)
                yield Reason(reason, range(lines[found[0].start], lines[found[0].end]), is_old)
                break
        else:
            yield Reason(f"{place}：{reason}", range(first_lines(new.blocks)[-1]))


def find_places(blocks: Sequence[Block]) -> tuple[Section, ...]:
    """Return every stretch a person may name, once each: sections by their headings, provisions by their numbers."""
    names = place_names(blocks)
    sections = find_sections(blocks)
    provisions = [part for top in outline(blocks) for part in top.walk() if isinstance(part.block, Clause)]
    numbered = (place for part in provisions for place in _numbered(part, names[part.start]))
    found: dict[str, Section] = {}
    for section in (*sections, *numbered):
        found.setdefault(section.name, section)
    headed = {section.start for section in sections if section.level}
    return tuple(s for s in found.values() if s.start in headed or not isinstance(blocks[s.start], Heading))


def _numbered(part: Provision, name: str) -> Iterator[Section]:
    block = part.block
    if not isinstance(block, Clause) or not block.number:
        return
    yield Section(name, block.caption.strip("（）"), 0, part.start, part.end)
    if is_article(block):
        following = (inner.start for inner in part.parts if is_paragraph(inner.block))
        yield Section(f"{name}第１項", "", 0, part.start, next(following, part.end))
