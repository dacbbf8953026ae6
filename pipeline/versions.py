"""What changed from an earlier version of a form to the present one, and values of the earlier carried over. Pure.

    history = {1: root, 2: root, 3: root of today}      schemas/earlier/<form>-v<N>.schema.json and the form itself
    changes_since(history, 1)      what versions 2 and 3 brought, in the order of the form
    carry_over(values, history, 1) the values as a form of today would hold them, and the boxes that are no more
    explained(problem, changes)    the problem, with what a version did to its box

A key never changes its meaning: what is renamed is its title. A box under another key is a new box, and the old one is
gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from pipeline import wording
from pipeline.fields import Field, Schema, Steps, find_field, path_of, to_pointer
from pipeline.model import Problem

History = Mapping[int, Field]


@dataclass(frozen=True, slots=True)
class Change:
    """What a version did to a box or group: `kind` is ADDED, DROPPED, RENAMED, REQUIRED, CHOICES or KIND."""

    version: int
    kind: str
    path: str
    title: str
    before: str = ""  # the title it had

    @property
    def sentence(self) -> str:
        """Return what happened, for the list of all changes."""
        return wording.CHANGES[self.kind].format(title=self.title, before=self.before)


def changes_since(history: History, version: int) -> tuple[Change, ...]:
    """Return what the versions after `version` brought. A group that is new is named once, not box by box."""
    later = sorted(number for number in history if number >= version)
    return tuple(
        change for old, new in pairwise(later) for change in _compare(new, history[old], history[new], ())
    )


def _compare(version: int, old: Field, new: Field, above: tuple[str, ...]) -> Iterator[Change]:
    titles = (*above, new.title) if new.path and new.title else above
    title = "／".join(titles) or new.title
    if old.title != new.title:
        yield Change(version, "RENAMED", new.path, title, old.title)
    if (old.kind, old.schema.get("format")) != (new.kind, new.schema.get("format")):
        yield Change(version, "KIND", new.path, title)
        return
    if old.schema.get("enum") != new.schema.get("enum"):
        yield Change(version, "CHOICES", new.path, title)
    if new.required and not old.required:
        yield Change(version, "REQUIRED", new.path, title)
    for member in new.members:
        if member.key in old.by_key:
            yield from _compare(version, old.by_key[member.key], member, titles)
        else:
            yield Change(version, "ADDED", member.path, "／".join((*titles, member.title)))
    for member in old.members:
        if member.key not in new.by_key:
            yield Change(version, "DROPPED", member.path, "／".join((*titles, member.title)))


# --- Values -------------------------------------------------------------------------------------------------------


def carry_over(
    values: Mapping[str, Any], history: History, version: int
) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """Return the values without the boxes that are no more, and a warning for each of these that was filled in.

    What neither version knows stays, for the schema to speak of.
    """
    old, new = history[version], history[max(history)]
    gone: list[Steps] = []
    carried = _carry(values, old, new, (), gone)
    dropped = [change for change in changes_since(history, version) if change.kind == "DROPPED"]
    return carried, tuple(_dropped(old, steps, dropped) for steps in gone)


def _carry(value: Any, old: Field, new: Field, steps: Steps, gone: list[Steps]) -> Any:
    if isinstance(value, list) and "[]" in old.by_key and "[]" in new.by_key:
        below = old.by_key["[]"], new.by_key["[]"]
        return [_carry(item, *below, (*steps, index), gone) for index, item in enumerate(value)]
    if not isinstance(value, Mapping):
        return value
    kept: dict[str, Any] = {}
    for key, member in value.items():
        if key in old.by_key and key in new.by_key:
            kept[key] = _carry(member, old.by_key[key], new.by_key[key], (*steps, key), gone)
        elif key not in old.by_key or key in new.by_key:
            kept[key] = member
        elif member not in (None, "", False, [], {}):
            gone.append((*steps, key))
    return kept


def _dropped(old: Field, steps: Steps, dropped: Iterable[Change]) -> Problem:
    pointer = to_pointer(steps)
    change = next(change for change in dropped if _is_within(path_of(pointer), change.path))
    return wording.dropped_box(pointer, find_field(old, steps)[1], change.version)


# --- Problems -----------------------------------------------------------------------------------------------------


def explained(problem: Problem, changes: Sequence[Change]) -> Problem:
    """Return the problem with what a version did to its box: 「この項目は第２版で加わりました。」"""
    path = path_of(problem.pointer)
    mine = [change for change in changes if problem.pointer and _is_within(path, change.path)]
    told = [
        wording.CHANGED_BOX[c.kind].format(version=wording.version_name(c.version))
        for c in mine
        if c.kind in wording.CHANGED_BOX
    ]
    return replace(problem, message=problem.message + "".join(told)) if told else problem


def _is_within(path: str, group: str) -> bool:
    return path == group or path.startswith((f"{group}.", f"{group}["))


def never_filled(history: History, version: int) -> tuple[Change, ...]:
    """Return the boxes of today that must be filled in and that a form of `version` does not have.

    Accepting such a form would be in vain. What only a new group demands, which may stay empty, is none of them.
    """
    today = {field.path: field for field in history[max(history)].walk()}
    added = [change for change in changes_since(history, version) if change.kind == "ADDED"]
    return tuple(change for change in added if change.path in today and today[change.path].required)


# --- Keeping a version ----------------------------------------------------------------------------------------------


def stand_alone(schema: Schema, schemas: Mapping[str, Schema], name: str) -> Schema:
    """Return a schema under another `$id` with every shared part it refers to taken into its own `$defs`.

    `schemas` holds all by `$id`. Shared parts move on; what was printed and filled in must stay as it was.
    """
    taken: dict[str, Any] = {}
    own = str(schema["$id"])
    kept = _with_own_parts(schema, own, own, schemas, taken)
    return {**kept, "$id": name, "$defs": {**kept.get("$defs", {}), **taken}}


def _with_own_parts(
    part: Any, own: str, here: str, schemas: Mapping[str, Schema], taken: dict[str, Any]
) -> Any:
    """`here` is the `$id` of the schema a part was written in: a `$ref` without an address is meant inside it."""
    if isinstance(part, list):
        return [_with_own_parts(item, own, here, schemas, taken) for item in part]
    if not isinstance(part, Mapping):
        return part
    copied = {
        key: _with_own_parts(value, own, here, schemas, taken) for key, value in part.items() if key != "$ref"
    }
    if "$ref" not in part:
        return copied
    address, _, pointer = str(part["$ref"]).partition("#")
    if (address or here) == own:
        return {"$ref": f"#{pointer}", **copied}
    source = address or here
    steps = [step for step in pointer.split("/") if step]
    key = "_".join((source.removeprefix("todoke:").partition(".")[0], *steps[1:]))
    if key not in taken:
        taken[key] = {}  # a part may refer to itself
        target: Any = schemas[source]
        for step in steps:
            target = target[step]
        taken[key] = _with_own_parts(target, own, source, schemas, taken)
    return {"$ref": f"#/$defs/{key}", **copied}
