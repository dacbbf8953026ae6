"""Prints the comments LibreOffice finds in a Word file as JSON, in no order.

Runs under the system's Python: `python3 uno_comments.py FILE.docx PROFILE_FOLDER`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

import uno


def connect(pipe: str) -> Any:
    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", context)
    for _ in range(600):
        try:
            remote = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return remote.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", remote)
        except Exception:  # noqa: BLE001 - pyuno raises its own root class while nobody listens yet
            time.sleep(0.1)
    raise SystemExit("LibreOffice does not answer")


def comments(document: Any) -> list[dict[str, str]]:
    found = []
    fields = document.getTextFields().createEnumeration()
    while fields.hasMoreElements():
        field = fields.nextElement()
        if field.supportsService("com.sun.star.text.textfield.Annotation"):
            date = field.DateTimeValue
            day = f"{date.Year:04}-{date.Month:02}-{date.Day:02}"
            found.append(
                {
                    "author": field.Author,
                    "initials": field.Initials,
                    "text": field.Content,
                    "anchor": field.getAnchor().getString(),
                    "date": f"{day}T{date.Hours:02}:{date.Minutes:02}:{date.Seconds:02}",
                }
            )
    return found


def main(path: str, profile: str) -> None:
    pipe = f"comments{os.getpid()}"
    office = subprocess.Popen(
        [
            "soffice", "--headless", "--invisible", "--norestore", "--nologo", "--nodefault", "--nolockcheck",
            f"-env:UserInstallation={uno.systemPathToFileUrl(profile)}", f"--accept=pipe,name={pipe};urp;",
        ],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        hidden = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        hidden.Name, hidden.Value = "Hidden", True
        document = connect(pipe).loadComponentFromURL(uno.systemPathToFileUrl(path), "_blank", 0, (hidden,))
        print(json.dumps(comments(document)))
    finally:
        os.killpg(office.pid, signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:3])
