# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cut off after any request and run again, a change of the BIOS ends as one that was not (promise 9), on each dialect.

test_bios_kill.py kills real processes, with a restart, around the writes of three.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.redact import Redactor
from ansible_collections.openchami.bmc.plugins.module_utils._entry.gate import Gate, Intent
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import Response
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin
from tests.integration.bios_cases import ASKED
from tests.unit.fake_clock import FakeClock

from .simulated_bios import BiosBox
from .simulated_settings import Direct


class Killed(BaseException):
    """Nothing in the collection hears of it, as of a SIGKILL."""


@dataclass
class Cutting(Direct):
    """Does requests, and of the one with this number nobody hears the answer any more."""

    last: int = 0
    done: int = 0

    def _ask(
        self, method: str, uri: str, headers: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> Response:
        answer = super()._ask(method, uri, headers, body)
        self.done += 1
        if self.done == self.last:
            raise Killed
        return answer


PROFILES = (*("hpe_ilo5", "dell_idrac9", "lenovo_xcc", "supermicro_x13", "cray_ex_nc", "ami_gigabyte", "nvidia_gh200"),)


def prepared(profile: str, what: str) -> tuple[BiosBox, dict[str, Any]]:
    """A BMC, and what is asked of it. The contrary waits already, and so does what somebody else wants."""
    box, asked = BiosBox.of(profile), ASKED[profile]
    state = box.state
    name, value = next(iter(asked.sent.items()))
    theirs = next((found for found in state.bios.attributes if found.name not in asked.sent and found.choices), None)
    waiting = {name: state.active[name]} | ({theirs.name: list(theirs.choices.values())[-1]} if theirs else {})
    active = {} if what == "attributes" else {name: value}
    state.set_truth({"active": active, "waiting": waiting, "job": bool(state.bios.jobs)}, "")
    return box, {what: dict(asked.given) if what == "attributes" else True}


def carry_out(box: BiosBox, options: Mapping[str, Any], folder: Path, last: int = 0) -> Cutting:
    """Run a task, cut off with its request of this number, 0 for never."""
    box.client = client = Cutting(simulated=box.simulated, last=last)
    origin, clock = Origin("https", box.host, 443), FakeClock()
    with (
        suppress(Killed),
        Gate(folder, origin, Intent("host", str(origin), "bmc_bios", "", ()), clock, Redactor(())) as gate,
    ):
        result = box.task(gate=gate, **options)
        assert "msg" not in result, result
    return client


@pytest.mark.parametrize("what", ["attributes", "clear_pending", "reset_to_default"])
@pytest.mark.parametrize("profile", PROFILES)
def test_it_ends_as_one_that_was_not_cut_off(profile: str, what: str, tmp_path: Path) -> None:
    alone, options = prepared(profile, what)
    whole = carry_out(alone, options, tmp_path / "alone")
    assert whole.writes
    alone.boot()
    for last in range(1, whole.done):
        box, options = prepared(profile, what)
        folder = tmp_path / str(last)
        assert carry_out(box, options, folder, last).done == last
        carry_out(box, options, folder)
        box.boot()
        assert box.state.active == alone.state.active, last
