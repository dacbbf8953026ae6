"""The office's forms, papers and master data, read from disk: schemas ↔ specs ↔ papers.

Loading never stops at the first fault: `Catalogue.faults` lists them all, each with its file, and a form with a
fault cannot be used (its submissions are held, the others go on).
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pipeline.errors import OfficeFault
from pipeline.fields import Field
from pipeline.furigana import ALL_RUBY, Furigana, read_furigana
from pipeline.office import OfficeBook, make_office_book
from pipeline.spec import (
    CalendarSpec,
    DocumentSpec,
    EarlierSpec,
    Edition,
    FormSpec,
    NextSpec,
    NoticeKind,
    PacketSpec,
    PaperSpec,
    Requirement,
    SheetSpec,
)
from pipeline.spec_check import check_accepted, check_spec
from pipeline.validate import FormSchema, make_form_schema, make_registry

Item = TypeVar("Item")


@dataclass(frozen=True)
class Form:
    """One intake form: its schema, its specification, and digests for the receipt."""

    name: str
    title: str
    version: int
    schema: FormSchema
    spec: FormSpec
    schema_sha256: str
    earlier: Mapping[int, Field] = field(
        default_factory=dict
    )  # the boxes of each version that was in use before

    @property
    def history(self) -> Mapping[int, Field]:
        """The boxes of every version that is kept, the present one included."""
        return {**self.earlier, self.version: self.schema.root}


_SHARED = ("office/", "schemas/common/")
NOTICES = "doc_templates/notices.toml"
FURIGANA = "doc_templates/furigana.toml"
_EARLIER = "schemas/earlier/"
_EARLIER_NAME = re.compile(r"schemas/earlier/([a-z][a-z0-9_]*)-v([0-9]{1,4})\.schema\.json")


@dataclass(frozen=True)
class Catalogue:
    """Everything the office has written down, at one moment."""

    forms: Mapping[str, Form]
    schemas: Mapping[str, Any]  # every schema by its $id, shared parts included
    papers: Mapping[str, PaperSpec]
    notices: Mapping[str, NoticeKind]
    furigana: Furigana
    office: OfficeBook
    faults: Mapping[str, tuple[str, ...]]  # file → sentences
    digest: str
    root: Path

    def paper(self, name: str) -> PaperSpec:
        """Return a paper's specification. Raises OfficeFault where there is none."""
        if name not in self.papers:
            raise OfficeFault("PAPER", f"書類「{name}」の paper.toml がありません。")
        return self.papers[name]

    def template_path(self, paper: str, file_name: str) -> Path:
        """Return where a template of a paper lies."""
        return self.root / "doc_templates" / "papers" / paper / file_name

    def ensure_usable(self, form: str) -> None:
        """Raise OfficeFault naming every fault that concerns a form, one whose schema cannot be read included."""
        mine = {f"schemas/{form}.schema.json", f"doc_templates/{form}/spec.toml"}
        mine |= {file for file in self.faults if file.startswith(f"{_EARLIER}{form}-v")}
        if form in self.forms:
            spec = self.forms[form].spec
            mine |= {f"doc_templates/papers/{document.paper}/paper.toml" for document in spec.documents}
        faults = [
            f"{file}：{fault}"
            for file, found in self.faults.items()
            if file in mine or file.startswith(_SHARED)
            for fault in found
        ]
        if faults:
            raise OfficeFault("CATALOGUE", *faults)


