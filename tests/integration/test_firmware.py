# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_firmware on every profile x component x {check, run, again} x {pull, push}, judged by what the BMCs became."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import StartFleet
from tests.integration.firmware_cases import (
    CASES,
    HTTP_PUSH,
    ILO_WITHOUT_SIMPLE_UPDATE,
    NEW,
    TIMING,
    WITHOUT,
    Asked,
    images,
    options,
)
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Outcome

Of = Mapping[str, "Account"]
PHASES = ("check", "run", "again", "check-restart", "restart", "after")


@dataclass(frozen=True)
class Story:
    """One component of one BMC, updated by one transfer. Each has a BMC of its own; settings: how that one differs."""

    profile: str
    asked: Asked
    transfer: str
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        return f"{self.profile}-{self.asked.component}-{self.method}".replace("_", "-")

    @property
    def method(self) -> str:
        return str(getattr(self.asked, self.transfer))


def _stories() -> Iterator[Story]:
    """Each method that a BMC has once, the preferred one as auto."""
    for profile, cases in CASES.items():
        for asked in cases:
            others = (transfer for transfer in ("pull", "push") if getattr(asked, transfer) not in ("", asked.auto))
            yield from (Story(profile, asked, transfer) for transfer in ("auto", *others))
    yield Story("hpe_ilo5", ILO_WITHOUT_SIMPLE_UPDATE, "auto", {"remove_simple_update": True})


OF_EACH_DIALECT = (
    *("hpe_ilo5", "dell_idrac9", "lenovo_xcc", "supermicro_x13", "openbmc", "nvidia_gh200", "cray_ex_nc"),
    *("ami_gigabyte", "unknown_maker"),
)
# The one BMC whose update service is written into before a push.
WITH_OPTIONS = ("ami_dgx_h100", HTTP_PUSH)


def _always(story: Story) -> bool:
    """Whether it is told without --soak, too."""
    return story.profile in OF_EACH_DIALECT or (story.profile, story.method) == WITH_OPTIONS


STORIES = [pytest.param(story, id=story.name, marks=() if _always(story) else pytest.mark.soak) for story in _stories()]


@dataclass(frozen=True)
class Account:
    """What a BMC was sent in a phase, and what its updates were after it."""

    outcome: Outcome
    plan: list[dict[str, Any]]
    methods: set[str]
    updates: list[dict[str, Any]]
    boots: dict[str, int]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images")
    images(folder)
    return folder


@pytest.fixture(scope="module")
def stories(pytestconfig: pytest.Config) -> list[Story]:
    return [story for story in _stories() if pytestconfig.getoption("--soak") or _always(story)]


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet, stories: list[Story]) -> Fleet:
    entries = [{"name": story.name, "profile": story.profile, "timing": TIMING, **story.settings} for story in stories]
    return start_fleet([*entries, *({"name": name, "profile": name, "timing": TIMING} for name in WITHOUT)])


@pytest.fixture(scope="module")
def accounts(
    fleet: Fleet, controller: Controller, folder: Path, stories: list[Story]
) -> Mapping[str, Mapping[str, Account]]:
    """All phases, by phase and story."""

    def played(phase: str) -> dict[str, Account]:
        restarts = phase in ("check-restart", "restart")
        taking_part = {story.name: story for story in stories if not restarts or story.asked.restart == "host"}
        hosts = {
            name: fleet.variables(
                name,
                bmc_system=story.asked.system or None,
                firmware=options(
                    story.asked, folder, transfer=story.transfer, reboot="when_needed" if restarts else "never"
                ),
            )
            for name, story in taking_part.items()
        }
        for name in hosts:
            fleet.simulator.clear_requests(name)
        task = {
            "name": phase,
            "openchami.bmc.bmc_firmware": "{{ firmware }}",
            "check_mode": phase.startswith("check"),
        }
        run = controller.run(hosts, [task], arguments=["--diff", "--forks", "10"])
        return {name: _account(fleet, name, run.of(name, phase)) for name in hosts}

    return {phase: played(phase) for phase in PHASES}


def _account(fleet: Fleet, name: str, outcome: Outcome) -> Account:
    updates = fleet.simulator.state(name)["updates"]
    return Account(outcome, fleet.plan(name), fleet.methods(name), updates, fleet.boots(name))


