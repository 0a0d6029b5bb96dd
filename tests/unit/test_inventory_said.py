# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory plugin says and hands over to Ansible."""

from __future__ import annotations

import runpy

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.openchami.bmc.plugins.plugin_utils import _inventory
from ansible_collections.openchami.bmc.plugins.plugin_utils._inventory import Progress, Trusting, trusted
from tests.unit.fake_clock import FakeClock


def test_progress_is_told_in_long_runs_only(capsys: pytest.CaptureFixture[str]) -> None:
    clock = FakeClock()
    progress = Progress(clock)
    for answered in range(1, 61):
        clock.sleep(0.5)
        progress(answered, answered * 2, 1000)
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "bmc_discovery: 60 of 1000 addresses, 20 BMCs answered",
        "bmc_discovery: 120 of 1000 addresses, 40 BMCs answered",
        "bmc_discovery: 180 of 1000 addresses, 60 BMCs answered",
    ]


HOSTILE = [
    "{{ 7 * 7 }}",
    "{% raw %}",
    "{# nothing #}",
    "#jinja2: variable_start_string:'[[', variable_end_string:']]'\n[[ 7 * 7 ]]",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_bmc_says_is_never_a_template(text: str) -> None:
    """On whatever ansible-core this runs: tasks and the plugins of the collection itself template host variables."""
    said = Trusting().value({"plain": ["HPE", 5, None], "hostile": [text]})
    assert said == {"plain": ["HPE", 5, None], "hostile": [text]}
    templar = Templar(loader=DataLoader(), variables={"said": said})  # type: ignore[no-untyped-call]
    assert templar.template(said) == said
    assert templar.template(trusted("{{ said.hostile[0] }}")) == text


def test_what_cannot_be_a_template_is_trusted_and_exported_plain() -> None:
    # ansible-core 2.18 knows no trust.
    tags = pytest.importorskip("ansible._internal._datatag._tags")
    value = Trusting().value({"plain": "HPE", "hostile": HOSTILE})
    assert tags.TrustedAsTemplate.is_tagged_on(value["plain"])
    assert not any(map(tags.TrustedAsTemplate.is_tagged_on, value["hostile"]))


def test_ansible_core_without_trust_is_told_what_is_unsafe(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on ansible-core 2.18, for `make test` runs on a newer one."""

    class Unsafe(str):
        __slots__ = ()

    monkeypatch.delattr("ansible.template.trust_as_template", raising=False)
    monkeypatch.setattr("ansible.utils.unsafe_proxy.wrap_var", Unsafe)
    older = runpy.run_path(_inventory.__file__, run_name=f"{_inventory.__name__}_of_2_18")
    value = older["Trusting"]().value({"plain": "HPE", "hostile": HOSTILE})
    assert value["plain"].__class__ is str
    assert {text.__class__ for text in value["hostile"]} == {Unsafe}
