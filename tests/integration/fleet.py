# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulated fleet as the tests see it: host variables for Ansible, and what truly happened."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.simulator.control import Simulator, eventually

USERNAME = "admin"
PASSWORD = "secret"


@dataclass(frozen=True)
class Fleet:
    """addresses: host and port of each BMC by its name, which is also its name in the inventory."""

    simulator: Simulator
    addresses: Mapping[str, str]

    def variables(self, name: str, **others: Any) -> dict[str, Any]:
        """The host variables that reach a BMC."""
        return {
            "bmc_address": self.addresses[name],
            "bmc_username": USERNAME,
            "bmc_password": PASSWORD,
            "bmc_validate_certs": False,
            **others,
        }

    def sent(self, name: str) -> list[str]:
        """The ResetTypes that a BMC was sent, in order."""
        return [request["body"]["ResetType"] for request in self.simulator.writes(name)]

    def plan(self, name: str) -> list[dict[str, Any]]:
        """What a BMC was sent, in the form of a plan."""
        keys = ("method", "uri", "body")
        return [{key: write[key] or {} for key in keys} for write in self.simulator.writes(name)]

    def methods(self, name: str) -> set[str]:
        """The HTTP methods of all requests to a BMC, logins included."""
        return {request["method"] for request in self.simulator.requests(name)}

    def power(self, name: str) -> dict[str, str]:
        """The true power state of each system."""
        systems = self.simulator.state(name)["systems"]
        return {system: str(state["power_state"]) for system, state in systems.items()}

    def await_power(self, name: str, system: str, power_state: str) -> None:
        """Return as soon as a system truly has a power state; AssertionError when it never has."""
        eventually(lambda: self.power(name)[system] == power_state)

    def bios(self, name: str) -> dict[str, dict[str, Any]]:
        """What is truly active in the BIOS of each system, and what waits."""
        return dict(self.simulator.state(name)["bios"])

    def boots(self, name: str) -> dict[str, int]:
        """How often each system has booted."""
        return {system: int(state["boots"]) for system, state in self.simulator.state(name)["systems"].items()}

    def await_write(self, name: str) -> None:
        """Return as soon as a BMC has received a write."""
        for _look in range(300):
            if self.simulator.writes(name):
                return
            with suppress(TimeoutError):
                self.simulator.wait_for_requests(name, len(self.simulator.requests(name)) + 1, timeout=0.2)
        raise AssertionError(f"{name} was sent nothing within a minute")
