# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images on their way to a simulated BMC by hand, for the tests of updates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.simulator.control import Simulator, eventually

from .conftest import Answer, Client

INVENTORY = "/redfish/v1/UpdateService/FirmwareInventory"
SERVICE = "/redfish/v1/UpdateService"
APPLY = "@Redfish.OperationApplyTime"
BOUNDARY = "8d1b2c"
UNDER_WAY = ("Downloading", "Uploading", "Waiting", "Flashing")


def form(fields: Mapping[str, Any], name: str, image: bytes) -> bytes:
    """A multipart form: the fields, JSON where they are objects, then the file in the part `name`."""
    parts = []
    for field, value in fields.items():
        content = value if isinstance(value, str) else json.dumps(value)
        parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{content}\r\n'.encode())
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="fw.bin"\r\n'
    parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + image + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def push_form(client: Client, uri: str, fields: Mapping[str, Any], image: bytes, **more: Any) -> Answer:
    """Upload an image as the standard has it, or with `file` as the name of its part."""
    body = form(fields, more.pop("file", "UpdateFile"), image)
    return client.ask("POST", uri, body, Content_Type=f"multipart/form-data; boundary={BOUNDARY}", **more)


def push(client: Client, parameters: Mapping[str, Any], image: bytes) -> Answer:
    """Upload an image by MultipartHttpPushUri."""
    uri = client.get(SERVICE)["MultipartHttpPushUri"]
    return push_form(client, uri, {"UpdateParameters": parameters}, image)


def push_to_ilo(client: Client, image: bytes, **changes: Any) -> Answer:
    """Upload an image to an iLO, with a session of its own, which is given back."""
    sessions = "/redfish/v1/SessionService/Sessions"
    opened = client.ask("POST", sessions, {"UserName": "admin", "Password": "secret"}, login=None)
    token = str(opened.headers["X-Auth-Token"])
    fields = {"sessionKey": token, "parameters": {"UpdateRepository": True, "UpdateTarget": True}} | changes
    answer = push_form(
        client, "/cgi-bin/uploadFile", fields, image, file="file", login=None, Cookie=f"sessionKey={token}"
    )
    client.ask("DELETE", str(opened.headers["Location"]).partition("/redfish")[2].join(("/redfish", "")))
    return answer


def update(simulator: Simulator, name: str) -> dict[str, Any]:
    """The truth about the last update of a BMC."""
    found: dict[str, Any] = simulator.state(name)["updates"][-1]
    return found


def ended(simulator: Simulator, name: str, state: str) -> dict[str, Any]:
    """The truth about it when it is no longer under way, and is in this state."""
    eventually(lambda: update(simulator, name)["state"] not in UNDER_WAY)
    found = update(simulator, name)
    assert found["state"] == state, found
    return found


def version(simulator: Simulator, name: str, image: str) -> str:
    """The version of a firmware that truly runs."""
    return str(simulator.state(name)["firmware"][image]["version"])
