from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from word_templates import build_template, change_part, save

from pipeline.errors import OfficeFault, TodokeError
from pipeline.ooxml import docx_text, read_members
from pipeline.papers.prove import ensure_parses, ensure_proven
from pipeline.papers.template import CompiledPaper, Rendered, UnprintableValue, compile_template

FAMILY = build_template(
    "{{ name }}　様",
    "{%p if cautions %}",
    "留意事項：{{ cautions }}",
    "{%p endif %}",
    rows=[
        ["氏名", "学年"],
        ["{%tr for child in children %}", ""],
        ["{{ loop.index }} {{ child.name }}", "{{ child.grade }}"],
        ["{%tr endfor %}", ""],
    ],
    header="ヘッダー {{ number }}",
    footer="フッター {{ contact }}",
)
PAPER = compile_template(FAMILY, "見本")


def values(**given: Any) -> dict[str, Any]:
    return {
        "name": "見本　太郎",
        "cautions": None,
        "children": [],
        "number": "１号",
        "contact": "係",
        **given,
    }


def text_of(paper: CompiledPaper, context: dict[str, Any]) -> str:
    rendered = paper.render(context)
    ensure_parses(paper, rendered.data)
    return docx_text(rendered.data)


def faults_of(data: bytes, **options: Any) -> tuple[str, ...]:
    with pytest.raises(OfficeFault) as caught:
        compile_template(data, "見本", **options)
    assert caught.value.code == "TEMPLATE"
    return caught.value.faults


def printed(value: object, source: str = "［{{ x }}］") -> str:
    text = text_of(compile_template(build_template(source), "見本"), {"x": value})
    return text.split("［")[1].split("］")[0]


# --- values -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "A & B <C> \"D\" 'E' &amp; &#38;",
        "{{ 7*7 }} {% if x %} {# y #} {_{ 7*7 }_}",
        "</w:t></w:r></w:p><w:p><w:r><w:t>偽",
        "]]><!--<?xml?>",
        "𠮷田 葛\U000e0100城 髙橋 \ufa19社 神社",
        "　全角の　空白　",
        " half  width ",
    ],
)
def test_a_value_is_printed_literally(value: str) -> None:
    assert printed(value) == value


def test_a_line_break_and_a_tab_become_words_own() -> None:
    assert printed("一行目\n二行目\t終") == "一行目\n二行目\t終"
    data = compile_template(build_template("{{ x }}"), "見本").render({"x": "一\n二"}).data
    assert "<w:br/>" in read_members(data)["word/document.xml"].decode()


def test_none_prints_nothing_and_so_do_members_of_an_absent_group() -> None:
    assert printed(None) == ""
    assert printed(None, "［{{ x.name }}］") == ""


@pytest.mark.parametrize("char", ["\ud83d", "\x00", "\x0b", "\x1b", "\r", "\x85", "\ufffe", "\uffff"])
def test_a_character_no_file_can_hold_is_refused_without_being_quoted(char: str) -> None:
    for context in (values(name=f"秘{char}密"), values(number=f"秘{char}密")):
        with pytest.raises(UnprintableValue) as caught:
            PAPER.render(context)
        assert isinstance(caught.value, TodokeError)
        assert "秘" not in str(caught.value)


def test_a_key_wins_over_a_method_of_the_dictionary() -> None:
    paper = compile_template(build_template("{{ meeting.items }}・{{ meeting['keys'] }}"), "見本")
    assert "議題・鍵" in text_of(paper, {"meeting": {"items": "議題", "keys": "鍵"}})


@pytest.mark.parametrize("value", [True, ["一覧"], {"a": 1}])
def test_what_has_no_printed_form_is_a_fault(value: object) -> None:
    paper = compile_template(build_template("{{ x }}"), "見本")
    with pytest.raises(OfficeFault, match=r"本文の1番目の段落「\{\{ x \}\}」"):
        paper.render({"x": value})


# --- blocks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 8])
def test_a_loop_prints_a_row_for_each(count: int) -> None:
    children = [{"name": f"例示　{n}", "grade": "中１"} for n in range(count)]
    lines = text_of(PAPER, values(children=children)).split("\n")
    rows = [line for line in lines if "\t" in line]
    assert rows == ["氏名\t学年", *(f"{n + 1} 例示　{n}\t中１" for n in range(count))]


def test_a_condition_prints_its_paragraph_or_leaves_no_trace() -> None:
    assert "留意事項：前日まで" in text_of(PAPER, values(cautions="前日まで"))
    without = text_of(PAPER, values())
    assert "留意事項" not in without
    assert without.split("\n")[:2] == ["見本　太郎　様", "氏名\t学年"]


def test_header_and_footer_are_filled_and_escaped() -> None:
    text = text_of(PAPER, values(number="<１&２>", contact="係　&　電話"))
    assert "ヘッダー <１&２>" in text
    assert "フッター 係　&　電話" in text


