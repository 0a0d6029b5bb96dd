# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""fleet_campaign: the steps of a firmware campaign that look at all hosts at once, from what its tasks registered."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from .._core.errors import InvalidRequest, LocalFailure
from .._core.whole_file import alone_in, write_all
from .._operations import fleet_table
from .._operations.campaign import beginning, firmware, progress, report, waves
from .._operations.campaign.groups import Group, grouped, host_of
from .._operations.campaign.state import StateFile
from .._operations.campaign.values import (
    CANARY,
    FINISHED,
    PAUSED,
    PREPARING,
    RUNNING,
    STOPPED,
    SUBMITTED,
    SUBMITTING,
    WAITING,
    Bmc,
    Campaign,
)
from .._transport.origin import parse_address
from .options import require_at_least
from .task import Result, Task, state_folder

PAUSES = ("never", "after_canaries", "after_each_wave")

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "step": {"type": "str", "required": True, "choices": ["open", "plan", "begin", "record", "close"]},
    "name": {"type": "str", "default": "firmware"},
    "state_folder": {"type": "path"},
    "output": {"type": "path"},
    "firmware": {"type": "dict", "default": {}},
    "bundle": {"type": "dict"},
    "canary": {"type": "raw", "default": 1},
    "waves": {"type": "list", "elements": "str", "default": ["10%", "50%", "100%"]},
    "budget": {"type": "str", "default": "0"},
    "pause": {"type": "str", "choices": list(PAUSES), "default": "never"},
    "pause_file": {"type": "path"},
    "half_groups": {"type": "str", "choices": list(beginning.HALF_GROUPS), "default": beginning.LEAD_WHOLE},
    "retry_failed": {"type": "bool", "default": False},
    "anew": {"type": "bool", "default": False},
    "hook": {"type": "bool", "default": False},
    "take_back": {"type": "bool", "default": False},
    "wave": {"type": "int"},
    "first_wave": {"type": "int"},
    "width": {"type": "int", "default": 160},
    "max_named": {"type": "int", "default": 60},
}

FILES = ("campaign.json", "campaign.md", "campaign.html")

# The variables that the role registers on each host.
_FOUND, _STAGED = "firmware_campaign_found", "firmware_campaign_staged"
_SUBMITTED, _SETTLED = "firmware_campaign_submitted", "firmware_campaign_settled"
_PREPARED, _RETURNED = "firmware_campaign_prepared", "firmware_campaign_returned"

Page = Callable[[Campaign, int], str]
"""Makes the HTML page of a campaign and its budget."""


@dataclass(frozen=True)
class Inventory:
    """What a step sees of the hosts.

    names: of the hosts of the play. everyone: of all hosts. variables: of a host, as they are stored. address: of the
    BMC that a host leads to, "" for none.
    """

    names: Sequence[str]
    everyone: Sequence[str]
    protected: Collection[str]
    variables: Callable[[str], Mapping[str, Any]]
    address: Callable[[str], str]


def run(options: Mapping[str, Any], task: Task, inventory: Inventory, page: Page, lifeline: int) -> Result:
    """Take one step. lifeline: see StateFile.hold(). Raises BmcError."""
    require_at_least(options, "width", fleet_table.NARROWEST)
    require_at_least(options, "max_named", 1)
    folder = Path(options["state_folder"]) if options["state_folder"] else state_folder() / "campaigns"
    step = _Step(options, task, inventory, page, StateFile(folder, options["name"]))
    if options["step"] == "open":
        return step.open(lifeline)
    return {"plan": step.plan, "begin": step.begin, "record": step.record, "close": step.close}[options["step"]]()


