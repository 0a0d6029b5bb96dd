# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tests' hand on a simulated fleet: start it, ask it what truly happened, make things go wrong.

Only the standard library, so that any test environment can use it.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
STOP_SECONDS = 10.0
READ_METHODS = frozenset({"GET", "HEAD"})


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Return as soon as the condition holds. Raise AssertionError when it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("this never came true")
        time.sleep(0.01)


class SimulatorError(Exception):
    """The simulator did not start, or refused what was asked; the text holds its own words."""


class Simulator:
    """A running simulated fleet. A context manager: on leaving, the process is ended."""

    def __init__(self, process: subprocess.Popen[bytes], control: str, log: Path) -> None:
        self.process = process
        self.control = control
        self.log = log

    @classmethod
    def start(cls, fleet: Mapping[str, Any], directory: Path) -> Simulator:
        """Start a fleet, with its files in `directory`, and return when every BMC listens. Raise SimulatorError."""
        fleet_file, ready_file, log = (directory / name for name in ("fleet.json", "fleet.ready", "fleet.log"))
        fleet_file.write_text(json.dumps(fleet), encoding="utf-8")
        ready_file.unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.simulator"]
        command += ["--fleet", str(fleet_file), "--ready-file", str(ready_file)]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        simulator = cls(process, "", log)
        try:
            simulator.control = simulator._await_ready(ready_file)
        except BaseException:
            simulator.stop()
            raise
        return simulator

    def _await_ready(self, ready_file: Path) -> str:
        """Return the address of the control API as soon as the fleet is ready."""
        deadline = time.monotonic() + START_SECONDS
        while not ready_file.exists():
            if self.process.poll() is not None:
                raise SimulatorError(f"the simulator ended with status {self.process.returncode}:\n{self._log_text()}")
            if time.monotonic() > deadline:
                raise SimulatorError(f"the simulator was not ready after {START_SECONDS:g} s:\n{self._log_text()}")
            time.sleep(0.02)
        return str(json.loads(ready_file.read_text(encoding="utf-8"))["control"])

    def _log_text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def __enter__(self) -> Simulator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process, this one and no other."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def bmcs(self) -> list[dict[str, Any]]:
        """Return name, address, port, profile and certificate_sha256 of every BMC."""
        return list(self._ask("GET", "/bmcs"))

    def state(self, name: str) -> dict[str, Any]:
        """Return the truth about a BMC: its systems, manager, sessions, failed logins."""
        return dict(self._ask("GET", f"/bmcs/{name}/state"))

    def set_state(self, name: str, **changes: Any) -> dict[str, Any]:
        """Set the truth, or the settings, of a BMC; return its new state."""
        return dict(self._ask("PATCH", f"/bmcs/{name}/state", changes))

    def requests(self, name: str) -> list[dict[str, Any]]:
        """Return every request that a BMC received, in order of arrival."""
        return list(self._ask("GET", f"/bmcs/{name}/requests"))

    def writes(self, name: str) -> list[dict[str, Any]]:
        """Return the requests that could change something; logins and logouts are not among them."""
        return [
            request
            for request in self.requests(name)
            if request["method"] not in READ_METHODS and not request["uri"].startswith("/redfish/v1/SessionService")
        ]

    def clear_requests(self, name: str) -> None:
        """Forget the requests of a BMC."""
        self._ask("DELETE", f"/bmcs/{name}/requests")

    def history(self, name: str) -> list[dict[str, Any]]:
        """Return every change of a BMC's truth: time, resource, property, from, to, cause."""
        return list(self._ask("GET", f"/bmcs/{name}/history"))

    def fault(self, name: str, kind: str, **details: Any) -> int:
        """Inject a fault and return its number."""
        return int(self._ask("POST", f"/bmcs/{name}/faults", {"kind": kind, **details})["id"])

    def clear_faults(self, name: str) -> None:
        """Take away all faults of a BMC."""
        self._ask("DELETE", f"/bmcs/{name}/faults")

    def wait_for_requests(self, name: str, count: int, timeout: float = 30.0) -> int:
        """Return as soon as a BMC has received `count` requests; raise TimeoutError after `timeout` seconds."""
        query = urllib.parse.urlencode({"bmc": name, "count": count, "timeout": timeout})
        return int(self._ask("GET", f"/requests/wait?{query}", timeout=timeout + 10)["count"])

    def summary(self) -> dict[str, int]:
        """Return the totals of the fleet: bmcs, requests, connections."""
        return dict(self._ask("GET", "/summary"))

    def reset(self) -> None:
        """Return every BMC to its initial state, with no requests, history or faults."""
        self._ask("POST", "/reset")

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, timeout: float = 60.0) -> Any:
        """Return the answer of the control API. Raise SimulatorError, or TimeoutError for a wait in vain."""
        connection = http.client.HTTPConnection(self.control.removeprefix("http://"), timeout=timeout)
        try:
            connection.request(
                method, urllib.parse.quote(path, safe="/?=&"), None if body is None else json.dumps(body)
            )
            response = connection.getresponse()
            content = json.load(response)
        finally:
            connection.close()
        if response.status == 408:
            raise TimeoutError(f"{method} {path}: {content['error']}")
        if response.status != 200:
            raise SimulatorError(f"{method} {path}: {response.status} {content['error']}")
        return content
