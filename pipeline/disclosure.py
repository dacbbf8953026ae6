"""What a sender wrote into a box whose readers must not learn it: pure, before any paper is made.

The grant of a paper keeps whole boxes from it; it cannot keep a child's name out of 「訪問時の注意」. So every text a paper
will print is searched for the names, addresses and private texts of the form that the paper was not granted, and
for the words barred on it. The sender can mend both, so the form is returned, not held (product §4.4, BR21).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.fields import Field, find_field, is_granted, strings_in, to_pointer
from pipeline.masks import Mask
from pipeline.model import Problem
from pipeline.spec import PaperSpec


@dataclass(frozen=True, slots=True)
class Box:
    """A filled box of free text. `squeezed` is its text without white space: a name is a name however it is spaced."""

    pointer: str
    title: str
    path: str
    text: str
    squeezed: str
    identifies: bool  # it names or locates a person: a name, an address, a number of theirs


def check_disclosure(
    root: Field, values: Mapping[str, Any], papers: Iterable[tuple[PaperSpec, Mask]]
) -> tuple[Problem, ...]:
    """Return one problem per box that would tell a reader what is not for them, or say what may not be said.

    Each paper comes with what is masked on it: a masked box is not granted.
    """
    boxes = list(_boxes(root, values))
    found = {
        (problem.code, problem.pointer): problem
        for paper, mask in papers
        for problem in _check_paper(paper, mask, boxes)
    }
    return tuple(found.values())


def _boxes(root: Field, values: Mapping[str, Any]) -> Iterator[Box]:
    for steps, text in strings_in(values):
        field, title = find_field(root, steps)
        if field is not None and field.is_free_text:
            identifies = field.is_name or bool(field.schema.get("x-private") and "pattern" in field.schema)
            yield Box(to_pointer(steps), title, field.path, text, "".join(text.split()), identifies)


def _check_paper(paper: PaperSpec, mask: Mask, boxes: list[Box]) -> Iterator[Problem]:
    granted = [box for box in boxes if is_granted(box.path, paper.fields) and box.path not in mask.texts]
    known = "\n".join(box.squeezed for box in granted if box.identifies)
    unknown = {box.squeezed for box in boxes if box.identifies}
    secrets = [word for word in unknown if len(word) > 2 and word not in known]
    for box in granted:
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
