# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sushy-tools' emulator, written by others, really powered off, on and around through the driver `generic`.

The emulator itself is asked what became of its systems, over a connection of our own.

Unlike a real BMC, it has a manager for each system, none with a reset; its systems have no serial number; its errors
have no text in their extended information; it offers Nmi but answers it with 501; it takes a reset that changes nothing
for a success, and a restart of a system that is off for power on; a graceful restart shows as Off and then On; every
answer ends the connection.
"""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from tests.integration.playbook import Controller, Run
from tests.integration.site import Source
from tests.simulator.certificate import issue

EMULATOR = Path(sys.executable).with_name("sushy-emulator")
ADDRESS = "127.0.0.1"
USERNAME, PASSWORD = "admin", "secret"
START_SECONDS = 30.0

RUNNING, STOPPED = "9b0c1f60-5d5e-4f5c-8d2e-000000000001", "9b0c1f60-5d5e-4f5c-8d2e-000000000002"
SYSTEMS = {"running": (RUNNING, "On"), "stopped": (STOPPED, "Off")}


@dataclass(frozen=True)
class Emulator:
    """A running emulator. address: host and port."""

    address: str
    log: Path

    def ask(self, path: str, *, login: bool = True) -> dict[str, Any]:
        """What it answers to GET."""
        pair = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(self.address, timeout=10, context=context)
        with closing(connection):
            connection.request("GET", path, headers={"Authorization": f"Basic {pair}"} if login else {})
            response = connection.getresponse()
            assert response.status == 200
            return dict(json.load(response))

    def power(self, system: str) -> str:
        """The power state of a system."""
        return str(self.ask(f"/redfish/v1/Systems/{system}")["PowerState"])

    def resets(self) -> list[str]:
        """The systems that were sent a reset, in order, by its log of requests."""
        requests = [line for line in self.log.read_text(encoding="utf-8").splitlines() if "POST /" in line]
        return [line.split("/Systems/")[1].split("/")[0] for line in requests]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """The emulator over TLS with a login, on a free port; ended by its process."""
    folder = tmp_path_factory.mktemp("sushy")
    log = folder / "log"
    with socket.create_server((ADDRESS, 0)) as server:
        port = int(server.getsockname()[1])
    command = [str(EMULATOR), "--config", str(configured(folder, port))]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        emulator = Emulator(f"{ADDRESS}:{port}", log)
        await_start(emulator, process)
        yield emulator
    finally:
        process.terminate()
        process.wait()


def configured(folder: Path, port: int) -> Path:
    """The emulator's configuration, a Python file."""
    certificate, passwords, config = folder / "certificate.pem", folder / "htpasswd", folder / "emulator.conf"
    certificate.write_bytes(issue("sushy", ADDRESS).pem)
    passwords.write_text(f"{USERNAME}:{bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()}\n")
    systems = [
        {"uuid": uuid, "name": name, "power_state": power_state, "nics": []}
        for name, (uuid, power_state) in SYSTEMS.items()
    ]
    settings = {
        "SUSHY_EMULATOR_FAKE_DRIVER": True,
        "SUSHY_EMULATOR_FAKE_SYSTEMS": systems,
        "SUSHY_EMULATOR_LISTEN_IP": ADDRESS,
        "SUSHY_EMULATOR_LISTEN_PORT": port,
        "SUSHY_EMULATOR_SSL_CERT": str(certificate),
        "SUSHY_EMULATOR_SSL_KEY": str(certificate),
        "SUSHY_EMULATOR_AUTH_FILE": str(passwords),
        "SUSHY_EMULATOR_STATE_DIR": str(folder),
    }
    # Its power changes take 1 to 11 seconds, by chance: here always the shortest.
    lines = ["import random", "random.randint = min", *(f"{name} = {value!r}" for name, value in settings.items())]
    config.write_text("\n".join(lines), encoding="utf-8")
    return config


