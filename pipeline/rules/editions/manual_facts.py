"""What the papers of a revision of the manual print (facts of its ruling; domain.md §4.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.rules.editions.comparison import compare
from pipeline.rules.editions.differences import SectionChange, find_section_changes
from pipeline.rules.editions.history import ManualEdition
from pipeline.rules.editions.printing import print_rows, texts_of
from pipeline.rules.editions.words import RevisionWords
from pipeline.rules.wareki import parse_iso, to_wareki

Fact = Mapping[str, Any]


def manual_facts(values: Mapping[str, Any], editions: Sequence[ManualEdition], words: RevisionWords) -> Fact:
    """Return every fact of the newest edition beside the one before it.

    `edition` and `previous` are editions as they are printed; `…_texts` the words that must stand on a paper.
    """
    old, new = editions[-2], editions[-1]
    heads = (words.new_head, words.old_head) if words.new_is_left else (words.old_head, words.new_head)
    rows = print_rows(compare(old.text, new.text, words), words)
    changes = find_section_changes(old.text, new.text)
    return {
        "table_title": f"{new.text.title}　新旧対照表",
        "opening_lines": [
            {"name": "改訂の趣旨", "text": values["reason"]},
            {"name": "適用日", "text": to_wareki(parse_iso(new.applies_on))},
        ],
        "left_head": heads[0],
        "right_head": heads[1],
        "legend": words.legend,
        "rows": rows,
        "row_texts": texts_of(rows),
        "title": new.text.title,
        "label": new.label,
        "old_label": old.label,
        "points": [_print_point(point) for point in new.points],
        "section_changes": [_print_change(change) for change in changes],
        "history": [_print_edition(edition) for edition in editions],
    }


def _print_point(point: Any) -> Fact:
    return {"place": point.place, "act": point.act, "summary": point.summary, "reason": point.reason}


def _print_change(change: SectionChange) -> Fact:
    """A changed section: its name in each edition; nothing where it does not stand."""
    return {
        "kind": change.kind,
        "old": change.old.full_name if change.old else None,
        "new": change.new.full_name if change.new else None,
    }


def _print_edition(edition: ManualEdition) -> Fact:
    return {
        "label": edition.label,
        "issued_on": to_wareki(parse_iso(edition.issued_on)),
        "applies_on": to_wareki(parse_iso(edition.applies_on)),
        "places": "、".join(dict.fromkeys(point.place for point in edition.points)) or "全文",
        "summary": edition.reason,
        "approved_by": edition.approved_by,
    }
