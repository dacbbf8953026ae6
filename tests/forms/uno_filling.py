"""Fills a Word form in LibreOffice, as a person does who has no Word, and saves it as a Word file.

Runs under the system's Python: `python3 uno_filling.py FORM.docx FILLED.docx PROFILE_FOLDER < {bookmark: [text or tick, …]}`.
Prints what LibreOffice shows in each box afterwards.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import uno
from uno_comments import connect


def value(name: str, content: Any) -> Any:
    found = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
    found.Name, found.Value = name, content
    return found


def controls_in(text: Any) -> Iterator[Any]:
    """The content controls of a cell, in order."""
    paragraphs = text.createEnumeration()
    while paragraphs.hasMoreElements():
        portions = paragraphs.nextElement().createEnumeration()
        while portions.hasMoreElements():
            portion = portions.nextElement()
            if portion.TextPortionType == "ContentControl":
                yield portion.ContentControl


def fill(document: Any, answers: dict[str, list[str | bool]]) -> dict[str, str]:
    shown = {}
    bookmarks = document.getBookmarks()
    for name, wanted in answers.items():
        cell = bookmarks.getByName(name).getAnchor().getText()
        for control, answer in zip(list(controls_in(cell)), wanted, strict=True):
            if isinstance(answer, bool):
                control.Checked = answer
                control.setString("☒" if answer else "☐")
            elif answer:
                control.ShowingPlaceHolder = False
                control.setString(answer)
        shown[name] = cell.getString()
    return shown


def main(source: str, target: str, profile: str) -> None:
    pipe = f"filling{os.getpid()}"
    office = subprocess.Popen(
        [
            "soffice", "--headless", "--invisible", "--norestore", "--nologo", "--nodefault", "--nolockcheck",
            f"-env:UserInstallation={uno.systemPathToFileUrl(profile)}", f"--accept=pipe,name={pipe};urp;",
        ],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        desktop = connect(pipe)
        document = desktop.loadComponentFromURL(
            uno.systemPathToFileUrl(source), "_blank", 0, (value("Hidden", True),)
        )
        shown = fill(document, json.load(sys.stdin))
        document.storeToURL(uno.systemPathToFileUrl(target), (value("FilterName", "MS Word 2007 XML"),))
        print(json.dumps(shown))
    finally:
        os.killpg(office.pid, signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:4])
