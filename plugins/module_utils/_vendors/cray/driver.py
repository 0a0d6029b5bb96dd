# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HPE Cray EX node, chassis and switch controllers (evidence: recorded nC and cC 1.6.19; sC as others describe it)."""

from __future__ import annotations

import re

from ..._redfish.resource import Document, id_of, member, strings, text
from ..._redfish.service import Service
from ...vendor_api.v1 import BiosSettings, Console, ConsoleAccess, Evidence, FirmwareUpdate, Inventory, ManagerSettings
from ..generic import GenericDriver
from ..standard.console import GenericConsole, is_off, port_of
from ..standard.inventory import GenericInventory, firmware_inventory
from .bios import CrayBios
from .firmware_update import CrayFirmwareUpdate
from .settings import CraySettings

# SoftwareId, and the begin of the version, of a controller's own image: node, chassis and switch controller.
_CONTROLLERS = re.compile(r"[ncs]c[:.]")

# A chassis controller's own name: cabinet, chassis, b0 (hms-xname, ChassisBMC).
_CHASSIS_CONTROLLER = re.compile(r"(x\d+c\d+)b0(?:\.|$)")
# Its slots: compute blades are x1000c0s3 by name, switches x1000c0r3 (hms-xname, ComputeModule and RouterModule).
_BLADE, _SWITCH = re.compile(r"Blade(\d+)"), re.compile(r"Perif(\d+)")

_NODE = re.compile(r"Node(\d+)")

# ResetTypes that only Cray's managers have: recorded on 1.6.19, and on older firmware (hms-smd's recordings).
_OWN_RESETS = frozenset({"StatefulReset", "ForceEraseNetworkReload"})


class CrayInventory(GenericInventory):
    """The manager tells neither model nor firmware version; the firmware inventory does."""

    def maker(self, evidence: Evidence) -> str:
        return "cray"

    def firmware_version(self, service: Service, manager: Document | None) -> str | None:
        for software in firmware_inventory(service):
            named = text(software, "SoftwareId") or text(software, "Version") or ""
            if text(software, "Id") == "BMC" and _CONTROLLERS.match(named):
                return text(software, "Version")
        return super().firmware_version(service, manager)

    def contents(self, chassis: Document, names: tuple[str, ...]) -> str:
        """What is in a chassis or slot of a chassis controller, which has no systems and no links between them.

        powerman's device for Cray EX has the same order: Enclosure, in it Perif and Blade, in a Blade the nodes.
        """
        found = (_CHASSIS_CONTROLLER.match(name) for name in names)
        place = next((match[1] for match in found if match), "")
        slot = id_of(chassis)
        if blade := _BLADE.fullmatch(slot):
            return f"the nodes of compute blade {place}s{blade[1]}"
        if switch := _SWITCH.fullmatch(slot):
            return f"the switch {place}r{switch[1]}, and for all nodes the network through it"
        if text(chassis, "Model") == "CMM":
            return f"every blade and switch of the chassis {place}".rstrip()
        return ""


class CrayConsole(GenericConsole):
    """Redfish tells nothing of a console: each node has one behind SSH as a user of its own.

    Evidence: hms console-node, scripts/ssh-key-console: the user is the last two characters of the node's xname, and
    the key is among SSHConsole.AuthorizedKeys of the controller's NetworkProtocol.
    """

    def of_system(self, system: Document, protocols: Document | None) -> tuple[Console, ...]:
        node = _NODE.fullmatch(id_of(system))
        if not node:
            return super().of_system(system, protocols)
        enabled = not is_off(protocols, "ssh")
        return (Console("ssh", port_of(protocols, "ssh"), "vendor rule", enabled=enabled, user=f"n{node[1]}"),)


class Cray(GenericDriver):
    """The root names nobody; an enclosure manager with Cray's processes, description or resets is the sign."""

    dialect = "cray"

    def make_inventory(self) -> Inventory:
        return CrayInventory()

    def make_console(self) -> ConsoleAccess:
        return CrayConsole()

    def make_bios(self) -> BiosSettings:
        return CrayBios()

    def make_firmware_update(self) -> FirmwareUpdate:
        return CrayFirmwareUpdate()

    def make_settings(self) -> ManagerSettings:
        return CraySettings()

    def recognises(self, evidence: Evidence) -> bool:
        return any(
            text(manager, "ManagerType") == "EnclosureManager"
            and (
                member(manager, "Actions", "Oem", "#CrayProcess.Schedule") is not None
                or text(manager, "Description") == "Shasta Manager"
                or not _OWN_RESETS.isdisjoint(_resets(manager))
            )
            for manager in evidence.managers or ()
        )


def _resets(manager: Document) -> tuple[str, ...]:
    return strings(manager, "Actions", "#Manager.Reset", "ResetType@Redfish.AllowableValues")
