# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each dialect is sent to make an update happen, and that no request lets a BMC restart its host."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import Busy, InvalidRequest, NotSupported
from ansible_collections.openchami.bmc.plugins.module_utils._vendors import registry
from ansible_collections.openchami.bmc.plugins.module_utils.vendor_api.v1 import (
    Change,
    FirmwareUpdate,
    Software,
    UpdateMethod,
    UpdateRequest,
)
from tests.unit.redfish.fake_reader import service_of

DIALECTS = ("generic", "ami", "cray", "dell", "hpe", "lenovo", "openbmc", "supermicro")
UPDATE = "/redfish/v1/UpdateService"
INVENTORY = f"{UPDATE}/FirmwareInventory"
IMAGE = "https://10.0.0.1:8443/t/abc/image.bin"
TIMES = ("Immediate", "OnReset", "OnStartUpdateRequest")

PULL = UpdateMethod("SimpleUpdate", f"{UPDATE}/Actions/SimpleUpdate", pull=True, protocols=("HTTP", "HTTPS"))
FORM = UpdateMethod("MultipartHttpPushUri", f"{UPDATE}/upload", pull=False)
BARE = UpdateMethod("HttpPushUri", f"{UPDATE}/update", pull=False)
HPE_PUSH = UpdateMethod("HttpPushUri", "/cgi-bin/uploadFile", pull=False, names_targets=False, session=True)


def driver(dialect: str) -> FirmwareUpdate:
    return registry.known(dialect, "").firmware_update


def software(component: str = "bmc", id: str = "BMC", **more: Any) -> Software:
    return Software(f"{INVENTORY}/{id}", id, id, id, component, "1.0", **more)


BMC, BIOS = software(), software("bios", "BIOS")


def request(method: UpdateMethod, *entries: Software, **more: Any) -> UpdateRequest:
    return UpdateRequest(method, entries or (BMC,), "image.bin", IMAGE if method.pull else "", **more)


def named(*entries: Software) -> list[str]:
    return [entry.uri for entry in entries]


BIOS_X13 = software("bios", "BIOS", target="/redfish/v1/Systems/1/Bios")
BMC_X13 = software("bmc", "BMC", target="/redfish/v1/Managers/1")
MB_CPLD = software("cpld", "MB_CPLD1", target="MB_CPLD")
BACKUP = software("bmc", "BMC-Backup", spare=True)
GIGABYTE = replace(PULL, protocols=("HTTP", "HTTPS"), targets=("BMC", "BIOS", "MB_CPLD"), by_address=True)
LENOVO = replace(PULL, names_targets=False, targets=(f"{INVENTORY}/BMC-Backup",))
HPE = replace(PULL, names_targets=False)
ADD = UpdateMethod("AddFromUri", f"{UPDATE}/Add", pull=True, protocols=("HTTP", "HTTPS"), names_targets=False)
DELL = replace(PULL, names_targets=False, apply_times=TIMES)


@pytest.mark.parametrize(
    ("dialect", "asked", "body"),
    [
        ("generic", request(PULL), {"TransferProtocol": "HTTPS", "Targets": named(BMC)}),
        ("generic", request(replace(PULL, protocols=())), {"Targets": named(BMC)}),
        ("generic", request(replace(PULL, names_targets=False)), {"TransferProtocol": "HTTPS"}),
        ("generic", request(PULL, BMC, BIOS), {"TransferProtocol": "HTTPS", "Targets": named(BMC, BIOS)}),
        ("cray", request(PULL, BIOS), {"TransferProtocol": "HTTPS", "Targets": named(BIOS)}),
        ("cray", request(replace(PULL, protocols=())), {"TransferProtocol": "HTTPS", "Targets": named(BMC)}),
        ("supermicro", request(PULL, BIOS_X13), {"TransferProtocol": "HTTPS", "Targets": named(BIOS)}),
        ("ami", request(GIGABYTE, MB_CPLD), {"TransferProtocol": "HTTPS", "UpdateComponent": "MB_CPLD"}),
        ("ami", request(PULL, replace(BMC, target="BMC")), {"TransferProtocol": "HTTPS", "Targets": named(BMC)}),
        ("lenovo", request(LENOVO), {"TransferProtocol": "HTTPS"}),
        ("lenovo", request(LENOVO, BACKUP), {"TransferProtocol": "HTTPS", "Targets": named(BACKUP)}),
        ("hpe", request(HPE), {"TransferProtocol": "HTTPS"}),
        ("hpe", request(ADD), {"UpdateTarget": True, "UpdateRepository": False}),
        ("hpe", request(ADD, force=True), {"UpdateTarget": True, "UpdateRepository": False, "TPMOverrideFlag": True}),
        ("dell", request(DELL), {"TransferProtocol": "HTTPS", "@Redfish.OperationApplyTime": "Immediate"}),
        ("dell", request(DELL, BIOS), {"TransferProtocol": "HTTPS", "@Redfish.OperationApplyTime": "OnReset"}),
        (
            "dell",
            request(replace(DELL, apply_times=()), BIOS),
            {"TransferProtocol": "HTTPS", "@Redfish.OperationApplyTime": "OnReset"},
        ),
    ],
)
def test_a_bmc_is_asked_to_fetch_an_image(dialect: str, asked: UpdateRequest, body: dict[str, Any]) -> None:
    assert driver(dialect).pull(asked) == Change("POST", asked.method.uri, {"ImageURI": IMAGE, **body})


