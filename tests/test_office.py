import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tomllib import loads
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.office import ById, ByPaper, OfficeBook, check_uses, make_office_book, narrow

OFFICE = Path(__file__).parent.parent / "office"


def book_of(**files: str) -> OfficeBook:
    book, faults = make_office_book({name: loads(text) for name, text in files.items()})
    assert faults == ()
    return book


def faults_of(text: str, name: str = "city") -> tuple[str, ...]:
    return make_office_book({name: loads(text)})[1]


MAYORS = """
[[city]]
from = 2013-09-28
mayor = "○○　○○"
[[city]]
from = 2021-09-28
mayor = "○○　△△"
motto = "つながる"
"""


def test_the_latest_entry_that_has_begun_counts() -> None:
    book = book_of(city=MAYORS)
    assert "city" not in book.at(date(2013, 9, 27))
    assert book.at(date(2013, 9, 28))["city"]["mayor"] == "○○　○○"
    assert book.at(date(2021, 9, 27))["city"]["mayor"] == "○○　○○"
    assert book.at(date(2021, 9, 28))["city"]["mayor"] == "○○　△△"
    assert book.at(date.max)["city"]["mayor"] == "○○　△△"


def test_a_member_only_other_entries_have_is_none() -> None:
    assert book_of(city=MAYORS).at(date(2020, 1, 1))["city"]["motto"] is None


def test_until_is_the_last_valid_day_and_nothing_older_comes_back() -> None:
    book = book_of(city=MAYORS.replace("from = 2021-09-28", "from = 2021-09-28\nuntil = 2021-12-31"))
    assert book.at(date(2021, 12, 31))["city"]["mayor"] == "○○　△△"
    assert "city" not in book.at(date(2022, 1, 1))


def test_an_entry_may_be_valid_for_a_single_day() -> None:
    book = book_of(city="[[city]]\nfrom = 2024-02-29\nuntil = 2024-02-29")
    assert [("city" in book.at(date(2024, month, day))) for month, day in ((2, 28), (2, 29), (3, 1))] == [
        False,
        True,
        False,
    ]


def test_dates_arrive_as_iso_strings_at_any_depth() -> None:
    book = book_of(
        holiday="[[holiday]]\nfrom = 2023-04-01\nclosed = [2024-01-04]\nnote = {day = 2024-01-05, open = true}"
    )
    record = book.at(date(2023, 4, 1))["holiday"]
    assert record == {"closed": ["2024-01-04"], "note": {"day": "2024-01-05", "open": True}}


CENTRES = """
[[centre]]
from = 2022-04-01
id = "平"
phone = "1"
[[centre]]
from = 2022-04-01
id = "小名浜"
phone = "2"
[[centre]]
from = 2024-04-01
id = "平"
phone = "3"
"""
SIGNATORIES = """
[[signatory]]
from = 2023-04-01
paper = "decision_notice"
title = "いわき市長"
"""


def test_every_key_has_its_own_history() -> None:
    book = book_of(centre=CENTRES)
    assert {key: record["phone"] for key, record in book.at(date(2024, 4, 1))["centre"].items()} == {
        "平": "3",
        "小名浜": "2",
    }
    assert isinstance(book.at(date.min)["centre"], ById)
    assert book.at(date.min)["centre"] == {}


def test_a_paper_sees_its_own_centre_and_its_own_signatory() -> None:
    office = book_of(centre=CENTRES, signatory=SIGNATORIES, city=MAYORS).at(date(2023, 6, 1))
    seen = narrow(office, {"centre": "平"}, "decision_notice")
    assert seen["centre"]["phone"] == "1"
    assert seen["signatory"]["title"] == "いわき市長"
    assert seen["city"] is office["city"]


@pytest.mark.parametrize("values", [{"centre": "ない"}, {"centre": None}, {"centre": ["平"]}, {}])
def test_what_cannot_be_narrowed(values: Mapping[str, Any]) -> None:
    office = book_of(centre=CENTRES, signatory=SIGNATORIES).at(date(2023, 6, 1))
    seen = narrow(office, values, "poster")
    assert seen["signatory"] is None
    assert isinstance(office["signatory"], ByPaper)
    assert seen["centre"] == (None if values.get("centre") == "ない" else office["centre"])


