# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recorded trees, crawled by the plan: every part that the files hold, each once, and no read that is not used."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BadAnswer, RefusedByBmc
from ansible_collections.openchami.bmc.plugins.module_utils._operations import facts
from ansible_collections.openchami.bmc.plugins.module_utils._operations import info as operation
from ansible_collections.openchami.bmc.plugins.module_utils._operations.connect import View
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.crawl import drive
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.service import Service
from ansible_collections.openchami.bmc.plugins.module_utils._vendors import registry
from tests.trees.archives import Document, Tree, each, one_form, tree
from tests.trees.memory import ORIGIN, TreeReader
from tests.trees.reads import Reads
from tests.trees.server import TreeServer
from tests.trees.tasks import info

ROOT = "/redfish/v1"


@pytest.fixture(scope="module", params=each())
def recorded(request: pytest.FixtureRequest) -> Tree:
    return tree(request.param)


def crawled(reader: TreeReader, subsets: Collection[str] = facts.SUBSETS) -> Document:
    """What the plan finds. Nothing is asked for twice."""
    reader.reads.clear()
    found = drive(facts.crawl(reader.get_unauthenticated(ROOT), ORIGIN, subsets), reader.get)
    assert len({one_form(uri) for uri in reader.reads}) == len(reader.reads)
    return found


@pytest.mark.parametrize("subsets", [*((name,) for name in facts.SUBSETS), facts.SUBSETS], ids="+".join)
def test_the_plan_reads_what_is_used_and_nothing_else(recorded: Tree, subsets: tuple[str, ...]) -> None:
    """The same readers on a service that reads a resource when it is asked for find the same with the same reads."""
    plain = TreeReader(recorded)
    service = Service(plain)
    found = facts.gathered(View(ORIGIN, service, registry.detect(service)), subsets)
    reader = TreeReader(recorded)
    assert crawled(reader, subsets) == found
    planned = {one_form(uri.partition("?$expand=")[0]) for uri in reader.reads}
    unused = planned - {one_form(uri) for uri in plain.reads}
    # A Cray controller's version stands in one of its firmware inventory, which is met only when it is asked for.
    assert not unused or (found["bmc"]["dialect"] == "cray" and "firmware" not in subsets)
    assert all("/firmwareinventory/" in uri for uri in unused)
    assert planned - unused == {one_form(uri) for uri in plain.reads}
    assert len(planned) == len(reader.reads)
    print(f"{recorded.name} {'+'.join(subsets)}: {len(reader.reads)} GETs")


def test_a_bmc_that_expands_tells_the_same_in_fewer_answers(recorded: Tree) -> None:
    plain, expanding = TreeReader(recorded), TreeReader(recorded, expands=True)
    assert crawled(expanding) == crawled(plain)
    asked = [uri for uri in expanding.reads if "$expand" in uri]
    expands = recorded.name.startswith(("hpe", "dell"))
    assert bool(asked) == expands
    assert len(expanding.reads) < len(plain.reads) / 2 or not expands
    print(f"{recorded.name}: {len(expanding.reads)} GETs, {len(plain.reads)} without $expand")


def documents(recorded: Tree, pattern: str) -> list[Document]:
    """What was recorded at URIs of this form, without what is absent."""
    found = (json.loads(body) for path, body in recorded.documents.items() if re.fullmatch(ROOT + pattern, path))
    return [document for document in found if (document.get("Status") or {}).get("State") != "Absent"]


def supplies(recorded: Tree) -> list[Document]:
    """Of the Power resources; where a tree has none, the resources of its power subsystems."""
    power = documents(recorded, "/Chassis/[^/]+/Power")
    if power:
        return [supply for document in power for supply in document.get("PowerSupplies") or ()]
    return documents(recorded, "/Chassis/[^/]+/PowerSubsystem/PowerSupplies/[^/]+")


def by_id(found: list[Document]) -> list[Document]:
    """iDRAC has each PCIe device below its system and below its chassis."""
    return list({document["Id"]: document for document in found}.values())


