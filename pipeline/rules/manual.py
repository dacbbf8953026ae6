"""The rules of a revision of the manual (マニュアルの改訂; domain.md §4.1–4.5), and what its papers print."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.editions.differences import RENUMBERED, find_section_changes
from pipeline.rules.editions.history import (
    FORM,
    ManualEdition,
    edition_label,
    find_editions,
    make_edition,
    read_first_edition,
    revised_text,
)
from pipeline.rules.editions.manual_facts import manual_facts
from pipeline.rules.editions.notation import read_typed
from pipeline.rules.editions.numbering import Kind, in_city_style
from pipeline.rules.editions.ordering import check_numbers
from pipeline.rules.editions.outline import place_names
from pipeline.rules.editions.revision import ChangeFault, Revised
from pipeline.rules.editions.rows import printed_words
from pipeline.rules.editions.sections import find_sections, search_section
from pipeline.rules.editions.text import EditionText, Table, kind_of
from pipeline.rules.editions.words import read_words
from pipeline.rules.findings import Sentence, check_open_day
from pipeline.rules.wareki import digits, parse_iso

_TITLES: Final = {
    "section": "章・節",
    "target": "目印の章・節",
    "text": "新しい文",
    "number": "新しい番号",
    "": "変更の内容",
}
_FAULTS: Final = {
    "MISSING": Sentence(
        "MANUAL_CHANGE", "この変更には記入が必要です。記入するか、変更の種類を直してください。"
    ),
    "UNUSED": Sentence(
        "MANUAL_CHANGE", "この変更には使わない欄です。空欄にするか、変更の種類を直してください。"
    ),
    "UNKNOWN": Sentence(
        "MANUAL_UNKNOWN",
        "今の版にない章・節です。「第４章　５」のように、今の版の目次のとおりに書いてください。",
    ),
    "AMBIGUOUS": Sentence(
        "MANUAL_UNKNOWN", "同じ題名の章・節がいくつもあります（{names}）。番号で書いてください。"
    ),
    "TWICE": Sentence("MANUAL_TWICE", "同じ章・節の変更が前の行にもあります。一つの行にまとめてください。"),
    "OVERLAP": Sentence(
        "MANUAL_OVERLAP", "{names}の変更と重なっています。一方を取りやめるか、一つの変更にまとめてください。"
    ),
    "TARGET": Sentence(
        "MANUAL_TARGET", "この改訂で削る・移す・改める章・節の中です。残る章・節を目印にしてください。"
    ),
    "TEXT": Sentence("MANUAL_TEXT", "{line}行目：{fault}"),
    "HEADING": Sentence(
        "MANUAL_TEXT",
        "章・節の一つ分を、「{marks} 」で始まる見出しから、同じ深さの次の見出しの手前まで書いてください（前書きには見出しを書きません）。",
    ),
    "SHAPE": Sentence("MANUAL_TEXT", "このとおりに変えると、本文の形が崩れます：{fault}"),
}
_BOTH: Final = Sentence(
    "MANUAL_CHANGE",
    "「変更」と「改訂後の全文」の両方が書かれています（又は、どちらもありません）。どちらか一方に書いてください。",
)
_NO_POINTS: Final = Sentence(
    "MANUAL_POINTS", "全文で改訂するときは、改訂した章・節ごとに、内容と理由を記入してください。"
)
_POINTS_UNUSED: Final = Sentence(
    "MANUAL_POINTS", "「変更」で改訂するときは、内容と理由を変更の行に書きます。この欄は空欄にしてください。"
)
_UNKNOWN_POINT: Final = Sentence(
    "MANUAL_UNKNOWN", "今の版にも改訂後の全文にもない章・節です。目次のとおりに書いてください。"
)
_UNEXPLAINED: Final = Sentence(
    "MANUAL_POINTS",
    "全文では、次の章・節も変わっています。意図した変更か確かめ、理由を書き加えてください：{names}",
    Level.WARNING,
)
_SUPERSEDED: Final = Sentence(
    "MANUAL_SUPERSEDED",
    "今の版は{label}です。改訂できるのは今の版だけです。{label}の本文に改訂を書き直してください。この版のあとで変わった章・節：{names}",
)
_NO_EDITION: Final = Sentence(
    "MANUAL_SUPERSEDED", "その版はまだありません。今の版は{label}です。版の番号を直してください。"
)
_SAME: Final = Sentence("MANUAL_SAME", "今の版と同じです。改訂したところのある内容にしてください。")
_UNREADABLE: Final = Sentence("MANUAL_TEXT", "{line}行目：{fault}")
_WRONG_NUMBER: Final = Sentence("MANUAL_NUMBER", "改訂後の「{name}」の番号：{fault}")
_ODD_NUMBER: Final = Sentence("MANUAL_NUMBER", "改訂後の「{name}」の番号：{fault}", Level.WARNING)
_REFERENCE: Final = Sentence(
    "MANUAL_REFERENCE",
    "番号の変わった（又は削られた）章を指している所があります。指す先を確かめ、要れば変更に加えてください：{names}",
    Level.WARNING,
)
_APPLIED_BEFORE_ISSUE: Final = Sentence(
    "MANUAL_DATE",
    "適用日が発行日より前です。さかのぼって適用してよいか確かめてください。",
    Level.WARNING,
)
_ISSUED_BEFORE_APPROVAL: Final = Sentence(
    "MANUAL_DATE", "発行日が決裁日より前です。どちらかの日付を直してください。"
)
_ISSUED_BEFORE_LAST: Final = Sentence(
    "MANUAL_DATE", "発行日が、今の版の発行日より前です。日付を直してください。"
)
_ADDRESSED_TWICE: Final = Sentence(
    "MANUAL_ADDRESSEE", "同じ宛先が前の行にもあります。一つにまとめてください。"
)
_CHAPTERS: Final = re.compile("第[0-9０-９]{1,3}章")

Values = Mapping[str, Any]


def judge_manual_revision(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge a revision. Facts: see `manual_facts`; none while no new edition follows from the form."""
    editions = find_editions(read_first_edition(office), past.of(FORM))
    current = editions[-1]
    problems = (*_check_form(values), *_check_dates(values, office, current), *_check_addressees(values))
    if values["revises"] != current.number:
        return Ruling((_superseded(values["revises"], editions), *problems))
    revised = revised_text(current.text, values)
    problems += (*_check_changes(values, revised), *_check_whole(values))
    if revised.text is None or any(problem.level is Level.ERROR for problem in problems):
        return Ruling(problems)
    problems += tuple(_check_text(values, current.text, revised.text))
    if any(problem.level is Level.ERROR for problem in problems):
        return Ruling(problems)
    new = make_edition(current, revised.text, values)
    facts = manual_facts(values, (*editions, new), read_words(office, "manual"))
    return Ruling(problems, facts)


