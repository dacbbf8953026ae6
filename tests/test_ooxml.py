from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ooxml import (
    MAX_PART,
    Member,
    PackageError,
    XmlError,
    deflate,
    docx_text,
    make_slot,
    pack,
    parse,
    read_archive,
    read_members,
    serialize,
    write_archive,
)

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PARTS = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document>" + b"x" * 500 + b"</document>"}


def zipped(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return stream.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(PackageError) as caught:
        read_members(data)
    return caught.value.code


def patched(data: bytes, old: bytes, new: bytes, which: int = -1) -> bytes:
    """Replace one occurrence: the first (0) is the local header, the last (-1) the directory."""
    at = data.find(old) if which == 0 else data.rfind(old)
    return data[:at] + new + data[at + len(old) :]


# --- reading ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_are_read_in_order(method: int) -> None:
    data = zipped(PARTS, method)
    assert read_members(data) == PARTS
    assert [member.name for member in read_archive(data)] == list(PARTS)


def test_a_streamed_archive_with_data_descriptors_and_folders_is_read() -> None:
    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.data += bytes(data)  # type: ignore[call-overload]
            return len(bytes(data))  # type: ignore[call-overload]

    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/", b"")
        for name, data in PARTS.items():
            archive.writestr(name, data)
    assert read_members(stream.data) == PARTS


GOOD = zipped(PARTS)


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("TRUNCATED", b""),
        ("TRUNCATED", GOOD[: len(GOOD) // 2]),
        ("TRUNCATED", GOOD[:-200] + b"\0" * 200),
        ("ZIP_TRAILER", GOOD + b"\0" * 30_000),
        ("ZIP_PREFIX", b"MZ" + GOOD),
        ("TYPE", b"%PDF-1.7"),
        ("OPC", zipped({})),
        ("LEGACY", b"\xd0\xcf\x11\xe0" + b"\0" * 600),
        ("ENCRYPTED", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le")),
        ("ZIP_DUP", zipped({"word/document.xml": b"a", "Word/Document.xml": b"b"})),
        ("ZIP_PATH", zipped({"a": b"", "../../evil": b""})),
        ("ZIP_PATH", zipped({"a": b"", "/abs": b""})),
        ("ZIP_PATH", zipped({"a": b"", "C:/x": b""})),
        ("ZIP_PATH", zipped({"a": b"", "b\\..\\x": b""})),
        ("ZIP_PATH", zipped({"a": b"", "b\x07": b""})),
        ("ZIP_METHOD", zipped(PARTS, zipfile.ZIP_LZMA)),
        ("ZIP_METHOD", zipped(PARTS, zipfile.ZIP_BZIP2)),
        ("ZIP_COUNT", zipped({str(n): b"" for n in range(2_001)})),
        ("ZIP_HEADER", patched(GOOD, b"word/document.xml", b"word/documenX.xml", 0)),
        ("ZIP_CRC", patched(zipped(PARTS, zipfile.ZIP_STORED), b"xxx", b"xyx", 0)),
    ],
)
def test_a_bad_container_is_refused_with_its_code(code: str, data: bytes) -> None:
    assert refusal(data) == code


def central_entry(
    name: bytes, flags: int, crc: int, packed: int, size: int, offset: int, attributes: int = 0
) -> bytes:
    fields = (20, 20, flags, 8, 0, 0x21, crc, packed, size, len(name), 0, 0, 0, 0, attributes, offset)
    return struct.pack("<4s6H3I5H2I", b"PK\x01\x02", *fields) + name


def test_members_that_share_bytes_are_refused() -> None:
    data = b"x" * 1000
    raw = zlib.compress(data)[2:-4]
    local = struct.pack(
        "<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0x21, zlib.crc32(data), len(raw), len(data), 1, 0
    )
    body = local + b"a" + raw
    entries = central_entry(b"a", 0, zlib.crc32(data), len(raw), len(data), 0) * 1
    entries += central_entry(b"b", 0, zlib.crc32(data), len(raw), len(data), 0)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 2, 2, len(entries), len(body), 0)
    assert refusal(body + entries + end) in ("ZIP_OVERLAP", "ZIP_HEADER")
    # With a true local header of its own inside the first member's bytes ("quoted overlap"):
    quoted = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0x21, 0, 0, 0, 1, 0) + b"b"
    stored = struct.pack(
        "<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0x21, zlib.crc32(quoted), len(quoted), len(quoted), 1, 0
    )
    body = stored + b"a" + quoted
    entries = central_entry(b"a", 0, zlib.crc32(quoted), len(quoted), len(quoted), 0).replace(
        struct.pack("<H", 8), struct.pack("<H", 0), 1
    )
    entries += central_entry(b"b", 0, 0, 0, 0, len(stored) + 1).replace(
        struct.pack("<H", 8), struct.pack("<H", 0), 1
    )
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 2, 2, len(entries), len(body), 0)
    assert refusal(body + entries + end) == "ZIP_OVERLAP"


