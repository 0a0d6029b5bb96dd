# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Supermicro's own firmware: success told in a `Success` object, a maker that hides in OEM parts.

Answers to writes are those that owners of boards quote. How it takes a reset that changes nothing is not known: here it
is accepted and has no effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from .. import standard
from ..bmc import Bmc
from ..documents import collection, fixed, link, links, rolled_up, state_number, status, without
from ..machines import supermicro
from ..messages import Cause
from ..profile import Builder, Document, Layout, Profile, Reply, Reset
from ..shelves import Shelf, equipped
from ..standard import ACCOUNT_SERVICE, ACCOUNTS, ROOT, SESSIONS
from . import smc_settings

SYSTEM = f"{ROOT}/Systems/1"
MANAGER = f"{ROOT}/Managers/1"
CHASSIS = f"{ROOT}/Chassis/1"
INTERFACES = f"{MANAGER}/EthernetInterfaces"


class Supermicro(Profile):
    """The BMC of one server; a profile says on which board.

    registry: the Base registry as messages name it; an error's code (base_registry) may name its version otherwise.
    settings: URIs of the OEM resources that hold some; syslog_server: what one of their properties is called.
    board, case: Model and PartNumber of the chassis. inventory: name, version, and the resource that a firmware
    belongs to, by its id. chassis_members, interface_members: of the collections.
    """

    model: str
    part_number: str
    processor: str
    board: str
    case: str
    firmware: str
    bios_version: str
    registry: str
    inventory: Mapping[str, tuple[str, str, str]]
    system_resets: tuple[str, ...]
    manager_resets = ("GracefulRestart",)
    chassis_members: tuple[str, ...] = (CHASSIS,)
    interface_members: tuple[str, ...] = ("1",)
    settings: tuple[str, ...] = tuple(f"{MANAGER}/Oem/Supermicro/{name}" for name in ("NTP", "Syslog", "SysLockdown"))
    syslog_server = "SyslogServer"

    defaults = MappingProxyType({"auth": {"lockout_after": 3}})
    manager_uri = MANAGER
    rules = MappingProxyType(
        {
            f"{MANAGER}/{folder}{name}": rule
            for folder in ("", "Oem/Supermicro/")
            for name, rule in (
                ("NTP", smc_settings.NTP),
                ("Syslog", smc_settings.SYSLOG),
                ("SysLockdown", smc_settings.LOCKDOWN),
            )
        }
    )
    versions = MappingProxyType({MANAGER: ("FirmwareVersion", "BMC"), SYSTEM: ("BiosVersion", "BIOS")})

    def layout(self, nodes: int) -> Layout:
        """One server."""
        resets = {
            f"{SYSTEM}/Actions/ComputerSystem.Reset": Reset("ComputerSystem.Reset", self.system_resets, "1"),
            f"{MANAGER}/Actions/Manager.Reset": Reset("Manager.Reset", self.manager_resets),
        }
        documents = {**self.documents(), **fixed(*self.fixed_documents())}
        layout = Layout(systems=("1",), documents=documents, resets=resets, writable={CHASSIS: ("AssetTag",)})
        return equipped(layout, *self.shelves())

    def shelves(self) -> tuple[Shelf, ...]:
        """The parts of the server."""
        return supermicro.board(SYSTEM, CHASSIS, self.processor)

    def documents(self) -> dict[str, Builder]:
        """What changes. The account is in slot 2."""
        return {
            ROOT: self.service_root,
            SYSTEM: self.system,
            MANAGER: self.manager,
            f"{INTERFACES}/1": self.ethernet_interface,
            CHASSIS: self.chassis,
            SESSIONS: standard.sessions,
            ACCOUNT_SERVICE: partial(standard.account_service, "v1_7_2", Status=status()),
            f"{ACCOUNTS}/2": partial(standard.account, "2", "v1_8_0", Password=None),
        }

    def service_root(self, bmc: Bmc) -> Document:
        """The root has the UUID of the machine, as the system and the manager have. Its OEM part may be empty."""
        return standard.service_root(ROOT, "v1_9_0", "1.11.0", Id="ServiceRoot", Oem={}, UUID=bmc.identity.uuid)

    def system(self, bmc: Bmc) -> Document:
        """The server."""
        return standard.system(
            SYSTEM,
            "v1_14_0",
            "System",
            bmc,
            BiosVersion=self.bios_version,
            Links={"Chassis": links(CHASSIS), "ManagedBy": links(MANAGER)},
            Manufacturer="Supermicro",
            MemorySummary={"Status": rolled_up(), "TotalSystemMemoryGiB": 512},
            Model=self.model,
            PartNumber=self.part_number,
            ProcessorSummary={"Count": 2, "Model": self.processor, "Status": rolled_up()},
        )

    def manager(self, bmc: Bmc) -> Document:
        """The BMC, that names its chip as its model. It has a reset to factory defaults beside the reset."""
        defaults = {"#Manager.ResetToDefaults": {"target": f"{MANAGER}/Actions/Manager.ResetToDefaults"}}
        return standard.manager(
            MANAGER,
            "v1_11_0",
            "Manager",
            bmc,
            Actions=standard.reset_action(MANAGER, "Manager.Reset", bmc) | defaults,
            CommandShell=standard.console(0, "SSH"),
            Description="BMC",
            FirmwareVersion=self.firmware,
            GraphicalConsole=standard.console(4, "KVMIP"),
            Links={
                "ManagerForChassis": links(CHASSIS),
                "ManagerForServers": links(SYSTEM),
                "ManagerInChassis": link(CHASSIS),
            },
            Model="ASPEED",
            Oem={
                "Supermicro": {
                    "@odata.type": "#SmcManagerExtensions.v1_0_0.Manager",
                    **{uri.rpartition("/")[2]: link(uri) for uri in self.settings},
                }
            },
            UUID=bmc.identity.uuid,
        )

    def ethernet_interface(self, bmc: Bmc) -> Document:
        """The network port."""
        document = standard.ethernet_interface(
            f"{INTERFACES}/1",
            "v1_6_3",
            "Manager Ethernet Interface",
            bmc,
            HostName=None,
            LinkStatus="LinkUp",
            MACAddress=bmc.identity.mac_address.upper(),
            StaticNameServers=[],
        )
        return without(document, "InterfaceEnabled", "PermanentMACAddress")

    def chassis(self, bmc: Bmc) -> Document:
        """The box, that cannot be reset. A tag that nobody wrote is null."""
        return standard.chassis(
            CHASSIS,
            "v1_14_0",
            "Computer System Chassis",
            bmc,
            AssetTag=bmc.written(CHASSIS, "AssetTag") or None,
            Links={"ComputerSystems": links(SYSTEM), "ManagedBy": links(MANAGER), "ManagersInChassis": links(MANAGER)},
            Manufacturer="Supermicro",
            Model=self.board,
            PartNumber=self.case,
            SerialNumber=f"C{bmc.identity.serial_number}",
            Status=rolled_up(),
        )

    def fixed_documents(self) -> tuple[Document, ...]:
        """What never changes. The X10 has no update."""
        interfaces = self.interface_members
        return (
            collection(f"{ROOT}/Systems", "ComputerSystem", "Computer System Collection", [SYSTEM]),
            collection(f"{ROOT}/Managers", "Manager", "Manager Collection", [MANAGER]),
            collection(f"{ROOT}/Chassis", "Chassis", "Chassis Collection", self.chassis_members),
            collection(INTERFACES, "EthernetInterface", "Ethernet Network Interface Collection", interfaces),
            collection(ACCOUNTS, "ManagerAccount", "Accounts Collection", ["2"]),
            *standard.firmware_inventory("Firmware Inventory Collection", self.firmwares()),
            self.network_protocol(),
            *(document for uri in self.settings if (document := self.setting(uri))),
            *standard.roles("v1_2_5"),
            standard.session_service("v1_1_7", 300, Status=status()),
            self.update_service(),
            *standard.task_service("v1_1_5"),
        )

    def setting(self, uri: str) -> Document:
        """One of the OEM resources."""
        name = uri.rpartition("/")[2]
        if name == "Syslog":
            return smc_settings.syslog(uri, self.syslog_server)
        return smc_settings.ntp(uri) if name == "NTP" else smc_settings.lockdown(uri)

    def refuse_configuration(self, bmc: Bmc, uri: str, body: Mapping[str, Any]) -> tuple[Cause, tuple[str, ...]] | None:
        """Nothing but the switch itself can be written under lockdown."""
        switches = [switch for switch in self.settings if switch.endswith("/SysLockdown") and switch != uri]
        locked = any(self.document(bmc, switch)["SysLockdownEnabled"] for switch in switches)
        return (Cause.LOCKED_DOWN, ()) if locked else None

    def network_protocol(self) -> Document:
        """Network services."""
        return standard.network_protocol(
            MANAGER,
            "v1_6_2",
            "Manager Network Protocol",
            HostName=None,
            IPMI={"Port": 623, "ProtocolEnabled": True},
            KVMIP={"Port": 5900, "ProtocolEnabled": True},
            NTP={"NTPServers": ["localhost"], "ProtocolEnabled": False},
            SNMP={"Port": 161, "ProtocolEnabled": False},
            Status=status(),
        )

    def update_service(self) -> Document:
        """The update service, with no action."""
        return standard.update_service("v1_8_4", Status=rolled_up())

    def firmwares(self) -> Iterator[Document]:
        """The firmware inventory."""
        for identifier, (name, version, item) in self.inventory.items():
            yield standard.firmware(
                identifier,
                "v1_3_0",
                name,
                version,
                Manufacturer="Supermicro",
                RelatedItem=links(*filter(None, [item])),
                Status=status(),
            )

    def accepted(self, bmc: Bmc, then_restart: bool = False) -> Reply:
        """Status 200, and a `Success` object in the form of an error."""
        entry = {
            "MessageId": f"{self.registry}.Success",
            "Message": "Successfully Completed Request.",
            "MessageArgs": [""],
            "Severity": "OK",
        }
        message = "Successfully Completed Request. See ExtendedInfo for more information."
        success = {"code": f"{self.base_registry}.Success", "message": message, "@Message.ExtendedInfo": [entry]}
        return Reply(200, {"Success": success}, then_restart=then_restart)

    def patched(self, bmc: Bmc) -> Reply:
        """The same as for an action."""
        return self.accepted(bmc)

    def etag(self, bmc: Bmc, uri: str) -> str:
        """Every resource has a strong ETag of 32 hexadecimal digits."""
        return f'"{f"{state_number(uri, bmc):08x}" * 4}"'
