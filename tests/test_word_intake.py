"""A Word form through the whole story: filled, dropped, delivered; wrong, returned with comments, mended, delivered."""

from __future__ import annotations

import json
import subprocess
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from pipeline.blank_forms import filled_form, shape_of
from pipeline.desk import Desk, open_desk
from pipeline.fields import Field
from pipeline.forms.layout import CASE_BOX, Kind, Layout, count_rows, make_layout, steps_of
from pipeline.forms.reader import read_form
from pipeline.forms.word_form import make_word_form, shown
from pipeline.model import Submission
from pipeline.papers.pdf import SYSTEM_PYTHON, find_office
from pipeline.send_back import MARKED_NAME
from pipeline.workspace import Workspace
from tests.conftest import Process, drop, example, folder_of, receipt_of, run
from tests.forms.word_filling import fill, shapes
from tests.intake import (
    CASE,
    beside,
    catalogue,
    desk_for,
    ensure_delivered,
    fullest_examples,
    good_examples,
    outermost_examples,
    values_of,
    without_unticked,
)

UNO_FILLING = Path(__file__).with_name("forms") / "uno_filling.py"


def word(desk: Desk, form: str, values: dict[str, object], case_id: str | None = None) -> bytes:
    body = {
        key: value
        for key, value in values.items()
        if key not in ("form", "form_version", "case_id", "submission_id")
    }
    envelope = {"case_id": case_id} if case_id else None
    return make_word_form(
        desk.shapes[form], body, envelope, with_case=desk.catalogue.forms[form].spec.case != "none"
    )


def prefilled(form: str, values: dict[str, Any], around: dict[str, Any]) -> bytes:
    return filled_form(catalogue(), catalogue().forms[form], values, around)["docx"]


def typed(form: str, values: dict[str, Any], around: dict[str, Any]) -> bytes:
    """A blank form, filled control by control."""
    layout = make_layout(shape_of(catalogue().forms[form]), count_rows(values))
    return fill(with_rows(form, values, with_case=bool(around)), {**around, **as_typed(layout, values)})


def with_rows(form: str, values: dict[str, Any], with_case: bool) -> bytes:
    """A blank form with as many rows as the values need."""
    shape = shape_of(catalogue().forms[form])
    return make_word_form(shape, hollow(shape.root, values), with_case=with_case)


def hollow(field: Field, value: Any) -> Any:
    """Values that hold nothing but make every list as long."""
    if field.kind == "object":
        return {key: hollow(field.by_key[key], part) for key, part in value.items()}
    if field.kind == "array" and "enum" not in field.members[0].schema:
        return [hollow(field.members[0], item) for item in value]
    return None


def as_typed(layout: Layout, values: dict[str, Any]) -> dict[str, str | bool]:
    """What a person types into each control for these values."""
    found: dict[str, str | bool] = {}
    for tag, control in layout.controls().items():
        value: Any = values
        for step in steps_of(tag):
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                value = None
        if control.option is not None:
            found[tag] = control.option in (value or ())
        elif isinstance(value, bool):
            found[tag] = value
        elif value is not None:
            found[tag] = shown(control.box, value)
    return found


def papers(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in folder.rglob("*")
        if p.suffix in (".docx", ".json") and p.name != "receipt.json"
    }


EVERY_EXAMPLE = [(prefilled, *names) for names in good_examples()]
EVERY_FORM = [(typed, *names) for names in outermost_examples()]


@pytest.mark.parametrize(("how", "form", "name"), [*EVERY_EXAMPLE, *EVERY_FORM])
def test_what_stands_in_a_word_form_is_read_as_the_json(
    how: Callable[..., bytes], form: str, name: str
) -> None:
    """Whether it was printed into the form, or typed into a blank one by a person."""
    values = values_of(form, name)
    around = {} if catalogue().forms[form].spec.case == "none" else {"case_id": CASE}
    read = read_form("様式.docx", how(form, values, around), shapes())
    assert isinstance(read, Submission)
    assert (read.form, read.case_id, read.problems) == (form, around.get("case_id"), ())
    assert without_unticked(read.values) == without_unticked(values)


@pytest.mark.parametrize(("form", "name"), fullest_examples())
def test_a_word_form_makes_the_same_papers_as_the_json(place: Workspace, form: str, name: str) -> None:
    values = values_of(form, name)
    around = {} if catalogue().forms[form].spec.case == "none" else {"case_id": CASE}
    with beside(place) as other, desk_for(other, form, name) as desk:
        drop(other, "a.json", {"form": form, **around, **values})
        (by_json,) = run(desk)
        ensure_delivered(desk, by_json)
        first = papers(folder_of(desk, by_json))
    with desk_for(place, form, name) as desk:
        drop(place, "様式.docx", typed(form, values, around))
        (by_word,) = run(desk)
        ensure_delivered(desk, by_word)
        assert papers(folder_of(desk, by_word)) == first
        kept = json.loads((desk.workspace.spool / f"{by_word.sha256}.values.json").read_bytes())
        assert kept["raw"], "what was written is kept beside its value"


OLD_OFFICE = tuple(map(int, (find_office().version or "0.0").split(".")[:2])) < (7, 5)


