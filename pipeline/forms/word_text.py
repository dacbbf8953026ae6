"""What a person sees in a Word file, in reading order: areas (cells, loose paragraphs, text boxes) of text with the
controls that hold it.

    story = read_story(root)      story.areas[i].pieces = [(text, Control | None) …]

One walk, every rule of wordforms.md §3: tracked changes as accepted, ruby base, results of fields, symbols, one branch
of two alternatives; hidden and deleted text is left out. What cannot be shown as text leaves a flag on its area.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pipeline.ooxml import Element, W

_MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_M: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_W14: Final = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_OFF: Final = frozenset(("0", "false", "off"))


class Flag(StrEnum):
    """Something about a place that its text alone does not tell (wordforms.md §3)."""

    TRACKED = "tracked-changes"
    HIDDEN = "hidden"
    EQ_FIELD = "eq-field"
    SYMBOL = "symbol"
    DRAWING = "drawing"
    MATH = "math"
    NUMBERED = "numbered"
    FAINT = "white-or-tiny"
    BOUND = "bound-elsewhere"
    NESTED_TABLE = "nested-table"
    NOTE = "note-reference"
    CONTROL_LOST = "control-lost"
    OUTSIDE = "outside-control"
    BESIDE = "text-outside-control"
    FOREIGN = "foreign-control"
    MOVED = "moved-control"
    TWICE = "same-tag-twice"
    MISSING = "missing"
    UNREADABLE = "unreadable-marks"
    MISMATCH = "mark-mismatch"
    MARKS_MIXED = "text-beside-marks"
    PROMPT_LEFT = "prompt-left"


@dataclass(eq=False, slots=True)
class Control:
    """A content control: its tag, what Word holds for its value, and its text as it is met.

    Whether Word takes it for empty (`showingPlcHdr`) is not asked: older LibreOffice leaves that on a filled control,
    and some programs write the prompt without it. A control is blank where its text is a prompt.
    """

    parent: Control | None = None
    area: Area | None = None
    tag: str = ""
    checked: bool | None = None
    picked: str = ""  # the day chosen in the calendar, ISO
    is_bound: bool = False  # Word shows a value kept elsewhere in the file, whatever stands here
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Everything the control shows."""
        return "".join(self.parts)


@dataclass(eq=False, slots=True)
class Area:
    """A table cell, a paragraph outside tables, or a text box. `row` counts the rows of the whole story."""

    kind: str  # cell, line, box
    row: int
    pieces: list[tuple[str, Control | None]] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    bookmarks: list[str] = field(default_factory=list)
    flags: set[Flag] = field(default_factory=set)
    paragraphs: int = 0
    joins: bool = False  # the mark of the last paragraph is deleted: the next one goes on with it

    @property
    def text(self) -> str:
        """Everything the area shows."""
        return "".join(text for text, _ in self.pieces)


@dataclass(slots=True)
class StoryText:
    """One flow of text as seen."""

    areas: list[Area] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    flags: set[Flag] = field(default_factory=set)


@dataclass(slots=True)
class _Field:
    """A field being read: its code, what stood in the code, and whether its result has begun."""

    code: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    in_result: bool = False
    is_page_number: bool = False  # whatever was counted last: no text of the form
    has_result: bool = False
    drawn: str = ""  # what the field of an old form shows that is kept in its code: a mark, a chosen item


def read_story(root: Element) -> StoryText:
    """Return what one flow of text shows. Raises RecursionError where it is nested absurdly deep."""
    rare = frozenset(node.tag for node in root.iter(_VANISH, _CELL_DEL, _CELL_INS))
    reader = _StoryReader(rare | {_SIZE} if has_faint_text(root) else rare)
    reader.read_children(root)
    reader.drop_fields()
    return reader.story


