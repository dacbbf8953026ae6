"""The keys that packets leave the house under: one per reader, known to the machine and, by another way, to that reader.

`.todoke/packet_keys.toml` (or `packet.key_file`), 0600: `"contractor-shakyo" = "…"`. Never in the outbox, a receipt or a log.
"""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from pipeline import wording
from pipeline.durable import write_new
from pipeline.errors import UnsafeToRun

SHORTEST = 20
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that look alike: a key is read out over the telephone
_GROUPS, _PER_GROUP = 6, 4  # 24 letters of 32: 120 bits


def load_keys(path: Path, shown: Sequence[Path]) -> Mapping[str, str]:
    """Return reader → key; none where there is no file. `shown` are the folders other people look into.

    Raises UnsafeToRun where others could read them, where they lie among the papers, or where one is too short.
    """
    if not path.exists():
        return {}
    exposed = any(path.resolve().is_relative_to(place.resolve()) for place in shown)
    if exposed or path.stat().st_mode & 0o077:
        raise UnsafeToRun(wording.KEYS_EXPOSED)
    try:
        keys = tomllib.loads(path.read_text("utf-8"))
    except ValueError:
        raise UnsafeToRun(wording.KEYS_UNREADABLE) from None
    if not all(isinstance(key, str) and len(key) >= SHORTEST for key in keys.values()):
        raise UnsafeToRun(wording.KEYS_TOO_SHORT)
    return keys


def make_keys(path: Path, readers: Collection[str]) -> None:
    """Write a new key for each reader. Raises FileExistsError: a key in use is never replaced without a person."""
    lines = [f'"{reader}" = "{_new_key()}"\n' for reader in sorted(readers)]
    head = "# 綴じ込みのPDFを開く鍵。相手には、PDFを渡すのとは別の方法（電話・手渡し）で伝えること。\n"
    write_new(path, (head + "".join(lines)).encode(), 0o600)


def _new_key() -> str:
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_PER_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)
