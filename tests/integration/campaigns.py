# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware campaigns on a simulated fleet: a bundle for all of it, runs of the playbook, and the truth."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Playing, Run
from tests.simulator.images import build

FIRMWARE = "openchami.bmc.firmware"
PUBLISH = "openchami.bmc.bmc_firmware_bundle"
VERSION = "9.9.9-campaign"
QUICK = {
    "firmware_campaign_poll_interval": 0.2,
    "firmware_campaign_return_timeout": 20,
    "firmware_campaign_transfer_timeout": 20,
    "firmware_campaign_apply_timeout": 20,
    "firmware_campaign_timeout": 60,
    "firmware_campaign_downgrade": True,
    "firmware_campaign_allow_bmc_reset": True,
}
TIMING = {
    "on": 0.1, "graceful": 0.1, "force": 0.1, "restart": 0.1, "post": 0.1, "manager_reset": 0.3, "flash": 0.3,
}  # fmt: skip


@dataclass
class Site:
    """A controller with a bundle, and the fleet that gets it. hosts: the inventory."""

    fleet: Fleet
    controller: Controller
    hosts: Mapping[str, Mapping[str, Any]]
    folder: Path
    groups: Mapping[str, Sequence[str]] = field(default_factory=lambda: {"bmc_protected": []})

    @property
    def output(self) -> Path:
        return self.folder / "report"

    def publish(
        self, hardware: Sequence[str], tag: str = "9.9.9", version: str = VERSION, kind: str = "BMC", **options: Any
    ) -> str:
        """Make a bundle for hardware, in a local layout; its reference. kind: "BMC" or "BIOS"."""
        image = self.folder / f"{kind}.bin"
        image.write_bytes(build(kind, version))
        reboot = {"BMC": "manager", "BIOS": "host"}[kind]
        component: dict[str, Any] = {"component": kind.lower(), "version": version, "reboot": reboot}
        component |= {"compatible_hardware": list(hardware)}
        reference = f"oci-layout:{self.folder / 'bundles'}:{tag}"
        told = {"reference": reference, "payload": str(image), "version": tag, "components": [component]}
        told |= options
        run = self.controller.run({"localhost": {"ansible_connection": "local"}}, [{"name": "publish", PUBLISH: told}])
        assert run.outcomes[0].status == "ok", run.outcomes[0].msg
        return reference

    def reset(self) -> None:
        """All BMCs as at the start, and nothing known of any update."""
        self.fleet.simulator.reset()
        for folder in (self.output, self.controller.state):
            shutil.rmtree(folder, ignore_errors=True)

    def arguments(self, *more: str, **variables: Any) -> list[str]:
        told = {
            **QUICK,
            "bmc_hosts": "all",
            "max_hosts": 1000,
            "firmware_campaign_output": str(self.output),
            **variables,
        }
        return ["-e", json.dumps(told), *more]

    def start(self, *more: str, **variables: Any) -> Playing:
        arguments = self.arguments(*more, **variables)
        return self.controller.start_playbook(self.hosts, FIRMWARE, groups=self.groups, arguments=arguments)

    def run(self, *more: str, **variables: Any) -> Run:
        return self.start(*more, **variables).finish()

    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.output / "campaign.json").read_bytes())
        return found

    def states(self) -> dict[str, str]:
        """What the report says became of each BMC, by its first host."""
        return {bmc["hosts"][0]: bmc["state"] for bmc in self.report()["bmcs"]}

    def state_file(self, name: str = "firmware") -> dict[str, Any]:
        """What a later run would take up."""
        found: dict[str, Any] = json.loads((self.controller.state / "campaigns" / f"{name}.json").read_bytes())
        return found

    def updates(self, name: str) -> list[dict[str, Any]]:
        """The updates that a BMC truly had."""
        found: list[dict[str, Any]] = self.fleet.simulator.state(name)["updates"]
        return found

    def flashed(self) -> dict[str, list[str]]:
        """The versions that each BMC truly was flashed with."""
        return {
            name: [update["version"] for update in self.updates(name) if update["state"] == "Completed"]
            for name in self.fleet.addresses
        }


def said(run: Run, task: str) -> list[str]:
    """The lines that a task of the role said."""
    (found,) = [each for each in run.outcomes if each.task.endswith(f": {task}") and "msg" in each.result]
    lines: list[str] = found.result["msg"]
    return lines
