"""Which papers follow, for whom, and what the next form already knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from pipeline.accepted import MOST_CASES, Accepted, as_of, event_day, number_series, recall_of, warnings_of
from pipeline.fields import read_fields
from pipeline.model import Level, Problem, Recall, Ruling, Submission
from pipeline.office import OfficeBook, make_office_book
from pipeline.paths import shape_to
from pipeline.plan import Plan, make_plan
from pipeline.spec import DocumentSpec, Edition, FormSpec, NextSpec, PacketSpec, PaperSpec
from pipeline.spec_check import check_spec
from pipeline.validate import FormSchema, make_form_schema, make_registry

SCHEMA = {
    "$id": "todoke:t.schema.json",
    "title": "試験",
    "type": "object",
    "properties": {
        "centre": {"type": "string", "title": "センター"},
        "name": {"type": "string", "title": "氏名", "x-name": True},
        "secret": {"type": "string", "title": "秘密", "x-private": True},
        "numbers": {
            "type": "object",
            "title": "番号",
            "properties": {"notice": {"type": "string", "title": "通知"}},
        },
        "doc_date": {"type": "string", "title": "日付", "format": "date"},
        "children": {
            "type": "array",
            "title": "児童",
            "items": {
                "type": "object",
                "title": "児童",
                "properties": {"name": {"type": "string", "title": "氏名"}},
            },
        },
    },
    "$defs": {"when_named": {"required": ["name"]}},
}
DAY = date(2023, 6, 1)
VALUES = {"centre": "平", "name": "見本", "secret": "秘密の値", "numbers": {"notice": "5い第1号"}, "doc_date": "2023-06-01",
          "children": [{"name": "一"}, {"name": "二"}]}  # fmt: skip
PAPERS = {
    "notice": PaperSpec("notice", "通知書", fields=("name", "numbers.notice", "doc_date", "office.centre.name", "facts", "case.id", "doc.mark"),
                        editions=(Edition(date(2022, 4, 1), "template.docx"),)),
    "memo": PaperSpec("memo", "メモ", fields=("children",)),
    "table": PaperSpec("table", "表", fields=("name", "facts.rows"), must_print=("facts.texts",)),
}  # fmt: skip


def schema() -> FormSchema:
    return make_form_schema(SCHEMA, make_registry({"todoke:t.schema.json": SCHEMA}))


def office() -> OfficeBook:
    begun = {"from": date(2022, 4, 1)}
    centre = [
        {**begun, "id": "平", "name": "平センター", "code": "1"},
        {**begun, "id": "小名浜", "name": "小名浜センター", "code": "2"},
    ]
    files = {
        "centre": {"centre": centre},
        "contractor": {"contractor": [{**begun, "name": "社協", "code": "shakyo"}]},
        "case_number": {"case_number": [{**begun, "prefix": "YC", "application_prefix": ""}]},
    }
    book, faults = make_office_book(files)
    assert faults == ()
    return book


def plan(
    spec: FormSpec, papers: Mapping[str, PaperSpec] = PAPERS, ruling: Ruling | None = None, **values: object
) -> Plan:
    accepted = Accepted(
        form="t",
        schema=schema(),
        spec=spec,
        values={**VALUES, **values},
        case={"id": "YC-23-1-001", "application_no": "23-1-001"},
        office=office().at(DAY),
        ruling=ruling or Ruling(facts={"end": "2023-11-30"}),
        notes=(),
        as_of=DAY,
    )
    return make_plan(accepted, papers.__getitem__)


def test_each_reader_gets_its_paper_and_copies_are_marked() -> None:
    made = plan(FormSpec(documents=(DocumentSpec("notice", "applicant", copies=("centre", "division")),)))
    assert [(p.title, p.audience, p.party, p.mark) for p in made.papers] == [
        ("通知書", "applicant", "", ""),
        ("通知書（控）", "centre", "1", "控"),
        ("通知書（控）", "division", "", "控"),
    ]
    assert made.papers[0].context == {
        "name": "見本",
        "numbers": {"notice": "5い第1号"},
        "doc_date": "2023-06-01",
        "office": {"centre": {"name": "平センター"}},
        "facts": {"end": "2023-11-30", "warnings": []},
        "case": {"id": "YC-23-1-001"},
        "doc": {"mark": ""},
    }
    assert made.papers[0].must_hide == ("秘密の値",)


@pytest.mark.parametrize(
    ("facts", "count"), [({}, 0), ({"rows": []}, 0), ({"rows": None}, 0), ({"rows": ["行"]}, 1)]
)
def test_a_paper_may_wait_for_a_fact(facts: dict[str, object], count: int) -> None:
    spec = FormSpec(
        documents=(DocumentSpec("memo", "division", if_fact="rows"), DocumentSpec("memo", "centre"))
    )
    assert len(plan(spec, ruling=Ruling(facts=facts)).papers) == count + 1


def test_a_paper_must_print_what_the_rules_computed_for_it() -> None:
    facts = {"rows": [{"text": "第３条"}], "texts": ["第３条", "（略）"], "others": ["別"]}
    (table,) = plan(
        FormSpec(documents=(DocumentSpec("table", "division"),)), ruling=Ruling(facts=facts)
    ).papers
    assert table.must_print == ("見本", "第３条", "（略）")
    assert table.context["facts"] == {"rows": [{"text": "第３条"}]}


def test_a_draft_has_no_number_and_no_date_from_the_same_template() -> None:
    (draft,) = plan(FormSpec(documents=(DocumentSpec("notice", "centre", mode="draft"),))).papers
    assert (draft.title, draft.mark) == ("通知書（案）", "案")
    assert (draft.context["numbers"], draft.context["doc_date"]) == ({"notice": None}, None)


def test_a_draft_hides_what_its_reader_will_not_learn() -> None:
    marked = {**VALUES, "confidentiality": ["氏名秘匿"]}
    mark = {
        "audiences": ["applicant"],
        "replaces": ["name"],
        "hides": [],
        "text": "（秘匿）",
        "note": "",
    }
    hiding = {**office().at(DAY), "confidentiality": {"氏名秘匿": mark}}
    names = []
    for reader in (None, "applicant"):
        spec = FormSpec(documents=(DocumentSpec("notice", "centre", mode="draft", drafted_for=reader),))
        accepted = Accepted("t", schema(), spec, marked, {}, hiding, Ruling(facts={"x": 1}), (), DAY)
        names.append(make_plan(accepted, PAPERS.__getitem__).papers[0].context["name"])
    assert names == ["見本", "（秘匿）"]


@pytest.mark.parametrize(
    ("mode", "reader", "count"),
    [("draft", "applicant", 0), ("draft", None, 0), ("issue", "applicant", 1), ("draft", "nobody", 1)],
)
def test_a_draft_is_for_a_reader_that_exists(mode: str, reader: str | None, count: int) -> None:
    spec = FormSpec(documents=(DocumentSpec("notice", "centre", mode=mode, drafted_for=reader),))
    assert len(list(check_spec(spec, schema(), {}, PAPERS))) == count


def test_a_paper_may_list_the_drafts_of_its_set() -> None:
    listing = PaperSpec("listing", "起案書", fields=("doc.drafts", "doc.mark"))
    spec = FormSpec(
        documents=(
            DocumentSpec("listing", "centre"),
            DocumentSpec("notice", "centre", mode="draft"),
            DocumentSpec("memo", "centre"),
            DocumentSpec("memo", "division", mode="draft", when="named"),
        )
    )
    values = {key: value for key, value in VALUES.items() if key != "name"}
    accepted = Accepted("t", schema(), spec, values, {}, office().at(DAY), Ruling(), (), DAY)
    papers = make_plan(accepted, {**PAPERS, "listing": listing}.__getitem__).papers
    assert papers[0].context == {"doc": {"drafts": ["通知書"], "mark": ""}}


@pytest.mark.parametrize(("name", "count"), [("見本", 1), (None, 0)])
def test_a_condition_is_a_named_subschema(name: str | None, count: int) -> None:
    spec = FormSpec(
        documents=(DocumentSpec("memo", "division", when="named"),),
        packets=(PacketSpec("一式", "division", ("memo",), when="named"),),
    )
    values = dict(VALUES)
    if name is None:
        del values["name"]
    accepted = Accepted("t", schema(), spec, values, {}, office().at(DAY), Ruling(), (), DAY)
    made = make_plan(accepted, PAPERS.__getitem__)
    assert (len(made.papers), len(made.packets)) == (count, count)


def test_the_next_form_takes_groups_lists_and_allocated_numbers() -> None:
    fields = {
        "person.name": "name",
        "no": "case.application_no",
        "kids": "children",
        "kids[].copy": "children[].name",
        "gone": "nothing.here",
    }
    fixed = {"person.kind": "新規"}
    (following,) = plan(FormSpec(next=(NextSpec("after", "contractor", fields, fixed),))).next_forms
    assert (following.form, following.audience, following.party) == ("after", "contractor", "shakyo")
    assert following.values == {
        "person": {"name": "見本", "kind": "新規"},
        "no": "23-1-001",
        "kids": [{"name": "一", "copy": "一"}, {"name": "二", "copy": "二"}],
    }
    assert VALUES["children"] == [{"name": "一"}, {"name": "二"}], "the accepted values are never changed"


def test_a_blank_form_has_every_box_and_nothing_foreign() -> None:
    root = read_fields(SCHEMA, lambda ref: ({}, None))
    blank = shape_to(root, {"name": "見本", "foreign": 1, "children": [{"name": "一", "x": 2}]})
    assert blank == {
        "centre": None,
        "name": "見本",
        "secret": None,
        "numbers": {"notice": None},
        "doc_date": None,
        "children": [{"name": "一"}],
    }


def test_warnings_are_facts_papers_may_print() -> None:
    warning = Problem("BR16", "/doc_date", "日付", "閉庁日です。", Level.WARNING)
    (paper,) = plan(
        FormSpec(documents=(DocumentSpec("notice", "applicant"),)), ruling=Ruling(problems=(warning,))
    ).papers
    assert paper.context["facts"]["warnings"] == ["日付：閉庁日です。"]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (FormSpec(case="none"), {}),
        (FormSpec(case="required"), {}),
        (FormSpec(case="opens"), {"case_id": "YC-22-1"}),
        (
            FormSpec(case="opens", allocate=("application_no",)),
            {"case_id": "YC-22-1", "application_no": "22-1"},
        ),
        (FormSpec(case="required", allocate=("version",)), {"version": "22-1"}),
    ],
)
def test_numbers_belong_to_a_fiscal_year_and_a_centre(spec: FormSpec, expected: dict[str, str]) -> None:
    assert number_series(spec, office().at(DAY), VALUES, date(2023, 3, 31)) == expected


def test_the_day_that_counts_is_the_paper_s_own() -> None:
    assert as_of({"doc_date": "2022-07-01"}, DAY) == date(2022, 7, 1)
    assert as_of({}, DAY) == DAY


def test_warnings_keep_the_order_of_notes_then_rules() -> None:
    note = Problem("CRLF", "/a", "一", "改行。", Level.WARNING)
    rule = Problem("BR19", "/b", "二", "年齢。", Level.WARNING)
    accepted = Accepted("t", schema(), FormSpec(), VALUES, {}, {}, Ruling(problems=(rule,)), (note,), DAY)
    assert warnings_of(accepted) == ["一：改行。", "二：年齢。"]


def test_a_form_tells_of_its_own_day_else_of_its_paper_s_else_of_the_day_it_came() -> None:
    came = date(2023, 7, 1)
    visit = FormSpec(dated="visit.on")
    assert event_day(visit, {"visit": {"on": "2023-06-08"}, "doc_date": "2023-06-09"}, came) == date(
        2023, 6, 8
    )
    assert event_day(visit, {"doc_date": "2023-06-09"}, came) == date(2023, 6, 9)
    assert event_day(FormSpec(), {}, came) == came
    monthly = FormSpec(month="month")
    assert event_day(monthly, {"month": "2024-02"}, came) == date(2024, 2, 29)
    assert event_day(monthly, {"month": "2024-13"}, came) == came


def test_a_form_s_cases_are_its_own_and_those_it_names() -> None:
    case = {"type": "string", "title": "ケース番号", "x-kind": "case", "maxLength": 20}
    row = {
        "type": "object",
        "title": "行",
        "properties": {"case_id": case, "note": {"type": "string", "title": "備考"}},
    }
    month = {"type": "string", "title": "月", "maxLength": 7}
    rows = {"type": "array", "title": "行", "items": row}
    monthly = {
        "$id": "todoke:m.schema.json",
        "type": "object",
        "title": "月次",
        "properties": {"rows": rows, "month": month},
    }
    root = make_form_schema(monthly, make_registry({"todoke:m.schema.json": monthly})).root
    values = {"rows": [{"case_id": "A", "note": "B"}, {"case_id": "C"}], "month": "2023-06"}
    read = Submission("m", values, case_id="D")
    assert recall_of(root, FormSpec(month="month"), read) == Recall(frozenset({"A", "C", "D"}), "2023-06")
    assert not recall_of(root, FormSpec(), Submission("m", {"rows": "?"}))
    many = {"rows": [{"case_id": str(n)} for n in range(5 * MOST_CASES)]}
    assert len(recall_of(root, FormSpec(), Submission("m", many)).cases) == MOST_CASES


@pytest.mark.parametrize("head", ["refusal.reason", "changes[].before"])
def test_what_only_other_forms_have_arrives_absent(head: str) -> None:
    paper = PaperSpec("notice", "通知書", fields=("name", head), optional=(head,))
    spec = FormSpec(documents=(DocumentSpec("notice", "centre"),))
    assert list(check_spec(spec, schema(), {}, {"notice": paper})) == []
    context = plan(spec, {"notice": paper}).papers[0].context
    assert context == {
        "name": "見本",
        head.split(".", maxsplit=1)[0].removesuffix("[]"): [] if "[]" in head else None,
    }


def test_of_a_group_a_form_has_an_optional_paper_field_must_be_there() -> None:
    paper = PaperSpec("notice", "通知書", fields=("numbers.wrong",), optional=("numbers.wrong",))
    (fault,) = check_spec(
        FormSpec(documents=(DocumentSpec("notice", "centre"),)), schema(), {}, {"notice": paper}
    )
    assert "numbers.wrong" in fault


def test_the_days_of_a_specification_are_boxes_of_its_form() -> None:
    faults = list(check_spec(FormSpec(dated="name", month="doc_date"), schema(), {}, {}))
    assert len(faults) == 2
    assert list(check_spec(FormSpec(dated="doc_date"), schema(), {}, {})) == []


@pytest.mark.parametrize(
    ("target", "text", "fault"),
    [
        ("kind", "新規", None),
        ("name", "何でもよい", None),
        ("kind", "増額", "次の様式「t」の項目「kind」では「増額」を選べません。"),
        ("nothing", "新規", "次の様式「t」に、決まった文字を入れる項目「nothing」がありません。"),
        (
            "children[].name",
            "一",
            "次の様式「t」に、決まった文字を入れる項目「children[].name」がありません。",
        ),
        ("numbers", "一", "次の様式「t」に、決まった文字を入れる項目「numbers」がありません。"),
    ],
)
def test_a_fixed_word_of_the_next_form_must_fit_there(target: str, text: str, fault: str | None) -> None:
    kind = {"type": "string", "title": "種類", "enum": ["新規", "延長"]}
    source = {**SCHEMA, "properties": {**SCHEMA["properties"], "kind": kind}}
    after = make_form_schema(source, make_registry({"todoke:t.schema.json": source}))
    spec = FormSpec(next=(NextSpec("t", "centre", {}, {target: text}),))
    assert list(check_spec(spec, after, {"t": after}, {})) == ([fault] if fault else [])
