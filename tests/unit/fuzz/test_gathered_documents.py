# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever the documents of parts hold: the plan finds what a plain reading finds, or an error of the tree."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._operations import facts, watch
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.crawl import drive
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.service import Service
from ansible_collections.openchami.bmc.plugins.module_utils._vendors import registry

from .answers import ORIGIN, Answers, connected
from .mutations import mutated, mutations
from .oracle import assert_promised, judged
from .subjects import SUBJECTS, gathered, shared

each_subject = pytest.mark.parametrize("name", SUBJECTS)


def planned(answers: Answers) -> dict[str, Any]:
    """As bmc_info does it."""
    service = Service(answers)
    return drive(facts.crawl(service.root(), ORIGIN, facts.SUBSETS), service.get)


def assert_gathered(found: dict[str, Any]) -> None:
    """The facts as promised, and of each part what holds for all."""
    assert_promised({key: value for key, value in found.items() if key not in (*facts.SUBSETS, "incomplete")})
    json.dumps(found, allow_nan=False)
    for kind, parts in found["hardware"].items():
        uris = [part["uri"] for part in parts]
        assert uris == sorted(set(uris)), kind
        assert all(isinstance(part["uri"], str) and part["uri"] for part in parts)
        assert all(part["state"] != "Absent" for part in parts)
    assert all(console["port"] or console["protocol"] == "kvm" for console in found["console"])
    assert all(entry["uri"] and entry["why"] for entry in found["incomplete"])


@each_subject
@shared
@given(data=st.data())
def test_the_plan_finds_what_a_plain_reading_finds(name: str, data: st.DataObject) -> None:
    documents = mutated(gathered(name).documents, data.draw(mutations(gathered(name))))
    answers = Answers(documents)
    found = judged(lambda: planned(answers))
    assert len(set(answers.reads)) == len(answers.reads)
    assert len(set(answers.given)) == len(answers.given)
    if found is not None:
        assert_gathered(found)
        assert found == judged(lambda: facts.gathered(connected(Answers(documents), {}), facts.SUBSETS))


@each_subject
@shared
@given(data=st.data())
def test_a_look_at_the_same_documents_tells_the_same(name: str, data: st.DataObject) -> None:
    bmc = gathered(name)
    answers = Answers(mutated(bmc.documents, data.draw(mutations(bmc))))
    driver = registry.known(bmc.facts["bmc"]["dialect"], "")

    def looked(before: dict[str, str]) -> dict[str, str]:
        answers.reads.clear()
        service = Service(answers)
        return drive(watch.crawl(service.root(), ORIGIN, driver, before), service.get)

    found = judged(lambda: looked({}))
    if found is not None:
        assert judged(lambda: looked(found)) == found
        assert len(set(answers.reads)) == len(answers.reads)
