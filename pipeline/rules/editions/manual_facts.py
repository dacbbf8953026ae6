"""What the papers of a revision of the manual print (facts of its ruling; domain.md §4.2).

Editions as they are printed: `print_edition`. Everything beside the text itself: `manual_facts`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from pipeline.rules.editions.comparison import compare
from pipeline.rules.editions.differences import SectionChange, find_section_changes
from pipeline.rules.editions.history import ManualEdition, Point
from pipeline.rules.editions.marked import DELETED, INSERTED, KEPT, MarkedLine, MarkedSpan, mark_up
from pipeline.rules.editions.printing import MAX_COLUMNS, print_blocks, print_rows, texts_of
from pipeline.rules.editions.reasons import Reason, find_reasons, place_reasons
from pipeline.rules.editions.revision import DELETE
from pipeline.rules.editions.rows import Row, Shape, first_lines, has_changed
from pipeline.rules.editions.text import Block, Clause, EditionText, Heading
from pipeline.rules.editions.words import RevisionWords
from pipeline.rules.wareki import parse_iso, to_wareki

CONTENTS_LEVELS: Final = 2  # 章 and 節 stand in the 目次
_BAR: Final = "　｜　"

Fact = Mapping[str, Any]
Values = Mapping[str, Any]


def manual_facts(values: Values, editions: Sequence[ManualEdition], words: RevisionWords) -> Fact:
    """Return every fact of the newest edition beside the one before it.

    `edition` and `previous`: see `print_edition`. `marked`: both as one text for reviewers. `…_texts` are the words that
    must stand on a paper. `draft` says that the letters have no number yet.
    """
    old, new = editions[-2], editions[-1]
    table = compare(old.text, new.text, words)
    reasons = place_reasons(table, _reasons(old, new)) if words.reason_head else ()
    rows = print_rows(table, words, reasons)
    changes = find_section_changes(old.text, new.text)
    heads = (words.new_head, words.old_head) if words.new_is_left else (words.old_head, words.new_head)
    marked = _print_marked(mark_up(old.text, new.text, table))
    return {
        "edition": print_edition(editions, _changed_lines(table)),
        "previous": print_edition(editions[:-1], frozenset()),
        "table_title": f"{new.text.title}　新旧対照表",
        "opening_lines": [
            {"name": "改訂の趣旨", "text": values["reason"]},
            {"name": "適用日", "text": to_wareki(parse_iso(new.applies_on))},
        ],
        "left_head": heads[0],
        "right_head": heads[1],
        "reason_head": words.reason_head if any(reasons) else "",
        "legend": words.legend,
        "rows": rows,
        "row_texts": texts_of(rows),
        "points": [_print_point(point) for point in new.points],
        "section_changes": [_print_change(change) for change in changes],
        "marked": marked,
        "marked_texts": list(dict.fromkeys(_words_of(marked))),
        "old_copies": values.get("old_copies") or "差し替える",
        "copies": sum(addressee["copies"] for addressee in values["addressees"]),
        "draft": not (values.get("numbers") and values.get("doc_date")),
    }


def _reasons(old: ManualEdition, new: ManualEdition) -> Iterator[Reason]:
    told = ((point.place, point.reason, point.act == DELETE) for point in new.points)
    return find_reasons(old.text, new.text, told)


# --- An edition ---------------------------------------------------------------------------------------------------


def print_edition(editions: Sequence[ManualEdition], changed: Collection[int]) -> Fact:
    """Return the last edition as it is printed: title, labels, days, `history`, `contents` and `lines`.

    A line as `print_blocks` makes it, with `anchor` (of a heading, else empty) and `mark` (whether it changed).
    """
    edition = editions[-1]
    lines = _print_text(edition.text, changed)
    return {
        "title": edition.text.title,
        "label": edition.label,
        "dated_label": edition.dated_label,
        "issued_on": to_wareki(parse_iso(edition.issued_on)),
        "applies_on": to_wareki(parse_iso(edition.applies_on)),
        "history": [row for one in editions for row in _print_in_history(one)],
        "contents": [line for line in lines if line["anchor"] and line["depth"] < CONTENTS_LEVELS],
        "lines": lines,
        "texts": texts_of([{"text": edition.text.title}, *print_blocks(edition.text.blocks)]),
    }


def _print_text(text: EditionText, changed: Collection[int]) -> list[Fact]:
    firsts = first_lines(text.blocks)
    return [
        {**line, "depth": _depth(block, line["depth"]), "anchor": _anchor(block, place), "mark": mark}
        for place, block in enumerate(text.blocks)
        for mark in [any(at in changed for at in range(firsts[place], firsts[place + 1]))]
        for line in print_blocks([block])
    ]


def _depth(block: Block, printed: int) -> int:
    return block.level - 1 if isinstance(block, Heading) else printed


def _anchor(block: Block, place: int) -> str:
    return f"s{place}" if isinstance(block, Heading) else ""


def _changed_lines(rows: Sequence[Row]) -> frozenset[int]:
    """The printed lines of the new text in which something changed, be it only that words were taken out."""
    return frozenset(
        line
        for row in rows
        if not row.new.is_cut and has_changed(row)
        for line in range(row.new.start, row.new.end)
    )


def _print_in_history(edition: ManualEdition) -> Iterator[Fact]:
    """The 改訂履歴 of one edition, a row for each place: 版, 年月日, 改訂箇所, 主な内容, 承認者 (domain.md §4.2, M02).

    The first of them `opens`; what is the same in all stands there. Pages stand in the 差替え一覧, made from the PDFs.
    """
    told = [(point.place, point.summary) for point in edition.points] or [("全文（策定）", edition.reason)]
    for index, (place, summary) in enumerate(told):
        yield {
            "opens": index == 0,
            "label": edition.label,
            "issued_on": to_wareki(parse_iso(edition.issued_on)),
            "applies_on": to_wareki(parse_iso(edition.applies_on)),
            "place": place,
            "summary": summary,
            "approved_by": edition.approved_by,
        }


# --- What changed -------------------------------------------------------------------------------------------------


def _print_point(point: Point) -> Fact:
    return {"place": point.place, "act": point.act, "summary": point.summary, "reason": point.reason}


def _print_change(change: SectionChange) -> Fact:
    """A changed section: its name in each edition; ― where it does not stand."""
    return {
        "kind": change.kind,
        "old": change.old.full_name if change.old else "―",
        "new": change.new.full_name if change.new else "―",
    }


def marked_sides(old: EditionText, new: EditionText, words: RevisionWords) -> list[Fact]:
    """Return every line that is not the same in both texts: what the old one says there and what the new one does."""
    lines = mark_up(old, new, compare(old, new, words))
    changed = [line for line in lines if any(span.kind != KEPT for cell in line.cells for span in cell)]
    return [{"old": _side(line, INSERTED), "new": _side(line, DELETED)} for line in changed]


def _side(line: MarkedLine, left_out: str) -> str | None:
    """The words of one text in a line; None where it does not stand there."""
    if {span.kind for cell in line.cells for span in cell} <= {left_out}:
        return None
    return _BAR.join("".join(s.text for s in cell if s.kind != left_out) for cell in line.cells)


# --- Both editions as one -----------------------------------------------------------------------------------------


def _print_marked(lines: Sequence[MarkedLine]) -> list[Fact]:
    """Return the marked text as lines with `spans`, and tables with `rows` of `cells` of spans. A span: text, kind."""
    return [
        fact
        for (is_row, _), group in groupby(lines, key=_table_key)
        for fact in (_print_table(list(group)) if is_row else map(_print_line, group))
    ]


def _words_of(marked: Sequence[Fact]) -> Iterator[str]:
    for line in marked:
        cells = [line["spans"], *(cell for row in line["rows"] for cell in row["cells"])]
        yield from (span["text"] for cell in cells for span in cell if span["text"])


def _table_key(line: MarkedLine) -> tuple[bool, int]:
    """Rows of one width that follow each other, old and new ones, are printed as one table."""
    return line.shape is Shape.ROW, len(line.cells)


def _print_table(rows: Sequence[MarkedLine]) -> Iterator[Fact]:
    width = len(rows[0].cells)
    if width > MAX_COLUMNS:
        yield from (_print_line(row) for row in rows)
        return
    cells = [{"cells": [_print_spans(cell) for cell in row.cells]} for row in rows]
    yield {"style": "table", "depth": 0, "columns": width, "spans": [], "rows": cells}


def _print_line(line: MarkedLine) -> Fact:
    bars = [part for cell in line.cells for part in ((MarkedSpan(_BAR, KEPT),), cell)][1:]
    spans = [span for part in bars for span in part]
    style, depth = _look(line)
    return {"style": style, "depth": depth, "columns": 0, "spans": _print_spans(spans), "rows": []}


def _print_spans(spans: Sequence[MarkedSpan]) -> list[Fact]:
    return [{"text": span.text, "kind": span.kind} for span in spans]


def _look(line: MarkedLine) -> tuple[str, int]:
    block = line.block
    if line.shape is Shape.CAPTION:
        return "caption", 0
    if isinstance(block, Heading):
        return "heading", block.level - 1
    if isinstance(block, Clause):
        style = "body" if block.number or block.depth else "plain"
        return style, block.depth
    return ("body", 0) if line.shape is Shape.ROW else ("figure", 0)
