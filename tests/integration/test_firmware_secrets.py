# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Canaries of an update: the BMC's password, the registry's, and what opens a staged image, are nowhere after a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.integration import canary
from tests.integration.conftest import StartFleet
from tests.integration.firmware_cases import CASES, NEW, TIMING, images, options
from tests.integration.fleet import USERNAME, Fleet
from tests.integration.playbook import Controller, Run
from tests.registry.debian import PASSWORD as REGISTRY_PASSWORD
from tests.registry.debian import PROGRAM, DebianRegistry, debian_registry
from tests.registry.debian import USERNAME as REGISTRY_USERNAME

FIRMWARE, PUBLISH = "openchami.bmc.bmc_firmware", "openchami.bmc.bmc_firmware_bundle"
SPARED = {"inventory.json", "play.json"}
# By BMC: profile, and what its task says otherwise.
ASKED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "pull": ("hpe_ilo5", {"bmc_auth": "session"}),
    "push": ("hpe_ilo5", {"transfer": "push"}),
    "silent": ("cray_ex_nc", {}),
    "later": ("ami_gigabyte", {"wait": False}),
    "hangs": ("hpe_ilo5", {"apply_timeout": 2}),
    "never": ("cray_ex_nc", {"transfer_timeout": 2, "apply_timeout": 2}),
    "refused": ("dell_idrac9", {}),
    "wrong": ("dell_idrac9", {}),
    "bundle": ("dell_idrac9", {}),
}


@dataclass(frozen=True)
class Traces:
    """What a run left behind, and what must not be in it beside the canary."""

    run: Run
    processes: set[bytes]
    controller: Controller
    tokens: list[bytes]

    @property
    def secrets(self) -> list[bytes]:
        return [*self.tokens, REGISTRY_PASSWORD.encode()]


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    account = {"username": USERNAME, "password": canary.PASSWORD, "timing": TIMING}
    fleet = start_fleet([{"name": name, "profile": profile, **account} for name, (profile, _more) in ASKED.items()])
    simulator = fleet.simulator
    simulator.set_state("wrong", password="another")
    simulator.fault("hangs", "update", how="hangs")
    simulator.fault("never", "download", how="never")
    simulator.fault("refused", "status", method="POST", status=400, body={"error": {"message": canary.PASSWORD}})
    return fleet


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DebianRegistry | None]:
    """With a certificate and an account; None where there is no program for it."""
    if not PROGRAM:
        yield None
        return
    with debian_registry(tmp_path_factory.mktemp("site") / "registry", tls=True, password=True) as running:
        yield running


@pytest.fixture(scope="module")
def traces(
    fleet: Fleet, controller: Controller, registry: DebianRegistry | None, tmp_path_factory: pytest.TempPathFactory
) -> Traces:
    """Updates of all kinds, failures and a second task that settles, at -vvvv with everything kept."""
    folder = tmp_path_factory.mktemp("images")
    images(folder)
    canary.keep_everything(controller)
    hosts = {}
    for name, (profile, more) in ASKED.items():
        given = options(CASES[profile][0], folder, **more)
        if name == "bundle" and registry is not None:
            given = {**given, "image_path": None, **published(registry, folder)}
        password = {"__ansible_unsafe": canary.PASSWORD}
        hosts[name] = fleet.variables(name, bmc_password=password, firmware=given)
    settle = "{{ firmware | combine({'handle': begun.handle | default(none, true), 'wait': true}) }}"
    tasks: list[dict[str, Any]] = [
        {"name": "check", FIRMWARE: "{{ firmware }}", "check_mode": True},
        {"name": "update", FIRMWARE: "{{ firmware }}", "register": "begun"},
        {"name": "settle", FIRMWARE: settle},
        {"name": "show", "ansible.builtin.debug": {"var": "begun"}},
    ]
    run, processes = canary.watched(controller.start(hosts, tasks, arguments=["-vvvv", "--diff"]))
    urls = [update["url"] for name in ASKED for update in fleet.simulator.state(name)["updates"] if update["url"]]
    return Traces(run, processes, controller, [urlsplit(url).path.split("/")[1].encode() for url in urls])


def published(registry: DebianRegistry, folder: Path) -> dict[str, Any]:
    """What a task says of a bundle in the registry, which another controller has published."""
    access = {
        "registry_ca_path": str(registry.ca),
        "registry_username": REGISTRY_USERNAME,
        "registry_password": REGISTRY_PASSWORD,
    }
    reference = f"{registry.address}/firmware/bmc:1.0.0"
    bmc = {"component": "bmc", "version": NEW, "compatible_hardware": ["PowerEdge R650"], "reboot": "manager"}
    told = {"reference": reference, "payload": str(folder / "BMC.bin"), "version": "1.0.0", "components": [bmc]}
    publisher = Controller(folder / "publisher")
    run = publisher.run({"localhost": {}}, [{"name": "publish", PUBLISH: {**told, **access}}])
    assert run.outcomes[0].status == "ok", run.outcomes[0].msg
    return {"bundle": run.outcomes[0].result["reference"], **access}


def test_every_fate_was_met(traces: Traces) -> None:
    """The search below is worth only what there was to be leaked."""
    found = {name: traces.run.of(name, "update") for name in ASKED}
    kinds = {name: outcome.kind for name, outcome in found.items()}
    assert kinds == {
        **dict.fromkeys(ASKED, ""),
        "hangs": "NotReached",
        "never": "NotReached",
        "refused": "RefusedByBmc",
        "wrong": "LoginRefused",
    }
    assert bool(found["bundle"].result["bundle"]) is bool(PROGRAM)
    assert found["later"].result["handle"]
    assert found["hangs"].result["handle"]
    assert traces.run.of("later", "settle").status == "ok"
    assert len(set(traces.tokens)) == len(traces.tokens) > 4
    assert all(len(token) >= 20 for token in traces.tokens)
    assert list((traces.controller.state / "firmware").iterdir())


def test_what_is_on_the_screen_holds_no_secret(traces: Traces) -> None:
    assert canary.leaks((traces.run.stdout + traces.run.stderr).encode(), traces.secrets) == []


def test_no_file_holds_a_secret(traces: Traces) -> None:
    """The log, the journal of results, the audit log, the status file, what is remembered of updates, the cache."""
    assert canary.leaking_files(traces.controller.folder, SPARED, traces.secrets) == {}


def test_no_process_shows_a_secret(traces: Traces) -> None:
    assert len(traces.processes) > 2
    assert [found for shown in traces.processes for found in canary.leaks(shown, traces.secrets)] == []
