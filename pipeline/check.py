"""`todoke check`: schemas, specs, templates, examples and office data proven against each other.

Every fault at once, each with its file. Nothing is written unless `write_texts` is asked to renew the review texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.blank_forms import filled_form, forms_named
from pipeline.catalogue import Catalogue, Form
from pipeline.completeness import check_notice
from pipeline.desk import shapes_of
from pipeline.errors import OfficeFault, TodokeError, place_of
from pipeline.fields import EACH, is_granted
from pipeline.forms.word_form import make_word_form
from pipeline.forms.word_reader import read_word_form
from pipeline.furigana import ALL_RUBY
from pipeline.office import check_uses
from pipeline.ooxml import docx_text
from pipeline.papers.contract import (
    check_contract,
    dates_unformatted,
    printed,
    references,
    rubied_paths,
    unused,
)
from pipeline.papers.fonts import fonts_without_east_asia
from pipeline.papers.html import html_references
from pipeline.papers.prove import ensure_parses
from pipeline.papers.template import CompiledPaper
from pipeline.rehearse import Example, find_examples, rehearse, rehearse_slip
from pipeline.spec import Edition, PaperSpec
from pipeline.validate import lint_schema
from pipeline.workshop import Workshop


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the office's material: the file and a Japanese sentence."""

    file: str
    message: str


def check(workshop: Workshop, write_texts: bool = False, only: Iterable[str] = ()) -> tuple[Fault, ...]:
    """Return every fault of the office's material, or of the forms `only` and their papers.

    Files that cannot be read are always named. With `write_texts` the texts kept for review are renewed first. Raises
    UsageError for a name that is no form.
    """
    catalogue, only = workshop.catalogue, tuple(only)
    found = [Fault(file, message) for file, messages in catalogue.faults.items() for message in messages]
    read = [name for name in only if f"schemas/{name}.schema.json" not in catalogue.faults]
    forms = forms_named(catalogue, read) if read or not only else ()
    for form in forms:
        found += check_form(catalogue, form)
    used = {document.paper for form in forms for document in form.spec.documents}
    for paper in catalogue.papers.values():
        if paper.name in used or not only:
            found += check_paper(workshop, paper, write_texts)
    for example in find_examples(catalogue, forms):
        found += check_example(workshop, example, write_texts)
    return tuple(found)


def write_texts(workshop: Workshop, form: str) -> list[Path]:
    """Write the review texts of one form's papers and examples; return their paths."""
    written = []
    for document in workshop.catalogue.forms[form].spec.documents:
        paper = workshop.catalogue.paper(document.paper)
        check_paper(workshop, paper, write_texts=True)
        paths = [workshop.catalogue.template_path(paper.name, edition.template) for edition in paper.editions]
        written += [path.with_suffix(".txt") for path in paths]
    for example in find_examples(workshop.catalogue, [workshop.catalogue.forms[form]]):
        check_example(workshop, example, write_texts=True)
        written.append(example.expected_path)
    return written


# --- Forms --------------------------------------------------------------------------------------------------------


def check_form(catalogue: Catalogue, form: Form) -> list[Fault]:
    """Return the faults of one form's schema and specification."""
    schema_file = f"schemas/{form.name}.schema.json"
    found = [Fault(schema_file, sentence) for sentence in lint_schema(form.schema.root)]
    found += _check_blank(catalogue, form)
    found += _check_earlier(catalogue, form)
    kinds = {example.is_bad for example in find_examples(catalogue, [form])}
    for is_bad, name in ((False, "受け付けられる例（.json）"), (True, "返却される例（.bad.json）")):
        if is_bad not in kinds:
            found.append(
                Fault(f"doc_templates/{form.name}/examples", f"{name}がありません。一つ以上置いてください。")
            )
    return found


