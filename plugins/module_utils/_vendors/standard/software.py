# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an entry of the firmware inventory is: the component it belongs to, and whether it is a spare image.

Nothing in SoftwareInventory 1.x says either, so names do. An entry that no row knows has no component: it is found by
its id or name alone, which is safe, and a wrong row is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..._redfish.reset import has_reset
from ..._redfish.resource import Document, link, links, same_resource, text, uri_of
from ..._redfish.service import Service, key

SPARE = (
    "alternate", "available", "backup", "capsule", "failsafe", "fallback", "factory", "golden", "inactive", "pending",
    "previous", "recovery", "redundant", "rollback", "secondary", "spare", "staged", "staging", "standby",
)  # fmt: skip
"""Words of images that wait beside the one that runs, or for its failure."""

# Status.State (Resource) of an image that is kept in reserve: Lenovo's BMC-Backup, the second image of OpenBMC.
_IN_RESERVE = ("StandbySpare", "StandbyOffline")

# Words that name a component, the first row that fits. What looks like another component, and is not, comes early and
# has none: the image of a BMC does not fit the BMC of a GPU board, nor that of a mainboard's CPLD the one of its fans.
_ROWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("erot", ("erot",)),
    ("", ("bios me", "management engine", "inforom", "power management controller", "energy pack", "retimer",
          "pcieretimer", "nvswitch", "pcieswitch", "fanboard", "switchboard", "riser", "midplane", "cpldmid",
          "hgx fw bmc", "hgx fw cpld", "driver", "drivers", "driverpack", "diagnostics", "provisioning", "tpm",
          "trusted platform", "video controller")),
    ("bootloader", ("bootloader", "boot loader", "uboot")),
    ("backplane", ("backplane", "ubm")),
    ("cpld", ("cpld", "cpldmb", "programmable logic device")),
    ("fpga", ("fpga", "nfpga", "mfpga", "cfpga", "sfpga", "rfpga")),
    ("gpu", ("gpu",)),
    ("psu", ("psu", "power supply", "power supplies", "powersupply", "rectifier")),
    ("storage", ("nvmecontroller", "raid", "hba", "smart array", "storage controller", "storage")),
    ("drive", ("drive", "disk", "ssd", "hdd")),
    ("nic", ("nic", "smartnic", "ethernet", "eth", "network adapter", "networkadapter", "network controller",
             "infiniband", "connectx", "hpcnet")),
    ("cpu", ("cpu",)),
    ("bios", ("bios", "uefi", "system rom")),
    ("bmc", ("bmc", "ilo", "idrac", "xcc", "baseboard management controller")),
)  # fmt: skip

# Parts of the URI of a RelatedItem, as the schemas of Chassis, ComputerSystem and Manager place them.
_PLACES: tuple[tuple[str, str], ...] = (
    ("nic", r"/(networkadapters|networkinterfaces)/"),
    ("drive", r"/drives/"),
    ("storage", r"/storage(/|$)"),
    ("psu", r"/powersuppl(ies|y)/"),
    ("bios", r"/systems/[^/]+/bios$"),
    ("bmc", r"/managers/[^/]+$"),
)

_PARTS_OF_A_NAME = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def named_component(*names: str) -> str | None:
    """The component that names tell, the first name first; "" for what is known to be none; None where none fits."""
    for name in names:
        said = _words(name)
        for component, phrases in _ROWS:
            if any(f" {phrase} " in words for phrase in phrases for words in said):
                return component
    return None


def placed_component(inventory: Document) -> str | None:
    """The component that the RelatedItems tell, if all that tell one tell the same."""
    related = tuple(uri.lower().replace("#", "") for uri in links(inventory, "RelatedItem"))
    found = {component for uri in related for component in _places_of(uri)}
    return found.pop() if len(found) == 1 else None


def is_spare(inventory: Document) -> bool:
    """Whether an image is not the one in use, by its state or its names."""
    names = (text(inventory, name) or "" for name in ("Id", "Name", "Description"))
    words = {word for name in names for said in _words(name) for word in said.split()}
    return text(inventory, "Status", "State") in _IN_RESERVE or not words.isdisjoint(SPARE)


def system_of(service: Service, inventory: Document) -> str:
    """URI of the system that all RelatedItems below Systems lie in; "" for none, or for several."""
    related = links(inventory, "RelatedItem")
    systems = link(service.root(), "Systems")
    if not related or systems is None:
        return ""
    found = {uri for uri in service.members(systems) for item in related if _within(key(item), key(uri))}
    return found.pop() if len(found) == 1 else ""


def related_to(inventory: Document, place: str) -> str:
    """The first RelatedItem of a place in _PLACES ("bios", "bmc"); "" where there is none."""
    return next((uri for uri in links(inventory, "RelatedItem") if place in _places_of(uri.lower())), "")


def manager_of(service: Service, inventory: Document) -> str:
    """URI of the manager that runs it (Links.ActiveSoftwareImage, Manager 1.6), if that can be reset; "" for none."""
    for manager in service.each("Managers"):
        active = link(manager, "Links", "ActiveSoftwareImage")
        if active and has_reset(manager) and same_resource(active, uri_of(inventory)):
            return uri_of(manager)
    return ""


def _places_of(uri: str) -> Iterable[str]:
    return [component for component, pattern in _PLACES if re.search(pattern, uri)][:1]


def _within(uri: str, system: str) -> bool:
    return uri == system or uri.startswith(system + "/")


def _words(name: str) -> tuple[str, str]:
    """A name as words in lower case between blanks: as they are separated, and parted where their case changes.

    "HGX_FW_ERoT_GPU_SXM_1" needs the first, "SystemRomActive" the second. The number of an instance counts for
    nothing ("PSU1"). No phrase is made of hexadecimal digits alone: an Id of OpenBMC is a hash.
    """
    separated = [re.sub(r"(?<=[A-Za-z])\d+$", "", word) for word in re.split(r"[^A-Za-z0-9]+", name)]
    parted = [part for word in separated for part in _PARTS_OF_A_NAME.findall(word)]
    return f" {' '.join(separated)} ".lower(), f" {' '.join(parted)} ".lower()
