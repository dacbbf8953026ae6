"""Which rule judges which form.

A rule sees one form whose values already passed its schema, the office data of its date (`OfficeBook.at`) and the day it
came in. It knows no history, no clock and no disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pipeline.model import Ruling
from pipeline.rules.application import judge_application
from pipeline.rules.decision import judge_decision
from pipeline.rules.meetings import judge_minutes
from pipeline.rules.regulation import judge_regulation_amendment

Rule = Callable[[Mapping[str, Any], Mapping[str, Any], date], Ruling]

RULES: Mapping[str, Rule] = {
    "dispatch_application": judge_application,
    "dispatch_decision": judge_decision,
    "meeting_minutes": judge_minutes,
    "regulation_amendment": judge_regulation_amendment,
}


def judge(form: str, values: Mapping[str, Any], office: Mapping[str, Any], received_on: date) -> Ruling:
    """What the rules of a form say: every problem, and the facts its papers may print; nothing for a form without rules."""
    rule = RULES.get(form)
    return rule(values, office, received_on) if rule else Ruling()
