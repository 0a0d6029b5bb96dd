# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One power operation on one target, as a value that outlives the process: submitted, then settled (idea 5)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._core.clock import timestamp
from .._core.errors import BmcError, InvalidRequest, LocalFailure
from .power_rules import Step
from .writes import Write

_VERSION = 1

# What a handle holds of a target, and of what type: it was out of our hands. deadline is a number, position an index.
_STEP = ("reset_type", "expect", "forced")
_FLAGS = ("accepted", "forced", "gone", "disproved")
_TEXTS = ("state", "kind", "id", "uri", "action", "before", "handle", "task", "power_state")
_OBJECTS = ("evidence", "identity")
_OTHERS = ("affected", "steps", "position", "deadline")
_PROGRESS = ("position", "accepted", "forced", "deadline", "evidence", "gone", "disproved", "task", "power_state")
_END_OF_TIME = 1e11  # In seconds since the epoch.


@dataclass
class Transition:
    """A target on its way.

    state: what was asked for. kind, id, uri: the target. action: URI of its reset. steps: all of them.
    position: the step under way.
    accepted: the BMC took the reset of this step. forced: its forced reset was sent too. deadline: of the step, seconds
    since the epoch. before: PowerState at the start; power_state: as last seen. first_seen: as this task saw it first,
    None for not yet. evidence: of boots, before the reset.
    gone: it was seen off (a system) or away (a manager) since. disproved: its readings say that it did not restart yet.
    task: URI of the BMC's task for the last reset. again_at: not before then is a refused reset sent again.
    handle: id of the handle that carries it.
    identity: uuid and serial number, as seen at the start. affected: URIs of the systems in a chassis.
    sent: what was sent, in order.
    """

    state: str
    kind: str
    id: str
    uri: str
    action: str
    steps: tuple[Step, ...]
    before: str
    power_state: str
    evidence: Mapping[str, Any]
    identity: Mapping[str, Any]
    affected: Sequence[str] = ()
    position: int = 0
    accepted: bool = False
    forced: bool = False
    deadline: float = 0.0
    gone: bool = False
    disproved: bool = False
    task: str = ""
    again_at: float = 0.0
    handle: str = ""
    first_seen: str | None = None
    confirmed: bool = True
    note: str = ""
    sent: list[dict[str, Any]] = field(default_factory=list)
    error: BmcError | None = None

    @property
    def done(self) -> bool:
        """Nothing is left to do: the last expectation was met, or it failed."""
        return self.error is not None or self.position >= len(self.steps)

    @property
    def step(self) -> Step:
        """The step under way."""
        return self.steps[self.position]

    @property
    def changed(self) -> bool:
        """Whether the BMC changed in this task, as far as it is known: it took a reset; where that failed, as seen."""
        if self.error is not None:
            return self.first_seen is not None and self.power_state != self.first_seen
        return bool(self.sent)

    def see(self, power_state: str) -> None:
        """Note the PowerState as it is now."""
        self.first_seen = power_state if self.first_seen is None else self.first_seen
        self.power_state = power_state

    def write(self, reset_type: str) -> Write:
        return Write("POST", self.action, {"ResetType": reset_type})

    def plan(self) -> list[Write]:
        """The writes from here on, when all goes well."""
        due = [step.reset_type for step in self.steps[self.position :]]
        if due and self.accepted:
            due[0] = ""
        elif due and self.forced:
            due[0] = self.step.forced
        return [self.write(reset_type) for reset_type in due if reset_type]

    def escalation(self) -> list[Write]:
        """The writes that are sent only when a deadline passes."""
        begin = self.position + (1 if self.forced else 0)
        return [self.write(step.forced) for step in self.steps[begin:] if step.forced]

    def record(self, reset_type: str, seconds: float, *, answered: bool) -> None:
        """Note a reset that was sent."""
        self.sent.append({**self.write(reset_type).as_data(), "time": timestamp(seconds), "answered": answered})

    def progress(self) -> dict[str, Any]:
        """How far it is."""
        return {name: getattr(self, name) for name in _PROGRESS}

    def memory(self) -> dict[str, Any]:
        """What the gate remembers of it: enough for the same task, or another look with the same handle, to go on."""
        settled = self.position >= len(self.steps)
        return {"state": self.state, "handle": self.handle, "settled": settled, "progress": self.progress()}

    def resume(self, memory: Mapping[str, Any]) -> None:
        """Go on from what another look with the same handle remembered: a handle is a value and may be given twice.

        Raises LocalFailure where that is damaged.
        """
        progress = memory.get("progress")
        if not self.handle or memory.get("handle") != self.handle or not isinstance(progress, dict):
            return
        known = {**self.progress(), **{name: progress[name] for name in _PROGRESS if name in progress}}
        wrong = _wrong({**self.as_data(), **known})
        if wrong:
            raise LocalFailure(
                f"what this controller remembers of {self.kind} {self.id} is damaged",
                why=wrong,
                way_out="Look at the BMC with bmc_info, and submit anew what is still wanted.",
            )
        for name, value in known.items():
            setattr(self, name, value)

    def as_data(self) -> dict[str, Any]:
        """The part of a handle that describes this target."""
        return {
            "state": self.state,
            "kind": self.kind,
            "id": self.id,
            "uri": self.uri,
            "action": self.action,
            "steps": [step.as_data() for step in self.steps],
            "before": self.before,
            "identity": dict(self.identity),
            "affected": list(self.affected),
            "handle": self.handle,
            **self.progress(),
        }


