"""The rules of 要綱の一部改正: what is returned, what is pointed out, and what the papers are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from pipeline.errors import OfficeFault
from pipeline.model import Level, Ruling
from pipeline.rules import judge

OfficeAt = Callable[[date], Mapping[str, Any]]
Told = Callable[..., list[tuple[str, str]]]

OLD = """見本要綱
　（設置）
第１条　市に、協議会を置く。
第２条　協議会は、情報を交換する。
２　協議会に会長を置く。
　　　附　則
　この要綱は、令和４年４月１日から施行する。
別表（第１条関係）
分野｜機関
教育｜学校"""
GOOD: dict[str, Any] = {
    "kind": "要綱",
    "enacted_as": "令和４年４月１日制定",
    "doc_date": "2022-09-30",
    "effective_on": "2022-10-01",
    "reason": "必要があるため。",
    "old_text": OLD,
    "new_text": OLD.replace("情報を", "資料を"),
}


@pytest.fixture
def judged(office_at: OfficeAt) -> Callable[..., Ruling]:
    return lambda **changes: judge(
        "regulation_amendment", GOOD | changes, office_at(date(2022, 9, 30)), date(2022, 9, 1)
    )


def texts(lines: list[Mapping[str, Any]]) -> list[str]:
    return [line["text"] for line in lines]


def test_what_the_papers_are_told(judged: Callable[..., Ruling]) -> None:
    ruling = judged()
    facts = ruling.facts
    assert ruling.problems == ()
    assert facts["table_title"] == "見本要綱　新旧対照表"
    assert facts["amending_title"] == "見本要綱の一部を改正する要綱"
    assert facts["opening"] == "見本要綱（令和４年４月１日制定）の一部を次のように改正する。"
    assert (facts["left_head"], facts["right_head"]) == ("改正後", "改正前")
    assert facts["legend"] == "備考　改正部分は、下線の部分である。"
    assert texts(facts["amendment"]) == ["第２条第１項中「情報」を「資料」に改める。"]
    assert texts(facts["supplement"]) == ["附　則", "この要綱は、令和４年10月１日から施行する。"]
    assert texts(facts["consolidated"])[4:] == [
        "２　協議会に会長を置く。",
        "附　則",
        "この要綱は、令和４年４月１日から施行する。",
        "附　則（令和４年９月30日改正）",
        "この要綱は、令和４年10月１日から施行する。",
        "別表（第１条関係）",
        "",
    ]
    assert facts["consolidated"][-1]["head"] == ["分野", "機関"]
    assert facts["consolidated"][-1]["rows"] == [{"cells": ["教育", "学校"]}]


def test_every_word_of_a_paper_is_among_what_it_must_print(judged: Callable[..., Ruling]) -> None:
    facts = judged(transitional=["旧様式は、使用することができる。"]).facts
    assert "資料" in facts["row_texts"]
    assert "第２条　協議会は、" in facts["row_texts"]
    assert {"line", "caption", "body"}.isdisjoint({*facts["row_texts"], *facts["consolidated_texts"]})
    assert {"題名", "学校", "（設置）"} - set(facts["consolidated_texts"]) == {"題名"}
    assert {"２　旧様式は、使用することができる。", "（経過措置）", "附　則"} <= set(facts["amendment_texts"])


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        (
            {"applied_on": "2022-04-01"},
            ["この要綱は、令和４年10月１日から施行し、令和４年４月１日から適用する。"],
        ),
        ({"kind": "規則"}, ["この規則は、令和４年10月１日から施行する。"]),
        (
            {"transitional": ["一", "二"]},
            [
                "（施行期日）",
                "１　この要綱は、令和４年10月１日から施行する。",
                "（経過措置）",
                "２　一",
                "３　二",
            ],
        ),
    ],
)
def test_the_supplement(changes: dict[str, Any], lines: list[str], judged: Callable[..., Ruling]) -> None:
    facts = judged(**changes).facts
    assert texts(facts["supplement"]) == ["附　則", *lines]
    first = texts(facts["consolidated"]).index("附　則（令和４年９月30日改正）")
    assert texts(facts["consolidated"])[first + 1 : first + 1 + len(lines)] == lines


def test_a_text_without_supplement_or_annex_gets_its_first_one_at_the_end(
    judged: Callable[..., Ruling],
) -> None:
    bare = "見本要綱\n第１条　置く。"
    facts = judged(old_text=bare, new_text=f"{bare}\n第２条　行う。", doc_date=None, enacted_as=None).facts
    assert texts(facts["consolidated"])[-3:] == [
        "第２条　行う。",
        "附　則（令和　　年　　月　　日改正）",
        "この要綱は、令和４年10月１日から施行する。",
    ]
    assert facts["opening"] == "見本要綱の一部を次のように改正する。"
    with_annex = f"{bare}\n別表\n甲｜乙"
    lines = judged(old_text=with_annex, new_text=with_annex.replace("置く", "設ける")).facts["consolidated"]
    assert [line["style"] for line in lines][-4:] == ["heading", "plain", "annex", "table"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"new_text": OLD}, [("REGULATION_SAME", "/new_text")]),
        ({"new_text": f"　{OLD}\n"}, [("REGULATION_SAME", "/new_text")]),
        ({"old_text": "# 題名\n第１条　置く。"}, [("REGULATION_TEXT", "/old_text")]),
        (
            {"old_text": "題名\n第１条", "new_text": "題名\n甲｜乙\n丙｜丁｜戊\n第１節　節"},
            [("REGULATION_TEXT", "/old_text"), ("REGULATION_TEXT", "/new_text"), ("REGULATION_TEXT", "/new_text")],
        ),
        ({"new_text": OLD.replace("第２条", "第１条")}, [("REGULATION_NUMBER", "/new_text")]),
        ({"new_text": GOOD["new_text"].replace("令和４年４月", "令和４年５月")}, [("REGULATION_SUPPLEMENT", "/new_text")]),
        ({"applied_on": "2022-10-01"}, [("REGULATION_DATE", "/applied_on")]),
        (
            {"applied_on": "2022-11-01", "old_text": "題名\n第１条"},
            [("REGULATION_TEXT", "/old_text"), ("REGULATION_DATE", "/applied_on")],
        ),
    ],
)  # fmt: skip
def test_errors(changes: Any, expected: Any, judged: Callable[..., Ruling], said: Told) -> None:
    ruling = judged(**changes)
    assert said(ruling) == expected
    assert ruling.facts == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"effective_on": "2022-09-29"}, [("REGULATION_DATE", "/effective_on")]),
        ({"effective_on": "2022-09-30"}, []),
        ({"doc_date": "2022-10-01"}, [("BR16", "/doc_date")]),  # a Saturday
        ({"new_text": GOOD["new_text"].replace("第１条", "第1条")}, [("REGULATION_NUMBER", "/new_text"), ("REGULATION_AMENDMENT", "/new_text")]),
        ({"new_text": GOOD["new_text"].replace("第２条", "第３条")}, [("REGULATION_NUMBER", "/new_text")]),
        ({"new_text": OLD.replace("　（設置）", "　　　第１章　総則\n　（設置）")}, [("REGULATION_AMENDMENT", "/new_text")]),
    ],
)  # fmt: skip
def test_warnings(changes: Any, expected: Any, judged: Callable[..., Ruling], said: Told) -> None:
    ruling = judged(**changes)
    assert said(ruling, Level.WARNING) == expected
    assert said(ruling) == []
    assert bool(ruling.facts["amendment"]) == (("REGULATION_AMENDMENT", "/new_text") not in expected)
    assert ruling.facts["rows"]


def test_the_office_says_which_column_is_left(office_at: OfficeAt) -> None:
    office = dict(office_at(date(2022, 9, 30)))
    words = {**office["edition"]["regulation"], "columns": "old_left", "old_head": "現行"}
    office["edition"] = {"regulation": words}
    facts = judge("regulation_amendment", GOOD, office, date(2022, 9, 1)).facts
    assert (facts["left_head"], facts["right_head"]) == ("現行", "改正後")
    changed = next(
        row for row in facts["rows"] if any(span["changed"] for span in row["left"].get("spans", ()))
    )
    assert "情報" in [span["text"] for span in changed["left"]["spans"]]
    assert "資料" in [span["text"] for span in changed["right"]["spans"]]


def test_without_its_words_the_office_must_act(office_at: OfficeAt) -> None:
    office = {**office_at(date(2022, 9, 30)), "edition": {}}
    with pytest.raises(OfficeFault, match="edition"):
        judge("regulation_amendment", GOOD, office, date(2022, 9, 1))