def _check_blank(catalogue: Catalogue, form: Form) -> list[Fault]:
    """Whether the schema can become the forms people fill in. Its own faults are told already."""
    try:
        filled_form(catalogue, form, {}, {})
    except OfficeFault as fault:
        return [Fault(f"schemas/{form.name}.schema.json", sentence) for sentence in fault.faults]
    return []


def _check_earlier(catalogue: Catalogue, form: Form) -> Iterator[Fault]:
    """Every version that is kept must still be a form the reader knows: its blank reads back as blank."""
    shapes = shapes_of(catalogue)
    for version in form.earlier:
        shape = shapes[f"{form.name}-v{version}"]
        file = f"schemas/earlier/{shape.form_id}.schema.json"
        try:
            reading = read_word_form(make_word_form(shape), shapes)
        except ValueError as error:
            yield Fault(file, str(error))
            continue
        if (reading.form, reading.version, reading.problems) != (form.name, version, ()):
            yield Fault(
                file, "この版のWord様式を読み戻せません。schemas/earlier/ のファイルを元に戻してください。"
            )


# --- Papers -------------------------------------------------------------------------------------------------------


def check_paper(workshop: Workshop, paper: PaperSpec, write_texts: bool) -> list[Fault]:
    """Return the faults of one paper: its editions, its templates against its fields, its fonts, its review text."""
    file = f"doc_templates/papers/{paper.name}/paper.toml"
    found = [
        Fault(file, sentence) for sentence in check_uses(workshop.catalogue.office, paper.name, paper.fields)
    ]
    if not paper.editions:
        found.append(Fault(file, "様式の版（[[editions]]）がありません。"))
    for edition in paper.editions:
        found += _check_edition(workshop, paper, edition, write_texts)
    return found


def _check_edition(
    workshop: Workshop, paper: PaperSpec, edition: Edition, write_texts: bool
) -> Iterator[Fault]:
    path = workshop.catalogue.template_path(paper.name, edition.template)
    file = path.relative_to(workshop.catalogue.root).as_posix()
    try:
        _, compiled = workshop.template(paper, edition)
        if _has_readings(workshop.catalogue, paper):
            workshop.template(
                paper, edition, ALL_RUBY
            )  # whoever reads all its words reads those of every level
    except OfficeFault as fault:
        yield from (Fault(file, sentence) for sentence in fault.faults)
        return
    for sentence in _template_faults(
        workshop.catalogue, paper, compiled, _page_references(workshop, paper, edition)
    ):
        yield Fault(file, sentence)
    data = path.read_bytes()
    for sentence in fonts_without_east_asia(data):
        yield Fault(file, sentence)
    yield from _check_text(path.with_suffix(".txt"), file, docx_text(data), write_texts)


def _page_references(workshop: Workshop, paper: PaperSpec, edition: Edition) -> frozenset[str]:
    """The paths the HTML template of a paper reads, where it has one."""
    if edition.html is None:
        return frozenset()
    source = workshop.catalogue.template_path(paper.name, edition.html).read_text("utf-8")
    return html_references(source)


def _template_faults(
    catalogue: Catalogue, paper: PaperSpec, compiled: CompiledPaper, on_page: frozenset[str]
) -> Iterator[str]:
    used = references(compiled) | on_page
    yield from check_contract(used, (*paper.fields, *_ALWAYS_GRANTED))
    for path in unused(used, paper.fields):
        if not is_granted(path, paper.unprinted):
            yield f"項目「{path}」は fields にありますが、様式のどこにも使われていません。fields から外してください。"
    yield from dates_unformatted(compiled, _date_paths(catalogue, paper))
    yield from check_notice(paper, catalogue.notices, printed(compiled))
    yield from _unreadable(catalogue, paper, rubied_paths(compiled))