KEPT = {
    "BIOS": dict.fromkeys(("SMBIOS", "OA", "SETUPCONF", "SETUPPWD", "SECBOOTKEY", "BOOTCONF"), True)
    | {"ME": False, "NVRAM": False},
    "BMC": dict.fromkeys(("Cfg", "Sdr", "Ssl"), True),
}


def kept(component: str) -> dict[str, Any]:
    return {"Oem": {"Supermicro": {component: {f"Preserve{name}": value for name, value in KEPT[component].items()}}}}


@pytest.mark.parametrize(
    ("dialect", "asked", "parameters"),
    [
        ("generic", request(FORM), {"Targets": named(BMC)}),
        ("generic", request(replace(FORM, names_targets=False)), {}),
        (
            "generic",
            request(replace(FORM, apply_times=TIMES), BIOS),
            {"Targets": named(BIOS), "@Redfish.OperationApplyTime": "OnReset"},
        ),
        ("generic", request(replace(FORM, forces=True), force=True), {"Targets": named(BMC), "ForceUpdate": True}),
        ("generic", request(FORM, force=True), {"Targets": named(BMC)}),
        (
            "openbmc",
            request(replace(FORM, apply_times=TIMES), replace(BMC, target="/redfish/v1/Managers/bmc")),
            {"Targets": ["/redfish/v1/Managers/bmc"], "@Redfish.OperationApplyTime": "Immediate"},
        ),
        (
            "supermicro",
            request(FORM, BIOS_X13),
            {"Targets": [BIOS_X13.target], "@Redfish.OperationApplyTime": "OnStartUpdateRequest", **kept("BIOS")},
        ),
        (
            "supermicro",
            request(FORM, BMC_X13),
            {"Targets": [BMC_X13.target], "@Redfish.OperationApplyTime": "OnStartUpdateRequest", **kept("BMC")},
        ),
        (
            "supermicro",
            request(FORM, software("cpld", "CPLD_Motherboard")),
            {"Targets": [f"{INVENTORY}/CPLD_Motherboard"], "@Redfish.OperationApplyTime": "OnStartUpdateRequest"},
        ),
        (
            "dell",
            request(replace(FORM, names_targets=False, apply_times=TIMES), BIOS),
            {"Targets": [], "@Redfish.OperationApplyTime": "OnReset", "Oem": {}},
        ),
        ("lenovo", request(replace(FORM, names_targets=False)), {}),
    ],
)
def test_an_image_is_uploaded_with_its_parameters(
    dialect: str, asked: UpdateRequest, parameters: dict[str, Any]
) -> None:
    upload = driver(dialect).push(asked, "")
    assert (upload.uri, upload.file_field, upload.file_name) == (FORM.uri, "UpdateFile", "image.bin")
    (part,) = upload.fields
    assert (part.name, part.content_type) == ("UpdateParameters", "application/json")
    assert json.loads(part.content) == parameters


def test_a_bare_upload_says_nothing_more() -> None:
    upload = driver("generic").push(request(BARE), "")
    assert (upload.uri, upload.file_field, upload.fields, dict(upload.headers)) == (BARE.uri, "", (), {})


