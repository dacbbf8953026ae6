"""A 改め文 as values and as text: sentences that amend, each with the provisions it puts in (domain.md §4.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pipeline.rules.editions.notation import read_blocks, write_blocks
from pipeline.rules.editions.text import Block

_QUOTED: Final = "> "


@dataclass(frozen=True, slots=True)
class Sentence:
    """第５条の次に次の１条を加える。 with the article it adds."""

    words: str
    blocks: tuple[Block, ...] = ()


def write_sentences(sentences: Iterable[Sentence]) -> str:
    """Return the sentences as one text: what they put in stands below them, each line after a >."""
    return "\n".join(line for sentence in sentences for line in _write(sentence))


def _write(sentence: Sentence) -> Iterator[str]:
    yield sentence.words
    if sentence.blocks:
        yield from (_QUOTED + line for line in write_blocks(sentence.blocks).removesuffix("\n").split("\n"))


def read_sentences(source: str) -> tuple[Sentence, ...]:
    """Return the sentences of a text. Raises ValueError where it is not as it would be written."""
    groups: list[tuple[str, list[str]]] = []
    for line in source.split("\n") if source else ():
        if not line.startswith(_QUOTED):
            groups.append((line, []))
        elif groups:
            groups[-1][1].append(line.removeprefix(_QUOTED))
        else:
            raise ValueError("provisions before any sentence")
    return tuple(
        Sentence(words, read_blocks("".join(f"{line}\n" for line in lines)) if lines else ())
        for words, lines in groups
    )
