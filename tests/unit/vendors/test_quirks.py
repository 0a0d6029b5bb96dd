# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The quirk table: its windows, and that no row can be spared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BmcError
from ansible_collections.openchami.bmc.plugins.module_utils._operations import facts
from ansible_collections.openchami.bmc.plugins.module_utils._operations.power_rules import (
    OFF,
    Impossible,
    Situation,
    Step,
    steps,
)
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.crawl import drive
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import HttpClient, Limits
from ansible_collections.openchami.bmc.plugins.module_utils._transport.tls import Trust
from ansible_collections.openchami.bmc.plugins.module_utils._vendors import registry
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.generic import GenericDriver
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.quirks import RESTARTED, TABLE, Quirk, answers
from ansible_collections.openchami.bmc.plugins.module_utils.vendor_api.v1 import Quirks
from tests.unit.fake_clock import FakeClock
from tests.unit.json_documents import quick
from tests.unit.operations.scripted_bmc import ORIGIN, World, system
from tests.unit.redfish.fake_reader import FakeReader, refused, tree
from tests.unit.transport.scripted_server import ScriptedServer, Wire, certificate, document, raw, reply

Scenario = Callable[[GenericDriver], None]


def write_after_a_rest(driver: GenericDriver) -> None:
    """The BMC reset the connection, unnoticed, while it rested: a write on it would be cut off."""
    clock = FakeClock()
    with ScriptedServer() as server:
        limits = Limits(idle=driver.quirks.rests_before_reset)
        client = HttpClient(server.origin, Trust(fingerprint=certificate().sha256), clock, limits)
        server.expect("GET", "/x", document({}))
        client.request("GET", "/x")
        clock.advance(2.0)

        def answer_on_a_fresh_connection(wire: Wire) -> None:
            answer = reply(204) if server.connections == 2 else raw(b"")
            answer(wire)

        server.expect("POST", "/reset", answer_on_a_fresh_connection)
        assert client.request("POST", "/reset", body=b"{}").status == 204
        client.close()


def refused_for_now(*keys: str) -> Scenario:
    """The BMC takes the shutdown after it refused it for now, with each of these messages."""

    def scenario(driver: GenericDriver) -> None:
        world = World(system(), driver=driver)
        world.expect("GracefulShutdown", *(refused(503, key) for key in keys), world.change(PowerState="Off"))
        result = world.run("off")
        if result.error is not None:
            raise result.error
        world.finished()

    return scenario


def on_refused_for_now(driver: GenericDriver) -> None:
    """The BMC takes On after it refused it, because power went off too recently."""
    world = World(system(power_state="Off"), driver=driver)
    world.expect("On", refused(409, "ActionParameterValueConflict"), world.change(PowerState="On"))
    result = world.run("on")
    if result.error is not None:
        raise result.error
    world.finished()


def gentle_off_of_a_cray(driver: GenericDriver) -> None:
    """A node that offers no GracefulShutdown is shut down with Off."""
    now = Situation("On", ("On", "ForceOff", "Off"), driver.power.vocabulary())
    assert steps("system", "soft_off", now) == (Step("Off", OFF),)


def members_in_one_answer(query: str) -> Scenario:
    """The systems come with their collection; no request is left for a system alone."""

    def scenario(driver: GenericDriver) -> None:
        documents = tree(Systems=[])
        whole = {"Members": [system("1"), system("2")]}
        reader = FakeReader({f"/redfish/v1/Systems?{query}": whole})
        crawl = facts.crawl(documents["/redfish/v1"], ORIGIN, (), driver)
        assert [entry["id"] for entry in drive(crawl, reader.get)["systems"]] == ["1", "2"]

    return scenario


# What goes right with a row and wrong without it.
SCENARIOS: dict[tuple[str, str], Scenario] = {
    ("hpe", "rests_before_reset"): write_after_a_rest,
    ("hpe", "refusals_for_now"): refused_for_now(
        "UnableToModifyDuringSystemPOST", "InvalidOperationForSystemState", "ResourceNotReadyRetry"
    ),
    ("dell", "refusals_for_now"): refused_for_now("SYS518"),
    ("dell", "refusals_of_on_for_now"): on_refused_for_now,
    ("cray", "graceful_off_values"): gentle_off_of_a_cray,
    ("hpe", "expand"): members_in_one_answer("$expand=."),
    ("dell", "expand"): members_in_one_answer("$expand=*($levels=1)"),
}


def driver_by(table: tuple[Quirk, ...], row: Quirk) -> GenericDriver:
    """The driver of a row's dialect, as it would be by another table."""
    driver = type(registry.known(row.dialect, row.first))()
    assert isinstance(driver, GenericDriver)
    driver.quirks = answers(row.dialect, row.first, table)
    driver.power = driver.make_power()
    return driver


def name_of(row: Quirk) -> str:
    return f"{row.dialect}-{row.question}"


def test_every_scenario_has_its_row() -> None:
    assert {(row.dialect, row.question) for row in TABLE} == set(SCENARIOS)


@pytest.mark.parametrize("row", TABLE, ids=name_of)
def test_row_is_needed(row: Quirk) -> None:
    scenario = SCENARIOS[row.dialect, row.question]
    scenario(driver_by(TABLE, row))
    with pytest.raises((BmcError, AssertionError, Impossible)):
        scenario(driver_by(tuple(other for other in TABLE if other is not row), row))


@pytest.mark.parametrize("row", TABLE, ids=name_of)
def test_row_answers_a_question_of_the_contract_with_its_evidence(row: Quirk) -> None:
    default = {field.name: field.default for field in fields(Quirks)}[row.question]
    assert type(row.answer) is type(default)
    assert row.answer != default
    assert len(row.evidence) > 40


def test_no_window_compares_versions_of_two_generations() -> None:
    assert [row for row in TABLE if row.dialect in RESTARTED and (row.first or row.last)] == []


def test_dialect_without_rows_has_the_answers_of_the_standard() -> None:
    assert answers("generic") == Quirks()


def test_only_rows_of_the_dialect_and_its_firmware_answer() -> None:
    table = (
        Quirk("rests_before_reset", "hpe", 1.0, "seen", first="2.0", last="2.5"),
        Quirk("graceful_off_values", "dell", ("Off",), "seen"),
    )
    assert answers("hpe", "2.3", table) == replace(Quirks(), rests_before_reset=1.0)
    assert answers("hpe", "2.6", table) == Quirks()


@pytest.mark.parametrize(
    ("first", "last", "firmware", "covered"),
    [
        ("", "", "1.0", True),
        ("", "", "", True),
        ("2.0", "2.5", "", True),
        ("2.0", "2.5", "2.0", True),
        ("2.0", "2.5", "2.5", True),
        ("2.0", "2.5", "1.9", False),
        ("2.0", "2.5", "2.6", False),
        ("2.0", "2.5", "2.10", False),
        ("2.0", "", "2.10", True),
        ("", "2.5", "2.10", False),
        ("iLO 5 v2.10", "iLO 5 v2.72", "iLO 5 v2.72", True),
        ("6.0.0", "6.10.30.0", "6.00.30.00", True),
    ],
)
def test_window_holds_both_its_ends(first: str, last: str, firmware: str, covered: bool) -> None:
    assert Quirk("x", "hpe", 1.0, "seen", first, last).covers(firmware) is covered


@quick
@given(st.text() | st.floats() | st.integers())
def test_no_firmware_version_breaks_the_table(firmware: str) -> None:
    assert isinstance(Quirk("x", "hpe", 1.0, "seen", "1.0", "2.0").covers(firmware), bool)
