"""The meetings of 令和４・５年度 from notice to minutes, by reader: what carries on, and who learns what (domain §3, §5.8, §2.2)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.demo import Told, run_demo
from pipeline.desk import open_desk, open_journal
from pipeline.examine import Examined, examine
from pipeline.forms.json_form import read_json_form
from pipeline.model import Event, Past, Submission
from pipeline.ooxml import docx_text
from pipeline.rehearse import Example, past_of, rehearse
from pipeline.rules.deadlines import deadlines
from pipeline.stories import Step
from pipeline.workshop import Workshop
from pipeline.workspace import Workspace
from tests.conftest import MORNING, ROOT, drop, example, receipt_of, run
from tests.forms.word_filling import fill
from tests.intake import catalogue as shipped

MEETING_PAPERS = {
    "開催通知", "次第", "出席者名簿", "会議録", "決定事項一覧", "会議録（案）の確認について（依頼）",
    "会議録（公表用）", "ケース検討の記録", "進行管理一覧", "次の様式　出席者報告書（出欠票）",
}  # fmt: skip
CANARY = "鳥甲　鳥乙"


@pytest.fixture(scope="module")
def meetings(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, list[Told]]:
    return run_demo(tmp_path_factory.mktemp("story") / "office", ROOT, "meetings", pdf=False)


def folder(meetings: tuple[Workspace, list[Told]], form: str, name: str) -> Path:
    place, told = meetings
    (entry,) = [t.entry for t in told if t.step.name == f"{form}/{name}"]
    (found,) = [path for path in place.outbox.glob(f"*/{entry.bundle_id}") if path.parent.name != "readers"]
    return found


def paper(meetings: tuple[Workspace, list[Told]], form: str, name: str, title: str) -> str:
    paths = sorted(folder(meetings, form, name).glob(f"*/*_{title}*.docx"))
    assert paths, title
    return docx_text(paths[0].read_bytes())


def test_an_action_shows_on_the_next_agenda_until_a_meeting_reports_it_done(meetings: Any) -> None:
    assert "R4-2-2" in paper(meetings, "meeting_minutes", "r5_2_jitsumusha_final", "決定事項一覧")
    agenda = paper(meetings, "meeting_notice", "carried_action", "次第")
    assert "前回までの決定事項の状況" in agenda
    assert (
        "R4-2-2　構成機関の職員向けに、気付いたときの連絡先の一枚紙を作り、配る。（こども家庭課）" in agenda
    )
    assert "R4-1-2" not in agenda, "reported in February: over"
    later = paper(meetings, "meeting_notice", "action_closed", "次第")
    assert "前回までの決定事項の状況" not in later and "R4-2" not in later


def test_it_is_due_until_then(meetings: Any) -> None:
    journal = open_journal(meetings[0])
    try:
        past, office = journal.all_past(), shipped().office
    finally:
        journal.close()

    def notes(day: date) -> str:  # the 庁内連携会議 has an R4-2-2 of its own
        return "".join(
            due.note for due in deadlines(past, office.at(day), day, 30) if "実務者会議の決定事項" in due.note
        )

    assert "R4-2-2" in notes(date(2023, 6, 1)) and "R4-2-2" in notes(date(2023, 8, 23))
    assert "R4-2-2" not in notes(date(2023, 8, 24))


def test_a_paper_of_r4_prints_the_members_of_r4(meetings: Any) -> None:
    added = ("社会福祉法人いわき市社会福祉協議会", "地域福祉ネットワークいわき")
    august = paper(meetings, "meeting_notice", "r4_8_jitsumusha", "出席者名簿")
    february = paper(meetings, "meeting_notice", "r5_2_jitsumusha", "出席者名簿")
    assert all(name not in august and name in february for name in added)
    minutes = paper(meetings, "meeting_minutes", "r4_8_jitsumusha", "会議録")
    assert all(f"{name}（" in minutes for name in added), "that meeting agreed to add them"


def test_the_roster_shows_who_answered_and_who_comes_instead(meetings: Any) -> None:
    last = paper(meetings, "attendance_reply", "absent_late", "出席者名簿")
    assert "出席３　欠席１　未回答12" in last and "代理（担当者）" in last


def test_the_draft_stays_beside_the_final_minutes(meetings: Any) -> None:
    draft = paper(meetings, "meeting_minutes", "r5_2_jitsumusha", "会議録")
    final = paper(meetings, "meeting_minutes", "r5_2_jitsumusha_final", "会議録")
    assert "会議録（案）" in draft and "会議録（確定）第２版" in final and "修正の経過" in final


def test_each_body_has_a_folder_of_its_own_and_nothing_but_its_papers(meetings: Any) -> None:
    place, told = meetings
    readers = {path.name for path in (place.outbox / "readers").iterdir() if path.is_dir()}
    assert {"members-chonai", "members-jitsumusha", "members-daihyosha"} <= readers
    assert not {name for name in readers if name.startswith(("contractor", "agency", "public"))}
    documents = [
        document
        for t in told
        for document in json.loads((folder(meetings, *t.step.name.split("/")) / "receipt.json").read_text())[
            "documents"
        ]
        if document["audience"] == "members"
    ]
    assert (
        documents
        and {re.sub(r"（[0-9]+）$", "", document["title"]) for document in documents} <= MEETING_PAPERS
    )
    for reader, code in (("members-chonai", "庁内連携会議"), ("members-daihyosha", "代表者会議")):
        for path in (place.outbox / "readers" / reader).rglob("*.docx"):
            if "次の様式" not in path.name:
                assert code in docx_text(path.read_bytes()), path.name


def test_the_contractor_and_the_member_are_two_readers(tmp_path: Path) -> None:
    """社協 is both (domain §2.2): dispatch papers go to `contractor-shakyo`, the meetings' papers to the members."""
    place, _ = run_demo(tmp_path / "office", ROOT, "household", pdf=False)
    steps = ("r5_2_jitsumusha",)
    with open_desk(place, now=lambda: MORNING, pdf=False) as desk:
        for name in steps:
            drop(place, f"{name}.json", example("meeting_notice", name))
            (entry,) = run(desk)
            assert receipt_of(desk, entry)["outcome"] == "delivered"
    by_reader = {
        path.name: {file.name.split("_", 1)[1] for file in path.rglob("*.docx")}
        for path in (place.outbox / "readers").iterdir()
        if path.is_dir()
    }
    members, contractor = by_reader["members-jitsumusha"], by_reader["contractor-shakyo"]
    assert members and contractor and not members & contractor
    titles = {title.removesuffix(".docx") for title in contractor}
    assert not {title for title in titles if title.split("（")[0] in MEETING_PAPERS}
    assert not {title for title in members if "派遣" in title or "支援計画" in title}


