"""From an accepted form to finished files: least information, whole sets, PDFs on and off."""

from __future__ import annotations

import io
import json
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from pipeline import desk as desk_room
from pipeline import workshop as room
from pipeline.accepted import Accepted
from pipeline.catalogue import Catalogue, load_catalogue
from pipeline.desk import open_desk
from pipeline.errors import OfficeFault
from pipeline.examine import accept, examine
from pipeline.fields import Field, grants, is_granted
from pipeline.forms.json_form import read_json_form
from pipeline.model import NOTHING_BEFORE, OutFile, Past, Submission
from pipeline.ooxml import docx_text
from pipeline.papers.pdf import OfficeState, PdfPress, find_office
from pipeline.papers.pdf_text import read_pdf_text, squeeze
from pipeline.rehearse import CASE_ID, own_day, past_of
from pipeline.stories import Step, day_of, steps_before
from pipeline.workshop import Sealing, Workshop
from pipeline.workspace import Workspace, find_workspace
from tests.conftest import MORNING, ROOT, drop, example, folder_of, receipt_of, run
from tests.intake import catalogue as shipped
from tests.intake import good_examples


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return shipped()


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
    return accepted(catalogue, example("dispatch_decision", "approved"), past_of(shipped(), before))


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


# Forms in which nobody's name or private words are written: nothing can be planted in any example of theirs.
NOTHING_PRIVATE = {
    "budget_request": "sums of the office's own budget",
    "coordinator_log": "activities by stage; cases by number",
    "measure_tree": "the names of measures",
    "regulation_amendment": "the text of a public regulation",
    "statistics_request": "a day and a span; what is counted has no names",
}
# Examples that leave every private box of their form empty, and what they show instead.
NOTHING_FILLED = {
    ("attendance_reply", "absent_late"): "an absence names nobody",
    ("manual_revision", "third_edition"): "no addressee has a named officer",
    ("meeting_notice", "one_addressee"): "the addressee is 御中",
    ("monthly_report", "no_visits"): "a month with nothing to tell",
    ("outreach_event", "lecturers_paid"): "before the event nobody who comes is named",
    ("outreach_event", "paid_before"): "before the event nobody who comes is named",
    ("outreach_mailing", "all_ruby"): "leaflets without a letter",
}
# Papers that print a private box by way of a fact a rule computed of it: which fact, and why that paper may.
BY_A_RULE = {
    "attendance_roster": (
        {"addressees[].head_name", "secretariat[].name", "attendee.name"},
        {"facts.roster", "facts.staff"},
        "who is asked, and who comes instead, in the order of the 要綱: for that body and the division alone",
    ),
    "address_labels": (
        {f"{kind}[].{box}" for kind in ("agencies", "schools") for box in ("name", "head_name", "address")},
        {"facts.label_rows"},
        "the division's own labels, in posting order",
    ),
    "posting_book": (
        {f"{kind}[].{box}" for kind in ("agencies", "schools") for box in ("name", "head_name")},
        {"facts.postings"},
        "the division's own 発送簿",
    ),
    "copies_table": ({"schools[].name"}, {"facts.table"}, "how many copies each school gets"),
    "school_letter": (
        {"schools[].head_name"},
        {"facts.each.honoured", "facts.each.officer"},
        "the addressee of that one letter, as written on it",
    ),
    "agency_letter": (
        {"agencies[].head_name"},
        {"facts.each.honoured", "facts.each.officer"},
        "the addressee of that one letter, as written on it",
    ),
}


def planted_in(form: str, name: str) -> tuple[dict[str, Any], dict[str, str]]:
    """An example with a canary in every private box, its envelope as it was; and which canary stands for which box."""
    planted: dict[str, str] = {}
    values = example(form, name)
    envelope = {key: values.pop(key) for key in OF_THE_ENVELOPE if key in values}
    values = plant(shipped().forms[form].schema.root, values, planted)
    return {**envelope, **values}, planted


PRIVATE = [(form, name) for form, name in good_examples() if planted_in(form, name)[1]]


def test_every_form_has_an_example_with_canaries_or_a_reason_for_none() -> None:
    assert set(shipped().forms) - {form for form, _ in PRIVATE} == set(NOTHING_PRIVATE)
    left = {(form, name) for form, name in good_examples() if form not in NOTHING_PRIVATE} - set(PRIVATE)
    assert left == set(NOTHING_FILLED)


@cache
def shop() -> Workshop:
    """One workshop for all of them: it compiles a template once."""
    return Workshop(shipped())


def printed(form: str, name: str) -> tuple[set[str], set[tuple[str, str]]]:
    """The boxes whose canaries came out, and each paper with a box it was not granted itself but prints."""
    values, planted = planted_in(form, name)
    step = Step(form, name)
    read = read_json_form(json.dumps(values).encode())
    assert isinstance(read, Submission)
    day = day_of(ROOT, step) or own_day(values)
    examined = examine(shipped(), read, day, past_of(shipped(), steps_before(ROOT, step)))
    assert examined.form is not None and examined.is_good, examined.problems
    numbers = dict.fromkeys(examined.form.spec.allocate, "23-1-001")
    of_a_case = examined.form.spec.case != "none"
    work = accept(
        examined, examined.form, {"id": (read.case_id or CASE_ID) if of_a_case else None, **numbers}
    )
    seen, ungranted = set(), set()
    for file in shop().make(work):
        if not file.template:  # the next form, for the centre's own clerk
            continue
        paper, text = file.template.split("/")[0], everything(file)
        granted = granted_to(form, paper)
        for path in {path for canary, path in planted.items() if canary in text}:
            seen.add(path)
            if not is_granted(path, granted):
                ungranted.add((paper, path))
    return seen, ungranted


def granted_to(form: str, paper: str) -> tuple[str, ...]:
    """What a paper may know of a form: where it is made for each element of a list, as a box of that list."""
    lists = {document.each for document in shipped().forms[form].spec.documents if document.paper == paper}
    fields = shipped().paper(paper).fields
    return tuple(path for each in lists or {None} for path in grants(fields, each))


@pytest.mark.parametrize(("form", "name"), PRIVATE)
def test_a_private_value_reaches_only_papers_that_were_granted_it(form: str, name: str) -> None:
    seen, ungranted = printed(form, name)
    assert seen, "no canary was printed anywhere: the test sees nothing"
    assert not {(paper, path) for paper, path in ungranted if path not in BY_A_RULE.get(paper, (set(),))[0]}


def test_every_exception_is_one_that_is_needed_and_granted() -> None:
    needed: set[tuple[str, str]] = set()
    for form, name in PRIVATE:
        if form in ("meeting_notice", "attendance_reply", "outreach_mailing"):
            needed |= printed(form, name)[1]
    assert needed == {(paper, path) for paper, (paths, _, _) in BY_A_RULE.items() for path in paths}
    for paper, (_, facts, _) in BY_A_RULE.items():
        assert facts <= set(shipped().paper(paper).fields), paper


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
    good = accepted(catalogue, example("dispatch_plan", "typical"), past_of(shipped(), before))
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
