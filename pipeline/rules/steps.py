"""The order of the steps of the programme: by the dates of one form, and by what came before it (BR11, BR13, BR15).

申請 → 訪問調査 → 派遣計画 → 決定. An urgent case may skip survey and plan, with a reason (domain.md §9 BR11, F14): both are
then due afterwards, and the form that skipped them says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from pipeline.model import Event, Level, Problem
from pipeline.rules.dispatch import APPLIED_LATE, Filing, Values
from pipeline.rules.findings import Sentence, Urgency
from pipeline.rules.standing import Standing, standing
from pipeline.rules.wareki import parse_iso, to_wareki

Step = tuple[str, str, str]
"""A dated step of a form: its pointer, its title, its ISO date."""

_OUT_OF_ORDER: Final = (
    "「{earlier}」より前の日付になっています。手続の順になるように、どちらかの日付を直してください。"
)
STEP_ORDER: Final = Sentence("BR11", _OUT_OF_ORDER)
LETTER_ORDER: Final = Sentence("BR15", _OUT_OF_ORDER)
_FUTURE = Sentence("BR15", "{step}が、この様式を受け付けた日より後になっています。日付を直してください。")
_NO_APPLICATION = Sentence(
    "BR13",
    "このケースの利用申請書が受け付けられていません。先に利用申請書（同意書を含む。）を出してください。",
)
_NO_STEP = Sentence(
    "BR11",
    "このケースの{step}が受け付けられていません。先に{step}を出すか、緊急のときは「緊急の取扱い」に理由を記入してください。",
)
_SKIPPED = Sentence(
    "BR11",
    "緊急の取扱いにより、{step}より先に進めています。{step}を速やかに出してください。",
    Level.WARNING,
)
_NOT_URGENT = Sentence(
    "BR11",
    "訪問調査票と派遣計画が受け付けられているので、緊急の取扱いは要りません。理由の記入を消すか、確かめてください。",
    Level.WARNING,
)
_URGENCY = Urgency(_NO_STEP, _SKIPPED, _NOT_URGENT)
_NO_REQUEST = Sentence(
    "BR11",
    "このケースの{step}が受け付けられていません。職権による決定でなければ、先に{step}を出してください。",
    Level.WARNING,
)
_NOT_AS_BEFORE = Sentence(
    "CARRIED",
    "受け付けた{form}（{on}）の記載と違います。{form}に合わせるか、{form}を訂正してから出してください。",
)

TITLES: Final = {
    "dispatch_application": "利用申請書",
    "visit_survey": "訪問調査票",
    "dispatch_plan": "派遣計画",
    "extension_application": "利用期間延長申請書",
    "change_application": "利用変更申請（届出）書",
    "withdrawal": "利用辞退（廃止）届",
}
_FILED: Final = (("applied_on", "申請年月日"), ("received_on", "収受日"), ("application_no", "受付番号"))


def check_order(steps: Sequence[Step], sentence: Sentence = STEP_ORDER) -> Iterator[Problem]:
    """Refuse a step that is dated before the one it follows."""
    for (_, earlier, before), (pointer, title, after) in pairwise(steps):
        if parse_iso(after) < parse_iso(before):
            yield sentence.at(pointer, title, after, earlier=earlier)


def check_filed(filing: Filing) -> Iterator[Problem]:
    """Refuse an application dated after its receipt (BR15)."""
    application = filing.values["application"]
    if parse_iso(application["applied_on"]) > parse_iso(application["received_on"]):
        yield APPLIED_LATE.at("/application/applied_on", "申請年月日", application["applied_on"])


def check_not_yet(filing: Filing, pointer: str, title: str, text: str) -> Iterator[Problem]:
    """Refuse a day that had not come when the form came in (BR15)."""
    if parse_iso(text) > filing.came_in:
        yield _FUTURE.at(pointer, title, text, step=title)


def check_came_before(filing: Filing, *forms: str) -> Iterator[Problem]:
    """Refuse a form whose earlier steps have not come: the application always, `forms` unless it is urgent (BR11, BR13)."""
    now = standing(filing.past)
    if now.last("dispatch_application") is None:
        yield _NO_APPLICATION.at("/case_id", "ケース番号")
        return
    missing = [TITLES[form] for form in forms if now.last(form) is None]
    yield from _URGENCY.check("urgent" in filing.values, missing)


def check_carried(filing: Filing) -> Iterator[Problem]:
    """Refuse what a form says of earlier steps otherwise than these steps themselves: number and dates of the application,
    the day of the survey. A form is prefilled with them; who changes them would put two truths on paper.
    """
    now = standing(filing.past)
    yield from _carried_from_application(filing, now)
    survey, surveyed_on = now.last("visit_survey"), filing.values.get("surveyed_on")
    if survey is not None and surveyed_on is not None and survey.values["surveyed_on"] != surveyed_on:
        yield _differs("/surveyed_on", "訪問調査日", surveyed_on, survey)


def check_request_carried(filing: Filing, form: str | None) -> Iterator[Problem]:
    """Refuse a later decision that tells of its request otherwise than it came in; warn where none came (domain.md §1.16)."""
    here = filing.values.get("application")
    if here is None or form is None:
        return
    event = standing(filing.past).last(form)
    if event is None:
        yield _NO_REQUEST.at("/application", "申請・届出", step=TITLES[form])
    else:
        yield from _carried(event.values["application"], here, event)


def check_number_carried(filing: Filing) -> Iterator[Problem]:
    """Refuse a later request under another 受付番号 than the household's."""
    event, here = standing(filing.past).last("dispatch_application"), filing.values["application"]
    if event is not None:
        yield from _carried({"application_no": event.allocated.get("application_no")}, here, event)


def _carried_from_application(filing: Filing, now: Standing) -> Iterator[Problem]:
    event, here = now.last("dispatch_application"), filing.values["application"]
    if event is not None:
        number = event.allocated.get("application_no")
        yield from _carried({**event.values, "application_no": number}, here, event)


def _carried(there: Values, here: Values, event: Event) -> Iterator[Problem]:
    for member, title in _FILED:
        if there.get(member) is not None and here[member] != there[member]:
            yield _differs(f"/application/{member}", title, here[member], event)


def _differs(pointer: str, title: str, found: str, event: Event) -> Problem:
    return _NOT_AS_BEFORE.at(pointer, title, found, form=TITLES[event.form], on=to_wareki(event.on))
