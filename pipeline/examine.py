"""Identify and validate: everything that is said about a form before anything is made from it. Reads no ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pipeline import wording
from pipeline.accepted import Accepted, as_of, has_case_shape
from pipeline.catalogue import Catalogue, Form
from pipeline.disclosure import Sight, check_disclosure
from pipeline.envelope import check_correction
from pipeline.fields import Field, find_field
from pipeline.masks import mask_for
from pipeline.model import Level, Past, Problem, Ruling, Submission
from pipeline.plan import documents_of
from pipeline.rules import judge
from pipeline.spec import DocumentSpec, PaperSpec
from pipeline.textcheck import check_text
from pipeline.versions import Change, carry_over, changes_since, explained


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


def examine(catalogue: Catalogue, read: Submission, received_on: date, past: Past) -> Examined:
    """Return what is right and wrong with a submission after its past. Raises OfficeFault where the form itself is broken.

    Rules between fields are judged only on values that passed their schema: they need not test shapes again.
    """
    form, problems = _identify(catalogue, read)
    if form is None:
        return Examined(read, None, problems, {}, Ruling(), received_on)
    read, changes, retired = _brought_up(form, read, received_on)
    problems = (*retired, *problems)
    told = {problem.pointer for problem in read.problems} | read.unread
    around = (*problems, *check_correction(read, form.spec.publishes))
    judged = (*form.schema.check(read.values), *check_text(form.schema.root, read.values))
    checked = [explained(problem, changes) for problem in judged]
    problems = (*_untold(around, told), *read.problems, *_untold(checked, told))
    if any(problem.level is Level.ERROR for problem in problems):
        return Examined(read, form, (*problems, *read.notes), {}, Ruling(), received_on)
    day = as_of(read.values, received_on)
    office = catalogue.office.at(day)
    ruling = judge(form.name, read.values, office, received_on, past)
    met = form.schema.met(read.values)
    papers = _papers(catalogue, documents_of(form.spec, met), read.values, office)
    ruled = tuple(_titled(form.schema.root, problem) for problem in ruling.problems)
    problems = (
        *_check_case(form, read, office),
        *_check_day(read, [sight.paper for sight in papers], day),
        *ruled,
    )
    problems += check_disclosure(form.schema.root, read.values, papers)
    return Examined(read, form, (*problems, *read.notes), office, replace(ruling, problems=ruled), day)


def _papers(
    catalogue: Catalogue,
    documents: Sequence[DocumentSpec],
    values: Mapping[str, Any],
    office: Mapping[str, Any],
) -> list[Sight]:
    """Every paper that will be made, with what is masked on it; what several readers get alike stands there once."""
    papers: list[Sight] = []
    for document in documents:
        paper = catalogue.paper(document.paper)
        for audience in (document.audience, *document.copies):
            seen = Sight(paper, mask_for(audience, values, office), document.each)
            if seen not in papers:
                papers.append(seen)
    return papers


def _untold(problems: Iterable[Problem], told: Collection[str]) -> Iterator[Problem]:
    return (problem for problem in problems if problem.pointer not in told)


def _identify(catalogue: Catalogue, read: Submission) -> tuple[Form | None, tuple[Problem, ...]]:
    """Return the form, or None and why there is none to judge by; problems with its case come with all the others."""
    catalogue.ensure_usable(read.form)
    form = catalogue.forms.get(read.form)
    if form is None:
        return None, (wording.reading_problem("FORM_UNKNOWN", "/form", "様式", found=read.form),)
    if read.form_version not in (None, *form.history):
        return None, (wording.reading_problem("FORM_VERSION", "/form_version", "様式の版"),)
    wrong = {("required", True): "CASE_MISSING", ("none", False): "CASE_UNUSED"}.get(
        (form.spec.case, read.case_id is None)
    )
    return form, (wording.reading_problem(wrong, "/case_id", "ケース番号"),) if wrong else ()


def _brought_up(
    form: Form, read: Submission, received_on: date
) -> tuple[Submission, tuple[Change, ...], tuple[Problem, ...]]:
    """A form of an earlier version as one of today: its values carried over, what has changed, why it is not accepted."""
    version = read.form_version
    if version is None or version == form.version:
        return read, (), ()
    changes = changes_since(form.history, version)
    values, dropped = carry_over(read.values, form.history, version)
    accepted = form.spec.accepts_version(version, received_on)
    told = wording.version_problem(version, form.version, accepted, [change.sentence for change in changes])
    notes = (*((told,) if accepted else ()), *dropped, *read.notes)
    return replace(read, values=values, notes=notes), changes, () if accepted else (told,)


def _titled(root: Field, problem: Problem) -> Problem:
    """A rule names a box; the form knows whose it is: 「対象児童（１番目）／生年月日」."""
    steps = tuple(int(step) if step.isdigit() else step for step in problem.pointer.split("/")[1:])
    field, title = find_field(root, steps)
    return replace(problem, title=title) if field is not None and title else problem


def _check_case(form: Form, read: Submission, office: Mapping[str, Any]) -> tuple[Problem, ...]:
    """A number a sender chooses must have the office's shape: it goes into receipts and onto papers."""
    if form.spec.case != "opens" or read.case_id is None or has_case_shape(read.case_id, office):
        return ()
    return (wording.reading_problem("CASE_FORMAT", "/case_id", "ケース番号"),)


def _check_day(read: Submission, papers: Sequence[PaperSpec], day: date) -> tuple[Problem, ...]:
    """A date written on a form for which no template was valid yet is the sender's to mend, not the office's."""
    if "doc_date" not in read.values or all(paper.edition_at(day) for paper in papers):
        return ()
    return (wording.reading_problem("DATE_BEFORE_FORMS", "/doc_date", "日付"),)


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
        raw=examined.read.raw,
    )
