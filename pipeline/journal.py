"""The journal: what was taken in and what became of it. SQLite through SQLAlchemy Core; the only importer of it.

Rollback journal with synchronous=EXTRA, every transaction that writes BEGIN IMMEDIATE (design.md: the one mode that
kept every commit in an emulated power cut). It is an index over originals and receipts: `todoke rebuild` makes it anew.

States: received → done; what lies between is seen in the outbox. Counters, cases, events and audit rows are written in the
same transactions. An event is what the history of a case keeps of an accepted form; it counts while its entry is not
returned or held.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from pipeline.errors import PlaceFailed, UnsafeToRun
from pipeline.model import Entry, Event, Outcome, Past, Recall
from pipeline.receipt import digest, to_bytes
from pipeline.stopping import unbroken
from pipeline.wording import JOURNAL_BROKEN, PLACE_FAILED

VERSION = 2
RECEIVED, DONE = "received", "done"

_meta = sa.MetaData()
_intake = sa.Table(
    "intake",
    _meta,
    sa.Column("ulid", sa.String, primary_key=True),
    sa.Column("bundle_id", sa.String, nullable=False, unique=True),
    sa.Column("sha256", sa.String, nullable=False, index=True),
    sa.Column(
        "name", sa.LargeBinary, nullable=False
    ),  # bytes as dropped: CP932 names cannot be bound as text
    sa.Column("received_at", sa.String, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("state", sa.String, nullable=False, index=True),
    sa.Column("outcome", sa.String),
    sa.Column("form", sa.String),
    sa.Column("case_id", sa.String),
    sa.Column("allocated", sa.String, nullable=False, default="{}"),
    sa.Column("receipt_sha256", sa.String),
    sa.Column("corrects", sa.String, index=True),  # ulid of the entry it corrects or takes back
    sa.Column("place", sa.Integer),  # where a correction stands in the history: where the corrected one came
    sa.Column("again", sa.String),  # why it is made again from its accepted values
    sa.Column("office_digest", sa.String),  # what a held one was judged with: a change makes it worth a retry
)
_counter = sa.Table(
    "counter",
    _meta,
    sa.Column("series", sa.String, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)
_event = sa.Table(
    "event",
    _meta,
    sa.Column("ulid", sa.String, sa.ForeignKey("intake.ulid"), primary_key=True),
    sa.Column("form", sa.String, nullable=False, index=True),
    sa.Column("case_id", sa.String, index=True),
    sa.Column("on_day", sa.String, nullable=False, index=True),
    sa.Column("content", sa.String, nullable=False),  # the values as accepted, JSON
)
_case = sa.Table(
    "case_file",
    _meta,
    sa.Column("case_id", sa.String, primary_key=True),
    sa.Column("opened_by", sa.String, nullable=False),
)
_audit = sa.Table(
    "audit",
    _meta,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("row", sa.String, nullable=False),
    sa.Column("chained", sa.String, nullable=False),
)
_GENESIS = "0" * 64
_CAME_IN: sa.ColumnElement[int] = sa.func.coalesce(_intake.c.place, sa.literal_column("intake.rowid"))
_later = _intake.alias("later")
_STANDS_CORRECTED = (
    sa.select(_later.c.ulid)
    .where(
        _later.c.corrects == _intake.c.ulid,
        sa.or_(
            _later.c.outcome.is_(None), _later.c.outcome == Outcome.DELIVERED, _later.c.again.is_not(None)
        ),
    )
    .exists()
)
# Composed once: to compose a statement takes three times as long as to run it.
_CAME: sa.ColumnElement[int] = sa.literal_column("rowid")  # of text, number 10000 of a day comes before 9999
_OF_CLAIM = sa.select(_intake).where(_intake.c.ulid == sa.bindparam("ulid"))
_CHANGE = _intake.update().where(_intake.c.ulid == sa.bindparam("mine")).returning(*_intake.c)
_FIRST_DELIVERED = (
    sa.select(_intake.c.bundle_id)
    .where(
        _intake.c.sha256 == sa.bindparam("sha256"),
        sa.or_(_intake.c.outcome == Outcome.DELIVERED, _intake.c.again.is_not(None)),
        _intake.c.ulid != sa.bindparam("ulid"),
    )
    .order_by(_intake.c.bundle_id)
    .limit(1)
)
_CASE = sa.select(_case).where(_case.c.case_id == sa.bindparam("case_id"))
_TAKE_NEXT = (
    insert(_counter)
    .values(series=sa.bindparam("series"), last=1)
    .on_conflict_do_update(index_elements=["series"], set_={"last": _counter.c.last + 1})
    .returning(_counter.c.last)
)
_LAST_AUDITED = sa.select(_audit).order_by(_audit.c.number.desc()).limit(1)

# What may pass by itself: no space, a long lock, no handle left, read-only. After any other fault, a failed sync
# above all, what SQLite believes to be on disk may not be there: stop (reliability §2.1 line 39).
_MAY_PASS = ("SQLITE_FULL", "SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_READONLY")


def _on_connect(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions are begun by us alone, never by the driver
    for pragma in ("journal_mode=DELETE", "synchronous=EXTRA", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: sa.Connection) -> None:
    reads = connection.get_execution_options().get("only_reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


class Journal:
    """Durable state of one workspace. Every method is one transaction, or a part of `together`."""

    def __init__(self, path: Path, may_create: bool = True) -> None:
        """Open or create the journal. Raises UnsafeToRun if it is damaged, of another version, or missing.

        Where something was accepted before (`may_create` False), an empty journal is a lost one: its counters would
        start again and give the same numbers twice.
        """
        self._path = path
        self._file: tuple[int, int] | None = None
        self._open: sa.Connection | None = None
        self._engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
        sa.event.listen(self._engine, "connect", _on_connect)
        sa.event.listen(self._engine, "begin", _on_begin)
        self._reader = self._engine.execution_options(only_reads=True)
        try:
            self._prepare((0, VERSION) if may_create else (VERSION,))
        except BaseException:
            self.close()  # a watch tries again every minute: no handle may be left each time
            raise
        path.chmod(0o600)
        self._file = _identity(path)

    def _prepare(self, versions: tuple[int, ...]) -> None:
        with self._reading() as tx:
            found = tx.exec_driver_sql("PRAGMA user_version").scalar_one()
        if found not in versions:
            raise UnsafeToRun(JOURNAL_BROKEN)
        if found == 0:
            with self._transaction() as tx:
                _meta.create_all(tx)
                tx.exec_driver_sql(f"PRAGMA user_version = {VERSION}")

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make one transaction of all that is done inside: later steps see earlier ones, at its end all is durable.

        For one thread. Others may read meanwhile; they see the journal as it was before.
        """
        with self._transaction() as tx:
            self._open = tx
            try:
                yield
            finally:
                self._open = None

    # --- taking in ---------------------------------------------------------------------------------------------

    def receive(self, ulid: str, name: str, sha256: str, received_at: datetime) -> Entry:
        """Record a kept original: gives it its bundle id and counts its first attempt. Idempotent per `ulid`."""
        with self._transaction() as tx:
            if known := tx.execute(_OF_CLAIM, {"ulid": ulid}).one_or_none():
                return _entry(known)
            day = f"{received_at:%Y%m%d}"
            bundle_id = f"{day}-{_next(tx, f'bundle {day}'):04d}"
            row = {
                "ulid": ulid,
                "bundle_id": bundle_id,
                "sha256": sha256,
                "name": os.fsencode(name),
                "received_at": received_at.isoformat(),
                "attempt": 1,
                "state": RECEIVED,
            }
            tx.execute(_intake.insert(), row)
            return Entry(ulid, bundle_id, sha256, name, received_at, 1, RECEIVED)

    def attempt(self, entry: Entry) -> Entry:
        """Count another attempt, before the work, so that a crash counts too."""
        return self._update(entry, attempt=entry.attempt + 1)

    def forgive(self, entries: Iterable[Entry]) -> None:
        """Take attempts back: the place failed (disk, share), not the submissions. What is done stays as it is."""
        with self._transaction() as tx:
            for entry in entries:
                mine = _intake.update().where(_intake.c.ulid == entry.ulid, _intake.c.state == RECEIVED)
                tx.execute(mine.values(attempt=entry.attempt - 1))

    def delivered_before(self, entry: Entry) -> str | None:
        """Return the bundle that already delivered the same bytes, if any."""
        with self._reading() as tx:
            return tx.execute(_FIRST_DELIVERED, {"sha256": entry.sha256, "ulid": entry.ulid}).scalar()

    # --- allocating --------------------------------------------------------------------------------------------

    def knows_case(self, case_id: str) -> bool:
        """Whether a case has been opened."""
        with self._reading() as tx:
            return tx.execute(_CASE, {"case_id": case_id}).one_or_none() is not None

    def accept(
        self,
        entry: Entry,
        form: str,
        case_id: str | None,
        opens_case: bool,
        numbers: Mapping[str, str],
        on: date,
        values: Mapping[str, Any],
        corrected: Entry | None = None,
    ) -> Entry:
        """Record an accepted form in the history of its case and take its numbers, once: a second call keeps the first's.

        `numbers` maps a name (`case_id`, `application_no`) to its series, the part before the running number. `on` is
        the day the form tells of. A correction takes the numbers and the place of the entry it corrects.
        """
        taken_before = corrected.allocated if corrected and not entry.allocated else entry.allocated
        with self._transaction() as tx:
            taken = dict(taken_before) or {
                name: _next_case(tx, series) if name == "case_id" else _number(tx, series)
                for name, series in numbers.items()
                if not (name == "case_id" and case_id)
            }
            case_id = case_id or taken.get("case_id")
            if opens_case and case_id:
                _open_case(tx, case_id, entry)
            accepted = replace(entry, form=form, case_id=case_id, allocated=taken)
            _remember(tx, accepted, on, values)
            place = _place_of(tx, corrected) if corrected else {}
            return _change(
                tx, entry, {"form": form, "case_id": case_id, "allocated": json.dumps(taken), **place}
            )

    def take_back(self, entry: Entry, form: str, withdrawn: Entry) -> Entry:
        """Take an accepted form out of the history; `entry` tells it. It leaves no event of its own."""
        with self._transaction() as tx:
            gone = {"form": form, "case_id": withdrawn.case_id, "corrects": withdrawn.ulid}
            return _change(tx, entry, gone)

    def later_than(self, corrected: Entry) -> tuple[str, ...]:
        """Return the bundles of the same case that came after a corrected one and still stand: what has to be looked at."""
        if corrected.case_id is None:
            return ()
        place = sa.select(_CAME_IN).where(_intake.c.ulid == corrected.ulid).scalar_subquery()
        past = self._past(_event.c.case_id == corrected.case_id, place < _CAME_IN)
        return tuple(event.bundle_id for event in past.events)

    def superseded(self, but_by: Entry | None = None) -> frozenset[str]:
        """Return the bundles a standing correction or withdrawal has put out of the history; none of those of `but_by`."""
        corrected = sa.select(_intake.c.bundle_id).where(_STANDS_CORRECTED)
        if but_by is not None:
            own = sa.select(_intake.c.corrects).where(_intake.c.ulid == but_by.ulid)
            corrected = corrected.where(_intake.c.ulid.is_distinct_from(own.scalar_subquery()))
        with self._reading() as tx:
            return frozenset(tx.execute(corrected).scalars())

    def past(self, entry: Entry, wanted: Recall, corrected: Entry | None = None) -> Past:
        """Return what is wanted of what was accepted before `entry`, or before the one it corrects, oldest first.

        A month adds every case of which something tells in it, and what tells of it without a case.
        """
        mine: Any = _event.c.case_id.in_(wanted.cases) | _event.c.form.in_(wanted.forms)
        if wanted.month:
            in_month = _event.c.on_day.startswith(wanted.month, autoescape=True)
            active = sa.select(_event.c.case_id).where(in_month, _event.c.case_id.is_not(None))
            mine = mine | _event.c.case_id.in_(active) | (_event.c.case_id.is_(None) & in_month)
        ulid = (corrected or entry).ulid
        place = sa.select(_CAME_IN).where(_intake.c.ulid == ulid).scalar_subquery()
        return self._past(mine, place > _CAME_IN)

    def all_past(self) -> Past:
        """Return every accepted form of every case: what standing ledgers are counted from."""
        return self._past()

    def _past(self, *conditions: Any) -> Past:
        standing = sa.or_(
            _intake.c.outcome.is_(None), _intake.c.outcome == Outcome.DELIVERED, _intake.c.again.is_not(None)
        )
        query = (
            sa.select(_event, _intake.c.bundle_id, _intake.c.received_at, _intake.c.allocated)
            .join(_intake, _intake.c.ulid == _event.c.ulid)
            .where(standing, ~_STANDS_CORRECTED, *conditions)
            .order_by(_CAME_IN)
        )
        with self._reading() as tx:
            return Past(tuple(_read_event(row) for row in tx.execute(query)))

    def foretell(self, entry: Entry, outcome: str) -> None:
        """Say what an entry will be: the same bytes later in its group are its duplicate, a held one is not in the past.

        Only `done` makes it so. Of what is returned or a duplicate nobody else needs to know.
        """
        if outcome in (Outcome.DELIVERED, Outcome.HELD):
            self._update(entry, outcome=outcome)

    # --- publishing --------------------------------------------------------------------------------------------

    def done(self, entry: Entry, receipt: Mapping[str, Any], office_digest: str) -> Entry:
        """Record a bundle that lies in the outbox, with a row in the audit chain, in one transaction."""
        changes = {
            "state": DONE,
            "outcome": receipt["outcome"],
            "form": receipt["form"],
            "case_id": receipt["case_id"] or entry.case_id,
            "receipt_sha256": digest(to_bytes(receipt)),
            "office_digest": office_digest,
        }
        with self._transaction() as tx:
            finished = _change(tx, entry, changes)
            _chain(tx, _audit_row("published", finished))
            return finished

    def reopen(self, entry: Entry, bundle_id: str, reason: str, again: bool = False) -> Entry:
        """Judge a held one again, or make a delivered one `again`, under a new revision of its bundle id."""
        fresh = {
            "bundle_id": bundle_id,
            "state": RECEIVED,
            "attempt": 1,
            **({"again": reason} if again else {}),
        }
        blank = {"outcome": None, "receipt_sha256": None, "office_digest": None}
        with self._transaction() as tx:
            _chain(tx, {**_audit_row("reopened", entry), "reason": reason})
            return _change(tx, entry, {**fresh, **blank})

    def is_as_today(self, entry: Entry, office_digest: str) -> None:
        """Note that a delivered bundle would come out the same with what the office has written down today."""
        self._update(entry, office_digest=office_digest)

    def restore(
        self,
        entry: Entry,
        opens_case: bool,
        current: bool,
        on: date,
        values: Mapping[str, Any] | None,
        corrected: str | None = None,
    ) -> None:
        """Put back the row of a bundle found in the outbox (`todoke rebuild`), its event, and what it had allocated.

        A bundle that a revision replaced (`current` is False) keeps its audit row only; one that was not delivered has
        no `values`. `corrected` is the ulid of the entry it corrects or takes back.
        """
        with self._transaction() as tx:
            if current:
                tx.execute(insert(_intake).values({**_row(entry), "state": DONE, "corrects": corrected}))
                if values is not None:
                    _remember(tx, entry, on, values)
                if corrected and values is not None:
                    moved = sa.select(_CAME_IN).where(_intake.c.ulid == corrected)
                    place = tx.execute(moved).scalar_one_or_none()
                    tx.execute(_intake.update().where(_intake.c.ulid == entry.ulid).values(place=place))
            day, number = entry.bundle_id.split("-")[:2]
            _raise_to(tx, f"bundle {day}", int(number))
            if opens_case and entry.case_id:
                _open_case(tx, entry.case_id, entry)
            for allocated in entry.allocated.values():
                series, _, sequence = str(allocated).rpartition("-")
                _raise_to(tx, series, int(sequence))
            _chain(tx, _audit_row("restored", entry))

    # --- reading -----------------------------------------------------------------------------------------------

    def current(self, entry: Entry) -> Entry:
        """Return an entry as it stands now, with what was allocated to it since."""
        return self._entries(_intake.c.ulid == entry.ulid)[0]

    def unfinished(self) -> tuple[Entry, ...]:
        """Return the entries that are not done, in the order they came."""
        return self._entries(_intake.c.state != DONE)

    def with_outcome(self, outcome: Outcome) -> tuple[Entry, ...]:
        """Return the finished entries of one fate."""
        return self._entries(_intake.c.state == DONE, _intake.c.outcome == outcome)

    def every_entry(self) -> tuple[Entry, ...]:
        """Return all entries."""
        return self._entries()

    def find(self, ident: str) -> Entry | None:
        """Return the entry of a bundle id."""
        return next(iter(self._entries(_intake.c.bundle_id == ident)), None)

    def of_case(self, case_id: str) -> tuple[Entry, ...]:
        """Return the entries of a case."""
        return self._entries(_intake.c.case_id == case_id)

    def claimed_as(self, ulid: str) -> Entry | None:
        """Return the entry a claim was journalled as."""
        return next(iter(self._entries(_intake.c.ulid == ulid)), None)

    def inputs(self) -> set[str]:
        """Return the sha256 of every original taken in."""
        with self._reading() as tx:
            return set(tx.execute(sa.select(_intake.c.sha256).distinct()).scalars())

    def counts(self) -> Mapping[str, int]:
        """Return how many entries have each fate."""
        query = (
            sa.select(_intake.c.outcome, sa.func.count())
            .where(_intake.c.state == DONE)
            .group_by(_intake.c.outcome)
        )
        with self._reading() as tx:
            return {str(outcome): int(count) for outcome, count in tx.execute(query)}

    def audit_faults(self) -> tuple[str, ...]:
        """Return where the audit chain is broken: edited, deleted or reordered rows."""
        faults = []
        before = _GENESIS
        with self._reading() as tx:
            rows = tx.execute(sa.select(_audit).order_by(_audit.c.number)).all()
        for expected, row in enumerate(rows, start=1):
            if row.number != expected:
                faults.append(f"監査記録の{expected}番がありません。")
                break
            if row.chained != digest(f"{before}\n{row.row}".encode()):
                faults.append(f"監査記録の{row.number}番が書き換えられています。")
                break
            before = row.chained
        return tuple(faults)

    def audited(self) -> Mapping[str, str]:
        """Return bundle id → receipt digest as the audit chain knows it (the last word wins)."""
        with self._reading() as tx:
            rows = [
                json.loads(row) for (row,) in tx.execute(sa.select(_audit.c.row).order_by(_audit.c.number))
            ]
        return {
            row["bundle_id"]: row["receipt_sha256"]
            for row in rows
            if row["event"] in ("published", "restored")
        }

    def _entries(self, *conditions: Any) -> tuple[Entry, ...]:
        query = sa.select(_intake).where(*conditions).order_by(_intake.c.received_at, _CAME)
        with self._reading() as tx:
            return tuple(_entry(row) for row in tx.execute(query))

    def _update(self, entry: Entry, **changes: Any) -> Entry:
        with self._transaction() as tx:
            return _change(tx, entry, changes)

    @contextmanager
    def _transaction(self, only_reads: bool = False) -> Iterator[sa.Connection]:
        """One BEGIN IMMEDIATE … COMMIT, or the one that is open. Raises PlaceFailed for what may pass, else UnsafeToRun."""
        if self._file is not None and self._file != _identity(self._path):
            raise UnsafeToRun(JOURNAL_BROKEN)  # deleted or replaced under us: commits would go nowhere (F103)
        engine = self._reader if only_reads else self._engine
        try:
            with unbroken(), nullcontext(self._open) if self._open is not None else engine.begin() as tx:
                yield tx
        except sa.exc.DatabaseError as error:
            may_pass = str(getattr(error.orig, "sqlite_errorname", "")).startswith(_MAY_PASS)
            raise PlaceFailed(PLACE_FAILED) if may_pass else UnsafeToRun(JOURNAL_BROKEN) from error

    def _reading(self) -> AbstractContextManager[sa.Connection]:
        """A look that waits for no writer: `todoke status` answers while a group is worked on."""
        return self._transaction(only_reads=True)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _change(tx: sa.Connection, entry: Entry, changes: Mapping[str, Any]) -> Entry:
    row = tx.execute(_CHANGE, {"mine": entry.ulid, **changes}).one_or_none()
    if row is None:
        raise UnsafeToRun(JOURNAL_BROKEN)
    return _entry(row)


