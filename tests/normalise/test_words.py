"""Checks, choices, centres, relations, weekdays, grades, telephones and postal codes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.normalise.boxes import (
    CARED_FOR,
    CENTRE,
    CENTRES,
    CHOICE,
    GRADE,
    MARK,
    PHONE,
    POSTAL,
    RELATION,
    RELATIONS,
    WEEKDAY,
    box,
    read,
    refusal,
)


@pytest.mark.parametrize("text", [*"☑☒✓✔■●レﾚvVｖ○〇◯◎有可1１", "✔\ufe0f", "はい", "該当", "TRUE", "True"])
def test_marks_that_choose(text: str) -> None:
    assert read(MARK, f" {text}　") == (True, ())


@pytest.mark.parametrize(
    "text", ["☐", "□", "無", "いいえ", "不可", "非該当", "0", "０", "FALSE", "False", "", " ", "　", "＿＿"]
)
def test_marks_that_do_not(text: str) -> None:
    assert read(MARK, text) == (False, ())


@pytest.mark.parametrize("text", ["×", "✕", "✗", "x", "Ｘ"])
def test_a_cross_is_never_taken_for_yes_or_no(text: str) -> None:
    assert refusal(MARK, text) == "MARK_CROSS"


@pytest.mark.parametrize("text", ["有・無", "☑☐", "△", "?", "－", "／", "①", "不", "11", "はい いいえ"])
def test_marks_that_are_unclear(text: str) -> None:
    assert refusal(MARK, text) == "MARK_UNREADABLE"


@pytest.mark.parametrize(
    ("text", "value", "notes"),
    [
        ("洗濯", "洗濯", ()),
        (" 洗 濯 ", "洗濯", ("CHOICE_READ",)),
        ("　洗濯 ", "洗濯", ()),
        ("食事の準備片付け", "食事の準備・片付け", ("CHOICE_READ",)),
        ("食事の準備･片付け", "食事の準備・片付け", ("CHOICE_READ",)),
        ("買物(代行・同行)", "買物（代行・同行）", ("CHOICE_READ",)),
        ("ﾍﾙﾊﾟｰ", "ヘルパー", ("CHOICE_READ",)),
        ("ヘルパ－", "ヘルパー", ("CHOICE_READ",)),
        ("資料②", "資料②", ()),
        ("－", None, ("NOT_ENTERED",)),
    ],
)
def test_choices(text: str, value: str | None, notes: tuple[str, ...]) -> None:
    assert read(CHOICE, text) == (value, notes)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("洗濯、ヘルパー", "CHOICE_SEVERAL"),
        ("買物", "CHOICE_UNKNOWN"),
        ("資料③", "CHOICE_UNKNOWN"),
        ("〃", "DITTO"),
    ],
)
def test_choices_that_are_refused(text: str, code: str) -> None:
    assert refusal(CHOICE, text) == code


def test_a_spelling_that_fits_two_options_is_refused() -> None:
    assert refusal(box(enum=["ア・イ", "アイ"]), "ア イ") == "CHOICE_UNKNOWN"


@pytest.mark.parametrize("text", ["木", "木曜", "木曜日", "（木）", "(木曜日)", "毎週木曜日", "⽊"])
def test_weekdays(text: str) -> None:
    assert read(WEEKDAY, text)[0] == "木"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("火・木", "CHOICE_SEVERAL"),
        ("月～金", "CHOICE_SEVERAL"),
        ("平日", "CHOICE_UNKNOWN"),
        ("祝", "CHOICE_UNKNOWN"),
    ],
)
def test_weekdays_that_are_refused(text: str, code: str) -> None:
    assert refusal(WEEKDAY, text) == code


def test_a_weekday_the_box_does_not_offer_is_refused() -> None:
    assert refusal(box(enum=["月", "火"]), "木曜日") == "CHOICE_UNKNOWN"


SPELLINGS = {
    0: [
        "平",
        "平地区",
        "平センター",
        "平保健福祉センター",
        "平地区保健福祉ｾﾝﾀｰ",
        "平地区センター",
        "いわき市平地区保健福祉センター",
    ],
    1: ["小名浜", "小名浜地区", "小名浜地区保健福祉センタ－"],
    2: [
        "勿来・田人",
        "勿来田人",
        "勿来",
        "田人",
        "勿来･田人地区",
        "勿来地区・田人地区",
        "勿来、田人保健福祉センター",
    ],
    3: ["常磐", "遠野", "常磐遠野地区保健福祉センター"],
    4: ["内郷・好間・三和", "内郷好間三和", "内郷・好間", "三和", "好間地区センター"],
    5: [
        "四倉・久之浜大久",
        "四倉・久之浜・大久",
        "久之浜・大久",
        "久之浜大久",
        "大久",
        "四倉",
        "四倉久之浜大久地区保健福祉センター",
    ],
    6: ["小川・川前", "小川川前", "川前", "小川 川前 地区保健福祉センター"],
}


@pytest.mark.parametrize(
    ("index", "text"), [(index, text) for index, texts in SPELLINGS.items() for text in texts]
)
def test_every_spelling_of_a_centre(index: int, text: str) -> None:
    assert read(CENTRE, text) == (CENTRES[index], ("CENTRE_READ",))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("植田", "CENTRE_UNKNOWN"),
        ("植田地区センター", "CENTRE_UNKNOWN"),
        ("地区センター", "CENTRE_UNKNOWN"),
        ("地区保健福祉センター", "CENTRE_UNKNOWN"),
        ("いわき市", "CENTRE_UNKNOWN"),
        ("平字梅本", "CENTRE_UNKNOWN"),
        ("こども家庭課", "CENTRE_UNKNOWN"),
        ("平・小名浜", "CHOICE_SEVERAL"),
        ("勿来・遠野", "CHOICE_SEVERAL"),
        ("久之浜大久" * 20, "CENTRE_UNKNOWN"),  # valid tokens in two ways: must not take exponential time
    ],
)
def test_centres_that_are_refused(text: str, code: str) -> None:
    if text.startswith("久之浜"):
        text += "見"
    assert refusal(CENTRE, text) == code


@pytest.mark.parametrize("centre", CENTRES)
def test_the_full_name_needs_no_note(centre: str) -> None:
    assert read(CENTRE, centre) == (centre, ())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("母親", "母"),
        ("お父さん", "父"),
        ("伯父", "叔父・伯父"),
        ("父の妹", "叔母・伯母"),
        ("おばあちゃん", "祖母"),
        ("祖父（父方）", "祖父"),
    ],
)
def test_relations(text: str, value: str) -> None:
    assert read(RELATION, text) == (value, ("RELATION_READ",))


def test_relations_follow_the_options_of_the_box() -> None:
    assert read(CARED_FOR, "伯父")[0] == "おじ・おば"
    assert read(CARED_FOR, "弟")[0] == "きょうだい"
    assert read(RELATION, "弟") == ("弟", ())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("長男", "RELATION_BASE"),
        ("世帯主", "RELATION_BASE"),
        ("子", "RELATION_BASE"),
        ("妻", "RELATION_BASE"),
        ("いとこ", "CHOICE_UNKNOWN"),
        ("きょうだい", "CHOICE_UNKNOWN"),
        ("父・母", "CHOICE_SEVERAL"),
        ("父、母", "CHOICE_SEVERAL"),
    ],
)
def test_relations_that_are_refused(text: str, code: str) -> None:
    assert refusal(RELATION, text) == code


@pytest.mark.parametrize("relation", RELATIONS)
def test_every_relation_of_the_form_stands(relation: str) -> None:
    assert read(RELATION, relation) == (relation, ())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("小5", "小学５年"),
        ("小学５年生", "小学５年"),
        ("小学校五年", "小学５年"),
        ("小学第5学年", "小学５年"),
        ("中2", "中学２年"),
        ("中学校2年生", "中学２年"),
        ("高３", "高校３年"),
        ("高等学校１年", "高校１年"),
        ("高等部2年", "高等部２年"),
        ("特別支援学校（小学部）3年", "小学部３年"),
        ("義務教育学校7年", "義務教育学校７年"),
        ("中等教育学校4年", "中等教育学校４年"),
        ("年長組", "年長"),
        ("未就学児", "未就学"),
    ],
)
def test_grades(text: str, value: str) -> None:
    assert read(GRADE, text) == (value, ("GRADE_READ",))
    assert read(GRADE, value) == (value, ())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("５年生", "GRADE_STAGE"),
        ("5", "GRADE_STAGE"),
        ("五年", "GRADE_STAGE"),
        ("小7", "GRADE_RANGE"),
        ("中学４年", "GRADE_RANGE"),
        ("小0", "GRADE_RANGE"),
        ("不登校", "GRADE_UNREADABLE"),
        ("小学校", "GRADE_UNREADABLE"),
        ("小学5年2組", "GRADE_UNREADABLE"),
        ("同上", "DITTO"),
    ],
)
def test_grades_that_are_refused(text: str, code: str) -> None:
    assert refusal(GRADE, text) == code


def test_grades_follow_the_options_of_the_box() -> None:
    field = box(x_kind="grade", enum=["小5", "小6", "中1"])
    assert read(field, "小学６年生") == ("小6", ("GRADE_READ",))
    assert refusal(field, "小学４年") == "CHOICE_UNKNOWN"


LAND = st.tuples(
    st.sampled_from(["0246"]),
    st.integers(0, 99).map("{:02}".format),
    st.integers(0, 9999).map("{:04}".format),
)
MOBILE = st.tuples(
    st.sampled_from(["050", "070", "080", "090"]),
    st.integers(0, 9999).map("{:04}".format),
    st.integers(0, 9999).map("{:04}".format),
)
FORMS = [
    "{}-{}-{}",
    "{}ー{}－{}",
    "{}({}){}",
    "({}){}-{}",
    "℡{}-{}-{}",
    "TEL：{} {} {}",
    "{}{}{}",
    "{}‐{}―{}",
    "電話　{}・{}・{}",
]


@given(st.one_of(LAND, MOBILE), st.sampled_from(FORMS), st.booleans())
def test_every_writing_of_a_number_is_one(groups: tuple[str, str, str], form: str, wide: bool) -> None:
    text = form.format(*groups)
    if wide:
        text = text.translate(str.maketrans("0123456789()-", "０１２３４５６７８９（）－"))
    value = "-".join(groups)
    assert read(PHONE, text) == (value, () if text == value else ("PHONE_READ",))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("０２４６ー２７－８５６３", "0246-27-8563"),
        ("0246(27)8563", "0246-27-8563"),
        ("+81-246-27-8563", "0246-27-8563"),
        ("+81 (0)246 27 8563", "0246-27-8563"),
        ("0120000000", "0120-000-000"),
        ("0312345678", "03-1234-5678"),
        ("024-900-0000", "024-900-0000"),
    ],
)
def test_known_telephones(text: str, value: str) -> None:
    assert read(PHONE, text)[0] == value
    assert re.fullmatch(PHONE.schema["pattern"], value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("27-8563", "PHONE_AREA"),
        ("２７ー８５６３", "PHONE_AREA"),
        ("0246-27-856", "PHONE_DIGITS"),
        ("0246-27-85630", "PHONE_DIGITS"),
        ("090-1234-567", "PHONE_DIGITS"),
        ("0249000000", "PHONE_HYPHEN"),
        ("0-24900-0000", "PHONE_HYPHEN"),
        ("0246-27-8563 内線12", "PHONE_UNREADABLE"),
        ("0246-27-8563（母）", "PHONE_UNREADABLE"),
        ("+1-246-27-8563", "PHONE_UNREADABLE"),
        ("なし", "PHONE_UNREADABLE"),
        ("①", "PHONE_UNREADABLE"),
    ],
)
def test_telephones_that_are_refused(text: str, code: str) -> None:
    assert refusal(PHONE, text) == code


@given(
    st.integers(0, 9_999_999), st.sampled_from(["{}-{}", "〒{}-{}", "{}{}", "〒　{}－{}", "{}ー{}", "{} {}"])
)
def test_postal_codes(number: int, form: str) -> None:
    digits = f"{number:07}"
    text, value = form.format(digits[:3], digits[3:]), f"{digits[:3]}-{digits[3:]}"
    assert read(POSTAL, text) == (value, () if text == value else ("POSTAL_READ",))


@pytest.mark.parametrize("text", ["970-868", "97-08686", "9708686いわき市", "いわき市", "970-8686-1"])
def test_postal_codes_that_are_refused(text: str) -> None:
    assert refusal(POSTAL, text) == "POSTAL_UNREADABLE"


def test_spaces_around_need_no_note() -> None:
    assert read(PHONE, "0246-27-8563 ") == ("0246-27-8563", ())
    assert read(POSTAL, "　970-8686") == ("970-8686", ())
    assert read(GRADE, "小学５年\n") == ("小学５年", ())
    assert read(WEEKDAY, "木 ") == ("木", ())
