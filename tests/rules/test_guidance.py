"""事業案内: its day, what follows, and how the family may be reached (domain.md §1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from pipeline.model import Level
from pipeline.rules import judge
from tests.rules.test_survey import OfficeAt, Told, changed, example

CAME_IN = date(2023, 6, 5)
GUIDED = example("dispatch_guidance", "typical")


@pytest.mark.parametrize(
    ("boxes", "errors", "warnings"),
    [
        ({}, [], []),
        ({"guided_on": "2023-06-06"}, [("BR15", "/guided_on"), ("BR15", "/follow_up_on")], []),
        ({"guided_on": "2023-06-05"}, [], []),
        ({"follow_up_on": "2023-06-01"}, [("BR15", "/follow_up_on")], []),
        ({"follow_up_on": "2023-06-04"}, [], [("BR16", "/follow_up_on")]),
        ({"follow_up_on": None}, [], []),
        ({"follow_up_on": None, "reaction": "検討"}, [], [("FOLLOW_UP", "/follow_up_on")]),
        ({"follow_up_on": None, "reaction": "不在"}, [], [("FOLLOW_UP", "/follow_up_on")]),
        ({"follow_up_on": None, "reaction": "拒否"}, [], []),
        ({"method": "電話"}, [], []),
        ({"confidentiality": ["電話連絡不可"]}, [], []),
        ({"method": "電話", "confidentiality": ["電話連絡不可"]}, [], [("CONTACT", "/method")]),
        ({"child_told": "説明していない"}, [], [("CHILD_VIEW", "/child_told")]),
        ({"child_told": None}, [], []),
        ({"centre": "小名浜地区保健福祉センター"}, [], [("BR08", "/centre")]),
        ({"applicant__address": None, "centre": "小名浜地区保健福祉センター"}, [], []),
    ],
)
def test_what_is_wrong_with_a_guidance(
    office_at: OfficeAt,
    said: Told,
    boxes: Mapping[str, Any],
    errors: list[tuple[str, str]],
    warnings: list[tuple[str, str]],
) -> None:
    ruling = judge("dispatch_guidance", changed(GUIDED, **boxes), office_at(CAME_IN), CAME_IN)
    assert said(ruling) == errors
    assert said(ruling, Level.WARNING) == warnings


def test_a_guidance_before_the_programme_is_refused(said: Told) -> None:
    assert said(judge("dispatch_guidance", GUIDED, {}, CAME_IN)) == [("BR01", "/guided_on")]
