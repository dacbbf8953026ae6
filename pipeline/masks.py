"""配慮事項 (domain.md §1.3): what a household asked to be kept from some readers, and what is printed in its place. Pure.

A form carries the marks in its list `confidentiality`; office/confidentiality.toml says what each mark hides from whom.
No template knows of it: a masked paper is given other values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

GROUP = "confidentiality"


@dataclass(frozen=True, slots=True)
class Mask:
    """What one reader does not learn: field path → the text printed instead, None for nothing."""

    texts: Mapping[str, str | None] = field(default_factory=dict)

    def over(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return `values` with everything masked replaced; what is absent stays absent."""
        for path, text in self.texts.items():
            values = _replaced(values, path.split("."), text)
        return values

    def out_of(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return `values` without what is masked: for a form to be filled on, where no sentence may stand in a box."""
        return Mask(dict.fromkeys(self.texts)).over(values)

    def hidden(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """The texts of `values` this mask takes away: nothing its reader gets may contain them."""
        found = (_at(values, path.split(".")) for path in self.texts)
        return tuple(text for text in found if isinstance(text, str) and text)


NO_MASK = Mask()


def mask_for(audience: str, values: Mapping[str, Any], office: Mapping[str, Any]) -> Mask:
    """Return what a form's marks keep from a reader."""
    texts: dict[str, str | None] = {}
    for record in _marked(values, office):
        if audience in record["audiences"]:
            texts |= dict.fromkeys(record["hides"]) | dict.fromkeys(record["replaces"], record["text"])
    return Mask(texts) if texts else NO_MASK


def considerations(values: Mapping[str, Any], office: Mapping[str, Any]) -> list[str]:
    """Return the notes a form's marks put on every check sheet."""
    return [record["note"] for record in _marked(values, office) if record["note"]]


def _marked(values: Mapping[str, Any], office: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    records = office.get(GROUP, {})
    return (records[mark] for mark in values.get(GROUP) or () if mark in records)


def _replaced(values: Mapping[str, Any], steps: list[str], text: str | None) -> Mapping[str, Any]:
    inner = values.get(steps[0])
    if inner is None:
        return values
    if len(steps) == 1:
        return {**values, steps[0]: text}
    return {**values, steps[0]: _replaced(inner, steps[1:], text)} if isinstance(inner, Mapping) else values


def _at(values: Any, steps: list[str]) -> Any:
    for step in steps:
        values = values.get(step) if isinstance(values, Mapping) else None
    return values
