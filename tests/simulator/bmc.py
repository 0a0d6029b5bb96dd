# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of one simulated BMC: the truth that a test asks for."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .bios_state import BiosState
from .clock import Clock
from .configuration import Configuration
from .faults import Faults
from .fleet import BmcSpec
from .hardware import KEYS, Hardware
from .host import Host, Slot
from .request_log import RequestLog
from .settings import CHECKS, InvalidInput, change, choice, mapping, require_known_keys, text
from .update_log import UpdateLog


@dataclass(frozen=True, slots=True)
class Session:
    """One login: an entry of the session table."""

    id: str
    token: str
    username: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a BMC and its machine are; `uuid` is the machine's. Invented, from the name, so it survives a restart."""

    uuid: str
    serial_number: str
    mac_address: str

    @classmethod
    def of(cls, name: str) -> Identity:
        """Return the identity that a BMC of this name has from the factory."""
        digest = hashlib.sha256(name.encode()).hexdigest()
        # 02 marks a locally administered MAC address: no maker owns it.
        mac_address = ":".join(["02", *(digest[index : index + 2] for index in range(0, 10, 2))])
        return cls(
            uuid=str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.bmc.invalid")),
            serial_number=f"SIM{int(digest[:12], 16) % 10**8:08d}",
            mac_address=mac_address,
        )

    def part_uuid(self, part: str) -> str:
        """Return the UUID of another part of the same machine: its own, but it changes with the machine."""
        return str(uuid.uuid5(uuid.UUID(self.uuid), part))


