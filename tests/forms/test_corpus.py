"""No Word file crashes the reader or the comment writer, holds them up, or lets them touch a disk or the network.

`TODOKE_CORPUS=FOLDER` runs the same over a folder of real files; without it hostile files are made for the purpose.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from pipeline.ooxml import PackageError, pack, read_members
from tests.conftest import ROOT
from tests.forms import corpus
from tests.forms.archives import broken_archives, odd_archives
from tests.forms.contents import broken_contents, odd_contents
from tests.forms.corpus import FORM, Answer, answer, answers, word_files
from tests.forms.damage import FILLED, broken_files, damages, repackings
from tests.forms.word_filling import MAIN, Draft, blank, fill

MUTATIONS = 6


@cache
def hostile() -> tuple[tuple[str, bytes], ...]:
    """Every sample of the bad-input corpus, and forms with bytes changed at random."""
    return (*_samples(), *_mutations())


def _samples() -> Iterator[tuple[str, bytes]]:
    form = fill(blank(FORM), FILLED)
    for broken in (*broken_files(), *broken_archives(), *broken_contents()):
        yield broken.name, broken.spoil(form)
    for name, repack in (*repackings(), *odd_archives()):
        yield name, repack(form)
    for damage in (*damages(), *odd_contents())[
        ::5
    ]:  # all of them are read in other tests; marking takes long
        draft = Draft(form)
        damage.spoil(draft)
        yield damage.name, draft.save()


def _mutations() -> Iterator[tuple[str, bytes]]:
    dice = random.Random(7)
    form = fill(blank(FORM), FILLED)
    for number in range(MUTATIONS):
        data = bytearray(form)
        for _ in range(dice.choice((1, 3, 30))):
            data[dice.randrange(len(data))] = dice.randrange(256)
        yield f"archive {number}", bytes(data)
        members = dict(read_members(form))
        part = dice.choice([MAIN, MAIN, "[Content_Types].xml", "_rels/.rels", "docProps/custom.xml"])
        members[part] = _rearranged(members[part], dice)
        yield f"part {number}", pack(members)


def _rearranged(part: bytes, dice: random.Random) -> bytes:
    """Tags taken out, doubled or exchanged: often no longer XML, always something else."""
    pieces = part.split(b"<")
    for _ in range(dice.choice((1, 2, 5))):
        at, other = dice.randrange(1, len(pieces)), dice.randrange(1, len(pieces))
        match dice.randrange(3):
            case 0:
                del pieces[at]
            case 1:
                pieces.insert(at, pieces[other % len(pieces)])
            case _:
                pieces[at], pieces[other] = pieces[other], pieces[at]
    return b"<".join(pieces)


def test_a_folder_of_files_is_answered_each_in_a_process_of_its_own(tmp_path: Path) -> None:
    folder = Path(os.environ.get("TODOKE_CORPUS", tmp_path))
    if folder == tmp_path:
        for number, (_, data) in enumerate(hostile()[::9]):
            (folder / f"{number}.docx").write_bytes(data)
    files = word_files(folder)
    assert len(files) >= 20
    assert [(path.name, one) for path, one in answers(files) if one.is_bad] == []


def test_a_crash_and_a_hang_are_seen() -> None:
    """The runner itself: what must not happen would be reported."""

    def hang(_: bytes) -> str:
        while True:
            pass

    def crash(_: bytes) -> str:
        raise OSError(36, "File name too long")

    def die(_: bytes) -> str:
        os._exit(1)

    for work, word in ((hang, "HANG"), (crash, "CRASH OSError"), (die, "CRASH of the process")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(corpus, "_read", work)
            assert corpus.answer_apart(b"", seconds=1).read.startswith(word)


WATCHED = """
import dataclasses, json, sys
from tests.forms.test_corpus import hostile
from tests.forms.corpus import answer
files = hostile()
answer(files[-1][1])  # what is loaded once is loaded now
touched = []
def watch(event, arguments):
    if event == "open" or event.split(".")[0] in ("os", "socket", "subprocess", "shutil", "tempfile", "glob"):
        touched.append(f"{event} {arguments}")
sys.addaudithook(watch)
found = {name: dataclasses.asdict(answer(data)) for name, data in files}
print(json.dumps({"touched": touched, "found": found}))
"""


def test_hostile_files_are_answered_and_nothing_is_touched() -> None:
    """No content can make an OSError: no file is opened or looked at (one that failed would stop the intake)."""
    done = subprocess.run(
        [sys.executable, "-c", WATCHED], cwd=ROOT, capture_output=True, text=True, timeout=600, check=True
    )
    said = json.loads(done.stdout)
    found = {name: Answer(**one) for name, one in said["found"].items()}
    assert said["touched"] == []
    assert len(found) == len(hostile()) > 140
    assert {name: one for name, one in found.items() if one.is_bad or one.seconds > 10} == {}
    assert {one.marked for one in found.values()} == {"MARKED", "NOT_MARKED"}


def test_members_of_any_name_make_no_path() -> None:
    """A name too long for a disk, in the archive or as the file's own, is only a name."""
    long = "あ" * 400
    data = pack({**read_members(fill(blank(FORM), FILLED)), f"word/{long}.xml": b"<x/>"})
    assert not answer(data).is_bad
    with pytest.raises(PackageError):
        read_members(pack({f"../{long}": b""}))
