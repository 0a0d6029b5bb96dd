# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""BMCs that others recorded and nobody here has: their traits in a few documents, over the real HTTP stack."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.trees.server import TreeServer
from tests.trees.tasks import Result, assert_in_order, info, predict, resets

Document = dict[str, Any]
ROOT = "/redfish/v1"
KINDS = {"Systems": "ComputerSystem", "Managers": "Manager", "Chassis": "Chassis"}


@dataclass(frozen=True)
class Trait:
    """A BMC and what must be said of it.

    vendor, dialect, model, firmware: of the BMC. off, restart: the resets of state off of the only system that has a
    reset, and of soft_restart of the BMC; the kind of an error stands in their place.
    """

    root: Document
    systems: Sequence[Document] | None
    managers: Sequence[Document]
    vendor: str
    dialect: str
    model: str | None
    firmware: str | None
    off: tuple[str, ...] | str = ("GracefulShutdown",)
    restart: tuple[str, ...] | str = ("GracefulRestart",)
    chassis: Sequence[Document] = ()
    more: Mapping[str, Document] = field(default_factory=dict)


def of(collection: str, name: str, resets: Sequence[str] | None = None, slash: str = "", **properties: Any) -> Document:
    """A resource. resets: what its reset takes; None for no reset; empty for one that does not say."""
    uri = f"{ROOT}/{collection}/{name}"
    document: Document = {"@odata.id": uri + slash, "Id": name, **properties}
    if resets is not None:
        action: Document = {"target": f"{uri}/Actions/{KINDS[collection]}.Reset{slash}"}
        told = {"ResetType@Redfish.AllowableValues": list(resets)} if resets else {}
        document["Actions"] = {f"#{KINDS[collection]}.Reset": action | told}
    return document


def system(name: str, *resets: str, **more: Any) -> Document:
    return of("Systems", name, resets, PowerState="On", UUID=f"uuid-of-{name}", **more)


def bmc(name: str, *resets: str, **more: Any) -> Document:
    return of("Managers", name, resets, **{"ManagerType": "BMC", **more})


def to(collection: str, *names: str) -> list[Document]:
    return [{"@odata.id": f"{ROOT}/{collection}/{name}"} for name in names]


OLD_ILO = ("On", "ForceOff", "ForceRestart", "Nmi", "PushPowerButton")
FULL = ("On", "ForceOff", "GracefulShutdown", "GracefulRestart", "ForceRestart")
NOBODY: Document = {}

