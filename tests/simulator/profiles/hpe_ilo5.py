# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HPE iLO 5: lower-case BIOS link, redirects between the forms of a URI, success told in an `error` object."""

from __future__ import annotations

import zlib
from types import MappingProxyType

from ..bmc import Bmc
from ..documents import collection, fixed, link, links, reset_action, resource, sessions, status, timestamp
from ..host import Host
from ..messages import Cause, Message, base_messages
from ..profile import Builder, Document, Layout, Profile, Reply, Reset

ROOT = "/redfish/v1"
SYSTEM = f"{ROOT}/Systems/1"
MANAGER = f"{ROOT}/Managers/1"
CHASSIS = f"{ROOT}/Chassis/1"
ACCOUNTS = f"{ROOT}/AccountService/Accounts"
SESSIONS = f"{ROOT}/SessionService/Sessions"
INVENTORY = f"{ROOT}/UpdateService/FirmwareInventory"
# iLO links the BIOS in lower case, and serves it just so.
BIOS = f"{ROOT}/systems/1/bios"

MODEL = "ProLiant DL365 Gen10 Plus"
FIRMWARE = "2.78"
BIOS_VERSION = "A42 v2.84 (08/17/2023)"
# Name, description, version, and whether there is a Status.
FIRMWARE_INVENTORY = {
    "1": ("iLO 5", "SystemBMC", f"{FIRMWARE} Jan 25 2023", True),
    "2": ("System ROM", "SystemRomActive", BIOS_VERSION, True),
    "8": ("Redundant System ROM", "SystemRomBackup", "A42 v2.80 (04/20/2023)", False),
    "9": ("Intelligent Provisioning", "Intelligent Provisioning", "3.84.3", False),
}
SYSTEM_RESETS = ("On", "ForceOff", "GracefulShutdown", "ForceRestart", "Nmi", "PushPowerButton", "GracefulRestart")
MANAGER_RESETS = ("ForceRestart", "GracefulRestart")
SYSTEM_RESET_TARGET = f"{SYSTEM}/Actions/ComputerSystem.Reset"
MANAGER_RESET_TARGET = f"{MANAGER}/Actions/Manager.Reset"


def service_root(bmc: Bmc) -> Document:
    """The root says who made the BMC, and which firmware it runs, before any login."""
    manager = {
        "DefaultLanguage": "en",
        "FQDN": None,
        "HostName": host_name(bmc),
        "ManagerFirmwareVersion": FIRMWARE,
        "ManagerType": "iLO 5",
        "Status": {"Health": "OK"},
    }
    return {
        "@odata.id": ROOT,
        "@odata.type": "#ServiceRoot.v1_5_1.ServiceRoot",
        "Id": "RootService",
        "Name": "HPE RESTful Root Service",
        "AccountService": link(f"{ROOT}/AccountService"),
        "Chassis": link(f"{ROOT}/Chassis"),
        "Links": {"Sessions": link(SESSIONS)},
        "Managers": link(f"{ROOT}/Managers"),
        "Oem": {"Hpe": {"@odata.type": "#HpeiLOServiceExt.v2_4_0.HpeiLOServiceExt", "Manager": [manager]}},
        "Product": MODEL,
        "ProtocolFeaturesSupported": {
            "ExpandQuery": {"ExpandAll": False, "Levels": True, "Links": False, "MaxLevels": 1, "NoLinks": True},
            "FilterQuery": True,
            "OnlyMemberQuery": True,
            "SelectQuery": True,
        },
        "RedfishVersion": "1.6.0",
        "SessionService": link(f"{ROOT}/SessionService"),
        "Systems": link(f"{ROOT}/Systems"),
        "UUID": bmc.identity.part_uuid("service"),
        "UpdateService": link(f"{ROOT}/UpdateService"),
        "Vendor": "HPE",
    }


def system(bmc: Bmc) -> Document:
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
    document = resource(
        SYSTEM,
        "ComputerSystem.v1_13_0.ComputerSystem",
        "Computer System",
        AssetTag=bmc.written(SYSTEM, "AssetTag"),
        Bios=link(BIOS),
        BiosVersion=BIOS_VERSION,
        HostName="",
        Links={"Chassis": links(CHASSIS), "ManagedBy": links(MANAGER)},
        Manufacturer="HPE",
        MemorySummary={"Status": {"HealthRollup": "OK"}, "TotalSystemMemoryGiB": 512},
        Model=MODEL,
        Oem={"Hpe": hpe},
        PowerState=host.power_state,
        ProcessorSummary={"Count": 2, "Model": "AMD EPYC 7543 32-Core Processor", "Status": {"HealthRollup": "OK"}},
        SKU="P38578-B21",
        SerialNumber=bmc.identity.serial_number,
        Status={"Health": "OK", "HealthRollup": "OK", "State": "Enabled" if on else "Disabled"},
        SystemType="Physical",
        UUID=bmc.identity.uuid,
    )
    if not bmc.settings.remove_reset:
        values = bmc.settings.reset_types or SYSTEM_RESETS
        document["Actions"] = reset_action("ComputerSystem.Reset", SYSTEM_RESET_TARGET, values)
    return document


