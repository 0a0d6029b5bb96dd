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

from .._redfish.attribute_registry import Rule
from .._redfish.resource import Document
from .._redfish.service import Service
from .changes_v1 import Change
from .firmware_v1 import (
    FAILED,
    FINISHED,
    RUNNING,
    UNTOLD,
    WAITING,
    FirmwareUpdate,
    Software,
    UpdateMethod,
    UpdateRequest,
    UpdateStatus,
)

__all__ = [
    "API_VERSION",
    "FAILED",
    "FINISHED",
    "RUNNING",
    "UNTOLD",
    "WAITING",
    "BiosSettings",
    "Change",
    "Console",
    "ConsoleAccess",
    "Driver",
    "Evidence",
    "FirmwareUpdate",
    "Inventory",
    "Keys",
    "ManagerSettings",
    "Meaning",
    "Missing",
    "Place",
    "Power",
    "Quirks",
    "ResetVocabulary",
    "SettingsView",
    "Software",
    "UpdateMethod",
    "UpdateRequest",
    "UpdateStatus",
]

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
    """A way to the console of a system.

    kind: "ssh", "ipmi" (serial over LAN) or "kvm" (the BMC's page with the graphical console). port: of the protocol,
    None where a KVM's is not told. source: what tells it: "System.SerialConsole", "System.GraphicalConsole",
    "Manager.CommandShell", "Manager.SerialConsole", "Manager.GraphicalConsole" or "vendor rule". uri: of that resource,
    "" for a vendor rule. enabled: whether it is switched on; sessions: how many it serves at once, None where unknown.
    user: the user name that leads there, "" for the account of the BMC. entry_command: what is typed after the login,
    "" where the console is there at once. exit_sequence: what leaves it, as the BMC or its vendor writes it, "" where
    not known.
    """

    kind: str
    port: int | None
    source: str
    uri: str = ""
    enabled: bool = True
    sessions: int | None = None
    user: str = ""
    entry_command: str = ""
    exit_sequence: str = ""


class ConsoleAccess(Protocol):
    """Capability: the ways to consoles, also those that are switched off.

    protocols: the BMC's ManagerNetworkProtocol, which tells ports and what is switched off; None where there is none.
    """

    def of_system(self, system: Document, protocols: Document | None) -> tuple[Console, ...]:
        """Those that belong to this system alone, the preferred one first."""

    def of_manager(self, manager: Document, protocols: Document | None) -> tuple[Console, ...]:
        """Those that the BMC has for the one system behind it, the preferred one first."""


@dataclass(frozen=True)
class Meaning:
    """What a refusal means in words of the operator, and what to do about it, a sentence."""

    what: str
    way_out: str


class BiosSettings(Protocol):
    """Capability: the attributes of a system's BIOS.

    apply_time: what is sent as @Redfish.SettingsApplyTime where a task asks for nothing; "" for none.
    one_at_a_time: a further change is refused while one waits.
    """

    apply_time: str
    one_at_a_time: bool

    def current(self, bios: Document) -> Mapping[str, Any]:
        """The values that are active now, JSON scalars by name of the attribute; {} where it has no attributes."""

    def stated(self, bios: Document) -> Mapping[str, Rule]:
        """What the attributes state themselves of what may be written, for a BMC that serves no registry."""

    def settings_uri(self, bios: Document) -> str | None:
        """Where changes are written; the resource there may be missing while nothing waits. None: nowhere."""

    def discard(self, service: Service, settings: Document | None) -> tuple[Change, ...] | None:
        """What takes away everything that waits. () where nothing waits.

        None where the dialect has no such request: then the current values are written back. Raises Busy where what
        waits is being carried out.
        """

    def scheduled(self, service: Service, settings: Document | None) -> bool:
        """Whether the next boot takes up what the settings object shows as waiting; where not, it waits for ever."""

    def unfinished(self, service: Service, settings: Document | None) -> str:
        """What work of the BMC stands between a change and its being active, in one line; "" for none, or none shown.

        Where there is any, values that read as active may not be so yet. Reads anew.
        """

    def meaning(self, message_id: str) -> Meaning | None:
        """What a refusal with this MessageId means; None for one that speaks for itself."""


