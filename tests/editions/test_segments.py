from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings

from pipeline.rules.editions.segments import MAX_TERM, cut
from tests.editions.texts import SENTENCES


@pytest.mark.parametrize(
    "text",
    [
        "協議会|は|、|別表|に|掲げる|機関等|を|もって|構成する|。",
        "会長|が|会議|を|招集し|、|その|議長|と|なる|。",
        "第３条|第２項|の|規定|に|より|、|第25条の２|第１項|第３号",
        "令和４年10月１日（土）|から|令和５年６月１日|まで|、|令和元年|度".replace("令和元年|度", "令和元年度"),
        "１回|２時間|、|週|１回|を|上限|と|し|、|６か月|、|7,871千円|、|７か所|、|１名|配置する",
        "市長|は|、|「ケア」|（|以下|「支援」|と|いう|。|）|を|『見守る』",
        "児童福祉法|（|昭和22年|法律|第164号|。|以下|「法」|と|いう|。|）|の|学校|（電話）",
        "0246-27-8563|、|R5.7.1|現在|、|13:30|～|15:00|、|2023-06-01",
        "葛\U000e0100城市|と|辻\U000e0101|の|𠮷田",
        "利用できる|サービス|が|上がる|。|向かう|児童|では|なく|、|学校|より|早く",
        "いわき|市|は|（その１）|「「二重」の語」|を|定める",
        "まず|、|はじめに|会長|が|述べる|。|いわき|市|は|、|もとより|広い",
        "\ufa19社|と|福島|（かっこの中は十二字）|と|（|かっこの|中|は|十三字以上|）",
        "前２号|に|掲げるものと|前項|の|者",
        "PDF|で|保存し|、|Word|に|する",
    ],
)  # fmt: skip
def test_pieces(text: str) -> None:
    assert "|".join(cut(text.replace("|", ""))) == text


@given(SENTENCES)
def test_the_pieces_are_the_text(text: str) -> None:
    assert "".join(cut(text)) == text
    assert all(cut(text))


@settings(max_examples=300)
@given(SENTENCES)
def test_nothing_is_cut_inside_what_must_stay_whole(text: str) -> None:
    ends = set()
    for piece in cut(text):
        ends.add(len(piece) + max(ends, default=0))
    whole = (
        rf"[0-9０-９]+|[「『][^「」『』]{{0,{MAX_TERM - 2}}}[」』]"
        r"|令和[0-9０-９元]+年[0-9０-９]+月[0-9０-９]+日|第[0-9０-９]+条の[0-9０-９]+"
    )
    for match in re.finditer(whole, text):
        assert not ends & set(range(match.start() + 1, match.end())), match.group()
    for at in ends - {len(text)}:
        after, before = text[at], text[at - 1]
        assert not unicodedata.category(after).startswith("M")
        assert "\u200d" not in (after, before)
        assert not ("\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff")
        assert not 0x1F3FB <= ord(after) <= 0x1F3FF


@pytest.mark.parametrize(
    "text",
    ["か\u3099", "は\u309a", "葛\U000e0100", "\ud842\udfb7", "👍🏽", "👨\u200d👩\u200d👧", "🇯🇵", "❤\ufe0f"],
)
def test_one_character_for_the_eye_is_one_piece(text: str) -> None:
    assert cut(f"、{text}、") == ("、", text, "、")


@pytest.mark.parametrize("length", [MAX_TERM, MAX_TERM + 1])
def test_a_quotation_may_be_cut_a_term_may_not(length: int) -> None:
    text = "「" + "会、" * ((length - 2) // 2) + "会" * (length % 2) + "」"
    assert (len(cut(text)) == 1) == (length <= MAX_TERM)


def test_what_is_of_no_script_stands_alone() -> None:
    assert cut("\ue000\ue001가") == ("\ue000", "\ue001", "가")


def test_brackets_that_do_not_close_bind_nothing() -> None:
    assert cut("「会、長）は（委") == ("「", "会", "、", "長", "）", "は", "（", "委")
