"""The bad-input corpus (reliability §4.2, §4.4, §4.5): every row has its sample and its outcome, in time."""

from __future__ import annotations

import json
import re
import time
from datetime import date
from functools import cache
from typing import Any

import pytest

from pipeline.catalogue import Catalogue
from pipeline.examine import examine
from pipeline.forms.reader import Unreadable, read_form
from pipeline.forms.refusals import REFUSALS
from pipeline.forms.word_form import make_word_form
from pipeline.model import Past, Problem
from tests.conftest import ROOT, example
from tests.forms.archives import broken_archives, odd_archives
from tests.forms.contents import broken_contents, odd_contents, pick
from tests.forms.damage import BIRTH, FORM, Broken, Damage, broken_files, damages, repackings
from tests.forms.test_word_reader import codes, expected, filled, plain, read
from tests.forms.word_filling import Draft, fill, shapes
from tests.intake import catalogue as shipped

BROKEN = (*broken_archives(), *broken_contents())
ODD = tuple(odd_contents())
REPACKED = tuple(odd_archives())
DECISION = ROOT / "docs" / "decisions" / "0006-word-forms.md"

# Rows whose sample lies in `damage.py`, by its name there.
EARLIER = {
    "Z21": "password", "Z22": "old Word", "Z23": "RTF", "Z30": "no types", "D01": "internal entity",
    "D02": "file entity", "D07": "UTF-16 parts", "D10": "a million nodes", "D12": "torn XML",
    "D13": "processing instruction", "D15": "macro type", "D17": "saved as a template", "D20": "embedded object",
    "D21": "active control", "D22": "foreign document", "D24": "DDE cut into runs", "D26": "hyperlink",
    "D29": "target outside", "D31": "tracked insertion", "D32": "tracked deletion", "D34": "untouched",
    "D35": "control round the cell", "D38": "another box's prompt", "D40": "words in a text box",
    "D41": "words below the form", "D43": "ruby", "D44": "two alternatives", "D45": "Strict",
    "D46": "label edited", "D47": "row deleted", "D49": "picture in a box", "D51": "signed",
    "D57": "unknown symbol", "D58": "field shows its result",
}  # fmt: skip
ELSEWHERE = {
    "D48": "tests/test_versions.py",
    "D53": "tests/test_workshop.py",  # papers are made from templates and values: nothing of the file sent is in them
    "D56": "tests/forms/test_other_writers.py",
}


def test_every_row_has_its_sample() -> None:
    names = [*(row.name for row in (*BROKEN, *ODD)), *(name for name, _ in REPACKED)]
    earlier = {row.name for row in (*damages(), *broken_files())} | {name for name, _ in repackings()}
    assert set(EARLIER.values()) <= earlier
    assert all((ROOT / file).exists() for file in ELSEWHERE.values())
    rows = {match[0] for name in names if (match := re.match(r"[ZD][0-9]{2}", name))}
    wanted = {f"Z{n:02}" for n in range(1, 35)} | {f"D{n:02}" for n in range(1, 59)}
    assert wanted == rows | EARLIER.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize("damage", BROKEN, ids=lambda row: row.name)
def test_it_is_refused_soon_with_what_to_do(damage: Broken) -> None:
    data = damage.spoil(filled())
    began = time.process_time()
    (problem,) = read(data).problems
    assert problem.code == damage.code
    assert time.process_time() - began < 2
    assert problem.message.endswith("ください。")


@pytest.mark.parametrize("damage", ODD, ids=lambda row: row.name)
def test_it_is_read_as_far_as_it_can_be(damage: Damage) -> None:
    draft = Draft(filled())
    damage.spoil(draft)
    reading = read(draft.save())
    assert codes(reading.problems) == set(damage.problems)
    assert codes(reading.notes) >= set(damage.notes)
    assert plain(reading) == {**expected(), **damage.reads}
    for tag, flag in damage.flags.items():
        assert flag in reading.boxes[tag].flags


@pytest.mark.parametrize(("name", "repack"), REPACKED, ids=[name for name, _ in REPACKED])
def test_an_odd_archive_reads_the_same(name: str, repack: Any) -> None:
    reading = read(repack(filled()))
    assert (codes(reading.problems), plain(reading)) == (set(), dict(expected()))


@pytest.mark.parametrize("name", ["Z03 zeros behind the end", "Z05 wrong checksum of the body"])
def test_what_may_be_a_copy_under_way_waits(name: str) -> None:
    damage = next(row for row in BROKEN if row.name == name)
    answer = read_form("様式.docx", damage.spoil(filled()), shapes())
    assert isinstance(answer, Unreadable) and answer.incomplete


