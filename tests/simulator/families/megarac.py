# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AMI's MegaRAC shapes the same on the boards of every maker: AMI is the Vendor, every PATCH needs an If-Match.

Shapes from a recorded Gigabyte H262 with firmware 12.84.13, words from its message registries, the form of its errors
from gofish issue 171.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from .. import standard
from ..bmc import Bmc
from ..documents import link, state_number, status
from ..messages import Cause, Message, base_messages
from ..profile import Builder, Document, Profile, Reply, Reset
from ..standard import ACCOUNT_SERVICE, ACCOUNTS, ROOT, SESSIONS

ROLLUP = {**status(), "HealthRollup": "OK"}
PROTOCOL_FEATURES = {
    "ExcerptQuery": False,
    "ExpandQuery": {"ExpandAll": True, "Levels": True, "Links": True, "MaxLevels": 5, "NoLinks": True},
    "FilterQuery": True,
    "OnlyMemberQuery": True,
    "SelectQuery": True,
}


def machine_uuid(bmc: Bmc) -> str:
    """Return the UUID that root, manager and chassis share; the system has another."""
    return bmc.identity.part_uuid("manager")


def console(sessions: int, *connect_types: str) -> Document:
    """Return a console of the manager."""
    return {"ConnectTypesSupported": list(connect_types), "MaxConcurrentSessions": sessions, "ServiceEnabled": True}


def reset_action(uri: str, name: str, bmc: Bmc) -> Document:
    """Return a Reset action that may wait for a maintenance window."""
    [(key, action)] = standard.reset_action(uri, name, bmc).items()
    support = {
        "@odata.type": "#Settings.v1_2_1.Settings.OperationApplyTimeSupport",
        "MaintenanceWindowDurationInSeconds": 600,
        "MaintenanceWindowResource": link(uri),
        "SupportedValues": ["Immediate", "AtMaintenanceWindowStart"],
    }
    return {key: action | {"@Redfish.OperationApplyTimeSupport": support}}


def service_root(bmc: Bmc) -> Document:
    """The root names the maker of the firmware, not of the machine."""
    oem = {
        "Ami": {"@odata.type": "#AMIServiceRoot.v1_0_0.AMIServiceRoot", "RtpVersion": "1.7.0"},
        "Dre": {"@odata.type": "#AMIDynamicExtension.v1_0_0.AMIDynamicExtension"},
        "Vendor": {"@odata.type": "#VendorServiceRoot.v1_0_0.VendorServiceRoot", "VendorVersion": "1.7.0.001"},
    }
    return standard.service_root(
        ROOT,
        "v1_5_1",
        "1.7.0",
        Oem=oem,
        Product="AMI Redfish Server",
        ProtocolFeaturesSupported=PROTOCOL_FEATURES,
        UUID=machine_uuid(bmc),
        Vendor="AMI",
    )


def access() -> dict[str, Builder]:
    """Return who may log in and who has: sessions and the account."""
    return {
        SESSIONS: standard.sessions,
        ACCOUNT_SERVICE: partial(standard.account_service, "v1_5_0", Status=status()),
        f"{ACCOUNTS}/1": partial(standard.account, "1", "v1_3_0", Password="", PasswordChangeRequired=False),
    }


def reset_documents(resets: Mapping[str, Reset]) -> dict[str, Builder]:
    """Return the ActionInfo of each reset: MegaRAC names its values nowhere else."""
    builders: dict[str, Builder] = {}
    for target, reset in resets.items():
        uri = target.partition("/Actions/")[0]
        builders[f"{uri}/ResetActionInfo"] = partial(
            standard.reset_action_info, uri, "v1_1_1", reset.action, Id="ResetAction", Name="ResetAction"
        )
    return builders


class MegaRac(Profile):
    """A BMC with AMI's firmware. How it takes a reset that changes nothing is not known: here it has no effect."""

    defaults = MappingProxyType({"if_match": "demanded", "auth": {"lockout_after": 5}})
    uses_context = True
    base_registry = "Base.1.5"
    messages = base_messages(base_registry) | {
        Cause.ETAG_MISMATCH: Message(412, "HttpStatus.1.0.PreconditionFailed", "The If-Match precondition failed."),
        Cause.ETAG_MISSING: Message(
            428,
            "Ami.1.0.PreconditionHeaderMissing",
            "The request did not provide the required precondition, such as an If-Match or If-None-Match header.",
        ),
        Cause.NO_CREDENTIALS: Message(401, "Security.1.0.AccessDenied", "The service was denied access."),
        Cause.VALUE_NOT_IN_LIST: Message(
            400, "Base.1.5.PropertyValueNotInList", "The value {0} for {1} is not in the list of acceptable values."
        ),
        Cause.WRONG_CREDENTIALS: Message(401, "Security.1.0.AccessDenied", "The service was denied access."),
    }

    def etag(self, bmc: Bmc, uri: str) -> str:
        """Every resource has a weak ETag of decimal digits."""
        return f'W/"{state_number(uri, bmc)}"'

    def refusal(self, cause: Cause, *arguments: str) -> Reply:
        """An error whose own code and message are those of its one entry."""
        message = self.messages[cause]
        text = message.text.format(*arguments)
        entry = {
            "@odata.type": "#Message.v1_0_7.Message",
            "Message": text,
            "MessageId": message.message_id,
            "Severity": "Critical",
        }
        error = {"@Message.ExtendedInfo": [entry], "code": message.message_id, "message": text}
        return Reply(message.status, {"error": error})
