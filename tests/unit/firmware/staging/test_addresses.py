# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses: who may fetch, what is advertised, which port is listened on."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    InvalidRequest,
    LocalFailure,
    Unreachable,
)
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.addresses import (
    Advertised,
    addresses_of,
    advertised,
    listen,
    networks,
    parse_ports,
    plain_address,
)


def test_an_address_has_one_form() -> None:
    assert plain_address("::ffff:10.1.2.3") == "10.1.2.3"
    assert plain_address("fe80::1%eth0") == "fe80::1"
    assert plain_address("FD00::0001") == "fd00::1"


def test_own_address_is_found_by_the_route() -> None:
    assert advertised("", ["127.3.2.1"]) == Advertised("127.0.0.1", found=True)


def test_no_route_names_the_option() -> None:
    with pytest.raises(LocalFailure, match="Set advertise"):
        advertised("", ["255.255.255.255"])


@pytest.mark.parametrize(
    ("given", "authority"),
    [
        ("10.1.1.1", "10.1.1.1:4711"),
        ("head.site", "head.site:4711"),
        ("head.site:8080", "head.site:8080"),
        ("fd00::1", "[fd00::1]:4711"),
        ("[fd00::1]:8080", "[fd00::1]:8080"),
    ],
)
def test_given_address_is_told_with_the_right_port(given: str, authority: str) -> None:
    told = advertised(given, [])
    assert (told.authority(4711), told.found) == (authority, False)


@pytest.mark.parametrize("given", ["http://x", "x/y", "x:0", "x:70000", "x y", "user@x"])
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(InvalidRequest, match="advertise"):
        advertised(given, [])


def test_clients_are_addresses_or_networks() -> None:
    assert [str(network) for network in networks(["10.1.2.3", "10.1.0.9/16", "fe80::1%eth0"])] == [
        "10.1.2.3/32",
        "10.1.0.0/16",
        "fe80::1/128",
    ]
    with pytest.raises(InvalidRequest, match="clients"):
        networks(["bmc1"])


def test_a_name_without_address_is_unreachable() -> None:
    assert addresses_of("127.0.0.7") == ("127.0.0.7",)
    with pytest.raises(Unreachable):
        addresses_of("no such name.invalid")


@pytest.mark.parametrize(("text", "ports"), [("0", [0]), ("80", [80]), ("8080-8082", [8080, 8081, 8082])])
def test_ports(text: str, ports: list[int]) -> None:
    assert list(parse_ports(text)) == ports


@pytest.mark.parametrize("text", ["", "x", "-1", "70000", "9-8", "0-5", "1-70000", "1-2-3"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_ports(text)


def test_a_range_is_used_up_and_then_says_so() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as first:
        taken = first.getsockname()[1]
        with pytest.raises(LocalFailure, match=f"port {taken} cannot be listened on.*bmc_staging"):
            listen("127.0.0.1", range(taken, taken + 1))
        with closing(listen("127.0.0.1", range(taken, taken + 20))) as second:
            assert taken < second.getsockname()[1] < taken + 20


def test_all_of_this_machine_is_listened_on() -> None:
    with closing(listen("", range(1))) as listener:
        socket.create_connection(("127.9.8.7", listener.getsockname()[1])).close()