def await_start(emulator: Emulator, process: subprocess.Popen[bytes]) -> None:
    """Return when the emulator answers."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            emulator.ask("/redfish/v1", login=False)
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"the emulator did not start:\n{emulator.log.read_text(encoding='utf-8')}")


def play(controller: Controller, emulator: Emulator, tasks: Mapping[str, Mapping[str, Any]], **variables: Any) -> Run:
    """One host for each system, the same tasks for all: name and options of bmc_power; no options: bmc_info."""
    login = {
        "bmc_address": emulator.address,
        "bmc_username": USERNAME,
        "bmc_password": PASSWORD,
        "bmc_validate_certs": False,
        **variables,
    }
    hosts = {name: {**login, "bmc_system": uuid} for name, (uuid, _power) in SYSTEMS.items()}
    patience = {"poll_interval": 0.1, "wait_timeout": 20}
    return controller.run(
        hosts,
        [
            {"name": name, "openchami.bmc.bmc_power": {**patience, **options}}
            if options
            else {"name": name, "openchami.bmc.bmc_info": {}}
            for name, options in tasks.items()
        ],
    )


def test_off_on_and_around(emulator: Emulator, controller: Controller) -> None:
    """One system that runs and one that does not: what is there already is left alone."""
    off = play(controller, emulator, {"off": {"state": "off"}})
    assert off.of("running", "off").result["changed"]
    assert not off.of("stopped", "off").result["changed"]
    assert (emulator.power(RUNNING), emulator.power(STOPPED)) == ("Off", "Off")
    assert emulator.resets() == [RUNNING]

    on = play(controller, emulator, {"on": {"state": "on"}})
    assert {on.of(name, "on").result["power_state"] for name in SYSTEMS} == {"On"}
    assert (emulator.power(RUNNING), emulator.power(STOPPED)) == ("On", "On")
    assert sorted(emulator.resets()[1:]) == [RUNNING, STOPPED]

    around = play(controller, emulator, {"hard": {"state": "hard_restart"}, "soft": {"state": "soft_restart"}})
    for name in SYSTEMS:
        hard, soft = (around.of(name, task).result["targets"][0] for task in ("hard", "soft"))
        assert [write["body"]["ResetType"] for write in hard["sent"]] == ["GracefulShutdown", "On"]
        assert [write["body"]["ResetType"] for write in soft["sent"]] == ["GracefulRestart"]
        assert soft["confirmed"]
    assert (emulator.power(RUNNING), emulator.power(STOPPED)) == ("On", "On")
    assert sorted(emulator.resets()[3:]) == [RUNNING] * 3 + [STOPPED] * 3


def test_info_is_what_the_emulator_shows(emulator: Emulator, controller: Controller) -> None:
    info = play(controller, emulator, {"info": {}}).of("running", "info").result
    assert (info["bmc"]["vendor"], info["bmc"]["dialect"]) == ("sushy emulator", "generic")
    assert info["bmc"]["redfish_version"] == emulator.ask("/redfish/v1", login=False)["RedfishVersion"]
    assert {system["id"]: system["power_state"] for system in info["systems"]} == {
        uuid: emulator.power(uuid) for uuid, _power in SYSTEMS.values()
    }
    assert info["bmc"]["identity"]["systems"][RUNNING]["uuid"] == RUNNING


@pytest.mark.soak
def test_a_refusal_and_a_wrong_password_change_nothing(emulator: Emulator, controller: Controller) -> None:
    before = (emulator.power(RUNNING), emulator.power(STOPPED))
    sent = emulator.resets()
    run = play(controller, emulator, {"off": {"state": "off"}}, bmc_password="wrong")
    assert {run.of(name, "off").kind for name in SYSTEMS} == {"LoginRefused"}
    assert emulator.resets() == sent
    nmi = play(controller, emulator, {"nmi": {"state": "nmi"}}).of("running", "nmi")
    assert (nmi.status, nmi.kind) == ("failed", "RefusedByBmc")
    assert (emulator.power(RUNNING), emulator.power(STOPPED)) == before


def test_its_systems_are_discovered(emulator: Emulator, tmp_path: Path) -> None:
    """What nobody here wrote becomes hosts, with the power that it says itself."""
    listed = Source(tmp_path, [emulator.address], (USERNAME, PASSWORD)).listed(hosts="nodes")
    assert listed.summary["answered"] == 1, listed.stderr
    shown = {host["bmc_system"]: host["bmc_power_state"] for host in listed.hostvars.values()}
    assert shown == {uuid: emulator.power(uuid) for uuid, _state in SYSTEMS.values()}
