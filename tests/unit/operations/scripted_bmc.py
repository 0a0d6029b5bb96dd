# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A BMC of a few documents whose resets follow a script, and a gate that notices every write that goes around it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, cast

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BmcError
from ansible_collections.openchami.bmc.plugins.module_utils._operations import power
from ansible_collections.openchami.bmc.plugins.module_utils._operations.connect import Bmc
from ansible_collections.openchami.bmc.plugins.module_utils._operations.settlement import Patience
from ansible_collections.openchami.bmc.plugins.module_utils._operations.writes import Write
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.service import Service
from ansible_collections.openchami.bmc.plugins.module_utils._transport.bmc import BmcClient
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import Response
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.generic import GenericDriver
from ansible_collections.openchami.bmc.plugins.module_utils.vendor_api.v1 import Driver
from tests.unit.fake_clock import FakeClock
from tests.unit.redfish.fake_reader import FakeReader, tree

ORIGIN = Origin("https", "10.1.2.3", 443)
ALL_RESETS = ("On", "GracefulShutdown", "ForceOff", "GracefulRestart", "ForceRestart", "Nmi")
WITHOUT_RESTART = ("On", "GracefulShutdown", "ForceOff")
_ACTIONS = {"Systems": "ComputerSystem", "Managers": "Manager", "Chassis": "Chassis"}

Effect = Callable[[], object]
"""What a reset does; it may give an answer of its own, a Response."""


def resource(uri: str, resets: Sequence[str] | None = ALL_RESETS, **properties: Any) -> dict[str, Any]:
    """A system, manager or chassis of this URI. resets: what its reset takes; None for a resource without a reset."""
    document: dict[str, Any] = {"@odata.id": uri, "Id": uri.rpartition("/")[2], **properties}
    if resets is not None:
        kind = _ACTIONS[uri.split("/")[3]]
        action = {"target": f"{uri}/Actions/{kind}.Reset", "ResetType@Redfish.AllowableValues": list(resets)}
        document["Actions"] = {f"#{kind}.Reset": action}
    return document


def system(name: str = "1", power_state: str = "On", resets: Sequence[str] = ALL_RESETS, **more: Any) -> dict[str, Any]:
    return resource(f"/redfish/v1/Systems/{name}", resets, PowerState=power_state, **more)


def manager(name: str = "BMC", resets: Sequence[str] | None = ALL_RESETS, **more: Any) -> dict[str, Any]:
    return resource(f"/redfish/v1/Managers/{name}", resets, **{"ManagerType": "BMC", **more})


class RecordingGate:
    """Keeps what it was asked, and says whether a write may pass now.

    memories: what outlives a task, by target. holders: what other tasks hold, by target. waits: says whether another
    task had to let go first.
    """

    def __init__(self) -> None:
        self.held = False
        self.claimed: list[str] = []
        self.allowed: list[Write] = []
        self.memories: dict[str, Mapping[str, Any]] = {}
        self.holders: dict[str, Mapping[str, Any]] = {}
        self.forbids: BmcError | None = None
        self.waits: Callable[[], bool] = lambda: False

    @contextmanager
    def exclusively(self) -> Iterator[bool]:
        assert not self.held, "a task would wait for itself"
        self.held = True
        try:
            yield self.waits()
        finally:
            self.held = False

    def holder(self, target: str) -> Mapping[str, Any] | None:
        return self.holders.get(target)

    def claim(self, target: str, about: Mapping[str, Any] | None = None) -> None:
        assert target not in self.claimed, "a task would be in its own way"
        self.claimed.append(target)

    def recall(self, target: str) -> Mapping[str, Any]:
        return self.memories.get(target, {})

    def remember(self, target: str, memory: Mapping[str, Any]) -> None:
        assert target in self.claimed, "only who holds a target may write about it"
        self.memories[target] = json.loads(json.dumps(memory))

    def forget(self, target: str) -> None:
        self.memories.pop(target, None)

    def allow(self, plan: Sequence[Write]) -> None:
        assert not self.allowed, "a plan is allowed once"
        if self.forbids is not None:
            raise self.forbids
        self.allowed = list(plan)

    def next_task(self) -> None:
        """Another task begins: what the last one held is free, what it remembered is still known."""
        self.held = False
        self.claimed, self.allowed = [], []

    def check(self, write: Write) -> None:
        """Fail when this write may not pass now."""
        assert self.held, "a write while others may write too"
        assert write in self.allowed, "a write that nobody allowed"
        assert any(write.uri.startswith(target) for target in self.memories), "a write that nobody would remember"


