# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pins: read, recorded at the first meeting, and never doubted in silence."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    InvalidRequest,
    LocalFailure,
    Unreachable,
)
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin
from ansible_collections.openchami.bmc.plugins.module_utils._transport.tls import (
    Trust,
    observed_fingerprint,
    parse_fingerprint,
    pin_on_first_use,
    ssl_context,
)
from tests.simulator.certificate import Certificate

from .scripted_server import ScriptedServer, certificate

PIN = "0123456789abcdef" * 4
FIRST_USE = """
import sys
from pathlib import Path
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin
from ansible_collections.openchami.bmc.plugins.module_utils._transport.tls import pin_on_first_use
print(pin_on_first_use(Origin("https", "127.0.0.1", int(sys.argv[1])), Path(sys.argv[2]), 10.0))
"""


@pytest.mark.parametrize(
    "text",
    [PIN, PIN.upper(), f" {PIN}\n", f"SHA256:{PIN}", f"sha256={PIN}", f"SHA-256:{PIN}",
     ":".join(PIN[place : place + 2].upper() for place in range(0, 64, 2))],
)  # fmt: skip
def test_fingerprint_is_read_in_every_usual_form(text: str) -> None:
    assert parse_fingerprint(text) == PIN


@pytest.mark.parametrize("text", ["", PIN[:-1], PIN + "0", "g" * 64, f"SHA1:{PIN[:40]}", "trust-on-first-sight"])
def test_what_is_no_fingerprint_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="is not a SHA-256 fingerprint"):
        parse_fingerprint(text)


def test_context_is_made_once_for_a_decision() -> None:
    assert ssl_context(Trust(validate=False)) is ssl_context(Trust(fingerprint=PIN))
    assert ssl_context(Trust()) is ssl_context(Trust())
    assert ssl_context(Trust()) is not ssl_context(Trust(validate=False))


def test_fingerprint_is_observed_without_a_request(server: ScriptedServer) -> None:
    assert observed_fingerprint(server.origin, 5.0) == certificate().sha256
    assert not server.requests


def test_first_use_records_what_is_shown_and_later_uses_ask_nobody(server: ScriptedServer, tmp_path: Path) -> None:
    pins = tmp_path / "state" / "pins"
    assert pin_on_first_use(server.origin, pins, 5.0) == certificate().sha256
    assert pin_on_first_use(server.origin, pins, 5.0) == certificate().sha256
    assert server.connections == 1
    assert [file.name for file in pins.iterdir()] == [f"127.0.0.1_{server.origin.port}"]


def test_pin_of_each_origin_is_its_own(server: ScriptedServer, tmp_path: Path) -> None:
    (tmp_path / f"127.0.0.2_{server.origin.port}").write_text(PIN, encoding="utf-8")
    (tmp_path / "127.0.0.1_443").write_text(PIN, encoding="utf-8")
    assert pin_on_first_use(server.origin, tmp_path, 5.0) == certificate().sha256


@pytest.mark.parametrize("content", [b"", b"half a pin", PIN[:30].encode(), b"\xff\xfe\x00\x81"])
def test_damaged_pin_is_never_replaced_in_silence(server: ScriptedServer, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / f"127.0.0.1_{server.origin.port}"
    file.write_bytes(content)
    with pytest.raises(LocalFailure, match="the recorded pin is damaged"):
        pin_on_first_use(server.origin, tmp_path, 5.0)
    assert file.read_bytes() == content
    assert server.connections == 0


def test_nothing_is_recorded_of_who_cannot_be_reached(tmp_path: Path) -> None:
    with ScriptedServer() as gone:
        origin = gone.origin
    with pytest.raises(Unreachable):
        pin_on_first_use(origin, tmp_path, 5.0)
    assert not list(tmp_path.iterdir())


def test_pin_that_cannot_be_kept_is_a_local_failure(server: ScriptedServer, tmp_path: Path) -> None:
    in_the_way = tmp_path / "pins"
    in_the_way.write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(LocalFailure, match="the pin could not be kept"):
        pin_on_first_use(server.origin, in_the_way, 5.0)


def test_first_of_two_processes_that_meet_at_once_decides_for_both(tmp_path: Path) -> None:
    both_are_here = threading.Barrier(2, timeout=30)

    def one_certificate_each(number: int) -> Certificate:
        both_are_here.wait()
        return certificate("scripted" if number == 1 else "another")

    with ScriptedServer(choose=one_certificate_each) as server:
        command = [sys.executable, "-c", FIRST_USE, str(server.origin.port), str(tmp_path)]
        processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _process in range(2)]
        pins = {process.communicate(timeout=30)[0].strip() for process in processes}
    assert len(pins) == 1
    assert pins < {certificate("scripted").sha256, certificate("another").sha256}
    assert [file.name for file in tmp_path.iterdir()] == [f"127.0.0.1_{server.origin.port}"]


def test_pin_that_another_process_recorded_meanwhile_stands(tmp_path: Path) -> None:
    def recorded_meanwhile(_number: int) -> Certificate:
        (tmp_path / f"127.0.0.1_{server.origin.port}").write_text(PIN, encoding="utf-8")
        return certificate()

    with ScriptedServer(choose=recorded_meanwhile) as server:
        assert pin_on_first_use(server.origin, tmp_path, 5.0) == PIN


def test_origin_that_is_an_ipv6_address_has_a_pin_file_too(tmp_path: Path) -> None:
    (tmp_path / "fd00__1_443").write_text(PIN, encoding="utf-8")
    assert pin_on_first_use(Origin("https", "fd00::1", 443), tmp_path, 5.0) == PIN
