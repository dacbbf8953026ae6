"""What a paper may know: granted fields, absent ones as None, words it must print and words it must hide."""

from __future__ import annotations

from typing import Any

from pipeline.fields import Lens, find_field, pick, read_fields, to_pointer

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "applicant": {
            "type": "object",
            "title": "申請者",
            "required": ["name"],
            "properties": {
                "name": {"type": "string", "title": "氏名", "x-name": True},
                "phone": {"type": "string", "title": "電話", "x-private": True},
                "birth": {"type": "string", "title": "生年月日", "format": "date"},
            },
        },
        "children": {
            "type": "array",
            "title": "児童",
            "items": {"type": "object", "title": "児童", "properties": {"name": {"type": "string", "title": "氏名", "x-name": True}, "age": {"type": "integer", "title": "年齢"}}},
        },
        "wanted": {"type": "array", "title": "希望", "items": {"type": "string", "title": "希望"}},
        "refusal": {"type": "object", "title": "不承認", "properties": {"reason": {"type": "string", "title": "理由"}}},
    },
}  # fmt: skip
ROOT = read_fields(SCHEMA, lambda ref: ({}, None))
VALUES = {
    "applicant": {"name": "見本　太郎", "phone": "0246-00-0000", "birth": "1980-01-01"},
    "children": [{"name": "見本　花子", "age": 12}, {"name": "見本　次郎"}],
    "wanted": ["掃除", "洗濯"],
}


def look(*granted: str, unprinted: tuple[str, ...] = ()) -> Any:
    return Lens(ROOT, frozenset(granted), frozenset(unprinted)).look(VALUES)


def test_only_granted_fields_are_seen() -> None:
    assert look("applicant.name", "children[].age").values == {
        "applicant": {"name": "見本　太郎"},
        "children": [{"age": 12}, {"age": None}],
    }


def test_a_granted_group_grants_what_lies_in_it() -> None:
    assert look("applicant", "wanted").values == {
        "applicant": VALUES["applicant"],
        "wanted": ["掃除", "洗濯"],
    }


def test_absent_values_are_none_and_lists_are_empty() -> None:
    lens = Lens(ROOT, frozenset({"applicant", "children", "refusal"}), frozenset())
    seen = lens.look({"applicant": {"name": "見本"}}).values
    assert seen == {
        "applicant": {"name": "見本", "phone": None, "birth": None},
        "children": [],
        "refusal": None,
    }


def test_words_to_print_are_the_granted_texts_and_words_to_hide_the_private_rest() -> None:
    view = look("applicant.name", "wanted")
    assert view.must_print == ("見本　太郎", "掃除", "洗濯")
    assert view.must_hide == ("0246-00-0000", "見本　花子", "見本　次郎")


def test_what_only_steers_a_condition_need_not_be_printed() -> None:
    assert look("applicant.name", "wanted", unprinted=("wanted",)).must_print == ("見本　太郎",)


def test_a_hidden_value_that_equals_a_printed_one_is_no_secret() -> None:
    values = {**VALUES, "children": [{"name": "見本　太郎"}]}
    assert Lens(ROOT, frozenset({"applicant.name"}), frozenset()).look(values).must_hide == ("0246-00-0000",)


def test_pick_grants_parts_of_plain_data() -> None:
    data = {
        "office": {"centre": {"name": "平", "phone": "1"}, "city": {"name": "いわき市"}},
        "case": {"id": "YC"},
    }
    assert pick(data, ("office.centre.name", "case.id")) == {
        "office": {"centre": {"name": "平"}},
        "case": {"id": "YC"},
    }
    assert pick(data, ("office.centre", "office.centre.name")) == {
        "office": {"centre": {"name": "平", "phone": "1"}}
    }
    assert pick(data, ("office.nothing", "facts.x")) == {"office": {}}


def test_titles_and_pointers() -> None:
    field, title = find_field(ROOT, ("children", 1, "name"))
    assert field is not None
    assert (field.path, title) == ("children[].name", "児童（2番目）／氏名")
    assert find_field(ROOT, ("children", 0, "nothing")) == (None, "児童（1番目）")
    assert to_pointer(("a/b", 0, "~")) == "/a~1b/0/~0"
