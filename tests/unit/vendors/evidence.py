# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What BMCs of several dialects show of themselves, reduced to what tells them apart."""

from __future__ import annotations

from typing import Any

from ansible_collections.openchami.bmc.plugins.module_utils.vendor_api.v1 import Evidence

CRAY_MANAGER = {
    "@odata.id": "/redfish/v1/Managers/BMC",
    "ManagerType": "EnclosureManager",
    "Manufacturer": "Cray Inc",
    "Actions": {"Oem": {"#CrayProcess.Schedule": {"target": "/x"}}, "#Manager.Reset": {"target": "/y"}},
}
OLDER_CRAY_MANAGER = {
    "@odata.id": "/redfish/v1/Managers/BMC",
    "ManagerType": "EnclosureManager",
    "Actions": {"#Manager.Reset": {"ResetType@Redfish.AllowableValues": ["ForceRestart", "ForceEraseNetworkReload"]}},
}
CRAY_NODE = {"@odata.id": "/redfish/v1/Systems/Node0", "Manufacturer": "HPE"}
PLAIN_MANAGER = {"@odata.id": "/redfish/v1/Managers/1", "ManagerType": "BMC"}


def evidence(
    root: dict[str, Any], managers: tuple[dict[str, Any], ...] = (), systems: tuple[dict[str, Any], ...] = ()
) -> Evidence:
    return Evidence({"RedfishVersion": "1.6.0", **root}, managers, systems)


def ilo(generation: str, firmware: str, manager: dict[str, Any]) -> Evidence:
    """An iLO, which names its generation in the root."""
    shown = {"ManagerType": generation, "ManagerFirmwareVersion": firmware}
    return evidence({"Vendor": "HPE", "Oem": {"Hpe": {"Manager": [shown]}}}, ({**PLAIN_MANAGER, **manager},))


