"""Which rule judges which form.

A rule sees one form whose values already passed its schema, the office data of its date (`OfficeBook.at`), the day it
came in, and what was accepted before it (`Past`), which it only compares. It knows no clock and no disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from pipeline.model import NOTHING_BEFORE, Past, Ruling
from pipeline.rules.acceptance import judge_acceptance
from pipeline.rules.application import judge_application
from pipeline.rules.budget import judge_budget
from pipeline.rules.case_ends import judge_closure, judge_transfer
from pipeline.rules.case_flow import check_dispatch_step
from pipeline.rules.case_records import judge_assessment, judge_note, judge_support_plan
from pipeline.rules.consultation import judge_consultation
from pipeline.rules.coordination import judge_coordinator_log
from pipeline.rules.decision import judge_decision
from pipeline.rules.guidance import judge_guidance
from pipeline.rules.incidents import judge_incident, judge_information
from pipeline.rules.inquiry import judge_reply, judge_request
from pipeline.rules.manual import judge_manual_revision
from pipeline.rules.measures import judge_measure_tree
from pipeline.rules.meetings import judge_minutes
from pipeline.rules.monitoring import judge_monitoring
from pipeline.rules.monthly import judge_monthly_report
from pipeline.rules.notices import judge_notice
from pipeline.rules.outreach import judge_mailing
from pipeline.rules.outreach_event import judge_event
from pipeline.rules.planning import judge_plan
from pipeline.rules.regulation import judge_regulation_amendment
from pipeline.rules.replies import judge_attendance
from pipeline.rules.requests import judge_change, judge_extension, judge_withdrawal
from pipeline.rules.statistics import judge_statistics
from pipeline.rules.survey import judge_survey
from pipeline.rules.visit_report import judge_visit_report

Rule = Callable[[Mapping[str, Any], Mapping[str, Any], date, Past], Ruling]

RULES: Mapping[str, Rule] = {
    "assessment": judge_assessment,
    "case_closure": judge_closure,
    "case_transfer": judge_transfer,
    "budget_request": judge_budget,
    "change_application": judge_change,
    "consultation": judge_consultation,
    "coordinator_log": judge_coordinator_log,
    "dispatch_acceptance": judge_acceptance,
    "dispatch_application": judge_application,
    "dispatch_decision": judge_decision,
    "dispatch_guidance": judge_guidance,
    "dispatch_plan": judge_plan,
    "extension_application": judge_extension,
    "incident_report": judge_incident,
    "information_reply": judge_reply,
    "information_report": judge_information,
    "information_request": judge_request,
    "measure_tree": judge_measure_tree,
    "manual_revision": judge_manual_revision,
    "meeting_minutes": judge_minutes,
    "meeting_notice": judge_notice,
    "attendance_reply": judge_attendance,
    "monitoring": judge_monitoring,
    "monthly_report": judge_monthly_report,
    "progress_note": judge_note,
    "outreach_event": judge_event,
    "outreach_mailing": judge_mailing,
    "regulation_amendment": judge_regulation_amendment,
    "support_plan": judge_support_plan,
    "statistics_request": judge_statistics,
    "visit_report": judge_visit_report,
    "visit_survey": judge_survey,
    "withdrawal": judge_withdrawal,
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
    ruling = rule(values, office, received_on, past) if rule else Ruling()
    return replace(ruling, problems=(*check_dispatch_step(form, past), *ruling.problems))
