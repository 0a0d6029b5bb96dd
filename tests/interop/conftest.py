# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real server in the place of the stand-in. `make interop` brings it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.openbao_server import OpenBao
from tests.unit.credentials.conftest import ask, resolver

__all__ = ["ask", "resolver"]

PROGRAM = Path(sys.executable).with_name("bao")
TOOLS = Path(__file__).parents[2] / ".cache" / "interop"
"""What `make interop` fetched: programs of Go in bin, libraries of npm in node."""


@pytest.fixture(scope="session")
def openbao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBao]:
    with OpenBao(PROGRAM, tmp_path_factory.mktemp("openbao")) as server:
        yield server


@pytest.fixture
def vault(openbao: OpenBao) -> OpenBao:
    openbao.clear()
    openbao.mount("secret", 1)
    return openbao


@pytest.fixture(scope="session")
def node() -> Path:
    """The folder with oracle.mjs and what it needs."""
    folder = TOOLS / "node"
    if not (folder / "node_modules").exists():
        pytest.skip("npm did not fetch sigstore's libraries")
    shutil.copy(Path(__file__).parent / "sigstore_js" / "oracle.mjs", folder)
    return folder


@pytest.fixture(scope="session")
def cosign() -> Path:
    """The program."""
    program = TOOLS / "bin" / "cosign"
    if not program.exists():
        pytest.skip("Go did not build cosign")
    return program


@pytest.fixture(scope="session")
def oras() -> Path:
    """The program."""
    program = TOOLS / "bin" / "oras"
    if not program.exists():
        pytest.skip("Go did not build oras")
    return program
