"""Check marks and the words for yes and no → true or false (domain.md §8 "checks", wordforms §3).

× is refused. In a list of ○ and × it means no; in a check box (and as Word's own ☒) a cross means chosen. Read as
"no" it would lose 電話連絡不可 for a family that hides, read as "yes" it would make a consent nobody gave. ☒ is the glyph
Word prints for a checked box, so it is "yes" (wordforms §2, §3).
"""

from __future__ import annotations

import re
from typing import Final

from pipeline.normalise.reading import Reading, refuse, squeeze

_YES: Final = frozenset("☑☒✓✔✅🗹■◼●⬤レV○〇◯⭕◎有可1") | {"あり", "有り", "はい", "該当", "該当する", "該当あり", "する",
                                                       "同意", "同意する", "同意します", "TRUE", "YES"}  # fmt: skip
_NO: Final = frozenset("☐□▢◻⬜無0") | {"なし", "無し", "いいえ", "不可", "非該当", "該当しない", "該当なし", "しない",
                                   "同意しない", "同意しません", "FALSE", "NO"}  # fmt: skip
_CROSS: Final = frozenset("×✕✖✗✘╳❌X")
_GLYPH_STYLE: Final = re.compile("[\ufe0e\ufe0f]")  # the selectors that make ✔ a picture


def read_mark(text: str) -> Reading:
    """Read whether a box is chosen. A blank box is not chosen; a box that is missing must not be read at all."""
    mark = _GLYPH_STYLE.sub("", squeeze(text))
    if mark in _YES:
        return Reading(True)
    if mark in _NO or not mark:
        return Reading(False)
    return refuse("MARK_CROSS" if mark in _CROSS else "MARK_UNREADABLE")
