"""Rows of an office's list → the addressees of a 発送票, and every fault at once with its row and column. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pipeline.normalise.contacts import read_postal
from pipeline.normalise.numbers import read_integer
from pipeline.rules.outreach import GRADES

# The words an office heads its columns with. Whoever uses another adds it here.
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("記号", "コード"),
    "kind": ("種別", "区分"),
    "name": ("名称", "学校名", "事業所名", "機関名", "施設名", "宛先"),
    "postal": ("郵便番号", "〒"),
    "address": ("所在地", "住所"),
    "head_title": ("職名", "役職"),
    "head_name": ("氏名", "校長名", "管理者名", "代表者名"),
    "via": ("経由",),
    "method": ("発送方法", "送付方法"),
    "many": ("各位", "多数の人あて"),
    "copies": ("部数",),
    "spare": ("予備",),
}
PASSED_OVER: Final = ("備考", "電話", "電話番号", "fax", "番号", "no", "no.")
NEEDED: Final = ("kind", "name", "address")
# The ways a letter travels (発送方法 of the form), and what lists call them besides.
METHODS: Final[Mapping[str, tuple[str, ...]]] = {
    "郵送": ("郵便",),
    "庁内便": ("逓送", "逓送便", "逓送（庁内便）", "逓送(庁内便)"),
    "持参": ("手渡し",),
    "電子メール": ("メール", "Ｅメール", "Eメール"),
}
_YES: Final = ("1", "○", "〇", "はい", "各位", "true")
_GRADE_KEYS: Final = {unicodedata.normalize("NFKC", grade): grade for grade in GRADES}

Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class Roster:
    """What a list becomes: the groups of a 発送票, or why it does not."""

    schools: tuple[Mapping[str, Any], ...] = ()
    agencies: tuple[Mapping[str, Any], ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reader:
    """Reads one list row by row, collecting faults."""

    kinds: Mapping[str, Mapping[str, Any]]
    columns: Mapping[str, int]
    faults: list[str] = field(default_factory=list)

    def cell(self, cells: Cells, key: str) -> str:
        """The text of a column in a row; empty where the list has no such column."""
        place = self.columns.get(key)
        return cells[place] if place is not None and place < len(cells) else ""

    def fault(self, row: int, title: str, sentence: str) -> None:
        """Note what is wrong with a cell: never what stands in it."""
        self.faults.append(f"{row}行目の「{title}」：{sentence}")

    def entry(self, row: int, cells: Cells) -> dict[str, Any] | None:
        """One addressee; None where its kind is unknown."""
        for key in NEEDED:
            if not self.cell(cells, key):
                self.fault(row, HEADINGS[key][0], "空欄です。記入してください。")
        kind = self.kinds.get(self.cell(cells, "kind"))
        if kind is None:
            if self.cell(cells, "kind"):
                known = "・".join(self.kinds)
                self.fault(row, "種別", f"この種別はありません。次のどれかにしてください：{known}")
            return None
        entry = {key: text for key in ("code", "name", "address") if (text := self.cell(cells, key))}
        entry |= {"kind": self.cell(cells, "kind"), **self.titles(cells, kind), **self.method(row, cells)}
        if self.cell(cells, "postal"):
            entry["postal"] = self.read(row, "郵便番号", read_postal, self.cell(cells, "postal"))
        return entry | (self.pupils(row, cells) if kind["school"] else self.copies(row, cells, kind))

    def titles(self, cells: Cells, kind: Mapping[str, Any]) -> dict[str, Any]:
        """The officer a letter names, and through whom it goes; the office's usual ones where the list is silent."""
        found = {
            "head_title": self.cell(cells, "head_title") or kind["head_title"],
            "head_name": self.cell(cells, "head_name"),
            "via": self.cell(cells, "via") or kind["via"],
        }
        return {key: text for key, text in found.items() if text}

    def method(self, row: int, cells: Cells) -> dict[str, Any]:
        """How a letter travels, where the list says so; else the mailing's own 発送方法 counts."""
        words = self.cell(cells, "method")
        if not words:
            return {}
        method = next((known for known in METHODS if words in (known, *METHODS[known])), None)
        if method is None:
            self.fault(
                row, "発送方法", f"この方法はありません。次のどれかにしてください：{'・'.join(METHODS)}"
            )
        return {"method": method}

    def pupils(self, row: int, cells: Cells) -> dict[str, Any]:
        """The pupils of a school by grade, and the spare leaflets."""
        grades = [
            {"grade": grade, "pupils": self.count(row, grade, self.cell(cells, grade))}
            for grade in GRADES
            if self.cell(cells, grade)
        ]
        found: dict[str, Any] = {"grades": grades}
        for key, title in (("spare", "予備"), ("copies", "部数")):
            if self.cell(cells, key):
                found[key] = self.count(row, title, self.cell(cells, key))
        return found

    def copies(self, row: int, cells: Cells, kind: Mapping[str, Any]) -> dict[str, Any]:
        """How many leaflets an agency gets, and whether its letter is for many."""
        if not self.cell(cells, "copies"):
            self.fault(row, "部数", "空欄です。送る部数を記入してください。")
        many = self.cell(cells, "many")
        found: dict[str, Any] = {"copies": self.count(row, "部数", self.cell(cells, "copies") or "0")}
        if many.lower() in _YES or (not many and kind["many"]):
            found["many"] = True
        return found

    def count(self, row: int, title: str, text: str) -> Any:
        """A number of pupils or copies."""
        return self.read(row, title, read_integer, text)

    def read(self, row: int, title: str, reader: Any, text: str) -> Any:
        """A value as the form carries it."""
        reading = reader(text)
        if reading.problem is not None:
            self.fault(row, title, "読み取れません。数字を確かめてください。")
        return reading.value