def test_an_ilo_gets_the_key_of_its_session_in_form_and_cookie() -> None:
    upload = driver("hpe").push(request(HPE_PUSH), "token7")
    key, parameters = upload.fields
    assert (key.name, key.content, key.content_type) == ("sessionKey", "token7", "")
    assert json.loads(parameters.content) | {"ETag": ""} == {
        "UpdateRepository": False,
        "UpdateTarget": True,
        "ETag": "",
        "Section": 0,
    }
    assert (upload.uri, upload.file_field) == ("/cgi-bin/uploadFile", "file")
    assert dict(upload.headers) == {"Cookie": "sessionKey=token7"}


@pytest.mark.parametrize(
    ("entry", "file_name", "image_type"),
    [
        (software("bmc", "BMC"), "a.bin", "BMC"),
        (software("bmc", "BMCImage1"), "a.hpm", "HPM"),
        (software("bios", "BIOSImage1"), "a.RBU", "BIOS"),
        (software("bmc", "HostBMC_0"), "a.fwpkg", None),
    ],
)
def test_a_megarac_with_plain_ids_is_told_the_type_of_an_image(
    entry: Software, file_name: str, image_type: str | None
) -> None:
    upload = driver("ami").push(replace(request(FORM, entry), file_name=file_name), "")
    more = [json.loads(part.content) for part in upload.fields if part.name == "OemParameters"]
    assert more == ([{"ImageType": image_type}] if image_type else [])