DRIVES = "/(?:Systems/[^/]+/Storage/[^/]+|Chassis/[^/]+)/Drives/[^/]+"
IN_THE_FILES = {
    "processors": lambda recorded: documents(recorded, "/Systems/[^/]+/Processors/[^/]+"),
    "memory": lambda recorded: documents(recorded, "/Systems/[^/]+/Memory/[^/]+"),
    "drives": lambda recorded: documents(recorded, DRIVES),
    "pcie_devices": lambda recorded: by_id(documents(recorded, "/(?:Systems|Chassis)/[^/]+/PCIeDevices/[^/]+")),
    "network_adapters": lambda recorded: documents(recorded, "/Chassis/[^/]+/NetworkAdapters/[^/]+"),
    "ethernet_interfaces": lambda recorded: documents(recorded, "/Systems/[^/]+/EthernetInterfaces/[^/]+"),
    "power_supplies": supplies,
}
# What the properties of each kind are called in the files.
NUMBERS_AND_TEXTS = {
    "manufacturer": "Manufacturer",
    "model": "Model",
    "part_number": "PartNumber",
    "serial_number": "SerialNumber",
    "name": "Name",
    "processor_type": "ProcessorType",
    "total_cores": "TotalCores",
    "total_threads": "TotalThreads",
    "capacity_mib": "CapacityMiB",
    "memory_type": "MemoryDeviceType",
    "speed_mhz": "OperatingSpeedMhz",
    "capacity_bytes": "CapacityBytes",
    "media_type": "MediaType",
    "protocol": "Protocol",
    "link_status": "LinkStatus",
    "speed_mbps": "SpeedMbps",
    "capacity_watts": "PowerCapacityWatts",
}


def shown(value: Any) -> Any:
    """A recorded value as a reader shows it."""
    return (value.strip() or None) if isinstance(value, str) else value


@pytest.mark.parametrize("kind", IN_THE_FILES)
def test_every_part_of_the_files_is_listed_once(recorded: Tree, kind: str) -> None:
    parts, files = crawled(TreeReader(recorded), ["hardware"])["hardware"][kind], IN_THE_FILES[kind](recorded)
    for key in NUMBERS_AND_TEXTS.keys() & {name for part in parts for name in part}:
        told = Counter(str(shown(document.get(NUMBERS_AND_TEXTS[key]))) for document in files)
        assert Counter(str(part[key]) for part in parts) == told, key
    assert len(parts) == len(files)
    uris = [part["uri"] for part in parts]
    assert uris == sorted(set(uris))


@pytest.mark.parametrize("name", each("supermicro-x13-sys821ge", "nvidia-gh200", "lenovo-xcc-sr670v2"))
def test_gpus_are_found_where_the_bmc_has_them(name: str) -> None:
    hardware = crawled(TreeReader(tree(name)), ["hardware"])["hardware"]
    gpus = [part["uri"] for part in hardware["processors"] if part["processor_type"] == "GPU"]
    boards = [part["uri"] for part in hardware["pcie_devices"] if re.search("H100|GH200", part["model"] or "")]
    assert {"supermicro-x13-sys821ge": (0, 8), "nvidia-gh200": (2, 2), "lenovo-xcc-sr670v2": (8, 0)}[name] == (
        len(gpus),
        len(boards),
    )


def test_each_part_belongs_to_systems_and_chassis_that_exist(recorded: Tree) -> None:
    found = crawled(TreeReader(recorded))
    systems, chassis = ({one_form(entry["uri"]) for entry in found[name]} for name in ("systems", "chassis"))
    for part in (part for parts in found["hardware"].values() for part in parts):
        assert part["system"] is None or one_form(part["system"]) in systems
        assert part["chassis"] is None or one_form(part["chassis"]) in chassis
        assert part["system"] or part["chassis"]


def test_the_firmware_of_the_facts_is_listed(recorded: Tree) -> None:
    firmware = crawled(TreeReader(recorded), ["firmware"])["firmware"]
    told = (recorded.facts or {}).get("update", {}).get("firmware_inventory_ids") or []
    # GH200 lists one twice.
    assert sorted(entry["id"] for entry in firmware) == sorted(set(told))
    for entry in firmware:
        assert entry["version"] == shown((recorded.document(entry["uri"]) or {}).get("Version"))


