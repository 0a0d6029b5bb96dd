# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SimpleUpdate: the BMC truly fetches the image, judges its bytes, and shows the new version when it runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.clock import SystemClock
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.own import OwnStage, staged
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.place import Place
from tests.simulator.certificate import issue
from tests.simulator.control import Simulator, SimulatorError, eventually
from tests.simulator.images import BadImage, Check, build

from .by_hand import INVENTORY, ended, update, version
from .conftest import SYSTEMS, Client

Connect = Callable[[str], Client]
Serve = Callable[..., OwnStage]

# What each dialect's request says beside ImageURI: for its BMC, for its BIOS; and the BIOS in its inventory.
HTTP = {"TransferProtocol": "HTTP"}
REQUESTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ilo": ({}, {}),
    "ilo6": (HTTP, HTTP),
    "idrac": (HTTP, {**HTTP, "@Redfish.OperationApplyTime": "OnReset"}),
    "blade2": (
        {**HTTP, "Targets": [f"{INVENTORY}/BMC"]},
        {**HTTP, "Targets": [f"{INVENTORY}/Node1.BIOS"]},
    ),
    "smc": ({"Targets": ["/redfish/v1/Managers/1"]}, {"Targets": ["/redfish/v1/Systems/1"]}),
    "ami": ({**HTTP, "UpdateComponent": "BMC"}, {**HTTP, "UpdateComponent": "BIOS"}),
    "unknown": ({}, {"Targets": [f"{INVENTORY}/BIOS"]}),
    "dgx": (HTTP, HTTP),
}
WITHOUT_TASK = ("blade2", "ami")


@pytest.fixture
def serve(simulator: Simulator, tmp_path: Path) -> Iterator[Serve]:
    """Serves an image to a simulated BMC."""
    addresses = {bmc["name"]: bmc["address"] for bmc in simulator.bmcs()}
    with ExitStack() as stages:

        def serving(name: str, content: bytes, place: Place | None = None) -> OwnStage:
            file = tmp_path / f"{name}.bin"
            file.write_bytes(content)
            return stages.enter_context(staged(file, addresses[name], place or Place(), SystemClock()))

        yield serving


def target(client: Client) -> str:
    """Where SimpleUpdate goes, as the BMC links it."""
    found: str = client.get("/redfish/v1/UpdateService")["Actions"]["#UpdateService.SimpleUpdate"]["target"]
    return found


def begun(simulator: Simulator, name: str) -> None:
    eventually(lambda: update(simulator, name)["state"] != "Downloading")


@pytest.mark.parametrize("name", REQUESTS)
def test_bmc_fetches_restarts_and_runs_the_new_version(
    simulator: Simulator, connect: Connect, serve: Serve, name: str
) -> None:
    image = build("BMC", "9.9.9")
    stage = serve(name, image)
    client = connect(name)
    answer = client.ask("POST", target(client), {"ImageURI": stage.url, **REQUESTS[name][0]})
    assert answer.status == (204 if name in WITHOUT_TASK else 202)
    found = ended(simulator, name, "Completed")
    fetched = stage.fetched()
    eventually(lambda: stage.fetched().complete)
    assert (fetched.heads, fetched.gets) == (1, 1)
    told = simulator.state(name)
    assert (told["firmware"][found["image"]]["version"], told["manager"]["resets"]) == ("9.9.9", 1)
    eventually(lambda: _is_back(connect, name))
    assert connect(name).get(told["firmware"][found["image"]]["uri"])["Version"] == "9.9.9"


def test_simple_update_may_be_missing(simulator: Simulator, connect: Connect) -> None:
    uri = target(connect("ilo"))
    simulator.set_state("ilo", remove_simple_update=True)
    client = connect("ilo")
    assert client.get("/redfish/v1/UpdateService")["Actions"] == {}
    assert client.ask("POST", uri, {"ImageURI": "http://127.0.0.1/"}).status == 404
    assert simulator.state("ilo")["updates"] == []


def _is_back(connect: Connect, name: str) -> bool:
    try:
        return bool(connect(name).get("/redfish/v1/UpdateService"))
    except OSError:
        return False


@pytest.mark.parametrize("name", REQUESTS)
def test_bios_waits_for_the_next_boot(
    simulator: Simulator, connect: Connect, powered: Callable[[str], str], serve: Serve, name: str
) -> None:
    stage = serve(name, build("BIOS", "U99"))
    client = connect(name)
    client.ask("POST", target(client), {"ImageURI": stage.url, **REQUESTS[name][1]})
    found = ended(simulator, name, "Pending")
    client.reset(SYSTEMS[name], "ForceOff")
    eventually(lambda: powered(name) == "Off")
    assert simulator.state(name)["firmware"][found["image"]]["version"] != "U99"
    client.reset(SYSTEMS[name], "On")
    eventually(lambda: update(simulator, name)["state"] == "Completed")
    assert simulator.state(name)["firmware"][found["image"]]["version"] == "U99"
    assert simulator.state(name)["manager"]["resets"] == 0


