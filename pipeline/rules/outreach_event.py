"""The rules of 出前講座・研修会 (domain §5.3, §5.4): who may ask, how long, how soon, and what the questionnaire says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.figures import percent
from pipeline.rules.findings import Sentence, check_number_year, check_open_day, ensure_kind
from pipeline.rules.lecturer_fees import check_fees, fee_facts
from pipeline.rules.wareki import minutes_of, parse_iso

REASON_LENGTH: Final = 20

_ONLY_LECTURES = Sentence(
    "EVENT_STAGE", "「申込みの決定」は出前講座の段階です。研修会なら「開催の案内」を選んでください。"
)
_ONLY_TRAINING = Sentence(
    "EVENT_STAGE", "「開催の案内」は研修会の段階です。出前講座なら「申込みの決定」を選んでください。"
)
_FEW = Sentence(
    "EVENT_PEOPLE", "出前講座は{least}人以上の団体が対象です。人数を確かめるか、不承認としてください。"
)
_LONG = Sentence("EVENT_LENGTH", "出前講座は１回{most}分以内です。時刻を直してください。")
_BACKWARDS = Sentence("EVENT_TIME", "終了は開始より後でなければなりません。時刻を直してください。")
_LATE = Sentence(
    "EVENT_SOON",
    "申込みから開催まで{days}日ありません。要領の期限に合うか、特に認めるのかを確かめてください。",
    Level.WARNING,
)
_NOT_WISHED = Sentence(
    "EVENT_WISH", "希望日時のどれとも違います。団体と調整した日時か確かめてください。", Level.WARNING
)
_REASON = Sentence("BR14", "不承認の理由は、当てはまる決まりと事実を{least}字以上で記入してください。")
_DOC_LATE = Sentence("EVENT_DATE", "通知の日付が開催日より後です。どちらかの日付を直してください。")
_REPORT_EARLY = Sentence("EVENT_DATE", "報告の日付が開催日より前です。どちらかの日付を直してください。")
_APPLY_LATE = Sentence("EVENT_DATE", "申込期限が開催日より後です。どちらかの日付を直してください。")
_FULL = Sentence("EVENT_CAPACITY", "受講者が定員より多くなっています。定員か名簿を直してください。")
_TWICE = Sentence(
    "TRAINEE_TWICE",
    "同じ所属・氏名の受講者がほかにもいます。二度書いていないか確かめてください。",
    Level.WARNING,
)
_ATTENDED = Sentence(
    "EVENT_ATTENDED", "参加者数が、名簿で出席の印のある人の数と違います。どちらかを直してください。"
)
_COLLECTED = Sentence("EVENT_ANSWERS", "回収数が参加者数より多くなっています。どちらかを直してください。")
_ANSWERS = Sentence(
    "EVENT_ANSWERS",
    "回答数の合計が回収数より多くなっています。数を直すか、「複数回答」の印を付けてください。",
)
_EACH_ANSWER = Sentence("EVENT_ANSWERS", "一つの答えの数が回収数より多くなっています。数を直してください。")
_UNCOUNTED = Sentence("EVENT_ANSWERS", "アンケートの結果があるときは、回収数も記入してください。")

Values = Mapping[str, Any]
Check = Callable[[Values, Values], Iterator[Problem]]


def judge_event(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 出前講座・研修会の記録. Facts: `by_occupation` and `attended` of the 名簿, `questions` with shares, `charts`."""
    problems = tuple(problem for check in EVENT_CHECKS for problem in check(values, office))
    facts = event_facts(values)
    is_wrong = any(problem.level is Level.ERROR for problem in problems)
    return Ruling(problems, {**facts, "fee": None if is_wrong else fee_facts(values, office)})


# --- Checks -------------------------------------------------------------------------------------------------------


def _check_stage(values: Values, office: Values) -> Iterator[Problem]:
    if values["kind"] == "研修会" and values["stage"] == "申込みの決定":
        yield _ONLY_LECTURES.at("/stage", "段階", values["stage"])
    if values["kind"] == "出前講座" and values["stage"] == "開催の案内":
        yield _ONLY_TRAINING.at("/stage", "段階", values["stage"])


def _check_slots(values: Values, office: Values) -> Iterator[Problem]:
    most = ensure_kind(office, "outreach")["most_minutes"]
    is_lecture = values["kind"] == "出前講座" and values.get("result") != "不承認"
    for pointer, slot in _slots(values):
        length = minutes_of(slot["end"]) - minutes_of(slot["start"])
        if length <= 0:
            yield _BACKWARDS.at(f"{pointer}/end", "終了", slot["end"])
        elif is_lecture and length > most:
            yield _LONG.at(f"{pointer}/end", "終了", slot["end"], most=most)


def _slots(values: Values) -> Iterator[tuple[str, Values]]:
    if "event" in values:
        yield "/event/slot", values["event"]["slot"]
    for n, slot in enumerate((values.get("application") or {}).get("wishes") or ()):
        yield f"/application/wishes/{n}", slot


