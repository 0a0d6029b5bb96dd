# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recorded trees of real BMCs, served read-only: bmc_info is right, bmc_power plans rightly, and nothing is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.playbook import Controller
from tests.trees.archives import Document, Tree, all_trees, each, one_form, tree
from tests.trees.expected import STATES, Expected, expected
from tests.trees.server import TreeServer
from tests.trees.tasks import Result, assert_in_order, info, login, predict, resets

# Maker and dialect of what is recorded (reference: each tree's own root, manager and system). A dialect without a
# driver yet is generic.
MAKER_AND_DIALECT = {
    "hpe-ilo5-dl385gen10plusv2": ("hpe", "hpe"),
    "dell-idrac9-r750": ("dell", "dell"),
    "cray-ex425-nc": ("cray", "cray"),
    "cray-cmm-cc": ("cray", "cray"),
    "supermicro-x13-sys821ge": ("supermicro", "supermicro"),
    "lenovo-xcc-sr670v2": ("lenovo", "lenovo"),
    "nvidia-gh200": ("nvidia", "openbmc"),
    "openbmc-stock": ("openbmc", "openbmc"),
    "ami-gigabyte-h262z63": ("gigabyte", "ami"),
}
COLLECTIONS = {"system": "Systems", "manager": "Managers", "chassis": "Chassis"}
BMC_TYPES = ("BMC", "EnclosureManager", "ManagementController")


@dataclass(frozen=True)
class Served:
    """A tree and the server that shows it."""

    tree: Tree
    server: TreeServer

    @property
    def address(self) -> str:
        return self.server.address

    def facts(self) -> Document:
        """What facts.json says of it; a tree of which it says nothing has only the tests that need no facts."""
        if self.tree.facts is None:
            pytest.skip(f"facts.json says nothing of {self.tree.name}")
        return self.tree.facts

    def info(self) -> Result:
        self.server.requests.clear()
        result = info(self.address)
        self.assert_reads_only()
        return result

    def predict(self, state: str, **options: Any) -> Result:
        self.server.requests.clear()
        result = predict(self.address, state, **options)
        self.assert_reads_only()
        return result

    def assert_reads_only(self) -> None:
        """No write reached the server, and nothing was read twice."""
        assert self.server.writes == []
        assert len(set(self.server.requests)) == len(self.server.requests)


@pytest.fixture(scope="module", params=each())
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    recorded = tree(request.param)
    with TreeServer(recorded.documents) as server:
        yield Served(recorded, server)


@pytest.fixture(scope="module")
def identities() -> dict[str, Document]:
    """The identity of every tree, as bmc_info shows it."""
    shown = {}
    for recorded in all_trees():
        with TreeServer(recorded.documents) as server:
            shown[recorded.name] = info(server.address)["bmc"]["identity"]
    return shown


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENCHAMI_BMC_STATE_DIR", str(tmp_path / "state"))


def shutdown(tree: Tree) -> str:
    """The ResetType that shuts down gracefully."""
    return "Off" if tree.name.startswith("cray") else "GracefulShutdown"


def plain(value: str | None) -> str | None:
    """A recorded string as a reader shows it: without padding, nothing for a blank one."""
    return (value or "").strip() or None


def resettable(tree: Tree, kind: str) -> list[Document]:
    """The resources of a kind that offer a reset; of the managers those that are BMCs."""
    documents = [document for document in tree.collection(COLLECTIONS[kind]) if tree.reset(document)]
    return [document for document in documents if kind != "manager" or document.get("ManagerType") in BMC_TYPES]


def test_info_shows_the_systems_of_the_facts(served: Served) -> None:
    recorded = served.facts()["systems"]
    shown = {system["uri"]: system for system in served.info()["systems"]}
    assert sorted(shown) == sorted(recorded)
    for uri, fact in recorded.items():
        system = shown[uri]
        assert system["manufacturer"] == plain(fact["Manufacturer"])
        assert system["model"] == plain(fact["Model"])
        assert system["power_state"] == plain(fact["PowerState"])
        assert system["bios_version"] == plain(fact["BiosVersion"])
        assert system["reset_target"] == fact["reset_target"]
        told = fact["reset_allowable_inline"] or fact["reset_allowable_actioninfo"] or []
        assert system["reset_types"] == told


