# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Maker and dialect, found out with as few reads as the dialect allows."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.service import Service
from ansible_collections.openchami.bmc.plugins.module_utils._vendors import registry
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.ami.driver import Ami
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.cray.driver import Cray
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.dell.driver import Dell
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.generic import GenericDriver
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.hpe.driver import Hpe
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.lenovo.driver import Lenovo
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.openbmc.driver import OpenBmc
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.supermicro.driver import Supermicro
from ansible_collections.openchami.bmc.plugins.module_utils.vendor_api.v1 import API_VERSION, Evidence
from tests.unit.json_documents import json_objects, json_values, quick
from tests.unit.redfish.fake_reader import FakeReader, reference, service_of, tree

from .evidence import CRAY_MANAGER, CRAY_NODE, PLAIN_MANAGER, SAMPLES

DRIVERS = (Ami, Cray, Dell, Hpe, Lenovo, OpenBmc, Supermicro)
SHOWN = ("Vendor", "Oem", "Hpe", "Dell", "ManagerType", "Manufacturer", "Model", "Actions", "#CrayProcess.Schedule")
TEXTS = ("HPE", "Dell", "EnclosureManager", "AMI", " ", ",")


@pytest.mark.parametrize(("dialect", "_maker", "shown"), SAMPLES.values(), ids=SAMPLES)
@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.dialect)
def test_driver_recognises_its_own_dialect_only(
    driver: type[GenericDriver], dialect: str, _maker: str, shown: Evidence
) -> None:
    assert driver().recognises(shown) is (driver.dialect == dialect)


@pytest.mark.parametrize(("_dialect", "maker", "shown"), SAMPLES.values(), ids=SAMPLES)
def test_maker_is_told_from_all_that_names_one(_dialect: str, maker: str, shown: Evidence) -> None:
    driver = next(driver for driver in (*DRIVERS, GenericDriver) if driver().recognises(shown))
    assert driver().inventory.maker(shown) == maker


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.dialect)
def test_evidence_that_does_not_suffice_yet_is_not_recognised(driver: type[GenericDriver]) -> None:
    assert not driver().recognises(Evidence({"RedfishVersion": "1.6.0"}))


def detected(root: dict[str, Any], **collections: Any) -> tuple[str, list[str]]:
    """The dialect, and what was read to know it."""
    documents = tree(**collections)
    documents["/redfish/v1"] |= root
    reader = FakeReader(documents)
    return registry.detect(Service(reader)).dialect, reader.reads


@pytest.mark.parametrize(("oem", "dialect"), [("Hpe", "hpe"), ("Dell", "dell")])
def test_dialect_that_shows_in_the_root_takes_one_read(oem: str, dialect: str) -> None:
    assert detected({"Oem": {oem: {}}}, Managers=[PLAIN_MANAGER]) == (dialect, ["/redfish/v1"])


def test_root_of_nvidia_takes_one_read() -> None:
    assert detected({"Vendor": "NVIDIA"}, Managers=[PLAIN_MANAGER]) == ("openbmc", ["/redfish/v1"])


def test_root_counts_before_a_second_manager_with_openbmc() -> None:
    """DGX H100: MegaRAC answers, the baseboard's manager behind it is OpenBMC."""
    hmc = {**PLAIN_MANAGER, "@odata.id": "/redfish/v1/Managers/HGX_BMC_0", "Model": "OpenBmc"}
    assert detected({"Vendor": "AMI"}, Managers=[hmc, PLAIN_MANAGER])[0] == "ami"


def test_cray_takes_the_managers_and_not_the_systems() -> None:
    dialect, reads = detected({}, Managers=[PLAIN_MANAGER, CRAY_MANAGER], Systems=[CRAY_NODE])
    assert dialect == "cray"
    assert not [uri for uri in reads if "Systems" in uri]


def test_what_nobody_recognises_is_generic() -> None:
    assert detected({"Vendor": "Somebody"}, Managers=[PLAIN_MANAGER], Systems=[CRAY_NODE])[0] == "generic"


@pytest.mark.parametrize("dialect", [*(driver.dialect for driver in DRIVERS), "generic"])
def test_recorded_dialect_has_its_driver(dialect: str) -> None:
    driver = registry.known(dialect, "")
    assert driver.dialect == dialect
    assert driver.api_version == API_VERSION


