"""The sender's own Word form, given back with a comment at each box that needs a hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pipeline.forms.comments import CannotAnnotate, Mark, annotate
from pipeline.forms.layout import FRAME_BOXES, Box, FormShape, make_layout, rows_of_tags
from pipeline.model import Level, Problem


def mark_word_form(
    data: bytes, shape: FormShape, problems: Sequence[Problem], when: datetime
) -> bytes | None:
    """Return a copy of a Word form with its problems as comments; None where it is too damaged to mark."""
    errors = [problem for problem in problems if problem.level is Level.ERROR]
    tags = [_tag_of(problem.pointer) for problem in errors]
    boxes = {**FRAME_BOXES, **make_layout(shape, rows_of_tags(tags)).boxes()}
    marks = [_mark(problem, tag, boxes) for problem, tag in zip(errors, tags, strict=True) if tag]
    general = [f"{problem.title}：{problem.message}" for problem in errors if not problem.pointer]
    summary = "\n".join([f"直していただきたいところが{len(errors)}か所あります。", *general])
    try:
        return annotate(data, marks, summary, when)
    except CannotAnnotate:
        return None


def _tag_of(pointer: str) -> str:
    """`/children/0/name` as the tag `children[0].name`."""
    tag = ""
    for step in pointer.split("/")[1:]:
        tag += f"[{step}]" if step.isdigit() else f".{step}" if tag else step
    return tag


def _mark(problem: Problem, tag: str, boxes: Mapping[str, Box]) -> Mark:
    text = f"{problem.title}\n{problem.message}"
    box = boxes.get(tag)
    return Mark(tag, box.bookmark if box else "", box.label if box else problem.title, text)