class _StoryReader:
    """The walk. State is where we are: the area, the control and the fields that are open."""

    def __init__(self, rare: frozenset[str]) -> None:
        """`rare` says which unusual properties the flow has at all: asked once, not of every run and cell."""
        self.may_hide = _VANISH in rare
        self.may_be_faint = _SIZE in rare
        self.may_drop_cells = bool(rare & {_CELL_DEL, _CELL_INS})
        self.story = StoryText()
        self.area: Area | None = None
        self.control: Control | None = None
        self.fields: list[_Field] = []
        self.row = 0
        self.bookmarks: list[str] = []

    def read_children(self, node: Element) -> None:
        """Read what lies below a node; an unknown element is looked into."""
        for child in node:
            tag = child.tag
            action = _ACTIONS.get(tag)
            if action is not None:
                action(self, child)
            elif tag not in _PASSED_OVER and isinstance(tag, str):
                self.read_children(child)

    # --- Text ---

    def show(self, text: str) -> None:
        """Take text as seen by the reader of the paper, unless it is the code of a field."""
        for open_field in self.fields:
            if not open_field.in_result:
                open_field.hidden.append(text)
                return
            open_field.has_result = True
            if open_field.is_page_number:
                return
        self._put(text)

    def _put(self, text: str) -> None:
        area = self.area if self.area is not None else self.open_area("line")
        area.pieces.append((text, self.control))
        control = self.control
        while control is not None:
            control.parts.append(text)
            control = control.parent

    def flag(self, flag: Flag) -> None:
        """Note something about the place we are at, or the next one."""
        (self.story.flags if self.area is None else self.area.flags).add(flag)

    # --- Areas ---

    def open_area(self, kind: str) -> Area:
        """Begin a cell, a loose paragraph or a text box."""
        if kind != "cell":
            self.row += 1
        area = Area(kind, self.row, bookmarks=self.bookmarks)
        self.bookmarks = []
        self.story.areas.append(area)
        control = self.control
        while control is not None and control.area is None:
            control.area = area
            area.controls.append(control)
            control = control.parent
        self.area = area
        return area

    def paragraph(self, node: Element) -> None:
        """Read one paragraph; two paragraphs of an area are two lines."""
        outside = self.area is None
        area = self.open_area("line") if self.area is None else self.area
        if area.paragraphs and not area.joins:
            self._put("\n")
        area.paragraphs += 1
        area.joins = False
        for child in node:
            action = _ACTIONS.get(tag := child.tag)
            if action is not None:
                action(self, child)
            elif tag == _P_PR:
                self._paragraph_properties(child, area)
            elif tag not in _PASSED_OVER and isinstance(tag, str):
                self.read_children(child)
        if self.fields:
            self.drop_fields(only_unfinished=True)
        if outside and not area.joins:
            self.area = None

    def _paragraph_properties(self, node: Element, area: Area) -> None:
        for child in node.iterchildren(_NUM_PR, _R_PR):
            if child.tag == _NUM_PR:
                area.flags.add(Flag.NUMBERED)
            else:
                area.joins = child.find(_DEL) is not None or child.find(_MOVE_FROM) is not None
                if area.joins or child.find(_INS) is not None:
                    area.flags.add(Flag.TRACKED)

    def table(self, node: Element) -> None:
        """Read a table; one inside a cell leaves a flag on the cell."""
        outer, control = self.area, self.control
        if outer is not None and outer.kind == "line":
            outer.joins, outer = False, None
        if outer is not None:
            outer.flags.add(Flag.NESTED_TABLE)
        self.area = None
        self.read_children(node)
        self.area, self.control = outer, control

    def table_row(self, node: Element) -> None:
        """Read a row, unless it is deleted."""
        properties = node.find(_TR_PR)
        if properties is not None:
            if properties.find(_DEL) is not None:
                self.story.flags.add(Flag.TRACKED)
                return
            if properties.find(_INS) is not None:
                self.story.flags.add(Flag.TRACKED)
        self.row += 1
        self.read_children(node)

    def cell(self, node: Element) -> None:
        """Read a cell as an area of its own."""
        if self.may_drop_cells and self._is_dropped(node):
            return
        outer = self.area
        self.open_area("cell")
        self.read_children(node)
        self.drop_fields()
        self.area = outer

    def _is_dropped(self, node: Element) -> bool:
        """Whether a cell is deleted with changes tracked; one that was inserted counts."""
        is_deleted = node.find(f"{_TC_PR}/{_CELL_DEL}") is not None
        if is_deleted or node.find(f"{_TC_PR}/{_CELL_INS}") is not None:
            self.story.flags.add(Flag.TRACKED)
        return is_deleted

    def text_box(self, node: Element) -> None:
        """Read a text box as an area of its own, out of the flow round it."""
        outer, control, fields = self.area, self.control, self.fields
        self.control, self.fields = None, []
        self.open_area("box")
        self.read_children(node)
        self.drop_fields()
        self.area, self.control, self.fields = outer, control, fields

    # --- Controls and marks ---

    def content_control(self, node: Element) -> None:
        """Read a control at any level: in a paragraph, round paragraphs, cells, rows or tables."""
        control = Control(self.control, self.area)
        content = None
        for child in node:
            if child.tag == _SDT_PR:
                for property_ in child.iterchildren(*CONTROL_PROPERTIES):
                    read_control_property(property_, control)
            elif child.tag == _SDT_CONTENT:
                content = child
        self.story.controls.append(control)
        if self.area is not None:
            self.area.controls.append(control)
        if content is not None:
            self.control = control
            self.read_children(content)
            self.control = control.parent

    def bookmark(self, node: Element) -> None:
        """Keep the bookmarks of boxes."""
        name = node.get(_NAME, "")
        if name.startswith("f_"):
            (self.bookmarks if self.area is None else self.area.bookmarks).append(name)

    def inserted(self, node: Element) -> None:
        """Read what was inserted as if it had always been there."""
        self.flag(Flag.TRACKED)
        self.read_children(node)

    def deleted(self, node: Element) -> None:
        """Leave out what was deleted."""
        if len(node):
            self.flag(Flag.TRACKED)

    def alternatives(self, node: Element) -> None:
        """Read one branch only: both show the same."""
        branch = node.find(f"{_MC}Choice")
        if branch is None:
            branch = node.find(f"{_MC}Fallback")
        if branch is not None:
            self.read_children(branch)

    # --- Runs ---

    def run(self, node: Element) -> None:
        """Read a run, unless it is hidden."""
        for child in node:
            tag = child.tag
            if tag == _T:
                text = child.text
                if text:
                    self.show(text)
            elif tag == _R_PR:
                if self.may_hide and _is_hidden(child):
                    self._hidden_run(node)
                    return
                if self.may_be_faint and is_faint(child) and _has_words(node):
                    self.flag(Flag.FAINT)
            else:
                action = _ACTIONS.get(tag)
                if action is not None:
                    action(self, child)
                elif tag not in _PASSED_OVER and isinstance(tag, str):
                    self.read_children(child)

    def _hidden_run(self, node: Element) -> None:
        if _has_words(node):
            self.flag(Flag.HIDDEN)
        for child in node.iter(_FLD_CHAR, _INSTR_TEXT):
            _ACTIONS[child.tag](self, child)

    def text(self, node: Element) -> None:
        """Show plain text."""
        self.show(node.text or "")

    def line_break(self, node: Element) -> None:
        """Show a line break; the breaks of pages and columns are no text."""
        if node.get(_TYPE) not in ("page", "column"):
            self.show("\n")

    def symbol(self, node: Element) -> None:
        """Show the sign that a symbol font draws."""
        code = str(node.get(f"{W}char", "")).upper()[-2:]
        font = str(node.get(f"{W}font", "")).replace(" ", "").lower()
        sign = _SYMBOLS.get((font, code), "\N{REPLACEMENT CHARACTER}")
        if sign == "\N{REPLACEMENT CHARACTER}":
            self.flag(Flag.SYMBOL)
        self.show(sign)

    def ruby(self, node: Element) -> None:
        """Read the base text only; the reading above it has a box of its own."""
        base = node.find(f"{W}rubyBase")
        if base is not None:
            self.read_children(base)

    def math(self, node: Element) -> None:
        """Show the letters of a formula; its shape is lost."""
        self.flag(Flag.MATH)
        for text in node.iter(f"{_M}t"):
            self.show(text.text or "")

    def drawing(self, node: Element) -> None:
        """Note a picture or a shape, and read the text boxes in it."""
        self.flag(Flag.DRAWING)
        self.read_children(node)

    def note_reference(self, _: Element) -> None:
        """Note that a footnote hangs here."""
        self.flag(Flag.NOTE)

    # --- Fields ---

    def field_character(self, node: Element) -> None:
        """Begin a field, begin its result, or end it."""
        match node.get(f"{W}fldCharType"):
            case "begin":
                self.fields.append(_Field(drawn=_drawn(node)))
            case "separate" if self.fields:
                self.fields[-1].in_result = True
                self.fields[-1].is_page_number = _is_page_number("".join(self.fields[-1].code))
            case "end" if self.fields:
                self._end_field(self.fields.pop())

    def simple_field(self, node: Element) -> None:
        """Show the result of a field written as one element."""
        if not _is_page_number(str(node.get(f"{W}instr", ""))):
            self.read_children(node)

    def field_code(self, node: Element) -> None:
        """Collect the code of a field."""
        if self.fields and not self.fields[-1].in_result:
            self.fields[-1].code.append(node.text or "")

    def _end_field(self, ended: _Field) -> None:
        code = "".join(ended.code).strip()
        if ended.has_result:
            return
        if code[:2].upper() == "EQ":
            self.flag(Flag.EQ_FIELD)
            self.show(equation_text(code[2:]))
        elif ended.drawn:
            self.show(ended.drawn)

    def drop_fields(self, only_unfinished: bool = False) -> None:
        """Close fields that have no end here: what was taken for their code was text."""
        if only_unfinished and all(open_field.in_result for open_field in self.fields):
            return
        pending, self.fields = self.fields, []
        for open_field in pending:
            for text in (*open_field.hidden, "" if open_field.has_result else open_field.drawn):
                self.show(text)