def _check_application(values: Values, office: Values) -> Iterator[Problem]:
    application = values.get("application")
    if application is None or values["stage"] != "申込みの決定" or values.get("result") != "実施":
        return
    rule = ensure_kind(office, "outreach")
    if application["headcount"] < rule["least_people"]:
        yield _FEW.at(
            "/application/headcount", "参加予定人数", application["headcount"], least=rule["least_people"]
        )
    slot = values["event"]["slot"]
    if (parse_iso(slot["on"]) - parse_iso(application["applied_on"])).days < rule["days_before"]:
        yield _LATE.at("/event/slot/on", "日", slot["on"], days=rule["days_before"])
    if slot not in application["wishes"]:
        yield _NOT_WISHED.at("/event/slot/on", "日", slot["on"])


def _check_refusal(values: Values, office: Values) -> Iterator[Problem]:
    reason = values.get("refusal_reason")
    if values.get("result") == "不承認" and reason is not None and len(reason.strip()) < REASON_LENGTH:
        yield _REASON.at("/refusal_reason", "不承認の理由", reason, least=REASON_LENGTH)


def _check_dates(values: Values, office: Values) -> Iterator[Problem]:
    doc_date, number = values.get("doc_date"), (values.get("numbers") or {}).get("notice")
    held = (values.get("event") or {}).get("slot", {}).get("on")
    if doc_date is not None:
        yield from check_open_day(office, "/doc_date", "文書の日付", doc_date)
        if number is not None:
            yield from check_number_year("/numbers/notice", "通知書の文書番号", number, doc_date)
    if doc_date is not None and held is not None:
        reported = values["stage"] == "実施報告"
        if reported and doc_date < held:
            yield _REPORT_EARLY.at("/doc_date", "文書の日付", doc_date)
        if not reported and doc_date > held:
            yield _DOC_LATE.at("/doc_date", "文書の日付", doc_date)
    apply_by = (values.get("outline") or {}).get("apply_by")
    if apply_by is not None and held is not None and apply_by > held:
        yield _APPLY_LATE.at("/outline/apply_by", "申込期限", apply_by)


def _check_trainees(values: Values, office: Values) -> Iterator[Problem]:
    trainees = values.get("trainees") or ()
    capacity = (values.get("outline") or {}).get("capacity")
    if capacity is not None and len(trainees) > capacity:
        yield _FULL.at("/outline/capacity", "定員", capacity)
    seen: set[tuple[str, str]] = set()
    for n, person in enumerate(trainees):
        key = ("".join(person["section"].split()), "".join(person["name"].split()))
        if key in seen:
            yield _TWICE.at(f"/trainees/{n}/name", "氏名", person["name"])
        seen.add(key)


def _check_report(values: Values, office: Values) -> Iterator[Problem]:
    report = values.get("report")
    if report is None:
        return
    marked = sum(bool(person.get("attended")) for person in values.get("trainees") or ())
    if values.get("trainees") and marked != report["attended"]:
        yield _ATTENDED.at("/report/attended", "参加者数", report["attended"])
    collected = report.get("collected")
    if collected is not None and collected > report["attended"]:
        yield _COLLECTED.at("/report/collected", "アンケートの回収数", collected)
    if collected is None and report.get("questions"):
        yield _UNCOUNTED.at("/report/collected", "アンケートの回収数")
    for n, question in enumerate(report.get("questions") or ()):
        yield from _check_answers(f"/report/questions/{n}/answers", question, collected or 0)


def _check_answers(pointer: str, question: Values, collected: int) -> Iterator[Problem]:
    counts = [answer["count"] for answer in question["answers"]]
    if not question.get("several") and sum(counts) > collected:
        yield _ANSWERS.at(pointer, "答え", sum(counts))
    elif max(counts) > collected:
        yield _EACH_ANSWER.at(pointer, "答え", max(counts))


EVENT_CHECKS: Final[tuple[Check, ...]] = (
    _check_stage,
    _check_slots,
    _check_application,
    _check_refusal,
    _check_dates,
    _check_trainees,
    _check_report,
    check_fees,
)

# --- Facts --------------------------------------------------------------------------------------------------------


def event_facts(values: Values) -> dict[str, Any]:
    """Return what the papers print beside the form: counts by occupation, shares of answers, a chart of each question."""
    trainees, report = values.get("trainees") or (), values.get("report") or {}
    came = [person for person in trainees if person.get("attended")]
    collected = report.get("collected") or 0
    questions = [_question(question, collected) for question in report.get("questions") or ()]
    attended = report.get("attended") or 0
    return {
        "by_occupation": _counted([person["occupation"] for person in (came or trainees)]),
        "enrolled": len(trainees),
        "rate": percent(collected, attended),
        "questions": questions,
    }


def _counted(words: Sequence[str]) -> list[dict[str, Any]]:
    return [{"occupation": word, "count": count} for word, count in Counter(words).items()]


def _question(question: Values, collected: int) -> dict[str, Any]:
    """A question as the report prints it. Those who gave no answer are counted too, where one answer could be given."""
    answers = [{**answer, "share": percent(answer["count"], collected)} for answer in question["answers"]]
    silent = collected - sum(answer["count"] for answer in answers)
    if not question.get("several") and silent > 0:
        answers.append({"label": "無回答", "count": silent, "share": percent(silent, collected)})
    return {
        "text": question["text"],
        "several": bool(question.get("several")),
        "answers": answers,
        "chart": {
            "kind": "bar",
            "title": question["text"],
            "unit": "人",
            "labels": [answer["label"] for answer in answers],
            "series": [{"name": "回答数", "values": [answer["count"] for answer in answers]}],
        },
    }
