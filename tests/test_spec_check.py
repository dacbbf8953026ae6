"""Specifications against schemas and papers: what a paper must print comes from the rules."""

from __future__ import annotations

from pipeline.spec import DocumentSpec, FormSpec, PaperSpec
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
