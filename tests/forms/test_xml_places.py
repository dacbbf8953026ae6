"""A part keeps its text; only the edits change it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.forms.xml_places import MAX_BRACKETS, Edit, read_xml
from pipeline.ooxml import parse, serialize

PART = "<?xml version='1.0' encoding='{0}'?><!-- > --><a x='1>2' y=\"'\"><b >葛󠄀&amp;𠮷</b ><c/><b:d xmlns:b='u' b:e='v'/>尾</a>"
NAMES = st.sampled_from(["a", "b", "名", "x.y"])
TREES = st.recursive(
    st.sampled_from(["", "字", "&lt;", "<!--<b>-->", "<![CDATA[<x>]]>", "<?p >?>"]),
    lambda inner: st.lists(
        st.builds("<{0} k='>/'>{1}</{0}>".format, NAMES, inner) | st.builds("<{0}/>".format, NAMES) | inner,
        max_size=4,
    ).map("".join),
    max_leaves=20,
)


@given(TREES)
def test_every_element_stands_where_it_is_said_to(inside: str) -> None:
    part = read_xml(f"<r>{inside}</r>".encode())
    nodes = list(part.root.walk())
    assert [node.name for node in nodes] == [e.tag for e in parse(part.utf8).iter() if isinstance(e.tag, str)]
    for node in nodes:
        text = part.utf8[node.start : node.end]
        assert parse(text).tag == node.name
        assert node.is_bare == text.endswith(b"/>") and part.utf8[node.closed : node.end] in (
            b"",
            f"</{node.name}>".encode(),
        )


@pytest.mark.parametrize(
    ("encoding", "mark", "codec"),
    [
        ("UTF-8", b"", "utf-8"),
        ("UTF-8", b"\xef\xbb\xbf", "utf-8"),
        ("UTF-16", b"\xff\xfe", "utf-16-le"),
        ("UTF-16", b"\xfe\xff", "utf-16-be"),
        ("UTF-16LE", b"", "utf-16-le"),
        ("UTF-16BE", b"", "utf-16-be"),
    ],
)
def test_a_part_stays_in_its_encoding(encoding: str, mark: bytes, codec: str) -> None:
    data = mark + PART.format(encoding).encode(codec)
    part = read_xml(data)
    assert part.edited([]) == data
    b, c = part.root.children[0], part.root.children[1]
    edited = part.edited([Edit(c.start, c.end), Edit(b.end, b.end, "<n>㋿</n>"), Edit(b.end, b.end, "<m/>")])
    assert edited == mark + PART.format(encoding).replace("<c/>", "<n>㋿</n><m/>").encode(codec)


def test_what_an_encoding_cannot_hold_is_written_as_a_reference() -> None:
    part = read_xml(b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>")
    assert (
        part.edited([part.appended("字")])
        == b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9&#23383;</a>"
    )


def test_a_root_of_a_single_tag_is_opened() -> None:
    part = read_xml(b"<p:a xmlns:p='u' />")
    assert parse(part.edited([part.appended("<p:b/>")])).find("{u}b") is not None
    assert serialize(parse(part.edited([part.appended("<p:b/>")]))) == '<p:a xmlns:p="u"><p:b/></p:a>'


def test_edits_that_overlap_are_refused() -> None:
    part = read_xml(b"<a><b/><c/></a>")
    with pytest.raises(ValueError, match="overlap"):
        part.edited([Edit(3, 11), Edit(7, 11)])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<a>",
        b"<!DOCTYPE a><a/>",
        b"<?xml version='1.0' encoding='UTF-16'?><a/>" + b"\0",
        b"<?xml version='1.0' encoding='rot13'?><a/>",
        b"<?xml version='1.0' encoding='ISO-2022-JP'?><a>\x1b$B;z\x1b(B\x1b$B;z\x1b(B</a>",
        b"<a>" * 300 + b"</a>" * 300,
    ],
)
def test_what_cannot_be_kept_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        read_xml(data)


def test_a_part_too_large_to_be_marked_is_told_so_at_once() -> None:
    read_xml(b"<r>" + b"<b/>" * (MAX_BRACKETS - 2) + b"</r>")
    with pytest.raises(ValueError, match="size"):
        read_xml(b"<r>" + b"<b/>" * MAX_BRACKETS + b"</r>")
