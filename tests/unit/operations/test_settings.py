# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings: what is there is left alone, what is wanted is written once, and a plan applied leaves no plan."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest, NotSupported
from tests.simulator.profile import profile_names
from tests.simulator.public_keys import public_key
from tests.unit.fuzz.oracle import judged
from tests.unit.fuzz.subjects import shared

from .simulated_settings import Box, states

PRIVATE = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0"
KEY, OTHER = public_key("one", "one@site"), public_key("other")
each_profile = pytest.mark.parametrize("profile", profile_names())

servers = st.lists(
    st.sampled_from(["10.0.0.1", "10.0.0.2", "ntp.site", "NTP2.site", "fd00::1", "FD00:0:0::2"]),
    max_size=5,
    unique=True,
)
addresses = st.lists(
    st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3", "fd00::1", "fd00::2"]), max_size=4, unique=True
)
keys = st.lists(st.sampled_from([KEY, OTHER, public_key("third"), public_key("conman", "renamed")]), max_size=3)
options = st.fixed_dictionaries(
    {"unsupported": st.just("ignore"), "allow_lockout": st.just(True), "reset_manager": st.just("never")},
    optional={
        "ntp": st.fixed_dictionaries({}, optional={"enabled": st.booleans(), "servers": servers}),
        "syslog": st.fixed_dictionaries(
            {},
            optional={
                "enabled": st.booleans(),
                "servers": servers,
                "port": st.integers(1, 65535),
                "transport": st.sampled_from(["udp", "tcp"]),
            },
        ),
        "dns": st.fixed_dictionaries(
            {}, optional={"servers": addresses, "search": st.lists(st.sampled_from(["a.b", "site"]), unique=True)}
        ),
        "hostname": st.sampled_from(["bmc1", "x1000c0s0b0"]),
        "timezone": st.sampled_from(["+01:00", "Dublin", "UTC"]),
        "protocols": st.dictionaries(st.sampled_from(["ssh", "ipmi", "snmp", "kvm"]), st.booleans()),
        "ssh_keys": st.lists(
            st.fixed_dictionaries(
                {"keys": keys, "exclusive": st.booleans()} | {"service": st.sampled_from(["admin", "console"])}
            )
            | st.fixed_dictionaries({"keys": keys, "exclusive": st.booleans(), "account": st.just("admin")}),
            max_size=2,
            unique_by=lambda entry: entry.get("service", ""),
        ),
        "oem": st.dictionaries(
            st.sampled_from(["IPMILan.1.Enable", "SysLog.1.PowerLogInterval"]), st.sampled_from(["Enabled", "10"])
        ),
    },
)


@each_profile
@shared
@given(asked=options)
def test_a_plan_applied_leaves_no_plan_and_nothing_that_was_not_planned(profile: str, asked: dict[str, Any]) -> None:
    box = Box.of(profile)
    planned = judged(lambda: box.run(check_mode=True, **asked))
    assert box.client.writes == []
    if planned is None:
        return
    assert box.run(check_mode=True, **asked).plan == planned.plan, "planning twice changes nothing"
    done = box.run(**asked)
    assert done.error is None, str(done.error)
    assert box.client.writes == planned.plan
    assert done.changed == planned.changed == bool(planned.plan)
    assert [(setting.name, setting.state) for setting in done.settings] == [
        (setting.name, setting.state) for setting in planned.settings
    ]
    box.client.writes.clear()
    again = box.run(**asked)
    assert (again.plan, again.changed, box.client.writes) == ([], False, [])


def test_an_ilo_is_told_to_use_no_ntp_server_of_dhcp_first() -> None:
    box = Box.of("hpe_ilo5")
    result = box.run(ntp={"servers": ["10.0.0.1"]})
    interface, clock = box.client.writes
    assert interface.body == {"Oem": {"Hpe": {"DHCPv4": {"UseNTPServers": False}, "DHCPv6": {"UseNTPServers": False}}}}
    assert clock.body == {"StaticNTPServers": ["10.0.0.1", "0.0.0.0"]}  # noqa: S104
    assert result.reset_needed
    assert result.settings[0].pending


def test_too_many_servers_for_the_slots_write_nothing() -> None:
    box = Box.of("hpe_ilo5")
    with pytest.raises(InvalidRequest, match=r"has 2 slots, 3 servers are wanted"):
        box.run(ntp={"servers": ["a", "b", "c"]}, syslog={"enabled": True})
    assert box.client.writes == []


def test_all_that_does_not_fit_is_told_at_once_with_near_names() -> None:
    box = Box.of("dell_idrac9")
    oem = {"IPMILan.1.Enabled": "Enabled", "SysLog.1.SysLogEnable": "Yes", "SysLog.1.Port": "high"}
    with pytest.raises(InvalidRequest) as caught:
        box.run(oem=oem, ntp={"servers": ["a", "b", "c", "d"]})
    told = str(caught.value)
    assert "IPMILan.1.Enable" in told
    assert "can be Enabled, Disabled, not Yes" in told
    assert "is a number, not 'high'" in told
    assert "has 3 slots" in told
    assert box.client.writes == []


