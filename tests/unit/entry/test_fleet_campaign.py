# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A campaign from its first step to its last, killed anywhere and taken up again, against BMCs that count."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.clock import SystemClock
from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BadArtifact, Busy, InvalidRequest
from ansible_collections.openchami.bmc.plugins.module_utils._entry import fleet_campaign
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import typed
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Task
from ansible_collections.openchami.bmc.plugins.plugin_utils._campaign_page import page
from tests.unit.fake_clock import FakeClock

BUNDLE = {"reference": "r.example/nc:1@sha256:aa", "digest": "sha256:aa", "version": "1.0.0"}


class Killed(Exception):
    """The controller is no more."""


@dataclass
class Machine:
    """A BMC that counts its flashes. ends: how an update of it ends. runs: whether one is under way."""

    ends: str = "updated"
    version: str = "1"
    runs: bool = False
    flashes: int = 0

    def look(self) -> dict[str, Any]:
        return self.told("current" if self.version == "2" else "planned")

    def submit(self) -> dict[str, Any]:
        """As bmc_firmware: it looks first, follows what runs, else begins."""
        if self.version == "2":
            return self.told("current")
        if self.ends == "refused":
            return {"failed": True, "msg": "no", "error": {"kind": "Busy", "what": "no", "why": ""}}
        self.flashes += not self.runs
        self.runs = True
        return {**self.told("submitted"), "handle": {"number": self.flashes}}

    def settle(self) -> dict[str, Any]:
        self.runs = False
        if self.ends != "updated":
            return {"failed": True, "msg": "no", "error": {"kind": "UpdateFailed", "what": "no", "why": ""}}
        self.version = "2"
        return self.told("updated")

    def told(self, state: str) -> dict[str, Any]:
        return {"updates": [{"component": "bmc", "uri": "/bmc", "before": "1", "wanted": "2", "state": state}]}


@dataclass
class Spoiler(Machine):
    """While it is waited for, somebody replaces a file."""

    image: Path = Path()

    def settle(self) -> dict[str, Any]:
        self.image.write_bytes(b"another one")
        return super().settle()


@dataclass
class Story:
    """The role's tasks, without Ansible. bmcs: by address. leads: the address behind each host.

    taken_back: the hosts on which the site's tasks after the update ran, and what they were told.
    """

    folder: Path
    bmcs: Mapping[str, Machine]
    leads: Mapping[str, str]
    options: dict[str, Any] = field(default_factory=dict)
    bundle: Mapping[str, Any] = field(default_factory=lambda: BUNDLE)
    check_mode: bool = False
    steps: int = 0
    last: int = 10**9
    taken_back: list[tuple[str, str]] = field(default_factory=list)

    def run(self, kill_after: int = 10**9) -> dict[str, Any]:
        """A run of ansible-playbook; what it says at its end. Raises Killed."""
        self.steps, self.last = 0, kill_after
        variables: dict[str, dict[str, Any]] = {host: {"bmc_address": where} for host, where in self.leads.items()}
        with _lifeline() as lifeline:
            return self._run(variables, lifeline)

    def _run(self, variables: dict[str, dict[str, Any]], lifeline: int) -> dict[str, Any]:
        opened = self._step("open", variables, lifeline)
        for host in opened["look"]:
            variables[host]["firmware_campaign_found"] = self._machine(host).look()
        planned = self._step("plan", variables, lifeline, bundle=dict(self.bundle))
        if self.check_mode:
            return planned
        for wave in planned["waves"]:
            about = {"wave": wave, "first_wave": planned["waves"][0]}
            begun = self._step("begin", variables, lifeline, **about)
            if not begun["go"]:
                continue
            here = {host: variables[host] for host in begun["hosts"]}
            ready = self._step("record", variables, lifeline, **about)
            self._each(ready["submit"], here, "firmware_campaign_submitted", "submit")
            sent = self._step("record", variables, lifeline, **about)
            self._each(sent["settle"], here, "firmware_campaign_settled", "settle")
            done = self._step("record", variables, lifeline, **about)
            self._take_back(done["take_back"], here)
            self._step("record", variables, lifeline, **about)
        return self._step("close", variables, lifeline)

    def _each(self, hosts: Mapping[str, Any], here: dict[str, dict[str, Any]], name: str, what: str) -> None:
        """The task on each host; killed, it is done on some and told of by none."""
        for host in hosts.keys() & here.keys():
            here[host][name] = getattr(self._machine(host), what)()
            self._count()

    def _take_back(self, outcomes: Mapping[str, str], here: dict[str, dict[str, Any]]) -> None:
        for host in outcomes.keys() & here.keys():
            self.taken_back.append((host, outcomes[host]))
            here[host]["firmware_campaign_returned"] = ""
            self._count()

    def _step(
        self, step: str, variables: Mapping[str, Mapping[str, Any]], lifeline: int, **more: Any
    ) -> dict[str, Any]:
        given = {"step": step, "firmware": {"bundle": "r.example/nc:1"}, **self.options, **more}
        given["state_folder"] = str(self.folder)
        inventory = fleet_campaign.Inventory(
            list(variables),
            list(variables),
            (),
            variables.__getitem__,
            lambda host: str(variables[host]["bmc_address"]),
        )
        task = Task("", check_mode=self.check_mode)
        told = fleet_campaign.run(typed(fleet_campaign.ARGUMENT_SPEC, given), task, inventory, page, lifeline)
        self._count()
        return told

    def _count(self) -> None:
        self.steps += 1
        if self.steps >= self.last:
            raise Killed

    def _machine(self, host: str) -> Machine:
        return self.bmcs[self.leads[host]]


