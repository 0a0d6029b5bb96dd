# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A BMC at hand: connected, its dialect known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from .._core.clock import Clock
from .._core.errors import NotSupported
from .._redfish.reset import resettable_first
from .._redfish.resource import Document, link, text
from .._redfish.service import Service, session_collection
from .._transport.bmc import BmcClient, Credential
from .._transport.http import HttpClient, Limits
from .._transport.origin import Origin
from .._transport.tls import Trust
from .._vendors import registry
from ..vendor_api.v1 import Driver
from .managers import bmc_manager


@dataclass(frozen=True)
class Settings:
    """How to reach one BMC and as whom.

    auth: "basic", "session" or "token". identity: what was recorded of the BMC (see identity.py), {} where nothing was.
    """

    origin: Origin
    trust: Trust
    credential: Credential
    auth: str
    limits: Limits
    identity: Mapping[str, Any]


@dataclass
class View:
    """What one BMC shows: its resources as read in this operation, and its driver."""

    origin: Origin
    service: Service
    driver: Driver

    def cannot(self, what: str, missing: str, driver_adds: str, way_out: str = "") -> NotSupported:
        """The error for what this BMC cannot do; it names vendor, model, firmware and what was missing.

        what: the operation ("a graceful shutdown"). missing: resource and property that a BMC with it would have.
        driver_adds: what a driver would add to the contract's capabilities, said where the dialect has none.
        """
        error = NotSupported(
            f"{what} is not supported by this BMC",
            why=missing,
            way_out=way_out or "bmc_info shows what this BMC offers; a firmware update of the BMC may add it.",
        )
        return self.named(error, driver_adds)

    def named(self, error: NotSupported, driver_adds: str) -> NotSupported:
        """The same error, as of a driver, with what that does not say: vendor, model, firmware, what one would add."""
        manager = bmc_manager(self.service)
        maker = registry.maker(self.service, self.driver)
        model = self.model(manager) or "unknown model"
        firmware = self.driver.inventory.firmware_version(self.service, manager) or "unknown version"
        return NotSupported(
            error.what,
            why=f"{error.why} ({maker}, {model}, firmware {firmware}, dialect {self.driver.dialect})",
            way_out=" ".join(filter(None, (error.way_out, registry.advice(self.driver, driver_adds)))),
        )

    def model(self, manager: Document | None) -> str | None:
        """The machine's model: of a system, rather one with a reset, else of the BMC's chassis, else of the BMC."""
        for system in resettable_first(self.service.collection("Systems")):
            if text(system, "Model"):
                return text(system, "Model")
        chassis = link(manager, "Links", "ManagerInChassis") if manager is not None else None
        held = self.service.find(chassis) if chassis else None
        return (text(held, "Model") if held else None) or (text(manager, "Model") if manager else None)


@dataclass
class Bmc(View):
    """One BMC, and the conversation with it."""

    client: BmcClient

    def warnings(self) -> dict[str, list[str]]:
        """What a person should know besides the result, once the conversation is over."""
        return {"warnings": [self.client.undeleted]} if self.client.undeleted else {}


@contextmanager
def connect(settings: Settings, clock: Clock) -> Iterator[Bmc]:
    """Open the conversation and close it again, session and connection, whatever happens.

    With a recorded dialect nothing is read; else the service root, without a login, and what else the dialect takes
    to show itself. Raises whatever the floors below raise.
    """
    http = HttpClient(settings.origin, settings.trust, clock, settings.limits)
    with BmcClient(http, settings.credential) as client:
        service = Service(client)
        recorded = settings.identity.get("dialect")
        if settings.auth == "session":
            client.open_session(session_collection(service.root()))
        if recorded:
            driver = registry.known(recorded, settings.identity.get("firmware_version") or "")
        else:
            driver = registry.detect(service)
        http.limits = replace(http.limits, idle=driver.quirks.rests_before_reset)
        yield Bmc(settings.origin, service, driver, client)
