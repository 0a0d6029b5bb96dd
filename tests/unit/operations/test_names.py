# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How discovered BMCs are called."""

from __future__ import annotations

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest
from ansible_collections.openchami.bmc.plugins.module_utils._operations.names import (
    chassis_of,
    generated_xname,
    id_map,
    namer,
)


@pytest.mark.parametrize(
    ("address", "xname"),
    [
        # Computed by hand from the bits of the address, as pkg/idmap/generated_xname.go takes them.
        ("10.1.2.3", "x320c1s10b3"),
        ("172.16.0.105", "x5506c0s172b105"),
        ("127.0.0.1", "x4064c0s127b1"),
        ("fd00::1", ""),
        ("bmc1", ""),
    ],
)
def test_magellan_s_generated_xname(address: str, xname: str) -> None:
    assert generated_xname(address) == xname


def test_the_first_way_that_gives_a_name_counts() -> None:
    name = namer(["id_map", "given", "address"], {"10.0.0.1": "x1c0s0b0"})
    assert name("10.0.0.1", "10.0.0.1", "bmc1") == "x1c0s0b0"
    assert name("10.0.0.1:8443", "10.0.0.1", "bmc1") == "x1c0s0b0"
    assert name("10.0.0.2", "10.0.0.2", "bmc2") == "bmc2"
    assert name("10.0.0.3:8443", "10.0.0.3", "") == "10.0.0.3_8443"


def test_the_address_is_always_the_last_way() -> None:
    assert namer(["id_map"], {})("10.0.0.3", "10.0.0.3", "") == "10.0.0.3"
    assert namer(["xname"], {})("bmc1", "bmc1", "bmc1") == "bmc1"


def test_a_name_by_dns() -> None:
    name = namer(["dns"], {}, None, lambda host: {"10.0.0.1": "bmc1.example.com"}.get(host, ""))
    assert name("10.0.0.1", "10.0.0.1", "") == "bmc1.example.com"
    assert name("10.0.0.2", "10.0.0.2", "") == "10.0.0.2"


def test_a_resolver_is_asked_once_for_each_address_also_where_it_knows_none() -> None:
    asked: list[str] = []
    name = namer(["dns"], {}, None, lambda host: asked.append(host) or "")  # type: ignore[func-returns-value]
    assert [name(address, address, "") for address in ("10.0.0.1", "10.0.0.2") * 3] == ["10.0.0.1", "10.0.0.2"] * 3
    assert asked == ["10.0.0.1", "10.0.0.2"]


def test_a_name_by_template() -> None:
    name = namer(["template", "given"], {}, lambda _address, host, _given: host.partition("10.0.")[2])
    assert name("10.0.0.1", "10.0.0.1", "bmc1") == "0.1"
    assert name("192.0.2.1", "192.0.2.1", "bmc1") == "bmc1"


def test_a_template_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="template"):
        namer(["template"], {})


def test_magellan_s_id_map() -> None:
    content = {"map_key": "bmc-ip-addr", "id_map": {"172.16.0.105": "x3000c0s1b0"}}
    assert id_map(content) == {"172.16.0.105": "x3000c0s1b0"} == id_map(content["id_map"])


def test_an_id_map_is_of_addresses_however_they_are_spelled() -> None:
    given = {"10.1.2.3:443": "a", "BMC1": "b", "[fd00::1]": "c", "10.1.2.3:8443": "d", "[FD00::2]:8443": "e"}
    assert list(id_map(given)) == ["10.1.2.3", "bmc1", "fd00::1", "10.1.2.3:8443", "[fd00::2]:8443"]


@pytest.mark.parametrize(
    "content",
    [
        {"map_key": "bmc-mac-addr", "id_map": {}},
        {"id_map": ["x1c0s0b0"]},
        {"10.0.0.1": 5},
        {"10.0.0.1": ""},
        "10.0.0.1",
        {"10.0.0.1": "x1c0s0b0", "10.0.0.2": "x1c0s0b0"},
    ],
)
def test_an_id_map_that_names_nobody_or_two_alike_is_refused(content: object) -> None:
    with pytest.raises(InvalidRequest):
        id_map(content)


@pytest.mark.parametrize(
    ("name", "chassis"),
    [
        ("x1000c3s0b1", "x1000c3"),
        ("x1000c3r7b0", "x1000c3"),
        ("x1000c3b0", "x1000c3"),
        ("x1000c3s0b1n0", "x1000c3s0b1n0"),
        ("bmc1", "bmc1"),
    ],
)
def test_the_chassis_of_a_bmc(name: str, chassis: str) -> None:
    assert chassis_of(name) == chassis
