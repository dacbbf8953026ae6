"""Specifications against schemas and papers: what a paper must print comes from the rules."""

from __future__ import annotations

from datetime import date

from pipeline.spec import DocumentSpec, Edition, FormSpec, PaperSpec
from pipeline.spec_check import check_spec
from pipeline.validate import make_form_schema, make_registry

SCHEMA = {
    "$id": "todoke:t.schema.json",
    "title": "試験",
    "type": "object",
    "properties": {"name": {"type": "string", "title": "氏名"}},
}


def test_only_facts_may_be_demanded_of_a_paper() -> None:
    schema = make_form_schema(SCHEMA, make_registry({"todoke:t.schema.json": SCHEMA}))
    spec = FormSpec(documents=(DocumentSpec("table", "division"),))
    for must_print, count in ((("facts.texts",), 0), (("name", "office.city.name"), 2)):
        papers = {"table": PaperSpec("table", "表", must_print=must_print)}
        faults = list(check_spec(spec, schema, {"t": schema}, papers))
        assert len(faults) == count
        assert all("must_print" in fault for fault in faults)


def faults(papers: dict[str, PaperSpec], *documents: DocumentSpec) -> list[str]:
    schema = make_form_schema(SCHEMA, make_registry({"todoke:t.schema.json": SCHEMA}))
    return list(check_spec(FormSpec(documents=documents), schema, {"t": schema}, papers))


def test_papers_can_only_be_compared_with_papers_of_the_same_set() -> None:
    papers = {name: PaperSpec(name, title) for name, title in (("whole", "全文"), ("pages", "差替え一覧"))}
    whole = DocumentSpec("whole", "division")
    before = DocumentSpec("whole", "division", title="前の全文")
    compared = DocumentSpec("pages", "division", compares=("前の全文", "全文"))
    assert faults(papers, whole, before, compared) == []
    (fault,) = faults(papers, whole, compared)
    assert "compares の「前の全文」" in fault
    renamed = DocumentSpec("whole", "division", title="後の全文")
    assert len(faults(papers, renamed, before, compared)) == 1, "the title a paper bears here counts"


def test_html_needs_a_page_template_in_every_edition_of_the_paper() -> None:
    day = date(2022, 4, 1)
    with_page, without = Edition(day, "t.docx", "page.html"), Edition(day, "t.docx")
    document = DocumentSpec("whole", "division", formats=("docx", "html"))
    for editions, count in (((with_page,), 0), ((without,), 1), ((with_page, without), 1)):
        found = faults({"whole": PaperSpec("whole", "全文", editions=editions)}, document)
        assert len(found) == count
        assert all("page" not in fault and "html" in fault for fault in found)
    assert (
        faults({"whole": PaperSpec("whole", "全文", editions=(without,))}, DocumentSpec("whole", "division"))
        == []
    )
