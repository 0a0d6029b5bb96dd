# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A source of the discovery by its options alone: nothing is asked here."""

from __future__ import annotations

from math import nan
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.inventory.bmc_discovery import InventoryModule
from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest
from ansible_collections.openchami.bmc.plugins.module_utils._entry.bmc_discovery import Discovery
from tests.unit.operations.test_hosts import record
from tests.unit.transport.scripted_server import ScriptedServer, certificate, document

PIN = "ab" * 32


def discovery(folder: Path, **options: Any) -> Discovery:
    defaults = {
        "targets": ["10.1.2.3"],
        "exclude": [],
        "ports": [443],
        "hosts": "bmcs",
        "names": ["given", "address"],
        "id_map": {},
        "bmc_credentials": [],
        "credentials": [],
        "bmc_username": None,
        "bmc_password": None,
        "bmc_auth": "basic",
        "bmc_validate_certs": False,
        "bmc_ca_path": None,
        "bmc_fingerprint": None,
        "bmc_fingerprints": {},
        "gather_subset": [],
        "refresh": "always",
        "full_after": 86400,
        "forget_after": 604800,
        "records": str(folder / "records.jsonl"),
        "concurrency": 400,
        "bmc_timeout": 10.0,
        "bmc_deadline": 60.0,
        "deadline": 0.0,
    }
    return Discovery({**defaults, **options}, str(folder / "site.bmc_discovery.yml"))


def variables(source: Discovery, address: str, host: str) -> dict[str, Any]:
    (found,) = source.hosts([{**record(address, host=host), "fingerprint": ""}])
    return dict(found.variables)


@pytest.mark.parametrize(
    ("pinned", "address", "host"),
    [
        ("10.1.2.3", "10.1.2.3", "10.1.2.3"),
        ("10.1.2.3:443", "10.1.2.3", "10.1.2.3"),
        ("10.1.2.3", "10.1.2.3:8443", "10.1.2.3"),
        ("BMC1", "bmc1", "bmc1"),
        ("[fd00::1]", "fd00::1", "fd00::1"),
        ("[FD00:0::1]:8443", "[fd00::1]:8443", "fd00::1"),
    ],
)
@pytest.mark.parametrize("otherwise", [None, "trust-on-first-use"])
def test_a_pin_decides_however_its_address_is_spelled(
    tmp_path: Path, pinned: str, address: str, host: str, otherwise: str | None
) -> None:
    """Else whoever stands at the address would be believed, and get the password."""
    source = discovery(tmp_path, bmc_fingerprints={pinned: PIN}, bmc_fingerprint=otherwise)
    assert variables(source, address, host)["bmc_fingerprint"].replace(":", "").lower() == PIN


def test_a_pin_of_one_port_is_not_that_of_another(tmp_path: Path) -> None:
    source = discovery(tmp_path, bmc_fingerprints={"10.1.2.3:443": PIN, "10.1.2.3:8443": "cd" * 32})
    assert variables(source, "10.1.2.3:8443", "10.1.2.3")["bmc_fingerprint"].replace(":", "").lower() == "cd" * 32
    assert "bmc_fingerprint" not in variables(source, "10.1.2.3:9443", "10.1.2.3")


@pytest.mark.parametrize("pins", [{"10.1.2.0/24": PIN}, {"BMC1": PIN, "bmc1": "cd" * 32}, {"10.1.2.300": PIN}])
def test_pins_that_pin_nothing_are_refused(tmp_path: Path, pins: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest):
        discovery(tmp_path, bmc_fingerprints=pins)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("concurrency", 0),
        ("concurrency", -1),
        ("deadline", -1.0),
        ("deadline", nan),
        ("full_after", -1),
        ("forget_after", -1),
        ("bmc_deadline", 0.0),
        ("bmc_timeout", nan),
        ("ports", []),
    ],
)
def test_numbers_by_which_nobody_would_be_asked_are_refused(tmp_path: Path, option: str, value: Any) -> None:
    """An inventory without hosts would look like a success, and AWX would delete all that it had."""
    with pytest.raises(InvalidRequest, match=option):
        discovery(tmp_path, **{option: value}).run(lambda _answered, _failed, _total: None)


def test_targets_come_from_an_smd_and_from_files_and_exclude_takes_away(tmp_path: Path) -> None:
    """SMD is asked by its own CA and token; nobody listens at the addresses, which are named and so told as silent."""
    (tmp_path / "ca.pem").write_bytes(certificate().pem)
    (tmp_path / "more.yml").write_text("targets: ['127.0.0.1:9', '127.0.0.3:9']\n")
    (tmp_path / "not.txt").write_text("127.0.0.2:9  # not ours\n")
    endpoints = [{"ID": f"x0c0s{number}b0", "FQDN": f"127.0.0.{number}:9"} for number in (1, 2)]
    with ScriptedServer() as server:
        server.expect("GET", "/hsm/v2/Inventory/RedfishEndpoints", document({"RedfishEndpoints": endpoints}))
        source = discovery(
            tmp_path,
            targets=[f"smd+{server.origin}", "@more.yml"],
            exclude=["@not.txt"],
            smd_token="canary-token",
            smd_ca_path=str(tmp_path / "ca.pem"),
        )
        found = source.run(lambda _answered, _failed, _total: None)
    (request,) = server.requests
    assert request.headers["authorization"] == "Bearer canary-token"
    assert (found.summary["silent"], found.summary["absent"], found.summary["answered"]) == (2, 0, 0)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("site.bmc_discovery.yml", True),
        ("bmc_discovery.yaml", True),
        ("site.yml", False),
        ("bmc_discovery.json", False),
    ],
)
def test_a_source_is_known_by_its_name(tmp_path: Path, name: str, is_one: bool) -> None:
    (tmp_path / name).write_text("plugin: openchami.bmc.bmc_discovery\n")
    assert InventoryModule().verify_file(str(tmp_path / name)) is is_one
