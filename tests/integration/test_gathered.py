# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every profile: what bmc_info gathers is what is truly in the machine, and a look at a known BMC sees what changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.clock import SystemClock
from ansible_collections.openchami.bmc.plugins.module_utils._entry.bmc_info import ARGUMENT_SPEC
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import settings, validated
from ansible_collections.openchami.bmc.plugins.module_utils._operations import watch
from ansible_collections.openchami.bmc.plugins.module_utils._operations.connect import connect
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.crawl import drive
from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.simulator.profile import profile_names
from tests.trees.archives import one_form
from tests.trees.tasks import info, login

each_profile = pytest.mark.parametrize("name", profile_names())
Truth = dict[str, Any]
Change = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    return start_fleet([{"name": name, "profile": name} for name in profile_names()])


@pytest.fixture(autouse=True)
def untouched(fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENCHAMI_BMC_STATE_DIR", str(tmp_path / "state"))
    fleet.simulator.reset()


def look(fleet: Fleet, name: str, before: dict[str, str], folder: Path) -> dict[str, str]:
    """A look at a BMC, over its own connection."""
    options = validated(ARGUMENT_SPEC, login(fleet.addresses[name]))
    with connect(settings(options, folder), SystemClock()) as bmc:
        return drive(watch.crawl(bmc.service.root(), bmc.origin, bmc.driver, before), bmc.client.get)


@each_profile
def test_what_is_gathered_is_what_is_there(fleet: Fleet, name: str) -> None:
    result = info(fleet.addresses[name], gather_subset=["all"])
    assert (result.get("incomplete"), result.get("warnings")) == ([], None), result
    assert fleet.methods(name) == {"GET"}
    parts = {one_form(part["uri"]): part for kind in result["hardware"].values() for part in kind}
    told = set()
    for part in fleet.simulator.state(name)["hardware"].values():
        shown = {one_form(uri) for uri in part["uris"]}
        told |= shown
        assert bool(shown & parts.keys()) == part["present"], part
        for uri in shown & parts.keys():
            assert parts[uri]["serial_number"] in (part.get("SerialNumber"), None)
    assert parts.keys() <= told
    images = fleet.simulator.state(name)["firmware"].values()
    assert {(one_form(entry["uri"]), entry["version"]) for entry in result["firmware"]} == {
        # NVIDIA ends some with blanks.
        (one_form(image["uri"]), image["version"].strip())
        for image in images
    }


def exchanged(truth: Truth, place: str, **properties: Any) -> Change | None:
    """Another part in the place of one that is there and shown at a URI with this in it."""
    fitted = (
        key
        for key, part in truth["hardware"].items()
        if part["present"] and any(place in uri for uri in part["uris"]) and properties.keys() <= part.keys()
    )
    first = next(fitted, None)
    return {"hardware": {first: properties}} if first else None


def updated(truth: Truth) -> Change | None:
    first = next(iter(truth["firmware"]), None)
    return {"firmware": {first: "9.99.99"}} if first else None


def switched_off(truth: Truth) -> Change | None:
    first = next(iter(truth["systems"]), None)
    return {"systems": {first: {"power_state": "Off"}}} if first else None


CHANGES: dict[str, Callable[[Truth], Change | None]] = {
    "a DIMM": lambda truth: exchanged(truth, "/Memory/", SerialNumber="OTHER"),
    "a MAC address": lambda truth: exchanged(truth, "/EthernetInterfaces/", MACAddress="02:00:00:00:00:01"),
    "firmware": updated,
    "power": switched_off,
}


@each_profile
def test_a_look_sees_what_changes_and_nothing_where_nothing_does(fleet: Fleet, name: str, tmp_path: Path) -> None:
    simulator = fleet.simulator
    before = look(fleet, name, {}, tmp_path)
    assert look(fleet, name, before, tmp_path) == before
    for what, change in CHANGES.items():
        wanted = change(simulator.state(name))
        if wanted is not None:
            simulator.set_state(name, **wanted)
            now = look(fleet, name, before, tmp_path)
            assert now != before, what
            before = now
    assert fleet.methods(name) == {"GET"}


@pytest.mark.parametrize("what", CHANGES)
def test_each_change_is_tried_on_most_profiles(fleet: Fleet, what: str) -> None:
    tried = [name for name in profile_names() if CHANGES[what](fleet.simulator.state(name))]
    assert len(tried) > len(profile_names()) / 2, tried
