# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Canaries for what bmc_credentials lead to and through: nowhere after a run or a kill, and no broker is left."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.integration.canary import PASSWORD, keep_everything, leaking_files, leaks, watched
from tests.integration.conftest import StartFleet
from tests.integration.fleet import USERNAME, Fleet
from tests.integration.playbook import Controller, Playing, Run, processes_of
from tests.vault.processes import marked, shown, wait_for_end
from tests.vault.sealed import MASTER_KEY
from tests.vault.stage import reference
from tests.vault.stand_in import StandIn

INFO = "openchami.bmc.bmc_info"
POWER = "openchami.bmc.bmc_power"
OFF = {"state": "off", "wait_timeout": 5, "poll_interval": 0.1}
GIVEN_TOKEN, SECRET_ID = "given-token", "secret-id-1"
OTHERS = [MASTER_KEY.encode(), GIVEN_TOKEN.encode(), SECRET_ID.encode(), b"hvs.stand-in-"]
ENTRY = {"username": USERNAME, "password": PASSWORD}
HELD = 600.0


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    names = ("vault", "token", "magellan", "wrong", "typo", "odd", "refused")
    fleet = start_fleet(
        [{"name": name, "profile": "hpe_ilo5", "username": USERNAME, "password": PASSWORD} for name in names]
    )
    fleet.simulator.set_state("refused", password="another")
    return fleet


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[StandIn]:
    """One that repeats what it was given where it refuses a login."""
    folder = tmp_path / "vault"
    folder.mkdir()
    with StandIn(folder, words=f"no such secret id: {SECRET_ID}") as stand_in:
        stand_in.mount("secret", 1)
        stand_in.store("secret", "bmc", ENTRY)
        yield stand_in


@pytest.fixture
def runtime() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="run-") as folder:
        yield Path(folder)


@pytest.fixture
def site(own_controller: Controller, runtime: Path) -> Controller:
    keep_everything(own_controller)
    own_controller.environment.update(XDG_RUNTIME_DIR=str(runtime), MASTER_KEY=MASTER_KEY)
    return own_controller


def sealed(folder: Path) -> Path:
    """magellan's store, with the account as its entry "bmc"."""
    key = HKDF(algorithm=SHA256(), length=32, salt=b"bmc", info=None).derive(bytes.fromhex(MASTER_KEY))
    nonce = os.urandom(12)
    content = nonce + AESGCM(key).encrypt(nonce, json.dumps(ENTRY).encode(), None)
    (folder / "secrets.json").write_text(json.dumps({"bmc": content.hex()}), encoding="utf-8")
    return folder / "secrets.json"


def hosts(fleet: Fleet, vault: StandIn, folder: Path) -> dict[str, dict[str, Any]]:
    """Each with another way, or another fate; no secret stands in the inventory, and folder is the admin's own."""
    (folder / "id").write_text(SECRET_ID, encoding="utf-8")
    (folder / "token").write_text(GIVEN_TOKEN, encoding="utf-8")
    secret_id = f"{{{{ lookup('ansible.builtin.file', '{folder / 'id'}') }}}}"
    plain = reference(vault, "bmc", secret_id=secret_id, auth_method="approle", role_id="role-1")
    of_token = {**plain, "auth_method": "token", "token_path": str(folder), "token_file": "token"}
    ways = {
        "vault": plain,
        "token": {key: value for key, value in of_token.items() if key not in ("role_id", "secret_id")},
        "magellan": {"type": "magellan", "path": str(sealed(folder)), "id": "bmc"},
        "wrong": {**plain, "role_id": "role-2"},
        "typo": {**plain, "pth": "bmc"},
        "odd": {**plain, "engine_version": secret_id},
        "refused": plain,
    }
    return {
        name: {
            "bmc_address": fleet.addresses[name],
            "bmc_validate_certs": False,
            "bmc_timeout": 4,
            "bmc_credentials": [way],
        }
        for name, way in ways.items()
    }


