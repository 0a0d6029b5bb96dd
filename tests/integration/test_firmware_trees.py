# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recorded UpdateServices of real BMCs, served read-only: an update is planned rightly for each, and none is sent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Task
from tests.trees.archives import each, tree
from tests.trees.server import TreeServer
from tests.trees.tasks import HOST, assert_in_order, firmware

NEW = "99.0.0"
# By tree and component: the Id that is meant, the method, and the last part of the URI that the image is sent to.
PLANNED: Mapping[str, Mapping[str, tuple[str, str, str]]] = {
    "hpe-ilo5-dl385gen10plusv2": {
        "bmc": ("1", "SimpleUpdate", "UpdateService.SimpleUpdate"),
        "bios": ("2", "SimpleUpdate", "UpdateService.SimpleUpdate"),
    },
    "dell-idrac9-r750": {
        "bmc": ("Installed-25227-6.00.30.00__iDRAC.Embedded.1-1", "MultipartHttpPushUri", "MultipartUpload"),
        "bios": ("Installed-159-1.8.2__BIOS.Setup.1-1", "MultipartHttpPushUri", "MultipartUpload"),
    },
    "lenovo-xcc-sr670v2": {
        "bmc": ("BMC-Primary", "MultipartHttpPushUri", "mfwupdate"),
        "bios": ("UEFI", "MultipartHttpPushUri", "mfwupdate"),
    },
    "supermicro-x13-sys821ge": {
        "bmc": ("BMC", "MultipartHttpPushUri", "upload"),
        "bios": ("BIOS", "MultipartHttpPushUri", "upload"),
    },
    "cray-ex425-nc": {
        "bmc": ("BMC", "SimpleUpdate", "SimpleUpdate"),
        "bios": ("Node1.BIOS", "SimpleUpdate", "SimpleUpdate"),
    },
    "cray-cmm-cc": {"bmc": ("BMC", "SimpleUpdate", "SimpleUpdate")},
    "ami-gigabyte-h262z63": {
        "bmc": ("BMC", "SimpleUpdate", "SimpleUpdate"),
        "bios": ("BIOS", "SimpleUpdate", "SimpleUpdate"),
    },
    "nvidia-gh200": {"bmc": ("FW_BMC_0", "MultipartHttpPushUri", "update-multipart")},
    "openbmc-stock": {"bmc": ("5d0869c4", "MultipartHttpPushUri", "update")},
}


@pytest.fixture(autouse=True)
def own(own_state: Path) -> None:
    """Tasks in this process keep nothing between tests."""


def planned(address: str, image: Path, component: str, **more: Any) -> dict[str, Any]:
    image.write_bytes(b"firmware")
    asked = {"image_path": str(image), "version": NEW, "downgrade": True, "allow_bmc_reset": True, **more}
    return firmware(address, Task(HOST, check_mode=True), component=component, **asked)


@pytest.mark.parametrize("name", each(*PLANNED))
def test_an_update_of_a_recorded_bmc_is_planned_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    with TreeServer(tree(name).documents) as bmc:
        for component, (identifier, method, target) in PLANNED[name].items():
            system = {"bmc_system": "Node1"} if (name, component) == ("cray-ex425-nc", "bios") else {}
            result = planned(bmc.address, tmp_path / "image.bin", component, **system)
            assert_in_order(result)
            assert "msg" not in result, result["msg"]
            (told,) = result["updates"]
            assert (told["id"], told["method"], told["state"]) == (identifier, method, "planned")
            sent = [write["uri"].rstrip("/").rpartition("/")[2] for write in result["plan"]]
            assert target in sent
        assert bmc.writes == []
