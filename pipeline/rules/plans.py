"""What every form with a plan, a refusal or a fee is held against (domain.md §1.9, §1.12): limits, period, monitoring, reason.

A form that lacks the group passes. The checks read `plan`, `refusal` and `fee`, wherever these stand in a form of the programme.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from pipeline.model import Level, Problem
from pipeline.rules.dispatch import Filing, Values, check_slots, check_start, slot_minutes, slot_text
from pipeline.rules.findings import Sentence, check_open_day
from pipeline.rules.periods import months_end, planned_visits
from pipeline.rules.standing import standing
from pipeline.rules.steps import LETTER_ORDER, check_not_yet, check_order
from pipeline.rules.wareki import digits, parse_iso, weekday

_VISIT_TOO_LONG = Sentence("BR02", "派遣は１回{limit}分以内です。{limit}分以内に直してください。")
_SLOT_OVER_PLAN = Sentence(
    "BR02", "時間帯が「１回当たりの時間」より長くなっています。どちらかを直して、そろえてください。"
)
_TOO_OFTEN = Sentence("BR03", "派遣は週{limit}回までです。回数を直してください。")
_SCHEDULE_TOO_OFTEN = Sentence(
    "BR03", "曜日・時間帯の数が「１週当たりの回数」を超えています。どちらかを直して、そろえてください。"
)
_WRONG_END = Sentence(
    "BR04",
    "派遣期間は始期から{months}か月で、終期は応当日の前日（応当日がない月は末日）です。始期か終期を直してください。",
)
_MOVED_END = Sentence(
    "BR04",
    "変更では、派遣期間の終期は変わりません。現在の派遣期間の終期と同じ日にしてください。",
)
_FEE = Sentence(
    "BR06", "利用料はこの日の定めと一致しなければなりません（１回当たり{fee}円）。金額を直してください。"
)
_SHORT_REASON = Sentence(
    "BR14", "理由は、規定に当てはまる事実が分かるように{limit}字以上で記入してください。"
)
_NO_ARTICLE = Sentence("BR14", "根拠条項は「第６条第２項」のように、条の番号まで記入してください。")
_START_WEEKDAY = Sentence(
    "BR17",
    "支援開始日の曜日が、派遣の曜日と違います。最初の訪問日を支援開始日とするよう確かめてください。",
    Level.WARNING,
)
_VERSION = Sentence(
    "PLAN_VERSION",
    "計画の版は、今までに決定した計画の次の番号です（最初の計画は１）。第{version}版として出し直してください。",
)
_NO_MONITORING = Sentence(
    "BR29", "派遣期間が終わる日より前に、少なくとも１回のモニタリングを予定してください。", Level.WARNING
)
_MONITORING_OUTSIDE = Sentence(
    "BR29", "モニタリングの予定日が派遣期間の外です。日付を確かめてください。", Level.WARNING
)

_ARTICLE: Final = re.compile(r"第[0-9０-９一二三四五六七八九十百]+条")


def plan_end(values: Values, programme: Values) -> date:
    """The day the plan's period must end: by 民法143条 (BR04), or where it already ends if the plan is only changed."""
    if "change" in values:
        return parse_iso(values["current_period"]["end"])
    months = "extension_months" if "current_period" in values else "months"
    return months_end(parse_iso(values["plan"]["period"]["start"]), programme[months])


def plan_facts(values: Values, programme: Values) -> dict[str, Any]:
    """`period_end` (ISO) and `planned_visits` of a form's plan, both None without one."""
    plan = values.get("plan")
    if plan is None:
        return {"period_end": None, "planned_visits": None}
    start, end = parse_iso(plan["period"]["start"]), plan_end(values, programme)
    weekdays = [slot["weekday"] for slot in plan.get("schedule", ())]
    return {
        "period_end": end.isoformat(),
        "planned_visits": planned_visits(start, end, weekdays, plan["visits_per_week"]),
    }


def check_fee(filing: Filing) -> Iterator[Problem]:
    """Refuse a fee that is not the programme's (BR06)."""
    fee = filing.programme["fee"]
    if filing.values.get("fee", fee) != fee:
        yield _FEE.at("/fee", "利用料（１回当たり）", filing.values["fee"], fee=digits(fee))


def check_refusal(filing: Filing) -> Iterator[Problem]:
    """Refuse a refusal without a full reason or without its article (BR14)."""
    yield from check_grounds(filing, "refusal")


def check_grounds(filing: Filing, group: str) -> Iterator[Problem]:
    """Refuse a group whose reason is too short to tell a fact, or whose article has no number (BR14).

    The grounds of an adverse decision are to be shown (行政手続法８条・14条); what a form leaves out its schema asks for.
    """
    grounds, limit = filing.values.get(group) or {}, filing.programme["reason_min_length"]
    reason, article = grounds.get("reason"), grounds.get("article")
    if reason is not None and len("".join(reason.split())) < limit:
        yield _SHORT_REASON.at(f"/{group}/reason", "理由", limit=digits(limit))
    if article is not None and _ARTICLE.search(article) is None:
        yield _NO_ARTICLE.at(f"/{group}/article", "根拠条項", article)


