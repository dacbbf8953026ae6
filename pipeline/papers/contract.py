"""The contract between a paper and its template: which fields the template reads, against those it may know.

A path reads `applicant.name`, `children[].name`. Loop variables and `set` are followed back to the field they stand
for, so a template cannot reach a field under another name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from jinja2 import nodes

from pipeline.fields import is_granted
from pipeline.papers.dialect import suggest
from pipeline.papers.filters import DATE_FILTERS, READS
from pipeline.papers.ruby import RUBY
from pipeline.papers.tags import Tag

Paths = frozenset[str]
_NOTHING: Final[Paths] = frozenset()
_ITEM_FILTERS: Final = ("first", "last")


class _Story(Protocol):
    @property
    def tree(self) -> nodes.Template: ...
    @property
    def tags(self) -> tuple[Tag, ...]: ...


class _Paper(Protocol):
    @property
    def stories(self) -> Collection[Any]: ...


def references(paper: _Paper) -> frozenset[str]:
    """Return every field path a compiled paper reads; a group that is only looped over counts by its members."""
    return frozenset(path for story in paper.stories for path in read_paths(story.tree))


def printed(paper: _Paper) -> frozenset[str]:
    """Return every field path whose value a compiled paper can print; those that only steer a condition are left out."""
    return frozenset(path for story in paper.stories for path, _ in _Reader.of(story.tree).shown)


def rubied_paths(paper: _Paper) -> frozenset[str]:
    """Return every field path whose value a compiled paper prints under readings of the office (`|ruby`)."""
    return frozenset(path for story in paper.stories for path in _Reader.of(story.tree).read_aloud)


def check_contract(refs: Collection[str], allowed: Collection[str]) -> tuple[str, ...]:
    """Return a sentence for every path that is not granted.

    A grant covers what lies below it; a group may be tested (`{% if guardian %}`) when a part of it is granted.
    """
    granted = frozenset(allowed)
    return tuple(
        f"項目「{path}」は、この書類に許されていません（paper.toml の fields）。"
        + (suggest(path, granted) or "ひな形から取り除くか、fields に加えてください。")
        for path in sorted(refs)
        if not is_granted(path, granted) and not any(_lies_below(grant, path) for grant in granted)
    )


def unused(refs: Collection[str], allowed: Collection[str]) -> tuple[str, ...]:
    """Return the granted paths no template reads: a paper may know no more than it prints."""
    return tuple(
        grant for grant in sorted(allowed) if not any(ref == grant or _lies_below(ref, grant) for ref in refs)
    )


def dates_unformatted(paper: _Paper, date_paths: Collection[str]) -> tuple[str, ...]:
    """Return a sentence for every date that a template prints as it is stored (2023-06-01)."""
    return tuple(
        _tag_of(story, line).fault("日付がそのまま印字されます。「|wareki」などを付けてください。")
        for story in paper.stories
        for path, line in _Reader.of(story.tree).bare
        if path in date_paths
    )


def missing_names(story: _Story, context: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for every name a template reads that the context does not have, with the nearest name."""
    for path, line in _Reader.of(story.tree).read:
        absent = _first_absent(context, path.split("."))
        if absent is not None:
            name, known = absent
            hint = suggest(name, frozenset(known)) or "項目の名前を確かめてください。"
            yield _tag_of(story, line).fault(f"項目「{path}」はありません。{hint}")


def read_paths(tree: nodes.Template) -> Iterator[str]:
    """Yield every path a syntax tree reads."""
    return (path for path, _ in _Reader.of(tree).read)


def _lies_below(path: str, group: str) -> bool:
    return path.startswith((group + ".", group + "["))


def _tag_of(story: _Story, line: int) -> Tag:
    return story.tags[min(max(line - 1, 1), len(story.tags)) - 1]


def _first_absent(value: Any, steps: list[str]) -> tuple[str, Collection[str]] | None:
    for number, step in enumerate(steps):
        key = step.rstrip("[]")
        if not isinstance(value, Mapping):
            return None  # an absent group: its members are absent too
        if key not in value:
            return key, tuple(map(str, value))
        value = value[key]
        if step.endswith("[]"):
            items = value if isinstance(value, list | tuple) else ()
            below = (_first_absent(item, steps[number + 1 :]) for item in items)
            return next(filter(None, below), None)
    return None


