from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pipeline.errors import OfficeFault
from pipeline.papers import glyphs
from pipeline.papers.glyphs import ensure_glyphs, missing_glyphs

COVERED = "TrueType\t20-7e 3042-3044\nCFF\t4e00-4e10 845b a5\nType 1\t2605\nPCF\t2606\n"


@pytest.fixture
def fonts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with two fonts LibreOffice can use and two it cannot."""
    monkeypatch.setattr(glyphs, "_list_fonts", lambda _: COVERED)
    return tmp_path / "fonts.conf"  # a path of its own, so that the cache is too


def test_what_any_font_draws_is_not_missing(fonts: Path) -> None:
    assert missing_glyphs("Az~ あぃい　\n\t一\u4e10葛\U000e0100葛\ufe00¥\u200d", fonts) == []


def test_what_no_usable_font_draws_is_named_once_in_order(fonts: Path) -> None:
    assert missing_glyphs("★う☆う\u4e11\u3041\x7f", fonts) == [0x2605, 0x2606, 0x3041, 0x3046, 0x4E11]


def test_gaiji_and_unassigned_characters_are_missing_whatever_a_font_claims(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(glyphs, "_list_fonts", lambda _: "TrueType\t0-10ffff\n")
    assert missing_glyphs("\ue000\U000f0000\u0378\ud800", tmp_path) == [0x378, 0xD800, 0xE000, 0xF0000]


def test_the_fault_counts_and_never_shows_the_characters(fonts: Path) -> None:
    with pytest.raises(OfficeFault) as caught:
        ensure_glyphs("決定通知書", "★☆★", fonts)
    assert caught.value.code == "GLYPH"
    assert "「決定通知書」" in str(caught.value) and "2種類" in str(caught.value)
    assert not {"★", "☆"} & set(str(caught.value)) and "2605" not in str(caught.value)


def test_a_machine_that_cannot_tell_its_fonts_makes_no_pdf(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(glyphs, "FC_LIST", str(tmp_path / "nowhere"))
    with pytest.raises(OfficeFault, match="GLYPH"):
        missing_glyphs("あ", tmp_path / "a.conf")
    monkeypatch.setattr(glyphs, "FC_LIST", "/bin/false")
    with pytest.raises(OfficeFault, match="GLYPH"):
        missing_glyphs("あ", tmp_path / "b.conf")


@pytest.mark.office
def test_the_fonts_we_ask_for_draw_the_characters_of_the_papers() -> None:
    fontconfig = Path(__file__).resolve().parents[2] / "fonts" / "fonts.conf"
    assert missing_glyphs("𠮷髙﨑葛󠄀\ufa19神☐☑☒①⑳㋿㈱～－−〒※々〆ヶ㎡℃", fontconfig) == []


@pytest.mark.office
@pytest.mark.parametrize(
    ("wanted", "family"),
    [
        ("ＭＳ 明朝", "BIZ UDMincho"),
        ("MS Mincho", "BIZ UDMincho"),
        ("游明朝", "BIZ UDMincho"),
        ("Yu Mincho Light", "BIZ UDMincho"),
        ("ＭＳ Ｐ明朝", "BIZ UDPMincho"),
        ("ＭＳ ゴシック", "BIZ UDGothic"),
        ("Yu Gothic", "BIZ UDGothic"),
        ("メイリオ", "BIZ UDPGothic"),
        ("ＭＳ 明朝:charset=20bb7", "Noto Serif CJK JP"),
        ("ＭＳ ゴシック:charset=20bb7", "Noto Sans CJK JP"),
    ],
)
def test_each_face_of_word_has_its_stand_in(wanted: str, family: str) -> None:
    fontconfig = Path(__file__).resolve().parents[2] / "fonts" / "fonts.conf"
    found = subprocess.run(
        ["/usr/bin/fc-match", "--format", "%{family[0]}", wanted],
        env={"FONTCONFIG_FILE": str(fontconfig)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert found.stdout == family
