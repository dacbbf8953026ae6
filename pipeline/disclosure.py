"""What a sender wrote into a box whose readers must not learn it: pure, before any paper is made.

The grant of a paper keeps whole boxes from it; it cannot keep a child's name out of 「訪問時の注意」. So every text a paper
will print is searched for the names, addresses and private texts of the form that the paper was not granted, and
for the words barred on it. The sender can mend both, so the form is returned, not held (product §4.4, BR21).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pipeline.fields import EACH, Field, Steps, find_field, grants, is_granted, strings_in, to_pointer
from pipeline.masks import Mask
from pipeline.model import Problem
from pipeline.spec import PaperSpec


@dataclass(frozen=True, slots=True)
class Box:
    """A filled box of free text. `squeezed` is its text without white space: a name is a name however it is spaced."""

    steps: Steps
    title: str
    path: str
    text: str
    squeezed: str
    identifies: bool  # it names or locates a person: a name, an address, a number of theirs

    @property
    def pointer(self) -> str:
        """Where it stands on the form (RFC 6901)."""
        return to_pointer(self.steps)


class Sight(NamedTuple):
    """A paper that will be made, what is masked on it, and the list for each of whose elements it is made."""

    paper: PaperSpec
    mask: Mask
    each: str | None = None


def check_disclosure(root: Field, values: Mapping[str, Any], papers: Iterable[Sight]) -> tuple[Problem, ...]:
    """Return one problem per box that would tell a reader what is not for them, or say what may not be said.

    A masked box is not granted, nor is an element of a list to the paper of another.
    """
    boxes = list(_boxes(root, values))
    found = {
        (problem.code, problem.pointer): problem for sight in papers for problem in _check_paper(sight, boxes)
    }
    return tuple(found.values())


def _boxes(root: Field, values: Mapping[str, Any]) -> Iterator[Box]:
    for steps, text in strings_in(values):
        field, title = find_field(root, steps)
        if field is not None and field.is_free_text:
            identifies = field.is_name or bool(field.schema.get("x-private") and "pattern" in field.schema)
            yield Box(steps, title, field.path, text, "".join(text.split()), identifies)


def _check_paper(sight: Sight, boxes: list[Box]) -> Iterator[Problem]:
    paper = sight.paper
    unmasked = [box for box in boxes if box.path not in sight.mask.texts]
    common = [box for box in unmasked if is_granted(box.path, paper.fields)]
    unknown = {box.squeezed for box in boxes if box.identifies and len(box.squeezed) > 2}
    secrets: set[str] = set()
    for own in _owned(sight, unmasked) if sight.each else [[]]:
        known = "\n".join(box.squeezed for box in (*common, *own) if box.identifies)
        hidden = {word for word in unknown if word not in known}
        yield from _told(paper, own, hidden)
        secrets |= hidden
    yield from _told(paper, common, secrets)


def _owned(sight: Sight, boxes: list[Box]) -> Iterable[list[Box]]:
    """The boxes each element of a list grants to its own paper, element by element."""
    steps = (sight.each or "").split(".")
    own = grants([path for path in sight.paper.fields if path.split(".")[0] == EACH], sight.each)
    elements: dict[int, list[Box]] = {}
    for box in boxes:
        if list(box.steps[: len(steps)]) == steps:
            mine = elements.setdefault(int(box.steps[len(steps)]), [])
            mine.extend([box] if is_granted(box.path, own) else [])
    return elements.values()


def _told(paper: PaperSpec, boxes: list[Box], secrets: set[str]) -> Iterator[Problem]:
    for box in boxes:
        if not box.identifies and any(word in box.squeezed for word in secrets):
            yield Problem(
                "DISCLOSED",
                box.pointer,
                box.title,
                f"この項目は「{paper.title}」に印字されますが、その読み手に見せない氏名・住所・電話などが書かれています。"
                "消すか、だれのことか分からない言い方に直してください。",
            )
        for word in paper.barred:
            if word in box.text:
                yield Problem(
                    "BARRED",
                    box.pointer,
                    box.title,
                    f"この項目は「{paper.title}」に印字されますが、この書類には「{word}」と書けません。別の言葉に直してください。",
                )
