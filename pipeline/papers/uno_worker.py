"""Turns Word files into PDF with one warm LibreOffice: JSON lines in, JSON lines out.

Runs under the system's Python (the only one that can import uno), so it knows nothing of the rest of the package.
In:  one list per line, `[{"docx": path, "pdf": path}, …]`.
Out: `{"group": pid}` as soon as LibreOffice is started, `{"ready": true}` once it answers, then per job
`{"ok": true}` or `{"ok": false, "error": "LOAD" | "STORE" | "OFFICE"}`; `{"error": "START"}` if it ends unasked.
The end of stdin ends this process and LibreOffice with it, whatever either is doing.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from typing import Any, TextIO

import uno

PR_SET_CHILD_SUBREAPER = 36
FRESH_PROFILE = 81  # soffice.bin asks to be run again after it has written a new profile
FAREWELL_SECONDS = 3.0
NEVER_EXECUTE = 0  # com.sun.star.document.MacroExecMode
NO_UPDATE = 0  # com.sun.star.document.UpdateDocMode

EXPORT = {
    "UseTaggedPDF": True,  # the proof reads the text in the order of the tags
    "EmbedStandardFonts": True,
    "ExportBookmarks": False,
    "ExportFormFields": False,
    "ExportNotes": False,
    "ExportHiddenSlides": False,
    "DisplayPDFDocumentTitle": True,
    "InitialView": 0,
    "OpenInFullScreenMode": False,
}


def properties(**values: Any) -> tuple[Any, ...]:
    """UNO's way of passing named arguments."""
    made = []
    for name, value in values.items():
        made.append(uno.createUnoStruct("com.sun.star.beans.PropertyValue"))
        made[-1].Name, made[-1].Value = name, value
    return tuple(made)


def start_office(soffice: str, profile: str, pipe: str) -> subprocess.Popen[bytes]:
    """LibreOffice in a session of its own, mute: nothing of its chatter may reach our stdout."""
    return subprocess.Popen(
        [
            soffice, "--headless", "--invisible", "--norestore", "--nologo", "--nodefault", "--nolockcheck",
            "--nofirststartwizard", f"-env:UserInstallation={uno.systemPathToFileUrl(profile)}",
            f"--accept=pipe,name={pipe};urp;",
        ],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


class Office:
    """The running LibreOffice and the one connection to it."""

    def __init__(self, soffice: str, profile: str, pipe: str, say: Any) -> None:
        self.where, self.pipe, self.say = (soffice, profile), pipe, say
        self.desktop: Any = None
        self.process = self.announced()

    def announced(self) -> subprocess.Popen[bytes]:
        """A started office whose process group the caller already knows."""
        process = start_office(*self.where, self.pipe)
        self.say({"group": process.pid})
        return process

    def connect(self) -> bool:
        """Wait until LibreOffice answers; False when it ended instead. The caller keeps the clock."""
        context = uno.getComponentContext()
        resolver = context.ServiceManager.createInstanceWithContext(
            "com.sun.star.bridge.UnoUrlResolver", context
        )
        address = f"uno:pipe,name={self.pipe};urp;StarOffice.ComponentContext"
        again = True
        while True:
            try:
                remote = resolver.resolve(address)
                self.desktop = remote.ServiceManager.createInstanceWithContext(
                    "com.sun.star.frame.Desktop", remote
                )
                return True
            except Exception:  # noqa: BLE001 - pyuno raises its own root class while nobody listens yet
                code = self.process.poll()
            if code == FRESH_PROFILE and again:
                again, self.process = False, self.announced()
            elif code is not None:
                return False
            time.sleep(0.02)

    def convert(self, docx: str, pdf: str) -> dict[str, Any]:
        """One Word file to one PDF; the answer line of the job."""
        document = None
        try:
            document = self.load(docx)
            if document is None:
                return {"ok": False, "error": "LOAD"}
            count_pages(document)
            self.store(document, pdf)
        except Exception:  # noqa: BLE001 - UNO's exceptions share no root with Python's that says more
            broken = self.process.poll() is not None
            return {"ok": False, "error": "OFFICE" if broken else "STORE" if document else "LOAD"}
        finally:
            close(document)
        return {"ok": True}

    def load(self, docx: str) -> Any:
        """The file as a Writer document. The filter is named: bytes that are no Word file must not open as text."""
        hidden = properties(
            Hidden=True, ReadOnly=True, FilterName="MS Word 2007 XML",
            MacroExecutionMode=NEVER_EXECUTE, UpdateDocMode=NO_UPDATE,
        )  # fmt: skip
        return self.desktop.loadComponentFromURL(uno.systemPathToFileUrl(docx), "_blank", 0, hidden)

    def store(self, document: Any, pdf: str) -> None:
        """Export to `pdf`."""
        options = uno.Any("[]com.sun.star.beans.PropertyValue", properties(**EXPORT))
        document.storeToURL(
            uno.systemPathToFileUrl(pdf), properties(FilterName="writer_pdf_Export", FilterData=options)
        )

    def end(self, idle: bool) -> None:
        """Ask LibreOffice to leave if it is free to listen, then kill what is left and reap it."""
        if idle and self.desktop is not None:
            threading.Thread(target=self.ask_to_leave, daemon=True).start()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(FAREWELL_SECONDS)
        kill_group(self.process.pid)
        reap_all()

    def ask_to_leave(self) -> None:
        """A polite end removes LibreOffice's sockets and locks; it may also never answer."""
        with contextlib.suppress(Exception):  # it hangs up while answering
            self.desktop.terminate()


def count_pages(document: Any) -> None:
    """Fill in the page numbers of a table of contents: Word counts them when a file is opened, LibreOffice when asked."""
    indexes = document.getDocumentIndexes()
    for number in range(indexes.getCount()):
        indexes.getByIndex(number).update()


def close(document: Any) -> None:
    """Free a document; a failure shows in the next job."""
    with contextlib.suppress(Exception):  # after a crash there is nothing to close
        if document is not None:
            document.close(True)


def kill_group(group: int) -> None:
    """The wrapper, oosplash and soffice.bin share the group; killing only the first leaves the others."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def reap_all() -> None:
    """Collect every orphan that fell to us as subreaper, so that no zombie outlives this process."""
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return


def private_stdout() -> TextIO:
    """Keep stdout for JSON alone: whatever libraries print goes to stderr."""
    kept = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return kept


class Service:
    """Reads jobs in a thread of its own, so that the end of stdin is seen even during a hung conversion."""

    def __init__(self, soffice: str, profile: str, pipe: str) -> None:
        self.out = private_stdout()
        self.batches: queue.SimpleQueue[list[dict[str, str]]] = queue.SimpleQueue()
        self.idle = False
        self.office = Office(soffice, profile, pipe, self.say)

    def say(self, line: dict[str, Any]) -> None:
        """One answer line."""
        self.out.write(json.dumps(line) + "\n")
        self.out.flush()

    def listen(self) -> None:
        """Queue every line of stdin; at its end finish everything."""
        for line in sys.stdin:
            self.batches.put(json.loads(line))
        self.office.end(self.idle)
        os._exit(0)

    def run(self) -> None:
        """Start, then answer for ever; only `listen` ends a healthy service."""
        threading.Thread(target=self.listen, daemon=True).start()
        if not self.office.connect():
            self.say({"error": "START"})
            self.office.end(idle=False)
            return
        self.say({"ready": True})
        while True:
            self.idle = True
            batch = self.batches.get()
            self.idle = False
            for job in batch:
                self.say(self.office.convert(job["docx"], job["pdf"]))


if __name__ == "__main__":
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    Service(*sys.argv[1:4]).run()
