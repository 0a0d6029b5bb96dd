# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A BMC of documents in memory that answers as BmcClient does, and notices every write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BadAnswer, NotRedfish, RefusedByBmc
from ansible_collections.openchami.bmc.plugins.module_utils._operations import info, power
from ansible_collections.openchami.bmc.plugins.module_utils._operations.connect import Bmc
from ansible_collections.openchami.bmc.plugins.module_utils._operations.settlement import Patience
from ansible_collections.openchami.bmc.plugins.module_utils._operations.writes import Write
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.service import Service
from ansible_collections.openchami.bmc.plugins.module_utils._transport.bmc import BmcClient
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import Response
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin
from ansible_collections.openchami.bmc.plugins.module_utils._vendors import registry
from tests.unit.fake_clock import FakeClock

ORIGIN = Origin("https", "bmc1", 443)


class Answers:
    """Stands where BmcClient stands.

    documents: by path, without a last slash; an error in a document's place is raised. reads: every URI asked for.
    given: the resources that were answered with a document, in one spelling: links differ in case and last slash.
    """

    def __init__(self, documents: Mapping[str, Any]) -> None:
        self.documents = documents
        self.reads: list[str] = []
        self.given: list[str] = []

    def get(self, uri: str) -> dict[str, Any]:
        self.reads.append(uri)
        path = ORIGIN.path_of(uri)
        document = self.documents.get(path.partition("?")[0].rstrip("/"))
        if document is None:
            raise RefusedByBmc(f"GET {path} was refused", status=404, why="HTTP 404")
        if isinstance(document, Exception):
            raise document
        if not isinstance(document, dict):
            raise BadAnswer(f"GET {path} was not answered with a JSON object")
        self.given.append(uri.rstrip("/").lower())
        return dict(document)

    def get_unauthenticated(self, uri: str) -> dict[str, Any]:
        try:
            return self.get(uri)
        except RefusedByBmc as error:
            raise NotRedfish("there is no Redfish service", why=error.why) from error

    def post(self, uri: str, body: Mapping[str, Any]) -> Response:
        raise AssertionError(f"a write in check mode: {uri} {body}")


class OpenGate:
    """A gate that in check mode is only asked what it remembers. memory: that, of every target."""

    def __init__(self, memory: Mapping[str, Any]) -> None:
        self.memory = memory

    @contextmanager
    def exclusively(self) -> Iterator[bool]:
        yield False

    def holder(self, target: str) -> Mapping[str, Any] | None:
        return None

    def claim(self, target: str, about: Mapping[str, Any] | None = None) -> None:
        raise AssertionError(f"a claim in check mode: {target}")

    def allow(self, plan: Sequence[Write]) -> None:
        raise AssertionError(f"a plan is carried out in check mode: {plan}")

    def remember(self, target: str, memory: Mapping[str, Any]) -> None:
        raise AssertionError(f"a memory in check mode: {target} {memory}")

    def recall(self, target: str) -> Mapping[str, Any]:
        return self.memory

    def forget(self, target: str) -> None:
        raise AssertionError(f"something is forgotten in check mode: {target}")


def connected(answers: Answers, identity: Mapping[str, Any]) -> Bmc:
    """The BMC as connect() gives it to an operation, with a new service: nothing was read yet."""
    service = Service(answers)
    recorded = identity.get("dialect")
    driver = registry.known(recorded, identity.get("firmware_version") or "") if recorded else registry.detect(service)
    return Bmc(ORIGIN, service, driver, cast(BmcClient, answers))


def facts(answers: Answers) -> dict[str, Any]:
    """What bmc_info shows."""
    return info.run(connected(answers, {}))


def prediction(answers: Answers, state: str, kind: str, **asked: Any) -> power.PowerResult:
    """What bmc_power predicts of an answering BMC; see predicted()."""
    return predicted(connected(answers, asked.get("identity", {})), state, kind, **asked)


def predicted(bmc: Bmc, state: str, kind: str, **asked: Any) -> power.PowerResult:
    """What bmc_power predicts. memory: what the gate remembers; the rest as in PowerRequest."""
    gate = OpenGate(asked.pop("memory", {}))
    request: dict[str, Any] = {"name": "all", "identity": {}, "patience": Patience(60.0, 2.0, waits=True)} | asked
    return power.run(bmc, power.PowerRequest(state=state, kind=kind, check_mode=True, **request), gate, FakeClock())
