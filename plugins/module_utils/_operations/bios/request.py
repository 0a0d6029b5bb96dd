# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task may ask of a BIOS, and what of that cannot be meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..._core.errors import InvalidRequest
from ..settlement import Patience
from .plan import ApplyTime

NEVER, WHEN_NEEDED, ALWAYS = "never", "when_needed", "always"
REBOOTS = (NEVER, WHEN_NEEDED, ALWAYS)
SOFT, HARD = "soft_restart", "hard_restart"
RESTARTS = (SOFT, HARD)
ON_RESET, IMMEDIATE = "OnReset", "Immediate"
WINDOWS = ("AtMaintenanceWindowStart", "InMaintenanceWindowOnReset")
APPLY_TIMES = (IMMEDIATE, ON_RESET, *WINDOWS)


@dataclass(frozen=True)
class BiosRequest:
    """What a task asks for.

    attributes: as given, by name or display name. reboot: one of REBOOTS. restart: one of RESTARTS. name: of the
    system, "all", or "". patience: for the values to become active; restart_timeout: for each reset. Seconds.
    """

    attributes: Mapping[str, Any]
    reset_to_default: bool
    clear_pending: bool
    when: ApplyTime
    reboot: str
    restart: str
    validate: bool
    name: str
    identity: Mapping[str, Any]
    patience: Patience
    restart_timeout: float
    check_mode: bool = False


def require_sense(request: BiosRequest) -> None:
    """Raises InvalidRequest for a request that cannot be meant, before anything is read."""
    if not (request.attributes or request.reset_to_default or request.clear_pending or request.reboot == ALWAYS):
        raise InvalidRequest(
            "nothing is asked for", way_out="Give attributes, reset_to_default or clear_pending; bmc_info reads."
        )
    if request.reset_to_default and (request.attributes or request.clear_pending):
        raise InvalidRequest(
            "reset_to_default goes alone", way_out="Reset first, with a restart, then set attributes in a second task."
        )
    windowed = request.when.name in WINDOWS
    if windowed != bool(request.when.start):
        raise InvalidRequest(
            "apply_time and maintenance_window do not go together",
            way_out=f"Give maintenance_window with {' or '.join(WINDOWS)}, and only then.",
        )
    if request.when.name in (IMMEDIATE, *WINDOWS) and request.reboot != NEVER:
        raise InvalidRequest(
            f"apply_time {request.when.name} and a restart now exclude each other", way_out="Leave reboot at never."
        )