def _entry(row: Any) -> Entry:
    return Entry(
        ulid=row.ulid,
        bundle_id=row.bundle_id,
        sha256=row.sha256,
        name=os.fsdecode(row.name),
        received_at=datetime.fromisoformat(row.received_at),
        attempt=row.attempt,
        state=row.state,
        outcome=row.outcome,
        form=row.form,
        case_id=row.case_id,
        allocated=json.loads(row.allocated),
        receipt_sha256=row.receipt_sha256,
        trigger=row.office_digest,
        again=row.again,
    )


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "ulid": entry.ulid,
        "bundle_id": entry.bundle_id,
        "sha256": entry.sha256,
        "name": os.fsencode(entry.name),
        "received_at": entry.received_at.isoformat(),
        "attempt": entry.attempt,
        "outcome": entry.outcome,
        "form": entry.form,
        "case_id": entry.case_id,
        "allocated": json.dumps(dict(entry.allocated)),
        "receipt_sha256": entry.receipt_sha256,
        "office_digest": entry.trigger,
        "again": entry.again,
    }


def _place_of(tx: sa.Connection, corrected: Entry) -> dict[str, Any]:
    place = tx.execute(sa.select(_CAME_IN).where(_intake.c.ulid == corrected.ulid)).scalar_one()
    return {"corrects": corrected.ulid, "place": place}