def with_facts(packed: bytes, size: int, flags: int = 0, attributes: int = 0) -> bytes:
    """An archive of one member that says what we like of itself."""
    local = (
        struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, flags, 8, 0, 0x21, 0, len(packed), size, 1, 0)
        + b"a"
        + packed
    )
    entry = central_entry(b"a", flags, 0, len(packed), size, 0, attributes)
    return local + entry + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(entry), len(local), 0)


def test_sizes_are_not_believed() -> None:
    bomb = zlib.compress(b"\0" * 5_000_000)[2:-4]
    assert refusal(with_facts(bomb, 10)) == "ZIP_SIZE"
    assert refusal(with_facts(bomb, MAX_PART + 1)) == "ZIP_SIZE"
    assert refusal(with_facts(bomb, 6_000_000)) == "ZIP_SIZE"
    assert refusal(with_facts(b"\xff\xff", 10)) == "ZIP_CRC"


def test_a_bomb_is_not_inflated_beyond_its_promise() -> None:
    bomb = with_facts(zlib.compress(b"\0" * 20_000_000)[2:-4], 10)
    tracemalloc.start()
    assert refusal(bomb) == "ZIP_SIZE"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_encryption_and_links_are_refused() -> None:
    assert refusal(with_facts(b"", 0, flags=1)) == "ENCRYPTED"
    assert refusal(with_facts(b"", 0, attributes=0o120777 << 16)) == "ZIP_ATTR"


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for candidate in (data, GOOD[:60] + data, GOOD[: -len(data) or None] + data):
        try:
            read_members(candidate)
        except PackageError as error:
            assert error.code


# --- writing ------------------------------------------------------------------------------------------------------


def test_an_archive_is_written_as_python_reads_it() -> None:
    parts = {**PARTS, "文書/見本.xml": "日本語".encode(), "empty": b""}
    data = pack(parts)
    assert read_members(data) == parts
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == list(parts)
        assert [info.flag_bits for info in archive.infolist()] == [0, 0, 0x800, 0]


def test_kept_members_keep_their_deflated_bytes_and_their_place() -> None:
    members = read_archive(GOOD)
    slots = [make_slot(members[0].name, members[0]), make_slot(members[1].name)]
    data = write_archive(slots, [deflate("word/document.xml", b"<new/>")])
    first, second = read_archive(data)
    assert first == members[0]
    assert second.content() == b"<new/>"
    assert data == write_archive(slots, [deflate("word/document.xml", b"<new/>")])


@given(
    st.dictionaries(
        st.text("abc/語", min_size=1, max_size=9).filter(lambda n: not {""} & set(n.split("/"))),
        st.binary(max_size=300),
        max_size=5,
        min_size=1,
    )
)
def test_what_is_packed_is_read_back(parts: dict[str, bytes]) -> None:
    assert read_members(pack(parts)) == parts


def test_a_members_content_is_checked() -> None:
    good = deflate("a", b"abc")
    with pytest.raises(PackageError, match="ZIP_CRC"):
        Member("a", good.method, good.crc ^ 1, good.size, good.raw).content()


