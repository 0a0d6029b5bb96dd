# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans: what is asked for and when, each URI once, and the answer of the reading function in the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    BmcError,
    ForeignLink,
    LoginRefused,
    RefusedByBmc,
    Unreachable,
)
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.crawl import (
    Table,
    drive,
    joined,
    plan,
    to,
    to_each,
    to_reset_values,
)
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.resource import id_of, link
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.service import Service
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin

from .fake_reader import collection, reference, refused, tree

ORIGIN = Origin("https", "bmc1", 443)
ROOT = "/redfish/v1"
SYSTEMS, SYSTEM, DISKS = f"{ROOT}/Systems", f"{ROOT}/Systems/1", f"{ROOT}/Systems/1/Storage"
TABLE: Table = MappingProxyType({"ServiceRoot": [to("ComputerSystemCollection", "Systems")]})

Result = TypeVar("Result")


def ids(service: Service) -> list[str]:
    return [id_of(system) for system in service.collection("Systems")]


def waves(
    documents: Mapping[str, Any],
    read: Callable[[Service], Result],
    table: Table = TABLE,
    expand: str = "",
) -> tuple[Result, list[tuple[str, ...]]]:
    """The result and the waves; what no document was provided for is answered with 404."""
    asked = []
    crawl = plan(read, documents[ROOT], ORIGIN, table, expand)
    try:
        wave = next(crawl)
        while True:
            asked.append(wave)
            wave = crawl.send({uri: documents.get(uri, refused(404)) for uri in wave})
    except StopIteration as end:
        every = [uri for wave in asked for uri in wave]
        assert len(set(every)) == len(every), "asked twice"
        return end.value, asked


def system(name: str = "1", **more: Any) -> dict[str, Any]:
    return {"@odata.id": f"{SYSTEMS}/{name}", "Id": name, **more}


def test_known_links_are_followed_in_large_waves() -> None:
    documents = tree(Systems=[system("1"), system("2")], Managers=[])
    result, asked = waves(documents, ids)
    assert result == ["1", "2"]
    assert asked == [(SYSTEMS,), (f"{SYSTEMS}/1", f"{SYSTEMS}/2")]


def test_without_a_table_the_answer_is_the_same() -> None:
    documents = tree(Systems=[system("1"), system("2")])
    assert waves(documents, ids, {})[0] == waves(documents, ids)[0]


def test_what_the_table_lacks_is_asked_for_when_it_is_read() -> None:
    documents = tree(Systems=[system(Bios=reference(f"{SYSTEM}/Bios"))]) | {f"{SYSTEM}/Bios": {"Id": "Bios"}}
    runs = []

    def read(service: Service) -> str:
        runs.append(1)
        bios = service.get(link(service.get(SYSTEM), "Bios") or "")
        return id_of(bios)

    result, asked = waves(documents, read)
    assert (result, asked[-1], len(runs)) == ("Bios", (f"{SYSTEM}/Bios",), 2)


def test_what_is_said_ahead_is_one_wave() -> None:
    documents = tree(Systems=[]) | {"/a": {"Id": "a"}, "/b": {"Id": "b"}}

    def read(service: Service) -> list[str]:
        service.ahead("/a", None, "/b")
        return [id_of(service.get(uri)) for uri in ("/a", "/b")]

    result, asked = waves(documents, read, TABLE)
    assert (result, asked) == (["a", "b"], [(SYSTEMS,), ("/a", "/b")])


def test_a_collection_met_on_the_way_comes_with_its_members() -> None:
    """Whether the table, its own type or only its Members tell that it is one."""
    for kind in ({}, {"@odata.type": "#DriveCollection.DriveCollection"}):
        documents = tree(Systems=[]) | {"/c": collection("/c", "/c/1", "/c/2") | kind}
        documents |= {"/c/1": {"Id": "1"}, "/c/2": {"Id": "2"}}
        result, asked = waves(documents, lambda service: service.members("/c"))
        assert (result, asked[1:]) == (("/c/1", "/c/2"), [("/c",), ("/c/1", "/c/2")])


def test_all_pages_are_followed_and_members_that_repeat_are_read_once() -> None:
    documents = tree(Systems=[system("1")]) | {
        f"{SYSTEMS}?$skip=1": collection(SYSTEMS, f"{SYSTEMS}/1/", f"{SYSTEMS}/2"),
        f"{SYSTEMS}/2": system("2"),
    }
    documents[SYSTEMS]["Members@odata.nextLink"] = f"{SYSTEMS}?$skip=1"
    result, asked = waves(documents, ids)
    assert result == ["1", "2"]
    assert asked == [(SYSTEMS,), (f"{SYSTEMS}/1", f"{SYSTEMS}?$skip=1"), (f"{SYSTEMS}/2",)]


def test_pages_without_end_end() -> None:
    documents = tree(Systems=[])

    class Endless(dict[str, Any]):
        def get(self, uri: str, default: Any = None) -> Any:
            number = int(uri.rpartition("=")[2] or 0) if "=" in uri else 0
            return {"Members": [], "Members@odata.nextLink": f"{SYSTEMS}?$skip={number + 1}"}

    with pytest.raises(BmcError, match="never ends"):
        waves(Endless(documents), ids)


def test_one_resource_has_one_request_however_its_links_are_spelled() -> None:
    documents = tree(Systems=[system(Links={"Self": [reference(f"https://bmc1{SYSTEM}/"), reference(SYSTEM.upper())]})])
    table = joined(TABLE, {"ComputerSystem": [to_each("ComputerSystem", "Links", "Self")]})
    result, asked = waves(documents, lambda service: id_of(service.get(f"https://bmc1{SYSTEM}")), table)
    assert (result, asked) == ("1", [(SYSTEMS,), (SYSTEM,)])


