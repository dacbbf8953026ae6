"""What a page asks beside its form: the case number, and why an earlier form is put right. Pure.

It is itself a small form with a schema, so that the page's script shows and judges it as it does the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pipeline.envelope import CASE_ID, CORRECTION_REASON, CORRECTS, WITHDRAWS
from pipeline.fields import Field, Schema
from pipeline.forms.layout import FRAME_BOXES

_FRAME: Final = "todoke:frame.schema.json"
_ID: Final = "^[0-9A-Za-z][0-9A-Za-z-]*$"
_TAKE_BACK: Final = ("前に出した様式を取り下げる",)
_CASE_KNOWN: Final = "すでに番号のあるケースのときだけ、記入してください。"
_CORRECTING: Final = (
    "受付の番号　{}　の様式を訂正します。記入してある内容を直し、理由を書いて保存してください。"
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a page knows of what stands round its values (`pipeline.envelope`).

    `case` is as in spec.toml (opens, required, none). Numbers that are given are settled and only shown, unless the form
    came back (`returned` is the bundle it came back in): then they may be what is wrong. `corrects` adds the frame 訂正.
    """

    case_id: str | None = None
    case: str = "none"
    corrects: str | None = None
    withdraws: bool = False
    correction_reason: str | None = None
    submission_id: str | None = None
    returned: str | None = None

    @property
    def asks_case(self) -> bool:
        """Whether there is a box for the case number."""
        return self.case != "none" and (self.case_id is None or self.returned is not None)


def frame_schema(around: Envelope) -> Schema | None:
    """Return the schema of what is asked beside a form; None where nothing is."""
    properties: dict[str, Schema] = {}
    if around.asks_case:
        hint = "" if around.case == "required" else _CASE_KNOWN
        properties[CASE_ID.key] = {**_boxed(CASE_ID), "pattern": _ID, "x-hint": hint}
    if around.corrects is not None:
        if around.returned:
            properties[CORRECTS.key] = _boxed(CORRECTS)
        ticks = {"type": "array", "items": {"enum": list(_TAKE_BACK)}}
        properties |= {
            WITHDRAWS.key: {**_boxed(WITHDRAWS), **ticks},
            CORRECTION_REASON.key: _boxed(CORRECTION_REASON),
        }
    if not properties:
        return None
    is_needed = {CASE_ID.key: around.case == "required", CORRECTS.key: True}
    return {
        "$id": _FRAME,
        "title": "" if around.corrects is None else "訂正",
        "x-hint": _CORRECTING.format(around.corrects) if around.corrects and not around.returned else "",
        "type": "object",
        "properties": properties,
        "required": [key for key in properties if is_needed.get(key)],
        **({} if around.corrects is None else _REASON_UNLESS_TAKEN_BACK),
    }


# As pipeline.envelope.check_correction has it: a correction says why, taking back asks for no reason.
_REASON_UNLESS_TAKEN_BACK: Final[Schema] = {
    "if": {"required": [WITHDRAWS.key]},
    "then": {},
    "else": {"required": [CORRECTION_REASON.key]},
}


def frame_values(around: Envelope) -> Mapping[str, Any]:
    """Return what is known of it, as the page's script keeps it."""
    return {
        CASE_ID.key: around.case_id,
        CORRECTS.key: around.corrects,
        WITHDRAWS.key: list(_TAKE_BACK) if around.withdraws else None,
        CORRECTION_REASON.key: around.correction_reason,
    }


def _boxed(field: Field) -> Schema:
    return {**field.schema, "title": field.title, "x-hint": FRAME_BOXES[field.key].hint}
