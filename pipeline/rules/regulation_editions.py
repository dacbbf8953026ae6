"""The editions of regulations (要綱など): what each accepted amendment made of one, and whether they follow from each other.

Nothing is kept but the amendments. An edition is what people use after it: the new text with its own 附則 (溶け込み,
domain.md §4.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipeline.model import Event
from pipeline.rules.editions.numbering import Kind
from pipeline.rules.editions.outline import place_names
from pipeline.rules.editions.pasted import read_regulation
from pipeline.rules.editions.text import Block, EditionText, Heading, kind_of
from pipeline.rules.regulation import consolidate
from pipeline.rules.wareki import digits

FORM = "regulation_amendment"
BEFORE = 0  # the number of the text as it stood before the first amendment


@dataclass(frozen=True, slots=True)
class RegulationEdition:
    """One edition: its number (0 before the first amendment), whole text, days (ISO), and the bundle that made it.

    `began_as` is the text its amendment set out from, which should be the edition before.
    """

    number: int
    text: EditionText
    began_as: EditionText
    decided_on: str | None = None
    effective_on: str | None = None
    bundle_id: str = ""

    @property
    def label(self) -> str:
        """改正前, ２回目の改正."""
        return f"{digits(self.number)}回目の改正" if self.number else "初めて受け付けた改正の前"


Editions = tuple[RegulationEdition, ...]


def find_regulations(events: Iterable[Event]) -> tuple[Editions, ...]:
    """Return the editions of every regulation, oldest first. `events` are those of all forms, oldest first.

    An amendment belongs to the regulation whose latest title it sets out from; so a title may change.
    """
    found: list[list[RegulationEdition]] = []
    for event in events:
        if event.form != FORM:
            continue
        old, new = (read_regulation(event.values[key])[0] for key in ("old_text", "new_text"))
        if old is None or new is None:
            continue  # read by the rules of its day, which allowed more
        of_it = next((one for one in found if one[-1].text.title == old.title), None)
        if of_it is None:
            of_it = [RegulationEdition(BEFORE, old, old)]
            found.append(of_it)
        values = event.values
        of_it.append(
            RegulationEdition(
                of_it[-1].number + 1,
                consolidate(values, new),
                old,
                values.get("doc_date"),
                values["effective_on"],
                event.bundle_id,
            )
        )
    return tuple(tuple(editions) for editions in found)


def check_chain(editions: Sequence[RegulationEdition]) -> Iterator[tuple[RegulationEdition, tuple[str, ...]]]:
    """Yield every edition whose amendment did not set out from the edition before, and the places that differ."""
    for before, edition in pairwise(editions):
        dated = before.number == BEFORE or before.decided_on is not None
        expected, began = (_without_days(text, dated) for text in (before.text, edition.began_as))
        if expected != began:
            yield edition, _places(expected, began)


def _without_days(text: EditionText, dated: bool) -> EditionText:
    """A text whose 附則 say nothing of their days, where the last one had none yet: the office wrote it in later."""
    return text if dated else replace(text, blocks=tuple(_without_day(block) for block in text.blocks))


def _without_day(block: Block) -> Block:
    is_supplement = isinstance(block, Heading) and kind_of(block.number) is Kind.SUPPLEMENT
    return replace(block, title="") if is_supplement and isinstance(block, Heading) else block


def _places(one: EditionText, other: EditionText) -> tuple[str, ...]:
    """Where two texts differ, as people refer to it; the title and what stands before every number by those words."""
    differing = ["題名"] if one.title != other.title else []
    for text, against in ((one, other), (other, one)):
        known = set(against.blocks)
        names = place_names(text.blocks)
        differing += [names[at] or "前文" for at, block in enumerate(text.blocks) if block not in known]
    return tuple(dict.fromkeys(differing)) or ("条・項・号の順序",)
