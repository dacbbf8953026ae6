"""A Word template, compiled once and rendered many times.

docxtpl patches the XML once; afterwards only Jinja's compiled generators run, and every part of the file that never
changes is copied as the deflated bytes it already is. That the outcome is well-formed is proven when the template is
compiled (`skeleton.py`), so that a paper costs no parsing (benchmarks/results.md).
"""

from __future__ import annotations

import io
import re
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import CodeType
from typing import Any, Final

from docxtpl import DocxTemplate
from jinja2 import Template, TemplateError, TemplateSyntaxError, nodes

from pipeline.errors import OfficeFault
from pipeline.furigana import Furigana
from pipeline.ooxml import (
    Element,
    Member,
    PackageError,
    Slot,
    W,
    deflate,
    main_part,
    make_slot,
    parse_word,
    read_archive,
    serialize,
    write_archive,
)
from pipeline.papers.contract import missing_names
from pipeline.papers.dialect import ENVIRONMENT, UnprintableValue
from pipeline.papers.gate import check_package
from pipeline.papers.pictures import (
    COLLECTED,
    CONTENT_TYPES,
    admit_pictures,
    has_charts,
    own_relations,
    with_pictures,
)
from pipeline.papers.ruby import FURIGANA
from pipeline.papers.ruby_text import set_ruby, unread
from pipeline.papers.skeleton import make_skeleton
from pipeline.papers.tags import OPENING, TAG, Tag, paragraph_places, read_tags, settle_tags

__all__ = ["CompiledPaper", "Rendered", "Story", "UnprintableValue", "compile_template"]

_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# docxtpl turns &lt; and &gt; of a tag back into characters, but not &amp;: 'A&B' would never equal itself.
_AMPERSAND: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_STORY: Final = re.compile(r"word/(header|footer)([0-9]*)\.xml")
_STORY_TITLES: Final = {"header": "ヘッダー", "footer": "フッター"}


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A paper: the file, and the pieces its changing parts were joined from, for the proof."""

    data: bytes
    pieces: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, eq=False)
class Story:
    """A part with tags (body, header, footer), ready to be filled.

    `located` is the same source with every tag at the beginning of a line: line n + 1 is `tags[n - 1]`.
    `text` is what stands outside all blocks and values, in order.
    """

    member: str
    label: str
    template: Template
    located: str
    tags: tuple[Tag, ...]
    text: tuple[str, ...]

    def fill(self, context: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the pieces of the part: the template's own and the printed values, in order."""
        template = self.template
        return tuple(template.root_render_func(template.new_context(context)))  # type: ignore[arg-type]

    @cached_property
    def tree(self) -> nodes.Template:
        """The syntax tree, its line numbers naming the tags."""
        return ENVIRONMENT.parse(self.located)

    @cached_property
    def constants(self) -> frozenset[str]:
        """Every piece that is the template's own."""
        return frozenset(_strings(self.template.root_render_func.__code__))


@dataclass(frozen=True, eq=False)
class CompiledPaper:
    """A proven template: members kept deflated, stories to be filled, words that may not be printed."""

    name: str
    slots: tuple[Slot, ...]
    stories: tuple[Story, ...]
    kept: tuple[Member, ...]
    barred: tuple[str, ...] = ()
    relations: tuple[str, str] | None = (
        None  # of a body with charts: the member and what the template has in it
    )
    furigana: Furigana | None = None  # the readings its words stand under, and its values may be given

    def render(self, context: Mapping[str, Any]) -> Rendered:
        """Return the paper for one context. The same context makes the same bytes.

        Raises UnprintableValue for a value no file can hold, OfficeFault("TEMPLATE") where the template asks for
        what the context does not have.
        """
        pictures: list[tuple[str, bytes]] = []
        within = context if self.relations is None else {**context, COLLECTED: pictures}
        within = within if self.furigana is None else {**within, FURIGANA: self.furigana}
        try:
            pieces = tuple([story.fill(within) for story in self.stories])
        except (TemplateError, TypeError, ValueError, LookupError, ArithmeticError) as error:
            raise self._fault(error, context) from None
        members = [
            deflate(story.member, "".join(part).encode("utf-8"))
            for story, part in zip(self.stories, pieces, strict=True)
        ]
        if self.relations is None:
            return Rendered(write_archive(self.slots, members), pieces)
        drawn = list(with_pictures(self.relations[1], self.relations[0], pictures))
        slots = (*self.slots, *(make_slot(member.name) for member in drawn[1:]))
        return Rendered(write_archive(slots, [*members, *drawn]), pieces)

    def _fault(self, error: Exception, context: Mapping[str, Any]) -> OfficeFault:
        """Name what is wrong: every name the context lacks, else the tag that failed. Never a value."""
        faults = tuple(fault for story in self.stories for fault in missing_names(story, context))
        if not faults:
            faults = tuple(fault for story in self.stories for fault in _failing_tag(story, context))
        sentences = faults or (f"印字できません（{type(error).__name__}）。",)
        return OfficeFault(
            "TEMPLATE", *(f"書類「{self.name}」{sentence}" for sentence in dict.fromkeys(sentences))
        )