OPENBMC = "Press ~. to exit console"
X13 = ("press <Enter>, <Esc>, and then <T> to terminate session", "Press ~.  - terminate connection")
SYSTEM_TELLS, SHELL, SERIAL = "System.SerialConsole", "Manager.CommandShell", "Manager.SerialConsole"
KVM, SYSTEM_KVM = "Manager.GraphicalConsole", "System.GraphicalConsole"
OF_OPENBMC: list[tuple[str | int | None, ...]] = [
    ("ssh", 2200, None, None, OPENBMC, 15, True, SYSTEM_TELLS),
    ("ipmi", 623, None, None, None, 15, True, SYSTEM_TELLS),
    ("ssh", 22, None, "obmc-console-client", "~.", 15, True, SERIAL),
    ("kvm", None, None, None, None, 4, True, SYSTEM_KVM),
]
# By system: protocol, port, user, entry command, exit sequence, sessions, enabled, source.
CONSOLES: dict[str, dict[str, list[tuple[str | int | None, ...]]]] = {
    "hpe-ilo5-dl385gen10plusv2": {
        "/redfish/v1/Systems/1": [
            ("ssh", 22, None, "vsp", "ESC (", 9, True, SHELL),
            ("kvm", 17990, None, None, None, 10, True, KVM),
            # IPMI is among its types, and switched off in its NetworkProtocol; as on the XCC below.
            ("ipmi", 623, None, None, None, 13, False, SERIAL),
        ]
    },
    "dell-idrac9-r750": {
        "/redfish/v1/Systems/System.Embedded.1": [
            ("ssh", 22, None, "connect com2", "Ctrl-\\", 5, True, SHELL),
            ("ipmi", 623, None, None, None, 5, True, SHELL),
            ("kvm", 5900, None, None, None, 6, True, KVM),
        ]
    },
    "lenovo-xcc-sr670v2": {
        "/redfish/v1/Systems/1": [
            ("ssh", 22, None, "console 1", "ESC (", 2, True, SHELL),
            ("kvm", 3900, None, None, None, 6, True, KVM),
            ("ipmi", 623, None, None, None, 2, False, SERIAL),
        ]
    },
    "supermicro-x13-sys821ge": {
        "/redfish/v1/Systems/1": [
            ("ssh", 22, None, "cd system1/sol1; start", X13[0], 1, True, SYSTEM_TELLS),
            ("ipmi", 623, None, None, X13[1], 1, True, SYSTEM_TELLS),
            ("kvm", 5900, None, None, None, 4, True, SYSTEM_KVM),
        ]
    },
    "cray-ex425-nc": {
        f"/redfish/v1/Systems/Node{node}": [("ssh", 22, f"n{node}", None, None, None, True, "vendor rule")]
        for node in (0, 1)
    },
    "cray-cmm-cc": {},
    "openbmc-stock": {"/redfish/v1/Systems/system": OF_OPENBMC},
    "nvidia-gh200": {"/redfish/v1/Systems/System_0": OF_OPENBMC},
    "ami-gigabyte-h262z63": {
        "/redfish/v1/Systems/Self": [
            ("ipmi", 623, None, None, None, 1, True, SERIAL),
            ("kvm", 443, None, None, None, 2, True, KVM),
        ]
    },
}


@pytest.mark.parametrize("name", each(*CONSOLES))
def test_the_consoles_are_those_that_are_known_to_work(name: str) -> None:
    consoles = crawled(TreeReader(tree(name)), ["console"])["console"]
    keys = (
        "protocol",
        "port",
        "user",
        "entry_command",
        "exit_sequence",
        "max_concurrent_sessions",
        "enabled",
        "source",
    )
    systems = list(dict.fromkeys(console["system"] for console in consoles))
    shown = {
        system: [tuple(console[key] for key in keys) for console in consoles if console["system"] == system]
        for system in systems
    }
    assert shown == CONSOLES[name]


def parts_of(found: Document) -> Iterator[str]:
    yield from (part["uri"] for parts in found["hardware"].values() for part in parts)
    yield from (entry["uri"] for entry in found["firmware"])


