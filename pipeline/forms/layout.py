"""What a form looks like on paper: sections → rows, tables → boxes. Pure; made from the schema, shared by every
writer and reader of forms.

    layout = make_layout(FormShape(name, version, title, root))   # ValueError: a schema no paper can hold
    layout.sections[i].parts            Row | Table | Heading, in printing order
    layout.boxes()["children[0].name"]  Box; in printing order. A multiple choice is ONE box (`wanted_house`)
    layout.controls()                   tag of every control → Control(box, option): `wanted_house#0`, `children[0].name`
    layout.prompts                      every grey text an empty box may show (FRAME_BOXES' too)
    FRAME_BOXES                         boxes of the envelope by tag: CASE_BOX `case_id`, CORRECTION_BOXES; not among `boxes()`
    bookmark_name(tag)                  `f_…`, ≤ 40 of [A-Za-z0-9_]
    steps_of("children[0].name")        ("children", 0, "name"), as in `fields.to_pointer`

How it is printed, for reading by label: in a `Row` each box is a label cell followed at once by its value cell; the
label cell's first paragraph is `Box.label` and its mark, the hint is a second paragraph. In a `Table` the first row holds
the column labels the same way (its first cell is 番号), every following row a number and one value cell a column.
Labels may be equal under two headings (氏名, 議題); a schema that gives two titles alike in one group repeats one there.

A list of objects becomes a Table; where an item holds long text, a list of its own or more columns than a page is wide, a
card (Heading and Rows) an item.
A list of single values becomes rows labelled 目標１, 目標２ …. A list prints min(maxItems, 8) places (4 where it lies in
another list, or `x-rows` of its schema); `make_layout(shape, rows)` prints more where a filled form needs more:
`count_rows(values)` and `rows_of_tags(tags)` say how many, by instance path of the list.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, TypeAlias

from pipeline.envelope import CASE_ID, CORRECTION_REASON, CORRECTS, WITHDRAWS
from pipeline.fields import Field
from pipeline.predicates import FORMATS
from pipeline.rules.wareki import digits

MAX_ROWS: Final = 8
MAX_NESTED_ROWS: Final = 4
TABLE_ROOM: Final = 52  # characters of a table's cells across a page, beside the number of the row
MAX_TAG: Final = 64  # Word cuts longer tags and titles without a word
_MAX_BOOKMARK: Final = 40
_MAX_SHORT_TEXT: Final = 40
_MAX_SHORT_NAME: Final = 60
_MAX_SHORT_OPTION: Final = 16
_LONG_TEXT: Final = 200
_ROOMY_COLUMNS: Final = 3
_LONG_LABEL: Final = 20  # two lines beside a box; a longer question gets half the width of the page
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_STEP: Final = re.compile(r"([A-Za-z][A-Za-z0-9_]*)|\[([0-9]+)\]")

Rows: TypeAlias = Mapping[str, int]


class Kind(StrEnum):
    """What is put into a box."""

    TEXT = "text"
    MULTILINE = "multiline"
    DATE = "date"
    TIME = "time"
    MONTH = "month"
    INTEGER = "integer"
    CHOICE = "choice"
    CHECK = "check"
    MULTICHECK = "multicheck"


# Grey texts of an empty box. They belong to the form's definition: a reader takes them for empty.
PROMPTS: Final[Mapping[Kind, str]] = {
    Kind.TEXT: "ここに入力",
    Kind.MULTILINE: "ここに入力（改行できます）",
    Kind.DATE: "日付を入力（例：令和５年６月１日）",
    Kind.TIME: "時刻を入力（例：13:30）",
    Kind.MONTH: "年月を入力（例：令和５年６月）",
    Kind.INTEGER: "数字を入力",
    Kind.CHOICE: "選んでください",
}
NARROW_PROMPTS: Final[Mapping[Kind, str]] = {  # in a table's cells
    Kind.TEXT: "（記入）",
    Kind.MULTILINE: "（記入）",
    Kind.DATE: "（年月日）",
    Kind.TIME: "（時刻）",
    Kind.MONTH: "（年月）",
    Kind.INTEGER: "（数）",
    Kind.CHOICE: "（選択）",
}
CASE_PROMPT: Final = "ケース番号を入力"
# What Word itself puts back into a box that was emptied.
WORD_PROMPTS: Final = (
    "ここをクリックまたはタップしてテキストを入力してください。",
    "ここをクリックまたはタップして日付を入力してください。",
    "ここをクリックしてテキストを入力してください。",
    "ここをクリックして日付を入力してください。",
    "クリックまたはタップしてテキストを入力してください。",
    "クリックまたはタップして日付を入力してください。",
    "アイテムを選択してください。",
    "Click or tap here to enter text.",
    "Click or tap to enter a date.",
    "Click here to enter text.",
    "Click here to enter a date.",
    "Choose an item.",
)


@dataclass(frozen=True)
class FormShape:
    """A form as its writers and readers know it: name, version, printed title, and its fields."""

    name: str
    version: int
    title: str
    root: Field

    @property
    def form_id(self) -> str:
        """The mark in footer, body and properties: `dispatch_application-v1`."""
        return f"{self.name}-v{self.version}"


@dataclass(frozen=True, eq=False)
class Box:
    """One place to fill in. `tag` is the instance path, `path` the field path, `label` what stands beside it.

    `required` holds wherever the form is handed in, `required_in_group` once something of its group or row is filled.
    """

    tag: str
    path: str
    label: str
    alias: str
    kind: Kind
    field: Field
    options: tuple[str, ...] = ()
    prompt: str = ""
    required: bool = False
    required_in_group: bool = False
    hint: str = ""

    @property
    def multiline(self) -> bool:
        """Whether line breaks may be typed."""
        return self.kind is Kind.MULTILINE

    @property
    def bookmark(self) -> str:
        """The bookmark round the box."""
        return bookmark_name(self.tag)

    @property
    def mark(self) -> str:
        """必須 on a box every form must fill, ※ on one its group needs, or nothing."""
        if self.required:
            return "（必須）"
        return "※" if self.required_in_group else ""

    @property
    def control_tags(self) -> tuple[str, ...]:
        """The tags of its controls: its own, or one an option."""
        if self.kind is Kind.MULTICHECK:
            return tuple(f"{self.tag}#{index}" for index in range(len(self.options)))
        return (self.tag,)

    @property
    def has_long_label(self) -> bool:
        """Whether its label is a question rather than a name."""
        return len(self.label) > _LONG_LABEL

    @property
    def room(self) -> float:
        """The characters a column of a table needs, so that what is usually written in it stands in one line."""
        match self.kind:
            case Kind.DATE | Kind.MONTH:
                return 9.5
            case Kind.TIME | Kind.CHECK:
                return 5
            case Kind.INTEGER:
                return 4
            case Kind.CHOICE:
                return min(max(5, max(map(len, self.options)) + 1), 9)
            case Kind.MULTICHECK:
                return 24
        return 6.5

    @property
    def is_short(self) -> bool:
        """Whether it needs less than a line."""
        match self.kind:
            case Kind.TEXT:
                limit = _MAX_SHORT_NAME if self.field.is_name else _MAX_SHORT_TEXT
                return int(self.field.schema.get("maxLength", 0) or 10**6) <= limit
            case Kind.CHOICE:
                return max(map(len, self.options)) <= _MAX_SHORT_OPTION
            case Kind.DATE | Kind.TIME | Kind.MONTH | Kind.INTEGER | Kind.CHECK:
                return True
        return False


@dataclass(frozen=True, eq=False)
class Control:
    """One content control: its box, and which option it ticks (None outside a multiple choice)."""

    box: Box
    option: str | None = None


@dataclass(frozen=True, eq=False)
class Row:
    """One or two boxes side by side, each behind its label."""

    boxes: tuple[Box, ...]


@dataclass(frozen=True, eq=False)
class Table:
    """A list of objects, one row an item. `columns` are the boxes of the first row; `tag` is the list's path."""

    tag: str
    title: str
    rows: tuple[tuple[Box, ...], ...]

    @property
    def columns(self) -> tuple[Box, ...]:
        """The columns, as the boxes of the first row describe them."""
        return self.rows[0]


