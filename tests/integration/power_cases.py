# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of power: for each state, dialect and situation, what a BMC is to receive. Written from the semantics.

Source: OpenCHAMI power-control, docs/design/Transitions.md, and the documentation of bmc_power; not from the code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PROFILES = {"hpe": "hpe_ilo5", "dell": "dell_idrac9", "cray": "cray_ex_nc"}

# The gentle resets of each dialect: Cray's Off shuts down; it has no restart.
SHUTDOWN = {"hpe": "GracefulShutdown", "dell": "GracefulShutdown", "cray": "Off"}

# No harsher reset than asked, ever: all that may be sent for a state without escalation.
ALLOWED = {
    "on": {"On"},
    "off": {"GracefulShutdown", "Off", "ForceOff"},
    "soft_off": {"GracefulShutdown", "Off"},
    "force_off": {"ForceOff"},
    "soft_restart": {"GracefulRestart", "GracefulShutdown", "Off", "On"},
    "hard_restart": {"GracefulShutdown", "Off", "ForceOff", "ForceRestart", "On"},
    "init": {"GracefulShutdown", "Off", "ForceOff", "On"},
    "nmi": {"Nmi"},
}
ESCALATED = {"ForceOff", "ForceRestart"}

# Bringing a system to these is done once; a restart and an interrupt are done each time.
DESIRED = ("on", "off", "soft_off", "force_off")


@dataclass(frozen=True)
class Case:
    """One BMC and one task.

    sent: the ResetTypes that the run sends, in order; forced: those of them that are sent at a deadline only.
    kind: of the error; "" for success. ends: PowerState of each acted-on system in the end. bmc: settings of the
    simulated BMC. options: of the task, beside state. seen: whether Redfish shows the effect for long enough. stuck:
    the BMC takes each reset and does nothing.
    """

    name: str
    dialect: str
    state: str
    sent: Sequence[str]
    power: str = "On"
    ends: str = "On"
    kind: str = ""
    forced: Sequence[str] = ()
    bmc: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    seen: bool = True
    stuck: bool = False

    @property
    def in_vain(self) -> bool:
        """Whether a deadline has to pass."""
        return self.stuck or self.bmc.get("graceful") == "ignored"

    @property
    def target(self) -> str:
        return str(self.options.get("target", "system"))

    @property
    def planned(self) -> list[str]:
        """What check mode predicts: everything but what a deadline adds."""
        left = list(self.sent)
        for reset_type in self.forced:
            left.remove(reset_type)
        return left


def states() -> Iterator[Case]:
    """Every state of a system x dialect x power before."""
    for dialect, shutdown in SHUTDOWN.items():
        restart = [shutdown, "On"] if dialect == "cray" else ["GracefulRestart"]
        nmi = [] if dialect == "cray" else ["Nmi"]
        off_cannot = {"power": "Off", "ends": "Off", "kind": "InvalidRequest"}
        rows: list[tuple[str, list[str], dict[str, Any]]] = [
            ("on", [], {}),
            ("off", [shutdown], {"ends": "Off"}),
            ("soft_off", [shutdown], {"ends": "Off"}),
            ("force_off", ["ForceOff"], {"ends": "Off"}),
            ("soft_restart", restart, {}),
            ("hard_restart", [shutdown, "On"], {}),
            ("init", [shutdown, "On"], {}),
            ("nmi", nmi, {"seen": False} if nmi else {"kind": "NotSupported"}),
            ("on", ["On"], {"power": "Off"}),
            *((state, [], {"power": "Off", "ends": "Off"}) for state in ("off", "soft_off", "force_off")),
            ("soft_restart", [], off_cannot),
            ("hard_restart", [], off_cannot),
            ("init", ["On"], {"power": "Off"}),
            ("nmi", [], off_cannot),
        ]
        for state, sent, others in rows:
            before = str(others.get("power", "On")).lower()
            yield Case(f"{dialect}-{state}-when-{before}", dialect, state, sent, **others)