def test_info_shows_the_managers_of_the_facts(served: Served) -> None:
    recorded = served.facts()["managers"]
    shown = {manager["uri"]: manager for manager in served.info()["managers"]}
    assert sorted(shown) == sorted(recorded)
    for uri, fact in recorded.items():
        manager = shown[uri]
        assert manager["manager_type"] == fact["ManagerType"]
        assert manager["model"] == plain(fact["Model"])
        assert manager["firmware_version"] == plain(fact["FirmwareVersion"])
        if fact["reset_allowable_inline"] or not fact["reset_actioninfo"]:
            assert manager["reset_types"] == (fact["reset_allowable_inline"] or [])
        else:
            reset = served.tree.reset(served.tree.document(uri) or {})
            assert reset is not None
            assert manager["reset_types"] == reset.values


def test_info_shows_every_chassis(served: Served) -> None:
    recorded = {document["@odata.id"]: document for document in served.tree.collection("Chassis")}
    shown = {chassis["uri"]: chassis for chassis in served.info()["chassis"]}
    assert sorted(shown) == sorted(recorded)
    for uri, document in recorded.items():
        reset = served.tree.reset(document)
        assert shown[uri]["id"] == document["Id"]
        assert shown[uri]["serial_number"] == plain(document.get("SerialNumber"))
        assert shown[uri]["power_state"] == plain(document.get("PowerState"))
        assert shown[uri]["reset_target"] == (reset.target if reset else None)
        assert shown[uri]["reset_types"] == ((reset.values if reset else None) or [])


TEXTS = {
    "id": ("Id",),
    "name": ("Name",),
    "manufacturer": ("Manufacturer",),
    "model": ("Model",),
    "part_number": ("PartNumber",),
    "serial_number": ("SerialNumber",),
    "uuid": ("UUID",),
    "power_state": ("PowerState",),
    "health": ("Status", "Health"),
    "system_type": ("SystemType",),
    "bios_version": ("BiosVersion",),
    "host_name": ("HostName",),
    "manager_type": ("ManagerType",),
    "firmware_version": ("FirmwareVersion",),
    "chassis_type": ("ChassisType",),
}
LINKS = {"managed_by": "ManagedBy", "manager_for_servers": "ManagerForServers", "computer_systems": "ComputerSystems"}


@pytest.mark.parametrize("kind", COLLECTIONS)
def test_info_shows_each_property_as_recorded(served: Served, kind: str) -> None:
    """All that bmc_info returns of a resource, its resets apart, against the recorded document itself."""
    recorded = {document["@odata.id"]: document for document in served.tree.collection(COLLECTIONS[kind])}
    for entry in served.info()[COLLECTIONS[kind].lower()]:
        document = recorded[entry["uri"]]
        assert set(entry) <= {*TEXTS, *LINKS, "uri", "reset_types", "reset_target"}
        for key in TEXTS.keys() & entry.keys():
            name, *below = TEXTS[key]
            value = document.get(name)
            assert entry[key] == plain((value or {}).get(below[0]) if below else value), key
        for key in LINKS.keys() & entry.keys():
            linked = [link["@odata.id"] for link in document.get("Links", {}).get(LINKS[key]) or ()]
            assert entry[key] == list(dict.fromkeys(linked))


def test_info_names_the_bmc(served: Served) -> None:
    facts, bmc = served.facts(), served.info()["bmc"]
    assert bmc["redfish_version"] == facts["root"]["RedfishVersion"]
    if bmc["dialect"] == "cray":
        image = served.tree.document("/redfish/v1/UpdateService/FirmwareInventory/BMC")
        assert image is not None
        assert bmc["firmware_version"] == image["Version"]
    else:
        versions = {fact["FirmwareVersion"] for fact in facts["managers"].values()}
        assert {bmc["firmware_version"]} == versions
    models = {plain(fact["Model"]) for fact in facts["systems"].values()} - {None}
    assert bmc["model"]
    assert not models or {bmc["model"]} == models


