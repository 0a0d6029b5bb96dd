# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin bmc_discovery on a mixed fleet, as ansible-inventory and ansible-playbook use it.

What it says is judged by the simulator's truth; what it sent, by the simulator's account of requests.
"""

from __future__ import annotations

import ast
import ipaddress
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.bios_cases import ASKED
from tests.integration.conftest import StartFleet
from tests.integration.fleet import PASSWORD, Fleet
from tests.integration.playbook import Controller
from tests.integration.site import Listed, Site, Source
from tests.simulator.images import build
from tests.simulator.profile import profile_names

PLUGIN = Path(__file__).resolve().parents[2] / "plugins" / "inventory" / "bmc_discovery.py"
FEW = ("cray_ex_nc", "dell_idrac9", "hpe_ilo5", "nvidia_gh200", "openbmc", "supermicro_x13")
KINDS = ("processors", "memory", "drives", "ethernet_interfaces", "power_supplies")


def documented() -> list[dict[str, Any]]:
    """The sources in the plugin's EXAMPLES."""
    tree = ast.parse(PLUGIN.read_text(encoding="utf-8"))
    texts = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign)}  # type: ignore[attr-defined]
    return list(yaml.safe_load_all(ast.literal_eval(texts["EXAMPLES"])))


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    """One BMC of each profile."""
    return start_fleet([{"name": name, "profile": name} for name in profile_names()])