def make_handle(state: str, origin: str, transitions: list[Transition]) -> dict[str, Any]:
    """Data from which another task can settle what this one submitted; what failed is not part of it."""
    open_ones = [transition for transition in transitions if transition.error is None]
    for transition in open_ones:
        transition.handle = transition.handle or uuid.uuid4().hex
    return {
        "version": _VERSION,
        "state": state,
        "origin": origin,
        "targets": [transition.as_data() for transition in open_ones],
    }


def read_handle(handle: Mapping[str, Any], state: str, origin: str) -> list[Transition]:
    """The transitions of a handle. Raises InvalidRequest when it is not one, or of another BMC or state."""
    for key, wanted in (("version", _VERSION), ("state", state), ("origin", origin)):
        if handle.get(key) != wanted:
            raise InvalidRequest(
                "the handle does not belong to this task",
                why=f"its {key} is {handle.get(key)!r}, here it is {wanted!r}",
                way_out="Give each host the handle that its own task returned, with the same state.",
            )
    targets = handle.get("targets")
    wrong = [_wrong(target) for target in targets] if isinstance(targets, list) else ["it has no targets"]
    if any(wrong):
        why = next(filter(None, wrong))
        raise InvalidRequest("the handle is damaged", why=why, way_out="Give it as it was returned.")
    return [
        Transition(**{**target, "steps": tuple(Step(**step) for step in target["steps"])}) for target in targets or ()
    ]


def _wrong(target: object) -> str:
    """What is wrong with the part of a handle that describes a target; "" for nothing."""
    if not isinstance(target, dict) or set(target) != {*_TEXTS, *_FLAGS, *_OBJECTS, *_OTHERS}:
        return "it has other keys than a handle"
    steps, position, deadline = target["steps"], target["position"], target["deadline"]
    sound = {
        **{name: isinstance(target[name], str) for name in _TEXTS},
        **{name: isinstance(target[name], bool) for name in _FLAGS},
        **{name: isinstance(target[name], dict) for name in _OBJECTS},
        "affected": isinstance(target["affected"], list) and all(isinstance(uri, str) for uri in target["affected"]),
        "steps": isinstance(steps, list) and all(_is_step(step) for step in steps),
        "deadline": isinstance(deadline, (int, float)) and 0 <= deadline < _END_OF_TIME,
    }
    sound["position"] = (
        sound["steps"] and isinstance(position, int) and not isinstance(position, bool) and 0 <= position <= len(steps)
    )
    return next((f"{name} is not what it was" for name, right in sound.items() if not right), "")


def _is_step(step: object) -> bool:
    return isinstance(step, dict) and set(step) == set(_STEP) and all(isinstance(value, str) for value in step.values())