def compile_template(
    data: bytes, name: str, barred: tuple[str, ...] = (), furigana: Furigana | None = None
) -> CompiledPaper:
    """Compile and prove a Word template; one without readings once for each content.

    `name` is its paper, `barred` the words it may not print, `furigana` the readings to set over its words.
    Raises OfficeFault("TEMPLATE") with all its faults at once, in Japanese, each with its place.
    """
    return _compile_plain(data, name, barred) if furigana is None else _compile(data, name, barred, furigana)


@lru_cache(maxsize=256)
def _compile_plain(data: bytes, name: str, barred: tuple[str, ...]) -> CompiledPaper:
    return _compile(data, name, barred, None)


def _compile(data: bytes, name: str, barred: tuple[str, ...], furigana: Furigana | None) -> CompiledPaper:
    try:
        archive = read_archive(data)
        members = {member.name: member.content() for member in archive}
        labels = _story_labels(members)
    except PackageError as error:
        raise OfficeFault(
            "TEMPLATE", f"書類「{name}」：Wordのひな形として読めません（{error.code}）。"
        ) from None
    faults = list(check_package(members, labels))
    stories: list[Story] = []
    if not any("XMLとして読めません" in fault for fault in faults):
        compiled = [
            _compile_story(members[member], member, label, barred, furigana)
            for member, label in labels.items()
        ]
        faults += [fault for _, found in compiled for fault in found]
        stories = [story for story, _ in compiled if story is not None]
    if faults:
        raise OfficeFault("TEMPLATE", *(f"書類「{name}」{fault}" for fault in dict.fromkeys(faults)))
    return replace(_assemble(name, archive, stories, barred), furigana=furigana)


def _assemble(
    name: str, archive: tuple[Member, ...], stories: list[Story], barred: tuple[str, ...]
) -> CompiledPaper:
    by_member = {story.member: story for story in stories}
    pictured = next((story.member for story in stories if has_charts(story.tree)), None)
    if pictured is not None:
        return _assemble_pictured(name, archive, by_member, pictured, barred)
    slots = tuple(make_slot(m.name, None if m.name in by_member else m) for m in archive)
    return CompiledPaper(name, slots, *_parted(archive, by_member), barred)


def _parted(
    archive: tuple[Member, ...], stories: Mapping[str, Story]
) -> tuple[tuple[Story, ...], tuple[Member, ...]]:
    """The stories and the members that never change, each in the order of the archive."""
    ordered = tuple(stories[member.name] for member in archive if member.name in stories)
    return ordered, tuple(member for member in archive if member.name not in stories)


