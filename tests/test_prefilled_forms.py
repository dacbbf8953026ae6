"""Forms made again with what is known: those of a case, and one to put an accepted one right."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.blank_forms import shape_of
from pipeline.catalogue import load_catalogue
from pipeline.cli.mouth import app
from pipeline.desk import Desk, open_desk
from pipeline.envelope import MEMBERS
from pipeline.errors import UsageError
from pipeline.fields import read_fields
from pipeline.forms.reader import read_form
from pipeline.model import Entry, Submission
from pipeline.prefill import Earlier, fit, prefill
from pipeline.prefilled_forms import Archive, Prefilled, correcting_form, forms_of_case, private_folder
from pipeline.workspace import Workspace
from tests.conftest import MORNING, Process, drop, example, folder_of, run
from tests.forms.pages import data_in
from tests.forms.word_filling import fill
from tests.intake import CASE, desk_for, ensure_delivered, fullest_examples, values_of, without_unticked


@pytest.fixture
def archive(desk: Desk) -> Archive:
    return Archive(desk.workspace, desk.journal, desk.shelf, desk.catalogue)


@pytest.fixture
def applied(submit: Process) -> Entry:
    return submit("a.json", {**example("dispatch_application", "eight_members"), "case_id": CASE})


def of_case(archive: Archive, *names: str) -> dict[str, Prefilled]:
    return {form.form: form for form in forms_of_case(archive, CASE, names)}


def values_in(made: Prefilled) -> dict[str, Any]:
    return {key: value for key, value in json.loads(made.made["json"]).items() if key not in MEMBERS}


# --- Of a case ------------------------------------------------------------------------------------------------------


def test_a_form_a_step_emitted_is_made_again_byte_for_byte(
    desk: Desk, archive: Archive, applied: Entry
) -> None:
    made = of_case(archive, "visit_survey")["visit_survey"]
    emitted = {path.suffix[1:]: path.read_bytes() for path in folder_of(desk, applied).rglob("*次の様式*")}
    assert made.made == emitted
    assert made.sources == (applied.bundle_id,)


def test_the_latest_form_counts(desk: Desk, archive: Archive, applied: Entry, submit: Process) -> None:
    later = {**example("dispatch_application", "typical"), "case_id": CASE}
    entry = submit("b.json", later)
    made = of_case(archive, "visit_survey")["visit_survey"]
    assert made.sources == (entry.bundle_id,)
    assert values_in(made)["applicant"]["name"] == later["applicant"]["name"]


def test_what_a_later_bundle_replaced_counts_no_more(
    desk: Desk, archive: Archive, applied: Entry, submit: Process
) -> None:
    entry = submit("b.json", {**example("dispatch_application", "typical"), "case_id": CASE})
    desk.shelf.mark_superseded(folder_of(desk, entry), "20240227-0001")
    assert of_case(archive, "visit_survey")["visit_survey"].sources == (applied.bundle_id,)


def test_without_a_step_what_lasts_is_taken_over_and_what_happened_once_is_not(
    archive: Archive, applied: Entry
) -> None:
    made = of_case(archive, "dispatch_application")["dispatch_application"]
    values, given = values_in(made), example("dispatch_application", "eight_members")
    assert values["applicant"] == {**given["applicant"], "contact_time": None}
    assert [child["name"] for child in values["children"]] == [child["name"] for child in given["children"]]
    assert values["centre"] == given["centre"]
    assert len(values["household"]) == 8
    assert {values[key] for key in ("applied_on", "received_on", "reason", "start_wish")} == {None}
    assert values["consent"]["signed_on"] is None
    assert values["visit"]["candidates"] == []


def test_every_form_of_a_case_is_made_and_no_other(archive: Archive, applied: Entry) -> None:
    wanted = {name for name, form in archive.catalogue.forms.items() if form.spec.case != "none"}
    assert of_case(archive).keys() == wanted
    assert all(
        data_in(made.made["html"].decode())["around"]["case_id"] == CASE for made in of_case(archive).values()
    )


def test_a_case_without_bundles_or_a_form_of_no_case_is_a_wrong_request(
    archive: Archive, applied: Entry
) -> None:
    with pytest.raises(UsageError, match="このケース番号"):
        list(forms_of_case(archive, "YC-05-1-999", ()))
    with pytest.raises(UsageError, match="meeting_minutes"):
        of_case(archive, "meeting_minutes")
    with pytest.raises(UsageError, match="no_such_form"):
        of_case(archive, "no_such_form")


# --- What two forms share -------------------------------------------------------------------------------------------

_PARTS = {
    "todoke:parts#/name": {"title": "氏名", "type": "string", "x-lasting": True},
    "todoke:parts#/day": {"title": "日", "type": "string", "format": "date"},
}
_NAME, _DAY = ({"$ref": ref} for ref in _PARTS)


def earlier(number: int, values: dict[str, Any], **properties: Any) -> Earlier:
    form = load_catalogue(Path(__file__).resolve().parents[1]).forms["meeting_minutes"]
    return Earlier(f"b{number}", form.spec, _Schema(root_of(**properties)), values, {})  # type: ignore[arg-type]


class _Schema:
    def __init__(self, root: Any) -> None:
        self.root = root

    def met(self, values: Any) -> frozenset[None]:
        return frozenset({None})


def root_of(**properties: Any) -> Any:
    def resolve(ref: str) -> Any:
        return _PARTS[ref], resolve

    return read_fields({"type": "object", "properties": properties}, resolve)


def group(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def rows(most: int, **properties: Any) -> dict[str, Any]:
    return {"type": "array", "maxItems": most, "items": group(**properties)}


def test_a_part_comes_whole_from_one_form() -> None:
    """A name of one form and a second one of another might be two persons."""
    known = prefill(
        "x",
        root_of(who=group(name=_NAME, kana=_NAME), centre=_NAME),
        [
            earlier(2, {"who": {"name": "例示　花子"}}, who=group(name=_NAME)),
            earlier(
                1,
                {"who": {"name": "見本　太郎", "kana": "みほん"}, "centre": "平"},
                who=group(name=_NAME, kana=_NAME),
                centre=_NAME,
            ),
        ],
    )
    assert known.values == {"who": {"name": "例示　花子"}, "centre": "平"}
    assert known.sources == ("b1", "b2")


@pytest.mark.parametrize(
    ("target", "source", "value", "shared"),
    [
        (_NAME, _NAME, "見本", "見本"),
        (_DAY, _DAY, "2023-06-01", None),
        (_NAME, {"type": "string", "x-lasting": True}, "見本", None),
        (
            rows(2, name=_NAME),
            rows(4, name=_NAME, day=_DAY),
            [{"name": "一", "day": "2023-06-01"}],
            [{"name": "一"}],
        ),
        (rows(2, name=_NAME), rows(4, name=_NAME), [{"name": "一"}] * 3, None),
        (rows(4, name=_NAME), rows(4, name=_NAME), [{"name": "一"}, {}], None),
        (group(name=_NAME), rows(4, name=_NAME), [{"name": "一"}], None),
    ],
)
def test_only_what_is_the_same_and_lasts_is_shared(target: Any, source: Any, value: Any, shared: Any) -> None:
    known = prefill("x", root_of(part=target), [earlier(1, {"part": value}, part=source)])
    assert known.values.get("part") == shared


def test_what_has_no_box_any_more_is_named() -> None:
    root = root_of(
        a=group(b=_NAME),
        kind={"enum": ["甲"]},
        kinds={"type": "array", "items": {"enum": ["甲"]}},
        r=rows(1, b=_NAME),
    )
    values = {
        "a": {"b": "一", "gone": 1},
        "old": [1],
        "kind": "乙",
        "kinds": ["甲", "乙"],
        "r": [{"b": "一", "c": 2}, {"b": "二"}],
    }
    assert fit(root, values) == (
        {"a": {"b": "一"}, "kinds": ["甲"], "r": [{"b": "一"}]},
        ("a.gone", "old", "kind", "kinds[]", "r", "r[].c"),
    )


# --- To put one right -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "name"), fullest_examples())
def test_a_correcting_form_holds_what_was_accepted_and_is_accepted_again(
    place: Workspace, form: str, name: str
) -> None:
    values = values_of(form, name)
    with desk_for(place, form, name) as desk:
        case = {} if desk.catalogue.forms[form].spec.case == "none" else {"case_id": CASE}
        drop(place, "a.json", {"form": form, **case, **values})
        (entry,) = run(desk)
        ensure_delivered(desk, entry)
        kept = Archive(place, desk.journal, desk.shelf, desk.catalogue)
        if desk.catalogue.forms[form].spec.publishes:  # an edition stands as it is
            with pytest.raises(UsageError, match="次の改訂"):
                correcting_form(kept, entry.bundle_id)
            return
        made = correcting_form(kept, entry.bundle_id)
        assert made.left_out == ()
        page = data_in(made.made["html"].decode())
        assert without_unticked(page["values"]) == without_unticked(values)
        assert page["around"] == {
            "case_id": case.get("case_id"),
            "corrects": entry.bundle_id,
            "submission_id": None,
        }
        word = fill(made.made["docx"], {"correction_reason": "見本のため"})
        by_json = json.dumps({**json.loads(made.made["json"]), "correction_reason": "見本のため"}).encode()
        for file, data in (("b.docx", word), ("b.json", by_json)):
            read = read_form(file, data, {form: shape_of(desk.catalogue.forms[form])})
            assert isinstance(read, Submission)
            assert (read.corrects, read.correction_reason) == (entry.bundle_id, "見本のため")
            assert without_unticked(read.values) == without_unticked(values)
        drop(place, "b.docx", word)
        (again,) = run(desk)
        ensure_delivered(desk, again)


def test_only_a_delivered_bundle_that_still_counts_can_be_put_right(
    desk: Desk, archive: Archive, applied: Entry, submit: Process
) -> None:
    returned = submit("b.json", {"form": "meeting_minutes"})
    for bundle_id in (returned.bundle_id, "20240226-0099"):
        with pytest.raises(UsageError, match="交付した組はありません"):
            correcting_form(archive, bundle_id)
    desk.shelf.mark_superseded(folder_of(desk, applied), "20240227-0001")
    with pytest.raises(UsageError, match="20240227-0001 を訂正"):
        correcting_form(archive, applied.bundle_id)


def test_what_the_form_of_today_has_no_box_for_is_named(desk: Desk, archive: Archive, applied: Entry) -> None:
    kept = desk.workspace.spool / f"{applied.sha256}.values.json"
    record = json.loads(kept.read_bytes())
    record["values"]["children"][0]["fax"] = "0246-00-0009"
    kept.chmod(0o600)
    kept.write_text(json.dumps(record), "utf-8")
    made = correcting_form(archive, applied.bundle_id)
    assert made.left_out == ("children[].fax",)
    assert without_unticked(values_in(made)) == without_unticked(
        values_of("dispatch_application", "eight_members")
    )


def test_lost_values_are_said_not_guessed(desk: Desk, archive: Archive, applied: Entry) -> None:
    (desk.workspace.spool / f"{applied.sha256}.values.json").unlink()
    with pytest.raises(UsageError, match="控え"):
        correcting_form(archive, applied.bundle_id)


# --- The command ----------------------------------------------------------------------------------------------------


@pytest.fixture
def done(place: Workspace) -> Iterator[Entry]:
    with open_desk(place, now=lambda: MORNING + timedelta(days=1), pdf=False) as desk:
        drop(place, "a.json", {**example("dispatch_application", "typical"), "case_id": CASE})
        (entry,) = run(desk)
    yield entry


def ask(place: Workspace, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["forms", *words, "-w", str(place.root)], catch_exceptions=True)
    if isinstance(result.exception, UsageError):
        return 2, str(result.exception)
    return result.exit_code, result.output


def test_prefilled_forms_are_for_the_one_who_asks(place: Workspace, done: Entry) -> None:
    for words, ident in ((("--case", CASE), CASE), (("--correct", done.bundle_id), done.bundle_id)):
        code, said = ask(place, *words)
        folder = place.state / "forms" / ident
        assert code == 0
        assert "個人の情報" in said
        assert "見本" not in said
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert {path.suffix for path in folder.iterdir()} == {".docx", ".html", ".json"}
    assert not (place.outbox / "forms").exists()


def test_another_folder_may_be_named_but_none_others_read(
    place: Workspace, done: Entry, tmp_path: Path
) -> None:
    code, said = ask(place, "dispatch_decision", "--case", CASE, "--out", str(tmp_path / "x" / "y"), "--json")
    assert code == 0
    written = json.loads(said)
    assert {Path(row["path"]).name for row in written} == {
        f"dispatch_decision.{s}" for s in ("docx", "html", "json")
    }
    assert {tuple(row["sources"]) for row in written} == {(done.bundle_id,)}
    for folder in (place.outbox, place.outbox / "forms", place.inbox):
        assert ask(place, "--case", CASE, "--out", str(folder))[0] == 2
        with pytest.raises(UsageError, match="--out"):
            private_folder(place, CASE, folder)


@pytest.mark.parametrize(
    "words",
    [
        ("--correct", "x", "--case", "y"),
        ("dispatch_decision", "--correct", "x"),
        ("--out", "x"),
        ("--correct", "../x"),
    ],
)
def test_options_that_do_not_go_together(place: Workspace, words: tuple[str, ...]) -> None:
    assert ask(place, *words)[0] == 2