# --- Reading a syntax tree ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Reader:
    """Walks a template, collecting (path, line): all that is read, what is printed, and that without a filter."""

    read: list[tuple[str, int]] = field(default_factory=list)
    shown: list[tuple[str, int]] = field(default_factory=list)
    bare: list[tuple[str, int]] = field(default_factory=list)
    read_aloud: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, tree: nodes.Template) -> _Reader:
        reader = cls()
        reader.body(tree.body, {"loop": _NOTHING})
        return reader

    def body(self, body: list[nodes.Node], scope: Mapping[str, Paths]) -> None:
        """Read statements in order; a `set` holds until the end of its block."""
        names = dict(scope)
        for node in body:
            if isinstance(node, nodes.Output):
                self._output(node, names)
            elif isinstance(node, nodes.Assign):
                names[_target(node.target)] = self._followed(node.node, names)
            elif isinstance(node, nodes.For):
                self._loop(node, names)
            elif isinstance(node, nodes.If):
                self._alternatives(node, names)

    def _output(self, node: nodes.Output, names: Mapping[str, Paths]) -> None:
        for expression in node.nodes:
            self.bare.extend((path, expression.lineno) for path in _printed_bare(expression, names))
            before = len(self.read)
            self._value(expression, names)
            self.shown.extend(self.read[before:])

    def _loop(self, node: nodes.For, names: Mapping[str, Paths]) -> None:
        items = frozenset(f"{path}[]" for path in self._followed(node.iter, names))
        inner = {**names, _target(node.target): items}
        if node.test is not None:
            self._value(node.test, inner)
        self.body(node.body, inner)
        self.body(node.else_, names)

    def _alternatives(self, node: nodes.If, names: dict[str, Paths]) -> None:
        """What is set in a branch is set afterwards too: either value may stand behind the name."""
        self._value(node.test, names)
        others: list[list[nodes.Node]] = [[other] for other in node.elif_]
        for branch in (node.body, *others, node.else_):
            self.body(branch, names)
            for inner in branch:
                if isinstance(inner, nodes.Assign):
                    target = _target(inner.target)
                    names[target] = names.get(target, _NOTHING) | _paths(inner.node, names)

    def _followed(self, node: nodes.Node, names: Mapping[str, Paths]) -> Paths:
        """The paths an expression stands for; what it reads beside them is collected."""
        paths = _paths(node, names)
        if not isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
            self._value(node, names)
        return paths

    def _value(self, node: nodes.Node, names: Mapping[str, Paths]) -> None:
        """Collect what an expression reads."""
        if isinstance(node, nodes.Filter) and node.name == RUBY:
            self.read_aloud.extend(_paths(node.node, names))
        if isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
            paths = _paths(node, names)
            self.read.extend((path, node.lineno) for path in sorted(paths))
            if isinstance(node, nodes.Getitem):
                self._value(node.arg, names)
            if not paths and not isinstance(node, nodes.Name):
                self._value(node.node, names)
            return
        if isinstance(node, nodes.Filter) and node.name in READS and node.node is not None:
            groups = _paths(node.node, names)
            self.read.extend(
                (f"{g}.{member}", node.lineno) for g in sorted(groups) for member in READS[node.name]
            )
            return
        for child in node.iter_child_nodes():
            self._value(child, names)


def _target(node: nodes.Node) -> str:
    return node.name if isinstance(node, nodes.Name) else ""


def _paths(node: nodes.Node | None, names: Mapping[str, Paths]) -> Paths:
    """The field paths an expression may stand for."""
    if isinstance(node, nodes.Name):
        return names[node.name] if node.name in names else frozenset({node.name})
    if isinstance(node, nodes.Getattr):
        return frozenset(f"{path}.{node.attr}" for path in _paths(node.node, names))
    if isinstance(node, nodes.Getitem):
        named = isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str)
        ending = f".{node.arg.value}" if named and isinstance(node.arg, nodes.Const) else "[]"
        return frozenset(path + ending for path in _paths(node.node, names))
    if isinstance(node, nodes.CondExpr):
        return _paths(node.expr1, names) | _paths(node.expr2, names)
    if isinstance(node, nodes.And | nodes.Or):
        return _paths(node.left, names) | _paths(node.right, names)
    if isinstance(node, nodes.Filter) and node.name in _ITEM_FILTERS:
        return frozenset(f"{path}[]" for path in _paths(node.node, names))
    return _NOTHING


def _printed_bare(node: nodes.Node, names: Mapping[str, Paths]) -> Paths:
    if isinstance(node, nodes.Filter):
        return _NOTHING if node.name in DATE_FILTERS else _inner_bare(node, names)
    if isinstance(node, nodes.Concat):
        return frozenset(path for part in node.nodes for path in _printed_bare(part, names))
    return _paths(node, names)


def _inner_bare(node: nodes.Filter, names: Mapping[str, Paths]) -> Paths:
    if node.node is None:
        return _NOTHING
    inner = _printed_bare(node.node, names)
    return inner | frozenset(f"{path}[]" for path in inner) if node.name == "join" else inner