def manager(bmc: Bmc) -> Document:
    """The iLO itself."""
    return resource(
        MANAGER,
        "Manager.v1_5_1.Manager",
        "Manager",
        Actions=reset_action("Manager.Reset", MANAGER_RESET_TARGET, MANAGER_RESETS),
        CommandShell={"ConnectTypesSupported": ["SSH", "Oem"], "MaxConcurrentSessions": 9, "ServiceEnabled": True},
        DateTime=timestamp(bmc.clock.time()),
        DateTimeLocalOffset="+00:00",
        EthernetInterfaces=link(f"{MANAGER}/EthernetInterfaces"),
        FirmwareVersion=f"iLO 5 v{FIRMWARE}",
        GraphicalConsole={"ConnectTypesSupported": ["KVMIP"], "MaxConcurrentSessions": 10, "ServiceEnabled": True},
        Links={
            "ManagerForChassis": links(CHASSIS),
            "ManagerForServers": links(SYSTEM),
            "ManagerInChassis": link(CHASSIS),
        },
        ManagerType="BMC",
        Model="iLO 5",
        NetworkProtocol=link(f"{MANAGER}/NetworkProtocol"),
        Oem={"Hpe": {"@odata.type": "#HpeiLO.v2_8_1.HpeiLO", "IdleConnectionTimeoutMinutes": 30}},
        SerialConsole={
            "ConnectTypesSupported": ["SSH", "IPMI", "Oem"],
            "MaxConcurrentSessions": 13,
            "ServiceEnabled": True,
        },
        Status=status(),
        UUID=bmc.identity.part_uuid("manager"),
    )


def ethernet_interface(bmc: Bmc) -> Document:
    """The dedicated network port."""
    return resource(
        f"{MANAGER}/EthernetInterfaces/1",
        "EthernetInterface.v1_4_1.EthernetInterface",
        "Manager Dedicated Network Interface",
        HostName=host_name(bmc),
        IPv4Addresses=[{"Address": bmc.spec.address, "AddressOrigin": "Static", "SubnetMask": "255.0.0.0"}],
        InterfaceEnabled=True,
        LinkStatus="LinkUp",
        MACAddress=bmc.identity.mac_address.upper(),
        PermanentMACAddress=bmc.identity.mac_address.upper(),
        SpeedMbps=1000,
        Status=status(),
    )


def network_protocol(bmc: Bmc) -> Document:
    """Network services. iLO has no NTP in here."""
    return resource(
        f"{MANAGER}/NetworkProtocol",
        "ManagerNetworkProtocol.v1_0_0.ManagerNetworkProtocol",
        "Manager Network Services",
        HTTPS={"Port": 443, "ProtocolEnabled": True},
        HostName=host_name(bmc),
        IPMI={"Port": 623, "ProtocolEnabled": False},
        SSH={"Port": 22, "ProtocolEnabled": True},
        Status={"State": "Enabled"},
    )


def chassis(bmc: Bmc) -> Document:
    """The sheet metal."""
    return resource(
        CHASSIS,
        "Chassis.v1_11_2.Chassis",
        "Computer System Chassis",
        ChassisType="RackMount",
        Links={"ComputerSystems": links(SYSTEM), "ManagedBy": links(MANAGER)},
        Manufacturer="HPE",
        Model=MODEL,
        PowerState=bmc.hosts["1"].power_state,
        SKU="P38578-B21",
        SerialNumber=bmc.identity.serial_number,
        Status=status(),
    )


def account_service(bmc: Bmc) -> Document:
    """Local accounts."""
    return resource(
        f"{ROOT}/AccountService",
        "AccountService.v1_5_0.AccountService",
        "Account Service",
        Accounts=link(ACCOUNTS),
        LocalAccountAuth="Enabled",
        MinPasswordLength=8,
    )


def account(bmc: Bmc) -> Document:
    """The one account."""
    return resource(
        f"{ACCOUNTS}/1",
        "ManagerAccount.v1_3_0.ManagerAccount",
        "User Account",
        Password=None,
        PasswordChangeRequired=False,
        RoleId="Administrator",
        UserName=bmc.settings.username,
    )


def firmware(identifier: str) -> Document:
    """One firmware; iLO numbers them, so only the name says which it is."""
    name, description, version, has_status = FIRMWARE_INVENTORY[identifier]
    return resource(
        f"{INVENTORY}/{identifier}",
        "SoftwareInventory.v1_2_0.SoftwareInventory",
        name,
        Description=description,
        Updateable=True,
        Version=version,
        **({"Status": status()} if has_status else {}),
    )


def host_name(bmc: Bmc) -> str:
    """iLO names itself after the server's serial number."""
    return f"ILO{bmc.identity.serial_number}"


