# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of the fleet hold whatever a BMC wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from ansible_collections.openchami.bmc.plugins.module_utils._entry import fleet_report
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import typed
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Task
from ansible_collections.openchami.bmc.plugins.module_utils._operations.fleet import fleet
from ansible_collections.openchami.bmc.plugins.plugin_utils._fleet_page import page
from tests.integration.discovered import facts, hosts


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (text, text)
        for text in ("\x00\x7f", "\x85\u2028", "\ufeff", "\U0001f5a5", "yes", "!!python/name:os.system", "9" * 5000)
    ]
    + [("a\ud800b", "a?b")],
)
def test_files_hold_what_a_bmc_wrote(tmp_path: Path, text: str, kept: str) -> None:
    told = facts(model=text, vendor=text, firmware_version=text, serial_number=text, power_state=text, health=text)
    found = fleet(hosts("bmc1", told, "10.0.0.1", incomplete=[{"uri": text, "why": text}]).items())
    options = typed(fleet_report.ARGUMENT_SPEC, {"output": str(tmp_path)})
    result = fleet_report.run(options, Task(""), found, page)
    assert sorted(map(str, tmp_path.glob("fleet.*"))) == sorted(result["files"])
    data = json.loads((tmp_path / "fleet.json").read_bytes())
    assert data["bmcs"][0]["model"] == kept
    assert data["bmcs"][0]["incomplete"] == [{"uri": kept, "why": kept}]
    assert yaml.safe_load((tmp_path / "fleet.yml").read_bytes()) == data
    assert all(line.isprintable() for line in result["lines"])
