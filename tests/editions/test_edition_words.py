from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tomllib import loads
from typing import Any

import pytest

from pipeline.errors import OfficeFault
from pipeline.office import make_office_book
from pipeline.rules.editions.words import RevisionWords, read_words

FILE = Path(__file__).parents[2] / "office" / "edition.toml"
GOOD = {
    "verb": "改正",
    "new_head": "新",
    "old_head": "旧",
    "columns": "old_left",
    "added": "（追加）",
    "deleted": "（削除）",
    "omitted": "［略］",
    "moved": "（{place}へ）",
    "range_mark": "から",
    "legend": "下線部分は改正部分",
}


def office(**changes: object) -> Mapping[str, Any]:
    return {"edition": {"regulation": {**GOOD, **changes}}}


def test_the_words_of_the_office() -> None:
    book, faults = make_office_book({"edition": loads(FILE.read_text("utf-8"))})
    assert faults == ()
    at = book.at(date(2022, 10, 1))
    assert read_words(at, "regulation") == RevisionWords()
    manual = read_words(at, "manual")
    assert (manual.verb, manual.new_head, manual.old_head, manual.new_is_left) == (
        "改訂",
        "改訂後",
        "改訂前",
        True,
    )
    assert "改正" not in "".join(str(getattr(manual, name)) for name in RevisionWords.__slots__)


def test_another_office_has_other_words() -> None:
    words = read_words(office(), "regulation")
    assert (words.new_head, words.added, words.omitted, words.new_is_left) == (
        "新",
        "（追加）",
        "［略］",
        False,
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"verb": "改訂"}, ["verb は「改正」", "verb に「改訂」は"]),
        ({"columns": "left"}, ["columns は"]),
        ({"columns": None}, ["columns は"]),
        ({"moved": "（移動）"}, ["{place}"]),
        ({"legend": "下線は改訂部分"}, ["legend に「改訂」は"]),
        ({"reason_head": "改訂理由"}, ["reason_head に「改訂」は"]),
        ({"reason_head": 3}, ["reason_head を文字で"]),
        ({"added": None, "range_mark": 1}, ["added を文字で", "range_mark を文字で"]),
    ],
)
def test_every_wrong_setting_is_named(changes: dict[str, object], said: list[str]) -> None:
    with pytest.raises(OfficeFault) as caught:
        read_words(office(**changes), "regulation")
    assert caught.value.code == "OFFICE"
    assert [part in fault for part, fault in zip(said, caught.value.faults, strict=True)] == [True] * len(
        said
    )


@pytest.mark.parametrize("at", [{}, {"edition": {}}, office()])
def test_without_words_there_is_no_table(at: Mapping[str, Any]) -> None:
    with pytest.raises(OfficeFault, match="manual"):
        read_words(at, "manual")
