"""What is wrong with a form's specification, held against its schema and the papers. Pure; every fault at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.fields import Field, grants
from pipeline.furigana import LEVELS
from pipeline.paper_plan import GIVEN_LATER, OUTSIDE_THE_FORM
from pipeline.parties import PARTIES, THE_OFFICE
from pipeline.spec import CASE_RULES, FORMATS, MODES, DocumentSpec, FormSpec, NextSpec, PaperSpec
from pipeline.validate import FormSchema
from pipeline.versions import History, never_filled
from pipeline.wording import AUDIENCES, version_name


def check_spec(
    spec: FormSpec, schema: FormSchema, schemas: Mapping[str, FormSchema], papers: Mapping[str, PaperSpec]
) -> Iterator[str]:
    """Yield one Japanese sentence per fault. `schemas` are those of all forms, by name."""
    if spec.case not in CASE_RULES:
        yield f"case は {'・'.join(CASE_RULES)} のどれかにしてください。"
    yield from _check_days(spec, schema.root)
    whens = {document.when for document in spec.documents} | {packet.when for packet in spec.packets}
    whens |= {step.when for step in spec.next} | {calendar.when for calendar in spec.calendars}
    whens |= {sheet.when for sheet in spec.sheets}
    for name in sorted(name for name in whens - schema.conditions if name is not None):
        yield f"条件「{name}」がありません。様式のスキーマの $defs に when_{name} を書いてください。"
    for document in spec.documents:
        yield from _check_document(document, schema, papers)
    titles = {
        document.title or papers[document.paper].title
        for document in spec.documents
        if document.paper in papers
    }
    for name in sorted({title for document in spec.documents for title in document.compares} - titles):
        yield f"compares の「{name}」という題名の書類が、documents にありません。"
    for packet in spec.packets:
        readers = {packet.audience, *packet.of}
        if packet.of and packet.audience not in THE_OFFICE:
            yield f"「{packet.title}」の of は、役所が綴じるもの（{'・'.join(THE_OFFICE)}）にだけ書けます。"
        here = {document.paper for document in spec.documents if document.audience in readers}
        for paper in sorted(set(packet.papers) - here):
            yield f"「{packet.title}」に綴じる書類「{paper}」が、同じ読み手の documents にありません。"
    for calendar in spec.calendars:
        if not {f"{calendar.plan}.period.start", f"{calendar.plan}.monitoring"} <= _paths(schema.root):
            yield f"「{calendar.title}」の plan「{calendar.plan}」は、支援計画の項目の名前で書いてください。"
    given = {calendar.audience for calendar in spec.calendars} | {sheet.audience for sheet in spec.sheets}
    for audience in sorted(given - set(AUDIENCES)):
        yield f"読み手「{audience}」は使えません。{'・'.join(AUDIENCES)} のどれかにしてください。"
    for name in sorted(set(spec.recalls) - set(schemas)):
        yield f"recalls の「{name}」という様式がありません。"
    for step in spec.next:
        yield from _check_next(step, spec, schema, schemas)


def _check_days(spec: FormSpec, root: Field) -> Iterator[str]:
    formats = {field.path: field.schema.get("format") for field in root.walk()}
    for key, path, wanted in (("dated", spec.dated, "date"), ("month", spec.month, "month")):
        if path is not None and formats.get(path) != wanted:
            yield f"{key} の「{path}」は、format が {wanted} の項目の名前で書いてください。"


def _check_document(
    document: DocumentSpec, schema: FormSchema, papers: Mapping[str, PaperSpec]
) -> Iterator[str]:
    paper = papers.get(document.paper)
    if paper is None:
        yield f"書類「{document.paper}」がありません。doc_templates/papers/{document.paper}/paper.toml を作ってください。"
        return
    for audience in sorted({document.audience, *document.copies} - set(AUDIENCES)):
        yield f"読み手「{audience}」は使えません。{'・'.join(AUDIENCES)} のどれかにしてください。"
    for name in sorted(set(document.formats) - set(FORMATS)):
        yield f"形式「{name}」は使えません。{'・'.join(FORMATS)} のどれかにしてください。"
    if "html" in document.formats and not all(edition.html for edition in paper.editions):
        yield f"「{document.paper}」を HTML で作るには、paper.toml の editions に html（ひな形のファイル名）を書いてください。"
    if document.mode not in MODES:
        yield f"mode は {'・'.join(MODES)} のどれかにしてください。"
    for path in paper.must_print:
        if not path.startswith("facts."):
            yield f"書類「{paper.name}」の must_print「{path}」は、規則が計算した項目（facts.…）だけにしてください。"
    if document.drafted_for is not None and (
        document.mode != "draft" or document.drafted_for not in AUDIENCES
    ):
        yield f"「{document.paper}」の drafted_for は、案（mode = draft）に、{'・'.join(AUDIENCES)} のどれかを書いてください。"
    yield from _check_each(document, schema.root)
    yield from _check_level(document, schema.root)
    known = _paths(schema.root) | (_lacking(schema.root, paper) if paper.optional else set())
    beside = (*OUTSIDE_THE_FORM, *GIVEN_LATER) if document.mode == "draft" else OUTSIDE_THE_FORM
    paths = (*paper.fields, *paper.unprinted)
    for path, meant in zip(paths, grants(paths, document.each), strict=True):
        if path.split(".")[0] not in beside and meant not in known:
            yield f"書類「{paper.name}」の項目「{path}」が、この様式にありません。"


# What makes a folder of a reader's own: short, no personal value, safe in every file system.
PARTY_PATTERN = "^[a-z0-9][a-z0-9-]{0,19}$"
_APART = ("agency", "school", "applicant")  # readers who may not see what another of them gets


def _check_each(document: DocumentSpec | NextSpec, root: Field) -> Iterator[str]:
    """Whether `each` is a list, and `party` a code that may stand in a path."""
    name = document.paper if isinstance(document, DocumentSpec) else document.form
    fields = {field.path: field for field in root.walk()}
    if document.each is not None:
        listed = fields.get(document.each)
        if listed is None or listed.kind != "array" or "[]" in document.each:
            yield f"「{name}」の each「{document.each}」は、この様式の一覧の項目の名前で書いてください。"
        if document.party is None and document.audience in _APART:
            yield f"「{name}」は相手ごとに分けて渡します。party に、相手の記号の項目（each.…）を書いてください。"
    if document.party is not None:
        (path,) = grants([document.party], document.each)
        field = fields.get(path)
        schema = field.schema if field is not None else {}
        if schema.get("pattern") != PARTY_PATTERN and path.split(".")[-1] not in PARTIES.values():
            yield (
                f"「{name}」の party「{document.party}」は、記号の項目（todoke:common の party）か、"
                "センターなど記号が office/ にある項目の名前で書いてください。"
            )


def _check_level(document: DocumentSpec, root: Field) -> Iterator[str]:
    """Whether `furigana` is a level of reader, or a box in which only levels can be chosen."""
    if document.furigana is None or document.furigana in LEVELS:
        return
    (path,) = grants([document.furigana], document.each)
    field = next((field for field in root.walk() if field.path == path), None)
    choices = field.schema.get("enum", [""]) if field is not None else [""]
    if not set(choices) <= set(LEVELS):
        yield (
            f"「{document.paper}」の furigana「{document.furigana}」は、{'・'.join(LEVELS)} のどれかか、"
            "それだけから選ぶ項目の名前で書いてください。"
        )


def _lacking(root: Field, paper: PaperSpec) -> set[str]:
    """The optional paths whose whole group a form does not have; of a group it has, it must have every field."""
    return {path for path in paper.optional if path.split(".")[0].removesuffix("[]") not in root.by_key}


def _check_next(
    step: NextSpec, spec: FormSpec, schema: FormSchema, schemas: Mapping[str, FormSchema]
) -> Iterator[str]:
    if step.form not in schemas:
        yield f"次の様式「{step.form}」がありません。"
        return
    yield from _check_each(step, schema.root)
    targets = _paths(schemas[step.form].root)
    sources = _paths(schema.root) | {f"case.{name}" for name in ("id", *spec.allocate)}
    for target, source in step.fields.items():
        if target not in targets:
            yield f"次の様式「{step.form}」に項目「{target}」がありません。"
        if grants([source], step.each)[0] not in sources:
            yield f"次の様式へ写す元の項目「{source}」がありません。"
    following = {field.path: field for field in schemas[step.form].root.walk()}
    for target, text in step.fixed.items():
        field = following.get(target)
        if field is None or field.kind != "string" or "[]" in target:
            yield f"次の様式「{step.form}」に、決まった文字を入れる項目「{target}」がありません。"
        elif text not in field.schema.get("enum", [text]):
            yield f"次の様式「{step.form}」の項目「{target}」では「{text}」を選べません。"


def _paths(root: Field) -> set[str]:
    return {field.path for field in root.walk() if field.path}


def check_accepted(spec: FormSpec, history: History) -> Iterator[str]:
    """Yield what is wrong with the earlier versions a form accepts; `history` holds the boxes of every version kept."""
    present = max(history)
    for entry in spec.accepts:
        name = version_name(entry.version)
        if entry.version == present:
            yield f"accepts の{name}は今の版です。前の版だけを書いてください。"
        elif entry.version not in history:
            yield f"accepts の{name}のスキーマが schemas/earlier/ にありません。"
        else:
            for change in never_filled(history, entry.version):
                yield (
                    f"accepts の{name}には、必ず記入する「{change.title}」がありません。受け付けても必ず返却になります。"
                    "accepts から外すか、その項目を必須にしないでください。"
                )