@pytest.mark.parametrize("error", [RefusedByBmc("it was refused", status=500), BadAnswer("it is no JSON")])
def test_a_part_that_cannot_be_read_is_left_out_and_told(recorded: Tree, error: Exception) -> None:
    """One after the other, a few of each tree; what is left is what is shown without it."""
    whole = crawled(TreeReader(recorded))
    # The version of a Cray controller is one of its facts, and stands in its firmware inventory.
    facts_too = "/UpdateService/" if whole["bmc"]["dialect"] == "cray" else "#"
    own = [uri for uri in parts_of(whole) if "#" not in uri and facts_too not in uri]
    for uri in own[:: max(1, len(own) // 5)]:
        found = crawled(TreeReader(recorded, changes={uri.rstrip("/"): error}))
        told = [entry for entry in found["incomplete"] if entry not in whole["incomplete"]]
        assert [one_form(entry["uri"]) for entry in told] == [one_form(uri)]
        assert set(parts_of(whole)) - set(parts_of(found)) == {uri}
        assert {key: found[key] for key in ("systems", "bmc")} == {key: whole[key] for key in ("systems", "bmc")}


def test_what_was_recorded_as_broken_is_told(recorded: Tree) -> None:
    """The mezzanine of the EX425 answers the link to its network adapters with an error object, and 200."""
    broken = [entry["uri"] for entry in crawled(TreeReader(recorded))["incomplete"]]
    assert broken == (["/redfish/v1/Chassis/Mezz0/NetworkAdapters"] if recorded.name == "cray-ex425-nc" else [])


def test_the_facts_themselves_are_whole_or_an_error(recorded: Tree) -> None:
    for name in ("Managers", "Chassis"):
        uri = recorded.collection(name)[0]["@odata.id"]
        reader = TreeReader(recorded, changes={uri.rstrip("/"): RefusedByBmc("it was refused", status=500)})
        with pytest.raises(RefusedByBmc):
            crawled(reader)


# What is read and no recorded tree has, by resource and path (a pattern), each with its reason.
NOT_RECORDED = {
    r"ComputerSystem/SimpleStorage": "the trees with SimpleStorage have Storage, which goes first",
    r"ComputerSystem/SerialConsole/IPMI/ConsoleEntryCommand": "ComputerSystem 1.13 has it of each protocol",
    r"\w+Collection/Members@odata\.nextLink": "paging was recorded of other, longer collections",
    r"EthernetInterface/(Manufacturer|Model|PartNumber|SerialNumber)": "every part is asked for these",
    r"NetworkAdapter/Links": "every part is asked for its chassis",
    r"(EthernetInterface|ManagerNetworkProtocol)/ConfigurationSettings|HpeiLODateTime/Oem": "iLO has it in one place",
    r"Syslog/SyslogServer": "null while nobody set it",
    r"unknown/\w+(@odata\.count)?": "the EX425 answers some links with an error object, and 200",
}


def test_every_property_that_is_read_was_recorded() -> None:
    names = [entry.values[0] for entry in each()]
    if names == ["no-tree"]:
        pytest.skip("no recorded trees")
    reads = Reads()

    class Watched(Service):
        def get(self, uri: str) -> Document:
            return reads.wrap(dict(super().get(uri)))

        def root(self) -> Document:
            return reads.wrap(dict(super().root()))

    def look(recorded: Tree, read: Callable[[View], object]) -> None:
        service = Watched(TreeReader(recorded))
        read(View(ORIGIN, service, registry.detect(service)))

    for name in names:
        look(tree(str(name)), operation.run)
    of_the_facts = {(read.resource, read.path) for read in reads}
    for name in names:
        look(tree(str(name)), lambda bmc: facts.gathered(bmc, facts.SUBSETS))
    found = {(read.resource, read.path) for read in reads.found}
    lacking = {"".join(place) for place in {(read.resource, read.path) for read in reads} - of_the_facts - found}
    reviewed = {place for place in lacking if any(re.fullmatch(pattern, place) for pattern in NOT_RECORDED)}
    assert sorted(lacking - reviewed) == []
    assert all(any(re.fullmatch(pattern, place) for place in lacking) for pattern in NOT_RECORDED), "no longer lacking"


def test_bmc_info_gathers_what_the_plan_reads(recorded: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the real entry and over TLS; what the detection of the dialect read is not read again."""
    monkeypatch.setenv("OPENCHAMI_BMC_STATE_DIR", str(tmp_path))
    with TreeServer(recorded.documents) as server:
        result = info(server.address, gather_subset=["all"])
        assert server.writes == []
        assert len(set(server.requests)) == len(server.requests)
    expected = crawled(TreeReader(recorded))
    assert {key: result[key] for key in expected} == expected
