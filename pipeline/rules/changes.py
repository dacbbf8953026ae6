"""Extension, change, transfer and end of a dispatch (D17–D19; domain.md §1.16): what every form that tells of one is held against.

A form that lacks the group passes. The papers print what the form says; the past is only compared with it, so that no
period is extended that nobody decided, and none is decided twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from pipeline.model import Event, Level, Past, Problem
from pipeline.rules.dispatch import Filing, Values
from pipeline.rules.findings import Sentence
from pipeline.rules.periods import next_day
from pipeline.rules.plans import check_grounds
from pipeline.rules.standing import Period, standing
from pipeline.rules.steps import check_order
from pipeline.rules.wareki import parse_iso

BY_NOTICE, BY_DECISION = "届出", "決定"
BY_THE_FAMILY = "利用者の届出"
EXPIRY = "期間満了"
_PLANNED_ITEMS: Final = ("支援内容", "曜日・時間", "回数")
_TOLD_WITH_CARE: Final = ("世帯構成", "その他")
_ADDRESS, _HIDDEN_ADDRESS = "住所", "住所秘匿（DV等支援措置）"

_PERIOD_ORDER = Sentence("PERIOD", "終期が始期より前です。通知書に書かれた期間のとおりに直してください。")
_NOT_DECIDED = Sentence(
    "BR11",
    "このケースには、承認の決定が受け付けられていません。先に新規の決裁結果票を出してください。",
)
_OTHER_PERIOD = Sentence(
    "PERIOD",
    "受け付けた決定の派遣期間と違います。最後の決定（延長を含む。）の通知書のとおりに直してください。",
)
_ENDED = Sentence("ENDED", "このケースの派遣は、既に{kind}が決定されています。ケース番号を確かめてください。")

_NOT_EXTENDABLE = Sentence(
    "EXTENSION", "この日の定めでは、派遣期間を延長できません。日付を確かめてください。"
)
_APPLIED_AFTER_END = Sentence(
    "EXTENSION",
    "延長の申請は、今の派遣期間が終わる日までにしなければなりません。過ぎているときは、新規の申請を受けてください。",
)
_EXTENSION_START = Sentence(
    "BR05", "延長する期間は、今の派遣期間の終期の翌日から始まります。始期を直してください。"
)
_WISH_EARLY = Sentence("EXTENSION", "延長の希望は、今の派遣期間が終わる日より後の日付で記入してください。")
_NOT_MONITORED = Sentence(
    "EXTENSION",
    "この日のモニタリング記録票が受け付けられていません。モニタリングの日を確かめるか、記録票を出してください。",
    Level.WARNING,
)

_NEEDS_DECISION = Sentence("CHANGE", "届出では変更できない事項です。手続の別を「決定」にしてください。")
_NEEDS_NO_DECISION = Sentence(
    "CHANGE",
    "届出で足りる事項だけです。決定通知書を出す必要があるかを確かめてください（要らなければ「届出」にする）。",
    Level.WARNING,
)
_UNCHANGED = Sentence("CHANGE", "変更前と変更後が同じです。どちらかを直すか、行を消してください。")
_CHANGED_OUTSIDE = Sentence("CHANGE", "変更日が、今の派遣期間の外です。日付を直してください。")
_PLAN_MISSING = Sentence(
    "BR12",
    "支援内容・曜日・時間・回数を変えるときは、受託事業者に渡す支援計画を作り直してください。支援計画の欄に記入してください。",
)
_PLAN_OUTSIDE = Sentence("BR04", "変更後の計画の始期が、今の派遣期間の外です。始期を直してください。")
_TOLD = Sentence(
    "CHANGE",
    "この変更は、受託事業者の書類にも印字します。訪問に必要な範囲の書き方か、確かめてください。",
    Level.WARNING,
)
_ADDRESS_TOLD = Sentence(
    "CHANGE",
    "住所秘匿の世帯です。住所を変更する事項の欄に書くと、ほかの読み手に伝わります。行を消し、申請者の住所の欄だけを直してください。",
)
_SUSPENSION = Sentence("SUSPENSION", "休止の期間は、今の派遣期間の中で、始まりから順に記入してください。")

_SAME_CENTRE = Sentence("BR08", "変更前と変更後の所管センターが同じです。どちらかを直してください。")
_WRONG_CENTRE = Sentence(
    "BR08",
    "所管が変わる日からの書類は変更後のセンター、それより前の書類は変更前のセンターの名前で作ります。所管センターを直してください。",
)
_MOVED_ON = Sentence(
    "BR08", "このケースの所管は、別のセンターに変わっています。所管センターを直してください。"
)
_TRANSFER_DUE = Sentence(
    "TRANSFER",
    "所管センターが変わります。ケース移管の手続（ケース移管通知書）をしてください。",
    Level.WARNING,
)

_ENDED_OUTSIDE = Sentence("ENDING", "終了日が、今の派遣期間の外です。日付を直してください。")
_NOT_THE_LAST_DAY = Sentence(
    "ENDING", "期間満了の終了日は、派遣期間の終期と同じ日です。日付を直してください。"
)
_VISITED_AFTER = Sentence(
    "ENDING",
    "終了日より後に、派遣の実施報告があります。終了日か実施報告に誤りがないか確かめてください。",
    Level.WARNING,
)
_NOT_HEARD = Sentence(
    "HEARING",
    "取消の前に、本人に弁明の機会を設けたかどうかを確かめ、「弁明の機会」の欄に記入してください。",
    Level.WARNING,
)
_HEARING_DAY = Sentence("HEARING", "弁明があったときは、弁明を受けた日を記入してください。")


def check_current_period(filing: Filing) -> Iterator[Problem]:
    """Refuse a period in force other than the one decided, and anything after an end (domain.md §1.16)."""
    current = filing.values.get("current_period")
    if current is None:
        return
    period, now = _period(current), standing(filing.past)
    if period.end < period.start:
        yield _PERIOD_ORDER.at("/current_period/end", "終期", current["end"])
    if not now.periods:
        yield _NOT_DECIDED.at("/current_period", "現在の派遣期間")
    elif now.periods[-1] != period:
        yield _OTHER_PERIOD.at("/current_period", "現在の派遣期間")
    if now.ending is not None:
        yield _ENDED.at("/current_period", "現在の派遣期間", kind=now.ending.kind)


# --- 延長 ---------------------------------------------------------------------------------------------------------


def check_extension(filing: Filing) -> Iterator[Problem]:
    """Refuse an extension asked for too late, or that does not begin the day after (BR05)."""
    values, end = filing.values, filing.day("current_period", "end")
    if not filing.programme["extendable"]:
        yield _NOT_EXTENDABLE.at("/current_period", "現在の派遣期間")
    applied_on = values["application"]["applied_on"]
    if parse_iso(applied_on) > end:
        yield _APPLIED_AFTER_END.at("/application/applied_on", "申請年月日", applied_on)
    start = values["plan"]["period"]["start"] if "plan" in values else None
    if start is not None and parse_iso(start) != next_day(end):
        yield _EXTENSION_START.at("/plan/period/start", "派遣期間の始期", start)


def check_wish(filing: Filing) -> Iterator[Problem]:
    """Refuse a wish for an extension that would end before it began."""
    wish = filing.values["extension"].get("wished_until")
    if wish is not None and parse_iso(wish) <= filing.day("current_period", "end"):
        yield _WISH_EARLY.at("/extension/wished_until", "延長を希望する終わりの日", wish)


def check_review(filing: Filing) -> Iterator[Problem]:
    """Warn where the monitoring that speaks for an extension is not on file (domain.md §1.16)."""
    review = filing.values.get("review")
    if review is None:
        return
    monitored = {event.on for event in standing(filing.past).all("monitoring")}
    if parse_iso(review["monitored_on"]) not in monitored:
        yield _NOT_MONITORED.at("/review/monitored_on", "モニタリングの日", review["monitored_on"])


# --- 変更・休止・移管 ---------------------------------------------------------------------------------------------


def check_change(filing: Filing) -> Iterator[Problem]:
    """Refuse a change outside the period, by the wrong procedure, or of the plan without a new plan (domain.md §1.16)."""
    change = filing.values.get("change")
    if change is None:
        return
    period = _period(filing.values["current_period"])
    if not period.covers(parse_iso(change["changed_on"])):
        yield _CHANGED_OUTSIDE.at("/change/changed_on", "変更日", change["changed_on"])
    yield from _check_handling(change, filing.programme["notified_changes"])
    yield from _check_rows(filing, change)
    yield from _check_new_plan(filing, change, period)


def _check_handling(change: Values, notified: list[str]) -> Iterator[Problem]:
    """What a household need only tell, and what the city must decide (届出で足りるもの; office/programme.toml)."""
    decided = [n for n, row in enumerate(change["rows"]) if row["item"] not in notified]
    if change["handling"] == BY_NOTICE:
        for n in decided:
            yield _NEEDS_DECISION.at(f"/change/rows/{n}/item", "事項", change["rows"][n]["item"])
    elif not decided:
        yield _NEEDS_NO_DECISION.at("/change/handling", "手続の別", change["handling"])


def _check_rows(filing: Filing, change: Values) -> Iterator[Problem]:
    hidden = _HIDDEN_ADDRESS in (filing.values.get("confidentiality") or ())
    for n, row in enumerate(change["rows"]):
        if row["before"] == row["after"]:
            yield _UNCHANGED.at(f"/change/rows/{n}/after", "変更後")
        if row["item"] == _ADDRESS and hidden:
            yield _ADDRESS_TOLD.at(f"/change/rows/{n}/item", "事項", row["item"])
        if row["item"] in _TOLD_WITH_CARE:
            yield _TOLD.at(f"/change/rows/{n}/after", "変更後", row["after"])


def _check_new_plan(filing: Filing, change: Values, period: Period) -> Iterator[Problem]:
    plan = filing.values.get("plan")
    planned = [n for n, row in enumerate(change["rows"]) if row["item"] in _PLANNED_ITEMS]
    if planned and plan is None and "refusal" not in filing.values:
        yield _PLAN_MISSING.at(f"/change/rows/{planned[0]}/item", "事項", change["rows"][planned[0]]["item"])
    if plan is not None and not period.covers(parse_iso(plan["period"]["start"])):
        yield _PLAN_OUTSIDE.at("/plan/period/start", "派遣期間の始期", plan["period"]["start"])


def check_suspension(filing: Filing) -> Iterator[Problem]:
    """Refuse a 休止 that ends before it begins or lies outside the period, which does not move for it."""
    pause = filing.values.get("suspension")
    if pause is None:
        return
    period, start, end = _period(filing.values["current_period"]), pause["start"], pause.get("end")
    if not period.covers(parse_iso(start)):
        yield _SUSPENSION.at("/suspension/start", "休止の始まり", start)
    if end is not None and not parse_iso(start) <= parse_iso(end) <= period.end:
        yield _SUSPENSION.at("/suspension/end", "休止の終わり", end)


def check_transfer(filing: Filing) -> Iterator[Problem]:
    """Refuse papers of the wrong centre: from the day of the transfer they are the new one's (BR08); ケース移管 is due."""
    transfer, centre, day = filing.values.get("transfer"), filing.values["centre"], _day_of(filing)
    if transfer is None:
        due = centre_on(filing.past, day)
        if due is not None and centre != due:
            yield _MOVED_ON.at("/centre", "所管センター", centre)
        return
    if transfer["from_centre"] == transfer["to_centre"]:
        yield _SAME_CENTRE.at("/transfer/to_centre", "変更後のセンター", transfer["to_centre"])
    has_moved = parse_iso(transfer["on"]) <= day
    if centre != transfer["to_centre" if has_moved else "from_centre"]:
        yield _WRONG_CENTRE.at("/centre", "所管センター", centre)
    yield _TRANSFER_DUE.at("/transfer", "所管センターの変更")


