# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Unit and sanity tests, the keywords of tasks, and discovery, on each supported ansible-core: ``make matrix``."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import nox

# Each ansible-core with the oldest Python that it and the collection run on.
MATRIX = [("3.11", "2.18"), ("3.11", "2.19"), ("3.12", "2.20"), ("3.13", "2.21")]

nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
# A session whose interpreter is not installed says so and is skipped, also where CI is set.
# For make matrix that is a failure: four are not green where one was not tried.
nox.options.error_on_missing_interpreters = False

# pyenv's shims stand on PATH for versions that are not selected, and then exit with 127: put the interpreters first.
PYENV_VERSIONS = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
os.environ["PATH"] = os.pathsep.join([*map(str, sorted(PYENV_VERSIONS.glob("3.*/bin"))), os.environ["PATH"]])


@nox.session(tags=["units"])
@nox.parametrize(("python", "core"), MATRIX, ids=[f"core{core}" for _python, core in MATRIX])
def units(session: nox.Session, core: str) -> None:
    """Unit tests."""
    _equip(session, core)
    session.run("pytest", "-n", "2", "tests/unit", *session.posargs)


@nox.session(tags=["keywords"])
@nox.parametrize(("python", "core"), MATRIX, ids=[f"core{core}" for _python, core in MATRIX])
def keywords(session: nox.Session, core: str) -> None:
    """What stands on private interfaces of Ansible: keywords, what is shipped, and the inventory plugin."""
    _equip(session, core)
    files = [f"tests/integration/test_{name}.py" for name in ("keywords", "keywords_shipped", "shipping", "discovery")]
    # ansible-core 2.21 has a socket below TMPDIR, here deep in pytest's folder, and a socket's name has 107 characters.
    with tempfile.TemporaryDirectory(prefix="k") as folder:
        session.run("pytest", "-n", "2", f"--basetemp={folder}/t", *files, *session.posargs)


@nox.session(tags=["sanity"])
@nox.parametrize(("python", "core"), MATRIX, ids=[f"core{core}" for _python, core in MATRIX])
def sanity(session: nox.Session, core: str) -> None:
    """Sanity tests, on a copy of the checkout for each session."""
    session.install(f"ansible-core~={core}.0")
    session.run("python", "-m", "tests.tools.sanity", str(Path(session.create_tmp())))


def _equip(session: nox.Session, core: str) -> None:
    """What the tests need, and the collection linked into the session's own environment."""
    session.install(
        f"ansible-core~={core}.0", "-r", "requirements.txt",
        "aiohttp", "cryptography", "httptools", "hvac", "hypothesis", "jsonschema", "oras", "PyNaCl", "PyYAML",
        "pytest", "pytest-xdist",
    )  # fmt: skip
    session.run("python", "-m", "tests.tools.link_collection")
