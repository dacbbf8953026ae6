"""The rules of モニタリング記録票 (D16; domain.md §1.15): who comes along, when, and what the extension it proposes may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.dispatch import NO_PROGRAMME, Filing, Values
from pipeline.rules.findings import Sentence, check_row
from pipeline.rules.periods import next_day
from pipeline.rules.plans import (
    check_fee,
    check_limits,
    check_monitoring,
    check_period,
    check_schedule,
    check_version,
    plan_facts,
)
from pipeline.rules.standing import Standing, standing
from pipeline.rules.visits import NO_DECISION, check_client, visits_of
from pipeline.rules.wareki import digits, minutes_of, parse_iso

_ALONE = Sentence(
    "BR09",
    "コーディネーターが同行していません。モニタリングは同行のもとに行います。理由と代わりの方法を確かめてください。",
    Level.WARNING,
)
_TIME_ORDER = Sentence("HELD_DAY", "終了時刻は開始時刻より後でなければなりません。時刻を直してください。")
_NOT_YET = Sentence("HELD_DAY", "まだ来ていない日のモニタリングは記録できません。実施日を確かめてください。")
_RECORDED_EARLY = Sentence("HELD_DAY", "記録年月日が実施日より前です。どちらかの日付を直してください。")
_OTHER_PERIOD = Sentence(
    "PERIOD",
    "派遣期間が、このケースの今の決定の期間と違います。決定通知書を確かめて、期間を直してください。",
)
_OUTSIDE = Sentence(
    "BR29",
    "モニタリングの実施日が派遣期間の外です。期間の終わる前に行うものなので、日付を確かめてください。",
    Level.WARNING,
)
_OTHER_COUNT = Sentence(
    "COUNT",
    "実施報告書から数えた回数（{counted}回）と違います。数え直すか、報告書が届いているかを確かめてください。",
    Level.WARNING,
)
_CHILD_NOT_MET = Sentence(
    "CHILD_VIEW",
    "児童本人と面接していません。次の機会に、本人の声を聞いてください。",
    Level.WARNING,
)
_NO_COORDINATOR_VIEW = Sentence(
    "BR09", "コーディネーターの所見がありません。所見を聞いて、書き加えてください。", Level.WARNING
)
_NOT_THE_DAY_AFTER = Sentence("BR05", "延長の始期は、今の終期の翌日です。始期を直してください。")
_NOT_EXTENDABLE = Sentence(
    "EXTENSION", "この日の定めでは、延長ができません。方針を直すか、こども家庭課に確かめてください。"
)
_TOO_LATE = Sentence(
    "EXTENSION",
    "終期まで{weeks}週間を切っています。延長の申請と決定が終期に間に合うよう、急いでください。",
    Level.WARNING,
)
_NO_NEXT = Sentence(
    "BR29",
    "次回のモニタリング予定日がありません。続けるときは、次の日を決めてください。",
    Level.WARNING,
)
_NEXT_EARLY = Sentence(
    "HELD_DAY", "次回のモニタリング予定日が、実施日以前です。どちらかの日付を直してください。"
)
_NEXT_LATE = Sentence(
    "BR29",
    "次回のモニタリング予定日が、派遣期間の終わった後です。終わる前に行えるよう、日付を確かめてください。",
    Level.WARNING,
)

MonitoringCheck = Callable[[Filing, Standing], Iterator[Problem]]


def judge_monitoring(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge モニタリング記録票. Facts: `checks`, `monitoring_no`, and those of the plan proposed (`plan_facts`)."""
    programme = office.get("programme")
    if programme is None:
        return Ruling((NO_PROGRAMME.at("/held/on", "実施日", values["held"]["on"]),))
    filing, now = Filing(values, office, programme, received_on, past), standing(past)
    findings = [(item, tuple(check(filing, now))) for item, check in MONITORING_CHECKS]
    problems = tuple(problem for _, found in findings for problem in found)
    return Ruling(problems, {"checks": [check_row(*finding) for finding in findings], **_facts(filing, now)})


def _facts(filing: Filing, now: Standing) -> dict[str, Any]:
    earlier = [event for event in now.all("monitoring") if event.on < filing.day("held", "on")]
    return {"monitoring_no": 1 + len(earlier), **plan_facts(filing.values, filing.programme)}


def _check_decision(filing: Filing, now: Standing) -> Iterator[Problem]:
    if now.approval is None:
        yield NO_DECISION.at("/case_id", "ケース番号")
        return
    told = filing.values["current_period"]
    known = {(period.start.isoformat(), period.end.isoformat()) for period in now.periods}
    if (told["start"], told["end"]) not in known:
        yield _OTHER_PERIOD.at("/current_period/start", "始期", told["start"])


