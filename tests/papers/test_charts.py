from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from word_templates import build_template

from pipeline.errors import OfficeFault
from pipeline.ooxml import docx_text, pack, picture_texts, read_members
from pipeline.papers import charts
from pipeline.papers.charts import describe, draw, read_chart, ticks
from pipeline.papers.contract import references
from pipeline.papers.prove import ensure_parses, ensure_proven
from pipeline.papers.template import compile_template

MONTHLY: dict[str, Any] = {
    "kind": "line",
    "title": "月別の新規・終結",
    "unit": "件",
    "labels": ["４月", "５月", "６月"],
    "series": [{"name": "新規", "values": [0, 2, 4]}, {"name": "終結", "values": [0, None, 1]}],
}
BARS = {**MONTHLY, "kind": "bar"}
PAPER = compile_template(build_template("前", "{{ facts.monthly|chart(120, 60) }}", "後"), "見本")


def drawn(fact: dict[str, Any], width: int = 120, height: int = 60) -> Image.Image:
    return Image.open(io.BytesIO(draw(read_chart(fact), width, height)))


@pytest.mark.parametrize("fact", [MONTHLY, BARS], ids=["line", "bar"])
def test_the_same_chart_is_the_same_bytes(fact: dict[str, Any]) -> None:
    first = draw(read_chart(fact), 120, 60)
    draw.cache_clear()
    assert draw(read_chart(fact), 120, 60) == first
    assert drawn(fact).size == (960, 480)


def test_a_greater_value_is_a_taller_bar() -> None:
    def ink(values: list[int | None]) -> int:
        shades = drawn({**BARS, "series": [{"name": "新規", "values": values}]}).histogram()
        return sum(shades[60:80])

    assert ink([0, 0, 10]) < ink([0, 5, 10]) < ink([5, 5, 10])


def test_a_masked_value_has_no_height() -> None:
    """Whatever stood there, what is drawn is the same: the value is not in the chart any more."""
    assert "終結：４月 0、５月 ＊、６月 1" in describe(read_chart(MONTHLY))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "pie"},
        {"labels": []},
        {"labels": ["４月"]},
        {"series": []},
        {"series": [{"name": "新規", "values": [0, -1, 2]}]},
        {"series": [{"name": "新規", "values": [0, True, 2]}]},
        {"series": [{"name": "新規", "values": [0, float("nan"), 2]}]},
        {"series": MONTHLY["series"] * 3},
    ],
)
def test_what_is_no_chart_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        read_chart({**MONTHLY, **wrong})


def test_a_size_no_page_has_is_refused() -> None:
    with pytest.raises(ValueError):
        draw(read_chart(MONTHLY), 10, 60)


def test_a_character_the_typeface_lacks_holds_the_paper() -> None:
    with pytest.raises(OfficeFault) as caught:
        draw(read_chart({**MONTHLY, "title": "ጀጀመ"}), 120, 60)
    assert caught.value.code == "CHART"
    assert "2種類" in str(caught.value)


def test_without_the_typeface_the_paper_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "FAMILY", "No Such Family")
    charts._font_file.cache_clear()
    try:
        with pytest.raises(OfficeFault) as caught:
            charts._font_file()
    finally:
        charts._font_file.cache_clear()
    assert caught.value.code == "CHART"


@given(st.floats(0.01, 1e11) | st.integers(1, 10**11))
def test_ticks_begin_at_nothing_and_reach_the_top(top: float) -> None:
    steps = ticks(top)
    assert steps[0] == 0
    assert steps[-1] >= top * 0.999999
    assert 2 <= len(steps) <= 7
    assert top < 1 or all(step == int(step) for step in steps)


# --- In a paper ---------------------------------------------------------------------------------------------------


def test_a_paper_carries_its_chart() -> None:
    rendered = PAPER.render({"facts": {"monthly": MONTHLY}})
    ensure_parses(PAPER, rendered.data)
    pictures = [
        data for name, data in read_members(rendered.data).items() if name.startswith("word/media/figure-")
    ]
    assert pictures == [draw(read_chart(MONTHLY), 120, 60)]
    assert picture_texts(rendered.data) == (describe(read_chart(MONTHLY)),)
    assert PAPER.render({"facts": {"monthly": MONTHLY}}).data == rendered.data
    assert references(PAPER) == {"facts.monthly"}


def test_each_paper_carries_its_own_charts_only() -> None:
    other = {**MONTHLY, "title": "別の年度"}
    PAPER.render({"facts": {"monthly": other}})
    assert picture_texts(PAPER.render({"facts": {"monthly": MONTHLY}}).data) == (
        describe(read_chart(MONTHLY)),
    )


def test_charts_in_a_loop_each_once() -> None:
    paper = compile_template(
        build_template("{%p for chart in facts.all %}", "{{ chart|chart }}", "{%p endfor %}"), "見本"
    )
    rendered = paper.render({"facts": {"all": [MONTHLY, BARS, MONTHLY]}})
    ensure_parses(paper, rendered.data)
    names = [name for name in read_members(rendered.data) if name.startswith("word/media/figure-")]
    assert len(names) == 2
    assert len(picture_texts(rendered.data)) == 3


def test_no_chart_is_nothing() -> None:
    rendered = PAPER.render({"facts": {"monthly": None}})
    ensure_parses(PAPER, rendered.data)
    assert docx_text(rendered.data).splitlines()[:3] == ["前", "", "後"]


def test_a_wrong_chart_is_named_by_its_place() -> None:
    with pytest.raises(OfficeFault) as caught:
        PAPER.render({"facts": {"monthly": {"kind": "bar"}}})
    assert "2番目の段落" in str(caught.value)


def test_a_chart_in_a_header_is_a_fault_of_the_template() -> None:
    with pytest.raises(OfficeFault) as caught:
        compile_template(build_template("前", header="{{ facts.monthly|chart }}"), "見本")
    assert "図（|chart）は本文にだけ" in str(caught.value)


def test_what_a_chart_says_is_proven_like_other_words() -> None:
    rendered = PAPER.render({"facts": {"monthly": MONTHLY}})
    ensure_proven(PAPER, rendered, ("月別の新規・終結",), must_hide=("4320000",))
    with pytest.raises(OfficeFault):
        ensure_proven(PAPER, rendered, (), must_hide=("終結",))


def test_a_picture_that_was_changed_is_noticed() -> None:
    members = read_members(PAPER.render({"facts": {"monthly": MONTHLY}}).data)
    name = next(name for name in members if name.startswith("word/media/figure-"))
    members[name] = draw(read_chart(BARS), 120, 60)
    with pytest.raises(OfficeFault) as caught:
        ensure_parses(PAPER, pack(members))
    assert "図の部品" in str(caught.value)


def test_quotation_marks_in_a_label_stay_in_the_words() -> None:
    fact = {**MONTHLY, "title": '"新規" & <終結>'}
    rendered = PAPER.render({"facts": {"monthly": fact}})
    ensure_parses(PAPER, rendered.data)
    assert picture_texts(rendered.data) == (describe(read_chart(fact)),)
