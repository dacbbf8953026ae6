from __future__ import annotations

from dataclasses import replace

import pytest
from word_templates import build_template

from pipeline.errors import OfficeFault
from pipeline.ooxml import deflate, make_slot, read_archive, read_members, write_archive
from pipeline.papers.prove import ensure_parses, ensure_proven
from pipeline.papers.template import CompiledPaper, Rendered, compile_template

PAPER = compile_template(
    build_template("いわき市長　様", "{{ name }}", "{% if kind == '継続' %}継続{% endif %}", "{{ reason }}"),
    "見本",
    barred=("ヤングケアラー",),
)


def render(name: str = "見本　太郎", kind: str = "新規", reason: str | None = None) -> Rendered:
    return PAPER.render({"name": name, "kind": kind, "reason": reason})


def fault(rendered: Rendered, must_print: tuple[str, ...] = (), must_hide: tuple[str, ...] = ()) -> str:
    with pytest.raises(OfficeFault) as caught:
        ensure_proven(PAPER, rendered, must_print, must_hide)
    assert caught.value.code == "PROOF"
    assert "見本　太郎" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        "見本　太郎",
        "A & B",
        '<a href="x">\'',
        "</w:t>",
        "一行目\n二行目",
        "一\n\n二",
        "葛\U000e0100",
        "\ufa19",
        "あ\tい",
    ],
)
def test_a_printed_value_is_found_code_point_for_code_point(value: str) -> None:
    ensure_proven(PAPER, render(reason=value), (value,))


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        ("\u795e", "\ufa19"),
        ("葛", "葛\U000e0100"),
        ("ガ", "\u30ab\u3099"),
        ("一\n二", "一\n三"),
        ("", "値"),
        ("&amp;", "&#38;"),
        ("見本", "</w:t>"),
    ],
)
def test_a_lost_or_changed_value_is_a_fault_that_counts(printed: str, wanted: str) -> None:
    assert "1件" in fault(render(reason=printed), (wanted, "見本　太郎"))


def test_the_markup_of_a_line_break_is_no_value() -> None:
    fault(render(reason="一\n二"), ("<w:br/>",))


def test_a_word_the_template_prints_by_itself_counts_as_printed() -> None:
    ensure_proven(PAPER, render(kind="継続"), ("継続",))
    assert "1件" in fault(render(kind="新規"), ("継続",))


def test_nothing_is_found_across_two_values() -> None:
    fault(render(name="見本　太郎", reason="電話"), ("太郎電話",))
    ensure_proven(PAPER, render(reason="電話"), (), ("太郎電話",))


def test_a_value_that_must_be_hidden_is_a_fault() -> None:
    assert "載せてはならない値が1件" in fault(render(reason="住所は秘密町１番"), (), ("秘密町１番", "出ない"))
    assert "載せてはならない" in fault(render(reason="一\n二"), (), ("一\n二",))
    ensure_proven(PAPER, render(), (), ("いわき市長",))  # the template's own words were known before


def test_a_barred_word_in_a_value_is_a_fault() -> None:
    assert "書けない言葉" in fault(render(reason="ヤングケアラーである"))


# --- the oracle ---------------------------------------------------------------------------------------------------


def rewritten(change: dict[str, bytes | None]) -> bytes:
    """The rendered file with members replaced or left out, every other member to the byte."""
    kept = [m for m in read_archive(render().data) if change.get(m.name, b"") is not None]
    members = [deflate(m.name, change[m.name] or b"") if m.name in change else m for m in kept]
    return write_archive([make_slot(m.name, m) for m in members], [])


def oracle_fault(data: bytes, paper: CompiledPaper = PAPER) -> str:
    with pytest.raises(OfficeFault) as caught:
        ensure_parses(paper, data)
    assert caught.value.code == "PROOF"
    return str(caught.value)


def test_the_oracle_accepts_what_was_rendered() -> None:
    ensure_parses(PAPER, rewritten({}))
    ensure_parses(PAPER, render(reason="<&>\n").data)


def test_the_oracle_sees_each_kind_of_damage() -> None:
    document = read_members(render().data)["word/document.xml"].decode()

    def with_document(xml: str) -> str:
        return oracle_fault(rewritten({"word/document.xml": xml.encode()}))

    assert "読めません" in with_document(document[:-20])
    assert "欠けています" in with_document(document.replace("いわき市長", ""))
    swapped = document.replace("いわき市長　様", "〓").replace("以上", "いわき市長　様").replace("〓", "以上")
    assert "欠けています" in with_document(swapped)
    assert "ページ設定" in with_document(
        document[: document.index("<w:sectPr")] + document[document.index("</w:sectPr>") + 11 :]
    )
    assert "段落の外" in with_document(document.replace("</w:p>", "外</w:p>", 1))
    assert "変わっています" in oracle_fault(rewritten({"word/styles.xml": b"<a/>"}))
    assert "一致しません" in oracle_fault(rewritten({"docProps/app.xml": None}))
    other = replace(PAPER, kept=PAPER.kept[1:])
    assert "変わっています" in oracle_fault(render().data, other)
