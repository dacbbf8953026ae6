"""No visible word gets lost: what stands in no box must be printed by the form, and as often as the form prints it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from pipeline.forms.printed import Printed, squeeze, text_beside
from pipeline.forms.word_text import Area


class PrintedWords:
    """The words a form prints, used up as they are met: a second 「２」 may be somebody's answer."""

    def __init__(self, printed: Printed) -> None:
        self._printed = printed
        self._left = Counter(printed.body_texts)

    def strange_areas(self, areas: Sequence[Area]) -> Iterator[Area]:
        """Yield the areas of the body with words the form does not print."""
        changed = [area for area in areas if not self._use(area.text)]
        for area in changed:  # only after the untouched ones have found themselves
            if not self._use_lines(_lines(text_beside(area, self._printed.controls)), area):
                yield area

    @property
    def missing(self) -> bool:
        """Whether printed words were not met."""
        return any(count > 0 and squeeze(text) for text, count in self._left.items())

    def _use(self, text: str) -> bool:
        if self._left[text] <= 0:
            return False
        self._left[text] -= 1
        return True

    def _use_lines(self, lines: Collection[str], area: Area) -> bool:
        """Use up the printed texts that hold the lines: a hint was deleted, two cells were merged, spaces changed."""
        used: list[str] = []
        allowed = self._printed.prompts | self._copied_words(area)
        for line in lines:
            if line in allowed or any(line in _lines(text) for text in used):
                continue
            text = next(
                (text for text, left in self._left.items() if left > 0 and line in _lines(text)), None
            )
            if text is None:
                return False
            used.append(text)
        for text in used:
            self._left[text] -= 1
        return True

    def _copied_words(self, area: Area) -> frozenset[str]:
        """What stands beside the controls of a copied box; what they hold is compared with the first of them."""
        copied = any(control.tag in self._printed.controls for control in area.controls)
        return self._printed.box_words if copied else frozenset()


def is_printed_elsewhere(text: str, printed: Printed) -> bool:
    """Whether a header or footer holds only words the form prints; a section may repeat it."""
    return all(line in printed.margin_words for line in _lines(text))


def _lines(text: str) -> Collection[str]:
    return [line for line in map(squeeze, text.split("\n")) if line]
