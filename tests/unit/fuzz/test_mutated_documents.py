# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a BMC's documents hold: an error of the tree or a right answer, nothing read twice, nothing written."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._operations.power_rules import STATES
from tests.unit.json_documents import json_objects, json_values

from .answers import Answers, facts, prediction
from .mutations import mutated, mutations
from .oracle import assert_planned, assert_promised, judged
from .subjects import SUBJECTS, shared, subject

each_subject = pytest.mark.parametrize("name", SUBJECTS)
KINDS = ("system", "chassis", "manager")
MOST_ASKED_ANEW = 3


def assert_read_once(answers: Answers) -> None:
    """No URI twice, and no resource that is there twice; one that is not there may be asked for in another spelling."""
    assert len(set(answers.reads)) == len(answers.reads)
    assert len(set(answers.given)) == len(answers.given)


def assert_observed_once(answers: Answers) -> None:
    """The same, but for the question whether an update runs: UpdateService, tasks and their home are asked anew.

    Where a mutation leads these links to what was read before, that is read twice.
    """
    assert len(answers.reads) - len(set(answers.reads)) <= MOST_ASKED_ANEW
    assert len(answers.given) - len(set(answers.given)) <= MOST_ASKED_ANEW


@each_subject
def test_unharmed_documents_give_facts_and_plans(name: str) -> None:
    answers = Answers(subject(name).documents)
    assert_promised(facts(answers))
    assert_read_once(answers)
    able = subject(name).facts["capabilities"]["power"]
    assert able
    for uri, states in able.items():
        for state in states:
            judged(partial(planned, answers, state, kind_of(name, uri), uri))


def kind_of(name: str, uri: str) -> str:
    return next(kind for kind in KINDS if uri in {entry["uri"] for entry in subject(name).facts[FACTS_OF[kind]]})


def planned(answers: Answers, state: str, kind: str, uri: str) -> None:
    assert_planned(prediction(answers, state, kind, name=uri))


FACTS_OF = {"system": "systems", "chassis": "chassis", "manager": "managers"}


@each_subject
@shared
@given(data=st.data())
def test_facts_of_mutated_documents(name: str, data: st.DataObject) -> None:
    answers = Answers(mutated(subject(name).documents, data.draw(mutations(subject(name)))))
    shown = judged(lambda: facts(answers))
    if shown is not None:
        assert_promised(shown)
    assert_read_once(answers)


@each_subject
@shared
@given(
    data=st.data(),
    state=st.sampled_from(STATES),
    kind=st.sampled_from(KINDS),
    escalate=st.booleans(),
    memory=st.just({}) | json_objects("state", "settled", "time", "progress", "handle", texts=STATES),
)
def test_plans_for_mutated_documents(
    name: str, data: st.DataObject, state: str, kind: str, escalate: bool, memory: dict[str, Any]
) -> None:
    bmc = subject(name)
    ids = [entry["id"] for entry in bmc.facts[FACTS_OF[kind]]]
    named = data.draw(st.sampled_from(["", "all", *ids]) | st.text(max_size=3))
    identity = data.draw(st.sampled_from([{}, bmc.facts["bmc"]["identity"]]))
    answers = Answers(mutated(bmc.documents, data.draw(mutations(bmc))))
    asked = {"name": named, "identity": identity, "escalate": escalate, "memory": memory}
    result = judged(lambda: prediction(answers, state, kind, **asked))
    if result is not None:
        assert_planned(result)
    assert_observed_once(answers)


@each_subject
@shared
@given(data=st.data(), kind=st.sampled_from(KINDS))
def test_plans_with_any_recorded_identity(name: str, data: st.DataObject, kind: str) -> None:
    """The user's own record: any shape, or the right one with something else in it."""
    bmc = subject(name)
    right = bmc.facts["bmc"]["identity"]
    keys = (*right, *right["systems"], "uri", "reset_types")
    texts = tuple(filter(None, (right["dialect"], right["uuid"], right["serial_number"], *bmc.documents)))
    identity = data.draw(json_objects(*keys, texts=texts))
    if data.draw(st.booleans()):
        inner = {system: data.draw(json_values("uri", "uuid", texts=texts)) for system in right["systems"]}
        identity = {**right, "systems": inner, **identity}
    answers = Answers(bmc.documents)
    result = judged(lambda: prediction(answers, "force_off", kind, identity=identity))
    if result is not None:
        assert_planned(result)
    assert_observed_once(answers)
