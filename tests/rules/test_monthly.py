"""業務実績報告書・請求書 (D20): D14 ↔ D20a ↔ 請求, each difference named, against a recount."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Event, Level, Past, Problem, Ruling
from pipeline.rules.monthly import judge_monthly_report
from pipeline.stories import Step
from tests.rules.households import CASE, catalogue, changed, past_before, ruled, values_of

Told = Callable[..., list[tuple[str, str]]]
FORM = "monthly_report"
GOOD = values_of(FORM)
BEFORE = past_before(FORM)  # reports of 7/6, 7/13 (120 minutes), 7/20 (105), and 7/27 cancelled on the day
CAME = date(2023, 8, 7)
OTHER = "YC-23-1-002"


def judged(*changes: tuple[str, Any], past: Past = BEFORE, came_in: date = CAME) -> Ruling:
    return ruled(FORM, changed(GOOD, *changes), past, came_in)


def test_a_good_report() -> None:
    ruling = judged()
    assert ruling.problems == ()
    facts = ruling.facts
    assert {row["result"] for row in facts["checks"]} == {"適"}
    assert [(row["date"], row["reported"], row["listed"], row["result"]) for row in facts["visits"]] == [
        ("2023-07-06", "120分", "120分", "一致"),
        ("2023-07-13", "120分", "120分", "一致"),
        ("2023-07-20", "105分", "105分", "一致"),
        ("2023-07-27", "キャンセル", "キャンセル", "一致"),
    ]
    assert (facts["differences"], facts["first_day"], facts["last_day"]) == (0, "2023-07-01", "2023-07-31")
    assert facts["pay_by"] == "2023-09-05"  # 8/7 is the first of thirty days
    assert facts["sums"] == {
        "visits": 3, "minutes": 345, "cancels": 1, "reported_visits": 3, "reported_minutes": 345, "reported_cancels": 1,
    }  # fmt: skip


Case = tuple[list[tuple[str, Any]], list[tuple[str, str]]]
SUMS = [
    ("BR27", f"/{group}/{key}") for group in ("cases/0", "total") for key in ("visits", "minutes", "cancels")
]
ERRORS: list[Case] = [
    # the limits, a third time
    ([("/rows/0/minutes", 121), ("/rows/0/end", "18:01")], [("BR02", "/rows/0/minutes"), ("BR27", "/rows/0/minutes")]),
    ([("/rows/0/end", "15:00")], [("BR02", "/rows/0/end")]),
    ([("/rows/2/date", "2023-07-10")], [("BR03", "/rows/1/date"), ("BR03", "/rows/2/date"), ("BR27", "/rows/2/date")]),
    ([("/rows/3/date", "2023-08-03")], [("MONTH", "/rows/3/date"), ("BR27", "/rows/3/date")]),
    ([("/rows/1/date", "2023-07-06")], [("DOUBLED", "/rows/1/date")]),
    ([("/rows/1/case_id", OTHER)], [("BR11", "/rows/1/case_id"), ("BR27", "/rows/1/date"), ("BR27", "/rows/1/case_id")]),
    # D14 ↔ D20a
    ([("/rows/1/date", "2023-07-31")], [("BR27", "/rows/1/date")]),  # no report in that week
    ([("/rows/1/date", "2023-07-14")], [("BR27", "/rows/1/date")]),  # the report says 7/13
    ([("/rows/2/minutes", 110)], [("BR27", "/rows/2/minutes")]),
    ([("/rows/3", {**GOOD["rows"][0], "date": "2023-07-27"})], [("BR27", "/rows/3/result")]),
    # its own sums
    ([("/total/visits", 4)], [("BR27", "/total/visits")]),
    ([("/cases/0/minutes", 344)], [("BR27", "/cases/0/minutes")]),
    ([("/cases/0/cancels", 0)], [("BR27", "/cases/0/cancels")]),
    ([("/cases", [*GOOD["cases"], GOOD["cases"][0]])], [("BR27", "/cases/1/case_id")]),
    ([("/cases", None)], [("BR27", "/rows/0/case_id")]),
    # the invoice
    ([("/invoice/help/minutes", 300), ("/invoice/help/amount", 12000), ("/invoice/subtotal", 18200), ("/invoice/amount", 18200)],
     [("BR27", "/invoice/help/minutes")]),
    ([("/invoice/help/amount", 13801), ("/invoice/subtotal", 20001), ("/invoice/amount", 20001)], [("BR27", "/invoice/help/amount")]),
    ([("/invoice/travel/visits", 5), ("/invoice/travel/amount", 1500), ("/invoice/subtotal", 20300), ("/invoice/amount", 20300)],
     [("BR27", "/invoice/travel/visits")]),
    ([("/invoice/travel/amount", 1100), ("/invoice/subtotal", 19900), ("/invoice/amount", 19900)], [("BR27", "/invoice/travel/amount")]),
    ([("/invoice/subtotal", 20001), ("/invoice/amount", 20001)], [("BR27", "/invoice/subtotal")]),
    ([("/invoice/amount", 20001)], [("BR27", "/invoice/amount")]),
    ([("/invoice/tax", 100), ("/invoice/amount", 20100)], [("BR27", "/invoice/tax")]),
    # days
    ([("/reported_on", "2023-07-19")], [("REPORT_DAY", "/reported_on")]),
    ([("/reported_on", "2023-08-08")], [("REPORT_DAY", "/reported_on")]),
]  # fmt: skip
WARNINGS: list[Case] = [
    ([("/rows/1/minutes", 90), ("/rows/1/end", "17:30")], [("BR27", "/rows/1/minutes")]),
    ([("/rows/2/helper", "例示　七海")], [("BR27", "/rows/2/helper")]),
    ([("/rows/1", {**GOOD["rows"][3], "date": "2023-07-13"})], [("BR27", "/rows/1/result")]),
    ([("/rows/2/helper", "例示　二葉")], []),  # two helpers went
    ([("/invoice/claimant/name", "見本社会福祉協議会")], [("BR07", "/invoice/claimant/name")]),
    ([("/invoice/dated_on", "2023-07-30")], [("REPORT_DAY", "/invoice/dated_on")]),
    ([("/invoice/dated_on", "2023-07-31")], []),
    ([("/invoice", None)], []),
]


def in_step(ruling: Ruling, pointers: set[str]) -> Ruling:
    """A ruling without the sums and the invoice, which a changed row changes too."""
    kept = tuple(
        p
        for p in ruling.problems
        if p.pointer in pointers or not p.pointer.startswith(("/cases", "/total", "/invoice"))
    )
    return Ruling(kept, ruling.facts)


@pytest.mark.parametrize(("changes", "expected"), ERRORS)
def test_errors(changes: list[tuple[str, Any]], expected: list[tuple[str, str]], said: Told) -> None:
    ruling = in_step(
        judged(*changes), {pointer for pointer, _ in changes} | {pointer for _, pointer in expected}
    )
    assert sorted(said(ruling)) == sorted(expected)


@pytest.mark.parametrize(("changes", "expected"), WARNINGS)
def test_warnings(changes: list[tuple[str, Any]], expected: list[tuple[str, str]], said: Told) -> None:
    ruling = in_step(judged(*changes), {pointer for pointer, _ in changes})
    assert (said(ruling), said(ruling, Level.WARNING)) == ([], expected)


def test_a_contract_may_pay_fewer_trips(said: Told) -> None:
    fewer = judged(("/invoice/travel", {"visits": 3, "each": 300, "amount": 900}), ("/invoice/subtotal", 19700),
                   ("/invoice/amount", 19700))  # fmt: skip
    assert fewer.problems == ()


def test_no_sentence_quotes_a_value(quotes_nothing: Callable[[Problem], bool]) -> None:
    for changes, _ in [*ERRORS, *WARNINGS]:
        assert all(quotes_nothing(p) and "{" not in p.message for p in judged(*changes).problems)


def test_reports_without_a_row_are_named_together(said: Told) -> None:
    ruling = judged(("/rows", GOOD["rows"][:1]), ("/cases", None), ("/total", {"visits": 1, "minutes": 120, "cancels": 0}),
                    ("/invoice", None))  # fmt: skip
    assert said(ruling, Level.WARNING) == [("BR27", "/rows")]
    (missing,) = [p for p in ruling.problems if p.level is Level.WARNING]
    assert missing.found == f"{CASE} 2023-07-13、{CASE} 2023-07-20、{CASE} 2023-07-27"
    assert [row["note"] for row in ruling.facts["visits"]] == ["", *["一覧に行なし"] * 3]
    assert ruling.facts["differences"] == 3


def test_a_visit_under_another_date_shows_both_days() -> None:
    facts = judged(("/rows/1/date", "2023-07-14")).facts
    moved = [(row["date"], row["note"], row["moved_from"]) for row in facts["visits"] if row["note"]]
    assert moved == [("2023-07-13", "一覧に行なし", None), ("2023-07-14", "日付が違う", "2023-07-13")]


def test_a_month_without_visits_says_so(said: Told) -> None:
    values = values_of(FORM, "no_visits")
    ruling = ruled(FORM, values, BEFORE, CAME)
    assert ruling.problems == () and ruling.facts["visits"] == []
    mine = ruled(FORM, {**values, "centre": GOOD["centre"]}, BEFORE, CAME)
    assert said(mine, Level.WARNING) == [("BR27", "/rows")]


def test_a_household_that_moved_in_the_month_is_counted_by_each_centre_for_its_own_visits() -> None:
    moved = "小名浜地区保健福祉センター"
    past = Past(tuple(
        Event(e.bundle_id, e.form, e.case_id, e.on, e.received_on, {**e.values, "centre": moved}) if e.on >= date(2023, 7, 20) else e
        for e in BEFORE.events
    ))  # fmt: skip
    first = judged(("/rows", GOOD["rows"][:2]), past=past).facts
    second = judged(("/rows", GOOD["rows"][2:]), ("/centre", moved), past=past).facts
    assert (first["differences"], len(first["visits"])) == (0, 2)
    assert (second["differences"], len(second["visits"])) == (0, 2)
    assert (
        judged(past=past).facts["differences"] == 0
    )  # a listed visit is compared, whichever centre has its report


@pytest.mark.parametrize(
    ("beside", "too_often"), [("2023-06-30", False), ("2023-07-01", False), ("2023-08-01", True), ("2023-08-05", True), ("2023-08-06", False)]
)  # fmt: skip
def test_a_week_over_the_edge_of_the_month_is_one_week(beside: str, too_often: bool, said: Told) -> None:
    """7/31 is a Monday: its week runs to Saturday 8/5."""
    last = Step("visit_report", "typical", changes={"visit.visited_on": "2023-07-31"})
    after = Step("visit_report", "typical", changes={"visit.visited_on": beside})
    rows = [*GOOD["rows"], {**GOOD["rows"][0], "date": "2023-07-31"}]
    told = said(judged(("/rows", rows), past=past_before(FORM, "typical", last, after)))
    assert (("BR03", "/rows/4/date") in told) == too_often


def test_after_the_end_no_visit_is_paid(said: Told) -> None:
    values = {"decision": {"kind": "廃止", "result": "承認"}, "ending": {"ended_on": "2023-07-13"}}
    ended = Event("20230713-0001", "dispatch_decision", CASE, date(2023, 7, 13), date(2023, 7, 13), values)
    assert said(judged(past=Past((*BEFORE.events, ended)))) == [("PERIOD", "/rows/2/date")]


@pytest.mark.parametrize(
    ("came_in", "late"), [(date(2023, 8, 10), False), (date(2023, 8, 11), True), (date(2023, 8, 14), True)]
)
def test_the_report_is_due_on_the_tenth(came_in: date, late: bool, said: Told) -> None:
    assert (("LATE", "/month") in said(judged(came_in=came_in), Level.WARNING)) == late


def test_a_closed_tenth_moves_to_the_next_open_day(said: Told) -> None:
    """2023-09-10 is a Sunday."""
    august = {
        "month": "2023-08",
        "centre": GOOD["centre"],
        "reported_on": "2023-09-01",
        "total": {"visits": 0, "minutes": 0, "cancels": 0},
    }
    for came_in, late in ((date(2023, 9, 11), False), (date(2023, 9, 12), True)):
        ruling = ruled(FORM, august, BEFORE, came_in)
        assert (("LATE", "/month") in said(ruling, Level.WARNING)) == late


def test_the_same_month_again_is_pointed_out(said: Told) -> None:
    again = past_before(FORM, "typical", Step(FORM, "typical"))
    assert said(judged(past=again), Level.WARNING) == [("AGAIN", "/month")]
    elsewhere = past_before(FORM, "typical", Step(FORM, "no_visits"))
    assert said(judged(past=elsewhere), Level.WARNING) == []


def with_contract(**terms: Any) -> Mapping[str, Any]:
    office = dict(catalogue().office.at(CAME))
    office["contract"] = {**office["contract"], **terms}
    return office


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({}, []),
        ({"hourly": 2400, "travel": 300, "office_fee": 5000, "tax_kind": "非課税"}, []),
        ({"hourly": 2300}, [("PRICE", "/invoice/help/hourly")]),
        ({"travel": 0}, [("PRICE", "/invoice/travel/each")]),
        ({"office_fee": 4000}, [("PRICE", "/invoice/office_fee")]),
        ({"tax_kind": "課税"}, [("TAX", "/invoice/tax_kind")]),
    ],
)
def test_prices_are_those_of_the_contract_where_the_office_has_set_them(
    terms: dict[str, Any], expected: list[tuple[str, str]], said: Told
) -> None:
    ruling = judge_monthly_report(GOOD, with_contract(**terms), CAME, BEFORE)
    assert said(ruling) == expected
    assert [part["agreed"] for part in ruling.facts["amounts"]] == [
        f"{terms['hourly']:,}円" if "hourly" in terms else "未設定",
        f"{terms['travel']:,}円" if "travel" in terms else "未設定",
    ]


@pytest.mark.parametrize(("tax", "right"), [(2000, True), (1999, False), (2001, False), (0, False)])
def test_tax_is_counted_at_the_office_s_rate(tax: int, right: bool, said: Told) -> None:
    values = changed(
        GOOD, ("/invoice/tax_kind", "課税"), ("/invoice/tax", tax), ("/invoice/amount", 20000 + tax)
    )
    ruling = judge_monthly_report(values, with_contract(tax_kind="課税", tax_percent=10), CAME, BEFORE)
    assert said(ruling) == ([] if right else [("TAX", "/invoice/tax")])


@given(st.integers(1, 480), st.integers(0, 9999))
def test_minutes_at_an_hourly_price_may_be_rounded_either_way(minutes: int, hourly: int) -> None:
    exact = minutes * hourly / 60
    for amount in {int(exact), int(exact) + 1, int(exact) - 1} - {-1}:
        rows = [{**GOOD["rows"][0], "minutes": minutes}]
        invoice = {**GOOD["invoice"], "help": {"minutes": minutes, "hourly": hourly, "amount": amount}}
        ruling = judge_monthly_report(
            {**GOOD, "rows": rows, "invoice": invoice}, catalogue().office.at(CAME), CAME, BEFORE
        )
        wrong = any(p.pointer == "/invoice/help/amount" for p in ruling.problems)
        assert wrong == (abs(amount - exact) >= 1)


VISITS = st.dictionaries(
    st.tuples(st.sampled_from([CASE, OTHER]), st.integers(1, 31)),
    st.tuples(st.booleans(), st.integers(1, 120)),
    max_size=8,
)


@given(VISITS, VISITS)
def test_the_differences_are_those_of_a_recount(listed: Any, reported: Any) -> None:
    rows = [
        {"date": f"2023-07-{day:02}", "case_id": case, "result": "実施", "start": "16:00", "end": "18:00", "minutes": minutes, "helper": "例示　一子"}
        if done else {"date": f"2023-07-{day:02}", "case_id": case, "result": "当日のキャンセル"}
        for (case, day), (done, minutes) in listed.items()
    ]  # fmt: skip
    past = Past(tuple(_report(case, day, done, minutes) for (case, day), (done, minutes) in reported.items()))
    ruling = judge_monthly_report({**GOOD, "rows": rows}, catalogue().office.at(CAME), CAME, past)
    counted = {place: visit if visit[0] else (False, 0) for place, visit in reported.items()}
    told = {place: visit if visit[0] else (False, 0) for place, visit in listed.items()}
    wrong = {place for place in counted.keys() | told.keys() if counted.get(place) != told.get(place)}
    found = {
        (row["case_id"], int(row["date"][-2:])) for row in ruling.facts["visits"] if row["result"] == "相違"
    }
    assert found == wrong
    assert ruling.facts["differences"] == len(wrong)
    assert len(ruling.facts["visits"]) == len(counted.keys() | told.keys())
    dearer = {p for p in told if told[p] > counted.get(p, (False, -1))}  # claims more than was reported
    returned = any(p.code == "BR27" and p.level is Level.ERROR and p.pointer.startswith("/rows/")
                   and not p.pointer.endswith("case_id") for p in ruling.problems)  # fmt: skip
    assert returned == bool(dearer)


def _report(case: str, day: int, done: bool, minutes: int) -> Event:
    on = date(2023, 7, day)
    visit = {"result": "実施" if done else "キャンセル", "visited_on": on.isoformat(), "minutes": minutes}
    values = {"centre": GOOD["centre"], "visit": visit, "helpers": ["例示　一子"]}
    return Event("20230801-0001", "visit_report", case, on, on, values)
