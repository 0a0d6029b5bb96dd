# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""openchami.bmc.baseline: what it reports is so, each class mends only itself, and never more BMCs than the budget.

One story on a mixed fleet, in which each chapter begins where the last one ended.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.bios_cases import ASKED, TIMING
from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Run

BASELINE = "openchami.bmc.baseline"
# The BIOS of these is described; OpenBMC has none.
PROFILES = {"ilo": "hpe_ilo5", "idrac": "dell_idrac9", "openbmc": "openbmc"}
BIOS = {name: ASKED[profile] for name, profile in PROFILES.items() if profile in ASKED}
SERVERS = ["10.1.0.1", "10.1.0.2"]
ALL_CLASSES = ["settings", "bios_staging", "reboots", "manager_resets"]
QUICK = {"bmc_baseline_poll_interval": 0.2}
Row = tuple[str, str, str]


@dataclass(frozen=True)
class Chapter:
    """A run, what it wrote into drift.json, and what each BMC was sent and has become."""

    run: Run
    data: dict[str, Any]
    sent: dict[str, list[dict[str, Any]]]
    state: dict[str, dict[str, Any]]

    @property
    def drift(self) -> set[Row]:
        return {(row["host"], row["class"], row["name"]) for row in self.data["drift"]}

    @property
    def touched(self) -> set[str]:
        return {name for name, writes in self.sent.items() if writes}

    def outcomes(self, kind: str) -> dict[str, str]:
        """By host, of one class."""
        return {row["host"]: row["outcome"] for row in self.data["drift"] if row["class"] == kind}

    def resets(self, name: str) -> list[str]:
        return [write["uri"].rpartition("/")[2] for write in self.sent[name] if "ResetType" in write["body"]]


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    timing = {**TIMING, "manager_reset": 0.5}
    return start_fleet([{"name": name, "profile": profile, "timing": timing} for name, profile in PROFILES.items()])


@pytest.fixture(scope="module")
def hosts(fleet: Fleet) -> dict[str, dict[str, Any]]:
    """The BMCs, and a second host that leads to one of them."""
    found = {
        name: fleet.variables(
            name,
            bmc_baseline_settings={"ntp": {"servers": SERVERS}},
            bmc_baseline_bios=dict(BIOS[name].given) if name in BIOS else {},
        )
        for name in PROFILES
    }
    return {**found, "ilo-twin": found["ilo"]}


Play = Callable[..., Chapter]