# --- XML ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("XML_DTD", b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'),
        ("XML_DTD", b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>'),
        ("XML_DTD", '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16")),
        ("XML_DTD", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'),
        ("XML", b"<a>"),
        ("XML", b""),
        ("XML", b"<a>&x;</a>"),
        ("XML", b"<a>\x0b</a>"),
        ("XML", b"<a>" * 3_000 + b"</a>" * 3_000),
        ("XML", b"<a>" + b"x" * 10_000_001 + b"</a>"),
    ],
)
def test_xml_is_refused_not_repaired(code: str, data: bytes) -> None:
    with pytest.raises(XmlError) as caught:
        parse(data)
    assert caught.value.code == code


def test_xml_is_read_in_the_encodings_it_declares() -> None:
    root = parse('<?xml version="1.0" encoding="UTF-16"?><a>髙</a>'.encode("utf-16"))
    assert serialize(root) == "<a>髙</a>"


# --- text ---------------------------------------------------------------------------------------------------------


def word(body: str, namespace: str = W, **more: str) -> bytes:
    rels = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://x/officeDocument" Target="word/document.xml"/></Relationships>'
    parts = {
        "_rels/.rels": rels,
        "word/document.xml": f'<w:document xmlns:w="{namespace}"><w:body>{body}</w:body></w:document>',
    }
    parts |= {
        f"word/{name}.xml": f'<w:{name[:3]} xmlns:w="{namespace}">{xml}</w:{name[:3]}>'
        for name, xml in more.items()
    }
    return pack({name: xml.encode() for name, xml in parts.items()})


def p(*runs: str) -> str:
    return (
        "<w:p>"
        + "".join(run if run.startswith("<") else f"<w:r><w:t>{run}</w:t></w:r>" for run in runs)
        + "</w:p>"
    )


def test_text_is_body_then_headers_then_footers() -> None:
    data = word(p("本", "文") + p("次"), footer1=p("下"), header2=p("上二"), header1=p("上一"))
    assert docx_text(data) == "本文\n次\n上一\n上二\n下"


def test_cells_are_joined_by_tabs_and_rows_are_lines() -> None:
    cells = ["".join(f"<w:tc><w:tcPr/>{p(t)}</w:tc>" for t in row) for row in (("一", "二"), ("三", "四"))]
    assert (
        docx_text(word("<w:tbl>" + "".join(f"<w:tr>{c}</w:tr>" for c in cells) + "</w:tbl>"))
        == "一\t二\n三\t四"
    )


@pytest.mark.parametrize(
    ("run", "text"),
    [
        ("<w:r><w:t>一</w:t><w:br/><w:t>二</w:t></w:r>", "一\n二"),
        ("<w:r><w:t>一</w:t><w:tab/><w:t>二</w:t></w:r>", "一\t二"),
        ('<w:r><w:br w:type="page"/><w:t>二</w:t></w:r>', "二"),
        ("<w:sdt><w:sdtContent><w:r><w:t>欄</w:t></w:r></w:sdtContent></w:sdt>", "欄"),
        ("<w:ins><w:r><w:t>加</w:t></w:r></w:ins>", "加"),
        ("<w:del><w:r><w:delText>消</w:delText></w:r></w:del>", ""),
        ("<w:r><w:rPr><w:vanish/></w:rPr><w:t>隠</w:t></w:r>", ""),
        ('<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>見</w:t></w:r>', "見"),
        (
            "<w:r><w:ruby><w:rt><w:r><w:t>よみ</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>親</w:t></w:r></w:rubyBase></w:ruby></w:r>",
            "親",
        ),
        (
            "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>箱</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>",
            "\n箱",
        ),
    ],
)
def test_text_is_what_a_reader_sees(run: str, text: str) -> None:
    assert docx_text(word(p(run))) == text


def test_the_strict_vocabulary_is_read_too() -> None:
    assert docx_text(word(p("厳"), "http://purl.oclc.org/ooxml/wordprocessingml/main")) == "厳"


def test_a_file_without_a_body_is_refused() -> None:
    with pytest.raises(PackageError, match="OPC"):
        docx_text(pack({"a.xml": b"<a/>"}))
