"""Schema → problems. The only importer of jsonschema and jsonschema-rs; validators are built once and reused.

Differences from plain JSON Schema, each closing a measured hole (reliability §0.5): `$` means the very end of the
text, `1.0` is not an integer, `format` is checked, references never leave the given schemas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias

import jsonschema_rs
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from pipeline import wording
from pipeline.envelope import MEMBERS
from pipeline.fields import Field, Resolve, Schema, find_field, path_of, read_fields, to_pointer
from pipeline.model import Problem
from pipeline.predicates import (
    FORMATS,
    Predicate,
    Unknown,
    compile_schema,
    compiled_pattern,
    is_integer,
    repeats,
)


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not compiled_pattern(pattern).search(instance):
        yield ValidationError("")


def _required(_: Any, names: Sequence[str], instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, Mapping):
        for name in names:
            if name not in instance:
                yield ValidationError("", path=[name])


def _items(validator: Any, rows: Schema, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    """Not row by row where there are too many rows: `maxItems` says so once, and nobody reads 36,000 problems."""
    if isinstance(instance, list) and len(instance) <= schema.get("maxItems", len(instance)):
        for index, row in enumerate(instance):
            yield from validator.descend(row, rows, path=index)


def _unique_items(_: Any, wanted: bool, instance: Any, __: Schema) -> Iterator[ValidationError]:
    if wanted and isinstance(instance, list) and repeats(instance):
        yield ValidationError("")


def _additional(_: Any, allowed: Any, instance: Any, schema: Schema) -> Iterator[ValidationError]:
    if allowed is False and isinstance(instance, Mapping):
        for name in instance:
            if name not in schema.get("properties", {}):
                yield ValidationError(name)  # the key itself travels in `message`, read only for `found`


_formats = FormatChecker(formats=())
for _name, _is_good in FORMATS.items():
    _formats.checks(_name)(_is_good)

_Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        "pattern": _pattern,
        "required": _required,
        "additionalProperties": _additional,
        "items": _items,
        "uniqueItems": _unique_items,
    },
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: is_integer(value)),
)


@dataclass(frozen=True)
class FormSchema:
    """A form's schema made ready: its fields, its validator, its named conditions."""

    schema: Schema
    root: Field
    _is_met: Predicate  # True is the last word; False may only mean that jsonschema must be asked
    _validator: Any
    _conditions: Mapping[str, Predicate]

    def check(self, values: Mapping[str, Any]) -> tuple[Problem, ...]:
        """Return every problem of `values` at once, in the order of the form.

        Of a group that must stay empty only that is said, not what its boxes lack.
        """
        if self._is_met(values):
            return ()
        problems = {
            (problem.pointer, problem.code, problem.found): problem
            for error in self._validator.iter_errors(values)
            for problem in (self._problem(error),)
        }
        unwanted = [problem.pointer + "/" for problem in problems.values() if problem.code == "NOT_FOR_THIS"]
        kept = [problem for problem in problems.values() if not problem.pointer.startswith(tuple(unwanted))]
        return tuple(sorted(kept, key=lambda problem: self._place(problem.pointer)))

    def _place(self, pointer: str) -> tuple[int, tuple[int, ...], str]:
        """Where a problem stands on the form: its box, then its row as a number."""
        rows = tuple(int(step) for step in pointer.split("/") if step.isdigit())
        return self._order.get(path_of(pointer), len(self._order)), rows, pointer

    @cached_property
    def _order(self) -> Mapping[str, int]:
        return {field.path: index for index, field in enumerate(self.root.walk())}

    def met(self, values: Mapping[str, Any]) -> frozenset[str | None]:
        """Return the named conditions `$defs/when_<name>` that `values` meet, and None: what is always met."""
        return frozenset((None, *(name for name, condition in self._conditions.items() if condition(values))))

    @property
    def conditions(self) -> frozenset[str]:
        """The names of the conditions a specification may use."""
        return frozenset(self._conditions)

    def _problem(self, error: ValidationError) -> Problem:
        steps = tuple(error.absolute_path)
        field, title = find_field(self.root, steps)
        schema = field.schema if field is not None else {}
        found = str(error.message) if error.validator == "additionalProperties" else ""
        keyword = str(error.validator)
        return wording.schema_problem(keyword, error.validator_value, schema, to_pointer(steps), title, found)


def make_registry(schemas: Mapping[str, Schema]) -> Registry[Any]:
    """Return a registry of `$id` → schema that can fetch nothing else.

    `$schema` is left out: jsonschema would answer a reference to a schema that names its dialect with its own
    validator, and every stricter keyword above would be gone without a word.
    """
    return Registry().with_resources(
        (uri, DRAFT202012.create_resource({key: part for key, part in schema.items() if key != "$schema"}))
        for uri, schema in schemas.items()
    )


def make_form_schema(schema: Schema, registry: Registry[Any]) -> FormSchema:
    """Build a form's validator and fields.

    Raises ValueError with a Japanese sentence where the schema itself is wrong or refers to nothing.
    """
    try:
        _ensure_schema(schema)
        resolver = registry.resolver(base_uri=str(schema["$id"]))
        root = read_fields(schema, _resolve_with(resolver))
    except SchemaError as error:
        raise ValueError(
            f"JSON Schemaの書き方に誤りがあります（{'/'.join(map(str, error.absolute_path))}）。"
        ) from error
    except Unresolvable as error:
        raise ValueError(f"参照先がありません：{error.ref}") from error
    except KeyError as error:
        raise ValueError(f"「{error.args[0]}」がありません。") from error
    except RecursionError as error:
        raise ValueError("参照（$ref）が自分自身に戻っています。") from error
    validator = _validator({"$ref": schema["$id"]}, registry)
    is_met = _compiled({"$ref": schema["$id"]}, resolver) or (lambda _: False)
    return FormSchema(schema, root, is_met, validator, _conditions(schema, registry))