def test_a_tag_cut_into_many_runs_is_one_tag() -> None:
    runs = ["前{", "{ na", "me", " }", "}後{", "% if a %", "}", "真", "{%", " else %}偽{% endif", " %}末"]
    paper = compile_template(build_template(runs=runs), "見本")
    assert "前見本後真末" in text_of(paper, {"name": "見本", "a": 1})
    assert "前見本後偽末" in text_of(paper, {"name": "見本", "a": 0})


def test_a_block_over_formatted_runs_keeps_their_formatting() -> None:
    paper = compile_template(build_template(runs=["{% if a %}", "太字", "細字{% endif %}。"]), "見本")
    document = docx.Document(io.BytesIO(paper.render({"a": 1}).data))
    assert [(run.text, bool(run.bold)) for run in document.paragraphs[0].runs] == [
        ("太字", True),
        ("細字", False),
        ("。", False),
    ]


def test_a_run_that_is_cut_keeps_its_formatting_in_every_piece() -> None:
    paper = compile_template(build_template(runs=["細字", "太{% if a %}字{% endif %}後"]), "見本")
    document = docx.Document(io.BytesIO(paper.render({"a": 1}).data))
    assert [(run.text, bool(run.bold)) for run in document.paragraphs[0].runs] == [
        ("細字", False),
        ("太", True),
        ("字", True),
        ("後", True),
    ]


def test_constants_and_joined_texts_are_escaped_once() -> None:
    assert printed("<&>", "［{{ '<&' }}{{ x ~ '&' }}{{ x or '' }}{{ '一\\n' }}］") == "<&<&>&<&>一\n"


def test_a_comparison_sees_the_characters_the_clerk_wrote() -> None:
    assert printed("A&B<C", "［{% if x == 'A&B<C' and 1 < 2 %}同{% endif %}］") == "同"


def test_smart_quotes_are_read_as_quotes() -> None:
    paper = compile_template(build_template("{% if kind == ‘公印’ %}有{% else %}無{% endif %}"), "見本")
    assert docx_text(paper.render({"kind": "公印"}).data).startswith("有")


# --- the file -----------------------------------------------------------------------------------------------------


def test_the_same_input_is_the_same_bytes() -> None:
    first, second = (compile_template(FAMILY, "見本").render(values()).data for _ in range(2))
    assert first == second == PAPER.render(values()).data


def test_the_file_opens_everywhere_and_keeps_order_and_time() -> None:
    data = PAPER.render(values()).data
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(io.BytesIO(FAMILY)) as original:
        assert archive.testzip() is None
        assert archive.namelist() == original.namelist()
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.flag_bits for info in archive.infolist()} == {0}
    assert docx.Document(io.BytesIO(data)).tables[0].rows[0].cells[0].text == "氏名"


def test_one_template_serves_many_contexts_without_memory_of_the_last() -> None:
    PAPER.render(values(name="例示　花子", cautions="前日"))
    assert "例示" not in text_of(PAPER, values())


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=30)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXT, st.none() | TEXT, st.lists(st.fixed_dictionaries({"name": TEXT, "grade": TEXT}), max_size=4))
def test_the_oracle_agrees_with_the_construction(
    name: str, cautions: str | None, children: list[dict[str, str]]
) -> None:
    context = values(name=name, cautions=cautions, children=children)
    rendered = PAPER.render(context)
    ensure_parses(PAPER, rendered.data)
    wanted = [name, cautions or "", *(text for child in children for text in child.values())]
    ensure_proven(PAPER, rendered, tuple(wanted))
    whole = docx_text(rendered.data)
    assert all(text in whole for text in wanted)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=20))
def test_any_text_is_printed_exactly_or_refused(value: str) -> None:
    try:
        assert printed(f"<{value}>".replace("［", "").replace("］", "")) == f"<{value}>".replace(
            "［", ""
        ).replace("］", "")
    except UnprintableValue:
        assert any(
            ord(char) < 0x20
            or 0x7F <= ord(char) < 0xA0
            or 0xD800 <= ord(char) < 0xE000
            or ord(char) & 0xFFFE == 0xFFFE
            for char in value
        )


