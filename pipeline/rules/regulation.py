"""The rules of an amendment of a regulation (要綱の一部改正; domain.md §4.3, §4.4), and what its papers print.

Two texts and a date make the 新旧対照表, the consolidated text, the 附則 and, where it is proved, the 改め文.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.editions.amendment import find_amendment
from pipeline.rules.editions.comparison import compare
from pipeline.rules.editions.numbering import Kind
from pipeline.rules.editions.ordering import check_numbers
from pipeline.rules.editions.outline import number_of, outline, place_names
from pipeline.rules.editions.pasted import read_regulation
from pipeline.rules.editions.printing import (
    print_blocks,
    print_rows,
    print_sentences,
    print_text,
    texts_of,
)
from pipeline.rules.editions.reasons import Reason, find_places, find_reasons, place_reasons
from pipeline.rules.editions.sections import search_section
from pipeline.rules.editions.text import Block, Clause, EditionText, Heading, kind_of
from pipeline.rules.editions.words import RevisionWords, read_words
from pipeline.rules.findings import Sentence, check_open_day
from pipeline.rules.wareki import digits, parse_iso, to_wareki

_UNREADABLE: Final = Sentence("REGULATION_TEXT", "{line}行目：{fault}")
_SAME: Final = Sentence(
    "REGULATION_SAME", "改正前の全文と同じです。改正したところのある全文を貼り付けてください。"
)
_WRONG_NUMBER: Final = Sentence("REGULATION_NUMBER", "「{name}」の番号：{fault}")
_ODD_NUMBER: Final = Sentence("REGULATION_NUMBER", "「{name}」の番号：{fault}", Level.WARNING)
_APPLIED: Final = Sentence(
    "REGULATION_DATE", "適用日は、施行日より前でなければなりません。日付を直してください。"
)
_RETROACTIVE: Final = Sentence(
    "REGULATION_DATE",
    "施行日が、改正する日（日付）より前です。さかのぼるのは適用日だけにできないか確かめてください。",
    Level.WARNING,
)
_SUPPLEMENT: Final = Sentence(
    "REGULATION_SUPPLEMENT",
    "附則が改正前の全文と違います。今回の附則は施行日などから作るので書かず、前の附則はそのまま残してください。",
)
_PLACE: Final = Sentence(
    "REGULATION_PLACE",
    "改正前にも改正後にもない（又は、いくつもある）箇所です。「第３条第２項」「第５条第１号」「別表」のように、番号で書いてください。",
)
_UNPROVED: Final = Sentence(
    "REGULATION_AMENDMENT",
    "改め文は作れませんでした（改め文の決まった言い方では、改正前から改正後になることを証明できない改正です）。新旧対照表と改正後の全文だけを作りました。",
    Level.WARNING,
)

Values = Mapping[str, Any]


def judge_regulation_amendment(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge an amendment. Facts: see `_facts`; none while a text cannot be read."""
    old, old_problems = _read(values, "old_text", "改正前の全文")
    new, new_problems = _read(values, "new_text", "改正後の全文")
    problems = (*old_problems, *new_problems, *_check_dates(values, office))
    if old is None or new is None:
        return Ruling(problems)
    problems += (*_check_texts(old, new), *_check_reasons(values, old, new))
    if any(problem.level is Level.ERROR for problem in problems):
        return Ruling(problems)
    facts = _facts(values, old, new, read_words(office, "regulation"))
    unproved = () if facts["amendment"] else (_UNPROVED.at("/new_text", "改正後の全文"),)
    return Ruling((*problems, *unproved), facts)


# --- Problems -----------------------------------------------------------------------------------------------------


def _read(values: Values, key: str, title: str) -> tuple[EditionText | None, tuple[Problem, ...]]:
    text, faults = read_regulation(values[key])
    return text, tuple(
        _UNREADABLE.at(f"/{key}", title, line=digits(fault.line), fault=fault.message) for fault in faults
    )


def _check_texts(old: EditionText, new: EditionText) -> Iterator[Problem]:
    if old == new:
        yield _SAME.at("/new_text", "改正後の全文")
    if _supplements(old.blocks) != _supplements(new.blocks):
        yield _SUPPLEMENT.at("/new_text", "改正後の全文")
    names = place_names(new.blocks)
    for fault in check_numbers(new.blocks):
        sentence = _WRONG_NUMBER if fault.is_error else _ODD_NUMBER
        yield sentence.at("/new_text", "改正後の全文", name=names[fault.place], fault=fault.message)


def _check_reasons(values: Values, old: EditionText, new: EditionText) -> Iterator[Problem]:
    places = [find_places(text.blocks) for text in (new, old)]
    for row, told in enumerate(values.get("reasons") or ()):
        if not any(len(search_section(found, told["place"])) == 1 for found in places):
            yield _PLACE.at(f"/reasons/{row}/place", "条・項・号など", told["place"])


