"""Proof by construction: whatever its blocks do, a template can only make a well-formed and complete Word part.

The template is cut at its blocks. Every branch of every block must be balanced XML by itself, every `{{ }}` must stand
in a `w:t`, and what must be there in the end (a cell's last paragraph, a table's row, the section) must stand
outside all blocks. Then a paper needs no parsing any more: only its values are tested, character by character.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import quoteattr

from jinja2 import nodes

from pipeline.ooxml import Element, W, XmlError, parse
from pipeline.papers.tags import Tag

_MARK: Final = "urn:todoke:mark"
BLOCK: Final = f"{{{_MARK}}}block"
VALUE: Final = f"{{{_MARK}}}value"
_BRANCH: Final = f"{{{_MARK}}}branch"
_OURS: Final = (BLOCK, VALUE, _BRANCH)
_ENDS_IN_PARAGRAPH: Final = tuple(W + tag for tag in ("tc", "txbxContent", "hdr", "ftr"))
_UNSEEN: Final = tuple(W + tag for tag in ("bookmarkStart", "bookmarkEnd", "proofErr"))
_CONTAINERS: Final = tuple(
    W + tag for tag in ("body", "tbl", "tr", "tc", "p", "r", "hdr", "ftr", "hyperlink")
)


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What is certain of a part: the text outside all blocks and values, in order; or the faults that forbid it."""

    text: tuple[str, ...]
    faults: tuple[str, ...]


def make_skeleton(
    tree: nodes.Template, namespaces: Mapping[str, str], tags: tuple[Tag, ...], label: str
) -> Skeleton:
    """Prove a part. `tree` is parsed from a source in which every tag begins a line, so that line n + 1 is tag n."""
    builder = _Builder(_root_tag(namespaces), tags, [])
    whole = builder.branch(tree.body)
    if builder.faults or whole is None:
        return Skeleton(
            (), tuple(dict.fromkeys(builder.faults)) or (f"{label}：タグの位置が正しくありません。",)
        )
    faults = tuple(dict.fromkeys(_check_structure(whole, tags, label)))
    return Skeleton(() if faults else tuple(_static_text(whole)), faults)


