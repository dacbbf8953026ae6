"""The office's own data, valid at a date: who signs, which centre, which limits (docs/architecture.md, Office data).

A paper printed again in five years must show the mayor, the members and the limits of its own date (domain.md §11, 15),
so nothing here is ever overwritten: a change is a new entry with a later `from`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Final

Record = Mapping[str, Any]

_MEMBER: Final = re.compile(r"[a-z][a-z0-9_]*")
# Jinja reads `record.items` as the method of the dictionary, never as the office's entry of that name.
_TAKEN: Final = frozenset(dir(dict))
_DATING: Final = ("from", "until")


class ById(dict[str, Record]):
    """The records of a kind by their `id`; a form's field named like the kind picks one (`centre`)."""


class ByPaper(dict[str, Record]):
    """The records of a kind by their `paper`; every paper gets its own (`signatory`)."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One dated table of a file. `until` is the last day it is valid, as a person reads 「まで」."""

    first: date
    until: date | None
    key: str
    record: Record

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class _Kind:
    """One file of the office: its entries by key, oldest first; `keyed_by` is `id`, `paper` or nothing."""

    keyed_by: str
    members: frozenset[str]
    histories: Mapping[str, tuple[_Entry, ...]]


@dataclass(frozen=True, slots=True)
class OfficeBook:
    """All office data of all times. `at` is a bisection: what is valid between two changes is laid out beforehand."""

    kinds: Mapping[str, _Kind]
    changes: tuple[date, ...]
    views: tuple[Mapping[str, Any], ...]  # views[n] holds from changes[n - 1] until the day before changes[n]

    def at(self, day: date) -> Mapping[str, Any]:
        """What is valid on a day: kind → record, or `ById` / `ByPaper` of records. All dates are ISO strings.

        The latest entry that has begun counts; once it has ended, there is none (an older one never comes back). A
        single kind without a valid entry is absent. Members that only other entries of the kind have are None.
        """
        return self.views[bisect_right(self.changes, day)]


def make_office_book(files: Mapping[str, Mapping[str, Any]]) -> tuple[OfficeBook, tuple[str, ...]]:
    """Build the book from parsed files, `{"city": {"city": [entries]}}`; returns it with every fault, in Japanese.

    A file with faults is left out of the book: what it should say is not known.
    """
    faults = {name: tuple(_check_file(name, content)) for name, content in files.items()}
    kinds = {name: _make_kind(content[name]) for name, content in files.items() if not faults[name]}
    changes = tuple(sorted(set(_changes(kinds))))
    views = tuple(_view(kinds, day) for day in (date.min, *changes))
    return OfficeBook(kinds, changes, views), tuple(fault for found in faults.values() for fault in found)


def narrow(office: Mapping[str, Any], values: Mapping[str, Any], paper: str) -> Mapping[str, Any]:
    """What one paper may see of `OfficeBook.at`: its own record of every `paper` kind, and of an `id` kind the one that
    the form's field of that name chooses.

    Where there is no such record the kind is None, so that `{% if office.appeal %}` reads well; that a paper *needs* a
    record it does not have is a fault of `check_uses`.
    """
    return {kind: _narrowed(kind, data, values, paper) for kind, data in office.items()}


def check_uses(book: OfficeBook, paper: str, paths: Collection[str]) -> tuple[str, ...]:
    """Faults of a paper's field paths (`office.signatory.title`): a kind, a member or a record that no entry has."""
    uses = [path.split(".") for path in paths if path.startswith("office.")]
    return tuple(
        dict.fromkeys(fault for _, kind, *members in uses for fault in _misuse(book, paper, kind, members))
    )


def _narrowed(kind: str, data: Any, values: Mapping[str, Any], paper: str) -> Any:
    if isinstance(data, ByPaper):
        return data.get(paper)
    chosen = values.get(kind)
    if isinstance(data, ById) and isinstance(chosen, str):
        return data.get(chosen)
    return data


def _misuse(book: OfficeBook, paper: str, kind: str, members: Sequence[str]) -> Iterator[str]:
    if kind not in book.kinds:
        yield f"office/{kind}.toml がありません。ファイルを作るか、書類「{paper}」の fields から外してください。"
        return
    known = book.kinds[kind]
    if members and members[0].removesuffix("[]") not in known.members:
        yield f"office/{kind}.toml に項目「{members[0]}」がありません。書類「{paper}」の fields を確かめてください。"
    if known.keyed_by == "paper" and paper not in known.histories:
        yield f'office/{kind}.toml に書類「{paper}」の記載がありません。paper = "{paper}" の表を加えてください。'


