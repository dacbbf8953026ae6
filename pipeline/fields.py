"""The shape of a form, read from its JSON Schema: titles, paths, what a paper may know.

A field path reads `applicant.name` or `children[].name`; a pointer is RFC 6901 (`/children/0/name`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

Schema = Mapping[str, Any]
Resolve = Callable[[str], "tuple[Schema, Resolve]"]
Steps = tuple[str | int, ...]

SCALARS = ("string", "integer", "number", "boolean")


@dataclass(frozen=True, eq=False)
class Field:
    """One box of a form (or a group, or a list of boxes) with what its schema says of it."""

    path: str
    key: str
    title: str
    kind: str
    schema: Schema
    required: bool = False
    members: tuple[Field, ...] = ()
    ref: str = ""  # the shared part it is made of, as its `$ref` names it

    @cached_property
    def by_key(self) -> Mapping[str, Field]:
        """The members by key; an array has one member whose key is `[]`."""
        return {member.key: member for member in self.members}

    @property
    def is_name(self) -> bool:
        """Whether the box holds a name or an address (`x-name`)."""
        return bool(self.schema.get("x-name"))

    @property
    def is_free_text(self) -> bool:
        """Whether the box holds words a person wrote, not a date, a time or a choice."""
        return self.kind == "string" and "format" not in self.schema and "enum" not in self.schema

    def walk(self) -> Iterator[Field]:
        """Yield this field and everything below it, in form order."""
        yield self
        for member in self.members:
            yield from member.walk()


def read_fields(schema: Schema, resolve: Resolve) -> Field:
    """Return the root field of a form's schema.

    `resolve` turns a `$ref` into the schema it names and the resolver for the references inside that schema.
    """
    return _field("", "", schema, False, resolve)


def _field(path: str, key: str, schema: Schema, required: bool, resolve: Resolve) -> Field:
    whole, resolve = _deref(schema, resolve)
    kind = str(whole.get("type", "object" if "properties" in whole else "string"))
    if kind == "object":
        needed = whole.get("required", ())
        members = tuple(
            _field(f"{path}.{name}" if path else name, name, part, name in needed, resolve)
            for name, part in whole.get("properties", {}).items()
        )
    elif kind == "array":
        members = (_field(f"{path}[]", "[]", whole["items"], True, resolve),)
    else:
        members = ()
    ref = str(schema.get("$ref", ""))
    return Field(path, key, str(whole.get("title", "")), kind, whole, required, members, ref)


def _deref(schema: Schema, resolve: Resolve) -> tuple[Schema, Resolve]:
    """A schema with its `$ref` followed; what stands beside the reference wins."""
    if "$ref" not in schema:
        return schema, resolve
    beside = {name: value for name, value in schema.items() if name != "$ref"}
    target, resolve = _deref(*resolve(schema["$ref"]))
    return {**target, **beside}, resolve


@lru_cache(maxsize=4096)
def find_field(root: Field, steps: Steps) -> tuple[Field | None, str]:
    """Return the field at an instance path and its printed title, such as 「世帯の状況 2人目／氏名」.

    The field is None where the path leaves the form; the title then names the nearest group.
    """
    at: Field | None = root
    names: list[str] = []
    for step in steps:
        if at is None:
            break
        at = at.by_key.get("[]" if isinstance(step, int) else step)
        if at is None:
            break
        if isinstance(step, int):
            names[-1] = f"{names[-1]}（{step + 1}番目）"
        elif at.title:
            names.append(at.title)
    return at, "／".join(names)


def find_value(values: Any, steps: Sequence[str | int]) -> Any:
    """Return what stands at an instance path of `values`; None where nothing does."""
    for step in steps:
        if isinstance(step, int):
            values = values[step] if isinstance(values, Sequence) and step < len(values) else None
        else:
            values = values.get(step) if isinstance(values, Mapping) else None
    return values


def to_pointer(steps: Sequence[str | int]) -> str:
    """Return the RFC 6901 pointer of an instance path."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def path_of(pointer: str) -> str:
    """Return the field path of a pointer: `/children/0/name` is `children[].name`."""
    return re.sub(r"\.[0-9]+(?=\.|$)", "[]", pointer[1:].replace("/", "."))


def strings_in(value: Any) -> list[tuple[Steps, str]]:
    """Return every string below `value` with its path, in order."""
    found: list[tuple[Steps, str]] = []
    _collect(value, (), found)
    return found


def _collect(value: Any, steps: Steps, found: list[tuple[Steps, str]]) -> None:
    if isinstance(value, str):
        found.append((steps, value))
    elif isinstance(value, Mapping):
        for key, member in value.items():
            _collect(member, (*steps, key), found)
    elif isinstance(value, Sequence):
        for index, item in enumerate(value):
            _collect(item, (*steps, index), found)


