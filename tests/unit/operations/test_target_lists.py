# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Targets from files, from magellan and from SMD."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest, LocalFailure
from ansible_collections.openchami.bmc.plugins.module_utils._operations.addresses import Candidates, Target
from ansible_collections.openchami.bmc.plugins.module_utils._operations.target_lists import read

ENDPOINTS: list[Mapping[str, Any]] = [
    {
        "ID": "x0c0s1b0",
        "FQDN": "x0c0s1b0.bmc.example",
        "Hostname": "x0c0s1b0",
        "Enabled": True,
        "IPAddress": "10.1.2.3",
    },
    {"ID": "x0c0s2b0", "FQDN": "10.1.2.4", "Enabled": True},
    {"ID": "x0c0s3b0", "FQDN": "10.1.2.5", "Enabled": False},
    {"ID": "x0c0s4b0", "FQDN": "", "IPAddress": "10.1.2.6"},
]
FROM_SMD = [Target("x0c0s1b0.bmc.example", "x0c0s1b0"), Target("10.1.2.4", "x0c0s2b0"), Target("10.1.2.6", "x0c0s4b0")]
MAGELLAN = [
    {
        "host": "https://172.16.0.105",
        "port": 443,
        "protocol": "tcp",
        "state": True,
        "timestamp": "2026-11-01T00:00:00Z",
    },
    {"host": "https://172.16.0.106", "port": 5000, "protocol": "tcp", "state": True},
    {"host": "https://172.16.0.107", "port": 443, "protocol": "tcp", "state": False},
]
LIST = ["10.1.2.0/30", "bmc[1:2]", "bmc9:8443"]
LINES = """# the first rack
10.1.2.0/30
bmc[1:2]   # two

bmc9:8443
"""


def nobody(url: str) -> list[Mapping[str, Any]]:
    raise AssertionError(f"{url} was not meant to be asked")


def read_file(folder: Path, name: str, content: str) -> list[Target]:
    (folder / name).write_text(content, encoding="utf-8")
    return read([f"@{name}"], folder, nobody)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("targets", LINES),
        ("targets.txt", "\ufeff" + LINES.replace("\n", "\r\n")),
        ("targets.json", json.dumps(LIST)),
        ("targets.json", json.dumps({"targets": LIST}, indent=2)),
        ("targets.yml", yaml.safe_dump(LIST)),
        ("targets.yaml", "# racks\n" + yaml.safe_dump({"targets": LIST})),
        ("targets", "---\n" + yaml.safe_dump(LIST)),
    ],
)
def test_list_is_read_in_every_form(tmp_path: Path, name: str, content: str) -> None:
    assert read_file(tmp_path, name, content) == [Target(text) for text in LIST]


@pytest.mark.parametrize("dump", [json.dumps, yaml.safe_dump])
def test_what_magellan_found_is_read(tmp_path: Path, dump: Any) -> None:
    targets = read_file(tmp_path, "scan.yml" if dump is yaml.safe_dump else "scan.json", dump(MAGELLAN))
    assert [candidate.address for candidate in Candidates(targets)] == ["172.16.0.105", "172.16.0.106:5000"]


@pytest.mark.parametrize("document", [ENDPOINTS, {"RedfishEndpoints": ENDPOINTS}])
def test_redfish_endpoints_keep_their_xnames(tmp_path: Path, document: object) -> None:
    assert read_file(tmp_path, "endpoints.json", json.dumps(document)) == FROM_SMD


def test_smd_is_asked_for_its_redfish_endpoints(tmp_path: Path) -> None:
    asked: list[str] = []

    def endpoints(url: str) -> list[Mapping[str, Any]]:
        asked.append(url)
        return ENDPOINTS

    assert read(["bmc1", "smd+http://smd:27779"], tmp_path, endpoints) == [Target("bmc1"), *FROM_SMD]
    assert asked == ["http://smd:27779"]


def test_list_of_ex_bootstrap_is_read(tmp_path: Path) -> None:
    content = yaml.safe_dump(
        {"bmcs": [{"xname": "x0c0s1b0", "mac": "02:00:00:00:00:01", "ip": "10.1.2.3"}], "nodes": []}
    )
    assert read_file(tmp_path, "inventory.yaml", content) == [Target("10.1.2.3", "x0c0s1b0")]


@pytest.mark.parametrize("spelled", ["./list", "{folder}/list", "@list", "@{folder}/list"])
def test_file_is_found_from_the_folder(tmp_path: Path, spelled: str) -> None:
    (tmp_path / "list").write_text("bmc1\n", encoding="utf-8")
    assert read([spelled.format(folder=tmp_path)], tmp_path, nobody) == [Target("bmc1")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", '["bmc1"'),
        ("a.json", "[" * 100_000),
        ("a.yml", "- a: [1"),
        ("a.json", '{"hosts": ["bmc1"]}'),
        ("a.json", "[1]"),
        ("a.json", '["@other"]'),
        ("a.json", '[{"port": 443}]'),
        ("a.yml", "text"),
    ],
)
def test_file_that_cannot_be_meant_is_refused(tmp_path: Path, name: str, content: str) -> None:
    with pytest.raises(InvalidRequest, match=name):
        read_file(tmp_path, name, content)


def test_empty_yaml_list_is_no_target(tmp_path: Path) -> None:
    assert read_file(tmp_path, "a.yml", "# none yet\n") == []


def test_file_that_is_not_there_is_a_local_failure(tmp_path: Path) -> None:
    with pytest.raises(LocalFailure, match="none"):
        read(["@none"], tmp_path, nobody)