class ScriptedClient(FakeReader):
    """Stands where BmcClient stands. posts: every reset that was sent, as (URI of the resource, ResetType).

    looks: the reads that do not count as the time of the task.
    """

    def __init__(self, documents: Mapping[str, Any], gate: RecordingGate) -> None:
        super().__init__(deepcopy(dict(documents)))
        self.fault: BmcError | None = None
        self.posts: list[tuple[str, str]] = []
        self.script: list[tuple[str, BmcError | Effect]] = []
        self._gate = gate
        self._apart = False
        self.looks: list[str] = []

    @contextmanager
    def apart(self) -> Iterator[None]:
        self._apart = True
        yield
        self._apart = False

    def get(self, uri: str) -> dict[str, Any]:
        if self._apart:
            self.looks.append(uri)
        if self.fault is not None:
            self.reads.append(uri)
            raise self.fault
        return deepcopy(super().get(uri))

    def post(self, uri: str, body: dict[str, Any]) -> Response:
        self._gate.check(Write("POST", uri, body))
        target, reset_type = uri.partition("/Actions/")[0], body["ResetType"]
        self.posts.append((target, reset_type))
        assert self.script, f"nobody expected {reset_type}"
        expected, effect = self.script.pop(0)
        assert reset_type == expected
        if isinstance(effect, BmcError):
            raise effect
        answer = effect()
        return answer if isinstance(answer, Response) else Response("POST", uri, 204)


class World:
    """A BMC, its clock and its gate; what a test arranges and then looks at."""

    def __init__(self, *systems: dict[str, Any], driver: Driver | None = None, **collections: Any) -> None:
        self.clock = FakeClock()
        self.gate = RecordingGate()
        self.client = ScriptedClient(
            tree(**{"Systems": list(systems), "Managers": [], "Chassis": []} | collections), self.gate
        )
        self.driver = driver or GenericDriver()

    @property
    def bmc(self) -> Bmc:
        """As a task gets it: nothing was read yet."""
        return Bmc(ORIGIN, Service(self.client), self.driver, cast(BmcClient, self.client))

    @property
    def sent(self) -> list[str]:
        """The ResetTypes that were sent, in order."""
        return [reset_type for _uri, reset_type in self.client.posts]

    def expect(self, reset_type: str, *effects: BmcError | Effect) -> None:
        """The next reset. An error refuses it."""
        for effect in effects or (lambda: None,):
            self.client.script.append((reset_type, effect))

    def change(self, uri: str = "/redfish/v1/Systems/1", seconds: float = 0.0, **properties: Any) -> Effect:
        """An effect: so many seconds later a resource reads otherwise."""
        return lambda: self.clock.after(seconds, lambda: self.client.documents[uri].update(properties))

    def leave(self, fault: BmcError, begin: float, end: float) -> None:
        """The BMC answers every read with an error for a while."""
        self.clock.after(begin, lambda: setattr(self.client, "fault", fault))
        self.clock.after(end, lambda: setattr(self.client, "fault", None))

    def fall_silent(self, fault: BmcError) -> Effect:
        """An effect: from then on every read is answered with an error."""
        return lambda: setattr(self.client, "fault", fault)

    def run(self, state: str, kind: str = "system", **request: Any) -> power.PowerResult:
        """bmc_power's operation. wait, timeout, interval: its patience; the rest as in PowerRequest."""
        patience = Patience(request.pop("timeout", 60.0), request.pop("interval", 2.0), request.pop("wait", True))
        asked = {"name": "", "identity": {}} | request
        return power.run(
            self.bmc, power.PowerRequest(state=state, kind=kind, patience=patience, **asked), self.gate, self.clock
        )

    def finished(self) -> None:
        """Fail when an expected reset never came."""
        assert not self.client.script
        assert not self.gate.held
