"""Guards against 豆腐: a character no installed font can draw must hold a paper, not leave an empty box."""

from __future__ import annotations

import functools
import os
import subprocess
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from pathlib import Path

from pipeline.errors import OfficeFault
from pipeline.papers.pdf_text import squeeze

FC_LIST = "/usr/bin/fc-list"
DRAWABLE = ("TrueType", "CFF")  # LibreOffice gave up Type 1 fonts in 5.3
NEVER_DRAWN = ("Co", "Cn", "Cs")  # private use, unassigned, surrogates: what a font shows there is chance
SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))  # they choose the shape of the character before them
SECONDS = 60.0  # the first call after a font was installed builds fontconfig's cache


def ensure_glyphs(title: str, text: str, fontconfig: Path) -> None:
    """Raises OfficeFault GLYPH when `text` of the paper `title` holds a character nothing can draw."""
    missing = missing_glyphs(text, fontconfig)
    if missing:
        raise OfficeFault(
            "GLYPH",
            f"「{title}」に、このパソコンのフォントでは印字できない文字が{len(missing)}種類あります。"
            "すべての文字を印字できるときだけPDFを作ります。"
            "外字は標準の文字に改めるか、その文字を含むフォントを入れてください。",
        )


def missing_glyphs(text: str, fontconfig: Path) -> list[int]:
    """The code points of `text` that no font under `fontconfig` can draw, in order, each once.

    White space, format characters and variation selectors need no glyph of their own. The fonts are read once
    per process. Raises OfficeFault GLYPH when fontconfig cannot be asked.
    """
    starts, ends = _coverage(fontconfig)
    inked = {ord(c) for c in squeeze(text) if not _is_selector(ord(c))}
    return sorted(c for c in inked if _is_nobodys(c) or not _within(c, starts, ends))


def _is_selector(code: int) -> bool:
    return any(low <= code <= high for low, high in SELECTORS)


def _is_nobodys(code: int) -> bool:
    return unicodedata.category(chr(code)) in NEVER_DRAWN


def _within(code: int, starts: tuple[int, ...], ends: tuple[int, ...]) -> bool:
    at = bisect_right(starts, code) - 1
    return at >= 0 and code <= ends[at]


@functools.lru_cache(maxsize=4)
def _coverage(fontconfig: Path) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """First and last code points of the ranges all drawable fonts cover together."""
    merged = _merged(_ranges(_list_fonts(fontconfig)))
    return tuple(low for low, _ in merged), tuple(high for _, high in merged)


def _list_fonts(fontconfig: Path) -> str:
    command = [FC_LIST, "--format", "%{fontformat}\t%{charset}\n"]
    environment = {**os.environ, "FONTCONFIG_FILE": str(fontconfig.resolve())}
    try:
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=SECONDS
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise OfficeFault(
            "GLYPH",
            "フォントの一覧を調べられません。印字できない文字がないと確かめられるときだけPDFを作ります。"
            "fontconfigが入っているか確かめてください。",
        ) from error


def _ranges(listing: str) -> Iterable[tuple[int, int]]:
    """fontconfig writes a charset as `20-7e a5 …`, hexadecimal."""
    for line in listing.splitlines():
        kind, _, charset = line.partition("\t")
        if kind in DRAWABLE:
            for part in charset.split():
                low, _, high = part.partition("-")
                yield int(low, 16), int(high or low, 16)


def _merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(set(ranges)):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(high, merged[-1][1])
        else:
            merged.append((low, high))
    return merged