@pytest.mark.parametrize("uri", ["https://203.0.113.1/redfish/v1/x", "//203.0.113.1/x", "http://[::1"])
def test_a_link_that_leads_away_is_an_error_of_that_link_alone(uri: str) -> None:
    documents = tree(Systems=[system(Bios=reference(uri))])

    def read(service: Service) -> tuple[list[str], str]:
        try:
            service.get(uri)
        except ForeignLink as error:
            return ids(service), error.kind
        raise AssertionError

    table = joined(TABLE, {"ComputerSystem": [to("Bios", "Bios")]})
    assert waves(documents, read, table) == ((["1"], "ForeignLink"), [(SYSTEMS,), (SYSTEM,)])


def test_an_error_is_raised_where_it_is_read_and_nowhere_else() -> None:
    documents = tree(Systems=[system("1"), system("2")])
    documents[f"{SYSTEMS}/2"] = refused(500)
    assert waves(documents, lambda service: id_of(service.get(SYSTEM)))[0] == "1"
    with pytest.raises(RefusedByBmc):
        waves(documents, ids)


def test_reset_values_are_followed_where_the_resource_does_not_tell_them() -> None:
    told = {"target": "/reset", "ResetType@Redfish.AllowableValues": ["On"], "@Redfish.ActionInfo": "/told"}
    elsewhere = {"target": "/reset", "@Redfish.ActionInfo": "/info"}
    documents = tree(
        Systems=[
            system(name, Actions={"#ComputerSystem.Reset": action}) for name, action in (("1", told), ("2", elsewhere))
        ]
    )
    assert waves(documents, ids, joined(TABLE, {"ComputerSystem": [to_reset_values]}))[1][2:] == [("/info",)]


class Expanding:
    """A service that answers $expand=. of the systems with this document, or refuses it."""

    WHOLE = f"{SYSTEMS}?$expand=."

    def __init__(self, answer: Any) -> None:
        self.documents = tree(Systems=[system("1"), system("2")]) | {self.WHOLE: answer}

    def waves(self) -> list[tuple[str, ...]]:
        result, asked = waves(self.documents, ids, TABLE, "$expand=.")
        assert result == ["1", "2"]
        return asked


def test_whole_members_of_a_collection_are_not_read_again() -> None:
    answer = {"@odata.id": SYSTEMS, "Members": [system("1"), system("2")]}
    assert Expanding(answer).waves() == [(Expanding.WHOLE,)]


def test_a_bare_member_is_read_by_itself() -> None:
    answer = {"@odata.id": SYSTEMS, "Members": [system("1"), reference(f"{SYSTEMS}/2")]}
    assert Expanding(answer).waves() == [(Expanding.WHOLE,), (f"{SYSTEMS}/2",)]


def test_a_refused_expand_is_asked_for_plainly() -> None:
    plain: Any = refused(501)
    assert Expanding(plain).waves() == [(Expanding.WHOLE,), (SYSTEMS,), (f"{SYSTEMS}/1", f"{SYSTEMS}/2")]


def test_links_of_whole_members_are_followed() -> None:
    disks = {"@odata.id": DISKS, "Members": [{"@odata.id": f"{DISKS}/a", "Id": "a"}]}
    documents = tree(Systems=[]) | {
        Expanding.WHOLE: {"Members": [system(Storage=reference(DISKS))]},
        f"{DISKS}?$expand=.": disks,
    }
    table = joined(TABLE, {"ComputerSystem": [to("StorageCollection", "Storage")]})
    result, asked = waves(documents, lambda service: service.members(DISKS), table, "$expand=.")
    assert (result, asked) == ((f"{DISKS}/a",), [(Expanding.WHOLE,), (f"{DISKS}?$expand=.",)])


ALL: Table = {"ServiceRoot": [to(f"{name}Collection", name) for name in ("Systems", "Managers", "Chassis")]}


@pytest.mark.parametrize("error", [LoginRefused("no"), LoginRefused("no", status=403), Unreachable("silence")])
def test_a_wrong_password_is_tried_once(error: BmcError) -> None:
    documents = tree(Systems=[], Managers=[], Chassis=[])
    asked = []

    def get(uri: str) -> dict[str, Any]:
        asked.append(uri)
        raise error

    with pytest.raises(type(error)):
        drive(plan(ids, documents[ROOT], ORIGIN, ALL), get)
    assert asked == [SYSTEMS]


def test_a_login_that_ends_on_the_way_ends_the_plan() -> None:
    crawl = plan(ids, tree(Systems=[], Managers=[], Chassis=[])[ROOT], ORIGIN, ALL)
    assert next(crawl) == (SYSTEMS,)
    managers, chassis = crawl.send({SYSTEMS: collection(SYSTEMS)})
    with pytest.raises(LoginRefused):
        crawl.send({managers: LoginRefused("ended"), chassis: {}})


def test_the_synchronous_driver_asks_one_after_the_other() -> None:
    documents = tree(Systems=[system("1"), system("2")])
    asked = []

    def get(uri: str) -> dict[str, Any]:
        asked.append(uri)
        if uri == f"{SYSTEMS}/2":
            raise refused(404)
        answer: dict[str, Any] = documents[uri]
        return answer

    assert drive(plan(ids, documents[ROOT], ORIGIN, TABLE), get) == ["1"]
    assert asked == [SYSTEMS, f"{SYSTEMS}/1", f"{SYSTEMS}/2"]
