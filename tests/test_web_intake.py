"""A web form through the whole story: typed, saved, dropped, delivered; wrong, returned as a form, mended, delivered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.blank_forms import blank_form, filled_form
from pipeline.desk import Desk
from pipeline.envelope import MEMBERS
from pipeline.forms.reader import read_form
from pipeline.model import Entry, Level, Problem, Submission
from pipeline.rehearse import Example, rehearse
from pipeline.send_back import WEB_NAME, make_mending
from pipeline.workshop import Workshop
from pipeline.workspace import Workspace
from tests.conftest import MORNING, Process, drop, example, folder_of, receipt_of, run
from tests.forms.browser import CHROMIUM, Browser, open_browser
from tests.forms.pages import data_in
from tests.forms.web_filling import fill, save
from tests.intake import (
    CASE,
    bad_examples,
    catalogue,
    desk_for,
    ensure_delivered,
    fullest_examples,
    values_of,
)
from tests.stepping import sample

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
EVERY_FORM = pytest.mark.parametrize(("form", "name"), fullest_examples(letters=2_000))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with open_browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Browser]:
    for old in browser.downloads.glob("*.json"):
        old.unlink()
    browser.said.clear()
    browser.dialogs.clear()
    yield browser
    assert browser.said == []


def dropped(desk: Desk, name: str, data: bytes) -> Entry:
    drop(desk.workspace, name, data)
    (entry,) = run(desk)
    return entry


def around(form: str) -> dict[str, Any]:
    return {} if catalogue().forms[form].spec.case == "none" else {"case_id": CASE}


# --- Typed, saved, dropped ------------------------------------------------------------------------------------------


@pytest.mark.browser
@needs_chromium
@EVERY_FORM
def test_what_is_typed_is_saved_dropped_and_delivered(
    place: Workspace, page: Browser, tmp_path: Path, form: str, name: str
) -> None:
    values = values_of(form, name)
    path = tmp_path / f"{form}.html"
    path.write_bytes(blank_form(catalogue(), catalogue().forms[form])["html"])
    page.open(path)
    if around(form):
        page.type("case_id", CASE)
    fill(page, values)
    assert save(page) == {
        "form": form,
        "form_version": catalogue().forms[form].version,
        **around(form),
        **values,
    }
    with desk_for(place, form, name) as desk:
        ensure_delivered(desk, dropped(desk, "a.json", page.downloaded(".json").read_bytes()))


@pytest.mark.browser
@needs_chromium
@pytest.mark.parametrize("form", ["dispatch_decision", "meeting_minutes", "manual_revision"])
def test_a_correction_is_made_on_the_page(place: Workspace, page: Browser, tmp_path: Path, form: str) -> None:
    """With a case, without one, and of what is published once for all (tests/test_prefilled_forms.py: of every form)."""
    name = dict(fullest_examples())[form]
    values = values_of(form, name)
    with desk_for(place, form, name) as desk:
        first = dropped(desk, "a.json", json.dumps({"form": form, **around(form), **values}).encode())
        frame = {**around(form), "corrects": first.bundle_id}
        path = tmp_path / f"{form}.html"
        path.write_bytes(filled_form(catalogue(), catalogue().forms[form], values, frame)["html"])
        page.open(path)
        page.click("#save")
        missing = "return [...document.querySelectorAll('#summary a')].map((link) => link.textContent)"
        assert page.run(missing) == ["訂正の理由"]
        page.retype("correction_reason", "見本のため")
        whole = {"form": form, "form_version": catalogue().forms[form].version, **frame}
        assert save(page) == {**whole, "correction_reason": "見本のため", **values}
        again = dropped(desk, "b.json", page.downloaded(".json").read_bytes())
        if catalogue().forms[form].spec.publishes:  # an edition stands as it is
            assert [p["code"] for p in receipt_of(desk, again)["problems"]] == ["CORRECTS_PUBLISHED"]
        else:
            ensure_delivered(desk, again)


@pytest.mark.browser
@needs_chromium
def test_taking_back_needs_no_reason(page: Browser, tmp_path: Path) -> None:
    values = values_of("meeting_minutes", "minimal")
    path = tmp_path / "a.html"
    form = catalogue().forms["meeting_minutes"]
    path.write_bytes(filled_form(catalogue(), form, values, {"corrects": "20240226-0001"})["html"])
    page.open(path)
    fill(page, {"withdraws": ["前に出した様式を取り下げる"]})
    saved = save(page)
    assert {key: saved[key] for key in saved.keys() & set(MEMBERS)} == {
        "form": "meeting_minutes", "form_version": 2, "withdraws": "20240226-0001",
    }  # fmt: skip


# --- Returned -------------------------------------------------------------------------------------------------------

STATE = """
  const named = document.activeElement.closest('[data-tag]');
  const errors = [...named.querySelectorAll('.error:not([hidden])')].map((error) => error.textContent);
  const seen = document.activeElement.checkVisibility();
  return { tag: named.dataset.tag, errors, seen, reading: named.querySelector('.reading')?.textContent ?? '' };
