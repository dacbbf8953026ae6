"""The receipt: written last, it proves a bundle whole. Pure; no personal value ever stands in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline import __version__
from pipeline.model import Entry, Outcome, OutFile, Problem

PROGRAM = f"todoke {__version__}"
RECEIPT_NAME = "receipt.json"


def make_receipt(
    entry: Entry,
    outcome: Outcome,
    *,
    form: str | None = None,
    form_version: int | None = None,
    schema_sha256: str | None = None,
    case_id: str | None = None,
    allocated: Mapping[str, Any] | None = None,
    problems: Iterable[Problem] = (),
    files: Iterable[OutFile] = (),
    pdf: str = "off",
    duplicate_of: str | None = None,
    supersedes: str | None = None,
    reason: str | None = None,
    corrects: str | None = None,
    withdraws: str | None = None,
) -> dict[str, Any]:
    """Return the receipt of one bundle, its members in the order of the contract (product §2)."""
    return {
        "bundle_id": entry.bundle_id,
        "form": form,
        "form_version": form_version,
        "outcome": str(outcome),
        "case_id": case_id,
        "allocated": dict(allocated or {}),
        "received_at": entry.received_at.isoformat(timespec="seconds"),
        "input_sha256": entry.sha256,
        "schema_sha256": schema_sha256,
        "program": PROGRAM,
        "pdf": pdf,
        "problems": [problem_record(problem) for problem in problems],
        "documents": [document_record(file) for file in files],
        "duplicate_of": duplicate_of,
        "supersedes": supersedes or entry.replaces,
        "corrects": corrects,
        "withdraws": withdraws,
        "reason": reason,
    }


def problem_record(problem: Problem) -> dict[str, Any]:
    """Return a problem as the receipt shows it: without what was found in the box."""
    return {
        "code": problem.code,
        "level": str(problem.level),
        "pointer": problem.pointer,
        "title": problem.title,
        "message": problem.message,
    }


def document_record(file: OutFile) -> dict[str, Any]:
    """Return a finished file as the receipt lists it."""
    return {
        "path": file.path,
        "title": file.title,
        "audience": file.audience,
        "party": file.party,
        "sha256": file.sha256,
        "template": file.template,
        "template_sha256": file.template_sha256,
        "pages": file.pages,
    }


def to_bytes(record: Mapping[str, Any]) -> bytes:
    """Return JSON as it is written: UTF-8, stable order, a member a line, an item of a list a line, a final newline."""
    members = ",\n".join(f" {_as_json(name)}: {_in_lines(value)}" for name, value in record.items())
    return f"{{\n{members}\n}}\n".encode()


def _in_lines(value: Any) -> str:
    if not (isinstance(value, list) and value):
        return _as_json(value)
    items = ",\n".join(f"  {_as_json(item)}" for item in value)
    return f"[\n{items}\n ]"


_as_json = json.JSONEncoder(
    ensure_ascii=False
).encode  # with `indent` it would be Python's own, ten times slower


def digest(data: bytes) -> str:
    """Return the sha256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()
