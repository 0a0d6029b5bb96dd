# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet file: groups, defaults, and a clear refusal of what cannot be meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.simulator.fleet import expand, read
from tests.simulator.settings import InvalidInput

ILO = {"name": "a", "profile": "hpe_ilo5", "address": "127.1.0.1"}


def test_count_expands_a_group_to_consecutive_addresses() -> None:
    specs = expand({"port": 9443, "bmcs": [ILO | {"name": "r{:03d}", "address": "127.1.0.254", "count": 3}]})
    assert [(spec.name, spec.address, spec.port) for spec in specs] == [
        ("r000", "127.1.0.254", 9443),
        ("r001", "127.1.0.255", 9443),
        ("r002", "127.1.1.0", 9443),
    ]


def test_entry_goes_before_defaults_and_defaults_before_the_profile() -> None:
    defaults = {"password": "d", "timing": {"on": 7, "force": 8}, "idle_limit": 5, "power": "Off"}
    [spec] = expand({"defaults": defaults, "bmcs": [ILO | {"password": "e", "timing": {"on": 9}}]})
    assert (spec.settings.password, spec.settings.idle_limit, spec.power) == ("e", 5, "Off")
    assert (spec.settings.timing.on, spec.settings.timing.force, spec.settings.timing.restart) == (9, 8, 0.3)


def test_profile_brings_its_own_defaults() -> None:
    specs = expand({"bmcs": [ILO, ILO | {"name": "b", "profile": "dell_idrac9", "address": "127.1.0.2"}]})
    assert [spec.settings.idle_limit for spec in specs] == [2.0, None]
    assert [spec.settings.auth.sessions for spec in specs] == [16, 8]


@pytest.mark.parametrize(
    ("fleet", "message"),
    [
        ({"bmcs": []}, "at least one"),
        ({"bmcs": [ILO], "prot": 1}, "unknown key prot"),
        ({"bmcs": [ILO | {"pasword": "x"}]}, "bmc a: unknown key pasword"),
        ({"bmcs": [ILO], "defaults": {"timings": {}}}, "defaults: unknown key timings"),
        (
            {"bmcs": [ILO | {"profile": "hpe_ilo9"}]},
            "there is no profile hpe_ilo9; there are ami_dgx_h100, ami_gigabyte, cray_ex_cc",
        ),
        ({"bmcs": [ILO | {"address": "10.0.0.1"}]}, "not in 127.0.0.0/8"),
        ({"bmcs": [ILO | {"address": "127.1"}]}, "address"),
        ({"bmcs": [ILO | {"timing": {"on": -1}}]}, "timing.on must be seconds"),
        ({"bmcs": [ILO | {"timing": {"off": 1}}]}, "unknown key off"),
        ({"bmcs": [ILO | {"graceful": "maybe"}]}, "must be one of honoured, ignored"),
        ({"bmcs": [ILO | {"name": "r{:x"}]}, "no format of one number"),
        ({"bmcs": [ILO | {"nodes": 2}]}, "nodes of hpe_ilo5"),
        ({"bmcs": [ILO | {"profile": "cray_ex_nc", "nodes": 3}]}, "must be one of (2, 4), not 3"),
        ({"bmcs": [ILO | {"auth": {"lockout_after": 0}}]}, "at least 1"),
        ({"bmcs": [ILO, ILO | {"address": "127.1.0.2"}]}, "two BMCs have the name a"),
        ({"bmcs": [ILO, ILO | {"name": "b"}]}, "two BMCs have the address 127.1.0.1:8443"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_reason(fleet: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        expand(fleet)
    assert message in str(refused.value)


def test_file_may_be_yaml_or_json(tmp_path: Path) -> None:
    (tmp_path / "fleet.yml").write_text("bmcs: [{name: a, profile: hpe_ilo5, address: 127.1.0.1, power: Off}]\n")
    (tmp_path / "fleet.json").write_text(
        '{"bmcs": [{"name": "a", "profile": "hpe_ilo5", "address": "127.1.0.1", "power": "Off"}]}'
    )
    assert read(tmp_path / "fleet.yml") == read(tmp_path / "fleet.json")
    (tmp_path / "broken.yml").write_text("bmcs: [")
    with pytest.raises(InvalidInput, match="neither YAML nor JSON"):
        read(tmp_path / "broken.yml")


def test_demo_fleet_is_valid() -> None:
    specs = read(Path(__file__).parents[2] / "simulator" / "fleets" / "demo.yml")
    assert sorted({spec.profile.name for spec in specs}) == ["cray_ex_nc", "dell_idrac9", "hpe_ilo5"]
    assert [spec.nodes for spec in specs if spec.profile.name == "cray_ex_nc"] == [2, 4]