# dialect, maker, evidence; named by what it is.
SAMPLES = {
    "iLO 5": ("hpe", "hpe", evidence({"Vendor": "HPE", "Oem": {"Hpe": {}}}, (PLAIN_MANAGER,))),
    "iLO 6": ("hpe", "hpe", ilo("iLO 6", "1.66", {"Model": "iLO 6", "FirmwareVersion": "iLO 6 v1.66"})),
    "iLO 7": ("hpe", "hpe", ilo("iLO 7", "1.17.00", {"FirmwareVersion": "1.17.00 Aug 13 2025"})),
    "iLO 5 1.45 without a Model": ("hpe", "hpe", ilo("iLO 5", "1.45", {"FirmwareVersion": "iLO 5 v1.45"})),
    "iLO 4": ("hpe", "hpe", evidence({"Oem": {"Hp": {}}}, (PLAIN_MANAGER,))),
    "iDRAC9": (
        "dell",
        "dell",
        evidence({"Vendor": "Dell", "Oem": {"Dell": {"ServiceTag": "ABC1234"}}}, (PLAIN_MANAGER,)),
    ),
    "iDRAC9 3.34": ("dell", "dell", evidence({"Oem": {"Dell": {}}}, (PLAIN_MANAGER,))),
    "iDRAC10": (
        "dell",
        "dell",
        evidence(
            {"Vendor": "Dell", "Oem": {"Dell": {"ServiceTag": "ABC1234"}}},
            ({**PLAIN_MANAGER, "Model": "17G Monolithic", "FirmwareVersion": "1.30.20.10"},),
            ({"Manufacturer": "Dell Inc."},),
        ),
    ),
    "Cray EX": ("cray", "cray", evidence({}, (PLAIN_MANAGER, CRAY_MANAGER), (CRAY_NODE,))),
    "Cray EX without processes to schedule": (
        "cray",
        "cray",
        evidence({}, ({**PLAIN_MANAGER, "ManagerType": "EnclosureManager", "Description": "Shasta Manager"},)),
    ),
    "another maker's enclosure manager": (
        "generic",
        "quanta",
        evidence({}, ({**PLAIN_MANAGER, "ManagerType": "EnclosureManager"},), ({"Manufacturer": "Quanta"},)),
    ),
    "Supermicro X10": ("supermicro", "supermicro", evidence({}, ({**PLAIN_MANAGER, "Oem": {"Supermicro": {}}},))),
    "Supermicro X10 with an empty OEM part in the root": (
        "supermicro",
        "supermicro",
        evidence(
            {"Oem": {}},
            ({**PLAIN_MANAGER, "Model": "ASPEED", "Oem": {"Supermicro": {}}},),
            ({"Manufacturer": "Supermicro"},),
        ),
    ),
    "Supermicro X13": ("supermicro", "supermicro", evidence({"Oem": {"Supermicro": {}}})),
    "Supermicro GB300": (
        "openbmc",
        "supermicro",
        evidence({"Vendor": "Supermicro"}, ({**PLAIN_MANAGER, "Model": "OpenBmc"},)),
    ),
    "Supermicro GB300 by its root alone": (
        "openbmc",
        "supermicro",
        evidence({"Vendor": "Supermicro", "Product": "GB NVL"}, (PLAIN_MANAGER,)),
    ),
    "GB200": ("openbmc", "nvidia", evidence({"Vendor": "NVIDIA", "Product": "GB200 NVL"})),
    "NVLink switch": ("openbmc", "nvidia", evidence({"Vendor": "NVIDIA", "Product": "P3809"})),
    "BlueField": (
        "openbmc",
        "nvidia",
        evidence({"Vendor": "Nvidia", "Product": "Nvidia-BMCMezz"}, (PLAIN_MANAGER,), ({"Manufacturer": "Nvidia"},)),
    ),
    "NVIDIA by its manager's OEM part": (
        "openbmc",
        "nvidia",
        evidence({}, ({**PLAIN_MANAGER, "Oem": {"Nvidia": {}}},), ({"Manufacturer": "NVIDIA"},)),
    ),
    "NVIDIA with somebody's OEM part in the root": (
        "generic",
        "nvidia",
        evidence({"Vendor": "NVIDIA", "Oem": {"Somebody": {}}}, (PLAIN_MANAGER,)),
    ),
    "DGX H100": (
        "ami",
        "nvidia",
        evidence({"Vendor": "AMI", "Oem": {"Ami": {}}}, systems=({"Manufacturer": "NVIDIA"},)),
    ),
    "GH200": (
        "openbmc",
        "nvidia",
        evidence({"Vendor": "NVIDIA"}, ({**PLAIN_MANAGER, "Oem": {"Nvidia": {}, "OpenBmc": {}}},)),
    ),
    "older Cray EX with AMI's OEM part": (
        "cray",
        "cray",
        evidence({"Oem": {"Ami": {}}}, (CRAY_MANAGER,), (CRAY_NODE,)),
    ),
    "older Cray EX by its resets only": (
        "cray",
        "cray",
        evidence({"Oem": {"Ami": {}}}, (OLDER_CRAY_MANAGER,)),
    ),
    "AMI by its OEM part only": (
        "ami",
        "gigabyte",
        evidence({"Oem": {"Ami": {}}}, (PLAIN_MANAGER,), ({"Manufacturer": "GIGABYTE"},)),
    ),
    "XCC of 2023": ("lenovo", "lenovo", evidence({"Vendor": "Lenovo"}, ({**PLAIN_MANAGER, "Oem": {"Lenovo": {}}},))),
    "Gigabyte with AMI's firmware": (
        "ami",
        "gigabyte",
        evidence({"Vendor": "AMI"}, systems=({"Manufacturer": "Giga Computing"},)),
    ),
    "only AMI": ("ami", "ami", evidence({"Vendor": "AMI"})),
    "XCC3": (
        "lenovo",
        "lenovo",
        evidence({"Vendor": "Lenovo"}, ({**PLAIN_MANAGER, "Model": "Lenovo XClarity Controller 3"},)),
    ),
    "Lenovo with AMI's firmware": ("ami", "lenovo", evidence({"Vendor": "AMI"}, systems=({"Manufacturer": "Lenovo"},))),
    "XCC of 2018": ("lenovo", "lenovo", evidence({"Oem": {"Lenovo": {}}})),
    "Intel S2600": (
        "generic",
        "intel",
        evidence({}, ({**PLAIN_MANAGER, "Model": "S2600BPB"},), ({"Manufacturer": "Intel Corporation"},)),
    ),
    "a manager's model that names nobody": ("generic", "unknown", evidence({}, ({**PLAIN_MANAGER, "Model": "BMC-7"},))),
    "Intel": ("generic", "intel", evidence({}, systems=({"Manufacturer": "Intel Corporation"},))),
    "OpenBMC": ("openbmc", "openbmc", evidence({}, ({**PLAIN_MANAGER, "Model": "OpenBmc"},))),
    "another": ("generic", "wiwynn", evidence({}, systems=({"Manufacturer": "Wiwynn"},))),
    "nobody": ("generic", "unknown", evidence({})),
    "HPE as the maker of a node only": ("generic", "hpe", evidence({}, (PLAIN_MANAGER,), (CRAY_NODE,))),
}
