"""`todoke new` and `todoke preview`: a new form without a programmer, and a look at a paper before it is used."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from pipeline.catalogue import load_catalogue
from pipeline.check import write_texts
from pipeline.errors import UsageError
from pipeline.model import OutFile
from pipeline.papers.pdf import PdfPress, find_office
from pipeline.papers.starter import Row, make_starter
from pipeline.rehearse import find_examples, rehearse
from pipeline.versions import stand_alone
from pipeline.workshop import Workshop

_TAKEN_NAMES = ("common", "papers", "examples")
_NAME = re.compile(r"[a-z][a-z0-9_]{2,39}")


def new_form(root: Path, form: str, title: str) -> Iterator[Path]:
    """Write a form that works at once: schema, spec, paper, template, a good and a bad example.

    Raises UsageError if the name cannot be used or is taken; nothing is ever overwritten.
    """
    if not _NAME.fullmatch(form):
        raise UsageError("様式の名前は、英小文字で始まる英小文字・数字・下線の3〜40字にしてください。")
    if form in _TAKEN_NAMES:
        raise UsageError(f"「{form}」は todoke が使う名前です。別の名前にしてください。")
    if not 1 <= len(title.strip()) <= 40 or set(title) & set('"\\/{}') or not title.isprintable():
        raise UsageError('題名は40字までの、「" \\ / { }」を含まない文字にしてください。')
    files = _starter_files(form, title)
    taken = [path for path in files if (root / path).exists()]
    if taken:
        raise UsageError(f"もうあります：{'、'.join(taken)}。別の名前にしてください。")
    for path, data in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        yield target
    yield from write_texts(Workshop(load_catalogue(root)), form)


def _starter_files(form: str, title: str) -> dict[str, bytes]:
    examples = f"doc_templates/{form}/examples"
    rows = [
        Row("題名", "{{ subject }}"),
        Row("記入日", "{{ written_on|wareki }}"),
        Row("内容", "{{ content }}"),
    ]
    good = {"form": form, "subject": "見本", "written_on": "2023-06-01", "content": "内容の例"}
    bad = {"form": form, "subject": "見本", "content": "記入日のない例"}
    return {
        f"schemas/{form}.schema.json": _json(_starter_schema(form, title)),
        f"doc_templates/{form}/spec.toml": _SPEC.format(form=form).encode(),
        f"{examples}/good.json": _json(good),
        f"{examples}/missing.bad.json": _json(bad),
        f"doc_templates/papers/{form}/paper.toml": _PAPER.format(title=title).encode(),
        f"doc_templates/papers/{form}/template.docx": make_starter(title, rows),
    }


def _starter_schema(form: str, title: str) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"todoke:{form}.schema.json",
        "title": title,
        "x-version": 1,
        "type": "object",
        "additionalProperties": False,
        "required": ["subject", "written_on", "content"],
        "properties": {
            "subject": {"type": "string", "title": "題名", "minLength": 1, "maxLength": 40},
            "written_on": {"type": "string", "title": "記入日", "format": "date"},
            "content": {
                "type": "string",
                "title": "内容",
                "minLength": 1,
                "maxLength": 400,
                "x-multiline": True,
            },
        },
    }


def revise_form(root: Path, form: str) -> Iterator[Path]:
    """Keep the present version of a form in schemas/earlier/ and count its version up: now its boxes may be changed.

    Raises UsageError if there is no such form, its schema has a fault, or that version is kept already.
    """
    catalogue = load_catalogue(root)
    if form not in catalogue.forms:
        raise UsageError(
            f"様式「{form}」がないか、スキーマに誤りがあります。todoke check で確かめてください。"
        )
    version = catalogue.forms[form].version
    kept, present = (
        root / f"schemas/earlier/{form}-v{version}.schema.json",
        root / f"schemas/{form}.schema.json",
    )
    text, count = re.subn(
        rf'("x-version"\s*:\s*){version}\b', rf"\g<1>{version + 1}", present.read_text("utf-8")
    )
    if count != 1:
        raise UsageError(f'schemas/{form}.schema.json に "x-version": {version} を一つ書いてください。')
    if kept.exists():
        raise UsageError(f"第{version}版はもう残してあります：{kept.relative_to(root)}。")
    schema = stand_alone(
        catalogue.forms[form].schema.schema, catalogue.schemas, f"todoke:{form}-v{version}.schema.json"
    )
    kept.parent.mkdir(exist_ok=True)
    for path, data in ((kept, _json(schema)), (present, text.encode())):
        path.write_bytes(data)
        yield path


_SPEC = """# この様式から作る書類（書き方は docs/architecture.md）
case = "none"

[[documents]]
paper = "{form}"
audience = "division"
"""

_PAPER = """title = "{title}"
fields = ["subject", "written_on", "content"]

[[editions]]
from = 2022-04-01
template = "template.docx"
"""


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def preview_paper(root: Path, paper: str, folder: Path) -> Iterator[Path]:
    """Render a paper with every good example of the forms that make it; as PDF too where LibreOffice is there.

    Raises UsageError if no form makes it, OfficeFault with every fault of its template.
    """
    catalogue = load_catalogue(root)
    forms = [form for form in catalogue.forms.values() if any(d.paper == paper for d in form.spec.documents)]
    if not forms:
        raise UsageError(
            f"書類「{paper}」を作る様式がありません。spec.toml の documents を確かめてください。"
        )
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        office = find_office()
        press = stack.enter_context(PdfPress(folder, office)) if office.available else None
        workshop = Workshop(catalogue, press)
        for example in find_examples(catalogue, forms):
            if not example.is_bad:
                made = rehearse(workshop, example)
                yield from _write(folder, example.path.stem, paper, made.files)


def _write(folder: Path, stem: str, paper: str, files: tuple[OutFile, ...]) -> Iterator[Path]:
    for file in files:
        if file.template.startswith(f"{paper}/"):
            target = folder / f"{stem}_{file.path.replace('/', '_')}"
            target.write_bytes(file.data)
            yield target
