"""From an accepted form to finished files: least information, whole sets, PDFs on and off."""

from __future__ import annotations

import io
import json
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from pipeline import desk as desk_room
from pipeline import workshop as room
from pipeline.catalogue import Catalogue, load_catalogue
from pipeline.desk import open_desk
from pipeline.errors import OfficeFault
from pipeline.examine import accept, examine
from pipeline.fields import Field, is_granted
from pipeline.forms.json_form import read_json_form
from pipeline.model import NOTHING_BEFORE, OutFile, Past, Submission
from pipeline.ooxml import docx_text
from pipeline.papers.pdf import OfficeState, PdfPress, find_office
from pipeline.papers.pdf_text import read_pdf_text, squeeze
from pipeline.plan import Accepted
from pipeline.rehearse import past_of
from pipeline.stories import Step, steps_before
from pipeline.workshop import Sealing, Workshop
from pipeline.workspace import Workspace, find_workspace
from tests.conftest import MORNING, ROOT, drop, example, folder_of, receipt_of, run


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(ROOT)


def accepted(catalogue: Catalogue, values: Mapping[str, Any], past: Past = NOTHING_BEFORE) -> Accepted:
    read = read_json_form(json.dumps(values).encode())
    assert isinstance(read, Submission)
    examined = examine(catalogue, read, date(2024, 2, 26), past)
    assert examined.form is not None
    assert examined.is_good, examined.problems
    return accept(examined, examined.form, {"id": "YC-23-1-001", "application_no": "23-1-001"})


def decided(catalogue: Catalogue) -> Accepted:
    """A first decision after its steps."""
    before = steps_before(ROOT, Step("dispatch_decision", "approved"))
    return accepted(catalogue, example("dispatch_decision", "approved"), past_of(catalogue, before))


def everything(file: OutFile) -> str:
    """Every byte of every part of a file, as text."""
    if not file.path.endswith(".docx"):
        return file.data.decode()
    with zipfile.ZipFile(BytesIO(file.data)) as archive:
        return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


OF_THE_ENVELOPE = ("form", "form_version", "case_id", "submission_id")
CANARIES = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"


def plant(field: Field, value: Any, planted: dict[str, str]) -> Any:
    """Replace every name and private text by a canary of its own, remembering which field it stands for."""
    if field.kind == "object" and isinstance(value, dict):
        return {key: plant(field.by_key[key], member, planted) for key, member in value.items()}
    if field.kind == "array" and isinstance(value, list):
        return [plant(field.members[0], item, planted) for item in value]
    private = field.is_name or field.schema.get("x-private")
    if isinstance(value, str) and private and field.is_free_text and "pattern" not in field.schema:
        number = len(planted)
        canary = f"鳥{CANARIES[number // 22]}{CANARIES[number % 22]}"
        planted[canary] = field.path
        return canary.ljust(min(len(value), 20), canary[0])  # a reason must be long enough to be one
    return value


GOOD = [
    ("dispatch_application", "eight_members"),
    ("visit_survey", "eight_members"),
    ("dispatch_plan", "eight_members"),
    ("dispatch_plan", "refused"),
    ("dispatch_decision", "approved"),
    ("dispatch_decision", "refused"),
    ("dispatch_decision", "extended"),
    ("dispatch_decision", "changed"),
    ("dispatch_decision", "change_refused"),
    ("dispatch_decision", "moved_to_another_centre"),
    ("dispatch_decision", "suspended"),
    ("dispatch_decision", "closed_by_office"),
    ("extension_application", "typical"),
    ("change_application", "typical"),
    ("meeting_minutes", "with_agencies"),
    ("meeting_minutes", "open_to_public"),
    ("consultation", "long"),
    ("information_reply", "typical"),
    ("assessment", "eight_members"),
    ("support_plan", "typical"),
    ("progress_note", "sharing"),
    ("progress_note", "review_closing"),
    ("case_transfer", "typical"),
    ("case_closure", "typical"),
]


@pytest.mark.parametrize(("form", "name"), GOOD)
def test_a_private_value_reaches_only_papers_that_were_granted_it(
    catalogue: Catalogue, form: str, name: str
) -> None:
    planted: dict[str, str] = {}
    values = example(form, name)
    envelope = {key: values.pop(key) for key in OF_THE_ENVELOPE if key in values}
    values = plant(catalogue.forms[form].schema.root, values, planted)
    past = past_of(catalogue, steps_before(ROOT, Step(form, name)))
    work = accepted(catalogue, {**envelope, **values}, past)
    files = Workshop(catalogue).make(work)
    assert len(planted) > 3
    seen: set[str] = set()
    for file in files:
        if not file.template:  # the next form, for the centre's own clerk
            continue
        granted = catalogue.paper(file.template.split("/")[0]).fields
        text = everything(file)
        for canary, path in planted.items():
            if canary in text:
                seen.add(canary)
                assert is_granted(path, granted), f"{path} in {file.path}"
    assert seen, "no canary was printed anywhere: the test sees nothing"


