# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Staging over TLS, seen by clients that verify, and by some that do not speak it."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from ansible_collections.openchami.bmc.plugins.module_utils._core.clock import SystemClock
from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest, LocalFailure
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.connection import Patience
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.own import OwnStage, staged
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.place import Place
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.server import Limits
from tests.simulator.certificate import issue
from tests.simulator.control import eventually
from tests.staging.client import connected, dialled, exchange, fetch, rest

from .chain import Issued

BMC, STRANGER = "127.62.0.1", "127.62.0.2"
CONTENT = os.urandom(3 << 20)


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    path = tmp_path / "staging.pem"
    path.write_bytes(issue("staging", "127.0.0.1").pem)
    return path


@pytest.fixture
def stage(tmp_path: Path, pem: Path) -> Iterator[OwnStage]:
    file = tmp_path / "bios.bin"
    file.write_bytes(CONTENT)
    limits = Limits(patience=replace(Patience(), head=1.0))
    with staged(file, BMC, Place(certificate=str(pem), key=str(pem)), SystemClock(), limits=limits) as one:
        yield one


def test_a_client_that_verifies_gets_the_file(stage: OwnStage, pem: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(pem))
    assert stage.url.startswith("https://127.0.0.1:")
    with connected(stage.url, BMC, trusting) as connection:
        first = exchange(connection, stage.url, range="bytes=0-999999")
        second = exchange(connection, stage.url, range="bytes=1000000-")
    assert first.body + second.body == CONTENT
    eventually(lambda: stage.fetched().complete)
    assert fetch(stage.url, STRANGER, context=trusting).status == 404


def test_a_client_that_knows_the_root_alone_gets_the_chain(tmp_path: Path) -> None:
    root = Issued.by(None, "root")
    intermediate = Issued.by(root, "intermediate")
    leaf = Issued.by(intermediate, "staging", "127.0.0.1")
    chain, key, ca, file = (tmp_path / name for name in ("chain.pem", "key.pem", "root.pem", "bios.bin"))
    chain.write_bytes(leaf.pem + intermediate.pem)
    key.write_bytes(leaf.key_pem)
    ca.write_bytes(root.pem)
    file.write_bytes(CONTENT)
    with staged(file, BMC, Place(certificate=str(chain), key=str(key)), SystemClock()) as stage:
        assert fetch(stage.url, BMC, context=ssl.create_default_context(cafile=str(ca))).body == CONTENT


def test_a_client_that_trusts_another_ca_gets_nothing(stage: OwnStage, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(issue("other", "127.0.0.1").pem)
    with pytest.raises(ssl.SSLCertVerificationError):
        fetch(stage.url, BMC, context=ssl.create_default_context(cafile=str(other)))
    assert not stage.fetched().begun


def test_clients_that_do_not_finish_the_handshake_hold_up_nobody(stage: OwnStage, pem: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(pem))
    with dialled(stage.url, BMC) as silent, dialled(stage.url, BMC) as plain:
        plain.sendall(f"GET {stage.offer.path} HTTP/1.1\r\n\r\n".encode())
        assert fetch(stage.url, BMC, context=trusting).body == CONTENT
        with suppress(ConnectionResetError):
            assert CONTENT[:100] not in rest(plain)
            assert rest(silent) == b""
    eventually(lambda: not stage.server._open)


def test_a_fetch_that_is_cut_off_is_not_whole(stage: OwnStage, pem: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(pem))
    with trusting.wrap_socket(dialled(stage.url, BMC), server_hostname="127.0.0.1") as connection:
        connection.sendall(f"GET {stage.offer.path} HTTP/1.1\r\n\r\n".encode())
        taken = 0
        while taken < len(CONTENT) * 0.6:
            taken += len(connection.recv(1 << 14))
    eventually(lambda: not stage.server._open)
    assert not stage.fetched().complete


def test_a_key_with_a_passphrase_is_refused_and_not_asked_for(tmp_path: Path, pem: Path) -> None:
    key = serialization.load_pem_private_key(pem.read_bytes(), None)
    locked = tmp_path / "locked.pem"
    best = serialization.BestAvailableEncryption(b"secret")
    locked.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, best))
    with pytest.raises(LocalFailure, match="certificate for staging"):
        Place(certificate=str(pem), key=str(locked)).context()


def test_half_of_what_tls_needs_is_refused(pem: Path) -> None:
    with pytest.raises(InvalidRequest, match="the key for TLS is missing"):
        Place(certificate=str(pem)).context()
    with pytest.raises(InvalidRequest, match="the certificate for TLS is missing"):
        Place(key=str(pem)).context()