def ignored() -> Iterator[Case]:
    """A host that ignores a graceful request."""
    deaf = {"graceful": "ignored"}
    harder_way = {"escalate": True}
    for dialect, shutdown in SHUTDOWN.items():
        restart = [shutdown] if dialect == "cray" else ["GracefulRestart"]
        harder = [shutdown, "ForceOff", "On"] if dialect == "cray" else ["GracefulRestart", "ForceRestart"]
        forced = ("ForceOff",) if dialect == "cray" else ("ForceRestart",)
        off = [shutdown, "ForceOff"]
        cut = ("ForceOff",)
        yield Case(f"{dialect}-off-deaf", dialect, "off", off, forced=cut, bmc=deaf, ends="Off")
        yield Case(f"{dialect}-soft_off-deaf", dialect, "soft_off", [shutdown], bmc=deaf, kind="NotReached")
        name = f"{dialect}-soft_off-deaf-escalate"
        yield Case(name, dialect, "soft_off", off, forced=cut, bmc=deaf, options=harder_way, ends="Off")
        yield Case(f"{dialect}-soft_restart-deaf", dialect, "soft_restart", restart, bmc=deaf, kind="NotReached")
        name = f"{dialect}-soft_restart-deaf-escalate"
        yield Case(name, dialect, "soft_restart", harder, forced=forced, bmc=deaf, options=harder_way)
        yield Case(f"{dialect}-hard_restart-deaf", dialect, "hard_restart", [*off, "On"], forced=cut, bmc=deaf)
        yield Case(f"{dialect}-init-deaf", dialect, "init", [*off, "On"], forced=cut, bmc=deaf)


def stuck() -> Iterator[Case]:
    """A BMC that takes a reset and does nothing: nothing is claimed that was not seen."""
    for dialect, shutdown in SHUTDOWN.items():
        vain: dict[str, Any] = {"stuck": True, "kind": "NotReached"}
        yield Case(f"{dialect}-on-stuck", dialect, "on", ["On"], power="Off", ends="Off", **vain)
        yield Case(f"{dialect}-force_off-stuck", dialect, "force_off", ["ForceOff"], **vain)
        yield Case(f"{dialect}-off-stuck", dialect, "off", [shutdown, "ForceOff"], forced=("ForceOff",), **vain)


def ungentle() -> Iterator[Case]:
    """A BMC that offers no gentle reset."""
    blunt = {"reset_types": ["On", "ForceOff", "ForceRestart"]}
    for dialect in ("hpe", "dell"):
        for state in ("off", "soft_off", "soft_restart"):
            yield Case(f"{dialect}-{state}-blunt", dialect, state, [], bmc=blunt, kind="NotSupported")
        harder: dict[str, Any] = {"bmc": blunt, "options": {"escalate": True}, "ends": "Off"}
        yield Case(f"{dialect}-off-blunt-escalate", dialect, "off", ["ForceOff"], **harder)
        yield Case(f"{dialect}-init-blunt", dialect, "init", ["ForceOff", "On"], bmc=blunt)


def nodes() -> Iterator[Case]:
    """Several systems behind one BMC: one named, all, none named."""
    for number in (2, 4):
        bmc = {"nodes": number}
        everyone, named = {"bmc_system": "all"}, {"bmc_system": "Node1"}
        yield Case(f"cray{number}-off-all", "cray", "off", ["Off"] * number, bmc=bmc, options=everyone, ends="Off")
        yield Case(f"cray{number}-off-named", "cray", "off", ["Off"], bmc=bmc, options=named, ends="Off")
        nobody = {"bmc_system": ""}
        yield Case(f"cray{number}-off-unnamed", "cray", "off", [], bmc=bmc, options=nobody, kind="TargetUnknown")
        restart = ["Off"] * number + ["On"] * number
        yield Case(f"cray{number}-restart-all", "cray", "hard_restart", restart, bmc=bmc, options=everyone)


def managers() -> Iterator[Case]:
    """The BMC itself: it goes away and returns."""
    rows: list[tuple[str, str, list[str], str]] = [
        ("hpe", "soft_restart", ["GracefulRestart"], ""),
        ("hpe", "hard_restart", ["ForceRestart"], ""),
        ("dell", "soft_restart", ["GracefulRestart"], ""),
        ("dell", "hard_restart", [], "NotSupported"),
        ("cray", "soft_restart", [], "NotSupported"),
        ("cray", "hard_restart", ["ForceRestart"], ""),
        ("hpe", "off", [], "InvalidRequest"),
    ]
    for dialect, state, sent, kind in rows:
        name = f"{dialect}-manager-{state}"
        yield Case(name, dialect, state, sent, kind=kind, options={"target": "manager"})
    escalate = {"target": "manager", "escalate": True}
    yield Case("cray-manager-soft_restart-escalate", "cray", "soft_restart", ["ForceRestart"], options=escalate)


def chassis() -> Iterator[Case]:
    """The chassis of an iDRAC: On and ForceOff only."""
    box = {"target": "chassis"}
    yield Case("dell-chassis-force_off", "dell", "force_off", ["ForceOff"], options=box, ends="Off")
    yield Case("dell-chassis-off", "dell", "off", [], options=box, kind="NotSupported")
    yield Case("dell-chassis-on", "dell", "on", ["On"], options=box, power="Off")
    yield Case("dell-chassis-nmi", "dell", "nmi", [], options=box, kind="InvalidRequest")


CASES = {
    case.name: case
    for group in (states(), ignored(), stuck(), ungentle(), nodes(), managers(), chassis())
    for case in group
}