def test_uses_are_checked_against_what_the_office_has() -> None:
    book = book_of(centre=CENTRES, signatory=SIGNATORIES, city=MAYORS)
    fine = ["office.centre.phone", "office.city", "applicant.name", "office.signatory.title"]
    assert check_uses(book, "decision_notice", fine) == ()
    faults = check_uses(book, "poster", ["office.centre.fone", "office.ward.name", "office.signatory.title"])
    assert [fault.partition("。")[0] for fault in faults] == [
        "office/centre.toml に項目「fone」がありません",
        "office/ward.toml がありません",
        "office/signatory.toml に書類「poster」の記載がありません",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[city]]\nmayor = ''", "from"),
        ("[[city]]\nfrom = '2024-04-01'", "引用符なし"),
        ("[[city]]\nfrom = 2024-04-01T00:00:00", "引用符なし"),
        ("[[city]]\nfrom = 2024-04-01\nuntil = 2024-03-31", "前の日"),
        ("[[city]]\nfrom = 2024-04-01\nuntil = 'いつか'", "until"),
        ("[[city]]\nfrom = 2024-04-01\nid = 'a'\npaper = 'b'", "同時に"),
        ("[[city]]\nfrom = 2024-04-01\nid = 7", "空でない文字列"),
        ("[[city]]\nfrom = 2024-04-01\nMayor = ''", "使えません"),
        ("[[city]]\nfrom = 2024-04-01\nitems = []", "使えません"),
        ("[[city]]\nfrom = 2024-04-01\nrate = 1.5", "「rate」は使えません"),
        ("[[city]]\nfrom = 2024-04-01\nlist = [{rate = 07:00:00}]", "「list.rate」は使えません"),
        ("[[city]]\nfrom = 2024-04-01\nid = 'a'\n[[city]]\nfrom = 2024-04-01", "混ざって"),
        ("[[city]]\nfrom = 2024-04-01\n[[city]]\nfrom = 2024-04-01", "重なって"),
        ("[[city]]\nfrom = 2024-04-01\nuntil=2025-04-01\n[[city]]\nfrom = 2025-04-01", "重なって"),
        ("[city]\nfrom = 2024-04-01", "[[city]]"),
        ("[[city]]\nfrom = 2024-04-01\n[[town]]\nfrom = 2024-04-01", "だけを並べて"),
    ],
)
def test_a_fault_of_the_tables_is_told_in_words(text: str, words: str) -> None:
    faults = faults_of(text)
    assert len(faults) == 1
    assert faults[0].startswith("office/city.toml")
    assert words in faults[0]


def test_a_file_with_a_fault_is_left_out_and_the_others_stay() -> None:
    book, faults = make_office_book({"city": loads(MAYORS), "centre": loads("[[centre]]\nid = '平'")})
    assert len(faults) == 1
    assert set(book.kinds) == {"city"}


@given(
    st.lists(st.dates(date(2020, 1, 1), date(2026, 1, 1)), unique=True, max_size=6),
    st.dates(date(2019, 1, 1), date(2027, 1, 1)),
)
def test_bisection_finds_what_a_plain_search_finds(starts: list[date], day: date) -> None:
    tables = {"city": {"city": [{"from": start, "n": start.toordinal()} for start in starts]}}
    begun = [start for start in starts if start <= day]
    found = make_office_book(tables)[0].at(day).get("city")
    assert found == ({"n": max(begun).toordinal()} if begun else None)


# --- the data shipped with the program -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> OfficeBook:
    return book_of(**{path.stem: path.read_text("utf-8") for path in OFFICE.glob("*.toml")})


def test_the_seven_centres_are_those_of_the_forms(shipped: OfficeBook) -> None:
    schema = json.loads((OFFICE.parent / "schemas/common/common.schema.json").read_text("utf-8"))
    centres = shipped.at(date(2023, 6, 1))["centre"]
    assert list(centres) == schema["$defs"]["centre"]["enum"]
    assert [centre["code"] for centre in centres.values()] == list("1234567")
    assert sum(len(centre["districts"]) for centre in centres.values()) == 13


def test_the_limits_of_the_deck_hold_before_and_after_the_statute(shipped: OfficeBook) -> None:
    special, statutory = (shipped.at(day)["programme"] for day in (date(2024, 3, 31), date(2024, 4, 1)))
    assert "第６条の３第19項" in statutory["legal_basis"]
    assert "第６条の３第19項" not in special["legal_basis"]
    for programme in (special, statutory):
        assert programme["started"] == "2023-06-01"
        limits = [programme[name] for name in ("minutes_per_visit", "visits_per_week", "months", "fee")]
        assert limits == [120, 1, 6, 0]


def test_the_mayor_who_signs_is_the_mayor_of_the_city(shipped: OfficeBook) -> None:
    signed = [
        (record, office["city"])
        for office in shipped.views
        for record in office["signatory"].values()
        if record["by"] == "mayor"
    ]
    assert signed
    assert all(
        (record["title"], record["name"]) == (city["mayor_title"], city["mayor_name"])
        for record, city in signed
    )


def test_seals_and_signers_are_of_the_known_kinds(shipped: OfficeBook) -> None:
    records = [record for office in shipped.views for record in office["signatory"].values()]
    assert {record["by"] for record in records} <= {"mayor", "centre", "division"}
    assert {record["seal"] for record in records} <= {"公印", "（公印省略）", ""}


def test_only_a_refusal_carries_an_appeal_notice_of_the_law_in_force(shipped: OfficeBook) -> None:
    for day in (date(2023, 6, 1), date(2024, 4, 1)):
        notices = shipped.at(day)["appeal"]
        assert notices["decision_notice"]["text"] == []
        text = "".join(notices["refusal_notice"]["text"])
        assert "３か月以内" in text
        assert "６か月以内" in text
        assert "60日" not in text


def test_the_meeting_has_its_members_of_both_years(shipped: OfficeBook) -> None:
    for day in (date(2022, 7, 1), date(2023, 7, 1)):
        members = shipped.at(day)["meeting"]["庁内連携会議"]["members"]
        assert len(members) == 7
        assert sum(member["field"] == "実施機関代表" for member in members) == 2


def test_no_officer_but_the_mayor_is_named(shipped: OfficeBook) -> None:
    records = [
        record
        for office in shipped.views
        for kind in office.values()
        for record in (kind.values() if isinstance(kind, ById | ByPaper) else [kind])
    ]
    names = {
        value
        for record in records
        for member, value in record.items()
        if member in ("head_name", "contact_name")
    }
    assert names == {"○○　○○", ""}, "an agency's officer is left blank: its letter says 御中"