def test_maker_and_dialect(served: Served) -> None:
    if served.tree.name not in MAKER_AND_DIALECT:
        pytest.skip(f"nobody decided the maker and dialect of {served.tree.name}")
    bmc = served.info()["bmc"]
    assert (bmc["vendor"], bmc["dialect"]) == MAKER_AND_DIALECT[served.tree.name]


def test_the_identity_holds_what_tells_the_machine(served: Served) -> None:
    identity = served.info()["bmc"]["identity"]
    systems = resettable(served.tree, "system")
    assert sorted(identity["systems"]) == [document["Id"] for document in systems]
    for document in systems:
        recorded = identity["systems"][document["Id"]]
        assert recorded["uri"] == document["@odata.id"]
        assert recorded["uuid"] == plain(document.get("UUID"))
        assert recorded["serial_number"] == plain(document.get("SerialNumber"))
    told = [identity[key] for key in ("uuid", "serial_number", "mac_address")]
    assert any(told) or any(system["uuid"] or system["serial_number"] for system in identity["systems"].values())
    assert json.loads(json.dumps(identity)) == identity


@pytest.mark.parametrize("kind", ["system", "chassis", "manager"])
@pytest.mark.parametrize("escalate", [False, True], ids=["gently", "escalating"])
@pytest.mark.parametrize("state", STATES)
def test_power_is_planned(served: Served, kind: str, state: str, escalate: bool) -> None:
    """Each target by its name, each state: the resets that the tables of expected.py name, at the recorded target."""
    for document in resettable(served.tree, kind):
        reset = served.tree.reset(document)
        assert reset is not None
        offered = reset.values if reset.values is not None else STATES
        power_state = document.get("PowerState") or ""
        wanted = expected(kind, state, power_state, offered, shutdown(served.tree), escalate=escalate)
        named = {"bmc_system" if kind == "system" else "resource_id": document["Id"]}
        result = served.predict(state, target=kind, escalate=escalate, **named)
        assert_in_order(result)
        if wanted is not None:
            assert_planned(result, document, reset.target, wanted)
            if not wanted.error:
                assert_told_what_goes_down(result, served.tree.systems_in(document) if kind == "chassis" else None)


def assert_told_what_goes_down(result: Result, held: set[str] | None) -> None:
    """A chassis names the systems in it, or says that it cannot where its power would be cut. held: None for others."""
    assert {one_form(uri) for uri in result["affected_systems"]} == (held or set())
    cut = bool(set(resets(result["plan"] + result["escalation"])) - {"On"})
    assert len(result["warnings"]) == (1 if held == set() and cut else 0), result["warnings"]


def assert_planned(result: Result, document: Document, target: str, wanted: Expected) -> None:
    """The result of one target is what was wanted."""
    assert result.get("error", {}).get("kind", "") == wanted.error
    if wanted.error:
        return
    uri, before = document["@odata.id"], document.get("PowerState") or ""
    assert (resets(result["plan"]), resets(result["escalation"])) == (wanted.plan, wanted.escalation)
    assert {write["uri"] for write in result["plan"] + result["escalation"]} <= {target}
    assert {write["method"] for write in result["plan"] + result["escalation"]} <= {"POST"}
    assert result["changed"] == bool(wanted.plan)
    assert result["diff"]["before"] == {uri: {"PowerState": before}}
    assert result["diff"]["after"] == {uri: {"PowerState": wanted.after}}


@pytest.mark.parametrize(
    ("kind", "state", "option"),
    [
        ("system", "force_off", "bmc_system"),
        ("chassis", "force_off", "resource_id"),
        ("manager", "soft_restart", "resource_id"),
    ],
)
def test_a_target_is_chosen_by_its_reset_never_by_being_first(
    served: Served, kind: str, state: str, option: str
) -> None:
    """None named: the only one that can be reset; several are refused by name; where none is, it is not supported."""
    able = resettable(served.tree, kind)
    result = served.predict(state, target=kind)
    error = result.get("error", {}).get("kind", "")
    if not able:
        assert error == "NotSupported"
    elif len(able) > 1:
        assert error == "TargetUnknown"
        assert all(document["Id"] in result["msg"] for document in able)
        together = served.predict(state, target=kind, **{option: "all"})
        chosen = [target["uri"] for target in together.get("targets", ())]
        # One that cannot do it is enough to refuse all.
        assert chosen == [document["@odata.id"] for document in able] or together["error"]["kind"] == "NotSupported"
    elif not error:
        assert [target["uri"] for target in result["targets"]] == [able[0]["@odata.id"]]
    else:
        assert error == "NotSupported"
        assert f"{able[0]['@odata.id']} offers no ResetType" in result["msg"]


