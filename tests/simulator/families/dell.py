# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dell iDRAC of a rack server: counts beside every array, few ETags, reset times that tell of a restart.

Shapes from a recorded iDRAC9 6.00.30; what another iDRAC has otherwise is said by its profile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from .. import setups, standard
from ..bios import configurable
from ..bmc import Bmc
from ..configuration import Growing
from ..documents import collection, fixed, link, links, resource, rolled_up, status, timestamp
from ..host import Host
from ..machines import dell
from ..messages import Cause, Message, base_messages
from ..profile import Builder, Document, Layout, Profile, Reply, Reset
from ..shelves import Shelf, equipped
from ..standard import ACCOUNT_SERVICE, ACCOUNTS, INVENTORY, ROOT, SESSIONS
from ..update_rules.rules import Pull, Push
from . import idrac_settings, idrac_updates

HOST = "System.Embedded.1"
SYSTEM = f"{ROOT}/Systems/{HOST}"
MANAGER = f"{ROOT}/Managers/iDRAC.Embedded.1"
CHASSIS = f"{ROOT}/Chassis/System.Embedded.1"
ENCLOSURE = f"{ROOT}/Chassis/Enclosure.Internal.0-1"
INTERFACE = f"{MANAGER}/EthernetInterfaces/NIC.1"
SYSTEM_RESETS = (
    "On", "ForceOff", "ForceRestart", "GracefulRestart", "GracefulShutdown", "PushPowerButton", "Nmi", "PowerCycle",
)  # fmt: skip
MANAGER_RESETS = ("GracefulRestart",)
CHASSIS_RESETS = ("On", "ForceOff")
PROTOCOL_FEATURES = {
    "DeepOperations": {"DeepPATCH": False, "DeepPOST": False},
    "ExcerptQuery": False,
    "ExpandQuery": {"ExpandAll": True, "Levels": True, "Links": True, "MaxLevels": 1, "NoLinks": True},
    "FilterQuery": True,
    "OnlyMemberQuery": True,
    "SelectQuery": True,
}


def service_tag(bmc: Bmc) -> str:
    """Return the seven characters by which Dell knows a server; they change with its serial number."""
    return hashlib.sha256(bmc.identity.serial_number.encode()).hexdigest()[:7].upper()


def counted(**arrays: list[Document] | list[str]) -> Document:
    """Return arrays with the count that iDRAC writes beside each."""
    document: Document = {}
    for name, values in arrays.items():
        document[name] = values
        document[f"{name}@odata.count"] = len(values)
    return document


def console(sessions: int, *connect_types: str) -> Document:
    """Return a console of the manager."""
    return standard.console(sessions, *connect_types) | counted(ConnectTypesSupported=list(connect_types))


