"""An office's list, Excel or CSV: read as it stands, in the encoding that was said, and every fault at once."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pytest
from openpyxl import Workbook

from pipeline.addressees import METHODS, Roster, read_addressees
from pipeline.roster import UnreadableRoster, read_roster
from tests.conftest import MORNING
from tests.intake import catalogue as shipped

KINDS = shipped().office.at(MORNING.date())["addressee_kind"]
HEAD = ["種別", "学校名", "〒", "所在地", "校長名", "小5", "中１", "予備", "部数", "備考"]
ROWS: list[list[Any]] = [
    ["居宅介護支援事業所", "例示ケアプラン", "971-8000", "いわき市例示１", "", "", "", "", 3, "x"],
    ["小学校", "いわき市立見本小学校", "９７００００２", "いわき市見本２", "見本　𠮷郎", 30.0, "", 5, "", ""],
    ["民生児童委員", "例示協議会", "", "いわき市例示３", "", "", "", "", "30", ""],
    ["小学校", "いわき市立先の小学校", "970-0001", "いわき市見本１", "", "１２", "", "", "", ""],
]


def sheet(rows: Sequence[Sequence[Any]]) -> bytes:
    book, data = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(list(row))  # type: ignore[union-attr]
    book.save(data)
    return data.getvalue()


def lines(rows: Sequence[Sequence[Any]]) -> str:
    return "\r\n".join(",".join(str(cell) for cell in row) for row in rows)


def read(rows: Sequence[Sequence[Any]]) -> Roster:
    return read_addressees(read_roster(sheet(rows), "xlsx", None), KINDS)


def test_addressees_come_by_kind_and_postal_code_with_codes_and_the_usual_officers() -> None:
    roster = read([HEAD, [], *ROWS])
    assert roster.faults == ()
    assert [(s["code"], s["name"], s["postal"]) for s in roster.schools] == [
        ("s001", "いわき市立先の小学校", "970-0001"),
        ("s002", "いわき市立見本小学校", "970-0002"),
    ]
    assert roster.schools[1]["head_name"] == "見本　𠮷郎" and roster.schools[1]["head_title"] == "校長"
    assert (
        roster.schools[1]["grades"] == [{"grade": "小５", "pupils": 30}] and roster.schools[1]["spare"] == 5
    )
    assert [(a["code"], a["copies"], a.get("many")) for a in roster.agencies] == [
        ("a001", 3, None),
        ("a002", 30, True),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_a_csv_is_read_in_the_encoding_that_was_said(encoding: str) -> None:
    rows = [HEAD, *(row for row in ROWS if "𠮷" not in str(row))]
    data = lines(rows).encode("utf-8-sig" if encoding == "utf-8" else encoding)
    assert read_roster(data, "csv", encoding) == read_roster(sheet(rows), "xlsx", None)


@pytest.mark.parametrize(
    ("data", "suffix", "encoding", "words"),
    [
        ("見本,例示".encode("cp932"), "csv", "utf-8", "utf-8 では読めません"),
        (b"\x81", "csv", "cp932", "cp932 では読めません"),
        (b"a,b", "csv", None, "--encoding"),
        (sheet([HEAD]), "xlsx", "utf-8", "--encoding"),
        (b'"a', "csv", "utf-8", "引用符"),
        (b"PK\x03\x04broken", "xlsx", None, "Excel"),
        (b"%PDF-", "pdf", None, "Excel"),
        (b"a" * (16 * 2**20 + 1), "csv", "utf-8", "大きすぎます"),
        (b"a\n" * 5001, "csv", "utf-8", "大きすぎます"),
    ],
)
def test_what_is_no_list_says_why(data: bytes, suffix: str, encoding: str | None, words: str) -> None:
    with pytest.raises(UnreadableRoster, match=words):
        read_roster(data, suffix, encoding)


def test_a_list_said_to_be_in_another_encoding_is_never_taken_for_one() -> None:
    """Many bytes of UTF-8 are characters of CP932 too: then no heading is known."""
    data = lines([HEAD[:4], ROWS[0][:4]]).encode()
    try:
        roster = read_addressees(read_roster(data, "csv", "cp932"), KINDS)
    except UnreadableRoster:
        return
    assert roster.faults and not roster.agencies


def test_every_fault_comes_at_once_with_its_row_and_never_a_value() -> None:
    wrong = [
        HEAD,
        *ROWS[:2],
        ["病院", "見本病院", "", "いわき市", "", "", "", "", 1, ""],
        ["小学校", "", "97-1", "いわき市見本９", "", "たくさん", "", "", "", ""],
        ["訪問介護事業所", "見本訪問", "", "いわき市見本８", "", "", "", "", "", ""],
        ["居宅介護支援事業所", "例示 ケアプラン", "", "いわき市例示１", "", "", "", "", 2, ""],
    ]
    faults = read(wrong).faults
    assert [fault.split("：")[0] for fault in faults] == [
        "4行目の「種別」",
        "5行目の「名称」",
        "5行目の「郵便番号」",
        "5行目の「小５」",
        "6行目の「部数」",
        "7行目",
    ]
    assert not any(word in fault for fault in faults for word in ("見本", "病院", "たくさん", "97-1"))


@pytest.mark.parametrize(
    ("head", "count"),
    [
        (["種別", "名称"], 1),
        (["種別", "名称", "住所", "謎の列"], 1),
        (["種別", "名称", "住所", "所在地"], 1),
        ([], 1),
        (["名称", "謎"], 3),
    ],
)
def test_headings_nobody_knows_or_that_are_missing_are_named(head: list[str], count: int) -> None:
    assert len(read([head]).faults) == count


def test_a_given_code_stays_and_the_others_go_round_it() -> None:
    rows = [
        ["記号", "種別", "名称", "住所", "部数"],
        ["a001", "訪問介護事業所", "二", "い", 1],
        ["", "居宅介護支援事業所", "一", "ろ", 1],
    ]
    assert [a["code"] for a in read(rows).agencies] == ["a002", "a001"]


def test_how_a_letter_travels_is_read_by_the_words_lists_use() -> None:
    head, base = ["種別", "名称", "所在地", "部数", "発送方法"], ["訪問介護事業所", "いわき市例示", 1]
    ways = ["郵送", "逓送（庁内便）", "持参", "メール", ""]
    rows = [[base[0], f"例示{n}", base[1], base[2], way] for n, way in enumerate(ways)]
    assert [a.get("method") for a in read([head, *rows]).agencies] == ["郵送", "庁内便", "持参", "電子メール", None]  # fmt: skip
    (fault,) = read([head, [*rows[0][:4], "伝書鳩"]]).faults
    assert "2行目の「発送方法」" in fault and "庁内便" in fault and "伝書鳩" not in fault


def test_the_form_knows_every_way_a_list_may_name() -> None:
    schema = shipped().forms["outreach_mailing"].schema.schema
    assert schema["$defs"]["method"]["enum"] == list(METHODS)