@pytest.mark.parametrize("dialect", ["HPE", "amiga", "", ["hpe"], 7])
def test_dialect_without_a_driver_is_refused_with_the_names_of_all(dialect: Any) -> None:
    with pytest.raises(InvalidRequest, match="cray, dell, generic, hpe"):
        registry.known(dialect, "")


def test_service_tag_is_the_serial_number_of_a_dell() -> None:
    documents = tree()
    documents["/redfish/v1"]["Oem"] = {"Dell": {"ServiceTag": "ABC1234"}}
    assert Dell().inventory.serial_number(service_of(documents)) == "ABC1234"
    assert GenericDriver().inventory.serial_number(service_of(documents)) is None


@pytest.mark.parametrize(
    ("software", "version"),
    [
        ({"Id": "BMC", "SoftwareId": "nc:1.6.19", "Version": "nc.1.6.19"}, "nc.1.6.19"),
        ({"Id": "BMC", "SoftwareId": "cc:*:*:*", "Version": "cc.1.6.19"}, "cc.1.6.19"),
        ({"Id": "BMC", "SoftwareId": "sc:*:*:*", "Version": "sc.1.6.19"}, "sc.1.6.19"),
        ({"Id": "BMC", "Version": "nc.1.1.2-shasta-release"}, "nc.1.1.2-shasta-release"),
        ({"Id": "BMC", "SoftwareId": "other", "Version": "2"}, None),
        ({"Id": "FPGA0", "SoftwareId": "nc:1.6.19", "Version": "3"}, None),
    ],
)
def test_firmware_version_of_a_cray_is_in_its_firmware_inventory(software: dict[str, Any], version: str | None) -> None:
    inventory = "/redfish/v1/UpdateService/FirmwareInventory"
    documents = tree()
    documents["/redfish/v1"]["UpdateService"] = reference("/redfish/v1/UpdateService")
    documents |= {
        "/redfish/v1/UpdateService": {"FirmwareInventory": reference(inventory)},
        inventory: {"Members": [reference(f"{inventory}/x")]},
        f"{inventory}/x": software,
    }
    assert Cray().inventory.firmware_version(service_of(documents), CRAY_MANAGER) == version


documents = json_objects(*SHOWN, texts=TEXTS)


@quick
@given(
    json_values(*SHOWN, texts=TEXTS),
    st.none() | st.lists(documents, max_size=3),
    st.none() | st.lists(documents, max_size=3),
)
def test_no_evidence_breaks_recognition_or_the_maker(root: Any, managers: Any, systems: Any) -> None:
    shown = Evidence(root, managers and tuple(managers), systems and tuple(systems))
    for driver in (*DRIVERS, GenericDriver):
        assert isinstance(driver().recognises(shown), bool)
        maker = driver().inventory.maker(shown)
        assert maker
        assert maker == maker.lower()


@quick
@given(documents, documents)
def test_no_resource_breaks_the_evidence_of_a_restart(before: dict[str, Any], now: dict[str, Any]) -> None:
    for driver in (*DRIVERS, GenericDriver):
        power = driver().power
        assert power.restarted(power.boot_evidence(before), power.boot_evidence(now)) in (True, False, None)
        assert power.restarted(power.boot_evidence(now), power.boot_evidence(now)) is not True


@pytest.mark.parametrize(
    ("before", "now", "restarted"),
    [
        ({}, {}, None),
        ({"PostState": "FinishedPost"}, {"PostState": "InPost"}, True),
        ({"PostState": "InPostDiscoveryComplete"}, {"PostState": "PowerOff"}, True),
        ({"PostState": "FinishedPost"}, {"PostState": "FinishedPost"}, None),
        ({"PostState": "InPost"}, {"PostState": "PowerOff"}, None),
        ({"PostDiscoveryCompleteTimeStamp": "t1"}, {"PostDiscoveryCompleteTimeStamp": "t2"}, True),
        ({"PostDiscoveryCompleteTimeStamp": "t1"}, {"PostDiscoveryCompleteTimeStamp": "t1"}, False),
        ({"PostState": "FinishedPost", "PostDiscoveryCompleteTimeStamp": "t1"}, {"PostState": "InPost"}, True),
    ],
)
def test_restart_of_a_host_behind_an_ilo(before: dict[str, Any], now: dict[str, Any], restarted: bool | None) -> None:
    power = Hpe().power
    read = [power.boot_evidence({"Oem": {"Hpe": shown}}) for shown in (before, now)]
    assert power.restarted(*read) is restarted


