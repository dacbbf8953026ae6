"""The gate for JSON submissions: encoding, shape and limits before anything looks at the values (reliability §4.1)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, NoReturn

from pipeline import wording
from pipeline.envelope import CASE_ID, CORRECTION_REASON, CORRECTS, MEMBERS, WITHDRAWS
from pipeline.model import Level, Problem, Submission

MAX_DEPTH = 64
MAX_NODES = 20_000
MAX_STRING = 100_000
MAX_INTEGER = 2**53

DRAFT_MARK = "todoke_draft"  # what the web form writes where a file to be handed in has `form`
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,39}")

# What the parser has left where a file was cut: nothing, or the beginning of a literal, a number or an escape.
_CUT_SHORT = re.compile(r"|-|t(ru?)?|f(a(ls?)?)?|n(ul?)?|\.|[eE][+-]?|\\?u?[0-9A-Fa-f]{0,3}")

Refusal = tuple[tuple[Problem, ...], bool]


class _GateError(Exception):
    """A reason to refuse, by its code in `wording`."""

    def __init__(self, code: str, incomplete: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.incomplete = incomplete


def read_json_form(data: bytes) -> Submission | Refusal:
    """Return the submission, or (problems, whether the file may merely be unfinished)."""
    try:
        values = _parse(_decode(data))
        _ensure_within_limits(values)
    except _GateError as refusal:
        return (wording.reading_problem(refusal.code),), refusal.incomplete
    if not isinstance(values, dict):
        return (wording.reading_problem("NOT_A_FORM"),), False
    return _open_envelope(values)


def _decode(data: bytes) -> str:
    body = data.removeprefix(b"\xef\xbb\xbf")
    if not body.strip(b" \t\r\n\0"):
        raise _GateError("EMPTY", incomplete=True)
    if body.startswith((b"PK", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"%PDF", b"<", b"{\\rtf", b"MZ")):
        raise _GateError("TYPE")
    arrived = body.rstrip(b"\0")
    if body.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in arrived:
        raise _GateError("ENCODING")
    if len(arrived) < len(body):  # space reserved by a copy that has not arrived yet
        raise _GateError("TRUNCATED", incomplete=True)
    try:
        return body.decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        cut = error.end >= len(body) and error.reason == "unexpected end of data"
        raise _GateError("TRUNCATED" if cut else "ENCODING", incomplete=cut) from None


def _parse(text: str) -> Any:
    try:
        return json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse_number, parse_int=_int, parse_float=_float
        )
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            raise _GateError("JSON_TRAILING") from None
        unfinished = error.msg.startswith("Unterminated string") or bool(
            _CUT_SHORT.fullmatch(text[error.pos :].rstrip())
        )
        raise _GateError("TRUNCATED" if unfinished else "JSON", incomplete=unfinished) from None
    except RecursionError:
        raise _GateError("JSON_DEPTH") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _GateError("JSON_DUPLICATE_KEY")
    return members


def _refuse_number(_: str) -> NoReturn:
    raise _GateError("JSON_NUMBER")


def _int(digits: str) -> int:
    if len(digits) > 17 or abs(number := int(digits)) > MAX_INTEGER:
        raise _GateError("JSON_NUMBER")
    return number


def _float(digits: str) -> float:
    if len(digits) > 40 or not math.isfinite(number := float(digits)):
        raise _GateError("JSON_NUMBER")
    return number


def _ensure_within_limits(values: Any) -> None:
    for count, (value, depth) in enumerate(_nodes(values)):
        if depth > MAX_DEPTH:
            raise _GateError("JSON_DEPTH")
        if count > MAX_NODES or (isinstance(value, str) and len(value) > MAX_STRING):
            raise _GateError("LIMIT")


def _nodes(values: Any) -> Iterator[tuple[Any, int]]:
    waiting = [(values, 1)]
    while waiting:
        value, depth = waiting.pop()
        yield value, depth
        if isinstance(value, dict):
            waiting.extend((member, depth + 1) for member in value.values())
        elif isinstance(value, list):
            waiting.extend((item, depth + 1) for item in value)


def _open_envelope(members: Mapping[str, Any]) -> Submission | Refusal:
    """Take the members round the values apart from them. One that is not what it must be is told, and left out."""
    form = members.get("form")
    if not isinstance(form, str) or not form:
        code = "DRAFT" if DRAFT_MARK in members else "FORM_MISSING"
        return (wording.reading_problem(code, "/form", "様式"),), False
    given = {key: members[key] for key in _GOOD if members.get(key) is not None}
    good = {key: value for key, value in given.items() if _GOOD[key](value)}
    codes: set[str] = set()
    values = _clean({key: value for key, value in members.items() if key not in MEMBERS}, codes) or {}
    around = {**good, "correction_reason": _clean(good.get("correction_reason"), codes)}
    return Submission(
        form=form,
        values=values,
        notes=tuple(replace(wording.reading_problem(code), level=Level.WARNING) for code in sorted(codes)),
        problems=tuple(_wrong(key) for key in given if key not in good),
        **around,
    )


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


_GOOD: Final[Mapping[str, Callable[[Any], bool]]] = {
    "form_version": lambda value: type(value) is int,
    "case_id": _is_id,
    "submission_id": _is_id,
    "corrects": _is_text,
    "correction_reason": _is_text,
    "withdraws": _is_text,
}
_WRONG: Final[Mapping[str, tuple[str, str]]] = {
    "form_version": ("FORM_VERSION", "様式の版"),
    "case_id": ("CASE_FORMAT", CASE_ID.title),
    "submission_id": ("CASE_FORMAT", "提出番号"),
    "corrects": ("CORRECTS_FORMAT", CORRECTS.title),
    "correction_reason": ("CORRECTION_REASON", CORRECTION_REASON.title),
    "withdraws": ("CORRECTS_FORMAT", WITHDRAWS.title),
}


def _wrong(key: str) -> Problem:
    code, title = _WRONG[key]
    return wording.reading_problem(code, f"/{key}", title)


def _clean(value: Any, notes: set[str]) -> Any:
    """Return what was filled in: None for an empty box (null, spaces only) and for a group of nothing but empty boxes.

    Rows of a list stay where they are, so that later rows keep their numbers. Line ends are unified and noted; all
    else stays as written.
    """
    if isinstance(value, dict):
        members = {key: _clean(member, notes) for key, member in value.items()}
        filled = {key: member for key, member in members.items() if member is not None}
        return filled if any(member != [] for member in filled.values()) else None
    if isinstance(value, list):
        return [_row(item, _clean(item, notes)) for item in value]
    if isinstance(value, str):
        if "\r" in value:
            notes.add("CRLF")
            value = value.replace("\r\n", "\n").replace("\r", "\n")
        return value if value.strip() else None
    return value


def _row(written: Any, cleaned: Any) -> Any:
    if cleaned is not None:
        return cleaned
    return {} if isinstance(written, dict) else written
