"""The words and the order of a 新旧対照表, which every office has its own of (domain.md §4.3): office/edition.toml.

For a manual the verb is 改訂, for 要綱・規則 it is 改正; the two are never mixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.errors import OfficeFault


@dataclass(frozen=True, slots=True)
class RevisionWords:
    """How one sort of text is revised: its verb, the heads and order of the columns, the words that stand for text."""

    verb: str = "改正"
    new_head: str = "改正後"
    old_head: str = "改正前"
    new_is_left: bool = True
    added: str = "（新設）"
    deleted: str = "（削る）"
    omitted: str = "（略）"
    moved: str = "（{place}へ移動）"
    range_mark: str = "～"
    reason_head: str = ""  # of the third column; empty: there is none
    legend: str = "備考　改正部分は、下線の部分である。"


Sort = Literal["manual", "regulation"]
_VERBS: Mapping[Sort, str] = {"manual": "改訂", "regulation": "改正"}
_COLUMNS = ("new_left", "old_left")


def read_words(office: Mapping[str, Any], sort: Sort) -> RevisionWords:
    """Return the words valid at a date (`OfficeBook.at`). Raises OfficeFault OFFICE, naming every wrong setting."""
    record = office.get("edition", {}).get(sort)
    if record is None:
        raise OfficeFault(
            "OFFICE",
            f'office/edition.toml に id = "{sort}" の、この日に有効な表がありません。表を加えてください。',
        )
    record = {"reason_head": "", **record}  # an optional column: offices that have never named it have none
    faults = [f"office/edition.toml の「{sort}」：{fault}" for fault in _faults(record, sort)]
    if faults:
        raise OfficeFault("OFFICE", *faults)
    named = {name: record[name] for name in RevisionWords.__slots__ if name != "new_is_left"}
    return RevisionWords(**named, new_is_left=record["columns"] == "new_left")


def _faults(record: Mapping[str, Any], sort: Sort) -> list[str]:
    texts = [name for name in RevisionWords.__slots__ if name != "new_is_left"]
    faults = [f"{name} を文字で書いてください。" for name in texts if not isinstance(record.get(name), str)]
    if record.get("columns") not in _COLUMNS:
        faults.append("columns は new_left（改正後が左）か old_left（改正前が左）にしてください。")
    if record.get("verb") != _VERBS[sort]:
        faults.append(f"verb は「{_VERBS[sort]}」にしてください（マニュアルは改訂、要綱などは改正）。")
    if "{place}" not in str(record.get("moved")):
        faults.append("moved には、移動先を入れる {place} を含めてください。")
    other = "改訂" if sort == "regulation" else "改正"
    faults += [f"{name} に「{other}」は使えません。" for name in texts if other in str(record.get(name))]
    return faults
