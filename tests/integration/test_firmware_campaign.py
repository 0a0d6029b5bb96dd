# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""openchami.bmc.firmware: a campaign on a mixed fleet, judged by what each BMC truly was flashed with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.integration.campaigns import TIMING, VERSION, Site, said
from tests.integration.chromium import chromium
from tests.integration.conftest import StartFleet
from tests.integration.playbook import Controller
from tests.simulator.images import build

PROFILES = {
    "ilo": "hpe_ilo5",
    "ilo2": "hpe_ilo5",
    "idrac": "dell_idrac9",
    "blade": "cray_ex_nc",
    "obmc": "openbmc",
    "ami": "ami_gigabyte",
    "login": "dell_idrac9",
}
HARDWARE = ["ProLiant DL365 Gen10 Plus", "PowerEdge R650", "HPE CRAY EX425 (MILAN)", "OpenBmc", "R272-Z32-00"]
FIRST_HOSTS = {name: f"{name}n0" if name == "blade" else name for name in PROFILES}
EVERYONE = {host for name, host in FIRST_HOSTS.items() if name != "login"}


@pytest.fixture(scope="module")
def site(start_fleet: StartFleet, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The nodes of a blade are two hosts; a login node is protected."""
    nodes = {"blade": {"nodes": 2}}
    fleet = start_fleet(
        [
            {"name": name, "profile": profile, "timing": TIMING, **nodes.get(name, {})}
            for name, profile in PROFILES.items()
        ]
    )
    hosts = {name: fleet.variables(name, bmc_model=profile) for name, profile in PROFILES.items() if name != "blade"}
    for number in (0, 1):
        identity: dict[str, Any] = {"systems": {"Node0": {}, "Node1": {}}}
        blade = fleet.variables("blade", bmc_system=f"Node{number}", bmc_identity=identity, bmc_model="cray_ex_nc")
        hosts[f"bladen{number}"] = blade
    folder = tmp_path_factory.mktemp("site")
    return Site(fleet, Controller(folder / "controller"), hosts, folder, {"bmc_protected": ["login"]})


@pytest.fixture(scope="module")
def bundle(site: Site) -> str:
    return site.publish(HARDWARE)


@pytest.fixture(autouse=True)
def untouched(site: Site) -> None:
    site.reset()


def nothing_sent(site: Site) -> bool:
    return not any(site.fleet.simulator.writes(name) for name in PROFILES)


def truth(site: Site) -> dict[str, str]:
    """What became of each BMC, by the simulator's account, in the words of the report."""
    return {FIRST_HOSTS[name]: "updated" for name, versions in site.flashed().items() if versions == [VERSION]}


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        ({"bmc_hosts": " "}, "No target was named"),
        ({"max_hosts": 6}, "7 hosts are named, at most 6 are allowed"),
        pytest.param({"firmware_campaign_bundle": ""}, "No firmware was named", marks=pytest.mark.soak),
        pytest.param({"firmware_campaign_canary": "login"}, "no canary: login", marks=pytest.mark.soak),
        ({"bmc_hosts": "all:!bladen1"}, "bladen0 without bladen1"),
    ],
)
def test_more_or_less_than_meant_is_refused(site: Site, bundle: str, variables: dict[str, Any], why: str) -> None:
    run = site.run(**{"firmware_campaign_bundle": bundle, **variables})
    assert run.status != 0
    assert any(why in outcome.msg for outcome in run.outcomes if outcome.status == "failed"), run.stdout[-3000:]
    assert nothing_sent(site)


def test_check_mode_shows_the_whole_plan_and_writes_nothing(site: Site, bundle: str) -> None:
    run = site.run("--check", firmware_campaign_bundle=bundle, firmware_campaign_waves=["1"])
    assert run.status == 0, run.stdout[-3000:]
    lines = said(run, "Say the plan")
    assert "plan: 5 canaries, then 1 in wave 1" in lines
    (blade,) = [line for line in lines if line.startswith("bladen0, bladen1 ")]
    assert VERSION in blade
    assert nothing_sent(site)
    assert not site.output.exists()
    assert not (site.controller.state / "campaigns").exists()