@contextmanager
def _lifeline() -> Iterator[int]:
    """The run lives as long as the other end is open."""
    read, write = os.pipe()
    try:
        yield read
    finally:
        os.close(write)
        os.close(read)


def story(folder: Path, count: int, **options: Any) -> Story:
    bmcs = {f"10.0.0.{number}": Machine() for number in range(count)}
    return Story(folder, bmcs, {f"h{number}": address for number, address in enumerate(bmcs)}, options)


def test_all_get_it_once_and_the_next_run_finds_it_done(tmp_path: Path) -> None:
    told = story(tmp_path, 7, waves=["2", "100%"])
    # Another host of the first BMC.
    told.leads = {**told.leads, "h0-again": "10.0.0.0"}
    end = told.run()
    assert (end["phase"], end["failed_hosts"], end["problem"]) == ("finished", {}, "")
    assert end["counts"]["updated"] == 7
    assert told.run()["counts"]["current"] == 7
    assert {machine.flashes for machine in told.bmcs.values()} == {1}


def test_a_failed_canary_stops_it(tmp_path: Path) -> None:
    told = story(tmp_path, 5, budget="100%", canary=["h3"])
    told.bmcs["10.0.0.3"].ends = "failed"
    end = told.run()
    assert (end["phase"], end["problem"]) == ("stopped", "a canary failed: h3")
    assert [machine.flashes for machine in told.bmcs.values()] == [0, 0, 0, 1, 0]
    # It stays so until it is tried once more, or begun anew.
    assert told.run()["phase"] == "stopped"
    told.bmcs["10.0.0.3"].ends = "updated"
    told.options["retry_failed"] = True
    assert told.run()["phase"] == "finished"
    assert [machine.flashes for machine in told.bmcs.values()] == [1, 1, 1, 2, 1]


def test_the_budget_counts_over_all_waves_and_runs(tmp_path: Path) -> None:
    told = story(tmp_path, 6, budget="1", canary=0, waves=["2"], pause="after_each_wave")
    for address in ("10.0.0.1", "10.0.0.2"):
        told.bmcs[address].ends = "failed"
    assert told.run()["phase"] == "paused"
    end = told.run()
    assert (end["phase"], set(end["failed_hosts"])) == ("stopped", {"h1", "h2"})
    assert [machine.flashes for machine in told.bmcs.values()] == [1, 1, 1, 1, 0, 0]
    told.options["budget"] = "34%"
    assert told.run()["phase"] == "finished"


def test_it_pauses_where_it_is_told_to(tmp_path: Path) -> None:
    told = story(tmp_path / "state", 4, waves=["1"], pause="after_canaries")
    assert told.run()["phase"] == "paused"
    assert [machine.flashes for machine in told.bmcs.values()] == [1, 0, 0, 0]
    file = tmp_path / "pause"
    file.touch()
    told.options["pause_file"] = str(file)
    assert told.run()["phase"] == "paused"
    assert [machine.flashes for machine in told.bmcs.values()] == [1, 0, 0, 0]
    file.unlink()
    assert told.run()["phase"] == "finished"


@pytest.mark.parametrize("stopped", [False, True], ids=["running", "stopped"])
@pytest.mark.parametrize("kill_after", [4, 10, 12])
def test_hosts_are_taken_back_also_where_the_run_before_was_killed(
    tmp_path: Path, kill_after: int, stopped: bool
) -> None:
    """Killed while they are prepared, before they are taken back, and with one taken back; also once it has stopped."""
    told = story(tmp_path, 3, canary=0, waves=["2"], take_back=True)
    if stopped:
        told.bmcs["10.0.0.0"].ends = "failed"
    with suppress(Killed):
        told.run(kill_after)
    end = told.run()
    assert end["phase"] == ("stopped" if stopped else "finished")
    outcomes = {"h0": "failed" if stopped else "updated", "h1": "updated"}
    outcomes |= {} if stopped else {"h2": "updated"}
    counts = Counter(told.taken_back)
    assert set(counts) == set(outcomes.items())
    assert max(counts.values()) <= 2
    before = list(told.taken_back)
    told.run()
    assert told.taken_back == before