TRAITS = {
    "iLO 5 1.45: slashes, no graceful reset, a manager without model and values": Trait(
        {"Oem": {"Hpe": {}}, "Vendor": "HPE"},
        [system("1", *OLD_ILO, slash="/", Model="ProLiant XL675d")],
        [bmc("1", slash="/", FirmwareVersion="iLO 5 v1.45", Links={"ManagerForServers": to("Systems", "1")})],
        vendor="hpe", dialect="hpe", model="ProLiant XL675d", firmware="iLO 5 v1.45", off="NotSupported",
    ),
    "iDRAC9 3.34: no Vendor": Trait(
        {"Oem": {"Dell": {"ServiceTag": "ABC1234"}}},
        [system("System.Embedded.1", "On", "ForceOff", "GracefulShutdown", "GracefulRestart", Model="PowerEdge M640")],
        [bmc("iDRAC.Embedded.1", "GracefulRestart", FirmwareVersion="3.34.34.34", Model="14G Modular")],
        vendor="dell", dialect="dell", model="PowerEdge M640", firmware="3.34.34.34",
    ),
    "Supermicro X10: a root that says nothing": Trait(
        {"Oem": {}},
        [system("1", *FULL, Manufacturer="Supermicro", Model="X10DRFF")],
        [bmc("1", *FULL, FirmwareVersion="3.80", Oem={"Supermicro": {}})],
        vendor="supermicro", dialect="supermicro", model="X10DRFF", firmware="3.80",
    ),
    "Supermicro GB300: OpenBMC's dialect, a baseboard without a reset first": Trait(
        {"Vendor": "Supermicro", "Product": "GB NVL"},
        [of("Systems", "HGX_Baseboard_0", Manufacturer="NVIDIA"), system("System_0", *FULL, Model="ARS-121GL")],
        [
            of("Managers", "HGX_BMC_0", FULL, ManagerType="BMC", FirmwareVersion="HGX-1",
               Links={"ManagerForServers": to("Systems", "HGX_Baseboard_0")}),
            bmc("BMC_0", *FULL, Model="OpenBmc", FirmwareVersion="gb300-1",
                Links={"ManagerForServers": to("Systems", "System_0", "NotThere")}),
        ],
        vendor="supermicro", dialect="openbmc", model="ARS-121GL", firmware="gb300-1", restart="TargetUnknown",
    ),
    "Cray EX of 2020: AMI's OEM part, a reset that erases": Trait(
        {"Oem": {"Ami": {}}},
        [system("Node0", "On", "ForceOff", "Off", Manufacturer="Cray Inc", Model="WindomNodeCard")],
        [
            of("Managers", "MCU0", ManagerType="AuxiliaryController"),
            bmc("BMC", "ForceRestart", "StatefulReset", "ForceEraseNetworkReload",
                ManagerType="EnclosureManager", Description="Shasta Manager"),
        ],
        vendor="cray", dialect="cray", model="WindomNodeCard", firmware=None, off=("Off",), restart="NotSupported",
    ),
    "a Cray chassis controller: an empty collection of systems": Trait(
        NOBODY,
        [],
        [bmc("BMC", "ForceRestart", ManagerType="EnclosureManager", Description="Shasta Manager",
             Links={"ManagerInChassis": to("Chassis", "Enclosure")[0]})],
        vendor="cray", dialect="cray", model="CMM", firmware=None, off="NotSupported", restart="NotSupported",
        chassis=[of("Chassis", "Enclosure", Model="CMM"), of("Chassis", "Blade0", ["On", "ForceOff", "Off"])],
    ),
    "Intel S2600: a serial number as the system's Id": Trait(
        NOBODY,
        [system("QSBP74100021", *FULL, Manufacturer="Intel Corporation", Model="S2600BPB")],
        [bmc("BMC", FirmwareVersion="1.93", Model="S2600BPB")],
        vendor="intel", dialect="generic", model="S2600BPB", firmware="1.93",
    ),
    "NVLink switch: managers only that share a Product with GH200": Trait(
        {"Vendor": "NVIDIA", "Product": "P3809"},
        [],
        [bmc("BMC_0", *FULL, Oem={"OpenBmc": {}}, FirmwareVersion="88.0002", Model="OpenBmc")],
        vendor="nvidia", dialect="openbmc", model="OpenBmc", firmware="88.0002", off="NotSupported",
        chassis=[of("Chassis", "MGX_NVSwitch_0")],
    ),
    "a DPU with null for the members of its chassis": Trait(
        {"Vendor": "Nvidia", "Chassis": {"@odata.id": f"{ROOT}/Nowhere"}},
        [system("Bluefield", *FULL, Model="BlueField-3")],
        [bmc("Bluefield_BMC", *FULL, Oem={"OpenBmc": {}}, FirmwareVersion="BF-24.07")],
        vendor="nvidia", dialect="openbmc", model="BlueField-3", firmware="BF-24.07",
        more={f"{ROOT}/Nowhere": {"Members": None, "Members@odata.count": 0}},
    ),
    "DGX H100 on AMI: three managers, one of them a service": Trait(
        {"Vendor": "AMI", "Oem": {"Ami": {}, "Dre": {}}},
        [of("Systems", "HGX_Baseboard_0"), system("DGX", *FULL, Manufacturer="NVIDIA", Model="DGXH100")],
        [
            of("Managers", "HGX_FabricManager_0", ManagerType="Service"),
            of("Managers", "HGX_BMC_0", ManagerType="BMC"),
            bmc("BMC", *FULL, FirmwareVersion="24.01.05", Links={"ManagerForServers": to("Systems", "DGX")}),
        ],
        vendor="nvidia", dialect="ami", model="DGXH100", firmware="24.01.05",
    ),
    "a root without systems and chassis": Trait(
        NOBODY, None, [bmc("1", "GracefulRestart", FirmwareVersion="1.0")],
        vendor="unknown", dialect="generic", model=None, firmware="1.0", off="NotSupported",
    ),
    "Ids that no URI may have unescaped": Trait(
        NOBODY,
        [system("a b\u00e9%", *FULL, Model="M")],
        [bmc("\u4e16", *FULL, FirmwareVersion="1.0")],
        vendor="unknown", dialect="generic", model="M", firmware="1.0",
    ),
}  # fmt: skip


def documents(trait: Trait) -> dict[str, bytes]:
    """The answers of the BMC by path."""
    root: Document = {"@odata.id": f"{ROOT}/", "RedfishVersion": "1.6.0"}
    answers: dict[str, Document] = {ROOT: root}
    for name, members in (("Systems", trait.systems), ("Managers", trait.managers), ("Chassis", trait.chassis)):
        if members is None:
            continue
        uri = f"{ROOT}/{name}"
        root[name] = {"@odata.id": uri}
        answers[uri] = {"@odata.id": uri, "Members": [{"@odata.id": member["@odata.id"]} for member in members]}
        answers |= {member["@odata.id"].rstrip("/"): member for member in members}
    root |= trait.root
    return {path: json.dumps(document).encode() for path, document in {**answers, **trait.more}.items()}


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENCHAMI_BMC_STATE_DIR", str(tmp_path / "state"))


def said(result: Result) -> tuple[str, ...] | str:
    """The resets of a plan, or the kind of the error in their place."""
    assert_in_order(result)
    return str(result["error"]["kind"]) if "error" in result else resets(result["plan"])


@pytest.mark.parametrize("trait", TRAITS.values(), ids=TRAITS)
def test_a_bmc_of_this_kind_is_read_and_planned_rightly(trait: Trait) -> None:
    with TreeServer(documents(trait)) as server:
        facts = info(server.address)
        assert_in_order(facts)
        about = facts["bmc"]
        assert (about["vendor"], about["dialect"]) == (trait.vendor, trait.dialect)
        assert (about["model"], about["firmware_version"]) == (trait.model, trait.firmware)
        for name, there in (("systems", trait.systems), ("managers", trait.managers), ("chassis", trait.chassis)):
            assert {entry["uri"] for entry in facts[name]} == {document["@odata.id"] for document in there or ()}
        assert len(set(server.requests)) == len(server.requests)
        assert said(predict(server.address, "off")) == trait.off
        assert said(predict(server.address, "off", bmc_identity=about["identity"])) == trait.off
        assert said(predict(server.address, "soft_restart", target="manager")) == trait.restart
        assert server.writes == []