@dataclass(frozen=True, eq=False)
class Heading:
    """A line over the rows of an item or the table of an inner list. `tag` is the item's or the list's path."""

    tag: str
    title: str
    hint: str = ""
    mark: str = ""


Part: TypeAlias = Row | Table | Heading


@dataclass(frozen=True, eq=False)
class Section:
    """A part of the form under one grey heading; without a title it is a run of loose boxes."""

    title: str
    hint: str
    note: str
    mark: str
    parts: tuple[Part, ...]

    def boxes(self) -> Iterator[Box]:
        """Yield the boxes in printing order."""
        for part in self.parts:
            if isinstance(part, Row):
                yield from part.boxes
            elif isinstance(part, Table):
                for row in part.rows:
                    yield from row


@dataclass(frozen=True, eq=False)
class Layout:
    """A whole form in printing order."""

    shape: FormShape
    sections: tuple[Section, ...]

    def boxes(self) -> dict[str, Box]:
        """Every box by its tag."""
        return dict(self._boxes)

    def controls(self) -> dict[str, Control]:
        """Every content control by its tag."""
        return dict(self._controls)

    @cached_property
    def prompts(self) -> frozenset[str]:
        """Every grey text an empty box may show."""
        return frozenset((*PROMPTS.values(), *NARROW_PROMPTS.values(), CASE_PROMPT, *WORD_PROMPTS))

    @cached_property
    def _boxes(self) -> Mapping[str, Box]:
        return {box.tag: box for section in self.sections for box in section.boxes()}

    @cached_property
    def _controls(self) -> Mapping[str, Control]:
        controls: dict[str, Control] = {}
        for box in self._boxes.values():
            options = box.options if box.kind is Kind.MULTICHECK else (None,)
            controls.update(
                (tag, Control(box, option)) for tag, option in zip(box.control_tags, options, strict=True)
            )
        return controls


