# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a change in a BMC's documents may not change: facts and plans that are not read from there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BmcError
from ansible_collections.openchami.bmc.plugins.module_utils._operations.power_rules import STATES

from .answers import Answers, facts, prediction
from .mutations import ERRORS, mutated, mutations
from .oracle import judged
from .subjects import SUBJECTS, Subject, shared, subject

each_subject = pytest.mark.parametrize("name", SUBJECTS)
SECTIONS = ("systems", "managers", "chassis")


def planned(documents: Any, state: str, kind: str) -> Any:
    """A plan as data, or the error in its place."""
    try:
        result = prediction(Answers(documents), state, kind)
    except BmcError as error:
        return str(error)
    return [transition.as_data() for transition in result.transitions]


@each_subject
@shared
@given(data=st.data(), state=st.sampled_from(STATES), kind=st.sampled_from(["system", "chassis", "manager"]))
def test_what_no_operation_reads_changes_nothing(name: str, data: st.DataObject, state: str, kind: str) -> None:
    bmc = subject(name)
    changes = [change for change in data.draw(mutations(bmc, bmc.unread)) if _is_unread(bmc, change.place)]
    documents = mutated(bmc.documents, changes)
    assert facts(Answers(documents)) == bmc.facts
    assert planned(documents, state, kind) == planned(bmc.documents, state, kind)


def _is_unread(bmc: Subject, place: Any) -> bool:
    """Not the whole answer, and no page after the first: these are read."""
    return place in bmc.unread


@each_subject
@shared
@given(data=st.data(), section=st.sampled_from(SECTIONS))
def test_facts_of_one_kind_stand_whatever_is_wrong_with_another(name: str, data: st.DataObject, section: str) -> None:
    """A broken chassis may fail the task, or be shown as it is; it never changes what is said of the systems."""
    bmc = subject(name)
    places = bmc.places_in(section)
    if not places:
        return
    shown = judged(lambda: facts(Answers(mutated(bmc.documents, data.draw(mutations(bmc, places))))))
    for other in set(SECTIONS) - {section} if shown else ():
        assert shown is not None
        assert shown[other] == bmc.facts[other]


@each_subject
def test_one_broken_member_fails_loudly_and_one_that_is_not_there_is_left_out(name: str) -> None:
    """A partial answer that does not say so would be a lie; a link to nothing is common (nv-redfish bmc_quirks)."""
    bmc = subject(name)
    for section in SECTIONS:
        for entry in bmc.facts[section]:
            path = entry["uri"].rstrip("/")
            for broken in set(ERRORS) - {"404"}:
                with pytest.raises(BmcError) as error:
                    facts(Answers({**bmc.documents, path: ERRORS[broken]}))
                assert error.value is ERRORS[broken]
            rest = facts(Answers({uri: document for uri, document in bmc.documents.items() if uri != path}))
            assert rest[section] == [other for other in bmc.facts[section] if other != entry]


@each_subject
@shared
@given(data=st.data())
def test_the_order_of_members_never_matters(name: str, data: st.DataObject) -> None:
    """Cray EX lists its nodes in an order that changes."""
    bmc = subject(name)
    shuffled = dict(bmc.documents)
    for uri, document in bmc.documents.items():
        if len(document.get("Members") or ()) > 1:
            shuffled[uri] = {**document, "Members": data.draw(st.permutations(document["Members"]))}
    assert facts(Answers(shuffled)) == bmc.facts


@each_subject
@shared
@given(
    st.dictionaries(st.text(min_size=1, max_size=6).map("X{}".format), st.integers() | st.just({"a": []}), min_size=1),
    st.dictionaries(st.text(min_size=1, max_size=6).map("Site{}".format), st.just({}), min_size=1),
)
def test_properties_that_nobody_knows_change_nothing(
    name: str, properties: dict[str, Any], oem: dict[str, Any]
) -> None:
    bmc = subject(name)
    more = {
        uri: {**document, **properties, "Oem": {**oem, **(document.get("Oem") or {})}}
        for uri, document in bmc.documents.items()
    }
    assert facts(Answers(more)) == bmc.facts
