from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.papers.dialect import ENVIRONMENT
from pipeline.papers.filters import FILTERS


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("'2023-06-01'|wareki", "令和５年６月１日"),
        ("day|wareki", "令和５年６月１日"),
        ("none|wareki", ""),
        ("none|wareki_blank", "令和　　年　　月　　日"),
        ("'2023-06-01'|wareki_blank", "令和５年６月１日"),
        ("'2023-06-01'|wareki_weekday", "令和５年６月１日（木）"),
        ("none|wareki_weekday", ""),
        ("'2023-06-01'|weekday", "木"),
        ("'2023-06'|wareki_month", "令和５年６月"),
        ("'2019-05'|wareki_month", "令和元年５月"),
        ("none|wareki_month", ""),
        ("'2023-06-01'|month_day", "６月１日（木）"),
        ("none|month_day", ""),
        ("'2024-03-31'|nendo", "令和５年度"),
        ("'2023-06-01'|span('2023-11-30')", "令和５年６月１日から同年11月30日まで"),
        ("'2023-06-01'|span(none)", "令和５年６月１日から"),
        ("none|span('2023-11-30')", "令和５年11月30日まで"),
        ("none|span(none)", ""),
        ("'13:30'|clock", "午後１時30分"),
        ("none|clock", ""),
        ("5|digits", "５"),
        ("11|digits", "11"),
        ("none|digits", ""),
        ("7871|money", "7,871"),
        ("none|money", ""),
        ("none|doc_number", "　　第　　号"),
        ("'５平福第７号'|doc_number", "５平福第７号"),
        ("officer|addressee", "会長　○○　○○　様"),
        ("bare|addressee", "御中"),
        ("none|addressee", "御中"),
        ("'例示　花子'|honoured('校長')", "校長　例示　花子　様"),
        ("'例示　花子'|honoured", "例示　花子　様"),
        ("true|check", "☑"),
        ("false|check", "☐"),
        ("none|check", "☐"),
        ("3|item", "３"),
        ("3|item(1)", "第３"),
        ("12|item(3)", "(12)"),
        ("3|item(4)", "ウ"),
        ("['あ', 'い']|join('、')", "あ、い"),
    ],
)
def test_what_a_filter_prints(expression: str, printed: str) -> None:
    context: dict[str, Any] = {
        "day": date(2023, 6, 1),
        "officer": {"head_title": "会長", "head_name": "○○　○○"},
        "bare": {"head_title": "会長", "head_name": ""},
    }
    assert ENVIRONMENT.from_string("{{ " + expression + " }}").render(context) == printed


@pytest.mark.parametrize(
    ("room", "before", "printed"),
    [
        (10, "", "会長　○○　○○　様"),
        (9.5, "", "会長\n○○　○○　様"),
        (14, "協議会", "会長　○○　○○　様"),
        (13, "協議会", "\n会長　○○　○○　様"),
        (9, "協議会", "\n会長\n○○　○○　様"),
    ],
)
def test_a_line_is_broken_before_the_honorific_could_stand_alone(
    room: float, before: str, printed: str
) -> None:
    assert FILTERS["addressee"]({"head_title": "会長", "head_name": "○○　○○"}, room, before) == printed


@given(st.text("名あA1", min_size=1, max_size=40), st.text("職長B", max_size=30), st.text("課X", max_size=40))
def test_a_name_and_its_honorific_are_on_one_line(name: str, title: str, section: str) -> None:
    """At 42 characters a line, whatever a form may hold: no line of the addressee is wrapped, none is 様 alone."""
    lines = str(FILTERS["addressee"]({"head_title": title, "head_name": name}, 42, section)).split("\n")
    widths = [sum(0.5 if letter.isascii() else 1 for letter in line) for line in lines]
    if lines[0] and section:
        widths[0] += sum(0.5 if letter.isascii() else 1 for letter in section) + 1
    assert max(widths) <= 42 and lines[-1].endswith(f"{name}　様")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("wareki", "2023/6/1"),
        ("wareki", 20230601),
        ("clock", "25:00"),
        ("wareki_month", "2023-06-01"),
        ("wareki_month", "2023-13"),
        ("digits", "5"),
        ("digits", True),
        ("money", 1.5),
    ],
)
def test_a_value_of_the_wrong_kind_is_never_printed(name: str, value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        FILTERS[name](value)
