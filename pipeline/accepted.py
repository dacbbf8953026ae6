"""An accepted form, its days and numbers, and what it is judged after. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipeline.fields import Field, find_field, strings_in
from pipeline.masks import considerations
from pipeline.model import Level, Problem, Recall, Ruling, Submission
from pipeline.office import party_code
from pipeline.paths import dig
from pipeline.rules.findings import ensure_kind
from pipeline.rules.periods import month_of
from pipeline.rules.wareki import fiscal_year
from pipeline.spec import FormSpec
from pipeline.validate import FormSchema

MOST_CASES = 1000  # one form names; more than any schema allows, fewer than a query can hold


@dataclass(frozen=True, slots=True)
class Accepted:
    """A form that passed every check, with what was allocated to it and what the rules computed."""

    form: str
    schema: FormSchema
    spec: FormSpec
    values: Mapping[str, Any]
    case: Mapping[str, Any]
    office: Mapping[str, Any]
    ruling: Ruling
    notes: tuple[Problem, ...]
    as_of: date
    raw: Mapping[str, str] = field(default_factory=dict)


def as_of(values: Mapping[str, Any], received_on: date) -> date:
    """Return the day whose office data and templates count: the paper's own date, else the day of receipt."""
    return _day(values.get("doc_date")) or received_on


def event_day(spec: FormSpec, values: Mapping[str, Any], received_on: date) -> date:
    """Return the day a form tells of: where the history of its case puts it. A month is told of by its last day."""
    told = dig(values, spec.dated.split(".")) if spec.dated else None
    month = _day(f"{values.get(spec.month)}-01") if spec.month else None
    return _day(told) or (month_of(month)[1] if month else as_of(values, received_on))


def recall_of(root: Field, spec: FormSpec, read: Submission) -> Recall:
    """Return what a submission is judged after: the cases it is about or names (`x-kind: case`), its month, its `recalls`."""
    named = {
        text
        for steps, text in strings_in(read.values)
        if (field := find_field(root, steps)[0]) is not None and field.schema.get("x-kind") == "case"
    }
    month = read.values.get(spec.month) if spec.month else None
    mine = {read.case_id} if read.case_id else set()
    cases = frozenset(sorted(named)[:MOST_CASES]) | mine
    return Recall(cases, month if isinstance(month, str) else None, spec.recalls)


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        return None


def has_case_shape(case_id: str, office: Mapping[str, Any]) -> bool:
    """Whether a case number looks like the office's own (office/case_number.toml)."""
    prefix = ensure_kind(office, "case_number")["prefix"]
    return bool(re.fullmatch(rf"{re.escape(prefix)}-[0-9]{{2}}-[0-9]{{1,2}}-[0-9]{{3,5}}", case_id))


def number_series(
    spec: FormSpec, office: Mapping[str, Any], values: Mapping[str, Any], received_on: date
) -> Mapping[str, str]:
    """Return the series of every number a form takes: the part before the running number (office/case_number.toml).

    Numbers restart each 年度 and belong to a centre (domain §1.3).
    """
    if spec.case == "none" or not (spec.case == "opens" or spec.allocate):
        return {}
    numbering = ensure_kind(office, "case_number")
    tail = f"{fiscal_year(received_on) % 100:02d}-{party_code(office, values, 'centre')}"
    series = dict.fromkeys(spec.allocate, numbering["application_prefix"] + tail)
    return {"case_id": f"{numbering['prefix']}-{tail}", **series} if spec.case == "opens" else series


def warnings_of(accepted: Accepted) -> list[str]:
    """Return the sentences of every warning and of what the household asked for, for check sheets and the board."""
    problems = (*accepted.notes, *accepted.ruling.problems)
    warned = [f"{p.title}：{p.message}" for p in problems if p.level is Level.WARNING]
    return warned + considerations(accepted.values, accepted.office)