def _assemble_pictured(
    name: str, archive: tuple[Member, ...], stories: Mapping[str, Story], body: str, barred: tuple[str, ...]
) -> CompiledPaper:
    """A paper with charts: PNG is admitted, and the body's relationships are written with every paper, last of all."""
    folder, _, file = body.rpartition("/")
    related = f"{folder}/_rels/{file}.rels"
    own = next((m.content() for m in archive if m.name == related), b"<none/>")
    archive = tuple(
        deflate(m.name, admit_pictures(m.content())) if m.name == CONTENT_TYPES else m
        for m in archive
        if m.name != related
    )
    slots = tuple(make_slot(m.name, None if m.name in stories else m) for m in archive)
    ordered, kept = _parted(archive, stories)
    relations = (related, own_relations(own))
    return CompiledPaper(name, (*slots, make_slot(related)), ordered, kept, barred, relations)


def _story_labels(members: Mapping[str, bytes]) -> dict[str, str]:
    """The parts where tags are read, with the names a clerk knows them by."""
    labels = {main_part(members): "本文"}
    for name in sorted(members):
        match = _STORY.fullmatch(name)
        if match is not None:
            labels[name] = _STORY_TITLES[match[1]] + (match[2] if match[2] != "1" else "")
    return labels


def _compile_story(
    data: bytes, member: str, label: str, barred: tuple[str, ...], furigana: Furigana | None
) -> tuple[Story | None, tuple[str, ...]]:
    """Return the compiled part, or None for one without tags; and its faults."""
    root = parse_word(data)
    tags, faults = read_tags(root, label)
    faults += tuple(_barred_words(root, label, barred))
    faults += tuple(unread(root, label, furigana)) if furigana is not None else ()
    if faults or not tags:
        return None, faults
    settle_tags(root)
    if furigana is not None:
        set_ruby(root, furigana)
    source = _AMPERSAND.sub(_unescaped, DocxTemplate(io.BytesIO()).patch_xml(serialize(root)))
    located = OPENING.sub(lambda match: "\n" + match.group(), source.replace("\n", " "))
    try:
        tree = ENVIRONMENT.parse(located)
    except TemplateSyntaxError as error:
        return None, (_nesting_fault(error, tags, label),)
    if label != "本文" and has_charts(tree):
        return None, (f"{label}：図（|chart）は本文にだけ置けます。本文に移してください。",)
    skeleton = make_skeleton(tree, _namespaces(root), tags, label)
    if skeleton.faults:
        return None, skeleton.faults
    template = ENVIRONMENT.from_string(_DECLARATION + source)
    return Story(member, label, template, located, tags, skeleton.text), ()


def _unescaped(tag: re.Match[str]) -> str:
    return tag.group().replace("&amp;", "&")


def _nesting_fault(error: TemplateSyntaxError, tags: tuple[Tag, ...], label: str) -> str:
    number = (error.lineno or 1) - 1
    if not 1 <= number <= len(tags):
        return f"{label}：タグの対応が取れません。if と endif、for と endfor の数を確かめてください。"
    return tags[number - 1].fault(
        "対応が取れません。if と endif、for と endfor が入れ子になっているか確かめてください。"
    )


def _namespaces(root: Element) -> dict[str, str]:
    return {prefix or "": uri for node in root.iter() for prefix, uri in node.nsmap.items()}


def _barred_words(root: Element, label: str, barred: tuple[str, ...]) -> Iterator[str]:
    for paragraph, place in paragraph_places(root, label).items():
        text = TAG.sub("\n", "".join(node.text or "" for node in paragraph.iter(W + "t")))
        yield from (
            f"{place}：「{word}」はこの書類に書けない言葉です。取り除いてください。"
            for word in barred
            if word in text
        )


def _strings(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, CodeType):
            yield from _strings(constant)


def _failing_tag(story: Story, context: Mapping[str, Any]) -> Iterator[str]:
    """Render once more from the located source, to learn at which tag it fails."""
    template = ENVIRONMENT.from_string(story.located)
    try:
        list(template.root_render_func(template.new_context(dict(context))))
    except (TemplateError, TypeError, ValueError, LookupError, ArithmeticError) as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == "<template>"]
        number = template.get_corresponding_lineno(frames[-1].lineno or 1) - 1 if frames else 0
        if 1 <= number <= len(story.tags):
            yield story.tags[number - 1].fault(
                "この値は印字できません。項目の種類と「|」の後の書き換えを確かめてください。"
            )
