# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a look at a known BMC sees, and what moves by itself and is no change."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BadAnswer, RefusedByBmc
from ansible_collections.openchami.bmc.plugins.module_utils._operations import watch
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.crawl import drive
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.generic import GenericDriver
from tests.unit.redfish.fake_reader import FakeReader, collection, reference, refused, tree

from .scripted_bmc import ORIGIN, manager, system

ROOT = "/redfish/v1"
SYSTEM, MANAGER = f"{ROOT}/Systems/1", f"{ROOT}/Managers/BMC"
MEMORY, INTERFACES, PROTOCOLS = f"{SYSTEM}/Memory", f"{SYSTEM}/EthernetInterfaces", f"{MANAGER}/NetworkProtocol"
UPDATE, FIRMWARE = f"{ROOT}/UpdateService", f"{ROOT}/UpdateService/FirmwareInventory"


def documents() -> dict[str, Any]:
    """A BMC with one of everything that is watched."""
    links: dict[str, Any] = {"Memory": reference(MEMORY), "EthernetInterfaces": reference(INTERFACES)}
    found = tree(
        Systems=[system(**links, LastResetTime="2026-01-01T00:00:00Z", Links={"Chassis": [reference("/a")]})],
        Managers=[manager(NetworkProtocol=reference(PROTOCOLS), DateTime="2026-01-01T00:00:00Z")],
    )
    found[ROOT]["UpdateService"] = reference(UPDATE)
    return found | {
        UPDATE: {"FirmwareInventory": reference(FIRMWARE)},
        PROTOCOLS: {"SSH": {"ProtocolEnabled": True}},
        MEMORY: collection(MEMORY, f"{MEMORY}/1", f"{MEMORY}/2"),
        f"{MEMORY}/1": {"Id": "1", "SerialNumber": "A"},
        f"{MEMORY}/2": {"Id": "2", "SerialNumber": "B", "Oem": {"Dell": {"LastUpdateTime": "1"}}},
        INTERFACES: collection(INTERFACES, f"{INTERFACES}/1"),
        f"{INTERFACES}/1": {"Id": "1", "MACAddress": "aa:bb:cc:00:11:22"},
        FIRMWARE: collection(FIRMWARE, f"{FIRMWARE}/BMC"),
        f"{FIRMWARE}/BMC": {"Id": "BMC", "Version": "1.0"},
    }


def looked(found: Mapping[str, Any], before: Mapping[str, str] | None = None) -> tuple[dict[str, str], list[str]]:
    """The digests and the reads."""
    reader = FakeReader(found)
    told = drive(watch.crawl(reader.documents[ROOT], ORIGIN, GenericDriver(), before or {}), reader.get)
    return told, reader.reads


@pytest.mark.parametrize(
    ("uri", "path", "value"),
    [
        (SYSTEM, ("PowerState",), "Off"),
        (SYSTEM, ("LastResetTime",), "2026-01-02T00:00:00Z"),
        (MANAGER, ("FirmwareVersion",), "2.0"),
        (PROTOCOLS, ("SSH", "ProtocolEnabled"), False),
        (f"{MEMORY}/2", ("SerialNumber",), "C"),
        (f"{INTERFACES}/1", ("MACAddress",), "aa:bb:cc:00:11:23"),
        (f"{FIRMWARE}/BMC", ("Version",), "1.1"),
        (MEMORY, ("Members",), [reference(f"{MEMORY}/1")]),
        (f"{ROOT}/Systems", ("Members",), []),
    ],
)
def test_a_change_is_seen(uri: str, path: tuple[str, ...], value: Any) -> None:
    found = documents()
    before, _reads = looked(found)
    assert looked(found, before)[0] == before
    place = found[uri]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    found[f"{ROOT}/Chassis"] = collection(f"{ROOT}/Chassis")
    assert looked(found, before)[0] != before


def test_a_new_system_and_a_new_manager_are_seen() -> None:
    for name, new in (("Systems", system("2")), ("Managers", manager("BMC2"))):
        found = documents()
        before, _reads = looked(found)
        found[f"{ROOT}/{name}"]["Members"].append(reference(new["@odata.id"]))
        found[new["@odata.id"]] = new
        assert set(looked(found, before)[0]) - set(before) == {new["@odata.id"]}