@pytest.mark.parametrize(
    ("before", "now", "restarted"),
    [
        ({}, {}, None),
        ({"NumberOfReboots": 16}, {"NumberOfReboots": 17}, True),
        ({"NumberOfReboots": 16}, {"NumberOfReboots": 16}, None),
        ({"NumberOfReboots": 16}, {"NumberOfReboots": None}, None),
        ({"SystemStatus": "OSBooted"}, {"SystemStatus": "SystemOn_StartingUEFI"}, True),
        ({"SystemStatus": "BootingOSOrInUndetectedOS"}, {"SystemStatus": "SystemPowerOff_StateUnknown"}, True),
        ({"SystemStatus": "BootingOSOrInUndetectedOS"}, {"SystemStatus": "OSBooted"}, None),
        ({"SystemStatus": "BootingOSOrInUndetectedOS"}, {"SystemStatus": "SystemRunningInUEFI"}, None),
        # The boot of before may be the one that is counted.
        (
            {"SystemStatus": "SystemOn_StartingUEFI", "NumberOfReboots": 16},
            {"SystemStatus": "OSBooted", "NumberOfReboots": 17},
            None,
        ),
    ],
)
def test_restart_of_a_host_behind_an_xcc(before: dict[str, Any], now: dict[str, Any], restarted: bool | None) -> None:
    power = Lenovo().power
    read = [power.boot_evidence({"Oem": {"Lenovo": shown}}) for shown in (before, now)]
    assert power.restarted(*read) is restarted


@pytest.mark.parametrize(
    ("before", "now", "restarted"),
    [
        ("OSRunning", "OSBootStarted", True),
        ("OSRunning", "None", True),
        ("SystemHardwareInitializationComplete", "PCIResourceConfigStarted", True),
        ("SystemHardwareInitializationComplete", "OSBootStarted", None),
        ("SystemHardwareInitializationComplete", "None", None),
        ("SetupEntered", "SystemHardwareInitializationComplete", None),
        ("MemoryInitializationStarted", "BusInitializationStarted", None),
        ("OEM", "BusInitializationStarted", None),
    ],
)
def test_restart_of_a_host_whose_boot_progress_goes_back(before: str, now: str, restarted: bool | None) -> None:
    power = GenericDriver().power
    read = [power.boot_evidence({"BootProgress": {"LastState": state}}) for state in (before, now)]
    assert power.restarted(*read) is restarted


# bmcweb has no LastResetTime until the chassis' power changed once: that it appears tells a restart nobody waited for.
SHOWING = [driver for driver in (*DRIVERS, GenericDriver) if driver is not OpenBmc]


HPE_STATES = ("FinishedPost", "InPost", "PowerOff", "Unknown")
XCC_STATES = ("OSBooted", "BootingOSOrInUndetectedOS", "SystemOn_StartingUEFI", "SystemRunningInUEFI")
READINGS: list[dict[str, Any]] = [
    {},
    *({"LastResetTime": time} for time in ("t1", "t2")),
    *({"BootProgress": {"LastState": state}} for state in ("None", "OEM", "BusInitializationStarted", "SetupEntered")),
    {"BootProgress": {"LastState": "OSRunning"}},
    *({"Oem": {"Hpe": {"PostState": state}}} for state in HPE_STATES),
    *({"Oem": {"Hpe": {"PostDiscoveryCompleteTimeStamp": time}}} for time in ("t1", "t2")),
    *({"Oem": {"Lenovo": {"SystemStatus": state}}} for state in XCC_STATES),
    *({"Oem": {"Lenovo": {"NumberOfReboots": count}}} for count in (16, 17)),
    *({"Oem": {"Lenovo": {"SystemStatus": state, "NumberOfReboots": 17}}} for state in XCC_STATES),
]


@pytest.mark.parametrize("driver", SHOWING, ids=lambda driver: driver.dialect)
def test_what_tells_a_restart_was_waited_for(driver: type[GenericDriver]) -> None:
    power = driver().power
    for before, now in product(map(power.boot_evidence, READINGS), repeat=2):
        assert power.shows_restart(before) or power.restarted(before, now) is None
