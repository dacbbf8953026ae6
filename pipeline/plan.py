"""Which papers follow from a form, for whom, with exactly the fields each may know. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any

from pipeline.errors import OfficeFault
from pipeline.fields import EACH, Field, Lens, View, find_field, grants, nested, pick, strings_in
from pipeline.furigana import LEVELS
from pipeline.masks import Mask, considerations, mask_for
from pipeline.model import Level, Packet, PlannedPaper, Problem, Recall, Ruling, Submission
from pipeline.office import narrow
from pipeline.rules.appointments import Appointment, plan_appointments
from pipeline.rules.findings import ensure_kind
from pipeline.rules.periods import month_of
from pipeline.rules.wareki import fiscal_year, to_wareki
from pipeline.spec import CalendarSpec, DocumentSpec, FormSpec, NextSpec, PacketSpec, PaperSpec, SheetSpec
from pipeline.validate import FormSchema

MOST_CASES = 1000  # one form names; more than any schema allows, fewer than a query can hold
COPY_MARK = "控"
DRAFT_MARK = "案"
REMADE_MARK = "再作成（控）"
MARKS: Mapping[str, str] = {
    "draft": DRAFT_MARK,
    "copy": COPY_MARK,
}  # of a document's mode; issued, it bears none
RUBY_NOTE = "（ふりがな付き）"
THE_OFFICE = ("centre", "division")
OUTSIDE_THE_FORM = ("office", "facts", "case", "doc", "slip")
PAGE_CHANGES = (
    "page_changes"  # the fact that only a PDF knows: which pages differ between two PDFs of its set
)
GIVEN_LATER = ("numbers", "doc_date")  # after 決裁: a draft (案) has neither, and prints them blank

# Which office record names the party behind an audience; the others have one reader each.
PARTIES: Mapping[str, str] = {"centre": "centre", "contractor": "contractor", "members": "meeting"}


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


def as_of(values: Mapping[str, Any], received_on: date) -> date:
    """Return the day whose office data and templates count: the paper's own date, else the day of receipt."""
    return _day(values.get("doc_date")) or received_on


def event_day(spec: FormSpec, values: Mapping[str, Any], received_on: date) -> date:
    """Return the day a form tells of: where the history of its case puts it. A month is told of by its last day."""
    told = _dig(values, spec.dated.split(".")) if spec.dated else None
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


