"""What a sender gets back to mend: their own form with its mistakes marked on it, and the 返却票.

A Word form comes back as a copy with comments. A form sent as JSON, as the web form saves it, comes back as a web form
filled with what was sent, each wrong box marked; the entries of the 返却票 lead to its boxes.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from pipeline.blank_forms import shape_of
from pipeline.catalogue import Form
from pipeline.forms.html_form import make_html_form
from pipeline.forms.html_frame import Envelope
from pipeline.forms.returning import mark_word_form
from pipeline.model import Entry, OutFile, Problem, Submission
from pipeline.receipt import digest
from pipeline.workshop import Mending, Workshop

MARKED_NAME = "返却_記入欄にコメント.docx"
WEB_NAME = "返却_この画面で直せます.html"
_BY_COMMENTS = Mending(
    f"同じフォルダにある「{MARKED_NAME}」を開くと、直す欄にコメントが付いています。直して保存してください。コメントは付いたままでかまいません。"
)
_ON_THE_PAGE = Mending(
    f"同じフォルダにある「{WEB_NAME}」をブラウザーで開き、⚠のある欄を直して「保存」を押してください。",
    lambda problem: f"{quote(WEB_NAME)}#{quote(problem.pointer, safe='/')}",
)


def make_mending(
    workshop: Workshop,
    entry: Entry,
    data: bytes,
    read: Submission | None,
    form: Form | None,
    problems: Sequence[Problem],
) -> tuple[OutFile, ...]:
    """Return the marked form, where there is one that can be marked, and the 返却票 as Word and HTML."""
    marked, mending = _mark(workshop, entry, data, read, form, problems)
    return (*marked, *workshop.make_slip(entry, form.title if form else "", problems, mending))


def _mark(
    workshop: Workshop,
    entry: Entry,
    data: bytes,
    read: Submission | None,
    form: Form | None,
    problems: Sequence[Problem],
) -> tuple[tuple[OutFile, ...], Mending]:
    if form is None or read is None:
        return (), Mending()
    if entry.name.lower().endswith(".docx"):
        copy = mark_word_form(data, shape_of(form), problems, entry.received_at)
        return ((_sender_file(MARKED_NAME, copy),), _BY_COMMENTS) if copy else ((), Mending())
    page = make_html_form(
        shape_of(form), workshop.catalogue.schemas, read.values, _envelope(entry, read, form), problems
    )
    return (_sender_file(WEB_NAME, page),), _ON_THE_PAGE


def _envelope(entry: Entry, read: Submission, form: Form) -> Envelope:
    return Envelope(
        case_id=read.case_id,
        case=form.spec.case,
        corrects=read.withdraws if read.corrects is None else read.corrects,
        withdraws=read.withdraws is not None,
        correction_reason=read.correction_reason,
        submission_id=read.submission_id,
        returned=entry.bundle_id,
    )


def _sender_file(name: str, data: bytes) -> OutFile:
    return OutFile(name, data, "返却（様式）", "sender", "", digest(data))
