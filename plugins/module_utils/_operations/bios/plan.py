# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which writes lead from what a BIOS shows to what a task wants: pure rules, current and pending both count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..._core.errors import NotSupported
from ..._redfish.bios import reset_bios
from ..connect import View
from ..writes import Write
from .state import Shown
from .values import same

_APPLY_TIME = "@Redfish.SettingsApplyTime"


@dataclass(frozen=True)
class ApplyTime:
    """When a change is to be taken up. name: as Redfish has it, "" for whenever the BMC does.

    start, duration: of a maintenance window, "" and 0 where there is none. RFC 3339, seconds.
    """

    name: str = ""
    start: str = ""
    duration: int = 0

    def as_data(self, name: str) -> dict[str, Any]:
        window = {"MaintenanceWindowStartTime": self.start, "MaintenanceWindowDurationInSeconds": self.duration}
        return {"ApplyTime": name, **(window if self.start else {})}


def changes(bios: Shown, wanted: Mapping[str, Any], *, scheduled: bool) -> dict[str, Any]:
    """What of the wanted values is to be written.

    Not what is active with nothing contrary waiting, and not what waits already. A contrary value that waits is
    replaced; by the active value, where that is what is wanted. scheduled: whether the next boot takes up what waits:
    otherwise also what waits as wanted is to be written.
    """
    idle = () if scheduled else bios.pending
    return {name: value for name, value in wanted.items() if name in idle or not same(value, bios.after.get(name))}


def plan_changes(bmc: View, bios: Shown, wanted: Mapping[str, Any], when: ApplyTime, *, clear: bool) -> list[Write]:
    """The writes for the wanted values. clear: all else that waits is taken away; otherwise it goes on waiting."""
    driver = bmc.driver.bios
    scheduled = not bios.pending or driver.scheduled(bmc.service, bios.settings)
    written = changes(bios, wanted, scheduled=scheduled)
    others = {name: value for name, value in bios.pending.items() if name not in wanted}
    if not written and not (clear and others):
        return []
    first = driver.discard(bmc.service, bios.settings) if clear or driver.one_at_a_time else ()
    writes = [Write(request.method, request.uri, dict(request.body)) for request in first or ()]
    if writes:
        # What was taken away with the rest is asked for anew.
        kept = wanted if clear else {**others, **wanted}
        written = {name: value for name, value in kept.items() if not same(value, bios.current.get(name))}
    elif clear:
        written |= {name: bios.current[name] for name in others}
    if written:
        writes.append(Write("PATCH", bios.settings_uri, _body(written, when, driver.apply_time)))
    return writes


def plan_defaults(bmc: View, bios: Shown) -> list[Write]:
    """The writes that bring back the defaults. Raises NotSupported."""
    action = reset_bios(bmc.service, bios.document)
    if action is None:
        raise _no_reset(bmc, bios)
    return [Write("POST", *action)]


def after_changes(bios: Shown, wanted: Mapping[str, Any], *, clear: bool) -> dict[str, Any]:
    """What waits once the writes were taken."""
    kept = wanted if clear else {**bios.pending, **wanted}
    return {name: value for name, value in kept.items() if not same(value, bios.current.get(name))}


def _body(attributes: Mapping[str, Any], when: ApplyTime, usual: str) -> dict[str, Any]:
    name = when.name or usual
    return {"Attributes": dict(attributes), **({_APPLY_TIME: when.as_data(name)} if name else {})}


def _no_reset(bmc: View, bios: Shown) -> NotSupported:
    return bmc.cannot(
        "a reset of the BIOS to its defaults",
        f"{bios.uri} has no action ResetBios",
        "the request that does it to BiosSettings",
        "Set each attribute to its default.",
    )
