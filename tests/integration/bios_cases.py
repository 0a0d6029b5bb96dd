# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked of the BIOS of every profile that has one, as people write it, and what that means to the BIOS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ILO = {"Workload Profile": "High Performance Compute (HPC)", "PatrolScrubDuration": "12", "ProcSMT": False}
ILO_SENT = {"WorkloadProfile": "HighPerformanceCompute(HPC)", "PatrolScrubDuration": 12, "ProcSMT": "Disabled"}
IDRAC = {"LogicalProc": "disabled", "User Defined Delay (120s to 600s)": "200"}
IDRAC_SENT = {"LogicalProc": "Disabled", "AcPwrRcvryUserDelay": 200}
XCC = {"Hyper-Threading": "no", "POST Watchdog Timer Value": "7", "Source Validation": "yes"}
XCC_SENT = {
    "Processors_HyperThreading": "Disabled",
    "SystemRecovery_POSTWatchdogTimerValue": 7,
    "Processors_SourceValidation": True,
}
NVIDIA = {"EGM": "yes", "Asset Tag Protection": "Enabled", "ProductAssetTag": 4711}
NVIDIA_SENT = {"EGM": True, "AssetTagProtection": "Enabled", "ProductAssetTag": "4711"}


@dataclass(frozen=True)
class Asked:
    """given: the attributes of the task. sent: as the BIOS takes them. restart: the resets of the restart."""

    given: Mapping[str, Any]
    sent: Mapping[str, Any]
    restart: tuple[str, ...] = ("GracefulRestart",)
    reboot_type: str = "soft_restart"


ASKED = {
    "hpe_ilo5": Asked(ILO, ILO_SENT),
    "hpe_ilo6": Asked(ILO, ILO_SENT),
    "hpe_ilo7": Asked(ILO, ILO_SENT),
    "dell_idrac9": Asked(IDRAC, IDRAC_SENT),
    "dell_idrac9_3": Asked(IDRAC, IDRAC_SENT, ("ForceOff", "On"), "hard_restart"),
    "dell_idrac10": Asked(IDRAC, IDRAC_SENT),
    "lenovo_xcc": Asked(XCC, XCC_SENT),
    "lenovo_xcc3": Asked(XCC, XCC_SENT),
    "supermicro_x13": Asked(
        {"OptionROMMessages_002E": "0", "Quiet Boot": "no", "KMS Time Out": "30"},
        {"OptionROMMessages_002E": "Keep Current", "QuietBoot_002D": False, "KMSTimeOut_0102": 30},
    ),
    "cray_ex_nc": Asked(
        {"SMT Control": "disabled", "CrayTesting": 5}, {"SMT Control": "Disabled", "CrayTesting": "5"}, ("Off", "On")
    ),
    "ami_gigabyte": Asked(
        {"ErP Mode": "Lot 9", "IP Port": "80", "SMT Mode": "off"},
        {"Rome0552": "Lot 9", "REDF004": 80, "GBT0001": "Disabled"},
        ("GracefulShutdown", "On"),
    ),
    "ami_dgx_h100": Asked({"TPM State": "no"}, {"TCG003": "Disabled"}, ("GracefulShutdown", "On")),
    "intel_s2600": Asked(
        {"Quiet Boot": "off", "FrbTimeout": 7}, {"QuietBoot": "Disabled", "FrbTimeout": 7}, ("GracefulShutdown", "On")
    ),
    "nvidia_gh200": Asked(NVIDIA, NVIDIA_SENT),
    "nvidia_gb200": Asked(NVIDIA, NVIDIA_SENT),
    "supermicro_gb300": Asked(NVIDIA, NVIDIA_SENT),
}
WITHOUT = ("openbmc", "supermicro_x10", "unknown_maker")
TIMING = {"on": 0.2, "graceful": 0.2, "force": 0.1, "restart": 0.2, "post": 1.0}


def system_of(profile: str) -> str | None:
    """The option bmc_system: needed where there are several nodes."""
    return "Node1" if profile == "cray_ex_nc" else None