class Idrac(Profile):
    """An iDRAC of a rack server; a profile says which one.

    generation: Model of the manager. board: PartNumber of the system. firmware, previous_firmware: both banks.
    keys: whether the account has SSH keys.
    """

    generation: str
    model: str
    board: str
    processor: str
    firmware: str
    previous_firmware: str
    bios_version: str
    system_resets: tuple[str, ...] = SYSTEM_RESETS
    keys = False
    pulls: tuple[Pull, ...] = (idrac_updates.PULL,)
    pushes: tuple[Push, ...] = (idrac_updates.PUSH,)

    rules = MappingProxyType(dict.fromkeys(idrac_settings.uris(MANAGER), idrac_settings.ATTRIBUTES))
    growing = MappingProxyType({f"{ACCOUNTS}/2/Keys": Growing(standard.ssh_key, 4)})
    defaults = MappingProxyType({"auth": {"sessions": 8}})
    uses_context = True
    page_size = 50
    manager_uri = MANAGER
    base_registry = "Base.1.12"
    messages = base_messages(base_registry) | {
        Cause.ALREADY_OFF: Message(409, "IDRAC.2.7.PSU502", "Server is already powered OFF."),
        Cause.ALREADY_ON: Message(409, "IDRAC.2.7.PSU501", "Server is already powered ON."),
        Cause.JOB_WAITS: Message(
            400,
            "IDRAC.2.7.SYS011",
            "Pending configuration values are already committed, unable to perform another set operation.",
        ),
        Cause.LOCKED_DOWN: Message(
            403, "IDRAC.2.7.SYS406", "Unable to run the method because the system is in lockdown mode."
        ),
        Cause.METHOD_NOT_ALLOWED: Message(405, "IDRAC.2.7.SYS402", "The requested HTTP method is not allowed."),
        Cause.MISSING_PARAMETER: Message(400, "IDRAC.2.7.SYS428", "The property {1} must be included in the request."),
        Cause.NO_CREDENTIALS: Message(401, "IDRAC.2.7.SYS416", "The username and/or password is not entered."),
        Cause.NOT_FOUND: Message(404, "IDRAC.2.7.SYS403", "The resource {0} entered is not found."),
        Cause.SESSION_LIMIT: Message(503, "IDRAC.2.7.RAC0218", "The maximum number of user sessions is reached."),
        Cause.UNKNOWN_PARAMETER: Message(400, "IDRAC.2.7.SYS429", "The property {1} is not valid."),
        Cause.UNKNOWN_PROPERTY: Message(400, "IDRAC.2.7.SYS429", "The property {0} is not valid."),
        Cause.VALUE_NOT_IN_LIST: Message(400, "IDRAC.2.7.SYS426", "The value {0} for {1} is not acceptable."),
        Cause.WRONG_CREDENTIALS: Message(401, "IDRAC.2.7.SYS415", "An invalid username and/or password is entered."),
    }

    def __init__(self) -> None:
        super().__init__()
        inventory = self.images()
        self.updates = idrac_updates.updates(inventory, self.pulls, self.pushes, f"{MANAGER}/Oem/Dell/Jobs")
        self.versions = {MANAGER: ("FirmwareVersion", inventory[0].id), SYSTEM: ("BiosVersion", inventory[2].id)}

    def layout(self, nodes: int) -> Layout:
        """One server, and a disk backplane. The account is in slot 2: an iDRAC reserves slot 1."""
        documents: dict[str, Builder] = {
            ROOT: self.service_root,
            SYSTEM: self.system,
            MANAGER: self.manager,
            INTERFACE: self.ethernet_interface,
            f"{MANAGER}/NetworkProtocol": self.network_protocol,
            CHASSIS: self.chassis,
            SESSIONS: standard.sessions,
            ACCOUNT_SERVICE: partial(standard.account_service, "v1_9_0", Status=status()),
            f"{ACCOUNTS}/2": self.account,
            **fixed(*self.fixed_documents()),
        }
        resets = {
            f"{SYSTEM}/Actions/ComputerSystem.Reset": Reset("ComputerSystem.Reset", self.system_resets, HOST),
            f"{CHASSIS}/Actions/Chassis.Reset": Reset("Chassis.Reset", CHASSIS_RESETS, HOST),
            f"{MANAGER}/Actions/Manager.Reset": Reset("Manager.Reset", MANAGER_RESETS),
        }
        layout = Layout(systems=(HOST,), documents=documents, resets=resets, writable={SYSTEM: ("AssetTag",)})
        bios = setups.idrac(HOST, f"{SYSTEM}/Bios", f"{MANAGER}/Oem/Dell/Jobs")
        return configurable(equipped(layout, *self.shelves()), bios)

    def shelves(self) -> tuple[Shelf, ...]:
        """The parts of the server."""
        return dell.shelves(SYSTEM, CHASSIS, ENCLOSURE, self.processor)

    def service_root(self, bmc: Bmc) -> Document:
        """The root names the server by its service tag and the BMC by its MAC address."""
        dell = {
            "@odata.context": f"{ROOT}/$metadata#DellServiceRoot.DellServiceRoot",
            "@odata.type": "#DellServiceRoot.v1_0_0.DellServiceRoot",
            "IsBranded": 0,
            "ManagerMACAddress": bmc.identity.mac_address,
            "ServiceTag": service_tag(bmc),
        }
        return standard.service_root(
            ROOT,
            "v1_11_0",
            "1.14.0",
            Oem={"Dell": dell},
            Registries=link(f"{ROOT}/Registries"),
            Product="Integrated Dell Remote Access Controller",
            ProtocolFeaturesSupported=PROTOCOL_FEATURES,
            Vendor="Dell",
        )

    def system(self, bmc: Bmc) -> Document:
        """The server. LastResetTime moves with each boot."""
        return standard.system(
            SYSTEM,
            "v1_16_0",
            "System",
            bmc,
            AssetTag=bmc.written(SYSTEM, "AssetTag"),
            Bios=link(f"{SYSTEM}/Bios"),
            BiosVersion=self.bios_version,
            HostName="",
            LastResetTime=timestamp(bmc.hosts[HOST].booted_at),
            Links=counted(Chassis=links(CHASSIS), ManagedBy=links(MANAGER)),
            Manufacturer="Dell Inc.",
            MemorySummary={"Status": rolled_up(), "TotalSystemMemoryGiB": 512},
            Model=self.model,
            PartNumber=self.board,
            ProcessorSummary={"Count": 2, "Model": self.processor},
            SKU=service_tag(bmc),
            Status=rolled_up(),
        )

    def manager(self, bmc: Bmc) -> Document:
        """The iDRAC itself. It says it has no serial console, but SSH to its command shell reaches one."""
        manager_links = counted(ManagerForChassis=links(CHASSIS), ManagerForServers=links(SYSTEM))
        manager_links["ManagerInChassis"] = link(CHASSIS)
        manager_links["Oem"] = idrac_settings.manager_links(MANAGER)
        return standard.manager(
            MANAGER,
            "v1_12_0",
            "Manager",
            bmc,
            CommandShell=console(5, "SSH", "IPMI"),
            Description="BMC",
            FirmwareVersion=self.firmware,
            GraphicalConsole=console(6, "KVMIP"),
            LastResetTime=timestamp(bmc.manager_reset_at),
            Links=manager_links,
            Model=self.generation,
            Oem={"Dell": {"@odata.type": "#DellOem.v1_3_0.DellOemResources"}},
            PowerState="On",
            SerialConsole=console(0),
        )

    def ethernet_interface(self, bmc: Bmc) -> Document:
        """The dedicated network port."""
        document = standard.ethernet_interface(
            INTERFACE,
            "v1_6_4",
            "Manager Ethernet Interface",
            bmc,
            HostName=f"idrac-{service_tag(bmc)}",
            Links={"Chassis": link(CHASSIS)},
        )
        return document | counted(IPv4Addresses=document["IPv4Addresses"])

    def account(self, bmc: Bmc) -> Document:
        """The one account."""
        document = standard.account("2", "v1_8_0", bmc, Password=None, PasswordChangeRequired=False)
        return document | ({"Keys": link(f"{ACCOUNTS}/2/Keys")} if self.keys else {})

    def network_protocol(self, bmc: Bmc) -> Document:
        """Network services."""
        return standard.network_protocol(
            MANAGER,
            "v1_7_0",
            "Manager Network Protocol",
            HostName=f"idrac-{service_tag(bmc)}",
            IPMI={"ProtocolEnabled": True},
            KVMIP={"Port": 5900, "ProtocolEnabled": True},
            NTP=counted(NTPServers=[]) | {"ProtocolEnabled": False},
            SNMP={"Port": 161, "ProtocolEnabled": True},
            Status=rolled_up(),
        )

    def chassis(self, bmc: Bmc) -> Document:
        """The server's box, with a reset of its own that switches the server."""
        chassis_links = counted(
            ComputerSystems=links(SYSTEM),
            Contains=links(ENCLOSURE),
            ManagedBy=links(MANAGER),
            ManagersInChassis=links(MANAGER),
        )
        return standard.chassis(
            CHASSIS,
            "v1_16_0",
            "Computer System Chassis",
            bmc,
            Actions=standard.reset_action(CHASSIS, "Chassis.Reset", bmc),
            Links=chassis_links,
            Manufacturer="Dell Inc.",
            Model=self.model,
            PartNumber=self.board,
            SKU=service_tag(bmc),
            Status=rolled_up(),
            UUID=bmc.identity.uuid,
        )

    def fixed_documents(self) -> tuple[Document, ...]:
        """What never changes."""
        return (
            collection(f"{ROOT}/Systems", "ComputerSystem", "Computer System Collection", [SYSTEM]),
            collection(f"{ROOT}/Managers", "Manager", "Manager", [MANAGER]),
            collection(f"{ROOT}/Chassis", "Chassis", "Chassis Collection", [CHASSIS, ENCLOSURE]),
            collection(
                f"{MANAGER}/EthernetInterfaces", "EthernetInterface", "Ethernet Interface Collection", [INTERFACE]
            ),
            collection(ACCOUNTS, "ManagerAccount", "Accounts Collection", ["2"]),
            *standard.firmware_inventory("Firmware Inventory Collection", self.firmwares()),
            resource(
                ENCLOSURE,
                "Chassis.v1_16_0.Chassis",
                "PCIe SSD Backplane 1",
                Actions={},
                ChassisType="StorageEnclosure",
                Links={"ContainedBy": link(CHASSIS)} | counted(Contains=[], ManagedBy=links(MANAGER)),
                Manufacturer=None,
                Model="PCIe SSD Backplane 1",
                PartNumber=None,
                PowerState="On",
                SKU="",
                SerialNumber=None,
                Status=rolled_up(),
            ),
            *standard.roles("v1_3_1"),
            standard.session_service("v1_1_8", 1800),
            self.update_service(),
            *standard.task_service("v1_2_0"),
            *idrac_settings.documents(MANAGER),
            collection(f"{ROOT}/Registries", "MessageRegistryFile", "Registry File", [idrac_settings.REGISTRY]),
            *idrac_settings.registry(),
            *((collection(f"{ACCOUNTS}/2/Keys", "Key", "Account Keys", []),) if self.keys else ()),
        )

    def update_service(self) -> Document:
        """The update service, with push by multipart and the older way."""
        return standard.update_service(
            "v1_9_0",
            Actions={
                **standard.simple_update(
                    "HTTP", "NFS", "CIFS", "TFTP", "HTTPS", **standard.apply_time_support(idrac_updates.APPLY_TIMES)
                ),
                "#UpdateService.StartUpdate": {"target": idrac_updates.START},
            },
            HttpPushUri=INVENTORY,
            MaxImageSizeBytes=None,
            MultipartHttpPushUri=idrac_updates.PUSH.uri,
            Status=status(),
        )

    def images(self) -> tuple[idrac_updates.Image, ...]:
        """What has a firmware."""
        return idrac_updates.images(self.firmware, self.previous_firmware, self.bios_version)

    def firmwares(self) -> Iterator[Document]:
        """The firmware inventory. An id says which firmware it is, in which state, and of which component."""
        for image in self.images():
            yield standard.firmware(
                image.id,
                "v1_4_0",
                image.name,
                image.version,
                ReleaseDate="2023-06-01T00:00:00Z",
                SoftwareId=image.number,
                Status=status(),
            )

    def image_id(self, factory: Document, version: str) -> str:
        """The id has the version in it."""
        return str(factory["Id"]).replace(f"-{factory['Version']}__", f"-{version}__")

    def images_of(self, image: str) -> tuple[str, ...]:
        """The BIOS has two entries."""
        both = tuple(entry.id for entry in self.images() if entry.name == "BIOS")
        return both if image in both else (image,)

    def etag(self, bmc: Bmc, uri: str) -> str | None:
        """Few resources have an ETag; of those that are simulated, only the account service."""
        return '"1180054233"' if uri == ACCOUNT_SERVICE else None

    def refuse_reset(self, host: Host, reset_type: str) -> tuple[Cause, tuple[str, ...]] | None:
        """Refuse what would change nothing."""
        if reset_type == "PushPowerButton":
            return None
        if host.power_state == "Off":
            return None if reset_type == "On" else (Cause.ALREADY_OFF, ())
        return (Cause.ALREADY_ON, ()) if reset_type == "On" else None

    def refuse_configuration(self, bmc: Bmc, uri: str, body: Mapping[str, Any]) -> tuple[Cause, tuple[str, ...]] | None:
        """Nothing but the lockdown itself can be written under lockdown."""
        attributes = self.document(bmc, idrac_settings.uris(MANAGER)[0])["Attributes"]
        lifts = set(body.get("Attributes", {})) == {idrac_settings.LOCKDOWN}
        locked = attributes[idrac_settings.LOCKDOWN] == "Enabled" and not lifts
        return (Cause.LOCKED_DOWN, ()) if locked else None

    def consequences(self, uri: str, body: Mapping[str, Any]) -> Mapping[str, Document]:
        """The NTP servers stand in two places."""
        attributes = idrac_settings.uris(MANAGER)[0]
        if uri == f"{MANAGER}/NetworkProtocol" and (same := idrac_settings.of_ntp(body)):
            return {attributes: same}
        return {f"{MANAGER}/NetworkProtocol": ntp} if uri == attributes and (ntp := idrac_settings.ntp_of(body)) else {}

    def patched(self, bmc: Bmc) -> Reply:
        """Status 200, and a message that says Success."""
        entry = {"MessageId": "Base.1.12.Success", "Message": "The request completed successfully.", "Severity": "OK"}
        return Reply(200, counted(**{"@Message.ExtendedInfo": [entry]}))
