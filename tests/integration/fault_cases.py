# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may go wrong with a BMC, each as faults of the simulator, and which tasks are tried with it on which dialect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Fault = Mapping[str, Any]

# Stand for what is known only when the fleet runs: another host, and the BMC's own service root.
ELSEWHERE = "{elsewhere}"
OWN_ROOT = "{root}"


@dataclass(frozen=True)
class Hazard:
    """words: what the BMC does, for a reader. faults: as the control API takes them. bmc: settings of the BMC.

    timeout, deadline, wait: bmc_timeout, bmc_deadline, wait_timeout; short only where something is waited for in vain,
    so that a busy machine changes nothing.
    """

    words: str
    faults: Sequence[Fault] = ()
    bmc: Mapping[str, Any] = field(default_factory=dict)
    timeout: float = 20.0
    deadline: float = 60.0
    wait: float = 20.0

    def bound(self, operation: Operation) -> float:
        """Seconds in which a task must have ended: its deadline, and what was under way then, and a logout.

        A write adds its waits: forced once, each wait twice while the BMC is away.
        """
        return self.deadline + 2 * self.timeout + (0 if operation.reads else 4 * self.wait)


@dataclass(frozen=True)
class Operation:
    """One task. name: for a reader. state: of bmc_power, "" for others. writes: the most that it may send.

    firmware: it updates the BMC itself, else it is bmc_info where no state is given.
    """

    name: str
    auth: str
    state: str = ""
    before: str = "On"
    after: str = "On"
    writes: int = 0
    firmware: bool = False

    @property
    def reads(self) -> bool:
        return not self.state and not self.firmware


# Of an update, what stands for the reset: any POST but a login.
SENDS_IMAGE = r"^(?!.*/Sessions/?$)"

OPERATIONS = (
    Operation("bmc_info", "basic"),
    Operation("bmc_info, session", "session"),
    # A shutdown, and where it has no effect before the deadline, ForceOff.
    Operation("bmc_power off", "basic", "off", "On", "Off", 2),
    Operation("bmc_power on, session", "session", "on", "Off", "On", 1),
    # What goes before the upload on some, the upload, StartUpdate, and the reset by a client.
    Operation("bmc_firmware, session", "session", writes=4, firmware=True),
)


def _always(kind: str, **more: Any) -> Fault:
    return {"kind": kind, "count": None, **more}


def _reset(kind: str, **more: Any) -> Fault:
    return {"kind": kind, "count": None, "method": "POST", "uri": "/Actions/", **more}


def _login(kind: str, **more: Any) -> Fault:
    return {"kind": kind, "count": None, "method": "POST", "uri": "/Sessions/?$", **more}


def _once(kind: str, **more: Any) -> Fault:
    return {"kind": kind, "method": "GET", "skip": 1, **more}


_VAIN: dict[str, Any] = {"timeout": 0.5, "deadline": 3.0}
# The reads before the reset are answered, also by a busy machine.
_RESET_IN_VAIN: dict[str, Any] = {"timeout": 4.0}
_BEYOND_ROOT = "^/redfish/v1/."

