# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Maker and dialect of every simulated and recorded BMC: the same in whatever order and with whatever else it says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._redfish.service import Service
from ansible_collections.openchami.bmc.plugins.module_utils._vendors import registry
from ansible_collections.openchami.bmc.plugins.module_utils.vendor_api.v1 import Evidence

from .answers import Answers
from .subjects import SUBJECTS, shared, subject

each_subject = pytest.mark.parametrize("name", SUBJECTS)
DRIVERS = [driver() for dialect, driver in registry._DRIVERS.items() if dialect != "generic"]
MAKERS = ("HPE", "Dell Inc.", "Supermicro", "NVIDIA", "Lenovo", "Cray Inc", "Somebody", "", None)


def evidence_of(name: str) -> Evidence:
    service = Service(Answers(subject(name).documents))
    return Evidence(service.root(), service.collection("Managers"), service.collection("Systems"))


def recognised(evidence: Evidence) -> list[str]:
    """The dialects of all drivers that recognise the BMC."""
    return [driver.dialect for driver in DRIVERS if driver.recognises(evidence)]


def dialect_of(name: str) -> list[str]:
    shown = subject(name).facts["bmc"]["dialect"]
    return [] if shown == "generic" else [shown]


@each_subject
def test_never_two_drivers_want_one_bmc(name: str) -> None:
    assert recognised(evidence_of(name)) == dialect_of(name)


@each_subject
def test_what_shows_early_is_what_shows_in_the_end(name: str) -> None:
    """With the root alone, and with each further manager: nobody, or the dialect that complete evidence shows."""
    whole = evidence_of(name)
    managers = whole.managers or ()
    for count in range(-1, len(managers) + 1):
        early = Evidence(whole.root, managers[:count] if count >= 0 else None)
        assert recognised(early) in ([], dialect_of(name))


@each_subject
@shared
@given(data=st.data())
def test_order_of_managers_and_systems_does_not_matter(name: str, data: st.DataObject) -> None:
    whole = evidence_of(name)
    orders = [data.draw(st.permutations(documents or ())) for documents in (whole.managers, whole.systems)]
    other = Evidence(whole.root, *map(tuple, orders))
    driver = registry.known(subject(name).facts["bmc"]["dialect"], "")
    assert recognised(other) == dialect_of(name)
    assert driver.inventory.maker(other) == subject(name).facts["bmc"]["vendor"]


@each_subject
@shared
@given(st.lists(st.sampled_from(MAKERS), min_size=9, max_size=9))
def test_who_made_the_systems_does_not_change_the_dialect(name: str, makers: list[Any]) -> None:
    whole = evidence_of(name)
    systems = tuple(
        {**system, "Manufacturer": maker} for system, maker in zip(whole.systems or (), makers, strict=False)
    )
    assert recognised(Evidence(whole.root, whole.managers, systems)) == dialect_of(name)


@each_subject
@pytest.mark.parametrize("dialect", [*(driver.dialect for driver in DRIVERS), "generic"])
def test_the_maker_is_not_told_from_the_dialect(name: str, dialect: str) -> None:
    """Any driver but one that knows its only maker says the same of who made the machine."""
    said = registry.known(dialect, "").inventory.maker(evidence_of(name))
    assert said == ("cray" if dialect == "cray" else registry.known("generic", "").inventory.maker(evidence_of(name)))