def _superseded(revises: int, editions: Sequence[ManualEdition]) -> Problem:
    """The edition is no longer (or not yet) the current one: what changed since, by the names of sections."""
    current = editions[-1]
    if revises > current.number:
        return _NO_EDITION.at("/revises", "改訂する版", edition_label(revises), label=current.label)
    changes = find_section_changes(editions[revises - 1].text, current.text)
    told = [change for change in changes if change.kind != RENUMBERED] or changes
    names = "、".join(f"{change.section.full_name}（{change.kind}）" for change in told)
    return _SUPERSEDED.at("/revises", "改訂する版", edition_label(revises), label=current.label, names=names)


def _check_form(values: Values) -> Iterator[Problem]:
    """Changes by section carry their reasons; a whole text needs them beside it. One of the two, not both."""
    by_section, whole = bool(values.get("changes")), bool(values.get("full_text"))
    if by_section == whole:
        yield _BOTH.at("/changes", "変更")
    if whole and not values.get("points"):
        yield _NO_POINTS.at("/points", "改訂箇所と理由")
    if by_section and values.get("points"):
        yield _POINTS_UNUSED.at("/points", "改訂箇所と理由")


def _check_changes(values: Values, revised: Revised) -> Iterator[Problem]:
    for fault in revised.faults:
        yield _say(values, fault)