def _open_case(tx: sa.Connection, case_id: str, entry: Entry) -> None:
    tx.execute(insert(_case).values(case_id=case_id, opened_by=entry.bundle_id).on_conflict_do_nothing())


def _remember(tx: sa.Connection, entry: Entry, on: date, values: Mapping[str, Any]) -> None:
    row = {
        "ulid": entry.ulid,
        "form": entry.form,
        "case_id": entry.case_id,
        "on_day": on.isoformat(),
        "content": json.dumps(dict(values), ensure_ascii=False),
    }
    tx.execute(insert(_event).values(row).on_conflict_do_update(index_elements=["ulid"], set_=row))


def _read_event(row: Any) -> Event:
    return Event(
        bundle_id=row.bundle_id,
        form=row.form,
        case_id=row.case_id,
        on=date.fromisoformat(row.on_day),
        received_on=datetime.fromisoformat(row.received_at).date(),
        values=json.loads(row.content),
        allocated=json.loads(row.allocated),
    )


def _next(tx: sa.Connection, series: str) -> int:
    return int(tx.execute(_TAKE_NEXT, {"series": series}).scalar_one())


def _number(tx: sa.Connection, series: str) -> str:
    return f"{series}-{_next(tx, series):03d}"


def _next_case(tx: sa.Connection, series: str) -> str:
    """The next number no case has: a form may have opened one with a number of its own."""
    while tx.execute(_CASE, {"case_id": (number := _number(tx, series))}).one_or_none():
        pass
    return number


def _raise_to(tx: sa.Connection, series: str, number: int) -> None:
    raised = insert(_counter).values(series=series, last=number)
    at_least = sa.func.max(_counter.c.last, number)
    tx.execute(raised.on_conflict_do_update(index_elements=["series"], set_={"last": at_least}))


def _audit_row(event: str, entry: Entry) -> dict[str, Any]:
    return {
        "event": event,
        "bundle_id": entry.bundle_id,
        "input_sha256": entry.sha256,
        "outcome": entry.outcome,
        "receipt_sha256": entry.receipt_sha256,
    }


def _chain(tx: sa.Connection, row: Mapping[str, Any]) -> None:
    last = tx.execute(_LAST_AUDITED).one_or_none()
    text = to_bytes(row).decode()
    number, before = (last.number, last.chained) if last else (0, _GENESIS)
    chained = digest(f"{before}\n{text}".encode())
    tx.execute(_audit.insert(), {"number": number + 1, "row": text, "chained": chained})