@pytest.mark.parametrize("story", STORIES)
class TestStory:
    @pytest.fixture
    def of(self, accounts: Mapping[str, Mapping[str, Account]], story: Story) -> dict[str, Account]:
        return {phase: of_phase[story.name] for phase, of_phase in accounts.items() if story.name in of_phase}

    def test_check_mode_only_reads_and_tells_what_comes(self, of: Of, story: Story) -> None:
        check, run = of["check"], of["run"]
        (told,) = check.outcome.result["updates"]
        assert check.methods <= {"GET"}
        assert (told["state"], told["method"], told["reboot"]) == ("planned", story.method, story.asked.restart)
        assert (told["after"], told["wanted"], check.outcome.result["changed"]) == (NEW, NEW, True)
        # The host is not restarted, unless it is asked for.
        assert told["unavailable"] == (["bmc"] if story.asked.restart == "manager" else [])
        assert check.outcome.result["rebooted"] is run.outcome.result["rebooted"] is False
        assert hidden(check.outcome.result["plan"]) == hidden(named(run.plan, f"{story.asked.image}.bin"))
        assert check.outcome.result["plan"] == run.outcome.result["plan"]

    def test_the_bmc_took_one_image_whole_and_by_this_method(self, of: Of, story: Story) -> None:
        (update,) = of["after"].updates
        assert (update["component"], update["version"], update["sha256_ok"]) == (story.asked.image, NEW, True)
        assert update["method"] == story.method
        assert (update["state"], update["reboots"]) == ("Completed", 0), "a BMC restarted its host by itself"

    def test_what_a_push_is_for_is_written_into_the_service_before_it(self, of: Of, story: Story) -> None:
        if (story.profile, story.method) == WITH_OPTIONS:
            patches = [write for write in of["run"].plan if write["method"] == "PATCH"]
            (told,) = of["run"].outcome.result["updates"]
            assert [write["body"]["HttpPushUriTargets"] for write in patches] == [[told["uri"]]]
            assert [write["method"] for write in of["run"].plan] == ["PATCH", "POST"]

    def test_done_is_what_runs_and_what_waits_says_so(self, of: Of, story: Story) -> None:
        waits = story.asked.restart == "host"
        (told,) = of["run"].outcome.result["updates"]
        assert told["state"] == ("pending_reboot" if waits else "updated"), of["run"].outcome.msg
        assert of["run"].outcome.result["reboot_required"] is waits
        assert (told["after"] == NEW) is not waits
        assert of["run"].boots == of["check"].boots

    def test_again_sends_nothing(self, of: Of, story: Story) -> None:
        again = of["again"]
        assert (again.methods, again.outcome.result["changed"]) == ({"GET"}, False)
        state = "pending_reboot" if story.asked.restart == "host" else "current"
        assert [told["state"] for told in again.outcome.result["updates"]] == [state]

    def test_host_is_restarted_where_it_is_asked_for_and_needed(self, of: Of, story: Story) -> None:
        after = of["after"]
        if story.asked.restart == "host":
            check, restart = of["check-restart"], of["restart"]
            assert check.outcome.result["plan"] == restart.outcome.result["plan"] == restart.plan
            assert [write["body"]["ResetType"] for write in restart.plan] == list(story.asked.resets)
            assert check.outcome.result["rebooted"] is restart.outcome.result["rebooted"] is True
            (told,) = check.outcome.result["updates"]
            assert (told["unavailable"], told["method"], told["bytes"]) == (["host"], None, 0), "it was sent before"
            assert [told["state"] for told in restart.outcome.result["updates"]] == ["updated"]
        assert [told["state"] for told in after.outcome.result["updates"]] == ["current"]
        assert (after.methods, after.outcome.result["plan"]) == ({"GET"}, [])

    def test_difference_is_shown_by_inventory_entry(self, of: Of, story: Story) -> None:
        difference = of["check"].outcome.result["diff"]
        (uri,) = difference["before"]
        (told,) = of["check"].outcome.result["updates"]
        how = {name: told[name] for name in ("method", "bytes", "reboot", "unavailable")}
        assert difference["after"] == {uri: {"component": story.asked.component, "version": NEW, **how}}
        assert difference["before"][uri]["version"] != NEW


def named(plan: list[dict[str, Any]], file_name: str) -> list[dict[str, Any]]:
    """What was sent, with the name of the file where an upload is nothing but its bytes."""
    return [{**write, "body": {"<file>": file_name}} if write["body"] == {"<file>": ""} else write for write in plan]


def hidden(plan: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A plan without what only the run knows: port and token of the stage, and the token of a session."""
    return [
        {**write, "body": {name: _known(name, value) for name, value in write["body"].items() if name != "sessionKey"}}
        for write in plan
    ]


def _known(name: str, value: Any) -> Any:
    return value.rpartition("/")[2] if name == "ImageURI" else value


@pytest.mark.parametrize("name", WITHOUT)
def test_what_takes_no_image_says_what_it_offers(fleet: Fleet, controller: Controller, folder: Path, name: str) -> None:
    asked = CASES["unknown_maker"][0]
    host = {name: fleet.variables(name)}
    run = controller.run(host, [{"name": "bmc", "openchami.bmc.bmc_firmware": options(asked, folder)}])
    outcome = run.of(name, "bmc")
    assert outcome.kind in ("NotSupported", "TargetUnknown"), outcome.msg
    assert fleet.methods(name) == {"GET"}
