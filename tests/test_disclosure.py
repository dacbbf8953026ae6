"""What a sender writes into a box must not reach a reader it is not for (product §4.4, BR21; domain §1.1)."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.disclosure import Sight, check_disclosure
from pipeline.fields import read_fields
from pipeline.masks import NO_MASK, Mask
from pipeline.spec import PaperSpec

NAME = {"type": "string", "title": "氏名", "x-name": True}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "applicant": {"type": "object", "title": "申請者", "properties": {"name": NAME, "address": {**NAME, "title": "住所"},
                      "phone": {"type": "string", "title": "電話", "x-private": True, "pattern": "^[0-9-]+$"}}},
        "children": {"type": "array", "title": "児童", "items": {"type": "object", "title": "児童", "properties": {"name": NAME}}},
        "cautions": {"type": "string", "title": "注意", "x-multiline": True},
        "reason": {"type": "string", "title": "理由", "x-private": True},
        "kind": {"title": "区分", "enum": ["見守り", "見本　花子"]},
    },
}  # fmt: skip
ROOT = read_fields(SCHEMA, lambda ref: ({}, None))
VALUES = {
    "applicant": {"name": "見本　良子", "address": "いわき市平字見本１", "phone": "0246-00-0001"},
    "children": [{"name": "見本　花子"}],
    "reason": "卵アレルギー",
    "kind": "見守り",
}
CONTRACTOR = PaperSpec("request", "依頼書", fields=("cautions", "kind"))
FAMILY = PaperSpec("notice", "通知書", fields=("applicant", "cautions"), barred=("ヤングケアラー",))


def codes(paper: PaperSpec, cautions: str, **values: Any) -> list[tuple[str, str]]:
    problems = check_disclosure(ROOT, {**VALUES, "cautions": cautions, **values}, [Sight(paper, NO_MASK)])
    return [(problem.code, problem.pointer) for problem in problems]


@pytest.mark.parametrize(
    "text",
    [
        "見本　花子さんは猫が苦手です",
        "見本花子は夕方まで不在",
        "住所はいわき市平字見本１です",
        "電話は 0246-00-0001 へ",
        "見本　\n良子に連絡",
    ],
)
def test_a_name_address_or_number_in_free_text_comes_back(text: str) -> None:
    assert codes(CONTRACTOR, text) == [("DISCLOSED", "/cautions")]


@pytest.mark.parametrize(
    "text", ["猫がいます", "卵アレルギーがあります", "見守りをお願いします", "花子", "見本"]
)
def test_ordinary_words_and_what_safety_needs_pass(text: str) -> None:
    assert codes(CONTRACTOR, text) == []


def test_what_the_reader_knows_anyway_is_no_secret() -> None:
    assert codes(FAMILY, "見本　良子が在宅します") == []
    assert codes(FAMILY, "見本　花子が在宅します") == [("DISCLOSED", "/cautions")]
    assert codes(FAMILY, "見本　良子が在宅します", children=[{"name": "見本　良子"}]) == []


def test_a_choice_is_never_a_disclosure() -> None:
    assert codes(CONTRACTOR, "なし", kind="見本　花子") == []


def test_a_barred_word_comes_back_to_its_writer() -> None:
    assert codes(FAMILY, "ヤングケアラーの相談") == [("BARRED", "/cautions")]
    assert codes(CONTRACTOR, "ヤングケアラーの相談") == []


def test_no_sentence_quotes_the_name() -> None:
    (problem,) = check_disclosure(ROOT, {**VALUES, "cautions": "見本　花子"}, [Sight(CONTRACTOR, NO_MASK)])
    assert "花子" not in problem.message + problem.title + problem.found


def test_what_is_masked_on_a_paper_may_not_stand_in_its_free_text_either() -> None:
    values = {**VALUES, "cautions": "いわき市平字見本１の裏口から"}
    masked = Mask({"applicant.address": "（秘匿）"})
    assert check_disclosure(ROOT, values, [Sight(FAMILY, NO_MASK)]) == ()
    (problem,) = check_disclosure(ROOT, values, [Sight(FAMILY, NO_MASK), Sight(FAMILY, masked)])
    assert (problem.code, problem.pointer) == ("DISCLOSED", "/cautions")
