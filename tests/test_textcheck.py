"""Characters no paper may carry (reliability §4.2), and the many it must carry untouched."""

from __future__ import annotations

import pytest

from pipeline.fields import Field
from pipeline.textcheck import check_text

NAME = Field(
    "name", "name", "氏名", "string", {"type": "string", "x-name": True, "maxLength": 40}, required=True
)
MEMO = Field("memo", "memo", "備考", "string", {"type": "string", "x-multiline": True, "maxLength": 400})
ROOT = Field("", "", "", "object", {}, False, (NAME, MEMO))


def codes(**values: str) -> list[tuple[str, str]]:
    return [(problem.code, problem.pointer) for problem in check_text(ROOT, values)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("山田\ud83d", "TEXT_SURROGATE"),
        ("\ude00山田", "TEXT_SURROGATE"),
        ("山\x00田", "TEXT_CONTROL"),
        ("山\x07田", "TEXT_CONTROL"),
        ("山\x0b田", "TEXT_CONTROL"),
        ("山\x7f田", "TEXT_CONTROL"),
        ("山\x85田", "TEXT_CONTROL"),
        ("山\t田", "TEXT_CONTROL"),
        ("山\ufffe田", "TEXT_NONCHARACTER"),
        ("山\U0001fffe田", "TEXT_NONCHARACTER"),
        ("山\ufdd0田", "TEXT_NONCHARACTER"),
        ("山\ufffd田", "TEXT_MOJIBAKE"),
        ("山\ufeff田", "TEXT_INVISIBLE"),
        ("山\u200b田", "TEXT_INVISIBLE"),
        ("山\u2060田", "TEXT_INVISIBLE"),
        ("山\u00ad田", "TEXT_INVISIBLE"),
        ("山\u202e田", "TEXT_BIDI"),
        ("山\u2066田", "TEXT_BIDI"),
        ("山\u200f田", "TEXT_BIDI"),
        ("山\ue000田", "TEXT_PRIVATE"),
        ("山\U000f0000田", "TEXT_PRIVATE"),
        ("山\u0378田", "TEXT_UNASSIGNED"),
        ("e" + "\u0301" * 60, "TEXT_COMBINING"),
        ("山\n田", "TEXT_NEWLINE"),
        ("\u3164", "TEXT_INVISIBLE"),
        ("\u2800", "TEXT_INVISIBLE"),
        ("\uffa0", "TEXT_INVISIBLE"),
        ("山\u2028田", "TEXT_NEWLINE"),
        ("山\ufff9田", "TEXT_INVISIBLE"),
        ("山\u2062田", "TEXT_INVISIBLE"),
        ("山\u200d田", "TEXT_INVISIBLE"),
        ("山\U000e0041田", "TEXT_INVISIBLE"),
        ("か" + "\u3099" * 35, "TEXT_COMBINING"),
        ("か" + "\u20dd" * 35, "TEXT_COMBINING"),
        ("山\u3040田", "TEXT_UNASSIGNED"),
    ],
)
def test_refused_in_a_name(text: str, code: str) -> None:
    assert codes(name=text) == [(code, "/name")]


@pytest.mark.parametrize(
    "text",
    [
        "𠮷田　太郎",
        "葛\U000e0100城　花子",
        "辻\U000e0101　一郎",
        "神\ufa19　塚\ufa10　祥\ufa1a　﨑　髙　濵　栁　邉",
        "か\u3099く",
        "ｶﾞｸ ①㈱～〜－−―‐ⅢⅣ㋿㍻",
        "👨‍👩‍👧‍👦",
        "&<>\"' {{ 7*7 }} {% raw %} {# x #} </w:t></w:r> ]]> &#0; ${x} =HYPERLINK(1)",
    ],
)
def test_accepted_in_a_name(text: str) -> None:
    assert codes(name=text) == []


def test_line_breaks_are_for_multi_line_boxes() -> None:
    assert codes(name="山田", memo="一行目\n二行目") == []


def test_every_problem_is_reported_at_once() -> None:
    assert codes(name="\u202e\ue000", memo="\x00") == [
        ("TEXT_BIDI", "/name"),
        ("TEXT_PRIVATE", "/name"),
        ("TEXT_CONTROL", "/memo"),
    ]


def _my_number(body: str) -> str:
    total = sum(
        int(digit) * weight for digit, weight in zip(body, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True)
    )
    return body + str(0 if total % 11 <= 1 else 11 - total % 11)


def test_a_my_number_is_refused_and_a_phone_number_is_not() -> None:
    number = _my_number("12345678901")
    assert codes(memo=f"番号は{number}です") == [("MY_NUMBER", "/memo")]
    assert codes(memo=f"{number[:4]} {number[4:8]} {number[8:]}") == [("MY_NUMBER", "/memo")]
    assert codes(memo=number.translate(str.maketrans("0123456789", "０１２３４５６７８９"))) == [
        ("MY_NUMBER", "/memo")
    ]
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert codes(memo=wrong) == []
    assert codes(memo="電話 090-1234-5678、0246-27-8563") == []


def test_no_message_quotes_the_value() -> None:
    (problem,) = check_text(ROOT, {"name": "秘密\u202e"})
    assert "秘密" not in problem.message + problem.title + problem.pointer + problem.found