# What never changes. The BIOS is short, and an update is offered but not simulated, because nothing uses them yet.
FIXED = (
    collection(f"{ROOT}/Systems", "ComputerSystem", "Computer Systems", [SYSTEM]),
    collection(f"{ROOT}/Managers", "Manager", "Managers", [MANAGER]),
    collection(f"{ROOT}/Chassis", "Chassis", "Computer System Chassis", [CHASSIS]),
    collection(f"{MANAGER}/EthernetInterfaces", "EthernetInterface", "Manager Network Interfaces", ["1"]),
    collection(ACCOUNTS, "ManagerAccount", "Accounts", ["1"]),
    collection(INVENTORY, "SoftwareInventory", "Firmware Inventory Collection", FIRMWARE_INVENTORY),
    *(firmware(identifier) for identifier in FIRMWARE_INVENTORY),
    resource(
        BIOS,
        "Bios.v1_0_0.Bios",
        "BIOS Current Settings",
        AttributeRegistry="BiosAttributeRegistryA42.v1_2_84",
        Attributes={"BootMode": "Uefi", "WorkloadProfile": "HighPerformanceCompute(HPC)"},
    ),
    resource(
        f"{ROOT}/SessionService",
        "SessionService.v1_0_0.SessionService",
        "Session Service",
        ServiceEnabled=True,
        SessionTimeout=30,
        Sessions=link(SESSIONS),
        Status=status(),
    ),
    resource(
        f"{ROOT}/UpdateService",
        "UpdateService.v1_2_1.UpdateService",
        "Update Service",
        Actions={
            "#UpdateService.SimpleUpdate": {
                "TransferProtocol@Redfish.AllowableValues": ["HTTP", "HTTPS"],
                "target": f"{ROOT}/UpdateService/Actions/UpdateService.SimpleUpdate",
            }
        },
        FirmwareInventory=link(INVENTORY),
        HttpPushUri="/cgi-bin/uploadFile",
        Oem={"Hpe": {"@odata.type": "#HpeiLOUpdateServiceExt.v2_3_0.HpeiLOUpdateServiceExt", "State": "Idle"}},
        ServiceEnabled=True,
    ),
)


def extended_info(message_id: str, *arguments: str) -> Document:
    """Return iLO's answer object, the same for errors and for success."""
    entry: Document = {"MessageId": message_id}
    if arguments:
        entry["MessageArgs"] = list(arguments)
    message = "See @Message.ExtendedInfo for more information."
    return {"error": {"code": "iLO.0.10.ExtendedInfo", "message": message, "@Message.ExtendedInfo": [entry]}}


class HpeIlo5(Profile):
    """iLO 5 of a rack server."""

    name = "hpe_ilo5"
    # iLO closes reused connections now and then; here it does so after a while of silence, so that tests can tell.
    defaults = MappingProxyType({"idle_limit": 2.0})
    redirects_sibling = True
    uses_context = True
    manager_uri = MANAGER
    headers = MappingProxyType({"Server": "HPE-iLO-Server/1.30"})
    base_registry = "Base.1.4"
    messages = base_messages(base_registry) | {
        Cause.ALREADY_OFF: Message(400, "iLO.2.15.InvalidOperationForSystemState", ""),
        Cause.ALREADY_ON: Message(400, "iLO.2.15.InvalidOperationForSystemState", ""),
        Cause.IN_POST: Message(400, "iLO.2.15.InvalidOperationForSystemState", ""),
        Cause.VALUE_NOT_IN_LIST: Message(400, "Base.1.4.PropertyValueNotInList", ""),
        Cause.WRONG_CREDENTIALS: Message(401, "iLO.2.15.UnauthorizedLoginAttempt", ""),
    }

    def layout(self, nodes: int) -> Layout:
        """One server."""
        documents: dict[str, Builder] = {
            ROOT: service_root,
            SYSTEM: system,
            MANAGER: manager,
            f"{MANAGER}/EthernetInterfaces/1": ethernet_interface,
            f"{MANAGER}/NetworkProtocol": network_protocol,
            CHASSIS: chassis,
            SESSIONS: sessions,
            f"{ROOT}/AccountService": account_service,
            f"{ACCOUNTS}/1": account,
            **fixed(*FIXED),
        }
        resets = {
            SYSTEM_RESET_TARGET: Reset("ComputerSystem.Reset", SYSTEM_RESETS, "1"),
            MANAGER_RESET_TARGET: Reset("Manager.Reset", MANAGER_RESETS),
        }
        return Layout(systems=("1",), documents=documents, resets=resets, writable={SYSTEM: ("AssetTag",)})

    def session_id(self, number: int, username: str) -> str:
        """Sessions are named after their user."""
        return f"{username}{number:024x}"

    def session_location(self, uri: str, host: str) -> str:
        """An absolute URI."""
        return f"https://{host}{uri}"

    def etag(self, bmc: Bmc, uri: str) -> str:
        """Every resource has a weak ETag of eight hexadecimal digits."""
        return f'W/"{zlib.crc32(f"{bmc.spec.name} {uri} {bmc.revision}".encode()):08X}"'

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
        """The same as for an action."""
        return self.accepted(bmc)


PROFILE = HpeIlo5()
