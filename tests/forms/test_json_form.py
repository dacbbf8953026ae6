"""The JSON gate against the corpus of reliability §4.1 (J01–J50) and the encodings clerks really send."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.envelope import MEMBERS
from pipeline.forms.json_form import MAX_DEPTH, read_json_form
from pipeline.forms.reader import Unreadable, read_form
from pipeline.model import Submission

GOOD = '{"form": "meeting_minutes", "place": "市役所"}'


def codes(data: bytes) -> tuple[set[str], bool]:
    outcome = read_json_form(data)
    assert not isinstance(outcome, Submission), "was read"
    problems, incomplete = outcome
    return {problem.code for problem in problems}, incomplete


REFUSED = {
    "J06 two documents": (b'{"form":"a"}{"form":"b"}', "JSON_TRAILING"),
    "J07 trailing comma": (b'{"form":"a",}', "JSON"),
    "J08 comment": (b'{/* x */"form":"a"}', "JSON"),
    "J09 single quotes": (b"{'form':'a'}", "JSON"),
    "J10 array": (b"[1]", "NOT_A_FORM"),
    "J10 string": (b'"form"', "NOT_A_FORM"),
    "J10 null": (b"null", "NOT_A_FORM"),
    "J11 same key twice": (b'{"form":"a","x":1,"x":1}', "JSON_DUPLICATE_KEY"),
    "J13 deep duplicate": (b'{"form":"a","x":{"y":{"z":{"u":{"v":1,"v":2}}}}}', "JSON_DUPLICATE_KEY"),
    "J14 duplicate by escape": (b'{"form":"a","a":1,"\\u0061":2}', "JSON_DUPLICATE_KEY"),
    "J15 NaN": (b'{"form":"a","x":NaN}', "JSON_NUMBER"),
    "J16 -Infinity": (b'{"form":"a","x":-Infinity}', "JSON_NUMBER"),
    "J17 1e999": (b'{"form":"a","x":1e999}', "JSON_NUMBER"),
    "J18 5,000 digits": (b'{"form":"a","x":' + b"9" * 5000 + b"}", "JSON_NUMBER"),
    "J19 2^53+1": (b'{"form":"a","x":9007199254740993}', "JSON_NUMBER"),
    "J22 long fraction": (b'{"form":"a","x":0.' + b"1" * 400 + b"}", "JSON_NUMBER"),
    "J23 100,000 [": (b"[" * 100_000, "JSON_DEPTH"),
    "J24 too deep": (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), "JSON_DEPTH"),
    "J27 million elements": (b'{"form":"a","x":[' + b"1," * 999_999 + b"1]}", "LIMIT"),
    "J30 one huge string": (b'{"form":"a","x":"' + b"x" * 9_000_000 + b'"}', "LIMIT"),
    "J32 UTF-16LE": (GOOD.encode("utf-16"), "ENCODING"),
    "J33 UTF-16BE, no mark": (GOOD.encode("utf-16-be"), "ENCODING"),
    "J33 UTF-16LE, no mark": (GOOD.encode("utf-16-le"), "ENCODING"),
    "J34 UTF-32": (GOOD.encode("utf-32"), "ENCODING"),
    "J35 CP932": (GOOD.encode("cp932"), "ENCODING"),
    "J36 EUC-JP": (GOOD.encode("euc-jp"), "ENCODING"),
    "J37 Latin-1": (b'{"form":"caf\xe9 "}', "ENCODING"),
    "J38 overlong": (b'{"form":"\xc0\xaf"}', "ENCODING"),
    "J39 surrogate bytes": (b'{"form":"\xed\xa0\xbd"}', "ENCODING"),
    "J41 raw control": (b'{"form":"a\x01b"}', "JSON"),
    "J46 docx bytes": (b"PK\x03\x04rest", "TYPE"),
    "J47 gzip": (gzip.compress(GOOD.encode()), "TYPE"),
    "J48 HTML page": (b"<html>error</html>", "TYPE"),
    "no form": (b'{"place":"x"}', "FORM_MISSING"),
    "form is a number": (b'{"form":1}', "FORM_MISSING"),
    "a draft": (b'{"todoke_draft":"a","form_version":1,"boxes":{"x":"1"}}', "DRAFT"),
}  # fmt: skip

# Told with everything else that is wrong with the form; what is not as it must be is left out.
WRONG_AROUND = {
    "version is text": ('"form_version":"1"', "FORM_VERSION"),
    "version is yes": ('"form_version":true', "FORM_VERSION"),
    "case id is a path": ('"case_id":"../../etc"', "CASE_FORMAT"),
    "case id is empty": ('"case_id":""', "CASE_FORMAT"),
    "submission id is a list": ('"submission_id":["a"]', "CASE_FORMAT"),
    "corrects is a number": ('"corrects":20240226', "CORRECTS_FORMAT"),
    "reason is a list": ('"correction_reason":["x"]', "CORRECTION_REASON"),
    "withdraws is yes": ('"withdraws":true', "CORRECTS_FORMAT"),
}

UNFINISHED = {
    "J01 empty": b"",
    "J02 blank": b" \n\t ",
    "J03 truncated": b'{"a":1',
    "J03 inside a string": b'{"form":"meet',
    "J04 NUL tail": GOOD.encode() + b"\0" * 4096,
    "J05 all NUL": b"\0" * 4096,
    "J40 cut inside a character": GOOD.encode()[:-5],
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_code(name: str) -> None:
    data, code = REFUSED[name]
    found, incomplete = codes(data)
    assert found == {code}
    assert not incomplete, "would wait for ten minutes instead of answering"


@pytest.mark.parametrize("name", WRONG_AROUND)
def test_what_is_wrong_round_the_values_does_not_hide_them(name: str) -> None:
    member, code = WRONG_AROUND[name]
    outcome = read_json_form(f'{{"form":"a",{member},"x":1}}'.encode())
    assert isinstance(outcome, Submission)
    key = member.split('"')[1]
    assert [(problem.code, problem.pointer) for problem in outcome.problems] == [(code, f"/{key}")]
    assert getattr(outcome, key) is None
    assert outcome.values == {"x": 1}


def test_what_puts_an_earlier_form_right_is_no_value() -> None:
    outcome = read_json_form(
        b'{"form":"a","corrects":"20240226-0001","correction_reason":"x\\r\\ny","withdraws":null,"x":1}'
    )
    assert isinstance(outcome, Submission)
    assert (outcome.corrects, outcome.correction_reason, outcome.withdraws) == ("20240226-0001", "x\ny", None)
    assert outcome.values == {"x": 1}
    assert [note.code for note in outcome.notes] == ["CRLF"]


@pytest.mark.parametrize("name", UNFINISHED)
def test_a_file_still_arriving_is_not_judged(name: str) -> None:
    assert codes(UNFINISHED[name])[1]


def test_every_prefix_of_a_good_file_waits() -> None:
    data = '{"form": "a", "values": [1, true, null, {"名": "𠮷\\n"}], "n": -1.5}'.encode()
    for cut in range(len(data)):
        assert codes(data[:cut])[1], data[:cut]


@pytest.mark.parametrize(
    "data", [b"\xef\xbb\xbf" + GOOD.encode(), GOOD.replace(",", ",\r\n").encode(), GOOD.encode() + b"\n"]
)
def test_byte_order_mark_and_line_ends_are_accepted(data: bytes) -> None:
    outcome = read_json_form(data)
    assert isinstance(outcome, Submission)
    assert outcome.values == {"place": "市役所"}


def test_null_means_not_filled_at_every_depth() -> None:
    outcome = read_json_form(
        b'{"form":"a","x":null,"g":{"y":null,"z":1},"h":{"i":{"j":null}},"list":[{"u":null}]}'
    )
    assert isinstance(outcome, Submission)
    assert outcome.values == {"g": {"z": 1}, "list": [{}]}


def test_boxes_of_spaces_are_empty_boxes_and_rows_keep_their_numbers() -> None:
    outcome = read_json_form(
        '{"form":"a","x":"　 ","plan":{"goals":[],"n":null},"rows":[{},{"u":" "},{"u":1},""]}'.encode()
    )
    assert isinstance(outcome, Submission)
    assert outcome.values == {"rows": [{}, {}, {"u": 1}, ""]}


def test_line_ends_inside_a_value_are_unified_and_noted() -> None:
    outcome = read_json_form(b'{"form":"a","x":"one\\r\\ntwo\\rthree"}')
    assert isinstance(outcome, Submission)
    assert outcome.values["x"] == "one\ntwo\nthree"
    assert [(note.code, note.pointer) for note in outcome.notes] == [("CRLF", "")]


_plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=30).filter(
    str.strip
)
_scalar = st.booleans() | st.integers(-(2**53), 2**53) | _plain
_trees = st.recursive(
    _scalar,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4) | st.dictionaries(_plain, inner, min_size=1, max_size=4)
    ),
    max_leaves=20,
)


@given(
    st.dictionaries(
        _plain.filter(lambda key: key not in MEMBERS),
        _trees,
        max_size=5,
    )
)
def test_values_arrive_code_point_for_code_point(values: dict[str, object]) -> None:
    for ascii_only in (True, False):
        outcome = read_json_form(json.dumps({"form": "a", **values}, ensure_ascii=ascii_only).encode())
        assert isinstance(outcome, Submission)
        assert outcome.values == values


@given(st.binary(max_size=200))
def test_no_bytes_ever_raise(data: bytes) -> None:
    assert isinstance(read_form("x.json", data, {}), (Submission, Unreadable))


@pytest.mark.parametrize(
    ("name", "code"),
    [("a.pdf", "TYPE"), ("a.docm", "TYPE"), ("a.exe", "TYPE")],
)
def test_other_files_are_answered_by_type(name: str, code: str) -> None:
    outcome = read_form(name, GOOD.encode(), {})
    assert isinstance(outcome, Unreadable)
    assert [problem.code for problem in outcome.problems] == [code]
    assert not outcome.incomplete


def test_the_suffix_may_be_in_capitals() -> None:
    assert isinstance(read_form("form.JSON", GOOD.encode(), {}), Submission)