def test_bios_of_a_host_that_is_off_is_there_at_once(simulator: Simulator, connect: Connect, serve: Serve) -> None:
    simulator.set_state("ilo", systems={"1": {"power_state": "Off"}})
    client = connect("ilo")
    client.ask("POST", target(client), {"ImageURI": serve("ilo", build("BIOS", "U99")).url})
    ended(simulator, "ilo", "Completed")


def test_a_task_and_the_dialects_own_word_tell_how_far_it_is(
    simulator: Simulator, connect: Connect, serve: Serve
) -> None:
    simulator.set_state("ilo", timing={"flash": 60})
    client = connect("ilo")
    answer = client.ask("POST", target(client), {"ImageURI": serve("ilo", build("BMC", "9")).url})
    begun(simulator, "ilo")
    task = client.get(answer.document["@odata.id"])
    assert (task["TaskState"], task["PercentComplete"]) == ("Running", 0)
    told = client.get("/redfish/v1/UpdateService")["Oem"]["Hpe"]
    assert (told["State"], told["FlashProgressPercent"]) == ("Verifying", 0)
    refused = client.ask("POST", target(client), {"ImageURI": "http://127.0.0.1/x"})
    assert (refused.status, refused.message_id) == (400, "iLO.2.15.FirmwareFlashAlreadyInProgress")


