"""Presses Word papers into PDFs with a warm LibreOffice, and believes none of them unread.

The story calls `press.press([DocxJob(…), …])` once per submission and gets bytes and page counts.
LibreOffice's exit codes say nothing (0 for a corrupt file, 0 for a missing one), it hangs, and it leaves
children behind; so every paper has a time limit and one more chance with a fresh profile, and every PDF is
read before it is handed on.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from pipeline.errors import OfficeFault
from pipeline.papers.glyphs import ensure_glyphs
from pipeline.papers.pdf_text import PdfText, UnreadablePdf, read_pdf_text, squeeze
from pipeline.stopping import heed

FONTCONFIG = Path(__file__).resolve().parents[2] / "fonts" / "fonts.conf"
WORKER = Path(__file__).with_name("uno_worker.py")
SYSTEM_PYTHON = "/usr/bin/python3"  # the only Python that can import uno
SYSTEM_PATH = "/usr/bin:/bin"
SOCKETS = Path("/tmp")  # LibreOffice puts its sockets here whatever TMPDIR says
PROBE_SECONDS = 20.0
FAREWELL_SECONDS = 6.0
HEEDING_SECONDS = 0.2  # how long a stop may wait to be heard
TRIES = 2
NUMBER = re.compile("[0-9]+")
FULL_DISK = 16 * 2**20
INSTALL = "libreoffice-writer と python3-uno を入れてください。"

PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>ja-JP</value></prop></item>
<item oor:path="/org.openoffice.Office.Linguistic/General"><prop oor:name="DefaultLocale_CJK" oor:op="fuse"><value>ja-JP</value></prop></item>
</oor:items>
"""


@dataclass(frozen=True, slots=True)
class OfficeState:
    """What this machine can press with.

    `reason` is empty when it can; `cut` is the command that cuts the network.
    """

    soffice: str = ""
    version: str = ""
    cut: tuple[str, ...] = ()
    reason: str = ""

    @property
    def available(self) -> bool:
        """PDFs can be made."""
        return not self.reason

    @property
    def network_cut(self) -> bool:
        """LibreOffice runs without any network."""
        return bool(self.cut)


@dataclass(frozen=True, slots=True)
class DocxJob:
    """One paper to press: `text` is the visible text of `data`; each of `must_print` must be read whole."""

    title: str
    data: bytes
    text: str
    must_print: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PdfResult:
    """A pressed paper that was opened, counted and read."""

    title: str
    data: bytes
    pages: int
    bodies: tuple[str, ...] = ()  # the ink of each page without its running heads


def find_office() -> OfficeState:
    """Look for LibreOffice, its bridge to Python and a way to cut the network (F123)."""
    soffice = shutil.which("soffice")
    if soffice is None:
        return OfficeState(reason=f"LibreOfficeが見つかりません。PDFの作成に要ります。{INSTALL}")
    version = re.search(r"\d+(\.\d+)+", _ask([soffice, "--version"]) or "")
    if version is None:
        return OfficeState(
            reason=f"LibreOfficeが版を答えません。正しく動くものがPDFの作成に要ります。{INSTALL}"
        )
    if _ask([SYSTEM_PYTHON, "-I", "-c", "import uno"]) is None:
        return OfficeState(
            reason=f"LibreOfficeとの橋渡し（python3-uno）がありません。PDFの作成に要ります。{INSTALL}"
        )
    return OfficeState(soffice, version.group(), _find_cut())


def _find_cut() -> tuple[str, ...]:
    """A user namespace needs no privilege; where it is forbidden, root may still cut the network alone."""
    for cut in (("unshare", "-Urn"), ("unshare", "-n")):
        if _ask([*cut, "true"]) is not None:
            return cut
    return ()


def _ask(command: list[str]) -> str | None:
    """What a short command says; None if it fails, hangs or is not there. Its whole group ends with it."""
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.DEVNULL,
                start_new_session=True, env={"PATH": SYSTEM_PATH, "LANG": "C.UTF-8"},
            )  # fmt: skip
        except OSError:
            return None
        try:
            code = process.wait(PROBE_SECONDS)
        except subprocess.TimeoutExpired:
            code = None
        _kill_group(process.pid)
        process.wait()
        said.seek(0)
        return said.read().decode("utf-8", "replace") if code == 0 else None


