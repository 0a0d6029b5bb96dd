# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small fleet for the tests of the simulator, and a plain HTTP client to speak to it."""

from __future__ import annotations

import base64
import http.client
import json
import os
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.simulator.control import Simulator

# Test processes that run at the same time must not want the same addresses.
NETWORK = f"127.{64 + os.getpid() % 128}.0"
FLEET = {
    "defaults": {
        "timing": {"on": 0.05, "graceful": 0.05, "force": 0.05, "restart": 0.05, "post": 0.05, "manager_reset": 0.2},
        "auth": {"sessions": 2},
    },
    "bmcs": [
        {"name": "ilo", "profile": "hpe_ilo5", "address": f"{NETWORK}.1", "idle_limit": None},
        {"name": "idrac", "profile": "dell_idrac9", "address": f"{NETWORK}.2"},
        {"name": "blade2", "profile": "cray_ex_nc", "address": f"{NETWORK}.3", "nodes": 2},
        {"name": "blade4", "profile": "cray_ex_nc", "address": f"{NETWORK}.4", "nodes": 4},
        {"name": "smc", "profile": "supermicro_x13", "address": f"{NETWORK}.25"},
        {"name": "xcc", "profile": "lenovo_xcc", "address": f"{NETWORK}.26"},
        {"name": "ami", "profile": "ami_gigabyte", "address": f"{NETWORK}.27"},
        {"name": "openbmc", "profile": "openbmc", "address": f"{NETWORK}.35"},
        {"name": "gh200", "profile": "nvidia_gh200", "address": f"{NETWORK}.36"},
        {"name": "ilo6", "profile": "hpe_ilo6", "address": f"{NETWORK}.51", "idle_limit": None},
        {"name": "ilo7", "profile": "hpe_ilo7", "address": f"{NETWORK}.52", "idle_limit": None},
        {"name": "idrac10", "profile": "dell_idrac10", "address": f"{NETWORK}.53", "timing": {"rest": 0}},
        {"name": "idrac3", "profile": "dell_idrac9_3", "address": f"{NETWORK}.54"},
        {"name": "x10", "profile": "supermicro_x10", "address": f"{NETWORK}.55"},
        {"name": "xcc3", "profile": "lenovo_xcc3", "address": f"{NETWORK}.56"},
        {"name": "gb200", "profile": "nvidia_gb200", "address": f"{NETWORK}.37"},
        {"name": "gb300", "profile": "supermicro_gb300", "address": f"{NETWORK}.38"},
        {"name": "dgx", "profile": "ami_dgx_h100", "address": f"{NETWORK}.39"},
        {"name": "intel", "profile": "intel_s2600", "address": f"{NETWORK}.40"},
        {"name": "unknown", "profile": "unknown_maker", "address": f"{NETWORK}.41"},
        {"name": "cmm", "profile": "cray_ex_cc", "address": f"{NETWORK}.42"},
        {"name": "switch", "profile": "cray_ex_sc", "address": f"{NETWORK}.43"},
        {"name": "twin{}", "profile": "hpe_ilo5", "address": f"{NETWORK}.10", "count": 2, "idle_limit": None},
    ],
}
SYSTEMS = {
    "ilo": "/redfish/v1/Systems/1",
    "idrac": "/redfish/v1/Systems/System.Embedded.1",
    "blade2": "/redfish/v1/Systems/Node1",
    "blade4": "/redfish/v1/Systems/Node2",
    "openbmc": "/redfish/v1/Systems/system",
    "gh200": "/redfish/v1/Systems/System_0",
    "smc": "/redfish/v1/Systems/1",
    "xcc": "/redfish/v1/Systems/1",
    "ami": "/redfish/v1/Systems/Self",
    "ilo6": "/redfish/v1/Systems/1",
    "ilo7": "/redfish/v1/Systems/1",
    "idrac10": "/redfish/v1/Systems/System.Embedded.1",
    "x10": "/redfish/v1/Systems/1",
    "xcc3": "/redfish/v1/Systems/1",
    "gb200": "/redfish/v1/Systems/System_0",
    "gb300": "/redfish/v1/Systems/System_0",
    "dgx": "/redfish/v1/Systems/DGX",
    "intel": "/redfish/v1/Systems/SIMP70000001",
    "unknown": "/redfish/v1/Systems/host",
}
MANAGERS = {
    "ilo": "/redfish/v1/Managers/1",
    "idrac": "/redfish/v1/Managers/iDRAC.Embedded.1",
    "blade2": "/redfish/v1/Managers/BMC",
    "openbmc": "/redfish/v1/Managers/bmc",
    "gh200": "/redfish/v1/Managers/BMC_0",
    "smc": "/redfish/v1/Managers/1",
    "xcc": "/redfish/v1/Managers/1",
    "ami": "/redfish/v1/Managers/Self",
    "idrac10": "/redfish/v1/Managers/iDRAC.Embedded.1",
    "x10": "/redfish/v1/Managers/1",
    "gb200": "/redfish/v1/Managers/BMC_0",
    "gb300": "/redfish/v1/Managers/BMC_0",
    "dgx": "/redfish/v1/Managers/BMC",
    "intel": "/redfish/v1/Managers/BMC",
    "unknown": "/redfish/v1/Managers/controller",
}


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def message_id(self) -> str:
        """The first MessageId of an answer in the Redfish error format."""
        return str(self.document["error"]["@Message.ExtendedInfo"][0]["MessageId"])


