# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_settings in this process, against a simulated BMC without a network: fast enough for many examples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Self, cast

from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_settings
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import typed
from ansible_collections.openchami.bmc.plugins.module_utils._entry.settings_options import wanted
from ansible_collections.openchami.bmc.plugins.module_utils._operations.connect import Bmc
from ansible_collections.openchami.bmc.plugins.module_utils._operations.settings import operation as settings
from ansible_collections.openchami.bmc.plugins.module_utils._operations.settings.plan import SettingsRequest
from ansible_collections.openchami.bmc.plugins.module_utils._operations.settlement import Patience
from ansible_collections.openchami.bmc.plugins.module_utils._operations.writes import Write
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.service import Service
from ansible_collections.openchami.bmc.plugins.module_utils._transport.bmc import (
    BmcClient,
    Credential,
    document_of,
    judged,
    root_of,
)
from ansible_collections.openchami.bmc.plugins.module_utils._transport.etag import if_match_candidates
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import Response
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin
from ansible_collections.openchami.bmc.plugins.module_utils._vendors import registry
from tests.simulator.bmc import Bmc as SimulatedBmc
from tests.simulator.clock import LoopClock
from tests.simulator.fleet import expand
from tests.simulator.service import Call, respond
from tests.unit.fake_clock import FakeClock

_BASIC = {"Authorization": "Basic YWRtaW46c2VjcmV0"}


@dataclass(frozen=True)
class Fault:
    """What the request of this number (from 1) meets. after: the BMC did it before."""

    number: int
    error: BaseException
    after: bool = False


@dataclass
class Direct:
    """Stands where BmcClient stands, and hands each request to the simulated service itself.

    refuses: a method, or a part of a URI, of requests that are answered 400 instead; "" for none. asked: the methods of
    all requests. fault: what one of them meets.
    """

    simulated: SimulatedBmc
    writes: list[Write] = field(default_factory=list)
    refuses: str = ""
    asked: list[str] = field(default_factory=list)
    fault: Fault | None = None

    def get(self, uri: str) -> dict[str, Any]:
        return document_of(self._sent("GET", uri))

    def get_unauthenticated(self, uri: str) -> dict[str, Any]:
        return root_of(self._ask("GET", uri, {}))

    def post(self, uri: str, body: Mapping[str, Any]) -> Response:
        return self._write("POST", uri, body)

    def delete(self, uri: str) -> Response:
        return self._write("DELETE", uri, {})

    def patch(self, uri: str, body: Mapping[str, Any], document: Mapping[str, Any]) -> Response:
        etag = next(if_match_candidates(document.get("@odata.etag")))
        return self._write("PATCH", uri, body, {"If-Match": etag} if etag else {})

    def apart(self) -> AbstractContextManager[None]:
        return nullcontext()

    def _write(
        self, method: str, uri: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Response:
        self.writes.append(Write(method, uri, dict(body)))
        return self._sent(method, uri, body, headers or {})

    def _sent(
        self, method: str, uri: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        return judged(self._ask(method, uri, {**_BASIC, **(headers or {})}, body), Credential("admin", "secret"))

    def _ask(
        self, method: str, uri: str, headers: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> Response:
        self.asked.append(method)
        met = self.fault if self.fault is not None and self.fault.number == len(self.asked) else None
        if met is not None and not met.after:
            raise met.error
        if self.refuses and self.refuses in f"{method} {uri}":
            return Response(method, uri, 400, {}, b"{}")
        content = json.dumps(body).encode() if body is not None else b""
        reply = respond(self.simulated, Call(method, uri.partition("?")[0], headers, content))
        if reply.status == 308:
            return self._ask(method, reply.headers["Location"], headers, body)
        if met is not None:
            raise met.error
        told = {name.lower(): value for name, value in reply.headers.items()}
        return Response(method, uri, reply.status, told, json.dumps(reply.document).encode())


class Gate:
    """A gate that is open, and counts what was allowed."""

    def __init__(self) -> None:
        self.allowed: list[list[Write]] = []

    @contextmanager
    def exclusively(self) -> Iterator[bool]:
        yield False

    def holder(self, target: str) -> Mapping[str, Any] | None:
        return None

    def claim(self, target: str, about: Mapping[str, Any] | None = None) -> None:
        pass

    def allow(self, plan: Sequence[Write]) -> None:
        self.allowed.append(list(plan))

    def remember(self, target: str, memory: Mapping[str, Any]) -> None:
        pass

    def recall(self, target: str) -> Mapping[str, Any]:
        return {}

    def forget(self, target: str) -> None:
        pass


@dataclass
class Box:
    """A simulated BMC of a profile, and the hand on it."""

    simulated: SimulatedBmc
    client: Direct
    gate: Gate = field(default_factory=Gate)
    host: str = "127.0.0.1"

    @classmethod
    def of(cls, profile: str, **settings: Any) -> Self:
        [spec] = expand({"bmcs": [{"name": "one", "profile": profile, "address": "127.0.0.1", **settings}]})
        simulated = SimulatedBmc(spec, LoopClock())
        return cls(simulated, Direct(simulated))

    def run(self, *, check_mode: bool = False, **options: Any) -> settings.SettingsResult:
        """The result of a task with these options."""
        request = request_of(options, check_mode=check_mode)
        return settings.run(self.connected(), request, self.gate, FakeClock())

    def connected(self) -> Bmc:
        service = Service(self.client)
        return Bmc(Origin("https", self.host, 443), service, registry.detect(service), cast(BmcClient, self.client))


def states(result: settings.SettingsResult) -> dict[str, str]:
    """What came of each setting, by its name."""
    return {setting.name: setting.state for setting in result.settings}


def request_of(options: Mapping[str, Any], *, check_mode: bool = False) -> SettingsRequest:
    """What a task asks for, through the options of the module."""
    given = typed(bmc_settings.ARGUMENT_SPEC, {"bmc_address": "127.0.0.1", **options})
    return SettingsRequest(
        wanted=wanted(given),
        identity={},
        patience=Patience(5.0, 1.0, waits=True),
        unsupported=given["unsupported"],
        reset=given["reset_manager"] == "when_needed",
        allow_lockout=given["allow_lockout"],
        check_mode=check_mode,
        pinned=bool(options.get("bmc_fingerprint")),
    )
