"""Being told to stop (Ctrl-C, SIGTERM): heard at once, but inside `unbroken` only at its end, or where it heeds.

Python interrupts between any two instructions. In the middle of a commit that left the journal's transaction open, and
our own next step waited for its lock until the stop was forgotten (one in twelve, told while a group was published).
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class _Ear:
    """How many `unbroken` parts are open, and whether somebody has told us to stop meanwhile. For the main thread."""

    open_parts = 0
    is_told = False


def listen() -> None:
    """Raise KeyboardInterrupt for SIGTERM and SIGINT alike; one that was started without Ctrl-C (nohup) stays so."""
    signal.signal(signal.SIGTERM, _hear)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _hear)


@contextmanager
def unbroken() -> Iterator[None]:
    """Put off a stop until the part inside is done. Raises KeyboardInterrupt at its end."""
    _Ear.open_parts += 1
    try:
        yield
    finally:
        _Ear.open_parts -= 1
        if not _Ear.open_parts:
            heed()


def heed() -> None:
    """Stop here if a stop was put off: where a long unbroken part may end. Raises KeyboardInterrupt."""
    if _Ear.is_told:
        _Ear.is_told = False
        raise KeyboardInterrupt


def _hear(*_: object) -> None:
    if not _Ear.open_parts:
        raise KeyboardInterrupt
    _Ear.is_told = True
