# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of `make demo`: a firmware bundle is published, refused as long as nobody signed it, and rolled out.

The registry is a folder in the OCI image layout, so that nothing has to be installed. The key is made on the spot.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.simulator.control import Simulator
from tests.simulator.images import build

VERSION = "2.99 Nov 20 2026"
MODEL, PROFILE = "ProLiant DL365 Gen10 Plus", "hpe_ilo5"
CAMPAIGN = "openchami.bmc.firmware"
PUBLISH = """
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - name: Publish
      openchami.bmc.bmc_firmware_bundle: "{{ bundle }}"
"""


@dataclass(frozen=True)
class Demo:
    """work: a folder for all of it. tools: where ansible-playbook is. environment: of what is run."""

    work: Path
    inventory: Path
    tools: Path
    environment: dict[str, str]

    @property
    def reference(self) -> str:
        return f"oci-layout:{self.work / 'bundles'}:2.99.0"

    def run(self, simulator: Simulator) -> None:
        """Print the story. Exits where it goes otherwise."""
        self._make_key()
        print("\nFirmware: a bundle for the iLO 5s is published, and nobody has signed it.\n")
        self._publish()
        print(f"$ ansible-playbook -i inventory.yml {CAMPAIGN} -e @campaign.yml -l all")
        refused = self._campaign(succeeds=False)
        print(f"{_why_failed(refused)}\n\nIt is signed with the key of the site, and tried again.\n")
        if any(simulator.state(bmc["name"])["updates"] for bmc in simulator.bmcs()):
            sys.exit("a BMC was updated with a bundle that the policy refuses")
        self._publish(signature_key=str(self.work / "site.key"))
        first: set[str] = set()
        for what, more in (("the canary, then a pause", "after_canaries"), ("the rest", "never")):
            print(f"$ ansible-playbook -i inventory.yml {CAMPAIGN} -e @campaign.yml -l all   # {what}")
            print("\n".join(_said(self._campaign(succeeds=True, firmware_campaign_pause=more))) + "\n")
            first = first or _updated(simulator)
        _print_truth(simulator)
        _require_as_meant(simulator, first)
        print("\nOnly what the bundle is for was updated, each BMC once, the canary before the others.")

    def _make_key(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.work / "site.key").write_bytes(private)
        (self.work / "site.key").chmod(0o600)
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (self.work / "site.pub").write_bytes(public)

    def _publish(self, **signed: str) -> None:
        (self.work / "ilo5.bin").write_bytes(build("BMC", VERSION, 2_000_000))
        component = {"component": "bmc", "version": VERSION, "compatible_hardware": [MODEL], "reboot": "manager"}
        bundle = {
            "reference": self.reference,
            "payload": str(self.work / "ilo5.bin"),
            "version": "2.99.0",
            "components": [component],
            **signed,
        }
        (self.work / "publish.yml").write_text(PUBLISH, encoding="utf-8")
        self._play(str(self.work / "publish.yml"), {"bundle": bundle}, succeeds=True)

    def _campaign(self, *, succeeds: bool, **more: Any) -> str:
        policy = {
            "name": "firmware of this site",
            "images": [{"glob": "**"}],
            "authorities": [{"name": "site", "key": {"path": str(self.work / "site.pub")}}],
        }
        told = {
            "firmware_campaign_name": "ilo5-2.99.0",
            "firmware_campaign_bundle": self.reference,
            "firmware_campaign_verification_policies": [policy],
            "firmware_campaign_allow_bmc_reset": True,
            "firmware_campaign_poll_interval": 1,
            "firmware_campaign_waves": ["100%"],
            "firmware_campaign_width": 120,
            **more,
        }
        return self._play(CAMPAIGN, told, "-l", "all", succeeds=succeeds)

    def _play(self, playbook: str, variables: dict[str, Any], *arguments: str, succeeds: bool) -> str:
        file = self.work / "campaign.yml"
        file.write_text(yaml.safe_dump(variables), encoding="utf-8")
        program = str(self.tools / "ansible-playbook")
        command = [program, "-i", str(self.inventory), playbook, "-e", f"@{file}", *arguments]
        ended = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        if (ended.returncode == 0) != succeeds:
            sys.exit(f"{playbook} went otherwise:\n{ended.stdout}{ended.stderr}")
        return ended.stdout


def _why_failed(output: str) -> str:
    """What the first task that failed said."""
    _before, _fatal, rest = output.partition("FAILED! => ")
    told: dict[str, Any] = json.JSONDecoder().raw_decode(rest)[0]
    return str(told["msg"])


def _said(output: str) -> Iterator[str]:
    """The campaign's own table, out of the output of ansible-playbook."""
    _before, _task, rest = output.rpartition(": Say what came of it]")
    yield from json.JSONDecoder().raw_decode(rest[rest.index("{") :])[0]["msg"]


def _print_truth(simulator: Simulator) -> None:
    print("The BMCs' own account of their firmware:\n")
    for bmc in simulator.bmcs():
        truth = simulator.state(bmc["name"])
        updates = ", ".join(update["state"].lower() for update in truth["updates"]) or "no update"
        print(f"{bmc['name']:8}  {_version(truth):64}  {updates}")


def _updated(simulator: Simulator) -> set[str]:
    """The BMCs that had an update, by their own account."""
    return {bmc["name"] for bmc in simulator.bmcs() if simulator.state(bmc["name"])["updates"]}


def _require_as_meant(simulator: Simulator, first: set[str]) -> None:
    """Exits where the simulated BMCs say otherwise. first: the BMCs that the run with the canary updated."""
    meant = {bmc["name"] for bmc in simulator.bmcs() if bmc["profile"] == PROFILE}
    ends = {name: [update["state"] for update in simulator.state(name)["updates"]] for name in meant}
    once = all(states == ["Completed"] for states in ends.values())
    runs = all(_version(simulator.state(name)) == VERSION for name in meant)
    if _updated(simulator) != meant or len(first) != 1 or not (once and runs):
        sys.exit(f"the BMCs were updated otherwise: first {sorted(first)}, then {ends}")


def _version(truth: dict[str, Any]) -> str:
    """Of the BMC itself."""
    return str(next(iter(truth["firmware"].values()))["version"])