def test_a_template_that_prints_what_it_may_not_know_fails_loudly(place: Workspace) -> None:
    paper = place.root / "doc_templates/papers/joint_visit_request"
    toml = paper / "paper.toml"
    lines = [line for line in toml.read_text("utf-8").splitlines() if '"case.id"' not in line]
    assert len(lines) < len(toml.read_text("utf-8").splitlines())
    toml.write_text("\n".join(lines), "utf-8")
    catalogue = load_catalogue(place.root)
    with pytest.raises(OfficeFault) as fault:
        Workshop(catalogue).make(accepted(catalogue, example("dispatch_application", "typical")))
    assert fault.value.code == "TEMPLATE"


def test_names_come_out_code_point_for_code_point(catalogue: Catalogue) -> None:
    values = example("dispatch_application", "typical")
    strange = "𠮷葛\U000e0100髙神\ufa19<&>\"'{{7*7}}"
    values["applicant"]["name"] = strange
    files = Workshop(catalogue).make(accepted(catalogue, values))
    check_sheet = next(file for file in files if file.template.startswith("acceptance_check"))
    assert strange in docx_text(check_sheet.data)


def test_a_template_is_compiled_once(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []
    real = room.compile_template
    monkeypatch.setattr(room, "compile_template", lambda *words: compiled.append(words[1]) or real(*words))
    shop = Workshop(catalogue)
    work = decided(catalogue)
    assert shop.make(work) == shop.make(work)
    assert len(compiled) == 4


def test_an_older_day_takes_the_older_edition(place: Workspace) -> None:
    folder = place.root / "doc_templates/papers/decision_list"
    (folder / "later.docx").write_bytes((folder / "template.docx").read_bytes())
    with (folder / "paper.toml").open("a", encoding="utf-8") as toml:
        toml.write('\n[[editions]]\nfrom = 2022-08-01\ntemplate = "later.docx"\n')
    catalogue = load_catalogue(place.root)
    used = {}
    for name in ("r4_7_first", "r4_8_second"):
        work = accepted(catalogue, example("meeting_minutes", name))
        files = Workshop(catalogue).make(work)
        used[work.as_of] = {file.template for file in files if "decision_list" in file.template}
    assert len(used) == 2
    for day, templates in used.items():
        assert templates == {
            "decision_list/later.docx" if day >= date(2022, 8, 1) else "decision_list/template.docx"
        }


def test_a_date_before_every_edition_is_the_sender_s_to_mend(place: Workspace) -> None:
    toml = place.root / "doc_templates/papers/decision_list/paper.toml"
    text = toml.read_text("utf-8")
    start = text.index("from = ")
    toml.write_text(text[:start] + "from = 2030-01-01" + text[start + len("from = 2030-01-01") :], "utf-8")
    read = read_json_form(json.dumps(example("meeting_minutes", "r4_7_first")).encode())
    assert isinstance(read, Submission)
    examined = examine(load_catalogue(place.root), read, date(2024, 2, 26), NOTHING_BEFORE)
    assert [(p.code, p.pointer) for p in examined.problems] == [("DATE_BEFORE_FORMS", "/doc_date")]


def test_a_notice_never_goes_out_without_what_the_office_must_say_on_it(place: Workspace) -> None:
    toml = place.root / "office" / "signatory.toml"
    text = toml.read_text("utf-8")
    at = text.index('paper = "decision_notice"')
    toml.write_text(text[:at] + "until = 2023-05-31\n" + text[at:], "utf-8")
    catalogue = load_catalogue(place.root)
    with pytest.raises(OfficeFault, match="signatory"):
        Workshop(catalogue).make(decided(catalogue))


def test_two_papers_of_one_name_or_an_impossible_title_are_the_office_s_fault(place: Workspace) -> None:
    spec = place.root / "doc_templates/meeting_minutes/spec.toml"
    spec.write_text(
        spec.read_text("utf-8") + '\n[[documents]]\npaper = "meeting_minutes"\naudience = "members"\n',
        "utf-8",
    )
    catalogue = load_catalogue(place.root)
    with pytest.raises(OfficeFault, match="二度作られます"):
        Workshop(catalogue).make(accepted(catalogue, example("meeting_minutes", "r4_7_first")))


# --- PDFs ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def with_pdf(place: Workspace) -> Iterator[Workspace]:
    settings = place.root / "todoke.toml"
    settings.write_text(settings.read_text("utf-8").replace('mode = "off"', 'mode = "auto"'), "utf-8")
    yield find_workspace(place.root)


@pytest.mark.office
def test_pdfs_and_the_packet_come_with_the_set(with_pdf: Workspace) -> None:
    assert find_office().available
    decision = Step("dispatch_decision", "approved")
    with open_desk(with_pdf, now=lambda: MORNING) as desk:
        for step in (*steps_before(ROOT, decision), decision):
            drop(with_pdf, f"{step.form}.json", example(step.form, step.example))
            (entry,) = run(desk)
        receipt, folder = receipt_of(desk, entry), folder_of(desk, entry)
    assert receipt["pdf"] == "included"
    pdfs = [document for document in receipt["documents"] if document["path"].endswith(".pdf")]
    assert len(pdfs) == 9, "the two papers in the packet are not loose beside it as PDF"
    assert all(document["pages"] >= 1 for document in pdfs)
    (packet,) = [document for document in pdfs if document["title"] == "派遣依頼書一式"]
    parts = [
        d["pages"]
        for d in pdfs
        if d["audience"] == "centre" and d["title"] in ("派遣依頼書（控）", "支援計画書（控）")
    ]
    assert packet["pages"] == sum(parts)
    sealed = (folder / packet["path"]).read_bytes()
    key = tomllib.loads(with_pdf.keys.read_text("utf-8"))["contractor-shakyo"]
    assert PdfReader(io.BytesIO(sealed)).is_encrypted and key.encode() not in sealed
    opened = PdfReader(io.BytesIO(sealed), password=key)
    assert [mark.title for mark in opened.outline] == ["派遣依頼書", "支援計画書"]
    assert "見本" in "".join(page.extract_text() for page in opened.pages)
    loose = {path.suffix for path in (folder / "contractor").iterdir()}
    assert loose == {".docx", ".pdf", ".ics", ".html", ".json"}, (
        "papers, calendar, and the next form to fill in"
    )
    name = squeeze(example("dispatch_decision", "approved")["applicant"]["name"])
    assert name in read_pdf_text((folder / pdfs[0]["path"]).read_bytes()).flow
    assert not any((with_pdf.state / "tmp").iterdir()), "a private copy of a paper was left behind"


@pytest.mark.office
@pytest.mark.parametrize(("loose", "files"), [("all", 9), ("docx", 7), ("none", 5)])
def test_what_lies_loose_beside_the_packet_is_the_office_s_to_say(
    with_pdf: Workspace, loose: str, files: int
) -> None:
    catalogue = load_catalogue(with_pdf.root)
    good = decided(catalogue)
    office = find_office()
    with PdfPress(with_pdf.root, office) as press:
        made = Workshop(catalogue, press, Sealing(None, loose)).make(good)
        with pytest.raises(OfficeFault, match="contractor-shakyo"):
            Workshop(catalogue, press, Sealing({}, loose)).make(good)
    assert len([file for file in made if file.audience == "contractor"]) == files


@pytest.mark.office
def test_a_packet_that_stays_in_the_office_needs_no_key(with_pdf: Workspace) -> None:
    catalogue = load_catalogue(with_pdf.root)
    before = steps_before(ROOT, Step("dispatch_plan", "typical"))
    good = accepted(catalogue, example("dispatch_plan", "typical"), past_of(catalogue, before))
    with PdfPress(with_pdf.root, find_office()) as press:
        made = Workshop(catalogue, press, Sealing({}, "none")).make(good)
    (packet,) = [file for file in made if file.title == "起案一式（承認）"]
    opened = PdfReader(io.BytesIO(packet.data))
    assert [mark.title for mark in opened.outline] == [
        "起案書",
        "派遣計画書",
        "決定通知書（案）",
        "派遣依頼書（案）",
        "支援計画書（案）",
    ]
    assert any(file.title == "起案書" and file.path.endswith(".docx") for file in made), "loose ones stay"


def test_without_libreoffice_the_word_set_is_published_and_says_so(
    with_pdf: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = OfficeState(reason="LibreOfficeが見つかりません。")
    monkeypatch.setattr(desk_room, "find_office", lambda: missing)
    drop(with_pdf, "1.json", example("dispatch_application", "typical"))
    with open_desk(with_pdf) as desk:
        (entry,) = run(desk)
        receipt = receipt_of(desk, entry)
        assert desk.office.reason == missing.reason
    assert (receipt["outcome"], receipt["pdf"]) == ("delivered", "off")
    assert not any(document["path"].endswith(".pdf") for document in receipt["documents"])
