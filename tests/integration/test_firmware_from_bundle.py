# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a published bundle to the version that runs: judged by a policy, for this hardware, in its order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.integration.conftest import StartFleet
from tests.integration.firmware_cases import NEW, TIMING, images
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Outcome, Run, ShippingController
from tests.simulator.images import build

FIRMWARE, PUBLISH = "openchami.bmc.bmc_firmware", "openchami.bmc.bmc_firmware_bundle"
QUICK = {"poll_interval": 0.1, "apply_timeout": 20, "return_timeout": 20, "downgrade": True, "allow_bmc_reset": True}
LOCAL = {"localhost": {"ansible_connection": "local"}}
BMC = {"component": "bmc", "version": NEW, "compatible_hardware": ["Unknown Maker Model"], "reboot": "manager"}
BIOS = {**BMC, "component": "bios", "reboot": "host"}


@dataclass
class Site:
    """A controller, its key and its bundles, and one BMC of nobody's dialect. hardware: what its machine goes by."""

    controller: Controller
    fleet: Fleet
    folder: Path

    @property
    def hardware(self) -> str:
        run = self.controller.run(
            {"bmc": self.fleet.variables("bmc")}, [{"name": "info", "openchami.bmc.bmc_info": {}}]
        )
        return str(run.of("bmc", "info").result["bmc"]["model"])

    def publish(self, tag: str, image: str, components: Sequence[dict[str, Any]], **more: Any) -> str:
        reference = f"oci-layout:{self.folder / 'bundles'}:{tag}"
        told = {"reference": reference, "payload": str(self.folder / image), "version": "1.0.0", **more}
        told["components"] = list(components)
        run = self.controller.run(LOCAL, [{"name": "publish", PUBLISH: told}])
        assert run.outcomes[0].status == "ok", run.outcomes[0].msg
        # A delegate takes no tag.
        return run.outcomes[0].result["reference"] if isinstance(self.controller, ShippingController) else reference

    def update(self, bundle: str, **more: Any) -> Outcome:
        return self.play(bundle, **more).of("bmc", "update")

    def play(self, bundle: str, *arguments: str, **more: Any) -> Run:
        given = {**QUICK, "bundle": bundle, **more}
        tasks = [{"name": "update", FIRMWARE: given}]
        return self.controller.run({"bmc": self.fleet.variables("bmc")}, tasks, arguments=arguments)

    def policies(self) -> list[dict[str, Any]]:
        key = {"key": {"path": str(self.folder / "site.pub")}}
        return [{"name": "ours", "images": [{"glob": "**"}], "authorities": [{"name": "site", **key}]}]

    @property
    def updates(self) -> list[tuple[str, str]]:
        told = self.fleet.simulator.state("bmc")["updates"]
        return [(update["image"], update["state"]) for update in told]


@pytest.fixture(scope="module")
def site(start_fleet: StartFleet, controller: Controller, tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("site")
    images(folder)
    key = ec.generate_private_key(ec.SECP256R1())
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "site.key").write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    (folder / "site.pub").write_bytes(key.public_key().public_bytes(pem, spki))
    fleet = start_fleet([{"name": "bmc", "profile": "unknown_maker", "timing": TIMING}])
    return Site(controller, fleet, folder)


@pytest.fixture(autouse=True)
def untouched(site: Site) -> None:
    site.fleet.simulator.reset()


def of_this(site: Site, *components: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**component, "compatible_hardware": [site.hardware]} for component in components]


def test_unsigned_bundle_touches_no_bmc_and_the_signed_one_runs(site: Site) -> None:
    components = of_this(site, BMC)
    bundle = site.publish("signed", "BMC.bin", components)
    site.fleet.simulator.clear_requests("bmc")
    refused = site.update(bundle, verification_policies=site.policies())
    assert (refused.kind, site.fleet.methods("bmc"), site.updates) == ("BundleRefused", set(), [])
    assert "there is no signature" in refused.msg
    site.publish("signed", "BMC.bin", components, signature_key=str(site.folder / "site.key"))
    done = site.update(bundle, verification_policies=site.policies())
    assert done.result["updates"][0]["state"] == "updated", done.msg
    assert done.result["bundle"]["verdict"]["accepted"] is True
    assert done.result["bundle"]["reference"].endswith(done.result["bundle"]["digest"])
    again = site.update(bundle, verification_policies=site.policies())
    assert (again.result["changed"], again.result["plan"], again.result["settled"]) == (False, [], True)
    assert site.updates == [("BMC", "Completed")]


