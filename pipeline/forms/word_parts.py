"""The parts of a Word form that do not hang on its fields: styles, settings, properties, footer, relationships.

Every date is fixed and nothing is random, so that equal input gives equal bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from xml.sax.saxutils import escape

from pipeline.forms.layout import FormShape

MINCHO: Final = "ＭＳ 明朝"
GOTHIC: Final = "ＭＳ ゴシック"
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_FIXED: Final = "2023-06-01T00:00:00Z"

NAMESPACES: Final = (
    f'xmlns:w="{_W}" xmlns:r="{_RELATIONS}" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" mc:Ignorable="w14"'
)
FOOTER_RELATION: Final = "rId3"


def form_mark(shape: FormShape) -> str:
    """Return the visible mark of a form, in body and footer: 様式ID dispatch_application-v1."""
    return f"様式ID {shape.form_id}"


def package_parts(shape: FormShape, document: str) -> Mapping[str, bytes]:
    """Return every part of the package by name, in the order they are written."""
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _package_relations(),
        "word/document.xml": document,
        "word/_rels/document.xml.rels": _document_relations(),
        "word/styles.xml": _styles(),
        "word/settings.xml": _settings(),
        "word/footer1.xml": _footer(shape),
        "docProps/core.xml": _core(shape),
        "docProps/app.xml": _app(),
        "docProps/custom.xml": _custom(shape),
    }
    return {name: (_DECLARATION + text).encode() for name, text in parts.items()}


# --- Package ------------------------------------------------------------------------------------------------------


def _content_types() -> str:
    overrides = {
        "/word/document.xml": f"{_TYPE}.document.main+xml",
        "/word/styles.xml": f"{_TYPE}.styles+xml",
        "/word/settings.xml": f"{_TYPE}.settings+xml",
        "/word/footer1.xml": f"{_TYPE}.footer+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "/docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
        "/docProps/custom.xml": "application/vnd.openxmlformats-officedocument.custom-properties+xml",
    }
    entries = "".join(
        f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in overrides.items()
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{entries}</Types>'
    )


def _relations(targets: Mapping[str, str]) -> str:
    entries = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (target, kind) in enumerate(targets.items(), start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'


def _package_relations() -> str:
    return _relations(
        {
            "word/document.xml": f"{_RELATIONS}/officeDocument",
            "docProps/core.xml": f"{_PACKAGE}/relationships/metadata/core-properties",
            "docProps/app.xml": f"{_RELATIONS}/extended-properties",
            "docProps/custom.xml": f"{_RELATIONS}/custom-properties",
        }
    )


def _document_relations() -> str:
    return _relations(
        {
            "styles.xml": f"{_RELATIONS}/styles",
            "settings.xml": f"{_RELATIONS}/settings",
            "footer1.xml": f"{_RELATIONS}/footer",  # FOOTER_RELATION
        }
    )


# --- Properties ---------------------------------------------------------------------------------------------------


def _core(shape: FormShape) -> str:
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{_FIXED}</dcterms:created>'
        f"<dc:identifier>todoke:{escape(shape.form_id)}</dc:identifier><dc:language>ja-JP</dc:language>"
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{_FIXED}</dcterms:modified>'
        f"<dc:subject>{escape(form_mark(shape))}</dc:subject><dc:title>{escape(shape.title)}</dc:title>"
        "</cp:coreProperties>"
    )


def _app() -> str:
    return f'<Properties xmlns="{_OFFICE}/extended-properties"><Application>Todoke</Application></Properties>'


def _custom(shape: FormShape) -> str:
    entries = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{number}" name="{name}">'
        f"<vt:lpwstr>{escape(value)}</vt:lpwstr></property>"
        for number, (name, value) in enumerate(
            (("todoke.form", shape.name), ("todoke.version", str(shape.version))), start=2
        )
    )
    return (
        f'<Properties xmlns="{_OFFICE}/custom-properties" xmlns:vt="{_OFFICE}/docPropsVTypes">'
        f"{entries}</Properties>"
    )


# --- Settings and footer ------------------------------------------------------------------------------------------


def _settings() -> str:
    """Protection for form filling without a password; the order of the elements is the schema's."""
    return (
        f'<w:settings xmlns:w="{_W}"><w:zoom w:percent="100"/>'
        '<w:documentProtection w:edit="forms" w:enforcement="1"/><w:defaultTabStop w:val="840"/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/>'
        '<w:compat><w:compatSetting w:name="compatibilityMode" '
        'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
        '<w:themeFontLang w:val="en-US" w:eastAsia="ja-JP"/>'
        '<w:decimalSymbol w:val="."/><w:listSeparator w:val=","/></w:settings>'
    )


def _footer(shape: FormShape) -> str:
    return (
        f'<w:ftr {NAMESPACES}><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>'
        f'<w:r><w:t xml:space="preserve">{escape(shape.title)}　{escape(form_mark(shape))}</w:t></w:r>'
        f"<w:r><w:tab/></w:r>{_field('PAGE')}"
        f'<w:r><w:t xml:space="preserve"> / </w:t></w:r>{_field("NUMPAGES")}</w:p></w:ftr>'
    )


def _field(name: str) -> str:
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {name} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