def test_the_order_of_the_lists_is_stable(served: Served) -> None:
    """By URI, whatever order the BMC lists them in."""
    result = served.info()
    for key in ("systems", "managers", "chassis"):
        uris = [entry["uri"] for entry in result[key]]
        assert uris == sorted(uris)


def test_what_info_promises_is_what_power_plans(served: Served) -> None:
    result = served.info()
    kinds = [("system", "systems"), ("manager", "managers"), ("chassis", "chassis")]
    able = {entry["uri"]: kind for kind, key in kinds for entry in result[key] if entry["reset_target"]}
    promised = result["capabilities"]["power"]
    assert sorted(promised) == sorted(able)
    running = {entry["uri"] for entry in result["systems"] if entry["power_state"] == "On"}
    for uri in running & set(promised):
        planned = [state for state in STATES if "error" not in served.predict(state, bmc_system=uri)]
        assert sorted(planned) == sorted(promised[uri])


def test_a_recorded_identity_is_met_again(served: Served) -> None:
    """The same plan with fewer requests, and no doubt about the machine."""
    identity = served.info()["bmc"]["identity"]
    for document in resettable(served.tree, "system"):
        cold = served.predict("off", bmc_system=document["Id"])
        needed = len(served.server.requests)
        warm = served.predict("off", bmc_system=document["Id"], bmc_identity=identity)
        assert (warm.get("plan"), warm.get("msg")) == (cold.get("plan"), cold.get("msg"))
        assert len(served.server.requests) < needed


def test_another_machine_is_refused(served: Served, identities: dict[str, Document]) -> None:
    """With the identity that was recorded of any other tree."""
    systems, managers = resettable(served.tree, "system"), resettable(served.tree, "manager")
    for name in set(identities) - {served.tree.name}:
        result = served.predict("force_off", bmc_system="all", bmc_identity=identities[name])
        assert_in_order(result)
        assert result["error"]["kind"] == ("WrongMachine" if systems else "NotSupported"), name
        named = {"target": "manager", "resource_id": managers[0]["Id"], "bmc_identity": identities[name]}
        assert served.predict("hard_restart", **named)["error"]["kind"] == "WrongMachine", name


@pytest.mark.parametrize("everything", each("all-trees"))
def test_a_playbook_over_all_trees(everything: str, controller: Controller) -> None:
    """ansible-playbook --check with every tree as a host says what the entry says, and writes nothing."""
    with ExitStack() as servers:
        running = {recorded.name: servers.enter_context(TreeServer(recorded.documents)) for recorded in all_trees()}
        hosts = {name: login(server.address) | {"bmc_system": "all"} for name, server in running.items()}
        tasks: list[Document] = [
            {"name": "info", "openchami.bmc.bmc_info": {}},
            {"name": "off", "openchami.bmc.bmc_power": {"state": "off"}},
        ]
        run = controller.run(hosts, tasks, arguments=["--check", "--diff"])
        for name, server in running.items():
            assert server.writes == []
            told = {"info": info(server.address), "off": predict(server.address, "off", bmc_system="all")}
            for task, direct in told.items():
                outcome = run.of(name, task)
                assert outcome.status == ("failed" if "error" in direct else "ok"), outcome.msg
                assert outcome.kind == direct.get("error", {}).get("kind", "")
                # A failure names the host, which has another name here; Ansible takes the warnings out and prints them.
                compared = set(direct) - {"msg", "error", "failed", "warnings"}
                assert {key: outcome.result[key] for key in compared} == {key: direct[key] for key in compared}
