# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What counts as drift, and what a run may mend: only classes switched on, never more BMCs than the budget."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._operations import drift, drift_report
from ansible_collections.openchami.bmc.plugins.module_utils._operations.drift import CLASSES, Host, Mend, choose, once
from tests.integration.bios_cases import ASKED

from .simulated_bios import BiosBox

FAILED = {"failed": True, "msg": "node1: it was refused"}


def setting(name: str, state: str = "changed", *, pending: bool = False) -> dict[str, Any]:
    return {"name": name, "state": state, "before": [], "after": ["a"], "pending": pending, "note": ""}


def settings(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"settings": list(entries)}


def bios(
    *, written: tuple[str, ...] = (), waiting: tuple[str, ...] = (), active: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A prediction of bmc_bios: what it would write, what waits already, what is active."""
    off: dict[str, Any] = {"before": "Off", "after": "Off", "pending_before": None, "pending": "On"}
    told = dict.fromkeys(written, off) | dict.fromkeys(waiting, off | {"pending_before": "On"})
    told |= dict.fromkeys(active, off | {"before": "On", "after": "On", "pending": None})
    uri = "/redfish/v1/Systems/1/Bios"
    body = {"Attributes": dict.fromkeys(written, "On")}
    plan = [{"method": "PATCH", "uri": f"{uri}/Settings", "body": body}] if written else []
    return {"systems": [{"id": "1", "bios_uri": uri, "attributes": told}], "plan": plan}


def host(name: str = "h1", bmc: str = "", **results: Any) -> Host:
    return Host(name, bmc or f"bmc of {name}", "", **results)


def kinds(of: Host) -> dict[str, str]:
    return {found.name: found.kind for found in of.drifts()}


def test_the_class_says_what_is_missing() -> None:
    found = host(
        settings=settings(
            setting("ntp.servers"),
            setting("hostname", "unchanged"),
            setting("dns.servers", "unchanged", pending=True),
            setting("timezone", "unsupported"),
        ),
        bios=bios(written=("A",), waiting=("B",), active=("C",)),
    )
    assert kinds(found) == {
        "ntp.servers": "settings",
        "dns.servers": "manager_resets",
        "A": "bios_staging",
        "B": "reboots",
    }
    assert found.lacking() == ("timezone",)


@pytest.mark.parametrize("profile", ASKED)
def test_a_contrary_value_that_waits_is_drift_and_a_restart_alone_does_not_come(profile: str) -> None:
    """The next boot would make it wrong; beside it another value waits as it is described."""
    box, waiting = BiosBox.of(profile), dict(ASKED[profile].sent)
    name = next(iter(waiting))
    wanted = {**waiting, name: box.state.active[name]}
    box.state.set_truth({"waiting": waiting, "job": bool(box.state.bios.jobs)}, "")
    found = host(bios=box.task(check_mode=True, attributes=wanted))
    # An iDRAC's job holds both, and is replaced.
    other = drift.STAGING if box.state.bios.jobs else drift.REBOOTS
    assert kinds(found) == {name: drift.STAGING, **dict.fromkeys(set(waiting) - {name}, other)}
    (told,) = [entry for entry in found.drifts() if entry.name == name]
    assert (told.now, told.wanted) == (waiting[name], wanted[name])
    assert choose([found], [drift.REBOOTS], 9, []).mends == {}
    choice = choose([found], [drift.STAGING], 9, [])
    assert choice.mends == {"h1": Mend(stage=True)}
    mended = replace(found, bios_mended=box.task(attributes=wanted))
    rows = drift_report.rows([mended], choice, [drift.STAGING], check_mode=False)
    assert [row.outcome for row in rows if row.drift.name == name] == ["mended"]
    box.boot()
    assert host(bios=box.task(check_mode=True, attributes=wanted)).drifts() == ()


def test_a_host_that_is_not_known_has_no_drift_and_is_never_mended() -> None:
    for results in ({"settings": FAILED}, {"bios": {**FAILED, "unreachable": True}}):
        told: dict[str, Any] = {"settings": settings(setting("a")), "bios": bios(written=("A",)), **results}
        found = host(**told)
        assert found.why_unknown() == "node1: it was refused"
        assert choose([found], CLASSES, 9, []).mends == {}


EVERY = list(chain.from_iterable(combinations(CLASSES, count) for count in range(5)))


@pytest.mark.parametrize("classes", EVERY, ids="+".join)
@pytest.mark.parametrize("of_settings", [(), ("new",), ("waits",), ("new", "waits")], ids="+".join)
@pytest.mark.parametrize("of_bios", [(), ("new",), ("waits",), ("new", "waits")], ids="+".join)
def test_nothing_of_a_class_that_is_off_is_ever_mended(
    classes: tuple[str, ...], of_settings: tuple[str, ...], of_bios: tuple[str, ...]
) -> None:
    entries = [setting("a")] if "new" in of_settings else []
    entries += [setting("b", "unchanged", pending=True)] if "waits" in of_settings else []
    found = host(
        settings=settings(*entries),
        bios=bios(written=("A",) if "new" in of_bios else (), waiting=("B",) if "waits" in of_bios else ()),
    )
    mend = choose([found], classes, 1, []).mends.get("h1", Mend())
    assert all(kind in classes for kind in CLASSES if mend.covers(kind))
    assert mend.settings == ("settings" in classes and "new" in of_settings)
    assert mend.stage == ("bios_staging" in classes and "new" in of_bios)
    # A restart is no way to write what is off.
    assert not mend.reboot or mend.stage or "new" not in of_bios
    assert not mend.reset or mend.settings or "new" not in of_settings


@given(
    st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.booleans()), max_size=20),
    st.sets(st.sampled_from(CLASSES)),
    st.integers(0, 8),
    st.integers(1, 5),
)
def test_the_budget_holds_whatever_the_hosts_and_batches(
    told: list[tuple[int, bool, bool]], classes: set[str], budget: int, batch: int
) -> None:
    """Batches know what earlier ones have spent."""
    hosts = once(
        host(
            f"h{number}",
            f"bmc{bmc}",
            settings=settings(setting("a")) if drifts else settings(),
            bios=bios(written=("A",)),
            protected=protected,
        )
        for number, (bmc, drifts, protected) in enumerate(told)
    )
    spent: list[str] = []
    for begin in range(0, len(hosts), batch):
        part = hosts[begin : begin + batch]
        choice = choose(part, classes, budget, spent)
        assert not any(found.protected for found in part if found.name in choice.mends)
        spent = list(dict.fromkeys([*spent, *(found.bmc for found in part if found.name in choice.mends)]))
    assert len(spent) <= budget


def test_a_bmc_that_two_hosts_lead_to_is_told_of_and_mended_once() -> None:
    both: dict[str, Any] = {"settings": settings(setting("a")), "bios": bios(written=("A",))}
    first, same, sibling = (Host(name, "bmc1", node, **both) for name, node in (("a", "1"), ("b", "1"), ("c", "2")))
    assert [len(found.drifts()) for found in once([first, same, sibling])] == [2, 0, 1]
    assert list(choose(once([first, same, sibling]), CLASSES, 1, []).mends) == ["a", "c"]


def outcome(found: Host, classes: tuple[str, ...], *, check_mode: bool = False, budget: int = 9) -> dict[str, str]:
    choice = choose([found], classes, budget, [])
    rows = drift_report.rows([found], choice, classes, check_mode=check_mode)
    return {row.drift.name: row.outcome for row in rows}


def test_outcomes() -> None:
    both: dict[str, Any] = {"settings": settings(setting("a")), "bios": bios(written=("A",), waiting=("B",))}
    assert outcome(host(**both), ()) == {"a": "not switched on", "A": "not switched on", "B": "not switched on"}
    assert outcome(host(**both), CLASSES, check_mode=True) == dict.fromkeys("aAB", "would mend")
    assert outcome(host(**both), CLASSES, budget=0) == dict.fromkeys("aAB", "over budget")
    assert outcome(host(**both, protected=True), CLASSES) == dict.fromkeys("aAB", "protected")
    assert outcome(host(**both), ("reboots",)) == {
        "a": "not switched on",
        "A": "not switched on",
        "B": "waits for the rest",
    }
    mended = {"settings": [{**setting("a"), "state": "changed"}], "reset_needed": False}
    active = {"pending": None, "after": "On"}
    done = {"systems": [{"id": "1", "attributes": {"A": active, "B": active}}]}
    assert outcome(host(**both, settings_mended=mended, bios_mended=done), CLASSES) == dict.fromkeys("aAB", "mended")
    waits = {"systems": [{"id": "1", "attributes": {"A": {"pending": "On", "after": "Off"}}}]}
    assert outcome(host(**both, bios_mended=waits), ("bios_staging",))["A"] == "staged"
    assert outcome(host(**both, settings_mended=FAILED), ("settings",))["a"] == "failed"


def test_lines_fit_and_hold_no_control_characters() -> None:
    hostile = setting("\x1b[2J" + "n" * 200)
    found = [host("h\x07" + "x" * 90, settings=settings(hostile)), host("h2", settings=FAILED)]
    choice = choose(found, (), 0, [])
    rows = drift_report.rows(found, choice, (), check_mode=False)
    lines = drift_report.lines(found, rows, 5, 80)
    assert max(map(len, lines)) <= 80
    assert all(line.isprintable() for line in lines)
    assert lines[-2] == "NOT KNOWN: 1"
    assert drift_report.counts(found, rows)["not_known"] == 1


def test_no_class_is_missing_from_a_mend() -> None:
    assert all(not Mend().covers(kind) for kind in drift.CLASSES)
