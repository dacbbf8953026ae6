"""How long two editions of a long manual take to be compared: the table, and the sections that changed."""

from __future__ import annotations

import time

from pipeline.rules.editions.comparison import compare
from pipeline.rules.editions.differences import find_section_changes
from pipeline.rules.editions.marked import mark_up
from pipeline.rules.editions.text import Clause, EditionText, Heading
from pipeline.rules.editions.words import RevisionWords

PAGES = 200
_SENTENCE = (
    "児童の{n}番目の状況を把握したときは、{word}を通じて関係機関に連絡し、その結果を{n}日以内に記録する。"
)


def long_manual(pages: int, word: str) -> EditionText:
    """Return a manual of some 1,000 characters a page, every fifth page with `word` in it."""
    blocks: list[Heading | Clause] = []
    for page in range(pages):
        told = word if page % 5 == 0 else "地区保健福祉センター"
        blocks.append(Heading(1, f"第{page + 1}章", f"場面{page}の手順"))
        blocks += [Clause("", _SENTENCE.format(n=page * 20 + n, word=told)) for n in range(12)]
        blocks += [
            Clause(f"({n + 1})", _SENTENCE.format(n=page * 100 + n, word=word[:2]), 1) for n in range(6)
        ]
    return EditionText("見本マニュアル", tuple(blocks))


def measure() -> dict[str, float]:
    """Return comparisons of a 200-page manual a second."""
    old, new = long_manual(PAGES, "こども家庭課"), long_manual(PAGES, "相談窓口")
    words, rates = RevisionWords(), {}
    rows = compare(old, new, words)
    for name, task in (
        (f"新旧対照表 of {PAGES} pages", lambda: compare(old, new, words)),
        ("sections that changed", lambda: find_section_changes(old, new)),
        ("both as one marked text", lambda: mark_up(old, new, rows)),
    ):
        begun = time.process_time()
        task()
        rates[name] = 1 / (time.process_time() - begun)
    return rates