def _check_dates(values: Values, office: Values) -> Iterator[Problem]:
    effective_on = parse_iso(values["effective_on"])
    applied_on, doc_date = values.get("applied_on"), values.get("doc_date")
    if applied_on is not None and parse_iso(applied_on) >= effective_on:
        yield _APPLIED.at("/applied_on", "適用日", applied_on)
    if doc_date is not None:
        if effective_on < parse_iso(doc_date):
            yield _RETROACTIVE.at("/effective_on", "施行日", values["effective_on"])
        yield from check_open_day(office, "/doc_date", "改正する日", doc_date)


def _supplements(blocks: Sequence[Block]) -> list[Block]:
    tops = (top for top in outline(blocks) if kind_of(number_of(top.block)) is Kind.SUPPLEMENT)
    return [part.block for top in tops for part in top.walk()]


# --- Facts --------------------------------------------------------------------------------------------------------


def _facts(values: Values, old: EditionText, new: EditionText, words: RevisionWords) -> Mapping[str, Any]:
    """What the papers print: the table, the consolidated text, the 改め文 (empty if it is not proved) and the 附則.

    `…_texts` are the words each of them must print (paper.toml, must_print).
    """
    heads = (words.new_head, words.old_head) if words.new_is_left else (words.old_head, words.new_head)
    table = compare(old, new, words)
    reasons = place_reasons(table, _reasons(values, old, new)) if words.reason_head else ()
    rows = print_rows(table, words, reasons)
    supplement = _supplement(values)
    consolidated = print_text(consolidate(values, new))
    amendment = print_sentences(find_amendment(old, new) or ())
    ending = print_blocks((Heading(1, "附　則", ""), *supplement))
    return {
        "table_title": f"{new.title}　新旧対照表",
        "opening_lines": [
            {"name": "改正の理由", "text": values["reason"]},
            {"name": "施行日", "text": _in_force(values)},
        ],
        "amending_title": f"{old.title}の一部を{words.verb}する{values['kind']}",
        "opening": f"{old.title}{_enacted(values)}の一部を次のように{words.verb}する。",
        "left_head": heads[0],
        "right_head": heads[1],
        "reason_head": words.reason_head if any(reasons) else "",
        "legend": words.legend,
        "rows": rows,
        "row_texts": texts_of(rows),
        "consolidated": consolidated,
        "consolidated_texts": texts_of(consolidated),
        "amendment": amendment,
        "amendment_texts": texts_of((*amendment, *ending)),
        "supplement": ending,
    }


def _reasons(values: Values, old: EditionText, new: EditionText) -> Iterator[Reason]:
    told = ((row["place"], row["reason"], False) for row in values.get("reasons") or ())
    return find_reasons(old, new, told)


def _in_force(values: Values) -> str:
    applied_on = values.get("applied_on")
    applied = f"（{to_wareki(parse_iso(applied_on))}から適用）" if applied_on else ""
    return to_wareki(parse_iso(values["effective_on"])) + applied


def _enacted(values: Values) -> str:
    enacted_as = values.get("enacted_as")
    return f"（{enacted_as}）" if enacted_as else ""


def _supplement(values: Values) -> tuple[Clause, ...]:
    """The 附則: one paragraph without a number, or 施行期日 and 経過措置 each with its own (domain.md §4.4)."""
    applied_on = values.get("applied_on")
    begins = f"この{values['kind']}は、{to_wareki(parse_iso(values['effective_on']))}から施行"
    first = (
        f"{begins}し、{to_wareki(parse_iso(applied_on))}から適用する。" if applied_on else f"{begins}する。"
    )
    measures = values.get("transitional") or ()
    if not measures:
        return (Clause("", first),)
    return (
        Clause("１", first, caption="（施行期日）"),
        *(
            Clause(digits(number), measure.strip(), caption="（経過措置）" if number == 2 else "")
            for number, measure in enumerate(measures, 2)
        ),
    )


def consolidate(values: Values, new: EditionText) -> EditionText:
    """Return what people use once an amendment is in force (溶け込み): its new text with its own 附則."""
    return _with_supplement(new, _supplement(values), values.get("doc_date"))


def _with_supplement(text: EditionText, supplement: Sequence[Block], doc_date: str | None) -> EditionText:
    """The new text with its 附則 after the older ones: they add up (domain.md §4.4)."""
    dated = f"（{to_wareki(parse_iso(doc_date))}改正）" if doc_date else "（令和　　年　　月　　日改正）"
    tops = outline(text.blocks)
    kinds = [kind_of(number_of(top.block)) for top in tops]
    closing = [top.start for top, kind in zip(tops, kinds, strict=True) if kind in (Kind.ANNEX, Kind.FORM)]
    ends = [top.end for top, kind in zip(tops, kinds, strict=True) if kind is Kind.SUPPLEMENT]
    at = ends[-1] if ends else min(closing, default=len(text.blocks))
    blocks = (*text.blocks[:at], Heading(1, "附　則", dated), *supplement, *text.blocks[at:])
    return replace(text, blocks=blocks)
