"""A submission's whole life, on one page:

    settle → claim → read → identify → validate → plan → render → prove → publish

Everything here is an order of steps; what each step knows lives in its own room. An attempt is journalled before its
work, a bundle is staged whole before it is announced, and nothing of the sender's is ever removed before it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline import wording
from pipeline.catalogue import Form
from pipeline.desk import Desk
from pipeline.errors import OfficeFault, PlaceFailed, TodokeError, UnsafeToRun, place_of
from pipeline.examine import Examined, accept, examine
from pipeline.forms.reader import MAX_BYTES, Unreadable, read_form, too_large
from pipeline.forms.returning import mark_word_form
from pipeline.inbox import Found
from pipeline.model import NOTHING_BEFORE, Bundle, Entry, Outcome, OutFile, Past, Problem, Submission
from pipeline.plan import Accepted, event_day, named_cases, number_series
from pipeline.receipt import digest, make_receipt, to_bytes
from pipeline.shelf import copies_of
from pipeline.spool import Claim, claim, keep, keep_values, read_original, release

MAX_ATTEMPTS = 3
MARKED_NAME = "返却_記入欄にコメント.docx"
_KNOWN_SUFFIXES = ("json", "docx", "html", "pdf", "xlsx", "csv")


def process(desk: Desk, found: Found) -> Entry | None:
    """Take one settled file from the inbox to the outbox; None if it slipped away or is still being written."""
    claimed = claim(desk.workspace.inbox, found.name, desk.new_ulid())
    return take_in(desk, claimed) if claimed else None


def take_in(desk: Desk, claimed: Claim) -> Entry | None:
    """Keep a claimed original, journal it, and only then let go of the file in the inbox."""
    kept = keep(desk.workspace.spool, claimed)
    if kept is None:
        return None
    entry = desk.journal.receive(claimed.ulid, claimed.name, kept.sha256, desk.now())
    release(claimed)
    return settle_fate(desk, entry)


def settle_fate(desk: Desk, entry: Entry) -> Entry:
    """Work on a journalled entry until it has its fate. Its current attempt is already counted."""
    while True:
        try:
            return publish(desk, entry, decide(desk, entry))
        except OfficeFault as fault:
            entry = desk.journal.current(entry)  # with what was allocated before the fault
            return publish(desk, entry, hold(desk, entry, fault))
        except (UnsafeToRun, KeyboardInterrupt):  # nothing the submission did: no attempt of its three
            desk.journal.forgive(entry)
            raise
        except (OSError, MemoryError) as error:  # the place failed, not the submission
            desk.journal.forgive(entry)
            raise PlaceFailed(wording.PLACE_FAILED) from error
        except TodokeError:
            raise
        except Exception as crash:
            desk.log.error("crash", bundle=entry.bundle_id, attempt=entry.attempt, where=place_of(crash))
            if (
                desk.shelf.find(entry.bundle_id) is not None
            ):  # published, only not recorded: never a second fate
                raise UnsafeToRun(wording.CONFLICT) from crash
            if entry.attempt >= MAX_ATTEMPTS:
                return publish(desk, entry, hold(desk, entry, OfficeFault("CRASH", wording.THREE_CRASHES)))
            entry = desk.journal.attempt(entry)


def decide(desk: Desk, entry: Entry) -> Bundle:
    """Return the bundle an original deserves: delivered, returned or duplicate. Raises OfficeFault to hold it."""
    if first := desk.journal.delivered_before(entry):
        return Bundle(
            entry.bundle_id, Outcome.DUPLICATE, (), make_receipt(entry, Outcome.DUPLICATE, duplicate_of=first)
        )
    data = _kept(desk, entry)
    read = read_form(entry.name, data, desk.shapes) if len(data) <= MAX_BYTES else too_large()
    if isinstance(read, Unreadable):
        return send_back(desk, entry, data, None, read.problems)
    examined = examine(desk.catalogue, read, entry.received_at.date(), recall(desk, entry, read))
    form = examined.form
    unknown = _unknown_case(desk, examined)
    if form is None or unknown or not examined.is_good:
        return send_back(desk, entry, data, form, (*unknown, *examined.problems))
    entry = allocate(desk, entry, form, examined)
    numbers = {name: entry.allocated.get(name) for name in form.spec.allocate}
    return deliver(desk, entry, form, accept(examined, form, {"id": entry.case_id, **numbers}))


def recall(desk: Desk, entry: Entry, read: Submission) -> Past:
    """Return what was accepted before of the case of a submission and of the cases it names."""
    form = desk.catalogue.forms.get(read.form)
    if form is None:
        return NOTHING_BEFORE
    cases, month = named_cases(form.schema.root, form.spec, read)
    return desk.journal.past(entry, cases, month) if cases or month else NOTHING_BEFORE


def _unknown_case(desk: Desk, examined: Examined) -> tuple[Problem, ...]:
    form, case_id = examined.form, examined.read.case_id
    if form is None or form.spec.case != "required" or case_id is None or desk.journal.knows_case(case_id):
        return ()
    return (wording.reading_problem("CASE_UNKNOWN", "/case_id", "ケース番号"),)


def allocate(desk: Desk, entry: Entry, form: Form, examined: Examined) -> Entry:
    """Enter a form into the history of its case; take the case number and 受付番号 its specification asks for (product §2b)."""
    values, received_on = examined.read.values, entry.received_at.date()
    series = number_series(form.spec, examined.office, values, received_on)
    opens, on = form.spec.case == "opens", event_day(form.spec, values, received_on)
    return desk.journal.accept(entry, form.name, examined.read.case_id, opens, series, on, values)


def deliver(desk: Desk, entry: Entry, form: Form, accepted: Accepted) -> Bundle:
    """Return the whole set of papers, rendered and proven."""
    files = desk.workshop.make(accepted)
    keep_values(
        desk.workspace.spool,
        entry.sha256,
        {"form": form.name, "form_version": form.version, "values": accepted.values, "raw": accepted.raw},
    )
    receipt = make_receipt(
        entry,
        Outcome.DELIVERED,
        form=form.name,
        form_version=form.version,
        schema_sha256=form.schema_sha256,
        case_id=entry.case_id,
        allocated=entry.allocated,
        problems=(*accepted.notes, *accepted.ruling.problems),
        files=files,
        pdf=desk.workshop.pdf_state,
    )
    return Bundle(entry.bundle_id, Outcome.DELIVERED, files, receipt)


def send_back(
    desk: Desk, entry: Entry, data: bytes, form: Form | None, problems: tuple[Problem, ...]
) -> Bundle:
    """Return what the sender needs to mend a form: the original, and the 返却票 with every problem."""
    slip = desk.workshop.make_slip(entry, form.title if form else "", problems)
    files = (_original(entry, data), *_marked(desk, entry, data, form, problems), *slip)
    receipt = make_receipt(
        entry,
        Outcome.RETURNED,
        form=form.name if form else None,
        form_version=form.version if form else None,
        schema_sha256=form.schema_sha256 if form else None,
        problems=problems,
        files=files,
    )
    return Bundle(entry.bundle_id, Outcome.RETURNED, files, receipt)


def _marked(
    desk: Desk, entry: Entry, data: bytes, form: Form | None, problems: tuple[Problem, ...]
) -> tuple[OutFile, ...]:
    """A Word form comes back as a copy with a comment at each box that needs a hand, if it can be marked at all."""
    if form is None or not entry.name.lower().endswith(".docx"):
        return ()
    marked = mark_word_form(data, desk.shapes[form.name], problems, entry.received_at)
    return (OutFile(MARKED_NAME, marked, "返却（様式）", "sender", "", digest(marked)),) if marked else ()


def hold(desk: Desk, entry: Entry, fault: OfficeFault) -> Bundle:
    """Return what the office needs to mend its own fault: the original and trouble.json."""
    trouble = to_bytes(
        {"code": fault.code, "faults": list(fault.faults), "retry": f"todoke retry {entry.bundle_id}"}
    )
    original = _original(entry, _kept(desk, entry)) if fault.code != "ORIGINAL" else None
    files = (
        *((original,) if original else ()),
        OutFile("trouble.json", trouble, "保留の理由", "office", "", digest(trouble)),
    )
    problem = Problem(fault.code, "", wording.WHOLE_FORM, " / ".join(fault.faults))
    receipt = make_receipt(
        entry,
        Outcome.HELD,
        form=entry.form,
        case_id=entry.case_id,
        allocated=entry.allocated,
        problems=(problem,),
        files=files,
    )
    return Bundle(entry.bundle_id, Outcome.HELD, files, receipt)


def _kept(desk: Desk, entry: Entry) -> bytes:
    try:
        return read_original(desk.workspace.spool, entry.sha256)
    except (FileNotFoundError, ValueError):
        raise OfficeFault("ORIGINAL", wording.ORIGINAL_LOST) from None


def _original(entry: Entry, data: bytes) -> OutFile:
    """The sender's own file, under a neutral name: the dropped name may hold a person's."""
    suffix = entry.name.rpartition(".")[2].lower()
    name = f"original.{suffix if suffix in _KNOWN_SUFFIXES else 'bin'}"
    return OutFile(name, data, "提出された様式", "sender", "", entry.sha256)


def publish(desk: Desk, entry: Entry, bundle: Bundle) -> Entry:
    """Stage, appear, copy to readers, record: in this order, each step durable before the next."""
    staged = desk.shelf.stage(bundle, entry.attempt)
    desk.shelf.publish(staged, entry.bundle_id, bundle.outcome)
    desk.shelf.show_copies(copies_of(staged), entry.bundle_id)
    return record(desk, entry, bundle.receipt, desk.catalogue.digest)


def record(desk: Desk, entry: Entry, receipt: Mapping[str, Any], office_digest: str) -> Entry:
    """Record the bundle of a receipt, in the outbox and with its readers' copies made, as done.

    Every step may be repeated: a stop in between is made good by the next start, which finds the bundle there.
    `office_digest` is what the office had written down when it was judged, empty where nobody knows any more.
    """
    if entry.replaces:
        desk.shelf.mark_superseded(desk.shelf.folder_of(entry.replaces, Outcome.HELD), entry.bundle_id)
    done = desk.journal.done(entry, receipt, office_digest)
    desk.log.info("done", bundle=done.bundle_id, outcome=done.outcome, form=done.form)
    return done
