"""The form that comes next holds the same in every shape: JSON, Word and web page, whatever its lists hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.blank_forms import filled_form
from pipeline.envelope import MEMBERS
from pipeline.rehearse import Example, rehearse
from pipeline.workshop import Workshop
from tests.conftest import ROOT
from tests.forms.pages import data_in
from tests.intake import (
    catalogue,
    fullest_examples,
    outermost_examples,
    read_word,
    stretched,
    values_of,
    without_unticked,
)


def ensure_alike(form: str, made: dict[str, bytes]) -> dict[str, Any]:
    """The values, and that every shape holds them."""
    whole = json.loads(made["json"])
    assert whole["form"] == form
    values = {key: value for key, value in whole.items() if key not in MEMBERS}
    built, page = read_word(form, made["docx"]), data_in(made["html"].decode())
    assert without_unticked(built.values) == without_unticked(values)
    assert without_unticked(page["values"]) == without_unticked(values)
    assert built.case_id == page["around"]["case_id"] == whole["case_id"]
    return values


@pytest.mark.parametrize(("form", "name"), outermost_examples())
def test_what_a_step_emits_next_is_one_form_in_three_shapes(form: str, name: str) -> None:
    path = ROOT / "doc_templates" / form / "examples" / f"{name}.json"
    outcome = rehearse(Workshop(catalogue()), Example(form, path))
    made: dict[str, dict[str, bytes]] = {}
    for file in outcome.files:
        if "次の様式_" in file.path:
            stem, _, suffix = file.path.rpartition(".")
            made.setdefault(stem, {})[suffix] = file.data
    for shapes in made.values():
        following = json.loads(shapes["json"])["form"]
        values = ensure_alike(following, shapes)
        assert without_unticked(values), "a next form with nothing in it saves nobody a word"
    values = values_of(form, name)
    met = catalogue().forms[form].schema.met(values)
    asked = [step for step in catalogue().forms[form].spec.next if step.when in met]
    assert len(made) == sum(len(values[step.each]) if step.each else 1 for step in asked)


@pytest.mark.parametrize(("form", "name"), fullest_examples())
def test_lists_longer_than_the_printed_rows_are_printed_and_read_whole(form: str, name: str) -> None:
    values = stretched(form, values_of(form, name))
    case_id = None if catalogue().forms[form].spec.case == "none" else "YC-23-1-001"
    made = filled_form(catalogue(), catalogue().forms[form], values, {"case_id": case_id})
    assert without_unticked(ensure_alike(form, made)) == without_unticked(values)
