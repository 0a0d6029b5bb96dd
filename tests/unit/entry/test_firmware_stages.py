# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a BMC fetches from, as the options of bmc_firmware say it."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.clock import SystemClock
from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest, LocalFailure
from ansible_collections.openchami.bmc.plugins.module_utils._entry.firmware_options import ARGUMENT_SPEC, stages_of
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import validated
from ansible_collections.openchami.bmc.plugins.module_utils._operations.firmware.image import file_image
from ansible_collections.openchami.bmc.plugins.module_utils._operations.firmware.stages import Stages
from tests.simulator.certificate import issue
from tests.staging.client import fetch

BMC, BEHIND_NAT, HEAD = "127.63.0.1", "127.63.0.9", "127.63.0.7"
CONTENT = b"firmware" * 1000


def stages(file: Path, **options: Any) -> Stages:
    account = {"bmc_address": BMC, "bmc_username": "admin", "bmc_password": "secret"}
    return stages_of(validated(ARGUMENT_SPEC, account | options), file_image(str(file), "bios", "2.0"), SystemClock())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bios.bin"
    path.write_bytes(CONTENT)
    return path


def test_task_serves_at_the_port_under_the_name_to_the_clients_and_with_the_certificate(
    file: Path, tmp_path: Path
) -> None:
    pem = tmp_path / "staging.pem"
    pem.write_bytes(issue("staging", HEAD).pem)
    with socket.create_server(("", 0)) as free:
        port = free.getsockname()[1]
    secure = {"stage_certificate": str(pem), "stage_private_key": str(pem)}
    found = stages(file, stage_port=str(port), stage_advertise=HEAD, stage_clients=[BEHIND_NAT], **secure)
    image = file_image(str(file), "bios", "2.0")
    assert (found.protocol, found.shown(image)) == ("HTTPS", f"https://{HEAD}:{port}/…/bios.bin")
    trusting = ssl.create_default_context(cafile=str(pem))
    with found.open(image) as stage:
        assert stage.url.startswith(f"https://{HEAD}:{port}/")
        assert fetch(stage.url, BEHIND_NAT, context=trusting).body == CONTENT
        assert fetch(stage.url, BMC, context=trusting).status == 404


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"stage_port": "x"}, "port 'x' is no port"),
        ({"stage_certificate": "/pem"}, "key for TLS is missing"),
        ({"stage": {"url": "http://x/y"}}, "not what bmc_staging returned"),
        ({"stage": {"url": "http://x/y"}, "stage_url": "http://x/"}, "both set"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_meant_is_said(file: Path, options: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidRequest, match=says):
        stages(file, **options)


def test_what_is_not_staged_any_more_is_refused_before_anything_is_sent(file: Path, tmp_path: Path) -> None:
    image = file_image(str(file), "bios", "2.0")
    where = {"control": str(tmp_path / "gone"), "machine": socket.gethostname(), "origin": "http://10.1.1.1:8080"}
    url = "http://10.1.1.1:8080/0123456789abcdef0123456789abcdef/bios.bin"
    staged = {"host": "node1", "url": url, "found": True, "digest": image.digest(), "lasts": False, **where}
    with pytest.raises(LocalFailure, match="not staged any more"), stages(file, stage=staged).open(image):
        raise AssertionError("the BMC would be told a URL that leads nowhere")
