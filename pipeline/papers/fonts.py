"""Whether a template names a Japanese typeface wherever it prints Japanese.

A run without `w:eastAsia` falls back to whatever the theme or the machine has, and the pages no longer break where
they did (wordforms.md §2, §6: theme fonts win over typefaces named further up).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pipeline.ooxml import Element, W, main_part, parse_word, read_members
from pipeline.papers.tags import paragraph_places

_JAPANESE: Final = re.compile(
    r"[\u2460-\u24ff\u2600-\u26ff\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]|\{\{"
)
_CURE: Final = "フォントの「日本語用のフォント」を明示してください（例：ＭＳ 明朝。テーマのフォントは不可）。"


def fonts_without_east_asia(docx: bytes) -> tuple[str, ...]:
    """Return a sentence for every place where Japanese would be set in a typeface nobody chose.

    Looked at: the document defaults with the standard style, and every run that prints Japanese or a value, by way of
    its own properties, its styles and the defaults. Raises PackageError.
    """
    members = read_members(docx)
    body = main_part(members)
    sheet = members.get("word/styles.xml", f'<w:styles xmlns:w="{W.strip("{}")}"/>'.encode())
    styles = _Styles(parse_word(sheet))
    faults = [] if styles.standard() == "named" else [f"標準スタイル：{_CURE}"]
    labels = {body: "本文", **{name: _title(name) for name in sorted(members) if _title(name)}}
    for name, label in labels.items():
        faults += _faults(parse_word(members[name]), label, styles)
    return tuple(dict.fromkeys(faults))


def _title(name: str) -> str:
    match = re.fullmatch(r"word/(header|footer)[0-9]*\.xml", name)
    return "" if match is None else {"header": "ヘッダー", "footer": "フッター"}[match[1]]


def _faults(root: Element, label: str, styles: _Styles) -> Iterator[str]:
    for paragraph, place in paragraph_places(root, label).items():
        runs = (run for run in paragraph.iter(W + "r") if next(run.iterancestors(W + "p")) is paragraph)
        if any(_JAPANESE.search(_text(run)) and styles.of_run(run, paragraph) != "named" for run in runs):
            yield f"{place}：{_CURE}"


def _text(run: Element) -> str:
    return "".join(node.text or "" for node in run.findall(W + "t"))


class _Styles:
    """The style sheet, asked for the East Asian typeface: `named`, `theme` or nothing at each step."""

    def __init__(self, root: Element) -> None:
        self.by_id = {style.get(W + "styleId"): style for style in root.iter(W + "style")}
        self.defaults = _own(root.find(f"{W}docDefaults/{W}rPrDefault"))
        paragraphs = (style for style in self.by_id.values() if style.get(W + "type") == "paragraph")
        self.default = next(
            (s.get(W + "styleId") for s in paragraphs if s.get(W + "default") in ("1", "true")), None
        )

    def standard(self) -> str:
        """What a paragraph without a style of its own gets."""
        return self.chain(self.default) or self.defaults

    def of_run(self, run: Element, paragraph: Element) -> str:
        """What one run gets."""
        own = _own(run)
        by_run = self.chain(_style_name(run, "rPr", "rStyle"))
        by_paragraph = self.chain(_style_name(paragraph, "pPr", "pStyle") or self.default)
        return own or by_run or by_paragraph or self.defaults

    def chain(self, name: str | None) -> str:
        """Follow `basedOn` until a style says something."""
        seen: set[str] = set()
        while name is not None and name not in seen and name in self.by_id:
            seen.add(name)
            if said := _own(self.by_id[name]):
                return said
            based = self.by_id[name].find(W + "basedOn")
            name = None if based is None else based.get(W + "val")
        return ""


def _own(holder: Element | None) -> str:
    fonts = None if holder is None else holder.find(f"{W}rPr/{W}rFonts")
    if fonts is None:
        return ""
    if fonts.get(W + "eastAsiaTheme"):
        return "theme"
    return "named" if fonts.get(W + "eastAsia") else ""


def _style_name(node: Element, properties: str, kind: str) -> str | None:
    style = node.find(f"{W}{properties}/{W}{kind}")
    return None if style is None else style.get(W + "val")
