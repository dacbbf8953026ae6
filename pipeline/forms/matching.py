"""Which area of a form that came back is which place of the form as made: by tags, bookmarks, labels and order together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import product
from typing import TypeAlias

from pipeline.forms.printed import Place, Printed, label_of
from pipeline.forms.word_text import Area, StoryText

Matched: TypeAlias = Mapping[Place, Area]


def match_places(printed: Printed, body: StoryText) -> Matched:
    """Return the area of every place that has boxes, where it can be found."""
    boxed = printed.box_places
    areas = [
        area for area in body.areas if area.bookmarks or any(c.tag in printed.controls for c in area.controls)
    ]
    same = len(areas) == len(boxed) and all(
        place.bookmarks == tuple(area.bookmarks) and place.tags == known_tags(area, printed)
        for place, area in zip(boxed, areas, strict=True)
    )
    return dict(zip(boxed, areas, strict=True)) if same else _match_rows(printed, body)


def known_tags(area: Area, printed: Printed) -> tuple[str, ...]:
    """Return the tags of the form's controls that lie in an area."""
    return tuple(control.tag for control in area.controls if control.tag in printed.controls)


def _match_rows(printed: Printed, body: StoryText) -> Matched:
    by_row: dict[int, list[Area]] = defaultdict(list)
    for area in body.areas:
        by_row[area.row].append(area)
    rows = list(by_row.values())
    votes = _votes(printed, rows)
    taken: set[int] = set()
    given: set[int] = set()
    matched: dict[Place, Area] = {}
    for (theirs, ours), _ in sorted(votes.items(), key=lambda item: (-item[1], abs(item[0][0] - item[0][1]))):
        if theirs not in taken and ours not in given:
            taken.add(theirs)
            given.add(ours)
            matched.update(_match_cells(printed.rows[ours], rows[theirs], printed))
    return matched


def _votes(printed: Printed, rows: Sequence[Sequence[Area]]) -> Mapping[tuple[int, int], int]:
    """How much speaks for each pair (row that came back, row as made): tags, bookmarks, labels, order."""
    home: dict[str, int] = {}
    for index, places in enumerate(printed.rows):
        for place in places:
            home.update(dict.fromkeys((*place.tags, *place.bookmarks), index))
    votes: Counter[tuple[int, int]] = Counter()
    for index, areas in enumerate(rows):
        marks = {
            name for area in areas for name in (*known_tags(area, printed), *area.bookmarks) if name in home
        }
        for name in marks:
            votes[index, home[name]] += 2
    ours = [tuple(place.label for place in places if place.label) for places in printed.rows]
    theirs = [
        tuple(word for area in areas if (word := label_of(area.text)) in printed.labels) for areas in rows
    ]
    for kind, a1, a2, b1, b2 in SequenceMatcher(None, theirs, ours, autojunk=False).get_opcodes():
        if kind == "equal" or (kind == "replace" and a2 - a1 == b2 - b1):
            for a, b in zip(range(a1, a2), range(b1, b2), strict=True):
                votes[a, b] += 3 if kind == "equal" else 1
        if kind == "replace":  # an answer may read like another label, an empty line may be gone
            for a, b in product(range(a1, a2), range(b1, b2)):
                votes[a, b] += sum(len(label) > 1 for label in {*theirs[a]} & {*ours[b]})
    return +votes


def _match_cells(
    places: Sequence[Place], areas: Sequence[Area], printed: Printed
) -> Iterator[tuple[Place, Area]]:
    if len(places) == len(areas):
        yield from ((place, area) for place, area in zip(places, areas, strict=True) if place.tags)
        return
    left = list(areas)
    for index, place in enumerate(places):
        area = (
            _find_cell(place, places[index - 1] if index else None, left, areas, printed)
            if place.tags
            else None
        )
        if area is not None:
            left.remove(area)
            yield place, area


def _find_cell(
    place: Place, before: Place | None, left: Sequence[Area], areas: Sequence[Area], printed: Printed
) -> Area | None:
    for area in left:
        if set(place.tags) & set(known_tags(area, printed)) or set(place.bookmarks) & set(area.bookmarks):
            return area
    for at, area in enumerate(areas[:-1]):
        if (
            before is not None
            and before.label
            and label_of(area.text) == before.label
            and areas[at + 1] in left
        ):
            return areas[at + 1]
    return None
