"""The rules of 周知文書の発送 (domain §5.1–5.2b): addressees, sums of copies, and what the leaflets tell people to call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.addressees import Listed, check_addressees, honoured
from pipeline.rules.findings import Sentence, check_number_year, check_open_day, ensure_kind
from pipeline.rules.wareki import month_name, parse_iso

GRADES: Final = ("小５", "小６", "中１", "中２", "中３", "高１", "高２", "高３")
LABELS_ACROSS: Final = 2
STALE_AFTER_DAYS: Final = 366
# The grades a school of each kind has; the others have all.
_GRADES_OF: Final[Mapping[str, str]] = {
    "小学校": "小", "中学校": "中", "義務教育学校": "小中", "高等学校": "高", "中等教育学校": "中高",
}  # fmt: skip

_NOBODY = Sentence(
    "ADDRESSEE",
    "送り先も作るリーフレットもありません。学校、関係機関、リーフレットのどれかを記入してください。",
)
_SUBJECT = Sentence(
    "SUBJECT",
    "件名の終わりに、文書の種類を「（依頼）」「（通知）」のように付けてください（公用文の決まり）。",
)
_GRADE_TWICE = Sentence("GRADES", "同じ学年が二度あります。一つにまとめてください。")
_GRADE_KIND = Sentence("GRADES", "この種別の学校にない学年です。学年か種別を直してください。")
_SUM = Sentence(
    "COPIES_SUM", "部数が、学年別の人数と予備の合計と違います。どちらかを直すか、部数を空欄にしてください。"
)
_NO_COPIES = Sentence(
    "COPIES_NONE", "送る部数が０です。学年別の人数か予備が抜けていないか確かめてください。", Level.WARNING
)
_SHORT = Sentence(
    "PRINTED_SHORT",
    "印刷部数が、学校に送る部数の合計より少なくなっています。部数を直すか、増し刷りしてください。",
)
_SENT_EARLY = Sentence("SENT_EARLY", "発送日が文書の日付より前です。どちらかの日付を直してください。")
_PHONE = Sentence(
    "CENTRE_PHONE",
    "リーフレットに載せるセンターの電話番号に、空欄のものがあります。office/centre.toml に番号を加えてから印刷してください。",
    Level.WARNING,
)
_STALE = Sentence(
    "HELPLINE",
    "リーフレットに載せる相談窓口の番号を確かめた日から１年を過ぎています。番号を確かめ、office/helpline.toml を更新してください。",
    Level.WARNING,
)

Values = Mapping[str, Any]
Check = Callable[[Values, Values, date], Iterator[Problem]]


def judge_mailing(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge a 発送票. Facts: `each` (whom each letter honours, its copies), `table` and `totals` of the copies by school
    and grade, `postings` in posting order, `label_rows`, `names`, `centres` with their telephones, `issued` the month.
    """
    day = parse_iso(values["doc_date"]) if values.get("doc_date") else received_on
    problems = tuple(problem for check in MAILING_CHECKS for problem in check(values, office, day))
    return Ruling(problems, mailing_facts(values, office, day))


def listed(values: Values) -> list[Listed]:
    """Return every addressee with its pointer, in posting order: schools, then agencies, each as the form lists them."""
    return [
        (f"/{group}/{n}", entry)
        for group in ("schools", "agencies")
        for n, entry in enumerate(values.get(group) or ())
    ]


def copies_of(entry: Values) -> int:
    """Return how many leaflets an addressee gets: of a school its pupils and the spare ones, of an agency what is written."""
    if "grades" not in entry and "spare" not in entry:
        return int(entry.get("copies") or 0)
    pupils: int = sum(row["pupils"] for row in entry.get("grades") or ())
    return pupils + int(entry.get("spare") or 0)


# --- Checks -------------------------------------------------------------------------------------------------------


def _check_somebody(values: Values, office: Values, day: date) -> Iterator[Problem]:
    if not listed(values) and not values.get("leaflets") and not values.get("agency_leaflet"):
        yield _NOBODY.at("/schools", "学校")


def _check_subject(values: Values, office: Values, day: date) -> Iterator[Problem]:
    subject = values["subject"].rstrip()
    if not subject.endswith("）") or "（" not in subject:
        yield _SUBJECT.at("/subject", "件名", subject)


def _check_addressees(values: Values, office: Values, day: date) -> Iterator[Problem]:
    yield from check_addressees(listed(values))


def _check_grades(values: Values, office: Values, day: date) -> Iterator[Problem]:
    for n, school in enumerate(values.get("schools") or ()):
        stages = _GRADES_OF.get(school["kind"], "小中高")
        seen: set[str] = set()
        for m, row in enumerate(school.get("grades") or ()):
            pointer = f"/schools/{n}/grades/{m}/grade"
            if row["grade"] in seen:
                yield _GRADE_TWICE.at(pointer, "学年", row["grade"])
            if row["grade"][0] not in stages:
                yield _GRADE_KIND.at(pointer, "学年", row["grade"])
            seen.add(row["grade"])


def _check_sums(values: Values, office: Values, day: date) -> Iterator[Problem]:
    for pointer, entry in listed(values):
        stated = entry.get("copies")
        if stated is not None and stated != copies_of(entry):
            yield _SUM.at(f"{pointer}/copies", "部数", stated)
        elif copies_of(entry) == 0:
            yield _NO_COPIES.at(f"{pointer}/copies", "部数")
    total = sum(copies_of(school) for school in values.get("schools") or ())
    if values.get("printed") is not None and values["printed"] < total:
        yield _SHORT.at("/printed", "印刷部数", values["printed"])


