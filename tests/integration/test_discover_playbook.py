# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""openchami.bmc.discover: the fleet as it is, on the terminal, in files and on a page; hostile text stays text."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ansible_collections.openchami.bmc.plugins.module_utils._operations.fleet import fleet as fleet_of
from ansible_collections.openchami.bmc.plugins.plugin_utils._fleet_page import page
from tests.integration.chromium import Browser, chromium
from tests.integration.conftest import StartFleet
from tests.integration.discovered import Hosts, facts, hosts, many
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Run
from tests.integration.site import Site

DISCOVER = "openchami.bmc.discover"
SAY = "Say what there is"
HOSTILE = [
    "<script>document.title='taken'</script>",
    "</style><img src=http://127.0.0.1:9/leak onerror=\"document.title='taken'\">",
    "{{ 7*7 }}{% raw %}",
    "\x1b[2J\x1b]0;taken\x07\u202edlrow\x9b31m",
    "\" autofocus onfocus=\"document.title='taken'",
    "- &a [*a] : {",
]
UNSHOWN = {chr(code) for code in (*range(32), *range(127, 160), 0x202E)} - {"\n"}


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    return start_fleet(
        [
            {"name": "ilo", "profile": "hpe_ilo5"},
            {"name": "idrac", "profile": "dell_idrac9"},
            {"name": "x1000c3s0b0", "profile": "cray_ex_nc", "nodes": 2},
            {"name": "xcc", "profile": "lenovo_xcc"},
        ]
    )


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> Controller:
    """A controller; what looks at the fleet runs on it, and is never shipped."""
    # Else Ansible reads the file once for each of its plugins.
    return Controller(tmp_path_factory.mktemp("controller"), {"ANSIBLE_INVENTORY_ENABLED": "yaml"})


