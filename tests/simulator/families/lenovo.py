# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lenovo XClarity Controller, XCC to XCC3.

Shapes from a recorded SR670 V2 with XCC 2.83; what another XCC has otherwise is said by its profile. A reset that
changes nothing is taken with 204 (NVIDIA's libredfish); a PATCH without If-Match is refused with 428 (ansible/ansible
issue 56050).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType

from .. import setups, standard
from ..bios import configurable
from ..bmc import Bmc
from ..configuration import Growing, Rule
from ..documents import NO_ADDRESS, collection, fixed, link, links, resource, rolled_up, state_number, status
from ..machines import lenovo
from ..messages import Cause, Message, base_messages
from ..profile import Builder, Document, Layout, Profile, Reset
from ..shelves import equipped
from ..standard import ACCOUNT_SERVICE, ACCOUNTS, INVENTORY, ROOT, SESSIONS, UPDATE_SERVICE
from ..update_rules import answers, told
from ..update_rules.rules import IMMEDIATE, NOTHING, Item, Pull, Push, Updates
from ..update_rules.rules import MANAGER as BY_RESET
from . import xcc_settings

SYSTEM = f"{ROOT}/Systems/1"
MANAGER = f"{ROOT}/Managers/1"
CHASSIS = f"{ROOT}/Chassis/1"
BACKPLANE = f"{ROOT}/Chassis/3"
INTERFACES = f"{MANAGER}/EthernetInterfaces"
DNS = f"{MANAGER}/NetworkProtocol/Oem/Lenovo/DNS"
RECIPIENTS = f"{MANAGER}/Oem/Lenovo/Recipients"
SYSTEM_RESETS = ("On", "Nmi", "GracefulShutdown", "GracefulRestart", "ForceOn", "ForceOff", "ForceRestart")
MANAGER_RESETS = ("GracefulRestart", "ForceRestart")
PROTOCOL_FEATURES = {
    "DeepOperations": {"DeepPATCH": True, "DeepPOST": True, "MaxLevels": 2},
    "ExcerptQuery": True,
    "ExpandQuery": {"ExpandAll": True, "Levels": True, "Links": True, "MaxLevels": 2, "NoLinks": True},
    "FilterQuery": True,
    "OnlyMemberQuery": True,
    "SelectQuery": True,
}