# --- Styles -------------------------------------------------------------------------------------------------------


def fonts(face: str) -> str:
    """Return a typeface for every script: a theme font would win over a half-named one."""
    return (
        f'<w:rFonts w:ascii="{face}" w:hAnsi="{face}" w:eastAsia="{face}" w:cs="{face}" w:hint="eastAsia"/>'
    )


def _size(half_points: int) -> str:
    return f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'


def _style(ident: str, name: str, paragraph: str, run: str) -> str:
    return (
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{ident}"><w:name w:val="{name}"/>'
        f'<w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>'
    )


def _spacing(line: int, before: int = 0, after: int = 0) -> str:
    """Line heights are exact: typefaces differ up to 1.44 in theirs, and a form must keep its pages."""
    return f'<w:spacing w:before="{before}" w:after="{after}" w:line="{line}" w:lineRule="exact"/>'


def _styles() -> str:
    border = "".join(
        f'<w:{side} w:val="single" w:sz="{width}" w:space="0" w:color="{colour}"/>'
        for side, width, colour in (
            ("top", 8, "404040"),
            ("left", 8, "404040"),
            ("bottom", 8, "404040"),
            ("right", 8, "404040"),
            ("insideH", 4, "7F7F7F"),
            ("insideV", 4, "7F7F7F"),
        )
    )
    keep = "<w:keepNext/>"
    edge = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="{space}" w:color="7F7F7F"/>'
        for side, space in (("top", 3), ("left", 4), ("bottom", 3), ("right", 4))
    )
    inset = '<w:ind w:left="100" w:right="100"/>'
    centre = '<w:jc w:val="center"/>'
    custom = (
        _style("FormLead", "様式前文", _spacing(320, 0, 80), _size(21)),
        _style("FormGuide", "様式案内", f"<w:pBdr>{edge}</w:pBdr>" + _spacing(250) + inset, _size(17)),
        _style("FormNote", "様式説明文", _spacing(250, 40, 40), _size(18)),
        _style("FormMark", "様式番号", _spacing(240, 0, 60) + '<w:jc w:val="right"/>', _size(16)),
        _style(
            "FormSection", "様式見出し", keep + _spacing(280, 20, 20), fonts(GOTHIC) + "<w:b/>" + _size(21)
        ),
        _style("FormGroup", "様式小見出し", keep + _spacing(240, 10, 10), fonts(GOTHIC) + _size(18)),
        _style("FormLabel", "様式項目名", _spacing(240), fonts(GOTHIC) + _size(17)),
        _style("FormHint", "様式説明", _spacing(180), '<w:color w:val="404040"/>' + _size(14)),
        _style("FormValue", "様式記入欄", _spacing(280), _size(20)),
        _style("FormCell", "様式記入欄（表）", _spacing(240), _size(18)),
        _style("FormColumn", "様式列見出し", keep + _spacing(220) + centre, fonts(GOTHIC) + _size(16)),
        _style("FormNumber", "様式番号欄", _spacing(240) + centre, _size(16)),
        _style(
            "FormGap",
            "様式間隔",
            '<w:spacing w:before="0" w:after="0" w:line="120" w:lineRule="exact"/>',
            _size(4),
        ),
    )
    return (
        f'<w:styles xmlns:w="{_W}"><w:docDefaults><w:rPrDefault><w:rPr>{fonts(MINCHO)}{_size(20)}'
        '<w:lang w:val="en-US" w:eastAsia="ja-JP" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
        f'<w:pPr><w:widowControl w:val="0"/></w:pPr><w:rPr>{fonts(MINCHO)}</w:rPr></w:style>'
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        '<w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>'
        '<w:top w:w="0" w:type="dxa"/><w:left w:w="85" w:type="dxa"/>'
        '<w:bottom w:w="0" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/>'
        f"<w:qFormat/><w:pPr>{_spacing(440, 0, 60)}{centre}</w:pPr>"
        f"<w:rPr>{fonts(GOTHIC)}<w:b/>{_size(32)}</w:rPr></w:style>"
        '<w:style w:type="paragraph" w:styleId="Footer"><w:name w:val="footer"/><w:basedOn w:val="Normal"/>'
        '<w:pPr><w:tabs><w:tab w:val="right" w:pos="9864"/></w:tabs></w:pPr>'
        f"<w:rPr>{fonts(MINCHO)}{_size(16)}</w:rPr></w:style>"
        '<w:style w:type="character" w:styleId="PlaceholderText"><w:name w:val="Placeholder Text"/>'
        '<w:basedOn w:val="DefaultParagraphFont"/><w:uiPriority w:val="99"/>'
        '<w:rPr><w:color w:val="8C8C8C"/><w:sz w:val="16"/><w:szCs w:val="16"/></w:rPr></w:style>'
        '<w:style w:type="table" w:customStyle="1" w:styleId="FormTable"><w:name w:val="様式表"/>'
        '<w:basedOn w:val="TableNormal"/><w:tblPr>'
        f'<w:tblBorders>{border}</w:tblBorders><w:tblCellMar><w:top w:w="12" w:type="dxa"/>'
        '<w:bottom w:w="12" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
        f"{''.join(custom)}</w:styles>"
    )