@pytest.fixture(scope="module")
def seen(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Hosts:
    """What AWX would keep of a second round: one BMC off, one silent, one new and incomplete."""
    site = Site.of(tmp_path_factory.mktemp("site"), fleet)
    names = {address: name for name, address in fleet.addresses.items()}
    known = [address for name, address in fleet.addresses.items() if name != "ilo"]
    assert site.listed(id_map=names, targets=known).summary["answered"] == 3
    fleet.simulator.set_state("idrac", systems={"System.Embedded.1": {"power_state": "Off"}})
    fleet.simulator.fault("ilo", "status", status=500, uri="/Memory", count=None)
    fleet.simulator.fault("xcc", "tarpit", stage="connection", count=None)
    return site.listed(id_map=names, bmc_timeout=1).hostvars


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as started:
        yield started


def lines(run: Run) -> list[str]:
    (said,) = [outcome for outcome in run.outcomes if outcome.task == SAY]
    told: list[str] = said.result["msg"]
    return told


def discovered(head: Controller, inventory: Hosts, folder: Path, *arguments: str) -> Run:
    run = head.run_playbook(inventory, DISCOVER, arguments=["-e", f"output={folder}", *arguments])
    assert run.status == 0, run.stdout
    return run


def true_power(fleet: Fleet) -> Counter[str]:
    return Counter(state for name in fleet.addresses for state in fleet.power(name).values())


def test_table_and_files_tell_the_truth(fleet: Fleet, head: Controller, seen: Hosts, tmp_path: Path) -> None:
    before = {name: len(fleet.simulator.requests(name)) for name in fleet.addresses}
    run = discovered(head, seen, tmp_path)
    power = true_power(fleet)
    told = lines(run)
    assert told[0] == "4 BMCs with 5 nodes: 3 answered, 1 silent"
    assert told[1].startswith(f"power {power['On']} On, {power['Off']} Off")
    (dell,) = [line for line in told if line.startswith("dell ")]
    assert " 1 Off " in dell
    after = told[told.index("SILENT: 1") + 1]
    assert after.split()[:3] == ["xcc", fleet.addresses["xcc"], "since"]
    assert told[told.index("NEW: 1") + 1].split()[0] == "ilo"
    gap = told[told.index("INCOMPLETE: 1") + 1]
    assert gap.split()[0] == "ilo"
    assert "/Memory" in gap
    data = json.loads((tmp_path / "fleet.json").read_bytes())
    assert Counter(node["power_state"] for bmc in data["bmcs"] for node in bmc["nodes"]) == power
    assert {bmc["name"]: bmc["address"] for bmc in data["bmcs"]} == dict(fleet.addresses)
    assert yaml.safe_load((tmp_path / "fleet.yml").read_text(encoding="utf-8")) == data
    assert before == {name: len(fleet.simulator.requests(name)) for name in fleet.addresses}


@pytest.mark.parametrize("width", [80, 120])
def test_lines_fit(head: Controller, tmp_path: Path, width: int) -> None:
    wide = facts(model="M" * 200, firmware_version="v" * 90, vendor="v" * 40)
    inventory = many(150) | hosts("long", wide, "10.9.9.9")
    told = lines(discovered(head, inventory, tmp_path, "-e", f"width={width}"))
    assert max(map(len, told[:-3])) <= width
    assert len(told) < 110


def test_check_mode_writes_nothing_and_a_limit_counts(head: Controller, seen: Hosts, tmp_path: Path) -> None:
    run = discovered(head, seen, tmp_path / "out", "--check", "--limit", "idrac*")
    assert lines(run)[0].startswith("1 BMC with 1 node")
    assert not (tmp_path / "out").exists()


def test_hosts_of_nodes_alone_and_strangers(head: Controller, seen: Hosts, tmp_path: Path) -> None:
    """As with hosts: nodes, among hosts that discovery knows nothing of."""
    nodes = {name: variables for name, variables in seen.items() if "bmc_system" in variables}
    told = lines(discovered(head, nodes | {"login1": {}, "login2": {}}, tmp_path))
    assert told[0] == "4 BMCs with 5 nodes: 3 answered, 1 silent"
    assert "2 hosts without bmc_discovery left out" in told


def test_bad_input_is_refused(head: Controller, seen: Hosts, tmp_path: Path) -> None:
    run = head.run_playbook(seen, DISCOVER, arguments=["-e", f"output={tmp_path}/out", "-e", "width=20"])
    assert run.status != 0
    assert [outcome.kind for outcome in run.outcomes if outcome.status == "failed"] == ["InvalidRequest"]
    assert not (tmp_path / "out").exists()


def test_folder_that_cannot_be_written_is_named(head: Controller, seen: Hosts, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    run = head.run_playbook(seen, DISCOVER, arguments=["-e", f"output={tmp_path}/file"])
    (failed,) = [outcome for outcome in run.outcomes if outcome.status == "failed"]
    assert (failed.kind, str(tmp_path / "file") in failed.msg) == ("LocalFailure", True)


def hostile_hosts() -> Hosts:
    """All that a BMC says of itself is hostile, and why it is silent. No template, as what discovery makes."""
    found: Hosts = {}
    for number, text in enumerate(HOSTILE):
        unsafe = {"__ansible_unsafe": text}
        told = facts(model=unsafe, vendor=unsafe, serial_number=unsafe, firmware_version=unsafe, power_state=unsafe)
        story = {"status": "silent", "why": unsafe} if number % 2 else {"incomplete": [{"uri": unsafe, "why": unsafe}]}
        found |= hosts(f"bmc{number}", told, f"10.0.0.{number + 1}", **story)
    return found


def test_hostile_text_stays_text(head: Controller, browser: Browser, tmp_path: Path) -> None:
    run = discovered(head, hostile_hosts(), tmp_path)
    told = lines(run)
    assert not UNSHOWN & set("".join(told))
    assert any("{{ 7*7 }}" in line for line in told)
    assert any(r"\x1b[2J" in line for line in told)
    data = json.loads((tmp_path / "fleet.json").read_bytes())
    assert [bmc["vendor"] for bmc in data["bmcs"]] == HOSTILE
    assert yaml.safe_load((tmp_path / "fleet.yml").read_text(encoding="utf-8")) == data
    browser.open(tmp_path / "fleet.html")
    assert browser.requests == [(tmp_path / "fleet.html").as_uri()]
    assert browser.evaluate("document.title") == f"Fleet: {len(HOSTILE)} BMCs"
    assert browser.evaluate("document.querySelectorAll('script').length") == 1
    assert browser.evaluate("document.querySelectorAll('img, [onfocus], [onerror]').length") == 0
    shown = browser.evaluate("[...document.querySelectorAll('#firmware tbody tr')].map(r => r.cells[0].textContent)")
    assert HOSTILE[0] in shown
    assert HOSTILE[2] in shown
    assert not UNSHOWN & set("".join(shown))


def test_page_shows_the_fleet_and_asks_for_nothing(
    fleet: Fleet, head: Controller, seen: Hosts, browser: Browser, tmp_path: Path
) -> None:
    discovered(head, seen, tmp_path)
    browser.open(tmp_path / "fleet.html")
    assert browser.requests == [(tmp_path / "fleet.html").as_uri()]
    assert browser.complaints == []
    power = true_power(fleet)
    chips = dict(
        browser.evaluate("[...document.querySelectorAll('.chips button')].map(b => [b.dataset.q, b.innerText])")
    )
    assert chips["power=on"] == f"{power['On']} power On"
    assert chips["power=off"] == f"{power['Off']} power Off"
    assert chips["status=silent"] == "1 silent"
    tiles = browser.evaluate("[...document.querySelectorAll('.row .t')].map(t => [t.innerText, t.className])")
    # The silent node was on when it was last seen, and has no colour.
    assert Counter("on" in classes.split() for _text, classes in tiles)[True] == power["On"] - 1
    assert sorted(text.split()[0] for text, _classes in tiles) == sorted("●○●●?")
    places = browser.evaluate("[...document.querySelectorAll('.rack h3, .row > span')].map(e => e.innerText)")
    assert {"x1000", "c3"} <= set(places)
    assert browser.evaluate("document.querySelectorAll('#notes tbody tr').length") == 3


def test_filter_and_firmware_of_a_thousand(browser: Browser, tmp_path: Path) -> None:
    inventory = many(1000)
    file = tmp_path / "fleet.html"
    file.write_text(page(fleet_of(inventory.items())), encoding="utf-8")
    browser.resize(1400, 900)
    browser.open(file)
    assert browser.evaluate("document.querySelectorAll('.row .t').length") == 1000
    off = sum(host.get("bmc_power_state") == "Off" for host in inventory.values())
    browser.evaluate("document.querySelector('[data-q=\"power=off\"]').click()")
    assert browser.evaluate("document.querySelectorAll('.row .t:not(.hidden)').length") == off
    assert browser.evaluate("document.querySelector('#shown').innerText") == f"{off} of 1,000"
    differs = browser.evaluate("[...document.querySelectorAll('tr.differs .v')].map(c => c.innerText)")
    behind = sum(host["bmc_firmware_version"] == "iLO 5 v2.65" for host in inventory.values())
    (told,) = differs
    assert told.startswith("iLO 5 v2.65 ≠ most")
    assert browser.evaluate("+document.querySelector('tr.differs .n').innerText") == behind
    assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
    browser.resize(420, 800)
    assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
