# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The BIOS of each dialect: few attributes of each kind, under the names and in the places of the real one."""

from __future__ import annotations

from .bios import (
    REGISTRIES,
    SWITCH,
    Attribute,
    Bios,
    Registry,
    displayed,
    enumeration,
    locks,
    number,
    switch,
    words,
)
from .documents import link
from .standard import ROOT

_PROFILES = {
    "GeneralPowerEfficientCompute": "General Power Efficient Compute",
    "HighPerformanceCompute(HPC)": "High Performance Compute (HPC)",
    "Custom": "Custom",
}
_ILO = (
    Attribute("WorkloadProfile", "Workload Profile", "GeneralPowerEfficientCompute", "Enumeration", _PROFILES),
    enumeration("ProcSMT", "AMD SMT Option", *SWITCH),
    enumeration("BootMode", "Boot Mode", "Uefi", "LegacyBios"),
    number("PatrolScrubDuration", "Patrol Scrub Duration (Hours)", 24, 1, 24),
    words("ServerName", "Server Name", longest=28),
    words("SerialNumber", "Serial Number", "SIM0000001", ReadOnly=True),
    enumeration("PerformanceDeterminism", "Performance Determinism", "PerformanceDeterministic", "PowerDeterministic"),
)


def ilo(uri: str, registry: str) -> Bios:
    """An iLO's: a full copy in the settings object, what was refused told by messages after the boot."""
    body = f"{ROOT}/registrystore/registries/en/{registry.lower()}"
    locked = locks("WorkloadProfile", "GeneralPowerEfficientCompute", "PerformanceDeterminism")
    return Bios(
        system="1",
        uri=uri,
        settings=f"{uri}/settings/",
        attributes=_ILO,
        pending="full",
        schema="v1_0_4",
        name="BIOS Current Settings",
        id="bios",
        named=registry,
        registry=Registry(registry, body, registry, "HPE", "v1_2_1", (locked,), is_resource=False),
        settings_schema="v1_0_0",
        reports=True,
        reset=f"{uri}/settings/Actions/Bios.ResetBios/",
    )


def idrac(system: str, uri: str, jobs: str) -> Bios:
    """An iDRAC's: a change waits in a job; the registry is listed as another version than the BIOS names."""
    attributes = (
        enumeration("LogicalProc", "Logical Processor", *SWITCH),
        enumeration("SysProfile", "System Profile", "PerfPerWattOptimizedDapc", "PerfOptimized", "Custom"),
        enumeration("ProcTurboMode", "Turbo Boost", *SWITCH),
        number("AcPwrRcvryUserDelay", "User Defined Delay (120s to 600s)", 120, 120, 600),
        words("AssetTag", "Asset Tag", longest=63),
        words("IscsiDev1Con1ChapSecret", "CHAP Secret", longest=16, MinLength=12),
        words("SystemModelName", "System Model Name", "PowerEdge", ReadOnly=True),
    )
    locked = (
        locks("SysProfile", "PerfPerWattOptimizedDapc", "ProcTurboMode"),
        locks("SysProfile", "PerfOptimized", "ProcTurboMode"),
    )
    clear = {"target": f"{uri}/Settings/Actions/Oem/DellManager.ClearPending"}
    return Bios(
        system=system,
        uri=uri,
        settings=f"{uri}/Settings",
        attributes=attributes,
        named="BiosAttributeRegistry.v1_0_3",
        registry=Registry(
            "BiosAttributeRegistry.v1_0_0",
            f"{uri}/BiosRegistry",
            "BiosAttributeRegistry.v1_0_3",
            "Dell",
            dependencies=locked,
            hides=("DefaultValue",),
        ),
        applies=("OnReset", "AtMaintenanceWindowStart", "InMaintenanceWindowOnReset"),
        jobs=jobs,
        settings_more={
            "Actions": {"Oem": {"DellManager.v1_0_0#DellManager.ClearPending": clear}},
            "Oem": {"Dell": {"Jobs": link(jobs)}},
        },
    )


def xcc(uri: str) -> Bios:
    """An XCC's: a full copy in Pending."""
    attributes = (
        enumeration("OperatingModes_ChooseOperatingMode", "Operating Mode", "MaximumEfficiency", "MaximumPerformance"),
        enumeration("BootModes_SystemBootMode", "System Boot Mode", "UEFIMode", "LegacyMode"),
        enumeration("Processors_HyperThreading", "Hyper-Threading", *SWITCH),
        number("SystemRecovery_POSTWatchdogTimerValue", "POST Watchdog Timer Value", 5, 5, 20),
        switch("Processors_SourceValidation", "Source Validation", False),
        words("TrustedComputingGroup_DeviceStatus", "Device Status", "TPM 2.0", ReadOnly=True),
    )
    name = "BiosAttributeRegistry.1.0.0"
    return Bios(
        system="1",
        uri=uri,
        settings=f"{uri}/Pending",
        attributes=attributes,
        pending="full",
        name="Bios",
        named=name,
        registry=Registry(name, f"{ROOT}/schemas/registries/{name}.json", name, "Lenovo", is_resource=False),
        settings_schema="v1_3_4",
        applies=("OnReset",),
        silent=True,
    )


