"""Which papers follow from a form, for whom: papers, packets, calendars, sheets and the forms that come next. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pipeline.accepted import Accepted, warnings_of
from pipeline.fields import EACH
from pipeline.masks import mask_for
from pipeline.model import Packet, PlannedPaper
from pipeline.paper_plan import REMADE_MARK, made_for, marked, place_of_element, plain_title, plan_document
from pipeline.parties import THE_OFFICE, party_of, party_told
from pipeline.paths import dig, put
from pipeline.rules.appointments import Appointment, plan_appointments
from pipeline.spec import CalendarSpec, DocumentSpec, FormSpec, NextSpec, PacketSpec, PaperSpec, SheetSpec


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole set: papers, packets and the forms that come next."""

    papers: tuple[PlannedPaper, ...]
    packets: tuple[Packet, ...]
    calendars: tuple[PlannedCalendar, ...]
    sheets: tuple[PlannedSheet, ...]
    next_forms: tuple[NextForm, ...]


@dataclass(frozen=True, slots=True)
class PlannedCalendar:
    """The visits and monitorings of a plan, for one reader's calendar."""

    title: str
    audience: str
    party: str
    appointments: tuple[Appointment, ...]


@dataclass(frozen=True, slots=True)
class PlannedSheet:
    """A workbook the rules counted, for one reader. `must_hide` are words this reader may not see."""

    title: str
    audience: str
    party: str
    book: Mapping[str, Any]
    must_hide: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NextForm:
    """A form to be filled next, with what is already known."""

    form: str
    audience: str
    party: str
    values: Mapping[str, Any]
    place: str = ""  # （02）: of the element it is for, where there is one for each


def make_plan(accepted: Accepted, paper_of: Callable[[str], PaperSpec]) -> Plan:
    """Return every paper of an accepted form. `paper_of` finds a paper's specification by name."""
    spec = accepted.spec
    met = accepted.schema.met(accepted.values)
    documents = [document for document in documents_of(spec, met) if _is_wanted(document, accepted)]
    drafts = tuple(paper_of(document.paper).title for document in documents if document.mode == "draft")
    papers = [
        paper
        for document in documents
        for paper in plan_document(accepted, document, paper_of(document.paper), drafts)
    ]
    packets = [_packet(accepted, packet, papers) for packet in spec.packets if packet.when in met]
    packets = [packet for packet in packets if packet.papers]
    calendars = [_calendar(accepted, calendar) for calendar in spec.calendars if calendar.when in met]
    sheets = [
        _sheet(accepted, sheet) for sheet in spec.sheets if sheet.when in met and _counted(accepted, sheet)
    ]
    following = [form for step in spec.next if step.when in met for form in _next_forms(accepted, step)]
    return Plan(tuple(papers), tuple(packets), tuple(calendars), tuple(sheets), tuple(following))


def _packet(accepted: Accepted, packet: PacketSpec, papers: Sequence[PlannedPaper]) -> Packet:
    """A packet without what an empty list made none of."""
    made = {paper.paper for paper in papers}
    listed = {document.paper for document in accepted.spec.documents if document.each is not None}
    bound = tuple(name for name in packet.papers if name in made or name not in listed)
    party = party_of(accepted, packet.audience)
    return Packet(packet.title, packet.audience, party, bound, packet.sealed, packet.of)


def office_copy(plan: Plan, accepted: Accepted) -> Plan:
    """Return the plan of an issued decision made again: for the office alone, each paper once a reader and so marked.

    Nothing of it may go to the applicant or the contractor a second time (product §2b, Again).
    """
    papers: dict[tuple[str, str, str], PlannedPaper] = {}
    for paper in sorted(plan.papers, key=lambda paper: paper.audience not in THE_OFFICE):
        audience = paper.audience if paper.audience in THE_OFFICE else "centre"
        papers.setdefault(
            (paper.paper, plain_title(paper), audience),
            marked(made_for(paper, audience, accepted), REMADE_MARK),
        )
    return Plan(tuple(papers.values()), (), (), (), ())


def documents_of(spec: FormSpec, met: Collection[str | None]) -> list[DocumentSpec]:
    """Return the documents whose condition is among the met ones."""
    return [document for document in spec.documents if document.when in met]


def _is_wanted(document: DocumentSpec, accepted: Accepted) -> bool:
    """Whether what a paper is made for came about: a warning, a fact."""
    if document.if_warned and not warnings_of(accepted):
        return False
    return document.if_fact is None or bool(accepted.ruling.facts.get(document.if_fact))


def _calendar(accepted: Accepted, calendar: CalendarSpec) -> PlannedCalendar:
    plan = dig(accepted.values, calendar.plan.split("."))
    appointments = plan_appointments(plan, str(accepted.case.get("id", "")))
    return PlannedCalendar(
        calendar.title, calendar.audience, party_of(accepted, calendar.audience), appointments
    )


def _counted(accepted: Accepted, sheet: SheetSpec) -> Any:
    return accepted.ruling.facts.get(sheet.fact)


def _sheet(accepted: Accepted, sheet: SheetSpec) -> PlannedSheet:
    hidden = mask_for(sheet.audience, accepted.values, accepted.office).hidden(accepted.values)
    party = party_of(accepted, sheet.audience)
    return PlannedSheet(sheet.title, sheet.audience, party, _counted(accepted, sheet), tuple(hidden))


def _next_forms(accepted: Accepted, step: NextSpec) -> Iterator[NextForm]:
    """The one next form, or one for each element of a list, which knows its own element and no other."""
    mask = mask_for(step.audience, accepted.values, accepted.office)
    values = mask.out_of(accepted.values)
    elements = [None] if step.each is None else list(dig(values, step.each.split(".")) or ())
    for number, element in enumerate(elements, start=1):
        known = next_values(step, {**values, EACH: element}, accepted.case)
        place = place_of_element(number, len(elements)) if step.each else ""
        yield NextForm(step.form, step.audience, party_told(accepted, step, element), known, place)


def next_values(step: NextSpec, values: Mapping[str, Any], case: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of the next form: the values of this one, brought to their new places."""
    sources = {**values, "case": case}
    known: dict[str, Any] = {}
    for target, source in step.fields.items():
        if (value := dig(sources, source.split("."))) is not None:
            put(known, target.split("."), deepcopy(value))
    for target, text in step.fixed.items():
        put(known, target.split("."), text)
    return known
