# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the controllers of HPE Cray EX have in common, whatever they control.

The root has no Vendor, the manager neither Model nor FirmwareVersion. Shapes from recordings of a node controller (nC)
and a chassis controller (cC) with firmware 1.6.19.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from .. import standard
from ..bmc import Bmc
from ..documents import collection, link, resource, state_number, status, without
from ..messages import Cause, Message, base_messages
from ..profile import Builder, Document, Profile, Reset
from ..public_keys import public_key
from ..standard import ACCOUNT_SERVICE, ACCOUNTS, ROOT, SESSIONS, UPDATE_SERVICE
from ..update_rules import answers
from ..update_rules.rules import BMC, NOTHING, Item, Pull, Updates

MANAGER = f"{ROOT}/Managers/BMC"
ENCLOSURE = f"{ROOT}/Chassis/Enclosure"
UPDATE_ACTION_INFO = f"{UPDATE_SERVICE}/SimpleUpdateActionInfo"
ADMIN_KEY, CONMAN_KEY = public_key("admin"), public_key("conman")
MANAGER_RESET = {f"{MANAGER}/Actions/Manager.Reset": Reset("Manager.Reset", ("ForceRestart", "StatefulReset"))}


def service_root() -> Document:
    """The root. It calls itself by its form with the slash."""
    description = "The service root for all Redfish requests on this host"
    return standard.service_root(f"{ROOT}/", "v1_2_0", "1.2.0", Description=description)


def manager(processes: tuple[str, ...], managed: Document, bmc: Bmc) -> Document:
    """The BMC. `processes` are what it can schedule; `managed` are its Links beside the one to its chassis."""
    schedule = {
        "Name@Redfish.AllowableValues": list(processes),
        "target": f"{MANAGER}/Actions/Oem/CrayProcess.Schedule",
    }
    document = standard.manager(
        MANAGER,
        "v1_3_2",
        "BMC",
        bmc,
        Description="Shasta Manager",
        Links={**managed, "ManagerInChassis": link(ENCLOSURE)},
        ManagerType="EnclosureManager",
    )
    document["Actions"]["Oem"] = {"#CrayProcess.Schedule": schedule}
    return without(document, "EthernetInterfaces", "UUID")


def enclosure(model: str, part_number: str, bmc: Bmc, **properties: object) -> Document:
    """What the controller sits in; Description and Model are one word."""
    return resource(
        ENCLOSURE,
        "Chassis.v1_5_1.Chassis",
        "Enclosure",
        AssetTag=bmc.written(ENCLOSURE, "AssetTag"),
        ChassisType="Enclosure",
        Description=model,
        Manufacturer="HPE",
        Model=model,
        PartNumber=part_number,
        SerialNumber=bmc.identity.serial_number,
        Status=status(),
        **properties,
    )


def firmware(identifier: str, version: str, **properties: object) -> Document:
    """One firmware, named by its id."""
    return standard.firmware(identifier, "v1_1_0", identifier, version, **{"Status": status()} | properties)


def images(kind: str, version: str, recovery: str) -> list[Document]:
    """The controller's own firmware, `kind` such as "nc". Its version stands here and nowhere else."""
    return [
        firmware("BMC", version, Description="Baseboard Management Controller", SoftwareId=f"{kind}:*:*:*"),
        firmware("Recovery", recovery, Description="System Recovery Image"),
    ]


def services(name: str, firmwares: list[Document], targets: Iterable[str]) -> list[Document]:
    """The services, of which none changes.

    `name` is that of the firmware inventory; `targets` are the ids of the firmwares that an update may name.
    """
    ntp = {"NTPServers": ["192.0.2.14"], "Port": 123, "ProtocolEnabled": True}
    oem = {
        "Resolv": {"NameServers": [], "ProtocolEnabled": False, "SearchList": []},
        # As recorded: a key twice, each with an empty line behind it; and the console's with one line end.
        "SSHAdmin": {"AuthorizedKeys": f"{ADMIN_KEY}\n\n{ADMIN_KEY}\n\n"},
        "SSHConsole": {"AuthorizedKeys": f"{CONMAN_KEY}\n"},
        "Syslog": {"Port": 514, "ProtocolEnabled": True, "SyslogServers": ["rsyslog.invalid"], "Transport": "udp"},
    }
    update = {"@Redfish.ActionInfo": UPDATE_ACTION_INFO, "target": f"{UPDATE_SERVICE}/Actions/SimpleUpdate"}
    tasks, none = standard.task_service("v1_1_0")
    uris = [f"{standard.INVENTORY}/{target}" for target in targets]
    parameters = [
        {"DataType": "String", "Name": "ImageURI", "Required": True},
        {"AllowableValues": ["HTTP", "HTTPS"], "DataType": "String", "Name": "TransferProtocol", "Required": True},
        {"AllowableValues": uris, "DataType": "StringArray", "Name": "Targets", "Required": False},
    ]
    return [
        *standard.firmware_inventory(name, firmwares),
        resource(UPDATE_ACTION_INFO, "ActionInfo.v1_0_1.ActionInfo", "SimpleUpdate", Parameters=parameters),
        collection(ACCOUNTS, "ManagerAccount", "Accounts Collection", ["1"]),
        without(standard.network_protocol(MANAGER, "v1_2_0", "Manager Network Protocol", NTP=ntp, Oem=oem), "HTTPS"),
        *standard.roles("v1_2_0"),
        standard.session_service("v1_1_3", 30, Status=status()),
        standard.update_service("v1_2_0", Actions=standard.simple_update("HTTP", "HTTPS", **update), Status=status()),
        tasks,
        without(none, "Members"),
    ]


def controller_updates(*items: Item) -> Updates:
    """How a controller takes updates: there is no task, and nothing tells how far one is but the inventory's version.

    `items` are those beside the controller's own two images.
    """
    action = Pull("SimpleUpdate", f"{UPDATE_SERVICE}/Actions/SimpleUpdate", required=("TransferProtocol",))
    own = (Item("BMC", "BMC", BMC), Item("Recovery", "BMC", NOTHING, spare=True))
    return Updates(items=(*own, *items), answer=answers.nothing, pulls=(action,))


def access() -> dict[str, Builder]:
    """Return who may log in and who has: sessions and the account."""
    return {
        SESSIONS: standard.sessions,
        ACCOUNT_SERVICE: partial(standard.account_service, "v1_2_1", Status=status()),
        f"{ACCOUNTS}/1": partial(standard.account, "1", "v1_1_3"),
    }


class CrayExController(Profile):
    """A controller of HPE Cray EX."""

    manager_uri = MANAGER
    updates = controller_updates()
    base_registry = "Base.1.4.0"
    messages = base_messages(base_registry) | {
        Cause.ETAG_MISMATCH: Message(412, "HttpStatus.1.0.0.PreconditionFailed", "A precondition of {0} failed."),
        Cause.METHOD_NOT_ALLOWED: Message(405, "HttpStatus.1.0.0.MethodNotAllowed", "{0} is not allowed for {1}."),
        Cause.VALUE_NOT_IN_LIST: Message(
            400, "Base.1.4.0.ActionParameterNotSupported", "The parameter {1} with {0} is not supported by {2}."
        ),
    }

    def etag(self, bmc: Bmc, uri: str) -> str:
        """Every resource has a weak ETag of decimal digits."""
        return f'W/"{state_number(uri, bmc)}"'