def _make_kind(entries: Sequence[Record]) -> _Kind:
    keyed_by = _key_name(entries[0]) if entries else ""
    members = frozenset(member for entry in entries for member in entry if member not in _DATING)
    histories: dict[str, list[_Entry]] = {}
    for entry in sorted(entries, key=_first_day):
        record = {member: _plain(entry.get(member)) for member in sorted(members)}
        key = entry[keyed_by] if keyed_by else ""
        histories.setdefault(key, []).append(_Entry(entry["from"], entry.get("until"), key, record))
    return _Kind(keyed_by, members, {key: tuple(history) for key, history in histories.items()})


def _first_day(entry: Record) -> date:
    first: date = entry["from"]
    return first


def _plain(value: Any) -> Any:
    """A value as a form would carry it: dates as ISO strings, all the way down."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _changes(kinds: Mapping[str, _Kind]) -> Iterator[date]:
    for kind in kinds.values():
        for history in kind.histories.values():
            for entry in history:
                yield entry.first
                if entry.until is not None and entry.until < date.max:
                    yield date.fromordinal(entry.until.toordinal() + 1)


def _view(kinds: Mapping[str, _Kind], day: date) -> Mapping[str, Any]:
    view: dict[str, Any] = {}
    for name, kind in kinds.items():
        valid = dict(_valid(kind, day))
        if kind.keyed_by:
            view[name] = ByPaper(valid) if kind.keyed_by == "paper" else ById(valid)
        elif valid:
            view[name] = valid[""]
    return view


def _valid(kind: _Kind, day: date) -> Iterator[tuple[str, Record]]:
    for key, history in kind.histories.items():
        begun = [entry for entry in history if entry.first <= day]
        if begun and begun[-1].covers(day):
            yield key, begun[-1].record


def _key_name(entry: Record) -> str:
    return next((name for name in ("id", "paper") if name in entry), "")


def _check_file(name: str, content: Mapping[str, Any]) -> Iterator[str]:
    file = f"office/{name}.toml"
    if _MEMBER.fullmatch(name) is None or name in _TAKEN:
        yield f"{file}：ファイル名に使えない名前です。英小文字・数字・下線だけで付け直してください。"
    entries = _tables(content.get(name))
    if set(content) != {name} or entries is None:
        yield f"{file}：[[{name}]] の表だけを並べてください。"
        return
    faults = [
        f"{file}：{n}番目の表：{fault}" for n, entry in enumerate(entries, 1) for fault in _check_entry(entry)
    ]
    yield from faults
    if not faults:
        yield from (f"{file}：{fault}" for fault in _check_history(entries))


def _tables(value: Any) -> list[Record] | None:
    if isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
        return value
    return None


def _check_entry(entry: Record) -> Iterator[str]:
    first, until = entry.get("from"), entry.get("until")
    if not _is_day(first):
        yield "いつからかを示す from（例：from = 2024-04-01）がありません。日付を引用符なしで書いてください。"
    elif until is not None and not _is_day(until):
        yield "until は日付を引用符なしで書いてください（その日まで有効）。"
    elif until is not None and until < first:
        yield "until が from より前の日です。日付を直してください。"
    if "id" in entry and "paper" in entry:
        yield "id と paper は同時に使えません。どちらかにしてください。"
    key = entry.get(_key_name(entry))
    if key is not None and not (isinstance(key, str) and key):
        yield "id・paper は空でない文字列で書いてください。"
    yield from (
        f"項目「{path}」は使えません。名前は英小文字・数字・下線で、値は文字列・整数・真偽・日付か、その並びで書いてください。"
        for path in _strange_members({name: value for name, value in entry.items() if name not in _DATING})
    )


def _check_history(entries: Sequence[Record]) -> Iterator[str]:
    if len({_key_name(entry) for entry in entries}) > 1:
        yield "id・paper を持つ表と持たない表が混ざっています。すべての表でそろえてください。"
        return
    by_key: dict[str, list[Record]] = {}
    for entry in sorted(entries, key=_first_day):
        by_key.setdefault(entry.get(_key_name(entry), ""), []).append(entry)
    for key, history in by_key.items():
        for older, newer in pairwise(history):
            if older["from"] == newer["from"] or ("until" in older and older["until"] >= newer["from"]):
                yield f"{f'「{key}」の' if key else ''}{newer['from']} からの表が、前の表の期間と重なっています。日付を直してください。"


def _is_day(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _strange_members(table: Record, parent: str = "") -> Iterator[str]:
    for member, value in table.items():
        path = f"{parent}{member}"
        if _MEMBER.fullmatch(member) is None or member in _TAKEN:
            yield path
        yield from _strange_values(value, path)


def _strange_values(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _strange_members(value, f"{path}.")
    elif isinstance(value, list):
        for item in value:
            yield from _strange_values(item, path)
    elif not (isinstance(value, str | int) or _is_day(value)):
        yield path


def party_code(office: Mapping[str, Any], values: Mapping[str, Any], kind: str) -> str:
    """Return the short code of the centre or contractor a form concerns, as folders and numbers use it."""
    record = narrow({kind: office.get(kind)}, values, "")[kind] or {}
    return str(record.get("code", ""))
