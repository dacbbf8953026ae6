"""Waking: watchdog only says that a look may be worthwhile. A lost event costs one `scan_s`, never a file."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer


class _Bell(FileSystemEventHandler):
    def __init__(self, rung: threading.Event) -> None:
        self._rung = rung

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._rung.set()


@contextmanager
def bell(folder: Path) -> Iterator[threading.Event]:
    """Yield an event that is set when something happens in `folder`.

    Where the system cannot watch (a share, no inotify left) the event is simply never set: full scans go on.
    """
    rung = threading.Event()
    observer: Any = Observer()
    with contextlib.suppress(OSError):
        observer.schedule(_Bell(rung), str(folder), recursive=False)
        observer.start()
    try:
        yield rung
    finally:
        if observer.is_alive():
            observer.stop()
            observer.join(timeout=5)


def wait_for(rung: threading.Event, seconds: float) -> None:
    """Wait until the bell rings or the time is up, and reset it."""
    rung.wait(seconds)
    rung.clear()
