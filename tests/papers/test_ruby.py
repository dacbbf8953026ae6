"""Ruby in a Word paper: over the template's words and the values, with the words below untouched."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from word_templates import build_template

from pipeline.errors import OfficeFault
from pipeline.furigana import ALL_RUBY, Furigana
from pipeline.ooxml import docx_text
from pipeline.papers.contract import rubied_paths
from pipeline.papers.pdf import DocxJob, PdfPress, find_office
from pipeline.papers.pdf_text import read_pdf_text
from pipeline.papers.prove import ensure_parses, ensure_proven
from pipeline.papers.template import CompiledPaper, compile_template

WORDS = {"以上": "いじょう", "相談": "そうだん", "家族": "かぞく", "話す": "はなす", "様": "さま"}
READ = Furigana(WORDS, {}, ALL_RUBY)
LINES = (
    "家族の{% if told %}相談{% endif %}、{{ office.word|ruby }}。",
    "{{ applicant.name|kana(applicant.kana) }}　様",
)
CONTEXT = {
    "told": True,
    "office": {"word": "話すことと相談"},
    "applicant": {"name": "見本　葛󠄀子", "kana": "みほん　かつこ"},
}


def paper(*lines: str, furigana: Furigana | None = READ) -> CompiledPaper:
    return compile_template(build_template(*(lines or LINES)), "見本", furigana=furigana)


def readings(data: bytes) -> list[tuple[str, str]]:
    """Each ruby of a document: what stands over what."""
    xml = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml").decode()
    texts = re.compile(r"<w:t[^>]*>([^<]*)</w:t>")
    rubies = re.findall(r"<w:rt>(.*?)</w:rt><w:rubyBase>(.*?)</w:rubyBase>", xml, re.S)
    found = [("".join(texts.findall(over)), "".join(texts.findall(below))) for over, below in rubies]
    return [pair for pair in found if pair[1] != "以上"]  # the template's own last line


def test_every_word_stands_under_its_reading_and_the_text_is_the_same() -> None:
    compiled = paper()
    rendered = compiled.render(CONTEXT)
    assert readings(rendered.data) == [
        ("かぞく", "家族"),
        ("そうだん", "相談"),
        ("はな", "話"),
        ("そうだん", "相談"),
        ("みほん　かつこ", "見本　葛󠄀子"),
        ("さま", "様"),
    ]
    plain = paper(furigana=None).render(CONTEXT).data
    assert docx_text(rendered.data) == docx_text(plain)
    assert readings(plain) == []
    ensure_parses(compiled, rendered.data)


def test_values_under_readings_are_proven_and_searched_like_any_other() -> None:
    compiled = paper()
    rendered = compiled.render(CONTEXT)
    ensure_proven(compiled, rendered, ("見本　葛󠄀子", "話すことと相談"), ("別の名前",))
    with pytest.raises(OfficeFault, match="載せてはならない値が1件"):
        ensure_proven(compiled, rendered, (), ("話すことと",))
    with pytest.raises(OfficeFault, match="1件が紙面にありません"):
        ensure_proven(compiled, rendered, ("話すことは相談",))


def test_a_name_without_furigana_stays_without() -> None:
    rendered = paper("{{ applicant.name|kana(applicant.kana) }}").render(
        {"applicant": {"name": "家族　相談", "kana": None}}
    )
    assert readings(rendered.data) == []
    assert docx_text(rendered.data).startswith("家族　相談")


def test_a_word_without_a_reading_is_a_fault_of_the_template_or_of_the_office() -> None:
    with pytest.raises(OfficeFault, match="「秘密」の読みがありません"):
        paper("秘密を{{ office.word|ruby }}")
    with pytest.raises(OfficeFault, match="FURIGANA"):
        paper().render({**CONTEXT, "office": {"word": "秘密"}})


def test_what_is_read_aloud_is_known() -> None:
    assert rubied_paths(paper()) == {"office.word"}


def test_each_ruby_is_a_run_of_its_own() -> None:
    """LibreOffice prints the reading of a ruby that shares its run with other text twice."""
    xml = zipfile.ZipFile(io.BytesIO(paper().render(CONTEXT).data)).read("word/document.xml").decode()
    for run in re.findall(r"<w:r>(?:(?!</?w:r>).)*<w:ruby>", xml, re.S):
        assert "<w:t" not in run


@pytest.mark.office
def test_readings_and_words_survive_into_the_pdf(tmp_path: Path) -> None:
    rendered = paper().render(CONTEXT)
    job = DocxJob("見本", rendered.data, docx_text(rendered.data), ("見本　葛󠄀子", "話すことと相談"))
    with PdfPress(tmp_path, find_office()) as press:
        (pressed,) = press.press([job])
    text = read_pdf_text(pressed.data)
    assert "家族の相談、話すことと相談。" in text.words
    for reading in ("かぞく", "そうだん", "はな", "さま"):
        assert reading in text.pages[0]
    assert text.pages[0].count("かぞく") == 1