def _has_words(run: Element) -> bool:
    return any((text.text or "").strip() for text in run.iter(_T))


def has_faint_text(root: Element) -> bool:
    """Whether anything in a flow is formatted so that nobody sees it: white, or smaller than four points."""
    return any(map(_is_unseen, root.iter(_COLOUR, _SIZE)))


def is_faint(properties: Element) -> bool:
    """Whether the properties of a run make it white or tiny."""
    return any(map(_is_unseen, properties.iterchildren(_COLOUR, _SIZE)))


def _is_unseen(node: Element) -> bool:
    value = str(node.get(_VAL, ""))
    if node.tag == _SIZE:
        return value.isdecimal() and int(value) < _TINY
    return _WHITE.fullmatch(value) is not None


def _is_hidden(properties: Element) -> bool:
    vanish = properties.find(_VANISH)
    return vanish is not None and vanish.get(_VAL, "1") not in _OFF


def _drawn(begin: Element) -> str:
    """What a form field of old Words shows beside its code: FORMCHECKBOX a mark, FORMDROPDOWN the chosen item."""
    box, choices = begin.find(f"{_FORM_DATA}/{W}checkBox"), begin.find(f"{_FORM_DATA}/{W}ddList")
    if box is not None:
        state = next((node for name in ("checked", "default") for node in box.iterchildren(W + name)), None)
        return "☒" if state is not None and state.get(_VAL, "1") not in _OFF else "☐"
    if choices is None:
        return ""
    items = [str(item.get(_VAL, "")) for item in choices.iterchildren(W + "listEntry")]
    chosen = next((node for name in ("result", "default") for node in choices.iterchildren(W + name)), None)
    index = str(chosen.get(_VAL, "0")) if chosen is not None else "0"
    return items[int(index)] if index.isdecimal() and int(index) < len(items) else ""


