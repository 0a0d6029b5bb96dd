# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_console_uri says the same in the worker, on a delegate, and in check mode."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.integration.conftest import StartFleet
from tests.integration.playbook import Controller
from tests.trees.tasks import HOST, consoles

NAMES = ("hpe_ilo5", "cray_ex_nc", "openbmc")


def test_every_way_gives_the_same(controller: Controller, start_fleet: StartFleet, own_state: Path) -> None:
    fleet = start_fleet([{"name": name, "profile": name} for name in NAMES])
    ask: dict[str, Any] = {"openchami.bmc.bmc_console_uri": {}}
    tasks = [{"name": "ask", **ask}, {"name": "predict", "check_mode": True, **ask}]
    run = controller.run({name: fleet.variables(name) for name in NAMES}, tasks)
    for name in NAMES:
        here = json.dumps(consoles(fleet.addresses[name])["nodes"])
        for task in ("ask", "predict"):
            result = run.of(name, task).result
            assert json.dumps(result["nodes"]).replace(f'name=\\"{name}', f'name=\\"{HOST}') == here
            assert result["changed"] is False
        assert fleet.methods(name) == {"GET"}