@dataclass(frozen=True)
class Keys:
    """SSH public keys as a task wants them, each "TYPE BASE64 COMMENT". exclusive: all others go."""

    keys: tuple[str, ...]
    exclusive: bool = False


@dataclass(frozen=True)
class Missing:
    """This BMC has no such setting. what: which resource or property a BMC with it would have."""

    what: str


class Place(Protocol):
    """Where one setting stands on a BMC, as just read. Values: bool, int, str, tuple of str; Keys as a wish."""

    @property
    def uri(self) -> str:
        """The resource that holds it."""

    @property
    def documents(self) -> tuple[Document, ...]:
        """The resources that a change touches."""

    def value(self) -> Any:
        """What the BMC holds, in the form of the options; None where it holds nothing."""

    def accepts(self, wanted: Any) -> str:
        """Why a value cannot be written ("has 2 slots, 3 servers are wanted"); "" where it can."""

    def same(self, wanted: Any) -> bool:
        """Whether the BMC has it so already: padding, order, case and blanks do not count."""

    def after(self, wanted: Any) -> Any:
        """What value() is once it was written."""

    def switches(self) -> Mapping[str, tuple[Any, Any]]:
        """What else must be so that the value counts, by the BMC's own name: how it is, and how it must be."""

    def changes(self, wanted: Any) -> tuple[Change, ...]:
        """The requests that write it, in order. PATCHes of one resource in a row are sent as one."""


@dataclass(frozen=True)
class SettingsView:
    """What a driver looks at to find a setting.

    manager: the one that is the BMC. host: the name or address at which it was reached. wanted: all that the task
    names, by name: a few dialects keep two settings in one value.
    """

    service: Service
    manager: Document
    host: str
    wanted: Mapping[str, Any]


class ManagerSettings(Protocol):
    """Capability: the settings of the BMC itself."""

    def place(self, name: str, view: SettingsView) -> Place | Missing:
        """Where a setting stands, by its name in _operations/settings/names.py ("ntp.servers").

        Reads what it needs for this one. Raises what reading raises.
        """

    def keys(self, holder: str, view: SettingsView) -> Place | Missing:
        """Where SSH keys stand. holder: "admin" or "console" for a service, "account NAME" for an account.

        Raises what reading raises.
        """

    def oem(self, name: str, view: SettingsView) -> Place | Missing:
        """Where the dialect's own attribute of this name stands. Raises what reading raises."""

    def oem_names(self, view: SettingsView) -> tuple[str, ...]:
        """The names of all of them, for who mistyped one; () where the dialect has none."""

    def stands_for(self, attribute: str, value: Any) -> tuple[str, Any]:
        """What one of these attributes is under a common name, and what its value is there.

        The name is one of STANDARD in _operations/settings/names.py, or REACH; ("", None) for any other attribute.
        """

    def awaits_reset(self, document: Document) -> bool:
        """Whether a resource says that what was written takes effect with the next reset of the manager."""

    def may_await_reset(self) -> bool:
        """Whether BMCs of this dialect ever say so."""

    def locked(self, view: SettingsView) -> str:
        """What keeps the BMC from taking any change ("system lockdown, PROPERTY of URI"); "" where nothing does.

        The name of the property that lifts it is part of the text.
        """

    def lockdown(self, attribute: str, wanted: Any) -> bool | None:
        """What an attribute of oem() does to what locked() tells: True brings it, False lifts it; None is any other."""


class Driver(Protocol):
    """One dialect."""

    api_version: str
    dialect: str
    power: Power
    inventory: Inventory
    console: ConsoleAccess
    bios: BiosSettings
    firmware_update: FirmwareUpdate
    settings: ManagerSettings
    quirks: Quirks

    def recognises(self, evidence: Evidence) -> bool:
        """Whether the BMC speaks this dialect. False also while the evidence does not suffice yet."""
