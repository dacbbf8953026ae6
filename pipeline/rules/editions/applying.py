"""Carries out a 改め文: reads its sentences and does to the old text what they say (溶け込み; domain.md §4.4).

It knows nothing of how a draft is made (`drafting.py`): it reads the vocabulary as a person does, finds each provision by
the number it bears at that moment, and refuses what is not there, not the only one, or not of the vocabulary.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from pipeline.rules.editions.lists import UNITS
from pipeline.rules.editions.numbering import Kind, Number
from pipeline.rules.editions.sentences import Sentence
from pipeline.rules.editions.text import Block, Clause, EditionText, Figure, Heading, Table
from pipeline.rules.editions.worktext import (
    ADDRESS,
    CannotApply,
    Node,
    Place,
    WorkText,
    find_below,
    number_in,
    only,
    print_like,
    renumber,
    split_address,
    to_nodes,
)
from pipeline.rules.wareki import digits


def apply_sentences(text: EditionText, sentences: Iterable[Sentence]) -> EditionText:
    """Return the text as the sentences leave it, each carried out on what those before it left. Raises CannotApply."""
    work = WorkText.of(text)
    for sentence in sentences:
        _Clerk(work, sentence).carry_out()
    return work.text()


# --- The vocabulary -----------------------------------------------------------------------------------------------

_QUOTE: Final = (
    "[\ue000-\uf8ff]"  # stands for a quotation, so that what is quoted is never read as a sentence
)
_ROW: Final = f"(?:別表(?:第[0-9０-９]+(?:の[0-9０-９]+)*)?|同表)[^{_QUOTE[1:-1]}]+の項"
_ROW_PARTS: Final = re.compile("(別表(?:第[0-9０-９]+(?:の[0-9０-９]+)*)?|同表)(.+)の項")
_UNIT: Final = f"次の([0-9０-９]+)({'|'.join(UNITS.values())})を|次のように"
_BASE: Final = f"(?:(?P<base>{ADDRESS})中)?"
_VERBS: Final = {
    "改め": ("改め", "改める"),
    "加え": ("加え", "加える"),
    "削り": ("削り", "削る"),
    "とし": ("とし", "とする"),
    "上げ": ("繰り上げ", "繰り上げる"),
    "下げ": ("繰り下げ", "繰り下げる"),
    "付し": ("付し", "付する"),
}


def _phrase(words: str, verb: str) -> tuple[str, str]:
    """A phrase before another one, and at the end of its sentence: texts, compiled (by `re`) only where one amends."""
    before, last = _VERBS[verb]
    return words + before, words + last


_PHRASES: Final = {
    "title": _phrase("題名を次のように", "改め"),
    "amend": _phrase(f"(?:(?P<at>{ADDRESS}|{_ROW})中)?(?P<old>{_QUOTE})を(?P<new>{_QUOTE})に", "改め"),
    "add": _phrase(f"(?:(?P<at>{ADDRESS}|{_ROW})中)?(?P<old>{_QUOTE})の次に(?P<new>{_QUOTE})を", "加え"),
    "cross_out": _phrase(f"(?:(?P<at>{ADDRESS}|{_ROW})中)?(?P<old>{_QUOTE})を", "削り"),
    "caption": _phrase(f"(?P<at>{ADDRESS})の見出しを(?P<new>{_QUOTE})に", "改め"),
    "give_caption": _phrase(f"(?P<at>{ADDRESS})に見出しとして(?P<new>{_QUOTE})を", "付し"),
    "take_caption": _phrase(f"(?P<at>{ADDRESS})の見出しを", "削り"),
    "name": _phrase(f"(?P<at>{ADDRESS})の[章節編部]名を(?P<new>{_QUOTE})に", "改め"),
    "anew": _phrase(f"{_BASE}(?P<at>{ADDRESS})を次のように", "改め"),
    "delete_row": _phrase(f"(?P<at>{_ROW})を", "削り"),
    "delete": _phrase(f"{_BASE}(?P<at>{ADDRESS})(?:(?:及び|から)(?P<to>{ADDRESS}))?(?:まで)?を", "削り"),
    "become": _phrase(f"{_BASE}(?P<at>{ADDRESS})を(?P<to>{ADDRESS})", "とし"),
    "raise": _phrase(
        f"{_BASE}(?P<at>{ADDRESS})から(?P<to>{ADDRESS})までを(?P<steps>[0-9０-９]+)[条項号表]ずつ", "上げ"
    ),
    "lower": _phrase(
        f"{_BASE}(?P<at>{ADDRESS})から(?P<to>{ADDRESS})までを(?P<steps>[0-9０-９]+)[条項号表]ずつ", "下げ"
    ),
    "put_row": _phrase(f"(?P<at>{_ROW})の(?P<side>次|前)に次のように", "加え"),
    "put": _phrase(f"{_BASE}(?P<at>{ADDRESS})の(?P<side>次|前)に(?P<what>{_UNIT})", "加え"),
    "append": _phrase(f"{_BASE}(?P<at>{ADDRESS})に(?P<what>{_UNIT})", "加え"),
}
# 「Ａ」を「Ｂ」に、「Ｃ」を「Ｄ」に改める: the verb comes once, at the end.
_SHARED_VERB: Final = _PHRASES["amend"][0].removesuffix("改め")


def _hide_quotations(words: str) -> tuple[str, list[str]]:
    """Put one sign in the place of each outermost 「…」."""
    hidden, depth, start = "", 0, 0
    quoted: list[str] = []
    for at, char in enumerate(words):
        depth += char == "「"
        if char == "「" and depth == 1:
            start = at + 1
        elif char == "」":
            depth -= 1
            if depth == 0:
                hidden += chr(0xE000 + len(quoted))
                quoted.append(words[start:at])
        elif not depth:
            hidden += char
        if depth < 0:
            raise CannotApply("a bracket that closes nothing")
    if depth:
        raise CannotApply("a bracket that is not closed")
    return hidden, quoted


# --- Carrying out -------------------------------------------------------------------------------------------------


@dataclass
class _Clerk:
    """Carries out one sentence.

    `base` is what short names lie below (第２条中第３号), `named` what 同条, 同項 and 同表 mean, `amended` the words to be amended
    together at one place: each amendment speaks of the words as they were before all of them.
    """

    work: WorkText
    sentence: Sentence
    base: Place | None = None
    named: dict[str, Place] = field(default_factory=dict)
    at: Place | None = None
    amended: list[tuple[str, str]] = field(default_factory=list)

    def carry_out(self) -> None:
        """Carry out the sentence phrase by phrase. Raises CannotApply."""
        words, quoted = _hide_quotations(self.sentence.words)
        if not words.endswith("。"):
            raise CannotApply("a sentence without an end")
        phrases = words[:-1].split("、")
        for index, phrase in enumerate(phrases):
            self._phrase(phrase, quoted, is_last=index == len(phrases) - 1)
        self._settle()

    def _phrase(self, phrase: str, quoted: Sequence[str], is_last: bool) -> None:
        for act, patterns in _PHRASES.items():
            match = re.fullmatch(patterns[is_last], phrase)
            if match is None and act == "amend" and not is_last:
                match = re.fullmatch(_SHARED_VERB, phrase)
            if match is not None:
                said = {
                    name: quoted[ord(text) - 0xE000] if name in ("old", "new") else text
                    for name, text in match.groupdict().items()
                    if text is not None
                }
                self._act(act, {**said, "phrase": phrase})
                return
        raise CannotApply("a phrase that is not of the vocabulary")

    def _act(self, act: str, said: Mapping[str, str]) -> None:
        if act in ("amend", "add", "cross_out"):
            self._amend(act, said)
            return
        self._settle()
        if "base" in said:
            self.base = self._find(said["base"])
        _ACTS[act](self, said)

    # --- Finding ---

    def _find(self, address: str) -> Place:
        top, steps, lead = split_address(address)
        place = self._top(top) if top else self.base
        if place is None:
            raise CannotApply("a short name that lies below nothing")
        for step in steps:
            place = find_below(place, step)
            if step.kind is Kind.PARAGRAPH:
                self.named["同項"] = place
        return replace(place, lead=lead)

    def _top(self, name: str) -> Place:
        if name.startswith("同"):
            if name not in self.named:
                raise CannotApply(f"a {name} that names nothing")
            return self.named[name]
        number = number_in(name)
        place = Place(only([node for node in self.work.walk() if node.number == number], "number"))
        again = {Kind.ARTICLE: "同条", Kind.ANNEX: "同表"}.get(number.kind)
        if again:
            self.named[again] = place
        return place

    def _find_row(self, address: str) -> Place:
        match = _ROW_PARTS.fullmatch(address)
        if match is None:
            raise CannotApply("a row that cannot be read")
        table = self._top(match[1]).node.table()
        rows = table.block.rows if isinstance(table.block, Table) else ()
        found = [index for index, row in enumerate(rows) if index and row[0] == match[2]]
        if len(found) != 1:
            raise CannotApply(f"{len(found)} rows of one name")
        return Place(table, row=found[0])

    # --- Words ---

    def _amend(self, act: str, said: Mapping[str, str]) -> None:
        if "at" in said:
            self._settle()
            is_row = _ROW_PARTS.fullmatch(said["at"]) is not None
            self.at = self._find_row(said["at"]) if is_row else self._find(said["at"])
            self.base = self.at  # 第１号中「…」を「…」に改め、アをイとし
        if self.at is None:
            raise CannotApply("words amended nowhere")
        old, new = said["old"], said.get("new", "")
        self.amended.append((old, old + new if act == "add" else new))

    def _settle(self) -> None:
        """Amend the words at one place, all at once: wherever they stand there, and somewhere they must."""
        if self.at is not None and self.amended:
            _Amendment(dict(self.amended), len(self.amended)).carry_out(self.at)
        self.amended = []

    def _title(self, said: Mapping[str, str]) -> None:
        node = only(to_nodes(self.sentence.blocks), "title")
        if not isinstance(node.block, Clause) or node.block.number:
            raise CannotApply("a title that is none")
        self.work.title = node.block.words

    def _caption(self, said: Mapping[str, str]) -> None:
        """The 見出し amended, given (it has none) or taken away (it has one)."""
        node = self._find(said["at"]).node
        if not isinstance(node.block, Clause):
            raise CannotApply("a caption for what has none")
        node.block = replace(node.block, caption=said.get("new", ""))

    def _name(self, said: Mapping[str, str]) -> None:
        node = self._find(said["at"]).node
        if not isinstance(node.block, Heading):
            raise CannotApply("a name for what has none")
        node.block = replace(node.block, title=said["new"])

    # --- Provisions ---

    def _anew(self, said: Mapping[str, str]) -> None:
        place = self._find(said["at"])
        new = only(to_nodes(self.sentence.blocks), "provision written anew")
        if place.first or place.lead:
            self._anew_words(place, new)
        elif new.number != place.node.number:
            raise CannotApply("a provision written anew under another number")
        else:
            siblings = self.work.siblings_of(place.node)
            siblings[siblings.index(place.node)] = new

    @staticmethod
    def _anew_words(place: Place, new: Node) -> None:
        if place.first and not place.lead and any(part.is_item for part in place.node.parts):
            raise CannotApply("a 第１項 whose 号 would be lost")
        if not isinstance(new.block, Clause) or new.block.number or not isinstance(place.node.block, Clause):
            raise CannotApply("words that are none")
        place.node.block = replace(place.node.block, words=new.block.words)

    def _delete(self, said: Mapping[str, str]) -> None:
        first = self._whole(said["at"])
        last = self._peer(first, said["to"]) if "to" in said else first
        between = self._between(first, last) if "から" in said["phrase"] else [first, last]
        for node in dict.fromkeys(between):
            self.work.siblings_of(node).remove(node)

    def _peer(self, node: Node, address: str) -> Node:
        """What 及び第２号 and から第４項まで name beside a provision."""
        top, steps, _ = split_address(address)
        if top:
            return self._whole(address)
        return only([peer for peer in self.work.peers_of(node) if peer.number == steps[-1]], "number beside")

    def _whole(self, address: str) -> Node:
        place = self._find(address)
        if place.first or place.lead:
            raise CannotApply("a part of a provision where a whole one is meant")
        return place.node

    def _between(self, first: Node, last: Node) -> list[Node]:
        peers = self.work.peers_of(first)
        return peers[peers.index(first) : peers.index(last) + 1]

    def _become(self, said: Mapping[str, str]) -> None:
        node = self._whole(said["at"])
        number = number_in(said["to"])
        printed = node.block.number if isinstance(node.block, Clause | Heading) else ""
        counted = number.kind in (Kind.PARAGRAPH, Kind.ITEM)
        self._renumber(node, number, print_like(number, printed) if counted else said["to"])

    def _renumber(self, node: Node, number: Number, printed: str) -> None:
        if node.number is None or number.kind is not node.number.kind:
            raise CannotApply("a number of another kind")
        if any(peer.number == number for peer in self.work.peers_of(node)):
            raise CannotApply("a number that another provision bears")
        renumber(node, printed)

    def _shift(self, said: Mapping[str, str], direction: int) -> None:
        first = self._whole(said["at"])
        nodes = self._between(first, self._peer(first, said["to"]))
        steps = direction * int(said["steps"])
        for node in nodes if direction < 0 else reversed(nodes):
            old = node.number
            is_plain = old is not None and len(old.ordinals) == 1 and old.ordinals[0] + steps > 0
            if old is None or not is_plain or not isinstance(node.block, Clause | Heading):
                raise CannotApply("a number that cannot be moved in step")
            number = Number(old.kind, (old.ordinals[0] + steps,))
            self._renumber(node, number, print_like(number, node.block.number))

    # --- What is put in ---

    def _put(self, said: Mapping[str, str]) -> None:
        place = self._anchor(said["at"])
        new = self._new(said["what"])
        if place.first:
            parts = place.node.parts
            at = next((i for i, part in enumerate(parts) if not part.is_item and part.number), len(parts))
        else:
            parts = self.work.siblings_of(place.node)
            at = parts.index(place.node) + (said["side"] == "次")
        self._insert(parts, at, new)

    def _anchor(self, address: str) -> Place:
        """附則 as what something is put after is the last of them."""
        if address != "附則":
            return self._find(address)
        supplements = [node for node in self.work.tops if node.number == Number(Kind.SUPPLEMENT)]
        if not supplements:
            raise CannotApply("no 附則")
        return Place(supplements[-1])

    def _append(self, said: Mapping[str, str]) -> None:
        place = self._find(said["at"])
        if all(isinstance(block, Table) for block in self.sentence.blocks):
            table = place.node.table()
            self._put_rows(Place(table, row=len(table.block.rows) if isinstance(table.block, Table) else 0))
            return
        new = self._new(said["what"])
        parts = place.node.parts
        if (
            new[0].is_item
            and place.node.is_article
            and not place.first
            and any(p.number and not p.is_item for p in parts)
        ):
            raise CannotApply("a 号 of an article that has several 項")
        last = [i for i, part in enumerate(parts) if part.is_item == new[0].is_item]
        self._insert(parts, last[-1] + 1 if last else len(parts) * (not new[0].is_item), new)

    def _new(self, what: str) -> list[Node]:
        """The provisions put in, of the number and sort the sentence announces."""
        new = to_nodes(self.sentence.blocks)
        kinds = {node.number.kind if node.number else None for node in new}
        unit = UNITS.get(next(iter(kinds))) if len(kinds) == 1 else None  # type: ignore[arg-type]
        announced = f"次の{digits(len(new))}{unit}を" if unit else "次のように"
        if len(kinds) != 1 or what != announced:
            raise CannotApply("other provisions than announced")
        return new

    def _insert(self, parts: list[Node], at: int, new: Sequence[Node]) -> None:
        parts[at:at] = new
        for node in new:
            if sum(peer.number == node.number for peer in self.work.peers_of(node)) != 1:
                raise CannotApply("a number that another provision bears")

    def _put_row(self, said: Mapping[str, str]) -> None:
        place = self._find_row(said["at"])
        self._put_rows(replace(place, row=(place.row or 0) + (said["side"] == "次")))

    def _put_rows(self, place: Place) -> None:
        (added,) = self.sentence.blocks
        table = place.node.block
        if (
            not isinstance(added, Table)
            or not isinstance(table, Table)
            or len(added.rows[0]) != len(table.rows[0])
        ):
            raise CannotApply("rows that are none of this table")
        place.node.block = Table((*table.rows[: place.row], *added.rows, *table.rows[place.row :]))

    def _delete_row(self, said: Mapping[str, str]) -> None:
        place = self._find_row(said["at"])
        rows = place.node.block.rows if isinstance(place.node.block, Table) else ()
        place.node.block = Table(tuple(row for index, row in enumerate(rows) if index != place.row))


@dataclass(frozen=True)
class _Amendment:
    """Old words and what they become, all at one place."""

    words: Mapping[str, str]
    count: int

    def carry_out(self, place: Place) -> None:
        """Amend every line the place covers. Raises CannotApply where old words are not there, or overlap."""
        if len(self.words) != self.count:
            raise CannotApply("the same words amended twice")
        pattern = re.compile("|".join(re.escape(old) for old in sorted(self.words, key=len, reverse=True)))
        met: Counter[str] = Counter()
        present: Counter[str] = Counter()

        def amended(line: str) -> str:
            met.update(pattern.findall(line))
            present.update({old: _occurrences(old, line) for old in self.words})
            return pattern.sub(lambda match: self.words[match.group()], line)

        if place.row is not None:
            _change_row(place.node, place.row, amended)
        else:
            for node in _covered(place):
                node.block = _changed(node.block, amended)
        if any(present[old] == 0 or met[old] != present[old] for old in self.words):
            raise CannotApply("words that are not there, or overlap")


def _occurrences(words: str, line: str) -> int:
    return sum(line.startswith(words, at) for at in range(len(line)))


def _covered(place: Place) -> list[Node]:
    if place.lead:
        return [place.node]
    if place.first:
        own = [
            node for part in place.node.parts if part.is_item or part.number is None for node in part.walk()
        ]
        return [place.node, *own]
    return list(place.node.walk())


def _changed(block: Block, change: Callable[[str], str]) -> Block:
    if isinstance(block, Clause):
        return replace(block, words=change(block.words))
    if isinstance(block, Heading):
        return replace(block, title=change(block.title))
    if isinstance(block, Figure):
        return replace(block, caption=change(block.caption))
    return Table(tuple(tuple(map(change, row)) for row in block.rows))


def _change_row(node: Node, index: int, change: Callable[[str], str]) -> None:
    rows = node.block.rows if isinstance(node.block, Table) else ()
    node.block = Table(tuple(tuple(map(change, row)) if n == index else row for n, row in enumerate(rows)))


_ACTS: Final[Mapping[str, Callable[[_Clerk, Mapping[str, str]], None]]] = {
    "title": _Clerk._title,
    "caption": _Clerk._caption,
    "give_caption": _Clerk._caption,
    "take_caption": _Clerk._caption,
    "name": _Clerk._name,
    "anew": _Clerk._anew,
    "delete": _Clerk._delete,
    "delete_row": _Clerk._delete_row,
    "become": _Clerk._become,
    "raise": partial(_Clerk._shift, direction=-1),
    "lower": partial(_Clerk._shift, direction=1),
    "put": _Clerk._put,
    "put_row": _Clerk._put_row,
    "append": _Clerk._append,
}
