# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Planning: twice changes nothing, and a plan that was applied leaves nothing to plan, whatever waited before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._operations.bios.plan import (
    ApplyTime,
    after_changes,
    plan_changes,
)
from ansible_collections.openchami.bmc.plugins.module_utils._operations.bios.state import Shown
from ansible_collections.openchami.bmc.plugins.module_utils._operations.bios.values import same
from ansible_collections.openchami.bmc.plugins.module_utils._operations.connect import Bmc
from ansible_collections.openchami.bmc.plugins.module_utils._operations.writes import Write
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.service import Service
from ansible_collections.openchami.bmc.plugins.module_utils._transport.bmc import BmcClient
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin
from ansible_collections.openchami.bmc.plugins.module_utils._vendors import registry
from tests.unit.redfish.fake_reader import FakeReader

SETTINGS, JOBS, CLEAR = "/redfish/v1/Bios/Settings", "/redfish/v1/Jobs", "/redfish/v1/Bios/Settings/Clear"
NAMES = ("A", "B", "C", "D")
values = st.sampled_from([0, 1, "x", "y", True])
attributes = st.dictionaries(st.sampled_from(NAMES), values)
full = st.fixed_dictionaries(dict.fromkeys(NAMES, values))


def observed(dialect: str, active: Mapping[str, Any], waiting: Mapping[str, Any], job: bool) -> tuple[Bmc, Shown]:
    """A BIOS in this state, as the operation sees it."""
    settings = {
        "@odata.id": SETTINGS,
        "Attributes": dict(waiting),
        "Actions": {"Oem": {"DellManager.v1_0_0#DellManager.ClearPending": {"target": CLEAR}}},
        "Oem": {"Dell": {"Jobs": {"@odata.id": JOBS}}},
    }
    state = "Scheduled" if job else "Completed"
    documents = {
        JOBS: {"@odata.id": JOBS, "Members": [{"@odata.id": f"{JOBS}/1"}]},
        f"{JOBS}/1": {"@odata.id": f"{JOBS}/1", "JobType": "BIOSConfiguration", "JobState": state},
    }
    service = Service(FakeReader(documents))
    bmc = Bmc(Origin("https", "bmc1", 443), service, registry.known(dialect, ""), cast(BmcClient, service))
    pending = {name: value for name, value in waiting.items() if not same(value, active[name])}
    return bmc, Shown("/redfish/v1/Bios", {}, SETTINGS, settings, dict(active), pending)


def applied(waiting: Mapping[str, Any], plan: list[Write], dialect: str, job: bool) -> tuple[dict[str, Any], bool]:
    """What waits after the plan, by the BMC's own rule. An iDRAC takes no change while a job waits."""
    waits = dict(waiting)
    for write in plan:
        if write.method in ("DELETE", "POST"):
            waits, job = {}, False
        else:
            assert not (dialect == "dell" and job), "a second change while a job waits"
            waits |= write.body["Attributes"]
            job = dialect == "dell"
    return waits, job


@given(st.sampled_from(["generic", "hpe", "dell"]), full, attributes, attributes, st.booleans(), st.booleans())
def test_an_applied_plan_leaves_nothing_to_plan(
    dialect: str, active: dict[str, Any], waiting: dict[str, Any], wanted: dict[str, Any], clear: bool, job: bool
) -> None:
    job = job and dialect == "dell" and bool(waiting)
    bmc, bios = observed(dialect, active, waiting, job)
    plan = plan_changes(bmc, bios, wanted, ApplyTime(), clear=clear)
    assert plan == plan_changes(bmc, bios, wanted, ApplyTime(), clear=clear), "planning twice changes nothing"
    waits, job = applied(waiting, plan, dialect, job)
    bmc, later = observed(dialect, active, waits, job)
    assert plan_changes(bmc, later, wanted, ApplyTime(), clear=clear) == []
    assert all(same(later.after[name], value) for name, value in wanted.items())
    left = {name: value for name, value in bios.pending.items() if name not in wanted}
    assert {name: later.after[name] for name in left} == ({name: active[name] for name in left} if clear else left)
    expected = after_changes(bios, wanted, clear=clear) if plan else bios.pending
    assert {name: later.pending[name] for name in later.pending} == {
        name: value for name, value in expected.items() if not same(value, active[name])
    }


@given(st.sampled_from(["generic", "hpe", "dell"]), full, attributes)
def test_nothing_is_written_for_what_is_active_or_waits_already(
    dialect: str, active: dict[str, Any], waiting: dict[str, Any]
) -> None:
    bmc, bios = observed(dialect, active, waiting, job=True)
    assert plan_changes(bmc, bios, bios.after, ApplyTime(), clear=False) == []