@lru_cache(maxsize=16384)
def is_granted(path: str, granted: frozenset[str] | tuple[str, ...]) -> bool:
    """Whether a path, or a group it lies in, is among the granted paths."""
    return path in granted or any(path.startswith((g + ".", g + "[")) for g in granted)


EACH = "each"  # what a paper calls the one element of a list it is made for


def grants(paths: Sequence[str], each: str | None) -> tuple[str, ...]:
    """Return a paper's paths as those of the form: `each.name` is `addressees[].name` where it is made for each addressee."""
    if each is None:
        return tuple(paths)
    return tuple(
        f"{each}[]{path.removeprefix(EACH)}" if path.split(".")[0] == EACH else path for path in paths
    )


def nested(steps: Sequence[str], value: Any) -> Any:
    """Return `value` where a path leads to: `{"meeting": {"members": value}}`."""
    return {steps[0]: nested(steps[1:], value)} if steps else value


# --- What a paper sees -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    """The values one paper may know, the texts it must print, and the private texts it was not granted."""

    values: Mapping[str, Any]
    must_print: tuple[str, ...]
    private: tuple[str, ...]

    @property
    def must_hide(self) -> tuple[str, ...]:
        """The private texts that stand in nothing the paper prints, long enough not to be an ordinary word."""
        printed = "\n".join(self.must_print)
        return tuple(word for word in self.private if len(word) > 2 and word not in printed)


@dataclass(frozen=True)
class Lens:
    """A paper's grant laid over a form: computed once, used for every submission."""

    root: Field
    granted: frozenset[str]
    unprinted: frozenset[str]

    @cached_property
    def _plan(self) -> tuple[_Node, ...]:
        return _nodes(self.root, self.granted, self.unprinted)

    def look(self, values: Mapping[str, Any]) -> View:
        """Return the view of `values`: granted fields only, absent ones as None or []."""
        shown: list[str] = []
        hidden: list[str] = []
        seen = _project(self._plan, values, shown, hidden)
        return View(seen, tuple(dict.fromkeys(shown)), tuple(dict.fromkeys(hidden)))


@dataclass(frozen=True, slots=True)
class _Node:
    key: str
    kind: str
    granted: bool
    reaches: bool  # something granted lies here or below
    printed: bool
    private: bool
    below: tuple[_Node, ...]

    @property
    def matters(self) -> bool:
        """Whether a paper is given it, or must hide it."""
        return self.reaches or bool(self.below) or (self.private and not self.granted)


def _nodes(field: Field, granted: frozenset[str], unprinted: frozenset[str]) -> tuple[_Node, ...]:
    nodes = (_node(member, granted, unprinted) for member in field.members)
    return tuple(node for node in nodes if node.matters)


def _node(field: Field, granted: frozenset[str], unprinted: frozenset[str]) -> _Node:
    below = _nodes(field, granted, unprinted)
    allowed = is_granted(field.path, granted)
    reaches = (allowed if not field.members else False) or any(node.reaches for node in below)
    is_text = field.kind == "string" and "format" not in field.schema
    printed = is_text and not is_granted(field.path, unprinted)
    private = field.is_free_text and (field.is_name or bool(field.schema.get("x-private")))
    return _Node(field.key, field.kind, allowed, reaches, printed, private, below)


def _project(
    nodes: tuple[_Node, ...], values: Mapping[str, Any] | None, shown: list[str], hidden: list[str]
) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for node in nodes:
        value = None if values is None else values.get(node.key)
        projected = _value(node, value, shown, hidden)
        if node.reaches:
            seen[node.key] = projected
    return seen


def _value(node: _Node, value: Any, shown: list[str], hidden: list[str]) -> Any:
    if node.kind == "object":
        return None if value is None else _project(node.below, value, shown, hidden)
    if node.kind == "array":
        return [_value(node.below[0], item, shown, hidden) for item in value or ()]
    if isinstance(value, str) and value:
        if node.granted and node.printed:
            shown.append(value)
        elif not node.granted and node.private:
            hidden.append(value)
    return value if node.granted else None


def pick(data: Mapping[str, Any], paths: tuple[str, ...]) -> dict[str, Any]:
    """Return the parts of plain `data` (office, facts, case, doc) that dotted `paths` grant.

    A path that names nothing is left out, so that a template using it fails loudly.
    """
    return {
        head: data[head] if "" in rests or not isinstance(data[head], Mapping) else pick(data[head], rests)
        for head, rests in _by_head(paths).items()
        if head in data
    }


@lru_cache(maxsize=4096)
def _by_head(paths: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    deeper: dict[str, list[str]] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        deeper.setdefault(head, []).append(rest)
    return {head: tuple(rests) for head, rests in deeper.items()}
