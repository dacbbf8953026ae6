"""Legal completeness of notices: a decision that lacks something is returned, a template that cannot print it is found out
(Build 6 of the dispatch; domain.md §1.11–1.16, §6.9, BR14, BR25, BR30).
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from pipeline.catalogue import Catalogue
from pipeline.completeness import check_notice
from pipeline.errors import OfficeFault
from pipeline.examine import Examined, accept, examine
from pipeline.forms.json_form import read_json_form
from pipeline.model import Submission
from pipeline.papers.contract import printed
from pipeline.papers.template import compile_template
from pipeline.rehearse import Example, past_of, rehearse
from pipeline.spec import NoticeKind, PaperSpec, Requirement
from pipeline.stories import Step, day_of, steps_before
from pipeline.workshop import Workshop
from tests.conftest import ROOT, example
from tests.intake import catalogue as shipped

NOTICES = (
    "decision_notice",
    "refusal_notice",
    "extension_notice",
    "extension_refusal",
    "change_notice",
    "change_refusal",
    "termination_notice",
    "revocation_notice",
    "expiry_notice",
    "dispatch_request",
    "dispatch_change_request",
    "dispatch_end_notice",
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return shipped()


# --- What a sender leaves out comes back --------------------------------------------------------------------------

BREACHES = [
    # 理由と条項
    ("refused", {"refusal": None}, "REQUIRED", "/refusal"),
    ("refused", {"refusal__reason": "要件に該当しないため。"}, "BR14", "/refusal/reason"),
    ("refused", {"refusal__article": "実施要綱による"}, "BR14", "/refusal/article"),
    ("extension_refused", {"refusal": None}, "REQUIRED", "/refusal"),
    ("extension_refused", {"refusal__reason": "必要がないため"}, "BR14", "/refusal/reason"),
    ("change_refused", {"refusal__article": None}, "REQUIRED", "/refusal/article"),
    ("closed_by_office", {"ending__reason": None}, "REQUIRED", "/ending/reason"),
    ("closed_by_office", {"ending__reason": "転出のため"}, "BR14", "/ending/reason"),
    ("revoked", {"ending__reason": None}, "REQUIRED", "/ending/reason"),
    ("revoked", {"ending__article": "第○条"}, "BR14", "/ending/article"),
    # 番号・日付・宛先
    ("approved", {"numbers__notice": None}, "REQUIRED", "/numbers/notice"),
    ("approved", {"numbers__notice": "４い平福第12号"}, "BR25", "/numbers/notice"),
    ("extended", {"doc_date": None}, "REQUIRED", "/doc_date"),
    ("extended", {"doc_date": "2023-12-19"}, "BR15", "/doc_date"),
    ("closed", {"applicant__name": None}, "REQUIRED", "/applicant/name"),
    ("changed", {"applicant__address": None}, "REQUIRED", "/applicant/address"),
    # 期間と終わる日、申請の日
    ("approved", {"plan__period__end": None}, "REQUIRED", "/plan/period/end"),
    ("extended", {"current_period": None}, "REQUIRED", "/current_period"),
    ("revoked", {"ending__ended_on": None}, "REQUIRED", "/ending/ended_on"),
    ("approved", {"application__applied_on": None}, "REQUIRED", "/application/applied_on"),
]  # fmt: skip


def mutated(values: Mapping[str, Any], boxes: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(values))
    for path, value in boxes.items():
        *groups, last = path.split("__")
        at = made
        for group in groups:
            at = at[group]
        at[last] = value
    return made


def judged(catalogue: Catalogue, name: str, boxes: Mapping[str, Any]) -> Examined:
    """An example of 決裁結果 after its story, with some boxes changed."""
    step = Step("dispatch_decision", name)
    read = read_json_form(json.dumps(mutated(example("dispatch_decision", name), boxes)).encode())
    assert isinstance(read, Submission)
    day = day_of(ROOT, step) or date.fromisoformat(example("dispatch_decision", name)["doc_date"])
    return examine(catalogue, read, day, past_of(catalogue, steps_before(ROOT, step)))


@pytest.mark.parametrize("name", sorted({name for name, *_ in BREACHES}))
def test_the_whole_decision_is_good(name: str, catalogue: Catalogue) -> None:
    assert judged(catalogue, name, {}).is_good


@pytest.mark.parametrize(("name", "boxes", "code", "pointer"), BREACHES)
def test_a_decision_that_lacks_something_is_returned(
    name: str, boxes: Mapping[str, Any], code: str, pointer: str, catalogue: Catalogue
) -> None:
    examined = judged(catalogue, name, boxes)
    assert not examined.is_good
    assert (code, pointer) in {(problem.code, problem.pointer) for problem in examined.problems}


# --- What the office has not set holds the set --------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["appeal", "signatory", "form_number"])
def test_a_notice_without_the_offices_own_words_is_held(kind: str, catalogue: Catalogue) -> None:
    """BR30: 教示 as set for the date of the paper; none set is a fault of the office, never a notice without it."""
    examined = judged(catalogue, "revoked", {})
    assert examined.form is not None
    good = accept(examined, examined.form, {"id": "YC-23-1-001"})
    office = {**good.office, kind: type(good.office[kind])()}
    with pytest.raises(OfficeFault) as held:
        Workshop(catalogue).make(replace(good, office=office))
    assert any(f"office/{kind}.toml" in fault for fault in held.value.faults)


def test_a_paper_that_does_not_print_the_remedies_is_held(catalogue: Catalogue) -> None:
    """BR30: the clauses set for the date must stand on the finished paper, whatever its template does with them."""
    workshop = Workshop(catalogue)
    spec = catalogue.paper("revocation_notice")
    edition = spec.editions[0]
    data = catalogue.template_path(spec.name, edition.template).read_bytes()
    silent = compile_template(
        rewritten(data, "{{ clause }}", "{% if clause == '' %}{{ clause }}{% endif %}"), "", ()
    )
    workshop._compiled[f"{spec.name}/{edition.template}"] = ("", silent)
    step = ROOT / "doc_templates" / "dispatch_decision" / "examples" / "revoked.json"
    with pytest.raises(OfficeFault) as held:
        rehearse(workshop, Example("dispatch_decision", step))
    assert held.value.code == "PROOF"


# --- What a template cannot print is found out --------------------------------------------------------------------


def rewritten(data: bytes, old: str, new: str) -> bytes:
    """A template with one text of its document replaced; the text must be there."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            if name == "word/document.xml":
                assert old in part.decode()
                part = part.decode().replace(old, new).encode()
            target.writestr(name, part)
    return made.getvalue()


