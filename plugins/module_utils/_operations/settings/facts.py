# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of a BMC as bmc_info shows them. Reads only."""

from __future__ import annotations

from typing import Any

from ..._core.errors import BmcError
from ..._redfish.resource import Document, link, uri_of
from ...vendor_api.v1 import Missing, SettingsView
from ..connect import View
from ..managers import bmc_manager
from ..parts import Parts
from .names import SERVICES, STANDARD, group
from .plan import place


def read(bmc: View, parts: Parts) -> dict[str, Any]:
    """All that have a name of their own, in the form of the options; null where this BMC has none, or holds none.

    Shape: {ntp: {enabled, servers}, ..., ssh_keys: {admin, console}, sources: {name: URI}, reset_needed}.
    """
    manager = bmc_manager(bmc.service)
    shown: dict[str, Any] = {"sources": {}, "reset_needed": False}
    for name in (*STANDARD, *(f"ssh_keys.{service}" for service in SERVICES)):
        value = _value(bmc, manager, name, parts, shown) if manager is not None else None
        option, _dot, part = name.partition(".")
        if part:
            shown.setdefault(option, {})[part] = value
        else:
            shown[option] = value
    return shown


def _value(bmc: View, manager: Document, name: str, parts: Parts, shown: dict[str, Any]) -> Any:
    try:
        found = place(bmc, SettingsView(bmc.service, manager, bmc.origin.host, {}), name)
    except BmcError as error:
        parts.leave_out(_asked(manager, name), error)
        return None
    if isinstance(found, Missing):
        return None
    shown["sources"][name] = found.uri
    shown["reset_needed"] = shown["reset_needed"] or any(map(bmc.driver.settings.awaits_reset, found.documents))
    value = found.value()
    return list(value) if isinstance(value, tuple) else value


def _asked(manager: Document, name: str) -> str:
    """The resource that is most likely the one that could not be read."""
    wanted = "EthernetInterfaces" if group(name) in ("dns", "hostname") else "NetworkProtocol"
    return link(manager, wanted) or uri_of(manager)
