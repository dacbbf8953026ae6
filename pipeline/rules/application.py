"""The rules of 利用申請書 and 同意書 (D02, D03; domain.md §1.5, §1.6), and the 受理点検票 (D04) they fill in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from pipeline.model import Level, Past, Problem, Ruling
from pipeline.rules.dispatch import (
    APPLIED_LATE,
    NO_PROGRAMME,
    SLOT_ORDER,
    Check,
    Filing,
    Values,
    check_centre,
    check_slots,
    check_start,
    is_in_city,
)
from pipeline.rules.findings import Sentence, check_open_day
from pipeline.rules.periods import age_on
from pipeline.rules.wareki import digits, minutes_of, parse_iso

OLDEST_PLAUSIBLE_AGE: Final = 120
OTHER: Final = "その他"

_TOO_MANY_WISHES = Sentence(
    "BR03",
    "派遣は週{limit}回までです。調査のときに、いずれの曜日にするかを申請者に確かめてください。",
    Level.WARNING,
)
_UNSIGNED = Sentence(
    "BR13", "同意書には署名が必要です。申請者に署名を求め、署名の方法を記入して出し直してください。"
)
_SIGNED_LATE = Sentence(
    "BR13", "同意年月日は収受日以前でなければなりません。同意書を受けてから収受し、日付を直してください。"
)
_NO_CONSENT = Sentence(
    "BR13",
    "{recipient}への情報提供の同意がないと、訪問調査を依頼できません。申請者に説明し、同意を確かめてください。",
)
_RECEIVED_LATE = Sentence(
    "BR15", "収受日が、この様式を受け付けた日より後になっています。収受日を直してください。"
)
_TOO_OLD = Sentence(
    "BR19",
    "申請日に{limit}歳に達しています。対象となるかどうかを、こども家庭課に確かめてください。",
    Level.WARNING,
)
_OUTSIDE = Sentence(
    "BR20",
    "住所がいわき市内と確かめられません。市内に住んでいることを確かめてください（DV等の避難者を除く）。",
    Level.WARNING,
)
_NOT_BORN = Sentence("BIRTH", "生年月日は収受日以前でなければなりません。日付を直してください。")
_BORN_LONG_AGO = Sentence("BIRTH", "生年月日が120年以上前になっています。年号と年を確かめて直してください。")
_NOTHING_WANTED = Sentence("WANTED", "家事又は育児の支援を、少なくとも一つ選んでください。")
_CHILD_NOT_ASKED = Sentence(
    "CHILD_VIEW",
    "児童本人の意向が確かめられていません。訪問調査のときに、本人の意向を聞いてください。",
    Level.WARNING,
)
_VISIT_EARLY = Sentence("VISIT", "訪問希望日は収受日より後でなければなりません。日付を直してください。")
_REPLY_LATE = Sentence(
    "VISIT", "回答期限は、最も早い訪問希望日より前でなければなりません。日付を直してください。"
)
_REPLY_EARLY = Sentence("VISIT", "回答期限は収受日以後でなければなりません。日付を直してください。")
# Both come to the first visit (domain.md §0.3). As the form names them: the papers of a family say no more of the second.
_COORDINATORS_OFFICE: Final = "こども家庭課"  # D06 goes there
_WHO_VISITS: Final = ("受託事業者", "コーディネーター")


def judge_application(values: Values, office: Values, received_on: date, past: Past) -> Ruling:
    """Judge 利用申請書 and 同意書. Facts: `checks` (the 受理点検票), `household_size`, `child_ages`, `wanted`."""
    programme = office.get("programme")
    if programme is None:
        return Ruling((NO_PROGRAMME.at("/received_on", "収受日", values["received_on"]),))
    filing = Filing(values, office, programme, received_on, past)
    findings = [(item, tuple(check(filing))) for item, check in APPLICATION_CHECKS]
    facts = {
        "checks": [_check_row(item, found) for item, found in findings],
        "household_size": sum(person["living"] == "同居" for person in values.get("household", ())),
        "child_ages": [
            age_on(parse_iso(child["birth"]), filing.day("received_on")) for child in values["children"]
        ],
        "wanted": _wanted(values),
    }
    return Ruling(tuple(problem for _, found in findings for problem in found), facts)


def _check_row(item: str, found: Sequence[Problem]) -> dict[str, str]:
    notes = dict.fromkeys(problem.message for problem in found)
    return {"item": item, "result": "要確認" if found else "適", "note": "".join(notes)}


def _wanted(values: Values) -> list[str]:
    """The wanted help in order; その他 is replaced by the words that explain it."""
    chosen = [*values.get("wanted_house", ()), *values.get("wanted_child", ())]
    other = values.get("wanted_other")
    return [*(help_ for help_ in chosen if help_ != OTHER), other] if other else list(dict.fromkeys(chosen))


def _check_receipt(filing: Filing) -> Iterator[Problem]:
    if filing.day("applied_on") > filing.day("received_on"):
        yield APPLIED_LATE.at("/applied_on", "申請年月日", filing.values["applied_on"])
    if filing.day("received_on") > filing.came_in:
        yield _RECEIVED_LATE.at("/received_on", "収受日", filing.values["received_on"])


def _check_receipt_day(filing: Filing) -> Iterator[Problem]:
    yield from check_open_day(filing.office, "/received_on", "収受日", filing.values["received_on"])


def _check_address(filing: Filing) -> Iterator[Problem]:
    text = filing.values["applicant"]["address"]["text"]
    if not is_in_city(text, filing.office):
        yield _OUTSIDE.at("/applicant/address/text", "住所", text)


def _check_births(filing: Filing) -> Iterator[Problem]:
    received_on = filing.day("received_on")
    for pointer, birth in _births(filing.values):
        age = age_on(parse_iso(birth), received_on)
        if parse_iso(birth) > received_on:
            yield _NOT_BORN.at(pointer, "生年月日", birth)
        elif age >= OLDEST_PLAUSIBLE_AGE:
            yield _BORN_LONG_AGO.at(pointer, "生年月日", birth)


def _births(values: Values) -> Iterator[tuple[str, str]]:
    yield "/applicant/birth", values["applicant"]["birth"]
    for group in ("children", "household"):
        for n, person in enumerate(values.get(group, ())):
            yield f"/{group}/{n}/birth", person["birth"]


def _check_child_ages(filing: Filing) -> Iterator[Problem]:
    limit = filing.programme["age_limit"]
    for n, child in enumerate(filing.values["children"]):
        if age_on(parse_iso(child["birth"]), filing.day("applied_on")) >= limit:
            yield _TOO_OLD.at(f"/children/{n}/birth", "生年月日", child["birth"], limit=limit)


def _check_wanted(filing: Filing) -> Iterator[Problem]:
    if not any(filing.values.get(box) for box in ("wanted_house", "wanted_child", "wanted_other")):
        yield _NOTHING_WANTED.at("/wanted_house", "希望する支援")


def _check_wanted_days(filing: Filing) -> Iterator[Problem]:
    slots, limit = filing.values.get("wanted_days", ()), filing.programme["visits_per_week"]
    yield from check_slots(slots, "/wanted_days", filing.programme["minutes_per_visit"])
    if len(slots) > limit:
        yield _TOO_MANY_WISHES.at("/wanted_days", "希望する曜日・時間帯", limit=digits(limit))


def _check_start_wish(filing: Filing) -> Iterator[Problem]:
    wish = filing.values.get("start_wish")
    if wish is not None:
        yield from check_start("/start_wish", "利用開始希望日", wish, filing.programme)


def _check_signature(filing: Filing) -> Iterator[Problem]:
    consent = filing.values["consent"]
    if consent["signature_kind"] == "無":
        yield _UNSIGNED.at("/consent/signature_kind", "署名の方法", consent["signature_kind"])
    if parse_iso(consent["signed_on"]) > filing.day("received_on"):
        yield _SIGNED_LATE.at("/consent/signed_on", "同意年月日", consent["signed_on"])


def _check_consent(filing: Filing) -> Iterator[Problem]:
    """Both who visit must be agreed to; the coordinator's own office need not be named, but must not be refused."""
    for recipient in (*_WHO_VISITS, _COORDINATORS_OFFICE):
        answers = {
            f"/consent/recipients/{n}/agreed": item["agreed"]
            for n, item in enumerate(filing.values["consent"]["recipients"])
            if item["recipient"].startswith(recipient)
        }
        refused = [pointer for pointer, agreed in answers.items() if not agreed]
        for pointer in refused if answers or recipient == _COORDINATORS_OFFICE else ["/consent/recipients"]:
            yield _NO_CONSENT.at(pointer, "提供先ごとの同意", recipient=recipient)


