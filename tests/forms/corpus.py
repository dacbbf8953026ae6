"""Word files the code has never seen: each is read or returned with a reason, and can be marked; none crashes or hangs.

    python -m tests.forms.corpus FOLDER     every .docx .docm .dotx .dotm below it, then the figures

Three things are done to a file, in a process of its own with a time limit: it is read as it is; it is read once more
as if it were one of our forms (our properties put in), so that matching and conservation see it too; and it is given
back with comments.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

from pipeline.forms.reader import Unreadable, read_form
from pipeline.forms.returning import mark_word_form
from pipeline.forms.word_form import make_word_form
from pipeline.model import Problem
from pipeline.ooxml import PackageError, pack, read_archive, read_members
from tests.forms.word_filling import shapes

SUFFIXES = (".docx", ".docm", ".dotx", ".dotm")
SECONDS = 30
FORM = "dispatch_application"
WHEN = datetime(2024, 2, 1, 9, 30)


@dataclass(frozen=True)
class Answer:
    """What became of one file: the codes it is answered with, whether it could be marked, and how long each took."""

    read: str
    as_form: str
    marked: str
    seconds: float
    megabytes: float

    @property
    def is_bad(self) -> bool:
        """Whether something happened that may never happen."""
        return any(word.startswith(("CRASH", "HANG")) for word in (self.read, self.as_form, self.marked))


def answer(data: bytes) -> Answer:
    """Do all three things to a file; a crash is an answer too."""
    began = time.perf_counter()
    outcomes = [_tried(work, data) for work in (_read, _read_as_form, _mark)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Answer(*outcomes, time.perf_counter() - began, peak)


def _tried(work: object, data: bytes) -> str:
    try:
        return str(work(data))  # type: ignore[operator]
    except Exception as error:  # noqa: BLE001  # whatever it is, it is what we are looking for
        at = error.__traceback__
        while at and at.tb_next:
            at = at.tb_next
        where = f"{Path(at.tb_frame.f_code.co_filename).name}:{at.tb_lineno}" if at else ""
        return f"CRASH {type(error).__name__} {where}"


def _read(data: bytes) -> str:
    read = read_form("様式.docx", data, shapes())
    problems = read.problems
    return "READ" if not isinstance(read, Unreadable) else problems[0].code


def _read_as_form(data: bytes) -> str:
    """Read a strange document as if somebody had written it over one of our forms."""
    try:
        members = read_members(data)
    except PackageError as error:
        return error.code
    read = read_form("様式.docx", pack({**members, "docProps/custom.xml": _identity()}), shapes())
    if isinstance(read, Unreadable):
        return read.problems[0].code
    return "READ" if not read.problems else "RETURNED"


@cache
def _identity() -> bytes:
    return read_members(make_word_form(shapes()[FORM]))["docProps/custom.xml"]


def _mark(data: bytes) -> str:
    problems = [
        Problem("X", "/applicant/name", "氏名", "書き直してください。"),
        Problem("Y", "", "様式", "直してください。"),
    ]
    marked = mark_word_form(data, shapes()[FORM], problems, WHEN)
    if marked is None:
        return "NOT_MARKED"
    read_archive(marked)  # a member that was damaged stays so; the archive is sound
    return "MARKED"


# --- A process for each file --------------------------------------------------------------------------------------


def answer_apart(data: bytes, seconds: float = SECONDS) -> Answer:
    """Do it in a process of its own, which is ended when its time is over."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_send, args=(theirs, data))
    began = time.perf_counter()
    child.start()
    theirs.close()
    try:
        return ours.recv() if ours.poll(seconds) else _lost("HANG", began)
    except EOFError:
        return _lost("CRASH of the process", began)
    finally:
        child.kill()
        child.join()


def _send(pipe: Connection, data: bytes) -> None:
    pipe.send(answer(data))


def _lost(word: str, began: float) -> Answer:
    return Answer(word, word, word, time.perf_counter() - began, 0)


def word_files(folder: Path) -> list[Path]:
    """Return every Word file below a folder."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())


def answers(files: Iterable[Path]) -> Iterator[tuple[Path, Answer]]:
    """Yield the answer to each file."""
    make_word_form(shapes()[FORM])  # loaded once, before the children are made
    for path in files:
        yield path, answer_apart(path.read_bytes())


def main(folder: str) -> int:
    """Print what became of the files and every one that fared badly."""
    found = list(answers(word_files(Path(folder))))
    for kind in ("read", "as_form", "marked"):
        counted = Counter(getattr(one, kind) for _, one in found)
        print(kind, dict(counted.most_common()))
    for path, one in found:
        if one.is_bad:
            print("BAD", path, one)
    for path, one in sorted(found, key=lambda item: -item[1].seconds)[:5]:
        print(f"slow {one.seconds:.2f} s", path.name, one.read, one.as_form, one.marked)
    print(len(found), "files, most memory", max((one.megabytes for _, one in found), default=0), "MB")
    return 1 if any(one.is_bad for _, one in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