def test_check_mode_tells_the_plan_and_writes_nothing(tmp_path: Path) -> None:
    told = story(tmp_path / "state", 4, output=str(tmp_path / "report"))
    told.check_mode = True
    planned = told.run()
    assert planned["waves"] == [0, 1, 2, 3]
    assert "plan: 1 canary, then 1 in wave 1, then 1 in wave 2, then 1 in wave 3" in planned["lines"]
    assert list(tmp_path.iterdir()) == []


def test_another_bundle_behind_the_same_name_is_refused(tmp_path: Path) -> None:
    told = story(tmp_path, 4, pause="after_canaries")
    told.run()
    told.bundle = {**BUNDLE, "digest": "sha256:bb"}
    with pytest.raises(BadArtifact, match="another one than the campaign began with"):
        told.run()
    told.options["anew"] = True
    assert told.run()["phase"] == "paused"
    assert len(list(tmp_path.glob("firmware.2*.json"))) == 1


def test_a_file_that_is_replaced_between_two_waves_goes_no_further(tmp_path: Path) -> None:
    told = story(tmp_path / "state", 4, waves=["1"], canary=0, budget="9", retry_failed=True)
    image = tmp_path / "bmc.bin"
    image.write_bytes(b"one")
    told.options["firmware"] = {"image_path": str(image), "version": "2"}
    told.bundle = {}
    told.bmcs = {**told.bmcs, "10.0.0.1": Spoiler(image=image)}
    with pytest.raises(BadArtifact, match="another one than the campaign began with"):
        told.run()
    assert [machine.version for machine in told.bmcs.values()] == ["2", "2", "1", "1"]
    image.write_bytes(b"one")
    assert told.run()["phase"] == "finished"
    assert [machine.flashes for machine in told.bmcs.values()] == [1, 1, 1, 1]


def test_another_name_is_no_second_try(tmp_path: Path) -> None:
    """As a slice of AWX has when a host is added that sorts before its first one."""
    told = story(tmp_path, 2, name="slice-b", budget="1", canary=0)
    told.bmcs["10.0.0.1"].ends = "failed"
    assert told.run()["phase"] == "finished"
    told.options["name"] = "slice-a"
    with pytest.raises(
        InvalidRequest, match="has failed on these hosts, or may be under way, in the campaign slice-b: h1"
    ):
        told.run()
    assert [machine.flashes for machine in told.bmcs.values()] == [1, 1]
    told.options["firmware"] = {"bundle": "r.example/nc:2"}
    told.run()
    assert [machine.flashes for machine in told.bmcs.values()] == [1, 2]
    told.options |= {"firmware": {"bundle": "r.example/nc:1"}, "retry_failed": True, "name": "slice-c"}
    told.bmcs["10.0.0.1"].ends = "updated"
    assert told.run()["failed_hosts"] == {}


def test_one_run_at_a_time(tmp_path: Path) -> None:
    from ansible_collections.openchami.bmc.plugins.module_utils._operations.campaign.state import StateFile

    file = StateFile(tmp_path, "firmware")
    with _lifeline() as first:
        file.hold(first, SystemClock())
        with _lifeline() as second, pytest.raises(Busy, match="another run works on the campaign firmware"):
            file.hold(second, FakeClock())
        StateFile(tmp_path, "another").hold(first, FakeClock())
    with _lifeline() as third:
        file.hold(third, SystemClock())


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "x" * 101])
def test_a_name_is_the_name_of_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidRequest, match="cannot be called"):
        story(tmp_path, 1, name=name).run()


@pytest.mark.parametrize(
    "options",
    [{"budget": "few"}, {"waves": ["some"]}, {"waves": []}, {"canary": -1}, {"canary": {}}, {"canary": ["x"]}],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, options: dict[str, Any]) -> None:
    told = story(tmp_path, 2, **options)
    with pytest.raises(InvalidRequest):
        told.run()
    assert [machine.flashes for machine in told.bmcs.values()] == [0, 0]


@settings(max_examples=25, deadline=None)
@given(
    ends=st.lists(st.sampled_from(["updated", "updated", "updated", "failed", "refused"]), min_size=1, max_size=6),
    canary=st.integers(0, 2),
    budget=st.integers(0, 3),
    kill_after=st.integers(1, 40),
)
def test_killed_anywhere_and_taken_up_it_flashes_nothing_twice(
    ends: list[str], canary: int, budget: int, kill_after: int
) -> None:
    with TemporaryDirectory() as folder:
        told = story(Path(folder), len(ends), canary=canary, budget=str(budget), waves=["2"])
        for machine, way in zip(told.bmcs.values(), ends, strict=True):
            machine.ends = way
        try:
            end = told.run(kill_after)
        except Killed:
            end = told.run()
        machines = list(told.bmcs.values())
        assert all(machine.flashes <= 1 and not machine.runs for machine in machines)
        counts = end["counts"]
        assert counts["updated"] + counts["current"] == sum(machine.version == "2" for machine in machines)
        assert counts["failed"] == sum(machine.flashes and machine.ends == "failed" for machine in machines)
        if end["phase"] == "finished" and not end["problem"]:
            assert counts["counted"] <= budget