def test_what_moves_by_itself_is_no_change() -> None:
    found = documents()
    before, _reads = looked(found)
    moved = deepcopy(found)
    for document in moved.values():
        document |= dict.fromkeys(watch.VOLATILE, "moved")
    moved[f"{MEMORY}/2"]["Oem"]["Dell"]["LastUpdateTime"] = "2"
    moved[MEMORY]["Members"].reverse()
    assert looked(moved, before)[0] == before


def test_the_order_of_references_is_no_change_and_that_of_values_is() -> None:
    found = documents()
    for uris, values, same in ((["/a", "/b"], [1, 2], True), (["/a", "/b"], [2, 1], False)):
        found[SYSTEM] |= {"PCIeDevices": [reference(uri) for uri in uris], "Order": [1, 2]}
        before, _reads = looked(found)
        found[SYSTEM] |= {"PCIeDevices": [reference(uri) for uri in reversed(uris)], "Order": values}
        assert (looked(found, before)[0] == before) == same


def test_what_is_known_is_read_without_the_links_that_led_there() -> None:
    found = documents()
    before, reads = looked(found)
    again, fewer = looked(found, before)
    assert again == before
    assert sorted({*reads} - {*fewer}) == [UPDATE]
    assert len(fewer) == len(set(fewer))
    assert fewer[:5] == [f"{ROOT}/Systems", f"{ROOT}/Managers", PROTOCOLS, MEMORY, INTERFACES]


def test_what_was_known_and_is_gone_is_a_change() -> None:
    found = documents()
    before, _reads = looked(found)
    found[FIRMWARE] = refused(404)
    assert looked(found, before)[0] != before


def test_a_resource_that_cannot_be_read_stands_with_its_error_and_is_no_news_twice() -> None:
    found = documents()
    before, _reads = looked(found)
    found[f"{MEMORY}/1"] = refused(500)
    broken, _reads = looked(found, before)
    assert broken[f"{MEMORY}/1"] == "unread: it was refused: HTTP 500"
    assert broken != before
    assert looked(found, broken)[0] == broken


DRIVE = f"{ROOT}/Chassis/1/Drives/1"


@pytest.mark.parametrize("wrong", [refused(500), refused(404)])
def test_a_part_that_can_be_read_again_is_news(wrong: Any) -> None:
    """Else a BMC that was half read once stayed so until full_after, though it is well again."""
    found = documents() | {DRIVE: wrong}
    before, _reads = looked(found, {DRIVE: watch.UNREAD})
    assert before[DRIVE] == watch.UNREAD
    again, reads = looked(found, before)
    assert again == before
    assert reads.count(DRIVE) == 1
    found[DRIVE] = {"@odata.id": DRIVE, "Id": "1"}
    now, _reads = looked(found, before)
    assert before.items() - now.items() == {(DRIVE, watch.UNREAD)}


@pytest.mark.parametrize("uri", [f"{ROOT}/Systems", SYSTEM, f"{ROOT}/Managers", MANAGER])
def test_a_bmc_whose_systems_or_managers_cannot_be_read_is_an_error(uri: str) -> None:
    found = documents() | {uri: refused(500)}
    with pytest.raises(RefusedByBmc):
        looked(found)


def test_the_chassis_are_watched_where_there_are_no_systems() -> None:
    """A Cray EX chassis controller: the power of its blades shows there alone."""
    blade = {"@odata.id": f"{ROOT}/Chassis/Blade0", "Id": "Blade0", "PowerState": "On"}
    found = tree(Managers=[manager()], Chassis=[blade])
    before, _reads = looked(found)
    blade["PowerState"] = "Off"
    now, _reads = looked(found, before)
    assert [uri for uri in now if now[uri] != before[uri]] == [blade["@odata.id"]]


def test_a_resource_nested_beyond_all_measure_is_a_bad_answer() -> None:
    found = documents()
    value: Any = 1
    for _level in range(2_000):
        value = [value]
    found[SYSTEM]["Deep"] = value
    with pytest.raises(BadAnswer, match="nested"):
        looked(found)
