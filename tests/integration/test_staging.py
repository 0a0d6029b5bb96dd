# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_staging in ansible-playbook: many BMCs fetch while the play runs, and nothing is left when it ends or dies."""

from __future__ import annotations

import os
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.playbook import Controller, Outcome, Playing, Run, ShippingController
from tests.simulator.control import eventually
from tests.staging.client import Got, fetch
from tests.vault.processes import shown, wait_for_end

STAGING = "openchami.bmc.bmc_staging"
CONTENT = os.urandom(1 << 20)
CANARY = "canary-31c8"
LEASE = 5.0
"""Seconds: what a play on another machine leaves behind when it is killed."""


@dataclass
class Site:
    """BMCs with an address each, and the file that they are to fetch."""

    controller: Controller
    file: Path
    count: int

    @property
    def hosts(self) -> dict[str, dict[str, Any]]:
        return {
            f"node{number}": {"bmc_address": address, "bmc_username": "admin", "bmc_password": CANARY}
            for number, address in self.addresses.items()
        }

    @property
    def addresses(self) -> dict[int, str]:
        return {number: f"127.63.0.{number}" for number in range(1, self.count + 1)}

    def task(self, name: str, **options: Any) -> dict[str, Any]:
        keywords: dict[str, Any] = {"check_mode": options.pop("check_mode")} if "check_mode" in options else {}
        started = {"path": str(self.file)} if options.get("state") != "stopped" else {}
        return {"name": name, STAGING: {**started, **options}, **keywords}


def held(folder: Path) -> dict[str, Any]:
    """A task that ends when the test says so."""
    wait = f"touch '{folder}/reached'; for _ in $(seq 6000); do test -e '{folder}/go' && exit; sleep 0.01; done; exit 1"
    return {
        "name": "hold",
        "ansible.builtin.raw": wait,
        "delegate_to": "localhost",
        "connection": "local",
        "run_once": True,
    }


def reached(folder: Path, playing: Playing) -> None:
    eventually(lambda: (folder / "reached").exists() or playing.process.poll() is not None, 120)
    assert playing.process.poll() is None, (playing.work / "stdout").read_text(encoding="utf-8")


def outcomes(playing: Playing, task: str) -> dict[str, Outcome]:
    return {outcome.host: outcome for outcome in playing.outcomes() if outcome.task == task}


def leftovers(controller: Controller) -> list[Path]:
    """Folders of staging servers."""
    folder = controller.state / "staging"
    return [entry for entry in folder.iterdir() if entry.is_dir()] if folder.exists() else []


@pytest.fixture(scope="module")
def site(controller: Controller) -> Site:
    controller.folder.mkdir(parents=True, exist_ok=True)
    file = controller.folder / "ilo5 3.14.bin"
    file.write_bytes(CONTENT)
    return Site(controller, file, 2 if isinstance(controller, ShippingController) else 50)


@dataclass
class Story:
    """A play and what its BMCs got: each its own file, and what it got from another's URL."""

    run: Run
    own: dict[str, Got]
    others: dict[str, Got]
    alive: dict[str, Any]
    site: Site

    def of(self, task: str) -> list[dict[str, Any]]:
        """The results of all hosts."""
        return [self.run.of(host, task).result for host in self.site.hosts]

    def once(self, task: str) -> dict[str, Any]:
        """The result of a task that ran for the first host alone."""
        return self.run.of("node1", task).result


@pytest.fixture(scope="module")
def story(site: Site) -> Story:
    """Check, start, start again; then every BMC fetches at once; look, check, stop, stop again."""
    folder, first = site.controller.folder, {"run_once": True}
    tasks = [
        site.task("check", check_mode=True) | first,
        site.task("start"),
        site.task("again", lease=800) | first,
        held(folder),
        site.task("look"),
        site.task("check again", check_mode=True) | first,
        site.task("check stop", state="stopped", check_mode=True) | first,
        site.task("stop", state="stopped"),
        site.task("stop again", state="stopped") | first,
    ]
    playing = site.controller.start(site.hosts, tasks)
    reached(folder, playing)
    started = outcomes(playing, "start")
    results = {host: started[host].result for host in site.hosts}
    urls = {host: str(result["url"]) for host, result in results.items()}
    shifted = dict(zip(urls, [*list(urls.values())[1:], urls["node1"]], strict=True))
    with ThreadPoolExecutor(len(urls)) as pool:
        own, others = (
            dict(zip(urls, pool.map(fetch, wanted.values(), site.addresses.values()), strict=True))
            for wanted in (urls, shifted)
        )
    pid = int(next(iter(results.values()))["pid"])
    alive = {"pid": pid, "cmdline": shown(pid, "cmdline"), "environ": shown(pid, "environ"), "urls": urls}
    (folder / "go").touch()
    return Story(playing.finish(), own, others, alive, site)


def test_check_mode_starts_nothing_and_predicts_the_start(story: Story) -> None:
    checked = story.once("check")
    assert (checked["changed"], checked["url"], checked["file_name"]) == (True, None, "ilo5_3.14.bin")
    assert story.of("start")[0]["changed"]