def _check_client(filing: Filing, now: Standing) -> Iterator[Problem]:
    yield from check_client(now, filing.values)


def _check_days(filing: Filing, now: Standing) -> Iterator[Problem]:
    held, on = filing.values["held"], filing.day("held", "on")
    if minutes_of(held["end"]) <= minutes_of(held["start"]):
        yield _TIME_ORDER.at("/held/end", "終了時刻", held["end"])
    if on > filing.came_in:
        yield _NOT_YET.at("/held/on", "実施日", held["on"])
    if filing.day("recorded_on") < on:
        yield _RECORDED_EARLY.at("/recorded_on", "記録年月日", filing.values["recorded_on"])
    if not filing.day("current_period", "start") <= on <= filing.day("current_period", "end"):
        yield _OUTSIDE.at("/held/on", "実施日", held["on"])


def _check_coordinator(filing: Filing, now: Standing) -> Iterator[Problem]:
    """Came along, or a reason stands there (the schema's part) and it is pointed out (BR09)."""
    if not filing.values["coordinator"]["present"]:
        yield _ALONE.at("/coordinator/present", "コーディネーターの同行")
    elif not filing.values.get("coordinator_view"):
        yield _NO_COORDINATOR_VIEW.at("/coordinator_view", "コーディネーター所見")


def _check_child(filing: Filing, now: Standing) -> Iterator[Problem]:
    if not filing.values["child_meeting"]["met"]:
        yield _CHILD_NOT_MET.at("/child_meeting/met", "児童本人と面接")


def _check_counts(filing: Filing, now: Standing) -> Iterator[Problem]:
    """What is written down is compared with the reports of this period until the day of the monitoring."""
    start, on = filing.day("current_period", "start"), filing.day("held", "on")
    visits = [visit for visit in visits_of(filing.past) if start <= visit.on <= on]
    done = sum(visit.done for visit in visits)
    for key, title, counted in (("done", "実績回数", done), ("cancelled", "キャンセル", len(visits) - done)):
        if filing.values["visits"][key] != counted:
            told = filing.values["visits"][key]
            yield _OTHER_COUNT.at(f"/visits/{key}", title, told, counted=digits(counted))


def _check_extension(filing: Filing, now: Standing) -> Iterator[Problem]:
    """The proposed period begins the day after (BR05) and comes early enough to be decided."""
    plan = filing.values.get("plan")
    if plan is None:
        return
    end, start = filing.day("current_period", "end"), filing.day("plan", "period", "start")
    if not filing.programme["extendable"]:
        yield _NOT_EXTENDABLE.at("/policy", "今後の方針", filing.values["policy"])
    if start != next_day(end):
        yield _NOT_THE_DAY_AFTER.at("/plan/period/start", "始期", plan["period"]["start"])
    weeks = filing.programme["extension_weeks"]
    if (end - filing.day("held", "on")).days < 7 * weeks:
        yield _TOO_LATE.at("/held/on", "実施日", filing.values["held"]["on"], weeks=digits(weeks))


def _check_proposal(filing: Filing, now: Standing) -> Iterator[Problem]:
    """The plan it proposes is held against what every plan is: its limits, months, version and fee."""
    for check in (check_version, check_limits, check_schedule, check_period, check_monitoring, check_fee):
        yield from check(filing)


def _check_next(filing: Filing, now: Standing) -> Iterator[Problem]:
    next_on, policy = filing.values.get("next_on"), filing.values["policy"]
    place = ("/next_on", "次回のモニタリング予定日", next_on or "")
    if next_on is None:
        if policy != "終了":
            yield _NO_NEXT.at(*place)
        return
    if parse_iso(next_on) <= filing.day("held", "on"):
        yield _NEXT_EARLY.at(*place)
    if policy != "延長" and parse_iso(next_on) > filing.day("current_period", "end"):
        yield _NEXT_LATE.at(*place)


MONITORING_CHECKS: Final[tuple[tuple[str, MonitoringCheck], ...]] = (
    ("派遣の決定と派遣期間", _check_decision),
    ("利用者の氏名とケース番号", _check_client),
    ("実施日・記録日", _check_days),
    ("コーディネーターの同行と所見", _check_coordinator),
    ("児童本人との面接", _check_child),
    ("実績回数（実施報告書との照合）", _check_counts),
    ("延長の案の始期と時期", _check_extension),
    ("延長の案の支援計画（上限、期間、版、利用料）", _check_proposal),
    ("次回のモニタリング", _check_next),
)
