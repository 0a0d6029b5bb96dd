# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX runs them, with references alone: an inventory update, then jobs on what AWX kept of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.awx.controller import Controller
from tests.awx.jobs import BIN, IDENT, Job, injected, script_inventory
from tests.integration.canary import PASSWORD, leaking_files, leaks, watched
from tests.integration.conftest import StartFleet
from tests.integration.fleet import USERNAME, Fleet
from tests.integration.playbook import Playing, Run
from tests.tools.checkout import ROOT
from tests.vault.stand_in import StandIn as Vault

SITE = ROOT / "docs" / "examples" / "awx-site"
SOURCE = "inventory/site.bmc_discovery.yml"
TIMING = {"on": 0.1, "graceful": 0.1, "force": 0.1, "restart": 0.1, "post": 0.1}
PROFILES = {"ilo": "hpe_ilo5", "idrac": "dell_idrac9", "blade": "cray_ex_nc"}
NODES = {"ilon0": "ilo", "idracn0": "idrac", "bladen0": "blade", "bladen1": "blade"}


class UnsafeLoader(yaml.SafeLoader):
    """Reads the variables of a role: !unsafe marks text that Ansible does not template."""


UnsafeLoader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))  # type: ignore[arg-type]


@dataclass
class Awx:
    """What AWX has for the site: the environment of its credential and the hosts in its database."""

    folder: Path
    fleet: Fleet
    vault: Vault
    project: Path
    environment: Mapping[str, str]
    exported: Mapping[str, Any]

    def run(self, name: str, command: list[str]) -> tuple[Job, Run, set[bytes]]:
        """Run a job of this name to its end; what its processes showed comes with it."""
        job = Job(self.folder / name)
        arguments = job.prepare(self.project, self.environment, command)
        if self.exported:
            script_inventory(job.folder / "runner" / "inventory", self.exported)
        own = {"PATH": f"{BIN}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        return job, *watched(Playing.begin(arguments, own, job.folder))

    def launch(self, template: str, **answers: Any) -> tuple[Job, Run, set[bytes]]:
        """Launch a job template; AWX adds variables of its own to the answers."""
        variables = {"awx_job_id": 7, "awx_job_launch_type": "manual", "awx_user_name": "admin", **answers}
        command = ["ansible-playbook", "-i", "../inventory/hosts", "-e", json.dumps(variables)]
        return self.run(template, [*command, f"playbooks/{template}.yml"])


@pytest.fixture(scope="module")
def awx(tmp_path_factory: pytest.TempPathFactory, start_fleet: StartFleet) -> Iterator[Awx]:
    account = {"username": USERNAME, "password": PASSWORD}
    fleet = start_fleet(
        [{"name": name, "profile": profile, "timing": TIMING, **account} for name, profile in PROFILES.items()]
    )
    folder = tmp_path_factory.mktemp("jobs")
    with Vault(folder) as vault:
        vault.mount("secret", 1)
        for name in PROFILES:
            vault.store("secret", f"hms-creds/{name}", {"Username": USERNAME, "Password": PASSWORD})
        yield Awx(folder, fleet, vault, _project(folder, fleet), _environment(folder, vault), {})


def _project(folder: Path, fleet: Fleet) -> Path:
    """The example of a site, with this fleet for its own."""
    project = folder / "site"
    shutil.copytree(SITE, project)
    source = yaml.safe_load((project / SOURCE).read_text(encoding="utf-8"))
    del source["bmc_ca_path"]
    pins = {bmc["name"]: bmc["certificate_sha256"] for bmc in fleet.simulator.bmcs()}
    source["targets"] = list(fleet.addresses.values())
    source["id_map"] = {address: name for name, address in fleet.addresses.items()}
    source["bmc_fingerprints"] = {address: pins[name] for name, address in fleet.addresses.items()}
    (project / SOURCE).write_text(yaml.safe_dump(source), encoding="utf-8")
    return project


def _environment(folder: Path, vault: Vault) -> dict[str, str]:
    """What the credential of the role injects."""
    variables = (ROOT / "roles" / "awx" / "vars" / "main.yml").read_text(encoding="utf-8")
    vault_type = yaml.load(variables, UnsafeLoader)["awx_credential_types"]["vault"]  # noqa: S506
    controller = Controller({})
    owner = controller.create("organizations", {"name": "Default"})["id"]
    kind = controller.create("credential_types", {**vault_type, "kind": "cloud"})["id"]
    login = vault.login("approle")
    inputs = {"url": vault.url, "ca": Path(vault.ca_cert).read_text(encoding="utf-8"), "state_dir": ""}
    inputs |= {"role_id": login["role_id"], "secret_id": login["secret_id"]}
    credential = {"name": "BMC", "organization": owner, "credential_type": kind, "inputs": inputs}
    return injected(controller, controller.create("credentials", credential)["id"], folder)


@pytest.fixture(scope="module")
def updated(awx: Awx) -> Awx:
    """After an inventory update: AWX has the hosts."""
    output = f"../artifacts/{IDENT}/output.json"
    command = ["ansible-inventory", "--list", "--export", "-i", SOURCE, "--output", output]
    job, run, shown = awx.run("update", [*command, "--playbook-dir", "inventory"])
    assert run.status == 0, run.stdout + run.stderr
    awx.exported = json.loads((job.artifacts / "output.json").read_text(encoding="utf-8"))
    assert [found for content in shown for found in leaks(content)] == []
    return awx


def test_an_update_exports_plain_hosts_with_references(updated: Awx) -> None:
    hosts = updated.exported["_meta"]["hostvars"]
    assert set(hosts) == set(NODES)
    assert "__ansible_unsafe" not in json.dumps(updated.exported)
    for name, variables in hosts.items():
        (reference,) = variables["bmc_credentials"]
        assert reference["path"] == f"hms-creds/{NODES[name]}"
        assert variables["bmc_fingerprint"]
    assert updated.vault.logins == 1


def test_a_job_powers_what_the_survey_named(updated: Awx) -> None:
    before = updated.vault.logins
    job, run, shown = updated.launch("power", state="off", bmc_hosts="ilon0:bladen1", max_hosts=100, escalate="false")
    assert run.status == 0, (run.stdout, job.events()[-3:])
    off = {(bmc, system) for bmc in PROFILES for system, power in updated.fleet.power(bmc).items() if power == "Off"}
    assert off == {("ilo", "1"), ("blade", "Node1")}
    assert updated.vault.logins == before + 1
    assert [found for content in shown for found in leaks(content)] == []
    assert job.events()[-1]["event_data"]["ok"]["ilon0"]


def test_a_reconcile_hands_its_findings_on(updated: Awx) -> None:
    job, run, _shown = updated.launch("reconcile", fail_on=["refused"], max_named=20)
    assert run.status == 0, (run.stdout, job.events()[-3:])
    handed = job.events()[-1]["event_data"]["artifact_data"]["bmc_reconcile"]
    assert handed["counts"]["answered"] == len(PROFILES)


def test_no_secret_stays_in_what_the_jobs_left(updated: Awx) -> None:
    for name in ("update", "power", "reconcile"):
        left = updated.folder / name
        assert (left / "runner" / "artifacts" / IDENT).is_dir()
        assert leaking_files(left, spared=set()) == {}
        login = updated.environment["VAULT_SECRET_ID"].encode()
        holding = {file.name for file in left.rglob("*") if file.is_file() and login in file.read_bytes()}
        assert holding == {"envvars", "command"}, "what ansible-runner is given, and its note of it, which AWX masks"
