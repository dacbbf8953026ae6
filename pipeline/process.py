"""A submission's whole life, on one page:

    settle → claim → read → identify → validate → plan → render → prove → publish

Everything here is an order of steps; what each step knows lives in its own room. An attempt is journalled before its
work, a bundle is staged whole before it is announced, and nothing of the sender's is ever removed before it is kept.

Files that wait together go together: each step is taken for the whole group before the next one begins, so that one
sync and one commit serve all (decision 7). Within a step they keep their order. A group that crashed is worked on alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from typing import Any

from pipeline import wording
from pipeline.accepted import Accepted, event_day, number_series, recall_of
from pipeline.catalogue import Form
from pipeline.desk import Desk
from pipeline.envelope import check_correction, is_bundle_id
from pipeline.errors import OfficeFault, PlaceFailed, TodokeError, UnsafeToRun, place_of
from pipeline.examine import Examined, accept, examine
from pipeline.forms.reader import MAX_BYTES, Unreadable, read_form, too_large
from pipeline.inbox import Found, Refused
from pipeline.model import NOTHING_BEFORE, Bundle, Entry, Level, Outcome, OutFile, Past, Problem, Submission
from pipeline.receipt import digest, make_receipt, problem_record, to_bytes
from pipeline.regenerate import accept_again
from pipeline.send_back import make_mending
from pipeline.shelf import Staged, copies_of, read_receipt
from pipeline.spool import Claim, Unclaimable, claim, keep, keep_values, read_original, release
from pipeline.stopping import heed

MAX_ATTEMPTS = 3
_KNOWN_SUFFIXES = ("json", "docx", "html", "pdf", "xlsx", "csv")


def process(desk: Desk, group: Sequence[Found], stuck: list[Refused]) -> Iterator[Entry]:
    """Take settled files from the inbox to the outbox, yielding each as soon as its fate is durable.

    Left where they are: files that slipped away or are still being written, and those nobody may move (`stuck`).
    """
    yield from take_in(desk, list(_claimed(desk, group, stuck)))


def _claimed(desk: Desk, group: Iterable[Found], stuck: list[Refused]) -> Iterator[Claim]:
    for found in group:
        try:
            if claimed := claim(desk.workspace.inbox, found.name, desk.new_ulid()):
                yield claimed
        except Unclaimable:
            stuck.append(Refused(found.name, "CLAIM_FAILED"))


def take_in(desk: Desk, claims: Sequence[Claim]) -> Iterator[Entry]:
    """Keep claimed originals, journal them, and only then let go of the files in the inbox."""
    group = keep(desk.workspace.spool, claims)
    if not group:
        return
    with desk.journal.together():
        entries = [desk.journal.receive(k.claim.ulid, k.claim.name, k.sha256, desk.now()) for k in group]
    for kept in group:
        release(kept.claim)
    yield from settle_fates(desk, entries)


def settle_fates(desk: Desk, group: Sequence[Entry]) -> Iterator[Entry]:
    """Work on journalled entries until each has its fate. Their current attempts are already counted."""
    try:
        with _blameless(desk, group):
            with desk.journal.together():  # what one takes or opens, the later ones see
                staged = [stage(desk, entry) for entry in group]
            done: Iterable[Entry] = publish(desk, group, staged)
    except TodokeError:
        raise
    except Exception as crash:  # noqa: BLE001  whatever it was, it costs each an attempt, and the next is made alone
        desk.log.error("crash", bundles=[entry.bundle_id for entry in group], where=place_of(crash))
        done = chain.from_iterable(resume(desk, entry) for entry in group)
    yield from done


@contextmanager
def _blameless(desk: Desk, group: Sequence[Entry]) -> Iterator[None]:
    """What no submission did costs none of them an attempt of its three: a stop, or a place that fails."""
    try:
        yield
    except (UnsafeToRun, KeyboardInterrupt):
        desk.journal.forgive(group)
        raise
    except (OSError, MemoryError) as error:
        desk.journal.forgive(group)
        raise PlaceFailed(wording.PLACE_FAILED) from error


def resume(desk: Desk, entry: Entry) -> Iterator[Entry]:
    """Bring to its end, alone, what a crash or a stop has left half-way: another attempt, counted before its work."""
    if (folder := desk.shelf.find(entry.bundle_id)) is not None:
        receipt = desk.shelf.complete(folder, entry.sha256)
        # With what it was judged nobody knows any more: a held one is judged again, the office may have mended it.
        yield from record(desk, [(entry, receipt)], office_digest="")
    elif entry.attempt < MAX_ATTEMPTS:
        yield from settle_fates(desk, [desk.journal.attempt(entry)])
    else:
        bundle = hold(desk, entry, OfficeFault("CRASH", wording.THREE_CRASHES))
        yield from publish(desk, [entry], [desk.shelf.stage(bundle, entry.attempt)])


def stage(desk: Desk, entry: Entry) -> Staged:
    """Write what an original deserves, whole, where nobody sees it yet: a set, a return, or held for the office."""
    heed()  # a group of sixteen sets may take a minute; what is staged of it is made again
    try:
        bundle = decide(desk, entry)
    except OfficeFault as fault:
        bundle = hold(desk, desk.journal.current(entry), fault)  # with what was allocated before the fault
    staged = desk.shelf.stage(bundle, entry.attempt)
    desk.journal.foretell(entry, bundle.outcome)
    return staged


def decide(desk: Desk, entry: Entry) -> Bundle:
    """Return the bundle an original deserves: delivered, returned or duplicate. Raises OfficeFault to hold it."""
    if entry.again:
        return make_again(desk, entry)
    if first := desk.journal.delivered_before(entry):
        return Bundle(
            entry.bundle_id, Outcome.DUPLICATE, (), make_receipt(entry, Outcome.DUPLICATE, duplicate_of=first)
        )
    data = _kept(desk, entry)
    read = read_form(entry.name, data, desk.shapes) if len(data) <= MAX_BYTES else too_large()
    if isinstance(read, Unreadable):
        return send_back(desk, entry, data, None, None, read.problems)
    earlier = find_earlier(desk, entry, read)
    if read.withdraws and isinstance(earlier, Entry):
        return take_back(desk, entry, data, read, earlier)
    corrected = earlier if isinstance(earlier, Entry) else None
    past = recall(desk, entry, read, corrected)
    examined = examine(desk.catalogue, read, entry.received_at.date(), past)
    form = examined.form
    unknown = (*_unknown_case(desk, examined), *(earlier if isinstance(earlier, tuple) else ()))
    if form is None or unknown or not examined.is_good:
        return send_back(desk, entry, data, read, form, (*unknown, *examined.problems))
    entry = allocate(desk, entry, form, examined, corrected)
    numbers = {name: entry.allocated.get(name) for name in form.spec.allocate}
    accepted = accept(examined, form, {"id": entry.case_id, **numbers})
    return deliver(desk, entry, form, to_review(desk, accepted, corrected), corrected)


def find_earlier(desk: Desk, entry: Entry, read: Submission) -> Entry | tuple[Problem, ...]:
    """Return the delivered entry a form corrects or takes back, or why there is none such; nothing where it does neither.

    What `entry` itself has put out of the history, before a stop or while it was held, is still its to correct.
    """
    named = read.corrects or read.withdraws
    if named is None or not is_bundle_id(named):
        return ()
    found = desk.journal.find(named)
    stands = (
        found is not None
        and found.outcome == Outcome.DELIVERED
        and named not in desk.journal.superseded(but_by=entry)
    )
    if found is None or not stands or found.form != read.form or read.case_id not in (None, found.case_id):
        pointer = "/corrects" if read.corrects else "/withdraws"
        return (wording.reading_problem("CORRECTS_UNKNOWN", pointer, "訂正・取下げをする受付の番号"),)
    return found


def take_back(desk: Desk, entry: Entry, data: bytes, read: Submission, withdrawn: Entry) -> Bundle:
    """Return the bundle of a withdrawal: its receipt. What was delivered stays; it only counts no more (product §2b, Again)."""
    form = desk.catalogue.forms[read.form]
    if problems := tuple(check_correction(read, form.spec.publishes)):
        return send_back(desk, entry, data, read, form, problems)
    entry = desk.journal.take_back(entry, form.name, withdrawn)
    keep_values(
        desk.workspace.spool,
        entry.sha256,
        {"form": form.name, "form_version": form.version, "values": {}, "raw": {}, "notes": []},
    )
    receipt = make_receipt(
        entry,
        Outcome.DELIVERED,
        **_named(form),
        case_id=entry.case_id,
        problems=_later_steps(desk, withdrawn),
        supersedes=withdrawn.bundle_id,
        withdraws=withdrawn.bundle_id,
        reason=read.correction_reason,
    )
    return Bundle(entry.bundle_id, Outcome.DELIVERED, (), receipt)


def to_review(desk: Desk, accepted: Accepted, corrected: Entry | None) -> Accepted:
    """Return an accepted correction with the later steps of its case, for a person to look at; they are never remade."""
    if corrected is None:
        return accepted
    return replace(accepted, notes=(*accepted.notes, *_later_steps(desk, corrected)))


def _later_steps(desk: Desk, corrected: Entry) -> tuple[Problem, ...]:
    later = desk.journal.later_than(corrected)
    if not later:
        return ()
    problem = wording.reading_problem("CORRECTED_EARLIER", "/corrects", "後の手続")
    return (replace(problem, level=Level.WARNING, message=problem.message + "、".join(later)),)


def recall(desk: Desk, entry: Entry, read: Submission, corrected: Entry | None) -> Past:
    """Return what was accepted before of what a submission is judged after."""
    form = desk.catalogue.forms.get(read.form)
    if form is None:
        return NOTHING_BEFORE
    wanted = recall_of(form.schema.root, form.spec, read)
    return desk.journal.past(entry, wanted, corrected) if wanted else NOTHING_BEFORE


def _unknown_case(desk: Desk, examined: Examined) -> tuple[Problem, ...]:
    form, case_id = examined.form, examined.read.case_id
    if form is None or form.spec.case != "required" or case_id is None or desk.journal.knows_case(case_id):
        return ()
    return (wording.reading_problem("CASE_UNKNOWN", "/case_id", "ケース番号"),)


def allocate(desk: Desk, entry: Entry, form: Form, examined: Examined, corrected: Entry | None) -> Entry:
    """Enter a form into the history of its case; take the case number and 受付番号 its specification asks for (product §2b)."""
    values, received_on = examined.read.values, entry.received_at.date()
    series = number_series(form.spec, examined.office, values, received_on)
    opens, on = form.spec.case == "opens", event_day(form.spec, values, received_on)
    return desk.journal.accept(entry, form.name, examined.read.case_id, opens, series, on, values, corrected)


def deliver(desk: Desk, entry: Entry, form: Form, accepted: Accepted, corrected: Entry | None) -> Bundle:
    """Return the whole set of papers, rendered and proven."""
    files = desk.workshop.make(accepted)
    keep_values(
        desk.workspace.spool,
        entry.sha256,
        {
            "form": form.name,
            "form_version": form.version,
            "values": accepted.values,
            "raw": accepted.raw,
            "notes": [problem_record(note) for note in accepted.notes],
        },
    )
    receipt = make_receipt(
        entry,
        Outcome.DELIVERED,
        **_named(form),
        case_id=entry.case_id,
        allocated=entry.allocated,
        problems=(*accepted.notes, *accepted.ruling.problems),
        files=files,
        pdf=desk.workshop.pdf_state,
        supersedes=corrected.bundle_id if corrected else None,
        corrects=corrected.bundle_id if corrected else None,
    )
    return Bundle(entry.bundle_id, Outcome.DELIVERED, files, receipt)


def _named(form: Form) -> dict[str, Any]:
    """What a receipt says of the form it was judged as."""
    return {"form": form.name, "form_version": form.version, "schema_sha256": form.schema_sha256}


def make_again(desk: Desk, entry: Entry) -> Bundle:
    """Return a delivered set made again from its accepted values, with the office data of its own day."""
    accepted, form = accept_again(desk, entry)
    files = desk.workshop.make(accepted, again=True)
    receipt = make_receipt(
        entry,
        Outcome.DELIVERED,
        **_named(form),
        case_id=entry.case_id,
        allocated=entry.allocated,
        problems=(*accepted.notes, *accepted.ruling.problems),
        files=files,
        pdf=desk.workshop.pdf_state,
        reason=entry.again,
        corrects=_receipt_before(desk, entry).get("corrects"),
    )
    return Bundle(entry.bundle_id, Outcome.DELIVERED, files, receipt)


def _receipt_before(desk: Desk, entry: Entry) -> Mapping[str, Any]:
    folder = desk.shelf.find(entry.replaces) if entry.replaces else None
    return read_receipt(folder) if folder else {}


def send_back(
    desk: Desk,
    entry: Entry,
    data: bytes,
    read: Submission | None,
    form: Form | None,
    problems: tuple[Problem, ...],
) -> Bundle:
    """Return what the sender needs to mend a form: the original, the form marked, and the 返却票 with every problem."""
    mending = make_mending(desk.workshop, entry, data, read, form, problems)
    files = (_original(entry, data), *mending)
    receipt = make_receipt(
        entry,
        Outcome.RETURNED,
        **(_named(form) if form else {}),
        problems=problems,
        files=files,
    )
    return Bundle(entry.bundle_id, Outcome.RETURNED, files, receipt)


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


def publish(desk: Desk, group: Sequence[Entry], staged: Sequence[Staged]) -> list[Entry]:
    """Appear, copy to readers, record: in this order, each step durable for the whole group before the next."""
    desk.shelf.publish(staged)
    for one in staged:
        desk.shelf.show_copies(copies_of(one.folder), one.bundle_id)
    receipts = [one.receipt for one in staged]
    return record(desk, list(zip(group, receipts, strict=True)), desk.catalogue.digest)


def record(
    desk: Desk, published: Sequence[tuple[Entry, Mapping[str, Any]]], office_digest: str
) -> list[Entry]:
    """Record bundles by their receipts, in the outbox and with their readers' copies made, as done.

    Every step may be repeated: a stop in between is made good by the next start, which finds the bundles there.
    `office_digest` is what the office had written down when they were judged, empty where nobody knows any more.
    """
    for entry, receipt in published:
        if receipt["supersedes"]:
            desk.shelf.mark_superseded(desk.shelf.find(receipt["supersedes"]), entry.bundle_id)
    with desk.journal.together():
        done = [desk.journal.done(entry, receipt, office_digest) for entry, receipt in published]
    for entry in done:
        desk.log.info("done", bundle=entry.bundle_id, outcome=entry.outcome, form=entry.form)
    return done