# --- faults -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tag",
    [
        "{{ cycler.__init__.__globals__.os.popen('id') }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ x|attr('format') }}",
        '{{ "{0.__class__}".format(x) }}',
        "{{ x|map(attribute='a') }}",
        "{{ x|safe }}",
        "{{ x['__class__'] }}",
        "{{ 'a'*10**10 }}",
        "{{ '%09999999d'|format(1) }}",
        "{{ '%09999999d' % 1 }}",
        "{{ x|default('') }}",
        "{{ x|join(attribute='y') }}",
        "{{ x|join(*y) }}",
        "{{ x is defined }}",
        "{{ range(9) }}",
        "{{ x[1:2] }}",
        "{{ x + }}",
        "{{ }}",
        "{{r x }}",
        "{{p x }}",
        "{{- x }}",
        "{% include 'a' %}",
        "{% import 'a' as b %}",
        "{% autoescape false %}",
        "{% raw %}",
        "{% call x() %}",
        "{% macro a() %}",
        "{% colspan x %}",
        "{% cellbg x %}",
        "{% hm %}",
        "{% vm %}",
        "{%tc if x %}",
        "{% for a in range(10**6) %}",
        "{% for a, b in x %}",
        "{% for a in x recursive %}",
        "{% set a.b = 1 %}",
    ],
)
@pytest.mark.parametrize("where", ["body", "header", "table"])
def test_what_is_not_listed_is_refused_wherever_it_stands(tag: str, where: str) -> None:
    end = "{% endfor %}" if tag.startswith("{% for") else ""
    built = {
        "body": lambda: build_template(tag + end),
        "header": lambda: build_template("本文", header=tag + end),
        "table": lambda: build_template(rows=[["題", "値"], ["", tag + end]]),
    }[where]()
    place = {"body": "本文の1番目の段落", "header": "ヘッダーの1番目の段落", "table": "本文の表1の2行目"}[
        where
    ]
    faults = faults_of(built)
    assert any(place in fault and tag in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("paragraphs", "expected"),
    [
        (["{{ x"], "閉じていません"),
        (["{{ x", "}}"], "閉じていません"),
        (["x }}"], "閉じていません"),
        (["{% if x %}"], "対応が取れません"),
        (["{% endif %}"], "対応が取れません"),
        (["{% if x %}{% for y in z %}{% endif %}{% endfor %}"], "対応が取れません"),
        (["{% if x %}あ", "い{% endif %}"], "別の段落"),
        (["{%p if x %}余分", "あ", "{%p endif %}"], "それだけを書いて"),
        (["{%p if x %}{{ y }}", "あ", "{%p endif %}"], "それだけを書いて"),
        (["{%p if x %}", "あ{% if y %}", "{%p endif %}", "い{% endif %}"], "対応が取れません|別の段落"),
        (["{{ x|warekii }}"], "もしかして：wareki"),
    ],
)
def test_a_fault_says_what_to_do(paragraphs: list[str], expected: str) -> None:
    with pytest.raises(OfficeFault, match=expected):
        compile_template(build_template(*paragraphs), "見本")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["{%tr for c in x %}"], ["{{ c }}"], ["{%tr endfor %}"]], "見出しの行"),
        ([["題"], ["{%p if x %}\nあ\n{%p endif %}"]], "それだけ|閉じて"),
        ([["題", "あ"], ["{%tr for c in x %}", "余分"], ["{{ c }}", ""], ["{%tr endfor %}", ""]], "それだけ"),
        ([["題"], ["{% for c in x %}"], ["{{ c }}"], ["{% endfor %}"]], "別の段落・行・表"),
    ],
)
def test_a_table_must_stay_a_table(rows: list[list[str]], expected: str) -> None:
    with pytest.raises(OfficeFault, match=expected):
        compile_template(build_template(rows=rows), "見本")


def cell_with(*paragraphs: str) -> bytes:
    document = docx.Document()
    cell = document.add_table(rows=1, cols=1).rows[0].cells[0]
    cell.paragraphs[0].text = paragraphs[0]
    for text in paragraphs[1:]:
        cell.add_paragraph(text)
    return save(document)


def test_a_cell_must_end_in_a_paragraph_that_is_always_there() -> None:
    block = ("{%p for c in x %}", "{{ c }}", "{%p endfor %}")
    assert any("空の段落" in fault for fault in faults_of(cell_with(*block)))
    paper = compile_template(cell_with(*block, ""), "見本")
    ensure_parses(paper, paper.render({"x": []}).data)
    paper = compile_template(cell_with("題", *block), "見本")
    assert docx_text(paper.render({"x": ["あ", "い"]}).data) == "題\nあ\nい"


def test_all_faults_come_at_once_with_part_and_place() -> None:
    faults = faults_of(
        build_template(
            "{{ a|nai }}",
            "{{ b",
            rows=[["題"], ["{{ c.__class__ }}"]],
            header="{{ d() }}",
            footer="{% raw %}",
        )
    )
    for part in ("本文の1番目の段落", "本文の2番目の段落", "本文の表1の2行目", "ヘッダー", "フッター"):
        assert any(part in fault for fault in faults), part
    assert len(faults) == 5


@pytest.mark.parametrize("member", ["docProps/core.xml", "word/footnotes.xml", "word/styles.xml"])
def test_a_tag_outside_the_stories_is_refused(member: str) -> None:
    xml = "<a>{{ cycler }}</a>"
    assert any(
        "ここにはタグを書けません" in fault for fault in faults_of(change_part(FAMILY, member, lambda _: xml))
    )


