# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever the documents of a BMC's settings hold: an error of the tree or a sound plan, nothing written."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._operations.connect import Bmc
from ansible_collections.openchami.bmc.plugins.module_utils._operations.settings import operation as settings
from ansible_collections.openchami.bmc.plugins.module_utils._operations.settings.plan import CHANGED
from tests.integration.settings_cases import asked
from tests.simulator.public_keys import public_key
from tests.unit.fake_clock import FakeClock
from tests.unit.operations.simulated_settings import request_of

from .answers import Answers, OpenGate, connected
from .mutations import mutated, mutations
from .oracle import judged
from .subjects import Subject, read_by, shared

# Of each way to keep settings one.
PROFILES = ("hpe_ilo6", "dell_idrac10", "lenovo_xcc", "supermicro_x13", "cray_ex_nc", "nvidia_gb200", "openbmc")
OEM: dict[str, dict[str, Any]] = {
    "dell_idrac10": {
        "IPMILan.1.Enable": False,
        "SysLog.1.PowerLogInterval": "7",
        "Lockdown.1.SystemLockdown": "Enabled",
    },
    "supermicro_x13": {"SysLockdownEnabled": "no"},
}
LESS: dict[str, Any] = {
    "ntp": {"enabled": False, "servers": []},
    "syslog": {"enabled": False, "servers": []},
    "dns": {"servers": [], "search": []},
    "ssh_keys": [{"account": "admin", "keys": [public_key("one")], "exclusive": True}],
    "protocols": {"ssh": False, "https": False},
    "unsupported": "ignore",
}


def options(profile: str, less: bool) -> dict[str, Any]:
    """Everything that a task can ask for, or that as much as can be goes."""
    return (LESS if less else asked(profile)) | {"oem": OEM.get(profile, {}), "allow_lockout": True}


def predicted(bmc: Bmc, profile: str, less: bool) -> settings.SettingsResult:
    """What bmc_settings predicts of an answering BMC."""
    return settings.run(bmc, request_of(options(profile, less), check_mode=True), OpenGate({}), FakeClock())


@cache
def subject(profile: str) -> Subject:
    def look(bmc: Bmc) -> None:
        for less in (False, True):
            predicted(bmc, profile, less)

    return read_by(profile, look)


@pytest.mark.parametrize("profile", PROFILES)
@shared
@given(data=st.data(), less=st.booleans())
def test_plans_of_mutated_documents(profile: str, data: st.DataObject, less: bool) -> None:
    answers = Answers(mutated(subject(profile).documents, data.draw(mutations(subject(profile)))))
    result = judged(lambda: predicted(connected(answers, {}), profile, less))
    if result is None:
        return
    assert {setting.state for setting in result.settings} <= {"changed", "unchanged", "unsupported"}
    assert result.changed == bool(result.plan) == any(setting.state == CHANGED for setting in result.settings)
    for write in result.plan:
        assert write.method in ("PATCH", "POST", "DELETE")
        assert write.uri
        json.dumps(write.as_data(), allow_nan=False)
