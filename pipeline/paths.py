"""Values by path: found, set, cut to the shape of a form. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.fields import Field


def dig(value: Any, steps: Sequence[str]) -> Any:
    """The value at a path; `children[].name` gives the list of names."""
    if not steps or value is None:
        return value
    step, rest = steps[0], steps[1:]
    inner = value.get(step.removesuffix("[]")) if isinstance(value, Mapping) else None
    if step.endswith("[]"):
        return None if inner is None else [dig(item, rest) for item in inner]
    return dig(inner, rest)


def put(values: dict[str, Any], steps: Sequence[str], value: Any) -> None:
    """Set the value at a path, making groups and rows on the way; a list path sets one row per item."""
    step, rest = steps[0], steps[1:]
    key = step.removesuffix("[]")
    if not rest:
        values[key] = value
    elif not step.endswith("[]"):
        put(values.setdefault(key, {}), rest, value)
    else:
        rows = values.setdefault(key, [])
        rows.extend({} for _ in range(len(value) - len(rows)))
        for row, item in zip(rows, value, strict=True):
            put(row, rest, item)


def shape_to(field: Field, value: Any) -> Any:
    """Return `value` cut to a field's own members and completed with None: a blank form a person can fill."""
    if field.kind == "object":
        given = value if isinstance(value, Mapping) else {}
        return {member.key: shape_to(member, given.get(member.key)) for member in field.members}
    if field.kind == "array":
        items = value if isinstance(value, list) else []
        return [shape_to(field.members[0], item) for item in items]
    return value