def _root_tag(namespaces: Mapping[str, str]) -> str:
    declared = "".join(f" xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in namespaces.items() if prefix)
    default = f" xmlns={quoteattr(namespaces[''])}" if "" in namespaces else ""
    return f'<todoke:branch xmlns:todoke="{_MARK}"{declared}{default}>'


@dataclass(frozen=True, slots=True)
class _Builder:
    """Puts a branch together, markers in place of its blocks and values."""

    root_tag: str
    tags: tuple[Tag, ...]
    faults: list[str]

    def branch(self, body: list[nodes.Node]) -> Element | None:
        """Return the branch as a tree, or None where it is not balanced."""
        try:
            return parse(
                (self.root_tag + self.text(body) + "</todoke:branch>").encode("utf-8", "surrogatepass")
            )
        except XmlError:
            return None

    def text(self, body: list[nodes.Node]) -> str:
        return "".join(self._text(node) for node in body)

    def _text(self, node: nodes.Node) -> str:
        if isinstance(node, nodes.TemplateData):
            return node.data.removesuffix("\n")
        if isinstance(node, nodes.Output):
            return self.text(list(node.nodes))
        if isinstance(node, nodes.If | nodes.For):
            return self._block(node)
        if isinstance(node, nodes.Assign):
            return ""
        return f'<todoke:value n="{node.lineno - 1}"/>'

    def _block(self, node: nodes.If | nodes.For) -> str:
        branches = "".join(self._branch_text(body, node.lineno - 1) for body in _branches(node))
        always = ' always=""' if isinstance(node, nodes.If) and node.else_ else ""
        return f'<todoke:block n="{node.lineno - 1}"{always}>{branches}</todoke:block>'

    def _branch_text(self, body: list[nodes.Node], number: int) -> str:
        before = len(self.faults)
        text = self.text(body)
        if len(self.faults) == before and self.branch(body) is None:
            self.faults.append(_tag(self.tags, number).fault(_UNBALANCED))
            return ""
        return f"<todoke:branch>{text}</todoke:branch>"


_UNBALANCED: Final = "始まりと終わりが別の段落・行・表にあります。段落ごとなら {%p … %}、表の行ごとなら {%tr … %} を、同じ表・同じ枠の中で対にしてください。"


def _branches(node: nodes.If | nodes.For) -> Iterator[list[nodes.Node]]:
    """The alternatives of a block; `elif` is an `if` of its own inside the alternative."""
    yield node.body
    if isinstance(node, nodes.If):
        for other in node.elif_:
            yield from _branches(other)
    if node.else_:
        yield node.else_


def _tag(tags: tuple[Tag, ...], number: int) -> Tag:
    return tags[min(max(number, 1), len(tags)) - 1]


# --- Structure ----------------------------------------------------------------------------------------------------


def _check_structure(whole: Element, tags: tuple[Tag, ...], label: str) -> Iterator[str]:
    for value in whole.iter(VALUE):
        if value.getparent().tag != W + "t":
            yield _tag(tags, int(value.get("n"))).fault(
                "値は本文の文字としてだけ印字できます。普通の文字として書いてください。"
            )
    for node in whole.iter(*_CONTAINERS, _BRANCH):
        if node is not whole and _has_lost_text(node):
            yield f"{_place(node, tags, label)}：文字が段落の外に出ています。タグを段落の中に書き直してください。"
    for holder in whole.iter(*_ENDS_IN_PARAGRAPH):
        if not _ends_in_paragraph(holder):
            yield f"{_place(holder, tags, label)}：{{%p … %}} だけの欄です。最後に空の段落を一つ加えてください（何も印字されないとWordで開けません）。"
    for table in whole.iter(W + "tbl"):
        if not _inside_block(table) and not _has_certain_row(table):
            yield f"{_place(table, tags, label)}：表のすべての行が繰り返しの中にあります。見出しの行を一つ、外に置いてください。"
    yield from _check_sections(whole, label)


def _has_lost_text(node: Element) -> bool:
    """Text that is not in a `w:t`: Word would leave it out without a word."""
    bare = any(text and text.strip() for text in (node.text, *(child.tail for child in node)))
    return bare and next(node.iterancestors(W + "t"), None) is None


def _has_certain_row(table: Element) -> bool:
    rows = (row for row in table.iter(W + "tr") if next(row.iterancestors(W + "tbl")) is table)
    return any(next(row.iterancestors(BLOCK, W + "tbl")) is table for row in rows)


def _check_sections(whole: Element, label: str) -> Iterator[str]:
    if any(_inside_block(section) for section in whole.iter(W + "sectPr")):
        yield f"{label}：セクション区切りが {{% if %}} や {{% for %}} の中にあります。外に出してください。"
    body = whole.find(f"{W}document/{W}body")
    if body is not None and (len(body) == 0 or body[-1].tag != W + "sectPr"):
        yield f"{label}：最後にページ設定（セクション）がありません。Wordで開いて保存し直してください。"


def _ends_in_paragraph(holder: Element, or_is_empty: bool = False) -> bool:
    """Whether a paragraph stands last for certain: a static one, after which blocks end in paragraphs if anything; or
    a choice of which one branch is always printed, each of them ending in a paragraph.
    """
    for child in reversed(holder):
        if child.tag == BLOCK:
            if child.get("always") is not None and all(map(_ends_in_paragraph, child)):
                return True
            if not all(_ends_in_paragraph(branch, or_is_empty=True) for branch in child):
                return False
        elif child.tag not in _UNSEEN:
            return child.tag in (W + "p", W + "sdt")
    return or_is_empty


def _inside_block(node: Element) -> bool:
    return next(node.iterancestors(BLOCK), None) is not None


def _place(node: Element, tags: tuple[Tag, ...], label: str) -> str:
    """Where a fault is best looked for: at the first tag inside."""
    first = next(node.iter(BLOCK, VALUE), None)
    return label if first is None or not tags else _tag(tags, int(first.get("n"))).place


def _static_text(whole: Element) -> Iterator[str]:
    for text in whole.iter(W + "t"):
        if not _inside_block(text):
            yield from filter(None, (text.text, *(child.tail for child in text)))
