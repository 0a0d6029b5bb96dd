# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents and HTTP: methods, redirects, errors, ETags, and what tells the dialects apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.simulator.control import Simulator, eventually

from .conftest import SYSTEMS, Client

Connect = Callable[[str], Client]

WRITABLE = {name: uri for name, uri in SYSTEMS.items() if name in ("ilo", "idrac")} | {
    "blade2": "/redfish/v1/Chassis/Enclosure"
}


def links_in(value: Any) -> Iterator[str]:
    """Yield every URI that a document links to, without the part behind #: that is a place in a resource."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("@odata.id", "@Redfish.ActionInfo"):
                yield item.partition("#")[0]
            else:
                yield from links_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from links_in(item)


@pytest.mark.parametrize("name", [*SYSTEMS, "cmm", "switch"])
def test_every_link_leads_to_a_resource_that_calls_itself_so(connect: Connect, name: str) -> None:
    client = connect(name)
    seen: set[str] = set()
    waiting = ["/redfish/v1/" if name.startswith(("blade", "cmm", "switch", "xcc")) else "/redfish/v1"]
    while waiting:
        uri = waiting.pop()
        document = page = client.get(uri)
        assert document["@odata.id"] == uri
        while "Members@odata.nextLink" in page:
            page = client.get(page["Members@odata.nextLink"])
            document["Members"] += page["Members"]
        if "Members" in document:
            assert len(document["Members"]) == document["Members@odata.count"]
        seen.add(uri)
        waiting += [found for found in set(links_in(document)) if found not in seen and found not in waiting]
    assert len(seen) > 15


def test_identity_differs_between_bmcs_and_stays(simulator: Simulator, connect: Connect) -> None:
    def identity(name: str) -> tuple[str, ...]:
        client = connect(name)
        system, interface = client.get(SYSTEMS["ilo"]), client.get("/redfish/v1/Managers/1/EthernetInterfaces/1")
        root = client.get("/redfish/v1")
        return system["UUID"], system["SerialNumber"], root["UUID"], interface["MACAddress"]

    first, second = identity("twin0"), identity("twin1")
    assert all(one != other for one, other in zip(first, second, strict=True))
    simulator.reset()
    assert identity("twin0") == first


def test_changed_identity(simulator: Simulator, connect: Connect) -> None:
    new = {"uuid": "11111111-2222-3333-4444-555555555555", "serial_number": "OTHER1"}
    client = connect("idrac")
    tag = client.get("/redfish/v1")["Oem"]["Dell"]["ServiceTag"]
    simulator.set_state("idrac", identity=new)
    system = client.get(SYSTEMS["idrac"])
    assert (system["UUID"], system["SerialNumber"]) == (new["uuid"], new["serial_number"])
    assert client.get("/redfish/v1")["Oem"]["Dell"]["ServiceTag"] not in (tag, "")
    simulator.set_state("blade2", identity={"serial_number": "OTHER2"})
    serials = {
        connect("blade2").get(f"/redfish/v1/Systems/{node}")["SerialNumber"]
        for node in simulator.state("blade2")["systems"]
    }
    assert serials == {"OTHER2"}


def test_ilo_redirects_between_the_forms_of_a_uri(connect: Connect) -> None:
    client = connect("ilo")
    for uri in ("/redfish/v1", "/redfish/v1/systems/1/bios", SYSTEMS["ilo"]):
        answer = client.ask("GET", uri + "/")
        assert (answer.status, answer.headers["Location"]) == (308, uri)
    target = f"{SYSTEMS['ilo']}/Actions/ComputerSystem.Reset"
    answer = client.ask("POST", target + "/", {"ResetType": "ForceOff"})
    assert (answer.status, answer.headers["Location"]) == (308, target)


@pytest.mark.parametrize(
    "name", ["idrac", "idrac10", "blade2", "openbmc", "smc", "x10", "xcc", "xcc3", "ami", "unknown"]
)
def test_others_serve_both_forms_of_a_uri(connect: Connect, name: str) -> None:
    client = connect(name)
    for uri in ("/redfish/v1", SYSTEMS[name]):
        assert client.get(uri) == client.get(uri + "/")


@pytest.mark.parametrize("name", SYSTEMS)
def test_method_that_is_not_allowed_says_what_is(connect: Connect, name: str) -> None:
    client = connect(name)
    answer = client.ask("DELETE", "/redfish/v1/Systems", None)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    answer = client.ask("GET", f"{SYSTEMS[name]}/Actions/ComputerSystem.Reset")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert client.ask("PUT", WRITABLE.get(name, "/redfish/v1"), {}).status == 405


@pytest.mark.parametrize(
    ("name", "message_id"),
    [
        ("ilo", "Base.1.4.ResourceMissingAtURI"),
        ("idrac", "IDRAC.2.7.SYS403"),
        ("blade2", "Base.1.4.0.ResourceMissingAtURI"),
        ("openbmc", "Base.1.16.0.ResourceNotFound"),
        ("smc", "Base.1.10.ResourceMissingAtURI"),
        ("xcc", "ExtendedError.1.2.RequestUriNotFound"),
        ("ami", "Base.1.5.ResourceMissingAtURI"),
    ],
)
def test_what_is_not_there_is_404(connect: Connect, name: str, message_id: str) -> None:
    answer = connect(name).ask("GET", "/redfish/v1/Systems/Nobody")
    assert (answer.status, answer.message_id) == (404, message_id)


@pytest.mark.parametrize("name", SYSTEMS)
def test_headers_and_head(connect: Connect, name: str) -> None:
    client = connect(name)
    got, head = client.ask("GET", SYSTEMS[name]), client.ask("HEAD", SYSTEMS[name])
    assert got.headers["OData-Version"] == "4.0"
    assert got.headers["Content-Type"].startswith("application/json")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(got.body)))


def test_ilo_says_success_in_an_error_object(connect: Connect) -> None:
    answer = connect("ilo").reset(SYSTEMS["ilo"], "Nmi")
    assert (answer.status, answer.message_id) == (200, "Base.1.4.Success")


def test_what_tells_the_dialects_apart(connect: Connect) -> None:
    roots = {name: connect(name).get("/redfish/v1", login=None) for name in SYSTEMS}
    vendors = {name: root["Vendor"] for name, root in roots.items() if "Vendor" in root}
    hpe, dell, lenovo = ({"ilo", "ilo6", "ilo7"}, "HPE"), ({"idrac", "idrac10"}, "Dell"), ({"xcc", "xcc3"}, "Lenovo")
    others = ({"ami", "dgx"}, "AMI"), ({"gh200", "gb200"}, "NVIDIA"), ({"gb300"}, "Supermicro")
    assert vendors == {name: vendor for names, vendor in (hpe, dell, lenovo, *others) for name in names}
    assert "Supermicro" in roots["smc"]["Oem"]
    assert roots["x10"]["Oem"] == {}
    assert "Supermicro" in connect("x10").get("/redfish/v1/Managers/1")["Oem"]
    early = connect("idrac3").get("/redfish/v1", login=None)
    assert "Vendor" not in early
    assert "Dell" in early["Oem"]
    assert connect("openbmc").get("/redfish/v1/Managers/bmc")["Model"] == "OpenBmc"
    generations = {name: roots[name]["Oem"]["Hpe"]["Manager"][0]["ManagerType"] for name in hpe[0]}
    assert generations == {"ilo": "iLO 5", "ilo6": "iLO 6", "ilo7": "iLO 7"}
    blade = connect("blade4")
    managers = [member["@odata.id"] for member in blade.get("/redfish/v1/Managers")["Members"]]
    assert [uri.rpartition("/")[2] for uri in managers] == ["MCU0", "MCU1", "BMC"]
    manager = blade.get("/redfish/v1/Managers/BMC")
    assert "#CrayProcess.Schedule" in manager["Actions"]["Oem"]
    assert "FirmwareVersion" not in manager
    nodes = [member["@odata.id"][-5:] for member in blade.get("/redfish/v1/Systems")["Members"]]
    assert nodes == ["Node3", "Node1", "Node2", "Node0"]


# ETags


@pytest.mark.parametrize("name", ["ilo", "blade2"])
def test_etag_changes_with_the_resource(simulator: Simulator, connect: Connect, name: str) -> None:
    client = connect(name)
    answer = client.ask("GET", SYSTEMS[name])
    etag = answer.headers["ETag"]
    assert etag.startswith('W/"')
    assert answer.document["@odata.etag"] == etag
    assert client.ask("GET", SYSTEMS[name]).headers["ETag"] == etag
    client.reset(SYSTEMS[name], "ForceOff")
    eventually(lambda: client.ask("GET", SYSTEMS[name]).headers["ETag"] != etag)
    etag = client.ask("GET", SYSTEMS[name]).headers["ETag"]
    simulator.set_state(name, identity={"serial_number": "OTHER"})
    assert client.ask("GET", SYSTEMS[name]).headers["ETag"] != etag


def test_idrac_system_has_no_etag(connect: Connect) -> None:
    answer = connect("idrac").ask("GET", SYSTEMS["idrac"])
    assert answer.headers["ETag"] is None
    assert "@odata.etag" not in answer.document


@pytest.mark.parametrize("name", ["openbmc", "gh200", "gb300"])
def test_bmcweb_has_strong_etags_in_the_header_alone(simulator: Simulator, connect: Connect, name: str) -> None:
    client, uri = connect(name), SYSTEMS[name]
    answer = client.ask("GET", uri)
    etag = answer.headers["ETag"]
    assert etag.startswith('"')
    assert "@odata.etag" not in answer.document
    assert client.ask("PATCH", uri, {"PowerRestorePolicy": "LastState"}, If_Match='"0"').status == 412
    assert client.reset(uri, "ForceOff", If_Match=etag).status == 412
    assert simulator.history(name) == []
    assert client.ask("PATCH", uri, {"PowerRestorePolicy": "LastState"}, If_Match=etag).status == 204
    assert client.get(uri)["PowerRestorePolicy"] == "LastState"


@pytest.mark.parametrize("name", WRITABLE)
def test_patch_without_precondition(simulator: Simulator, connect: Connect, name: str) -> None:
    client, uri = connect(name), WRITABLE[name]
    assert client.get(uri)["AssetTag"] == ""
    assert client.ask("PATCH", uri, {"AssetTag": "rack 12"}).status in (200, 204)
    assert client.get(uri)["AssetTag"] == "rack 12"
    assert simulator.history(name)[-1]["to"] == "rack 12"
    assert client.ask("PATCH", uri, {"AssetTagg": "x"}).status == 400
    assert client.ask("PATCH", uri, b"[").status == 400
    assert client.get(uri)["AssetTag"] == "rack 12"


@pytest.mark.parametrize(
    ("rule", "none", "weak", "strong", "star", "wrong"),
    [
        ("optional", 200, 200, 412, 200, 412),
        ("demanded", 428, 200, 412, 200, 412),
        ("weak_refused", 428, 412, 200, 412, 412),
        ("star_only", 428, 412, 412, 200, 412),
        ("refused", 200, 412, 412, 412, 412),
    ],
)
def test_each_rung_of_the_if_match_ladder(
    simulator: Simulator, connect: Connect, rule: str, none: int, weak: int, strong: int, star: int, wrong: int
) -> None:
    simulator.set_state("ilo", if_match=rule)
    client = connect("ilo")

    def patch(form: str) -> int:
        etag = client.ask("GET", SYSTEMS["ilo"]).headers["ETag"]
        given = {"weak": etag, "strong": etag.removeprefix("W/"), "star": "*", "wrong": 'W/"00000000"'}
        headers: dict[str, Any] = {} if form == "none" else {"If_Match": given[form]}
        return client.ask("PATCH", SYSTEMS["ilo"], {"AssetTag": form}, **headers).status

    assert [patch(form) for form in ("none", "weak", "strong", "star", "wrong")] == [none, weak, strong, star, wrong]


def test_etag_may_be_demanded_where_there_is_none(simulator: Simulator, connect: Connect) -> None:
    simulator.set_state("idrac", if_match="demanded")
    client = connect("idrac")
    assert client.ask("PATCH", SYSTEMS["idrac"], {"AssetTag": "x"}).status == 428
    assert client.ask("PATCH", SYSTEMS["idrac"], {"AssetTag": "x"}, If_Match="*").status == 200


@pytest.mark.parametrize(
    ("name", "message_id"),
    [
        ("xcc", "Base.1.12.PreconditionRequired"),
        ("ami", "Ami.1.0.PreconditionHeaderMissing"),
        ("dgx", "Ami.1.0.PreconditionHeaderMissing"),
    ],
)
def test_patch_needs_an_etag(connect: Connect, name: str, message_id: str) -> None:
    client, uri = connect(name), SYSTEMS[name]
    answer = client.ask("PATCH", uri, {"AssetTag": "x"})
    assert (answer.status, answer.message_id) == (428, message_id)
    assert client.ask("PATCH", uri, {"AssetTag": "x"}, If_Match='"wrong"').status == 412
    assert client.get(uri)["AssetTag"] == ""
    for etag in (client.ask("GET", uri).headers["ETag"], "*"):
        assert client.ask("PATCH", uri, {"AssetTag": etag}, If_Match=etag).status == 204
        assert client.get(uri)["AssetTag"] == etag


def test_supermicro_says_success_in_a_success_object(connect: Connect) -> None:
    client = connect("smc")
    answer = client.ask("PATCH", "/redfish/v1/Chassis/1", {"AssetTag": "rack 12"})
    assert (answer.status, answer.document["Success"]["code"]) == (200, "Base.v1_10_3.Success")
    assert client.get("/redfish/v1/Chassis/1")["AssetTag"] == "rack 12"
