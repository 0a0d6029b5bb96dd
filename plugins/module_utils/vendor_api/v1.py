# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contract for vendor drivers, version 1 (provisional until the collection's 1.0).

This is the only public room of the collection's Python code. A driver is a value that holds facts about one dialect
of Redfish and one object for each capability. It starts from `generic` and overrides only what its BMCs do otherwise.

Maker and dialect are two answers: a Supermicro GB300 is made by Supermicro and speaks OpenBMC's dialect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .._redfish.resource import Document
from .._redfish.service import Service

API_VERSION = "1.0"
"""A driver states the version it was written for; another major version is refused."""


@dataclass(frozen=True)
class Evidence:
    """What is known of a BMC while its dialect is being found out.

    managers and systems are None until they were read: most dialects show in the service root alone.
    """

    root: Document
    managers: tuple[Document, ...] | None = None
    systems: tuple[Document, ...] | None = None


@dataclass(frozen=True)
class ResetVocabulary:
    """The ResetTypes that carry out each intention, in order of preference; the first that the BMC offers is sent.

    No intention ever falls back on a harsher one: that is the business of the operation, and only when asked.
    """

    on: tuple[str, ...] = ("On",)
    graceful_off: tuple[str, ...] = ("GracefulShutdown",)
    force_off: tuple[str, ...] = ("ForceOff",)
    graceful_restart: tuple[str, ...] = ("GracefulRestart",)
    force_restart: tuple[str, ...] = ("ForceRestart",)
    nmi: tuple[str, ...] = ("Nmi",)


@dataclass(frozen=True)
class Quirks:
    """Answers to the named questions of the quirk table; the defaults are what the standard leads one to expect.

    rests_before_reset: seconds after which the BMC resets a kept connection that rested.
    refusals_for_now: keys of MessageIds that say "not now, nothing was done": the same write may be sent again later.
    refusals_of_on_for_now: keys that say so where power on was refused, and something else where another reset was.
    graceful_off_values: further ResetTypes that shut down gracefully.
    expand: the query that makes a collection come with its members, where they come whole; "" where they may not.
    """

    rests_before_reset: float = 60.0
    refusals_for_now: frozenset[str] = frozenset()
    refusals_of_on_for_now: frozenset[str] = frozenset()
    graceful_off_values: tuple[str, ...] = ()
    expand: str = ""


class Power(Protocol):
    """Capability: power and resets."""

    def vocabulary(self) -> ResetVocabulary:
        """The ResetTypes of this dialect."""

    def boot_evidence(self, resource: Document) -> Mapping[str, Any]:
        """JSON values of a system or manager that change when it restarts; empty where it shows none."""

    def shows_restart(self, before: Mapping[str, Any]) -> bool:
        """Whether a restart after this reading would show in a later one; nobody waits for what would not."""

    def restarted(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool | None:
        """Whether a restart lies between two readings of boot_evidence.

        False only where lasting evidence says that there was none; None where these two readings cannot tell.
        """


class Inventory(Protocol):
    """Capability: what the BMC is."""

    def maker(self, evidence: Evidence) -> str:
        """The maker, lower case: "hpe", "gigabyte"; "unknown" where nothing names one. evidence is complete here."""

    def firmware_version(self, service: Service, manager: Document | None) -> str | None:
        """The BMC's own firmware version, as the BMC writes it."""

    def serial_number(self, service: Service) -> str | None:
        """The serial number of the whole machine, where the service root tells it."""

    def contents(self, chassis: Document, names: tuple[str, ...]) -> str:
        """What goes down with a chassis whose systems no link names ("the nodes in slot 3"); "" where unknown.

        names: what the BMC is called, its inventory name first, then its address.
        """


@dataclass(frozen=True)
class Console:
    """A way to the serial console of a system.

    kind: "ssh" or "ipmi" (serial over LAN). user: the user name that leads there, "" for the account of the BMC.
    entry_command: what is typed after the login, "" where the console is there at once. exit_sequence: what leaves it,
    as the BMC or its vendor writes it, "" where not known. source: URI of the resource that tells it, or "vendor rule".
    """

    kind: str
    port: int
    source: str
    user: str = ""
    entry_command: str = ""
    exit_sequence: str = ""


class ConsoleAccess(Protocol):
    """Capability: the ways to serial consoles."""

    def of_system(self, system: Document) -> tuple[Console, ...]:
        """Those that belong to this system alone and are enabled, the preferred one first."""

    def of_manager(self, manager: Document, protocols: Document | None) -> tuple[Console, ...]:
        """Those that the BMC has for the one system behind it and that are enabled, the preferred one first.

        protocols: its ManagerNetworkProtocol, which tells ports and what is switched off.
        """


class FirmwareUpdate(Protocol):
    """Capability: firmware updates."""

    def under_way(self, service: Service, update_service: Document) -> str:
        """What the BMC says of an update that runs, in one line; "" where it says of none.

        update_service: its UpdateService, as it is now. Reads more only where that does not tell.
        """


class Driver(Protocol):
    """One dialect."""

    api_version: str
    dialect: str
    power: Power
    inventory: Inventory
    console: ConsoleAccess
    firmware_update: FirmwareUpdate
    quirks: Quirks

    def recognises(self, evidence: Evidence) -> bool:
        """Whether the BMC speaks this dialect. False also while the evidence does not suffice yet."""
