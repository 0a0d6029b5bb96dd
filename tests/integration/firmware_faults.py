# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may go wrong with an update, as faults of the simulator, and what bmc_firmware is to make of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.integration.firmware_cases import CASES, Asked

UPDATED, PENDING = "updated", "pending_reboot"
REFUSED, FAILED, OPEN, OTHER = "RefusedByBmc", "UpdateFailed", "NotReached", "WrongMachine"

# Dialects without a task, and without a word about the update once the BMC has restarted, or at all.
SILENT = ("cray_ex_nc", "cray_ex_cc", "cray_ex_sc")


@dataclass(frozen=True)
class Trouble:
    """words: for a reader. kind: of the fault, `update` or `download`. end: state of the update, or kind of the error.

    silent: the same on a BMC that tells nothing of an update. others: the same by profile, where a dialect differs.
    host: the same for the firmware of a host, by profile, under "" for all.
    """

    words: str
    kind: str
    end: str
    silent: str = ""
    others: Mapping[str, str] = field(default_factory=dict)
    host: Mapping[str, str] = field(default_factory=dict)

    def ends(self, profile: str, component: str) -> str:
        known = [self.host.get(profile), self.host.get("")] if component != "bmc" else []
        known += [self.others.get(profile), self.silent if profile in SILENT else "", self.end]
        return next(filter(None, known))


TROUBLES = {
    "refuses": Trouble("refuses the request", "update", REFUSED),
    # A Supermicro waits for StartUpdate, and nobody can see that it does.
    "vanishes": Trouble(
        "takes its task away once it has the image", "update", UPDATED, others={"supermicro_x13": OPEN}
    ),
    "fails": Trouble("says that the update failed", "update", FAILED, silent=OPEN),
    "hangs": Trouble("is at 42 % for ever", "update", OPEN),
    "lies": Trouble("says Completed and Critical, and has written nothing", "update", FAILED, silent=OPEN),
    "reboots": Trouble("restarts in the middle and goes on", "update", UPDATED),
    # Nobody asks a host's firmware to take the BMC away: that may have been the network.
    "reboots_and_loses": Trouble(
        "restarts in the middle and loses the update",
        "update",
        FAILED,
        host={"cray_ex_nc": OPEN, "ami_gigabyte": OPEN},
    ),
    "logs_out": Trouble("ends all sessions when it begins to write", "update", UPDATED),
    "old_version": Trouble("succeeds, and runs the version before", "update", FAILED, host={"cray_ex_nc": OPEN}),
    "third_version": Trouble(
        "succeeds, and runs a version that nobody asked for", "update", FAILED, host={"cray_ex_nc": OPEN}
    ),
    # For a host's firmware it does not go away.
    "another_identity": Trouble("comes back as another machine", "update", OTHER, host={"": UPDATED}),
    "renumbers": Trouble("comes back with other ids in its inventory", "update", UPDATED),
    "twice_with_range": Trouble("fetches half by Range, then all", "download", UPDATED),
    "head_only": Trouble("asks for the size of the image, and never for the image", "download", OPEN),
    "never": Trouble("never fetches the image", "download", OPEN),
    "abort": Trouble("gives up fetching at 60 %", "download", FAILED, silent=OPEN),
}

EVERYDAY = (
    *("hpe_ilo5", "dell_idrac9", "supermicro_x13", "cray_ex_nc", "ami_gigabyte", "openbmc", "lenovo_xcc"),
    "unknown_maker",
)


@dataclass(frozen=True)
class Case:
    """One update of a BMC of its own, with one trouble."""

    profile: str
    asked: Asked
    trouble: str
    auth: str
    transfer: str

    @property
    def name(self) -> str:
        parts = (self.profile, self.asked.component, self.trouble, self.auth, self.transfer)
        return ".".join(parts)

    @property
    def end(self) -> str:
        """What it is to come to."""
        return TROUBLES[self.trouble].ends(self.profile, self.asked.component)

    @property
    def fault(self) -> dict[str, Any]:
        return {"how": self.trouble, "count": None}


def cases(*, everything: bool) -> Iterator[Case]:
    """Of the BMCs' own firmware; with everything that of the hosts, all profiles and both logins, too.

    Else the login of a case is one or the other, as they come.
    """
    for profile, all_asked in CASES.items():
        if profile not in EVERYDAY and not everything:
            continue
        for asked in all_asked if everything else all_asked[:1]:
            for number, (name, trouble) in enumerate(TROUBLES.items()):
                if trouble.kind == "download" and not asked.pull:
                    continue
                transfer = "pull" if trouble.kind == "download" else "auto"
                logins = ("basic", "session") if everything else (("basic", "session")[number % 2],)
                yield from (Case(profile, asked, name, login, transfer) for login in logins)
