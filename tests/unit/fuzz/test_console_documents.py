# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a BMC's documents say of consoles: an error of the tree or an answer as promised, one that can be used."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._operations import console_access, console_files
from ansible_collections.openchami.bmc.plugins.modules import bmc_console_uri
from tests.conman import directives

from .answers import Answers, connected
from .mutations import mutated, mutations
from .oracle import judged
from .subjects import SUBJECTS, gathered, shared

_RETURN = yaml.safe_load(bmc_console_uri.RETURN)["nodes"]["contains"]
_TYPES = {"str": str, "int": int, "bool": bool}
_PROMISED = {key: _TYPES[entry["type"]] for key, entry in _RETURN["consoles"]["contains"].items()}


def assert_promised(node: Mapping[str, Any]) -> None:
    assert set(node) == set(_RETURN)
    ways = node["consoles"]
    assert node["best"] == next((way for way in ways if way["enabled"]), None)
    assert [way["enabled"] for way in ways] == sorted((way["enabled"] for way in ways), reverse=True)
    for way in ways:
        assert set(way) == set(_PROMISED)
        assert all(way[key] is None or isinstance(way[key], kind) for key, kind in _PROMISED.items())
        assert urlsplit(way["uri"]).hostname == way["host"] == "bmc1"
        assert way["port"] is None or 0 < way["port"] < 65536
        assert way["max_concurrent_sessions"] is None or way["max_concurrent_sessions"] > 0
        assert way["command"] is None or "bmc1" in shlex.split(way["command"])


@pytest.mark.parametrize("name", SUBJECTS)
@shared
@given(data=st.data())
def test_consoles_of_mutated_documents(name: str, data: st.DataObject) -> None:
    answers = Answers(mutated(gathered(name).documents, data.draw(mutations(gathered(name)))))
    found = judged(lambda: console_access.nodes(connected(answers, {}), "", "admin", "host1"))
    assert len(set(answers.reads)) == len(answers.reads)
    if found is None:
        return
    json.dumps(found.nodes, allow_nan=False)
    for node in found.nodes:
        assert_promised(node)
    told = console_files.entries(console_files.merged(None, {"host1": found.nodes}, ["host1"], ["host1"]))
    lines = [entry["conman"] for entry in told if entry["conman"]]
    assert len(directives("\n".join(lines))) == len(lines)
    assert len({entry["name"] for entry in told}) == len(told) == len(found.nodes)
    assert all(entry[key].isprintable() for entry in told for key in ("ssh_note", "conman_note", "command", "uri"))
