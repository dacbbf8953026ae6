"""Earlier versions of a form: kept as data, read as they were, accepted or returned, what changed said in Japanese."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.catalogue import load_catalogue
from pipeline.check import check_form
from pipeline.desk import Desk, open_desk, shapes_of
from pipeline.errors import UsageError
from pipeline.fields import Field, read_fields
from pipeline.forms.word_form import make_word_form
from pipeline.forms.word_reader import read_word_form
from pipeline.scaffold import new_form, revise_form
from pipeline.send_back import MARKED_NAME
from pipeline.validate import make_form_schema, make_registry
from pipeline.versions import Change, carry_over, changes_since, explained, never_filled, stand_alone
from pipeline.wording import schema_problem, version_name, version_problem
from pipeline.workspace import Workspace, make_workspace
from tests.conftest import MORNING, drop, folder_of, receipt_of, run
from tests.intake import catalogue as shipped

FORM = "visit_note"
VALUES = {"subject": "見本", "written_on": "2024-02-20", "content": "内容の例", "memo": "前の版だけの記入"}
Schema = dict[str, Any]


def edit(place: Workspace, change: Callable[[Schema], Any]) -> None:
    path = place.root / f"schemas/{FORM}.schema.json"
    schema = json.loads(path.read_text("utf-8"))
    change(schema)
    path.write_text(json.dumps(schema, ensure_ascii=False, indent=2), "utf-8")


def accept(place: Workspace, line: str) -> None:
    path = place.root / f"doc_templates/{FORM}/spec.toml"
    path.write_text(path.read_text("utf-8") + f"\n[[accepts]]\n{line}\n", "utf-8")


def text(title: str) -> Schema:
    return {"type": "string", "title": title, "maxLength": 40}


@pytest.fixture
def office(place: Workspace) -> Workspace:
    """A form in its second version: メモ is gone, 連絡先 came in, 内容 is called 記録."""
    list(new_form(place.root, FORM, "訪問メモ"))
    edit(place, lambda schema: schema["properties"].update(memo=text("メモ")))
    list(revise_form(place.root, FORM))

    def second(schema: Schema) -> None:
        del schema["properties"]["memo"]
        schema["properties"]["phone"] = text("連絡先")
        schema["properties"]["content"]["title"] = "記録"

    edit(place, second)
    return place


def demand_phone(schema: Schema) -> None:
    schema["required"].append("phone")


def first_version(desk: Desk, values: dict[str, Any] | None = None) -> bytes:
    return make_word_form(desk.shapes[f"{FORM}-v1"], VALUES if values is None else values)


def told(desk: Desk, name: str, content: Any) -> tuple[str, dict[str, dict[str, str]]]:
    drop(desk.workspace, name, content)
    (entry,) = run(desk)
    return str(entry.outcome), {problem["code"]: problem for problem in receipt_of(desk, entry)["problems"]}


# --- Through the whole story --------------------------------------------------------------------------------------


def test_a_version_that_is_not_accepted_comes_back_with_what_changed(office: Workspace) -> None:
    with open_desk(office, now=lambda: MORNING, pdf=False) as desk:
        drop(office, "a.docx", first_version(desk))
        (entry,) = run(desk)
        (problem,) = (p for p in receipt_of(desk, entry)["problems"] if p["level"] == "error")
        assert (entry.outcome, problem["code"]) == ("returned", "FORM_RETIRED")
        assert problem["message"] == (
            "第１版の様式です。いまは第２版です。第１版は受け付けていません。新しい様式に書き写して、もう一度入れてください。"
            "変わったところ：「内容」が「記録」になりました。「連絡先」が加わりました。「メモ」がなくなりました。"
        )
        assert (folder_of(desk, entry) / MARKED_NAME).exists()


def test_an_accepted_version_is_read_by_its_own_boxes_and_delivered(office: Workspace) -> None:
    accept(office, "version = 1\nuntil = 2024-02-26")
    with open_desk(office, now=lambda: MORNING, pdf=False) as desk:
        outcome, problems = told(desk, "a.docx", first_version(desk))
        assert outcome == "delivered"
        assert problems.keys() == {"FORM_EARLIER", "BOX_DROPPED"}
        assert problems["FORM_EARLIER"]["message"].startswith(
            "第１版の様式です。いまの第２版として読みました。"
        )
        assert problems["BOX_DROPPED"]["pointer"] == "/memo"
        assert problems["BOX_DROPPED"]["title"] == "メモ"
        assert "第２版でなくなりました" in problems["BOX_DROPPED"]["message"]
        kept = json.loads(next(office.spool.glob("*.values.json")).read_bytes())
        assert kept["form_version"] == 2
        assert kept["values"] == {key: value for key, value in VALUES.items() if key != "memo"}


def test_json_of_an_earlier_version_is_judged_alike(office: Workspace) -> None:
    accept(office, "version = 1")
    values = {key: value for key, value in VALUES.items() if key != "memo"}
    with open_desk(office, now=lambda: MORNING, pdf=False) as desk:
        outcome, problems = told(desk, "a.json", {"form": FORM, "form_version": 1, **values})
        assert (outcome, problems.keys()) == ("delivered", {"FORM_EARLIER"})
        outcome, problems = told(desk, "b.json", {"form": FORM, "form_version": 1, **values, "other": "x"})
        assert (outcome, problems.keys()) == ("returned", {"FORM_EARLIER", "UNKNOWN_FIELD"})


def test_the_last_day_counts_and_the_next_does_not(office: Workspace) -> None:
    accept(office, "version = 1\nuntil = 2024-02-25")
    with open_desk(office, now=lambda: MORNING, pdf=False) as desk:  # the 26th
        assert told(desk, "a.docx", first_version(desk))[0] == "returned"


def test_a_box_that_came_later_is_asked_for_with_the_version_it_came_in(office: Workspace) -> None:
    edit(office, demand_phone)
    accept(office, "version = 1")
    with open_desk(office, now=lambda: MORNING, pdf=False) as desk:
        desk.catalogue.faults.clear()  # `check` says that this acceptance is in vain: seen below
        outcome, problems = told(desk, "a.docx", first_version(desk))
        assert outcome == "returned"
        assert problems["REQUIRED"]["pointer"] == "/phone"
        assert problems["REQUIRED"]["message"].endswith("この項目は第２版で加わりました。")


def test_every_mistake_on_a_retired_form_is_told_too(office: Workspace) -> None:
    with open_desk(office, now=lambda: MORNING, pdf=False) as desk:
        data = first_version(desk, {**VALUES, "written_on": "", "subject": ""})
        outcome, problems = told(desk, "a.docx", data)
        assert outcome == "returned"
        assert problems.keys() == {"FORM_RETIRED", "BOX_DROPPED", "REQUIRED"}


def test_an_unknown_version_is_told_so(office: Workspace) -> None:
    with open_desk(office, now=lambda: MORNING, pdf=False) as desk:
        outcome, problems = told(desk, "a.json", {"form": FORM, "form_version": 7, **VALUES})
        assert (outcome, problems.keys()) == ("returned", {"FORM_VERSION"})


def test_the_present_version_needs_no_word(office: Workspace) -> None:
    values = {key: value for key, value in VALUES.items() if key != "memo"}
    with open_desk(office, now=lambda: MORNING, pdf=False) as desk:
        outcome, problems = told(desk, "a.docx", make_word_form(desk.shapes[FORM], values))
        assert (outcome, problems) == ("delivered", {})


# --- `todoke check` and `todoke revise` ----------------------------------------------------------------------------


def faults(place: Workspace) -> list[str]:
    catalogue = load_catalogue(place.root)
    found = [sentence for sentences in catalogue.faults.values() for sentence in sentences]
    return found + [fault.message for fault in check_form(catalogue, catalogue.forms[FORM])]


def test_a_revised_form_is_sound(office: Workspace) -> None:
    assert faults(office) == []
    accept(office, "version = 1")
    assert faults(office) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("version = 2", "第２版は今の版です"),
        ("version = 9", "第９版のスキーマが schemas/earlier/ にありません"),
        ('version = 1\nuntil = "2024-09-30"', "accepts は version = 1 と until"),
        ("version = true", "accepts は version = 1 と until"),
        ("versio = 1", "意味のない項目"),
    ],
)
def test_an_acceptance_that_means_nothing_is_a_fault(office: Workspace, line: str, said: str) -> None:
    accept(office, line)
    assert any(said in fault for fault in faults(office))


def test_an_acceptance_in_vain_is_a_fault(office: Workspace) -> None:
    edit(office, demand_phone)
    assert faults(office) == [], "returned forms may lack what they like"
    accept(office, "version = 1")
    assert any("必ず記入する「連絡先」がありません" in fault for fault in faults(office))


def test_a_kept_version_that_was_touched_is_a_fault(office: Workspace) -> None:
    kept = office.root / f"schemas/earlier/{FORM}-v1.schema.json"
    good = kept.read_text("utf-8")
    for old, new, said in (
        ('"x-version": 1', '"x-version": 5', "x-version は 1"),
        ('"title": "メモ"', '"$ref": "todoke:common.schema.json#/$defs/text", "title": "メモ"', "参照"),
        ('"subject"', '"case_id"', "同じ名前の項目は使えません"),
        ("{", "[", "読めません"),
    ):
        kept.write_text(good.replace(old, new), "utf-8")
        assert any(said in fault for fault in faults(office)), said
    kept.write_text(good, "utf-8")
    assert faults(office) == []


def test_a_fault_of_a_kept_version_holds_its_form_only(office: Workspace) -> None:
    kept = office.root / f"schemas/earlier/{FORM}-v1.schema.json"
    kept.write_text(kept.read_text("utf-8").replace('"x-version": 1', '"x-version": 5'), "utf-8")
    with open_desk(office, now=lambda: MORNING, pdf=False) as desk:
        values = {key: value for key, value in VALUES.items() if key != "memo"}
        assert told(desk, "a.json", {"form": FORM, **values})[0] == "held"
        desk.catalogue.ensure_usable("meeting_minutes")


def test_revising_twice_keeps_both(office: Workspace) -> None:
    list(revise_form(office.root, FORM))
    form = load_catalogue(office.root).forms[FORM]
    assert (form.version, sorted(form.history)) == (3, [1, 2, 3])
    assert "phone" not in form.history[1].by_key and "phone" in form.history[2].by_key


def test_nothing_is_kept_over_what_is_kept(office: Workspace) -> None:
    edit(office, lambda schema: schema.update({"x-version": 1}))
    before = (office.root / f"schemas/earlier/{FORM}-v1.schema.json").read_bytes()
    with pytest.raises(UsageError, match="もう残してあります"):
        list(revise_form(office.root, FORM))
    assert (office.root / f"schemas/earlier/{FORM}-v1.schema.json").read_bytes() == before
    with pytest.raises(UsageError, match="がないか"):
        list(revise_form(office.root, "no_such_form"))


@pytest.mark.parametrize("form", sorted(shipped().forms))
def test_a_kept_version_prints_and_reads_as_the_form_did(form: str) -> None:
    """Every real form: standing alone, its boxes are the same, and so is its blank Word form, byte for byte."""
    catalogue = shipped()
    schema = stand_alone(catalogue.forms[form].schema.schema, catalogue.schemas, "todoke:kept.schema.json")
    root = make_form_schema(schema, make_registry({"todoke:kept.schema.json": schema})).root
    assert "todoke:" not in json.dumps({key: part for key, part in schema.items() if key != "$id"})
    present = shapes_of(catalogue)[form]
    kept = type(present)(form, present.version, root.title, root)
    assert make_word_form(kept) == make_word_form(present)
    assert changes_since({1: present.root, 2: root}, 1) == ()
    assert read_word_form(make_word_form(present), {form: kept}).problems == ()


def test_a_workspace_made_from_a_checkout_has_the_earlier_versions(office: Workspace, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    make_workspace(other, office.root)
    assert sorted(load_catalogue(other).forms[FORM].history) == [1, 2]


# --- What changed ---------------------------------------------------------------------------------------------------


def root_of(**properties: Schema) -> Field:
    return read_fields({"type": "object", "title": "様式", "properties": properties}, {}.__getitem__)


def group(title: str, **properties: Schema) -> Schema:
    return {"type": "object", "title": title, "properties": properties}


def people(**properties: Schema) -> Schema:
    return {
        "type": "array",
        "title": "家族",
        "maxItems": 4,
        "items": {"type": "object", "properties": properties},
    }


def needed(schema: Schema, *names: str) -> Schema:
    return {**schema, "required": list(names)}


def test_changes_are_named_by_version_and_title() -> None:
    choices = {"type": "string", "title": "区分", "enum": ["ア", "イ"]}
    history = {
        1: root_of(a=text("甲"), kind=choices, who=people(name=text("氏名")), day=text("日")),
        2: root_of(a=text("甲"), kind={**choices, "enum": ["ア", "ウ"]}, who=people(name=text("氏名"), age=text("年齢")),
                   day={"type": "string", "title": "日", "format": "date"}),
        4: root_of(kind={**choices, "enum": ["ア", "ウ"]}, who=people(name=text("名前"), age=text("年齢")),
                   day={"type": "string", "title": "日", "format": "date"}, school=group("学校", name=text("学校名"))),
    }  # fmt: skip
    assert [(c.version, c.kind, c.path, c.title, c.before) for c in changes_since(history, 1)] == [
        (2, "CHOICES", "kind", "区分", ""),
        (2, "ADDED", "who[].age", "家族／年齢", ""),
        (2, "KIND", "day", "日", ""),
        (4, "RENAMED", "who[].name", "家族／名前", "氏名"),
        (4, "ADDED", "school", "学校", ""),
        (4, "DROPPED", "a", "甲", ""),
    ]
    assert changes_since(history, 2) == changes_since(history, 1)[3:]
    assert changes_since(history, 4) == ()


def test_what_became_required_is_told() -> None:
    before, after = group("学校", name=text("学校名")), needed(group("学校", name=text("学校名")), "name")
    (change,) = changes_since({1: root_of(school=before), 2: root_of(school=after)}, 1)
    assert change == Change(2, "REQUIRED", "school.name", "学校／学校名")


def test_values_are_carried_over_and_nothing_filled_in_is_lost_silently() -> None:
    history = {
        1: root_of(
            a=text("甲"),
            who=people(name=text("氏名"), note=text("備考")),
            b=text("乙"),
            c=group("丙", d=text("丁")),
        ),
        2: root_of(who=people(name=text("氏名")), b=text("乙")),
    }
    values = {
        "a": "", "b": "乙", "x": "だれも知らない項目",
        "who": [{"name": "見本"}, {"name": "例示", "note": "注"}, "x"], "c": {"d": "丁"},
    }  # fmt: skip
    carried, problems = carry_over(values, history, 1)
    assert carried == {"b": "乙", "x": "だれも知らない項目", "who": [{"name": "見本"}, {"name": "例示"}, "x"]}
    assert [(problem.pointer, problem.title) for problem in problems] == [
        ("/who/1/note", "家族（2番目）／備考"),
        ("/c", "丙"),
    ]
    assert "見本" not in "".join(problem.message for problem in problems)


@pytest.mark.parametrize(
    ("pointer", "said"),
    [
        ("/school/name", "この項目は第２版で加わりました。"),
        ("/who/3/age", "この項目は第10版から必須です。"),
        ("/school2", ""),
        ("", ""),
    ],
)
def test_a_problem_is_explained_by_what_happened_to_its_box(pointer: str, said: str) -> None:
    changes = (
        Change(2, "ADDED", "school", "学校"),
        Change(10, "REQUIRED", "who[].age", "年齢"),
        Change(2, "DROPPED", "", ""),
    )
    problem = schema_problem("required", (), {}, pointer, "学校名")
    assert explained(problem, changes).message == problem.message + said


def test_only_what_every_form_must_have_makes_an_acceptance_vain() -> None:
    old = root_of(a=text("甲"))
    optional = root_of(a=text("甲"), b=text("乙"), school=needed(group("学校", name=text("学校名")), "name"))
    assert never_filled({1: old, 2: optional}, 1) == ()
    demanded = read_fields(
        needed({"type": "object", "title": "様式", "properties": {"a": text("甲"), "b": text("乙")}}, "b"),
        {}.__getitem__,
    )
    assert [change.path for change in never_filled({1: old, 2: demanded}, 1)] == ["b"]


@pytest.mark.parametrize(("number", "name"), [(1, "第１版"), (9, "第９版"), (10, "第10版")])
def test_versions_are_counted_as_public_papers_count(number: int, name: str) -> None:
    assert version_name(number) == name


def test_the_list_of_changes_is_cut_where_nobody_reads_on() -> None:
    message = version_problem(1, 2, True, [f"「{n}」が加わりました。" for n in range(20)]).message
    assert message.count("加わりました") == 12
    assert message.endswith("ほかに8か所あります。")
