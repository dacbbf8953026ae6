from __future__ import annotations

import pytest

from pipeline.papers.dialect import ENVIRONMENT
from pipeline.papers.skeleton import Skeleton, make_skeleton
from pipeline.papers.tags import OPENING, Tag

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def skeleton(body: str) -> Skeleton:
    """The proof over raw XML, below the checks that would have refused it earlier."""
    source = f'<w:document xmlns:w="{W}"><w:body>{body}<w:sectPr/></w:body></w:document>'
    tags = tuple(Tag(source[m.start() : m.start() + 20], "ここ") for m in OPENING.finditer(source))
    located = OPENING.sub(lambda match: "\n" + match.group(), source)
    return make_skeleton(ENVIRONMENT.parse(located), {"w": W}, tags, "本文")


def p(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


@pytest.mark.parametrize(
    "body",
    [
        p("甲{{ x }}乙"),
        "{% if a %}" + p("甲") + "{% elif b %}" + p("乙") * 2 + "{% else %}{% endif %}" + p("丙"),
        "{% for c in d %}{% if c %}" + p("{{ c }}") + "{% endif %}{% endfor %}",
        "<w:p>{% if a %}<w:r><w:t>甲</w:t></w:r>{% endif %}</w:p>",
        "<w:tbl><w:tr><w:tc>"
        + p("甲")
        + "</w:tc></w:tr>{% for c in d %}<w:tr><w:tc>"
        + p("{{ c }}")
        + "</w:tc></w:tr>{% endfor %}</w:tbl>",
        "{% if a %}<w:tbl>{% for c in d %}<w:tr><w:tc>"
        + p("{{ c }}")
        + "</w:tc></w:tr>{% endfor %}</w:tbl>{% endif %}",
        "<w:tbl><w:tr><w:tc>" + p("甲") + "{% if a %}" + p("乙") + "{% endif %}</w:tc></w:tr></w:tbl>",
        "<w:tbl><w:tr><w:tc>"
        + p("甲")
        + "{% if a %}"
        + p("乙")
        + "{% if b %}"
        + p("丙")
        + "{% endif %}{% endif %}</w:tc></w:tr></w:tbl>",
        "<w:tbl><w:tr><w:tc>{% if a %}"
        + p("甲")
        + "{% elif b %}"
        + p("乙")
        + "{% else %}"
        + p("丙")
        + "{% endif %}</w:tc></w:tr></w:tbl>",
    ],
)
def test_a_sound_template_is_proven(body: str) -> None:
    assert skeleton(body).faults == ()


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<w:p>{{ x }}</w:p>", "文字としてだけ"),
        ('<w:p w:id="{{ x }}"/>', "タグの位置"),
        ("<w:p><w:r>{{ x }}</w:r></w:p>", "文字としてだけ"),
        ("<{{ x }}/>", "タグの位置"),
        ("<w:p>{% if a %}甲{% endif %}</w:p>", "段落の外"),
        ("{% if a %}甲{% endif %}", "段落の外"),
        ("<w:p>甲</w:p>", "段落の外"),
        ("{% if a %}<w:p>{% endif %}</w:p>", "別の段落"),
        ("{% if a %}<w:p>{% else %}<w:p>{% endif %}</w:p>", "別の段落"),
        ("{% for c in d %}{% if c %}</w:p>{% endif %}{% endfor %}", "別の段落"),
        ("<w:tbl><w:tr><w:tc>{% if a %}" + p("甲") + "{% endif %}</w:tc></w:tr></w:tbl>", "空の段落"),
        (
            "<w:tbl><w:tr><w:tc>"
            + p("甲")
            + "{% if a %}<w:tbl><w:tr/></w:tbl>{% endif %}</w:tc></w:tr></w:tbl>",
            "空の段落",
        ),
        ("<w:tbl><w:tr><w:tc>" + p("甲") + "<w:tbl><w:tr/></w:tbl></w:tc></w:tr></w:tbl>", "空の段落"),
        (
            "<w:tbl><w:tr><w:tc>"
            + p("甲")
            + "{% if a %}{% if b %}<w:tbl><w:tr/></w:tbl>{% endif %}{% endif %}</w:tc></w:tr></w:tbl>",
            "空の段落",
        ),
        (
            "<w:tbl><w:tr><w:tc>{% if a %}" + p("甲") + "{% else %}{% endif %}</w:tc></w:tr></w:tbl>",
            "空の段落",
        ),
        (
            "<w:tbl><w:tr><w:tc>{% if a %}"
            + p("甲")
            + "{% elif b %}{% else %}"
            + p("乙")
            + "{% endif %}</w:tc></w:tr></w:tbl>",
            "空の段落",
        ),
        (
            "<w:tbl><w:tr><w:tc>{% for c in d %}"
            + p("甲")
            + "{% else %}"
            + p("乙")
            + "{% endfor %}</w:tc></w:tr></w:tbl>",
            "空の段落",
        ),
        ("<w:tbl>{% for c in d %}<w:tr/>{% endfor %}</w:tbl>", "見出しの行"),
        ("{% if a %}<w:p><w:pPr><w:sectPr/></w:pPr></w:p>{% endif %}", "セクション区切り"),
        ("<w:sectPr/>" + p("甲") + "</w:body><w:body>" + p("乙"), "ページ設定"),
    ],
)
def test_an_unsound_template_is_refused(body: str, fault: str) -> None:
    faults = skeleton(body).faults
    assert len(faults) == 1
    assert fault in faults[0], faults


def test_the_certain_text_is_what_stands_outside_all_blocks() -> None:
    proven = skeleton(p("甲{{ x }}乙") + "{% if a %}" + p("丙") + "{% endif %}" + p("丁"))
    assert proven.text == ("甲", "乙", "丁")