def test_canaries_then_pause_then_all_with_the_very_same_bundle(site: Site, bundle: str, tmp_path: Path) -> None:
    """The tag is moved while the campaign pauses."""
    told = {"firmware_campaign_bundle": bundle, "firmware_campaign_pause": "after_canaries"}
    run = site.run(**told)
    assert run.status == 0, run.stdout[-3000:]
    assert site.report()["phase"] == "paused"
    assert {name for name, versions in site.flashed().items() if versions} == set(PROFILES) - {"login", "ilo2"}
    before = site.fleet.simulator.summary()
    try:
        site.publish(HARDWARE, version="6.6.6", overwrite_tag=True)
        run = site.run(**told)
    finally:
        site.publish(HARDWARE, overwrite_tag=True)
    assert run.status == 0, run.stdout[-3000:]
    report = site.report()
    assert report["phase"] == "finished"
    assert site.states() == truth(site) == dict.fromkeys(EVERYONE, "updated")
    assert {len(site.updates(name)) for name in PROFILES if name != "login"} == {1}
    assert site.updates("login") == []
    assert site.fleet.simulator.summary()["requests"] > before["requests"]
    froms = {bmc["hosts"][0]: bmc["updates"][0]["before"] for bmc in report["bmcs"]}
    assert VERSION not in froms.values()
    site.fleet.simulator.clear_requests("ilo")
    again = site.run(**told)
    assert again.status == 0
    assert set(site.states().values()) == {"current"}
    assert site.fleet.simulator.writes("ilo") == []
    _look_at_the_page(site, tmp_path)


def _look_at_the_page(site: Site, folder: Path) -> None:
    """It asks for nothing, complains of nothing, and has a row for each BMC."""
    with chromium(folder) as browser:
        browser.open(site.output / "campaign.html")
        assert [address for address in browser.requests if not address.startswith("file:")] == []
        assert browser.complaints == []
        assert browser.evaluate("document.querySelectorAll('#all tbody tr').length") == len(EVERYONE)
        assert "finished" in browser.evaluate("document.querySelector('h1').innerText")


def test_a_canary_that_fails_stops_it(site: Site, bundle: str) -> None:
    site.fleet.simulator.fault("idrac", "update", how="fails")
    run = site.run(firmware_campaign_bundle=bundle, firmware_campaign_canary="idrac", firmware_campaign_budget="100%")
    assert run.status != 0
    assert site.states() == {**dict.fromkeys(EVERYONE, "waiting"), "idrac": "failed"}, site.report()
    assert {name for name in PROFILES if site.updates(name)} == {"idrac"}
    assert "a canary failed: idrac" in run.stdout
    page = (site.output / "campaign.html").read_text(encoding="utf-8")
    assert "a canary failed: idrac" in page


@pytest.mark.soak
def test_the_budget_holds_over_waves(site: Site, bundle: str) -> None:
    for name in ("ilo", "obmc"):
        site.fleet.simulator.fault(name, "update", how="fails")
    told = {"firmware_campaign_bundle": bundle, "firmware_campaign_canary": 0, "firmware_campaign_waves": ["2"]}
    hosts = {"bmc_hosts": "ilo:ilo2:obmc:idrac:ami"}
    run = site.run(**told, **hosts, firmware_campaign_budget="1")
    assert run.status != 0
    assert site.report()["why"] == "the failure budget is spent: 2 BMCs failed, at most 1 may"
    states = site.states()
    assert [states[name] for name in ("ilo", "obmc")] == ["failed", "failed"]
    waiting = {name for name, state in states.items() if state == "waiting"}
    assert waiting
    assert all(site.updates(name) == [] for name in waiting)
    # With what was allowed afterwards it goes on, and does not try again what failed.
    run = site.run(**told, **hosts, firmware_campaign_budget="2")
    assert run.status != 0
    assert site.report()["phase"] == "finished"
    assert sorted(site.states().values()) == ["failed", "failed", "updated", "updated", "updated"]
    assert {len(site.updates(name)) for name in ("ilo", "ilo2", "obmc", "idrac", "ami")} == {1}


@pytest.mark.parametrize("after", [pytest.param("a write", marks=pytest.mark.soak), "the state file"])
def test_killed_and_taken_up_it_flashes_nothing_twice(site: Site, bundle: str, after: str) -> None:
    told = {"firmware_campaign_bundle": bundle, "firmware_campaign_canary": 0, "firmware_campaign_waves": ["100%"]}
    playing = site.start(**told)
    site.fleet.await_write("ilo")
    if after == "the state file":
        _await_submitted(site)
    playing.kill()
    run = site.run(**told)
    assert run.status == 0, run.stdout[-4000:]
    assert site.states() == truth(site) == dict.fromkeys(EVERYONE, "updated")
    # What was told of an image and could not fetch it, as its server died with the first run, is told again.
    images = [sum(bool(update["images"]) for update in site.updates(name)) for name in PROFILES if name != "login"]
    assert set(images) == {1}


def _await_submitted(site: Site) -> None:
    """Return as soon as the state file has a handle."""
    from tests.simulator.control import eventually

    eventually(lambda: any(bmc["handle"] for bmc in site.state_file()["bmcs"]))


HOOK = """
- name: Ask the workload manager
  ansible.builtin.shell: echo "{step} {{{{ inventory_hostname }}}} {outcome}" >> {log}; {then}
  delegate_to: localhost
  connection: local
  throttle: 1
"""


