# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""curl and wget fetch what is staged: clients that nobody here wrote, and BMCs have in their firmware."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.clock import SystemClock
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.own import OwnStage, staged
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.place import Place
from tests.simulator.certificate import issue
from tests.simulator.control import eventually

BMC, STRANGER = "127.64.0.1", "127.64.0.2"
CONTENT = os.urandom(2 << 20)


@pytest.fixture(params=["http", "https"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OwnStage]:
    file, pem = tmp_path / "bios.bin", tmp_path / "staging.pem"
    file.write_bytes(CONTENT)
    pem.write_bytes(issue("staging", "127.0.0.1").pem)
    place = Place(certificate=str(pem), key=str(pem)) if request.param == "https" else Place()
    with staged(file, BMC, place, SystemClock()) as one:
        yield one


def ran(folder: Path, *command: str) -> subprocess.CompletedProcess[bytes]:
    """A client's run, without settings of who runs the tests."""
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=60, check=False)


def curl(stage: OwnStage, folder: Path, *options: str, source: str = BMC) -> bytes:
    """What curl prints: the status, and before it whatever the options ask for."""
    common = ("-sS", "--cacert", str(folder / "staging.pem"), "--interface", source, "-w", "%{http_code}")
    program = ran(folder, "curl", *common, *options, stage.url)
    assert program.returncode == 0, program.stderr
    return program.stdout


def wget(stage: OwnStage, folder: Path, *options: str) -> None:
    common = ("-q", "--ca-certificate", str(folder / "staging.pem"), "--bind-address", BMC, "--tries", "1")
    program = ran(folder, "wget", *common, *options, stage.url)
    assert program.returncode == 0, program.stderr


def test_curl_fetches_the_file(stage: OwnStage, tmp_path: Path) -> None:
    assert curl(stage, tmp_path, "-o", "got") == b"200"
    assert (tmp_path / "got").read_bytes() == CONTENT
    eventually(lambda: stage.fetched().complete)
    assert stage.fetched().gets == 1


def test_curl_with_http_1_0_fetches_the_file(stage: OwnStage, tmp_path: Path) -> None:
    assert curl(stage, tmp_path, "--http1.0", "-o", "got") == b"200"
    assert (tmp_path / "got").read_bytes() == CONTENT
    eventually(lambda: stage.fetched().complete)


def test_curl_looks_first_then_fetches_in_parts_on_one_connection(stage: OwnStage, tmp_path: Path) -> None:
    head = curl(stage, tmp_path, "-I")
    assert f"Content-Length: {len(CONTENT)}".encode() in head
    assert b"Accept-Ranges: bytes" in head
    assert not stage.fetched().complete
    (tmp_path / "got").write_bytes(CONTENT[:100])
    assert curl(stage, tmp_path, "-C", "-", "-o", "got") == b"206"
    assert (tmp_path / "got").read_bytes() == CONTENT
    url, first = stage.url, ("-r", "0-99", "-w", "%{num_connects} ", "-o", "/dev/null")
    options = ("-sS", "--cacert", str(tmp_path / "staging.pem"), "--interface", BMC)
    program = ran(tmp_path, "curl", *options, *first, url, "--next", *options, *first, url)
    assert program.stdout == b"1 0 "
    eventually(lambda: stage.fetched().complete)


def test_curl_hears_what_there_is_not(stage: OwnStage, tmp_path: Path) -> None:
    assert curl(stage, tmp_path, "-r", f"{len(CONTENT)}-", "-o", "/dev/null") == b"416"
    assert curl(stage, tmp_path, "-r", "0-1,5-6", "-o", "whole") == b"200"
    assert (tmp_path / "whole").stat().st_size == len(CONTENT)
    assert curl(stage, tmp_path, "-o", "/dev/null", source=STRANGER) == b"404"
    assert curl(stage, tmp_path, "-d", "x", "-o", "/dev/null") == b"405"


@pytest.mark.parametrize("stage", ["https"], indirect=True)
def test_curl_does_not_trust_without_the_ca(stage: OwnStage, tmp_path: Path) -> None:
    program = ran(tmp_path, "curl", "-sS", "--interface", BMC, stage.url)
    assert b"certificate" in program.stderr
    assert not stage.fetched().begun


def test_wget_fetches_and_goes_on_where_it_was_cut_off(stage: OwnStage, tmp_path: Path) -> None:
    wget(stage, tmp_path, "-O", "got")
    assert (tmp_path / "got").read_bytes() == CONTENT
    (tmp_path / "bios.bin.part").write_bytes(CONTENT[: len(CONTENT) // 2])
    wget(stage, tmp_path, "-c", "-O", "bios.bin.part")
    assert (tmp_path / "bios.bin.part").read_bytes() == CONTENT
    eventually(lambda: stage.fetched().complete)
    assert stage.fetched().ranged == 1