def centre_on(past: Past, day: date) -> str | None:
    """The centre a case was moved to by `day`, as its decisions say; None where it was never moved."""
    moves = [event.values["transfer"] for event in _decided(past) if event.values.get("transfer")]
    begun = [move for move in moves if parse_iso(move["on"]) <= day]
    if begun:
        return str(begun[-1]["to_centre"])
    return str(moves[0]["from_centre"]) if moves else None


def _decided(past: Past) -> tuple[Event, ...]:
    decisions = standing(past).all("dispatch_decision")
    return tuple(event for event in decisions if event.values["decision"]["result"] == "承認")


# --- 廃止・取消・期間満了 -----------------------------------------------------------------------------------------


def check_ending(filing: Filing) -> Iterator[Problem]:
    """Refuse an end outside the period, an expiry on another day, and an end by office without its grounds (BR14)."""
    ending = filing.values.get("ending")
    if ending is None:
        return
    period, ended_on = _period(filing.values["current_period"]), parse_iso(ending["ended_on"])
    if ending["ground"] == EXPIRY and ended_on != period.end:
        yield _NOT_THE_LAST_DAY.at("/ending/ended_on", "終了日", ending["ended_on"])
    elif not period.covers(ended_on):
        yield _ENDED_OUTSIDE.at("/ending/ended_on", "終了日", ending["ended_on"])
    if any(event.on > ended_on for event in standing(filing.past).all("visit_report")):
        yield _VISITED_AFTER.at("/ending/ended_on", "終了日", ending["ended_on"])
    if ending["ground"] not in (BY_THE_FAMILY, EXPIRY):
        yield from check_grounds(filing, "ending")


def check_hearing(filing: Filing) -> Iterator[Problem]:
    """Warn of a revocation without the chance to explain, and refuse one that was heard afterwards (行政手続法13条 [K])."""
    values, hearing = filing.values, filing.values.get("hearing")
    if hearing is None:
        if values["decision"]["kind"] == "取消" and filing.programme["hearing_before_revocation"]:
            yield _NOT_HEARD.at("/hearing", "弁明の機会")
        return
    heard_on = hearing.get("heard_on")
    if heard_on is None and hearing["answer"] != "弁明なし":
        yield _HEARING_DAY.at("/hearing/heard_on", "弁明を受けた日")
    yield from check_order(
        (
            ("/hearing/notified_on", "通知した日", hearing["notified_on"]),
            *([("/hearing/heard_on", "弁明を受けた日", heard_on)] if heard_on else []),
            ("/decision/decided_on", "決定日", values["decision"]["decided_on"]),
        )
    )


def _period(values: Values) -> Period:
    return Period(parse_iso(values["start"]), parse_iso(values["end"]))


def _day_of(filing: Filing) -> date:
    """The day a form's papers are of: their date, before there is one the day the request came in."""
    if "doc_date" in filing.values:
        return filing.day("doc_date")
    return filing.day("application", "received_on")
