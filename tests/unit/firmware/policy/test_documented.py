# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/firmware-policy.md: the policy to begin with is one, and every reason stands there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import yaml

from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy import verdict
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy.document import policies

from .signers import signer

DOCS = Path(__file__).parents[4] / "docs"
PAGE = (DOCS / "firmware-policy.md").read_text()


def test_the_policy_to_begin_with(tmp_path: Path) -> None:
    text = re.findall(r"```yaml\n(verification_policies:.*?)```", PAGE, re.DOTALL)[0]
    for name in ("vendor", "site"):
        (tmp_path / f"{name}.pub").write_text(signer(name).public)
    document = yaml.safe_load(text.replace("/etc/openchami/keys", str(tmp_path)))["verification_policies"]
    (found,) = policies(document)
    jsonschema.validate(document, json.loads((DOCS / "firmware-policy.schema.json").read_text()))
    assert [entry.expires for entry in found.attestations] == [False, False, True, False]
    assert all(entry.authorities for entry in found.attestations)


def test_every_reason_is_explained() -> None:
    constants = {value for name, value in vars(verdict).items() if name.isupper() and isinstance(value, str)}
    table = PAGE.partition("| reason | what to do |")[2]
    assert set(re.findall(r"`([a-z_]+)`", table.partition("\n\n")[0])) - {"authority"} == constants
