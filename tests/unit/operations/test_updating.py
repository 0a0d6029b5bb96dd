# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""While an update runs nothing else may take the BMC away."""

from __future__ import annotations

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import Busy, RefusedByBmc
from ansible_collections.openchami.bmc.plugins.module_utils._operations.updating import refuse_while_updating
from tests.unit.operations.scripted_bmc import World, system
from tests.unit.redfish.fake_reader import reference, refused

UPDATE = "/redfish/v1/UpdateService"


def test_it_is_asked_anew_each_time() -> None:
    world = World(system())
    world.client.documents["/redfish/v1"]["UpdateService"] = reference(UPDATE)
    world.client.documents[UPDATE] = {"@odata.id": UPDATE, "Status": {"State": "Enabled"}}
    bmc = world.bmc
    refuse_while_updating(bmc)
    world.client.documents[UPDATE] = {"@odata.id": UPDATE, "Status": {"State": "Updating"}}
    with pytest.raises(Busy, match="a firmware update runs on this BMC"):
        refuse_while_updating(bmc)


def test_a_bmc_without_an_update_service_runs_none() -> None:
    refuse_while_updating(World(system()).bmc)


def test_a_link_that_leads_nowhere_tells_of_no_update() -> None:
    world = World(system())
    world.client.documents["/redfish/v1"]["UpdateService"] = reference(UPDATE)
    world.client.documents[UPDATE] = refused(404)
    refuse_while_updating(world.bmc)


def test_a_bmc_that_refuses_to_tell_is_believed_in_nothing() -> None:
    world = World(system())
    world.client.documents["/redfish/v1"]["UpdateService"] = reference(UPDATE)
    world.client.documents[UPDATE] = refused(503)
    with pytest.raises(RefusedByBmc):
        refuse_while_updating(world.bmc)