def _frame_box(field: Field, kind: Kind, prompt: str, hint: str) -> Box:
    """A box of the envelope: it stands in a frame of its own, and its tag is the member's name."""
    return Box(field.key, field.key, field.title, field.title, kind, field, prompt=prompt, hint=hint)


CASE_BOX: Final = _frame_box(CASE_ID, Kind.TEXT, CASE_PROMPT, "職員が記入します。")
CORRECTION_BOXES: Final = (  # printed only in a form made to put an earlier one right
    _frame_box(CORRECTS, Kind.TEXT, PROMPTS[Kind.TEXT], "前に出した様式の番号です。変えないでください。"),
    _frame_box(
        WITHDRAWS,
        Kind.CHECK,
        "",
        "直すのではなく、前に出した様式をなかったことにするときに選びます。理由は要りません。",
    ),
    _frame_box(
        CORRECTION_REASON,
        Kind.MULTILINE,
        PROMPTS[Kind.MULTILINE],
        "どこを、なぜ直すのかを200字以内で記入してください。",
    ),
)
FRAME_BOXES: Final[Mapping[str, Box]] = {box.tag: box for box in (CASE_BOX, *CORRECTION_BOXES)}


# --- Names --------------------------------------------------------------------------------------------------------


def bookmark_name(tag: str) -> str:
    """Return the bookmark of a box: readable, and unique by the digest (Word compares names without case)."""
    digest = hashlib.sha256(tag.encode()).hexdigest()[:8]
    readable = re.sub(r"[^A-Za-z0-9]+", "_", tag).strip("_")
    return f"f_{readable[: _MAX_BOOKMARK - 11]}_{digest}"


def steps_of(tag: str) -> tuple[str | int, ...]:
    """Return the instance path of a tag; the option of a multiple choice is left out."""
    path = tag.partition("#")[0]
    return tuple(name or int(index) for name, index in _STEP.findall(path))


def count_rows(values: Any, tag: str = "") -> dict[str, int]:
    """Return how many places each list of `values` needs, by instance path."""
    found: dict[str, int] = {}
    if isinstance(values, Mapping):
        for key, value in values.items():
            found |= count_rows(value, f"{tag}.{key}" if tag else str(key))
    elif isinstance(values, list | tuple):
        found[tag] = len(values)
        for index, value in enumerate(values):
            found |= count_rows(value, f"{tag}[{index}]")
    return found


def rows_of_tags(tags: Iterable[str]) -> dict[str, int]:
    """Return how many places each list has, as the tags found in a form show."""
    found: dict[str, int] = {}
    for tag in tags:
        for match in re.finditer(r"\[([0-9]{1,3})\]", tag):
            owner = tag[: match.start()]
            found[owner] = max(found.get(owner, 0), int(match[1]) + 1)
    return found