def faults(catalogue: Catalogue, paper: str, old: str, new: str) -> list[str]:
    spec = catalogue.paper(paper)
    data = catalogue.template_path(paper, spec.editions[0].template).read_bytes()
    compiled = compile_template(rewritten(data, old, new), spec.title, ())
    return list(check_notice(spec, catalogue.notices, printed(compiled)))


@pytest.mark.parametrize("paper", NOTICES)
def test_every_notice_can_print_all_it_must(paper: str, catalogue: Catalogue) -> None:
    assert faults(catalogue, paper, "。", "。") == []


BROKEN = [
    ("refusal_notice", "{{ refusal.reason }}", "理由", "理由と根拠条項"),
    ("refusal_notice", "{{ refusal.article }}", "条項", "理由と根拠条項"),
    ("extension_refusal", "{{ clause }}", "教示", "教示"),
    ("extension_refusal", "{{ numbers.notice|doc_number }}", "第　号", "文書番号"),
    ("extension_notice", "{{ current_period.start|span(current_period.end) }}", "", "これまでの派遣期間と延長する期間"),
    ("extension_notice", "{{ plan.period.end|wareki_weekday }}", "", "これまでの派遣期間と延長する期間"),
    ("decision_notice", "{{ doc_date|wareki_blank }}", "令和　年　月　日", "文書の日付"),
    ("decision_notice", "{{ applicant.name }}", "申請者", "宛先（申請者の氏名）"),
    ("decision_notice", "{{ fee|money }}", "", "利用料"),
    ("change_notice", "{{ row.before }}", "", "変更前と変更後"),
    ("change_refusal", "{{ application.applied_on|wareki }}", "", "申請（届出）の年月日"),
    ("termination_notice", "{{ ending.ended_on|wareki_weekday }}", "", "終わる日"),
    ("revocation_notice", "{{ ending.reason }}", "", "理由と根拠条項"),
    ("revocation_notice", "{{ office.signatory.name }}", "", "発信者（職名・氏名・公印の別。センターの所長のときも）"),
    ("revocation_notice", "電話　{{ office.centre.phone }}", "", "問い合わせ先（センターの名称・担当者・電話）"),
    ("dispatch_end_notice", "{{ case.id }}", "", "ケース番号"),
    ("dispatch_request", "{{ office.contractor|addressee }}", "", "宛先（受託事業者の名称と代表者）"),
]  # fmt: skip


@pytest.mark.parametrize(("paper", "old", "new", "title"), BROKEN)
def test_a_template_without_its_place_is_named(
    paper: str, old: str, new: str, title: str, catalogue: Catalogue
) -> None:
    found = faults(catalogue, paper, old, new)
    assert found and all(f"「{title}」" in fault for fault in found)


def test_a_value_that_only_steers_a_condition_is_not_printed(catalogue: Catalogue) -> None:
    old = "{{ ending.article }}"
    assert faults(catalogue, "revocation_notice", old, "{% if ending.article %}あり{% endif %}")


REQUIREMENT = Requirement("理由", (("refusal.reason", "ending.reason"), ("refusal.article",)))
KINDS = {"refusal": NoticeKind("refusal", "不承認の通知書", (REQUIREMENT,))}


@pytest.mark.parametrize(
    ("shown", "count"),
    [
        ({"refusal.reason", "refusal.article"}, 0),
        ({"ending.reason", "refusal.article"}, 0),
        ({"refusal.article"}, 1),
        (set(), 2),
        ({"refusal.reasons", "refusal.article"}, 1),
    ],
)
def test_of_each_group_one_is_enough(shown: set[str], count: int) -> None:
    paper = PaperSpec("p", "書類", notice="refusal")
    assert len(list(check_notice(paper, KINDS, shown))) == count


def test_a_numbered_paper_says_what_it_is() -> None:
    numbered = PaperSpec("p", "書類", fields=("numbers.notice",))
    assert list(check_notice(PaperSpec("p", "書類", fields=("doc_date",)), KINDS, ())) == []
    (nameless,) = check_notice(numbered, KINDS, ())
    (unknown,) = check_notice(replace(numbered, notice="warning"), KINDS, ())
    assert "notice" in nameless and "warning" in unknown