def load_catalogue(root: Path) -> Catalogue:
    """Read schemas/, doc_templates/ and office/ below `root`."""
    faults: dict[str, tuple[str, ...]] = {}
    loader = _Loader(root, faults)
    schemas = loader.schemas()
    ids = Counter(schema.get("$id") for schema in schemas.values())
    for file, schema in schemas.items():
        if ids[schema.get("$id")] > 1:
            loader.add(file, "同じ $id のスキーマがほかにもあります。様式ごとに別の $id にしてください。")
    by_id = {schema["$id"]: schema for schema in schemas.values() if "$id" in schema}
    registry = make_registry(by_id)
    forms = {}
    for file, schema in schemas.items():
        if file.count("/") > 1:  # schemas/common/ and schemas/earlier/: no forms of their own
            continue
        name = Path(file).name.removesuffix(".schema.json")
        try:
            form_schema = make_form_schema(schema, registry)
        except ValueError as error:
            loader.add(file, str(error))
            continue
        spec = loader.table(root / "doc_templates" / name / "spec.toml", read_form_spec) or FormSpec()
        digest = hashlib.sha256((root / file).read_bytes()).hexdigest()
        version = int(schema.get("x-version", 1))
        earlier = dict(loader.earlier(name, version, schemas, registry))
        forms[name] = Form(name, str(schema.get("title", name)), version, form_schema, spec, digest, earlier)
    papers = dict(loader.papers())
    notices = loader.table(root / NOTICES, read_notice_kinds) or {}
    furigana = loader.table(root / FURIGANA, read_furigana) or Furigana({}, {}, ALL_RUBY)
    form_schemas = {name: form.schema for name, form in forms.items()}
    for form in forms.values():
        for fault in (
            *check_spec(form.spec, form.schema, form_schemas, papers),
            *check_accepted(form.spec, form.history),
        ):
            loader.add(f"doc_templates/{form.name}/spec.toml", fault)
    office, office_faults = make_office_book(loader.office())
    for fault in office_faults:
        loader.add("office/", fault)
    return Catalogue(forms, by_id, papers, notices, furigana, office, faults, catalogue_digest(root), root)


