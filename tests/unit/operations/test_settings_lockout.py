# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings: nobody is locked out by one, also on the way to it, and what locks the BMC comes last."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest
from tests.simulator.public_keys import public_key

from .simulated_settings import Box, states

KEY, OTHER = public_key("one", "one@site"), public_key("other")


@pytest.mark.parametrize(
    ("profile", "asked", "reason"),
    [
        ("hpe_ilo5", {"protocols": {"https": False}}, "protocols.https is what this conversation speaks"),
        ("hpe_ilo5", {"protocols": {"ssh": False}}, "protocols.ssh is the last way"),
        (
            "dell_idrac9",
            {"protocols": {"ssh": False, "ipmi": False}},
            "protocols.ssh and protocols.ipmi is the last way",
        ),
        ("cray_ex_nc", {"ssh_keys": [{"service": "admin", "keys": [], "exclusive": True}]}, "would hold no key"),
        ("cray_ex_nc", {"ssh_keys": [{"service": "console", "keys": [KEY], "exclusive": True}]}, "ConMan may use"),
        ("openbmc", {"hostname": "other", "bmc_fingerprint": "SHA256:00"}, "the certificate is pinned"),
        *(
            ("dell_idrac9", asked, reason)
            for asked, reason in (
                ({"oem": {"WebServer.1.Enable": "Disabled"}}, "WebServer.1.Enable is what this conversation speaks"),
                ({"oem": {"WebServer.1.HttpsPort": 8443}}, "HttpsPort is how the BMC is reached"),
                ({"oem": {"SSH.1.Enable": False, "IPMILan.1.Enable": "Disabled"}}, "IPMILan.1.Enable is the last way"),
                (
                    {"protocols": {"ssh": False}, "oem": {"IPMILan.1.Enable": "Disabled"}},
                    "oem.IPMILan.1.Enable and protocols.ssh is the last way",
                ),
                (
                    {"oem": {"NIC.1.DNSRacName": "other"}, "bmc_fingerprint": "SHA256:00"},
                    "a new oem.NIC.1.DNSRacName",
                ),
                (
                    {"oem": {"NICStatic.1.DNSDomainName": "site"}, "bmc_fingerprint": "SHA256:00"},
                    "a new oem.NICStatic.1.DNSDomainName",
                ),
            )
        ),
    ],
)
def test_a_lockout_is_refused_and_can_be_meant(profile: str, asked: dict[str, Any], reason: str) -> None:
    box = Box.of(profile)
    with pytest.raises(InvalidRequest, match=reason):
        box.run(**asked)
    with pytest.raises(InvalidRequest, match=reason):
        box.run(check_mode=True, **asked)
    assert box.client.writes == []
    assert box.run(**asked, allow_lockout=True).changed


@pytest.mark.parametrize(
    ("profile", "asked"),
    [
        ("openbmc", {"hostname": "other"}),
        ("openbmc", {"dns": {"servers": ["10.0.0.1"]}}),
        ("dell_idrac9", {"oem": {"NIC.1.DNSRacName": "other"}}),
        ("dell_idrac9", {"oem": {"IPv4Static.1.DNS1": "10.0.0.1"}}),
        ("dell_idrac9", {"oem": {"IPv6Static.1.DNSFromDHCP6": "Disabled"}}),
    ],
)
def test_a_bmc_reached_by_name_keeps_what_its_name_depends_on(profile: str, asked: dict[str, Any]) -> None:
    box = Box.of(profile)
    box.host = "bmc1.site"
    with pytest.raises(InvalidRequest, match=r"reached by the name bmc1\.site"):
        box.run(**asked)
    assert box.run(**asked, allow_lockout=True).changed


def test_one_of_two_ways_to_the_console_may_go() -> None:
    assert Box.of("dell_idrac9").run(protocols={"ipmi": False}).changed
    assert Box.of("dell_idrac9").run(oem={"IPMILan.1.Enable": "Disabled"}).changed


def test_lockdown_is_said_plainly_and_lifted_only_alone() -> None:
    box = Box.of("dell_idrac9")
    lockdown = "Lockdown.1.SystemLockdown"
    assert box.run(oem={lockdown: True}).changed
    box.client.writes.clear()
    with pytest.raises(InvalidRequest, match=f"locked down.*{lockdown}"):
        box.run(ntp={"servers": ["a"]})
    with pytest.raises(InvalidRequest, match="locked down"):
        box.run(ntp={"servers": ["a"]}, oem={lockdown: "Disabled"})
    assert box.client.writes == []
    assert box.run(oem={lockdown: "Disabled"}).changed
    assert box.run(ntp={"servers": ["a"]}).changed


