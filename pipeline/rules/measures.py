"""支援体系図 (domain.md §5.5): the tree of measures of one year beside the year before, its merged cells, what changed. Pure.

「令和４年度と同じ」 points back to the year before; where a year stands alone it is written out. An empty box means no
measure and prints as 「－」, never as nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.findings import Sentence
from pipeline.rules.wareki import digits, fiscal_year_name

Values = Mapping[str, Any]
NONE: Final = "－"
TITLE: Final = "ヤングケアラー支援体系図"
NEW, SAME, CHANGED, ENDED, NOTHING = "新規", "継続", "変更", "終了", "未実施"
_BACK: Final = re.compile(r"(令和[0-9０-９元]+年度|前年度)と(?:同じ|同様)|同左")
_FULL_WIDTH: Final = str.maketrans("0123456789", "０１２３４５６７８９")
_OTHER_YEAR: Final = Sentence(
    "MEASURE", "「○年度と同じ」は、前年度を指すときだけ使えます。実施内容を書いてください。"
)
_NOTHING_BEFORE: Final = Sentence(
    "MEASURE",
    "前年度の実施内容が空欄なので、「と同じ」では内容が分かりません。どちらかに内容を書いてください。",
)
_SPLIT: Final = Sentence(
    "MEASURE", "同じ基本目標・基本施策の行は、続けて記入してください。離れていると、欄をまとめられません。"
)
_TWICE: Final = Sentence("MEASURE", "同じ具体策が二度あります。一行にまとめてください。")
_NOT_AS_THEN: Final = Sentence(
    "MEASURE", "前年度の体系図に書かれた実施内容と違います。どちらが正しいか確かめてください。", Level.WARNING
)
_MISSING: Final = Sentence(
    "MEASURE",
    "前年度の体系図にあった具体策が{count}件、載っていません。終了したときも、行を残してください。",
    Level.WARNING,
)


def judge_measure_tree(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge a 支援体系図. Facts: `title`, `year`, `before`, `rows` (both years, with where cells merge), `alone` (the year
    written out), `changes` (what became of each measure) and `counts`.
    """
    problems = (*_check_rows(values), *_check_history(values, past))
    if any(problem.level is Level.ERROR for problem in problems):
        return Ruling(problems)
    rows = [_row(values, number) for number in range(len(values["rows"]))]
    counts = Counter(row["change"] for row in rows)
    facts = {
        "title": values.get("title") or TITLE,
        "year": _year_name(values["year"]),
        "before": _year_name(values["year"] - 1),
        "rows": rows,
        "counts": [
            {"label": word, "count": digits(counts[word])} for word in (NEW, CHANGED, SAME, ENDED, NOTHING)
        ],
    }
    return Ruling(problems, facts)


def _year_name(year: int) -> str:
    return fiscal_year_name(date(2018 + year, 6, 1))


def _row(values: Values, number: int) -> dict[str, Any]:
    rows = values["rows"]
    row, above = rows[number], rows[number - 1] if number else {}
    before, now = lines(row.get("before")), lines(row.get("now"))
    whole = before if _points_back(now) else now
    first_of_goal = above.get("goal") != row["goal"]
    return {
        "goal": row["goal"],
        "policy": row["policy"],
        "measure": row["measure"],
        "before": _shown(before),
        "now": _shown(now),
        "alone": _shown(whole),
        "partner": row.get("partner") or "",
        "opens_goal": first_of_goal,
        "opens_policy": first_of_goal or above["policy"] != row["policy"],
        "change": _change(before, now),
    }


def lines(text: str | None) -> tuple[str, ...]:
    """The measures of one box, one a line; 「－」 is none."""
    said = (line.strip() for line in (text or "").splitlines())
    return tuple(line for line in said if line and line not in (NONE, "-", "ー"))


def _shown(said: Sequence[str]) -> str:
    return "\n".join(said) or NONE


def _points_back(now: Sequence[str]) -> bool:
    return len(now) == 1 and _BACK.fullmatch(now[0]) is not None


def _change(before: Sequence[str], now: Sequence[str]) -> str:
    if not now:
        return ENDED if before else NOTHING
    if not before:
        return NEW
    return SAME if _points_back(now) or before == now else CHANGED


# --- Checks -------------------------------------------------------------------------------------------------------


def _check_rows(values: Values) -> Iterator[Problem]:
    for number, row in enumerate(values["rows"]):
        now = lines(row.get("now"))
        if _points_back(now):
            yield from _check_back(values, number, now[0])
    yield from _check_order(values["rows"])


def _check_back(values: Values, number: int, said: str) -> Iterator[Problem]:
    found = _BACK.fullmatch(said)
    named = found[1] if found else None
    if named not in (None, "前年度", _year_name(values["year"] - 1)) and _plain(named) != _plain(
        _year_name(values["year"] - 1)
    ):
        yield _OTHER_YEAR.at(f"/rows/{number}/now", "今年度の実施内容", said)
    elif not lines(values["rows"][number].get("before")):
        yield _NOTHING_BEFORE.at(f"/rows/{number}/now", "今年度の実施内容", said)


def _plain(name: str | None) -> str:
    return (name or "").translate(_FULL_WIDTH)


def _check_order(rows: Sequence[Values]) -> Iterator[Problem]:
    """A goal's rows stand together, a policy's too: else their cells cannot be one."""
    closed: set[tuple[str, ...]] = set()
    seen: set[tuple[str, ...]] = set()
    for number, (above, row) in enumerate(pairwise([{}, *rows])):
        path = (row["goal"], row["policy"], row["measure"])
        if above and above["goal"] != row["goal"]:
            closed |= {(above["goal"],), (above["goal"], above["policy"])}
        elif above and above["policy"] != row["policy"]:
            closed.add((above["goal"], above["policy"]))
        if path[:1] in closed or path[:2] in closed:
            yield _SPLIT.at(f"/rows/{number}/policy", "基本施策", row["policy"])
        if path in seen:
            yield _TWICE.at(f"/rows/{number}/measure", "具体策", row["measure"])
        seen.add(path)


def _check_history(values: Values, past: Past) -> Iterator[Problem]:
    """Hold the year before against its own form, where there is one."""
    earlier = [event for event in past.of("measure_tree") if event.values["year"] == values["year"] - 1]
    if not earlier:
        return
    then = {(row["policy"], row["measure"]): _whole(row) for row in earlier[-1].values["rows"]}
    for number, row in enumerate(values["rows"]):
        said = then.pop((row["policy"], row["measure"]), None)
        if said is not None and said != lines(row.get("before")):
            yield _NOT_AS_THEN.at(f"/rows/{number}/before", "前年度の実施内容")
    if gone := sum(bool(said) for said in then.values()):
        yield _MISSING.at("/rows", "具体策", count=digits(gone))


def _whole(row: Values) -> tuple[str, ...]:
    now = lines(row.get("now"))
    return lines(row.get("before")) if _points_back(now) else now