def ordinal(index: int) -> str:
    """Return the printed number of the place `index`: １, ２ … 10."""
    return digits(index + 1)


# --- From fields to boxes -----------------------------------------------------------------------------------------


def make_layout(shape: FormShape, rows: Rows | None = None) -> Layout:
    """Return the layout of a form. `rows` asks for more places than usual, by instance path of the list.

    Raises ValueError with a Japanese sentence: a list of lists, an unprintable key, a tag longer than Word keeps.
    """
    layout = Layout(shape, tuple(_sections(shape.root, rows or {})))
    for tag in FRAME_BOXES.keys() & layout.boxes().keys():
        raise ValueError(f"{tag}：{FRAME_BOXES[tag].label}の欄と同じ名前の項目は使えません。")
    for tag in layout.controls():
        if len(tag) > MAX_TAG:
            raise ValueError(f"{tag}：項目の名前が長すぎて、Word様式にできません（{MAX_TAG}字まで）。")
    return layout


@dataclass(frozen=True)
class _Place:
    """Where in the form a field stands: its tag, the titles above it, and what is required above it."""

    tag: str
    titles: tuple[str, ...]
    required: bool
    in_list: bool = False

    def below(self, field: Field) -> _Place:
        if not _KEY.fullmatch(field.key):
            raise ValueError(f"{field.path}：項目の名前には半角の英数字と _ だけが使えます。")
        tag = f"{self.tag}.{field.key}" if self.tag else field.key
        titles = (*self.titles, field.title or field.key)
        return replace(self, tag=tag, titles=titles, required=self.required and field.required)

    def item(self, index: int, least: int) -> _Place:
        titles = (*self.titles[:-1], f"{self.titles[-1]}{ordinal(index)}")
        return _Place(f"{self.tag}[{index}]", titles, self.required and index < least, True)


def _sections(root: Field, rows: Rows) -> Iterator[Section]:
    """A group or a list of objects is a section of its own; loose boxes between them are gathered."""
    top = _Place("", (), True)
    loose: list[Part] = []
    for field in root.members:
        place = top.below(field)
        parts = _parts(field, place, rows)
        if not _is_own_section(field):
            loose += parts
            continue
        if loose:
            yield _loose_section(loose)
            loose = []
        yield Section(field.title, _hint(field), _note(field), _mark(field, place), _paired(parts))
    if loose:
        yield _loose_section(loose)


def _is_own_section(field: Field) -> bool:
    return field.kind == "object" or _is_list(field)


def _is_list(field: Field) -> bool:
    return field.kind == "array" and not _is_multiple_choice(field)


def _loose_section(parts: list[Part]) -> Section:
    return Section("", "", "", "", _paired(parts))


def _mark(field: Field, place: _Place) -> str:
    if place.required and field.kind == "array" and field.schema.get("minItems", 0) > 0:
        return "（必須）"
    return ""


def _hint(field: Field) -> str:
    return str(field.schema.get("x-hint", ""))


def _note(field: Field) -> str:
    return str(field.schema.get("description", ""))


def _parts(field: Field, place: _Place, rows: Rows, label: str = "") -> list[Part]:
    """Return the parts of a field, one box a row; the rows are paired at the end."""
    if field.kind == "object":
        return _group(field, place, rows, inner=bool(place.tag) and len(place.titles) > 1)
    if _is_list(field):
        return _list(field, place, rows, label)
    return [Row((_box(field, place, label or field.title),))]


def _group(field: Field, place: _Place, rows: Rows, inner: bool) -> list[Part]:
    """Return the rows of a group. Inside another group the labels say which one, unless one member has its name."""
    prefix = ""
    if inner and field.title and field.title not in {member.title for member in field.members}:
        prefix = f"{field.title}／"
    parts: list[Part] = []
    for member in field.members:
        below = place.below(member)
        if _is_list(member) and member.members[0].kind == "object":
            parts.append(Heading(below.tag, member.title, _hint(member), _mark(member, below)))
        parts += _parts(member, below, rows, f"{prefix}{member.title or member.key}")
    return parts


