# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Targets become candidates: each once, none that was not meant, and a typo before anything is sent."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_network
from itertools import islice
from operator import length_hint

import pytest
from ansible.plugins.inventory import expand_hostname_range
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest
from ansible_collections.openchami.bmc.plugins.module_utils._operations.addresses import Candidates, Target
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin, parse_address


def found(*targets: str, exclude: tuple[str, ...] = (), ports: tuple[int, ...] = (443,)) -> list[str]:
    return [candidate.address for candidate in Candidates(map(Target, targets), map(Target, exclude), ports)]


@pytest.mark.parametrize(
    ("target", "addresses"),
    [
        ("10.1.2.3", ["10.1.2.3"]),
        ("10.1.2.3:443", ["10.1.2.3"]),
        ("10.1.2.3:8443", ["10.1.2.3:8443"]),
        ("https://10.1.2.3:8443/", ["10.1.2.3:8443"]),
        ("BMC1.example.org.", ["bmc1.example.org"]),
        ("bmc-1-2", ["bmc-1-2"]),
        ("[fd00::0001]", ["fd00::1"]),
        ("fd00::1", ["fd00::1"]),
        ("[fd00::1]:8443", ["[fd00::1]:8443"]),
        ("10.1.2.0/30", ["10.1.2.1", "10.1.2.2"]),
        ("10.1.2.0/31", ["10.1.2.0", "10.1.2.1"]),
        ("10.1.2.3/32", ["10.1.2.3"]),
        ("fd00::/126", ["fd00::1", "fd00::2", "fd00::3"]),
        ("10.1.2.254-10.1.3.1", ["10.1.2.254", "10.1.2.255", "10.1.3.0", "10.1.3.1"]),
        ("10.1.2.3 - 5", ["10.1.2.3", "10.1.2.4", "10.1.2.5"]),
        ("fd00::9-fd00::a", ["fd00::9", "fd00::a"]),
        ("bmc[009-011]", ["bmc009", "bmc010", "bmc011"]),
        ("bmc[1:5:2].x:8443", ["bmc1.x:8443", "bmc3.x:8443", "bmc5.x:8443"]),
        ("x[a:b]c[0:1]", ["xac0", "xac1", "xbc0", "xbc1"]),
        ("10.1.[1:2].[9:10]", ["10.1.1.9", "10.1.1.10", "10.1.2.9", "10.1.2.10"]),
    ],
)
def test_target_is_expanded(target: str, addresses: list[str]) -> None:
    assert found(target) == addresses


