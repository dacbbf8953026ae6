"""Identify and validate: everything that is said about a form before anything is made from it. Reads no ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline import wording
from pipeline.catalogue import Catalogue, Form
from pipeline.model import Level, Problem, Ruling, Submission
from pipeline.plan import Accepted, as_of
from pipeline.rules import judge
from pipeline.textcheck import check_text


@dataclass(frozen=True, slots=True)
class Examined:
    """A submission with everything known about it: its form if there is one, and every problem at once."""

    read: Submission
    form: Form | None
    problems: tuple[Problem, ...]
    office: Mapping[str, Any]
    ruling: Ruling
    as_of: date

    @property
    def is_good(self) -> bool:
        """Whether nothing has to be sent back."""
        return not any(problem.level is Level.ERROR for problem in self.problems)


def examine(catalogue: Catalogue, read: Submission, received_on: date) -> Examined:
    """Return what is right and wrong with a submission. Raises OfficeFault where the form itself is broken.

    Rules between fields are judged only on values that passed their schema: they need not test shapes again.
    """
    form, problems = _identify(catalogue, read)
    if form is not None and not problems:
        problems = (*form.schema.check(read.values), *check_text(form.schema.root, read.values))
    day = received_on
    office: Mapping[str, Any] = {}
    ruling = Ruling()
    if form is not None and not problems:
        day = as_of(read.values, received_on)
        office = catalogue.office.at(day)
        ruling = judge(form.name, read.values, office, received_on)
    return Examined(read, form, (*problems, *ruling.problems, *read.notes), office, ruling, day)


def _identify(catalogue: Catalogue, read: Submission) -> tuple[Form | None, tuple[Problem, ...]]:
    form = catalogue.forms.get(read.form)
    if form is None:
        return None, (wording.reading_problem("FORM_UNKNOWN", "/form", "様式", found=read.form),)
    catalogue.ensure_usable(form.name)
    if read.form_version not in (None, form.version):
        return form, (wording.reading_problem("FORM_VERSION", "/form_version", "様式の版"),)
    if form.spec.case == "required" and read.case_id is None:
        return form, (wording.reading_problem("CASE_MISSING", "/case_id", "ケース番号"),)
    return form, ()


def accept(examined: Examined, form: Form, case: Mapping[str, Any]) -> Accepted:
    """Return a good submission as what its papers are planned from. `case` holds its id and allocated numbers."""
    return Accepted(
        form=form.name,
        schema=form.schema,
        spec=form.spec,
        values=examined.read.values,
        case=case,
        office=examined.office,
        ruling=examined.ruling,
        notes=examined.read.notes,
        as_of=examined.as_of,
    )