def test_one_server_gives_each_host_a_url(story: Story) -> None:
    started = story.of("start")
    assert all(result["changed"] for result in started)
    assert len({result["pid"] for result in started}) == 1
    assert len({result["url"] for result in started}) == story.site.count
    assert all(result["url"].endswith("/ilo5_3.14.bin") for result in started)


def test_started_again_is_nothing_new(story: Story) -> None:
    again, url = story.once("again"), story.of("start")[0]["url"]
    assert (again["changed"], again["url"], again["lease"]) == (False, url, 800)
    assert not any(result["changed"] for result in story.of("look"))
    predicted = story.once("check again")
    assert (predicted["changed"], predicted["url"]) == (False, url)


def test_all_bmcs_fetch_at_once_and_each_only_its_own(story: Story) -> None:
    assert all(got.body == CONTENT for got in story.own.values())
    assert {got.status for got in story.others.values()} == {404}


def test_account_of_each_is_in_the_result(story: Story) -> None:
    for host, result in zip(story.site.hosts, story.of("look"), strict=True):
        fetched = result["fetched"]
        assert (fetched["complete"], fetched["gets"], fetched["received"]) == (True, 1, len(CONTENT))
        assert fetched["addresses"] == [story.site.hosts[host]["bmc_address"]]
        assert (fetched["refused"], len(fetched["refused_from"])) == (1, 1)
    assert [result["fetched"]["complete"] for result in story.of("stop")] == [True] * story.site.count


def test_stopped_is_predicted_done_and_then_nothing(story: Story) -> None:
    assert story.once("check stop")["changed"]
    assert all(result["changed"] for result in story.of("stop"))
    assert not story.once("stop again")["changed"]
    wait_for_end(story.alive["pid"])
    assert leftovers(story.site.controller) == []


def test_process_list_shows_no_secret(story: Story) -> None:
    assert b"_firmware" in story.alive["cmdline"]
    tokens = [url.split("/")[-2].encode() for url in story.alive["urls"].values()]
    for secret in (CANARY.encode(), *tokens):
        assert secret not in story.alive["cmdline"] + story.alive["environ"]


def test_play_that_is_killed_leaves_no_server(own_controller: Controller, tmp_path: Path) -> None:
    """At once where the play is on the same machine; on a delegate when the lease has ended."""
    file = tmp_path / "bios.bin"
    file.write_bytes(CONTENT)
    site = Site(own_controller, file, 1)
    playing = own_controller.start(site.hosts, [site.task("start", lease=LEASE), held(tmp_path)])
    reached(tmp_path, playing)
    result = outcomes(playing, "start")["node1"].result
    assert fetch(result["url"], site.addresses[1]).body == CONTENT
    playing.kill()
    wait_for_end(int(result["pid"]))
    assert leftovers(own_controller) == []
    (tmp_path / "go").touch()


ALSO_ELSEWHERE = ("no file", "a port of others", "a typo")

REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "no path": ({"path": None}, "InvalidRequest", "path is not set"),
    "no file": ({"path": "/nowhere/x.bin"}, "LocalFailure", "/nowhere/x.bin: No such file"),
    "a folder": ({"path": "/"}, "LocalFailure", "not a regular file"),
    "no port": ({"port": "x"}, "InvalidRequest", "port 'x' is no port"),
    "a port of others": ({"port": "TAKEN"}, "LocalFailure", "cannot be listened on"),
    "half of tls": ({"certificate": "/x.pem"}, "InvalidRequest", "the key for TLS is missing"),
    "no certificate": ({"certificate": "/x.pem", "private_key": "/y.pem"}, "LocalFailure", "No such file"),
    "no address": ({"advertise": "http://x"}, "InvalidRequest", "advertise 'http://x' is not an address"),
    "no clients": ({"clients": ["bmc1"]}, "InvalidRequest", "clients holds no address"),
    "no lease": ({"lease": 0}, "InvalidRequest", "lease 0 is not a time"),
    "a typo": ({"pth": "x"}, "InvalidRequest", "pth"),
    "a state": ({"state": "present"}, "InvalidRequest", "value of state must be one of"),
}


def test_what_cannot_be_is_said_in_one_line_and_leaves_nothing(site: Site) -> None:
    cases = ALSO_ELSEWHERE if isinstance(site.controller, ShippingController) else REFUSED
    with socket.create_server(("", 0)) as taken:
        port = str(taken.getsockname()[1])
        tasks = [
            site.task(name, **{key: port if value == "TAKEN" else value for key, value in options.items()})
            for name in cases
            for options in [REFUSED[name][0]]
        ]
        run = site.controller.run({"node1": site.hosts["node1"]}, tasks)
    for name in cases:
        _options, kind, words = REFUSED[name]
        outcome = run.of("node1", name)
        assert (outcome.status, outcome.kind) == ("failed", kind), f"{name}: {outcome.msg}"
        assert words in outcome.msg
        assert outcome.msg.splitlines() == [outcome.msg]
        assert outcome.msg.startswith("node1: ")
    assert leftovers(site.controller) == []
