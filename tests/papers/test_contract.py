from __future__ import annotations

import pytest
from word_templates import build_template

from pipeline.papers.contract import check_contract, dates_unformatted, references, unused
from pipeline.papers.template import CompiledPaper, compile_template


def paper(*paragraphs: str, header: str = "") -> CompiledPaper:
    return compile_template(build_template(*paragraphs, header=header), "見本")


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("{{ applicant.name }}", {"applicant.name"}),
        ("{{ applicant['name'] }}", {"applicant.name"}),
        ("{{ children[0].name }}", {"children[].name"}),
        ("{{ (children|first).name }}", {"children[].name"}),
        ("{% if guardian %}{{ guardian.name }}{% endif %}", {"guardian", "guardian.name"}),
        ("{% for c in children %}{{ c.name }}{{ loop.index }}{% endfor %}", {"children[].name"}),
        ("{% for s in services %}{{ s }}{% endfor %}", {"services[]"}),
        (
            "{% for c in children if c.at_home %}{{ c.name }}{% endfor %}",
            {"children[].name", "children[].at_home"},
        ),
        (
            "{% for p in record %}{% for s in p.statements %}{{ s.text }}{{ p.topic }}{% endfor %}{% endfor %}",
            {"record[].statements[].text", "record[].topic"},
        ),
        ("{% set a = applicant.address %}{{ a.text }}", {"applicant.address.text"}),
        ("{% set a = x if y else z %}{{ a.t }}", {"x", "y", "z", "x.t", "z.t"}),
        ("{% if k %}{% set a = x %}{% else %}{% set a = y %}{% endif %}{{ a.t }}", {"k", "x.t", "y.t"}),
        ("{{ period.start|span(period.end) }}", {"period.start", "period.end"}),
        ("{{ (numbers.notice if numbers else none)|doc_number }}", {"numbers.notice", "numbers"}),
        (
            "{{ office.contractor|addressee }}",
            {"office.contractor.head_title", "office.contractor.head_name"},
        ),
        (
            "{% if a is divisibleby b %}{% elif c == d and not e %}{% else %}{{ f ~ g }}{% endif %}",
            set("abcdefg"),
        ),
        ("{{ problems|length|digits }}", {"problems"}),
        ("{% for c in children %}あ{% else %}{{ none_text }}{% endfor %}", {"none_text"}),
    ],
)
def test_every_path_is_followed_to_its_field(source: str, read: set[str]) -> None:
    assert references(paper(source)) == read


def test_a_loops_name_ends_with_its_loop() -> None:
    assert references(paper("{% for c in a %}{{ c.x }}{% endfor %}{{ c.y }}")) == {"a[].x", "c.y"}


def test_headers_are_read_too() -> None:
    assert references(paper("{{ a }}", header="{{ b.c }}")) == {"a", "b.c"}


def test_a_path_that_is_not_granted_is_named_with_its_neighbour() -> None:
    refs = {"applicant.name", "applicant.phone", "children[].nmae", "children", "office.city.name"}
    faults = check_contract(refs, ("applicant.name", "children[].name", "office.city"))
    assert len(faults) == 2
    assert "applicant.phone" in faults[0]
    assert "もしかして：children[].name" in faults[1]


def test_a_prefix_of_a_word_is_no_grant() -> None:
    assert check_contract({"applicant.name_kana"}, ("applicant.name",))


def test_a_granted_path_no_template_reads_is_reported() -> None:
    allowed = ("applicant", "children[].name", "children[].birth", "cautions")
    assert unused({"applicant.name", "children", "children[].name"}, allowed) == (
        "cautions",
        "children[].birth",
    )


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("{{ doc_date }}", 1),
        ("{{ doc_date|wareki }}", 0),
        ("{{ doc_date|wareki_blank }}", 0),
        ("{{ '（' ~ doc_date ~ '）' }}", 1),
        ("{{ doc_date if x else y }}", 1),
        ("{% for d in days %}{{ d }}{% endfor %}", 1),
        ("{{ days|join('、') }}", 1),
        ("{% if doc_date %}あ{% endif %}", 0),
        ("{{ doc_date|span(end) }}", 0),
    ],
)
def test_a_date_without_a_filter_is_reported_with_its_place(source: str, count: int) -> None:
    faults = dates_unformatted(paper(source), {"doc_date", "days[]"})
    assert len(faults) == count
    assert all(fault.startswith("本文の1番目の段落") for fault in faults)