def _unreadable(catalogue: Catalogue, paper: PaperSpec, paths: Iterable[str]) -> Iterator[str]:
    """Values a paper reads aloud that are not the office's own words, and choices of its forms without a reading."""
    choices = _choices(catalogue, paper)
    for path in paths:
        if path.split(".")[0] in ("office", "facts", "doc"):
            continue
        if path not in choices:
            yield f"項目「{path}」は記入された言葉です。「|ruby」は役所の言葉（office・facts・選択肢）にだけ使えます。氏名は「|kana(ふりがな)」にしてください。"
        for word in catalogue.furigana.unknown("\n".join(choices.get(path, ()))):
            yield f"項目「{path}」の選択肢「{word}」の読みがありません。doc_templates/furigana.toml の words に加えてください。"


def _choices(catalogue: Catalogue, paper: PaperSpec) -> Mapping[str, Sequence[str]]:
    """The choices of every box of the forms that make a paper."""
    users = (
        form for form in catalogue.forms.values() if any(d.paper == paper.name for d in form.spec.documents)
    )
    fields = (field for form in users for field in form.schema.root.walk())
    return {field.path: field.schema["enum"] for field in fields if "enum" in field.schema}


def _has_readings(catalogue: Catalogue, paper: PaperSpec) -> bool:
    specs = (form.spec for form in catalogue.forms.values())
    return any(d.paper == paper.name and d.furigana for spec in specs for d in spec.documents)


_ALWAYS_GRANTED = ("loop",)


def _date_paths(catalogue: Catalogue, paper: PaperSpec) -> frozenset[str]:
    uses = {
        (form.schema.root, document.each)
        for form in catalogue.forms.values()
        for document in form.spec.documents
        if document.paper == paper.name
    }
    dated = (
        (field.path, each)
        for root, each in uses
        for field in root.walk()
        if field.schema.get("format") in ("date", "month")
    )
    return frozenset(path for dated_path, each in dated for path in _names_of(dated_path, each))


def _names_of(path: str, each: str | None) -> Iterator[str]:
    """What a template calls a path: itself, and `each.…` where the paper is made for each element of its list."""
    yield path
    if each is not None and path.startswith(f"{each}[]"):
        yield EACH + path.removeprefix(f"{each}[]")


def _check_text(path: Path, file: str, text: str, write: bool) -> Iterator[Fault]:
    if write:
        path.write_text(text, "utf-8")
    elif not path.exists() or path.read_text("utf-8") != text:
        yield Fault(
            file,
            f"見直し用の文面 {path.name} が様式と違います。変更を確かめ、todoke check --write-texts で作り直してください。",
        )


# --- Examples -----------------------------------------------------------------------------------------------------


def check_example(workshop: Workshop, example: Example, write_texts: bool) -> list[Fault]:
    """Return the faults of one example: its fate, its proof by the slow oracle, its expected text."""
    file = example.path.relative_to(workshop.catalogue.root).as_posix()
    try:
        outcome = rehearse(workshop, example)
        papers = outcome.files if outcome.is_good else rehearse_slip(workshop, example.form, outcome.problems)
        for paper in papers:
            if paper.path.endswith(".docx") and paper.template:
                ensure_parses(_compiled(workshop, paper.template), paper.data)
    except TodokeError as error:
        return [Fault(file, str(error))]
    except Exception as bug:  # noqa: BLE001  office data a rule cannot read: say where, go on with the others
        return [
            Fault(
                file,
                f"この例の処理が異常終了しました（{place_of(bug)}）。office/ の値と規則を確かめてください。",
            )
        ]
    if outcome.is_good == example.is_bad:
        fate = "受け付けられました" if outcome.is_good else "返却されました"
        codes = "、".join(sorted({problem.code for problem in outcome.problems}))
        return [Fault(file, f"例のつもりと違い、{fate}（{codes}）。例か規則を直してください。")]
    return list(_check_text(example.expected_path, file, outcome.text(), write_texts))


def _compiled(workshop: Workshop, template: str) -> CompiledPaper:
    name, _, file_name = template.partition("/")
    file_name, _, level = file_name.partition("#")
    paper = workshop.catalogue.paper(name)
    edition = next(edition for edition in paper.editions if edition.template == file_name)
    return workshop.template(paper, edition, level)[1]