def _conditions(schema: Schema, registry: Registry[Any]) -> Mapping[str, Predicate]:
    resolver = registry.resolver(base_uri=str(schema["$id"]))
    references = {
        name.removeprefix("when_"): {"$ref": f"{schema['$id']}#/$defs/{name}"}
        for name in schema.get("$defs", {})
        if name.startswith("when_")
    }
    return {
        name: _compiled(reference, resolver) or _validator(reference, registry).is_valid
        for name, reference in references.items()
    }


def _compiled(schema: Schema, resolver: Any) -> Predicate | None:
    try:
        return compile_schema(schema, _resolve_with(resolver))
    except Unknown:
        return None


def _ensure_schema(schema: Schema) -> None:
    """Raise SchemaError for what is no JSON Schema.

    To hear so of all forms from jsonschema takes most of a second, which every command would wait for. jsonschema-rs takes
    a thousandth of that, but knows patterns of another dialect; those are compiled here.
    """
    if not jsonschema_rs.meta.is_valid({**schema, "$schema": Draft202012Validator.META_SCHEMA["$id"]}):
        Draft202012Validator.check_schema(schema)
    for path, pattern in _patterns(schema):
        try:
            compiled_pattern(pattern)
        except re.error as error:
            raise SchemaError("pattern", path=path) from error


_Way: TypeAlias = tuple[str | int, ...]
_NO_SCHEMAS: Final = frozenset({"enum", "const", "default", "examples"})  # values, whatever they look like


def _patterns(part: Any, path: _Way = ()) -> Iterator[tuple[_Way, str]]:
    """Each pattern a schema holds anywhere, with the way to it."""
    if isinstance(part, list):
        for index, member in enumerate(part):
            yield from _patterns(member, (*path, index))
    if not isinstance(part, Mapping):
        return
    for name, member in part.items():
        if name in _NO_SCHEMAS or name.startswith("x-"):
            continue
        if name == "pattern" and isinstance(member, str):
            yield (*path, name), member
        if name == "patternProperties" and isinstance(member, Mapping):
            yield from (((*path, name), pattern) for pattern in member)
        yield from _patterns(member, (*path, name))


def _resolve_with(resolver: Any) -> Resolve:
    """A `$ref` inside a shared schema is read from that schema, not from the form that uses it."""

    def resolve(ref: str) -> tuple[Schema, Resolve]:
        found = resolver.lookup(ref)
        return found.contents, _resolve_with(found.resolver)

    return resolve


def _validator(schema: Schema, registry: Registry[Any]) -> Any:
    return _Validator(schema, registry=registry, format_checker=_formats)


# --- Lint: what a schema of an office must be ---------------------------------------------------------------------

RESERVED = ("case", "office", "facts", "doc", "slip", *MEMBERS)
_BANNED = (
    "$dynamicRef",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contentMediaType",
    "contentEncoding",
    "not",
)


def lint_schema(root: Field) -> tuple[str, ...]:
    """Return what makes a form's schema unsafe or unprintable, one Japanese sentence each (reliability §4.7)."""
    return tuple(fault for field in root.walk() for fault in _lint(field))


def _lint(field: Field) -> Iterator[str]:
    schema, where = field.schema, field.path or "（全体）"
    if not field.title and not field.path.endswith("[]"):
        yield f"{where}：題名（title）がありません。"
    if field.kind == "string" and not {"maxLength", "enum", "const", "format"} & schema.keys():
        yield f"{where}：文字数の上限（maxLength）がありません。"
    if field.kind == "array" and "maxItems" not in schema:
        yield f"{where}：件数の上限（maxItems）がありません。"
    if field.kind == "array" and schema.get("uniqueItems") and field.members[0].kind == "object":
        yield f"{where}：組の一覧に uniqueItems は使えません（件数が多いと止まります）。"
    if field.kind == "object" and schema.get("additionalProperties") is not False:
        yield f"{where}：additionalProperties: false がありません。"
    if isinstance(schema.get("type"), list):
        yield f"{where}：type は一つだけにしてください。記入のない項目は書かなくてよいので、null は要りません。"
    if field.path in RESERVED:
        yield f"{where}：この名前は書類のために決まった意味があります。別の名前にしてください。"
    if schema.get("format", "date") not in FORMATS:
        yield f"{where}：format は date・time・month だけが使えます。"
    yield from _lint_pattern(schema.get("pattern"), where)
    for word in _BANNED:
        if word in schema:
            yield f"{where}：{word} は使えません。"


def _lint_pattern(pattern: str | None, where: str) -> Iterator[str]:
    if pattern is None:
        return
    if not (pattern.startswith("^") and pattern.endswith("$")):
        yield f"{where}：pattern は ^ で始め $ で終えてください。"
    if re.search(r"\\[dws]", pattern, re.IGNORECASE):
        yield f"{where}：pattern に \\d \\w \\s は使えません（全角も通ります）。[0-9] などと書いてください。"
    if re.search(r"\)[+*{]", pattern):
        yield f"{where}：pattern で（ ）の組を繰り返すことはできません（処理が止まるおそれがあります）。"
