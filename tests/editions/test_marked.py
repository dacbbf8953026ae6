"""Old text + the table's changes = new text: both editions as one marked text lose no code point of either."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.rules.editions.comparison import compare
from pipeline.rules.editions.leaves import PageChange, compare_pages, print_page_changes
from pipeline.rules.editions.marked import DELETED, INSERTED, KEPT, mark_up, read_side
from pipeline.rules.editions.rows import printed_lines
from pipeline.rules.editions.text import Clause, EditionText, Heading
from pipeline.rules.editions.words import RevisionWords
from tests.editions.texts import TEXTS, revised

WORDS = RevisionWords()


@settings(max_examples=150, deadline=None)
@given(st.one_of(revised(), st.tuples(TEXTS, TEXTS)))
def test_without_what_was_put_in_it_is_the_old_text_without_what_was_taken_out_the_new(
    pair: tuple[EditionText, EditionText],
) -> None:
    old, new = pair
    lines = mark_up(old, new, compare(old, new, WORDS))
    empty = ("",)
    for text, left_out in ((old, INSERTED), (new, DELETED)):
        said = [line for line in read_side(lines, left_out) if line != empty]
        assert said == [line for line in printed_lines(text.blocks) if line != empty]


def test_one_changed_word_is_one_deletion_and_one_insertion() -> None:
    old = EditionText("題名", (Clause("", "こども家庭課に連絡する。"),))
    new = EditionText("題名", (Clause("", "センターに連絡する。"),))
    (line,) = mark_up(old, new, compare(old, new, WORDS))
    assert [(span.text, span.kind) for span in line.cells[0]] == [
        ("こども家庭課", DELETED),
        ("センター", INSERTED),
        ("に連絡する。", KEPT),
    ]


def test_a_moved_chapter_is_taken_out_at_one_place_and_put_in_at_another() -> None:
    chapters = [
        (Heading(1, f"第{n}章", f"見本の章の題名その{n}"), Clause("", f"見本の章の本文です。番号は{n}です。"))
        for n in "１２３"
    ]
    old = EditionText("題名", (*chapters[0], *chapters[1], *chapters[2]))
    new = EditionText("題名", (*chapters[2], *chapters[0], *chapters[1]))
    lines = mark_up(old, new, compare(old, new, WORDS))
    for text, left_out in ((old, INSERTED), (new, DELETED)):
        assert read_side(lines, left_out) == printed_lines(text.blocks)
    assert len(lines) == 8, "the moved chapter stands there twice"


def test_pages_that_say_the_same_under_the_same_number_stay_in_the_binder() -> None:
    old, new = ["表紙一", "甲", "乙", "丙", "丁"], ["表紙二", "甲", "乙の二", "丙の二", "丁", "戊"]
    changes = compare_pages(old, new)
    assert changes == (PageChange((1, 1), (1, 1)), PageChange((3, 4), (3, 4)), PageChange((0, 0), (6, 6)))
    assert [(row["old"], row["new"], row["how"]) for row in print_page_changes(changes)] == [
        ("1", "1", "差し替える"),
        ("3～4", "3～4", "差し替える"),
        ("―", "6", "後ろに加える"),
    ]
    assert print_page_changes(compare_pages(old, old[:3]))[0]["how"] == "抜き取る"
    assert compare_pages(old, ["表紙一", "甲", "新", "乙", "丙", "丁"]) == (PageChange((3, 5), (3, 6)),)


PAGES = st.lists(st.sampled_from(["甲", "乙", "丙"]), max_size=8)


@given(PAGES, PAGES)
def test_following_the_list_makes_the_new_binder(old: list[str], new: list[str]) -> None:
    binder = dict(enumerate(old, 1))
    for change in compare_pages(old, new):
        for number in range(change.old[0], change.old[1] + 1):
            binder.pop(number, None)
        binder.update({number: new[number - 1] for number in range(max(change.new[0], 1), change.new[1] + 1)})
    assert [binder[number] for number in sorted(binder)] == new
