"""Word forms read back: equal to what was filled in, and after damage as the table says, never silently otherwise."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.forms.comments import Mark, annotate
from pipeline.forms.layout import Kind, bookmark_name
from pipeline.forms.word_form import make_word_form
from pipeline.forms.word_reader import WordReading, read_word_form
from pipeline.forms.word_text import equation_text
from pipeline.ooxml import pack, read_members
from tests.forms.damage import FILLED, FORM, NAME, REASON, Broken, Damage, broken_files, damages, repackings
from tests.forms.word_filling import MAIN, Draft, W, blank, fill, layout, shapes

FORMS = sorted(shapes())
DAMAGES = tuple(damages())
BROKEN = tuple(broken_files())
REPACKED = tuple(repackings())
LETTERS = st.sampled_from("あア漢亜𠮷髙﨑\ufa19ｶﾞAa1１-ー～'\"<&>{%}")
TEXTS = st.lists(LETTERS | st.just("葛\U000e0100"), min_size=1, max_size=12).map("".join)
LINES = st.lists(TEXTS, min_size=1, max_size=4).map("\n".join)


def read(data: bytes) -> WordReading:
    return read_word_form(data, shapes())


def plain(reading: WordReading) -> dict[str, Any]:
    return {tag: box.value for tag, box in reading.boxes.items()}


def codes(problems: Any) -> set[str]:
    return {problem.code for problem in problems}


@cache
def filled() -> bytes:
    return fill(blank(FORM), FILLED)


@cache
def expected() -> Mapping[str, Any]:
    return {**plain(read(blank(FORM))), **FILLED}


def values_of(form: str) -> st.SearchStrategy[dict[str, str | bool]]:
    """Anything a person may put into the boxes of a form."""
    boxes: dict[str, st.SearchStrategy[Any]] = {}
    for tag, control in layout(form).controls().items():
        match control.box.kind:
            case Kind.CHECK | Kind.MULTICHECK:
                boxes[tag] = st.booleans()
            case Kind.CHOICE:
                boxes[tag] = st.sampled_from(control.box.options)
            case Kind.MULTILINE:
                boxes[tag] = LINES
            case _:
                boxes[tag] = TEXTS
    return st.fixed_dictionaries({}, optional=boxes)


@pytest.mark.parametrize("form", FORMS)
def test_a_blank_form_is_blank(form: str) -> None:
    reading = read(blank(form))
    version = shapes()[form].version
    assert (reading.form, reading.version, reading.problems, reading.notes) == (form, version, (), ())
    assert set(plain(reading)) == set(layout(form).controls())
    assert set(plain(reading).values()) <= {"", False}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_damage(damage: Damage) -> None:
    draft = Draft(filled())
    damage.spoil(draft)
    reading = read(draft.save())
    assert codes(reading.problems) == set(damage.problems)
    assert codes(reading.notes) >= set(damage.notes)
    assert plain(reading) == {**expected(), **damage.reads}
    for tag, flag in damage.flags.items():
        assert flag in reading.boxes[tag].flags


@pytest.mark.parametrize("damage", BROKEN, ids=lambda broken: broken.name)
def test_broken_files_are_refused_with_what_to_do(damage: Broken) -> None:
    reading = read(damage.spoil(filled()))
    assert [problem.code for problem in reading.problems] == [damage.code]
    assert reading.boxes == {}
    assert reading.problems[0].message.endswith("。")


@pytest.mark.parametrize(("name", "repack"), REPACKED, ids=[name for name, _ in REPACKED])
def test_other_ways_to_pack_read_the_same(name: str, repack: Any) -> None:
    reading = read(repack(filled()))
    assert (codes(reading.problems), plain(reading)) == (set(), dict(expected()))


def test_there_are_damages_enough() -> None:
    assert len(DAMAGES) + len(BROKEN) + len(REPACKED) >= 80


def test_words_outside_are_named_with_their_place() -> None:
    draft = Draft(filled())
    next(one for one in DAMAGES if one.name == "words in a label").spoil(draft)
    (problem,) = read(draft.save()).problems
    assert "本文" in problem.title
    assert "注意" in problem.found
    assert "注意" not in problem.message + problem.title


def test_what_is_true_of_many_boxes_is_said_once() -> None:
    draft = Draft(filled())
    next(one for one in DAMAGES if one.name == "every control gone").spoil(draft)
    (note,) = read(draft.save()).notes
    assert (note.code, note.pointer, note.title) == ("CONTROL_LOST", "", "様式全体")
    few = Draft(filled())
    next(one for one in DAMAGES if one.name == "control unwrapped").spoil(few)
    assert [note.pointer for note in read(few.save()).notes] == ["/applicant/name"]


def test_an_answer_that_reads_like_a_label_hides_no_row() -> None:
    """Without controls and bookmarks, and with an empty line gone, rows are still told by their labels."""
    values = {"meeting": "庁内連携会議", "ordinal": 2, "place": "開催日"}
    draft = Draft(make_word_form(shapes()["meeting_minutes"], values))
    next(one for one in DAMAGES if one.name == "every control and bookmark gone").spoil(draft)
    gap = next(node for node in draft.body if node.tag == f"{W}p" and not "".join(node.itertext()))
    draft.body.remove(gap)
    reading = read(draft.save())
    assert reading.problems == ()
    assert [reading.boxes[tag].value for tag in values] == ["庁内連携会議", "2", "開催日"]


def test_problems_point_at_the_box() -> None:
    draft = Draft(filled())
    next(one for one in DAMAGES if one.name == "list row deleted").spoil(draft)
    first = read(draft.save()).problems[0]
    assert (first.pointer, first.title) == ("/household/1/name", "世帯の状況（2番目）／氏名")


def test_three_damages_at_once_never_crash_and_never_hide_a_change() -> None:
    dice = random.Random(3)
    read_files = 0
    while read_files < 80:
        draft = Draft(filled())
        chosen = dice.sample(DAMAGES, 3)
        names = [damage.name for damage in chosen]
        try:
            for damage in chosen:
                damage.spoil(draft)
            data = draft.save()
            if dice.random() < 0.3:
                data = dice.choice(REPACKED)[1](data)
        except (StopIteration, KeyError, AttributeError, TypeError, IndexError, AssertionError):
            continue  # the next damage finds nothing left to damage
        read_files += 1
        reading = read(data)
        excused = {tag for damage in chosen for tag in damage.reads}
        wrong = {
            tag
            for tag, value in plain(reading).items()
            if value != expected()[tag] and tag not in excused and not reading.boxes[tag].flags
        }
        assert not wrong or reading.problems, (names, wrong)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 12))
def test_flipped_letters_of_the_body_never_crash(seed: int, count: int) -> None:
    dice = random.Random(seed)
    members = dict(read_members(filled()))
    body = bytearray(members[MAIN])
    for _ in range(count):
        at = dice.randrange(len(body))
        body[at] = dice.choice(b'abcdefstw:<>/"=0') if body[at] < 128 else body[at]
    read(pack({**members, MAIN: bytes(body)}))


def test_a_form_with_more_rows_than_usual_is_read_whole() -> None:
    names = [f"見本　{number}" for number in range(13)]
    shape = shapes()["meeting_minutes"]
    reading = read(make_word_form(shape, {"attendees": [{"name": name} for name in names]}))
    assert reading.problems == ()
    assert [reading.boxes[f"attendees[{index}].name"].value for index in range(13)] == names


def test_a_form_returned_with_comments_is_read_again() -> None:
    marks = [
        Mark(tag, bookmark_name(tag), "欄", "書き直してください。") for tag in (NAME, "wanted_house", REASON)
    ]
    reading = read(annotate(filled(), marks, "３か所を直してください。", datetime(2024, 2, 1)))
    assert (codes(reading.problems), plain(reading)) == (set(), dict(expected()))
    assert codes(reading.notes) == {"COMMENTS"}


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(data: bytes) -> None:
    assert read(data).problems


@pytest.mark.parametrize(
    ("code", "letters"),
    [
        (r" \o\ac(○,印)", "印"),
        (r" \o\ad(\s\up 9(よみ),親)", "親"),
        (r" \o(a;b", "b"),
        ("x", ""),
        (r" \o()", ""),
    ],
)
def test_equations_of_letters(code: str, letters: str) -> None:
    assert equation_text(code) == letters
