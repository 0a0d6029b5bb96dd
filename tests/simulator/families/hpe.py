# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HPE iLO 5 to 7: lower-case BIOS link, redirects between the forms of a URI, success told in an `error` object.

Shapes from a recorded iLO 5 2.72; what a later iLO has otherwise is said by its profile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from .. import setups, standard
from ..bios import configurable
from ..bmc import Bmc
from ..configuration import Growing
from ..documents import collection, fixed, link, links, state_number, status, timestamp, without
from ..host import Host
from ..machines import hpe
from ..messages import Cause, Message, base_messages
from ..profile import Builder, Document, Layout, Profile, Reply, Reset
from ..shelves import equipped
from ..standard import ACCOUNT_SERVICE, ACCOUNTS, ROOT, SESSIONS
from . import ilo_settings, ilo_updates

SYSTEM = f"{ROOT}/Systems/1"
MANAGER = f"{ROOT}/Managers/1"
CHASSIS = f"{ROOT}/Chassis/1"
INTERFACE = f"{MANAGER}/EthernetInterfaces/1"
DATE_TIME = f"{MANAGER}/DateTime"
ACCOUNT = f"{ACCOUNTS}/1"
# iLO links the BIOS in lower case, and serves it just so.
BIOS = f"{ROOT}/systems/1/bios"
FROM_CARDS = (f"{SYSTEM}/Storage/", f"{CHASSIS}/NetworkAdapters/")
SYSTEM_RESETS = ("On", "ForceOff", "GracefulShutdown", "ForceRestart", "Nmi", "PushPowerButton", "GracefulRestart")
MANAGER_RESETS = ("ForceRestart", "GracefulRestart")


def host_name(bmc: Bmc) -> str:
    """iLO names itself after the server's serial number."""
    return f"ILO{bmc.identity.serial_number}"


def extended_info(message_id: str, *arguments: str) -> Document:
    """Return iLO's answer object, the same for errors and for success."""
    entry: Document = {"MessageId": message_id}
    if arguments:
        entry["MessageArgs"] = list(arguments)
    message = "See @Message.ExtendedInfo for more information."
    return {"error": {"code": "iLO.0.10.ExtendedInfo", "message": message, "@Message.ExtendedInfo": [entry]}}