def test_bundle_for_other_hardware_is_refused_after_reading(site: Site) -> None:
    bundle = site.publish("other", "BMC.bin", [BMC])
    site.fleet.simulator.clear_requests("bmc")
    refused = site.update(bundle)
    assert (refused.kind, site.fleet.methods("bmc"), site.updates) == ("BundleRefused", {"GET"}, [])
    assert "Unknown Maker Model" in refused.msg


@pytest.mark.parametrize(
    ("order", "first"), [pytest.param([], "BMC", marks=pytest.mark.soak), (["bios", "bmc"], "BIOS")]
)
def test_components_are_updated_in_their_order(site: Site, order: list[str], first: str) -> None:
    """One image cannot be both for a simulated BMC, so what comes first tells the order by how it ends."""
    components = of_this(site, BIOS, BMC)
    bundle = site.publish(f"both{len(order)}", f"{first}.bin", components, **({"order": order} if order else {}))
    check = site.controller.run(
        {"bmc": site.fleet.variables("bmc")},
        [{"name": "check", FIRMWARE: {**QUICK, "bundle": bundle}, "check_mode": True}],
    ).of("bmc", "check")
    told = [update["id"] for update in check.result["updates"]]
    assert told == ([first, "BIOS"] if first == "BMC" else [first, "BMC"])
    run = site.update(bundle)
    assert run.result["updates"][0]["state"] in ("updated", "pending_reboot")
    assert site.updates[0][0] == first
    assert run.kind == "UpdateFailed", "an image for another component was taken"


@pytest.mark.soak
def test_older_version_is_refused_until_it_is_allowed(site: Site) -> None:
    (site.folder / "old.bin").write_bytes(build("BMC", "1.0"))
    bundle = site.publish("old", "old.bin", of_this(site, {**BMC, "version": "1.0"}))
    refused = site.update(bundle, downgrade=False)
    assert (refused.kind, site.updates) == ("InvalidRequest", [])
    assert "downgrade: true" in refused.msg
    done = site.update(bundle, downgrade=True)
    assert done.result["updates"][0]["after"] == "1.0", done.msg


# What cannot be meant, each with the words that say so.
SENSELESS: list[tuple[dict[str, Any], str]] = [
    ({"image_path": "/nowhere", "version": "1", "component": "bmc"}, "image cannot be read"),
    ({"image_path": "BMC.bin", "component": "bmc"}, "needs version"),
    ({"image_path": "BMC.bin", "version": "1"}, "component or targets"),
    ({"image_path": "BMC.bin", "version": "1", "component": "bmc", "targets": ["x"]}, "exclude each other"),
    ({"image_path": "BMC.bin", "version": "1", "component": "bmc", "verification_policies": []}, "no signature"),
    ({"image_path": "BMC.bin", "version": NEW, "component": "bmc", "allow_bmc_reset": False}, "allow_bmc_reset"),
    ({"image_path": "BMC.bin", "version": NEW, "component": "bcm"}, "there is no firmware 'bcm'"),
    ({"image_path": "BMC.bin", "version": NEW, "component": "bmc", "timeout": 0}, "timeout 0 is not a time"),
    ({}, "exactly one of bundle and image_path"),
]


def test_what_cannot_be_meant_is_said_and_nothing_is_sent(site: Site) -> None:
    here = {"image_path": str(site.folder / "BMC.bin")}
    tasks = []
    for options, words in SENSELESS:
        given = options | here if options.get("image_path") == "BMC.bin" else options
        tasks.append({"name": words, FIRMWARE: {**QUICK, **given}})
    run = site.controller.run({"bmc": site.fleet.variables("bmc")}, tasks)
    said = {words: run.of("bmc", words).msg for _options, words in SENSELESS}
    assert {words: msg for words, msg in said.items() if words not in msg} == {}
    assert site.updates == []


def test_each_step_is_told_in_the_status_file_and_in_the_output_of_the_run(site: Site) -> None:
    bundle = site.publish("told", "BMC.bin", of_this(site, BMC))
    before = set((site.controller.state / "firmware").glob("*.jsonl"))
    run = site.play(bundle, "-v")
    assert run.of("bmc", "update").result["updates"][0]["state"] == "updated"
    (file,) = set((site.controller.state / "firmware").glob("*.jsonl")) - before
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert {line["host"] for line in lines} == {"bmc"}
    assert lines[0]["phase"] == "transfer"
    assert {"transfer", "apply"} <= {line["phase"] for line in lines} <= {"transfer", "apply", "return", "wait"}
    # With -v the same steps stand in the output of the run; Ansible does not show what a delegate says meanwhile.
    shown = [line for line in run.stdout.splitlines() if line.startswith("bmc: firmware: ")]
    delegated = isinstance(site.controller, ShippingController)
    assert [line.split()[2].rstrip(":") for line in shown] == ([] if delegated else [line["phase"] for line in lines])