def test_a_tag_in_an_attribute_is_refused() -> None:
    bad = change_part(
        FAMILY, "word/document.xml", lambda xml: xml.replace("<w:p>", '<w:p w:rsidR="{{ name }}">', 1)
    )
    assert any("文字以外の場所" in fault for fault in faults_of(bad))


@pytest.mark.parametrize(
    ("member", "old", "new", "expected"),
    [
        ("word/document.xml", "<w:p>", '<w:p><w:ins w:id="9" w:author="a"/>', "変更履歴"),
        ("word/document.xml", "<w:p>", '<w:p><w:del w:id="9" w:author="a"/>', "変更履歴"),
        ("word/document.xml", "<w:p>", '<w:p><w:commentRangeStart w:id="1"/>', "コメント"),
        ("word/document.xml", "<w:p>", "<w:altChunk/><w:p>", "altChunk"),
        ("word/document.xml", "<w:p>", "<w:p><w:r><w:instrText>DDEAUTO x</w:instrText></w:r>", "フィールド"),
        ("word/document.xml", "<w:p>", "<w:p", "XMLとして読めません"),
        (
            "word/document.xml",
            "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>",
            "<!DOCTYPE a>",
            "XML_DTD",
        ),
        (
            "word/_rels/document.xml.rels",
            "<Relationship ",
            '<Relationship TargetMode="External" ',
            "外部への参照",
        ),
        ("[Content_Types].xml", "wordprocessingml.document.main", "macroEnabled.main", "マクロ"),
        ("word/vbaProject.bin", "", "", "マクロ"),
        ("word/embeddings/a.bin", "", "", "埋め込まれた部品"),
    ],
)
def test_what_runs_calls_out_or_is_not_settled_is_refused(
    member: str, old: str, new: str, expected: str
) -> None:
    bad = change_part(FAMILY, member, lambda xml: xml.replace(old, new, 1))
    assert any(expected in fault for fault in faults_of(bad)), faults_of(bad)


def test_a_template_without_its_section_is_refused() -> None:
    bad = change_part(
        FAMILY, "word/document.xml", lambda x: x[: x.index("<w:sectPr")] + x[x.index("</w:sectPr>") + 11 :]
    )
    assert any("ページ設定" in fault for fault in faults_of(bad))


def test_eighty_thousand_tags_end_at_once() -> None:
    for flood in ("{{ x }}" * 3_000, "{%" * 80_000):
        assert any("2,000個" in fault for fault in faults_of(build_template(flood)))
    assert any(
        "閉じていません" in fault for fault in faults_of(build_template("{%" * 1_900 + "あ" * 100_000))
    )


def test_a_file_that_is_no_word_file_is_a_fault() -> None:
    for data in (b"", b"PK", b"not a zip", FAMILY[:5000]):
        assert faults_of(data)


def test_a_barred_word_in_the_template_is_a_fault() -> None:
    faults = faults_of(build_template("ヤングケアラー支援"), barred=("ヤングケアラー",))
    assert faults == (
        "書類「見本」本文の1番目の段落：「ヤングケアラー」はこの書類に書けない言葉です。取り除いてください。",
    )


def test_a_misspelt_name_is_named_with_its_neighbour() -> None:
    paper = compile_template(build_template("{{ applicnt.name }}", "{{ applicant.nmae }}"), "見本")
    with pytest.raises(OfficeFault) as caught:
        paper.render({"applicant": {"name": "秘密"}})
    assert caught.value.code == "TEMPLATE"
    assert [
        "もしかして：applicant" in fault or "もしかして：name" in fault for fault in caught.value.faults
    ] == [True, True]
    assert "秘密" not in str(caught.value)


def test_a_name_misspelt_inside_a_loop_is_found() -> None:
    paper = compile_template(build_template("{% for c in children %}{{ c.nmae }}{% endfor %}"), "見本")
    with pytest.raises(OfficeFault, match=r"children\[\]\.nmae.*もしかして：name"):
        paper.render({"children": [{"name": "x"}]})


def test_a_value_a_filter_cannot_take_names_the_tag() -> None:
    paper = compile_template(build_template("可", "{{ day|wareki }}"), "見本")
    with pytest.raises(OfficeFault, match=r"本文の2番目の段落「\{\{ day\|wareki \}\}」"):
        paper.render({"day": "2023/06/01"})


def test_a_part_without_tags_is_kept_to_the_byte() -> None:
    data = build_template("{{ x }}", header="動かない")
    paper = compile_template(data, "見本")
    rendered: Rendered = paper.render({"x": "値"})
    assert read_members(rendered.data)["word/header1.xml"] == read_members(data)["word/header1.xml"]
    assert [story.member for story in paper.stories] == ["word/document.xml"]
