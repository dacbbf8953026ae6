"""What a sender wrote into a box whose readers must not learn it: pure, before any paper is made.

The grant of a paper keeps whole boxes from it; it cannot keep a child's name out of 「訪問時の注意」. So every text a paper
will print is searched for the names, addresses and private texts of the form that the paper was not granted, and
for the words barred on it. The sender can mend both, so the form is returned, not held (product §4.4, BR21).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipeline.fields import Field, find_field, is_granted, strings_in, to_pointer
from pipeline.model import Problem
from pipeline.spec import PaperSpec

Box = tuple[str, Field, str, str]  # pointer, field, title, text


def check_disclosure(
    root: Field, values: Mapping[str, Any], papers: Iterable[PaperSpec]
) -> tuple[Problem, ...]:
    """Return one problem per box that would tell a reader what is not for them, or say what may not be said."""
    texts = [(to_pointer(steps), *find_field(root, steps), text) for steps, text in strings_in(values)]
    boxes = [
        (pointer, field, title, text) for pointer, field, title, text in texts if field and field.is_free_text
    ]
    found = {
        (problem.code, problem.pointer): problem for paper in papers for problem in _check_paper(paper, boxes)
    }
    return tuple(found.values())


def _identifies(field: Field) -> bool:
    """Whether a box names or locates a person: a name, an address, a number of theirs."""
    return field.is_name or bool(field.schema.get("x-private") and "pattern" in field.schema)


def _check_paper(paper: PaperSpec, boxes: list[Box]) -> Iterator[Problem]:
    granted = [box for box in boxes if is_granted(box[1].path, paper.fields)]
    known = "\n".join(_squeeze(text) for _, field, _, text in granted if _identifies(field))
    unknown = {_squeeze(text) for _, field, _, text in boxes if _identifies(field)}
    secrets = [word for word in unknown if len(word) > 2 and word not in known]
    for pointer, field, title, text in granted:
        squeezed = _squeeze(text)
        if not _identifies(field) and any(word in squeezed for word in secrets):
            yield Problem(
                "DISCLOSED",
                pointer,
                title,
                f"この項目は「{paper.title}」に印字されますが、その読み手に見せない氏名・住所・電話などが書かれています。"
                "消すか、だれのことか分からない言い方に直してください。",
            )
        for word in paper.barred:
            if word in text:
                yield Problem(
                    "BARRED",
                    pointer,
                    title,
                    f"この項目は「{paper.title}」に印字されますが、この書類には「{word}」と書けません。別の言葉に直してください。",
                )


def _squeeze(text: str) -> str:
    return "".join(text.split())
