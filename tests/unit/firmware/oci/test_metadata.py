# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The metadata's form, as the code and the schema in docs/ have it: they agree on any document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BadArtifact
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.metadata import REBOOTS, metadata_of

from .artifacts import COMPONENT, DOCUMENT

SCHEMA = json.loads((Path(__file__).parents[4] / "docs/firmware-bundle-metadata.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

words = st.sampled_from(["x9000", "a b", "nc:*:*:*", "", " ", " a", "a,b", "a;b", "a\tb", "x" * 201, "\u00e9", 5, None])
components = st.fixed_dictionaries(
    {},
    optional={
        "component": words,
        "version": words,
        "compatible_hardware": st.lists(words, max_size=3) | words,
        "reboot": st.sampled_from([*REBOOTS, "", "Host", 5, [], None]),
        "expected_duration": st.sampled_from([0, 900, 604800, 604801, -1, True, "5", 1.5, None]),
        "inventory_ids": st.lists(words, max_size=3) | words,
        "unknown": words,
    },
)
good = components.map(lambda change: COMPONENT | change)
documents = st.fixed_dictionaries(
    {},
    optional={
        "version": words,
        "components": st.lists(good | components | words, max_size=3) | words,
        "order": st.lists(words | st.sampled_from(["bmc", "bios"]), max_size=3) | words,
    },
)


@given(documents | documents.map(lambda change: DOCUMENT | change))
def test_code_and_schema_agree(document: dict[str, Any]) -> None:
    try:
        metadata = metadata_of(document)
    except BadArtifact as refused:
        why = refused.why
        # That an order names a component of the bundle is more than a schema can say.
        assert not VALIDATOR.is_valid(document) or "which no component is" in why
    else:
        assert VALIDATOR.is_valid(document)
        assert metadata_of(metadata.document()) == metadata
        assert VALIDATOR.is_valid(metadata.document())


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert tuple(SCHEMA["$defs"]["component"]["properties"]["reboot"]["enum"]) == REBOOTS


def ordered(*names: str, order: list[str] | None = None) -> list[str]:
    """The components of a bundle, in which they are updated."""
    entries = [{**COMPONENT, "component": name} for name in names]
    document = {**DOCUMENT, "components": entries} | ({} if order is None else {"order": order})
    metadata = metadata_of(document)
    assert metadata_of(metadata.document()) == metadata
    return [component.component for component in metadata.components]


@pytest.mark.parametrize(
    ("names", "order", "expected"),
    [
        (("bios", "bmc"), None, ["bmc", "bios"]),
        (("BIOS", "BMC"), None, ["BMC", "BIOS"]),
        (("nic", "bios", "psu", "bmc", "nic"), None, ["bmc", "bios", "nic", "psu", "nic"]),
        (("bmc", "bios"), ["bios", "bmc"], ["bios", "bmc"]),
        (("bios", "cpld", "bmc"), ["cpld"], ["cpld", "bmc", "bios"]),
        (("bios", "bmc"), [], ["bmc", "bios"]),
        (("Bios", "bmc"), ["bios"], ["Bios", "bmc"]),
    ],
)
def test_bmc_before_bios_unless_the_bundle_says_else(
    names: tuple[str, ...], order: list[str] | None, expected: list[str]
) -> None:
    assert ordered(*names, order=order) == expected


@pytest.mark.parametrize(
    ("order", "why"),
    [
        (["bois"], r"order: bois, which no component is"),
        (["bmc", "BMC"], r"order: BMC is named twice"),
        ("bmc", r"order: a list of 0 to 64 is needed"),
        ([5], r"order: texts"),
    ],
)
def test_an_order_that_cannot_be_meant_is_refused(order: Any, why: str) -> None:
    with pytest.raises(BadArtifact, match=why):
        metadata_of({**DOCUMENT, "order": order})


def test_the_place_is_named() -> None:
    with pytest.raises(BadArtifact, match=r"components\[1\]\.reboot: one of none, manager"):
        metadata_of({**DOCUMENT, "components": [COMPONENT, {**COMPONENT, "reboot": "maybe"}]})