def catalogue_digest(root: Path) -> str:
    """Return one digest of everything the office has written down: a change makes a held one worth a retry."""
    total = hashlib.sha256()
    for folder, suffixes in (
        ("schemas", {".json"}),
        ("doc_templates", {".toml", ".docx", ".html", ".md"}),
        ("office", {".toml"}),
    ):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in suffixes and "examples" not in path.parts:
                total.update(
                    str(path.relative_to(root)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest()
                )
    return total.hexdigest()


@dataclass(frozen=True)
class _Loader:
    root: Path
    faults: dict[str, tuple[str, ...]]

    def add(self, file: str, fault: str) -> None:
        self.faults[file] = (*self.faults.get(file, ()), fault)

    def schemas(self) -> Mapping[str, Any]:
        found = {}
        for path in sorted((self.root / "schemas").rglob("*.schema.json")):
            file = path.relative_to(self.root).as_posix()
            try:
                found[file] = json.loads(path.read_text("utf-8"), object_pairs_hook=_unique)
            except ValueError as error:
                self.add(file, f"読めません：{error}")
        return found

    def earlier(
        self, form: str, present: int, schemas: Mapping[str, Any], registry: Any
    ) -> Iterator[tuple[int, Field]]:
        """Yield the boxes of each earlier version of a form; its schema stands alone, since shared parts move on."""
        for file, schema in schemas.items():
            named = _EARLIER_NAME.fullmatch(file)
            if named is None or named[1] != form:
                continue
            version = int(named[2])
            try:
                root = make_form_schema(schema, registry).root
            except ValueError as error:
                self.add(file, str(error))
                continue
            if schema.get("x-version") != version or version >= present:
                self.add(file, f"x-version は {version} で、今の版（{present}）より前にしてください。")
            if not all(reference.startswith("#") for reference in _references(schema)):
                self.add(file, "ほかのスキーマを参照しています。todoke revise で作り直してください。")
            yield version, root

    def papers(self) -> Iterator[tuple[str, PaperSpec]]:
        for path in sorted((self.root / "doc_templates" / "papers").glob("*/paper.toml")):
            name = path.parent.name
            spec = self.table(path, partial(read_paper_spec, name))
            if spec is not None:
                yield name, spec

    def office(self) -> Mapping[str, Any]:
        return {
            path.stem: table
            for path in sorted((self.root / "office").glob("*.toml"))
            if (table := self.table(path, partial(_with_files, self.root))) is not None
        }

    def table(self, path: Path, read: Callable[[dict[str, Any]], Item]) -> Item | None:
        file = path.relative_to(self.root).as_posix()
        try:
            return read(tomllib.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            self.add(file, "ファイルがありません。")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            self.add(file, f"読めません：{error}")
        return None


def _with_files(root: Path, table: Any) -> Any:
    """Put the text of a file where a table names one, `text = { file = "doc_templates/…/01.md" }`: too long for a table."""
    if isinstance(table, list):
        return [_with_files(root, item) for item in table]
    if not isinstance(table, dict):
        return table
    if table.keys() != {"file"}:
        return {key: _with_files(root, value) for key, value in table.items()}
    path = (root / str(table["file"])).resolve()
    if not path.is_relative_to(root.resolve()) or not path.is_file():
        raise ValueError(f"{table['file']} がありません。")
    return path.read_text("utf-8")


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        yield from (str(value) for key, value in part.items() if key == "$ref")
        part = list(part.values())
    if isinstance(part, list):
        for item in part:
            yield from _references(item)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("同じ項目が二度書かれています。")
    return members


# --- TOML tables → frozen values ----------------------------------------------------------------------------------


def read_form_spec(table: Mapping[str, Any]) -> FormSpec:
    """Return a `spec.toml`. Raises ValueError naming a key that means nothing."""
    _ensure_known(table, FormSpec)
    return FormSpec(
        case=table.get("case", "none"),
        dated=table.get("dated"),
        month=table.get("month"),
        recalls=tuple(table.get("recalls", ())),
        issued=bool(table.get("issued", False)),
        allocate=tuple(table.get("allocate", ())),
        documents=tuple(_build(DocumentSpec, entry) for entry in table.get("documents", ())),
        packets=tuple(_build(PacketSpec, entry) for entry in table.get("packets", ())),
        calendars=tuple(_build(CalendarSpec, entry) for entry in table.get("calendars", ())),
        sheets=tuple(_build(SheetSpec, entry) for entry in table.get("sheets", ())),
        next=tuple(_build(NextSpec, entry) for entry in table.get("next", ())),
        accepts=tuple(_accepted(entry) for entry in table.get("accepts", ())),
    )


def _accepted(entry: Mapping[str, Any]) -> EarlierSpec:
    spec = _build(EarlierSpec, entry)
    if type(spec.version) is not int or type(spec.until) not in (date, type(None)):
        raise ValueError("accepts は version = 1 と until = 2024-09-30 のように書いてください。")
    return spec


def read_paper_spec(name: str, table: Mapping[str, Any]) -> PaperSpec:
    """Return a `paper.toml`. Raises ValueError naming a key that means nothing."""
    editions = tuple(_edition(entry) for entry in table.get("editions", ()))
    return _build(PaperSpec, {**table, "name": name, "editions": editions})


def read_notice_kinds(table: Mapping[str, Any]) -> dict[str, NoticeKind]:
    """Return the kinds of notices by name. Raises ValueError, KeyError for a requirement nobody describes."""
    known = {
        entry["name"]: Requirement(entry["title"], tuple(tuple(group) for group in entry["prints"]))
        for entry in table["requirements"]
    }
    return {
        entry["kind"]: NoticeKind(entry["kind"], entry["title"], tuple(known[name] for name in entry["must"]))
        for entry in table["notices"]
    }


def _edition(entry: Mapping[str, Any]) -> Edition:
    since = entry["from"]
    if not isinstance(since, date):
        raise ValueError("editions の from は日付（2023-06-01）で書いてください。")
    return Edition(since, entry["template"], entry.get("html"))


def _build(kind: type[Item], entry: Mapping[str, Any]) -> Item:
    if not isinstance(entry, Mapping):
        raise ValueError("[[ ]] で囲んだ表として書いてください。")
    _ensure_known(entry, kind)
    for member in dataclass_fields(kind):  # type: ignore[arg-type]  # every kind given here is a dataclass
        wanted = _WRITTEN_AS.get(str(member.type).partition("[")[0])
        if member.name in entry and wanted and not isinstance(entry[member.name], wanted):
            raise ValueError(f"{member.name} の書き方が違います（一覧は [ ]、文字は引用符で囲みます）。")
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()})


_WRITTEN_AS: Mapping[str, type | tuple[type, ...]] = {
    "tuple": (list, tuple),
    "str": str,
    "str | None": str,
    "bool": bool,
    "Mapping": dict,
}


def _ensure_known(entry: Mapping[str, Any], kind: Any) -> None:
    unknown = sorted(entry.keys() - {member.name for member in dataclass_fields(kind)})
    if unknown:
        raise ValueError(f"意味のない項目があります：{'、'.join(unknown)}")