def _check_child_view(filing: Filing) -> Iterator[Problem]:
    if not filing.values["consent"].get("child_view", {}).get("asked"):
        yield _CHILD_NOT_ASKED.at("/consent/child_view", "児童本人の意向")


def _check_candidates(filing: Filing) -> Iterator[Problem]:
    for n, slot in enumerate(_candidates(filing.values)):
        pointer = f"/visit/candidates/{n}"
        if parse_iso(slot["date"]) <= filing.day("received_on"):
            yield _VISIT_EARLY.at(f"{pointer}/date", "訪問希望日時", slot["date"])
        if minutes_of(slot["end"]) <= minutes_of(slot["start"]):
            yield SLOT_ORDER.at(f"{pointer}/end", "終了時刻", slot["end"])
        yield from check_open_day(filing.office, f"{pointer}/date", "訪問希望日時", slot["date"])


def _check_reply(filing: Filing) -> Iterator[Problem]:
    reply_by = filing.values.get("visit", {}).get("reply_by")
    if reply_by is None:
        return
    days = [parse_iso(slot["date"]) for slot in _candidates(filing.values)]
    if days and parse_iso(reply_by) >= min(days):
        yield _REPLY_LATE.at("/visit/reply_by", "回答期限", reply_by)
    if parse_iso(reply_by) < filing.day("received_on"):
        yield _REPLY_EARLY.at("/visit/reply_by", "回答期限", reply_by)


def _candidates(values: Values) -> Sequence[Values]:
    slots: Sequence[Values] = values.get("visit", {}).get("candidates", ())
    return slots


# In the order a clerk goes through the papers.
APPLICATION_CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("申請年月日と収受日の順序", _check_receipt),
    ("収受日が開庁日であること", _check_receipt_day),
    ("申請者の住所が市内であること", _check_address),
    ("所管センターと住所の地区", check_centre),
    ("生年月日の記入", _check_births),
    ("対象児童の年齢", _check_child_ages),
    ("希望する支援の選択", _check_wanted),
    ("希望する曜日・時間帯（１回の時間、週の回数）", _check_wanted_days),
    ("利用開始希望日", _check_start_wish),
    ("同意書の署名と日付", _check_signature),
    ("受託事業者及びコーディネーターへの情報提供の同意", _check_consent),
    ("児童本人の意向の確認", _check_child_view),
    ("訪問調査の希望日時", _check_candidates),
    ("同行訪問の回答期限", _check_reply),
)
