from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.errors import WrongPasswordError

from pipeline.errors import OfficeFault
from pipeline.papers import packet
from pipeline.papers.packet import bind, seal

TITLES = st.text(st.characters(categories=["L", "N", "P", "So"]), min_size=1)


def paper(pages: int, *, width: int = 200, password: str = "", author: str = "見本　太郎") -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    for _ in range(pages):
        writer.add_blank_page(width, 300)
    writer.add_metadata(
        {"/Author": author, "/Producer": "LibreOffice", "/CreationDate": "D:20230601090000+09'00'"}
    )
    if pages:
        writer.add_outline_item(title="しおり", page_number=0)
    if password:
        writer.encrypt(password)
    writer.write(out)
    return out.getvalue()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(TITLES, st.integers(1, 4)), min_size=1, max_size=5))
def test_every_paper_is_there_in_order_bookmarked_and_labelled(papers: list[tuple[str, int]]) -> None:
    parts = [(title, paper(pages, width=100 + n)) for n, (title, pages) in enumerate(papers)]
    reader = PdfReader(io.BytesIO(bind(parts, "一式")))
    widths = [100 + n for n, (_, pages) in enumerate(papers) for _ in range(pages)]
    labels = [f"{n}-{page}" for n, (_, pages) in enumerate(papers, 1) for page in range(1, pages + 1)]
    assert [page.mediabox.width for page in reader.pages] == widths
    assert [mark.title for mark in reader.outline] == [title for title, _ in papers]
    assert reader.page_labels == labels


def test_the_same_parts_make_the_same_bytes_and_others_another_identifier() -> None:
    parts = [("決定通知書", paper(1)), ("派遣依頼書", paper(2))]
    first, second, turned = bind(parts, "一式"), bind(parts, "一式"), bind(parts[::-1], "一式")
    assert first == second
    identifiers = [
        PdfReader(io.BytesIO(data)).trailer["/ID"] for data in (first, turned, bind(parts, "別の一式"))
    ]
    assert len({str(identifier) for identifier in identifiers}) == 3


def test_title_and_language_are_said_and_nobodys_name_is() -> None:
    bound = bind([("決定通知書", paper(1, author="Author Mihon"))], "派遣決定一式")
    reader = PdfReader(io.BytesIO(bound))
    assert reader.metadata is not None and reader.metadata.title == "派遣決定一式"
    assert reader.root_object["/Lang"] == "ja-JP"
    assert reader.root_object["/PageMode"] == "/UseOutlines"
    assert b"Mihon" not in bound and b"LibreOffice" not in bound and b"2023" not in bound
    assert set(reader.metadata) <= {"/Title", "/Producer", "/CreationDate", "/ModDate"}
    assert not reader.is_encrypted


@pytest.mark.parametrize("bad", [b"", b"%PDF-1.7 garbage", paper(1)[:200], paper(1, password="x"), paper(0)])
def test_a_part_that_cannot_be_bound_is_named(bad: bytes) -> None:
    with pytest.raises(OfficeFault) as caught:
        bind([("決定通知書", paper(1)), ("壊れた書類", bad)], "一式")
    assert caught.value.code == "PDF_PACKET" and "「壊れた書類」" in str(caught.value)


def test_an_empty_packet_is_refused() -> None:
    with pytest.raises(OfficeFault, match="PDF_PACKET"):
        bind([], "一式")


def test_a_packet_that_lost_something_on_the_way_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [("決定通知書", paper(1)), ("派遣依頼書", paper(1))]
    longer = bind([("決定通知書", paper(1)), ("派遣依頼書", paper(2))], "一式")
    for lost in (paper(2), bind(parts[:1], "一式"), bind(parts[::-1], "一式"), longer, b""):
        monkeypatch.setattr(packet, "_write", lambda _, lost=lost: lost)
        with pytest.raises(OfficeFault, match="読み返せません"):
            bind(parts, "一式")
        monkeypatch.undo()


KEY = "ABCD-EFGH-JKLM-NPQR-STUV-WXYZ"


def test_a_sealed_packet_opens_with_its_key_only_and_says_nothing_without() -> None:
    bound = bind([("派遣依頼書", paper(2)), ("支援計画書", paper(1))], "依頼一式")
    sealed = seal(bound, KEY, "依頼一式")
    assert PdfReader(io.BytesIO(sealed), password=KEY).metadata.title == "依頼一式"  # type: ignore[union-attr]
    with pytest.raises(WrongPasswordError):
        PdfReader(io.BytesIO(sealed), password=KEY[:-1])
    assert "依頼一式".encode("utf-16-be") not in sealed and "派遣依頼書".encode("utf-16-be") not in sealed
    assert PdfReader(io.BytesIO(sealed)).trailer["/Encrypt"]["/V"] == 5  # AES-256


def test_a_seal_that_lost_a_page_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = bind([("派遣依頼書", paper(2))], "依頼一式")
    real = packet._write

    def lossy(writer: PdfWriter) -> bytes:
        writer.remove_page(0)
        return real(writer)

    monkeypatch.setattr(packet, "_write", lossy)
    with pytest.raises(OfficeFault, match="同じ内容に開きません"):
        seal(bound, KEY, "依頼一式")
