"""A Word form made from a schema, blank or prefilled: protected tables of labels and content controls.

Every box is a content control inside a paragraph (run level: the only place every writer keeps them), with the
instance path as its tag and the printed title as its alias, inside a cell bookmark, beside a label in plain text. So the
form can be read back by tag, by label or by bookmark (docs/architecture.md, `forms/layout.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from pipeline import ooxml
from pipeline.fields import Field
from pipeline.forms.layout import (
    CASE_BOX,
    CORRECTION_BOXES,
    FRAME_BOXES,
    Box,
    FormShape,
    Heading,
    Kind,
    Layout,
    Row,
    Section,
    Table,
    count_rows,
    make_layout,
    ordinal,
    steps_of,
)
from pipeline.forms.word_parts import (
    FOOTER_RELATION,
    GOTHIC,
    NAMESPACES,
    fonts,
    form_mark,
    package_parts,
)
from pipeline.rules.wareki import month_name, parse_iso, parse_month, to_wareki

CHECKED: Final = "☒"
UNCHECKED: Final = "☐"
YES: Final = "はい"
NUMBER_COLUMN: Final = "番号"

# Twentieths of a point. A4 with margins of 18 mm leaves 174 mm.
_PAGE: Final = (11906, 16838)
_MARGIN: Final = 1021
_WIDTH: Final = 9864
_MM: Final = 56.7
_LABEL: Final = 1900
_NUMBER: Final = 500
_GRID: Final = (_LABEL, _WIDTH // 2 - _LABEL, _LABEL, _WIDTH // 2 - _LABEL)
_WIDE: Final = _WIDTH - _LABEL
_PADDING: Final = 170
_LOW: Final = 430  # a row a hand can write in
_TALL: Final = 600  # the same for narrow columns, where text takes two lines
_SMALL_ROW: Final = 260
_LINE: Final = 290
_MOST_LINES: Final = 6
_MOST_LINES_IN_LIST: Final = 3
_MOST_KEPT: Final = 4200  # a quarter of a page
_HELD: Final = 3  # rows at each end of a larger table: its heading, its labels and one more
_CHARACTER: Final = 200  # of a box, 10 pt
_SMALL: Final = 180  # of a table's cell, 9 pt
_GREY: Final = {"section": "D9D9D9", "group": "EDEDED", "label": "F5F5F5"}
_MOST_PRINTED_CHOICES: Final = 20  # characters
_FIRST_CONTROL: Final = 100_001
_PLACEHOLDER: Final = "DefaultPlaceholder_-1854013440"
_NOT_XML: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_NO_HEIGHT: Final = '<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'

_GUIDE: Final = (
    "（必須）の欄は、必ず記入してください。※の欄は、その組や行に記入するときに必要です。",
    "パソコンでは、灰色の文字を押して入力し、Tabキーで次の欄へ進みます。□は、押すと☒が付きます。",
    "日付は「令和５年６月１日」「R5.6.1」「2023/6/1」のどれでも記入できます。書き終えたら保存してください。",
)


def make_word_form(
    shape: FormShape,
    values: Mapping[str, Any] | None = None,
    envelope: Mapping[str, Any] | None = None,
    *,
    with_case: bool = False,
    with_correction: bool = False,
) -> bytes:
    """Return a Word form, blank or with `values` filled in; equal input gives equal bytes.

    `values` are as an accepted form holds them (dates ISO, choices by their text). `with_case` adds the box of the case
    number, as does `envelope["case_id"]`, which fills it; `with_correction` and `envelope["corrects"]` add the frame
    訂正. Nothing else of the envelope is printed.
    Raises ValueError with a Japanese sentence: a schema no paper can hold (`make_layout`), a value without a box,
    or characters no XML can hold.
    """
    filled = values or {}
    around = {tag: value for tag, value in (envelope or {}).items() if tag in FRAME_BOXES and value}
    layout = make_layout(shape, count_rows(filled))
    _ensure_placed(layout, filled)
    frames = (with_case or CASE_BOX.tag in around, with_correction or CORRECTION_BOXES[0].tag in around)
    document = _document(_Writer({**filled, **around}), layout, *frames)
    return ooxml.pack(package_parts(shape, document))


def _ensure_placed(layout: Layout, values: Mapping[str, Any]) -> None:
    boxes = layout.boxes()
    for tag in _leaves(values, "", layout.shape.root):
        if tag not in boxes:
            raise ValueError(f"{tag}：この様式に、値を入れる欄がありません。")


def _leaves(value: Any, tag: str, field: Field | None) -> Iterator[str]:
    """Yield the tag of every value that must find its box; empty ones need none."""
    members: Mapping[str, Field] = field.by_key if field else {}
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _leaves(member, f"{tag}.{key}" if tag else str(key), members.get(str(key)))
    elif isinstance(value, list | tuple) and not (members and "enum" in members["[]"].schema):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{tag}[{index}]", members.get("[]"))
    elif value not in (None, "", [], ()):
        yield tag


def _dig(values: Any, steps: Sequence[str | int]) -> Any:
    for step in steps:
        if isinstance(step, int):
            values = values[step] if isinstance(values, list | tuple) and step < len(values) else None
        else:
            values = values.get(step) if isinstance(values, Mapping) else None
    return values


# --- The document -------------------------------------------------------------------------------------------------


def _document(writer: _Writer, layout: Layout, with_case: bool, with_correction: bool) -> str:
    shape = layout.shape
    blocks = [
        paragraph("Title", run(shape.title)),
        paragraph("FormMark", run(form_mark(shape))),
        *([_case_table(writer), paragraph("FormGap")] if with_case else []),
        *([_correction_table(writer), paragraph("FormGap")] if with_correction else []),
        paragraph("FormLead", run(str(shape.root.schema.get("x-hint", "")))),
        *(paragraph("FormGuide", run(sentence)) for sentence in _GUIDE),
    ]
    for section in layout.sections:
        for table in _section_tables(writer, section):
            blocks += [paragraph("FormGap"), table]
    width, height = _PAGE
    last = (
        f'<w:sectPr><w:footerReference w:type="default" r:id="{FOOTER_RELATION}"/>'
        f'<w:pgSz w:w="{width}" w:h="{height}"/>'
        f'<w:pgMar w:top="794" w:right="{_MARGIN}" w:bottom="737" w:left="{_MARGIN}" '
        'w:header="400" w:footer="400" w:gutter="0"/></w:sectPr>'
    )
    body = "".join(blocks) + paragraph("FormGap", "", _NO_HEIGHT)  # Word wants one after a table
    return f"<w:document {NAMESPACES}><w:body>{body}{last}</w:body></w:document>"


def _case_table(writer: _Writer) -> str:
    widths = (_WIDTH // 2, *_GRID[2:])
    label, value = _label_cell(CASE_BOX, widths[1]), writer.value_cell(CASE_BOX, widths[2])
    empty = '<w:tcBorders><w:top w:val="nil"/><w:left w:val="nil"/><w:bottom w:val="nil"/></w:tcBorders>'
    blank = cell(widths[0], [paragraph("FormHint")], borders=empty)
    return table(widths, [row([blank, label, value])])


def _correction_table(writer: _Writer) -> str:
    """The frame that only a form made to put an earlier one right has (product §2b Again)."""
    corrects, withdraws, reason = CORRECTION_BOXES
    heading = Section(
        "訂正", "前に出した様式を訂正するための様式です。記入してある内容を直してください。", "", "", ()
    )
    rows = _heading_rows([heading], _GRID, is_repeated=False)
    return table(
        _GRID, [*rows, *(_box_row(writer, Row(boxes)) for boxes in ((corrects, withdraws), (reason,)))]
    )


# --- Sections to tables -------------------------------------------------------------------------------------------


@dataclass
class _Sheet:
    """One Word table being gathered: its rows, and those of the card (an item of a list) that is not yet whole."""

    rows: list[Line] = field(default_factory=list)
    card: list[Line] = field(default_factory=list)

    def end_card(self) -> None:
        """A card stays on one page, unless it is long."""
        is_short = sum(line.height for line in self.card) <= _MOST_KEPT
        tied = [replace(line, tied=True) for line in self.card[:-1]] if is_short else self.card[:-1]
        self.rows += [*tied, *self.card[-1:]]
        self.card = []

    def to_table(self) -> str:
        """Return the table as far as it was gathered."""
        self.end_card()
        return table(_GRID, self.rows)


def _section_tables(writer: _Writer, section: Section) -> Iterator[str]:
    """Rows share a table of four columns; each list of objects is a table of its own with its header repeated."""
    headings: list[Section | Heading] = [section] if section.title else []
    sheet = _Sheet()
    for part in section.parts:
        if isinstance(part, Heading):
            headings.append(part)
            sheet.end_card()
        elif isinstance(part, Row):
            sheet.card += [
                *_heading_rows(headings, _GRID, is_repeated=not sheet.rows),
                _box_row(writer, part),
            ]
            headings = []
        else:
            if sheet.rows or sheet.card:
                yield sheet.to_table()
            sheet = _Sheet()
            yield _list_table(writer, part, headings)
            headings = []
    if sheet.card:
        yield sheet.to_table()


def _heading_rows(
    headings: Iterable[Section | Heading], widths: Sequence[int], is_repeated: bool, with_groups: bool = False
) -> list[Line]:
    """Return the rows of headings. What is repeated on every page are those that are true of every row below."""
    rows: list[Line] = []
    for heading in headings:
        is_section = isinstance(heading, Section)
        lines = [paragraph("FormSection" if is_section else "FormGroup", _heading_runs(heading))]
        shade = _GREY["section" if is_section else "group"]
        is_repeated = is_repeated and (is_section or with_groups)
        rows.append(
            row([cell(sum(widths), lines, span=len(widths), shade=shade)], header=is_repeated, tied=True)
        )
        if isinstance(heading, Section) and heading.note:
            note = paragraph("FormNote", run(heading.note), "<w:keepNext/>")
            rows.append(row([cell(sum(widths), [note], span=len(widths))], height=_TALL, tied=True))
            is_repeated = False
    return rows


def _heading_runs(heading: Section | Heading) -> str:
    hint = run(f"　{heading.hint}", '<w:b w:val="0"/><w:sz w:val="15"/><w:szCs w:val="15"/>')
    mark = run(heading.mark, '<w:b w:val="0"/><w:sz w:val="16"/><w:szCs w:val="16"/>')
    return run(heading.title) + (mark if heading.mark else "") + (hint if heading.hint else "")


def _box_row(writer: _Writer, part: Row) -> Line:
    first, *second = part.boxes
    if first.has_long_label and first.is_short:  # a question and its answer, half and half
        cells = [_label_cell(first, _WIDTH // 2, span=2), writer.value_cell(first, _WIDTH // 2, span=2)]
        return row(cells, height=max(_value_height(first), _label_height(first, _WIDTH // 2)))
    cells = [_label_cell(first, _LABEL)]
    if second:
        cells += [writer.value_cell(first, _GRID[1]), _label_cell(second[0], _LABEL)]
        cells.append(writer.value_cell(second[0], _GRID[3]))
    else:
        cells.append(writer.value_cell(first, _WIDE, span=3))
    return row(cells, height=max(max(_value_height(box), _label_height(box)) for box in part.boxes))


def _value_height(box: Box) -> int:
    """Room for about two thirds of what may be written: a hand writes smaller, a computer's box grows."""
    if box.kind is Kind.MULTICHECK:
        return _LINE * -(-len(box.options) // _columns(box, _WIDE - _PADDING)) + 60
    if box.is_short or box.kind is Kind.CHOICE:
        return _LOW
    most = _MOST_LINES_IN_LIST if "[" in box.tag else _MOST_LINES
    lines = round(int(box.field.schema.get("maxLength", 0)) * _CHARACTER / (_WIDE - _PADDING) / 1.5)
    return _LOW + _LINE * (min(max(lines, 2 if box.multiline else 1), most) - 1)


def _label_height(box: Box, width: int = _LABEL) -> int:
    width -= _PADDING
    return 240 * -(-len(box.label + box.mark) * 170 // width) + 180 * -(-len(_hint(box)) * 140 // width)


def _list_table(writer: _Writer, part: Table, headings: Iterable[Section | Heading]) -> str:
    widths = (_NUMBER, *column_widths(part.columns, _WIDTH - _NUMBER))
    number = cell(_NUMBER, [paragraph("FormColumn", run(NUMBER_COLUMN))], shade=_GREY["label"])
    labels = [
        cell(width, [paragraph("FormColumn", run(box.label + box.mark))], shade=_GREY["label"])
        for box, width in zip(part.columns, widths[1:], strict=True)
    ]
    rows = [
        *_heading_rows(headings, widths, is_repeated=True, with_groups=True),
        row([number, *labels], header=True),
    ]
    for index, boxes in enumerate(part.rows):
        count = cell(_NUMBER, [paragraph("FormNumber", run(ordinal(index)))], shade=_GREY["label"])
        values = [
            writer.value_cell(box, width, small=True) for box, width in zip(boxes, widths[1:], strict=True)
        ]
        rows.append(row([count, *values], height=_TALL if len(values) > 3 else _LOW))
    return table(widths, rows)


def column_widths(columns: Sequence[Box], total: int) -> tuple[int, ...]:
    """Share `total` among the columns of a list: first what each needs, then the rest to those who could use more."""
    needs = [max(box.room, _label_room(box)) for box in columns]
    spare = max(0.0, total / _SMALL - sum(needs))
    wishes = [max(0.0, _wish(box) - need) for box, need in zip(columns, needs, strict=True)]
    if not any(wishes):
        wishes = needs
    shares = [need + spare * wish / sum(wishes) for need, wish in zip(needs, wishes, strict=True)]
    widths = [int(total * share / sum(shares)) for share in shares]
    return (*widths[:-1], total - sum(widths[:-1]))


def _label_room(box: Box) -> float:
    """A label stands in two lines, a long one in three; its letters are a little smaller."""
    length = len(box.label + box.mark)
    return length * 0.9 / (2 if length <= 14 else 3) + 1.8


def _wish(box: Box) -> float:
    """How many characters wide a column of text would like to be; dates, times and numbers are content with their need."""
    if box.kind is Kind.MULTICHECK:
        return 48
    if box.kind not in (Kind.TEXT, Kind.MULTILINE):
        return box.room
    most = int(box.field.schema.get("maxLength", 40))
    return min(max(6.5, most / 4), 13 if box.field.is_name else 40)


def _label_cell(box: Box, width: int, span: int = 1) -> str:
    mark = run(box.mark, '<w:sz w:val="14"/><w:szCs w:val="14"/>') if box.mark else ""
    lines = [paragraph("FormLabel", run(box.label) + mark)]
    if hint := _hint(box):
        lines.append(paragraph("FormHint", run(hint)))
    return cell(width, lines, span=span, shade=_GREY["label"])


def _hint(box: Box) -> str:
    """Return the help of a box; the printed form names the few choices a drop-down would show."""
    short = box.kind is Kind.CHOICE and sum(map(len, box.options)) <= _MOST_PRINTED_CHOICES
    return box.hint + (f"［{'・'.join(box.options)}］" if short else "")


# --- Boxes --------------------------------------------------------------------------------------------------------


@dataclass
class _Writer:
    """Writes the boxes with their values and counts the numbers Word wants for controls and bookmarks."""

    values: Mapping[str, Any]
    controls: int = _FIRST_CONTROL
    bookmarks: int = 0

    def value_cell(self, box: Box, width: int, span: int = 1, small: bool = False) -> str:
        """Return the cell of a box: one bookmark round its controls."""
        value = _dig(self.values, steps_of(box.tag))
        style = "FormCell" if small else "FormValue"
        lines = self._lines(box, value, width - _PADDING, small)
        self.bookmarks += 1
        lines[0] = f'<w:bookmarkStart w:id="{self.bookmarks}" w:name="{box.bookmark}"/>{lines[0]}'
        lines[-1] += f'<w:bookmarkEnd w:id="{self.bookmarks}"/>'
        stops = _stops(box, width - _PADDING) if box.kind is Kind.MULTICHECK and not small else ""
        return cell(width, [paragraph(style, line, stops) for line in lines], span=span)

    def _lines(self, box: Box, value: Any, width: int, small: bool) -> list[str]:
        match box.kind:
            case Kind.MULTICHECK:
                return self._choices(box, value or (), width, small)
            case Kind.CHECK:
                if value not in (None, True, False):
                    raise ValueError(f"{box.tag}：「はい」か「いいえ」でない値です。")
                return [self._check(box.tag, box.alias, value is True) + run(f" {YES}")]
        return [self._text(box, shown(box, value))]

    def _choices(self, box: Box, value: Sequence[Any], width: int, small: bool) -> list[str]:
        chosen = set(map(str, value))
        if not chosen <= set(box.options):
            raise ValueError(f"{box.tag}：選べるものの中にない値です。")
        items = [
            self._check(tag, f"{box.alias}：{option}"[-64:], option in chosen) + run(f" {option}")
            for tag, option in zip(box.control_tags, box.options, strict=True)
        ]
        if small:
            lengths = [len(option) + 2 for option in box.options]
            return [run("　").join(items[i] for i in line) for line in flow(lengths, width // _SMALL)]
        count = _columns(box, width)
        lines = [items[start : start + count] for start in range(0, len(items), count)]
        return ["<w:r><w:tab/></w:r>".join(line) for line in lines]

    def _check(self, tag: str, alias: str, checked: bool) -> str:
        face = f'w14:font="{GOTHIC}"'
        kind = (
            f'<w14:checkbox><w14:checked w14:val="{int(checked)}"/><w14:checkedState w14:val="2612" {face}/>'
            f'<w14:uncheckedState w14:val="2610" {face}/></w14:checkbox>'
        )
        return self._control(tag, alias, "", kind, run(CHECKED if checked else UNCHECKED, fonts(GOTHIC)))

    def _text(self, box: Box, text: str) -> str:
        holder = f'<w:placeholder><w:docPart w:val="{_PLACEHOLDER}"/></w:placeholder>'
        if text:
            return self._control(box.tag, box.alias, holder, _kind(box, text), run(text))
        prompt = run(box.prompt, '<w:rStyle w:val="PlaceholderText"/>')
        return self._control(box.tag, box.alias, f"{holder}<w:showingPlcHdr/>", _kind(box, ""), prompt)

    def _control(self, tag: str, alias: str, holder: str, kind: str, content: str) -> str:
        self.controls += 1
        return (
            f"<w:sdt><w:sdtPr><w:alias w:val={quoteattr(alias)}/><w:tag w:val={quoteattr(tag)}/>"
            f'<w:id w:val="{self.controls}"/><w:lock w:val="sdtLocked"/>{holder}{kind}</w:sdtPr>'
            f"<w:sdtContent>{content}</w:sdtContent></w:sdt>"
        )


def shown(box: Box, value: Any) -> str:
    """Return what a box prints for a value: a date or a month 和暦, everything else as it is."""
    if value is None:
        return ""
    try:
        match box.kind:
            case Kind.DATE:
                return to_wareki(parse_iso(str(value)))
            case Kind.MONTH:
                return month_name(parse_month(str(value)))
    except ValueError:
        pass  # in no calendar: shown as it is, so that it can be mended
    return str(value)


def _kind(box: Box, text: str) -> str:
    """Return the element that says what the control is; the last of its properties."""
    match box.kind:
        case Kind.MULTILINE:
            return '<w:text w:multiLine="1"/>'
        case Kind.CHOICE:
            items = "".join(
                f"<w:listItem w:displayText={quoteattr(option)} w:value={quoteattr(option)}/>"
                for option in dict.fromkeys(filter(None, box.options))
            )
            return f"<w:dropDownList>{items}</w:dropDownList>"
        case Kind.DATE:
            return (
                '<w:date><w:dateFormat w:val="ggge年M月d日"/><w:lid w:val="ja-JP"/>'
                '<w:storeMappedDataAs w:val="date"/><w:calendar w:val="japan"/></w:date>'
            )
    return "<w:text/>"


def _columns(box: Box, width: int) -> int:
    longest = max(map(len, box.options)) + 3
    return max(1, min(4, width // (longest * _CHARACTER)))


def _stops(box: Box, width: int) -> str:
    count = _columns(box, width)
    stops = "".join(f'<w:tab w:val="left" w:pos="{width * i // count}"/>' for i in range(1, count))
    return f"<w:tabs>{stops}</w:tabs>" if stops else ""


def flow(lengths: Sequence[int], limit: int) -> list[list[int]]:
    """Return indexes line by line, so that no item is broken at the end of a line."""
    lines: list[list[int]] = [[]]
    used = 0
    for index, length in enumerate(lengths):
        if lines[-1] and used + length > limit:
            lines.append([])
            used = 0
        lines[-1].append(index)
        used += length + 1
    return lines


# --- WordprocessingML ---------------------------------------------------------------------------------------------


def run(text: str, properties: str = "") -> str:
    """Return one run; a line break in the text is a `w:br`, a tab a `w:tab`. Raises ValueError for what XML forbids."""
    if _NOT_XML.search(text):
        raise ValueError("文字として保存できない符号が入っています。文字を入力し直してください。")
    pieces = (
        {"\n": "<w:br/>", "\t": "<w:tab/>"}.get(
            piece, f'<w:t xml:space="preserve">{escape(piece)}</w:t>' if piece else ""
        )
        for piece in re.split("([\n\t])", text)
    )
    return f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}{''.join(pieces)}</w:r>"


def paragraph(style: str, content: str = "", properties: str = "") -> str:
    """Return one paragraph of a style."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{content}</w:p>'


def cell(width: int, lines: Iterable[str], span: int = 1, shade: str = "", borders: str = "") -> str:
    """Return one cell."""
    spanned = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    shaded = f'<w:shd w:val="clear" w:color="auto" w:fill="{shade}"/>' if shade else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spanned}{borders}{shaded}'
        f'<w:vAlign w:val="center"/></w:tcPr>{"".join(lines)}</w:tc>'
    )


@dataclass(frozen=True)
class Line:
    """One row of a table, how high it will be at least, and whether it stays on the page of the next one."""

    xml: str
    height: int
    tied: bool = False


def row(cells: Iterable[str], height: int = _SMALL_ROW, header: bool = False, tied: bool = False) -> Line:
    """Return one row that no page break cuts in two; a header row is repeated on every page."""
    repeated = "<w:tblHeader/>" if header else ""
    properties = f'<w:cantSplit/><w:trHeight w:val="{height}" w:hRule="atLeast"/>{repeated}'
    return Line(f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>", height, tied)


def table(widths: Sequence[int], lines: Sequence[Line]) -> str:
    """Return one table with fixed columns.

    A small one stays on one page, a larger one never leaves fewer than two rows on either side of a page break.
    """
    last = len(lines) - 1
    small = sum(line.height for line in lines) <= _MOST_KEPT
    ends = {*range(_HELD), *range(last + 1 - _HELD, last)}
    rows = "".join(
        _kept(line.xml) if at < last and (small or line.tied or at in ends) else line.xml
        for at, line in enumerate(lines)
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="FormTable"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>'
    )


def _kept(xml: str) -> str:
    """Hold a row to the next: Word and LibreOffice look at its paragraphs."""
    return re.sub('(<w:pStyle w:val="[A-Za-z]+"/>)(?!<w:keepNext/>)', r"\1<w:keepNext/>", xml)