@pytest.mark.soak
def test_hosts_are_drained_before_and_told_of_after(site: Site, tmp_path: Path) -> None:
    """The second node of the blade cannot be drained: its BMC is left alone. So is one for which nothing can be staged.

    It is a plain file, for a change.
    """
    image = tmp_path / "bmc.bin"
    image.write_bytes(build("BMC", VERSION))
    log = tmp_path / "log"
    steps = {
        "before": {"outcome": "", "then": "test {{ inventory_hostname }} != bladen1"},
        "after": {"outcome": "{{ firmware_campaign_outcome }}", "then": "true"},
    }
    for step, told in steps.items():
        (tmp_path / f"{step}.yml").write_text(HOOK.format(step=step, log=log, **told), encoding="utf-8")
    unstaged = {**site.hosts["idrac"], "firmware_campaign_stage_advertise": "no/address"}
    run = replace(site, hosts={**site.hosts, "idrac": unstaged}).run(
        bmc_hosts="bladen0:bladen1:ilo:idrac",
        firmware_campaign_image_path=str(image),
        firmware_campaign_component="bmc",
        firmware_campaign_version=VERSION,
        firmware_campaign_canary=0,
        firmware_campaign_waves=["100%"],
        firmware_campaign_budget="2",
        firmware_campaign_before=str(tmp_path / "before.yml"),
        firmware_campaign_after=str(tmp_path / "after.yml"),
    )
    assert run.status != 0
    assert site.states() == {"bladen0": "not_ready", "ilo": "updated", "idrac": "not_ready"}
    assert site.report()["counts"]["counted"] == 2
    assert "the image could not be staged" in run.stdout
    assert site.updates("blade") == site.updates("idrac") == []
    assert sorted(log.read_text().splitlines()) == [
        "after bladen0 not_ready", "after bladen1 not_ready", "after idrac not_ready", "after ilo updated",
        "before bladen0 ", "before bladen1 ", "before idrac ", "before ilo ",
    ]  # fmt: skip


@pytest.mark.soak
def test_each_node_of_a_blade_gets_its_bios(site: Site) -> None:
    told = {
        "bmc_hosts": "bladen0:bladen1",
        "firmware_campaign_bundle": site.publish(HARDWARE, "1.1.1", kind="BIOS"),
        "firmware_campaign_component": "bios",
    }
    run = site.run(**told, firmware_campaign_reboot="when_needed")
    assert run.status == 0, run.stdout[-4000:]
    (blade,) = site.report()["bmcs"]
    assert [(update["id"], update["state"]) for update in blade["updates"]] == [
        ("Node0.BIOS", "updated"),
        ("Node1.BIOS", "updated"),
    ]
    firmware = site.fleet.simulator.state("blade")["firmware"]
    assert [firmware[f"Node{number}.BIOS"]["version"] for number in (0, 1)] == [VERSION, VERSION]


@pytest.mark.soak
def test_two_at_once_are_refused(site: Site, bundle: str) -> None:
    told = {"firmware_campaign_bundle": bundle, "bmc_hosts": "ilo"}
    site.fleet.simulator.set_state("ilo", timing={**TIMING, "flash": 30})
    first = site.start(**told)
    site.fleet.await_write("ilo")
    second = site.run(**told)
    first.kill()
    assert second.status != 0
    assert any("another run works on the campaign firmware" in outcome.msg for outcome in second.outcomes)
    assert len(site.updates("ilo")) == 1


@pytest.mark.soak
def test_slices_of_awx_never_share_a_bmc(site: Site, bundle: str) -> None:
    """AWX gives each slice every second host by name, and nothing of the others; they run at the same time."""
    named = sorted(name for name in site.hosts if name.startswith(("blade", "ilo")))
    slices = [named[0::2], named[1::2]]
    assert [{"bladen0", "bladen1"} <= set(names) for names in slices] == [False, False]
    told = {
        "firmware_campaign_bundle": bundle,
        "firmware_campaign_half_groups": "first_node",
        # As AWX sets them for a slice.
        **dict.fromkeys(("awx_job_template_name", "awx_workflow_job_name"), "BMC firmware"),
    }
    parts = [
        Site(site.fleet, site.controller, {name: site.hosts[name] for name in names}, site.folder / f"slice{number}")
        for number, names in enumerate(slices)
    ]
    for part, playing in [(part, part.start(**told)) for part in parts]:
        run = playing.finish()
        assert run.status == 0, run.stdout[-3000:]
        assert part.states() == dict.fromkeys(set(part.hosts) - {"bladen1"}, "updated")
    assert len(site.updates("blade")) == 1
    refused = Site(site.fleet, site.controller, {"bladen1": site.hosts["bladen1"]}, site.folder)
    run = refused.run(firmware_campaign_bundle=bundle)
    assert any("only some of the nodes" in outcome.msg for outcome in run.outcomes), run.stdout[-3000:]