# --- The reply comes back through the inbox ---------------------------------------------------------------------------


def test_the_word_form_of_the_notice_comes_back_filled_in(place: Workspace) -> None:
    with open_desk(place, now=lambda: MORNING, pdf=False) as desk:
        drop(place, "notice.json", example("meeting_notice", "r5_2_jitsumusha"))
        (notice,) = run(desk)
        (form,) = (place.outbox / "readers" / "members-jitsumusha" / notice.bundle_id).glob(
            "*出席者報告書*.docx"
        )
        answers: dict[str, str | bool] = {
            "section": "福島県浜児童相談所",
            "attendance": "代理出席",
            "attendee.title": "児童福祉司",
            "attendee.name": "見本　葛󠄀之介",
            "replied_on": "令和５年２月３日",
        }
        drop(place, "reply.docx", fill(form.read_bytes(), answers))
        (entry,) = run(desk)
        receipt = receipt_of(desk, entry)
        assert receipt["outcome"] == "delivered", receipt["problems"]
        (roster,) = place.outbox.glob(f"*/{entry.bundle_id}/division/*出席者名簿.docx")
        text = docx_text(roster.read_bytes())
    assert "見本　葛󠄀之介" in text and "代理（児童福祉司）" in text


def test_minutes_put_right_keep_the_earlier_ones_and_their_number(place: Workspace) -> None:
    """A correction takes the place of the minutes in the history; without one the number is taken (BR24)."""
    minutes = example("meeting_minutes", "r4_7_first")
    revised = [{"on": "2022-07-25", "place": "７　決定事項", "detail": "期限を改めた。"}]
    with open_desk(place, now=lambda: MORNING, pdf=False) as desk:
        drop(place, "1.json", minutes)
        (first,) = run(desk)
        again = {**minutes, "submission_id": "again", "revisions": revised}
        drop(place, "2.json", again)
        (refused,) = run(desk)
        assert [problem["code"] for problem in receipt_of(desk, refused)["problems"]] == ["BR24"]
        reason = {"corrects": first.bundle_id, "correction_reason": "構成員の確認による"}
        drop(place, "3.json", {**again, "submission_id": "corrected", **reason})
        (second,) = run(desk)
        receipt = receipt_of(desk, second)
        assert receipt["outcome"] == "delivered", receipt["problems"]
        kept = [
            docx_text(path.read_bytes())
            for entry in (first, second)
            for path in place.outbox.glob(f"*/{entry.bundle_id}/members/*_会議録.docx")
        ]
    assert len(kept) == 2 and "第２版" not in kept[0] and "会議録（案）第２版" in kept[1]