def _say(values: Values, fault: ChangeFault) -> Problem:
    if fault.row < 0:
        return _FAULTS[fault.code].at("/changes", "変更", **fault.values)
    found = values["changes"][fault.row].get(fault.box) or ""
    shown = "" if fault.box == "text" else found
    pointer = f"/changes/{fault.row}/{fault.box}"
    return _FAULTS[fault.code].at(pointer, _TITLES[fault.box], shown, **fault.values)


def _check_whole(values: Values) -> Iterator[Problem]:
    if values.get("full_text"):
        _, faults = read_typed(values["full_text"])
        for fault in faults:
            yield _UNREADABLE.at("/full_text", "改訂後の全文", line=digits(fault.line), fault=fault.message)


def _check_text(values: Values, old: EditionText, new: EditionText) -> Iterator[Problem]:
    pointer, title = ("/full_text", "改訂後の全文") if values.get("full_text") else ("/changes", "変更")
    if old == new:
        yield _SAME.at(pointer, title)
    names = place_names(new.blocks)
    for fault in check_numbers(new.blocks):
        sentence = _WRONG_NUMBER if fault.is_error else _ODD_NUMBER
        yield sentence.at(pointer, title, name=names[fault.place], fault=fault.message)
    if places := find_stale_references(old, new):
        yield _REFERENCE.at(pointer, title, names="、".join(places))
    if values.get("points"):
        yield from _check_points(values, old, new)


def _check_points(values: Values, old: EditionText, new: EditionText) -> Iterator[Problem]:
    olds, news = find_sections(old.blocks), find_sections(new.blocks)
    told: set[str] = set()
    for row, point in enumerate(values["points"]):
        found = [*search_section(news, point["section"]), *search_section(olds, point["section"])]
        if not found:
            yield _UNKNOWN_POINT.at(f"/points/{row}/section", "章・節", point["section"])
        told |= {section.name for section in found}
    changes = [change.section for change in find_section_changes(old, new)]
    left = [section for section in changes if not told & {section.name, *section.above}]
    if left:
        names = "、".join(section.full_name for section in left)
        yield _UNEXPLAINED.at("/points", "改訂箇所と理由", names=names)


def find_stale_references(old: EditionText, new: EditionText) -> tuple[str, ...]:
    """Return the sections whose unchanged words point to a chapter (第７章) that has another number now, or is no more."""
    olds = {s.name: s.title for s in find_sections(old.blocks) if kind_of(s.name) is Kind.CHAPTER}
    news = {s.name: s.title for s in find_sections(new.blocks) if kind_of(s.name) is Kind.CHAPTER}
    gone = {name for name, title in olds.items() if news.get(name) != title}
    names = place_names(new.blocks)
    before = {_words(block) for block in old.blocks}
    found = (
        names[place]
        for place, block in enumerate(new.blocks)
        if (words := _words(block)) in before and gone & {in_city_style(n) for n in _CHAPTERS.findall(words)}
    )
    return tuple(dict.fromkeys(name for name in found if name and name not in gone))


def _words(block: Any) -> str:
    return "\n".join(map("\t".join, block.rows)) if isinstance(block, Table) else printed_words(block)


def _check_dates(values: Values, office: Values, current: ManualEdition) -> Iterator[Problem]:
    issued, applies = parse_iso(values["issued_on"]), parse_iso(values["applies_on"])
    approved = values.get("approved_on")
    if approved and issued < parse_iso(approved):
        yield _ISSUED_BEFORE_APPROVAL.at("/issued_on", "発行日", values["issued_on"])
    if issued < parse_iso(current.issued_on):
        yield _ISSUED_BEFORE_LAST.at("/issued_on", "発行日", values["issued_on"])
    if applies < issued:
        yield _APPLIED_BEFORE_ISSUE.at("/applies_on", "適用日", values["applies_on"])
    yield from check_open_day(office, "/issued_on", "発行日", values["issued_on"])


def _check_addressees(values: Values) -> Iterator[Problem]:
    seen: set[tuple[str, ...]] = set()
    for row, addressee in enumerate(values.get("addressees") or ()):
        who = tuple(str(addressee.get(part) or "") for part in ("name", "head_title", "head_name"))
        if who in seen:
            yield _ADDRESSED_TWICE.at(f"/addressees/{row}/name", "宛先", addressee["name"])
        seen.add(who)
