"""One paper of a set: what it may see of the form, of the office and of the facts, for each of its readers. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from pipeline.accepted import Accepted, warnings_of
from pipeline.errors import OfficeFault
from pipeline.fields import EACH, Field, Lens, View, grants, nested, pick, strings_in
from pipeline.furigana import LEVELS
from pipeline.masks import Mask, mask_for
from pipeline.model import PlannedPaper
from pipeline.office import narrow
from pipeline.parties import party_of, party_told
from pipeline.paths import dig
from pipeline.rules.wareki import to_wareki
from pipeline.spec import DocumentSpec, PaperSpec

COPY_MARK = "控"
DRAFT_MARK = "案"
REMADE_MARK = "再作成（控）"
MARKS: Mapping[str, str] = {
    "draft": DRAFT_MARK,
    "copy": COPY_MARK,
}  # of a document's mode; issued, it bears none
RUBY_NOTE = "（ふりがな付き）"
OUTSIDE_THE_FORM = ("office", "facts", "case", "doc", "slip")
PAGE_CHANGES = (
    "page_changes"  # the fact that only a PDF knows: which pages differ between two PDFs of its set
)
GIVEN_LATER = ("numbers", "doc_date")  # after 決裁: a draft (案) has neither, and prints them blank


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What differs between the sheets of one paper: the mark, what its reader does not learn, the drafts of its set.

    A 起案書 lists the drafts as its 別紙案 (domain §1.10).
    """

    mark: str
    mask: Mask
    drafts: tuple[str, ...]


def plan_document(
    accepted: Accepted, document: DocumentSpec, paper: PaperSpec, drafts: tuple[str, ...]
) -> Iterator[PlannedPaper]:
    """Yield the paper and its copies. Copies masked alike share one context: they are one paper for several readers."""
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
            copy = [marked(one, COPY_MARK) for one in plain]
            copies.append((mask, copy))
        yield from (made_for(one, audience, accepted) for one in copy)


def marked(planned: PlannedPaper, mark: str) -> PlannedPaper:
    """Return the same paper under another mark: only its title and `doc.mark` differ."""
    plain = plain_title(planned)
    doc = planned.context.get("doc", {})
    context = {**planned.context, "doc": {**doc, "mark": mark}} if "mark" in doc else {**planned.context}
    return replace(planned, title=f"{plain}（{mark}）", context=context, mark=mark)


def plain_title(planned: PlannedPaper) -> str:
    """Return the title without its mark."""
    return planned.title.removesuffix(f"（{planned.mark}）") if planned.mark else planned.title


def made_for(planned: PlannedPaper, audience: str, accepted: Accepted) -> PlannedPaper:
    """Return the same paper for the readers of another audience."""
    return replace(planned, audience=audience, party=party_of(accepted, audience))


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
    elements = dig(values, steps) or ()
    for number, element in enumerate(elements, start=1):
        seen = _own_lens(root, paper, each).look(nested(steps, [element]))
        own = {EACH: (dig(seen.values, steps) or [None])[0]}
        shown = tuple(dict.fromkeys((*whole.must_print, *seen.must_print)))
        place = place_of_element(number, len(elements))
        facts = computed[number - 1] if computed else None
        yield _Look(View({**whole.values, **own}, shown, whole.private), element, place, facts)


def place_of_element(number: int, count: int) -> str:
    """Return what tells the papers of a list apart in their titles: （02） of twelve."""
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
        party=party_told(accepted, document, look.element),
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
    return str(dig(values, document.furigana.split(".")) or "")


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