class Xcc(Profile):
    """An XCC of a rack server; a profile says which one.

    generation: Model of the manager. firmware: build, version and date in one, as the manager tells it. inventory:
    name, version, software id and state of a firmware by its id; its version has another form there.
    """

    generation: str
    model: str
    sku: str
    processor: str
    firmware: str
    bios_version: str
    inventory: Mapping[str, tuple[str, str, str, str]]

    # A new firmware of the BMC runs once the BMC was reset. The backup is updated only where it is named.
    updates = Updates(
        items=(
            Item("BMC-Primary", "BMC", BY_RESET, pending="BMC-Primary-Pending"),
            Item("BMC-Backup", "BMC", NOTHING, spare=True),
            Item("UEFI", "BIOS"),
            Item("PSU1", "PSU", NOTHING),
            Item("PSU2", "PSU", NOTHING),
        ),
        answer=answers.in_body,
        pulls=(Pull("SimpleUpdate", f"{UPDATE_SERVICE}/Actions/UpdateService.SimpleUpdate"),),
        pushes=(Push("MultipartHttpPushUri", "/mfwupdate"), Push("HttpPushUri", "/fwupdate", multipart=False)),
        options=True,
        nameable=("BMC-Backup",),
        tasks=told.numbered,
    )
    account_keys: Document = {"Oem": {"Lenovo": {"SSHPublicKey": [None] * 4}}}  # noqa: RUF012 - read only
    defaults = MappingProxyType({"if_match": "demanded"})
    rules: Mapping[str, Rule] = MappingProxyType(
        {
            f"{MANAGER}/NetworkProtocol": xcc_settings.PROTOCOLS,
            DNS: xcc_settings.DNS,
            f"{ACCOUNTS}/1": xcc_settings.ACCOUNT,
            UPDATE_SERVICE: Rule(("HttpPushUriTargets", "HttpPushUriTargetsBusy")),
        }
    )
    growing: Mapping[str, Growing] = MappingProxyType({RECIPIENTS: xcc_settings.RECIPIENTS})
    uses_context = True
    manager_uri = MANAGER
    versions = MappingProxyType({MANAGER: ("FirmwareVersion", "BMC-Primary"), SYSTEM: ("BiosVersion", "UEFI")})
    base_registry = "Base.1.12"
    messages = base_messages(base_registry) | {
        Cause.NOT_FOUND: Message(
            404,
            "ExtendedError.1.2.RequestUriNotFound",
            "The request specified a URI of a resource that does not exist.",
        ),
    }

    def layout(self, nodes: int) -> Layout:
        """One server with a disk backplane."""
        documents: dict[str, Builder] = {
            f"{ROOT}/": self.service_root,
            SYSTEM: self.system,
            MANAGER: self.manager,
            f"{INTERFACES}/NIC": self.ethernet_interface,
            f"{INTERFACES}/ToHost": self.host_interface,
            f"{MANAGER}/NetworkProtocol": self.network_protocol,
            CHASSIS: self.chassis,
            BACKPLANE: self.backplane,
            SESSIONS: standard.sessions,
            ACCOUNT_SERVICE: partial(standard.account_service, "v1_10_0"),
            f"{ACCOUNTS}/1": self.account,
            **fixed(*self.fixed_documents()),
        }
        resets = {
            f"{SYSTEM}/Actions/ComputerSystem.Reset": Reset("ComputerSystem.Reset", SYSTEM_RESETS, "1"),
            f"{MANAGER}/Actions/Manager.Reset": Reset("Manager.Reset", MANAGER_RESETS),
        }
        for uri, name in ((SYSTEM, "ComputerSystem.Reset"), (MANAGER, "Manager.Reset")):
            documents[f"{uri}/ResetActionInfo"] = partial(
                standard.reset_action_info, uri, "v1_1_2", name, Id="Reset", Name="Reset"
            )
        layout = Layout(systems=("1",), documents=documents, resets=resets, writable={SYSTEM: ("AssetTag",)})
        shelves = lenovo.shelves(SYSTEM, CHASSIS, self.processor)
        return configurable(equipped(layout, *shelves), setups.xcc(f"{SYSTEM}/Bios"))

    def host_name(self, bmc: Bmc) -> str:
        """The XCC names itself after machine type and serial number."""
        return f"XCC-{self.sku[:4]}-{bmc.identity.serial_number}"

    def service_root(self, bmc: Bmc) -> Document:
        """The root calls itself by its form with the slash. It writes the UUID in capitals, unlike the system."""
        return standard.service_root(
            f"{ROOT}/",
            "v1_13_0",
            "1.15.0",
            ProtocolFeaturesSupported=PROTOCOL_FEATURES,
            UUID=bmc.identity.uuid.upper(),
            Vendor="Lenovo",
        )

    def system(self, bmc: Bmc) -> Document:
        """The server."""
        return standard.system(
            SYSTEM,
            "v1_17_0",
            "ComputerSystem",
            bmc,
            AssetTag=bmc.written(SYSTEM, "AssetTag"),
            Bios=link(f"{SYSTEM}/Bios"),
            BiosVersion=self.bios_version,
            HostName=self.host_name(bmc),
            Links={"Chassis": links(CHASSIS), "ManagedBy": links(MANAGER)},
            Manufacturer="Lenovo",
            MemorySummary={"Status": rolled_up(), "TotalSystemMemoryGiB": 512},
            Model=self.model,
            PartNumber=None,
            ProcessorSummary={"Count": 2, "Model": self.processor, "Status": rolled_up()},
            SKU=self.sku,
            Status=rolled_up(),
        )

    def manager(self, bmc: Bmc) -> Document:
        """The XCC itself."""
        return standard.manager(
            MANAGER,
            "v1_14_0",
            "Manager",
            bmc,
            CommandShell=standard.console(2, "SSH"),
            Description="This resource is used to represent a management subsystem for a Redfish implementation.",
            FirmwareVersion=self.firmware,
            GraphicalConsole=standard.console(6, "KVMIP"),
            Links={
                "ActiveSoftwareImage": link(f"{INVENTORY}/BMC-Primary"),
                "ManagerForChassis": links(CHASSIS),
                "ManagerForServers": links(SYSTEM),
            },
            Model=self.generation,
            Oem={
                "Lenovo": {
                    "@odata.type": "#LenovoManager.v1_0_0.LenovoManagerProperties",
                    "Recipients": link(RECIPIENTS),
                }
            },
            PowerState="On",
            SerialConsole=standard.console(2, "IPMI", "SSH"),
            Status={"State": "Enabled"},
            UUID=bmc.identity.uuid.upper(),
        )

    def ethernet_interface(self, bmc: Bmc) -> Document:
        """The network port."""
        return standard.ethernet_interface(
            f"{INTERFACES}/NIC",
            "v1_8_0",
            "Manager Ethernet Interface",
            bmc,
            HostName=self.host_name(bmc),
            Links={"Chassis": link(CHASSIS)},
            LinkStatus="LinkUp",
            SpeedMbps=None,
            StaticNameServers=[NO_ADDRESS] * 3 + ["::"] * 3,
        )

    def account(self, bmc: Bmc) -> Document:
        """The one account."""
        document = standard.account("1", "v1_8_1", bmc, Password=None, PasswordChangeRequired=False)
        return document | self.account_keys

    def network_protocol(self, bmc: Bmc) -> Document:
        """Network services."""
        return standard.network_protocol(
            MANAGER,
            "v1_8_0",
            "Manager Network Protocol",
            HostName=self.host_name(bmc),
            IPMI={"Port": 623, "ProtocolEnabled": False},
            KVMIP={"Port": 3900, "ProtocolEnabled": True},
            NTP={"NTPServers": [], "ProtocolEnabled": False},
            Oem={"Lenovo": {"DNS": link(DNS)}},
            SNMP={"EnableSNMPv3": False, "Port": 161},
            Status=status(),
        )

    def host_interface(self, bmc: Bmc) -> Document:
        """The network between BMC and host, switched off."""
        return standard.host_interface(
            f"{INTERFACES}/ToHost",
            "v1_8_0",
            "Manager Ethernet Over USB Interface",
            bmc,
            HostName="",
            InterfaceEnabled=False,
            LinkStatus="LinkDown",
            SpeedMbps=None,
            StaticNameServers=[NO_ADDRESS] * 3 + ["::"] * 3,
            Status={"Health": "OK", "State": "Disabled"},
        )

    def chassis(self, bmc: Bmc) -> Document:
        """The box, that cannot be reset."""
        return standard.chassis(
            CHASSIS,
            "v1_19_0",
            "Chassis",
            bmc,
            Links={"ComputerSystems": links(SYSTEM), "ManagedBy": links(MANAGER), "ManagersInChassis": links(MANAGER)},
            Manufacturer="Lenovo",
            Model=self.sku,
            PartNumber="SB00S00001",
            SKU=self.sku,
            UUID=bmc.identity.uuid.upper(),
        )

    def backplane(self, bmc: Bmc) -> Document:
        """The disk backplane, whose power nobody knows."""
        return resource(
            BACKPLANE,
            "Chassis.v1_19_0.Chassis",
            "SAS Backplane 1",
            ChassisType="Enclosure",
            Manufacturer="LNVO",
            Model=None,
            PartNumber="SC00S00001",
            PowerState=None,
            SKU="02SIM83",
            SerialNumber=f"B{bmc.identity.serial_number}",
            Status=status(),
        )

    def fixed_documents(self) -> tuple[Document, ...]:
        """What never changes."""
        return (
            collection(f"{ROOT}/Systems", "ComputerSystem", "ComputerSystemCollection", [SYSTEM]),
            collection(f"{ROOT}/Managers", "Manager", "ManagerCollection", [MANAGER]),
            collection(f"{ROOT}/Chassis", "Chassis", "ChassisCollection", [CHASSIS, BACKPLANE]),
            collection(INTERFACES, "EthernetInterface", "EthernetInterfaceCollection", ["NIC", "ToHost"]),
            collection(ACCOUNTS, "ManagerAccount", "ManagerAccountCollection", ["1"]),
            collection(RECIPIENTS, "LenovoAlertRecipient", "AlertRecipientCollection", []),
            xcc_settings.name_servers(DNS),
            *standard.firmware_inventory("SoftwareInventoryCollection", self.firmwares()),
            *standard.roles("v1_3_1"),
            standard.session_service("v1_1_8", 300),
            standard.update_service(
                "v1_11_0",
                Actions=standard.simple_update(
                    "TFTP",
                    "SFTP",
                    "HTTPS",
                    "HTTP",
                    title="SimpleUpdate",
                    **{"Targets@Redfish.AllowableValues": [f"{INVENTORY}/BMC-Backup"]},
                ),
                HttpPushUriOptions={"HttpPushUriApplyTime": {"ApplyTime": IMMEDIATE}},
                HttpPushUriTargets=[],
                HttpPushUriTargetsBusy=False,
                HttpPushUri="/fwupdate",
                MaxImageSizeBytes=250000000,
                MultipartHttpPushUri="/mfwupdate",
                Status=rolled_up(),
            ),
            *standard.task_service("v1_2_0"),
        )

    def firmwares(self) -> Iterator[Document]:
        """The firmware inventory. What waits to be activated has an entry also while nothing waits."""
        for identifier, (name, version, software_id, state) in self.inventory.items():
            yield standard.firmware(
                identifier,
                "v1_5_0",
                name,
                version,
                Manufacturer="Lenovo",
                RelatedItem=links(*self.related(identifier)),
                SoftwareId=software_id,
                Status={**rolled_up(), "State": state},
            )

    @staticmethod
    def related(identifier: str) -> tuple[str, ...]:
        """What a firmware belongs to."""
        if identifier.startswith("PSU"):
            return (f"{CHASSIS}/Power#/PowerSupplies/{int(identifier[3:]) - 1}",)
        return (f"{SYSTEM}/Bios",) if identifier == "UEFI" else (MANAGER,)

    def version_shown(self, uri: str, version: str) -> str:
        """The inventory tells "36K-2.60", the manager "AFBT36K 2.60 2022-12-14", the system of the BIOS "AFE130J"."""
        build, _dash, number = version.partition("-")
        if uri == SYSTEM:
            return f"{self.bios_version[:4]}{build}"
        return f"{self.firmware[:4]}{build} {number} {self.firmware.rpartition(' ')[2]}"

    def etag(self, bmc: Bmc, uri: str) -> str | None:
        """Every resource but the ActionInfos has a strong ETag of some 20 hexadecimal digits."""
        return None if uri.endswith("ActionInfo") else f'"{f"{state_number(uri, bmc):08x}" * 3}"'
