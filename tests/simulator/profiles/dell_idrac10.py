# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dell iDRAC10 of a 17G server: no If-Match with an action, and for a while after power-off no On.

Unproven. The manager's Model comes from an iDRAC10 that the tests of Dell's own Ansible collection quote, the reset
values from one that gofish's tests quote, the version numbers that began anew from owners; 412 for an action with
If-Match from metal-operator (pull request 1020); the 409 ActionParameterValueConflict for On soon after power-off from
ironic (redfish/power.py), which tries again every ten seconds; no push but by multipart from Dell's scripts
(DeviceFirmwareSimpleUpdateREDFISH.py). The rest is taken over from iDRAC9.
"""

from __future__ import annotations

from types import MappingProxyType

from ..documents import without
from ..families.dell import Idrac
from ..host import Host
from ..messages import Cause
from ..profile import Document


class DellIdrac10(Idrac):
    """iDRAC10 of a rack server."""

    name = "dell_idrac10"
    defaults = MappingProxyType({**Idrac.defaults, "refuses_if_match_on_action": True, "timing": {"rest": 2.0}})
    generation = "17G Monolithic"
    model = "PowerEdge R770"
    board = "0SIM770A01"
    processor = "Intel(R) Xeon(R) 6740P"
    firmware = "1.30.20.10"
    previous_firmware = "1.20.50.50"
    bios_version = "1.3.2"
    keys = True

    def update_service(self) -> Document:
        """The older way to push is gone."""
        return without(super().update_service(), "HttpPushUri")

    def refuse_reset(self, host: Host, reset_type: str) -> tuple[Cause, tuple[str, ...]] | None:
        """Refuse On as long as the power supply rests."""
        if reset_type == "On" and host.rests:
            return Cause.NOT_YET, ("ResetType", "On")
        return super().refuse_reset(host, reset_type)


PROFILE = DellIdrac10()
