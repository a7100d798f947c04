"""Headless Chromium, driven over the WebDriver protocol (W3C WebDriver) as chromedriver speaks it."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
)


class Browser:
    """One session."""

    def __init__(self, driver: str, *options: str, scripts: bool = True, dark: bool = False) -> None:
        chrome: dict[str, Any] = {"args": [*OPTIONS, *options], "binary": shutil.which("chromium")}
        if not scripts:
            chrome["prefs"] = {"profile.managed_default_content_settings.javascript": 2}
        if dark:
            chrome["args"].append("--force-dark-mode")
        wanted = {"browserName": "chrome", "goog:chromeOptions": chrome, "goog:loggingPrefs": {"browser": "ALL"}}
        self._driver = driver
        self._session = ""
        answer = self._post("/session", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/session/{answer['sessionId']}"

    def _post(self, path: str, value: object, method: str = "POST") -> Any:
        body = None if method != "POST" else json.dumps(value).encode()
        asked = urllib.request.Request(self._driver + self._session + path, body, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error

    def open(self, url: str) -> None:
        self._post("/url", {"url": url})

    def run(self, script: str) -> Any:
        return self._post("/execute/sync", {"script": script, "args": []})

    def texts(self, selector: str) -> list[str]:
        found = self._post("/elements", {"using": "css selector", "value": selector})
        return [self._post(f"/element/{each[ELEMENT]}/text", None, "GET") for each in found]

    def type_into(self, selector: str, text: str) -> None:
        found = self._post("/element", {"using": "css selector", "value": selector})[ELEMENT]
        self._post(f"/element/{found}/clear", {})
        self._post(f"/element/{found}/value", {"text": text})

    def resize(self, width: int, height: int) -> None:
        """Give the window another size; the page has it too when this returns, some frames after the window itself."""
        self._post("/window/rect", {"width": width, "height": height})
        until = time.monotonic() + 30
        laid_out = f"return innerWidth === {width} && matchMedia('(width: {width}px)').matches"
        while not self.run(laid_out):
            assert time.monotonic() < until, "the page does not follow its window"
            time.sleep(0.02)

    @property
    def complaints(self) -> list[str]:
        """What stands in the console: errors of scripts, refused and missing resources."""
        return [entry["message"] for entry in self._post("/se/log", {"type": "browser"})]

    def close(self) -> None:
        self._post("", None, "DELETE")


@contextlib.contextmanager
def chromedriver() -> Iterator[str]:
    """A driver of its own process, on a port that it chooses."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(["chromedriver", "--port=0"], stdout=log, stderr=log)
        try:
            until = time.monotonic() + 30
            while True:
                log.seek(0)
                found = re.search(rb"started successfully on port (\d+)", log.read())
                if found:
                    break
                assert time.monotonic() < until, "chromedriver does not start"
                time.sleep(0.05)
            yield f"http://127.0.0.1:{found[1].decode()}"
        finally:
            process.terminate()
            process.wait(20)
