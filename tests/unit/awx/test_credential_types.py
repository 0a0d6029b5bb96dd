# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The credential types of the role awx: AWX takes them, and what they inject is what the collection reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.openchami.bmc.plugins.inventory import bmc_discovery
from tests.awx.controller import Controller
from tests.awx.jobs import injected
from tests.tools.checkout import ROOT


class Loader(yaml.SafeLoader):
    """!unsafe marks text that Ansible does not template."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))  # type: ignore[arg-type]


def environment(kind: str, inputs: dict[str, str], folder: Path) -> dict[str, str]:
    variables = (ROOT / "roles" / "awx" / "vars" / "main.yml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.load(variables, Loader)["awx_credential_types"][kind]  # noqa: S506
    awx = Controller({})
    owner = awx.create("organizations", {"name": "Default"})["id"]
    made = awx.create("credential_types", {**content, "kind": "cloud"})["id"]
    credential = {"name": "BMC", "organization": owner, "credential_type": made, "inputs": inputs}
    return injected(awx, awx.create("credentials", credential)["id"], folder)


@pytest.mark.parametrize("state_dir", ["", "/srv/state"])
def test_an_account_reaches_discovery_and_jobs(tmp_path: Path, state_dir: str) -> None:
    given = {"username": "admin", "password": "{{ secret }}"} | ({"state_dir": state_dir} if state_dir else {})
    assert environment("account", given, tmp_path) == {
        "BMC_USERNAME": "admin",
        "BMC_PASSWORD": "{{ secret }}",
        "OPENCHAMI_BMC_STATE_DIR": state_dir,
    }
    options = yaml.safe_load(bmc_discovery.DOCUMENTATION)["options"]
    read = {entry["name"] for name in ("bmc_username", "bmc_password") for entry in options[name]["env"]}
    assert read == {"BMC_USERNAME", "BMC_PASSWORD"}
