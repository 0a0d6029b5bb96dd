# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Debian's Chromium without a window, driven over its DevTools protocol: what a page shows, and what it asks for."""

from __future__ import annotations

import asyncio
import base64
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

START_SECONDS = 30.0
_LONGEST_COMMAND = 60.0
# No service of its maker is asked for anything, and a page that asks for something gets it from nowhere.
_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--proxy-server=127.0.0.1:9",
    "--remote-debugging-port=0",
)
_DOMAINS = ("Page", "Network", "Runtime", "Log")


@dataclass
class Browser:
    """One tab. requests: the addresses that the page asked for. complaints: what its console says, refusals too."""

    loop: asyncio.AbstractEventLoop
    socket: aiohttp.ClientWebSocketResponse
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _number: int = 0
    _loaded: bool = False

    def open(self, page: Path) -> None:
        """Load a file, to the end."""
        self.requests.clear()
        self.complaints.clear()
        self._loaded = False
        self.command("Page.navigate", url=page.as_uri())
        self.loop.run_until_complete(asyncio.wait_for(self._until_loaded(), _LONGEST_COMMAND))

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page, as JSON has it."""
        answer = self.command("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def resize(self, width: int, height: int) -> None:
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )

    def screenshot(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(self.command("Page.captureScreenshot", format="png")["data"]))

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of a DevTools command."""
        return self.loop.run_until_complete(asyncio.wait_for(self._command(method, parameters), _LONGEST_COMMAND))

    async def _command(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self._number += 1
        await self.socket.send_json({"id": self._number, "method": method, "params": parameters})
        while True:
            message = await self._heard()
            if message.get("id") == self._number:
                assert "error" not in message, f"{method}: {message['error']}"
                result: dict[str, Any] = message["result"]
                return result

    async def _until_loaded(self) -> None:
        while not self._loaded:
            await self._heard()

    async def _heard(self) -> dict[str, Any]:
        message: dict[str, Any] = await self.socket.receive_json()
        told = message.get("params", {})
        match message.get("method"):
            case "Page.loadEventFired":
                self._loaded = True
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])
            case "Log.entryAdded":
                self.complaints.append(told["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(told["exceptionDetails"]))
        return message


@contextmanager
def chromium(folder: Path) -> Iterator[Browser]:
    """Start a browser, with its files in a folder; skip the test where there is none to start."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium on this machine: install chromium")
    command = [program, *_OPTIONS, f"--user-data-dir={folder}", "about:blank"]
    loop = asyncio.new_event_loop()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        address = _await_start(process, folder)
        session, socket = loop.run_until_complete(_connected(address))
        browser = Browser(loop, socket)
        for domain in _DOMAINS:
            browser.command(f"{domain}.enable")
        yield browser
        loop.run_until_complete(session.close())
    finally:
        process.terminate()
        process.wait()
        loop.close()


def _await_start(process: subprocess.Popen[bytes], folder: Path) -> str:
    told = folder / "DevToolsActivePort"
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        lines = told.read_text(encoding="ascii").splitlines() if told.exists() else []
        if len(lines) == 2:
            return f"http://127.0.0.1:{lines[0]}"
        time.sleep(0.05)
    pytest.fail(f"chromium did not start:\n{(folder / 'log').read_text(encoding='utf-8', errors='replace')}")


async def _connected(address: str) -> tuple[aiohttp.ClientSession, aiohttp.ClientWebSocketResponse]:
    session = aiohttp.ClientSession()
    async with session.get(f"{address}/json/list") as response:
        (tab,) = [target for target in await response.json() if target["type"] == "page"]
    # A picture of a page is larger than aiohttp's usual message.
    return session, await session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0)