@pytest.fixture(scope="module")
def site(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site.of(tmp_path_factory.mktemp("site"), fleet)


@pytest.fixture(scope="module")
def found(site: Site) -> Listed:
    """The first round."""
    return site.listed()


@pytest.fixture(scope="module")
def small_site(start_fleet: StartFleet, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A small site after a first round."""
    site = Site.of(tmp_path_factory.mktemp("small"), start_fleet([{"name": name, "profile": name} for name in FEW]))
    assert site.listed().summary["answered"] == len(FEW)
    site.keep()
    return site


@pytest.fixture
def own_site(small_site: Site) -> Site:
    """A small site after a first round, for a test that changes its fleet; the second round is the test's own."""
    small_site.begin_anew()
    return small_site


def test_every_bmc_is_found_and_only_read_each_resource_once(fleet: Fleet, found: Listed) -> None:
    assert {host["bmc_address"] for host in found.hostvars.values()} == set(fleet.addresses.values())
    assert found.summary["answered"] == len(fleet.addresses)
    assert found.summary["reasons"] == {}
    for name in fleet.addresses:
        asked = [request["uri"].rstrip("/").lower() for request in fleet.simulator.requests(name)]
        assert fleet.methods(name) == {"GET"}
        assert len(set(asked)) == len(asked), name


def test_the_nodes_are_the_true_systems_with_their_true_power(fleet: Fleet, found: Listed) -> None:
    for name, address in fleet.addresses.items():
        hosts = [host for host in found.hostvars.values() if host["bmc_address"] == address]
        assert {host["bmc_system"]: host["bmc_power_state"] for host in hosts if "bmc_system" in host} == fleet.power(
            name
        )


def test_the_parts_are_the_true_ones(fleet: Fleet, found: Listed) -> None:
    told = 0
    for name, address in fleet.addresses.items():
        parts = [part for part in fleet.simulator.state(name)["hardware"].values() if part["present"] and part["uris"]]
        shown = found.bmc(address)["bmc_hardware"]
        for kind in KINDS:
            truth = {part["SerialNumber"] for part in parts if part["kind"] == kind and part.get("SerialNumber")}
            assert {part["serial_number"] for part in shown[kind]} - {None} <= truth, (name, kind)
            told += len(shown[kind])
    assert told > len(fleet.addresses) * 5


def test_nobody_without_a_rule_gets_a_password_nor_a_wrong_one_twice(own_site: Site) -> None:
    names = list(own_site.fleet.addresses)
    simulator = own_site.fleet.simulator
    for name in names:
        simulator.set_state(name, password="changed")
    rule = {"match": [own_site.fleet.addresses[names[0]]], "bmc_credentials": []}
    listed = own_site.listed(credentials=[rule])
    assert listed.summary["refused"] == len(names)
    assert listed.bmc(own_site.fleet.addresses[names[0]])["bmc_discovery"]["why"].startswith(
        "no rule gives it an account"
    )
    assert [simulator.state(name)["failed_logins"] for name in names] == [0] + [1] * (len(names) - 1)
    # What is known of them stays.
    assert len(listed.hostvars) == len(own_site.listed(credentials=[]).hostvars)


def test_a_silent_bmc_keeps_its_last_data_with_when_and_why(own_site: Site) -> None:
    name, address = next(iter(own_site.fleet.addresses.items()))
    before = own_site.listed().bmc(address)
    own_site.fleet.simulator.fault(name, "drop", count=None)
    own_site.fleet.simulator.fault(name, "tarpit", stage="connection", count=None)
    listed = own_site.listed(bmc_timeout=1)
    after = listed.bmc(address)
    assert after["bmc_discovery"]["status"] == "silent"
    assert after["bmc_discovery"]["last_seen"] == before["bmc_discovery"]["last_seen"]
    assert address in after["bmc_discovery"]["why"]
    assert {key: after[key] for key in ("bmc_info", "bmc_hardware")} == {
        key: before[key] for key in ("bmc_info", "bmc_hardware")
    }
    assert "1 BMCs" in listed.stderr


def test_strict_fails_the_source_where_a_known_bmc_is_silent(own_site: Site) -> None:
    name = next(iter(own_site.fleet.addresses))
    own_site.fleet.simulator.fault(name, "tarpit", stage="connection", count=None)
    listed = own_site.listed(strict=True, bmc_timeout=1)
    assert listed.status != 0
    assert "1 silent" in listed.stderr


def test_malformed_bmcs_never_spoil_the_rest(own_site: Site) -> None:
    spoiled = list(own_site.fleet.addresses)[:5]
    for name, kind in zip(spoiled, ("not_json", "truncate", "empty", "drop", "status"), strict=True):
        own_site.fleet.simulator.fault(name, kind, count=None, **({"status": 500} if kind == "status" else {}))
    listed = own_site.listed(bmc_timeout=2)
    assert listed.summary["answered"] == len(own_site.fleet.addresses) - 5
    assert listed.summary["failed"] == 5
    assert sum(listed.summary["reasons"].values()) == 5


def test_what_merely_listens_in_a_network_becomes_no_host(own_site: Site, tmp_path: Path) -> None:
    """A web server answers everything with a page: it is counted, named in a warning, and is no BMC."""
    name, address = next(iter(own_site.fleet.addresses.items()))
    own_site.fleet.simulator.fault(name, "not_json", count=None)
    host, _colon, port = address.partition(":")
    network = ipaddress.ip_network(f"{host}/30", strict=False)
    listed = Source(tmp_path, [str(network)]).listed(ports=[int(port)], gather_subset=[])
    assert address not in {found["bmc_address"] for found in listed.hostvars.values()}
    assert (listed.summary["answered"], listed.summary["failed"]) == (1, 1)
    assert "1 BMCs: GET /redfish/v1 was not answered in JSON" in listed.stderr
    assert all("authorization" not in request["headers"] for request in own_site.fleet.simulator.requests(name))


def test_a_part_that_cannot_be_read_is_named_and_the_rest_is_there(own_site: Site) -> None:
    address = own_site.fleet.addresses["hpe_ilo5"]
    own_site.fleet.simulator.fault("hpe_ilo5", "status", status=500, uri="/Memory/[^/?]+$|/Memory", count=None)
    host = own_site.listed().bmc(address)
    assert host["bmc_discovery"]["status"] == "answered"
    assert host["bmc_discovery"]["incomplete"]
    assert all(
        "/memory" in entry["uri"].lower() and "500" in entry["why"] for entry in host["bmc_discovery"]["incomplete"]
    )
    assert host["bmc_hardware"]["processors"]


def test_another_certificate_than_the_recorded_one_is_refused(own_site: Site) -> None:
    name, address = next(iter(own_site.fleet.addresses.items()))
    before = own_site.listed().bmc(address)
    own_site.fleet.simulator.set_state(name, certificate="new")
    own_site.fleet.simulator.clear_requests(name)
    after = own_site.listed().bmc(address)
    assert after["bmc_discovery"]["status"] == "refused"
    assert "pinned" in after["bmc_discovery"]["why"]
    # Never the impostor's: tasks would believe it.
    assert after["bmc_fingerprint"] == before["bmc_fingerprint"]
    assert all("authorization" not in request["headers"] for request in own_site.fleet.simulator.requests(name))


def test_what_changed_is_told_in_words_of_the_facts(own_site: Site) -> None:
    address = own_site.fleet.addresses["hpe_ilo5"]
    own_site.fleet.simulator.set_state("hpe_ilo5", systems={"1": {"power_state": "Off"}})
    listed = own_site.listed()
    assert {"path": "systems/1/power_state", "from": "On", "to": "Off"} in listed.bmc(address)["bmc_discovery"][
        "changed"
    ]
    others = [host for host in listed.hostvars.values() if host["bmc_address"] != address]
    assert all(host["bmc_discovery"]["changed"] == [] for host in others)


def test_the_cache_holds_no_secret_and_saves_every_request(own_site: Site) -> None:
    cached = {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(own_site.folder / "cache")}
    first = own_site.listed(**cached)
    for name in own_site.fleet.addresses:
        own_site.fleet.simulator.clear_requests(name)
    second = own_site.listed(**cached)
    assert second.hostvars == first.hostvars
    assert all(own_site.fleet.simulator.requests(name) == [] for name in own_site.fleet.addresses)
    own_site.flush_cache()
    assert all(own_site.fleet.simulator.requests(name) for name in own_site.fleet.addresses)
    kept = [*(own_site.folder / "cache").iterdir(), *(own_site.folder / "state").rglob("*.jsonl")]
    assert kept
    assert all(PASSWORD.encode() not in file.read_bytes() for file in kept)


def test_exports_are_plain_and_hold_references_only(found: Listed) -> None:
    text = json.dumps(found.content)
    assert "__ansible_unsafe" not in text.replace('{"__ansible_unsafe": "{{ ansible_playbook_python }}"}', "")
    assert PASSWORD not in text


def test_a_template_in_what_a_bmc_says_stays_text(own_site: Site) -> None:
    own_site.fleet.simulator.set_state("hpe_ilo5", hardware={"proc1dimm1": {"PartNumber": "{{ 7 * 7 }}"}})
    host = own_site.listed().bmc(own_site.fleet.addresses["hpe_ilo5"])
    assert "{{ 7 * 7 }}" in json.dumps(host["bmc_hardware"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"targts": ["10.0.0.1"]}, "targts"),
        ({"targets": ["10.1.0.0/99"]}, "10.1.0.0/99"),
        ({"bmc_credentials": [{"type": "enviroment"}]}, "enviroment"),
        pytest.param({"credentials": [{"match": "10.0.0.1"}]}, "credentials[0]", marks=pytest.mark.soak),
        pytest.param({"id_map": "@missing.json"}, "missing.json", marks=pytest.mark.soak),
        pytest.param({"bmc_deadline": 0}, "bmc_deadline", marks=pytest.mark.soak),
    ],
)
def test_a_typo_fails_before_anything_is_sent(own_site: Site, options: dict[str, Any], said: str) -> None:
    listed = own_site.listed(**options)
    assert listed.status != 0
    assert said in listed.stderr
    assert all(own_site.fleet.simulator.requests(name) == [] for name in own_site.fleet.addresses)


