# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet file: which BMCs there are, where they listen, and how each is set."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from .profile import Profile, load_profile
from .settings import CHECKS, InvalidInput, Settings, change, choice, mapping, require_known_keys, text, whole

DEFAULT_PORT = 8443
LOOPBACK = ipaddress.IPv4Network("127.0.0.0/8")
ENTRY_KEYS = {"name", "profile", "address", "port", "count", "nodes", "power"} | set(CHECKS)


@dataclass(frozen=True, slots=True)
class BmcSpec:
    """One simulated BMC as the fleet file declares it: where it is, what it is, and its state at the start."""

    name: str
    profile: Profile
    address: str
    port: int
    nodes: int
    power: str
    settings: Settings


def read(path: Path) -> list[BmcSpec]:
    """Return the BMCs of a fleet file (YAML, of which JSON is a part). Raise InvalidInput when it cannot be meant."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise InvalidInput(f"{path} is neither YAML nor JSON: {error}") from error
    return expand(mapping(content, str(path)))


def expand(fleet: Mapping[str, object]) -> list[BmcSpec]:
    """Return the BMCs of a parsed fleet file, groups with a `count` spelled out. Raise InvalidInput."""
    require_known_keys(fleet, {"port", "defaults", "bmcs"}, "fleet")
    defaults = mapping(fleet.get("defaults", {}), "defaults")
    require_known_keys(defaults, ENTRY_KEYS, "defaults")
    entries = fleet.get("bmcs")
    if not isinstance(entries, list) or not entries:
        raise InvalidInput("fleet: bmcs must be a list of at least one BMC")
    port = whole(fleet.get("port", DEFAULT_PORT), 1, "port")
    specs = [spec for entry in entries for spec in _group(mapping(entry, "bmcs"), defaults, port)]
    _require_distinct([spec.name for spec in specs], "name")
    _require_distinct([f"{spec.address}:{spec.port}" for spec in specs], "address")
    return specs


def _group(entry: Mapping[str, object], defaults: Mapping[str, object], port: int) -> Iterator[BmcSpec]:
    """Yield the BMCs of one entry. They share one profile and one Settings."""
    where = f"bmc {entry.get('name', '?')}"
    require_known_keys(entry, ENTRY_KEYS, where)
    merged = {**defaults, **entry}
    profile = load_profile(text(merged.get("profile"), f"{where}: profile"))
    settings = change(Settings(), profile.defaults, f"profile {profile.name}")
    for layer in (defaults, entry):
        settings = change(settings, {key: value for key, value in layer.items() if key in CHECKS}, where)
    nodes = whole(merged.get("nodes", profile.node_counts[0]), 1, f"{where}: nodes")
    if nodes not in profile.node_counts:
        raise InvalidInput(f"{where}: nodes of {profile.name} must be one of {profile.node_counts}, not {nodes}")
    address = _loopback(merged.get("address"), where)
    name = text(merged.get("name"), f"{where}: name")
    for index in range(whole(merged.get("count", 1), 1, f"{where}: count")):
        yield BmcSpec(
            name=_numbered(name, index),
            profile=profile,
            address=str(_loopback(str(address + index), where)),
            port=whole(merged.get("port", port), 1, f"{where}: port"),
            nodes=nodes,
            power=choice(merged.get("power", "On"), ("On", "Off"), f"{where}: power"),
            settings=settings,
        )


def _numbered(name: str, index: int) -> str:
    try:
        return name.format(index)
    except (ValueError, KeyError, IndexError) as error:
        raise InvalidInput(f"bmc {name}: the name is no format of one number: {error!r}") from error


def _loopback(value: object, where: str) -> ipaddress.IPv4Address:
    """Return an address that only this machine can reach: a simulated BMC must never be offered to a network."""
    try:
        address = ipaddress.IPv4Address(text(value, f"{where}: address"))
    except ipaddress.AddressValueError as error:
        raise InvalidInput(f"{where}: address: {error}") from error
    if address not in LOOPBACK:
        raise InvalidInput(f"{where}: address {address} is not in {LOOPBACK}")
    return address


def _require_distinct(values: list[str], what: str) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise InvalidInput(f"fleet: two BMCs have the {what} {value}")
        seen.add(value)