class PdfPress:
    """One LibreOffice of our own, started by the first paper and stopped at the end of the `with` block.

    `temp` is a folder for the private copies and profiles (removed at the end). `paper_seconds` limits each
    paper, `start_seconds` the start; after `recycle_after` papers LibreOffice is replaced, since it grows. Not for
    use by two threads at once.
    """

    def __init__(
        self,
        temp: Path,
        office: OfficeState,
        *,
        fontconfig: Path = FONTCONFIG,
        paper_seconds: float = 60.0,
        start_seconds: float = 60.0,
        recycle_after: int = 200,
    ) -> None:
        self.office, self.fontconfig = office, fontconfig.resolve()  # fontconfig knows no relative paths
        self.paper_seconds, self.start_seconds = paper_seconds, start_seconds
        self.recycle_after = max(1, recycle_after)
        self._temp, self._home = temp, Path()
        self._service: _Service | None = None
        self._pressed = 0  # since LibreOffice was started

    def __enter__(self) -> PdfPress:
        self._home = Path(tempfile.mkdtemp(prefix="press-", dir=self._temp))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def press(
        self, docs: Sequence[DocxJob], tell: Callable[[int, int], None] = lambda done, total: None
    ) -> list[PdfResult]:
        """Press papers, in their order; `tell` hears how many are done, of how many.

        Raises OfficeFault: PDF_OFFICE (no LibreOffice), GLYPH (a character no font draws), PDF_FAILED (two
        failures at one paper), PDF_TEXT (the PDF does not say what the paper says); OSError when the disk is full
        (F52).
        """
        if not self.office.available:
            raise OfficeFault("PDF_OFFICE", self.office.reason)
        for job in docs:
            ensure_glyphs(job.title, job.text, self.fontconfig)
        done: list[PdfResult] = []
        failures = 0
        while len(done) < len(docs):
            try:
                for result in self._press_some(docs[len(done) :]):
                    done.append(result)
                    failures = 0
                    tell(len(done), len(docs))
            except _Broken:
                failures += 1
                if failures == TRIES:
                    raise _failed(docs[len(done)].title) from None
        return done

    def _press_some(self, docs: Sequence[DocxJob]) -> Iterator[PdfResult]:
        """The first papers of `docs`, as many as this LibreOffice may still press.

        Stops it if any is left undone: an answer on its way must never be taken for that of a later paper.
        """
        if self._pressed >= self.recycle_after:
            self._stop()
        batch = docs[: self.recycle_after - self._pressed]
        finished = False
        folder = Path(tempfile.mkdtemp(dir=self._home))
        try:
            yield from self._converse(batch, folder)
            finished = True
        finally:
            if not finished:
                self._stop()
            shutil.rmtree(folder, ignore_errors=True)

    def _converse(self, batch: Sequence[DocxJob], folder: Path) -> Iterator[PdfResult]:
        """Hand over all papers, then read each PDF while LibreOffice makes the next."""
        paths = [(folder / f"{n}.docx", folder / f"{n}.pdf") for n in range(len(batch))]
        for (docx, _), job in zip(paths, batch, strict=True):
            docx.write_bytes(job.data)  # a private copy: a crash leaves a lock file beside it
        service = self._started()
        service.send([{"docx": str(docx), "pdf": str(pdf)} for docx, pdf in paths])
        for (docx, pdf), job in zip(paths, batch, strict=True):
            answer = service.answer(self.paper_seconds)
            self._pressed += 1
            if answer is None or answer.get("ok") is not True:
                _ensure_space(folder)
                raise _Broken
            yield _proven(job, _read_pdf(pdf))
            docx.unlink()
            pdf.unlink()

    def _started(self) -> _Service:
        """The running service. A new one gets a new profile: a crash may have spoilt the last."""
        if self._service is None:
            home = Path(tempfile.mkdtemp(prefix="office-", dir=self._home))
            self._service = _Service(self.office, home, self.fontconfig)
            self._service.wait_ready(self.start_seconds)
        return self._service

    def _stop(self) -> None:
        service, self._service, self._pressed = self._service, None, 0
        if service is not None:
            service.stop()


class _Broken(Exception):
    """LibreOffice hung, crashed or made no PDF: worth one more try."""


class _Service:
    """The worker process and the two pipes to it."""

    def __init__(self, office: OfficeState, home: Path, fontconfig: Path) -> None:
        self.home, self.profile = home, home / "profile"
        self.pipe = "todoke" + secrets.token_hex(8)
        self.group: int | None = None
        self._heard = b""
        _lay_out(self.profile, home)
        self.process = subprocess.Popen(
            [*office.cut, SYSTEM_PYTHON, "-I", str(WORKER), office.soffice, str(self.profile), self.pipe],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
            start_new_session=True, cwd=home, env=_environment(home, fontconfig),
        )  # fmt: skip

    def wait_ready(self, seconds: float) -> None:
        """Raises _Broken when LibreOffice does not come up in time."""
        deadline = time.monotonic() + seconds
        while True:
            line = self.answer(deadline - time.monotonic())
            if line is None or "error" in line:
                raise _Broken
            if "ready" in line:
                return

    def send(self, jobs: list[dict[str, str]]) -> None:
        """One batch. Raises _Broken when the worker is gone."""
        assert self.process.stdin is not None
        left = memoryview(json.dumps(jobs).encode() + b"\n")
        try:
            while left:
                left = left[self.process.stdin.write(left) :]
        except OSError as error:
            raise _Broken from error

    def answer(self, seconds: float) -> dict[str, Any] | None:
        """The next line; None when the time is up, the worker is gone or the line is no answer."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + seconds
        while b"\n" not in self._heard:
            heed()  # the one long wait inside a transaction
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, min(left, HEEDING_SECONDS)))
            if not ready and left > HEEDING_SECONDS:
                continue
            heard = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not heard:
                return None
            self._heard += heard
        line, _, self._heard = self._heard.partition(b"\n")
        return self._understood(line)

    def _understood(self, line: bytes) -> dict[str, Any] | None:
        try:
            answer = json.loads(line)
        except ValueError:
            return None
        if not isinstance(answer, dict):
            return None
        self.group = answer.get("group", self.group)
        return answer

    def stop(self) -> None:
        """End worker and LibreOffice: the closed pipe first, then the signal nothing survives."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        try:
            clean = self.process.wait(FAREWELL_SECONDS) == 0
        except subprocess.TimeoutExpired:
            clean = False
        if not clean:
            _kill_group(self.process.pid)
            _kill_group(self.group)
        self.process.wait()
        self.process.stdout.close()
        self._sweep()

    def sockets(self) -> list[Path]:
        """The two sockets of this LibreOffice that stand now: ours, and one named after the profile's address."""
        digest = hashlib.md5(self.profile.as_uri().encode("utf-16-le"), usedforsecurity=False).digest()
        single = "SingleOfficeIPC_" + "".join(f"{byte:x}" for byte in digest)
        return [path for name in (self.pipe, single) for path in SOCKETS.glob(f"OSL_PIPE_*_{name}")]

    def _sweep(self) -> None:
        """A killed LibreOffice leaves its files and its sockets."""
        for socket in self.sockets():
            with contextlib.suppress(OSError):
                socket.unlink()
        shutil.rmtree(self.home, ignore_errors=True)