HAZARDS = {
    # Slow, or silent
    "slow": Hazard("answers slowly", [_always("latency", seconds=0.05)]),
    "too-slow": Hazard(
        "answers in time, but so slowly that `bmc_deadline` passes",
        [_always("latency", seconds=0.7)],
        deadline=1.5,
    ),
    "tarpit": Hazard("accepts connections and never says a word", [_always("tarpit", stage="connection")], **_VAIN),
    "silent": Hazard("takes requests and never answers", [_always("tarpit", stage="request")], **_VAIN),
    "silent-midway": Hazard(
        "stops to answer after the login",
        [_always("tarpit", stage="request", uri="^/redfish/v1/(Sys|Cha)")],
        timeout=4.0,
    ),
    "silent-reset": Hazard("takes the reset and never answers", [_reset("tarpit", stage="request")], **_RESET_IN_VAIN),
    "held-reset": Hazard("does the reset and never answers", [_reset("hold", seconds=600)], **_RESET_IN_VAIN),
    "trickling-head": Hazard("sends headers byte by byte", [_always("trickle", part="headers", interval=0.1)], **_VAIN),
    "trickling-body": Hazard("sends bodies byte by byte", [_always("trickle", part="body", interval=0.1)], **_VAIN),
    "trickling-reset": Hazard(
        "answers the reset byte by byte", [_reset("trickle", part="headers", interval=0.5)], **_RESET_IN_VAIN
    ),
    # Busy, or broken
    "busy-once": Hazard("says 503 once", [_once("status", status=503, retry_after=0)]),
    "busy": Hazard("says 503 to each read", [_always("status", status=503, retry_after=0, method="GET")]),
    "busy-for-an-hour": Hazard(
        "says 503 and to come back in an hour",
        [_always("status", status=503, retry_after=3600, method="GET")],
        deadline=5.0,
    ),
    "failing": Hazard(
        "says 500 to each read beyond its root", [_always("status", status=500, method="GET", uri=_BEYOND_ROOT)]
    ),
    "failing-reset": Hazard("says 500 to the reset", [_reset("status", status=500)]),
    # At once: whether the effect is seen is to be no matter of time.
    "failing-reset-done": Hazard(
        "does the reset at once and says 500",
        [_reset("status_after", status=500)],
        bmc={"timing": {"on": 0.0, "graceful": 0.0, "force": 0.0, "manager_reset": 0.1, "flash": 0.1}},
    ),
    "busy-reset": Hazard("says 503 to the reset", [_reset("status", status=503, retry_after=0)]),
    "dropped-once": Hazard("drops one connection", [_once("drop")]),
    "dropped": Hazard("drops each connection beyond its root", [_always("drop", uri=_BEYOND_ROOT)]),
    "dropped-reset": Hazard("drops the connection of the reset, which it does not do", [_reset("drop")]),
    "cut-reset": Hazard("drops the connection of the reset, which it does", [_reset("drop_after")]),
    # Not what it should be
    "truncated": Hazard("cuts each answer beyond its root off", [_always("truncate", uri=_BEYOND_ROOT)]),
    "overlong": Hazard("announces half of each answer beyond its root", [_always("wrong_length", uri=_BEYOND_ROOT)]),
    "empty": Hazard("answers without a body beyond its root", [_always("empty", uri=_BEYOND_ROOT)]),
    "html": Hazard("answers with a page beyond its root", [_always("not_json", uri=_BEYOND_ROOT)]),
    "list": Hazard("answers with a list beyond its root", [_always("text", text="[]", uri=_BEYOND_ROOT)]),
    "deep": Hazard("answers with JSON 50,000 levels deep", [_always("text", text='{"a":' * 50_000)]),
    "nan": Hazard("answers with NaN", [_always("text", text='{"RedfishVersion": NaN}')]),
    "digits": Hazard("answers with a number of 5,000 digits", [_always("text", text=f'{{"a": {"1" * 5000}}}')]),
    "wrong-types": Hazard("has wrong types everywhere", [_always("wrong_types", seed=1)]),
    **{
        f"wrong-types-{seed}": Hazard(
            f"has wrong types beyond its root ({seed})",
            [_always("wrong_types", seed=seed, uri=_BEYOND_ROOT, method="GET")],
            wait=1.0,
        )
        for seed in (1, 2, 3)
    },
    "header-flood": Hazard("sends 1,000 headers", [_always("header_flood", lines=1000)]),
    **{
        f"huge-{framing}": Hazard(f"sends 100 MiB ({words})", [_always("huge", mebibytes=100, framing=framing)])
        for framing, words in (("length", "announced"), ("chunked", "in chunks"), ("gzip", "packed, unasked"))
    },
    "huge-reset": Hazard("answers the reset with 100 MiB", [_reset("huge", mebibytes=100, framing="chunked")]),
    # Untrue
    "always-ok": Hazard("says 200 and `{}` to everything", [_always("status", status=200, body={})]),
    "always-root": Hazard(
        "says 200 and its root to everything", [_always("status", status=200, body=OWN_ROOT)], wait=1.0
    ),
    "ok-reset": Hazard(
        "says 200 to the reset, which it does not do", [_reset("status", status=200, body={})], wait=1.0
    ),
    "stuck": Hazard("accepts the reset in its own way and does not do it", [_always("stuck_power")], wait=1.0),
    # Elsewhere
    **{
        f"redirect-{status}": Hazard(
            f"redirects to another host ({status})", [_always("redirect", location=ELSEWHERE, status=status)]
        )
        for status in (302, 308)
    },
    **{
        f"redirect-reset-{status}": Hazard(
            f"redirects the reset to another host ({status})", [_reset("redirect", location=ELSEWHERE, status=status)]
        )
        for status in (302, 308)
    },
    "redirect-login": Hazard(
        "redirects the login to another host (308)", [_login("redirect", location=ELSEWHERE, status=308)]
    ),
    "links": Hazard("has all its links lead to another host", [_always("foreign_links", base=ELSEWHERE)]),
    "links-beyond-root": Hazard(
        "has all links beyond its root lead to another host",
        [_always("foreign_links", base=ELSEWHERE, uri=_BEYOND_ROOT)],
    ),
    "links-login": Hazard("has its sessions at another host", [_login("foreign_links", base=ELSEWHERE)]),
    # Logins
    "wrong-password": Hazard("has another password", bmc={"password": "another"}),
    "refused-once": Hazard("says 401 once, and keeps the session", [_once("status", status=401)]),
    "logout-once": Hazard("ends the session once", [{"kind": "logout", "method": "GET", "skip": 3}]),
    "logout": Hazard("ends the session before each request", [_always("logout")]),
    "table-full": Hazard("has no session left to give", bmc={"auth": {"sessions": 0}}),
}


@dataclass(frozen=True)
class Case:
    """One task on one BMC of its own, which has its name."""

    profile: str
    hazard: str
    operation: Operation

    @property
    def name(self) -> str:
        return f"{self.profile}.{self.hazard}.{OPERATIONS.index(self.operation)}"


# What may break a login off: that a session is left then, nobody can know.
CUTS_LOGIN = ("dropped", "truncated", "overlong")

# In the everyday tests every hazard meets these dialects, and every dialect these hazards.
EVERYDAY_PROFILES = ("hpe_ilo5", "openbmc")
# One of each dialect: these meet the hazards that a dialect may answer in a way of its own.
EVERYDAY_DIALECTS = ("ami_gigabyte", "cray_ex_nc", "dell_idrac9", "intel_s2600", "lenovo_xcc", "supermicro_x13")
EVERYDAY_HAZARDS = ("slow", "silent-midway", "links-beyond-root", "wrong-types-1", "logout-once", "table-full")


def cases(profiles: Sequence[str], *, everything: bool) -> Iterator[Case]:
    """The full product, or the everyday part of it."""
    for profile in profiles:
        for hazard in HAZARDS:
            own = profile in EVERYDAY_DIALECTS and hazard in EVERYDAY_HAZARDS
            if everything or profile in EVERYDAY_PROFILES or own:
                yield from (Case(profile, hazard, operation) for operation in OPERATIONS)
