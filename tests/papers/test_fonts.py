from __future__ import annotations

import re

import pytest
from word_templates import build_template, change_part

from pipeline.papers.fonts import fonts_without_east_asia

GOOD = build_template("日本語", header="上")
FONTS = '<w:rPr><w:rFonts w:ascii="Arial"{}/></w:rPr>'


def with_run(fonts: str, text: str = "日本語") -> bytes:
    run = f"<w:r>{fonts}<w:t>{text}</w:t></w:r>"
    return change_part(
        GOOD, "word/document.xml", lambda xml: re.sub(r"<w:r>.*?</w:r>", run, xml, count=1, flags=re.S)
    )


def test_a_typeface_of_the_standard_style_serves_every_run() -> None:
    assert fonts_without_east_asia(GOOD) == ()
    assert fonts_without_east_asia(with_run(FONTS.format(""))) == ()


def test_a_standard_style_without_a_typeface_is_a_fault_everywhere() -> None:
    bare = change_part(GOOD, "word/styles.xml", lambda xml: xml.replace(' w:eastAsia="ＭＳ 明朝"', ""))
    faults = fonts_without_east_asia(bare)
    assert [fault.split("：")[0] for fault in faults] == [
        "標準スタイル",
        "本文の1番目の段落",
        "本文の2番目の段落",
        "ヘッダーの1番目の段落",
    ]


@pytest.mark.parametrize("text", ["日本語", "カナ", "{{ name }}", "☑", "①"])
def test_a_theme_typeface_in_a_run_wins_and_is_a_fault(text: str) -> None:
    themed = with_run(FONTS.format(' w:eastAsiaTheme="minorEastAsia"'), text)
    assert [fault.split("：")[0] for fault in fonts_without_east_asia(themed)] == ["本文の1番目の段落"]


def test_a_run_without_japanese_may_have_any_typeface() -> None:
    assert fonts_without_east_asia(with_run(FONTS.format(' w:eastAsiaTheme="minorEastAsia"'), "ABC")) == ()


def test_a_style_hands_its_typeface_down() -> None:
    styled = change_part(
        with_run('<w:rPr><w:rStyle w:val="Own"/></w:rPr>'),
        "word/styles.xml",
        lambda xml: xml.replace(
            "</w:styles>",
            '<w:style w:type="character" w:styleId="Own"><w:basedOn w:val="Base"/></w:style>'
            '<w:style w:type="character" w:styleId="Base"><w:rPr><w:rFonts w:eastAsiaTheme="minorEastAsia"/></w:rPr></w:style></w:styles>',
        ),
    )
    assert [fault.split("：")[0] for fault in fonts_without_east_asia(styled)] == ["本文の1番目の段落"]