def _check_dates(values: Values, office: Values, day: date) -> Iterator[Problem]:
    doc_date, number = values.get("doc_date"), (values.get("numbers") or {}).get("notice")
    if doc_date is None:
        return
    yield from check_open_day(office, "/doc_date", "文書の日付", doc_date)
    if number is not None:
        yield from check_number_year("/numbers/notice", "文書番号", number, doc_date)
    if values.get("sent_on") is not None and parse_iso(values["sent_on"]) < parse_iso(doc_date):
        yield _SENT_EARLY.at("/sent_on", "発送日", values["sent_on"])


def _check_numbers_to_call(values: Values, office: Values, day: date) -> Iterator[Problem]:
    """What a child will dial must be right: data with the day somebody checked it (domain §5.2b)."""
    if not values.get("leaflets") and not values.get("agency_leaflet"):
        return
    if any(not centre["phone"] for centre in _centres(office)):
        yield _PHONE.at("/leaflets", "児童生徒用リーフレット")
    checked = parse_iso(ensure_kind(office, "helpline")["checked_on"])
    if (day - checked).days > STALE_AFTER_DAYS:
        yield _STALE.at("/leaflets", "児童生徒用リーフレット")


MAILING_CHECKS: Final[tuple[Check, ...]] = (
    _check_somebody,
    _check_subject,
    _check_addressees,
    _check_grades,
    _check_sums,
    _check_dates,
    _check_numbers_to_call,
)

# --- Facts --------------------------------------------------------------------------------------------------------


def mailing_facts(values: Values, office: Values, day: date) -> dict[str, Any]:
    """Return what the papers of a 発送票 print beside the form."""
    kinds = office.get("addressee_kind", {})
    postings = [
        _posting(number, entry, kinds, values.get("method"))
        for number, (_, entry) in enumerate(listed(values), start=1)
    ]
    schools = values.get("schools") or ()
    table = [_table_row(school) for school in schools]
    return {
        "each": {
            "schools": postings[: len(schools)],
            "agencies": postings[len(schools) :],
        },
        "postings": postings,
        "methods": _by_method(postings),
        "posted_copies": sum(posting["copies"] for posting in postings),
        "names": [text for posting in postings for text in (posting["name"], posting["honoured"])],
        "label_rows": _in_rows(postings),
        "table": table,
        "totals": _totals(table),
        "left": values["printed"] - _totals(table)["copies"] if values.get("printed") is not None else None,
        "school_names": [school["name"] for school in schools],
        "grades": list(GRADES),
        "centres": _centres(office),
        "issued": month_name(day),
    }


def _posting(number: int, entry: Values, kinds: Values, method: str | None) -> dict[str, Any]:
    """One letter in the 発送簿. How it travels: its own 発送方法, else that of the whole mailing, else to be written by hand."""
    usual = kinds.get(entry["kind"], {}).get("head_title", "")
    told, title = honoured(entry, usual), entry.get("head_title") or usual
    officer = None if entry.get("many") else entry.get("head_name")
    return {
        "number": number,
        "kind": entry["kind"],
        "name": entry["name"],
        "postal": entry.get("postal"),
        "address": entry["address"],
        "honoured": told,
        "officer": officer,
        "title": title,
        "words": [word for word in (title, f"{officer}　様") if word] if officer else [told],
        "via": entry.get("via"),
        "method": entry.get("method") or method,
        "copies": copies_of(entry),
    }


def _by_method(postings: Sequence[Any]) -> list[dict[str, Any]]:
    """How many letters travel each way, in the order of the book; without any method nothing is said."""
    counts = Counter(posting["method"] for posting in postings)
    if set(counts) == {None}:
        return []
    return [{"method": method or "方法は未記入", "count": count} for method, count in counts.items()]


def _in_rows(postings: Sequence[Any]) -> list[list[Any]]:
    """The labels of a sheet, row by row; the last row is filled up with nothing."""
    rows = [list(postings[n : n + LABELS_ACROSS]) for n in range(0, len(postings), LABELS_ACROSS)]
    return [row + [None] * (LABELS_ACROSS - len(row)) for row in rows]


def _table_row(school: Values) -> dict[str, Any]:
    pupils = {row["grade"]: row["pupils"] for row in school.get("grades") or ()}
    spare = copies_of(school) - sum(pupils.values())
    cells = [pupils.get(grade) for grade in GRADES]
    return {"name": school["name"], "cells": cells, "pupils": sum(pupils.values()), "spare": spare, "copies": copies_of(school)}  # fmt: skip


def _totals(table: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The foot of the table: each column added up, and the rows' sums, which must be the same in total."""
    columns = [sum(row["cells"][n] or 0 for row in table) for n in range(len(GRADES))]
    across = {key: sum(row[key] for row in table) for key in ("pupils", "spare", "copies")}
    assert sum(columns) == across["pupils"] and across["pupils"] + across["spare"] == across["copies"]
    return {"cells": columns, **across}


def _centres(office: Values) -> list[dict[str, Any]]:
    centres = sorted(office.get("centre", {}).values(), key=lambda centre: str(centre["code"]))
    return [
        {"name": centre["name"], "districts": "、".join(centre["districts"]), "phone": centre["phone"] or ""}
        for centre in centres
    ]
