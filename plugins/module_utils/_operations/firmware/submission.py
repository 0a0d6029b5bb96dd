# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An update that was sent, as data that outlives the task: for a handle, and for a task that comes after a cut."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..._core.errors import InvalidRequest
from ..._firmware.staging.paths import without_tokens
from ...vendor_api.v1 import UpdateStatus
from ..writes import WriteGate

CLAIM = "firmware"
"""What a task claims of a BMC while it updates it, and under which a gate remembers all that was sent to it."""

BMC = "bmc"
"""Stands for the BMC among the machines of a submission."""

VERSION = 1
_LIFE = 7 * 86400.0
_END_OF_TIME = 1e11  # In seconds since the epoch.

PLANNED, SENDING, HANDED, TRANSFERRING = "planned", "sending", "handed", "transferring"
APPLYING, PENDING = "applying", "pending"
PHASES = (PLANNED, SENDING, HANDED, TRANSFERRING, APPLYING, PENDING)
_TEXTS = ("image", "method", "task", "phase", "stale", "source", "id")
_FLAGS = ("outlives", "seen", "gone", "begun")
_TIMES = ("started", "until", "arrived", "finished")
_OBJECTS = ("before", "wanted", "machine", "evidence")


@dataclass
class Submission:
    """One request for an update.

    image: key of the image. method: by its name. before, wanted: versions by key of the software. machine: what
    identifies each system of the BMC, by URI, or the BMC itself. phase: how far it is: PLANNED; SENDING before the
    request was answered; HANDED when the last byte of an upload goes, and nobody heard an answer; TRANSFERRING until
    the BMC has fetched the whole image; APPLYING; PENDING where it waits for its host's restart. stale: what the BMC
    said before, see said_by(). started, until, arrived, finished: when it was sent, when nobody looks any more, when
    the BMC had the image, when it first said that it had flashed it; seconds since the epoch, 0 for not yet. task: URI
    of the BMC's task, "" for none. outlives: the image stays where the BMC fetches it. source: what serves it, see
    Stages. seen: it was seen that the BMC has all of it. gone: the BMC was away since. begun: the request that starts
    what was uploaded was sent. evidence: of each host's boots, by URI, before it was restarted.
    """

    image: str
    method: str
    before: Mapping[str, str]
    wanted: Mapping[str, str]
    machine: Mapping[str, Any]
    started: float = 0.0
    until: float = 0.0
    arrived: float = 0.0
    finished: float = 0.0
    outlives: bool = False
    seen: bool = False
    gone: bool = False
    begun: bool = False
    phase: str = PLANNED
    stale: str = ""
    source: str = ""
    task: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def name(self) -> str:
        """Of all those of one BMC: each of its nodes may have one that waits for its host."""
        return " ".join(sorted(self.wanted))

    def handle(self, origin: str) -> dict[str, Any]:
        """What another task needs to settle it."""
        return {"version": VERSION, "origin": origin, "submission": asdict(self)}

    def is_of(self, image: str, wanted: Mapping[str, str]) -> bool:
        """Whether it brings these versions by this image, alone or among others that the image holds."""
        return self.image == image and wanted.items() <= self.wanted.items()


def remembered(gate: WriteGate) -> dict[str, Submission]:
    """All that was sent to a BMC and whose end was not seen, by name."""
    found = gate.recall(CLAIM).get("submissions")
    known = [Submission(**entry) for entry in found if not _wrong(entry)] if isinstance(found, list) else []
    return {submission.name: submission for submission in known}


def keep(gate: WriteGate, submission: Submission) -> None:
    """Remember it, or how far it is now."""
    _remember(gate, {**remembered(gate), submission.name: submission})


def drop(gate: WriteGate, submission: Submission) -> None:
    """Forget it: its end was seen."""
    _remember(gate, {name: known for name, known in remembered(gate).items() if name != submission.name})


def _remember(gate: WriteGate, known: Mapping[str, Submission]) -> None:
    if not known:
        gate.forget(CLAIM)
        return
    # life: see WriteGate. A host may wait for days for its restart.
    gate.remember(CLAIM, {"submissions": [asdict(submission) for submission in known.values()], "life": _LIFE})


def said_by(status: UpdateStatus) -> str:
    """A status as a text, to see whether it is still the same: a BMC may tell of the update before until it begins."""
    return f"{status.state} {without_tokens(status.said)}"


def read_handle(handle: Mapping[str, Any], origin: str, image: str) -> Submission:
    """image: key of the task's. Raises InvalidRequest for what is no handle, or that of another BMC or image."""
    for key, wanted in (("version", VERSION), ("origin", origin)):
        if handle.get(key) != wanted:
            raise InvalidRequest(
                "the handle does not belong to this task",
                why=f"its {key} is {handle.get(key)!r}, here it is {wanted!r}",
                way_out="Give each host the handle that its own task returned.",
            )
    found = handle.get("submission")
    wrong = _wrong(found)
    if wrong or not isinstance(found, Mapping):
        raise InvalidRequest("the handle is damaged", why=wrong, way_out="Give it as it was returned.")
    if found["image"] != image:
        raise InvalidRequest(
            "the handle is of an update to another image",
            way_out="Nothing was sent. Give the same task that returned it, with its handle.",
        )
    return Submission(**found)


def _wrong(found: object) -> str:
    """What is wrong with a submission that was out of our hands; "" for nothing."""
    if not isinstance(found, Mapping) or set(found) != set(Submission.__dataclass_fields__):
        return "it has other keys than a handle"
    sound = {
        **{name: isinstance(found[name], str) for name in _TEXTS},
        **{name: isinstance(found[name], Mapping) for name in _OBJECTS},
        **{name: isinstance(found[name], bool) for name in _FLAGS},
        **{name: _is_time(found[name]) for name in _TIMES},
    }
    sound["phase"] = found["phase"] in PHASES
    return next((f"{name} is not what it was" for name, right in sound.items() if not right), "")


def _is_time(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < _END_OF_TIME
