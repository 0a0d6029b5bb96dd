# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fleet file, or a test through the control API, may set for one BMC.

One table of checks serves both, so that a misspelled key is refused in both with the same words.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

GRACEFUL = ("honoured", "ignored")
BIOS_REGISTRY = ("plain", "packed", "missing")
IF_MATCH = ("optional", "demanded", "weak_refused", "star_only", "refused")


class InvalidInput(ValueError):
    """A fleet file or a control request that cannot be meant; the text says which key, and what it may be."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things take, in seconds, from the accepted request until they show.

    `rest` is how long power stays off at least, where the profile refuses an earlier On; `flash` how long an image is
    written that has arrived; `download` how long a BMC waits for an image to come before it gives up, 0: for ever.
    """

    on: float = 0.3
    graceful: float = 0.3
    force: float = 0.1
    restart: float = 0.3
    post: float = 0.3
    rest: float = 0.0
    manager_reset: float = 1.0
    flash: float = 0.3
    download: float = 0.0


@dataclass(frozen=True, slots=True)
class Auth:
    """Login rules: wrong passwords until the account is locked (None: never), and the size of the session table."""

    lockout_after: int | None = None
    sessions: int = 16


@dataclass(frozen=True, slots=True)
class Settings:
    """Declared behaviour of one BMC. Immutable and shared between the BMCs of a group: replaced, never changed.

    `if_match` rules a PATCH: "optional" takes the right ETag or none; "demanded" answers 428 without one;
    "weak_refused" demands it in its strong form; "star_only" takes only `*`; "refused" takes none at all.
    `idle_limit` is the age in seconds at which an idle connection is reset when it is used again.
    `drops` are names of properties that a PATCH of the configuration takes and does not keep.
    `largest_image` is what MaxImageSizeBytes says instead, where there is one.
    `remove_simple_update`: there is no SimpleUpdate, whatever else the update service has.
    """

    username: str = "admin"
    password: str = "secret"
    timing: Timing = Timing()
    auth: Auth = Auth()
    graceful: str = "honoured"
    if_match: str = "optional"
    refuses_if_match_on_action: bool = False
    idle_limit: float | None = None
    session_required: bool = False
    reset_types: tuple[str, ...] | None = None
    bios_refuses: tuple[str, ...] = ()
    bios_registry: str = "plain"
    bios_licensed: bool = True
    lockdown: bool = False
    remove_reset: bool = False
    drops: tuple[str, ...] = ()
    largest_image: int | None = None
    remove_simple_update: bool = False


def change(settings: Settings, changes: Mapping[str, object], where: str) -> Settings:
    """Return `settings` with `changes` checked and applied. Raise InvalidInput that names `where` and the key."""
    require_known_keys(changes, CHECKS, where)
    values = {key: CHECKS[key](getattr(settings, key), value, f"{where}: {key}") for key, value in changes.items()}
    return dataclasses.replace(settings, **values)  # type: ignore[arg-type]


def require_known_keys(given: Mapping[str, object], known: Mapping[str, object] | set[str], where: str) -> None:
    """Raise InvalidInput when `given` has a key that is not in `known`."""
    unknown = sorted(str(key) for key in given if key not in known)
    if unknown:
        raise InvalidInput(f"{where}: unknown key {', '.join(unknown)}; known are {', '.join(sorted(known))}")


def mapping(value: object, where: str) -> Mapping[str, object]:
    """Return `value` when it is a mapping, else raise InvalidInput."""
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{where} must be a mapping, not {value!r}")
    return value


def text(value: object, where: str) -> str:
    """Return `value` when it is a string that is not empty, else raise InvalidInput."""
    if not isinstance(value, str) or not value:
        raise InvalidInput(f"{where} must be a text, not {value!r}")
    return value


def choice(value: object, allowed: tuple[str, ...], where: str) -> str:
    """Return `value` when it is one of `allowed`, else raise InvalidInput. YAML reads a bare On or Off as a boolean."""
    if isinstance(value, bool):
        value = "On" if value else "Off"
    if value not in allowed:
        raise InvalidInput(f"{where} must be one of {', '.join(allowed)}, not {value!r}")
    return str(value)


def whole(value: object, least: int, where: str) -> int:
    """Return `value` when it is an integer of at least `least`, else raise InvalidInput."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InvalidInput(f"{where} must be a whole number of at least {least}, not {value!r}")
    return value


def seconds(value: object, where: str) -> float:
    """Return `value` as seconds when it is a number of at least zero, else raise InvalidInput."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise InvalidInput(f"{where} must be seconds (a number of at least 0), not {value!r}")
    return float(value)


def flag(value: object, where: str) -> bool:
    """Return `value` when it is a boolean, else raise InvalidInput."""
    if not isinstance(value, bool):
        raise InvalidInput(f"{where} must be true or false, not {value!r}")
    return value


def texts(value: object, where: str) -> tuple[str, ...]:
    """Return `value` when it is a list of strings, else raise InvalidInput."""
    if not isinstance(value, (list, tuple)):
        raise InvalidInput(f"{where} must be a list, not {value!r}")
    return tuple(text(item, where) for item in value)


def _timing(current: object, value: object, where: str) -> Timing:
    assert isinstance(current, Timing)
    # YAML 1.1 reads a bare "on:" as true.
    given = {"on" if str(key) == "True" else key: item for key, item in mapping(value, where).items()}
    require_known_keys(given, {field.name for field in dataclasses.fields(Timing)}, where)
    return dataclasses.replace(current, **{key: seconds(item, f"{where}.{key}") for key, item in given.items()})


def _auth(current: object, value: object, where: str) -> Auth:
    assert isinstance(current, Auth)
    given = mapping(value, where)
    require_known_keys(given, {"lockout_after", "sessions"}, where)
    limit, table = given.get("lockout_after", current.lockout_after), given.get("sessions", current.sessions)
    return Auth(
        lockout_after=None if limit is None else whole(limit, 1, f"{where}.lockout_after"),
        sessions=whole(table, 0, f"{where}.sessions"),
    )


CHECKS: dict[str, Callable[[object, object, str], object]] = {
    "username": lambda current, value, where: text(value, where),
    "password": lambda current, value, where: text(value, where),
    "timing": _timing,
    "auth": _auth,
    "graceful": lambda current, value, where: choice(value, GRACEFUL, where),
    "if_match": lambda current, value, where: choice(value, IF_MATCH, where),
    "refuses_if_match_on_action": lambda current, value, where: flag(value, where),
    "idle_limit": lambda current, value, where: None if value is None else seconds(value, where),
    "session_required": lambda current, value, where: flag(value, where),
    "reset_types": lambda current, value, where: None if value is None else texts(value, where),
    "bios_refuses": lambda current, value, where: texts(value, where),
    "bios_registry": lambda current, value, where: choice(value, BIOS_REGISTRY, where),
    "bios_licensed": lambda current, value, where: flag(value, where),
    "lockdown": lambda current, value, where: flag(value, where),
    "remove_reset": lambda current, value, where: flag(value, where),
    "drops": lambda current, value, where: texts(value, where),
    "largest_image": lambda current, value, where: None if value is None else whole(value, 1, where),
    "remove_simple_update": lambda current, value, where: flag(value, where),
}