def test_what_can_only_be_read_is_told_before_a_write() -> None:
    box = Box.of("dell_idrac9")
    with pytest.raises(InvalidRequest, match="can only be read"):
        box.run(oem={"CurrentIPv4.1.DNS1": "10.0.0.1"})


def test_the_consoles_key_survives_and_lines_stay_as_they_are() -> None:
    box = Box.of("cray_ex_nc")
    conman = public_key("conman")
    box.run(ssh_keys=[{"service": "console", "keys": [KEY]}, {"service": "admin", "keys": [KEY]}])
    (write,) = box.client.writes
    written = write.body["Oem"]
    assert written["SSHConsole"] == {"AuthorizedKeys": f"{conman}\n{KEY}\n"}
    assert written["SSHAdmin"] == {"AuthorizedKeys": f"{public_key('admin')}\n{KEY}\n"}


def test_a_setting_that_is_dropped_is_found_out_and_the_others_count() -> None:
    box = Box.of("openbmc", drops=["NTPServers"])
    result = box.run(ntp={"servers": ["10.0.0.1"]}, hostname="bmc1")
    assert states(result) == {"ntp.servers": "failed", "hostname": "changed"}
    assert result.error is not None
    assert "the BMC took ntp.servers and did not keep it" in str(result.error)
    assert result.changed


def test_unsupported_fails_by_default_and_names_what_is_missing() -> None:
    box = Box.of("openbmc")
    with pytest.raises(NotSupported, match=r"syslog.servers.*has no Oem.Nvidia.Rsyslog.Address"):
        box.run(syslog={"servers": ["10.0.0.1"]}, hostname="bmc1")
    assert box.client.writes == []
    result = box.run(syslog={"servers": ["10.0.0.1"]}, hostname="bmc1", unsupported="warn")
    assert states(result) == {"syslog.servers": "unsupported", "hostname": "changed"}


def test_a_blank_in_the_name_of_a_property_is_copied_from_what_was_read() -> None:
    box = Box.of("supermicro_x10")
    box.run(syslog={"enabled": True, "servers": ["10.0.0.1"], "port": 514})
    (write,) = box.client.writes
    assert write.uri == "/redfish/v1/Managers/1/Syslog"
    assert write.body == {"EnableSyslog": True, "Syslog ServerIP": "10.0.0.1", "SyslogPortNumber": 514}


def test_a_syslog_server_of_an_xcc_is_a_recipient() -> None:
    box = Box.of("lenovo_xcc")
    box.run(syslog={"enabled": True, "servers": ["10.0.0.1", "log.site"], "port": 1514})
    assert [write.method for write in box.client.writes] == ["POST", "POST"]
    assert [write.body["RecipientSettings"]["Address"] for write in box.client.writes] == [
        "10.0.0.1:1514",
        "log.site:1514",
    ]
    box.client.writes.clear()
    box.run(syslog={"servers": ["log.site"], "port": 514, "enabled": False})
    assert [(write.method, write.body) for write in box.client.writes] == [
        ("PATCH", {"RecipientSettings": {"Enabledstate": False, "Address": "log.site:514"}}),
        ("DELETE", {}),
    ]


def test_an_account_that_is_not_there_is_no_missing_feature() -> None:
    with pytest.raises(InvalidRequest, match="has no account operator: it has admin"):
        Box.of("lenovo_xcc").run(ssh_keys=[{"account": "operator", "keys": [KEY]}], unsupported="ignore")


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({}, "no setting is named"),
        ({"ntp": {}}, "no setting is named"),
        ({"ntp": {"servers": ["a b"]}}, "neither a name nor an address"),
        ({"ntp": {"servers": ["a", "A"]}}, "twice"),
        ({"dns": {"servers": ["ns.site"]}}, "no address"),
        ({"syslog": {"port": 0}}, "no port"),
        ({"hostname": "bmc1.site"}, "no host name without a domain"),
        (
            {"ssh_keys": [{"service": "admin", "keys": ["-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0"]}]},
            "no public key",
        ),
        ({"ssh_keys": [{"service": "admin", "keys": [KEY.replace("ed25519", "rsa")]}]}, "do not belong together"),
        ({"ssh_keys": [{"service": "admin", "keys": []}, {"service": "admin", "keys": []}]}, "named twice"),
        ({"timezone": " "}, "is empty"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_read(asked: dict[str, Any], reason: str) -> None:
    box = Box.of("openbmc")
    with pytest.raises(InvalidRequest, match=reason) as caught:
        box.run(**asked)
    assert "c2VjcmV0" not in str(caught.value)
    assert "PRIVATE" not in str(caught.value)