@pytest.mark.parametrize(
    ("word", "locked"),
    [("Disabled", False), ("no", False), (0, False), (False, False), ("Enabled", True), ("yes", True), (True, True)],
)
def test_a_lockdown_goes_the_way_that_the_word_says(word: object, locked: bool) -> None:
    box = Box.of("supermicro_x13")
    box.run(oem={"SysLockdownEnabled": not locked})
    box.client.writes.clear()
    assert box.run(oem={"SysLockdownEnabled": word}).changed
    assert [write.body for write in box.client.writes] == [{"SysLockdownEnabled": locked}]
    assert not box.run(oem={"SysLockdownEnabled": word}).changed


def test_a_lockdown_by_a_word_that_says_nothing_is_refused() -> None:
    box = Box.of("supermicro_x13")
    with pytest.raises(InvalidRequest, match=r"SysLockdownEnabled.*can be on or off, not 'lifted'"):
        box.run(oem={"SysLockdownEnabled": "lifted"})
    assert box.client.writes == []


@pytest.mark.parametrize(
    ("profile", "lockdown", "word"),
    [
        ("supermicro_x13", "SysLockdownEnabled", True),
        ("dell_idrac9", "Lockdown.1.SystemLockdown", "Enabled"),
    ],
)
def test_what_locks_the_bmc_is_written_last(profile: str, lockdown: str, word: object) -> None:
    box = Box.of(profile)
    asked: dict[str, Any] = {
        "oem": {lockdown: word},
        "hostname": "bmc1",
        "ntp": {"servers": ["10.0.0.1"]},
        "protocols": {"kvm": False},
    }
    done = box.run(**asked)
    assert done.error is None
    assert set(states(done).values()) == {"changed"}
    assert lockdown in str(box.client.writes[-1].body)
    assert box.run(**asked).plan == []


def test_what_ends_the_conversation_is_written_last_and_not_read_back() -> None:
    box = Box.of("dell_idrac9")
    oem = {"WebServer.1.Enable": "Disabled", "SysLog.1.PowerLogInterval": 7}
    done = box.run(oem=oem, protocols={"kvm": False}, allow_lockout=True)
    assert [write.body for write in box.client.writes] == [
        {"Attributes": {"SysLog.1.PowerLogInterval": 7}},
        {"KVMIP": {"ProtocolEnabled": False}},
        {"Attributes": {"WebServer.1.Enable": "Disabled"}},
    ]
    assert {setting.note for setting in done.settings} == {"not read back: what was set ends this conversation"}


def keys_of_admin(*names: str, exclusive: bool = True) -> dict[str, Any]:
    return {"ssh_keys": [{"account": "admin", "keys": list(names), "exclusive": exclusive}]}


@pytest.mark.parametrize("profile", ["lenovo_xcc", "lenovo_xcc3", "hpe_ilo6", "dell_idrac10"])
def test_keys_of_an_account(profile: str) -> None:
    box = Box.of(profile)
    assert box.run(**keys_of_admin(KEY)).changed
    renamed = " ".join([*KEY.split()[:2], "another comment"])
    assert not box.run(**keys_of_admin(renamed)).changed
    assert box.run(**keys_of_admin(OTHER), allow_lockout=profile == "hpe_ilo6").changed
    with pytest.raises(InvalidRequest, match="would hold no key"):
        box.run(**keys_of_admin())


@pytest.mark.parametrize("profile", ["lenovo_xcc3", "dell_idrac10"])
def test_a_key_goes_only_when_the_new_one_is_there(profile: str) -> None:
    box = Box.of(profile)
    box.run(**keys_of_admin(KEY))
    box.client.refuses = "POST"
    refused = box.run(**keys_of_admin(OTHER))
    assert (states(refused), refused.changed) == ({"ssh_keys.account admin": "failed"}, False)
    box.client.refuses = ""
    assert box.run(check_mode=True, **keys_of_admin(KEY)).plan == [], "it is still there"


def test_of_full_slots_one_key_goes_for_each_that_comes() -> None:
    box = Box.of("dell_idrac10")
    old, new = ([public_key(f"{age}{number}") for number in range(4)] for age in ("old", "new"))
    box.run(**keys_of_admin(*old))
    box.client.writes.clear()
    assert box.run(**keys_of_admin(*new)).changed
    assert [write.method for write in box.client.writes] == ["DELETE", "POST"] * 4
    with pytest.raises(InvalidRequest, match="has 4 slots, 5 keys are wanted"):
        box.run(**keys_of_admin(KEY, exclusive=False))


def test_the_one_key_of_an_ilo_is_not_exchanged_unless_that_is_meant() -> None:
    box = Box.of("hpe_ilo6")
    box.run(**keys_of_admin(KEY))
    box.client.writes.clear()
    with pytest.raises(InvalidRequest, match="has no room for a new key before the last one goes"):
        box.run(**keys_of_admin(OTHER))
    assert box.client.writes == []
    assert box.run(**keys_of_admin(OTHER), allow_lockout=True).changed
