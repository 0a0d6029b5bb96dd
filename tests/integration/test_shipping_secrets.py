# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A password on its way to a delegate: nowhere while the module is at work, after it ended, or after it was killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.canary import PASSWORD, ProcessWatch, leaking_files, leaks
from tests.integration.conftest import StartFleet
from tests.integration.fleet import USERNAME, Fleet
from tests.integration.playbook import Playing, ShippingController

POWER = "openchami.bmc.bmc_power"
OFF = {"state": "off", "wait_timeout": 20, "poll_interval": 0.1}
HELD = 600.0


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    return start_fleet([{"name": "ilo", "profile": "hpe_ilo5", "username": USERNAME, "password": PASSWORD}])


@pytest.fixture(autouse=True)
def _from_the_factory(fleet: Fleet) -> None:
    fleet.simulator.reset()


@pytest.fixture(
    params=[pytest.param("0", marks=pytest.mark.soak, id="pipelining-off"), pytest.param("1", id="pipelining-on")]
)
def shipping(request: pytest.FixtureRequest, tmp_path: Path) -> ShippingController:
    return ShippingController(tmp_path / "controller", {"ANSIBLE_PIPELINING": request.param})


@pytest.fixture
def frozen(fleet: Fleet, shipping: ShippingController) -> Iterator[Playing]:
    """A run whose module waits for the BMC's answer to its write; the password is the host's, and a task's option."""
    fleet.simulator.fault("ilo", "hold", method="POST", uri="Reset", seconds=HELD)
    password = {"__ansible_unsafe": PASSWORD}
    host: dict[str, Any] = fleet.variables("ilo", bmc_password=password, bmc_timeout=4)
    task = {"name": "off", POWER: {**OFF, "bmc_password": "{{ bmc_password }}"}}
    playing = shipping.start({"ilo": host}, [task], arguments=["-vvvv"])
    yield playing
    playing.kill()


def test_it_is_in_no_file_and_no_process_while_the_module_is_at_work_or_after(
    fleet: Fleet, shipping: ShippingController, frozen: Playing
) -> None:
    with ProcessWatch(frozen.process.pid) as watch:
        fleet.await_write("ilo")
        assert leaking_files(shipping.folder, {"inventory.json"}) == {}
        run = frozen.finish()
    assert run.of("ilo", "off").kind == "MayHaveHappened"
    assert any(b"OPENCHAMI_BMC_HOST=ilo" in shown for shown in watch.seen), "the module was not among the processes"
    assert [found for shown in watch.seen for found in leaks(shown)] == []
    assert leaks(run.stdout.encode() + run.stderr.encode()) == []
    assert leaking_files(shipping.folder, {"inventory.json"}) == {}
    assert [path for path in (shipping.elsewhere / "home").rglob("*") if path.is_file()] == []


def test_a_kill_in_the_middle_leaves_it_nowhere(fleet: Fleet, shipping: ShippingController, frozen: Playing) -> None:
    """What is left of a module that cannot clean up is the collection's code."""
    fleet.await_write("ilo")
    frozen.kill()
    left = [path.name for path in shipping.elsewhere.rglob("*") if path.is_file()]
    assert any(name.endswith("payload.zip") for name in left), left
    assert leaking_files(shipping.folder, {"inventory.json"}) == {}


_JOURNAL = """import os

def send(**fields):
    with open(os.environ["JOURNAL"], "a") as file:
        print(fields, file=file)

sendv = send
"""


def test_the_log_of_the_delegate_is_told_no_option(fleet: Fleet, tmp_path: Path) -> None:
    """Ansible tells it the options of a module before the module could say which of them are secrets."""
    systemd, journal = tmp_path / "python" / "systemd", tmp_path / "journal"
    systemd.mkdir(parents=True)
    for name, content in (("__init__", ""), ("daemon", "def booted():\n    return 1\n"), ("journal", _JOURNAL)):
        (systemd / f"{name}.py").write_text(content, encoding="utf-8")
    seen = {"environment": {"PYTHONPATH": str(systemd.parent), "JOURNAL": str(journal)}}
    tasks: list[dict[str, Any]] = [
        {"name": "ping", "ansible.builtin.ping": {"data": "heard"}, "delegate_to": "elsewhere", **seen},
        {"name": "set", "openchami.bmc.bmc_settings": {"oem": {"Users.3.Password": "{{ bmc_password }}"}}, **seen},
    ]
    shipping = ShippingController(tmp_path / "controller")
    host: dict[str, Any] = fleet.variables("ilo", bmc_password={"__ansible_unsafe": PASSWORD})
    assert shipping.run({"ilo": host}, tasks).of("ilo", "set").kind == "NotSupported"
    said = journal.read_bytes()
    assert b"heard" in said
    assert leaks(said) == []


def test_the_search_finds_a_module_that_is_not_piped(fleet: Fleet, tmp_path: Path) -> None:
    """The same search, over a module of Ansible's own that is sent as a file, with the password among its options."""
    careless = ShippingController(tmp_path / "careless", {"ANSIBLE_KEEP_REMOTE_FILES": "1"})
    host = {"ilo": {"word": {"__ansible_unsafe": PASSWORD}}}
    careless.run(host, [{"name": "ping", "ansible.builtin.ping": {"data": "{{ word }}"}, "delegate_to": "elsewhere"}])
    found = leaking_files(careless.elsewhere, set())
    assert any(name.endswith("AnsiballZ_ping.py") for name in found), found
