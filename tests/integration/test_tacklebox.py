# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated fleet driven by DMTF: its Redfish library reads all there is, its Tacklebox resets as real programs.

Each script opens a session and must leave none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redfish
import redfish_utilities

from tests.integration.clients import (
    FOREIGN_VARIABLES,
    QUICK,
    has_systems,
    layout,
    one_of_each_dialect,
    resets,
    tacklebox,
)
from tests.integration.conftest import StartFleet
from tests.integration.fleet import PASSWORD, USERNAME, Fleet
from tests.simulator.profile import profile_names
from tests.trees.tasks import info

PROFILES = profile_names()
SAMPLE = one_of_each_dialect(PROFILES)

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    """One BMC of each profile. None ends an idle connection, as iLO does: the library would take it for a failure."""
    entries = [{"name": profile, "profile": profile, "timing": QUICK, "idle_limit": None} for profile in PROFILES]
    return start_fleet(entries)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The library requests listens to nothing but the test, and what was remembered elsewhere is not known."""
    monkeypatch.setenv("OPENCHAMI_BMC_STATE_DIR", str(tmp_path_factory.mktemp("state")))
    for name in FOREIGN_VARIABLES:
        monkeypatch.delenv(name, raising=False)


def links(value: Any) -> Iterator[str]:
    """Every resource that a document names, the next page of a collection, and the content of a registry file."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name in ("@odata.id", "@Redfish.ActionInfo", "Members@odata.nextLink"):
                yield str(item).partition("#")[0]
            elif name == "Location" and isinstance(item, list):
                yield from (place["Uri"] for place in item if "Uri" in place)
            else:
                yield from links(item)
    elif isinstance(value, list):
        for item in value:
            yield from links(item)


def unlinked(profile: str) -> set[str]:
    """What nothing names: some settings objects of a BIOS."""
    return {bios.settings for bios in layout(profile).bioses if not bios.points}


@pytest.mark.parametrize("profile", PROFILES)
def test_the_library_reads_the_whole_tree(profile: str, fleet: Fleet) -> None:
    client = redfish.redfish_client(f"https://{fleet.addresses[profile]}", USERNAME, PASSWORD, max_retry=0)
    client.login(auth="session")
    try:
        assert fleet.simulator.state(profile)["sessions"] == 1
        waiting, seen = ["/redfish/v1/"], set[str]()
        while waiting:
            uri = waiting.pop()
            answer = client.get(uri)
            assert (answer.status, uri) == (200, uri)
            seen.add(uri)
            waiting += set(links(answer.dict)) - seen - set(waiting)
    finally:
        client.logout()
    # The root may call itself by either form of its URI.
    assert seen >= layout(profile).documents.keys() - {"/redfish/v1"} - unlinked(profile)
    assert fleet.simulator.state(profile)["sessions"] == 0


@pytest.mark.parametrize("profile", SAMPLE)
def test_systems_are_powered(profile: str, fleet: Fleet) -> None:
    """By Tacklebox's function."""
    client = redfish.redfish_client(f"https://{fleet.addresses[profile]}", USERNAME, PASSWORD, max_retry=0)
    client.login(auth="basic")
    for uri in resets(profile, "ComputerSystem.Reset"):
        system = uri.rstrip("/").rpartition("/")[2]
        redfish_utilities.system_reset(client, system, "ForceOff")
        fleet.await_power(profile, system, "Off")
        fleet.simulator.set_state(profile, systems={system: {"power_state": "On"}})


@pytest.mark.parametrize("profile", one_of_each_dialect(filter(has_systems, profile_names())))
def test_systems_are_powered_by_the_script(profile: str, fleet: Fleet) -> None:
    address = fleet.addresses[profile]
    for uri in resets(profile, "ComputerSystem.Reset"):
        system = uri.rpartition("/")[2]
        tacklebox("rf_power_reset.py", address, "--system", system, "--type", "ForceOff")
        fleet.await_power(profile, system, "Off")
    assert fleet.simulator.state(profile)["sessions"] == 0


def test_scripts_that_read(fleet: Fleet) -> None:
    """What a script prints of one BMC; test_agreement.py has the functions behind them, for all."""
    address = fleet.addresses["dell_idrac9"]
    inventory = tacklebox("rf_sys_inventory.py", address, "--details")
    [system] = info(address)["systems"]
    assert f"Model: {system['model']}\n" in inventory
    assert f"SerialNumber: {system['serial_number']}\n" in inventory
    power = tacklebox("rf_power_reset.py", address, "--info")
    assert power.splitlines()[0] == f"Supported reset types: {', '.join(system['reset_types'])}"
    manager = tacklebox("rf_manager_config.py", address, "reset", "--info")
    assert manager == "Supported reset types: GracefulRestart\n"
    assert fleet.simulator.state("dell_idrac9")["sessions"] == 0


@pytest.mark.parametrize("profile", SAMPLE)
def test_a_manager_is_reset(profile: str, fleet: Fleet) -> None:
    """By Tacklebox's function, not its script: that would log out of a BMC that has gone, and fail."""
    uri, reset = next(iter(resets(profile, "Manager.Reset").items()))
    manager = uri.rpartition("/")[2]
    before = fleet.simulator.state(profile)["manager"]["resets"]
    client = redfish.redfish_client(f"https://{fleet.addresses[profile]}", USERNAME, PASSWORD, max_retry=0)
    client.login(auth="basic")
    _target, parameters = redfish_utilities.get_manager_reset_info(client, manager)
    assert [tuple(parameter["AllowableValues"]) for parameter in parameters] == [reset.allowed]
    redfish_utilities.manager_reset(client, manager, reset.allowed[0])
    assert fleet.simulator.state(profile)["manager"]["resets"] == before + 1
    assert fleet.simulator.history(profile)[-1]["cause"] == reset.allowed[0]