def make_plan(accepted: Accepted, paper_of: Callable[[str], PaperSpec]) -> Plan:
    """Return every paper of an accepted form. `paper_of` finds a paper's specification by name."""
    spec = accepted.spec
    met = accepted.schema.met(accepted.values)
    documents = [document for document in documents_of(spec, met) if _is_wanted(document, accepted)]
    drafts = tuple(paper_of(document.paper).title for document in documents if document.mode == "draft")
    papers = [
        paper
        for document in documents
        for paper in _plan_document(accepted, document, paper_of(document.paper), drafts)
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
    party = _party(accepted, packet.audience)
    return Packet(packet.title, packet.audience, party, bound, packet.sealed, packet.of)


def office_copy(plan: Plan, accepted: Accepted) -> Plan:
    """Return the plan of an issued decision made again: for the office alone, each paper once a reader and so marked.

    Nothing of it may go to the applicant or the contractor a second time (product §2b, Again).
    """
    papers: dict[tuple[str, str, str], PlannedPaper] = {}
    for paper in sorted(plan.papers, key=lambda paper: paper.audience not in THE_OFFICE):
        audience = paper.audience if paper.audience in THE_OFFICE else "centre"
        papers.setdefault(
            (paper.paper, _plain_title(paper), audience),
            _marked(_for(paper, audience, accepted), REMADE_MARK),
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


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What differs between the sheets of one paper: the mark, what its reader does not learn, the drafts of its set.

    A 起案書 lists the drafts as its 別紙案 (domain §1.10).
    """

    mark: str
    mask: Mask
    drafts: tuple[str, ...]


def _plan_document(
    accepted: Accepted, document: DocumentSpec, paper: PaperSpec, drafts: tuple[str, ...]
) -> Iterator[PlannedPaper]:
    """The paper and its copies. Copies masked alike share one context: they are one paper for several readers."""
    mark = MARKS.get(document.mode, "")
    reader = document.drafted_for or document.audience
    first = _Sheet(mark, mask_for(reader, accepted.values, accepted.office), drafts)
    planned = plan_papers(accepted, paper, document, first)
    yield from planned
    copies: list[tuple[Mask, list[PlannedPaper]]] = []
    for audience in document.copies:
        mask = mask_for(audience, accepted.values, accepted.office)
        copy = next((made for seen, made in copies if seen == mask), None)
        if copy is None:
            same = mask == first.mask
            plain = planned if same else plan_papers(accepted, paper, document, replace(first, mask=mask))
            copy = [_marked(one, COPY_MARK) for one in plain]
            copies.append((mask, copy))
        yield from (_for(one, audience, accepted) for one in copy)


def _marked(planned: PlannedPaper, mark: str) -> PlannedPaper:
    """The same paper under another mark: only its title and `doc.mark` differ."""
    plain = _plain_title(planned)
    doc = planned.context.get("doc", {})
    context = {**planned.context, "doc": {**doc, "mark": mark}} if "mark" in doc else {**planned.context}
    return replace(planned, title=f"{plain}（{mark}）", context=context, mark=mark)


def _plain_title(planned: PlannedPaper) -> str:
    return planned.title.removesuffix(f"（{planned.mark}）") if planned.mark else planned.title


def _for(planned: PlannedPaper, audience: str, accepted: Accepted) -> PlannedPaper:
    return replace(planned, audience=audience, party=_party(accepted, audience))


@dataclass(frozen=True, slots=True)
class _Look:
    """What one paper sees of a form: for a paper made for each element of a list, the element and its place in the row."""

    view: View
    element: Any = None
    place: str = ""
    facts: Any = None  # what the rules computed of this element alone


def plan_papers(
    accepted: Accepted, paper: PaperSpec, document: DocumentSpec, sheet: _Sheet
) -> list[PlannedPaper]:
    """Return the one paper of a document, or those of every element, in the order of the list."""
    values = sheet.mask.over(_values_for(document, accepted.values))
    warned = warnings_of(accepted)
    computed = accepted.ruling.facts.get(EACH, {}).get(document.each)
    looks = _looks(accepted.schema.root, paper, document.each, values, computed)
    return [_plan_paper(accepted, paper, document, sheet, look, warned) for look in looks]


def _looks(
    root: Field, paper: PaperSpec, each: str | None, values: Mapping[str, Any], computed: Sequence[Any] | None
) -> Iterator[_Look]:
    """One look at the whole, beside which each element is seen alone: every text of the others must stay hidden.

    `computed` is what the rules say of each element, in the order of the list.
    """
    whole = lens(root, paper).look(values)
    if each is None:
        yield _Look(whole)
        return
    steps = each.split(".")
    elements = _dig(values, steps) or ()
    for number, element in enumerate(elements, start=1):
        seen = _own_lens(root, paper, each).look(nested(steps, [element]))
        own = {EACH: (_dig(seen.values, steps) or [None])[0]}
        shown = tuple(dict.fromkeys((*whole.must_print, *seen.must_print)))
        place = _place(number, len(elements))
        facts = computed[number - 1] if computed else None
        yield _Look(View({**whole.values, **own}, shown, whole.private), element, place, facts)


def _place(number: int, count: int) -> str:
    """What tells the papers of a list apart in their titles: （02） of twelve."""
    return f"（{number:0{len(str(count))}}）"


@lru_cache(maxsize=256)
def _own_lens(root: Field, paper: PaperSpec, each: str) -> Lens:
    """The grant of a paper laid over one element of a list."""
    own = [path for path in paper.fields if path.split(".")[0] == EACH]
    return Lens(root, frozenset(grants(own, each)), frozenset(grants(paper.unprinted, each)))


def _plan_paper(
    accepted: Accepted,
    paper: PaperSpec,
    document: DocumentSpec,
    sheet: _Sheet,
    look: _Look,
    warned: list[str],
) -> PlannedPaper:
    """Return one paper with its view of the form, of the office and of the facts."""
    view = look.view
    absent = _absent(accepted.schema.root, paper, document)
    told = document.furigana in LEVELS
    level = _level(document, {**accepted.values, EACH: look.element})
    name = f"{document.title or paper.title}{RUBY_NOTE if told else ''}{look.place}"
    title = f"{name}（{sheet.mark}）" if sheet.mark else name
    beside = {
        "office": _office_for(paper, accepted, look.element),
        "facts": {**_facts_for(document, _facts_of(accepted, look)), "warnings": warned},
        "case": accepted.case,
        "doc": {
            "mark": sheet.mark,
            "title": paper.title,
            "form": accepted.schema.root.title,
            "drafts": list(sheet.drafts),
        },
    }
    picked = pick(beside, _outside(paper))
    must_hide = (*view.must_hide, *sheet.mask.hidden(accepted.values))
    known = "\n".join([text for _, text in strings_in(picked)]) if must_hide else ""
    return PlannedPaper(
        paper=paper.name,
        title=title,
        audience=document.audience,
        party=_party_told(accepted, document, look.element),
        formats=document.formats,
        context={**view.values, **absent, **picked},
        must_print=(*view.must_print, *_remedies(picked), *_told(paper, beside)),
        must_hide=tuple(word for word in must_hide if word not in known),
        mark=sheet.mark,
        compares=document.compares,
        furigana=level,
    )


def _facts_for(document: DocumentSpec, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as a document names them. What its PDF will be told of pages is not known yet."""
    named = {name: facts[source] for name, source in document.facts.items() if source in facts}
    return {**facts, **named, **({PAGE_CHANGES: None} if document.compares else {})}


def _facts_of(accepted: Accepted, look: _Look) -> dict[str, Any]:
    """What the rules computed; of what they say of each element, a paper is told that of its own."""
    common = {name: value for name, value in accepted.ruling.facts.items() if name != EACH}
    return {**common, EACH: look.facts} if look.place else common


def _level(document: DocumentSpec, values: Mapping[str, Any]) -> str:
    """The level of reader a document's readings are for: named by its specification, or chosen in a box of the form."""
    if document.furigana is None or document.furigana in LEVELS:
        return document.furigana or ""
    return str(_dig(values, document.furigana.split(".")) or "")


@lru_cache(maxsize=256)
def lens(root: Field, paper: PaperSpec) -> Lens:
    """Return the grant of a paper laid over a form."""
    return Lens(root, frozenset(paper.fields), frozenset(paper.unprinted))


def _office_for(paper: PaperSpec, accepted: Accepted, element: Any) -> Mapping[str, Any]:
    """The office's records for one paper; a field of its element named like a kind chooses before one of the form.

    A record it needs and the office does not have at that date is a fault: a notice without its sender or its 教示
    must not go out.
    """
    needed = _kinds(paper)
    offered = {kind: accepted.office[kind] for kind in needed if kind in accepted.office}
    choosing = {**accepted.values, **element} if isinstance(element, Mapping) else accepted.values
    office = narrow(offered, choosing, paper.name)
    missing = sorted(kind for kind in needed if office.get(kind) is None)
    if missing:
        day = to_wareki(accepted.as_of)
        raise OfficeFault(
            "OFFICE",
            *(
                f"書類「{paper.title}」に要る office/{kind}.toml の記載が、{day}にはありません。"
                for kind in missing
            ),
        )
    return office


def _told(paper: PaperSpec, beside: Mapping[str, Any]) -> list[str]:
    """The facts a paper must print word for word."""
    return [text for _, text in strings_in(pick(beside, paper.must_print))]


def _remedies(picked: Mapping[str, Any]) -> tuple[str, ...]:
    """The 教示 set for the paper's date: where a paper may know it, it must stand on the paper word for word (BR30)."""
    appeal = picked.get("office", {}).get("appeal") or {}
    return tuple(appeal.get("text") or ())


@lru_cache(maxsize=256)
def _kinds(paper: PaperSpec) -> frozenset[str]:
    return frozenset(path.split(".")[1] for path in paper.fields if path.startswith("office."))


@lru_cache(maxsize=256)
def _outside(paper: PaperSpec) -> tuple[str, ...]:
    return tuple(path for path in paper.fields if path.split(".")[0] in OUTSIDE_THE_FORM)


def _values_for(document: DocumentSpec, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A draft carries no number and no date: both are given after 決裁 (domain §1.10, §6.2)."""
    if document.mode != "draft":
        return values
    return {key: value for key, value in values.items() if key not in GIVEN_LATER}


def _absent(root: Field, paper: PaperSpec, document: DocumentSpec) -> dict[str, Any]:
    """What a paper reads and this form does not have: optional groups of other forms, a draft's number and date."""
    absent: dict[str, Any] = {}
    for path in paper.optional:
        head = path.split(".")[0]
        told = head == EACH and document.each is not None
        if not told and head.removesuffix("[]") not in root.by_key:
            absent[head.removesuffix("[]")] = [] if head.endswith("[]") else None
    if document.mode == "draft":
        named = {path.split(".")[1] for path in paper.fields if path.startswith("numbers.")}
        absent |= {"numbers": dict.fromkeys(sorted(named)), "doc_date": None}
    return absent


def warnings_of(accepted: Accepted) -> list[str]:
    """Return the sentences of every warning and of what the household asked for, for check sheets and the board."""
    problems = (*accepted.notes, *accepted.ruling.problems)
    warned = [f"{p.title}：{p.message}" for p in problems if p.level is Level.WARNING]
    return warned + considerations(accepted.values, accepted.office)


def _party(accepted: Accepted, audience: str) -> str:
    kind = PARTIES.get(audience)
    return party_code(accepted.office, accepted.values, kind) if kind else ""


def _party_told(accepted: Accepted, document: DocumentSpec | NextSpec, element: Any) -> str:
    """Who among the readers of a document or a next form gets it: by its `party` path, else as for every paper of that audience.

    What names a record of the office (a centre) gives that record's code.
    """
    if document.party is None:
        return _party(accepted, document.audience)
    steps = document.party.split(".")
    told = _dig({**accepted.values, EACH: element}, steps)
    if told is not None and steps[-1] in PARTIES.values():
        return party_code(accepted.office, {steps[-1]: told}, steps[-1])
    return str(told or "")


def party_code(office: Mapping[str, Any], values: Mapping[str, Any], kind: str) -> str:
    """Return the short code of the centre or contractor a form concerns, as folders and numbers use it."""
    record = narrow({kind: office.get(kind)}, values, "")[kind] or {}
    return str(record.get("code", ""))


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


def _calendar(accepted: Accepted, calendar: CalendarSpec) -> PlannedCalendar:
    plan = _dig(accepted.values, calendar.plan.split("."))
    appointments = plan_appointments(plan, str(accepted.case.get("id", "")))
    return PlannedCalendar(
        calendar.title, calendar.audience, _party(accepted, calendar.audience), appointments
    )


def _counted(accepted: Accepted, sheet: SheetSpec) -> Any:
    return accepted.ruling.facts.get(sheet.fact)


def _sheet(accepted: Accepted, sheet: SheetSpec) -> PlannedSheet:
    hidden = mask_for(sheet.audience, accepted.values, accepted.office).hidden(accepted.values)
    party = _party(accepted, sheet.audience)
    return PlannedSheet(sheet.title, sheet.audience, party, _counted(accepted, sheet), tuple(hidden))


def _next_forms(accepted: Accepted, step: NextSpec) -> Iterator[NextForm]:
    """The one next form, or one for each element of a list, which knows its own element and no other."""
    mask = mask_for(step.audience, accepted.values, accepted.office)
    values = mask.out_of(accepted.values)
    elements = [None] if step.each is None else list(_dig(values, step.each.split(".")) or ())
    for number, element in enumerate(elements, start=1):
        known = next_values(step, {**values, EACH: element}, accepted.case)
        place = _place(number, len(elements)) if step.each else ""
        yield NextForm(step.form, step.audience, _party_told(accepted, step, element), known, place)


def next_values(step: NextSpec, values: Mapping[str, Any], case: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of the next form: the values of this one, brought to their new places."""
    sources = {**values, "case": case}
    known: dict[str, Any] = {}
    for target, source in step.fields.items():
        if (value := _dig(sources, source.split("."))) is not None:
            _put(known, target.split("."), deepcopy(value))
    for target, text in step.fixed.items():
        _put(known, target.split("."), text)
    return known


def _dig(value: Any, steps: Sequence[str]) -> Any:
    """The value at a path; `children[].name` gives the list of names."""
    if not steps or value is None:
        return value
    step, rest = steps[0], steps[1:]
    inner = value.get(step.removesuffix("[]")) if isinstance(value, Mapping) else None
    if step.endswith("[]"):
        return None if inner is None else [_dig(item, rest) for item in inner]
    return _dig(inner, rest)


def _put(values: dict[str, Any], steps: Sequence[str], value: Any) -> None:
    """Set the value at a path, making groups and rows on the way; a list path sets one row per item."""
    step, rest = steps[0], steps[1:]
    key = step.removesuffix("[]")
    if not rest:
        values[key] = value
    elif not step.endswith("[]"):
        _put(values.setdefault(key, {}), rest, value)
    else:
        rows = values.setdefault(key, [])
        rows.extend({} for _ in range(len(value) - len(rows)))
        for row, item in zip(rows, value, strict=True):
            _put(row, rest, item)


def shape_to(field: Field, value: Any) -> Any:
    """Return `value` cut to a field's own members and completed with None: a blank form a person can fill."""
    if field.kind == "object":
        given = value if isinstance(value, Mapping) else {}
        return {member.key: shape_to(member, given.get(member.key)) for member in field.members}
    if field.kind == "array":
        items = value if isinstance(value, list) else []
        return [shape_to(field.members[0], item) for item in items]
    return value