def _lay_out(profile: Path, home: Path) -> None:
    """A profile that refuses macros and links and thinks in Japanese, and a TMPDIR that vanishes with it."""
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(PROFILE, encoding="utf-8")
    (home / "tmp").mkdir()


def _environment(home: Path, fontconfig: Path) -> dict[str, str]:
    """Nothing of ours: PYTHONHOME or LD_LIBRARY_PATH would break the system's Python or LibreOffice."""
    return {
        "PATH": SYSTEM_PATH,
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "LANG": "C.UTF-8",
        "FONTCONFIG_FILE": str(fontconfig),
        "SAL_USE_VCLPLUGIN": "svp",
    }


def _kill_group(group: int | None) -> None:
    with contextlib.suppress(ProcessLookupError):
        if group is not None:
            os.killpg(group, signal.SIGKILL)


def _read_pdf(path: Path) -> bytes:
    """The file LibreOffice says it wrote. Raises _Broken when there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise _Broken from error


def _ensure_space(folder: Path) -> None:
    """A full disk is nobody's fault and passes (F52). Raises OSError ENOSPC."""
    if shutil.disk_usage(folder).free < FULL_DISK:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _proven(job: DocxJob, data: bytes) -> PdfResult:
    """Raises _Broken for bytes that are no PDF, OfficeFault PDF_TEXT for a PDF that says something else."""
    try:
        text = read_pdf_text(data)
    except UnreadablePdf as error:
        raise _Broken from error
    faults = compare_text(job, text)
    if faults:
        raise OfficeFault("PDF_TEXT", *faults)
    return PdfResult(job.title, data, len(text.pages), text.bodies())


def compare_text(job: DocxJob, pdf: PdfText) -> tuple[str, ...]:
    """What the PDF fails to say: every character of the paper, as often as there, and each value in one piece.

    The PDF may hold more (running heads of every page, list numbers). A value may cross a page, since `flow` leaves
    the running heads out.
    """
    lines = (_without_page_numbers(squeeze(line), pdf.heads) for line in job.text.split("\n"))
    lost = Counter("".join(lines)) - Counter("".join(pdf.pages))
    places = ("\0".join(pdf.pages), pdf.flow, pdf.words)
    torn = sum(1 for value in job.must_print if not any(squeeze(value) in place for place in places))
    faults = []
    if lost:
        faults.append(
            f"「{job.title}」のPDFに、Wordの文書にある文字が{lost.total()}字足りません。"
            "PDFはWordの文書と同じ文字でなければなりません。ひな形の図形や書体を確かめてください。"
        )
    if torn:
        faults.append(
            f"「{job.title}」のPDFで、印字すべき項目が{torn}件読み取れません。"
            "どの項目も途切れずに印字しなければなりません。ひな形の枠の大きさや書体を確かめてください。"
        )
    return tuple(faults)


def _without_page_numbers(line: str, heads: tuple[str, ...]) -> str:
    """The Word file keeps the 「1 / 1」 of its last saving, the PDF says 「1 / 2」 and 「2 / 2」.

    A line that stands at the head or foot of every page but for its figures is such a line: they do not count.
    """
    shape = NUMBER.sub("#", line)
    repeated = heads and all(shape in NUMBER.sub("#", head) for head in heads)
    return NUMBER.sub("", line) if repeated else line


def _failed(title: str) -> OfficeFault:
    return OfficeFault(
        "PDF_FAILED",
        f"「{title}」をPDFにできません。LibreOfficeが{TRIES}回続けて失敗しました。"
        "ひな形をWordで開いて確かめ、LibreOfficeの状態を調べてから、もう一度処理してください。",
    )