class Ilo(Profile):
    """An iLO of a rack server; a profile says which one.

    generation: as in "iLO 5". firmware: as the root tells it. manager_firmware, inventory_firmware: the same as the
    manager and the firmware inventory tell it. bios_version, backup_bios_version: both banks. bios_registry: the name
    of the BIOS' attribute registry. keys: whether the account has SSH keys.
    """

    generation: str
    model: str
    sku: str
    processor: str
    firmware: str
    manager_firmware: str
    inventory_firmware: str
    bios_version: str
    backup_bios_version: str
    bios_registry: str
    provisioning_version: str
    keys = False

    # iLO closes reused connections now and then; here it does so after a while of silence, so that tests can tell.
    defaults = MappingProxyType({"idle_limit": 2.0})
    redirects_sibling = True
    ignores_queries = True
    uses_context = True
    manager_uri = MANAGER
    versions = MappingProxyType({MANAGER: ("FirmwareVersion", "1"), SYSTEM: ("BiosVersion", "2")})
    headers = MappingProxyType({"Server": "HPE-iLO-Server/1.30"})
    rules = MappingProxyType(
        {
            DATE_TIME: ilo_settings.DATE_TIME,
            INTERFACE: ilo_settings.INTERFACE,
            f"{MANAGER}/NetworkProtocol": ilo_settings.NETWORK_PROTOCOL,
        }
    )
    updates = ilo_updates.UPDATES
    growing = MappingProxyType({f"{ACCOUNT}/Keys": Growing(standard.ssh_key, 1)})
    base_registry = "Base.1.4"
    messages = base_messages(base_registry) | {
        Cause.ALREADY_OFF: Message(400, "iLO.2.15.InvalidOperationForSystemState", ""),
        Cause.BY_DHCP: Message(400, "iLO.2.15.SNTPConfigurationManagedByDHCPAndIsReadOnly", ""),
        Cause.ALREADY_ON: Message(400, "iLO.2.15.InvalidOperationForSystemState", ""),
        Cause.IN_POST: Message(400, "iLO.2.15.InvalidOperationForSystemState", ""),
        Cause.IMAGE_REFUSED: Message(400, "iLO.2.15.FirmwareFlashError", ""),
        Cause.UNLICENSED: Message(400, "iLO.2.15.LicenseKeyRequired", ""),
        Cause.UPDATING: Message(400, "iLO.2.15.FirmwareFlashAlreadyInProgress", ""),
        Cause.VALUE_NOT_IN_LIST: Message(400, "Base.1.4.PropertyValueNotInList", ""),
        Cause.WRONG_CREDENTIALS: Message(401, "iLO.2.15.UnauthorizedLoginAttempt", ""),
    }

    def layout(self, nodes: int) -> Layout:
        """One server."""
        documents: dict[str, Builder] = {
            ROOT: self.service_root,
            SYSTEM: self.system,
            MANAGER: self.manager,
            INTERFACE: self.ethernet_interface,
            f"{MANAGER}/NetworkProtocol": self.network_protocol,
            DATE_TIME: partial(ilo_settings.date_time, DATE_TIME),
            CHASSIS: self.chassis,
            SESSIONS: standard.sessions,
            ACCOUNT_SERVICE: self.account_service,
            ACCOUNT: self.account,
            **fixed(*self.fixed_documents()),
        }
        resets = {
            f"{SYSTEM}/Actions/ComputerSystem.Reset": Reset("ComputerSystem.Reset", SYSTEM_RESETS, "1"),
            f"{MANAGER}/Actions/Manager.Reset": Reset("Manager.Reset", MANAGER_RESETS),
        }
        layout = Layout(systems=("1",), documents=documents, resets=resets, writable={SYSTEM: ("AssetTag",)})
        bios = setups.ilo(BIOS, self.bios_registry)
        return configurable(equipped(layout, *hpe.shelves(SYSTEM, CHASSIS, self.processor)), bios)

    def service_root(self, bmc: Bmc) -> Document:
        """The root says who made the BMC, and which firmware it runs, before any login."""
        manager = {
            "DefaultLanguage": "en",
            "FQDN": None,
            "HostName": host_name(bmc),
            "ManagerFirmwareVersion": bmc.hardware.version("1", self.firmware).split()[0],
            "ManagerType": self.generation,
            "Status": {"Health": "OK"},
        }
        return standard.service_root(
            ROOT,
            "v1_5_1",
            "1.6.0",
            Name="HPE RESTful Root Service",
            Oem={"Hpe": {"@odata.type": "#HpeiLOServiceExt.v2_4_0.HpeiLOServiceExt", "Manager": [manager]}},
            Product=self.model,
            ProtocolFeaturesSupported={
                "ExpandQuery": {"ExpandAll": False, "Levels": True, "Links": False, "MaxLevels": 1, "NoLinks": True},
                "FilterQuery": True,
                "OnlyMemberQuery": True,
                "SelectQuery": True,
            },
            UUID=bmc.identity.part_uuid("service"),
            Vendor="HPE",
        )

    def system(self, bmc: Bmc) -> Document:
        """The server. Oem.Hpe.PostState shows where it is between power-on and its operating system."""
        host = bmc.hosts["1"]
        on = host.power_state == "On"
        hpe = {
            "@odata.type": "#HpeComputerSystemExt.v2_12_0.HpeComputerSystemExt",
            "CurrentPowerOnTimeSeconds": int(bmc.clock.time() - host.booted_at) if on else None,
            "PostDiscoveryCompleteTimeStamp": timestamp(host.discovered_at),
            "PostState": ("InPost" if host.in_post else "FinishedPost") if on else "PowerOff",
            "PowerAutoOn": "Restore",
            "PowerOnDelay": "Minimum",
        }
        return standard.system(
            SYSTEM,
            "v1_13_0",
            "Computer System",
            bmc,
            AssetTag=bmc.written(SYSTEM, "AssetTag"),
            Bios=link(BIOS),
            BiosVersion=self.bios_version,
            HostName="",
            Links={"Chassis": links(CHASSIS), "ManagedBy": links(MANAGER)},
            Manufacturer="HPE",
            MemorySummary={"Status": {"HealthRollup": "OK"}, "TotalSystemMemoryGiB": 512},
            Model=self.model,
            Oem={"Hpe": hpe},
            ProcessorSummary={"Count": 2, "Model": self.processor, "Status": {"HealthRollup": "OK"}},
            SKU=self.sku,
            Status={"Health": "OK", "HealthRollup": "OK", "State": "Enabled" if on else "Disabled"},
        )

    def manager(self, bmc: Bmc) -> Document:
        """The iLO itself."""
        return standard.manager(
            MANAGER,
            "v1_5_1",
            "Manager",
            bmc,
            CommandShell=standard.console(9, "SSH", "Oem"),
            FirmwareVersion=self.manager_firmware,
            GraphicalConsole=standard.console(10, "KVMIP"),
            Links={
                "ManagerForChassis": links(CHASSIS),
                "ManagerForServers": links(SYSTEM),
                "ManagerInChassis": link(CHASSIS),
            },
            Model=self.generation,
            Oem={
                "Hpe": {
                    "@odata.type": "#HpeiLO.v2_8_1.HpeiLO",
                    "ConfigurationSettings": "Current",
                    "IdleConnectionTimeoutMinutes": 30,
                    "Links": {"DateTimeService": link(DATE_TIME)},
                }
            },
            SerialConsole=standard.console(13, "SSH", "IPMI", "Oem"),
        )

    def ethernet_interface(self, bmc: Bmc) -> Document:
        """The dedicated network port. iLO writes MAC addresses in capitals."""
        return standard.ethernet_interface(
            INTERFACE,
            "v1_4_1",
            "Manager Dedicated Network Interface",
            bmc,
            HostName=host_name(bmc),
            LinkStatus="LinkUp",
            MACAddress=bmc.identity.mac_address.upper(),
            PermanentMACAddress=bmc.identity.mac_address.upper(),
            **ilo_settings.of_interface(INTERFACE, bmc),
        )

    def network_protocol(self, bmc: Bmc) -> Document:
        """Network services. iLO has no NTP in here."""
        ipmi = {"Port": 623, "ProtocolEnabled": False}
        return standard.network_protocol(
            MANAGER,
            "v1_0_0",
            "Manager Network Services",
            HostName=host_name(bmc),
            IPMI=ipmi,
            **ilo_settings.of_protocols(f"{MANAGER}/NetworkProtocol", bmc),
        )

    def chassis(self, bmc: Bmc) -> Document:
        """The sheet metal."""
        return standard.chassis(
            CHASSIS,
            "v1_11_2",
            "Computer System Chassis",
            bmc,
            Links={"ComputerSystems": links(SYSTEM), "ManagedBy": links(MANAGER)},
            Manufacturer="HPE",
            Model=self.model,
            SKU=self.sku,
        )

    def account_service(self, bmc: Bmc) -> Document:
        """Local accounts. An iLO says nothing of a lock-out, here or in the account."""
        document = standard.account_service("v1_5_0", bmc, LocalAccountAuth="Enabled", MinPasswordLength=8)
        return without(document, "AccountLockoutThreshold", "ServiceEnabled")

    def account(self, bmc: Bmc) -> Document:
        """The one account."""
        document = standard.account("1", "v1_3_0", bmc, Password=None, PasswordChangeRequired=False)
        if self.keys:
            document["Keys"] = link(f"{ACCOUNT}/Keys")
        return without(document, "Enabled", "Locked")

    def fixed_documents(self) -> tuple[Document, ...]:
        """What never changes."""
        keys = (collection(f"{ACCOUNT}/Keys", "Key", "Account Keys", []),) if self.keys else ()
        return (
            collection(f"{ROOT}/Systems", "ComputerSystem", "Computer Systems", [SYSTEM]),
            collection(f"{ROOT}/Managers", "Manager", "Managers", [MANAGER]),
            collection(f"{ROOT}/Chassis", "Chassis", "Computer System Chassis", [CHASSIS]),
            collection(f"{MANAGER}/EthernetInterfaces", "EthernetInterface", "Manager Network Interfaces", [INTERFACE]),
            collection(ACCOUNTS, "ManagerAccount", "Accounts", ["1"]),
            *keys,
            *standard.firmware_inventory("Firmware Inventory Collection", self.firmwares()),
            *standard.roles("v1_2_1"),
            standard.session_service("v1_0_0", 30, Status=status()),
            ilo_updates.service(),
            *standard.task_service("v1_1_1"),
        )

    def firmwares(self) -> Iterator[Document]:
        """The firmware inventory. iLO numbers its members, so only the name says which it is; not all have a Status."""
        inventory = {
            "1": (self.generation, "SystemBMC", self.inventory_firmware, status()),
            "2": ("System ROM", "SystemRomActive", self.bios_version, status()),
            "4": ("System Programmable Logic Device", "SystemProgrammableLogicDevice", "0x2E", status()),
            "5": ("Power Management Controller Firmware", "PowerManagementController", "1.0.7", None),
            "8": ("Redundant System ROM", "SystemRomBackup", self.backup_bios_version, None),
            "9": ("Intelligent Provisioning", "Intelligent Provisioning", self.provisioning_version, None),
            # Two of the same name; only the place tells them apart.
            "16": ("ConnectX-6 100GE 1P NIC", "15b3101b15b30069", "20.29.1016", None),
            "18": ("ConnectX-6 100GE 1P NIC", "15b3101b15b30069", "20.29.1016", None),
        }
        slots = {"16": "PCI-E Slot 1", "18": "PCI-E Slot 4"}
        for identifier, (name, description, version, state) in inventory.items():
            place = {
                "@odata.type": "#HpeiLOSoftwareInventory.v2_0_0.HpeiLOSoftwareInventory",
                "DeviceContext": slots.get(identifier, "System Board"),
            }
            document = standard.firmware(
                identifier, "v1_2_0", name, version, Description=description, Oem={"Hpe": place}
            )
            yield document if state is None else {**document, "Status": state}

    def finish(self, bmc: Bmc, uri: str, document: Document) -> Document:
        """What comes from a card itself has no context."""
        finished = super().finish(bmc, uri, document)
        return without(finished, "@odata.context") if uri.startswith(FROM_CARDS) else finished

    def version_shown(self, uri: str, version: str) -> str:
        """The manager tells the version with the generation before iLO 7, without the date."""
        if uri == MANAGER and self.manager_firmware != self.inventory_firmware:
            return f"{self.generation} v{version.split()[0]}"
        return version

    def session_id(self, number: int, username: str) -> str:
        """Sessions are named after their user."""
        return f"{username}{number:024x}"

    def session_location(self, uri: str, host: str) -> str:
        """An absolute URI."""
        return f"https://{host}{uri}"

    def etag(self, bmc: Bmc, uri: str) -> str:
        """Every resource has a weak ETag of eight hexadecimal digits."""
        return f'W/"{state_number(uri, bmc):08X}"'

    def refuse_reset(self, host: Host, reset_type: str) -> tuple[Cause, tuple[str, ...]] | None:
        """Refuse what the power state makes pointless, and a graceful request while nobody could hear it."""
        if host.power_state == "Off":
            return None if reset_type in ("On", "PushPowerButton") else (Cause.ALREADY_OFF, ("Power is off",))
        if reset_type == "On":
            return Cause.ALREADY_ON, ("Power is on",)
        if host.in_post and reset_type.startswith("Graceful"):
            return Cause.IN_POST, ("System is in POST",)
        return None

    def refusal(self, cause: Cause, *arguments: str) -> Reply:
        """An iLO gives the MessageId and its arguments, no text."""
        message = self.messages[cause]
        return Reply(message.status, extended_info(message.message_id, *arguments))

    def accepted(self, bmc: Bmc, then_restart: bool = False) -> Reply:
        """Status 200, and an `error` object that says Success."""
        message_id = "iLO.2.15.ResetInProgress" if then_restart else "Base.1.4.Success"
        return Reply(200, extended_info(message_id), then_restart=then_restart)

    def patched(self, bmc: Bmc) -> Reply:
        """The same as for an action, or that a reset is needed for it."""
        if bmc.configuration.pending:
            return Reply(200, extended_info("iLO.2.15.ResetRequired"))
        return self.accepted(bmc)

    def refuse_configuration(self, bmc: Bmc, uri: str, body: Mapping[str, Any]) -> tuple[Cause, tuple[str, ...]] | None:
        """NTP servers are DHCP's while DHCP supplies them."""
        supplied = self.document(bmc, INTERFACE)["Oem"]["Hpe"]
        by_dhcp = any(supplied[version]["UseNTPServers"] for version in ("DHCPv4", "DHCPv6"))
        return (Cause.BY_DHCP, ("StaticNTPServers",)) if "StaticNTPServers" in body and by_dhcp else None

    def consequences(self, uri: str, body: Mapping[str, Any]) -> Mapping[str, Document]:
        """Two spellings of one setting."""
        return {uri: other} if uri == INTERFACE and (other := ilo_settings.mirrored(body)) else {}
