from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from pipeline.rules.editions.alignment import MAX_WORK, align, longest_rise

SEQUENCES = st.text("abc", max_size=12)


@given(SEQUENCES, SEQUENCES)
def test_the_stretches_are_both_sequences_in_order(old: str, new: str) -> None:
    stretches = list(align(old, new))
    assert "".join(old[i:j] for i, j, _, _ in stretches) == old
    assert "".join(new[k:n] for _, _, k, n in stretches) == new
    assert all(i < j or k < n for i, j, k, n in stretches)


@given(SEQUENCES, SEQUENCES, SEQUENCES)
def test_common_ends_are_kept(head: str, tail: str, middle: str) -> None:
    old, new = head + tail, head + middle + tail
    kept = sum(j - i for i, j, k, n in align(old, new) if old[i:j] == new[k:n])
    assert kept >= max(len(head), len(tail))
    assert [*align(old, old)] == ([(0, len(old), 0, len(old))] if old else [])


def test_common_pieces_are_no_junk() -> None:
    old = ["の", "会長"] * 300
    new = ["の", "会長"] * 150 + ["と"] + ["の", "会長"] * 150
    assert list(align(old, new)) == [(0, 300, 0, 300), (300, 300, 300, 301), (300, 600, 301, 601)]


def test_beyond_bounds_the_middle_is_one_replacement() -> None:
    size = int(MAX_WORK**0.5) + 1
    old, new = ["頭", *["甲", "乙"] * size, "尾"], ["頭", *["乙", "甲"] * size, "尾"]
    begun = time.process_time()
    last = 2 * size + 1
    assert list(align(old, new)) == [(0, 1, 0, 1), (1, last, 1, last), (last, last + 1, last, last + 1)]
    assert time.process_time() - begun < 1


@given(st.permutations(range(7)))
def test_the_longest_rise(order: list[int]) -> None:
    pairs = [(first, place) for place, first in enumerate(order)]
    rise = longest_rise(pairs)
    assert set(rise) <= set(pairs)
    assert rise == sorted(rise)
    assert [place for _, place in rise] == sorted(place for _, place in rise)
    assert len(rise) == max(
        len(chosen)
        for bits in range(1 << len(pairs))
        if (chosen := [pair for n, pair in enumerate(pairs) if bits >> n & 1]) == sorted(chosen)
    )


def test_a_long_rise_takes_little_room() -> None:
    pairs = [(n, n) for n in range(50_000)]
    begun = time.process_time()
    assert longest_rise(pairs) == pairs
    assert time.process_time() - begun < 2
    assert longest_rise([]) == []
