"""Archives no honest program writes, and odd ones that honest programs do: rows Z of the bad-input corpus."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.ooxml import read_members
from tests.forms.damage import Broken
from tests.forms.word_filling import MAIN

DEFLATED = 8
LATEST = (127 << 9 | 12 << 5 | 31) & 0xFFFF  # 2107-12-31


@dataclass(frozen=True)
class Raw:
    """One member as it will lie in the archive. What is None is told truly."""

    name: bytes
    data: bytes
    method: int = DEFLATED
    flags: int = 0
    size: int | None = None  # as the archive says
    crc: int | None = None
    local_name: bytes | None = None
    local_size: int | None = None
    extra: bytes = b""
    attributes: int = 0
    day: int = 0x21
    gap: bytes = b""  # what lies before it

    @property
    def packed(self) -> bytes:
        if self.method == 0:
            return self.data
        stream = zlib.compressobj(9, zlib.DEFLATED, -15)
        return stream.compress(self.data) + stream.flush()


Entries = list[Raw]


def entries_of(data: bytes) -> Entries:
    return [Raw(name.encode(), part) for name, part in read_members(data).items()]


def archive_of(
    entries: Sequence[Raw], tail: bytes = b"", comment: bytes = b"", disk: int = 0, count: int | None = None
) -> bytes:
    """Return the archive, `tail` between the last member and the directory."""
    body, directory = b"", b""
    for entry in entries:
        packed = entry.packed
        crc = zlib.crc32(entry.data) if entry.crc is None else entry.crc
        size = len(entry.data) if entry.size is None else entry.size
        told = min(size, 0xFFFFFFFF)
        local_size = told if entry.local_size is None else entry.local_size
        local_name = entry.local_name or entry.name
        body += entry.gap
        offset = len(body)
        facts = (20, entry.flags, entry.method, 0, entry.day, crc, len(packed))
        local = struct.pack("<4s5H3I2H", b"PK\3\4", *facts, local_size, len(local_name), len(entry.extra))
        body += local + local_name + entry.extra + packed
        sizes = (told, len(entry.name), len(entry.extra), 0, 0, 0, entry.attributes, offset)
        directory += struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, *facts, *sizes) + entry.name + entry.extra
    body += tail
    number = len(entries) if count is None else count
    end = struct.pack("<4s4H2IH", b"PK\5\6", disk, 0, number, number, len(directory), len(body), len(comment))
    return body + directory + end + comment


def _changed(change: Callable[[Entries], Entries]) -> Callable[[bytes], bytes]:
    return lambda data: archive_of(change(entries_of(data)))


def _with(*more: Raw) -> Callable[[bytes], bytes]:
    return _changed(lambda entries: [*entries, *more])


def _main(**facts: object) -> Callable[[bytes], bytes]:
    """The body of the form with something else told about it."""
    return _changed(lambda entries: [replace(e, **facts) if e.name == MAIN.encode() else e for e in entries])  # type: ignore[arg-type]


def _full_overlap(data: bytes) -> bytes:
    """Two hundred entries over one kernel of zeros: a small file that inflates to 200 MB."""
    kernel = archive_of([Raw(b"kernel", b"\0" * 2**20)])
    start = kernel.index(b"PK\1\2")
    entry = kernel[start : kernel.rindex(b"PK\5\6")]
    twins = b"".join(entry.replace(b"kernel", b"k%05d" % number) for number in range(200))
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 200, 200, len(twins), start, 0)
    return kernel[:start] + twins + end


def _quoted_overlap(_: bytes) -> bytes:
    """The header of the second file quoted as stored bytes inside the first: both share the kernel behind it."""
    second = archive_of([Raw(b"b", b"\0" * 2**20)])
    kernel = second[: second.index(b"PK\1\2")]
    quoting = archive_of([Raw(b"a", kernel, method=0)])
    first = quoting[: quoting.index(b"PK\1\2")]
    offset = first.index(b"PK\3\4", 4)
    entries = quoting[len(first) : quoting.rindex(b"PK\5\6")]
    twin = bytearray(second[len(kernel) : second.rindex(b"PK\5\6")])
    twin[42:46] = struct.pack("<L", offset)
    directory = entries + bytes(twin)
    return first + directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 2, 2, len(directory), len(first), 0)


def _second_end_in_comment(data: bytes) -> bytes:
    false_end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0, 0, 0, 0, 0)
    return archive_of(entries_of(data), comment=b"x" * 60_000 + false_end)


def _other_type(name: bytes) -> Callable[[bytes], bytes]:
    def spoil(data: bytes) -> bytes:
        return archive_of(
            [
                replace(e, data=e.data.replace(b"wordprocessingml.document.main", name))
                for e in entries_of(data)
            ]
        )

    return spoil


def broken_archives() -> Iterator[Broken]:
    """Rows Z01 … Z33 that are refused; `name` begins with the row."""
    huge = struct.pack("<HHQQ", 1, 16, 2**40, 100)
    row = Broken
    yield row("Z01 cut in half", lambda data: data[: len(data) // 2], "TRUNCATED")
    yield row("Z02 the end is zeros", lambda data: data[:-2000] + b"\0" * 2000, "TRUNCATED")
    yield row("Z03 zeros behind the end", lambda data: data + b"\0" * 30_000, "ZIP_TRAILER")
    yield row("Z04 a program in front", lambda data: b"MZ" + b"\0" * 200 + data, "ZIP_PREFIX")
    yield row("Z04 a PDF in front", lambda data: b"%PDF-1.7\n" + data, "PDF")
    yield row("Z04 a web page in front", lambda data: b"<html></html>" + data, "HTML")
    yield row("Z05 wrong checksum of the body", _main(crc=1), "ZIP_CRC")
    yield row("Z06 the body twice", lambda data: _with(Raw(MAIN.encode(), b"<x/>"))(data), "ZIP_DUP")
    yield row("Z07 the body twice, other case", _with(Raw(b"Word/Document.XML", b"<x/>")), "ZIP_DUP")
    yield row("Z08 all over one kernel", _full_overlap, "ZIP_HEADER")  # their names lie
    yield row("Z09 quoted overlap", _quoted_overlap, "ZIP_OVERLAP")
    yield row("Z11 a picture said to be 1 GB", _with(Raw(b"word/media/x.png", b"x", size=2**30)), "ZIP_SIZE")
    yield row(
        "Z11 a picture of 80 MB of zeros", _with(Raw(b"word/media/x.png", b"\0" * 80 * 2**20)), "ZIP_SIZE"
    )
    yield row("Z11 pictures of 240 MB together", _with(*(Raw(b"m%d.png" % n, b"x", size=60 * 2**20) for n in range(4))), "ZIP_SIZE")  # fmt: skip
    yield row("Z12 text of 30 MB", _changed(lambda entries: [replace(e, data=e.data.replace("はい".encode(), b"a" * 30 * 2**20, 1)) for e in entries]), "XML_NODES")  # fmt: skip
    yield row("Z13 more inside than said", _main(size=10, local_size=10), "ZIP_SIZE")
    yield row("Z14 another name inside", _main(local_name=b"word/documenT.xml"), "ZIP_HEADER")
    yield row("Z15 another size inside", _main(local_size=7), "ZIP_HEADER")
    for name in (b"../evil", b"/abs", b"..\\..\\x", b"C:\\x", b"a//b", b"./x"):
        yield row(f"Z16 {name.decode()}", _with(Raw(name, b"")), "ZIP_PATH")
    for name in (b"word/x\0.xml", b"word/\n.xml", b"\x1b[2J"):
        yield row(f"Z17 {name!r}", _with(Raw(name, b"")), "ZIP_PATH")
    yield row("Z18 70,000 members", _many_members, "ZIP_COUNT")
    yield row("Z18 3,000 members", _with(*(Raw(b"%d" % n, b"") for n in range(3_000))), "ZIP_COUNT")
    yield row("Z19 ZipCrypto", _main(flags=1), "ENCRYPTED")
    yield row("Z20 AES", _main(method=99), "ENCRYPTED")
    for method in (1, 9, 12, 14, 93, 98):  # shrink, deflate64, bzip2, LZMA, zstd, PPMd
        yield row(f"Z24 method {method}", _main(method=method), "ZIP_METHOD")
    yield row(
        "Z25 ZIP64 with a size of a terabyte", _with(Raw(b"x", b"", size=2**40, extra=huge)), "ZIP_SIZE"
    )
    yield row("Z26 second disk", lambda data: archive_of(entries_of(data), disk=1), "ZIP")
    yield row("Z27 a second end in the comment", _second_end_in_comment, "ZIP_HEADER")
    yield row("Z28 symbolic link", _with(Raw(b"x", b"/etc/passwd", attributes=0o120777 << 16)), "ZIP_ATTR")
    yield row("Z31 drawing of Visio", _other_type(b"ms-visio.drawing.main"), "NOT_WORD")
    yield row("Z31 slides", _other_type(b"presentationml.presentation.main"), "NOT_WORD")
    yield row("Z32 empty archive", lambda _: archive_of([]), "OPC")
    yield row("Z33 hidden between members", _main(gap=b"x" * 1_025), "ZIP_GAP")
    yield row("Z33 hidden in front of the directory", lambda data: archive_of(entries_of(data), tail=b"x" * 1_025), "ZIP_GAP")  # fmt: skip


def _many_members(_: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(70_000):
            archive.writestr(str(number), b"")
    return target.getvalue()


def odd_archives() -> Iterator[tuple[str, Callable[[bytes], bytes]]]:
    """Archives that hold the same form and are read."""
    yield (
        "Z10 an archive inside, never opened",
        _with(Raw(b"word/media/x.zip", archive_of([Raw(b"y", b"z")]))),
    )
    yield "Z16 folders separated as on Windows", _changed(lambda entries: [replace(e, name=e.name.replace(b"/", b"\\")) for e in entries])  # fmt: skip
    yield "Z29 data descriptors", _streamed
    yield "Z29 folders", _with(Raw(b"word/", b"", method=0))
    yield "Z33 padding between members", _main(gap=b"\0" * 512)
    yield "Z34 dated 2107", _main(day=LATEST)
    yield "Z34 dated nothing", _main(day=0)


def _streamed(data: bytes) -> bytes:
    """As a program writes that cannot go back to fill in the sizes."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.chunks: list[bytes] = []

        def writable(self) -> bool:
            return True

        def write(self, chunk: bytes) -> int:  # type: ignore[override]
            self.chunks.append(bytes(chunk))
            return len(chunk)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in read_members(data).items():
            archive.writestr(name, part)
    return b"".join(pipe.chunks)