def _list(field: Field, place: _Place, rows: Rows, label: str) -> list[Part]:
    item = field.members[0]
    if item.kind == "array":
        raise ValueError(f"{field.path}：一覧の中に一覧がじかに入っています。Word様式にできません。")
    least = int(field.schema.get("minItems", 0))
    places = [place.item(index, least) for index in range(_size(field, place, rows))]
    if item.kind != "object":
        name = label or field.title
        return [
            Row((_box(item, at, f"{name}{ordinal(index)}", owner=field if index == 0 else None),))
            for index, at in enumerate(places)
        ]
    if _fits_table(item, places[0]):
        return [Table(place.tag, field.title, tuple(tuple(_cells(item, at)) for at in places))]
    parts: list[Part] = []
    for at in places:
        parts += [Heading(at.tag, at.titles[-1], _hint(item)), *_group(item, at, rows, inner=False)]
    return parts


def _size(field: Field, place: _Place, rows: Rows) -> int:
    limit = int(field.schema.get("maxItems", MAX_ROWS))
    usual = int(field.schema.get("x-rows", MAX_NESTED_ROWS if place.in_list else MAX_ROWS))
    return max(1, min(limit, usual), min(limit, rows.get(place.tag, 0)))


def _fits_table(item: Field, place: _Place) -> bool:
    """A row of a table holds no list but one of choices, and no more than the page is wide."""
    lists = [field for field in item.walk() if field.kind == "array"]
    choices = [field for field in lists if _is_multiple_choice(field)]
    if len(lists) != len(choices) or len(choices) > 1:
        return False
    cells = list(_cells(item, place))
    roomy = len(cells) <= _ROOMY_COLUMNS  # who said what: few columns hold long text as well
    long = [cell for cell in cells if int(cell.field.schema.get("maxLength", 0)) > _LONG_TEXT]
    return sum(cell.room for cell in cells) <= TABLE_ROOM and (roomy or not long)


def _cells(item: Field, place: _Place) -> Iterator[Box]:
    for member in item.members:
        below = place.below(member)
        if member.kind == "object":
            yield from _cells(member, below)
        else:
            box = _box(member, below, member.title or member.key)
            yield replace(box, prompt=NARROW_PROMPTS.get(box.kind, ""), required=False)


def _box(field: Field, place: _Place, label: str, owner: Field | None = None) -> Box:
    kind, options = _kind(field)
    is_item = field.key == "[]"
    required = place.required
    if kind is Kind.MULTICHECK:
        required = required and field.schema.get("minItems", 0) > 0
    return Box(
        tag=place.tag,
        path=field.path,
        label=label or field.key,
        alias="／".join(place.titles)[-MAX_TAG:],
        kind=kind,
        field=field,
        options=options,
        prompt=PROMPTS.get(kind, ""),
        required=required,
        required_in_group=field.required and not is_item and "." in place.tag,
        hint=_hint(owner or field) if owner is not None or not is_item else "",
    )


def _is_multiple_choice(field: Field) -> bool:
    return field.kind == "array" and "enum" in field.members[0].schema


def _kind(field: Field) -> tuple[Kind, tuple[str, ...]]:
    if _is_multiple_choice(field):
        return Kind.MULTICHECK, tuple(map(str, field.members[0].schema["enum"]))
    if "enum" in field.schema:
        return Kind.CHOICE, tuple(map(str, field.schema["enum"]))
    if field.kind == "boolean":
        return Kind.CHECK, ()
    if field.kind in ("integer", "number"):
        return Kind.INTEGER, ()
    if field.schema.get("format") in FORMATS:
        return Kind(field.schema["format"]), ()
    return (Kind.MULTILINE if field.schema.get("x-multiline") else Kind.TEXT), ()


def _may_share_a_row(box: Box) -> bool:
    return box.is_short and not box.has_long_label


def _paired(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Put two short boxes that follow one another into one row."""
    paired: list[Part] = []
    for part in parts:
        last = paired[-1] if paired else None
        if (
            isinstance(part, Row)
            and isinstance(last, Row)
            and len(last.boxes) == 1
            and _may_share_a_row(last.boxes[0])
            and _may_share_a_row(part.boxes[0])
        ):
            paired[-1] = Row((*last.boxes, *part.boxes))
        else:
            paired.append(part)
    return tuple(paired)