def read_addressees(rows: Sequence[tuple[int, Cells]], kinds: Mapping[str, Mapping[str, Any]]) -> Roster:
    """Return the addressees of a list, sorted by kind, then postal code; `kinds` are office/addressee_kind.toml.

    The first row that holds anything heads the columns. An addressee without a code is given one.
    """
    if not rows:
        return Roster(faults=("名簿に何も書かれていません。",))
    columns, faults = _columns(rows[0][1])
    if faults:
        return Roster(faults=tuple(faults))
    reader = _Reader(kinds, columns)
    read = [(number, reader.entry(number, cells)) for number, cells in rows[1:]]
    entries = [(number, entry) for number, entry in read if entry is not None]
    reader.faults.extend(_repeated(entries))
    if reader.faults or not entries:
        return Roster(faults=tuple(reader.faults) or ("宛先が一つもありません。",))
    ordered = sorted(
        (entry for _, entry in entries), key=lambda e: (kinds[e["kind"]]["order"], e.get("postal") or "999")
    )
    schools = [entry for entry in ordered if kinds[entry["kind"]]["school"]]
    agencies = [entry for entry in ordered if not kinds[entry["kind"]]["school"]]
    return Roster(tuple(_coded(schools, "s")), tuple(_coded(agencies, "a")))


def _columns(head: Cells) -> tuple[dict[str, int], list[str]]:
    """Which column holds what, and what is wrong with the headings."""
    words = {word: key for key, known in HEADINGS.items() for word in known} | _GRADE_KEYS
    columns: dict[str, int] = {}
    faults: list[str] = []
    for place, heading in enumerate(head):
        word = unicodedata.normalize("NFKC", "".join(heading.split())).lower()
        key = words.get(word) or words.get(heading)
        if key is None and word and word not in PASSED_OVER:
            faults.append(f"{place + 1}列目の見出しが分かりません。使える見出し：{_known()}")
        elif key in columns:
            faults.append(f"{place + 1}列目の見出しは、前の列と同じ意味です。一つにしてください。")
        elif key is not None:
            columns[key] = place
    faults += [
        f"「{HEADINGS[key][0]}」の列がありません。加えてください。" for key in NEEDED if key not in columns
    ]
    return columns, faults


def _known() -> str:
    return "、".join(
        [known[0] for known in HEADINGS.values()] + ["小５～高３", "備考・電話番号（使いません）"]
    )


def _repeated(entries: Sequence[tuple[int, Mapping[str, Any]]]) -> Iterator[str]:
    seen: dict[tuple[str, ...], int] = {}
    for row, entry in entries:
        key = tuple("".join(str(entry.get(part, "")).split()) for part in ("kind", "name", "address"))
        if key in seen:
            yield f"{row}行目：{seen[key]}行目と同じ種別・名称・所在地です。どちらかを消してください。"
        seen.setdefault(key, row)


def _coded(entries: Sequence[Mapping[str, Any]], letter: str) -> Iterator[Mapping[str, Any]]:
    """Every addressee with a code; those given by the list stay."""
    taken = {entry["code"] for entry in entries if "code" in entry}
    free = (code for n in range(1, 10_000) if (code := f"{letter}{n:03d}") not in taken)
    for entry in entries:
        yield entry if "code" in entry else {"code": next(free), **entry}
