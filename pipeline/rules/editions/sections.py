"""Sections of a manual as people name them: 第４章, 第４章　５, 第４章　５　アセスメント, はじめに, 様式第１号, 前書き."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.rules.editions.outline import Provision, outline, place_names
from pipeline.rules.editions.rows import printed_words
from pipeline.rules.editions.text import Block, Heading

FOREWORD: Final = "前書き"  # what stands before the first heading
_BLANK: Final = re.compile("[ 　]")
_HALF_WIDTH: Final = str.maketrans("０１２３４５６７８９（）", "0123456789()")


@dataclass(frozen=True, slots=True)
class Section:
    """A headed stretch of a text, `blocks[start:end]` with all that lies below it.

    `name` is how it is referred to (第４章５), `title` the words of its heading, `level` 0 the foreword's. `above` are the
    names of what encloses it.
    """

    name: str
    title: str
    level: int
    start: int
    end: int
    above: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """第４章５「アセスメント」: as it is told to people; はじめに where the heading has no number."""
        return self.name if self.name.endswith(self.title) else f"{self.name}「{self.title}」"

    def covers(self, place: int) -> bool:
        """Whether a block lies in this section."""
        return self.start <= place < self.end


def find_sections(blocks: Sequence[Block]) -> tuple[Section, ...]:
    """Return every section in reading order, the foreword first."""
    names = place_names(blocks)
    first = next((place for place, block in enumerate(blocks) if isinstance(block, Heading)), len(blocks))
    foreword = (Section(FOREWORD, FOREWORD, 0, 0, first),) if first else ()
    headed = (found for top in outline(blocks) for found in _sections(top, names, ()))
    return (*foreword, *headed)


def _sections(provision: Provision, names: Sequence[str], above: tuple[str, ...]) -> Iterator[Section]:
    block = provision.block
    if not isinstance(block, Heading):
        return
    name = names[provision.start] or printed_words(block)
    yield Section(name, block.title or name, block.level, provision.start, provision.end, above)
    for part in provision.parts:
        yield from _sections(part, names, (*above, name))


def search_section(sections: Sequence[Section], words: str) -> tuple[Section, ...]:
    """Return the sections a person may mean: those of that number, else of that number and title, else of that title.

    Spaces and the width of digits do not count.
    """
    wanted = _key(words)
    for keys in (lambda s: (s.name,), lambda s: (s.name + s.title, s.full_name), lambda s: (s.title,)):
        if found := tuple(s for s in sections if wanted in [_key(key) for key in keys(s)]):
            return found
    return ()


def _key(words: str) -> str:
    return _BLANK.sub("", words).translate(_HALF_WIDTH)