def test_every_module_runs_on_a_discovered_node_without_further_options(
    own_site: Site, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    names = {address: name for name, address in own_site.fleet.addresses.items()}
    nodes = {name: host for name, host in own_site.listed().hostvars.items() if "bmc_system" in host}
    for host in nodes.values():
        host["wanted"] = dict(ASKED[names[host["bmc_address"]]].given) if names[host["bmc_address"]] in ASKED else {}
    image = {"image_path": str(tmp_path / "bmc.bin"), "version": "9.9.9", "component": "bmc"}
    Path(image["image_path"]).write_bytes(build("BMC", "9.9.9"))
    accounts = {name: own_site.environment()[name] for name in ("SITE_USER", "SITE_PASSWORD")}
    controller = Controller(tmp_path_factory.mktemp("controller"), accounts)
    ntp = {"enabled": True, "servers": ["10.0.0.1"]}
    tasks: list[dict[str, Any]] = [
        {"name": "info", "openchami.bmc.bmc_info": {}},
        {"name": "consoles", "openchami.bmc.bmc_console_uri": {}},
        {"name": "settings", "openchami.bmc.bmc_settings": {"ntp": ntp, "unsupported": "ignore"}, "check_mode": True},
        {
            "name": "bios",
            "openchami.bmc.bmc_bios": {"attributes": "{{ wanted }}"},
            "check_mode": True,
            "when": "wanted | length > 0",
        },
        {
            "name": "firmware",
            # Nobody can order Cray's versions, and some BMCs restart for it.
            "openchami.bmc.bmc_firmware": {**image, "downgrade": True, "allow_bmc_reset": True},
            "check_mode": True,
        },
        {"name": "cut", "openchami.bmc.bmc_power": {"state": "force_off"}},
    ]
    run = controller.run(nodes, tasks)
    for name, host in nodes.items():
        for task in tasks:
            outcome = run.of(name, task["name"])
            skipped = task["name"] == "bios" and not host["wanted"]
            assert outcome.status == ("skipped" if skipped else "ok"), outcome.result
        assert run.of(name, "firmware").result["changed"]
        assert own_site.fleet.power(names[host["bmc_address"]])[host["bmc_system"]] == "Off"


@pytest.mark.parametrize("number", range(len(documented())))
def test_the_examples_of_the_documentation_run(site: Site, number: int) -> None:
    """With the fleet in place of their addresses, and its account and certificates in place of the example's."""
    example = documented()[number]
    here = ("plugin", "targets", "exclude", "bmc_ca_path", "bmc_credentials", "credentials")
    (site.folder / "bmc-id-map.json").write_text(json.dumps({"map_key": "bmc-ip-addr", "id_map": {}}))
    listed = site.listed(**{name: value for name, value in example.items() if name not in here})
    assert listed.status == 0, listed.stderr
    assert listed.summary["answered"] == len(site.fleet.addresses)
    assert {"bmc_status_answered", *(f"maker_{name}" for name in ("hpe", "dell") if "keyed_groups" in example)} <= set(
        listed.content
    )


def test_names_by_a_template(site: Site) -> None:
    listed = site.listed(
        names=["template"], name_template="bmc-{{ host.split('.')[3] }}", hosts="bmcs", gather_subset=[]
    )
    numbers = [address.partition(":")[0].rpartition(".")[2] for address in site.fleet.addresses.values()]
    assert sorted(listed.hostvars) == sorted(f"bmc-{number}" for number in numbers)


def test_groups_and_composed_variables(site: Site) -> None:
    listed = site.listed(
        names=["id_map"],
        id_map={site.fleet.addresses["cray_ex_nc"]: "x1000c3s0b0"},
        compose={"maker_and_model": "bmc_vendor ~ ' ' ~ bmc_model"},
        groups={"dark": "bmc_power_state == 'Off'"},
        keyed_groups=[{"key": "bmc_dialect", "prefix": "speaks"}],
    )
    assert set(listed.content["bmc_chassis_x1000c3"]["hosts"]) >= {"x1000c3s0b0", "x1000c3s0b0n0", "x1000c3s0b0n1"}
    assert "x1000c3s0b0" in listed.content["speaks_cray"]["hosts"]
    assert listed.hostvars["x1000c3s0b0"]["maker_and_model"].startswith("cray ")