class Bmc:
    """One BMC: its settings, the hosts behind it, accounts, sessions, and what was asked of it."""

    def __init__(self, spec: BmcSpec, clock: Clock) -> None:
        self.spec = spec
        self.profile = spec.profile
        self.layout = spec.profile.layouts[spec.nodes]
        self.clock = clock
        self.requests = RequestLog(clock)
        self.hosts: dict[str, Host] = {}
        self.bioses: dict[str, BiosState] = {}
        self.slots: dict[str, Slot] = {}
        self.updates = UpdateLog(self)
        # What the BMC does that restarts itself; the network side knows how.
        self.on_restart: Callable[[], None] = lambda: None
        self.restore()

    def restore(self) -> None:
        """Return to the state that the fleet file declares, as if nothing had ever been asked."""
        for host in (*self.hosts.values(), *self.slots.values()):
            host.stop()
        spec = self.spec
        self.settings = spec.settings
        self.identity = Identity.of(spec.name)
        self.hardware = Hardware(self)
        self.configuration = Configuration(self)
        self.hosts = {name: Host(self, name, spec.power) for name in self.layout.systems}
        self.slots = {name: Slot(self, name, spec.power) for name in self.layout.chassis}
        self.properties: dict[tuple[str, str], object] = {}
        self.sessions: dict[str, Session] = {}
        self.session_count = 0
        self.failed_logins = 0
        self.failed_in_a_row = 0
        self.manager_resets = 0
        self.manager_reset_at = self.clock.time() - 86400 * 7
        # When each manager beside the BMC restarted last, by URI.
        self.other_resets: dict[str, list[float]] = {}
        self.revision = 0
        self.bioses = {bios.system: BiosState(bios, self) for bios in self.layout.bioses}
        self.history: list[dict[str, object]] = []
        self.faults = Faults()
        self.requests.clear()
        self.updates.stop()
        self.updates = UpdateLog(self)

    # The documents' view

    def written(self, uri: str, name: str) -> object:
        """Return what a client has written into a property; from the factory it is empty."""
        return self.properties.get((uri, name), "")

    def record(self, resource: str, name: str, before: object, after: object, cause: str) -> None:
        """Note a change of the truth. Every change gives the resources a new ETag."""
        self.revision += 1
        self.note(resource, name, before, after, cause)

    def note(self, resource: str, name: str, before: object, after: object, cause: str) -> None:
        """Note a change of the truth that gives no resource a new ETag by itself."""
        self.history.append(
            {
                "time": self.clock.time(),
                "resource": resource,
                "property": name,
                "from": before,
                "to": after,
                "cause": cause,
            }
        )

    def write(self, uri: str, name: str, value: object) -> None:
        """Set a property that clients may write."""
        self.record(uri, name, self.written(uri, name), value, "PATCH")
        self.properties[uri, name] = value

    # The hosts' view

    def booting(self, system: str) -> None:
        """A host begins to boot."""
        if system in self.bioses:
            self.bioses[system].begin_boot()
        self.updates.host_boots(system)

    def booted(self, system: str) -> None:
        """The firmware of a host is through."""
        if system in self.bioses:
            self.bioses[system].end_boot()

    # Accounts and sessions

    @property
    def locked_out(self) -> bool:
        """Say whether too many wrong passwords have locked the account."""
        limit = self.settings.auth.lockout_after
        return limit is not None and self.failed_in_a_row >= limit

    def login(self, username: object, password: object) -> bool:
        """Check a password, counting the wrong ones. A locked account refuses the right password too."""
        if self.locked_out:
            return False
        if (username, password) == (self.settings.username, self.settings.password):
            self.failed_in_a_row = 0
            return True
        self.failed_logins += 1
        self.failed_in_a_row += 1
        return False

    def open_session(self) -> Session | None:
        """Return a new session, or None when the table is full."""
        if len(self.sessions) >= self.settings.auth.sessions:
            return None
        self.session_count += 1
        session = Session(
            self.profile.session_id(self.session_count, self.settings.username),
            secrets.token_hex(16),
            self.settings.username,
        )
        self.sessions[session.token] = session
        return session

    def close_session(self, session: Session) -> None:
        """Log a session out."""
        del self.sessions[session.token]

    def reset_manager(self, reset_type: str) -> None:
        """Restart the BMC itself: its sessions are gone. Its absence from the network is the endpoint's work."""
        self.record(self.profile.manager_uri, "Resets", self.manager_resets, self.manager_resets + 1, reset_type)
        self.manager_resets += 1
        self.manager_reset_at = max(self.clock.time(), self.manager_reset_at + 1)
        self.sessions.clear()
        self.configuration.apply_pending()
        self.updates.manager_restarts()

    def restart(self, cause: str) -> None:
        """Restart the BMC, as it does by itself."""
        self.reset_manager(cause)
        self.on_restart()

    def be_another(self) -> None:
        """Be another machine at the same address from now on."""
        self.identity = Identity.of(f"another {self.spec.name}")
        self.revision += 1

    def reset_other_manager(self, uri: str, reset_type: str) -> None:
        """Restart a manager beside the BMC, which alone is away for a while."""
        resets = self.other_resets.setdefault(uri, [])
        self.record(uri, "Resets", len(resets), len(resets) + 1, reset_type)
        resets.append(max(self.clock.time(), self.reset_at(uri) + 1))
        self.updates.other_manager_restarts(uri)

    def reset_at(self, uri: str) -> float:
        """Return when a manager restarted last, in seconds since the epoch; one that never did, as the BMC."""
        return (self.other_resets.get(uri) or [self.manager_reset_at])[-1]

    def is_away(self, uri: str) -> bool:
        """Say whether a manager beside the BMC is restarting."""
        return uri in self.other_resets and self.clock.time() < self.reset_at(uri) + self.settings.timing.manager_reset

    # The test's view

    def truth(self) -> dict[str, object]:
        """Return the state as the control API shows it."""
        return {
            "systems": {
                name: {"power_state": host.power_state, "boots": host.boots, "nmis": host.nmis}
                for name, host in self.hosts.items()
            },
            "chassis": {name: {"power_state": slot.power_state} for name, slot in self.slots.items()},
            "bios": {name: state.truth() for name, state in self.bioses.items()},
            "manager": {"resets": self.manager_resets},
            "other_managers": {uri: {"resets": len(resets)} for uri, resets in self.other_resets.items()},
            "sessions": len(self.sessions),
            "failed_logins": self.failed_logins,
            "locked_out": self.locked_out,
            "updates": [update.told() for update in self.updates.updates],
            **self.hardware.truth(),
            "configuration": self.configuration.truth(),
        }

    def set_truth(self, changes: Mapping[str, object]) -> None:
        """Set state and settings as a control request has them: all of it, or nothing with InvalidInput."""
        known = {"systems", "chassis", "identity", "bios", "configuration", *KEYS, *CHECKS}
        require_known_keys(changes, known, "state")
        settings = change(self.settings, {key: value for key, value in changes.items() if key in CHECKS}, "state")
        switched = [
            *_power_states(changes.get("systems", {}), self.hosts, "systems"),
            *_power_states(changes.get("chassis", {}), self.slots, "chassis"),
        ]
        identity = self._changed_identity(changes["identity"]) if "identity" in changes else self.identity
        planned = [*self.hardware.plan(changes), *self.configuration.plan(changes.get("configuration", {}))]
        named = mapping(changes.get("bios", {}), "bios")
        require_known_keys(named, self.bioses, "bios")
        for name, given in named.items():
            self.bioses[name].set_truth(given, f"bios.{name}")
        self.settings, self.identity = settings, identity
        for host, power_state in switched:
            host.set_power(power_state, "control")
        for step in planned:
            step()
        if not changes.keys() <= {"configuration", *KEYS}:
            # A changed document must not keep its ETag.
            self.revision += 1

    def _changed_identity(self, value: object) -> Identity:
        """Return the identity of another machine behind the same address. Raise InvalidInput."""
        given = mapping(value, "identity")
        known = {name: getattr(self.identity, name) for name in Identity.__slots__}
        require_known_keys(given, known, "identity")
        if not given:
            raise InvalidInput("identity: name at least one of " + ", ".join(known))
        changed = Identity(**known | {key: text(item, f"identity.{key}") for key, item in given.items()})
        try:
            uuid.UUID(changed.uuid)
        except ValueError as error:
            raise InvalidInput(f"identity.uuid: {error}") from error
        return changed


def _power_states(value: object, powered: Mapping[str, Host], where: str) -> list[tuple[Host, str]]:
    """Return what to switch and to which power state, from {"1": {"power_state": "Off"}}. Raise InvalidInput."""
    named = mapping(value, where)
    require_known_keys(named, powered, where)
    states = []
    for name, given in named.items():
        wanted = mapping(given, f"{where}.{name}")
        require_known_keys(wanted, {"power_state"}, f"{where}.{name}")
        power_state = choice(wanted.get("power_state"), ("On", "Off"), f"{where}.{name}.power_state")
        states.append((powered[name], power_state))
    return states
