# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Never the wrong machine (promise 1): who a BMC is, recorded once and compared before every write.

A recorded identity is data that a host variable can hold::

    dialect, vendor, model, firmware_version   what was detected: saves finding it out again
    uuid, serial_number, mac_address           of the BMC or its machine; null where unknown
    systems: {ID: {uri, uuid, serial_number, reset_types}}  the systems that can be powered

All parts are optional: {"serial_number": "ABC123"} from an asset list is an identity too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .._core.errors import WrongMachine
from .._redfish.resource import Document, id_of, link, text
from .._redfish.service import Service
from .connect import Bmc
from .managers import bmc_manager

_KEYS = ("uuid", "serial_number", "mac_address")

# What firmware shows when nobody programmed a number, without separators: many machines share these.
_PLACEHOLDERS = frozenset(
    {
        *("none", "null", "n/a", "na", "unknown", "defaultstring", "notspecified", "notapplicable", "notavailable"),
        *("tobefilledbyoem", "systemserialnumber", "chassisserialnumber"),
        "03000200040005000006000700080009",  # AMI's UUID
    }
)


def recorded_system(identity: Mapping[str, Any], system_id: str) -> Mapping[str, Any]:
    """What was recorded of one system; {} where nothing was."""
    systems = identity.get("systems")
    entry = systems.get(system_id) if isinstance(systems, Mapping) else None
    return entry if isinstance(entry, Mapping) else {}


def verify_system(bmc: Bmc, identity: Mapping[str, Any], system: Document) -> bool:
    """Compare a system, as just read, with what was recorded. False where nothing was recorded of it.

    The UUID decides, else the serial number together with the Id (the nodes of a Cray blade share theirs), else what
    is known of the BMC. Raises WrongMachine on a mismatch, and when a record exists but nothing can be compared.
    """
    return same_machine(recorded_system(identity, id_of(system)), system) or verify_bmc(bmc, identity, system)


def machine(resource: Document) -> dict[str, str | None]:
    """What identifies a system or chassis."""
    return {"uuid": text(resource, "UUID"), "serial_number": text(resource, "SerialNumber")}


def same_machine(recorded: Mapping[str, Any], resource: Document) -> bool:
    """Whether a resource is the recorded one; False where they hold nothing in common. Raises WrongMachine."""
    for key, shown in machine(resource).items():
        wanted = usable(recorded.get(key))
        if wanted and usable(shown):
            _compare(key, wanted, {usable(shown)}, f"{id_of(resource)}")
            return True
    return False


def verify_bmc(bmc: Bmc, identity: Mapping[str, Any], *resources: Document) -> bool:
    """Compare the BMC, and the resources at hand, with what was recorded. False where nothing was recorded.

    Raises WrongMachine.
    """
    wanted = {key: value for key in _KEYS if (value := usable(identity.get(key)))}
    for key, value in wanted.items():
        shown = {usable(seen) for seen in _shown(bmc, key, resources)} - {""}
        if shown:
            _compare(key, value, shown, "the BMC")
            return True
    if wanted or _tells_systems(identity):
        raise WrongMachine(
            "the machine's identity could not be verified",
            why="the BMC shows nothing that the recorded identity holds",
            way_out="Look at it with bmc_info, then record its identity anew.",
        )
    return False


def same_bmc(recorded: Mapping[str, Any], service: Service) -> bool:
    """Whether a BMC is the recorded one; False where they show nothing in common. Raises WrongMachine."""
    for key, shown in bmc_identity(service).items():
        wanted = usable(recorded.get(key))
        if wanted and usable(shown):
            _compare(key, wanted, {usable(shown)}, "the BMC")
            return True
    return False


def bmc_identity(service: Service) -> dict[str, str | None]:
    """uuid, serial_number and mac_address of the BMC or its machine."""
    manager = bmc_manager(service)
    held = _chassis(service, manager)
    return {
        "uuid": text(service.root(), "UUID") or (text(manager, "UUID") if manager else None),
        "serial_number": text(held, "SerialNumber") if held else None,
        "mac_address": min(_mac_addresses(service, manager), key=_locally_administered_last, default=None),
    }


def _tells_systems(identity: Mapping[str, Any]) -> bool:
    """Whether the record holds a number of any system: a BMC that shows none of anything has none recorded either."""
    systems = identity.get("systems")
    recorded = [recorded_system(identity, name) for name in systems] if isinstance(systems, Mapping) else []
    return any(usable(entry.get(key)) for entry in recorded for key in ("uuid", "serial_number"))


def _shown(bmc: Bmc, key: str, resources: tuple[Document, ...]) -> Iterator[str | None]:
    service = bmc.service
    if key == "uuid":
        yield from (text(resource, "UUID") for resource in resources)
        yield text(service.root(), "UUID")
        manager = bmc_manager(service)
        yield text(manager, "UUID") if manager else None
    elif key == "serial_number":
        yield from (text(resource, "SerialNumber") for resource in resources)
        yield bmc.driver.inventory.serial_number(service)
        held = _chassis(service, bmc_manager(service))
        yield text(held, "SerialNumber") if held else None
    else:
        yield from _mac_addresses(service, bmc_manager(service))


def _chassis(service: Service, manager: Document | None) -> Document | None:
    uri = link(manager, "Links", "ManagerInChassis") if manager is not None else None
    return service.find(uri) if uri else None


def _mac_addresses(service: Service, manager: Document | None) -> Iterator[str]:
    collection = link(manager, "EthernetInterfaces") if manager is not None else None
    for uri in service.members(collection) if collection else ():
        interface = service.find(uri)
        address = text(interface, "PermanentMACAddress") or text(interface, "MACAddress") if interface else None
        if address:
            yield address.lower()


def _locally_administered_last(address: str) -> tuple[bool, str]:
    """Sorts the addresses that a maker assigned first: the interface to the host has one that many machines share."""
    try:
        return bool(int(address[:2], 16) & 2), address
    except ValueError:
        return True, address


def usable(value: object) -> str:
    """A comparable value: case, padding and separators do not matter; "" for what identifies nothing."""
    plain = re.sub(r"[-:._\s]", "", str(value)).lower() if value is not None else ""
    idle = plain in _PLACEHOLDERS or plain.startswith(("123456789", "0123456789")) or set(plain) <= {"0"}
    return "" if idle or set(plain) <= {"f"} else plain


def _compare(key: str, wanted: str, shown: set[str], whose: str) -> None:
    if wanted not in shown:
        raise WrongMachine(
            f"{whose} is not the recorded one",
            why=f"{key} is {' or '.join(sorted(shown))}, recorded was {wanted}",
            way_out="Nothing is written to it. If the machine was replaced on purpose, record its identity anew.",
        )
