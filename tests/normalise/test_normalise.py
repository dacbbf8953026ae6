"""What holds for every box: total, idempotent, words untouched, every code has its sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.fields import Field
from pipeline.normalise import KINDS, NOTES, PROBLEMS, SENTENCES, is_blank, kind_of, normalise, split_range
from pipeline.validate import make_form_schema, make_registry
from tests.normalise.boxes import (
    ALL,
    CARED_FOR,
    CENTRE,
    CHOICE,
    DATE,
    GRADE,
    KANA,
    MARK,
    MONTH,
    NAME,
    PHONE,
    POSTAL,
    READ,
    RELATION,
    TEXT,
    WEEKDAY,
    box,
)

ROOT = Path(__file__).resolve().parents[2]
# Any text at all, lone surrogates included, and texts made of the pieces people write dates and numbers with.
ANY_CHARACTER = st.characters(codec=None, exclude_categories=())
PIECES = st.sampled_from(
    [
        *(
            "令和",
            "平成",
            "昭和",
            "西暦",
            "曜日",
            "（木）",
            "2023",
            "から",
            "まで",
            "午前",
            "午後",
            "PM",
            "千円",
            "時間",
            "はい",
        ),
        *(
            "勿来",
            "久之浜大久",
            "地区",
            "センター",
            "年長",
            "叔父",
            "0246",
            "090",
            "同上",
            "未定",
            "上旬",
            "\r\n",
            "12",
            "31",
            "45",
        ),
        *"RHS㋿元年月日木0125０５〇○一十二百万./-ー～、・：:時分半約人回件第h,☑☐×有無平植田小中高学父母＋()〒℡①²½㏠〃頃",
        *"\u200b\u3000\n\ud83d",
    ]
)
ANY = st.one_of(st.text(ANY_CHARACTER, max_size=200), st.lists(PIECES, max_size=12).map("".join))
PLAUSIBLE = st.lists(PIECES, min_size=1, max_size=8).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ALL), ANY)
def test_any_text_gives_a_value_nothing_or_one_problem(field: Field, text: str) -> None:
    seen = normalise(field, text)
    assert seen.raw == text
    assert set(seen.notes) <= NOTES.keys()
    assert seen.problems == ((seen.problem,) if seen.problem else ())
    if seen.problem is not None:
        assert seen.problem in PROBLEMS
        assert seen.value is None
        assert seen.notes == ()


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(READ), PLAUSIBLE)
def test_a_value_read_again_is_itself(field: Field, text: str) -> None:
    value = normalise(field, text).value
    if value is not None:
        again = normalise(field, str(value))
        assert (again.value, again.notes, again.problem) == (value, (), None)
        assert type(again.value) is type(value)


@settings(max_examples=300)
@given(st.sampled_from(READ), PLAUSIBLE)
def test_a_value_is_what_the_schema_wants(field: Field, text: str) -> None:
    value = normalise(field, text).value
    if value is None:
        return
    shapes = {
        "date": r"(1[89]|20)[0-9]{2}-[01][0-9]-[0-3][0-9]|2100-.*",
        "month": r"(1[89]|20)[0-9]{2}-[01][0-9]|2100-.*",
        "time": "[0-2][0-9]:[0-5][0-9]",
    }
    shape = field.schema.get("pattern") or shapes.get(field.schema.get("format", ""), "")
    assert not shape or re.fullmatch(shape.strip("^$"), value)
    assert value in field.schema.get("enum", (value,))
    assert type(value) in {"boolean": (bool,), "integer": (int,), "number": (int, float)}.get(
        field.kind, (str,)
    )


@settings(max_examples=400)
@given(
    st.sampled_from([NAME, KANA, TEXT]),
    st.text(ANY_CHARACTER, max_size=200).filter(lambda text: not is_blank(text)),
)
def test_names_and_free_text_stay_code_point_for_code_point(field: Field, text: str) -> None:
    seen = normalise(field, text)
    assert seen.value == text.replace("\r\n", "\n")
    assert seen.notes == (("CRLF",) if "\r\n" in text else ())
    assert seen.problem is None


@pytest.mark.parametrize(
    "text",
    [
        "𠮷田　花子",
        "葛󠄀城",
        "髙﨑",
        "神\ufa19",
        "ﾔﾏﾀﾞ ﾀﾛｳ",
        "①⑴Ⅰ㈱～〜",
        "か\u3099",
        "　字下げ",
        "同上",
        "－",
        "R5.6.1",
        "1\r2",
        "末尾 ",
    ],
)
def test_nothing_is_tidied_in_words(text: str) -> None:
    for field in (NAME, TEXT):
        assert (normalise(field, text).value, normalise(field, text).notes) == (text, ())


@given(st.sampled_from(ALL), st.text(" 　_＿\n\t\u2002\u00a0", max_size=9))
def test_a_blank_box_is_nothing_and_an_unmarked_check_is_false(field: Field, text: str) -> None:
    seen = normalise(field, text)
    assert (seen.value, seen.notes, seen.problem) == (False if field is MARK else None, (), None)


def test_every_code_has_a_sentence_of_rule_and_cure() -> None:
    assert SENTENCES == {**PROBLEMS, **NOTES}
    assert not PROBLEMS.keys() & NOTES.keys()
    for code, sentence in PROBLEMS.items():
        assert re.fullmatch("[A-Z_]+", code)
        assert sentence.endswith("ください。"), code
        assert sentence.count("。") >= 2, code
    for code, sentence in NOTES.items():
        assert sentence.endswith(("た。", "ください。", "）。")), code


def test_every_code_is_used_and_every_used_code_has_a_sentence() -> None:
    source = "\n".join(
        path.read_text("utf-8")
        for path in sorted((ROOT / "pipeline/normalise").glob("*.py"))
        if path.stem != "sentences"
    )
    named = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+|DITTO|CRLF)"', source))
    assert named == SENTENCES.keys()


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        (DATE, "date"), (MONTH, "month"), (PHONE, "phone"), (POSTAL, "postal"), (GRADE, "grade"), (CENTRE, "centre"), (RELATION, "relation"),
        (CARED_FOR, "relation"), (WEEKDAY, "weekday"), (CHOICE, "choice"), (NAME, "text"), (KANA, "text"), (TEXT, "text"),
        (box(pattern="^.+$"), "text"), (box(x_kind="no such kind"), "text"), (box(x_kind="centre"), "text"), (box(pattern=PHONE.schema["pattern"], x_name=True), "text"),
        (box(pattern="^[^ ]{3,4}-[^ ]{2,4}-[^ ]{4}$"), "text"), (box(enum=[None, "父", "母"]), "relation"), (box(x_kind="centre", enum=["甲", "乙"]), "centre"), (box(x_kind="phone", x_name=True), "phone"),
        (box(pattern="^[0-9０-９]{1,2}[^0-9０-９ 　]{1,12}第[0-9０-９]{1,5}号$"), "text"),
    ],
)  # fmt: skip
def test_the_kind_of_a_box(field: Field, kind: str) -> None:
    assert kind_of(field) == kind
    assert kind in KINDS


def test_a_group_is_no_box() -> None:
    with pytest.raises(ValueError, match="no single box"):
        normalise(box("object"), "")


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("R5.6.1～R5.11.30", ("R5.6.1", "R5.11.30")),
        ("令和５年６月１日から令和５年11月30日まで", ("令和5年6月1日", "令和5年11月30日")),
        ("2023-06-01～2023-11-30", ("2023-06-01", "2023-11-30")),
        ("2023-06-01", None),
        ("～", None),
        ("", None),
    ],
)
def test_split_range(text: str, ends: tuple[str, str] | None) -> None:
    assert split_range(text) == ends


def _values(field: Field, value: Any) -> list[tuple[Field, Any]]:
    if isinstance(value, Mapping):
        return [
            pair
            for key, part in value.items()
            if key in field.by_key
            for pair in _values(field.by_key[key], part)
        ]
    if isinstance(value, list):
        return [pair for part in value for pair in _values(field.members[0], part)]
    return [(field, value)]


def _forms() -> list[tuple[str, Field]]:
    folder = ROOT / "schemas"
    schemas = [json.loads(path.read_text("utf-8")) for path in sorted(folder.rglob("*.schema.json"))]
    registry = make_registry({schema["$id"]: schema for schema in schemas})
    names = [path.name.partition(".")[0] for path in sorted(folder.glob("*.schema.json"))]
    by_id = {schema["$id"]: schema for schema in schemas}
    return [(name, make_form_schema(by_id[f"todoke:{name}.schema.json"], registry).root) for name in names]


@pytest.mark.parametrize(("form", "root"), _forms())
def test_every_value_of_the_good_examples_reads_as_itself(form: str, root: Field) -> None:
    paths = [
        path
        for path in (ROOT / "doc_templates" / form / "examples").glob("*.json")
        if ".bad." not in path.name
    ]
    assert paths
    for path in paths:
        for field, value in _values(root, json.loads(path.read_text("utf-8"))):
            seen = normalise(field, str(value))
            assert (seen.value, seen.notes, seen.problem) == (value, (), None), (path.name, field.path)
