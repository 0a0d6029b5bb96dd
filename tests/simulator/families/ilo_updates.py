# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware updates of an iLO: two actions and an upload of its own (HPE, redfishdocs, updateService.md).

A push makes no task: UpdateService tells how far it is. What was written by an action is a task with a monitor.
"""

from __future__ import annotations

from .. import standard
from ..profile import Document
from ..standard import UPDATE_SERVICE
from ..update_rules import answers, told
from ..update_rules.rules import BMC, POWER, Item, Pull, Push, Updates

UPLOAD = "/cgi-bin/uploadFile"
ADD_FROM_URI = f"{UPDATE_SERVICE}/Actions/Oem/Hpe/HpeiLOUpdateServiceExt.AddFromUri"
FLASHED = "UpdateTarget"

UPDATES = Updates(
    items=(
        Item("1", "BMC", BMC),
        Item("2", "BIOS"),
        Item("4", "CPLD", POWER),
        Item("5", "PMC"),
        Item("16", "NIC"),
        Item("18", "NIC"),
    ),
    answer=answers.with_monitor,
    pulls=(
        Pull("SimpleUpdate", f"{UPDATE_SERVICE}/Actions/UpdateService.SimpleUpdate", names=""),
        Pull(
            "AddFromUri",
            ADD_FROM_URI,
            names="",
            flag=FLASHED,
            optional=(FLASHED, "UpdateRepository", "TPMOverrideFlag", "ComponentFileName", "Section"),
        ),
    ),
    pushes=(Push("HttpPushUri", UPLOAD, file="file", parameters="parameters", cookie="sessionKey", flag=FLASHED),),
    tasks=told.monitored,
    shows=told.hpe_state,
    pushed=answers.plain,
)


def service() -> Document:
    """Return the update service."""
    hpe = {
        "@odata.type": "#HpeiLOUpdateServiceExt.v2_3_0.HpeiLOUpdateServiceExt",
        "Actions": {"#HpeiLOUpdateServiceExt.AddFromUri": {"target": ADD_FROM_URI}},
        "State": "Idle",
    }
    actions = standard.simple_update("HTTP", "HTTPS")
    return standard.update_service("v1_2_1", Actions=actions, HttpPushUri=UPLOAD, Oem={"Hpe": hpe})