@pytest.fixture(scope="module")
def play(fleet: Fleet, hosts: Mapping[str, Mapping[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Play:
    controller = Controller(tmp_path_factory.mktemp("controller"))

    def played(*mend: str, arguments: tuple[str, ...] = (), playbook: str = BASELINE, **variables: Any) -> Chapter:
        for name in PROFILES:
            fleet.simulator.clear_requests(name)
        output = tmp_path_factory.mktemp("out")
        told = {"bmc_baseline_output": str(output), "output": str(output), "bmc_hosts": "all", **QUICK, **variables}
        told |= {"bmc_baseline_mend": list(mend)} if mend else {}
        run = controller.run_playbook(
            hosts, playbook, groups={"bmc_protected": []}, arguments=["-e", json.dumps(told), *arguments]
        )
        assert run.status == 0, run.stdout[-3000:]
        written = output / "drift.json"
        data = json.loads(written.read_bytes()) if written.exists() else {}
        sent = {name: fleet.plan(name) for name in PROFILES}
        return Chapter(run, data, sent, {name: fleet.simulator.state(name) for name in PROFILES})

    return played


def bios_of(state: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(iter(state["bios"].values()), {"active": {}, "waiting": {}})


def true_drift(chapter: Chapter, lacking: set[str]) -> set[Row]:
    """What the BMCs are, against what is described. lacking: those whose time servers are others."""
    found: set[Row] = {(name, "settings", "ntp.servers") for name in lacking}
    for name, state in chapter.state.items():
        if name not in lacking and state["configuration"]["pending"]:
            found.add((name, "manager_resets", "ntp.servers"))
        for attribute, value in BIOS[name].sent.items() if name in BIOS else ():
            bios = bios_of(state)
            if bios["active"][attribute] != value:
                kind = "reboots" if bios["waiting"].get(attribute) == value else "bios_staging"
                found.add((name, kind, attribute))
    return found


def servers_of(state: Mapping[str, Any]) -> bool:
    """Whether somewhere in what was written into a BMC both servers stand."""
    return all(server in json.dumps(state["configuration"]["written"]) for server in SERVERS)


@pytest.fixture(scope="module")
def story(fleet: Fleet, play: Play) -> dict[str, Chapter]:
    # One value of the iDRAC waits already, with all others of its baseline active: a restart would do.
    waiting = dict(BIOS["idrac"].sent)
    (system,) = fleet.simulator.state("idrac")["bios"]
    fleet.simulator.set_state("idrac", bios={system: {"waiting": waiting, "job": True}})
    return {
        "report": play(),
        # What is switched on stands in the variable file that both playbooks are given.
        "reconcile": play(*ALL_CLASSES, playbook="openchami.bmc.reconcile"),
        "check": play(*ALL_CLASSES, arguments=("--check",)),
        "two of them": play("settings", bmc_baseline_budget=2, batch_size=2),
        "settings": play("settings"),
        "staging": play("bios_staging"),
        "restarts": play("reboots", "manager_resets"),
        "report again": play(),
    }


def test_the_report_is_what_is_there_and_writes_nothing(story: Mapping[str, Chapter]) -> None:
    chapter = story["report"]
    assert chapter.drift == true_drift(chapter, set(PROFILES))
    assert {kind for _host, kind, _name in chapter.drift} == {"settings", "bios_staging", "reboots"}
    assert chapter.touched == set()
    assert {row["outcome"] for row in chapter.data["drift"]} == {"not switched on"}
    values = {(row["host"], row["name"]): (row["is"], row["wanted"]) for row in chapter.data["drift"] if row["system"]}
    for name, asked in BIOS.items():
        active = bios_of(chapter.state[name])["active"]
        for attribute, value in asked.sent.items():
            assert values[name, attribute] == (active[attribute], value)
    counts = chapter.data["counts"]
    assert (counts["hosts"], counts["bmcs"], counts["drifting"], counts["as_described"]) == (4, 3, 3, 0)


def test_reconcile_tells_the_same_and_writes_nothing(story: Mapping[str, Chapter]) -> None:
    chapter = story["reconcile"]
    assert chapter.data == story["report"].data
    assert chapter.touched == set()


def test_the_table_has_a_row_for_each_drift(story: Mapping[str, Chapter]) -> None:
    chapter = story["report"]
    (said,) = [outcome for outcome in chapter.run.outcomes if outcome.task.endswith("Say it")]
    lines = said.result["msg"]
    assert lines[0] == "3 described BMCs: 3 with drift"
    heading = lines.index(next(line for line in lines if line.startswith("HOST")))
    rows = [line.split()[:2] for line in lines[heading + 1 : heading + 1 + len(chapter.data["drift"])]]
    assert Counter(map(tuple, rows)) == Counter((row["host"], row["class"]) for row in chapter.data["drift"])
    assert max(map(len, lines[:-1])) <= 120


def test_check_mode_writes_nothing_anywhere(story: Mapping[str, Chapter]) -> None:
    chapter = story["check"]
    assert chapter.touched == set()
    (said,) = [outcome for outcome in chapter.run.outcomes if outcome.task.endswith("Say it")]
    assert any(line.endswith("would mend") for line in said.result["msg"])


def test_the_budget_holds_across_batches(story: Mapping[str, Chapter]) -> None:
    """The first batch spends it all."""
    chapter = story["two of them"]
    assert chapter.touched == {"ilo", "idrac"}
    assert chapter.outcomes("settings") == {"ilo": "waits for a restart", "idrac": "mended", "openbmc": "over budget"}


def test_each_class_mends_only_itself(story: Mapping[str, Chapter]) -> None:
    settings = story["settings"]
    assert settings.touched == {"openbmc"}
    assert all(servers_of(settings.state[name]) for name in PROFILES)
    for chapter in (story["two of them"], settings):
        assert not any(chapter.resets(name) for name in PROFILES)
        assert bios_of(chapter.state["ilo"])["waiting"] == {}
    staging = story["staging"]
    assert staging.touched == {"ilo"}
    assert not any(staging.resets(name) for name in PROFILES)
    assert staging.outcomes("bios_staging") == {"ilo": "staged"}
    assert staging.outcomes("manager_resets") == {"ilo": "not switched on"}
    assert bios_of(staging.state["ilo"])["waiting"] == BIOS["ilo"].sent
    restarts = story["restarts"]
    assert restarts.resets("ilo") == ["Manager.Reset", "ComputerSystem.Reset"]
    assert restarts.resets("idrac") == ["ComputerSystem.Reset"]
    assert all(len(restarts.sent[name]) == len(restarts.resets(name)) for name in PROFILES)
    assert set(restarts.outcomes("reboots").values()) == set(restarts.outcomes("manager_resets").values()) == {"mended"}


def test_each_report_is_what_was_there_before_it_mended(story: Mapping[str, Chapter]) -> None:
    assert story["settings"].drift == true_drift(story["two of them"], {"openbmc"})
    assert story["staging"].drift == true_drift(story["settings"], set())
    assert story["restarts"].drift == true_drift(story["staging"], set())


def test_in_the_end_there_is_no_drift(story: Mapping[str, Chapter]) -> None:
    chapter = story["report again"]
    assert chapter.data["drift"] == []
    assert chapter.touched == set()
    assert true_drift(chapter, set()) == set()
    for name, asked in BIOS.items():
        active = bios_of(chapter.state[name])["active"]
        assert {attribute: active[attribute] for attribute in asked.sent} == asked.sent
    assert chapter.data["counts"]["as_described"] == len(PROFILES)


def test_who_is_protected_or_silent_is_told_of_and_not_mended(
    fleet: Fleet, hosts: Mapping[str, Mapping[str, Any]], story: Mapping[str, Chapter], tmp_path: Path
) -> None:
    fleet.simulator.clear_requests("openbmc")
    other = {"bmc_baseline_settings": {"ntp": {"servers": ["10.9.9.9"]}}, "bmc_baseline_bios": {}}
    told = {"openbmc": {**hosts["openbmc"], **other}, "gone": {**hosts["ilo"], **other, "bmc_address": "127.0.0.1:9"}}
    options = {"bmc_baseline_mend": ALL_CLASSES, "bmc_baseline_output": str(tmp_path / "out"), **QUICK}
    controller = Controller(tmp_path / "controller")
    groups = {"bmc_protected": ["openbmc"]}

    def played(**more: Any) -> Run:
        arguments = ["-e", json.dumps({**options, **more})]
        return controller.run_playbook(told, BASELINE, groups=groups, arguments=arguments)

    run = played()
    assert (run.status != 0, (tmp_path / "out").exists()) == (True, False)
    assert any("No target was named" in outcome.msg for outcome in run.outcomes)
    run = played(bmc_hosts="all")
    assert run.status != 0
    data = json.loads((tmp_path / "out" / "drift.json").read_bytes())
    assert [(row["host"], row["outcome"]) for row in data["drift"]] == [("openbmc", "protected")]
    assert [entry["host"] for entry in data["not_known"]] == ["gone"]
    assert fleet.methods("openbmc") == {"GET"}
    assert run.of("gone", "openchami.bmc.bmc_baseline : Fail what failed").status == "failed"