# --- No name of a child ------------------------------------------------------------------------------------------------

CASE_MEETINGS = [
    ("meeting_notice", "case_meeting"),
    ("meeting_notice", "one_addressee"),
    ("meeting_minutes", "case_review"),
    ("meeting_minutes", "with_agencies"),
    ("meeting_minutes", "progress_review"),
]


def family_of_canaries() -> Past:
    """The case's application, its child named by the canary."""
    (event,) = past_of(shipped(), [Step("dispatch_application", "typical")]).events
    child = {**event.values["children"][0], "name": CANARY}
    values = {**event.values, "children": [child]}
    return Past((Event(event.bundle_id, event.form, event.case_id, event.on, event.received_on, values),))


def texts_of(value: Any, steps: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from texts_of(part, (*steps, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from texts_of(part, (*steps, index))
    elif isinstance(value, str):
        yield steps


def with_text(values: Any, steps: tuple[Any, ...], text: str) -> Any:
    copy = json.loads(json.dumps(values))
    at = copy
    for step in steps[:-1]:
        at = at[step]
    at[steps[-1]] = text
    return copy


@pytest.mark.parametrize(("form", "name"), CASE_MEETINGS)
def test_a_child_s_name_cannot_be_written_into_any_text_of_a_meeting(form: str, name: str) -> None:
    catalogue, past = shipped(), family_of_canaries()
    values = example(form, name)

    def looked_at(changed: Any) -> Examined:
        read = read_json_form(json.dumps(changed).encode())
        assert isinstance(read, Submission)
        return examine(catalogue, read, date(2023, 10, 2), past)

    assert looked_at(values).is_good
    tried = 0
    for steps in texts_of(values):
        if steps[-1] in ("name", "head_name", "chair", "form", "submission_id"):
            continue  # who sits in the meeting
        found = looked_at(with_text(values, steps, CANARY))
        assert not found.is_good, steps
        pointer = "/" + "/".join(map(str, steps))
        assert pointer in {problem.pointer for problem in found.problems}, steps
        tried += any(problem.code == "CASE_NAMED" for problem in found.problems)
    assert tried >= 3, "no free text was reached: the test sees nothing"


@pytest.mark.parametrize("status", ["案", "確定"])
def test_a_case_meeting_has_no_public_paper(status: str) -> None:
    forms = shipped().forms
    schema, notice = forms["meeting_minutes"].schema, forms["meeting_notice"].schema
    public = {"status": status, "openness": {"kind": "公開"}}
    for meeting in ("ケース検討会議", "個別ケース検討会議", "進行管理会議"):
        assert "published" not in schema.met({"meeting": meeting, **public})
        assert "may_be_public" not in notice.met({"meeting": meeting, "openness": "公開"})
    assert "may_be_public" in notice.met({"meeting": "庁内連携会議", "openness": "公開"})
    assert ("published" in schema.met({"meeting": "庁内連携会議", **public})) == (status == "確定")


def test_what_the_public_is_told_of_a_meeting_names_nobody_and_carries_nothing_on() -> None:
    """The papers of the members do both: the same form, the same day."""
    path = ROOT / "doc_templates" / "meeting_notice" / "examples" / "open_to_public.json"
    files = rehearse(Workshop(shipped()), Example("meeting_notice", path)).files
    (public,) = [docx_text(file.data) for file in files if file.audience == "public"]
    members = "".join(
        docx_text(file.data) for file in files if file.audience == "members" and file.path.endswith(".docx")
    )
    values = example("meeting_notice", "open_to_public")
    names = [person["head_name"] for person in values["addressees"]] + [
        person["name"] for person in values["secretariat"]
    ]
    for secret in (*names, "R4-2-1", "構成員", "保健福祉課", "出席者"):
        assert secret in members and secret not in public, secret
    for told in (values["place"], *values["agenda"], "令和６年２月６日（火）", "傍聴の定員", "公開"):
        assert told in public, told
