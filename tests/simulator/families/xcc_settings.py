# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of an XCC: name servers in a resource of their own, syslog servers as recipients of alerts.

Shapes from a recorded XCC 2.83 and its schemas; a recipient as Lenovo's lenovo_add_alert_recipient.py makes it.
"""

from __future__ import annotations

from ..configuration import Growing, Rule
from ..documents import NO_ADDRESS, resource
from ..profile import Document

PROTOCOLS = Rule(("HTTPS", "IPMI", "KVMIP", "NTP", "SNMP", "SSH"), {"NTP.NTPServers": 4})
_NUMBERS = (1, 2, 3)
_IPV4: Document = {f"IPv4Address{number}": NO_ADDRESS for number in _NUMBERS}
_IPV6: Document = {f"IPv6Address{number}": "::" for number in _NUMBERS}
DNS = Rule((*_IPV4, *_IPV6, "DNSEnable"))
ACCOUNT = Rule(("Oem.Lenovo.SSHPublicKey",), {"Oem.Lenovo.SSHPublicKey": 4})
REQUIRED = ("RecipientName", "Enabledstate", "AlertType", "Address")


def name_servers(uri: str) -> Document:
    """The name servers of the BMC."""
    document = resource(uri, "LenovoDNS.v1_0_0.LenovoDNS", "DNS", DNSEnable=False, PreferredAddresstype="IPv6")
    return document | _IPV4 | _IPV6


def recipient(uri: str, body: Document) -> Document:
    """Return a recipient of alerts. Raise KeyError for what the schema demands of a new one."""
    settings = body["RecipientSettings"]
    for name in REQUIRED:
        settings[name]
    return resource(
        uri, "LenovoAlertRecipient.v1_0_0.LenovoAlertRecipient", "AlertRecipient", RecipientSettings=settings
    )


RECIPIENTS = Growing(recipient, 12)
