"""What the reading commands say: plain values for `--json`, and the same as lines for people. No personal value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline.catalogue import Catalogue
from pipeline.inbox import look_into
from pipeline.journal import Journal
from pipeline.model import Entry, Outcome
from pipeline.papers.pdf import OfficeState
from pipeline.shelf import Shelf, bundle_faults, read_receipt, receipt_digest
from pipeline.spool import read_original
from pipeline.wording import OUTCOMES, REFUSED_OBJECTS
from pipeline.workspace import Workspace, has_room


def status(
    workspace: Workspace, journal: Journal, catalogue: Catalogue, office: OfficeState, now: datetime
) -> dict[str, Any]:
    """Return the state of a workspace: what waits, what needs whom, what is wrong with the place."""
    present = workspace.sentinel.is_file()
    look = look_into(workspace.inbox, now.timestamp()) if present else None
    heartbeat = workspace.heartbeat
    return {
        "inbox_present": present,
        "waiting": len(look.files) + len(look.locked) if look else 0,
        "refused": [
            {"number": number, "reason": refused.reason, "message": REFUSED_OBJECTS[refused.reason]}
            for number, refused in enumerate(look.refused, 1)
        ]
        if look
        else [],
        "ignored": look.ignored if look else 0,
        "unfinished": len(journal.unfinished()),
        "outcomes": {fate: journal.counts().get(fate, 0) for fate in Outcome},
        "held": [entry.bundle_id for entry in journal.with_outcome(Outcome.HELD)],
        "last_good_scan": heartbeat.read_text("utf-8") if heartbeat.exists() else None,
        "pdf": {
            "available": office.available,
            "version": office.version,
            "network_cut": office.network_cut,
            "reason": office.reason,
        },
        "has_room": has_room(workspace),
        "office_faults": sum(len(faults) for faults in catalogue.faults.values()),
        "engine": "embedded",
    }


def status_lines(found: Mapping[str, Any]) -> list[str]:
    """Return a status as lines for a person."""
    lines = (
        []
        if found["inbox_present"]
        else ["受付フォルダの目印がありません。共有フォルダの接続を確かめてください。"]
    )
    lines += [f"待ち　　　{found['waiting']}件", f"処理途中　{found['unfinished']}件"]
    lines += [f"{OUTCOMES[fate]}　　　{count}件" for fate, count in found["outcomes"].items()]
    lines += [f"保留中　　{bundle}" for bundle in found["held"]]
    lines += [f"受け付けられないもの（{item['number']}）：{item['message']}" for item in found["refused"]]
    lines.append(f"最後に見た時刻　{found['last_good_scan'] or 'まだありません'}")
    pdf = found["pdf"]
    cut = "" if pdf["network_cut"] else "（ネットワークは切り離せていません）"
    lines.append(
        f"PDF　　　 作成できます（LibreOffice {pdf['version']}）{cut}"
        if pdf["available"]
        else f"PDF　　　 作られません。{pdf['reason']}"
    )
    if not found["has_room"]:
        lines.append("記憶装置の空きが足りません。受け付けを止めています。")
    if found["office_faults"]:
        lines.append(f"様式・設定の誤り　{found['office_faults']}件（todoke check で見られます）")
    return lines


def find_shown(shelf: Shelf, journal: Journal, ident: str) -> list[dict[str, Any]]:
    """Return the receipts of a bundle id, or of every bundle of a case number; empty if unknown."""
    entry = journal.find(ident)
    entries = (entry,) if entry else journal.of_case(ident)
    return [
        read_receipt(shelf.folder_of(entry.bundle_id, str(entry.outcome)))
        for entry in entries
        if _is_there(shelf, entry)
    ]


def _is_there(shelf: Shelf, entry: Entry) -> bool:
    return (
        entry.outcome is not None
        and receipt_digest(shelf.folder_of(entry.bundle_id, entry.outcome)) is not None
    )


def verify(workspace: Workspace, shelf: Shelf, journal: Journal) -> list[str]:
    """Recheck every receipt, every file, every original and the audit chain; return what is wrong (reliability F48)."""
    faults = list(journal.audit_faults())
    audited = journal.audited()
    seen = set()
    for folder in shelf.bundles():
        seen.add(folder.name)
        faults += bundle_faults(folder)
        if folder.name not in audited:
            faults.append(f"{folder.name}：監査記録にない組です。")
        elif receipt_digest(folder) != audited[folder.name]:
            faults.append(f"{folder.name}：受領書が、発行したときのものと違います。")
    faults += [
        f"{bundle}：監査記録にある組が、送付フォルダにありません。"
        for bundle in sorted(audited.keys() - seen)
    ]
    faults += _original_faults(workspace, journal)
    return faults


def _original_faults(workspace: Workspace, journal: Journal) -> list[str]:
    faults = []
    for entry in journal.every_entry():
        try:
            read_original(workspace.spool, entry.sha256)
        except FileNotFoundError:
            faults.append(f"{entry.bundle_id}：受け付けた原本がありません。")
        except ValueError:
            faults.append(f"{entry.bundle_id}：受け付けた原本が書き換えられています。")
    return faults
