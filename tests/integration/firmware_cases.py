# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is updated on every profile, by which method, and what must restart for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.simulator.images import build

TIMING = {
    "on": 0.05,
    "graceful": 0.05,
    "force": 0.05,
    "restart": 0.05,
    "post": 0.05,
    "rest": 0.0,
    "manager_reset": 0.3,
    "flash": 0.4,
}
NEW = "9.9.9"
"""Newer than anything that the profiles have."""

SIMPLE, MULTIPART, HTTP_PUSH = "SimpleUpdate", "MultipartHttpPushUri", "HttpPushUri"
ADD_FROM_URI = "AddFromUri"


@dataclass(frozen=True)
class Asked:
    """component: as the task names it. image: the simulator's word for it. restart: as the result tells it. auto, pull,
    push: the method of each transfer, "" where this BMC has none. system: the node. reset: how its host or manager is
    restarted, "" where the BMC does all by itself.
    """

    component: str
    image: str
    restart: str
    auto: str = MULTIPART
    pull: str = SIMPLE
    push: str = MULTIPART
    system: str = ""
    resets: tuple[str, ...] = ()
    reboot_type: str = "soft_restart"


def _bmc(**others: Any) -> Asked:
    return Asked("bmc", "BMC", "manager", **others)


def _bios(*resets: str, **others: Any) -> Asked:
    return Asked("bios", "BIOS", "host", resets=resets or ("GracefulRestart",), **others)


_HPE = {"auto": SIMPLE, "push": HTTP_PUSH}
_PULL = {"auto": SIMPLE, "push": ""}
_NVIDIA = {"pull": "", "resets": ("GracefulRestart",)}

CASES: Mapping[str, tuple[Asked, ...]] = {
    "hpe_ilo5": (_bmc(**_HPE), _bios(**_HPE)),
    "hpe_ilo6": (_bmc(**_HPE), _bios(**_HPE)),
    "hpe_ilo7": (_bmc(**_HPE), _bios(**_HPE)),
    "dell_idrac9": (_bmc(), _bios()),
    "dell_idrac10": (_bmc(), _bios()),
    "lenovo_xcc": (_bmc(resets=("GracefulRestart",)), _bios()),
    "lenovo_xcc3": (_bmc(resets=("GracefulRestart",)), _bios()),
    "supermicro_x13": (_bmc(), _bios()),
    "openbmc": (_bmc(pull=""),),
    "nvidia_gh200": (_bmc(**_NVIDIA),),
    "nvidia_gb200": (_bmc(**_NVIDIA),),
    "supermicro_gb300": (_bmc(**_NVIDIA),),
    "cray_ex_nc": (_bmc(**_PULL), _bios("Off", "On", system="Node1", **_PULL)),
    "cray_ex_cc": (_bmc(**_PULL),),
    "cray_ex_sc": (_bmc(**_PULL),),
    "ami_gigabyte": (_bmc(**_PULL), _bios("GracefulShutdown", "On", **_PULL)),
    "ami_dgx_h100": (_bmc(auto=SIMPLE, push=HTTP_PUSH), _bios("GracefulShutdown", "On", auto=SIMPLE, push=HTTP_PUSH)),
    "unknown_maker": (_bmc(), _bios()),
}
ILO_WITHOUT_SIMPLE_UPDATE = _bmc(auto=ADD_FROM_URI, pull=ADD_FROM_URI, push=HTTP_PUSH)
"""An iLO whose SimpleUpdate is not offered: what is preferred elsewhere hides this method."""
WITHOUT = ("dell_idrac9_3", "supermicro_x10")


def images(folder: Path, version: str = NEW) -> None:
    """Put an image of each component into a folder."""
    folder.mkdir(exist_ok=True)
    for component in ("BMC", "BIOS"):
        (folder / f"{component}.bin").write_bytes(build(component, version))


def options(asked: Asked, folder: Path, **others: Any) -> dict[str, Any]:
    """The task's options for an image in a folder, with short times."""
    return {
        "image_path": str(folder / f"{asked.image}.bin"),
        "component": asked.component,
        "version": NEW,
        "downgrade": True,
        "allow_bmc_reset": True,
        "reboot_type": asked.reboot_type,
        "poll_interval": 0.1,
        "reboot_timeout": 3,
        "apply_timeout": 30,
        "return_timeout": 30,
        **others,
    }