def _is_page_number(code: str) -> bool:
    return code.split()[:1] in (["PAGE"], ["NUMPAGES"], ["SECTIONPAGES"])


def read_control_property(node: Element, control: Control) -> None:
    """Take one of CONTROL_PROPERTIES into a control."""
    kind = node.tag
    if kind == _TAG:
        control.tag = str(node.get(_VAL, ""))
    elif kind == _CHECKBOX:
        control.checked = _is_ticked(node)
    elif kind == _DATE:
        control.picked = str(node.get(_FULL_DATE, ""))[:10]
    else:
        control.is_bound = True


def _is_ticked(checkbox: Element) -> bool:
    """What a check box says; `find` would take four times as long, on a hundred boxes a form."""
    for state in checkbox:
        if state.tag == _CHECKED:
            return state.get(_W14_VAL, "1") not in _OFF
    return False


# --- 囲い文字 and old ruby: EQ \o\ac(○,印), EQ \o\ad(\s\up 9(よみ),親) ------------------------------------------------


def equation_text(code: str) -> str:
    """Return the letters an EQ field draws over one another: the last argument of its `\\o(…)`, without options."""
    opening = code.find("(", code.lower().find("\\o"))
    if opening < 0:
        return ""
    closing = code.rfind(")")
    inside = code[opening + 1 : closing if closing > opening else None]
    return re.sub(r"\\[a-zA-Z]+\s?[0-9]*", "", _last_argument(inside)).strip("() ")


def _last_argument(inside: str) -> str:
    depth, begin = 0, 0
    for index, char in enumerate(inside):
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char in ",;" and depth == 0:
            begin = index + 1
    return inside[begin:]


# --- The vocabulary -----------------------------------------------------------------------------------------------

