"""The source of the manual: in the one notation, in order, and true where a program can tell."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from pipeline.rules.editions.notation import read_text, write_text
from pipeline.rules.editions.ordering import check_numbers
from pipeline.rules.editions.rows import printed_lines
from pipeline.rules.editions.text import EditionText, Heading, Table
from pipeline.rules.periods import months_end
from pipeline.rules.wareki import to_wareki_weekday, weekday

ROOT = Path(__file__).parents[2]
EDITIONS = sorted((ROOT / "doc_templates" / "manual_revision" / "editions").glob("*.md"))
DAY = re.compile("令和([0-9０-９元]+)年([0-9０-９]+)月([0-9０-９]+)日")


def manual(path: Path) -> EditionText:
    text, faults = read_text(path.read_text("utf-8"))
    assert text is not None, faults
    return text


def day(match: re.Match[str]) -> date:
    year, month, number = (1 if part == "元" else int(part) for part in match.groups())
    return date(2018 + year, month, number)


def test_there_is_a_first_edition_of_some_length() -> None:
    lines = printed_lines(manual(EDITIONS[0]).blocks)
    assert 18_000 < sum(len("".join(line)) for line in lines) < 30_000


@pytest.mark.parametrize("path", EDITIONS, ids=lambda path: path.stem)
def test_an_edition_is_written_as_it_stands_and_its_numbers_are_in_order(path: Path) -> None:
    text = manual(path)
    assert write_text(text) == path.read_text("utf-8")
    assert list(check_numbers(text.blocks)) == []
    assert "見本" in text.title


@pytest.mark.parametrize("path", EDITIONS, ids=lambda path: path.stem)
def test_every_weekday_is_that_of_its_date(path: Path) -> None:
    source = path.read_text("utf-8")
    found = list(re.finditer(DAY.pattern + "（([月火水木金土日])）", source))
    assert found
    assert [match[4] for match in found] == [
        weekday(day(DAY.match(match.group()) or match)) for match in found
    ]


def test_the_periods_are_those_of_the_law() -> None:
    """民法143条, as `rules/periods.py` counts."""
    (table,) = [
        block
        for block in manual(EDITIONS[0]).blocks
        if isinstance(block, Table) and block.rows[0] == ("始まる日", "終わる日")
    ]
    for start, end in table.rows[1:]:
        begun = DAY.match(start)
        assert begun is not None
        assert end == to_wareki_weekday(months_end(day(begun), 6))


def test_the_chapters_are_those_the_office_asked_for() -> None:
    titles = [
        block.title for block in manual(EDITIONS[0]).blocks if isinstance(block, Heading) and block.level == 1
    ]
    for word in ("気づく", "相談", "流れ", "会議", "派遣事業", "個人情報", "様式集"):
        assert any(word in title for title in titles), word


@pytest.mark.parametrize("path", EDITIONS, ids=lambda path: path.stem)
def test_the_citys_way_of_writing(path: Path) -> None:
    source = path.read_text("utf-8")
    assert not re.search("[0-9][ヶヵケ]月|[ヶヵ]所|箇所|障がい者総合支援法|〜|，", source)
    assert not re.search("(?<![0-9.,/-])[0-9](?=[月日年人回件時週か])", source), "one digit is full width"
    assert not re.search("[０-９]{2,}", source), "two digits are half width"
