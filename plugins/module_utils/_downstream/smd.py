# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OpenCHAMI's State Management Database, as the list of BMCs that it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.clock import Clock
from .._core.errors import BadAnswer, BmcError, InvalidRequest, LocalFailure, LoginRefused
from .._transport.http import Service, reach

_ENDPOINTS = "/hsm/v2/Inventory/RedfishEndpoints"


def redfish_endpoints(service: Service, token: str, clock: Clock) -> list[Mapping[str, Any]]:
    """Every RedfishEndpoint: ID (an xname), FQDN, Hostname, IPAddress, Enabled and more.

    token: a bearer token, "" where the SMD asks for none. Raises InvalidRequest for what is no URL, else LocalFailure.
    """
    try:
        answer = _asked(service, token, clock)
    except InvalidRequest:
        raise
    except BmcError as error:
        why = ": ".join(filter(None, (error.what, error.why)))
        way_out = "Check its URL, token and CA."
        raise LocalFailure(
            f"the SMD at {service.url} did not tell its RedfishEndpoints", why=why, way_out=way_out
        ) from error
    return answer


def _asked(service: Service, token: str, clock: Clock) -> list[Mapping[str, Any]]:
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    http, path = reach(service, clock)
    try:
        response = http.request("GET", f"{path}{_ENDPOINTS}", headers=headers)
    finally:
        http.close()
    if response.status in (401, 403):
        raise LoginRefused("the token was refused", why=f"HTTP {response.status}")
    if response.status != 200:
        raise BadAnswer(f"GET {response.path}: HTTP {response.status}")
    entries = response.document().get("RedfishEndpoints")
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise BadAnswer("its answer has no RedfishEndpoints")
    return entries