@pytest.mark.parametrize(
    "target",
    [
        "",
        "10.1.2.0/33",
        "10.1.2.3/24",
        "10.1.2.300",
        "10.1.2",
        "10.1.2.9-3",
        "10.1.2.9-10.1.2.3",
        "10.1.2.3-300",
        "10.1.2.3-",
        "10.1.2.3-x",
        "10.1.2.300-310",
        "10.1.2.3-fd00::1",
        "10.0.0.0/8",
        "fd00::/64",
        "10.0.0.0-10.255.255.255",
        "bmc[5:1]",
        "bmc[01:100]",
        "bmc[a:10]",
        "bmc[1:5:0]",
        "bmc[0:9999999]",
        "bmc[1:2000][1:2000]",
        "10.1.2.[250:260]",
        "http://10.1.2.3",
        "10.1.2.3/redfish",
        "bmc 1",
        "10.1.2.3:0",
        "10.1.2.3:99999",
        "bmc1,bmc2",
    ],
)
def test_typo_is_refused_before_anything_is_sent(target: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        Candidates([Target("10.9.9.9"), Target(target)])
    assert repr(target) in str(refusal.value) or not target


def test_password_in_a_target_is_not_repeated() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        found("https://admin:canary-7f3a@10.1.2.3")
    assert "canary" not in str(refusal.value)


def test_each_address_comes_once_however_it_is_spelled() -> None:
    targets = ("10.1.2.3", "10.1.2.3:443", "10.1.2.2-4", "10.1.2.0/29", "BMC1", "bmc1", "bmc[1:1]", "https://bmc1/")
    assert found(*targets) == ["10.1.2.3", "10.1.2.2", "10.1.2.4", "10.1.2.1", "10.1.2.5", "10.1.2.6", "bmc1"]
    assert found("fd00:0::1", "[fd00::1]", "[FD00:0:0::1]:443") == ["fd00::1"]


def test_exclude_takes_away() -> None:
    assert found("10.1.2.0/29", exclude=("10.1.2.2-3", "10.1.2.6")) == ["10.1.2.1", "10.1.2.4", "10.1.2.5"]
    assert found("bmc[1:4]", "10.1.2.3", exclude=("bmc[2:3]", "10.0.0.0/8")) == ["bmc1", "bmc4"]
    assert found("10.1.2.3", "fd00::1", exclude=("fd00::/8",)) == ["10.1.2.3"]
    assert found("10.1.2.3", "10.1.2.3:8443", exclude=("10.1.2.3:8443",)) == ["10.1.2.3"]
    assert found("10.1.2.3:8443", exclude=("10.1.2.3",)) == []


def test_every_port_is_tried_where_the_target_names_none() -> None:
    assert found("10.1.2.3", "bmc1:22443", ports=(443, 8443, 443)) == ["10.1.2.3", "10.1.2.3:8443", "bmc1:22443"]
    with pytest.raises(InvalidRequest, match="65535"):
        found("10.1.2.3", ports=(0,))


def test_name_stays_with_its_address() -> None:
    targets = [Target("10.1.2.0/30"), Target("10.1.2.2", "x1000c0s0b0"), Target("bmc7")]
    candidates = {candidate.address: candidate.name for candidate in Candidates(targets)}
    assert candidates == {"10.1.2.1": "", "10.1.2.2": "x1000c0s0b0", "bmc7": "bmc7"}


def test_name_is_of_the_port_that_it_was_said_of() -> None:
    """Behind a gateway, else a BMC would get the account of another one's name."""
    gateway = [Target("gw:8001", "x0c0s0b0"), Target("gw:8002", "x0c0s1b0")]
    assert [candidate.name for candidate in Candidates(gateway)] == ["x0c0s0b0", "x0c0s1b0"]
    assert [candidate.name for candidate in Candidates([Target("gw", "x0")], ports=(443, 8443))] == ["x0", "x0"]


@pytest.mark.parametrize("single", ["10.1.0.5", "10.1.0.5:443", "10.1.0.5/32"])
@pytest.mark.parametrize("before", [True, False])
def test_target_that_is_named_singly_is_so_beside_its_network(single: str, before: bool) -> None:
    targets = [Target(single), Target("10.1.0.0/24")] if before else [Target("10.1.0.0/24"), Target(single)]
    assert [candidate.address for candidate in Candidates(targets) if candidate.named] == ["10.1.0.5"]


def test_large_network_is_expanded_as_it_is_needed() -> None:
    candidates = Candidates([Target("10.0.0.0/12")], [Target("10.0.0.0/24")])
    assert length_hint(candidates) == (1 << 20) - 2
    assert [candidate.address for candidate in islice(candidates, 2)] == ["10.0.1.0", "10.0.1.1"]
    assert next(iter(candidates)).origin == Origin("https", "10.0.1.0", 443)


addresses = st.integers(0, (1 << 32) - 1).map(IPv4Address)
targets = st.one_of(
    addresses.map(str),
    st.tuples(addresses, st.integers(0, 300)).map(
        lambda pair: f"{pair[0]}-{pair[0] + min(pair[1], 0xFFFFFFFF - int(pair[0]))}"
    ),
    st.tuples(addresses, st.integers(22, 32)).map(lambda pair: str(ip_network(pair, strict=False))),
)


def meant(target: str) -> set[IPv4Address]:
    """The addresses of a target, said another way."""
    if "/" in target:
        return set(ip_network(target).hosts())  # type: ignore[arg-type]
    first, _dash, last = target.partition("-")
    begin, end = IPv4Address(first), IPv4Address(last or first)
    return {IPv4Address(number) for number in range(int(begin), int(end) + 1)}


@given(st.lists(targets, max_size=5), st.lists(targets, max_size=3))
def test_what_is_found_is_what_was_meant_without_what_was_excluded(given: list[str], exclude: list[str]) -> None:
    got = found(*given, exclude=tuple(exclude))
    wanted = set().union(*map(meant, given)) - {a for target in exclude for a in meant(target)}
    edges = {a for target in exclude if "/" in target for a in (ip_network(target)[0], ip_network(target)[-1])}
    assert len(got) == len(set(got))
    assert {IPv4Address(address) for address in got} - edges == wanted - edges


@given(st.integers(0, 99), st.integers(0, 99), st.integers(1, 9), st.booleans())
def test_pattern_is_expanded_as_ansible_does(begin: int, length: int, step: int, padded: bool) -> None:
    width = 3 if padded else 0
    pattern = f"bmc[{begin:0{width}}:{begin + length:0{width}}:{step}].x"
    assert found(pattern) == expand_hostname_range(pattern)  # type: ignore[no-untyped-call]


@given(st.text(max_size=20))
def test_any_text_is_refused_or_names_addresses_of_bmcs(text: str) -> None:
    try:
        candidates = list(islice(Candidates([Target(text)]), 50))
    except InvalidRequest:
        return
    assert candidates
    assert all(parse_address(candidate.address) == candidate.origin for candidate in candidates)
