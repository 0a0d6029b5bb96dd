# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role awx with the real modules of awx.awx, against an AWX that refuses what AWX refuses."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.awx.fields import Refused
from tests.awx.jobs import injected
from tests.awx.stand_in import StandIn
from tests.integration.playbook import Controller, Run
from tests.tools import awx_collection
from tests.tools.checkout import ROOT

SITE = ROOT / "docs" / "examples" / "awx-site"
URL = "https://git.example.com/site.git"
HOURLY = "DTSTART:20260101T000000Z RRULE:FREQ=HOURLY;INTERVAL=1"
SECRET = "canary-5d41f7-secret-id"
ROLE = "openchami.bmc.awx : "
VARIABLES = {
    "awx_image": "registry.example.com/bmc-ee:1",
    "awx_scm_url": URL,
    "awx_credential_inputs": {"url": "https://vault.example.com", "role_id": "role-1", "secret_id": SECRET},
    "awx_output": "/srv/bmc",
    "awx_reconcile_fail_on": ["refused"],
}


@dataclass(frozen=True)
class Set:
    """An AWX that the role has set up, twice, and that then got another schedule; what it was sent each time."""

    awx: StandIn
    runs: tuple[Run, ...]
    writes: tuple[list[tuple[str, str]], ...]
    left: Path


def site_files() -> list[str]:
    return [str(file.relative_to(SITE)) for file in SITE.rglob("*") if file.is_file()]


def changed(run: Run) -> dict[str, bool]:
    return {outcome.task: bool(outcome.result.get("changed")) for outcome in run.outcomes}


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Set]:
    try:
        collections = awx_collection.fetch()
    except subprocess.CalledProcessError as error:
        pytest.skip(f"the modules of awx.awx are not in reach: {error}")
    folder = tmp_path_factory.mktemp("awx")
    with StandIn({URL: site_files()}) as awx:
        controller = Controller(folder, {**awx.environment, "ANSIBLE_COLLECTIONS_PATH": str(collections)})
        controller.environment["ANSIBLE_PIPELINING"] = "1"
        file = folder / "variables.json"
        runs, writes = [], []
        file.write_text(json.dumps(VARIABLES), encoding="utf-8")
        for more in ([], [], ["-e", f"awx_reconcile_rrule='{HOURLY}'", "--start-at-task", "Schedule"]):
            runs.append(controller.run_playbook({}, "openchami.bmc.awx", arguments=["-e", f"@{file}", *more]))
            writes.append(list(awx.writes))
            awx.writes.clear()
        file.unlink()
        yield Set(awx, tuple(runs), tuple(writes), folder)


def test_it_sets_up_all(up: Set) -> None:
    first = up.runs[0]
    assert first.status == 0, first.stdout + str(up.awx.refusals)
    (unchanged,) = (task for task, done in changed(first).items() if not done)
    assert unchanged.startswith(f"{ROLE}Validating arguments")
    controller = up.awx.controller
    names = {kind: [one["name"] for one in controller.all(kind)] for kind in ("unified_job_templates", "schedules")}
    assert names["unified_job_templates"] == ["BMC", "BMC discovery", "BMC discover", "BMC reconcile", "BMC power"]
    assert names["schedules"] == ["BMC reconcile"]


def test_a_second_run_changes_nothing_and_writes_nothing(up: Set) -> None:
    assert up.runs[1].status == 0, up.runs[1].stdout
    assert set(changed(up.runs[1]).values()) == {False}
    assert up.writes[0]
    assert up.writes[1] == []


def test_another_rule_changes_the_schedule(up: Set) -> None:
    assert up.runs[2].of("localhost", f"{ROLE}Schedule").result["changed"]
    schedule = up.awx.controller.named("schedules", "BMC reconcile")
    assert up.writes[2] == [("PATCH", f"schedules/{schedule['id']}")]
    assert schedule["rrule"] == HOURLY
    assert schedule["extra_data"] == {"fail_on": ["refused"]}


def test_nothing_that_awx_refuses_is_sent_and_every_login_is_ended(up: Set) -> None:
    assert up.awx.refusals == []
    assert up.awx.granted
    assert up.awx.tokens == {}


def test_the_secret_is_in_awx_alone(up: Set) -> None:
    credential = up.awx.controller.named("credentials", "BMC")
    assert credential["inputs"]["secret_id"] == SECRET
    files = [file for file in up.left.rglob("*") if file.is_file()]
    assert files
    assert [str(file) for file in files if SECRET.encode() in file.read_bytes()] == []


def test_each_object_belongs_where_the_next_looks_for_it(up: Set) -> None:
    awx = up.awx.controller
    source = awx.named("inventory_sources", "BMC discovery")
    assert (SITE / source["source_path"]).is_file()
    assert source["credential"] == awx.named("credentials", "BMC")["id"]
    assert source["update_on_launch"]
    assert source["overwrite"]
    for template in awx.all("job_templates"):
        assert (SITE / template["playbook"]).is_file()
        assert template["inventory"] == source["inventory"]
        assert awx.credentials_of[template["id"]] == [source["credential"]]
        assert not template["use_fact_cache"]
        assert not template["allow_simultaneous"]
        assert template["job_slice_count"] == 1


def test_a_launch_gives_the_playbook_the_variables_it_reads(up: Set) -> None:
    awx = up.awx.controller
    with pytest.raises(Refused, match="'state' value missing"):
        awx.launch("BMC power", {"bmc_hosts": "rack12"})
    with pytest.raises(Refused, match="too small"):
        awx.launch("BMC power", {"bmc_hosts": "", "state": "off"})
    with pytest.raises(Refused, match="not allowed on launch"):
        awx.launch("BMC power", {"bmc_hosts": "rack12", "state": "off", "bmc_password": "x"})
    given = awx.launch("BMC power", {"bmc_hosts": "rack12", "state": "off"})
    assert given["max_hosts"] == 100
    assert awx.launch("BMC reconcile", {}) == {"output": "/srv/bmc", "max_named": 20}
    for name in ("discover", "reconcile", "power"):
        questions = awx.surveys[awx.named("job_templates", f"BMC {name}")["id"]]["spec"]
        assert all("default" not in question for question in questions if question["required"])
        playbook = (ROOT / "playbooks" / f"{name}.yml").read_text(encoding="utf-8")
        unknown = [question["variable"] for question in questions if f"# {question['variable']} " not in playbook]
        assert unknown == []


def test_a_field_that_was_left_out_arrives_empty(up: Set, tmp_path: Path) -> None:
    awx = up.awx.controller
    environment = injected(awx, awx.named("credentials", "BMC")["id"], tmp_path)
    assert environment["VAULT_SECRET_ID"] == SECRET
    assert environment["VAULT_AUTH_METHOD"] == "approle"
    assert {name for name, value in environment.items() if not value} == {
        "OPENCHAMI_BMC_STATE_DIR", "VAULT_CACERT", "VAULT_MOUNT_POINT", "VAULT_NAMESPACE",
    }  # fmt: skip


def test_the_specification_of_the_role_names_its_defaults() -> None:
    role = ROOT / "roles" / "awx"
    defaults = yaml.safe_load((role / "defaults" / "main.yml").read_text(encoding="utf-8"))
    main: dict[str, Any] = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    options = main["argument_specs"]["main"]["options"]
    told = {name: option["default"] for name, option in options.items() if "default" in option}
    assert {**told, "awx_credential": defaults["awx_credential"]} == defaults
