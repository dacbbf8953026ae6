"""Filled Word forms read a second in one warm process: todoke, python-docx, and the floor.

The form: a 派遣申請書 of 255 boxes filled in, 29 kB, 260 kB of XML, as it comes out of the blank form; once as usual, once
with a tracked change, which needs the walk. python-docx reads what it can: the text of every cell, without any box.
The floor is what every reader must do: unzip the body and parse it. Nothing here waits, so CPU time is measured; all run
in turns within one process, so that the ratios hold whatever else the machine does. Run: python -m benchmarks.reading
"""

from __future__ import annotations

import io
import statistics
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
from lxml import etree

from pipeline.blank_forms import shape_of
from pipeline.catalogue import load_catalogue
from pipeline.forms.word_form import make_word_form
from pipeline.forms.word_reader import read_word_form
from pipeline.ooxml import pack, read_members

ROUNDS = 41  # short turns: whatever slows the machine down meets all alike
SECONDS = 0.06  # of one contestant in one round
FORM, MAIN = "dispatch_application", "word/document.xml"
FLOOR = "floor: unzip and parse the body"

VALUES: dict[str, Any] = {
    "applied_on": "2024-02-20",
    "centre": "平地区保健福祉センター",
    "applicant": {"name": "見本　太郎", "kana": "みほん　たろう", "birth": "1980-04-02", "relation": "父"},
    "children": [{"name": "見本　次郎", "school": {"grade": "小学５年"}}],
    "household": [{"name": f"見本　{number}", "relation": "子"} for number in "一二三四五六七八"],
    "reason": "朝の支度が\n間に合わない。",
    "wanted_house": ["調理", "洗濯"],
}


def form() -> bytes:
    """Return the filled form."""
    shape = shape_of(load_catalogue(Path(__file__).parents[1]).forms[FORM])
    return make_word_form(shape, _known(VALUES, shape.root))


def _known(values: dict[str, Any], root: Any) -> dict[str, Any]:
    """The values whose choices the form offers: the benchmark outlives a changed list."""
    offered = root.by_key["wanted_house"].members[0].schema["enum"]
    return {**values, "wanted_house": offered[:2]}


def with_tracked_change(data: bytes) -> bytes:
    """Return the form as a reviewer leaves it: one answer inserted with track changes on."""
    members = read_members(data)
    answer = "見本　太郎</w:t></w:r>".encode()
    start = members[MAIN].rindex(b"<w:r>", 0, members[MAIN].index(answer))
    end = members[MAIN].index(answer) + len(answer)
    tracked = b'<w:ins w:id="9" w:author="x">' + members[MAIN][start:end] + b"</w:ins>"
    return pack({**members, MAIN: members[MAIN][:start] + tracked + members[MAIN][end:]})


def by_python_docx(data: bytes) -> list[str]:
    """Return the text of every cell; python-docx passes over the controls in them."""
    document = docx.Document(io.BytesIO(data))
    return [
        paragraph.text
        for table in document.tables
        for row in table._tbl.tr_lst
        for cell in row.tc_lst
        for paragraph in cell.p_lst
    ]


def contestants() -> dict[str, Callable[[], object]]:
    """Return what is measured, by name."""
    data = form()
    tracked = with_tracked_change(data)
    shape = shape_of(load_catalogue(Path(__file__).parents[1]).forms[FORM])
    shapes = {FORM: shape}

    def floor() -> object:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return etree.fromstring(archive.read(MAIN))

    assert not read_word_form(data, shapes).problems
    assert {note.code for note in read_word_form(tracked, shapes).notes} == {"TRACKED"}
    return {
        FLOOR: floor,
        "todoke, a form as usual": lambda: read_word_form(data, shapes),
        "todoke, a form with tracked changes": lambda: read_word_form(tracked, shapes),
        "python-docx, cells without their boxes": lambda: by_python_docx(data),
    }


def measure(rounds: int = ROUNDS, seconds: float = SECONDS) -> dict[str, float]:
    """Return forms a second by contestant: the median of several rounds, taken in turns."""
    running = contestants()
    rates: dict[str, list[float]] = {name: [] for name in running}
    for _ in range(rounds):
        for name, read in running.items():
            rates[name].append(_rate(read, seconds))
    return {name: statistics.median(found) for name, found in rates.items()}


def _rate(read: Callable[[], object], seconds: float) -> float:
    read()
    count, begin = 0, time.process_time()
    while (spent := time.process_time() - begin) < seconds:
        read()
        count += 1
    return count / spent


def main() -> int:
    """Print the table."""
    rates = measure()
    sys.stdout.write("| reader | forms/s | of the floor |\n|---|---|---|\n")
    for name, rate in rates.items():
        sys.stdout.write(f"| {name} | {rate:,.0f} | {rate / rates[FLOOR]:.2f} |\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