def test_what_is_decided_otherwise_is_written_down() -> None:
    text = DECISION.read_text("utf-8")
    assert {"Z03", "Z08", "Z10", "Z11", "Z16", "Z23", "D09", "D14", "D28", "D30", "D31", "D39", "D55"} <= set(
        re.findall(r"[ZD][0-9]{2}", text)
    )
    assert {row.code for row in BROKEN} <= REFUSALS.keys() | {
        "ZIP_TRAILER", "ZIP_PREFIX", "ZIP_CRC", "ZIP_DUP", "ZIP_OVERLAP", "ZIP_SIZE", "ZIP_HEADER", "ZIP_PATH",
        "ZIP_COUNT", "ZIP_METHOD", "ZIP_ATTR", "ZIP", "ZIP_GAP",
    }  # fmt: skip


# --- A date that was picked -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "notes"),
    [("1980-04-02T00:00:00Z", set()), ("1980-04-03T00:00:00Z", {"DATE_MISMATCH"}), ("", set())],
)
def test_the_day_in_the_calendar_is_compared_with_the_one_that_is_seen(day: str, notes: set[str]) -> None:
    draft = Draft(filled())
    pick(BIRTH, day)(draft)
    answer = read_form("様式.docx", draft.save(), shapes())
    assert not isinstance(answer, Unreadable)
    assert answer.values["applicant"]["birth"] == "1980-04-02"
    mismatches = [note for note in answer.notes if note.code == "DATE_MISMATCH"]
    assert codes(mismatches) == notes
    assert all(note.pointer == "/applicant/birth" for note in mismatches)


def test_a_day_is_compared_by_the_walk_too() -> None:
    draft = Draft(filled())
    pick(BIRTH, "1980-04-03T00:00:00Z")(draft)
    next(row for row in damages() if row.name == "tracked insertion").spoil(draft)
    answer = read_form("様式.docx", draft.save(), shapes())
    assert "DATE_MISMATCH" in codes(answer.notes)  # type: ignore[union-attr]


# --- Values: a box of Word is judged as the member of a JSON form is ------------------------------------------------

TEXTS = {
    "U04 emoji": "👍🏽", "U08": "山\ufdd0田", "U09": "山\ufffd田", "U10": "山\ufeff田", "U11": "山\u200b田",
    "U12": "山\u202e田", "U13": "山\u00ad田", "U14": "👨\u200d👩\u200d👧", "U15": "葛\U000e0100城　辻\U000e0101",
    "U16": "神\ufa19塚\ufa10祥\ufa1a", "U17": "髙﨑①㈱～〜－−―‐", "U18": "山\ue000田", "U19": "𠮷野",
    "U21": "か\u3099", "U22": "か" + "\u0301" * 60, "U23": "ｶﾞ", "U27": "a & b x < y \"'",
    "U28": "</w:t></w:r></w:p><w:p>", "U29": "]]> <!-- &#0; &amp;", "U30": "{{ 7*7 }} {% raw %} {# x #}",
    "U31": "{_{ 7*7 }_}", "U32": "${x} #{x} <<x>>", "U33": "=HYPERLINK(\"x\")", "U37": "山\t田", "U42": "../../etc/passwd",
    "U43": "\\\\evil\\share", "U46": "_x000B_", "U47": "1234 5678 9018",
}  # fmt: skip


@cache
def catalogue() -> Catalogue:
    return shipped()


def judged(name: str, data: bytes) -> tuple[Any, list[Problem]]:
    answer = read_form(name, data, shapes())
    assert not isinstance(answer, Unreadable)
    return answer.values, list(examine(catalogue(), answer, date(2024, 2, 26), Past()).problems)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_in_a_box_is_judged_as_in_json(text: str) -> None:

    values = {**example(FORM, "typical"), "reason": text}
    values["applicant"] = {**values["applicant"], "name": text}
    by_json, told = judged("a.json", json.dumps(values, ensure_ascii=False).encode())
    body = {key: value for key, value in example(FORM, "typical").items() if key != "form"}
    word = fill(make_word_form(shapes()[FORM], body), {"applicant.name": text, "reason": text})
    by_word, told_by_word = judged("a.docx", word)
    assert (by_word["reason"], by_word["applicant"]["name"]) == (text, text)
    assert by_word == by_json
    assert {(p.code, p.pointer, p.message) for p in told_by_word} == {
        (p.code, p.pointer, p.message) for p in told
    }
