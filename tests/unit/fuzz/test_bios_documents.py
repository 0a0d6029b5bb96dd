# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever the documents of a BIOS hold: an error of the tree or a sound plan, nothing read twice, nothing written."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._operations import facts
from ansible_collections.openchami.bmc.plugins.module_utils._operations.bios import operation as bios
from ansible_collections.openchami.bmc.plugins.module_utils._operations.bios.plan import ApplyTime
from ansible_collections.openchami.bmc.plugins.module_utils._operations.bios.request import BiosRequest
from ansible_collections.openchami.bmc.plugins.module_utils._operations.settlement import Patience
from tests.trees.archives import each
from tests.unit.fake_clock import FakeClock

from .answers import Answers, OpenGate, connected
from .mutations import mutated, mutations
from .oracle import judged
from .subjects import Subject, bios_read, shared

PROFILES = (
    "hpe_ilo5", "dell_idrac9", "lenovo_xcc", "supermicro_x13", "cray_ex_nc", "ami_gigabyte", "nvidia_gh200", "openbmc",
)  # fmt: skip
RECORDED = ("hpe-ilo5-dl385gen10plusv2", "cray-ex425-nc")
each_subject = pytest.mark.parametrize("name", [*PROFILES, *each(*RECORDED)])


@cache
def subject(name: str) -> Subject:
    return bios_read(name)


def predicted(answers: Answers, **asked: Any) -> bios.BiosResult:
    """What bmc_bios predicts of an answering BMC."""
    request: dict[str, Any] = {
        "attributes": {},
        "reset_to_default": False,
        "clear_pending": False,
        "reboot": "never",
        "validate": True,
        **asked,
    }
    return bios.run(
        connected(answers, {}),
        BiosRequest(
            when=ApplyTime(),
            restart="soft_restart",
            name="all",
            identity={},
            patience=Patience(60.0, 2.0, waits=True),
            restart_timeout=60.0,
            check_mode=True,
            **request,
        ),
        OpenGate({}),
        FakeClock(),
    )


def assert_sound(result: bios.BiosResult) -> None:
    """Each write is one that can be sent."""
    for write in result.plan:
        assert write.method in ("PATCH", "POST", "DELETE")
        assert write.uri
        json.dumps(write.as_data(), allow_nan=False)


@each_subject
@shared
@given(data=st.data())
def test_plans_of_mutated_documents(name: str, data: st.DataObject) -> None:
    answers = Answers(mutated(subject(name).documents, data.draw(mutations(subject(name)))))
    names = sorted(data.draw(st.sets(st.sampled_from(known(name)), max_size=3)))
    value: Any = data.draw(st.sampled_from([True, "Disabled", "60", 7, None, "yes", 1.5, [], {}]))
    asked: dict[str, Any] = data.draw(
        st.sampled_from(
            [
                {"attributes": dict.fromkeys(names, value)},
                {"attributes": dict.fromkeys(names, value), "validate": False},
                {"clear_pending": True},
                {"reset_to_default": True},
            ]
        )
    )
    result = judged(lambda: predicted(answers, **asked))
    if result is not None and not isinstance(value, (list, dict)):
        assert_sound(result)
    assert len(set(answers.given)) == len(answers.given)


@cache
def known(name: str) -> tuple[str, ...]:
    """Attributes of the unharmed BIOS, and one that it does not have."""
    shown = facts.gathered(connected(Answers(subject(name).documents), {}), ["bios"])["bios"]
    return (*(attribute for entry in shown for attribute in list(entry["attributes"])[:5]), "NotThere")


@each_subject
@shared
@given(data=st.data())
def test_facts_of_mutated_documents(name: str, data: st.DataObject) -> None:
    answers = Answers(mutated(subject(name).documents, data.draw(mutations(subject(name)))))
    shown = judged(lambda: facts.gathered(connected(answers, {}), ["bios"]))
    for entry in shown["bios"] if shown is not None else ():
        assert set(entry) == {
            "system", "uri", "settings_uri", "attributes", "pending", "reset_to_default_pending", "apply_times",
            "registry",
        }  # fmt: skip
        assert entry["pending"].keys() <= entry["attributes"].keys()
