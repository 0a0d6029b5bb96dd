# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated fleet driven by sushy, OpenStack's Redfish library: it finds, reads and resets what the profile has.

What sushy says is compared with the profile, what it did with the simulator's truth. Where the profile writes the
values of a reset into an ActionInfo, sushy reads them for systems only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sushy
from sushy import auth, exceptions

from tests.integration.clients import FOREIGN_VARIABLES, QUICK, has_systems, layout, one_of_each_dialect, resets
from tests.integration.conftest import StartFleet
from tests.integration.fleet import PASSWORD, USERNAME, Fleet
from tests.simulator.profile import profile_names

PROFILES = profile_names()
SAMPLE = one_of_each_dialect(PROFILES)
# sushy refuses to read an UpdateService without Actions. OpenBMC, NVIDIA's on top of it and Supermicro's X10 have none,
# or only the maker's own.
WITHOUT_UPDATE_ACTIONS = (
    "nvidia_gb200",
    "nvidia_gh200",
    "openbmc",
    "supermicro_gb300",
    "supermicro_x10",
)
# Its BIOS is a resource without attributes, as recorded.
WITHOUT_BIOS_ATTRIBUTES = ("openbmc",)
KNOWN = {value.value for value in sushy.ResetType}

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    """One BMC of each profile. None ends an idle connection, as iLO does: sushy opens one for each request anyway."""
    return start_fleet([{"name": profile, "profile": profile, "timing": QUICK} for profile in PROFILES])


@pytest.fixture(autouse=True)
def no_foreign_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library requests listens to nothing but the test."""
    for name in FOREIGN_VARIABLES:
        monkeypatch.delenv(name, raising=False)


@contextmanager
def connected(fleet: Fleet, profile: str, login: type[auth.AuthBase]) -> Iterator[Any]:
    """The service root of a BMC, logged in; logged out at the end."""
    with login(USERNAME, PASSWORD) as credentials:
        address = f"https://{fleet.addresses[profile]}"
        yield sushy.Sushy(address, auth=credentials, verify=False, server_side_retries=0)


def allowed(profile: str, action: str) -> dict[str, set[str]]:
    """The values of an action that sushy knows, by the URI of the resource."""
    return {uri: KNOWN & set(reset.allowed) for uri, reset in resets(profile, action).items()}


@pytest.mark.parametrize("profile", SAMPLE)
def test_a_session_is_opened_and_closed(profile: str, fleet: Fleet) -> None:
    with connected(fleet, profile, auth.SessionAuth) as root:
        assert fleet.simulator.state(profile)["sessions"] == 1
        [session] = root.get_session_service().sessions.get_members()
        assert session.username == USERNAME
    assert fleet.simulator.state(profile)["sessions"] == 0


@pytest.mark.parametrize("profile", SAMPLE)
def test_a_wrong_password_is_refused(profile: str, fleet: Fleet) -> None:
    with pytest.raises(exceptions.AccessError):
        sushy.Sushy(f"https://{fleet.addresses[profile]}", auth=auth.SessionAuth(USERNAME, "wrong"), verify=False)
    assert fleet.simulator.state(profile)["failed_logins"] == 1


@pytest.mark.parametrize("profile", one_of_each_dialect(filter(has_systems, profile_names())))
def test_systems_are_powered(profile: str, fleet: Fleet) -> None:
    expected = allowed(profile, "ComputerSystem.Reset")
    found = {}
    with connected(fleet, profile, auth.BasicAuth) as root:
        for system in root.get_system_collection().get_members():
            before = fleet.boots(profile)
            try:
                found[system.path] = {value.value for value in system.get_allowed_reset_system_values()}
            except exceptions.MissingActionError:
                continue
            assert system.power_state == sushy.PowerState.ON
            system.reset_system(sushy.ResetType.FORCE_OFF)
            fleet.await_power(profile, system.identity, "Off")
            system.refresh(force=True)
            assert system.power_state == sushy.PowerState.OFF
            system.reset_system(sushy.ResetType.ON)
            fleet.await_power(profile, system.identity, "On")
            assert fleet.boots(profile) == before | {system.identity: before[system.identity] + 1}
    assert found == expected


@pytest.mark.parametrize(
    "profile", one_of_each_dialect(name for name in PROFILES if name not in WITHOUT_UPDATE_ACTIONS)
)
def test_firmware_is_read(profile: str, fleet: Fleet) -> None:
    with connected(fleet, profile, auth.BasicAuth) as root:
        inventory = root.get_update_service().firmware_inventory.get_members()
        assert {firmware.path for firmware in inventory} <= layout(profile).documents.keys()
        assert any(firmware.version for firmware in inventory)


@pytest.mark.parametrize("profile", WITHOUT_UPDATE_ACTIONS)
def test_an_update_service_without_actions_is_refused(profile: str, fleet: Fleet) -> None:
    with connected(fleet, profile, auth.BasicAuth) as root, pytest.raises(exceptions.MissingAttributeError):
        root.get_update_service()


@pytest.mark.parametrize("profile", SAMPLE)
def test_bios_is_read(profile: str, fleet: Fleet) -> None:
    with connected(fleet, profile, auth.BasicAuth) as root:
        systems = root.get_system_collection().get_members() if "Systems" in root.json else []
        settings = [system.bios for system in systems if "Bios" in system.json]
        assert {bios.path for bios in settings} <= layout(profile).documents.keys()
        assert all(bios.attributes for bios in settings) or profile in WITHOUT_BIOS_ATTRIBUTES


@pytest.mark.parametrize("profile", SAMPLE)
def test_a_manager_is_reset(profile: str, fleet: Fleet) -> None:
    expected = allowed(profile, "Manager.Reset")
    uri, values = next(iter(expected.items()))
    before = fleet.simulator.state(profile)["manager"]["resets"]
    with connected(fleet, profile, auth.BasicAuth) as root:
        manager = root.get_manager(uri)
        value = sushy.ResetType(min(values))
        assert value in manager.get_allowed_reset_manager_values()
        manager.reset_manager(value)
    assert fleet.simulator.state(profile)["manager"]["resets"] == before + 1
    assert fleet.simulator.history(profile)[-1]["cause"] == value.value
