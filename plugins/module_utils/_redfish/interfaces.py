# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The network interface of a BMC that the site's network reaches, chosen by what it is (EthernetInterface 1.4)."""

from __future__ import annotations

from ipaddress import ip_address

from .plain import is_blank, plain
from .resource import Document, link, member, objects, text, uri_of
from .service import Service


def interface_of(service: Service, manager: Document, host: str) -> Document | None:
    """The interface that has the address; else the likeliest. None where the manager has none.

    NVIDIA lists the links to the host and to the GPU board beside it; iLO its shared and its virtual port.
    """
    collection = link(manager, "EthernetInterfaces")
    found = (service.find(uri) for uri in (service.members(collection) if collection else ()))
    interfaces = [interface for interface in found if interface is not None]
    return min(interfaces, key=lambda interface: (_doubts(interface, host), uri_of(interface)), default=None)


def _doubts(interface: Document, host: str) -> tuple[bool, ...]:
    """What speaks against an interface, the surest sign first."""
    addresses = [text(entry, "Address") or "" for entry in objects(interface, "IPv4Addresses")]
    addresses += [text(entry, "Address") or "" for entry in objects(interface, "IPv6Addresses")]
    gateways = [text(entry, "Gateway") for entry in objects(interface, "IPv4Addresses")]
    return (
        plain(host) not in {plain(address) for address in addresses},
        member(interface, "InterfaceEnabled") is False,
        link(interface, "Links", "HostInterface") is not None,
        all(is_blank(gateway) for gateway in gateways),
        text(interface, "LinkStatus") == "LinkDown",
        not any(_routed(address) for address in addresses),
    )


def _routed(address: str) -> bool:
    try:
        known = ip_address(address)
    except ValueError:
        return False
    return not (known.is_link_local or known.is_unspecified or known.is_loopback)