def x13(uri: str) -> Bios:
    """An X13's: the registry lies outside /redfish, and the BIOS shows the display names of values."""
    attributes = (
        switch("QuietBoot_002D", "Quiet Boot", True),
        number("KMSTimeOut_0102", "KMS Time Out", 5, 5, 30),
        enumeration("ADDDCSparing_3C3F", "ADDDC Sparing", *SWITCH),
        displayed("OptionROMMessages_002E", "Option ROM Messages", {"1": "Force BIOS", "0": "Keep Current"}),
        displayed("BitsPerSecond_008D", "Bits Per Second", {"7": "115200", "3": "9600"}),
    )
    return Bios(
        system="1",
        uri=uri,
        settings=f"{uri}/SD",
        attributes=attributes,
        schema="v1_1_1",
        named="BiosAttributeRegistry.v1_0_0",
        registry=Registry(
            "BiosAttributeRegistry",
            "/registries/BiosAttributeRegistry.1.0.0.json",
            "BiosAttributeRegistry.1_0_0",
            "Supermicro",
            "v1_3_0",
            is_resource=False,
        ),
        settings_schema="v1_0_4",
    )


def cray(node: str, uri: str) -> Bios:
    """A Cray EX node's: attributes that are objects, SD that hides, a registry that is named and not served."""
    attributes = (
        enumeration("SMT Control", "", "Auto", *SWITCH),
        enumeration("Core Performance Boost", "", *SWITCH),
        Attribute("CrayTesting", "", "0", "Integer", rules={"LowerBound": 0, "UpperBound": 4294967295}),
    )
    return Bios(
        system=node,
        uri=uri,
        settings=f"{uri}/SD",
        attributes=attributes,
        pending="absent",
        schema="v1_0_2",
        name="Current BIOS Settings",
        named="BiosAttributeRegistry_v1_0_0",
        points=False,
        objects=True,
    )


def gigabyte(uri: str) -> Bios:
    """A Gigabyte board's: names that say nothing, SD that hides, and an old message that says nothing either."""
    attributes = (
        switch("TER00A", "VT-UTF8 Combo Key Support", True),
        number("REDF004", "IP Port", 443, 0, 65535),
        enumeration("GBT0001", "SMT Mode", *SWITCH),
        enumeration("Rome0552", "ErP Mode", "Disabled", "Lot 9"),
        enumeration("FBO001", "Boot mode select", "UEFI", "LEGACY"),
    )
    name = "BiosAttributeRegistry"
    stale = {
        "@odata.type": "#Settings.v1_2_0.Settings",
        "ETag": "Dummyetag",
        "Messages": [{"MessageId": "Base.1.0.SettingsFailed"}],
    }
    return Bios(
        system="Self",
        uri=uri,
        settings=f"{uri}/SD",
        attributes=attributes,
        pending="absent",
        schema="v1_0_6",
        name="Current BIOS Settings",
        named=name,
        registry=Registry(name, f"{REGISTRIES}/{name}.json", name, "GBT", "v1_2_0"),
        points=False,
        reset_type="Reset",
        more={"@Redfish.Settings": stale},
    )


def dgx(system: str, uri: str) -> Bios:
    """A DGX H100's: a full copy in SD, which nothing links."""
    attributes = (
        enumeration("TCG003", "TPM State", *SWITCH),
        enumeration("KNLB001", "SR-IOV Support", *SWITCH),
        number("NWSK001", "IPv4 PXE Retries", 3, 0, 50),
    )
    name = "BiosAttributeRegistry113.1.1.3"
    return Bios(
        system=system,
        uri=uri,
        settings=f"{uri}/SD",
        attributes=attributes,
        pending="full",
        schema="v1_0_6",
        named=name,
        registry=Registry(name, f"{REGISTRIES}/{name}.json", name, "NVIDIA", "v1_2_0"),
        points=False,
        reset_type="Reset",
    )


def intel(system: str, uri: str) -> Bios:
    """An S2600's."""
    attributes = (
        enumeration("QuietBoot", "Quiet Boot", *SWITCH),
        enumeration("ProcessorHyperThreadingDisable", "Intel(R) Hyper-Threading Tech", *SWITCH),
        number("FrbTimeout", "Boot Timeout", 10, 0, 20),
    )
    name = "BiosAttributeRegistry"
    return Bios(
        system=system,
        uri=uri,
        settings=f"{uri}/Settings",
        attributes=attributes,
        schema="v1_0_2",
        named=name,
        registry=Registry(name, f"{REGISTRIES}/{name}/{name}", name, "Intel", "v1_3_2"),
    )


def nvidia(system: str, uri: str) -> Bios:
    """NVIDIA's on OpenBMC: the BIOS names no registry, though there is one."""
    attributes = (
        words("ProductAssetTag", "Product Asset Tag"),
        switch("EGM", "EGM", False),
        enumeration("TPM", "TPM", "Disabled", "Enabled"),
        enumeration("AssetTagProtection", "Asset Tag Protection", "Disabled", "Enabled"),
        number("EGMHypervisorReservedMemory", "EGM Hypervisor reserved memory", 0, 0, 4294967295),
    )
    name = "BiosAttributeRegistry"
    return Bios(
        system=system,
        uri=uri,
        settings=f"{uri}/Settings",
        attributes=attributes,
        name="BIOS Configuration",
        id="BIOS",
        registry=Registry(
            name, f"{REGISTRIES}/{name}/{name}", name, "NVIDIA", "v1_3_2", hides=("ValueDisplayName", "Dependencies")
        ),
        settings_schema="v1_3_5",
        more={"ResetBiosToDefaultsPending": False},
    )
