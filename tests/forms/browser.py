"""A headless Chromium spoken to over a pipe: the DevTools protocol needs no driver and no package."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_FLAGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-software-rasterizer",  # pages are drawn by the processor alone: a fifth less work
    "--disable-features=BackForwardCache",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--lang=ja",
)


class Browser:
    """One page. Every call answers at once or raises; dialogs are answered with yes and remembered."""

    def __init__(self, to_browser: int, from_browser: int, downloads: Path) -> None:
        self._to, self._from, self._home, self.downloads = to_browser, from_browser, downloads, downloads
        self._rest, self._last, self._session, self._opened = b"", 0, None, 0
        self.dialogs: list[str] = []
        self.said: list[str] = []  # errors and refusals of the page's own console
        self.requests: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> Any:
        """Send one command and return its answer."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if self._session and not method.startswith(("Target.", "Browser.")):
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        wanted = self._last
        while True:
            answer = self._read()
            if answer.get("id") == wanted:
                if "error" in answer:
                    raise RuntimeError(answer["error"]["message"])
                return answer["result"]
            self._note(answer)

    def _read(self) -> Any:
        while b"\0" not in self._rest:
            chunk = os.read(self._from, 1 << 20)
            if not chunk:
                raise RuntimeError("Chromium has ended")
            self._rest += chunk
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def _note(self, event: Any) -> None:
        params = event.get("params", {})
        match event.get("method"):
            case "Page.javascriptDialogOpening":
                self.dialogs.append(params["type"])
                answer = {
                    "id": 0,
                    "method": "Page.handleJavaScriptDialog",
                    "params": {"accept": True},
                    "sessionId": self._session,
                }
                os.write(self._to, json.dumps(answer).encode() + b"\0")
            case "Runtime.exceptionThrown":
                self.said.append(json.dumps(params["exceptionDetails"], ensure_ascii=False)[:600])
            case "Log.entryAdded":
                self.said.append(params["entry"]["text"])
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a JavaScript function body with `arguments` as `a`; return what it returns."""
        expression = f"(async (a) => {{ {script} }})({json.dumps(arguments)})"
        result = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=True
        )
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"], ensure_ascii=False))
        return result["result"].get("value")

    def open(self, path: Path, fragment: str = "") -> None:
        """Open a file by its file:// address, at a place in it, and wait until the form stands."""
        self._opened += (
            1  # another address each time: else a place in the same file would be reached without loading it
        )
        self.downloads = self._home / str(self._opened)  # what the page before still saves does not come here
        self.downloads.mkdir()
        self.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.downloads))
        self.call("Page.navigate", url=f"{path.as_uri()}?{self._opened}{fragment}")
        self.wait("return document.readyState === 'complete'")

    def wait(self, condition: str, seconds: float = 10) -> None:
        """Wait until a JavaScript condition holds."""
        end = time.monotonic() + seconds
        while not self._holds(condition):
            if time.monotonic() > end:
                raise TimeoutError(condition)
            time.sleep(0.01)

    def _holds(self, condition: str) -> bool:
        """A page on its way to the next one cannot answer: then the condition does not hold yet."""
        try:
            return bool(self.run(condition))
        except RuntimeError as error:
            if "context" in str(error) or "navigated" in str(error) or "TypeError" in str(error):
                return False
            raise

    def type(self, tag: str, text: str) -> None:
        """Put the focus on the box with a tag and type, as a person (or an input method) does."""
        self.run("document.querySelector(`[data-tag='${a[0]}'] :is(input, select, textarea)`).focus()", tag)
        self.call("Input.insertText", text=text)

    def retype(self, tag: str, text: str) -> None:
        """Type over what stands in the box, and leave it."""
        self.run("document.querySelector(`[data-tag='${a[0]}'] :is(input, textarea)`).select()", tag)
        self.type(tag, text)
        self.run("document.activeElement.blur()")

    def press(self, key: str, code: int, modifiers: int = 0) -> None:
        """Press one key."""
        facts = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        text = {"text": "\r"} if key == "Enter" else {"text": " "} if key == " " else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", **facts, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **facts)

    def click(self, selector: str) -> None:
        """Click what a selector finds."""
        self.run("document.querySelector(a[0]).click()", selector)

    def downloaded(self, ending: str) -> Path:
        """Wait for a finished download."""
        end = time.monotonic() + 10
        while not (found := sorted(self.downloads.glob(f"*{ending}"), key=lambda path: path.stat().st_mtime)):
            if time.monotonic() > end:
                raise TimeoutError(ending)
            self.run("return 0")  # hears events meanwhile
            time.sleep(0.01)
        return found[-1]

    def picture(self, width: int, height: int | None = None) -> bytes:
        """A PNG of the whole page at a width, or of the first `height` pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height or 900,
            deviceScaleFactor=1,
            mobile=False,
        )
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=height is None)
        return base64.b64decode(shot["data"])

    def pdf(self) -> bytes:
        """The page as it is printed."""
        return base64.b64decode(
            self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=False)["data"]
        )


@contextmanager
def open_browser(folder: Path) -> Iterator[Browser]:
    """Start Chromium with its profile and downloads below `folder`; end it and its children afterwards."""
    downloads = folder / "downloads"
    downloads.mkdir(parents=True)
    read_end, to_browser = os.pipe()
    from_browser, write_end = os.pipe()
    command = f'exec "$0" "$@" 3<&{read_end} 4>&{write_end}'
    flags = [*_FLAGS, f"--user-data-dir={folder / 'profile'}", "about:blank"]
    process = subprocess.Popen(
        ["bash", "-c", command, str(CHROMIUM), *flags],
        pass_fds=(read_end, write_end),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(read_end)
    os.close(write_end)
    try:
        yield Browser(to_browser, from_browser, downloads)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(to_browser)
        os.close(from_browser)
