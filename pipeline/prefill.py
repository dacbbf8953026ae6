"""What is already known of a form of a case, from the forms accepted before it. Pure.

The step that emitted the form says it best ([[next]] of spec.toml). Where no step did, the parts that last are taken over:
names, births, addresses (`x-lasting` in schemas/common), where both forms have the same shared part in the same place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from pipeline.fields import Field
from pipeline.plan import next_values
from pipeline.spec import FormSpec
from pipeline.validate import FormSchema


@dataclass(frozen=True, slots=True)
class Earlier:
    """A form accepted before: the bundle it made, its values, and the numbers of its case as papers print them."""

    bundle_id: str
    spec: FormSpec
    schema: FormSchema
    values: Mapping[str, Any]
    case: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """What a form can be prefilled with, and the bundles that told it."""

    values: Mapping[str, Any]
    sources: tuple[str, ...] = ()


def prefill(form: str, root: Field, earlier: Sequence[Earlier]) -> Known:
    """Return what is known of a form. `earlier` are the accepted forms of its case, the latest first."""
    for one in earlier:
        met = one.schema.met(one.values)
        for step in one.spec.next:
            if step.form == form and step.when in met:
                return Known(next_values(step, one.values, one.case), (one.bundle_id,))
    found = {member.key: _from_latest(member, earlier) for member in root.members}
    told = {key: known for key, known in found.items() if known is not None}
    sources = dict.fromkeys(bundle_id for bundle_id, _ in told.values())
    return Known({key: value for key, (_, value) in told.items()}, tuple(sorted(sources)))


def _from_latest(member: Field, earlier: Sequence[Earlier]) -> tuple[str, Any] | None:
    """A part comes from one form alone: a name of one and an address of another might be two persons."""
    for one in earlier:
        shared = _shared(member, one.schema.root.by_key.get(member.key), one.values.get(member.key))
        if shared is not _NOTHING:
            return one.bundle_id, shared
    return None


class _Nothing:
    """The mark of a part that two forms do not share."""


_NOTHING: Final = _Nothing()


def _shared(target: Field, source: Field | None, value: Any) -> Any:
    if source is None or value is None or target.kind != source.kind:
        return _NOTHING
    if target.ref and target.ref == source.ref and target.schema.get("x-lasting"):
        return deepcopy(value)
    if target.kind == "object":
        inner = {
            member.key: _shared(member, source.by_key.get(member.key), value.get(member.key))
            for member in target.members
        }
        kept = {key: part for key, part in inner.items() if part is not _NOTHING}
        return kept or _NOTHING
    if target.kind == "array":
        rows = [_shared(target.members[0], source.members[0], item) for item in value]
        fits = len(rows) <= int(target.schema.get("maxItems", len(rows)))
        return rows if rows and fits and _NOTHING not in rows else _NOTHING
    return _NOTHING


def fit(field: Field, value: Any, path: str = "") -> tuple[Any, tuple[str, ...]]:
    """Return what of an accepted value still has its box in the form of today, and the paths of what has none."""
    if field.kind == "object" and isinstance(value, Mapping):
        return _fit_members(field, value, path)
    if field.kind == "array" and isinstance(value, list):
        most = int(field.schema.get("maxItems", len(value)))
        fitted = [fit(field.members[0], item, f"{path}[]") for item in value[:most]]
        lost = (path,) if len(value) > most else ()
        kept = [item for item, paths in fitted if f"{path}[]" not in paths]
        return kept, (*lost, *dict.fromkeys(inner for _, paths in fitted for inner in paths))
    is_choice = "enum" not in field.schema or value in field.schema["enum"]
    is_fitting = is_choice and field.kind not in ("object", "array")
    return (value, ()) if is_fitting else (None, (path,))


def _fit_members(field: Field, value: Mapping[str, Any], path: str) -> tuple[Any, tuple[str, ...]]:
    kept: dict[str, Any] = {}
    lost: list[str] = []
    for key, part in value.items():
        inner = f"{path}.{key}" if path else key
        if key not in field.by_key:
            lost.append(inner)
            continue
        fitted, paths = fit(field.by_key[key], part, inner)
        lost += paths
        if fitted is not None:
            kept[key] = fitted
    return kept, tuple(lost)
