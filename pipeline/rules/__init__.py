"""Which rule judges which form.

A rule sees one form whose values already passed its schema, the office data of its date (`OfficeBook.at`), the day it
came in, and what was accepted before it (`Past`), which it only compares. It knows no clock and no disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pipeline.model import NOTHING_BEFORE, Past, Ruling
from pipeline.rules.application import judge_application
from pipeline.rules.decision import judge_decision
from pipeline.rules.meetings import judge_minutes

Rule = Callable[[Mapping[str, Any], Mapping[str, Any], date, Past], Ruling]

RULES: Mapping[str, Rule] = {
    "dispatch_application": judge_application,
    "dispatch_decision": judge_decision,
    "meeting_minutes": judge_minutes,
}


def judge(
    form: str,
    values: Mapping[str, Any],
    office: Mapping[str, Any],
    received_on: date,
    past: Past = NOTHING_BEFORE,
) -> Ruling:
    """What the rules of a form say: every problem, and the facts its papers may print; nothing for a form without rules."""
    rule = RULES.get(form)
    return rule(values, office, received_on, past) if rule else Ruling()
