# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings, disturbed at any request: the result says what the BMC holds, and a second run ends as any other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    BadAnswer,
    BmcError,
    CutOff,
    LoginRefused,
    MayHaveHappened,
    RefusedByBmc,
    Unreachable,
)
from tests.integration.settings_cases import asked
from tests.simulator.profile import profile_names
from tests.simulator.public_keys import public_key

from .simulated_settings import Box, Fault, states

# Of each way to keep settings one: members, slots, one text, DHCP's switches, attributes, resources of its own.
SHARE = ("cray_ex_nc", "dell_idrac10", "hpe_ilo6", "lenovo_xcc", "openbmc", "supermicro_x13")
each_profile = pytest.mark.parametrize(
    "profile", [pytest.param(name, marks=() if name in SHARE else pytest.mark.soak) for name in profile_names()]
)
READING = (
    RefusedByBmc("it failed", status=500),
    BadAnswer("it was not answered in JSON"),
    CutOff("the answer was cut off"),
    Unreachable("no answer"),
    LoginRefused("the login was refused", status=401),
)
WRITING = (
    RefusedByBmc("it was refused", status=400),
    LoginRefused("it is forbidden", status=403),
    LoginRefused("the login was refused", status=401),
    MayHaveHappened("no answer"),
)
# Done, and not told so.
DONE = (MayHaveHappened("no answer"), RefusedByBmc("it failed", status=500))


class Killed(BaseException):
    """The task's process ended."""


def options(profile: str) -> dict[str, Any]:
    """Everything, with a key that takes the place of another."""
    keys = [{"account": "admin", "keys": [public_key("new")], "exclusive": True}]
    return asked(profile) | {"allow_lockout": True, "ssh_keys": [*asked(profile)["ssh_keys"][:2], *keys]}


def before(profile: str) -> Box:
    """A BMC whose admin has a key already."""
    box = Box.of(profile)
    box.run(ssh_keys=[{"account": "admin", "keys": [public_key("old")]}], unsupported="ignore")
    box.client.asked.clear()
    box.client.writes.clear()
    return box


def held(box: Box) -> tuple[str, list[str]]:
    """What the BMC holds, but for the names of members that clients made."""
    truth = json.loads(json.dumps(box.simulated.configuration.truth()))
    members = [{**member, "@odata.id": "", "Id": ""} for member in truth["members"].values()]
    return json.dumps(truth["written"], sort_keys=True), sorted(
        json.dumps(member, sort_keys=True) for member in members
    )


def alone(profile: str) -> Box:
    """A BMC that nobody disturbed."""
    box = before(profile)
    done = box.run(**options(profile))
    assert done.error is None, str(done.error)
    return box


def faults(methods: list[str]) -> Iterator[Fault]:
    """For each read one of the errors in turn, for each write all."""
    for number, method in enumerate(methods, 1):
        if method == "GET":
            yield Fault(number, READING[number % len(READING)])
            continue
        yield from (Fault(number, error) for error in WRITING)
        yield from (Fault(number, error, after=True) for error in DONE)


@each_profile
def test_killed_at_any_request_and_run_again_it_ends_as_an_unkilled_run(profile: str) -> None:
    expected = alone(profile)
    for number, method in enumerate(expected.client.asked, 1):
        for after in (False, True) if method != "GET" else (False,):
            box = before(profile)
            box.client.fault = Fault(number, Killed(), after)
            with pytest.raises(Killed):
                box.run(**options(profile))
            again = box.run(**options(profile))
            assert again.error is None, (number, method, after)
            assert held(box) == held(expected), (number, method, after)


@each_profile
def test_whatever_fails_the_result_is_what_the_bmc_holds(profile: str) -> None:
    expected = alone(profile)
    for fault in faults(expected.client.asked):
        box = before(profile)
        untouched = held(box)
        box.client.fault = fault
        try:
            result = box.run(**options(profile))
        except BmcError:
            assert held(box) == untouched, fault
            continue
        assert result.changed == (held(box) != untouched), fault
        assert result.error is not None or held(box) == held(expected), fault
        now = {setting.name: setting.before for setting in box.run(check_mode=True, **options(profile)).settings}
        told = {setting.name: setting.after for setting in result.settings if setting.after is not None}
        assert told == {name: now[name] for name in told}, fault
        assert box.run(**options(profile)).error is None, fault
        assert held(box) == held(expected), fault


def test_half_of_a_setting_that_was_written_is_a_change() -> None:
    box = Box.of("hpe_ilo5")
    box.client.refuses = "PATCH /redfish/v1/Managers/1/DateTime"
    result = box.run(ntp={"servers": ["10.0.0.1"]})
    (setting,) = result.settings
    assert (setting.state, setting.before, setting.after) == ("failed", (), ())
    assert setting.besides == {f"Oem.Hpe.{version}.UseNTPServers": (True, False) for version in ("DHCPv4", "DHCPv6")}
    assert result.changed


def test_what_locks_the_bmc_waits_for_what_failed() -> None:
    box = Box.of("supermicro_x13")
    box.client.refuses = "PATCH /redfish/v1/Managers/1/EthernetInterfaces"
    result = box.run(oem={"SysLockdownEnabled": True}, hostname="bmc1")
    assert states(result) == {"hostname": "failed", "oem.SysLockdownEnabled": "unchanged"}
    box.client.refuses = ""
    assert box.run(oem={"SysLockdownEnabled": True}, hostname="bmc1").error is None
