# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""refresh: changed. Whatever truly changed on a BMC is seen, without ETags, with a part of a whole round's reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import pytest

from tests.integration.clients import chosen, one_of_each_dialect
from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.site import Listed, Site
from tests.simulator.control import SimulatorError
from tests.simulator.profile import profile_names

Change = Mapping[str, Any]
PROFILES = one_of_each_dialect(profile_names())


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet, pytestconfig: pytest.Config) -> Fleet:
    return start_fleet([{"name": name, "profile": name} for name in chosen(PROFILES, pytestconfig)])


@pytest.fixture(scope="module")
def site(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A fleet that was found before. Each test leaves it so: what changed in one, the next one knows."""
    site = Site.of(tmp_path_factory.mktemp("site"), fleet)
    assert site.listed().summary["answered"] == len(fleet.addresses)
    return site


def refreshed(site: Site) -> Listed:
    """A round of refresh: changed. The account of requests holds this round alone."""
    for name in site.fleet.addresses:
        site.fleet.simulator.clear_requests(name)
    listed = site.listed(refresh="changed")
    assert listed.summary["answered"] == len(site.fleet.addresses), listed.summary
    return listed


def reads(site: Site) -> dict[str, int]:
    return {name: len(site.fleet.simulator.requests(name)) for name in site.fleet.addresses}


def test_an_unchanged_bmc_is_only_looked_at_and_keeps_its_data(site: Site) -> None:
    for name in site.fleet.addresses:
        site.fleet.simulator.clear_requests(name)
    whole = site.listed()
    first = reads(site)
    again = refreshed(site)
    second = reads(site)
    assert all(second[name] < first[name] for name in first), (first, second)
    for name, host in again.hostvars.items():
        before = whole.hostvars[name]
        assert host["bmc_discovery"]["crawled"] == before["bmc_discovery"]["crawled"]
        assert host["bmc_discovery"]["last_seen"] > before["bmc_discovery"]["last_seen"]
        assert host["bmc_info"] == before["bmc_info"]
        assert host["bmc_discovery"]["changed"] == []
    print({name: f"{second[name]} of {first[name]}" for name in first})


def dimm(state: Change) -> Change | None:
    return _part(state, ("memory",), "SerialNumber")


def mac(state: Change) -> Change | None:
    return _part(state, ("ethernet_interfaces", "network_adapters"), "MACAddress")


def firmware(state: Change) -> Change | None:
    versions = state["firmware"]
    return {"firmware": {next(iter(versions)): "99.99.99"}} if versions else None


def power(state: Change) -> Change | None:
    return {"systems": {name: {"power_state": "Off"} for name in state["systems"]}} if state["systems"] else None


def setting(_state: Change) -> Change | None:
    return {"network_protocol": {"SSH": {"Port": 2222}}}


def _part(state: Change, kinds: tuple[str, ...], key: str) -> Change | None:
    parts = [
        name
        for name, part in state["hardware"].items()
        if part["kind"] in kinds and part["present"] and part["uris"] and key in part
    ]
    value = "02:00:00:00:00:99" if key == "MACAddress" else "SWAPPED"
    return {"hardware": {parts[0]: {key: value}}} if parts else None


@pytest.mark.parametrize("change", [dimm, mac, firmware, power, setting], ids=lambda change: change.__name__)
def test_what_truly_changed_is_seen(site: Site, change: Callable[[Change], Change | None]) -> None:
    changed: dict[str, str] = {}
    for name in site.fleet.addresses:
        wanted = change(site.fleet.simulator.state(name))
        # Not every dialect shows everything: what it has not, the simulator refuses to change.
        with suppress(SimulatorError):
            site.fleet.simulator.set_state(name, **(wanted or {}))
            changed |= {name: site.fleet.addresses[name]} if wanted else {}
    assert len(changed) >= len(site.fleet.addresses) / 2
    again = refreshed(site)
    for name, address in changed.items():
        story = again.bmc(address)["bmc_discovery"]
        assert story["changed"] or story["changed_resources"], name
    for name, address in site.fleet.addresses.items():
        if name not in changed:
            assert again.bmc(address)["bmc_discovery"]["changed_resources"] == [], name


@pytest.mark.soak
def test_a_bmc_is_read_whole_again_in_time(site: Site) -> None:
    before = refreshed(site)
    again = site.listed(refresh="changed", full_after=0)
    assert again.hostvars.keys() == before.hostvars.keys()
    for name, host in again.hostvars.items():
        assert host["bmc_discovery"]["crawled"] > before.hostvars[name]["bmc_discovery"]["crawled"]


@pytest.mark.soak
def test_what_is_wanted_besides_is_read_although_nothing_changed(site: Site) -> None:
    small = site.listed(gather_subset=[])
    assert all(host["bmc_firmware"] == [] for host in small.hostvars.values())
    again = refreshed(site)
    address = site.fleet.addresses["hpe_ilo5"]
    assert {entry["version"] for entry in again.bmc(address)["bmc_firmware"]} >= {
        image["version"] for image in site.fleet.simulator.state("hpe_ilo5")["firmware"].values()
    }
