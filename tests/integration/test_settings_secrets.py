# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Canaries: a password and an SNMP community are nowhere after a run, and a private key given by mistake neither."""

from __future__ import annotations

from tests.integration.canary import PASSWORD, keep_everything, leaking_files, leaks, watched
from tests.integration.conftest import StartFleet
from tests.integration.fleet import USERNAME
from tests.integration.playbook import Controller

COMMUNITY = b"canary-community-77ce"
PRIVATE = b"canary-private-key-1b0f"


def test_no_secret_is_left_anywhere(start_fleet: StartFleet, own_controller: Controller) -> None:
    bmc = {"profile": "dell_idrac9", "username": USERNAME, "password": PASSWORD}
    fleet = start_fleet([{"name": "fine", **bmc}, {"name": "dropped", **bmc, "drops": ["SNMP.1.AgentCommunity"]}])
    keep_everything(own_controller)
    community = {"oem": {"SNMP.1.AgentCommunity": COMMUNITY.decode()}}
    private = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{PRIVATE.decode()}"
    tasks = [
        {"name": "set", "openchami.bmc.bmc_settings": {**community, "wait_timeout": 0.5}, "register": "done"},
        {"name": "again", "openchami.bmc.bmc_settings": community},
        {"name": "keys", "openchami.bmc.bmc_settings": {"ssh_keys": [{"account": "admin", "keys": [private]}]}},
        {"name": "show", "ansible.builtin.debug": {"var": "done"}},
    ]
    hosts = {name: fleet.variables(name, bmc_password={"__ansible_unsafe": PASSWORD}) for name in fleet.addresses}
    run, processes = watched(own_controller.start(hosts, tasks, arguments=["-vvvv", "--diff"]))
    fine, dropped = run.of("fine", "set"), run.of("dropped", "set")
    assert fine.result["changed"] is True, fine.msg
    assert "did not keep it" in dropped.msg
    assert run.of("fine", "again").result["changed"] is False
    assert "no public key" in run.of("fine", "keys").msg
    written = fleet.simulator.state("fine")["configuration"]["written"]
    assert COMMUNITY.decode() in str(written)
    others = [COMMUNITY, PRIVATE]
    assert leaks((run.stdout + run.stderr).encode(), others) == []
    assert [found for shown in processes if (found := leaks(shown, others))] == []
    assert leaking_files(own_controller.folder, {"inventory.json", "play.json"}, others) == {}