def check_drafting(filing: Filing) -> Iterator[Problem]:
    """Refuse a 起案 without the article it rests on, from a day to come, or to be carried out before it (domain §1.10)."""
    drafting = filing.values["drafting"]
    yield from check_not_yet(filing, "/drafting/drafted_on", "起案年月日", drafting["drafted_on"])
    if _ARTICLE.search(drafting["article"]) is None:
        yield _NO_ARTICLE.at("/drafting/article", "根拠条項", drafting["article"])
    wish = drafting.get("enforce_on")
    if wish is not None:
        drafted = ("/drafting/drafted_on", "起案年月日", drafting["drafted_on"])
        yield from check_order((drafted, ("/drafting/enforce_on", "施行希望日", wish)), LETTER_ORDER)
        yield from check_open_day(filing.office, "/drafting/enforce_on", "施行希望日", wish)


def check_version(filing: Filing) -> Iterator[Problem]:
    """Refuse a plan under another number than the next: contractor and centre must speak of the same one (BR12)."""
    plan, decided = filing.values.get("plan"), standing(filing.past).plan
    due = decided["version"] + 1 if decided else 1
    if plan is not None and plan["version"] != due:
        yield _VERSION.at("/plan/version", "計画の版", plan["version"], version=digits(due))


def check_limits(filing: Filing) -> Iterator[Problem]:
    """BR02 and BR03 on the plan's own numbers."""
    plan, programme = filing.values.get("plan"), filing.programme
    if plan is None:
        return
    if plan["minutes_per_visit"] > programme["minutes_per_visit"]:
        limit = programme["minutes_per_visit"]
        yield _VISIT_TOO_LONG.at(
            "/plan/minutes_per_visit", "１回当たりの時間", plan["minutes_per_visit"], limit=limit
        )
    if plan["visits_per_week"] > programme["visits_per_week"]:
        limit = digits(programme["visits_per_week"])
        yield _TOO_OFTEN.at("/plan/visits_per_week", "１週当たりの回数", plan["visits_per_week"], limit=limit)


def check_schedule(filing: Filing) -> Iterator[Problem]:
    """BR02 and BR03 on the weekly timetable, and that support begins on one of its weekdays."""
    plan = filing.values.get("plan")
    if plan is None:
        return
    slots = plan.get("schedule", ())
    yield from check_slots(slots, "/plan/schedule", filing.programme["minutes_per_visit"])
    for n, slot in enumerate(slots):
        if plan["minutes_per_visit"] < slot_minutes(slot) <= filing.programme["minutes_per_visit"]:
            yield _SLOT_OVER_PLAN.at(f"/plan/schedule/{n}", "曜日・時間帯", slot_text(slot))
    if len(slots) > plan["visits_per_week"]:
        yield _SCHEDULE_TOO_OFTEN.at("/plan/schedule", "派遣の曜日・時間帯")


def check_period(filing: Filing) -> Iterator[Problem]:
    """Refuse a period that is not the programme's months, or begins before the programme (BR01, BR04).

    Only a first period begins with a visit: an extension begins the day after the last one, whatever weekday that is.
    """
    plan = filing.values.get("plan")
    if plan is None:
        return
    begun = plan["period"]["start"]
    yield from check_start("/plan/period/start", "派遣期間の始期", begun, filing.programme)
    yield from _check_end(filing, plan["period"].get("end"))
    weekdays = {slot["weekday"] for slot in plan.get("schedule", ())}
    if weekdays and weekday(parse_iso(begun)) not in weekdays and "current_period" not in filing.values:
        yield _START_WEEKDAY.at("/plan/period/start", "派遣期間の始期", begun)


def _check_end(filing: Filing, end: str | None) -> Iterator[Problem]:
    if end is None or parse_iso(end) == plan_end(filing.values, filing.programme):
        return
    wrong = _MOVED_END if "change" in filing.values else _WRONG_END
    yield wrong.at("/plan/period/end", "派遣期間の終期", end, months=digits(filing.programme["months"]))


def check_monitoring(filing: Filing) -> Iterator[Problem]:
    """Warn of monitoring days outside the period, or of none before its end (BR29)."""
    plan = filing.values.get("plan")
    if plan is None:
        return
    start, end = parse_iso(plan["period"]["start"]), plan_end(filing.values, filing.programme)
    days = [parse_iso(day) for day in plan["monitoring"]]
    for n, day in enumerate(days):
        if not start <= day <= end:
            yield _MONITORING_OUTSIDE.at(
                f"/plan/monitoring/{n}", "モニタリングの予定日", plan["monitoring"][n]
            )
    if not any(start <= day < end for day in days):
        yield _NO_MONITORING.at("/plan/monitoring", "モニタリングの予定日")
