# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_bios in this process, against a simulated BMC without a network: fast enough for many examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_bios
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import typed
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Task
from ansible_collections.openchami.bmc.plugins.module_utils._operations.bios import operation as bios
from ansible_collections.openchami.bmc.plugins.module_utils._operations.writes import WriteGate
from tests.integration.bios_cases import system_of
from tests.simulator.bios_state import BiosState
from tests.unit.fake_clock import FakeClock

from .simulated_settings import Box


@dataclass
class BiosBox(Box):
    """A simulated BMC of a profile, and the hand on the BIOS of one of its systems."""

    @property
    def state(self) -> BiosState:
        """What that BIOS truly is."""
        bioses = self.simulated.bioses
        return bioses[system_of(self.simulated.profile.name) or next(iter(bioses))]

    def task(self, *, check_mode: bool = False, gate: WriteGate | None = None, **options: Any) -> dict[str, Any]:
        """The result of a task with these options. Raises BmcError where nothing was written."""
        system = {"bmc_system": system_of(self.simulated.profile.name)}
        given = typed(bmc_bios.ARGUMENT_SPEC, {"bmc_address": self.host, "wait_timeout": 20.0, **system, **options})
        task = Task("host", check_mode=check_mode)
        request = bmc_bios.request_of(given, task)
        bmc = self.connected()
        return bmc_bios.told(request, bios.run(bmc, request, gate or self.gate, FakeClock()), bmc.driver.dialect, task)

    def written(self, **options: Any) -> list[dict[str, Any]]:
        """The writes of a task, which does what it predicts and ends well."""
        predicted = self.task(check_mode=True, **options)
        assert self.client.writes == []
        result = self.task(**options)
        sent = [write.as_data() for write in self.client.writes]
        self.client.writes.clear()
        assert "msg" not in result, result
        assert predicted == result
        assert result["plan"] == sent
        return sent

    def boot(self) -> None:
        """Somebody restarts the host."""
        self.state.begin_boot()
        self.state.end_boot()
