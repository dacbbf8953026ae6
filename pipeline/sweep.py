"""One pass over the inbox: look, let files settle, process what is ready, leave the rest where it lies."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from pipeline import wording
from pipeline.catalogue import catalogue_digest
from pipeline.desk import Desk, open_desk
from pipeline.errors import PlaceFailed
from pipeline.forms.reader import MAX_BYTES, Unreadable, read_form
from pipeline.inbox import Found, Look, Refused, Settling, look_into
from pipeline.ledger import refresh
from pipeline.model import Entry
from pipeline.process import process
from pipeline.recover import place_may_fail, recover, retry_held, take_claims
from pipeline.watch import bell, wait_for
from pipeline.workspace import Workspace, has_room

LONGEST_PAUSE_S = 60.0
# Ten together cost the syncs and commits of one alone (decision 7); more gain little, and a crash costs more.
# With PDFs a set takes a third of a second by itself: there the first does not wait for the others.
GROUP_FILES, GROUP_BYTES = 16, 16_000_000


@dataclass(slots=True)
class Tally:
    """What a pass could not take: files still waiting, and objects that cannot be taken at all."""

    waiting: int = 0
    refused: tuple[Refused, ...] = ()
    unclaimable: list[Refused] = field(default_factory=list)


def run_once(desk: Desk, tally: Tally, sleep: Callable[[float], None] = time.sleep) -> Iterator[Entry]:
    """Bring the whole inbox to its end: what a stopped run left, held ones worth a retry, then every settled file.

    Looks twice, `settle_s` apart; yields each entry as it gets its fate and fills `tally` at the end.
    """
    yield from recover(desk)
    yield from retry_held(desk)
    settling = Settling(float(desk.workspace.settings["intake"]["settle_s"]))
    with place_may_fail():
        settling.settled(_look(desk), time.monotonic())
    sleep(settling.settle_s)
    yield from sweep(desk, settling, tally)


def sweep(desk: Desk, settling: Settling, tally: Tally) -> Iterator[Entry]:
    """Look once and process every settled, complete file, oldest first; before them, what a writer held up."""
    with place_may_fail():
        yield from take_claims(desk)
        look = _look(desk)
        ready = settling.settled(look, time.monotonic())
        tally.refused, tally.unclaimable = look.refused, []
        tally.waiting = len(look.files) + len(look.locked)
        yield from _take(desk, ready, tally)


def _look(desk: Desk) -> Look:
    if not desk.workspace.sentinel.is_file():
        raise PlaceFailed(wording.NO_SENTINEL)
    now = desk.now()
    look = look_into(desk.workspace.inbox, now.timestamp())
    desk.workspace.heartbeat.write_text(now.isoformat(timespec="seconds"), "utf-8")
    return look


def _take(desk: Desk, ready: Iterable[Found], tally: Tally) -> Iterator[Entry]:
    whole = (found for found in ready if not _is_incomplete(desk, found))
    for group in groups(whole, 1 if desk.workshop.press else GROUP_FILES):
        if not has_room(desk.workspace):
            raise PlaceFailed(wording.NO_SPACE)
        for entry in process(desk, group, tally.unclaimable):
            tally.waiting -= 1
            yield entry


def groups(files: Iterable[Found], most: int) -> Iterator[list[Found]]:
    """Cut files into groups to be taken together, their order kept, bounded in number and in bytes."""
    group: list[Found] = []
    for found in files:
        if group and (len(group) == most or sum(one.size for one in group) + found.size > GROUP_BYTES):
            yield group
            group = []
        group.append(found)
    if group:
        yield group


def _is_incomplete(desk: Desk, found: Found) -> bool:
    """Whether the shape of a file says that more of it may still come, and it is young enough to wait for."""
    if found.size > MAX_BYTES or found.age_s >= float(
        desk.workspace.settings["intake"]["incomplete_after_s"]
    ):
        return False
    try:
        read = read_form(found.name, found.path.read_bytes(), desk.shapes)
    except OSError:
        return True
    return isinstance(read, Unreadable) and read.incomplete


def watch_for_ever(workspace: Workspace, pdf: bool = True) -> Iterator[Entry]:
    """Process the inbox for ever, yielding each entry. A changed template or setting reopens the desk.

    A place that fails (share gone, disk full) is waited for, with growing pauses: files wait safely where they lie.
    Anything else that makes going on unsafe stops the watch.
    """
    pause = 1.0
    while True:
        try:
            with place_may_fail(), open_desk(workspace, pdf=pdf) as desk, bell(workspace.inbox) as rung:
                yield from recover(desk)
                yield from retry_held(desk)
                pause = 1.0
                yield from _watch(desk, rung)
        except PlaceFailed:
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)


def _watch(desk: Desk, rung: threading.Event) -> Iterator[Entry]:
    intake = desk.workspace.settings["intake"]
    settling = Settling(float(intake["settle_s"]))
    tally = Tally()
    shown: date | None = None
    while catalogue_digest(desk.workspace.root) == desk.catalogue.digest:
        for entry in sweep(desk, settling, tally):
            shown = None
            yield entry
        if shown != (today := desk.now().date()):  # something changed, or a new day has its own deadlines
            refresh(desk)
            shown = today
        wait_for(rung, float(intake["settle_s"]) if tally.waiting else float(intake["scan_s"]))
