"""The one pass and the walk read alike: whatever the pass does not leave to the walk, the walk reads the same way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.forms import word_reader
from pipeline.forms.as_made import look_at
from pipeline.forms.comments import Mark, annotate
from pipeline.forms.layout import bookmark_name
from pipeline.forms.printed import Frames, find_printed
from pipeline.ooxml import parse, read_members
from tests.forms.damage import FILLED, FORM, NAME, damages, in_order, run, run_of, unwrap
from tests.forms.test_word_reader import FORMS, plain, read, values_of
from tests.forms.word_filling import MAIN, Draft, blank, fill, shapes

DAMAGES = tuple(damages())


@contextmanager
def only(way: str) -> Iterator[None]:
    """Reading by the walk alone, or by the one pass alone."""
    with pytest.MonkeyPatch.context() as patch:
        if way == "walk":
            patch.setattr(word_reader, "look_at", lambda _: None)
        else:
            patch.setattr(word_reader, "_read_by_place", lambda *_: None)
        yield


def both(data: bytes) -> tuple[Any, Any]:
    with only("pass"):
        passed = read(data)
    with only("walk"):
        return passed, read(data)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_has_an_outline_with_its_words_and_boxes(form: str) -> None:
    seen = look_at(parse(read_members(blank(form))[MAIN]))
    assert seen is not None
    assert shapes()[form].title in seen.outline
    printed = find_printed(shapes()[form], (), Frames())
    assert seen.outline == printed.outline
    assert [control.tag for control in seen.controls] == list(printed.controls)


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_filled_in_is_read_in_one_pass_and_by_the_walk_alike(form: str, data: st.DataObject) -> None:
    values = data.draw(values_of(form))
    passed, walked = both(fill(blank(form), values))
    assert passed == walked
    assert passed.problems == ()
    assert plain(passed) == {**plain(read(blank(form))), **values}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_a_damaged_form_is_left_to_the_walk_or_read_alike(damage: Any) -> None:
    draft = Draft(fill(blank(FORM), FILLED))
    damage.spoil(draft)
    passed, walked = both(draft.save())
    assert passed in (None, walked)


def test_some_damage_is_none() -> None:
    """Runs cut everywhere, comments of ours, another mark: still nothing but boxes filled in."""
    simple = {"untouched", "runs cut everywhere", "bookmarks gone", "mark ✓", "Strict", "comments left in"}
    for damage in DAMAGES:
        if damage.name in simple:
            draft = Draft(fill(blank(FORM), FILLED))
            damage.spoil(draft)
            with only("pass"):
                assert read(draft.save()), damage.name


def test_a_form_returned_with_comments_and_mended_is_read_in_one_pass() -> None:
    marks = [Mark(NAME, bookmark_name(NAME), "氏名", "書き直してください。")]
    data = annotate(fill(blank(FORM), FILLED), marks, "１か所を直してください。", datetime(2024, 2, 1))
    passed, walked = both(data)
    assert passed == walked
    assert passed.boxes[NAME].value == FILLED[NAME]


@pytest.mark.parametrize(
    "spoil",
    [
        unwrap(NAME),
        lambda draft: draft.control(NAME).addnext(run_of("様")),
        lambda draft: draft.label(NAME)[1].append(run_of("※")),
        in_order(NAME, "<w:sdt><w:sdtPr/><w:sdtContent>" + run("見本") + "</w:sdtContent></w:sdt>"),
        lambda draft: draft.control(NAME).append(run_of("外")),
        lambda draft: draft.control(NAME).getparent().append(draft.control("applicant.kana")),
    ],
    ids=["no control", "word beside", "word in a label", "control without a tag", "stray run", "moved"],
)
def test_a_word_out_of_place_is_never_for_the_one_pass(spoil: Any) -> None:
    draft = Draft(fill(blank(FORM), FILLED))
    spoil(draft)
    with only("pass"):
        assert read(draft.save()) is None
