# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Uploads: taken part by part, judged, logged without secrets, and refused in the dialect's own words."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.control import Simulator, eventually
from tests.simulator.images import build

from .by_hand import APPLY, INVENTORY, SERVICE, ended, push, push_form, push_to_ilo, update, version
from .conftest import Client

Connect = Callable[[str], Client]

MANAGER = {"Targets": ["/redfish/v1/Managers/1"]}
# What a form says for the BMC's firmware, by dialect, and the id of that in its inventory.
FORMS: dict[str, tuple[dict[str, Any], str]] = {
    "idrac": ({"Targets": [], APPLY: "Immediate", "Oem": {}}, "Installed-25227-6.10.80.00__iDRAC.Embedded.1-1"),
    "idrac10": ({}, "Installed-25227-1.30.20.10__iDRAC.Embedded.1-1"),
    "smc": (MANAGER, "BMC"),
    "openbmc": ({APPLY: "Immediate", "Targets": ["/redfish/v1/Managers/bmc"]}, "a2b1eed5"),
    "unknown": ({"Targets": [f"{INVENTORY}/BMC"]}, "BMC"),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_flashed_and_the_bmc_comes_back_with_it(simulator: Simulator, connect: Connect, name: str) -> None:
    parameters, item = FORMS[name]
    image = build("BMC", "9.9.9")
    assert push(connect(name), parameters, image).status == 202
    found = ended(simulator, name, "Completed")
    assert (found["method"], found["taken"], found["sha256_ok"]) == ("MultipartHttpPushUri", len(image), True)
    assert (found["component"], found["images"], found["version"]) == ("BMC", [item], "9.9.9")
    assert found["accepted"] <= found["started"] <= found["ended"]
    assert version(simulator, name, item) == "9.9.9"
    assert simulator.state(name)["manager"]["resets"] == 1


@pytest.mark.parametrize(
    ("name", "uri", "item", "component"),
    [
        ("xcc", "/fwupdate", "PSU1", "PSU"),
        ("openbmc", f"{SERVICE}/update", "a2b1eed5", "BMC"),
        ("gh200", f"{SERVICE}/update", "HGX_FW_CPU_0", "CPU"),
        ("dgx", f"{SERVICE}/upload", "CPLDMB_0", "CPLD"),
        ("unknown", f"{SERVICE}/raw", "NIC", "NIC"),
    ],
)
def test_the_body_itself_may_be_the_image(
    simulator: Simulator, connect: Connect, name: str, uri: str, item: str, component: str
) -> None:
    image = build(component, "9")
    answer = connect(name).ask("POST", uri, image, Content_Type="application/octet-stream")
    assert answer.status == 202
    eventually(lambda: update(simulator, name)["state"] not in ("Uploading", "Flashing"))
    found = update(simulator, name)
    assert (found["method"], found["taken"], found["image"]) == ("HttpPushUri", len(image), item)


def test_ilo_takes_a_form_with_its_own_session(simulator: Simulator, connect: Connect) -> None:
    image = build("BIOS", "U99")
    assert push_to_ilo(connect("ilo"), image).status == 200
    found = ended(simulator, "ilo", "Pending")
    assert (found["method"], found["image"], found["taken"]) == ("HttpPushUri", "2", len(image))
    logged = next(each for each in simulator.requests("ilo") if each["uri"] == "/cgi-bin/uploadFile")
    assert logged["body"] == {
        "<file>": "fw.bin",
        "sessionKey": "<redacted>",
        "parameters": {"UpdateRepository": True, "UpdateTarget": True},
    }
    assert logged["status"] == 200


@pytest.mark.parametrize("login", [("admin", "secret"), None])
def test_nothing_but_the_cookie_is_a_login_at_ilo(
    simulator: Simulator, connect: Connect, login: tuple[str, str] | None
) -> None:
    fields = {"sessionKey": "x", "parameters": {"UpdateTarget": True}}
    answer = push_form(connect("ilo"), "/cgi-bin/uploadFile", fields, build("BMC", "9"), file="file", login=login)
    assert answer.status == 401
    assert simulator.state("ilo")["updates"] == []


def test_the_form_must_have_the_same_session(simulator: Simulator, connect: Connect) -> None:
    assert push_to_ilo(connect("ilo"), build("BMC", "9"), sessionKey="another").status == 401
    assert simulator.state("ilo")["updates"] == []


def test_what_is_only_stored_is_not_flashed(simulator: Simulator, connect: Connect) -> None:
    push_to_ilo(connect("ilo"), build("BMC", "9"), parameters={"UpdateRepository": True, "UpdateTarget": False})
    found = ended(simulator, "ilo", "Completed")
    assert (found["images"], found["started"]) == ([], None)
    assert "stored" in found["why"]
    assert connect("ilo").get(SERVICE)["Oem"]["Hpe"]["State"] == "Complete"


def test_a_wrong_password_is_refused_before_anything_is_taken(simulator: Simulator, connect: Connect) -> None:
    fields: dict[str, Any] = {"UpdateParameters": {}}
    uri = f"{SERVICE}/MultipartUpload"
    assert push_form(connect("idrac"), uri, fields, build("BMC", "9"), login=("admin", "no")).status == 401
    assert simulator.state("idrac")["updates"] == []


@pytest.mark.parametrize("name", ["xcc", "gh200", "openbmc", "unknown"])
def test_what_is_too_large_is_refused(simulator: Simulator, connect: Connect, name: str) -> None:
    assert connect(name).get(SERVICE)["MaxImageSizeBytes"] >= 64 << 20
    before = simulator.state(name)["firmware"]
    simulator.set_state(name, largest_image=50_000)
    client = connect(name)
    assert client.get(SERVICE)["MaxImageSizeBytes"] == 50_000
    assert push(client, {}, build("BMC", "9", 60_000)).status == 413
    assert simulator.state(name)["firmware"] == before
    assert all(found["state"] == "Failed" for found in simulator.state(name)["updates"])


@pytest.mark.parametrize(
    ("name", "status", "message"),
    [
        ("gh200", 503, "Base.1.15.0.ServiceTemporarilyUnavailable"),
        ("smc", 400, "SMC.1.0.OemFirmwareAlreadyInUpdateMode"),
        ("idrac", 503, "Base.1.12.ServiceTemporarilyUnavailable"),
    ],
)
def test_no_two_at_a_time(simulator: Simulator, connect: Connect, name: str, status: int, message: str) -> None:
    simulator.set_state(name, timing={"flash": 60})
    client = connect(name)
    assert push(client, {}, build("BMC", "9")).status == 202
    refused = push(client, {}, build("BMC", "10"))
    assert (refused.status, refused.message_id) == (status, message)
    assert len(simulator.state(name)["updates"]) == 1
    if name == "gh200":
        assert refused.headers["Retry-After"] == "30"


def test_bmcweb_judges_an_image_at_once(simulator: Simulator, connect: Connect) -> None:
    damaged = build("BMC", "9")[:-1] + b"?"
    assert push(connect("openbmc"), {}, damaged).status == 400
    found = ended(simulator, "openbmc", "Failed")
    assert (found["sha256_ok"], found["taken"]) == (False, len(damaged))


def test_others_take_it_and_fail(simulator: Simulator, connect: Connect) -> None:
    client = connect("idrac")
    answer = push(client, {}, build("BMC", "9")[:-1] + b"?")
    assert answer.status == 202
    task = client.get(answer.headers["Location"])
    assert (task["TaskState"], task["Oem"]["Dell"]["JobState"]) == ("Exception", "Failed")


def test_a_client_that_goes_away_leaves_a_failed_update(simulator: Simulator, connect: Connect) -> None:
    client, image = connect("idrac"), build("BMC", "9", 1_000_000)
    body = b'--x\r\nContent-Disposition: form-data; name="UpdateParameters"\r\n\r\n{}\r\n'
    body += b'--x\r\nContent-Disposition: form-data; name="UpdateFile"; filename="f"\r\n\r\n' + image
    connection = client.connection
    connection.putrequest("POST", f"{SERVICE}/MultipartUpload")
    connection.putheader("Authorization", "Basic YWRtaW46c2VjcmV0")
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Content-Length", str(len(body) + 100))
    connection.endheaders(body[:500_000])
    eventually(lambda: bool(simulator.state("idrac")["updates"]))
    connection.close()
    assert "broke" in ended(simulator, "idrac", "Failed")["why"]
    logged = next(each for each in simulator.requests("idrac") if each["method"] == "POST")
    assert logged["status"] is None


def test_the_image_is_never_whole_in_memory(simulator: Simulator, connect: Connect) -> None:
    """96 MiB go through a process that grows by far less."""
    image = build("NIC", "9", 96 << 20)
    simulator.set_state("unknown", largest_image=1 << 30)
    before = memory(simulator)
    assert connect("unknown").ask("POST", f"{SERVICE}/raw", image).status == 202
    assert ended(simulator, "unknown", "Completed")["taken"] == len(image)
    assert memory(simulator) - before < 48 << 20


def memory(simulator: Simulator) -> int:
    """The most memory that the simulator's process ever had, in bytes."""
    lines = Path(f"/proc/{simulator.process.pid}/status").read_text("ascii").splitlines()
    kibibytes = next(line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(kibibytes) << 10


@pytest.mark.parametrize(
    ("name", "parameters", "named"),
    [
        ("idrac", {"Targets": [f"{INVENTORY}/X"]}, "Targets"),
        ("idrac", {APPLY: "Tomorrow"}, "Tomorrow"),
        ("idrac", {"Colour": "red"}, "Colour"),
        ("gh200", {APPLY: "OnReset"}, "OnReset"),
        ("xcc", {APPLY: "Immediate"}, APPLY),
        ("xcc", {"Targets": [f"{INVENTORY}/UEFI"]}, "Targets"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    simulator: Simulator, connect: Connect, name: str, parameters: dict[str, Any], named: str
) -> None:
    answer = push(connect(name), parameters, build("BMC", "9"))
    assert answer.status == 400
    assert named.encode() in answer.body
    assert simulator.state(name)["updates"] == []


def test_a_form_without_parameters_or_file_is_none(simulator: Simulator, connect: Connect) -> None:
    client = connect("unknown")
    assert push_form(client, f"{SERVICE}/push", {}, build("BMC", "9")).status == 400
    assert push_form(client, f"{SERVICE}/push", {"UpdateParameters": {}}, b"", file="Other").status == 400
    assert client.ask("POST", f"{SERVICE}/push", b"{}").status == 400
    assert client.ask("GET", f"{SERVICE}/push").status == 405


def test_openbmc_refuses_the_version_that_it_has(simulator: Simulator, connect: Connect) -> None:
    client = connect("openbmc")
    assert push(client, {}, build("BMC", "2.16.0-dev-112-g3b7c51d0e2")).status == 400
    assert "already" in ended(simulator, "openbmc", "Failed")["why"]


@pytest.mark.parametrize("forced", [False, True])
def test_nvidia_skips_it_unless_it_is_forced(simulator: Simulator, connect: Connect, forced: bool) -> None:
    client = connect("gh200")
    image = build("CPLD", "0.01")
    assert push(client, {"ForceUpdate": forced}, image).status == 202
    found = ended(simulator, "gh200", "Pending" if forced else "Completed")
    assert (found["started"] is not None) is forced


def test_nothing_comes_of_what_was_on_its_way_at_a_reset(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("idrac", timing={"flash": 0.1})
    push(connect("idrac"), {}, build("BMC", "9"))
    simulator.reset()
    assert (simulator.state("idrac")["updates"], simulator.history("idrac")) == ([], [])


def test_an_update_changes_no_etag_but_its_own(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("smc", timing={"flash": 60})
    client = connect("smc")
    before = {uri: client.ask("GET", uri).headers["ETag"] for uri in ("/redfish/v1/Systems/1", SERVICE)}
    push(client, {}, build("BMC", "9"))
    assert {uri: client.ask("GET", uri).headers["ETag"] == etag for uri, etag in before.items()} == {
        "/redfish/v1/Systems/1": True, SERVICE: False,
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "details"), [("foreign_links", {"base": "https://127.0.0.9"}), ("drop_after", {})])
def test_an_answer_may_be_mangled_and_the_upload_counts(
    simulator: Simulator, connect: Connect, kind: str, details: dict[str, str]
) -> None:
    simulator.fault("idrac", kind, method="POST", **details)
    client = connect("idrac")
    if kind == "drop_after":
        with pytest.raises(http.client.RemoteDisconnected):
            push(client, {}, build("BMC", "9"))
    else:
        assert push(client, {}, build("BMC", "9")).headers["Location"].startswith("https://127.0.0.9/")
    ended(simulator, "idrac", "Completed")