"""
FOLLOW = """
  document.activeElement.blur();
  location.hash = a[0];
  await new Promise((done) => addEventListener('hashchange', done, { once: true }));
"""


def tag_of(pointer: str) -> str:
    steps = pointer.split("/")[1:]
    return "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in steps).removeprefix(".")


def returned_pages(form: str) -> Iterator[tuple[bytes, list[Problem]]]:
    """The bad examples of a form as their sender gets them back, with the mistakes no earlier one has had in that box."""
    workshop, seen = Workshop(catalogue()), set[tuple[str, str]]()
    for path in bad_examples():
        if path.parents[1].name != form:
            continue
        data = path.read_bytes()
        read = read_form("a.json", data, {})
        assert isinstance(read, Submission)
        problems = rehearse(workshop, Example(form, path)).problems
        entry = Entry("", "20230605-0001", "", "a.json", MORNING, 1, "received")
        page, *_ = make_mending(workshop, entry, data, read, catalogue().forms[form], problems)
        kinds = {
            p: (p.code, re.sub("[0-9]+", "0", p.pointer))
            for p in problems
            if p.pointer and p.level == Level.ERROR
        }
        if new := [problem for problem, kind in kinds.items() if kind not in seen]:
            yield page.data, new
        seen |= set(kinds.values())


@pytest.mark.browser
@needs_chromium
@pytest.mark.parametrize("form", sorted({path.parents[1].name for path in bad_examples()}))
def test_the_links_of_the_slip_lead_to_every_wrong_box(page: Browser, tmp_path: Path, form: str) -> None:
    """The box at the end of each link (tests/test_process.py) is marked, or the page reads what was sent as it stands.

    On four pages of each form; with TODOKE_TEST_ALL=1 on all of them.
    """
    followed = 0
    for number, (data, problems) in enumerate(sample(list(returned_pages(form)), 4)):
        path = tmp_path / f"{number}.html"
        path.write_bytes(data)
        pointers = list(dict.fromkeys(problem.pointer for problem in problems))
        for pointer in pointers:
            if pointer == pointers[0]:
                page.open(path, f"#{pointer}")
            else:
                page.run(FOLLOW, pointer)
            state = page.run(STATE)
            assert tag_of(pointer).startswith(state["tag"])
            assert state["seen"]
            codes = {problem.code for problem in problems if problem.pointer == pointer}
            # What the page has no box for it does not send again, nor the same tick twice.
            if state["tag"] == tag_of(pointer) and not codes & {"UNKNOWN_FIELD", "REPEATED"}:
                assert state["errors"] or "読み取り" in state["reading"]
            followed += 1
    assert followed


def first_text(form: str, values: dict[str, Any]) -> str | None:
    """A required text at the top of a form or of a required group of it."""
    for field in catalogue().forms[form].schema.root.walk():
        if field.required and field.is_free_text and "[]" not in field.path and field.path.count(".") < 2:
            groups = field.path.split(".")[:-1]
            if all(catalogue().forms[form].schema.root.by_key[group].required for group in groups):
                return field.path
    return None


@pytest.mark.browser
@needs_chromium
@EVERY_FORM
def test_a_returned_form_is_mended_on_itself(place: Workspace, page: Browser, form: str, name: str) -> None:
    values = values_of(form, name)
    box = first_text(form, values)
    if box is None:
        pytest.skip("no required text in this form")
    *groups, key = box.split(".")
    wrong = json.loads(json.dumps(values))
    holder = wrong
    for group in groups:
        holder = holder[group]
    right = holder.pop(key)
    whole = {"form": form, **around(form), "submission_id": "S-1", **wrong}
    with desk_for(place, form, name) as desk:
        entry = dropped(desk, "a.json", json.dumps(whole).encode())
        assert entry.outcome == "returned"
        page.open(folder_of(desk, entry) / WEB_NAME)
        assert page.run("return document.querySelectorAll('.box.wrong').length") == 1
        page.retype(box, right)
        assert page.run("return document.querySelectorAll('.box.wrong').length") == 0
        saved = save(page)
        assert {key: saved[key] for key in saved if key != "form_version"} == {**whole, **values}
        again = dropped(desk, "b.json", page.downloaded(".json").read_bytes())
        ensure_delivered(desk, again)


@pytest.mark.browser
@needs_chromium
def test_what_only_the_office_can_see_stays_until_the_box_changes(
    desk: Desk, submit: Process, page: Browser
) -> None:
    values = {
        **example("dispatch_application", "typical"),
        "received_on": "2023-06-04",
        "applied_on": "2023-06-05",
    }
    entry = submit("a.json", values)
    codes = {problem["pointer"]: problem["code"] for problem in receipt_of(desk, entry)["problems"]}
    assert codes["/applied_on"] == "BR15"
    page.open(folder_of(desk, entry) / WEB_NAME)
    error = "return document.querySelector(\"[data-tag='applied_on'] .error\").textContent"
    assert "収受日" in page.run(error)
    page.click("#save")
    assert page.dialogs == ["confirm"], "asks before the same mistake is sent again"
    page.downloaded(".json").unlink()
    page.retype("received_on", "令和５年６月６日")
    assert "収受日" in page.run(error), "it may still be this one that is wrong"
    page.dialogs.clear()
    assert save(page)["received_on"] == "2023-06-06"
    assert page.dialogs == []
    page.retype("applied_on", "令和５年６月４日")
    assert page.run(error) == ""


@pytest.mark.browser
@needs_chromium
def test_a_word_that_is_no_choice_stands_beside_its_box(desk: Desk, submit: Process, page: Browser) -> None:
    values = {
        **example("dispatch_application", "typical"),
        "centre": "平センター",
        "wanted_house": ["洗濯", "庭の手入れ"],
    }
    values["consent"]["signature_kind"] = "サイン"
    entry = submit("a.json", values)
    page.open(folder_of(desk, entry) / WEB_NAME)
    lost = "return document.querySelector(`[data-tag='${a[0]}'] .lost`).textContent"
    assert page.run(lost, "centre") == "ここに記入されていたもの：「平センター」"
    assert "サイン" in page.run(lost, "consent.signature_kind")
    assert "庭の手入れ" in page.run(lost, "wanted_house")
    assert (
        page.run(
            "return document.querySelector(\"[data-tag='wanted_house'] input:checked\").parentNode.textContent"
        )
        == "洗濯"
    )
    fill(page, {"centre": "平地区保健福祉センター"})
    assert page.run(lost, "centre") == ""


def test_a_case_number_that_may_be_wrong_can_be_mended(desk: Desk, submit: Process) -> None:
    entry = submit("a.json", {**example("dispatch_decision", "approved"), "case_id": "YC-05-1-999"})
    data = data_in((folder_of(desk, entry) / WEB_NAME).read_text("utf-8"))
    assert [problem["code"] for problem in receipt_of(desk, entry)["problems"]] == ["CASE_UNKNOWN", "BR13"]
    assert "/case_id" in {problem["pointer"] for problem in data["told"]}
    assert data["frame"]["values"]["case_id"] == "YC-05-1-999"


def test_a_correction_comes_back_as_a_correction(desk: Desk, submit: Process) -> None:
    values = {
        **example("meeting_minutes", "minimal"),
        "corrects": "20240226-1",
        "correction_reason": "見本",
        "place": None,
    }
    entry = submit("a.json", values)
    data = data_in((folder_of(desk, entry) / WEB_NAME).read_text("utf-8"))
    assert {problem["pointer"] for problem in receipt_of(desk, entry)["problems"]} == {"/corrects", "/place"}
    assert [field["key"] for field in data["frame"]["root"]["members"]] == [
        "corrects",
        "withdraws",
        "correction_reason",
    ]
    assert data["frame"]["values"]["correction_reason"] == "見本"


def test_an_unreadable_file_comes_back_with_the_slip_alone(desk: Desk, submit: Process) -> None:
    for number, data in enumerate(
        (b"[1]", b'{"form": "no_such_form"}', b'{"todoke_draft": "meeting_minutes"}')
    ):
        entry = submit(f"{number}.json", data)
        names = {path.name for path in folder_of(desk, entry).iterdir()}
        assert names == {"original.json", "receipt.json", "返却票.docx", "返却票.html"}
        assert "<a " not in (folder_of(desk, entry) / "返却票.html").read_text("utf-8")


@pytest.mark.browser
@needs_chromium
def test_a_draft_says_what_it_is_and_is_finished_on_the_form(
    place: Workspace, page: Browser, tmp_path: Path
) -> None:
    values = values_of("meeting_minutes", "minimal")
    path = tmp_path / "a.html"
    path.write_bytes(blank_form(catalogue(), catalogue().forms["meeting_minutes"])["html"])
    page.open(path)
    fill(page, values)
    page.click("#save-draft")
    draft = page.downloaded(".draft.json").read_bytes()
    with desk_for(place, "meeting_minutes", "minimal") as desk:
        entry = dropped(desk, "a.draft.json", draft)
        (problem,) = receipt_of(desk, entry)["problems"]
        assert (entry.outcome, problem["code"]) == ("returned", "DRAFT")
        assert "ファイルから読み込む" in problem["message"]
        for old in page.downloads.glob("*.json"):
            old.unlink()
        page.open(path)
        document = page.call("DOM.getDocument")["root"]["nodeId"]
        node = page.call("DOM.querySelector", nodeId=document, selector="#load-draft")["nodeId"]
        original = folder_of(desk, entry) / "original.json"
        page.call("DOM.setFileInputFiles", files=[str(original)], nodeId=node)
        page.wait("return document.querySelector('#status').textContent !== ''")
        save(page)
        ensure_delivered(desk, dropped(desk, "b.json", page.downloaded(".json").read_bytes()))