@pytest.mark.office
@pytest.mark.skipif(
    OLD_OFFICE,
    reason="LibreOffice before 7.5 knows no controls; what it saves is returned (test_word_reader)",
)
@pytest.mark.parametrize(("form", "name"), fullest_examples())
def test_a_form_filled_in_libreoffice_is_delivered(
    place: Workspace, tmp_path: Path, form: str, name: str
) -> None:
    values = values_of(form, name)
    around = {} if catalogue().forms[form].spec.case == "none" else {"case_id": CASE}
    layout = make_layout(shape_of(catalogue().forms[form]), count_rows(values))
    typed_in: dict[str, Any] = {**around, **as_typed(layout, values)}
    boxes = [*([CASE_BOX] if around else []), *layout.boxes().values()]
    blank = {box.bookmark: box.kind not in (Kind.CHECK, Kind.MULTICHECK) and "" for box in boxes}
    answers = {
        box.bookmark: [typed_in.get(tag, blank[box.bookmark]) for tag in box.control_tags] for box in boxes
    }
    source, target = tmp_path / "blank.docx", tmp_path / "filled.docx"
    source.write_bytes(with_rows(form, values, with_case=bool(around)))
    command = [SYSTEM_PYTHON, str(UNO_FILLING), str(source), str(target), str(tmp_path / "profile")]
    subprocess.run(
        command, input=json.dumps(answers), text=True, check=True, capture_output=True, timeout=300
    )
    with desk_for(place, form, name) as desk:
        drop(place, "a.docx", target.read_bytes())
        (entry,) = run(desk)
        ensure_delivered(desk, entry)
        kept = json.loads((desk.workspace.spool / f"{entry.sha256}.values.json").read_bytes())
        assert without_unticked(kept["values"]) == without_unticked(values)


def test_a_wrong_word_form_comes_back_with_comments_and_is_accepted_when_mended(
    desk: Desk, submit: Process
) -> None:
    values = example("dispatch_application", "typical")
    good = word(desk, "dispatch_application", values)
    wrong = fill(
        good,
        {
            "applied_on": "5/6/1",
            "received_on": "6月上旬",
            "applicant.phone": "27-8563",
            "wanted_days[0].end": "午後５時頃",
        },
    )
    entry = submit("a.docx", wrong)
    receipt, folder = receipt_of(desk, entry), folder_of(desk, entry)
    codes = {
        problem["code"]: problem["pointer"] for problem in receipt["problems"] if problem["level"] == "error"
    }
    assert codes == {
        "DATE_NO_ERA": "/applied_on",
        "DATE_VAGUE": "/received_on",
        "PHONE_AREA": "/applicant/phone",
        "TIME_VAGUE": "/wanted_days/0/end",
    }
    assert sorted(p.name for p in folder.iterdir()) == sorted(
        ["original.docx", "receipt.json", MARKED_NAME, "返却票.docx", "返却票.html"]
    )
    assert (folder / "original.docx").read_bytes() == wrong
    marked = (folder / MARKED_NAME).read_bytes()
    with zipfile.ZipFile(BytesIO(marked)) as archive:
        comments = next(
            archive.read(name).decode() for name in archive.namelist() if name.endswith("comments.xml")
        )
    assert comments.count("<w:comment ") == 5, "four boxes and the title"
    mended = fill(
        marked,
        {
            "applied_on": "令和5年6月5日",
            "received_on": "R5.6.6",
            "applicant.phone": "０２４６－００－０００２",
            "wanted_days[0].end": "午後６時",
        },
    )
    again = submit("a.docx", mended)
    assert again.outcome == "delivered", receipt_of(desk, again)["problems"]


def test_what_cannot_be_a_form_of_ours_comes_back_with_how_to(desk: Desk, submit: Process) -> None:
    codes = []
    for number, data in enumerate(
        [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, b"{\\rtf1}", b"%PDF-1.7", b"<html>"]
    ):
        entry = submit(f"{number}.docx", data)
        assert entry.outcome == "returned"
        codes += [problem["code"] for problem in receipt_of(desk, entry)["problems"]]
    assert codes == ["LEGACY", "RTF", "PDF", "HTML"]


def test_our_own_paper_dropped_back_is_no_form(desk: Desk, submit: Process) -> None:
    entry = submit("a.json", example("meeting_minutes", "r4_7_first"))
    path = next(
        document["path"]
        for document in receipt_of(desk, entry)["documents"]
        if document["template"].startswith("meeting_minutes/")
    )
    back = submit("b.docx", (folder_of(desk, entry) / path).read_bytes())
    assert [problem["code"] for problem in receipt_of(desk, back)["problems"]] == ["FORM_MISSING"]


def test_half_a_word_form_waits(place: Workspace) -> None:
    with open_desk(place, pdf=False) as desk:
        data = word(desk, "meeting_minutes", example("meeting_minutes", "minimal"))
        path = drop(place, "a.docx", data[: len(data) // 2])
        assert run(desk) == []
        path.write_bytes(data)
        (entry,) = run(desk)
        assert entry.outcome == "delivered"