def begin(controller: Controller, hosts: dict[str, dict[str, Any]]) -> Playing:
    remember = {"bmc_facts": "{{ facts }}", "cacheable": True}
    tasks = [
        {"name": "info", INFO: {}, "register": "facts"},
        {"name": "remember", "ansible.builtin.set_fact": remember},
        {"name": "off", POWER: OFF},
    ]
    return controller.start(hosts, tasks, arguments=["-vvvv", "--diff"])


def orphans(playing: Playing) -> list[int]:
    """The processes of a run that are not below ansible-playbook: its broker."""
    mine = processes_of(playing.process.pid)
    return [pid for pid in marked(f"OPENCHAMI_BMC_TEST_JOURNAL={playing.work / 'journal'}") if pid not in mine]


def leaks_of(processes: set[bytes]) -> list[bytes]:
    """What processes show, but for the key in the environment that the admin gave ansible-playbook."""
    given = f"MASTER_KEY={MASTER_KEY}".encode()
    return [found for content in processes for found in leaks(content.replace(given, b""), OTHERS)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "admin").mkdir()
    return tmp_path / "admin"


def kinds(run: Run) -> dict[str, str]:
    return {outcome.host: outcome.kind for outcome in run.outcomes if outcome.task == "info"}


def test_a_whole_run_leaves_no_secret_and_no_broker(
    fleet: Fleet, vault: StandIn, site: Controller, runtime: Path, folder: Path
) -> None:
    playing = begin(site, hosts(fleet, vault, folder))
    run, processes = watched(playing)
    assert kinds(run) == {
        "vault": "",
        "token": "",
        "magellan": "",
        "wrong": "NoCredential",
        "typo": "InvalidRequest",
        "odd": "InvalidRequest",
        "refused": "LoginRefused",
    }
    assert "no such secret id: ********" in run.of("wrong", "info").msg
    assert any((site.folder / "facts").iterdir())
    assert leaks(run.stdout.encode() + run.stderr.encode(), OTHERS) == []
    assert leaking_files(site.folder, set(), OTHERS) == {}
    assert len(processes) > 2
    assert leaks_of(processes) == []
    for pid in orphans(playing):
        wait_for_end(pid)
    assert list(runtime.iterdir()) == []
    assert vault.known_tokens() == 0


def test_a_kill_in_the_middle_leaves_no_secret_and_no_broker(
    fleet: Fleet, vault: StandIn, site: Controller, runtime: Path, folder: Path
) -> None:
    """While the BMC holds the answer to a write; the broker is nobody's child, and is not killed."""
    fleet.simulator.reset()
    fleet.simulator.fault("vault", "hold", method="POST", uri="Reset", seconds=HELD)
    playing = begin(site, {"vault": hosts(fleet, vault, folder)["vault"]})
    fleet.await_write("vault")
    (broker,) = orphans(playing)
    assert vault.known_tokens() == 1
    of_broker = {shown(broker, name) for name in ("cmdline", "environ")}
    assert len(of_broker) == 2
    assert leaks_of(of_broker) == []
    assert leaking_files(site.folder, set(), OTHERS) == {}
    assert {file.stat().st_size for file in runtime.rglob("*") if not file.is_dir()} == {0}
    playing.kill()
    wait_for_end(broker)
    assert list(runtime.iterdir()) == []
    assert vault.known_tokens() == 0
    assert leaking_files(site.folder, set(), OTHERS) == {}


def test_the_search_finds_what_is_leaked_on_purpose(vault: StandIn, site: Controller, folder: Path) -> None:
    (folder / "token").write_text(GIVEN_TOKEN, encoding="utf-8")
    word = f"{{{{ lookup('ansible.builtin.file', '{folder / 'token'}') }}}}"
    say = {"name": "say", "ansible.builtin.debug": {"msg": word}}
    run, processes = watched(site.start({"careless": {}}, [say], arguments=["-e", f"secret_id={SECRET_ID}"]))
    assert leaks(run.stdout.encode(), OTHERS)
    assert {"log", "run0/journal", "run0/stdout"} <= set(leaking_files(site.folder, set(), OTHERS))
    assert leaks_of(processes)