_VAL: Final = W + "val"
_NAME: Final = W + "name"
_TYPE: Final = W + "type"
_T: Final = W + "t"
_P_PR: Final = W + "pPr"
_R_PR: Final = W + "rPr"
_TC_PR: Final = W + "tcPr"
_CELL_DEL: Final = W + "cellDel"
_CELL_INS: Final = W + "cellIns"
_COLOUR: Final = W + "color"
_SIZE: Final = W + "sz"
_TINY: Final = 8  # half points
_WHITE: Final = re.compile("([F][0-9A-F]){3}", re.IGNORECASE)
_FORM_DATA: Final = W + "ffData"
_TR_PR: Final = W + "trPr"
_NUM_PR: Final = W + "numPr"
_DEL: Final = W + "del"
_INS: Final = W + "ins"
_MOVE_FROM: Final = W + "moveFrom"
_VANISH: Final = W + "vanish"
_FLD_CHAR: Final = W + "fldChar"
_INSTR_TEXT: Final = W + "instrText"
_SDT_PR: Final = W + "sdtPr"
_SDT_CONTENT: Final = W + "sdtContent"
_TAG: Final = W + "tag"
_CHECKBOX: Final = _W14 + "checkbox"
_CHECKED: Final = _W14 + "checked"
_W14_VAL: Final = _W14 + "val"
_DATE: Final = W + "date"
_FULL_DATE: Final = W + "fullDate"
CONTROL_PROPERTIES: Final = (_TAG, _CHECKBOX, _DATE, W + "dataBinding")

_PASSED_OVER: Final = frozenset(
    W + name
    for name in (
        *("pPr", "rPr", "tblPr", "tblPrEx", "tblGrid", "tcPr", "trPr", "sectPr", "sdtPr", "sdtEndPr", "bookmarkEnd"),
        *("proofErr", "lastRenderedPageBreak", "permStart", "permEnd", "commentRangeStart", "commentRangeEnd"),
        *("commentReference", "annotationRef", "softHyphen", "delText", "delInstrText", "rt", "rubyPr", "background"),
        *("customXmlPr", "smartTagPr", "ffData", "separator", "continuationSeparator", "pgNum"),
    )
)  # fmt: skip

_ACTIONS: Final[Mapping[str, Callable[[_StoryReader, Element], None]]] = {
    _T: _StoryReader.text,
    W + "r": _StoryReader.run,
    W + "p": _StoryReader.paragraph,
    W + "tc": _StoryReader.cell,
    W + "tr": _StoryReader.table_row,
    W + "tbl": _StoryReader.table,
    W + "sdt": _StoryReader.content_control,
    W + "bookmarkStart": _StoryReader.bookmark,
    W + "br": _StoryReader.line_break,
    W + "cr": _StoryReader.line_break,
    W + "tab": lambda reader, _: reader.show("\t"),
    W + "ptab": lambda reader, _: reader.show("\t"),
    W + "noBreakHyphen": lambda reader, _: reader.show("-"),
    _INS: _StoryReader.inserted,
    W + "moveTo": _StoryReader.inserted,
    _DEL: _StoryReader.deleted,
    _MOVE_FROM: _StoryReader.deleted,
    W + "ruby": _StoryReader.ruby,
    W + "sym": _StoryReader.symbol,
    _FLD_CHAR: _StoryReader.field_character,
    _INSTR_TEXT: _StoryReader.field_code,
    W + "fldSimple": _StoryReader.simple_field,
    W + "drawing": _StoryReader.drawing,
    W + "pict": _StoryReader.drawing,
    W + "object": _StoryReader.drawing,
    W + "txbxContent": _StoryReader.text_box,
    W + "footnoteReference": _StoryReader.note_reference,
    W + "endnoteReference": _StoryReader.note_reference,
    _MC + "AlternateContent": _StoryReader.alternatives,
    _M + "oMath": _StoryReader.math,
}

WALKED: Final = frozenset(_ACTIONS) | {
    _VANISH,
    _NUM_PR,
    _CELL_DEL,
    _CELL_INS,
}  # every element that means something to the walk

# What Wingdings and its sisters draw for the marks people use (wordforms.md §3).
_SYMBOLS: Final[Mapping[tuple[str, str], str]] = {
    **{("wingdings", code): sign for code, sign in
       (("FE", "☑"), ("FD", "☒"), ("A8", "☐"), ("6F", "☐"), ("FC", "✓"), ("FB", "✗"), ("A1", "○"), ("6C", "●"))},
    **{("wingdings2", code): sign for code, sign in
       (("52", "☑"), ("53", "☒"), ("54", "☒"), ("A3", "☐"), ("50", "✓"), ("4F", "✗"))},
}  # fmt: skip
