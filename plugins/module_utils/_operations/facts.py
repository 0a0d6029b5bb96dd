# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All facts of a BMC as one plan: what bmc_info tells, and what was asked for besides. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from .._redfish.crawl import Plan, Result, Table, joined, plan
from .._redfish.resource import Document, link
from .._redfish.service import Service
from .._transport.origin import Origin
from .._vendors import registry
from ..vendor_api.v1 import Driver, Evidence
from . import console, firmware_list, hardware, info
from .bios import facts as bios_facts
from .connect import View
from .managers import bmc_manager
from .parts import Parts
from .settings import facts as settings_facts

DISCOVERED = ("hardware", "firmware", "console")
"""What discovery can gather besides the facts of bmc_info."""

SUBSETS = (*DISCOVERED, "settings")
"""What bmc_info can, and what "all" means."""

BIOS = "bios"
"""Only where it is named: a registry has megabytes, and discovery reads thousands of BMCs."""

_READERS: Mapping[str, Callable[[View, Parts], Any]] = {
    "hardware": lambda _bmc, parts: hardware.read(parts),
    "firmware": lambda _bmc, parts: firmware_list.read(parts),
    "console": console.read,
    "settings": settings_facts.read,
    BIOS: bios_facts.read,
}
_TABLES: Mapping[str, Table] = {"hardware": hardware.READS, "firmware": firmware_list.READS, BIOS: bios_facts.READS}


def crawl(
    root: Document, origin: Origin, subsets: Collection[str], driver: Driver | None = None
) -> Plan[dict[str, Any]]:
    """The plan of gathered(). driver: as recorded, None where the dialect is to be found out."""
    return crawl_for(lambda bmc: gathered(bmc, subsets), root, origin, reads(subsets), driver)


def reads(subsets: Collection[str]) -> Table:
    """The links that gathered() follows."""
    return joined(info.READS, *(_TABLES[subset] for subset in subsets if subset in _TABLES))


def crawl_for(
    read: Callable[[View], Result],
    root: Document,
    origin: Origin,
    table: Table,
    driver: Driver | None = None,
) -> Plan[Result]:
    """The plan of what reads gathered() and more. table: the links that it follows."""
    recognised = driver or registry.recognised(Evidence(root))

    def view(service: Service) -> Result:
        return read(View(origin, service, recognised or registry.detect(service)))

    return plan(view, root, origin, table, recognised.quirks.expand if recognised else "")


def gathered(bmc: View, subsets: Collection[str]) -> dict[str, Any]:
    """The facts of info.run(), and under its name each of these subsets.

    The key incomplete holds what could not be read of the subsets: [{uri, why}]. The facts themselves are whole: where
    what they need cannot be read, that is the error.
    """
    _ahead(bmc, subsets)
    parts = Parts(bmc.service)
    found = {subset: _READERS[subset](bmc, parts) for subset in _READERS if subset in subsets}
    return {**info.run(bmc), **found, "incomplete": parts.incomplete()}


def _ahead(bmc: View, subsets: Collection[str]) -> None:
    """What of the managers only the one that is the BMC is asked for, before anything is worked out."""
    manager = bmc_manager(bmc.service)
    if manager is not None:
        protocols = console.protocols_of(bmc, manager) if "console" in subsets else None
        bmc.service.ahead(link(manager, "EthernetInterfaces"), protocols)
