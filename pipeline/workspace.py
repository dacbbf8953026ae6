"""A workspace: its folders and the settings of `todoke.toml`, checked before anything runs."""

from __future__ import annotations

import fcntl
import grp
import os
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import wording
from pipeline.errors import PlaceFailed, UnsafeToRun, UsageError
from pipeline.inbox import SENTINEL

SETTINGS_FILE = "todoke.toml"
OFFICE_FOLDERS = ("schemas", "doc_templates", "office")
CODE = Path(__file__).resolve().parent

DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "folders": {"inbox": "inbox", "outbox": "outbox"},
    "intake": {"settle_s": 2.0, "scan_s": 5.0, "incomplete_after_s": 600.0, "min_free_mb": 1024},
    "outbox": {"dir_mode": "0750", "file_mode": "0640", "group": ""},
    "pdf": {"mode": "auto", "timeout_s": 60.0, "recycle_after": 200},
    "packet": {"encrypt": "aes256", "key_file": "", "loose": "docx"},
}

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "pdf.mode": ("auto", "off"),
    "packet.encrypt": ("aes256", "off"),
    "packet.loose": ("docx", "all", "none"),
}


@dataclass(frozen=True)
class Workspace:
    """The folders of one office and its settings (`todoke.toml` over the defaults)."""

    root: Path
    settings: Mapping[str, Mapping[str, Any]]

    @property
    def inbox(self) -> Path:
        """Where submissions are dropped."""
        return self.root / str(self.settings["folders"]["inbox"])

    @property
    def sentinel(self) -> Path:
        """The mark that the inbox is really there, not an empty mount point (reliability F80)."""
        return self.inbox / SENTINEL

    @property
    def outbox(self) -> Path:
        """Where finished sets appear."""
        return self.root / str(self.settings["folders"]["outbox"])

    @property
    def state(self) -> Path:
        """Journal, spool, stage and lock: the machine's own, 0700."""
        return self.root / ".todoke"

    @property
    def spool(self) -> Path:
        """Accepted originals by sha256."""
        return self.state / "spool"

    @property
    def stage(self) -> Path:
        """Bundles being made."""
        return self.state / "stage"

    @property
    def heartbeat(self) -> Path:
        """When the inbox was last seen whole: liveness is the age of this, not of a process (reliability §0.12)."""
        return self.state / "last_scan"

    @property
    def journal(self) -> Path:
        """The journal database."""
        return self.state / "journal.db"

    @property
    def keys(self) -> Path:
        """The keys packets are sealed with."""
        given = str(self.settings["packet"]["key_file"])
        return self.root / given if given else self.state / "packet_keys.toml"

    @property
    def gid(self) -> int:
        """The group that may read the outbox, or -1 to leave it."""
        name = str(self.settings["outbox"]["group"])
        return grp.getgrnam(name).gr_gid if name else -1


def find_workspace(given: Path | None) -> Workspace:
    """Return the workspace at `given`, at TODOKE_WORKSPACE, or here. Raises UsageError on unknown settings."""
    root = (given or Path(os.environ.get("TODOKE_WORKSPACE", "."))).resolve()
    path = root / SETTINGS_FILE
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(
            f"{root} は作業場所ではありません（{SETTINGS_FILE} がありません）。todoke init で作ってください。"
        ) from None
    except ValueError as error:
        raise UsageError(f"{SETTINGS_FILE} を読めません：{error}") from None
    return Workspace(root, _merge(table))


def _merge(table: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    unknown = [f"[{group}]" for group in table if group not in DEFAULTS]
    unknown += [
        f"{group}.{key}" for group in DEFAULTS for key in table.get(group, {}) if key not in DEFAULTS[group]
    ]
    if unknown:
        raise UsageError(f"{SETTINGS_FILE} に意味のない設定があります：{'、'.join(unknown)}")
    merged = {group: {**defaults, **table.get(group, {})} for group, defaults in DEFAULTS.items()}
    wrong = [
        f"{group}.{key}"
        for group in DEFAULTS
        for key, value in merged[group].items()
        if not _fits(group, key, value)
    ]
    if wrong:
        raise UsageError(
            f"{SETTINGS_FILE} の値が使えません：{'、'.join(wrong)}。README の「設定」を見て直してください。"
        )
    return merged


def _fits(group: str, key: str, value: Any) -> bool:
    if key in ("dir_mode", "file_mode"):
        return isinstance(value, str) and bool(re.fullmatch(r"0?[0-7]{3}", value))
    if (choices := _CHOICES.get(f"{group}.{key}")) is not None:
        return value in choices
    if key == "group" and value:
        return value in {entry.gr_name for entry in grp.getgrall()}
    if isinstance(DEFAULTS[group][key], str):
        return isinstance(value, str)
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def make_workspace(root: Path, source: Path) -> None:
    """Make a workspace at `root` with the forms, papers and office data of `source`. Never overwrites.

    Raises UsageError if something of that name is there already.
    """
    if (root / SETTINGS_FILE).exists():
        raise UsageError(f"{root} にはもう作業場所があります。")
    for folder in OFFICE_FOLDERS:
        if not (root / folder).exists():
            shutil.copytree(source / folder, root / folder)
    shutil.copyfile(source / SETTINGS_FILE, root / SETTINGS_FILE)
    workspace = find_workspace(root)
    prepare(workspace)
    workspace.sentinel.write_text("todoke inbox\n", "utf-8")


def prepare(workspace: Workspace) -> None:
    """Make the folders that are the machine's own, and the outbox."""
    for folder in (workspace.state, workspace.spool, workspace.stage):
        folder.mkdir(mode=0o700, exist_ok=True)
    for folder in (workspace.inbox, workspace.outbox):
        folder.mkdir(parents=True, exist_ok=True)


def ensure_safe(workspace: Workspace) -> None:
    """Raise UnsafeToRun where running could lose or leak something (product §2b Folders)."""
    places = [workspace.inbox, workspace.outbox, workspace.state]
    fixed = [CODE, *(workspace.root / folder for folder in OFFICE_FOLDERS)]
    if any(_nest(a, b) for index, a in enumerate(places) for b in [*places[index + 1 :], *fixed]):
        raise UnsafeToRun(wording.NESTED)
    if not workspace.sentinel.is_file():
        raise PlaceFailed(wording.NO_SENTINEL)
    prepare(workspace)
    if workspace.state.stat().st_mode & 0o077:
        raise UnsafeToRun(wording.TOO_OPEN)
    if workspace.stage.stat().st_dev != workspace.outbox.stat().st_dev:
        raise UnsafeToRun(wording.TWO_DISKS)


def _nest(a: Path, b: Path) -> bool:
    a, b = a.resolve(), b.resolve()
    return a == b or a.is_relative_to(b) or b.is_relative_to(a)


def has_room(workspace: Workspace) -> bool:
    """Whether there is space enough to take in more (reliability §2.1 line 40)."""
    free = min(shutil.disk_usage(place).free for place in (workspace.state, workspace.outbox))
    return free >= int(workspace.settings["intake"]["min_free_mb"]) * 1_000_000


@contextmanager
def only_one(workspace: Workspace) -> Iterator[None]:
    """Hold the workspace's lock. Raises UnsafeToRun if another todoke works here."""
    fd = os.open(workspace.state / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        raise UnsafeToRun(wording.ANOTHER_RUNS) from None
    try:
        yield
    finally:
        os.close(fd)