def test_megarac_tells_it_in_words_of_its_own(simulator: Simulator, connect: Connect, serve: Serve) -> None:
    client = connect("ami")
    client.ask("POST", target(client), {"ImageURI": serve("ami", build("BIOS", "9")).url, **HTTP})
    ended(simulator, "ami", "Pending")
    told = client.get("/redfish/v1/UpdateService")["Oem"]["AMIUpdateService"]["UpdateInformation"]
    assert told == {"UpdateStatus": "Completed", "FlashPercentage": "100% done", "UpdateTarget": "BIOS"}


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "flipped": lambda image: image[:-1] + bytes([image[-1] ^ 1]),
    "short": lambda image: image[:-1],
    "no firmware": lambda _image: b"<html>" * 100,
    "another component": lambda _image: build("BMC", "9"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_an_image_that_is_not_what_it_says_changes_nothing(
    simulator: Simulator, connect: Connect, serve: Serve, damage: str
) -> None:
    before = simulator.state("blade2")["firmware"]
    client = connect("blade2")
    stage = serve("blade2", DAMAGE[damage](build("BIOS", "9")))
    client.ask("POST", target(client), {"ImageURI": stage.url, **REQUESTS["blade2"][1]})
    assert ended(simulator, "blade2", "Failed")["why"]
    assert simulator.state("blade2")["firmware"] == before


def test_a_server_that_is_not_there_fails_the_update(simulator: Simulator, connect: Connect) -> None:
    client = connect("ilo")
    answer = client.ask("POST", target(client), {"ImageURI": "http://127.0.0.1:1/x.bin"})
    assert "could not be fetched" in ended(simulator, "ilo", "Failed")["why"]
    task = client.get(answer.document["@odata.id"])
    assert (task["TaskState"], task["TaskStatus"]) == ("Exception", "Critical")


def test_an_image_is_fetched_over_tls(simulator: Simulator, connect: Connect, serve: Serve, tmp_path: Path) -> None:
    pem = tmp_path / "pem"
    pem.write_bytes(issue("staging", "127.0.0.1").pem)
    stage = serve("idrac", build("BMC", "9.9.9"), Place(certificate=str(pem), key=str(pem)))
    client = connect("idrac")
    client.ask("POST", target(client), {"ImageURI": stage.url, "TransferProtocol": "HTTPS"})
    ended(simulator, "idrac", "Completed")


@pytest.mark.parametrize(
    ("how", "state", "heads", "gets"),
    [
        ("twice_with_range", "Completed", 1, 2),
        ("abort", "Failed", 1, 1),
        ("head_only", "Downloading", 1, 0),
        ("never", "Downloading", 0, 0),
    ],
)
def test_odd_ways_to_fetch(
    simulator: Simulator, connect: Connect, serve: Serve, how: str, state: str, heads: int, gets: int
) -> None:
    simulator.fault("ilo", "download", how=how)
    client = connect("ilo")
    stage = serve("ilo", build("BMC", "9.9.9", 4 << 20))
    client.ask("POST", target(client), {"ImageURI": stage.url})
    eventually(lambda: update(simulator, "ilo")["state"] == state)
    eventually(lambda: (stage.fetched().heads, stage.fetched().gets) == (heads, gets))
    if state == "Completed":
        eventually(lambda: stage.fetched().complete)
        assert stage.fetched().ranged == 1
    elif how == "abort":
        assert "broke after" in update(simulator, "ilo")["why"]
        assert not stage.fetched().complete


@pytest.mark.parametrize(
    ("name", "body", "named"),
    [
        ("ilo", {}, "ImageURI"),
        ("ilo", {"ImageURI": "ftp://x/y"}, "TransferProtocol"),
        ("ilo", {"ImageURI": "http://x/y", "Targets": []}, "Targets"),
        ("blade2", {"ImageURI": "http://x/y"}, "TransferProtocol"),
        ("blade2", {"ImageURI": "https://x/y", **HTTP}, "TransferProtocol"),
        ("blade2", {"ImageURI": "http://x/y", **HTTP, "Targets": [f"{INVENTORY}/X"]}, "Targets"),
        ("blade2", {"ImageURI": "http://x/y", **HTTP, "Targets": ["BMC"]}, "Targets"),
        ("ami", {"ImageURI": "https://x/y", "TransferProtocol": "HTTPS"}, "TransferProtocol"),
        ("ami", {"ImageURI": "http://x/y", **HTTP, "UpdateComponent": "PSU"}, "UpdateComponent"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    simulator: Simulator, connect: Connect, name: str, body: dict[str, Any], named: str
) -> None:
    client = connect(name)
    answer = client.ask("POST", target(client), body)
    assert answer.status == 400
    assert named.encode() in answer.body
    assert simulator.state(name)["updates"] == []


def test_a_fault_must_be_one_that_there_is(simulator: Simulator) -> None:
    with pytest.raises(SimulatorError, match="twice_with_range"):
        simulator.fault("ilo", "download", how="sideways")


@pytest.mark.parametrize("size", [1, 1000, 100_000])
def test_an_image_is_judged_part_by_part(size: int) -> None:
    content = build("BMC", "1.2", 50_000)
    check = Check()
    for start in range(0, len(content), size if size > 1 else 997):
        check.feed(content[start : start + (size if size > 1 else 997)])
    assert (check.image().component, check.image().version) == ("BMC", "1.2")
    assert build("BMC", "1.2", 50_000) == content
    with pytest.raises(BadImage):
        Check().image()


@pytest.mark.parametrize(
    ("name", "body", "component", "images"),
    [
        ("xcc", {**HTTP, "Targets": []}, "PSU", ["PSU1", "PSU2"]),
        ("cmm", HTTP, "BMC", ["BMC"]),
        ("cmm", {**HTTP, "Targets": [f"{INVENTORY}/BMC"]}, "BMC", ["BMC"]),
        ("switch", {**HTTP, "Targets": [f"{INVENTORY}/Recovery"]}, "BMC", ["Recovery"]),
        ("unknown", {"Targets": [f"{INVENTORY}/NIC"]}, "NIC", ["NIC"]),
    ],
)
def test_what_needs_no_host(
    simulator: Simulator, connect: Connect, serve: Serve, name: str, body: dict[str, Any], component: str, images: Any
) -> None:
    stage = serve(name, build(component, "9"))
    client = connect(name)
    assert client.ask("POST", target(client), {"ImageURI": stage.url, **body}).status in (202, 204)
    found = ended(simulator, name, "Completed")
    assert (found["images"], found["method"], found["url"]) == (images, "SimpleUpdate", stage.url)
    assert {version(simulator, name, image) for image in images} == {"9"}


@pytest.mark.parametrize("nodes", [["Node0"], ["Node0", "Node1"]])
def test_each_node_has_a_bios_of_its_own(
    simulator: Simulator, connect: Connect, serve: Serve, nodes: list[str]
) -> None:
    simulator.set_state("blade4", systems={node: {"power_state": "Off"} for node in nodes})
    client = connect("blade4")
    body = {**HTTP, "Targets": [f"{INVENTORY}/{node}.BIOS" for node in nodes]}
    client.ask("POST", target(client), {"ImageURI": serve("blade4", build("BIOS", "9")).url, **body})
    ended(simulator, "blade4", "Completed")
    firmware = simulator.state("blade4")["firmware"]
    assert {name for name in firmware if firmware[name]["version"] == "9"} == {f"{node}.BIOS" for node in nodes}


def test_gigabyte_knows_parts_by_words_and_servers_by_numbers(
    simulator: Simulator, connect: Connect, serve: Serve
) -> None:
    client = connect("ami")
    assert client.get("/redfish/v1/UpdateService")["Oem"]["AMIUpdateService"]["UpdateInformation"]["UpdateStatus"] == ""
    body = {**HTTP, "UpdateComponent": "MB_CPLD"}
    client.ask("POST", target(client), {"ImageURI": "http://localhost:1/x", **body})
    assert "resolved" in ended(simulator, "ami", "Failed")["why"]
    client.ask("POST", target(client), {"ImageURI": serve("ami", build("CPLD", "10")).url, **body})
    assert ended(simulator, "ami", "Pending")["image"] == "MB_CPLD1"


def test_an_early_idrac_fetches_nothing(simulator: Simulator, connect: Connect) -> None:
    client = connect("idrac3")
    assert client.ask("POST", target(client), {"ImageURI": "http://127.0.0.1/x"}).status == 400
    assert "MultipartHttpPushUri" not in client.get("/redfish/v1/UpdateService")


def test_an_action_with_if_match_may_be_refused(simulator: Simulator, connect: Connect) -> None:
    client = connect("idrac10")
    assert client.ask("POST", target(client), {"ImageURI": "http://127.0.0.1/x"}, If_Match="*").status == 412
