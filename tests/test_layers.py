"""The house's directions: imports go downwards only, doors do not know each other, one room per third-party package."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "pipeline"

# Lowest first. A room may import rooms of lower layers, and rooms of its own group where the group is one room.
LAYERS: tuple[tuple[str, frozenset[str]], ...] = (
    ("words", frozenset({"", "model", "errors", "wording", "spec"})),
    ("rules", frozenset({"rules"})),
    ("pure", frozenset({"addressees", "completeness", "disclosure", "envelope", "fields", "furigana", "versions", "textcheck", "validate", "office", "predicates", "receipt", "masks", "accepted", "parties", "paths", "paper_plan", "plan", "prefill", "spec_check", "normalise"})),
    ("lower doors", frozenset({"ooxml", "durable", "stopping"})),
    ("doors", frozenset({"inbox", "spool", "journal", "shelf", "watch", "keys", "roster", "sheets", "calendars", "catalogue", "stories", "forms", "papers", "workspace"})),
    ("story", frozenset({"workshop", "desk", "examine", "process", "recover", "sweep", "rehearse", "check", "report",
                         "rebuild", "scaffold", "demo", "blank_forms", "ledger", "case_ledger", "regenerate", "mailing", "prefilled_forms", "send_back", "manual_editions"})),
    ("mouth", frozenset({"cli"})),
    ("command", frozenset({"__main__"})),
)  # fmt: skip
MAY_KNOW_EACH_OTHER = {
    "pure",
    "story",
    "words",
}  # pure rooms and the story's pages build on one another; see no cycle
NOTES_BETWEEN_DOORS = {("spool", "inbox"), ("workspace", "inbox")}  # names of folders inside the inbox only

ONE_ROOM = {
    "lxml": {"ooxml"},
    "sqlalchemy": {"journal"},
    "jsonschema": {"validate"},
    "jsonschema_rs": {"validate"},
    "referencing": {"validate"},
    "watchdog": {"watch"},
    "typer": {"cli"},
    "rich": {"cli"},
    "structlog": {"desk"},
    "docxtpl": {"papers"},
    "docx": {"papers"},
    "jinja2": {"papers"},
    "markupsafe": {"papers"},
    "pypdf": {"papers"},
    "PIL": {"papers"},
    "isal": {"ooxml"},
    "jpholiday": {"rules"},
    "openpyxl": {"roster"},
    "xlsxwriter": {"sheets"},
    "icalendar": {"calendars"},
    "ulid": {"desk", "rebuild"},
    "uno": {"papers"},
}


def _room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return "" if parts == ("__init__",) else parts[0]


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


def _rooms_imported(path: Path) -> set[str]:
    own = {name.split(".")[1] for name in _imports(path) if name.startswith("pipeline.")}
    return {name for name in own if (PACKAGE / name).exists() or (PACKAGE / f"{name}.py").exists()}


MODULES = sorted(PACKAGE.rglob("*.py"))
LAYER_OF = {room: index for index, (_, rooms) in enumerate(LAYERS) for room in rooms}


def test_every_module_has_a_layer() -> None:
    assert {_room(path) for path in MODULES} == set(LAYER_OF)


def test_imports_go_downwards() -> None:
    wrong = []
    for path in MODULES:
        room = _room(path)
        for other in _rooms_imported(path) - {room}:
            level = LAYERS[LAYER_OF[room]][0]
            same = LAYER_OF[other] == LAYER_OF[room] and level in MAY_KNOW_EACH_OTHER
            if LAYER_OF[other] >= LAYER_OF[room] and not same and (room, other) not in NOTES_BETWEEN_DOORS:
                wrong.append(f"{room} → {other}")
    assert wrong == []


def test_there_is_no_cycle() -> None:
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        graph.setdefault(_room(path), set()).update(_rooms_imported(path) - {_room(path)})
    done: set[str] = set()

    def visit(room: str, trail: tuple[str, ...]) -> None:
        assert room not in trail, " → ".join((*trail, room))
        if room not in done:
            for other in graph.get(room, ()):
                visit(other, (*trail, room))
            done.add(room)

    for room in graph:
        visit(room, ())


def test_each_third_party_package_has_one_room() -> None:
    users: dict[str, set[str]] = {}
    for path in MODULES:
        for name in _imports(path):
            users.setdefault(name.split(".")[0], set()).add(_room(path))
    assert {name: users.get(name, set()) - rooms for name, rooms in ONE_ROOM.items()} == {
        name: set() for name in ONE_ROOM
    }


def test_rules_are_pure() -> None:
    banned = {
        "os",
        "pathlib",
        "time",
        "random",
        "secrets",
        "io",
        "subprocess",
        "socket",
        "tempfile",
        "shutil",
    }
    for path in (PACKAGE / "rules").rglob("*.py"):
        assert not banned & {name.split(".")[0] for name in _imports(path)}, path.name
        assert "date.today" not in path.read_text("utf-8"), path.name
        assert "datetime.now" not in path.read_text("utf-8"), path.name