class Client:
    """One kept-alive TLS connection to a simulated BMC. It trusts any certificate."""

    def __init__(self, address: str, port: int) -> None:
        # Not create_default_context(): reading the system's CAs takes 50 ms, and none of them is asked.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.connection = http.client.HTTPSConnection(address, port, context=context, timeout=10)

    def ask(
        self,
        method: str,
        uri: str,
        body: object = None,
        login: tuple[str, str] | None = ("admin", "secret"),
        **headers: str,
    ) -> Answer:
        """Send one request and return the answer; header names are written with _ for -."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if login is not None:
            sent["Authorization"] = "Basic " + base64.b64encode(":".join(login).encode()).decode()
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        self.connection.request(method, uri, data, sent)
        response = self.connection.getresponse()
        return Answer(response.status, response.headers, response.read())

    def get(self, uri: str, **options: Any) -> Any:
        """Return the document of a resource that is there."""
        answer = self.ask("GET", uri, **options)
        assert answer.status == 200, answer
        return answer.document

    def reset(self, uri: str, reset_type: str, **headers: Any) -> Answer:
        """POST to the Reset action of a system, a manager or a chassis."""
        kind = {"Systems": "ComputerSystem", "Managers": "Manager", "Chassis": "Chassis"}[uri.split("/")[3]]
        return self.ask("POST", f"{uri}/Actions/{kind}.Reset", {"ResetType": reset_type}, **headers)


@pytest.fixture(scope="session")
def running_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Start the fleet once."""
    with Simulator.start(FLEET, tmp_path_factory.mktemp("simulator")) as simulator:
        yield simulator
        assert "Traceback" not in simulator.log.read_text()


@pytest.fixture
def simulator(running_simulator: Simulator) -> Simulator:
    """Return the fleet in its initial state."""
    running_simulator.reset()
    return running_simulator


@pytest.fixture
def connect(simulator: Simulator) -> Iterator[Callable[[str], Client]]:
    """Return a function that opens a new connection to the BMC of a name."""
    places = {bmc["name"]: (bmc["address"], bmc["port"]) for bmc in simulator.bmcs()}
    clients: list[Client] = []

    def open_connection(name: str) -> Client:
        clients.append(Client(*places[name]))
        return clients[-1]

    yield open_connection
    for client in clients:
        client.connection.close()


@pytest.fixture
def powered(simulator: Simulator) -> Callable[[str], str]:
    """Return a function that tells the true power state of the first system of a BMC."""

    def power_state(name: str) -> str:
        systems = simulator.state(name)["systems"]
        return str(systems[SYSTEMS[name].rpartition("/")[2]]["power_state"])

    return power_state
