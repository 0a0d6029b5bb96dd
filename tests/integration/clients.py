# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Redfish clients that others wrote: how they are run, and what they must find in a simulated BMC."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._redfish.service import Service
from ansible_collections.openchami.bmc.plugins.module_utils._vendors import registry
from tests.integration.fleet import PASSWORD, USERNAME
from tests.simulator.profile import Layout, Reset, load_profile
from tests.unit.fuzz.answers import Answers
from tests.unit.fuzz.subjects import simulated

ROOT = Path(__file__).resolve().parents[2]
# The library requests reads them: a bundle of CAs overrules that a certificate shall not be verified.
FOREIGN_VARIABLES = ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "ALL_PROXY", "HTTPS_PROXY", "all_proxy", "https_proxy")
SECONDS = 120
# Simulated BMCs that do at once what they are asked for.
QUICK = {"on": 0.05, "graceful": 0.05, "force": 0.05, "restart": 0.05, "post": 0.05, "manager_reset": 0.2, "rest": 0.0}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a program with this Python's environment and return what came of it. Raise TimeoutExpired."""
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN_VARIABLES}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def tacklebox(script: str, address: str, *options: str) -> str:
    """Run a script of DMTF's Redfish Tacklebox against a BMC and return what it printed; it must succeed."""
    login = ("--user", USERNAME, "--password", PASSWORD, "--rhost", f"https://{address}")
    program = run(str(Path(sys.executable).with_name(script)), *login, *options)
    assert program.returncode == 0, program.stdout + program.stderr
    return program.stdout


def layout(profile: str) -> Layout:
    """What a simulated BMC of a profile consists of."""
    loaded = load_profile(profile)
    return loaded.layouts[loaded.node_counts[0]]


def resets(profile: str, action: str) -> dict[str, Reset]:
    """The Reset actions of this name, such as "Manager.Reset", by the URI of their resource."""
    suffix = f"/Actions/{action}"
    found = layout(profile).resets.items()
    return {uri.removesuffix(suffix): reset for uri, reset in found if reset.action == action}


def has_systems(profile: str) -> bool:
    """Whether a profile has systems that can be reset; a controller of chassis has none."""
    return bool(resets(profile, "ComputerSystem.Reset"))


def one_of_each_dialect(profiles: Iterable[str]) -> list[Any]:
    """Profiles for a dear test: one of each dialect, with systems where one has some; the others with --soak only."""
    seen, found = set[str](), []
    for profile in sorted(profiles, key=lambda profile: not has_systems(profile)):
        dialect = registry.detect(Service(Answers(simulated(profile)))).dialect
        found.append(pytest.param(profile, marks=pytest.mark.soak if dialect in seen else ()))
        seen.add(dialect)
    return found


def chosen(parameters: Iterable[Any], config: pytest.Config) -> list[str]:
    """The profiles that a run of `make test`, or of `make soak`, looks at."""
    everything = config.getoption("--soak")
    return [parameter.values[0] for parameter in parameters if everything or not parameter.marks]
