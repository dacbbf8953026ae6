"""One paper for each element of a list: each knows its own element, and nothing of the others gets to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from pipeline.accepted import Accepted
from pipeline.disclosure import Sight, check_disclosure
from pipeline.masks import NO_MASK
from pipeline.model import PlannedPaper, Ruling
from pipeline.office import ById
from pipeline.plan import Plan, make_plan, office_copy
from pipeline.spec import DocumentSpec, FormSpec, PacketSpec, PaperSpec
from pipeline.spec_check import PARTY_PATTERN, check_spec
from pipeline.validate import FormSchema, make_form_schema, make_registry

TEXT = {"type": "string", "title": "文字"}
NAME = {**TEXT, "title": "名称", "x-name": True}
SCHEMA: dict[str, Any] = {
    "$id": "todoke:t.schema.json",
    "title": "試験",
    "type": "object",
    "properties": {
        "subject": {**TEXT, "title": "件名"},
        "centre": {**TEXT, "enum": ["平", "小名浜"]},
        "post": {
            "type": "object",
            "title": "発送",
            "properties": {
                "letters": {
                    "type": "array",
                    "title": "宛先",
                    "items": {
                        "type": "object",
                        "title": "宛先",
                        "properties": {
                            "code": {**TEXT, "pattern": PARTY_PATTERN},
                            "name": NAME,
                            "phone": {**TEXT, "x-private": True, "pattern": "^[0-9-]+$"},
                            "note": {**TEXT, "title": "添え書き"},
                            "centre": {**TEXT, "enum": ["平", "小名浜"]},
                        },
                    },
                }
            },
        },
    },
}
LETTER = PaperSpec("letter", "通知文", fields=("subject", "each.name", "each.note", "office.centre.name"))
BOOK = PaperSpec("book", "発送簿", fields=("post.letters[].name",))
PAPERS = {"letter": LETTER, "book": BOOK}
EACH = DocumentSpec("letter", "agency", each="post.letters", party="each.code")
SPEC = FormSpec(documents=(EACH,))


def letters(count: int) -> list[dict[str, str]]:
    return [
        {"code": f"a{n}", "name": f"見本事業所{n:04d}", "phone": f"0246-00-{n:04d}"} for n in range(count)
    ]


def schema() -> FormSchema:
    return make_form_schema(SCHEMA, make_registry({"todoke:t.schema.json": SCHEMA}))


def accepted(spec: FormSpec, rows: list[dict[str, str]], **values: object) -> Accepted:
    centres = ById(
        {"平": {"name": "平センター", "code": "1"}, "小名浜": {"name": "小名浜センター", "code": "2"}}
    )
    given = {"subject": "周知", "centre": "平", "post": {"letters": rows}, **values}
    return Accepted("t", schema(), spec, given, {}, {"centre": centres}, Ruling(), (), date(2023, 6, 1))


def plan(spec: FormSpec, rows: list[dict[str, str]], papers: Mapping[str, PaperSpec] = PAPERS) -> Plan:
    return make_plan(accepted(spec, rows), papers.__getitem__)


def test_every_element_gets_its_own_paper_in_the_order_of_the_list() -> None:
    made = plan(SPEC, letters(12)).papers
    assert [(p.title, p.audience, p.party) for p in made[:2]] == [
        ("通知文（01）", "agency", "a0"),
        ("通知文（02）", "agency", "a1"),
    ]
    assert len({p.title for p in made}) == len({p.party for p in made}) == 12
    assert [p.context["each"]["name"] for p in made] == [row["name"] for row in letters(12)]


def test_a_paper_sees_its_element_and_must_hide_every_other() -> None:
    rows = letters(3)
    first, second, _ = plan(SPEC, rows).papers
    assert first.context == {
        "subject": "周知",
        "each": {"name": rows[0]["name"], "note": None},
        "office": {"centre": {"name": "平センター"}},
    }
    assert first.must_print == ("周知", rows[0]["name"])
    hidden = {rows[1]["name"], rows[2]["name"], *(row["phone"] for row in rows)}
    assert set(first.must_hide) == hidden
    assert rows[0]["name"] in second.must_hide and rows[1]["name"] not in second.must_hide


def test_the_whole_list_is_seen_only_where_it_is_granted() -> None:
    both = PaperSpec("letter", "通知文", fields=("each.name", "post.letters[].name"))
    (first, second) = plan(SPEC, letters(2), {"letter": both}).papers
    assert [row["name"] for row in first.context["post"]["letters"]] == [row["name"] for row in letters(2)]
    assert second.context["each"] == {"name": "見本事業所0001"}


def test_an_element_chooses_the_office_s_record_before_the_form() -> None:
    rows = [{**row, "centre": centre} for row, centre in zip(letters(2), ("小名浜", "平"), strict=True)]
    assert [p.context["office"]["centre"]["name"] for p in plan(SPEC, rows).papers] == [
        "小名浜センター",
        "平センター",
    ]


def test_a_list_of_plain_words_makes_a_paper_for_each_word() -> None:
    words = {"type": "array", "title": "語", "items": {"type": "string", "title": "語"}}
    whole = {**SCHEMA, "properties": {"words": words}}
    form = make_form_schema(whole, make_registry({"todoke:t.schema.json": whole}))
    spec = FormSpec(documents=(DocumentSpec("word", "division", each="words"),))
    papers = {"word": PaperSpec("word", "語", fields=("each",))}
    assert list(check_spec(spec, form, {}, papers)) == []
    given = Accepted("t", form, spec, {"words": ["一", "二"]}, {}, {}, Ruling(), (), date(2023, 6, 1))
    made = make_plan(given, papers.__getitem__).papers
    assert [(p.context["each"], p.must_print) for p in made] == [("一", ("一",)), ("二", ("二",))]


def test_copies_for_the_office_stay_one_for_each() -> None:
    spec = FormSpec(
        documents=(
            DocumentSpec("letter", "agency", each="post.letters", party="each.code", copies=("division",)),
        )
    )
    made = plan(spec, letters(2))
    assert [(p.title, p.audience, p.party) for p in made.papers[2:]] == [
        ("通知文（1）（控）", "division", ""),
        ("通知文（2）（控）", "division", ""),
    ]
    again = office_copy(made, accepted(spec, letters(2)))
    assert [(p.title, p.audience) for p in again.papers] == [
        (f"通知文（{number}）（再作成（控））", audience)
        for audience in ("division", "centre")
        for number in (1, 2)
    ]


def test_a_party_that_names_a_centre_is_its_code() -> None:
    spec = FormSpec(documents=(DocumentSpec("book", "centre", party="centre"),))
    assert [p.party for p in plan(spec, []).papers] == ["1"]


def test_an_empty_list_makes_no_paper_and_no_packet() -> None:
    packet = PacketSpec("発送一式", "division", ("letter",), sealed=False, of=("agency",))
    spec = FormSpec(documents=(EACH,), packets=(packet,))
    assert list(check_spec(spec, schema(), {}, PAPERS)) == []
    assert (plan(spec, []).papers, plan(spec, []).packets) == ((), ())
    (bound,) = plan(spec, letters(1)).packets
    assert (bound.papers, bound.of) == (("letter",), ("agency",))


@pytest.mark.parametrize(
    ("document", "count"),
    [
        (EACH, 0),
        (
            DocumentSpec("letter", "agency", each="subject", party="each.code"),
            4,
        ),  # no list, so no `each.…` either
        (DocumentSpec("letter", "agency", each="post.letters"), 1),
        (DocumentSpec("letter", "division", each="post.letters"), 0),
        (DocumentSpec("letter", "agency", each="post.letters", party="each.name"), 1),
        (DocumentSpec("letter", "division"), 2),
        (DocumentSpec("book", "division", party="subject"), 1),
    ],
)
def test_a_specification_says_which_list_and_whose_paper(document: DocumentSpec, count: int) -> None:
    found = list(check_spec(FormSpec(documents=(document,)), schema(), {}, PAPERS))
    assert len(found) == count, found


def test_only_the_office_binds_what_other_readers_get() -> None:
    packet = PacketSpec("一式", "contractor", ("letter",), of=("agency",))
    (fault,) = check_spec(FormSpec(documents=(EACH,), packets=(packet,)), schema(), {}, PAPERS)
    assert "of" in fault


@pytest.mark.parametrize(
    ("note", "subject", "pointers"),
    [
        ("見本事業所0000の分", "周知", []),
        ("見本事業所0001と一緒に", "周知", ["/post/letters/0/note"]),
        (
            "電話0246-00-0000",
            "周知",
            ["/post/letters/0/note"],
        ),  # a number of one's own the paper was not granted
        ("別紙", "見本事業所0002ほか", ["/subject"]),
    ],
)
def test_a_word_about_another_element_comes_back(note: str, subject: str, pointers: list[str]) -> None:
    rows = [{**row, "note": note} if number == 0 else row for number, row in enumerate(letters(3))]
    values = {"subject": subject, "post": {"letters": rows}}
    found = check_disclosure(schema().root, values, [Sight(LETTER, NO_MASK, "post.letters")])
    assert [problem.pointer for problem in found] == pointers


def test_five_hundred_are_numbered_with_three_digits_and_hide_each_other() -> None:
    papers: tuple[PlannedPaper, ...] = plan(SPEC, letters(500)).papers
    assert len(papers) == 500 and papers[7].title == "通知文（008）"
    assert all(len(paper.must_hide) == 999 for paper in papers)