@dataclass(frozen=True)
class _Step:
    options: Mapping[str, Any]
    task: Task
    inventory: Inventory
    page: Page
    file: StateFile

    def open(self, lifeline: int) -> Result:
        """Take the campaign up, for this run alone."""
        waves.share(self.options["budget"], 0, "budget")
        waves.waves(["one"], self.options["waves"])
        self._canary()
        if not self.task.check_mode:
            self.file.hold(lifeline, self.task.clock)
        earlier = self.file.read()
        campaign, chosen = self._taken_up(earlier)
        if not (campaign.begun or self.options["anew"] or self.options["retry_failed"]):
            beginning.require_first_try(campaign, self.file.others())
        kept = ""
        if not self.task.check_mode:
            is_new = not campaign.begun
            if earlier is not None and earlier.begun and is_new:
                kept = str(self.file.set_aside(earlier))
            campaign = replace(campaign, started=self.task.clock.wall()) if is_new else campaign
            self.file.write(campaign)
        return {
            "changed": False,
            "resumed": campaign.begun,
            "reference": campaign.firmware.get("reference") or self.options["firmware"].get("bundle"),
            "leads": {host: system for bmc in campaign.bmcs for host, system in self._lead(bmc).items()},
            "look": beginning.to_look_at(campaign, {group.key for group in chosen.groups}),
            "left_alone": dict(chosen.left),
            "set_aside": kept,
        }

    def plan(self) -> Result:
        """After the look at each BMC: who gets the firmware, and when."""
        campaign = self._campaign()
        chosen = self._firmware(campaign)
        looked = [bmc for bmc in campaign.bmcs if bmc.state == WAITING and self._result(bmc, _FOUND)]
        campaign = replace(campaign, firmware=chosen).with_bmcs(
            [
                replace(progress.compared(bmc, found), model=bmc.model or _model(found))
                for bmc, found in self._pairs(looked)
            ]
        )
        campaign = beginning.in_waves(campaign, self._canary(), self.options["waves"])
        campaign = self._judged(campaign)
        self._write(campaign)
        budget = self._budget(campaign)
        untried = beginning.without_canary(campaign)
        warnings = [f"no canary of {', '.join(model or 'an unknown model' for model in untried)}"] if untried else []
        return {
            "changed": False,
            "waves": list(campaign.waves),
            "lines": self._lines(campaign, planned=True),
            "counts": report.counts(campaign),
            "budget": budget,
            "warnings": warnings if self._canary() != 0 else [],
            **self._failing(campaign),
        }

    def begin(self) -> Result:
        """Begin a wave. Where the campaign has stopped or is to pause, what is under way in it is only seen through."""
        campaign = self._campaign()
        if firmware.IMAGE in campaign.asked:
            # A file may be replaced while waves go on; a bundle is fetched by its digest each time.
            firmware.require_same(firmware.of_image(campaign.asked), campaign.firmware)
        wave, first = self.options["wave"], self.options["first_wave"]
        why = self._why_paused(wave, first)
        if campaign.phase == RUNNING and why:
            campaign = replace(campaign, phase=PAUSED, why=why)
        runs, after = campaign.phase == RUNNING, self.options["take_back"]
        campaign = progress.begin(campaign, wave, self._present(campaign), tasks_after=after) if runs else campaign
        self._write(campaign)
        acting = [bmc for bmc in self._of_wave(campaign) if runs or bmc.under_way]
        return {"changed": False, "go": bool(acting), **_acting(acting)}

    def record(self) -> Result:
        """Keep what the wave's tasks came to."""
        campaign = self._campaign()
        now = self.task.clock.wall()
        campaign = self._judged(campaign.with_bmcs([self._advanced(bmc, now) for bmc in self._of_wave(campaign)]))
        self._write(campaign)
        return {"changed": False, **_acting(self._of_wave(campaign)), "files": self._reported(campaign)}

    def close(self) -> Result:
        """The end of this run, however it came."""
        campaign = self._campaign()
        if progress.is_over(campaign):
            campaign = replace(campaign, phase=FINISHED, ended=self.task.clock.wall())
        elif campaign.phase == RUNNING:
            campaign = replace(campaign, phase=PAUSED, why=report.left(campaign))
        self._write(campaign)
        return {
            "changed": False,
            "lines": self._lines(campaign),
            "counts": report.counts(campaign),
            "phase": campaign.phase,
            "state_file": str(self.file.path),
            "files": self._reported(campaign),
            **self._failing(campaign),
        }

    def _advanced(self, bmc: Bmc, now: float) -> Bmc:
        """One step further, where its hosts have registered one."""
        if bmc.state == PREPARING:
            return progress.prepared(bmc, self._told(bmc, _PREPARED) if self.options["hook"] else None, now)
        if bmc.state == SUBMITTING and progress.has_failed(staged := self._result(bmc, _STAGED)):
            bmc = progress.not_staged(bmc, staged, now)
        if bmc.state == SUBMITTING and (result := self._result(bmc, _SUBMITTED)):
            bmc = progress.submitted(bmc, result, now)
        if bmc.state == SUBMITTED and (result := self._result(bmc, _SETTLED)):
            bmc = progress.settled(bmc, result, now)
        told = self._told(bmc, _RETURNED)
        return progress.taken_back(bmc, told) if bmc.away and told else bmc

    def _campaign(self) -> Campaign:
        """As the step before left it. In check mode nothing is kept, and it is taken up each time."""
        campaign = self._taken_up(self.file.read())[0] if self.task.check_mode else self.file.read()
        if campaign is None:
            raise LocalFailure("the state of the campaign is gone", why=str(self.file.path), way_out="Run it again.")
        return campaign

    def _taken_up(self, earlier: Campaign | None) -> tuple[Campaign, beginning.Chosen]:
        groups = self._groups()
        chosen = beginning.choose(groups, self.options["half_groups"])
        asked = {
            key: value for key, value in _plain(self.options["firmware"]).items() if value not in (None, "", [], False)
        }
        known = None if self.options["anew"] else earlier
        campaign = beginning.taken_up(
            known, self.options["name"], asked, chosen.groups, retry_failed=self.options["retry_failed"]
        )
        if not self.options["take_back"]:
            campaign = campaign.with_bmcs([replace(bmc, away=False) for bmc in campaign.bmcs])
        return campaign, chosen

    def _groups(self) -> list[Group]:
        inventory = self.inventory
        here = set(inventory.names)
        keys = {name: _key(inventory.address(name)) for name in inventory.everyone}
        lost = [name for name in inventory.names if not keys.get(name)]
        if lost:
            raise InvalidRequest(
                "bmc_address is not set", why=", ".join(lost[:5]), way_out="Set it as a variable of the host."
            )
        found = {
            name: host_of(name, key, inventory.variables(name), protected=name in inventory.protected)
            for name, key in keys.items()
            if key
        }
        others = (host for name, host in found.items() if name not in here)
        return grouped((found[name] for name in inventory.names), others)

    def _lead(self, bmc: Bmc) -> dict[str, str]:
        """The host that updates a BMC, and the node that it names to bmc_firmware: one for all nodes names none."""
        if not self._is_here(bmc):
            return {}
        node = self.inventory.variables(bmc.hosts[0]).get("bmc_system")
        return {bmc.hosts[0]: str(node or "") if len(bmc.hosts) == 1 else ""}

    def _firmware(self, campaign: Campaign) -> dict[str, Any]:
        """What all BMCs get, by its digest. Raises LocalFailure, and BadArtifact where it has become another one."""
        bundle = self.options["bundle"]
        found = firmware.of_bundle(_plain(bundle)) if bundle else firmware.of_image(campaign.asked)
        firmware.require_same(found, campaign.firmware)
        return found

    def _judged(self, campaign: Campaign) -> Campaign:
        why = progress.why_stopped(campaign, self._budget(campaign))
        return replace(campaign, phase=STOPPED, why=why) if why and campaign.phase == RUNNING else campaign

    def _why_paused(self, wave: int, first: int) -> str:
        file = self.options["pause_file"]
        if file and Path(file).exists():
            return f"{file} is there; remove it and run this again"
        canaries_done = first == CANARY and wave != first
        asked = {"never": False, "after_canaries": canaries_done, "after_each_wave": wave != first}
        return f"as asked, before wave {wave}; run this again to go on" if asked[self.options["pause"]] else ""

    def _canary(self) -> int | list[str]:
        """A number for each model, or names of hosts. Raises InvalidRequest."""
        given = _plain(self.options["canary"])
        if isinstance(given, list) and all(isinstance(name, str) for name in given):
            return [str(name) for name in given]
        if isinstance(given, (int, str)) and not isinstance(given, bool) and str(given).isdecimal():
            return int(given)
        if isinstance(given, str) and given.strip():
            return [name.strip() for name in given.split(",") if name.strip()]
        raise InvalidRequest(
            f"canary is {given!r}", way_out="Give names of hosts, or a number for so many of each model."
        )

    def _budget(self, campaign: Campaign) -> int:
        return waves.share(self.options["budget"], report.fitting(campaign), "budget")

    def _is_here(self, bmc: Bmc) -> bool:
        return bmc.hosts[0] in self._here

    @cached_property
    def _here(self) -> frozenset[str]:
        return frozenset(self.inventory.names)

    def _present(self, campaign: Campaign) -> frozenset[str]:
        return frozenset(bmc.key for bmc in campaign.bmcs if self._is_here(bmc))

    def _of_wave(self, campaign: Campaign) -> list[Bmc]:
        return [bmc for bmc in campaign.bmcs if bmc.wave == self.options["wave"] and self._is_here(bmc)]

    def _pairs(self, bmcs: Iterable[Bmc]) -> list[tuple[Bmc, Mapping[str, Any]]]:
        return [(bmc, self._result(bmc, _FOUND)) for bmc in bmcs]

    def _result(self, bmc: Bmc, variable: str) -> Mapping[str, Any]:
        """What the BMC's first host registered; {} where the task did not run."""
        if not self._is_here(bmc):
            return {}
        registered = _plain(self.inventory.variables(bmc.hosts[0]).get(variable))
        return registered if isinstance(registered, dict) and not registered.get("skipped") else {}

    def _told(self, bmc: Bmc, variable: str) -> dict[str, str]:
        found = {host: self.inventory.variables(host).get(variable) for host in bmc.hosts}
        return {host: str(_plain(why)) for host, why in found.items() if why is not None}

    def _failing(self, campaign: Campaign) -> Result:
        failed = {host: bmc.why or bmc.hook for bmc in campaign.bmcs if bmc.failed or bmc.hook for host in bmc.hosts}
        fits = report.fitting(campaign) or not campaign.bmcs
        stopped = campaign.why if campaign.phase in (STOPPED, FINISHED) else ""
        problem = stopped or ("" if fits else "the firmware is for none of these BMCs")
        return {"failed_hosts": failed, "problem": problem}

    def _lines(self, campaign: Campaign, *, planned: bool = False) -> list[str]:
        budget, (most, width) = self._budget(campaign), (self.options["max_named"], self.options["width"])
        return report.lines(campaign, budget, most, width, planned=planned)

    def _write(self, campaign: Campaign) -> None:
        if not self.task.check_mode:
            self.file.write(campaign)

    def _reported(self, campaign: Campaign) -> list[str]:
        """The files of the report."""
        if not self.options["output"]:
            return []
        folder = Path(self.options["output"])
        if not self.task.check_mode:
            budget = self._budget(campaign)
            data = f"{json.dumps(report.as_data(campaign, budget), indent=1)}\n"
            told = (data, report.markdown(campaign, budget), self.page(campaign, budget))
            with alone_in(folder):
                write_all(folder, dict(zip(FILES, told, strict=True)))
        return [str(folder / name) for name in FILES]


def _acting(bmcs: Sequence[Bmc]) -> Result:
    """Who does what next; hosts: all that take part. By host, which is quick to ask for."""
    return {"hosts": {host: bmc.state for bmc in bmcs for host in bmc.hosts}, **progress.acting(bmcs)}


def _key(address: str) -> str:
    return str(parse_address(address)) if address else ""


def _model(result: Mapping[str, Any]) -> str:
    return str(result.get("model") or result.get("dialect") or "")


def _plain(value: Any) -> Any:
    """Of nothing but the plainest types: Ansible marks what came from a BMC."""
    return json.loads(json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace"))
