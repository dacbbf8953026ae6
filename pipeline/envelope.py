"""What stands round the values of a form: which form and case it is, and which earlier bundle it puts right. Pure.

The members of the envelope are no boxes of the form (product §2); Word and web forms print them in a frame of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pipeline import wording
from pipeline.fields import Field
from pipeline.model import Problem, Submission
from pipeline.textcheck import check_text

MEMBERS: Final = (
    "form", "form_version", "case_id", "submission_id", "corrects", "correction_reason", "withdraws",
)  # fmt: skip
MAX_REASON: Final = 200
_BUNDLE_ID: Final = re.compile(r"[0-9]{8}-[0-9]{4,6}(-r[0-9]{1,3})?")


def _text(key: str, title: str, most: int, **more: object) -> Field:
    return Field(key, key, title, "string", {"type": "string", "maxLength": most, **more})


CASE_ID: Final = _text("case_id", "ケース番号", 40)
CORRECTS: Final = _text("corrects", "訂正する受付の番号", 24)
CORRECTION_REASON: Final = _text("correction_reason", "訂正の理由", MAX_REASON, **{"x-multiline": True})
WITHDRAWS: Final = Field("withdraws", "withdraws", "取下げ", "boolean", {"type": "boolean"})
_REASON_ONLY: Final = Field("", "", "", "object", {}, members=(CORRECTION_REASON,))


def is_bundle_id(text: str) -> bool:
    """Whether a text has the form of a bundle's number (受付の番号): 20240226-0001, 20240226-0001-r2."""
    return _BUNDLE_ID.fullmatch(text) is not None


def check_correction(read: Submission, publishes: bool) -> Iterator[Problem]:
    """Yield what is wrong with the members that put an earlier bundle right, as far as the form itself tells.

    A correction says why. Taking back asks for no reason: nobody has to say why they take back what they gave.
    Whether there is such a bundle is the journal's to know. What a form `publishes` (an edition) stands as it is: the next
    one puts it right.
    """
    for field, number in ((CORRECTS, read.corrects), (WITHDRAWS, read.withdraws)):
        if number is not None and not is_bundle_id(number):
            yield _problem("CORRECTS_FORMAT", field)
        if number is not None and publishes:
            yield _problem("CORRECTS_PUBLISHED", field)
    if read.corrects is not None and read.withdraws is not None:
        yield _problem("CORRECTION_BOTH", WITHDRAWS)
    if read.corrects is not None and read.correction_reason is None:
        yield _problem("CORRECTION_REASON", CORRECTION_REASON)
    yield from _check_reason(read)


def _check_reason(read: Submission) -> Iterator[Problem]:
    reason, field = read.correction_reason, CORRECTION_REASON
    if reason is None:
        return
    if read.corrects is None and read.withdraws is None:
        yield _problem("CORRECTION_UNUSED", field)
    if len(reason) > MAX_REASON:
        yield wording.schema_problem("maxLength", MAX_REASON, {}, f"/{field.key}", field.title)
    yield from check_text(_REASON_ONLY, {field.key: reason})


def _problem(code: str, field: Field) -> Problem:
    return wording.reading_problem(code, f"/{field.key}", field.title)