@pytest.mark.parametrize(
    ("dialect", "asked", "error", "said"),
    [
        ("generic", request(replace(PULL, protocols=("TFTP", "SFTP"))), NotSupported, "TFTP, SFTP"),
        ("generic", request(replace(PULL, targets=(BIOS.uri,))), NotSupported, BIOS.uri),
        ("ami", replace(request(GIGABYTE), image_uri="http://stage.example/x"), InvalidRequest, "stage.example"),
        ("ami", request(GIGABYTE, MB_CPLD, replace(BMC, target="BMC")), NotSupported, "MB_CPLD, then BMC"),
        ("cray", request(replace(PULL, targets=(BMC.uri,)), BIOS), NotSupported, "it offers"),
    ],
)
def test_what_a_bmc_does_not_take_is_said_before_anything_is_sent(
    dialect: str, asked: UpdateRequest, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        driver(dialect).pull(asked)


def test_a_pattern_among_the_targets_is_one() -> None:
    method = replace(PULL, targets=(f"{INVENTORY}/CPLD_Backplane_(\\d+)",))
    driver("supermicro").pull(request(method, software("backplane", "CPLD_Backplane_3")))
    with pytest.raises(NotSupported):
        driver("supermicro").pull(request(method, software("backplane", "CPLD_Backplane_x")))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("method", [PULL, FORM])
@pytest.mark.parametrize("component", ["bios", "cpld", "nic", "drive", "gpu", "psu", ""])
def test_no_request_lets_a_bmc_restart_its_host(dialect: str, method: UpdateMethod, component: str) -> None:
    entry = software(component, "X", target="X")
    asked = request(replace(method, apply_times=TIMES), entry)
    sent = (
        driver(dialect).pull(asked).body
        if method.pull
        else json.loads(driver(dialect).push(asked, "").fields[0].content)
    )
    assert sent["@Redfish.OperationApplyTime"] in ("OnReset", "OnStartUpdateRequest")


# Before a request

OPTIONS = {"HttpPushUriOptions": {"ForceUpdate": False, "HttpPushUriApplyTime": {"ApplyTime": "OnReset"}}}
NVIDIA = replace(BARE, apply_times=("Immediate", "OnReset"), forces=True)


@pytest.mark.parametrize(
    ("dialect", "asked", "shown", "body"),
    [
        ("generic", request(FORM), {"HttpPushUriTargets": []}, None),
        ("generic", request(BARE), {"HttpPushUriTargets": []}, {"HttpPushUriTargets": named(BMC)}),
        ("generic", request(BARE), {"HttpPushUriTargets": named(BMC)}, None),
        ("generic", request(replace(BARE, names_targets=False)), {}, None),
        (
            "openbmc",
            request(NVIDIA, force=True),
            {"HttpPushUriTargets": named(BMC), **OPTIONS},
            {"HttpPushUriOptions": {"HttpPushUriApplyTime": {"ApplyTime": "Immediate"}, "ForceUpdate": True}},
        ),
        ("openbmc", request(NVIDIA, BIOS), {"HttpPushUriTargets": named(BIOS), **OPTIONS}, None),
        ("hpe", request(HPE_PUSH), {}, None),
        (
            "ami",
            request(FORM),
            {"Oem": {"Ami": {"PreserveConfiguration": {"NTP": True, "SSH": False, "SDR": False, "@odata.type": "x"}}}},
            {"Oem": {"Ami": {"PreserveConfiguration": {"SSH": True, "SDR": True}}}},
        ),
        ("ami", request(FORM, BIOS), {"Oem": {"Ami": {"PreserveConfiguration": {"SSH": False}}}}, None),
        ("ami", request(FORM), {"Oem": {"Ami": {"PreserveConfiguration": {"SSH": True}}}}, None),
    ],
)
def test_what_goes_before_an_update(
    dialect: str, asked: UpdateRequest, shown: dict[str, Any], body: dict[str, Any] | None
) -> None:
    changes = driver(dialect).before(asked, {"@odata.id": UPDATE, **shown})
    assert changes == ((Change("PATCH", UPDATE, body),) if body else ())


def test_an_upload_that_another_client_reserved_is_not_taken_from_it() -> None:
    with pytest.raises(Busy, match="HttpPushUriTargetsBusy"):
        driver("generic").before(request(BARE), {"@odata.id": UPDATE, "HttpPushUriTargetsBusy": True})


@pytest.mark.parametrize("dialect", DIALECTS)
def test_only_supermicro_has_what_must_be_started(dialect: str) -> None:
    shown = {"@odata.id": UPDATE, "Actions": {"#UpdateService.StartUpdate": {"target": f"{UPDATE}/Start"}}}
    started = Change("POST", f"{UPDATE}/Start", {}) if dialect == "supermicro" else None
    assert driver(dialect).start(shown, "/redfish/v1/TaskService/Tasks/1") == started


# What is offered

INFO = "/redfish/v1/Info"
ACTION = {"#UpdateService.SimpleUpdate": {"target": PULL.uri, "@Redfish.ActionInfo": INFO}}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"Actions": None, "MultipartHttpPushUri": "", "HttpPushUri": None},
        {"Actions": {"#UpdateService.SimpleUpdate": {}}, "MultipartHttpPushUri": 7},
        {"Actions": {"Oem": {}}, "Oem": {"Hpe": {"Actions": {}}}},
    ],
)
def test_a_bmc_that_offers_nothing_has_no_method(dialect: str, shown: dict[str, Any]) -> None:
    """X10 and X11 of Supermicro are such: what was offered instead is the operation's to say."""
    assert driver(dialect).methods(service_of({}), {"@odata.id": UPDATE, **shown}) == ()


def test_what_an_action_takes_is_read_from_its_info() -> None:
    parameters = [
        {"Name": "ImageURI"},
        {"Name": "TransferProtocol", "AllowableValues": ["HTTP"]},
        {"Name": "Targets", "AllowableValues": [BMC.uri]},
        {"Name": "ForceUpdate"},
    ]
    (method,) = driver("generic").methods(
        service_of({INFO: {"@odata.id": INFO, "Parameters": parameters}}), {"@odata.id": UPDATE, "Actions": ACTION}
    )
    assert method == replace(PULL, protocols=("HTTP",), targets=(BMC.uri,), forces=True)


def test_an_action_that_lists_no_targets_takes_none() -> None:
    info = {"@odata.id": INFO, "Parameters": [{"Name": "ImageURI"}]}
    (method,) = driver("generic").methods(service_of({INFO: info}), {"@odata.id": UPDATE, "Actions": ACTION})
    assert not method.names_targets


def test_an_ilo_6_shows_its_own_action_among_the_actions() -> None:
    shown = {"Actions": {"Oem": {"Hpe": {"#HpeiLOUpdateServiceExt.AddFromUri": {"target": ADD.uri}}}}}
    assert driver("hpe").methods(service_of({}), {"@odata.id": UPDATE, **shown}) == (ADD,)
