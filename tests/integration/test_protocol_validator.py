# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated fleet judged by DMTF's protocol validator: each "shall" of DSP0266 that it knows how to test.

reviewed_deviations.yml lists, with a reason, what may fail. Not judged: SSDP (nobody answers), events (nobody sends
them) and the making of accounts (not simulated).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.clients import chosen, one_of_each_dialect, run
from tests.integration.conftest import StartFleet
from tests.integration.fleet import PASSWORD, USERNAME, Fleet
from tests.simulator.profile import profile_names

PROFILES = one_of_each_dialect(profile_names())
REVIEWED = Path(__file__).with_name("reviewed_deviations.yml")
# It tries a wrong password by Basic and by a session.
WRONG_LOGINS = 2
# A statistical test, at a level of 1 % twice: of fifty random tokens one fails it.
BY_CHANCE = {"RESP_HEADERS_X_AUTH_TOKEN"}
# Most of a run is the validator's own waiting.
AT_ONCE = 8


@dataclass(frozen=True)
class Report:
    """The rows of a report: Assertion, Method, Status code, URI, Result, Message, Requirement."""

    rows: tuple[dict[str, str], ...]

    @property
    def failed(self) -> set[str]:
        """The assertions that failed somewhere, or of which the validator warns."""
        return (self.assertions("FAIL") | self.assertions("WARN")) - BY_CHANCE

    def assertions(self, result: str) -> set[str]:
        """The assertions with this result somewhere: PASS, FAIL, WARN or NOT_TESTED."""
        return {row["Assertion"] for row in self.rows if row["Result"] == result}

    def words(self, assertions: set[str]) -> list[str]:
        """What the validator says of the failures of some assertions."""
        rows = [row for row in self.rows if row["Assertion"] in assertions and row["Result"] in ("FAIL", "WARN")]
        return [f"{row['Assertion']} {row['Method']} {row['URI']}: {row['Message']}" for row in rows]


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet, pytestconfig: pytest.Config) -> Fleet:
    """One BMC of each profile. None ends an idle connection, as iLO does: the validator does not try again."""
    profiles = chosen(PROFILES, pytestconfig)
    return start_fleet([{"name": profile, "profile": profile, "idle_limit": None} for profile in profiles])


@pytest.fixture(scope="module")
def reports(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Report]:
    """The validator's report on each profile."""
    folder = tmp_path_factory.mktemp("reports")

    def judged(profile: str) -> Report:
        login = ("--user", USERNAME, "--password", PASSWORD, "--rhost", f"https://{fleet.addresses[profile]}")
        what = ("--no-cert-check", "--avoid-http-redirect", "--report-type", "tsv")
        where = folder / profile
        program = run("-m", "tests.integration.protocol_validator", *login, *what, "--report-dir", str(where))
        reports = list(where.glob("*.tsv"))
        assert len(reports) == 1, program.stdout + program.stderr
        with reports[0].open(encoding="utf-8", newline="") as file:
            return Report(tuple(csv.DictReader(file, delimiter="\t")))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(fleet.addresses, pool.map(judged, fleet.addresses), strict=True))


def reviewed() -> list[dict[str, Any]]:
    """The deviations that somebody looked at."""
    entries: list[dict[str, Any]] = yaml.safe_load(REVIEWED.read_text(encoding="utf-8"))
    assert all(entry["reason"] for entry in entries)
    return entries


def accepted(profile: str) -> set[str]:
    """The assertions in which a profile may fail."""
    return {entry["assertion"] for entry in reviewed() if profile in entry.get("profiles", [profile])}


@pytest.mark.parametrize("profile", PROFILES)
def test_the_profile_keeps_to_the_specification(profile: str, reports: Mapping[str, Report]) -> None:
    report = reports[profile]
    assert report.words(report.failed - accepted(profile)) == [], "deviations that nobody reviewed"
    judged = report.assertions("PASS")
    assert {"SEC_REQUIRE_LOGIN_SESSIONS", "REQ_POST_CREATE_TO_MEMBERS_PROP", "RESP_HEADERS_ALLOW_GET_OR_HEAD"} <= judged
    assert len(judged) > 50


def test_every_reviewed_deviation_is_still_there(reports: Mapping[str, Report]) -> None:
    gone = [
        (entry["assertion"], profile)
        for entry in reviewed()
        for profile in entry.get("profiles", ())
        if profile in reports and entry["assertion"] not in reports[profile].failed
    ]
    assert gone == []


@pytest.mark.soak
def test_no_reviewed_deviation_can_be_spared(reports: Mapping[str, Report]) -> None:
    failed = set().union(*(report.failed for report in reports.values()))
    assert {entry["assertion"] for entry in reviewed()} - failed == set()


def is_its_trial(change: Mapping[str, Any]) -> bool:
    """The validator tries its PATCHes on the NTP servers; an iDRAC has them in two places."""
    return str(change["property"]).startswith(("NTP/NTPServers", "Attributes/NTPConfigGroup.1.NTP"))


@pytest.mark.parametrize("profile", PROFILES)
def test_the_validator_changed_nothing(profile: str, fleet: Fleet, reports: Mapping[str, Report]) -> None:
    """By the simulator's word, but for its trial: no session is left, no power touched, wrong passwords counted."""
    assert reports[profile].rows
    state = fleet.simulator.state(profile)
    assert (state["sessions"], state["failed_logins"]) == (0, WRONG_LOGINS)
    assert [change for change in fleet.simulator.history(profile) if not is_its_trial(change)] == []
