"""What a Word template may not contain: whatever runs, calls out, is not settled, or hides a tag where none is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from pipeline.ooxml import Element, PackageError, W, XmlError, is_element, parse, relations
from pipeline.papers.tags import TAG

_FORBIDDEN_MEMBERS: Final = (
    (
        re.compile(r"vbaProject|vbaData", re.I),
        "マクロが含まれています。マクロのない .docx で保存し直してください。",
    ),
    (
        re.compile(r"activeX/|embeddings/|ctrlProps/", re.I),
        "埋め込まれた部品（OLE・ActiveX）があります。取り除いてください。",
    ),
    (re.compile(r"afchunk", re.I), "取り込み文書（altChunk）があります。文書を開いて保存し直してください。"),
)
_FORBIDDEN_TAGS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (W + tag for tag in ("ins", "del", "moveFrom", "moveTo")),
        "変更履歴が残っています。「承諾」または「元に戻す」で確定してください。",
    ),
    **dict.fromkeys(
        (W + tag for tag in ("commentReference", "commentRangeStart")),
        "コメントが残っています。コメントを削除してください。",
    ),
    W + "altChunk": "取り込み文書（altChunk）があります。文書を開いて保存し直してください。",
    W + "object": "埋め込まれた部品（OLE）があります。取り除いてください。",
}
_FIELD: Final = re.compile(
    r"\b(?:DDEAUTO|DDE|INCLUDETEXT|INCLUDEPICTURE|LINK|IMPORT|DATABASE|MACROBUTTON|QUOTE)\b", re.I
)


def check_package(members: Mapping[str, bytes], stories: Mapping[str, str]) -> Iterator[str]:
    """Yield what no template may contain. `stories` are the parts where tags are read, with their Japanese names."""
    for name in members:
        for pattern, fault in _FORBIDDEN_MEMBERS:
            if pattern.search(name):
                yield f"ファイル：{fault}"
    if b"macroEnabled" in members.get("[Content_Types].xml", b""):
        yield f"ファイル：{_FORBIDDEN_MEMBERS[0][1]}"
    for name, data in members.items():
        try:
            yield from _check_part(name, data, stories)
        except XmlError as error:
            yield f"{stories.get(name, name)}：XMLとして読めません（{error.code}）。Wordで開いて保存し直してください。"
        except PackageError as error:
            yield f"{name}：読めません（{error.code}）。"


def _check_part(name: str, data: bytes, stories: Mapping[str, str]) -> Iterator[str]:
    if name.endswith(".rels"):
        if any(relation.get("TargetMode", "").lower() == "external" for relation in relations(data)):
            yield f"{name}：外部への参照（リンク・リンクした画像・添付テンプレート）があります。リンクを解除し、画像は埋め込んでください。"
    elif name in stories:
        yield from _check_story(parse(data), stories[name])
    elif name.endswith(".xml") and _holds_tag(parse(data)):
        yield f"{_part_title(name)}：ここにはタグを書けません。本文・ヘッダー・フッターだけに書いてください。"


def _check_story(root: Element, label: str) -> Iterator[str]:
    found = {node.tag for node in root.iter() if is_element(node)}
    for tag in sorted(found):
        fault = _FORBIDDEN_TAGS.get(tag)
        if fault is None and tag.startswith(W) and tag.endswith("PrChange"):
            fault = "書式の変更履歴が残っています。「承諾」で確定してください。"
        if fault is not None:
            yield f"{label}：{fault}"
    fields = "".join(node.text or "" for node in root.iter(W + "instrText"))
    fields += "".join(f" {node.get(W + 'instr', '')} " for node in root.iter(W + "fldSimple"))
    if _FIELD.search(fields):
        yield f"{label}：ほかのファイルを読み込むフィールドがあります。文字に置き換えてください。"


def _holds_tag(root: Element) -> bool:
    texts = ["".join(root.itertext()), *(value for node in root.iter() for value in node.attrib.values())]
    return any(TAG.search(text) or "{{" in text or "{%" in text for text in texts)


def _part_title(name: str) -> str:
    titles = {
        "docProps/": "文書のプロパティ",
        "word/footnotes": "脚注",
        "word/endnotes": "文末脚注",
        "word/comments": "コメント",
    }
    return next((title for start, title in titles.items() if name.startswith(start)), name)
